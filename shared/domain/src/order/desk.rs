//! What people have to do about an order: tasks with their times, who has taken which, and how far
//! the attempts to reach the customer have come. What changes it is [`crate::decide::tasks`] and
//! [`crate::decide::contact`]; `docs/people.md` tells it to people.
//!
//! Nothing here is personal data of the customer: codes, moments, names of colleagues.

use crate::ids;
use crate::order::{Exception, Order};
use crate::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

/// Tasks an order keeps beside its exceptions.
pub const TASKS_MAX: usize = 20;
/// So long a task belongs to whom it was handed out.
pub const CLAIM: Seconds = Seconds::minutes(15);
/// An exception is to be dealt with within this.
pub const EXCEPTION_DUE: Seconds = Seconds::days(1);
/// Code of the task to call the customer.
pub const CALL: &str = "call_customer";

/// The work of people on one order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Desk {
    /// The highest number of a task: none is given twice.
    #[serde(rename = "n", default, skip_serializing_if = "is_zero")]
    pub last: u32,
    /// Tasks, oldest first.
    #[serde(rename = "t", default, skip_serializing_if = "Vec::is_empty")]
    pub tasks: Vec<Task>,
    /// Who has taken what, exceptions too; a claim whose time is over counts as none.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// The customer was asked before confirming, or the money has answered: no further call is asked
    /// for by `call_when`.
    #[serde(rename = "a", default, skip_serializing_if = "is_false")]
    pub agreed: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(number: &u32) -> bool {
    *number == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

/// Something somebody has to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Task {
    /// 1, 2, 3 … within the order.
    #[serde(rename = "n")]
    pub number: u32,
    /// What: a code of the house, or [`CALL`].
    #[serde(rename = "k")]
    pub code: String,
    /// Since when.
    #[serde(rename = "s")]
    pub since: Timestamp,
    /// When it is to be done; a call not before.
    #[serde(rename = "d")]
    pub due_at: Timestamp,
    /// When somebody is reminded of it next.
    #[serde(rename = "r")]
    pub remind_at: Timestamp,
    /// How often somebody was reminded: each time somebody higher up.
    #[serde(rename = "l", default, skip_serializing_if = "is_level_zero")]
    pub level: u8,
    /// Whose it is; else whoever looks after the order, else anybody's.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub assignee: Option<String>,
    /// The way of the calls, where it is one.
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_level_zero(level: &u8) -> bool {
    *level == 0
}

/// How far the attempts to reach a customer have come.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Contact {
    /// Why they are called: a condition of `call_when`, `limit`, or what a person wrote.
    #[serde(rename = "w")]
    pub because: String,
    /// Rungs behind: calls that reached nobody.
    #[serde(rename = "m", default)]
    pub missed: u8,
    /// How often in a row the line was busy.
    #[serde(rename = "b", default)]
    pub busy: u8,
    /// The order waits for it: automatic moves to confirmation wait.
    #[serde(rename = "h", default)]
    pub holds: bool,
    /// What the last attempt met.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    pub last: Option<ContactOutcome>,
}

/// What an attempt to reach the customer met.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactOutcome {
    /// It rang and nobody answered: the next rung.
    NotAnswering,
    /// The number is wrong, switched off or out of reach: the next rung, not sooner than in three
    /// hours, and the customer is written to on another channel.
    Unavailable,
    /// The line was engaged: again in five minutes; three times in a row count as one rung.
    Busy,
    /// The customer was spoken to; what came of it is said.
    Reached,
}

/// What came of a call that reached the customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ContactResult {
    /// They stand by the order: it goes on; where it is still to be paid, a call to ask for the money
    /// follows.
    Confirmed,
    /// They have paid: what is needed to go on has come.
    Paid,
    /// They do not want it: it is cancelled.
    Refused,
    /// They are to be called again.
    CallAgain,
}

/// Who has taken a task, and until when it is theirs alone.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Claim {
    /// The task's key.
    #[serde(rename = "t")]
    pub task: String,
    /// Who.
    #[serde(rename = "b")]
    pub by: String,
    /// Until when.
    #[serde(rename = "u")]
    pub until: Timestamp,
}

/// What kind of work something is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WorkKind {
    /// An exception of the order.
    Exception,
    /// The customer is to be called.
    Call,
    /// A task set by a person or a trigger.
    Task,
}

/// One piece of work that is open, however it came about.
#[derive(Clone, Copy, Debug)]
pub struct Work<'a> {
    /// What kind.
    pub kind: WorkKind,
    /// Its code.
    pub code: &'a str,
    /// What it is about.
    pub about: Option<&'a str>,
    /// A sentence for people.
    pub detail: Option<&'a str>,
    /// Since when.
    pub since: Timestamp,
    /// When it is to be done.
    pub due_at: Timestamp,
    /// Whose it is.
    pub assignee: Option<&'a str>,
    /// The task, where it is one.
    pub task: Option<&'a Task>,
}

impl Work<'_> {
    /// Its name within the order.
    #[must_use]
    pub fn key(&self) -> String {
        match (self.task, self.about) {
            (Some(task), _) => task.key(),
            (None, None) => self.code.to_owned(),
            (None, Some(about)) => {
                let digest: String = ids::digest(about.as_bytes()).chars().take(8).collect();
                format!("{}-{digest}", self.code)
            }
        }
    }
}

impl Task {
    /// Its name within the order.
    #[must_use]
    pub fn key(&self) -> String {
        format!("t{}", self.number)
    }
}

fn of_exception<'a>(exception: &'a Exception, responsible: Option<&'a str>) -> Work<'a> {
    Work {
        kind: WorkKind::Exception,
        code: &exception.code,
        about: exception.about.as_deref(),
        detail: Some(&exception.detail),
        since: exception.since,
        due_at: exception.since.plus(EXCEPTION_DUE),
        assignee: responsible,
        task: None,
    }
}

fn of_task<'a>(task: &'a Task, responsible: Option<&'a str>) -> Work<'a> {
    Work {
        kind: if task.contact.is_some() { WorkKind::Call } else { WorkKind::Task },
        code: &task.code,
        about: task.contact.as_ref().map(|contact| contact.because.as_str()),
        detail: None,
        since: task.since,
        due_at: task.due_at,
        assignee: task.assignee.as_deref().or(responsible),
        task: Some(task),
    }
}

impl Order {
    /// Everything people have to do about it.
    pub fn work(&self) -> impl Iterator<Item = Work<'_>> {
        let responsible = self.responsible.as_deref();
        let exceptions = self.exceptions.iter().map(move |e| of_exception(e, responsible));
        exceptions.chain(self.desk.tasks.iter().map(move |task| of_task(task, responsible)))
    }

    /// When the first of it is to be done: by this moment the order stands in the feed of tasks.
    #[must_use]
    pub fn work_due_at(&self) -> Option<Timestamp> {
        self.work().map(|work| work.due_at).min()
    }

    /// The call that is open.
    #[must_use]
    pub fn call(&self) -> Option<&Task> {
        self.desk.tasks.iter().find(|task| task.contact.is_some())
    }

    /// Whether the order waits for a call: automatic moves to confirmation, and its limits, wait.
    #[must_use]
    pub fn waits_for_call(&self) -> bool {
        self.call().and_then(|task| task.contact.as_ref()).is_some_and(|contact| contact.holds)
    }

    /// Who has a task to themselves at this moment.
    #[must_use]
    pub fn claim_of(&self, key: &str, now: Timestamp) -> Option<&Claim> {
        self.desk.claims.iter().find(|claim| claim.task == key && claim.until > now)
    }
}
