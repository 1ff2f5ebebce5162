//! Recur: makes the orders of subscriptions whose dates are due, tells that they are coming, and looks
//! after those that nobody has managed to pay. The order, the row of its date and the advance of the
//! subscription are one transaction: exactly one order per occurrence.
//!
//! In: the `recur` queue, [`DuePointer`]. Out: nothing but the table.
//! Rules: `shared/domain/src/subscription.rs`, `dunning.rs`, `recurrence/`. Wiring: `main.rs`.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::decide::dunning::money_of;
use ordermill_domain::decide::{Command, decide};
use ordermill_domain::recurrence::Occurrence;
use ordermill_domain::subscription::{Due, Subscription};
use ordermill_runtime::queues::DuePointer;
use ordermill_runtime::recurring::coming;
use ordermill_runtime::step::stock_facts;
use ordermill_runtime::{Failure, Queue, Runtime, StepResult, batch};
use ordermill_table::records::{document, subscription_row};
use ordermill_table::{TableError, commit, keys};
use serde_json::json;

/// Dates that one message deals with; what is left is found by the next sweep.
const DATES_MAX: usize = 400;

/// Deals with the subscriptions of a batch, each by itself.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    batch::each(Queue::Recur, event, |pointer: DuePointer| recur(runtime, pointer)).await
}

async fn recur(runtime: &Runtime, pointer: DuePointer) -> StepResult<()> {
    let Some(id) = keys::subscription_of_partition(&pointer.pk) else {
        return Err(Failure::permanent("the message points to no subscription"));
    };
    let mut told_of = pointer.order;
    for _ in 0..DATES_MAX {
        let found: Option<Subscription> = runtime.table.document(&keys::subscription(id)).await?;
        let Some(before) = found else { return Ok(()) };
        let now = runtime.clock.now();
        let unpaid = before.dunning.as_ref().filter(|dunning| dunning.due_at <= now);
        let about = told_of.take();
        let written = match (&about, unpaid) {
            (Some(order), _) => dun(runtime, &before, order).await?,
            (None, Some(dunning)) => match dun(runtime, &before, &dunning.order).await? {
                None => date(runtime, &before).await?,
                written => written,
            },
            (None, None) => date(runtime, &before).await?,
        };
        match written {
            // The order it was told of needs nothing: something else may be due.
            None if about.is_some() => {}
            None => return Ok(()),
            // Written: look again, for the same reason.
            Some(Ok(())) => {}
            // Somebody else was there first.
            Some(Err(TableError::Moved | TableError::Cancelled(_))) => told_of = about,
            Some(Err(error)) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What became of a write.
type Written = Result<(), TableError>;

/// Looks at an order whose money has moved, or is waited for too long: the order and the subscription
/// change in one transaction. None where nothing is to be done.
async fn dun(runtime: &Runtime, before: &Subscription, id: &str) -> StepResult<Option<Written>> {
    let Some(partition) = runtime.table.order(id).await? else { return Ok(None) };
    let order = &partition.stored.order;
    if order.subscription.as_ref().is_none_or(|of| of.id != before.id) {
        return Ok(None);
    }
    let policy = runtime.policy_of(order).await?;
    let now = runtime.clock.now();
    let Some((after, act)) = before.dun(id, money_of(&policy, order), now) else {
        return Ok(None);
    };
    let facts = stock_facts(runtime, order).await?;
    let decision = decide(&policy, order, &facts, &Command::Dun(act), now)
        .map_err(|rejection| Failure::permanent(rejection.to_string()))?;
    let table = &runtime.table;
    let advance = commit::put_at_version(table, subscription_row(&after)?, before.version)?;
    let written = if decision.is_nothing() {
        table.write(vec![advance]).await
    } else {
        table.commit(&policy, Some(order), &decision, vec![advance]).await
    };
    if written.is_ok() {
        tracing::info!(subscription.id = before.id, order.id = id, act = ?act, "an unpaid order was looked at");
    }
    Ok(Some(written))
}

/// Deals with a date that is due. None where none is.
async fn date(runtime: &Runtime, before: &Subscription) -> StepResult<Option<Written>> {
    let (after, due) = before.due(runtime.clock.now());
    match due {
        Due::NotDue => Ok(None),
        // The relay sees which date was told of last.
        Due::Advance | Due::Announce(_) => {
            let row = subscription_row(&after)?;
            let advance = commit::put_at_version(&runtime.table, row, before.version)?;
            Ok(Some(runtime.table.write(vec![advance]).await))
        }
        Due::Make(occurrence) => make(runtime, before, &occurrence, after).await.map(Some),
    }
}

/// Writes the order of an occurrence together with the subscription's advance.
async fn make(
    runtime: &Runtime,
    before: &Subscription,
    occurrence: &Occurrence,
    mut after: Subscription,
) -> StepResult<Written> {
    let coming = coming(runtime, before, occurrence).await?;
    let order = &coming.decision.order;
    after.remember(order, before.next_body.is_some());
    if before.next_body.is_none() {
        after.customer_id.clone_from(&order.customer_id);
    }
    let date = occurrence.key.to_string();
    let key = keys::occurrence(&before.id, &date);
    let row = document(&key, &json!({ "order": order.id, "at": occurrence.at }))?;
    let table = &runtime.table;
    let mut extra: Vec<TransactWriteItem> =
        vec![commit::put_at_version(table, subscription_row(&after)?, before.version)?];
    extra.push(commit::put_new(table, row)?);
    extra.extend(coming.found.card_rows(runtime, &before.client, order, None)?);
    Ok(table.commit(&coming.policy, None, &coming.decision, extra).await)
}
