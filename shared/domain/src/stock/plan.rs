//! Sourcing: which warehouses serve an order (`spec/domain.md`, "Sourcing and reservation").
//!
//! 1. One warehouse that can serve everything, by rank for the destination country; 2. else the
//!    fewest warehouses; 3. else what there is, and the rest waits; or nothing, where everything
//!    must leave together or there is no stock at all.
//!
//! Lines of one article and the parts of bundles are summed before they are compared with stock. A
//! bundle is taken whole: all parts of one come from one warehouse. Where several warehouses serve an
//! order, bundles choose first, so that no single article takes the part that they need.

use super::{StockView, Withheld};
use crate::order::Line;
use crate::quantity::Quantity;
use std::collections::{BTreeMap, BTreeSet};

/// How many combinations of warehouses are tried before the search for the fewest gives up and
/// takes them by rank.
pub const COMBINATIONS_MAX: usize = 2_000;

/// For whom stock is looked for, and how.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sourced<'a> {
    /// Where the goods go.
    pub country: Option<&'a str>,
    /// The group of customers it is for.
    pub class: Option<&'a str>,
    /// Everything leaves at once, or waits.
    pub together: bool,
}

/// Units a line still needs.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Need {
    /// Index of the line in the order.
    pub index: usize,
    /// What stock knows it as.
    pub articles: Vec<Article>,
    /// The line is a bundle: only whole ones are taken.
    pub is_bundle: bool,
    /// How many.
    pub quantity: Quantity,
    /// The line waits for them already.
    pub waited: bool,
}

/// An article of a need.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Article {
    /// The article.
    pub sku: String,
    /// Units of it in one unit of the line.
    pub per: Quantity,
    /// Units others would have to wait for that this line need not stand behind: nothing for a
    /// new order, what it waits for itself, or all that is waited for when it is its turn.
    pub claim: Quantity,
}

impl Need {
    /// So many units of the line; `claim` of each article.
    pub fn of(
        (index, line): (usize, &Line),
        quantity: Quantity,
        waited: bool,
        claim: impl Fn(&str) -> Quantity,
    ) -> Self {
        let article = |piece: crate::order::Piece<'_>| Article {
            sku: piece.sku.to_owned(),
            per: piece.per,
            claim: claim(piece.sku),
        };
        let articles = line.pieces().map(article).collect();
        Self { index, articles, is_bundle: line.is_bundle(), quantity, waited }
    }
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
    /// The line waited for them.
    pub waited: bool,
    /// Of each article, what comes out of the share of the order's class.
    pub kept: BTreeMap<String, Quantity>,
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
    /// Units that lie there and are kept for other customers.
    pub kept_for_others: Quantity,
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
pub fn plan(view: &StockView, sourced: Sourced<'_>, needs: &[Need]) -> Plan {
    let warehouses = view.warehouses_for(sourced.country);
    let look = Look { view, class: sourced.class };
    let wanted = wanted(needs);
    let mut refused = Vec::new();
    for warehouse in &warehouses {
        match look.first_short(&wanted, std::slice::from_ref(warehouse)) {
            None => {
                let (takes, shorts) = look.fill(needs, std::slice::from_ref(warehouse));
                return Plan { takes, shorts, rule: Rule::OneWarehouse, refused };
            }
            Some((sku, has, needs)) => refused.push(Refused {
                warehouse: warehouse.clone(),
                sku: sku.to_owned(),
                has: has.to_string(),
                needs: needs.to_string(),
                kept_for_others: look.kept_for_others(sku, warehouse),
            }),
        }
    }
    let (takes, shorts) = look.fill(needs, &warehouses);
    if shorts.is_empty() {
        let (takes, shorts) = look.fewest(needs, &wanted, &warehouses).unwrap_or((takes, shorts));
        return Plan { takes, shorts, rule: Rule::FewestWarehouses, refused };
    }
    if !sourced.together && !takes.is_empty() {
        return Plan { takes, shorts, rule: Rule::Partial, refused };
    }
    let open: Vec<&Need> = needs.iter().filter(|need| need.quantity.is_positive()).collect();
    let is_short = |need: &Need| {
        takes.is_empty()
            || (need.is_bundle && shorts.contains_key(&need.index))
            || look.is_short(&wanted, &warehouses, need)
    };
    let mut waits = BTreeMap::new();
    for need in waiting(&open, is_short) {
        add(&mut waits, need.index, need.quantity);
    }
    Plan { takes: Vec::new(), shorts: waits, rule: Rule::Wait, refused }
}

/// What of an order waits that leaves as a whole: only what is short; the rest is looked for again when
/// it comes. But what wants an article of which the order waits through a bundle stands in that queue
/// itself, so it waits as well.
fn waiting<'a>(open: &[&'a Need], is_short: impl Fn(&Need) -> bool) -> Vec<&'a Need> {
    let (mut waits, mut others): (Vec<&Need>, Vec<&Need>) =
        open.iter().copied().partition(|need| is_short(need));
    loop {
        let queues: BTreeSet<&str> =
            waits.iter().flat_map(|n| &n.articles).map(|a| a.sku.as_str()).collect();
        let joins = |need: &&Need| need.articles.iter().any(|a| queues.contains(a.sku.as_str()));
        let (join, rest): (Vec<&Need>, Vec<&Need>) = others.into_iter().partition(joins);
        if join.is_empty() {
            return waits;
        }
        waits.extend(join);
        others = rest;
    }
}

/// A line may need units twice: those it waits for, and those nobody has looked for.
fn add(shorts: &mut BTreeMap<usize, Quantity>, index: usize, quantity: Quantity) {
    let sum = shorts.entry(index).or_default();
    *sum = sum.plus(quantity);
}

/// Units of each article, by the claim to it.
type Wanted<'a> = BTreeMap<(&'a str, Quantity), Quantity>;

/// Lines of the same article and parts of bundles are summed before they are compared with stock.
fn wanted(needs: &[Need]) -> Wanted<'_> {
    let mut wanted = Wanted::new();
    for need in needs.iter().filter(|n| n.quantity.is_positive()) {
        for article in &need.articles {
            let sum = wanted.entry((article.sku.as_str(), article.claim)).or_default();
            *sum = sum.plus(need.quantity.times(article.per));
        }
    }
    wanted
}

/// What a warehouse can give of an article to somebody of this class, with this claim.
#[derive(Clone, Copy)]
struct Shelf {
    /// Out of the class's share.
    share: Quantity,
    /// Out of what is for everybody.
    common: Quantity,
    /// There are no more than these, whatever is kept of what has yet to come.
    there: Quantity,
}

impl Shelf {
    fn units(&self) -> Quantity {
        self.share.plus(self.common).min(self.there)
    }

    /// Takes units off; says how many come out of the share, which is used first.
    fn take(&mut self, quantity: Quantity) -> Quantity {
        let of_share = quantity.min(self.share);
        self.share = self.share.minus(of_share);
        self.common = self.common.minus(quantity.minus(of_share));
        self.there = self.there.minus(quantity);
        of_share
    }
}

/// Stock as somebody of a demand class sees it.
struct Look<'a> {
    view: &'a StockView,
    class: Option<&'a str>,
}

type Filled = (Vec<Take>, BTreeMap<usize, Quantity>);

impl Look<'_> {
    fn shelf(&self, sku: &str, warehouse: &str, claim: Quantity) -> Shelf {
        let nothing = Withheld::default();
        let none = Shelf { share: Quantity::ZERO, common: Quantity::ZERO, there: Quantity::ZERO };
        let Some(line) = self.view.line(sku, warehouse) else { return none };
        let withheld = self.view.withheld.get(sku).unwrap_or(&nothing);
        let common = line.unkept().minus(line.waiting.less(claim)).less(withheld.common);
        let share = self.class.map_or(Quantity::ZERO, |class| {
            let share = line.share(class);
            share.kept.minus(share.waiting.less(claim)).less(withheld.of(class))
        });
        Shelf { share, common, there: line.available().less(withheld.of_others(self.class)) }
    }

    fn capacity(&self, sku: &str, warehouse: &str, claim: Quantity) -> Quantity {
        self.shelf(sku, warehouse, claim).units()
    }

    /// Units that lie there and that this class may not have.
    fn kept_for_others(&self, sku: &str, warehouse: &str) -> Quantity {
        let Some(line) = self.view.line(sku, warehouse) else { return Quantity::ZERO };
        let own = self.class.map(|class| line.share(class).kept).unwrap_or_default();
        line.kept().minus(own).min(line.available()).max(Quantity::ZERO)
    }

    /// The first article of which these warehouses together have too little: SKU, have, need.
    fn first_short<'a>(
        &self,
        wanted: &Wanted<'a>,
        warehouses: &[String],
    ) -> Option<(&'a str, Quantity, Quantity)> {
        wanted.iter().find_map(|((sku, claim), need)| {
            let has: Quantity = warehouses.iter().map(|w| self.capacity(sku, w, *claim)).sum();
            (has < *need).then_some((*sku, has, *need))
        })
    }

    fn is_short(&self, wanted: &Wanted<'_>, warehouses: &[String], need: &Need) -> bool {
        need.articles.iter().any(|article| {
            let key = (article.sku.as_str(), article.claim);
            let sum = wanted.get(&key).copied().unwrap_or_default();
            let capacity = |w: &String| self.capacity(&article.sku, w, article.claim);
            warehouses.iter().map(capacity).sum::<Quantity>() < sum
        })
    }

    /// The smallest set of warehouses that have everything; of equal size, the best ranked. None
    /// where all of them are needed, or the search takes too long.
    fn fewest(&self, needs: &[Need], wanted: &Wanted<'_>, warehouses: &[String]) -> Option<Filled> {
        let mut tried: usize = 0;
        for size in 2..warehouses.len() {
            let mut indices: Vec<usize> = (0..size).collect();
            loop {
                tried = tried.saturating_add(1);
                if tried > COMBINATIONS_MAX {
                    return None;
                }
                let chosen: Vec<String> =
                    indices.iter().filter_map(|i| warehouses.get(*i)).cloned().collect();
                if self.first_short(wanted, &chosen).is_none() {
                    // Of bundles the sums do not tell whether whole ones can be made.
                    let (takes, shorts) = self.fill(needs, &chosen);
                    if shorts.is_empty() {
                        return Some((takes, shorts));
                    }
                }
                if !next_combination(&mut indices, warehouses.len()) {
                    break;
                }
            }
        }
        None
    }

    /// Gives each line its units from these warehouses, in their order; what is missing is short.
    fn fill(&self, needs: &[Need], warehouses: &[String]) -> Filled {
        let mut left: BTreeMap<(&str, &str, Quantity), Shelf> = BTreeMap::new();
        let mut takes = Vec::new();
        let mut shorts = BTreeMap::new();
        let mut turns: Vec<&Need> = needs.iter().collect();
        turns.sort_by_key(|need| !need.is_bundle);
        for need in turns {
            let mut missing = need.quantity;
            for warehouse in warehouses {
                let mut units = missing;
                for article in &need.articles {
                    let key = (article.sku.as_str(), warehouse.as_str(), article.claim);
                    let shelf = left
                        .entry(key)
                        .or_insert_with(|| self.shelf(&article.sku, warehouse, article.claim));
                    let there = shelf.units().max(Quantity::ZERO);
                    let most = if need.is_bundle { there.sets_of(article.per) } else { there };
                    units = units.min(most);
                }
                if !units.is_positive() {
                    continue;
                }
                missing = missing.minus(units);
                let mut kept = BTreeMap::new();
                for article in &need.articles {
                    let key = (article.sku.as_str(), warehouse.as_str(), article.claim);
                    let Some(shelf) = left.get_mut(&key) else { continue };
                    let of_share = shelf.take(units.times(article.per));
                    if of_share.is_positive() {
                        kept.insert(article.sku.clone(), of_share);
                    }
                }
                takes.push(Take {
                    index: need.index,
                    warehouse: warehouse.clone(),
                    quantity: units,
                    waited: need.waited,
                    kept,
                });
            }
            if missing.is_positive() {
                add(&mut shorts, need.index, missing);
            }
        }
        takes.sort_by_key(|take| take.index);
        (takes, shorts)
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stock::{Share, StockKey, StockLine};

    fn view(lines: &[(&str, &str, i64)]) -> StockView {
        let mut view = StockView::default();
        for (sku, warehouse, on_hand) in lines {
            let line = StockLine { on_hand: Quantity::units(*on_hand), ..StockLine::default() };
            view.lines.insert(StockKey::new(sku, warehouse), line);
        }
        view
    }

    fn need(index: usize, articles: &[(&str, i64)], units: i64, is_bundle: bool) -> Need {
        let article = |(sku, per): &(&str, i64)| Article {
            sku: (*sku).to_owned(),
            per: Quantity::units(*per),
            claim: Quantity::ZERO,
        };
        let articles = articles.iter().map(article).collect();
        Need { index, articles, is_bundle, quantity: Quantity::units(units), waited: false }
    }

    const ANYWHERE: Sourced<'static> = Sourced { country: None, class: None, together: false };

    fn needs(lines: &[(&str, i64)]) -> Vec<Need> {
        lines
            .iter()
            .enumerate()
            .map(|(index, (sku, units))| need(index, &[(sku, 1)], *units, false))
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
        let plan = plan(&view, ANYWHERE, &needs(&[("A", 1), ("B", 1)]));
        assert_eq!(told(&plan), "OneWarehouse 0:KUNx1 1:KUNx1");
    }

    #[test]
    fn the_rank_for_the_country_decides_among_equals() {
        let mut view = view(&[("A", "KUN", 5), ("A", "RIX", 5)]);
        view.ranks.insert("RIX".to_owned(), BTreeMap::from([("LV".to_owned(), 1)]));
        let lv = plan(&view, Sourced { country: Some("LV"), ..ANYWHERE }, &needs(&[("A", 1)]));
        assert_eq!(told(&lv), "OneWarehouse 0:RIXx1");
        let lt = plan(&view, Sourced { country: Some("LT"), ..ANYWHERE }, &needs(&[("A", 1)]));
        assert_eq!(told(&lt), "OneWarehouse 0:KUNx1");
    }

    #[test]
    fn the_fewest_warehouses_win_where_one_is_not_enough() {
        let view = view(&[("A", "W1", 1), ("A", "W2", 2), ("A", "W3", 3), ("B", "W3", 1)]);
        let plan = plan(&view, ANYWHERE, &needs(&[("A", 4), ("B", 1)]));
        assert_eq!(told(&plan), "FewestWarehouses 0:W1x1 0:W3x3 1:W3x1");
    }

    #[test]
    fn lines_of_one_sku_are_summed() {
        let view = view(&[("A", "W1", 3)]);
        let plan = plan(&view, ANYWHERE, &needs(&[("A", 2), ("A", 2)]));
        assert_eq!(told(&plan), "Partial 0:W1x2 1:W1x1 1:short 1");
    }

    #[test]
    fn what_must_leave_together_takes_nothing_where_something_is_short() {
        let view = view(&[("A", "W1", 3), ("B", "W1", 0)]);
        let plan =
            plan(&view, Sourced { together: true, ..ANYWHERE }, &needs(&[("A", 2), ("B", 2)]));
        assert_eq!(told(&plan), "Wait 1:short 2");
    }

    #[test]
    fn units_that_others_wait_for_are_not_free() {
        let mut view = view(&[("A", "W1", 3)]);
        for line in view.lines.values_mut() {
            line.waiting = Quantity::units(2);
        }
        let one = plan(&view, ANYWHERE, &needs(&[("A", 1)]));
        assert_eq!(told(&one), "OneWarehouse 0:W1x1");
        let two = plan(&view, ANYWHERE, &needs(&[("A", 2)]));
        assert_eq!(told(&two), "Partial 0:W1x1 0:short 1");
    }

    #[test]
    fn a_bundle_is_taken_whole_from_one_warehouse_and_its_parts_are_summed() {
        let set = |units: i64| need(1, &[("A", 2), ("B", 1)], units, true);
        let stock = view(&[("A", "W1", 5), ("B", "W1", 1), ("A", "W2", 2), ("B", "W2", 4)]);
        let told = |needs: &[Need]| told(&plan(&stock, ANYWHERE, needs));
        assert_eq!(told(&[set(1)]), "OneWarehouse 1:W1x1");
        assert_eq!(told(&[set(2)]), "FewestWarehouses 1:W1x1 1:W2x1");
        // There are five and two of A, so three sets by the sums; but W1 has one B only.
        assert_eq!(told(&[set(3)]), "Partial 1:W1x1 1:W2x1 1:short 1");
        // A line of A beside it: what the bundle needs is not given away.
        let with = |units: i64| [need(0, &[("A", 1)], units, false), set(2)];
        assert_eq!(told(&with(3)), "FewestWarehouses 0:W1x3 1:W1x1 1:W2x1");
        assert_eq!(told(&with(4)), "Partial 0:W1x3 1:W1x1 1:W2x1 0:short 1");
    }

    #[test]
    fn what_leaves_together_with_a_bundle_that_waits_stands_in_its_queues() {
        let stock = view(&[("A", "W1", 6), ("B", "W1", 3), ("C", "W1", 9)]);
        let needs = [
            need(0, &[("A", 1)], 1, false),
            need(1, &[("A", 2), ("B", 1)], 2, true),
            need(2, &[("B", 1)], 2, false),
            need(3, &[("C", 1)], 1, false),
        ];
        let together = Sourced { together: true, ..ANYWHERE };
        let plan = plan(&stock, together, &needs);
        assert_eq!(told(&plan), "Wait 0:short 1 1:short 2 2:short 2");
    }

    #[test]
    fn single_articles_leave_the_parts_that_bundles_need() {
        let stock = view(&[("A", "W1", 1), ("B", "W1", 1), ("A", "W2", 1)]);
        let needs = [need(0, &[("A", 1)], 1, false), need(1, &[("A", 1), ("B", 1)], 1, true)];
        assert_eq!(told(&plan(&stock, ANYWHERE, &needs)), "FewestWarehouses 0:W2x1 1:W1x1");
    }

    #[test]
    fn a_share_is_for_its_class_first_and_for_nobody_else() {
        let mut stock = view(&[("A", "W1", 5)]);
        for line in stock.lines.values_mut() {
            let share = Share { kept: Quantity::units(3), waiting: Quantity::ZERO };
            line.shares.insert("vip".to_owned(), share);
        }
        let of = |class| Sourced { class, ..ANYWHERE };
        let common = plan(&stock, of(None), &needs(&[("A", 3)]));
        assert_eq!(told(&common), "Partial 0:W1x2 0:short 1");
        assert_eq!(common.refused[0].kept_for_others, Quantity::units(3));
        let other = plan(&stock, of(Some("gold")), &needs(&[("A", 3)]));
        assert_eq!(told(&other), "Partial 0:W1x2 0:short 1");
        let own = plan(&stock, of(Some("vip")), &needs(&[("A", 4)]));
        assert_eq!(told(&own), "OneWarehouse 0:W1x4");
        assert_eq!(own.takes[0].kept["A"], Quantity::units(3));
        // What others of the class wait for is theirs; more may be kept than there is.
        for line in stock.lines.values_mut() {
            line.waiting = Quantity::units(2);
            let share = Share { kept: Quantity::units(9), waiting: Quantity::units(2) };
            line.shares.insert("vip".to_owned(), share);
        }
        let own = plan(&stock, of(Some("vip")), &needs(&[("A", 6)]));
        assert_eq!(told(&own), "Partial 0:W1x5 0:short 1");
        assert_eq!(told(&plan(&stock, of(None), &needs(&[("A", 1)]))), "Wait 0:short 1");
    }
}
