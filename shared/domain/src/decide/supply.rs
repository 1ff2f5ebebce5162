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
use crate::stock::line::Units;
use crate::stock::plan::{self, Need, Plan, Rule, Sourced, Take};
use crate::stock::{StockChanges, StockView, WaitChange};
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
    if !looks || order.is_held() || order.is_closed() || order.stock_work.is_some() {
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

/// SKUs for which those behind a held order are looked at at once; the limit of their status looks
/// at the others.
const PASSED_MAX: usize = 20;

/// A held order takes nothing: those behind it in its queues are looked at.
pub(super) fn let_others_pass(draft: &mut Draft<'_>) {
    for sku in draft.order.skus_waited_for().into_iter().take(PASSED_MAX) {
        draft.todo(Todo::Serve { sku });
    }
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
        |index: &usize| order.lines.get(*index).is_some_and(|line| has_article(line, turn));
    lines.sort_by_key(|index| !of_turn(index));
    lines
}

fn has_article(line: &Line, sku: Option<&str>) -> bool {
    line.pieces().any(|piece| Some(piece.sku) == sku)
}

/// Whether the order could be served in full, at once, by one transaction (late money revives).
///
/// An order whose goods were sent already, or of which nothing is wanted any more, is not one.
pub(super) fn can_serve_whole(order: &Order, view: &StockView) -> Option<Plan> {
    let sent = order.lines.iter().any(|l| l.shipped.is_positive());
    let wanted = order.lines.iter().any(|l| l.unallocated().is_positive());
    let plan = plan_for(order, view, 0, None);
    let mut rows: BTreeSet<(&str, &str)> = BTreeSet::new();
    for take in &plan.takes {
        let pieces = order.lines.get(take.index).into_iter().flat_map(Line::pieces);
        rows.extend(pieces.map(|piece| (piece.sku, take.warehouse.as_str())));
    }
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
    let claims: BTreeMap<String, Quantity> = order
        .skus_waited_for()
        .into_iter()
        .map(|sku| {
            let own = order.waits_for(&sku);
            let all = view.anchors.get(&sku).map(|a| a.waiting).unwrap_or_default();
            let first = turn == Some(sku.as_str()) || view.heads.get(&sku) == Some(&order.id);
            (sku, if first { all.max(own) } else { own })
        })
        .collect();
    for at in order.lines.iter().enumerate().skip(from) {
        let (_, line) = at;
        if line.backordered.is_positive() {
            let claim = |sku: &str| claims.get(sku).copied().unwrap_or_default();
            needs.push(Need::of(at, line.backordered, true, claim));
        }
        let open = order.to_look_for(line);
        if open.is_positive() {
            needs.push(Need::of(at, open, false, |_| Quantity::ZERO));
        }
    }
    plan::plan(view, sourced(order), &needs)
}

/// For whom stock is looked for, and how.
pub(super) fn sourced(order: &Order) -> Sourced<'_> {
    Sourced {
        country: order.country.as_deref(),
        class: order.demand_class.as_deref(),
        together: order.ship_together,
    }
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
    let class = draft.order.demand_class.clone();
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
            after.allocate(&one.warehouse, one.quantity, one.waited, &one.kept);
            let units = Units { line: &line, warehouse: &one.warehouse, quantity: one.quantity };
            stock.take(units, class.as_deref(), &one.kept, one.waited);
            if one.waited {
                served = served.plus(one.quantity);
            }
        }
        // What is short may be what waits already; of the rest, nobody has looked for it before.
        let short = plan.shorts.get(&index).copied().unwrap_or_default().min(after.unallocated());
        let waits_more = short.is_positive() && !serving;
        for piece in line.pieces() {
            if served.is_positive() {
                stock.wait_less(view, piece.sku, class.as_deref(), served.times(piece.per));
            }
            if waits_more {
                stock.wait_more(view, piece.sku, class.as_deref(), short.times(piece.per));
            }
        }
        if waits_more {
            after.backordered = after.backordered.plus(short);
        }
        if after != line {
            let queued = served.is_positive() || waits_more;
            let new_skus: BTreeSet<String> = line
                .pieces()
                .filter(|piece| queued && !skus.contains(piece.sku))
                .map(|piece| piece.sku.to_owned())
                .collect();
            let new_page = !pages.contains(&page_of(index));
            let rows = stock
                .actions()
                .saturating_add(skus.len())
                .saturating_add(pages.len())
                .saturating_add(new_skus.len())
                .saturating_add(usize::from(new_page))
                .saturating_add(HEADER_ROWS);
            if rows > ORDER_ACTIONS_MAX && !draft.stock.is_empty() {
                break;
            }
            skus.extend(new_skus);
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
const HEADER_ROWS: usize = 3;
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
        let waits_now = draft.order.waits_for(sku);
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
    if let Some(class) = draft.order.demand_class.clone() {
        draft.data("demand_class", class);
        let kept: Quantity = plan.takes.iter().flat_map(|t| t.kept.values()).copied().sum();
        if kept.is_positive() {
            draft.data("of_its_share", kept.to_json());
        }
    }
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
        .map(|r| {
            let mut told = json!({
                "warehouse": r.warehouse, "sku": r.sku, "has": r.has, "needs": r.needs
            });
            if r.kept_for_others.is_positive()
                && let Some(told) = told.as_object_mut()
            {
                told.insert("kept_for_others".to_owned(), r.kept_for_others.to_json());
            }
            told
        })
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
    for piece in line.pieces() {
        let sku = piece.sku;
        rows.extend(line.allocations.iter().map(|a| (sku, a.warehouse.as_str())));
        if line.backordered.is_positive() {
            // The SKU's line at every warehouse, its anchor, and the order's place in the queue.
            rows.extend(view.warehouses_of(sku).iter().map(|warehouse| (sku, warehouse.as_str())));
            rows.extend([(sku, ""), (sku, "#")]);
        }
    }
}

/// Lets go of all that lines hold or wait for.
pub(super) fn release_lines(draft: &mut Draft<'_>, lines: Range<usize>) {
    for place in lines {
        let Some(line) = draft.order.lines.get(place) else { continue };
        let held: Vec<(String, Quantity)> =
            line.allocations.iter().map(|a| (a.warehouse.clone(), a.held)).collect();
        let waited = line.backordered;
        for (warehouse, units) in held {
            let_go(draft, place, &warehouse, units);
        }
        wait_less(draft, place, waited);
    }
}

/// Up to so many held units of a line go back into sale; says how many.
pub(super) fn let_go(
    draft: &mut Draft<'_>,
    place: usize,
    warehouse: &str,
    quantity: Quantity,
) -> Quantity {
    let class = draft.order.demand_class.clone();
    let Some(line) = draft.order.lines.get_mut(place) else { return Quantity::ZERO };
    give_back(&mut draft.stock, line, warehouse, quantity, class.as_deref())
}

/// Up to so many of the units that a line holds at a warehouse go back into sale; says how many.
pub(super) fn give_back(
    stock: &mut StockChanges,
    line: &mut Line,
    warehouse: &str,
    quantity: Quantity,
    class: Option<&str>,
) -> Quantity {
    let freed = line.deallocate(warehouse, quantity);
    if freed.units.is_positive() {
        stock.release(line, warehouse, class, &freed);
    }
    freed.units
}

/// Up to so many units of a line that are not in a box are not held any more, and an article of them
/// is not on hand any more: `piece`, so many in each unit.
pub(super) fn book_missing(
    draft: &mut Draft<'_>,
    place: usize,
    quantity: Quantity,
    (sku, per): (&str, Quantity),
) {
    let class = draft.order.demand_class.clone();
    let Some(line) = draft.order.lines.get_mut(place) else { return };
    let mut left = quantity;
    let open: Vec<(String, Quantity)> =
        line.allocations.iter().map(|a| (a.warehouse.clone(), a.held.less(a.picked))).collect();
    for (warehouse, open) in open {
        let mut freed = line.deallocate(&warehouse, left.min(open));
        left = left.minus(freed.units);
        if freed.units.is_positive() {
            // Not there: not kept any more either.
            freed.kept.remove(sku);
            draft.stock.release(line, &warehouse, class.as_deref(), &freed);
            draft.stock.miss(sku, &warehouse, freed.units.times(per));
        }
    }
}

/// A line waits for so many units less.
pub(super) fn wait_less(draft: &mut Draft<'_>, place: usize, quantity: Quantity) {
    if !quantity.is_positive() {
        return;
    }
    let class = draft.order.demand_class.clone();
    let Some(line) = draft.order.lines.get_mut(place) else { return };
    line.backordered = line.backordered.less(quantity);
    let mut skus = BTreeSet::new();
    for piece in line.pieces() {
        let units = quantity.times(piece.per);
        draft.stock.wait_less(draft.view, piece.sku, class.as_deref(), units);
        skus.insert(piece.sku.to_owned());
    }
    wait_rows(draft, &skus);
}

/// A line waits for so many units more: they are not there.
pub(super) fn wait_more(draft: &mut Draft<'_>, place: usize, quantity: Quantity) {
    let class = draft.order.demand_class.clone();
    let Some(line) = draft.order.lines.get_mut(place) else { return };
    line.backordered = line.backordered.plus(quantity);
    let mut skus = BTreeSet::new();
    for piece in line.pieces() {
        let units = quantity.times(piece.per);
        draft.stock.wait_more(draft.view, piece.sku, class.as_deref(), units);
        skus.insert(piece.sku.to_owned());
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
