//! A message that failed, whoever found out: the sender at once, the provider's feedback later, or
//! nobody (a text message whose sender died). One transaction says it on the message's row, on the
//! order, and in what is known about reaching the customer.

use crate::Runtime;
use crate::error::{Failure, StepResult};
use crate::step::{MOVED_ROUNDS_MAX, Wish, on_order};
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::decide::erase::is_erased;
use ordermill_domain::decide::{Command, FailedNotice, NextWay};
use ordermill_domain::order::{Event, EventKind, Order};
use ordermill_domain::reach::{self, Channel, FailedAddress, Reach};
use ordermill_domain::subscription::Subscription;
use ordermill_domain::time::Timestamp;
use ordermill_table::item::Item;
use ordermill_table::keys::{self, NoticeKey};
use ordermill_table::records::{NoticeState, Notification, document, notification_row, read};
use ordermill_table::{Table, TableError, commit};
use serde_json::Value;

/// What became of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// `bounced`, `complained`, `refused`, `unsendable`, `unclear`.
    pub code: String,
    /// What that means.
    pub meaning: Meaning,
}

/// What it means that a message failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// The address does not work: this message and the next ones go another way.
    AddressFails,
    /// This message did not arrive; the next one may.
    MessageFails,
    /// It arrived and was not wanted: the next ones go another way.
    Unwanted,
    /// Nobody knows whether it arrived.
    Unclear,
}

/// What is known about reaching a customer.
///
/// # Errors
/// The table cannot be reached.
pub async fn known_reach(table: &Table, customer: &str) -> StepResult<(Reach, Option<Item>)> {
    if customer.is_empty() {
        return Ok((Reach::default(), None));
    }
    let row = table.get(&keys::reach(customer)).await?;
    let known = row.as_ref().map(read).transpose()?.unwrap_or_default();
    Ok((known, row))
}

/// The event that first owed what a later event owes again because a message failed.
#[must_use]
pub fn first_owed(event: &Event) -> u64 {
    let of = event.data.get("of").and_then(Value::as_u64);
    of.filter(|_| event.kind == EventKind::NoticeFailed).unwrap_or(event.version)
}

/// Says that a message failed. Twice is once: a message has one end.
///
/// # Errors
/// The surroundings do not let it.
pub async fn message_failed(
    runtime: &Runtime,
    notice: &NoticeKey,
    outcome: &Outcome,
) -> StepResult<()> {
    if notice.version == 0 {
        return failed_ahead(runtime, notice, outcome).await;
    }
    let done = on_order(runtime, &notice.order, |partition, _| async move {
        let order = &partition.stored.order;
        let Some(before) = runtime.table.get(&notice.key()).await? else {
            return Ok(Wish::default());
        };
        let mut message: Notification = read(&before)?;
        if message.state.is_final() {
            return Ok(Wish::default());
        }
        end(&mut message, outcome, runtime.clock.now());
        let row = notification_row(notice, &message)?;
        let mut extra = vec![commit::put_over(&runtime.table, row, &before)?];
        if message.audience != "customer" {
            // The house's own address: an event on the order would tell it to the same address.
            tracing::error!(order.id = notice.order, code = outcome.code, "staff are not reached");
            return Ok(Wish { extra, extra_always: true, ..Wish::default() });
        }
        if is_erased(order) {
            // Nobody is to know any more whose address it was, nor is there anybody to tell.
            return Ok(Wish { extra, extra_always: true, ..Wish::default() });
        }
        let (mut known, row) = known_reach(&runtime.table, &order.customer_id).await?;
        let customer = &order.customer_id;
        if let Some(action) =
            remember(runtime, customer, notice, outcome, &mut known, row.as_ref())?
        {
            extra.push(action);
        }
        let of = event_of(runtime, order, notice.version).await?;
        let channel = channel_of(notice)?;
        let next = next_way(order, notice, outcome.meaning, &known);
        let code = outcome.code.clone();
        let failed = FailedNotice { of, template: notice.template.clone(), channel, code, next };
        Ok(Wish { commands: vec![Command::NoticeFailed(failed)], extra, ..Wish::default() })
    });
    done.await?.map_err(|rejection| Failure::permanent(rejection.to_string()))?;
    Ok(())
}

/// A message about an order that is not made yet: there is no order to say it on. The row says it, an
/// address that fails is remembered of the subscription's customer, and the order itself will be told
/// of by the way that is open then.
async fn failed_ahead(runtime: &Runtime, notice: &NoticeKey, outcome: &Outcome) -> StepResult<()> {
    let table = &runtime.table;
    for round in 0..MOVED_ROUNDS_MAX {
        let Some(before) = table.get(&notice.key()).await? else { return Ok(()) };
        let mut message: Notification = read(&before)?;
        if message.state.is_final() {
            return Ok(());
        }
        end(&mut message, outcome, runtime.clock.now());
        let mut rows = vec![commit::put_over(table, notification_row(notice, &message)?, &before)?];
        let customer = customer_ahead(table, &message).await?;
        let (mut known, row) = known_reach(table, &customer).await?;
        rows.extend(remember(runtime, &customer, notice, outcome, &mut known, row.as_ref())?);
        match table.write(rows).await {
            Ok(()) => {
                let code = outcome.code.as_str();
                tracing::warn!(order.id = notice.order, code, "a notice did not arrive");
                return Ok(());
            }
            Err(TableError::Moved | TableError::Cancelled(_)) => runtime.pause(round).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(Failure::retryable("the message changes faster than its end can be written"))
}

/// Whom a message about an order that is not made yet was for; empty where the subscription is gone, or
/// has forgotten its customer.
async fn customer_ahead(table: &Table, message: &Notification) -> StepResult<String> {
    let Some(ahead) = &message.ahead else { return Ok(String::new()) };
    let key = keys::subscription(&ahead.subscription);
    let found: Option<Subscription> = table.document(&key).await?;
    let known = found.filter(|subscription| subscription.erased_at.is_none());
    Ok(known.map(|subscription| subscription.customer_id).unwrap_or_default())
}

/// The message has come to its end.
fn end(message: &mut Notification, outcome: &Outcome, now: Timestamp) {
    message.state = match outcome.meaning {
        Meaning::AddressFails | Meaning::MessageFails | Meaning::Unwanted => NoticeState::Failed,
        Meaning::Unclear => NoticeState::Unclear,
    };
    message.code = Some(outcome.code.clone());
    message.until = None;
    message.at = now;
}

fn channel_of(notice: &NoticeKey) -> StepResult<Channel> {
    Channel::parse(&notice.channel)
        .ok_or_else(|| Failure::permanent(format!("there is no channel {}", notice.channel)))
}

/// The row that remembers an address that fails.
fn remember(
    runtime: &Runtime,
    customer: &str,
    notice: &NoticeKey,
    outcome: &Outcome,
    known: &mut Reach,
    row: Option<&Item>,
) -> StepResult<Option<TransactWriteItem>> {
    let lasting = match outcome.meaning {
        Meaning::AddressFails | Meaning::Unwanted => true,
        Meaning::MessageFails | Meaning::Unclear => false,
    };
    if !lasting || customer.is_empty() {
        return Ok(None);
    }
    known.fail(FailedAddress {
        channel: channel_of(notice)?,
        who: notice.who.clone(),
        code: outcome.code.clone(),
        at: runtime.clock.now(),
    });
    let after = document(&keys::reach(customer), known)?;
    let action = match row {
        Some(before) => commit::put_over(&runtime.table, after, before)?,
        None => commit::put_new(&runtime.table, after)?,
    };
    Ok(Some(action))
}

/// What follows for the customer.
fn next_way(order: &Order, notice: &NoticeKey, meaning: Meaning, known: &Reach) -> NextWay {
    let everywhere = reach::goes_everywhere(&notice.template);
    match meaning {
        Meaning::AddressFails | Meaning::Unwanted if !reach::is_reachable(&order.placed, known) => {
            NextWay::NobodyLeft
        }
        Meaning::AddressFails if !everywhere => NextWay::OtherChannel,
        // It arrived, went everywhere, may have arrived, or the provider has tried it for long and
        // the address is as good as before: staff see it.
        Meaning::AddressFails | Meaning::Unwanted | Meaning::MessageFails | Meaning::Unclear => {
            NextWay::Nothing
        }
    }
}

/// The version of the event that first owed this message.
async fn event_of(runtime: &Runtime, order: &Order, version: u64) -> StepResult<u64> {
    if let Some(event) = order.recent_events.iter().find(|e| e.version == version) {
        return Ok(first_owed(event));
    }
    let event = runtime.table.event(&order.id, version).await?;
    Ok(event.as_ref().map_or(version, first_owed))
}
