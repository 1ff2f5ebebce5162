//! Api: everything that is read over HTTP, and what people, shops and partners ask for.
//!
//! In: HTTP, all of `spec/api.md` but `POST /v1/orders` (intake) and webhooks (payment). Out: the
//! table. Rules: `shared/domain/src/`; who may what: `rights.rs`. Wiring: `main.rs`.
//!
//! `routes.rs` is the whole surface as data; each endpoint's module parses, loads, decides and
//! writes once. `openapi/` describes the same table.

mod approve;
mod commands;
mod customers;
mod deleting;
mod documents;
mod figures;
mod health;
mod keys;
mod movements;
mod once;
mod openapi;
mod orders;
mod paging;
mod parties;
mod payments;
mod price_lists;
mod privacy;
mod products;
mod rights;
mod routes;
mod search;
mod settings;
mod stock;
mod subscriptions;
mod tasks;
mod track;
mod users;
mod webhooks;

pub use openapi::document as openapi_document;
pub use rights::{COMMANDS, CommandRights};
pub use routes::{Access, Endpoint, ROUTES, Route};

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use ordermill_domain::intake::Problem;
use ordermill_runtime::Runtime;
use ordermill_runtime::auth::{Caller, caller};
use ordermill_runtime::http::{Answer, ErrorAnswer, Request};
use routes::{Found, find};

/// What an endpoint gives.
type Reply = Result<Answer, ErrorAnswer>;

/// One request on its way to its endpoint.
struct Call<'a> {
    runtime: &'a Runtime,
    request: &'a Request,
    route: &'static Route,
    caller: Option<Caller>,
    params: Vec<&'a str>,
}

impl Call<'_> {
    /// Who calls.
    ///
    /// # Errors
    /// 401 on a route that needs no key.
    fn caller(&self) -> Result<&Caller, ErrorAnswer> {
        self.caller.as_ref().ok_or_else(unauthorized)
    }

    /// The path's parameter of that position.
    fn param(&self, position: usize) -> &str {
        self.params.get(position).copied().unwrap_or_default()
    }

    /// A query parameter; an empty one counts as absent.
    fn query(&self, name: &str) -> Option<&str> {
        self.request.query.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }
}

/// Bytes of a name in a path: four times the characters of the longest there is, and a token's.
const NAME_BYTES_MAX: usize = 640;

/// Answers every request of the API but those of intake and of payment's webhooks.
pub async fn handle(runtime: &Runtime, event: ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
    let request = Request::from_event(event);
    let mut template = "none";
    let answer = match answer(runtime, &request, &mut template).await {
        Ok(answer) => answer,
        Err(error) => error.answer(),
    };
    tracing::info!(
        http.method = request.method,
        http.route = template,
        http.status = answer.status,
        request.id = request.request_id,
        "answered"
    );
    answer.into_response(&request.request_id)
}

async fn answer(runtime: &Runtime, request: &Request, template: &mut &'static str) -> Reply {
    let path = request.path();
    let (route, params) = match find(&request.method, &path) {
        Found::Route(route, params) => (route, params),
        Found::OtherMethods(methods) => {
            let detail = format!("Possible here: {methods}.");
            let no = ErrorAnswer::new(405, "method_not_allowed", &detail);
            return Ok(no.answer().with_header("allow", methods));
        }
        Found::Nothing => return Err(ErrorAnswer::not_found()),
    };
    *template = route.path;
    let mut call = Call { runtime, request, route, caller: None, params };
    match route.access {
        Access::Anyone => {}
        Access::Key(roles) => {
            let caller = authorised(&call).await?;
            if !roles.contains(&caller.role) {
                return Err(rights::forbidden(&caller));
            }
            call.caller = Some(caller);
        }
        Access::ByCommand => call.caller = Some(authorised(&call).await?),
    }
    known_parameters(&call)?;
    // No name of ours is that long, and no key of the table could hold it.
    if call.params.iter().any(|name| name.len() > NAME_BYTES_MAX) {
        return Err(ErrorAnswer::not_found());
    }
    // Boxed: the futures of forty endpoints side by side would be one very large future.
    Box::pin(dispatch(&call)).await
}

async fn dispatch(call: &Call<'_>) -> Reply {
    match call.route.endpoint {
        Endpoint::Health => health::health(call).await,
        Endpoint::OpenApi => Ok(Answer::json(200, openapi::document())),
        Endpoint::OrderList => search::list(call).await,
        Endpoint::OrderGet => orders::one(call).await,
        Endpoint::OrderDelete => deleting::delete(call).await,
        Endpoint::OrderHistory => orders::history(call).await,
        Endpoint::OrderWhy => orders::why(call).await,
        Endpoint::OrderCommand => Box::pin(commands::command(call)).await,
        Endpoint::TaskList => tasks::list(call).await,
        Endpoint::TaskNext => Box::pin(tasks::next(call)).await,
        Endpoint::Track => track::track(call).await,
        Endpoint::ApprovalGet => approve::show(call).await,
        Endpoint::ApprovalAnswer => Box::pin(approve::answer(call)).await,
        Endpoint::ProductPut => products::put(call).await,
        Endpoint::ProductGet => products::one(call).await,
        Endpoint::ProductList => products::list(call).await,
        Endpoint::ProductBatch => products::batch(call).await,
        Endpoint::MovementMake => Box::pin(movements::make(call)).await,
        Endpoint::StockList => stock::list(call).await,
        Endpoint::StockGet => stock::one(call).await,
        Endpoint::StockReservations => stock::reservations(call).await,
        Endpoint::SubscriptionMake => subscriptions::make(call).await,
        Endpoint::SubscriptionList => subscriptions::list(call).await,
        Endpoint::SubscriptionFigures => figures::figures(call, subscriptions::LIST).await,
        Endpoint::SubscriptionGet => subscriptions::one(call).await,
        Endpoint::SubscriptionOrders => subscriptions::orders(call).await,
        Endpoint::SubscriptionPreview => subscriptions::preview(call).await,
        Endpoint::SubscriptionAct => subscriptions::act(call).await,
        Endpoint::SettingsGet => settings::get(call).await,
        Endpoint::SettingsPut => settings::put(call).await,
        Endpoint::WarehouseList => settings::warehouses(call).await,
        Endpoint::WarehouseGet => settings::warehouse(call).await,
        Endpoint::WarehousePut => settings::put_warehouse(call).await,
        Endpoint::CustomerGet => customers::one(call).await,
        Endpoint::CustomerPut => customers::put(call).await,
        Endpoint::CustomerExport => privacy::export(call).await,
        Endpoint::CustomerErase => privacy::erase(call).await,
        Endpoint::PriceListList => price_lists::list(call).await,
        Endpoint::PriceListGet => price_lists::one(call).await,
        Endpoint::PriceListPut => price_lists::put(call).await,
        Endpoint::UserList => users::list(call).await,
        Endpoint::UserGet => users::one(call).await,
        Endpoint::UserPut => users::put(call).await,
        Endpoint::ClientGet => parties::client(call).await,
        Endpoint::ClientPut => parties::put_client(call).await,
        Endpoint::KeyMake => keys::make(call).await,
        Endpoint::KeyList => keys::list(call).await,
        Endpoint::KeyRevoke => keys::revoke(call).await,
        Endpoint::PaymentList => payments::unmatched(call).await,
        Endpoint::PaymentAssign => payments::assign(call).await,
        Endpoint::WebhookMake => webhooks::make(call).await,
        Endpoint::WebhookList => webhooks::list(call).await,
        Endpoint::WebhookGet => webhooks::one(call).await,
        Endpoint::WebhookPut => webhooks::put(call).await,
        Endpoint::WebhookDelete => webhooks::delete(call).await,
        Endpoint::WebhookRoll => webhooks::roll(call).await,
        Endpoint::WebhookDeliveries => webhooks::deliveries(call).await,
        Endpoint::WebhookReplay => webhooks::replay(call).await,
        // Other functions answer these; they stand in the table for `Allow` and the document.
        Endpoint::OrderMake
        | Endpoint::OrderBatch
        | Endpoint::OrderCheck
        | Endpoint::PaymentWebhook => Err(ErrorAnswer::not_found()),
    }
}

fn unauthorized() -> ErrorAnswer {
    ErrorAnswer::new(401, "unauthorized", "Give an API key: `Authorization: Bearer <key>`.")
}

async fn authorised(call: &Call<'_>) -> Result<Caller, ErrorAnswer> {
    let key = call.request.bearer().ok_or_else(unauthorized)?;
    caller(call.runtime, key).await?.ok_or_else(unauthorized)
}

/// A parameter nobody knows is a mistake that would otherwise go unnoticed.
fn known_parameters(call: &Call<'_>) -> Result<(), ErrorAnswer> {
    let known = call.route.query;
    // Links that travel by e-mail come back with what others have put on them.
    if call.route.access == Access::Anyone {
        return Ok(());
    }
    match call.request.query.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(_) if known.is_empty() => {
            Err(ErrorAnswer::new(400, "unknown_parameter", "No query parameter is known here."))
        }
        Some(name) => {
            let short: String = name.chars().take(40).collect();
            let detail = format!("`{short}` is unknown; known here: {}.", known.join(", "));
            Err(ErrorAnswer::new(400, "unknown_parameter", &detail))
        }
    }
}

/// 422 about one place of the body.
fn invalid(pointer: &str, code: &'static str, detail: &str) -> ErrorAnswer {
    ErrorAnswer::invalid(vec![Problem {
        pointer: pointer.to_owned(),
        code,
        detail: detail.to_owned(),
    }])
}

/// 503: others were always quicker.
fn too_busy() -> ErrorAnswer {
    let detail = "Others change the same rows faster than this request can; try again.";
    ErrorAnswer::new(503, "busy", detail)
}
