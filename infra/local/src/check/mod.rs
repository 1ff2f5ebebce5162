//! Looking over a whole table: `audit` says what should not be so, `repair` publishes again what
//! was missed.

pub mod audit;
pub mod load;
pub mod repair;
