//! Messages as their readers get them: by which channel, at what hour, never twice, and what happens
//! when one does not arrive.

#![allow(clippy::unwrap_used, reason = "a world that cannot be set up is broken")]

use futures::FutureExt;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_embedded::Refusal;
use ordermill_runtime::Queue;
use ordermill_world::{Fault, When, World, findings};
use serde_json::{Value, json};

const FAULTS: [Fault; 5] =
    [Fault::Throttle, Fault::Conflict, Fault::LostAnswer, Fault::CrashBefore, Fault::CrashAfter];

/// A world at this moment with ten units of tea.
async fn world_at(moment: &str) -> World {
    let mut world = World::new().await;
    world.set_clock(Timestamp::parse(moment).unwrap());
    world.stock("TEA", "VNO", 10).await;
    world
}

/// An order of somebody with these contacts.
fn body(number: &str, email: Option<&str>, phone: Option<&str>, preferred: Option<&str>) -> Value {
    let mut body = World::order_body(number, &[("TEA", 1)]);
    body["customer"] = json!({ "name": "Ona Petraitytė", "email": email, "phone": phone,
        "preferred_channel": preferred, "locale": "en" });
    body
}

const MAIL: Option<&str> = Some("ona@example.com");
const PHONE: Option<&str> = Some("+37061234567");

/// What the customer was sent: `email paid -> …`, in order.
fn told(world: &World) -> Vec<String> {
    let sent = world.sent().into_iter();
    sent.filter_map(|line| line.strip_prefix("customer ").map(str::to_owned)).collect()
}

fn staff(world: &World) -> Vec<String> {
    world.sent().into_iter().filter(|line| line.starts_with("staff ")).collect()
}

/// Every message left once, whatever the outbox shows.
fn assert_once(world: &World) {
    for sent in world.services.outbox().list().unwrap() {
        assert_eq!(sent.times, 1, "{:?}", sent.tags);
    }
}

#[tokio::test]
async fn a_payment_is_confirmed_on_every_channel_and_everything_else_on_the_preferred() {
    let mut world = world_at("2026-03-02T10:00:00Z").await;
    let order = world.place(body("w-1", MAIL, PHONE, Some("sms"))).await;
    world.settle().await;
    world.pay(&order, "10.00", "r-1").await;
    world.settle().await;
    assert_eq!(
        told(&world),
        [
            "sms order_received -> +37061234567",
            "sms payment_request -> +37061234567",
            "sms paid -> +37061234567",
            "email paid -> ona@example.com",
        ]
    );
    assert_once(&world);
}

#[tokio::test]
async fn text_messages_wait_for_the_morning_and_e_mail_does_not() {
    let mut world = world_at("2026-03-02T19:00:00Z").await;
    let order = world.place(body("w-1", MAIL, PHONE, None)).await;
    world.settle().await;
    world.pay(&order, "10.00", "r-1").await;
    world.settle().await;
    assert!(told(&world).iter().all(|line| line.starts_with("email")), "{:?}", told(&world));
    // Whatever was only in memory is lost; the message stands on the worklist.
    world.restart();
    world.settle().await;
    let nine = Timestamp::parse("2026-03-03T07:00:00Z").unwrap();
    world.advance(Seconds(nine.seconds() - world.now().seconds() - 1)).await;
    assert!(told(&world).iter().all(|line| line.starts_with("email")), "{:?}", told(&world));
    world.advance(Seconds(1)).await;
    assert_eq!(told(&world).last().unwrap(), "sms paid -> +37061234567");
    assert_once(&world);
    assert_eq!(findings(&world).await, []);
}

#[tokio::test]
async fn a_request_to_pay_that_waited_is_dropped_when_the_money_came_at_night() {
    let mut world = world_at("2026-03-02T19:00:00Z").await;
    let order = world.place(body("w-1", None, PHONE, None)).await;
    world.settle().await;
    world.pay(&order, "10.00", "r-1").await;
    world.settle().await;
    assert_eq!(told(&world), Vec::<String>::new());
    world.advance(Seconds::hours(14)).await;
    let mut lines = told(&world);
    lines.sort();
    assert_eq!(lines, ["sms order_received -> +37061234567", "sms paid -> +37061234567"]);
    world.advance(Seconds::days(1)).await;
    assert_eq!(told(&world).len(), 2);
}

fn bounce(order: &str, template: &str, event: u64) -> Value {
    json!({
        "eventType": "Bounce",
        "bounce": { "bounceType": "Permanent",
            "bouncedRecipients": [{ "emailAddress": "ona@example.com" }] },
        "mail": { "destination": ["ona@example.com"], "tags": { "order": [order],
            "template": [template], "event": [event.to_string()] } }
    })
}

#[tokio::test]
async fn after_a_bounce_the_same_goes_by_the_next_channel_and_staff_see_it() {
    let mut world = world_at("2026-03-02T10:00:00Z").await;
    let order = world.place(body("w-1", MAIL, PHONE, None)).await;
    world.settle().await;
    let request = event_of(&world, "payment_request");
    for _ in 0..2 {
        world.say(&bounce(&order, "payment_request", request));
        world.settle().await;
    }
    assert_eq!(
        told(&world),
        [
            "email order_received -> ona@example.com",
            "email payment_request -> ona@example.com",
            "sms payment_request -> +37061234567",
        ]
    );
    assert_eq!(staff(&world), ["staff email staff_alert -> staff@example.com"]);
    // The next order of the same customer knows it.
    let mut next = body("w-2", MAIL, PHONE, None);
    next["lines"][0]["quantity"] = json!(2);
    world.place(next).await;
    world.settle().await;
    assert!(told(&world).iter().skip(3).all(|line| line.starts_with("sms")), "{:?}", told(&world));
    assert_once(&world);
    assert_eq!(findings(&world).await, []);
}

/// The event of the message of this template.
fn event_of(world: &World, template: &str) -> u64 {
    let sent = world.services.outbox().list().unwrap();
    let of = |name: &str, s: &ordermill_embedded::Sent| s.tags.get(name).cloned();
    let found = sent.iter().find(|s| of("template", s).as_deref() == Some(template)).unwrap();
    of("event", found).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_notice_ahead_that_bounces_is_remembered_for_the_order_itself() {
    let mut world = world_at("2026-03-02T10:00:00Z").await;
    let mut made = body("sub-1", MAIL, PHONE, None);
    for (name, value) in [
        ("rule", json!("FREQ=MONTHLY")),
        ("start", json!("2026-03-04")),
        ("time", json!("09:00")),
        ("notice_days", json!(1)),
    ] {
        made[name] = value;
    }
    let made = world.request("POST", "/v1/subscriptions", made).await;
    assert_eq!(made.status, 201, "{made:?}");
    world.advance(Seconds::days(1)).await;
    assert_eq!(told(&world), ["email subscription_notice -> ona@example.com"]);
    let sent = world.services.outbox().list().unwrap();
    let order = sent[0].tags.get("order").cloned().unwrap();
    for _ in 0..2 {
        world.say(&bounce(&order, "subscription_notice", 0));
        world.settle().await;
    }
    world.advance(Seconds::days(1)).await;
    let told = told(&world);
    assert!(told.contains(&"sms order_received -> +37061234567".to_owned()), "{told:?}");
    assert_eq!(told.iter().filter(|line| line.starts_with("email")).count(), 1, "{told:?}");
    assert_eq!(findings(&world).await, []);
}

#[tokio::test]
async fn who_is_reached_by_no_channel_is_a_case_for_a_person() {
    let mut world = world_at("2026-03-02T10:00:00Z").await;
    world.services.outbox().refuse_address("ona@example.com", Some(Refusal::Rejected));
    world.services.outbox().refuse_address("+37061234567", Some(Refusal::Rejected));
    let order = world.place(body("w-1", MAIL, PHONE, None)).await;
    world.settle().await;
    assert_eq!(told(&world), Vec::<String>::new());
    let exceptions = world.order(&order).await["exceptions"].clone();
    assert_eq!(exceptions[0]["code"], "customer_unreachable", "{exceptions}");
    assert_eq!(findings(&world).await, []);
    // Nothing goes round in circles: the order is at rest.
    let version = world.order(&order).await["version"].clone();
    world.advance(Seconds::minutes(20)).await;
    assert_eq!(world.order(&order).await["version"], version);
}

/// Whatever one request of it does: a text message leaves at most once, and where nobody knows
/// whether it did, staff are told.
#[tokio::test]
async fn a_text_message_is_sent_at_most_once_whatever_fails() {
    async fn ready() -> World {
        let mut world = world_at("2026-03-02T10:00:00Z").await;
        world.place(body("w-1", None, PHONE, None)).await;
        world.publish().await;
        world
    }
    async fn tried(world: &mut World) -> bool {
        tokio::task::unconstrained(world.work(Queue::Notify)).now_or_never().is_some()
    }
    let mut world = ready().await;
    world.faults.arm(None);
    assert!(tried(&mut world).await);
    let requests = world.faults.requests();
    assert!(requests > 4);
    for request in 0..requests {
        for fault in FAULTS {
            let mut world = ready().await;
            world.faults.arm(Some(When { request, fault }));
            let alive = tried(&mut world).await;
            world.faults.arm(None);
            if !alive {
                world.restart();
            }
            world.settle().await;
            world.advance(Seconds::minutes(10)).await;
            let count = told(&world).iter().filter(|line| line.contains("order_received")).count();
            let known = staff(&world).iter().any(|line| line.contains("staff_alert"));
            assert!(count <= 1, "{fault:?} at {request}: sent {count} times");
            assert!(count == 1 || known, "{fault:?} at {request}: lost, and nobody knows");
            assert_eq!(findings(&world).await, [], "{fault:?} at {request}");
        }
    }
}

#[tokio::test]
async fn a_courier_is_announced_an_hour_before_and_one_that_is_late_a_day_after() {
    let mut world = world_at("2026-03-02T10:00:00Z").await;
    let order = world.place(body("w-1", MAIL, None, None)).await;
    world.settle().await;
    world.pay(&order, "10.00", "r-1").await;
    world.settle().await;
    for command in ["pick", "pack"] {
        world.command(&order, command, json!({})).await;
    }
    let expected = world.now().plus(Seconds::hours(30));
    let parcel = json!({ "carrier": "DPD", "tracking": "X1", "expected_at": expected.to_string() });
    assert_eq!(world.command(&order, "ship", parcel).await.status, 200);
    let count =
        |world: &World, template: &str| told(world).iter().filter(|l| l.contains(template)).count();
    world.advance(Seconds(29 * 3600 - 1)).await;
    assert_eq!(count(&world, "courier_near"), 0);
    world.advance(Seconds(1)).await;
    assert_eq!(count(&world, "courier_near"), 1);
    world.advance(Seconds::hours(25)).await;
    assert_eq!((count(&world, "courier_near"), count(&world, "late")), (1, 1));
    world.advance(Seconds::days(3)).await;
    assert_eq!((count(&world, "courier_near"), count(&world, "late")), (1, 1));
    assert_eq!(findings(&world).await, []);
}

#[tokio::test]
async fn a_bounce_that_comes_after_its_customer_was_forgotten_is_remembered_nowhere() {
    let mut world = world_at("2026-03-02T10:00:00Z").await;
    let mut body = body("w-1", MAIL, None, None);
    body["customer"]["id"] = json!("c-1");
    let order = world.place(body).await;
    world.settle().await;
    let card = world.order(&order).await["customer"]["card"].as_str().unwrap().to_owned();
    world.command(&order, "cancel", json!({ "reason": "asked" })).await;
    world.settle().await;
    let asked = world.request("POST", "/v1/customers/c-1/erase", Value::Null).await;
    assert_eq!(asked.status, 202, "{asked:?}");
    world.advance(Seconds::minutes(5)).await;
    assert_eq!(world.request("GET", "/v1/customers/c-1", Value::Null).await.status, 410);
    let before = world.order(&order).await["version"].clone();
    world.say(&bounce(&order, "order_received", 1));
    world.settle().await;
    let known = world.runtime.table.get(&ordermill_table::keys::reach(&card)).await.unwrap();
    assert!(known.is_none(), "{known:?}");
    assert_eq!(world.order(&order).await["version"], before, "there is nobody to tell");
    assert_eq!(findings(&world).await, []);
}
