//! A line and its stock facet: where each of its units stands.
//!
//! **Invariant:** `quantity = held + shipped + backordered + cancelled + unallocated`, each at
//! least zero; `picked ≤ held`; `returned ≤ shipped`. Only the methods here change the parts.
//!
//! A line of a bundle counts bundles. Stock knows its [`Piece`]s: each bundle is held whole, with all
//! its parts at one warehouse.

use crate::money::{Amount, Rate};
use crate::price::TaxCategory;
use crate::quantity::Quantity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Units of a line held at one warehouse.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Allocation {
    /// The warehouse.
    pub warehouse: String,
    /// Units held there now; they are in the stock line's `reserved`.
    pub held: Quantity,
    /// Those of them that lie ready in a box.
    pub picked: Quantity,
    /// Of each article, what came out of what was kept for the order's demand class; it goes back
    /// there when the order lets go of it. Articles of which nothing did are left out.
    pub kept: BTreeMap<String, Quantity>,
}

/// An article of a line, as stock knows it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Piece<'a> {
    /// The article.
    pub sku: &'a str,
    /// Units of it in one unit of the line.
    pub per: Quantity,
}

/// Units that a line let go of at one warehouse.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Freed {
    /// Units of the line.
    pub units: Quantity,
    /// Of each article, what goes back to what is kept for the order's demand class.
    pub kept: BTreeMap<String, Quantity>,
}

/// An article of a bundle.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct BundlePart {
    /// The article.
    pub sku: String,
    /// Units of it in one bundle.
    pub quantity: Quantity,
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
    /// What a unit of it is made of, where it is a bundle; as the catalogue said before the line had
    /// any stock.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<BundlePart>,
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
    /// By step of the production, units that are through it; steps none is through are left out.
    pub made: BTreeMap<String, Quantity>,
    /// Price, tax and options.
    pub detail: LineDetail,
}

impl Line {
    /// A line of which no unit stands anywhere yet.
    #[must_use]
    pub fn new(line: u32, sku: &str, quantity: Quantity, detail: LineDetail) -> Self {
        Self {
            line,
            sku: sku.to_owned(),
            quantity,
            allocations: Vec::new(),
            backordered: Quantity::ZERO,
            shipped: Quantity::ZERO,
            returned: Quantity::ZERO,
            cancelled: Quantity::ZERO,
            made: BTreeMap::new(),
            detail,
        }
    }

    /// Whether it is made of parts.
    #[must_use]
    pub fn is_bundle(&self) -> bool {
        !self.detail.parts.is_empty()
    }

    /// The articles that stock knows it as.
    pub fn pieces(&self) -> impl Iterator<Item = Piece<'_>> {
        let parts = &self.detail.parts;
        let itself = parts.is_empty().then_some(Piece { sku: &self.sku, per: Quantity::units(1) });
        let of_bundle = parts.iter().map(|part| Piece { sku: &part.sku, per: part.quantity });
        itself.into_iter().chain(of_bundle)
    }

    /// Each place that holds units of it, with each article held there.
    pub fn held_pieces(&self) -> impl Iterator<Item = (&Allocation, Piece<'_>)> {
        self.allocations.iter().flat_map(|a| self.pieces().map(move |piece| (a, piece)))
    }

    /// Units of an article in one unit of the line.
    #[must_use]
    pub fn per(&self, sku: &str) -> Quantity {
        self.pieces().filter(|piece| piece.sku == sku).map(|piece| piece.per).sum()
    }

    /// Whether stock has been taken, or is waited for: what it is made of stays.
    #[must_use]
    pub fn is_with_stock(&self) -> bool {
        !self.allocations.is_empty() || self.backordered.is_positive() || self.shipped.is_positive()
    }

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

    /// Holds units at a warehouse; they come from the waiting ones first where `waited`. `kept` is
    /// what of each article came out of what was kept for the order's demand class.
    pub fn allocate(
        &mut self,
        warehouse: &str,
        quantity: Quantity,
        waited: bool,
        kept: &BTreeMap<String, Quantity>,
    ) {
        if waited {
            self.backordered = self.backordered.less(quantity);
        }
        let place = self.allocations.iter().position(|a| a.warehouse == warehouse);
        let place = place.unwrap_or_else(|| {
            self.allocations.push(Allocation {
                warehouse: warehouse.to_owned(),
                held: Quantity::ZERO,
                picked: Quantity::ZERO,
                kept: BTreeMap::new(),
            });
            self.allocations.len().saturating_sub(1)
        });
        let Some(allocation) = self.allocations.get_mut(place) else { return };
        allocation.held = allocation.held.plus(quantity);
        for (sku, units) in kept {
            let sum = allocation.kept.entry(sku.clone()).or_default();
            *sum = sum.plus(*units);
        }
    }

    /// Lets go of up to `quantity` units at a warehouse, unpicked ones first; says how many. What was
    /// kept for the order's demand class is let go of last, as it was taken first.
    pub fn deallocate(&mut self, warehouse: &str, quantity: Quantity) -> Freed {
        self.lessen(warehouse, quantity, |kept, _, still| kept.min(still))
    }

    /// Takes units off an allocation. `left` says how much of what was kept of an article stays with
    /// it, from how much it was, how much went, and how much is still held.
    fn lessen(
        &mut self,
        warehouse: &str,
        quantity: Quantity,
        left: impl Fn(Quantity, Quantity, Quantity) -> Quantity,
    ) -> Freed {
        let pers: Vec<(String, Quantity)> =
            self.pieces().map(|piece| (piece.sku.to_owned(), piece.per)).collect();
        let Some(allocation) = self.allocations.iter_mut().find(|a| a.warehouse == warehouse)
        else {
            return Freed::default();
        };
        let units = allocation.held.min(quantity);
        allocation.held = allocation.held.minus(units);
        allocation.picked = allocation.picked.min(allocation.held);
        let mut freed = Freed { units, kept: BTreeMap::new() };
        for (sku, kept) in &mut allocation.kept {
            let per = pers.iter().find(|(piece, _)| piece == sku).map(|(_, per)| *per);
            let per = per.unwrap_or_default();
            let stays = left(*kept, units.times(per), allocation.held.times(per));
            freed.kept.insert(sku.clone(), kept.minus(stays));
            *kept = stays;
        }
        freed.kept.retain(|_, units| units.is_positive());
        allocation.kept.retain(|_, units| units.is_positive());
        self.allocations.retain(|a| a.held.is_positive());
        freed
    }

    /// Sends up to `quantity` units from a warehouse on their way; says how many.
    pub fn ship(&mut self, warehouse: &str, quantity: Quantity) -> Quantity {
        let picked = |line: &Self| -> Quantity {
            let here = line.allocations.iter().filter(|a| a.warehouse == warehouse);
            here.map(|a| a.picked).sum()
        };
        let before = picked(self);
        // What was kept for the order's demand class leaves first: it is used up.
        let sent = self.lessen(warehouse, quantity, |kept, gone, _| kept.less(gone)).units;
        if let Some(allocation) = self.allocations.iter_mut().find(|a| a.warehouse == warehouse) {
            allocation.picked = before.less(sent);
        }
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
            && self.allocations.iter().all(|a| {
                a.kept
                    .iter()
                    .all(|(sku, kept)| kept.is_positive() && *kept <= a.held.times(self.per(sku)))
            })
            && [self.backordered, self.shipped, self.cancelled, self.returned]
                .iter()
                .all(|part| *part >= Quantity::ZERO)
    }
}
