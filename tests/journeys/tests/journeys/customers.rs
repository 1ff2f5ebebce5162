//! Customers: who is the same one, what is agreed with them, what they owe, and orders that look
//! like the one before.

use ordermill_journeys::{Shop, order, with_terms};
use serde_json::{Value, json};

fn codes(order: &Value) -> Vec<&str> {
    let reasons = order["reasons"].as_array().unwrap().iter();
    reasons.map(|reason| reason["code"].as_str().unwrap()).collect()
}

/// An order of one customer, on account.
fn on_account(external_id: &str, quantity: i64) -> Value {
    let mut body = with_terms(order(external_id, &[("TEA", quantity)]), "invoice");
    body["customer"]["id"] = json!("acme");
    body
}

#[tokio::test]
async fn an_order_like_the_one_before_waits_for_a_person() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let like = |external_id: &str| {
        let mut body = order(external_id, &[("TEA", 2)]);
        body["customer"]["email"] = json!("Ona@example.com");
        body
    };
    let first = shop.placed(&like("web-1")).await;
    assert_eq!(shop.status(&first).await, "awaiting_payment");
    let second = shop.placed(&like("web-2")).await;
    let held = shop.order(&second).await;
    assert_eq!(held["status"], "review");
    assert_eq!(codes(&held), ["possible_duplicate"]);
    assert!(held["reasons"][0]["detail"].as_str().unwrap().contains(&first));
    // The same request again is the same order, not its like.
    let again = shop.client().post("/v1/orders", &like("web-2")).await.unwrap();
    assert_eq!((again.status, again.text("/id")), (200, second.as_str()));
    // Another basket, another customer, a partner, or ten minutes later: nothing alike.
    let mut other = like("web-3");
    other["lines"][0]["quantity"] = json!(3);
    let other = shop.placed(&other).await;
    assert_eq!(shop.status(&other).await, "awaiting_payment");
    let somebody = shop.placed(&order("web-4", &[("TEA", 2)])).await;
    assert_eq!(shop.status(&somebody).await, "awaiting_payment");
    let mut partner = like("web-5");
    partner["channel"] = json!("partner");
    let partner = shop.placed(&partner).await;
    assert_eq!(shop.status(&partner).await, "awaiting_payment");
    shop.advance("10m").await;
    let later = shop.placed(&like("web-6")).await;
    assert_eq!(shop.status(&later).await, "awaiting_payment");
    shop.done(&second, "approve", json!({})).await;
    let approved = shop.order(&second).await;
    assert_eq!(approved["status"], "awaiting_payment");
    assert_eq!(approved["overridden"], json!(["possible_duplicate"]));
    shop.close().await;
}

#[tokio::test]
async fn of_a_double_click_one_goes_on() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let body = |name: &str| {
        let mut body = order(name, &[("TEA", 1)]);
        body["customer"]["email"] = json!("ona@example.com");
        body
    };
    let clicks = (0..6).map(|click| {
        let body = body(&format!("click-{click}"));
        let client = shop.client();
        async move { client.post("/v1/orders", &body).await.unwrap() }
    });
    let answers = futures::future::join_all(clicks).await;
    shop.settle().await;
    let mut ways = Vec::new();
    for answer in &answers {
        assert_eq!(answer.status, 202, "{}", answer.body);
        ways.push(shop.status(answer.text("/id")).await);
    }
    ways.sort();
    assert_eq!(ways[0], "awaiting_payment");
    assert!(ways[1..].iter().all(|status| status == "review"), "{ways:?}");
    shop.close().await;
}

#[tokio::test]
async fn credit_is_taken_once_and_comes_back_when_paid_or_ended() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    let put = json!({ "credit_limit": "100.00", "net_days": 10, "priority": 7 });
    let made = shop.client().put("/v1/customers/acme", &put).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    let left = async || {
        let card = shop.get("/v1/customers/acme").await;
        card["credit_available"].as_str().unwrap().to_owned()
    };
    assert_eq!(left().await, "100.00");
    let first = shop.placed(&on_account("w-1", 6)).await;
    assert_eq!(shop.status(&first).await, "confirmed");
    assert_eq!(left().await, "40.00");
    let card = shop.get("/v1/customers/acme").await;
    assert_eq!(card["emails"], json!(["w-1@example.com"]));
    let second = shop.placed(&on_account("w-2", 5)).await;
    let review = shop.order(&second).await;
    assert_eq!((&review["status"], codes(&review)), (&json!("review"), vec!["credit_limit"]));
    let detail = review["reasons"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("50.00") && detail.contains("40.00"), "{detail}");
    assert_eq!(left().await, "40.00");
    // Some of it cancelled, the rest paid: all of it is there again.
    let fewer = json!({ "lines": [{ "line": 1, "quantity": 1 }], "reason": "fewer" });
    shop.done(&first, "cancel", fewer).await;
    assert_eq!(left().await, "50.00");
    shop.pay(&first, "50.00", "st-1").await;
    assert_eq!(left().await, "100.00");
    // A person may go above the limit; a cancel gives it back.
    let third = shop.placed(&on_account("w-3", 9)).await;
    assert_eq!(left().await, "10.00");
    shop.done(&second, "approve", json!({})).await;
    assert_eq!(left().await, "-40.00");
    shop.done(&second, "cancel", json!({})).await;
    shop.done(&third, "cancel", json!({})).await;
    assert_eq!(left().await, "100.00");
    shop.close().await;
}

#[tokio::test]
async fn two_orders_at_once_cannot_both_have_the_last_of_the_credit() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 500).await;
    let put = json!({ "credit_limit": "1000.00" });
    shop.client().put("/v1/customers/acme", &put).await.unwrap();
    let bodies: Vec<Value> = (1..=20).map(|n| on_account(&format!("w-{n}"), n)).collect();
    let made = shop.post("/v1/orders/batch", &json!({ "orders": bodies })).await;
    assert_eq!(made.status, 200, "{}", made.body);
    shop.settle().await;
    let card = shop.get("/v1/customers/acme").await;
    let mut taken = 0.0;
    let mut waiting = 0;
    for item in made.body["items"].as_array().unwrap() {
        let order = shop.order(item["order"]["id"].as_str().unwrap()).await;
        if order["status"] == "confirmed" {
            taken += order["totals"]["gross"].as_str().unwrap().parse::<f64>().unwrap();
        } else {
            assert_eq!(codes(&order), ["credit_limit"]);
            waiting += 1;
        }
    }
    assert!(waiting > 0 && taken <= 1000.0 && taken > 800.0, "{taken} taken, {waiting} wait");
    assert_eq!(card["credit_taken"], format!("{taken:.2}"));
    shop.close().await;
}

#[tokio::test]
async fn an_invoice_is_reminded_of_and_then_holds_the_customers_new_orders() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    let put = json!({ "net_days": 10 });
    shop.client().put("/v1/customers/acme", &put).await.unwrap();
    let first = shop.placed(&on_account("w-1", 1)).await;
    shop.done(&first, "ship", json!({ "carrier": "DPD" })).await;
    shop.done(&first, "deliver", json!({})).await;
    let reminders =
        async || shop.told(&first).await.iter().filter(|line| line.ends_with("overdue")).count();
    shop.advance("10d").await;
    assert_eq!(reminders().await, 0);
    for (days, sent) in [("1d", 1), ("5d", 1), ("1d", 2), ("6d", 2)] {
        shop.advance(days).await;
        assert_eq!(reminders().await, sent, "{days}");
    }
    let fine = shop.placed(&on_account("w-2", 1)).await;
    assert_eq!(shop.status(&fine).await, "confirmed");
    shop.advance("1d").await;
    assert_eq!(reminders().await, 3);
    assert_eq!(shop.get("/v1/customers/acme").await["overdue"], 1);
    let held = shop.placed(&on_account("w-3", 1)).await;
    let order = shop.order(&held).await;
    assert_eq!(order["holds"][0]["name"], "overdue");
    assert_eq!(order["lines"][0]["allocations"], json!([]));
    // Its money lets the next ones go on; a person lets this one go on.
    shop.pay(&first, "10.00", "st-1").await;
    assert_eq!(shop.get("/v1/customers/acme").await["overdue"], 0);
    let next = shop.placed(&on_account("w-4", 2)).await;
    assert_eq!(shop.status(&next).await, "confirmed");
    shop.done(&held, "release", json!({ "name": "overdue" })).await;
    assert_eq!(shop.status(&held).await, "confirmed");
    shop.close().await;
}

#[tokio::test]
async fn after_more_than_five_unpaid_orders_the_next_waits_for_a_person() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    let body = |n: i64| {
        let mut body = order(&format!("web-{n}"), &[("TEA", n)]);
        body["customer"]["email"] = json!("ona@example.com");
        body
    };
    let mut placed = Vec::new();
    for number in 1..=6 {
        placed.push(shop.placed(&body(number)).await);
    }
    assert_eq!(shop.status(&placed[5]).await, "awaiting_payment");
    let seventh = shop.placed(&body(7)).await;
    assert_eq!(codes(&shop.order(&seventh).await), ["open_unpaid_max"]);
    shop.pay(&placed[0], "10.00", "pi-1").await;
    shop.done(&seventh, "cancel", json!({})).await;
    let eighth = shop.placed(&body(8)).await;
    assert_eq!(shop.status(&eighth).await, "awaiting_payment");
    shop.close().await;
}

#[tokio::test]
async fn the_same_customer_is_known_by_id_or_address_or_telephone_and_never_by_name() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    let card = async |external_id: &str, customer: Value| {
        let mut body = order(external_id, &[("TEA", 1)]);
        body["customer"] = customer;
        body["customer"]["name"] = json!("Ona");
        let id = shop.placed(&body).await;
        shop.order(&id).await["customer"]["card"].as_str().unwrap().to_owned()
    };
    let by_mail = card("a", json!({ "email": "ona@example.com" })).await;
    assert_eq!(
        card("b", json!({ "email": "ONA@Example.com", "phone": "+37061234567" })).await,
        by_mail
    );
    let by_phone = card("c", json!({ "phone": "8 612 34567" })).await;
    assert_eq!(card("d", json!({ "phone": "+370 612 34567" })).await, by_phone);
    assert_ne!(by_phone, by_mail);
    let by_id = card("e", json!({ "id": "7", "email": "ona@example.com" })).await;
    assert_ne!(by_id, by_mail);
    assert_eq!(card("f", json!({ "id": "7", "email": "other@example.com" })).await, by_id);
    let known = shop.get(&format!("/v1/customers/{by_id}")).await;
    assert_eq!(known["emails"], json!(["ona@example.com", "other@example.com"]));
    assert_eq!(shop.get("/v1/customers/7").await["id"], by_id.as_str());
    assert_eq!(shop.get("/v1/customers/ona@example.com").await["id"], by_mail.as_str());
    assert_eq!(
        shop.get(&format!("/v1/customers/{by_mail}")).await["phones"],
        json!(["+37061234567"])
    );
    shop.close().await;
}

#[tokio::test]
async fn prices_come_from_the_list_and_rates_from_the_destination() {
    let shop = Shop::open().await;
    let client = shop.client();
    let tea = json!({ "name": "Tea", "prices": { "EUR": "10.00" }, "tax_rate": "0.21",
        "tax_class": "food" });
    client.put("/v1/products/TEA", &tea).await.unwrap();
    shop.receive("TEA", "VNO", 5_000).await;
    let settings = json!({ "tax_rates": { "LV": { "food": "0.12" } }, "tax_rounding": "line" });
    let put = client.put("/v1/settings", &settings).await.unwrap();
    assert_eq!(put.status, 200, "{}", put.body);
    let list = json!({ "currency": "EUR", "places": 4, "prices": { "TEA": "0.0125" },
        "client": "acme" });
    let put = client.put("/v1/price-lists/acme", &list).await.unwrap();
    assert_eq!(put.status, 201, "{}", put.body);
    let agreed = json!({ "role": "partner", "price_list": "acme" });
    let put = client.put("/v1/clients/acme", &agreed).await.unwrap();
    assert_eq!(put.status, 201, "{}", put.body);
    let acme = shop.new_client("acme", "partner").await;
    let mut body = order("p-1", &[("TEA", 1_000)]);
    body["delivery"]["address"] = json!({ "line1": "Brīvības 1", "city": "Rīga",
        "postal_code": "LV-1010", "country": "LV" });
    body["lines"][0] = json!({ "sku": "TEA", "quantity": 1_000 });
    let id = acme.post("/v1/orders", &body).await.unwrap().text("/id").to_owned();
    shop.settle().await;
    let made = shop.order(&id).await;
    assert_eq!(made["status"], "awaiting_payment", "{}", made["reasons"]);
    assert_eq!(made["lines"][0]["unit_price"], "0.0125");
    assert_eq!(made["totals"]["goods"], "12.50");
    assert_eq!(made["totals"]["taxes"][0]["rate"], "0.12");
    // A price of its own is compared with the list's; one with as many places is read.
    body["external_id"] = json!("p-2");
    body["lines"][0]["unit_price"] = json!("0.0124");
    let id = acme.post("/v1/orders", &body).await.unwrap().text("/id").to_owned();
    shop.settle().await;
    let review = shop.order(&id).await;
    assert_eq!(codes(&review), ["price_differs"]);
    // Another partner has neither the list nor its places, and does not see it.
    let other = shop.new_client("other", "partner").await;
    let refused = other.post("/v1/orders", &body).await.unwrap();
    assert_eq!(refused.status, 422);
    assert_eq!(refused.text("/errors/0/code"), "decimal_places");
    assert_eq!(other.get("/v1/price-lists/acme").await.unwrap().status, 404);
    assert_eq!(acme.get("/v1/price-lists/acme").await.unwrap().status, 200);
    let stolen = json!({ "role": "partner", "price_list": "acme" });
    let refused = client.put("/v1/clients/other", &stolen).await.unwrap();
    assert_eq!(refused.text("/errors/0/code"), "price_list_of_another");
    body["price_list"] = json!("acme");
    let refused = other.post("/v1/orders", &body).await.unwrap();
    assert_eq!(refused.text("/errors/0/code"), "unknown_field");
    shop.close().await;
}

#[tokio::test]
async fn an_invoice_that_is_not_paid_gives_its_credit_back_when_its_order_is_complete() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    let put = json!({ "credit_limit": "100.00", "net_days": 10, "end_of_month": true });
    let made = shop.client().put("/v1/customers/acme", &put).await.unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    let left = async || {
        let card = shop.get("/v1/customers/acme").await;
        card["credit_available"].as_str().unwrap().to_owned()
    };
    let id = shop.placed(&on_account("w-1", 6)).await;
    for command in ["pick", "pack", "ship", "deliver"] {
        shop.done(&id, command, json!({})).await;
    }
    assert_eq!((shop.status(&id).await.as_str(), left().await.as_str()), ("delivered", "40.00"));
    shop.advance("15d").await;
    assert_eq!((shop.status(&id).await.as_str(), left().await.as_str()), ("completed", "100.00"));
    // It is owed all the same: the reminders go on, and then new orders wait for a person.
    shop.advance("70d").await;
    let card = shop.get("/v1/customers/acme").await;
    assert_eq!((&card["overdue"], &card["credit_taken"]), (&json!(1), &json!("0.00")));
    let next = shop.placed(&on_account("w-2", 1)).await;
    assert_eq!(shop.order(&next).await["holds"][0]["name"], "overdue");
    shop.pay(&id, "60.00", "st-1").await;
    assert_eq!(shop.get("/v1/customers/acme").await["overdue"], 0);
    assert_eq!(shop.money(&id).await, "paid: 60.00 of 60.00, owed 0.00, refunded 0.00");
    shop.close().await;
}

#[tokio::test]
async fn a_partner_cannot_drop_the_tax_of_its_price_list() {
    let shop = Shop::open().await;
    let client = shop.client();
    let tea = json!({ "name": "Tea", "prices": { "EUR": "12.50" }, "tax_rate": "0.21" });
    client.put("/v1/products/TEA", &tea).await.unwrap();
    shop.receive("TEA", "VNO", 5_000).await;
    let list = json!({ "currency": "EUR", "places": 6, "prices": { "TEA": "8.123456" },
        "client": "acme", "prices_include_tax": false });
    assert_eq!(client.put("/v1/price-lists/acme", &list).await.unwrap().status, 201);
    let agreed = json!({ "role": "partner", "price_list": "acme" });
    assert_eq!(client.put("/v1/clients/acme", &agreed).await.unwrap().status, 201);
    let acme = shop.new_client("acme", "partner").await;
    let other = shop.new_client("other", "partner").await;
    let body = |name: &str, included: Value| {
        let mut body = order(name, &[("TEA", 3)]);
        body["lines"] = json!([{ "sku": "TEA", "quantity": 3 }]);
        body["prices_include_tax"] = included;
        body
    };
    for (who, name, included, total, expected) in [
        (&acme, "p-1", json!(null), "29.49", vec![]),
        (&acme, "p-2", json!(false), "29.49", vec![]),
        (&acme, "p-3", json!(true), "24.37", vec!["prices_include_tax_differs"]),
        (&other, "p-4", json!(null), "37.50", vec![]),
        (&other, "p-5", json!(false), "45.38", vec!["prices_include_tax_differs"]),
        (client, "p-6", json!(false), "45.38", vec![]),
    ] {
        let body = body(name, included);
        let checked = who.post("/v1/orders/check", &body).await.unwrap();
        assert_eq!(codes(&checked.body), expected, "{name}");
        let made = who.post("/v1/orders", &body).await.unwrap();
        assert_eq!(made.status, 202, "{made:?}");
        shop.settle().await;
        let made = shop.order(made.text("/id")).await;
        assert_eq!(codes(&made), expected, "{name}");
        assert_eq!(made["totals"]["gross"], total, "{name}");
    }
    let mut agreed = body("s-1", json!(true));
    for (name, value) in [("rule", "FREQ=MONTHLY"), ("start", "2027-01-31")] {
        agreed[name] = json!(value);
    }
    let refused = acme.post("/v1/subscriptions", &agreed).await.unwrap();
    assert_eq!(refused.status, 422, "{refused:?}");
    assert_eq!(refused.text("/errors/0/code"), "prices_include_tax_differs");
    shop.close().await;
}
