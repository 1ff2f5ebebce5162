//! Everything that is named exists: statuses, calendars, templates.

use super::{Findings, TEMPLATES, entry_key, move_key, status_key};
use crate::order::Recipient;
use crate::policy::load::suggest;
use crate::policy::load::words::Word;
use crate::policy::{LateMoney, Outcome, Phase, Rung, StatusKey, Trigger};

/// Checks every name.
pub(super) fn check(findings: &mut Findings<'_>) {
    check_header(findings);
    let policy = findings.policy;
    for (status, content) in &policy.statuses {
        for (outcome, to) in &content.then {
            let key = status_key(status, &format!("then.{}", outcome.name()));
            check_status(findings, &key, to);
        }
        for (position, rung) in content.limit.iter().enumerate() {
            check_rung(findings, &entry_key(&status_key(status, "limit"), position), rung);
        }
        for (position, trigger) in content.on_enter.iter().enumerate() {
            let key = entry_key(&status_key(status, "on_enter"), position);
            match trigger {
                Trigger::Notify { template, to } => {
                    check_template(findings, &format!("{key}.notify"), template, *to);
                }
                // Codes of work are the seller's own words.
                Trigger::Webhook | Trigger::Task { .. } => {}
            }
        }
    }
    for (position, m) in policy.moves.iter().enumerate() {
        for (place, from) in m.from.iter().enumerate() {
            check_status(findings, &entry_key(&move_key(position, "from"), place), from);
        }
        check_status(findings, &move_key(position, "to"), &m.to);
    }
}

fn check_header(findings: &mut Findings<'_>) {
    let policy = findings.policy;
    if check_status(findings, "initial", &policy.initial) {
        check_open(findings, "initial", &policy.initial, "a new order");
    }
    match (&policy.revive_to, policy.late_money) {
        (Some(status), LateMoney::Revive | LateMoney::Refund | LateMoney::Ask) => {
            if check_status(findings, "revive_to", status) {
                check_open(findings, "revive_to", status, "an order that lives again");
            }
        }
        (None, LateMoney::Revive) if !findings.source.is_doubtful("revive_to") => {
            let problem = "nothing says where an order comes to life again".to_owned();
            let remedy = "Write revive_to = \"...\", an open status, or late_money = \"ask\".";
            findings.error("late_money", problem, remedy);
        }
        (None, LateMoney::Revive | LateMoney::Refund | LateMoney::Ask) => {}
    }
    for (position, status) in policy.deletable_from.iter().enumerate() {
        let key = entry_key("deletable_from", position);
        let is_open = findings.policy.phase(status) != Phase::Closed;
        if check_status(findings, &key, status) && knows_phase(findings, status) && is_open {
            let problem = format!("`{status}` is open, and an open order cannot be deleted");
            findings.error(&key, problem, "Name closed statuses only.");
        }
    }
}

fn knows_phase(findings: &Findings<'_>, status: &StatusKey) -> bool {
    findings.knows_status(status, "phase")
}

fn check_open(findings: &mut Findings<'_>, key: &str, status: &StatusKey, who: &str) {
    if knows_phase(findings, status) && findings.policy.phase(status) == Phase::Closed {
        let problem = format!("{who} cannot stand in `{status}`, which is closed");
        findings.error(key, problem, "Name an open status.");
    }
}

/// Whether there is a status of that name; reports it where there is not.
fn check_status(findings: &mut Findings<'_>, key: &str, status: &StatusKey) -> bool {
    if findings.policy.statuses.contains_key(status) {
        return true;
    }
    // An empty name is a stand-in for one that could not be read, unless it was written so.
    if !findings.source.is_doubtful(key) {
        let known: Vec<&str> = findings.policy.statuses.keys().map(StatusKey::as_str).collect();
        let problem = format!("there is no status `{}`", suggest::short(status.as_str()));
        let remedy = suggest::remedy(status.as_str(), &known);
        findings.error(key, problem, &remedy);
    }
    false
}

/// Whether there is a calendar of that name; reports it where there is not.
pub(super) fn check_calendar(findings: &mut Findings<'_>, key: &str, calendar: &str) {
    if findings.policy.calendars.contains_key(calendar) || findings.source.is_doubtful(key) {
        return;
    }
    let known: Vec<&str> = findings.policy.calendars.keys().map(String::as_str).collect();
    let problem = format!("there is no calendar `{}`", suggest::short(calendar));
    let remedy = if known.is_empty() {
        format!("Write [calendar.{}], or take it away.", suggest::short(calendar))
    } else {
        suggest::remedy(calendar, &known)
    };
    findings.error(key, problem, &remedy);
}

fn check_rung(findings: &mut Findings<'_>, key: &str, rung: &Rung) {
    if let Some(calendar) = &rung.calendar {
        check_calendar(findings, &format!("{key}.calendar"), calendar);
    }
    match &rung.outcome {
        Outcome::Notify { template, to } => {
            check_template(findings, &format!("{key}.template"), template, *to);
        }
        Outcome::Move { to, .. } => {
            if !findings.source.is_doubtful(key) {
                check_status(findings, &format!("{key}.to"), to);
            }
        }
        Outcome::Redrive | Outcome::Task { .. } | Outcome::Call | Outcome::Split(_) => {}
    }
}

fn check_template(findings: &mut Findings<'_>, key: &str, template: &str, to: Recipient) {
    if findings.source.is_doubtful(key) {
        return;
    }
    if !TEMPLATES.contains(&template) {
        let problem = format!("there is no template `{}`", suggest::short(template));
        findings.error(key, problem, &suggest::remedy(template, &TEMPLATES));
        return;
    }
    match to {
        Recipient::Customer | Recipient::Partner if template.starts_with("staff_") => {
            let problem = format!("`{template}` is written for staff, not for a {}", to.name());
            findings.error(key, problem, "Write to = \"staff\", or another template.");
        }
        Recipient::Customer | Recipient::Partner | Recipient::Staff => {}
    }
}
