//! The words of the page on which a customer answers, a table for each language.

/// The words of the page in one language.
pub(super) struct AskWords {
    pub title: &'static str,
    pub title_ended: &'static str,
    pub why_edit: &'static str,
    pub why_choice: &'static str,
    /// With `{until}`.
    pub until_keep: &'static str,
    pub until_cancel: &'static str,
    pub until_ask: &'static str,
    pub changes: &'static str,
    pub old: &'static str,
    pub new: &'static str,
    pub goes: &'static str,
    pub changed: &'static str,
    pub whole_order: &'static str,
    pub total_now: &'static str,
    pub total_then: &'static str,
    pub comment: &'static str,
    pub send: &'static str,
    pub accept: &'static str,
    pub refuse: &'static str,
    pub wait: &'static str,
    pub cancel: &'static str,
    pub replace: &'static str,
    /// With `{n}`.
    pub missing: &'static str,
    pub defective: &'static str,
    pub as_it_is: &'static str,
    pub accept_all: &'static str,
    pub refuse_all: &'static str,
    pub accepted: &'static str,
    pub partly: &'static str,
    pub refused: &'static str,
    pub not_possible: &'static str,
    pub over: &'static str,
    pub not_all: &'static str,
    pub answered: &'static str,
    /// Names of fields, as the API writes them, and in words.
    fields: &'static [(&'static str, &'static str)],
    /// Closed words, as the API writes them, and in words.
    values: &'static [(&'static str, &'static str)],
}

impl AskWords {
    /// A field's name in words.
    pub fn field(&self, name: &str) -> &'static str {
        let found = self.fields.iter().find(|(field, _)| *field == name);
        found.map_or(self.whole_order, |(_, words)| words)
    }

    /// A closed word in words; anything else as it is.
    pub fn said(&self, value: &str) -> String {
        if let Some(percent) = value.strip_prefix("deposit(").and_then(|v| v.strip_suffix(')')) {
            return format!("{} {percent} %", self.said("deposit"));
        }
        let found = self.values.iter().find(|(word, _)| *word == value);
        found.map_or_else(|| value.to_owned(), |(_, words)| (*words).to_owned())
    }
}

/// The words of a language that the pages have.
pub(super) fn of(language: &str) -> &'static AskWords {
    match language {
        "lt" => &LITHUANIAN,
        "ro" => &ROMANIAN,
        "ru" => &RUSSIAN,
        _ => &ENGLISH,
    }
}

const ENGLISH: AskWords = AskWords {
    title: "Your answer, please",
    title_ended: "Your answer",
    why_edit: "We would like to change your order. Nothing changes before you agree; what you ordered \
               is kept for you meanwhile.",
    why_choice: "Some of your goods are not as they should be. Please choose what we shall do.",
    until_keep: "Please answer by {until}. Without an answer your order stays as it is.",
    until_cancel: "Please answer by {until}. Without an answer the order is cancelled.",
    until_ask: "Please answer by {until}. Without an answer we will contact you.",
    changes: "What is asked",
    old: "Now",
    new: "New",
    goes: "is left out",
    changed: "is changed",
    whole_order: "The order as a whole",
    total_now: "Total now",
    total_then: "Total if you accept everything",
    comment: "Anything you want to tell us (you may leave this empty)",
    send: "Send my answers",
    accept: "I accept",
    refuse: "No, keep it as it is",
    wait: "I will wait for it",
    cancel: "Leave it out",
    replace: "Send the substitute",
    missing: "Could not be found: {n}",
    defective: "With a defect: {n}",
    as_it_is: "Send it as it is",
    accept_all: "Accept everything",
    refuse_all: "Keep everything as it is",
    accepted: "Thank you. We have noted your answer and go on with your order.",
    partly: "Thank you. We have made the changes you accepted; the rest stays as it was.",
    refused: "Thank you. Your order stays as it was.",
    not_possible: "Thank you. Meanwhile this is not possible any more; we will contact you.",
    over: "This can no longer be answered here. If anything is unclear, please ask the shop.",
    not_all: "Please choose an answer for each line, or one of the buttons for everything.",
    answered: "You have answered already; that answer stays. To change it, please ask the shop.",
    fields: &[
        ("customer", "Contact details"),
        ("billing", "Invoice details"),
        ("delivery", "Delivery"),
        ("terms", "Payment"),
        ("method", "Means of payment"),
        ("ship_together", "Everything in one shipment"),
        ("purchase_order", "Your order number"),
        ("contract_number", "Contract"),
        ("note", "Note"),
        ("shipping", "Shipping"),
        ("discounts", "Discounts"),
    ],
    values: &[
        ("prepaid", "in advance"),
        ("deposit", "deposit"),
        ("after_confirmation", "after confirmation"),
        ("on_delivery", "on delivery"),
        ("invoice", "by invoice"),
        ("card", "card"),
        ("bank_transfer", "bank transfer"),
        ("paypal", "PayPal"),
        ("cash", "cash"),
        ("other", "other"),
        ("courier", "courier"),
        ("pickup", "pickup"),
        ("parcel_locker", "parcel locker"),
        ("post", "post"),
        ("shop", "shop"),
        ("true", "yes"),
        ("false", "no"),
    ],
};

const LITHUANIAN: AskWords = AskWords {
    title: "Prašome atsakyti",
    title_ended: "Jūsų atsakymas",
    why_edit: "Norėtume pakeisti Jūsų užsakymą. Be Jūsų sutikimo niekas nesikeis; tai, ką užsakėte, tuo \
               metu laikome Jums.",
    why_choice: "Ne visos Jūsų prekės yra tokios, kokios turėtų būti. Prašome pasirinkti, ką mums daryti.",
    until_keep: "Prašome atsakyti iki {until}. Negavus atsakymo užsakymas liks toks, koks yra.",
    until_cancel: "Prašome atsakyti iki {until}. Negavus atsakymo užsakymas bus atšauktas.",
    until_ask: "Prašome atsakyti iki {until}. Negavę atsakymo susisieksime su Jumis.",
    changes: "Ko klausiame",
    old: "Dabar",
    new: "Būtų",
    goes: "išimama",
    changed: "keičiama",
    whole_order: "Visas užsakymas",
    total_now: "Suma dabar",
    total_then: "Suma, jei sutiksite su viskuo",
    comment: "Jei norite mums ką nors parašyti (galite palikti tuščią)",
    send: "Siųsti atsakymus",
    accept: "Sutinku",
    refuse: "Ne, palikite kaip yra",
    wait: "Palauksiu",
    cancel: "Išimkite",
    replace: "Siųskite pakaitalą",
    missing: "Nepavyko rasti: {n}",
    defective: "Su trūkumu: {n}",
    as_it_is: "Siųskite tokį, koks yra",
    accept_all: "Sutinku su viskuo",
    refuse_all: "Palikite viską kaip yra",
    accepted: "Dėkojame. Atsakymą gavome ir tęsiame Jūsų užsakymą.",
    partly: "Dėkojame. Pakeitėme tai, su kuo sutikote; kita liko kaip buvo.",
    refused: "Dėkojame. Jūsų užsakymas liko toks, koks buvo.",
    not_possible: "Dėkojame. Per tą laiką tai tapo nebeįmanoma; susisieksime su Jumis.",
    over: "Čia atsakyti nebegalima. Jei kas nors neaišku, kreipkitės į parduotuvę.",
    not_all: "Pasirinkite atsakymą kiekvienai eilutei arba vieną iš mygtukų viskam.",
    answered: "Jau atsakėte; tas atsakymas galioja. Norėdami jį pakeisti, kreipkitės į parduotuvę.",
    fields: &[
        ("customer", "Kontaktai"),
        ("billing", "Sąskaitos duomenys"),
        ("delivery", "Pristatymas"),
        ("terms", "Apmokėjimas"),
        ("method", "Mokėjimo būdas"),
        ("ship_together", "Viskas viena siunta"),
        ("purchase_order", "Jūsų užsakymo numeris"),
        ("contract_number", "Sutartis"),
        ("note", "Pastaba"),
        ("shipping", "Siuntimas"),
        ("discounts", "Nuolaidos"),
    ],
    values: &[
        ("prepaid", "iš anksto"),
        ("deposit", "avansas"),
        ("after_confirmation", "po patvirtinimo"),
        ("on_delivery", "pristatymo metu"),
        ("invoice", "pagal sąskaitą"),
        ("card", "kortele"),
        ("bank_transfer", "pavedimu"),
        ("paypal", "PayPal"),
        ("cash", "grynaisiais"),
        ("other", "kitaip"),
        ("courier", "kurjeris"),
        ("pickup", "atsiėmimas"),
        ("parcel_locker", "paštomatas"),
        ("post", "paštas"),
        ("shop", "parduotuvė"),
        ("true", "taip"),
        ("false", "ne"),
    ],
};

const ROMANIAN: AskWords = AskWords {
    title: "Vă rugăm să răspundeți",
    title_ended: "Răspunsul dumneavoastră",
    why_edit: "Am dori să modificăm comanda dumneavoastră. Nimic nu se schimbă fără acordul \
               dumneavoastră; între timp păstrăm ce ați comandat.",
    why_choice: "Unele produse nu sunt cum ar trebui. Vă rugăm să alegeți ce să facem.",
    until_keep: "Vă rugăm să răspundeți până la {until}. Fără răspuns, comanda rămâne cum este.",
    until_cancel: "Vă rugăm să răspundeți până la {until}. Fără răspuns, comanda se anulează.",
    until_ask: "Vă rugăm să răspundeți până la {until}. Fără răspuns, vă vom contacta.",
    changes: "Ce întrebăm",
    old: "Acum",
    new: "Nou",
    goes: "se scoate",
    changed: "se modifică",
    whole_order: "Comanda în ansamblu",
    total_now: "Total acum",
    total_then: "Total dacă acceptați tot",
    comment: "Dacă doriți să ne scrieți ceva (puteți lăsa gol)",
    send: "Trimit răspunsurile",
    accept: "Accept",
    refuse: "Nu, lăsați cum este",
    wait: "Aștept",
    cancel: "Scoateți",
    replace: "Trimiteți înlocuitorul",
    missing: "Nu au fost găsite: {n}",
    defective: "Cu un defect: {n}",
    as_it_is: "Trimiteți-l așa cum este",
    accept_all: "Accept tot",
    refuse_all: "Lăsați totul cum este",
    accepted: "Vă mulțumim. Am notat răspunsul și continuăm cu comanda dumneavoastră.",
    partly: "Vă mulțumim. Am făcut modificările acceptate; restul rămâne cum era.",
    refused: "Vă mulțumim. Comanda dumneavoastră rămâne cum era.",
    not_possible: "Vă mulțumim. Între timp acest lucru nu mai este posibil; vă vom contacta.",
    over: "Aici nu se mai poate răspunde. Dacă ceva este neclar, întrebați magazinul.",
    not_all: "Alegeți un răspuns pentru fiecare rând sau unul dintre butoanele pentru tot.",
    answered: "Ați răspuns deja; răspunsul rămâne. Pentru a-l schimba, întrebați magazinul.",
    fields: &[
        ("customer", "Date de contact"),
        ("billing", "Date de facturare"),
        ("delivery", "Livrare"),
        ("terms", "Plată"),
        ("method", "Mijloc de plată"),
        ("ship_together", "Totul într-un singur colet"),
        ("purchase_order", "Numărul comenzii dumneavoastră"),
        ("contract_number", "Contract"),
        ("note", "Notă"),
        ("shipping", "Transport"),
        ("discounts", "Reduceri"),
    ],
    values: &[
        ("prepaid", "în avans"),
        ("deposit", "avans"),
        ("after_confirmation", "după confirmare"),
        ("on_delivery", "la livrare"),
        ("invoice", "pe factură"),
        ("card", "card"),
        ("bank_transfer", "transfer bancar"),
        ("paypal", "PayPal"),
        ("cash", "numerar"),
        ("other", "altfel"),
        ("courier", "curier"),
        ("pickup", "ridicare"),
        ("parcel_locker", "punct de colectare automat"),
        ("post", "poștă"),
        ("shop", "magazin"),
        ("true", "da"),
        ("false", "nu"),
    ],
};

const RUSSIAN: AskWords = AskWords {
    title: "Пожалуйста, ответьте",
    title_ended: "Ваш ответ",
    why_edit: "Мы хотели бы изменить Ваш заказ. Без Вашего согласия ничего не изменится; то, что Вы \
               заказали, мы пока держим для Вас.",
    why_choice: "Не со всеми Вашими товарами всё в порядке. Пожалуйста, выберите, как нам поступить.",
    until_keep: "Пожалуйста, ответьте до {until}. Без ответа заказ останется прежним.",
    until_cancel: "Пожалуйста, ответьте до {until}. Без ответа заказ будет отменён.",
    until_ask: "Пожалуйста, ответьте до {until}. Без ответа мы свяжемся с Вами.",
    changes: "О чём мы спрашиваем",
    old: "Сейчас",
    new: "Будет",
    goes: "убирается",
    changed: "меняется",
    whole_order: "Заказ в целом",
    total_now: "Сумма сейчас",
    total_then: "Сумма, если Вы согласны со всем",
    comment: "Если хотите что-то написать нам (можно оставить пустым)",
    send: "Отправить ответы",
    accept: "Согласен(на)",
    refuse: "Нет, оставьте как есть",
    wait: "Подожду",
    cancel: "Уберите",
    replace: "Пришлите замену",
    missing: "Не нашлось: {n}",
    defective: "С дефектом: {n}",
    as_it_is: "Пришлите как есть",
    accept_all: "Согласен(на) со всем",
    refuse_all: "Оставьте всё как есть",
    accepted: "Спасибо. Мы записали Ваш ответ и продолжаем работу с заказом.",
    partly: "Спасибо. Мы внесли то, с чем Вы согласились; остальное осталось прежним.",
    refused: "Спасибо. Ваш заказ остался прежним.",
    not_possible: "Спасибо. За это время это стало невозможно; мы свяжемся с Вами.",
    over: "Здесь больше нельзя ответить. Если что-то неясно, обратитесь в магазин.",
    not_all: "Выберите ответ для каждой строки или одну из кнопок для всего.",
    answered: "Вы уже ответили; этот ответ в силе. Чтобы его изменить, обратитесь в магазин.",
    fields: &[
        ("customer", "Контакты"),
        ("billing", "Данные для счёта"),
        ("delivery", "Доставка"),
        ("terms", "Оплата"),
        ("method", "Способ оплаты"),
        ("ship_together", "Всё одной посылкой"),
        ("purchase_order", "Ваш номер заказа"),
        ("contract_number", "Договор"),
        ("note", "Примечание"),
        ("shipping", "Пересылка"),
        ("discounts", "Скидки"),
    ],
    values: &[
        ("prepaid", "предоплата"),
        ("deposit", "задаток"),
        ("after_confirmation", "после подтверждения"),
        ("on_delivery", "при получении"),
        ("invoice", "по счёту"),
        ("card", "карта"),
        ("bank_transfer", "перевод"),
        ("paypal", "PayPal"),
        ("cash", "наличные"),
        ("other", "иначе"),
        ("courier", "курьер"),
        ("pickup", "самовывоз"),
        ("parcel_locker", "постамат"),
        ("post", "почта"),
        ("shop", "магазин"),
        ("true", "да"),
        ("false", "нет"),
    ],
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_has_the_same_fields_and_words() {
        let names = |table: &[(&'static str, &'static str)]| -> Vec<&'static str> {
            table.iter().map(|(name, _)| *name).collect()
        };
        for other in [&LITHUANIAN, &ROMANIAN, &RUSSIAN] {
            assert_eq!(names(ENGLISH.fields), names(other.fields));
            assert_eq!(names(ENGLISH.values), names(other.values));
        }
        assert_eq!(ENGLISH.said("deposit(30)"), "deposit 30 %");
        assert_eq!(ENGLISH.said("2026-12-01"), "2026-12-01");
    }
}
