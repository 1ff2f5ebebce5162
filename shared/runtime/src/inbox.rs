//! What providers sent about money: kept as it came, applied to the order once.

use crate::error::StepResult;
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::decide::MoneyKind;
use ordermill_domain::order::Order;
use ordermill_domain::time::Timestamp;
use ordermill_table::item::Item;
use ordermill_table::records::{InboxEntry, inbox_row, read};
use ordermill_table::{Table, commit};

/// Entries applied in one transaction at most; the rest follow by their own messages.
const APPLIED_AT_ONCE_MAX: usize = 20;
/// Rows that entries and what they pass on may write together, beside those of the order.
const ENTRY_ROWS_MAX: usize = 80;

/// How many entries one transaction takes: each is marked, and each may be told to every part that has
/// some of the order's money.
fn at_once(order: &Order) -> usize {
    let rows = order.ledger.transferred_to.len().saturating_add(1);
    ENTRY_ROWS_MAX.checked_div(rows).unwrap_or(1).clamp(1, APPLIED_AT_ONCE_MAX)
}

/// What is not applied yet, oldest first, as much as one transaction takes.
///
/// # Errors
/// A row cannot be read.
pub fn pending(order: &Order, rows: &[Item]) -> StepResult<Vec<InboxEntry>> {
    let (entries, _) = pending_before(order, rows, None)?;
    Ok(entries)
}

/// All that is not applied yet, oldest first.
///
/// # Errors
/// A row cannot be read.
pub fn unapplied(rows: &[Item]) -> StepResult<Vec<InboxEntry>> {
    let mut entries: Vec<InboxEntry> = Vec::new();
    for row in rows {
        let entry: InboxEntry = read(row)?;
        if !entry.applied {
            entries.push(entry);
        }
    }
    entries.sort_by_key(|entry| entry.received_at);
    Ok(entries)
}

/// The same of what came before a moment, and whether there is more of it than one transaction
/// takes: then nothing may be judged yet.
///
/// # Errors
/// A row cannot be read.
pub fn pending_before(
    order: &Order,
    rows: &[Item],
    before: Option<Timestamp>,
) -> StepResult<(Vec<InboxEntry>, bool)> {
    let mut entries = unapplied(rows)?;
    entries.retain(|entry| before.is_none_or(|before| entry.received_at < before));
    let most = at_once(order);
    let more = entries.len() > most;
    entries.truncate(most);
    Ok((entries, more))
}

/// The same entries, marked as applied; they may go from then on.
///
/// # Errors
/// A row cannot be written: a mistake of ours.
pub fn applied_rows(
    table: &Table,
    order: &str,
    entries: Vec<InboxEntry>,
) -> StepResult<Vec<TransactWriteItem>> {
    let rows = marks(order, entries)?;
    rows.into_iter().map(|row| Ok(commit::put_any(table, row)?)).collect()
}

/// Whether an order shows by itself that it knows of this money: what was received is a figure that
/// is only raised, so to apply it again changes nothing. Its mark need not be in the order's
/// transaction, which makes that a single put of half the cost. Whoever dies between the two leaves
/// an entry that is looked at once more.
#[must_use]
pub fn shows_in(order: &Order, entry: &InboxEntry) -> bool {
    match &entry.money.kind {
        MoneyKind::Received { currency, .. } => !order.is_closed() && *currency == order.currency,
        MoneyKind::Refunded { .. }
        | MoneyKind::RefundMade { .. }
        | MoneyKind::Authorised
        | MoneyKind::Failed { .. }
        | MoneyKind::Cancelled { .. }
        | MoneyKind::Disputed { .. }
        | MoneyKind::DisputeClosed { .. }
        | MoneyKind::Claimed { .. } => false,
    }
}

/// The rows of entries that are marked after the order was written.
///
/// # Errors
/// A row cannot be written: a mistake of ours.
pub fn marks(order: &str, entries: Vec<InboxEntry>) -> StepResult<Vec<Item>> {
    let mut rows = Vec::with_capacity(entries.len());
    for mut entry in entries {
        entry.applied = true;
        rows.push(inbox_row(order, &entry)?);
    }
    Ok(rows)
}
