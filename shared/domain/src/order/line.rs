//! A line and its stock facet: where each of its units stands.
//!
//! **Invariant:** `quantity = held + shipped + backordered + cancelled + unallocated`, each at
//! least zero; `picked ≤ held`; `returned ≤ shipped`. Only the methods here change the parts.

use crate::money::{Amount, Rate};
use crate::price::TaxCategory;
use crate::quantity::Quantity;
use serde::{Deserialize, Serialize};

/// Units of a line held at one warehouse.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Allocation {
    /// The warehouse.
    pub warehouse: String,
    /// Units held there now; they are in the stock line's `reserved`.
    pub held: Quantity,
    /// Those of them that lie ready in a box.
    pub picked: Quantity,
}

/// What a line says; it does not change as the order moves.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct LineDetail {
    /// Name shown to people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Price of a unit, scaled by ten to the power of `price_places`.
    pub unit_price: Option<i64>,
    /// Decimal places of the price: the currency's, or up to 6 from a price list.
    pub price_places: u32,
    /// Tax rate the client stated, or the catalogue's.
    pub tax_rate: Option<Rate>,
    /// Kind of tax.
    pub tax_category: TaxCategory,
    /// The line's total after its own discounts, as the customer sees it.
    pub total: Amount,
    /// Engraving, size …
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<LineOption>,
    /// Discounts on this line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub discounts: Vec<LineDiscount>,
}

/// A choice the customer made for a line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LineOption {
    /// What.
    pub name: String,
    /// Which.
    pub value: String,
}

/// A discount on one line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct LineDiscount {
    /// The coupon or rule.
    pub code: String,
    /// How much comes off.
    pub amount: Amount,
}

/// A line of an order: what is wanted, and where each unit of it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// Its number, 1 to `lines_max`.
    pub line: u32,
    /// The article.
    pub sku: String,
    /// Units wanted.
    pub quantity: Quantity,
    /// Units held, by warehouse.
    pub allocations: Vec<Allocation>,
    /// Units accepted that wait for stock.
    pub backordered: Quantity,
    /// Units that have left.
    pub shipped: Quantity,
    /// Units that came back, out of those that left.
    pub returned: Quantity,
    /// Units nobody wants any more.
    pub cancelled: Quantity,
    /// Price, tax and options.
    pub detail: LineDetail,
}

impl Line {
    /// Units held at all warehouses.
    #[must_use]
    pub fn held(&self) -> Quantity {
        self.allocations.iter().map(|a| a.held).sum()
    }

    /// Units lying ready in boxes.
    #[must_use]
    pub fn picked(&self) -> Quantity {
        self.allocations.iter().map(|a| a.picked).sum()
    }

    /// Units that no stock has been looked for yet.
    #[must_use]
    pub fn unallocated(&self) -> Quantity {
        self.quantity
            .less(self.held())
            .less(self.shipped)
            .less(self.backordered)
            .less(self.cancelled)
    }

    /// Units that have yet to leave.
    #[must_use]
    pub fn to_ship(&self) -> Quantity {
        self.quantity.less(self.shipped).less(self.cancelled)
    }

    /// Holds units at a warehouse; they come from the waiting ones first where `waited`.
    pub fn allocate(&mut self, warehouse: &str, quantity: Quantity, waited: bool) {
        if waited {
            self.backordered = self.backordered.less(quantity);
        }
        match self.allocations.iter_mut().find(|a| a.warehouse == warehouse) {
            Some(allocation) => allocation.held = allocation.held.plus(quantity),
            None => self.allocations.push(Allocation {
                warehouse: warehouse.to_owned(),
                held: quantity,
                picked: Quantity::ZERO,
            }),
        }
    }

    /// Lets go of up to `quantity` units at a warehouse, unpicked ones first; says how many.
    pub fn deallocate(&mut self, warehouse: &str, quantity: Quantity) -> Quantity {
        let Some(allocation) = self.allocations.iter_mut().find(|a| a.warehouse == warehouse)
        else {
            return Quantity::ZERO;
        };
        let freed = allocation.held.min(quantity);
        allocation.held = allocation.held.minus(freed);
        allocation.picked = allocation.picked.min(allocation.held);
        self.allocations.retain(|a| a.held.is_positive());
        freed
    }

    /// Sends up to `quantity` units from a warehouse on their way; says how many.
    pub fn ship(&mut self, warehouse: &str, quantity: Quantity) -> Quantity {
        let Some(allocation) = self.allocations.iter_mut().find(|a| a.warehouse == warehouse)
        else {
            return Quantity::ZERO;
        };
        let sent = allocation.held.min(quantity);
        allocation.held = allocation.held.minus(sent);
        allocation.picked = allocation.picked.less(sent);
        self.allocations.retain(|a| a.held.is_positive());
        self.shipped = self.shipped.plus(sent);
        sent
    }

    /// Puts up to `quantity` held units into boxes, in the order of the warehouses.
    pub fn pick(&mut self, quantity: Quantity) {
        let mut left = quantity;
        for allocation in &mut self.allocations {
            let taken = allocation.held.less(allocation.picked).min(left);
            allocation.picked = allocation.picked.plus(taken);
            left = left.minus(taken);
        }
    }

    /// Whether the parts add up and none is below zero.
    #[must_use]
    pub fn adds_up(&self) -> bool {
        let parts = self
            .held()
            .plus(self.shipped)
            .plus(self.backordered)
            .plus(self.cancelled)
            .plus(self.unallocated());
        parts == self.quantity
            && self.picked() <= self.held()
            && self.returned <= self.shipped
            && self.allocations.iter().all(|a| a.held.is_positive() && a.picked <= a.held)
            && [self.backordered, self.shipped, self.cancelled, self.returned]
                .iter()
                .all(|part| *part >= Quantity::ZERO)
    }
}
