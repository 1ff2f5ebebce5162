//! Stock as the API shows it: lines, movements, and who holds units.

use crate::values::{Moment, Units};
use ordermill_domain::intake::{Movement, MovementKind};
use ordermill_domain::order::Order;
use ordermill_domain::policy::StatusKey;
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::{Anchor, StockLine};
use ordermill_domain::time::Timestamp;
use ordermill_table::rows::stock::StoredLine;
use schemars::JsonSchema;
use serde::Serialize;

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
    /// By warehouse.
    pub warehouses: Vec<StockLineView>,
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
            warehouses: lines.iter().map(|stored| StockLineView::new(stored, anchor)).collect(),
        }
    }
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
    /// The line's number.
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
        let lines = || order.lines.iter().filter(|line| line.sku == sku);
        let allocations = lines()
            .flat_map(|line| {
                line.allocations.iter().map(|a| ReservedLine {
                    line: line.line,
                    warehouse: a.warehouse.clone(),
                    quantity: a.held.into(),
                })
            })
            .collect();
        Self {
            order: order.id.clone(),
            number: order.number.clone(),
            status: order.status.clone(),
            quantity: lines().map(ordermill_domain::order::Line::held).sum::<Quantity>().into(),
            allocations,
            created_at: order.created_at.into(),
        }
    }
}
