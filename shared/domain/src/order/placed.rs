//! What the customer said when ordering: the snapshot an order keeps. **The only personal data
//! of an order**; `Debug` shows none of it, erasure rewrites it and nothing else.

use super::question::Proposal;
use crate::money::{Amount, Rate};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Everything an order says that no rule changes.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Placed {
    /// Who orders.
    pub customer: Customer,
    /// Whom the invoice is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<Billing>,
    /// Where it goes.
    pub delivery: Delivery,
    /// What the way there costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Charge>,
    /// Discounts on the order or its shipping.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<Discount>,
    /// Fees.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fees: Vec<Charge>,
    /// The buyer's own order number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<String>,
    /// The contract this order is under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_number: Option<String>,
    /// A gift's card text and the like, kept and never interpreted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gift: Option<serde_json::Value>,
    /// What the customer wants us to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Kept and never interpreted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// What people wrote about the order, oldest first, at most [`COMMENTS_MAX`].
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comments: Vec<Comment>,
    /// An edit that waits for the customer's yes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<Box<Proposal>>,
    /// Since when nothing here tells who the customer was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
}

impl Placed {
    /// What stays when the customer is erased: money, what it was for, the country (its tax depends
    /// on it), the wished day and the language. Every field is named, so that a new one must be
    /// thought about.
    #[must_use]
    pub fn erased(&self, at: Timestamp) -> Self {
        let Self {
            customer,
            billing,
            delivery,
            shipping,
            discounts,
            fees,
            purchase_order: _,
            contract_number: _,
            gift: _,
            note: _,
            metadata: _,
            comments: _,
            proposal: _,
            erased_at: _,
        } = self;
        let country_of = |address: &Option<Address>| {
            let country = address.as_ref()?.country.clone();
            Some(Address { country, ..Address::default() })
        };
        Self {
            customer: Customer { locale: customer.locale.clone(), ..Customer::default() },
            billing: billing.as_ref().map(|billing| Billing {
                address: country_of(&billing.address),
                ..Billing::default()
            }),
            delivery: Delivery {
                requested_date: delivery.requested_date.clone(),
                address: country_of(&delivery.address),
                ..Delivery::default()
            },
            shipping: shipping.clone(),
            discounts: discounts.clone(),
            fees: fees.clone(),
            purchase_order: None,
            contract_number: None,
            gift: None,
            note: None,
            metadata: BTreeMap::new(),
            comments: Vec::new(),
            proposal: None,
            erased_at: Some(at),
        }
    }
}

/// How many comments an order keeps.
pub const COMMENTS_MAX: usize = 200;

/// Something a person wrote about an order.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comment {
    /// The event it came with.
    pub version: u64,
    /// Who wrote it.
    pub author: String,
    /// Whether the customer may read it.
    pub for_customer: bool,
    /// What it says.
    pub text: String,
}

impl fmt::Debug for Placed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Placed { … }")
    }
}

/// Who orders.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Customer {
    /// The client's own id of the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// A person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A company's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// E-mail address as given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone as given, or E.164 once validated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Language, like `lt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// IANA time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// `email` or `sms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_channel: Option<String>,
}

/// Whom the invoice is for.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Billing {
    /// A person's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A company's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company: Option<String>,
    /// The company's registration number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_code: Option<String>,
    /// VAT number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
    /// Where the invoice goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// Where the goods go.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Delivery {
    /// The wished day, as a local date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub requested_date: Option<String>,
    /// The wished hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<String>,
    /// Locker or shop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pickup_point: Option<String>,
    /// The door.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
}

/// A postal address.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Address {
    /// Street and house.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line1: Option<String>,
    /// Flat, floor.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line2: Option<String>,
    /// Town.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// County, state.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// ISO 3166-1 alpha-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// Shipping or a fee, with its own tax.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Charge {
    /// `courier`, or what the fee is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How much.
    pub amount: Amount,
    /// Its tax rate; none means the rate of the goods (the highest on the order).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<Rate>,
}

/// What a discount applies to.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DiscountScope {
    /// All goods, spread by value.
    #[default]
    Order,
    /// The shipping.
    Shipping,
}

/// A discount on the order or its shipping.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Discount {
    /// The coupon or rule.
    pub code: String,
    /// How much comes off.
    pub amount: Amount,
    /// Off what.
    pub scope: DiscountScope,
}
