//! `audit`: recomputes what must be true, and reports what is not. Its report must be empty.
//!
//! The caller loads rows and says which; suspects found by a scan are confirmed by a consistent
//! read before they count.

use crate::decide::{guards, limits, payments};
use crate::order::Order;
use crate::order::question::{About, Staged};
use crate::policy::Policy;
use crate::quantity::Quantity;
use crate::stock::{Anchor, StockKey, StockLine};
use crate::time::Timestamp;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

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
    /// Of stock: where; of a SKU as a whole, without a warehouse.
    #[serde(skip)]
    pub place: Option<StockKey>,
}

/// What is wrong with one order, seen by itself. `stored_due` is what the worklist says.
#[must_use]
pub fn order(policy: &Policy, order: &Order, stored_due: Option<Timestamp>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |code: &'static str, detail: String| {
        let about = order.id.clone();
        findings.push(Finding { code, about, detail, units: None, place: None });
    };
    for line in &order.lines {
        if !line.adds_up() {
            find("line_adds_up", format!("The parts of line {} are not its quantity.", line.line));
        }
    }
    if order.is_closed() && (order.holds_stock() || order.waits_for_stock()) {
        find("closed_holds_stock", format!("The order is {} and holds stock.", order.status));
    }
    for staged in order.staged() {
        if !staged.as_line().adds_up() {
            find("line_adds_up", format!("More of {} is held than is proposed.", staged.sku));
        }
    }
    if order.is_closed() && order.question.is_some() {
        find("closed_asks", format!("The order is {} and asks its customer.", order.status));
    }
    let proposes = order.question.as_ref().is_some_and(|q| q.about == About::Edit);
    if proposes != order.placed.proposal.is_some() {
        find(
            "proposal",
            "A question about an edit and the edit are not there together.".to_owned(),
        );
    }
    choices(order, &mut find);
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

/// What the customer has yet to choose about is there: units of a line that stand nowhere, or that are
/// held outside of the box. An open question is about all of it.
fn choices(order: &Order, find: &mut impl FnMut(&'static str, String)) {
    for hold in order.holds.iter().filter(|hold| !hold.units.is_empty()) {
        let line = hold.line.and_then(|number| order.line(number));
        let fits = line.is_some_and(|line| {
            order.undecided_of(line.line, false) <= line.unallocated()
                && order.set_aside(line.line) <= line.held().less(line.picked())
        });
        if !fits || order.is_closed() {
            let line = hold.line.unwrap_or_default();
            find("choice", format!("The units of line {line} that wait for a word are not there."));
        }
    }
    let asked = order.question.as_ref().filter(|question| question.about == About::Choice);
    if asked.is_some_and(|question| !question.items.iter().eq(order.undecided())) {
        find("choice", "The customer is asked about other units than those undecided.".to_owned());
    }
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
    /// Of these, by SKU and demand class.
    pub classes: BTreeMap<(String, String), Quantity>,
}

/// The sums that the table keeps of a stock line for its conditions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// On hand less reserved and safety stock.
    pub available: Quantity,
    /// Of it, what is kept for no demand class.
    pub unkept: Quantity,
    /// Of that, what nobody waits for.
    pub free: Quantity,
}

impl Sums {
    /// As they must be.
    #[must_use]
    pub fn of(line: &StockLine) -> Self {
        Self { available: line.available(), unkept: line.unkept(), free: line.free() }
    }
}

impl Held {
    /// Adds an order.
    pub fn add(&mut self, order: &Order) {
        let staged: Vec<_> = order.staged().map(Staged::as_line).collect();
        for line in order.lines.iter().chain(&staged) {
            for (allocation, piece) in line.held_pieces() {
                let key = StockKey::new(piece.sku, &allocation.warehouse);
                let sum = self.held.entry(key).or_default();
                *sum = sum.plus(allocation.held.times(piece.per));
            }
            for piece in line.pieces().filter(|_| line.backordered.is_positive()) {
                let units = line.backordered.times(piece.per);
                let sum = self.waiting.entry(piece.sku.to_owned()).or_default();
                *sum = sum.plus(units);
                if let Some(class) = &order.demand_class {
                    let key = (piece.sku.to_owned(), class.clone());
                    let sum = self.classes.entry(key).or_default();
                    *sum = sum.plus(units);
                }
            }
        }
    }
}

/// What is wrong with stock, against what all orders say.
#[must_use]
pub fn stock(
    lines: &BTreeMap<StockKey, (StockLine, Sums)>,
    anchors: &BTreeMap<String, Anchor>,
    waits: &BTreeMap<String, Quantity>,
    orders: &Held,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    // `is` and `should` differ, by so many units.
    let mut find = |code: &'static str, at: &StockKey, is: Quantity, should: Quantity, detail| {
        let units = Some(is.minus(should).max(should.minus(is)));
        let about = match at.warehouse.as_str() {
            "" => at.sku.clone(),
            warehouse => format!("{} at {warehouse}", at.sku),
        };
        findings.push(Finding { code, about, detail, units, place: Some(at.clone()) });
    };
    for (key, (line, stored)) in lines {
        let sums = Sums::of(line);
        for (name, is, should) in [
            ("available", stored.available, sums.available),
            ("not kept", stored.unkept, sums.unkept),
            ("free", stored.free, sums.free),
        ] {
            if is != should {
                let detail = format!("{name} {is}, should be {should}");
                find("available", key, is, should, detail);
            }
        }
        let held = orders.held.get(key).copied().unwrap_or_default().plus(line.manual_reserve);
        if line.reserved != held {
            let detail = format!("reserved {}, orders and hand hold {held}", line.reserved);
            find("reserved", key, line.reserved, held, detail);
        }
        let anchor = anchors.get(&key.sku);
        let waiting = anchor.map(|a| a.waiting).unwrap_or_default();
        if waiting != line.waiting {
            let detail = format!("waiting {} is not the SKU's", line.waiting);
            find("waiting", key, line.waiting, waiting, detail);
        }
        let known = anchor.map(|a| a.classes.clone()).unwrap_or_default();
        for class in line.shares.keys().chain(known.keys()).collect::<BTreeSet<_>>() {
            let share = line.share(class);
            let waiting = known.get(class).copied().unwrap_or_default();
            if share.waiting != waiting {
                let detail = format!("waiting {} of {class} is not the SKU's", share.waiting);
                find("waiting", key, share.waiting, waiting, detail);
            }
            if share.kept < Quantity::ZERO {
                let detail = format!("{} units are kept for {class}", share.kept);
                find("oversold", key, share.kept, Quantity::ZERO, detail);
            }
        }
        if !anchor.is_some_and(|a| a.warehouses.contains(&key.warehouse)) {
            let detail = "the SKU does not know this warehouse".to_owned();
            find("anchor", key, line.on_hand, Quantity::ZERO, detail);
        }
        // A count may find less than is promised; orders tell people of it (`stock_short`).
        if line.available() < line.short.negated() {
            let detail = format!("available is {}", line.available());
            find("oversold", key, line.available(), Quantity::ZERO, detail);
        }
    }
    for (key, held) in orders.held.iter().filter(|(key, _)| !lines.contains_key(*key)) {
        let detail = "an order holds units of a line that is not there".to_owned();
        find("held_nowhere", key, *held, Quantity::ZERO, detail);
    }
    let of_anchors = anchors.iter().flat_map(|(sku, anchor)| {
        anchor.classes.keys().map(move |class| (sku.clone(), class.clone()))
    });
    for at in of_anchors.chain(orders.classes.keys().cloned()).collect::<BTreeSet<_>>() {
        let by_orders = orders.classes.get(&at).copied().unwrap_or_default();
        let (sku, class) = &at;
        let by_anchor = anchors.get(sku).and_then(|a| a.classes.get(class)).copied();
        let by_anchor = by_anchor.unwrap_or_default();
        if by_orders != by_anchor {
            let detail = format!("orders of {class} say {by_orders}, the SKU {by_anchor}");
            find("waiting", &StockKey::new(sku, ""), by_anchor, by_orders, detail);
        }
    }
    let skus = anchors.keys().chain(waits.keys()).chain(orders.waiting.keys());
    for sku in skus.collect::<BTreeSet<_>>() {
        let by_orders = orders.waiting.get(sku).copied().unwrap_or_default();
        let by_rows = waits.get(sku).copied().unwrap_or_default();
        let by_anchor = anchors.get(sku).map(|a| a.waiting).unwrap_or_default();
        if by_orders != by_rows || by_rows != by_anchor {
            let detail = format!("orders say {by_orders}, rows {by_rows}, the SKU {by_anchor}");
            let least = by_orders.min(by_rows).min(by_anchor);
            find(
                "waiting",
                &StockKey::new(sku, ""),
                by_orders.max(by_rows).max(by_anchor),
                least,
                detail,
            );
        }
    }
    findings
}
