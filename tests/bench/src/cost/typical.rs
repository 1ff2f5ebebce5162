//! Six typical orders, from intake to their end, step by step through the deployed functions.

use crate::cost::meter::{Meter, Usage};
use ordermill_domain::time::Seconds;
use ordermill_runtime::Queue;
use ordermill_world::{Answer, World};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// An order that is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Typical {
    /// Two lines, prepaid by card, from intake to completed.
    Prepaid,
    /// One line, paid at the door.
    OnDelivery,
    /// By bank transfer, reminded twice and never paid.
    NeverPaid,
    /// A part in stock and a part to come, shipped in two parcels.
    Backordered,
    /// Made by a subscription, on account.
    Recurring,
    /// Two hundred lines.
    Large,
}

impl Typical {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Prepaid,
        Self::OnDelivery,
        Self::NeverPaid,
        Self::Backordered,
        Self::Recurring,
        Self::Large,
    ];

    /// What it is, in a few words.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Prepaid => "prepaid, 2 lines",
            Self::OnDelivery => "on delivery, 1 line",
            Self::NeverPaid => "cancelled after two reminders",
            Self::Backordered => "backordered, two parcels",
            Self::Recurring => "recurring, on account",
            Self::Large => "200 lines",
        }
    }
}

/// Usage of so many orders of a kind that go through together, by who was at work.
pub async fn measure(typical: Typical, orders: usize) -> BTreeMap<String, Usage> {
    let mut shop = Shop::new().await;
    shop.prepare(typical).await;
    shop.meter.reset();
    shop.play(typical, orders).await;
    shop.meter.usage()
}

/// A world whose every step is on the meter.
struct Shop {
    world: World,
    meter: Arc<Meter>,
    /// Rounds of commands so far: each is one of its own.
    commands: usize,
}

impl Shop {
    async fn new() -> Self {
        let world = World::new().await;
        let meter = Arc::new(Meter::new(&world.services));
        world.faults.witnessed_by(meter.clone());
        Self { world, meter, commands: 0 }
    }

    async fn prepare(&mut self, typical: Typical) {
        let plenty = 1_000_000;
        match typical {
            Typical::Backordered => {
                // The first product suffices, the second is still to come.
                self.world.stock("TEA-1", "VNO", plenty).await;
                let product =
                    json!({ "name": "Tea", "prices": { "EUR": "10.00" }, "tax_rate": "0.21" });
                let made = self.world.request("PUT", "/v1/products/TEA-2", product).await;
                assert_eq!(made.status, 201, "{made:?}");
            }
            Typical::Large => {
                for number in 0..LARGE_LINES {
                    self.world.stock(&format!("SKU-{number}"), "VNO", plenty).await;
                }
            }
            Typical::Prepaid | Typical::OnDelivery | Typical::NeverPaid | Typical::Recurring => {
                self.world.stock("TEA-1", "VNO", plenty).await;
                self.world.stock("TEA-2", "VNO", plenty).await;
            }
        }
    }

    async fn play(&mut self, typical: Typical, orders: usize) {
        match typical {
            Typical::Prepaid => {
                let ids = self.place_all(orders, |n| body(n, &[("TEA-1", 1), ("TEA-2", 1)])).await;
                self.pay_all(&ids).await;
                self.fulfil_all(&ids, &["pick", "pack", "ship", "deliver"]).await;
                self.until_completed().await;
                self.expect(&ids, "completed").await;
            }
            Typical::OnDelivery => {
                let on_delivery = |n| {
                    let mut order = body(n, &[("TEA-1", 1)]);
                    order["payment"] = json!({ "terms": "on_delivery", "method": "cash" });
                    order
                };
                let ids = self.place_all(orders, on_delivery).await;
                self.fulfil_all(&ids, &["pick", "pack", "ship", "deliver collected"]).await;
                self.until_completed().await;
                self.expect(&ids, "completed").await;
            }
            Typical::NeverPaid => {
                let by_transfer = |n| {
                    let mut order = body(n, &[("TEA-1", 1), ("TEA-2", 1)]);
                    order["payment"]["method"] = json!("bank_transfer");
                    order
                };
                let ids = self.place_all(orders, by_transfer).await;
                self.advance(Seconds::days(15)).await;
                self.expect(&ids, "cancelled").await;
            }
            Typical::Backordered => {
                let ids = self.place_all(orders, |n| body(n, &[("TEA-1", 1), ("TEA-2", 1)])).await;
                self.pay_all(&ids).await;
                self.fulfil_all(&ids, &["ship"]).await;
                let arriving = i64::try_from(orders).unwrap();
                self.meter.at_work("not counted");
                self.world.receive("TEA-2", "VNO", arriving).await;
                self.settle().await;
                self.fulfil_all(&ids, &["ship", "deliver"]).await;
                self.until_completed().await;
                self.expect(&ids, "completed").await;
            }
            Typical::Recurring => self.recur(orders).await,
            Typical::Large => {
                let lines: Vec<String> = (0..LARGE_LINES).map(|n| format!("SKU-{n}")).collect();
                let lines: Vec<(&str, i64)> = lines.iter().map(|sku| (sku.as_str(), 1)).collect();
                let ids = self.place_all(orders, |n| body(n, &lines)).await;
                self.pay_all(&ids).await;
                self.fulfil_all(&ids, &["ship", "deliver"]).await;
                self.until_completed().await;
                self.expect(&ids, "completed").await;
            }
        }
    }

    /// Subscriptions that each make one order, which is delivered and paid.
    async fn recur(&mut self, orders: usize) {
        self.meter.at_work("not counted");
        for number in 0..orders {
            let order = body(number, &[("TEA-1", 1)]);
            let subscription = json!({
                "external_id": format!("sub-{number}"), "customer": order["customer"],
                "delivery": order["delivery"], "payment": { "terms": "invoice" },
                "currency": "EUR", "lines": order["lines"], "rule": "FREQ=MONTHLY;COUNT=1",
                "start": "2026-03-02", "time": "09:00", "time_zone": "Europe/Vilnius",
                "catch_up": "each",
            });
            let made = self.world.request("POST", "/v1/subscriptions", subscription).await;
            assert_eq!(made.status, 201, "{made:?}");
        }
        self.settle().await;
        self.advance(Seconds::days(2)).await;
        self.meter.at_work("not counted");
        let listed = self.world.request("GET", "/v1/orders?limit=200", Value::Null).await;
        let items = listed.body["items"].as_array().unwrap();
        let ids: Vec<String> =
            items.iter().map(|order| order["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids.len(), orders);
        self.fulfil_all(&ids, &["ship", "deliver"]).await;
        self.pay_all(&ids).await;
        self.until_completed().await;
        self.expect(&ids, "completed").await;
    }

    async fn place_all(&mut self, orders: usize, body: impl Fn(usize) -> Value) -> Vec<String> {
        let mut ids = Vec::new();
        for number in 0..orders {
            self.meter.at_work("intake");
            self.meter.invoked(0);
            ids.push(self.world.place(body(number)).await);
        }
        self.settle().await;
        ids
    }

    async fn pay_all(&mut self, ids: &[String]) {
        for id in ids {
            self.meter.at_work("not counted");
            let order = self.world.order(id).await;
            let gross = order["totals"]["gross"].as_str().unwrap().to_owned();
            self.meter.at_work("payment (webhook)");
            self.meter.invoked(0);
            let paid = self.world.pay(id, &gross, &format!("pay-{id}")).await;
            assert!(paid.status < 300, "{paid:?}");
        }
        self.settle().await;
    }

    async fn fulfil_all(&mut self, ids: &[String], commands: &[&str]) {
        for command in commands {
            self.commands += 1;
            for id in ids {
                self.meter.at_work("not counted");
                let gross = self.world.order(id).await["totals"]["gross"].clone();
                let (name, body) = match *command {
                    "ship" => ("ship", json!({ "carrier": "LP", "tracking": format!("LP-{id}") })),
                    "deliver collected" => {
                        let collected = json!({ "amount": gross, "method": "cash" });
                        ("deliver", json!({ "collected": collected }))
                    }
                    other => (other, json!({})),
                };
                self.meter.at_work("api");
                self.meter.invoked(0);
                // A second parcel is another command under another key.
                let done = self.command(id, name, body).await;
                assert_eq!(done.status, 200, "{name}: {done:?}");
            }
            self.settle().await;
        }
    }

    async fn command(&self, id: &str, name: &str, body: Value) -> Answer {
        let key = format!("{name}-{id}-{}", self.commands);
        let headers = [("authorization", "Bearer local-admin"), ("idempotency-key", key.as_str())];
        let path = format!("/v1/orders/{id}/{name}");
        self.world.request_with("POST", &path, body, &headers).await
    }

    async fn until_completed(&mut self) {
        self.advance(Seconds::days(15)).await;
    }

    async fn expect(&mut self, ids: &[String], status: &str) {
        self.meter.at_work("not counted");
        for id in ids {
            assert_eq!(self.world.status(id).await, status);
        }
    }

    /// As [`World::settle`], with everybody on the meter.
    async fn settle(&mut self) {
        loop {
            let mut done = 0;
            self.meter.at_work("relay");
            let records = self.world.relay().await;
            if records > 0 {
                self.meter.invoked(0);
            }
            done += records;
            for queue in Queue::ALL {
                self.meter.at_work(queue.name());
                let messages = self.world.work(queue).await;
                if messages > 0 {
                    // The service receives and deletes up to ten messages a request.
                    let polls = u64::try_from(messages).unwrap().div_ceil(10);
                    self.meter.invoked(2 * polls);
                }
                done += messages;
            }
            if done > 0 {
                continue;
            }
            // The history's reader is some seconds behind the others.
            self.meter.at_work("project");
            if self.world.project().await == 0 {
                return;
            }
            self.meter.invoked(0);
        }
    }

    /// As [`World::advance`], with everybody on the meter; the sweep's share of an idle minute is
    /// not an order's cost.
    async fn advance(&mut self, by: Seconds) {
        let until = self.world.now().plus(by);
        self.settle().await;
        loop {
            self.meter.at_work("not counted");
            match self.world.next_due().await {
                Some(due) if due <= until => {
                    self.world.set_clock(due.max(self.world.now()));
                    self.meter.at_work("sweep");
                    self.meter.invoked(0);
                    self.world.sweep().await;
                    self.settle().await;
                }
                Some(_) | None => {
                    self.world.set_clock(until);
                    self.settle().await;
                    return;
                }
            }
        }
    }
}

const LARGE_LINES: usize = 200;

fn body(number: usize, lines: &[(&str, i64)]) -> Value {
    let mut order = World::order_body(&format!("web-{number}"), lines);
    order["customer"]["email"] = json!(format!("customer{number}@example.com"));
    order
}
