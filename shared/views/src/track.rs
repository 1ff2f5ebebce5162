//! What a customer may see of an order without a key, and the links by which they see it.
//!
//! A token is the order's id and its end (milliseconds, or 0 for "while the order is shown at
//! all"), sealed. An order is shown until [`SHOWN_AFTER_CLOSING`] after it closed.

use crate::values::{Decimal, Moment, Units};
use ordermill_domain::decide::erase::is_erased;
use ordermill_domain::decide::guards;
use ordermill_domain::money::Amount;
use ordermill_domain::order::placed::Address;
use ordermill_domain::order::{Order, PaymentFacet};
use ordermill_domain::policy::{Policy, StatusKey};
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_runtime::signatures;
use schemars::JsonSchema;
use serde::Serialize;

/// How long an order is shown after it closed.
pub const SHOWN_AFTER_CLOSING: Seconds = Seconds::days(90);

const PURPOSE: &str = "track";

/// The token of an order's tracking link.
#[must_use]
pub fn tracking_token(secret: &str, order_id: &str) -> String {
    signatures::seal(secret, PURPOSE, &format!("{order_id}|0"))
}

/// The order's tracking link.
#[must_use]
pub fn tracking_url(base_url: &str, secret: &str, order_id: &str) -> String {
    format!("{base_url}/v1/track/{}", tracking_token(secret, order_id))
}

/// The order that a token names; none where it is not ours or has ended.
#[must_use]
pub fn order_of_token(secret: &str, token: &str, now: Timestamp) -> Option<String> {
    let text = signatures::unseal(secret, PURPOSE, token)?;
    let (id, ends) = text.split_once('|')?;
    let ends: i64 = ends.parse().ok()?;
    (ends == 0 || now.milliseconds() < ends).then(|| id.to_owned())
}

/// Whether the order is still shown to its customer.
#[must_use]
pub fn is_shown(order: &Order, now: Timestamp) -> bool {
    let over = order.is_closed() && now >= order.status_since.plus(SHOWN_AFTER_CLOSING);
    !over && !is_erased(order)
}

/// What a customer may see of an order.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tracking")]
pub struct TrackView {
    /// The number people read out.
    pub number: String,
    /// Where the order stands.
    pub status: StatusKey,
    /// The same in the customer's language.
    pub label: String,
    /// Since when.
    pub status_since: Moment,
    /// Whether it is at its end.
    pub closed: bool,
    /// When it was taken in.
    pub created_at: Moment,
    /// The wished local date.
    pub requested_date: Option<String>,
    /// What was ordered.
    pub lines: Vec<TrackLine>,
    /// What has left.
    pub shipments: Vec<TrackShipment>,
    /// Where it goes, masked.
    pub delivery: TrackDelivery,
    /// The currency of the amounts.
    pub currency: String,
    /// What it costs.
    pub total: Decimal,
    /// What is still to be paid.
    pub open: Decimal,
    /// Of that, what the customer is asked for now: of a deposit first that, and the balance once the
    /// goods are ready.
    pub asked: Decimal,
    /// How it stands with the money.
    pub payment_status: PaymentFacet,
}

/// A line as the customer sees it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TrackLine {
    /// What, in words where there are any.
    pub name: String,
    /// How many.
    pub quantity: Units,
    /// Units on their way or handed over.
    pub shipped: Units,
    /// Units that come later.
    pub backordered: Units,
    /// Units that do not come.
    pub cancelled: Units,
}

/// A parcel as the customer sees it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TrackShipment {
    /// 1, 2, 3 …
    pub shipment: u32,
    /// Carrier.
    pub carrier: Option<String>,
    /// Tracking number.
    pub tracking: Option<String>,
    /// When it left.
    pub shipped_at: Moment,
    /// When it is expected.
    pub expected_at: Option<Moment>,
    /// When it was handed over.
    pub delivered_at: Option<Moment>,
}

/// The destination, so that only who knows it recognises it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TrackDelivery {
    /// First letters of the name.
    pub name: Option<String>,
    /// First letters of the street.
    pub street: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// Country.
    pub country: Option<String>,
    /// Locker or shop.
    pub pickup_point: Option<String>,
}

impl TrackView {
    /// What this order's customer may see.
    #[must_use]
    pub fn new(order: &Order, policy: &Policy, locale: &str) -> Self {
        let placed = &order.placed;
        let asks = guards::asks_now(policy, order);
        let asked = if asks { guards::asked_amount(policy, order) } else { Amount::ZERO };
        let address = placed.delivery.address.clone().unwrap_or_default();
        let Address { line1, city, country, .. } = address;
        Self {
            number: order.number.clone(),
            status: order.status.clone(),
            label: status_label(policy, &order.status, locale),
            status_since: order.status_since.into(),
            closed: order.is_closed(),
            created_at: order.created_at.into(),
            requested_date: placed.delivery.requested_date.clone(),
            lines: lines(order),
            shipments: shipments(order),
            delivery: TrackDelivery {
                name: placed.customer.name.as_deref().map(masked),
                street: line1.as_deref().map(masked),
                city,
                country,
                pickup_point: placed.delivery.pickup_point.clone(),
            },
            currency: order.currency.code().to_owned(),
            total: Decimal::amount(order.gross(), order.currency),
            open: Decimal::amount(guards::open_to_ask(policy, order), order.currency),
            asked: Decimal::amount(asked, order.currency),
            payment_status: order.payment_facet(),
        }
    }
}

/// What people read for a status in this language, or in English, or its name.
#[must_use]
pub fn status_label(policy: &Policy, status: &StatusKey, locale: &str) -> String {
    let language = locale.split(['-', '_']).next().unwrap_or_default();
    policy
        .status(status)
        .and_then(|s| {
            s.label.get(locale).or_else(|| s.label.get(language)).or_else(|| s.label.get("en"))
        })
        .cloned()
        .unwrap_or_else(|| status.to_string())
}

fn lines(order: &Order) -> Vec<TrackLine> {
    let view = |line: &ordermill_domain::order::Line| TrackLine {
        name: line.detail.name.clone().unwrap_or_else(|| line.sku.clone()),
        quantity: line.quantity.into(),
        shipped: line.shipped.into(),
        backordered: line.backordered.into(),
        cancelled: line.cancelled.into(),
    };
    order.lines.iter().map(view).collect()
}

fn shipments(order: &Order) -> Vec<TrackShipment> {
    let view = |shipment: &ordermill_domain::order::Shipment| TrackShipment {
        shipment: shipment.number,
        carrier: shipment.carrier.clone(),
        tracking: shipment.tracking.clone(),
        shipped_at: shipment.shipped_at.into(),
        expected_at: shipment.expected_at.map(Moment::from),
        delivered_at: shipment.delivered_at.map(Moment::from),
    };
    order.shipments.iter().map(view).collect()
}

/// The first letter of each word, the rest hidden: `Gedimino pr. 9` becomes `G… p… 9…`.
#[must_use]
pub fn masked(text: &str) -> String {
    let word = |word: &str| word.chars().next().map(|first| format!("{first}…"));
    let words: Vec<String> = text.split_whitespace().filter_map(word).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_order_until_it_ends() {
        let now = Timestamp::from_milliseconds(1_000);
        let token = tracking_token("secret", "abc");
        assert_eq!(order_of_token("secret", &token, now).as_deref(), Some("abc"));
        assert_eq!(order_of_token("other", &token, now), None);
        let ending = signatures::seal("secret", "track", "abc|1000");
        assert_eq!(order_of_token("secret", &ending, now), None);
        let before = Timestamp::from_milliseconds(999);
        assert_eq!(order_of_token("secret", &ending, before).as_deref(), Some("abc"));
    }

    #[test]
    fn an_address_is_recognised_only_by_who_knows_it() {
        assert_eq!(masked("Gedimino pr. 9"), "G… p… 9…");
        assert_eq!(masked(""), "");
    }
}
