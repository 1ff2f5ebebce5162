//! Requests as callers make them: shops, partners, managers, providers of payments. A caller that
//! is not answered, or told to try later, asks the same again.

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use ordermill_domain::time::Timestamp;
use ordermill_runtime::config::LOCAL_WEBHOOK_SECRET;
use ordermill_runtime::signatures::{sign_standard, sign_stripe};
use serde_json::{Value, json};

/// How a caller shows who it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Proof {
    /// An API key.
    Key(String),
    /// The signature of the generic provider over this event's id.
    Generic(String),
    /// Stripe's signature.
    Stripe,
    /// It does not: it has a link.
    Nobody,
}

/// What the model makes of a good answer.
#[derive(Clone, PartialEq, Debug)]
pub enum Means {
    /// An order, by its place in the plan.
    Placed(usize),
    /// Money, for the order of that place.
    Money(Money),
    /// Something asked of an order.
    Act {
        /// Its place in the plan.
        order: usize,
        /// The command.
        command: String,
    },
    /// An order was changed.
    Edited {
        /// Its place.
        order: usize,
        /// What of it.
        change: Change,
    },
    /// An edit was proposed to the customer.
    Proposed {
        /// The place of the order.
        order: usize,
        /// What each item is about.
        changes: Vec<(String, Change)>,
    },
    /// A customer answered.
    Replied {
        /// The place of the order.
        order: usize,
        /// Which question.
        number: u64,
        /// What was said to each item.
        said: Vec<(String, String)>,
    },
    /// An order, by its place, is gone.
    Deleted(usize),
    /// Units became an order of their own.
    Parted {
        /// The place of the order that was split.
        order: usize,
        /// The place of the part.
        part: usize,
        /// Units by line.
        units: Vec<(u64, i64)>,
    },
    /// Stock was moved.
    Moved {
        /// The article.
        sku: String,
        /// What that adds to `on_hand`, over all warehouses.
        on_hand: i64,
        /// What it adds to what is set aside by hand.
        by_hand: i64,
    },
    /// A subscription, by its number.
    Subscribed(usize),
    /// Something asked of a subscription.
    SubscriptionAct,
    /// What a provider tells of an order of a subscription.
    OfSubscription,
    /// A customer's card.
    Card,
    /// The catalogue.
    Set,
}

/// What is to be different about an order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Change {
    /// So many units of a line.
    Units(u64, i64),
    /// A line less.
    Removed(u64),
    /// A line more: article, units, price in cents.
    Added(String, i64, i64),
}

/// What a provider tells of a dispute.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Dispute {
    /// So many cents are in dispute.
    Opened(i64),
    /// The bank has given them back.
    Won,
    /// The bank keeps them.
    Lost,
}

/// What a provider tells of a money object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Money {
    /// For the order of that place.
    pub order: usize,
    /// Who tells.
    pub provider: &'static str,
    /// The money object.
    pub reference: String,
    /// Received in all, in cents; zero where it is about something else.
    pub received: i64,
    /// Gone back in all, in cents.
    pub refunded: i64,
    /// Of what.
    pub currency: &'static str,
    /// It is about a dispute.
    pub dispute: Option<Dispute>,
}

/// A request.
#[derive(Clone, Debug)]
pub struct Request {
    /// `GET`, `POST`, `PUT` or `DELETE`.
    pub method: &'static str,
    /// Path and query.
    pub path: String,
    /// The body.
    pub body: Value,
    /// Who asks.
    pub proof: Proof,
    /// What names it, so that a repeat is recognised.
    pub key: Option<String>,
    /// What the model makes of it.
    pub means: Means,
    /// In words, for the timeline.
    pub words: String,
    /// Not before.
    pub at: Timestamp,
    /// How often it was asked.
    pub attempts: u32,
    /// A second one of the same, beside the first.
    pub is_echo: bool,
}

impl Request {
    /// The event of it, signed now.
    #[must_use]
    pub fn event(&self, now: Timestamp) -> ApiGatewayV2httpRequest {
        let text = if self.body.is_null() { String::new() } else { self.body.to_string() };
        let mut headers: Vec<(&str, String)> = Vec::new();
        match &self.proof {
            Proof::Key(key) => headers.push(("authorization", format!("Bearer {key}"))),
            Proof::Generic(id) => {
                let signature = sign_standard(LOCAL_WEBHOOK_SECRET, id, text.as_bytes(), now);
                headers.push(("webhook-id", id.clone()));
                headers.push(("webhook-timestamp", now.seconds().to_string()));
                headers.push(("webhook-signature", signature));
            }
            Proof::Stripe => {
                let signature = sign_stripe(LOCAL_WEBHOOK_SECRET, text.as_bytes(), now);
                headers.push(("stripe-signature", signature));
            }
            Proof::Nobody => {}
        }
        if let Some(key) = &self.key {
            headers.push(("idempotency-key", key.clone()));
        }
        let headers: Vec<(&str, &str)> =
            headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        ordermill_world::event(self.method, &self.path, &text, &headers)
    }
}

/// Cents as the API writes them.
#[must_use]
pub fn cents(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}

/// Cents from what the API wrote.
#[must_use]
pub fn to_cents(text: &Value) -> i64 {
    let text = text.as_str().unwrap_or("0");
    let (whole, rest) = text.split_once('.').unwrap_or((text, ""));
    let whole: i64 = whole.parse().unwrap_or(0);
    let rest: i64 = format!("{rest:0<2}").chars().take(2).collect::<String>().parse().unwrap_or(0);
    whole * 100 + rest
}

/// A webhook of the generic provider.
#[must_use]
pub fn generic(money: &Money, kind: &str, hint: Value) -> Value {
    let amount = if money.refunded > 0 { money.refunded } else { money.received };
    let mut data = json!({ "amount": cents(amount), "currency": money.currency,
        "reference": money.reference });
    if let (Some(data), Some(hint)) = (data.as_object_mut(), hint.as_object()) {
        data.extend(hint.clone());
    }
    json!({ "type": kind, "data": data })
}

/// An event of Stripe about a `PaymentIntent`, or about its charge.
#[must_use]
pub fn stripe(money: &Money, id: &str, kind: &str, metadata: Value) -> Value {
    let object = match kind {
        "charge.refunded" => json!({ "id": format!("ch_{}", money.reference), "object": "charge",
            "payment_intent": money.reference, "amount_refunded": money.refunded,
            "currency": money.currency.to_lowercase(), "metadata": metadata }),
        "charge.dispute.created" | "charge.dispute.closed" => {
            let (amount, status) = match money.dispute {
                Some(Dispute::Opened(amount)) => (amount, "needs_response"),
                Some(Dispute::Won) => (0, "won"),
                Some(Dispute::Lost) | None => (0, "lost"),
            };
            json!({ "id": format!("dp_{}", money.reference), "object": "dispute",
                "payment_intent": money.reference, "amount": amount, "status": status,
                "currency": money.currency.to_lowercase(), "metadata": metadata })
        }
        _ => json!({ "id": money.reference, "object": "payment_intent",
            "amount": money.received, "amount_received": money.received,
            "currency": money.currency.to_lowercase(), "metadata": metadata,
            "last_payment_error": { "code": "card_declined" } }),
    };
    json!({ "id": id, "object": "event", "type": kind, "data": { "object": object } })
}
