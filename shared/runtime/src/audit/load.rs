//! Loading a whole table, page by page, for `audit` and `repair`.

use crate::error::StepResult;
use crate::queues::InboxPointer;
use ordermill_domain::audit::Sums;
use ordermill_domain::order::{Event, EventKind, Todo};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::{Anchor, StockKey, StockLine};
use ordermill_domain::time::Timestamp;
use ordermill_domain::webhook::Endpoint;
use ordermill_table::item::{Item, text};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::read::partition_of;
use ordermill_table::records::{self, InboxEntry, Notification};
use ordermill_table::rows::stock::{read_anchor, read_line, read_wait};
use ordermill_table::{Stored, Table, TableError};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that an audit looks at.
#[derive(Default)]
pub struct World {
    /// Every order with its lines.
    pub orders: BTreeMap<String, Stored>,
    /// Every stock line, with the sums the table keeps of it.
    pub lines: BTreeMap<StockKey, (StockLine, Sums)>,
    /// Every SKU as a whole.
    pub anchors: BTreeMap<String, Anchor>,
    /// What waits, by SKU, as the waiting rows say.
    pub waits: BTreeMap<String, Quantity>,
    /// Of every order's history: the versions it has.
    pub history: BTreeMap<String, BTreeSet<u64>>,
    /// Of every order's history: what happened when, by version.
    pub happened: BTreeMap<String, BTreeMap<u64, (EventKind, Timestamp)>>,
    /// The endpoints of clients' programs.
    pub endpoints: BTreeMap<String, Vec<Endpoint>>,
    /// What clients' programs are or were told, by the ids of the deliveries that are kept.
    pub deliveries: BTreeSet<String>,
    /// Of every order's history: what its events owe, by version, those that owe nothing left out.
    pub owed: BTreeMap<String, BTreeMap<u64, Vec<Todo>>>,
    /// Of every order's messages: the version and the template.
    pub messages: BTreeMap<String, BTreeSet<(u64, String)>>,
    /// What providers sent that is not applied yet.
    pub money: Vec<InboxPointer>,
    /// Rows that were read.
    pub rows: usize,
}

impl World {
    /// Up to which version the order's history has no gap.
    #[must_use]
    pub fn known_version(&self, order: &str) -> u64 {
        let versions = self.history.get(order).into_iter().flatten();
        let known = versions.zip(1..).take_while(|(version, number)| **version == *number);
        known.last().map_or(0, |(_, number)| number)
    }

    /// Loads it all; `progress` hears how many rows were read.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn load(table: &Table, progress: impl Fn(usize)) -> StepResult<Self> {
        let mut world = Self::default();
        let mut partitions: BTreeMap<String, Vec<Item>> = BTreeMap::new();
        let mut start = None;
        loop {
            let (items, next) = table.scan(start).await?;
            world.rows += items.len();
            for item in items {
                world.take(item, &mut partitions)?;
            }
            progress(world.rows);
            start = next;
            if start.is_none() {
                break;
            }
        }
        for (pk, items) in partitions {
            let id = keys::order_of_partition(&pk).unwrap_or_default().to_owned();
            // The parts of an order may be of two moments; then it is read again at once.
            let stored = match partition_of(items) {
                Ok(partition) => partition.map(|p| p.stored),
                Err(TableError::Broken(_)) => table.order(&id).await?.map(|p| p.stored),
                Err(error) => return Err(error.into()),
            };
            if let Some(stored) = stored {
                world.orders.insert(id, stored);
            }
        }
        Ok(world)
    }

    fn take(
        &mut self,
        item: Item,
        partitions: &mut BTreeMap<String, Vec<Item>>,
    ) -> Result<(), TableError> {
        let is = |kind: RowKind| text(&item, "kind").is_ok_and(|name| name == kind.name());
        if is(RowKind::Order) || is(RowKind::Page) || is(RowKind::Placed) {
            let pk = text(&item, "pk")?.to_owned();
            partitions.entry(pk).or_default().push(item);
        } else if is(RowKind::Stock) {
            let line = read_line(&item)?;
            let sums = line.sums();
            self.lines.insert(line.key, (line.line, sums));
        } else if is(RowKind::Anchor) {
            let (sku, anchor) = read_anchor(&item)?;
            self.anchors.insert(sku, anchor);
        } else if is(RowKind::Wait) {
            let sku = keys::sku_of_wait(text(&item, "pk")?).unwrap_or_default().to_owned();
            let sum = self.waits.entry(sku).or_default();
            *sum = sum.plus(read_wait(&item)?.quantity);
        } else if is(RowKind::History) {
            let order = keys::order_of_history(text(&item, "pk")?).unwrap_or_default().to_owned();
            let written: Vec<Event> = records::read(&item)?;
            let versions = written.iter().map(|event| event.version);
            self.history.entry(order.clone()).or_default().extend(versions);
            let happened = written.iter().map(|event| (event.version, (event.kind, event.at)));
            self.happened.entry(order.clone()).or_default().extend(happened);
            let owing = written.into_iter().filter(|event| !event.todo.is_empty());
            let owed = owing.map(|event| (event.version, event.todo));
            self.owed.entry(order).or_default().extend(owed);
        } else if is(RowKind::Notification) {
            let order = keys::order_of_notification(text(&item, "pk")?).unwrap_or_default();
            let message: Notification = records::read(&item)?;
            let of_order = self.messages.entry(order.to_owned()).or_default();
            of_order.insert((message.version, message.template));
        } else if is(RowKind::Endpoint) {
            let endpoint: Endpoint = records::read(&item)?;
            self.endpoints.entry(endpoint.client.clone()).or_default().push(endpoint);
        } else if is(RowKind::Delivery) {
            let id = keys::delivery_of_partition(text(&item, "pk")?).unwrap_or_default();
            self.deliveries.insert(id.to_owned());
        } else if is(RowKind::Inbox) {
            let entry: InboxEntry = records::read(&item)?;
            if !entry.applied {
                let (pk, sk) = (text(&item, "pk")?.to_owned(), text(&item, "sk")?.to_owned());
                self.money.push(InboxPointer { pk, sk });
            }
        }
        Ok(())
    }
}
