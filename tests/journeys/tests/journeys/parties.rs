//! Several clients: each sees and touches what is its own.

use futures::future::join_all;
use ordermill_journeys::{Shop, order};
use serde_json::{Value, json};

#[tokio::test]
async fn a_partner_knows_nothing_of_another_partners_orders() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let first = shop.new_client("partner-a", "partner").await;
    let second = shop.new_client("partner-b", "partner").await;
    let body = order("po-1", &[("TEA", 1)]);
    let of_first = first.post("/v1/orders", &body).await.unwrap();
    assert_eq!(of_first.status, 202, "{of_first:?}");
    // The same number of another client is another order.
    let of_second = second.post("/v1/orders", &body).await.unwrap();
    assert_eq!(of_second.status, 202, "{of_second:?}");
    let (id, other) = (of_first.text("/id").to_owned(), of_second.text("/id").to_owned());
    assert_ne!(id, other);
    shop.settle().await;
    for path in ["", "/history", "/why"] {
        let hidden = second.get(&format!("/v1/orders/{id}{path}")).await.unwrap();
        assert_eq!((hidden.status, hidden.text("/code")), (404, "not_found"), "{path}");
    }
    for command in ["cancel", "comment"] {
        let path = format!("/v1/orders/{id}/{command}");
        let hidden = second.post_once(&path, "c-1", &json!({})).await.unwrap();
        assert_eq!(hidden.status, 404, "{command}");
    }
    let forbidden = second.post_once(&format!("/v1/orders/{id}/pay"), "c-1", &json!({})).await;
    assert_eq!(forbidden.unwrap().status, 403);
    for (client, own) in [(&first, &id), (&second, &other)] {
        let list = client.get("/v1/orders").await.unwrap().body;
        let ids: Vec<&Value> = list["items"].as_array().unwrap().iter().map(|o| &o["id"]).collect();
        assert_eq!(ids, [&json!(own)]);
    }
    let asked = second.get("/v1/orders?client=partner-a").await.unwrap();
    let found = asked.body["items"].as_array().map_or(0, Vec::len);
    assert!(asked.status != 200 || found == 0, "{asked:?}");
    // Its own it may cancel.
    let done = second.post(&format!("/v1/orders/{other}/cancel"), &json!({})).await.unwrap();
    assert_eq!((done.status, done.text("/status")), (200, "cancelled"));
    shop.close().await;
}

#[tokio::test]
async fn several_clients_order_at_once_and_each_gets_what_it_asked_for() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    let roles = [("web", "shop"), ("partner-a", "partner"), ("desk", "manager")];
    let mut clients = Vec::new();
    for (name, role) in roles {
        clients.push((name, shop.new_client(name, role).await));
    }
    let orders = clients.iter().flat_map(|(name, client)| {
        (0..10).map(move |n| async move {
            let body = order(&format!("{name}-{n}"), &[("TEA", 1)]);
            client.post("/v1/orders", &body).await.unwrap().status
        })
    });
    assert_eq!(join_all(orders).await, [202; 30]);
    shop.settle().await;
    let orders = shop.list("/v1/orders").await;
    for (name, channel) in [("web", "webshop"), ("partner-a", "partner"), ("desk", "manager")] {
        let of = |o: &&Value| o["client"] == name && o["channel"] == channel;
        assert_eq!(orders.iter().filter(of).count(), 10, "{name}");
    }
    assert_eq!(shop.stock_of("TEA").await, "on_hand 100, reserved 30, available 70, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn a_customer_follows_the_order_without_a_key() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 1)])).await;
    let url = shop.order(&id).await["tracking_url"].as_str().unwrap().to_owned();
    let path = format!("/v1/track/{}", url.rsplit('/').next().unwrap());
    let seen = shop.with_key("").get(&path).await.unwrap();
    assert_eq!(seen.status, 200, "{seen:?}");
    let text = seen.body.to_string();
    assert!(!text.contains("Gedimino pr. 9") && !text.contains("web-1@example.com"), "{text}");
    let forged = shop.with_key("").get(&format!("{path}x")).await.unwrap();
    assert_eq!(forged.status, 404);
    shop.close().await;
}

#[tokio::test]
async fn a_key_that_found_its_order_by_the_number_names_nothing_else_from_then_on() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let client = shop.client();
    let body = order("web-1", &[("TEA", 1)]);
    assert_eq!(client.post("/v1/orders", &body).await.unwrap().status, 202);
    assert_eq!(client.post_once("/v1/orders", "key-b", &body).await.unwrap().status, 200);
    let other = order("web-2", &[("TEA", 1)]);
    let refused = client.post_once("/v1/orders", "key-b", &other).await.unwrap();
    assert_eq!((refused.status, refused.text("/code")), (422, "idempotency_key_reused"));
    assert_eq!(client.post_once("/v1/orders", "key-b", &body).await.unwrap().status, 200);
    shop.close().await;
}
