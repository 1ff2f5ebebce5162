//! Price lists: a head and one row per article, so that an order reads the prices of its own
//! lines and no others, however long the list is.
//!
//! A list is replaced as a whole. The new prices are put beside the old ones, under a name of
//! their own (a tag of what they replace, and a digest of that and of what they say); then the head is
//! put, which says which of them count. So at each moment a reader sees one list, the old or the new one.
//! Prices that were put to replace what something else has replaced can never count, and go.

use crate::Table;
use crate::commit;
use crate::error::TableError;
use crate::item::text;
use crate::keys::{self, Key};
use crate::records::{document, expiring, listed, read};
use ordermill_domain::ids;
use ordermill_domain::intake::Price;
use ordermill_domain::money::Currency;
use ordermill_domain::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Prices of one list (it must fit a request).
pub const PRICES_MAX: usize = 10_000;

/// Rows that are let go at a time: the list's own, and as many that never counted.
const OLD_ROWS_MAX: usize = PRICES_MAX * 2;
/// Characters of a generation's own name.
const OWN_CHARACTERS: usize = 16;
/// Characters by which a generation names the one it replaces.
const TAG_CHARACTERS: usize = 8;

/// By what prices begin that are to replace these; the first of a list replace nothing.
fn tag_of(before: Option<&PriceList>) -> String {
    let name = before.map_or("", |before| before.generation.as_str());
    let skipped = name.chars().count().saturating_sub(TAG_CHARACTERS);
    format!("{:->TAG_CHARACTERS$}", name.chars().skip(skipped).collect::<String>())
}

/// How long prices stay that were replaced.
const OLD_PRICES_KEPT: Seconds = Seconds::days(1);

/// The head of a price list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceList {
    /// Its name in clients' and customers' terms.
    pub id: String,
    /// Shown to people.
    #[serde(default)]
    pub name: Option<String>,
    /// The only client whose orders it may apply to; none means anybody's it is agreed with.
    #[serde(default)]
    pub client: Option<String>,
    /// Of all its prices.
    pub currency: Currency,
    /// Whether its prices contain the tax.
    pub prices_include_tax: bool,
    /// Decimal places that its prices, and prices of orders under it, may have.
    pub places: u32,
    /// Which prices count.
    pub generation: String,
    /// How many there are.
    pub count: usize,
}

impl Table {
    /// The head of a price list.
    ///
    /// # Errors
    /// The table cannot be reached, or the row cannot be read.
    pub async fn price_list(&self, id: &str) -> Result<Option<PriceList>, TableError> {
        self.document(&keys::price_list(id)).await
    }

    /// What a list says of these articles; others are left out.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn prices_of(
        &self,
        list: &PriceList,
        skus: impl Iterator<Item = &str>,
    ) -> Result<BTreeMap<String, Price>, TableError> {
        let wanted: Vec<Key> =
            skus.map(|sku| keys::price(&list.id, &list.generation, sku)).collect();
        let mut prices = BTreeMap::new();
        for row in self.batch_get(&wanted).await? {
            let (sku, price): (String, Price) = read(&row)?;
            prices.insert(sku, price);
        }
        Ok(prices)
    }

    /// All that a list says.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn prices(&self, list: &PriceList) -> Result<BTreeMap<String, Price>, TableError> {
        let prefix = keys::price_prefix(&list.generation);
        let partition = keys::price_list(&list.id);
        let rows = self.partition(partition.pk(), &prefix, None, PRICES_MAX).await?;
        rows.iter().map(read).collect()
    }

    /// Replaces a list; says whether there was none.
    ///
    /// # Errors
    /// The table cannot be reached; [`TableError::Moved`] or [`TableError::Cancelled`] where somebody
    /// else replaced the list meanwhile: it is to be asked again.
    pub async fn put_price_list(
        &self,
        mut list: PriceList,
        prices: &BTreeMap<String, Price>,
        now: Timestamp,
    ) -> Result<(bool, PriceList), TableError> {
        let key = keys::price_list(&list.id);
        let row = self.get(&key).await?;
        let before: Option<PriceList> = row.as_ref().map(read).transpose()?;
        let said =
            serde_json::to_string(prices).map_err(|error| TableError::Broken(error.to_string()))?;
        // Named after what it replaces too: a name never comes back, so prices that were given up
        // can go without taking away those of a list that says the same again.
        let after = before.as_ref().map_or("", |before| before.generation.as_str());
        let name = ids::digest(format!("{after}\n{said}").as_bytes());
        let own: String = name.chars().take(OWN_CHARACTERS).collect();
        list.generation = format!("{}{own}", tag_of(before.as_ref()));
        list.count = prices.len();
        let mut rows = Vec::with_capacity(prices.len());
        for (sku, price) in prices {
            let key = keys::price(&list.id, &list.generation, sku);
            rows.push(document(&key, &(sku, price))?);
        }
        self.put_rows(rows).await?;
        let head = listed(document(&key, &list)?, keys::RowKind::PriceList, &list.id);
        let put = match &row {
            Some(row) => commit::put_over(self, head, row)?,
            None => commit::put_new(self, head)?,
        };
        match self.write(vec![put]).await {
            Ok(()) => {}
            // It may count yet, whatever is there now: whoever replaces it next clears it away.
            Err(error @ TableError::Unclear(_)) => return Err(error),
            Err(error) => {
                self.give_up(&list, now).await?;
                return Err(error);
            }
        }
        if let Some(old) = &before {
            self.let_go(&list, &keys::price_prefix(&old.generation), now).await?;
        }
        // Others that were to replace the same: a request that died, or was slower.
        self.let_go(&list, &tag_of(before.as_ref()), now).await?;
        Ok((before.is_none(), list))
    }

    /// Another was quicker: what was put can never count, unless it said the same.
    async fn give_up(&self, list: &PriceList, now: Timestamp) -> Result<(), TableError> {
        match self.price_list(&list.id).await? {
            Some(head) if head.generation != list.generation => {
                self.let_go(&head, &keys::price_prefix(&list.generation), now).await
            }
            // The same.
            Some(_) | None => Ok(()),
        }
    }

    /// Lets prices go that begin with this and that the list does not name, a while later: somebody may
    /// have read the old head just now. Not needed for correctness.
    async fn let_go(
        &self,
        list: &PriceList,
        prefix: &str,
        now: Timestamp,
    ) -> Result<(), TableError> {
        let partition = keys::price_list(&list.id);
        let rows = self.partition(partition.pk(), prefix, None, OLD_ROWS_MAX).await?;
        let counts = keys::price_prefix(&list.generation);
        let until = now.plus(OLD_PRICES_KEPT);
        let mut old = Vec::new();
        for row in rows {
            if !text(&row, "sk")?.starts_with(&counts) {
                old.push(expiring(row, until));
            }
        }
        self.put_rows(old).await
    }
}
