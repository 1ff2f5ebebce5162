//! A shop for one journey: the real single-process run on a port of its own and an empty folder,
//! and what a journey does and sees over HTTP.
//!
//! Every journey ends with [`Shop::close`], which looks the whole shop over: histories without a
//! gap, no message twice, nothing dead, and a clean audit.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a journey's ground may end the test")]

mod close;
pub mod hook;

use hyper::Method;
use ordermill_domain::policy::load;
use ordermill_domain::time::Timestamp;
use ordermill_local::client::{Answered, Client, Paid};
use ordermill_local::serve::{Running, start};
use ordermill_runtime::config::{LOCAL_ADMIN_KEY, LOCAL_WEBHOOK_SECRET};
use ordermill_runtime::signatures::{sign_standard, sign_stripe};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

/// Numbers that name what must have a name of its own: folders, keys, events.
static NEXT: AtomicU64 = AtomicU64::new(1);

fn fresh() -> u64 {
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// An empty folder that nobody else uses.
#[must_use]
pub fn new_folder() -> PathBuf {
    let name = format!("ordermill-journey-{}-{}", std::process::id(), fresh());
    let folder = std::env::temp_dir().join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// A running shop, and the client of its local administrator.
pub struct Shop {
    running: Running,
    client: Client,
    folder: PathBuf,
}

impl Shop {
    /// A new shop: presets, no catalogue, no stock.
    pub async fn open() -> Self {
        let folder = new_folder();
        let running = start(&folder).await.unwrap();
        let client = Client::new(running.address(), LOCAL_ADMIN_KEY);
        Self { running, client, folder }
    }

    /// The client of the local administrator.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The run behind it.
    #[must_use]
    pub fn running(&self) -> &Running {
        &self.running
    }

    /// A client with another key; an empty one sends none.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Client {
        Client::new(self.running.address(), key)
    }

    /// A client with a new key of this role.
    pub async fn new_client(&self, name: &str, role: &str) -> Client {
        let made = self.post("/v1/keys", &json!({ "client": name, "role": role })).await;
        assert_eq!(made.status, 201, "{made:?}");
        self.with_key(made.text("/key"))
    }

    /// Now, by the shop's own clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.running.site().ground().runtime.clock.now()
    }

    /// Stores a policy, for orders that name it.
    pub async fn live_by(&self, name: &str, text: &str) {
        let policy = load::from_toml(name, text).unwrap();
        let table = &self.running.site().ground().runtime.table;
        ordermill_runtime::policies::store(table, &policy, text).await.unwrap();
    }

    /// Reads something that is there.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(path).await.unwrap();
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        answer.body
    }

    /// Every item of a list, page by page.
    pub async fn list(&self, path: &str) -> Vec<Value> {
        let mut items = Vec::new();
        let mut cursor = String::new();
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{sign}limit=200&cursor={cursor}")).await;
            items.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next"].as_str() {
                Some(next) => cursor = next.to_owned(),
                None => return items,
            }
        }
    }

    /// Posts under a new idempotency key.
    pub async fn post(&self, path: &str, body: &Value) -> Answered {
        self.client.post_once(path, &format!("k-{}", fresh()), body).await.unwrap()
    }

    /// Waits until the shop is quiet.
    pub async fn settle(&self) {
        let quiet = self.client.post("/_local/settle", &json!({})).await.unwrap();
        assert_eq!(quiet.status, 200, "{quiet:?}");
    }

    /// Messages to staff go to this address from now on.
    pub async fn staff_mail(&self, address: &str) {
        let settings = json!({ "staff_email": [address] });
        let put = self.client.put("/v1/settings", &settings).await.unwrap();
        assert!(put.is_success(), "{put:?}");
    }

    /// Moves the clock on, like `14d`; all that falls due is dealt with.
    pub async fn advance(&self, by: &str) {
        let moved = self.client.post("/_local/clock", &json!({ "advance": by })).await.unwrap();
        assert_eq!(moved.status, 200, "{moved:?}");
    }

    /// Moves the clock on to this moment.
    pub async fn advance_to(&self, moment: &str) {
        let ahead = Timestamp::parse(moment).unwrap().seconds() - self.now().seconds();
        assert!(ahead > 0, "{moment} is past");
        self.advance(&format!("{ahead}s")).await;
    }

    /// A product at 10.00 EUR with 21 % tax, and so many units of it at a warehouse.
    pub async fn stock(&self, sku: &str, warehouse: &str, quantity: i64) {
        let product = json!({ "name": sku, "prices": { "EUR": "10.00" }, "tax_rate": "0.21" });
        let put = self.client.put(&format!("/v1/products/{sku}"), &product).await.unwrap();
        assert!(put.is_success(), "{put:?}");
        if quantity > 0 {
            self.receive(sku, warehouse, quantity).await;
        }
    }

    /// Goods come in.
    pub async fn receive(&self, sku: &str, warehouse: &str, quantity: i64) {
        let movement = json!({ "sku": sku, "warehouse": warehouse, "type": "receipt",
            "quantity": quantity, "reason": "delivery" });
        self.movements(&[movement]).await;
    }

    /// Any movements of stock, 50 at a time.
    pub async fn movements(&self, movements: &[Value]) {
        for some in movements.chunks(50) {
            let body = json!({ "movements": some });
            let moved = self.post("/v1/stock/movements", &body).await;
            assert_eq!(moved.status, 201, "{moved:?}");
        }
        self.settle().await;
    }

    /// The stock of a SKU as text: `on_hand 10, reserved 3, available 7, waiting 0`.
    pub async fn stock_of(&self, sku: &str) -> String {
        let stock = self.get(&format!("/v1/stock/{sku}")).await;
        let figures = ["on_hand", "reserved", "available", "waiting"];
        figures.map(|name| format!("{name} {}", stock[name])).join(", ")
    }

    /// Places an order; its id. It is on its way, perhaps not settled.
    pub async fn place(&self, body: &Value) -> String {
        let answer = self.client.post("/v1/orders", body).await.unwrap();
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.text("/id").to_owned()
    }

    /// Places an order and waits until it has come to rest; its id.
    pub async fn placed(&self, body: &Value) -> String {
        let id = self.place(body).await;
        self.settle().await;
        id
    }

    /// The order as the API shows it.
    pub async fn order(&self, id: &str) -> Value {
        self.get(&format!("/v1/orders/{id}")).await
    }

    /// The order's status.
    pub async fn status(&self, id: &str) -> String {
        self.order(id).await["status"].as_str().unwrap().to_owned()
    }

    /// The money of an order as text: `paid: 30.00 of 30.00, owed 0.00, refunded 0.00`.
    pub async fn money(&self, id: &str) -> String {
        let order = self.order(id).await;
        let money = &order["payment"];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        format!(
            "{}: {} of {}, owed {}, refunded {}",
            text(&money["status"]),
            text(&money["paid"]),
            text(&order["totals"]["gross"]),
            text(&money["refund_owed"]),
            text(&money["refunded"]),
        )
    }

    /// Gives a command under a new idempotency key.
    pub async fn command(&self, id: &str, command: &str, body: Value) -> Answered {
        self.post(&format!("/v1/orders/{id}/{command}"), &body).await
    }

    /// Gives a command that is carried out, and waits until all is quiet.
    pub async fn done(&self, id: &str, command: &str, body: Value) -> Value {
        let answer = self.command(id, command, body).await;
        assert_eq!(answer.status, 200, "{command}: {}", answer.body);
        self.settle().await;
        answer.body
    }

    /// The generic provider tells of a payment in EUR.
    pub async fn pay_now(&self, order: &str, amount: &str, reference: &str) -> Answered {
        let paid = Paid { order, amount, currency: "EUR", reference };
        self.client.webhook(LOCAL_WEBHOOK_SECRET, &paid, self.now()).await.unwrap()
    }

    /// The generic provider tells of a payment in EUR, and all that follows is done.
    pub async fn pay(&self, order: &str, amount: &str, reference: &str) {
        let told = self.pay_now(order, amount, reference).await;
        assert_eq!(told.status, 200, "{told:?}");
        self.settle().await;
    }

    /// Any event of the generic provider, under this id, truly signed at this moment.
    pub async fn generic(&self, id: &str, body: &str, signed_at: Timestamp) -> Answered {
        let headers = [
            ("webhook-id", id.to_owned()),
            ("webhook-timestamp", signed_at.seconds().to_string()),
            (
                "webhook-signature",
                sign_standard(LOCAL_WEBHOOK_SECRET, id, body.as_bytes(), signed_at),
            ),
        ];
        let path = "/v1/payments/webhooks/generic";
        let client = self.with_key("");
        client.send(Method::POST, path, &headers, Some(body.to_owned())).await.unwrap()
    }

    /// Any event of Stripe, truly signed now.
    pub async fn stripe(&self, body: &str) -> Answered {
        let signature = sign_stripe(LOCAL_WEBHOOK_SECRET, body.as_bytes(), self.now());
        let headers = [("stripe-signature", signature)];
        let path = "/v1/payments/webhooks/stripe";
        let client = self.with_key("");
        client.send(Method::POST, path, &headers, Some(body.to_owned())).await.unwrap()
    }

    /// Every message that was sent, oldest first.
    pub async fn messages(&self) -> Vec<Value> {
        self.get("/_local/messages").await.as_array().unwrap().clone()
    }

    /// What was sent about an order, as text: `customer email payment_reminder`.
    pub async fn sent(&self, id: &str) -> Vec<String> {
        let text = |m: &Value, name: &str| m[name].as_str().unwrap_or("-").to_owned();
        let of_order = |m: &&Value| m["order"] == id;
        let line = |m: &Value| {
            format!("{} {} {}", text(m, "audience"), text(m, "channel"), text(m, "template"))
        };
        let mut sent: Vec<Value> =
            self.messages().await.into_iter().filter(|m| of_order(&m)).collect();
        // In the order of their events: two that are owed at once may leave in either order.
        sent.sort_by_key(|m| m["event"].as_u64());
        sent.iter().map(line).collect()
    }

    /// What customers were sent about an order: `email payment_reminder`.
    pub async fn told(&self, id: &str) -> Vec<String> {
        let sent = self.sent(id).await;
        sent.iter().filter_map(|line| line.strip_prefix("customer ")).map(str::to_owned).collect()
    }

    /// The statuses an order went through, in order.
    pub async fn way(&self, id: &str) -> Vec<String> {
        let mut way: Vec<String> = Vec::new();
        for event in self.list(&format!("/v1/orders/{id}/history")).await {
            if let Some(to) = event["to"].as_str().filter(|to| way.last().is_none_or(|l| l != to)) {
                way.push(to.to_owned());
            }
        }
        way
    }
}

/// An order: prepaid by card, to Vilnius by courier, 10.00 EUR a unit, of a customer of its own.
#[must_use]
pub fn order(external_id: &str, lines: &[(&str, i64)]) -> Value {
    let line = |(sku, quantity): &(&str, i64)| json!({ "sku": sku, "quantity": quantity, "unit_price": "10.00", "tax_rate": "0.21" });
    json!({
        "external_id": external_id,
        "currency": "EUR",
        "customer": {
            "name": "Ona Petraitytė",
            "email": format!("{external_id}@example.com"),
            "locale": "en",
        },
        "delivery": {
            "method": "courier",
            "address": { "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103",
                "country": "LT" },
        },
        "payment": { "terms": "prepaid", "method": "card" },
        "lines": lines.iter().map(line).collect::<Vec<Value>>(),
    })
}

/// The same order, to be paid by bank transfer.
#[must_use]
pub fn by_transfer(mut order: Value) -> Value {
    order["payment"]["method"] = json!("bank_transfer");
    order
}

/// The same order with other payment terms.
#[must_use]
pub fn with_terms(mut order: Value, terms: &str) -> Value {
    order["payment"] = json!({ "terms": terms });
    order
}
