//! The rungs of a limit, for each kind of order: in order of time, at least one, and the last one
//! such that something goes on happening.

use super::facets::Facets;
use super::{Findings, entry_key, status_key};
use crate::order::Recipient;
use crate::policy::{Outcome, Phase, Rung, StatusKey};
use std::collections::BTreeSet;

/// Checks the ladder of every open status.
pub(super) fn check(findings: &mut Findings<'_>) {
    let policy = findings.policy;
    for (key, status) in &policy.statuses {
        // A closed status has no limit, and says so elsewhere.
        if status.phase == Phase::Closed || status.limit.is_empty() {
            continue;
        }
        check_order(findings, key, &status.limit);
        if findings.knows_status(key, "limit") && findings.knows_status(key, "phase") {
            check_end(findings, key, &status.limit);
        }
    }
}

/// The rungs meant for such an order, with their positions.
fn meant_for(rungs: &[Rung], facets: Facets) -> impl Iterator<Item = (usize, &Rung)> {
    rungs
        .iter()
        .enumerate()
        .filter(move |(_, rung)| rung.when.as_ref().is_none_or(|when| facets.meet(when)))
}

fn check_order(findings: &mut Findings<'_>, status: &StatusKey, rungs: &[Rung]) {
    let mut reported = BTreeSet::new();
    for facets in Facets::all() {
        let mut before: Vec<(usize, &Rung)> = Vec::new();
        for (position, rung) in meant_for(rungs, facets) {
            let key = entry_key(&status_key(status, "limit"), position);
            if findings.source.is_doubtful(&key) {
                continue;
            }
            let overtaken = before.iter().find(|(_, earlier)| is_surely_before(rung, earlier));
            if let Some((_, earlier)) = overtaken
                && reported.insert(position)
            {
                let problem =
                    format!("`{}` stands after `{}`, which is longer", rung.after, earlier.after);
                findings.error(&format!("{key}.after"), problem, "Write the shortest rung first.");
            }
            before.push((position, rung));
        }
    }
}

/// Whether a rung runs out before another one, whatever the calendars.
///
/// Working hours pass no faster than hours, so a rung counted in elapsed time is surely before one
/// that is longer, in whatever hours. Nothing is sure the other way round, or between calendars.
fn is_surely_before(rung: &Rung, other: &Rung) -> bool {
    rung.after < other.after && (rung.calendar.is_none() || rung.calendar == other.calendar)
}

fn check_end(findings: &mut Findings<'_>, status: &StatusKey, rungs: &[Rung]) {
    let mut without_a_rung = None;
    let mut reported = BTreeSet::new();
    for facets in Facets::all() {
        match meant_for(rungs, facets).last() {
            None => without_a_rung = without_a_rung.or(Some(facets)),
            Some((position, rung)) if !goes_on(&rung.outcome) => {
                if reported.insert(position) {
                    let key = entry_key(&status_key(status, "limit"), position);
                    let problem =
                        "after this message nothing would ever happen any more".to_owned();
                    let remedy = "Write a rung after it that moves the order or tells staff: \
                                  { after = \"...\", do = \"task\", task = \"...\" }.";
                    findings.error(&key, problem, remedy);
                }
            }
            Some(_) => {}
        }
    }
    if let Some(facets) = without_a_rung {
        let problem = format!("no rung is meant for an order with {}", facets.describe(rungs));
        let remedy = "Write the last rung without `when`, or one for these orders too.";
        findings.error(&status_key(status, "limit"), problem, remedy);
    }
}

/// Whether something goes on happening after a last rung: work and words to staff come back,
/// a step is run again, a call is tried again, a move ends the wait.
fn goes_on(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Redrive | Outcome::Task { .. } | Outcome::Call | Outcome::Move { .. } => true,
        Outcome::Split(_) => false,
        Outcome::Notify { to, .. } => match to {
            Recipient::Staff => true,
            Recipient::Customer | Recipient::Partner => false,
        },
    }
}
