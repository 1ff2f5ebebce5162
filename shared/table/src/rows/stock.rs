//! Stock lines, anchors and waiting rows, and how changes to them become actions of a
//! transaction.

use crate::error::TableError;
use crate::item::{self, Item, n, number, number_or_default, s, text};
use crate::keys::{self, Key, RowKind};
use aws_sdk_dynamodb::types::{AttributeValue, Delete, Put, TransactWriteItem, Update};
use ordermill_domain::audit::Sums;
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::{
    Anchor, AnchorChange, LineChange, Share, StockKey, StockLine, WaitChange,
};
use ordermill_domain::time::Timestamp;
use std::collections::BTreeMap;

/// A stock line as it was read, with the sums the table keeps for its conditions.
///
/// For each demand class a line has `k#class`, what is kept for it, and `u#class`, the same less what
/// its orders wait for; an anchor has `w#class`, what its orders wait for.
#[derive(Clone, Debug)]
pub struct StoredLine {
    /// Where.
    pub key: StockKey,
    /// The line.
    pub line: StockLine,
    /// The attribute `available`.
    pub available: Quantity,
    /// The attribute `unkept`: available, less what is kept for demand classes.
    pub unkept: Quantity,
    /// The attribute `unclaimed`: of that, what nobody waits for.
    pub free: Quantity,
    /// When it changed last.
    pub updated_at: Timestamp,
}

impl StoredLine {
    /// The sums, for the audit.
    #[must_use]
    pub fn sums(&self) -> Sums {
        Sums { available: self.available, unkept: self.unkept, free: self.free }
    }
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
    let available = quantity(item, "available")?;
    Ok(StoredLine {
        key: StockKey::new(sku, warehouse),
        line: StockLine {
            on_hand: quantity(item, "on_hand")?,
            reserved: quantity(item, "reserved")?,
            safety_stock: quantity(item, "safety_stock")?,
            waiting: quantity(item, "waiting")?,
            manual_reserve: quantity(item, "manual_reserve")?,
            short: quantity(item, "short_by")?,
            shares: shares(item)?,
            version: number(item, "v")?,
        },
        available,
        // Rows of before there were demand classes.
        unkept: if item.contains_key("unkept") { quantity(item, "unkept")? } else { available },
        free: quantity(item, "unclaimed")?,
        updated_at: Timestamp::from_milliseconds(number_or_default(item, "ua")?),
    })
}

const KEPT: &str = "k#";
const OPEN: &str = "u#";
const WAITED: &str = "w#";

/// The attributes that begin so, by demand class.
fn by_class(item: &Item, prefix: &str) -> Result<BTreeMap<String, Quantity>, TableError> {
    let names = item.keys().filter_map(|name| Some((name, name.strip_prefix(prefix)?)));
    names.map(|(name, class)| Ok((class.to_owned(), quantity(item, name)?))).collect()
}

fn shares(item: &Item) -> Result<BTreeMap<String, Share>, TableError> {
    let kept = by_class(item, KEPT)?;
    let mut shares: BTreeMap<String, Share> = BTreeMap::new();
    for (class, kept) in &kept {
        shares.entry(class.clone()).or_default().kept = *kept;
    }
    for (class, open) in by_class(item, OPEN)? {
        let share = shares.entry(class).or_default();
        share.waiting = share.kept.minus(open);
    }
    Ok(shares)
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
    let classes = by_class(item, WAITED)?;
    Ok((sku, Anchor { warehouses, waiting, classes, version: number(item, "v")? }))
}

/// The action that changes a stock line, conditional on what the plan needs of it.
#[must_use]
pub fn line_action(table: &str, at: &StockKey, change: &LineChange, now: Timestamp) -> Update {
    let (available, unkept, free) = (change.available(), change.unkept(), change.free());
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
    // Where the row has none yet, nothing is kept: it begins with what is available.
    let base = if first { ":zero" } else { "available" };
    if !unkept.is_zero() || first || !change.shares.is_empty() {
        sets.push(format!("unkept = if_not_exists(unkept, {base}) + :u"));
        update = update.expression_attribute_values(":u", n(unkept.to_thousandths()));
    }
    for (place, (class, share)) in change.shares.iter().enumerate() {
        let both = [("k", KEPT, share.kept), ("u", OPEN, share.open())];
        for (letter, prefix, delta) in both {
            let needs = if prefix == KEPT { share.needs_kept } else { share.needs_open };
            let needs = needs.is_positive() && change.at_version.is_none();
            if delta.is_zero() && !needs {
                continue;
            }
            let (name, value) = (format!("#{letter}{place}"), format!(":{letter}{place}"));
            update = update.expression_attribute_names(&name, format!("{prefix}{class}"));
            if !delta.is_zero() {
                sets.push(format!("{name} = if_not_exists({name}, :zero) + {value}"));
                update = update.expression_attribute_values(&value, n(delta.to_thousandths()));
            }
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
            if change.needs_unkept.is_positive() {
                // What is available is asked for beside it, and is the same where nothing is kept.
                conditions.push("(attribute_not_exists(unkept) OR unkept >= :nu)".to_owned());
                update = update
                    .expression_attribute_values(":nu", n(change.needs_unkept.to_thousandths()));
            }
            for (place, share) in change.shares.values().enumerate() {
                for (letter, needs) in [("k", share.needs_kept), ("u", share.needs_open)] {
                    if needs.is_positive() {
                        let value = format!(":n{letter}{place}");
                        conditions.push(format!("#{letter}{place} >= {value}"));
                        update =
                            update.expression_attribute_values(value, n(needs.to_thousandths()));
                    }
                }
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

/// Marks the line that this action changes: `mk`, what has been done to it and is not told elsewhere yet.
pub fn mark_action(action: &mut TransactWriteItem, mark: &str) {
    let Some(update) = &mut action.update else { return };
    update.update_expression.push_str(" ADD mk :mk");
    let mark = AttributeValue::Ss(vec![mark.to_owned()]);
    update.expression_attribute_values.get_or_insert_default().insert(":mk".to_owned(), mark);
}

/// The action that takes a mark off a line.
#[must_use]
pub fn unmark_action(table: &str, at: &StockKey, mark: AttributeValue) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(table)
        .set_key(Some(item::key(&keys::stock(&at.sku, &at.warehouse))))
        .update_expression("DELETE mk :mk")
        .expression_attribute_values(":mk", mark);
    TransactWriteItem::builder().update(build_update(update)).build()
}

/// The marks of a line.
#[must_use]
pub fn marks_of(row: &Item) -> Vec<String> {
    row.get("mk").and_then(|marks| marks.as_ss().ok()).cloned().unwrap_or_default()
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
    if change.new_warehouses.is_empty() && !change.is_new_class {
        sets.push("#v = if_not_exists(#v, :one)".to_owned());
    } else {
        sets.push("#v = if_not_exists(#v, :one) + :one".to_owned());
    }
    for (place, (class, waiting)) in change.classes.iter().enumerate() {
        let (name, value) = (format!("#w{place}"), format!(":w{place}"));
        sets.push(format!("{name} = if_not_exists({name}, :zero) + {value}"));
        update = update
            .expression_attribute_names(name, format!("{WAITED}{class}"))
            .expression_attribute_values(value, n(waiting.to_thousandths()));
    }
    if !change.new_warehouses.is_empty() {
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
    if let Some((waiting, classes)) =
        change.waiting_was.as_ref().filter(|_| change.at_version != Some(0))
    {
        conditions.push("waiting = :was".to_owned());
        update = update.expression_attribute_values(":was", n(waiting.to_thousandths()));
        // A class that began to wait since has raised the version.
        for (place, (class, waiting)) in classes.iter().enumerate() {
            conditions.push(format!("#c{place} = :c{place}"));
            update = update
                .expression_attribute_names(format!("#c{place}"), format!("{WAITED}{class}"))
                .expression_attribute_values(format!(":c{place}"), n(waiting.to_thousandths()));
        }
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
