//! Stock lines, anchors and waiting rows, and how changes to them become actions of a
//! transaction.

use crate::error::TableError;
use crate::item::{self, Item, n, number, number_or_default, s, text};
use crate::keys::{self, Key, RowKind};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::{Anchor, AnchorChange, LineChange, StockKey, StockLine, WaitChange};
use ordermill_domain::time::Timestamp;

/// A stock line as it was read, with the two sums the table keeps for its conditions.
#[derive(Clone, Debug)]
pub struct StoredLine {
    /// Where.
    pub key: StockKey,
    /// The line.
    pub line: StockLine,
    /// The attribute `available`.
    pub available: Quantity,
    /// The attribute `unclaimed`: available, less what is waited for.
    pub free: Quantity,
    /// When it changed last.
    pub updated_at: Timestamp,
}

fn quantity(item: &Item, name: &str) -> Result<Quantity, TableError> {
    number_or_default(item, name).map(Quantity::thousandths)
}

/// Reads a stock line.
///
/// # Errors
/// The row cannot be read.
pub fn read_line(item: &Item) -> Result<StoredLine, TableError> {
    item::check_schema(item)?;
    let (sku, warehouse) = keys::stock_of(text(item, "pk")?, text(item, "sk")?)
        .ok_or_else(|| TableError::broken("not a stock line"))?;
    Ok(StoredLine {
        key: StockKey::new(sku, warehouse),
        line: StockLine {
            on_hand: quantity(item, "on_hand")?,
            reserved: quantity(item, "reserved")?,
            safety_stock: quantity(item, "safety_stock")?,
            waiting: quantity(item, "waiting")?,
            manual_reserve: quantity(item, "manual_reserve")?,
            short: quantity(item, "short_by")?,
            version: number(item, "v")?,
        },
        available: quantity(item, "available")?,
        free: quantity(item, "unclaimed")?,
        updated_at: Timestamp::from_milliseconds(number_or_default(item, "ua")?),
    })
}

/// Reads an anchor.
///
/// # Errors
/// The row cannot be read.
pub fn read_anchor(item: &Item) -> Result<(String, Anchor), TableError> {
    item::check_schema(item)?;
    let sku = text(item, "pk")?.strip_prefix("S#").unwrap_or_default().to_owned();
    let warehouses = match item.get("warehouses") {
        Some(AttributeValue::Ss(set)) => {
            let mut list = set.clone();
            list.sort();
            list
        }
        _ => Vec::new(),
    };
    let waiting = quantity(item, "waiting")?;
    Ok((sku, Anchor { warehouses, waiting, version: number(item, "v")? }))
}

/// The action that changes a stock line, conditional on what the plan needs of it.
#[must_use]
pub fn line_action(table: &str, at: &StockKey, change: &LineChange, now: Timestamp) -> Update {
    let (available, free) = (change.available(), change.free());
    let mut conditions = Vec::new();
    let mut update = Update::builder()
        .table_name(table)
        .set_key(Some(item::key(&keys::stock(&at.sku, &at.warehouse))));
    let mut sets = vec![
        "#v = if_not_exists(#v, :zero) + :one".to_owned(),
        "ua = :now".to_owned(),
        "kind = :kind".to_owned(),
        "#s = :schema".to_owned(),
    ];
    let fields = [
        ("on_hand", ":h", change.on_hand),
        ("reserved", ":r", change.reserved),
        ("safety_stock", ":s", change.safety_stock),
        ("manual_reserve", ":m", change.manual_reserve),
        ("waiting", ":w", change.waiting),
        ("available", ":a", available),
        // `free` is a reserved word of the table service.
        ("unclaimed", ":f", free),
    ];
    // A row is made with all its fields; later only what changes is named.
    let first = change.at_version == Some(0);
    for (name, value, delta) in fields {
        if !delta.is_zero() || first {
            sets.push(format!("{name} = if_not_exists({name}, :zero) + {value}"));
            update = update.expression_attribute_values(value, n(delta.to_thousandths()));
        }
    }
    if let Some(short) = change.short {
        sets.push("short_by = :sh".to_owned());
        update = update.expression_attribute_values(":sh", n(short.to_thousandths()));
    }
    match change.at_version {
        Some(0) => conditions.push("attribute_not_exists(pk)".to_owned()),
        Some(version) => {
            conditions.push("#v = :v".to_owned());
            update = update.expression_attribute_values(":v", n(version));
        }
        None => {
            conditions.push("attribute_exists(pk)".to_owned());
            if change.needs_free.is_positive() {
                conditions.push("unclaimed >= :nf".to_owned());
                update = update
                    .expression_attribute_values(":nf", n(change.needs_free.to_thousandths()));
            }
            if change.needs_available.is_positive() {
                conditions.push("available >= :na".to_owned());
                update = update
                    .expression_attribute_values(":na", n(change.needs_available.to_thousandths()));
            }
        }
    }
    let update = update
        .update_expression(format!("SET {}", sets.join(", ")))
        .condition_expression(conditions.join(" AND "))
        .expression_attribute_names("#v", "v")
        .expression_attribute_names("#s", "schema")
        .expression_attribute_values(":zero", n(0))
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":now", n(now.milliseconds()))
        .expression_attribute_values(":kind", s(RowKind::Stock.name()))
        .expression_attribute_values(":schema", n(keys::SCHEMA));
    build_update(update)
}

/// The action that changes a SKU's anchor.
#[must_use]
pub fn anchor_action(table: &str, sku: &str, change: &AnchorChange) -> Update {
    let key = keys::anchor(sku);
    let mut conditions = Vec::new();
    let mut update = Update::builder().table_name(table).set_key(Some(item::key(&key)));
    let mut sets = vec![
        "waiting = if_not_exists(waiting, :zero) + :w".to_owned(),
        "kind = :kind".to_owned(),
        "#s = :schema".to_owned(),
        "op = :op".to_owned(),
        "oc = :oc".to_owned(),
    ];
    let mut add = String::new();
    if change.new_warehouses.is_empty() {
        sets.push("#v = if_not_exists(#v, :one)".to_owned());
    } else {
        sets.push("#v = if_not_exists(#v, :one) + :one".to_owned());
        add = " ADD warehouses :new".to_owned();
        update = update
            .expression_attribute_values(":new", AttributeValue::Ss(change.new_warehouses.clone()));
    }
    match change.at_version {
        Some(0) => conditions.push("attribute_not_exists(pk)".to_owned()),
        Some(version) => {
            conditions.push("#v = :v".to_owned());
            update = update.expression_attribute_values(":v", n(version));
        }
        None => {}
    }
    if let Some(waiting) = change.waiting_was.filter(|_| change.at_version != Some(0)) {
        conditions.push("waiting = :was".to_owned());
        update = update.expression_attribute_values(":was", n(waiting.to_thousandths()));
    }
    let update = update
        .update_expression(format!("SET {}{add}", sets.join(", ")))
        .set_condition_expression((!conditions.is_empty()).then(|| conditions.join(" AND ")))
        .expression_attribute_names("#v", "v")
        .expression_attribute_names("#s", "schema")
        .expression_attribute_values(":w", n(change.waiting.to_thousandths()))
        .expression_attribute_values(":zero", n(0))
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":kind", s(RowKind::Anchor.name()))
        .expression_attribute_values(":schema", n(keys::SCHEMA))
        .expression_attribute_values(":op", s(keys::owner_list(RowKind::Anchor)))
        .expression_attribute_values(":oc", s(sku));
    build_update(update)
}

/// The key of an order's place in the queue for a SKU.
#[must_use]
pub fn wait_key(wait: &WaitChange) -> Key {
    let since = Timestamp::from_milliseconds(wait.since);
    keys::wait(&wait.sku, wait.priority, since, &wait.order_id)
}

/// The action that puts an order into the queue for a SKU, or takes it out.
#[must_use]
pub fn wait_action(table: &str, wait: &WaitChange) -> TransactWriteItem {
    let key = wait_key(wait);
    if wait.quantity.is_zero() {
        let delete = Delete::builder().table_name(table).set_key(Some(item::key(&key)));
        return TransactWriteItem::builder().set_delete(delete.build().ok()).build();
    }
    let mut row = item::row(&key);
    row.insert("o".to_owned(), s(&wait.order_id));
    row.insert("q".to_owned(), n(wait.quantity.to_thousandths()));
    let put = Put::builder().table_name(table).set_item(Some(row));
    TransactWriteItem::builder().set_put(put.build().ok()).build()
}

/// One order that waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// The order.
    pub order_id: String,
    /// How much.
    pub quantity: Quantity,
    /// The row's sort key: its turn.
    pub turn: String,
}

/// Reads a waiting row.
///
/// # Errors
/// The row cannot be read.
pub fn read_wait(item: &Item) -> Result<Waiting, TableError> {
    Ok(Waiting {
        order_id: text(item, "o")?.to_owned(),
        quantity: quantity(item, "q")?,
        turn: text(item, "sk")?.to_owned(),
    })
}

fn build_update(update: aws_sdk_dynamodb::types::builders::UpdateBuilder) -> Update {
    // All required members are set above; the builder cannot fail.
    #[expect(clippy::expect_used, reason = "every required member is set in this module")]
    update.build().expect("an update with key, expression and table")
}
