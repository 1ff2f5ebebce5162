//! Sourcing: which warehouses serve an order (`spec/domain.md`, "Sourcing and reservation").
//!
//! 1. One warehouse that can serve everything, by rank for the destination country; 2. else the
//!    fewest warehouses; 3. else what there is, and the rest waits; or nothing, where everything
//!    must leave together or there is no stock at all.

use super::StockView;
use crate::quantity::Quantity;
use std::collections::BTreeMap;

/// How many combinations of warehouses are tried before the search for the fewest gives up and
/// takes them by rank.
pub const COMBINATIONS_MAX: usize = 2_000;

/// Units a line still needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// Index of the line in the order.
    pub index: usize,
    /// The article.
    pub sku: String,
    /// How many.
    pub quantity: Quantity,
    /// Units others would have to wait for that this line need not stand behind: nothing for a
    /// new order, what it waits for itself, or all that is waited for when it is its turn.
    pub claim: Quantity,
}

/// Units of a line that one warehouse gives.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Take {
    /// Index of the line in the order.
    pub index: usize,
    /// The warehouse.
    pub warehouse: String,
    /// How many.
    pub quantity: Quantity,
}

/// By which rule the warehouses were chosen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// One warehouse has everything.
    OneWarehouse,
    /// The fewest that have everything together.
    FewestWarehouses,
    /// Not everything is there: what there is.
    Partial,
    /// Not everything is there and nothing is taken.
    Wait,
}

/// A warehouse that was looked at and not taken, and why.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize)]
pub struct Refused {
    /// The warehouse.
    pub warehouse: String,
    /// The article it had too little of.
    pub sku: String,
    /// What it could give.
    pub has: String,
    /// What was needed.
    pub needs: String,
}

/// What to take for one order.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Plan {
    /// What to take.
    pub takes: Vec<Take>,
    /// Units per line index that are not there.
    pub shorts: BTreeMap<usize, Quantity>,
    /// By which rule.
    pub rule: Rule,
    /// The alternatives, for `why`.
    pub refused: Vec<Refused>,
}

impl Plan {
    /// Whether every unit needed is there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.shorts.is_empty()
    }
}

/// Chooses warehouses for the lines of one order.
#[must_use]
pub fn plan(view: &StockView, country: Option<&str>, needs: &[Need], together: bool) -> Plan {
    let warehouses = view.warehouses_for(country);
    // Lines of the same SKU are summed before they are compared with stock.
    let mut wanted: BTreeMap<(&str, Quantity), Quantity> = BTreeMap::new();
    for need in needs.iter().filter(|n| n.quantity.is_positive()) {
        let sum = wanted.entry((need.sku.as_str(), need.claim)).or_default();
        *sum = sum.plus(need.quantity);
    }
    let mut refused = Vec::new();
    for warehouse in &warehouses {
        match first_short(view, &wanted, std::slice::from_ref(warehouse)) {
            None => {
                let chosen = std::slice::from_ref(warehouse);
                return finish(view, needs, chosen, Rule::OneWarehouse, refused);
            }
            Some((sku, has, needs)) => refused.push(Refused {
                warehouse: warehouse.clone(),
                sku: sku.to_owned(),
                has: has.to_string(),
                needs: needs.to_string(),
            }),
        }
    }
    if first_short(view, &wanted, &warehouses).is_some() {
        let nothing = wanted.keys().all(|(sku, claim)| {
            warehouses.iter().all(|w| !capacity(view, sku, w, *claim).is_positive())
        });
        if together || nothing || needs.is_empty() {
            // Only what is short waits; the rest of the order is looked for again when it comes.
            let mut shorts = BTreeMap::new();
            for need in needs.iter().filter(|need| need.quantity.is_positive()) {
                if nothing || is_short(view, &wanted, &warehouses, need) {
                    add(&mut shorts, need.index, need.quantity);
                }
            }
            return Plan { takes: Vec::new(), shorts, rule: Rule::Wait, refused };
        }
        return finish(view, needs, &warehouses, Rule::Partial, refused);
    }
    let chosen = fewest(view, &wanted, &warehouses);
    finish(view, needs, &chosen, Rule::FewestWarehouses, refused)
}

/// A line may need units twice: those it waits for, and those nobody has looked for.
fn add(shorts: &mut BTreeMap<usize, Quantity>, index: usize, quantity: Quantity) {
    let sum = shorts.entry(index).or_default();
    *sum = sum.plus(quantity);
}

/// What a warehouse can give of a SKU to somebody with this claim.
fn capacity(view: &StockView, sku: &str, warehouse: &str, claim: Quantity) -> Quantity {
    let Some(line) = view.line(sku, warehouse) else { return Quantity::ZERO };
    line.available().minus(line.waiting.less(claim)).max(Quantity::ZERO)
}

type Wanted<'a> = BTreeMap<(&'a str, Quantity), Quantity>;

/// The first SKU of which these warehouses together have too little: SKU, have, need.
fn first_short<'a>(
    view: &StockView,
    wanted: &Wanted<'a>,
    warehouses: &[String],
) -> Option<(&'a str, Quantity, Quantity)> {
    wanted.iter().find_map(|((sku, claim), need)| {
        let has: Quantity = warehouses.iter().map(|w| capacity(view, sku, w, *claim)).sum();
        (has < *need).then_some((*sku, has, *need))
    })
}

fn is_short(view: &StockView, wanted: &Wanted<'_>, warehouses: &[String], need: &Need) -> bool {
    let sum = wanted.get(&(need.sku.as_str(), need.claim)).copied().unwrap_or_default();
    let has: Quantity = warehouses.iter().map(|w| capacity(view, &need.sku, w, need.claim)).sum();
    has < sum
}

/// The smallest set of warehouses that have everything; of equal size, the best ranked.
fn fewest(view: &StockView, wanted: &Wanted<'_>, warehouses: &[String]) -> Vec<String> {
    let mut tried: usize = 0;
    for size in 2..warehouses.len() {
        let mut indices: Vec<usize> = (0..size).collect();
        loop {
            tried = tried.saturating_add(1);
            if tried > COMBINATIONS_MAX {
                return warehouses.to_vec();
            }
            let chosen: Vec<String> =
                indices.iter().filter_map(|i| warehouses.get(*i)).cloned().collect();
            if first_short(view, wanted, &chosen).is_none() {
                return chosen;
            }
            if !next_combination(&mut indices, warehouses.len()) {
                break;
            }
        }
    }
    warehouses.to_vec()
}

/// Steps to the next combination in lexicographic order; false after the last.
fn next_combination(indices: &mut [usize], n: usize) -> bool {
    let size = indices.len();
    let movable = indices
        .iter()
        .enumerate()
        .rev()
        .find(|(place, value)| **value < n.saturating_sub(size).saturating_add(*place))
        .map(|(place, value)| (place, *value));
    let Some((place, value)) = movable else { return false };
    for (offset, slot) in indices.iter_mut().skip(place).enumerate() {
        *slot = value.saturating_add(1).saturating_add(offset);
    }
    true
}

/// Gives each line its units from the chosen warehouses, in their order; what is missing waits.
fn finish(
    view: &StockView,
    needs: &[Need],
    warehouses: &[String],
    rule: Rule,
    refused: Vec<Refused>,
) -> Plan {
    let mut left: BTreeMap<(&str, &str, Quantity), Quantity> = BTreeMap::new();
    let mut takes = Vec::new();
    let mut shorts = BTreeMap::new();
    for need in needs {
        let mut missing = need.quantity;
        for warehouse in warehouses {
            let key = (need.sku.as_str(), warehouse.as_str(), need.claim);
            let units =
                left.entry(key).or_insert_with(|| capacity(view, &need.sku, warehouse, need.claim));
            let taken = missing.min(*units);
            if taken.is_positive() {
                *units = units.minus(taken);
                missing = missing.minus(taken);
                takes.push(Take {
                    index: need.index,
                    warehouse: warehouse.clone(),
                    quantity: taken,
                });
            }
        }
        if missing.is_positive() {
            add(&mut shorts, need.index, missing);
        }
    }
    Plan { takes, shorts, rule, refused }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::{StockKey, StockLine};

    fn view(lines: &[(&str, &str, i64)]) -> StockView {
        let mut view = StockView::default();
        for (sku, warehouse, on_hand) in lines {
            let line = StockLine { on_hand: Quantity::units(*on_hand), ..StockLine::default() };
            view.lines.insert(StockKey::new(sku, warehouse), line);
        }
        view
    }

    fn needs(lines: &[(&str, i64)]) -> Vec<Need> {
        lines
            .iter()
            .enumerate()
            .map(|(index, (sku, units))| Need {
                index,
                sku: (*sku).to_owned(),
                quantity: Quantity::units(*units),
                claim: Quantity::ZERO,
            })
            .collect()
    }

    fn told(plan: &Plan) -> String {
        let mut words: Vec<String> = plan
            .takes
            .iter()
            .map(|t| format!("{}:{}x{}", t.index, t.warehouse, t.quantity))
            .collect();
        words.extend(plan.shorts.iter().map(|(index, q)| format!("{index}:short {q}")));
        format!("{:?} {}", plan.rule, words.join(" "))
    }

    #[test]
    fn one_warehouse_is_better_than_two() {
        let view = view(&[("A", "KUN", 5), ("A", "VNO", 1), ("B", "KUN", 5), ("B", "VNO", 9)]);
        let plan = plan(&view, None, &needs(&[("A", 1), ("B", 1)]), false);
        assert_eq!(told(&plan), "OneWarehouse 0:KUNx1 1:KUNx1");
    }

    #[test]
    fn the_rank_for_the_country_decides_among_equals() {
        let mut view = view(&[("A", "KUN", 5), ("A", "RIX", 5)]);
        view.ranks.insert("RIX".to_owned(), BTreeMap::from([("LV".to_owned(), 1)]));
        let lv = plan(&view, Some("LV"), &needs(&[("A", 1)]), false);
        assert_eq!(told(&lv), "OneWarehouse 0:RIXx1");
        let lt = plan(&view, Some("LT"), &needs(&[("A", 1)]), false);
        assert_eq!(told(&lt), "OneWarehouse 0:KUNx1");
    }

    #[test]
    fn the_fewest_warehouses_win_where_one_is_not_enough() {
        let view = view(&[("A", "W1", 1), ("A", "W2", 2), ("A", "W3", 3), ("B", "W3", 1)]);
        let plan = plan(&view, None, &needs(&[("A", 4), ("B", 1)]), false);
        assert_eq!(told(&plan), "FewestWarehouses 0:W1x1 0:W3x3 1:W3x1");
    }

    #[test]
    fn lines_of_one_sku_are_summed() {
        let view = view(&[("A", "W1", 3)]);
        let plan = plan(&view, None, &needs(&[("A", 2), ("A", 2)]), false);
        assert_eq!(told(&plan), "Partial 0:W1x2 1:W1x1 1:short 1");
    }

    #[test]
    fn what_must_leave_together_takes_nothing_where_something_is_short() {
        let view = view(&[("A", "W1", 3), ("B", "W1", 0)]);
        let plan = plan(&view, None, &needs(&[("A", 2), ("B", 2)]), true);
        assert_eq!(told(&plan), "Wait 1:short 2");
    }

    #[test]
    fn units_that_others_wait_for_are_not_free() {
        let mut view = view(&[("A", "W1", 3)]);
        for line in view.lines.values_mut() {
            line.waiting = Quantity::units(2);
        }
        let one = plan(&view, None, &needs(&[("A", 1)]), false);
        assert_eq!(told(&one), "OneWarehouse 0:W1x1");
        let two = plan(&view, None, &needs(&[("A", 2)]), false);
        assert_eq!(told(&two), "Partial 0:W1x1 0:short 1");
    }
}
