//! A production that is planned is also reported on, in working hours that exist.

use super::names::check_calendar;
use super::{Findings, entry_key, move_key};
use crate::policy::CommandKind;

/// Checks the production, and the moves that report on it.
pub(super) fn check(findings: &mut Findings<'_>) {
    let policy = findings.policy;
    let reports = policy.moves.iter().position(|m| m.command == CommandKind::Progress);
    let Some(production) = &policy.production else {
        if let Some(position) = reports
            && !findings.source.is_doubtful("production")
        {
            let problem = "`progress` has no steps to report on".to_owned();
            let remedy = "Write [production] with its steps, or take the move away.";
            findings.error(&move_key(position, "command"), problem, remedy);
        }
        return;
    };
    check_calendar(findings, "production.calendar", &production.calendar);
    if production.steps.is_empty() && !findings.source.is_doubtful("production.step") {
        let problem = "a production has at least one step".to_owned();
        findings.error("production.step", problem, "Write [[production.step]].");
    }
    for (position, step) in production.steps.iter().enumerate() {
        if let Some(calendar) = &step.calendar {
            let key = format!("{}.calendar", entry_key("production.step", position));
            check_calendar(findings, &key, calendar);
        }
    }
    if reports.is_none() && findings.knows_every_command() {
        let problem = "nobody could say how far the production is".to_owned();
        let remedy = "Write a [[move]] with command = \"progress\", or take [production] away.";
        findings.error("production", problem, remedy);
    }
}
