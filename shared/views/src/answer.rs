//! An order as a caller of the API gets it: settings and the order's own policy looked up.

use crate::edit::PreviewView;
use crate::{Audience, OrderView};
use ordermill_domain::decide::Decision;
use ordermill_domain::order::Order;
use ordermill_runtime::auth::Caller;
use ordermill_runtime::{Runtime, StepResult};
use ordermill_table::records::ClientRole;
use serde_json::Value;

/// The order as JSON, as this caller may see it.
///
/// # Errors
/// The table cannot be reached.
pub async fn order_json(
    runtime: &Runtime,
    base_url: &str,
    caller: &Caller,
    order: &Order,
) -> StepResult<Value> {
    let policy = runtime.policy_of(order).await?;
    let settings = runtime.settings().await?;
    let audience = Audience {
        base_url: settings.public_url.as_deref().unwrap_or(base_url),
        signing_secret: &runtime.config.signing_secret,
        payment_link: settings.payment_link.as_deref(),
        internal: reads_internal_comments(caller),
    };
    // A view holds nothing that JSON cannot.
    Ok(serde_json::to_value(OrderView::new(order, &policy, audience)).unwrap_or_default())
}

/// What an edit would make of an order, and the difference, as this caller may see it.
///
/// # Errors
/// The table cannot be reached.
pub async fn preview_json(
    runtime: &Runtime,
    base_url: &str,
    caller: &Caller,
    before: &Order,
    decision: &Decision,
) -> StepResult<Value> {
    let mut shown = order_json(runtime, base_url, caller, &decision.order).await?;
    let preview = PreviewView::new(before, decision);
    shown["preview"] = serde_json::to_value(preview).unwrap_or_default();
    Ok(shown)
}

/// Whether what colleagues write to one another is shown to this caller.
#[must_use]
pub fn reads_internal_comments(caller: &Caller) -> bool {
    match caller.role {
        ClientRole::Manager | ClientRole::Planner | ClientRole::Admin => true,
        ClientRole::Shop | ClientRole::Partner => false,
    }
}
