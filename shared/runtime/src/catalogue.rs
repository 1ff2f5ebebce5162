//! Catalogue entries of the articles an order names, as they are for this order: with the prices
//! of its price list and the tax rates of its country. Read in few requests, whatever the number
//! of lines, articles or prices.

use crate::{Runtime, StepResult};
use ordermill_domain::intake::Product;
use ordermill_domain::money::Currency;
use ordermill_domain::order::Line;
use ordermill_domain::price::list::{apply_prices, apply_rates};
use ordermill_table::item::Item;
use ordermill_table::keys::{self, Key};
use ordermill_table::records;
use ordermill_table::rows::prices::PriceList;
use std::collections::{BTreeMap, BTreeSet};

/// Products by SKU.
pub type Products = BTreeMap<String, Product>;

/// The products of these lines that there are, and of their bundles' parts, and other rows, in one
/// batched read for up to a hundred; bundles take one more.
///
/// # Errors
/// The table cannot be reached.
pub async fn products_and(
    runtime: &Runtime,
    lines: &[Line],
    others: &[Key],
) -> StepResult<(Products, Vec<Item>)> {
    let skus: BTreeSet<&str> = lines.iter().map(|line| line.sku.as_str()).collect();
    let mut wanted: Vec<Key> = skus.into_iter().map(keys::product).collect();
    wanted.extend(others.iter().cloned());
    let mut products = Products::new();
    let mut rest = Vec::with_capacity(others.len());
    for row in runtime.table.batch_get(&wanted).await? {
        let is_product =
            records::kind(&row).is_some_and(|kind| kind == keys::RowKind::Product.name());
        if is_product {
            let product: Product = records::read(&row)?;
            products.insert(product.sku.clone(), product);
        } else {
            rest.push(row);
        }
    }
    let parts: BTreeSet<&str> = products
        .values()
        .flat_map(|product| &product.parts)
        .map(|part| part.sku.as_str())
        .filter(|sku| !products.contains_key(*sku))
        .collect();
    let wanted: Vec<Key> = parts.into_iter().map(keys::product).collect();
    for row in runtime.table.batch_get(&wanted).await? {
        let product: Product = records::read(&row)?;
        products.insert(product.sku.clone(), product);
    }
    Ok((products, rest))
}

/// What makes a catalogue entry another one for another order.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The order's currency.
    pub currency: Currency,
    /// Where it goes.
    pub country: Option<&'a str>,
    /// Its price list.
    pub list: Option<&'a PriceList>,
}

/// Puts the list's prices and the country's tax rates in place of the catalogue's.
///
/// # Errors
/// The table cannot be reached.
pub async fn under_terms(
    runtime: &Runtime,
    mut products: Products,
    terms: Terms<'_>,
) -> StepResult<Products> {
    if let Some(list) = terms.list.filter(|list| list.currency == terms.currency) {
        let skus: Vec<String> = products.keys().cloned().collect();
        let prices = runtime.table.prices_of(list, skus.iter().map(String::as_str)).await?;
        apply_prices(&mut products, list.currency, &prices);
    }
    let settings = runtime.settings().await?;
    apply_rates(&mut products, &settings.tax_rates, terms.country);
    Ok(products)
}
