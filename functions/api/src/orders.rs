//! One order: itself, its history, and why it stands where it stands.
//!
//! History rows are put by `project`, so they may be a moment behind; the order carries its last
//! events itself, and what is missing is taken from there.

use crate::paging::{LIMIT_MAX, Page};
use crate::{Call, Reply};
use ordermill_domain::ids;
use ordermill_domain::order::{Event, Order};
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_table::keys;
use ordermill_views::{decision_view, event_view, order_json};
use serde_json::Value;

/// `GET /v1/orders/{id}`. `If-None-Match` names the version the caller has: then 304, at once or,
/// with `Prefer: wait`, when the order has not changed in that time.
pub(crate) async fn one(call: &Call<'_>) -> Reply {
    let is_known =
        |order: &Order| call.request.names_version("if-none-match", order.version).unwrap_or(false);
    let id = call.param(0);
    let waiting = call.request.wait().map(|wait| (wait, call.runtime.watch(id)));
    let mut order = visible(call, id).await?;
    if let Some((wait, watch)) = waiting {
        order = watch.until(order, wait, |order| !is_known(order)).await?;
    }
    if is_known(&order) {
        return Ok(Answer::empty(304).with_header("etag", etag(&order)));
    }
    order_answer(call, &order).await
}

/// The order, if it is there and this caller may know of it.
///
/// # Errors
/// 404.
pub(crate) async fn visible(call: &Call<'_>, id: &str) -> Result<Order, ErrorAnswer> {
    if !ids::is_well_formed(id) {
        return Err(ErrorAnswer::not_found());
    }
    let caller = call.caller()?;
    match call.runtime.table.order(id).await? {
        Some(partition) if caller.may_see(&partition.stored.order.client) => {
            Ok(partition.stored.order)
        }
        Some(_) | None => Err(ErrorAnswer::not_found()),
    }
}

/// 200 with the order and its `ETag`.
pub(crate) async fn order_answer(call: &Call<'_>, order: &Order) -> Reply {
    let body = order_json(call.runtime, &call.request.base_url, call.caller()?, order).await?;
    Ok(Answer::json(200, body).with_header("etag", etag(order)))
}

fn etag(order: &Order) -> String {
    format!("\"{}\"", order.version)
}

/// `GET /v1/orders/{id}/history`.
pub(crate) async fn history(call: &Call<'_>) -> Reply {
    let order = visible(call, call.param(0)).await?;
    let page = Page::read_with_default(call, LIMIT_MAX)?;
    let (events, next) = events(call, &order, &page).await?;
    let items = events.iter().map(|event| json_of(&event_view(event))).collect();
    Ok(page.answer(call, items, next))
}

/// `GET /v1/orders/{id}/why`.
pub(crate) async fn why(call: &Call<'_>) -> Reply {
    let order = visible(call, call.param(0)).await?;
    let page = Page::read_with_default(call, LIMIT_MAX)?;
    let policy = call.runtime.policy_of(&order).await?;
    let (events, next) = events(call, &order, &page).await?;
    let decisions = events.iter().filter_map(|event| decision_view(event, &policy));
    let items = decisions.map(|decision| json_of(&decision)).collect();
    Ok(page.answer(call, items, next))
}

/// A page of the order's events, oldest first, and where the next begins.
async fn events(
    call: &Call<'_>,
    order: &Order,
    page: &Page,
) -> Result<(Vec<Event>, Option<String>), ErrorAnswer> {
    let wanted = page.limit.saturating_add(1);
    let after: u64 = page.after.as_deref().and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut events = call.runtime.table.events(&order.id, after, wanted).await?;
    if events.len() < wanted {
        let own = order.recent_events.iter().filter(|event| event.version > after);
        for event in own {
            events.entry(event.version).or_insert_with(|| event.clone());
        }
    }
    let mut events: Vec<Event> = events.into_values().collect();
    let more = events.len() > page.limit;
    events.truncate(page.limit);
    let next = events.last().filter(|_| more).map(|event| keys::version_text(event.version));
    Ok((events, next))
}

/// A view as JSON; it holds nothing that JSON cannot.
pub(crate) fn json_of(view: &impl serde::Serialize) -> Value {
    serde_json::to_value(view).unwrap_or_default()
}
