//! Payments that an order shares with those that were split off from it: what each of them has of which
//! payment, what it was told of it, and what it says it owes of it.
//!
//! **Invariant:** what befalls a payment is borne once. A part bears what it was told, the order where
//! the payment came all the rest. No part is told of more than it has.

use super::money::{Dispute, Ledger, Payment};
use crate::money::Amount;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// What a part has of one payment, and what it was told has befallen it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Share {
    /// What it got.
    pub got: Amount,
    /// Refunded in all, as it was told.
    #[serde(default, skip_serializing_if = "super::money::nothing")]
    pub refunded: Amount,
    /// Of each dispute, what it was told of it. Decided when the dispute is told of, and only raised.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub disputes: BTreeMap<String, Dispute>,
    /// Gone by what it was told before refunds and disputes were told apart here.
    #[serde(default, skip_serializing_if = "super::money::nothing")]
    pub earlier: Amount,
    /// Of that, what banks took.
    #[serde(default, skip_serializing_if = "super::money::nothing")]
    pub earlier_lost: Amount,
}

impl Share {
    /// A share of which nothing is gone.
    #[must_use]
    pub fn of(got: Amount) -> Self {
        Self { got, ..Self::default() }
    }

    /// Gone for good, as the part was told.
    #[must_use]
    pub fn told(&self) -> Amount {
        let lost: Amount = self.disputes.values().map(Dispute::lost).sum();
        self.refunded.plus(self.earlier).plus(lost)
    }

    /// Of that, what banks took.
    #[must_use]
    pub fn lost(&self) -> Amount {
        self.disputes.values().map(Dispute::lost).sum::<Amount>().plus(self.earlier_lost)
    }

    /// In dispute now.
    #[must_use]
    pub fn disputed(&self) -> Amount {
        self.disputes.values().filter(|d| d.end.is_none()).map(|d| d.amount).sum()
    }

    /// What it could still bear, if every open dispute were lost.
    #[must_use]
    pub fn left(&self) -> Amount {
        self.got.less(self.told().plus(self.disputed()))
    }
}

/// What a part says of the money that it has from here. The newest statement counts.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Claim {
    /// The part's version when it said so.
    pub version: u64,
    /// What it was told has gone, and what it owes beside, in all.
    pub gone: Amount,
    /// Refunds that a person has entered there and of which no provider has told yet.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_hand: Vec<Amount>,
}

/// A refund of a shared payment that nobody owed when it was told: it was counted here.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Unasked {
    /// How much.
    pub amount: Amount,
    /// What was taken off the price for it.
    pub granted: Amount,
}

impl Payment {
    /// What has gone on to parts.
    #[must_use]
    pub fn shared(&self) -> Amount {
        self.parts.values().map(|share| share.got).sum()
    }

    /// What came by it for this order itself.
    #[must_use]
    pub fn own_received(&self) -> Amount {
        self.received.minus(self.shared())
    }

    /// Gone of it in all, less what parts bear.
    #[must_use]
    pub fn own_gone(&self) -> Amount {
        self.gone().minus(self.parts.values().map(Share::told).sum())
    }

    /// Lost of it in all, less what parts bear.
    #[must_use]
    pub fn own_lost(&self) -> Amount {
        self.lost().minus(self.parts.values().map(Share::lost).sum())
    }

    /// What is here of it still.
    #[must_use]
    pub fn own_left(&self) -> Amount {
        self.own_received().less(self.own_gone())
    }

    /// In dispute now, less what parts would bear.
    #[must_use]
    pub fn own_disputed(&self) -> Amount {
        self.disputed().minus(self.parts.values().map(Share::disputed).sum())
    }

    /// How much more than came for this order would be gone of it, if every open dispute were lost.
    #[must_use]
    pub fn own_beyond_at_worst(&self) -> Amount {
        self.own_gone().plus(self.own_disputed()).less(self.own_received())
    }

    /// How much could go of it that the parts would bear.
    #[must_use]
    pub fn left_with_parts(&self) -> Amount {
        self.parts.values().map(Share::left).sum()
    }

    /// Lets parts, in turn, have so much of a sum as they can bear; how much each of them.
    pub(crate) fn bear(&self, sum: Amount) -> BTreeMap<String, Amount> {
        let mut left = sum;
        let mut borne = BTreeMap::new();
        for (part, share) in &self.parts {
            let bears = share.left().min(left);
            left = left.minus(bears);
            if bears.is_positive() {
                borne.insert(part.clone(), bears);
            }
        }
        borne
    }
}

impl Ledger {
    /// Money goes on to a part: first of payments that no bank disputes.
    pub(crate) fn transfer(&mut self, part: &str, amount: Amount) {
        self.transferred = self.transferred.plus(amount);
        self.transferred_to.insert(part.to_owned(), amount);
        self.share_out(part, amount);
    }

    /// Writes down of which payments a part has its money; of those of which most is left here first.
    fn share_out(&mut self, part: &str, amount: Amount) {
        let free: [fn(&Payment) -> Amount; 3] = [
            |p| p.own_left().less(p.own_disputed()),
            Payment::own_left,
            // Rows of earlier: what was here when it went on may have gone since.
            |p| p.own_received().max(Amount::ZERO),
        ];
        let mut left = amount;
        for free in free {
            for payment in &mut self.payments {
                let goes = free(payment).min(left);
                if goes.is_positive() {
                    let share = payment.parts.entry(part.to_owned()).or_default();
                    share.got = share.got.plus(goes);
                    left = left.minus(goes);
                }
            }
        }
    }

    /// What a part was told has gone of all the money that it has from here.
    #[must_use]
    pub fn told_to(&self, part: &str) -> Amount {
        self.payments.iter().filter_map(|p| p.parts.get(part)).map(Share::told).sum()
    }

    /// What a part owes of the money that it has from here, as far as it has said so.
    #[must_use]
    pub fn owed_by(&self, part: &str) -> Amount {
        let claimed = self.claims.get(part).map(|claim| claim.gone).unwrap_or_default();
        claimed.less(self.told_to(part))
    }

    /// Rows that were written before shares were kept by payment: what each part has, and what it was
    /// told, is worked out from the sums as it was told then.
    fn take_over_shares(&mut self) {
        let is_known = self.payments.iter().any(|payment| !payment.parts.is_empty());
        if is_known || self.transferred_to.is_empty() {
            return;
        }
        let here: Amount = self.received();
        let gone: Amount = self.payments.iter().map(Payment::gone).sum();
        let lost: Amount = self.payments.iter().map(Payment::lost).sum();
        let (mut beyond, mut lost) = (gone.less(here), lost);
        for (part, got) in self.transferred_to.clone() {
            self.share_out(&part, got);
            let mut told = got.min(beyond);
            beyond = beyond.minus(told);
            for share in self.payments.iter_mut().filter_map(|p| p.parts.get_mut(&part)) {
                share.earlier = told.min(share.got);
                share.earlier_lost = share.earlier.min(lost);
                told = told.minus(share.earlier);
                lost = lost.minus(share.earlier_lost);
            }
        }
        for payment in &mut self.payments {
            let open: Vec<_> =
                payment.disputes.iter().filter(|(_, dispute)| dispute.end.is_none()).collect();
            let Some((name, dispute)) = open.last() else { continue };
            let (name, about) = ((*name).clone(), dispute.amount);
            let at_risk = payment.own_beyond_at_worst().min(about);
            for (part, amount) in payment.bear(at_risk) {
                if let Some(share) = payment.parts.get_mut(&part) {
                    share.disputes.insert(name.clone(), Dispute { amount, end: None });
                }
            }
        }
    }
}

impl Serialize for Ledger {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for Ledger {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut ledger = Self::deserialize(deserializer)?;
        ledger.take_over_shares();
        Ok(ledger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// What 60.00 was by which two orders of 30.00 were paid, before shares were kept by payment.
    fn earlier(refunded: i64, lost: i64, disputed: i64) -> Ledger {
        serde_json::from_value(json!({
            "payments": [{ "provider": "stripe", "reference": "pi_1", "received": 6000,
                "refunded": refunded, "lost": lost, "disputed": disputed, "received_at": 0 }],
            "transferred": 3000,
            "transferred_to": { "part": 3000 },
        }))
        .unwrap()
    }

    #[test]
    fn shares_of_earlier_rows_are_worked_out_as_they_were_told() {
        let table = [
            ((0, 0, 0), (0, 0, 0), 3000),
            ((2000, 0, 0), (0, 0, 0), 1000),
            ((4000, 0, 0), (1000, 0, 0), 0),
            ((6000, 0, 0), (3000, 0, 0), 0),
            ((0, 6000, 0), (3000, 3000, 0), 0),
            ((0, 0, 4500), (0, 0, 1500), 3000),
        ];
        for ((refunded, lost, disputed), (told, told_lost, at_risk), kept) in table {
            let ledger = earlier(refunded, lost, disputed);
            let share = &ledger.payments[0].parts["part"];
            let found = (share.told(), share.lost(), share.disputed());
            assert_eq!(found, (Amount(told), Amount(told_lost), Amount(at_risk)), "{ledger:?}");
            assert_eq!((ledger.kept(), share.got), (Amount(kept), Amount(3000)), "{ledger:?}");
            let again: Ledger =
                serde_json::from_value(serde_json::to_value(&ledger).unwrap()).unwrap();
            assert_eq!(again, ledger);
        }
    }
}
