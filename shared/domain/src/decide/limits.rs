//! What is due, and what happens then. `due` means `now ≥ due_at`.
//!
//! Whoever judges a due item always moves its deadline: by the outcome, or by a back-off that
//! is no event, so that nothing stands at the head of the worklist for ever.

use super::draft::{Decision, Draft, REMIND_AFTER, REMIND_AFTER_MAX, STOCK_WORK_LIMIT};
use super::{Facts, ask, contact, credit, guards, progress, split, tasks};
use crate::order::{Actor, ArrivalTold, EventKind, Order, Recipient, Shipment, StockWork, Terms};
use crate::policy::{Outcome, Phase, Policy, Rung, When, WorkingHours};
use crate::production;
use crate::time::{Seconds, Timestamp};
use crate::working_time;
use serde_json::Value;

/// Code of the exception when a limit runs out on an order that is partly paid.
pub const PARTLY_PAID_TASK: &str = "partly_paid_at_limit";

/// The earliest moment at which something of this order is due; none when nothing is owed.
#[must_use]
pub fn due_at(policy: &Policy, order: &Order) -> Option<Timestamp> {
    let work = order.stock_work.as_ref().map(StockWork::due_at);
    let holds = order.holds.iter().map(|h| h.due_at);
    let exceptions = order.exceptions.iter().map(|e| e.due_at);
    let question = order.question.as_ref().map(|q| q.due_at);
    let money = [refund_due(order), order.ledger.receivable_due_at].into_iter().flatten();
    let ladder = ladder_due(policy, order).map(|(due, _)| due);
    let production = production::due_at(policy, order);
    let arrivals = order.shipments.iter().filter_map(|s| arrival_due(order, s)).map(|(at, _)| at);
    work.into_iter()
        .chain(question)
        .chain(production)
        .chain(holds)
        .chain(exceptions)
        .chain(tasks::remind_at(order))
        .chain(money)
        .chain(ladder)
        .chain(arrivals)
        .min()
}

/// So long before it comes the customer is told of a courier.
const COURIER_NEAR: Seconds = Seconds::hours(1);
/// So long after it should have come the customer is told that it is late.
const COURIER_LATE: Seconds = Seconds::days(1);

/// What the customer is told next of a shipment's arrival, and when; nothing where no time of
/// arrival is known, or the customer comes for it.
fn arrival_due(order: &Order, shipment: &Shipment) -> Option<(Timestamp, ArrivalTold)> {
    let fetched = order.delivery_method.is_some_and(|method| method.is_fetched());
    if order.is_closed() || fetched || shipment.delivered_at.is_some() {
        return None;
    }
    let expected = shipment.expected_at?;
    match shipment.told {
        ArrivalTold::Nothing => Some((expected.minus(COURIER_NEAR), ArrivalTold::Near)),
        ArrivalTold::Near => Some((expected.plus(COURIER_LATE), ArrivalTold::Late)),
        ArrivalTold::Late => None,
    }
}

/// When the status' own limit moves the order, if nothing happens before: what customers are told
/// as "until". None where no rung moves it.
#[must_use]
pub fn moves_at(policy: &Policy, order: &Order) -> Option<Timestamp> {
    let at = usize::try_from(order.rung).unwrap_or(usize::MAX);
    rungs(policy, order)
        .into_iter()
        .skip(at)
        .find(|rung| matches!(rung.outcome, Outcome::Move { .. }))
        .map(|rung| rung_due(policy, order, rung))
}

fn refund_due(order: &Order) -> Option<Timestamp> {
    order.ledger.refund_due_at.filter(|_| order.ledger.refund_owed().is_positive())
}

/// Judges everything that is due.
pub(super) fn judge(policy: &Policy, order: &Order, facts: &Facts, now: Timestamp) -> Decision {
    let actor = Actor::system("timeout");
    let mut draft = Draft::new(policy, order, &facts.stock, actor, "limit", now);
    stock_work(&mut draft);
    ask::silence(&mut draft);
    reminders(&mut draft);
    tasks::overdue(&mut draft);
    money(&mut draft);
    arrivals(&mut draft);
    progress::judge(&mut draft);
    ladder(&mut draft, facts);
    let by = draft.split;
    let decision = draft.finish();
    match by {
        Some(by) => split::by_itself(policy, decision, facts, by, now),
        None => decision,
    }
}

/// Stock work whose message was lost is asked for again.
fn stock_work(draft: &mut Draft<'_>) {
    let now = draft.now;
    let Some(work) = &mut draft.order.stock_work else { return };
    if work.due_at() > now {
        return;
    }
    match work {
        StockWork::Reserving { due_at, .. }
        | StockWork::Releasing { due_at, .. }
        | StockWork::Shipping { due_at, .. } => *due_at = now.plus(STOCK_WORK_LIMIT),
    }
    draft.order.redrives = draft.order.redrives.saturating_add(1);
    draft.touched = true;
}

/// The next reminder of something that has been open since then: the pause doubles.
fn next_reminder(since: Timestamp, now: Timestamp) -> Timestamp {
    let open = Seconds(now.seconds().saturating_sub(since.seconds()));
    now.plus(open.clamp(REMIND_AFTER, REMIND_AFTER_MAX))
}

/// Holds and exceptions that are open too long are called to mind.
fn reminders(draft: &mut Draft<'_>) {
    let now = draft.now;
    let mut codes: Vec<Value> = Vec::new();
    for hold in draft.order.holds.iter_mut().filter(|h| h.due_at <= now) {
        hold.due_at = next_reminder(hold.since, now);
        codes.push(Value::from(hold.name.clone()));
    }
    for exception in draft.order.exceptions.iter_mut().filter(|e| e.due_at <= now) {
        exception.due_at = next_reminder(exception.since, now);
        codes.push(Value::from(exception.code.clone()));
    }
    if !codes.is_empty() {
        draft.event(EventKind::Reminded);
        draft.data("about", Value::Array(codes));
        draft.notify("staff_alert", Recipient::Staff);
    }
}

/// Debts, ours and theirs, are called to mind.
fn money(draft: &mut Draft<'_>) {
    let now = draft.now;
    if refund_due(&draft.order).is_some_and(|due| due <= now) {
        draft.order.ledger.refund_due_at = Some(next_reminder(draft.order.status_since, now));
        draft.event(EventKind::Reminded);
        draft.data("about", "refund_owed");
        draft.notify("staff_task", Recipient::Staff);
    }
    if draft.order.ledger.receivable_due_at.is_some_and(|due| due <= now) {
        if guards::receivable(draft.policy, &draft.order).is_zero() {
            draft.order.ledger.receivable_due_at = None;
            draft.touched = true;
            return;
        }
        match draft.order.ledger.invoice_due_at.filter(|_| on_account(&draft.order)) {
            Some(due) => invoice_overdue(draft, due),
            // On delivery the carrier may hold the money: the customer is not reminded of it.
            None => {
                draft.order.ledger.receivable_due_at =
                    Some(next_reminder(draft.order.status_since, now));
                draft.event(EventKind::Reminded);
                draft.data("about", "receivable");
            }
        }
        draft.notify("staff_alert", Recipient::Staff);
    }
}

/// Couriers that are near, and those that are late. Of both at once only the last is told.
fn arrivals(draft: &mut Draft<'_>) {
    let now = draft.now;
    let mut told = Vec::new();
    let order = draft.order.clone();
    for shipment in &mut draft.order.shipments {
        let before = shipment.told;
        while let Some((due, next)) = arrival_due(&order, shipment)
            && due <= now
        {
            shipment.told = next;
        }
        if shipment.told != before {
            told.push((shipment.number, shipment.told, shipment.expected_at));
        }
    }
    for (number, what, expected) in told {
        draft.touched = true;
        let template = match what {
            // A courier that should have come already is not announced.
            ArrivalTold::Near if expected.is_some_and(|at| at > now) => "courier_near",
            ArrivalTold::Late => "late",
            ArrivalTold::Near | ArrivalTold::Nothing => continue,
        };
        draft.event(EventKind::ArrivalNoticed);
        draft.data("shipment", number);
        draft.notify(template, Recipient::Customer);
    }
}

/// Days after which the customer is reminded of an invoice that is due. With the last one the
/// invoice counts as overdue: the customer's new orders are held.
pub const INVOICE_REMINDERS: [Seconds; 3] = [Seconds::days(1), Seconds::days(7), Seconds::days(14)];

fn on_account(order: &Order) -> bool {
    order.terms == Some(Terms::Invoice)
}

/// An invoice that is due is called to mind. Of several reminders that fell due during an outage
/// only the last goes out.
fn invoice_overdue(draft: &mut Draft<'_>, due: Timestamp) {
    let now = draft.now;
    let before = usize::from(draft.order.ledger.reminders);
    let passed = INVOICE_REMINDERS.iter().filter(|after| due.plus(**after) <= now).count();
    let next = INVOICE_REMINDERS.get(passed).map(|after| due.plus(*after));
    draft.order.ledger.receivable_due_at = Some(next.unwrap_or(next_reminder(due, now)));
    draft.order.ledger.reminders = u8::try_from(passed).unwrap_or(u8::MAX);
    draft.event(EventKind::Reminded);
    draft.data("about", "receivable");
    draft.data("due_at", due.to_string());
    draft.data("reminder", passed);
    if passed > before {
        draft.notify("overdue", Recipient::Customer);
    }
    if passed >= INVOICE_REMINDERS.len() {
        credit::overdue(draft);
    }
}

/// The rungs that are meant for this order.
fn rungs<'p>(policy: &'p Policy, order: &Order) -> Vec<&'p Rung> {
    let Some(status) = policy.status(&order.status) else { return Vec::new() };
    let meant = |rung: &&Rung| rung.when.as_ref().is_none_or(|when| applies(when, order));
    status.limit.iter().filter(meant).collect()
}

/// Whether a rung with this condition is meant for this order.
#[must_use]
pub fn applies(when: &When, order: &Order) -> bool {
    match when {
        When::Method(methods) => order.method.is_some_and(|m| methods.contains(&m)),
        When::NotMethod(methods) => !order.method.is_some_and(|m| methods.contains(&m)),
        When::Terms(terms) => order.terms.is_some_and(|t| terms.contains(&t.kind())),
        When::Delivery(methods) => order.delivery_method.is_some_and(|m| methods.contains(&m)),
    }
}

/// When the status' limit does something next; none while it waits, or where nothing is left of it.
#[must_use]
pub fn next_rung_at(policy: &Policy, order: &Order) -> Option<Timestamp> {
    ladder_due(policy, order).map(|(due, _)| due)
}

/// Which rung is next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The rung of that index, for the first time.
    Rung(usize),
    /// The redrive of that index, once more.
    Redrive(usize),
    /// The last rung, a notice to staff, once more.
    Last,
}

/// When the ladder is due next. It waits while the order is held, while stock is moved, and while the
/// customer is called before it is confirmed.
fn ladder_due(policy: &Policy, order: &Order) -> Option<(Timestamp, Next)> {
    let waits = !order.holds.is_empty() || order.stock_work.is_some() || order.waits_for_call();
    if order.is_closed() || waits {
        return None;
    }
    let rungs = rungs(policy, order);
    let at = usize::try_from(order.rung).unwrap_or(usize::MAX);
    let due = |index: usize| rungs.get(index).map(|rung| rung_due(policy, order, rung));
    let redrive = at
        .checked_sub(1)
        .filter(|before| {
            rungs.get(*before).is_some_and(|rung| matches!(rung.outcome, Outcome::Redrive))
        })
        .zip(order.redrive_at)
        .map(|(before, again)| (again, Next::Redrive(before)));
    let next = match due(at) {
        Some(moment) => Some((moment, Next::Rung(at))),
        None => last_again(policy, order, &rungs, at).map(|moment| (moment, Next::Last)),
    };
    match (redrive, next) {
        (Some(a), Some(b)) => Some(if a.0 < b.0 { a } else { b }),
        (one, other) => one.or(other),
    }
}

fn rung_due(policy: &Policy, order: &Order, rung: &Rung) -> Timestamp {
    let calendar = rung.calendar.as_ref().and_then(|name| policy.calendars.get(name));
    after(calendar, order.status_since, rung.after)
}

/// So long after a moment, in working time where a calendar is named.
#[must_use]
pub fn after(calendar: Option<&WorkingHours>, from: Timestamp, length: Seconds) -> Timestamp {
    match calendar {
        Some(hours) => working_time::after(hours, from, length),
        None => from.plus(length),
    }
}

/// A last rung that only tells staff is repeated, each time after twice the pause.
fn last_again(policy: &Policy, order: &Order, rungs: &[&Rung], at: usize) -> Option<Timestamp> {
    let last = rungs.last()?;
    let again = matches!(last.outcome, Outcome::Notify { to: Recipient::Staff, .. });
    if !again {
        return None;
    }
    let first = rung_due(policy, order, last);
    let times = at.saturating_sub(rungs.len());
    let mut due = first;
    let mut pause = last.after;
    for _ in 0..=times.min(LAST_AGAIN_MAX) {
        due = due.plus(pause);
        pause = Seconds(pause.0.saturating_mul(2)).min(REMIND_AFTER_MAX);
    }
    Some(due)
}

/// Beyond so many repeats the pauses are all [`REMIND_AFTER_MAX`]; the sum is cut here.
const LAST_AGAIN_MAX: usize = 1_000;

/// Climbs the ladder. Of several rungs that are due at once (after an outage), notices and
/// redrives that a later rung has overtaken are left out; tasks and moves never are.
fn ladder(draft: &mut Draft<'_>, facts: &Facts) {
    let began = draft.order.status.clone();
    while let Some((due, next)) = ladder_due(draft.policy, &draft.order) {
        if due > draft.now || draft.order.status != began {
            return;
        }
        let rungs = rungs(draft.policy, &draft.order);
        let (index, climbed) = match next {
            Next::Rung(index) => (index, true),
            Next::Redrive(index) => (index, false),
            Next::Last => (rungs.len().saturating_sub(1), true),
        };
        let Some(rung) = rungs.get(index).copied() else { return };
        let later = rungs.get(index.saturating_add(1));
        let overtaken =
            later.is_some_and(|later| rung_due(draft.policy, &draft.order, later) <= draft.now);
        if climbed {
            draft.order.rung = draft.order.rung.saturating_add(1);
            draft.touched = true;
        }
        let after = usize::try_from(draft.order.rung).unwrap_or(usize::MAX);
        let overtaken = overtaken
            || (climbed
                && later.is_none()
                && last_again(draft.policy, &draft.order, &rungs, after)
                    .is_some_and(|again| again <= draft.now));
        climb(draft, rung, overtaken, facts);
    }
}

fn climb(draft: &mut Draft<'_>, rung: &Rung, overtaken: bool, facts: &Facts) {
    match &rung.outcome {
        Outcome::Redrive => {
            draft.order.redrive_at = Some(draft.now.plus(rung.after));
            draft.touched = true;
            if !overtaken {
                draft.order.redrives = draft.order.redrives.saturating_add(1);
            }
        }
        Outcome::Notify { template, to } => {
            if !overtaken {
                draft.event(EventKind::LimitNoticed);
                draft.data("after", rung.after.to_string());
                draft.notify(template, *to);
            }
        }
        Outcome::Task { task } => {
            let detail = format!("In {} for {}.", draft.order.status, rung.after);
            draft.exception(task, None, detail);
        }
        Outcome::Call => {
            let zone = tasks::zone(&draft.order, facts).to_owned();
            contact::ask(draft, "limit", false, &zone);
        }
        Outcome::Split(by) => draft.split = Some(*by),
        Outcome::Move { to, reason } => {
            let closing = draft.policy.phase(to) == Phase::Closed;
            let kept = draft.order.ledger.kept();
            let undelivered = !draft.order.lines.iter().any(|l| l.shipped.is_positive());
            // Where a balance is waited for, the goods are made, whatever became of the deposit.
            let made = guards::asks_for_balance(draft.policy, &draft.order);
            if closing && undelivered && (kept.is_positive() || made) {
                // Money has come: a person decides, never a silent cancel.
                let detail = format!("The limit of {} ran out.", draft.order.status);
                draft.exception(PARTLY_PAID_TASK, None, detail);
                return;
            }
            let to = to.clone();
            draft.go(EventKind::LimitMoved, &to, reason.as_deref());
            draft.data_of(EventKind::LimitMoved, "after", rung.after.to_string());
        }
    }
}
