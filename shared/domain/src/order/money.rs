//! The payment facet: what came in, what is owed back, what went back.
//!
//! **Invariant:** a payment is one money object; its figures are cumulative and only ever
//! raised, so the order of arrival does not matter (`spec/domain.md`, "Money"). Owed and
//! refunded together never exceed received: what a provider tells of a refund counts as far as
//! we have been told of the payment.

use super::shares::{Claim, Share, Unasked};
use crate::money::Amount;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// One money object of one provider: a Stripe `PaymentIntent`, a transfer, notes at the door.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(from = "earlier::Payment")]
pub struct Payment {
    /// `stripe`, `generic` or `manual`.
    pub provider: String,
    /// The provider's name of the money object.
    pub reference: String,
    /// Received in all.
    pub received: Amount,
    /// Refunded in all, as we were told.
    pub refunded: Amount,
    /// Of it, what a person has entered and no provider has told of yet.
    #[serde(default, skip_serializing_if = "nothing")]
    pub by_hand: Amount,
    /// What went back by each refund that was told of by itself, by the provider's name of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refunds: BTreeMap<String, Amount>,
    /// What the customer's bank disputed, open or over, by the provider's name of the dispute.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub disputes: BTreeMap<String, Dispute>,
    /// What orders that were split off have of it, by their ids.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parts: BTreeMap<String, Share>,
    /// When the first of it was received.
    pub received_at: Timestamp,
    /// How it was paid, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
}

/// One dispute of a payment. Its amount is only raised and its end only hardens, so that its
/// events may come twice and in any order.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Dispute {
    /// How much of the payment it is about, as far as we were told.
    pub amount: Amount,
    /// How it ended; none while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<DisputeEnd>,
}

impl Dispute {
    /// This, and what was told of it beside.
    #[must_use]
    pub fn and(self, told: Self) -> Self {
        Self { amount: self.amount.max(told.amount), end: self.end.max(told.end) }
    }

    /// What the bank has taken for good.
    #[must_use]
    pub fn lost(&self) -> Amount {
        match self.end {
            Some(DisputeEnd::Lost) => self.amount,
            Some(DisputeEnd::Won) | None => Amount::ZERO,
        }
    }
}

/// How a dispute ended. An inquiry that came to nothing may still be followed by a loss: the
/// later of these counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisputeEnd {
    /// The money stays.
    Won,
    /// The bank took it.
    Lost,
}

impl DisputeEnd {
    /// The word in events.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }
}

/// A payment that was tried and did not come about.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Attempt {
    /// `stripe` or `generic`.
    pub provider: String,
    /// The provider's name of the money object.
    pub reference: String,
    /// `failed`, `cancelled` or `authorised`.
    pub outcome: String,
    /// The provider's code, like `card_declined`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// When we heard of it.
    pub at: Timestamp,
}

/// Everything about the money of one order.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub struct Ledger {
    /// One entry per money object.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payments: Vec<Payment>,
    /// The last attempts, at most [`ATTEMPTS_MAX`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempts: Vec<Attempt>,
    /// What came here and went on to the orders that were split off from this one.
    #[serde(default, skip_serializing_if = "nothing")]
    pub transferred: Amount,
    /// Of that, what each of them got, by its id: what befalls the money reaches them. Of which
    /// payment it is, the payment says.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub transferred_to: BTreeMap<String, Amount>,
    /// What each of them says it owes of it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub claims: BTreeMap<String, Claim>,
    /// The last refund of a shared payment that nobody owed, until it is clear whose it was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unasked: Option<Unasked>,
    /// What we have decided to give back in all, whether it has gone yet or not.
    #[serde(default, skip_serializing_if = "nothing")]
    pub to_refund: Amount,
    /// Of that, what was more than the order was worth then.
    #[serde(default, skip_serializing_if = "nothing")]
    pub surplus: Amount,
    /// Of what came, what came after the order had closed and is here still.
    #[serde(default, skip_serializing_if = "nothing")]
    pub late: Amount,
    /// Late money that was to go back and then paid the order after all: its refund may have been
    /// under way, and nobody has decided to do without it.
    #[serde(default, skip_serializing_if = "nothing")]
    pub called_off: Amount,
    /// Of what was given back, what is to be paid again: a person decided on it before the order was
    /// paid, or it went though it had been called off.
    #[serde(default, skip_serializing_if = "nothing")]
    pub asked_again: Amount,
    /// Of what banks took, what a person has decided to do without.
    #[serde(default, skip_serializing_if = "nothing")]
    pub written_off: Amount,
    /// Of what banks took, what nobody has decided on and nobody has paid again, while an exception
    /// (`dispute_lost`) names it. None in rows of earlier; read it by `guards::undecided`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub undecided: Option<Amount>,
    /// What comes off the price without a change of the order: given back of one that was paid, as
    /// for a late parcel, or goods that came back before they were paid.
    #[serde(default, skip_serializing_if = "nothing")]
    pub granted: Amount,
    /// When a person is reminded of the refund that is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refund_due_at: Option<Timestamp>,
    /// Refunds recorded by hand, by their reference, so that a repeat counts once.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub refunds_by_hand: BTreeMap<String, Amount>,
    /// Of these, those that a provider has told of since.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub told_by_hand: BTreeSet<String>,
    /// References of refunds that were recorded before their amounts were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refund_references: Vec<String>,
    /// Goods are with the customer and money is open (`invoice`, or `on_delivery` while the
    /// carrier holds it): when a reminder goes out next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receivable_due_at: Option<Timestamp>,
    /// When the invoice was due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_due_at: Option<Timestamp>,
    /// How many reminders of it have gone out.
    #[serde(default, skip_serializing_if = "none_yet")]
    pub reminders: u8,
    /// It is counted among the customer's overdue invoices.
    #[serde(default, skip_serializing_if = "is_false")]
    pub overdue: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn none_yet(count: &u8) -> bool {
    *count == 0
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
pub(super) fn nothing(amount: &Amount) -> bool {
    amount.is_zero()
}

/// How many refunds of one payment are remembered one by one.
pub const REFUNDS_MAX: usize = 50;
/// How many disputes of one payment are remembered; a bank opens one or two.
pub const DISPUTES_MAX: usize = 20;
/// How many attempts an order remembers.
pub const ATTEMPTS_MAX: usize = 10;

/// What the customer and the seller owe one another, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentFacet {
    /// Nothing has come.
    Due,
    /// Some has come.
    PartlyPaid,
    /// The total has come.
    Paid,
    /// More has come than the total, and the surplus is not yet decided on.
    OverPaid,
    /// Money must go back.
    RefundOwed,
    /// Everything that came has gone back.
    Refunded,
    /// The customer has the goods and paid at the door; the carrier has yet to hand it over.
    RemittanceDue,
    /// The bank of the customer has taken money away for now.
    Disputed,
}

impl Payment {
    /// Gone back in all, as we were told: refunded, or lost to the bank.
    #[must_use]
    pub fn gone(&self) -> Amount {
        self.refunded.plus(self.lost())
    }

    /// Taken by the bank for good, by disputes that were lost.
    #[must_use]
    pub fn lost(&self) -> Amount {
        self.disputes.values().map(Dispute::lost).sum()
    }

    /// In dispute now.
    #[must_use]
    pub fn disputed(&self) -> Amount {
        self.disputes.values().filter(|d| d.end.is_none()).map(|d| d.amount).sum()
    }

    /// Whether a dispute of it is open, of however much.
    #[must_use]
    pub fn in_dispute(&self) -> bool {
        self.disputes.values().any(|d| d.end.is_none())
    }
}

impl Ledger {
    /// Received in all for this order: what went on to its parts is theirs.
    #[must_use]
    pub fn received(&self) -> Amount {
        self.payments.iter().map(|p| p.received).sum::<Amount>().minus(self.transferred)
    }

    /// Gone back in all of what came for this order. A refund that is told before its payment counts
    /// when that is told.
    #[must_use]
    pub fn refunded(&self) -> Amount {
        self.told_gone().min(self.received())
    }

    /// Told of as gone back beyond all that we were told of as received.
    #[must_use]
    pub fn refunded_beyond(&self) -> Amount {
        self.told_gone().less(self.received())
    }

    /// What banks have taken for good of what came for this order.
    #[must_use]
    pub fn lost(&self) -> Amount {
        self.payments.iter().map(Payment::own_lost).sum()
    }

    /// How much went back by the refund of that reference, whoever told of it.
    #[must_use]
    pub fn refund_of(&self, reference: &str) -> Option<Amount> {
        let told = || self.payments.iter().find_map(|p| p.refunds.get(reference));
        self.refunds_by_hand.get(reference).or_else(told).copied()
    }

    fn told_gone(&self) -> Amount {
        self.payments.iter().map(Payment::own_gone).sum()
    }

    /// What must still go back: decided on, and neither gone nor more than is left of what came.
    #[must_use]
    pub fn refund_owed(&self) -> Amount {
        let left = self.received().less(self.refunded());
        self.to_refund.less(self.refunded()).min(left)
    }

    /// What the order can count on: received, less gone and going back.
    #[must_use]
    pub fn kept(&self) -> Amount {
        self.received().less(self.refunded()).less(self.refund_owed())
    }

    /// What came by payments of which something was kept, before refunds of a part of them. What
    /// is owed back, was more than the order was worth, was lost to the bank, or is to be paid again
    /// did not come to stay.
    #[must_use]
    pub fn came_to_stay(&self) -> Amount {
        let kept = self.payments.iter().filter(|p| p.own_gone() < p.own_received());
        let came: Amount = kept.map(|p| p.own_received().minus(p.own_lost())).sum();
        let stays = came.less(self.surplus).less(self.refund_owed());
        stays.less(self.asked_again)
    }

    /// What the customer need not pay any more: kept, forgiven, or done without.
    #[must_use]
    pub fn covered(&self) -> Amount {
        self.kept().plus(self.granted).plus(self.written_off)
    }

    /// The facet, for an order of this total.
    #[must_use]
    pub fn facet(&self, total: Amount) -> PaymentFacet {
        let received = self.received();
        if self.payments.iter().any(Payment::in_dispute) {
            PaymentFacet::Disputed
        } else if self.refund_owed().is_positive() {
            PaymentFacet::RefundOwed
        } else if received.is_positive() && self.refunded() >= received {
            PaymentFacet::Refunded
        } else if self.covered() > total && self.kept().is_positive() {
            PaymentFacet::OverPaid
        } else if self.covered() >= total {
            PaymentFacet::Paid
        } else if received.is_positive() {
            PaymentFacet::PartlyPaid
        } else {
            PaymentFacet::Due
        }
    }
}

/// What a loss of a row of earlier is called where another dispute of the payment was open.
#[must_use]
pub fn earlier_loss(reference: &str) -> String {
    format!("{reference} (lost)")
}

/// Shapes of rows that were written before disputes were told apart by their names.
mod earlier {
    use super::{Amount, BTreeMap, Dispute, DisputeEnd, Share, Timestamp, earlier_loss};
    use serde::Deserialize;

    /// A payment as it is kept now, and as it was.
    #[derive(Deserialize)]
    pub(super) struct Payment {
        provider: String,
        reference: String,
        received: Amount,
        refunded: Amount,
        #[serde(default)]
        by_hand: Amount,
        #[serde(default)]
        refunds: BTreeMap<String, Amount>,
        #[serde(default)]
        disputes: BTreeMap<String, Dispute>,
        #[serde(default)]
        parts: BTreeMap<String, Share>,
        received_at: Timestamp,
        #[serde(default)]
        method: Option<String>,
        /// In dispute.
        #[serde(default)]
        disputed: Amount,
        /// Taken by the bank.
        #[serde(default)]
        lost: Amount,
        #[serde(default)]
        dispute_end: Option<End>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum End {
        Won,
        Lost,
        /// Lost, of an amount that was not told yet.
        LostUnseen,
    }

    impl From<Payment> for super::Payment {
        fn from(kept: Payment) -> Self {
            let mut disputes = kept.disputes;
            let end = kept.dispute_end.map(|end| match end {
                End::Won => DisputeEnd::Won,
                End::Lost | End::LostUnseen => DisputeEnd::Lost,
            });
            // It had no name: the payment's stands for it, as for one that comes without.
            if kept.disputed.is_positive() {
                let open = Dispute { amount: kept.disputed, end: None };
                disputes.insert(kept.reference.clone(), open);
            }
            if kept.lost.is_positive() || (end.is_some() && kept.disputed.is_zero()) {
                let over = Dispute { amount: kept.lost, end: end.or(Some(DisputeEnd::Lost)) };
                let beside_open = kept.disputed.is_positive();
                let name = if beside_open {
                    earlier_loss(&kept.reference)
                } else {
                    kept.reference.clone()
                };
                disputes.insert(name, over);
            }
            Self {
                provider: kept.provider,
                reference: kept.reference,
                received: kept.received,
                refunded: kept.refunded,
                by_hand: kept.by_hand,
                refunds: kept.refunds,
                disputes,
                parts: kept.parts,
                received_at: kept.received_at,
                method: kept.method,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn earlier(more: serde_json::Value) -> Payment {
        let mut row = json!({ "provider": "stripe", "reference": "pi_1", "received": 3000,
                              "refunded": 0, "disputed": 0, "received_at": 0 });
        row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(row).unwrap()
    }

    #[test]
    fn a_dispute_of_an_earlier_row_is_still_one() {
        assert_eq!(earlier(json!({})).disputes, BTreeMap::new());
        let open = earlier(json!({ "disputed": 1000 }));
        assert_eq!((open.disputed(), open.lost()), (Amount(1000), Amount::ZERO));
        let lost = earlier(json!({ "lost": 1000, "dispute_end": "lost" }));
        assert_eq!((lost.disputed(), lost.lost()), (Amount::ZERO, Amount(1000)));
        assert!(!lost.in_dispute());
        let won = earlier(json!({ "dispute_end": "won" }));
        assert!(!won.in_dispute() && won.lost().is_zero() && won.disputes.len() == 1);
        let unseen = earlier(json!({ "dispute_end": "lost_unseen" }));
        assert!(!unseen.in_dispute() && unseen.disputes["pi_1"].end == Some(DisputeEnd::Lost));
        let both = earlier(json!({ "lost": 1000, "disputed": 500 }));
        assert_eq!((both.disputed(), both.lost()), (Amount(500), Amount(1000)));
        // Written again, it is as a row of today.
        let again: Payment = serde_json::from_value(serde_json::to_value(&lost).unwrap()).unwrap();
        assert_eq!(again, lost);
    }

    #[test]
    fn references_of_refunds_without_amounts_are_kept() {
        let ledger: Ledger =
            serde_json::from_value(json!({ "refund_references": ["bank-1"] })).unwrap();
        assert_eq!(ledger.refund_references, ["bank-1"]);
    }
}
