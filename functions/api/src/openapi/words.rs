//! The commands on an order and the acts on a subscription: one word each, one operation each.

use super::bodies::*;
use super::edits::{EditBody, SplitBody};
use super::examples;
use super::operations::{Builder, Operation};
use crate::rights::command_named;
use ordermill_views::edit::EditedView;
use ordermill_views::order::OrderView;
use ordermill_views::subscription::SubscriptionView;
use serde_json::{Value, json};

pub(super) fn command(builder: Builder<'_>, word: &str, order: Value) -> Operation {
    let keyed = command_named(word).is_some_and(|command| command.keyed);
    let builder = builder.header("Idempotency-Key", keyed).header("If-Match", false);
    let lines = json!([{ "line": 1, "quantity": 1 }]);
    let builder = match word {
        "cancel" => builder.body::<CancelBody>(false, json!({ "reason": "changed_mind" })),
        "reject" => builder.body::<RejectBody>(true, json!({ "reason": "cannot be delivered" })),
        "hold" | "release" => {
            builder.body::<NamedBody>(true, json!({ "name": "fraud", "reason": "check first" }))
        }
        "assign" => builder.body::<AssignUserBody>(true, json!({ "user": "rasa" })),
        "task" => builder.body::<TaskBody>(
            true,
            json!({ "code": "ask_for_size", "due_at": "2026-12-02T10:00:00Z", "assignee": "rasa" }),
        ),
        "done" => builder.body::<DoneBody>(true, json!({ "task": "t1", "note": "size 42" })),
        "contact" => builder.body::<ContactBody>(true, json!({ "outcome": "not_answering" })),
        "comment" => builder.body::<CommentBody>(
            true,
            json!({ "text": "Called, will call back.", "visibility": "internal" }),
        ),
        "edit" => builder.body::<EditBody>(
            false,
            json!({ "dry_run": true, "lines": [
                { "line": 1, "quantity": 3 }, { "sku": "HON-400", "quantity": 1 }
            ] }),
        ),
        "split" => builder
            .body::<SplitBody>(true, json!({ "lines": lines, "requested_date": "2026-12-08" })),
        "pick" => builder.body::<PickBody>(false, json!({ "lines": lines })),
        "progress" => builder.body::<ProgressBody>(
            false,
            json!({ "step": "parts", "lines": [{ "line": 1, "done": 1 }] }),
        ),
        "ship" => builder.body::<ShipBody>(
            false,
            json!({ "carrier": "DPD", "tracking": "05868123", "lines": lines }),
        ),
        "deliver" => builder.body::<DeliverBody>(false, json!({ "shipment": 1 })),
        "return" => builder.body::<ReturnBody>(
            false,
            json!({ "reason": "too small", "lines": [
                { "line": 1, "quantity": 1, "condition": "restock", "warehouse": "VNO" }
            ] }),
        ),
        "pay" => builder.body::<PayBody>(
            false,
            json!({ "amount": "21.49", "currency": "EUR", "reference": "statement 118/4",
                    "method": "bank_transfer" }),
        ),
        "refund" => {
            builder.body::<RefundBody>(false, json!({ "amount": "5.00", "reason": "scratched" }))
        }
        _ => builder.body::<NoteBody>(false, json!({ "note": "by telephone" })),
    };
    let builder = if word == "edit" {
        let what = "The order as it is now; for a `dry_run` as it would be, with the difference.";
        builder.answer_with::<EditedView>(200, what, order, &["ETag"])
    } else {
        builder.answer_with::<OrderView>(200, "The order as it is now.", order, &["ETag"])
    };
    builder
        .no(409, "not_allowed_in_status", "Not possible in this status, or a guard does not hold.")
        .no(412, "version_mismatch", "The order is not at the version of `If-Match` any more.")
        .done()
}

pub(super) fn summary_of(word: &str) -> &'static str {
    match word {
        "cancel" => "Nobody wants it, or these units of it, any more",
        "confirm" => "It goes on",
        "approve" => "A review is overridden",
        "pack" => "Boxes were closed",
        "complete" => "It came to its good end",
        "archive" => "It is put away",
        "reject" => "It is refused",
        "hold" => "Set a named stop",
        "release" => "Lift a named stop",
        "assign" => "Say who looks after it",
        "task" => "Set a task, or the time of the next call (`code` `call_customer`)",
        "done" => "A task is done",
        "contact" => "The customer was called: what that met, and what came of it",
        "comment" => "Write something about it",
        "edit" => "Change what it says; `dry_run` tells what would come of it",
        "split" => "Some of it becomes an order of its own; see `parts`",
        "pick" => "Goods were laid into boxes",
        "progress" => "So many units are through a step of their making; all where nothing is said",
        "ship" => "A shipment left",
        "deliver" => "A shipment was handed over",
        "return" => "Goods came back",
        "pay" => "Enter money by hand",
        "refund" => "Money is owed to the customer, or went back",
        _ => "A command",
    }
}

pub(super) fn subscription_act(builder: Builder<'_>, word: &str) -> Operation {
    let builder = match word {
        "skip" => builder.body::<SkipBody>(false, json!({ "date": "2027-02-28" })),
        "pause" => builder.body::<PauseBody>(false, json!({ "until": "2027-06-01" })),
        "change" => builder.body::<ChangeBody>(
            false,
            json!({ "lines": [{ "sku": "TEA-100", "quantity": 3, "unit_price": "12.50" }] }),
        ),
        "resume" => builder.body::<ResumeBody>(false, json!({})),
        _ => builder.body::<EndBody>(false, json!({ "at_period_end": true })),
    };
    builder
        .answer_with::<SubscriptionView>(
            200,
            "The subscription as it is now.",
            examples::subscription(),
            &["ETag"],
        )
        .no(409, "not_allowed_in_status", "The subscription is over.")
        .done()
}

pub(super) fn summary_of_act(word: &str) -> &'static str {
    match word {
        "skip" => "No order for the next date, or for this one",
        "pause" => "No orders until it is resumed, or until a date",
        "resume" => "It goes on",
        "change" => "The coming orders are of something else; what is left out stays",
        _ => "It ends",
    }
}

/// The schema of a parameter, by its name.
pub(super) fn parameter_schema(name: &str) -> Value {
    match name {
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": 200, "default": 50 }),
        "count" => json!({ "type": "integer", "minimum": 1, "maximum": 100, "default": 12 }),
        "channel" => one_of(&["webshop", "partner", "manager", "import", "recurring"], ""),
        "from" | "to" | "updated_since" | "due_before" => {
            json!({ "type": "string", "description": "A moment, or a date." })
        }
        "kind" => one_of(&["exception", "call", "task"], ""),
        "sort" => {
            one_of(&["jeopardy"], "The most urgent first, in one page, each with its `jeopardy`. ")
        }
        "unmatched" => one_of(&["true"], ""),
        "provider" => json!({ "type": "string", "enum": ["stripe", "generic"] }),
        "Idempotency-Key" => json!({ "type": "string", "minLength": 1, "maxLength": 255 }),
        _ => json!({ "type": "string" }),
    }
}

/// A query parameter that has one of these values; an empty one counts as absent.
fn one_of(words: &[&str], meaning: &str) -> Value {
    let words: Vec<&str> = words.iter().copied().chain([""]).collect();
    json!({
        "type": "string",
        "enum": words,
        "description": format!("{meaning}Empty: as if it were left out."),
    })
}
