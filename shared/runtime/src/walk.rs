//! Walks over orders by an index: shards merged into one order, bounded per request.
//!
//! An index gives keys only. Whole orders are read in batches after it, and what the index
//! cannot tell is asked of the order that was read.

use crate::Runtime;
use futures::future::try_join_all;
use ordermill_domain::order::Order;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_table::keys::{self, MONTH_SHARDS, WORK_SHARDS, WORKLIST_SHARDS};
use ordermill_table::read::{IndexQuery, KeyPage};
use ordermill_table::records::{document, read};
use ordermill_table::schema::{MONTH, OWNER, WORKLIST};
use ordermill_table::{Table, TableError};
use std::collections::HashMap;

/// Orders that one request reads at most; what lies behind is reached by `next`.
pub const ROWS_READ_MAX: usize = 2_000;
/// Keys of one round: one batched read of headers and snapshots.
const KEYS_AT_ONCE: i32 = 50;
/// How far back orders are looked for where nobody knows the first month: ten years.
const MONTHS_MAX: u32 = 120;
/// Months that are probed at once.
const MONTHS_AT_ONCE: usize = 12;
/// The setting that names the first month with an order.
const FIRST_MONTH: &str = "first_month";

/// Where orders are looked for, and in which order.
pub enum Source {
    /// One partition of the `owner` index, newest first.
    Owner {
        /// The partition.
        partition: String,
        /// Taken in at or after this.
        from: Option<Timestamp>,
        /// Taken in before this.
        to: Option<Timestamp>,
    },
    /// What is due before a moment, earliest first.
    Due {
        /// The moment.
        before: Timestamp,
    },
    /// Orders with tasks, the one whose first is due earliest first.
    Work {
        /// Only those whose first is due before this.
        before: Option<Timestamp>,
    },
    /// All orders, newest first, month by month.
    Months {
        /// Taken in at or after this.
        from: Option<Timestamp>,
        /// Taken in before this.
        to: Option<Timestamp>,
        /// The first month that has any.
        first: String,
        /// Now.
        now: Timestamp,
    },
}

/// Keys in the order of the walk: (partition key, position).
struct Keys {
    keys: Vec<(String, String)>,
    more: bool,
}

impl Source {
    /// All orders, newest first.
    #[must_use]
    pub fn all(first_month: String, now: Timestamp) -> Self {
        Self::Months { from: None, to: None, first: first_month, now }
    }

    async fn next_keys(&self, table: &Table, after: Option<&str>) -> Result<Keys, TableError> {
        match self {
            Self::Owner { partition, from, to } => {
                let partitions = vec![partition.clone()];
                let span = Span { index: OWNER, partitions, newest_first: true };
                span.newest_between(table, after, *from, *to).await
            }
            Self::Due { before } => {
                let partitions = (0..WORKLIST_SHARDS).map(keys::worklist_shard).collect();
                let span = Span { index: WORKLIST, partitions, newest_first: false };
                let until = keys::moment(*before);
                span.keys_of_shards(table, after, Some(&until)).await
            }
            Self::Work { before } => {
                let partitions = (0..WORK_SHARDS).map(keys::owner_work_shard).collect();
                let span = Span { index: OWNER, partitions, newest_first: false };
                let until = before.map(keys::moment);
                span.keys_of_shards(table, after, until.as_deref()).await
            }
            Self::Months { from, to, first, now } => {
                let begin = after.and_then(moment_of).or(*to).unwrap_or(*now);
                let last =
                    from.map_or(first.clone(), |from| keys::month_of(from).max(first.clone()));
                let mut month = Some(keys::month_of(begin));
                while let Some(this) = month.filter(|m| *m >= last) {
                    let partitions = month_partitions(&this);
                    let span = Span { index: MONTH, partitions, newest_first: true };
                    let mut found = span.newest_between(table, after, *from, *to).await?;
                    month = keys::month_before(&this);
                    let earlier = month.as_ref().is_some_and(|m| *m >= last);
                    found.more |= earlier;
                    if !found.keys.is_empty() || !earlier {
                        return Ok(found);
                    }
                }
                Ok(Keys { keys: Vec::new(), more: false })
            }
        }
    }
}

fn month_partitions(month: &str) -> Vec<String> {
    (0..MONTH_SHARDS).map(|shard| keys::month_shard(month, shard)).collect()
}

/// The moment a position begins with.
fn moment_of(position: &str) -> Option<Timestamp> {
    position.split('#').next()?.parse().ok().map(Timestamp::from_milliseconds)
}

/// Partitions of one index that are read as one.
struct Span {
    index: &'static str,
    partitions: Vec<String>,
    newest_first: bool,
}

impl Span {
    /// Newest first, between two moments.
    async fn newest_between(
        &self,
        table: &Table,
        after: Option<&str>,
        from: Option<Timestamp>,
        to: Option<Timestamp>,
    ) -> Result<Keys, TableError> {
        let to = to.map(keys::moment);
        let from = from.map(keys::moment);
        self.keys_of_shards(table, after.or(to.as_deref()), from.as_deref()).await
    }

    async fn keys_of_shards(
        &self,
        table: &Table,
        after: Option<&str>,
        until: Option<&str>,
    ) -> Result<Keys, TableError> {
        let reads = self.partitions.iter().map(|partition| {
            table.index(IndexQuery {
                index: self.index,
                partition: partition.clone(),
                after,
                newest_first: self.newest_first,
                until,
                limit: KEYS_AT_ONCE,
            })
        });
        Ok(merged(try_join_all(reads).await?, self.newest_first))
    }
}

/// Shards as one list. Behind the last key of a shard that has more, another may follow that
/// belongs before a key of the others: there the list is cut.
fn merged(pages: Vec<KeyPage>, newest_first: bool) -> Keys {
    let sooner = |a: &str, b: &str| if newest_first { a > b } else { a < b };
    let ends = pages.iter().filter(|page| page.more).filter_map(|page| page.keys.last());
    let cut = ends.map(|(_, at)| at.clone()).reduce(|a, b| if sooner(&a, &b) { a } else { b });
    let more = pages.iter().any(|page| page.more);
    let mut all: Vec<(String, String)> = pages.into_iter().flat_map(|page| page.keys).collect();
    all.sort_by(|(_, a), (_, b)| if newest_first { b.cmp(a) } else { a.cmp(b) });
    if let Some(cut) = cut {
        all.retain(|(_, at)| !sooner(&cut, at));
    }
    Keys { keys: all, more }
}

/// The orders of a walk that are wanted, at most `limit` of them behind that position, and where
/// the walk goes on.
///
/// # Errors
/// The table cannot be reached.
pub async fn collect(
    runtime: &Runtime,
    source: &Source,
    after: Option<String>,
    limit: usize,
    wanted: impl Fn(&Order) -> bool,
) -> Result<(Vec<Order>, Option<String>), TableError> {
    let mut found = Vec::new();
    let mut after = after;
    let mut rows_read: usize = 0;
    loop {
        let batch = source.next_keys(&runtime.table, after.as_deref()).await?;
        let ids: Vec<String> = batch.keys.iter().filter_map(|(pk, _)| order_id(pk)).collect();
        let mut orders: HashMap<String, Order> = HashMap::with_capacity(ids.len());
        for stored in runtime.table.orders(&ids).await? {
            orders.insert(stored.order.id.clone(), stored.order);
        }
        let count = batch.keys.len();
        for (index, (pk, position)) in batch.keys.into_iter().enumerate() {
            after = Some(position);
            let order = order_id(&pk).and_then(|id| orders.remove(&id));
            if let Some(order) = order.filter(|order| wanted(order)) {
                found.push(order);
            }
            let last = index.saturating_add(1) == count && !batch.more;
            if found.len() >= limit {
                return Ok((found, after.filter(|_| !last)));
            }
        }
        rows_read = rows_read.saturating_add(count);
        if !batch.more || count == 0 {
            return Ok((found, None));
        }
        if rows_read >= ROWS_READ_MAX {
            return Ok((found, after));
        }
    }
}

fn order_id(pk: &str) -> Option<String> {
    keys::order_of_partition(pk).or_else(|| keys::order_of_work(pk)).map(str::to_owned)
}

/// The first month that has an order, so that a walk need not look at ten empty years.
///
/// Not needed for correctness: without it all months are walked. It is found once and kept;
/// orders are never taken in for the past, so it stays true. This month and the one before are
/// never left out, since an index may be behind.
///
/// # Errors
/// The table cannot be reached.
pub async fn first_month(table: &Table, now: Timestamp) -> Result<String, TableError> {
    let key = keys::setting(FIRST_MONTH);
    if let Some(row) = table.get(&key).await? {
        return read(&row);
    }
    let mut months = Vec::new();
    let mut month = Some(keys::month_of(now));
    while let Some(this) = month.filter(|_| months.len() < usize::try_from(MONTHS_MAX).unwrap_or(0))
    {
        month = keys::month_before(&this);
        months.push(this);
    }
    let recent = keys::month_of(now.minus(Seconds::days(31)));
    let mut first = recent;
    for some in months.chunks(MONTHS_AT_ONCE) {
        let probes = some.iter().map(|month| has_orders(table, month));
        for (month, any) in some.iter().zip(try_join_all(probes).await?) {
            if any && *month < first {
                first.clone_from(month);
            }
        }
    }
    table.put_row_once(document(&key, &first)?).await?;
    Ok(first)
}

async fn has_orders(table: &Table, month: &str) -> Result<bool, TableError> {
    let span = Span { index: MONTH, partitions: month_partitions(month), newest_first: true };
    Ok(!span.keys_of_shards(table, None, None).await?.keys.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(keys: &[&str], more: bool) -> KeyPage {
        KeyPage { keys: keys.iter().map(|k| ((*k).to_owned(), (*k).to_owned())).collect(), more }
    }

    fn positions(keys: &Keys) -> Vec<&str> {
        keys.keys.iter().map(|(_, at)| at.as_str()).collect()
    }

    #[test]
    fn shards_are_read_as_one_list_and_none_is_overtaken() {
        let all = merged(vec![page(&["9", "5", "3"], true), page(&["8", "2"], false)], true);
        // Behind 3 the first shard has more, perhaps before 2.
        assert_eq!(positions(&all), ["9", "8", "5", "3"]);
        assert!(all.more);
        let all = merged(vec![page(&["1", "4"], true), page(&["2", "6"], true)], false);
        assert_eq!(positions(&all), ["1", "2", "4"]);
        let all = merged(vec![page(&["1"], false), page(&[], false)], false);
        assert_eq!(positions(&all), ["1"]);
        assert!(!all.more);
    }
}
