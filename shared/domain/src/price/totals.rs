//! From lines, discounts and charges to totals. Everything in minor units, no cent lost.

use super::{TaxCategory, Totals, spread};
use crate::money::{AMOUNT_MINOR_MAX, Amount, RATE_SCALE, Rate, divide_rounded};
use crate::order::TaxLine;
use crate::order::placed::DiscountScope;
use crate::quantity::{QUANTITY_PLACES, Quantity};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Where tax is rounded.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TaxRounding {
    /// Once per rate over the order, as EN 16931 does; then distributed to the lines.
    #[default]
    Rate,
    /// On each line and charge.
    Line,
}

/// A line as far as money goes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PricedLine {
    /// Units.
    pub quantity: Quantity,
    /// Price of a unit, scaled by ten to the power of `price_places`.
    pub unit_price: i64,
    /// Decimal places of the price.
    pub price_places: u32,
    /// Its tax rate.
    pub tax_rate: Rate,
    /// Kind of tax.
    pub tax_category: TaxCategory,
    /// All discounts on the line together.
    pub discount: Amount,
}

/// Shipping or a fee as far as money goes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PricedCharge {
    /// How much.
    pub amount: Amount,
    /// Its own rate; none means the highest of the goods.
    pub tax_rate: Option<Rate>,
}

/// A discount on the order or its shipping.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PricedDiscount {
    /// How much comes off.
    pub amount: Amount,
    /// Off what.
    pub scope: DiscountScope,
}

/// Everything a total depends on.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PriceInput {
    /// Decimal places of the currency.
    pub places: u32,
    /// Whether prices contain the tax.
    pub prices_include_tax: bool,
    /// Where tax is rounded.
    pub tax_rounding: TaxRounding,
    /// The lines.
    pub lines: Vec<PricedLine>,
    /// Discounts on the order and its shipping.
    pub discounts: Vec<PricedDiscount>,
    /// Shipping.
    pub shipping: Option<PricedCharge>,
    /// Fees.
    pub fees: Vec<PricedCharge>,
}

/// What one line or charge comes to once everything is spread and distributed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Share {
    /// Without tax.
    pub net: Amount,
    /// Tax.
    pub tax: Amount,
    /// What the customer pays for it.
    pub gross: Amount,
}

/// The result: totals, and what each part contributes to them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Reckoning {
    /// The order's totals.
    pub totals: Totals,
    /// Goods of each line less its own discounts, as the customer sees it.
    pub line_totals: Vec<Amount>,
    /// What each line contributes after its part of the order's discounts.
    pub line_shares: Vec<Share>,
    /// What shipping contributes after its discounts.
    pub shipping_share: Share,
    /// What each fee contributes.
    pub fee_shares: Vec<Share>,
}

/// Reckons an order's totals (`spec/domain.md`, "Prices, tax, totals").
///
/// - Goods of a line are quantity × unit price, rounded half up.
/// - A discount on the order is spread over the lines by their value.
/// - A charge without its own rate is taxed like the goods with the highest rate.
/// - With [`TaxRounding::Rate`] tax is rounded once per (rate, category) and distributed to the
///   parts by the largest remainder; with [`TaxRounding::Line`] each part is rounded.
/// - A standard rate of nothing is category `zero`, as EN 16931 has it.
///
/// **Invariant:** the parts add up exactly, for up to `lines_max` lines. Nothing is negative:
/// a discount above what it is taken off is cut to it, a negative figure counts as zero and one
/// above [`AMOUNT_MINOR_MAX`] as that (the intake refuses all three).
#[must_use]
pub fn reckon(input: &PriceInput) -> Reckoning {
    let goods: Vec<i128> =
        input.lines.iter().map(|line| bounded(line_goods(line, input.places))).collect();
    let values: Vec<i128> = goods
        .iter()
        .zip(&input.lines)
        .map(|(goods, line)| less(*goods, bounded(line.discount)))
        .collect();
    let order_discount = discounts(input, DiscountScope::Order).min(sum(&values));
    let lines = values.iter().zip(spread(order_discount, &values)).zip(&input.lines).map(
        |((value, off), line)| Part::new(less(*value, off), line.tax_rate, line.tax_category, true),
    );

    let shipping = input.shipping.as_ref().map_or(0, |charge| bounded(charge.amount));
    let shipping_paid = less(shipping, discounts(input, DiscountScope::Shipping));
    let fees: Vec<i128> = input.fees.iter().map(|fee| bounded(fee.amount)).collect();
    let shipping_rate = input.shipping.as_ref().and_then(|charge| charge.tax_rate);
    let charges = std::iter::once((shipping_paid, shipping_rate))
        .chain(fees.iter().copied().zip(input.fees.iter().map(|fee| fee.tax_rate)))
        .map(|(amount, rate)| {
            let (rate, category) = charge_tax(rate, &input.lines);
            Part::new(amount, rate, category, false)
        });

    let mut parts: Vec<Part> = lines.chain(charges).collect();
    let taxes = tax(&mut parts, input.prices_include_tax, input.tax_rounding);
    let net = taxes.iter().map(|line| line.net).sum();
    let tax = taxes.iter().map(|line| line.tax).sum();
    let all_goods = sum(&goods);
    let discount = less(sum(&goods), sum(&values))
        .saturating_add(order_discount)
        .saturating_add(less(shipping, shipping_paid));
    let totals = Totals {
        goods: amount(all_goods),
        discount: amount(discount),
        shipping: amount(shipping),
        fees: amount(sum(&fees)),
        net,
        tax,
        gross: net.plus(tax),
        taxes,
    };
    let mut shares = parts.iter().map(|part| part.share(input.prices_include_tax));
    Reckoning {
        totals,
        line_totals: values.into_iter().map(amount).collect(),
        line_shares: shares.by_ref().take(input.lines.len()).collect(),
        shipping_share: shares.next().unwrap_or_default(),
        fee_shares: shares.collect(),
    }
}

/// A line or charge on its way to its tax.
struct Part {
    amount: i128,
    rate: Rate,
    category: TaxCategory,
    tax: i128,
    is_goods: bool,
}

impl Part {
    fn new(amount: i128, rate: Rate, category: TaxCategory, is_goods: bool) -> Self {
        let category = match category {
            TaxCategory::Standard if rate == Rate::ZERO => TaxCategory::Zero,
            TaxCategory::Standard
            | TaxCategory::Zero
            | TaxCategory::Exempt
            | TaxCategory::ReverseCharge
            | TaxCategory::Export => category,
        };
        Self { amount, rate, category, tax: 0, is_goods }
    }

    fn net(&self, includes_tax: bool) -> i128 {
        if includes_tax { self.amount.saturating_sub(self.tax) } else { self.amount }
    }

    fn share(&self, includes_tax: bool) -> Share {
        let net = self.net(includes_tax);
        Share {
            net: amount(net),
            tax: amount(self.tax),
            gross: amount(net.saturating_add(self.tax)),
        }
    }
}

/// Sets the tax of each part and adds them up by rate and category, the highest rate first.
fn tax(parts: &mut [Part], includes_tax: bool, rounding: TaxRounding) -> Vec<TaxLine> {
    let mut groups: BTreeMap<(Reverse<Rate>, TaxCategory), Vec<&mut Part>> = BTreeMap::new();
    // A charge of nothing makes no row of its own; goods do, also at a price of nothing.
    for part in parts.iter_mut().filter(|part| part.is_goods || part.amount > 0) {
        groups.entry((Reverse(part.rate), part.category)).or_default().push(part);
    }
    let mut taxes = Vec::with_capacity(groups.len());
    for ((Reverse(rate), category), mut parts) in groups {
        match rounding {
            TaxRounding::Rate => {
                let amounts: Vec<i128> = parts.iter().map(|part| part.amount).collect();
                let tax = tax_of(sum(&amounts), rate, includes_tax);
                for (part, tax) in parts.iter_mut().zip(spread(tax, &amounts)) {
                    part.tax = tax;
                }
            }
            TaxRounding::Line => {
                for part in &mut parts {
                    part.tax = tax_of(part.amount, rate, includes_tax);
                }
            }
        }
        let net =
            parts.iter().fold(0, |net: i128, part| net.saturating_add(part.net(includes_tax)));
        let tax = parts.iter().fold(0, |tax: i128, part| tax.saturating_add(part.tax));
        taxes.push(TaxLine { rate, category, net: amount(net), tax: amount(tax) });
    }
    taxes
}

/// Exclusive: round(net × rate). Inclusive: gross − round(gross / (1 + rate)).
fn tax_of(amount: i128, rate: Rate, includes_tax: bool) -> i128 {
    let (rate, one) = (i128::from(rate.millionths()), i128::from(RATE_SCALE));
    if includes_tax {
        let net = divide_rounded(amount.saturating_mul(one), one.saturating_add(rate));
        amount.saturating_sub(i128::from(net))
    } else {
        i128::from(divide_rounded(amount.saturating_mul(rate), one))
    }
}

/// The tax of a charge: its own rate, else the highest of the goods. The kind of tax is that of
/// the goods with this rate.
fn charge_tax(own: Option<Rate>, lines: &[PricedLine]) -> (Rate, TaxCategory) {
    let highest = lines.iter().map(|line| line.tax_rate).max();
    let rate = own.or(highest).unwrap_or_default();
    let like = lines.iter().find(|line| line.tax_rate == rate);
    (rate, like.map_or(TaxCategory::Standard, |line| line.tax_category))
}

/// Quantity × unit price in minor units, rounded half up; above [`AMOUNT_MINOR_MAX`] where the
/// amount is more than the program accepts.
pub(crate) fn line_goods(line: &PricedLine, places: u32) -> Amount {
    let quantity = i128::from(line.quantity.to_thousandths().max(0));
    let product = quantity.saturating_mul(i128::from(line.unit_price.max(0)));
    let scale = line.price_places.saturating_add(QUANTITY_PLACES);
    let minor = if scale >= places {
        divide_rounded(product, power_of_ten(scale.saturating_sub(places)))
    } else {
        divide_rounded(product.saturating_mul(power_of_ten(places.saturating_sub(scale))), 1)
    };
    Amount(minor)
}

fn power_of_ten(exponent: u32) -> i128 {
    10_i128.saturating_pow(exponent)
}

fn discounts(input: &PriceInput, scope: DiscountScope) -> i128 {
    let of_scope = input.discounts.iter().filter(|discount| discount.scope == scope);
    of_scope.fold(0, |all: i128, discount| all.saturating_add(bounded(discount.amount)))
}

fn bounded(amount: Amount) -> i128 {
    i128::from(amount.0.clamp(0, AMOUNT_MINOR_MAX))
}

fn amount(minor: i128) -> Amount {
    Amount(i64::try_from(minor).unwrap_or(i64::MAX))
}

fn less(from: i128, what: i128) -> i128 {
    from.saturating_sub(what).max(0)
}

fn sum(amounts: &[i128]) -> i128 {
    amounts.iter().fold(0, |sum: i128, amount| sum.saturating_add(*amount))
}
