//! `audit`: recomputes what must be true, and reports what is not. Its report must be empty.
//!
//! The caller loads rows and says which; suspects found by a scan are confirmed by a consistent
//! read before they count.

use crate::decide::{guards, limits, payments};
use crate::order::Order;
use crate::policy::Policy;
use crate::quantity::Quantity;
use crate::stock::{Anchor, StockKey, StockLine};
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Something that should not be so.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// Stable code.
    pub code: &'static str,
    /// The order, or the SKU and warehouse.
    pub about: String,
    /// What is, and what should be.
    pub detail: String,
    /// Of stock: by how many units the two differ.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<Quantity>,
}

/// What is wrong with one order, seen by itself. `stored_due` is what the worklist says.
#[must_use]
pub fn order(policy: &Policy, order: &Order, stored_due: Option<Timestamp>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code: &'static str, detail: String| {
        findings.push(Finding { code, about: order.id.clone(), detail, units: None });
    };
    for line in &order.lines {
        if !line.adds_up() {
            find("line_adds_up", format!("The parts of line {} are not its quantity.", line.line));
        }
    }
    if order.is_closed() && (order.holds_stock() || order.waits_for_stock()) {
        find("closed_holds_stock", format!("The order is {} and holds stock.", order.status));
    }
    if policy.status(&order.status).is_none() {
        find("unknown_status", format!("{} is not a status of its policy.", order.status));
    }
    for pair in order.recent_events.windows(2) {
        if let [a, b] = pair
            && (a.version.saturating_add(1) != b.version || a.at > b.at)
        {
            find("event_gap", format!("Event {} is followed by {}.", a.version, b.version));
        }
    }
    if order.recent_events.last().map(|e| e.version) != Some(order.version) {
        find("event_missing", format!("Version {} has no event.", order.version));
    }
    money(policy, order, &mut find);
    let due = limits::due_at(policy, order);
    if due != stored_due {
        let told = |t: Option<Timestamp>| t.map_or("nothing".to_owned(), |t| t.to_string());
        find("due_at", format!("Due is {}, stored is {}.", told(due), told(stored_due)));
    }
    if !order.is_closed() && due.is_none() {
        find("no_deadline", format!("The order is {} and nothing ends that.", order.status));
    }
    findings
}

/// No cent without an owner: it is the order's price, a refund owed, or an exception names it.
fn money(policy: &Policy, order: &Order, find: &mut impl FnMut(&'static str, String)) {
    let ledger = &order.ledger;
    let currency = order.currency;
    if ledger.refunded().plus(ledger.refund_owed()) > ledger.received() {
        find("refund_exceeds", "Owed and refunded exceed what was received.".to_owned());
    }
    let with_goods = order.lines.iter().any(|l| l.shipped > l.returned) || !order.is_closed();
    let surplus = ledger.kept().less(payments::price(order));
    let tolerated = with_goods && surplus <= policy.overpay_tolerance;
    let named = !order.exceptions.is_empty();
    if surplus.is_positive() && !tolerated && !named && !payments::unpriced(order) {
        find("cent_without_owner", format!("{} has no owner.", surplus.format(currency)));
    }
    if ledger.refund_owed().is_positive() && ledger.refund_due_at.is_none() {
        find("owed_without_deadline", "A refund is owed and nothing reminds of it.".to_owned());
    }
    let gone = order.lines.iter().any(|l| l.shipped > l.returned);
    let open = guards::receivable(policy, order).is_positive();
    if gone && open && ledger.receivable_due_at.is_none() {
        find("open_without_deadline", "Goods are gone, money is open, nothing reminds.".to_owned());
    }
}

/// What orders say about stock, summed over all of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Held {
    /// Units held, by place.
    pub held: BTreeMap<StockKey, Quantity>,
    /// Units waited for, by SKU.
    pub waiting: BTreeMap<String, Quantity>,
}

impl Held {
    /// Adds an order.
    pub fn add(&mut self, order: &Order) {
        for line in &order.lines {
            for allocation in &line.allocations {
                let key = StockKey::new(&line.sku, &allocation.warehouse);
                let sum = self.held.entry(key).or_default();
                *sum = sum.plus(allocation.held);
            }
            if line.backordered.is_positive() {
                let sum = self.waiting.entry(line.sku.clone()).or_default();
                *sum = sum.plus(line.backordered);
            }
        }
    }
}

/// What is wrong with stock, against what all orders say. `stored_available` and `stored_free`
/// are the attributes the table keeps for its conditions.
#[must_use]
pub fn stock(
    lines: &BTreeMap<StockKey, (StockLine, Quantity, Quantity)>,
    anchors: &BTreeMap<String, Anchor>,
    waits: &BTreeMap<String, Quantity>,
    orders: &Held,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    // `is` and `should` differ, by so many units.
    let mut find = |code: &'static str, about: String, is: Quantity, should: Quantity, detail| {
        let units = Some(is.minus(should).max(should.minus(is)));
        findings.push(Finding { code, about, detail, units });
    };
    for (key, (line, available, free)) in lines {
        let about = format!("{} at {}", key.sku, key.warehouse);
        if line.available() != *available || line.free() != *free {
            let detail = format!("available {available}, should be {}", line.available());
            find("available", about.clone(), *available, line.available(), detail);
        }
        let held = orders.held.get(key).copied().unwrap_or_default().plus(line.manual_reserve);
        if line.reserved != held {
            let detail = format!("reserved {}, orders and hand hold {held}", line.reserved);
            find("reserved", about.clone(), line.reserved, held, detail);
        }
        let anchor = anchors.get(&key.sku);
        let waiting = anchor.map(|a| a.waiting).unwrap_or_default();
        if waiting != line.waiting {
            let detail = format!("waiting {} is not the SKU's", line.waiting);
            find("waiting", about.clone(), line.waiting, waiting, detail);
        }
        if !anchor.is_some_and(|a| a.warehouses.contains(&key.warehouse)) {
            let detail = "the SKU does not know this warehouse".to_owned();
            find("anchor", about.clone(), line.on_hand, Quantity::ZERO, detail);
        }
        // A count may find less than is promised; orders tell people of it (`stock_short`).
        if line.available() < line.short.negated() {
            let detail = format!("available is {}", line.available());
            find("oversold", about, line.available(), Quantity::ZERO, detail);
        }
    }
    for (key, held) in orders.held.iter().filter(|(key, _)| !lines.contains_key(*key)) {
        let about = format!("{} at {}", key.sku, key.warehouse);
        let detail = "an order holds units of a line that is not there".to_owned();
        find("held_nowhere", about, *held, Quantity::ZERO, detail);
    }
    let skus = anchors.keys().chain(waits.keys()).chain(orders.waiting.keys());
    for sku in skus.collect::<std::collections::BTreeSet<_>>() {
        let by_orders = orders.waiting.get(sku).copied().unwrap_or_default();
        let by_rows = waits.get(sku).copied().unwrap_or_default();
        let by_anchor = anchors.get(sku).map(|a| a.waiting).unwrap_or_default();
        if by_orders != by_rows || by_rows != by_anchor {
            let detail = format!("orders say {by_orders}, rows {by_rows}, the SKU {by_anchor}");
            let least = by_orders.min(by_rows).min(by_anchor);
            find("waiting", sku.clone(), by_orders.max(by_rows).max(by_anchor), least, detail);
        }
    }
    findings
}
