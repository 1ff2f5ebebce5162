//! Payments that an order shares with those that were split off from it.
//!
//! A payment is told of where it came. What befalls it is borne by the order and its parts together
//! (`order/shares.rs`), and a part learns of its share as of any other money: by its inbox, in the
//! transaction in which this order learns. A part in turn says what it owes of that money, in the
//! transaction in which it comes to owe it: so whoever gives it back at the provider after that is
//! understood, though the provider tells the other order.

use super::draft::{Draft, PassedOn};
use super::payments::{MoneyEvent, MoneyKind, SPLIT};
use crate::money::{Amount, Currency};
use crate::order::money::{Dispute, DisputeEnd};
use crate::order::shares::{Claim, Share, Unasked};
use crate::order::{EventKind, Order, Payment};
use std::collections::BTreeMap;

/// Code of the exception when nobody owed what went back of a payment that several orders share.
const REFUND_SHARED: &str = "refund_shared";

/// How a refund of a payment is divided.
pub(super) struct Borne {
    /// Counted here.
    pub own: Amount,
    /// Of that, what nobody owed, while parts have more of the payment that could have been meant.
    pub unasked: Amount,
    /// What each part bears, by its id.
    pub parts: BTreeMap<String, Amount>,
}

/// Divides a refund of a payment, `went`, of which `owed` was owed here before. It belongs first to
/// whoever owes exactly that much, then to whoever owes anything, the order where it came before its
/// parts; what nobody owes is this order's as far as it has that much of the payment.
pub(super) fn divide(draft: &Draft<'_>, event: &MoneyEvent, went: Amount, owed: Amount) -> Borne {
    let ledger = &draft.order.ledger;
    let Some(payment) = ledger.payments.iter().find(|p| is_of(p, event)) else {
        return Borne { own: went, unasked: Amount::ZERO, parts: BTreeMap::new() };
    };
    // The refund is written down already: what was here before it.
    let here = payment.own_received().less(payment.own_gone().minus(went));
    let fits = |part: &str, share: &Share| {
        let by_hand = ledger.claims.get(part).is_some_and(|c| c.by_hand.contains(&went));
        share.left() >= went && (by_hand || ledger.owed_by(part) == went)
    };
    let mut parts: BTreeMap<String, Amount> = BTreeMap::new();
    let mut left = went;
    let is_owed_here = went == owed && went <= here;
    if let Some((part, _)) = payment.parts.iter().find(|(p, s)| !is_owed_here && fits(p, s)) {
        parts.insert(part.clone(), went);
        left = Amount::ZERO;
    }
    let own = owed.min(here).min(left);
    left = left.minus(own);
    for (part, share) in &payment.parts {
        let given = parts.get(part).copied().unwrap_or_default();
        let bears = ledger.owed_by(part).min(share.left()).less(given).min(left);
        left = left.minus(bears);
        raise(&mut parts, part, bears);
    }
    // Nobody owes the rest.
    let unasked = left.min(here.minus(own));
    left = left.minus(unasked);
    for (part, share) in &payment.parts {
        let given = parts.get(part).copied().unwrap_or_default();
        let bears = share.left().less(given).min(left);
        left = left.minus(bears);
        raise(&mut parts, part, bears);
    }
    let borne: Amount = parts.values().copied().sum();
    let is_doubtful = payment.left_with_parts() > borne;
    Borne {
        own: went.minus(borne),
        unasked: if is_doubtful { unasked } else { Amount::ZERO },
        parts,
    }
}

fn raise(parts: &mut BTreeMap<String, Amount>, part: &str, by: Amount) {
    if by.is_positive() {
        let known = parts.entry(part.to_owned()).or_default();
        *known = known.plus(by);
    }
}

fn is_of(payment: &Payment, event: &MoneyEvent) -> bool {
    payment.provider == event.provider && payment.reference == event.reference
}

/// Parts bear so much of a refund of that payment; what they are to be told: what has gone of their
/// money in all.
pub(super) fn refund(
    draft: &mut Draft<'_>,
    event: &MoneyEvent,
    parts: &BTreeMap<String, Amount>,
) -> Vec<(String, MoneyKind)> {
    let currency = draft.order.currency;
    let mut told = Vec::new();
    for (part, bears) in parts {
        let ledger = &mut draft.order.ledger;
        if let Some(claim) = ledger.claims.get_mut(part)
            && let Some(place) = claim.by_hand.iter().position(|entered| entered == bears)
        {
            claim.by_hand.remove(place);
        }
        let shares = ledger.payments.iter_mut().filter(|p| is_of(p, event));
        for share in shares.filter_map(|p| p.parts.get_mut(part)) {
            share.refunded = share.refunded.plus(*bears);
        }
        told.push((part.clone(), refunded_of(&draft.order, part, currency)));
    }
    told
}

/// What a part is told of refunds: one running total, which is only raised.
fn refunded_of(order: &Order, part: &str, currency: Currency) -> MoneyKind {
    let shares = order.ledger.payments.iter().filter_map(|p| p.parts.get(part));
    let amount = shares.map(|share| share.refunded).sum();
    MoneyKind::RefundMade { refund: order.id.clone(), amount, currency }
}

/// A refund that nobody owed was counted here: a person must say whether it was meant so.
pub(super) fn unasked(draft: &mut Draft<'_>, event: &MoneyEvent, amount: Amount, granted: Amount) {
    if amount.is_zero() {
        return;
    }
    let parts: Vec<String> = draft.order.ledger.transferred_to.keys().cloned().collect();
    draft.order.ledger.unasked = Some(Unasked { amount, granted });
    let detail = format!(
        "{} of {} went back that nobody owed; it is counted here. Of the same payment have: {}.",
        amount.format(draft.order.currency),
        event.reference,
        parts.join(", ")
    );
    draft.exception(REFUND_SHARED, Some(&event.reference), detail);
}

/// A person has looked at the exception: the refund was meant for this order.
pub(super) fn is_decided(draft: &mut Draft<'_>, code: &str) {
    if code == REFUND_SHARED {
        draft.order.ledger.unasked = None;
    }
}

/// What has been told of a dispute is divided, and what parts are told of it. An order bears what it
/// has of the payment, its parts what is beyond that; what a part once bears of a dispute it bears to
/// its end.
pub(super) fn dispute(
    draft: &mut Draft<'_>,
    event: &MoneyEvent,
    name: &str,
    now: Dispute,
) -> Vec<(String, MoneyKind)> {
    let currency = draft.order.currency;
    let Some(payment) = draft.order.ledger.payments.iter_mut().find(|p| is_of(p, event)) else {
        return Vec::new();
    };
    let of_it = |p: &Payment| -> Amount {
        p.parts.values().filter_map(|share| share.disputes.get(name)).map(|d| d.amount).sum()
    };
    let own = now.amount.less(of_it(payment));
    let borne = match now.end {
        Some(DisputeEnd::Won) => BTreeMap::new(),
        Some(DisputeEnd::Lost) | None => payment.bear(payment.own_beyond_at_worst().min(own)),
    };
    let mut told = Vec::new();
    for (part, share) in &mut payment.parts {
        let known = share.disputes.get(name).copied();
        let more = borne.get(part).copied().unwrap_or_default();
        let before = known.unwrap_or_default();
        let is_now = Dispute { amount: before.amount.plus(more), end: now.end };
        if is_now.amount.is_zero() || known == Some(is_now) {
            continue;
        }
        share.disputes.insert(name.to_owned(), is_now);
        let (dispute, amount) = (name.to_owned(), is_now.amount);
        let kind = match is_now.end {
            None => MoneyKind::Disputed { dispute, amount, currency },
            Some(end) => {
                let (won, currency) = (end == DisputeEnd::Won, Some(currency));
                MoneyKind::DisputeClosed { dispute, amount, currency, won }
            }
        };
        told.push((part.clone(), kind));
    }
    told
}

/// A dispute is called otherwise from now on. Parts were told of it by its old name: there it is over,
/// and they will be told of it by the new one.
pub(super) fn rename(
    draft: &mut Draft<'_>,
    event: &MoneyEvent,
    old: &str,
) -> Vec<(String, MoneyKind)> {
    let currency = Some(draft.order.currency);
    let Some(payment) = draft.order.ledger.payments.iter_mut().find(|p| is_of(p, event)) else {
        return Vec::new();
    };
    let of_part = |(part, share): (&String, &mut Share)| {
        let known = share.disputes.get_mut(old).filter(|d| d.end.is_none())?;
        known.end = Some(DisputeEnd::Won);
        let (dispute, amount) = (old.to_owned(), known.amount);
        let kind = MoneyKind::DisputeClosed { dispute, amount, currency, won: true };
        Some((part.clone(), kind))
    };
    payment.parts.iter_mut().filter_map(of_part).collect()
}

/// What an order says of the money that it has from the one it was split off from.
fn claim(order: &Order) -> Option<Claim> {
    let ledger = &order.ledger;
    let payment = ledger.payments.iter().find(|p| p.provider == SPLIT)?;
    let told = payment.refunded.minus(payment.by_hand).plus(payment.lost());
    // What parts of its own owe, it owes as well.
    let parts: Amount = payment.parts.keys().map(|part| ledger.owed_by(part)).sum();
    let owes = ledger.refund_owed().plus(parts).min(payment.received.less(told));
    let entered = ledger.refunds_by_hand.iter();
    let open = entered.filter(|(name, _)| !ledger.told_by_hand.contains(*name));
    let own = open.map(|(_, amount)| *amount).filter(|amount| *amount <= payment.by_hand);
    let of_parts = ledger.claims.values().flat_map(|claim| claim.by_hand.iter().copied());
    let by_hand = own.chain(of_parts).collect();
    Some(Claim { version: order.version, gone: told.plus(owes), by_hand })
}

/// Whoever has money from another order says there what it owes of it, whenever that changes.
pub(super) fn say_what_is_owed(draft: &mut Draft<'_>, before: &Order) {
    let Some(whole) = draft.order.parts.of.clone() else { return };
    let Some(now) = claim(&draft.order) else { return };
    let said = claim(before).map(|claim| (claim.gone, claim.by_hand)).unwrap_or_default();
    if now.version == before.version || said == (now.gone, now.by_hand.clone()) {
        return;
    }
    let kind = MoneyKind::Claimed { part: draft.order.id.clone(), claim: now };
    pass_on(draft, vec![(whole, kind)]);
}

/// A part has said what it owes of the money that it has from here.
pub(super) fn claimed(draft: &mut Draft<'_>, part: &str, claim: &Claim) -> bool {
    let ledger = &mut draft.order.ledger;
    let is_new = ledger.claims.get(part).is_none_or(|known| known.version < claim.version);
    if !ledger.transferred_to.contains_key(part) || !is_new {
        return false;
    }
    ledger.claims.insert(part.to_owned(), claim.clone());
    let owed = ledger.owed_by(part);
    draft.event(EventKind::RefundShared);
    draft.data("part", part);
    draft.data("amount", owed.format(draft.order.currency));
    take_over(draft, part, owed);
    true
}

/// A refund that nobody had owed when it was told, and that a part owes now: it was that part's.
fn take_over(draft: &mut Draft<'_>, part: &str, owed: Amount) {
    let ledger = &mut draft.order.ledger;
    let by_hand = ledger.claims.get(part).map(|claim| claim.by_hand.clone()).unwrap_or_default();
    let is_its = |u: &Unasked| u.amount == owed || by_hand.contains(&u.amount);
    let Some(unasked) = ledger.unasked.filter(is_its) else { return };
    let fits = |p: &&mut Payment| {
        let here = p.refunded.minus(p.parts.values().map(|s| s.refunded).sum());
        p.parts.get(part).is_some_and(|s| s.left() >= unasked.amount) && here >= unasked.amount
    };
    let Some(payment) = ledger.payments.iter_mut().find(fits) else { return };
    let event = MoneyEvent {
        provider: payment.provider.clone(),
        reference: payment.reference.clone(),
        kind: MoneyKind::Authorised,
        received_at: draft.now,
    };
    ledger.unasked = None;
    // As if it had never been counted here.
    ledger.to_refund = ledger.to_refund.less(unasked.amount);
    ledger.granted = ledger.granted.less(unasked.granted);
    let told = refund(draft, &event, &BTreeMap::from([(part.to_owned(), unasked.amount)]));
    if draft.close_exceptions(REFUND_SHARED, None) {
        draft.event(EventKind::ExceptionClosed).reason = Some("owed_by_part".to_owned());
        draft.data("exception", REFUND_SHARED);
    }
    super::payments::owe_surplus(draft);
    pass_on(draft, told);
}

/// Puts what others are told into the same decision. Each is named by this order and its version: it
/// comes once.
pub(super) fn pass_on(draft: &mut Draft<'_>, told: Vec<(String, MoneyKind)>) {
    for (order, kind) in told {
        let money = MoneyEvent {
            provider: SPLIT.to_owned(),
            reference: draft.order.number.clone(),
            kind,
            received_at: draft.now,
        };
        let count = draft.passed_on.len();
        let event_id = format!("{}.{}.{count}", draft.order.id, draft.order.version);
        draft.passed_on.push(PassedOn { order, event_id, money });
    }
}
