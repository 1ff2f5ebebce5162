//! Holds every answer of every test against the OpenAPI document: its status is described, and
//! its body is what the schema says, with nothing more and nothing less.

use crate::support::Answer;
use serde_json::{Map, Value};
use std::sync::OnceLock;

/// The document.
pub fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(ordermill_api::openapi_document)
}

/// The schema behind references and choices with `null`.
pub fn resolved(schema: &'static Value) -> &'static Value {
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        return resolved(document().pointer(name.trim_start_matches('#')).unwrap());
    }
    match schema.get("anyOf").and_then(Value::as_array) {
        Some(choices) => resolved(choices.iter().find(|c| c["type"] != "null").unwrap()),
        None => schema,
    }
}

/// The described operation that answers this path; words before parameters.
pub fn operation(method: &str, path: &str) -> Option<&'static Value> {
    let segments: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &str| {
        let parts: Vec<&str> = pattern.split('/').collect();
        parts.len() == segments.len()
            && parts.iter().zip(&segments).all(|(p, s)| p.starts_with('{') || p == s)
    };
    let paths = document()["paths"].as_object()?;
    let mut found: Vec<&String> = paths.keys().filter(|pattern| fits(pattern)).collect();
    let parameters = |pattern: &String| pattern.matches('{').count();
    found.sort_by_key(|pattern| parameters(pattern));
    // Another path with fewer words is not meant, but for a SKU that is spelled like a word.
    let fewest = found.first().map_or(0, |pattern| parameters(pattern));
    found.retain(|pattern| parameters(pattern) == fewest || pattern.ends_with("{sku}"));
    found.into_iter().find_map(|pattern| paths[pattern].get(method.to_lowercase()))
}

/// Fails unless the answer is one that is described.
#[track_caller]
pub fn agrees(method: &str, path: &str, answer: &Answer) {
    let Some(operation) = operation(method, path) else {
        assert!(matches!(answer.status, 404 | 405), "{method} {path} is not described");
        return;
    };
    let described = &operation["responses"][answer.status.to_string()];
    assert!(
        described.is_object(),
        "{method} {path} answers {}, which is not described: {}",
        answer.status,
        answer.body
    );
    let kind = answer.header("content-type").split(';').next().unwrap_or_default();
    for name in described["headers"].as_object().unwrap().keys() {
        assert!(!answer.header(name).is_empty(), "{method} {path} {}: {name}", answer.status);
    }
    if described["content"].is_null() {
        assert_eq!((kind, &answer.body), ("", &Value::Null), "{method} {path} answers a body");
        return;
    }
    let schema = &described["content"][kind]["schema"];
    assert!(schema.is_object() || schema.is_boolean(), "{method} {path} answers {kind}");
    let mut faults = Vec::new();
    check(schema, &answer.body, "", &mut faults);
    assert!(faults.is_empty(), "{method} {path} {}: {faults:#?}\n{}", answer.status, answer.body);
}

/// Everything in which a value is not as its schema says.
pub fn check(schema: &Value, value: &Value, at: &str, faults: &mut Vec<String>) {
    let Some(schema) = schema.as_object() else {
        if schema == &Value::Bool(false) {
            faults.push(format!("{at}: nothing may be here"));
        }
        return;
    };
    if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
        let target = document().pointer(name.trim_start_matches('#'));
        match target {
            Some(target) => check(target, value, at, faults),
            None => faults.push(format!("{at}: {name} names nothing")),
        }
    }
    for known in schema.keys() {
        let handled = [
            "$ref",
            "type",
            "properties",
            "required",
            "additionalProperties",
            "items",
            "enum",
            "const",
            "anyOf",
            "oneOf",
            "description",
            "examples",
            "pattern",
            "format",
            "minimum",
            "maximum",
            "minItems",
            "maxItems",
            "default",
            "title",
            "minLength",
        ];
        assert!(handled.contains(&known.as_str()), "{at}: {known} is not looked at");
    }
    for word in ["anyOf", "oneOf"] {
        if let Some(choices) = schema.get(word).and_then(Value::as_array) {
            let fits = choices.iter().any(|choice| {
                let mut inner = Vec::new();
                check(choice, value, at, &mut inner);
                inner.is_empty()
            });
            if !fits {
                faults.push(format!("{at}: {value} is none of {word}"));
            }
        }
    }
    if let Some(types) = schema.get("type") {
        let named: Vec<&str> = match types {
            Value::String(one) => vec![one],
            other => other.as_array().unwrap().iter().filter_map(Value::as_str).collect(),
        };
        if !named.iter().any(|name| is_a(name, value)) {
            faults.push(format!("{at}: {value} is no {types}"));
            return;
        }
    }
    if let Some(choices) = schema.get("enum").and_then(Value::as_array)
        && !choices.contains(value)
    {
        faults.push(format!("{at}: {value} is none of {choices:?}"));
    }
    if schema.get("const").is_some_and(|constant| constant != value) {
        faults.push(format!("{at}: {value} is not {}", schema["const"]));
    }
    if let Some(object) = value.as_object() {
        check_object(schema, object, at, faults);
    }
    if let (Some(items), Some(elements)) = (schema.get("items"), value.as_array()) {
        for (index, element) in elements.iter().enumerate() {
            check(items, element, &format!("{at}/{index}"), faults);
        }
    }
}

fn check_object(
    schema: &Map<String, Value>,
    object: &Map<String, Value>,
    at: &str,
    faults: &mut Vec<String>,
) {
    let none = Map::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    for name in schema.get("required").and_then(Value::as_array).into_iter().flatten() {
        if !object.contains_key(name.as_str().unwrap()) {
            faults.push(format!("{at}: {name} is missing"));
        }
    }
    for (name, value) in object {
        let place = format!("{at}/{name}");
        match (properties.get(name), schema.get("additionalProperties")) {
            (Some(of), _) => check(of, value, &place, faults),
            (None, Some(of)) => check(of, value, &place, faults),
            // Closed by the test, though not by the schema: more may be added in time.
            (None, None) if !properties.is_empty() => {
                faults.push(format!("{place}: not described"))
            }
            (None, None) => {}
        }
    }
}

fn is_a(name: &str, value: &Value) -> bool {
    match name {
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_i64() || value.is_u64(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "null" => value.is_null(),
        other => panic!("no such type: {other}"),
    }
}
