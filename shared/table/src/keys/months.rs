//! Months of orders: the partitions of the index by which all orders are walked.

use super::MONTH_SHARDS;
use ordermill_domain::ids;
use ordermill_domain::time::Timestamp;

/// A month of orders, one shard of it. `month` is `2026-11`.
#[must_use]
pub fn month_shard(month: &str, shard: u8) -> String {
    format!("M#{month}#{shard}")
}

/// The `month` partition of an order.
#[must_use]
pub fn month(at: Timestamp, id: &str) -> String {
    month_shard(&month_of(at), ids::shard_of(id, MONTH_SHARDS))
}

/// The month of a moment, in UTC.
#[must_use]
pub fn month_of(at: Timestamp) -> String {
    let day = at.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    format!("{:04}-{:02}", day.year(), day.month())
}

/// The month before one: `2026-01` → `2025-12`.
#[must_use]
pub fn month_before(month: &str) -> Option<String> {
    let first: jiff::civil::Date = format!("{month}-01").parse().ok()?;
    let before = first.yesterday().ok()?;
    Some(format!("{:04}-{:02}", before.year(), before.month()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_go_back_over_the_year() {
        assert_eq!(month_before("2026-01").as_deref(), Some("2025-12"));
        assert_eq!(month_before("2026-11").as_deref(), Some("2026-10"));
        assert_eq!(month_before("not a month"), None);
    }
}
