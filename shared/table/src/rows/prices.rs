//! Price lists: a head and one row per article, so that an order reads the prices of its own
//! lines and no others, however long the list is.
//!
//! A list is replaced as a whole. The new prices are put beside the old ones, under a name of
//! their own (a digest of what they say); then the head is put, which says which of them count.
//! So at each moment a reader sees one list, the old or the new one.

use crate::Table;
use crate::error::TableError;
use crate::item::text;
use crate::keys::{self, Key};
use crate::records::{document, listed, read};
use ordermill_domain::ids;
use ordermill_domain::intake::Price;
use ordermill_domain::money::Currency;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Prices of one list (it must fit a request).
pub const PRICES_MAX: usize = 10_000;

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
    /// The table cannot be reached.
    pub async fn put_price_list(
        &self,
        mut list: PriceList,
        prices: &BTreeMap<String, Price>,
    ) -> Result<(bool, PriceList), TableError> {
        let before = self.price_list(&list.id).await?;
        let said =
            serde_json::to_string(prices).map_err(|error| TableError::Broken(error.to_string()))?;
        list.generation = ids::digest(said.as_bytes()).chars().take(16).collect();
        list.count = prices.len();
        let mut rows = Vec::with_capacity(prices.len());
        for (sku, price) in prices {
            let key = keys::price(&list.id, &list.generation, sku);
            rows.push(document(&key, &(sku, price))?);
        }
        self.put_rows(rows).await?;
        let head = document(&keys::price_list(&list.id), &list)?;
        self.put_row(listed(head, keys::RowKind::PriceList, &list.id)).await?;
        if let Some(old) = before.as_ref().filter(|old| old.generation != list.generation) {
            self.forget_prices(old).await?;
        }
        Ok((before.is_none(), list))
    }

    /// Not needed for correctness: prices that no head names are never read.
    async fn forget_prices(&self, old: &PriceList) -> Result<(), TableError> {
        let prefix = keys::price_prefix(&old.generation);
        let partition = keys::price_list(&old.id);
        for row in self.partition(partition.pk(), &prefix, None, PRICES_MAX).await? {
            self.delete(&keys::price_at(&old.id, text(&row, "sk")?)).await?;
        }
        Ok(())
    }
}
