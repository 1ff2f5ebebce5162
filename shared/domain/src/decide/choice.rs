//! The customer's choice: units that could not be found, or have a defect, are waited for, left out,
//! replaced, or taken as they are. How it is asked and answered is [`super::ask`].
//!
//! Missing units stand nowhere until then; units with a defect stay held, and neither go into a box nor
//! leave before the customer has said that they want them.

use super::ask::{self, CHOICE_HOLD};
use super::draft::Draft;
use super::{Facts, Rejection, edit, find_move, payments, supply};
use crate::order::question::{About, Ended, Item, Question, Said, Silence};
use crate::order::{EventKind, Line, LineDetail, Order, Recipient};
use crate::policy::{CommandKind, Role};
use crate::price::{reckon_order, reckon_remaining};
use crate::quantity::Quantity;
use crate::time::Seconds;
use crate::validation::fill_from_catalogue;
use serde_json::json;

/// How long the customer may take to choose.
pub const CHOICE_DEADLINE: Seconds = Seconds::days(2);
/// The message that asks for it.
const CHOICE_REQUEST: &str = "choice_request";

/// Units of a line that wait for the customer's word though they are held: they have a defect.
pub(super) fn undecided(order: &Order, line: u32) -> Quantity {
    let question = order.question.iter().filter(|question| question.about == About::Choice);
    let items = question.flat_map(|question| &question.items);
    items.filter(|i| i.line == Some(line) && i.defect.is_some()).map(|i| i.quantity).sum()
}

/// What can be said to units of a line.
pub(super) fn answers(defect: bool, substitute: bool) -> Vec<Said> {
    let mut answers = Vec::with_capacity(4);
    if substitute {
        answers.push(Said::Replace);
    }
    if defect {
        answers.push(Said::Accept);
    }
    answers.extend([Said::Wait, Said::Cancel]);
    answers
}

/// Asks about these units, and about those that were asked about and are not answered yet.
pub(super) fn ask(draft: &mut Draft<'_>, more: Vec<Item>) {
    if more.is_empty() {
        return;
    }
    let mut items: Vec<Item> =
        draft.order.question.take().map(|question| question.items).unwrap_or_default();
    for mut item in more {
        let same = |other: &&mut Item| {
            other.line == item.line
                && (&other.defect, &other.piece, &other.substitute)
                    == (&item.defect, &item.piece, &item.substitute)
        };
        if let Some(known) = items.iter_mut().find(same) {
            known.quantity = known.quantity.plus(item.quantity);
            continue;
        }
        let of_line = items.iter().filter(|other| other.line == item.line).count();
        if of_line > 0 {
            item.id = format!("{}-{}", item.id, of_line.saturating_add(1));
        }
        items.push(item);
    }
    let asked_at = draft.now;
    let due_at = asked_at.plus(CHOICE_DEADLINE);
    let number = draft.event(EventKind::CustomerAsked).version;
    draft.data("about", "choice");
    draft.data("due_at", due_at.to_string());
    draft.data("items", json!(items.iter().map(|item| &item.id).collect::<Vec<_>>()));
    draft.notify(CHOICE_REQUEST, Recipient::Customer);
    let (about, silence) = (About::Choice, Silence::Ask);
    let staged = Vec::new();
    draft.order.question =
        Some(Question { number, about, items, silence, asked_at, due_at, staged });
}

/// The house has decided about units of a line: nobody is asked about it any more.
pub(super) fn decided(draft: &mut Draft<'_>, line: u32) {
    let Some(question) = &mut draft.order.question else { return };
    if question.about != About::Choice {
        return;
    }
    question.items.retain(|item| item.line != Some(line));
    if question.items.is_empty() {
        ask::close(draft, Vec::new(), Ended::Withdrawn);
    }
}

/// Does what the customer chose.
pub(super) fn chosen(
    draft: &mut Draft<'_>,
    question: &Question,
    said: &[(String, Said)],
    facts: &Facts,
) -> Result<(), Rejection> {
    let mut cancelled = Vec::new();
    let mut added = Vec::new();
    for (item, (_, said)) in question.items.iter().zip(said) {
        let Some(number) = item.line else { continue };
        draft.order.holds.retain(|hold| hold.name != CHOICE_HOLD || hold.line != Some(number));
        let Some(place) = draft.order.lines.iter().position(|line| line.line == number) else {
            continue;
        };
        match said {
            // As it is: it is held already.
            Said::Accept | Said::Refuse => {}
            Said::Wait => {
                let units = let_go(draft, place, item);
                supply::wait_more(draft, place, units);
            }
            Said::Cancel => {
                let units = let_go(draft, place, item);
                leave_out(draft, place, units);
                cancelled.push(json!({"line": number, "quantity": units.to_json()}));
            }
            Said::Replace => {
                let units = let_go(draft, place, item);
                added.extend(replace(draft, place, item, units));
            }
        }
    }
    if !added.is_empty() {
        draft.data("added", json!(added));
        draft.placed_changed = true;
        fill_from_catalogue(&mut draft.order, &facts.products);
        reckon_order(&mut draft.order);
        draft.order.totals = reckon_remaining(&draft.order);
        edit::take_for(draft, |line| added.contains(&line.line));
    }
    if !cancelled.is_empty() {
        less(draft, cancelled)?;
    }
    if draft.order.holds.is_empty() && !draft.order.is_closed() {
        draft.ask_for_step();
    }
    Ok(())
}

/// Units that the customer does not take as they are: those with a defect are not sold to others
/// either. So many of them stand nowhere now.
fn let_go(draft: &mut Draft<'_>, place: usize, item: &Item) -> Quantity {
    let class = draft.order.demand_class.clone();
    if item.defect.is_some()
        && let Some(line) = draft.order.lines.get_mut(place)
    {
        let mut left = item.quantity;
        let places: Vec<(String, Quantity)> =
            line.allocations.iter().map(|a| (a.warehouse.clone(), a.held.less(a.picked))).collect();
        let piece = line.pieces().find(|piece| Some(piece.sku) == item.piece.as_deref());
        let piece = piece.map(|piece| (piece.sku.to_owned(), piece.per));
        for (warehouse, open) in places {
            let mut freed = line.deallocate(&warehouse, left.min(open));
            left = left.minus(freed.units);
            let Some((sku, per)) = piece.as_ref().filter(|_| freed.units.is_positive()) else {
                continue;
            };
            freed.kept.remove(sku);
            draft.stock.release(line, &warehouse, class.as_deref(), &freed);
            draft.stock.miss(sku, &warehouse, freed.units.times(*per));
        }
    }
    let line = draft.order.lines.get(place);
    line.map(|line| line.unallocated().min(item.quantity)).unwrap_or_default()
}

fn leave_out(draft: &mut Draft<'_>, place: usize, units: Quantity) {
    if let Some(line) = draft.order.lines.get_mut(place) {
        line.cancelled = line.cancelled.plus(units);
    }
}

/// A line of the substitute, at the price of what it stands for: the order comes to what it came to.
fn replace(draft: &mut Draft<'_>, place: usize, item: &Item, units: Quantity) -> Option<u32> {
    let substitute = item.substitute.as_ref().filter(|_| units.is_positive())?;
    let number = draft.order.next_line();
    let like = draft.order.lines.get_mut(place)?;
    like.quantity = like.quantity.less(units);
    let name = substitute.name.clone();
    let mut detail = LineDetail { name, parts: Vec::new(), ..like.detail.clone() };
    if like.quantity.is_positive() {
        // Its discounts stay with the rest of it.
        detail.discounts.clear();
    } else {
        draft.order.drop_line(item.line?);
    }
    draft.order.lines.push(Line::new(number, &substitute.sku, units, detail));
    Some(number)
}

/// The order without what was left out; without anything, it is cancelled.
fn less(draft: &mut Draft<'_>, cancelled: Vec<serde_json::Value>) -> Result<(), Rejection> {
    let order = &draft.order;
    let nothing = order.lines.iter().all(|l| l.to_ship().is_zero() && l.shipped.is_zero());
    let kind = if nothing { EventKind::OrderCancelled } else { EventKind::LinesCancelled };
    if nothing {
        let policy = draft.policy;
        let found = find_move(policy, &draft.order, CommandKind::Cancel, "cancel", Role::Manager)?;
        let to = found.to.clone();
        draft.go(EventKind::OrderCancelled, &to, Some(ask::CHOSEN));
    } else {
        draft.event(EventKind::LinesCancelled).reason = Some(ask::CHOSEN.to_owned());
        draft.order.totals = reckon_remaining(&draft.order);
    }
    draft.data_of(kind, "lines", serde_json::Value::Array(cancelled));
    payments::owe_surplus(draft);
    Ok(())
}
