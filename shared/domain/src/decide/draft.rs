//! Building a decision. **Invariant:** no event without a new version, no new version without
//! an event; versions are consecutive; event times never run backwards.

use super::{
    AUTO_MOVES_MAX, CreditChange, MoneyEvent, ask, consent, contact, credit, dunning, fulfil,
    guards, limits, passing, payments, shortage, supply, tasks,
};
use crate::intake::command::SplitBy;
use crate::order::{
    Actor, Channel, Event, EventKind, Exception, Hold, Line, Order, RECENT_EVENTS_MAX, Recipient,
    StockWork, Then, Todo,
};
use crate::policy::{Move, Outcome, Phase, Policy, StatusKey, Step, Trigger};
use crate::price::reckon_remaining;
use crate::reach;
use crate::stock::group::ORDER_ACTIONS_MAX;
use crate::stock::{StockChanges, StockView};
use crate::time::{Seconds, Timestamp};
use serde_json::{Map, Value};

/// When a person is first reminded of an open exception, hold or debt; doubled each time.
pub const REMIND_AFTER: Seconds = Seconds::days(1);
/// The longest pause between two reminders.
pub const REMIND_AFTER_MAX: Seconds = Seconds::days(30);
/// When stock work in pages is taken up again if its message was lost.
pub const STOCK_WORK_LIMIT: Seconds = Seconds::minutes(2);

/// What a partner is told when its order comes to rest in another status.
const PARTNER_NOTICE: &str = "partner_update";

/// Code of the exception when automatic moves lead nowhere.
const AUTO_LOOP: &str = "auto_loop";

/// What becomes of an order, and what the same transaction does to stock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Decision {
    /// The order as it must be.
    pub order: Order,
    /// The new events, oldest first, with consecutive versions.
    pub events: Vec<Event>,
    /// What happens to stock in the same transaction.
    pub stock: StockChanges,
    /// What happens to the customer's credit in the same transaction.
    pub credit: CreditChange,
    /// The order must be written though it has no new version (a back-off, a redrive).
    pub touched: bool,
    /// The snapshot changed too (validation filled or normalised it).
    pub placed_changed: bool,
    /// New orders that were made of this one, in the same transaction.
    pub parts: Vec<Decision>,
    /// What other orders must be told of their money, in the same transaction.
    pub passed_on: Vec<PassedOn>,
}

/// What happened to money that came here and went on to an order that was split off.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PassedOn {
    /// The order that has the money.
    pub order: String,
    /// Names the event among those of its provider, `split`: it comes once.
    pub event_id: String,
    /// What happened, to the payment that it has from here.
    pub money: MoneyEvent,
}

impl Decision {
    /// Nothing changes.
    #[must_use]
    pub fn unchanged(order: &Order) -> Self {
        Self {
            order: order.clone(),
            events: Vec::new(),
            stock: StockChanges::default(),
            credit: CreditChange::default(),
            touched: false,
            placed_changed: false,
            parts: Vec::new(),
            passed_on: Vec::new(),
        }
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.events.is_empty() && !self.touched
    }

    /// Whether something open was called to mind.
    #[must_use]
    pub fn is_reminder(&self) -> bool {
        self.events.iter().any(|event| event.kind == EventKind::Reminded)
    }

    /// This decision and the one made on its order, as one.
    #[must_use]
    pub fn followed_by(mut self, next: Self) -> Self {
        self.events.extend(next.events);
        self.stock.merge(&next.stock);
        self.parts.extend(next.parts);
        self.passed_on.extend(next.passed_on);
        Self {
            order: next.order,
            events: self.events,
            stock: self.stock,
            credit: self.credit.and(next.credit),
            touched: self.touched || next.touched,
            placed_changed: self.placed_changed || next.placed_changed,
            parts: self.parts,
            passed_on: self.passed_on,
        }
    }
}

/// A decision while it is made.
pub(super) struct Draft<'a> {
    pub policy: &'a Policy,
    /// Stock as the facts say it is.
    pub view: &'a StockView,
    pub order: Order,
    pub stock: StockChanges,
    pub credit: CreditChange,
    pub now: Timestamp,
    pub actor: Actor,
    pub cause: String,
    pub placed_changed: bool,
    pub touched: bool,
    pub passed_on: Vec<PassedOn>,
    /// A limit asks for the order to be split when this is decided.
    pub split: Option<SplitBy>,
    events: Vec<Event>,
    /// The order when the draft was begun.
    pub before: &'a Order,
}

impl<'a> Draft<'a> {
    pub fn new(
        policy: &'a Policy,
        order: &'a Order,
        view: &'a StockView,
        actor: Actor,
        cause: &str,
        now: Timestamp,
    ) -> Self {
        Self {
            policy,
            view,
            stock: StockChanges::default(),
            credit: CreditChange::default(),
            now: now.max(order.updated_at),
            actor,
            cause: cause.to_owned(),
            placed_changed: false,
            touched: false,
            passed_on: Vec::new(),
            split: None,
            events: Vec::new(),
            before: order,
            order: order.clone(),
        }
    }

    /// The lines as they were when the draft was begun.
    pub fn lines_before(&self) -> &[Line] {
        &self.before.lines
    }

    /// The order when the draft was begun.
    pub fn order_before(&self) -> &Order {
        self.before
    }

    /// What the order came to when the draft was begun.
    pub fn gross_before(&self) -> crate::money::Amount {
        self.before.gross()
    }

    /// Something happened; the version grows by one.
    pub fn event(&mut self, kind: EventKind) -> &mut Event {
        self.order.version = self.order.version.saturating_add(1);
        self.order.updated_at = self.now;
        self.events.push_mut(Event {
            version: self.order.version,
            at: self.now,
            kind,
            from: None,
            to: None,
            actor: self.actor.clone(),
            cause: self.cause.clone(),
            reason: None,
            data: Map::new(),
            todo: Vec::new(),
        })
    }

    /// Something happened that moves the order. A closed status holds no stock: what cannot be
    /// released in one transaction is released in pages first, and the move follows at the end.
    pub fn go(&mut self, kind: EventKind, to: &StatusKey, reason: Option<&str>) {
        if self.policy.phase(to) == Phase::Closed {
            let before = self.stock.actions();
            ask::over(self);
            // What was held for a proposed edit goes back in this transaction already.
            let staged = self.stock.actions().saturating_sub(before);
            if !self.release_for_closing(kind, to, reason, staged) {
                return;
            }
        }
        let from = self.order.status.clone();
        let phase = self.policy.phase(to);
        if phase == Phase::Closed {
            self.cancel_rest();
        }
        let now = self.now;
        if from != *to {
            consent::changed(self);
            self.order.status = to.clone();
            self.order.phase = phase;
            self.order.status_since = now;
            self.order.rung = 0;
            self.order.redrive_at = None;
            self.close_tasks_of(&from);
        }
        let event = self.event(kind);
        event.from = Some(from);
        event.to = Some(to.clone());
        event.reason = reason.map(str::to_owned);
        if phase == Phase::Closed {
            payments::settle_closed(self);
        }
    }

    /// An order that ends after some of it has left: nobody pays for the rest. One of which
    /// nothing has left stays as it was ordered, for late money may revive it.
    fn cancel_rest(&mut self) {
        let left = |l: &Line| l.shipped.is_positive();
        let open = |l: &Line| l.to_ship().is_positive();
        if !self.order.lines.iter().any(left) || !self.order.lines.iter().any(open) {
            return;
        }
        for line in &mut self.order.lines {
            line.cancelled = line.cancelled.plus(line.to_ship());
        }
        self.order.totals = reckon_remaining(&self.order);
    }

    /// Releases everything; false when it needs several transactions and has only begun.
    fn release_for_closing(
        &mut self,
        kind: EventKind,
        to: &StatusKey,
        reason: Option<&str>,
        staged: usize,
    ) -> bool {
        let all = supply::release_actions(&self.order.lines, self.order.lines.len(), self.view)
            .saturating_add(staged);
        if all <= ORDER_ACTIONS_MAX {
            let lines = 0..self.order.lines.len();
            supply::release_lines(self, lines);
            self.order.stock_work = None;
            return true;
        }
        self.order.stock_work = Some(StockWork::Releasing {
            next_line: 0,
            then: Then::Move { kind, to: to.clone(), reason: reason.map(str::to_owned) },
            due_at: self.now.plus(STOCK_WORK_LIMIT),
        });
        let event = self.event(EventKind::ReleaseStarted);
        event.reason = reason.map(str::to_owned);
        event.todo.push(Todo::Reserve);
        false
    }

    /// Tells somebody, by the event that happened last.
    pub fn notify(&mut self, template: &str, to: Recipient) {
        self.todo(Todo::Notify { template: template.to_owned(), to });
    }

    /// Tells somebody by the last event of that kind, though others may have followed from it.
    pub fn notify_of(&mut self, kind: EventKind, template: &str, to: Recipient) {
        let owed = Todo::Notify { template: template.to_owned(), to };
        if let Some(event) = self.events.iter_mut().rev().find(|e| e.kind == kind)
            && !event.todo.contains(&owed)
        {
            event.todo.push(owed);
        }
    }

    /// Adds to what the last event owes; each thing once.
    pub fn todo(&mut self, todo: Todo) {
        if let Some(event) = self.events.last_mut()
            && !event.todo.contains(&todo)
        {
            event.todo.push(todo);
        }
    }

    /// Adds a figure to the last event.
    pub fn data(&mut self, name: &str, value: impl Into<Value>) {
        if let Some(event) = self.events.last_mut() {
            event.data.insert(name.to_owned(), value.into());
        }
    }

    /// Adds a figure to the last event of that kind, though others may have followed from it.
    pub fn data_of(&mut self, kind: EventKind, name: &str, value: impl Into<Value>) {
        if let Some(event) = self.events.iter_mut().rev().find(|e| e.kind == kind) {
            event.data.insert(name.to_owned(), value.into());
        }
    }

    /// Opens an exception, once per (code, about).
    pub fn exception(&mut self, code: &str, about: Option<&str>, detail: String) {
        let open = |e: &Exception| e.code == code && e.about.as_deref() == about;
        if self.order.exceptions.iter().any(open) {
            return;
        }
        self.order.exceptions.push(Exception {
            code: code.to_owned(),
            about: about.map(str::to_owned),
            detail,
            since: self.now,
            due_at: self.now.plus(REMIND_AFTER),
        });
        let event = self.event(EventKind::ExceptionOpened);
        event.reason = Some(code.to_owned());
        if let Some(about) = about {
            event.data.insert("about".to_owned(), Value::from(about));
        }
        self.notify("staff_exception", Recipient::Staff);
    }

    /// Closes exceptions with that code; says whether there were any.
    pub fn close_exceptions(&mut self, code: &str, about: Option<&str>) -> bool {
        let before = self.order.exceptions.len();
        self.order
            .exceptions
            .retain(|e| e.code != code || (about.is_some() && e.about.as_deref() != about));
        before != self.order.exceptions.len()
    }

    /// What a status asked of people is done when the order leaves it.
    fn close_tasks_of(&mut self, left: &StatusKey) {
        let Some(status) = self.policy.status(left) else { return };
        let of_trigger = status.on_enter.iter().filter_map(|t| match t {
            Trigger::Task { task } => Some(task.as_str()),
            Trigger::Notify { .. } | Trigger::Webhook => None,
        });
        let of_limit = status.limit.iter().filter_map(|rung| match &rung.outcome {
            Outcome::Task { task } => Some(task.as_str()),
            // Of orders from before calls were tasks; a call ends by what comes of it.
            Outcome::Call => Some(crate::order::desk::CALL),
            Outcome::Move { .. } => Some(limits::PARTLY_PAID_TASK),
            Outcome::Redrive | Outcome::Notify { .. } | Outcome::Split(_) => None,
        });
        let codes: Vec<&str> = of_trigger.chain(of_limit).collect();
        self.order.exceptions.retain(|e| !codes.contains(&e.code.as_str()));
    }

    /// Whether anything has happened yet.
    pub fn has_events(&self) -> bool {
        !self.events.is_empty()
    }

    /// Asks for the status' step again: it did not run while the order was held.
    pub fn ask_for_step(&mut self) {
        match self.policy.status(&self.order.status).and_then(|s| s.step) {
            Some(Step::Validate) => self.todo(Todo::Validate),
            Some(Step::Reserve | Step::AwaitStock) => self.todo(Todo::Reserve),
            // Goods may have come in for its rest while it was held.
            None if self.order.waits_for_stock() => self.todo(Todo::Reserve),
            None => {}
        }
    }

    /// Sets a named stop, once.
    pub fn hold(&mut self, name: &str, line: Option<u32>, reason: Option<&str>) -> bool {
        if self.order.holds.iter().any(|h| h.name == name && h.line == line) {
            return false;
        }
        self.order.holds.push(Hold {
            name: name.to_owned(),
            line,
            reason: reason.map(str::to_owned),
            since: self.now,
            due_at: self.now.plus(REMIND_AFTER),
            units: Vec::new(),
        });
        let event = self.event(EventKind::HoldPlaced);
        event.reason = reason.map(str::to_owned);
        event.data.insert("hold".to_owned(), Value::from(name));
        if line.is_none() {
            supply::let_others_pass(self);
        }
        true
    }

    /// Lifts a named stop wherever it stands; false where there is none.
    pub fn release(&mut self, name: &str, reason: Option<&str>) -> bool {
        let lifted = self.lift(name, reason, |_| true);
        if lifted && self.order.holds.is_empty() {
            self.ask_for_step();
        }
        lifted
    }

    /// Lifts those of a name, and leaves it to the caller to ask for what the order does next.
    pub fn lift(
        &mut self,
        name: &str,
        reason: Option<&str>,
        which: impl Fn(&Hold) -> bool,
    ) -> bool {
        let ends = |hold: &Hold| hold.name == name && which(hold);
        let (gone, stay) = std::mem::take(&mut self.order.holds).into_iter().partition(ends);
        let (gone, stay): (Vec<Hold>, Vec<Hold>) = (gone, stay);
        self.order.holds = stay;
        if gone.is_empty() {
            return false;
        }
        let event = self.event(EventKind::HoldReleased);
        event.reason = reason.map(str::to_owned);
        event.data.insert("hold".to_owned(), Value::from(name));
        let lines: Vec<u32> = gone.iter().filter_map(|hold| hold.line).collect();
        if !lines.is_empty() {
            event.data.insert("lines".to_owned(), Value::from(lines));
        }
        true
    }

    /// Follows automatic moves to rest, then does what entering that status asks for.
    pub fn finish(mut self) -> Decision {
        dunning::lift_if_paid(&mut self);
        tasks::settle(&mut self);
        self.follow();
        self.ask_to_call();
        if self.order.status != self.before.status || self.entered_again() {
            self.arrive();
        }
        tasks::settle(&mut self);
        if self.has_events() {
            consent::as_it_stands(&mut self);
            fulfil::receivable(&mut self);
            shortage::close_where_let_go(&mut self);
        }
        credit::settle(&mut self);
        self.keep_a_deadline();
        let before = self.before;
        passing::say_what_is_owed(&mut self, before);
        let mut recent = std::mem::take(&mut self.order.recent_events);
        recent.extend(self.events.iter().cloned());
        let keep = RECENT_EVENTS_MAX.max(self.events.len());
        let excess = recent.len().saturating_sub(keep);
        recent.drain(..excess);
        self.order.recent_events = recent;
        Decision {
            order: self.order,
            events: self.events,
            stock: self.stock,
            credit: self.credit,
            touched: self.touched,
            placed_changed: self.placed_changed,
            parts: Vec::new(),
            passed_on: self.passed_on,
        }
    }

    /// Nothing open stays without a deadline: where a person has dealt with the last thing that was
    /// due (a limit that ran out), the limits of the status begin anew, and so does its step.
    fn keep_a_deadline(&mut self) {
        let idle = !self.events.is_empty() && !self.order.is_closed();
        if idle && limits::due_at(self.policy, &self.order).is_none() {
            self.order.status_since = self.now;
            self.order.rung = 0;
            self.order.redrive_at = None;
            self.ask_for_step();
        }
    }

    /// Whether this draft made the order's first event: a new order has entered its status.
    fn entered_again(&self) -> bool {
        self.events.first().is_some_and(|e| e.version == 1)
    }

    /// Takes automatic moves as long as their guards hold.
    pub fn follow(&mut self) {
        let mut moves: usize = 0;
        // A policy that moved in a circle is not tried again until a person has dealt with it.
        let looped = |order: &Order| order.exceptions.iter().any(|e| e.code == AUTO_LOOP);
        while self.order.holds.is_empty() && self.order.stock_work.is_none() && !looped(&self.order)
        {
            let from = self.order.status.clone();
            let next = self
                .policy
                .auto_moves(&from)
                .find(|m| {
                    m.to != from
                        && guards::first_failing(&m.guards, self.policy, &self.order, self.now)
                            .is_none()
                })
                .cloned();
            let Some(next) = next else { return };
            if contact::confirms(self.policy, &self.order, &next) && self.must_call() {
                return;
            }
            if moves >= AUTO_MOVES_MAX {
                let detail = format!("More than {AUTO_MOVES_MAX} automatic moves in a row.");
                self.exception(AUTO_LOOP, None, detail);
                return;
            }
            moves = moves.saturating_add(1);
            let kind = guards::event_of(next.command);
            self.go(kind, &next.to, None);
            self.tell_ways_apart(kind, &from, &next);
        }
    }

    /// Whether the customer is called before this order is confirmed; asks for the call.
    fn must_call(&mut self) -> bool {
        if self.order.waits_for_call() {
            return true;
        }
        let Some(because) = contact::needed(self.policy, &self.order, self.now) else {
            return false;
        };
        let zone = self.zone();
        contact::ask(self, &because, true, &zone);
        // Where too much is open to ask for one more, the order goes on.
        self.order.waits_for_call()
    }

    /// Where a person confirms the order, they are asked to call first.
    fn ask_to_call(&mut self) {
        if self.has_events()
            && self.order.status != self.before.status
            && contact::waits_for_confirmation(self.policy, &self.order)
            && let Some(because) = contact::needed(self.policy, &self.order, self.now)
        {
            let zone = self.zone();
            contact::ask(self, &because, false, &zone);
        }
    }

    /// The time zone of the customer, as far as the order tells it.
    fn zone(&self) -> String {
        reach::zone(&self.order.placed, self.order.country.as_deref(), "UTC").to_owned()
    }

    /// Where several moves lead the same way, the event says which was taken.
    fn tell_ways_apart(&mut self, kind: EventKind, from: &StatusKey, taken: &Move) {
        if self.policy.auto_moves(from).filter(|m| m.to == taken.to).count() < 2 {
            return;
        }
        let guards: Vec<String> = taken.guards.iter().map(ToString::to_string).collect();
        self.data_of(kind, "guards", guards);
        if let Some(deposit) = self.order.deposit() {
            self.data_of(kind, "deposit", deposit.format(self.order.currency));
        }
    }

    /// What the status asks for in which the order has come to rest.
    fn arrive(&mut self) {
        let Some(status) = self.policy.status(&self.order.status) else { return };
        let mut owed = Vec::new();
        let mut tasks = Vec::new();
        for trigger in &status.on_enter {
            match trigger {
                Trigger::Notify { template, to } => {
                    owed.push(Todo::Notify { template: template.clone(), to: *to });
                }
                Trigger::Webhook => owed.push(Todo::Webhook),
                Trigger::Task { task } => tasks.push(task),
            }
        }
        if self.order.channel == Channel::Partner {
            owed.push(Todo::Notify { template: PARTNER_NOTICE.to_owned(), to: Recipient::Partner });
        }
        match status.step {
            Some(Step::Validate) => owed.push(Todo::Validate),
            Some(Step::Reserve) => owed.push(Todo::Reserve),
            // Goods that come in wake it; its limit looks again in any case.
            Some(Step::AwaitStock) | None => {}
        }
        // Owed by the event that brought the order here. What this decision tells the same person
        // already is not told twice, and one event never owes one person two messages.
        let here = self.order.status.clone();
        owed.retain(|todo| !self.events.iter().any(|event| event.todo.contains(todo)));
        if let Some(event) = self.events.iter_mut().rev().find(|e| e.to.as_ref() == Some(&here)) {
            let told = event.todo.clone();
            let is_told = |person: Recipient| {
                told.iter().any(|t| matches!(t, Todo::Notify { to, .. } if *to == person))
            };
            owed.retain(|todo| !matches!(todo, Todo::Notify { to, .. } if is_told(*to)));
            event.todo.extend(owed);
        }
        for task in tasks {
            let detail = format!("The order came to {}.", self.order.status);
            self.exception(task, None, detail);
        }
    }
}
