//! Attributes of rows: reading and writing them, in one place.

use crate::error::TableError;
use crate::keys::{Key, SCHEMA};
use crate::packing;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// A row as the SDK carries it.
pub type Item = HashMap<String, AttributeValue>;

/// Text.
#[must_use]
pub fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number.
#[must_use]
pub fn n(number: impl std::fmt::Display) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// A new row: its key, kind and schema.
#[must_use]
pub fn row(key: &Key) -> Item {
    HashMap::from([
        ("pk".to_owned(), s(key.pk())),
        ("sk".to_owned(), s(key.sk())),
        ("kind".to_owned(), s(key.kind().name())),
        ("schema".to_owned(), n(SCHEMA)),
    ])
}

/// The key as the SDK carries it.
#[must_use]
pub fn key(key: &Key) -> Item {
    HashMap::from([("pk".to_owned(), s(key.pk())), ("sk".to_owned(), s(key.sk()))])
}

/// The text of an attribute.
///
/// # Errors
/// It is not there, or not text.
pub fn text<'a>(item: &'a Item, name: &str) -> Result<&'a str, TableError> {
    match item.get(name) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(TableError::Broken(format!("a row has no text `{name}`"))),
    }
}

/// A number of an attribute.
///
/// # Errors
/// It is not there, or not a number of that type.
pub fn number<T: std::str::FromStr>(item: &Item, name: &str) -> Result<T, TableError> {
    match item.get(name) {
        Some(AttributeValue::N(text)) => {
            text.parse().map_err(|_| TableError::Broken(format!("`{name}` is not a number")))
        }
        _ => Err(TableError::Broken(format!("a row has no number `{name}`"))),
    }
}

/// A number of an attribute, or zero where there is none.
///
/// # Errors
/// It is there and not a number of that type.
pub fn number_or_default<T: std::str::FromStr + Default>(
    item: &Item,
    name: &str,
) -> Result<T, TableError> {
    if item.contains_key(name) { number(item, name) } else { Ok(T::default()) }
}

/// The JSON in an attribute.
///
/// # Errors
/// It is not there, or not JSON of that shape.
pub fn json<T: DeserializeOwned>(item: &Item, name: &str) -> Result<T, TableError> {
    let read = match item.get(name) {
        Some(AttributeValue::B(packed)) => serde_json::from_str(&packing::unpack(packed.as_ref())?),
        Some(_) | None => serde_json::from_str(text(item, name)?),
    };
    read.map_err(|error| TableError::Broken(format!("`{name}` cannot be read: {error}")))
}

/// A value as JSON: as text where it is short, else packed ([`packing`]).
///
/// # Errors
/// It cannot be written as JSON: a mistake of ours.
pub fn to_json(value: &impl Serialize) -> Result<AttributeValue, TableError> {
    let text = serde_json::to_string(value)
        .map_err(|error| TableError::Broken(format!("a row cannot be written: {error}")))?;
    if text.len() <= packing::PLAIN_BYTES_MAX {
        return Ok(AttributeValue::S(text));
    }
    Ok(AttributeValue::B(Blob::new(packing::pack(&text)?)))
}

/// Refuses a row that a newer program wrote: the surroundings' fault, tried again later.
///
/// # Errors
/// The row's schema is newer than [`SCHEMA`].
pub fn check_schema(item: &Item) -> Result<(), TableError> {
    let schema: u32 = number_or_default(item, "schema")?;
    if schema > SCHEMA {
        return Err(TableError::Unavailable(format!("a row has schema {schema}, newer than mine")));
    }
    Ok(())
}
