//! Things that happen at the same moment: one of them wins, and nothing is lost.

use futures::future::join_all;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_journeys::{Shop, by_transfer, order};
use serde_json::{Value, json};

/// When the order's limit runs out.
async fn cancelled_at(shop: &Shop, id: &str) -> Timestamp {
    let since = shop.order(id).await["status_since"].as_str().unwrap().to_owned();
    Timestamp::parse(&since).unwrap().plus(Seconds::hours(2))
}

#[tokio::test]
async fn money_received_before_the_limit_wins_though_the_limit_is_judged_first() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    let id = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    let limit = cancelled_at(&shop, &id).await;
    let ahead = limit.seconds() - shop.now().seconds() - 30;
    shop.advance(&format!("{ahead}s")).await;
    assert_eq!(shop.pay_now(&id, "30.00", "pay-1").await.status, 200);
    shop.advance("1m").await;
    assert_eq!(shop.status(&id).await, "confirmed");
    assert!(!shop.told(&id).await.contains(&"email cancelled".to_owned()));
    shop.close().await;
}

#[tokio::test]
async fn money_and_limit_at_the_same_moment_have_one_winner_and_no_cent_is_lost() {
    const ORDERS: usize = 20;
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 20).await;
    let bodies: Vec<Value> =
        (0..ORDERS).map(|n| order(&format!("web-{n}"), &[("TEA", 1)])).collect();
    let ids = join_all(bodies.iter().map(|body| shop.place(body))).await;
    shop.settle().await;
    // Others wait for the same goods, so that who is cancelled cannot come back.
    let others: Vec<Value> =
        (0..ORDERS).map(|n| by_transfer(order(&format!("next-{n}"), &[("TEA", 1)]))).collect();
    join_all(others.iter().map(|body| shop.place(body))).await;
    shop.settle().await;
    let mut limit = Timestamp::from_milliseconds(i64::MAX);
    for id in &ids {
        limit = limit.min(cancelled_at(&shop, id).await);
    }
    let ahead = limit.seconds() - shop.now().seconds() - 1;
    shop.advance(&format!("{ahead}s")).await;
    let names: Vec<String> = (0..ORDERS).map(|n| format!("pay-{n}")).collect();
    let money = join_all(ids.iter().zip(&names).map(|(id, name)| shop.pay_now(id, "10.00", name)));
    let (paid, ()) = tokio::join!(money, shop.advance("5s"));
    assert!(paid.iter().all(|answer| answer.status == 200));
    shop.settle().await;
    let mut kept = 0;
    for id in &ids {
        let order = shop.order(id).await;
        assert_eq!(order["payment"]["paid"], "10.00", "{order}");
        match order["status"].as_str().unwrap() {
            "confirmed" => {
                assert_eq!(order["payment"]["refund_owed"], "0.00");
                kept += 1;
            }
            "cancelled" => assert_eq!(order["payment"]["refund_owed"], "10.00"),
            other => panic!("{id} is {other}"),
        }
    }
    println!("{kept} of {ORDERS} were paid in time");
    assert_eq!(
        shop.stock_of("TEA").await,
        format!("on_hand 20, reserved 20, available 0, waiting {kept}")
    );
    shop.close().await;
}

#[tokio::test]
async fn a_receipt_that_races_an_order_about_to_wait_never_leaves_it_waiting() {
    let shop = Shop::open().await;
    let tries: Vec<String> = (0..30).map(|n| format!("SKU-{n}")).collect();
    for sku in &tries {
        shop.stock(sku, "VNO", 0).await;
    }
    let race = |sku: &String| {
        let body = order(&format!("web-{sku}"), &[(sku.as_str(), 2)]);
        let receipt = json!({ "movements": [{ "sku": sku, "warehouse": "VNO", "type": "receipt",
            "quantity": 2, "reason": "delivery" }] });
        let shop = &shop;
        async move {
            let receipt = shop.post("/v1/stock/movements", &receipt);
            let (id, received) = tokio::join!(shop.place(&body), receipt);
            assert_eq!(received.status, 201, "{received:?}");
            id
        }
    };
    let ids = join_all(tries.iter().map(race)).await;
    shop.settle().await;
    for (id, sku) in ids.iter().zip(&tries) {
        assert_eq!(shop.status(id).await, "awaiting_payment", "{sku}");
        assert_eq!(shop.stock_of(sku).await, "on_hand 2, reserved 2, available 0, waiting 0");
    }
    shop.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_500_orders_at_once_for_50_pieces_exactly_50_hold_one() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let bodies: Vec<Value> = (0..500).map(|n| order(&format!("web-{n}"), &[("TEA", 1)])).collect();
    let answers = join_all(bodies.iter().map(|body| shop.client().post("/v1/orders", body))).await;
    assert!(answers.iter().all(|answer| answer.as_ref().unwrap().status == 202));
    shop.settle().await;
    let orders = shop.list("/v1/orders").await;
    let count = |status: &str| orders.iter().filter(|o| o["status"] == status).count();
    assert_eq!((count("awaiting_payment"), count("backordered"), orders.len()), (50, 450, 500));
    assert_eq!(shop.stock_of("TEA").await, "on_hand 50, reserved 50, available 0, waiting 450");
    shop.close().await;
}
