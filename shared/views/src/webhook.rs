//! Endpoints of webhooks and their log, as the API shows them. A secret is shown once.

use crate::values::Moment;
use ordermill_domain::webhook::{
    Attempt, Delivery, DeliveryState, DisabledReason, Endpoint, Fault, type_name,
};
use schemars::JsonSchema;
use serde::Serialize;

/// Whether an endpoint is told.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "WebhookState")]
pub enum EndpointState {
    /// It is told.
    Active,
    /// It is told, and does not take it.
    Failing,
    /// It was given up; switch it on again by `PUT`.
    Disabled,
    /// Its client has switched it off.
    Off,
}

/// Where a client wants to be told.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "Webhook")]
pub struct EndpointView {
    /// Its id.
    pub id: String,
    /// Whose it is; it is told of this client's orders.
    pub client: String,
    /// Where messages go.
    pub url: String,
    /// What for.
    pub description: Option<String>,
    /// Which events, like `order.shipped`; empty: all.
    pub events: Vec<String>,
    /// Whether its client has it switched on.
    pub active: bool,
    /// Whether it is told.
    pub state: EndpointState,
    /// Since when no attempt succeeded.
    pub failing_since: Option<Moment>,
    /// When it was given up.
    pub disabled_at: Option<Moment>,
    /// Why.
    pub disabled_reason: Option<DisabledReason>,
    /// Whether deliveries of a span of time are being sent again.
    pub replaying: bool,
    /// The secret that signs; shown once, when it is made or rolled.
    pub secret: Option<String>,
    /// Until when an older secret signs too.
    pub old_secret_until: Option<Moment>,
    /// Since when; it is told of nothing that happened before.
    pub created_at: Moment,
}

impl EndpointView {
    /// The endpoint as it is stored, and its secret where it has just been made.
    #[must_use]
    pub fn new(endpoint: &Endpoint, secret: Option<String>) -> Self {
        let state = if endpoint.disabled.is_some() {
            EndpointState::Disabled
        } else if !endpoint.active {
            EndpointState::Off
        } else if endpoint.failing_since.is_some() {
            EndpointState::Failing
        } else {
            EndpointState::Active
        };
        Self {
            id: endpoint.id.clone(),
            client: endpoint.client.clone(),
            url: endpoint.url.clone(),
            description: endpoint.description.clone(),
            events: endpoint.events.iter().map(|kind| type_name(*kind)).collect(),
            active: endpoint.active,
            state,
            failing_since: endpoint.failing_since.map(Moment::from),
            disabled_at: endpoint.disabled.as_ref().map(|d| d.at.into()),
            disabled_reason: endpoint.disabled.as_ref().map(|d| d.reason),
            replaying: endpoint.replay.is_some(),
            secret,
            old_secret_until: endpoint
                .secrets
                .iter()
                .filter_map(|s| s.until)
                .max()
                .map(Moment::from),
            created_at: endpoint.created_at.into(),
        }
    }
}

/// One event on its way to an endpoint.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub struct DeliveryView {
    /// The message's `webhook-id`.
    pub id: String,
    /// The order.
    pub order: String,
    /// The order's version that the event made.
    pub event: u64,
    /// What happened, like `order.shipped`.
    #[serde(rename = "type")]
    pub kind: String,
    /// When it happened.
    pub event_at: Moment,
    /// Where it stands.
    pub state: DeliveryState,
    /// Attempts since it began, or since its last replay.
    pub tries: u32,
    /// When the next attempt is due.
    pub next_attempt_at: Option<Moment>,
    /// When it came to its end.
    pub ended_at: Option<Moment>,
    /// The last attempts, oldest first.
    pub attempts: Vec<AttemptView>,
}

/// One attempt.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "DeliveryAttempt")]
pub struct AttemptView {
    /// When it was begun.
    pub at: Moment,
    /// What the endpoint answered.
    pub status: Option<u16>,
    /// Why nothing was answered.
    pub fault: Option<Fault>,
}

impl From<&Attempt> for AttemptView {
    fn from(attempt: &Attempt) -> Self {
        Self { at: attempt.at.into(), status: attempt.status, fault: attempt.fault }
    }
}

impl From<&Delivery> for DeliveryView {
    fn from(delivery: &Delivery) -> Self {
        Self {
            id: delivery.id.clone(),
            order: delivery.order.clone(),
            event: delivery.event,
            kind: type_name(delivery.kind),
            event_at: delivery.event_at.into(),
            state: delivery.state,
            tries: delivery.tries,
            next_attempt_at: delivery.due_at.map(Moment::from),
            ended_at: delivery.ended_at.map(Moment::from),
            attempts: delivery.attempts.iter().map(AttemptView::from).collect(),
        }
    }
}
