//! Who gets which task next (`GET /v1/tasks/next`): by deadline, the customer's local time, and load.
//!
//! 1. What the asker has already, comes again until it is done or its time is over.
//! 2. What is another's at this moment is not offered.
//! 3. A call is offered from its time on, and only in the customer's daytime.
//! 4. What is assigned to somebody else is theirs, until it is overdue by an hour and they have more to
//!    do than who asks: then who has the fewest gets it.
//! 5. Of all that is left the earliest deadline is first; of two alike, the order in greater jeopardy.

use super::jeopardy;
use super::tasks::REMIND_FIRST;
use crate::order::Order;
use crate::order::desk::{Work, WorkKind};
use crate::policy::Policy;
use crate::reach;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Somebody who asks for work.
#[derive(Clone, Copy, Debug)]
pub struct Asker<'a> {
    /// Who.
    pub name: &'a str,
    /// Which kind only.
    pub kind: Option<WorkKind>,
    /// The seller's zone, for customers whose own is not known.
    pub seller_zone: &'a str,
    /// Now.
    pub now: Timestamp,
}

/// A task that is offered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Place of its order among those looked at.
    pub place: usize,
    /// The task's key.
    pub task: String,
    /// The asker has it already.
    pub is_own: bool,
}

/// How many tasks each person has: those they have taken, and those assigned to them.
#[must_use]
pub fn loads<'o>(
    orders: impl Iterator<Item = &'o Order>,
    now: Timestamp,
) -> BTreeMap<String, usize> {
    let mut loads: BTreeMap<String, usize> = BTreeMap::new();
    for order in orders {
        for work in order.work() {
            let taken = order.claim_of(&work.key(), now).map(|claim| claim.by.as_str());
            if let Some(who) = taken.or(work.assignee) {
                let load = loads.entry(who.to_owned()).or_default();
                *load = load.saturating_add(1);
            }
        }
    }
    loads
}

/// The task that this asker gets next, of these orders.
#[must_use]
pub fn choose(orders: &[(&Order, &Policy)], asker: &Asker<'_>) -> Option<Offer> {
    let loads = loads(orders.iter().map(|(order, _)| *order), asker.now);
    let mut best: Option<((bool, Timestamp, u8), Offer)> = None;
    for (place, (order, policy)) in orders.iter().enumerate() {
        for work in order.work().filter(|work| asker.kind.is_none_or(|kind| kind == work.kind)) {
            let Some(is_own) = offered(order, &work, asker, &loads) else { continue };
            let calm = 100_u8.saturating_sub(jeopardy::of(policy, order, asker.now).score);
            let rank = (!is_own, work.due_at, calm);
            if best.as_ref().is_none_or(|(first, _)| rank < *first) {
                best = Some((rank, Offer { place, task: work.key(), is_own }));
            }
        }
    }
    best.map(|(_, offer)| offer)
}

/// Whether a task is offered to this asker; and whether it is theirs already.
fn offered(
    order: &Order,
    work: &Work<'_>,
    asker: &Asker<'_>,
    loads: &BTreeMap<String, usize>,
) -> Option<bool> {
    if let Some(claim) = order.claim_of(&work.key(), asker.now) {
        return (claim.by == asker.name).then_some(true);
    }
    let in_time = match work.kind {
        WorkKind::Call => work.due_at <= asker.now && may_call(order, asker.seller_zone, asker.now),
        WorkKind::Exception | WorkKind::Task => true,
    };
    let load = |who: &str| loads.get(who).copied().unwrap_or_default();
    let is_anybodys = work.assignee.is_none_or(|whose| {
        let overdue = work.due_at.plus(REMIND_FIRST) <= asker.now;
        whose == asker.name || (overdue && load(whose) > load(asker.name))
    });
    (in_time && is_anybodys).then_some(false)
}

/// Whether it is daytime where the customer is: from 09:00 to 20:00.
#[must_use]
pub fn may_call(order: &Order, seller_zone: &str, now: Timestamp) -> bool {
    let zone = reach::zone(&order.placed, order.country.as_deref(), seller_zone);
    reach::texted_at(now, zone) <= now
}
