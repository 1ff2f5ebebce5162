//! The words of the tracking page, a table for each language, and how each writes dates and money.

use crate::dates;
use jiff::civil::Date;

/// The words of the page in one language.
pub(crate) struct Words {
    pub order: &'static str,
    pub since: &'static str,
    pub dates: &'static str,
    pub ordered: &'static str,
    pub wished: &'static str,
    pub sent: &'static str,
    pub expected: &'static str,
    pub delivered: &'static str,
    pub closed: &'static str,
    pub goods: &'static str,
    pub of_it_sent: &'static str,
    pub later: &'static str,
    pub cancelled: &'static str,
    pub parcels: &'static str,
    pub address: &'static str,
    pub total: &'static str,
    pub open: &'static str,
    pub asked: &'static str,
    pub gone: &'static str,
    pub gone_why: &'static str,
    /// With `{day}`, `{month}` and `{year}`.
    date: &'static str,
    months: [&'static str; 12],
    /// Between whole and fraction.
    decimal: &'static str,
}

impl Words {
    /// A local date: `6 December 2026`.
    pub fn date(&self, date: Date) -> String {
        let month = usize::try_from(date.month()).unwrap_or_default().saturating_sub(1);
        self.date
            .replace("{day}", &date.day().to_string())
            .replace("{month}", self.months.get(month).copied().unwrap_or_default())
            .replace("{year}", &date.year().to_string())
    }

    /// An amount; in English the currency stands first.
    pub fn money(&self, decimal: &str, currency: &str) -> String {
        let sign = match currency {
            "EUR" => "€",
            "USD" => "$",
            "GBP" => "£",
            code => code,
        };
        let figure = decimal.replace('.', self.decimal);
        match (self.decimal, sign.chars().count()) {
            (".", 1) => format!("{sign}{figure}"),
            (".", _) => format!("{sign}\u{a0}{figure}"),
            _ => format!("{figure}\u{a0}{sign}"),
        }
    }
}

/// The language of a tag like `lt` or `lt-LT`, where the page has words of it.
pub(super) fn known(tag: &str) -> Option<(&'static str, &'static Words)> {
    let language = tag.trim().split(['-', '_', '.', ';']).next().unwrap_or_default();
    match language.to_ascii_lowercase().as_str() {
        "en" => Some(("en", &ENGLISH)),
        "lt" => Some(("lt", &LITHUANIAN)),
        "ro" => Some(("ro", &ROMANIAN)),
        "ru" => Some(("ru", &RUSSIAN)),
        _ => None,
    }
}

/// Where nothing else is known.
pub(super) const FALLBACK: (&str, &Words) = ("en", &ENGLISH);

const ENGLISH: Words = Words {
    order: "Order",
    since: "since",
    dates: "Dates",
    ordered: "Ordered",
    wished: "Wished for",
    sent: "Sent",
    expected: "Expected",
    delivered: "Delivered",
    closed: "Closed",
    goods: "Goods",
    of_it_sent: "already sent: {n}",
    later: "coming later: {n}",
    cancelled: "cancelled: {n}",
    parcels: "Parcels",
    address: "Delivery to",
    total: "Total",
    open: "Still to be paid",
    asked: "To pay now",
    gone: "This page is not here",
    gone_why: "The link is not complete, or the order was closed more than 90 days ago. Please \
               open the link from the latest message about the order, or ask the shop.",
    date: dates::EN.form,
    months: dates::EN.months,
    decimal: ".",
};

const LITHUANIAN: Words = Words {
    order: "Užsakymas",
    since: "nuo",
    dates: "Datos",
    ordered: "Užsakyta",
    wished: "Pageidaujama",
    sent: "Išsiųsta",
    expected: "Laukiama",
    delivered: "Pristatyta",
    closed: "Užbaigta",
    goods: "Prekės",
    of_it_sent: "jau išsiųsta: {n}",
    later: "bus vėliau: {n}",
    cancelled: "atšaukta: {n}",
    parcels: "Siuntos",
    address: "Pristatymas",
    total: "Iš viso",
    open: "Liko sumokėti",
    asked: "Mokėti dabar",
    gone: "Tokio puslapio čia nėra",
    gone_why: "Nuoroda nepilna arba užsakymas užbaigtas daugiau kaip prieš 90 dienų. Atverkite \
               nuorodą iš naujausio pranešimo apie užsakymą arba kreipkitės į parduotuvę.",
    date: dates::LT.form,
    months: dates::LT.months,
    decimal: ",",
};

const ROMANIAN: Words = Words {
    order: "Comanda",
    since: "din",
    dates: "Date",
    ordered: "Comandat",
    wished: "Livrare dorită",
    sent: "Expediat",
    expected: "Estimat",
    delivered: "Livrat",
    closed: "Încheiat",
    goods: "Produse",
    of_it_sent: "deja expediat: {n}",
    later: "vine mai târziu: {n}",
    cancelled: "anulat: {n}",
    parcels: "Colete",
    address: "Livrare la",
    total: "Total",
    open: "Rest de plată",
    asked: "De plătit acum",
    gone: "Această pagină nu există",
    gone_why: "Linkul nu este complet sau comanda a fost încheiată acum mai bine de 90 de zile. \
               Deschideți linkul din cel mai recent mesaj despre comandă sau întrebați magazinul.",
    date: dates::RO.form,
    months: dates::RO.months,
    decimal: ",",
};

const RUSSIAN: Words = Words {
    order: "Заказ",
    since: "с",
    dates: "Даты",
    ordered: "Оформлен",
    wished: "Желаемая доставка",
    sent: "Отправлено",
    expected: "Ожидается",
    delivered: "Доставлено",
    closed: "Завершён",
    goods: "Товары",
    of_it_sent: "уже отправлено: {n}",
    later: "будет позже: {n}",
    cancelled: "отменено: {n}",
    parcels: "Посылки",
    address: "Доставка",
    total: "Итого",
    open: "Осталось оплатить",
    asked: "К оплате сейчас",
    gone: "Такой страницы здесь нет",
    gone_why: "Ссылка неполная, или заказ завершён более 90 дней назад. Откройте ссылку из \
               последнего сообщения о заказе или обратитесь в магазин.",
    date: dates::RU.form,
    months: dates::RU.months,
    decimal: ",",
};
