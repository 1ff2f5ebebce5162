//! Rows: how the domain's types are stored.

pub mod order;
pub mod stock;
