//! Forgetting who ordered: names, addresses, contacts and words go, money and goods stay.
//!
//! Asked of a customer's orders one by one (`shared/runtime/src/erasing.rs`). An order that is open, or
//! of which something is still owed, needs its customer: it is refused, and asked again later.

use super::draft::{Decision, Draft};
use super::{Facts, Rejection, limits};
use crate::order::{Actor, EventKind, Order};
use crate::policy::Policy;
use crate::time::{Seconds, Timestamp};

/// Whether the customer must be known still: to bring goods, to ask for money, or to give it back.
#[must_use]
pub fn needs_customer(policy: &Policy, order: &Order) -> bool {
    !order.is_closed() || limits::due_at(policy, order).is_some()
}

/// So long after its last change an order may be deleted: what it owes people to know has gone out by
/// then, unless whoever is told could not be reached all that time.
pub const DELETABLE_AFTER: Seconds = Seconds::minutes(10);

/// Whether an order may be deleted: where its policy says so, and nothing of it is owed any more.
///
/// # Errors
/// Why not.
pub fn may_delete(policy: &Policy, order: &Order, now: Timestamp) -> Result<(), Rejection> {
    let no = |code, detail: &str| Err(Rejection::NotPossible { code, detail: detail.to_owned() });
    if !policy.deletable_from.contains(&order.status) {
        let (command, status) = ("delete".to_owned(), order.status.clone());
        return Err(Rejection::NotAllowedInStatus { command, status });
    }
    if needs_customer(policy, order) {
        let detail =
            "Something of the order is still owed, or open: it is needed until that is done.";
        return no("order_needed", detail);
    }
    if !order.ledger.transferred_to.is_empty() {
        let detail = "Money that came for it went on to its parts: what befalls it is told here.";
        return no("order_needed", detail);
    }
    if now < order.updated_at.plus(DELETABLE_AFTER) {
        let detail = "It has just changed, and people are being told: wait ten minutes.";
        return no("order_just_changed", detail);
    }
    Ok(())
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
