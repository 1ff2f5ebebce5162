//! Movements whose stock lines alone fill a transaction: fifty transfers of fifty articles.
//!
//! The key's row does not fit beside them. Instead the first of the lines is marked with the key and the
//! moment, on condition that it is as it was read before the key's row was looked for; the key's row is
//! put afterwards, and the mark goes. So a repeat finds the key's row, or the mark, or a line that is
//! not as it was; and whoever dies between is finished by the repeat, which looks for the mark before it
//! asks whether the stock would do for the movements once more.

use super::{Once, TRANSACTION_ROWS_MAX, Written, rows, touched};
use crate::Call;
use crate::once::key_reused;
use aws_sdk_dynamodb::types::AttributeValue;
use ordermill_domain::intake::Movement;
use ordermill_domain::stock::{StockChanges, StockKey, StockView};
use ordermill_domain::time::Timestamp;
use ordermill_runtime::http::ErrorAnswer;
use ordermill_table::rows::stock::{mark_action, marks_of, unmark_action};
use ordermill_table::{TableError, keys};
use serde_json::Value;
use std::collections::BTreeSet;

/// What a line is marked with: which request, and when it was made.
struct Mark {
    /// The line.
    at: StockKey,
    /// As it stands in the row.
    text: String,
    /// When the movements were made.
    made_at: Timestamp,
}

/// What this request is answered, where an earlier attempt at it has written the stock lines and died
/// before the rest.
pub(super) async fn finished(
    call: &Call<'_>,
    once: &Once,
    movements: &[Movement],
) -> Result<Option<Value>, ErrorAnswer> {
    let places: BTreeSet<StockKey> = movements.iter().flat_map(touched).collect();
    if places.len() < TRANSACTION_ROWS_MAX {
        return Ok(None);
    }
    let Some(at) = places.into_iter().next() else { return Ok(None) };
    let row = call.runtime.table.get(&keys::stock(&at.sku, &at.warehouse)).await?;
    match mark(once, at, &marks_of(&row.unwrap_or_default()))? {
        Some(mark) => finish(call, once, movements, &mark).await.map(Some),
        None => Ok(None),
    }
}

/// Writes the lines, then the rows beside them.
pub(super) async fn write(
    call: &Call<'_>,
    once: &Once,
    movements: &[Movement],
    view: &StockView,
    mut change: StockChanges,
) -> Result<Written, ErrorAnswer> {
    let table = &call.runtime.table;
    let Some(at) = change.lines.keys().next().cloned() else { return Ok(Written::Again) };
    // The order of these reads matters: first the line, then the key's row.
    let row = table.get(&keys::stock(&at.sku, &at.warehouse)).await?.unwrap_or_default();
    if mark(once, at.clone(), &marks_of(&row))?.is_some() || once.known(call).await?.is_some() {
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
    let made_at = call.runtime.clock.now();
    let text = format!("{} {} {}", once.digest(), once.body_hash, made_at.milliseconds());
    let mut actions = table.stock_actions(&change, made_at);
    if let Some(action) = actions.first_mut() {
        mark_action(action, &text);
    }
    match table.write(actions).await {
        Ok(()) => {
            finish(call, once, movements, &Mark { at, text, made_at }).await.map(Written::Done)
        }
        Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
            Ok(Written::Again)
        }
        Err(error) => Err(error.into()),
    }
}

/// The mark of this request among those of a line.
///
/// # Errors
/// 422 where its key was used with another body.
fn mark(once: &Once, at: StockKey, marks: &[String]) -> Result<Option<Mark>, ErrorAnswer> {
    for text in marks {
        let mut words = text.split(' ');
        if words.next() != Some(once.digest()) {
            continue;
        }
        if words.next() != Some(once.body_hash.as_str()) {
            return Err(key_reused());
        }
        let made_at = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
        let made_at = Timestamp::from_milliseconds(made_at);
        return Ok(Some(Mark { at, text: text.clone(), made_at }));
    }
    Ok(None)
}

/// The lines are written: what stands beside them follows. Whoever else has finished it has put the same.
async fn finish(
    call: &Call<'_>,
    once: &Once,
    movements: &[Movement],
    mark: &Mark,
) -> Result<Value, ErrorAnswer> {
    let table = &call.runtime.table;
    let (rows, answer) = rows(call, once, movements, mark.made_at)?;
    table.put_rows(rows).await?;
    table.put_row_once(once.row(call, "", Some(answer.clone()))?).await?;
    let text = AttributeValue::Ss(vec![mark.text.clone()]);
    table.write(vec![unmark_action(table.name(), &mark.at, text)]).await?;
    call.runtime.forget_settings();
    Ok(answer)
}
