//! The customer's yes to an order as it stands, where an automatic move of its policy waits for it
//! (guard `approved_by_customer`). How it is asked and answered is [`super::ask`]; nothing is held for
//! it, for nothing would be different, and whatever changes the order ends the question.

use super::ask::{self, APPROVED};
use super::draft::Draft;
use crate::money::Amount;
use crate::order::question::{About, Ended, Item, Question, Said};
use crate::order::{EventKind, Recipient};
use crate::policy::{Guard, Move};
use serde_json::json;

/// Code of the exception when the customer does not agree to the order as it stands.
pub const REFUSED_TASK: &str = "customer_refused";
/// The message that asks for it.
const ORDER_REQUEST: &str = "order_approval_request";
/// Why a question ends that is about an order as it was.
const CHANGED: &str = "order_changed";

/// Where an automatic move waits for the customer's yes, they are asked for it: once while the order
/// is there, and anew when what they were asked about is not what the order says any more.
pub(super) fn as_it_stands(draft: &mut Draft<'_>) {
    let order = &draft.order;
    if order.question.is_some() || order.is_closed() || order.stock_work.is_some() {
        return;
    }
    let waits = |m: &Move| m.guards.contains(&Guard::ApprovedByCustomer);
    let approved = order.overridden.iter().any(|code| code == APPROVED);
    if approved || !draft.policy.auto_moves(&order.status).any(waits) {
        return;
    }
    let known = order.answered.as_ref().filter(|a| a.about == About::Order);
    if known.is_some_and(|a| a.ended != Ended::Withdrawn && a.at >= order.status_since) {
        return;
    }
    let asked_at = draft.now;
    let due_at = asked_at.plus(draft.policy.approval.deadline);
    let silence = draft.policy.approval.silence;
    let items = vec![Item::of_edit("order".to_owned(), None)];
    let gross = order.gross().format(order.currency);
    let number = draft.event(EventKind::CustomerAsked).version;
    draft.data("about", "order");
    draft.data("due_at", due_at.to_string());
    draft.data("gross", gross);
    draft.data("items", json!(["order"]));
    draft.notify(ORDER_REQUEST, Recipient::Customer);
    draft.order.question = Some(Question {
        number,
        about: About::Order,
        items,
        silence,
        asked_at,
        due_at,
        staged: Vec::new(),
        credit: Amount::ZERO,
    });
}

/// The order is not any more what its customer was asked about, or has gone on without them.
pub(super) fn changed(draft: &mut Draft<'_>) {
    if draft.order.question.as_ref().is_some_and(|question| question.about == About::Order) {
        ask::end_unchanged(draft, Ended::Withdrawn, CHANGED);
    }
}

/// A yes to the order as it stands lets it go on; a no is for a person.
pub(super) fn judged(draft: &mut Draft<'_>, said: &[(String, Said)]) {
    let yes = said.iter().all(|(_, said)| *said == Said::Accept);
    let ended = if yes { Ended::Accepted } else { Ended::Refused };
    let Some(question) = ask::close(draft, said.to_vec(), ended) else { return };
    ask::answered(draft, question.number, said, ended);
    if yes {
        draft.order.overridden.push(APPROVED.to_owned());
    } else {
        let detail = "The customer does not agree to the order as it stands: ask them.".to_owned();
        draft.exception(REFUSED_TASK, None, detail);
    }
}
