//! What people have to do, as the feed of tasks shows it.

use crate::values::Moment;
use ordermill_domain::decide::jeopardy::{self, Jeopardy};
use ordermill_domain::order::Order;
use ordermill_domain::order::desk::{ContactOutcome, Work, WorkKind};
use ordermill_domain::policy::{Policy, StatusKey};
use ordermill_domain::reach;
use ordermill_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

/// One piece of work.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Task")]
pub struct TaskView {
    /// The order and the task in one word.
    pub id: String,
    /// Its name within the order, for the command `done`.
    pub task: String,
    /// What kind of work it is.
    pub kind: WorkKind,
    /// What is to be done.
    pub code: String,
    /// What it is about: a payment's reference, a SKU; of a call, why.
    pub about: Option<String>,
    /// A sentence.
    pub detail: Option<String>,
    /// The order.
    pub order: String,
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub status: StatusKey,
    /// Since when it is open.
    pub since: Moment,
    /// When it is to be done; a call not before.
    pub due_at: Moment,
    /// Whose it is: its own, or who looks after the order.
    pub assignee: Option<String>,
    /// Who has taken it.
    pub claimed_by: Option<String>,
    /// Until when it is theirs alone.
    pub claimed_until: Option<Moment>,
    /// How often somebody was reminded of it, each time higher up.
    pub level: u8,
    /// How far the attempts to reach the customer have come, of a call.
    pub call: Option<CallView>,
    /// How close the order is to missing its limit or promise.
    pub jeopardy: JeopardyView,
}

/// A call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Call")]
pub struct CallView {
    /// Who is called.
    pub name: Option<String>,
    /// Their telephone.
    pub phone: Option<String>,
    /// Their language.
    pub locale: Option<String>,
    /// The zone whose daytime counts.
    pub time_zone: String,
    /// From when they may be called: now, in their daytime, or their next nine o'clock.
    pub callable_from: Moment,
    /// Calls that reached nobody.
    pub missed: u8,
    /// What the last attempt met.
    pub last: Option<ContactOutcome>,
    /// The order waits for it.
    pub holds: bool,
}

/// How close an order is to missing its limit or promise.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Jeopardy")]
pub struct JeopardyView {
    /// The sum, 0–100.
    pub score: u8,
    /// Of the status' limit, 0–40.
    pub limit: u8,
    /// Of what was promised, 0–30.
    pub promise: u8,
    /// Of what people have to do, 0–15.
    pub work: u8,
    /// Of its value, 0–15.
    pub value: u8,
}

impl From<Jeopardy> for JeopardyView {
    fn from(of: Jeopardy) -> Self {
        let Jeopardy { score, limit, promise, work, value } = of;
        Self { score, limit, promise, work, value }
    }
}

impl TaskView {
    /// The task as people see it at that moment.
    #[must_use]
    pub fn new(
        order: &Order,
        work: &Work<'_>,
        policy: &Policy,
        seller_zone: &str,
        now: Timestamp,
    ) -> Self {
        let key = work.key();
        let claim = order.claim_of(&key, now);
        Self {
            id: format!("{}.{key}", order.id),
            kind: work.kind,
            code: work.code.to_owned(),
            about: work.about.map(str::to_owned),
            detail: work.detail.map(str::to_owned),
            order: order.id.clone(),
            number: order.number.clone(),
            status: order.status.clone(),
            since: work.since.into(),
            due_at: work.due_at.into(),
            assignee: work.assignee.map(str::to_owned),
            claimed_by: claim.map(|claim| claim.by.clone()),
            claimed_until: claim.map(|claim| claim.until.into()),
            level: work.task.map_or(0, |task| task.level),
            call: call(order, work, seller_zone, now),
            jeopardy: jeopardy::of(policy, order, now).into(),
            task: key,
        }
    }
}

fn call(order: &Order, work: &Work<'_>, seller_zone: &str, now: Timestamp) -> Option<CallView> {
    let contact = work.task?.contact.as_ref()?;
    let customer = &order.placed.customer;
    let zone = reach::zone(&order.placed, order.country.as_deref(), seller_zone);
    Some(CallView {
        name: customer.name.clone().or_else(|| customer.company.clone()),
        phone: customer.phone.clone(),
        locale: customer.locale.clone(),
        time_zone: zone.to_owned(),
        callable_from: reach::texted_at(now, zone).into(),
        missed: contact.missed,
        last: contact.last,
        holds: contact.holds,
    })
}
