//! Lists: filters, pages, cursors.

use crate::support::Api;
use ordermill_table::records::ClientRole;
use serde_json::{Value, json};

async fn external_ids(api: &Api, query: &str) -> Vec<String> {
    let answer = api.get(&format!("/v1/orders{query}")).await.is(200);
    answer.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| item["external_id"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn every_order_comes_once_newest_first_over_months_and_pages() {
    let api = Api::new().await;
    let mut all = Vec::new();
    for number in 0..23 {
        let external_id = format!("web-{number:02}");
        api.order("local-admin", &external_id).await;
        all.insert(0, external_id);
        api.clock.advance(5 * 86_400_000 + 7);
    }
    assert_eq!(external_ids(&api, "?limit=200").await, all);
    let mut seen = Vec::new();
    let mut query = "?limit=4".to_owned();
    loop {
        let page = api.get(&format!("/v1/orders{query}")).await.is(200).body;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 4);
        seen.extend(items.iter().map(|i| i["external_id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        query = format!("?limit=4&cursor={next}");
    }
    assert_eq!(seen, all);
}

#[tokio::test]
async fn filters_find_what_they_name() {
    let api = Api::new().await;
    let shop = api.key("shop", ClientRole::Shop).await;
    api.order("local-admin", "a-1").await;
    api.clock.advance(86_400_000);
    let id = api.order(&shop, "b-1").await;
    api.clock.advance(86_400_000);
    api.order("local-admin", "c-1").await;
    let held = json!({ "user": "rasa" });
    api.post(&format!("/v1/orders/{id}/assign"), "k", held).await.is(200);
    let number = api.get(&format!("/v1/orders/{id}")).await.body["number"].clone();
    let number = number.as_str().unwrap();
    for (query, found) in [
        ("?status=received", vec!["c-1", "b-1", "a-1"]),
        ("?status=cancelled", vec![]),
        ("?channel=webshop", vec!["b-1"]),
        ("?client=shop", vec!["b-1"]),
        ("?external_id=b-1", vec!["b-1"]),
        ("?external_id=b-1&status=cancelled", vec![]),
        ("?external_id=none", vec![]),
        ("?responsible=rasa", vec!["b-1"]),
        ("?customer=c-1", vec!["c-1", "a-1"]),
        ("?customer=c-1&client=shop", vec!["b-1"]),
        ("?from=2026-11-23&to=2026-11-23", vec!["b-1"]),
        ("?to=2026-11-23T09:00:00Z", vec!["a-1"]),
        ("?updated_since=2026-11-24", vec!["c-1", "b-1"]),
        ("?due_before=2026-11-22T09:02:01Z", vec!["a-1"]),
        ("?due_before=2026-11-22T09:02:00Z", vec![]),
        ("?due_before=2027-01-01", vec!["a-1", "b-1", "c-1"]),
        ("?q=B-", vec!["b-1"]),
        ("?q=ONA@", vec!["c-1", "b-1", "a-1"]),
        ("?q=kazlausk", vec!["c-1", "b-1", "a-1"]),
        ("?q=", vec!["c-1", "b-1", "a-1"]),
        ("?q=zzz", vec![]),
        (&format!("?q={}", &number[..6].to_lowercase()), vec!["b-1"]),
    ] {
        assert_eq!(external_ids(&api, query).await, found, "{query}");
    }
    let own = api.with_key("GET", "/v1/orders", &shop, Value::Null).await.is(200).body;
    assert_eq!(own["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_wrong_query_is_refused_with_what_is_known() {
    let api = Api::new().await;
    for (query, code) in [
        ("?limit=0", "limit_out_of_range"),
        ("?limit=201", "limit_out_of_range"),
        ("?limit=", "limit_out_of_range"),
        ("?limit=abc", "limit_out_of_range"),
        ("?cursor=abc", "cursor_invalid"),
        ("?stauts=received", "unknown_parameter"),
        ("?channel=fax", "parameter_invalid"),
        ("?from=yesterday", "parameter_invalid"),
    ] {
        let answer = api.get(&format!("/v1/orders{query}")).await.is(400);
        assert_eq!(answer.code(), code, "{query}");
    }
    let named = api.get("/v1/orders?x=1").await.body["detail"].as_str().unwrap().to_owned();
    assert!(named.contains("due_before"), "{named}");
}

#[tokio::test]
async fn a_cursor_is_good_for_its_own_list_and_key_only() {
    let api = Api::new().await;
    for number in 0..3 {
        api.order("local-admin", &format!("w-{number}")).await;
        api.clock.advance(1);
    }
    let page = api.get("/v1/orders?limit=1").await.body;
    let cursor = page["next"].as_str().unwrap();
    api.get(&format!("/v1/orders?limit=2&cursor={cursor}")).await.is(200);
    api.get(&format!("/v1/orders?status=received&cursor={cursor}")).await.is(400);
    api.get(&format!("/v1/products?cursor={cursor}")).await.is(400);
    let other = api.key("other", ClientRole::Admin).await;
    let path = format!("/v1/orders?cursor={cursor}");
    api.with_key("GET", &path, &other, Value::Null).await.is(400);
    let mut forged = cursor.to_owned();
    forged.pop();
    api.get(&format!("/v1/orders?cursor={forged}")).await.is(400);
}

#[tokio::test]
async fn history_has_no_gap_whether_or_not_it_is_projected() {
    let api = Api::new().await;
    let id = api.order("local-admin", "w").await;
    for number in 0..6 {
        let body = json!({ "name": format!("h-{number}") });
        api.post(&format!("/v1/orders/{id}/hold"), &format!("{number}"), body).await.is(200);
    }
    let history = api.get(&format!("/v1/orders/{id}/history")).await.body;
    let versions: Vec<u64> = history["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["version"].as_u64().unwrap())
        .collect();
    assert_eq!(versions, [1, 2, 3, 4, 5, 6, 7]);
    let page = api.get(&format!("/v1/orders/{id}/history?limit=3")).await.body;
    let next = page["next"].as_str().unwrap();
    let page = api.get(&format!("/v1/orders/{id}/history?limit=3&cursor={next}")).await.body;
    assert_eq!(page["items"][0]["version"], 4);
}

#[tokio::test]
async fn who_holds_stock_is_found_among_the_orders() {
    let api = Api::new().await;
    api.get("/v1/stock/TEA-100/reservations").await.is(404);
    api.product("TEA-100").await;
    api.order("local-admin", "w").await;
    let none = api.get("/v1/stock/TEA-100/reservations").await.is(200);
    assert_eq!(none.body, json!({ "items": [], "next": null }));
}

#[tokio::test]
async fn warehouses_and_webhooks_come_in_pages_too() {
    let api = Api::new().await;
    for code in ["AAA", "BBB", "CCC"] {
        api.put(&format!("/v1/warehouses/{code}"), json!({ "name": code })).await.is(201);
    }
    for number in 0..3 {
        let body = json!({ "url": format!("https://example.com/{number}") });
        api.post("/v1/webhooks", &format!("w-{number}"), body).await.is(201);
    }
    for (path, name) in [("/v1/warehouses", "code"), ("/v1/webhooks", "id")] {
        let mut seen = std::collections::BTreeSet::new();
        let mut cursor = String::new();
        for _ in 0..3 {
            let page = api.get(&format!("{path}?limit=1{cursor}")).await.is(200).body;
            assert_eq!(page["items"].as_array().unwrap().len(), 1);
            seen.insert(page["items"][0][name].as_str().unwrap().to_owned());
            cursor = format!("&cursor={}", page["next"].as_str().unwrap_or_default());
        }
        assert_eq!((seen.len(), cursor.as_str()), (3, "&cursor="), "{path}");
        api.get(&format!("{path}?limit=0")).await.is(400);
    }
}

#[tokio::test]
async fn a_name_too_long_for_anything_is_not_there() {
    let api = Api::new().await;
    for length in [1_100, 2_100] {
        let long = "x".repeat(length);
        for list in
            ["products", "stock", "customers", "clients", "users", "warehouses", "price-lists"]
        {
            api.get(&format!("/v1/{list}/{long}")).await.is(404);
        }
        api.get(&format!("/v1/stock/{long}/reservations")).await.is(404);
        api.post(&format!("/v1/keys/{long}/revoke"), "k", json!({})).await.is(404);
    }
}
