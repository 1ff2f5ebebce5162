//! What people do to stock: receipts, counts, corrections, transfers, reserves by hand.
//!
//! Each movement has a reason, an author and a cause; it and the stock line change together.

use super::{SHARES_MAX, StockChanges, StockView};
use crate::intake::{Movement, MovementKind, Problem};
use crate::quantity::Quantity;

/// What these movements do to stock, all or none. The view holds the lines and anchors they name
/// as read; a count, and a first line at a warehouse, are conditional on it.
///
/// # Errors
/// Movements that would take what is not there, each with a pointer into the body.
pub fn changes(view: &StockView, movements: &[Movement]) -> Result<StockChanges, Vec<Problem>> {
    let mut after = view.clone();
    let mut all = StockChanges::default();
    let mut problems = Vec::new();
    for (index, movement) in movements.iter().enumerate() {
        match change(&after, movement) {
            Ok(one) => {
                after.apply(&one);
                all.merge(&one);
            }
            Err((field, code, detail)) => problems.push(Problem {
                pointer: format!("/movements/{index}/{field}"),
                code,
                detail,
            }),
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    all.begin_lines(view);
    Ok(all)
}

type Refusal = (&'static str, &'static str, String);

fn change(view: &StockView, movement: &Movement) -> Result<StockChanges, Refusal> {
    let mut out = StockChanges::default();
    let (sku, here) = (movement.sku.as_str(), movement.warehouse.as_str());
    let quantity = movement.quantity;
    let line = view.line(sku, here).cloned().unwrap_or_default();
    match movement.kind {
        MovementKind::Receipt | MovementKind::Return => out.receive(sku, here, quantity),
        MovementKind::Count => {
            let change = out.line(sku, here);
            change.on_hand = quantity.minus(line.on_hand);
            change.short =
                Some(line.available().plus(change.on_hand).negated().max(Quantity::ZERO));
            // The difference is booked against what was there when it was counted.
            change.at_version = Some(line.version);
        }
        MovementKind::SafetyStock => {
            let change = out.line(sku, here);
            change.safety_stock = quantity.minus(line.safety_stock);
            let left = line.available().minus(change.safety_stock);
            change.short = Some(left.negated().max(Quantity::ZERO));
            change.at_version = Some(line.version);
        }
        MovementKind::Keep => {
            let Some(class) = movement.demand_class.as_deref() else { return Ok(out) };
            let kept = line.shares.values().filter(|share| share.kept.is_positive()).count();
            if kept >= SHARES_MAX && !line.share(class).kept.is_positive() {
                let detail = format!(
                    "Units of {sku} are kept for {SHARES_MAX} groups at {here}: keep none for one."
                );
                return Err(("demand_class", "too_many_classes", detail));
            }
            let change = out.line(sku, here);
            change.at_version = Some(line.version);
            let share = change.shares.entry(class.to_owned()).or_default();
            share.kept = quantity.minus(line.share(class).kept);
        }
        MovementKind::Adjust => {
            if quantity < Quantity::ZERO {
                take(&mut out, view, movement, quantity.negated())?;
            } else {
                out.receive(sku, here, quantity);
            }
        }
        MovementKind::Scrap => take(&mut out, view, movement, quantity)?,
        MovementKind::Transfer => {
            take(&mut out, view, movement, quantity)?;
            if let Some(to) = movement.to.as_deref() {
                out.receive(sku, to, quantity);
            }
        }
        MovementKind::ManualReserve => {
            need_available(view, movement, quantity)?;
            let change = out.line(sku, here);
            change.reserved = quantity;
            change.manual_reserve = quantity;
            change.needs_available = quantity;
            change.needs_unkept = quantity;
        }
        MovementKind::ManualRelease => {
            if line.manual_reserve < quantity {
                let detail = format!(
                    "{} units of {sku} are reserved by hand at {here}.",
                    line.manual_reserve
                );
                return Err(("quantity", "more_than_reserved", detail));
            }
            let change = out.line(sku, here);
            change.reserved = quantity.negated();
            change.manual_reserve = quantity.negated();
            change.at_version = Some(line.version);
        }
    }
    Ok(out)
}

/// Units leave a stock line, and must not be held by anybody.
fn take(
    out: &mut StockChanges,
    view: &StockView,
    movement: &Movement,
    quantity: Quantity,
) -> Result<(), Refusal> {
    need_available(view, movement, quantity)?;
    let change = out.line(&movement.sku, &movement.warehouse);
    change.on_hand = quantity.negated();
    change.needs_available = quantity;
    change.needs_unkept = quantity;
    Ok(())
}

fn need_available(
    view: &StockView,
    movement: &Movement,
    quantity: Quantity,
) -> Result<(), Refusal> {
    let line = view.line(&movement.sku, &movement.warehouse);
    let available = line.map(super::StockLine::available).unwrap_or_default();
    if available < quantity {
        let detail = format!(
            "Only {available} units of {} are available at {}; orders hold the others.",
            movement.sku, movement.warehouse
        );
        return Err(("quantity", "not_available", detail));
    }
    let kept = line.map(super::StockLine::kept).unwrap_or_default();
    if available.minus(kept) < quantity {
        let detail = format!(
            "{available} units of {} are available at {}, and {kept} are kept for groups of \
             customers: `keep` fewer first.",
            movement.sku, movement.warehouse
        );
        return Err(("quantity", "kept_for_groups", detail));
    }
    Ok(())
}
