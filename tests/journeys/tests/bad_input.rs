//! What must not come in: each is refused with a problem document that names the mistake, and
//! nothing is stored by halves.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up is broken")]

use futures::future::join_all;
use hyper::Method;
use ordermill_domain::time::Seconds;
use ordermill_journeys::{Shop, order};
use ordermill_local::client::Answered;
use serde_json::{Value, json};

/// A problem document: status, code, and for validation the pointers.
fn problem(answer: &Answered) -> (u16, String, Vec<String>) {
    assert_eq!(answer.header("content-type"), "application/problem+json", "{answer:?}");
    assert!(!answer.header("request-id").is_empty(), "{answer:?}");
    assert_eq!(answer.body["status"], answer.status, "{answer:?}");
    for name in ["type", "title", "detail"] {
        assert!(!answer.text(&format!("/{name}")).is_empty(), "{name}: {answer:?}");
    }
    let text = |error: &Value| {
        assert!(error["detail"].is_string(), "{error}");
        let (pointer, code) = (error["pointer"].as_str(), error["code"].as_str());
        format!("{} {}", pointer.unwrap(), code.unwrap())
    };
    let errors = answer.body["errors"].as_array();
    let errors = errors.map(|errors| errors.iter().map(text).collect()).unwrap_or_default();
    (answer.status, answer.text("/code").to_owned(), errors)
}

/// Status and code of a problem document.
fn refusal(answer: &Answered) -> (u16, String) {
    let (status, code, _) = problem(answer);
    (status, code)
}

fn is(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Nothing was taken in.
async fn nothing_stored(shop: &Shop) {
    shop.settle().await;
    assert!(shop.list("/v1/orders").await.is_empty());
}

async fn raw(shop: &Shop, body: &str) -> Answered {
    let headers = [("idempotency-key", "raw-1".to_owned())];
    shop.client().send(Method::POST, "/v1/orders", &headers, Some(body.to_owned())).await.unwrap()
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_with_400() {
    let shop = Shop::open().await;
    for (body, code) in [
        ("{", "not_json"),
        ("", "not_an_object"),
        ("[]", "not_an_object"),
        ("\"order\"", "not_an_object"),
        ("<order/>", "not_json"),
        ("{\"currency\": NaN}", "not_json"),
    ] {
        assert_eq!(refusal(&raw(&shop, body).await), is(400, code), "{body}");
    }
    nothing_stored(&shop).await;
    shop.close().await;
}

#[tokio::test]
async fn ten_megabytes_are_refused_with_413() {
    let shop = Shop::open().await;
    let body = format!("{{\"note\": \"{}\"}}", "x".repeat(10 * 1024 * 1024));
    assert_eq!(refusal(&raw(&shop, &body).await), is(413, "body_too_large"));
    // The next request on the same connection is answered.
    assert_eq!(refusal(&raw(&shop, "{").await), is(400, "not_json"));
    nothing_stored(&shop).await;
    shop.close().await;
}

/// An order with this value at this pointer.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = order("web-1", &[("TEA", 1)]);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    body.pointer_mut(parent).unwrap()[name] = value;
    body
}

#[tokio::test]
async fn every_wrong_field_is_named_by_its_pointer() {
    let shop = Shop::open().await;
    let wrong = [
        ("/currency", json!("XXX")),
        ("/currency", json!("eur")),
        ("/currency", json!(978)),
        ("/customer", json!("Ona")),
        ("/customer/name", json!(7)),
        ("/customer/name", json!("Ona\u{0}Petraitytė")),
        ("/customer/name", json!("Ona \u{202e}ėtytiartep")),
        ("/customer/name", json!("x".repeat(201))),
        ("/delivery/method", json!("drone")),
        ("/delivery/address/country", json!("ZZ")),
        ("/payment/terms", json!("later")),
        ("/payment/method", json!("gold")),
        ("/channel", json!("fax")),
        ("/policy", json!("no-such-policy")),
        ("/total", json!(10.5)),
        ("/total", json!("10,50")),
        ("/lines", json!([])),
        ("/lines", json!("TEA")),
        ("/lines/0/sku", json!("")),
        ("/lines/0/sku", json!("x".repeat(65))),
        ("/lines/0/sku", json!(null)),
        ("/lines/0/sku", json!("TEA\u{200f}100")),
        ("/lines/0/quantity", json!(0)),
        ("/lines/0/quantity", json!(-1)),
        ("/lines/0/quantity", json!(1_000_000_000)),
        ("/lines/0/quantity", json!("two")),
        ("/lines/0/quantity", json!(null)),
        ("/lines/0/unit_price", json!("10.001")),
        ("/lines/0/unit_price", json!("-1.00")),
        ("/lines/0/unit_price", json!(10)),
        ("/lines/0/unit_price", json!("1e3")),
        ("/lines/0/tax_rate", json!("1.01")),
        ("/lines/0/tax_rate", json!("-0.1")),
        ("/lines/0/colour", json!("green")),
        ("/surprise", json!(true)),
        ("/metadata", json!({ "cart": 7 })),
    ];
    for (pointer, value) in wrong {
        let refused = raw(&shop, &with(pointer, value.clone()).to_string()).await;
        let (status, code, errors) = problem(&refused);
        assert_eq!((status, code.as_str()), (422, "invalid"), "{pointer} {value}");
        let named = |error: &&String| error.starts_with(pointer);
        assert_eq!(errors.iter().filter(named).count(), errors.len(), "{pointer}: {errors:?}");
        assert!(!errors.is_empty(), "{pointer} {value}");
    }
    nothing_stored(&shop).await;
    shop.close().await;
}

#[tokio::test]
async fn all_mistakes_are_named_in_one_answer() {
    let shop = Shop::open().await;
    let mut body = order("web-1", &[("TEA", 0), ("CUP", -1)]);
    body["currency"] = json!("XXX");
    body["surprise"] = json!(1);
    let (status, _, errors) = problem(&raw(&shop, &body.to_string()).await);
    assert_eq!(status, 422);
    for pointer in ["/currency", "/surprise", "/lines/0/quantity", "/lines/1/quantity"] {
        assert!(errors.iter().any(|error| error.starts_with(pointer)), "{pointer}: {errors:?}");
    }
    shop.close().await;
}

#[tokio::test]
async fn a_thousand_and_one_lines_and_duplicate_line_numbers_are_refused() {
    let shop = Shop::open().await;
    let lines: Vec<(&str, i64)> = (0..1_001).map(|_| ("TEA", 1)).collect();
    let (status, _, errors) = problem(&raw(&shop, &order("web-1", &lines).to_string()).await);
    assert_eq!(status, 422);
    assert!(errors[0].starts_with("/lines "), "{errors:?}");
    let mut body = order("web-1", &[("TEA", 1), ("CUP", 1)]);
    body["lines"][0]["line"] = json!(1);
    body["lines"][1]["line"] = json!(1);
    let (status, _, errors) = problem(&raw(&shop, &body.to_string()).await);
    assert_eq!(status, 422);
    assert!(errors[0].starts_with("/lines/1/line"), "{errors:?}");
    nothing_stored(&shop).await;
    shop.close().await;
}

#[tokio::test]
async fn one_and_a_half_pieces_are_no_order_that_goes_on() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let body = with("/lines/0/quantity", json!(1.5));
    let answer = shop.client().post("/v1/orders", &body).await.unwrap();
    if answer.status == 202 {
        shop.settle().await;
        assert_eq!(shop.status(answer.text("/id")).await, "review");
    } else {
        assert_eq!(problem(&answer).0, 422);
    }
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 0, available 5, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn an_unknown_article_goes_to_review_and_holds_nothing() {
    let shop = Shop::open().await;
    let id = shop.placed(&order("web-1", &[("NOBODY-KNOWS", 1)])).await;
    let order = shop.order(&id).await;
    assert_eq!(
        (&order["status"], &order["reasons"][0]["code"]),
        (&json!("review"), &json!("unknown_sku"))
    );
    shop.close().await;
}

#[tokio::test]
async fn a_key_names_one_body_and_an_external_id_one_order() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let client = shop.client();
    let body = order("web-1", &[("TEA", 1)]);
    let first = client.post_once("/v1/orders", "key-1", &body).await.unwrap();
    assert_eq!(first.status, 202);
    let again = client.post_once("/v1/orders", "key-1", &body).await.unwrap();
    assert_eq!((again.status, again.text("/id")), (200, first.text("/id")));
    let other = client.post_once("/v1/orders", "key-1", &order("web-2", &[("TEA", 1)])).await;
    assert_eq!(refusal(&other.unwrap()), is(422, "idempotency_key_reused"));
    // The same number under another key: the same order, or none with another body.
    let same = client.post_once("/v1/orders", "key-2", &body).await.unwrap();
    assert_eq!((same.status, same.text("/id")), (200, first.text("/id")));
    let changed = order("web-1", &[("TEA", 2)]);
    let refused = client.post_once("/v1/orders", "key-3", &changed).await.unwrap();
    assert_eq!(refusal(&refused), is(422, "external_id_reused"));
    // Written otherwise, it is the same body after all.
    let spaced = serde_json::to_string_pretty(&body).unwrap();
    let headers = [("idempotency-key", "key-1".to_owned())];
    let same = client.send(Method::POST, "/v1/orders", &headers, Some(spaced)).await.unwrap();
    assert_eq!((same.status, same.text("/id")), (200, first.text("/id")));
    shop.settle().await;
    assert_eq!(shop.list("/v1/orders").await.len(), 1);
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_request_200_times_at_once_is_one_order() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let body = order("web-1", &[("TEA", 1)]);
    let send = || shop.client().post_once("/v1/orders", "key-1", &body);
    let answers = join_all((0..200).map(|_| send())).await;
    let statuses: Vec<u16> = answers.iter().map(|a| a.as_ref().unwrap().status).collect();
    assert!(statuses.iter().all(|status| matches!(status, 200 | 202)), "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == 202).count(), 1);
    shop.settle().await;
    assert_eq!(shop.list("/v1/orders").await.len(), 1);
    assert_eq!(shop.stock_of("TEA").await, "on_hand 50, reserved 1, available 49, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn a_request_that_cannot_be_recognised_again_is_refused() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let mut body = order("web-1", &[("TEA", 1)]);
    let id = shop.placed(&body).await;
    body["external_id"] = json!(null);
    let refused = shop.client().post("/v1/orders", &body).await.unwrap();
    assert_eq!(refusal(&refused), is(400, "idempotency_key_required"));
    for command in ["pay", "refund", "ship", "return", "comment"] {
        let path = format!("/v1/orders/{id}/{command}");
        let refused = shop.client().post(&path, &json!({})).await.unwrap();
        assert_eq!(refusal(&refused), is(400, "idempotency_key_required"), "{command}");
    }
    for key in ["", "ключ", &"x".repeat(256)] {
        let headers = [("idempotency-key", key.to_owned())];
        let text = Some(body.to_string());
        let refused = shop.client().send(Method::POST, "/v1/orders", &headers, text).await.unwrap();
        assert_eq!(refusal(&refused), is(400, "idempotency_key_invalid"), "{key}");
    }
    shop.close().await;
}

#[tokio::test]
async fn an_event_with_a_wrong_signature_or_six_minutes_old_is_not_taken_in() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let id = shop.placed(&order("web-1", &[("TEA", 1)])).await;
    let body = json!({ "type": "payment.succeeded", "data": { "order_id": id, "amount": "10.00",
        "currency": "EUR", "reference": "pay-1" } })
    .to_string();
    let old = shop.generic("e-1", &body, shop.now().minus(Seconds::minutes(6))).await;
    assert_eq!(refusal(&old), is(400, "signature_invalid"));
    let ahead = shop.generic("e-1", &body, shop.now().plus(Seconds::minutes(6))).await;
    assert_eq!(refusal(&ahead), is(400, "signature_invalid"));
    let path = "/v1/payments/webhooks/generic";
    let now = shop.now().seconds().to_string();
    for signature in ["", "v1,AAAA", "v2,AAAA", "nonsense"] {
        let headers = [
            ("webhook-id", "e-1".to_owned()),
            ("webhook-timestamp", now.clone()),
            ("webhook-signature", signature.to_owned()),
        ];
        let client = shop.with_key("");
        let wrong = client.send(Method::POST, path, &headers, Some(body.clone())).await.unwrap();
        assert_eq!(refusal(&wrong), is(400, "signature_invalid"), "{signature}");
    }
    let unsigned = shop.client().post("/v1/payments/webhooks/stripe", &json!({})).await.unwrap();
    assert_eq!(refusal(&unsigned), is(400, "signature_invalid"));
    let nobody = shop.client().post("/v1/payments/webhooks/nobody", &json!({})).await.unwrap();
    assert_eq!(refusal(&nobody), is(404, "not_found"));
    shop.settle().await;
    assert_eq!(shop.money(&id).await, "due: 0.00 of 10.00, owed 0.00, refunded 0.00");
    assert!(shop.list("/v1/payments?unmatched=true").await.is_empty());
    // The same event in time is taken in: nothing of the wrong ones was kept.
    assert_eq!(shop.generic("e-1", &body, shop.now()).await.status, 200);
    shop.settle().await;
    assert_eq!(shop.money(&id).await, "paid: 10.00 of 10.00, owed 0.00, refunded 0.00");
    shop.close().await;
}

#[tokio::test]
async fn two_events_of_one_payment_intent_are_one_payment() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let id = shop.placed(&order("web-1", &[("TEA", 1)])).await;
    let event = |name: &str, kind: &str, object: Value| {
        json!({ "id": name, "object": "event", "type": kind, "data": { "object": object } })
            .to_string()
    };
    let intent = json!({ "id": "pi_1", "object": "payment_intent", "amount": 1000,
        "amount_received": 1000, "currency": "eur", "metadata": { "order_id": id } });
    let session = json!({ "id": "cs_1", "object": "checkout.session", "payment_intent": "pi_1",
        "payment_status": "paid", "amount_total": 1000, "currency": "eur",
        "metadata": { "order_id": id } });
    let charge = json!({ "id": "ch_1", "object": "charge", "payment_intent": "pi_1",
        "amount": 1000, "amount_captured": 1000, "captured": true, "currency": "eur",
        "metadata": { "order_id": id } });
    let events = [
        event("evt_3", "charge.succeeded", charge),
        event("evt_2", "checkout.session.completed", session),
        event("evt_1", "payment_intent.succeeded", intent),
    ];
    for body in events.iter().chain(&events) {
        assert_eq!(shop.stripe(body).await.status, 200);
    }
    shop.settle().await;
    assert_eq!(shop.money(&id).await, "paid: 10.00 of 10.00, owed 0.00, refunded 0.00");
    shop.close().await;
}

#[tokio::test]
async fn an_order_that_has_changed_since_it_was_read_is_not_changed() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let id = shop.placed(&order("web-1", &[("TEA", 1)])).await;
    let path = format!("/v1/orders/{id}");
    let read = shop.client().get(&path).await.unwrap();
    let version = read.body["version"].as_u64().unwrap();
    assert_eq!(read.header("etag"), format!("\"{version}\""));
    let cancel = |tag: String| {
        let headers = [("if-match", tag)];
        let (client, path) = (shop.client().clone(), format!("{path}/cancel"));
        async move { client.send(Method::POST, &path, &headers, None).await.unwrap() }
    };
    let refused = cancel(format!("\"{}\"", version - 1)).await;
    assert_eq!(refusal(&refused), is(412, "version_mismatch"));
    assert_eq!(shop.status(&id).await, "awaiting_payment");
    assert_eq!(cancel(format!("\"{version}\"")).await.status, 200);
    shop.close().await;
}

#[tokio::test]
async fn wrong_limits_cursors_ids_and_parameters_are_refused() {
    let shop = Shop::open().await;
    let id = shop.placed(&order("web-1", &[("NOBODY-KNOWS", 1)])).await;
    for query in
        ["limit=0", "limit=201", "limit=abc", "limit=-1", "cursor=abc", "cursor=%00", "colour=red"]
    {
        for list in ["/v1/orders", "/v1/products", &format!("/v1/orders/{id}/history")] {
            let refused = shop.client().get(&format!("{list}?{query}")).await.unwrap();
            assert_eq!(refusal(&refused).0, 400, "{list}?{query}");
        }
    }
    for path in [
        "/v1/orders/nonsense",
        "/v1/orders/nonsense/history",
        "/v1/orders/00000000000000000000000000",
        "/v1/orders/%2e%2e",
        "/v1/subscriptions/nonsense",
        "/v1/stock/NOBODY-KNOWS-THIS",
        "/v1/products/NOBODY-KNOWS-THIS",
        "/v1/nothing",
        "/v2/orders",
        "/v1/track/nonsense",
    ] {
        let refused = shop.client().get(path).await.unwrap();
        assert_eq!(refusal(&refused), is(404, "not_found"), "{path}");
    }
    let refused = shop.client().put("/v1/orders", &json!({})).await.unwrap();
    assert_eq!(refusal(&refused), is(405, "method_not_allowed"));
    assert!(refused.header("allow").contains("POST"), "{refused:?}");
    shop.close().await;
}

#[tokio::test]
async fn who_has_no_key_or_no_right_is_told_before_the_body_is_looked_at() {
    let shop = Shop::open().await;
    let partner = shop.new_client("partner-a", "partner").await;
    let planner = shop.new_client("planning", "planner").await;
    for key in
        ["", "short", "om_nobody_0000000000000000000000000000000000000000000", "local-admin2"]
    {
        for path in ["/v1/orders", "/v1/products", "/v1/settings"] {
            let refused = shop.with_key(key).get(path).await.unwrap();
            assert_eq!(refusal(&refused), is(401, "unauthorized"), "{key} {path}");
        }
        let refused = shop.with_key(key).post("/v1/orders", &json!("nonsense")).await.unwrap();
        assert_eq!(refusal(&refused), is(401, "unauthorized"), "{key}");
    }
    let nonsense = json!({ "surprise": true });
    for path in ["/v1/stock/movements", "/v1/keys"] {
        let refused = partner.post(path, &nonsense).await.unwrap();
        assert_eq!(refusal(&refused), is(403, "forbidden"), "{path}");
    }
    let refused = partner.put("/v1/products/TEA", &nonsense).await.unwrap();
    assert_eq!(refusal(&refused), is(403, "forbidden"));
    let refused = planner.post("/v1/orders", &nonsense).await.unwrap();
    assert_eq!(refusal(&refused), is(403, "forbidden"));
    shop.close().await;
}

#[tokio::test]
async fn other_pages_of_the_same_machine_reach_nothing_local() {
    let shop = Shop::open().await;
    let port = shop.running().address().port();
    let foreign = [
        ("origin", "https://shop.example".to_owned()),
        ("origin", "null".to_owned()),
        ("origin", format!("http://127.0.0.1:{}", port.wrapping_add(1))),
        ("host", "shop.example".to_owned()),
        ("host", format!("shop.example:{port}")),
    ];
    for header in foreign {
        for path in ["/_local/clock", "/_local/messages", "/", "/v1/orders"] {
            let headers = [header.clone()];
            let refused = shop.client().send(Method::GET, path, &headers, None).await.unwrap();
            assert_eq!(refusal(&refused), is(403, "foreign_origin"), "{header:?} {path}");
        }
    }
    shop.close().await;
}

#[tokio::test]
async fn a_movement_that_is_wrong_in_one_part_moves_nothing() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let good = json!({ "sku": "TEA", "warehouse": "VNO", "type": "receipt", "quantity": 5 });
    let wrong = [
        json!({ "sku": "TEA", "warehouse": "VNO", "type": "receipt", "quantity": 0 }),
        json!({ "sku": "TEA", "warehouse": "VNO", "type": "gift", "quantity": 1 }),
        json!({ "sku": "TEA", "warehouse": "VNO", "type": "transfer", "quantity": 1 }),
        json!({ "warehouse": "VNO", "type": "receipt", "quantity": 1 }),
    ];
    for wrong in wrong {
        let body = json!({ "movements": [good, wrong] });
        let (status, _, errors) = problem(&shop.post("/v1/stock/movements", &body).await);
        assert_eq!(status, 422, "{wrong}");
        assert!(errors[0].starts_with("/movements/1/"), "{errors:?}");
    }
    // More than is there cannot be scrapped, and what stands before it is not done either.
    let scrap = json!({ "sku": "TEA", "warehouse": "VNO", "type": "scrap", "quantity": 11 });
    let refused = shop.post("/v1/stock/movements", &json!({ "movements": [good, scrap] })).await;
    assert!(matches!(problem(&refused).0, 409 | 422), "{refused:?}");
    shop.settle().await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 0, available 5, waiting 0");
    shop.close().await;
}
