//! Personal data stand in the order's snapshot, the subscription's body and the customer's card, and
//! nowhere else: after a fortnight of everything that can happen, every row, key, message of a queue
//! and line of the log is searched for the customers' names, addresses and contacts.

#![allow(clippy::unwrap_used, reason = "a world that cannot be set up is broken")]

use ordermill_domain::time::Seconds;
use ordermill_table::item::{Item, text};
use ordermill_table::records::{InboxEntry, read};
use ordermill_world::World;
use serde_json::{Value, json};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// Pieces of names, addresses and contacts that nothing else contains.
const PERSONAL: [&str; 8] =
    ["Zuikien", "zuikis", "Kiškių", "69998877", "LT-55443", "Žvirbl", "Payer Pelėda", "Ožkel"];
/// Kinds of rows that may hold them.
const MAY_HOLD: [&str; 4] = ["placed", "page", "subscription", "customer"];

/// What is logged, kept in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn found(text: &str) -> Option<&'static str> {
    let lower = text.to_lowercase();
    PERSONAL.into_iter().find(|piece| lower.contains(&piece.to_lowercase()))
}

fn customer() -> Value {
    json!({ "name": "Ona Zuikienė", "email": "Ona.Zuikis@example.com", "phone": "+37069998877",
        "locale": "lt", "time_zone": "Europe/Vilnius" })
}

fn address() -> Value {
    json!({ "line1": "Kiškių g. 77", "line2": "pas Žvirblį", "city": "Vilnius",
        "postal_code": "LT-55443", "country": "LT" })
}

/// An order that says everything that somebody may say of themselves.
fn body(number: &str, units: i64) -> Value {
    let mut body = World::order_body(number, &[("TEA", units)]);
    body["customer"] = customer();
    body["delivery"] = json!({ "method": "courier", "address": address() });
    body["billing"] = json!({ "name": "Ona Zuikienė", "address": address() });
    body["note"] = json!("Ring at Ožkelė's.");
    body["gift"] = json!({ "card": "For Ožkelė" });
    body["metadata"] = json!({ "who": "Ona Zuikienė" });
    body["lines"][0]["options"] = json!([{ "name": "engraving", "value": "Ožkelė" }]);
    body
}

/// What goes wrong with what people write into forms.
fn troubled(day: usize) -> Value {
    let mut body = body(&format!("t-{day}"), 1);
    match day % 6 {
        0 => body["delivery"]["address"]["postal_code"] = json!("Kiškių 1"),
        1 => body["delivery"]["address"]["line2"] = json!("+37069998877"),
        2 => body["customer"]["name"] = json!("ona.zuikis@example.com"),
        3 => body["customer"]["phone"] = json!("69998877 Žvirbliui"),
        4 => body["customer"]["email"] = json!("Ona Zuikienė"),
        _ => body["lines"][0]["sku"] = json!("NONE"),
    }
    body
}

fn paid(order: &str, amount: &str, reference: &str) -> Value {
    json!({ "type": "payment.succeeded", "data": { "order_id": order, "amount": amount,
        "currency": "EUR", "reference": reference, "payer": { "name": "Payer Pelėda" } } })
}

/// One day: an order that goes its way, one that is troubled, one that nobody pays.
async fn a_day(world: &mut World, day: usize) {
    let good = world.place(body(&format!("g-{day}"), 1)).await;
    let bad = world.request("POST", "/v1/orders", troubled(day)).await;
    let forgotten = world.place(body(&format!("f-{day}"), 2)).await;
    world.settle().await;
    let gross = world.order(&good).await["totals"]["gross"].as_str().unwrap().to_owned();
    world.webhook(&format!("evt-{day}"), paid(&good, &gross, &format!("r-{day}"))).await;
    world.settle().await;
    let comment = json!({ "text": "Žvirblis called", "visibility": "internal" });
    world.command(&good, "comment", comment).await;
    let comment = json!({ "text": "Dear Ona Zuikienė", "visibility": "customer" });
    world.command(&good, "comment", comment).await;
    for command in ["pick", "pack", "ship", "deliver"] {
        world.command(&good, command, json!({})).await;
    }
    if day.is_multiple_of(3) {
        let back = json!({ "lines": [{ "line": 1, "quantity": 1, "condition": "restock",
            "warehouse": "VNO" }], "reason": "damaged" });
        world.command(&good, "return", back).await;
        world.command(&forgotten, "cancel", json!({ "reason": "changed_mind" })).await;
    }
    if day.is_multiple_of(4)
        && let Some(id) = bad.body["id"].as_str()
    {
        world.command(id, "approve", json!({ "note": "Žvirblis said yes" })).await;
    }
    world.advance(Seconds::days(1)).await;
}

async fn fortnight() -> World {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 40).await;
    let subscription = json!({ "external_id": "sub-1", "currency": "EUR", "customer": customer(),
        "delivery": { "method": "courier", "address": address() },
        "payment": { "terms": "invoice" },
        "lines": [{ "sku": "TEA", "quantity": 1, "unit_price": "10.00", "tax_rate": "0.21" }],
        "rule": "FREQ=DAILY", "start": "2026-03-02", "time": "09:00",
        "time_zone": "Europe/Vilnius" });
    let made = world.request("POST", "/v1/subscriptions", subscription).await;
    assert_eq!(made.status, 201, "{made:?}");
    for day in 0..14 {
        a_day(&mut world, day).await;
    }
    world.webhook("evt-lost", paid("nobody", "7.00", "r-lost")).await;
    world.settle().await;
    world
}

async fn rows(world: &World) -> Vec<Item> {
    let mut rows = Vec::new();
    let mut start = None;
    loop {
        let (page, next) = world.runtime.table.scan(start).await.unwrap();
        rows.extend(page);
        match next {
            Some(next) => start = Some(next),
            None => return rows,
        }
    }
}

/// Everything a row says, as it stands and as it is read.
fn whole(row: &Item) -> String {
    let document: Option<Value> = read(row).ok();
    format!("{row:?} {}", document.map(|d| d.to_string()).unwrap_or_default())
}

#[tokio::test]
async fn nobody_is_named_outside_snapshot_subscription_and_card_and_then_nowhere() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = fortnight().await;

    let mut wrong = Vec::new();
    let mut holding = 0;
    let mut waiting = 0;
    let all = rows(&world).await;
    assert!(all.len() > 300, "only {} rows: nothing happened", all.len());
    for row in &all {
        let (pk, sk) = (text(row, "pk").unwrap(), text(row, "sk").unwrap());
        if let Some(piece) = found(&format!("{pk} {sk}")) {
            wrong.push(format!("key {pk} {sk}: {piece}"));
        }
        let kind = text(row, "kind").unwrap();
        let Some(piece) = found(&whole(row)) else { continue };
        // Money that has no order yet is kept as it came: a person may need the payer's name.
        let unapplied = matches!(kind, "inbox" | "unmatched")
            && read::<InboxEntry>(row).is_ok_and(|entry| !entry.applied);
        waiting += usize::from(unapplied);
        holding += usize::from(MAY_HOLD.contains(&kind));
        if !unapplied && !MAY_HOLD.contains(&kind) {
            wrong.push(format!("row {pk} {sk} ({kind}): {piece}"));
        }
    }
    assert!(holding > 40, "only {holding} rows name anybody: the search finds nothing");
    assert_eq!(waiting, 1, "money without an order");
    for message in world.messages.lock().unwrap().iter() {
        wrong.extend(found(message).map(|piece| format!("message {message}: {piece}")));
    }
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.lines().count() > 100, "the log is empty");
    for line in log.lines() {
        wrong.extend(found(line).map(|piece| format!("log {line}: {piece}")));
    }
    // Staff and partners read of orders, not of people.
    let sent = world.services.outbox().list().unwrap();
    let to_staff = sent.iter().filter(|s| s.tags.get("audience").is_some_and(|a| a != "customer"));
    for sent in to_staff {
        let said = format!("{:?} {:?} {:?} {:?}", sent.subject, sent.text, sent.html, sent.tags);
        wrong.extend(found(&said).map(|piece| format!("to staff {:?}: {piece}", sent.subject)));
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
    everybody_is_forgotten(world).await;
}

/// Commands without which an order is not over.
async fn end(world: &mut World, id: &str) {
    for command in ["complete", "cancel", "reject"] {
        if world.order(id).await["phase"] != "closed" {
            world.command(id, command, json!({ "reason": "the shop closes" })).await;
            world.settle().await;
        }
    }
    let owed = world.order(id).await["payment"]["refund_owed"].clone();
    if owed != "0.00" {
        let back = json!({ "amount": owed, "reference": format!("back-{id}") });
        assert_eq!(world.command(id, "refund", back).await.status, 200);
    }
    let exceptions = world.order(id).await["exceptions"].clone();
    for exception in exceptions.as_array().unwrap() {
        world.command(id, "release", json!({ "name": exception["code"] })).await;
    }
    world.settle().await;
}

/// Once customers are forgotten no row names anybody.
async fn everybody_is_forgotten(mut world: World) {
    let subscriptions = world.request("GET", "/v1/subscriptions", Value::Null).await.body;
    for subscription in subscriptions["items"].as_array().unwrap() {
        let path = format!("/v1/subscriptions/{}/cancel", subscription["id"].as_str().unwrap());
        world.request("POST", &path, json!({ "reason": "Žvirblis asked" })).await;
    }
    // What was delivered is complete after its fourteen days.
    world.advance(Seconds::days(20)).await;
    let orders = world.request("GET", "/v1/orders?limit=200", Value::Null).await.body;
    let orders = orders["items"].as_array().unwrap().clone();
    assert!(orders.len() > 40, "{} orders", orders.len());
    let gross: Vec<String> = orders.iter().map(|o| o["totals"].to_string()).collect();
    let mut cards = std::collections::BTreeSet::new();
    for order in &orders {
        end(&mut world, order["id"].as_str().unwrap()).await;
        cards.extend(order["customer"]["card"].as_str().map(str::to_owned));
    }
    assert!(!cards.is_empty());
    for card in &cards {
        let asked =
            world.request("POST", &format!("/v1/customers/{card}/erase"), Value::Null).await;
        assert_eq!(asked.status, 202, "{asked:?}");
    }
    world.advance(Seconds::minutes(2)).await;
    let mut wrong = Vec::new();
    let named = |order: &Value| !order["customer"]["card"].is_null();
    for row in &rows(&world).await {
        let (pk, sk) = (text(row, "pk").unwrap(), text(row, "sk").unwrap());
        // Of whom nothing is known by which to be found again, nothing can be asked.
        let of = |order: &Value| pk.ends_with(order["id"].as_str().unwrap());
        let is_nobodys = orders.iter().any(|order| of(order) && !named(order));
        let kind = text(row, "kind").unwrap();
        if let Some(piece) = found(&whole(row)).filter(|_| !is_nobodys && kind != "unmatched") {
            wrong.push(format!("row {pk} {sk} ({kind}): {piece}"));
        }
    }
    assert!(wrong.is_empty(), "{} places:\n{}", wrong.len(), wrong.join("\n"));
    for (order, gross) in orders.iter().zip(gross).filter(|(order, _)| named(order)) {
        let now = world.order(order["id"].as_str().unwrap()).await;
        assert!(!now["erased_at"].is_null(), "{now}");
        assert_eq!(now["totals"].to_string(), gross);
        assert_eq!(now["delivery"]["address"]["country"], "LT");
    }
    for card in &cards {
        assert_eq!(
            world.request("GET", &format!("/v1/customers/{card}"), Value::Null).await.status,
            410
        );
    }
    assert_eq!(ordermill_world::findings(&world).await, []);
}
