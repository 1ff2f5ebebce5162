//! Goods that orders hold and that are not there: who holds them is looked for here, who tells
//! people of it is decided in `shared/domain/src/decide/shortage.rs`.

use ordermill_domain::decide::Command;
use ordermill_domain::decide::shortage::Shortage;
use ordermill_domain::order::Order;
use ordermill_domain::quantity::Quantity;
use ordermill_runtime::step::{Wish, on_order, stock_facts};
use ordermill_runtime::walk::{Source, collect, first_month};
use ordermill_runtime::{Failure, Runtime, StepResult};
use ordermill_table::TableError;
use ordermill_table::rows::stock::StoredLine;

/// Orders that hold units are looked for in so many walks; each reads a bounded number of orders.
const WALKS_MAX: usize = 20;
/// Holders of one walk.
const HOLDERS_AT_ONCE: usize = 50;

/// Brings into line what orders tell of this stock line, and what the line says they tell.
pub(crate) async fn tell(runtime: &Runtime, stored: &StoredLine) -> StepResult<()> {
    let Some(mut shortage) = Shortage::of(&stored.key, &stored.line) else { return Ok(()) };
    let (sku, warehouse) = (stored.key.sku.as_str(), stored.key.warehouse.as_str());
    let mut after = None;
    let now = runtime.clock.now();
    let source = Source::all(first_month(&runtime.table, now).await?, now);
    for _ in 0..WALKS_MAX {
        if shortage.is_settled() {
            break;
        }
        let holds = |order: &Order| order.held_at(sku, warehouse).is_positive();
        let (orders, next) = collect(runtime, &source, after, HOLDERS_AT_ONCE, holds).await?;
        for order in orders {
            if shortage.is_settled() {
                break;
            }
            if let Some(missing) = shortage.next(&order) {
                say(runtime, &order.id, stored, missing).await?;
            }
        }
        after = next;
        if after.is_none() {
            break;
        }
    }
    if shortage.left().is_positive() {
        tracing::warn!(stock.sku = sku, stock.missing = %shortage.left(), "not all who hold it were found");
    }
    match Shortage::settled(&stored.key, &stored.line) {
        None => Ok(()),
        Some(changes) => settle(runtime, runtime.table.stock_actions(&changes, now)).await,
    }
}

/// Writes what the line says. Where it has moved meanwhile, what moved it was looked at with it, or
/// is told of by a message of its own.
async fn settle(
    runtime: &Runtime,
    actions: Vec<aws_sdk_dynamodb::types::TransactWriteItem>,
) -> StepResult<()> {
    match runtime.table.write(actions).await {
        Ok(()) => Ok(()),
        Err(TableError::Moved | TableError::Cancelled(_)) => {
            Err(Failure::retryable("the stock line changed while its shortage was looked at"))
        }
        Err(error) => Err(error.into()),
    }
}

async fn say(
    runtime: &Runtime,
    order: &str,
    stored: &StoredLine,
    missing: Quantity,
) -> StepResult<()> {
    let told = on_order(runtime, order, |partition, _| async move {
        let command = Command::Short { at: stored.key.clone(), missing };
        let facts = stock_facts(runtime, &partition.stored.order).await?;
        Ok(Wish { commands: vec![command], facts, ..Wish::default() })
    })
    .await?;
    told.map(|_| ()).map_err(|rejection| Failure::permanent(rejection.to_string()))
}
