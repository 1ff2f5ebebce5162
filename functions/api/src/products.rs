//! The catalogue: `PUT`, `GET` and batches of products.

use crate::documents::{List, page};
use crate::once::Once;
use crate::orders::json_of;
use crate::paging::Page;
use crate::{Call, Reply};
use ordermill_domain::intake::{Problem, Product, batch_items, check_sku, parse_product};
use ordermill_domain::order::BundlePart;
use ordermill_domain::stock::StockLine;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_table::commit::{delete_any, put_any};
use ordermill_table::keys::{self, Key, RowKind};
use ordermill_table::records::{document, product_row, read};
use ordermill_views::catalogue::ProductView;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Products of one batch (`spec/api.md`).
const BATCH_MAX: usize = 100;

const LIST: List =
    List { kind: RowKind::Product, newest_first: false, row: |_, sku| keys::product(sku) };

/// `PUT /v1/products/{sku}`: 201 for a new one, 200 for one that is replaced.
pub(crate) async fn put(call: &Call<'_>) -> Reply {
    let sku = call.param(0);
    if check_sku(sku).is_err() {
        return Err(ErrorAnswer::not_found());
    }
    let body = call.request.json_object()?;
    let product = parse_product(sku, &body).map_err(ErrorAnswer::invalid)?;
    let status = store(call, &product).await?;
    Ok(Answer::json(status, shown(&product)))
}

fn shown(product: &Product) -> Value {
    json_of(&ProductView::new(product))
}

async fn store(call: &Call<'_>, product: &Product) -> Result<u16, ErrorAnswer> {
    bundle_fits(call, product).await?;
    let table = &call.runtime.table;
    let row = product_row(product)?;
    if product.parts.is_empty() && table.put_row_once(row.clone()).await? {
        return Ok(201);
    }
    let before: Option<Product> = table.document(&keys::product(&product.sku)).await?;
    let parts_before = before.as_ref().map_or(&[][..], |before| before.parts.as_slice());
    let mut actions = vec![put_any(table, row)?];
    for part in &product.parts {
        let key = keys::bundle_use(&part.sku, &product.sku);
        actions.push(put_any(table, document(&key, &product.sku)?)?);
    }
    let kept = |part: &&BundlePart| product.parts.iter().any(|other| other.sku == part.sku);
    for part in parts_before.iter().filter(|part| !kept(part)) {
        actions.push(delete_any(table, &keys::bundle_use(&part.sku, &product.sku))?);
    }
    table.write(actions).await?;
    Ok(if before.is_some() { 200 } else { 201 })
}

/// A bundle is made of articles that are sold and are no bundles, is no part of another, and has no
/// stock of its own. Whoever orders it is told where that has changed since.
async fn bundle_fits(call: &Call<'_>, product: &Product) -> Result<(), ErrorAnswer> {
    if product.parts.is_empty() {
        return Ok(());
    }
    let table = &call.runtime.table;
    let wanted: Vec<Key> = product.parts.iter().map(|part| keys::product(&part.sku)).collect();
    let mut articles: BTreeMap<String, Product> = BTreeMap::new();
    for row in table.batch_get(&wanted).await? {
        let article: Product = read(&row)?;
        articles.insert(article.sku.clone(), article);
    }
    let mut problems = product.part_problems(&articles);
    let own = keys::product(&product.sku);
    if let Some(used) = table.partition(own.pk(), keys::BUNDLE_USE_PREFIX, None, 1).await?.first() {
        let bundle: String = read(used)?;
        problems.push(Problem {
            pointer: "/parts".to_owned(),
            code: "bundle_nested",
            detail: format!("It is a part of {bundle}: a bundle is no part of another."),
        });
    }
    let view = table.stock_view(&BTreeSet::from([product.sku.clone()]), BTreeMap::new()).await?;
    let has_units = |line: &StockLine| !line.on_hand.is_zero() || !line.reserved.is_zero();
    let waited = view.anchors.values().any(|anchor| !anchor.waiting.is_zero());
    if waited || view.lines.values().any(has_units) {
        problems.push(Problem {
            pointer: "/parts".to_owned(),
            code: "bundle_with_stock",
            detail: "It has stock of its own, or orders wait for it: count it to zero first, or \
                     take another number."
                .to_owned(),
        });
    }
    if problems.is_empty() { Ok(()) } else { Err(ErrorAnswer::invalid(problems)) }
}

/// `GET /v1/products/{sku}`.
pub(crate) async fn one(call: &Call<'_>) -> Reply {
    let found: Option<Product> = call.runtime.table.document(&keys::product(call.param(0))).await?;
    let product = found.ok_or_else(ErrorAnswer::not_found)?;
    Ok(Answer::json(200, shown(&product)))
}

/// `GET /v1/products`.
pub(crate) async fn list(call: &Call<'_>) -> Reply {
    let asked = Page::read(call)?;
    let found = page::<Product>(call, LIST, &asked).await?;
    let items = found.documents.iter().map(shown).collect();
    Ok(asked.answer(call, items, found.next))
}

/// `POST /v1/products/batch`: each by itself, a result per item.
pub(crate) async fn batch(call: &Call<'_>) -> Reply {
    let body = call.request.json()?;
    let items = batch_items(&body, "products", BATCH_MAX).map_err(ErrorAnswer::invalid)?;
    let once = Once::new(call, "products", &body)?;
    if let Some(answer) = once.known(call).await?.and_then(|claimed| claimed.answer) {
        return Ok(Answer::json(200, answer));
    }
    let mut results = Vec::with_capacity(items.len());
    for item in items {
        results.push(one_of_batch(call, item).await?);
    }
    let answer = json!({ "items": results });
    if once.is_keyed {
        call.runtime.table.put_row(once.row(call, "", Some(answer.clone()))?).await?;
    }
    Ok(Answer::json(200, answer))
}

/// One product of a batch: its status, and the product or what is wrong with it.
async fn one_of_batch(call: &Call<'_>, item: &Value) -> Result<Value, ErrorAnswer> {
    let sku = item.get("sku").and_then(Value::as_str).unwrap_or_default();
    match parse_product(sku, item) {
        Ok(product) => match store(call, &product).await {
            Ok(status) => Ok(
                json!({ "sku": sku, "status": status, "product": shown(&product), "errors": null }),
            ),
            Err(error) if error.status == 422 => {
                Ok(json!({ "sku": sku, "status": 422, "product": null, "errors": error.errors }))
            }
            Err(error) => Err(error),
        },
        Err(problems) => {
            let errors = ErrorAnswer::invalid(problems).errors;
            Ok(json!({ "sku": sku, "status": 422, "product": null, "errors": errors }))
        }
    }
}
