//! Looking over a whole table: `audit` says what should not be so, `repair` publishes again what
//! was missed.

pub mod repair;

/// The audit is the deployed function's as well.
pub use ordermill_runtime::audit;
