//! Picking, shipping, delivering, returning. Nothing ships that is not held.

use super::ask::CHOICE_HOLD;
use super::draft::{Decision, Draft, STOCK_WORK_LIMIT};
use super::payments::{self, MoneyEvent, MoneyKind};
use super::{Facts, Rejection, choice, guards, limits, supply};
use crate::intake::command::{Collected, Condition, LineQuantity, ReturnLine, ShortLine};
use crate::order::question::{Item, Substitute};
use crate::order::{
    ArrivalTold, EventKind, Line, NetTerms, Order, Piece, Recipient, Shipment, ShipmentLine,
    StockWork, Terms, Todo,
};
use crate::policy::StatusKey;
use crate::price::reckon_kept;
use crate::quantity::Quantity;
use crate::stock::group::ORDER_ACTIONS_MAX;
use crate::stock::line::Units;
use crate::time::{Seconds, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// When the seller is reminded of money the carrier collected and has not paid.
pub const REMITTANCE_AFTER: Seconds = Seconds::days(7);
/// Net days of an invoice, where the customer has no other agreement.
pub const NET_DAYS_DEFAULT: u16 = 30;
/// Lines of one `return`: each may touch a stock line of its own.
pub const RETURN_LINES_MAX: usize = 80;

/// What is known of a parcel.
pub(super) struct Parcel {
    pub carrier: Option<String>,
    pub tracking: Option<String>,
    pub expected_at: Option<Timestamp>,
}

/// The index of the line with that number, or which entry of the body names one that is not.
pub(super) fn line_index(order: &Order, number: u32, entry: usize) -> Result<usize, Rejection> {
    order.lines.iter().position(|l| l.line == number).ok_or_else(|| Rejection::Invalid {
        pointer: format!("/lines/{entry}/line"),
        code: "no_such_line",
        detail: format!("The order has no line {number}."),
    })
}

/// Lays goods into boxes; what is not there is booked as missing, and the line is held until the
/// customer has chosen. What has a defect is kept out of the box until then.
pub(super) fn pick(
    draft: &mut Draft<'_>,
    lines: Option<&[LineQuantity]>,
    short: &[ShortLine],
    to: &StatusKey,
    facts: &Facts,
) -> Result<(), Rejection> {
    let mut asked: Vec<Item> = Vec::new();
    for (index, entry) in short.iter().enumerate() {
        let place =
            line_index(&draft.order, entry.line, index).map_err(|_| no_line(index, entry.line))?;
        let Some(line) = draft.order.lines.get(place) else { continue };
        let open = to_pick(&draft.order, line, &asked);
        if entry.quantity > open {
            return Err(Rejection::Invalid {
                pointer: format!("/short/{index}/quantity"),
                code: "more_than_held",
                detail: format!("Line {} holds {open} units that are not picked.", line.line),
            });
        }
        let missed = missed_article(line, index, entry)?;
        asked.push(question(line, index, entry, &missed.0, facts)?);
        if entry.defect.is_none() {
            supply::book_missing(draft, place, entry.quantity, (&missed.0, missed.1));
        }
    }
    match lines {
        None => {
            for place in 0..draft.order.lines.len() {
                let Some(line) = draft.order.lines.get(place) else { continue };
                let open = to_pick(&draft.order, line, &asked);
                draft.order.lines.iter_mut().skip(place).take(1).for_each(|line| line.pick(open));
            }
        }
        Some(lines) => {
            for (index, entry) in lines.iter().enumerate() {
                let place = line_index(&draft.order, entry.line, index)?;
                let Some(line) = draft.order.lines.get(place) else { continue };
                let open = to_pick(&draft.order, line, &asked);
                let quantity = entry.quantity.unwrap_or(open);
                if quantity > open {
                    return Err(Rejection::Invalid {
                        pointer: format!("/lines/{index}/quantity"),
                        code: "more_than_held",
                        detail: format!("Line {} has {open} units to pick.", line.line),
                    });
                }
                let Some(line) = draft.order.lines.get_mut(place) else { continue };
                line.pick(quantity);
            }
        }
    }
    draft.go(EventKind::OrderPicked, to, None);
    let told: Vec<Value> =
        short.iter().map(|s| json!({"line": s.line, "quantity": s.quantity.to_json()})).collect();
    if !told.is_empty() {
        draft.data("short", Value::Array(told));
    }
    for entry in short {
        draft.hold(CHOICE_HOLD, Some(entry.line), entry.reason.as_deref());
    }
    choice::ask(draft, asked);
    Ok(())
}

/// Units of a line that can go into a box: not those with a defect that the customer has yet to take.
fn to_pick(order: &Order, line: &Line, asked: &[Item]) -> Quantity {
    let of_line = |item: &&Item| item.line == Some(line.line) && item.defect.is_some();
    let defective: Quantity = asked.iter().filter(of_line).map(|item| item.quantity).sum();
    let undecided = order.set_aside(line.line).plus(defective);
    line.held().less(line.picked()).less(undecided)
}

/// What the customer is asked about units that are missing, or have a defect.
fn question(
    line: &Line,
    index: usize,
    entry: &ShortLine,
    article: &str,
    facts: &Facts,
) -> Result<Item, Rejection> {
    let refused = |code, detail: String| Rejection::Invalid {
        pointer: format!("/short/{index}/substitute"),
        code,
        detail,
    };
    let substitute = match &entry.substitute {
        None => None,
        Some(sku) if *sku == line.sku => {
            let detail = "An article does not stand in for itself: name another.".to_owned();
            return Err(refused("substitute_same", detail));
        }
        Some(sku) => match facts.products.get(sku) {
            None => {
                let detail = format!("{sku} is not in the catalogue: name an article that is.");
                return Err(refused("unknown_sku", detail));
            }
            Some(product) if !product.active => {
                let detail = format!("{sku} is not sold any more: name another.");
                return Err(refused("inactive_sku", detail));
            }
            Some(product) => {
                Some(Substitute { sku: sku.clone(), name: Some(product.name.clone()) })
            }
        },
    };
    Ok(Item {
        id: format!("line-{}", line.line),
        line: Some(line.line),
        answers: choice::answers(entry.defect.is_some(), substitute.is_some()),
        quantity: entry.quantity,
        defect: entry.defect.clone(),
        piece: Some(article.to_owned()),
        substitute,
    })
}

/// The article that could not be found, and how many of it one unit of the line has. Of a bundle the
/// others are there.
fn missed_article(
    line: &Line,
    index: usize,
    entry: &ShortLine,
) -> Result<(String, Quantity), Rejection> {
    let pointer = format!("/short/{index}/sku");
    let named = match &entry.sku {
        Some(sku) => line.pieces().find(|piece| piece.sku == sku),
        None if line.is_bundle() => None,
        None => line.pieces().next(),
    };
    let names: Vec<&str> = line.pieces().map(|piece| piece.sku).collect();
    named.map(|piece| (piece.sku.to_owned(), piece.per)).ok_or_else(|| Rejection::Invalid {
        pointer,
        code: "no_such_part",
        detail: format!("Say which is missing of line {}: {}.", line.line, names.join(", ")),
    })
}

fn no_line(index: usize, number: u32) -> Rejection {
    Rejection::Invalid {
        pointer: format!("/short/{index}/line"),
        code: "no_such_line",
        detail: format!("The order has no line {number}."),
    }
}

/// Sends held units on their way.
pub(super) fn ship(
    draft: &mut Draft<'_>,
    parcel: Parcel,
    lines: Option<&[LineQuantity]>,
    to: &StatusKey,
) -> Result<(), Rejection> {
    let parts = parts(&draft.order, lines)?;
    let number = begin_shipment(draft, parcel, parts, None);
    let again = draft.order.status == *to;
    draft.go(EventKind::OrderShipped, to, None);
    draft.data("shipment", number);
    if again {
        // The status tells of the first shipment when it is entered; further ones say so here.
        draft.notify("handed_over", Recipient::Customer);
    }
    go_on_shipping(draft);
    Ok(())
}

/// Which held units go: all, or those the body names.
fn parts(order: &Order, lines: Option<&[LineQuantity]>) -> Result<Vec<ShipmentLine>, Rejection> {
    let mut parts = Vec::new();
    // What has a defect leaves once the customer has said that they want it.
    let can_leave = |line: &Line| line.held().less(order.set_aside(line.line));
    let mut give = |place: usize, quantity: Quantity| {
        let Some(line) = order.lines.get(place) else { return };
        let mut left = quantity;
        for allocation in &line.allocations {
            let units = allocation.held.min(left);
            left = left.minus(units);
            if units.is_positive() {
                parts.push(ShipmentLine {
                    line: line.line,
                    warehouse: allocation.warehouse.clone(),
                    quantity: units,
                });
            }
        }
    };
    match lines {
        None => (0..order.lines.len()).for_each(|place| {
            give(place, order.lines.get(place).map_or(Quantity::ZERO, &can_leave))
        }),
        Some(lines) => {
            let mut seen = BTreeSet::new();
            for (index, entry) in lines.iter().enumerate() {
                let place = line_index(order, entry.line, index)?;
                let held = order.lines.get(place).map_or(Quantity::ZERO, &can_leave);
                let quantity = entry.quantity.unwrap_or(held);
                if quantity > held || !seen.insert(entry.line) {
                    return Err(Rejection::Invalid {
                        pointer: format!("/lines/{index}/quantity"),
                        code: "more_than_held",
                        detail: format!("Line {} holds {held} units that can leave.", entry.line),
                    });
                }
                give(place, quantity);
            }
        }
    }
    if parts.is_empty() {
        return Err(Rejection::Invalid {
            pointer: "/lines".to_owned(),
            code: "nothing_to_ship",
            detail: "No unit of the order is held at a warehouse; nothing can leave.".to_owned(),
        });
    }
    Ok(parts)
}

/// Writes a shipment down and takes its units out of stock, in pages where they are many.
fn begin_shipment(
    draft: &mut Draft<'_>,
    parcel: Parcel,
    parts: Vec<ShipmentLine>,
    delivered_at: Option<Timestamp>,
) -> u32 {
    let number = u32::try_from(draft.order.shipments.len()).unwrap_or(u32::MAX).saturating_add(1);
    let many = leaving_at_once(&draft.order, &parts) < parts.len();
    if many {
        draft.order.stock_work = Some(StockWork::Shipping {
            next_line: 0,
            shipment: number,
            due_at: draft.now.plus(STOCK_WORK_LIMIT),
        });
    } else {
        for part in &parts {
            leave(draft, part);
        }
    }
    draft.order.shipments.push(Shipment {
        number,
        carrier: parcel.carrier,
        tracking: parcel.tracking,
        lines: parts,
        shipped_at: draft.now,
        expected_at: parcel.expected_at,
        delivered_at,
        told: ArrivalTold::Nothing,
    });
    number
}

/// A large shipment goes on page by page.
fn go_on_shipping(draft: &mut Draft<'_>) {
    if draft.order.stock_work.is_some() {
        draft.todo(Todo::Reserve);
    }
}

/// Stock lines, and pages of the order, that one transaction of a shipment writes.
const SHIP_ROWS_MAX: usize = ORDER_ACTIONS_MAX / 2;

/// How many of these, from the first, leave in one transaction.
fn leaving_at_once(order: &Order, parts: &[ShipmentLine]) -> usize {
    let mut rows: BTreeSet<(&str, &str)> = BTreeSet::new();
    for (place, part) in parts.iter().enumerate() {
        let pieces = order.line(part.line).into_iter().flat_map(Line::pieces);
        rows.extend(pieces.map(|piece| (piece.sku, part.warehouse.as_str())));
        if rows.len() > SHIP_ROWS_MAX && place > 0 {
            return place;
        }
    }
    parts.len()
}

fn leave(draft: &mut Draft<'_>, part: &ShipmentLine) {
    let Some(line) = draft.order.line_mut(part.line) else { return };
    let sent = line.ship(&part.warehouse, part.quantity);
    let units = Units { line, warehouse: &part.warehouse, quantity: sent };
    draft.stock.leave(units);
}

/// The next units of a large shipment leave.
pub(super) fn ship_from(mut draft: Draft<'_>, next_line: usize, shipment: u32) -> Decision {
    let found = draft.order.shipments.iter().find(|s| s.number == shipment);
    let all = found.map_or_else(Vec::new, |s| s.lines.clone());
    let open = all.get(next_line..).unwrap_or_default();
    let now = leaving_at_once(&draft.order, open);
    for part in open.iter().take(now) {
        leave(&mut draft, part);
    }
    let done = next_line.saturating_add(now);
    draft.event(EventKind::StockPageDone);
    if done < all.len() {
        draft.data("lines_done", done);
        draft.order.stock_work = Some(StockWork::Shipping {
            next_line: done,
            shipment,
            due_at: draft.now.plus(STOCK_WORK_LIMIT),
        });
        draft.todo(Todo::Reserve);
    } else {
        draft.data("lines_done", all.len());
        draft.order.stock_work = None;
    }
    draft.finish()
}

/// While goods are with the customer, or on their way, and money is open, it has a deadline:
/// whatever the decision was that opened or closed it.
pub(super) fn receivable(draft: &mut Draft<'_>) {
    let gone = draft.order.lines.iter().any(|line| line.shipped > line.returned);
    let open = gone && guards::receivable(draft.policy, &draft.order).is_positive();
    match (open, draft.order.ledger.receivable_due_at) {
        (true, None) => remind_of_receivable(draft),
        (false, Some(_)) => draft.order.ledger.receivable_due_at = None,
        (true, Some(_)) | (false, None) => {}
    }
}

fn remind_of_receivable(draft: &mut Draft<'_>) {
    draft.order.ledger.reminders = 0;
    let reminded_at = match draft.order.terms {
        Some(Terms::Invoice) => {
            let due = invoice_due(draft.order.net_terms, draft.now);
            draft.order.ledger.invoice_due_at = Some(due);
            let [first, ..] = limits::INVOICE_REMINDERS;
            due.plus(first)
        }
        Some(Terms::OnDelivery | Terms::Prepaid | Terms::Deposit(_) | Terms::AfterConfirmation)
        | None => draft.now.plus(REMITTANCE_AFTER),
    };
    draft.order.ledger.receivable_due_at = Some(reminded_at);
}

/// When an invoice of goods that leave now is due.
fn invoice_due(agreed: Option<NetTerms>, now: Timestamp) -> Timestamp {
    let agreed = agreed.unwrap_or(NetTerms { days: NET_DAYS_DEFAULT, end_of_month: false });
    let due = now.plus(Seconds::days(i64::from(agreed.days)));
    if !agreed.end_of_month {
        return due;
    }
    let day = due.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    // Through the last day of that month.
    let after = day.last_of_month().tomorrow().ok();
    let ends = after.and_then(|day| day.to_zoned(jiff::tz::TimeZone::UTC).ok());
    ends.map_or(due, |ends| Timestamp::from(ends.timestamp()))
}

/// Hands shipments over; goods that the customer fetches leave and arrive at once.
pub(super) fn deliver(
    draft: &mut Draft<'_>,
    shipment: Option<u32>,
    collected: Option<&Collected>,
    to: &StatusKey,
) -> Result<(), Rejection> {
    let now = draft.now;
    let fetched = draft.order.delivery_method.is_some_and(crate::order::DeliveryMethod::is_fetched);
    let under_way = draft.order.shipments.iter().any(|s| s.delivered_at.is_none());
    if fetched && draft.order.holds_stock() && shipment.is_none() && !under_way {
        let parts = parts(&draft.order, None)?;
        let parcel = Parcel { carrier: None, tracking: None, expected_at: None };
        begin_shipment(draft, parcel, parts, Some(now));
    } else {
        let open = |s: &Shipment| {
            s.delivered_at.is_none() && shipment.is_none_or(|number| s.number == number)
        };
        if !draft.order.shipments.iter().any(open) {
            return Err(Rejection::Invalid {
                pointer: "/shipment".to_owned(),
                code: "no_such_shipment",
                detail: "No shipment of that number is under way; see `shipments`.".to_owned(),
            });
        }
        draft
            .order
            .shipments
            .iter_mut()
            .filter(|s| open(s))
            .for_each(|s| s.delivered_at = Some(now));
    }
    let under_way = draft.order.shipments.iter().any(|s| s.delivered_at.is_none());
    let stays = draft.order.status.clone();
    // A part has arrived: the order arrives with the last one.
    let to = if under_way { &stays } else { to };
    draft.go(EventKind::OrderDelivered, to, None);
    if let Some(number) = shipment {
        draft.data("shipment", number);
    }
    go_on_shipping(draft);
    if let Some(collected) = collected {
        let event = MoneyEvent {
            provider: "manual".to_owned(),
            reference: format!("door-{}", draft.order.version),
            kind: MoneyKind::Received {
                amount: collected.amount,
                currency: draft.order.currency,
                method: collected.method.map(|_| "at_the_door".to_owned()),
            },
            received_at: now,
        };
        payments::money_event(draft, &event);
    }
    Ok(())
}

/// Takes goods back.
pub(super) fn take_back(
    draft: &mut Draft<'_>,
    lines: Option<&[ReturnLine]>,
    reason: Option<&str>,
    to: &StatusKey,
) -> Result<(), Rejection> {
    let all: Vec<ReturnLine>;
    let lines = match lines {
        Some(lines) => lines,
        None => {
            let with_customer = |l: &&crate::order::Line| l.shipped > l.returned;
            let whole = |l: &crate::order::Line| ReturnLine {
                line: l.line,
                quantity: None,
                condition: Condition::Restock,
                warehouse: None,
            };
            all = draft.order.lines.iter().filter(with_customer).map(whole).collect();
            &all
        }
    };
    if lines.len() > RETURN_LINES_MAX {
        return Err(Rejection::Invalid {
            pointer: "/lines".to_owned(),
            code: "too_many_lines",
            detail: format!("Return at most {RETURN_LINES_MAX} lines at a time."),
        });
    }
    let with_customer = reckon_kept(&draft.order).gross;
    let mut back = Vec::new();
    for (index, entry) in lines.iter().enumerate() {
        let place = line_index(&draft.order, entry.line, index)?;
        let from = shipped_from(&draft.order, entry.line);
        let Some(line) = draft.order.lines.get_mut(place) else { continue };
        let out = line.shipped.less(line.returned);
        let quantity = entry.quantity.unwrap_or(out);
        if quantity > out || quantity.is_zero() {
            return Err(Rejection::Invalid {
                pointer: format!("/lines/{index}/quantity"),
                code: "more_than_shipped",
                detail: format!("{out} units of line {} are with the customer.", line.line),
            });
        }
        line.returned = line.returned.plus(quantity);
        back.push(json!({"line": entry.line, "quantity": quantity.to_json()}));
        let warehouse = entry.warehouse.clone().or(from);
        match (entry.condition, warehouse) {
            (Condition::Restock, Some(warehouse)) => {
                let has = |piece: Piece<'_>| draft.view.line(piece.sku, &warehouse).is_some();
                let known = line.pieces().any(has) || draft.view.ranks.contains_key(&warehouse);
                if !known {
                    return Err(Rejection::Invalid {
                        pointer: format!("/lines/{index}/warehouse"),
                        code: "unknown_warehouse",
                        detail: format!("There is no warehouse {warehouse}; name another."),
                    });
                }
                draft.stock.come_back(Units { line, warehouse: &warehouse, quantity });
            }
            (Condition::Scrap, _) | (Condition::Restock, None) => {}
        }
    }
    if back.is_empty() {
        return Err(Rejection::Invalid {
            pointer: "/lines".to_owned(),
            code: "nothing_to_return",
            detail: "Nothing of the order is with the customer.".to_owned(),
        });
    }
    // A warehouse for what comes back may never have had the article.
    draft.stock.begin_lines(draft.view);
    if draft.stock.actions() > RETURN_LINES_MAX {
        return Err(Rejection::Invalid {
            pointer: "/lines".to_owned(),
            code: "too_many_lines",
            detail: "Return fewer lines at a time: many of them are new to their warehouse."
                .to_owned(),
        });
    }
    // Nobody pays for what came back before it was paid. Of what was paid a person decides.
    let came_back = with_customer.less(reckon_kept(&draft.order).gross);
    let not_paid = came_back.min(guards::receivable(draft.policy, &draft.order));
    draft.order.ledger.granted = draft.order.ledger.granted.plus(not_paid);
    draft.go(EventKind::OrderReturned, to, reason);
    draft.data_of(EventKind::OrderReturned, "lines", Value::Array(back));
    if not_paid.is_positive() {
        let amount = not_paid.format(draft.order.currency);
        draft.data_of(EventKind::OrderReturned, "not_asked_for", amount);
    }
    Ok(())
}

fn shipped_from(order: &Order, line: u32) -> Option<String> {
    order
        .shipments
        .iter()
        .flat_map(|s| &s.lines)
        .find(|part| part.line == line)
        .map(|part| part.warehouse.clone())
}
