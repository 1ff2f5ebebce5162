//! Orders that repeat.

use ordermill_domain::time::Timestamp;
use ordermill_journeys::Shop;
use serde_json::{Value, json};

fn subscription(external_id: &str, rule: &str, start: &str) -> Value {
    json!({
        "external_id": external_id,
        "currency": "EUR",
        "customer": { "name": "Ona Petraitytė", "email": "ona@example.com", "locale": "en" },
        "delivery": {
            "method": "courier",
            "address": { "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103",
                "country": "LT" },
        },
        "payment": { "terms": "invoice" },
        "lines": [{ "sku": "TEA", "quantity": 1, "unit_price": "10.00", "tax_rate": "0.21" }],
        "rule": rule,
        "start": start,
        "time": "09:00",
        "time_zone": "Europe/Vilnius",
        "month_end": "clip",
    })
}

async fn made(shop: &Shop, body: &Value) -> String {
    let answer = shop.post("/v1/subscriptions", body).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.text("/id").to_owned()
}

async fn act(shop: &Shop, id: &str, act: &str, body: Value) -> Value {
    let answer = shop.post(&format!("/v1/subscriptions/{id}/{act}"), &body).await;
    assert_eq!(answer.status, 200, "{act}: {answer:?}");
    shop.settle().await;
    answer.body
}

/// The dates (and moments) that will come.
async fn preview(shop: &Shop, id: &str, count: usize) -> Vec<(String, String)> {
    let body = shop.get(&format!("/v1/subscriptions/{id}/preview?count={count}")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let items = body["items"].as_array().unwrap();
    items.iter().map(|item| (text(&item["date"]), text(&item["at"]))).collect()
}

/// The orders it made, oldest first.
async fn orders(shop: &Shop, id: &str) -> Vec<Value> {
    let mut orders = shop.list(&format!("/v1/subscriptions/{id}/orders")).await;
    orders.sort_by_key(|order| order["created_at"].as_str().unwrap().to_owned());
    orders
}

fn dates(orders: &[Value]) -> Vec<String> {
    let date = |order: &Value| order["subscription"]["occurrence"].as_str().unwrap().to_owned();
    orders.iter().map(date).collect()
}

#[tokio::test]
async fn monthly_on_the_31st_over_a_year_keeps_its_day_and_its_hour_across_both_clock_changes() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    shop.advance_to("2031-01-15T06:00:00Z").await;
    let body = subscription("sub-1", "FREQ=MONTHLY;BYMONTHDAY=31", "2031-01-31");
    let id = made(&shop, &body).await;
    let coming = preview(&shop, &id, 12).await;
    let wanted = [
        ("2031-01-31", "2031-01-31T07:00:00Z"),
        ("2031-02-28", "2031-02-28T07:00:00Z"),
        ("2031-03-31", "2031-03-31T06:00:00Z"),
        ("2031-04-30", "2031-04-30T06:00:00Z"),
        ("2031-05-31", "2031-05-31T06:00:00Z"),
        ("2031-06-30", "2031-06-30T06:00:00Z"),
        ("2031-07-31", "2031-07-31T06:00:00Z"),
        ("2031-08-31", "2031-08-31T06:00:00Z"),
        ("2031-09-30", "2031-09-30T06:00:00Z"),
        ("2031-10-31", "2031-10-31T07:00:00Z"),
        ("2031-11-30", "2031-11-30T07:00:00Z"),
        ("2031-12-31", "2031-12-31T07:00:00Z"),
    ];
    let coming_texts: Vec<(&str, &str)> =
        coming.iter().map(|(date, at)| (date.as_str(), at.as_str())).collect();
    assert_eq!(coming_texts, wanted);
    shop.advance("360d").await;
    let orders = orders(&shop, &id).await;
    assert_eq!(dates(&orders), wanted.map(|(date, _)| date));
    for (order, (_, at)) in orders.iter().zip(wanted) {
        let made_at = Timestamp::parse(order["created_at"].as_str().unwrap()).unwrap();
        let late = made_at.seconds() - Timestamp::parse(at).unwrap().seconds();
        assert!((0..60).contains(&late), "{at}: made {late} s later");
        assert_eq!(order["status"], "confirmed");
        assert_eq!(order["channel"], "recurring");
    }
    assert_eq!(shop.stock_of("TEA").await, "on_hand 100, reserved 12, available 88, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn skip_pause_resume_and_cancel_make_exactly_what_the_preview_says() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    shop.advance_to("2031-05-01T00:00:00Z").await;
    let id = made(&shop, &subscription("sub-1", "FREQ=DAILY", "2031-05-02")).await;
    act(&shop, &id, "skip", json!({ "date": "2031-05-03" })).await;
    let coming: Vec<String> = preview(&shop, &id, 3).await.into_iter().map(|(d, _)| d).collect();
    assert_eq!(coming, ["2031-05-02", "2031-05-04", "2031-05-05"]);
    shop.advance_to("2031-05-05T12:00:00Z").await;
    assert_eq!(dates(&orders(&shop, &id).await), coming);

    act(&shop, &id, "pause", json!({})).await;
    assert!(preview(&shop, &id, 3).await.is_empty());
    shop.advance("3d").await;
    assert_eq!(orders(&shop, &id).await.len(), 3, "a paused subscription makes nothing");
    act(&shop, &id, "resume", json!({})).await;
    let coming: Vec<String> = preview(&shop, &id, 2).await.into_iter().map(|(d, _)| d).collect();
    assert_eq!(coming, ["2031-05-09", "2031-05-10"]);

    act(&shop, &id, "pause", json!({ "until": "2031-05-11" })).await;
    let coming: Vec<String> = preview(&shop, &id, 2).await.into_iter().map(|(d, _)| d).collect();
    assert_eq!(coming, ["2031-05-11", "2031-05-12"]);
    shop.advance_to("2031-05-12T12:00:00Z").await;
    assert_eq!(dates(&orders(&shop, &id).await)[3..], ["2031-05-11", "2031-05-12"]);

    act(&shop, &id, "cancel", json!({})).await;
    assert!(preview(&shop, &id, 3).await.is_empty());
    shop.advance("5d").await;
    assert_eq!(orders(&shop, &id).await.len(), 5);
    let over = shop.post(&format!("/v1/subscriptions/{id}/resume"), &json!({})).await;
    assert_eq!(over.status, 409, "{over:?}");
    shop.close().await;
}

#[tokio::test]
async fn a_subscription_sent_twice_is_one() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 10).await;
    shop.advance_to("2031-05-01T00:00:00Z").await;
    let body = subscription("sub-1", "FREQ=WEEKLY", "2031-05-02");
    let first = shop.client().post_once("/v1/subscriptions", "s-1", &body).await.unwrap();
    let again = shop.client().post_once("/v1/subscriptions", "s-1", &body).await.unwrap();
    assert_eq!((first.status, again.status), (201, 200), "{again:?}");
    assert_eq!(first.text("/id"), again.text("/id"));
    shop.advance("7d").await;
    assert_eq!(orders(&shop, first.text("/id")).await.len(), 1);
    shop.close().await;
}

/// What each order took for a unit.
fn unit_prices(orders: &[Value]) -> Vec<&str> {
    orders.iter().map(|order| order["lines"][0]["unit_price"].as_str().unwrap()).collect()
}

async fn dearer(shop: &Shop, price: &str) {
    let body = json!({ "name": "Tea", "prices": { "EUR": price }, "tax_rate": "0.21" });
    let answer = shop.client().put("/v1/products/TEA", &body).await.unwrap();
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn a_locked_price_stays_and_a_current_one_follows_the_price_list() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    shop.advance_to("2031-05-01T00:00:00Z").await;
    dearer(&shop, "10.00").await;
    let mut locked = subscription("locked", "FREQ=DAILY", "2031-05-02");
    locked["lines"][0]["unit_price"] = json!(null);
    let mut current = subscription("current", "FREQ=DAILY", "2031-05-02");
    current["price"] = json!("current");
    let locked = made(&shop, &locked).await;
    let current = made(&shop, &current).await;
    shop.advance_to("2031-05-02T12:00:00Z").await;
    dearer(&shop, "11.50").await;
    shop.advance_to("2031-05-03T12:00:00Z").await;
    assert_eq!(unit_prices(&orders(&shop, &locked).await), ["10.00", "10.00"]);
    assert_eq!(unit_prices(&orders(&shop, &current).await), ["10.00", "11.50"]);
    let statuses = orders(&shop, &current).await;
    assert!(statuses.iter().all(|order| order["status"] == "confirmed"), "{statuses:?}");
    shop.close().await;
}

#[tokio::test]
async fn a_partner_names_no_other_price_than_its_lists() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    shop.advance_to("2031-05-01T00:00:00Z").await;
    dearer(&shop, "10.00").await;
    let partner = shop.new_client("partner-a", "partner").await;
    let mut body = subscription("cheap", "FREQ=DAILY", "2031-05-02");
    body["lines"][0]["unit_price"] = json!("1.00");
    let refused = partner.post("/v1/subscriptions", &body).await.unwrap();
    assert_eq!((refused.status, refused.text("/code")), (422, "invalid"), "{refused:?}");
    let error = (refused.text("/errors/0/pointer"), refused.text("/errors/0/code"));
    assert_eq!(error, ("/lines/0/unit_price", "price_differs"));
    body["lines"][0]["unit_price"] = json!(null);
    let answer = partner.post("/v1/subscriptions", &body).await.unwrap();
    assert_eq!(answer.status, 201, "{answer:?}");
    let id = answer.text("/id").to_owned();
    dearer(&shop, "12.00").await;
    // What changes nothing of the basket keeps the price that was agreed.
    let path = format!("/v1/subscriptions/{id}/change");
    let changed = partner.post(&path, &json!({ "note": "ring twice" })).await.unwrap();
    assert_eq!(changed.status, 200, "{changed:?}");
    let lines = json!([{ "sku": "TEA", "quantity": 2, "unit_price": "10.00", "tax_rate": "0.21" }]);
    let refused = partner.post(&path, &json!({ "lines": lines })).await.unwrap();
    assert_eq!(refused.text("/errors/0/code"), "price_differs", "{refused:?}");
    shop.advance_to("2031-05-02T12:00:00Z").await;
    let orders = orders(&shop, &id).await;
    assert_eq!(unit_prices(&orders), ["10.00"]);
    assert_eq!(orders[0]["status"], "confirmed", "{orders:?}");
    shop.close().await;
}

#[tokio::test]
async fn a_change_for_the_next_order_alone_leaves_the_later_ones_as_they_were() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 100).await;
    shop.advance_to("2031-05-01T00:00:00Z").await;
    let id = made(&shop, &subscription("sub-1", "FREQ=DAILY", "2031-05-02")).await;
    let lines = json!([{ "sku": "TEA", "quantity": 5, "unit_price": "10.00", "tax_rate": "0.21" }]);
    act(&shop, &id, "skip", json!({})).await;
    act(&shop, &id, "change", json!({ "lines": lines, "only_next": true })).await;
    shop.advance_to("2031-05-04T12:00:00Z").await;
    let orders = orders(&shop, &id).await;
    let quantities: Vec<&Value> = orders.iter().map(|o| &o["lines"][0]["quantity"]).collect();
    assert_eq!(quantities, [&json!(5), &json!(1)]);
    shop.close().await;
}
