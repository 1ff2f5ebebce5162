//! Money objects: what comes later for one names nothing but its reference.

use ordermill_journeys::{Shop, order};
use serde_json::{Value, json};

/// An event of Stripe about an object.
fn event(id: &str, kind: &str, object: &Value) -> String {
    json!({ "id": id, "object": "event", "type": kind, "data": { "object": object } }).to_string()
}

fn paid(intent: &str, cents: i64, order: &str) -> String {
    let object = json!({ "id": intent, "object": "payment_intent", "amount": cents,
        "amount_received": cents, "currency": "eur", "metadata": { "order_id": order } });
    event(&format!("evt_{intent}_{order}"), "payment_intent.succeeded", &object)
}

async fn told(shop: &Shop, body: &str) {
    let answer = shop.stripe(body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    shop.settle().await;
}

#[tokio::test]
async fn a_dispute_and_refunds_find_the_order_by_the_payment_alone() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    told(&shop, &paid("pi_8", 3_000, &id)).await;
    assert_eq!(shop.status(&id).await, "confirmed");
    let refund = |refund: &str, cents: i64| {
        let object = json!({ "id": refund, "object": "refund", "amount": cents, "currency": "eur",
            "payment_intent": "pi_8", "status": "succeeded" });
        event(&format!("evt_{refund}"), "refund.updated", &object)
    };
    // Two refunds of one payment, one of them told twice: they add up.
    told(&shop, &refund("re_1", 300)).await;
    told(&shop, &refund("re_2", 200)).await;
    told(&shop, &refund("re_2", 200).replace("evt_re_2", "evt_re_2_again")).await;
    assert_eq!(shop.order(&id).await["payment"]["refunded"], "5.00");
    // The provider's own sum says no more than that.
    let charge = json!({ "id": "ch_8", "object": "charge", "amount_refunded": 500,
        "currency": "eur", "payment_intent": "pi_8" });
    told(&shop, &event("evt_ch", "charge.refunded", &charge)).await;
    assert_eq!(shop.order(&id).await["payment"]["refunded"], "5.00");
    let dispute = json!({ "id": "dp_8", "object": "dispute", "amount": 2_500, "currency": "eur",
        "payment_intent": "pi_8", "charge": "ch_8" });
    told(&shop, &event("evt_dp", "charge.dispute.created", &dispute)).await;
    assert_eq!(shop.order(&id).await["holds"][0]["name"], "dispute");
    assert!(shop.list("/v1/payments?unmatched=true").await.is_empty());
    shop.close().await;
}

#[tokio::test]
async fn one_payment_pays_one_order_whatever_is_said_of_it_later() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let first = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    let second = shop.placed(&order("web-2", &[("TEA", 3)])).await;
    told(&shop, &paid("pi_4", 3_000, &first)).await;
    told(&shop, &paid("pi_4", 3_000, &second)).await;
    assert_eq!(shop.money(&first).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    assert_eq!(shop.status(&second).await, "awaiting_payment");
    shop.close().await;
}

#[tokio::test]
async fn a_refund_finds_money_that_was_entered_or_assigned_by_hand() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let entered = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    let pay = json!({ "amount": "30.00", "currency": "EUR", "reference": "ch_by_hand",
        "method": "card" });
    shop.done(&entered, "pay", pay).await;
    let assigned = shop.placed(&order("web-2", &[("TEA", 3)])).await;
    told(&shop, &paid("pi_lost", 3_000, "nobody")).await;
    let lost = shop.list("/v1/payments?unmatched=true").await;
    assert_eq!(lost[0]["exception"], Value::Null);
    shop.advance("61m").await;
    let lost = shop.list("/v1/payments?unmatched=true").await;
    assert_eq!(lost[0]["exception"], "unmatched_payment");
    let path = format!("/v1/payments/{}/assign", lost[0]["id"].as_str().unwrap());
    let answer = shop.post(&path, &json!({ "order": assigned })).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    shop.settle().await;
    for (order, reference) in [(&entered, "ch_by_hand"), (&assigned, "pi_lost")] {
        let body = json!({ "type": "refund.succeeded",
            "data": { "amount": "30.00", "currency": "EUR", "reference": reference } });
        let id = format!("evt-{reference}");
        let answer = shop.generic(&id, &body.to_string(), shop.now()).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        shop.settle().await;
        assert_eq!(shop.order(order).await["payment"]["refunded"], "30.00", "{reference}");
    }
    shop.close().await;
}

#[tokio::test]
async fn an_inquiry_that_comes_to_nothing_takes_no_money() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    told(&shop, &paid("pi_9", 3_000, &id)).await;
    let dispute = |status: &str| {
        json!({ "id": "dp_9", "object": "dispute", "amount": 3_000, "currency": "eur",
            "payment_intent": "pi_9", "charge": "ch_9", "status": status })
    };
    let asked = dispute("warning_needs_response");
    told(&shop, &event("evt_a", "charge.dispute.created", &asked)).await;
    assert_eq!(shop.order(&id).await["holds"][0]["name"], "dispute");
    let closed = dispute("warning_closed");
    told(&shop, &event("evt_b", "charge.dispute.closed", &closed)).await;
    let after = shop.order(&id).await;
    assert_eq!((&after["holds"], &after["exceptions"]), (&json!([]), &json!([])));
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    shop.close().await;
}

#[tokio::test]
async fn a_second_dispute_of_a_payment_counts_also_when_only_its_end_is_told() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    told(&shop, &paid("pi_5", 3_000, &id)).await;
    let dispute = |name: &str, amount: i64, status: &str| {
        json!({ "id": name, "object": "dispute", "amount": amount, "currency": "eur",
            "payment_intent": "pi_5", "charge": "ch_5", "status": status })
    };
    let inquiry = dispute("dp_1", 3_000, "warning_needs_response");
    told(&shop, &event("evt_1", "charge.dispute.created", &inquiry)).await;
    let nothing = dispute("dp_1", 3_000, "warning_closed");
    told(&shop, &event("evt_2", "charge.dispute.closed", &nothing)).await;
    let second = dispute("dp_2", 1_000, "needs_response");
    told(&shop, &event("evt_3", "charge.dispute.created", &second)).await;
    let after = shop.order(&id).await;
    assert_eq!(after["holds"][0]["name"], "dispute");
    assert_eq!(after["exceptions"][0]["about"], "dp_2");
    assert_eq!(after["payment"]["payments"][0]["disputed"], "10.00");
    // Its end does not say again how much it was about.
    let mut lost = dispute("dp_2", 1_000, "lost");
    lost.as_object_mut()
        .unwrap()
        .retain(|name, _| !["amount", "currency"].contains(&name.as_str()));
    told(&shop, &event("evt_4", "charge.dispute.closed", &lost)).await;
    // Of the third only the end is told.
    let third = dispute("dp_3", 500, "lost");
    told(&shop, &event("evt_5", "charge.dispute.closed", &third)).await;
    let after = shop.order(&id).await;
    // It is not paid any more: until a person has decided nothing leaves by itself.
    assert_eq!(after["holds"][0]["name"], "dispute_lost");
    assert_eq!(after["payment"]["refunded"], "15.00");
    assert_eq!(after["payment"]["status"], "partly_paid");
    let abouts: Vec<&Value> =
        after["exceptions"].as_array().unwrap().iter().map(|e| &e["about"]).collect();
    assert_eq!(abouts, ["dp_2", "dp_3"]);
    shop.close().await;
}

#[tokio::test]
async fn a_lost_dispute_of_what_two_orders_share_reaches_both() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    let id = shop.placed(&order("web-1", &[("TEA", 5)])).await;
    told(&shop, &paid("pi_2", 5_000, &id)).await;
    shop.done(&id, "split", json!({ "by": "stock" })).await;
    shop.settle().await;
    let part = shop.order(&id).await["parts"][0].as_str().unwrap().to_owned();
    let dispute = |status: &str| {
        json!({ "id": "dp_2", "object": "dispute", "amount": 4_000, "currency": "eur",
            "payment_intent": "pi_2", "charge": "ch_2", "status": status })
    };
    told(&shop, &event("evt_1", "charge.dispute.created", &dispute("needs_response"))).await;
    for order in [&id, &part] {
        assert_eq!(shop.order(order).await["holds"][0]["name"], "dispute");
    }
    told(&shop, &event("evt_2", "charge.dispute.closed", &dispute("lost"))).await;
    // What is left here goes first.
    assert_eq!(shop.money(&id).await, "refunded: 30.00 of 30.00, owed 0.00, refunded 30.00");
    assert_eq!(shop.money(&part).await, "partly_paid: 20.00 of 20.00, owed 0.00, refunded 10.00");
    for order in [&id, &part] {
        let held = shop.order(order).await;
        assert_eq!(held["holds"][0]["name"], "dispute_lost");
        assert_eq!(held["payment"]["asked"], "0.00", "nobody is asked for what a bank took");
    }
    let why = shop.list(&format!("/v1/orders/{id}/why")).await;
    let rules: Vec<&str> = why.iter().filter_map(|w| w["rule"].as_str()).collect();
    for rule in ["hold.dispute", "exception.dispute", "hold.dispute_lost", "exception.dispute_lost"]
    {
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    }
    shop.done(&part, "release", json!({ "name": "dispute_lost" })).await;
    let after = shop.order(&part).await;
    assert_eq!((&after["holds"], &after["exceptions"]), (&json!([]), &json!([])));
    shop.close().await;
}

#[tokio::test]
async fn crowns_of_iceland_come_in_hundredths() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let mut body = order("web-1", &[("TEA", 1)]);
    body["currency"] = json!("ISK");
    body["lines"][0]["unit_price"] = json!("1000");
    let id = shop.place(&body).await;
    shop.settle().await;
    let object = json!({ "id": "pi_isk", "object": "payment_intent", "amount": 100_000,
        "amount_received": 100_000, "currency": "isk", "metadata": { "order_id": id } });
    told(&shop, &event("evt_isk", "payment_intent.succeeded", &object)).await;
    let payment = shop.order(&id).await["payment"].clone();
    assert_eq!((&payment["paid"], &payment["refund_owed"]), (&json!("1000"), &json!("0")));
    shop.close().await;
}
