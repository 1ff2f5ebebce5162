//! The scenarios, one module each.

pub mod backlog;
pub mod hot;
pub mod large;
pub mod model;
pub mod oversell;
pub mod start;
pub mod steady;
pub mod sweep;

use crate::load::{Basket, Dice};

/// SKUs of the wide catalogue.
pub const WIDE: usize = 1_000;

/// The names of the wide catalogue.
#[must_use]
pub fn wide_catalogue() -> Vec<String> {
    (0..WIDE).map(|number| format!("SKU-{number:04}")).collect()
}

/// Baskets of `lines_min` to `lines_max` different SKUs of the catalogue, one to three units each.
#[must_use]
pub fn baskets(
    skus: &[String],
    count: usize,
    lines_min: usize,
    lines_max: usize,
    dice: &mut Dice,
) -> Vec<Basket> {
    let basket = |dice: &mut Dice| {
        let lines = lines_min + dice.below(lines_max - lines_min + 1);
        let mut chosen: Basket = Vec::with_capacity(lines);
        while chosen.len() < lines {
            let Some(sku) = skus.get(dice.below(skus.len())) else { break };
            if chosen.iter().all(|(other, _)| other != sku) {
                let units = u32::try_from(1 + dice.below(3)).unwrap_or(1);
                chosen.push((sku.clone(), units));
            }
        }
        chosen
    };
    (0..count).map(|_| basket(dice)).collect()
}
