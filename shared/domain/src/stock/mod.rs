//! Stock: what lies where, who holds it, who waits for it.
//!
//! [`plan`] chooses warehouses for one order, [`line`] says what a line of an order does to stock,
//! [`group`] puts the orders of a batch together that share a stock line, [`movement`] is what people
//! do to stock.
//!
//! One row per (SKU, warehouse). `available = on_hand − reserved − safety_stock` and `free =
//! available − waiting` are kept as attributes, because a condition of the table cannot
//! calculate. **Invariant:** `reserved` is the sum of what orders hold plus the manual reserve;
//! `waiting` is per SKU and stands, alike, on every line of the SKU and on its [`Anchor`], so
//! that a new order can never jump those who wait, whichever warehouse the goods come to.
//!
//! **Demand classes.** Of what is available at a stock line some may be kept for a named group of
//! customers, a [`Share`]. An order of the group takes of its share first, then of what is common;
//! all others take of what is common: `unkept = available − kept`, `free = unkept − waiting`. Each
//! class has its own sums on the row, `kept` and `kept − waiting` (of that class), so one condition
//! says whether a newcomer may have it, or somebody whose turn it is. **Invariant:** what an order took
//! of a share goes back to it when the order lets go; sums of a class are alike, as `waiting` is.

pub mod group;
pub mod line;
pub mod movement;
pub mod plan;

use crate::quantity::Quantity;
use std::collections::BTreeMap;

/// Demand classes that one stock line keeps units for, at most.
pub const SHARES_MAX: usize = 10;

/// What of a stock line is for one demand class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Share {
    /// Units kept for it that none of its orders has taken. It may be more than there is: then it is
    /// kept of what comes.
    pub kept: Quantity,
    /// Units that its orders wait for, of this SKU in all.
    pub waiting: Quantity,
}

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
    /// What is kept for demand classes, and what their orders wait for of this SKU, by class.
    pub shares: BTreeMap<String, Share>,
    /// Grows with each write.
    pub version: u64,
}

impl StockLine {
    /// Units that could be given to somebody who waits.
    #[must_use]
    pub fn available(&self) -> Quantity {
        self.on_hand.minus(self.reserved).minus(self.safety_stock)
    }

    /// Units kept for demand classes.
    #[must_use]
    pub fn kept(&self) -> Quantity {
        self.shares.values().map(|share| share.kept).sum()
    }

    /// Units that are for everybody.
    #[must_use]
    pub fn unkept(&self) -> Quantity {
        self.available().minus(self.kept())
    }

    /// Units that could be given to any new order: nobody jumps those who wait.
    #[must_use]
    pub fn free(&self) -> Quantity {
        self.unkept().minus(self.waiting)
    }

    /// What is for that demand class.
    #[must_use]
    pub fn share(&self, class: &str) -> Share {
        self.shares.get(class).copied().unwrap_or_default()
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
    /// Of these, what orders of each demand class wait for.
    pub classes: BTreeMap<String, Quantity>,
    /// Grows when a warehouse or a demand class is added; zero where nothing is known of the SKU yet.
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
    /// By SKU what is not given to those behind, as orders before them wait for it still.
    pub withheld: BTreeMap<String, Withheld>,
}

/// Units of a SKU that orders wait for who had their turn and could not have them yet.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Withheld {
    /// Of what is for everybody.
    pub common: Quantity,
    /// Of what is kept for demand classes.
    pub shares: BTreeMap<String, Quantity>,
}

impl Withheld {
    /// What is withheld of a class's share.
    #[must_use]
    pub fn of(&self, class: &str) -> Quantity {
        self.shares.get(class).copied().unwrap_or_default()
    }

    /// What is withheld of the shares of all other classes.
    #[must_use]
    pub fn of_others(&self, class: Option<&str>) -> Quantity {
        let others = self.shares.iter().filter(|(name, _)| Some(name.as_str()) != class);
        others.map(|(_, units)| *units).sum()
    }
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

    /// What an order of this class still waits for after its turn is not given to those behind it.
    pub fn withhold(&mut self, sku: &str, class: Option<&str>, quantity: Quantity) {
        let share: Quantity = class.map_or(Quantity::ZERO, |class| {
            let lines = self.lines.iter().filter(|(key, _)| key.sku == sku);
            lines.map(|(_, line)| line.share(class).kept.max(Quantity::ZERO)).sum()
        });
        let withheld = self.withheld.entry(sku.to_owned()).or_default();
        let of_share =
            class.map_or(Quantity::ZERO, |class| quantity.min(share.less(withheld.of(class))));
        if let Some(class) = class.filter(|_| of_share.is_positive()) {
            let sum = withheld.shares.entry(class.to_owned()).or_default();
            *sum = sum.plus(of_share);
        }
        withheld.common = withheld.common.plus(quantity.minus(of_share));
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
            for (class, change) in &change.shares {
                let share = line.shares.entry(class.clone()).or_default();
                share.kept = share.kept.plus(change.kept);
                share.waiting = share.waiting.plus(change.waiting);
            }
        }
        for (sku, change) in &changes.anchors {
            let anchor = self.anchors.entry(sku.clone()).or_default();
            anchor.waiting = anchor.waiting.plus(change.waiting);
            for (class, waiting) in &change.classes {
                let sum = anchor.classes.entry(class.clone()).or_default();
                *sum = sum.plus(*waiting);
            }
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
    /// So much of what is available must be for everybody: what those take whose turn it is.
    pub needs_unkept: Quantity,
    /// By demand class.
    pub shares: BTreeMap<String, ShareChange>,
    /// The line must not have changed since it was read: somebody was told "no" by it.
    pub at_version: Option<u64>,
}

/// What one transaction does to what is for one demand class.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct ShareChange {
    /// Added to what is kept.
    pub kept: Quantity,
    /// Added to what its orders wait for.
    pub waiting: Quantity,
    /// So much must be kept, beyond what the class's orders wait for: what new orders take.
    pub needs_open: Quantity,
    /// So much must be kept: what those take whose turn it is.
    pub needs_kept: Quantity,
}

impl ShareChange {
    /// Added to what new orders of the class may take of it.
    #[must_use]
    pub fn open(&self) -> Quantity {
        self.kept.minus(self.waiting)
    }

    /// This change and another that comes after it.
    fn and(self, next: Self) -> Self {
        // What the later one needs may come from the earlier one.
        let needs = |own: Quantity, needs: Quantity, by: Quantity| {
            if needs.is_positive() { own.max(needs.minus(by)) } else { own }
        };
        Self {
            kept: self.kept.plus(next.kept),
            waiting: self.waiting.plus(next.waiting),
            needs_open: needs(self.needs_open, next.needs_open, self.open()),
            needs_kept: needs(self.needs_kept, next.needs_kept, self.kept),
        }
    }
}

impl LineChange {
    /// Added to what is available.
    #[must_use]
    pub fn available(&self) -> Quantity {
        self.on_hand.minus(self.reserved).minus(self.safety_stock)
    }

    /// Added to what is for everybody.
    #[must_use]
    pub fn unkept(&self) -> Quantity {
        self.available().minus(self.shares.values().map(|share| share.kept).sum())
    }

    /// Added to what any new order may take.
    #[must_use]
    pub fn free(&self) -> Quantity {
        self.unkept().minus(self.waiting)
    }
}

/// What one transaction does to one SKU's anchor.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AnchorChange {
    /// Added to `waiting`.
    pub waiting: Quantity,
    /// Added to what orders of demand classes wait for.
    pub classes: BTreeMap<String, Quantity>,
    /// Orders of a demand class begin to wait of which none has waited before.
    pub is_new_class: bool,
    /// No warehouse must have been added since: somebody was told "no" by it.
    pub at_version: Option<u64>,
    /// Warehouses that get their first line of the SKU.
    pub new_warehouses: Vec<String>,
    /// So much must be waited for, still, in all and by demand class: the new line has begun with it.
    pub waiting_was: Option<(Quantity, BTreeMap<String, Quantity>)>,
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

    /// Units come into the house.
    pub fn receive(&mut self, sku: &str, warehouse: &str, quantity: Quantity) {
        let line = self.line(sku, warehouse);
        line.on_hand = line.on_hand.plus(quantity);
    }

    /// An order is told "no" for units of a SKU, and waits: conditional on every line and on the
    /// anchor being as they were read, so that no receipt slips between.
    pub fn wait_more(
        &mut self,
        view: &StockView,
        sku: &str,
        class: Option<&str>,
        quantity: Quantity,
    ) {
        self.wait(view, sku, class, quantity);
        for warehouse in view.warehouses_of(sku) {
            self.line(sku, warehouse).at_version =
                view.line(sku, warehouse).map(|line| line.version);
        }
    }

    /// An order waits for fewer units of a SKU, because it got them or does not want them.
    /// That the anchor's list of warehouses is complete is held by its version.
    pub fn wait_less(
        &mut self,
        view: &StockView,
        sku: &str,
        class: Option<&str>,
        quantity: Quantity,
    ) {
        self.wait(view, sku, class, quantity.negated());
    }

    fn wait(&mut self, view: &StockView, sku: &str, class: Option<&str>, by: Quantity) {
        for warehouse in view.warehouses_of(sku) {
            let line = self.line(sku, warehouse);
            line.waiting = line.waiting.plus(by);
            if let Some(class) = class {
                let share = line.shares.entry(class.to_owned()).or_default();
                share.waiting = share.waiting.plus(by);
            }
        }
        let known = view.anchors.get(sku);
        let anchor = self.anchors.entry(sku.to_owned()).or_default();
        anchor.waiting = anchor.waiting.plus(by);
        anchor.at_version = Some(known.map_or(0, |anchor| anchor.version));
        if let Some(class) = class {
            let sum = anchor.classes.entry(class.to_owned()).or_default();
            *sum = sum.plus(by);
            anchor.is_new_class |= !known.is_some_and(|a| a.classes.contains_key(class));
        }
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
            for (class, waiting) in &known.classes {
                change.shares.entry(class.clone()).or_default().waiting = *waiting;
            }
            change.at_version = Some(0);
            let anchor = self.anchors.entry(key.sku.clone()).or_default();
            anchor.at_version = Some(known.version);
            anchor.waiting_was = Some((known.waiting, known.classes));
            anchor.new_warehouses.push(key.warehouse.clone());
        }
    }

    /// Puts another order's changes, which come after these, into the same transaction. What the
    /// later ones need may come from the earlier ones: the row need only have the difference.
    pub fn merge(&mut self, other: &Self) {
        for (key, change) in &other.lines {
            let line = self.lines.entry(key.clone()).or_default();
            let (available, unkept, free) = (line.available(), line.unkept(), line.free());
            for (own, needs, by) in [
                (&mut line.needs_free, change.needs_free, free),
                (&mut line.needs_available, change.needs_available, available),
                (&mut line.needs_unkept, change.needs_unkept, unkept),
            ] {
                if needs.is_positive() {
                    *own = (*own).max(needs.minus(by));
                }
            }
            for (class, change) in &change.shares {
                let share = line.shares.entry(class.clone()).or_default();
                *share = share.and(*change);
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
            for (class, waiting) in &change.classes {
                let sum = anchor.classes.entry(class.clone()).or_default();
                *sum = sum.plus(*waiting);
            }
            anchor.is_new_class |= change.is_new_class;
            anchor.at_version = anchor.at_version.or(change.at_version);
            anchor.new_warehouses.extend(change.new_warehouses.iter().cloned());
            let was = change.waiting_was.clone();
            anchor.waiting_was = anchor.waiting_was.take().or(was);
        }
        for wait in &other.waits {
            self.waits.retain(|w| w.sku != wait.sku || w.order_id != wait.order_id);
            self.waits.push(wait.clone());
        }
    }
}
