//! Demand classes: units kept for named groups of customers.

use ordermill_journeys::{Shop, by_transfer, order};
use serde_json::{Value, json};

async fn keep(shop: &Shop, class: &str, units: i64) {
    let keep = json!({ "sku": "TEA", "warehouse": "VNO", "type": "keep", "quantity": units,
        "demand_class": class, "reason": "for those who always come" });
    shop.movements(&[keep]).await;
}

/// An order of a customer whom staff has put into a group.
async fn of(shop: &Shop, class: &str, number: &str, units: i64) -> Value {
    let terms = json!({ "demand_class": class, "client": "local" });
    let made = shop.client().put(&format!("/v1/customers/{class}-{number}"), &terms).await.unwrap();
    assert!(made.is_success(), "{made:?}");
    let mut body = by_transfer(order(number, &[("TEA", units)]));
    body["customer"]["id"] = json!(format!("{class}-{number}"));
    body
}

fn plain(number: &str, units: i64) -> Value {
    by_transfer(order(number, &[("TEA", units)]))
}

async fn got(shop: &Shop, id: &str) -> (Value, Value) {
    let line = shop.order(id).await["lines"][0].clone();
    (line["allocations"][0]["quantity"].clone(), line["backordered"].clone())
}

async fn kept(shop: &Shop) -> Value {
    shop.get("/v1/stock/TEA").await["warehouses"][0]["kept"].clone()
}

#[tokio::test]
async fn what_is_kept_for_a_group_is_sold_to_nobody_else() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    keep(&shop, "vip", 6).await;
    assert_eq!(kept(&shop).await, json!({ "vip": 6 }));
    let check = shop.post("/v1/orders/check", &plain("check", 5)).await;
    assert_eq!(check.body["availability"][0]["available"], 4);
    let anybody = shop.placed(&plain("web-1", 5)).await;
    assert_eq!(got(&shop, &anybody).await, (json!(4), json!(1)));
    let why =
        serde_json::to_string(&shop.list(&format!("/v1/orders/{anybody}/why")).await).unwrap();
    assert!(why.contains("\"kept_for_others\":6"), "{why}");
    // The group takes of its share first; a second one has nothing of it.
    let other = of(&shop, "gold", "web-2", 1).await;
    let other = shop.placed(&other).await;
    assert_eq!(got(&shop, &other).await, (json!(null), json!(1)));
    let own = of(&shop, "vip", "web-3", 4).await;
    let own = shop.placed(&own).await;
    assert_eq!(got(&shop, &own).await, (json!(4), json!(0)));
    assert_eq!(kept(&shop).await, json!({ "vip": 2 }));
    let why = serde_json::to_string(&shop.list(&format!("/v1/orders/{own}/why")).await).unwrap();
    assert!(
        why.contains("\"demand_class\":\"vip\"") && why.contains("\"of_its_share\":4"),
        "{why}"
    );
    // What it gives back is kept again, and what leaves is used up.
    shop.done(&own, "cancel", json!({ "lines": [{ "line": 1, "quantity": 3 }] })).await;
    shop.settle().await;
    assert_eq!(kept(&shop).await, json!({ "vip": 5 }));
    assert_eq!(got(&shop, &anybody).await, (json!(4), json!(1)));
    shop.pay(&own, "10.00", "pi_1").await;
    shop.done(&own, "ship", json!({ "carrier": "DPD", "tracking": "1" })).await;
    assert_eq!(kept(&shop).await, json!({ "vip": 5 }));
    assert_eq!(shop.stock_of("TEA").await, "on_hand 9, reserved 4, available 5, waiting 2");
    shop.close().await;
}

#[tokio::test]
async fn a_share_that_shrinks_goes_to_who_waits_and_one_that_grows_takes_from_nobody() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    keep(&shop, "vip", 5).await;
    let first = shop.placed(&plain("web-1", 2)).await;
    let second = shop.placed(&plain("web-2", 2)).await;
    assert_eq!(shop.status(&first).await, "backordered");
    keep(&shop, "vip", 2).await;
    assert_eq!(got(&shop, &first).await, (json!(2), json!(0)));
    assert_eq!(got(&shop, &second).await, (json!(1), json!(1)));
    // More is kept than there is: what is held stays, what comes is kept.
    keep(&shop, "vip", 9).await;
    shop.receive("TEA", "VNO", 3).await;
    assert_eq!(got(&shop, &second).await, (json!(1), json!(1)));
    let own = of(&shop, "vip", "web-3", 6).await;
    let own = shop.placed(&own).await;
    assert_eq!(got(&shop, &own).await, (json!(5), json!(1)), "no more than there is");
    keep(&shop, "vip", 0).await;
    shop.receive("TEA", "VNO", 2).await;
    assert_eq!(got(&shop, &second).await, (json!(2), json!(0)));
    assert_eq!(got(&shop, &own).await, (json!(6), json!(0)));
    assert_eq!(kept(&shop).await, json!({}));
    shop.close().await;
}

#[tokio::test]
async fn within_a_group_nobody_jumps_the_queue_and_the_others_do_not_hold_it_up() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 0).await;
    let common = shop.placed(&plain("web-1", 3)).await;
    let first = of(&shop, "vip", "web-2", 3).await;
    let first = shop.placed(&first).await;
    keep(&shop, "vip", 4).await;
    // Two are there: of the share, for the first of its group, though somebody stands before it.
    shop.receive("TEA", "VNO", 2).await;
    assert_eq!(got(&shop, &common).await, (json!(null), json!(3)));
    assert_eq!(got(&shop, &first).await, (json!(2), json!(1)));
    let second = of(&shop, "vip", "web-3", 1).await;
    let second = shop.placed(&second).await;
    assert_eq!(got(&shop, &second).await, (json!(null), json!(1)));
    // Another warehouse gets its first units: it knows what the group waits for.
    shop.receive("TEA", "KUN", 5).await;
    assert_eq!(got(&shop, &common).await, (json!(3), json!(0)));
    assert_eq!(got(&shop, &first).await.1, json!(0));
    assert_eq!(got(&shop, &second).await, (json!(1), json!(0)));
    shop.close().await;
}

#[tokio::test]
async fn what_is_kept_is_not_carried_away_by_hand_and_a_client_may_be_a_group() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    keep(&shop, "trade", 4).await;
    let movement = |kind: &str, more: Value| {
        let mut body = json!({ "sku": "TEA", "warehouse": "VNO", "type": kind, "quantity": 2 });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "movements": [body] })
    };
    for (kind, more) in
        [("scrap", json!({})), ("manual_reserve", json!({})), ("transfer", json!({ "to": "KUN" }))]
    {
        let refused = shop.post("/v1/stock/movements", &movement(kind, more)).await;
        assert_eq!((refused.status, refused.text("/errors/0/code")), (422, "kept_for_groups"));
    }
    for (kind, more, pointer, code) in [
        ("keep", json!({}), "/movements/0/demand_class", "required"),
        (
            "keep",
            json!({ "demand_class": "a b" }),
            "/movements/0/demand_class",
            "demand_class_malformed",
        ),
        ("receipt", json!({ "demand_class": "vip" }), "/movements/0/demand_class", "not_with_type"),
        (
            "keep",
            json!({ "demand_class": "vip", "quantity": -1 }),
            "/movements/0/quantity",
            "quantity_negative",
        ),
    ] {
        let refused = shop.post("/v1/stock/movements", &movement(kind, more)).await;
        assert_eq!(refused.status, 422, "{kind}");
        assert_eq!(
            (refused.text("/errors/0/pointer"), refused.text("/errors/0/code")),
            (pointer, code)
        );
    }
    let partner = shop.new_client("dealer", "partner").await;
    let agreed = json!({ "role": "partner", "demand_class": "trade" });
    assert!(shop.client().put("/v1/clients/dealer", &agreed).await.unwrap().is_success());
    assert_eq!(shop.get("/v1/clients/dealer").await["demand_class"], "trade");
    let mut body = plain("d-1", 4);
    body["lines"][0].as_object_mut().unwrap().remove("unit_price");
    body["lines"][0].as_object_mut().unwrap().remove("tax_rate");
    let seen = partner.get("/v1/stock/TEA").await.unwrap();
    assert_eq!(seen.body["warehouses"][0]["kept"], json!({}), "partners see no groups");
    let made = partner.post("/v1/orders", &body).await.unwrap();
    assert_eq!(made.status, 202, "{}", made.body);
    shop.settle().await;
    let id = made.text("/id").to_owned();
    assert_eq!(got(&shop, &id).await, (json!(4), json!(0)));
    assert_eq!(kept(&shop).await, json!({}));
    shop.close().await;
}

#[tokio::test]
async fn a_bundle_takes_its_parts_out_of_the_share() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 6).await;
    shop.stock("CUP", "VNO", 6).await;
    let set = json!({ "name": "Set", "prices": { "EUR": "10.00" }, "tax_rate": "0.21",
        "parts": [{ "sku": "TEA", "quantity": 2 }, { "sku": "CUP", "quantity": 1 }] });
    assert!(shop.client().put("/v1/products/SET", &set).await.unwrap().is_success());
    keep(&shop, "vip", 3).await;
    let mut body = of(&shop, "vip", "web-1", 1).await;
    body["lines"][0]["sku"] = json!("SET");
    body["lines"][0]["quantity"] = json!(3);
    let id = shop.placed(&body).await;
    assert_eq!(got(&shop, &id).await, (json!(3), json!(0)));
    assert_eq!(kept(&shop).await, json!({}));
    // Three of six were of the share; two sets less give one of them back to it.
    shop.done(&id, "cancel", json!({ "lines": [{ "line": 1, "quantity": 2 }] })).await;
    shop.settle().await;
    assert_eq!(kept(&shop).await, json!({ "vip": 1 }));
    shop.done(&id, "cancel", json!({ "reason": "asked" })).await;
    shop.settle().await;
    assert_eq!(kept(&shop).await, json!({ "vip": 3 }));
    shop.close().await;
}
