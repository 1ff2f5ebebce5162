//! `model`: throughput of `reserve` under a model of DynamoDB's limits, on a virtual clock, by
//! group commit and with one transaction an order.

use crate::Result;
use crate::figures::{Figures, table};
use crate::model::chart::{Line, svg};
use crate::model::reserving::{Ground, Point, Way};
use serde_json::json;
use std::path::Path;

const INSTANCES: [usize; 5] = [1, 2, 4, 10, 20];
const HOT_PERCENTS: [usize; 3] = [0, 50, 100];
/// One by one is slow and steady: a part of the orders says the same.
const ONE_BY_ONE_PART: usize = 5;

/// Runs it; the table and the drawing are also written into this folder.
///
/// # Errors
/// The files cannot be written.
pub async fn measure(orders: usize, folder: &Path) -> Result<Figures> {
    let mut ground = Ground::new().await;
    let (mut rows, mut lines, mut points) = (Vec::new(), Vec::new(), Vec::new());
    let mut rate_of = std::collections::BTreeMap::new();
    for hot_percent in HOT_PERCENTS {
        for way in [Way::Group, Way::OneByOne] {
            let mut line = Line { way, hot_percent, points: Vec::new() };
            for instances in INSTANCES {
                let (name, count) = match way {
                    Way::Group => ("group commit", orders),
                    Way::OneByOne => ("one by one", (orders / ONE_BY_ONE_PART).max(1)),
                };
                let outcome = ground.measure(Point { way, instances, hot_percent }, count).await;
                let (rate, incidents) = (outcome.orders_per_second, outcome.incidents);
                rows.push(vec![
                    name.to_owned(),
                    hot_percent.to_string(),
                    instances.to_string(),
                    count.to_string(),
                    format!("{rate:.0}"),
                    incidents.transactions.to_string(),
                    incidents.conflicts.to_string(),
                    incidents.throttles.to_string(),
                ]);
                points.push(json!({ "way": name, "hot_percent": hot_percent,
                    "instances": instances, "orders_per_second": rate,
                    "conflicts": incidents.conflicts, "throttles": incidents.throttles }));
                line.points.push((instances, rate));
                rate_of.insert((name, hot_percent, instances), rate);
            }
            lines.push(line);
        }
    }
    let head = [
        "way",
        "% hot",
        "instances",
        "orders",
        "orders/s",
        "transactions",
        "conflicts",
        "throttled",
    ];
    let text = table(&head, &rows);
    println!("{text}");
    let of = |name, hot, n| rate_of.get(&(name, hot, n)).copied().unwrap_or(0.0);
    let ratio = |a: f64, b: f64| (a / b.max(0.1) * 100.0).round() / 100.0;
    let to_steady = ratio(of("group commit", 100, 10), of("group commit", 0, 10));
    let to_single = ratio(of("group commit", 100, 10), of("one by one", 100, 10));
    println!(
        "10 instances: hot / steady {to_steady}; on one SKU group commit / one by one {to_single}"
    );
    std::fs::write(folder.join("reserve-model.svg"), svg(&lines))?;
    std::fs::write(folder.join("reserve-model.txt"), text)?;
    let mut figures = Figures::of("model");
    figures.set("orders", json!(orders));
    figures.set("points", json!(points));
    figures.set("hot_to_steady_10_instances", json!(to_steady));
    figures.set("group_to_single_on_one_sku", json!(to_single));
    figures.set("audit_findings", json!(ground.audit_findings().await));
    Ok(figures)
}
