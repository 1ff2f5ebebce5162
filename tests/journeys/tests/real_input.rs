//! What others really send, through the real run: 830 orders of a wholesaler, Stripe's events,
//! AWS's events. The folder is told by `ORDERMILL_REAL_INPUT`; unset, nothing is read.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "input that cannot be read is a failure"
)]

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::event::sqs::SqsEvent;
use futures::stream::{self, StreamExt};
use ordermill_domain::time::Timestamp;
use ordermill_journeys::{Shop, order};
use ordermill_local::client::Paid;
use ordermill_runtime::Queue;
use ordermill_runtime::config::LOCAL_WEBHOOK_SECRET;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Requests under way at once.
const AT_ONCE: usize = 16;

/// The folder with real input, if somebody named one.
fn input(folder: &str) -> Option<PathBuf> {
    let Some(root) = std::env::var_os("ORDERMILL_REAL_INPUT") else {
        println!("skipped: ORDERMILL_REAL_INPUT is not set");
        return None;
    };
    // Relative to the project's root, wherever the test runs.
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let path = here.join("../..").join(root).join(folder);
    assert!(path.is_dir(), "{} is not there", path.display());
    Some(path)
}

/// The folder's JSON files by name, as text.
fn files(folder: &PathBuf) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with(".json") {
            found.insert(name, std::fs::read_to_string(&path).unwrap());
        }
    }
    found
}

fn list(files: &BTreeMap<String, String>, name: &str) -> Vec<Value> {
    serde_json::from_str(&files[name]).unwrap()
}

/// Northwind's own words for countries, as ISO 3166-1.
const COUNTRIES: [(&str, &str); 21] = [
    ("Argentina", "AR"),
    ("Austria", "AT"),
    ("Belgium", "BE"),
    ("Brazil", "BR"),
    ("Canada", "CA"),
    ("Denmark", "DK"),
    ("Finland", "FI"),
    ("France", "FR"),
    ("Germany", "DE"),
    ("Ireland", "IE"),
    ("Italy", "IT"),
    ("Mexico", "MX"),
    ("Norway", "NO"),
    ("Poland", "PL"),
    ("Portugal", "PT"),
    ("Spain", "ES"),
    ("Sweden", "SE"),
    ("Switzerland", "CH"),
    ("UK", "GB"),
    ("USA", "US"),
    ("Venezuela", "VE"),
];

/// A text of Northwind's; its way to write nothing is `NULL`.
fn text(value: &Value) -> Value {
    match value {
        Value::String(text) if text == "NULL" || text.trim().is_empty() => Value::Null,
        Value::Number(number) => json!(number.to_string()),
        other => other.clone(),
    }
}

/// A JSON number as a whole number of its last places, by its text and without floats.
fn scaled(number: &Value, places: usize) -> i64 {
    let text = number.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    assert!(fraction.len() <= places, "{text} has more than {places} places");
    format!("{whole}{fraction:0<places$}").parse().unwrap()
}

fn decimal(cents: i64) -> String {
    format!("{}.{:02}", cents / 100, cents % 100)
}

/// The order as a shop would send it, and what it comes to.
fn body_of(sold: &Value, customers: &BTreeMap<String, Value>) -> (Value, i64) {
    let mut total = scaled(&sold["freight"], 2);
    let mut lines = Vec::new();
    for detail in sold["details"].as_array().unwrap() {
        let (price, units) =
            (scaled(&detail["unitPrice"], 2), detail["quantity"].as_i64().unwrap());
        let off = (price * units * scaled(&detail["discount"], 2) + 50) / 100;
        total += price * units - off;
        let mut line = json!({
            "sku": format!("NW-{}", detail["productID"]),
            "quantity": units,
            "unit_price": decimal(price),
            "tax_rate": "0",
        });
        if off > 0 {
            line["discounts"] = json!([{ "code": "NW", "amount": decimal(off) }]);
        }
        lines.push(line);
    }
    let customer = &customers[sold["customerID"].as_str().unwrap()];
    let address = &sold["shipAddress"];
    let country = COUNTRIES.iter().find(|(name, _)| address["country"] == *name).unwrap().1;
    let body = json!({
        "external_id": format!("NW-{}", sold["orderID"]),
        "currency": "USD",
        "customer": {
            "id": sold["customerID"],
            "name": customer["contactName"],
            "company": customer["companyName"],
            "phone": text(&customer["address"]["phone"]),
        },
        "delivery": {
            "method": "courier",
            "address": {
                "line1": text(&address["street"]),
                "city": text(&address["city"]),
                "region": text(&address["region"]),
                "postal_code": text(&address["postalCode"]),
                "country": country,
            },
        },
        "payment": { "terms": "prepaid", "method": "bank_transfer" },
        "shipping": { "method": "courier", "amount": decimal(scaled(&sold["freight"], 2)), "tax_rate": "0" },
        "total": decimal(total),
        "lines": lines,
    });
    (body, total)
}

async fn catalogue(shop: &Shop, products: &[Value]) -> BTreeMap<String, i64> {
    let mut stock = BTreeMap::new();
    let mut receipts = Vec::new();
    for product in products {
        let sku = format!("NW-{}", product["productID"]);
        let body = json!({
            "name": product["name"],
            "prices": { "USD": decimal(scaled(&product["unitPrice"], 2)) },
            "tax_rate": "0",
            "active": product["discontinued"] != true,
        });
        let put = shop.client().put(&format!("/v1/products/{sku}"), &body).await.unwrap();
        assert!(put.is_success(), "{put:?}");
        let units = product["unitsInStock"].as_i64().unwrap();
        if units > 0 {
            receipts.push(receipt(&sku, units));
        }
        stock.insert(sku, units);
    }
    shop.movements(&receipts).await;
    stock
}

fn receipt(sku: &str, units: i64) -> Value {
    json!({ "sku": sku, "warehouse": "MAIN", "type": "receipt", "quantity": units,
        "reason": "delivery" })
}

fn by_status(orders: &[Value]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for order in orders {
        *counts.entry(order["status"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

/// Units of a figure of all lines, by SKU.
fn units(orders: &[Value], figure: &str) -> BTreeMap<String, i64> {
    let mut sums = BTreeMap::new();
    for line in orders.iter().flat_map(|order| order["lines"].as_array().unwrap()) {
        let held = |a: &Value| a["quantity"].as_i64().unwrap();
        let units = match &line[figure] {
            Value::Array(allocations) => allocations.iter().map(held).sum(),
            figure => figure.as_i64().unwrap(),
        };
        *sums.entry(line["sku"].as_str().unwrap().to_owned()).or_default() += units;
    }
    sums
}

/// Nobody was promised what was not there.
fn never_more_than_there_was(orders: &[Value], stock: &BTreeMap<String, i64>) {
    let (held, sold) = (units(orders, "allocations"), units(orders, "shipped"));
    for (sku, there) in stock {
        let promised = held.get(sku).unwrap_or(&0) + sold.get(sku).unwrap_or(&0);
        assert!(promised <= *there, "{sku}: {promised} of {there}");
    }
}

/// Units of an article that each order waits for, first come first.
fn queue(orders: &[Value], sku: &str) -> Vec<(String, i64)> {
    let mut waiting: Vec<(Timestamp, String, i64)> = Vec::new();
    for order in orders {
        let lines = order["lines"].as_array().unwrap().iter();
        let units: i64 =
            lines.filter(|l| l["sku"] == sku).map(|l| l["backordered"].as_i64().unwrap()).sum();
        let text = |name: &str| order[name].as_str().unwrap().to_owned();
        // As a moment: `12.31Z` is before `12.312Z`, and as text it is not.
        waiting.push((Timestamp::parse(&text("created_at")).unwrap(), text("id"), units));
    }
    waiting.sort();
    waiting.into_iter().map(|(_, id, units)| (id, units)).collect()
}

async fn done(shop: &Shop, order: Value, command: &str, body: Value) {
    let answer = shop.command(order["id"].as_str().unwrap(), command, body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

/// The whole order is paid by a transfer.
async fn pay(shop: &Shop, order: Value) {
    let (id, total) = (order["id"].as_str().unwrap(), &order["totals"]["gross"]);
    let reference = format!("transfer-{id}");
    let amount = total.as_str().unwrap();
    let paid = Paid { order: id, amount, currency: "USD", reference: &reference };
    let told = shop.client().webhook(LOCAL_WEBHOOK_SECRET, &paid, shop.now()).await.unwrap();
    assert_eq!(told.status, 200, "{told:?}");
}

async fn each<F: Future<Output = ()>>(orders: &[Value], act: impl Fn(Value) -> F) {
    stream::iter(orders.iter().cloned()).for_each_concurrent(AT_ONCE, act).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wholesalers_year_runs_out_of_stock_and_is_served_in_turn() {
    let Some(folder) = input("northwind") else { return };
    let files = files(&folder);
    let (sold, products) = (list(&files, "orders.json"), list(&files, "products.json"));
    let customers: BTreeMap<String, Value> = list(&files, "customers.json")
        .into_iter()
        .map(|customer| (customer["customerID"].as_str().unwrap().to_owned(), customer))
        .collect();
    println!("{} files: {} orders, {} products", files.len(), sold.len(), products.len());
    let shop = Shop::open().await;
    let mut stock = catalogue(&shop, &products).await;

    let place = |sold: Value| {
        let (body, total) = body_of(&sold, &customers);
        let shop = &shop;
        async move {
            let id = shop.place(&body).await;
            let gross = shop.order(&id).await["totals"]["gross"].clone();
            assert_eq!(gross, decimal(total), "{body}");
        }
    };
    each(&sold, place).await;
    shop.settle().await;
    let orders = shop.list("/v1/orders").await;
    assert_eq!(orders.len(), sold.len());
    println!("taken in: {:?}", by_status(&orders));
    never_more_than_there_was(&orders, &stock);
    let mut reasons: BTreeMap<&str, usize> = BTreeMap::new();
    for order in &orders {
        let status = order["status"].as_str().unwrap();
        assert!(["review", "backordered", "awaiting_payment"].contains(&status), "{order}");
        assert_eq!(status == "review", order["reasons"] != json!([]), "{order}");
        for reason in order["reasons"].as_array().unwrap() {
            *reasons.entry(reason["code"].as_str().unwrap()).or_default() += 1;
        }
    }
    println!("reasons for review: {reasons:?}");

    // A person looks at what was found, and lets it go on.
    let in_review: Vec<Value> =
        orders.iter().filter(|o| o["status"] == "review").cloned().collect();
    each(&in_review, |order| done(&shop, order, "approve", json!({}))).await;
    shop.settle().await;
    let orders = shop.list("/v1/orders").await;
    println!("approved: {:?}", by_status(&orders));
    never_more_than_there_was(&orders, &stock);

    // Everybody pays, also who still waits.
    each(&orders, |order| pay(&shop, order)).await;
    shop.settle().await;
    let orders = shop.list("/v1/orders").await;
    println!("paid: {:?}", by_status(&orders));
    assert!(orders.iter().all(|order| order["payment"]["status"] == "paid"));

    // What is there leaves.
    let ready: Vec<Value> = orders.iter().filter(|o| o["status"] == "confirmed").cloned().collect();
    let parcel = json!({ "carrier": "Federal Shipping" });
    each(&ready, |order| done(&shop, order, "ship", parcel.clone())).await;
    shop.settle().await;
    let before = shop.list("/v1/orders").await;
    println!("shipped: {:?}", by_status(&before));
    never_more_than_there_was(&before, &stock);

    // Half of what is waited for comes in: first come, first served.
    let waiting: BTreeMap<String, i64> = units(&before, "backordered");
    let half: Vec<Value> = waiting
        .iter()
        .filter(|(_, units)| **units > 1)
        .map(|(sku, units)| {
            *stock.get_mut(sku).unwrap() += units / 2;
            receipt(sku, units / 2)
        })
        .collect();
    shop.movements(&half).await;
    let after = shop.list("/v1/orders").await;
    never_more_than_there_was(&after, &stock);
    for sku in waiting.keys() {
        let (queue_before, queue_after) = (queue(&before, sku), queue(&after, sku));
        let mut somebody_waits = false;
        for ((id, was), (same, is)) in queue_before.iter().zip(&queue_after) {
            assert_eq!(id, same);
            assert!(!(somebody_waits && is < was), "{sku}: {id} jumped the queue");
            somebody_waits |= *is > 0;
        }
    }
    // And then the rest.
    let rest: Vec<Value> = units(&after, "backordered")
        .iter()
        .filter(|(_, units)| **units > 0)
        .map(|(sku, units)| {
            *stock.get_mut(sku).unwrap() += units;
            receipt(sku, *units)
        })
        .collect();
    shop.movements(&rest).await;
    let end = shop.list("/v1/orders").await;
    println!("restocked: {:?}", by_status(&end));
    assert_eq!(units(&end, "backordered").values().sum::<i64>(), 0);
    never_more_than_there_was(&end, &stock);
    let at_rest = ["confirmed", "partly_shipped", "shipped"];
    assert!(end.iter().all(|order| at_rest.contains(&order["status"].as_str().unwrap())));
    shop.close().await;
}

/// How much the events say was received by this intent, in cents: the most that one of them says.
fn received(files: &BTreeMap<String, String>, intent: &str) -> i64 {
    let said = files.values().filter_map(|body| {
        let event: Value = serde_json::from_str(body).unwrap();
        let object = &event["data"]["object"];
        let of_intent = object["id"] == intent || object["payment_intent"] == intent;
        let amount = match event["type"].as_str() {
            Some("payment_intent.succeeded") => &object["amount_received"],
            Some("checkout.session.completed") if object["payment_status"] == "paid" => {
                &object["amount_total"]
            }
            Some(_) | None => return None,
        };
        amount.as_i64().filter(|_| of_intent)
    });
    said.max().unwrap()
}

/// An order over 20.00 USD that names the intent of Stripe's samples.
async fn of_intent(shop: &Shop, intent: &str) -> String {
    let mut body = order("web-1", &[("TEA", 2)]);
    body["currency"] = json!("USD");
    body["payment"]["references"] = json!([intent]);
    shop.placed(&body).await
}

fn intent_of(files: &BTreeMap<String, String>) -> String {
    let event: Value = serde_json::from_str(&files["payment_intent.succeeded.json"]).unwrap();
    event["data"]["object"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn every_event_of_stripe_is_taken_in_and_waits_for_its_order() {
    let Some(folder) = input("stripe-events") else { return };
    let files = files(&folder);
    println!("{} events of Stripe", files.len());
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    for _ in 0..2 {
        for (name, body) in &files {
            let answer = shop.stripe(body).await;
            assert_eq!(answer.status, 200, "{name}: {answer:?}");
        }
    }
    shop.settle().await;
    let unmatched = shop.list("/v1/payments?unmatched=true").await;
    println!("{} of them wait for an order", unmatched.len());
    let intent = intent_of(&files);
    let waits = |item: &&Value| item.to_string().contains(&intent);
    assert!(unmatched.iter().any(|item| waits(&item)), "{unmatched:?}");
    let id = of_intent(&shop, &intent).await;
    let paid = shop.order(&id).await["payment"]["paid"].clone();
    assert_eq!(paid, decimal(received(&files, &intent)));
    assert_eq!(shop.status(&id).await, "confirmed");
    shop.close().await;
}

#[tokio::test]
async fn an_intent_pays_the_order_that_names_it_whatever_else_is_told() {
    let Some(folder) = input("stripe-events") else { return };
    let files = files(&folder);
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 5).await;
    let intent = intent_of(&files);
    let id = of_intent(&shop, &intent).await;
    assert_eq!(shop.stripe(&files["payment_intent.succeeded.json"]).await.status, 200);
    shop.settle().await;
    assert_eq!(shop.money(&id).await, "paid: 20.00 of 20.00, owed 0.00, refunded 0.00");
    assert_eq!(shop.status(&id).await, "confirmed");
    for _ in 0..2 {
        for (name, body) in &files {
            assert_eq!(shop.stripe(body).await.status, 200, "{name}");
        }
    }
    shop.settle().await;
    // The samples are of several payments, with one name for all intents: the most counts, and
    // what is above the order's price is owed.
    let most = received(&files, &intent);
    let money = shop.order(&id).await["payment"].clone();
    let shown = (money["paid"].clone(), money["refund_owed"].clone());
    assert_eq!(shown, (json!(decimal(most)), json!(decimal(most - 2_000))));
    shop.close().await;
}

#[tokio::test]
async fn events_as_aws_sends_them_break_no_function() {
    let Some(folder) = input("aws-events") else { return };
    let files = files(&folder);
    println!("{} events of AWS", files.len());
    let shop = Shop::open().await;
    let site = shop.running().site();
    let (functions, runtime) = (site.functions(), &site.ground().runtime);
    let mut handed = BTreeMap::<&str, usize>::new();
    for (name, text) in &files {
        let value: Value = serde_json::from_str(text).unwrap();
        if let Ok(request) = serde_json::from_value::<ApiGatewayV2httpRequest>(value.clone()) {
            for function in [&functions.api, &functions.intake, &functions.webhook] {
                let answer = function.call(runtime, request.clone()).await;
                let status = answer.expect("the call panicked").status_code;
                assert!((400..500).contains(&status), "{name}: {status}");
            }
            *handed.entry("http").or_default() += 1;
        }
        if let Ok(batch) = serde_json::from_value::<SqsEvent>(value.clone()) {
            for queue in Queue::ALL {
                let answer = functions.behind(queue).call(runtime, batch.clone()).await;
                let failed = answer.expect("the call panicked").batch_item_failures;
                assert!(failed.len() <= batch.records.len(), "{name}: {failed:?}");
            }
            *handed.entry("sqs").or_default() += 1;
        }
        if let Ok(batch) = serde_json::from_value::<Event>(value.clone()) {
            for function in [&functions.relay, &functions.project] {
                let answer = function.call(runtime, batch.clone()).await;
                let failed = answer.expect("the call panicked").batch_item_failures;
                assert!(failed.is_empty(), "{name}: a record that is not ours stops the shard");
            }
            *handed.entry("dynamodb").or_default() += 1;
        }
        if name.starts_with("example-eventbridge") {
            functions.sweep.call(runtime, value).await.expect("the call panicked");
            *handed.entry("schedule").or_default() += 1;
        }
    }
    println!("handed to functions: {handed:?}");
    assert!(["http", "sqs", "dynamodb", "schedule"].iter().all(|kind| handed.contains_key(kind)));
    shop.look_over().await;
    assert!(shop.list("/v1/orders").await.is_empty());
    shop.stop().await;
}
