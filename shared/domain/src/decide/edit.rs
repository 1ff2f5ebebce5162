//! Editing: what an order says is changed, with the stock and money that go with it, in one
//! decision. More needs stock, less gives it back, nothing is held twice.
//!
//! Where the order goes is the policy's business: a move `edit` to a status that validates or
//! reserves leaves the looking to that step; one that goes on takes the stock here. What has left
//! the house is not edited.

use super::draft::Draft;
use super::{
    Facts, Rejection, acts, ask, consent, credit, fulfil, guards, payments, refused, supply,
};
use crate::intake::edit::{Approval, EditBody, LineEdit};
use crate::intake::limits::LINES_MAX;
use crate::order::placed::{Customer, Delivery};
use crate::order::question::Staged;
use crate::order::{EventKind, Line, Order, Reason, Recipient, Terms};
use crate::policy::{CommandKind, Phase, Role, StatusKey, Step};
use crate::price::reckon_order;
use crate::quantity::Quantity;
use crate::stock::line::Units;
use crate::stock::plan::{self, Need};
use crate::validation::{self, ValidationFacts};
use serde_json::json;
use std::collections::BTreeSet;

/// The client's right to set prices and tax rates.
pub const SET_PRICES: &str = "set_prices";

/// Edits an order.
pub(super) fn edit(
    draft: &mut Draft<'_>,
    body: &EditBody,
    role: Role,
    facts: &Facts,
) -> Result<(), Rejection> {
    edit_with(draft, body, role, facts, Vec::new())
}

/// Edits an order for which units are held already: they go over to its lines as they stand, and what
/// of them no line wants goes back into sale.
pub(super) fn edit_with(
    draft: &mut Draft<'_>,
    body: &EditBody,
    role: Role,
    facts: &Facts,
    staged: Vec<Staged>,
) -> Result<(), Rejection> {
    let to = acts::moved(draft, CommandKind::Edit, "edit", role)?;
    let before = draft.order.clone();
    let is_deposit = body.terms.and_then(Terms::deposit).is_some();
    if is_deposit && before.subscription.is_some() {
        let detail = "Orders of a subscription are paid in one: write other terms.";
        return Err(refused("/payment/terms", "deposit_not_recurring", detail));
    }
    if is_deposit && !draft.policy.takes_deposits() {
        let detail = "Nothing in the order's lifecycle waits for a deposit: agree on other terms.";
        return Err(refused("/payment/terms", "deposit_not_awaited", detail));
    }
    let numbers = lines(draft, body, facts)?;
    ask::hand_over(draft, &numbers, staged);
    header(&mut draft.order, body);
    charges(draft, body, facts)?;
    let fields = fields(&before, &draft.order);
    let touched = changed_lines(&before, &draft.order);
    if draft.order == before && body.total.is_none() {
        return Ok(());
    }
    worth_again(draft, body, &before, facts);
    judge(draft, &before, facts, &to)?;
    // A total by itself, and it is ours.
    if draft.order == before {
        return Ok(());
    }
    if looks_now(draft, &to) {
        take_more(draft)?;
    }
    if !is_checked_again(draft, &to) {
        credit::take(draft, &facts.customer, false);
    }
    if draft.order.lines.iter().all(|l| l.quantity.less(l.cancelled).is_zero()) {
        return Err(refused("/lines", "lines_empty", "Nothing would be left: cancel the order."));
    }
    // A yes of the customer, or of a person, was about what the order said before.
    draft.order.overridden.clear();
    if body.approval == Some(Approval::Given) {
        draft.order.overridden.push(ask::APPROVED.to_owned());
    }
    draft.placed_changed = true;
    consent::changed(draft);
    draft.go(EventKind::OrderEdited, &to, body.reason.as_deref());
    let currency = draft.order.currency;
    draft.data("lines", json!(touched));
    draft.data("fields", json!(fields));
    if body.approval == Some(Approval::Given) {
        draft.data("approval", "given");
    }
    draft.data("gross_before", before.gross().format(currency));
    let gross = draft.order.gross().format(currency);
    draft.data("gross", gross);
    draft.follow();
    if draft.order.status == before.status {
        draft.ask_for_step();
        tell_what_to_pay(draft, &before);
    }
    payments::owe_surplus(draft);
    Ok(())
}

/// Who has yet to pay is told the new sum; entering a status would have told it. So is who has
/// goods already, and paid for less.
fn tell_what_to_pay(draft: &mut Draft<'_>, before: &Order) {
    let is_other =
        draft.order.gross() != before.gross() || draft.order.deposit() != before.deposit();
    if let Some(request) = guards::request(draft.policy, &draft.order).filter(|_| is_other) {
        draft.notify(request, Recipient::Customer);
    }
}

/// The place of a line that may be changed.
fn open_line(order: &Order, number: u32, entry: usize) -> Result<usize, Rejection> {
    let place = fulfil::line_index(order, number, entry)?;
    let shipped = order.lines.get(place).is_some_and(|line| line.shipped.is_positive());
    if shipped {
        return Err(refused(
            &format!("/lines/{entry}/line"),
            "line_shipped",
            format!("Units of line {number} have left: add a line for more, `return` for less."),
        ));
    }
    Ok(place)
}

/// Changes the lines; the number of the line of each entry, where there is one afterwards.
fn lines(
    draft: &mut Draft<'_>,
    body: &EditBody,
    facts: &Facts,
) -> Result<Vec<Option<u32>>, Rejection> {
    let mut numbers = Vec::with_capacity(body.lines.len());
    for (entry, edit) in body.lines.iter().enumerate() {
        match edit {
            LineEdit::Change { line, quantity, unit_price, tax_rate } => {
                let place = open_line(&draft.order, *line, entry)?;
                reprice(draft, place, (*unit_price, *tax_rate), entry, facts)?;
                if let Some(quantity) = quantity {
                    requantify(draft, place, *quantity, entry)?;
                }
                numbers.push(Some(*line));
            }
            LineEdit::Remove { line } => {
                let place = open_line(&draft.order, *line, entry)?;
                remove(draft, place);
                numbers.push(None);
            }
            LineEdit::Add(line) => {
                numbers.push(Some(add(draft, (**line).clone(), entry, facts)?));
            }
            LineEdit::Copy { of, quantity } => {
                let place = fulfil::line_index(&draft.order, *of, entry).map_err(|_| {
                    let detail = format!("The order has no line {of}.");
                    refused(&format!("/lines/{entry}/copy_of"), "no_such_line", detail)
                })?;
                let Some(like) = draft.order.lines.get(place) else {
                    numbers.push(None);
                    continue;
                };
                let line = blank(like, quantity.unwrap_or_default());
                numbers.push(Some(append(draft, line, entry)?));
            }
        }
    }
    Ok(numbers)
}

/// A new line of the same article, price and options.
fn blank(like: &Line, quantity: Quantity) -> Line {
    Line::new(0, &like.sku, quantity, like.detail.clone())
}

fn reprice(
    draft: &mut Draft<'_>,
    place: usize,
    (unit_price, tax_rate): (Option<i64>, Option<crate::money::Rate>),
    entry: usize,
    facts: &Facts,
) -> Result<(), Rejection> {
    let places = draft.order.currency.places();
    let Some(line) = draft.order.lines.get_mut(place) else { return Ok(()) };
    let same_price = unit_price.is_none_or(|price| {
        line.detail.price_places == places && line.detail.unit_price == Some(price)
    });
    let same_rate = tax_rate.is_none_or(|rate| line.detail.tax_rate == Some(rate));
    if !(same_price && same_rate) {
        let name = if same_price { "tax_rate" } else { "unit_price" };
        may_price(facts, &format!("/lines/{entry}/{name}"))?;
    }
    if let Some(price) = unit_price.filter(|_| !same_price) {
        line.detail.unit_price = Some(price);
        line.detail.price_places = places;
    }
    if let Some(rate) = tax_rate {
        line.detail.tax_rate = Some(rate);
    }
    Ok(())
}

fn may_price(facts: &Facts, pointer: &str) -> Result<(), Rejection> {
    if facts.may_set_prices {
        return Ok(());
    }
    Err(Rejection::RightMissing { right: SET_PRICES, pointer: pointer.to_owned() })
}

fn requantify(
    draft: &mut Draft<'_>,
    place: usize,
    quantity: Quantity,
    entry: usize,
) -> Result<(), Rejection> {
    let Some(line) = draft.order.lines.get(place) else { return Ok(()) };
    if quantity < line.cancelled {
        let detail = format!(
            "{} units of line {} are cancelled: write at least so many.",
            line.cancelled, line.line
        );
        return Err(refused(&format!("/lines/{entry}/quantity"), "below_cancelled", detail));
    }
    let less = line.quantity.less(quantity);
    if less.is_positive() {
        acts::free_units(draft, place, less);
    }
    if let Some(line) = draft.order.lines.get_mut(place) {
        line.quantity = quantity;
    }
    Ok(())
}

fn remove(draft: &mut Draft<'_>, place: usize) {
    let Some(line) = draft.order.lines.get(place) else { return };
    let open = line.to_ship();
    let number = line.line;
    acts::free_units(draft, place, open);
    let Some(line) = draft.order.lines.get_mut(place) else { return };
    line.quantity = line.cancelled;
    if line.cancelled.is_zero() {
        draft.order.drop_line(number);
    }
}

fn add(draft: &mut Draft<'_>, line: Line, entry: usize, facts: &Facts) -> Result<u32, Rejection> {
    let product = facts.products.get(&line.sku);
    let listed = product.and_then(|p| p.price(draft.order.currency));
    let as_listed = line.detail.unit_price.is_none()
        || listed.is_some_and(|p| {
            line.detail.unit_price == Some(p.value) && line.detail.price_places == p.places
        });
    let rate_as_listed = line.detail.tax_rate.is_none()
        || product.is_some_and(|p| p.tax_rate == line.detail.tax_rate);
    if !as_listed || !rate_as_listed || !line.detail.discounts.is_empty() {
        may_price(facts, &format!("/lines/{entry}/unit_price"))?;
    }
    if listed.is_none() && line.detail.unit_price.is_none() {
        let detail = format!("The catalogue has no price of {}: write `unit_price`.", line.sku);
        return Err(refused(&format!("/lines/{entry}/unit_price"), "price_missing", detail));
    }
    append(draft, line, entry)
}

fn append(draft: &mut Draft<'_>, mut line: Line, entry: usize) -> Result<u32, Rejection> {
    if draft.order.lines.len() >= LINES_MAX {
        let detail = format!("An order has at most {LINES_MAX} lines: make another order.");
        return Err(refused(&format!("/lines/{entry}"), "lines_too_many", detail));
    }
    let number = draft.order.next_line();
    line.line = number;
    draft.order.lines.push(line);
    Ok(number)
}

/// What the order says beside its lines.
fn header(order: &mut Order, body: &EditBody) {
    merge_customer(&mut order.placed.customer, &body.customer);
    if body.delivery.requested_date.is_some() {
        // Another day is another plan: who was told of the old one is told of the new.
        order.steps_judged = 0;
    }
    merge_delivery(&mut order.placed.delivery, &body.delivery);
    if let Some(billing) = &body.billing {
        order.placed.billing = Some(billing.clone());
    }
    if let Some(address) = &body.delivery.address {
        order.country.clone_from(&address.country);
    }
    order.delivery_method = body.delivery_method.or(order.delivery_method);
    order.terms = body.terms.or(order.terms);
    order.method = body.method.or(order.method);
    order.ship_together = body.ship_together.unwrap_or(order.ship_together);
    let placed = &mut order.placed;
    for (kept, given) in [
        (&mut placed.purchase_order, &body.purchase_order),
        (&mut placed.contract_number, &body.contract_number),
        (&mut placed.note, &body.note),
    ] {
        if given.is_some() {
            kept.clone_from(given);
        }
    }
}

/// The names of what two say differently, beside their lines.
pub(super) fn fields(before: &Order, order: &Order) -> Vec<&'static str> {
    let delivery = order.placed.delivery != before.placed.delivery
        || order.delivery_method != before.delivery_method;
    let names = [
        ("customer", order.placed.customer != before.placed.customer),
        ("billing", order.placed.billing != before.placed.billing),
        ("delivery", delivery),
        ("terms", order.terms != before.terms),
        ("method", order.method != before.method),
        ("ship_together", order.ship_together != before.ship_together),
        ("purchase_order", order.placed.purchase_order != before.placed.purchase_order),
        ("contract_number", order.placed.contract_number != before.placed.contract_number),
        ("note", order.placed.note != before.placed.note),
        ("shipping", order.placed.shipping != before.placed.shipping),
        ("discounts", order.placed.discounts != before.placed.discounts),
    ];
    names.into_iter().filter(|(_, changed)| *changed).map(|(name, _)| name).collect()
}

fn merge_customer(kept: &mut Customer, given: &Customer) {
    for (kept, given) in [
        (&mut kept.name, &given.name),
        (&mut kept.company, &given.company),
        (&mut kept.email, &given.email),
        (&mut kept.phone, &given.phone),
        (&mut kept.locale, &given.locale),
        (&mut kept.time_zone, &given.time_zone),
        (&mut kept.preferred_channel, &given.preferred_channel),
    ] {
        if given.is_some() {
            kept.clone_from(given);
        }
    }
}

fn merge_delivery(kept: &mut Delivery, given: &Delivery) {
    for (kept, given) in [
        (&mut kept.requested_date, &given.requested_date),
        (&mut kept.window, &given.window),
        (&mut kept.pickup_point, &given.pickup_point),
    ] {
        if given.is_some() {
            kept.clone_from(given);
        }
    }
    if given.address.is_some() {
        kept.address.clone_from(&given.address);
    }
}

fn charges(draft: &mut Draft<'_>, body: &EditBody, facts: &Facts) -> Result<(), Rejection> {
    if let Some(shipping) = &body.shipping
        && draft.order.placed.shipping.as_ref() != Some(shipping)
    {
        may_price(facts, "/shipping/amount")?;
        draft.order.placed.shipping = Some(shipping.clone());
    }
    if let Some(discounts) = &body.discounts
        && draft.order.placed.discounts != *discounts
    {
        may_price(facts, "/discounts")?;
        draft.order.placed.discounts.clone_from(discounts);
    }
    Ok(())
}

/// Numbers of lines that are there, or were, and are not the same.
fn changed_lines(before: &Order, after: &Order) -> Vec<u32> {
    let all: BTreeSet<u32> =
        before.lines.iter().chain(&after.lines).map(|line| line.line).collect();
    all.into_iter().filter(|number| before.line(*number) != after.line(*number)).collect()
}

/// What the order comes to now. The client's own total was about another order.
fn worth_again(draft: &mut Draft<'_>, body: &EditBody, before: &Order, facts: &Facts) {
    validation::fill_from_catalogue(&mut draft.order, &facts.products);
    reckon_order(&mut draft.order);
    if body.total.is_some() || draft.order.totals != before.totals {
        draft.order.stated_total = body.total;
    }
}

/// A step of the status the order goes to looks for mistakes. Where there is none, this does: in a
/// review the reasons are found anew, elsewhere an edit may bring no new one.
fn judge(
    draft: &mut Draft<'_>,
    before: &Order,
    facts: &Facts,
    to: &StatusKey,
) -> Result<(), Rejection> {
    let status = draft.policy.status(to);
    if status.is_some_and(|s| s.step == Some(Step::Validate)) {
        return Ok(());
    }
    let checked = ValidationFacts {
        products: &facts.products,
        open_unpaid: 0,
        open_unpaid_max: draft.policy.open_unpaid_max,
        takes_deposits: draft.policy.takes_deposits(),
        trusted_prices: before.prices_trusted || facts.may_set_prices,
        list_without_tax: facts.list_without_tax,
        total_tolerance: draft.policy.total_tolerance,
        email_ok: facts.email_ok,
        phone_ok: facts.phone_ok,
    };
    let mut found = validation::findings(&draft.order, &checked);
    found.extend(credit::finding(&draft.order, &facts.customer));
    if status.is_some_and(|s| s.phase == Phase::Review) {
        draft.order.reasons = found;
        return Ok(());
    }
    let known: Vec<Reason> = validation::findings(before, &checked);
    let is_new = |reason: &Reason| !known.iter().any(|old| old.code == reason.code);
    let reasons: Vec<Reason> = found.into_iter().filter(is_new).collect();
    if reasons.is_empty() { Ok(()) } else { Err(Rejection::Unfit { reasons }) }
}

/// Whether the order goes to where it is checked, or looked at, once more.
fn is_checked_again(draft: &Draft<'_>, to: &StatusKey) -> bool {
    draft.policy.status(to).is_none_or(|status| {
        status.step == Some(Step::Validate) || matches!(status.phase, Phase::Intake | Phase::Review)
    })
}

/// Whether stock is taken here: the order has its stock already, and no step that follows looks.
fn looks_now(draft: &Draft<'_>, to: &StatusKey) -> bool {
    let had = draft
        .lines_before()
        .iter()
        .any(|l| l.held().is_positive() || l.backordered.is_positive() || l.shipped.is_positive());
    let later = match draft.policy.status(to).and_then(|s| s.step) {
        Some(Step::Validate | Step::Reserve | Step::AwaitStock) => true,
        None => false,
    };
    had && !later
}

/// Takes what the order wants more of, from what is there once it has given back what it wants
/// less of; the rest waits, or nothing is edited where everything leaves together.
fn take_more(draft: &mut Draft<'_>) -> Result<(), Rejection> {
    let short = take_for(draft, |_| true);
    if !draft.order.ship_together || short.is_empty() {
        return Ok(());
    }
    let detail = short.join(", ");
    Err(Rejection::OutOfStock {
        detail: format!("{detail} more would have to come, and it ships together"),
    })
}

/// Takes what these lines want more of; the rest waits. What is short is said in words. What a picker
/// could not find is the customer's to choose about: it is not looked for here.
pub(super) fn take_for(draft: &mut Draft<'_>, which: impl Fn(&Line) -> bool) -> Vec<String> {
    let mut view = draft.view.clone();
    view.apply(&draft.stock);
    let needs: Vec<Need> = draft
        .order
        .lines
        .iter()
        .enumerate()
        .filter(|(_, line)| which(line) && draft.order.to_look_for(line).is_positive())
        .map(|at| Need::of(at, draft.order.to_look_for(at.1), false, |_| Quantity::ZERO))
        .collect();
    if needs.is_empty() {
        return Vec::new();
    }
    let plan = plan::plan(&view, supply::sourced(&draft.order), &needs);
    let words = |(index, units): (&usize, &Quantity)| {
        draft.order.lines.get(*index).map(|line| format!("{units} of {}", line.sku))
    };
    let told: Vec<String> = plan.shorts.iter().filter_map(words).collect();
    let class = draft.order.demand_class.clone();
    for take in &plan.takes {
        let Some(line) = draft.order.lines.get_mut(take.index) else { continue };
        line.allocate(&take.warehouse, take.quantity, false, &take.kept);
        let units = Units { line, warehouse: &take.warehouse, quantity: take.quantity };
        draft.stock.take(units, class.as_deref(), &take.kept, false);
    }
    for (index, short) in &plan.shorts {
        supply::wait_more(draft, *index, *short);
    }
    // What is given back in the same transaction need not be there before it.
    for change in draft.stock.lines.values_mut() {
        let net = change.reserved.max(Quantity::ZERO);
        change.needs_available = change.needs_available.min(net);
        let common = change.unkept().negated().max(Quantity::ZERO);
        change.needs_free = change.needs_free.min(common);
        for share in change.shares.values_mut() {
            share.needs_open = share.needs_open.min(share.kept.negated().max(Quantity::ZERO));
        }
    }
    told
}

/// What an edit does to the lines, for its preview: before and after of each that changes.
#[must_use]
pub fn difference(before: &Order, after: &Order) -> Vec<(u32, Option<Line>, Option<Line>)> {
    changed_lines(before, after)
        .into_iter()
        .map(|number| (number, before.line(number).cloned(), after.line(number).cloned()))
        .collect()
}

/// The amount by which a line's units at a warehouse change, for its preview.
#[must_use]
pub fn stock_difference(before: &Order, after: &Order) -> Vec<(String, String, Quantity)> {
    let held = |order: &Order| {
        let mut all = std::collections::BTreeMap::new();
        for line in &order.lines {
            for (allocation, piece) in line.held_pieces() {
                let key = (piece.sku.to_owned(), allocation.warehouse.clone());
                let sum: &mut Quantity = all.entry(key).or_default();
                *sum = sum.plus(allocation.held.times(piece.per));
            }
        }
        all
    };
    let (old, new) = (held(before), held(after));
    let keys: BTreeSet<_> = old.keys().chain(new.keys()).cloned().collect();
    keys.into_iter()
        .map(|key| {
            let of = |all: &std::collections::BTreeMap<_, Quantity>| {
                all.get(&key).copied().unwrap_or_default()
            };
            let by = of(&new).minus(of(&old));
            (key.0.clone(), key.1.clone(), by)
        })
        .filter(|(_, _, by)| !by.is_zero())
        .collect()
}
