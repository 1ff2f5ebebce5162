//! Money, quantities and moments as JSON carries them.

use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::time::Timestamp;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;
use serde_json::Value;
use std::borrow::Cow;

/// A decimal number in a string.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Decimal(pub String);

impl Decimal {
    /// An amount with the places of its currency.
    #[must_use]
    pub fn amount(amount: Amount, currency: Currency) -> Self {
        Self(amount.format(currency))
    }
}

/// A quantity of goods: a JSON number with at most three places.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Units(pub Value);

impl From<Quantity> for Units {
    fn from(quantity: Quantity) -> Self {
        Self(quantity.to_json())
    }
}

/// A moment, RFC 3339 in UTC.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct Moment(pub String);

impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self(at.to_string())
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> Cow<'static, str> {
        "Decimal".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A decimal number in a string.",
            "pattern": "^-?[0-9]+(\\.[0-9]+)?$",
            "examples": ["12.50"],
        })
    }
}

impl JsonSchema for Units {
    fn schema_name() -> Cow<'static, str> {
        "Units".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "number",
            "description": "A quantity of goods, with at most three decimal places.",
            "examples": [2],
        })
    }
}

impl JsonSchema for Moment {
    fn schema_name() -> Cow<'static, str> {
        "Moment".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "A moment, RFC 3339 in UTC.",
            "examples": ["2026-11-22T09:00:00Z"],
        })
    }
}
