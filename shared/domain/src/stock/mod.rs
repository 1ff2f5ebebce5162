//! Stock: what lies where, who holds it, who waits for it.
//!
//! [`plan`] chooses warehouses for one order, [`group`] puts the orders of a batch together that
//! share a stock line, [`movement`] is what people do to stock.
//!
//! One row per (SKU, warehouse). `available = on_hand − reserved − safety_stock` and `free =
//! available − waiting` are kept as attributes, because a condition of the table cannot
//! calculate. **Invariant:** `reserved` is the sum of what orders hold plus the manual reserve;
//! `waiting` is per SKU and stands, alike, on every line of the SKU and on its [`Anchor`], so
//! that a new order can never jump those who wait, whichever warehouse the goods come to.

pub mod group;
pub mod movement;
pub mod plan;

use crate::quantity::Quantity;
use std::collections::BTreeMap;

/// Stock of one SKU at one warehouse, as read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StockLine {
    /// Units lying there.
    pub on_hand: Quantity,
    /// Units held by orders or by hand.
    pub reserved: Quantity,
    /// Units never sold from there.
    pub safety_stock: Quantity,
    /// Units that orders wait for, of this SKU in all.
    pub waiting: Quantity,
    /// Units of `reserved` that a person set aside.
    pub manual_reserve: Quantity,
    /// Units that were missing when it was counted last, or its safety stock was set: so much may
    /// be promised beyond what is there, and orders tell people of it.
    pub short: Quantity,
    /// Grows with each write.
    pub version: u64,
}

impl StockLine {
    /// Units that could be given to somebody who waits.
    #[must_use]
    pub fn available(&self) -> Quantity {
        self.on_hand.minus(self.reserved).minus(self.safety_stock)
    }

    /// Units that could be given to a new order: nobody jumps those who wait.
    #[must_use]
    pub fn free(&self) -> Quantity {
        self.available().minus(self.waiting)
    }

    /// Units that orders hold and that are not there. What a person set aside is not promised to
    /// anybody, so it goes first.
    #[must_use]
    pub fn missing(&self) -> Quantity {
        self.available().plus(self.manual_reserve).negated().max(Quantity::ZERO)
    }
}

/// What is known of a SKU as a whole: which warehouses have a line, how much is waited for.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Anchor {
    /// Warehouses that have a stock line of this SKU.
    pub warehouses: Vec<String>,
    /// Units that orders wait for.
    pub waiting: Quantity,
    /// Grows when a warehouse is added; zero where nothing is known of the SKU yet.
    pub version: u64,
}

/// Where a stock line is.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct StockKey {
    /// The article.
    pub sku: String,
    /// The warehouse.
    pub warehouse: String,
}

impl StockKey {
    /// The stock of that SKU at that warehouse.
    #[must_use]
    pub fn new(sku: &str, warehouse: &str) -> Self {
        Self { sku: sku.to_owned(), warehouse: warehouse.to_owned() }
    }
}

/// Stock as a batch sees it. Plans are made on it one after another, each taking its part, so
/// that what the batch writes is what the last plan left.
#[derive(Clone, Debug, Default)]
pub struct StockView {
    /// Lines by place, as read and as already planned.
    pub lines: BTreeMap<StockKey, StockLine>,
    /// Anchors by SKU.
    pub anchors: BTreeMap<String, Anchor>,
    /// By SKU the order that stands first among those who wait, where that was looked for.
    pub heads: BTreeMap<String, String>,
    /// For each warehouse its rank by destination country; lower first; `*` for all others.
    pub ranks: BTreeMap<String, BTreeMap<String, u32>>,
}

/// The rank of a warehouse that nobody ranked for a country.
pub const RANK_DEFAULT: u32 = 1000;

impl StockView {
    /// The stock line at that place.
    #[must_use]
    pub fn line(&self, sku: &str, warehouse: &str) -> Option<&StockLine> {
        self.lines.get(&StockKey::new(sku, warehouse))
    }

    /// Warehouses in the order they are asked for this country.
    #[must_use]
    pub fn warehouses_for(&self, country: Option<&str>) -> Vec<String> {
        let mut all: Vec<&str> = self.lines.keys().map(|key| key.warehouse.as_str()).collect();
        all.sort_unstable();
        all.dedup();
        all.sort_by_key(|warehouse| self.rank(warehouse, country));
        all.into_iter().map(str::to_owned).collect()
    }

    /// The warehouses that have a line of this SKU, by its anchor.
    #[must_use]
    pub fn warehouses_of(&self, sku: &str) -> &[String] {
        self.anchors.get(sku).map_or(&[], |anchor| anchor.warehouses.as_slice())
    }

    fn rank(&self, warehouse: &str, country: Option<&str>) -> u32 {
        let ranks = self.ranks.get(warehouse);
        let by = |code: &str| ranks.and_then(|r| r.get(code)).copied();
        country.and_then(by).or_else(|| by("*")).unwrap_or(RANK_DEFAULT)
    }

    /// Takes changes into the view, as if they were written.
    pub fn apply(&mut self, changes: &StockChanges) {
        for (key, change) in &changes.lines {
            let line = self.lines.entry(key.clone()).or_default();
            line.on_hand = line.on_hand.plus(change.on_hand);
            line.reserved = line.reserved.plus(change.reserved);
            line.safety_stock = line.safety_stock.plus(change.safety_stock);
            line.manual_reserve = line.manual_reserve.plus(change.manual_reserve);
            line.waiting = line.waiting.plus(change.waiting);
            line.short = change.short.unwrap_or(line.short);
        }
        for (sku, change) in &changes.anchors {
            let anchor = self.anchors.entry(sku.clone()).or_default();
            anchor.waiting = anchor.waiting.plus(change.waiting);
        }
    }
}

/// What one transaction does to one stock line, summed over all that is in it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct LineChange {
    /// Added to `on_hand`.
    pub on_hand: Quantity,
    /// Added to `reserved`.
    pub reserved: Quantity,
    /// Added to `safety_stock`.
    pub safety_stock: Quantity,
    /// Added to `manual_reserve` (and, by the caller, to `reserved`).
    pub manual_reserve: Quantity,
    /// Added to `waiting`.
    pub waiting: Quantity,
    /// What is missing from now on, where it was counted.
    pub short: Option<Quantity>,
    /// So much must be free before: what new orders take.
    pub needs_free: Quantity,
    /// So much must be available before: what anybody takes.
    pub needs_available: Quantity,
    /// The line must not have changed since it was read: somebody was told "no" by it.
    pub at_version: Option<u64>,
}

impl LineChange {
    /// Added to what is available.
    #[must_use]
    pub fn available(&self) -> Quantity {
        self.on_hand.minus(self.reserved).minus(self.safety_stock)
    }

    /// Added to what new orders may take.
    #[must_use]
    pub fn free(&self) -> Quantity {
        self.available().minus(self.waiting)
    }
}

/// What one transaction does to one SKU's anchor.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AnchorChange {
    /// Added to `waiting`.
    pub waiting: Quantity,
    /// No warehouse must have been added since: somebody was told "no" by it.
    pub at_version: Option<u64>,
    /// Warehouses that get their first line of the SKU.
    pub new_warehouses: Vec<String>,
    /// So much must be waited for, still: the new line has begun with it.
    pub waiting_was: Option<Quantity>,
}

/// One order's place among those who wait for a SKU, as it must be afterwards.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitChange {
    /// The article.
    pub sku: String,
    /// The order that waits.
    pub order_id: String,
    /// The order's turn: lower first.
    pub priority: u16,
    /// The order's date, in milliseconds.
    pub since: i64,
    /// Units it waits for from now on; zero: it waits no more.
    pub quantity: Quantity,
}

/// Everything one transaction does to stock.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct StockChanges {
    /// By stock line.
    pub lines: BTreeMap<StockKey, LineChange>,
    /// By SKU.
    pub anchors: BTreeMap<String, AnchorChange>,
    /// By order and SKU.
    pub waits: Vec<WaitChange>,
}

impl StockChanges {
    /// Whether nothing changes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty() && self.anchors.is_empty() && self.waits.is_empty()
    }

    /// How many rows they touch.
    #[must_use]
    pub fn actions(&self) -> usize {
        self.lines.len().saturating_add(self.anchors.len()).saturating_add(self.waits.len())
    }

    /// The change of one line, to add to.
    pub fn line(&mut self, sku: &str, warehouse: &str) -> &mut LineChange {
        self.lines.entry(StockKey::new(sku, warehouse)).or_default()
    }

    /// A new order takes units.
    pub fn take_free(&mut self, sku: &str, warehouse: &str, quantity: Quantity) {
        let line = self.line(sku, warehouse);
        line.reserved = line.reserved.plus(quantity);
        line.needs_free = line.needs_free.plus(quantity);
        line.needs_available = line.needs_available.plus(quantity);
    }

    /// Somebody who waited takes units; how `waiting` falls is said by [`Self::wait_less`].
    pub fn take_waited(&mut self, sku: &str, warehouse: &str, quantity: Quantity) {
        let line = self.line(sku, warehouse);
        line.reserved = line.reserved.plus(quantity);
        line.needs_available = line.needs_available.plus(quantity);
    }

    /// Held units go back into sale.
    pub fn release(&mut self, sku: &str, warehouse: &str, quantity: Quantity) {
        let line = self.line(sku, warehouse);
        line.reserved = line.reserved.minus(quantity);
    }

    /// Held units leave the house.
    pub fn ship(&mut self, sku: &str, warehouse: &str, quantity: Quantity) {
        let line = self.line(sku, warehouse);
        line.reserved = line.reserved.minus(quantity);
        line.on_hand = line.on_hand.minus(quantity);
    }

    /// Units come into the house.
    pub fn receive(&mut self, sku: &str, warehouse: &str, quantity: Quantity) {
        let line = self.line(sku, warehouse);
        line.on_hand = line.on_hand.plus(quantity);
    }

    /// An order is told "no" for units of a SKU, and waits: conditional on every line and on the
    /// anchor being as they were read, so that no receipt slips between.
    pub fn wait_more(&mut self, view: &StockView, sku: &str, quantity: Quantity) {
        for warehouse in view.warehouses_of(sku) {
            let version = view.line(sku, warehouse).map(|line| line.version);
            let line = self.line(sku, warehouse);
            line.waiting = line.waiting.plus(quantity);
            line.at_version = version;
        }
        let version = view.anchors.get(sku).map_or(0, |anchor| anchor.version);
        let anchor = self.anchors.entry(sku.to_owned()).or_default();
        anchor.waiting = anchor.waiting.plus(quantity);
        anchor.at_version = Some(version);
    }

    /// An order waits for fewer units of a SKU, because it got them or does not want them.
    /// That the anchor's list of warehouses is complete is held by its version.
    pub fn wait_less(&mut self, view: &StockView, sku: &str, quantity: Quantity) {
        for warehouse in view.warehouses_of(sku) {
            let line = self.line(sku, warehouse);
            line.waiting = line.waiting.minus(quantity);
        }
        let version = view.anchors.get(sku).map_or(0, |anchor| anchor.version);
        let anchor = self.anchors.entry(sku.to_owned()).or_default();
        anchor.waiting = anchor.waiting.minus(quantity);
        anchor.at_version = Some(version);
    }

    /// Stock lines that are not there yet begin with what is waited for of the SKU, so that nobody
    /// is jumped; conditional on the SKU's anchor as it was read.
    pub fn begin_lines(&mut self, view: &StockView) {
        for (key, change) in &mut self.lines {
            if view.lines.contains_key(key) {
                continue;
            }
            let known = view.anchors.get(&key.sku).cloned().unwrap_or_default();
            change.waiting = known.waiting;
            change.at_version = Some(0);
            let anchor = self.anchors.entry(key.sku.clone()).or_default();
            anchor.at_version = Some(known.version);
            anchor.waiting_was = Some(known.waiting);
            anchor.new_warehouses.push(key.warehouse.clone());
        }
    }

    /// Puts another order's changes, which come after these, into the same transaction. What the
    /// later ones need may come from the earlier ones: the row need only have the difference.
    pub fn merge(&mut self, other: &Self) {
        for (key, change) in &other.lines {
            let line = self.lines.entry(key.clone()).or_default();
            let (available, free) = (line.available(), line.free());
            if change.needs_free.is_positive() {
                line.needs_free = line.needs_free.max(change.needs_free.minus(free));
            }
            if change.needs_available.is_positive() {
                let needs = change.needs_available.minus(available);
                line.needs_available = line.needs_available.max(needs);
            }
            line.on_hand = line.on_hand.plus(change.on_hand);
            line.reserved = line.reserved.plus(change.reserved);
            line.safety_stock = line.safety_stock.plus(change.safety_stock);
            line.manual_reserve = line.manual_reserve.plus(change.manual_reserve);
            line.waiting = line.waiting.plus(change.waiting);
            line.short = change.short.or(line.short);
            line.at_version = line.at_version.or(change.at_version);
        }
        for (sku, change) in &other.anchors {
            let anchor = self.anchors.entry(sku.clone()).or_default();
            anchor.waiting = anchor.waiting.plus(change.waiting);
            anchor.at_version = anchor.at_version.or(change.at_version);
            anchor.new_warehouses.extend(change.new_warehouses.iter().cloned());
            anchor.waiting_was = anchor.waiting_was.or(change.waiting_was);
        }
        for wait in &other.waits {
            self.waits.retain(|w| w.sku != wait.sku || w.order_id != wait.order_id);
            self.waits.push(wait.clone());
        }
    }
}
