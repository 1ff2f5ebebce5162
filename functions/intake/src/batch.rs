//! Up to a hundred orders in one request, each by itself: one that is wrong keeps no other back.

use crate::making::make;
use futures::future::join_all;
use ordermill_domain::intake::batch_items;
use ordermill_runtime::Runtime;
use ordermill_runtime::auth::Caller;
use ordermill_runtime::http::{Answer, ErrorAnswer, Request};
use ordermill_views::order_json;
use serde_json::{Value, json};

/// Orders of one batch (`spec/api.md`).
const BATCH_ORDERS_MAX: usize = 100;
/// Orders that are made side by side.
const AT_ONCE: usize = 8;

/// `POST /v1/orders/batch`.
pub(crate) async fn batch(
    runtime: &Runtime,
    request: &Request,
    caller: &Caller,
) -> Result<Answer, ErrorAnswer> {
    let body = request.json()?;
    let items = batch_items(&body, "orders", BATCH_ORDERS_MAX).map_err(ErrorAnswer::invalid)?;
    let key = request.idempotency_key()?;
    let mut results: Vec<Value> = Vec::with_capacity(items.len());
    for some in items.chunks(AT_ONCE) {
        let first = results.len();
        let making = some.iter().enumerate().map(|(place, item)| {
            // Each order of a repeated batch is found again by its place in it.
            let index = first.saturating_add(place);
            let key = key.as_ref().map(|key| format!("{key}/{index}"));
            one(runtime, request, caller, item, key)
        });
        results.extend(join_all(making).await);
    }
    Ok(Answer::json(200, json!({ "items": results })))
}

async fn one(
    runtime: &Runtime,
    request: &Request,
    caller: &Caller,
    item: &Value,
    key: Option<String>,
) -> Value {
    let external_id = item.get("external_id").cloned().unwrap_or_default();
    let made = async {
        if !item.is_object() {
            let detail = "An order must be a JSON object.";
            return Err(ErrorAnswer::new(400, "not_an_object", detail));
        }
        let made = Box::pin(make(runtime, caller, item, key)).await?;
        let view = order_json(runtime, &request.base_url, caller, &made.order).await?;
        Ok((made.status(), view))
    };
    match made.await {
        Ok((status, order)) => json!({
            "external_id": external_id, "status": status, "order": order, "problem": null
        }),
        Err(error) => json!({
            "external_id": external_id, "status": error.status, "order": null,
            "problem": error.document()
        }),
    }
}
