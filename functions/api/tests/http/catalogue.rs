//! Catalogue, stock, keys, settings.

use crate::support::Api;
use serde_json::{Value, json};

fn receipt(sku: &str, quantity: i64) -> Value {
    json!({ "movements": [
        { "sku": sku, "warehouse": "VNO", "type": "receipt", "quantity": quantity, "reason": "new" }
    ] })
}

#[tokio::test]
async fn a_product_is_made_once_and_then_replaced() {
    let api = Api::new().await;
    let body = json!({ "name": "Green tea", "prices": { "EUR": "12.50" }, "tax_rate": "0.21" });
    let made = api.put("/v1/products/TEA-100", body.clone()).await.is(201);
    assert_eq!(made.body["sku"], "TEA-100");
    api.put("/v1/products/TEA-100", body).await.is(200);
    let shown = api.get("/v1/products/TEA-100").await.is(200);
    assert_eq!(shown.body["prices"]["EUR"], "12.50");
    api.get("/v1/products/NONE").await.is(404);
    let wrong = api.put("/v1/products/TEA-100", json!({ "nmae": "x" })).await.is(422);
    assert_eq!(wrong.code(), "unknown_field");
    let all = api.get("/v1/products").await.is(200);
    assert_eq!(all.body["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(all.body["next"], Value::Null);
}

#[tokio::test]
async fn a_batch_of_products_has_a_result_for_each() {
    let api = Api::new().await;
    let body = json!({ "items": [{ "sku": "A" }, { "sku": "B", "tax_rate": "21" }, {}] });
    let made = api.post("/v1/products/batch", "k1", body.clone()).await.is(200);
    let statuses: Vec<&Value> =
        made.body["items"].as_array().unwrap().iter().map(|i| &i["status"]).collect();
    assert_eq!(statuses, [&json!(201), &json!(422), &json!(422)]);
    let again = api.post("/v1/products/batch", "k1", body).await.is(200);
    assert_eq!(again.body, made.body);
    let other = api.post("/v1/products/batch", "k1", json!({ "items": [{ "sku": "C" }] })).await;
    assert_eq!(other.is(422).code(), "idempotency_key_reused");
}

#[tokio::test]
async fn a_receipt_makes_stock_once_however_often_it_is_sent() {
    let api = Api::new().await;
    api.product("TEA-100").await;
    let before = api.get("/v1/stock/TEA-100").await.is(200);
    assert_eq!(before.body["available"], 0);
    let made = api.post("/v1/stock/movements", "m-1", receipt("TEA-100", 10)).await.is(201);
    assert_eq!(made.body["movements"][0]["type"], "receipt");
    let again = api.post("/v1/stock/movements", "m-1", receipt("TEA-100", 10)).await.is(200);
    assert_eq!(again.body, made.body);
    let other = api.post("/v1/stock/movements", "m-1", receipt("TEA-100", 11)).await.is(422);
    assert_eq!(other.code(), "idempotency_key_reused");
    let stock = api.get("/v1/stock/TEA-100").await.is(200).body;
    assert_eq!((&stock["on_hand"], &stock["available"]), (&json!(10), &json!(10)));
    assert_eq!(stock["warehouses"][0]["warehouse"], "VNO");
    api.get("/v1/warehouses/VNO").await.is(200);
    let list = api.get("/v1/stock").await.is(200).body;
    assert_eq!(list["items"][0], stock);
    let later = api.get("/v1/stock?updated_since=2026-11-22T09:00:01Z").await.is(200).body;
    assert_eq!(later["items"], json!([]));
}

#[tokio::test]
async fn movements_take_only_what_is_there_and_all_or_nothing() {
    let api = Api::new().await;
    api.product("TEA-100").await;
    let unknown = api.post("/v1/stock/movements", "m-0", receipt("NONE", 1)).await.is(422);
    assert_eq!(
        (unknown.code(), &unknown.body["errors"][0]["pointer"]),
        ("unknown_sku", &json!("/movements/0/sku"))
    );
    let body = json!({ "movements": [
        { "sku": "TEA-100", "warehouse": "VNO", "type": "receipt", "quantity": 5 },
        { "sku": "TEA-100", "warehouse": "KUN", "type": "scrap", "quantity": 1 }
    ] });
    let refused = api.post("/v1/stock/movements", "m-1", body).await.is(422);
    assert_eq!(refused.code(), "not_available");
    assert_eq!(api.get("/v1/stock/TEA-100").await.body["on_hand"], 0);
    let body = json!({ "movements": [
        { "sku": "TEA-100", "warehouse": "VNO", "type": "receipt", "quantity": 5 },
        { "sku": "TEA-100", "warehouse": "VNO", "type": "transfer", "quantity": 2, "to": "KUN" },
        { "sku": "TEA-100", "warehouse": "VNO", "type": "manual_reserve", "quantity": 1 },
        { "sku": "TEA-100", "warehouse": "KUN", "type": "count", "quantity": 7 }
    ] });
    api.post("/v1/stock/movements", "m-2", body).await.is(201);
    let stock = api.get("/v1/stock/TEA-100").await.body;
    assert_eq!(
        (&stock["on_hand"], &stock["reserved"], &stock["available"]),
        (&json!(10), &json!(1), &json!(9))
    );
    assert_eq!(stock["warehouses"][0]["warehouse"], "KUN");
    assert_eq!(stock["warehouses"][1]["manual_reserve"], 1);
}

#[tokio::test]
async fn fifty_first_receipts_go_in_one_request() {
    let api = Api::new().await;
    let items: Vec<Value> = (0..50).map(|n| json!({ "sku": format!("S-{n:02}") })).collect();
    api.post("/v1/products/batch", "p", json!({ "items": items })).await.is(200);
    let movements: Vec<Value> = (0..50)
        .map(|n| json!({ "sku": format!("S-{n:02}"), "warehouse": format!("W{n}"), "type": "receipt", "quantity": 3 }))
        .collect();
    let made =
        api.post("/v1/stock/movements", "m", json!({ "movements": movements })).await.is(201);
    assert_eq!(made.body["movements"].as_array().map(Vec::len), Some(50));
    for sku in ["S-00", "S-49"] {
        assert_eq!(api.get(&format!("/v1/stock/{sku}")).await.body["available"], 3);
    }
}

#[tokio::test]
async fn a_key_is_shown_once_and_is_no_good_once_revoked() {
    let api = Api::new().await;
    let body = json!({ "client": "shop", "role": "shop" });
    let made = api.post("/v1/keys", "k-1", body.clone()).await.is(201);
    let key = made.body["key"].as_str().unwrap().to_owned();
    assert!(key.starts_with("om_") && key.len() >= 32);
    let again = api.post("/v1/keys", "k-1", body).await.is(200);
    assert_eq!((&again.body["id"], &again.body["key"]), (&made.body["id"], &Value::Null));
    api.with_key("GET", "/v1/orders", &key, Value::Null).await.is(200);
    let list = api.get("/v1/keys").await.is(200);
    assert!(!list.body.to_string().contains(&key) && !list.body.to_string().contains("hash"));
    let id = made.body["id"].as_str().unwrap();
    api.post(&format!("/v1/keys/{id}/revoke"), "r", Value::Null).await.is(200);
    let refused = api.with_key("GET", "/v1/orders", &key, Value::Null).await.is(401);
    assert_eq!((refused.code(), refused.header("www-authenticate")), ("unauthorized", "Bearer"));
    api.post("/v1/keys/none/revoke", "r2", Value::Null).await.is(404);
    let wrong = api.post("/v1/keys", "k-2", json!({ "client": "a b", "role": "boss" })).await;
    assert_eq!(wrong.is(422).body["errors"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn settings_and_parties_are_kept_as_they_were_put() {
    let api = Api::new().await;
    let body = json!({ "name": "Tea shop", "payment_link": "https://pay.example/{number}" });
    let put = api.put("/v1/settings", body).await.is(200);
    assert_eq!(put.body, api.get("/v1/settings").await.is(200).body);
    assert_eq!((&put.body["name"], &put.body["currency"]), (&json!("Tea shop"), &json!("EUR")));
    let wrong = json!({ "time_zone": "Mars/Olympus", "currency": "XXX", "colour": "red" });
    let wrong = api.put("/v1/settings", wrong).await.is(422);
    assert_eq!(wrong.body["errors"].as_array().map(Vec::len), Some(3));
    let terms = json!({ "credit_limit": "1000.00", "net_days": 14, "priority": 5 });
    api.put("/v1/customers/c-1", terms.clone()).await.is(201);
    let shown = api.put("/v1/customers/c-1", terms).await.is(200).body;
    assert_eq!((&shown["credit_limit"], &shown["currency"]), (&json!("1000.00"), &json!("EUR")));
    api.get("/v1/customers/none").await.is(404);
    api.put("/v1/clients/shop", json!({ "role": "shop", "channel": "webshop" })).await.is(201);
    assert_eq!(api.get("/v1/clients/shop").await.is(200).body["channel"], "webshop");
    api.put("/v1/warehouses/VNO", json!({ "name": "Vilnius", "priority": { "LT": 1, "*": 9 } }))
        .await
        .is(201);
    assert_eq!(api.get("/v1/warehouses").await.is(200).body["items"][0]["priority"]["LT"], 1);
}

#[tokio::test]
async fn the_service_is_well_when_its_table_answers() {
    let api = Api::new().await;
    let answer = api.ask("GET", "/healthz", &[], None).await.is(200);
    assert!(!answer.header("request-id").is_empty());
}

#[tokio::test]
async fn a_price_list_put_back_to_what_it_said_keeps_its_prices() {
    let api = Api::new().await;
    let list = |price: &str| json!({ "currency": "EUR", "prices": { "TEA-100": price } });
    for (price, status) in [("9.00", 201), ("8.00", 200), ("9.00", 200), ("9.00", 200)] {
        api.put("/v1/price-lists/gold", list(price)).await.is(status);
        let shown = api.get("/v1/price-lists/gold").await.is(200).body;
        assert_eq!(shown["prices"]["TEA-100"], price);
    }
    let (one, other) = (list("7.00"), list("6.00"));
    let (one, other) =
        tokio::join!(api.put("/v1/price-lists/gold", one), api.put("/v1/price-lists/gold", other));
    one.is(200);
    other.is(200);
    let shown = api.get("/v1/price-lists/gold").await.is(200).body;
    let price = shown["prices"]["TEA-100"].as_str().unwrap();
    assert!(["7.00", "6.00"].contains(&price), "one of the two as a whole: {price}");
}

#[tokio::test]
async fn prices_that_never_counted_are_let_go() {
    let api = Api::new().await;
    api.product("TEA-100").await;
    let list =
        |price: usize| json!({ "currency": "EUR", "prices": { "TEA-100": format!("{price}.00") } });
    for round in 0..3 {
        // At once, with one that says the same as another.
        let puts =
            [1, 2, 3, 3].map(|price| api.put("/v1/price-lists/many", list(round * 10 + price)));
        for answer in futures::future::join_all(puts).await {
            assert!(matches!(answer.status, 200 | 201), "{answer:?}");
        }
        // And one that died before its head was put.
        let head = api.runtime.table.price_list("many").await.unwrap().unwrap();
        let tag: String = head.generation.chars().skip(head.generation.len() - 8).collect();
        let key = ordermill_table::keys::price("many", &format!("{tag}dead"), "TEA-100");
        let row = ordermill_table::records::document(&key, &"dead").unwrap();
        api.runtime.table.put_row(row).await.unwrap();
    }
    api.put("/v1/price-lists/many", list(99)).await.is(200);
    let head = api.runtime.table.price_list("many").await.unwrap().unwrap();
    let partition = ordermill_table::keys::price_list("many");
    let rows = api.runtime.table.partition(partition.pk(), "", None, 1_000).await.unwrap();
    let prefix = ordermill_table::keys::price_prefix(&head.generation);
    let stays: Vec<&str> = rows
        .iter()
        .filter(|row| !row.contains_key("ttl"))
        .filter_map(|row| row["sk"].as_s().ok().map(String::as_str))
        .collect();
    let of_head = stays.iter().filter(|sk| sk.starts_with(&prefix)).count();
    assert_eq!((of_head, stays.len()), (1, 2), "the head and its price: {stays:?}");
    let shown = api.get("/v1/price-lists/many").await.is(200).body;
    assert_eq!(shown["prices"]["TEA-100"], "99.00");
}
