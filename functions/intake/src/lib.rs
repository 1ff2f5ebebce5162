//! Intake: takes orders in. Checks the body's shape, derives the id from its cause, and puts the
//! order into its policy's first status, in one write.
//!
//! In: HTTP `POST /v1/orders`. Out: nothing but the table.
//! Rules: `shared/domain/src/intake/`, `decide/taking_in.rs`. Wiring: `main.rs`.

mod references;
mod repeats;

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use ordermill_domain::decide::taking_in::{Origin, receive};
use ordermill_domain::intake::{Defaults, Draft, Problem, body_hash, parse_order};
use ordermill_domain::order::{Channel, Order};
use ordermill_domain::policy::{Phase, Policy};
use ordermill_domain::time::Seconds;
use ordermill_runtime::auth::{Caller, caller};
use ordermill_runtime::http::{Answer, ErrorAnswer, Request};
use ordermill_runtime::step::log_written;
use ordermill_runtime::{Runtime, catalogue, customers};
use ordermill_table::TableError;
use ordermill_table::records::ClientRole;
use ordermill_views::{Audience, order_view};
use references::reference_rows;
use repeats::{Identity, Known};
use std::sync::Arc;

/// How often a request looks again because an equal one was quicker.
const ROUNDS_MAX: usize = 6;
/// The longest a caller may wait for its order to be validated and reserved.
const WAIT_SECONDS_MAX: i64 = 10;
/// After so many looks a waiting request waits twice as long between them.
const LOOKS_PER_PAUSE: usize = 4;
/// The first pause between two looks, as a round of [`Runtime::pause`]: 8 ms on the average.
const FIRST_PAUSE: usize = 2;

/// Answers `POST /v1/orders`.
pub async fn handle(runtime: &Runtime, event: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
    let request = Request::from_event(event);
    let answer = match route(runtime, &request).await {
        Ok(answer) => answer,
        Err(error) => error.answer(),
    };
    answer.into_response(&request.request_id)
}

async fn route(runtime: &Runtime, request: &Request) -> Result<Answer, ErrorAnswer> {
    if request.path() != ["v1", "orders"] {
        return Err(ErrorAnswer::not_found());
    }
    if request.method != "POST" {
        let no = ErrorAnswer::new(405, "method_not_allowed", "Only POST is possible here.");
        return Ok(no.answer().with_header("allow", "GET, POST".to_owned()));
    }
    let caller = authorised(runtime, request).await?;
    let body = request.json_object()?;
    let key = request.idempotency_key()?;
    let defaults = Defaults { channel: caller.role.channel(), policy: "webshop".to_owned() };
    let hash = body_hash(&body);
    let external_id = body.get("external_id").and_then(|v| v.as_str()).map(str::to_owned);
    let identity = Identity::new(runtime, &caller.client, key, external_id, hash)?;
    // A repeat gets its order whatever today's rules say of the body.
    if let Some(known) = identity.known(runtime).await? {
        return repeated(runtime, request, &caller, known).await;
    }
    let mut draft = parse_order(&body, &defaults).map_err(ErrorAnswer::invalid)?;
    if caller.role == ClientRole::Partner {
        // Its orders are listed for it by this channel, whatever the body says.
        draft.channel = Channel::Partner;
    }
    let policy = policy_for(runtime, &draft).await?;
    let (created, order) = create(runtime, &caller, &identity, draft, &policy).await?;
    let order = match wait_seconds(request) {
        Some(seconds) => settled(runtime, order, seconds).await?,
        None => order,
    };
    answer(runtime, request, &caller, &order, if created { 202 } else { 200 }).await
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

async fn policy_for(runtime: &Runtime, draft: &Draft) -> Result<Arc<Policy>, ErrorAnswer> {
    let now = runtime.clock.now();
    let found = runtime.policies.active(&runtime.table, &draft.policy, now).await?;
    found.ok_or_else(|| {
        ErrorAnswer::invalid(vec![Problem {
            pointer: "/policy".to_owned(),
            code: "unknown_policy",
            detail: format!(
                "There is no policy named {}; leave it out for `webshop`.",
                draft.policy
            ),
        }])
    })
}

/// Puts the order, once: whoever was quicker with the same cause made the same order.
async fn create(
    runtime: &Runtime,
    caller: &Caller,
    identity: &Identity,
    draft: Draft,
    policy: &Policy,
) -> Result<(bool, Order), ErrorAnswer> {
    let mut origin =
        Origin::of_client(&identity.order_id, &caller.client, &identity.body_hash, caller.actor());
    origin.customer_id = customers::card_id(&runtime.config.seller, &caller.client, &draft.placed);
    origin.prices_trusted = match caller.role {
        ClientRole::Shop | ClientRole::Manager | ClientRole::Admin => true,
        ClientRole::Partner | ClientRole::Planner => false,
    };
    let products = catalogue::products(runtime, &draft.lines).await?;
    let decision = receive(policy, draft, origin, &products, runtime.clock.now());
    for round in 0..ROUNDS_MAX {
        let mut extra = identity.claim_rows(&runtime.table)?;
        extra.extend(reference_rows(&runtime.table, &decision.order).await?);
        match runtime.table.commit(policy, None, &decision, extra).await {
            Ok(()) => {
                log_written(&decision.order);
                return Ok((true, decision.order));
            }
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(known) = identity.known(runtime).await? {
            return match known {
                Known::Order(stored) => Ok((false, stored.order)),
                Known::Refused(error) => Err(error),
            };
        }
        runtime.pause(round).await;
    }
    Err(ErrorAnswer::new(503, "unavailable", "The order could not be stored just now; try again."))
}

async fn repeated(
    runtime: &Runtime,
    request: &Request,
    caller: &Caller,
    known: Known,
) -> Result<Answer, ErrorAnswer> {
    match known {
        Known::Order(stored) if caller.may_see(&stored.order.client) => {
            answer(runtime, request, caller, &stored.order, 200).await
        }
        Known::Order(_) => Err(ErrorAnswer::not_found()),
        Known::Refused(error) => Err(error),
    }
}

async fn answer(
    runtime: &Runtime,
    request: &Request,
    caller: &Caller,
    order: &Order,
    status: u16,
) -> Result<Answer, ErrorAnswer> {
    let policy =
        runtime.policies.version(&runtime.table, &order.policy.name, order.policy.version).await?;
    let settings = runtime.settings().await?;
    let audience = Audience {
        base_url: &request.base_url,
        signing_secret: &runtime.config.signing_secret,
        payment_link: settings.payment_link.as_deref(),
        internal: caller.role != ClientRole::Partner,
    };
    let view = order_view(order, &policy, audience);
    Ok(Answer::json(status, view)
        .with_header("location", format!("/v1/orders/{}", order.id))
        .with_header("etag", format!("\"{}\"", order.version)))
}

/// `Prefer: wait=5`.
fn wait_seconds(request: &Request) -> Option<i64> {
    let prefer = request.header("prefer")?;
    let wait = prefer.split([',', ';']).find_map(|p| p.trim().strip_prefix("wait="))?;
    wait.trim().parse::<i64>().ok().filter(|s| *s > 0).map(|s| s.min(WAIT_SECONDS_MAX))
}

/// The order once it is validated and reserved, or as it is when the time is up.
async fn settled(runtime: &Runtime, order: Order, seconds: i64) -> Result<Order, ErrorAnswer> {
    let until = ordermill_runtime::clock::system_now().plus(Seconds(seconds));
    let mut order = order;
    let mut looks: usize = 0;
    while matches!(order.phase, Phase::Intake | Phase::Supply)
        && ordermill_runtime::clock::system_now() < until
    {
        runtime.pause(FIRST_PAUSE.saturating_add(looks / LOOKS_PER_PAUSE)).await;
        looks = looks.saturating_add(1);
        if let Some(partition) = runtime.table.order(&order.id).await? {
            order = partition.stored.order;
        }
        if order.waits_for_stock() && !order.holds_stock() {
            break;
        }
    }
    Ok(order)
}
