//! What orders and subscriptions share: customer, billing, delivery, payment, charges and the
//! free fields. The lines are in `lines.rs`.

use super::limits::*;
use super::reader::{Field, Object};
use super::text::{Lines, fault};
use super::values::Zero;
use crate::money::{Amount, Currency};
use crate::order::placed::{
    Address, Billing, Charge, Customer, Delivery, Discount, DiscountScope, Placed,
};
use crate::order::{DeliveryMethod, PaymentMethod, Terms};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// The part of `payment` that an order says.
#[derive(Debug, Default)]
pub(super) struct Payment {
    pub(super) terms: Option<Terms>,
    pub(super) method: Option<PaymentMethod>,
    pub(super) references: Vec<String>,
}

/// Channels by which a customer may wish to hear from us.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum PreferredChannel {
    Email,
    Sms,
}

/// What the customer said, and the delivery method, which stands in the order's header.
pub(super) fn placed(
    body: &Object<'_, '_>,
    currency: Option<Currency>,
) -> (Placed, Option<DeliveryMethod>) {
    let customer = customer(&body.field("customer").required("say who orders."));
    let billing = billing(&body.field("billing"));
    let (delivery, method) = delivery(&body.field("delivery"));
    let placed = Placed {
        comments: Vec::new(),
        proposal: None,
        erased_at: None,
        customer,
        billing,
        delivery,
        shipping: charge(&body.field("shipping"), "method", currency),
        discounts: discounts(&body.field("discounts"), currency),
        fees: fees(&body.field("fees"), currency),
        purchase_order: body.field("purchase_order").text(CODE_CHARACTERS_MAX),
        contract_number: body.field("contract_number").text(CODE_CHARACTERS_MAX),
        gift: gift(&body.field("gift")),
        note: body.field("note").long_text(NOTE_CHARACTERS_MAX),
        metadata: metadata(&body.field("metadata")),
    };
    (placed, method)
}

pub(super) fn customer(field: &Field<'_, '_>) -> Customer {
    let known =
        ["id", "name", "company", "email", "phone", "locale", "time_zone", "preferred_channel"];
    let Some(customer) = field.object(&known) else { return Customer::default() };
    Customer {
        id: customer.field("id").text(EXTERNAL_ID_CHARACTERS_MAX),
        name: customer.field("name").text(NAME_CHARACTERS_MAX),
        company: customer.field("company").text(NAME_CHARACTERS_MAX),
        email: customer.field("email").text(EMAIL_CHARACTERS_MAX),
        phone: customer.field("phone").text(PHONE_CHARACTERS_MAX),
        locale: customer.field("locale").text(LOCALE_CHARACTERS_MAX),
        time_zone: customer.field("time_zone").time_zone(),
        preferred_channel: customer.field("preferred_channel").choice().map(
            |channel| match channel {
                PreferredChannel::Email => "email".to_owned(),
                PreferredChannel::Sms => "sms".to_owned(),
            },
        ),
    }
}

pub(super) fn billing(field: &Field<'_, '_>) -> Option<Billing> {
    let billing = field.object(&["name", "company", "company_code", "tax_id", "address"])?;
    let billing = Billing {
        name: billing.field("name").text(NAME_CHARACTERS_MAX),
        company: billing.field("company").text(NAME_CHARACTERS_MAX),
        company_code: billing.field("company_code").text(CODE_CHARACTERS_MAX),
        tax_id: billing.field("tax_id").text(CODE_CHARACTERS_MAX),
        address: address(&billing.field("address")),
    };
    (billing != Billing::default()).then_some(billing)
}

pub(super) fn delivery(field: &Field<'_, '_>) -> (Delivery, Option<DeliveryMethod>) {
    let known = ["method", "requested_date", "window", "pickup_point", "address"];
    let Some(delivery) = field.object(&known) else { return (Delivery::default(), None) };
    let method = delivery.field("method").choice();
    let kept = Delivery {
        requested_date: delivery.field("requested_date").date().map(|date| date.to_string()),
        window: delivery.field("window").text(SENTENCE_CHARACTERS_MAX),
        pickup_point: delivery.field("pickup_point").text(NAME_CHARACTERS_MAX),
        address: address(&delivery.field("address")),
    };
    (kept, method)
}

impl Field<'_, '_> {
    /// A postal address; none where nothing is in it.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        address(self)
    }
}

fn address(field: &Field<'_, '_>) -> Option<Address> {
    let address = field.object(&["line1", "line2", "city", "region", "postal_code", "country"])?;
    let address = Address {
        line1: address.field("line1").text(ADDRESS_CHARACTERS_MAX),
        line2: address.field("line2").text(ADDRESS_CHARACTERS_MAX),
        city: address.field("city").text(ADDRESS_CHARACTERS_MAX),
        region: address.field("region").text(ADDRESS_CHARACTERS_MAX),
        postal_code: address.field("postal_code").text(POSTAL_CODE_CHARACTERS_MAX),
        country: address.field("country").country(),
    };
    (address != Address::default()).then_some(address)
}

pub(super) fn payment(field: &Field<'_, '_>) -> Payment {
    let Some(payment) = field.object(&["terms", "method", "references"]) else {
        return Payment::default();
    };
    let reference = |field: Field<'_, '_>| {
        field.required("write the provider's reference.").text(REFERENCE_CHARACTERS_MAX)
    };
    Payment {
        terms: payment.field("terms").choice(),
        method: payment.field("method").choice(),
        references: payment
            .field("references")
            .list(REFERENCES_MAX)
            .into_iter()
            .filter_map(reference)
            .collect(),
    }
}

/// Shipping or a fee; `name` is the field that says what it is for.
pub(super) fn charge(
    field: &Field<'_, '_>,
    name: &str,
    currency: Option<Currency>,
) -> Option<Charge> {
    let charge = field.object(&[name, "amount", "tax_rate"])?;
    let name = charge.field(name).text(NAME_CHARACTERS_MAX);
    Some(Charge { name, ..costs(&charge, currency) })
}

/// What it costs, without its name.
fn costs(charge: &Object<'_, '_>, currency: Option<Currency>) -> Charge {
    Charge {
        name: None,
        amount: charge
            .field("amount")
            .required("write how much it costs, like \"3.99\".")
            .amount(currency, Zero::Allowed)
            .unwrap_or_default(),
        tax_rate: charge.field("tax_rate").rate(),
    }
}

fn fees(field: &Field<'_, '_>, currency: Option<Currency>) -> Vec<Charge> {
    let fee = |field: Field<'_, '_>| {
        let field = field.required("write what it is for and how much.");
        let fee = field.object(&["name", "code", "amount", "tax_rate"])?;
        // As discounts are named; a fee has one name.
        let (name, code) = (fee.field("name"), fee.field("code"));
        if name.is_present() && code.is_present() {
            code.refuse("not_together", "Write `name` or `code`, not both.");
        }
        let named = name.text(NAME_CHARACTERS_MAX);
        let coded = code.text(NAME_CHARACTERS_MAX);
        Some(Charge { name: named.or(coded), ..costs(&fee, currency) })
    };
    field.list(FEES_MAX).into_iter().filter_map(fee).collect()
}

pub(super) fn discounts(field: &Field<'_, '_>, currency: Option<Currency>) -> Vec<Discount> {
    let discount = |field: Field<'_, '_>| {
        let discount =
            field.required("write its code and amount.").object(&["code", "amount", "scope"])?;
        let scope = discount.field("scope").choice::<DiscountScope>();
        let (code, amount) = discount_of(&discount, currency);
        Some(Discount { code, amount, scope: scope.unwrap_or_default() })
    };
    field.list(DISCOUNTS_MAX).into_iter().filter_map(discount).collect()
}

/// Code and amount of a discount; a discount by hand may have no code.
pub(super) fn discount_of(
    discount: &Object<'_, '_>,
    currency: Option<Currency>,
) -> (String, Amount) {
    let code = discount.field("code").text(CODE_CHARACTERS_MAX).unwrap_or_default();
    let amount = discount
        .field("amount")
        .required("write how much comes off, like \"5.00\".")
        .amount(currency, Zero::Allowed);
    (code, amount.unwrap_or_default())
}

fn metadata(field: &Field<'_, '_>) -> BTreeMap<String, String> {
    let mut metadata = BTreeMap::new();
    if !field.is_present() {
        return metadata;
    }
    for (key, value) in field.pairs(METADATA_PAIRS_MAX) {
        if key.is_empty() {
            value.refuse("required", "This key is empty: give the pair a name.");
        }
        if let Some(found) = fault(key, METADATA_KEY_CHARACTERS_MAX, Lines::One) {
            value.refuse_text(found, METADATA_KEY_CHARACTERS_MAX);
        }
        // Kept as it came, with the spaces around it.
        let Some(text) = value.str("a string; `metadata` holds pairs of strings") else { continue };
        if let Some(found) = fault(text, METADATA_VALUE_CHARACTERS_MAX, Lines::Many) {
            value.refuse_text(found, METADATA_VALUE_CHARACTERS_MAX);
            continue;
        }
        metadata.insert(key.to_owned(), text.to_owned());
    }
    metadata
}

/// Any JSON, bounded, without forbidden characters.
fn gift(field: &Field<'_, '_>) -> Option<Value> {
    let gift = field.value()?;
    if gift.to_string().len() > GIFT_BYTES_MAX {
        let detail = format!("This is too long: use at most {GIFT_BYTES_MAX} bytes.");
        field.refuse("text_too_long", detail);
        return None;
    }
    match first_fault(gift) {
        Some(found) => {
            field.refuse_text(found, GIFT_BYTES_MAX);
            None
        }
        None => Some(gift.clone()),
    }
}

fn first_fault(value: &Value) -> Option<super::text::TextFault> {
    let of_text = |text: &str| fault(text, GIFT_BYTES_MAX, Lines::Many);
    match value {
        Value::String(text) => of_text(text),
        Value::Array(elements) => elements.iter().find_map(first_fault),
        Value::Object(fields) => {
            fields.iter().find_map(|(name, value)| of_text(name).or_else(|| first_fault(value)))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
