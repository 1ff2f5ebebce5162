//! The single table: keys, rows, reads and commits. No rules; those are `ordermill-domain`'s.
//!
//! [`keys`] has the schema of everything in one table at its head. [`read`] loads, [`commit`]
//! writes one decision, [`group`] many orders' decisions in one transaction, [`rows`] knows how
//! the domain's types are stored, [`schema`] makes the table.

pub mod commit;
pub mod error;
pub mod group;
pub mod item;
pub mod keys;
mod packing;
pub mod read;
pub mod records;
pub mod rows;
pub mod schema;

pub use error::{ActionFate, TableError};
pub use rows::order::Stored;

/// The table, through the AWS SDK.
#[derive(Clone, Debug)]
pub struct Table {
    client: aws_sdk_dynamodb::Client,
    name: String,
}

impl Table {
    /// The table of that name.
    #[must_use]
    pub fn new(client: aws_sdk_dynamodb::Client, name: &str) -> Self {
        Self { client, name: name.to_owned() }
    }

    /// The table's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The SDK's client.
    #[must_use]
    pub fn client(&self) -> &aws_sdk_dynamodb::Client {
        &self.client
    }
}
