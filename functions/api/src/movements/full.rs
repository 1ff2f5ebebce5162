//! Movements whose stock lines alone fill a transaction: fifty transfers of fifty articles.
//!
//! The key's row does not fit beside them. Instead one of the lines is marked with the key, on
//! condition that it is as it was read before the key's row was looked for; the key's row is put
//! afterwards, and the mark goes. So a repeat finds the key's row, or the mark, or a line that is
//! not as it was; and whoever dies between is finished by the repeat.

use super::{Once, Written};
use crate::Call;
use crate::once::key_reused;
use aws_sdk_dynamodb::types::AttributeValue;
use ordermill_domain::stock::{StockChanges, StockKey, StockView};
use ordermill_runtime::http::ErrorAnswer;
use ordermill_table::item::Item;
use ordermill_table::rows::stock::{mark_action, marks_of, unmark_action};
use ordermill_table::{TableError, keys};
use serde_json::Value;

/// What is written beside the stock lines, later.
pub(super) struct Beside {
    /// The rows of the movements.
    pub rows: Vec<Item>,
    /// What is answered, and kept under the key.
    pub answer: Value,
}

/// Writes the lines, then the rows beside them.
pub(super) async fn write(
    call: &Call<'_>,
    once: &Once,
    view: &StockView,
    mut change: StockChanges,
    beside: Beside,
) -> Result<Written, ErrorAnswer> {
    let table = &call.runtime.table;
    let Some(at) = change.lines.keys().next().cloned() else { return Ok(Written::Again) };
    // The order of these reads matters: first the line, then the key's row.
    let row = table.get(&keys::stock(&at.sku, &at.warehouse)).await?.unwrap_or_default();
    let mark = format!("{} {}", once.digest(), once.body_hash);
    let marks = marks_of(&row);
    if marks.contains(&mark) {
        return finish(call, once, &at, &mark, beside).await;
    }
    if marks.iter().any(|other| other.starts_with(&format!("{} ", once.digest()))) {
        return Err(key_reused());
    }
    if once.known(call).await?.is_some() {
        return Ok(Written::Again);
    }
    let read = ordermill_table::item::number(&row, "v")?;
    if let Some(line) = change.lines.get_mut(&at) {
        let planned = view.lines.get(&at).map(|line| line.version);
        if planned != Some(read) {
            return Ok(Written::Again);
        }
        line.at_version = planned;
    }
    let mut actions = table.stock_actions(&change, call.runtime.clock.now());
    if let Some(action) = actions.first_mut() {
        mark_action(action, &mark);
    }
    match table.write(actions).await {
        Ok(()) => finish(call, once, &at, &mark, beside).await,
        Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
            Ok(Written::Again)
        }
        Err(error) => Err(error.into()),
    }
}

/// The lines are written: what stands beside them follows.
async fn finish(
    call: &Call<'_>,
    once: &Once,
    at: &StockKey,
    mark: &str,
    beside: Beside,
) -> Result<Written, ErrorAnswer> {
    let table = &call.runtime.table;
    table.put_rows(beside.rows).await?;
    if !table.put_row_once(once.row(call, "", Some(beside.answer.clone()))?).await? {
        // An equal request has finished it; its answer stands.
        return Ok(Written::Again);
    }
    let mark = AttributeValue::Ss(vec![mark.to_owned()]);
    table.write(vec![unmark_action(table.name(), at, mark)]).await?;
    call.runtime.forget_settings();
    Ok(Written::Done(beside.answer))
}
