//! Movements that are more than one transaction holds: wherever whoever makes them dies, the repeat of
//! the request finds what was done, does the rest, and does nothing twice.

#![allow(clippy::unwrap_used, reason = "a world that cannot be set up is broken")]

use futures::FutureExt;
use ordermill_domain::time::Seconds;
use ordermill_table::keys;
use ordermill_world::{Fault, When, World, findings};
use serde_json::{Value, json};

const MANY: usize = 50;

fn sku(number: usize) -> String {
    format!("A-{number:02}")
}

/// Two pieces of each of fifty articles in Vilnius, and room for them in Kaunas.
async fn fifty() -> World {
    let mut world = World::new().await;
    let product = json!({ "name": "A", "prices": { "EUR": "10.00" }, "tax_rate": "0.21" });
    for number in 0..MANY {
        let path = format!("/v1/products/{}", sku(number));
        assert_eq!(world.request("PUT", &path, product.clone()).await.status, 201);
    }
    for (warehouse, quantity) in [("VNO", 2), ("KUN", 0)] {
        let one = |number| {
            json!({ "sku": sku(number), "warehouse": warehouse, "type": "count",
                    "quantity": quantity })
        };
        let body = json!({ "movements": (0..MANY).map(one).collect::<Vec<_>>() });
        assert_eq!(world.request("POST", "/v1/stock/movements", body).await.status, 201);
    }
    world.settle().await;
    world
}

/// Everything of every article goes: it could not go twice.
fn transfers() -> Value {
    let one = |number| {
        json!({ "sku": sku(number), "warehouse": "VNO", "type": "transfer", "quantity": 2,
                "to": "KUN" })
    };
    json!({ "movements": (0..MANY).map(one).collect::<Vec<_>>() })
}

/// One more piece of each: lines, rows and key are one more than a transaction holds.
fn receipts() -> Value {
    let one = |number| json!({ "sku": sku(number), "warehouse": "VNO", "type": "receipt", "quantity": 1 });
    json!({ "movements": (0..MANY).map(one).collect::<Vec<_>>() })
}

async fn ask(world: &World, body: &Value) -> (i64, Value) {
    let headers = [("authorization", "Bearer local-admin"), ("idempotency-key", "m-1")];
    let answer = world.request_with("POST", "/v1/stock/movements", body.clone(), &headers).await;
    (answer.status, answer.body)
}

/// What lies where, and what is told of it: the movements of each article after the first two.
async fn seen(world: &World) -> Vec<String> {
    let mut all = Vec::new();
    for number in 0..MANY {
        let sku = sku(number);
        let stock = world.request("GET", &format!("/v1/stock/{sku}"), Value::Null).await.body;
        let of = stock["warehouses"].as_array().unwrap().iter();
        let lies: Vec<String> =
            of.map(|w| format!("{} {}", w["warehouse"], w["on_hand"])).collect();
        let partition = keys::movement_partition(&sku);
        let rows = world.runtime.table.partition(&partition, "", None, 20).await.unwrap();
        all.push(format!("{sku}: {}, {} movements", lies.join(", "), rows.len()));
    }
    all
}

async fn law(body: &Value) {
    let world = fifty().await;
    world.faults.arm(None);
    let (status, right) = ask(&world, body).await;
    assert_eq!(status, 201, "{right}");
    let requests = world.faults.requests();
    let end = seen(&world).await;
    for request in 0..requests {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            let mut world = fifty().await;
            world.faults.arm(Some(When { request, fault }));
            let alive = tokio::task::unconstrained(ask(&world, body)).now_or_never().is_some();
            world.faults.arm(None);
            if !alive {
                world.restart();
            }
            // The caller asks again, and later once more.
            let mut answers = Vec::new();
            for _ in 0..2 {
                world.set_clock(world.now().plus(Seconds::minutes(1)));
                let (status, answer) = ask(&world, body).await;
                assert!(matches!(status, 200 | 201), "{fault:?} at {request}: {status} {answer}");
                answers.push(answer);
            }
            assert_eq!(answers[0], answers[1], "{fault:?} at {request}");
            assert_eq!(seen(&world).await, end, "{fault:?} at {request}");
            assert_eq!(findings(&world).await, [], "{fault:?} at {request}");
        }
    }
}

#[tokio::test]
async fn fifty_transfers_of_everything_are_made_once_wherever_their_maker_dies() {
    law(&transfers()).await;
}

#[tokio::test]
async fn fifty_receipts_have_their_rows_wherever_their_maker_dies() {
    law(&receipts()).await;
}
