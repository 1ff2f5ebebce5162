//! Intake: takes orders in. Checks the body's shape, derives the id from its cause, and puts the
//! order into its policy's first status, in one write.
//!
//! In: HTTP `POST /v1/orders`, `/v1/orders/batch`, `/v1/orders/check`. Out: nothing but the table.
//! Rules: `shared/domain/src/intake/`, `decide/taking_in.rs`. Wiring: `main.rs`.
//!
//! `making.rs` makes one order, `batch.rs` up to a hundred, `check.rs` none: it runs the same rules
//! and stores nothing.

mod batch;
mod check;
mod making;
mod references;
mod repeats;

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use making::{Made, make};
use ordermill_domain::order::Order;
use ordermill_domain::policy::Phase;
use ordermill_domain::time::Seconds;
use ordermill_runtime::Runtime;
use ordermill_runtime::auth::{Caller, caller};
use ordermill_runtime::http::{Answer, ErrorAnswer, Request};
use ordermill_table::records::ClientRole;
use ordermill_views::order_json;

/// Answers `POST /v1/orders` and what stands beside it.
pub async fn handle(runtime: &Runtime, event: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
    let request = Request::from_event(event);
    let answer = match route(runtime, &request).await {
        Ok(answer) => answer,
        Err(error) => error.answer(),
    };
    answer.into_response(&request.request_id)
}

async fn route(runtime: &Runtime, request: &Request) -> Result<Answer, ErrorAnswer> {
    let path = request.path();
    let known: &[&[&str]] =
        &[&["v1", "orders"], &["v1", "orders", "batch"], &["v1", "orders", "check"]];
    if !known.contains(&path.as_slice()) {
        return Err(ErrorAnswer::not_found());
    }
    if request.method != "POST" {
        let no = ErrorAnswer::new(405, "method_not_allowed", "Only POST is possible here.");
        let methods = if path.len() == 2 { "GET, POST" } else { "POST" };
        return Ok(no.answer().with_header("allow", methods.to_owned()));
    }
    let caller = authorised(runtime, request).await?;
    match path.last() {
        Some(&"batch") => batch::batch(runtime, request, &caller).await,
        Some(&"check") => check::check(runtime, request, &caller).await,
        Some(_) | None => Box::pin(one(runtime, request, &caller)).await,
    }
}

async fn one(runtime: &Runtime, request: &Request, caller: &Caller) -> Result<Answer, ErrorAnswer> {
    let body = request.json_object()?;
    let made = make(runtime, caller, &body, request.idempotency_key()?).await?;
    let order = match request.wait() {
        Some(wait) => settled(runtime, made.order, wait).await?,
        None => made.order,
    };
    let answered = Made { order, is_new: made.is_new };
    let view = order_json(runtime, &request.base_url, caller, &answered.order).await?;
    Ok(Answer::json(answered.status(), view)
        .with_header("location", format!("/v1/orders/{}", answered.order.id))
        .with_header("etag", format!("\"{}\"", answered.order.version)))
}

async fn authorised(runtime: &Runtime, request: &Request) -> Result<Caller, ErrorAnswer> {
    let no_key = || {
        let detail = "Give an API key: `Authorization: Bearer <key>`.";
        ErrorAnswer::new(401, "unauthorized", detail)
    };
    let key = request.bearer().ok_or_else(no_key)?;
    let caller = caller(runtime, key).await?.ok_or_else(no_key)?;
    match caller.role {
        ClientRole::Shop | ClientRole::Partner | ClientRole::Manager | ClientRole::Admin => {
            Ok(caller)
        }
        ClientRole::Planner => {
            Err(ErrorAnswer::new(403, "forbidden", "This key may not make orders."))
        }
    }
}

/// The order once it is validated and reserved, or as it is when the time is up.
async fn settled(runtime: &Runtime, order: Order, wait: Seconds) -> Result<Order, ErrorAnswer> {
    let is_settled = |order: &Order| {
        !matches!(order.phase, Phase::Intake | Phase::Supply)
            || (order.waits_for_stock() && !order.holds_stock())
    };
    let watch = runtime.watch(&order.id);
    Ok(watch.until(order, wait, is_settled).await?)
}
