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

#[tokio::test]
async fn whoever_looks_after_an_order_is_told_by_their_own_address() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    shop.staff_mail("all@example.com").await;
    for (id, full_access, active) in
        [("rasa", false, true), ("boss", true, true), ("gone", true, false)]
    {
        let user = json!({ "name": id, "email": format!("{id}@example.com"), "locale": "lt",
            "full_access": full_access, "active": active });
        let put = shop.client().put(&format!("/v1/users/{id}"), &user).await.unwrap();
        assert_eq!(put.status, 201, "{}", put.body);
    }
    let id = shop.placed(&order("w-1", &[("TEA", 1)])).await;
    shop.done(&id, "assign", json!({ "user": "rasa" })).await;
    let messages = shop.messages().await;
    let about = |m: &&Value| m["order"] == json!(id) && m["audience"] == "staff";
    let mut to: Vec<&str> =
        messages.iter().filter(about).map(|m| m["to"].as_str().unwrap()).collect();
    to.sort_unstable();
    assert_eq!(to, ["all@example.com", "boss@example.com", "rasa@example.com"]);
    shop.close().await;
}

#[tokio::test]
async fn a_client_calls_by_the_role_that_is_agreed_with_it() {
    let shop = Shop::open().await;
    let get = async |path: &str| shop.client().get(path).await.unwrap();
    assert_eq!(get("/v1/clients/acme").await.status, 404);
    let acme = shop.new_client("acme", "shop").await;
    // Known by its key alone.
    let known = get("/v1/clients/acme").await;
    assert_eq!((known.status, known.text("/role")), (200, "shop"));
    assert_eq!(acme.get("/v1/settings").await.unwrap().status, 403);
    let put = shop.client().put("/v1/clients/acme", &json!({ "role": "manager" })).await.unwrap();
    assert_eq!(put.status, 201, "{}", put.body);
    assert_eq!(acme.get("/v1/settings").await.unwrap().status, 200);
    let other = shop.post("/v1/keys", &json!({ "client": "acme", "role": "shop" })).await;
    assert_eq!((other.status, other.text("/errors/0/code")), (422, "role_differs"));
    let same = shop.post("/v1/keys", &json!({ "client": "acme", "role": "manager" })).await;
    assert_eq!(same.status, 201, "{}", same.body);
    shop.close().await;
}

#[tokio::test]
async fn a_customer_is_found_among_all_clients_by_those_who_see_them_all() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    let web = shop.new_client("web", "shop").await;
    let pos = shop.new_client("pos", "shop").await;
    let mut body = order("w-1", &[("TEA", 1)]);
    body["customer"] = json!({ "id": "C-77", "email": "ona@example.com", "name": "Ona" });
    let made = web.post("/v1/orders", &body).await.unwrap();
    assert_eq!(made.status, 202, "{}", made.body);
    body["external_id"] = json!("w-2");
    body["customer"] = json!({ "email": "petras@example.com", "name": "Petras" });
    assert_eq!(pos.post("/v1/orders", &body).await.unwrap().status, 202);
    shop.settle().await;
    let found = async |query: &str| {
        let list = shop.get(&format!("/v1/orders?{query}")).await;
        list["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|o| o["external_id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(found("customer=C-77").await, ["w-1"]);
    assert_eq!(found("customer=petras@example.com").await, ["w-2"]);
    assert_eq!(found("customer=petras@example.com&client=web").await, Vec::<String>::new());
    assert_eq!(shop.get("/v1/customers/C-77").await["names"], json!(["Ona"]));
    // Two clients with a customer of the same name: whose must be said.
    body["external_id"] = json!("p-1");
    body["customer"] = json!({ "id": "C-77", "email": "other@example.com" });
    assert_eq!(pos.post("/v1/orders", &body).await.unwrap().status, 202);
    shop.settle().await;
    for path in ["/v1/orders?customer=C-77", "/v1/customers/C-77"] {
        let asked = shop.client().get(path).await.unwrap();
        assert_eq!((asked.status, asked.text("/code")), (400, "client_needed"), "{path}");
    }
    assert_eq!(found("customer=C-77&client=pos").await, ["p-1"]);
    // A shop sees its own.
    let own = web.get("/v1/orders?customer=C-77").await.unwrap();
    assert_eq!(own.body["items"].as_array().unwrap().len(), 1);
    shop.close().await;
}
