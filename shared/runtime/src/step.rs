//! The body every step shares: load the order → decide (pure) → one write, and from the start
//! again when the order was not as it was read.

use crate::Runtime;
use crate::error::{Failure, StepResult};
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::decide::{Command, Decision, Facts, Rejection, decide_all};
use ordermill_domain::order::Order;
use ordermill_domain::policy::Policy;
use ordermill_table::TableError;
use ordermill_table::item::Item;
use ordermill_table::read::OrderPartition;
use std::future::Future;
use std::sync::Arc;

/// How often a step reads and decides again because somebody else was there first.
pub const MOVED_ROUNDS_MAX: usize = 12;

/// What a step wants to do with an order it has loaded.
#[derive(Default)]
pub struct Wish {
    /// What is asked of the order, in this order.
    pub commands: Vec<Command>,
    /// What the commands need to know.
    pub facts: Facts,
    /// Rows that must agree with the order.
    pub extra: Vec<TransactWriteItem>,
    /// Write the extra rows even where the order does not change.
    pub extra_always: bool,
    /// Rows that only say what the order shows by itself; put once it does.
    pub afterwards: Vec<Item>,
}

/// What a step did.
#[derive(Debug)]
pub enum Done {
    /// There is no such order.
    NoOrder,
    /// Nothing was to be done.
    Nothing(Box<Order>),
    /// It was written.
    Written(Box<Decision>),
}

/// Loads an order, asks what to do with it, decides and writes, all over again while somebody
/// else is quicker.
///
/// # Errors
/// The inner error is the order's "no"; the outer one the surroundings' fault.
pub async fn on_order<W, Fut>(
    runtime: &Runtime,
    order_id: &str,
    wish: W,
) -> StepResult<Result<Done, Rejection>>
where
    W: Fn(Arc<OrderPartition>, Arc<Policy>) -> Fut,
    Fut: Future<Output = StepResult<Wish>>,
{
    for round in 0..MOVED_ROUNDS_MAX {
        let Some(partition) = runtime.table.order(order_id).await? else {
            return Ok(Ok(Done::NoOrder));
        };
        let partition = Arc::new(partition);
        let order = &partition.stored.order;
        let policy = runtime.policy_of(order).await?;
        let wish = wish(partition.clone(), policy.clone()).await?;
        let now = runtime.clock.now();
        let decision = match decide_all(&policy, order, &wish.facts, &wish.commands, now) {
            Ok(decision) => decision,
            Err(rejection) => return Ok(Err(rejection)),
        };
        if decision.is_nothing() {
            if wish.extra_always && !wish.extra.is_empty() {
                runtime.table.write(wish.extra).await?;
            }
            put_each(runtime, wish.afterwards).await?;
            return Ok(Ok(Done::Nothing(Box::new(decision.order))));
        }
        match runtime.table.commit(&policy, Some(order), &decision, wish.extra).await {
            Ok(()) => {
                log_written(&decision.order);
                put_each(runtime, wish.afterwards).await?;
                return Ok(Ok(Done::Written(Box::new(decision))));
            }
            Err(TableError::Moved | TableError::Cancelled(_)) => {
                runtime.pause(round).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::retryable("the order changes faster than this step can decide"))
}

async fn put_each(runtime: &Runtime, rows: Vec<Item>) -> StepResult<()> {
    for row in rows {
        runtime.table.put_row(row).await?;
    }
    Ok(())
}

/// The one line a step logs when it has written an order; by these lines its way can be followed.
pub fn log_written(order: &Order) {
    tracing::info!(
        order.id = order.id,
        order.status = %order.status,
        order.version = order.version,
        trace.id = crate::trace::id(&order.id),
        "the order was written"
    );
}

/// The facts about stock that a command on this order may need: its SKUs' lines and anchors.
///
/// # Errors
/// The table cannot be reached.
pub async fn stock_facts(runtime: &Runtime, order: &Order) -> StepResult<Facts> {
    let ranks = runtime.ranks().await?;
    let stock = runtime.table.stock_view(&order.skus(), ranks).await?;
    Ok(Facts { stock, ..Facts::default() })
}
