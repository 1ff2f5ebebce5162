//! Request bodies as types. Nothing is read into them (the parsers of the domain find all
//! mistakes at once); they are here for their schemas, and a test asks the parsers whether they
//! know exactly these fields.

use ordermill_domain::dunning::Unpaid;
use ordermill_domain::intake::MovementKind;
use ordermill_domain::intake::command::{Condition, Visibility};
use ordermill_domain::intake::subscription::SubscriptionPrice;
use ordermill_domain::order::{Channel, DeliveryMethod, PaymentMethod, Terms};
use ordermill_domain::price::TaxCategory;
use ordermill_views::order::ScopeWord;
use ordermill_views::subscription::{CatchUpWord, MonthEndWord, NonWorkingWord};
use ordermill_views::values::{Decimal, Moment, Units};
use schemars::JsonSchema;
use serde_json::Value;
use std::collections::BTreeMap;

/// Declares body types: all fields private and never read, unknown ones refused.
macro_rules! bodies {
    ($($(#[$about:meta])* $name:ident as $shown:tt {
        $($(#[$on:meta])* $field:ident: $kind:ty,)*
    })*) => {$(
        $(#[$about])*
        #[derive(JsonSchema)]
        #[schemars(rename = $shown, deny_unknown_fields)]
        #[allow(dead_code, reason = "only the schema is used")]
        pub(in crate::openapi) struct $name {
            $($(#[$on])* $field: $kind,)*
        }
    )*};
}

mod house;

pub(super) use house::*;

bodies! {
    /// An order as it is sent.
    OrderBody as "NewOrder" {
        /// The client's own number, unique per client.
        external_id: Option<String>,
        /// Where it comes from; the client's where left out.
        channel: Option<Channel>,
        /// Name of its lifecycle; `webshop` where left out.
        policy: Option<String>,
        /// ISO 4217.
        currency: String,
        /// Whether prices contain the tax; `true` where left out.
        prices_include_tax: Option<bool>,
        /// Who orders.
        customer: CustomerBody,
        /// Whom the invoice is for.
        billing: Option<BillingBody>,
        /// Where it goes.
        delivery: Option<DeliveryBody>,
        /// Who pays when, and with what.
        payment: Option<PaymentBody>,
        /// Everything leaves at once, or waits.
        ship_together: Option<bool>,
        /// What is wanted.
        #[schemars(length(min = 1, max = 1000))]
        lines: Vec<LineBody>,
        /// What the way there costs.
        shipping: Option<ShippingBody>,
        /// Discounts on the order or its shipping.
        discounts: Option<Vec<DiscountBody>>,
        /// Fees.
        fees: Option<Vec<FeeBody>>,
        /// The total as the client reckoned it.
        total: Option<Decimal>,
        /// The buyer's own order number.
        purchase_order: Option<String>,
        /// The contract it is under.
        contract_number: Option<String>,
        /// Kept and never interpreted.
        gift: Option<Value>,
        /// What the customer wants us to know.
        note: Option<String>,
        /// Up to 50 pairs, kept and never interpreted; one of `null` is left out.
        metadata: Option<BTreeMap<String, Option<String>>>,
    }
    /// Who orders.
    CustomerBody as "NewCustomer" {
        /// The client's own id of the customer.
        id: Option<String>,
        /// A person's name.
        name: Option<String>,
        /// A company's name.
        company: Option<String>,
        /// E-mail address.
        email: Option<String>,
        /// Telephone.
        phone: Option<String>,
        /// Language.
        locale: Option<String>,
        /// IANA time zone.
        time_zone: Option<String>,
        /// `email` or `sms`.
        preferred_channel: Option<String>,
    }
    /// Whom the invoice is for.
    BillingBody as "NewBilling" {
        /// A person's name.
        name: Option<String>,
        /// A company's name.
        company: Option<String>,
        /// The company's registration number.
        company_code: Option<String>,
        /// VAT number.
        tax_id: Option<String>,
        /// Where the invoice goes.
        address: Option<AddressBody>,
    }
    /// Where it goes.
    DeliveryBody as "NewDelivery" {
        /// How.
        method: Option<DeliveryMethod>,
        /// The wished local date.
        requested_date: Option<String>,
        /// The wished hours.
        window: Option<String>,
        /// Locker or shop.
        pickup_point: Option<String>,
        /// The door.
        address: Option<AddressBody>,
    }
    /// A postal address.
    AddressBody as "NewAddress" {
        /// Street and house.
        line1: Option<String>,
        /// Flat, floor.
        line2: Option<String>,
        /// Town.
        city: Option<String>,
        /// County, state.
        region: Option<String>,
        /// Postal code.
        postal_code: Option<String>,
        /// ISO 3166-1 alpha-2.
        country: Option<String>,
    }
    /// Who pays when, and with what.
    PaymentBody as "NewPayment" {
        /// Who pays when.
        terms: Option<Terms>,
        /// With what.
        method: Option<PaymentMethod>,
        /// References of payments that are announced.
        references: Option<Vec<String>>,
    }
    /// A line.
    LineBody as "NewLine" {
        /// Its number; counted where left out.
        line: Option<u32>,
        /// The article.
        sku: String,
        /// Name shown to people; the catalogue's where left out.
        name: Option<String>,
        /// Units wanted, above zero.
        quantity: Units,
        /// Price of a unit; the catalogue's where left out.
        unit_price: Option<Decimal>,
        /// From 0 to 1; the catalogue's where left out.
        tax_rate: Option<Decimal>,
        /// Kind of tax.
        tax_category: Option<TaxCategory>,
        /// Engraving, size …
        options: Option<Vec<OptionBody>>,
        /// Discounts on this line.
        discounts: Option<Vec<LineDiscountBody>>,
    }
    /// A choice the customer made.
    OptionBody as "NewOption" {
        /// What.
        name: String,
        /// Which.
        value: String,
    }
    /// A discount on one line.
    LineDiscountBody as "NewLineDiscount" {
        /// The coupon or rule.
        code: Option<String>,
        /// How much comes off.
        amount: Decimal,
    }
    /// What the way there costs.
    ShippingBody as "NewShipping" {
        /// How.
        method: Option<String>,
        /// How much.
        amount: Decimal,
        /// Its tax rate; that of the goods where left out.
        tax_rate: Option<Decimal>,
    }
    /// A fee.
    FeeBody as "NewFee" {
        /// What it is for.
        name: Option<String>,
        /// The same, under the name that discounts have.
        code: Option<String>,
        /// How much.
        amount: Decimal,
        /// Its tax rate; that of the goods where left out.
        tax_rate: Option<Decimal>,
    }
    /// A discount on the order or its shipping.
    DiscountBody as "NewDiscount" {
        /// The coupon or rule.
        code: Option<String>,
        /// How much comes off.
        amount: Decimal,
        /// Off what.
        scope: Option<ScopeWord>,
    }
    /// A subscription as it is sent: an order's parts and a schedule.
    SubscriptionBody as "NewSubscription" {
        /// The client's own number, unique per client.
        external_id: Option<String>,
        /// Lifecycle of its orders.
        policy: Option<String>,
        /// ISO 4217.
        currency: String,
        /// Whether prices contain the tax.
        prices_include_tax: Option<bool>,
        /// Who orders.
        customer: CustomerBody,
        /// Whom the invoice is for.
        billing: Option<BillingBody>,
        /// Where it goes.
        delivery: Option<DeliveryBody>,
        /// Who pays when, and with what.
        payment: Option<PaymentBody>,
        /// Everything leaves at once, or waits.
        ship_together: Option<bool>,
        /// What each order is of.
        lines: Vec<LineBody>,
        /// What the way there costs.
        shipping: Option<ShippingBody>,
        /// Discounts on each order or its shipping.
        discounts: Option<Vec<DiscountBody>>,
        /// Fees.
        fees: Option<Vec<FeeBody>>,
        /// The buyer's own order number.
        purchase_order: Option<String>,
        /// The contract it is under.
        contract_number: Option<String>,
        /// Kept and never interpreted.
        gift: Option<Value>,
        /// What the customer wants us to know.
        note: Option<String>,
        /// Up to 50 pairs, kept and never interpreted; one of `null` is left out.
        metadata: Option<BTreeMap<String, Option<String>>>,
        /// An RFC 5545 rule of days or coarser.
        rule: String,
        /// What happens to a day that a month does not have.
        month_end: Option<MonthEndWord>,
        /// What happens to a date that is not worked on.
        non_working: Option<NonWorkingWord>,
        /// The first local date.
        start: String,
        /// The last local date.
        until: Option<String>,
        /// How many occurrences at most.
        count: Option<u32>,
        /// The local time at which an order is made; 09:00 where left out.
        time: Option<String>,
        /// IANA zone; the customer's, then the seller's, where left out.
        time_zone: Option<String>,
        /// How many days before the occurrence its order is made.
        lead_days: Option<u16>,
        /// How many days before its order the customer is told.
        notice_days: Option<u16>,
        /// At which price.
        price: Option<SubscriptionPrice>,
        /// What is made of dates that came due while nothing ran.
        catch_up: Option<CatchUpWord>,
        /// What becomes of it when an order is not paid in the end.
        unpaid: Option<Unpaid>,
    }
    /// A product as it is put.
    ProductBody as "NewProduct" {
        /// May repeat the path's; needed in a batch.
        sku: Option<String>,
        /// Shown to people; the SKU where left out.
        name: Option<String>,
        /// Price of a unit by currency code.
        prices: Option<BTreeMap<String, Decimal>>,
        /// Its own tax rate.
        tax_rate: Option<Decimal>,
        /// Its class in a country's table of rates.
        tax_class: Option<String>,
        /// What a unit is.
        unit: Option<String>,
        /// Decimal places of its quantities, 0 to 3.
        quantity_places: Option<u32>,
        /// Sold only in multiples of this.
        packing_unit: Option<Units>,
        /// The least that an order may ask for.
        min_quantity: Option<Units>,
        /// Days until it comes, where none is there.
        lead_time_days: Option<u32>,
        /// Whether it is sold; `true` where left out.
        active: Option<bool>,
        /// What one of it is made of, where it is a bundle: its stock is that of its parts.
        #[schemars(length(max = 10))]
        parts: Option<Vec<BundlePartBody>>,
    }
    /// An article of a bundle.
    BundlePartBody as "NewBundlePart" {
        /// The article; no bundle itself.
        sku: String,
        /// Units of it in one bundle.
        quantity: Units,
    }
    /// Up to 100 orders, under either name.
    OrderBatchBody as "NewOrders" {
        /// The orders.
        #[schemars(length(min = 1, max = 100))]
        items: Option<Vec<OrderBody>>,
        /// The same.
        #[schemars(length(min = 1, max = 100))]
        orders: Option<Vec<OrderBody>>,
    }
    /// Up to 100 products, under either name.
    ProductBatchBody as "NewProducts" {
        /// The products.
        #[schemars(length(min = 1, max = 100))]
        items: Option<Vec<ProductBody>>,
        /// The same.
        #[schemars(length(min = 1, max = 100))]
        products: Option<Vec<ProductBody>>,
    }
    /// Up to 50 changes of stock, all or nothing.
    MovementsBody as "NewMovements" {
        /// The movements, in their order.
        #[schemars(length(min = 1, max = 50))]
        movements: Vec<MovementBody>,
    }
    /// One change of stock.
    MovementBody as "NewMovement" {
        /// The article.
        sku: String,
        /// Where; a first movement makes it.
        warehouse: String,
        /// Why.
        #[schemars(rename = "type")]
        kind: MovementKind,
        /// Above zero; `count` is what is there, `adjust` may be below zero; `safety_stock` and `keep`
        /// say how much it is from now on.
        quantity: Units,
        /// In words.
        reason: Option<String>,
        /// Where to, of a `transfer`.
        to: Option<String>,
        /// For which group of customers, of `keep`.
        demand_class: Option<String>,
    }
    /// Some units of one line; without `quantity` all that remain.
    LineQuantityBody as "LineQuantity" {
        /// The line's number.
        line: u32,
        /// How many, above zero.
        quantity: Option<Units>,
    }
    /// Nobody wants it, or these units of it, any more.
    CancelBody as "Cancel" {
        /// Reason code or sentence.
        reason: Option<String>,
        /// For people.
        note: Option<String>,
        /// Which units; all where left out.
        lines: Option<Vec<LineQuantityBody>>,
    }
    /// It goes on.
    NoteBody as "Note" {
        /// For people.
        note: Option<String>,
    }
    /// It is refused.
    RejectBody as "Reject" {
        /// Why.
        reason: String,
    }
    /// A named stop.
    NamedBody as "HoldName" {
        /// The name it is lifted by.
        name: String,
        /// Why.
        reason: Option<String>,
    }
    /// Who looks after it.
    AssignUserBody as "Assignee" {
        /// The user's id.
        user: String,
    }
    /// What somebody writes.
    CommentBody as "NewComment" {
        /// What.
        text: String,
        /// For whom; `internal` where left out.
        visibility: Option<Visibility>,
    }
    /// What was laid into boxes.
    PickBody as "Pick" {
        /// Which units; all that are held where left out.
        lines: Option<Vec<LineQuantityBody>>,
        /// Which were not found.
        short: Option<Vec<ShortBody>>,
    }
    /// How far the making is.
    ProgressBody as "Progress" {
        /// Through which step; the last one, so everything, where left out.
        step: Option<String>,
        /// How far which lines are; all of every line where left out.
        lines: Option<Vec<LineProgressBody>>,
        /// For people.
        note: Option<String>,
    }
    /// How far a line is.
    LineProgressBody as "LineProgress" {
        /// The line's number.
        line: u32,
        /// How many of its units are through the step now, not how many were added; all where left out.
        done: Option<Units>,
    }
    /// Units that were not found.
    ShortBody as "ShortLine" {
        /// The line's number.
        line: u32,
        /// How many.
        quantity: Units,
        /// Why.
        reason: Option<String>,
        /// Which article; needed of a bundle, whose other parts go back into sale.
        sku: Option<String>,
        /// What is wrong with them, where they are there: the customer may take them as they are.
        defect: Option<String>,
        /// The article that can be sent in their place, at the same price.
        substitute: Option<String>,
    }
    /// What leaves, and with whom.
    ShipBody as "Ship" {
        /// Who carries it.
        carrier: Option<String>,
        /// Tracking number.
        tracking: Option<String>,
        /// Which units; all that are held where left out.
        lines: Option<Vec<LineQuantityBody>>,
        /// When the carrier expects to hand it over.
        expected_at: Option<Moment>,
    }
    /// What was handed over.
    DeliverBody as "Deliver" {
        /// Which shipment; all under way where left out.
        shipment: Option<u32>,
        /// Money taken at the door.
        collected: Option<CollectedBody>,
    }
    /// Money taken at the door.
    CollectedBody as "Collected" {
        /// How much, in the order's currency.
        amount: Decimal,
        /// How it was paid.
        method: Option<PaymentMethod>,
    }
    /// What came back.
    ReturnBody as "Return" {
        /// Which units; all that left where left out.
        lines: Option<Vec<ReturnLineBody>>,
        /// Why.
        reason: Option<String>,
        /// The customer did not take the parcel.
        refused_at_door: Option<bool>,
    }
    /// Units of one line that came back.
    ReturnLineBody as "ReturnLine" {
        /// The line's number.
        line: u32,
        /// How many; all that are with the customer where left out.
        quantity: Option<Units>,
        /// What becomes of them.
        condition: Condition,
        /// Where they lie now; where they left from where left out.
        warehouse: Option<String>,
    }
    /// Money entered by hand.
    PayBody as "Pay" {
        /// How much, above zero. An empty body means all that is open.
        amount: Option<Decimal>,
        /// ISO 4217.
        currency: Option<String>,
        /// What names the payment: a statement's line, a receipt.
        reference: Option<String>,
        /// How it was paid.
        method: Option<PaymentMethod>,
    }
    /// Money that goes back: with `reference` it is done, without it is owed from now on.
    RefundBody as "Refund" {
        /// How much, above zero; all that can be where left out.
        amount: Option<Decimal>,
        /// Why.
        reason: Option<String>,
        /// Which units it is for.
        lines: Option<Vec<LineQuantityBody>>,
        /// What names the transfer.
        reference: Option<String>,
    }
    /// Which date is skipped.
    SkipBody as "Skip" {
        /// The local date; the next one where left out.
        date: Option<String>,
    }
    /// Until when it pauses.
    PauseBody as "Pause" {
        /// It goes on by itself with the first date not before this.
        until: Option<String>,
    }
    /// What changes of the coming orders; `null` takes a part away.
    ChangeBody as "ChangeSubscription" {
        /// Who orders.
        customer: Option<CustomerBody>,
        /// Whom the invoice is for.
        billing: Option<BillingBody>,
        /// Where it goes.
        delivery: Option<DeliveryBody>,
        /// Who pays when, and with what.
        payment: Option<PaymentBody>,
        /// Everything leaves at once, or waits.
        ship_together: Option<bool>,
        /// What each order is of.
        lines: Option<Vec<LineBody>>,
        /// What the way there costs.
        shipping: Option<ShippingBody>,
        /// Discounts on each order or its shipping.
        discounts: Option<Vec<DiscountBody>>,
        /// Fees.
        fees: Option<Vec<FeeBody>>,
        /// The buyer's own order number.
        purchase_order: Option<String>,
        /// What the customer wants us to know.
        note: Option<String>,
        /// For the next order alone; the later ones are as before.
        only_next: Option<bool>,
    }
    /// Nothing is to be said.
    NothingBody as "Nothing" {}
    /// Nothing more.
    ResumeBody as "Resume" {}
    /// How it ends.
    EndBody as "CancelSubscription" {
        /// The coming order is still made.
        at_period_end: Option<bool>,
        /// Why.
        reason: Option<String>,
    }
}
