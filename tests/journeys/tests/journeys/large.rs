//! Orders of a thousand lines, which no single transaction holds.

use ordermill_journeys::{Shop, order};
use serde_json::{Value, json};

const LINES: usize = 1_000;

fn skus() -> Vec<String> {
    (0..LINES).map(|n| format!("SKU-{n:04}")).collect()
}

async fn filled(shop: &Shop, quantity: i64) -> Vec<String> {
    let skus = skus();
    let products: Vec<Value> = skus
        .iter()
        .map(|sku| json!({ "sku": sku, "name": sku, "prices": { "EUR": "10.00" }, "tax_rate": "0.21" }))
        .collect();
    for some in products.chunks(100) {
        let made = shop.post("/v1/products/batch", &json!({ "items": some })).await;
        assert!(made.is_success(), "{made:?}");
    }
    let receipts: Vec<Value> = skus
        .iter()
        .map(|sku| {
            json!({ "sku": sku, "warehouse": "VNO", "type": "receipt", "quantity": quantity,
                "reason": "delivery" })
        })
        .collect();
    shop.movements(&receipts).await;
    skus
}

/// How many units of all SKUs are on hand and reserved.
async fn sums(shop: &Shop) -> (i64, i64) {
    let stock = shop.list("/v1/stock").await;
    let sum = |name: &str| stock.iter().map(|s| s[name].as_i64().unwrap()).sum();
    (sum("on_hand"), sum("reserved"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_lines_are_reserved_shipped_and_another_order_of_them_cancelled() {
    let shop = Shop::open().await;
    let skus = filled(&shop, 2).await;
    let lines: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let kept = shop.placed(&order("large-1", &lines)).await;
    let gone = shop.placed(&order("large-2", &lines)).await;
    assert_eq!(shop.status(&kept).await, "awaiting_payment");
    assert_eq!(shop.status(&gone).await, "awaiting_payment");
    assert_eq!(sums(&shop).await, (2_000, 2_000));
    shop.done(&gone, "cancel", json!({ "reason": "mistake" })).await;
    assert_eq!(shop.status(&gone).await, "cancelled");
    assert_eq!(sums(&shop).await, (2_000, 1_000));
    shop.pay(&kept, "10000.00", "pay-1").await;
    shop.done(&kept, "ship", json!({ "carrier": "DPD", "tracking": "X1" })).await;
    assert_eq!(shop.status(&kept).await, "shipped");
    assert_eq!(sums(&shop).await, (1_000, 0));
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_lines_cancelled_while_they_are_being_reserved_hold_nothing() {
    let shop = Shop::open().await;
    let skus = filled(&shop, 1).await;
    let lines: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    let id = shop.place(&order("large-1", &lines)).await;
    let mut status = 409;
    while status == 409 || status == 503 {
        status = shop.command(&id, "cancel", json!({ "reason": "mistake" })).await.status;
    }
    assert_eq!(status, 200);
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "cancelled");
    assert_eq!(sums(&shop).await, (1_000, 0));
    shop.close().await;
}
