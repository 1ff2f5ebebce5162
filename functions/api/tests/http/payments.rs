//! Money that has found no order.

use crate::support::Api;
use ordermill_domain::decide::{MoneyEvent, MoneyKind};
use ordermill_domain::money::{Amount, Currency};
use ordermill_table::records::{InboxEntry, OrderHint, unmatched_row};
use serde_json::json;

async fn money(api: &Api, event_id: &str) {
    let now = api.runtime.clock.now();
    let entry = InboxEntry {
        provider: "generic".to_owned(),
        event_id: event_id.to_owned(),
        money: MoneyEvent {
            provider: "generic".to_owned(),
            reference: format!("transfer-{event_id}"),
            kind: MoneyKind::Received {
                amount: Amount(3_000),
                currency: Currency::EUR,
                method: None,
            },
            received_at: now,
        },
        hint: OrderHint::default(),
        body: String::new(),
        received_at: now,
        applied: false,
    };
    api.runtime.table.put_row(unmatched_row(&entry, Some(now)).unwrap()).await.unwrap();
}

#[tokio::test]
async fn money_without_an_order_is_listed_until_it_is_assigned() {
    let api = Api::new().await;
    let (first, second) =
        (api.order("local-admin", "1").await, api.order("local-admin", "2").await);
    assert_eq!(api.get("/v1/payments").await.is(400).code(), "parameter_required");
    money(&api, "a").await;
    api.clock.advance(1);
    money(&api, "b").await;
    let list = api.get("/v1/payments?unmatched=true").await.is(200).body;
    assert_eq!(list["items"][0]["reference"], "transfer-a");
    assert_eq!(list["items"][0]["amount"], "30.00");
    let path = format!("/v1/payments/{}/assign", list["items"][0]["id"].as_str().unwrap());
    let none = api.post(&path, "k", json!({ "order": "nothing" })).await.is(422);
    assert_eq!(none.code(), "unknown_order");
    let done = api.post(&path, "k", json!({ "order": first })).await.is(200).body;
    assert_eq!(done["order"], first.as_str());
    api.post(&path, "k", json!({ "order": first })).await.is(200);
    let other = api.post(&path, "k2", json!({ "order": second })).await.is(409);
    assert_eq!(other.code(), "already_assigned");
    let left = api.get("/v1/payments?unmatched=true").await.body;
    assert_eq!(left["items"].as_array().map(Vec::len), Some(1));
    api.post("/v1/payments/generic.none/assign", "k3", json!({ "order": first })).await.is(404);
    let inbox = api.runtime.table.order(&first).await.unwrap().unwrap().inbox;
    assert_eq!(inbox.len(), 1);
}
