//! Goods that orders hold and that are not there: a count found less, or the safety stock grew.
//!
//! **Rule:** the youngest orders that hold units there are told of to people by the exception
//! `stock_short`, each with how many of its own units are missing; what was promised first is kept
//! longest. Who gets the goods is for people to decide. The exception says another figure when more
//! or fewer are missing, and is closed when the goods come, or the order lets go of its units.
//!
//! The stock line's `short_by` is what orders tell people of. The write that makes goods missing
//! raises it; it falls once the orders have been looked at, so the audit excuses no unit of which
//! nobody was told.

use super::Facts;
use super::draft::{Decision, Draft};
use crate::order::{Actor, EventKind, Order};
use crate::policy::Policy;
use crate::quantity::Quantity;
use crate::stock::{StockChanges, StockKey, StockLine};
use crate::time::Timestamp;

/// Code of the exception.
pub const STOCK_SHORT: &str = "stock_short";

/// What is missing at one stock line, while the orders that hold units there are looked at, the
/// youngest first.
#[derive(Clone, Debug)]
pub struct Shortage {
    at: StockKey,
    /// Missing units that no order seen so far tells of.
    left: Quantity,
    /// Units for which orders were told before and that were not seen yet.
    told: Quantity,
}

impl Shortage {
    /// What is missing at that line, and what orders tell of; none where both are nothing.
    #[must_use]
    pub fn of(at: &StockKey, line: &StockLine) -> Option<Self> {
        let (left, told) = (line.missing(), line.short);
        let open = left.is_positive() || told.is_positive();
        open.then(|| Self { at: at.clone(), left, told })
    }

    /// Whether every order that must say something else has been seen.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        !self.left.is_positive() && !self.told.is_positive()
    }

    /// Missing units that no order seen so far holds.
    #[must_use]
    pub fn left(&self) -> Quantity {
        self.left
    }

    /// How many of the units of this order, the next one, are missing; none where that is what it
    /// says already.
    pub fn next(&mut self, order: &Order) -> Option<Quantity> {
        let held = order.held_at(&self.at.sku, &self.at.warehouse);
        let missing = held.min(self.left);
        self.left = self.left.minus(missing);
        self.told = self.told.less(held);
        (said(order, &self.at) != said_of(missing, &self.at)).then_some(missing)
    }

    /// What the stock line says from then on, where it says more than is true.
    #[must_use]
    pub fn settled(at: &StockKey, line: &StockLine) -> Option<StockChanges> {
        let short = line.available().negated().max(Quantity::ZERO);
        let mut changes = StockChanges::default();
        let change = changes.line(&at.sku, &at.warehouse);
        change.short = Some(short);
        change.at_version = Some(line.version);
        (short < line.short).then_some(changes)
    }
}

fn about(at: &StockKey) -> String {
    format!("{} {}", at.sku, at.warehouse)
}

/// The stock line that such an exception is about.
fn place(about: &str) -> Option<StockKey> {
    about.rsplit_once(' ').map(|(sku, warehouse)| StockKey::new(sku, warehouse))
}

fn said_of(missing: Quantity, at: &StockKey) -> Option<String> {
    missing.is_positive().then(|| {
        format!(
            "{missing} units of {} that this order holds at {} are missing.",
            at.sku, at.warehouse
        )
    })
}

fn said(order: &Order, at: &StockKey) -> Option<String> {
    let about = about(at);
    let open = |e: &&crate::order::Exception| {
        e.code == STOCK_SHORT && e.about.as_deref() == Some(about.as_str())
    };
    order.exceptions.iter().find(open).map(|e| e.detail.clone())
}

/// So many of the order's units are missing there; none: its goods have come.
pub(super) fn short(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    at: &StockKey,
    missing: Quantity,
    now: Timestamp,
) -> Decision {
    let missing = missing.min(order.held_at(&at.sku, &at.warehouse));
    let detail = said_of(missing, at);
    if said(order, at) == detail {
        return Decision::unchanged(order);
    }
    let actor = Actor::system("shortage");
    let mut draft = Draft::new(policy, order, &facts.stock, actor, STOCK_SHORT, now);
    draft.close_exceptions(STOCK_SHORT, Some(&about(at)));
    match detail {
        // Told anew where it was told before: another figure is news.
        Some(detail) => draft.exception(STOCK_SHORT, Some(&about(at)), detail),
        None => closed(&mut draft, at, "stock_arrived"),
    }
    draft.finish()
}

/// An order that let go of its units has none that are missing.
pub(super) fn close_where_let_go(draft: &mut Draft<'_>) {
    let order = &draft.order;
    let let_go = |at: &StockKey| !order.held_at(&at.sku, &at.warehouse).is_positive();
    let of_shortage = order.exceptions.iter().filter(|e| e.code == STOCK_SHORT);
    let gone: Vec<StockKey> =
        of_shortage.filter_map(|e| place(e.about.as_deref()?)).filter(let_go).collect();
    for at in gone {
        draft.close_exceptions(STOCK_SHORT, Some(&about(&at)));
        closed(draft, &at, "units_let_go");
    }
}

fn closed(draft: &mut Draft<'_>, at: &StockKey, reason: &str) {
    draft.event(EventKind::ExceptionClosed).reason = Some(reason.to_owned());
    draft.data("exception", STOCK_SHORT);
    draft.data("about", about(at));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_no_more_than_is_missing() {
        let at = StockKey::new("TEA", "VNO");
        let line = |on_hand: i64, short: i64| StockLine {
            on_hand: Quantity::units(on_hand),
            reserved: Quantity::units(6),
            short: Quantity::units(short),
            ..StockLine::default()
        };
        assert!(Shortage::of(&at, &line(6, 0)).is_none());
        assert!(Shortage::settled(&at, &line(4, 2)).is_none(), "it is as it says");
        let changes = Shortage::settled(&at, &line(5, 2)).unwrap();
        assert_eq!(changes.lines[&at].short, Some(Quantity::units(1)));
        let changes = Shortage::settled(&at, &line(9, 2)).unwrap();
        assert_eq!(changes.lines[&at].short, Some(Quantity::ZERO));
    }
}
