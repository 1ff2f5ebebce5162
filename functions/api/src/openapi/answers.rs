//! Answers that are put together from views, as types; only their schemas are used.

use ordermill_views::catalogue::ProductView;
use ordermill_views::customer::CustomerCardView;
use ordermill_views::order::OrderView;
use ordermill_views::stock::MovementView;
use ordermill_views::subscription::{OccurrenceView, SubscriptionView};
use schemars::JsonSchema;
use serde_json::Value;

/// A page of a list.
#[derive(JsonSchema)]
#[schemars(rename = "{T}Page")]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Page<T> {
    /// What was found.
    items: Vec<T>,
    /// The cursor of the next page; `null` at the end.
    next: Option<String>,
}

/// All that is kept about a customer, the orders a page at a time.
#[derive(JsonSchema)]
#[schemars(rename = "CustomerExport")]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Export {
    /// The card.
    customer: CustomerCardView,
    /// Subscriptions, oldest first.
    subscriptions: Vec<SubscriptionView>,
    /// Orders, newest first.
    items: Vec<OrderView>,
    /// The cursor of the next page of orders; `null` at the end.
    next: Option<String>,
}

/// What was done to stock.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Movements {
    /// The movements, in their order.
    movements: Vec<MovementView>,
}

/// The next dates of a subscription.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Preview {
    /// The dates that will get an order.
    items: Vec<OccurrenceView>,
}

/// The results of a batch.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct ProductBatch {
    /// One result for each, in their order.
    items: Vec<ProductResult>,
}

/// What became of one product of a batch.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct ProductResult {
    /// As it was sent.
    sku: String,
    /// 201, 200 or 422.
    status: u16,
    /// The product, if it was stored.
    product: Option<ProductView>,
    /// What is wrong with it, if it was not.
    errors: Option<Vec<FieldProblem>>,
}

/// The results of a batch of orders.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct OrderBatch {
    /// One result for each, in their order.
    items: Vec<OrderResult>,
}

/// What became of one order of a batch.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct OrderResult {
    /// As it was sent.
    external_id: Value,
    /// What `POST /v1/orders` would answer: 202 for a new order, 200 for one that is there.
    status: u16,
    /// The order.
    order: Option<OrderView>,
    /// Why there is none.
    problem: Option<Problem>,
}

/// The service is well.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Health {
    /// `ok`.
    status: String,
    /// The service's clock.
    now: ordermill_views::values::Moment,
}

/// A refusal: an RFC 9457 problem document.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct Problem {
    /// An address that names the kind of problem.
    #[schemars(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// HTTP status.
    status: u16,
    /// What is wrong, and the remedy.
    detail: String,
    /// Stable code.
    code: String,
    /// For validation: each mistake.
    #[schemars(skip_serializing_if = "Option::is_none")]
    errors: Option<Vec<FieldProblem>>,
}

/// One mistake in a body.
#[derive(JsonSchema)]
#[expect(dead_code, reason = "only its schema is used")]
pub(super) struct FieldProblem {
    /// JSON pointer into the body.
    pointer: String,
    /// Stable code.
    code: String,
    /// What to write instead.
    detail: String,
}
