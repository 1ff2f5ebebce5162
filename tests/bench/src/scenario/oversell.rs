//! `oversell`: a stock of 50 and 200 buyers at once; then 10,000 pieces and 10,500 buyers.

use crate::Result;
use crate::figures::{Figures, Latencies, per_second, table};
use crate::load::{Outcome, order_body};
use crate::target::{Target, Wanted, answered};
use futures::StreamExt as _;
use serde_json::json;
use std::time::{Duration, Instant};

/// Stock, buyers, and how many of them at once.
const RUSHES: [(&str, i64, usize, usize); 2] =
    [("RUSH-50", 50, 200, 200), ("RUSH-10000", 10_000, 10_500, 256)];

/// Runs it.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn measure(wanted: &Wanted) -> Result<Figures> {
    let target = Target::open(wanted).await?;
    let mut figures = Figures::of("oversell");
    let (mut rows, mut all, mut rushes) = (Vec::new(), Vec::new(), Vec::new());
    let (mut took, mut accepted, mut refused, mut exact) = (Duration::ZERO, 0, 0, true);
    for (sku, pieces, buyers, at_once) in RUSHES {
        target.stock(&[sku.to_owned()], pieces).await?;
        let begun = Instant::now();
        let answers = rush(&target, sku, buyers, at_once).await?;
        target.settle().await?;
        took += begun.elapsed();
        let (mut won, mut told) = (0, 0);
        for (id, latency) in answers {
            match outcome(&target, &id).await? {
                Some(Outcome::Confirmed) => won += 1,
                Some(Outcome::Backordered) => told += 1,
                None => {}
            }
            all.push(latency);
        }
        let stock = target.client.get(&format!("/v1/stock/{sku}")).await?;
        let units = |name: &str| stock.body.get(name).and_then(serde_json::Value::as_i64);
        let is_exact = usize::try_from(pieces)? == won
            && won + told == buyers
            && units("available") == Some(0)
            && units("reserved") == Some(pieces);
        exact &= is_exact;
        rows.push(vec![
            sku.to_owned(),
            pieces.to_string(),
            buyers.to_string(),
            won.to_string(),
            told.to_string(),
            if is_exact { "exact" } else { "WRONG" }.to_owned(),
        ]);
        rushes.push(json!({ "stock": pieces, "asked": buyers, "accepted": won, "refused": told }));
        accepted += won;
        refused += told;
    }
    let head = ["SKU", "stock", "asked", "hold one", "told to wait", ""];
    println!("{}", table(&head, &rows));
    let latencies = Latencies::of(all);
    println!("{} orders a second, all decided", per_second(latencies.count(), took));
    figures.set_rate(took, &latencies);
    figures.set("rushes", json!(rushes));
    figures.set("accepted", json!(accepted));
    figures.set("refused", json!(refused));
    figures.set("exact", json!(exact));
    figures.set("audit_findings", json!(target.audit_findings().await?));
    target.close().await;
    if exact { Ok(figures) } else { Err(format!("not exact: {}", figures.line()).into()) }
}

/// All place an order for one piece; their ids, and how long each waited for the answer.
async fn rush(
    target: &Target,
    sku: &str,
    buyers: usize,
    at_once: usize,
) -> Result<Vec<(String, Duration)>> {
    let placing = (0..buyers).map(|buyer| async move {
        let body = order_body(&format!("{sku}-{buyer}"), &vec![(sku.to_owned(), 1)]);
        let begun = Instant::now();
        let placed = target.client.post("/v1/orders", &body).await?;
        answered("an order", &placed)?;
        Ok((placed.text("/id").to_owned(), begun.elapsed()))
    });
    let all: Vec<Result<_>> =
        futures::stream::iter(placing).buffer_unordered(at_once).collect().await;
    all.into_iter().collect()
}

/// Whether an order holds its piece or waits; none where it does neither.
async fn outcome(target: &Target, id: &str) -> Result<Option<Outcome>> {
    let order = target.client.get(&format!("/v1/orders/{id}")).await?;
    answered("an order", &order)?;
    Ok(match order.text("/status") {
        "awaiting_payment" => Some(Outcome::Confirmed),
        "backordered" => Some(Outcome::Backordered),
        _ => None,
    })
}
