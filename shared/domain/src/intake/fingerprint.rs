//! When two bodies are the same: after parsing, whatever their spaces, key order or nulls.

use super::number::Decimal;
use serde_json::Value;

/// The digest of a body: keys sorted, numbers by value, `null` as if it were absent.
///
/// In an array `null` keeps its place: leaving it out would make another array.
#[must_use]
pub fn body_hash(body: &Value) -> String {
    let mut text = String::new();
    write(body, &mut text);
    crate::ids::digest(text.as_bytes())
}

fn write(value: &Value, to: &mut String) {
    match value {
        Value::Null => to.push_str("null"),
        Value::Bool(flag) => to.push_str(if *flag { "true" } else { "false" }),
        Value::Number(number) => to.push_str(&Decimal::of(number).canonical()),
        Value::String(text) => write_text(text, to),
        Value::Array(elements) => {
            to.push('[');
            for element in elements {
                write(element, to);
                to.push(',');
            }
            to.push(']');
        }
        Value::Object(fields) => {
            // Sorted here: whether the map keeps the order of the body is a setting of its crate.
            let mut fields: Vec<(&String, &Value)> =
                fields.iter().filter(|(_, value)| !value.is_null()).collect();
            fields.sort_by_key(|(name, _)| *name);
            to.push('{');
            for (name, value) in fields {
                write_text(name, to);
                to.push(':');
                write(value, to);
                to.push(',');
            }
            to.push('}');
        }
    }
}

fn write_text(text: &str, to: &mut String) {
    to.push_str(&Value::from(text).to_string());
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
mod tests {
    use super::*;

    fn hash(text: &str) -> String {
        body_hash(&serde_json::from_str(text).unwrap())
    }

    #[test]
    fn the_same_body_has_the_same_hash_however_it_is_written() {
        let first = hash(r#"{"a": 1, "b": {"c": [1.50, "x"], "d": null}}"#);
        for same in [
            r#"{"b":{"c":[1.5,"x"]},"a":1}"#,
            r#"{"b":{"d":null,"c":[15e-1,"\u0078"]},"a":1.0,"e":null}"#,
        ] {
            assert_eq!(hash(same), first, "{same}");
        }
    }

    #[test]
    fn another_body_has_another_hash() {
        let bodies = [
            r#"{"a":1}"#,
            r#"{"a":"1"}"#,
            r#"{"a":-1}"#,
            r#"{"a":10}"#,
            r#"{"a":0.1}"#,
            r#"{"a":[1]}"#,
            r#"{"a":[null,1]}"#,
            r#"{"a":[1,null]}"#,
            r#"{"a":{}}"#,
            r#"{}"#,
            r#"{"b":1}"#,
            r#"{"a":true}"#,
            r#"{"a":"true"}"#,
            r#"{"a":9007199254740993}"#,
            r#"{"a":9007199254740992}"#,
            r#"{"a":["x,y"]}"#,
            r#"{"a":["x","y"]}"#,
            "null",
            "[]",
        ];
        let hashes: std::collections::BTreeSet<String> = bodies.iter().map(|b| hash(b)).collect();
        assert_eq!(hashes.len(), bodies.len());
    }
}
