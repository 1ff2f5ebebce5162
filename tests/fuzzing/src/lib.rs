//! What strangers can send, as functions of bytes. Nothing may panic, hang, or be answered with
//! 500. `fuzz/` gives them to cargo-fuzz, `tests/short.rs` to proptest for some seconds.
//!
//! Each target works on a system of its own thread, in which nothing else happens.

#![allow(clippy::unwrap_used, reason = "a target that cannot be set up is broken")]

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use aws_lambda_events::event::sqs::SqsEvent;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ordermill_domain::policy::load;
use ordermill_domain::time::Timestamp;
use ordermill_embedded::{Execution, Interceptor, ManualClock, Message, Place, Queues, Services};
use ordermill_local::csv_file::{
    File, PRODUCT_COLUMNS, STOCK_COLUMNS, batches, movement, percent_encoded, product,
};
use ordermill_runtime::config::LOCAL_WEBHOOK_SECRET;
use ordermill_runtime::signatures::{sign_standard, sign_stripe};
use ordermill_runtime::{Queue, Runtime};
use ordermill_world::Answer;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::sync::Arc;

/// The longest input that is looked at: above the limit of a body.
pub const INPUT_BYTES_MAX: usize = 300 << 10;

/// Lets every request through.
struct Open;
impl Interceptor for Open {}

/// A system for one thread.
struct Ground {
    runtime: Runtime,
    tokio: tokio::runtime::Runtime,
    now: Timestamp,
    services: Services,
}

/// Inputs after which a system is thrown away: what they stored would make the next ones slow.
const INPUTS_MAX: u32 = 2_000;
/// Rows of a file that are sent on.
const ROWS_MAX: usize = 20;

thread_local! {
    static GROUND: RefCell<(u32, Option<Ground>)> = const { RefCell::new((0, None)) };
}

/// Lets something happen on this thread's system.
fn with_ground<T>(act: impl FnOnce(&Ground) -> T) -> T {
    GROUND.with_borrow_mut(|(inputs, ground)| {
        *inputs += 1;
        if inputs.is_multiple_of(INPUTS_MAX) {
            *ground = None;
        }
        act(ground.get_or_insert_with(Ground::new))
    })
}

impl Ground {
    fn new() -> Self {
        let now = Timestamp::parse(ordermill_world::BEGIN).unwrap();
        let clock = Arc::new(ManualClock::at(now.milliseconds()));
        let services = Services::open(&Place::Temporary, Execution::Inline, clock.clone()).unwrap();
        let runtime = ordermill_world::runtime(&services, &clock, Arc::new(Open));
        ordermill_world::define_queues(&services);
        let tokio = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        tokio.block_on(async {
            runtime.table.create_if_absent().await.unwrap();
            ordermill_runtime::policies::store_presets(&runtime.table).await.unwrap();
        });
        Self { runtime, tokio, now, services }
    }

    fn ask(&self, method: &str, path: &str, body: &[u8], headers: &[(&str, &str)]) -> Answer {
        let mut event: ApiGatewayV2httpRequest = ordermill_world::event(method, path, "", headers);
        // As API Gateway hands over what may be no text.
        event.body = Some(STANDARD.encode(body));
        event.is_base64_encoded = true;
        let bare = path.split('?').next().unwrap_or(path);
        let answer =
            self.tokio.block_on(ordermill_world::answer(&self.runtime, method, bare, event));
        assert!(answer.status < 500, "{method} {path}: {answer:?}");
        if answer.status >= 400 {
            assert!(answer.body["code"].is_string(), "{method} {path}: {answer:?}");
        }
        answer
    }
}

const ADMIN: (&str, &str) = ("authorization", "Bearer local-admin");

/// Bodies of requests; the first byte says of which.
pub fn http_body(data: &[u8]) {
    let Some((which, body)) = data.split_first() else { return };
    let id = "q".repeat(26);
    let command = |name: &str| ("POST", format!("/v1/orders/{id}/{name}"));
    let routes = [
        ("POST", "/v1/orders".to_owned()),
        ("POST", "/v1/orders/check".to_owned()),
        ("POST", "/v1/orders/batch".to_owned()),
        ("POST", "/v1/stock/movements".to_owned()),
        ("POST", "/v1/subscriptions".to_owned()),
        ("PUT", "/v1/products/TEA".to_owned()),
        ("PUT", "/v1/settings".to_owned()),
        ("PUT", "/v1/warehouses/VNO".to_owned()),
        ("PUT", "/v1/customers/c1".to_owned()),
        ("PUT", "/v1/clients/shop".to_owned()),
        ("POST", "/v1/keys".to_owned()),
        command("cancel"),
        command("pick"),
        command("pay"),
    ];
    let (method, path) = &routes[usize::from(*which) % routes.len()];
    with_ground(|ground| ground.ask(method, path, body, &[ADMIN, ("idempotency-key", "fuzz")]));
}

/// The bodies of commands, which nobody looks at before the order is there.
pub fn command_body(data: &[u8]) {
    use ordermill_domain::intake::parse_command;
    let Some((which, body)) = data.split_first() else { return };
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return };
    let names = [
        "cancel", "confirm", "approve", "reject", "hold", "release", "assign", "comment", "pick",
        "progress", "ship", "deliver", "return", "pay", "refund", "edit", "split", "pack",
        "complete", "task", "done", "contact",
    ];
    let name = names[usize::from(*which) % names.len()];
    let currency = ordermill_domain::money::Currency::parse("EUR").unwrap();
    if let Err(problems) = parse_command(name, &body, currency) {
        assert!(!problems.is_empty(), "refused without a reason");
        assert!(problems.iter().all(|p| !p.code.is_empty() && !p.detail.is_empty()));
    }
}

/// Bodies of webhooks with a good signature (even first byte), or with whatever signature (odd).
pub fn webhook(data: &[u8]) {
    let Some((which, body)) = data.split_first() else { return };
    with_ground(|ground| {
        let provider = if which & 2 == 0 { "generic" } else { "stripe" };
        let path = format!("/v1/payments/webhooks/{provider}");
        // Whatever bytes a header may have.
        let noise: String =
            body.iter().filter(|b| b.is_ascii_graphic()).map(|b| char::from(*b)).collect();
        let noise: String = noise.chars().take(300).collect();
        let good = which & 1 == 0;
        let at = ground.now.seconds().to_string();
        let standard = sign_standard(LOCAL_WEBHOOK_SECRET, "evt", body, ground.now);
        let stripe = sign_stripe(LOCAL_WEBHOOK_SECRET, body, ground.now);
        let headers = if good {
            [
                ("webhook-id", "evt"),
                ("webhook-timestamp", at.as_str()),
                ("webhook-signature", standard.as_str()),
                ("stripe-signature", stripe.as_str()),
            ]
        } else {
            [
                ("webhook-id", noise.as_str()),
                ("webhook-timestamp", noise.as_str()),
                ("webhook-signature", noise.as_str()),
                ("stripe-signature", noise.as_str()),
            ]
        };
        let answer = ground.ask("POST", &path, body, &headers);
        assert!(good || answer.status == 400 || answer.status == 413, "believed: {answer:?}");
    });
}

/// Policy files.
pub fn policy(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    if let Err(mistakes) = load::from_toml("fuzzed", text) {
        assert!(!mistakes.is_empty(), "refused without a reason");
        assert!(mistakes.iter().all(|mistake| !mistake.remedy.is_empty()), "{mistakes:?}");
    }
}

/// Cursors and other parameters of lists.
pub fn cursor(data: &[u8]) {
    let text: String = data.iter().take(2_000).map(|byte| format!("%{byte:02x}")).collect();
    with_ground(|ground| {
        for path in ["/v1/orders", "/v1/products", "/v1/stock", "/v1/subscriptions"] {
            for name in ["cursor", "limit", "status", "q"] {
                ground.ask("GET", &format!("{path}?{name}={text}"), &[], &[ADMIN]);
            }
        }
    });
}

/// Idempotency keys: whatever the key is, the same request with it is answered alike, and is done
/// once. The first byte says how much comes in.
pub fn idempotency_key(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let key: String = rest.iter().take(600).map(|byte| char::from(*byte)).collect();
    let key: String = key.chars().filter(|c| !c.is_control()).collect();
    let body = json!({ "movements": [{ "sku": "TEA", "warehouse": "VNO", "type": "receipt",
        "quantity": u32::from(*first) + 1, "reason": "fuzz" }] });
    let body = body.to_string();
    with_ground(|ground| {
        let on_hand = || {
            ground.ask("GET", "/v1/stock/TEA", &[], &[ADMIN]).body["on_hand"].as_i64().unwrap_or(0)
        };
        let ask = || {
            let headers = [ADMIN, ("idempotency-key", key.as_str())];
            ground.ask("POST", "/v1/stock/movements", body.as_bytes(), &headers)
        };
        let before = on_hand();
        let (one, two) = (ask(), ask());
        if one.status >= 300 {
            assert_eq!((one.status, &one.body["code"]), (two.status, &two.body["code"]), "{key:?}");
            assert_eq!(on_hand(), before, "refused, and done");
            return;
        }
        assert_eq!((two.status, &one.body), (200, &two.body), "{key:?}");
        let once = if one.status == 201 { i64::from(*first) + 1 } else { 0 };
        assert_eq!(on_hand(), before + once, "{key:?} was done twice, or never");
    });
}

/// Files that people import: rows, and the requests they come to. The first byte says of what.
pub fn csv_file(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let products = first % 2 == 0;
    let columns: &[&str] = if products { &PRODUCT_COLUMNS } else { &STOCK_COLUMNS };
    let Ok(file) = File::read("fuzzed.csv", bytes, columns) else { return };
    let lines = bytes.iter().filter(|byte| matches!(byte, b'\n' | b'\r')).count() + 1;
    assert!(file.rows.len() + file.refused.len() <= lines, "more rows than lines");
    assert!(file.refused.iter().all(|row| !row.reason.is_empty()), "refused without a reason");
    with_ground(|ground| {
        if products {
            for row in file.rows.iter().take(ROWS_MAX) {
                let Ok((sku, body)) = product(row, "EUR") else { continue };
                let path = format!("/v1/products/{}", percent_encoded(&sku));
                ground.ask("PUT", &path, body.to_string().as_bytes(), &[ADMIN]);
            }
            return;
        }
        let movements = file.rows.iter().take(ROWS_MAX);
        let movements = movements.filter_map(|row| Some((row.line, movement(row).ok()?))).collect();
        for (number, batch) in batches(movements).into_iter().enumerate() {
            let bodies: Vec<Value> = batch.into_iter().map(|(_, body)| body).collect();
            let key = format!("import-{}-{number}", file.digest);
            let headers = [ADMIN, ("idempotency-key", key.as_str())];
            let body = json!({ "movements": bodies }).to_string();
            ground.ask("POST", "/v1/stock/movements", body.as_bytes(), &headers);
        }
    });
}

/// What providers say of messages, as it comes through the queue: taken or passed over, never given
/// back for ever.
pub fn feedback(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    with_ground(|ground| {
        let name = format!("ordermill-{}", Queue::Feedback.name());
        let queues = ground.services.queues();
        queues.send(&name, Message { body: text.to_owned(), ..Message::default() }).unwrap();
        let messages = queues.receive(&name, 10).unwrap();
        let event: SqsEvent = Queues::lambda_event(&name, &messages);
        let answer =
            ground.tokio.block_on(ordermill_world::invoke(&ground.runtime, Queue::Feedback, event));
        let is_json = serde_json::from_str::<Value>(text).is_ok();
        assert!(answer.batch_item_failures.is_empty() || !is_json, "given back: {text}");
        for message in &messages {
            queues.delete(&name, &message.receipt).unwrap();
        }
    });
}

/// API keys, idempotency keys, versions: what stands in headers.
pub fn headers(data: &[u8]) {
    // A header's bytes as API Gateway hands them on.
    let text: String = data.iter().take(2_000).map(|byte| char::from(*byte)).collect();
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    with_ground(|ground| {
        let body = ordermill_world::World::order_body("fuzz-headers", &[("TEA", 1)]).to_string();
        for headers in [
            [ADMIN, ("idempotency-key", clean.as_str())],
            [ADMIN, ("if-match", clean.as_str())],
            [("authorization", clean.as_str()), ("idempotency-key", "one")],
        ] {
            ground.ask("POST", "/v1/orders", body.as_bytes(), &headers);
        }
    });
}

/// Records of the stream: the readers take what they can read, and go on.
pub fn stream(data: &[u8]) {
    let Ok(image) = serde_json::from_slice::<Value>(data) else { return };
    let record = serde_json::json!({ "eventID": "1", "eventName": "MODIFY", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "local",
        "dynamodb": { "ApproximateCreationDateTime": 1, "Keys": {}, "SequenceNumber": "1",
            "SizeBytes": 0, "StreamViewType": "NEW_AND_OLD_IMAGES", "NewImage": image } });
    let Ok(event) = ordermill_runtime::records::event(vec![record]) else { return };
    with_ground(|ground| {
        ground.tokio.block_on(async {
            ordermill_relay::handle(&ground.runtime, event.clone()).await;
            ordermill_project::handle(&ground.runtime, event).await;
        });
    });
}
