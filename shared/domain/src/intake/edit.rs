//! The body of `edit`: what is to be different about an order. What is left out stays.

use super::command::CommandBody;
use super::limits::{
    CODE_CHARACTERS_MAX, LINE_NUMBER_MAX, LINES_MAX, NOTE_CHARACTERS_MAX, SENTENCE_CHARACTERS_MAX,
};
use super::reader::{Field, Object};
use super::values::Zero;
use super::{lines, parts};
use crate::money::{Amount, Currency, Rate};
use crate::order::placed::{Billing, Charge, Customer, Delivery, Discount};
use crate::order::{DeliveryMethod, Line, PaymentMethod, Terms};
use crate::quantity::Quantity;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What is to be different about one line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEdit {
    /// A line that is there.
    Change {
        /// Its number.
        line: u32,
        /// Units wanted from now on.
        quantity: Option<Quantity>,
        /// Price of a unit, in minor units of the order's currency.
        unit_price: Option<i64>,
        /// Its tax rate.
        tax_rate: Option<Rate>,
    },
    /// A line that nobody wants any more.
    Remove {
        /// Its number.
        line: u32,
    },
    /// A new line; its number is given by the order.
    Add(#[serde(with = "added")] Box<Line>),
    /// A new line like one that is there.
    Copy {
        /// Number of the line that is copied.
        of: u32,
        /// Units wanted; nothing where left out.
        quantity: Option<Quantity>,
    },
}

/// How a line that is added is kept: it has no stock yet.
mod added {
    use crate::order::{Line, LineDetail};
    use crate::quantity::Quantity;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Added {
        sku: String,
        quantity: Quantity,
        detail: LineDetail,
    }

    pub(super) fn serialize<S: Serializer>(line: &Line, to: S) -> Result<S::Ok, S::Error> {
        let Line { sku, quantity, detail, .. } = line.clone();
        Added { sku, quantity, detail }.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Box<Line>, D::Error> {
        let Added { sku, quantity, detail } = Added::deserialize(from)?;
        Ok(Box::new(Line::new(0, &sku, quantity, detail)))
    }
}

/// Whether the customer must say yes first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "EditApproval")]
pub enum Approval {
    /// The edit is proposed to them, and made when they accept it.
    Customer,
    /// They have said yes already, by telephone or the like: it is made at once, and that is recorded.
    Given,
}

/// What is to be different about an order. Personal data; `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EditBody {
    /// Only asked what would come of it.
    #[serde(skip)]
    pub dry_run: bool,
    /// Whether the customer must say yes first; where left out, the policy says it.
    #[serde(skip)]
    pub approval: Option<Approval>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Lines, each once.
    pub lines: Vec<LineEdit>,
    /// Fields that are given replace those of the order.
    pub customer: Customer,
    /// Replaces the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing: Option<Billing>,
    /// Fields that are given replace those of the order; the address as a whole.
    pub delivery: Delivery,
    /// How it travels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_method: Option<DeliveryMethod>,
    /// Who pays when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terms: Option<Terms>,
    /// With what.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethod>,
    /// Everything leaves at once, or waits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ship_together: Option<bool>,
    /// What the way there costs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Charge>,
    /// Replaces all discounts on the order and its shipping.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discounts: Option<Vec<Discount>>,
    /// The buyer's own order number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub purchase_order: Option<String>,
    /// The contract it is under.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_number: Option<String>,
    /// What the customer wants us to know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The total as the client reckons it now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<Amount>,
}

impl fmt::Debug for EditBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("EditBody");
        shown.field("dry_run", &self.dry_run).field("lines", &self.lines).finish_non_exhaustive()
    }
}

const FIELDS: [&str; 15] = [
    "dry_run",
    "approval",
    "reason",
    "lines",
    "customer",
    "billing",
    "delivery",
    "payment",
    "ship_together",
    "shipping",
    "discounts",
    "purchase_order",
    "contract_number",
    "note",
    "total",
];

pub(super) fn edit(body: &Field<'_, '_>, currency: Currency) -> Option<CommandBody> {
    let body = body.object(&FIELDS)?;
    let (delivery, delivery_method) = parts::delivery(&body.field("delivery"));
    let payment = body.field("payment").object(&["terms", "method"]);
    let given = |name: &str| body.field(name).is_present();
    let discounts =
        given("discounts").then(|| parts::discounts(&body.field("discounts"), Some(currency)));
    Some(CommandBody::Edit(Box::new(EditBody {
        dry_run: body.field("dry_run").flag().unwrap_or(false),
        approval: body.field("approval").choice(),
        reason: body.field("reason").text(SENTENCE_CHARACTERS_MAX),
        lines: line_edits(&body.field("lines"), currency),
        customer: customer(&body.field("customer")),
        billing: parts::billing(&body.field("billing")),
        delivery,
        delivery_method,
        terms: payment.as_ref().and_then(|p| p.field("terms").choice()),
        method: payment.as_ref().and_then(|p| p.field("method").choice()),
        ship_together: body.field("ship_together").flag(),
        shipping: parts::charge(&body.field("shipping"), "method", Some(currency)),
        discounts,
        purchase_order: body.field("purchase_order").text(CODE_CHARACTERS_MAX),
        contract_number: body.field("contract_number").text(CODE_CHARACTERS_MAX),
        note: body.field("note").long_text(NOTE_CHARACTERS_MAX),
        total: body.field("total").amount(Some(currency), Zero::Allowed),
    })))
}

/// Who orders stays who orders; how they are reached can change.
fn customer(field: &Field<'_, '_>) -> Customer {
    let customer = parts::customer(field);
    if customer.id.is_some() {
        field.refuse("customer_fixed", "Leave `id` out: an order stays its customer's.");
    }
    customer
}

fn line_edits(field: &Field<'_, '_>, currency: Currency) -> Vec<LineEdit> {
    if field.value().and_then(|v| v.as_array()).is_some_and(Vec::is_empty) {
        field.refuse("lines_empty", "There is no line: leave this field out, or write a change.");
    }
    let fields = field.list(LINES_MAX);
    let edits: Vec<LineEdit> =
        fields.iter().filter_map(|field| line_edit(field, currency)).collect();
    refuse_twice(&fields);
    edits
}

/// A line that is changed twice leaves open what is meant.
fn refuse_twice(fields: &[Field<'_, '_>]) {
    let mut seen = std::collections::BTreeSet::new();
    for field in fields {
        let line = field.value().and_then(|v| v.get("line")).and_then(serde_json::Value::as_i64);
        if line.is_some_and(|number| !seen.insert(number)) {
            field.refuse("duplicate_line", "This line stands twice: write its changes once.");
        }
    }
}

fn line_edit(field: &Field<'_, '_>, currency: Currency) -> Option<LineEdit> {
    let known = [
        "line",
        "remove",
        "copy_of",
        "sku",
        "name",
        "quantity",
        "unit_price",
        "tax_rate",
        "tax_category",
        "options",
        "discounts",
    ];
    let body = field.clone().required("write what is to be different.").object(&known)?;
    let has = |name: &str| body.field(name).is_present();
    match (has("line"), has("copy_of"), has("sku")) {
        (true, false, false) => change(&body, currency),
        (false, true, false) => {
            only(&body, &["copy_of", "quantity"], "A copy takes everything from its line");
            let of = body.field("copy_of").whole(1, LINE_NUMBER_MAX);
            let quantity = body.field("quantity").quantity();
            Some(LineEdit::Copy { of: of?, quantity })
        }
        (false, false, true) => {
            if has("remove") {
                body.field("remove").refuse("not_together", "What is added cannot be removed.");
            }
            lines::new_line(field, currency).map(|line| LineEdit::Add(Box::new(line)))
        }
        (true, _, true) => {
            let detail = "A line keeps its article: remove it, and add one of the other article.";
            body.field("sku").refuse("sku_fixed", detail);
            None
        }
        (false, false, false) | (true, true, false) | (false, true, true) => {
            lines::read_parts(&body, currency);
            field.refuse(
                "line_unclear",
                "Write `line` to change one, `sku` to add one, or `copy_of` to copy one.",
            );
            None
        }
    }
}

fn change(body: &Object<'_, '_>, currency: Currency) -> Option<LineEdit> {
    let line = body.field("line").whole(1, LINE_NUMBER_MAX);
    if body.field("remove").flag() == Some(true) {
        only(body, &["line", "remove"], "A line that is removed has no other change");
        return Some(LineEdit::Remove { line: line? });
    }
    let known = ["line", "remove", "quantity", "unit_price", "tax_rate"];
    only(body, &known, "Of a line that is there only these can be changed");
    let quantity = body.field("quantity").quantity();
    let unit_price = body.field("unit_price").amount(Some(currency), Zero::Allowed);
    let tax_rate = body.field("tax_rate").rate();
    Some(LineEdit::Change {
        line: line?,
        quantity,
        unit_price: unit_price.map(|price| price.0),
        tax_rate,
    })
}

/// Refuses what does not go with this kind of change.
fn only(body: &Object<'_, '_>, known: &[&str], why: &str) {
    let all =
        ["name", "tax_category", "options", "discounts", "quantity", "unit_price", "tax_rate"];
    for name in all.into_iter().filter(|name| !known.contains(name)) {
        let field = body.field(name);
        if field.is_present() {
            field.refuse("not_together", format!("{why}: {}.", known.join(", ")));
        }
    }
}
