//! Goods that orders hold and that are not there: a count found less, or the safety stock grew.
//!
//! **Rule:** the youngest orders that hold units there are told to people by exception
//! `stock_short`, as many of them as the missing units; what was promised first is kept longest.
//! Who gets the goods is for people to decide.

use ordermill_domain::decide::Command;
use ordermill_domain::order::Order;
use ordermill_domain::quantity::Quantity;
use ordermill_runtime::step::{Wish, on_order, stock_facts};
use ordermill_runtime::walk::{Source, collect, first_month};
use ordermill_runtime::{Failure, Runtime, StepResult};
use ordermill_table::rows::stock::StoredLine;

/// Code of the exception.
const STOCK_SHORT: &str = "stock_short";
/// Orders that hold units are looked for in so many walks; each reads a bounded number of orders.
const WALKS_MAX: usize = 20;
/// Holders of one walk.
const HOLDERS_AT_ONCE: usize = 50;

/// Tells of what is missing at this line, if anything is.
pub(crate) async fn tell(runtime: &Runtime, stored: &StoredLine) -> StepResult<()> {
    let (sku, warehouse) = (stored.key.sku.as_str(), stored.key.warehouse.as_str());
    let missing = stored.line.missing();
    let mut left = missing;
    let mut after = None;
    let now = runtime.clock.now();
    let source = Source::all(first_month(&runtime.table, now).await?, now);
    for _ in 0..WALKS_MAX {
        if !left.is_positive() {
            return Ok(());
        }
        let holds = |order: &Order| order.held_at(sku, warehouse).is_positive();
        let (orders, next) = collect(runtime, &source, after, HOLDERS_AT_ONCE, holds).await?;
        for order in orders {
            if left.is_positive() {
                report(runtime, &order.id, stored, missing).await?;
                left = left.minus(order.held_at(sku, warehouse));
            }
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    if left.is_positive() {
        tracing::warn!(stock.sku = sku, stock.missing = %left, "not all who hold it were found");
    }
    Ok(())
}

async fn report(
    runtime: &Runtime,
    order: &str,
    stored: &StoredLine,
    missing: Quantity,
) -> StepResult<()> {
    let (sku, warehouse) = (&stored.key.sku, &stored.key.warehouse);
    let told = on_order(runtime, order, |partition, _| async move {
        let command = Command::Report {
            code: STOCK_SHORT.to_owned(),
            about: format!("{sku} {warehouse}"),
            detail: format!(
                "{missing} units of {sku} that orders hold are missing at {warehouse}."
            ),
        };
        let facts = stock_facts(runtime, &partition.stored.order).await?;
        Ok(Wish { commands: vec![command], facts, ..Wish::default() })
    })
    .await?;
    told.map(|_| ()).map_err(|rejection| Failure::permanent(rejection.to_string()))
}
