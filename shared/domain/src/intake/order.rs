//! The body of `POST /v1/orders` (`spec/api.md`), by the rules of "Refused at once" in
//! `spec/domain.md`.

use super::limits::EXTERNAL_ID_CHARACTERS_MAX;
use super::reader::{self, Object, Report};
use super::values::Zero;
use super::{Problem, lines, parts};
use crate::money::{AMOUNT_MINOR_MAX, Amount, Currency};
use crate::order::placed::DiscountScope;
use crate::order::{Channel, DeliveryMethod, Line, PaymentMethod, Placed, Terms};
use crate::price::{PricedLine, line_goods};
use serde_json::Value;
use std::fmt;

/// What a client's orders are when they do not say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Defaults {
    /// The client's channel.
    pub channel: Channel,
    /// The client's policy, or `webshop`.
    pub policy: String,
}

/// An order as it was sent, checked as far as the body alone can tell.
/// Personal data; `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Draft {
    /// The client's own number.
    pub external_id: Option<String>,
    /// Where it came from.
    pub channel: Channel,
    /// Name of the lifecycle it follows.
    pub policy: String,
    /// The currency of every amount in it.
    pub currency: Currency,
    /// Whether prices contain the tax.
    pub prices_include_tax: bool,
    /// What the customer said, with shipping, order discounts and fees.
    pub placed: Placed,
    /// How it travels.
    pub delivery_method: Option<DeliveryMethod>,
    /// Country of the delivery address, ISO 3166-1 alpha-2.
    pub country: Option<String>,
    /// Who pays when.
    pub terms: Option<Terms>,
    /// With what.
    pub method: Option<PaymentMethod>,
    /// References of payments the client announced.
    pub references: Vec<String>,
    /// Everything leaves at once, or waits.
    pub ship_together: bool,
    /// The total the client reckoned.
    pub stated_total: Option<Amount>,
    /// What is wanted; line numbers are unique.
    pub lines: Vec<Line>,
}

impl fmt::Debug for Draft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Draft");
        shown.field("external_id", &self.external_id).field("lines", &self.lines.len());
        shown.finish_non_exhaustive()
    }
}

/// The fields that an order and a subscription share.
pub(super) const SHARED_FIELDS: [&str; 18] = [
    "external_id",
    "policy",
    "currency",
    "prices_include_tax",
    "customer",
    "billing",
    "delivery",
    "payment",
    "ship_together",
    "lines",
    "shipping",
    "discounts",
    "fees",
    "purchase_order",
    "contract_number",
    "gift",
    "note",
    "metadata",
];

/// Reads the body of an order.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_order(body: &Value, defaults: &Defaults) -> Result<Draft, Vec<Problem>> {
    parse_order_with_places(body, defaults, None)
}

/// The same, where a price list allows prices of so many decimal places.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_order_with_places(
    body: &Value,
    defaults: &Defaults,
    price_places: Option<u32>,
) -> Result<Draft, Vec<Problem>> {
    let report = Report::default();
    let known = [&SHARED_FIELDS[..], &["channel", "total"]].concat();
    let draft = reader::root(body, &report)
        .required("send the order as a JSON object.")
        .object(&known)
        .and_then(|body| draft(&body, defaults, price_places));
    report.finish(draft)
}

/// Reads what an order and a subscription share, and the order's `channel` and `total`.
pub(super) fn draft(
    body: &Object<'_, '_>,
    defaults: &Defaults,
    price_places: Option<u32>,
) -> Option<Draft> {
    let external_id = body.field("external_id").text(EXTERNAL_ID_CHARACTERS_MAX);
    let channel = body.field("channel").choice().unwrap_or(defaults.channel);
    let policy = body.field("policy").code().unwrap_or_else(|| defaults.policy.clone());
    let currency = body.field("currency").required("write it like \"EUR\".").currency();
    let prices_include_tax = body.field("prices_include_tax").flag().unwrap_or(true);
    let (placed, delivery_method) = parts::placed(body, currency);
    let payment = parts::payment(&body.field("payment"));
    let ship_together = body.field("ship_together").flag().unwrap_or(false);
    let lines = lines::lines(&body.field("lines"), currency, price_places);
    let stated_total = body.field("total").amount(currency, Zero::Allowed);
    let draft = Draft {
        external_id,
        channel,
        policy,
        currency: currency?,
        prices_include_tax,
        country: placed.delivery.address.as_ref().and_then(|address| address.country.clone()),
        placed,
        delivery_method,
        terms: payment.terms,
        method: payment.method,
        references: payment.references,
        ship_together,
        stated_total,
        lines,
    };
    refuse_sums(&draft, body);
    Some(draft)
}

/// Refuses what only shows when everything is added up.
fn refuse_sums(draft: &Draft, body: &Object<'_, '_>) {
    let currency = draft.currency;
    let off = |scope: DiscountScope| -> Amount {
        let discounts = draft.placed.discounts.iter().filter(|d| d.scope == scope);
        discounts.map(|discount| discount.amount).sum()
    };
    let refuse = |off: Amount, what: &str, from: Amount| {
        if off > from {
            body.field("discounts").refuse(
                "discount_too_large",
                format!(
                    "The discounts of {} are more than {what} of {}: lower them.",
                    off.format(currency),
                    from.format(currency)
                ),
            );
        }
    };
    let shipping = draft.placed.shipping.as_ref().map_or(Amount::ZERO, |charge| charge.amount);
    refuse(off(DiscountScope::Shipping), "the shipping", shipping);

    // Lines that were refused, or whose price the catalogue knows, can't be added up here.
    let count = body.field("lines").value().and_then(Value::as_array).map_or(0, Vec::len);
    let is_whole = count > 0 && draft.lines.len() == count;
    if !is_whole || draft.lines.iter().any(|line| line.detail.unit_price.is_none()) {
        return;
    }
    let priced: Vec<PricedLine> = draft.lines.iter().map(PricedLine::from).collect();
    let goods = priced.iter().map(|line| line_goods(line, currency.places()).less(line.discount));
    let goods: Amount = goods.sum();
    if goods.0 > AMOUNT_MINOR_MAX {
        let detail = "The lines together are more than can be counted: split the order.";
        body.field("lines").refuse("amount_too_large", detail);
    }
    refuse(off(DiscountScope::Order), "the goods", goods);
}
