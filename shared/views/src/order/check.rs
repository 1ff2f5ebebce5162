//! What would become of an order that nobody has sent yet, as `POST /v1/orders/check` shows it.

use super::{DiscountView, FeeView, LineView, OrderView, ReasonView, ShippingView, TotalsView};
use crate::Audience;
use crate::values::Units;
use ordermill_domain::order::{Line, Order};
use ordermill_domain::policy::{Policy, StatusKey};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::{StockLine, StockView};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// An order that was looked at and not stored.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OrderCheck")]
pub struct CheckView {
    /// Whether it would go on without a person.
    pub ok: bool,
    /// Where it would stand after the check and the look for stock.
    pub status: StatusKey,
    /// What a person would have to look at.
    pub reasons: Vec<ReasonView>,
    /// The lifecycle it would follow.
    pub policy: String,
    /// The version of that lifecycle.
    pub policy_version: u32,
    /// The currency of every amount in it.
    pub currency: String,
    /// Whether prices contain the tax.
    pub prices_include_tax: bool,
    /// What is wanted, with prices and rates filled in, and where it would be taken from.
    pub lines: Vec<LineView>,
    /// What the way there costs.
    pub shipping: Option<ShippingView>,
    /// Discounts on the order or its shipping.
    pub discounts: Vec<DiscountView>,
    /// Fees.
    pub fees: Vec<FeeView>,
    /// Our reckoning.
    pub totals: TotalsView,
    /// What is there of each article, at this moment.
    pub availability: Vec<AvailabilityView>,
}

/// What is there of an article that is asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Availability")]
pub struct AvailabilityView {
    /// The article.
    pub sku: String,
    /// Units of it on all lines.
    pub wanted: Units,
    /// Units a new order may take, at all warehouses.
    pub available: Units,
    /// Whether all that is wanted is there.
    pub enough: bool,
}

/// The check as JSON.
#[must_use]
pub fn check_view(order: &Order, policy: &Policy, stock: &StockView) -> Value {
    let shown = OrderView::new(order, policy, Audience::outside("", ""));
    let view = CheckView {
        ok: shown.reasons.is_empty(),
        status: shown.status,
        reasons: shown.reasons,
        policy: shown.policy,
        policy_version: shown.policy_version,
        currency: shown.currency,
        prices_include_tax: shown.prices_include_tax,
        lines: shown.lines,
        shipping: shown.shipping,
        discounts: shown.discounts,
        fees: shown.fees,
        totals: shown.totals,
        availability: availability(order, stock),
    };
    // A view holds nothing that JSON cannot.
    serde_json::to_value(view).unwrap_or_default()
}

fn availability(order: &Order, stock: &StockView) -> Vec<AvailabilityView> {
    let class = order.demand_class.as_deref();
    let mut found: Vec<AvailabilityView> = Vec::new();
    // In the order of the lines; of a bundle, its parts.
    for piece in order.lines.iter().flat_map(Line::pieces) {
        if found.iter().any(|known| known.sku == piece.sku) {
            continue;
        }
        let wanted: Quantity = order.lines.iter().map(|l| l.quantity.times(l.per(piece.sku))).sum();
        let available = open_for(stock, piece.sku, class);
        found.push(AvailabilityView {
            sku: piece.sku.to_owned(),
            wanted: wanted.into(),
            available: available.into(),
            enough: available >= wanted,
        });
    }
    found
}

/// Units that a new order of this class may take. What others wait for is theirs, at whichever
/// warehouse it comes in.
fn open_for(stock: &StockView, sku: &str, class: Option<&str>) -> Quantity {
    let lines = || stock.lines.iter().filter(|(key, _)| key.sku == sku).map(|(_, line)| line);
    let anchor = stock.anchors.get(sku).cloned().unwrap_or_default();
    let there: Quantity = lines().map(StockLine::available).sum();
    let common = lines().map(StockLine::unkept).sum::<Quantity>().less(anchor.waiting);
    let own = class.map_or(Quantity::ZERO, |class| {
        let waiting = anchor.classes.get(class).copied().unwrap_or_default();
        lines().map(|line| line.share(class).kept).sum::<Quantity>().less(waiting)
    });
    common.plus(own).min(there.max(Quantity::ZERO))
}
