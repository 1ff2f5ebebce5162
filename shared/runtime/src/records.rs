//! Records of the table's stream, as rows.

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use ordermill_table::TableError;
use ordermill_table::item::Item;
use serde_json::Value;

/// The row of an image; none where there is none.
///
/// # Errors
/// The image cannot be read.
pub fn image(image: &serde_dynamo::Item) -> Result<Option<Item>, TableError> {
    let inner = image.inner();
    if inner.is_empty() {
        return Ok(None);
    }
    inner
        .iter()
        .map(|(name, value)| Ok((name.clone(), attribute(value)?)))
        .collect::<Result<Item, _>>()
        .map(Some)
}

fn attribute(value: &serde_dynamo::AttributeValue) -> Result<AttributeValue, TableError> {
    use serde_dynamo::AttributeValue as Wire;
    Ok(match value {
        Wire::S(text) => AttributeValue::S(text.clone()),
        Wire::N(number) => AttributeValue::N(number.clone()),
        Wire::Bool(flag) => AttributeValue::Bool(*flag),
        Wire::B(bytes) => AttributeValue::B(Blob::new(bytes.clone())),
        Wire::Null(flag) => AttributeValue::Null(*flag),
        Wire::Ss(set) => AttributeValue::Ss(set.clone()),
        Wire::Ns(set) => AttributeValue::Ns(set.clone()),
        _ => return Err(TableError::broken("an attribute of a type we do not write")),
    })
}

/// The row's kind.
#[must_use]
pub fn kind(row: &Item) -> Option<&str> {
    row.get("kind").and_then(|kind| kind.as_s().ok()).map(String::as_str)
}

/// Reads the wire form of a stream's batch into the event type functions take.
///
/// # Errors
/// It is not of that form.
pub fn event(
    records: Vec<Value>,
) -> Result<aws_lambda_events::event::dynamodb::Event, serde_json::Error> {
    serde_json::from_value(serde_json::json!({ "Records": records }))
}
