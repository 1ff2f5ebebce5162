//! Russian: what the house and its partners read.

use super::Message;
use ordermill_domain::order::EventKind;
use ordermill_domain::policy::Phase;

pub(super) const PARTNER_UPDATE: Message = Message {
    subject: &["Заказ {number}: {happened}"],
    title: &["Заказ {number}: {status}", "Заказ {number}"],
    body: &["Новости о заказе {number}: {happened}."],
    sms: &["{seller}: заказ {number}, {happened}.", "{carrier} {tracking}."],
};

pub(super) const STAFF_ALERT: Message = Message {
    subject: &["Заказ {number} ждёт: {status}", "Заказ {number} ждёт"],
    title: &["Заказ ждёт"],
    body: &["Заказ {number} ждёт, последнее изменение статуса: {since}."],
    sms: &["{seller}: заказ {number} ждёт.", "{status}.", "{problem}."],
};

pub(super) const STAFF_TASK: Message = Message {
    subject: &["Заказ {number}: {problem}", "Заказ {number}: есть работа"],
    title: &["Есть работа"],
    body: &["Заказом {number} нужно заняться."],
    sms: &["{seller}: заказом {number} нужно заняться.", "{problem}."],
};

pub(super) const STAFF_EXCEPTION: Message = Message {
    subject: &["Заказ {number}: {problem}", "По заказу {number} нужно решение"],
    title: &["Нужно решение"],
    body: &["По заказу {number} нужно решение."],
    sms: &["{seller}: по заказу {number} нужно решение.", "{problem}."],
};

pub(super) const STAFF_PAYMENT_FAILED: Message = Message {
    subject: &["Заказ {number}: платёж не прошёл"],
    title: &["Платёж не прошёл"],
    body: &["Платёж за заказ {number} не прошёл."],
    sms: &["{seller}: платёж за заказ {number} не прошёл.", "{problem}."],
};

pub(super) const UNKNOWN: Message = Message {
    subject: &["Заказ {number}: у сообщения нет текста"],
    title: &["У сообщения нет текста"],
    body: &["Нужно было сообщить о заказе {number}, но шаблона «{template}» нет."],
    sms: &["{seller}: заказ {number}, шаблона «{template}» нет."],
};

/// Read after "Заказ 7KQ…:".
pub(super) fn happened(kind: EventKind) -> &'static str {
    match kind {
        EventKind::OrderReceived => "получен",
        EventKind::OrderValidated => "проверен",
        EventKind::ReviewRequired => "его проверяет сотрудник",
        EventKind::OrderApproved => "одобрен",
        EventKind::StockReserved => "все товары зарезервированы",
        EventKind::StockPartlyReserved => {
            "часть товаров зарезервирована, остальные поступят позже"
        }
        EventKind::OrderBackordered => "ожидает поступления товаров",
        EventKind::StockServed => "поступившие товары для него зарезервированы",
        EventKind::StockPageDone => "его товары резервируются, освобождаются или отправляются",
        EventKind::ReleaseStarted => "его товары освобождаются",
        EventKind::OrderAdvanced => "выполняется дальше",
        EventKind::OrderConfirmed => "подтверждён",
        EventKind::OrderRejected => "отклонён",
        EventKind::HoldPlaced => "пока остановлен",
        EventKind::HoldReleased => "снова выполняется",
        EventKind::OrderAssigned => "назначен ответственный",
        EventKind::OrderCommented => "добавлен комментарий",
        EventKind::OrderPicked => "собирается",
        EventKind::OrderPacked => "упакован",
        EventKind::OrderShipped => "отправление в пути",
        EventKind::OrderDelivered => "отправление доставлено",
        EventKind::OrderCompleted => "завершён",
        EventKind::OrderReturned => "товары возвращены",
        EventKind::LinesCancelled => "часть его отменена",
        EventKind::OrderCancelled => "отменён",
        EventKind::PaymentReceived => "поступил платёж",
        EventKind::PaymentFailed => "платёж не прошёл",
        EventKind::PaymentAuthorised => "платёж авторизован",
        EventKind::PaymentDisputed => "платёж оспаривается",
        EventKind::DisputeClosed => "спор завершён",
        EventKind::RefundOwed => "деньги будут возвращены",
        EventKind::RefundDone => "деньги возвращены",
        EventKind::OrderRevived => "всё же выполняется, оплата поступила позже",
        EventKind::LimitNoticed => "занимает больше времени, чем планировалось",
        EventKind::LimitMoved => "истёк срок",
        EventKind::ExceptionOpened => "нужно решение",
        EventKind::ExceptionClosed => "решение принято",
        EventKind::Reminded => "есть нерешённые вопросы",
    }
}

pub(super) fn next(phase: Phase) -> &'static str {
    match phase {
        Phase::Intake => {
            "Посмотрите, почему не прошла проверка; она повторяется автоматически."
        }
        Phase::Review => "Посмотрите причины и одобрите, исправьте или отклоните заказ.",
        Phase::Supply => {
            "Посмотрите остатки: примите товары, измените позиции или отмените остальное."
        }
        Phase::Payment => "Спросите покупателя об оплате, подтвердите или отмените заказ.",
        Phase::Fulfilment => "Соберите, упакуйте, отправьте или выдайте то, что готово.",
        Phase::Closed => "Посмотрите, что ещё не закончено: деньги, возвраты, исключения.",
    }
}

pub(super) const MATTERS: &[(&str, &str, &str)] = &[
    (
        "review_needed",
        "при проверке что-то обнаружено",
        "Посмотрите причины и одобрите, исправьте или отклоните заказ.",
    ),
    (
        "review_overdue",
        "слишком долго на проверке",
        "Решите сегодня: одобрите, исправьте или отклоните заказ.",
    ),
    (
        "order_stuck",
        "сам дальше не движется",
        "Посмотрите, не пропущены ли условия оплаты и не остановлен ли заказ.",
    ),
    (
        "backordered_long",
        "его товаров долго нет",
        "Узнайте дату у поставщика и предупредите покупателя или отмените остальное.",
    ),
    ("confirmation_needed", "ждёт подтверждения", "Подтвердите или отклоните заказ."),
    (
        "confirmation_overdue",
        "слишком долго ждёт подтверждения",
        "Подтвердите или отклоните заказ сегодня.",
    ),
    (
        "rest_overdue",
        "часть отправлена, остальное нет",
        "Отправьте остальное или отмените его и верните деньги.",
    ),
    (
        "delivery_overdue",
        "неизвестно, доставлен ли он",
        "Спросите перевозчика, затем отметьте доставку или возврат.",
    ),
    (
        "not_collected",
        "покупатель его не забрал",
        "Позвоните покупателю; если никто не придёт, отмените заказ.",
    ),
    (
        "call_customer",
        "нужно позвонить покупателю",
        "Позвоните покупателю и запишите ответ.",
    ),
    (
        "partly_paid_at_limit",
        "срок оплаты истёк, а оплачена только часть",
        "Попросите остаток, подтвердите заказ или отмените его и верните деньги.",
    ),
    (
        "wrong_currency",
        "деньги пришли в другой валюте",
        "Верните их через платёжную систему или введите вручную в валюте заказа.",
    ),
    (
        "late_money",
        "пришли деньги за закрытый заказ",
        "Верните деньги или создайте новый заказ и внесите их туда.",
    ),
    (
        "dispute",
        "банк покупателя оспаривает платёж",
        "Вовремя ответьте платёжной системе; до тех пор ничего не отправляйте.",
    ),
    (
        "dispute_lost",
        "спор проигран",
        "Поговорите с покупателем: заказ больше не оплачен.",
    ),
    (
        "auto_loop",
        "статусы меняются по кругу",
        "Сообщите тому, кто отвечает за правила статусов; переведите заказ вручную.",
    ),
    (
        "stock_short",
        "товара меньше, чем зарезервировано",
        "Пересчитайте, примите товар или договоритесь с покупателем о меньшем количестве.",
    ),
    (
        "refund_owed",
        "нужно вернуть деньги",
        "Верните через платёжную систему или переводом и запишите его номер.",
    ),
    (
        "receivable",
        "счёт не оплачен",
        "Попросите покупателя оплатить; внесите поступившие деньги.",
    ),
    (
        "overdue",
        "у покупателя просроченные счета",
        "Попросите покупателя оплатить, затем снимите остановку.",
    ),
    (
        "customer_choice",
        "товара не хватает, выбирает покупатель",
        "Предложите замену, ожидание или отмену; затем снимите остановку.",
    ),
    ("assigned", "назначен ответственный", "Заказом занимается ответственный."),
    (
        "payment_failed",
        "платёж не прошёл",
        "Обычно ничего: покупатель может повторить. Позвоните, если оплаты нет.",
    ),
    (
        "unmatched_money",
        "пришли деньги, которые не подходят ни к одному заказу",
        "Найдите заказ и привяжите деньги к нему или верните их.",
    ),
    (
        "contact_failed",
        "сообщение не доставлено",
        "Проверьте контакты и попробуйте другой способ.",
    ),
    (
        "sms_unclear",
        "неизвестно, отправлено ли SMS",
        "Если это важно, сообщите покупателю другим способом.",
    ),
    ("validation_overdue", "не удалось вовремя проверить", "Проверьте заказ вручную."),
    (
        "reservation_overdue",
        "не удалось вовремя зарезервировать товары",
        "Посмотрите остатки, затем одобрите заказ, чтобы попытка повторилась.",
    ),
];
