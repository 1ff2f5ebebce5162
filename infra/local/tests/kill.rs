//! `kill -9` at random moments, under load, on data on disk: what was answered is there, once.
//!
//! A real child process serves; several clients place orders, pay and give commands, and repeat
//! whatever was not answered, as callers do. `ORDERMILL_KILLS` says how many kills, and
//! `ORDERMILL_KILL_SEED` repeats a run.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up is broken")]

use ordermill_domain::time::Timestamp;
use ordermill_local::client::{Answered, Client, Paid};
use ordermill_runtime::config::{LOCAL_ADMIN_KEY, LOCAL_WEBHOOK_SECRET};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// Kills where nobody says how many.
const KILLS: u64 = 6;
/// Clients at once.
const CLIENTS: u64 = 4;
/// Answers between two kills at most.
const ANSWERS_BETWEEN_MAX: u64 = 60;
/// How long a client waits for the next server before it tries the same one again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// Units of the one SKU that everybody wants.
const ON_HAND: i64 = 150;

/// A setting of the environment.
#[expect(clippy::disallowed_methods, reason = "how long this test is, is told from outside")]
fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Numbers that look random and come again with the same seed (xorshift64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

/// A serving child.
struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    async fn start(data: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_ordermill"))
            .args(["serve", "--listen", "127.0.0.1:0", "--empty", "--quiet", "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap().unwrap();
        let address = first.strip_prefix("listening on http://").unwrap().parse().unwrap();
        // Somebody must read on, or the child waits for room in the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        Self { child, address }
    }

    fn client(&self) -> Client {
        Client::new(self.address, LOCAL_ADMIN_KEY)
    }

    /// SIGKILL, to this child only.
    async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// What the clients share.
struct Load {
    server: watch::Sender<Client>,
    answers: watch::Sender<u64>,
    numbers: AtomicU64,
    /// External ids whose order was answered, with the order's id.
    placed: Mutex<BTreeMap<String, String>>,
    /// Orders whose payment was answered, by the payment's reference.
    paid: Mutex<BTreeMap<String, String>>,
    /// Orders whose command was answered with 200, and the status it leads to.
    commanded: Mutex<BTreeMap<String, &'static str>>,
    over: AtomicBool,
}

impl Load {
    /// Asks until somebody answers, of whichever server runs; a caller that is not answered, or
    /// told to try again, repeats the same request.
    async fn until_answered<F, A>(&self, ask: F) -> Option<Answered>
    where
        F: Fn(Client) -> A,
        A: Future<Output = ordermill_local::LocalResult<Answered>>,
    {
        let mut server = self.server.subscribe();
        while !self.over.load(Ordering::SeqCst) {
            let client = server.borrow_and_update().clone();
            match ask(client).await {
                Ok(answer) if !matches!(answer.status, 409 | 503) => {
                    self.answers.send_modify(|count| *count += 1);
                    return Some(answer);
                }
                Ok(_) => {}
                // It is dead: the next one comes, or has come already.
                Err(_) => {
                    let _ = tokio::time::timeout(LOOK_AGAIN, server.changed()).await;
                }
            }
        }
        None
    }

    async fn client(self: Arc<Self>, mut dice: Dice) {
        loop {
            let number = self.numbers.fetch_add(1, Ordering::SeqCst);
            let name = format!("web-{number}");
            let body = order(&name);
            let body = &body;
            let placing = |client: Client| async move { client.post("/v1/orders", body).await };
            let Some(placed) = self.until_answered(placing).await else { return };
            assert!(matches!(placed.status, 200 | 202), "{placed:?}");
            let id = placed.text("/id").to_owned();
            self.placed.lock().unwrap().insert(name.clone(), id.clone());
            let next = match dice.below(10) {
                0..=5 => self.pay(&id, &name).await,
                6..=7 => self.cancel(&id).await,
                _ => Some(()),
            };
            if next.is_none() {
                return;
            }
        }
    }

    async fn pay(&self, id: &str, name: &str) -> Option<()> {
        let reference = format!("pay-{name}");
        let reference = reference.as_str();
        let paying = |client: Client| async move {
            let clock = client.get("/_local/clock").await?;
            let now = Timestamp::parse(clock.text("/now")).unwrap_or_default();
            let paid = Paid { order: id, amount: "10.00", currency: "EUR", reference };
            client.webhook(LOCAL_WEBHOOK_SECRET, &paid, now).await
        };
        let told = self.until_answered(paying).await?;
        assert_eq!(told.status, 200, "{told:?}");
        self.paid.lock().unwrap().insert(reference.to_owned(), id.to_owned());
        Some(())
    }

    async fn cancel(&self, id: &str) -> Option<()> {
        let path = format!("/v1/orders/{id}/cancel");
        let key = format!("cancel-{id}");
        let (path, key) = (&path, &key);
        let cancelling = |client: Client| async move {
            client.post_once(path, key, &json!({ "reason": "asked" })).await
        };
        let done = self.until_answered(cancelling).await?;
        assert_eq!(done.status, 200, "{done:?}");
        self.commanded.lock().unwrap().insert(id.to_owned(), "cancelled");
        Some(())
    }
}

fn order(name: &str) -> Value {
    json!({
        "external_id": name,
        "currency": "EUR",
        "customer": { "name": "Ona Petraitytė", "email": format!("{name}@example.com") },
        "delivery": {
            "method": "courier",
            "address": { "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103",
                "country": "LT" },
        },
        "payment": { "terms": "prepaid", "method": "bank_transfer" },
        "lines": [{ "sku": "TEA", "quantity": 1, "unit_price": "10.00", "tax_rate": "0.21" }],
    })
}

fn new_folder() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("ordermill-kill-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

async fn filled(client: &Client) {
    let product = json!({ "name": "Tea", "prices": { "EUR": "10.00" }, "tax_rate": "0.21" });
    assert!(client.put("/v1/products/TEA", &product).await.unwrap().is_success());
    let receipt = json!({ "movements": [{ "sku": "TEA", "warehouse": "VNO", "type": "receipt",
        "quantity": ON_HAND, "reason": "delivery" }] });
    let moved = client.post("/v1/stock/movements", &receipt).await.unwrap();
    assert_eq!(moved.status, 201, "{moved:?}");
}

async fn all_orders(client: &Client) -> Vec<Value> {
    let mut orders = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = client.get(&format!("/v1/orders?limit=200&cursor={cursor}")).await.unwrap();
        assert_eq!(page.status, 200, "{page:?}");
        orders.extend(page.body["items"].as_array().unwrap().iter().cloned());
        match page.body["next"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => return orders,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_answered_survives_every_kill_once() {
    let kills = setting("ORDERMILL_KILLS").unwrap_or(KILLS);
    let seed = setting("ORDERMILL_KILL_SEED").unwrap_or_else(|| u64::from(std::process::id()));
    println!("to repeat: ORDERMILL_KILLS={kills} ORDERMILL_KILL_SEED={seed}");
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let folder = new_folder();
    let mut server = Server::start(&folder).await;
    filled(&server.client()).await;
    let load = Arc::new(Load {
        server: watch::Sender::new(server.client()),
        answers: watch::Sender::new(0),
        numbers: AtomicU64::new(0),
        placed: Mutex::default(),
        paid: Mutex::default(),
        commanded: Mutex::default(),
        over: AtomicBool::new(false),
    });
    let clients: Vec<_> = (1..=CLIENTS)
        .map(|n| tokio::spawn(Arc::clone(&load).client(Dice((dice.below(u64::MAX) ^ n) | 1))))
        .collect();
    let mut answers = load.answers.subscribe();
    for _ in 0..kills {
        let until = *answers.borrow_and_update() + 1 + dice.below(ANSWERS_BETWEEN_MAX);
        answers.wait_for(|count| *count >= until).await.unwrap();
        server.kill().await;
        server = Server::start(&folder).await;
        load.server.send_replace(server.client());
    }
    load.over.store(true, Ordering::SeqCst);
    for client in clients {
        client.await.unwrap();
    }
    let client = server.client();
    // What was in flight when a process died comes back by its own deadline.
    let moved = client.post("/_local/clock", &json!({ "advance": "10m" })).await.unwrap();
    assert_eq!(moved.status, 200, "{moved:?}");
    look_over(&client, &load).await;
    for round in ["while it runs", "after its end"] {
        let audit = Command::new(env!("CARGO_BIN_EXE_ordermill"))
            .args(["audit", "--data"])
            .arg(&folder)
            .output()
            .await
            .unwrap();
        let said = String::from_utf8_lossy(&audit.stdout).into_owned();
        assert!(audit.status.success(), "the audit {round}: {said}");
        if round == "while it runs" {
            server.child.kill().await.unwrap();
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

async fn look_over(client: &Client, load: &Load) {
    let orders = all_orders(client).await;
    let placed = load.placed.lock().unwrap().clone();
    let paid = load.paid.lock().unwrap().clone();
    let commanded = load.commanded.lock().unwrap().clone();
    println!(
        "answered: {} orders, {} payments, {} cancels; {} orders stored",
        placed.len(),
        paid.len(),
        commanded.len(),
        orders.len()
    );
    let by_name: BTreeMap<&str, &Value> =
        orders.iter().map(|order| (order["external_id"].as_str().unwrap(), order)).collect();
    assert_eq!(by_name.len(), orders.len(), "an order is there twice");
    for (name, id) in &placed {
        let order = by_name.get(name.as_str()).unwrap_or_else(|| panic!("{name} is lost"));
        assert_eq!(order["id"], **id, "{name} is another order");
    }
    let by_id: BTreeMap<&str, &Value> =
        orders.iter().map(|order| (order["id"].as_str().unwrap(), order)).collect();
    for (reference, id) in &paid {
        let money = &by_id[id.as_str()]["payment"];
        let same: Vec<&Value> = money["payments"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|payment| payment["reference"] == **reference)
            .collect();
        assert_eq!(same.len(), 1, "{reference}: {money}");
        assert_eq!(money["paid"], "10.00", "{reference}");
    }
    for (id, status) in &commanded {
        assert_eq!(by_id[id.as_str()]["status"], *status, "{id}");
    }
    each_is_told_once(client, load).await;
    stock_is_right(client, &orders).await;
}

/// Whoever was answered was also told: of the order, of the money, of the cancel; nobody twice.
async fn each_is_told_once(client: &Client, load: &Load) {
    let messages = client.get("/_local/messages").await.unwrap().body;
    let mut seen = BTreeSet::new();
    let mut told = BTreeSet::new();
    for message in messages.as_array().unwrap() {
        let of = ["order", "event", "channel", "to", "audience"].map(|n| message[n].to_string());
        assert!(seen.insert(of), "sent twice: {message}");
        if message["audience"] == "customer" {
            let text = |name: &str| message[name].as_str().unwrap_or_default().to_owned();
            told.insert((text("order"), text("template")));
        }
    }
    let is_told = |order: &String, templates: &[&str]| {
        templates.iter().any(|template| told.contains(&(order.clone(), (*template).to_owned())))
    };
    for id in load.placed.lock().unwrap().values() {
        assert!(is_told(id, &["order_received"]), "{id} was taken in and nobody was told");
    }
    for id in load.paid.lock().unwrap().values() {
        assert!(is_told(id, &["paid", "payment_received"]), "{id} was paid and nobody was told");
    }
    for id in load.commanded.lock().unwrap().keys() {
        assert!(is_told(id, &["cancelled"]), "{id} was cancelled and nobody was told");
    }
    println!("{} messages, none twice and none missing", seen.len());
}

async fn stock_is_right(client: &Client, orders: &[Value]) {
    let stock = client.get("/v1/stock/TEA").await.unwrap().body;
    let held: i64 = orders
        .iter()
        .flat_map(|order| order["lines"][0]["allocations"].as_array().unwrap())
        .map(|allocation| allocation["quantity"].as_i64().unwrap())
        .sum();
    let waiting: i64 =
        orders.iter().map(|order| order["lines"][0]["backordered"].as_i64().unwrap()).sum();
    assert_eq!(stock["on_hand"], ON_HAND, "{stock}");
    assert_eq!(stock["reserved"], held, "{stock}");
    assert_eq!(stock["waiting"], waiting, "{stock}");
    assert!(held <= ON_HAND, "{stock}");
    assert!(waiting == 0 || held == ON_HAND, "somebody waits for what is there: {stock}");
    let unsettled = |order: &&Value| {
        let status = order["status"].as_str().unwrap();
        !["awaiting_payment", "backordered", "confirmed", "cancelled"].contains(&status)
    };
    let stuck: Vec<&Value> = orders.iter().filter(unsettled).map(|order| &order["id"]).collect();
    assert!(stuck.is_empty(), "orders that stand still: {stuck:?}");
}
