//! What a line of an order does to stock. A bundle's units are its parts', all at one warehouse.

use super::StockChanges;
use crate::order::{Freed, Line};
use crate::quantity::Quantity;
use std::collections::BTreeMap;

/// Units of a line that go to or from one warehouse.
#[derive(Clone, Copy, Debug)]
pub struct Units<'a> {
    /// The line: which articles they are.
    pub line: &'a Line,
    /// The warehouse.
    pub warehouse: &'a str,
    /// How many units of the line.
    pub quantity: Quantity,
}

impl StockChanges {
    /// An order of that class takes units; `kept` of each article out of its share. New orders stand
    /// behind those who wait; how `waiting` falls for one who `waited` is said by
    /// [`Self::wait_less`].
    pub fn take(
        &mut self,
        units: Units<'_>,
        class: Option<&str>,
        kept: &BTreeMap<String, Quantity>,
        waited: bool,
    ) {
        for piece in units.line.pieces() {
            let quantity = units.quantity.times(piece.per);
            let of_share = kept.get(piece.sku).copied().unwrap_or_default();
            let common = quantity.minus(of_share);
            let line = self.line(piece.sku, units.warehouse);
            line.reserved = line.reserved.plus(quantity);
            line.needs_available = line.needs_available.plus(quantity);
            if waited {
                line.needs_unkept = line.needs_unkept.plus(common);
            } else {
                line.needs_free = line.needs_free.plus(common);
            }
            if let Some(class) = class.filter(|_| of_share.is_positive()) {
                let share = line.shares.entry(class.to_owned()).or_default();
                share.kept = share.kept.minus(of_share);
                if waited {
                    share.needs_kept = share.needs_kept.plus(of_share);
                } else {
                    share.needs_open = share.needs_open.plus(of_share);
                }
            }
        }
    }

    /// Units that a line let go of go back into sale; what was kept for the class is kept again.
    pub fn release(&mut self, line: &Line, warehouse: &str, class: Option<&str>, freed: &Freed) {
        for piece in line.pieces() {
            let change = self.line(piece.sku, warehouse);
            change.reserved = change.reserved.minus(freed.units.times(piece.per));
        }
        for (sku, kept) in &freed.kept {
            if let Some(class) = class {
                let share = self.line(sku, warehouse).shares.entry(class.to_owned()).or_default();
                share.kept = share.kept.plus(*kept);
            }
        }
    }

    /// Held units leave the house.
    pub fn leave(&mut self, units: Units<'_>) {
        for piece in units.line.pieces() {
            self.ship(piece.sku, units.warehouse, units.quantity.times(piece.per));
        }
    }

    /// Units of an article that were let go of are not there.
    pub fn miss(&mut self, sku: &str, warehouse: &str, quantity: Quantity) {
        let line = self.line(sku, warehouse);
        line.on_hand = line.on_hand.minus(quantity);
    }

    /// Held units of an article leave the house.
    pub fn ship(&mut self, sku: &str, warehouse: &str, quantity: Quantity) {
        let line = self.line(sku, warehouse);
        line.reserved = line.reserved.minus(quantity);
        line.on_hand = line.on_hand.minus(quantity);
    }

    /// Units come back into the house.
    pub fn come_back(&mut self, units: Units<'_>) {
        for piece in units.line.pieces() {
            self.receive(piece.sku, units.warehouse, units.quantity.times(piece.per));
        }
    }
}
