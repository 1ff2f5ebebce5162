//! The catalogue: `PUT`, `GET` and batches of products.

use crate::documents::{List, page};
use crate::once::Once;
use crate::orders::json_of;
use crate::paging::Page;
use crate::{Call, Reply};
use ordermill_domain::intake::{Product, batch_items, check_sku, parse_product};
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::product_row;
use ordermill_views::catalogue::ProductView;
use serde_json::{Value, json};

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
    let row = product_row(product)?;
    if call.runtime.table.put_row_once(row.clone()).await? {
        return Ok(201);
    }
    call.runtime.table.put_row(row).await?;
    Ok(200)
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
        Ok(product) => {
            let status = store(call, &product).await?;
            Ok(json!({ "sku": sku, "status": status, "product": shown(&product), "errors": null }))
        }
        Err(problems) => {
            let errors = ErrorAnswer::invalid(problems).errors;
            Ok(json!({ "sku": sku, "status": 422, "product": null, "errors": errors }))
        }
    }
}
