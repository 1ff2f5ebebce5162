//! Subscriptions: made once, previewed, skipped, paused, cancelled.

use crate::support::Api;
use ordermill_table::records::ClientRole;
use serde_json::{Value, json};

fn body(external_id: &str) -> Value {
    json!({
        "external_id": external_id,
        "customer": { "name": "Ona", "email": "ona@example.com" },
        "payment": { "terms": "invoice" },
        "currency": "EUR",
        "lines": [{ "sku": "TEA-100", "quantity": 1, "unit_price": "12.50" }],
        "rule": "FREQ=MONTHLY;BYMONTHDAY=31",
        "start": "2027-01-31",
        "time": "09:00",
        "time_zone": "Europe/Vilnius"
    })
}

async fn dates(api: &Api, id: &str, count: usize) -> Vec<String> {
    let path = format!("/v1/subscriptions/{id}/preview?count={count}");
    let preview = api.get(&path).await.is(200).body;
    let items = preview["items"].as_array().unwrap();
    items.iter().map(|item| item["date"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_subscription_is_made_once_and_previewed_as_it_will_be_made() {
    let api = Api::new().await;
    let made = api.with_key("POST", "/v1/subscriptions", "local-admin", body("s-1")).await.is(201);
    let id = made.body["id"].as_str().unwrap();
    assert_eq!(made.body["next"], json!({ "date": "2027-01-31", "at": "2027-01-31T07:00:00Z" }));
    let again = api.with_key("POST", "/v1/subscriptions", "local-admin", body("s-1")).await.is(200);
    assert_eq!(again.body["id"], made.body["id"]);
    let mut other = body("s-1");
    other["time"] = json!("10:00");
    let other = api.with_key("POST", "/v1/subscriptions", "local-admin", other).await.is(422);
    assert_eq!(other.code(), "external_id_reused");
    assert_eq!(dates(&api, id, 3).await, ["2027-01-31", "2027-02-28", "2027-03-31"]);
    assert_eq!(dates(&api, id, 12).await.len(), 12);
    for bad in ["0", "101", "x"] {
        api.get(&format!("/v1/subscriptions/{id}/preview?count={bad}")).await.is(400);
    }
    let shown = api.get(&format!("/v1/subscriptions/{id}")).await.is(200);
    assert_eq!((&shown.body, shown.header("etag")), (&made.body, "\"1\""));
    let orders = api.get(&format!("/v1/subscriptions/{id}/orders")).await.is(200);
    assert_eq!(orders.body["items"], json!([]));
    let list = api.get("/v1/subscriptions").await.is(200).body;
    assert_eq!(list["items"][0]["id"], id);
}

#[tokio::test]
async fn nobody_is_sent_orders_for_the_past() {
    let api = Api::new().await;
    let mut started = body("s-1");
    started["start"] = json!("2026-01-31");
    let made = api.with_key("POST", "/v1/subscriptions", "local-admin", started).await.is(201);
    assert_eq!(made.body["next"]["date"], "2026-11-30");
}

#[tokio::test]
async fn a_key_names_one_subscription() {
    let api = Api::new().await;
    let mut bare = body("x");
    bare["external_id"] = Value::Null;
    let none = api.with_key("POST", "/v1/subscriptions", "local-admin", bare.clone()).await;
    assert_eq!(none.is(400).code(), "idempotency_key_required");
    let made = api.post("/v1/subscriptions", "k", bare.clone()).await.is(201).body;
    assert_eq!(api.post("/v1/subscriptions", "k", bare).await.is(200).body["id"], made["id"]);
    let other = api.post("/v1/subscriptions", "k", body("y")).await.is(422);
    assert_eq!(other.code(), "idempotency_key_reused");
}

#[tokio::test]
async fn dates_are_skipped_paused_and_cancelled() {
    let api = Api::new().await;
    let made = api.post("/v1/subscriptions", "k", body("s-1")).await.is(201).body;
    let id = made["id"].as_str().unwrap();
    let act = async |name: &str, body: Value| {
        api.with_key("POST", &format!("/v1/subscriptions/{id}/{name}"), "local-admin", body).await
    };
    act("skip", Value::Null).await.is(200);
    assert_eq!(dates(&api, id, 2).await, ["2027-02-28", "2027-03-31"]);
    act("skip", json!({ "date": "2027-03-31" })).await.is(200);
    act("skip", json!({ "date": "2027-03-31" })).await.is(200);
    assert_eq!(
        act("skip", json!({ "date": "2027-03-30" })).await.is(422).code(),
        "no_such_occurrence"
    );
    assert_eq!(dates(&api, id, 2).await, ["2027-02-28", "2027-04-30"]);
    let paused = act("pause", json!({ "until": "2027-05-01" })).await.is(200);
    assert_eq!(paused.body["status"], "paused");
    assert_eq!(dates(&api, id, 1).await, ["2027-05-31"]);
    act("resume", json!({})).await.is(200);
    act("cancel", json!({ "at_period_end": true })).await.is(200);
    assert_eq!(act("cancel", json!({ "soon": true })).await.is(422).code(), "unknown_field");
    let gone = act("cancel", json!({})).await.is(200);
    assert_eq!((&gone.body["status"], &gone.body["next"]), (&json!("cancelled"), &Value::Null));
    assert_eq!(act("resume", json!({})).await.is(409).code(), "not_allowed_in_status");
    act("dance", json!({})).await.is(404);
}

#[tokio::test]
async fn the_basket_changes_from_the_next_order_on() {
    let api = Api::new().await;
    let made = api.post("/v1/subscriptions", "k", body("s-1")).await.is(201).body;
    let path = format!("/v1/subscriptions/{}/change", made["id"].as_str().unwrap());
    let lines = json!({ "lines": [{ "sku": "TEA-200", "quantity": 3 }] });
    let changed = api.with_key("POST", &path, "local-admin", lines).await.is(200).body;
    assert_eq!((&changed["lines"][0]["sku"], &changed["version"]), (&json!("TEA-200"), &json!(2)));
    assert_eq!((&changed["customer"], &changed["next"]), (&made["customer"], &made["next"]));
    let wrong = json!({ "lines": [{ "sku": "TEA-200", "quantity": 0 }] });
    let wrong = api.with_key("POST", &path, "local-admin", wrong).await.is(422);
    assert_eq!(wrong.body["errors"][0]["pointer"], "/lines/0/quantity");
    let rule = json!({ "rule": "FREQ=DAILY" });
    assert_eq!(
        api.with_key("POST", &path, "local-admin", rule).await.is(422).code(),
        "unknown_field"
    );
    // The body it was made from still names it.
    api.post("/v1/subscriptions", "k", body("s-1")).await.is(200);
}

#[tokio::test]
async fn all_that_is_wrong_with_a_schedule_is_said() {
    let api = Api::new().await;
    let mut wrong = body("s-1");
    wrong["rule"] = json!("FREQ=SECONDLY");
    let refused = api.post("/v1/subscriptions", "k", wrong).await.is(422);
    assert_eq!(refused.body["errors"][0]["pointer"], "/rule");
    let mut wrong = body("s-1");
    wrong["until"] = json!("2026-01-01");
    wrong["policy"] = json!("webshop");
    let refused = api.post("/v1/subscriptions", "k", wrong).await.is(422);
    assert_eq!(refused.body["errors"][0]["pointer"], "/until");
    let mut wrong = body("s-1");
    wrong["policy"] = json!("nonsense");
    assert_eq!(api.post("/v1/subscriptions", "k", wrong).await.is(422).code(), "unknown_policy");
}

#[tokio::test]
async fn a_partner_sees_its_own_subscriptions_only() {
    let api = Api::new().await;
    let (a, b) = (api.key("a", ClientRole::Partner).await, api.key("b", ClientRole::Partner).await);
    let made = api.with_key("POST", "/v1/subscriptions", &a, body("s-1")).await.is(201).body;
    let path = format!("/v1/subscriptions/{}", made["id"].as_str().unwrap());
    api.with_key("GET", &path, &a, Value::Null).await.is(200);
    api.with_key("GET", &path, &b, Value::Null).await.is(404);
    api.with_key("POST", &format!("{path}/cancel"), &b, Value::Null).await.is(404);
    let list = api.with_key("GET", "/v1/subscriptions", &b, Value::Null).await.is(200).body;
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn what_is_asked_of_a_subscription_is_checked_and_kept() {
    let api = Api::new().await;
    let made = api.post("/v1/subscriptions", "k", body("s-1")).await.is(201).body;
    let id = made["id"].as_str().unwrap();
    let act = async |name: &str, body: Value| {
        api.with_key("POST", &format!("/v1/subscriptions/{id}/{name}"), "local-admin", body).await
    };
    let past = act("pause", json!({ "until": "2020-01-01" })).await.is(422);
    assert_eq!(past.code(), "until_in_past");
    assert_eq!(past.body["errors"][0]["pointer"], "/until");
    act("pause", json!([])).await.is(400);
    act("stop", json!({})).await.is(404);
    act("cancel", json!({ "reason": 5 })).await.is(422);
    let shown = api.get(&format!("/v1/subscriptions/{id}")).await.is(200).body;
    assert_eq!(shown["version"], 1, "what was refused changed nothing");
    let over = act("cancel", json!({ "reason": "moved away" })).await.is(200).body;
    assert_eq!(
        (&over["status"], &over["cancel_reason"]),
        (&json!("cancelled"), &json!("moved away"))
    );
}
