//! Bundles: sold as one, held, sent and taken back as their parts.

use ordermill_journeys::{Shop, by_transfer, order};
use serde_json::{Value, json};

/// `SET` is two of `TEA` and one `CUP`.
async fn shop_with_sets(tea: i64, cup: i64) -> Shop {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", tea).await;
    shop.stock("CUP", "VNO", cup).await;
    let made = put(&shop, "SET", &set(&[("TEA", json!(2)), ("CUP", json!(1))])).await;
    assert_eq!(made.0, 201);
    shop
}

fn set(parts: &[(&str, Value)]) -> Value {
    let part = |(sku, quantity): &(&str, Value)| json!({ "sku": sku, "quantity": quantity });
    json!({ "name": "Tea set", "prices": { "EUR": "10.00" }, "tax_rate": "0.21",
        "parts": parts.iter().map(part).collect::<Vec<_>>() })
}

async fn put(shop: &Shop, sku: &str, body: &Value) -> (u16, String, String) {
    let answer = shop.client().put(&format!("/v1/products/{sku}"), body).await.unwrap();
    let at = |name: &str| answer.text(&format!("/errors/0/{name}")).to_owned();
    (answer.status, at("code"), at("pointer"))
}

#[tokio::test]
async fn a_bundle_is_sold_as_one_and_its_parts_are_held_sent_and_taken_back() {
    let shop = shop_with_sets(5, 9).await;
    assert_eq!(shop.stock_of("SET").await, "on_hand 2, reserved 0, available 2, waiting 0");
    let id = shop.placed(&order("web-1", &[("SET", 2), ("TEA", 1)])).await;
    let placed = shop.order(&id).await;
    assert_eq!(placed["totals"]["gross"], "30.00", "the price is the bundle's");
    assert_eq!(placed["lines"][0]["allocations"], json!([{ "warehouse": "VNO", "quantity": 2 }]));
    assert_eq!(placed["lines"][0]["parts"][0], json!({ "sku": "TEA", "quantity": 2 }));
    // The line of TEA and the parts of the sets are summed.
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 5, available 0, waiting 0");
    assert_eq!(shop.stock_of("CUP").await, "on_hand 9, reserved 2, available 7, waiting 0");
    let holds = shop.list("/v1/stock/TEA/reservations").await;
    assert_eq!(holds[0]["quantity"], 5);
    shop.pay(&id, "30.00", "pi_1").await;
    let one = json!({ "carrier": "DPD", "tracking": "1", "lines": [{ "line": 1, "quantity": 1 }] });
    shop.done(&id, "ship", one).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 3, reserved 3, available 0, waiting 0");
    assert_eq!(shop.stock_of("CUP").await, "on_hand 8, reserved 1, available 7, waiting 0");
    shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "2" })).await;
    let back = json!({ "lines": [{ "line": 1, "quantity": 1, "condition": "restock" }],
        "reason": "unwanted" });
    shop.done(&id, "return", back).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 2, reserved 0, available 2, waiting 0");
    assert_eq!(shop.stock_of("CUP").await, "on_hand 8, reserved 0, available 8, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn a_bundle_waits_for_the_part_that_is_missing_and_is_served_whole() {
    let shop = shop_with_sets(5, 0).await;
    let first = shop.placed(&by_transfer(order("web-1", &[("SET", 2)]))).await;
    assert_eq!(shop.status(&first).await, "backordered");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 0, available 5, waiting 4");
    assert_eq!(shop.stock_of("CUP").await, "on_hand 0, reserved 0, available 0, waiting 2");
    // Nobody jumps those who wait: of five TEA one is free.
    let second = shop.placed(&by_transfer(order("web-2", &[("TEA", 2)]))).await;
    assert_eq!(shop.order(&second).await["lines"][0]["backordered"], 1);
    shop.receive("CUP", "VNO", 1).await;
    let part = shop.order(&first).await;
    assert_eq!(
        (&part["lines"][0]["allocations"][0]["quantity"], &part["lines"][0]["backordered"]),
        (&json!(1), &json!(1))
    );
    shop.receive("CUP", "VNO", 1).await;
    assert_eq!(shop.order(&first).await["lines"][0]["backordered"], 0);
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 5, available 0, waiting 1");
    // Less of it, by a command and by an edit: its parts go to who waits.
    shop.done(&first, "cancel", json!({ "lines": [{ "line": 1, "quantity": 1 }] })).await;
    shop.settle().await;
    assert_eq!(shop.order(&second).await["lines"][0]["backordered"], 0);
    assert_eq!(shop.stock_of("CUP").await, "on_hand 2, reserved 1, available 1, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn all_parts_of_one_bundle_come_from_one_warehouse() {
    let shop = shop_with_sets(2, 0).await;
    shop.receive("CUP", "KUN", 5).await;
    let id = shop.placed(&by_transfer(order("web-1", &[("SET", 1)]))).await;
    assert_eq!(shop.status(&id).await, "backordered", "TEA lies here and CUP there");
    let why = shop.list(&format!("/v1/orders/{id}/why")).await;
    let text = serde_json::to_string(&why).unwrap();
    assert!(text.contains("refused") && text.contains("CUP") && text.contains("TEA"), "{text}");
    let moved = json!({ "sku": "CUP", "warehouse": "KUN", "type": "transfer", "quantity": 1,
        "to": "VNO", "reason": "for the set" });
    shop.movements(&[moved]).await;
    assert_eq!(shop.status(&id).await, "awaiting_payment");
    shop.close().await;
}

#[tokio::test]
async fn a_bundle_is_edited_split_and_found_short_by_its_parts() {
    let shop = shop_with_sets(9, 9).await;
    let id = shop.placed(&order("web-1", &[("SET", 3)])).await;
    let edit = json!({ "lines": [{ "line": 1, "quantity": 4 }] });
    shop.done(&id, "edit", edit).await;
    shop.settle().await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 9, reserved 8, available 1, waiting 0");
    shop.pay(&id, "40.00", "pi_1").await;
    let split = shop.done(&id, "split", json!({ "lines": [{ "line": 1, "quantity": 1 }] })).await;
    assert_eq!(split["lines"][0]["allocations"][0]["quantity"], 3);
    assert_eq!(shop.stock_of("TEA").await, "on_hand 9, reserved 8, available 1, waiting 0");
    let unsaid = json!({ "short": [{ "line": 1, "quantity": 1, "reason": "broken" }] });
    let refused = shop.command(&id, "pick", unsaid).await;
    assert_eq!((refused.status, refused.text("/errors/0/code")), (422, "no_such_part"));
    let cup = json!({ "short": [{ "line": 1, "quantity": 1, "reason": "broken", "sku": "CUP" }] });
    shop.done(&id, "pick", cup).await;
    // The cup is gone; the tea of that set is there.
    assert_eq!(shop.stock_of("CUP").await, "on_hand 8, reserved 3, available 5, waiting 0");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 9, reserved 6, available 3, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn a_bundle_is_made_of_articles_that_are_sold_and_are_no_bundles() {
    let shop = shop_with_sets(5, 5).await;
    shop.stock("OLD", "VNO", 1).await;
    let old = json!({ "name": "Old", "active": false });
    assert_eq!(put(&shop, "OLD", &old).await.0, 200);
    let one = |sku: &str| set(&[(sku, json!(1))]);
    let refused = |code: &str, pointer: &str| (422, code.to_owned(), pointer.to_owned());
    assert_eq!(put(&shop, "B", &one("NONE")).await, refused("unknown_sku", "/parts/0/sku"));
    assert_eq!(put(&shop, "B", &one("OLD")).await, refused("inactive_sku", "/parts/0/sku"));
    assert_eq!(put(&shop, "B", &one("SET")).await, refused("bundle_nested", "/parts/0/sku"));
    assert_eq!(put(&shop, "B", &one("B")).await, refused("bundle_of_itself", "/parts/0/sku"));
    let twice = set(&[("TEA", json!(1)), ("TEA", json!(2))]);
    assert_eq!(put(&shop, "B", &twice).await, refused("part_twice", "/parts/1/sku"));
    let half = set(&[("TEA", json!(0.5))]);
    assert_eq!(put(&shop, "B", &half).await, refused("quantity_places", "/parts/0/quantity"));
    let none = set(&[("TEA", json!(0))]);
    assert_eq!(put(&shop, "B", &none).await.2, "/parts/0/quantity");
    // A part of a bundle becomes none, nor does what has stock of its own.
    assert_eq!(put(&shop, "TEA", &one("CUP")).await, refused("bundle_nested", "/parts"));
    shop.stock("POT", "VNO", 3).await;
    assert_eq!(put(&shop, "POT", &one("CUP")).await, refused("bundle_with_stock", "/parts"));
    let receipt = json!({ "movements": [{ "sku": "SET", "warehouse": "VNO", "type": "receipt",
        "quantity": 1 }] });
    let answer = shop.post("/v1/stock/movements", &receipt).await;
    assert_eq!((answer.status, answer.text("/errors/0/code")), (422, "is_bundle"));
    // Once the bundle is another, its part may become one.
    assert_eq!(put(&shop, "SET", &set(&[("CUP", json!(1))])).await.0, 200);
    shop.movements(&[json!({ "sku": "TEA", "warehouse": "VNO", "type": "count", "quantity": 0 })])
        .await;
    assert_eq!(put(&shop, "TEA", &one("POT")).await.0, 200);
    let batch = json!({ "items": [{ "sku": "X", "parts": [{ "sku": "NONE", "quantity": 1 }] },
        { "sku": "Y", "name": "Y" }] });
    let answer = shop.post("/v1/products/batch", &batch).await;
    assert_eq!(
        (answer.body["items"][0]["status"].clone(), answer.body["items"][1]["status"].clone()),
        (json!(422), json!(201))
    );
    shop.close().await;
}

#[tokio::test]
async fn an_order_keeps_what_its_bundle_was_made_of_and_one_that_cannot_be_made_is_looked_at() {
    let shop = shop_with_sets(9, 9).await;
    let id = shop.placed(&order("web-1", &[("SET", 1)])).await;
    assert_eq!(put(&shop, "SET", &set(&[("TEA", json!(5))])).await.0, 200);
    shop.done(&id, "cancel", json!({ "reason": "asked" })).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 9, reserved 0, available 9, waiting 0");
    assert_eq!(shop.stock_of("CUP").await, "on_hand 9, reserved 0, available 9, waiting 0");
    let old = json!({ "name": "TEA", "prices": { "EUR": "10.00" }, "active": false });
    assert_eq!(put(&shop, "TEA", &old).await.0, 200);
    let id = shop.placed(&order("web-2", &[("SET", 1)])).await;
    let review = shop.order(&id).await;
    assert_eq!(
        (&review["status"], &review["reasons"][0]["code"]),
        (&json!("review"), &json!("bundle_unfit"))
    );
    shop.close().await;
}
