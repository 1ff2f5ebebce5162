//! How goods are made for an order (`spec/policy.md`, `made_to_order`): the steps of its policy,
//! planned back from the day the customer wishes, and how far each line is.
//!
//! Neighbours: `policy` holds the steps, [`crate::decide::progress`] what people report of them.
//!
//! **Invariant:** what is through a step is through every step before it.

use crate::order::{Line, Order};
use crate::policy::{CommandKind, Policy, Production, ProductionStep, WorkingHours};
use crate::quantity::Quantity;
use crate::time::{Seconds, Timestamp};
use crate::working_time;
use std::collections::BTreeMap;

/// When a step must begin, and when it must be done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Planned<'p> {
    /// The step.
    pub step: &'p ProductionStep,
    /// The last moment to begin.
    pub starts_at: Timestamp,
    /// The last working moment in which it can end.
    pub ends_at: Timestamp,
}

/// The steps of an order's production, the first one first: each ends when the next one must begin,
/// the last one with the wished day. Empty where nothing is made, or no day is wished.
#[must_use]
pub fn plan<'p>(policy: &'p Policy, order: &Order) -> Vec<Planned<'p>> {
    let Some(production) = &policy.production else { return Vec::new() };
    let Some(mut until) = wished_until(policy, production, order) else { return Vec::new() };
    let mut planned = Vec::with_capacity(production.steps.len());
    for step in production.steps.iter().rev() {
        let name = step.calendar.as_ref().unwrap_or(&production.calendar);
        let Some(hours) = policy.calendars.get(name) else { return Vec::new() };
        let ends_at = working_time::before(hours, until, Seconds(0));
        let starts_at = working_time::before(hours, ends_at, step.takes);
        planned.push(Planned { step, starts_at, ends_at });
        until = starts_at;
    }
    planned.reverse();
    planned
}

/// The end of the wished day, where the production's calendar is kept.
fn wished_until(policy: &Policy, production: &Production, order: &Order) -> Option<Timestamp> {
    let hours: &WorkingHours = policy.calendars.get(&production.calendar)?;
    let wished = order.placed.delivery.requested_date.as_deref()?;
    working_time::end_of_day(hours, wished.parse().ok()?)
}

/// Whether goods are being made where the order stands: people report on it there.
#[must_use]
pub fn is_made_now(policy: &Policy, order: &Order) -> bool {
    policy.production.is_some()
        && policy
            .moves
            .iter()
            .any(|m| m.command == CommandKind::Progress && m.from.contains(&order.status))
}

/// Units of a line that are to be made: all but those nobody wants any more.
#[must_use]
pub fn wanted(line: &Line) -> Quantity {
    line.quantity.less(line.cancelled)
}

/// Units of a line that are through a step.
#[must_use]
pub fn made(line: &Line, step: &ProductionStep) -> Quantity {
    line.made.get(&step.name).copied().unwrap_or_default().min(wanted(line))
}

/// Whether every unit of the order is through a step.
#[must_use]
pub fn is_done(order: &Order, step: &ProductionStep) -> bool {
    order.lines.iter().all(|line| made(line, step) >= wanted(line))
}

/// When the next step should be done that is not, and that nobody was told of.
#[must_use]
pub fn due_at(policy: &Policy, order: &Order) -> Option<Timestamp> {
    if !is_made_now(policy, order) {
        return None;
    }
    let judged = usize::try_from(order.steps_judged).unwrap_or(usize::MAX);
    let plan = plan(policy, order);
    let open = |planned: &&Planned<'_>| !is_done(order, planned.step);
    plan.iter().skip(judged).find(open).map(|planned| planned.ends_at)
}

/// So many units of a line are through a step now: of the steps before it at least as many, of those
/// after it at most. Says whether that changes anything.
pub fn set_made(line: &mut Line, steps: &[ProductionStep], through: usize, done: Quantity) -> bool {
    let before = line.made.clone();
    for (place, step) in steps.iter().enumerate() {
        let known = line.made.get(&step.name).copied().unwrap_or_default();
        let now = match place.cmp(&through) {
            std::cmp::Ordering::Less => known.max(done),
            std::cmp::Ordering::Equal => done,
            std::cmp::Ordering::Greater => known.min(done),
        };
        if now.is_positive() {
            line.made.insert(step.name.clone(), now);
        } else {
            line.made.remove(&step.name);
        }
    }
    line.made != before
}

/// What went through each step and leaves with a part of the line, whose own quantity has become
/// smaller already: what stays is what is furthest on.
pub fn part_of_made(line: &mut Line) -> BTreeMap<String, Quantity> {
    let stays = wanted(line);
    let mut leaves = BTreeMap::new();
    for (step, made) in &mut line.made {
        let more = made.less(stays);
        *made = (*made).min(stays);
        if more.is_positive() {
            leaves.insert(step.clone(), more);
        }
    }
    line.made.retain(|_, made| made.is_positive());
    leaves
}
