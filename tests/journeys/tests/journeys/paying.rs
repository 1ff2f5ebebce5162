//! Money: in time, twice, late, too little, too much, of another currency, at the door.

use hyper::Method;
use ordermill_journeys::{Shop, order, with_terms};
use ordermill_local::client::Paid;
use ordermill_runtime::config::LOCAL_WEBHOOK_SECRET;
use serde_json::{Value, json};

#[tokio::test]
async fn who_waits_for_the_next_version_is_told_of_the_payment() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 4)])).await;
    let path = format!("/v1/orders/{id}");
    let seen = shop.client().get(&path).await.unwrap();
    let headers =
        [("if-none-match", seen.header("etag").to_owned()), ("prefer", "wait=10".to_owned())];
    let next = shop.client().send(Method::GET, &path, &headers, None);
    let (next, ()) = tokio::join!(next, shop.pay(&id, "40.00", "r-1"));
    let next = next.unwrap();
    assert_eq!(next.status, 200, "{next:?}");
    assert_ne!(next.header("etag"), seen.header("etag"));
    assert_eq!(next.text("/payment/paid"), "40.00");
    shop.close().await;
}

#[tokio::test]
async fn a_prepaid_order_is_paid_in_time_shipped_delivered_and_completed() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    assert_eq!(shop.status(&id).await, "awaiting_payment");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 3, available 7, waiting 0");
    shop.pay(&id, "30.00", "pay-1").await;
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    shop.done(&id, "pick", json!({})).await;
    shop.done(&id, "pack", json!({})).await;
    shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "X1" })).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 7, reserved 0, available 7, waiting 0");
    shop.done(&id, "deliver", json!({})).await;
    shop.advance("14d").await;
    let way = [
        "received",
        "validated",
        "reserved",
        "awaiting_payment",
        "confirmed",
        "picking",
        "packed",
        "partly_shipped",
        "shipped",
        "delivered",
        "completed",
    ];
    assert_eq!(shop.way(&id).await, way);
    let told = [
        "email order_received",
        "email payment_request",
        "email paid",
        "email being_assembled",
        "email handed_over",
    ];
    assert_eq!(shop.told(&id).await, told);
    shop.close().await;
}

#[tokio::test]
async fn the_same_payment_told_twice_counts_once() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    let body = json!({ "type": "payment.succeeded", "data": { "order_id": id, "amount": "30.00",
        "currency": "EUR", "reference": "pay-1" } })
    .to_string();
    for event in ["e-1", "e-1", "e-2"] {
        assert_eq!(shop.generic(event, &body, shop.now()).await.status, 200);
    }
    shop.settle().await;
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    let paid = |told: &Vec<String>| told.iter().filter(|line| *line == "email paid").count();
    assert_eq!(paid(&shop.told(&id).await), 1);
    shop.close().await;
}

#[tokio::test]
async fn an_order_paid_twice_by_two_payments_owes_the_second_back() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    shop.pay(&id, "30.00", "pay-1").await;
    shop.pay(&id, "30.00", "pay-2").await;
    assert_eq!(shop.status(&id).await, "confirmed");
    let owed = shop.order(&id).await["payment"]["refund_owed"].clone();
    assert_eq!(owed, "30.00");
    assert!(shop.told(&id).await.contains(&"email refund_owed".to_owned()));
    // The provider gives it back.
    let body = json!({ "type": "refund.succeeded", "data": { "order_id": id, "amount": "30.00",
        "currency": "EUR", "reference": "pay-2" } })
    .to_string();
    assert_eq!(shop.generic("refund-1", &body, shop.now()).await.status, 200);
    shop.settle().await;
    let money = shop.order(&id).await["payment"].clone();
    assert_eq!((&money["refund_owed"], &money["refunded"]), (&json!("0.00"), &json!("30.00")));
    assert!(shop.told(&id).await.contains(&"email refunded".to_owned()));
    shop.close().await;
}

#[tokio::test]
async fn money_in_two_parts_confirms_with_the_second_and_does_not_reset_the_limit() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    let due = shop.order(&id).await["status_since"].clone();
    shop.pay(&id, "10.00", "pay-1").await;
    let after = shop.order(&id).await;
    assert_eq!(
        (after["status"].as_str(), &after["status_since"]),
        (Some("awaiting_payment"), &due)
    );
    assert_eq!(after["payment"]["status"], "partly_paid");
    assert_eq!(after["payment"]["open"], "20.00");
    assert!(shop.told(&id).await.contains(&"email partly_paid".to_owned()));
    shop.pay(&id, "20.00", "pay-2").await;
    assert_eq!(shop.status(&id).await, "confirmed");
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    shop.close().await;
}

#[tokio::test]
async fn a_partly_paid_order_is_not_cancelled_silently() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    shop.pay(&id, "29.99", "pay-1").await;
    shop.advance("3h").await;
    let after = shop.order(&id).await;
    assert_eq!(after["status"], "awaiting_payment");
    assert_eq!(after["exceptions"][0]["code"], "partly_paid_at_limit");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 3, available 7, waiting 0");
    shop.pay(&id, "0.01", "pay-2").await;
    let after = shop.order(&id).await;
    assert_eq!((&after["status"], &after["exceptions"]), (&json!("confirmed"), &json!([])));
    shop.close().await;
}

#[tokio::test]
async fn too_much_money_pays_the_order_and_the_rest_is_owed_back() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    shop.pay(&id, "35.50", "pay-1").await;
    assert_eq!(shop.status(&id).await, "confirmed");
    let money = shop.order(&id).await["payment"].clone();
    assert_eq!((&money["paid"], &money["refund_owed"]), (&json!("35.50"), &json!("5.50")));
    // Staff records that it was sent.
    shop.done(&id, "refund", json!({ "reference": "sepa-77", "amount": "5.50" })).await;
    let money = shop.order(&id).await["payment"].clone();
    assert_eq!((&money["refund_owed"], &money["refunded"]), (&json!("0.00"), &json!("5.50")));
    shop.close().await;
}

#[tokio::test]
async fn money_of_another_currency_is_an_exception_and_does_not_count() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    let paid = Paid { order: &id, amount: "30.00", currency: "USD", reference: "usd-1" };
    let told = shop.client().webhook(LOCAL_WEBHOOK_SECRET, &paid, shop.now()).await.unwrap();
    assert_eq!(told.status, 200);
    shop.settle().await;
    let after = shop.order(&id).await;
    assert_eq!(
        (&after["status"], &after["payment"]["paid"]),
        (&json!("awaiting_payment"), &json!("0.00"))
    );
    assert_eq!(after["exceptions"][0]["code"], "wrong_currency");
    assert_eq!(after["exceptions"][0]["about"], "usd-1");
    shop.close().await;
}

#[tokio::test]
async fn paid_after_cancellation_the_order_lives_again_while_its_stock_is_there() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    shop.advance("2h").await;
    assert_eq!(shop.status(&id).await, "cancelled");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 0, available 5, waiting 0");
    shop.pay(&id, "30.00", "pay-1").await;
    assert_eq!(shop.status(&id).await, "confirmed");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 3, available 2, waiting 0");
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    shop.close().await;
}

#[tokio::test]
async fn paid_after_cancellation_the_money_is_owed_back_when_the_stock_is_gone() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let late = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    shop.advance("2h").await;
    let quick = shop.placed(&order("web-2", &[("TEA", 3)])).await;
    shop.pay(&late, "30.00", "pay-1").await;
    assert_eq!(shop.status(&late).await, "cancelled");
    assert_eq!(shop.order(&late).await["payment"]["refund_owed"], "30.00");
    assert!(shop.told(&late).await.contains(&"email refund_owed".to_owned()));
    assert_eq!(shop.status(&quick).await, "awaiting_payment");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 3, available 2, waiting 0");
    let why = shop.list(&format!("/v1/orders/{late}/why")).await;
    let decided = why.iter().find(|w| w["rule"] == "money.late_money").unwrap();
    assert_eq!(decided["refused"][0]["to"], "reserved");
    let said = decided["refused"][0]["why"].as_str().unwrap();
    assert!(said.contains("too little stock"), "{decided}");
    shop.close().await;
}

#[tokio::test]
async fn an_event_before_its_order_waits_for_it() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let event = json!({ "id": "evt_early", "object": "event", "type": "payment_intent.succeeded",
        "data": { "object": { "id": "pi_early", "object": "payment_intent", "amount": 3000,
            "amount_received": 3000, "currency": "eur", "metadata": {} } } });
    assert_eq!(shop.stripe(&event.to_string()).await.status, 200);
    shop.settle().await;
    assert_eq!(shop.list("/v1/payments?unmatched=true").await.len(), 1);
    let mut body = order("web-1", &[("TEA", 3)]);
    body["payment"]["references"] = json!(["pi_early"]);
    let id = shop.placed(&body).await;
    assert_eq!(shop.status(&id).await, "confirmed");
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    assert!(shop.list("/v1/payments?unmatched=true").await.is_empty());
    shop.close().await;
}

#[tokio::test]
async fn money_that_matches_nothing_is_listed_and_assigned_by_hand() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    let event = json!({ "id": "evt_lost", "object": "event", "type": "payment_intent.succeeded",
        "data": { "object": { "id": "pi_lost", "object": "payment_intent", "amount": 3000,
            "amount_received": 3000, "currency": "eur", "metadata": {} } } });
    assert_eq!(shop.stripe(&event.to_string()).await.status, 200);
    shop.settle().await;
    let unmatched = shop.list("/v1/payments?unmatched=true").await;
    let name = unmatched[0]["id"].as_str().unwrap();
    let assigned = shop.post(&format!("/v1/payments/{name}/assign"), &json!({ "order": id })).await;
    assert_eq!(assigned.status, 200, "{assigned:?}");
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "confirmed");
    assert!(shop.list("/v1/payments?unmatched=true").await.is_empty());
    shop.close().await;
}

#[tokio::test]
async fn paid_at_the_door_the_order_is_shipped_first_and_collected_on_delivery() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = shop.placed(&with_terms(order("web-1", &[("TEA", 3)]), "on_delivery")).await;
    assert_eq!(shop.status(&id).await, "confirmed");
    shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "X1" })).await;
    let collected = json!({ "collected": { "amount": "30.00", "method": "cash" } });
    shop.done(&id, "deliver", collected).await;
    assert_eq!(shop.status(&id).await, "delivered");
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    assert!(!shop.told(&id).await.contains(&"email payment_request".to_owned()));
    shop.close().await;
}

#[tokio::test]
async fn not_collected_at_the_door_the_money_is_called_to_mind_in_the_house() {
    let shop = Shop::open().await;
    shop.staff_mail("desk@example.com").await;
    shop.stock("TEA", "VNO", 5).await;
    let id = shop.placed(&with_terms(order("web-1", &[("TEA", 3)]), "on_delivery")).await;
    shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "X1" })).await;
    shop.done(&id, "deliver", json!({})).await;
    assert_eq!(shop.order(&id).await["payment"]["status"], "remittance_due");
    assert!(!shop.order(&id).await["due_at"].is_null(), "the debt has no deadline");
    shop.advance("8d").await;
    // The carrier may hold the money: the house is told, not the customer.
    let sent = shop.sent(&id).await;
    assert_eq!(sent.last().unwrap(), "staff email staff_alert", "{sent:?}");
    assert!(!sent.contains(&"customer email overdue".to_owned()), "{sent:?}");
    shop.close().await;
}

#[tokio::test]
async fn an_invoice_that_is_not_paid_is_called_to_mind_and_paid_late() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = shop.placed(&with_terms(order("web-1", &[("TEA", 3)]), "invoice")).await;
    assert_eq!(shop.status(&id).await, "confirmed");
    shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "X1" })).await;
    shop.done(&id, "deliver", json!({})).await;
    shop.advance("29d").await;
    let overdue = "email overdue".to_owned();
    assert!(!shop.told(&id).await.contains(&overdue));
    shop.advance("2d").await;
    assert!(shop.told(&id).await.contains(&overdue), "{:?}", shop.told(&id).await);
    shop.pay(&id, "30.00", "pay-1").await;
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    shop.close().await;
}

#[tokio::test]
async fn goods_that_came_back_unpaid_are_no_debt_and_the_rest_pays_the_invoice() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = shop.placed(&with_terms(order("web-1", &[("TEA", 3)]), "invoice")).await;
    shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "X1" })).await;
    shop.done(&id, "deliver", json!({})).await;
    let back = json!({ "lines": [{ "line": 1, "quantity": 1, "condition": "restock",
        "warehouse": "VNO" }], "reason": "damaged" });
    shop.done(&id, "return", back).await;
    assert_eq!(shop.order(&id).await["payment"]["open"], "20.00");
    shop.pay(&id, "20.00", "pay-1").await;
    let payment = shop.order(&id).await["payment"].clone();
    assert_eq!((&payment["open"], &payment["status"]), (&json!("0.00"), &json!("paid")));
    shop.advance("60d").await;
    assert!(!shop.told(&id).await.contains(&"email overdue".to_owned()));
    shop.close().await;
}

#[tokio::test]
async fn late_money_in_two_parts_brings_an_order_back() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    shop.advance("3h").await;
    assert_eq!(shop.status(&id).await, "cancelled");
    shop.pay(&id, "12.00", "pay-1").await;
    assert_eq!(shop.money(&id).await, "refund_owed: 12.00 of 30.00, owed 12.00, refunded 0.00");
    shop.pay(&id, "18.00", "pay-2").await;
    assert_eq!(shop.status(&id).await, "confirmed");
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    shop.close().await;
}

#[tokio::test]
async fn a_refund_told_again_with_another_amount_is_a_conflict() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    shop.pay(&id, "30.00", "pay-1").await;
    shop.done(&id, "refund", json!({ "amount": "5.00", "reference": "bank-1" })).await;
    shop.done(&id, "refund", json!({ "amount": "5.00", "reference": "bank-1" })).await;
    let before = shop.order(&id).await;
    assert_eq!(before["payment"]["refunded"], "5.00");
    let path = format!("/v1/orders/{id}/refund");
    let answer = shop.post(&path, &json!({ "amount": "6.00", "reference": "bank-1" })).await;
    assert_eq!((answer.status, &answer.body["code"]), (409, &json!("refund_reference_reused")));
    assert_eq!(shop.order(&id).await["version"], before["version"]);
    shop.close().await;
}

#[tokio::test]
async fn a_refund_of_a_shared_payment_goes_to_the_part_that_owes_it() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let mut body = order("web-1", &[("TEA", 6)]);
    body["payment"]["references"] = json!(["pi_both"]);
    let id = shop.placed(&body).await;
    let event = |id: &str, kind: &str, object: Value| json!({ "id": id, "object": "event", "type": kind, "data": { "object": object } });
    let paid = json!({ "id": "pi_both", "object": "payment_intent", "amount": 6000,
        "amount_received": 6000, "currency": "eur", "metadata": {} });
    let paid = event("evt_paid", "payment_intent.succeeded", paid);
    assert_eq!(shop.stripe(&paid.to_string()).await.status, 200);
    shop.settle().await;
    let split = json!({ "lines": [{ "line": 1, "quantity": 3 }] });
    let split = shop.done(&id, "split", split).await;
    let part = split["parts"][0].as_str().unwrap().to_owned();
    shop.done(&part, "cancel", json!({ "reason": "asked" })).await;
    assert_eq!(shop.money(&part).await, "refund_owed: 30.00 of 30.00, owed 30.00, refunded 0.00");
    let refund = json!({ "id": "ch_1", "object": "charge", "payment_intent": "pi_both",
        "amount": 6000, "amount_refunded": 3000, "currency": "eur", "metadata": {} });
    let refund = event("evt_refund", "charge.refunded", refund);
    assert_eq!(shop.stripe(&refund.to_string()).await.status, 200);
    shop.settle().await;
    assert_eq!(shop.money(&part).await, "refunded: 30.00 of 30.00, owed 0.00, refunded 30.00");
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    shop.close().await;
}

#[tokio::test]
async fn what_is_said_of_money_for_a_cancelled_order_is_true() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    shop.done(&id, "cancel", json!({ "reason": "asked" })).await;
    shop.settle().await;
    let before = shop.messages().await.len();
    shop.pay(&id, "10.00", "pay-1").await;
    let texts = |messages: Vec<serde_json::Value>| -> Vec<(String, String)> {
        let customers = messages.into_iter().filter(|m| m["audience"] == "customer");
        let field = |m: &serde_json::Value, name: &str| m[name].as_str().unwrap().to_owned();
        customers.map(|m| (field(&m, "template"), field(&m, "text"))).collect()
    };
    let mut told = texts(shop.messages().await.split_off(before));
    told.sort();
    let templates: Vec<&str> = told.iter().map(|(template, _)| template.as_str()).collect();
    assert_eq!(templates, ["payment_received", "refund_owed"]);
    assert!(told[0].1.contains("already closed"), "{}", told[0].1);
    assert!(!told[0].1.contains("already paid"), "{}", told[0].1);
    assert!(told[1].1.contains("when the order was already closed"), "{}", told[1].1);
    assert!(!told[1].1.contains("more was paid"), "{}", told[1].1);
    // The rest comes, and it lives again: nothing goes back.
    let before = shop.messages().await.len();
    shop.pay(&id, "20.00", "pay-2").await;
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    let told = texts(shop.messages().await.split_off(before));
    let paid = told.iter().find(|(template, _)| template == "paid").unwrap();
    assert!(paid.1.contains("we carry it out"), "{}", paid.1);
    assert!(paid.1.contains("€10.00 that we had meant to return"), "{}", paid.1);
    assert!(told.iter().all(|(template, _)| template != "payment_received"), "{told:?}");
    shop.close().await;
}
