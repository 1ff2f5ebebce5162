//! Orders that a person must look at.

use ordermill_journeys::{Shop, order};
use serde_json::{Value, json};

fn reasons(order: &Value) -> Vec<String> {
    let codes = order["reasons"].as_array().unwrap().iter();
    codes.map(|reason| reason["code"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn an_unknown_article_and_a_missing_address_are_named_together_and_approved() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let mut body = order("web-1", &[("TEA", 1), ("NEW", 2)]);
    body["delivery"] = json!({ "method": "courier" });
    let id = shop.placed(&body).await;
    let review = shop.order(&id).await;
    assert_eq!(review["status"], "review");
    assert_eq!(reasons(&review), ["address_missing", "unknown_sku"]);
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 0, available 5, waiting 0");
    assert_eq!(review["exceptions"][0]["code"], "review_needed");
    shop.done(&id, "approve", json!({ "note": "phoned" })).await;
    let after = shop.order(&id).await;
    assert_eq!(after["status"], "awaiting_payment");
    assert_eq!(after["overridden"], json!(["address_missing", "unknown_sku"]));
    assert_eq!(after["lines"][1]["backordered"], 2);
    let comment = &after["comments"][0];
    assert_eq!((&comment["text"], &comment["visibility"]), (&json!("phoned"), &json!("internal")));
    // What nobody knew is put into the catalogue and comes in after all.
    shop.stock("NEW", "VNO", 2).await;
    assert_eq!(shop.order(&id).await["lines"][1]["backordered"], 0);
    shop.close().await;
}

#[tokio::test]
async fn a_review_is_refused_with_a_reason_that_the_customer_reads() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let mut body = order("web-1", &[("TEA", 1)]);
    body["total"] = json!("9.99");
    let id = shop.placed(&body).await;
    assert_eq!(reasons(&shop.order(&id).await), ["total_mismatch"]);
    let no_reason = shop.command(&id, "reject", json!({})).await;
    assert_eq!(no_reason.status, 422);
    shop.done(&id, "reject", json!({ "reason": "price error" })).await;
    let after = shop.order(&id).await;
    assert_eq!(after["status"], "rejected");
    assert!(after["due_at"].is_null());
    assert_eq!(shop.told(&id).await.last().unwrap(), "email cancelled");
    shop.close().await;
}

#[tokio::test]
async fn a_review_that_nobody_looks_at_is_called_to_mind_and_never_cancelled() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let mut body = order("web-1", &[("TEA", 1)]);
    body["delivery"] = json!({ "method": "courier" });
    let id = shop.placed(&body).await;
    shop.advance("30d").await;
    let after = shop.order(&id).await;
    assert_eq!(after["status"], "review");
    assert!(!after["due_at"].is_null());
    let told = shop.told(&id).await;
    assert!(told.contains(&"email data_needed".to_owned()), "{told:?}");
    shop.close().await;
}
