//! An item's size, by DynamoDB's rules ("Item sizes and formats" in the developer guide): names
//! and texts in UTF-8 bytes, a number one byte for each two digits and one more, a set, list or map
//! three bytes and one for each element.

use serde_json::Value;

/// The size of an item in DynamoDB's JSON, in bytes.
#[must_use]
pub fn item_bytes(item: &Value) -> u64 {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| bytes(name) + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> u64 {
    let Some((kind, content)) = value.as_object().and_then(|object| object.iter().next()) else {
        return 0;
    };
    let text = |value: &Value| value.as_str().map_or(0, bytes);
    let number = |value: &Value| value.as_str().map_or(0, number_bytes);
    // Binary values travel in base64: four characters for three bytes.
    let binary = |value: &Value| text(value) / 4 * 3;
    let sum = |one: &dyn Fn(&Value) -> u64| content.as_array().into_iter().flatten().map(one).sum();
    match kind.as_str() {
        "S" => text(content),
        "N" => number(content),
        "B" => binary(content),
        "BOOL" | "NULL" => 1,
        "SS" => sum(&text),
        "NS" => sum(&number),
        "BS" => sum(&binary),
        "L" => {
            3 + content.as_array().into_iter().flatten().map(|v| 1 + value_bytes(v)).sum::<u64>()
        }
        "M" => {
            let entries = content.as_object().into_iter().flatten();
            3 + entries.map(|(name, value)| 1 + bytes(name) + value_bytes(value)).sum::<u64>()
        }
        other => unreachable!("DynamoDB has no type {other}"),
    }
}

fn bytes(text: &str) -> u64 {
    text.len() as u64
}

fn number_bytes(number: &str) -> u64 {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let significant = digits.trim_start_matches('0').trim_end_matches('0').len() as u64;
    significant.div_ceil(2) + 1 + u64::from(number.starts_with('-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn sizes_follow_the_published_rules() {
        assert_eq!(item_bytes(&json!({ "pk": { "S": "žąsis" } })), 2 + 7);
        assert_eq!(item_bytes(&json!({ "n": { "N": "-1200" } })), 1 + 3);
        assert_eq!(item_bytes(&json!({ "n": { "N": "0" } })), 1 + 1);
        assert_eq!(
            item_bytes(&json!({ "l": { "L": [{ "S": "ab" }, { "BOOL": true }] } })),
            1 + 3 + 3 + 2
        );
        assert_eq!(
            item_bytes(&json!({ "m": { "M": { "k": { "NULL": true } } } })),
            1 + 3 + 1 + 1 + 1
        );
    }
}
