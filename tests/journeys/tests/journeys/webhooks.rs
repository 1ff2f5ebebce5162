//! Partners' programs are told of every change of their orders: signed, again when they fail,
//! no more after three days, and once more when they ask.

use hyper::Method;
use ordermill_journeys::hook::Hook;
use ordermill_journeys::{Shop, order};
use ordermill_local::client::{Answered, Client};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A partner with an endpoint at this program.
async fn partner(shop: &Shop, name: &str, hook: &Hook) -> (Client, Answered) {
    let client = shop.new_client(name, "partner").await;
    let made = client.post("/v1/webhooks", &json!({ "url": hook.url() })).await.unwrap();
    assert_eq!(made.status, 201, "{made:?}");
    (client, made)
}

async fn ordered(shop: &Shop, client: &Client, body: &Value) -> String {
    let answer = client.post("/v1/orders", body).await.unwrap();
    assert_eq!(answer.status, 202, "{answer:?}");
    shop.settle().await;
    answer.text("/id").to_owned()
}

#[tokio::test]
async fn every_change_of_a_partners_order_reaches_its_program_signed() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let (hook, other_hook) = (Hook::listen().await, Hook::listen().await);
    let (client, made) = partner(&shop, "partner-a", &hook).await;
    let (other, _) = partner(&shop, "partner-b", &other_hook).await;
    let id = ordered(&shop, &client, &order("po-1", &[("TEA", 2)])).await;
    shop.pay(&id, "20.00", "r-1").await;
    for (command, body) in
        [("pick", json!({})), ("pack", json!({})), ("ship", json!({ "carrier": "DPD" }))]
    {
        shop.done(&id, command, body).await;
    }
    let secret = made.text("/secret").to_owned();
    let taken = hook.taken();
    let told: BTreeSet<u64> =
        taken.iter().map(|m| m.body["data"]["event"]["version"].as_u64().unwrap()).collect();
    let version = shop.order(&id).await["version"].as_u64().unwrap();
    assert_eq!(told, (1..=version).collect(), "one message for each event");
    for message in &taken {
        assert!(message.is_signed_by(&secret), "{message:?}");
        assert_eq!(message.body["data"]["order"]["id"], json!(id));
    }
    let types: BTreeSet<&str> = taken.iter().map(|m| m.body["type"].as_str().unwrap()).collect();
    assert!(types.contains("order.received") && types.contains("order.payment_received"));
    assert!(types.contains("order.shipped"), "{types:?}");
    let names: BTreeSet<&str> = taken.iter().map(|m| m.id.as_str()).collect();
    assert_eq!(names.len(), taken.len(), "each message has a name of its own");
    // What colleagues write to one another is told as an event, never shown.
    let note = json!({ "text": "a secret of the house", "visibility": "internal" });
    shop.done(&id, "comment", note).await;
    assert!(hook.taken().iter().all(|m| !m.body.to_string().contains("a secret of the house")));
    // The other partner is told of its own orders only.
    assert!(other_hook.taken().is_empty());
    ordered(&shop, &other, &order("po-2", &[("TEA", 1)])).await;
    assert!(!other_hook.taken().is_empty());
    let log = client.get(&format!("/v1/webhooks/{}/deliveries?limit=200", made.text("/id"))).await;
    let log = log.unwrap().body;
    assert!(log["items"].as_array().unwrap().iter().all(|d| d["state"] == "delivered"));
    let hidden = other.get(&format!("/v1/webhooks/{}", made.text("/id"))).await.unwrap();
    assert_eq!(hidden.status, 404);
    shop.close().await;
}

#[tokio::test]
async fn a_program_that_fails_is_tried_for_three_days_then_given_up_and_gets_all_by_replay() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let hook = Hook::listen().await;
    let (client, made) = partner(&shop, "partner-a", &hook).await;
    let path = format!("/v1/webhooks/{}", made.text("/id"));
    hook.answer(500);
    let body = ordermill_journeys::with_terms(order("po-1", &[("TEA", 2)]), "invoice");
    let id = ordered(&shop, &client, &body).await;
    let version = shop.order(&id).await["version"].as_u64().unwrap();
    shop.advance("1h").await;
    let failing = client.get(&path).await.unwrap();
    assert_eq!(failing.text("/state"), "failing", "{failing:?}");
    // Seconds, minutes, half an hour: each event a few times by now, under one name.
    let names: BTreeSet<String> = hook.tried().into_iter().map(|m| m.id).collect();
    assert_eq!(names.len() as u64, version);
    assert!(hook.tried().len() as u64 >= 3 * version, "{}", hook.tried().len());
    shop.advance("4d").await;
    let given_up = client.get(&path).await.unwrap();
    assert_eq!(given_up.text("/state"), "disabled", "{given_up:?}");
    assert_eq!(given_up.text("/disabled_reason"), "failing");
    assert!(hook.taken().is_empty());
    let sent = shop.sent(&id).await;
    assert!(sent.iter().any(|line| line == "staff email staff_exception"), "{sent:?}");
    let open = shop.order(&id).await;
    assert_eq!(open["exceptions"][0]["code"], "webhook_disabled", "{open}");
    // Nothing goes out any more.
    let tried = hook.tried().len();
    shop.done(&id, "release", json!({ "name": "webhook_disabled" })).await;
    shop.advance("2d").await;
    assert_eq!(hook.tried().len(), tried);
    let all = json!({ "from": "2020-01-01T00:00:00Z" });
    let off = client.post(&format!("{path}/replay"), &all).await.unwrap();
    assert_eq!((off.status, off.text("/code")), (409, "endpoint_off"));
    // Mended: switched on again, and everything once more.
    hook.answer(204);
    let on = client.put(&path, &json!({ "url": hook.url() })).await.unwrap();
    assert_eq!((on.status, on.text("/state")), (200, "active"), "{on:?}");
    let replay = json!({ "from": "2020-01-01T00:00:00Z", "missed_only": true });
    let asked = client.post(&format!("{path}/replay"), &replay).await.unwrap();
    assert_eq!((asked.status, &asked.body["replaying"]), (200, &json!(true)), "{asked:?}");
    shop.advance("5m").await;
    let version = shop.order(&id).await["version"].as_u64().unwrap();
    let told: BTreeSet<u64> =
        hook.taken().iter().map(|m| m.body["data"]["event"]["version"].as_u64().unwrap()).collect();
    assert_eq!(told, (1..=version).collect());
    // One of them, once more, under its own name.
    let one = hook.taken()[0].id.clone();
    let before = hook.taken().len();
    let again = client.post(&format!("{path}/replay"), &json!({ "delivery": one })).await.unwrap();
    assert_eq!(again.status, 200, "{again:?}");
    shop.advance("1m").await;
    let after = hook.taken();
    assert_eq!((after.len(), &after[before].id), (before + 1, &one));
    shop.close().await;
}

#[tokio::test]
async fn a_secret_is_rolled_with_overlap() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let hook = Hook::listen().await;
    let (client, made) = partner(&shop, "partner-a", &hook).await;
    let path = format!("/v1/webhooks/{}", made.text("/id"));
    let old = made.text("/secret").to_owned();
    let rolled = client.post(&format!("{path}/roll"), &json!({ "overlap_seconds": 3600 })).await;
    let rolled = rolled.unwrap();
    let new = rolled.text("/secret").to_owned();
    assert!(rolled.status == 200 && new.starts_with("whsec_") && new != old, "{rolled:?}");
    ordered(&shop, &client, &order("po-1", &[("TEA", 1)])).await;
    assert!(hook.taken().iter().all(|m| m.is_signed_by(&old) && m.is_signed_by(&new)));
    shop.advance("2h").await;
    let before = hook.taken().len();
    ordered(&shop, &client, &order("po-2", &[("TEA", 1)])).await;
    assert!(hook.taken().len() > before);
    assert!(hook.taken()[before..].iter().all(|m| !m.is_signed_by(&old) && m.is_signed_by(&new)));
    let shown = client.get(&path).await.unwrap();
    assert!(shown.body["secret"].is_null());
    shop.close().await;
}

#[tokio::test]
async fn a_program_that_is_gone_hears_nothing_more_and_chosen_events_are_all_it_hears() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let hook = Hook::listen().await;
    let client = shop.new_client("partner-a", "partner").await;
    let body = json!({ "url": hook.url(), "events": ["order.received", "order.cancelled"] });
    let made = client.post_once("/v1/webhooks", "k-1", &body).await.unwrap();
    assert_eq!(made.status, 201, "{made:?}");
    let again = client.post_once("/v1/webhooks", "k-1", &body).await.unwrap();
    assert_eq!((again.status, again.text("/id")), (200, made.text("/id")));
    assert!(again.body["secret"].is_null());
    let id = ordered(&shop, &client, &order("po-1", &[("TEA", 1)])).await;
    client.post(&format!("/v1/orders/{id}/cancel"), &json!({})).await.unwrap();
    shop.settle().await;
    let types: Vec<Value> = hook.taken().iter().map(|m| m.body["type"].clone()).collect();
    assert_eq!(types, ["order.received", "order.cancelled"]);
    hook.answer(410);
    ordered(&shop, &client, &order("po-2", &[("TEA", 1)])).await;
    let path = format!("/v1/webhooks/{}", made.text("/id"));
    let gone = client.get(&path).await.unwrap();
    assert_eq!((gone.text("/state"), gone.text("/disabled_reason")), ("disabled", "gone"));
    let deleted = client.send(Method::DELETE, &path, &[], None).await.unwrap();
    assert_eq!(deleted.status, 200, "{deleted:?}");
    assert_eq!(client.get(&path).await.unwrap().status, 404);
    shop.advance("4h").await;
    shop.close().await;
}

#[tokio::test]
async fn bad_endpoints_are_refused_with_the_remedy() {
    let shop = Shop::open().await;
    let client = shop.new_client("partner-a", "partner").await;
    let refused = [
        (json!({}), "/url", "required"),
        (json!({ "url": "http://example.com/" }), "/url", "url_not_secure"),
        (json!({ "url": "https://10.0.0.1/" }), "/url", "url_not_public"),
        (json!({ "url": "https://169.254.169.254/latest" }), "/url", "url_not_public"),
        (json!({ "url": "https://[::ffff:127.0.0.1]/" }), "/url", "url_not_public"),
        (json!({ "url": "https://localhost/" }), "/url", "url_not_public"),
        (json!({ "url": "https://example.com:8443/" }), "/url", "url_port"),
        (json!({ "url": "https://a:b@example.com/" }), "/url", "url_credentials"),
        (json!({ "url": "nonsense" }), "/url", "url_malformed"),
        (json!({ "url": 7 }), "/url", "wrong_type"),
        (
            json!({ "url": "https://example.com", "events": ["shipped"] }),
            "/events/0",
            "unknown_value",
        ),
        (
            json!({ "url": "https://example.com", "client": "partner-b" }),
            "/client",
            "client_not_yours",
        ),
        (json!({ "url": "https://example.com", "extra": 1 }), "/extra", "unknown_field"),
    ];
    for (body, pointer, code) in refused {
        let answer = client.post("/v1/webhooks", &body).await.unwrap();
        assert_eq!(answer.status, 422, "{body}: {answer:?}");
        let error = &answer.body["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{body}");
    }
    assert_eq!(client.get("/v1/webhooks").await.unwrap().body["items"], json!([]));
    let made = client.post("/v1/webhooks", &json!({ "url": "https://example.com" })).await.unwrap();
    let path = format!("/v1/webhooks/{}", made.text("/id"));
    for (body, code) in [
        (json!({}), "delivery_or_from"),
        (json!({ "delivery": "x", "from": "2026-01-01T00:00:00Z" }), "delivery_or_from"),
        (json!({ "from": "yesterday" }), "moment_malformed"),
        (json!({ "from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z" }), "span_empty"),
        (json!({ "delivery": "x" }), "unknown_delivery"),
    ] {
        let answer = client.post(&format!("{path}/replay"), &body).await.unwrap();
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["code"]),
            (422, &json!(code)),
            "{body}"
        );
    }
    let bad =
        client.post(&format!("{path}/roll"), &json!({ "overlap_seconds": -1 })).await.unwrap();
    assert_eq!(bad.status, 422, "{bad:?}");
    for n in 1..10 {
        let more = json!({ "url": format!("https://example.com/{n}") });
        assert_eq!(client.post("/v1/webhooks", &more).await.unwrap().status, 201);
    }
    let more =
        client.post("/v1/webhooks", &json!({ "url": "https://example.com/x" })).await.unwrap();
    assert_eq!((more.status, more.text("/code")), (409, "too_many_endpoints"));
    shop.close().await;
}
