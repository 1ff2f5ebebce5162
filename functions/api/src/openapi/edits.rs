//! The bodies of `edit` and `split`, as types for their schemas.

use super::bodies::{
    BillingBody, CustomerBody, DeliveryBody, DiscountBody, LineDiscountBody, LineQuantityBody,
    OptionBody, ShippingBody,
};
use ordermill_domain::intake::command::SplitBy;
use ordermill_domain::intake::edit::Approval;
use ordermill_domain::order::question::Said;
use ordermill_domain::order::{PaymentMethod, Terms};
use ordermill_domain::price::TaxCategory;
use ordermill_views::values::{Decimal, Units};
use schemars::JsonSchema;

/// What is to be different about an order; what is left out stays.
#[derive(JsonSchema)]
#[schemars(rename = "Edit", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
pub(super) struct EditBody {
    /// Only tell what would come of it.
    dry_run: Option<bool>,
    /// Whether the customer must say yes first; where left out, the policy says it.
    approval: Option<Approval>,
    /// Why; the customer who is asked reads it.
    reason: Option<String>,
    /// Lines, each once.
    lines: Option<Vec<EditLineBody>>,
    /// Fields that are given replace those of the order; not `id`.
    customer: Option<CustomerBody>,
    /// Replaces the whole.
    billing: Option<BillingBody>,
    /// Fields that are given replace those of the order; the address as a whole.
    delivery: Option<DeliveryBody>,
    /// Who pays when, and with what.
    payment: Option<EditPaymentBody>,
    /// Everything leaves at once, or waits.
    ship_together: Option<bool>,
    /// What the way there costs.
    shipping: Option<ShippingBody>,
    /// Replaces all discounts on the order and its shipping.
    discounts: Option<Vec<DiscountBody>>,
    /// The buyer's own order number.
    purchase_order: Option<String>,
    /// The contract it is under.
    contract_number: Option<String>,
    /// What the customer wants us to know.
    note: Option<String>,
    /// The total as the client reckons it now.
    total: Option<Decimal>,
}

/// `line` changes or removes one, `sku` adds one, `copy_of` copies one.
#[derive(JsonSchema)]
#[schemars(rename = "LineEdit", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
struct EditLineBody {
    /// Number of the line that is changed or removed.
    line: Option<u32>,
    /// Nobody wants the line any more.
    remove: Option<bool>,
    /// Number of the line that is copied; the copy arrives with quantity 0.
    copy_of: Option<u32>,
    /// Article of a line that is added.
    sku: Option<String>,
    /// Name of an added line.
    name: Option<String>,
    /// Units wanted from now on.
    quantity: Option<Units>,
    /// Price of a unit; needs the right `set_prices`.
    unit_price: Option<Decimal>,
    /// Tax rate; needs the right `set_prices`.
    tax_rate: Option<Decimal>,
    /// Kind of tax of an added line.
    tax_category: Option<TaxCategory>,
    /// Options of an added line.
    options: Option<Vec<OptionBody>>,
    /// Discounts on an added line; they need the right `set_prices`.
    discounts: Option<Vec<LineDiscountBody>>,
}

/// What a customer says: the same to everything, or to each item by itself.
#[derive(JsonSchema)]
#[schemars(rename = "Answer", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
pub(super) struct AnswerBody {
    /// To everything that `items` does not name.
    answer: Option<Said>,
    /// To each by itself.
    items: Option<Vec<AnswerItemBody>>,
    /// What the customer wants to say with it.
    comment: Option<String>,
}

/// What is said to one item.
#[derive(JsonSchema)]
#[schemars(rename = "AnswerItem", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
pub(super) struct AnswerItemBody {
    /// Its name.
    item: String,
    /// What is said to it.
    answer: Said,
}

/// Who pays when, and with what.
#[derive(JsonSchema)]
#[schemars(rename = "EditPayment", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
struct EditPaymentBody {
    /// Who pays when.
    terms: Option<Terms>,
    /// With what.
    method: Option<PaymentMethod>,
}

/// Which units become an order of their own: `lines`, or `by`.
#[derive(JsonSchema)]
#[schemars(rename = "Split", deny_unknown_fields)]
#[expect(dead_code, reason = "only the schema is used")]
pub(super) struct SplitBody {
    /// `stock`: what is there stays, what is to come goes; `warehouse`: what is held there goes.
    by: Option<SplitBy>,
    /// Which warehouse.
    warehouse: Option<String>,
    /// Which units.
    lines: Option<Vec<LineQuantityBody>>,
    /// The part's own wished day.
    requested_date: Option<String>,
    /// Who looks after the part.
    responsible: Option<String>,
    /// Why.
    reason: Option<String>,
}
