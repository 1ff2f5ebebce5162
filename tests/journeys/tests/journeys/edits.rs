//! Orders are changed on their way: previewed, applied at once, never over somebody else's change.

use hyper::Method;
use ordermill_journeys::{Shop, order};
use serde_json::{Value, json};

#[tokio::test]
async fn an_edit_is_previewed_then_applied_with_its_stock_and_money() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    shop.stock("HON", "VNO", 5).await;
    let id = shop.placed(&order("web-1", &[("TEA", 4)])).await;
    shop.pay(&id, "40.00", "r-1").await;
    let before = shop.order(&id).await;
    let lines = json!([{ "line": 1, "quantity": 2 }, { "sku": "HON", "quantity": 3 },
        { "copy_of": 1 }]);
    let edit = json!({ "lines": lines, "delivery": { "requested_date": "2030-01-02" } });
    let mut dry = edit.clone();
    dry["dry_run"] = json!(true);
    let preview = shop.command(&id, "edit", dry).await;
    assert_eq!(preview.status, 200, "{preview:?}");
    let told = &preview.body["preview"];
    assert_eq!(told["totals_before"]["gross"], "40.00");
    assert_eq!(told["totals_after"]["gross"], "50.00");
    assert_eq!(told["requested_date_after"], "2030-01-02");
    assert_eq!((&told["from"], &told["to"]), (&json!("confirmed"), &json!("awaiting_payment")));
    let stock = json!([{ "sku": "HON", "warehouse": "VNO", "reserved": 3 },
        { "sku": "TEA", "warehouse": "VNO", "reserved": -2 }]);
    assert_eq!(told["stock"], stock);
    assert_eq!(shop.order(&id).await, before, "nothing has changed yet");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 4, available 6, waiting 0");
    let after = shop.done(&id, "edit", edit).await;
    assert_eq!(after["status"], "awaiting_payment");
    assert!(after["preview"].is_null());
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 2, available 8, waiting 0");
    assert_eq!(shop.stock_of("HON").await, "on_hand 5, reserved 3, available 2, waiting 0");
    let quantities: Vec<&Value> =
        after["lines"].as_array().unwrap().iter().map(|line| &line["quantity"]).collect();
    assert_eq!(quantities, [2, 3, 0]);
    shop.pay(&id, "10.00", "r-2").await;
    assert_eq!(shop.status(&id).await, "confirmed");
    // Less: the stock goes back and the money is owed.
    shop.done(&id, "edit", json!({ "lines": [{ "line": 2, "remove": true }] })).await;
    assert_eq!(shop.money(&id).await, "refund_owed: 50.00 of 20.00, owed 30.00, refunded 0.00");
    assert_eq!(shop.stock_of("HON").await, "on_hand 5, reserved 0, available 5, waiting 0");
    shop.done(&id, "pick", json!({})).await;
    shop.done(&id, "pack", json!({})).await;
    shop.done(&id, "ship", json!({ "carrier": "DPD" })).await;
    let late = shop.command(&id, "edit", json!({ "lines": [{ "line": 1, "quantity": 1 }] })).await;
    assert_eq!((late.status, late.text("/code")), (409, "not_allowed_in_status"));
    shop.close().await;
}

#[tokio::test]
async fn of_two_editors_the_second_sees_the_firsts_change() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 4)])).await;
    let seen = shop.order(&id).await["version"].to_string();
    let path = format!("/v1/orders/{id}/edit");
    let edit =
        |quantity: i64| json!({ "lines": [{ "line": 1, "quantity": quantity }] }).to_string();
    let at = [("if-match", format!("\"{seen}\""))];
    let first = shop.client().send(Method::POST, &path, &at, Some(edit(5))).await.unwrap();
    assert_eq!(first.status, 200, "{first:?}");
    let second = shop.client().send(Method::POST, &path, &at, Some(edit(2))).await.unwrap();
    assert_eq!((second.status, second.text("/code")), (412, "version_mismatch"));
    assert_eq!(shop.order(&id).await["lines"][0]["quantity"], 5);
    let now = [("if-match", first.header("etag").to_owned())];
    let again = shop.client().send(Method::POST, &path, &now, Some(edit(2))).await.unwrap();
    assert_eq!(again.status, 200, "{again:?}");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 2, available 8, waiting 0");
    // The new sum is asked for.
    shop.settle().await;
    let asked = shop.told(&id).await.iter().filter(|m| *m == "email payment_request").count();
    assert!(asked >= 2, "{:?}", shop.told(&id).await);
    shop.close().await;
}

#[tokio::test]
async fn prices_need_the_right_and_a_review_is_mended_by_its_customer() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let partner = shop.new_client("partner-a", "partner").await;
    let mut body = order("po-1", &[("TEA", 2)]);
    body["delivery"]["address"]["postal_code"] = json!("nonsense");
    let made = partner.post("/v1/orders", &body).await.unwrap();
    let id = made.text("/id").to_owned();
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "review");
    let path = format!("/v1/orders/{id}/edit");
    let cheap = json!({ "lines": [{ "line": 1, "unit_price": "1.00" }] });
    let refused = partner.post(&path, &cheap).await.unwrap();
    assert_eq!((refused.status, refused.text("/code")), (403, "forbidden"), "{refused:?}");
    let client = json!({ "role": "partner", "rights": ["set_prices"] });
    shop.client().put("/v1/clients/partner-a", &client).await.unwrap();
    let allowed = partner.post(&path, &json!({ "dry_run": true, "lines": cheap["lines"] })).await;
    assert_eq!(allowed.unwrap().status, 200);
    let address = json!({ "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103",
        "country": "LT" });
    let mended = partner.post(&path, &json!({ "delivery": { "address": address } })).await.unwrap();
    assert_eq!(mended.status, 200, "{mended:?}");
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "awaiting_payment");
    // Once it is checked, the partner may not change it any more.
    let late = partner.post(&path, &json!({ "note": "x" })).await.unwrap();
    assert_eq!((late.status, late.text("/code")), (409, "not_allowed_in_status"));
    shop.close().await;
}

#[tokio::test]
async fn a_bad_edit_is_refused_with_the_remedy_and_changes_nothing() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 4), ("TEA", 1)])).await;
    shop.pay(&id, "50.00", "r-1").await;
    shop.done(&id, "pick", json!({})).await;
    shop.done(&id, "pack", json!({})).await;
    shop.done(&id, "ship", json!({ "carrier": "DPD", "lines": [{ "line": 1 }] })).await;
    let before = shop.order(&id).await;
    for (body, pointer, code) in [
        (json!({ "lines": [{ "line": 1, "quantity": 9 }] }), "/lines/0/line", "line_shipped"),
        (json!({ "lines": [{ "line": 1, "remove": true }] }), "/lines/0/line", "line_shipped"),
        (json!({ "lines": [{ "line": 7, "quantity": 9 }] }), "/lines/0/line", "no_such_line"),
        (
            json!({ "lines": [{ "line": 2, "quantity": -1 }] }),
            "/lines/0/quantity",
            "quantity_not_positive",
        ),
        (
            json!({ "lines": [{ "sku": "NONE", "quantity": 1 }] }),
            "/lines/0/unit_price",
            "price_missing",
        ),
        (json!({ "lines": [{}] }), "/lines/0", "line_unclear"),
        (
            json!({ "delivery": { "requested_date": "soon" } }),
            "/delivery/requested_date",
            "date_malformed",
        ),
        (json!({ "payment": { "terms": "never" } }), "/payment/terms", "unknown_value"),
        (json!({ "extra": 1 }), "/extra", "unknown_field"),
    ] {
        let answer = shop.command(&id, "edit", body.clone()).await;
        assert_eq!(answer.status, 422, "{body}: {answer:?}");
        let error = &answer.body["errors"][0];
        assert_eq!((&error["pointer"], &error["code"]), (&json!(pointer), &json!(code)), "{body}");
    }
    assert_eq!(shop.order(&id).await, before);
    let missing = shop.command("aaaaaaaaaaaaaaaaaaaaaaaaaa", "edit", json!({})).await;
    assert_eq!(missing.status, 404);
    shop.close().await;
}

#[tokio::test]
async fn a_large_order_shrinks_and_grows_over_its_pages() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 500).await;
    let many: Vec<(&str, i64)> = (0..60).map(|_| ("TEA", 1)).collect();
    let id = shop.placed(&order("web-1", &many)).await;
    let gone: Vec<Value> = (1..=45).map(|n| json!({ "line": n, "remove": true })).collect();
    let small = shop.done(&id, "edit", json!({ "lines": gone })).await;
    assert_eq!(small["lines"].as_array().unwrap().len(), 15);
    assert_eq!(shop.stock_of("TEA").await, "on_hand 500, reserved 15, available 485, waiting 0");
    let more: Vec<Value> = (0..40).map(|_| json!({ "copy_of": 60, "quantity": 2 })).collect();
    let large = shop.done(&id, "edit", json!({ "lines": more })).await;
    assert_eq!(large["lines"].as_array().unwrap().len(), 55);
    assert_eq!(shop.order(&id).await["lines"], large["lines"]);
    let back = (61..=95).map(|n| json!({ "line": n, "remove": true })).collect::<Vec<_>>();
    let left = shop.done(&id, "edit", json!({ "lines": back })).await;
    assert_eq!(left["lines"].as_array().unwrap().len(), 20);
    shop.done(&id, "cancel", json!({})).await;
    assert_eq!(shop.stock_of("TEA").await, "on_hand 500, reserved 0, available 500, waiting 0");
    shop.close().await;
}
