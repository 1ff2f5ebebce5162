//! How a date is written in each language that customers are told in, for messages and pages alike.

/// The months as they stand within a date, and the form of a date.
#[derive(Clone, Copy, Debug)]
pub struct Dates {
    /// From January on.
    pub months: [&'static str; 12],
    /// With `{day}`, `{month}` and `{year}`.
    pub form: &'static str,
}

/// English.
pub const EN: Dates = Dates {
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    form: "{day} {month} {year}",
};

/// Lithuanian.
pub const LT: Dates = Dates {
    months: [
        "sausio",
        "vasario",
        "kovo",
        "balandžio",
        "gegužės",
        "birželio",
        "liepos",
        "rugpjūčio",
        "rugsėjo",
        "spalio",
        "lapkričio",
        "gruodžio",
    ],
    form: "{year}\u{a0}m. {month} {day}\u{a0}d.",
};

/// Romanian.
pub const RO: Dates = Dates {
    months: [
        "ianuarie",
        "februarie",
        "martie",
        "aprilie",
        "mai",
        "iunie",
        "iulie",
        "august",
        "septembrie",
        "octombrie",
        "noiembrie",
        "decembrie",
    ],
    form: "{day} {month} {year}",
};

/// Russian.
pub const RU: Dates = Dates {
    months: [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    form: "{day} {month} {year}\u{a0}г.",
};
