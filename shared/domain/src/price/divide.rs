//! What an order comes to when it becomes two: the parts always add up to the whole, figure by
//! figure and rate by rate, though each would round by itself.

use super::of_order::remaining_input;
use super::{PricedLine, Share, TaxCategory, Totals, line_goods, reckon};
use crate::money::{Amount, divide_rounded};
use crate::order::{Order, TaxLine};
use crate::quantity::Quantity;
use std::collections::BTreeMap;

/// What one line comes to when some of its units go.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct PartedLine {
    /// Of the line's own total, what goes.
    pub total: Amount,
    /// Of the line's own discounts, what goes.
    pub own_discount: Amount,
    /// Of the order's discounts, what goes with these units.
    pub order_discount: Amount,
}

/// What the parts come to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Parted {
    /// What goes.
    pub goes: Totals,
    /// What stays.
    pub stays: Totals,
    /// By line number.
    pub lines: BTreeMap<u32, PartedLine>,
}

/// Divides an order's totals: `taken` are units per line number. Shipping and fees stay.
#[must_use]
pub fn divide(order: &Order, taken: &BTreeMap<u32, Quantity>) -> Parted {
    let input = remaining_input(order);
    let reckoning = reckon(&input);
    let includes_tax = order.prices_include_tax;
    let mut parted = Parted::default();
    let mut taxes: BTreeMap<usize, (Amount, Amount)> = BTreeMap::new();
    let lines = order.lines.iter().zip(&input.lines).zip(&reckoning.line_shares);
    for ((line, priced), share) in lines {
        let Some(quantity) = taken.get(&line.line).copied() else { continue };
        let goods = line_goods(priced, input.places);
        let goods_goes = goes_of(priced, quantity, goods, input.places);
        let paid = if includes_tax { share.gross } else { share.net };
        let off = goods.less(paid);
        let own = priced.discount.min(goods);
        let off_goes = portion(off, goods_goes, goods);
        let own_goes = portion(own, goods_goes, goods).min(off_goes);
        let paid_goes = goods_goes.less(off_goes);
        let tax_goes = portion(share.tax, paid_goes, paid);
        let part = Share {
            net: if includes_tax { paid_goes.less(tax_goes) } else { paid_goes },
            tax: tax_goes,
            gross: if includes_tax { paid_goes } else { paid_goes.plus(tax_goes) },
        };
        let totals = &mut parted.goes;
        totals.goods = totals.goods.plus(goods_goes);
        totals.discount = totals.discount.plus(off_goes);
        if let Some(row) = tax_row(&order.totals.taxes, priced) {
            let sums = taxes.entry(row).or_default();
            *sums = (sums.0.plus(part.net), sums.1.plus(part.tax));
        }
        let figures = PartedLine {
            total: portion(line.detail.total, goods_goes, goods),
            own_discount: own_goes,
            order_discount: off_goes.less(own_goes),
        };
        parted.lines.insert(line.line, figures);
    }
    finish(order, parted, &taxes)
}

/// Adds the taxes up and takes what goes from what was there. No part is ever below nothing: an
/// order that was divided before may be a cent off its own reckoning.
fn finish(order: &Order, mut parted: Parted, taxes: &BTreeMap<usize, (Amount, Amount)>) -> Parted {
    let whole = &order.totals;
    let goes = &mut parted.goes;
    for (row, line) in whole.taxes.iter().enumerate() {
        let (net, tax) = taxes.get(&row).copied().unwrap_or_default();
        let going = TaxLine { net: net.min(line.net), tax: tax.min(line.tax), ..line.clone() };
        let left = TaxLine {
            net: line.net.minus(going.net),
            tax: line.tax.minus(going.tax),
            ..line.clone()
        };
        goes.net = goes.net.plus(going.net);
        goes.tax = goes.tax.plus(going.tax);
        let is_there = |line: &TaxLine| line.net.is_positive() || line.tax.is_positive();
        if taxes.contains_key(&row) {
            goes.taxes.push(going);
        }
        if is_there(&left) || !taxes.contains_key(&row) {
            parted.stays.taxes.push(left);
        }
    }
    goes.gross = goes.net.plus(goes.tax);
    let paid = if order.prices_include_tax { goes.gross } else { goes.net };
    goes.goods = goes.goods.min(whole.goods).max(paid);
    goes.discount = goes.goods.less(paid);
    let stays = &mut parted.stays;
    stays.goods = whole.goods.minus(goes.goods);
    stays.discount = whole.discount.minus(goes.discount);
    stays.shipping = whole.shipping;
    stays.fees = whole.fees;
    stays.net = whole.net.minus(goes.net);
    stays.tax = whole.tax.minus(goes.tax);
    stays.gross = whole.gross.minus(goes.gross);
    parted
}

fn goes_of(line: &PricedLine, quantity: Quantity, goods: Amount, places: u32) -> Amount {
    if quantity >= line.quantity {
        return goods;
    }
    line_goods(&PricedLine { quantity, ..line.clone() }, places).min(goods)
}

/// The row of the totals that a line's tax stands in.
fn tax_row(taxes: &[TaxLine], line: &PricedLine) -> Option<usize> {
    let zero = line.tax_rate == crate::money::Rate::ZERO;
    let standard = line.tax_category == TaxCategory::Standard;
    let category = if standard && zero { TaxCategory::Zero } else { line.tax_category };
    taxes.iter().position(|row| row.rate == line.tax_rate && row.category == category)
}

/// `amount × part / whole`, rounded half up; nothing where the whole is nothing.
fn portion(amount: Amount, part: Amount, whole: Amount) -> Amount {
    if whole.is_zero() {
        return Amount::ZERO;
    }
    let product = i128::from(amount.0).saturating_mul(i128::from(part.0));
    Amount(divide_rounded(product, i128::from(whole.0)))
}
