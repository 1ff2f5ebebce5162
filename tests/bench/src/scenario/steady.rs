//! `steady`: prepaid orders of one to five lines over 1,000 SKUs, from POST to confirmed.

use crate::Result;
use crate::figures::{Figures, milliseconds, per_second, table};
use crate::load::{Dice, run};
use crate::scenario::{baskets, wide_catalogue};
use crate::target::{Target, Wanted};
use serde_json::json;

/// How it is run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Clients at once, one run each; the last run's figures are the line's.
    pub clients: Vec<usize>,
    /// Orders of each run.
    pub orders: usize,
    /// Lines of an order, at least and at most.
    pub lines: (usize, usize),
}

/// Runs it.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn measure(wanted: &Wanted, plan: &Plan) -> Result<Figures> {
    let target = Target::open(wanted).await?;
    let skus = wide_catalogue();
    target.stock(&skus, 1_000_000).await?;
    let at_rest = target.memory_mib();
    let mut figures = Figures::of("steady");
    let mut rows = Vec::new();
    let mut runs = Vec::new();
    let mut refused = 0;
    let mut accepted = 0;
    for clients in &plan.clients {
        let mut dice = Dice::new(u64::try_from(*clients)?);
        let baskets = baskets(&skus, plan.orders, plan.lines.0, plan.lines.1, &mut dice);
        let warm = baskets.len() / 10;
        run(&target, *clients, &format!("warm-{clients}"), &baskets[..warm]).await?;
        let run = run(&target, *clients, &format!("steady-{clients}"), &baskets).await?;
        let latencies = &run.confirmed;
        let rate = per_second(latencies.count(), run.took);
        rows.push(vec![
            clients.to_string(),
            latencies.count().to_string(),
            format!("{rate:.1}"),
            format!("{:.1}", latencies.percentile(50)),
            format!("{:.1}", latencies.percentile(95)),
            format!("{:.1}", latencies.percentile(99)),
        ]);
        runs.push(json!({ "clients": clients, "orders_per_second": rate,
            "p50_ms": latencies.percentile(50), "p95_ms": latencies.percentile(95),
            "p99_ms": latencies.percentile(99) }));
        figures.set_rate(run.took, latencies);
        figures.set("clients", json!(clients));
        accepted += latencies.count() + warm;
        refused += run.backordered;
        target.settle().await?;
    }
    let head = ["clients", "orders", "a second", "p50 ms", "p95 ms", "p99 ms"];
    println!("{}", table(&head, &rows));
    figures.set("runs", json!(runs));
    figures.set("accepted", json!(accepted));
    figures.set("refused", json!(refused));
    if let Some(started) = target.started_after {
        println!("first answer {:.1} ms after the start", milliseconds(started));
        figures.set("first_answer_ms", json!(milliseconds(started)));
    }
    if let (Some(at_rest), Some(after)) = (at_rest, target.memory_mib()) {
        println!("memory: {at_rest} MiB at rest, {after} MiB after the load");
        figures.set("memory_at_rest_mib", json!(at_rest));
        figures.set("memory_after_load_mib", json!(after));
    }
    figures.set("audit_findings", json!(target.audit_findings().await?));
    target.close().await;
    Ok(figures)
}
