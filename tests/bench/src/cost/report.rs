//! The reviewed text file: usage per order, and what it costs.

use crate::cost::meter::Usage;
use crate::cost::typical::{Typical, measure};
use crate::figures::table;
use std::fmt::Write as _;

/// Orders that go through together in the second measurement: as many as a batch of `reserve`
/// takes; of the large ones fewer, since they share little.
fn together(typical: Typical) -> usize {
    if typical == Typical::Large { 8 } else { 40 }
}

/// Under this name stands what the measurement itself asks.
const NOT_COUNTED: &str = "not counted";

/// Prices in millionths of a dollar per million: on-demand list prices of eu-west-1 as known in
/// November 2026. They move: look before you decide.
const WRITE_UNIT: f64 = 0.705;
const READ_UNIT: f64 = 0.1415;
const QUEUE_REQUEST: f64 = 0.40;
const INVOCATION: f64 = 0.20;
/// A typical invocation: 60 ms of 256 MB on arm64 at 0.0000133334 dollars a GB-second.
const INVOCATION_TIME: f64 = 0.060 * 0.25 * 13.3334;
const EMAIL: f64 = 100.0;

/// The whole file.
pub async fn report() -> String {
    let mut text = String::from(HEAD);
    for typical in Typical::ALL {
        let alone = measure(typical, 1).await;
        let orders = together(typical);
        let together = measure(typical, orders).await;
        let _ = write!(text, "\n## {}\n\n", typical.title());
        let mut rows = Vec::new();
        let mut sums = [Usage::default(); 2];
        for (name, usage) in alone.iter().filter(|(name, _)| *name != NOT_COUNTED) {
            let shared = together.get(name).copied().unwrap_or_default();
            rows.push(row(name, usage, &shared, orders));
            sums[0] += *usage;
            sums[1] += shared;
        }
        rows.push(row("sum", &sums[0], &sums[1], orders));
        let head = [
            "step", "writes", "units", "of index", "reads", "units", "queue", "calls", "mails",
            "| writes", "units", "of index", "reads", "units", "queue", "calls",
        ];
        text.push_str(&table(&head, &rows));
        let _ = writeln!(
            text,
            "1,000 orders cost {:.2} $ alone, {:.2} $ together, and {:.2} $ of e-mail",
            dollars(&sums[0], 1),
            dollars(&sums[1], orders),
            ratio(sums[0].emails, 1) * EMAIL / 1_000.0,
        );
    }
    text
}

const HEAD: &str = "\
# What an order costs

Counted from the real requests of the deployed functions, by DynamoDB's published rules (see
`tests/bench/src/cost`). Left: one order alone. Right of the bar: forty orders at once (eight of the large), per
order: they share stock writes, batches and invocations. `writes` and `reads` are requests to the table,
`units` what they consume, `queue` requests to SQS with the service's own polling, `calls`
invocations of functions. Regenerate: `UPDATE_EXPECT=1 cargo test --workspace --test cost`.

Prices: on-demand, eu-west-1, November 2026, without free tiers: a million write units 0.705 $,
read units 0.1415 $, SQS requests 0.40 $, Lambda requests 0.20 $ and 60 ms of 256 MB each, HTTP
API left out; 1,000 e-mails 0.10 $.
";

#[expect(clippy::cast_precision_loss, reason = "an average that people read")]
fn ratio(sum: u64, orders: usize) -> f64 {
    sum as f64 / orders as f64
}

fn row(name: &str, alone: &Usage, together: &Usage, orders: usize) -> Vec<String> {
    let whole = |n: u64| n.to_string();
    let halves = |n: u64| format!("{:.1}", ratio(n, 2));
    let each = |n: u64| format!("{:.2}", ratio(n, orders));
    vec![
        name.to_owned(),
        whole(alone.write_requests),
        whole(alone.write_units),
        whole(alone.index_units),
        whole(alone.read_requests),
        halves(alone.half_read_units),
        whole(alone.queue_requests),
        whole(alone.invocations),
        whole(alone.emails + alone.sms),
        format!("| {}", each(together.write_requests)),
        each(together.write_units),
        each(together.index_units),
        each(together.read_requests),
        format!("{:.2}", ratio(together.half_read_units, 2 * orders)),
        each(together.queue_requests),
        each(together.invocations),
    ]
}

/// What a thousand such orders cost.
fn dollars(usage: &Usage, orders: usize) -> f64 {
    let per_order = |n: u64| ratio(n, orders);
    let millionths = per_order(usage.write_units) * WRITE_UNIT
        + per_order(usage.half_read_units) / 2.0 * READ_UNIT
        + per_order(usage.queue_requests) * QUEUE_REQUEST
        + per_order(usage.invocations) * (INVOCATION + INVOCATION_TIME);
    millionths / 1_000.0
}
