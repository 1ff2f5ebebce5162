//! How money, quantities, dates and moments are written in each language. The words are in
//! `texts/<language>.rs`; nothing here knows of templates.

use super::fill::{Values, fill};
use super::texts::Words;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use ordermill_domain::money::{Amount, Currency, format_decimal};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::time::Timestamp;

/// A language that every message is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Locale {
    /// English.
    En,
    /// Lithuanian.
    Lt,
    /// Romanian.
    Ro,
    /// Russian.
    Ru,
}

impl Locale {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::En, Self::Lt, Self::Ro, Self::Ru];

    /// The ISO 639-1 code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Lt => "lt",
            Self::Ro => "ro",
            Self::Ru => "ru",
        }
    }

    /// The language of a tag like `lt`, `lt-LT` or `lt_LT.UTF-8`.
    fn of_tag(tag: &str) -> Option<Self> {
        let language = tag.trim().split(['-', '_', '.']).next()?;
        Self::ALL.into_iter().find(|locale| locale.code().eq_ignore_ascii_case(language))
    }
}

/// The language for somebody who wishes `wanted`: that, else the seller's, else English.
#[must_use]
pub fn locale_of(wanted: Option<&str>, seller: &str) -> Locale {
    wanted.and_then(Locale::of_tag).or_else(|| Locale::of_tag(seller)).unwrap_or(Locale::En)
}

/// Where the sign of a currency stands, and what parts the digits.
#[derive(Clone, Copy)]
pub(super) struct Figures {
    /// Between whole and fraction.
    pub decimal: char,
    /// Between groups of three digits.
    pub group: char,
    /// The currency's sign stands before the figure, as in English.
    pub sign_first: bool,
    /// Signs of this language beside €, $, £: code and sign.
    pub signs: &'static [(&'static str, &'static str)],
}

/// The sign of a currency, or its code where the sign could be mistaken.
fn sign(currency: Currency, figures: &Figures) -> &'static str {
    let code = currency.code();
    let own = figures.signs.iter().find(|(own, _)| *own == code).map(|(_, sign)| *sign);
    own.unwrap_or(match code {
        "EUR" => "€",
        "USD" => "$",
        "GBP" => "£",
        _ => code,
    })
}

/// `€1,234.56` in English, `1 234,56 €` elsewhere; parts that belong together keep together.
pub(super) fn money(amount: Amount, currency: Currency, figures: &Figures) -> String {
    decimal_money(amount.0, currency.places(), currency, figures)
}

/// The price of a unit, which can have more places than its currency: `€0.1234`.
pub(super) fn price(value: i64, places: u32, currency: Currency, figures: &Figures) -> String {
    let (mut value, mut places) = (value, places);
    while places > currency.places() && value.checked_rem(10) == Some(0) {
        value = value.checked_div(10).unwrap_or_default();
        places = places.saturating_sub(1);
    }
    decimal_money(value, places, currency, figures)
}

fn decimal_money(value: i64, places: u32, currency: Currency, figures: &Figures) -> String {
    let sign = sign(currency, figures);
    let minus = if value < 0 { "−" } else { "" };
    let number = grouped(&format_decimal(value.saturating_abs(), places), figures);
    match (figures.sign_first, sign.chars().count() == 1) {
        (true, true) => format!("{minus}{sign}{number}"),
        (true, false) => format!("{minus}{sign}\u{a0}{number}"),
        (false, _) => format!("{minus}{number}\u{a0}{sign}"),
    }
}

/// `1234.5` with the language's own signs.
fn grouped(decimal: &str, figures: &Figures) -> String {
    let (whole, fraction) = decimal.split_once('.').map_or((decimal, None), |(w, f)| (w, Some(f)));
    let mut written = String::with_capacity(decimal.len().saturating_add(4));
    for (index, digit) in whole.chars().enumerate() {
        let left = whole.len().saturating_sub(index);
        if index > 0 && left.checked_rem(3) == Some(0) {
            written.push(figures.group);
        }
        written.push(digit);
    }
    if let Some(fraction) = fraction {
        written.push(figures.decimal);
        written.push_str(fraction);
    }
    written
}

/// `2`, `1,5`.
pub(super) fn quantity(quantity: Quantity, figures: &Figures) -> String {
    grouped(&quantity.to_string(), figures)
}

/// Dates and moments, as somebody in one place reads them.
pub(super) struct Calendar {
    zone: TimeZone,
    words: &'static Words,
}

impl Calendar {
    /// For the first of these zones that exists; else UTC.
    pub fn new(zones: &[&str], words: &'static Words) -> Self {
        let known = zones.iter().find_map(|zone| TimeZone::get(zone).ok());
        Self { zone: known.unwrap_or(TimeZone::UTC), words }
    }

    /// A local date: `6 December 2026`.
    pub fn date(&self, date: Date) -> String {
        let month = usize::try_from(date.month().saturating_sub(1)).unwrap_or_default();
        let mut values = Values::default();
        values.set("year", date.year().to_string());
        values.set("month", self.words.months.get(month).map(|&name| name.to_owned()));
        values.set("day", date.day().to_string());
        fill(self.words.date, &values).unwrap_or_else(|| date.to_string())
    }

    /// The date of a moment.
    pub fn date_of(&self, moment: Timestamp) -> String {
        self.date(moment.to_jiff().to_zoned(self.zone.clone()).date())
    }

    /// A moment: `6 December 2026, 14:30`.
    pub fn moment(&self, moment: Timestamp) -> String {
        let local = moment.to_jiff().to_zoned(self.zone.clone());
        let mut values = Values::default();
        values.set("date", self.date(local.date()));
        values.set("time", self.time(moment));
        fill(self.words.moment, &values).unwrap_or_else(|| moment.to_string())
    }

    /// The time of day of a moment: `14:30`.
    pub fn time(&self, moment: Timestamp) -> String {
        let local = moment.to_jiff().to_zoned(self.zone.clone());
        format!("{:02}:{:02}", local.hour(), local.minute())
    }

    /// A moment for a text message: `6 Dec 14:30`.
    pub fn short(&self, moment: Timestamp) -> String {
        let local = moment.to_jiff().to_zoned(self.zone.clone());
        let index = usize::try_from(local.month().saturating_sub(1)).unwrap_or_default();
        let mut values = Values::default();
        let name = self.words.months.get(index).copied().unwrap_or_default();
        values.set("mon", name.chars().take(3).collect::<String>());
        values.set("month", format!("{:02}", local.month()));
        values.set("day", local.day().to_string());
        values.set("day2", format!("{:02}", local.day()));
        values.set("time", self.time(moment));
        fill(self.words.short, &values).unwrap_or_else(|| moment.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::super::texts;
    use super::*;

    /// Keeps what is written readable here.
    fn plain(text: &str) -> String {
        text.replace('\u{a0}', " ")
    }

    #[test]
    fn a_language_is_found_by_its_tag_or_the_sellers_or_is_english() {
        for (wanted, seller, found) in [
            (Some("lt"), "en", Locale::Lt),
            (Some("lt-LT"), "en", Locale::Lt),
            (Some("RU_MD.UTF-8"), "en", Locale::Ru),
            (Some("ro-MD"), "lt", Locale::Ro),
            (Some("de"), "lt-LT", Locale::Lt),
            (Some(""), "ro", Locale::Ro),
            (None, "ru", Locale::Ru),
            (Some("ltx"), "xx", Locale::En),
            (None, "", Locale::En),
        ] {
            assert_eq!(locale_of(wanted, seller), found, "{wanted:?} {seller:?}");
        }
    }

    #[test]
    fn money_is_written_as_the_language_writes_it() {
        let write = |locale, minor, code: &str| {
            let currency = Currency::parse(code).unwrap_or(Currency::EUR);
            plain(&money(Amount(minor), currency, &texts::language(locale).words.figures))
        };
        assert_eq!(write(Locale::En, 2149, "EUR"), "€21.49");
        assert_eq!(write(Locale::Lt, 2149, "EUR"), "21,49 €");
        assert_eq!(write(Locale::Ro, 2149, "EUR"), "21,49 €");
        assert_eq!(write(Locale::Ru, 2149, "EUR"), "21,49 €");
        assert_eq!(write(Locale::En, 123_456_789, "EUR"), "€1,234,567.89");
        assert_eq!(write(Locale::Lt, 123_456, "EUR"), "1 234,56 €");
        assert_eq!(write(Locale::Ro, 123_456, "RON"), "1.234,56 lei");
        assert_eq!(write(Locale::Ru, 123_456, "RUB"), "1 234,56 ₽");
        assert_eq!(write(Locale::En, -500, "EUR"), "−€5.00");
        assert_eq!(write(Locale::Lt, -500, "PLN"), "−5,00 PLN");
        assert_eq!(write(Locale::En, 1200, "JPY"), "JPY 1,200");
        assert_eq!(write(Locale::En, 1234, "KWD"), "KWD 1.234");
    }

    #[test]
    fn a_unit_price_shows_no_more_places_than_it_needs() {
        let figures = &texts::language(Locale::En).words.figures;
        let write = |value, places| price(value, places, Currency::EUR, figures);
        assert_eq!(write(12_500_000, 6), "€12.50");
        assert_eq!(write(123_400, 6), "€0.1234");
        assert_eq!(write(1250, 2), "€12.50");
    }

    #[test]
    fn a_moment_is_the_readers_own() {
        let at = Timestamp::parse("2026-12-05T22:30:00Z").unwrap_or_default();
        let read = |locale, zones: &[&str]| {
            let calendar = Calendar::new(zones, &texts::language(locale).words);
            (plain(&calendar.moment(at)), calendar.short(at))
        };
        let vilnius = &["Europe/Vilnius"][..];
        let pair = |long: &str, short: &str| (long.to_owned(), short.to_owned());
        assert_eq!(read(Locale::En, vilnius), pair("6 December 2026, 00:30", "6 Dec 00:30"));
        assert_eq!(
            read(Locale::Lt, vilnius),
            pair("2026 m. gruodžio 6 d. 00:30 val.", "12-06 00:30")
        );
        assert_eq!(read(Locale::Ro, vilnius), pair("6 decembrie 2026, ora 00:30", "06.12, 00:30"));
        assert_eq!(read(Locale::Ru, vilnius), pair("6 декабря 2026 г., 00:30", "06.12, 00:30"));
        // A zone that does not exist gives way to the seller's, and that to UTC.
        assert_eq!(read(Locale::En, &["Mars/Olympus", "America/New_York"]).1, "5 Dec 17:30");
        assert_eq!(read(Locale::En, &["", "nowhere"]).1, "5 Dec 22:30");
    }
}
