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

/// The dates of which the customer was told, as the messages say it.
async fn announced(shop: &Shop) -> Vec<String> {
    let messages = shop.messages().await;
    let notices = messages.iter().filter(|m| m["template"] == "subscription_notice");
    notices.map(|m| m["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_customer_is_told_of_each_order_before_it_is_made_and_of_a_price_that_rises() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let start = day_after(&shop, 5);
    let mut body = subscription("sub-1", "FREQ=MONTHLY", &start);
    body["notice_days"] = json!(2);
    body["price"] = json!("current");
    let id = made(&shop, &body).await;
    let shown = shop.get(&format!("/v1/subscriptions/{id}")).await;
    assert_eq!((&shown["order_total"], &shown["announced"]), (&json!("10.00"), &Value::Null));
    shop.advance("2d").await;
    assert_eq!(announced(&shop).await.len(), 0);
    shop.advance("2d").await;
    let told = announced(&shop).await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(!told[0].contains("price has changed"), "{}", told[0]);
    let shown = shop.get(&format!("/v1/subscriptions/{id}")).await;
    assert_eq!(shown["announced"], json!(start));
    shop.advance("2d").await;
    assert_eq!(shown_orders(&shop, &id).await, 1);
    // The next one costs more; told once, before, with both figures.
    let product = json!({ "name": "TEA", "prices": { "EUR": "11.50" }, "tax_rate": "0.21" });
    shop.client().put("/v1/products/TEA", &product).await.unwrap();
    shop.advance("29d").await;
    let told = announced(&shop).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains("10.00") && told[1].contains("11.50"), "{}", told[1]);
    shop.advance("3d").await;
    assert_eq!(announced(&shop).await.len(), 2);
    assert_eq!(shown_orders(&shop, &id).await, 2);
    let shown = shop.get(&format!("/v1/subscriptions/{id}")).await;
    assert_eq!(shown["order_total"], "11.50");
    shop.close().await;
}

#[tokio::test]
async fn another_basket_for_once_is_no_rise_of_the_price() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let mut body = subscription("sub-1", "FREQ=MONTHLY", &day_after(&shop, 5));
    body["notice_days"] = json!(2);
    body["price"] = json!("current");
    let id = made(&shop, &body).await;
    let three = json!({ "lines": [{ "sku": "TEA", "quantity": 3 }], "only_next": true });
    act(&shop, &id, "change", three.clone()).await;
    shop.advance("7d").await;
    let told = announced(&shop).await;
    assert!(told.len() == 1 && !told[0].contains("price has changed"), "{told:?}");
    let shown = shop.get(&format!("/v1/subscriptions/{id}")).await;
    assert_eq!(shown["order_total"], "10.00", "what it usually comes to");
    // Three at the new price, against three at the old one.
    let product = json!({ "name": "TEA", "prices": { "EUR": "11.50" }, "tax_rate": "0.21" });
    shop.client().put("/v1/products/TEA", &product).await.unwrap();
    act(&shop, &id, "change", three).await;
    shop.advance("31d").await;
    let told = announced(&shop).await;
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains("it was €30.00, now it is €34.50"), "{}", told[1]);
    shop.close().await;
}

/// A local date so many days after today.
fn day_after(shop: &Shop, days: i64) -> String {
    let at = shop.now().plus(ordermill_domain::time::Seconds::days(days));
    at.to_string().chars().take(10).collect()
}

async fn shown_orders(shop: &Shop, id: &str) -> usize {
    shop.list(&format!("/v1/subscriptions/{id}/orders")).await.len()
}

/// A provider tells of an attempt that did not come about.
async fn declined(shop: &Shop, order: &str, event: &str, code: &str) {
    let body = json!({ "type": "payment.failed", "data": { "order_id": order, "amount": "10.00",
        "currency": "EUR", "reference": "pi-1", "code": code, "reason": code } });
    let told = shop.generic(event, &body.to_string(), shop.now()).await;
    assert_eq!(told.status, 200, "{told:?}");
    shop.settle().await;
}

/// A subscription by card whose first order waits for money: its id, and the order's.
async fn unpaid(shop: &Shop, unpaid: &str) -> (String, String) {
    let mut body = subscription("sub-1", "FREQ=MONTHLY", &day_after(shop, 1));
    body["payment"] = json!({ "terms": "prepaid", "method": "card" });
    body["unpaid"] = json!(unpaid);
    body["time_zone"] = json!("UTC");
    let id = made(shop, &body).await;
    shop.advance_to(&format!("{}T09:05:00Z", day_after(shop, 1))).await;
    let orders = shop.list(&format!("/v1/subscriptions/{id}/orders")).await;
    let order = orders[0]["id"].as_str().unwrap().to_owned();
    (id, order)
}

#[tokio::test]
async fn an_order_that_cannot_be_paid_is_asked_for_by_a_ladder_and_then_the_subscription_stops() {
    for (how, status) in [("pause", "paused"), ("cancel", "cancelled")] {
        let shop = Shop::open().await;
        shop.stock("TEA", "VNO", 50).await;
        let (id, order) = unpaid(&shop, how).await;
        assert_eq!(shop.status(&order).await, "awaiting_payment");
        declined(&shop, &order, "evt-1", "insufficient_funds").await;
        let shown = shop.get(&format!("/v1/subscriptions/{id}")).await;
        assert_eq!(shown["dunning"]["failure"], "declined", "{shown}");
        assert_eq!(shown["dunning"]["order"], json!(order));
        assert_eq!(shop.order(&order).await["holds"][0]["name"], "dunning");
        let reminders = async || {
            shop.told(&order).await.iter().filter(|m| m.ends_with("payment_reminder")).count()
        };
        // Its own limit of two hours waits.
        let before = reminders().await;
        shop.advance("23h").await;
        assert_eq!(
            (shop.status(&order).await.as_str(), reminders().await),
            ("awaiting_payment", before)
        );
        shop.advance("7d").await;
        assert_eq!(reminders().await, before + 4);
        let figures = shop.get("/v1/subscriptions/figures").await;
        assert_eq!((&figures["active"], &figures["unpaid"]), (&json!(1), &json!(1)), "{figures}");
        shop.advance("3d").await;
        let ended = shop.order(&order).await;
        assert_eq!(ended["status"], "cancelled", "{ended:#}");
        let shown = shop.get(&format!("/v1/subscriptions/{id}")).await;
        assert_eq!(
            (&shown["status"], &shown["cancel_reason"]),
            (&json!(status), &json!("not_paid"))
        );
        assert_eq!(shown["dunning"], Value::Null);
        assert_eq!(shop.stock_of("TEA").await, "on_hand 50, reserved 0, available 50, waiting 0");
        shop.advance("60d").await;
        assert_eq!(shown_orders(&shop, &id).await, 1);
        let figures = shop.get("/v1/subscriptions/figures?from=2020-01-01").await;
        let churned = u64::from(how == "cancel");
        assert_eq!(
            (&figures["active"], &figures["churned"]),
            (&json!(0), &json!(churned)),
            "{figures}"
        );
        shop.close().await;
    }
}

#[tokio::test]
async fn money_ends_the_asking_and_a_lost_card_is_asked_about_at_once() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 50).await;
    let (id, order) = unpaid(&shop, "pause").await;
    let reminders =
        async || shop.told(&order).await.iter().filter(|m| m.ends_with("payment_reminder")).count();
    declined(&shop, &order, "evt-1", "lost_card").await;
    assert_eq!(reminders().await, 1);
    let shown = shop.get(&format!("/v1/subscriptions/{id}")).await;
    assert_eq!(shown["dunning"]["failure"], "unusable");
    shop.advance("2d").await;
    shop.pay(&order, "10.00", "pi-2").await;
    let paid = shop.order(&order).await;
    assert_eq!((&paid["status"], &paid["holds"]), (&json!("confirmed"), &json!([])));
    let shown = shop.get(&format!("/v1/subscriptions/{id}")).await;
    assert_eq!((&shown["status"], &shown["dunning"]), (&json!("active"), &Value::Null));
    shop.advance("20d").await;
    assert_eq!(reminders().await, 1);
    let figures = shop.get("/v1/subscriptions/figures").await;
    assert_eq!(figures["mrr"], json!({ "EUR": "10.00" }), "{figures}");
    assert_eq!((&figures["new"], &figures["complete"]), (&json!(1), &json!(true)));
    shop.close().await;
}
