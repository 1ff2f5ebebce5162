//! `large`: orders of 1,000 lines, from POST to confirmed.

use crate::Result;
use crate::figures::{Figures, table};
use crate::load::{Basket, Dice, run};
use crate::target::{Target, Wanted};
use serde_json::json;

/// Lines of an order.
const LINES: usize = 1_000;
/// SKUs of the catalogue.
const SKUS: usize = 1_200;

/// Runs it.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn measure(wanted: &Wanted, clients: usize, orders: usize) -> Result<Figures> {
    let target = Target::open(wanted).await?;
    let skus: Vec<String> = (0..SKUS).map(|number| format!("SKU-{number:04}")).collect();
    target.stock(&skus, 1_000_000).await?;
    let mut dice = Dice::new(3);
    let baskets: Vec<Basket> = (0..orders)
        .map(|_| {
            let from = dice.below(SKUS - LINES);
            skus[from..from + LINES].iter().map(|sku| (sku.clone(), 1)).collect()
        })
        .collect();
    let run = run(&target, clients, "large", &baskets).await?;
    target.settle().await?;
    let mut figures = Figures::of("large");
    figures.set_rate(run.took, &run.confirmed);
    figures.set("clients", json!(clients));
    figures.set("lines_per_order", json!(LINES));
    figures.set("accepted", json!(run.confirmed.count()));
    figures.set("refused", json!(run.backordered));
    let p = |percent| format!("{:.0}", run.confirmed.percentile(percent));
    let row = vec![run.confirmed.count().to_string(), p(50), p(95), p(99)];
    println!("{}", table(&["orders", "p50 ms", "p95 ms", "p99 ms"], &[row]));
    figures.set("audit_findings", json!(target.audit_findings().await?));
    target.close().await;
    Ok(figures)
}
