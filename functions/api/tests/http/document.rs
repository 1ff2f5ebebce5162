//! The OpenAPI document agrees with the routes, with itself, and with the parsers. That it agrees
//! with the answers is held by every other test, in `schema.rs`.

use crate::schema::{check, document, operation, resolved};
use crate::support::{Api, order};
use ordermill_api::{COMMANDS, Endpoint, ROUTES};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Every operation: method, path, description.
fn operations() -> Vec<(String, String, &'static Value)> {
    let mut all = Vec::new();
    for (path, methods) in document()["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            all.push((method.to_uppercase(), path.clone(), operation));
        }
    }
    all
}

#[tokio::test]
async fn the_document_is_served_without_a_key() {
    let api = Api::new().await;
    let served = api.ask("GET", "/v1/openapi.json", &[], None).await.is(200);
    assert_eq!(&served.body, document());
    assert_eq!(served.body["openapi"], "3.1.0");
}

#[test]
fn every_route_is_described_and_each_name_is_its_own() {
    for route in ROUTES {
        let word = match route.endpoint {
            Endpoint::OrderCommand => "ship",
            Endpoint::SubscriptionAct => "pause",
            _ => "x",
        };
        let path = route.path.replace("{command}", word).replace("{act}", word);
        assert!(operation(route.method, &path).is_some(), "{} {}", route.method, route.path);
    }
    let all = operations();
    assert_eq!(all.len(), ROUTES.len() - 2 + COMMANDS.len() + 5);
    let names: BTreeSet<&str> =
        all.iter().map(|(_, _, o)| o["operationId"].as_str().unwrap()).collect();
    assert_eq!(names.len(), all.len());
}

#[test]
fn every_answer_and_every_body_has_an_example_that_fits_its_schema() {
    for (method, path, operation) in operations() {
        for (status, response) in operation["responses"].as_object().unwrap() {
            // What has no body has nothing to show.
            for (kind, content) in response["content"].as_object().into_iter().flatten() {
                let about = format!("{method} {path} {status} {kind}");
                assert!(!content["example"].is_null(), "{about} has no example");
                let mut faults = Vec::new();
                check(&content["schema"], &content["example"], "", &mut faults);
                assert!(faults.is_empty(), "{about}: {faults:#?}");
            }
        }
        if let Some(content) = operation.pointer("/requestBody/content/application~1json") {
            let mut faults = Vec::new();
            check(&content["schema"], &content["example"], "", &mut faults);
            assert!(faults.is_empty(), "{method} {path}: {faults:#?}");
        }
    }
}

/// The places of a body that are objects with known names: pointer and names.
fn objects(schema: &'static Value, at: &str, found: &mut Vec<(String, BTreeSet<String>)>) {
    let schema = resolved(schema);
    if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
        found.push((at.to_owned(), properties.keys().cloned().collect()));
        for (name, of) in properties {
            objects(of, &format!("{at}/{name}"), found);
        }
    } else if let Some(items) = schema.get("items") {
        objects(items, &format!("{at}/0"), found);
    }
}

/// A body whose only content is an unknown field at that place.
fn body_with_stranger(at: &str) -> Value {
    let mut body = json!({ "zzz": 1 });
    for part in at.split('/').skip(1).collect::<Vec<_>>().into_iter().rev() {
        body = if part == "0" { json!([body]) } else { json!({ part: body }) };
    }
    body
}

#[tokio::test]
async fn the_parsers_know_exactly_the_fields_that_are_described() {
    let api = Api::new().await;
    let id = api.order("local-admin", "w").await;
    let subscription = operation("POST", "/v1/subscriptions").unwrap();
    let example = subscription["requestBody"]["content"]["application/json"]["example"].clone();
    let made = api.post("/v1/subscriptions", "s", example).await.is(201).body;
    // Taken in by a policy that lets an order be edited before it is checked.
    let mut other = order("w-2");
    other["policy"] = json!("wholesale");
    let other = api.post("/v1/orders", "w-2", other).await.is(202).body;
    let edit = format!("/v1/orders/{}/edit", other["id"].as_str().unwrap());
    let asked = json!({ "approval": "customer", "note": "ring twice" });
    let asked = api.post(&edit, "e", asked).await.is(200).body;
    let link = asked["question"]["url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let mut checked = 0;
    for (method, path, operation) in operations() {
        let pointer = "/requestBody/content/application~1json/schema";
        let Some(schema) = operation.pointer(pointer) else { continue };
        // Webhooks are a provider's business: what they add is none of ours.
        if path.contains("webhooks") {
            continue;
        }
        let of = if path.contains("subscriptions") { made["id"].as_str().unwrap() } else { &id };
        let real = path.replace("{id}", of).replace("{sku}", "A").replace("{code}", "A");
        let real = real.replace("{token}", &link);
        let mut places = Vec::new();
        objects(schema, "", &mut places);
        for (place, names) in places {
            // Each element of a batch is judged by itself.
            if path.ends_with("/batch") {
                continue;
            }
            let body = body_with_stranger(&place);
            let headers = [
                ("authorization", "Bearer local-admin"),
                ("idempotency-key", &format!("{path}{place}")),
            ];
            let answer = api.ask(&method, &real, &headers, Some(&body)).await.is(422);
            let errors = answer.body["errors"].as_array().unwrap();
            let wanted = format!("{place}/zzz");
            let error = errors.iter().find(|e| e["pointer"] == wanted.as_str());
            let error = error.unwrap_or_else(|| panic!("{real} {place}: {}", answer.body));
            let detail = error["detail"].as_str().unwrap();
            let known: BTreeSet<String> =
                detail.split('`').skip(1).step_by(2).map(str::to_owned).collect();
            assert_eq!(known, names, "{real} {place}");
            checked += 1;
        }
    }
    assert!(checked > 40, "{checked}");
}
