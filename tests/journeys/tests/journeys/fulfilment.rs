//! From the shelf to the customer, and back.

use ordermill_journeys::{Shop, order};
use serde_json::json;

/// A paid order of these lines.
async fn paid(shop: &Shop, lines: &[(&str, i64)]) -> String {
    let id = shop.placed(&order("web-1", lines)).await;
    let gross = shop.order(&id).await["totals"]["gross"].as_str().unwrap().to_owned();
    shop.pay(&id, &gross, "pay-1").await;
    assert_eq!(shop.status(&id).await, "confirmed");
    id
}

#[tokio::test]
async fn the_customer_fetches_the_goods_and_is_reminded_until_then() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let mut body = order("web-1", &[("TEA", 2)]);
    body["delivery"] = json!({ "method": "pickup", "pickup_point": "VNO" });
    let id = shop.placed(&body).await;
    shop.pay(&id, "20.00", "pay-1").await;
    shop.done(&id, "pack", json!({})).await;
    assert_eq!(shop.status(&id).await, "ready_for_pickup");
    shop.advance("7d").await;
    let ready = |told: Vec<String>| told.iter().filter(|t| *t == "email ready_for_pickup").count();
    assert_eq!(ready(shop.told(&id).await), 3, "once, and after 3 and 6 days");
    assert_eq!(shop.order(&id).await["exceptions"][0]["code"], "not_collected");
    shop.done(&id, "deliver", json!({})).await;
    assert_eq!(shop.status(&id).await, "delivered");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 3, reserved 0, available 3, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn an_order_leaves_in_two_shipments_and_arrives_with_the_last() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    shop.stock("CUP", "VNO", 5).await;
    let id = paid(&shop, &[("TEA", 3), ("CUP", 2)]).await;
    let first =
        json!({ "carrier": "DPD", "tracking": "X1", "lines": [{ "line": 1, "quantity": 2 }] });
    let after = shop.done(&id, "ship", first).await;
    assert_eq!(
        (&after["status"], &after["fulfilment"]),
        (&json!("partly_shipped"), &json!("partial"))
    );
    let too_much =
        json!({ "carrier": "DPD", "tracking": "X2", "lines": [{ "line": 1, "quantity": 2 }] });
    let refused = shop.command(&id, "ship", too_much).await;
    assert_eq!((refused.status, refused.text("/errors/0/code")), (422, "more_than_held"));
    shop.done(&id, "deliver", json!({ "shipment": 1 })).await;
    assert_eq!(shop.status(&id).await, "partly_shipped");
    let after = shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "X2" })).await;
    assert_eq!((&after["status"], &after["fulfilment"]), (&json!("shipped"), &json!("full")));
    shop.done(&id, "deliver", json!({})).await;
    assert_eq!(shop.status(&id).await, "delivered");
    let told = shop.told(&id).await;
    assert_eq!(told.iter().filter(|t| *t == "email handed_over").count(), 2, "{told:?}");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 2, reserved 0, available 2, waiting 0");
    assert_eq!(shop.stock_of("CUP").await, "on_hand 3, reserved 0, available 3, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn the_same_shipment_sent_twice_under_one_key_leaves_once() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = paid(&shop, &[("TEA", 4)]).await;
    let body =
        json!({ "carrier": "DPD", "tracking": "X1", "lines": [{ "line": 1, "quantity": 2 }] });
    let path = format!("/v1/orders/{id}/ship");
    for _ in 0..3 {
        let answer = shop.client().post_once(&path, "ship-1", &body).await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let other =
        shop.client().post_once(&path, "ship-1", &json!({ "carrier": "UPS" })).await.unwrap();
    assert_eq!((other.status, other.text("/code")), (422, "idempotency_key_reused"));
    assert_eq!(shop.order(&id).await["shipments"].as_array().unwrap().len(), 1);
    assert_eq!(shop.stock_of("TEA").await, "on_hand 3, reserved 2, available 1, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn what_comes_back_is_sold_again_or_scrapped_and_the_money_is_owed() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = paid(&shop, &[("TEA", 4)]).await;
    shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "X1" })).await;
    shop.done(&id, "deliver", json!({})).await;
    let part = json!({ "reason": "too much", "lines": [
        { "line": 1, "quantity": 1, "condition": "restock", "warehouse": "VNO" } ] });
    shop.done(&id, "return", part).await;
    assert_eq!(shop.status(&id).await, "delivered");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 2, reserved 0, available 2, waiting 0");
    let rest = json!({ "reason": "broken", "lines": [
        { "line": 1, "quantity": 3, "condition": "scrap", "warehouse": "VNO" } ] });
    shop.done(&id, "return", rest).await;
    assert_eq!(shop.status(&id).await, "returned");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 2, reserved 0, available 2, waiting 0");
    assert_eq!(shop.order(&id).await["payment"]["refund_owed"], "40.00");
    let told = shop.told(&id).await;
    assert!(told.contains(&"email returned".to_owned()), "{told:?}");
    shop.close().await;
}

#[tokio::test]
async fn goods_that_are_not_on_the_shelf_wait_for_the_customers_choice() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let id = paid(&shop, &[("TEA", 4)]).await;
    let short = json!({ "short": [{ "line": 1, "quantity": 1, "reason": "not found" }] });
    shop.done(&id, "pick", short).await;
    let after = shop.order(&id).await;
    assert_eq!(after["holds"][0]["name"], "customer_choice");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 4, reserved 3, available 1, waiting 0");
    shop.close().await;
}
