//! One order, as `GET /v1/orders/{id}` shows it. `build.rs` fills it in.

mod build;
mod check;

pub use check::{AvailabilityView, CheckView, check_view};

use crate::Audience;
use crate::task::JeopardyView;
use crate::values::{Decimal, Moment, Units};
use ordermill_domain::order::placed::DiscountScope;
use ordermill_domain::order::question::{About, Silence};
use ordermill_domain::order::{
    BundlePart, Channel, DeliveryMethod, Fulfilment, Order, PaymentFacet, PaymentMethod, Terms,
};
use ordermill_domain::policy::{Phase, Policy, StatusKey};
use ordermill_domain::price::TaxCategory;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An order as the API shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Order")]
pub struct OrderView {
    /// Opaque.
    pub id: String,
    /// The number people read out.
    pub number: String,
    /// The client's own number.
    pub external_id: Option<String>,
    /// Grows by one with each event; the `ETag`.
    pub version: u64,
    /// Who sent it.
    pub client: String,
    /// Where it stands, by its policy.
    pub status: StatusKey,
    /// What that is about.
    pub phase: Phase,
    /// Since when.
    pub status_since: Moment,
    /// The earliest moment at which something of it is due; `null` when nothing is owed.
    pub due_at: Option<Moment>,
    /// Named stops.
    pub holds: Vec<HoldView>,
    /// What validation found and nobody has overridden.
    pub reasons: Vec<ReasonView>,
    /// Codes of reasons that a person has overridden.
    pub overridden: Vec<String>,
    /// What needs a person.
    pub exceptions: Vec<ExceptionView>,
    /// Where it came from.
    pub channel: Channel,
    /// The lifecycle it follows.
    pub policy: String,
    /// The version of that lifecycle; it stays.
    pub policy_version: u32,
    /// The currency of every amount in it.
    pub currency: String,
    /// Whether prices contain the tax.
    pub prices_include_tax: bool,
    /// Everything leaves at once, or waits.
    pub ship_together: bool,
    /// Who orders.
    pub customer: CustomerView,
    /// Whom the invoice is for.
    pub billing: BillingView,
    /// Where it goes.
    pub delivery: DeliveryView,
    /// The order it was split off from.
    pub part_of: Option<String>,
    /// The orders that were split off from it, oldest first.
    pub parts: Vec<String>,
    /// Who looks after it.
    pub responsible: Option<String>,
    /// What is wanted, and where each unit stands.
    pub lines: Vec<LineView>,
    /// What the way there costs.
    pub shipping: Option<ShippingView>,
    /// Discounts on the order or its shipping.
    pub discounts: Vec<DiscountView>,
    /// Fees.
    pub fees: Vec<FeeView>,
    /// Our reckoning.
    pub totals: TotalsView,
    /// The total the client reckoned, where it said one.
    pub stated_total: Option<Decimal>,
    /// Money.
    pub payment: PaymentView,
    /// How much has left the house.
    pub fulfilment: Fulfilment,
    /// When each step of its making must begin and end, the first one first; empty where nothing is made.
    pub production: Vec<ProductionStepView>,
    /// What has left.
    pub shipments: Vec<ShipmentView>,
    /// The subscription it comes from.
    pub subscription: Option<SubscriptionRefView>,
    /// The buyer's own order number.
    pub purchase_order: Option<String>,
    /// The contract it is under.
    pub contract_number: Option<String>,
    /// As it was sent.
    pub gift: Option<Value>,
    /// What the customer wants us to know.
    pub note: Option<String>,
    /// As it was sent, never interpreted.
    pub metadata: BTreeMap<String, String>,
    /// What people wrote about it, as far as the caller may read it.
    pub comments: Vec<CommentView>,
    /// What the customer is asked just now; `null` where nothing is.
    pub question: Option<QuestionView>,
    /// Where the customer follows it.
    pub tracking_url: String,
    /// When it was taken in.
    pub created_at: Moment,
    /// When its last event happened.
    pub updated_at: Moment,
    /// Since when nothing in it tells who ordered; `null` while it does.
    pub erased_at: Option<Moment>,
    /// How close it is to missing its limit or promise; in lists by `sort=jeopardy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jeopardy: Option<JeopardyView>,
}

/// What the customer is asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Question")]
pub struct QuestionView {
    /// The version it was asked with.
    pub number: u64,
    /// What it is about.
    pub about: About,
    /// What answers name each item by.
    pub items: Vec<String>,
    /// What silence means.
    pub silence: Silence,
    /// Since when.
    pub asked_at: Moment,
    /// Until when.
    pub due_at: Moment,
    /// The page on which the customer answers.
    pub url: String,
}

/// A named stop.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Hold")]
pub struct HoldView {
    /// The name it is lifted by.
    pub name: String,
    /// The line it is about, or the whole order.
    pub line: Option<u32>,
    /// Why.
    pub reason: Option<String>,
    /// Since when.
    pub since: Moment,
    /// When a person is reminded of it next.
    pub due_at: Moment,
}

/// Something validation found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Reason")]
pub struct ReasonView {
    /// Stable code.
    pub code: String,
    /// JSON pointer into the order, where one field is meant.
    pub pointer: Option<String>,
    /// A sentence for people.
    pub detail: String,
    /// What would mend it.
    pub suggestion: Option<String>,
}

/// Something that needs a person.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Exception")]
pub struct ExceptionView {
    /// Stable code.
    pub code: String,
    /// What it is about.
    pub about: Option<String>,
    /// A sentence for people.
    pub detail: String,
    /// Since when.
    pub since: Moment,
    /// When a person is reminded of it next.
    pub due_at: Moment,
}

/// Who orders.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Customer")]
pub struct CustomerView {
    /// The customer's card; one per customer of a client.
    pub card: Option<String>,
    /// The client's own id of the customer.
    pub id: Option<String>,
    /// A person's name.
    pub name: Option<String>,
    /// A company's name.
    pub company: Option<String>,
    /// E-mail address.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Language.
    pub locale: Option<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// `email` or `sms`.
    pub preferred_channel: Option<String>,
}

/// Whom the invoice is for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Billing")]
pub struct BillingView {
    /// A person's name.
    pub name: Option<String>,
    /// A company's name.
    pub company: Option<String>,
    /// The company's registration number.
    pub company_code: Option<String>,
    /// VAT number.
    pub tax_id: Option<String>,
    /// Where the invoice goes.
    pub address: Option<AddressView>,
}

/// Where the goods go.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Delivery")]
pub struct DeliveryView {
    /// How.
    pub method: Option<DeliveryMethod>,
    /// The wished local date.
    pub requested_date: Option<String>,
    /// The wished hours.
    pub window: Option<String>,
    /// Locker or shop.
    pub pickup_point: Option<String>,
    /// The door.
    pub address: Option<AddressView>,
}

/// A postal address.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Address")]
pub struct AddressView {
    /// Street and house.
    pub line1: Option<String>,
    /// Flat, floor.
    pub line2: Option<String>,
    /// Town.
    pub city: Option<String>,
    /// County, state.
    pub region: Option<String>,
    /// Postal code.
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    pub country: Option<String>,
}

/// A line: what is wanted, and where each unit of it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Line")]
pub struct LineView {
    /// Its number.
    pub line: u32,
    /// The article.
    pub sku: String,
    /// Name shown to people.
    pub name: Option<String>,
    /// Units wanted.
    pub quantity: Units,
    /// Price of a unit; `null` until the catalogue's is found.
    pub unit_price: Option<Decimal>,
    /// Tax rate.
    pub tax_rate: Option<Decimal>,
    /// Kind of tax.
    pub tax_category: TaxCategory,
    /// Total after the line's own discounts.
    pub total: Decimal,
    /// Engraving, size …
    pub options: Vec<OptionView>,
    /// Discounts on this line.
    pub discounts: Vec<LineDiscountView>,
    /// Units held now, by warehouse.
    pub allocations: Vec<AllocationView>,
    /// Units that wait for stock.
    pub backordered: Units,
    /// Units lying ready in boxes.
    pub picked: Units,
    /// Units that have left.
    pub shipped: Units,
    /// Units that came back.
    pub returned: Units,
    /// Units nobody wants any more.
    pub cancelled: Units,
    /// Units that are through each step of its making.
    pub made: BTreeMap<String, Units>,
    /// What a unit is made of, where it is a bundle.
    pub parts: Vec<BundlePartView>,
}

/// A step in which the goods are made.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ProductionStep")]
pub struct ProductionStepView {
    /// Its stable name.
    pub step: String,
    /// What people see, by language.
    pub label: BTreeMap<String, String>,
    /// Who does it.
    pub department: Option<String>,
    /// The last moment to begin; `null` where no delivery date is wished.
    pub starts_at: Option<Moment>,
    /// When it must be done; `null` where no delivery date is wished.
    pub ends_at: Option<Moment>,
    /// Everything is through it.
    pub done: bool,
}

/// An article of a bundle.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "BundlePart")]
pub struct BundlePartView {
    /// The article.
    pub sku: String,
    /// Units of it in one bundle.
    pub quantity: Units,
}

impl From<&BundlePart> for BundlePartView {
    fn from(part: &BundlePart) -> Self {
        Self { sku: part.sku.clone(), quantity: part.quantity.into() }
    }
}

/// A choice the customer made.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LineOption")]
pub struct OptionView {
    /// What.
    pub name: String,
    /// Which.
    pub value: String,
}

/// A discount on one line.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "LineDiscount")]
pub struct LineDiscountView {
    /// The coupon or rule.
    pub code: String,
    /// How much comes off.
    pub amount: Decimal,
}

/// Units held at one warehouse.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Allocation")]
pub struct AllocationView {
    /// The warehouse.
    pub warehouse: String,
    /// Units held there.
    pub quantity: Units,
}

/// What the way there costs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Shipping")]
pub struct ShippingView {
    /// How.
    pub method: Option<String>,
    /// How much.
    pub amount: Decimal,
    /// Its tax rate; `null` means that of the goods.
    pub tax_rate: Option<Decimal>,
}

/// A fee.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Fee")]
pub struct FeeView {
    /// What it is for.
    pub name: Option<String>,
    /// How much.
    pub amount: Decimal,
    /// Its tax rate; `null` means that of the goods.
    pub tax_rate: Option<Decimal>,
}

/// A discount on the order or its shipping.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Discount")]
pub struct DiscountView {
    /// The coupon or rule.
    pub code: String,
    /// How much comes off.
    pub amount: Decimal,
    /// `order` or `shipping`.
    #[schemars(with = "ScopeWord")]
    pub scope: DiscountScope,
}

/// What a discount applies to; only for its schema, the value is the domain's own.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "DiscountScope")]
pub enum ScopeWord {
    /// All goods, spread by value.
    Order,
    /// The shipping.
    Shipping,
}

/// Totals; the parts always add up.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Totals")]
pub struct TotalsView {
    /// Quantity × unit price, added up.
    pub goods: Decimal,
    /// All discounts.
    pub discount: Decimal,
    /// Shipping before its discounts.
    pub shipping: Decimal,
    /// Fees.
    pub fees: Decimal,
    /// Without tax.
    pub net: Decimal,
    /// Tax.
    pub tax: Decimal,
    /// What the customer pays.
    pub gross: Decimal,
    /// By rate and category.
    pub taxes: Vec<TaxView>,
}

/// A tax rate and what it was applied to.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Tax")]
pub struct TaxView {
    /// The rate.
    pub rate: Decimal,
    /// Its kind.
    pub category: TaxCategory,
    /// Without the tax.
    pub net: Decimal,
    /// The tax.
    pub tax: Decimal,
}

/// The money of an order.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "OrderPayment")]
pub struct PaymentView {
    /// Who pays when.
    pub terms: Option<Terms>,
    /// With what.
    pub method: Option<PaymentMethod>,
    /// In one word.
    pub status: PaymentFacet,
    /// Received in all.
    pub paid: Decimal,
    /// Still to be paid.
    pub open: Decimal,
    /// Of that, what the customer is asked for next: the deposit first, where one was agreed.
    pub asked: Decimal,
    /// What was agreed to be paid first; `null` where the terms are no deposit.
    pub deposit: Option<DepositView>,
    /// To be given back.
    pub refund_owed: Decimal,
    /// Given back.
    pub refunded: Decimal,
    /// Where the customer pays; `null` where nothing is open or the seller has no link.
    pub pay_url: Option<String>,
    /// References the client announced.
    pub references: Vec<String>,
    /// One entry per money object.
    pub payments: Vec<MoneyObjectView>,
    /// Payments that were tried, the last ones.
    pub attempts: Vec<AttemptView>,
}

/// What is paid first.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Deposit")]
pub struct DepositView {
    /// So much of the total.
    pub percent: u8,
    /// What that comes to.
    pub amount: Decimal,
    /// It has come.
    pub paid: bool,
}

/// One money object: a card payment, a transfer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Payment")]
pub struct MoneyObjectView {
    /// `stripe`, `generic` or `manual`.
    pub provider: String,
    /// The provider's name of it.
    pub reference: String,
    /// Received in all.
    pub amount: Decimal,
    /// Given back in all.
    pub refunded: Decimal,
    /// In dispute now.
    pub disputed: Decimal,
    /// How it was paid.
    pub method: Option<String>,
    /// When the first of it was received.
    pub received_at: Moment,
}

/// A payment that was tried.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Attempt")]
pub struct AttemptView {
    /// `stripe` or `generic`.
    pub provider: String,
    /// The provider's name of the money object.
    pub reference: String,
    /// `failed`, `cancelled` or `authorised`.
    pub outcome: String,
    /// The provider's code.
    pub code: Option<String>,
    /// When we heard of it.
    pub at: Moment,
}

/// A part of the order that left together.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Shipment")]
pub struct ShipmentView {
    /// 1, 2, 3 …
    pub shipment: u32,
    /// Carrier.
    pub carrier: Option<String>,
    /// Tracking number.
    pub tracking: Option<String>,
    /// What was in it.
    pub lines: Vec<ShipmentLineView>,
    /// When it left.
    pub shipped_at: Moment,
    /// When the carrier expects to hand it over.
    pub expected_at: Option<Moment>,
    /// When it was handed over.
    pub delivered_at: Option<Moment>,
}

/// Units of a line that left from one warehouse.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ShipmentLine")]
pub struct ShipmentLineView {
    /// Line number.
    pub line: u32,
    /// Where from.
    pub warehouse: String,
    /// How many.
    pub quantity: Units,
}

/// The subscription an order comes from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SubscriptionRef")]
pub struct SubscriptionRefView {
    /// The subscription.
    pub id: String,
    /// The local date of the occurrence.
    pub occurrence: String,
}

/// What somebody wrote about an order.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Comment")]
pub struct CommentView {
    /// The event it came with.
    pub version: u64,
    /// Who wrote it.
    pub author: String,
    /// `internal` or `customer`.
    pub visibility: String,
    /// What it says.
    pub text: String,
}

/// The order as JSON, in the shape of `spec/api.md`.
#[must_use]
pub fn order_view(order: &Order, policy: &Policy, audience: Audience<'_>) -> Value {
    // A view holds nothing that JSON cannot.
    serde_json::to_value(OrderView::new(order, policy, audience)).unwrap_or_default()
}
