//! What is wanted of subscriptions, and what providers tell of the money for their orders.

use crate::callers::{Means, Proof, Request, cents};
use crate::dice::Dice;
use crate::observer::Known;
use crate::wants::Asking;
use serde_json::json;

impl Asking<'_> {
    pub(crate) fn subscribe(&mut self, number: usize, dice: &mut Dice) -> Request {
        let sku = dice.one(&self.plan.skus).unwrap();
        let rule = dice.weighted(&[(2, "FREQ=DAILY"), (1, "FREQ=WEEKLY;BYDAY=MO,TH")]);
        let catch_up = dice.weighted(&[(1, "each"), (1, "latest"), (1, "skip")]);
        // By card, what is not paid is asked for by a ladder, and the customer is told ahead.
        let by_card = json!({ "terms": "prepaid", "method": "card" });
        let payment = if dice.chance(500) { by_card } else { json!({ "terms": "invoice" }) };
        let notice = dice.weighted(&[(3, 0), (1, 1)]);
        let unpaid = dice.weighted(&[(1, "pause"), (1, "cancel")]);
        let body = json!({ "external_id": format!("sub-{number}"), "currency": "EUR",
            "customer": { "name": "Ona Petraitytė", "email": "ona@example.com" },
            "delivery": { "method": "courier", "address": { "line1": "Gedimino pr. 9",
                "city": "Vilnius", "postal_code": "01103", "country": "LT" } },
            "payment": payment, "notice_days": notice, "unpaid": unpaid,
            "lines": [ { "sku": sku, "quantity": 1, "unit_price": "10.00", "tax_rate": "0.21" } ],
            "rule": rule, "start": "2026-03-02", "time": "09:00", "count": 6,
            "time_zone": "Europe/Vilnius", "catch_up": catch_up });
        let words = format!("a subscription {number} ({rule}, {catch_up})");
        let key = format!("subscribe-{number}");
        self.request("/v1/subscriptions", body, &key, Means::Subscribed(number), words)
    }

    pub(crate) fn subscription(
        &mut self,
        at: usize,
        number: usize,
        dice: &mut Dice,
    ) -> Option<Request> {
        let id = self.model.subscriptions.get(&number)?.clone();
        let key = format!("sub-act-{at}");
        let act = dice.weighted(&[
            (2, "skip"),
            (1, "pause"),
            (2, "resume"),
            (1, "cancel"),
            (2, "change"),
            (2, "payment.failed"),
            (2, "payment.succeeded"),
        ]);
        let words = format!("{act} of subscription {number}");
        if act.starts_with("payment") {
            return self.payment_of(&id, at, act, words, dice);
        }
        let body = match act {
            "change" => {
                let units = dice.range(1, 3);
                let sku = dice.one(&self.plan.skus)?;
                let line = json!({ "sku": sku, "quantity": units, "unit_price": "10.00",
                    "tax_rate": "0.21" });
                json!({ "lines": [line], "only_next": dice.chance(300) })
            }
            _ => json!({}),
        };
        let path = format!("/v1/subscriptions/{id}/{act}");
        Some(self.request(&path, body, &key, Means::SubscriptionAct, words))
    }

    /// A provider tells of the newest order of a subscription.
    fn payment_of(
        &self,
        id: &str,
        at: usize,
        kind: &str,
        words: String,
        dice: &mut Dice,
    ) -> Option<Request> {
        let of_it = |known: &&Known| {
            known.order.subscription.as_ref().is_some_and(|subscription| subscription.id == id)
        };
        let order =
            &self.seen.orders.values().filter(of_it).max_by_key(|k| k.order.created_at)?.order;
        let code = dice.weighted(&[(2, "insufficient_funds"), (1, "lost_card"), (1, "odd")]);
        let body = json!({ "type": kind, "data": { "order_id": order.id, "currency": "EUR",
            "amount": cents(order.gross().0), "reference": format!("sub_{at}"), "code": code } });
        let path = "/v1/payments/webhooks/generic";
        let mut request = self.request(path, body, "", Means::OfSubscription, words);
        request.proof = Proof::Generic(format!("evt_sub_{at}"));
        request.key = None;
        Some(request)
    }
}
