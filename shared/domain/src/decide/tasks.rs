//! Tasks: set, taken, done, called to mind (`docs/people.md`). Calls to the customer are
//! [`super::contact`].
//!
//! A task is taken by an event, so by a new version: of two who ask at once, one write fails, and
//! whoever made it reads the order again and finds the other's claim.

use super::draft::{Decision, Draft, REMIND_AFTER_MAX};
use super::{Facts, Rejection, guards, no};
use crate::intake::command::TaskBody;
use crate::order::desk::{CLAIM, Claim, Contact, TASKS_MAX, Task, WorkKind};
use crate::order::{Actor, EventKind, Order, Recipient};
use crate::policy::Policy;
use crate::reach;
use crate::time::{Seconds, Timestamp};
use serde_json::Value;

/// A task is to be done within this, where nobody says when.
pub const TASK_DUE: Seconds = Seconds::days(1);
/// So long after its time somebody is reminded of a task: first whose it is.
pub const REMIND_FIRST: Seconds = Seconds::hours(1);
/// Then their superior, after this; then, each time after twice as long, those with full access.
pub const REMIND_NEXT: Seconds = Seconds::hours(4);

/// The time zone of the order's customer.
pub(super) fn zone<'a>(order: &'a Order, facts: &'a Facts) -> &'a str {
    let seller = facts.seller_zone.as_deref().unwrap_or("UTC");
    reach::zone(&order.placed, order.country.as_deref(), seller)
}

/// Opens a task; the event says which. At most [`TASKS_MAX`] are open.
pub(super) fn open(
    draft: &mut Draft<'_>,
    code: &str,
    due_at: Timestamp,
    assignee: Option<&str>,
    contact: Option<Contact>,
) {
    let because = contact.as_ref().map(|contact| contact.because.clone());
    let Some(key) = put(draft, code, due_at, assignee, contact) else { return };
    draft.event(EventKind::TaskSet).reason = Some(code.to_owned());
    draft.data("task", key);
    draft.data("due_at", due_at.to_string());
    if let Some(because) = because {
        draft.data("because", because);
    }
    if let Some(assignee) = assignee {
        draft.data("assignee", assignee);
    }
    draft.notify("staff_task", Recipient::Staff);
}

/// Puts a task to the others, without telling anybody; its key, unless one like it is open.
pub(super) fn put(
    draft: &mut Draft<'_>,
    code: &str,
    due_at: Timestamp,
    assignee: Option<&str>,
    contact: Option<Contact>,
) -> Option<String> {
    let same = |task: &Task| task.code == code && task.contact.is_some() == contact.is_some();
    if draft.order.desk.tasks.iter().any(same) || draft.order.desk.tasks.len() >= TASKS_MAX {
        return None;
    }
    let number = draft.order.desk.last.saturating_add(1);
    draft.order.desk.last = number;
    let task = Task {
        number,
        code: code.to_owned(),
        since: draft.now,
        due_at,
        remind_at: due_at.plus(REMIND_FIRST),
        level: 0,
        assignee: assignee.map(str::to_owned),
        contact,
    };
    let key = task.key();
    draft.order.desk.tasks.push(task);
    Some(key)
}

/// A person sets a task, or the time of the next call.
pub(super) fn set(draft: &mut Draft<'_>, body: &TaskBody, facts: &Facts) -> Result<(), Rejection> {
    if draft.order.desk.tasks.len() >= TASKS_MAX {
        let detail = format!("An order has at most {TASKS_MAX} open tasks: do one first.");
        return Err(Rejection::NotPossible { code: "too_many_tasks", detail });
    }
    if body.call {
        return super::contact::set_by_hand(draft, body, facts);
    }
    if draft.order.desk.tasks.iter().any(|task| task.code == body.code) {
        let detail = format!("The task {} is open already: see `GET /v1/tasks`.", body.code);
        return Err(Rejection::NotPossible { code: "task_open", detail });
    }
    let due_at = body.due_at.unwrap_or(draft.now.plus(TASK_DUE));
    open(draft, &body.code, due_at, body.assignee.as_deref(), None);
    Ok(())
}

/// A task is done. A call ends otherwise: by the next one, or by what came of it.
pub(super) fn done(draft: &mut Draft<'_>, key: &str) -> Result<(), Rejection> {
    let found = draft.order.work().find(|work| work.key() == key);
    let Some(work) = found else {
        return Err(Rejection::Invalid {
            pointer: "/task".to_owned(),
            code: "no_such_task",
            detail: "The order has no open task of that key; see `GET /v1/tasks`.".to_owned(),
        });
    };
    let (kind, code) = (work.kind, work.code.to_owned());
    let about = work.about.map(str::to_owned);
    match kind {
        WorkKind::Call => {
            return Err(no(
                "call_has_no_successor",
                "A call ends by `contact`: with the next call, or with `paid`, `refused` or `confirmed`.",
            ));
        }
        WorkKind::Task => draft.order.desk.tasks.retain(|task| task.key() != key),
        WorkKind::Exception => {
            draft.close_exceptions(&code, about.as_deref());
            super::payments::owe_surplus(draft);
        }
    }
    draft.event(EventKind::TaskDone).reason = Some(code);
    draft.data("task", key);
    Ok(())
}

/// Hands a task out to somebody, unless it is another's at this moment; nothing where it is not open.
/// Whoever has it keeps it and its time.
pub(super) fn take(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    (key, by): (&str, &str),
    actor: &Actor,
    now: Timestamp,
) -> Decision {
    let is_open = order.work().any(|work| work.key() == key);
    if !is_open || order.claim_of(key, now).is_some() {
        return Decision::unchanged(order);
    }
    let mut draft = Draft::new(policy, order, &facts.stock, actor.clone(), "tasks/next", now);
    let until = draft.now.plus(CLAIM);
    draft.order.desk.claims.retain(|claim| claim.task != key);
    let claim = Claim { task: key.to_owned(), by: by.to_owned(), until };
    draft.order.desk.claims.push(claim);
    draft.event(EventKind::TaskTaken);
    draft.data("task", key);
    draft.data("by", by);
    draft.data("until", until.to_string());
    draft.finish()
}

/// When somebody is reminded of a task next.
pub(super) fn remind_at(order: &Order) -> impl Iterator<Item = Timestamp> + '_ {
    order.desk.tasks.iter().map(|task| task.remind_at)
}

/// Tasks that nobody did in time are called to mind, each time higher up.
pub(super) fn overdue(draft: &mut Draft<'_>) {
    let now = draft.now;
    let mut codes: Vec<Value> = Vec::new();
    let mut level = 0;
    for task in draft.order.desk.tasks.iter_mut().filter(|task| task.remind_at <= now) {
        task.level = task.level.saturating_add(1);
        level = level.max(task.level);
        task.remind_at = now.plus(pause_after(task.level));
        codes.push(Value::from(task.code.clone()));
    }
    if !codes.is_empty() {
        draft.event(EventKind::Reminded);
        draft.data("about", Value::Array(codes));
        draft.data("level", level);
        draft.notify("staff_task", Recipient::Staff);
    }
}

/// Four hours, eight, sixteen … thirty days.
fn pause_after(level: u8) -> Seconds {
    let doubled = u32::from(level.saturating_sub(1)).min(20);
    let factor = 1_i64.checked_shl(doubled).unwrap_or(i64::MAX);
    Seconds(REMIND_NEXT.0.saturating_mul(factor)).min(REMIND_AFTER_MAX)
}

/// What the end of an order, or money, or somebody's answer has settled: before automatic moves and
/// after them.
pub(super) fn settle(draft: &mut Draft<'_>) {
    if draft.order.is_closed() {
        draft.order.desk.tasks.clear();
    }
    let enough = |order: &Order| {
        let came = order.ledger.covered().is_positive();
        came && guards::enough_to_begin(draft.policy, order)
    };
    if enough(&draft.order) && !enough(draft.before) {
        draft.order.desk.tasks.retain(|task| task.contact.is_none());
        draft.order.desk.agreed = true;
    }
    let open: Vec<String> = draft.order.work().map(|work| work.key()).collect();
    draft.order.desk.claims.retain(|claim| open.contains(&claim.task));
}
