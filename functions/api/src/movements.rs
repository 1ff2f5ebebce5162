//! What people do to stock: `POST /v1/stock/movements`, all or nothing.
//!
//! Stock, the movements' rows and the key's row change in one transaction. Where that would be
//! more rows than a transaction holds, new stock lines are made empty beforehand (which changes
//! no figure), and the movements' own rows are put afterwards: the key's row has them all. Where
//! the stock lines alone fill it, see `movements/full.rs`.

mod full;

use crate::once::Once;
use crate::{Call, Reply, too_busy};
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::intake::{Movement, MovementKind, Problem, Product, parse_movements};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::movement::changes;
use ordermill_domain::stock::{StockKey, StockView};
use ordermill_domain::time::Timestamp;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::placing::quantity_problem;
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_table::item::Item;
use ordermill_table::keys::{self, Key};
use ordermill_table::records::{Claimed, Warehouse, document, read};
use ordermill_table::{TableError, commit};
use ordermill_views::stock::MovementView;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of one transaction (the table's published limit).
const TRANSACTION_ROWS_MAX: usize = 100;
/// Empty stock lines made at once: each touches its line, its SKU's anchor, and its warehouse.
const NEW_LINES_AT_ONCE: usize = 30;

/// `POST /v1/stock/movements`.
pub(crate) async fn make(call: &Call<'_>) -> Reply {
    let body = call.request.json_object()?;
    let once = Once::new(call, "movements", &body)?;
    let known = once.known(call).await?;
    let movements = parse_movements(&body).map_err(ErrorAnswer::invalid)?;
    if let Some(known) = known {
        finish_rows(call, &once, &movements, &known).await?;
        return Ok(repeated(known, 200));
    }
    if let Some(answer) = full::finished(call, &once, &movements).await? {
        return Ok(Answer::json(if once.is_keyed { 200 } else { 201 }, answer));
    }
    known_skus(call, &movements).await?;
    for round in 0..MOVED_ROUNDS_MAX {
        match write(call, &once, &movements).await? {
            Written::Done(answer) => {
                tracing::info!(stock.movements = movements.len(), "stock was moved by hand");
                return Ok(Answer::json(201, answer));
            }
            Written::Again => {}
        }
        // Perhaps it was written after all, or an equal request was quicker.
        if let Some(known) = once.known(call).await? {
            finish_rows(call, &once, &movements, &known).await?;
            return Ok(repeated(known, if once.is_keyed { 200 } else { 201 }));
        }
        if let Some(answer) = full::finished(call, &once, &movements).await? {
            return Ok(Answer::json(if once.is_keyed { 200 } else { 201 }, answer));
        }
        call.runtime.pause(round).await;
    }
    Err(too_busy())
}

fn repeated(known: Claimed, status: u16) -> Answer {
    Answer::json(status, known.answer.unwrap_or_default())
}

/// Movements beyond this many, each with two stock lines, an anchor and a new warehouse, may have rows of
/// their own that did not fit beside the key's row: whoever wrote that may have died before them.
const SURELY_FIT_MAX: usize = 19;

/// The movements' own rows, as of the request that was answered so. Whoever has them already puts the
/// same rows.
async fn finish_rows(
    call: &Call<'_>,
    once: &Once,
    movements: &[Movement],
    known: &Claimed,
) -> Result<(), ErrorAnswer> {
    let answer = known.answer.as_ref();
    let first = answer.and_then(|answer| answer.pointer("/movements/0/at")).and_then(Value::as_str);
    let Some(at) = first.and_then(|at| Timestamp::parse(at).ok()) else { return Ok(()) };
    if movements.len() > SURELY_FIT_MAX {
        let (rows, _) = rows(call, once, movements, at)?;
        call.runtime.table.put_rows(rows).await?;
    }
    Ok(())
}

/// A SKU that the catalogue does not have is a typing mistake more often than not, and so is a
/// quantity finer than the article's unit.
async fn known_skus(call: &Call<'_>, movements: &[Movement]) -> Result<(), ErrorAnswer> {
    let wanted: BTreeSet<Key> = movements.iter().map(|m| keys::product(&m.sku)).collect();
    let wanted: Vec<Key> = wanted.into_iter().collect();
    let mut known: BTreeMap<String, Product> = BTreeMap::new();
    for row in call.runtime.table.batch_get(&wanted).await? {
        known.insert(ordermill_table::item::text(&row, "pk")?.to_owned(), read(&row)?);
    }
    let wrong = |(index, m): (usize, &Movement)| match known.get(keys::product(&m.sku).pk()) {
        None => Some(Problem {
            pointer: format!("/movements/{index}/sku"),
            code: "unknown_sku",
            detail: format!("The catalogue has no {}: PUT the product first.", m.sku),
        }),
        Some(product) if !product.parts.is_empty() => Some(Problem {
            pointer: format!("/movements/{index}/sku"),
            code: "is_bundle",
            detail: format!("{} is a bundle and has no stock: move its parts.", m.sku),
        }),
        Some(product) => {
            quantity_problem(format!("/movements/{index}/quantity"), m.quantity, product)
        }
    };
    let problems: Vec<Problem> = movements.iter().enumerate().filter_map(wrong).collect();
    if problems.is_empty() { Ok(()) } else { Err(ErrorAnswer::invalid(problems)) }
}

enum Written {
    Done(Value),
    Again,
}

async fn write(
    call: &Call<'_>,
    once: &Once,
    movements: &[Movement],
) -> Result<Written, ErrorAnswer> {
    let table = &call.runtime.table;
    let now = call.runtime.clock.now();
    let view = view(call, movements).await?;
    let change = changes(&view, movements).map_err(ErrorAnswer::invalid)?;
    let (rows, answer) = rows(call, once, movements, now)?;
    let mut actions = table.stock_actions(&change, now);
    let lines = actions.len();
    actions.extend(new_warehouses(call, movements).await?);
    actions.push(commit::put_new(table, once.row(call, "", Some(answer.clone()))?)?);
    if actions.len() > TRANSACTION_ROWS_MAX {
        let is_missing = |at: &StockKey| !view.lines.contains_key(at);
        let is_full = lines == TRANSACTION_ROWS_MAX && actions.len() == lines.saturating_add(1);
        if !is_full || movements.iter().flat_map(touched).any(|at| is_missing(&at)) {
            return prepare(call, &view, movements).await;
        }
        return full::write(call, once, movements, &view, change).await;
    }
    let fits = actions.len().saturating_add(rows.len()) <= TRANSACTION_ROWS_MAX;
    let later = if fits {
        actions.extend(puts(call, rows)?);
        Vec::new()
    } else {
        rows
    };
    match table.write(actions).await {
        Ok(()) => {}
        Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
            return Ok(Written::Again);
        }
        Err(error) => return Err(error.into()),
    }
    if !later.is_empty() {
        table.put_rows(later).await?;
    }
    call.runtime.forget_settings();
    Ok(Written::Done(answer))
}

fn puts(call: &Call<'_>, rows: Vec<Item>) -> Result<Vec<TransactWriteItem>, TableError> {
    rows.into_iter().map(|row| commit::put_any(&call.runtime.table, row)).collect()
}

/// The stock lines and anchors that these movements name, as they are.
async fn view(call: &Call<'_>, movements: &[Movement]) -> Result<StockView, ErrorAnswer> {
    let skus: BTreeSet<String> = movements.iter().map(|m| m.sku.clone()).collect();
    Ok(call.runtime.table.stock_view(&skus, std::collections::BTreeMap::new()).await?)
}

/// The rows of the movements, made at that moment, and what is answered.
fn rows(
    call: &Call<'_>,
    once: &Once,
    movements: &[Movement],
    at: Timestamp,
) -> Result<(Vec<Item>, Value), ErrorAnswer> {
    let made = made(call, once, movements, at)?;
    let answer =
        json!({ "movements": made.iter().map(crate::orders::json_of).collect::<Vec<_>>() });
    let mut rows = Vec::with_capacity(made.len());
    for movement in &made {
        rows.push(document(&keys::movement(&movement.sku, at, &movement.id), movement)?);
    }
    Ok((rows, answer))
}

/// The movements as they are kept and answered; their ids come from the request.
fn made(
    call: &Call<'_>,
    once: &Once,
    movements: &[Movement],
    now: Timestamp,
) -> Result<Vec<MovementView>, ErrorAnswer> {
    let client = &call.caller()?.client;
    let cause = if once.is_keyed { "key" } else { "request" };
    let seller = &call.runtime.config.seller;
    let id = |index: usize| {
        let index = index.to_string();
        ids::derive(IdKind::Movement, seller, &[client, cause, &once.name, &index])
    };
    let view = |(index, movement): (usize, &Movement)| {
        MovementView::new(&id(index), movement, client, now)
    };
    Ok(movements.iter().enumerate().map(view).collect())
}

/// A first movement makes its warehouse.
async fn new_warehouses(
    call: &Call<'_>,
    movements: &[Movement],
) -> Result<Vec<TransactWriteItem>, ErrorAnswer> {
    let table = &call.runtime.table;
    let codes: BTreeSet<&str> = movements
        .iter()
        .flat_map(|m| std::iter::once(m.warehouse.as_str()).chain(m.to.as_deref()))
        .collect();
    let wanted: Vec<Key> = codes.iter().map(|code| keys::warehouse(code)).collect();
    let mut known = BTreeSet::new();
    for row in table.batch_get(&wanted).await? {
        known.insert(ordermill_table::item::text(&row, "sk")?.to_owned());
    }
    let mut rows = Vec::new();
    for code in codes {
        let key = keys::warehouse(code);
        if !known.contains(key.sk()) {
            let warehouse = Warehouse { code: code.to_owned(), ..Warehouse::default() };
            rows.push(commit::put_new(table, document(&key, &warehouse)?)?);
        }
    }
    Ok(rows)
}

/// The stock lines that a movement changes.
fn touched(movement: &Movement) -> impl Iterator<Item = StockKey> + '_ {
    let to = movement.to.as_deref().map(|to| StockKey::new(&movement.sku, to));
    std::iter::once(StockKey::new(&movement.sku, &movement.warehouse)).chain(to)
}

/// Makes the stock lines that are not there yet, empty, so that the movements themselves fit one
/// transaction: fifty touch a hundred lines at most.
async fn prepare(
    call: &Call<'_>,
    view: &StockView,
    movements: &[Movement],
) -> Result<Written, ErrorAnswer> {
    let table = &call.runtime.table;
    let places: BTreeSet<StockKey> =
        movements.iter().flat_map(touched).filter(|at| !view.lines.contains_key(at)).collect();
    let empty: Vec<Movement> = places
        .into_iter()
        .map(|at| Movement {
            sku: at.sku,
            warehouse: at.warehouse,
            kind: MovementKind::Receipt,
            quantity: Quantity::ZERO,
            reason: None,
            to: None,
            demand_class: None,
        })
        .collect();
    for some in empty.chunks(NEW_LINES_AT_ONCE) {
        let change = changes(view, some).map_err(ErrorAnswer::invalid)?;
        let mut actions = table.stock_actions(&change, call.runtime.clock.now());
        actions.extend(new_warehouses(call, some).await?);
        match table.write(actions).await {
            Ok(()) => {}
            // Somebody else makes them; the next round sees what there is.
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => break,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Written::Again)
}
