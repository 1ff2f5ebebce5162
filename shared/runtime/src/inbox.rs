//! What providers sent about money: kept as it came, applied to the order once.

use crate::error::StepResult;
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_table::item::Item;
use ordermill_table::records::{InboxEntry, inbox_row, read};
use ordermill_table::{Table, commit};

/// Entries applied in one transaction at most; the rest follow by their own messages.
const APPLIED_AT_ONCE_MAX: usize = 20;

/// What is not applied yet, oldest first.
///
/// # Errors
/// A row cannot be read.
pub fn pending(rows: &[Item]) -> StepResult<Vec<InboxEntry>> {
    let mut entries: Vec<InboxEntry> = Vec::new();
    for row in rows {
        let entry: InboxEntry = read(row)?;
        if !entry.applied {
            entries.push(entry);
        }
    }
    entries.sort_by_key(|entry| entry.received_at);
    entries.truncate(APPLIED_AT_ONCE_MAX);
    Ok(entries)
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
    let mut rows = Vec::with_capacity(entries.len());
    for mut entry in entries {
        entry.applied = true;
        rows.push(commit::put_any(table, inbox_row(order, &entry)?)?);
    }
    Ok(rows)
}
