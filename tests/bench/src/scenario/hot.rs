//! `hot`: every order one unit of one SKU, against the same orders over 1,000 SKUs, in turns
//! within one run.

use crate::Result;
use crate::figures::{Figures, Latencies, per_second, table};
use crate::load::{Dice, run};
use crate::scenario::{baskets, wide_catalogue};
use crate::target::{Target, Wanted};
use serde_json::json;
use std::time::Duration;

/// Turns of each kind.
const TURNS: usize = 6;
const HOT: &str = "HOT-1";

/// Runs it.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn measure(wanted: &Wanted, clients: usize, orders: usize) -> Result<Figures> {
    let target = Target::open(wanted).await?;
    let skus = wide_catalogue();
    target.stock(&skus, 1_000_000).await?;
    target.stock(&[HOT.to_owned()], 1_000_000).await?;
    let a_turn = (orders / TURNS).max(1);
    let mut dice = Dice::new(7);
    let mut hot = (Duration::ZERO, Vec::new());
    let mut wide = (Duration::ZERO, 0);
    let mut refused = 0;
    // One turn of each beforehand warms both.
    for turn in 0..=TURNS {
        let baskets = baskets(&skus, a_turn, 1, 1, &mut dice);
        let baskets: Vec<_> = baskets.into_iter().map(|b| one_unit(&b)).collect();
        let steady = run(&target, clients, &format!("wide-{turn}"), &baskets).await?;
        target.settle().await?;
        let baskets = vec![vec![(HOT.to_owned(), 1)]; a_turn];
        let one = run(&target, clients, &format!("hot-{turn}"), &baskets).await?;
        target.settle().await?;
        if turn > 0 {
            wide = (wide.0 + steady.took, wide.1 + steady.confirmed.count());
            hot.0 += one.took;
            hot.1.push(one.confirmed);
            refused += one.backordered + steady.backordered;
        }
    }
    let latencies = Latencies::merged(hot.1);
    let (hot_rate, wide_rate) = (per_second(latencies.count(), hot.0), per_second(wide.1, wide.0));
    let ratio = (hot_rate / wide_rate * 100.0).round() / 100.0;
    let rows = [
        vec!["one line of 1,000 SKUs".to_owned(), wide.1.to_string(), format!("{wide_rate:.1}")],
        vec!["one hot SKU".to_owned(), latencies.count().to_string(), format!("{hot_rate:.1}")],
    ];
    println!("{}", table(&["", "orders", "a second"], &rows));
    println!("hot / steady: {ratio:.2}");
    let mut figures = Figures::of("hot");
    figures.set_rate(hot.0, &latencies);
    figures.set("clients", json!(clients));
    figures.set("steady_orders_per_second", json!(wide_rate));
    figures.set("ratio_to_steady", json!(ratio));
    figures.set("accepted", json!(latencies.count() + wide.1));
    figures.set("refused", json!(refused));
    figures.set("audit_findings", json!(target.audit_findings().await?));
    target.close().await;
    Ok(figures)
}

fn one_unit(basket: &[(String, u32)]) -> Vec<(String, u32)> {
    basket.iter().map(|(sku, _)| (sku.clone(), 1)).collect()
}
