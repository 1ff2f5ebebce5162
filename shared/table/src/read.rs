//! Loading rows. Reads by key are strongly consistent; reads of an index cannot be.

use crate::Table;
use crate::error::{TableError, classify};
use crate::item::{self, Item, s, text};
use crate::keys::{self, Key, RowKind};
use crate::records::{self, Deleted};
use crate::rows::order::{Stored, paged_lines, read_order};
use crate::rows::stock::{StoredLine, Waiting, read_anchor, read_line, read_wait};
use crate::schema::{MONTH, OWNER, WORKLIST};
use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use ordermill_domain::order::Event;
use ordermill_domain::stock::{Anchor, StockView};
use ordermill_domain::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Keys of one batched read (the table's published limit).
const BATCH_KEYS_MAX: usize = 100;
/// Rows of a history that are looked at together for one event.
const HISTORY_ROWS: usize = 8;
/// How often what a batched read left out is asked for again.
const BATCH_ROUNDS_MAX: usize = 10;

/// An order's partition: the order and what providers sent about it that is not applied yet.
#[derive(Clone, Debug)]
pub struct OrderPartition {
    /// The order.
    pub stored: Stored,
    /// Rows of kind inbox, as they are.
    pub inbox: Vec<Item>,
}

/// What stands where an order is looked for.
#[derive(Clone, Debug)]
pub enum Kept {
    /// Nothing, and nothing ever did.
    Nothing,
    /// There was one.
    Deleted(Deleted),
    /// The order.
    Order(Box<OrderPartition>),
}

/// A page of keys from an index.
#[derive(Clone, Debug, Default)]
pub struct KeyPage {
    /// Partition key of each row, and its sort key in the index.
    pub keys: Vec<(String, String)>,
    /// Whether there is more behind.
    pub more: bool,
}

/// Which part of an index is read.
#[derive(Clone, Debug)]
pub struct IndexQuery<'a> {
    /// The index.
    pub index: &'static str,
    /// Its partition.
    pub partition: String,
    /// Only sort keys after this (or before it, newest first); exclusive.
    pub after: Option<&'a str>,
    /// Newest first.
    pub newest_first: bool,
    /// Only sort keys up to and including this prefix's range: `< until`.
    pub until: Option<&'a str>,
    /// At most so many.
    pub limit: i32,
}

impl Table {
    /// One row.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn get(&self, key: &Key) -> Result<Option<Item>, TableError> {
        let answer = self
            .client()
            .get_item()
            .table_name(self.name())
            .set_key(Some(item::key(key)))
            .consistent_read(true)
            .send()
            .await
            .map_err(classify)?;
        Ok(answer.item)
    }

    /// Rows of one partition whose sort key begins with `prefix`, consistently, up to `limit`.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn partition(
        &self,
        pk: &str,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Item>, TableError> {
        let mut items: Vec<Item> = Vec::new();
        let mut start: Option<Item> =
            after.map(|sk| HashMap::from([("pk".to_owned(), s(pk)), ("sk".to_owned(), s(sk))]));
        loop {
            let left = limit.saturating_sub(items.len());
            let mut query = self
                .client()
                .query()
                .table_name(self.name())
                .consistent_read(true)
                .expression_attribute_values(":pk", s(pk))
                .limit(i32::try_from(left).unwrap_or(i32::MAX))
                .set_exclusive_start_key(start.take());
            query = if prefix.is_empty() {
                query.key_condition_expression("pk = :pk")
            } else {
                query
                    .key_condition_expression("pk = :pk AND begins_with(sk, :prefix)")
                    .expression_attribute_values(":prefix", s(prefix))
            };
            let answer = query.send().await.map_err(classify)?;
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key;
            if start.is_none() || items.len() >= limit {
                return Ok(items);
            }
        }
    }

    /// The event of an order with this version, from its history.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn event(&self, order: &str, version: u64) -> Result<Option<Event>, TableError> {
        let partition = keys::history_partition(order);
        let mut after = keys::history_after(version.saturating_sub(1));
        loop {
            // Mostly in the first row; after a repeat in other batches some may come before it.
            let rows = self.partition(&partition, "", Some(&after), HISTORY_ROWS).await?;
            for row in &rows {
                let written: Vec<Event> = records::read(row)?;
                if let Some(event) = written.into_iter().find(|event| event.version == version) {
                    return Ok(Some(event));
                }
            }
            match rows.last() {
                Some(last) if rows.len() >= HISTORY_ROWS => {
                    text(last, "sk")?.clone_into(&mut after)
                }
                Some(_) | None => return Ok(None),
            }
        }
    }

    /// The events of an order after a version, oldest first, each once: so many at least, where there
    /// are so many.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn events(
        &self,
        order: &str,
        after: u64,
        wanted: usize,
    ) -> Result<BTreeMap<u64, Event>, TableError> {
        let partition = keys::history_partition(order);
        let mut from = keys::history_after(after);
        let mut events: BTreeMap<u64, Event> = BTreeMap::new();
        loop {
            let rows = self.partition(&partition, "", Some(&from), wanted).await?;
            for row in &rows {
                let written: Vec<Event> = records::read(row)?;
                let newer = written.into_iter().filter(|event| event.version > after);
                events.extend(newer.map(|event| (event.version, event)));
            }
            // Rows stand by their newest event: an older one may be in a later row only.
            let gapless = events.keys().zip(after.saturating_add(1)..).take_while(|(v, n)| *v == n);
            if gapless.count() >= wanted {
                return Ok(events);
            }
            match rows.last() {
                Some(last) if rows.len() >= wanted => text(last, "sk")?.clone_into(&mut from),
                Some(_) | None => return Ok(events),
            }
        }
    }

    /// The last rows of a partition, newest first.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn newest(&self, pk: &str, limit: i32) -> Result<Vec<Item>, TableError> {
        let answer = self
            .client()
            .query()
            .table_name(self.name())
            .consistent_read(true)
            .scan_index_forward(false)
            .key_condition_expression("pk = :pk")
            .expression_attribute_values(":pk", s(pk))
            .limit(limit)
            .send()
            .await
            .map_err(classify)?;
        Ok(answer.items.unwrap_or_default())
    }

    /// Many rows by key, consistently, in no order; absent ones are left out.
    ///
    /// # Errors
    /// The table cannot be reached, or leaves out the same keys again and again.
    pub async fn batch_get(&self, wanted: &[Key]) -> Result<Vec<Item>, TableError> {
        let unique: BTreeSet<&Key> = wanted.iter().collect();
        let unique: Vec<&Key> = unique.into_iter().collect();
        let reads = unique.chunks(BATCH_KEYS_MAX).map(|chunk| self.batch_chunk(chunk));
        let all = futures::future::try_join_all(reads).await?;
        Ok(all.into_iter().flatten().collect())
    }

    async fn batch_chunk(&self, chunk: &[&Key]) -> Result<Vec<Item>, TableError> {
        let mut items = Vec::new();
        let mut keys: Vec<Item> = chunk.iter().map(|key| item::key(key)).collect();
        for _ in 0..BATCH_ROUNDS_MAX {
            if keys.is_empty() {
                return Ok(items);
            }
            let request = KeysAndAttributes::builder()
                .set_keys(Some(std::mem::take(&mut keys)))
                .consistent_read(true)
                .build()
                .map_err(|error| TableError::Broken(error.to_string()))?;
            let answer = self
                .client()
                .batch_get_item()
                .request_items(self.name(), request)
                .send()
                .await
                .map_err(classify)?;
            let mut responses = answer.responses.unwrap_or_default();
            items.extend(responses.remove(self.name()).unwrap_or_default());
            let mut left = answer.unprocessed_keys.unwrap_or_default();
            keys = left.remove(self.name()).map(|k| k.keys).unwrap_or_default();
        }
        if keys.is_empty() {
            return Ok(items);
        }
        Err(TableError::Unavailable("a batched read was not answered in full".to_owned()))
    }

    /// An order with all its lines, and its inbox.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn order(&self, id: &str) -> Result<Option<OrderPartition>, TableError> {
        let items =
            self.partition(&keys::order_partition(id), "", None, PARTITION_ROWS_MAX).await?;
        partition_of(items)
    }

    /// An order, or that it was deleted.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn order_or_deleted(&self, id: &str) -> Result<Kept, TableError> {
        let items =
            self.partition(&keys::order_partition(id), "", None, PARTITION_ROWS_MAX).await?;
        if let Some(row) = items.iter().find(|row| is_kind(row, RowKind::Deleted)) {
            return Ok(Kept::Deleted(records::read(row)?));
        }
        Ok(partition_of(items)?.map_or(Kept::Nothing, |found| Kept::Order(Box::new(found))))
    }

    /// Whether there is an order of that id, and it was not deleted.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn has_order(&self, id: &str) -> Result<bool, TableError> {
        let row = self.get(&keys::order(id)).await?;
        Ok(row.is_some_and(|row| is_kind(&row, RowKind::Order)))
    }

    /// Many orders, in no order; absent ones are left out. Large ones cost a read of their own.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn orders(&self, ids: &[String]) -> Result<Vec<Stored>, TableError> {
        let wanted: Vec<Key> =
            ids.iter().flat_map(|id| [keys::order(id), keys::placed(id)]).collect();
        let items = self.batch_get(&wanted).await?;
        let mut headers: BTreeMap<String, Item> = BTreeMap::new();
        let mut snapshots: BTreeMap<String, Item> = BTreeMap::new();
        for item in items.into_iter().filter(|item| !is_kind(item, RowKind::Deleted)) {
            let pk = text(&item, "pk")?.to_owned();
            let into = if text(&item, "sk")? == "A" { &mut headers } else { &mut snapshots };
            into.insert(pk, item);
        }
        let mut orders = Vec::with_capacity(headers.len());
        for (pk, header) in &headers {
            if paged_lines(header)? > 0 {
                let id = keys::order_of_partition(pk).unwrap_or_default();
                orders.extend(self.order(id).await?.map(|partition| partition.stored));
            } else {
                orders.push(read_order(header, snapshots.get(pk), &[])?);
            }
        }
        Ok(orders)
    }

    /// The stock of these SKUs at all their warehouses, as a batch sees it.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn stock_view(
        &self,
        skus: &BTreeSet<String>,
        ranks: BTreeMap<String, BTreeMap<String, u32>>,
    ) -> Result<StockView, TableError> {
        let anchors = self.anchors(skus).await?;
        let wanted: Vec<Key> = anchors
            .iter()
            .flat_map(|(sku, anchor)| anchor.warehouses.iter().map(|w| keys::stock(sku, w)))
            .collect();
        let mut view = StockView { anchors, ranks, ..StockView::default() };
        for item in self.batch_get(&wanted).await? {
            let stored = read_line(&item)?;
            view.lines.insert(stored.key, stored.line);
        }
        Ok(view)
    }

    /// The anchors of these SKUs.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn anchors(
        &self,
        skus: &BTreeSet<String>,
    ) -> Result<BTreeMap<String, Anchor>, TableError> {
        let wanted: Vec<Key> = skus.iter().map(|sku| keys::anchor(sku)).collect();
        let items = self.batch_get(&wanted).await?;
        items.iter().map(read_anchor).collect()
    }

    /// The stock lines of one SKU.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn stock_lines(&self, sku: &str) -> Result<Vec<StoredLine>, TableError> {
        let items = self.partition(&keys::stock_partition(sku), "W#", None, WAREHOUSES_MAX).await?;
        items.iter().map(read_line).collect()
    }

    /// Who waits for a SKU, first come first, after a turn, up to `limit`.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn waiting(
        &self,
        sku: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Waiting>, TableError> {
        let items = self.partition(&keys::wait_partition(sku), "", after, limit).await?;
        items.iter().map(read_wait).collect()
    }

    /// Keys from an index, eventually consistent.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn index(&self, query: IndexQuery<'_>) -> Result<KeyPage, TableError> {
        let (partition, sort) = match query.index {
            WORKLIST => ("wp", "wd"),
            OWNER => ("op", "oc"),
            MONTH => ("mp", "mc"),
            other => return Err(TableError::Broken(format!("no index {other}"))),
        };
        let mut condition = "#p = :p".to_owned();
        let mut request = self
            .client()
            .query()
            .table_name(self.name())
            .index_name(query.index)
            .expression_attribute_names("#p", partition)
            .expression_attribute_values(":p", s(query.partition.clone()))
            .scan_index_forward(!query.newest_first)
            .limit(query.limit);
        match (query.after, query.until, query.newest_first) {
            (None, None, _) => {}
            (Some(after), None, false) => {
                condition.push_str(" AND #s > :a");
                request = request.expression_attribute_values(":a", s(after));
            }
            (Some(after), None, true) => {
                condition.push_str(" AND #s < :a");
                request = request.expression_attribute_values(":a", s(after));
            }
            (None, Some(until), false) => {
                condition.push_str(" AND #s < :u");
                request = request.expression_attribute_values(":u", s(until));
            }
            (None, Some(until), true) => {
                condition.push_str(" AND #s > :u");
                request = request.expression_attribute_values(":u", s(until));
            }
            (Some(after), Some(until), newest_first) => {
                let (low, high) = if newest_first { (until, after) } else { (after, until) };
                condition.push_str(" AND #s BETWEEN :l AND :h");
                request = request
                    .expression_attribute_values(":l", s(format!("{low}\u{1}")))
                    .expression_attribute_values(":h", s(high));
            }
        }
        if query.after.is_some() || query.until.is_some() {
            request = request.expression_attribute_names("#s", sort);
        }
        let answer = request.key_condition_expression(condition).send().await.map_err(classify)?;
        let more = answer.last_evaluated_key.is_some();
        let mut page = KeyPage { keys: Vec::new(), more };
        for item in answer.items.unwrap_or_default() {
            let at = text(&item, sort)?.to_owned();
            if query.newest_first && query.after == Some(at.as_str()) {
                continue;
            }
            page.keys.push((text(&item, "pk")?.to_owned(), at));
        }
        Ok(page)
    }

    /// What is due in one shard of the worklist: partition keys, earliest first.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn due(
        &self,
        shard: u8,
        after: Option<&str>,
        now: Timestamp,
        limit: i32,
    ) -> Result<KeyPage, TableError> {
        // `~` sorts behind `#`: everything due at this very millisecond is in.
        let until = format!("{}~", keys::moment(now));
        let partition = keys::worklist_shard(shard);
        let query = IndexQuery {
            index: WORKLIST,
            partition,
            after,
            newest_first: false,
            until: Some(&until),
            limit,
        };
        self.index(query).await
    }

    /// The earliest moment anything is due, in one shard.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn next_due(&self, shard: u8) -> Result<Option<Timestamp>, TableError> {
        let partition = keys::worklist_shard(shard);
        let query = IndexQuery {
            index: WORKLIST,
            partition,
            after: None,
            newest_first: false,
            until: None,
            limit: 1,
        };
        let page = self.index(query).await?;
        Ok(page.keys.first().and_then(|(_, sort)| keys::due_of_worklist(sort)))
    }

    /// One page of a scan over the whole table, for `audit` and `repair`.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn scan(&self, start: Option<Item>) -> Result<(Vec<Item>, Option<Item>), TableError> {
        let answer = self
            .client()
            .scan()
            .table_name(self.name())
            .consistent_read(true)
            .set_exclusive_start_key(start)
            .send()
            .await
            .map_err(classify)?;
        Ok((answer.items.unwrap_or_default(), answer.last_evaluated_key))
    }
}

/// Rows of one order's partition: header, snapshot, pages, inbox.
const PARTITION_ROWS_MAX: usize = 1_000;
/// Warehouses of one SKU.
const WAREHOUSES_MAX: usize = 1_000;

/// Puts the rows of an order's partition together.
///
/// # Errors
/// A row cannot be read.
pub fn partition_of(items: Vec<Item>) -> Result<Option<OrderPartition>, TableError> {
    let mut header = None;
    let mut placed = None;
    let mut pages = Vec::new();
    let mut inbox = Vec::new();
    for item in items {
        let kind = item.get("kind").and_then(|k: &AttributeValue| k.as_s().ok()).cloned();
        match kind.as_deref() {
            Some(name) if name == RowKind::Order.name() => header = Some(item),
            Some(name) if name == RowKind::Placed.name() => placed = Some(item),
            Some(name) if name == RowKind::Page.name() => pages.push(item),
            Some(name) if name == RowKind::Inbox.name() => inbox.push(item),
            Some(_) | None => {}
        }
    }
    match header {
        None => Ok(None),
        Some(header) => {
            let stored = read_order(&header, placed.as_ref(), &pages)?;
            Ok(Some(OrderPartition { stored, inbox }))
        }
    }
}

fn is_kind(row: &Item, kind: RowKind) -> bool {
    records::kind(row) == Some(kind.name())
}
