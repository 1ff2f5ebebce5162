//! Splitting: an order becomes two, each with lines, dates, shipments and money of its own. What
//! is held stays held, what waits keeps its turn; totals, tax and payments add up to the whole.

use super::draft::{Decision, Draft};
use super::{Facts, Rejection, acts, consent, fulfil, no, payments, refused};
use crate::ids;
use crate::intake::command::{LineQuantity, SplitBy};
use crate::money::Amount;
use crate::order::line::LineDiscount;
use crate::order::placed::DiscountScope;
use crate::order::{Actor, EventKind, Ledger, Line, Order, Parts, Payment};
use crate::policy::{CommandKind, Phase, Policy, Role};
use crate::price::{PartedLine, divide};
use crate::production;
use crate::quantity::Quantity;
use crate::stock::WaitChange;
use crate::time::Timestamp;
use serde_json::json;
use std::collections::BTreeMap;

/// What a split asks for.
#[derive(Default)]
pub(super) struct Asked<'a> {
    pub by: Option<SplitBy>,
    pub warehouse: Option<&'a str>,
    pub lines: Option<&'a [LineQuantity]>,
    pub requested_date: Option<&'a str>,
    pub responsible: Option<&'a str>,
    pub reason: Option<&'a str>,
}

/// Parts of one order, itself included.
pub const PARTS_MAX: usize = 20;

/// Splits an order; the part is another order, in the same decision.
pub(super) fn split(
    mut draft: Draft<'_>,
    asked: &Asked<'_>,
    role: Role,
    facts: &Facts,
) -> Result<Decision, Rejection> {
    let to = acts::moved(&draft, CommandKind::Split, "split", role)?;
    possible(&draft)?;
    let taken = taken(&draft.order, asked)?;
    let before = draft.order.clone();
    let parted = divide(&before, &taken.units);
    let mut part = new_order(&before, asked, facts, draft.now);
    for (number, quantity) in &taken.units {
        let figures = parted.lines.get(number).copied().unwrap_or_default();
        part.lines.extend(move_units(&mut draft.order, *number, *quantity, taken.from, figures));
    }
    discounts(&mut draft.order, parted.lines.values().map(|line| line.order_discount).sum());
    draft.order.totals = parted.stays;
    part.totals = parted.goes;
    share_money(&mut draft.order, &mut part, draft.now);
    wait_rows(&mut draft, &before, &part);
    consent::changed(&mut draft);
    draft.order.parts.into.push(part.id.clone());
    draft.order.stated_total = None;
    draft.placed_changed = true;
    let currency = before.currency;
    if draft.order.status == to {
        draft.event(EventKind::OrderSplit).reason = asked.reason.map(str::to_owned);
    } else {
        draft.go(EventKind::OrderSplit, &to, asked.reason);
    }
    draft.data("part", part.id.as_str());
    draft.data("lines", json!(taken.units.keys().collect::<Vec<_>>()));
    draft.data("gross", before.gross().format(currency));
    draft.data("gross_part", part.gross().format(currency));
    let part = begin(&draft, &part);
    let mut decision = draft.finish();
    decision.parts.push(part);
    Ok(decision)
}

/// The policy splits an order: what is to come goes, or what lies at other warehouses than most of
/// it does. An order that cannot be split (it leaves as a whole, it is held, there is nothing to
/// split off) stays as it is.
pub(super) fn by_itself(
    policy: &Policy,
    decision: Decision,
    facts: &Facts,
    by: SplitBy,
    now: Timestamp,
) -> Decision {
    let warehouses: Vec<Option<String>> = match by {
        SplitBy::Stock => vec![None],
        SplitBy::Warehouse => other_warehouses(&decision.order).into_iter().map(Some).collect(),
    };
    let mut all = decision;
    for (place, warehouse) in warehouses.iter().enumerate() {
        let order = all.order.clone();
        if order.stock_work.is_some() || order.question.is_some() {
            break;
        }
        let asked = Asked { by: Some(by), warehouse: warehouse.as_deref(), ..Asked::default() };
        let cause = [facts.part_id.as_str(), &place.to_string()];
        let part_id = ids::derive(ids::IdKind::Order, "", &cause);
        let facts = Facts { part_id, ..facts.clone() };
        let actor = Actor::system("limit");
        let draft = Draft::new(policy, &order, &facts.stock, actor, "limit", now);
        let parted = split(draft, &asked, Role::System, &facts);
        let Ok(parted) = parted.and_then(|parted| acts::bounded(&order, parted)) else { continue };
        all = all.followed_by(parted);
    }
    all
}

/// Where units of it are held, but for the place that holds most of them.
fn other_warehouses(order: &Order) -> Vec<String> {
    let mut held: BTreeMap<&str, Quantity> = BTreeMap::new();
    for allocation in order.lines.iter().flat_map(|line| &line.allocations) {
        let units = held.entry(&allocation.warehouse).or_default();
        *units = units.plus(allocation.held);
    }
    held.retain(|_, units| units.is_positive());
    let most = held.iter().max_by_key(|(name, units)| (**units, std::cmp::Reverse(**name)));
    let stays = most.map(|(name, _)| *name);
    held.keys().filter(|name| Some(**name) != stays).map(|name| (*name).to_owned()).collect()
}

fn possible(draft: &Draft<'_>) -> Result<(), Rejection> {
    let order = &draft.order;
    if order.ship_together {
        let detail = "The order leaves as a whole (`ship_together`): edit that first.";
        return Err(no("ship_together", detail));
    }
    if draft.policy.phase(&order.status) == Phase::Payment {
        let detail = "The customer was asked for the whole sum: wait until it is paid.";
        return Err(no("payment_open", detail));
    }
    if !order.holds.is_empty() {
        return Err(no("order_held", "The order is held: release its holds first."));
    }
    if order.parts.into.len() >= PARTS_MAX {
        return Err(no("too_many_parts", format!("An order has at most {PARTS_MAX} parts.")));
    }
    Ok(())
}

/// Which units go, and from where.
struct Taken<'a> {
    units: BTreeMap<u32, Quantity>,
    from: Option<&'a str>,
}

fn taken<'a>(order: &Order, asked: &Asked<'a>) -> Result<Taken<'a>, Rejection> {
    let mut units: BTreeMap<u32, Quantity> = BTreeMap::new();
    let from = asked.warehouse;
    let held_at = |line: &Line, warehouse: &str| -> Quantity {
        line.allocations.iter().filter(|a| a.warehouse == warehouse).map(|a| a.held).sum()
    };
    match (asked.by, asked.lines, from) {
        (Some(SplitBy::Stock), None, None) => {
            for line in &order.lines {
                units.insert(line.line, line.backordered.plus(line.unallocated()));
            }
        }
        (Some(SplitBy::Warehouse), None, Some(warehouse)) => {
            for line in &order.lines {
                units.insert(line.line, held_at(line, warehouse));
            }
        }
        (None, Some(lines), None) => {
            for (index, wanted) in lines.iter().enumerate() {
                let place = fulfil::line_index(order, wanted.line, index)?;
                let open = order.lines.get(place).map_or(Quantity::ZERO, Line::to_ship);
                let quantity = wanted.quantity.unwrap_or(open);
                if quantity > open || quantity.is_zero() {
                    let detail =
                        format!("Line {} has {open} units that have not left.", wanted.line);
                    let pointer = format!("/lines/{index}/quantity");
                    return Err(refused(&pointer, "more_than_open", detail));
                }
                units.insert(wanted.line, quantity);
            }
        }
        (Some(SplitBy::Warehouse), None, None) => {
            let detail = "Write which warehouse's units go, like \"VNO\".";
            return Err(refused("/warehouse", "required", detail));
        }
        (_, _, _) => {
            let detail =
                "Write `lines`, or `by` \"stock\", or `by` \"warehouse\" with `warehouse`.";
            return Err(refused("", "split_unclear", detail));
        }
    }
    units.retain(|_, quantity| quantity.is_positive());
    if units.is_empty() {
        let detail = "No unit of the order would go: there is nothing to split off.";
        return Err(refused("/lines", "split_into_nothing", detail));
    }
    let goes = |line: &Line| units.get(&line.line).copied().unwrap_or_default();
    if order.lines.iter().all(|line| goes(line) >= line.to_ship() && line.shipped.is_zero()) {
        let detail = "Everything would go: leave at least one unit in the order.";
        return Err(refused("/lines", "split_leaves_nothing", detail));
    }
    Ok(Taken { units, from })
}

/// The part before it has any line.
fn new_order(order: &Order, asked: &Asked<'_>, facts: &Facts, now: Timestamp) -> Order {
    let mut part = order.clone();
    part.id.clone_from(&facts.part_id);
    part.number = ids::order_number(&part.id);
    part.external_id = None;
    part.version = 0;
    part.status_since = now;
    part.rung = 0;
    part.redrive_at = None;
    part.redrives = 0;
    part.references.clear();
    part.stated_total = None;
    part.lines.clear();
    part.placed.shipping = None;
    part.placed.fees.clear();
    part.placed.discounts.clear();
    part.placed.comments.clear();
    part.exceptions.clear();
    part.steps_judged = 0;
    part.question = None;
    part.answered = None;
    part.ledger = Ledger::default();
    part.shipments.clear();
    part.subscription = None;
    part.recent_commands.clear();
    part.recent_events.clear();
    part.updated_at = now;
    part.parts = Parts { of: Some(order.id.clone()), into: Vec::new() };
    if let Some(date) = asked.requested_date {
        part.placed.delivery.requested_date = Some(date.to_owned());
    }
    if let Some(user) = asked.responsible {
        part.responsible = Some(user.to_owned());
    }
    part
}

/// Takes units off a line: those that wait first, then those nobody looked for, then held ones.
fn move_units(
    order: &mut Order,
    number: u32,
    quantity: Quantity,
    from: Option<&str>,
    figures: PartedLine,
) -> Option<Line> {
    let line = order.line_mut(number)?;
    let mut goes = Line {
        quantity,
        allocations: Vec::new(),
        backordered: Quantity::ZERO,
        shipped: Quantity::ZERO,
        returned: Quantity::ZERO,
        cancelled: Quantity::ZERO,
        ..line.clone()
    };
    let mut left = quantity;
    if from.is_none() {
        goes.backordered = line.backordered.min(left);
        line.backordered = line.backordered.minus(goes.backordered);
        left = left.minus(goes.backordered);
        left = left.less(line.unallocated().less(goes.backordered));
    }
    for warehouse in line.allocations.iter().map(|a| a.warehouse.clone()).collect::<Vec<_>>() {
        if from.is_some_and(|from| from != warehouse) {
            continue;
        }
        let freed = line.deallocate(&warehouse, left);
        left = left.minus(freed.units);
        if freed.units.is_positive() {
            goes.allocate(&warehouse, freed.units, false, &freed.kept);
        }
    }
    line.quantity = line.quantity.minus(quantity);
    goes.made = production::part_of_made(line);
    goes.detail.total = figures.total;
    line.detail.total = line.detail.total.less(figures.total);
    let off = figures.own_discount.plus(figures.order_discount);
    goes.detail.discounts.clear();
    if off.is_positive() {
        goes.detail.discounts.push(LineDiscount { code: "split".to_owned(), amount: off });
    }
    let mut own = figures.own_discount;
    for discount in &mut line.detail.discounts {
        let taken = discount.amount.min(own);
        discount.amount = discount.amount.minus(taken);
        own = own.minus(taken);
    }
    line.detail.discounts.retain(|discount| discount.amount.is_positive());
    if line.quantity.is_zero() {
        order.drop_line(number);
    }
    Some(goes)
}

/// The order's discounts shrink by what went with the part.
fn discounts(order: &mut Order, gone: Amount) {
    let mut left = gone;
    for discount in &mut order.placed.discounts {
        if discount.scope == DiscountScope::Order {
            let taken = discount.amount.min(left);
            discount.amount = discount.amount.minus(taken);
            left = left.minus(taken);
        }
    }
}

/// What has come and the order does not need goes with the part, up to what the part comes to.
fn share_money(order: &mut Order, part: &mut Order, now: Timestamp) {
    move_payments(order, part, now);
    // The customer's card keeps one sum: what the part takes of the credit, the order leaves.
    let open = part.gross().less(part.ledger.covered());
    part.credit_taken = order.credit_taken.min(open);
    order.credit_taken = order.credit_taken.minus(part.credit_taken);
}

fn move_payments(order: &mut Order, part: &mut Order, now: Timestamp) {
    // What was taken off the price, and what was done without, goes first with what stays.
    let taken_off = order.ledger.granted.less(order.gross());
    order.ledger.granted = order.ledger.granted.minus(taken_off);
    part.ledger.granted = taken_off;
    let done_without = order.ledger.granted.plus(order.ledger.written_off).less(order.gross());
    order.ledger.written_off = order.ledger.written_off.minus(done_without);
    part.ledger.written_off = done_without;
    let ledger = &order.ledger;
    let not_asked_for = taken_off.plus(done_without);
    let wanted = part.gross().less(not_asked_for);
    // Where a deposit was agreed, each has its own of what has come.
    let deposits = order.deposit().zip(part.deposit());
    let of_deposit = deposits.map_or(Amount::ZERO, |(own, parts)| {
        ledger.covered().less(own).min(parts.less(not_asked_for))
    });
    let spare = ledger.covered().less(order.gross()).max(of_deposit);
    let moved = spare.min(ledger.kept()).min(wanted);
    if !moved.is_positive() {
        return;
    }
    order.ledger.transfer(&part.id, moved);
    part.ledger.payments.push(Payment {
        provider: payments::SPLIT.to_owned(),
        reference: order.number.clone(),
        received: moved,
        refunded: Amount::ZERO,
        by_hand: Amount::ZERO,
        refunds: BTreeMap::new(),
        disputes: BTreeMap::new(),
        parts: BTreeMap::new(),
        received_at: now,
        method: None,
    });
}

/// Both keep the order's turn among those who wait.
fn wait_rows(draft: &mut Draft<'_>, before: &Order, part: &Order) {
    let skus = part.skus_waited_for();
    for sku in skus {
        for (id, quantity) in [
            (before.id.as_str(), draft.order.waits_for(&sku)),
            (part.id.as_str(), part.waits_for(&sku)),
        ] {
            draft.stock.waits.push(WaitChange {
                sku: sku.clone(),
                order_id: id.to_owned(),
                priority: before.priority,
                since: before.created_at.milliseconds(),
                quantity,
            });
        }
    }
}

/// The part's own first event; it stands where the order stands.
fn begin(draft: &Draft<'_>, part: &Order) -> Decision {
    let mut first =
        Draft::new(draft.policy, part, draft.view, draft.actor.clone(), "split", draft.now);
    let to = part.status.clone();
    let event = first.event(EventKind::OrderReceived);
    event.to = Some(to);
    first.placed_changed = true;
    first.data("part_of", part.parts.of.as_deref().unwrap_or_default());
    first.finish()
}
