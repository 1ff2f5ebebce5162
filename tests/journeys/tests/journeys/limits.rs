//! What happens when nobody does anything, and when nobody may.

use ordermill_journeys::{Shop, by_transfer, order};
use serde_json::json;

#[tokio::test]
async fn a_transfer_that_never_comes_is_reminded_twice_and_cancelled_after_14_days() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    let id = shop.placed(&by_transfer(order("web-1", &[("TEA", 3)]))).await;
    shop.advance("13d").await;
    assert_eq!(shop.status(&id).await, "awaiting_payment");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 3, reserved 3, available 0, waiting 0");
    shop.advance("1d").await;
    let order_after = shop.order(&id).await;
    assert_eq!(order_after["status"], "cancelled");
    assert!(order_after["due_at"].is_null(), "a closed order owes nothing");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 3, reserved 0, available 3, waiting 0");
    let told = [
        "email order_received",
        "email payment_request",
        "email payment_reminder",
        "email payment_reminder",
        "email cancelled",
    ];
    assert_eq!(shop.told(&id).await, told);
    // It can be sold again.
    let next = shop.placed(&order("web-2", &[("TEA", 3)])).await;
    assert_eq!(shop.status(&next).await, "awaiting_payment");
    shop.close().await;
}

#[tokio::test]
async fn a_card_is_reminded_after_30_minutes_and_cancelled_after_2_hours() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    let id = shop.placed(&order("web-1", &[("TEA", 1)])).await;
    let reminded = |told: Vec<String>| told.contains(&"email payment_reminder".to_owned());
    shop.advance("29m").await;
    assert!(!reminded(shop.told(&id).await));
    shop.advance("1m").await;
    assert!(reminded(shop.told(&id).await));
    shop.advance("89m").await;
    assert_eq!(shop.status(&id).await, "awaiting_payment");
    shop.advance("1m").await;
    assert_eq!(shop.status(&id).await, "cancelled");
    let history = shop.list(&format!("/v1/orders/{id}/history")).await;
    assert_eq!(history.last().unwrap()["reason"], "not_paid");
    shop.close().await;
}

#[tokio::test]
async fn a_hold_stops_what_the_system_does_by_itself_and_nothing_else() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    let id = shop.placed(&order("web-1", &[("TEA", 1)])).await;
    shop.done(&id, "hold", json!({ "name": "fraud", "reason": "looks odd" })).await;
    shop.advance("3h").await;
    assert_eq!(shop.status(&id).await, "awaiting_payment", "the limit waits for the hold");
    shop.pay(&id, "10.00", "pay-1").await;
    let held = shop.order(&id).await;
    assert_eq!(
        (&held["status"], &held["payment"]["paid"]),
        (&json!("awaiting_payment"), &json!("10.00"))
    );
    assert!(!held["due_at"].is_null(), "a hold has a limit of its own");
    shop.done(&id, "release", json!({ "name": "fraud" })).await;
    assert_eq!(shop.status(&id).await, "confirmed");
    shop.close().await;
}

#[tokio::test]
async fn the_clock_is_never_moved_backwards() {
    let shop = Shop::open().await;
    let before = shop.now();
    for wrong in [json!("-1h"), json!("1w"), json!(""), json!(60), json!("1.5h"), json!(null)] {
        let refused = shop.client().post("/_local/clock", &json!({ "advance": wrong })).await;
        assert_eq!(refused.unwrap().status, 422, "{wrong}");
    }
    shop.advance("1h").await;
    assert!(shop.now() >= before.plus(ordermill_domain::time::Seconds::hours(1)));
    shop.close().await;
}
