//! `backlog`: 10,000 orders whose limit runs out in the same minute.

use crate::Result;
use crate::figures::{Figures, Latencies, milliseconds, per_second, table};
use crate::load::{Dice, order_body};
use crate::scenario::{baskets, wide_catalogue};
use crate::target::{Target, Wanted, answered};
use futures::StreamExt as _;
use serde_json::json;
use std::time::Instant;

/// Orders that are placed at once.
const AT_ONCE: usize = 64;

/// Runs it: the orders are placed and never paid; then the clock goes past their limits.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn measure(wanted: &Wanted, orders: usize) -> Result<Figures> {
    let target = Target::open(wanted).await?;
    let skus = wide_catalogue();
    target.stock(&skus, 1_000_000).await?;
    let baskets = baskets(&skus, orders, 1, 1, &mut Dice::new(11));
    let bar = indicatif::ProgressBar::new(u64::try_from(orders)?).with_message("orders placed");
    let placing = baskets.iter().enumerate().map(|(number, basket)| {
        let (target, bar) = (&target, &bar);
        async move {
            let body = order_body(&format!("backlog-{number}"), basket);
            let begun = Instant::now();
            let placed = target.client.post("/v1/orders", &body).await?;
            answered("an order", &placed)?;
            bar.inc(1);
            Ok((placed.text("/id").to_owned(), begun.elapsed()))
        }
    });
    let begun = Instant::now();
    let placed: Vec<Result<_>> =
        futures::stream::iter(placing).buffer_unordered(AT_ONCE).collect().await;
    let placed = placed.into_iter().collect::<Result<Vec<_>>>()?;
    target.settle().await?;
    let placing = begun.elapsed();
    bar.finish_and_clear();
    // Past the reminder after half an hour, and past the limit after two hours.
    let begun = Instant::now();
    for by in ["31m", "3h"] {
        let moved = target.client.post("/_local/clock", &json!({ "advance": by })).await?;
        answered("moving the clock", &moved)?;
    }
    let judging = begun.elapsed();
    let mut cancelled = 0;
    for (id, _) in &placed {
        let order = target.client.get(&format!("/v1/orders/{id}")).await?;
        cancelled += usize::from(order.text("/status") == "cancelled");
    }
    let latencies = Latencies::of(placed.iter().map(|(_, took)| *took).collect());
    let mut figures = Figures::of("backlog");
    figures.set("orders", json!(orders));
    figures.set("orders_per_second", json!(per_second(orders, judging)));
    figures.set_latencies(&latencies);
    figures.set("placed_per_second", json!(per_second(orders, placing)));
    figures.set("judged_in_ms", json!(milliseconds(judging)));
    figures.set("cancelled", json!(cancelled));
    figures.set("accepted", json!(orders));
    figures.set("refused", json!(0));
    let row = vec![
        orders.to_string(),
        format!("{:.0}", per_second(orders, placing)),
        cancelled.to_string(),
        format!("{:.1}", judging.as_secs_f64()),
        format!("{:.0}", per_second(orders, judging)),
    ];
    let head =
        ["orders", "placed a second", "cancelled", "reminded and cancelled in s", "a second"];
    println!("{}", table(&head, &[row]));
    figures.set("audit_findings", json!(target.audit_findings().await?));
    target.close().await;
    Ok(figures)
}
