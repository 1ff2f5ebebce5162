//! An order's money: what it comes to as it was ordered, and without what was cancelled.

use super::{PriceInput, PricedCharge, PricedDiscount, PricedLine, Totals};
use super::{line_goods, reckon};
use crate::money::{Amount, divide_rounded};
use crate::order::placed::{Charge, DiscountScope};
use crate::order::{Line, Order};
use crate::quantity::Quantity;

/// What an order's totals depend on, for the quantities that were ordered. A line without a
/// price counts as nothing, one without a rate as untaxed.
#[must_use]
pub fn price_input(order: &Order) -> PriceInput {
    PriceInput {
        places: order.currency.places(),
        prices_include_tax: order.prices_include_tax,
        tax_rounding: order.tax_rounding,
        lines: order.lines.iter().map(PricedLine::from).collect(),
        discounts: order
            .placed
            .discounts
            .iter()
            .map(|discount| PricedDiscount { amount: discount.amount, scope: discount.scope })
            .collect(),
        shipping: order.placed.shipping.as_ref().map(PricedCharge::from),
        fees: order.placed.fees.iter().map(PricedCharge::from).collect(),
    }
}

/// Fills in the order's totals, without its cancelled units, and each line's total, which stays
/// that of the quantity that was ordered.
pub fn reckon_order(order: &mut Order) {
    let reckoning = reckon(&price_input(order));
    for (line, total) in order.lines.iter_mut().zip(reckoning.line_totals) {
        line.detail.total = total;
    }
    order.totals = reckon_remaining(order);
}

/// What the order comes to without its cancelled units.
///
/// A discount shrinks with the goods it is taken off, so that who cancels half of them keeps
/// half of it. Shipping and fees stay until the last unit is cancelled.
#[must_use]
pub fn reckon_remaining(order: &Order) -> Totals {
    reckon(&remaining_input(order)).totals
}

/// What the order would come to without its cancelled units and without those that came back.
#[must_use]
pub fn reckon_kept(order: &Order) -> Totals {
    let mut kept = order.clone();
    for line in &mut kept.lines {
        line.cancelled = line.cancelled.plus(line.returned);
    }
    reckon_remaining(&kept)
}

/// What an order's totals depend on, without its cancelled units.
pub(super) fn remaining_input(order: &Order) -> PriceInput {
    let mut input = price_input(order);
    if order.lines.iter().all(|line| line.cancelled.is_zero()) {
        return input;
    }
    let value_before = goods_value(&input);
    for (line, ordered) in input.lines.iter_mut().zip(&order.lines) {
        let goods_before = line_goods(line, input.places);
        line.quantity = ordered.quantity.less(ordered.cancelled);
        let goods_left = line_goods(line, input.places);
        line.discount = portion(line.discount.min(goods_before), goods_left, goods_before);
    }
    let value_left = goods_value(&input);
    let of_order = |discount: &PricedDiscount| discount.scope == DiscountScope::Order;
    let all: Amount = input.discounts.iter().filter(|d| of_order(d)).map(|d| d.amount).sum();
    input.discounts.retain(|discount| !of_order(discount));
    input.discounts.push(PricedDiscount {
        amount: portion(all.min(value_before), value_left, value_before),
        scope: DiscountScope::Order,
    });
    if input.lines.iter().all(|line| line.quantity == Quantity::ZERO) {
        input.shipping = None;
        input.fees.clear();
    }
    input
}

/// Goods less the discounts of their lines.
fn goods_value(input: &PriceInput) -> Amount {
    input.lines.iter().map(|line| line_goods(line, input.places).less(line.discount)).sum()
}

/// `amount × left / before`; never above `left` where `amount` is not above `before`.
fn portion(amount: Amount, left: Amount, before: Amount) -> Amount {
    let product = i128::from(amount.0).saturating_mul(i128::from(left.0));
    Amount(divide_rounded(product, i128::from(before.0)))
}

impl From<&Line> for PricedLine {
    fn from(line: &Line) -> Self {
        Self {
            quantity: line.quantity,
            unit_price: line.detail.unit_price.unwrap_or_default(),
            price_places: line.detail.price_places,
            tax_rate: line.detail.tax_rate.unwrap_or_default(),
            tax_category: line.detail.tax_category,
            discount: line.detail.discounts.iter().map(|discount| discount.amount).sum(),
        }
    }
}

impl From<&Charge> for PricedCharge {
    fn from(charge: &Charge) -> Self {
        Self { amount: charge.amount, tax_rate: charge.tax_rate }
    }
}
