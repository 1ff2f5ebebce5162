//! Deposits: a part is asked for first, the balance when the goods are ready.

use ordermill_journeys::{Shop, by_transfer, order};
use serde_json::{Value, json};

fn with_deposit(external_id: &str, percent: &str) -> Value {
    let mut body = by_transfer(order(external_id, &[("TEA", 3)]));
    body["payment"]["terms"] = json!(format!("deposit({percent})"));
    body
}

/// What the customer's page says: asked for now, and open in all.
async fn tracked(shop: &Shop, id: &str) -> (String, String) {
    let url = shop.order(id).await["tracking_url"].as_str().unwrap().to_owned();
    let seen = shop.get(url.split_at(url.find("/v1/").unwrap()).1).await;
    let amount = |name: &str| seen[name].as_str().unwrap().to_owned();
    (amount("asked"), amount("open"))
}

#[tokio::test]
async fn what_is_made_to_order_asks_for_its_deposit_and_begins_with_it() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let mut body = with_deposit("web-1", "40");
    body["policy"] = json!("made_to_order");
    body["contract_number"] = json!("C-1");
    let id = shop.placed(&body).await;
    shop.done(&id, "approve", json!({})).await;
    shop.done(&id, "confirm", json!({})).await;
    assert_eq!(shop.status(&id).await, "contract");
    shop.advance("2m").await;
    assert_eq!(shop.told(&id).await, ["email order_received", "email payment_request"]);
    // Whoever enters it by hand means what was asked for.
    shop.done(&id, "pay", json!({})).await;
    let paid = shop.order(&id).await["payment"].clone();
    assert_eq!((&paid["paid"], &paid["open"]), (&json!("12.00"), &json!("18.00")));
    shop.done(&id, "confirm", json!({})).await;
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "ready");
    shop.close().await;
}

#[tokio::test]
async fn the_deposit_lets_an_order_begin_and_the_balance_lets_it_leave() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let id = shop.placed(&with_deposit("web-1", "30")).await;
    let placed = shop.order(&id).await;
    assert_eq!(placed["payment"]["terms"], "deposit(30)");
    let deposit = json!({ "percent": 30, "amount": "9.00", "paid": false });
    assert_eq!(placed["payment"]["deposit"], deposit);
    assert_eq!(
        (&placed["payment"]["asked"], &placed["payment"]["open"]),
        (&json!("9.00"), &json!("30.00"))
    );
    assert_eq!(tracked(&shop, &id).await, ("9.00".to_owned(), "30.00".to_owned()));
    // What the customer is asked for, as the run itself pays it.
    let paid = shop.post("/_local/pay", &json!({ "order": id })).await;
    assert_eq!((paid.status, paid.body["amount"].as_str()), (200, Some("9.00")));
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "confirmed");
    assert_eq!(tracked(&shop, &id).await, ("0.00".to_owned(), "21.00".to_owned()), "not yet");
    let early = shop
        .post(&format!("/v1/orders/{id}/ship"), &json!({ "carrier": "DPD", "tracking": "X" }))
        .await;
    assert_eq!((early.status, &early.body["code"]), (409, &json!("guard_failed")));
    shop.done(&id, "pack", json!({})).await;
    assert_eq!(shop.status(&id).await, "awaiting_balance");
    assert_eq!(shop.order(&id).await["payment"]["asked"], "21.00");
    assert_eq!(tracked(&shop, &id).await, ("21.00".to_owned(), "21.00".to_owned()));
    shop.advance("4d").await;
    shop.post("/_local/pay", &json!({ "order": id })).await;
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "packed");
    shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "X1" })).await;
    let way = shop.way(&id).await;
    assert_eq!(
        way[3..],
        [
            "awaiting_payment",
            "confirmed",
            "packed",
            "awaiting_balance",
            "packed",
            "partly_shipped",
            "shipped"
        ]
    );
    let told = [
        "email order_received",
        "email payment_request",
        "email deposit_paid",
        "email balance_request",
        "email payment_reminder",
        "email paid",
        "email handed_over",
    ];
    assert_eq!(shop.told(&id).await, told);
    let why = shop.list(&format!("/v1/orders/{id}/why")).await;
    let rules: Vec<&str> = why.iter().filter_map(|w| w["rule"].as_str()).collect();
    for rule in [
        "move.awaiting_payment.confirmed [terms(deposit), deposit_paid]",
        "move.packed.awaiting_balance [balance_open]",
        "move.awaiting_balance.packed [paid_in_full]",
    ] {
        assert!(rules.contains(&rule), "{rule}: {rules:?}");
    }
    let letters = shop.messages().await;
    let letter = |template: &str| {
        let found = letters.iter().find(|m| m["template"] == template).unwrap();
        found["text"].as_str().unwrap().to_owned()
    };
    assert!(letter("payment_request").contains("€9.00"), "{}", letter("payment_request"));
    assert!(letter("payment_request").contains("€21.00 more"), "{}", letter("payment_request"));
    assert!(letter("deposit_paid").contains("€21.00 remains"), "{}", letter("deposit_paid"));
    assert!(letter("balance_request").contains("Please pay by"), "{}", letter("balance_request"));
    shop.close().await;
}

#[tokio::test]
async fn a_deposit_is_a_whole_share_and_not_for_subscriptions() {
    let shop = Shop::open().await;
    for wrong in ["0", "100", "030", "12.5", "-1", ""] {
        let answer = shop.post("/v1/orders", &with_deposit("web-1", wrong)).await;
        assert_eq!(answer.status, 422, "{wrong}: {answer:?}");
        assert_eq!(answer.body["errors"][0]["pointer"], "/payment/terms", "{wrong}");
        assert_eq!(answer.body["errors"][0]["code"], "unknown_value", "{wrong}");
    }
    let mut body = with_deposit("sub-1", "30");
    body["rule"] = json!("FREQ=MONTHLY;BYMONTHDAY=1");
    body["start"] = json!("2027-01-01");
    let answer = shop.post("/v1/subscriptions", &body).await;
    assert_eq!(answer.status, 422, "{answer:?}");
    assert_eq!(answer.body["errors"][0]["code"], "deposit_not_recurring");
    shop.close().await;
}
