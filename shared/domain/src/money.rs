//! Money: whole minor units of an ISO 4217 currency. No floats anywhere.
//!
//! Totals and tax are worked out in [`crate::price`]; who owes whom in [`crate::decide`].

use serde::{Deserialize, Serialize};
use std::fmt;

/// The largest amount the program accepts, in minor units: ten trillion cents.
pub const AMOUNT_MINOR_MAX: i64 = 1_000_000_000_000_000;

/// An ISO 4217 currency that is money in circulation (no funds codes, metals or test codes).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Currency(iso_currency::Currency);

/// Codes that the library still knows and ISO 4217's list one of today does not: withdrawn.
const WITHDRAWN: [&str; 5] = ["BGN", "CUC", "HRK", "SLL", "ZWL"];

impl Currency {
    /// Euro, the default of a new installation.
    pub const EUR: Self = Self(iso_currency::Currency::EUR);

    /// Reads the three capital letters of a currency in force.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::known(code).filter(|currency| !WITHDRAWN.contains(&currency.code()))
    }

    /// The same, also of one that was withdrawn since: what is stored stays readable.
    fn known(code: &str) -> Option<Self> {
        let upper = code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase());
        let currency = upper.then(|| iso_currency::Currency::from_code(code)).flatten()?;
        currency.exponent().map(|_| Self(currency))
    }

    /// The three capital letters.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// Decimal places of the minor unit: 2 for EUR, 0 for JPY, 3 for KWD.
    #[must_use]
    pub fn places(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = String::deserialize(deserializer)?;
        Self::known(&code).ok_or_else(|| serde::de::Error::custom("not an ISO 4217 currency"))
    }
}

/// An amount in minor units of the currency that stands beside it.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Amount(pub i64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Reads a decimal string (`"12.5"`) with at most the currency's places.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, DecimalError> {
        let minor = parse_decimal(text, currency.places())?;
        if minor.abs() > AMOUNT_MINOR_MAX {
            return Err(DecimalError::TooLarge);
        }
        Ok(Self(minor))
    }

    /// The decimal string with exactly the currency's places.
    #[must_use]
    pub fn format(self, currency: Currency) -> String {
        format_decimal(self.0, currency.places())
    }

    /// The sum, held at the largest representable amount.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, held at the smallest representable amount.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The difference, never below zero.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is above zero.
    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl std::iter::Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Self::plus)
    }
}

/// Why a text is not the decimal number that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum DecimalError {
    /// Not digits with at most one point.
    #[error("must be a decimal number in a string, like \"12.50\"")]
    Malformed,
    /// More places after the point than allowed.
    #[error("has more decimal places than are allowed here")]
    TooManyPlaces,
    /// Larger than the program can count.
    #[error("is too large")]
    TooLarge,
}

/// Reads `-12.50` into `-1250` when `places` is 2. No exponent, no sign but `-`, no spaces.
///
/// # Errors
/// What is wrong with the text.
pub fn parse_decimal(text: &str, places: u32) -> Result<i64, DecimalError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) if !fraction.is_empty() => (whole, fraction),
        Some(_) => return Err(DecimalError::Malformed),
        None => (digits, ""),
    };
    let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return Err(DecimalError::Malformed);
    }
    let places = usize::try_from(places).unwrap_or(usize::MAX);
    let significant = fraction.trim_end_matches('0');
    if significant.len() > places {
        return Err(DecimalError::TooManyPlaces);
    }
    let mut value: i64 = 0;
    let padding = places.saturating_sub(significant.len());
    let all = whole.bytes().chain(significant.bytes()).chain(std::iter::repeat_n(b'0', padding));
    for byte in all {
        value = value
            .checked_mul(10)
            .and_then(|v| v.checked_add(i64::from(byte.saturating_sub(b'0'))))
            .ok_or(DecimalError::TooLarge)?;
    }
    Ok(if negative { value.saturating_neg() } else { value })
}

/// Writes `-1250` as `-12.50` when `places` is 2.
#[must_use]
pub fn format_decimal(value: i64, places: u32) -> String {
    let factor = 10_u64.saturating_pow(places).max(1);
    let sign = if value < 0 { "-" } else { "" };
    let magnitude = value.unsigned_abs();
    let whole = magnitude.checked_div(factor).unwrap_or_default();
    if places == 0 {
        return format!("{sign}{whole}");
    }
    let fraction = magnitude.checked_rem(factor).unwrap_or_default();
    let width = usize::try_from(places).unwrap_or_default();
    format!("{sign}{whole}.{fraction:0width$}")
}

/// `numerator / denominator`, rounded half away from zero ("half up" for money).
#[must_use]
pub fn divide_rounded(numerator: i128, denominator: i128) -> i64 {
    if denominator == 0 {
        return 0;
    }
    let (n, d) = if denominator < 0 {
        (numerator.saturating_neg(), denominator.saturating_neg())
    } else {
        (numerator, denominator)
    };
    let half = d.checked_div(2).unwrap_or_default();
    let shifted = if n < 0 { n.saturating_sub(half) } else { n.saturating_add(half) };
    i64::try_from(shifted.checked_div(d).unwrap_or_default()).unwrap_or(i64::MAX)
}

/// A tax rate, in millionths: `"0.21"` is 210,000. From 0 to 1.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Rate(i64);

/// Millionths in one.
pub const RATE_SCALE: i64 = 1_000_000;

impl Rate {
    /// No tax.
    pub const ZERO: Self = Self(0);

    /// Reads `"0.21"`; at most six places, from 0 to 1.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        match parse_decimal(text, 6)? {
            value if (0..=RATE_SCALE).contains(&value) => Ok(Self(value)),
            _ => Err(DecimalError::TooLarge),
        }
    }

    /// The rate in millionths.
    #[must_use]
    pub fn millionths(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Rate {
    /// `0.21`, `0.055`, `0`: no zeros at the end.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format_decimal(self.0, 6);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_withdrawn_currency_is_read_where_it_is_stored_and_not_taken() {
        for code in WITHDRAWN {
            assert_eq!(Currency::parse(code), None, "{code}");
            assert!(serde_json::from_value::<Currency>(code.into()).is_ok(), "{code}");
        }
        assert!(serde_json::from_value::<Currency>("XXQ".into()).is_err());
        for code in ["EUR", "SLE", "ZWG"] {
            assert_eq!(Currency::parse(code).map(Currency::code), Some(code));
        }
    }

    #[test]
    fn amounts_read_and_print_with_the_places_of_their_currency() {
        let jpy = Currency::parse("JPY").unwrap_or(Currency::EUR);
        let kwd = Currency::parse("KWD").unwrap_or(Currency::EUR);
        for (text, currency, minor, printed) in [
            ("12.5", Currency::EUR, 1250, "12.50"),
            ("0", Currency::EUR, 0, "0.00"),
            ("-0.05", Currency::EUR, -5, "-0.05"),
            ("12.500", Currency::EUR, 1250, "12.50"),
            ("1200", jpy, 1200, "1200"),
            ("1.234", kwd, 1234, "1.234"),
        ] {
            let amount = Amount::parse(text, currency);
            assert_eq!(amount, Ok(Amount(minor)), "{text}");
            assert_eq!(Amount(minor).format(currency), printed);
        }
        assert_eq!(Amount::parse("12.505", Currency::EUR), Err(DecimalError::TooManyPlaces));
        assert_eq!(Amount::parse("1.5", jpy), Err(DecimalError::TooManyPlaces));
        for text in ["", ".5", "5.", "1e3", "+1", " 1", "1,5", "12.-5", "NaN", "--1"] {
            assert_eq!(Amount::parse(text, Currency::EUR), Err(DecimalError::Malformed), "{text}");
        }
        assert_eq!(
            Amount::parse("99999999999999999999", Currency::EUR),
            Err(DecimalError::TooLarge)
        );
    }

    #[test]
    fn a_currency_that_is_no_money_is_refused() {
        for code in ["XXX", "XAU", "eur", "EU", "ZZZ", "EURO", "XTS"] {
            assert_eq!(Currency::parse(code), None, "{code}");
        }
    }

    #[test]
    fn halves_round_away_from_zero() {
        assert_eq!(divide_rounded(5, 2), 3);
        assert_eq!(divide_rounded(-5, 2), -3);
        assert_eq!(divide_rounded(4, 3), 1);
        assert_eq!(divide_rounded(5, 3), 2);
    }

    #[test]
    fn a_rate_is_between_nothing_and_one() {
        assert_eq!(Rate::parse("0.21").map(|r| r.to_string()), Ok("0.21".to_owned()));
        assert_eq!(Rate::parse("0").map(|r| r.to_string()), Ok("0".to_owned()));
        assert_eq!(Rate::parse("1").map(|r| r.to_string()), Ok("1".to_owned()));
        assert!(Rate::parse("21").is_err());
        assert!(Rate::parse("-0.1").is_err());
    }
}
