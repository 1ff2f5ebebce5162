//! Reaching the customer by telephone: the contact ladder (`spec/policy.md`), and the conditions
//! under which a policy asks for a call before confirming.
//!
//! Not reached: again after 5 minutes, 30 minutes, 3 hours, 1 day; the fifth time the order is put
//! away for good ([`NOT_REACHED`]), unless money has come or goods have left: then a person is asked.
//! A call ends only by the next one being set, or by what came of it.

use super::draft::Draft;
use super::{Facts, Rejection, guards, no, tasks};
use crate::intake::command::{ContactBody, TaskBody};
use crate::order::desk::{CALL, Contact, ContactOutcome, ContactResult, Task};
use crate::order::{EventKind, Order, Recipient, Terms};
use crate::policy::{CallWhen, CommandKind, Guard, Move, Phase, Policy, Role};
use crate::reach;
use crate::time::{Seconds, Timestamp};

/// After a call that reached nobody, the next one.
pub const PAUSES: [Seconds; 4] =
    [Seconds::minutes(5), Seconds::minutes(30), Seconds::hours(3), Seconds::days(1)];
/// A line that was engaged is tried again after this.
pub const BUSY_AGAIN: Seconds = Seconds::minutes(5);
/// So often in a row it does not count.
pub const BUSY_MAX: u8 = 3;
/// A telephone that is switched off is not on again before this.
pub const UNAVAILABLE_AGAIN: Seconds = Seconds::hours(3);
/// Who said yes and has not paid is called again after this.
pub const MONEY_CALL: Seconds = Seconds::days(1);

/// Why an order ended whose customer nobody could reach; also the code of the exception.
pub const NOT_REACHED: &str = "not_reached";
/// Why an order ended whose customer said no; also the code of the exception.
pub const REFUSED: &str = "refused";
/// What a call after a yes is about.
const TO_BE_PAID: &str = "to_be_paid";
/// What a call by a person is about, where they do not say.
const BY_HAND: &str = "by_hand";

/// Asks for a call, unless one is open: in the customer's daytime.
pub(super) fn ask(draft: &mut Draft<'_>, because: &str, holds: bool, zone: &str) {
    if draft.order.call().is_some() || draft.order.is_closed() {
        return;
    }
    let due_at = reach::texted_at(draft.now, zone);
    let contact = Contact { because: because.to_owned(), missed: 0, busy: 0, holds, last: None };
    tasks::open(draft, CALL, due_at, None, Some(contact));
}

/// A person asks for a call, or sets the time of the one that is open: its successor.
pub(super) fn set_by_hand(
    draft: &mut Draft<'_>,
    body: &TaskBody,
    facts: &Facts,
) -> Result<(), Rejection> {
    open_order(&draft.order)?;
    let zone = tasks::zone(&draft.order, facts).to_owned();
    let due_at = reach::texted_at(body.due_at.unwrap_or(draft.now).max(draft.now), &zone);
    if draft.order.call().is_some() {
        again(draft, due_at, |_| {});
        if let Some(assignee) = &body.assignee
            && let Some(task) = call_mut(&mut draft.order)
        {
            task.assignee = Some(assignee.clone());
        }
        return Ok(());
    }
    let contact = by_hand();
    tasks::open(draft, CALL, due_at, body.assignee.as_deref(), Some(contact));
    Ok(())
}

fn by_hand() -> Contact {
    Contact { because: BY_HAND.to_owned(), missed: 0, busy: 0, holds: false, last: None }
}

fn open_order(order: &Order) -> Result<(), Rejection> {
    if order.is_closed() {
        let detail = "The order is closed: nobody is called about it any more.".to_owned();
        return Err(Rejection::NotPossible { code: "order_closed", detail });
    }
    Ok(())
}

fn call_mut(order: &mut Order) -> Option<&mut Task> {
    order.desk.tasks.iter_mut().find(|task| task.contact.is_some())
}

/// The next call is set: the one before is done, whoever had taken it.
fn again(draft: &mut Draft<'_>, due_at: Timestamp, change: impl FnOnce(&mut Contact)) {
    let number = draft.order.desk.last.saturating_add(1);
    let now = draft.now;
    let Some(task) = call_mut(&mut draft.order) else { return };
    let done = task.key();
    if let Some(contact) = &mut task.contact {
        change(contact);
    }
    (task.number, task.since, task.due_at, task.level) = (number, now, due_at, 0);
    task.remind_at = due_at.plus(tasks::REMIND_FIRST);
    let key = task.key();
    draft.order.desk.last = number;
    draft.event(EventKind::TaskSet).reason = Some(CALL.to_owned());
    draft.data("after", done);
    draft.data("task", key);
    draft.data("due_at", due_at.to_string());
}

/// What a person met who called the customer.
pub(super) fn attempted(
    draft: &mut Draft<'_>,
    body: &ContactBody,
    facts: &Facts,
    role: Role,
) -> Result<(), Rejection> {
    open_order(&draft.order)?;
    let zone = tasks::zone(&draft.order, facts).to_owned();
    let reached = body.outcome == ContactOutcome::Reached;
    let opens = reach::texted_at(draft.now, &zone);
    if !reached && opens > draft.now {
        let detail = format!(
            "Customers are called from 09:00 to 20:00 where they are ({zone}): from {opens} on. A \
             call of theirs is `reached`."
        );
        return Err(Rejection::NotPossible { code: "outside_daytime", detail });
    }
    if draft.order.call().is_none() {
        // They called of their own accord: nobody need be told.
        let contact = by_hand();
        let now = draft.now;
        tasks::put(draft, CALL, now, None, Some(contact));
    }
    if draft.order.call().is_none() {
        let detail = "The order has too many open tasks: do one first.".to_owned();
        return Err(Rejection::NotPossible { code: "too_many_tasks", detail });
    }
    let task = draft.order.call().map(Task::key).unwrap_or_default();
    draft.event(EventKind::CustomerCalled);
    draft.data("task", task);
    draft.data("outcome", outcome_name(body.outcome));
    match body.outcome {
        ContactOutcome::Reached => answered(draft, body, role, &zone),
        ContactOutcome::NotAnswering | ContactOutcome::Unavailable | ContactOutcome::Busy => {
            missed(draft, body.outcome, &zone);
            Ok(())
        }
    }
}

fn outcome_name(outcome: ContactOutcome) -> &'static str {
    match outcome {
        ContactOutcome::NotAnswering => "not_answering",
        ContactOutcome::Unavailable => "unavailable",
        ContactOutcome::Busy => "busy",
        ContactOutcome::Reached => "reached",
    }
}

/// Nobody was spoken to.
fn missed(draft: &mut Draft<'_>, outcome: ContactOutcome, zone: &str) {
    let Some(contact) = draft.order.call().and_then(|task| task.contact.clone()) else { return };
    let busy = match outcome {
        ContactOutcome::Busy => contact.busy.saturating_add(1),
        ContactOutcome::NotAnswering | ContactOutcome::Unavailable | ContactOutcome::Reached => 0,
    };
    if (1..BUSY_MAX).contains(&busy) {
        // They are there: nothing is told, no rung is climbed.
        let due_at = reach::texted_at(draft.now.plus(BUSY_AGAIN), zone);
        again(draft, due_at, |contact| {
            contact.busy = busy;
            contact.last = Some(outcome);
        });
        return;
    }
    let rung = usize::from(contact.missed);
    let missed = contact.missed.saturating_add(1);
    draft.data("missed", missed);
    let Some(pause) = PAUSES.get(rung) else {
        give_up(draft);
        return;
    };
    let pause = match outcome {
        ContactOutcome::Unavailable => (*pause).max(UNAVAILABLE_AGAIN),
        ContactOutcome::NotAnswering | ContactOutcome::Busy | ContactOutcome::Reached => *pause,
    };
    let due_at = reach::texted_at(draft.now.plus(pause), zone);
    draft.data("next_call_at", due_at.to_string());
    // The event of the call owes the message, which names the time of the next.
    draft.notify(NOT_REACHED, Recipient::Customer);
    again(draft, due_at, |contact| {
        contact.missed = missed;
        contact.busy = 0;
        contact.last = Some(outcome);
    });
}

/// Whether an order may not simply end: money has come, or goods have left.
fn is_engaged(order: &Order) -> bool {
    order.ledger.kept().is_positive() || order.lines.iter().any(|l| l.shipped.is_positive())
}

/// The fifth time: the order goes away for good, or a person decides.
fn give_up(draft: &mut Draft<'_>) {
    let way = ending(draft.policy, &draft.order).filter(|_| !is_engaged(&draft.order));
    draft.order.desk.tasks.retain(|task| task.contact.is_none());
    match way {
        Some(way) => draft.go(guards::event_of(way.command), &way.to, Some(NOT_REACHED)),
        None => {
            let detail = "Five calls reached nobody. The order is not ended by itself here: money has \
                          come, goods have left, or its lifecycle has no such move.";
            draft.exception(NOT_REACHED, None, detail.to_owned());
        }
    }
}

/// The move by which the system ends an order from here: to the archive, else by cancelling it.
fn ending<'p>(policy: &'p Policy, order: &Order) -> Option<&'p Move> {
    [CommandKind::Archive, CommandKind::Cancel].into_iter().find_map(|command| {
        let of = |m: &&Move| m.command == command && m.from.contains(&order.status);
        let mut moves = policy.moves.iter().filter(of);
        moves.find(|m| m.by.contains(&Role::System) && policy.phase(&m.to) == Phase::Closed)
    })
}

/// The customer was spoken to.
fn answered(
    draft: &mut Draft<'_>,
    body: &ContactBody,
    role: Role,
    zone: &str,
) -> Result<(), Rejection> {
    let Some(result) = body.result else {
        return Err(Rejection::Invalid {
            pointer: "/result".to_owned(),
            code: "required",
            detail: "Write what came of it: confirmed, paid, refused or call_again.".to_owned(),
        });
    };
    match result {
        ContactResult::CallAgain => {
            let Some(wished) = body.next_call_at.filter(|at| *at > draft.now) else {
                return Err(Rejection::Invalid {
                    pointer: "/next_call_at".to_owned(),
                    code: "required",
                    detail: "Write when to call again: a moment to come.".to_owned(),
                });
            };
            let due_at = reach::texted_at(wished, zone);
            draft.data("result", "call_again");
            again(draft, due_at, |contact| {
                (contact.missed, contact.busy) = (0, 0);
                contact.last = Some(ContactOutcome::Reached);
            });
        }
        ContactResult::Paid => {
            if !guards::enough_to_begin(draft.policy, &draft.order) {
                return Err(no(
                    "not_paid",
                    "The money has not come: enter it by `pay`, or write call_again.",
                ));
            }
            draft.data("result", "paid");
            over(draft);
        }
        ContactResult::Refused => {
            draft.data("result", REFUSED);
            over(draft);
            refuse(draft, role)?;
        }
        ContactResult::Confirmed => {
            draft.data("result", "confirmed");
            let is_asked = guards::asks_now(draft.policy, &draft.order);
            if is_asked && draft.order.phase == Phase::Payment && pays_first(&draft.order) {
                draft.order.desk.agreed = true;
                let due_at = reach::texted_at(draft.now.plus(MONEY_CALL), zone);
                again(draft, due_at, |contact| {
                    (contact.missed, contact.busy, contact.holds) = (0, 0, false);
                    contact.because = TO_BE_PAID.to_owned();
                    contact.last = Some(ContactOutcome::Reached);
                });
            } else {
                over(draft);
            }
        }
    }
    Ok(())
}

/// The call has its answer.
fn over(draft: &mut Draft<'_>) {
    draft.order.desk.tasks.retain(|task| task.contact.is_none());
    draft.order.desk.agreed = true;
}

/// A person confirms the order: whoever was to be called has answered them.
pub(super) fn answered_by_hand(draft: &mut Draft<'_>) {
    let asked = |task: &Task| task.contact.as_ref().is_some_and(|contact| contact.last.is_none());
    draft.order.desk.tasks.retain(|task| !asked(task));
    draft.order.desk.agreed = true;
}

/// The customer does not want it: as if they had cancelled it themselves, or a person decides.
fn refuse(draft: &mut Draft<'_>, role: Role) -> Result<(), Rejection> {
    let found = draft.policy.find_move(CommandKind::Cancel, &draft.order.status, role);
    match found.filter(|_| !is_engaged(&draft.order)) {
        Some(way) => {
            super::acts::not_while_stock_moves(&draft.order, true)?;
            let to = way.to.clone();
            draft.go(EventKind::OrderCancelled, &to, Some(REFUSED));
        }
        None => {
            let detail = "The customer does not want it, and money has come or goods have left: cancel \
                          it, or what is left of it, by hand.";
            draft.exception(REFUSED, None, detail.to_owned());
        }
    }
    Ok(())
}

fn pays_first(order: &Order) -> bool {
    match order.terms {
        Some(Terms::Prepaid | Terms::Deposit(_) | Terms::AfterConfirmation) => true,
        Some(Terms::OnDelivery | Terms::Invoice) | None => false,
    }
}

/// Which condition of the policy asks for a call before this order is confirmed. Who pays first has
/// answered by paying; who buys on account is known, and what they may owe is agreed.
#[must_use]
pub fn needed(policy: &Policy, order: &Order, now: Timestamp) -> Option<String> {
    let asks = match order.terms {
        Some(Terms::Prepaid | Terms::Deposit(_) | Terms::Invoice) => false,
        Some(Terms::AfterConfirmation | Terms::OnDelivery) | None => true,
    };
    if order.desk.agreed || !asks || is_engaged(order) {
        return None;
    }
    let holds = |when: &&CallWhen| match when {
        CallWhen::TotalAbove(above) => {
            let shift = 4_u32.saturating_sub(order.currency.places());
            let factor = 10_i128.checked_pow(shift).unwrap_or(1);
            let gross = i128::from(order.gross().0).saturating_mul(factor);
            gross > i128::from(*above)
        }
        CallWhen::ContactIncomplete => !guards::holds(&Guard::ContactComplete, policy, order, now),
        CallWhen::LinesMissing => order.waits_for_stock(),
        CallWhen::DeliveryOutsideHomeCity => outside_home_city(order),
    };
    policy.call_when.iter().find(holds).map(ToString::to_string)
}

/// Whether the goods go to another town than the one their buyer has the invoice sent to.
fn outside_home_city(order: &Order) -> bool {
    let home = order.placed.billing.as_ref().and_then(|billing| billing.address.as_ref());
    let cities = home.zip(order.placed.delivery.address.as_ref()).and_then(|(home, to)| {
        let plain = |city: &Option<String>| city.as_ref().map(|city| city.trim().to_lowercase());
        plain(&home.city).zip(plain(&to.city))
    });
    cities.is_some_and(|(home, to)| home != to)
}

/// Whether this automatic move would confirm the order, so that a call that is asked for goes first.
pub(super) fn confirms(policy: &Policy, order: &Order, next: &Move) -> bool {
    let before = match order.phase {
        Phase::Intake | Phase::Review | Phase::Supply | Phase::Payment => true,
        Phase::Fulfilment | Phase::Closed => false,
    };
    before && policy.phase(&next.to) == Phase::Fulfilment
}

/// Whether the order stands where a person confirms it, who should call first.
pub(super) fn waits_for_confirmation(policy: &Policy, order: &Order) -> bool {
    order.terms == Some(Terms::AfterConfirmation)
        && order.phase == Phase::Payment
        && policy.find_move(CommandKind::Confirm, &order.status, Role::Manager).is_some()
        && !order.desk.agreed
}
