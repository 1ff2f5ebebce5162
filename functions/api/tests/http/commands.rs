//! Commands on orders, and one order as it is read.

use crate::support::Api;
use ordermill_table::records::ClientRole;
use serde_json::{Value, json};

#[tokio::test]
async fn an_order_is_read_with_its_version_history_and_reasons() {
    let api = Api::new().await;
    let id = api.order("local-admin", "web-1").await;
    let one = api.get(&format!("/v1/orders/{id}")).await.is(200);
    assert_eq!(one.header("etag"), "\"1\"");
    assert_eq!(
        (&one.body["status"], &one.body["external_id"]),
        (&json!("received"), &json!("web-1"))
    );
    assert_eq!(one.body["totals"]["gross"], "25.00");
    let history = api.get(&format!("/v1/orders/{id}/history")).await.is(200).body;
    assert_eq!(history["items"][0]["type"], "order_received");
    assert_eq!(history["items"][0]["version"], 1);
    api.get(&format!("/v1/orders/{id}/why")).await.is(200);
    for unknown in ["x", "aaaaaaaaaaaaaaaaaaaaaaaaaa", "%2e%2e"] {
        api.get(&format!("/v1/orders/{unknown}")).await.is(404);
    }
}

#[tokio::test]
async fn a_command_is_carried_out_once_by_its_key() {
    let api = Api::new().await;
    let id = api.order("local-admin", "web-1").await;
    let path = format!("/v1/orders/{id}/comment");
    let body = json!({ "text": "Ring twice.", "visibility": "internal" });
    let bare = api.with_key("POST", &path, "local-admin", body.clone()).await.is(400);
    assert_eq!(bare.code(), "idempotency_key_required");
    let done = api.post(&path, "c-1", body.clone()).await.is(200);
    assert_eq!(done.body["version"], 2);
    let again = api.post(&path, "c-1", body.clone()).await.is(200);
    assert_eq!(again.body["comments"].as_array().map(Vec::len), Some(1));
    let other = api.post(&path, "c-1", json!({ "text": "No." })).await.is(422);
    assert_eq!(other.code(), "idempotency_key_reused");
    let elsewhere = api.post(&format!("/v1/orders/{id}/hold"), "c-1", json!({ "name": "h" })).await;
    assert_eq!(elsewhere.is(422).code(), "idempotency_key_reused");
    api.post(&path, "c-2", body).await.is(200);
    let held = api.post(&format!("/v1/orders/{id}/hold"), "h-1", json!({ "name": "fraud" })).await;
    assert_eq!(held.is(200).body["holds"][0]["name"], "fraud");
}

#[tokio::test]
async fn money_by_hand_counts_once_by_key_and_by_reference() {
    let api = Api::new().await;
    let id = api.order("local-admin", "web-1").await;
    let path = format!("/v1/orders/{id}/pay");
    let body =
        json!({ "amount": "10.00", "currency": "EUR", "reference": "r-1", "method": "cash" });
    let paid = api.post(&path, "p-1", body.clone()).await.is(200).body;
    assert_eq!(
        (&paid["payment"]["paid"], &paid["payment"]["status"]),
        (&json!("10.00"), &json!("partly_paid"))
    );
    api.post(&path, "p-1", body.clone()).await.is(200);
    // Another key, the same money object: nothing happens, and that key stays taken.
    let same = api.post(&path, "p-2", body).await.is(200).body;
    assert_eq!(same["payment"]["paid"], "10.00");
    let other = json!({ "amount": "5.00", "currency": "EUR", "reference": "r-2" });
    assert_eq!(
        api.post(&path, "p-2", other.clone()).await.is(422).code(),
        "idempotency_key_reused"
    );
    assert_eq!(api.post(&path, "p-3", other).await.is(200).body["payment"]["open"], "10.00");
    let over = json!({ "amount": "99.00", "reason": "too much" });
    let refund = api.post(&format!("/v1/orders/{id}/refund"), "f-1", over).await.is(422);
    assert_eq!(refund.code(), "more_than_received");
}

#[tokio::test]
async fn only_the_version_that_was_seen_is_changed() {
    let api = Api::new().await;
    let id = api.order("local-admin", "web-1").await;
    let path = format!("/v1/orders/{id}/hold");
    let ask = async |tag: &str, name: &str| {
        let headers = [("authorization", "Bearer local-admin"), ("if-match", tag)];
        api.ask("POST", &path, &headers, Some(&json!({ "name": name }))).await
    };
    assert_eq!(ask("\"7\"", "a").await.is(412).code(), "version_mismatch");
    ask("\"1\"", "a").await.is(200);
    ask("\"1\"", "b").await.is(412);
    ask("*", "b").await.is(200);
}

#[tokio::test]
async fn what_the_status_forbids_is_a_conflict_and_changes_nothing() {
    let api = Api::new().await;
    let id = api.order("local-admin", "web-1").await;
    let no = api.post(&format!("/v1/orders/{id}/ship"), "s", json!({ "carrier": "DPD" })).await;
    assert_eq!(no.is(409).code(), "not_allowed_in_status");
    let gone =
        api.post(&format!("/v1/orders/{id}/cancel"), "c", json!({ "reason": "asked" })).await;
    assert_eq!(gone.is(200).body["status"], "cancelled");
    let twice = api.post(&format!("/v1/orders/{id}/cancel"), "c2", json!({})).await;
    assert_eq!(twice.is(409).code(), "not_allowed_in_status");
    for unknown in ["edit", "split", "dance"] {
        api.post(&format!("/v1/orders/{id}/{unknown}"), "u", json!({})).await.is(404);
    }
    let held = api.post(&format!("/v1/orders/{id}/release"), "r", json!({ "name": "x" })).await;
    assert_eq!(held.is(422).code(), "no_such_hold");
}

#[tokio::test]
async fn a_partner_sees_and_touches_its_own_orders_only() {
    let api = Api::new().await;
    let (a, b) = (api.key("a", ClientRole::Partner).await, api.key("b", ClientRole::Partner).await);
    let id = api.order(&a, "1").await;
    let path = format!("/v1/orders/{id}");
    api.with_key("GET", &path, &a, Value::Null).await.is(200);
    for (method, path) in [
        ("GET", path.clone()),
        ("GET", format!("{path}/history")),
        ("GET", format!("{path}/why")),
        ("POST", format!("{path}/cancel")),
    ] {
        api.with_key(method, &path, &b, Value::Null).await.is(404);
    }
    let list = api.with_key("GET", "/v1/orders", &b, Value::Null).await.is(200);
    assert_eq!(list.body["items"], json!([]));
    // Refused before the body is looked at.
    for command in ["ship", "pay", "hold", "return"] {
        let path = format!("{path}/{command}");
        let no = api.with_key("POST", &path, &a, json!({ "nonsense": 1 })).await;
        assert_eq!(no.is(403).code(), "forbidden", "{command}");
    }
    let internal = json!({ "text": "Between us.", "visibility": "internal" });
    api.post(&format!("{path}/comment"), "c", internal).await.is(200);
    let seen = api.with_key("GET", &path, &a, Value::Null).await.body;
    assert_eq!(seen["comments"], json!([]));
    api.with_key("POST", &format!("{path}/cancel"), &a, json!({})).await.is(200);
}

#[tokio::test]
async fn a_tracking_link_shows_an_order_without_its_address() {
    let api = Api::new().await;
    let id = api.order("local-admin", "web-1").await;
    let url = api.get(&format!("/v1/orders/{id}")).await.body["tracking_url"].clone();
    let path = url.as_str().unwrap().split_once("8080").unwrap().1.to_owned();
    let seen = api.ask("GET", &path, &[], None).await.is(200).body;
    assert_eq!(seen["label"], "Received");
    assert!(!seen.to_string().contains("Gedimino") && !seen.to_string().contains("ona@"));
    let page = api.ask("GET", &path, &[("accept", "text/html,*/*")], None).await.is(200);
    let html = page.body.as_str().unwrap();
    assert!(html.contains("Received") && html.contains("O… K…"), "{html}");
    assert!(!html.contains("<script") && !html.contains("Gedimino"), "{html}");
    assert_eq!(
        api.ask("GET", "/v1/track/abc.def", &[], None).await.is(404).body["code"],
        "not_found"
    );
    let browser =
        [("accept", "text/html,application/xhtml+xml,*/*;q=0.8"), ("accept-language", "ro")];
    let lost = api.ask("GET", "/v1/track/abc.def", &browser, None).await.is(404);
    assert!(lost.body.as_str().unwrap().contains("<html lang=\"ro\">"), "{:?}", lost.body);
    let json_first = [("accept", "application/json, text/html")];
    assert!(api.ask("GET", &path, &json_first, None).await.is(200).body["label"].is_string());
    api.post(&format!("/v1/orders/{id}/cancel"), "c", json!({})).await.is(200);
    api.clock.advance(89 * 86_400_000);
    api.ask("GET", &path, &[], None).await.is(200);
    api.clock.advance(86_400_000);
    api.ask("GET", &path, &[], None).await.is(404);
}

#[tokio::test]
async fn a_body_too_large_or_no_json_is_refused() {
    let api = Api::new().await;
    let id = api.order("local-admin", "web-1").await;
    let path = format!("/v1/orders/{id}/cancel");
    let large = json!({ "reason": "x".repeat(256 * 1024) });
    api.post(&path, "l", large).await.is(413);
    let wrong = api.post(&path, "w", json!({ "reason": 1, "lines": [{}], "other": 1 })).await;
    assert!(wrong.is(422).body["errors"].as_array().is_some_and(|errors| errors.len() >= 3));
}
