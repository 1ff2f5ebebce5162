//! Laws of each step: whatever one request of it does (throttled, in conflict, its answer lost,
//! the process dead before or after), however often the message comes, and wherever another call
//! with the same runs through in between, the end is the same as that of the faultless run, and
//! the audit is clean.
//!
//! What was tried is kept as a table in `docs/laws.txt` (`UPDATE_EXPECT=1` writes it anew).

#![allow(clippy::unwrap_used, reason = "a law that cannot be set up is broken")]

use aws_lambda_events::event::dynamodb::Event as ChangeEvent;
use aws_lambda_events::event::sqs::SqsBatchResponse;
use futures::FutureExt;
use ordermill_domain::time::Seconds;
use ordermill_embedded::{Queues, Received};
use ordermill_runtime::Queue;
use ordermill_runtime::outgoing::Post;
use ordermill_world::{Fault, When, World, findings};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::Mutex;

/// Which step is tried.
#[derive(Clone, Copy, Debug)]
enum Step {
    Queue(Queue),
    Relay,
    Project,
    /// The caller repeats its request until it is answered.
    Place,
    Ship,
    Cancel,
    Return,
    Paid,
    Refund,
    /// Fewer of one article, some of another.
    Edit,
    /// The same, when the customer agrees.
    Propose,
    /// They agree.
    Answer,
    Webhook,
    Movement,
    Sweep,
    Audit,
    /// The last attempt at a message to an endpoint that has failed for three days.
    GiveUp,
    /// A page of a replay, and the attempt that follows.
    Replay,
    /// The payment of a subscription's order has failed.
    Dun,
    /// A subscription's next order is told of.
    Ahead,
    /// A customer asks to be forgotten.
    Erase,
    /// And is.
    Forget,
    /// An order becomes two.
    Split,
    /// A subscription is agreed.
    Subscribe,
    /// Its next date is left out.
    Skip,
}

impl Step {
    const ALL: [Self; 33] = [
        Self::Place,
        Self::Queue(Queue::Validate),
        Self::Queue(Queue::Reserve),
        Self::Queue(Queue::Serve),
        Self::Webhook,
        Self::Queue(Queue::Payment),
        Self::Queue(Queue::Timeout),
        Self::Queue(Queue::Recur),
        Self::Queue(Queue::Notify),
        Self::Queue(Queue::Feedback),
        Self::Relay,
        Self::Project,
        Self::Sweep,
        Self::Audit,
        Self::Ship,
        Self::Cancel,
        Self::Return,
        Self::Paid,
        Self::Refund,
        Self::Edit,
        Self::Propose,
        Self::Answer,
        Self::Movement,
        Self::Queue(Queue::Webhook),
        Self::GiveUp,
        Self::Replay,
        Self::Dun,
        Self::Ahead,
        Self::Erase,
        Self::Forget,
        Self::Split,
        Self::Subscribe,
        Self::Skip,
    ];

    /// The function, and what it is asked.
    fn name(self) -> String {
        match self {
            Self::Place => "intake: POST /v1/orders".to_owned(),
            Self::Queue(Queue::Webhook) => "deliver: a message of webhook".to_owned(),
            Self::Queue(queue) => format!("{0}: a message of {0}", queue.name()),
            Self::Webhook => "payment: a provider's webhook".to_owned(),
            Self::Relay => "relay: a batch of the stream".to_owned(),
            Self::Project => "project: a batch of the stream".to_owned(),
            Self::Sweep => "sweep: the schedule".to_owned(),
            Self::Audit => "audit: the schedule".to_owned(),
            Self::Ship => "api: ship".to_owned(),
            Self::Cancel => "api: cancel".to_owned(),
            Self::Return => "api: return".to_owned(),
            Self::Paid => "api: pay".to_owned(),
            Self::Refund => "api: refund".to_owned(),
            Self::Edit => "api: edit".to_owned(),
            Self::Propose => "api: edit that the customer must agree to".to_owned(),
            Self::Answer => "api: POST /v1/approve/{token}".to_owned(),
            Self::Movement => "api: POST /v1/stock/movements".to_owned(),
            Self::GiveUp => "deliver: the last attempt at an endpoint".to_owned(),
            Self::Replay => "deliver: a page of a replay".to_owned(),
            Self::Dun => "recur: an order that is not paid".to_owned(),
            Self::Ahead => "notify: an order that is not made yet".to_owned(),
            Self::Erase => "api: POST /v1/customers/{id}/erase".to_owned(),
            Self::Forget => "timeout: a customer to be forgotten".to_owned(),
            Self::Split => "api: split".to_owned(),
            Self::Subscribe => "api: POST /v1/subscriptions".to_owned(),
            Self::Skip => "api: POST /v1/subscriptions/{id}/skip".to_owned(),
        }
    }
}

const FAULTS: [(Fault, &str); 5] = [
    (Fault::Throttle, "throttled"),
    (Fault::Conflict, "in conflict"),
    (Fault::LostAnswer, "answer lost"),
    (Fault::CrashBefore, "dies before"),
    (Fault::CrashAfter, "dies after"),
];

/// What can be seen from outside at the end: orders, stock, messages (each once).
async fn seen(world: &World) -> Value {
    let orders = world.request("GET", "/v1/orders?limit=200", Value::Null).await;
    let mut shown = Vec::new();
    for order in orders.body["items"].as_array().unwrap() {
        let history = world
            .request(
                "GET",
                &format!("/v1/orders/{}/history", order["id"].as_str().unwrap()),
                Value::Null,
            )
            .await;
        let events: Vec<&Value> =
            history.body["items"].as_array().unwrap().iter().map(|e| &e["type"]).collect();
        let versions: Vec<u64> = history.body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|e| e["version"].as_u64().unwrap())
            .collect();
        let gapless: Vec<u64> = (1..=versions.len() as u64).collect();
        assert_eq!(versions, gapless, "the history has a gap");
        shown.push(json!({ "external_id": order["external_id"], "status": order["status"],
            "holds": order["holds"].as_array().unwrap().len(),
            "payment": order["payment"]["status"], "paid": order["payment"]["paid"],
            "owed": order["payment"]["refund_owed"], "fulfilment": order["fulfilment"],
            "events": events, "is_erased": !order["erased_at"].is_null() }));
    }
    shown.sort_by_key(ToString::to_string);
    let stock = world.request("GET", "/v1/stock/TEA", Value::Null).await.body;
    let messages: BTreeSet<String> = world.sent().into_iter().collect();
    // What the client's program was sent, each message once, and what became of it.
    let posts: BTreeSet<String> = world.hooks.posts().iter().map(message).collect();
    let mut deliveries = Vec::new();
    let endpoints = world.request("GET", "/v1/webhooks", Value::Null).await.body;
    for endpoint in endpoints["items"].as_array().unwrap() {
        let path = format!("/v1/webhooks/{}/deliveries", endpoint["id"].as_str().unwrap());
        let log = world.request("GET", &path, Value::Null).await.body;
        for delivery in log["items"].as_array().unwrap() {
            let settled = delivery["next_attempt_at"].is_null();
            deliveries.push(json!([delivery["type"], delivery["state"], settled]));
        }
        deliveries.push(json!([endpoint["state"], endpoint["replaying"]]));
    }
    deliveries.sort_by_key(ToString::to_string);
    let mut subscriptions = Vec::new();
    let all = world.request("GET", "/v1/subscriptions", Value::Null).await.body;
    for one in all["items"].as_array().unwrap() {
        let path = format!("/v1/subscriptions/{}/preview?count=3", one["id"].as_str().unwrap());
        let dates = world.request("GET", &path, Value::Null).await.body;
        subscriptions.push(json!([
            one["status"],
            one["skips"],
            one["orders_made"],
            dates["items"]
        ]));
    }
    json!({ "posts": posts, "deliveries": deliveries, "orders": shown,
        "subscriptions": subscriptions, "on_hand": stock["on_hand"], "reserved": stock["reserved"],
        "waiting": stock["waiting"], "messages": messages })
}

/// A message as text; its signature is the endpoint's.
fn message(post: &Post) -> String {
    let header = |name: &str| {
        let found = post.headers.iter().find(|(given, _)| *given == name);
        found.map(|(_, value)| value.as_str()).unwrap()
    };
    assert!(header("webhook-signature").starts_with("v1,"));
    let body: Value = serde_json::from_slice(&post.body).unwrap();
    format!("{} {} {}", header("webhook-id"), body["type"], body["data"]["event"]["version"])
}

/// An endpoint of the caller's own orders.
async fn endpoint(world: &World, events: Value) -> String {
    let body = json!({ "url": "https://example.com/hooks", "events": events });
    // A key of its own, so that the endpoint has the same id in every world.
    let headers = [("authorization", "Bearer local-admin"), ("idempotency-key", "e-1")];
    let made = world.request_with("POST", "/v1/webhooks", body, &headers).await;
    assert_eq!(made.status, 201, "{made:?}");
    made.body["id"].as_str().unwrap().to_owned()
}

/// A world with an endpoint, in which a message to it is the next thing to happen.
async fn with_endpoint(mut world: World, step: Step) -> (World, String) {
    let body = World::order_body("w-1", &[("TEA", 3)]);
    if matches!(step, Step::Queue(Queue::Webhook)) {
        endpoint(&world, json!([])).await;
        let order = world.place(body).await;
        world.publish().await;
        return (world, order);
    }
    let id = endpoint(&world, json!(["order.received"])).await;
    if matches!(step, Step::GiveUp) {
        world.hooks.answer(None);
    }
    let order = world.place(body).await;
    world.settle().await;
    if matches!(step, Step::Replay) {
        let path = format!("/v1/webhooks/{id}/replay");
        let from = json!({ "from": "2026-03-01T00:00:00Z", "to": "2026-03-02T00:00:00Z" });
        let asked = world.request("POST", &path, from).await;
        assert_eq!(asked.status, 200, "{asked:?}");
    } else {
        // Nothing else is due of the order meanwhile.
        world.command(&order, "cancel", json!({})).await;
        world.settle().await;
        world.set_clock(world.now().plus(Seconds::days(3)));
    }
    world.sweep().await;
    (world, order)
}

/// A world with a subscription by card, whose first order cannot be paid, or is told of.
async fn with_subscription(mut world: World, step: Step) -> (World, String) {
    let mut body = World::order_body("sub-1", &[("TEA", 1)]);
    let more = [
        ("rule", json!("FREQ=MONTHLY")),
        ("start", json!("2026-03-02")),
        ("time", json!("09:00")),
        ("notice_days", json!(u8::from(matches!(step, Step::Ahead)))),
    ];
    for (name, value) in more {
        body[name] = value;
    }
    let made = world.request("POST", "/v1/subscriptions", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = made.body["id"].as_str().unwrap().to_owned();
    if matches!(step, Step::Ahead) {
        world.settle().await;
        world.set_clock(world.now().plus(Seconds::minutes(1)));
        world.sweep().await;
        world.work(Queue::Recur).await;
        world.publish().await;
        return (world, id);
    }
    world.advance(Seconds::days(1)).await;
    let orders = world.request("GET", &format!("/v1/subscriptions/{id}/orders"), Value::Null).await;
    let order = orders.body["items"][0]["id"].as_str().unwrap().to_owned();
    let failed = json!({ "type": "payment.failed", "data": { "order_id": order, "reference": "r-1",
        "code": "lost_card" } });
    world.webhook("evt-1", failed).await;
    world.publish().await;
    world.work(Queue::Payment).await;
    world.publish().await;
    (world, id)
}

/// A world with a customer of three orders that are over, and of a subscription that is.
async fn with_customer(mut world: World, step: Step) -> (World, String) {
    let body = |number: &str| {
        let mut body = World::order_body(number, &[("TEA", 1)]);
        body["customer"]["id"] = json!("c-1");
        body
    };
    for number in ["w-1", "w-2", "w-3"] {
        let order = world.place(body(number)).await;
        world.settle().await;
        world.command(&order, "cancel", json!({})).await;
    }
    let mut subscription = body("sub-1");
    for (name, value) in [("rule", "FREQ=DAILY"), ("start", "2026-03-02"), ("time", "09:00")] {
        subscription[name] = json!(value);
    }
    let made = world.request("POST", "/v1/subscriptions", subscription).await;
    assert_eq!(made.status, 201, "{made:?}");
    let cancel = format!("/v1/subscriptions/{}/cancel", made.body["id"].as_str().unwrap());
    assert_eq!(world.request("POST", &cancel, json!({})).await.status, 200);
    world.settle().await;
    if matches!(step, Step::Forget) {
        ask(&world, Step::Erase, "c-1").await;
        world.set_clock(world.now().plus(Seconds::minutes(1)));
        world.sweep().await;
    }
    (world, "c-1".to_owned())
}

/// A world in which the step is the next thing to happen.
async fn ready(step: Step) -> (World, String) {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let body = World::order_body("w-1", &[("TEA", 3)]);
    let mut order = String::new();
    let upto = |step: Step| match step {
        Step::Place | Step::Movement | Step::Subscribe => 0,
        Step::Queue(Queue::Webhook) | Step::GiveUp | Step::Replay => 10,
        Step::Relay | Step::Project => 1,
        Step::Queue(Queue::Validate) => 2,
        Step::Queue(Queue::Reserve) => 3,
        Step::Queue(Queue::Notify | Queue::Timeout | Queue::Feedback) | Step::Webhook => 4,
        Step::Queue(Queue::Payment) => 5,
        Step::Ship | Step::Return | Step::Refund | Step::Split => 6,
        Step::Cancel
        | Step::Edit
        | Step::Propose
        | Step::Answer
        | Step::Paid
        | Step::Sweep
        | Step::Audit => 4,
        Step::Queue(Queue::Serve | Queue::Recur) | Step::Skip => 9,
        Step::Erase | Step::Forget => 11,
        Step::Dun | Step::Ahead => 12,
    };
    let far = upto(step);
    if far == 9 {
        return other(world, step).await;
    }
    if far == 12 {
        return with_subscription(world, step).await;
    }
    if far == 11 {
        return with_customer(world, step).await;
    }
    if far == 10 {
        return with_endpoint(world, step).await;
    }
    if far >= 1 {
        order = world.place(body).await;
    }
    if far == 2 {
        world.publish().await;
    }
    if far == 3 {
        world.publish().await;
        world.work(Queue::Validate).await;
        world.publish().await;
    }
    if far >= 4 {
        match step {
            Step::Queue(Queue::Notify) => {
                world.publish().await;
                world.work(Queue::Validate).await;
                world.publish().await;
                world.work(Queue::Reserve).await;
                world.publish().await;
            }
            _ => world.settle().await,
        }
    }
    if matches!(step, Step::Queue(Queue::Feedback)) {
        world.say(&bounce(&order, "order_received", 1));
    }
    if matches!(step, Step::Queue(Queue::Timeout)) {
        world.set_clock(world.now().plus(Seconds::hours(2)));
        world.sweep().await;
    }
    if matches!(step, Step::Sweep) {
        world.set_clock(world.now().plus(Seconds::hours(2)));
    }
    if far >= 5 {
        world.pay(&order, "30.00", "r-1").await;
        world.publish().await;
    }
    if far >= 6 {
        world.settle().await;
    }
    if matches!(step, Step::Return) {
        ask(&world, Step::Ship, &order).await;
        world.settle().await;
        let delivered = world.command(&order, "deliver", json!({})).await;
        assert_eq!(delivered.status, 200, "{delivered:?}");
        world.settle().await;
    }
    if matches!(step, Step::Answer) {
        ask(&world, Step::Propose, &order).await;
        world.settle().await;
        let asked = world.order(&order).await;
        let url = asked["question"]["url"].as_str().unwrap();
        let path = url.find("/v1/approve/").and_then(|at| url.get(at..)).unwrap();
        return (world, path.to_owned());
    }
    (world, order)
}

/// What SES says of a message that did not arrive.
fn bounce(order: &str, template: &str, event: u64) -> Value {
    json!({
        "eventType": "Bounce",
        "bounce": { "bounceType": "Permanent",
            "bouncedRecipients": [{ "emailAddress": "ona@example.com" }] },
        "mail": { "destination": ["ona@example.com"], "tags": { "order": [order],
            "template": [template], "event": [event.to_string()] } }
    })
}

/// Worlds for the steps off the main way.
async fn other(mut world: World, step: Step) -> (World, String) {
    if matches!(step, Step::Queue(Queue::Serve)) {
        let order = world.place(World::order_body("w-2", &[("TEA", 14)])).await;
        world.settle().await;
        world.receive("TEA", "VNO", 9).await;
        world.publish().await;
        return (world, order);
    }
    let made = world.request("POST", "/v1/subscriptions", daily()).await;
    assert_eq!(made.status, 201, "{made:?}");
    if matches!(step, Step::Skip) {
        return (world, made.body["id"].as_str().unwrap().to_owned());
    }
    world.set_clock(world.now().plus(Seconds::days(1)));
    world.sweep().await;
    (world, made.body["id"].as_str().unwrap().to_owned())
}

/// A subscription to tea, on account.
fn daily() -> Value {
    json!({ "external_id": "sub-1", "currency": "EUR",
        "customer": { "name": "Ona Petraitytė", "email": "ona@example.com" },
        "delivery": { "method": "courier", "address": { "line1": "Gedimino pr. 9",
            "city": "Vilnius", "postal_code": "01103", "country": "LT" } },
        "payment": { "terms": "invoice" },
        "lines": [ { "sku": "TEA", "quantity": 1, "unit_price": "10.00", "tax_rate": "0.21" } ],
        "rule": "FREQ=DAILY", "start": "2026-03-02", "time": "09:00",
        "time_zone": "Europe/Vilnius" })
}

/// A caller asks once, whatever the answer is.
async fn ask(world: &World, step: Step, order: &str) {
    let answer = match step {
        Step::Place => {
            world.request("POST", "/v1/orders", World::order_body("w-1", &[("TEA", 3)])).await
        }
        Step::Ship => {
            let body = json!({ "carrier": "DPD", "tracking": "X1" });
            world.command(order, "ship", body).await
        }
        Step::Cancel => world.command(order, "cancel", json!({ "reason": "asked" })).await,
        Step::Return => {
            let lines = json!([{ "line": 1, "quantity": 2, "condition": "restock" }]);
            world.command(order, "return", json!({ "lines": lines, "reason": "too many" })).await
        }
        Step::Paid => {
            let body = json!({ "amount": "30.00", "currency": "EUR", "reference": "hand-1",
                "method": "bank_transfer" });
            world.command(order, "pay", body).await
        }
        Step::Edit => {
            let lines = json!([{ "line": 1, "quantity": 1 }, { "copy_of": 1, "quantity": 5 }]);
            world.command(order, "edit", json!({ "lines": lines })).await
        }
        Step::Propose => {
            let lines = json!([{ "line": 1, "quantity": 1 }, { "copy_of": 1, "quantity": 5 }]);
            let body = json!({ "approval": "customer", "lines": lines });
            world.command(order, "edit", body).await
        }
        Step::Answer => {
            let yes = json!({ "answer": "accept", "comment": "Good." });
            world.request_with("POST", order, yes, &[]).await
        }
        Step::Refund => {
            world.command(order, "refund", json!({ "amount": "4.00", "reason": "late" })).await
        }
        Step::Split => {
            let lines = json!([{ "line": 1, "quantity": 1 }]);
            world.command(order, "split", json!({ "lines": lines })).await
        }
        Step::Subscribe => world.request("POST", "/v1/subscriptions", daily()).await,
        Step::Skip => {
            let path = format!("/v1/subscriptions/{order}/skip");
            world.request("POST", &path, json!({ "date": "2026-03-03" })).await
        }
        Step::Webhook => world.pay(order, "30.00", "r-1").await,
        Step::Erase => {
            world.request("POST", &format!("/v1/customers/{order}/erase"), Value::Null).await
        }
        Step::Movement => {
            let movement = json!({ "sku": "TEA", "warehouse": "VNO", "type": "receipt",
                "quantity": 5, "reason": "delivery" });
            let headers = [("authorization", "Bearer local-admin"), ("idempotency-key", "m-1")];
            let body = json!({ "movements": [movement] });
            world.request_with("POST", "/v1/stock/movements", body, &headers).await
        }
        Step::Queue(_)
        | Step::Relay
        | Step::Project
        | Step::Sweep
        | Step::Audit
        | Step::GiveUp
        | Step::Replay
        | Step::Forget
        | Step::Dun
        | Step::Ahead => panic!("nobody asks for {step:?}"),
    };
    assert!(matches!(answer.status, 200..=202 | 503), "{step:?}: {answer:?}");
}

/// What two calls of a step are given.
enum Given {
    Messages(Queue, Vec<Received>),
    Records(ChangeEvent),
    Nothing,
}

fn given(world: &World, step: Step) -> Given {
    match step {
        Step::Queue(queue) => Given::Messages(queue, world.take(queue)),
        Step::GiveUp | Step::Replay => Given::Messages(Queue::Webhook, world.take(Queue::Webhook)),
        Step::Forget => Given::Messages(Queue::Timeout, world.take(Queue::Timeout)),
        Step::Dun => Given::Messages(Queue::Recur, world.take(Queue::Recur)),
        Step::Ahead => Given::Messages(Queue::Notify, world.take(Queue::Notify)),
        Step::Relay => Given::Records(world.unread_by_relay()),
        Step::Project => Given::Records(world.unread_by_project()),
        Step::Place
        | Step::Ship
        | Step::Cancel
        | Step::Return
        | Step::Paid
        | Step::Refund
        | Step::Edit
        | Step::Propose
        | Step::Answer
        | Step::Webhook
        | Step::Movement
        | Step::Erase
        | Step::Split
        | Step::Subscribe
        | Step::Skip
        | Step::Sweep
        | Step::Audit => Given::Nothing,
    }
}

/// One of two calls, by an instance of its own.
async fn call(world: &World, step: Step, order: &str, given: &Given) -> Option<SqsBatchResponse> {
    let instance = world.runtime_through(world.faults.clone());
    match (step, given) {
        (_, Given::Messages(queue, messages)) => {
            let name = format!("ordermill-{}", queue.name());
            let event = Queues::lambda_event(&name, messages);
            return Some(ordermill_world::invoke(&instance, *queue, event).await);
        }
        (Step::Relay, Given::Records(event)) => {
            ordermill_relay::handle(&instance, event.clone()).await;
        }
        (_, Given::Records(event)) => {
            ordermill_project::handle(&instance, event.clone()).await;
        }
        (Step::Sweep, Given::Nothing) => world.sweep().await,
        (Step::Audit, Given::Nothing) => {
            ordermill_audit::handle(&instance, serde_json::Value::Null).await;
        }
        (_, Given::Nothing) => ask(world, step, order).await,
    }
    None
}

/// Does the step twice at once: the first waits before this request until the second is through.
async fn act_twice(world: &World, step: Step, order: &str, request: usize) {
    let given = given(world, step);
    world.faults.arm(Some(When { request, fault: Fault::Wait }));
    let mut first = Box::pin(tokio::task::unconstrained(call(world, step, order, &given)));
    assert!(futures::poll!(first.as_mut()).is_pending(), "{step:?} did not come to {request}");
    let second = tokio::task::unconstrained(call(world, step, order, &given)).await;
    world.faults.go_on();
    let first = first.await;
    if let Given::Messages(queue, messages) = &given {
        let answers: Vec<SqsBatchResponse> = first.into_iter().chain(second).collect();
        world.answered(*queue, messages, &answers);
    }
}

/// Does the step once; false when the process died in it.
async fn act(world: &mut World, step: Step, order: &str) -> bool {
    let work = async {
        match step {
            Step::Queue(queue) => {
                world.work(queue).await;
            }
            Step::GiveUp | Step::Replay => {
                world.work(Queue::Webhook).await;
            }
            Step::Forget => {
                world.work(Queue::Timeout).await;
            }
            Step::Dun => {
                world.work(Queue::Recur).await;
            }
            Step::Ahead => {
                world.work(Queue::Notify).await;
            }
            Step::Relay => {
                world.relay().await;
            }
            Step::Project => {
                world.project().await;
            }
            Step::Sweep => world.sweep().await,
            Step::Audit => {
                ordermill_audit::handle(&world.runtime, serde_json::Value::Null).await;
            }
            Step::Place
            | Step::Ship
            | Step::Cancel
            | Step::Return
            | Step::Paid
            | Step::Refund
            | Step::Edit
            | Step::Propose
            | Step::Answer
            | Step::Webhook
            | Step::Erase
            | Step::Split
            | Step::Subscribe
            | Step::Skip
            | Step::Movement => ask(world, step, order).await,
        }
    };
    // Without the scheduler's budget: a step is never put off, only ever dead.
    tokio::task::unconstrained(work).now_or_never().is_some()
}

/// Everything after the step: messages come back, the stream is read, the caller repeats.
async fn finish(world: &mut World, step: Step, order: &str, died: bool) {
    world.faults.arm(None);
    if died {
        world.restart();
    }
    match step {
        Step::Place
        | Step::Ship
        | Step::Cancel
        | Step::Return
        | Step::Paid
        | Step::Refund
        | Step::Edit
        | Step::Propose
        | Step::Answer
        | Step::Webhook
        | Step::Erase
        | Step::Split
        | Step::Subscribe
        | Step::Skip
        | Step::Movement => ask(world, step, order).await,
        // What a provider says stands in no row of ours; its queue is durable and brings it again.
        Step::Queue(Queue::Feedback) if died => {
            world.say(&bounce(order, "order_received", 1));
        }
        Step::Queue(_)
        | Step::Relay
        | Step::Project
        | Step::Sweep
        | Step::Audit
        | Step::GiveUp
        | Step::Replay
        | Step::Dun
        | Step::Ahead
        | Step::Forget => {}
    }
    world.settle().await;
    // Whatever was hidden or lost with the memory is found again by its own deadline.
    world.advance(Seconds::minutes(10)).await;
}

async fn law(step: Step) {
    let (mut world, order) = ready(step).await;
    world.faults.arm(None);
    assert!(act(&mut world, step, &order).await);
    let operations = world.faults.operations();
    let requests = operations.len();
    assert!(requests > 0, "{step:?} asks nothing");
    finish(&mut world, step, &order, false).await;
    let right = seen(&world).await;
    assert_eq!(findings(&world).await, [], "{step:?}");

    let (mut world, order) = ready(step).await;
    world.faults.arm(None);
    act(&mut world, step, &order).await;
    world.rewind_stream(100);
    finish(&mut world, step, &order, false).await;
    assert_eq!(seen(&world).await, right, "{step:?}, delivered again");

    for request in 0..requests {
        for (fault, _) in FAULTS {
            let (mut world, order) = ready(step).await;
            world.faults.arm(Some(When { request, fault }));
            let alive = act(&mut world, step, &order).await;
            finish(&mut world, step, &order, !alive).await;
            assert_eq!(seen(&world).await, right, "{step:?}, {fault:?} at request {request}");
            assert_eq!(findings(&world).await, [], "{step:?}, {fault:?} at request {request}");
        }
    }
    for request in 0..requests {
        let (mut world, order) = ready(step).await;
        act_twice(&world, step, &order, request).await;
        finish(&mut world, step, &order, false).await;
        assert_eq!(seen(&world).await, right, "{step:?}, two at once, met at request {request}");
        assert_eq!(findings(&world).await, [], "{step:?}, two at once, met at request {request}");
    }
    kept(step, &operations);
}

/// Rows of the table that have been tried in this run.
static ROWS: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());

/// Compares what was tried with its part of the reviewed table.
fn kept(step: Step, operations: &[String]) {
    let mut row = format!("{}\n", step.name());
    for (place, operation) in operations.iter().enumerate() {
        let tried: Vec<&str> = FAULTS.iter().map(|(_, name)| *name).collect();
        let laws = tried.join(" · ");
        writeln!(row, "  {:>2} {operation:<20} {laws} · two at once", place + 1).unwrap();
    }
    println!("{row}");
    let mut rows = ROWS.lock().unwrap();
    rows.insert(step.name(), row.clone());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/laws.txt");
    let text = std::fs::read_to_string(&path).unwrap_or_default();
    let before = Step::ALL.map(Step::name).map(|name| {
        let part = text.split("\n\n").find(|part| part.lines().next() == Some(&name));
        (name, part.map(|part| format!("{}\n", part.trim_end())))
    });
    if before.iter().any(|(name, part)| *name == step.name() && part.as_ref() == Some(&row)) {
        return;
    }
    let told = "look at what it asks now, and write it down with UPDATE_EXPECT=1";
    assert!(updates(), "docs/laws.txt does not say this; {told}:\n{row}");
    let parts = before.into_iter().filter_map(|(name, part)| rows.get(&name).cloned().or(part));
    let table: Vec<String> = std::iter::once(HEAD.to_owned()).chain(parts).collect();
    std::fs::write(&path, table.join("\n")).unwrap();
}

fn updates() -> bool {
    std::env::var_os("UPDATE_EXPECT").is_some()
}

/// What stands over the table.
const HEAD: &str = "\
What each step asks of AWS, request by request, and what was tried there: each entry is one world in
which that happened at that request, then everything else was done, and orders, history, stock,
money and messages ended as in the faultless run, with nothing for the audit to say. Each step was
also delivered again after its end. \"Two at once\": a second call with the same ran through while
the first stood before that request. Kept by `tests/laws`; written anew with UPDATE_EXPECT=1.
";

macro_rules! laws {
    ($($name:ident: $step:expr;)*) => {
        $(#[tokio::test]
        async fn $name() {
            law($step).await;
        })*
    };
}

laws! {
    intake_keeps_the_laws: Step::Place;
    validate_keeps_the_laws: Step::Queue(Queue::Validate);
    reserve_keeps_the_laws: Step::Queue(Queue::Reserve);
    serve_keeps_the_laws: Step::Queue(Queue::Serve);
    a_webhook_keeps_the_laws: Step::Webhook;
    payment_keeps_the_laws: Step::Queue(Queue::Payment);
    timeout_keeps_the_laws: Step::Queue(Queue::Timeout);
    recur_keeps_the_laws: Step::Queue(Queue::Recur);
    notify_keeps_the_laws: Step::Queue(Queue::Notify);
    feedback_keeps_the_laws: Step::Queue(Queue::Feedback);
    relay_keeps_the_laws: Step::Relay;
    project_keeps_the_laws: Step::Project;
    a_shipment_keeps_the_laws: Step::Ship;
    a_cancel_keeps_the_laws: Step::Cancel;
    a_return_keeps_the_laws: Step::Return;
    money_by_hand_keeps_the_laws: Step::Paid;
    a_refund_keeps_the_laws: Step::Refund;
    an_edit_keeps_the_laws: Step::Edit;
    a_proposed_edit_keeps_the_laws: Step::Propose;
    an_answer_of_the_customer_keeps_the_laws: Step::Answer;
    a_movement_keeps_the_laws: Step::Movement;
    the_sweep_keeps_the_laws: Step::Sweep;
    the_audit_keeps_the_laws: Step::Audit;
    deliver_keeps_the_laws: Step::Queue(Queue::Webhook);
    giving_an_endpoint_up_keeps_the_laws: Step::GiveUp;
    a_replay_keeps_the_laws: Step::Replay;
    an_unpaid_order_keeps_the_laws: Step::Dun;
    a_notice_ahead_keeps_the_laws: Step::Ahead;
    asking_to_be_forgotten_keeps_the_laws: Step::Erase;
    forgetting_a_customer_keeps_the_laws: Step::Forget;
    a_split_keeps_the_laws: Step::Split;
    a_subscription_keeps_the_laws: Step::Subscribe;
    a_skip_keeps_the_laws: Step::Skip;
}

#[test]
fn every_function_has_its_law() {
    let functions = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../functions");
    let tried: BTreeSet<String> = Step::ALL
        .map(|step| step.name().split(':').next().unwrap_or_default().to_owned())
        .into_iter()
        .collect();
    for function in std::fs::read_dir(functions).unwrap() {
        let name = function.unwrap().file_name().into_string().unwrap();
        assert!(tried.contains(&name), "no law tries {name}: give it a step");
    }
}
