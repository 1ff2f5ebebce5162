//! What a customer may see of one order, by a link, without a key: JSON, or a page for browsers.

use crate::orders::json_of;
use crate::{Call, Reply};
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_views::TrackView;
use ordermill_views::answer::policy_of;
use ordermill_views::track::{is_shown, order_of_token};
use ordermill_views::track_page::tracking_page;

/// `GET /v1/track/{token}`.
pub(crate) async fn track(call: &Call<'_>) -> Reply {
    let runtime = call.runtime;
    let now = runtime.clock.now();
    let secret = &runtime.config.signing_secret;
    let id = order_of_token(secret, call.param(0), now).ok_or_else(ErrorAnswer::not_found)?;
    let partition = runtime.table.order(&id).await?.ok_or_else(ErrorAnswer::not_found)?;
    let order = partition.stored.order;
    if !is_shown(&order, now) {
        return Err(ErrorAnswer::not_found());
    }
    let policy = policy_of(runtime, &order).await?;
    let settings = runtime.settings().await?;
    let locale = order.placed.customer.locale.as_deref().unwrap_or(&settings.locale);
    let view = TrackView::new(&order, &policy, locale);
    if wants_page(call) {
        let page = tracking_page(&view, locale, &settings.name, &settings.colour);
        // No script, nothing from elsewhere, in no frame.
        let rules = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
        return Ok(Answer::html(200, page)
            .with_header("content-security-policy", rules.to_owned())
            .with_header("referrer-policy", "no-referrer".to_owned()));
    }
    Ok(Answer::json(200, json_of(&view)))
}

/// Browsers say that they want HTML; whoever says nothing gets JSON.
fn wants_page(call: &Call<'_>) -> bool {
    let accepted = call.request.header("accept").unwrap_or_default();
    accepted.split(',').any(|kind| kind.trim().starts_with("text/html"))
}
