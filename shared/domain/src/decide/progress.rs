//! How far what is made for an order is: what people report, and what follows when a step should be
//! done and is not ([`crate::production`]).

use super::draft::Draft;
use super::{Rejection, fulfil};
use crate::intake::command::LineProgress;
use crate::order::EventKind;
use crate::policy::{ProductionStep, StatusKey};
use crate::production;
use serde_json::json;

/// Code of the exception when a step of the production should be done and is not; it is about the
/// step.
pub const LATE: &str = "production_late";

/// So many units are through a step. The figures are what there is now, not what was added: the same
/// report twice says nothing new. False where it says nothing new.
pub(super) fn report(
    draft: &mut Draft<'_>,
    step: Option<&str>,
    lines: Option<&[LineProgress]>,
    to: &StatusKey,
) -> Result<bool, Rejection> {
    let policy = draft.policy;
    let steps = policy.production.as_ref().map(|p| p.steps.as_slice()).unwrap_or_default();
    let through = step_index(steps, step)?;
    let all: Vec<LineProgress>;
    let lines = if let Some(lines) = lines {
        lines
    } else {
        let whole = |line: &crate::order::Line| LineProgress { line: line.line, done: None };
        all = draft.order.lines.iter().map(whole).collect();
        &all
    };
    let mut told = Vec::new();
    for (index, entry) in lines.iter().enumerate() {
        let place = fulfil::line_index(&draft.order, entry.line, index)?;
        let Some(line) = draft.order.lines.get_mut(place) else { continue };
        let wanted = production::wanted(line);
        let done = entry.done.unwrap_or(wanted);
        if done > wanted {
            return Err(Rejection::Invalid {
                pointer: format!("/lines/{index}/done"),
                code: "more_than_wanted",
                detail: format!("Line {} is of {wanted} units.", line.line),
            });
        }
        if production::set_made(line, steps, through, done) {
            told.push(json!({ "line": entry.line, "done": done.to_json() }));
        }
    }
    if told.is_empty() {
        return Ok(false);
    }
    if draft.order.status == *to {
        draft.event(EventKind::ProductionProgressed);
    } else {
        draft.go(EventKind::ProductionProgressed, to, None);
    }
    draft.data_of(EventKind::ProductionProgressed, "lines", json!(told));
    if let Some(step) = steps.get(through) {
        draft.data_of(EventKind::ProductionProgressed, "step", step.name.as_str());
    }
    let order = &mut draft.order;
    let done: Vec<_> = steps.iter().filter(|step| production::is_done(order, step)).collect();
    order.exceptions.retain(|exception| !done.iter().any(|step| is_late(exception, step)));
    Ok(true)
}

fn is_late(exception: &crate::order::Exception, step: &ProductionStep) -> bool {
    exception.code == LATE && exception.about.as_ref() == Some(&step.name)
}

fn step_index(steps: &[ProductionStep], named: Option<&str>) -> Result<usize, Rejection> {
    let Some(named) = named else { return Ok(steps.len().saturating_sub(1)) };
    steps.iter().position(|step| step.name == named).ok_or_else(|| {
        let names: Vec<&str> = steps.iter().map(|step| step.name.as_str()).collect();
        Rejection::Invalid {
            pointer: "/step".to_owned(),
            code: "no_such_step",
            detail: format!("There is no step {named}: write one of {}.", names.join(", ")),
        }
    })
}

/// Steps that should be done by now and are not need a person; each is told of once.
pub(super) fn judge(draft: &mut Draft<'_>) {
    if !production::is_made_now(draft.policy, &draft.order) {
        return;
    }
    let plan = production::plan(draft.policy, &draft.order);
    let judged = usize::try_from(draft.order.steps_judged).unwrap_or(usize::MAX);
    for (place, planned) in plan.iter().enumerate().skip(judged) {
        if planned.ends_at > draft.now {
            return;
        }
        draft.order.steps_judged = u32::try_from(place.saturating_add(1)).unwrap_or(u32::MAX);
        draft.touched = true;
        let step = planned.step;
        if !production::is_done(&draft.order, step) {
            let detail = format!("{} should have been done by {}.", step.name, planned.ends_at);
            draft.exception(LATE, Some(&step.name), detail);
        }
    }
}
