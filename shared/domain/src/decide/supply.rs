//! Reserving, serving who waited, releasing: the rules of one order on a view of stock.
//!
//! Many orders of a batch are decided one after another on the same view; how their writes go
//! together is [`crate::stock::group`]'s and the table's business.

use super::Facts;
use super::draft::{Decision, Draft, STOCK_WORK_LIMIT};
use crate::order::{Actor, EventKind, Line, Order, Recipient, StockWork, Then, Todo};
use crate::policy::{Policy, Step, StepOutcome};
use crate::quantity::Quantity;
use crate::stock::group::ORDER_ACTIONS_MAX;
use crate::stock::plan::{self, Need, Plan, Rule, Take};
use crate::stock::{StockView, WaitChange};
use crate::time::Timestamp;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The `reserve` step, or the next part of stock work in pages.
pub(super) fn reserve(policy: &Policy, order: &Order, facts: &Facts, now: Timestamp) -> Decision {
    let draft = Draft::new(policy, order, &facts.stock, Actor::system("reserve"), "reserve", now);
    match &order.stock_work {
        Some(StockWork::Reserving { next_line, .. }) => reserve_from(draft, *next_line),
        Some(StockWork::Releasing { next_line, then, .. }) => {
            let (next_line, then) = (*next_line, then.clone());
            release_from(draft, next_line, then)
        }
        Some(StockWork::Shipping { next_line, shipment, .. }) => {
            let (next_line, shipment) = (*next_line, *shipment);
            super::fulfil::ship_from(draft, next_line, shipment)
        }
        None => match policy.status(&order.status).and_then(|s| s.step) {
            Some(Step::Reserve) if order.holds.is_empty() => reserve_from(draft, 0),
            Some(Step::AwaitStock) => serve(policy, order, facts, None, now),
            // A rest that waits is served wherever the order stands.
            None if order.waits_for_stock() => serve(policy, order, facts, None, now),
            // The order has moved on: a late or repeated message.
            Some(Step::Reserve | Step::Validate) | None => Decision::unchanged(order),
        },
    }
}

/// An order that waits gets what is there. `turn` is the SKU of which it is the next to be
/// served; of others it takes only what nobody else waits for.
pub(super) fn serve(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    turn: Option<&str>,
    now: Timestamp,
) -> Decision {
    let awaits = policy.status(&order.status).filter(|s| s.step == Some(Step::AwaitStock));
    // In a status that waits for stock a line may be left that nobody has looked for: what the
    // order had to wait for was cancelled, or it leaves as a whole.
    let looks = order.waits_for_stock() || awaits.is_some();
    // A held order takes nothing: it may never go on.
    let held = order.holds.iter().any(|hold| hold.line.is_none());
    if !looks || held || order.is_closed() || order.stock_work.is_some() {
        return Decision::unchanged(order);
    }
    let mut draft = Draft::new(policy, order, &facts.stock, Actor::system("serve"), "serve", now);
    let plan = plan_for(&draft.order, &facts.stock, 0, turn);
    let all = draft.order.lines.len();
    let nothing_open = plan.takes.is_empty() && plan.is_whole();
    if plan.takes.is_empty() && !nothing_open {
        // Elsewhere, what nobody has looked for is what a picker could not find: the customer
        // chooses.
        return match awaits {
            Some(_) => wait_for_more(draft, &plan),
            None => Decision::unchanged(order),
        };
    }
    // What came in is given out first, so that a large order gets it though the rest goes in pages.
    let done = take(&mut draft, &plan, turn_first(order, turn), true);
    if !plan.takes.is_empty() {
        draft.event(EventKind::StockServed);
        record(&mut draft, &plan);
        draft.notify("stock_arrived", Recipient::Customer);
    }
    if done < all {
        // More than one transaction holds: what is left still waits, and is served next.
        draft.todo(Todo::Reserve);
    }
    if let Some(to) = awaits.and_then(|s| s.then.get(&StepOutcome::Ok)) {
        let looked_for = |line: &Line| line.unallocated().is_zero();
        let whole = !draft.order.waits_for_stock() && draft.order.lines.iter().all(looked_for);
        if whole || (!draft.order.ship_together && draft.order.holds_stock()) {
            draft.go(EventKind::StockReserved, to, None);
        }
    }
    draft.finish()
}

/// Nothing can be given. Where a line that was there has meanwhile gone to others, the order
/// waits for it too, or it would never be its turn.
fn wait_for_more(mut draft: Draft<'_>, plan: &Plan) -> Decision {
    let all = draft.order.lines.len();
    let done = take(&mut draft, plan, 0..all, false);
    if draft.order.lines == draft.lines_before() {
        return draft.finish();
    }
    draft.event(EventKind::OrderBackordered);
    record(&mut draft, plan);
    if done < all {
        draft.todo(Todo::Reserve);
    }
    draft.finish()
}

/// The lines of an order, those of this SKU first.
fn turn_first(order: &Order, turn: Option<&str>) -> Vec<usize> {
    let mut lines: Vec<usize> = (0..order.lines.len()).collect();
    let of_turn =
        |index: &usize| order.lines.get(*index).is_some_and(|line| Some(line.sku.as_str()) == turn);
    lines.sort_by_key(|index| !of_turn(index));
    lines
}

/// Whether the order could be served in full, at once, by one transaction (late money revives).
///
/// An order whose goods were sent already, or of which nothing is wanted any more, is not one.
pub(super) fn can_serve_whole(order: &Order, view: &StockView) -> Option<Plan> {
    let sent = order.lines.iter().any(|l| l.shipped.is_positive());
    let wanted = order.lines.iter().any(|l| l.unallocated().is_positive());
    let plan = plan_for(order, view, 0, None);
    let rows: BTreeSet<(Option<&str>, &str)> = plan
        .takes
        .iter()
        .map(|t| (order.lines.get(t.index).map(|l| l.sku.as_str()), t.warehouse.as_str()))
        .collect();
    let pages: BTreeSet<usize> = plan.takes.iter().map(|t| page_of(t.index)).collect();
    let actions = rows.len().saturating_add(pages.len()).saturating_add(HEADER_ROWS);
    let fits = actions <= ORDER_ACTIONS_MAX;
    (!sent && wanted && plan.is_whole() && fits).then_some(plan)
}

/// Takes all of a plan that is known to fit one transaction.
pub(super) fn take_whole(draft: &mut Draft<'_>, plan: &Plan) {
    let all = 0..draft.order.lines.len();
    take(draft, plan, all, false);
    record(draft, plan);
}

/// `turn` is the SKU whose queue it is the order's turn in. Where it stands at the head of the queue
/// for another, that is its turn as well: who comes behind it does not keep its goods from it.
fn plan_for(order: &Order, view: &StockView, from: usize, turn: Option<&str>) -> Plan {
    let mut needs = Vec::new();
    for (index, line) in order.lines.iter().enumerate().skip(from) {
        let mut need = |quantity: Quantity, claim: Quantity| {
            if quantity.is_positive() {
                needs.push(Need { index, sku: line.sku.clone(), quantity, claim });
            }
        };
        let own: Quantity =
            order.lines.iter().filter(|l| l.sku == line.sku).map(|l| l.backordered).sum();
        let all = view.anchors.get(&line.sku).map(|a| a.waiting).unwrap_or_default();
        let first = turn == Some(line.sku.as_str()) || view.heads.get(&line.sku) == Some(&order.id);
        need(line.backordered, if first { all.max(own) } else { own });
        need(line.unallocated(), Quantity::ZERO);
    }
    plan::plan(view, order.country.as_deref(), &needs, order.ship_together)
}

/// Reserves from a line on, as far as one transaction reaches.
fn reserve_from(mut draft: Draft<'_>, from: usize) -> Decision {
    let plan = plan_for(&draft.order, draft.view, from, None);
    // Only of a reservation under way: what a picker could not find is no reason to let go of the
    // rest.
    let held_before = draft.order.stock_work.is_some() && draft.order.holds_stock();
    if draft.order.ship_together && !plan.is_whole() && held_before {
        // Some of it was reserved before, and now the rest is short: nothing may be kept.
        draft.order.stock_work = Some(StockWork::Releasing {
            next_line: 0,
            then: Then::Retry,
            due_at: draft.now.plus(STOCK_WORK_LIMIT),
        });
        draft.event(EventKind::ReleaseStarted).reason = Some("ship_together".to_owned());
        draft.todo(Todo::Reserve);
        return draft.finish();
    }
    let lines = from..draft.order.lines.len();
    let done = take(&mut draft, &plan, lines, false);
    if done < draft.order.lines.len() {
        draft.order.stock_work = Some(StockWork::Reserving {
            next_line: done,
            due_at: draft.now.plus(STOCK_WORK_LIMIT),
        });
        draft.event(EventKind::StockPageDone);
        draft.data("lines_done", done);
        draft.todo(Todo::Reserve);
        return draft.finish();
    }
    let worked = draft.order.stock_work.take().is_some();
    let (kind, outcome) = if !draft.order.waits_for_stock() {
        (EventKind::StockReserved, StepOutcome::Ok)
    } else if draft.order.holds_stock() && !draft.order.ship_together {
        (EventKind::StockPartlyReserved, StepOutcome::Ok)
    } else {
        (EventKind::OrderBackordered, StepOutcome::Backordered)
    };
    let to = draft
        .policy
        .status(&draft.order.status)
        .and_then(|s| s.then.get(&outcome))
        .cloned()
        .unwrap_or_else(|| draft.order.status.clone());
    if to == draft.order.status && !worked && draft.order.lines == draft.lines_before() {
        // The step was asked for again and found nothing new.
        return draft.finish();
    }
    draft.go(kind, &to, None);
    record(&mut draft, &plan);
    if kind == EventKind::StockPartlyReserved {
        draft.notify("backordered", Recipient::Customer);
    }
    draft.finish()
}

/// Takes a plan's units for these lines, as far as one transaction reaches; says the index of the
/// first line that did not fit, or how many lines the order has.
fn take(
    draft: &mut Draft<'_>,
    plan: &Plan,
    lines: impl IntoIterator<Item = usize>,
    serving: bool,
) -> usize {
    let view = draft.view;
    let mut takes: BTreeMap<usize, Vec<&Take>> = BTreeMap::new();
    for one in &plan.takes {
        takes.entry(one.index).or_default().push(one);
    }
    // SKUs whose waiting row changes, and pages of the order that do.
    let mut skus: BTreeSet<String> = BTreeSet::new();
    let mut pages: BTreeSet<usize> = BTreeSet::new();
    let mut last = None;
    for index in lines {
        last = Some(index);
        let Some(line) = draft.order.lines.get(index).cloned() else { break };
        let mut after = line.clone();
        let mut stock = draft.stock.clone();
        let mut served = Quantity::ZERO;
        for one in takes.get(&index).map(Vec::as_slice).unwrap_or_default() {
            // What waited is given first, the rest is taken like a new order takes.
            let waited = one.quantity.min(after.backordered);
            let fresh = one.quantity.minus(waited);
            if waited.is_positive() {
                after.allocate(&one.warehouse, waited, true);
                stock.take_waited(&line.sku, &one.warehouse, waited);
                served = served.plus(waited);
            }
            if fresh.is_positive() {
                after.allocate(&one.warehouse, fresh, false);
                stock.take_free(&line.sku, &one.warehouse, fresh);
            }
        }
        if served.is_positive() {
            stock.wait_less(view, &line.sku, served);
        }
        // What is short may be what waits already; of the rest, nobody has looked for it before.
        let short = plan.shorts.get(&index).copied().unwrap_or_default().min(after.unallocated());
        let waits_more = short.is_positive() && !serving;
        if waits_more {
            after.backordered = after.backordered.plus(short);
            stock.wait_more(view, &line.sku, short);
        }
        if after != line {
            let new_sku = (served.is_positive() || waits_more) && !skus.contains(&line.sku);
            let new_page = !pages.contains(&page_of(index));
            let rows = stock
                .actions()
                .saturating_add(skus.len())
                .saturating_add(pages.len())
                .saturating_add(usize::from(new_sku))
                .saturating_add(usize::from(new_page))
                .saturating_add(HEADER_ROWS);
            if rows > ORDER_ACTIONS_MAX && !draft.stock.is_empty() {
                break;
            }
            if new_sku {
                skus.insert(line.sku.clone());
            }
            pages.insert(page_of(index));
            draft.stock = stock;
            if let Some(slot) = draft.order.lines.get_mut(index) {
                *slot = after;
            }
        }
        last = None;
    }
    wait_rows(draft, &skus);
    last.unwrap_or(draft.order.lines.len())
}

/// Rows of the order beside its pages: the header and what the customer said.
const HEADER_ROWS: usize = 2;
/// Lines in one page row; see `DESIGN.md`, "Large orders".
const PAGE_LINES: usize = 50;

fn page_of(index: usize) -> usize {
    index.checked_div(PAGE_LINES).unwrap_or_default()
}

/// How many rows of its own an order writes with this decision.
pub(super) fn own_rows(before: &Order, decision: &Decision) -> usize {
    let changed = |(index, line): (usize, &Line)| {
        (before.lines.get(index) != Some(line)).then_some(page_of(index))
    };
    let pages: BTreeSet<usize> =
        decision.order.lines.iter().enumerate().filter_map(changed).collect();
    pages.len().saturating_add(HEADER_ROWS)
}

/// How many rows a new order writes.
pub(super) fn rows_of_new(decision: &Decision) -> usize {
    decision.order.lines.len().div_ceil(PAGE_LINES).saturating_add(HEADER_ROWS)
}

/// The rows by which the order waits, for these SKUs, as its lines now say.
pub(super) fn wait_rows(draft: &mut Draft<'_>, skus: &BTreeSet<String>) {
    for sku in skus {
        let waiting = |order: &Order| -> Quantity {
            order.lines.iter().filter(|l| l.sku == *sku).map(|l| l.backordered).sum()
        };
        let waits_now = waiting(&draft.order);
        let changed = draft.stock.anchors.get(sku).is_some_and(|a| !a.waiting.is_zero());
        // What gave way and what came may be as much: the row then says what it said before.
        let said = draft.stock.waits.iter().any(|w| w.sku == *sku);
        if !changed && !said {
            continue;
        }
        draft.stock.waits.retain(|w| w.sku != *sku);
        draft.stock.waits.push(WaitChange {
            sku: sku.clone(),
            order_id: draft.order.id.clone(),
            priority: draft.order.priority,
            since: draft.order.created_at.milliseconds(),
            quantity: waits_now,
        });
    }
}

/// What was decided and what was refused, for `why`.
fn record(draft: &mut Draft<'_>, plan: &Plan) {
    let rule = match plan.rule {
        Rule::OneWarehouse => "one_warehouse",
        Rule::FewestWarehouses => "fewest_warehouses",
        Rule::Partial => "partial",
        Rule::Wait => "wait",
    };
    draft.data("rule", rule);
    let mut warehouses: Vec<&str> = plan.takes.iter().map(|t| t.warehouse.as_str()).collect();
    warehouses.sort_unstable();
    warehouses.dedup();
    if !warehouses.is_empty() {
        draft.data("warehouses", json!(warehouses));
    }
    let refused: Vec<Value> = plan
        .refused
        .iter()
        .take(REFUSED_MAX)
        .map(|r| json!({"warehouse": r.warehouse, "sku": r.sku, "has": r.has, "needs": r.needs}))
        .collect();
    if !refused.is_empty() {
        draft.data("refused", Value::Array(refused));
    }
    let waiting: Vec<Value> = draft
        .order
        .lines
        .iter()
        .filter(|l| l.backordered.is_positive())
        .take(REFUSED_MAX)
        .map(|l| json!({"line": l.line, "quantity": l.backordered.to_json()}))
        .collect();
    if !waiting.is_empty() {
        draft.data("waiting", Value::Array(waiting));
    }
}

/// How many refused alternatives an event carries.
const REFUSED_MAX: usize = 3;

/// How many rows a release of the first `count` of these lines would write.
pub(super) fn release_actions(lines: &[Line], count: usize, view: &StockView) -> usize {
    let mut rows: BTreeSet<(&str, &str)> = BTreeSet::new();
    for line in lines.iter().take(count) {
        release_rows(line, view, &mut rows);
    }
    rows.len().saturating_add(count.div_ceil(PAGE_LINES)).saturating_add(HEADER_ROWS)
}

/// The rows that a release of this line would write.
fn release_rows<'a>(line: &'a Line, view: &'a StockView, rows: &mut BTreeSet<(&'a str, &'a str)>) {
    let sku = line.sku.as_str();
    rows.extend(line.allocations.iter().map(|a| (sku, a.warehouse.as_str())));
    if line.backordered.is_positive() {
        // The SKU's line at every warehouse, its anchor, and the order's place in the queue.
        rows.extend(view.warehouses_of(sku).iter().map(|warehouse| (sku, warehouse.as_str())));
        rows.extend([(sku, ""), (sku, "#")]);
    }
}

/// Lets go of all that lines hold or wait for.
pub(super) fn release_lines(draft: &mut Draft<'_>, lines: Range<usize>) {
    let mut skus = BTreeSet::new();
    for index in lines {
        let Some(line) = draft.order.lines.get_mut(index) else { continue };
        let sku = line.sku.clone();
        for allocation in std::mem::take(&mut line.allocations) {
            draft.stock.release(&sku, &allocation.warehouse, allocation.held);
        }
        if line.backordered.is_positive() {
            let waited = std::mem::take(&mut line.backordered);
            draft.stock.wait_less(draft.view, &sku, waited);
            skus.insert(sku);
        }
    }
    wait_rows(draft, &skus);
}

/// Releases from a line on, as far as one transaction reaches.
fn release_from(mut draft: Draft<'_>, from: usize, then: Then) -> Decision {
    let all = draft.order.lines.len();
    let mut to = from;
    let mut rows = BTreeSet::new();
    let mut pages = BTreeSet::new();
    for (index, line) in draft.order.lines.iter().enumerate().skip(from) {
        release_rows(line, draft.view, &mut rows);
        pages.insert(page_of(index));
        let all_rows = rows.len().saturating_add(pages.len()).saturating_add(HEADER_ROWS);
        if all_rows > ORDER_ACTIONS_MAX && to > from {
            break;
        }
        to = index.saturating_add(1);
    }
    release_lines(&mut draft, from..to);
    if to < all {
        draft.order.stock_work = Some(StockWork::Releasing {
            next_line: to,
            then,
            due_at: draft.now.plus(STOCK_WORK_LIMIT),
        });
        draft.event(EventKind::StockPageDone);
        draft.data("lines_done", to);
        draft.todo(Todo::Reserve);
        return draft.finish();
    }
    draft.order.stock_work = None;
    match then {
        Then::Move { kind, to, reason } => draft.go(kind, &to, reason.as_deref()),
        Then::Retry => {
            draft.event(EventKind::StockPageDone);
            draft.todo(Todo::Reserve);
        }
    }
    draft.finish()
}
