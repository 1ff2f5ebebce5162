//! Forgetting who ordered: names, addresses, contacts and words go, money and goods stay.
//!
//! Asked of a customer's orders one by one (`shared/runtime/src/erasing.rs`). An order that is open, or
//! of which something is still owed, needs its customer: it is refused, and asked again later.

use super::draft::{Decision, Draft};
use super::{Facts, Rejection, limits};
use crate::order::{Actor, EventKind, Order};
use crate::policy::Policy;
use crate::time::Timestamp;

/// Whether the customer must be known still: to bring goods, to ask for money, or to give it back.
#[must_use]
pub fn needs_customer(policy: &Policy, order: &Order) -> bool {
    !order.is_closed() || limits::due_at(policy, order).is_some()
}

/// Whether the order has forgotten its customer.
#[must_use]
pub fn is_erased(order: &Order) -> bool {
    order.placed.erased_at.is_some()
}

/// Forgets the customer; once.
pub(super) fn erase(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    actor: &Actor,
    now: Timestamp,
) -> Result<Decision, Rejection> {
    if is_erased(order) {
        return Ok(Decision::unchanged(order));
    }
    if needs_customer(policy, order) {
        let detail = "The order is open, or something of it is still owed: its customer is needed \
                      until that is done."
            .to_owned();
        return Err(Rejection::NotPossible { code: "order_needs_customer", detail });
    }
    let mut draft = Draft::new(policy, order, &facts.stock, actor.clone(), "erase", now);
    let at = draft.now;
    draft.order.placed = draft.order.placed.erased(at);
    for line in &mut draft.order.lines {
        // What is engraved may be a name.
        line.detail.options.clear();
    }
    draft.placed_changed = true;
    draft.event(EventKind::CustomerErased);
    Ok(draft.finish())
}
