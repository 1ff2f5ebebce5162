//! Catalogue entries of the articles an order names.

use crate::{Runtime, StepResult};
use ordermill_domain::intake::Product;
use ordermill_domain::order::Line;
use ordermill_table::{keys, records};
use std::collections::BTreeMap;

/// The products of these lines that there are: one batched read for up to a hundred articles.
///
/// # Errors
/// The table cannot be reached.
pub async fn products(runtime: &Runtime, lines: &[Line]) -> StepResult<BTreeMap<String, Product>> {
    let wanted: Vec<keys::Key> = lines.iter().map(|l| keys::product(&l.sku)).collect();
    let mut products = BTreeMap::new();
    for row in runtime.table.batch_get(&wanted).await? {
        let product: Product = records::read(&row)?;
        products.insert(product.sku.clone(), product);
    }
    Ok(products)
}
