//! `sweep`: tables of 1,000, 10,000 and 100,000 open orders of which 100 are due: what finding
//! them costs. It must depend on what is due, not on what is there.
//!
//! The open orders are copies of one real order under other names; the sweep, the worklist and the
//! steps behind them are the deployed ones, on an embedded table in memory.

use crate::Result;
use crate::figures::{Figures, milliseconds, table};
use ordermill_domain::ids::{IdKind, derive};
use ordermill_domain::order::Order;
use ordermill_domain::time::Seconds;
use ordermill_runtime::Queue;
use ordermill_table::rows::order::{header_item, placed_item};
use ordermill_world::World;
use serde_json::json;
use std::time::Instant;

/// Open orders of each table.
const OPEN: [usize; 3] = [1_000, 10_000, 100_000];
/// How many of them are due.
const DUE: usize = 100;
/// Orders whose rows are put at once.
const AT_ONCE: usize = 500;

struct Measured {
    open_orders: usize,
    requests: usize,
    milliseconds: f64,
    judged: usize,
    judge_requests: usize,
}

/// Runs it.
///
/// # Errors
/// The table does not do what it is asked.
pub async fn measure() -> Result<Figures> {
    let mut measured = Vec::new();
    for open in OPEN {
        measured.push(one(open).await?);
    }
    let head = ["open orders", "due", "requests", "ms", "judged", "requests to judge"];
    let row = |m: &Measured| {
        vec![
            m.open_orders.to_string(),
            DUE.to_string(),
            m.requests.to_string(),
            format!("{:.1}", m.milliseconds),
            m.judged.to_string(),
            m.judge_requests.to_string(),
        ]
    };
    println!("{}", table(&head, &measured.iter().map(row).collect::<Vec<_>>()));
    let mut figures = Figures::of("sweep");
    let rows: Vec<_> = measured
        .iter()
        .map(|m| {
            json!({ "open_orders": m.open_orders, "due": DUE, "requests": m.requests,
                "milliseconds": m.milliseconds, "judged": m.judged,
                "judge_requests": m.judge_requests })
        })
        .collect();
    figures.set("rows", json!(rows));
    Ok(figures)
}

async fn one(open: usize) -> Result<Measured> {
    let mut world = World::new().await;
    world.stock("TEA-1", "VNO", 10).await;
    let id = world.place(World::order_body("pattern", &[("TEA-1", 1)])).await;
    world.settle().await;
    let pattern = world.runtime.table.order(&id).await?.ok_or("the pattern is missing")?;
    let pattern = pattern.stored.order;
    let name = pattern.policy.clone();
    let policy =
        world.runtime.policies.version(&world.runtime.table, &name.name, name.version).await?;
    for number in (0..open).step_by(AT_ONCE) {
        let mut rows = Vec::new();
        for number in number..(number + AT_ONCE).min(open) {
            let order = copy(&pattern, number);
            rows.push(header_item(&policy, &order)?);
            rows.push(placed_item(&order)?);
        }
        world.runtime.table.put_rows(rows).await?;
        // The copies are no news: nobody reads of them.
        world.skip_stream();
    }
    world.set_clock(world.now().plus(Seconds::minutes(31)));
    world.faults.arm(None);
    let begun = Instant::now();
    world.sweep().await;
    let took = milliseconds(begun.elapsed());
    let requests = world.faults.requests();
    world.faults.arm(None);
    let mut judged = 0;
    loop {
        match world.work(Queue::Timeout).await {
            0 => break,
            count => judged += count,
        }
    }
    let judge_requests = world.faults.requests();
    Ok(Measured { open_orders: open, requests, milliseconds: took, judged, judge_requests })
}

/// The order under another name; the first hundred and one wait for their payment since the
/// beginning, the others have just begun to wait.
fn copy(pattern: &Order, number: usize) -> Order {
    let mut order = pattern.clone();
    order.id = derive(IdKind::Order, "seller", &["bench", "sweep", &number.to_string()]);
    if number >= DUE - 1 {
        let later = order.status_since.plus(Seconds::minutes(10));
        order.status_since = later;
        order.updated_at = later;
    }
    order
}
