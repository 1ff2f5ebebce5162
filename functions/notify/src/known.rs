//! What a batch of notices needs from the table, read for all of it in two requests: the orders;
//! then what is known about reaching their customers, and the messages' own rows.
//!
//! Not needed for correctness: what is not here (a request failed, a row cannot be read, the
//! message goes another way than usual) is read by the message that needs it.

use crate::people;
use ordermill_domain::order::{Order, Recipient};
use ordermill_domain::reach::{self, Channel, Contact, Reach};
use ordermill_runtime::notices::known_reach;
use ordermill_runtime::queues::NoticePointer;
use ordermill_runtime::{Runtime, StepResult};
use ordermill_table::TableError;
use ordermill_table::item::{Item, text};
use ordermill_table::keys::{self, Key, NoticeKey};
use ordermill_table::records::{Settings, User, read};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What was read.
#[derive(Default)]
pub(crate) struct Known {
    orders: BTreeMap<String, Order>,
    /// Keys that were asked for.
    asked: BTreeSet<Key>,
    /// Rows that are there, by partition and sort key.
    rows: BTreeMap<(String, String), Item>,
}

/// Reads for a batch.
pub(crate) async fn look(runtime: &Runtime, pointers: &[&NoticePointer]) -> Known {
    let mut known = Known::default();
    // A batch of one is not made cheaper by reading ahead.
    if pointers.len() > 1
        && let Err(error) = known.fill(runtime, pointers).await
    {
        tracing::debug!(reason = %error, "a batch of notices is read one by one");
    }
    known
}

impl Known {
    async fn fill(&mut self, runtime: &Runtime, pointers: &[&NoticePointer]) -> StepResult<()> {
        let ids: BTreeSet<&str> = pointers.iter().map(|pointer| pointer.order.as_str()).collect();
        let ids: Vec<String> = ids.into_iter().map(str::to_owned).collect();
        let found = runtime.table.orders(&ids).await?;
        self.orders = found.into_iter().map(|s| (s.order.id.clone(), s.order)).collect();
        let settings = runtime.settings().await?;
        let house = match pointers.iter().any(|pointer| pointer.to == Recipient::Staff) {
            true => runtime.house().await?,
            false => Arc::default(),
        };
        let keys: BTreeSet<Key> =
            pointers.iter().flat_map(|pointer| self.keys_of(&settings, &house, pointer)).collect();
        let wanted: Vec<Key> = keys.iter().cloned().collect();
        for row in runtime.table.batch_get(&wanted).await? {
            let at = |name: &str| text(&row, name).map(str::to_owned);
            self.rows.insert((at("pk")?, at("sk")?), row);
        }
        self.asked = keys;
        Ok(())
    }

    /// The rows a message will look at, as far as that can be known beforehand.
    fn keys_of(&self, settings: &Settings, house: &[User], pointer: &NoticePointer) -> Vec<Key> {
        let Some(order) = self.orders.get(&pointer.order) else { return Vec::new() };
        let notice = |channel: Channel, to: &str| {
            let (order, template) = (&pointer.order, &pointer.template);
            NoticeKey::new(order, pointer.version, template, channel.name(), to).key()
        };
        match pointer.to {
            Recipient::Staff => {
                let people = people(order, settings, house);
                people.iter().map(|to| notice(Channel::Email, to)).collect()
            }
            // The address stands with the client.
            Recipient::Partner => Vec::new(),
            Recipient::Customer => {
                // Where no channel has failed yet.
                let usual = reach::channels(&order.placed, &Reach::default(), &pointer.template);
                let rows = usual.iter().map(|Contact { channel, to }| notice(*channel, to));
                let reach =
                    (!order.customer_id.is_empty()).then(|| keys::reach(&order.customer_id));
                rows.chain(reach).collect()
            }
        }
    }

    /// An order.
    pub(crate) async fn order(
        &self,
        runtime: &Runtime,
        id: &str,
    ) -> Result<Option<Cow<'_, Order>>, TableError> {
        if let Some(order) = self.orders.get(id) {
            return Ok(Some(Cow::Borrowed(order)));
        }
        Ok(runtime.table.order(id).await?.map(|partition| Cow::Owned(partition.stored.order)))
    }

    /// A row.
    pub(crate) async fn row(
        &self,
        runtime: &Runtime,
        key: &Key,
    ) -> Result<Option<Item>, TableError> {
        if self.asked.contains(key) {
            return Ok(self.rows.get(&(key.pk().to_owned(), key.sk().to_owned())).cloned());
        }
        runtime.table.get(key).await
    }

    /// What is known about reaching a customer.
    pub(crate) async fn reach(&self, runtime: &Runtime, customer: &str) -> StepResult<Reach> {
        let key = keys::reach(customer);
        if self.asked.contains(&key) {
            let row = self.rows.get(&(key.pk().to_owned(), key.sk().to_owned()));
            return Ok(row.map(read).transpose()?.unwrap_or_default());
        }
        Ok(known_reach(&runtime.table, customer).await?.0)
    }
}
