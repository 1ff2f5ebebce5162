//! Quantities: whole thousandths of a unit, so that 1.5 kg is exact.

use crate::money::{DecimalError, format_decimal, parse_decimal};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Decimal places that a quantity can carry.
pub const QUANTITY_PLACES: u32 = 3;

/// The largest quantity of a line, in units (`spec/domain.md`).
pub const QUANTITY_UNITS_MAX: i64 = 1_000_000;

/// An amount of goods in thousandths of a unit.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Quantity(i64);

impl Quantity {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many whole units.
    #[must_use]
    pub fn units(units: i64) -> Self {
        Self(units.saturating_mul(1000))
    }

    /// So many thousandths.
    #[must_use]
    pub fn thousandths(thousandths: i64) -> Self {
        Self(thousandths)
    }

    /// The number of thousandths.
    #[must_use]
    pub fn to_thousandths(self) -> i64 {
        self.0
    }

    /// Reads a JSON number's own text, `2` or `1.5`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, DecimalError> {
        parse_decimal(text, QUANTITY_PLACES).map(Self)
    }

    /// How many decimal places it really uses, 0 to 3.
    #[must_use]
    pub fn places(self) -> u32 {
        match self.0 {
            n if n % 1000 == 0 => 0,
            n if n % 100 == 0 => 1,
            n if n % 10 == 0 => 2,
            _ => 3,
        }
    }

    /// The sum.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, which may be negative.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// The difference, never below zero.
    #[must_use]
    pub fn less(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0).max(0))
    }

    /// The same amount, taken away.
    #[must_use]
    pub fn negated(self) -> Self {
        Self(self.0.saturating_neg())
    }

    /// So many units of something of which one unit has `per`.
    #[must_use]
    pub fn times(self, per: Self) -> Self {
        let product = i128::from(self.0).saturating_mul(i128::from(per.0));
        let thousandths = product.checked_div(1000).unwrap_or_default();
        Self(i64::try_from(thousandths).unwrap_or(i64::MAX))
    }

    /// How many whole units can be made of it, where one takes `per`.
    #[must_use]
    pub fn sets_of(self, per: Self) -> Self {
        Self::units(self.0.checked_div(per.0).unwrap_or_default())
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

    /// The JSON number: whole where it is whole.
    #[must_use]
    pub fn to_json(self) -> serde_json::Value {
        if self.0 % 1000 == 0 {
            return serde_json::Value::from(self.0.checked_div(1000).unwrap_or_default());
        }
        serde_json::from_str(&self.to_string()).unwrap_or(serde_json::Value::Null)
    }
}

impl std::iter::Sum for Quantity {
    fn sum<I: Iterator<Item = Self>>(quantities: I) -> Self {
        quantities.fold(Self::ZERO, Self::plus)
    }
}

impl fmt::Display for Quantity {
    /// `2`, `1.5`, `-0.25`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format_decimal(self.0, QUANTITY_PLACES);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_whole_and_their_parts_add_up() {
        let (half, three) = (Quantity(500), Quantity::units(3));
        assert_eq!(three.times(half), Quantity(1500));
        assert_eq!(Quantity(1500).times(Quantity::units(1)), Quantity(1500));
        assert_eq!(Quantity(1700).sets_of(half), three);
        assert_eq!(Quantity(1499).sets_of(half), Quantity::units(2));
        assert_eq!(Quantity(7).sets_of(Quantity::ZERO), Quantity::ZERO);
    }

    #[test]
    fn a_quantity_prints_as_people_write_it() {
        for (text, thousandths) in [("2", 2000), ("1.5", 1500), ("0.001", 1), ("-3", -3000)] {
            assert_eq!(Quantity::parse(text), Ok(Quantity(thousandths)));
            assert_eq!(Quantity(thousandths).to_string(), text);
        }
        assert_eq!(Quantity::parse("1.0005"), Err(DecimalError::TooManyPlaces));
        assert_eq!(Quantity(1500).to_json().to_string(), "1.5");
        assert_eq!(Quantity(2000).to_json().to_string(), "2");
    }
}
