//! Credit of customers who pay by invoice (`spec/domain.md`, "Credit").
//!
//! What an order's invoice comes to is taken from the customer's credit in the transaction in
//! which validation lets the order go on, and given back in the transaction in which it is paid
//! or ends. The customer's card keeps one sum, what all open orders have taken; the table refuses
//! a transaction after which it would be above the limit, so two orders at once can't both have
//! the last of it.
//!
//! **Invariant:** the sum on the card is the sum of `credit_taken` over the customer's orders.

use super::draft::Draft;
use super::{CustomerFacts, guards};
use crate::money::Amount;
use crate::order::{Order, Reason, Terms};

/// What a decision does to the customer's card, in its own transaction.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct CreditChange {
    /// The card.
    pub customer_id: String,
    /// Added to what the customer's orders have taken; below zero when given back.
    pub taken: Amount,
    /// Only if the orders have taken at most this before; none where a person has decided.
    pub taken_at_most: Option<Amount>,
    /// Added to how many of the customer's invoices are overdue.
    pub overdue: i64,
}

impl CreditChange {
    /// Whether the card stays as it is.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.taken.is_zero() && self.overdue == 0
    }

    /// This change and a later one of the same card, as one.
    #[must_use]
    pub fn and(self, later: Self) -> Self {
        // The limit asked for first stands for both: what came between is this same transaction.
        let room = |later_max: Amount| later_max.minus(self.taken);
        Self {
            customer_id: if self.customer_id.is_empty() {
                later.customer_id
            } else {
                self.customer_id.clone()
            },
            taken: self.taken.plus(later.taken),
            taken_at_most: self.taken_at_most.or_else(|| later.taken_at_most.map(room)),
            overdue: self.overdue.saturating_add(later.overdue),
        }
    }
}

/// What the order would take beyond what it has, in the card's currency; nothing for orders that
/// are not on account.
#[must_use]
pub fn wanted(order: &Order, customer: &CustomerFacts) -> Amount {
    let on_account = order.terms == Some(Terms::Invoice) && !order.customer_id.is_empty();
    if !on_account || customer.currency != Some(order.currency) {
        return Amount::ZERO;
    }
    order.gross().less(order.ledger.covered()).less(order.credit_taken)
}

/// Why the order is more than the customer's credit allows.
#[must_use]
pub(super) fn finding(order: &Order, customer: &CustomerFacts) -> Option<Reason> {
    let limit = customer.credit_limit?;
    let on_account = order.terms == Some(Terms::Invoice) && !order.customer_id.is_empty();
    let currency = customer.currency?;
    if on_account && currency != order.currency {
        return Some(reason(format!(
            "The credit limit is in {currency}, the order in {}.",
            order.currency
        )));
    }
    let wanted = wanted(order, customer);
    let left = limit.minus(customer.credit_taken);
    (wanted.is_positive() && wanted > left).then(|| {
        reason(format!(
            "This order needs {} of credit; of a limit of {} {currency}, {} is left.",
            wanted.format(currency),
            limit.format(currency),
            left.format(currency),
        ))
    })
}

fn reason(detail: String) -> Reason {
    Reason {
        code: "credit_limit".to_owned(),
        pointer: Some("/payment/terms".to_owned()),
        detail,
        suggestion: Some("Ask for payment in advance, or approve it.".to_owned()),
    }
}

/// The order takes its credit. `decided` by a person it may go above the limit.
pub(super) fn take(draft: &mut Draft<'_>, customer: &CustomerFacts, decided: bool) {
    let wanted = wanted(&draft.order, customer);
    if wanted.is_zero() {
        return;
    }
    draft.order.credit_taken = draft.order.credit_taken.plus(wanted);
    let limit = customer.credit_limit.filter(|_| !decided);
    draft.credit = draft.credit.clone().and(CreditChange {
        customer_id: draft.order.customer_id.clone(),
        taken: wanted,
        taken_at_most: limit.map(|limit| limit.minus(wanted)),
        overdue: 0,
    });
}

/// Takes what the order would need of the credit beyond what it takes already, so that a yes is not
/// refused for it; says how much. Where the edit is looked at once more later, and there is too little,
/// it is a matter of that look.
pub(super) fn lock(draft: &mut Draft<'_>, would: &Order, customer: &CustomerFacts) -> Amount {
    // What the edit itself would take here, and what it leaves to a step.
    let wanted = would.credit_taken.less(draft.order.credit_taken).plus(wanted(would, customer));
    let left = customer.credit_limit.map(|limit| limit.minus(customer.credit_taken));
    if !wanted.is_positive() || left.is_some_and(|left| wanted > left) {
        return Amount::ZERO;
    }
    draft.order.credit_taken = draft.order.credit_taken.plus(wanted);
    draft.credit = draft.credit.clone().and(CreditChange {
        customer_id: draft.order.customer_id.clone(),
        taken: wanted,
        taken_at_most: customer.credit_limit.map(|limit| limit.minus(wanted)),
        overdue: 0,
    });
    wanted
}

/// The order has become overdue: the customer's new orders wait for a person.
pub(super) fn overdue(draft: &mut Draft<'_>) {
    if draft.order.ledger.overdue || draft.order.customer_id.is_empty() {
        return;
    }
    draft.order.ledger.overdue = true;
    change(draft, Amount::ZERO, 1);
}

/// Gives back what the order needs no more: its money came, some of it was cancelled, it ended.
pub(super) fn settle(draft: &mut Draft<'_>) {
    let open = guards::receivable(draft.policy, &draft.order);
    // A closed order is a matter of reminders and of the hold on new orders, no longer of credit.
    let is_over = draft.order.is_closed();
    let locked = draft.order.question.as_ref().map(|question| question.credit).unwrap_or_default();
    let taken = draft.order.credit_taken;
    let needed = if is_over { Amount::ZERO } else { taken.min(open.plus(locked)) };
    let back = draft.order.credit_taken.minus(needed);
    let paid = draft.order.ledger.overdue && open.is_zero();
    if paid {
        draft.order.ledger.overdue = false;
    }
    if back.is_positive() || paid {
        draft.order.credit_taken = needed;
        change(draft, Amount::ZERO.minus(back), if paid { -1 } else { 0 });
    }
}

fn change(draft: &mut Draft<'_>, taken: Amount, overdue: i64) {
    let customer_id = draft.order.customer_id.clone();
    let change = CreditChange { customer_id, taken, taken_at_most: None, overdue };
    draft.credit = draft.credit.clone().and(change);
}
