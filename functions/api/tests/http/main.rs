//! The API over its own event types, on an embedded table: what callers see.

mod catalogue;
mod commands;
mod document;
mod lists;
mod rights;
mod schema;
mod subscriptions;
mod support;
