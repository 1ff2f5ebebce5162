//! Whole orders as a customer sees them, over HTTP, through the real single-process run.
//!
//! Each journey has a server of its own and ends with `close`, which audits it.

#![allow(clippy::unwrap_used, reason = "a journey that cannot be made is broken")]

mod customers;
mod fulfilment;
mod large;
mod limits;
mod parties;
mod paying;
mod racing;
mod review;
mod stock;
mod subscriptions;
