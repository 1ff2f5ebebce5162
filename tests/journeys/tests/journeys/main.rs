//! Whole orders as a customer sees them, over HTTP, through the real single-process run.
//!
//! Each journey has a server of its own and ends with `close`, which audits it.

#![allow(clippy::unwrap_used, reason = "a journey that cannot be made is broken")]

mod approval;
mod bundles;
mod classes;
mod customers;
mod deleting;
mod deposits;
mod document;
mod edits;
mod fulfilment;
mod large;
mod limits;
mod money_objects;
mod parties;
mod paying;
mod people;
mod privacy;
mod production;
mod racing;
mod review;
mod splits;
mod stock;
mod subscriptions;
mod webhooks;
