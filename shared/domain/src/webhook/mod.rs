//! Outgoing webhooks: who is told of which events, when an attempt is made again, when an
//! endpoint is given up. [`address`] says where a message may go at all.
//!
//! The message is a Standard Webhook: its id is the delivery's, so that a repeat is recognised.
//! **Invariant:** a delivery that waits has a deadline; whoever attempts it has moved it before.

pub mod address;

use crate::ids;
use crate::order::EventKind;
use crate::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// How long one delivery is tried, and how long an endpoint may fail before it is given up.
pub const TRIED_FOR: Seconds = Seconds::days(3);
/// How long an attempt may take before another takes it up: longer than any time-out of it.
pub const ATTEMPT_LEASE: Seconds = Seconds(60);
/// How long a delivery that is over is kept in the log.
pub const LOG_KEPT: Seconds = Seconds::days(30);
/// Attempts that the log shows of one delivery.
pub const ATTEMPTS_SHOWN_MAX: usize = 12;
/// Endpoints of one client.
pub const ENDPOINTS_MAX: usize = 10;
/// Kinds of events that one endpoint may name.
pub const EVENTS_MAX: usize = 60;
/// The longest overlap of an old secret with its successor.
pub const OVERLAP_MAX: Seconds = Seconds::days(7);
/// The overlap where none is asked for.
pub const OVERLAP_DEFAULT: Seconds = Seconds::days(1);
/// How long a new event waits while its endpoint fails.
const PAUSE_WHILE_FAILING: Seconds = Seconds::minutes(5);
/// The longest pause that an endpoint may ask for (`Retry-After`).
const RETRY_AFTER_MAX: Seconds = Seconds::days(1);

/// Pauses between attempts, as the Standard Webhooks specification proposes; the last attempt is
/// at the end of [`TRIED_FOR`].
const PAUSES: [Seconds; 9] = [
    Seconds(5),
    Seconds::minutes(5),
    Seconds::minutes(30),
    Seconds::hours(2),
    Seconds::hours(5),
    Seconds::hours(10),
    Seconds::hours(14),
    Seconds::hours(20),
    Seconds::hours(24),
];

/// A secret that signs messages. It has no `Debug` that shows it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Secret {
    /// `whsec_` and base64.
    pub text: String,
    /// It signs beside its successor until then; none while it is the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secret").field("until", &self.until).finish_non_exhaustive()
    }
}

/// Why an endpoint gets nothing any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// Every attempt of three days failed.
    Failing,
    /// It answered 410: it does not want to be told any more.
    Gone,
}

/// That an endpoint was given up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Disabled {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: DisabledReason,
}

/// Deliveries of a span of time that go out again, page by page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Replay {
    /// Events from then on.
    pub from: Timestamp,
    /// Events before then.
    pub to: Timestamp,
    /// Only what the endpoint has not taken.
    pub missed_only: bool,
    /// Where the next page begins, as the log's index names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// When the next page is due.
    pub due_at: Timestamp,
}

/// Where a client wants to be told.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Endpoint {
    /// Its id.
    pub id: String,
    /// Whose it is; it is told of this client's orders.
    pub client: String,
    /// Where messages go.
    pub url: String,
    /// What for, in the client's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Which kinds of events; empty: all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub events: Vec<EventKind>,
    /// Switched on by its client.
    pub active: bool,
    /// The newest first; at least one.
    pub secrets: Vec<Secret>,
    /// Since when every attempt has failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<Timestamp>,
    /// It was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<Disabled>,
    /// A replay under way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replay: Option<Replay>,
    /// Since when; it is told of nothing that happened before.
    pub created_at: Timestamp,
    /// Grows with each write.
    pub version: u64,
}

/// What an attempt says of its endpoint.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Health {
    /// Nothing new.
    AsBefore,
    /// It began to fail, or does not fail any more.
    Changed,
    /// It is given up: somebody must be told.
    Disabled,
}

impl Endpoint {
    /// Whether messages go out to it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.active && self.disabled.is_none()
    }

    /// Whether it is told of this event.
    #[must_use]
    pub fn wants(&self, kind: EventKind, at: Timestamp) -> bool {
        at >= self.created_at && (self.events.is_empty() || self.events.contains(&kind))
    }

    /// The secrets that sign now, the newest first.
    pub fn signing(&self, now: Timestamp) -> impl Iterator<Item = &str> {
        self.secrets
            .iter()
            .filter(move |s| s.until.is_none_or(|until| now < until))
            .map(|s| s.text.as_str())
    }

    /// Puts a new secret in front; what signed before goes on to sign for so long.
    pub fn roll(&mut self, text: String, overlap: Seconds, now: Timestamp) {
        self.secrets.retain(|s| s.until.is_none_or(|until| now < until));
        for old in &mut self.secrets {
            let end = now.plus(overlap.clamp(Seconds(0), OVERLAP_MAX));
            old.until = Some(old.until.map_or(end, |until| until.min(end)));
        }
        self.secrets.insert(0, Secret { text, until: None });
        self.secrets.truncate(SECRETS_MAX);
    }

    /// When something of it is due.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        self.replay.as_ref().map(|replay| replay.due_at)
    }

    /// Takes note of an attempt that was begun at that moment.
    pub fn note(&mut self, outcome: &Outcome, begun_at: Timestamp) -> Health {
        match outcome {
            Outcome::Answered { status, .. } if is_success(*status) => {
                if self.failing_since.take().is_some() { Health::Changed } else { Health::AsBefore }
            }
            Outcome::Answered { status: GONE, .. } => self.disable(DisabledReason::Gone, begun_at),
            Outcome::Answered { .. } | Outcome::Failed(_) => match self.failing_since {
                None => {
                    self.failing_since = Some(begun_at);
                    Health::Changed
                }
                Some(since) if begun_at >= since.plus(TRIED_FOR) => {
                    self.disable(DisabledReason::Failing, begun_at)
                }
                Some(_) => Health::AsBefore,
            },
        }
    }

    fn disable(&mut self, reason: DisabledReason, at: Timestamp) -> Health {
        if self.disabled.is_some() {
            return Health::AsBefore;
        }
        self.disabled = Some(Disabled { at, reason });
        Health::Disabled
    }

    /// Switches it on again after it was given up.
    pub fn enable(&mut self) {
        self.active = true;
        self.disabled = None;
        self.failing_since = None;
    }
}

/// Secrets that sign at once.
const SECRETS_MAX: usize = 5;
/// HTTP's "gone": the endpoint wants nothing any more.
const GONE: u16 = 410;

fn is_success(status: u16) -> bool {
    (200..300).contains(&status)
}

/// Why no answer came.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// The name has no address.
    NotResolved,
    /// One of its addresses is none of the public network.
    ForbiddenAddress,
    /// Nobody answers at the address.
    NotConnected,
    /// The certificate is not believed, or the other side speaks no TLS.
    TlsFailed,
    /// It took too long.
    TimedOut,
    /// What came is no HTTP answer.
    BrokenAnswer,
}

/// How an attempt ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// The endpoint answered. A redirect is an answer, and no success.
    Answered {
        /// HTTP status.
        status: u16,
        /// How long it asks to be left alone.
        retry_after: Option<Seconds>,
    },
    /// No answer came.
    Failed(Fault),
}

/// Where a delivery stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried until it is taken or three days are over.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// It was tried for three days.
    Failed,
    /// Its endpoint is switched off or was given up; a replay sends it.
    Held,
}

/// One attempt, as the log shows it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// When it was begun.
    pub at: Timestamp,
    /// What the endpoint answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why nothing was answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fault: Option<Fault>,
}

/// One event on its way to one endpoint.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// Its id, from (endpoint, order, event); the message's `webhook-id`.
    pub id: String,
    /// Whose it is.
    pub client: String,
    /// Where it goes.
    pub endpoint: String,
    /// The order.
    pub order: String,
    /// The event's version.
    pub event: u64,
    /// What happened.
    pub kind: EventKind,
    /// When it happened.
    pub event_at: Timestamp,
    /// Where it stands.
    pub state: DeliveryState,
    /// When the three days began: when it was first due, or replayed.
    pub begun_at: Timestamp,
    /// When the next attempt is due; only while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_at: Option<Timestamp>,
    /// Attempts since it began.
    pub tries: u32,
    /// The last attempts, oldest first, at most [`ATTEMPTS_SHOWN_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// When it came to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Grows with each write.
    pub version: u64,
}

impl Delivery {
    /// The id of what tells an endpoint of an order's event of that version, made or not.
    #[must_use]
    pub fn id_of(seller: &str, endpoint: &str, order: &str, version: u64) -> String {
        let version = version.to_string();
        ids::derive(ids::IdKind::Delivery, seller, &[endpoint, order, version.as_str()])
    }

    /// An event that an endpoint wants, to be attempted at once by whoever wrote this. An endpoint
    /// that fails is not tried with each new event: it would hold up the others.
    #[must_use]
    pub fn begin(
        endpoint: &Endpoint,
        seller: &str,
        order: &str,
        event: &crate::order::Event,
        now: Timestamp,
    ) -> Self {
        let mut delivery = Self {
            id: Self::id_of(seller, &endpoint.id, order, event.version),
            client: endpoint.client.clone(),
            endpoint: endpoint.id.clone(),
            order: order.to_owned(),
            event: event.version,
            kind: event.kind,
            event_at: event.at,
            state: DeliveryState::Waiting,
            begun_at: now,
            due_at: None,
            tries: 0,
            attempts: Vec::new(),
            ended_at: None,
            version: 1,
        };
        if !endpoint.is_open() {
            delivery.hold(now);
        } else if endpoint.failing_since.is_some() {
            delivery.due_at = Some(now.plus(PAUSE_WHILE_FAILING));
        } else {
            delivery.due_at = Some(now.plus(ATTEMPT_LEASE));
        }
        delivery
    }

    /// Whether whoever wrote it makes the first attempt.
    #[must_use]
    pub fn is_tried_at_once(&self) -> bool {
        self.due_at == Some(self.begun_at.plus(ATTEMPT_LEASE))
    }

    /// Takes an attempt in hand: nobody else makes one while the lease lasts.
    pub fn take(&mut self, now: Timestamp) {
        self.due_at = Some(now.plus(ATTEMPT_LEASE));
        self.version = self.version.saturating_add(1);
    }

    /// Lays it aside: its endpoint gets nothing just now.
    pub fn hold(&mut self, now: Timestamp) {
        self.end(DeliveryState::Held, now);
    }

    /// What it is about is not there any more.
    pub fn give_up(&mut self, now: Timestamp) {
        self.end(DeliveryState::Failed, now);
    }

    fn end(&mut self, state: DeliveryState, now: Timestamp) {
        self.state = state;
        self.due_at = None;
        self.ended_at = Some(now);
    }

    /// Sends it again, as if it had just happened.
    pub fn replay(&mut self, now: Timestamp) {
        self.state = DeliveryState::Waiting;
        self.begun_at = now;
        self.due_at = Some(now);
        self.tries = 0;
        self.ended_at = None;
        self.version = self.version.saturating_add(1);
    }

    /// Takes note of an attempt that was begun at that moment.
    pub fn note(&mut self, outcome: &Outcome, begun_at: Timestamp) {
        self.version = self.version.saturating_add(1);
        self.tries = self.tries.saturating_add(1);
        let (status, fault, retry_after) = match outcome {
            Outcome::Answered { status, retry_after } => (Some(*status), None, *retry_after),
            Outcome::Failed(fault) => (None, Some(*fault), None),
        };
        self.attempts.push(Attempt { at: begun_at, status, fault });
        let excess = self.attempts.len().saturating_sub(ATTEMPTS_SHOWN_MAX);
        self.attempts.drain(..excess);
        if status.is_some_and(is_success) {
            self.end(DeliveryState::Delivered, begun_at);
        } else if begun_at >= self.begun_at.plus(TRIED_FOR) {
            self.end(DeliveryState::Failed, begun_at);
        } else {
            self.due_at = Some(self.next_try(begun_at, retry_after));
        }
    }

    /// When the next attempt is due: later from try to try, and at the end of the three days for
    /// the last time. Up to a tenth is added, by the id, so that what failed together does not all
    /// come back at once.
    fn next_try(&self, now: Timestamp, retry_after: Option<Seconds>) -> Timestamp {
        let done = usize::try_from(self.tries).unwrap_or(usize::MAX);
        let pause = PAUSES.get(done.saturating_sub(1)).copied().unwrap_or(Seconds::hours(24));
        let spread = i64::from(ids::shard_of(&self.id, 100));
        let milliseconds = pause.0.saturating_mul(1000);
        let extra = milliseconds.saturating_mul(spread).checked_div(1000).unwrap_or(0);
        let by_pause = Timestamp::from_milliseconds(
            now.milliseconds().saturating_add(milliseconds).saturating_add(extra),
        );
        let asked = retry_after.map(|pause| now.plus(pause.clamp(Seconds(0), RETRY_AFTER_MAX)));
        let last = self.begun_at.plus(TRIED_FOR);
        asked.map_or(by_pause, |asked| asked.max(by_pause)).min(last)
    }
}

/// What an event is called in messages and subscriptions: `order.shipped`, `order.payment_received`.
#[must_use]
pub fn type_name(kind: EventKind) -> String {
    let word = serde_json::to_value(kind).ok();
    let word = word.as_ref().and_then(serde_json::Value::as_str).unwrap_or_default();
    format!("order.{}", word.strip_prefix("order_").unwrap_or(word))
}

/// The event of that name.
#[must_use]
pub fn kind_named(name: &str) -> Option<EventKind> {
    let word = name.strip_prefix("order.")?;
    [format!("order_{word}"), word.to_owned()]
        .into_iter()
        .find_map(|word| serde_json::from_value(serde_json::Value::String(word)).ok())
        .filter(|kind| type_name(*kind) == name)
}

#[cfg(test)]
mod tests;
