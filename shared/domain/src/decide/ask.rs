//! Asking the customer, and what follows from the answer: an edit is proposed, and made when they say
//! yes; units that could not be found are waited for, left out or replaced as they choose.
//!
//! While an edit is proposed the order stays as it is and is held ([`APPROVAL_HOLD`]): what it holds
//! stays held, what the proposed lines want more of is held too ([`Staged`]), so is the credit that the
//! proposed sum needs, prices stay as they were proposed. A question ends by its answer, by its
//! deadline, by `release` of the hold, or with the order; what is held for it then goes over to the
//! lines or back into sale, in the same decision.

use super::draft::{Decision, Draft};
use super::{
    Facts, Rejection, acts, choice, consent, credit, edit, find_move, no, refused, supply,
};
use crate::intake::command::{CommandBody, ShortLine};
use crate::intake::edit::{Approval, EditBody, LineEdit};
use crate::order::question::{
    About, Answered, Ended, Item, LineWorth, Proposal, ProposedLine, Question, Said, Silence,
    Staged,
};
use crate::order::{Actor, ActorKind, EventKind, Order, Recipient};
use crate::policy::{CommandKind, EditApproval, Policy, Role};
use crate::quantity::Quantity;
use crate::stock::line::Units;
use crate::stock::plan::{self, Need};
use crate::time::Timestamp;
use serde_json::json;

/// The hold of an order whose edit waits for the customer's yes; to release it is to take the edit back.
pub const APPROVAL_HOLD: &str = "customer_approval";
/// The hold of a line of which units could not be found, or have a defect.
pub const CHOICE_HOLD: &str = "customer_choice";
/// Why units are left out.
pub const CHOSEN: &str = "customer_choice";
/// Code of the exception when the customer did not answer and a person must ask.
pub const SILENT_TASK: &str = "customer_silent";
/// Code of the exception when what the customer agreed to could not be done any more.
pub const FAILED_TASK: &str = "approval_failed";
/// What an order carries while the customer's yes is about what it says.
pub const APPROVED: &str = "approved_by_customer";
/// Why the holds of a question end with its order.
pub(super) const ORDER_ENDED: &str = "order_ended";
/// Why the hold of an edit ends.
const ANSWERED: &str = "answered";
/// The message that tells staff what became of a question.
const STAFF_TASK: &str = "staff_task";
/// The message that asks for a yes.
const APPROVAL_REQUEST: &str = "approval_request";

/// An answer, as it came.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reply {
    /// Which question: the version it was asked with.
    pub number: u64,
    /// The same to everything.
    pub all: Option<Said>,
    /// To each item, by its name.
    pub items: Vec<(String, Said)>,
    /// What the customer wrote with it. Personal data.
    pub comment: Option<String>,
}

/// Whether an edit is open that waits for the customer's yes.
#[must_use]
pub fn proposes(order: &Order) -> bool {
    order.question.as_ref().is_some_and(|question| question.about == About::Edit)
}

/// What changes goods or price, or sends them away, waits while the customer looks at them.
pub(super) fn not_while_asked(order: &Order, body: &CommandBody) -> Result<(), Rejection> {
    let waits = match body {
        CommandBody::Edit(edit) => !edit.dry_run,
        CommandBody::Cancel { lines, .. } => lines.is_some(),
        CommandBody::Split { .. }
        | CommandBody::Confirm { .. }
        | CommandBody::Approve { .. }
        | CommandBody::Pick { .. }
        | CommandBody::Pack { .. }
        | CommandBody::Ship { .. } => true,
        CommandBody::Reject { .. }
        | CommandBody::Complete { .. }
        | CommandBody::Archive { .. }
        | CommandBody::Hold { .. }
        | CommandBody::Release { .. }
        | CommandBody::Assign { .. }
        | CommandBody::Comment { .. }
        | CommandBody::Progress { .. }
        | CommandBody::Deliver { .. }
        | CommandBody::Return { .. }
        | CommandBody::Pay { .. }
        | CommandBody::PayOpen
        | CommandBody::Refund { .. }
        | CommandBody::RefundDone { .. }
        | CommandBody::Task(_)
        | CommandBody::Done { .. }
        | CommandBody::Contact(_) => false,
    };
    if waits && proposes(order) {
        let detail = "An edit waits for the customer's answer. `release` of the hold \
                      `customer_approval` takes it back.";
        return Err(no("awaiting_customer", detail));
    }
    Ok(())
}

/// Units are asked about together with those of an open choice; nothing else may be open.
pub(super) fn one_question(order: &Order, short: &[ShortLine]) -> Result<(), Rejection> {
    let choice = order.question.as_ref().is_none_or(|question| question.about == About::Choice);
    if short.is_empty() || choice {
        return Ok(());
    }
    Err(no(
        "awaiting_customer",
        "The customer is asked something else already: wait for the answer.",
    ))
}

/// Whether the customer must agree to what an edit has made of the order in this draft. Who says that
/// they have agreed already must be of the house.
pub(super) fn must_ask(draft: &Draft<'_>, body: &EditBody, role: Role) -> Result<bool, Rejection> {
    let of_house = match role {
        Role::Manager | Role::Planner | Role::Admin => true,
        // These are the customer, or act for them.
        Role::Customer | Role::Partner | Role::System => false,
    };
    if body.approval == Some(Approval::Given) && !of_house {
        let detail = "Only people of the house record that the customer has agreed.";
        return Err(refused("/approval", "approval_not_yours", detail));
    }
    if body.dry_run || !draft.has_events() {
        return Ok(false);
    }
    let asks = match body.approval {
        Some(Approval::Customer) => true,
        Some(Approval::Given) => false,
        None => {
            of_house
                && match draft.policy.approval.edits {
                    EditApproval::OnRequest => false,
                    EditApproval::PriceRise => draft.order.gross() > draft.gross_before(),
                    EditApproval::Always => true,
                }
        }
    };
    // The edit may have ended a question itself, in what it would make of the order.
    if asks && draft.order_before().question.is_some() {
        let detail = "The customer is asked something else already: wait for the answer.";
        return Err(no("awaiting_customer", detail));
    }
    Ok(asks)
}

/// Proposes an edit to the customer: `would` is what it would make of the order.
pub(super) fn propose(
    draft: &mut Draft<'_>,
    would: &Order,
    body: &EditBody,
    role: Role,
    facts: &Facts,
) {
    let before = draft.order.clone();
    let (lines, edits) = proposed(&before, would, body);
    let staged = stage(draft, &lines);
    let credit = credit::lock(draft, would, &facts.customer);
    let fields = edit::fields(&before, would);
    let mut items = items(body);
    if !fields.is_empty() {
        items.push(Item::of_edit("order".to_owned(), None));
    }
    draft.order.placed.proposal = Some(Box::new(Proposal {
        edit: EditBody { lines: edits, ..body.clone() },
        role,
        lines,
        fields: fields.iter().map(|name| (*name).to_owned()).collect(),
        totals: would.totals.clone(),
    }));
    draft.placed_changed = true;
    draft.hold(APPROVAL_HOLD, None, body.reason.as_deref());
    let asked_at = draft.now;
    let due_at = asked_at.plus(draft.policy.approval.deadline);
    let silence = draft.policy.approval.silence;
    let event = draft.event(EventKind::CustomerAsked);
    event.reason.clone_from(&body.reason);
    let number = event.version;
    draft.data("about", "edit");
    draft.data("due_at", due_at.to_string());
    draft.data("gross", before.gross().format(before.currency));
    draft.data("gross_proposed", would.gross().format(before.currency));
    draft.data("items", json!(items.iter().map(|item| &item.id).collect::<Vec<_>>()));
    draft.notify(APPROVAL_REQUEST, Recipient::Customer);
    let about = About::Edit;
    draft.order.question =
        Some(Question { number, about, items, silence, asked_at, due_at, staged, credit });
}

/// Each entry of an edit as an item that can be accepted by itself.
fn items(body: &EditBody) -> Vec<Item> {
    let mut new: usize = 0;
    let mut item = |edit: &LineEdit| match edit {
        LineEdit::Change { line, .. } | LineEdit::Remove { line } => {
            Item::of_edit(format!("line-{line}"), Some(*line))
        }
        LineEdit::Add(_) | LineEdit::Copy { .. } => {
            new = new.saturating_add(1);
            Item::of_edit(format!("new-{new}"), None)
        }
    };
    body.lines.iter().map(&mut item).collect()
}

/// What each entry makes of its line, and the entries with the prices they would have.
fn proposed(before: &Order, would: &Order, body: &EditBody) -> (Vec<ProposedLine>, Vec<LineEdit>) {
    let mut next = before.next_line();
    let mut lines = Vec::with_capacity(body.lines.len());
    let mut edits = Vec::with_capacity(body.lines.len());
    for edit in &body.lines {
        let (old, new) = match edit {
            LineEdit::Change { line, .. } => (before.line(*line), would.line(*line)),
            LineEdit::Remove { line } => (before.line(*line), None),
            LineEdit::Add(_) | LineEdit::Copy { .. } => {
                let number = next;
                next = next.saturating_add(1);
                (None, would.line(number))
            }
        };
        let sku = old.or(new).map(|line| line.sku.clone()).unwrap_or_default();
        let worth = |line: Option<&crate::order::Line>| line.map(LineWorth::of);
        lines.push(ProposedLine { sku, before: worth(old), after: worth(new) });
        // A copy takes what its line said when it was proposed.
        edits.push(match (edit, new) {
            (LineEdit::Add(_) | LineEdit::Copy { .. }, Some(line)) => {
                let detail = line.detail.clone();
                LineEdit::Add(Box::new(crate::order::Line::new(
                    0,
                    &line.sku,
                    line.quantity,
                    detail,
                )))
            }
            (same, _) => same.clone(),
        });
    }
    (lines, edits)
}

/// Holds what the proposed lines want more of, as far as it is there; the rest is looked for when the
/// edit is made. Where the order has no stock yet, its step looks for all of it later.
fn stage(draft: &mut Draft<'_>, lines: &[ProposedLine]) -> Vec<Staged> {
    let has_stock = draft.order.lines.iter().any(crate::order::Line::is_with_stock);
    if !has_stock {
        return Vec::new();
    }
    let units = |worth: &Option<LineWorth>| worth.as_ref().map(|w| w.quantity).unwrap_or_default();
    let mut staged: Vec<Staged> = Vec::new();
    for (entry, line) in lines.iter().enumerate() {
        let more = units(&line.after).less(units(&line.before));
        if more.is_positive() {
            let parts = line.after.as_ref().map(|w| w.detail.parts.clone()).unwrap_or_default();
            let sku = line.sku.clone();
            staged.push(Staged { entry, sku, quantity: more, allocations: Vec::new(), parts });
        }
    }
    let mut as_lines: Vec<crate::order::Line> = staged.iter().map(Staged::as_line).collect();
    let needs: Vec<Need> = as_lines
        .iter()
        .enumerate()
        .map(|at| Need::of(at, at.1.quantity, false, |_| Quantity::ZERO))
        .collect();
    let plan = plan::plan(draft.view, supply::sourced(&draft.order), &needs);
    let class = draft.order.demand_class.clone();
    for take in &plan.takes {
        let Some(line) = as_lines.get_mut(take.index) else { continue };
        line.allocate(&take.warehouse, take.quantity, false, &take.kept);
        let units = Units { line, warehouse: &take.warehouse, quantity: take.quantity };
        draft.stock.take(units, class.as_deref(), &take.kept, false);
    }
    for (one, line) in staged.iter_mut().zip(as_lines) {
        one.allocations = line.allocations;
    }
    staged
}

/// What was held for an edit goes over to its lines; what of it no line wants goes back into sale.
/// `numbers` are the lines of the edit's entries.
pub(super) fn hand_over(draft: &mut Draft<'_>, numbers: &[Option<u32>], staged: Vec<Staged>) {
    for one in staged {
        let number = numbers.get(one.entry).copied().flatten();
        let wanted = number
            .and_then(|number| draft.order.line(number))
            .filter(|line| line.sku == one.sku)
            .map(crate::order::Line::unallocated)
            .unwrap_or_default();
        let mut held = one.as_line();
        let too_many = held.held().less(wanted);
        give_back(draft, &mut held, too_many);
        let Some(line) = number.and_then(|number| draft.order.line_mut(number)) else { continue };
        for allocation in &held.allocations {
            line.allocate(&allocation.warehouse, allocation.held, false, &allocation.kept);
        }
    }
}

/// So many of the units that are held for a proposed line go back into sale.
fn give_back(draft: &mut Draft<'_>, line: &mut crate::order::Line, quantity: Quantity) {
    let class = draft.order.demand_class.clone();
    let mut left = quantity;
    let places: Vec<String> = line.allocations.iter().map(|a| a.warehouse.clone()).collect();
    for place in places.iter().rev() {
        let stock = &mut draft.stock;
        left = left.minus(supply::give_back(stock, line, place, left, class.as_deref()));
    }
}

/// The question is not open any more; that, what is held for it, and its hold are the caller's to
/// tell of and to end. Of an edit, the limits of the status stood still while the customer looked.
pub(super) fn close(
    draft: &mut Draft<'_>,
    said: Vec<(String, Said)>,
    ended: Ended,
) -> Option<Question> {
    let question = draft.order.question.take()?;
    let at = draft.now;
    draft.order.answered =
        Some(Answered { number: question.number, about: question.about, said, ended, at });
    if question.about == About::Edit {
        draft.order.placed.proposal = None;
        draft.placed_changed = true;
        let waited = at.seconds().saturating_sub(question.asked_at.seconds());
        draft.order.status_since =
            draft.order.status_since.plus(crate::time::Seconds(waited)).min(at);
    }
    Some(question)
}

/// The order comes to its end: nobody is asked any more, and nothing is held for an answer.
pub(super) fn over(draft: &mut Draft<'_>) {
    if let Some(question) = close(draft, Vec::new(), Ended::Withdrawn) {
        hand_over(draft, &[], question.staged);
        draft.lift(APPROVAL_HOLD, Some(ORDER_ENDED), |_| true);
    }
    choice::over(draft);
}

/// The house takes back what stands behind this hold: a proposed edit, or a choice that it makes for
/// the customer; false where nothing does.
pub(super) fn withdraw(draft: &mut Draft<'_>, name: &str, reason: Option<&str>) -> bool {
    let reason = reason.unwrap_or("withdrawn");
    match name {
        APPROVAL_HOLD if proposes(&draft.order) => {
            end_unchanged(draft, Ended::Withdrawn, reason);
            true
        }
        CHOICE_HOLD => choice::by_the_house(draft, reason),
        _ => false,
    }
}

/// A question ends without an answer. Of an edit the order stays as it is, and goes on; about units
/// nothing is decided by that, and their holds are the caller's.
pub(super) fn end_unchanged(draft: &mut Draft<'_>, ended: Ended, reason: &str) {
    let Some(question) = close(draft, Vec::new(), ended) else { return };
    hand_over(draft, &[], question.staged);
    draft.event(EventKind::QuestionClosed).reason = Some(reason.to_owned());
    draft.data("question", question.number);
    if question.about == About::Edit {
        draft.lift(APPROVAL_HOLD, Some(reason), |_| true);
        if draft.order.holds.is_empty() {
            draft.ask_for_step();
        }
    }
}

/// Nobody has answered in time. Staff are told once: of the order that goes on without the answer, or
/// by the task of asking.
pub(super) fn silence(draft: &mut Draft<'_>) {
    let now = draft.now;
    let Some(question) = draft.order.question.as_ref().filter(|q| q.due_at <= now) else { return };
    let silence = question.silence;
    end_unchanged(draft, Ended::Silent, "no_answer");
    match silence {
        Silence::Keep => draft.notify_of(EventKind::QuestionClosed, STAFF_TASK, Recipient::Staff),
        Silence::Ask => ask_staff(draft),
        Silence::Cancel => cancel_unanswered(draft),
    }
}

fn ask_staff(draft: &mut Draft<'_>) {
    let detail = "The customer did not answer in time: ask them.".to_owned();
    draft.exception(SILENT_TASK, None, detail);
}

/// Money that has come, or goods that have left, are no matter of silence: a person asks.
fn cancel_unanswered(draft: &mut Draft<'_>) {
    let order = &draft.order;
    let gone = order.lines.iter().any(|line| line.shipped.is_positive());
    let cancel = find_move(draft.policy, order, CommandKind::Cancel, "cancel", Role::System);
    match cancel.map(|found| found.to.clone()) {
        Ok(to) if !gone && !order.ledger.kept().is_positive() => {
            draft.notify_of(EventKind::QuestionClosed, STAFF_TASK, Recipient::Staff);
            draft.go(EventKind::OrderCancelled, &to, Some("not_approved"));
        }
        Ok(_) | Err(_) => ask_staff(draft),
    }
}

/// What the customer answers. The same answer again changes nothing and is no mistake.
pub(super) fn answer(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    reply: &Reply,
    now: Timestamp,
) -> Result<Decision, Rejection> {
    let Some(question) = order.question.as_ref().filter(|q| q.number == reply.number) else {
        return repeated(order, reply);
    };
    if now >= question.due_at {
        return Err(question_over());
    }
    let said = said(&question.items, reply)?;
    acts::not_while_stock_moves(order, false)?;
    let actor = Actor { kind: ActorKind::Customer, id: "customer".to_owned() };
    let begin = || Draft::new(policy, order, &facts.stock, actor.clone(), "answer", now);
    let mut draft = begin();
    match question.about {
        About::Edit => {
            if let Err(why) = edited(&mut draft, &said, facts) {
                draft = begin();
                not_possible(&mut draft, &said, &why);
            }
        }
        About::Order => consent::judged(&mut draft, &said),
        About::Choice => {
            let chosen = |draft: &mut Draft<'_>| {
                close(draft, said.clone(), Ended::Accepted);
                answered(draft, question.number, &said, Ended::Accepted);
                choice::chosen(draft, question, &said, facts)
            };
            if let Err(why) = chosen(&mut draft) {
                draft = begin();
                not_possible(&mut draft, &said, &why);
            }
        }
    }
    if let Some(text) = reply.comment.as_deref().filter(|text| !text.trim().is_empty()) {
        // Where an order has too many comments the answer counts all the same.
        acts::write_down(&mut draft, text, true);
    }
    acts::bounded(order, draft.finish())
}

fn question_over() -> Rejection {
    no("question_over", "This question is not open any more: nothing was changed.")
}

/// An answer to a question that has ended.
fn repeated(order: &Order, reply: &Reply) -> Result<Decision, Rejection> {
    let Some(answered) = order.answered.as_ref().filter(|a| a.number == reply.number) else {
        return Err(question_over());
    };
    if answered.said.is_empty() {
        return Err(question_over());
    }
    let told = |id: &str| {
        let own = reply.items.iter().find(|(item, _)| item == id);
        own.map(|(_, said)| *said).or(reply.all)
    };
    let is_known = |id: &str| answered.said.iter().any(|(known, _)| known == id);
    let same = answered.said.iter().all(|(id, said)| told(id) == Some(*said))
        && reply.items.iter().all(|(id, _)| is_known(id));
    if same {
        return Ok(Decision::unchanged(order));
    }
    Err(no("already_answered", "This question has another answer already: it stays."))
}

/// What is said to each item, in their order.
fn said(items: &[Item], reply: &Reply) -> Result<Vec<(String, Said)>, Rejection> {
    for (place, (id, _)) in reply.items.iter().enumerate() {
        let pointer = format!("/items/{place}/item");
        if !items.iter().any(|item| item.id == *id) {
            let names: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
            let detail = format!("Nothing is asked of that name; asked is: {}.", names.join(", "));
            return Err(refused(&pointer, "no_such_item", detail));
        }
        if reply.items.iter().take(place).any(|(other, _)| other == id) {
            return Err(refused(&pointer, "duplicate_item", "This stands twice: answer it once."));
        }
    }
    let mut all = Vec::with_capacity(items.len());
    for item in items {
        let own = reply.items.iter().position(|(id, _)| *id == item.id);
        let told = own.and_then(|place| reply.items.get(place)).map(|(_, said)| *said);
        let Some(said) = told.or(reply.all) else {
            let detail = format!("`{}` has no answer: answer each item, or all.", item.id);
            return Err(refused("/items", "item_missing", detail));
        };
        if !item.answers.contains(&said) {
            let known: Vec<&str> = item.answers.iter().map(|said| said.name()).collect();
            let pointer =
                own.map_or("/answer".to_owned(), |place| format!("/items/{place}/answer"));
            let detail = format!("To `{}` can be said: {}.", item.id, known.join(", "));
            return Err(refused(&pointer, "answer_unknown", detail));
        }
        all.push((item.id.clone(), said));
    }
    Ok(all)
}

pub(super) fn answered(draft: &mut Draft<'_>, number: u64, said: &[(String, Said)], ended: Ended) {
    draft.event(EventKind::CustomerAnswered);
    draft.data("question", number);
    draft.data("ended", json!(ended));
    let said: Vec<_> =
        said.iter().map(|(id, said)| json!({"item": id, "answer": said.name()})).collect();
    draft.data("answers", json!(said));
    draft.notify(STAFF_TASK, Recipient::Staff);
}

/// Makes the part of a proposed edit that was accepted.
fn edited(draft: &mut Draft<'_>, said: &[(String, Said)], facts: &Facts) -> Result<(), Rejection> {
    let Some(proposal) = draft.order.placed.proposal.clone() else { return Err(question_over()) };
    let accepted = said.iter().filter(|(_, said)| *said == Said::Accept).count();
    let ended = match accepted {
        0 => Ended::Refused,
        all if all == said.len() => Ended::Accepted,
        _ => Ended::PartlyAccepted,
    };
    let Some(question) = close(draft, said.to_vec(), ended) else { return Err(question_over()) };
    answered(draft, question.number, said, ended);
    draft.lift(APPROVAL_HOLD, Some(ANSWERED), |_| true);
    if ended == Ended::Refused {
        hand_over(draft, &[], question.staged);
        if draft.order.holds.is_empty() {
            draft.ask_for_step();
        }
        return Ok(());
    }
    let (body, staged) = accepted_part(draft, &proposal, said, question.staged);
    let facts = Facts { may_set_prices: true, ..facts.clone() };
    edit::edit_with(draft, &body, proposal.role, &facts, staged)?;
    draft.order.overridden.push(APPROVED.to_owned());
    draft.follow();
    Ok(())
}

/// Of a proposed edit, the entries that were accepted, with what is held for them; what is held for
/// the others goes back into sale.
fn accepted_part(
    draft: &mut Draft<'_>,
    proposal: &Proposal,
    said: &[(String, Said)],
    staged: Vec<Staged>,
) -> (EditBody, Vec<Staged>) {
    let yes = |place: usize| said.get(place).is_some_and(|(_, said)| *said == Said::Accept);
    let order_too = said.iter().any(|(id, said)| id == "order" && *said == Said::Accept);
    let whole = said.iter().all(|(_, said)| *said == Said::Accept);
    let edit = &proposal.edit;
    let mut body = if order_too { edit.clone() } else { EditBody::default() };
    body.reason.clone_from(&edit.reason);
    body.total = edit.total.filter(|_| whole);
    let kept: Vec<usize> = (0..edit.lines.len()).filter(|place| yes(*place)).collect();
    body.lines = kept.iter().filter_map(|place| edit.lines.get(*place)).cloned().collect();
    let (mut mine, mut rest) = (Vec::new(), Vec::new());
    for one in staged {
        match kept.iter().position(|place| *place == one.entry) {
            Some(entry) => mine.push(Staged { entry, ..one }),
            None => rest.push(one),
        }
    }
    hand_over(draft, &[], rest);
    (body, mine)
}

/// The customer agreed, and meanwhile it cannot be done: the order stays as it is, and a person looks.
fn not_possible(draft: &mut Draft<'_>, said: &[(String, Said)], why: &Rejection) {
    let Some(question) = close(draft, said.to_vec(), Ended::NotPossible) else { return };
    answered(draft, question.number, said, Ended::NotPossible);
    if question.about == About::Edit {
        draft.lift(APPROVAL_HOLD, Some(ANSWERED), |_| true);
    }
    hand_over(draft, &[], question.staged);
    let codes = match why {
        Rejection::Unfit { reasons } => {
            reasons.iter().map(|reason| reason.code.as_str()).collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    };
    draft.exception(FAILED_TASK, None, format!("What they chose was not possible: {codes}."));
    if draft.order.holds.is_empty() {
        draft.ask_for_step();
    }
}
