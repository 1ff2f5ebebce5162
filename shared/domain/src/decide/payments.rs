//! Money that came, went, or is owed (`spec/domain.md`, "Money").
//!
//! **Invariant:** every cent received is the order's price, a refund owed, or named by an open
//! exception. What was received and refunded of one money object is only ever raised, so the
//! order of arrival and repeats do not matter.

use super::draft::{Decision, Draft, REMIND_AFTER};
use super::{Facts, disputes, guards, passing, refunds, supply};
use crate::money::{Amount, Currency};
use crate::order::money::{ATTEMPTS_MAX, DisputeEnd};
use crate::order::shares::Claim;
use crate::order::{Actor, Attempt, EventKind, Ledger, Order, Payment, Recipient};
use crate::policy::{CommandKind, LateMoney, Phase, Policy};
use crate::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Code of the exception when a person decides on money for a closed order.
const LATE_MONEY: &str = "late_money";

/// The provider of a payment that an order has from the one it was split off from.
pub(super) const SPLIT: &str = "split";

/// After so long, money without an order is an exception: a person must look at it.
pub const UNMATCHED_EXCEPTION_AFTER: Seconds = Seconds::hours(1);

/// What a provider, or a person, told us about one money object.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct MoneyEvent {
    /// `stripe`, `generic` or `manual`.
    pub provider: String,
    /// The provider's name of the money object.
    pub reference: String,
    /// What happened to it.
    pub kind: MoneyKind,
    /// When we were told.
    pub received_at: Timestamp,
}

/// What happened to a money object. Amounts are cumulative.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum MoneyKind {
    /// So much has been received in all.
    Received {
        /// Cumulative.
        amount: Amount,
        /// Of what.
        currency: Currency,
        /// How, where it is known.
        method: Option<String>,
    },
    /// So much has gone back in all.
    Refunded {
        /// Cumulative.
        amount: Amount,
        /// Of what.
        currency: Currency,
    },
    /// One refund of it, among several perhaps, came to so much.
    RefundMade {
        /// The provider's name of the refund.
        refund: String,
        /// Of this refund alone.
        amount: Amount,
        /// Of what.
        currency: Currency,
    },
    /// The provider could take it, and has not.
    Authorised,
    /// It did not come about.
    Failed {
        /// The provider's code.
        code: Option<String>,
    },
    /// The payer or provider called it off.
    Cancelled {
        /// The provider's code.
        code: Option<String>,
    },
    /// The customer's bank disputes so much.
    Disputed {
        /// The provider's name of the dispute; empty in rows of earlier.
        #[serde(default)]
        dispute: String,
        /// By this dispute alone.
        amount: Amount,
        /// Of what.
        currency: Currency,
    },
    /// The dispute is over.
    DisputeClosed {
        /// The provider's name of the dispute; empty in rows of earlier.
        #[serde(default)]
        dispute: String,
        /// By this dispute alone; zero where its end does not say.
        #[serde(default)]
        amount: Amount,
        /// Of what; none where its end does not say.
        #[serde(default)]
        currency: Option<Currency>,
        /// Whether the money stays with us.
        won: bool,
    },
    /// An order that has some of the money says what it owes of it.
    Claimed {
        /// The order that was split off.
        part: String,
        /// What it says.
        claim: Claim,
    },
}

/// Applies what a provider told us.
pub(super) fn apply(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    event: &MoneyEvent,
    now: Timestamp,
) -> Decision {
    let actor = Actor::provider(&event.provider);
    let mut draft = Draft::new(policy, order, &facts.stock, actor, &event.reference, now);
    if !money_event(&mut draft, event) {
        return Decision::unchanged(order);
    }
    draft.finish()
}

/// Applies money to an order in the making; false when it changes nothing.
pub(super) fn money_event(draft: &mut Draft<'_>, event: &MoneyEvent) -> bool {
    match &event.kind {
        MoneyKind::Received { amount, currency, method } => {
            if !same_currency(draft, event, *amount, *currency) {
                return opened(draft);
            }
            received(draft, event, *amount, method.as_deref())
        }
        MoneyKind::Refunded { amount, currency } => {
            if !same_currency(draft, event, *amount, *currency) {
                return opened(draft);
            }
            refunds::refunded(draft, event, None, *amount)
        }
        MoneyKind::RefundMade { refund, amount, currency } => {
            if !same_currency(draft, event, *amount, *currency) {
                return opened(draft);
            }
            refunds::refund_made(draft, event, refund, *amount)
        }
        MoneyKind::Authorised => attempt(draft, event, "authorised", None),
        MoneyKind::Failed { code } => attempt(draft, event, "failed", code.as_deref()),
        MoneyKind::Cancelled { code } => attempt(draft, event, "cancelled", code.as_deref()),
        MoneyKind::Disputed { dispute: name, amount, currency } => {
            if !same_currency(draft, event, *amount, *currency) {
                return opened(draft);
            }
            disputes::dispute(draft, event, name, *amount, None)
        }
        MoneyKind::DisputeClosed { dispute: name, amount, currency, won } => {
            let currency = currency.unwrap_or(draft.order.currency);
            if !same_currency(draft, event, *amount, currency) {
                return opened(draft);
            }
            let end = if *won { DisputeEnd::Won } else { DisputeEnd::Lost };
            disputes::dispute(draft, event, name, *amount, Some(end))
        }
        MoneyKind::Claimed { part, claim } => passing::claimed(draft, part, claim),
    }
}

/// Whether an exception was opened just now (a repeat opens none).
fn opened(draft: &Draft<'_>) -> bool {
    draft.has_events()
}

/// Money of another currency is not counted; an exception names its reference.
fn same_currency(
    draft: &mut Draft<'_>,
    event: &MoneyEvent,
    amount: Amount,
    currency: Currency,
) -> bool {
    if currency == draft.order.currency {
        return true;
    }
    let detail = format!(
        "{} {currency} came by {} for an order in {}.",
        amount.format(currency),
        event.provider,
        draft.order.currency
    );
    draft.exception("wrong_currency", Some(&event.reference), detail);
    false
}

/// The entry of that money object, made where there is none.
pub(super) fn entry<'o>(order: &'o mut Order, event: &MoneyEvent) -> &'o mut Payment {
    let known = order
        .ledger
        .payments
        .iter()
        .position(|p| p.provider == event.provider && p.reference == event.reference);
    match known.and_then(|place| order.ledger.payments.get(place).is_some().then_some(place)) {
        Some(place) => &mut order.ledger.payments[place],
        None => order.ledger.payments.push_mut(Payment {
            provider: event.provider.clone(),
            reference: event.reference.clone(),
            received: Amount::ZERO,
            refunds: BTreeMap::new(),
            refunded: Amount::ZERO,
            by_hand: Amount::ZERO,
            disputes: BTreeMap::new(),
            parts: BTreeMap::new(),
            received_at: event.received_at,
            method: None,
        }),
    }
}

fn received(
    draft: &mut Draft<'_>,
    event: &MoneyEvent,
    amount: Amount,
    method: Option<&str>,
) -> bool {
    let was_paid = guards::paid_in_full(draft.policy, &draft.order);
    let had_deposit = guards::deposit_paid(draft.policy, &draft.order);
    let currency = draft.order.currency;
    let payment = entry(&mut draft.order, event);
    if amount <= payment.received {
        return false;
    }
    let came = amount.minus(payment.received);
    payment.received = amount;
    if let Some(method) = method {
        payment.method = Some(method.to_owned());
    }
    draft.event(EventKind::PaymentReceived);
    draft.data("amount", came.format(currency));
    draft.data("currency", currency.code());
    draft.data("reference", event.reference.as_str());
    draft.data("provider", event.provider.as_str());
    if draft.order.ledger.refunded_beyond().is_zero() {
        draft.close_exceptions(refunds::WITHOUT_PAYMENT, None);
    }
    disputes::come_after_all(draft);
    forgive_earlier(draft);
    if draft.order.is_closed() && ended_without_goods(&draft.order) {
        // A payment is always confirmed, whatever becomes of it.
        let (outcome, template) = match late(draft, came) {
            Late::Revived if guards::paid_in_full(draft.policy, &draft.order) => ("revive", "paid"),
            Late::Revived => ("revive", "deposit_paid"),
            Late::GoesBack => ("refund", "payment_received"),
            Late::Asked => ("ask", "payment_received"),
        };
        draft.data_of(EventKind::PaymentReceived, "late_money", outcome);
        draft.notify_of(EventKind::PaymentReceived, template, Recipient::Customer);
        return true;
    }
    if guards::paid_in_full(draft.policy, &draft.order) {
        draft.notify(if was_paid { "payment_received" } else { "paid" }, Recipient::Customer);
        draft.close_exceptions("partly_paid_at_limit", None);
        draft.close_exceptions(refunds::CALLED_OFF, None);
        // The customer has paid again what the bank took.
        disputes::paid_again(draft);
    } else {
        disputes::paid_in_part(draft);
        let open = guards::open_amount(draft.policy, &draft.order);
        draft.data("open", open.format(currency));
        let deposit_came = !had_deposit && guards::deposit_paid(draft.policy, &draft.order);
        let template = if deposit_came { "deposit_paid" } else { "partly_paid" };
        draft.notify(template, Recipient::Customer);
    }
    owe_surplus(draft);
    true
}

/// Whether the order is closed and its customer got nothing, so that it is worth nothing.
fn ended_without_goods(order: &Order) -> bool {
    let kept = |l: &crate::order::Line| l.shipped.less(l.returned).is_positive();
    order.is_closed() && !order.lines.iter().any(kept)
}

/// Whether it is not yet known what the order comes to.
#[must_use]
pub fn unpriced(order: &Order) -> bool {
    matches!(order.phase, Phase::Intake | Phase::Review)
        && order.lines.iter().any(|l| l.detail.unit_price.is_none())
}

/// What the customer owes for the order as it is now; nothing where it ended without goods.
fn worth(order: &Order) -> Amount {
    if ended_without_goods(order) { Amount::ZERO } else { order.gross() }
}

/// What the customer pays for it in the end: its worth, less what was taken off since. What is open
/// and what is too much are both counted from here.
#[must_use]
pub fn price(order: &Order) -> Amount {
    worth(order).less(order.ledger.granted)
}

/// More than the order's price goes back.
///
/// Not while prices are still missing: what the order is worth is known when it was validated, or
/// a person has approved it.
pub(super) fn owe_surplus(draft: &mut Draft<'_>) {
    owe_surplus_as(draft, "surplus");
}

/// The same, where it is too much for that reason.
fn owe_surplus_as(draft: &mut Draft<'_>, reason: &str) {
    let asked = draft.order.exceptions.iter().any(|e| e.code == LATE_MONEY);
    if unpriced(&draft.order) || asked {
        return;
    }
    forgive_earlier(draft);
    let surplus = draft.order.ledger.kept().less(price(&draft.order));
    let tolerated = !worth(&draft.order).is_zero() && surplus <= draft.policy.overpay_tolerance;
    if surplus.is_positive() && !tolerated {
        draft.order.ledger.surplus = draft.order.ledger.surplus.plus(surplus);
        owe(draft, surplus, reason);
    }
}

/// What goes back of an order that was paid is not asked for again, whatever it was for: somebody
/// decided on it. `before` is what was covered until then. False where it was not paid.
pub(super) fn forgive(draft: &mut Draft<'_>, before: Amount) -> bool {
    let total = worth(&draft.order);
    let was_paid = before.plus(draft.policy.underpay_tolerance) >= total;
    if was_paid {
        let ledger = &mut draft.order.ledger;
        ledger.granted = ledger.granted.plus(total.less(ledger.covered()));
    }
    was_paid
}

/// Refunds of a part that a provider told of before the last of the money: as if they had come after
/// it. Where nothing went back, cents that are missing within the tolerance may still come.
fn forgive_earlier(draft: &mut Draft<'_>) {
    if draft.order.ledger.refunded().is_positive() {
        forgive(draft, draft.order.ledger.came_to_stay());
    }
}

/// Makes a refund owed.
pub(super) fn owe(draft: &mut Draft<'_>, amount: Amount, reason: &str) {
    let before = draft.order.ledger.covered();
    let ledger = &mut draft.order.ledger;
    // Counted from what has gone already, so that a refund made without us is not owed again.
    ledger.to_refund = ledger.refunded().plus(ledger.refund_owed()).plus(amount);
    ledger.refund_due_at = Some(draft.now.plus(REMIND_AFTER));
    if !forgive(draft, before) {
        let ledger = &mut draft.order.ledger;
        ledger.asked_again = ledger.asked_again.plus(amount);
    }
    let currency = draft.order.currency;
    draft.event(EventKind::RefundOwed).reason = Some(reason.to_owned());
    draft.data("amount", amount.format(currency));
    draft.notify("refund_owed", Recipient::Customer);
    draft.notify("staff_task", Recipient::Staff);
}

/// An order has come to its end: what was paid for nothing goes back.
pub(super) fn settle_closed(draft: &mut Draft<'_>) {
    if ended_without_goods(&draft.order) {
        // Should late money bring it back, it costs what it cost.
        draft.order.ledger.granted = Amount::ZERO;
        draft.order.ledger.late = Amount::ZERO;
        draft.order.ledger.called_off = Amount::ZERO;
    }
    owe_surplus(draft);
}

/// What becomes of late money.
enum Late {
    /// It brought the order back.
    Revived,
    /// It is owed back.
    GoesBack,
    /// A person decides.
    Asked,
}

/// Money for an order that ended without goods: by the policy.
fn late(draft: &mut Draft<'_>, came: Amount) -> Late {
    // Parts of it that came late before and were to go back: together they may be enough. Not what
    // came before the order was given up: that was given up with it.
    let earlier = draft.order.ledger.late;
    draft.order.ledger.late = earlier.plus(came);
    let enough = draft.order.deposit().unwrap_or(draft.order.gross());
    let paid = earlier.plus(came).plus(draft.policy.underpay_tolerance) >= enough;
    // What a person has refused, or what came back, does not come to life by a payment.
    let revivable = may_revive(draft.policy, &draft.order);
    match draft.policy.late_money {
        LateMoney::Revive if paid && revivable => {
            let plan = supply::can_serve_whole(&draft.order, draft.view);
            let to = draft.policy.revive_to.clone();
            if let (Some(plan), Some(to)) = (plan, to) {
                if earlier.is_positive() {
                    let kept = earlier.format(draft.order.currency);
                    draft.data_of(EventKind::PaymentReceived, "not_returned", kept);
                }
                keep_late(&mut draft.order.ledger, earlier);
                draft.go(EventKind::OrderRevived, &to, Some("late_money"));
                supply::take_whole(draft, &plan);
                owe_surplus(draft);
                Late::Revived
            } else {
                goes_back(draft, "There is too little stock to reserve all of it again.")
            }
        }
        LateMoney::Revive if !revivable => goes_back(
            draft,
            "It did not end by being given up, or nobody knows any more whose it is.",
        ),
        LateMoney::Revive => {
            goes_back(draft, "It is less than the order, or its deposit, comes to.")
        }
        LateMoney::Refund => goes_back(draft, "The policy gives late money back."),
        LateMoney::Ask => {
            let detail = "Money came for an order that is closed.".to_owned();
            draft.exception(LATE_MONEY, None, detail);
            Late::Asked
        }
    }
}

/// Late money goes back, and it is said why it did not bring the order back.
fn goes_back(draft: &mut Draft<'_>, why: &str) -> Late {
    owe_surplus_as(draft, "late_money");
    let alternative = draft.policy.revive_to.as_ref().map_or("revive", |to| to.as_str()).to_owned();
    let refused = serde_json::json!([{ "to": alternative, "why": why }]);
    draft.data_of(EventKind::RefundOwed, "late_money", "refund");
    draft.data_of(EventKind::RefundOwed, "refused", refused);
    Late::GoesBack
}

/// Late money that was to go back pays the order after all.
fn keep_late(ledger: &mut Ledger, earlier: Amount) {
    ledger.to_refund = ledger.to_refund.less(earlier).max(ledger.refunded());
    ledger.surplus = ledger.surplus.less(earlier);
    ledger.called_off = ledger.called_off.plus(earlier);
    ledger.late = Amount::ZERO;
    if ledger.refund_owed().is_zero() {
        ledger.refund_due_at = None;
    }
}

/// Whether the order was given up, and not refused by a person.
fn may_revive(policy: &Policy, order: &Order) -> bool {
    // Nobody knows any more where it would go.
    if super::erase::is_erased(order) {
        return false;
    }
    let ended = |event: &&crate::order::Event| event.to.as_ref() == Some(&order.status);
    match order.recent_events.iter().rev().find(ended) {
        Some(event) => event.kind != EventKind::OrderRejected,
        // Long ago: the policy says which commands lead here.
        None => {
            let leads_here = |command: CommandKind| {
                policy.moves.iter().any(|m| m.command == command && m.to == order.status)
            };
            leads_here(CommandKind::Cancel) || !leads_here(CommandKind::Reject)
        }
    }
}

fn attempt(draft: &mut Draft<'_>, event: &MoneyEvent, outcome: &str, code: Option<&str>) -> bool {
    let same = |a: &Attempt| {
        a.reference == event.reference
            && a.provider == event.provider
            && a.outcome == outcome
            && a.code.as_deref() == code
            && a.at == event.received_at
    };
    let ledger = &mut draft.order.ledger;
    if ledger.attempts.iter().any(same) {
        return false;
    }
    ledger.attempts.push(Attempt {
        provider: event.provider.clone(),
        reference: event.reference.clone(),
        outcome: outcome.to_owned(),
        code: code.map(str::to_owned),
        at: event.received_at,
    });
    let excess = ledger.attempts.len().saturating_sub(ATTEMPTS_MAX);
    ledger.attempts.drain(..excess);
    let authorised = outcome == "authorised";
    let kind = if authorised { EventKind::PaymentAuthorised } else { EventKind::PaymentFailed };
    draft.event(kind).reason = code.map(str::to_owned);
    draft.data("reference", event.reference.as_str());
    draft.data("provider", event.provider.as_str());
    if !authorised {
        draft.notify("staff_payment_failed", Recipient::Staff);
    }
    true
}
