//! What Ordermill does in a second, and what an order costs.
//!
//! | module | what it holds |
//! |---|---|
//! | [`target`] | the server that is measured: this program once more, or any other by its address |
//! | [`load`] | clients that place orders, pay them when asked, and wait until they are confirmed |
//! | [`figures`] | latencies, tables, and the last line of a run: one JSON object |
//! | [`scenario`] | one module per scenario |
//! | [`model`] | a model of DynamoDB's limits on a virtual clock |
//! | [`cost`] | requests and units per order, counted from the real requests |
//!
//! Figures that depend on the machine are printed, never asserted. What does not depend on it
//! (requests, units, invocations per order) is kept in `docs/cost.txt` and compared by a test.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a measurement may end itself")]

pub mod cost;
pub mod figures;
pub mod load;
pub mod model;
pub mod scenario;
pub mod target;

/// What ends a measurement.
pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;
