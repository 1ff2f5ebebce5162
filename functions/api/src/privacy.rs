//! What a customer may ask of those who keep their data: a copy of it, and to be forgotten.
//!
//! Erasing is asked for here and done by `timeout` (`shared/runtime/src/erasing.rs`).

use crate::customers::{asked, known_still};
use crate::orders::json_of;
use crate::paging::Page;
use crate::{Call, Reply, too_busy};
use ordermill_runtime::erasing::{self, Needed};
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_table::TableError;
use ordermill_table::rows::customer::{CustomerRow, erasure_action};
use ordermill_views::customer::{CustomerCardView, ErasureView};
use ordermill_views::order_json;
use ordermill_views::subscription::SubscriptionView;
use serde_json::{Value, json};

/// `GET /v1/customers/{id}/export`: the card, the subscriptions, and the orders, newest first, a page
/// at a time.
pub(crate) async fn export(call: &Call<'_>) -> Reply {
    let page = Page::read(call)?;
    let row = asked(call).await?;
    known_still(&row)?;
    let table = &call.runtime.table;
    let usual = call.runtime.settings().await?.currency;
    let subscriptions = erasing::subscriptions(table, &row.id).await?;
    let (mut orders, mut last, mut more) = (Vec::new(), page.after.clone(), true);
    while more && orders.len() < page.limit {
        let found = erasing::orders(table, &row.id, last.as_deref(), true).await?;
        more = found.more;
        last = found.last.or(last);
        for order in found.orders {
            if orders.len() >= page.limit {
                more = true;
                break;
            }
            last = Some(ordermill_table::keys::created(order.created_at, &order.id));
            orders.push(order);
        }
    }
    let mut items = Vec::with_capacity(orders.len());
    for order in &orders {
        items.push(order_json(call.runtime, &call.request.base_url, call.caller()?, order).await?);
    }
    let shown = |subscription| json_of(&SubscriptionView::new(subscription));
    let subscriptions: Vec<Value> = subscriptions.iter().map(shown).collect();
    let card = json_of(&CustomerCardView::new(&row, &usual));
    let parts = json!({ "customer": card, "subscriptions": subscriptions });
    Ok(page.answer_with(call, parts, items, last.filter(|_| more)))
}

/// `POST /v1/customers/{id}/erase`: 202 while it is under way, 200 once it is done.
pub(crate) async fn erase(call: &Call<'_>) -> Reply {
    nothing_is_said(call)?;
    for round in 0..MOVED_ROUNDS_MAX {
        let row = asked(call).await?;
        if row.erased_at().is_some() {
            return Ok(answer(200, &row));
        }
        if row.erasing().is_some() {
            return Ok(answer(202, &row));
        }
        refuse_while_needed(&erasing::needed(call.runtime, &row.id).await?)?;
        let erasure = erasing::begun(call.caller()?.actor(), call.runtime.clock.now());
        let table = &call.runtime.table;
        match table.write(vec![erasure_action(table, &row, &erasure)?]).await {
            Ok(()) => {
                tracing::info!(customer.id = row.id, "a customer asked to be forgotten");
                let row = CustomerRow { erasure: Some(erasure), ..row };
                return Ok(answer(202, &row));
            }
            // Whoever was quicker has asked for the same; the row says so.
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
                call.runtime.pause(round).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}

fn answer(status: u16, row: &CustomerRow) -> Answer {
    Answer::json(status, json_of(&ErasureView::new(row)))
}

/// The body is empty, or an object without a field.
fn nothing_is_said(call: &Call<'_>) -> Result<(), ErrorAnswer> {
    use ordermill_domain::intake::reader::{Report, root};
    let body = match call.request.json_object_or_nothing()? {
        Value::Null => json!({}),
        body => body,
    };
    let report = Report::default();
    let read = root(&body, &report).object(&[]).map(|_| ());
    report.finish(read).map_err(ErrorAnswer::invalid)
}

/// 409 while an order or a subscription needs to know the customer.
fn refuse_while_needed(needed: &Needed) -> Result<(), ErrorAnswer> {
    let Needed { orders, subscriptions } = needed;
    if !subscriptions.is_empty() {
        let detail = format!(
            "These subscriptions still make orders, cancel them first: {}.",
            subscriptions.join(", ")
        );
        return Err(ErrorAnswer::new(409, "customer_has_subscriptions", &detail));
    }
    if !orders.is_empty() {
        let detail = format!(
            "These orders are open, or something of them is still owed; finish or cancel them \
             first: {}.",
            orders.join(", ")
        );
        return Err(ErrorAnswer::new(409, "customer_has_open_orders", &detail));
    }
    Ok(())
}
