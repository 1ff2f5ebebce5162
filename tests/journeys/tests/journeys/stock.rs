//! Stock: partly there, all or nothing, given to who waits, given back.

use ordermill_journeys::{Shop, by_transfer, order};
use serde_json::json;

#[tokio::test]
async fn what_is_there_is_reserved_and_the_rest_comes_with_a_receipt() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 2).await;
    let id = shop.placed(&order("web-1", &[("TEA", 5)])).await;
    let first = shop.order(&id).await;
    assert_eq!(
        (&first["status"], &first["lines"][0]["backordered"]),
        (&json!("awaiting_payment"), &json!(3))
    );
    assert_eq!(shop.stock_of("TEA").await, "on_hand 2, reserved 2, available 0, waiting 3");
    shop.receive("TEA", "VNO", 10).await;
    let then = shop.order(&id).await;
    assert_eq!(
        (&then["lines"][0]["backordered"], &then["lines"][0]["allocations"][0]["quantity"]),
        (&json!(0), &json!(5))
    );
    assert_eq!(shop.stock_of("TEA").await, "on_hand 12, reserved 5, available 7, waiting 0");
    let told = shop.told(&id).await;
    assert!(told.contains(&"email backordered".to_owned()), "{told:?}");
    assert!(told.contains(&"email stock_arrived".to_owned()), "{told:?}");
    shop.close().await;
}

#[tokio::test]
async fn ship_together_takes_nothing_until_all_is_there() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 2).await;
    shop.stock("CUP", "VNO", 0).await;
    let mut body = order("web-1", &[("TEA", 2), ("CUP", 1)]);
    body["ship_together"] = json!(true);
    let id = shop.placed(&body).await;
    assert_eq!(shop.status(&id).await, "backordered");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 2, reserved 0, available 2, waiting 0");
    // Meanwhile another may have what lies there.
    shop.receive("CUP", "VNO", 1).await;
    assert_eq!(shop.status(&id).await, "awaiting_payment");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 2, reserved 2, available 0, waiting 0");
    assert_eq!(shop.stock_of("CUP").await, "on_hand 1, reserved 1, available 0, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn who_waits_longest_is_served_first_and_nobody_jumps_the_queue() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 0).await;
    let mut waiting = Vec::new();
    for number in 1..=4 {
        let body = by_transfer(order(&format!("web-{number}"), &[("TEA", 2)]));
        waiting.push(shop.placed(&body).await);
    }
    assert_eq!(shop.get("/v1/stock/TEA").await["waiting"], 8);
    shop.receive("TEA", "VNO", 5).await;
    // The third got one unit of two; a newcomer gets none.
    let newcomer = shop.placed(&by_transfer(order("web-9", &[("TEA", 1)]))).await;
    let mut held = Vec::new();
    for id in waiting.iter().chain([&newcomer]) {
        held.push(shop.order(id).await["lines"][0]["allocations"][0]["quantity"].clone());
    }
    assert_eq!(held, [json!(2), json!(2), json!(1), json!(null), json!(null)]);
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 5, available 0, waiting 4");
    shop.receive("TEA", "VNO", 4).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 9, reserved 9, available 0, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn cancelled_while_reserved_the_goods_go_to_who_waits() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    let first = shop.placed(&order("web-1", &[("TEA", 3)])).await;
    let second = shop.placed(&order("web-2", &[("TEA", 2)])).await;
    assert_eq!(shop.status(&second).await, "backordered");
    shop.done(&first, "cancel", json!({ "reason": "changed_mind" })).await;
    assert_eq!(shop.status(&first).await, "cancelled");
    assert_eq!(shop.status(&second).await, "awaiting_payment");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 3, reserved 2, available 1, waiting 0");
    assert_eq!(shop.told(&first).await.last().unwrap(), "email cancelled");
    let again = shop.command(&first, "cancel", json!({})).await;
    assert_eq!((again.status, again.text("/code")), (409, "not_allowed_in_status"));
    shop.close().await;
}

#[tokio::test]
async fn a_backordered_rest_that_nobody_wants_any_more_is_owed_back() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 2).await;
    let id = shop.placed(&order("web-1", &[("TEA", 5)])).await;
    shop.pay(&id, "50.00", "pay-1").await;
    shop.done(&id, "cancel", json!({ "lines": [{ "line": 1, "quantity": 3 }] })).await;
    let after = shop.order(&id).await;
    assert_eq!(
        (&after["status"], &after["totals"]["gross"]),
        (&json!("confirmed"), &json!("20.00"))
    );
    assert_eq!(after["payment"]["refund_owed"], "30.00");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 2, reserved 2, available 0, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn movements_of_one_request_follow_one_another() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let moved = |kind: &str, quantity: i64| {
        json!({ "sku": "TEA", "warehouse": "VNO", "type": kind, "quantity": quantity,
            "reason": "as counted" })
    };
    // What a later one needs comes with an earlier one.
    shop.movements(&[moved("receipt", 100), moved("scrap", 50), moved("adjust", -60)]).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 0, reserved 0, available 0, waiting 0");
    let body = json!({ "movements": [moved("scrap", 1), moved("receipt", 100)] });
    let refused = shop.post("/v1/stock/movements", &body).await;
    assert_eq!((refused.status, refused.text("/errors/0/code")), (422, "not_available"));
    shop.close().await;
}

#[tokio::test]
async fn fifty_transfers_of_fifty_articles_are_one_request() {
    let shop = Shop::open().await;
    let skus: Vec<String> = (0..50).map(|n| format!("SKU-{n:02}")).collect();
    let products: Vec<serde_json::Value> =
        skus.iter().map(|sku| json!({ "sku": sku, "name": sku })).collect();
    let made = shop.post("/v1/products/batch", &json!({ "items": products })).await;
    assert!(made.is_success(), "{made:?}");
    let each = |kind: &str, to: Option<&str>| -> Vec<serde_json::Value> {
        let one = |sku: &String| {
            let mut movement = json!({ "sku": sku, "warehouse": "VNO", "type": kind,
                "quantity": 2, "reason": "as planned" });
            if let Some(to) = to {
                movement["to"] = json!(to);
            }
            movement
        };
        skus.iter().map(one).collect()
    };
    shop.movements(&each("receipt", None)).await;
    let body = json!({ "movements": each("transfer", Some("KUN")) });
    let first = shop.client().post_once("/v1/stock/movements", "move-1", &body).await.unwrap();
    assert_eq!(first.status, 201, "{}", first.body);
    let again = shop.client().post_once("/v1/stock/movements", "move-1", &body).await.unwrap();
    assert_eq!((again.status, &again.body), (200, &first.body));
    let mut other = body.clone();
    other["movements"][0]["quantity"] = json!(1);
    let other = shop.client().post_once("/v1/stock/movements", "move-1", &other).await.unwrap();
    assert_eq!((other.status, other.text("/code")), (422, "idempotency_key_reused"));
    // All or nothing: the last of them has nothing to give.
    let back = json!({ "movements": each("transfer", Some("RIX")) });
    let refused = shop.post("/v1/stock/movements", &back).await;
    assert_eq!((refused.status, refused.text("/errors/0/code")), (422, "not_available"));
    for stock in shop.list("/v1/stock").await {
        let at = |name: &str| {
            stock["warehouses"]
                .as_array()
                .unwrap()
                .iter()
                .find(|w| w["warehouse"] == name)
                .map_or(json!(0), |w| w["on_hand"].clone())
        };
        assert_eq!((at("VNO"), at("KUN")), (json!(0), json!(2)));
    }
    shop.close().await;
}

#[tokio::test]
async fn a_quantity_finer_than_the_unit_is_refused_at_once() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let mut body = order("web-1", &[("TEA", 1)]);
    body["lines"][0]["quantity"] = json!(1.5);
    for path in ["/v1/orders", "/v1/orders/check"] {
        let refused = shop.post(path, &body).await;
        assert_eq!((refused.status, refused.text("/errors/0/code")), (422, "quantity_places"));
        assert_eq!(refused.text("/errors/0/pointer"), "/lines/0/quantity");
    }
    let movement = json!({ "sku": "TEA", "warehouse": "VNO", "type": "receipt", "quantity": 1.5,
        "reason": "delivery" });
    let refused = shop.post("/v1/stock/movements", &json!({ "movements": [movement] })).await;
    assert_eq!((refused.status, refused.text("/errors/0/code")), (422, "quantity_places"));
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 0, available 10, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn what_comes_back_may_go_where_the_article_never_was() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    shop.stock("CUP", "RET", 1).await;
    let id = shop.placed(&order("web-1", &[("TEA", 2)])).await;
    shop.pay(&id, "20.00", "pi_1").await;
    shop.done(&id, "ship", json!({ "carrier": "DPD", "tracking": "1" })).await;
    let back = |warehouse: &str| {
        json!({ "lines": [{ "line": 1, "quantity": 2, "condition": "restock",
            "warehouse": warehouse }], "reason": "does not fit" })
    };
    let refused = shop.command(&id, "return", back("NOWHERE")).await;
    assert_eq!((refused.status, refused.text("/errors/0/code")), (422, "unknown_warehouse"));
    shop.done(&id, "return", back("RET")).await;
    let stock = shop.get("/v1/stock/TEA").await;
    assert_eq!((&stock["on_hand"], &stock["available"]), (&json!(10), &json!(10)));
    shop.close().await;
}

#[tokio::test]
async fn a_count_below_what_is_promised_is_told_by_the_youngest_who_hold_it() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 6).await;
    let mut orders = Vec::new();
    for number in 1..=3 {
        orders.push(shop.placed(&order(&format!("web-{number}"), &[("TEA", 2)])).await);
    }
    let count = json!({ "sku": "TEA", "warehouse": "VNO", "type": "count", "quantity": 3 });
    shop.movements(std::slice::from_ref(&count)).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 3, reserved 6, available -3, waiting 0");
    let told = async || {
        let mut all = Vec::new();
        for id in &orders {
            let order = shop.order(id).await;
            let of = |e: &serde_json::Value| e["code"].as_str().unwrap_or_default().to_owned();
            all.push(order["exceptions"].as_array().unwrap().iter().map(of).collect::<Vec<_>>());
        }
        all
    };
    // Three units are missing: two of the last, one of the one before.
    assert_eq!(told().await, [vec![], vec!["stock_short"], vec!["stock_short"]]);
    let about = &shop.order(&orders[2]).await["exceptions"][0]["about"];
    assert_eq!(about, "TEA VNO");
    shop.movements(std::slice::from_ref(&count)).await;
    assert_eq!(told().await, [vec![], vec!["stock_short"], vec!["stock_short"]], "once each");
    // A newcomer gets none of it; a person settles it.
    let newcomer = shop.placed(&order("web-9", &[("TEA", 1)])).await;
    assert_eq!(shop.status(&newcomer).await, "backordered");
    shop.done(&orders[2], "cancel", json!({ "reason": "short" })).await;
    shop.settle().await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 3, reserved 4, available -1, waiting 1");
    assert_eq!(told().await, [vec![], vec!["stock_short"], vec![]], "who lets go has none missing");
    // `close` lets the audit look: what a count found is no overselling.
    shop.close().await;
}

#[tokio::test]
async fn what_is_missing_is_told_anew_when_more_is_and_closed_when_it_comes() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 6).await;
    let mut orders = Vec::new();
    for number in 1..=3 {
        orders.push(shop.placed(&order(&format!("web-{number}"), &[("TEA", 2)])).await);
    }
    let count = |units: i64| json!({ "sku": "TEA", "warehouse": "VNO", "type": "count", "quantity": units });
    let told = async || {
        let mut all = Vec::new();
        for id in &orders {
            let order = shop.order(id).await;
            let first = order["exceptions"][0]["detail"].as_str();
            all.push(first.and_then(|d| d.split(' ').next()).unwrap_or("none").to_owned());
        }
        all
    };
    shop.movements(&[count(5)]).await;
    assert_eq!(told().await, ["none", "none", "1"]);
    shop.movements(&[count(3)]).await;
    assert_eq!(told().await, ["none", "1", "2"], "more is missing: the last tells another figure");
    shop.receive("TEA", "VNO", 1).await;
    assert_eq!(told().await, ["none", "none", "2"]);
    shop.receive("TEA", "VNO", 5).await;
    assert_eq!(told().await, ["none", "none", "none"]);
    let events = shop.list(&format!("/v1/orders/{}/history", orders[2])).await;
    let kinds: Vec<&str> = events
        .iter()
        .filter(|e| e["reason"] == "stock_short" || e["data"]["exception"] == "stock_short")
        .map(|e| e["type"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["exception_opened", "exception_opened", "exception_closed"]);
    shop.close().await;
}

#[tokio::test]
async fn those_behind_have_the_goods_at_once_when_the_first_is_held_or_gives_up() {
    let shop = Shop::open().await;
    for (case, command, body, left) in [
        ("held", "hold", json!({ "name": "fraud" }), "waiting 5"),
        ("gives up", "cancel", json!({ "reason": "asked" }), "waiting 0"),
    ] {
        let sku = format!("TEA-{command}");
        shop.stock(&sku, "VNO", 0).await;
        let mut first = order(&format!("{command}-1"), &[(sku.as_str(), 5)]);
        first["ship_together"] = json!(true);
        let first = shop.placed(&first).await;
        let second = shop.placed(&order(&format!("{command}-2"), &[(sku.as_str(), 2)])).await;
        shop.receive(&sku, "VNO", 3).await;
        assert_eq!(shop.status(&second).await, "backordered", "{case}: nobody is jumped");
        shop.done(&first, command, body).await;
        shop.settle().await;
        assert_eq!(shop.status(&second).await, "awaiting_payment", "{case}");
        let stock = shop.stock_of(&sku).await;
        assert_eq!(stock, format!("on_hand 3, reserved 2, available 1, {left}"), "{case}");
    }
    shop.close().await;
}

#[tokio::test]
async fn many_who_cannot_be_served_yet_do_not_hide_who_can() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 0).await;
    shop.stock("CUP", "VNO", 0).await;
    // Each of these leaves as a whole, and lacks a cup.
    for number in 0..45 {
        let mut body = order(&format!("first-{number}"), &[("TEA", 1), ("CUP", 1)]);
        body["ship_together"] = json!(true);
        body["customer"]["email"] = json!(format!("c{number}@example.com"));
        shop.place(&body).await;
    }
    shop.settle().await;
    let last = shop.placed(&order("last", &[("TEA", 2)])).await;
    shop.receive("TEA", "VNO", 46).await;
    assert_eq!(shop.status(&last).await, "awaiting_payment", "one of the two is nobody else's");
    assert_eq!(shop.order(&last).await["lines"][0]["backordered"], 1);
    shop.close().await;
}

#[tokio::test]
async fn safety_stock_is_never_sold_and_what_it_takes_from_orders_is_told() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let safety = |units: i64| json!({ "sku": "TEA", "warehouse": "VNO", "type": "safety_stock", "quantity": units });
    shop.movements(&[safety(3)]).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 5, reserved 0, available 2, waiting 0");
    let id = shop.placed(&order("web-1", &[("TEA", 4)])).await;
    assert_eq!(shop.order(&id).await["lines"][0]["backordered"], 2);
    shop.movements(&[safety(4)]).await;
    assert_eq!(shop.order(&id).await["exceptions"][0]["code"], "stock_short");
    // Less of it gives the goods to who waits.
    shop.movements(&[safety(0)]).await;
    assert_eq!(shop.order(&id).await["lines"][0]["backordered"], 0);
    shop.close().await;
}

#[tokio::test]
async fn who_stands_first_for_all_it_waits_for_gets_it_whichever_comes_last() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 0).await;
    shop.stock("CUP", "VNO", 0).await;
    let mut body = order("web-1", &[("TEA", 2), ("CUP", 2)]);
    body["ship_together"] = json!(true);
    let first = shop.placed(&body).await;
    let second = shop.placed(&order("web-2", &[("TEA", 2)])).await;
    shop.receive("TEA", "VNO", 2).await;
    assert_eq!(shop.status(&second).await, "backordered", "nobody is jumped");
    shop.receive("CUP", "VNO", 2).await;
    assert_eq!(shop.stock_of("CUP").await, "on_hand 2, reserved 2, available 0, waiting 0");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 2, reserved 2, available 0, waiting 2");
    assert_eq!(shop.status(&first).await, "awaiting_payment");
    shop.receive("TEA", "VNO", 2).await;
    for id in [&first, &second] {
        assert_eq!(shop.status(id).await, "awaiting_payment");
    }
    shop.close().await;
}

#[tokio::test]
async fn less_of_what_it_waits_for_is_looked_at_at_once() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 0).await;
    let mut body = order("web-1", &[("TEA", 5)]);
    body["ship_together"] = json!(true);
    let id = shop.placed(&body).await;
    shop.receive("TEA", "VNO", 4).await;
    assert_eq!(shop.status(&id).await, "backordered");
    let less = json!({ "reason": "asked", "lines": [{ "line": 1, "quantity": 2 }] });
    shop.done(&id, "cancel", less).await;
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "awaiting_payment");
    shop.close().await;
}
