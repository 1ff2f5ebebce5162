//! What an edit would do, or did not yet do: the difference it makes.

use crate::OrderView;
use crate::order::{LineView, TotalsView};
use crate::values::Units;
use ordermill_domain::decide::Decision;
use ordermill_domain::decide::edit::{difference, stock_difference};
use ordermill_domain::order::{EventKind, Order};
use ordermill_domain::policy::StatusKey;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The order after an edit; for a `dry_run` as it would be, with the difference.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "EditedOrder")]
pub struct EditedView {
    /// The order.
    #[serde(flatten)]
    pub order: OrderView,
    /// What the edit would change; only in the answer to a `dry_run`, which changes nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preview: Option<PreviewView>,
}

/// What an edit would change.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "EditPreview")]
pub struct PreviewView {
    /// Lines that would be different.
    pub lines: Vec<LineDifferenceView>,
    /// Names of the other fields that would be different.
    pub fields: Vec<String>,
    /// What the order comes to now.
    pub totals_before: TotalsView,
    /// What it would come to.
    pub totals_after: TotalsView,
    /// Units held more, or fewer, by article and warehouse.
    pub stock: Vec<StockDifferenceView>,
    /// The wished day now.
    pub requested_date_before: Option<String>,
    /// The wished day then.
    pub requested_date_after: Option<String>,
    /// The status now.
    pub from: StatusKey,
    /// The status then.
    pub to: StatusKey,
}

/// A line that would be different.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "LineDifference")]
pub struct LineDifferenceView {
    /// Its number.
    pub line: u32,
    /// As it is; none where it is new.
    pub before: Option<LineView>,
    /// As it would be; none where it goes.
    pub after: Option<LineView>,
}

/// Units held more, or fewer.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "StockDifference")]
pub struct StockDifferenceView {
    /// The article.
    pub sku: String,
    /// Where.
    pub warehouse: String,
    /// How many; below zero: given back.
    pub reserved: Units,
}

impl PreviewView {
    /// The difference between an order and what a decision would make of it.
    #[must_use]
    pub fn new(before: &Order, decision: &Decision) -> Self {
        let after = &decision.order;
        let line = |line: Option<ordermill_domain::order::Line>| {
            line.map(|line| LineView::new(&line, before.currency))
        };
        let edited = decision.events.iter().find(|e| e.kind == EventKind::OrderEdited);
        let fields = edited.and_then(|e| e.data.get("fields")).and_then(Value::as_array);
        let names = fields.into_iter().flatten().filter_map(Value::as_str);
        Self {
            lines: difference(before, after)
                .into_iter()
                .map(|(number, old, new)| LineDifferenceView {
                    line: number,
                    before: line(old),
                    after: line(new),
                })
                .collect(),
            fields: names.map(str::to_owned).collect(),
            totals_before: TotalsView::new(before),
            totals_after: TotalsView::new(after),
            stock: stock_difference(before, after)
                .into_iter()
                .map(|(sku, warehouse, by)| StockDifferenceView {
                    sku,
                    warehouse,
                    reserved: by.into(),
                })
                .collect(),
            requested_date_before: before.placed.delivery.requested_date.clone(),
            requested_date_after: after.placed.delivery.requested_date.clone(),
            from: before.status.clone(),
            to: after.status.clone(),
        }
    }
}
