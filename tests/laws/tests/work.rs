//! Work of people: wherever who asks for it dies or is refused, the repeat finds what was done; and of
//! two who ask at once, each gets a task of their own.

#![allow(clippy::unwrap_used, reason = "a world that cannot be set up is broken")]

use futures::FutureExt;
use ordermill_domain::time::Seconds;
use ordermill_world::{Fault, When, World, findings};
use serde_json::{Value, json};

const FAULTS: [Fault; 5] =
    [Fault::Throttle, Fault::Conflict, Fault::LostAnswer, Fault::CrashBefore, Fault::CrashAfter];

/// What is asked.
#[derive(Clone, Copy, Debug)]
enum Ask {
    Next,
    Task,
    Done,
    /// A call that reached nobody.
    Missed,
    /// The fifth.
    GiveUp,
}

/// An order that waits for its money at ten in the morning.
async fn ready(ask: Ask) -> (World, String) {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 10).await;
    let mut body = World::order_body("w-1", &[("TEA", 3)]);
    body["payment"]["method"] = json!("bank_transfer");
    let order = world.place(body).await;
    world.settle().await;
    match ask {
        Ask::Next | Ask::Done => {
            world.command(&order, "task", json!({ "code": "look" })).await;
        }
        Ask::Task | Ask::Missed => {}
        Ask::GiveUp => {
            for number in 0..4 {
                let body = json!({ "outcome": "not_answering", "note": format!("{number}") });
                let missed = world.command(&order, "contact", body).await;
                assert_eq!(missed.status, 200, "{missed:?}");
                world.settle().await;
            }
        }
    }
    world.settle().await;
    (world, order)
}

async fn once(world: &World, ask: Ask, order: &str) -> i64 {
    let answer = match ask {
        Ask::Next => world.request("GET", "/v1/tasks/next?user=rasa", Value::Null).await,
        Ask::Task => world.command(order, "task", json!({ "code": "look" })).await,
        Ask::Done => world.command(order, "done", json!({ "task": "t1" })).await,
        Ask::Missed | Ask::GiveUp => {
            world.command(order, "contact", json!({ "outcome": "not_answering" })).await
        }
    };
    answer.status
}

/// What came of it: the feed, the order's events, what was sent.
async fn seen(world: &World, order: &str) -> Value {
    let tasks = world.request("GET", "/v1/tasks", Value::Null).await.body;
    let of = |task: &Value| {
        json!([task["task"], task["code"], task["claimed_by"], task["call"]["missed"]])
    };
    let tasks: Vec<Value> = tasks["items"].as_array().unwrap().iter().map(of).collect();
    let path = format!("/v1/orders/{order}/history");
    let events = world.request("GET", &path, Value::Null).await.body;
    let kinds: Vec<Value> =
        events["items"].as_array().unwrap().iter().map(|event| event["type"].clone()).collect();
    let mut sent = world.sent();
    sent.sort();
    json!({ "tasks": tasks, "events": kinds, "sent": sent, "status": world.status(order).await })
}

async fn law(ask: Ask) {
    let (mut world, order) = ready(ask).await;
    world.faults.arm(None);
    assert_eq!(once(&world, ask, &order).await, 200, "{ask:?}");
    let requests = world.faults.requests();
    world.settle().await;
    let end = seen(&world, &order).await;
    for request in 0..requests {
        for fault in FAULTS {
            let (mut world, order) = ready(ask).await;
            world.faults.arm(Some(When { request, fault }));
            let asked = once(&world, ask, &order);
            let answered = tokio::task::unconstrained(asked).now_or_never();
            world.faults.arm(None);
            if answered.is_none() {
                world.restart();
            }
            // The caller asks again, also where there was an answer.
            for _ in 0..2 {
                let status = once(&world, ask, &order).await;
                assert_eq!(status, 200, "{ask:?}, {fault:?} at {request}");
            }
            world.settle().await;
            assert_eq!(seen(&world, &order).await, end, "{ask:?}, {fault:?} at {request}");
            assert_eq!(findings(&world).await, [], "{ask:?}, {fault:?} at {request}");
        }
    }
}

#[tokio::test]
async fn a_task_is_handed_out_once_wherever_who_asks_dies() {
    law(Ask::Next).await;
}

#[tokio::test]
async fn a_task_is_set_once_wherever_who_sets_it_dies() {
    law(Ask::Task).await;
}

#[tokio::test]
async fn a_task_is_done_once_wherever_who_does_it_dies() {
    law(Ask::Done).await;
}

#[tokio::test]
async fn a_call_counts_once_wherever_who_tells_of_it_dies() {
    law(Ask::Missed).await;
}

#[tokio::test]
async fn the_fifth_call_ends_the_order_once_wherever_who_tells_of_it_dies() {
    law(Ask::GiveUp).await;
}

#[tokio::test]
async fn of_two_who_ask_at_once_each_gets_a_task_of_their_own_wherever_one_is_held_up() {
    let (world, order) = ready(Ask::Next).await;
    assert_eq!(world.command(&order, "task", json!({ "code": "more" })).await.status, 200);
    world.faults.arm(None);
    assert_eq!(once(&world, Ask::Next, &order).await, 200);
    for request in 0..world.faults.requests() {
        two_at_once(request).await;
    }
}

/// The first waits before this request until the second is through.
async fn two_at_once(request: usize) {
    let (world, order) = ready(Ask::Next).await;
    assert_eq!(world.command(&order, "task", json!({ "code": "more" })).await.status, 200);
    world.faults.arm(Some(When { request, fault: Fault::Wait }));
    let next = |who: &str| {
        let path = format!("/v1/tasks/next?user={who}");
        let world = &world;
        async move { world.request("GET", &path, Value::Null).await }
    };
    let mut slow = Box::pin(tokio::task::unconstrained(next("rasa")));
    assert!(futures::poll!(slow.as_mut()).is_pending(), "{request}");
    let quick = tokio::task::unconstrained(next("jonas")).await;
    world.faults.go_on();
    let slow = slow.await;
    assert_eq!((slow.status, quick.status), (200, 200), "{request}");
    assert_ne!(slow.body["task"], quick.body["task"], "{request}");
    assert_eq!(slow.body["claimed_by"], "rasa", "{request}");
    assert_eq!(quick.body["claimed_by"], "jonas", "{request}");
    world.set_clock(world.now().plus(Seconds::minutes(14)));
    assert_eq!(next("petras").await.status, 204, "{request}: both are taken");
    world.set_clock(world.now().plus(Seconds::minutes(2)));
    assert_eq!(next("petras").await.status, 200, "{request}: they have let their time pass");
}
