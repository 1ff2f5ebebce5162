//! Every rule of the intake at its edges, as tables; and that no body makes a parser panic.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod bodies;
mod commands;
mod orders;
mod stock;
mod subscriptions;

use super::{Defaults, Problem};
use crate::order::Channel;
use serde_json::{Map, Value, json};

/// The example of `spec/api.md`, as it stands there.
pub(crate) const API_EXAMPLE: &str = r#"{
  "external_id": "web-100045", "channel": "webshop", "policy": "webshop", "currency": "EUR", "prices_include_tax": true,
  "customer": { "id": null, "name": "Ona Kazlauskienė", "company": null, "email": "ona@example.com", "phone": "+37061234567",
                "locale": "lt", "time_zone": "Europe/Vilnius", "preferred_channel": "email" },
  "billing": { "name": null, "company": null, "company_code": null, "tax_id": null, "address": null },
  "delivery": { "method": "courier", "requested_date": "2026-12-01", "window": null,
                "pickup_point": null,
                "address": { "line1": "Gedimino pr. 9", "line2": null, "city": "Vilnius", "region": null, "postal_code": "01103", "country": "LT" } },
  "payment": { "terms": "prepaid", "method": "card", "references": ["pi_3Mabc"] },
  "ship_together": false,
  "lines": [ { "sku": "TEA-100", "quantity": 2, "unit_price": "12.50", "tax_rate": "0.21",
               "options": [ { "name": "engraving", "value": "Ona" } ], "discounts": [ { "code": "TEA10", "amount": "2.50" } ] } ],
  "shipping": { "method": "courier", "amount": "3.99", "tax_rate": "0.21" },
  "discounts": [ { "code": "WELCOME", "amount": "5.00", "scope": "order" } ],
  "fees": [],
  "total": "21.49",
  "purchase_order": null, "contract_number": null, "gift": null, "note": "ring twice", "metadata": { "cart": "c-77" }
}"#;

pub(crate) fn api_example() -> Value {
    serde_json::from_str(API_EXAMPLE).unwrap()
}

pub(crate) fn defaults() -> Defaults {
    Defaults { channel: Channel::Webshop, policy: "webshop".to_owned() }
}

/// The least that is an order.
fn least() -> Value {
    json!({ "currency": "EUR", "customer": {}, "lines": [{ "sku": "TEA-100", "quantity": 1 }] })
}

/// Writes a value at a pointer; objects on the way are made.
pub(crate) fn set(body: &mut Value, pointer: &str, value: Value) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    if body.pointer(parent).is_none_or(Value::is_null) {
        set(body, parent, Value::Object(Map::new()));
    }
    match body.pointer_mut(parent).unwrap() {
        Value::Object(fields) => {
            fields.insert(name.to_owned(), value);
        }
        Value::Array(elements) => match name.parse::<usize>() {
            Ok(index) if index < elements.len() => elements[index] = value,
            _ => elements.push(value),
        },
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => {
            panic!("{other} has no fields")
        }
    }
}

/// `pointer code` of each problem, in their order.
fn shown<T>(result: Result<T, Vec<Problem>>) -> Vec<String> {
    let problems = result.err().unwrap_or_default();
    for problem in &problems {
        let detail = &problem.detail;
        assert!(detail.ends_with(['.', '?']) && detail.len() > 20, "{detail}");
    }
    problems.iter().map(|problem| format!("{} {}", problem.pointer, problem.code)).collect()
}

/// The one problem of a body, or nothing.
fn only<T>(result: Result<T, Vec<Problem>>) -> String {
    let all = shown(result);
    assert!(all.len() <= 1, "{all:?}");
    all.into_iter().next().unwrap_or_default()
}
