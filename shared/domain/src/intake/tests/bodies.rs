//! Any body at all: no parser panics, and what it answers is of use.

use super::{api_example, defaults, subscriptions};
use crate::intake::{
    Problem, body_hash, parse_command, parse_movements, parse_order, parse_product,
    parse_subscription,
};
use crate::money::Currency;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A word that no detail may repeat.
const CANARY: &str = "zqxjkvw";

const COMMANDS: [&str; 20] = [
    "cancel", "confirm", "approve", "pack", "complete", "archive", "reject", "hold", "release",
    "assign", "comment", "pick", "ship", "deliver", "return", "pay", "refund", "task", "done",
    "contact",
];

/// Names that the parsers know, so that arbitrary objects get past their doors.
fn any_name() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "currency",
            "customer",
            "lines",
            "sku",
            "quantity",
            "line",
            "unit_price",
            "tax_rate",
            "amount",
            "discounts",
            "shipping",
            "metadata",
            "movements",
            "type",
            "warehouse",
            "to",
            "prices",
            "EUR",
            "reference",
            "delivery",
            "address",
            "country",
            "rule",
            "start",
            "options",
            "gift",
            "total",
            "short",
            "collected",
            "scope",
            "code",
        ])
        .prop_map(str::to_owned),
        any::<String>(),
        Just(CANARY.to_owned()),
    ]
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "-?[0-9]{1,22}(\\.[0-9]{1,8})?",
        "[A-Z]{2,3}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}",
        "[0-9é:]{0,6}",
        Just(CANARY.to_owned()),
        prop::sample::select(vec![
            "EUR", "courier", "receipt", "transfer", "restock", "LT", "09:00"
        ])
        .prop_map(str::to_owned),
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-5..2_000_i64).prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((any_name(), inner), 0..8)
                .prop_map(|fields| fields.into_iter().collect::<Value>()),
        ]
    })
}

/// Every place of a body.
fn places(value: &Value, at: String, found: &mut Vec<String>) {
    found.push(at.clone());
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| places(value, format!("{at}/{name}"), found));
        }
        Value::Array(elements) => {
            let each = elements.iter().enumerate();
            each.for_each(|(index, value)| places(value, format!("{at}/{index}"), found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Valid bodies of every kind.
fn valid() -> Vec<Value> {
    vec![
        api_example(),
        subscriptions::example(),
        json!({ "movements": [
            { "sku": "A", "warehouse": "V", "type": "transfer", "quantity": 1, "to": "K" },
            { "sku": "B", "warehouse": "V", "type": "count", "quantity": 0, "reason": "r" },
        ] }),
        json!({ "name": "Tea", "prices": { "EUR": "12.50" }, "tax_rate": "0.21", "unit": "kg",
                "quantity_places": 3, "packing_unit": 0.5, "min_quantity": 1 }),
        json!({ "lines": [{ "line": 1, "quantity": 1, "condition": "scrap", "warehouse": "V" }] }),
        json!({ "shipment": 1, "collected": { "amount": "1.00", "method": "cash" } }),
        json!({ "amount": "1.00", "currency": "EUR", "reference": "r", "method": "cash" }),
    ]
}

/// Asks every parser, and looks at what each answers.
fn ask_all(body: &Value) -> Result<(), TestCaseError> {
    let mut answers: Vec<Result<(), Vec<Problem>>> = vec![
        parse_order(body, &defaults()).map(|draft| {
            assert!(draft.lines.iter().all(|line| line.adds_up() && line.line > 0));
        }),
        parse_subscription(body, &defaults()).map(drop),
        parse_movements(body).map(drop),
        parse_product("TEA-100", body).map(drop),
    ];
    answers.extend(COMMANDS.map(|kind| parse_command(kind, body, Currency::EUR).map(drop)));
    for problems in answers.into_iter().filter_map(Result::err) {
        prop_assert!(!problems.is_empty());
        for problem in problems {
            let parent = problem.pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
            let is_there = body.pointer(parent).is_some() || parent.len() > 90;
            prop_assert!(is_there, "{} points nowhere", problem.pointer);
            prop_assert!(!problem.detail.contains(CANARY), "{}", problem.detail);
        }
    }
    prop_assert_eq!(body_hash(body).len(), 64);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_body_makes_a_parser_panic(body in any_json()) {
        ask_all(&body)?;
    }

    #[test]
    fn no_change_of_a_valid_body_makes_a_parser_panic(
        which in any::<prop::sample::Index>(),
        changes in
            prop::collection::vec((any::<prop::sample::Index>(), any_json(), any_name()), 1..4),
    ) {
        let bodies = valid();
        let mut body = which.get(&bodies).clone();
        for (place, value, name) in changes {
            let mut found = Vec::new();
            places(&body, String::new(), &mut found);
            let Some(at) = body.pointer_mut(place.get::<String>(&found)) else { continue };
            match at {
                Value::Object(fields) => { fields.insert(name, value); }
                Value::Array(elements) => elements.push(value),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => *at = value,
            }
        }
        ask_all(&body)?;
    }

    #[test]
    fn nulls_and_the_order_of_names_do_not_change_the_hash(body in any_json()) {
        fn with_nulls(value: &Value) -> Value {
            match value {
                Value::Object(fields) => {
                    let nulls = ["a null", "z null"].map(|name| (name.to_owned(), Value::Null));
                    let own = fields.iter().rev().map(|(n, v)| (n.clone(), with_nulls(v)));
                    own.chain(nulls).collect()
                }
                Value::Array(elements) => elements.iter().map(with_nulls).collect(),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
            }
        }
        prop_assert_eq!(body_hash(&with_nulls(&body)), body_hash(&body));
        let read = |text: String| body_hash(&serde_json::from_str(&text).unwrap());
        let pretty = serde_json::to_string_pretty(&body).unwrap();
        prop_assert_eq!(read(pretty), read(body.to_string()));
    }
}
