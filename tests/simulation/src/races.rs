//! Races on one order: a payment against the limit that would cancel it, the same request many
//! times at once, many commands at once. Each at many interleavings of the requests to AWS, drawn
//! from a seed.

use crate::callers::{Means, Proof, Request};
use crate::dice::Dice;
use crate::gates::{Fate, TaskId};
use crate::stage::{End, Reader, Stage, Work};
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_embedded::Message;
use ordermill_runtime::Queue;
use ordermill_table::item::Item;
use ordermill_table::keys;
use ordermill_world::Answer;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A shop with one order.
struct Shop {
    stage: Stage,
    requests: Vec<Request>,
    dice: Dice,
    /// Which request was let through when: the interleaving.
    path: u64,
}

impl Shop {
    fn new(seed: u64) -> Self {
        let stage = Stage::new(Timestamp::parse(ordermill_world::BEGIN).unwrap());
        let mut shop = Self { stage, requests: Vec::new(), dice: Dice::new(seed, 9), path: 0 };
        let product = json!({ "name": "Tea", "prices": { "EUR": "10.00" }, "tax_rate": "0.21" });
        shop.ask("PUT", "/v1/products/TEA", product);
        let movement = json!({ "sku": "TEA", "warehouse": "VNO", "type": "receipt", "quantity": 10,
            "reason": "first" });
        shop.ask("POST", "/v1/stock/movements", json!({ "movements": [movement] }));
        shop.quiet();
        shop
    }

    fn request(&self, method: &'static str, path: &str, body: Value, key: Option<&str>) -> Request {
        Request {
            method,
            path: path.to_owned(),
            body,
            proof: Proof::Key("local-admin".to_owned()),
            key: key.map(str::to_owned),
            means: Means::Set,
            words: String::new(),
            at: self.stage.now(),
            attempts: 0,
            is_echo: false,
        }
    }

    fn ask(&mut self, method: &'static str, path: &str, body: Value) -> Answer {
        let request = self.request(method, path, body, None);
        let event = request.event(self.stage.now());
        let runtime = self.stage.runtime.clone();
        let answer =
            self.stage.now_or_never(ordermill_world::answer(&runtime, method, path, event));
        drop(self.stage.gates.passed());
        answer
    }

    fn begin(&mut self, request: Request) -> TaskId {
        self.requests.push(request);
        let number = self.requests.len() - 1;
        let request = self.requests[number].clone();
        self.stage.request(number, &request)
    }

    /// Lets these calls run, interleaved at each request, to their ends.
    fn race(&mut self, tasks: &[TaskId]) -> BTreeMap<TaskId, (Work, End)> {
        let mut ends = BTreeMap::new();
        let mut running = Vec::new();
        for task in tasks {
            match self.stage.poll(*task) {
                Some(end) => {
                    let work = self.stage.take(*task).unwrap().work;
                    ends.insert(*task, (work, end));
                }
                None => running.push(*task),
            }
        }
        while !running.is_empty() {
            let place = self.dice.index(running.len());
            let task = running[place];
            let gates = self.stage.gates.of(task);
            let gate = *self.dice.one(&gates).expect("a call waits for a request");
            self.path = (self.path ^ u64::try_from(place).unwrap()).wrapping_mul(0x100_0000_01b3);
            self.stage.gates.open(gate, Fate::Done);
            if let Some(end) = self.stage.poll(task) {
                let work = self.stage.take(task).unwrap().work;
                ends.insert(task, (work, end));
                running.remove(place);
            }
        }
        drop(self.stage.gates.passed());
        ends
    }

    fn finish(&mut self, task: TaskId) {
        let ends = self.race(&[task]);
        for (work, end) in ends.into_values() {
            if let (Work::Batch { queue, messages }, End::Batch(response)) = (work, end) {
                for message in &messages {
                    let failed = response
                        .batch_item_failures
                        .iter()
                        .any(|f| f.item_identifier == message.message_id);
                    if failed {
                        self.stage.release(queue, message, Seconds(0));
                    } else {
                        self.stage.delete(queue, message);
                    }
                }
            }
        }
    }

    /// Everything that can be done now is done, but for messages to people.
    fn quiet(&mut self) {
        loop {
            let mut moved = false;
            for reader in [Reader::Relay, Reader::Project] {
                let records = self.stage.records(self.stage.position(reader), 200);
                let Some(last) = records.last().map(|record| record.sequence) else { continue };
                moved = true;
                if let Some(task) = self.stage.hand_over(reader, &records, false) {
                    self.finish(task);
                    self.stage.advance(reader, last);
                }
            }
            for queue in Queue::ALL {
                let messages = self.stage.receive(queue, queue.limits().batch_messages_max);
                if messages.is_empty() {
                    continue;
                }
                moved = true;
                if queue == Queue::Notify {
                    for message in &messages {
                        self.stage.delete(queue, message);
                    }
                    continue;
                }
                let task = self.stage.call(queue, messages);
                self.finish(task);
            }
            if !moved {
                return;
            }
        }
    }

    fn call(&mut self, queue: Queue, body: &Value) -> TaskId {
        let name = crate::stage::queue_name(queue);
        let message = Message { body: body.to_string(), ..Message::default() };
        self.stage.services.queues().send(&name, message).unwrap();
        let messages = self.stage.receive(queue, 1);
        self.stage.call(queue, messages)
    }

    fn place(&mut self, external: &str) -> String {
        let body = ordermill_world::World::order_body(external, &[("TEA", 3)]);
        let placed = self.ask("POST", "/v1/orders", body);
        assert!(placed.status < 300, "{placed:?}");
        self.quiet();
        placed.body["id"].as_str().unwrap().to_owned()
    }

    fn order(&mut self, id: &str) -> Value {
        self.ask("GET", &format!("/v1/orders/{id}"), Value::Null).body
    }

    /// How many of the last events, down to the first, are of this kind.
    fn events(&self, id: &str, version: u64, kind: &str) -> usize {
        let table = &self.stage.runtime.table;
        let rows = self.stage.now_or_never(table.partition(
            &keys::history_partition(id),
            "",
            None,
            usize::try_from(version).unwrap(),
        ));
        let mut seen = BTreeSet::new();
        for row in rows.unwrap() {
            let events: Vec<ordermill_domain::order::Event> =
                ordermill_table::records::read(&row).unwrap();
            for event in events {
                if json!(event.kind) == kind {
                    seen.insert(event.version);
                }
            }
        }
        seen.len()
    }

    /// The rows that a race may change.
    fn rows(&self, id: &str) -> Vec<Item> {
        let table = &self.stage.runtime.table;
        let order = keys::order_partition(id);
        let mut rows = self.stage.now_or_never(table.partition(&order, "", None, 100)).unwrap();
        let stock = keys::stock_partition("TEA");
        rows.extend(self.stage.now_or_never(table.partition(&stock, "", None, 100)).unwrap());
        rows
    }

    fn restore(&self, rows: &[Item]) {
        let table = &self.stage.runtime.table;
        self.stage.now_or_never(table.put_rows(rows.to_vec())).unwrap();
        drop(self.stage.gates.passed());
    }
}

/// What a race came to.
#[derive(Debug, Default)]
pub struct Raced {
    /// Interleavings that were run.
    pub runs: u64,
    /// Interleavings that differ.
    pub different: u64,
    /// How often it ended how.
    pub ends: BTreeMap<String, u64>,
}

/// Money that came one millisecond before the limit runs out: the payment's own step, two
/// instances of `timeout` and, in half of the runs, the webhook once more, at once. The order must
/// always be paid and confirmed, whoever is quicker.
///
/// # Panics
/// An interleaving ended otherwise.
#[must_use]
pub fn payment_against_limit(runs: u64, seed: u64) -> Raced {
    let mut shop = Shop::new(seed);
    let id = shop.place("race-1");
    let due = Timestamp::parse(ordermill_world::BEGIN).unwrap().plus(Seconds::hours(2));
    let created = shop.order(&id);
    assert_eq!(created["status"], "awaiting_payment", "{created}");
    let since = Timestamp::parse(created["status_since"].as_str().unwrap()).unwrap();
    let due = due.max(since.plus(Seconds::hours(2)));
    shop.stage.set_clock(Timestamp::from_milliseconds(due.milliseconds() - 1));
    let webhook = pay(&shop, &id);
    let told = shop.begin(webhook.clone());
    let (_, end) = shop.race(&[told]).remove(&told).unwrap();
    assert!(matches!(&end, End::Answer(answer) if answer.status == 200));
    let inbox = shop
        .rows(&id)
        .iter()
        .find(|row| row["kind"].as_s().is_ok_and(|kind| kind == "inbox"))
        .map(|row| (row["pk"].as_s().unwrap().clone(), row["sk"].as_s().unwrap().clone()))
        .unwrap();
    shop.stage.set_clock(due);
    let before = shop.rows(&id);
    let mut raced = Raced::default();
    let mut paths = BTreeSet::new();
    for run in 0..runs {
        shop.restore(&before);
        shop.path = 0;
        let mut tasks = vec![
            shop.call(Queue::Payment, &json!({ "pk": inbox.0, "sk": inbox.1 })),
            shop.call(Queue::Timeout, &json!({ "pk": keys::order_partition(&id) })),
            shop.call(Queue::Timeout, &json!({ "pk": keys::order_partition(&id) })),
        ];
        if run % 2 == 0 {
            tasks.push(shop.begin(webhook.clone()));
        }
        shop.race(&tasks);
        let order = shop.order(&id);
        let end = format!("{} {}", order["status"], order["payment"]["status"]);
        assert_eq!(end, "\"confirmed\" \"paid\"", "run {run} of seed {seed}: {order}");
        assert_eq!(order["payment"]["paid"], "30.00", "{order}");
        let stock = shop.ask("GET", "/v1/stock/TEA", Value::Null).body;
        assert_eq!(stock["reserved"], 3, "run {run} of seed {seed}: {stock}");
        *raced.ends.entry(end).or_default() += 1;
        raced.runs += 1;
        paths.insert(shop.path);
    }
    raced.different = u64::try_from(paths.len()).unwrap();
    raced
}

/// Money that comes while the limit runs out: whoever is first, the order ends paid with its
/// goods, or every cent is owed back; never half of it.
///
/// # Panics
/// An interleaving ended otherwise.
#[must_use]
pub fn payment_with_limit(runs: u64, seed: u64) -> Raced {
    let mut shop = Shop::new(seed);
    let id = shop.place("race-2");
    let created = shop.order(&id);
    let since = Timestamp::parse(created["status_since"].as_str().unwrap()).unwrap();
    shop.stage.set_clock(since.plus(Seconds::hours(2)));
    let webhook = pay(&shop, &id);
    let before = shop.rows(&id);
    let mut raced = Raced::default();
    let mut paths = BTreeSet::new();
    for run in 0..runs {
        shop.restore(&before);
        let table = shop.stage.runtime.table.clone();
        let key = keys::inbox(&id, "generic", "evt-race");
        shop.stage.now_or_never(table.delete(&key)).unwrap();
        shop.path = 0;
        let due = json!({ "pk": keys::order_partition(&id) });
        let tasks = [
            shop.begin(webhook.clone()),
            shop.call(Queue::Timeout, &due),
            shop.call(Queue::Timeout, &due),
        ];
        shop.race(&tasks);
        let inbox = json!({ "pk": key.pk(), "sk": key.sk() });
        let tasks = [shop.call(Queue::Payment, &inbox), shop.call(Queue::Payment, &inbox)];
        shop.race(&tasks);
        let order = shop.order(&id);
        let end = format!("{} {}", order["status"], order["payment"]["status"]);
        let stock = shop.ask("GET", "/v1/stock/TEA", Value::Null).body;
        let held = match end.as_str() {
            // It was paid in time, or came to life again with its goods.
            "\"confirmed\" \"paid\"" => 3,
            "\"cancelled\" \"refund_owed\"" => 0,
            other => panic!("run {run} of seed {seed} ended {other}: {order}"),
        };
        assert_eq!(stock["reserved"], held, "run {run} of seed {seed}: {stock}");
        *raced.ends.entry(end).or_default() += 1;
        raced.runs += 1;
        paths.insert(shop.path);
    }
    raced.different = u64::try_from(paths.len()).unwrap();
    raced
}

fn pay(shop: &Shop, id: &str) -> Request {
    let body = json!({ "type": "payment.succeeded", "data": { "order_id": id, "amount": "30.00",
        "currency": "EUR", "reference": "pi_race" } });
    let mut webhook = shop.request("POST", "/v1/payments/webhooks/generic", body, None);
    webhook.proof = Proof::Generic("evt-race".to_owned());
    webhook
}

/// The same order asked for so many times at once: one order, and no answer is an error.
///
/// # Panics
/// It ended otherwise.
#[must_use]
pub fn same_request(times: usize, seed: u64) -> Raced {
    let mut shop = Shop::new(seed);
    let body = ordermill_world::World::order_body("same-1", &[("TEA", 3)]);
    let request = shop.request("POST", "/v1/orders", body, Some("key-1"));
    let tasks: Vec<TaskId> = (0..times).map(|_| shop.begin(request.clone())).collect();
    let mut raced = Raced::default();
    let mut ids = BTreeSet::new();
    for (_, end) in shop.race(&tasks).into_values() {
        let End::Answer(answer) = end else { continue };
        assert!(matches!(answer.status, 200 | 202), "{answer:?}");
        ids.insert(answer.body["id"].to_string());
        *raced.ends.entry(answer.status.to_string()).or_default() += 1;
        raced.runs += 1;
    }
    assert_eq!(ids.len(), 1, "{ids:?}");
    assert_eq!(raced.ends.get("202"), Some(&1), "{:?}", raced.ends);
    shop.quiet();
    let stock = shop.ask("GET", "/v1/stock/TEA", Value::Null).body;
    assert_eq!(stock["reserved"], 3, "{stock}");
    raced
}

/// So many different commands on one order, `at_once` of them under way together, each repeated
/// until it is answered: each is carried out once. Every fourth is money, the others say who looks
/// after it.
///
/// # Panics
/// It ended otherwise.
#[must_use]
pub fn many_commands(commands: usize, at_once: usize, seed: u64) -> Raced {
    let mut shop = Shop::new(seed);
    let id = shop.place("many-1");
    let first = shop.order(&id)["version"].as_u64().unwrap();
    let is_money = |n: &usize| n.is_multiple_of(MONEY_EVERY);
    let mut open: Vec<Request> = (0..commands)
        .map(|n| {
            let key = format!("c-{n}");
            if is_money(&n) {
                let body = json!({ "amount": "0.01", "currency": "EUR",
                    "reference": format!("coin-{n}"), "method": "cash" });
                return shop.request("POST", &format!("/v1/orders/{id}/pay"), body, Some(&key));
            }
            let body = json!({ "user": format!("user-{n}") });
            shop.request("POST", &format!("/v1/orders/{id}/assign"), body, Some(&key))
        })
        .collect();
    let mut raced = Raced::default();
    while !open.is_empty() {
        let batch: Vec<Request> = open.drain(..open.len().min(at_once)).collect();
        let tasks: Vec<TaskId> = batch.iter().map(|request| shop.begin(request.clone())).collect();
        let ends = shop.race(&tasks);
        for (task, request) in tasks.iter().zip(batch) {
            let Some((_, End::Answer(answer))) = ends.get(task) else { continue };
            *raced.ends.entry(answer.status.to_string()).or_default() += 1;
            raced.runs += 1;
            match answer.status {
                200 => {}
                503 => open.push(request),
                _ => panic!("{answer:?}"),
            }
        }
    }
    let order = shop.order(&id);
    let coins = (0..commands).filter(is_money).count();
    let paid = crate::callers::to_cents(&order["payment"]["paid"]);
    assert_eq!(paid, i64::try_from(coins).unwrap(), "{}", order["payment"]);
    let objects = order["payment"]["payments"].as_array().map_or(0, Vec::len);
    assert_eq!(objects, coins);
    let version = order["version"].as_u64().unwrap();
    assert!(version >= first + u64::try_from(commands).unwrap(), "{version}");
    shop.quiet();
    let assigned = shop.events(&id, version, "order_assigned");
    assert_eq!(assigned, commands - coins, "assigned");
    raced.different = raced.runs;
    raced
}

/// Of so many commands one is money.
const MONEY_EVERY: usize = 10;

/// All three at the size that is promised, in as many threads as there are.
///
/// # Panics
/// One ended otherwise.
#[must_use]
pub fn all(interleavings: u64, threads: u64) -> Vec<(&'static str, Raced)> {
    let share = interleavings.div_ceil(threads.max(1));
    let spawn = |work: Box<dyn FnOnce() -> Raced + Send>| {
        let thread = std::thread::Builder::new().stack_size(64 << 20);
        thread.spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let _inside = runtime.enter();
            work()
        })
    };
    let mut found = Vec::new();
    for (name, race) in [
        ("payment against timeout", payment_against_limit as fn(u64, u64) -> Raced),
        ("payment with timeout", payment_with_limit),
    ] {
        let running: Vec<_> =
            (1..=threads.max(1)).map(|seed| spawn(Box::new(move || race(share, seed)))).collect();
        let mut sum = Raced::default();
        for thread in running {
            sum.add(thread.unwrap().join().unwrap());
        }
        found.push((name, sum));
    }
    let same = spawn(Box::new(|| same_request(SAME_REQUESTS, 3)));
    let commands = spawn(Box::new(|| many_commands(COMMANDS, COMMANDS, 4)));
    found.push(("same request at once", same.unwrap().join().unwrap()));
    found.push(("commands on one order", commands.unwrap().join().unwrap()));
    found
}

/// The same request at once, at full size.
pub const SAME_REQUESTS: usize = 200;
/// Commands on one order, at full size.
pub const COMMANDS: usize = 1_000;

impl Raced {
    fn add(&mut self, other: Self) {
        self.runs += other.runs;
        self.different += other.different;
        for (end, count) in other.ends {
            *self.ends.entry(end).or_default() += count;
        }
    }
}
