//! The endpoints of outgoing webhooks: bodies, answers, examples.

use super::answers::Page;
use super::examples::page;
use super::operations::{Builder, Operation};
use crate::orders::json_of;
use crate::routes::Endpoint as Route;
use ordermill_domain::order::EventKind;
use ordermill_domain::time::Timestamp;
use ordermill_domain::webhook::{Attempt, Delivery, DeliveryState, Endpoint, Secret};
use ordermill_views::webhook::{DeliveryView, EndpointView};
use schemars::JsonSchema;
use serde_json::{Value, json};

/// Where a client wants to be told.
#[derive(JsonSchema)]
#[schemars(rename = "NewWebhook", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
struct EndpointBody {
    /// https, port 443, of the public network.
    url: String,
    /// Which events, like `order.shipped`; all where left out.
    events: Option<Vec<String>>,
    /// What for.
    description: Option<String>,
    /// Whether it is told; `true` where left out.
    active: Option<bool>,
    /// Whose it is, for people of the house; the caller's where left out.
    client: Option<String>,
}

/// Everything about an endpoint but its secret.
#[derive(JsonSchema)]
#[schemars(rename = "WebhookChange", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
struct ChangeBody {
    /// https, port 443, of the public network.
    url: String,
    /// Which events, like `order.shipped`; all where left out.
    events: Option<Vec<String>>,
    /// What for.
    description: Option<String>,
    /// Whether it is told; `true` where left out, also after it was given up.
    active: Option<bool>,
}

/// How a secret is rolled.
#[derive(JsonSchema)]
#[schemars(rename = "WebhookRoll", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
struct RollBody {
    /// How long the old secret signs beside the new one; a day where left out, seven at most.
    overlap_seconds: Option<i64>,
}

/// What is sent again: one delivery, or all of a span of time.
#[derive(JsonSchema)]
#[schemars(rename = "WebhookReplay", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
struct ReplayBody {
    /// A delivery's id.
    delivery: Option<String>,
    /// Events from this moment on.
    from: Option<String>,
    /// Events before this moment; now where left out.
    to: Option<String>,
    /// Only what the endpoint has not taken.
    missed_only: Option<bool>,
}

fn endpoint(secret: bool) -> Value {
    let at = Timestamp::parse("2026-11-22T09:00:00Z").unwrap_or_default();
    let text = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD".to_owned();
    let endpoint = Endpoint {
        id: "vq3m6c2tkxw5o7yjzq4n5d2h6a".to_owned(),
        client: "partner".to_owned(),
        url: "https://example.com/hooks/orders".to_owned(),
        description: Some("our ERP".to_owned()),
        events: vec![EventKind::OrderShipped],
        active: true,
        secrets: vec![Secret { text: text.clone(), until: None }],
        failing_since: None,
        disabled: None,
        replay: None,
        created_at: at,
        version: 1,
    };
    json_of(&EndpointView::new(&endpoint, secret.then_some(text)))
}

fn delivery() -> Value {
    let at = Timestamp::parse("2026-11-22T09:00:00Z").unwrap_or_default();
    let delivery = Delivery {
        id: "k4d2h6avq3m6c2tkxw5o7yjzqn".to_owned(),
        client: "partner".to_owned(),
        endpoint: "vq3m6c2tkxw5o7yjzq4n5d2h6a".to_owned(),
        order: "6c2tkxw5o7yjzqnk4d2h6avq3m".to_owned(),
        event: 7,
        kind: EventKind::OrderShipped,
        event_at: at,
        state: DeliveryState::Delivered,
        begun_at: at,
        due_at: None,
        tries: 1,
        attempts: vec![Attempt { at, status: Some(204), fault: None }],
        ended_at: Some(at),
        version: 2,
    };
    json_of(&DeliveryView::from(&delivery))
}

/// What an endpoint of webhooks takes and answers.
pub(super) fn describe(begin: Builder<'_>, route: Route) -> Operation {
    let off = "It is switched off; switch it on first.";
    match route {
        Route::WebhookMake => begin
            .about("webhooks", "Be told of your orders by signed HTTP messages")
            .header("Idempotency-Key", false)
            .body::<EndpointBody>(
                true,
                json!({ "url": "https://example.com/hooks/orders", "events": ["order.shipped"],
                        "description": "our ERP" }),
            )
            .answer_with::<EndpointView>(201, "It is new.", endpoint(true), &["Location"])
            .answer::<EndpointView>(
                200,
                "The endpoint that this request made before, without its secret.",
                endpoint(false),
            )
            .no(409, "too_many_endpoints", "A client has at most ten endpoints; delete one.")
            .no(410, "webhook_deleted", "The endpoint of this key has been deleted."),
        Route::WebhookList => begin
            .about("webhooks", "Your endpoints")
            .answer::<Page<EndpointView>>(200, "All of them.", page(vec![endpoint(false)])),
        Route::WebhookPut => begin
            .about("webhooks", "Replace an endpoint, all but its secret; switch it on again")
            .body::<ChangeBody>(true, json!({ "url": "https://example.com/hooks/orders" }))
            .answer::<EndpointView>(200, "It was replaced.", endpoint(false)),
        Route::WebhookDelete => begin
            .about("webhooks", "Delete an endpoint")
            .answer::<EndpointView>(200, "It was deleted.", endpoint(false)),
        Route::WebhookRoll => begin
            .about("webhooks", "A new secret; the old one signs beside it for a while")
            .body::<RollBody>(false, json!({ "overlap_seconds": 86_400 }))
            .answer::<EndpointView>(200, "With the new secret, shown once.", endpoint(true)),
        Route::WebhookDeliveries => begin
            .about("webhooks", "What was sent to an endpoint, newest event first")
            .answer::<Page<DeliveryView>>(200, "A page of the log.", page(vec![delivery()])),
        Route::WebhookReplay => begin
            .about("webhooks", "Send one delivery again, or all of a span of time")
            .body::<ReplayBody>(
                true,
                json!({ "from": "2026-11-22T00:00:00Z", "missed_only": true }),
            )
            .answer::<EndpointView>(200, "It is on its way.", endpoint(false))
            .no(409, "endpoint_off", off),
        _ => begin.about("webhooks", "One endpoint").answer::<EndpointView>(
            200,
            "The endpoint.",
            endpoint(false),
        ),
    }
    .done()
}
