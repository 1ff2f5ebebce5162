//! `POST /v1/orders/check`: what would become of an order. The same parsers, the same decisions,
//! on the stock of this moment; nothing is stored, nothing is claimed.

use crate::making::New;
use ordermill_domain::decide::{Command, Facts, decide_all};
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::intake::body_hash;
use ordermill_runtime::Runtime;
use ordermill_runtime::auth::Caller;
use ordermill_runtime::http::{Answer, ErrorAnswer, Request};
use ordermill_runtime::placing::duplicate_of;
use ordermill_runtime::step::stock_facts;
use ordermill_runtime::validating;
use ordermill_views::order::check_view;

/// Answers 200 with the order as it would be, or 422 as `POST /v1/orders` would.
pub(crate) async fn check(
    runtime: &Runtime,
    request: &Request,
    caller: &Caller,
) -> Result<Answer, ErrorAnswer> {
    let body = request.json_object()?;
    let hash = body_hash(&body);
    // An order needs a name to be decided on; this one is never seen.
    let seller = &runtime.config.seller;
    let id = ids::derive(IdKind::Order, seller, &[&caller.client, "check", &hash]);
    let new = Box::pin(New::read(runtime, caller, &body)).await?;
    let mut order = new.received(runtime, caller, &id, &hash).await?.order;
    let now = runtime.clock.now();
    order.duplicate_of = match new.found.like_by_card(&order, now) {
        Some(like) => Some(like),
        None => duplicate_of(runtime, &order, now).await?,
    };
    let known = validating::validation_facts(runtime, &order).await?;
    let stock = stock_facts(runtime, &order).await?.stock;
    let facts = Facts { stock, ..known };
    let commands = [Command::Validate, Command::Reserve];
    let decided = decide_all(&new.policy, &order, &facts, &commands, now)?;
    let view = check_view(&decided.order, &new.policy, &facts.stock);
    Ok(Answer::json(200, view))
}
