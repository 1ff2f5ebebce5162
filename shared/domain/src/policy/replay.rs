//! What would have become of real orders under another policy: `policy replay`.
//!
//! An order's recorded events are walked again. What people, providers and steps did stays as it
//! was; where it leads, and when a limit runs out before it comes, is the draft's to say. Guards
//! about the order's own words (terms, methods) are judged; those about what was true at a moment
//! long past (paid, reserved) count as holding where the real order went on at that event.

use super::load::words::Word;
use super::{CommandKind, Guard, Outcome, Phase, Policy, Role, Status, StatusKey, StepOutcome};
use crate::decide::{guards, limits};
use crate::order::{ActorKind, Event, EventKind, Order};
use crate::time::Timestamp;

/// What would have become of one order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Replayed {
    /// Where it stands in truth.
    pub stands: StatusKey,
    /// Where it would stand.
    pub would_stand: StatusKey,
    /// Where it first went another way, and why; none where it did not.
    pub because: Option<Divergence>,
    /// It would have been closed without goods, and money came for it all the same.
    pub paid_in_truth: bool,
}

/// Where an order would have gone another way.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Divergence {
    /// The event at which it would have, or before which a limit would have run out.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// Why, in one line.
    pub why: String,
}

/// The walk of one order.
struct Walk<'a> {
    draft: &'a Policy,
    order: &'a Order,
    status: StatusKey,
    since: Timestamp,
    paid: bool,
    because: Option<Divergence>,
}

/// Walks an order's events, oldest first, under a draft of a policy, up to `now`.
#[must_use]
pub fn replay(draft: &Policy, order: &Order, events: &[Event], now: Timestamp) -> Replayed {
    let mut walk = Walk {
        draft,
        order,
        status: draft.initial.clone(),
        since: order.created_at,
        paid: false,
        because: None,
    };
    for event in events {
        walk.limit(event.version, event.at);
        walk.event(event);
    }
    if !order.is_closed() {
        walk.limit(order.version, now);
    }
    let came = |event: &Event| event.kind == EventKind::PaymentReceived;
    let cut_short = walk.is_closed() && walk.status != order.status;
    Replayed {
        stands: order.status.clone(),
        paid_in_truth: cut_short && events.iter().any(came),
        would_stand: walk.status,
        because: walk.because,
    }
}

impl Walk<'_> {
    fn is_closed(&self) -> bool {
        self.draft.phase(&self.status) == Phase::Closed
    }

    fn here(&self) -> Option<&Status> {
        self.draft.status(&self.status)
    }

    fn go(&mut self, to: StatusKey, at: Timestamp) {
        if self.status != to {
            self.status = to;
            self.since = at;
        }
    }

    fn diverge(&mut self, version: u64, at: Timestamp, why: String) {
        if self.because.is_none() {
            self.because = Some(Divergence { version, at, why });
        }
    }

    /// The draft's limit of the status, if it runs out before that moment.
    fn limit(&mut self, version: u64, until: Timestamp) {
        // A policy has few statuses; a walk through limits alone is no longer than that.
        for _ in 0..self.draft.statuses.len() {
            let Some((due, to)) = self.next_move().filter(|(due, _)| *due <= until) else { return };
            if self.draft.phase(&to) == Phase::Closed && self.paid {
                // Money had come: a person would have been asked.
                return;
            }
            let why =
                format!("the limit of `{}` would have run out and led to `{to}`", self.status);
            if self.order.status != to {
                self.diverge(version, due, why);
            }
            self.go(to, due);
        }
    }

    fn next_move(&self) -> Option<(Timestamp, StatusKey)> {
        let rungs = self.here()?.limit.iter();
        rungs
            .filter(|rung| rung.when.as_ref().is_none_or(|when| limits::applies(when, self.order)))
            .find_map(|rung| match &rung.outcome {
                Outcome::Move { to, .. } => {
                    let calendar =
                        rung.calendar.as_ref().and_then(|name| self.draft.calendars.get(name));
                    Some((limits::after(calendar, self.since, rung.after), to.clone()))
                }
                Outcome::Redrive
                | Outcome::Notify { .. }
                | Outcome::Task { .. }
                | Outcome::Call
                | Outcome::Split(_) => None,
            })
    }

    fn event(&mut self, event: &Event) {
        if event.kind == EventKind::PaymentReceived {
            self.paid = true;
        }
        // Only what moved the real order, or could have, moves this one.
        let Some(to) = &event.to else { return };
        if event.version == 1 {
            return;
        }
        if let Some(outcome) = outcome_of(event.kind) {
            let then = self.here().and_then(|status| status.then.get(&outcome)).cloned();
            match then {
                Some(then) => self.lead(event, then, to),
                None => self.stay(event, to, "has no such step"),
            }
            return self.by_itself(event);
        }
        match event.kind {
            EventKind::LimitMoved => {
                // The draft's own limits were judged before.
                if self.status != *to {
                    self.stay(event, to, "has no such limit");
                }
            }
            EventKind::OrderRevived => {
                let revived = self.draft.revive_to.clone();
                match revived {
                    Some(revived) => self.lead(event, revived, to),
                    None => self.stay(event, to, "revives nothing"),
                }
            }
            kind => self.command(event, kind, to),
        }
        self.by_itself(event);
    }

    fn command(&mut self, event: &Event, kind: EventKind, to: &StatusKey) {
        if self.status == *to {
            return;
        }
        let role = role_of(event.actor.kind);
        let asked = |command: &CommandKind| tells_of(kind, *command);
        let found = CommandKind::ALL.iter().copied().filter(asked).find_map(|command| {
            let of = |m: &&super::Move| {
                m.command == command
                    && m.from.contains(&self.status)
                    && (role.is_one_of(&m.by) || m.auto)
            };
            let moves = || self.draft.moves.iter().filter(of);
            moves().find(|m| m.to == *to).or_else(|| moves().next()).map(|m| m.to.clone())
        });
        match found {
            Some(then) => self.lead(event, then, to),
            None => self.stay(event, to, "has no such move for this role"),
        }
    }

    /// The draft leads somewhere; where that is not where the real order went, it is said.
    fn lead(&mut self, event: &Event, then: StatusKey, to: &StatusKey) {
        if then != *to {
            let why = format!("`{}` leads to `{then}`, not `{to}`", self.status);
            self.diverge(event.version, event.at, why);
        }
        self.go(then, event.at);
    }

    fn stay(&mut self, event: &Event, to: &StatusKey, what: &str) {
        if self.draft.status(to).is_none() {
            let why = format!("there is no status `{to}`");
            return self.diverge(event.version, event.at, why);
        }
        if self.status != *to {
            let why = format!("`{}` {what}: it would not have gone to `{to}`", self.status);
            self.diverge(event.version, event.at, why);
        }
    }

    /// Automatic moves whose guards the order's own words decide.
    fn by_itself(&mut self, event: &Event) {
        for _ in 0..crate::decide::AUTO_MOVES_MAX {
            let next = self
                .draft
                .auto_moves(&self.status)
                .find(|m| m.to != self.status && m.guards.iter().all(|guard| self.is_so(guard)))
                .map(|m| m.to.clone());
            let Some(next) = next else { return };
            self.go(next, event.at);
        }
    }

    /// Whether a guard holds by what the order says of itself; what depends on a moment does not.
    fn is_so(&self, guard: &Guard) -> bool {
        match guard {
            Guard::Terms(_)
            | Guard::PaymentMethod(_)
            | Guard::DeliveryMethod(_)
            | Guard::ContactComplete
            | Guard::ContractNumberPresent
            | Guard::PaymentTermsPresent => {
                guards::holds(guard, self.draft, self.order, self.since)
            }
            // Asked of no order without a deposit.
            Guard::DepositPaid | Guard::BalancePaid => self.order.deposit().is_none(),
            Guard::PaidInFull
            | Guard::BalanceOpen
            | Guard::PrepaymentReceived(_)
            | Guard::StockReserved
            | Guard::SomeStockReserved
            | Guard::CustomerSolvent
            | Guard::ApprovedByCustomer
            | Guard::EveryLineShipped
            | Guard::EveryShipmentDelivered
            | Guard::EverythingReturned
            | Guard::WithinDeliveryDate
            | Guard::EverythingPicked => false,
        }
    }
}

/// Whether an event of that kind is what such a command left behind: an edit and a split have
/// events of their own where somebody asked for them.
fn tells_of(kind: EventKind, command: CommandKind) -> bool {
    let edited = kind == EventKind::OrderEdited && command == CommandKind::Edit;
    let split = kind == EventKind::OrderSplit && command == CommandKind::Split;
    edited || split || guards::event_of(command) == kind
}

/// The outcome of a step that an event tells of.
fn outcome_of(kind: EventKind) -> Option<StepOutcome> {
    match kind {
        EventKind::OrderValidated | EventKind::StockReserved | EventKind::StockPartlyReserved => {
            Some(StepOutcome::Ok)
        }
        EventKind::ReviewRequired => Some(StepOutcome::Review),
        EventKind::OrderBackordered => Some(StepOutcome::Backordered),
        _ => None,
    }
}

/// As whom an actor acted.
fn role_of(kind: ActorKind) -> Role {
    match kind {
        ActorKind::Customer => Role::Customer,
        ActorKind::Partner => Role::Partner,
        ActorKind::Manager => Role::Manager,
        ActorKind::Planner => Role::Planner,
        ActorKind::Admin => Role::Admin,
        ActorKind::System | ActorKind::Provider => Role::System,
    }
}
