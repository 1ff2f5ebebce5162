//! What dunning (`crate::dunning`) does to the order that is not paid.

use super::draft::{Decision, Draft};
use super::{Facts, guards};
use crate::dunning::{Act, HOLD, Money};
use crate::order::{Actor, Attempt, EventKind, Order, Recipient};
use crate::policy::{Phase, Policy};
use crate::time::Timestamp;

/// The message that asks again.
const REMINDER: &str = "payment_reminder";

/// How it stands with the money of an order.
#[must_use]
pub fn money_of<'o>(policy: &Policy, order: &'o Order) -> Money<'o> {
    if guards::enough_to_begin(policy, order) {
        return Money::Paid;
    }
    if order.is_closed() {
        return Money::NotPaid;
    }
    // Of the last attempt: one that failed before it is of the past.
    let failed = |attempt: &&Attempt| attempt.outcome == "failed";
    match order.ledger.attempts.last().filter(failed) {
        Some(last) if order.phase == Phase::Payment => {
            let attempts = order.ledger.attempts.iter();
            let mut since_asked = attempts.filter(failed).filter(|a| a.at >= order.status_since);
            let since = since_asked.next().unwrap_or(last).at;
            Money::Failed { code: last.code.as_deref(), since }
        }
        Some(_) | None => Money::Quiet,
    }
}

/// Carries it out.
pub(super) fn dun(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    act: Act,
    now: Timestamp,
) -> Decision {
    let actor = Actor::system("recur");
    let mut draft = Draft::new(policy, order, &facts.stock, actor, "dunning", now);
    match act {
        Act::Nothing => return Decision::unchanged(order),
        Act::Begin { remind: at_once } => {
            draft.hold(HOLD, None, None);
            if at_once {
                remind(&mut draft);
            }
        }
        Act::Remind => remind(&mut draft),
        // The limits of the order go on.
        Act::End => {
            draft.release(HOLD, None);
        }
    }
    draft.finish()
}

fn remind(draft: &mut Draft<'_>) {
    draft.event(EventKind::Reminded);
    draft.data("about", "payment");
    draft.notify(REMINDER, Recipient::Customer);
}

/// Money that was waited for has come: nothing stops the order any more.
pub(super) fn lift_if_paid(draft: &mut Draft<'_>) {
    if guards::enough_to_begin(draft.policy, &draft.order) {
        draft.release(HOLD, None);
    }
}
