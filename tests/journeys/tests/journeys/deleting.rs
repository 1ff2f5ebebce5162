//! Deleting an order that came to nothing: it goes, and what led to it leads nowhere.

use hyper::Method;
use ordermill_journeys::{Shop, order};
use serde_json::json;

#[tokio::test]
async fn a_cancelled_order_is_deleted_and_its_keys_name_nothing_else() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let body = order("web-1", &[("TEA", 3)]);
    let made = shop.client().post_once("/v1/orders", "key-1", &body).await.unwrap();
    let id = made.text("/id").to_owned();
    shop.settle().await;
    let path = format!("/v1/orders/{id}");
    let delete = async || shop.client().send(Method::DELETE, &path, &[], None).await.unwrap();
    let refusal = async || {
        let answer = delete().await;
        (answer.status, answer.text("/code").to_owned())
    };
    assert_eq!(refusal().await, (409, "not_allowed_in_status".to_owned()));
    // Paid and cancelled: something is owed yet.
    shop.pay(&id, "30.00", "r-1").await;
    shop.done(&id, "cancel", json!({ "reason": "asked" })).await;
    assert_eq!(refusal().await, (409, "order_needed".to_owned()));
    shop.done(&id, "refund", json!({ "amount": "30.00", "reference": "back-1" })).await;
    assert_eq!(refusal().await, (409, "order_just_changed".to_owned()));
    shop.advance("11m").await;
    for key in ["shop", "partner"] {
        let client = shop.new_client(&format!("{key}-1"), key).await;
        let refused = client.send(Method::DELETE, &path, &[], None).await.unwrap();
        assert_eq!(refused.status, 403, "{key}");
    }
    let page = shop.order(&id).await["tracking_url"].as_str().unwrap().to_owned();
    assert_eq!(delete().await.status, 204);
    assert_eq!(delete().await.status, 204, "again");
    shop.settle().await;
    for gone in [path.clone(), format!("{path}/history"), format!("{path}/why")] {
        assert_eq!(shop.client().get(&gone).await.unwrap().status, 404, "{gone}");
    }
    let page = page.split_at(page.find("/v1/").unwrap()).1;
    assert_eq!(shop.client().get(page).await.unwrap().status, 404);
    assert!(shop.list("/v1/orders").await.is_empty());
    // The key, and the number under another key or none.
    let again = shop.client().post_once("/v1/orders", "key-1", &body).await.unwrap();
    assert_eq!((again.status, again.text("/code")), (410, "order_deleted"));
    let again = shop.client().post_once("/v1/orders", "key-2", &body).await.unwrap();
    assert_eq!((again.status, again.text("/code")), (410, "order_deleted"));
    let other = order("web-1", &[("TEA", 1)]);
    let again = shop.client().post("/v1/orders", &other).await.unwrap();
    assert_eq!((again.status, again.text("/code")), (422, "external_id_reused"));
    // Money that comes all the same is nobody's: a person sees it.
    shop.pay(&id, "7.00", "r-1").await;
    let unmatched = shop.list("/v1/payments?unmatched=true").await;
    assert_eq!((unmatched.len(), &unmatched[0]["amount"]), (1, &json!("7.00")), "{unmatched:?}");
    let assign = format!("/v1/payments/{}/assign", unmatched[0]["id"].as_str().unwrap());
    let refused = shop.post(&assign, &json!({ "order": id })).await;
    assert_eq!(
        (refused.status, &refused.body["errors"][0]["code"]),
        (422, &json!("unknown_order"))
    );
    let next = shop.placed(&order("web-2", &[("TEA", 1)])).await;
    assert_eq!(shop.post(&assign, &json!({ "order": next })).await.status, 200);
    shop.settle().await;
    assert_eq!(shop.order(&next).await["payment"]["paid"], "7.00");
    shop.close().await;
}

#[tokio::test]
async fn a_reference_that_led_to_a_deleted_order_leads_to_the_next_that_announces_it() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 9).await;
    let announces = |number: &str| {
        let mut body = order(number, &[("TEA", 3)]);
        body["payment"]["references"] = json!(["pi_again"]);
        body
    };
    let first = shop.placed(&announces("web-1")).await;
    shop.done(&first, "cancel", json!({ "reason": "asked" })).await;
    shop.advance("11m").await;
    let path = format!("/v1/orders/{first}");
    let gone = shop.client().send(Method::DELETE, &path, &[], None).await.unwrap();
    assert_eq!(gone.status, 204, "{gone:?}");
    shop.settle().await;
    // The like of what was deleted is no duplicate, and the reference is its own.
    let next = shop.placed(&announces("web-2")).await;
    assert_eq!(shop.status(&next).await, "awaiting_payment");
    let event = json!({ "id": "evt_1", "object": "event", "type": "payment_intent.succeeded",
        "data": { "object": { "id": "pi_again", "object": "payment_intent", "amount": 3000,
            "amount_received": 3000, "currency": "eur", "metadata": {} } } });
    assert_eq!(shop.stripe(&event.to_string()).await.status, 200);
    shop.settle().await;
    assert_eq!(shop.money(&next).await, "paid: 30.00 of 30.00, owed 0.00, refunded 0.00");
    assert!(shop.list("/v1/payments?unmatched=true").await.is_empty());
    shop.close().await;
}
