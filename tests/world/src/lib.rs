//! The whole system on one thread and a virtual clock: the real functions through the real SDK
//! path on the embedded services, driven step by step. Ground of the laws and of the simulation.
//!
//! Nothing runs by itself: [`World::request`] is a caller, [`World::publish`] reads the stream,
//! [`World::work`] delivers messages, [`World::settle`] does both until nothing is left, and
//! [`World::advance`] moves the clock from due moment to due moment.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test's ground may end the test")]

mod audit;
mod faults;
mod hooks;
mod http;

pub use audit::findings;
pub use faults::{Fault, Faults, When, Witness};
pub use hooks::Hooks;
pub use http::{Answer, event};

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::event::dynamodb::Event as ChangeEvent;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_embedded::{
    Clock as _, Execution, Interceptor, ManualClock, Place, QueueDefinition, Queues, Received,
    Services, StreamRecord,
};
use ordermill_runtime::{Clock, Config, Queue, Runtime};
use ordermill_table::keys::WORKLIST_SHARDS;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};

/// The moment every world begins at: Sunday 1 March 2026, 08:00 UTC.
pub const BEGIN: &str = "2026-03-01T08:00:00Z";
/// Records of one stream batch.
const STREAM_BATCH: usize = 50;
/// Records that `project` takes at a time: it reads seconds behind.
const PROJECT_BATCH: usize = 1_000;
/// Messages delivered before a settle gives up: something sends for ever.
const STEPS_MAX: usize = 200_000;

/// A whole system, stepped by hand.
pub struct World {
    /// The embedded services.
    pub services: Services,
    /// What functions get; its requests pass the world's [`Faults`].
    pub runtime: Runtime,
    /// Faults to come, and the count of requests.
    pub faults: Arc<Faults>,
    /// What listens behind every endpoint of webhooks.
    pub hooks: Arc<Hooks>,
    /// The bodies of all messages that were delivered.
    pub messages: Mutex<Vec<String>>,
    clock: Arc<ManualClock>,
    relay_at: u64,
    project_at: u64,
}

impl World {
    /// A new system with presets, no catalogue and no stock.
    pub async fn new() -> Self {
        let begin = Timestamp::parse(BEGIN).unwrap();
        let clock = Arc::new(ManualClock::at(begin.milliseconds()));
        let services = Services::open(&Place::Temporary, Execution::Inline, clock.clone()).unwrap();
        let faults = Arc::new(Faults::default());
        let hooks = Arc::new(Hooks::default());
        hooks.answer(Some(204));
        let runtime = runtime(&services, &clock, faults.clone()).with_poster(hooks.poster());
        runtime.table.create_if_absent().await.unwrap();
        ordermill_runtime::policies::store_presets(&runtime.table).await.unwrap();
        let world = Self {
            services,
            runtime,
            faults,
            hooks,
            messages: Mutex::default(),
            clock,
            relay_at: 0,
            project_at: 0,
        };
        world.define_queues();
        world
    }

    fn define_queues(&self) {
        define_queues(&self.services);
    }

    /// Now, on the virtual clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.clock.now_milliseconds())
    }

    /// Puts the clock to a moment, without doing what falls due.
    pub fn set_clock(&self, at: Timestamp) {
        self.clock.set(at.milliseconds());
    }

    /// A request by the holder of `local-admin`.
    pub async fn request(&self, method: &str, path: &str, body: Value) -> Answer {
        self.request_with(method, path, body, &[("authorization", "Bearer local-admin")]).await
    }

    /// A request with headers.
    pub async fn request_with(
        &self,
        method: &str,
        path: &str,
        body: Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let event = event(method, path, &text, headers);
        answer(&self.runtime, method, path, event).await
    }

    /// A runtime on the same services whose requests pass this interceptor.
    #[must_use]
    pub fn runtime_through(&self, interceptor: Arc<dyn Interceptor>) -> Runtime {
        runtime(&self.services, &self.clock, interceptor).with_poster(self.hooks.poster())
    }

    /// Reads the stream on, with both readers; says how many records there were.
    pub async fn publish(&mut self) -> usize {
        self.relay().await + self.project().await
    }

    /// Lets the relay read one batch on; says how many records there were.
    pub async fn relay(&mut self) -> usize {
        let records = self.services.stream().read(self.relay_at, STREAM_BATCH).unwrap();
        let Some(last) = records.last().map(|r| r.sequence) else { return 0 };
        let count = records.len();
        let wire: Vec<Value> = records.iter().map(|r| r.to_wire()).collect();
        let batch = ordermill_runtime::records::event(wire).unwrap();
        let outcome = ordermill_relay::handle(&self.runtime, batch).await;
        if outcome.batch_item_failures.is_empty() {
            self.relay_at = last;
        }
        count
    }

    /// Lets `project` read one batch on; says how many records there were.
    pub async fn project(&mut self) -> usize {
        let records = self.services.stream().read(self.project_at, PROJECT_BATCH).unwrap();
        let Some(last) = records.last().map(|r| r.sequence) else { return 0 };
        let count = records.len();
        let wire: Vec<Value> = records.iter().map(|r| r.to_wire()).collect();
        let batch = ordermill_runtime::records::event(wire).unwrap();
        let outcome = ordermill_project::handle(&self.runtime, batch).await;
        if outcome.batch_item_failures.is_empty() {
            self.project_at = last;
        }
        count
    }

    /// Puts both readers behind everything written so far, as if it had been dealt with.
    pub fn skip_stream(&mut self) {
        while let Some(last) = self.services.stream().read(self.relay_at, 1_000).unwrap().last() {
            self.relay_at = last.sequence;
        }
        self.project_at = self.relay_at;
    }

    /// Puts both readers of the stream back, as after a restart from old marks.
    pub fn rewind_stream(&mut self, records: u64) {
        self.relay_at = self.relay_at.saturating_sub(records);
        self.project_at = self.project_at.saturating_sub(records);
    }

    /// Loses everything that is only in memory, as `kill -9` does, and starts again.
    pub fn restart(&mut self) {
        self.services.queues().forget();
        self.define_queues();
        self.relay_at = 0;
        self.project_at = 0;
        self.runtime = runtime(&self.services, &self.clock, self.faults.clone())
            .with_poster(self.hooks.poster());
    }

    /// Delivers one batch of one queue; says how many messages there were.
    pub async fn work(&self, queue: Queue) -> usize {
        let name = format!("ordermill-{}", queue.name());
        let max = queue.limits().batch_messages_max;
        let messages = self.services.queues().receive(&name, max).unwrap();
        if messages.is_empty() {
            return 0;
        }
        let bodies = messages.iter().map(|message| message.body.to_string());
        self.messages.lock().unwrap().extend(bodies);
        let event = Queues::lambda_event(&name, &messages);
        let outcome = self.invoke(queue, event).await;
        let failed: Vec<&str> =
            outcome.batch_item_failures.iter().map(|f| f.item_identifier.as_str()).collect();
        for message in &messages {
            if failed.contains(&message.message_id.as_str()) {
                self.services.queues().release(&name, &message.receipt, 1).unwrap();
            } else {
                self.services.queues().delete(&name, &message.receipt).unwrap();
            }
        }
        messages.len()
    }

    /// What a call of the relay would be given next; the mark stays where it is.
    #[must_use]
    pub fn unread_by_relay(&self) -> ChangeEvent {
        self.unread(self.relay_at)
    }

    /// What a call of `project` would be given next; the mark stays where it is.
    #[must_use]
    pub fn unread_by_project(&self) -> ChangeEvent {
        self.unread(self.project_at)
    }

    fn unread(&self, after: u64) -> ChangeEvent {
        let records = self.services.stream().read(after, STREAM_BATCH).unwrap();
        let wire: Vec<Value> = records.iter().map(StreamRecord::to_wire).collect();
        ordermill_runtime::records::event(wire).unwrap()
    }

    /// Receives a batch of a queue, as one who has not answered yet.
    #[must_use]
    pub fn take(&self, queue: Queue) -> Vec<Received> {
        let name = format!("ordermill-{}", queue.name());
        self.services.queues().receive(&name, queue.limits().batch_messages_max).unwrap()
    }

    /// Deletes what was received, but for what every call of it has given back.
    pub fn answered(&self, queue: Queue, messages: &[Received], answers: &[SqsBatchResponse]) {
        let name = format!("ordermill-{}", queue.name());
        for message in messages {
            let gave_back = |answer: &SqsBatchResponse| {
                let mut failures = answer.batch_item_failures.iter();
                failures.any(|failure| failure.item_identifier == message.message_id)
            };
            if answers.iter().all(gave_back) {
                self.services.queues().release(&name, &message.receipt, 1).unwrap();
            } else {
                self.services.queues().delete(&name, &message.receipt).unwrap();
            }
        }
    }

    /// Calls the function of a queue.
    pub async fn invoke(&self, queue: Queue, event: SqsEvent) -> SqsBatchResponse {
        invoke(&self.runtime, queue, event).await
    }

    /// Does everything that can be done now. The history is written last: its reader is some
    /// seconds behind the others.
    pub async fn settle(&mut self) {
        for _ in 0..STEPS_MAX {
            let mut done = self.relay().await;
            for queue in Queue::ALL {
                done += self.work(queue).await;
            }
            if done == 0 && self.project().await == 0 {
                return;
            }
        }
        panic!("the system does not come to rest");
    }

    /// Runs the sweep once.
    pub async fn sweep(&self) {
        ordermill_sweep::handle(&self.runtime, json!({})).await;
    }

    /// The next moment anything is due.
    pub async fn next_due(&self) -> Option<Timestamp> {
        let mut next: Option<Timestamp> = None;
        for shard in 0..WORKLIST_SHARDS {
            let due = self.runtime.table.next_due(shard).await.unwrap();
            next = [next, due].into_iter().flatten().min();
        }
        let message = self.services.queues().next_due().map(Timestamp::from_milliseconds);
        [next, message].into_iter().flatten().min()
    }

    /// Moves the clock on, from due moment to due moment, and does all that falls due.
    pub async fn advance(&mut self, by: Seconds) {
        let until = self.now().plus(by);
        self.settle().await;
        for _ in 0..STEPS_MAX {
            match self.next_due().await {
                Some(due) if due <= until => {
                    self.set_clock(due.max(self.now()));
                    self.sweep().await;
                    self.settle().await;
                }
                Some(_) | None => {
                    self.set_clock(until);
                    self.settle().await;
                    return;
                }
            }
        }
        panic!("the clock does not come to its goal");
    }

    /// Messages as text, one line each: `customer email paid -> ona@example.com`.
    #[must_use]
    pub fn sent(&self) -> Vec<String> {
        let line = |sent: &ordermill_embedded::Sent| {
            let tag = |name: &str| {
                sent.tags
                    .get(name)
                    .or_else(|| sent.attributes.get(name))
                    .cloned()
                    .unwrap_or_default()
            };
            let to = sent.to.join(",");
            format!("{} {} {} -> {to}", tag("audience"), tag("channel"), tag("template"))
        };
        self.services.outbox().list().unwrap().iter().map(line).collect()
    }

    /// A provider says something of a message.
    pub fn say(&self, event: &Value) {
        let name = format!("ordermill-{}", Queue::Feedback.name());
        let message = ordermill_embedded::Message { body: event.to_string(), ..Default::default() };
        self.services.queues().send(&name, message).unwrap();
    }

    /// A product with stock at a warehouse.
    pub async fn stock(&mut self, sku: &str, warehouse: &str, quantity: i64) {
        let product = json!({ "name": sku, "prices": { "EUR": "10.00" }, "tax_rate": "0.21" });
        let made = self.request("PUT", &format!("/v1/products/{sku}"), product).await;
        assert!(made.status < 300, "{made:?}");
        self.receive(sku, warehouse, quantity).await;
        self.settle().await;
    }

    /// Goods come in.
    pub async fn receive(&mut self, sku: &str, warehouse: &str, quantity: i64) {
        let movement = json!({ "sku": sku, "warehouse": warehouse, "type": "receipt",
            "quantity": quantity, "reason": "delivery" });
        let moved =
            self.request("POST", "/v1/stock/movements", json!({ "movements": [movement] })).await;
        assert_eq!(moved.status, 201, "{moved:?}");
    }

    /// An order body: prepaid by card, to Vilnius, 10.00 a unit.
    #[must_use]
    pub fn order_body(external_id: &str, lines: &[(&str, i64)]) -> Value {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(sku, quantity)| {
                json!({ "sku": sku, "quantity": quantity, "unit_price": "10.00", "tax_rate": "0.21" })
            })
            .collect();
        json!({
            "external_id": external_id, "currency": "EUR",
            "customer": { "name": "Ona Petraitytė", "email": format!("{external_id}@example.com"), "locale": "en" },
            "delivery": { "method": "courier", "address": { "line1": "Gedimino pr. 9",
                "city": "Vilnius", "postal_code": "01103", "country": "LT" } },
            "payment": { "terms": "prepaid", "method": "card" },
            "lines": lines,
        })
    }

    /// Places an order; its id.
    pub async fn place(&mut self, body: Value) -> String {
        let answer = self.request("POST", "/v1/orders", body).await;
        assert!(answer.status == 202 || answer.status == 200, "{answer:?}");
        answer.body["id"].as_str().unwrap().to_owned()
    }

    /// The order as the API shows it.
    pub async fn order(&self, id: &str) -> Value {
        let answer = self.request("GET", &format!("/v1/orders/{id}"), Value::Null).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    }

    /// The order's status.
    pub async fn status(&self, id: &str) -> String {
        self.order(id).await["status"].as_str().unwrap().to_owned()
    }

    /// A signed webhook of the generic provider.
    pub async fn pay(&self, order: &str, amount: &str, reference: &str) -> Answer {
        let body = json!({ "type": "payment.succeeded", "data": { "order_id": order,
            "amount": amount, "currency": "EUR", "reference": reference } });
        self.webhook(&format!("evt-{reference}-{amount}"), body).await
    }

    /// Any signed webhook of the generic provider.
    pub async fn webhook(&self, event_id: &str, body: Value) -> Answer {
        let now = self.now();
        let secret = ordermill_runtime::config::LOCAL_WEBHOOK_SECRET;
        let signature = ordermill_runtime::signatures::sign_standard(
            secret,
            event_id,
            body.to_string().as_bytes(),
            now,
        );
        let at = now.seconds().to_string();
        let headers = [
            ("webhook-id", event_id),
            ("webhook-timestamp", at.as_str()),
            ("webhook-signature", signature.as_str()),
        ];
        self.request_with("POST", "/v1/payments/webhooks/generic", body, &headers).await
    }

    /// A command on an order.
    pub async fn command(&self, order: &str, command: &str, body: Value) -> Answer {
        let key = format!("{command}-{order}-{body}");
        let key: String = key.chars().filter(char::is_ascii_alphanumeric).take(200).collect();
        let headers = [("authorization", "Bearer local-admin"), ("idempotency-key", key.as_str())];
        self.request_with("POST", &format!("/v1/orders/{order}/{command}"), body, &headers).await
    }
}

/// Has a request answered by the function that API Gateway would ask.
pub async fn answer(
    rt: &Runtime,
    method: &str,
    path: &str,
    event: ApiGatewayV2httpRequest,
) -> Answer {
    let response = if method == "POST" && path == "/v1/orders" {
        ordermill_intake::handle(rt, event).await
    } else if path.starts_with("/v1/payments/webhooks/") {
        ordermill_payment::webhook(rt, event).await
    } else {
        ordermill_api::handle(rt, event).await
    };
    Answer::from(response)
}

/// Makes the queues as the template makes them.
pub fn define_queues(services: &Services) {
    for queue in Queue::ALL {
        let limits = queue.limits();
        let name = format!("ordermill-{}", queue.name());
        let visibility = u32::try_from(limits.visibility_seconds).unwrap();
        let definition = QueueDefinition::new(name.clone(), visibility)
            .dead_letters(format!("{name}-dead"), limits.attempts_max);
        services.queues().define(definition);
    }
}

/// Calls the function of a queue.
pub async fn invoke(rt: &Runtime, queue: Queue, event: SqsEvent) -> SqsBatchResponse {
    match queue {
        Queue::Validate => ordermill_validate::handle(rt, event).await,
        Queue::Reserve => ordermill_reserve::handle(rt, event).await,
        Queue::Serve => ordermill_serve::handle(rt, event).await,
        Queue::Payment => ordermill_payment::handle(rt, event).await,
        Queue::Timeout => ordermill_timeout::handle(rt, event).await,
        Queue::Recur => ordermill_recur::handle(rt, event).await,
        Queue::Notify => ordermill_notify::handle(rt, event).await,
        Queue::Webhook => ordermill_deliver::handle(rt, event).await,
        Queue::Feedback => ordermill_feedback::handle(rt, event).await,
    }
}

/// What functions get on these services: virtual clock, no retries of the SDK, no waiting between
/// attempts; all requests pass the interceptor.
#[must_use]
pub fn runtime(
    services: &Services,
    clock: &Arc<ManualClock>,
    interceptor: Arc<dyn Interceptor>,
) -> Runtime {
    let sdk = aws_config::SdkConfig::builder()
        .behavior_version(aws_config::BehaviorVersion::latest())
        .region(aws_config::Region::new("eu-north-1"))
        .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
            aws_credential_types::Credentials::from_keys("local", "local", None),
        ))
        // Nothing by the wall's time: no retries, no time-outs, no credentials that grow old.
        .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
        .identity_cache(aws_config::identity::IdentityCache::no_cache())
        .stalled_stream_protection(
            aws_config::stalled_stream_protection::StalledStreamProtectionConfig::disabled(),
        )
        .http_client(services.http_client_with(interceptor))
        .build();
    let clock = clock.clone();
    let now = Clock::new(move || Timestamp::from_milliseconds(clock.now_milliseconds()));
    let mut config = Config::local();
    config.queue_prefix = Queues::url("ordermill-");
    Runtime::new(config, &sdk, now)
        .with_sleep(Arc::new(|_| Box::pin(std::future::ready(()))))
        .with_poster(Arc::new(Hooks::default()).poster())
}
