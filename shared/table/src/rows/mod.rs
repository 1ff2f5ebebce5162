//! Rows: how the domain's types are stored.

pub mod customer;
pub mod order;
pub mod prices;
pub mod stock;
