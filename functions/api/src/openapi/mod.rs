//! The OpenAPI 3.1 document, from [`crate::ROUTES`] and the types of `ordermill-views`.
//!
//! - `operations.rs`: what each endpoint takes and answers.
//! - `answers.rs`: answers that are put together from views.
//! - `approval.rs`: what customers answer by a link.
//! - `bodies.rs`, `bodies/house.rs`, `edits.rs`: request bodies as types; a test holds them against
//!   the parsers.
//! - `words.rs`: the same for commands and acts, one operation each.
//! - `customers.rs`: customers.
//! - `webhooks.rs`: the endpoints of outgoing webhooks.
//! - `examples.rs`: one of each, made by the code that makes the real ones.
//!
//! The tests of this crate hold every answer they get against the document.

mod answers;
mod approval;
mod bodies;
mod customers;
mod edits;
mod examples;
mod operations;
mod tasks;
mod webhooks;
mod words;

use crate::rights::COMMANDS;
use crate::routes::{Access, Endpoint, ROUTES, Route};
use operations::{Answered, Operation, Schemas};
use serde_json::{Map, Value, json};
use std::sync::OnceLock;

/// What may be done to a subscription.
pub(crate) const SUBSCRIPTION_ACTS: [&str; 5] = ["skip", "pause", "resume", "change", "cancel"];

/// The document.
#[must_use]
pub fn document() -> Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(build).clone()
}

fn build() -> Value {
    let mut schemas = Schemas::new();
    let mut paths: Map<String, Value> = Map::new();
    for route in ROUTES {
        for (path, word) in spelled_out(route) {
            let operation = operations::describe(&mut schemas, route, word);
            let entry = paths.entry(path.clone()).or_insert_with(|| json!({}));
            if let Some(methods) = entry.as_object_mut() {
                let described = operation_json(route, &path, word, operation);
                methods.insert(route.method.to_lowercase(), described);
            }
        }
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Ordermill",
            "version": "1.0.0",
            "description": "Orders from intake to delivery: stock, money, deadlines, \
                            subscriptions. Money is a decimal string in the order's currency, \
                            times are RFC 3339 UTC, ids are opaque. A POST that makes something \
                            takes an `Idempotency-Key`; the same key and body give the same \
                            result again.",
            "license": { "name": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "security": [{ "key": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "key": { "type": "http", "scheme": "bearer" } },
            "schemas": schemas.into_definitions(),
        },
    })
}

/// A route's paths: one of each word, where the last parameter is a word out of a table.
fn spelled_out(route: &Route) -> Vec<(String, &'static str)> {
    let each = |words: Vec<&'static str>, parameter: &str| {
        words.into_iter().map(|word| (route.path.replace(parameter, word), word)).collect()
    };
    match route.endpoint {
        Endpoint::OrderCommand => each(COMMANDS.iter().map(|c| c.name).collect(), "{command}"),
        Endpoint::SubscriptionAct => each(SUBSCRIPTION_ACTS.to_vec(), "{act}"),
        _ => vec![(route.path.to_owned(), "")],
    }
}

fn operation_json(route: &Route, path: &str, word: &str, operation: Operation) -> Value {
    let mut parameters: Vec<Value> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{').and_then(|part| part.strip_suffix('}')))
        .map(|name| parameter(name, "path", true, words::parameter_schema(name)))
        .collect();
    parameters.extend(
        route
            .query
            .iter()
            .map(|name| parameter(name, "query", false, words::parameter_schema(name))),
    );
    parameters.extend(operation.headers.iter().map(|(name, required)| {
        parameter(name, "header", *required, words::parameter_schema(name))
    }));
    let mut responses = Map::new();
    for answered in operation.answers {
        responses.insert(answered.status.to_string(), response(&answered));
    }
    let mut described = json!({
        "operationId": operation_id(route, word),
        "tags": [operation.tag],
        "summary": operation.summary,
        "parameters": parameters,
        "responses": responses,
    });
    if let Some((schema, example)) = operation.body {
        described["requestBody"] = json!({
            "required": operation.body_required,
            "content": { "application/json": { "schema": schema, "example": example } },
        });
        if let Some(form) = operation.form {
            described["requestBody"]["content"]["application/x-www-form-urlencoded"] =
                json!({ "schema": form });
        }
    }
    if route.access == Access::Anyone {
        described["security"] = json!([]);
    }
    described
}

/// `OrderCommand` and `ship` → `orderShip`.
fn operation_id(route: &Route, word: &str) -> String {
    let name = format!("{:?}", route.endpoint);
    let name = match route.endpoint {
        Endpoint::OrderCommand => format!("Order{}", capital(word)),
        Endpoint::SubscriptionAct => format!("Subscription{}", capital(word)),
        _ => name,
    };
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_lowercase(), letters.as_str())
    })
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| {
        format!("{}{}", first.to_ascii_uppercase(), letters.as_str())
    })
}

fn parameter(name: &str, place: &str, required: bool, schema: Value) -> Value {
    json!({ "name": name, "in": place, "required": required, "schema": schema })
}

fn response(answered: &Answered) -> Value {
    let mut headers = json!({ "Request-Id": { "schema": { "type": "string" } } });
    for name in &answered.headers {
        headers[*name] = json!({ "schema": { "type": "string" } });
    }
    if answered.schema.is_null() {
        return json!({ "description": answered.what, "headers": headers });
    }
    let kind = if answered.status >= 400 { "application/problem+json" } else { "application/json" };
    let mut content = json!({
        kind: { "schema": answered.schema, "example": answered.example },
    });
    if let Some(page) = &answered.page {
        content["text/html"] = json!({ "schema": { "type": "string" }, "example": page });
    }
    json!({ "description": answered.what, "headers": headers, "content": content })
}
