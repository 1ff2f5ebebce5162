//! The body of `POST /v1/stock/movements` (`spec/api.md`).

use super::Problem;
use super::limits::{MOVEMENTS_MAX, SENTENCE_CHARACTERS_MAX};
use super::reader::{self, Field, Object, Report};
use crate::quantity::Quantity;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why stock changes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MovementKind {
    /// Goods came in.
    Receipt,
    /// Somebody counted; `quantity` is what is there.
    Count,
    /// A correction, up or down.
    Adjust,
    /// Goods are thrown away.
    Scrap,
    /// Goods came back without an order.
    Return,
    /// Goods go to another warehouse.
    Transfer,
    /// A person sets units aside.
    ManualReserve,
    /// A person gives set-aside units free.
    ManualRelease,
    /// How many units are never sold from there, from now on.
    SafetyStock,
    /// How many units are kept for a group of customers, from now on.
    Keep,
}

/// One change of stock that somebody asks for.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Movement {
    /// The article.
    pub sku: String,
    /// Where.
    pub warehouse: String,
    /// Why.
    pub kind: MovementKind,
    /// Above zero; `count`, `safety_stock` and `keep` may be zero; `adjust` may be below zero and is never zero.
    pub quantity: Quantity,
    /// In words.
    pub reason: Option<String>,
    /// Where to; there with `transfer`, and only there.
    pub to: Option<String>,
    /// For which group of customers; there with `keep`, and only there.
    pub demand_class: Option<String>,
}

/// Reads the body of stock movements, in its order.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_movements(body: &Value) -> Result<Vec<Movement>, Vec<Problem>> {
    let report = Report::default();
    let movements = reader::root(body, &report)
        .required("send `movements` in a JSON object.")
        .object(&["movements"])
        .map(|body| movements(&body.field("movements")));
    report.finish(movements)
}

fn movements(field: &Field<'_, '_>) -> Vec<Movement> {
    let field = field.clone().required("write at least one movement.");
    if field.value().and_then(Value::as_array).is_some_and(Vec::is_empty) {
        field.refuse("movements_empty", "There is no movement: write at least one.");
    }
    field.list(MOVEMENTS_MAX).iter().filter_map(movement).collect()
}

fn movement(field: &Field<'_, '_>) -> Option<Movement> {
    let known = ["sku", "warehouse", "type", "quantity", "reason", "to", "demand_class"];
    let body = field.clone().required("write a movement.").object(&known)?;
    let sku = body.field("sku").required("write the article's number.").sku();
    let warehouse = body.field("warehouse").required("write the warehouse's code.").warehouse();
    let kind = body.field("type").required("write why stock changes, like `receipt`.").choice();
    let amount = body.field("quantity").required("write how many units.");
    let quantity = amount.moved_quantity().filter(|q| kind.is_none_or(|k| sign(&amount, k, *q)));
    let reason = body.field("reason").text(SENTENCE_CHARACTERS_MAX);
    let to = kind.and_then(|kind| destination(&body, kind, warehouse.as_deref()));
    let class = body.field("demand_class");
    let demand_class = kind.and_then(|kind| group(&class, kind));
    Some(Movement {
        sku: sku?,
        warehouse: warehouse?,
        kind: kind?,
        quantity: quantity?,
        reason,
        to,
        demand_class,
    })
}

/// For whom something is kept; nothing else is for anybody in particular.
fn group(field: &Field<'_, '_>, kind: MovementKind) -> Option<String> {
    if kind == MovementKind::Keep {
        return field.clone().required("write for which group of customers.").demand_class();
    }
    if field.is_present() {
        field.refuse("not_with_type", "Only `keep` has `demand_class`: leave it out.");
    }
    None
}

/// Whether this kind of movement has a quantity of this sign; says so where it has not.
fn sign(field: &Field<'_, '_>, kind: MovementKind, quantity: Quantity) -> bool {
    match kind {
        MovementKind::Count if quantity < Quantity::ZERO => {
            field.refuse("quantity_negative", "A count is zero or more: write what is there.");
            false
        }
        MovementKind::SafetyStock if quantity < Quantity::ZERO => {
            field.refuse("quantity_negative", "Write zero or more: what is never to be sold.");
            false
        }
        MovementKind::Keep if quantity < Quantity::ZERO => {
            field.refuse("quantity_negative", "Write zero or more: what is kept for them.");
            false
        }
        MovementKind::Adjust if quantity.is_zero() => {
            field.refuse("quantity_zero", "This changes nothing: write more or less than zero.");
            false
        }
        MovementKind::Count
        | MovementKind::SafetyStock
        | MovementKind::Keep
        | MovementKind::Adjust => true,
        MovementKind::Receipt
        | MovementKind::Scrap
        | MovementKind::Return
        | MovementKind::Transfer
        | MovementKind::ManualReserve
        | MovementKind::ManualRelease => {
            if !quantity.is_positive() {
                let detail = "This quantity is above zero: the type says which way it goes.";
                field.refuse("quantity_not_positive", detail);
            }
            quantity.is_positive()
        }
    }
}

/// Where a transfer goes; anything else goes nowhere.
fn destination(
    body: &Object<'_, '_>,
    kind: MovementKind,
    warehouse: Option<&str>,
) -> Option<String> {
    let to = body.field("to");
    match kind {
        MovementKind::Transfer => {
            let code = to.clone().required("write the warehouse it goes to.").warehouse()?;
            if Some(code.as_str()) == warehouse {
                to.refuse("same_warehouse", "A transfer goes to another warehouse: write which.");
            }
            Some(code)
        }
        MovementKind::Receipt
        | MovementKind::Count
        | MovementKind::Adjust
        | MovementKind::Scrap
        | MovementKind::Return
        | MovementKind::ManualReserve
        | MovementKind::ManualRelease
        | MovementKind::SafetyStock
        | MovementKind::Keep => {
            if to.is_present() {
                to.refuse("not_with_type", "Only a `transfer` has `to`: leave it out.");
            }
            None
        }
    }
}
