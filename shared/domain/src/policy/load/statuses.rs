//! Reads the statuses: phase, step and its outcomes, the limit's ladder, what happens on entering.
//!
//! A rung or outcome that cannot be read leaves a stand-in at its place, so that positions agree
//! with the file; its key is doubtful and [`crate::policy::check`] passes over it.

use super::format::{RUNG_KEYS, STATUS_KEYS, TRIGGER_KEYS};
use super::reader::{Node, Reader, Section};
use super::words::{self, Deed, Word};
use super::{LANGUAGES_MAX, RUNGS_MAX, STATUSES_MAX, TRIGGERS_MAX};
use crate::intake::command::SplitBy;
use crate::order::Recipient;
use crate::policy::{Outcome, Phase, Rung, Status, StatusKey, StepOutcome, Trigger};
use crate::time::Seconds;
use std::collections::BTreeMap;

/// Reads the statuses.
pub(super) fn read(reader: &mut Reader, root: &Section<'_>) -> BTreeMap<StatusKey, Status> {
    let mut statuses = BTreeMap::new();
    let Some(node) = root.get("status") else {
        reader.missing(root, "status", "Write a table [status.NAME] for each status.");
        return statuses;
    };
    let Some(section) = reader.section(&node) else { return statuses };
    let names = section.names();
    if names.len() > STATUSES_MAX {
        let problem = format!("there are {} statuses", names.len());
        reader.error("status", problem, &format!("Write at most {STATUSES_MAX}."));
    }
    for name in names.into_iter().take(STATUSES_MAX) {
        if !reader.check_name(&section.inside(name), name) {
            continue;
        }
        let status = section
            .get(name)
            .and_then(|node| reader.section(&node))
            .map_or_else(|| empty(name), |status| read_status(reader, &status, name));
        statuses.insert(StatusKey::new(name), status);
    }
    statuses
}

fn empty(name: &str) -> Status {
    Status {
        label: default_label(name),
        phase: Phase::Review,
        step: None,
        then: BTreeMap::new(),
        limit: Vec::new(),
        on_enter: Vec::new(),
    }
}

fn read_status(reader: &mut Reader, section: &Section<'_>, name: &str) -> Status {
    reader.only(section, &STATUS_KEYS);
    let mut status = empty(name);
    match section.get("phase") {
        Some(node) => status.phase = reader.word(&node).unwrap_or(Phase::Review),
        None => {
            let phases = super::suggest::list(&Phase::names());
            reader.missing(section, "phase", &format!("Write phase = one of {phases}."));
        }
    }
    if let Some(node) = section.get("label") {
        read_label(reader, &node, &mut status.label);
    }
    status.step = section.get("step").and_then(|node| reader.word(&node));
    if let Some(node) = section.get("then") {
        status.then = read_then(reader, &node);
    }
    if let Some(node) = section.get("limit") {
        let rungs = reader.list(&node, RUNGS_MAX);
        status.limit = rungs.iter().map(|rung| read_rung(reader, rung)).collect();
    }
    if let Some(node) = section.get("on_enter") {
        let triggers = reader.list(&node, TRIGGERS_MAX);
        let read = triggers.iter().map(|trigger| read_trigger(reader, trigger, name));
        status.on_enter = read.map(|trigger| trigger.unwrap_or(Trigger::Webhook)).collect();
    }
    status
}

/// `awaiting_payment` is called *Awaiting payment* where nobody says otherwise.
pub(super) fn default_label(name: &str) -> BTreeMap<String, String> {
    let text = name.replace('_', " ");
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase());
    let label = first.into_iter().chain(letters).collect();
    BTreeMap::from([("en".to_owned(), label)])
}

pub(super) fn read_label(
    reader: &mut Reader,
    node: &Node<'_>,
    label: &mut BTreeMap<String, String>,
) {
    let Some(section) = reader.section(node) else { return };
    for language in section.names().into_iter().take(LANGUAGES_MAX) {
        let key = section.inside(language);
        let is_language =
            (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
        if !is_language {
            let problem = format!("`{}` is not a language", super::suggest::short(language));
            reader.error(&key, problem, "Write the two letters of ISO 639, like en, lt, ro or ru.");
            continue;
        }
        let text = section.get(language).and_then(|node| reader.text(&node));
        match text {
            Some(text) if text.trim().is_empty() => {
                reader.error(
                    &key,
                    "the label is empty".to_owned(),
                    "Write a word, or leave it out.",
                );
            }
            Some(text) => {
                label.insert(language.to_owned(), text.to_owned());
            }
            None => {}
        }
    }
}

fn read_then(reader: &mut Reader, node: &Node<'_>) -> BTreeMap<StepOutcome, StatusKey> {
    let mut then = BTreeMap::new();
    let Some(section) = reader.section(node) else { return then };
    reader.only(&section, &StepOutcome::names());
    for outcome in StepOutcome::ALL {
        if let Some(node) = section.get(outcome.name()) {
            let status = reader.text(&node).unwrap_or_default();
            then.insert(*outcome, StatusKey::new(status));
        }
    }
    then
}

fn read_rung(reader: &mut Reader, node: &Node<'_>) -> Rung {
    let stand_in =
        Rung { after: Seconds(1), calendar: None, when: None, outcome: Outcome::Redrive };
    let Some(section) = reader.section(node) else { return stand_in };
    reader.only(&section, &RUNG_KEYS);
    let after = match section.get("after") {
        Some(node) => reader.duration(&node),
        None => {
            reader.missing(&section, "after", "Write after = \"1d\", or another length of time.");
            None
        }
    };
    let calendar = section.get("calendar").and_then(|node| reader.text(&node)).map(str::to_owned);
    let when = section.get("when").and_then(|node| {
        let text = reader.text(&node)?;
        reader.judged(&node, words::when(text))
    });
    let outcome = match section.get("do") {
        Some(node) => reader.word(&node).map(|deed| read_outcome(reader, &section, deed)),
        None => {
            let deeds = super::suggest::list(&Deed::names());
            reader.missing(&section, "do", &format!("Write do = one of {deeds}."));
            None
        }
    };
    Rung {
        after: after.unwrap_or(stand_in.after),
        calendar,
        when,
        outcome: outcome.unwrap_or(stand_in.outcome),
    }
}

fn read_outcome(reader: &mut Reader, section: &Section<'_>, deed: Deed) -> Outcome {
    let allowed: &[&str] = match deed {
        Deed::Redrive | Deed::Call => &[],
        Deed::Notify => &["template", "to"],
        Deed::Task => &["task"],
        Deed::Move => &["to", "reason"],
        Deed::Split => &["by"],
    };
    for particular in ["template", "to", "task", "reason", "by"] {
        if section.get(particular).is_some() && !allowed.contains(&particular) {
            let problem = format!("do = \"{}\" has no `{particular}`", deed.name());
            reader.error(&section.inside(particular), problem, "Take it away.");
        }
    }
    match deed {
        Deed::Redrive => Outcome::Redrive,
        Deed::Call => Outcome::Call,
        Deed::Split => {
            let by = section.get("by").and_then(|node| reader.word(&node));
            Outcome::Split(by.unwrap_or(SplitBy::Stock))
        }
        Deed::Notify => {
            let template = match section.get("template") {
                Some(node) => reader.text(&node).unwrap_or_default().to_owned(),
                None => {
                    let remedy = "Write template = \"payment_reminder\", or another template.";
                    reader.missing(section, "template", remedy);
                    String::new()
                }
            };
            let to = section.get("to").and_then(|node| reader.word(&node));
            let to = to.unwrap_or_else(|| usual_recipient(&template));
            Outcome::Notify { template, to }
        }
        Deed::Task => {
            let task = match section.get("task") {
                Some(node) => reader.name(&node).unwrap_or_default().to_owned(),
                None => {
                    let remedy = "Write task = \"delivery_overdue\", or another code.";
                    reader.missing(section, "task", remedy);
                    String::new()
                }
            };
            Outcome::Task { task }
        }
        Deed::Move => {
            let to = match section.get("to") {
                Some(node) => reader.text(&node).unwrap_or_default(),
                None => {
                    reader.missing(section, "to", "Write to = \"...\", the status it moves to.");
                    ""
                }
            };
            let reason = section.get("reason").and_then(|node| reader.name(&node));
            Outcome::Move { to: StatusKey::new(to), reason: reason.map(str::to_owned) }
        }
    }
}

/// Whom a template is written for, where the policy does not say.
fn usual_recipient(template: &str) -> Recipient {
    if template.starts_with("staff_") {
        Recipient::Staff
    } else if template.starts_with("partner_") {
        Recipient::Partner
    } else {
        Recipient::Customer
    }
}

fn read_trigger(reader: &mut Reader, node: &Node<'_>, status: &str) -> Option<Trigger> {
    const REMEDY: &str = "Write { notify = \"...\", to = \"customer\" }, { webhook = true } or \
                          { task = \"...\" }.";
    let section = reader.section(node)?;
    reader.only(&section, &TRIGGER_KEYS);
    let (notify, webhook, task) =
        (section.get("notify"), section.get("webhook"), section.get("task"));
    if let (None, Some(to)) = (&notify, section.get("to")) {
        reader.error(&to.key, "only `notify` has a `to`".to_owned(), "Take it away.");
    }
    match (notify, webhook, task) {
        (Some(notify), None, None) => {
            let template = reader.text(&notify)?;
            let to = match section.get("to") {
                Some(to) => reader.word(&to)?,
                None => usual_recipient(template),
            };
            Some(Trigger::Notify { template: template.to_owned(), to })
        }
        (None, Some(webhook), None) => read_webhook(reader, &webhook, status),
        (None, None, Some(task)) => {
            reader.name(&task).map(|task| Trigger::Task { task: task.to_owned() })
        }
        (None, None, None) => {
            reader.error(&node.key, "nothing happens here".to_owned(), REMEDY);
            None
        }
        (Some(_), Some(_), _) | (Some(_), _, Some(_)) | (_, Some(_), Some(_)) => {
            let problem = "more than one thing happens in one entry".to_owned();
            reader.error(&node.key, problem, "Write an entry in curly brackets for each.");
            None
        }
    }
}

/// `webhook = true`, or the name of the webhook's event, which is that of the status.
fn read_webhook(reader: &mut Reader, node: &Node<'_>, status: &str) -> Option<Trigger> {
    let event = format!("order.{status}");
    if node.is_text() {
        let text = reader.text(node)?;
        if text != event {
            let problem =
                format!("the event of this status is not `{}`", super::suggest::short(text));
            reader.error(&node.key, problem, &format!("Write webhook = true or \"{event}\"."));
            return None;
        }
    } else if !reader.boolean(node)? {
        reader.error(&node.key, "false does nothing".to_owned(), "Take the entry away.");
        return None;
    }
    Some(Trigger::Webhook)
}
