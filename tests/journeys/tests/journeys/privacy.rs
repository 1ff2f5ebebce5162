//! What a customer may ask: a copy of what is kept, and to be forgotten.

use ordermill_journeys::{Shop, order};
use serde_json::{Value, json};

/// An order of one customer who says a lot.
fn of_ona(external_id: &str, quantity: i64) -> Value {
    let mut body = order(external_id, &[("TEA", quantity)]);
    body["customer"] = json!({ "id": "c-1", "name": "Ona Zuikienė", "email": "ona@example.com",
        "phone": "+37061234567", "locale": "lt" });
    body["note"] = json!("Ring at Zuikis'");
    body["metadata"] = json!({ "who": "Zuikienė" });
    body["lines"][0]["options"] = json!([{ "name": "engraving", "value": "Zuikienė" }]);
    body
}

fn subscription() -> Value {
    let mut body = of_ona("sub-1", 2);
    body["payment"] = json!({ "terms": "invoice" });
    for (name, value) in [("rule", "FREQ=MONTHLY"), ("start", "2031-01-15"), ("time", "09:00")] {
        body[name] = json!(value);
    }
    body.as_object_mut().unwrap().remove("metadata");
    body
}

#[tokio::test]
async fn a_customer_is_exported_and_forgotten() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let first = shop.placed(&of_ona("web-1", 1)).await;
    let second = shop.placed(&of_ona("web-2", 2)).await;
    let other = shop.placed(&order("web-3", &[("TEA", 1)])).await;
    let made = shop.post("/v1/subscriptions", &subscription()).await;
    assert_eq!(made.status, 201, "{}", made.body);
    let subscription = made.text("/id").to_owned();

    // A copy of everything, a page of orders at a time.
    let export = shop.get("/v1/customers/c-1/export?limit=1").await;
    assert_eq!(export["customer"]["emails"], json!(["ona@example.com"]));
    assert_eq!(export["subscriptions"][0]["id"], json!(subscription));
    assert_eq!(export["items"][0]["id"], json!(second));
    assert_eq!(export["items"][0]["note"], "Ring at Zuikis'");
    let next =
        format!("/v1/customers/c-1/export?limit=1&cursor={}", export["next"].as_str().unwrap());
    let export = shop.get(&next).await;
    assert_eq!((&export["items"][0]["id"], &export["next"]), (&json!(first), &Value::Null));

    // What still needs the customer keeps them.
    let erase = async || shop.post("/v1/customers/c-1/erase", &json!({})).await;
    let refused = erase().await;
    assert_eq!((refused.status, refused.text("/code")), (409, "customer_has_subscriptions"));
    assert!(refused.text("/detail").contains(&subscription));
    shop.post(&format!("/v1/subscriptions/{subscription}/cancel"), &json!({})).await;
    shop.done(&first, "cancel", json!({})).await;
    let refused = erase().await;
    assert_eq!((refused.status, refused.text("/code")), (409, "customer_has_open_orders"));
    let number = shop.order(&second).await["number"].as_str().unwrap().to_owned();
    assert!(refused.text("/detail").contains(&number), "{}", refused.body);
    // Paid, cancelled, and not given back yet: the money is the customer's.
    shop.pay(&second, "20.00", "pi-1").await;
    shop.done(&second, "cancel", json!({})).await;
    assert_eq!(erase().await.text("/code"), "customer_has_open_orders");
    shop.done(&second, "refund", json!({ "amount": "20.00", "reference": "back-1" })).await;

    let money = shop.money(&second).await;
    let track = shop.order(&second).await["tracking_url"].as_str().unwrap().to_owned();
    let track = track.split_once("/v1/").map(|(_, path)| format!("/v1/{path}")).unwrap();
    assert_eq!(shop.client().get(&track).await.unwrap().status, 200);
    let asked = erase().await;
    assert_eq!((asked.status, &asked.body["erased_at"]), (202, &Value::Null), "{}", asked.body);
    assert_eq!(erase().await.body, asked.body, "asked once");
    // What is agreed now would be forgotten with the rest.
    let terms = json!({ "net_days": 14 });
    let agreed = shop.client().put("/v1/customers/c-1", &terms).await.unwrap();
    assert_eq!((agreed.status, agreed.text("/code")), (409, "customer_being_erased"));
    shop.advance("2m").await;

    for id in [&first, &second] {
        let order = shop.order(id).await;
        let text = order.to_string();
        for word in ["Zuik", "ona@", "6123", "Gedimino", "c-1"] {
            assert!(!text.contains(word), "{word}: {text}");
        }
        assert_eq!(order["delivery"]["address"]["country"], "LT");
        assert_eq!(order["lines"][0]["sku"], "TEA");
        assert!(order["erased_at"].is_string());
    }
    assert_eq!(shop.money(&second).await, money);
    let history = shop.list(&format!("/v1/orders/{second}/history")).await;
    let last = history.last().unwrap();
    assert_eq!(
        (&last["type"], &last["actor"]["kind"]),
        (&json!("customer_erased"), &json!("admin"))
    );
    let left = shop.get(&format!("/v1/subscriptions/{subscription}")).await;
    assert_eq!((&left["customer"], &left["delivery"]), (&Value::Null, &Value::Null));
    assert_eq!(
        left["lines"],
        json!([{ "sku": "TEA", "quantity": 2, "unit_price": "10.00",
        "tax_rate": "0.21" }])
    );
    // Somebody else's order is as it was; the link to a forgotten one leads nowhere.
    assert_eq!(shop.order(&other).await["customer"]["name"], "Ona Petraitytė");
    assert_eq!(shop.client().get(&track).await.unwrap().status, 404);
    for path in ["/v1/customers/c-1", "/v1/customers/c-1/export"] {
        let gone = shop.client().get(path).await.unwrap();
        assert_eq!((gone.status, gone.text("/code")), (410, "customer_erased"), "{path}");
    }
    let again = erase().await;
    assert_eq!(again.status, 200, "{}", again.body);
    assert!(again.body["erased_at"].is_string());
    let terms = shop.client().put("/v1/customers/c-1", &json!({ "net_days": 5 })).await.unwrap();
    assert_eq!(terms.status, 410);

    // Money that comes late goes back: nobody knows whose the order was.
    shop.pay(&first, "10.00", "pi-2").await;
    let late = shop.order(&first).await;
    assert_eq!(
        (&late["phase"], &late["payment"]["refund_owed"]),
        (&json!("closed"), &json!("10.00"))
    );
    // And whoever comes back is somebody new.
    shop.placed(&of_ona("web-4", 4)).await;
    let card = shop.get("/v1/customers/c-1").await;
    assert_eq!((&card["names"], &card["erasing_since"]), (&json!(["Ona Zuikienė"]), &Value::Null));
    shop.close().await;
}

#[tokio::test]
async fn an_order_that_comes_while_a_customer_is_forgotten_stays_whole() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let before = shop.placed(&of_ona("web-1", 1)).await;
    shop.done(&before, "cancel", json!({})).await;
    let asked = shop.post("/v1/customers/c-1/erase", &json!({})).await;
    assert_eq!(asked.status, 202, "{}", asked.body);
    shop.advance("1s").await;
    let meanwhile = shop.placed(&of_ona("web-2", 2)).await;
    shop.advance("2m").await;
    assert!(shop.order(&before).await["erased_at"].is_string());
    let whole = shop.order(&meanwhile).await;
    assert_eq!(
        (&whole["customer"]["name"], &whole["erased_at"]),
        (&json!("Ona Zuikienė"), &Value::Null)
    );
    shop.close().await;
}

#[tokio::test]
async fn the_link_ends_ninety_days_after_the_order_closed() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let id = shop.placed(&order("web-1", &[("TEA", 1)])).await;
    shop.done(&id, "cancel", json!({})).await;
    let closed = shop.order(&id).await;
    let track = closed["tracking_url"].as_str().unwrap();
    let track = track.split_once("/v1/").map(|(_, path)| format!("/v1/{path}")).unwrap();
    let status = async || shop.client().get(&track).await.unwrap().status;
    let left = {
        let since =
            ordermill_domain::time::Timestamp::parse(closed["status_since"].as_str().unwrap());
        90 * 86_400 - (shop.now().seconds() - since.unwrap().seconds())
    };
    shop.advance(&format!("{}s", left - 5)).await;
    assert_eq!(status().await, 200);
    shop.advance("6s").await;
    assert_eq!(status().await, 404);
    // Forged: another order's, somebody's own, a letter changed.
    let other = shop.placed(&order("web-2", &[("TEA", 1)])).await;
    let good = shop.order(&other).await["tracking_url"].as_str().unwrap().to_owned();
    let good = good.split_once("/v1/track/").map(|(_, token)| token.to_owned()).unwrap();
    let get =
        async |token: &str| shop.client().get(&format!("/v1/track/{token}")).await.unwrap().status;
    assert_eq!(get(&good).await, 200);
    let flipped: String = good
        .chars()
        .rev()
        .enumerate()
        .map(|(at, c)| match (at, c) {
            (3, 'a') => 'b',
            (3, _) => 'a',
            (_, c) => c,
        })
        .collect::<Vec<_>>()
        .into_iter()
        .rev()
        .collect();
    for forged in [flipped.as_str(), &other, &good[1..], &good[..good.len() - 1], "x"] {
        assert_eq!(get(forged).await, 404, "{forged}");
    }
    shop.close().await;
}
