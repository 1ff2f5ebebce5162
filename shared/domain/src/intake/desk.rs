//! Bodies of the commands about people's work: `task`, `done`, `contact` (`docs/people.md`).

use super::command::CommandBody;
use super::limits::NOTE_CHARACTERS_MAX;
use super::reader::Field;
use crate::order::desk::{CALL, ContactOutcome, ContactResult};
use crate::time::Timestamp;

/// A person has something to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TaskBody {
    /// What: a code of the house.
    pub code: String,
    /// The customer is to be called.
    pub call: bool,
    /// When it is to be done; a call not before.
    pub due_at: Option<Timestamp>,
    /// Whose it is.
    pub assignee: Option<String>,
    /// For people.
    pub note: Option<String>,
}

/// The customer was called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ContactBody {
    /// What the call met.
    pub outcome: ContactOutcome,
    /// What came of it, where somebody was reached.
    pub result: Option<ContactResult>,
    /// When they are to be called again.
    pub next_call_at: Option<Timestamp>,
    /// For people.
    pub note: Option<String>,
}

pub(super) fn task(body: &Field<'_, '_>) -> Option<TaskBody> {
    let body = body.object(&["code", "due_at", "assignee", "note"])?;
    let named = body.field("code").required("write what is to be done, like `ask_for_size`.");
    let code = named.code().filter(|code| {
        let plain = is_word(code);
        if !plain {
            let detail = "Write one word in small letters, digits and `_`, like `ask_for_size`; what \
                          else is to be said goes into `note`.";
            named.refuse("code_malformed", detail);
        }
        plain
    });
    let due_at = body.field("due_at").moment();
    let assignee = body.field("assignee").code();
    let note = body.field("note").long_text(NOTE_CHARACTERS_MAX);
    let code = code?;
    Some(TaskBody { call: code == CALL, code, due_at, assignee, note })
}

pub(super) fn done(body: &Field<'_, '_>) -> Option<CommandBody> {
    let body = body.object(&["task", "note"])?;
    let task = body.field("task").required("write the key of the task.").text(TASK_KEY_MAX);
    let note = body.field("note").long_text(NOTE_CHARACTERS_MAX);
    Some(CommandBody::Done { task: task?, note })
}

/// A task's code is no place for names of people: those go into the note.
fn is_word(code: &str) -> bool {
    let begins = code.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    begins && code.len() <= CODE_MAX && code.bytes().all(plain)
}

/// Characters of a task's code, as of those that a policy names.
const CODE_MAX: usize = 40;

/// Characters of a task's key: a code, and what tells two of one code apart.
const TASK_KEY_MAX: usize = 100;

pub(super) fn contact(body: &Field<'_, '_>) -> Option<ContactBody> {
    let body = body.object(&["outcome", "result", "next_call_at", "note"])?;
    let outcome: Option<ContactOutcome> = body
        .field("outcome")
        .required("write not_answering, unavailable, busy or reached.")
        .choice();
    let result_field = body.field("result");
    let result: Option<ContactResult> = result_field.choice();
    let next = body.field("next_call_at");
    let next_call_at = next.moment();
    let note = body.field("note").long_text(NOTE_CHARACTERS_MAX);
    let outcome = outcome?;
    if outcome != ContactOutcome::Reached && result.is_some() {
        result_field
            .refuse("not_reached", "Only who was reached has said something: take it away.");
        return None;
    }
    if result != Some(ContactResult::CallAgain) && next_call_at.is_some() {
        let detail = "The ladder says when to call again; a time is for the result call_again.";
        next.refuse("not_reached", detail);
        return None;
    }
    Some(ContactBody { outcome, result, next_call_at, note })
}
