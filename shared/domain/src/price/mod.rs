//! Prices, tax, totals (`spec/domain.md`, "Prices, tax, totals").
//!
//! `totals.rs` reckons, `divide.rs` divides an order's totals between its parts, `spread.rs`
//! divides an amount so that no cent is lost, `of_order.rs` does it for an order, `list.rs` says
//! what the catalogue says to this order. Everything is in minor units; nothing is a float.

mod divide;
pub mod list;
mod of_order;
mod spread;
#[cfg(test)]
mod tests;
mod totals;

pub use divide::{Parted, PartedLine, divide};
pub use of_order::{price_input, reckon_kept, reckon_order, reckon_remaining};
pub use spread::spread;
pub(crate) use totals::line_goods;
pub use totals::{
    PriceInput, PricedCharge, PricedDiscount, PricedLine, Reckoning, Share, TaxRounding, reckon,
};

use crate::money::Amount;
use crate::order::TaxLine;
use serde::{Deserialize, Serialize};

/// Kind of tax.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Default,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum TaxCategory {
    /// The usual rate or a reduced one.
    #[default]
    Standard,
    /// Zero-rated.
    Zero,
    /// Exempt.
    Exempt,
    /// The buyer pays it; needs a VAT id.
    ReverseCharge,
    /// Leaves the tax territory.
    Export,
}

/// An order's totals. **Invariant:** `net + tax = gross`, and `goods − discount + shipping +
/// fees` is `gross` where prices include tax, `net` where they do not; `taxes` add up to both.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Quantity × unit price, rounded per line, added up.
    pub goods: Amount,
    /// All discounts.
    pub discount: Amount,
    /// Shipping before its discounts.
    pub shipping: Amount,
    /// Fees.
    pub fees: Amount,
    /// Without tax.
    pub net: Amount,
    /// Tax.
    pub tax: Amount,
    /// What the customer pays.
    pub gross: Amount,
    /// By rate and category.
    pub taxes: Vec<TaxLine>,
}
