//! Money that went back: told by a provider, or entered by a person; it counts once.

use super::draft::Draft;
use super::guards;
use super::passing;
use super::payments::{MoneyEvent, entry, forgive, owe_surplus};
use crate::money::Amount;
use crate::order::money::REFUNDS_MAX;
use crate::order::{EventKind, Ledger, Payment, Recipient};

/// Code of the exception when more went back by a payment than came by it, as far as we were told.
pub(super) const WITHOUT_PAYMENT: &str = "refund_without_payment";
/// Code of the exception when a refund went though late money had brought the order back.
pub(super) const CALLED_OFF: &str = "refund_called_off";
/// Code of the exception when a provider told of another refund than a person had entered.
const NOT_AS_ENTERED: &str = "refund_not_as_entered";
/// The provider of money that a person has entered: of it nobody else tells.
const MANUAL: &str = "manual";

/// So much went back of a payment in all; `refund` names the last of it, where it was told by itself.
pub(super) fn refunded(
    draft: &mut Draft<'_>,
    event: &MoneyEvent,
    refund: Option<&str>,
    amount: Amount,
) -> bool {
    let currency = draft.order.currency;
    let before = draft.order.ledger.covered();
    let owed = draft.order.ledger.refund_owed();
    let payment = entry(&mut draft.order, event);
    let told = payment.refunded.minus(payment.by_hand);
    if amount <= told {
        return false;
    }
    let came = amount.minus(told);
    payment.refunded = payment.refunded.plus(came);
    let known = known_by_hand(&mut draft.order.ledger, event, refund, came);
    let went = came.minus(known);
    if went.is_positive() {
        say_what_differs(draft, event, came, known);
    }
    if went.is_zero() {
        draft.touched = true;
        return true;
    }
    let borne = passing::divide(draft, event, went, owed);
    let told = passing::refund(draft, event, &borne.parts);
    if borne.own.is_positive() {
        let granted = draft.order.ledger.granted;
        refund_done(draft, borne.own, &event.reference, before, Amount::ZERO);
        let granted = draft.order.ledger.granted.less(granted);
        passing::unasked(draft, event, borne.unasked, granted);
    } else {
        draft.event(EventKind::RefundShared);
        draft.data("amount", went.format(currency));
        draft.data("reference", event.reference.as_str());
    }
    passing::pass_on(draft, told);
    let beyond = draft.order.ledger.refunded_beyond();
    if beyond.is_positive() {
        let detail = format!(
            "{} {currency} went back by {} beyond what we were told came.",
            beyond.format(currency),
            event.provider
        );
        draft.exception(WITHOUT_PAYMENT, Some(&event.reference), detail);
    }
    true
}

/// A provider has told of something else than a person had entered: what is counted may be wrong.
fn say_what_differs(draft: &mut Draft<'_>, event: &MoneyEvent, came: Amount, known: Amount) {
    let currency = draft.order.currency;
    let entered = entered(&draft.order.ledger, true);
    if entered.is_zero() && known.is_zero() {
        return;
    }
    let detail = format!(
        "{} went back by {}. Of it {} counts as what a person has entered; {} that a person has \
         entered counts beside it.",
        came.format(currency),
        event.provider,
        known.format(currency),
        entered.format(currency)
    );
    draft.exception(NOT_AS_ENTERED, Some(&event.reference), detail);
}

/// What people have entered and no provider has told of, with or without what went of money that was
/// entered itself.
fn entered(ledger: &Ledger, with_manual: bool) -> Amount {
    let counts = |p: &&Payment| with_manual || p.provider != MANUAL;
    ledger.payments.iter().filter(counts).map(|p| p.by_hand).sum()
}

/// Of what a provider tells of as gone back, what a person has entered before: it counts once. It is
/// the same refund where its name or its amount is the same, or where it is all that was entered. A
/// smaller one is another.
fn known_by_hand(
    ledger: &mut Ledger,
    event: &MoneyEvent,
    refund: Option<&str>,
    came: Amount,
) -> Amount {
    let entries = ledger.refunds_by_hand.iter();
    let open: Vec<(String, Amount)> = entries
        .filter(|(name, _)| !ledger.told_by_hand.contains(*name))
        .map(|(name, amount)| (name.clone(), *amount))
        .collect();
    if let Some((name, amount)) = open.iter().find(|(name, _)| refund == Some(name.as_str())) {
        let known = (*amount).min(came).min(entered(ledger, true));
        if known == *amount {
            ledger.told_by_hand.insert(name.clone());
        }
        move_entered(ledger, event, known, true);
        return known;
    }
    let all: Amount = open.iter().map(|(_, amount)| *amount).sum();
    let names = |open: Vec<(String, Amount)>| open.into_iter().map(|(name, _)| name);
    // A sum of this payment holds what was entered of it.
    let this = ledger.payments.iter().find(|p| is_of(p, event)).filter(|_| refund.is_none());
    let of_this = this.map(|p| p.by_hand).filter(|by_hand| *by_hand < came).unwrap_or_default();
    // Of money at the door no provider tells: what went of it was another refund.
    let fits = came <= entered(ledger, false);
    let known = match open.iter().find(|(_, amount)| fits && *amount == came) {
        Some((name, _)) => {
            ledger.told_by_hand.insert(name.clone());
            came
        }
        None if fits && all == came => {
            ledger.told_by_hand.extend(names(open));
            came
        }
        None => {
            ledger.told_by_hand.extend(names(open).filter(|_| all <= of_this));
            of_this
        }
    };
    move_entered(ledger, event, known, false);
    known
}

fn is_of(payment: &Payment, event: &MoneyEvent) -> bool {
    payment.provider == event.provider && payment.reference == event.reference
}

/// What was entered went of that payment: from which it went the person did not say.
fn move_entered(ledger: &mut Ledger, event: &MoneyEvent, known: Amount, with_manual: bool) {
    let mut left = known;
    for this in [true, false] {
        let counts = |p: &&mut Payment| {
            is_of(p, event) == this && (with_manual || this || p.provider != MANUAL)
        };
        for payment in ledger.payments.iter_mut().filter(counts) {
            let known = payment.by_hand.min(left);
            payment.by_hand = payment.by_hand.minus(known);
            payment.refunded = payment.refunded.minus(known);
            left = left.minus(known);
        }
    }
}

/// One of several refunds of a payment: what has gone back in all is at least their sum.
pub(super) fn refund_made(
    draft: &mut Draft<'_>,
    event: &MoneyEvent,
    refund: &str,
    amount: Amount,
) -> bool {
    let payment = entry(&mut draft.order, event);
    if payment.refunds.len() >= REFUNDS_MAX && !payment.refunds.contains_key(refund) {
        // The provider's own sum (`charge.refunded`) still counts them all.
        return false;
    }
    let known = payment.refunds.entry(refund.to_owned()).or_default();
    if amount <= *known {
        return false;
    }
    *known = amount;
    let all: Amount = payment.refunds.values().copied().sum();
    // Remembered also where the provider's sum has counted it before.
    draft.touched = true;
    refunded(draft, event, Some(refund), all);
    true
}

/// Money went back: the debt falls, and the customer is told. `before` is what was covered until
/// then, `decided` what a person decides on by entering it.
pub(super) fn refund_done(
    draft: &mut Draft<'_>,
    went: Amount,
    reference: &str,
    before: Amount,
    decided: Amount,
) {
    let currency = draft.order.currency;
    let ledger = &mut draft.order.ledger;
    ledger.late = ledger.late.less(went);
    let called_off = went.min(ledger.called_off);
    ledger.called_off = ledger.called_off.minus(called_off);
    // A refund that nobody had decided on counts as decided.
    ledger.to_refund = ledger.to_refund.max(ledger.refunded());
    if ledger.refund_owed().is_zero() {
        ledger.refund_due_at = None;
    }
    if !forgive(draft, before.less(called_off)) {
        let ledger = &mut draft.order.ledger;
        ledger.asked_again = ledger.asked_again.plus(called_off.max(decided));
    }
    draft.event(EventKind::RefundDone);
    draft.data("amount", went.format(currency));
    draft.data("reference", reference);
    draft.notify("refunded", Recipient::Customer);
    if called_off.is_positive() && !guards::paid_in_full(draft.policy, &draft.order) {
        let open = guards::open_amount(draft.policy, &draft.order).format(currency);
        let detail =
            format!("A refund went though its money had brought the order back: {open} is open.");
        draft.exception(CALLED_OFF, None, detail);
    }
    // It may have gone from another money object than was meant.
    owe_surplus(draft);
}
