//! What a customer may see of one order, by a link, without a key: JSON, or a page for browsers.

use crate::orders::json_of;
use crate::{Call, Reply};
use ordermill_domain::order::Order;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_table::records::Settings;
use ordermill_views::TrackView;
use ordermill_views::track::{is_shown, order_of_token};
use ordermill_views::track_page::{Reader, gone_page, tracking_page};

/// No script, nothing from elsewhere, in no frame.
const CONTENT_RULES: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'";

/// `GET /v1/track/{token}`. Forged, over, of no order: the same answer, in the same words.
pub(crate) async fn track(call: &Call<'_>) -> Reply {
    let settings = call.runtime.settings().await?;
    let Some(order) = shown(call).await? else {
        let gone = ErrorAnswer::not_found();
        if !wants_page(call) {
            return Err(gone);
        }
        let reader = reader(None, &settings);
        let wanted = call.request.header("accept-language").unwrap_or_default();
        return Ok(page(gone.status, gone_page(wanted, reader), CONTENT_RULES));
    };
    let policy = call.runtime.policy_of(&order).await?;
    let reader = reader(Some(&order), &settings);
    let view = TrackView::new(&order, &policy, reader.locale);
    if wants_page(call) {
        return Ok(page(200, tracking_page(&view, reader), CONTENT_RULES));
    }
    Ok(Answer::json(200, json_of(&view)).with_header("vary", "accept".to_owned()))
}

/// The order that the link leads to, while it is shown.
async fn shown(call: &Call<'_>) -> Result<Option<Order>, ErrorAnswer> {
    let runtime = call.runtime;
    let now = runtime.clock.now();
    let secret = &runtime.config.signing_secret;
    let Some(id) = order_of_token(secret, call.param(0), now) else { return Ok(None) };
    let partition = runtime.table.order(&id).await?;
    Ok(partition.map(|found| found.stored.order).filter(|order| is_shown(order, now)))
}

/// For whom a page of an order is.
pub(crate) fn reader<'a>(order: Option<&'a Order>, settings: &'a Settings) -> Reader<'a> {
    let customer = order.map(|order| &order.placed.customer);
    Reader {
        locale: customer.and_then(|c| c.locale.as_deref()).unwrap_or(&settings.locale),
        zone: customer.and_then(|c| c.time_zone.as_deref()).unwrap_or(&settings.time_zone),
        seller: &settings.name,
        colour: &settings.colour,
    }
}

/// A page that nothing else gets hold of.
pub(crate) fn page(status: u16, html: String, content_rules: &str) -> Answer {
    Answer::html(status, html)
        .with_header("content-security-policy", content_rules.to_owned())
        .with_header("referrer-policy", "no-referrer".to_owned())
        .with_header("x-content-type-options", "nosniff".to_owned())
        .with_header("vary", "accept, accept-language".to_owned())
}

/// Browsers say that they want HTML; whoever says nothing, or JSON first, gets JSON.
pub(crate) fn wants_page(call: &Call<'_>) -> bool {
    let accepted = call.request.header("accept").unwrap_or_default();
    let mut kinds = accepted.split(',').filter_map(|kind| kind.split(';').next()).map(str::trim);
    kinds.find_map(|kind| match kind.to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" => Some(true),
        "application/json" => Some(false),
        _ => None,
    }) == Some(true)
}
