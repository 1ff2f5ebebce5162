//! Stock as the API shows it: lines, movements, and who holds units.

use crate::order::BundlePartView;
use crate::values::{Moment, Units};
use ordermill_domain::intake::{Movement, MovementKind};
use ordermill_domain::order::question::Staged;
use ordermill_domain::order::{BundlePart, Line, Order};
use ordermill_domain::policy::StatusKey;
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::{Anchor, StockKey, StockLine};
use ordermill_domain::time::Timestamp;
use ordermill_table::rows::stock::StoredLine;
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// The stock of one SKU.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Stock")]
pub struct StockView {
    /// The article.
    pub sku: String,
    /// Units lying at all warehouses.
    pub on_hand: Units,
    /// Units held by orders or by hand.
    pub reserved: Units,
    /// On hand less reserved and safety stock.
    pub available: Units,
    /// Units that orders wait for.
    pub waiting: Units,
    /// Units kept for groups of customers, by group; partners see none.
    pub kept: BTreeMap<String, Units>,
    /// By warehouse.
    pub warehouses: Vec<StockLineView>,
    /// What one of it is made of, where it is a bundle: then the figures are of whole ones that its
    /// parts make, and `reserved` is what orders of the parts leave too little for.
    pub parts: Vec<BundlePartView>,
}

/// The stock of one SKU at one warehouse.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "StockLine")]
pub struct StockLineView {
    /// The warehouse.
    pub warehouse: String,
    /// Units lying there.
    pub on_hand: Units,
    /// Units held by orders or by hand.
    pub reserved: Units,
    /// On hand less reserved and safety stock.
    pub available: Units,
    /// Units that orders wait for, of the SKU as a whole.
    pub waiting: Units,
    /// Units never sold from there.
    pub safety_stock: Units,
    /// Units of `reserved` that a person set aside.
    pub manual_reserve: Units,
    /// Units kept for groups of customers, by group: what none of its orders has taken yet.
    pub kept: BTreeMap<String, Units>,
    /// When it changed last.
    pub updated_at: Moment,
}

impl StockView {
    /// The stock of a SKU, from its anchor and lines.
    #[must_use]
    pub fn new(sku: &str, anchor: &Anchor, lines: &[StoredLine]) -> Self {
        let sum = |part: fn(&StockLine) -> Quantity| -> Units {
            lines.iter().map(|stored| part(&stored.line)).sum::<Quantity>().into()
        };
        Self {
            sku: sku.to_owned(),
            on_hand: sum(|line| line.on_hand),
            reserved: sum(|line| line.reserved),
            available: sum(StockLine::available),
            waiting: anchor.waiting.into(),
            kept: kept(lines.iter().map(|stored| &stored.line)),
            warehouses: lines.iter().map(|stored| StockLineView::new(stored, anchor)).collect(),
            parts: Vec::new(),
        }
    }

    /// The same without the groups of customers that some of it is kept for.
    #[must_use]
    pub fn without_groups(mut self) -> Self {
        self.kept.clear();
        self.warehouses.iter_mut().for_each(|line| line.kept.clear());
        self
    }

    /// The stock of a bundle: how many whole ones its parts make at each warehouse. `updated_at` is the
    /// last change of any part there.
    #[must_use]
    pub fn of_bundle(sku: &str, parts: &[BundlePart], stock: &[StoredLine]) -> Self {
        let places: BTreeSet<&str> = stock.iter().map(|s| s.key.warehouse.as_str()).collect();
        let mut warehouses = Vec::new();
        let (mut on_hand, mut available) = (Quantity::ZERO, Quantity::ZERO);
        for warehouse in places {
            let here = |part: &BundlePart| {
                let key = StockKey::new(&part.sku, warehouse);
                stock.iter().find(|stored| stored.key == key)
            };
            let whole = |of: fn(&StockLine) -> Quantity| -> Quantity {
                let sets = parts.iter().map(|part| {
                    let units = here(part).map(|stored| of(&stored.line)).unwrap_or_default();
                    units.max(Quantity::ZERO).sets_of(part.quantity)
                });
                sets.min().unwrap_or_default()
            };
            let (there, free) = (whole(|line| line.on_hand), whole(StockLine::available));
            let changed = parts.iter().filter_map(here).map(|stored| stored.updated_at).max();
            on_hand = on_hand.plus(there);
            available = available.plus(free);
            warehouses.push(StockLineView {
                warehouse: warehouse.to_owned(),
                on_hand: there.into(),
                reserved: there.minus(free).into(),
                available: free.into(),
                waiting: Quantity::ZERO.into(),
                safety_stock: Quantity::ZERO.into(),
                manual_reserve: Quantity::ZERO.into(),
                kept: BTreeMap::new(),
                updated_at: changed.unwrap_or(Timestamp::from_milliseconds(0)).into(),
            });
        }
        Self {
            sku: sku.to_owned(),
            on_hand: on_hand.into(),
            reserved: on_hand.minus(available).into(),
            available: available.into(),
            waiting: Quantity::ZERO.into(),
            kept: BTreeMap::new(),
            warehouses,
            parts: parts.iter().map(BundlePartView::from).collect(),
        }
    }
}

/// What is kept, by group; of whom nothing is are left out.
fn kept<'a>(lines: impl Iterator<Item = &'a StockLine>) -> BTreeMap<String, Units> {
    let mut sums: BTreeMap<String, Quantity> = BTreeMap::new();
    for (class, share) in lines.flat_map(|line| &line.shares) {
        let sum = sums.entry(class.clone()).or_default();
        *sum = sum.plus(share.kept);
    }
    sums.retain(|_, units| !units.is_zero());
    sums.into_iter().map(|(class, units)| (class, units.into())).collect()
}

impl StockLineView {
    fn new(stored: &StoredLine, anchor: &Anchor) -> Self {
        let line = &stored.line;
        Self {
            warehouse: stored.key.warehouse.clone(),
            on_hand: line.on_hand.into(),
            reserved: line.reserved.into(),
            available: line.available().into(),
            waiting: anchor.waiting.into(),
            safety_stock: line.safety_stock.into(),
            manual_reserve: line.manual_reserve.into(),
            kept: kept(std::iter::once(line)),
            updated_at: stored.updated_at.into(),
        }
    }
}

/// What a person did to stock; also how it is kept.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Movement")]
pub struct MovementView {
    /// Opaque; the same for a repeat.
    pub id: String,
    /// The article.
    pub sku: String,
    /// Where.
    pub warehouse: String,
    /// Why.
    #[serde(rename = "type")]
    pub kind: MovementKind,
    /// How many; of a `count`, what is there.
    pub quantity: Units,
    /// In words.
    pub reason: Option<String>,
    /// Where to, of a `transfer`.
    pub to: Option<String>,
    /// For which group of customers, of `keep`.
    pub demand_class: Option<String>,
    /// The client that asked for it.
    pub author: String,
    /// When.
    pub at: Moment,
}

impl MovementView {
    /// The movement of that id.
    #[must_use]
    pub fn new(id: &str, movement: &Movement, author: &str, at: Timestamp) -> Self {
        Self {
            id: id.to_owned(),
            sku: movement.sku.clone(),
            warehouse: movement.warehouse.clone(),
            kind: movement.kind,
            quantity: movement.quantity.into(),
            reason: movement.reason.clone(),
            to: movement.to.clone(),
            demand_class: movement.demand_class.clone(),
            author: author.to_owned(),
            at: at.into(),
        }
    }
}

/// Units of a SKU that one order holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Reservation")]
pub struct ReservationView {
    /// The order.
    pub order: String,
    /// Its number.
    pub number: String,
    /// Where it stands.
    pub status: StatusKey,
    /// Units held in all.
    pub quantity: Units,
    /// By line and warehouse.
    pub allocations: Vec<ReservedLine>,
    /// When the order was taken in.
    pub created_at: Moment,
}

/// Units that one line of an order holds at one warehouse.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReservedLine {
    /// The line's number; 0 where it is only proposed to the customer.
    pub line: u32,
    /// The warehouse.
    pub warehouse: String,
    /// How many.
    pub quantity: Units,
}

impl ReservationView {
    /// What this order holds of a SKU.
    #[must_use]
    pub fn new(order: &Order, sku: &str) -> Self {
        let per = |line: &Line| line.per(sku);
        // What is held for a proposed edit belongs to no line yet.
        let staged: Vec<Line> = order.staged().map(Staged::as_line).collect();
        let all = || order.lines.iter().chain(&staged);
        let lines = || all().filter(|line| per(line).is_positive());
        let allocations = lines()
            .flat_map(|line| {
                line.allocations.iter().map(|a| ReservedLine {
                    line: line.line,
                    warehouse: a.warehouse.clone(),
                    quantity: a.held.times(per(line)).into(),
                })
            })
            .collect();
        Self {
            order: order.id.clone(),
            number: order.number.clone(),
            status: order.status.clone(),
            quantity: lines().map(|l| l.held().times(per(l))).sum::<Quantity>().into(),
            allocations,
            created_at: order.created_at.into(),
        }
    }
}
