//! Each status by itself: its step and where that leads, and that there is a limit.

use super::{Findings, entry_key, status_key};
use crate::policy::load::suggest;
use crate::policy::load::words::Word;
use crate::policy::{Outcome, Phase, Status, StatusKey, Step};

/// Checks every status.
pub(super) fn check(findings: &mut Findings<'_>) {
    let policy = findings.policy;
    for (key, status) in &policy.statuses {
        if findings.knows_status(key, "step") && findings.knows_status(key, "then") {
            check_step(findings, key, status);
        }
        if findings.knows_status(key, "phase") {
            match status.phase {
                Phase::Closed => check_closed(findings, key, status),
                Phase::Intake
                | Phase::Review
                | Phase::Supply
                | Phase::Payment
                | Phase::Fulfilment => check_limit(findings, key, status),
            }
        }
        check_redrives(findings, key, status);
    }
}

fn check_step(findings: &mut Findings<'_>, key: &StatusKey, status: &Status) {
    let Some(step) = status.step else {
        if !status.then.is_empty() {
            let problem = "there is no step whose outcomes these are".to_owned();
            let steps = suggest::list(&Step::names());
            let remedy = format!("Write step = one of {steps}, or take `then` away.");
            findings.error(&status_key(key, "then"), problem, &remedy);
        }
        return;
    };
    let outcomes = step.outcomes();
    for outcome in outcomes.iter().filter(|outcome| !status.then.contains_key(outcome)) {
        let name = outcome.name();
        let problem =
            format!("nothing says where an order goes when `{}` ends `{name}`", step.name());
        let remedy = format!("Write {name} = \"...\" in `then`, a status; the same one to stay.");
        findings.error(&status_key(key, "then"), problem, &remedy);
    }
    for outcome in status.then.keys().filter(|outcome| !outcomes.contains(outcome)) {
        let name = outcome.name();
        let problem = format!("the step `{}` never ends `{name}`", step.name());
        let names: Vec<&str> = outcomes.iter().map(|outcome| outcome.name()).collect();
        let remedy = format!("Take it away; it ends {}.", suggest::list(&names));
        findings.error(&status_key(key, &format!("then.{name}")), problem, &remedy);
    }
}

/// Nothing happens by itself to a closed order but what it still owes, and that is mechanics.
fn check_closed(findings: &mut Findings<'_>, key: &StatusKey, status: &Status) {
    const REMEDY: &str = "Take it away, or give the status another phase.";
    if status.step.is_some() {
        let problem = "a closed status has no step".to_owned();
        findings.error(&status_key(key, "step"), problem, REMEDY);
    }
    if !status.limit.is_empty() {
        let problem = "a closed status has no limit".to_owned();
        findings.error(&status_key(key, "limit"), problem, REMEDY);
    }
}

fn check_limit(findings: &mut Findings<'_>, key: &StatusKey, status: &Status) {
    if status.limit.is_empty() && findings.knows_status(key, "limit") {
        let problem = "an order could stay here for ever: there is no limit".to_owned();
        let remedy = "Write limit = [{ after = \"1d\", do = \"notify\", template = \
                      \"staff_alert\", to = \"staff\" }], or another ladder.";
        findings.error(&status_key(key, ""), problem, remedy);
    }
}

fn check_redrives(findings: &mut Findings<'_>, key: &StatusKey, status: &Status) {
    let moves_may_be_lost = findings.source.is_doubtful("move");
    let runs_by_itself = status.step.is_some()
        || findings.policy.auto_moves(key).next().is_some()
        || moves_may_be_lost;
    if runs_by_itself || !findings.knows_status(key, "step") {
        return;
    }
    let limit = status_key(key, "limit");
    for (position, rung) in status.limit.iter().enumerate() {
        let rung_key = entry_key(&limit, position);
        match rung.outcome {
            Outcome::Redrive if !findings.source.is_doubtful(&rung_key) => {
                let problem = "there is nothing to run again".to_owned();
                let remedy = "Write a step, or do = \"task\" or \"notify\".";
                findings.error(&format!("{rung_key}.do"), problem, remedy);
            }
            Outcome::Split(_) if !findings.may_split(key) => {
                let problem = "the system may not split an order here".to_owned();
                let remedy = "Write a [[move]] with command = \"split\" from this status to itself, \
                              by = [\"system\"].";
                findings.error(&format!("{rung_key}.do"), problem, remedy);
            }
            Outcome::Redrive
            | Outcome::Split(_)
            | Outcome::Notify { .. }
            | Outcome::Task { .. }
            | Outcome::Call
            | Outcome::Move { .. } => {}
        }
    }
}
