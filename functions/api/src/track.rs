//! What a customer may see of one order, by a link, without a key.

use crate::orders::json_of;
use crate::{Call, Reply};
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_views::TrackView;
use ordermill_views::answer::policy_of;
use ordermill_views::track::{is_shown, order_of_token};

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
    Ok(Answer::json(200, json_of(&TrackView::new(&order, &policy, locale))))
}
