//! Laws of each step: whatever one request of it does (throttled, in conflict, its answer lost,
//! the process dead before or after), and however often the message comes, the end is the same
//! as that of the faultless run, and the audit is clean.

#![allow(clippy::unwrap_used, reason = "a law that cannot be set up is broken")]

use futures::FutureExt;
use ordermill_domain::time::Seconds;
use ordermill_runtime::Queue;
use ordermill_world::{Fault, When, World, findings};
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
    Webhook,
    Movement,
}

const FAULTS: [Fault; 5] =
    [Fault::Throttle, Fault::Conflict, Fault::LostAnswer, Fault::CrashBefore, Fault::CrashAfter];

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
            "payment": order["payment"]["status"], "paid": order["payment"]["paid"],
            "owed": order["payment"]["refund_owed"], "fulfilment": order["fulfilment"],
            "events": events }));
    }
    shown.sort_by_key(ToString::to_string);
    let stock = world.request("GET", "/v1/stock/TEA", Value::Null).await.body;
    let messages: BTreeSet<String> = world.sent().into_iter().collect();
    json!({ "orders": shown, "on_hand": stock["on_hand"], "reserved": stock["reserved"],
        "waiting": stock["waiting"], "messages": messages })
}

/// A world in which the step is the next thing to happen.
async fn ready(step: Step) -> (World, String) {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let body = World::order_body("w-1", &[("TEA", 3)]);
    let mut order = String::new();
    let upto = |step: Step| match step {
        Step::Place | Step::Movement => 0,
        Step::Relay | Step::Project => 1,
        Step::Queue(Queue::Validate) => 2,
        Step::Queue(Queue::Reserve) => 3,
        Step::Queue(Queue::Notify | Queue::Timeout | Queue::Feedback) | Step::Webhook => 4,
        Step::Queue(Queue::Payment) => 5,
        Step::Ship => 6,
        Step::Cancel => 4,
        Step::Queue(Queue::Serve | Queue::Recur) => 9,
    };
    let far = upto(step);
    if far == 9 {
        return other(world, step).await;
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
    if far >= 5 {
        world.pay(&order, "30.00", "r-1").await;
        world.publish().await;
    }
    if far >= 6 {
        world.settle().await;
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
    let body = json!({ "external_id": "sub-1", "currency": "EUR",
        "customer": { "name": "Ona Petraitytė", "email": "ona@example.com" },
        "delivery": { "method": "courier", "address": { "line1": "Gedimino pr. 9",
            "city": "Vilnius", "postal_code": "01103", "country": "LT" } },
        "payment": { "terms": "invoice" },
        "lines": [ { "sku": "TEA", "quantity": 1, "unit_price": "10.00", "tax_rate": "0.21" } ],
        "rule": "FREQ=DAILY", "start": "2026-03-02", "time": "09:00",
        "time_zone": "Europe/Vilnius" });
    let made = world.request("POST", "/v1/subscriptions", body).await;
    assert_eq!(made.status, 201, "{made:?}");
    world.set_clock(world.now().plus(Seconds::days(1)));
    world.sweep().await;
    (world, made.body["id"].as_str().unwrap().to_owned())
}

/// Does the step once; false when the process died in it.
async fn act(world: &mut World, step: Step, order: &str) -> bool {
    let work = async {
        match step {
            Step::Queue(queue) => {
                world.work(queue).await;
            }
            Step::Relay => {
                world.relay().await;
            }
            Step::Project => {
                world.project().await;
            }
            Step::Place => {
                world.request("POST", "/v1/orders", World::order_body("w-1", &[("TEA", 3)])).await;
            }
            Step::Ship => {
                let body = json!({ "carrier": "DPD", "tracking": "X1" });
                world.command(order, "ship", body).await;
            }
            Step::Cancel => {
                world.command(order, "cancel", json!({ "reason": "asked" })).await;
            }
            Step::Webhook => {
                world.pay(order, "30.00", "r-1").await;
            }
            Step::Movement => {
                let movement = json!({ "sku": "TEA", "warehouse": "VNO", "type": "receipt",
                    "quantity": 5, "reason": "delivery" });
                let headers = [("authorization", "Bearer local-admin"), ("idempotency-key", "m-1")];
                let body = json!({ "movements": [movement] });
                world.request_with("POST", "/v1/stock/movements", body, &headers).await;
            }
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
        Step::Place | Step::Ship | Step::Cancel | Step::Webhook | Step::Movement => {
            act(world, step, order).await;
        }
        // What a provider says stands in no row of ours; its queue is durable and brings it again.
        Step::Queue(Queue::Feedback) if died => {
            world.say(&bounce(order, "order_received", 1));
        }
        Step::Queue(_) | Step::Relay | Step::Project => {}
    }
    world.settle().await;
    // Whatever was hidden or lost with the memory is found again by its own deadline.
    world.advance(Seconds::minutes(10)).await;
}

async fn law(step: Step) {
    let (mut world, order) = ready(step).await;
    world.faults.arm(None);
    assert!(act(&mut world, step, &order).await);
    let requests = world.faults.requests();
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
        for fault in FAULTS {
            let (mut world, order) = ready(step).await;
            world.faults.arm(Some(When { request, fault }));
            let alive = act(&mut world, step, &order).await;
            finish(&mut world, step, &order, !alive).await;
            assert_eq!(seen(&world).await, right, "{step:?}, {fault:?} at request {request}");
            assert_eq!(findings(&world).await, [], "{step:?}, {fault:?} at request {request}");
        }
    }
    println!("{step:?}: {} faults at {requests} requests", FAULTS.len() * requests);
}

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
    a_movement_keeps_the_laws: Step::Movement;
}
