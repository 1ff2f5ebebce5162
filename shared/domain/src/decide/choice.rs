//! The customer's choice: units that could not be found, or have a defect, are waited for, left out,
//! replaced, or taken as they are. How it is asked and answered is [`super::ask`].
//!
//! Missing units stand nowhere until then, and stock is not looked for; units with a defect stay held,
//! and neither go into a box nor leave. **Invariant:** what is undecided of a line stands on its hold
//! ([`CHOICE_HOLD`]) from the find until somebody has decided, whether a question is open or not; an
//! open question is about all of it.

use super::ask::{self, CHOICE_HOLD};
use super::draft::Draft;
use super::{Facts, Rejection, acts, edit, supply};
use crate::order::question::{About, Ended, Item, Question, Said, Silence};
use crate::order::{EventKind, Line, LineDetail, Order, Recipient};
use crate::policy::Role;
use crate::price::{reckon_order, reckon_remaining};
use crate::quantity::Quantity;
use crate::validation::fill_from_catalogue;
use serde_json::json;

/// The message that asks for it.
const CHOICE_REQUEST: &str = "choice_request";
/// Why a hold ends whose units are not wanted any more.
const TAKEN_OFF: &str = "units_taken_off";

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

/// Asks about these units, and about all others that nobody has decided about yet. The holds of their
/// lines stand already.
pub(super) fn ask(draft: &mut Draft<'_>, more: Vec<Item>) {
    if more.is_empty() {
        return;
    }
    for item in more {
        note(&mut draft.order, item);
    }
    let items: Vec<Item> = draft.order.undecided().cloned().collect();
    let asked_at = draft.now;
    let due_at = asked_at.plus(draft.policy.approval.choice_deadline);
    let number = draft.event(EventKind::CustomerAsked).version;
    draft.data("about", "choice");
    draft.data("due_at", due_at.to_string());
    draft.data("items", json!(items.iter().map(|item| &item.id).collect::<Vec<_>>()));
    draft.notify(CHOICE_REQUEST, Recipient::Customer);
    draft.order.question = Some(Question {
        number,
        about: About::Choice,
        items,
        silence: Silence::Ask,
        asked_at,
        due_at,
        staged: Vec::new(),
        credit: crate::money::Amount::ZERO,
    });
}

/// Keeps on the hold of a line which of its units are undecided; the same find again is more of them.
fn note(order: &mut Order, mut item: Item) {
    let of_line =
        |hold: &&mut crate::order::Hold| hold.name == CHOICE_HOLD && hold.line == item.line;
    let Some(hold) = order.holds.iter_mut().find(of_line) else { return };
    let like = |other: &&mut Item| {
        (&other.defect, &other.piece, &other.substitute)
            == (&item.defect, &item.piece, &item.substitute)
    };
    if let Some(known) = hold.units.iter_mut().find(like) {
        known.quantity = known.quantity.plus(item.quantity);
        return;
    }
    let taken = |id: &str| hold.units.iter().any(|other| other.id == id);
    let mut id = item.id.clone();
    let mut next: usize = 2;
    while taken(&id) {
        id = format!("{}-{next}", item.id);
        next = next.saturating_add(1);
    }
    item.id = id;
    hold.units.push(item);
}

/// So many units of a line are taken off by the house: those that are undecided go first, for about
/// them somebody will have spoken. With the last of them its hold ends, and with the last hold the
/// question. Units with a defect are not sold to others.
pub(super) fn taken_off(draft: &mut Draft<'_>, place: usize, line: u32, quantity: Quantity) {
    let mut left = quantity;
    for defect in [false, true] {
        let mut gone: Vec<Item> = Vec::new();
        let of_line = |hold: &&mut crate::order::Hold| hold.line == Some(line);
        for hold in draft.order.holds.iter_mut().filter(of_line) {
            for item in hold.units.iter_mut().filter(|item| item.defect.is_some() == defect) {
                let units = item.quantity.min(left);
                left = left.minus(units);
                item.quantity = item.quantity.minus(units);
                gone.push(Item { quantity: units, ..item.clone() });
            }
            hold.units.retain(|item| item.quantity.is_positive());
        }
        for item in gone {
            let_go(draft, place, &item);
        }
    }
    let empty = |hold: &crate::order::Hold| hold.line == Some(line) && hold.units.is_empty();
    draft.lift(CHOICE_HOLD, Some(TAKEN_OFF), empty);
    ask_less(draft);
}

/// An open question is about what is still undecided; without any it is over.
fn ask_less(draft: &mut Draft<'_>) {
    let items: Vec<Item> = draft.order.undecided().cloned().collect();
    let Some(question) = &mut draft.order.question else { return };
    if question.about != About::Choice {
        return;
    }
    let is_over = items.is_empty();
    question.items = items;
    if is_over {
        ask::end_unchanged(draft, Ended::Withdrawn, TAKEN_OFF);
    }
}

/// The house decides for the customer by lifting the hold: what was not found is waited for, what has
/// a defect is sent as it is. False where nothing is undecided.
pub(super) fn by_the_house(draft: &mut Draft<'_>, reason: &str) -> bool {
    let items: Vec<Item> = draft.order.undecided().cloned().collect();
    if items.is_empty() {
        return false;
    }
    if draft.order.question.as_ref().is_some_and(|question| question.about == About::Choice) {
        ask::end_unchanged(draft, Ended::Withdrawn, reason);
    }
    draft.lift(CHOICE_HOLD, Some(reason), |_| true);
    for item in items.iter().filter(|item| item.defect.is_none()) {
        let place = draft.order.lines.iter().position(|line| Some(line.line) == item.line);
        let Some(place) = place else { continue };
        let units = open_units(&draft.order, place, item);
        supply::wait_more(draft, place, units);
    }
    if draft.order.holds.is_empty() {
        draft.ask_for_step();
    }
    true
}

/// An order at its end asks about nothing: what has a defect is not sold to others, and the rest of
/// what it holds goes back with it.
pub(super) fn over(draft: &mut Draft<'_>) {
    let items: Vec<Item> = draft.order.undecided().cloned().collect();
    if items.is_empty() {
        return;
    }
    draft.lift(CHOICE_HOLD, Some(ask::ORDER_ENDED), |_| true);
    for item in items {
        let place = draft.order.lines.iter().position(|line| Some(line.line) == item.line);
        if let Some(place) = place {
            let_go(draft, place, &item);
        }
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
    draft.lift(CHOICE_HOLD, Some(ask::CHOSEN), |_| true);
    for (item, (_, said)) in question.items.iter().zip(said) {
        let Some(number) = item.line else { continue };
        let Some(place) = draft.order.lines.iter().position(|line| line.line == number) else {
            continue;
        };
        match said {
            // As it is: it is held already.
            Said::Accept | Said::Refuse => {}
            Said::Wait => {
                let_go(draft, place, item);
                let units = open_units(&draft.order, place, item);
                supply::wait_more(draft, place, units);
            }
            Said::Cancel => {
                let_go(draft, place, item);
                let units = open_units(&draft.order, place, item);
                leave_out(draft, place, units);
                cancelled.push(json!({"line": number, "quantity": units.to_json()}));
            }
            Said::Replace => {
                let_go(draft, place, item);
                let units = open_units(&draft.order, place, item);
                added.extend(replace(draft, place, item, units));
            }
        }
    }
    if !added.is_empty() {
        draft.data_of(EventKind::CustomerAnswered, "added", json!(added));
        draft.placed_changed = true;
        fill_from_catalogue(&mut draft.order, &facts.products);
        reckon_order(&mut draft.order);
        draft.order.totals = reckon_remaining(&draft.order);
        edit::take_for(draft, |line| added.contains(&line.line));
    }
    if !cancelled.is_empty() {
        acts::without(draft, Role::Manager, cancelled, Some(ask::CHOSEN))?;
    }
    if draft.order.holds.is_empty() && !draft.order.is_closed() {
        draft.ask_for_step();
    }
    Ok(())
}

/// Units that are not taken as they are: those with a defect are not held any more, and not sold to
/// others either.
fn let_go(draft: &mut Draft<'_>, place: usize, item: &Item) {
    if item.defect.is_none() || !item.quantity.is_positive() {
        return;
    }
    let (Some(line), Some(sku)) = (draft.order.lines.get(place), &item.piece) else { return };
    let per = line.per(sku);
    supply::book_missing(draft, place, item.quantity, (sku, per));
}

/// Units of an item that stand nowhere.
fn open_units(order: &Order, place: usize, item: &Item) -> Quantity {
    let line = order.lines.get(place);
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
