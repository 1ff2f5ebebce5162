//! The embedded services as SDK clients and the runner see them.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs, reason = "these are tests")]

mod dynamodb;
mod interceptor;
mod kill;
mod outbox;
mod sqs;
mod stream;
mod world;
