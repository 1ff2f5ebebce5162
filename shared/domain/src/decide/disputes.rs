//! Disputes of payments by the customers' banks. Each is counted by itself, by the provider's name of
//! it: while one is open the order is held, and what is lost is asked of nobody until a person has
//! decided.

use super::draft::Draft;
use super::guards;
use super::passing;
use super::payments::{self, MoneyEvent, entry};
use crate::money::Amount;
use crate::order::money::{DISPUTES_MAX, Dispute, DisputeEnd, earlier_loss};
use crate::order::{EventKind, Payment};

/// Name of the hold, and code of the exception, while a payment is disputed.
const DISPUTE: &str = "dispute";
/// Name of the hold, and code of the exception, when the bank has taken money for good.
pub(super) const LOST: &str = "dispute_lost";

/// What was told of one dispute: that it is open, or how it ended. A payment may be disputed
/// several times, each dispute by its own name.
pub(super) fn dispute(
    draft: &mut Draft<'_>,
    event: &MoneyEvent,
    name: &str,
    amount: Amount,
    end: Option<DisputeEnd>,
) -> bool {
    let lost_before = draft.order.ledger.lost();
    let payment = entry(&mut draft.order, event);
    let name = if name.is_empty() { event.reference.as_str() } else { name };
    let mut before = payment.disputes.get(name).copied();
    // One that was told without its name is this one, once it is told with it.
    let takes_over = before.is_none().then(|| unnamed(payment, amount)).flatten();
    if let Some(unnamed) = &takes_over {
        before = payment.disputes.remove(unnamed);
    }
    if before.is_none() && payment.disputes.len() >= DISPUTES_MAX {
        let detail =
            "More disputes of a payment than are counted: look at the provider.".to_owned();
        draft.exception(DISPUTE, Some(name), detail);
        return draft.has_events();
    }
    let known = before.unwrap_or_default();
    let now = known.and(Dispute { amount, end });
    if before == Some(now) && takes_over.is_none() {
        return false;
    }
    payment.disputes.insert(name.to_owned(), now);
    let mut told = Vec::new();
    if let Some(unnamed) = takes_over {
        told = passing::rename(draft, event, &unnamed);
        draft.close_exceptions(DISPUTE, Some(&event.reference));
    }
    told.extend(passing::dispute(draft, event, name, now));
    match now.end {
        None => dispute_open(draft, event, name, now.amount),
        Some(end) if known.end != now.end || known.lost() != now.lost() => {
            let lost = draft.order.ledger.lost().less(lost_before);
            dispute_over(draft, event, name, now, end, lost);
        }
        // Its beginning is told after its end: how much it was about, and nothing else.
        Some(_) => draft.touched = true,
    }
    passing::pass_on(draft, told);
    true
}

/// The name under which a payment has a dispute that was told without its own: one that is open, or a
/// loss of as much as is told of now, as far as both are known.
fn unnamed(payment: &Payment, amount: Amount) -> Option<String> {
    let of_earlier = earlier_loss(&payment.reference);
    let is_it = |name: &&String| {
        payment.disputes.get(*name).is_some_and(|known| match known.end {
            None | Some(DisputeEnd::Won) => known.end.is_none(),
            Some(DisputeEnd::Lost) => {
                known.amount == amount || known.amount.is_zero() || amount.is_zero()
            }
        })
    };
    [&payment.reference, &of_earlier].into_iter().find(is_it).cloned()
}

fn dispute_open(draft: &mut Draft<'_>, event: &MoneyEvent, name: &str, amount: Amount) {
    draft.event(EventKind::PaymentDisputed);
    dispute_data(draft, event, name, amount);
    draft.hold(DISPUTE, None, Some("payment_disputed"));
    let detail = format!("The customer's bank disputes the payment {}.", event.reference);
    draft.exception(DISPUTE, Some(name), detail);
}

fn dispute_over(
    draft: &mut Draft<'_>,
    event: &MoneyEvent,
    name: &str,
    dispute: Dispute,
    end: DisputeEnd,
    lost: Amount,
) {
    draft.close_exceptions(DISPUTE, Some(name));
    draft.event(EventKind::DisputeClosed).reason = Some(end.name().to_owned());
    dispute_data(draft, event, name, dispute.amount);
    match end {
        DisputeEnd::Won => {}
        // Its parts bear all of it: they have their own exceptions.
        DisputeEnd::Lost if lost.is_zero() && dispute.amount.is_positive() => {}
        DisputeEnd::Lost => {
            let open = guards::undecided(&draft.order).plus(lost);
            draft.order.ledger.undecided = Some(open.min(guards::missing(&draft.order)));
            let ledger = &mut draft.order.ledger;
            ledger.to_refund = ledger.to_refund.max(ledger.refunded());
            let detail = "A dispute was lost; the order is not paid any more.".to_owned();
            draft.exception(LOST, Some(name), detail);
            let to_send = draft.order.lines.iter().any(|line| line.to_ship().is_positive());
            let is_paid = guards::paid_in_full(draft.policy, &draft.order);
            // What has not left stays until a person has decided, or the money comes again.
            if to_send && !is_paid && !draft.order.is_closed() {
                draft.hold(LOST, None, Some("not_paid"));
            }
        }
    }
    if !draft.order.ledger.payments.iter().any(Payment::in_dispute) {
        draft.release(DISPUTE, None);
    }
}

/// A person does without what banks took and nobody has paid again: the order goes on as if it had
/// come.
pub(super) fn write_off(draft: &mut Draft<'_>, undecided: Amount) {
    draft.close_exceptions(LOST, None);
    let ledger = &mut draft.order.ledger;
    ledger.written_off = ledger.written_off.plus(undecided);
    ledger.undecided = None;
}

/// Money has come: what was done without and is covered by it is not done without any more.
pub(super) fn come_after_all(draft: &mut Draft<'_>) {
    if payments::unpriced(&draft.order) {
        return;
    }
    let price = payments::price(&draft.order);
    let ledger = &mut draft.order.ledger;
    ledger.written_off = ledger.written_off.min(price.less(ledger.kept()));
}

/// The customer has paid again what banks took.
pub(super) fn paid_again(draft: &mut Draft<'_>) {
    draft.close_exceptions(LOST, None);
    draft.order.ledger.undecided = None;
    draft.release(LOST, None);
}

/// The customer has paid some of it again: of that nobody need decide any more.
pub(super) fn paid_in_part(draft: &mut Draft<'_>) {
    if draft.order.exceptions.iter().any(|exception| exception.code == LOST) {
        draft.order.ledger.undecided = Some(guards::undecided(&draft.order));
    }
}

fn dispute_data(draft: &mut Draft<'_>, event: &MoneyEvent, name: &str, amount: Amount) {
    let currency = draft.order.currency;
    draft.data("reference", event.reference.as_str());
    draft.data("dispute", name);
    draft.data("amount", amount.format(currency));
}
