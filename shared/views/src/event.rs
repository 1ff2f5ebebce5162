//! One event as `history` shows it, and the automatic decision behind it as `why` shows it.

use crate::values::Moment;
use ordermill_domain::order::{ActorKind, Event, EventKind};
use ordermill_domain::policy::{Guard, Move, Policy, StatusKey};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// One event.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Event")]
pub struct EventView {
    /// The order's version from then on; 1, 2, 3 … without gap.
    pub version: u64,
    /// When.
    pub at: Moment,
    /// What happened.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// The status before, where it changed.
    pub from: Option<StatusKey>,
    /// The status after, where it changed.
    pub to: Option<StatusKey>,
    /// Who did it.
    pub actor: ActorView,
    /// What made it happen: a command, a step, a payment's reference.
    pub cause: String,
    /// Why, where somebody said so.
    pub reason: Option<String>,
    /// Figures and references.
    pub data: Map<String, Value>,
}

/// Who did something.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Actor")]
pub struct ActorView {
    /// What kind of party.
    pub kind: ActorKind,
    /// The client, user, function or provider.
    pub id: String,
}

/// An automatic decision: what it was made from, by which rule, and what was refused.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Decision")]
pub struct DecisionView {
    /// The event it led to.
    pub version: u64,
    /// When.
    pub at: Moment,
    /// What was decided.
    #[serde(rename = "type")]
    pub kind: EventKind,
    /// By which rule: of sourcing, of a limit, the guards of an automatic move.
    pub rule: String,
    /// The lifecycle the rule is part of.
    pub policy: String,
    /// Its version.
    pub policy_version: u32,
    /// The status before, where it changed.
    pub from: Option<StatusKey>,
    /// The status after, where it changed.
    pub to: Option<StatusKey>,
    /// What it was decided from.
    pub inputs: Map<String, Value>,
    /// Alternatives, and why they were refused.
    pub refused: Vec<Value>,
    /// What made it happen.
    pub cause: String,
    /// Reason code.
    pub reason: Option<String>,
}

/// The event as the API shows it.
#[must_use]
pub fn event_view(event: &Event) -> EventView {
    EventView {
        version: event.version,
        at: event.at.into(),
        kind: event.kind,
        from: event.from.clone(),
        to: event.to.clone(),
        actor: ActorView { kind: event.actor.kind, id: event.actor.id.clone() },
        cause: event.cause.clone(),
        reason: event.reason.clone(),
        data: event.data.clone(),
    }
}

/// The decision behind an event; none where a person, or the world, made it happen.
#[must_use]
pub fn decision_view(event: &Event, policy: &Policy) -> Option<DecisionView> {
    if !is_automatic(event) {
        return None;
    }
    let mut inputs = event.data.clone();
    let refused = match inputs.remove("refused") {
        Some(Value::Array(refused)) => refused,
        Some(_) | None => passed_over(event, policy),
    };
    let rule = match (inputs.remove("rule"), inputs.remove("guards")) {
        (Some(Value::String(rule)), _) => format!("sourcing.{rule}"),
        (_, Some(Value::Array(guards))) => {
            let guards: Vec<&str> = guards.iter().filter_map(Value::as_str).collect();
            move_rule(event, &guards.join(", "))
        }
        _ => rule_of(event, policy),
    };
    Some(DecisionView {
        version: event.version,
        at: event.at.into(),
        kind: event.kind,
        rule,
        policy: policy.name.clone(),
        policy_version: policy.version,
        from: event.from.clone(),
        to: event.to.clone(),
        inputs,
        refused,
        cause: event.cause.clone(),
        reason: event.reason.clone(),
    })
}

/// Whether a rule, and no person, made this happen. What follows a person's command by itself
/// carries that person's name as its actor, so the kind of the event is asked too.
fn is_automatic(event: &Event) -> bool {
    let by_itself = match event.actor.kind {
        ActorKind::System => true,
        ActorKind::Customer
        | ActorKind::Partner
        | ActorKind::Manager
        | ActorKind::Planner
        | ActorKind::Admin
        | ActorKind::Provider => false,
    };
    match event.kind {
        EventKind::OrderValidated
        | EventKind::ReviewRequired
        | EventKind::StockReserved
        | EventKind::StockPartlyReserved
        | EventKind::OrderBackordered
        | EventKind::StockServed
        | EventKind::StockPageDone
        | EventKind::OrderAdvanced
        | EventKind::OrderRevived
        | EventKind::LimitNoticed
        | EventKind::LimitMoved
        | EventKind::ExceptionOpened
        | EventKind::ExceptionClosed
        | EventKind::ArrivalNoticed
        | EventKind::NoticeFailed
        | EventKind::Reminded => true,
        EventKind::RefundOwed => {
            by_itself || matches!(event.reason.as_deref(), Some("surplus" | "late_money"))
        }
        // What a bank says holds an order, or lets it go.
        EventKind::HoldPlaced | EventKind::HoldReleased => {
            by_itself || event.actor.kind == ActorKind::Provider
        }
        EventKind::ReleaseStarted
        | EventKind::TaskSet
        | EventKind::CustomerAsked
        | EventKind::QuestionClosed
        | EventKind::OrderConfirmed
        | EventKind::OrderApproved
        | EventKind::OrderRejected
        | EventKind::OrderAssigned
        | EventKind::OrderCommented
        | EventKind::OrderEdited
        | EventKind::OrderSplit
        | EventKind::ProductionProgressed
        | EventKind::OrderPicked
        | EventKind::OrderPacked
        | EventKind::OrderShipped
        | EventKind::OrderDelivered
        | EventKind::OrderCompleted
        | EventKind::OrderReturned
        | EventKind::LinesCancelled
        | EventKind::OrderCancelled => by_itself || moved_by_itself(event),
        // Taken in, paid, refunded: the world did that.
        EventKind::OrderReceived
        | EventKind::PaymentReceived
        | EventKind::PaymentFailed
        | EventKind::PaymentAuthorised
        | EventKind::PaymentDisputed
        | EventKind::DisputeClosed
        | EventKind::CustomerErased
        | EventKind::TaskTaken
        | EventKind::TaskDone
        | EventKind::CustomerCalled
        | EventKind::CustomerAnswered
        | EventKind::RefundDone
        | EventKind::RefundShared => false,
    }
}

/// A move that a command of another name made possible, like `complete` after a delivery.
fn moved_by_itself(event: &Event) -> bool {
    let named = match event.kind {
        EventKind::OrderCompleted => &["complete", "archive"][..],
        EventKind::OrderConfirmed => &["confirm"][..],
        _ => return false,
    };
    event.from != event.to && !named.contains(&event.cause.as_str())
}

/// Other moves that the system could have taken from the same status, and what kept it from them.
fn passed_over(event: &Event, policy: &Policy) -> Vec<Value> {
    let (Some(from), Some(to)) = (&event.from, &event.to) else { return Vec::new() };
    let Some(taken) = policy.auto_moves(from).find(|m| m.to == *to) else { return Vec::new() };
    let why = |other: &Move| {
        let guard = other.guards.iter().find(|guard| !taken.guards.contains(guard));
        guard.map_or_else(|| "The policy names it later.".to_owned(), Guard::sentence)
    };
    policy
        .auto_moves(from)
        .filter(|other| other.to != *to)
        .map(|other| {
            let guards: Vec<String> = other.guards.iter().map(ToString::to_string).collect();
            json!({ "to": other.to, "guards": guards, "why": why(other) })
        })
        .collect()
}

/// An automatic move, by its guards.
fn move_rule(event: &Event, guards: &str) -> String {
    let name =
        |status: &Option<StatusKey>| status.as_ref().map_or("", StatusKey::as_str).to_owned();
    format!("move.{}.{} [{guards}]", name(&event.from), name(&event.to))
}

/// The rule where the event does not name it: the guards of the automatic move, or the step.
fn rule_of(event: &Event, policy: &Policy) -> String {
    if let (Some(from), Some(to)) = (&event.from, &event.to)
        && let Some(found) = policy.auto_moves(from).find(|m| m.to == *to)
    {
        let guards: Vec<String> = found.guards.iter().map(ToString::to_string).collect();
        return move_rule(event, &guards.join(", "));
    }
    match event.kind {
        EventKind::LimitNoticed | EventKind::LimitMoved => {
            let status = event.from.as_ref().map_or("status", StatusKey::as_str);
            let after = event.data.get("after").and_then(Value::as_str).unwrap_or_default();
            format!("limit.{status} {after}").trim_end().to_owned()
        }
        EventKind::RefundOwed if event.data.contains_key("late_money") => {
            "money.late_money".to_owned()
        }
        EventKind::RefundOwed => "money.surplus".to_owned(),
        EventKind::HoldPlaced | EventKind::HoldReleased => {
            let hold = event.data.get("hold").and_then(Value::as_str).unwrap_or_default();
            format!("hold.{hold}")
        }
        EventKind::OrderRevived => "money.late_money".to_owned(),
        EventKind::ExceptionOpened | EventKind::ExceptionClosed => {
            format!("exception.{}", event.reason.as_deref().unwrap_or("unnamed"))
        }
        _ => format!("step.{}", event.cause),
    }
}
