//! An order becomes two: what is there leaves now, what is to come later.

use ordermill_journeys::{Shop, by_transfer, order};
use serde_json::{Value, json};

fn cents(value: &Value) -> i64 {
    value.as_str().unwrap().replace('.', "").parse().unwrap()
}

#[tokio::test]
async fn what_is_there_leaves_and_the_rest_follows_as_an_order_of_its_own() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    let id = shop.placed(&order("web-1", &[("TEA", 5)])).await;
    shop.pay(&id, "50.00", "r-1").await;
    let whole = shop.order(&id).await;
    assert_eq!(whole["status"], "confirmed");
    let path = format!("/v1/orders/{id}/split");
    let body = json!({ "by": "stock", "requested_date": "2030-01-02" });
    let unkeyed = shop.client().post(&path, &body).await.unwrap();
    assert_eq!((unkeyed.status, unkeyed.text("/code")), (400, "idempotency_key_required"));
    let first = shop.client().post_once(&path, "k-1", &body).await.unwrap();
    assert_eq!(first.status, 200, "{first:?}");
    let again = shop.client().post_once(&path, "k-1", &body).await.unwrap();
    assert_eq!((again.status, &again.body["parts"]), (200, &first.body["parts"]));
    shop.settle().await;
    let stays = shop.order(&id).await;
    let part = stays["parts"][0].as_str().unwrap().to_owned();
    let goes = shop.order(&part).await;
    assert_eq!((&goes["part_of"], &goes["status"]), (&json!(id), &json!("confirmed")));
    assert_eq!(
        (&stays["lines"][0]["quantity"], &goes["lines"][0]["quantity"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(goes["lines"][0]["backordered"], 2);
    for figure in ["goods", "net", "tax", "gross"] {
        let of = |order: &Value| cents(&order["totals"][figure]);
        assert_eq!(of(&stays) + of(&goes), of(&whole), "{figure}");
    }
    assert_eq!(shop.money(&id).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    assert_eq!(shop.money(&part).await, "paid: 20.00 of 20.00, owed 0.00, refunded 0.00");
    for (command, body) in
        [("pick", json!({})), ("pack", json!({})), ("ship", json!({ "carrier": "DPD" }))]
    {
        shop.done(&id, command, body).await;
    }
    assert_eq!(shop.status(&id).await, "shipped");
    shop.receive("TEA", "VNO", 2).await;
    assert_eq!(shop.order(&part).await["lines"][0]["backordered"], 0);
    shop.done(&part, "pick", json!({})).await;
    shop.done(&part, "pack", json!({})).await;
    shop.done(&part, "ship", json!({ "carrier": "DPD" })).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 0, reserved 0, available 0, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn a_split_into_nothing_or_of_what_leaves_together_is_refused() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 5)])).await;
    let one = json!({ "lines": [{ "line": 1, "quantity": 1 }] });
    let unpaid = shop.command(&id, "split", one.clone()).await;
    assert_eq!((unpaid.status, unpaid.text("/code")), (409, "not_allowed_in_status"));
    shop.pay(&id, "50.00", "r-1").await;
    let before = shop.order(&id).await;
    for (body, code) in [
        (json!({ "by": "stock" }), "split_into_nothing"),
        (json!({ "lines": [{ "line": 1, "quantity": 5 }] }), "split_leaves_nothing"),
        (json!({ "lines": [{ "line": 1, "quantity": 6 }] }), "more_than_open"),
        (json!({ "lines": [] }), "lines_empty"),
        (json!({ "by": "colour" }), "unknown_value"),
        (json!({}), "split_unclear"),
    ] {
        let answer = shop.command(&id, "split", body.clone()).await;
        assert_eq!(
            (answer.status, &answer.body["errors"][0]["code"]),
            (422, &json!(code)),
            "{body}"
        );
    }
    assert_eq!(shop.order(&id).await, before);
    let mut together = order("web-2", &[("TEA", 2)]);
    together["ship_together"] = json!(true);
    let together = shop.placed(&together).await;
    shop.pay(&together, "20.00", "r-2").await;
    let refused = shop.command(&together, "split", one).await;
    assert_eq!((refused.status, refused.text("/code")), (409, "ship_together"), "{refused:?}");
    shop.close().await;
}

#[tokio::test]
async fn a_suppliers_order_of_goods_here_and_goods_to_come_becomes_two_by_itself() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 2).await;
    let mut body = by_transfer(order("web-1", &[("TEA", 5)]));
    body["policy"] = json!("wholesale");
    body["payment"]["terms"] = json!("invoice");
    let id = shop.placed(&body).await;
    for command in ["approve", "confirm"] {
        shop.done(&id, command, json!({})).await;
    }
    shop.advance("5m").await;
    let stays = shop.order(&id).await;
    assert_eq!(
        (&stays["lines"][0]["quantity"], &stays["totals"]["gross"]),
        (&json!(2), &json!("20.00"))
    );
    let part = stays["parts"][0].as_str().unwrap().to_owned();
    let goes = shop.order(&part).await;
    assert_eq!(
        (&goes["lines"][0]["backordered"], &goes["totals"]["gross"]),
        (&json!(3), &json!("30.00"))
    );
    let why = shop.get(&format!("/v1/orders/{id}/why")).await;
    assert!(why.to_string().contains("order_split"), "{why}");
    shop.stock("TEA", "VNO", 3).await;
    shop.settle().await;
    assert_eq!(shop.order(&part).await["lines"][0]["allocations"][0]["quantity"], 3);
    shop.close().await;
}
