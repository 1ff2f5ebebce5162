//! The audit over everything a world holds.

use crate::World;
use ordermill_domain::audit::{self, Finding, Held};
use ordermill_table::item::{Item, text};
use ordermill_table::keys::RowKind;
use ordermill_table::rows::stock::{read_anchor, read_line, read_wait};
use std::collections::BTreeMap;

/// What is not as it must be. The report must be empty.
pub async fn findings(world: &World) -> Vec<Finding> {
    let table = &world.runtime.table;
    let mut rows: Vec<Item> = Vec::new();
    let mut start = None;
    loop {
        let (page, next) = table.scan(start).await.unwrap();
        rows.extend(page);
        start = next;
        if start.is_none() {
            break;
        }
    }
    let kind =
        |row: &Item| row.get("kind").and_then(|k| k.as_s().ok()).cloned().unwrap_or_default();
    let mut found = Vec::new();
    let mut held = Held::default();
    let mut lines = BTreeMap::new();
    let mut anchors = BTreeMap::new();
    let mut waits = BTreeMap::new();
    for row in &rows {
        match kind(row).as_str() {
            name if name == RowKind::Order.name() => {
                let id = text(row, "pk").unwrap().trim_start_matches("O#").to_owned();
                let stored = table.order(&id).await.unwrap().unwrap().stored;
                let policy = world
                    .runtime
                    .policies
                    .version(table, &stored.order.policy.name, stored.order.policy.version)
                    .await
                    .unwrap();
                found.extend(audit::order(&policy, &stored.order, stored.due_at));
                held.add(&stored.order);
            }
            name if name == RowKind::Stock.name() => {
                let stored = read_line(row).unwrap();
                let sums = stored.sums();
                lines.insert(stored.key, (stored.line, sums));
            }
            name if name == RowKind::Anchor.name() => {
                let (sku, anchor) = read_anchor(row).unwrap();
                anchors.insert(sku, anchor);
            }
            name if name == RowKind::Wait.name() => {
                let wait = read_wait(row).unwrap();
                let sku = text(row, "pk").unwrap().trim_start_matches("Q#").to_owned();
                let sum: &mut ordermill_domain::quantity::Quantity = waits.entry(sku).or_default();
                *sum = sum.plus(wait.quantity);
            }
            _ => {}
        }
    }
    found.extend(audit::stock(&lines, &anchors, &waits, &held));
    found
}
