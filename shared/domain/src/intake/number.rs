//! JSON numbers by their value, read from their text: no float on the way.

use crate::quantity::{QUANTITY_PLACES, Quantity};
use serde_json::Number;

/// A decimal number: `digits × 10^exponent`, without zeros at either end of the digits.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

/// Why a number is no quantity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum QuantityFault {
    /// More than three decimal places.
    Places,
    /// More than can be counted.
    TooLarge,
}

impl Decimal {
    /// Reads a JSON number's own text: `-1.50`, `2e3`, `1E-7`.
    pub(super) fn of(number: &Number) -> Self {
        let text = number.to_string();
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.as_str()),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i64 = exponent.trim_start_matches('+').parse().unwrap_or_default();
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = [whole, fraction].concat();
        let kept = all.trim_end_matches('0');
        let zeros = all.len().saturating_sub(kept.len());
        let digits = kept.trim_start_matches('0').to_owned();
        if digits.is_empty() {
            return Self { negative: false, digits, exponent: 0 };
        }
        let length = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        let exponent =
            exponent.saturating_sub(length(fraction.len())).saturating_add(length(zeros));
        Self { negative, digits, exponent }
    }

    /// One text for all ways to write the same number.
    pub(super) fn canonical(&self) -> String {
        let sign = if self.negative { "-" } else { "" };
        match (self.digits.as_str(), self.exponent) {
            ("", _) => "0".to_owned(),
            (digits, 0) => format!("{sign}{digits}"),
            (digits, exponent) => format!("{sign}{digits}e{exponent}"),
        }
    }

    /// The number as thousandths of a unit.
    pub(super) fn quantity(&self) -> Result<Quantity, QuantityFault> {
        let shift = self.exponent.saturating_add(i64::from(QUANTITY_PLACES));
        let zeros = u32::try_from(shift).map_err(|_| match shift < 0 {
            true => QuantityFault::Places,
            false => QuantityFault::TooLarge,
        })?;
        if self.digits.is_empty() {
            return Ok(Quantity::ZERO);
        }
        let factor = 10_i64.checked_pow(zeros).ok_or(QuantityFault::TooLarge)?;
        let digits: i64 = self.digits.parse().map_err(|_| QuantityFault::TooLarge)?;
        let thousandths = digits.checked_mul(factor).ok_or(QuantityFault::TooLarge)?;
        let signed = if self.negative { thousandths.saturating_neg() } else { thousandths };
        Ok(Quantity::thousandths(signed))
    }

    /// The number where it is whole.
    pub(super) fn whole(&self) -> Option<i64> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let factor =
            u32::try_from(self.exponent).ok().and_then(|zeros| 10_i64.checked_pow(zeros))?;
        let value = self.digits.parse::<i64>().ok()?.checked_mul(factor)?;
        Some(if self.negative { value.saturating_neg() } else { value })
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn decimal(text: &str) -> Decimal {
        Decimal::of(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn the_same_number_is_the_same_text_however_it_is_written() {
        for (texts, canonical) in [
            (vec!["2", "2.0", "2e0", "0.2e1", "20E-1"], "2"),
            (vec!["0", "-0", "0.00", "0e9"], "0"),
            (vec!["1.5", "1.50", "15e-1"], "15e-1"),
            (vec!["-100", "-1e2"], "-1e2"),
            (vec!["9007199254740993"], "9007199254740993"),
        ] {
            for text in texts {
                assert_eq!(decimal(text).canonical(), canonical, "{text}");
            }
        }
    }

    #[test]
    fn a_quantity_has_three_places_and_no_float_s_rounding() {
        for (text, quantity) in [
            ("2", Ok(2_000)),
            ("2.0", Ok(2_000)),
            ("1e2", Ok(100_000)),
            ("0.001", Ok(1)),
            ("1.1", Ok(1_100)),
            ("-3", Ok(-3_000)),
            ("0.0", Ok(0)),
            ("0.0005", Err(QuantityFault::Places)),
            ("1e-7", Err(QuantityFault::Places)),
            ("1e300", Err(QuantityFault::TooLarge)),
            ("18446744073709551615", Err(QuantityFault::TooLarge)),
        ] {
            assert_eq!(decimal(text).quantity(), quantity.map(Quantity::thousandths), "{text}");
        }
    }

    #[test]
    fn a_whole_number_may_be_written_with_a_point() {
        for (text, whole) in
            [("7", Some(7)), ("7.0", Some(7)), ("70", Some(70)), ("7.5", None), ("1e40", None)]
        {
            assert_eq!(decimal(text).whole(), whole, "{text}");
        }
    }
}
