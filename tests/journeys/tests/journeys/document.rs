//! The OpenAPI document of the single-process run: what exists only here is in it, and is so.

use ordermill_journeys::{Shop, order};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn names(value: &Value) -> BTreeSet<String> {
    let first = value.as_array().and_then(|all| all.first()).unwrap_or(value);
    first.as_object().map(|fields| fields.keys().cloned().collect()).unwrap_or_default()
}

#[tokio::test]
async fn what_exists_only_in_this_run_is_described_as_it_answers() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = shop.placed(&order("web-1", &[("TEA", 1)])).await;
    let document = shop.get("/v1/openapi.json").await;
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let about = format!("{method} {path}");
            assert!(
                operation["responses"]["403"].is_object(),
                "{about}: a foreign page is refused"
            );
            if !path.starts_with("/_local/") {
                continue;
            }
            let answer = if method == "get" {
                shop.client().get(path).await.unwrap()
            } else {
                let body = operation.pointer("/requestBody/content/application~1json/example");
                let mut body = body.cloned().unwrap_or(Value::Null);
                if body.get("order").is_some() {
                    body["order"] = json!(id);
                }
                shop.post(path, &body).await
            };
            assert_eq!(answer.status, 200, "{about}: {answer:?}");
            let content = &operation["responses"]["200"]["content"]["application/json"];
            assert_eq!(names(&answer.body), names(&content["example"]), "{about}");
            asked += 1;
        }
    }
    assert_eq!(asked, 6);
    assert_eq!(shop.status(&id).await, "confirmed", "paid by the example");
    shop.close().await;
}
