//! What people and partners ask for. Fulfilment has a file of its own, [`super::fulfil`].

use super::draft::{Decision, Draft};
use super::payments::{self, MoneyEvent, MoneyKind};
use super::{
    Facts, Rejection, ask, choice, consent, contact, credit, disputes, edit, find_move, fulfil,
    guards, passing, progress, refunds, split, supply, tasks,
};
use crate::intake::command::{CommandBody, LineQuantity, Visibility};
use crate::money::Amount;
use crate::order::placed::{COMMENTS_MAX, Comment};
use crate::order::{Actor, EventKind, Line, Order, PaymentMethod, Recipient, StockWork};
use crate::policy::{CommandKind, Policy, Role, StatusKey};
use crate::price::reckon_remaining;
use crate::quantity::Quantity;
use crate::stock::group::TRANSACTION_ACTIONS_MAX;
use crate::time::Timestamp;
use serde_json::json;

/// Decides what somebody asks for.
pub(super) fn act(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    body: &CommandBody,
    role: Role,
    actor: &Actor,
    now: Timestamp,
) -> Result<Decision, Rejection> {
    ask::not_while_asked(order, body)?;
    let mut draft = Draft::new(policy, order, &facts.stock, actor.clone(), body.name(), now);
    match body {
        CommandBody::Split { by, warehouse, lines, requested_date, responsible, reason } => {
            not_while_stock_moves(order, false)?;
            let asked = split::Asked {
                by: *by,
                warehouse: warehouse.as_deref(),
                lines: lines.as_deref(),
                requested_date: requested_date.as_deref(),
                responsible: responsible.as_deref(),
                reason: reason.as_deref(),
            };
            return bounded(order, split::split(draft, &asked, role, facts)?);
        }
        CommandBody::Cancel { reason, lines: None, .. } => {
            not_while_stock_moves(order, true)?;
            let to = moved(&draft, CommandKind::Cancel, "cancel", role)?;
            draft.go(EventKind::OrderCancelled, &to, Some(reason.as_deref().unwrap_or("asked")));
        }
        CommandBody::Cancel { reason, lines: Some(lines), .. } => {
            not_while_stock_moves(order, false)?;
            cancel_lines(&mut draft, role, lines, reason.as_deref())?;
        }
        CommandBody::Confirm { .. } => {
            not_while_stock_moves(order, false)?;
            simple(&mut draft, CommandKind::Confirm, "confirm", role)?;
            contact::answered_by_hand(&mut draft);
        }
        CommandBody::Approve { .. } => {
            not_while_stock_moves(order, false)?;
            approve(&mut draft, role, facts)?;
        }
        CommandBody::Reject { reason } => {
            not_while_stock_moves(order, true)?;
            let to = moved(&draft, CommandKind::Reject, "reject", role)?;
            draft.go(EventKind::OrderRejected, &to, Some(reason));
        }
        CommandBody::Pack { .. } => {
            not_while_stock_moves(order, false)?;
            simple(&mut draft, CommandKind::Pack, "pack", role)?;
        }
        CommandBody::Complete { .. } => {
            not_while_stock_moves(order, false)?;
            simple(&mut draft, CommandKind::Complete, "complete", role)?;
        }
        CommandBody::Archive { .. } => {
            not_while_stock_moves(order, false)?;
            simple(&mut draft, CommandKind::Archive, "archive", role)?;
        }
        CommandBody::Hold { name, reason } => {
            if !draft.hold(name, None, reason.as_deref()) {
                return Ok(Decision::unchanged(order));
            }
        }
        CommandBody::Release { name, reason } => release(&mut draft, name, reason.as_deref())?,
        CommandBody::Assign { user } => {
            draft.order.responsible = Some(user.clone());
            draft.event(EventKind::OrderAssigned);
            draft.data("user", user.as_str());
            draft.notify("staff_task", Recipient::Staff);
        }
        CommandBody::Comment { text, visibility } => {
            comment(&mut draft, "/text", text, *visibility)?;
        }
        CommandBody::Pick { lines, short } => {
            not_while_stock_moves(order, false)?;
            let to = moved(&draft, CommandKind::Pick, "pick", role)?;
            ask::one_question(order, short)?;
            fulfil::pick(&mut draft, lines.as_deref(), short, &to, facts)?;
        }
        CommandBody::Progress { step, lines, .. } => {
            let to = moved(&draft, CommandKind::Progress, "progress", role)?;
            if !progress::report(&mut draft, step.as_deref(), lines.as_deref(), &to)? {
                return Ok(Decision::unchanged(order));
            }
        }
        CommandBody::Ship { carrier, tracking, lines, expected_at } => {
            not_while_stock_moves(order, false)?;
            let to = moved(&draft, CommandKind::Ship, "ship", role)?;
            let parcel = fulfil::Parcel {
                carrier: carrier.clone(),
                tracking: tracking.clone(),
                expected_at: *expected_at,
            };
            fulfil::ship(&mut draft, parcel, lines.as_deref(), &to)?;
        }
        CommandBody::Deliver { shipment, collected } => {
            not_while_stock_moves(order, false)?;
            let to = moved(&draft, CommandKind::Deliver, "deliver", role)?;
            fulfil::deliver(&mut draft, *shipment, collected.as_ref(), &to)?;
        }
        CommandBody::Return { lines, reason, refused_at_door } => {
            not_while_stock_moves(order, false)?;
            let to = moved(&draft, CommandKind::Return, "return", role)?;
            let why = if *refused_at_door { Some("refused_at_door") } else { reason.as_deref() };
            fulfil::take_back(&mut draft, lines.as_deref(), why, &to)?;
        }
        CommandBody::Pay { amount, currency, reference, method } => {
            let event = MoneyEvent {
                provider: "manual".to_owned(),
                reference: reference.clone(),
                kind: MoneyKind::Received {
                    amount: *amount,
                    currency: *currency,
                    method: method.map(method_name),
                },
                received_at: now,
            };
            if !payments::money_event(&mut draft, &event) {
                return Ok(Decision::unchanged(order));
            }
        }
        CommandBody::PayOpen => {
            if !pay_open(&mut draft, now)? {
                return Ok(Decision::unchanged(order));
            }
        }
        CommandBody::Edit(body) => {
            not_while_stock_moves(order, false)?;
            edit::edit(&mut draft, body, role, facts)?;
            if ask::must_ask(&draft, body, role)? {
                let would = draft.order;
                draft = Draft::new(policy, order, &facts.stock, actor.clone(), "edit", now);
                ask::propose(&mut draft, &would, body, role, facts);
            }
        }
        CommandBody::Task(body) => tasks::set(&mut draft, body, facts)?,
        CommandBody::Done { task, .. } => tasks::done(&mut draft, task)?,
        CommandBody::Contact(body) => contact::attempted(&mut draft, body, facts, role)?,
        CommandBody::Refund { amount, reason, lines } => {
            refund(&mut draft, *amount, reason.as_deref())?;
            say_for_which_lines(&mut draft, lines.as_deref().unwrap_or_default())?;
        }
        CommandBody::RefundDone { reference, amount } => {
            if order.ledger.refund_references.contains(reference) {
                return Ok(Decision::unchanged(order));
            }
            if let Some(known) = order.ledger.refund_of(reference) {
                same_refund(order, known, *amount)?;
                return Ok(Decision::unchanged(order));
            }
            refund_done(&mut draft, reference, *amount)?;
        }
    }
    if let Some(note) = body.note() {
        // What somebody notes with a command is kept as an internal comment.
        comment(&mut draft, "/note", note, Visibility::Internal)?;
    }
    bounded(order, draft.finish())
}

/// Refuses what needs more than one transaction.
pub(super) fn bounded(order: &Order, decision: Decision) -> Result<Decision, Rejection> {
    let of_parts = decision.parts.iter().map(supply::rows_of_new).fold(0, usize::saturating_add);
    let rows = decision
        .stock
        .actions()
        .saturating_add(supply::own_rows(order, &decision))
        .saturating_add(decision.passed_on.len())
        .saturating_add(of_parts);
    if rows > TRANSACTION_ACTIONS_MAX {
        return Err(Rejection::Invalid {
            pointer: "/lines".to_owned(),
            code: "too_many_lines",
            detail: format!(
                "This moves stock in {rows} places, more than one transaction holds: name fewer \
                 lines at a time, or none to mean the whole order."
            ),
        });
    }
    Ok(decision)
}

/// The method's name as the API writes it.
fn method_name(method: PaymentMethod) -> String {
    match method {
        PaymentMethod::Card => "card",
        PaymentMethod::BankTransfer => "bank_transfer",
        PaymentMethod::Paypal => "paypal",
        PaymentMethod::Cash => "cash",
        PaymentMethod::Other => "other",
    }
    .to_owned()
}

/// Stock that is being moved in several parts must come to rest first. A cancel may turn a
/// reservation under way into a release.
pub(super) fn not_while_stock_moves(order: &Order, cancels: bool) -> Result<(), Rejection> {
    match &order.stock_work {
        None => Ok(()),
        Some(StockWork::Reserving { .. }) if cancels => Ok(()),
        Some(
            StockWork::Reserving { .. } | StockWork::Releasing { .. } | StockWork::Shipping { .. },
        ) => Err(Rejection::Busy),
    }
}

/// Where a command leads from here for this role, once its guards hold.
pub(super) fn moved(
    draft: &Draft<'_>,
    command: CommandKind,
    name: &str,
    role: Role,
) -> Result<StatusKey, Rejection> {
    let found = find_move(draft.policy, &draft.order, command, name, role)?;
    match guards::first_failing(&found.guards, draft.policy, &draft.order, draft.now) {
        Some(guard) => Err(Rejection::GuardFailed { guard: guard.clone() }),
        None => Ok(found.to.clone()),
    }
}

/// A command that only moves the order.
fn simple(
    draft: &mut Draft<'_>,
    command: CommandKind,
    name: &str,
    role: Role,
) -> Result<(), Rejection> {
    let to = moved(draft, command, name, role)?;
    draft.go(guards::event_of(command), &to, None);
    Ok(())
}

/// Leaves a review: the named reasons are overridden, and that is kept.
fn approve(draft: &mut Draft<'_>, role: Role, facts: &Facts) -> Result<(), Rejection> {
    let to = moved(draft, CommandKind::Approve, "approve", role)?;
    let reasons = std::mem::take(&mut draft.order.reasons);
    let codes: Vec<String> = reasons.into_iter().map(|r| r.code).collect();
    draft.order.overridden.extend(codes.iter().cloned());
    credit::take(draft, &facts.customer, true);
    draft.go(EventKind::OrderApproved, &to, None);
    if !codes.is_empty() {
        draft.data("overridden", json!(codes));
    }
    payments::owe_surplus(draft);
    Ok(())
}

fn release(draft: &mut Draft<'_>, name: &str, reason: Option<&str>) -> Result<(), Rejection> {
    if ask::withdraw(draft, name, reason) {
        return Ok(());
    }
    let undecided = guards::undecided(&draft.order);
    let is_held = draft.release(name, reason);
    if is_held && name != disputes::LOST {
        return Ok(());
    }
    if !is_held {
        close_exception(draft, name, reason)?;
    }
    if name == disputes::LOST {
        disputes::write_off(draft, undecided);
    }
    Ok(())
}

/// A person has dealt with an exception: it is closed by its code.
fn close_exception(
    draft: &mut Draft<'_>,
    code: &str,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    if !draft.close_exceptions(code, None) {
        return Err(Rejection::Invalid {
            pointer: "/name".to_owned(),
            code: "no_such_hold",
            detail: format!(
                "The order has no hold and no exception named {code}; see `holds`, `exceptions`."
            ),
        });
    }
    draft.event(EventKind::ExceptionClosed).reason = reason.map(str::to_owned);
    draft.data("exception", code);
    passing::is_decided(draft, code);
    // Money that the exception named has an owner still: what is too much goes back.
    payments::owe_surplus(draft);
    Ok(())
}

fn comment(
    draft: &mut Draft<'_>,
    pointer: &str,
    text: &str,
    visibility: Visibility,
) -> Result<(), Rejection> {
    let for_customer = match visibility {
        Visibility::Customer => true,
        Visibility::Internal => false,
    };
    if !write_down(draft, text, for_customer) {
        return Err(Rejection::Invalid {
            pointer: pointer.to_owned(),
            code: "too_many_comments",
            detail: format!("An order keeps at most {COMMENTS_MAX} comments."),
        });
    }
    if for_customer {
        draft.notify("order_comment", Recipient::Customer);
    }
    Ok(())
}

/// Keeps what somebody wrote, where all their words are; false where an order has too many.
pub(super) fn write_down(draft: &mut Draft<'_>, text: &str, for_customer: bool) -> bool {
    if draft.order.placed.comments.len() >= COMMENTS_MAX {
        return false;
    }
    let version = draft.event(EventKind::OrderCommented).version;
    draft.data("visibility", if for_customer { "customer" } else { "internal" });
    let author = draft.actor.id.clone();
    let comment = Comment { version, author, for_customer, text: text.to_owned() };
    draft.order.placed.comments.push(comment);
    draft.placed_changed = true;
    true
}

/// Takes units off lines: those nobody looked for first, then waiting ones, then held ones.
fn cancel_lines(
    draft: &mut Draft<'_>,
    role: Role,
    lines: &[LineQuantity],
    reason: Option<&str>,
) -> Result<(), Rejection> {
    // A rest that has not left may be taken off by a manager while the order is open at all.
    let a_rest = matches!(role, Role::Manager | Role::Admin) && !draft.order.is_closed();
    if !a_rest {
        moved(draft, CommandKind::Cancel, "cancel", role)?;
    }
    let mut taken = Vec::new();
    for (index, wanted) in lines.iter().enumerate() {
        let place = fulfil::line_index(&draft.order, wanted.line, index)?;
        let Some(line) = draft.order.lines.get(place) else { continue };
        let quantity = wanted.quantity.unwrap_or_else(|| line.to_ship());
        if quantity > line.to_ship() || quantity.is_zero() {
            return Err(Rejection::Invalid {
                pointer: format!("/lines/{index}/quantity"),
                code: "more_than_open",
                detail: format!("Line {} has {} units to cancel.", line.line, line.to_ship()),
            });
        }
        taken.push(json!({"line": line.line, "quantity": quantity.to_json()}));
        cancel_units(draft, place, quantity);
    }
    let nothing_left = nothing_left(&draft.order);
    without(draft, role, taken, reason)?;
    if !nothing_left && draft.lines_before().iter().any(waits) {
        // What it waited for is not wanted any more, or less of it: it may go on.
        draft.ask_for_step();
    }
    Ok(())
}

fn nothing_left(order: &Order) -> bool {
    order.lines.iter().all(|l| l.to_ship().is_zero() && l.shipped.is_zero())
}

/// The order without what was cancelled of it; without anything, it is cancelled.
pub(super) fn without(
    draft: &mut Draft<'_>,
    role: Role,
    cancelled: Vec<serde_json::Value>,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    let kind = if nothing_left(&draft.order) {
        let to = moved(draft, CommandKind::Cancel, "cancel", role)?;
        draft.go(EventKind::OrderCancelled, &to, Some(reason.unwrap_or("asked")));
        EventKind::OrderCancelled
    } else {
        consent::changed(draft);
        draft.event(EventKind::LinesCancelled).reason = reason.map(str::to_owned);
        draft.order.totals = reckon_remaining(&draft.order);
        EventKind::LinesCancelled
    };
    draft.data_of(kind, "lines", serde_json::Value::Array(cancelled));
    if kind == EventKind::LinesCancelled {
        payments::owe_surplus(draft);
    }
    Ok(())
}

fn waits(line: &Line) -> bool {
    line.backordered.is_positive()
}

fn cancel_units(draft: &mut Draft<'_>, place: usize, quantity: Quantity) {
    free_units(draft, place, quantity);
    if let Some(line) = draft.order.lines.get_mut(place) {
        line.cancelled = line.cancelled.plus(quantity);
    }
}

/// Lets go of so many units of a line that have not left: those about which the customer is asked
/// first, then those nobody looked for, then waiting ones, then held ones. What becomes of the units is the caller's to write down.
pub(super) fn free_units(draft: &mut Draft<'_>, place: usize, quantity: Quantity) {
    let Some(number) = draft.order.lines.get(place).map(|line| line.line) else { return };
    choice::taken_off(draft, place, number, quantity);
    let Some(line) = draft.order.lines.get(place) else { return };
    let mut left = quantity.less(line.unallocated());
    let waited = line.backordered.min(left);
    left = left.minus(waited);
    let warehouses: Vec<String> = line.allocations.iter().map(|a| a.warehouse.clone()).collect();
    for warehouse in warehouses {
        left = left.minus(supply::let_go(draft, place, &warehouse, left));
    }
    supply::wait_less(draft, place, waited);
}

/// A person says that what the customer is asked for has come: of a deposit that, then the balance.
fn pay_open(draft: &mut Draft<'_>, now: Timestamp) -> Result<bool, Rejection> {
    let amount = guards::asked_amount(draft.policy, &draft.order);
    if amount.is_zero() {
        return Err(nothing_open("Nothing is open: write `amount`, `currency` and `reference`."));
    }
    // One money object per such entry: the order's next version names it.
    let reference = format!("manual-{}", draft.order.version.saturating_add(1));
    let currency = draft.order.currency;
    let kind = MoneyKind::Received { amount, currency, method: None };
    let event = MoneyEvent { provider: "manual".to_owned(), reference, kind, received_at: now };
    Ok(payments::money_event(draft, &event))
}

fn nothing_open(detail: &str) -> Rejection {
    Rejection::Invalid {
        pointer: "/amount".to_owned(),
        code: "nothing_open",
        detail: detail.to_owned(),
    }
}

/// A person decides that money goes back.
fn refund(
    draft: &mut Draft<'_>,
    amount: Option<Amount>,
    reason: Option<&str>,
) -> Result<(), Rejection> {
    let currency = draft.order.currency;
    let kept = draft.order.ledger.kept();
    let amount = amount.unwrap_or(kept);
    if amount.is_zero() {
        return Err(nothing_open("Nothing was received that is neither back nor owed."));
    }
    if amount > kept {
        return Err(Rejection::Invalid {
            pointer: "/amount".to_owned(),
            code: "more_than_received",
            detail: format!(
                "At most {} can be made owed: that was received and is neither refunded nor owed.",
                kept.format(currency)
            ),
        });
    }
    payments::owe(draft, amount, reason.unwrap_or("asked"));
    Ok(())
}

/// For which lines money is owed back, where somebody says it.
fn say_for_which_lines(draft: &mut Draft<'_>, lines: &[LineQuantity]) -> Result<(), Rejection> {
    let mut named = Vec::with_capacity(lines.len());
    for (index, line) in lines.iter().enumerate() {
        fulfil::line_index(&draft.order, line.line, index)?;
        named.push(line.line);
    }
    if !named.is_empty() {
        draft.data_of(EventKind::RefundOwed, "lines", json!(named));
    }
    Ok(())
}

/// A refund that is known already is told again, of the same amount.
fn same_refund(order: &Order, known: Amount, amount: Option<Amount>) -> Result<(), Rejection> {
    if amount.is_none_or(|amount| amount == known) {
        return Ok(());
    }
    let known = known.format(order.currency);
    let detail = format!(
        "A refund of {known} is recorded under this reference: write another reference for another \
         refund."
    );
    Err(Rejection::NotPossible { code: "refund_reference_reused", detail })
}

/// A person has sent money back.
fn refund_done(
    draft: &mut Draft<'_>,
    reference: &str,
    amount: Option<Amount>,
) -> Result<(), Rejection> {
    let currency = draft.order.currency;
    let owed = draft.order.ledger.refund_owed();
    let amount = amount.unwrap_or(owed);
    if amount.is_zero() {
        return Err(nothing_open("Nothing is owed: write `amount` for money sent back freely."));
    }
    let ledger = &mut draft.order.ledger;
    let there = ledger.received().less(ledger.refunded());
    if amount > there {
        return Err(Rejection::Invalid {
            pointer: "/amount".to_owned(),
            code: "more_than_received",
            detail: format!("At most {} is left to give back.", there.format(currency)),
        });
    }
    let before = ledger.covered();
    let mut left = amount;
    for payment in &mut ledger.payments {
        let part = payment.own_left().min(left);
        payment.refunded = payment.refunded.plus(part);
        // A provider may tell of it yet, of this payment or of another.
        payment.by_hand = payment.by_hand.plus(part);
        left = left.minus(part);
    }
    ledger.refunds_by_hand.insert(reference.to_owned(), amount);
    // What was not owed until now, this person has decided on.
    let decided = amount.less(owed);
    refunds::refund_done(draft, amount, reference, before, decided);
    Ok(())
}

impl CommandBody {
    /// The command's name as the API writes it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cancel { .. } => "cancel",
            Self::Confirm { .. } => "confirm",
            Self::Approve { .. } => "approve",
            Self::Pack { .. } => "pack",
            Self::Complete { .. } => "complete",
            Self::Archive { .. } => "archive",
            Self::Reject { .. } => "reject",
            Self::Hold { .. } => "hold",
            Self::Release { .. } => "release",
            Self::Assign { .. } => "assign",
            Self::Comment { .. } => "comment",
            Self::Pick { .. } => "pick",
            Self::Progress { .. } => "progress",
            Self::Ship { .. } => "ship",
            Self::Deliver { .. } => "deliver",
            Self::Return { .. } => "return",
            Self::Pay { .. } | Self::PayOpen => "pay",
            Self::Edit(_) => "edit",
            Self::Split { .. } => "split",
            Self::Refund { .. } | Self::RefundDone { .. } => "refund",
            Self::Task(_) => "task",
            Self::Done { .. } => "done",
            Self::Contact(_) => "contact",
        }
    }
}
