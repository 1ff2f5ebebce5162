//! Orders looked at before they are sent, sent by the hundred, and commands with an empty body.

use crate::support::{Api, order};
use ordermill_table::records::ClientRole;
use serde_json::{Value, json};

async fn stocked() -> Api {
    let api = Api::new().await;
    api.product("TEA-100").await;
    let receipt = json!({ "movements": [
        { "sku": "TEA-100", "warehouse": "VNO", "type": "receipt", "quantity": 3, "reason": "new" }
    ] });
    api.post("/v1/stock/movements", "r", receipt).await.is(201);
    api
}

#[tokio::test]
async fn a_check_says_what_would_become_of_an_order_and_stores_nothing() {
    let api = stocked().await;
    let mut body = order("web-1");
    body["lines"][0] = json!({ "sku": "TEA-100", "quantity": 2 });
    let seen = api.post("/v1/orders/check", "c", body.clone()).await.is(200).body;
    assert_eq!(seen["ok"], true);
    assert_eq!(seen["status"], "awaiting_payment");
    assert_eq!(seen["totals"]["gross"], "25.00");
    assert_eq!(seen["lines"][0]["unit_price"], "12.50");
    assert_eq!(seen["lines"][0]["allocations"], json!([{ "warehouse": "VNO", "quantity": 2 }]));
    let there = json!([{ "sku": "TEA-100", "wanted": 2, "available": 3, "enough": true }]);
    assert_eq!(seen["availability"], there);
    body["lines"][0]["quantity"] = json!(5);
    body["delivery"]["address"]["postal_code"] = json!("LT-1");
    body["total"] = json!("1.00");
    let seen = api.post("/v1/orders/check", "c", body.clone()).await.is(200).body;
    assert_eq!((&seen["ok"], &seen["status"]), (&json!(false), &json!("review")));
    let codes: Vec<&Value> =
        seen["reasons"].as_array().unwrap().iter().map(|reason| &reason["code"]).collect();
    assert_eq!(codes, ["postal_code", "total_mismatch"]);
    assert_eq!(seen["availability"][0]["enough"], false);
    body["lines"] = json!([]);
    assert_eq!(api.post("/v1/orders/check", "c", body).await.is(422).code(), "lines_empty");
    assert_eq!(api.get("/v1/orders").await.body["items"], json!([]));
    assert_eq!(api.get("/v1/stock/TEA-100").await.body["available"], 3);
}

#[tokio::test]
async fn who_has_the_version_of_an_order_is_told_of_the_next_one_only() {
    let api = Api::new().await;
    let id = api.order("local-admin", "web-1").await;
    let path = format!("/v1/orders/{id}");
    let ask = async |tag: &str, prefer: &str| {
        let key = ("authorization", "Bearer local-admin");
        api.ask("GET", &path, &[key, ("if-none-match", tag), ("prefer", prefer)], None).await
    };
    assert_eq!(ask("\"7\"", "wait=1").await.is(200).body["version"], 1);
    for known in ["\"1\"", "W/\"1\"", "\"7\", \"1\"", "*"] {
        let same = ask(known, "").await.is(304);
        assert_eq!(same.body, Value::Null);
        assert_eq!(same.header("etag"), "\"1\"");
    }
    ask("\"1\"", "wait=1").await.is(304);
    api.post(&format!("{path}/hold"), "h", json!({ "name": "a" })).await.is(200);
    assert_eq!(ask("\"1\"", "wait=1").await.is(200).body["version"], 2);
}

#[tokio::test]
async fn a_batch_of_orders_has_a_result_for_each_and_is_found_again() {
    let api = stocked().await;
    let mut keyed = order("x");
    keyed.as_object_mut().unwrap().remove("external_id");
    let body = json!({ "items": [order("b-1"), { "currency": "EUR" }, keyed, "order"] });
    let made = api.post("/v1/orders/batch", "b", body.clone()).await.is(200).body;
    let status = |answer: &Value| -> Vec<i64> {
        let items = answer["items"].as_array().unwrap().iter();
        items.map(|item| item["status"].as_i64().unwrap()).collect()
    };
    assert_eq!(status(&made), [202, 422, 202, 400]);
    assert_eq!(made["items"][1]["problem"]["errors"][0]["pointer"], "/customer");
    assert_eq!(made["items"][0]["order"]["external_id"], "b-1");
    let again = api.post("/v1/orders/batch", "b", body).await.is(200).body;
    assert_eq!(status(&again), [200, 422, 200, 400]);
    assert_eq!(again["items"][2]["order"]["id"], made["items"][2]["order"]["id"]);
    let list = api.get("/v1/orders").await.body;
    assert_eq!(list["items"].as_array().map(Vec::len), Some(2));
    // The array alone, and without a key each order must name itself.
    let bare = json!([order("b-2"), { "lines": [] }]);
    let bare = api.with_key("POST", "/v1/orders/batch", "local-admin", bare).await.is(200).body;
    assert_eq!(status(&bare), [202, 400]);
    let many: Vec<Value> = (0..101).map(|n| order(&format!("m-{n}"))).collect();
    let refused = api.post("/v1/orders/batch", "m", json!({ "orders": many })).await.is(422);
    assert_eq!(refused.code(), "too_many");
    let planner = api.key("plan", ClientRole::Planner).await;
    api.with_key("POST", "/v1/orders/batch", &planner, json!([])).await.is(403);
    api.ask("GET", "/v1/orders/batch", &[("authorization", "Bearer local-admin")], None)
        .await
        .is(405);
}

#[tokio::test]
async fn an_empty_body_means_all_that_remains() {
    let api = stocked().await;
    let id = api.order("local-admin", "web-1").await;
    let path = |command: &str| format!("/v1/orders/{id}/{command}");
    let ask = async |command: &str, key: &str| api.post(&path(command), key, json!({})).await;
    assert_eq!(ask("refund", "r0").await.is(422).code(), "nothing_open");
    let some = json!({ "amount": "5.00", "currency": "EUR", "reference": "st-1" });
    api.post(&path("pay"), "p0", some).await.is(200);
    let paid = ask("pay", "p1").await.is(200).body;
    assert_eq!(paid["payment"]["paid"], "25.00");
    assert_eq!(paid["payment"]["payments"][1]["amount"], "20.00");
    assert_eq!(ask("pay", "p1").await.is(200).body["payment"]["paid"], "25.00");
    assert_eq!(ask("pay", "p2").await.is(422).code(), "nothing_open");
    let owed = ask("refund", "r1").await.is(200).body;
    assert_eq!(owed["payment"]["refund_owed"], "25.00");
    let back = api.post(&path("refund"), "r2", json!({ "reference": "re-1" })).await.is(200).body;
    assert_eq!(
        (&back["payment"]["refunded"], &back["payment"]["refund_owed"]),
        (&json!("25.00"), &json!("0.00"))
    );
    assert_eq!(ask("refund", "r3").await.is(422).code(), "nothing_open");
}

#[tokio::test]
async fn a_client_s_channel_policy_and_rights_apply_to_its_orders() {
    let api = stocked().await;
    let key = api.key("acme", ClientRole::Shop).await;
    let agreed =
        json!({ "role": "shop", "channel": "partner", "policy": "wholesale", "rights": [] });
    let put = api.put("/v1/clients/acme", agreed).await.is(201).body;
    assert_eq!(put["rights"], json!([]));
    let id = api.order(&key, "w-1").await;
    let made = api.get(&format!("/v1/orders/{id}")).await.body;
    assert_eq!((&made["channel"], &made["policy"]), (&json!("partner"), &json!("wholesale")));
    // Without `set_prices` its prices are compared with the list's.
    let mut cheap = order("w-2");
    cheap["policy"] = json!("webshop");
    cheap["lines"][0]["unit_price"] = json!("12.49");
    let ask = async |key: &str| {
        let checked = api.with_key("POST", "/v1/orders/check", key, cheap.clone()).await;
        checked.is(200).body["reasons"].clone()
    };
    let reasons = ask(&key).await;
    assert_eq!(reasons[0]["code"], "price_differs");
    let detail = reasons[0]["detail"].as_str().unwrap();
    assert!(detail.contains("12.49") && detail.contains("12.50"), "{detail}");
    // A shop with which nothing is agreed sets its prices; a manager does not.
    let shop = api.key("shop", ClientRole::Shop).await;
    assert_eq!(ask(&shop).await, json!([]));
    let manager = api.key("rasa", ClientRole::Manager).await;
    assert_eq!(ask(&manager).await[0]["code"], "price_differs");
    let more = json!({ "role": "manager", "rights": ["set_prices"] });
    api.put("/v1/clients/rasa", more).await.is(201);
    assert_eq!(ask(&manager).await, json!([]));
}
