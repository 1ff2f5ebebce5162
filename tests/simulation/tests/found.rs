//! What the worlds have found, each as the shortest story that shows it.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up is broken")]

use ordermill_domain::time::Seconds;
use ordermill_runtime::Queue;
use ordermill_world::{World, findings};
use serde_json::json;

/// Seed 57: the exception that named the money was closed by a person, and 86.66 belonged to
/// nobody.
#[tokio::test]
async fn money_for_a_closed_order_goes_back_when_its_exception_is_closed() {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let mut body = World::order_body("late-1", &[("TEA", 3)]);
    body["policy"] = json!("wholesale");
    let id = world.place(body).await;
    world.settle().await;
    let cancelled = world.command(&id, "cancel", json!({ "reason": "asked" })).await;
    assert_eq!(cancelled.status, 200, "{cancelled:?}");
    world.pay(&id, "30.00", "pi_late").await;
    world.settle().await;
    let order = world.order(&id).await;
    assert_eq!(order["exceptions"][0]["code"], "late_money", "{order}");
    assert_eq!(order["payment"]["refund_owed"], "0.00");
    let closed = world.command(&id, "release", json!({ "name": "late_money" })).await;
    assert_eq!(closed.status, 200, "{closed:?}");
    world.settle().await;
    assert_eq!(world.order(&id).await["payment"]["refund_owed"], "30.00");
    assert_eq!(findings(&world).await, []);
}

/// Something else of the order was due earlier than its limit: money that came between the two
/// was not looked at, and the order was cancelled.
#[tokio::test]
async fn money_that_came_before_the_limit_counts_though_a_reminder_was_due_before_it() {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let mut body = World::order_body("due-1", &[("TEA", 3)]);
    body["payment"]["method"] = json!("bank_transfer");
    let id = world.place(body).await;
    world.settle().await;
    let begin = world.now();
    world.advance(Seconds::hours(24 * 13 - 2)).await;
    // An exception, of which somebody is reminded a day later: two hours before the limit.
    let dollars = json!({ "type": "payment.succeeded", "data": { "order_id": id, "amount": "3.00",
        "currency": "USD", "reference": "pi_usd" } });
    world.webhook("evt-usd", dollars).await;
    world.settle().await;
    // Nobody sweeps for a while; the money comes in time, and its own message is slow.
    world.set_clock(begin.plus(Seconds::hours(24 * 14 - 1)));
    assert_eq!(world.pay(&id, "30.00", "pi_in_time").await.status, 200);
    world.set_clock(begin.plus(Seconds::hours(24 * 14 + 1)));
    world.sweep().await;
    world.work(Queue::Timeout).await;
    assert_eq!(world.status(&id).await, "confirmed");
    assert_eq!(findings(&world).await, []);
}

/// Seed 14: only the relay lost a record. The history was complete, so the repair saw nothing, and
/// nobody was ever told.
#[tokio::test]
async fn what_only_the_relay_missed_is_found_by_the_repair() {
    let mut world = World::new().await;
    let id = world.place(World::order_body("lost-1", &[("TEA", 1)])).await;
    world.pay(&id, "10.00", "pi_lost").await;
    while world.project().await > 0 {}
    for queue in [Queue::Notify, Queue::Payment, Queue::Validate] {
        assert_eq!(world.work(queue).await, 0, "the relay has not run");
    }
    let repaired = ordermill_local::check::repair::repair(&world.runtime, |_| {}).await.unwrap();
    assert_eq!(repaired.lost, 0);
    for queue in [Queue::Notify, Queue::Payment, Queue::Validate] {
        assert!(world.work(queue).await > 0, "nothing for {}", queue.name());
    }
}

/// Seed 35: only the relay lost a record, and when the repair came the order had gone on so far that
/// it did not remember the event any more. Its history does.
#[tokio::test]
async fn what_the_relay_missed_long_ago_is_found_in_the_history() {
    let mut world = World::new().await;
    let id = world.place(World::order_body("lost-2", &[("TEA", 1)])).await;
    world.settle().await;
    let text = json!({ "text": "It comes on Monday.", "visibility": "customer" });
    assert_eq!(world.command(&id, "comment", text).await.status, 200);
    while world.project().await > 0 {}
    world.skip_stream();
    for number in 0..12 {
        let text = json!({ "text": format!("note {number}"), "visibility": "internal" });
        assert_eq!(world.command(&id, "comment", text).await.status, 200);
    }
    world.settle().await;
    let told = |world: &World| world.sent().iter().any(|line| line.contains("order_comment"));
    assert!(!told(&world));
    let repaired = ordermill_local::check::repair::repair(&world.runtime, |_| {}).await.unwrap();
    assert_eq!(repaired.lost, 0);
    world.settle().await;
    assert!(told(&world), "{:?}", world.sent());
}

/// Only the relay lost a record: the client's program was never told.
#[tokio::test]
async fn what_a_clients_program_was_not_told_is_found_by_the_repair() {
    let mut world = World::new().await;
    let hook = json!({ "url": "https://example.com/hooks" });
    let made = world.request("POST", "/v1/webhooks", hook).await;
    assert_eq!(made.status, 201, "{made:?}");
    let id = world.place(World::order_body("lost-3", &[("TEA", 1)])).await;
    world.settle().await;
    let told = world.hooks.posts().len();
    assert!(told > 0);
    let text = json!({ "text": "It comes on Monday.", "visibility": "internal" });
    assert_eq!(world.command(&id, "comment", text).await.status, 200);
    while world.project().await > 0 {}
    world.skip_stream();
    world.settle().await;
    assert_eq!(world.hooks.posts().len(), told, "the relay lost it");
    let repair = async |world: &World| {
        ordermill_local::check::repair::repair(&world.runtime, |_| {}).await.unwrap().webhooks
    };
    assert_eq!(repair(&world).await, 1);
    world.settle().await;
    assert_eq!(world.hooks.posts().len(), told + 1);
    assert_eq!(repair(&world).await, 0, "told: nothing is missing");
}

/// Seed 1016: the history lacked an event, its order had forgotten it, and what a client's program was
/// still to be told of it was tried for ever.
#[tokio::test]
async fn what_nobody_remembers_any_more_is_not_tried_for_ever() {
    let mut world = World::new().await;
    let hook = json!({ "url": "https://example.com/hooks" });
    let made = world.request("POST", "/v1/webhooks", hook).await;
    world.hooks.answer(Some(500));
    let id = world.place(World::order_body("lost-4", &[("TEA", 1)])).await;
    while world.relay().await > 0 {}
    assert!(world.work(Queue::Webhook).await > 0);
    assert_eq!(world.hooks.posts().len(), 1, "and it did not take it");
    world.skip_stream();
    world.hooks.answer(Some(200));
    for number in 0..12 {
        let text = json!({ "text": format!("note {number}"), "visibility": "internal" });
        assert_eq!(world.command(&id, "comment", text).await.status, 200);
    }
    world.settle().await;
    world.advance(Seconds::days(1)).await;
    let log = format!("/v1/webhooks/{}/deliveries", made.body["id"].as_str().unwrap());
    let log = world.request("GET", &log, json!(null)).await.body;
    let first = log["items"].as_array().unwrap().iter().find(|one| one["event"] == 1).cloned();
    assert_eq!(first.unwrap()["state"], "failed", "{log}");
    assert!(world.hooks.posts().len() > 1, "the others were told");
}

/// Seed 156: a person closed the exception in which a limit had ended, and the order stood where it
/// was with nothing that would ever end that.
#[tokio::test]
async fn a_limit_begins_anew_when_a_person_has_dealt_with_its_end() {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let mut body = World::order_body("part-1", &[("TEA", 3)]);
    body["payment"]["method"] = json!("bank_transfer");
    let id = world.place(body).await;
    world.settle().await;
    world.pay(&id, "10.00", "pi_part").await;
    world.settle().await;
    let asked = |order: &serde_json::Value| order["exceptions"][0]["code"].clone();
    world.advance(Seconds::days(14)).await;
    assert_eq!(asked(&world.order(&id).await), "partly_paid_at_limit");
    let closed = world.command(&id, "release", json!({ "name": "partly_paid_at_limit" })).await;
    assert_eq!(closed.status, 200, "{closed:?}");
    world.settle().await;
    assert_eq!(findings(&world).await, []);
    assert_eq!(asked(&world.order(&id).await), json!(null));
    world.advance(Seconds::days(14)).await;
    assert_eq!(asked(&world.order(&id).await), "partly_paid_at_limit");
}

/// Seed 43: an order on account was split, and then somebody paid what the whole had come to. An order
/// and its part have money of their own from the split on: what is too much for the one is owed back
/// by it, nothing of it is lost, and the part is paid by its own money.
#[tokio::test]
async fn money_for_the_whole_that_comes_after_a_split_is_the_orders_and_its_surplus_owed() {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let mut body = World::order_body("halves-1", &[("TEA", 2)]);
    body["payment"] = json!({ "terms": "invoice" });
    let id = world.place(body).await;
    world.settle().await;
    assert_eq!(world.status(&id).await, "confirmed");
    let lines = json!([{ "line": 1, "quantity": 1 }]);
    let split = world.command(&id, "split", json!({ "lines": lines })).await;
    assert_eq!(split.status, 200, "{split:?}");
    let part = split.body["parts"][0].as_str().unwrap().to_owned();
    world.pay(&id, "20.00", "pi_whole").await;
    world.settle().await;
    let figures = |order: &serde_json::Value| {
        let money = &order["payment"];
        [&money["paid"], &money["refund_owed"], &order["totals"]["gross"]].map(ToString::to_string)
    };
    assert_eq!(figures(&world.order(&id).await), ["\"20.00\"", "\"10.00\"", "\"10.00\""]);
    assert_eq!(figures(&world.order(&part).await), ["\"0.00\"", "\"0.00\"", "\"10.00\""]);
    world.pay(&part, "10.00", "pi_part").await;
    world.settle().await;
    assert_eq!(world.order(&part).await["payment"]["status"], "paid");
    assert_eq!(findings(&world).await, []);
}

/// The other way round: what has come when an order is split goes with the part as far as it is its.
#[tokio::test]
async fn money_that_came_before_a_split_is_shared() {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let id = world.place(World::order_body("halves-2", &[("TEA", 2)])).await;
    world.settle().await;
    world.pay(&id, "20.00", "pi_whole").await;
    world.settle().await;
    let lines = json!([{ "line": 1, "quantity": 1 }]);
    let split = world.command(&id, "split", json!({ "lines": lines })).await;
    let part = split.body["parts"][0].as_str().unwrap().to_owned();
    world.settle().await;
    for one in [&id, &part] {
        let order = world.order(one).await;
        assert_eq!(order["payment"]["status"], "paid", "{order}");
        assert_eq!(order["payment"]["refund_owed"], "0.00");
    }
    assert_eq!(findings(&world).await, []);
}

/// Seed 249: a batch of the stream with two events was put into the history, and then its second half
/// was read again by itself: the row of both was written over by a row of one.
#[tokio::test]
async fn a_part_of_a_batch_that_is_read_again_leaves_the_history_whole() {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let id = world.place(World::order_body("cut-1", &[("TEA", 1)])).await;
    world.settle().await;
    while world.project().await > 0 {}
    for text in ["one", "two", "three"] {
        let note = json!({ "text": text, "visibility": "internal" });
        assert_eq!(world.command(&id, "comment", note).await.status, 200);
    }
    let batch = world.unread_by_project();
    let whole = batch.records.len();
    assert!(whole >= 3, "{whole}");
    ordermill_project::handle(&world.runtime, batch.clone()).await;
    // From each record on, as after a failure there; the last alone, too.
    for first in 1..whole {
        let mut rest = batch.clone();
        rest.records.drain(..first);
        ordermill_project::handle(&world.runtime, rest).await;
        let mut one = batch.clone();
        one.records = vec![batch.records[first].clone()];
        ordermill_project::handle(&world.runtime, one).await;
    }
    let version = world.order(&id).await["version"].as_u64().unwrap();
    for limit in [1, 2, 200] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/v1/orders/{id}/history?limit={limit}{cursor}");
            let page = world.request("GET", &path, serde_json::Value::Null).await.body;
            for event in page["items"].as_array().unwrap() {
                seen.push(event["version"].as_u64().unwrap());
            }
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, (1..=version).collect::<Vec<u64>>(), "{limit} a page");
    }
    for wanted in 1..=version {
        let event = world.runtime.table.event(&id, wanted).await.unwrap();
        assert_eq!(event.map(|event| event.version), Some(wanted));
    }
    assert_eq!(findings(&world).await, []);
}

/// Seed 1876: the relay lost the record of a new order, nobody was owed a message by it, and the repair
/// left the order where it stood until its limit had it looked at.
#[tokio::test]
async fn a_step_that_nobody_was_sent_to_is_begun_by_the_repair() {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let mut body = World::order_body("lost-3", &[("TEA", 1)]);
    body["policy"] = json!("wholesale");
    let id = world.place(body).await;
    while world.project().await > 0 {}
    world.skip_stream();
    let note = json!({ "text": "hm", "visibility": "internal" });
    assert_eq!(world.command(&id, "comment", note).await.status, 200);
    world.settle().await;
    assert_eq!(world.status(&id).await, "editing");
    ordermill_local::check::repair::repair(&world.runtime, |_| {}).await.unwrap();
    world.settle().await;
    assert_eq!(world.status(&id).await, "awaiting_approval");
    let again = ordermill_local::check::repair::repair(&world.runtime, |_| {}).await.unwrap();
    assert_eq!((again.behind, again.events), (0, 0), "{again:?}");
    assert_eq!(findings(&world).await, []);
}

/// Seed 1731: the relay and the history lost an event, and its order was deleted before the repair came;
/// the message about it was tried for ever.
#[tokio::test]
async fn nobody_is_told_any_more_of_an_order_that_was_deleted() {
    let mut world = World::new().await;
    let id = world.place(World::order_body("gone-1", &[("TEA", 1)])).await;
    world.settle().await;
    assert_eq!(world.command(&id, "cancel", json!({ "reason": "asked" })).await.status, 200);
    while world.relay().await > 0 {}
    world.set_clock(world.now().plus(Seconds::minutes(11)));
    let gone = world.request("DELETE", &format!("/v1/orders/{id}"), serde_json::Value::Null).await;
    assert_eq!(gone.status, 204, "{gone:?}");
    let before = world.sent().len();
    let messages = world.take(Queue::Notify);
    assert!(!messages.is_empty());
    world.set_clock(world.now().plus(Seconds::hours(1)));
    assert!(world.work(Queue::Notify).await > 0);
    world.set_clock(world.now().plus(Seconds::hours(1)));
    assert_eq!(world.work(Queue::Notify).await, 0, "it comes again");
    assert_eq!(world.sent().len(), before);
}
