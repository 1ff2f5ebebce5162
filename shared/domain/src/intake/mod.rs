//! Request bodies: from any JSON to typed values, or to everything that is wrong at once.
//!
//! Each parser walks the body with the reader of [`reader`], so that an unknown field, a wrong
//! type and a forbidden value are all found in one pass and each names its remedy. What can only
//! be judged with the catalogue or the customer's card is [`crate::validation`]'s business.
//!
//! **Invariant:** no parser panics, whatever the body; `null` counts as absent everywhere.
//!
//! - `order.rs`, `subscription.rs`, `product.rs`, `movements.rs`, `command.rs`, `edit.rs`: one body each.
//! - `parts.rs`: what orders and subscriptions share (customer, addresses, charges); `lines.rs`.
//! - `fingerprint.rs`: when two bodies are the same. `limits.rs`: every bound, in one place.

pub mod answer;
mod batch;
pub mod command;
pub mod countries;
pub mod desk;
pub mod edit;
pub mod fingerprint;
pub mod limits;
mod lines;
pub mod movements;
mod number;
pub mod order;
mod parts;
pub mod product;
pub mod reader;
pub mod subscription;
#[cfg(test)]
pub(crate) mod tests;
pub mod text;
mod values;

pub use answer::parse_answer;
pub use batch::batch_items;
pub use command::{CommandBody, parse_command};
pub use fingerprint::body_hash;
pub use movements::{Movement, MovementKind, parse_movements};
pub use order::{Defaults, Draft, parse_order, parse_order_with_places};
pub use product::{Price, Product, parse_product};
pub use subscription::{
    SubscriptionDraft, SubscriptionPrice, parse_agreed_subscription, parse_subscription,
};
pub use values::check_sku;

use serde::Serialize;

/// One thing that is wrong with a body.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Problem {
    /// JSON pointer (RFC 6901) to the field; empty for the body itself.
    pub pointer: String,
    /// Stable code, like `unknown_field`.
    pub code: &'static str,
    /// A sentence that names the remedy. Repeats no text of the customer's.
    pub detail: String,
}
