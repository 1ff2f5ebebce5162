//! Stock as it stands: one SKU, all of them, and which orders hold its units.

use crate::orders::json_of;
use crate::paging::Page;
use crate::{Call, Reply};
use futures::future::try_join_all;
use ordermill_domain::intake::Product;
use ordermill_domain::order::Line;
use ordermill_domain::order::question::Staged;
use ordermill_domain::stock::Anchor;
use ordermill_domain::time::Timestamp;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::walk::{Source, collect, first_month};
use ordermill_table::item::Item;
use ordermill_table::keys::{self, Key, RowKind};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::ClientRole;
use ordermill_table::rows::stock::{StoredLine, read_anchor, read_line};
use ordermill_table::schema::OWNER;
use ordermill_views::stock::{ReservationView, StockView};
use serde_json::Value;
use std::collections::BTreeMap;

/// Rows of one SKU: its anchor and its lines.
const ROWS_MAX: usize = 1_000;
/// SKUs that one request looks at where most are left out (`updated_since`).
const SKUS_READ_MAX: usize = 2_000;
/// SKUs of one round.
const SKUS_AT_ONCE: usize = 50;

/// `GET /v1/stock/{sku}`.
pub(crate) async fn one(call: &Call<'_>) -> Reply {
    let sku = call.param(0);
    let table = &call.runtime.table;
    let rows = table.partition(&keys::stock_partition(sku), "", None, ROWS_MAX).await?;
    let (anchor, lines) = parts(&rows)?;
    if rows.is_empty() {
        let product: Option<Product> = table.document(&keys::product(sku)).await?;
        let product = product.ok_or_else(ErrorAnswer::not_found)?;
        if !product.parts.is_empty() {
            return of_bundle(call, &product).await;
        }
    }
    let view = StockView::new(sku, &anchor, &lines);
    Ok(Answer::json(200, json_of(&seen(call, view)?)))
}

/// What is kept for whom is between the seller and its customers: partners are not told.
fn seen(call: &Call<'_>, view: StockView) -> Result<StockView, ErrorAnswer> {
    Ok(if call.caller()?.role == ClientRole::Partner { view.without_groups() } else { view })
}

/// The stock of a bundle is what its parts make.
async fn of_bundle(call: &Call<'_>, product: &Product) -> Reply {
    let lines = product.parts.iter().map(|part| call.runtime.table.stock_lines(&part.sku));
    let lines: Vec<StoredLine> = try_join_all(lines).await?.into_iter().flatten().collect();
    let view = StockView::of_bundle(&product.sku, &product.parts, &lines);
    Ok(Answer::json(200, json_of(&view)))
}

fn parts(rows: &[Item]) -> Result<(Anchor, Vec<StoredLine>), ErrorAnswer> {
    let mut anchor = Anchor::default();
    let mut lines = Vec::new();
    for row in rows {
        if is_of(row, RowKind::Anchor) {
            (_, anchor) = read_anchor(row)?;
        } else if is_of(row, RowKind::Stock) {
            lines.push(read_line(row)?);
        }
    }
    Ok((anchor, lines))
}

fn is_of(row: &Item, kind: RowKind) -> bool {
    row.get("kind").and_then(|value| value.as_s().ok()).is_some_and(|name| name == kind.name())
}

/// `GET /v1/stock`, by SKU; with `updated_since` only those that changed at or after it.
pub(crate) async fn list(call: &Call<'_>) -> Reply {
    let page = Page::read(call)?;
    let since =
        call.query("updated_since").map(crate::search::moment("updated_since")).transpose()?;
    let mut items: Vec<Value> = Vec::new();
    let mut after = page.after.clone();
    let mut looked_at: usize = 0;
    loop {
        let query = IndexQuery {
            index: OWNER,
            partition: keys::owner_list(RowKind::Anchor),
            after: after.as_deref(),
            newest_first: false,
            until: None,
            limit: i32::try_from(SKUS_AT_ONCE).unwrap_or(i32::MAX),
        };
        let found = call.runtime.table.index(query).await?;
        let skus: Vec<String> = found.keys.into_iter().map(|(_, sku)| sku).collect();
        let mut stock = stock_of(call, &skus).await?;
        for (index, sku) in skus.iter().enumerate() {
            let (anchor, lines) = stock.remove(sku).unwrap_or_default();
            looked_at = looked_at.saturating_add(1);
            after = Some(sku.clone());
            if !is_fresh(&lines, since) {
                continue;
            }
            items.push(json_of(&seen(call, StockView::new(sku, &anchor, &lines))?));
            let last = !found.more && index.saturating_add(1) == skus.len();
            if items.len() >= page.limit {
                return Ok(page.answer(call, items, after.filter(|_| !last)));
            }
        }
        if !found.more {
            return Ok(page.answer(call, items, None));
        }
        if looked_at >= SKUS_READ_MAX {
            return Ok(page.answer(call, items, after));
        }
    }
}

fn is_fresh(lines: &[StoredLine], since: Option<Timestamp>) -> bool {
    since.is_none_or(|since| lines.iter().any(|line| line.updated_at >= since))
}

/// Anchors and lines of many SKUs, in two rounds of batched reads.
async fn stock_of(
    call: &Call<'_>,
    skus: &[String],
) -> Result<BTreeMap<String, (Anchor, Vec<StoredLine>)>, ErrorAnswer> {
    let table = &call.runtime.table;
    let anchors = table.anchors(&skus.iter().cloned().collect()).await?;
    let wanted: Vec<Key> = anchors
        .iter()
        .flat_map(|(sku, anchor)| anchor.warehouses.iter().map(|w| keys::stock(sku, w)))
        .collect();
    let mut stock: BTreeMap<String, (Anchor, Vec<StoredLine>)> =
        anchors.into_iter().map(|(sku, anchor)| (sku, (anchor, Vec::new()))).collect();
    for row in table.batch_get(&wanted).await? {
        let line = read_line(&row)?;
        if let Some((_, lines)) = stock.get_mut(&line.key.sku) {
            lines.push(line);
        }
    }
    for (_, lines) in stock.values_mut() {
        lines.sort_by(|a, b| a.key.cmp(&b.key));
    }
    Ok(stock)
}

/// `GET /v1/stock/{sku}/reservations`: the orders that hold units of it, newest first.
///
/// There is no index by SKU: the walk over all orders is bounded per request, and `next` goes on.
pub(crate) async fn reservations(call: &Call<'_>) -> Reply {
    let sku = call.param(0);
    let table = &call.runtime.table;
    let known = table.get(&keys::product(sku)).await?.is_some()
        || table.get(&keys::anchor(sku)).await?.is_some();
    if !known {
        return Err(ErrorAnswer::not_found());
    }
    let page = Page::read(call)?;
    let now = call.runtime.clock.now();
    let source = Source::all(first_month(table, now).await?, now);
    let holds = |order: &ordermill_domain::order::Order| {
        let holds = |l: &Line| l.held().is_positive() && l.per(sku).is_positive();
        order.lines.iter().any(holds) || order.staged().map(Staged::as_line).any(|l| holds(&l))
    };
    let (orders, next) =
        collect(call.runtime, &source, page.after.clone(), page.limit, holds).await?;
    let items = orders.iter().map(|order| json_of(&ReservationView::new(order, sku))).collect();
    Ok(page.answer(call, items, next))
}
