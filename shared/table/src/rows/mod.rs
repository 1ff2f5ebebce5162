//! Rows: how the domain's types are stored.

pub mod customer;
pub mod notice;
pub mod order;
pub mod prices;
pub mod stock;
pub mod webhook;
