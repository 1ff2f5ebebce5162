//! Money as providers tell of it: payments of every kind, refunds, disputes.

use crate::callers::{Dispute, Means, Money, Proof, Request, cents, generic, stripe};
use crate::dice::Dice;
use crate::plan::Paying;
use crate::wants::Asking;
use ordermill_domain::time::Seconds;
use serde_json::json;

impl Asking<'_> {
    pub(crate) fn pay(
        &mut self,
        number: usize,
        place: usize,
        how: Paying,
        dice: &mut Dice,
    ) -> Option<Request> {
        // The generic provider tells of money only when it has come, gone or failed.
        let stripes = matches!(how, Paying::Authorised | Paying::CalledOff);
        let provider = if dice.chance(500) || stripes { "stripe" } else { "generic" };
        let order = self.model.orders.get(&place);
        let gross = match order {
            Some(order) => order.gross(),
            None => 1_000,
        };
        let sent = order.map_or(0, |order| order.money_told());
        let open = if gross > sent { gross - sent } else { gross };
        let open = open.max(1);
        let mut money = Money {
            order: place,
            provider,
            reference: format!("pi_{}_{number}", self.plan.seed % 1_000),
            received: match how {
                Paying::Exactly => open,
                Paying::Part => (open / 3).max(1),
                Paying::TooMuch => open + dice.range(1, 500),
                Paying::OtherCurrency
                | Paying::Fails
                | Paying::Authorised
                | Paying::CalledOff
                | Paying::Refunded
                | Paying::Disputed => open,
            },
            refunded: 0,
            currency: if how == Paying::OtherCurrency { "USD" } else { "EUR" },
            dispute: None,
        };
        if how == Paying::OtherCurrency {
            let books = self.model.orders.entry(place).or_default();
            books.foreign.insert(money.reference.clone());
        }
        let (generic_kind, stripe_kind) = match how {
            Paying::Fails => {
                money.received = 0;
                ("payment.failed", "payment_intent.payment_failed")
            }
            Paying::Authorised => {
                money.received = 0;
                ("", "payment_intent.amount_capturable_updated")
            }
            Paying::CalledOff => {
                money.received = 0;
                ("", "payment_intent.canceled")
            }
            Paying::Refunded => {
                let order = self.model.orders.get_mut(&place).filter(|order| !order.disputed)?;
                order.by_hand = true;
                // Of money that a person took in, no provider tells.
                let of_provider =
                    |m: &&Money| m.provider != "manual" && m.currency == "EUR" && m.received > 0;
                let told = order.money.iter().find(of_provider)?;
                money.provider = told.provider;
                money.reference.clone_from(&told.reference);
                money.refunded = dice.range(1, told.received);
                money.received = 0;
                ("refund.succeeded", "charge.refunded")
            }
            Paying::Exactly
            | Paying::Part
            | Paying::TooMuch
            | Paying::OtherCurrency
            | Paying::Disputed => ("payment.succeeded", "payment_intent.succeeded"),
        };
        let id = self.model.orders.get(&place).and_then(|order| order.id.clone());
        let external = format!("web-{}-{place}", self.plan.seed % 1_000);
        let hint = match id {
            Some(id) if dice.chance(800) => json!({ "order_id": id }),
            _ => json!({ "external_id": external }),
        };
        let event = format!("evt_{number}");
        let (body, proof) = if money.provider == "stripe" {
            (stripe(&money, &event, stripe_kind, hint), Proof::Stripe)
        } else {
            (generic(&money, generic_kind, hint), Proof::Generic(event))
        };
        let words = format!(
            "{how:?}: {} {} by {} ({})",
            cents(money.received.max(money.refunded)),
            money.currency,
            money.provider,
            money.reference
        );
        let path = format!("/v1/payments/webhooks/{}", money.provider);
        let words = format!("payment for order {place}, {words}");
        let mut request = self.request(&path, body, "", Means::Money(money), words);
        request.proof = proof;
        request.key = None;
        Some(request)
    }

    /// A bank disputes what a card paid; some time later it says how that ended.
    pub(crate) fn dispute(&mut self, number: usize, place: usize, dice: &mut Dice) -> Vec<Request> {
        let Some(order) = self.model.orders.get_mut(&place) else { return Vec::new() };
        // What both sides may give back at once is no question of order any more.
        if order.by_hand || order.disputed {
            return Vec::new();
        }
        let by_card = |m: &&Money| m.provider == "stripe" && m.currency == "EUR" && m.received > 0;
        let Some(told) = order.money.iter().find(by_card).cloned() else { return Vec::new() };
        order.disputed = true;
        let hint = match &order.id {
            Some(id) => json!({ "order_id": id }),
            None => json!({ "external_id": order.external }),
        };
        let end = if dice.chance(500) { Dispute::Won } else { Dispute::Lost };
        let later = dice.weighted(&[(2, 0), (2, 600), (2, 7_200), (1, 200_000)]);
        let events = [
            (Dispute::Opened(told.received), "charge.dispute.created", 0),
            (end, "charge.dispute.closed", later),
        ];
        let request = |(dispute, kind, later): (Dispute, &str, i64)| {
            let money = Money { received: 0, refunded: 0, dispute: Some(dispute), ..told.clone() };
            let body = stripe(&money, &format!("evt_{number}"), kind, hint.clone());
            let words = format!("{dispute:?} of {} for order {place}", told.reference);
            let path = "/v1/payments/webhooks/stripe";
            let mut request = self.request(path, body, "", Means::Money(money), words);
            request.proof = Proof::Stripe;
            request.key = None;
            request.at = self.now.plus(Seconds(later));
            request
        };
        events.into_iter().map(request).collect()
    }
}
