//! Payment: takes providers' webhooks in, and applies money to orders, once per money object.
//!
//! In: HTTP `POST /v1/payments/webhooks/{provider}` ([`webhook`]); the `payment` queue,
//! [`InboxPointer`] ([`handle`]). Out: the inbox; orders.
//! Rules: `shared/domain/src/decide/payments.rs`. Wiring: `main.rs`.

mod generic;
mod matching;
mod stripe;
mod webhook;

pub use webhook::webhook;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::decide::Command;
use ordermill_domain::decide::payments::UNMATCHED_EXCEPTION_AFTER;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_runtime::inbox::{applied_rows, marks, pending, shows_in};
use ordermill_runtime::queues::InboxPointer;
use ordermill_runtime::step::{Done, Wish, on_order, stock_facts};
use ordermill_runtime::{Failure, Queue, Runtime, StepResult, batch};
use ordermill_table::item::{Item, text};
use ordermill_table::records::{InboxEntry, read, unmatched_row};
use ordermill_table::{TableError, commit, keys};
use std::sync::{Mutex, PoisonError};

/// Applies the money of a batch, each message by itself.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    let ids: Vec<String> = event.records.iter().filter_map(|r| r.message_id.clone()).collect();
    let marks = Marks::default();
    let step = |pointer: InboxPointer| apply(runtime, pointer, &marks);
    let mut response = batch::each(Queue::Payment, event, step).await;
    let rows = marks.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Err(error) = mark(runtime, rows).await {
        // Looked at once more: the orders show it.
        let failure = Failure::from(error);
        let known: Vec<String> =
            response.batch_item_failures.iter().map(|i| i.item_identifier.clone()).collect();
        for id in ids.iter().filter(|id| !known.contains(id)) {
            batch::failed(Queue::Payment, id, &failure, &mut response);
        }
    }
    response
}

/// Rows that say of money that its order shows it: written for the whole batch in one request, once
/// the orders do.
type Marks = Mutex<Vec<Item>>;

async fn mark(runtime: &Runtime, mut rows: Vec<Item>) -> Result<(), TableError> {
    match (rows.pop(), rows.is_empty()) {
        (None, _) => Ok(()),
        (Some(only), true) => runtime.table.put_row(only).await,
        (Some(last), false) => {
            rows.push(last);
            // Two messages of a batch may have found the same money: a row stands in a request once.
            let key = |row: &Item| Some((row.get("pk")?.clone(), row.get("sk")?.clone()));
            let mut seen = Vec::with_capacity(rows.len());
            rows.retain(|row| {
                let is_new = !seen.contains(&key(row));
                seen.push(key(row));
                is_new
            });
            runtime.table.put_rows(rows).await
        }
    }
}

async fn apply(runtime: &Runtime, pointer: InboxPointer, marks: &Marks) -> StepResult<()> {
    if let Some(order) = keys::order_of_partition(&pointer.pk) {
        return match apply_pending(runtime, order, None, marks).await? {
            Done::NoOrder => disown(runtime, order, &pointer).await,
            Done::Nothing(_) | Done::Written(_) => Ok(()),
        };
    }
    if !keys::is_unmatched_partition(&pointer.pk) {
        return Err(Failure::permanent("the message points to no money"));
    }
    let key = keys::unmatched_of_partition(&pointer.pk);
    let Some(row) = runtime.table.get(&key).await? else { return Ok(()) };
    let entry: InboxEntry = read(&row)?;
    if entry.applied {
        return Ok(());
    }
    match matching::find_order(runtime, &entry, true).await? {
        Some(order) => match apply_pending(runtime, &order, Some(&entry), marks).await? {
            Done::NoOrder => look_again(runtime, &entry, &row).await,
            Done::Nothing(_) | Done::Written(_) => Ok(()),
        },
        None => look_again(runtime, &entry, &row).await,
    }
}

/// The order was deleted: what comes for it all the same is money without an order, for a person. Each
/// message moves the row that it names.
async fn disown(runtime: &Runtime, order: &str, pointer: &InboxPointer) -> StepResult<()> {
    let table = &runtime.table;
    let rows = table.partition(&pointer.pk, &pointer.sk, None, 1).await?;
    let Some(row) = rows.first().filter(|row| text(row, "sk").is_ok_and(|sk| sk == pointer.sk))
    else {
        return Ok(());
    };
    let entry: InboxEntry = read(row)?;
    if entry.applied {
        return Ok(());
    }
    let due = next_look(entry.received_at, runtime.clock.now());
    let there = keys::inbox(order, &entry.provider, &entry.event_id);
    // Each on condition: whoever was quicker has moved it, and a person may have assigned it since.
    let moves = vec![
        commit::put_new(table, unmatched_row(&entry, Some(due))?)?,
        commit::delete_there(table, &there)?,
    ];
    match table.write(moves).await {
        Ok(()) => {
            tracing::warn!(order.id = order, "money came for an order that was deleted");
            Ok(())
        }
        Err(TableError::Moved | TableError::Cancelled(_)) => {
            let known = table.get(&keys::unmatched(&entry.provider, &entry.event_id)).await?;
            match known {
                // The provider has told it again, after it had been moved.
                Some(_) => Ok(table.delete(&there).await?),
                None => Err(Failure::retryable("money of a deleted order is being moved")),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Applies what the order's inbox holds, and an entry that has only now found its order.
async fn apply_pending(
    runtime: &Runtime,
    order: &str,
    found: Option<&InboxEntry>,
    to_mark: &Marks,
) -> StepResult<Done> {
    let shown = Marks::default();
    let later = &shown;
    let done = on_order(runtime, order, |partition, _| async move {
        let entries = pending(&partition.stored.order, &partition.inbox)?;
        let found = match found {
            Some(entry) => still_unmatched(runtime, entry).await?,
            None => None,
        };
        let all = entries.iter().chain(found.as_ref().map(|(entry, _)| entry));
        let commands: Vec<Command> = all.map(|e| Command::Money(e.money.clone())).collect();
        later.lock().unwrap_or_else(PoisonError::into_inner).clear();
        if commands.is_empty() {
            return Ok(Wish::default());
        }
        let order = &partition.stored.order;
        // Only a closed order can need stock for money: it may come to life again.
        let facts = if order.is_closed() {
            stock_facts(runtime, order).await?
        } else {
            ordermill_domain::decide::Facts::default()
        };
        let (shown, others): (Vec<_>, Vec<_>) =
            entries.into_iter().partition(|entry| shows_in(order, entry));
        *later.lock().unwrap_or_else(PoisonError::into_inner) = marks(&order.id, shown)?;
        let mut extra = applied_rows(&runtime.table, &order.id, others)?;
        if let Some((mut entry, row)) = found {
            entry.applied = true;
            // On condition that nobody has assigned it meanwhile: it counts for one order.
            extra.push(commit::put_over(&runtime.table, unmatched_row(&entry, None)?, &row)?);
        }
        Ok(Wish { commands, facts, extra, extra_always: true, ..Wish::default() })
    });
    let done = done.await?.map_err(|rejection| Failure::permanent(rejection.to_string()))?;
    // Only now that the order shows it.
    let shown = shown.into_inner().unwrap_or_else(PoisonError::into_inner);
    to_mark.lock().unwrap_or_else(PoisonError::into_inner).extend(shown);
    Ok(done)
}

/// The money as it is now, with its row; none once it belongs to an order.
async fn still_unmatched(
    runtime: &Runtime,
    entry: &InboxEntry,
) -> StepResult<Option<(InboxEntry, Item)>> {
    let key = keys::unmatched(&entry.provider, &entry.event_id);
    let Some(row) = runtime.table.get(&key).await? else { return Ok(None) };
    let entry: InboxEntry = read(&row)?;
    Ok((!entry.applied).then_some((entry, row)))
}

/// When money without an order is looked at again: soon at first, then daily until a person has
/// assigned it. A new order wakes it in any case.
#[must_use]
pub fn next_look(received_at: Timestamp, now: Timestamp) -> Timestamp {
    let waited = Seconds(now.seconds().saturating_sub(received_at.seconds()));
    if waited < UNMATCHED_EXCEPTION_AFTER {
        now.plus(Seconds::minutes(5))
    } else {
        now.plus(Seconds::days(1))
    }
}

async fn look_again(runtime: &Runtime, entry: &InboxEntry, before: &Item) -> StepResult<()> {
    let now = runtime.clock.now();
    if now >= entry.received_at.plus(UNMATCHED_EXCEPTION_AFTER) {
        tracing::error!(
            provider = entry.provider,
            payment.reference = entry.money.reference,
            "money without an order waits for a person: see GET /v1/payments?unmatched=true"
        );
    }
    let row = unmatched_row(entry, Some(next_look(entry.received_at, now)))?;
    match runtime.table.write(vec![commit::put_over(&runtime.table, row, before)?]).await {
        // Somebody has assigned it, or put it off, meanwhile.
        Ok(()) | Err(TableError::Moved) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
