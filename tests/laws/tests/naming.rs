//! Staff names a customer while an order tells of them for the first time: wherever the two meet, there
//! is one customer in the end, and what was agreed is agreed with them.

#![allow(clippy::unwrap_used, reason = "a world that cannot be set up is broken")]

use ordermill_world::{Fault, When, World, findings};
use serde_json::{Value, json};

#[derive(Clone, Copy, Debug)]
enum Who {
    Staff,
    Order,
}

async fn ask(world: &World, who: Who) {
    let answer = match who {
        Who::Staff => world.request("PUT", "/v1/customers/acme", json!({ "net_days": 14 })).await,
        Who::Order => {
            let mut body = World::order_body("w-1", &[("TEA", 1)]);
            body["customer"]["id"] = json!("acme");
            world.request("POST", "/v1/orders", body).await
        }
    };
    assert!(matches!(answer.status, 200..=202), "{who:?}: {answer:?}");
}

/// One of them waits before this request until the other is through; false where it makes fewer.
async fn meet(first: Who, second: Who, request: usize) -> bool {
    let mut world = World::new().await;
    world.stock("TEA", "VNO", 9).await;
    world.faults.arm(Some(When { request, fault: Fault::Wait }));
    let mut waiting = Box::pin(tokio::task::unconstrained(ask(&world, first)));
    if futures::poll!(waiting.as_mut()).is_ready() {
        return false;
    }
    tokio::task::unconstrained(ask(&world, second)).await;
    world.faults.go_on();
    waiting.await;
    world.faults.arm(None);
    world.settle().await;
    let case = format!("{first:?} met {second:?} at {request}");
    let known = world.request("GET", "/v1/customers/acme", Value::Null).await.body;
    let orders = world.request("GET", "/v1/orders", Value::Null).await.body;
    let order = &orders["items"][0];
    assert_eq!(known["id"], order["customer"]["card"], "{case}: {known} {order}");
    assert_eq!(known["net_days"], 14, "{case}");
    assert_eq!(findings(&world).await, [], "{case}");
    true
}

#[tokio::test]
async fn a_customer_whom_staff_names_while_the_first_order_comes_is_one() {
    for (first, second) in [(Who::Staff, Who::Order), (Who::Order, Who::Staff)] {
        let mut request = 0;
        while meet(first, second, request).await {
            request += 1;
        }
        assert!(request > 3, "{first:?} asked {request} times only");
    }
}
