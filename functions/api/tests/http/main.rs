//! The API over its own event types, on an embedded table: what callers see.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_fields;
mod catalogue;
mod commands;
mod document;
mod lists;
mod orders;
mod payments;
mod rights;
mod schema;
mod subscriptions;
mod support;
