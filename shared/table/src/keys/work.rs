//! Keys of the feed of tasks: one row for each order that has any, in the list of its shard by the
//! moment at which the first of them is to be done.

use super::{Key, RowKind, moment};
use ordermill_domain::ids;
use ordermill_domain::time::Timestamp;

/// Shards of the feed. Orders with work for people are few among all, and their rows are written when
/// that work changes only.
pub const WORK_SHARDS: u8 = 4;

/// Says that an order has work for people.
#[must_use]
pub fn work(order: &str) -> Key {
    Key::new(RowKind::Work, format!("I#{order}"), "I".to_owned())
}

/// The order whose work this partition tells of.
#[must_use]
pub fn order_of_work(pk: &str) -> Option<&str> {
    pk.strip_prefix("I#")
}

/// The `owner` partition of a shard of the feed.
#[must_use]
pub fn owner_work_shard(shard: u8) -> String {
    format!("I#{shard}")
}

/// Where an order stands in the feed: `owner` partition and sort key.
#[must_use]
pub fn owner_work(order: &str, due_at: Timestamp) -> (String, String) {
    let shard = ids::shard_of(order, WORK_SHARDS);
    (owner_work_shard(shard), format!("{}#{order}", moment(due_at)))
}
