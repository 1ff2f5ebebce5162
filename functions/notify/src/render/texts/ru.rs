//! Russian: what customers read. What the house and partners read is in `ru_house.rs`.

use super::super::locale::{Figures, Locale};
use super::super::shape::Label;
use super::super::template::Template;
use super::{Language, Message, Words, ru_house};
use ordermill_domain::order::{DeliveryMethod, Terms};
use ordermill_views::dates;

pub(super) const RUSSIAN: Language = Language {
    locale: Locale::Ru,
    words: WORDS,
    message,
    label,
    delivery,
    terms,
    happened: ru_house::happened,
    next: ru_house::next,
    reasons: REASONS,
    needs: NEEDS,
    matters: ru_house::MATTERS,
};

const WORDS: Words = Words {
    figures: Figures { decimal: ',', group: '\u{a0}', sign_first: false, signs: &[("RUB", "₽")] },
    months: dates::RU.months,
    date: dates::RU.form,
    moment: "{date}, {time}",
    short: "{day2}.{month}, {time}",
    greeting: "Здравствуйте!",
    questions: "Остались вопросы? Мы с радостью поможем: {contact}.",
    ask_how_to_pay: "Как оплатить заказ, Вы можете узнать у нас: {contact}.",
    more_lines: "Другие позиции, которые здесь не показаны: {count}.",
    vat_id: "Номер плательщика НДС {vat_id}",
};

fn message(template: Template) -> Message {
    match template {
        Template::OrderReceived => Message {
            subject: &["Мы получили Ваш заказ {number}"],
            title: &["Спасибо за заказ"],
            body: &["Мы получили Ваш заказ {number} и проверяем его. О каждом следующем шаге мы \
                     Вам напишем."],
            sms: &["{seller}: Ваш заказ {number} получен.", "Сумма {total}.", "{follow}"],
        },
        Template::DataNeeded => Message {
            subject: &[
                "{?needs}Заказ {number}: нужно уточнить данные",
                "{?answer}Заказ {number}: ждём Вашего ответа",
                "Ваш заказ {number}",
            ],
            title: &[
                "{?needs}Нужно уточнить данные",
                "{?answer}Мы ждём Вашего ответа",
                "Мы ещё проверяем Ваш заказ",
            ],
            body: &[
                "{?needs}Чтобы продолжить выполнение заказа {number}, нам нужна Ваша помощь:",
                "{needs}",
                "{?needs}Пожалуйста, ответьте на это письмо или позвоните нам.",
                "{?answer}Чтобы продолжить выполнение заказа {number}, нам нужен Ваш ответ. \
                 Пожалуйста, ответьте на это письмо или позвоните нам.",
                "{!needs}{!answer}Проверка Вашего заказа {number} занимает больше времени, чем обычно. Вам \
                 ничего делать не нужно: мы напишем, как только сможем продолжить.",
            ],
            sms: &[
                "{?needs}{seller}: по заказу {number} нужно уточнить данные. Пожалуйста, \
                 свяжитесь с нами.",
                "{?answer}{seller}: по заказу {number} нужен Ваш ответ. Пожалуйста, свяжитесь с \
                 нами.",
                "{!needs}{!answer}{seller}: заказ {number} ещё проверяется, мы напишем, когда продолжим.",
                "{phone}",
            ],
        },
        Template::Backordered => Message {
            subject: &[
                "{?ready}Часть товаров заказа {number} поступит позже",
                "Заказ {number} ожидает поступления товаров",
            ],
            title: &["{?ready}Часть товаров поступит позже", "Ожидаем поступления товаров"],
            body: &[
                "{?ready}Некоторых товаров Вашего заказа {number} сейчас нет в наличии. Остальные \
                 зарезервированы для Вас.",
                "{!ready}Товаров Вашего заказа {number} сейчас нет в наличии.",
                "Поступающие товары распределяются между ожидающими по очереди. Мы напишем Вам, \
                 как только Ваши товары поступят или изменится дата.",
            ],
            sms: &[
                "{?ready}{seller}: часть товаров заказа {number} поступит позже.",
                "{!ready}{seller}: заказ {number} ожидает товаров.",
                "Ожидается {announced}.",
                "Мы напишем, когда они поступят.",
            ],
        },
        Template::StockArrived => Message {
            subject: &["Поступили товары для заказа {number}"],
            title: &["Ваши товары поступили"],
            body: &[
                "{!waiting}Все товары Вашего заказа {number} зарезервированы для Вас.",
                "{?waiting}Поступили и зарезервированы для Вас ещё товары заказа {number}. \
                 Остальные поступят позже.",
            ],
            sms: &[
                "{!waiting}{seller}: все товары заказа {number} зарезервированы для Вас.",
                "{?waiting}{seller}: для Вас зарезервированы ещё товары заказа {number}. \
                 Остальные позже.",
            ],
        },
        Template::PaymentRequest => Message {
            subject: &["{?owing}Оплата заказа {number}: {owing}", "Ваш заказ {number}"],
            title: &["Пожалуйста, оплатите {owing}", "Доплачивать ничего не нужно"],
            body: &[
                "{?owing}Ваш заказ {number} можно оплатить.",
                "{?owing}Пожалуйста, оплатите до {due}. До этого времени мы держим товары для Вас.",
                "Ещё {later} нужно будет оплатить, когда товары будут готовы, до отправки.",
                "{!owing}Ваш заказ {number} оплачен. Спасибо!",
            ],
            sms: &[
                "{seller}: просим оплатить заказ {number}, {owing}.",
                "{!owing}{seller}: Ваш заказ {number} оплачен. Спасибо!",
                "{?owing}До {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::PaymentReminder => Message {
            subject: &["{?owing}Напоминание: оплата заказа {number}", "Ваш заказ {number} оплачен"],
            title: &["{?owing}Мы ждём оплаты", "Доплачивать ничего не нужно"],
            body: &[
                "{?owing}{!received}Мы ещё не получили оплату Вашего заказа {number}.",
                "{?owing}{?received}Мы получили только часть оплаты Вашего заказа {number}.",
                "{?owing}Пожалуйста, оплатите до {due}. До этого времени мы держим товары для Вас.",
                "{?owing}Если Вы уже оплатили, больше ничего делать не нужно.",
                "{!owing}Ваш заказ {number} оплачен. Спасибо!",
            ],
            sms: &[
                "{seller}: напоминаем об оплате заказа {number}, {owing}.",
                "{!owing}{seller}: Ваш заказ {number} оплачен. Спасибо!",
                "{?owing}До {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::PartlyPaid => Message {
            subject: &["Мы получили часть оплаты заказа {number}"],
            title: &["{?owing}Осталось оплатить {owing}", "Спасибо за оплату"],
            body: &[
                "Мы получили {amount} за Ваш заказ {number}. Спасибо!",
                "{!amount}Мы получили часть оплаты Вашего заказа {number}. Спасибо!",
                "{?owing}От общей суммы осталось оплатить {owing}.",
                "{?owing}Пожалуйста, оплатите остаток до {due}.",
            ],
            sms: &[
                "{?amount}{seller}: получено {amount} за заказ {number}.",
                "{!amount}{seller}: получена часть оплаты заказа {number}.",
                "Осталось оплатить {owing}.",
                "{?owing}До {due_short}.",
                "{?owing}{pay_link}",
            ],
        },
        Template::DepositPaid => Message {
            subject: &["Мы получили предоплату за заказ {number}"],
            title: &["Спасибо за предоплату"],
            body: &[
                "Мы получили {amount}.",
                "Мы начинаем готовить Ваш заказ {number}.",
                "{?revived}Он был отменён; теперь, когда оплата поступила, мы его выполняем.",
                "{not_returned}, которые мы собирались вернуть, остаются за этим заказом.",
                "{?owing}До передачи товаров останется оплатить {owing}. Мы напишем Вам, когда они будут \
                 готовы.",
            ],
            sms: &[
                "{seller}: спасибо, получена предоплата за заказ {number}.",
                "Позже останется {owing}.",
                "{follow}",
            ],
        },
        Template::BalanceRequest => Message {
            subject: &[
                "{?owing}Заказ {number} готов: осталось оплатить {owing}",
                "Ваш заказ {number} оплачен",
            ],
            title: &["Пожалуйста, оплатите {owing}", "Доплачивать ничего не нужно"],
            body: &[
                "{?owing}Товары Вашего заказа {number} готовы. Вы получите их, как только остаток будет \
                 оплачен.",
                "{?owing}Пожалуйста, оплатите до {due}. До этого времени мы держим товары для Вас.",
                "{!owing}Ваш заказ {number} оплачен. Спасибо!",
            ],
            sms: &[
                "{seller}: заказ {number} готов, просим оплатить {owing}.",
                "{!owing}{seller}: Ваш заказ {number} оплачен. Спасибо!",
                "{?owing}До {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::Paid => Message {
            subject: &["Ваш заказ {number} оплачен"],
            title: &["Спасибо за оплату"],
            body: &[
                "Мы получили {amount}.",
                "Ваш заказ {number} полностью оплачен.",
                "{?revived}Он был отменён; теперь, когда оплата поступила, мы его выполняем.",
                "{not_returned}, которые мы собирались вернуть, остаются за этим заказом.",
                "{?to_send}{!fetched}Мы напишем Вам, когда отправим его.",
                "{?to_send}{?fetched}Мы напишем Вам, когда его можно будет забрать.",
            ],
            sms: &["{seller}: спасибо, Ваш заказ {number} оплачен.", "Сумма {total}.", "{follow}"],
        },
        Template::PaymentReceived => Message {
            subject: &[
                "{?was_closed}Ваш платёж за закрытый заказ {number}",
                "Ещё один платёж за заказ {number}",
            ],
            title: &["{?was_closed}Мы получили Ваш платёж", "Мы получили ещё один платёж"],
            body: &[
                "{!was_closed}Мы получили {amount} за Ваш заказ {number}, который уже был оплачен.",
                "{?was_closed}Мы получили {amount} за Ваш заказ {number}, который уже был закрыт.",
                "{!was_closed}{!amount}Мы получили ещё один платёж за Ваш заказ {number}, который уже был \
                 оплачен.",
                "{?refund}Мы вернём Вам {refund}.",
            ],
            sms: &[
                "{?was_closed}{seller}: получен Ваш платёж за закрытый заказ {number}.",
                "{!was_closed}{seller}: получен ещё один платёж за оплаченный заказ {number}.",
                "Мы вернём Вам {refund}.",
            ],
        },
        Template::BeingAssembled => Message {
            subject: &["Мы собираем Ваш заказ {number}"],
            title: &["Ваш заказ собирается"],
            body: &[
                "Мы собираем Ваш заказ {number}.",
                "{!fetched}Мы напишем Вам, когда отправим его.",
                "{?fetched}Мы напишем Вам, когда его можно будет забрать.",
            ],
            sms: &["{seller}: мы собираем Ваш заказ {number}.", "{follow}"],
        },
        Template::HandedOver => Message {
            subject: &["{?rest}Часть заказа {number} отправлена", "Ваш заказ {number} отправлен"],
            title: &["{?rest}Часть Вашего заказа в пути", "Ваш заказ в пути"],
            body: &[
                "{!rest}Мы передали Ваш заказ {number} перевозчику.",
                "{?rest}Мы передали перевозчику часть Вашего заказа {number}. Остальное отправим \
                 отдельно.",
                "{?collect}К оплате при получении: {collect}.",
            ],
            sms: &[
                "{!rest}{seller}: Ваш заказ {number} отправлен.",
                "{?rest}{seller}: часть Вашего заказа {number} отправлена.",
                "{carrier} {tracking}.",
                "К оплате при получении: {collect}.",
                "{follow}",
            ],
        },
        Template::ReadyForPickup => Message {
            subject: &["Заказ {number} можно забрать"],
            title: &["Ваш заказ можно забрать"],
            body: &[
                "Вы можете забрать свой заказ {number}. Пожалуйста, назовите номер заказа.",
                "{?collect}К оплате при получении: {collect}.",
            ],
            sms: &["{seller}: Ваш заказ {number} можно забрать.", "К оплате {collect}.", "{place}"],
        },
        Template::CourierNear => Message {
            subject: &["Курьер скоро привезёт заказ {number}"],
            title: &["Курьер уже близко"],
            body: &[
                "Курьер привезёт Ваш заказ {number} примерно в {expected_time}.",
                "{!expected_time}Курьер привезёт Ваш заказ {number} в течение часа.",
                "{?collect}Пожалуйста, приготовьте {collect}.",
            ],
            sms: &[
                "{seller}: курьер привезёт заказ {number} примерно в {expected_time}.",
                "{!expected_time}{seller}: курьер привезёт заказ {number} в течение часа.",
                "К оплате {collect}.",
            ],
        },
        Template::Late => Message {
            subject: &["Заказ {number} задерживается"],
            title: &["Ваш заказ задерживается"],
            body: &[
                "Ваш заказ {number} займёт больше времени, чем мы обещали. Приносим извинения.",
                "{?announced}Новая дата: {announced}.",
                "{!announced}Мы напишем Вам, как только узнаем новую дату.",
            ],
            sms: &[
                "{seller}: приносим извинения, заказ {number} задерживается.",
                "Новая дата: {announced}.",
            ],
        },
        Template::Cancelled => Message {
            subject: &["Ваш заказ {number} отменён"],
            title: &["{?refused}Мы не можем выполнить Ваш заказ", "Ваш заказ отменён"],
            body: &[
                "{!refused}Ваш заказ {number} отменён.",
                "{?refused}К сожалению, мы не можем выполнить Ваш заказ {number}.",
                "{?refund}Мы вернём Вам {refund}.",
                "{?again}Если товары Вам всё ещё нужны, пожалуйста, закажите их снова.",
            ],
            sms: &[
                "{seller}: Ваш заказ {number} отменён.",
                "Причина: {reason}.",
                "Мы вернём {refund}.",
            ],
        },
        Template::RefundOwed => Message {
            subject: &["Мы вернём Вам деньги за заказ {number}"],
            title: &["Мы вернём Вам {due_back}", "Мы вернём Вам деньги"],
            body: &[
                "За заказ {number} мы вернём Вам {due_back}.",
                "{!due_back}За заказ {number} мы вернём Вам деньги.",
                "Мы напишем Вам, когда деньги будут отправлены.",
            ],
            sms: &[
                "{seller}: за заказ {number} мы вернём Вам {due_back}.",
                "{!due_back}{seller}: за заказ {number} мы вернём Вам деньги.",
            ],
        },
        Template::Refunded => Message {
            subject: &["Мы вернули деньги за заказ {number}"],
            title: &["Мы вернули Вам {amount}", "Мы вернули Вам деньги"],
            body: &[
                "За заказ {number} мы вернули Вам {amount}.",
                "{!amount}За заказ {number} мы вернули Вам деньги.",
                "Может пройти несколько дней, прежде чем деньги поступят на Ваш счёт.",
            ],
            sms: &[
                "{seller}: за заказ {number} мы вернули Вам {amount}.",
                "{!amount}{seller}: за заказ {number} мы вернули Вам деньги.",
            ],
        },
        Template::Delivered => Message {
            subject: &[
                "{?under_way}Часть заказа {number} доставлена",
                "Ваш заказ {number} доставлен",
            ],
            title: &["{?under_way}Часть Вашего заказа доставлена", "Ваш заказ доставлен"],
            body: &[
                "{!under_way}Ваш заказ {number} доставлен. Спасибо, что покупаете у нас!",
                "{?under_way}Часть Вашего заказа {number} доставлена. Остальное прибудет отдельно.",
                "Если что-то не так, пожалуйста, сообщите нам.",
            ],
            sms: &[
                "{!under_way}{seller}: Ваш заказ {number} доставлен. Спасибо!",
                "{?under_way}{seller}: часть Вашего заказа {number} доставлена.",
            ],
        },
        Template::Overdue => Message {
            subject: &["{?owing}Оплата заказа {number} просрочена", "Заказ {number}"],
            title: &["{?owing}Оплата просрочена", "Доплачивать ничего не нужно"],
            body: &[
                "{?owing}Оплата Вашего заказа {number} просрочена. Пожалуйста, оплатите {owing}.",
                "{?owing}Если Вы уже оплатили, больше ничего делать не нужно.",
                "{!owing}Ваш заказ {number} оплачен. Спасибо!",
            ],
            sms: &[
                "{seller}: просрочена оплата заказа {number}, {owing}.",
                "{!owing}{seller}: Ваш заказ {number} оплачен. Спасибо!",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::NotReached => Message {
            subject: &["Мы не смогли дозвониться Вам по поводу заказа {number}"],
            title: &["Мы не смогли Вам дозвониться"],
            body: &[
                "Мы звонили Вам по поводу заказа {number}, но не смогли дозвониться.",
                "{?next_call}В следующий раз мы позвоним {next_call}.",
                "Вы также можете позвонить нам: {phone}.",
            ],
            sms: &[
                "{seller}: не смогли дозвониться Вам по заказу {number}.",
                "Позвоним {next_call_short}.",
                "Наш тел. {phone}.",
            ],
        },
        Template::Returned => Message {
            subject: &["Мы получили возвращённые товары заказа {number}"],
            title: &["Мы получили Ваш возврат"],
            body: &[
                "Мы получили возвращённые товары Вашего заказа {number}.",
                "{?refund}Мы вернём Вам {refund}.",
            ],
            sms: &[
                "{seller}: возвращённые товары заказа {number} получены.",
                "Мы вернём Вам {refund}.",
            ],
        },
        Template::OrderComment => Message {
            subject: &["Сообщение о заказе {number}"],
            title: &["Сообщение о Вашем заказе"],
            body: &["Мы пишем Вам по поводу заказа {number}."],
            sms: &["{seller}: мы написали Вам о заказе {number}.", "{follow}"],
        },
        Template::ApprovalRequest => Message {
            subject: &["Вопрос о заказе {number}"],
            title: &["Ждём Вашего ответа"],
            body: &[
                "Мы хотели бы изменить Ваш заказ {number}. Без Вашего согласия ничего не изменится.",
                "Пожалуйста, посмотрите изменение и ответьте до {answer_by}.",
                "{!answer_link}Ответьте на это сообщение или позвоните нам.",
            ],
            sms: &[
                "{seller}: можно изменить Ваш заказ {number}?",
                "{answer_link}",
                "Ответьте, пожалуйста, до {answer_short}.",
            ],
        },
        Template::OrderApprovalRequest => Message {
            subject: &["Согласны ли Вы с заказом {number}?"],
            title: &["Согласны ли Вы?"],
            body: &[
                "Пожалуйста, посмотрите свой заказ {number} и скажите, согласны ли Вы с ним. После Вашего согласия мы продолжим.",
                "Пожалуйста, ответьте до {answer_by}.",
                "{!answer_link}Ответьте на это сообщение или позвоните нам.",
            ],
            sms: &[
                "{seller}: Вы согласны с заказом {number}?",
                "{answer_link}",
                "Ответьте до {answer_short}.",
            ],
        },
        Template::ChoiceRequest => Message {
            subject: &["Пожалуйста, выберите: заказ {number}"],
            title: &["Пожалуйста, выберите"],
            body: &[
                "Некоторые товары Вашего заказа {number} не нашлись или имеют дефект. Пожалуйста, выберите, как нам поступить: возможности указаны на странице заказа.",
                "Пожалуйста, ответьте до {answer_by}; иначе мы свяжемся с Вами.",
                "{!answer_link}Ответьте на это сообщение или позвоните нам.",
            ],
            sms: &[
                "{seller}: в заказе {number} не всё в порядке, пожалуйста, выберите.",
                "{answer_link}",
                "До {answer_short}.",
            ],
        },
        Template::SubscriptionNotice => Message {
            subject: &["Ваш следующий регулярный заказ {number}"],
            title: &["Ваш следующий регулярный заказ"],
            body: &[
                "Скоро будет оформлен Ваш регулярный заказ {number} на {occurrence}.",
                "{!occurrence}Скоро будет оформлен Ваш регулярный заказ {number}.",
                "Цена изменилась: была {previous}, теперь {total}.",
                "Если Вы хотите изменить, пропустить или приостановить его, сообщите нам, \
                 пожалуйста, до {until}.",
                "{!until}Если Вы хотите изменить, пропустить или приостановить его, сообщите нам, \
                 пожалуйста.",
            ],
            sms: &[
                "{seller}: скоро будет оформлен Ваш регулярный заказ {number}.",
                "Дата: {occurrence}.",
                "Сумма {total}.",
            ],
        },
        Template::PartnerUpdate => ru_house::PARTNER_UPDATE,
        Template::StaffAlert => ru_house::STAFF_ALERT,
        Template::StaffTask => ru_house::STAFF_TASK,
        Template::StaffException => ru_house::STAFF_EXCEPTION,
        Template::StaffPaymentFailed => ru_house::STAFF_PAYMENT_FAILED,
        Template::Unknown => ru_house::UNKNOWN,
    }
}

fn label(label: Label) -> &'static str {
    match label {
        Label::Order => "Заказ",
        Label::YourNumber => "Ваш номер",
        Label::Status => "Статус",
        Label::Total => "Сумма заказа",
        Label::TotalThen => "Сумма после изменения",
        Label::Received => "Уже получено",
        Label::ToPay => "К оплате",
        Label::PayBy => "Оплатить до",
        Label::Bank => "Банковские реквизиты",
        Label::PayReference => "Назначение платежа",
        Label::Terms => "Оплата",
        Label::Delivery => "Доставка",
        Label::Address => "Адрес",
        Label::Requested => "Желаемая дата",
        Label::Carrier => "Перевозчик",
        Label::Tracking => "Номер отправления",
        Label::Expected => "Ожидаемая дата",
        Label::Place => "Место",
        Label::Reason => "Причина",
        Label::Refund => "К возврату",
        Label::Date => "Дата",
        Label::Since => "С",
        Label::Problem => "Причина",
        Label::Detail => "Подробности",
        Label::About => "Относится к",
        Label::Responsible => "Ответственный",
        Label::ToDo => "Что сделать",
        Label::Goods => "Товары",
        Label::Discounts => "Скидки",
        Label::Shipping => "Доставка",
        Label::Fees => "Дополнительные сборы",
        Label::Tax => "НДС",
        Label::TaxIncluded => "включая НДС",
        Label::Sum => "Итого",
        Label::Ordered => "Ваш заказ",
        Label::InParcel => "В этом отправлении",
        Label::Rest => "Отправим отдельно",
        Label::Waiting => "Поступит позже",
        Label::Ready => "Зарезервировано для Вас",
        Label::ToFetch => "Готово к выдаче",
        Label::CameBack => "Возвращено",
        Label::Pay => "Оплатить",
        Label::Follow => "Отследить заказ",
        Label::Answer => "Ответить",
    }
}

fn delivery(method: DeliveryMethod) -> &'static str {
    match method {
        DeliveryMethod::Courier => "курьером",
        DeliveryMethod::Pickup => "самовывоз со склада",
        DeliveryMethod::ParcelLocker => "в постамат или пункт выдачи",
        DeliveryMethod::Post => "почтой",
        DeliveryMethod::Shop => "самовывоз из магазина",
    }
}

fn terms(terms: Terms) -> &'static str {
    match terms {
        Terms::Prepaid => "предоплата",
        Terms::Deposit(_) => "частичная предоплата, остаток до получения товаров",
        Terms::AfterConfirmation => "после подтверждения заказа",
        Terms::OnDelivery => "при получении",
        Terms::Invoice => "по счёту",
    }
}

/// Read after "Причина:".
const REASONS: &[(&str, &str)] = &[
    ("not_paid", "оплата не поступила вовремя"),
    ("asked", "по просьбе"),
    ("not_reached", "мы не смогли с Вами связаться"),
    ("customer_request", "по Вашей просьбе"),
    ("changed_mind", "товары больше не нужны"),
    ("ordered_by_mistake", "заказано по ошибке"),
    ("duplicate", "то же самое заказано дважды"),
    ("possible_duplicate", "то же самое заказано дважды"),
    ("out_of_stock", "товаров нет в наличии"),
    ("discontinued", "товары больше не продаются"),
    ("price_error", "цена была указана неверно"),
    ("total_mismatch", "сумма заказа не сходится"),
    ("credit_limit", "превышен кредитный лимит"),
    ("payment_failed", "платёж не прошёл"),
    ("card_declined", "карта отклонена"),
    ("insufficient_funds", "недостаточно средств"),
    ("expired_card", "срок действия карты истёк"),
    ("authentication_required", "плательщик не подтвердил платёж"),
    ("not_collected", "товары не забрали"),
    ("refused_at_door", "посылку не приняли"),
    ("undeliverable", "посылку не удалось доставить"),
    ("damaged", "товары повреждены"),
    ("defective", "товары с дефектом"),
    ("wrong_item", "отправлены не те товары"),
    ("not_as_described", "товары не соответствуют описанию"),
    ("does_not_fit", "товары не подошли"),
    ("too_late", "доставка была бы слишком поздней"),
    ("surplus", "оплачено больше, чем стоит заказ"),
    ("lines_cancelled", "часть заказа отменена"),
    ("late_money", "оплата поступила, когда заказ уже был закрыт"),
    ("ship_together", "всё должно быть отправлено вместе"),
];

/// What we ask the customer for.
const NEEDS: &[(&str, &str)] = &[
    ("address_missing", "Не указан адрес доставки."),
    ("address_incomplete", "Адрес доставки указан не полностью."),
    ("postal_code", "Почтовый индекс не подходит к стране доставки."),
    ("delivery_method_missing", "Пожалуйста, выберите способ доставки."),
    ("pickup_point_missing", "Пожалуйста, выберите постамат или пункт выдачи."),
    ("terms_missing", "Пожалуйста, выберите способ оплаты."),
    ("no_usable_contact", "Не указан адрес эл. почты или номер телефона."),
    ("phone_in_address", "Вместо адреса указан номер телефона."),
    ("email_in_name", "Вместо имени указан адрес эл. почты."),
    ("tax_id_missing", "Не указан Ваш номер плательщика НДС."),
];
