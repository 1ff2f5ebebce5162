//! Who pays when: the payment terms of an order, and their kinds as a policy names them.

use crate::money::{Amount, divide_rounded};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;

/// A kind of payment terms, as policies tell orders apart (`spec/policy.md`, "Payment terms").
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TermsKind {
    /// Paid before anything is sent; the stock is held meanwhile.
    Prepaid,
    /// A part is paid first, the balance before the goods leave.
    Deposit,
    /// A person confirms first, then it is as prepaid.
    AfterConfirmation,
    /// Paid at the door.
    OnDelivery,
    /// Paid after an invoice, on credit.
    Invoice,
}

/// Who pays when. In JSON a word, and for a deposit `deposit(30)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Terms {
    /// Paid before anything is sent; the stock is held meanwhile.
    Prepaid,
    /// So much of the total is paid first, the balance before the goods leave.
    Deposit(Percent),
    /// A person confirms first, then it is as prepaid.
    AfterConfirmation,
    /// Paid at the door.
    OnDelivery,
    /// Paid after an invoice, on credit.
    Invoice,
}

/// What a request may say.
const WORDS: [&str; 5] = ["prepaid", "after_confirmation", "on_delivery", "invoice", "deposit(30)"];

impl Terms {
    /// Their kind.
    #[must_use]
    pub fn kind(self) -> TermsKind {
        match self {
            Self::Prepaid => TermsKind::Prepaid,
            Self::Deposit(_) => TermsKind::Deposit,
            Self::AfterConfirmation => TermsKind::AfterConfirmation,
            Self::OnDelivery => TermsKind::OnDelivery,
            Self::Invoice => TermsKind::Invoice,
        }
    }

    /// The share that is paid first, where that was agreed.
    #[must_use]
    pub fn deposit(self) -> Option<Percent> {
        match self {
            Self::Deposit(percent) => Some(percent),
            Self::Prepaid | Self::AfterConfirmation | Self::OnDelivery | Self::Invoice => None,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let deposit = || {
            let percent = text.strip_prefix("deposit(")?.strip_suffix(')')?;
            Percent::new(percent.parse().ok()?).map(Self::Deposit)
        };
        match text {
            "prepaid" => Some(Self::Prepaid),
            "after_confirmation" => Some(Self::AfterConfirmation),
            "on_delivery" => Some(Self::OnDelivery),
            "invoice" => Some(Self::Invoice),
            // `deposit(030)` is no other way to write it.
            _ => deposit().filter(|terms| terms.to_string() == text),
        }
    }
}

impl fmt::Display for Terms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prepaid => f.write_str("prepaid"),
            Self::Deposit(percent) => write!(f, "deposit({})", percent.0),
            Self::AfterConfirmation => f.write_str("after_confirmation"),
            Self::OnDelivery => f.write_str("on_delivery"),
            Self::Invoice => f.write_str("invoice"),
        }
    }
}

impl Serialize for Terms {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Terms {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Word;
        impl Visitor<'_> for Word {
            type Value = Terms;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("payment terms")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Terms, E> {
                Terms::parse(text).ok_or_else(|| E::unknown_variant(text, &WORDS))
            }
        }
        deserializer.deserialize_str(Word)
    }
}

impl JsonSchema for Terms {
    fn schema_name() -> Cow<'static, str> {
        "Terms".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Who pays when. `deposit(30)`: 30 % of the total first, a whole number \
                            from 1 to 99, and the balance before the goods leave.",
            "type": "string",
            "pattern": r"^(prepaid|after_confirmation|on_delivery|invoice|deposit\([1-9][0-9]?\))$",
            "examples": WORDS,
        })
    }
}

/// A share of a total, from 1 to 99 hundredths.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Percent(u8);

impl Percent {
    /// That share; none where it is nothing or all.
    #[must_use]
    pub fn new(percent: u8) -> Option<Self> {
        (1..=99).contains(&percent).then_some(Self(percent))
    }

    /// The figure.
    #[must_use]
    pub fn value(self) -> u8 {
        self.0
    }

    /// This share of an amount, at least: the odd minor unit is asked for.
    #[must_use]
    pub fn of(self, amount: Amount) -> Amount {
        let hundredths = i128::from(amount.0).saturating_mul(i128::from(self.0));
        let rounded = Amount(divide_rounded(hundredths, 100));
        let short = i128::from(rounded.0).saturating_mul(100) < hundredths;
        if short { rounded.plus(Amount(1)) } else { rounded }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_they_are_written_and_nothing_else_is() {
        for word in WORDS {
            let terms: Terms = serde_json::from_value(word.into()).unwrap();
            assert_eq!(serde_json::to_value(terms).unwrap(), word);
        }
        for wrong in [
            "deposit",
            "deposit()",
            "deposit(0)",
            "deposit(100)",
            "deposit(030)",
            "deposit( 30 )",
            "deposit(30%)",
            "deposit(-1)",
            "deposit(+3)",
            "later",
            "Prepaid",
            "",
        ] {
            assert!(serde_json::from_value::<Terms>(wrong.into()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_share_is_never_less_than_its_percentage() {
        let of = |percent: u8, amount: i64| Percent::new(percent).unwrap().of(Amount(amount)).0;
        assert_eq!(of(30, 10_000), 3_000);
        assert_eq!(of(30, 2_149), 645, "644.7");
        assert_eq!((of(1, 1), of(99, 1), of(33, 100), of(50, 0)), (1, 1, 33, 0));
        assert_eq!(of(33, 101), 34, "33.33");
    }
}
