//! Timeout: judges what is due of an order, on a strongly consistent read. Money that came before
//! the moment is applied first, so a late payment and a limit have exactly one winner. What is due of a
//! customer is their erasure.
//!
//! In: the `timeout` queue, [`DuePointer`]. Out: nothing but the table.
//! Rules: `shared/domain/src/decide/limits.rs`, `erase.rs`. Wiring: `main.rs`.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::decide::limits::{due_at, moves_at};
use ordermill_domain::decide::{Command, Facts};
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::policy::Outcome;
use ordermill_runtime::inbox::{applied_rows, pending_before};
use ordermill_runtime::queues::DuePointer;
use ordermill_runtime::step::{Wish, on_order, stock_facts};
use ordermill_runtime::{Failure, Queue, Runtime, StepResult, batch, erasing};
use ordermill_table::keys;

/// Judges the orders of a batch, each by itself.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    batch::each(Queue::Timeout, event, |pointer: DuePointer| judge(runtime, pointer)).await
}

async fn judge(runtime: &Runtime, pointer: DuePointer) -> StepResult<()> {
    if let Some(customer) = keys::customer_of_partition(&pointer.pk) {
        return erasing::go_on(runtime, customer).await;
    }
    let Some(id) = keys::order_of_partition(&pointer.pk) else {
        return Err(Failure::permanent("the message points to no order"));
    };
    on_order(runtime, id, |partition, policy| async move {
        let order = &partition.stored.order;
        let due = due_at(&policy, order).filter(|due| *due <= runtime.clock.now());
        if due.is_none() {
            return Ok(Wish::default());
        }
        // What came before the status' limit runs out counts, though something else of the order
        // was due earlier.
        let (entries, more) = pending_before(order, &partition.inbox, moves_at(&policy, order))?;
        let mut commands: Vec<Command> =
            entries.iter().map(|entry| Command::Money(entry.money.clone())).collect();
        // Money that came in time and is not applied yet goes before the limit: what is due is sent
        // here again by the sweep.
        if !more {
            commands.push(Command::Judge);
        }
        // Only who may be called has a daytime that matters.
        let calls = policy.status(&order.status).is_some_and(|status| {
            status.limit.iter().any(|rung| matches!(rung.outcome, Outcome::Call))
        });
        let seller_zone = if calls { Some(runtime.settings().await?.time_zone) } else { None };
        let version = order.version.to_string();
        let cause = [order.id.as_str(), "split", &version];
        let part_id = ids::derive(IdKind::Order, &runtime.config.seller, &cause);
        let facts = Facts { part_id, seller_zone, ..stock_facts(runtime, order).await? };
        let extra = applied_rows(&runtime.table, id, entries)?;
        Ok(Wish { commands, facts, extra_always: !extra.is_empty(), extra, ..Wish::default() })
    })
    .await?
    .map_err(|rejection| Failure::permanent(rejection.to_string()))?;
    Ok(())
}
