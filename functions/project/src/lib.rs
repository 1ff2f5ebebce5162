//! Project: the only builder of derived rows. Puts the events of a batch's writes of an order into
//! its history, one row an order and batch, keyed by its newest and oldest version. The stream is
//! read some seconds behind, so that an order's quick steps share a row.
//!
//! A repeat in other batches makes other rows, and none of them takes the place of one that was
//! written before, whose key says what it holds. So every event stays in some row, some perhaps in
//! several; who reads a history puts them in order and leaves out what it has seen.
//!
//! In: the table's stream, rows of [`ordermill_table::keys::PROJECT_KINDS`]. Out: history rows.
//! Rules: none. Wiring: `main.rs`.

use aws_lambda_events::event::dynamodb::Event as StreamEvent;
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use ordermill_domain::order::{Event, EventKind};
use ordermill_runtime::records::{image, kind};
use ordermill_runtime::{Runtime, StepResult};
use ordermill_table::TableError;
use ordermill_table::item::{Item, number_or_default, s};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::document;
use ordermill_table::rows::order::{HeaderEvents, header_events};
use std::collections::BTreeMap;

/// Builds the rows of a batch of records. On a failure the batch is delivered again.
pub async fn handle(runtime: &Runtime, event: StreamEvent) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    let first = event.records.first().and_then(|r| r.change.sequence_number.clone());
    let mut orders: BTreeMap<String, HeaderEvents> = BTreeMap::new();
    for record in &event.records {
        let sequence = record.change.sequence_number.clone().unwrap_or_default();
        if let Err(error) = collect(record, &mut orders) {
            tracing::error!(stream.sequence = sequence, reason = %error, "a stream record cannot be read");
        }
    }
    if let Err(error) = put(runtime, orders.values()).await {
        tracing::warn!(reason = %error, "a batch of the stream goes back");
        let mut item = DynamoDbBatchItemFailure::default();
        item.item_identifier = first;
        response.batch_item_failures.push(item);
    }
    response
}

async fn put(
    runtime: &Runtime,
    orders: impl Iterator<Item = &HeaderEvents>,
) -> Result<(), TableError> {
    let mut rows = Vec::new();
    for header in orders {
        rows.extend(history_row(header, 0)?);
    }
    runtime.table.put_rows(rows).await
}

/// Adds what a write of an order has told, to what the writes before it in the batch have.
fn collect(
    record: &aws_lambda_events::event::dynamodb::EventRecord,
    orders: &mut BTreeMap<String, HeaderEvents>,
) -> Result<(), TableError> {
    let Some(new) = image(&record.change.new_image)? else { return Ok(()) };
    if kind(&new) != Some(RowKind::Order.name()) {
        return Ok(());
    }
    let old = image(&record.change.old_image)?;
    let before: u64 = old.as_ref().map_or(Ok(0), |o| number_or_default(o, "v"))?;
    let mut header = header_events(&new)?;
    header.events.retain(|event| event.version > before);
    match orders.get_mut(&header.id) {
        Some(known) => {
            let newest = known.events.last().map_or(0, |event| event.version);
            known.events.extend(header.events.into_iter().filter(|e| e.version > newest));
        }
        None => {
            orders.insert(header.id.clone(), header);
        }
    }
    Ok(())
}

/// The history row of the events after a version. The first also names the order's number.
///
/// # Errors
/// A row cannot be written: a mistake of ours.
pub fn history_row(header: &HeaderEvents, after: u64) -> Result<Option<Item>, TableError> {
    let events: Vec<&Event> = header.events.iter().filter(|e| e.version > after).collect();
    let Some((oldest, newest)) = events.first().zip(events.last()) else { return Ok(None) };
    let key = keys::history(&header.id, oldest.version, newest.version);
    let mut row = document(&key, &events)?;
    if events.iter().any(|event| event.kind == EventKind::OrderReceived) {
        row.insert("op".to_owned(), s(keys::owner_number(&header.number)));
        row.insert("oc".to_owned(), s(&header.id));
    }
    Ok(Some(row))
}

/// Writes what the history misses after a version; says how many events. For `repair`.
///
/// # Errors
/// The table cannot be reached.
pub async fn repair(runtime: &Runtime, header: &HeaderEvents, after: u64) -> StepResult<usize> {
    let rows = history_row(header, after)?.into_iter().collect();
    runtime.table.put_rows(rows).await?;
    Ok(header.events.iter().filter(|event| event.version > after).count())
}
