//! Bodies of the commands `POST /v1/orders/{id}/{command}` (`spec/api.md`).
//!
//! What a command does is [`crate::decide`]'s business; here is only what may be asked.

use super::Problem;
use super::desk;
pub use super::desk::{ContactBody, TaskBody};
use super::edit::{self, EditBody};
use super::limits::{
    LINE_NUMBER_MAX, LINES_MAX, NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX, REFERENCE_CHARACTERS_MAX,
    SENTENCE_CHARACTERS_MAX, SHIPMENT_MAX,
};
use super::reader::{self, Field, Object, Report};
use super::values::Zero;
use crate::money::{Amount, Currency};
use crate::order::PaymentMethod;
use crate::quantity::Quantity;
use crate::time::Timestamp;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// Some units of one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineQuantity {
    /// The line's number.
    pub line: u32,
    /// How many units, above zero; none means all of the line that remain.
    pub quantity: Option<Quantity>,
}

/// How far a line is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LineProgress {
    /// The line's number.
    pub line: u32,
    /// How many of its units are through the step; none means all.
    pub done: Option<Quantity>,
}

/// Units that were not found where they should lie.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ShortLine {
    /// The line's number.
    pub line: u32,
    /// How many units are missing, above zero.
    pub quantity: Quantity,
    /// Why.
    pub reason: Option<String>,
    /// Which article is missing; needed of a bundle, whose other parts go back into sale.
    pub sku: Option<String>,
    /// What is wrong with them, where they are there: the customer may take them as they are.
    pub defect: Option<String>,
    /// The article that can be sent in their place, at the same price.
    pub substitute: Option<String>,
}

/// What becomes of goods that came back.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// They can be sold again.
    Restock,
    /// They can't.
    Scrap,
}

/// Units of one line that came back.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ReturnLine {
    /// The line's number.
    pub line: u32,
    /// How many units, above zero; none means all that are with the customer.
    pub quantity: Option<Quantity>,
    /// What becomes of them.
    pub condition: Condition,
    /// Where they lie now; none means where they left from.
    pub warehouse: Option<String>,
}

/// Money taken at the door.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Collected {
    /// How much, in the order's currency, above zero.
    pub amount: Amount,
    /// How it was paid.
    pub method: Option<PaymentMethod>,
}

/// By what an order is split without naming lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SplitBy {
    /// What is there stays, what is to come goes.
    Stock,
    /// What is held at one warehouse goes.
    Warehouse,
}

/// Who may read a comment.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// The seller's house.
    Internal,
    /// The customer as well.
    Customer,
}

/// What a command asks for. `lines: None` means all that remains.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommandBody {
    /// Nobody wants the order, or these units of it, any more.
    Cancel {
        /// Reason code or sentence.
        reason: Option<String>,
        /// For people.
        note: Option<String>,
        /// Which units.
        lines: Option<Vec<LineQuantity>>,
    },
    /// It goes on.
    Confirm {
        /// For people.
        note: Option<String>,
    },
    /// A review is overridden, or its answer is yes.
    Approve {
        /// For people.
        note: Option<String>,
    },
    /// Boxes were closed.
    Pack {
        /// For people.
        note: Option<String>,
    },
    /// It came to its good end.
    Complete {
        /// For people.
        note: Option<String>,
    },
    /// It is put away for good.
    Archive {
        /// For people.
        note: Option<String>,
    },
    /// It is refused.
    Reject {
        /// Why.
        reason: String,
    },
    /// A named stop is set.
    Hold {
        /// The name it is lifted by.
        name: String,
        /// Why.
        reason: Option<String>,
    },
    /// A named stop is lifted.
    Release {
        /// The name it was set by.
        name: String,
        /// Why.
        reason: Option<String>,
    },
    /// Somebody looks after it.
    Assign {
        /// The user's id.
        user: String,
    },
    /// Somebody writes something about it.
    Comment {
        /// What.
        text: String,
        /// For whom.
        visibility: Visibility,
    },
    /// Goods were laid into boxes.
    Pick {
        /// Which units.
        lines: Option<Vec<LineQuantity>>,
        /// Which were not found.
        short: Vec<ShortLine>,
    },
    /// Some of it is made, as far as a step.
    Progress {
        /// Through which step; none means the last one.
        step: Option<String>,
        /// How far which lines are; none means all of every line.
        lines: Option<Vec<LineProgress>>,
        /// For people.
        note: Option<String>,
    },
    /// A shipment left.
    Ship {
        /// Carrier's name, where it is known.
        carrier: Option<String>,
        /// Tracking number.
        tracking: Option<String>,
        /// Which units.
        lines: Option<Vec<LineQuantity>>,
        /// When the carrier expects to hand it over.
        expected_at: Option<Timestamp>,
    },
    /// A shipment was handed over.
    Deliver {
        /// Which; none means every shipment under way.
        shipment: Option<u32>,
        /// Money taken at the door.
        collected: Option<Collected>,
    },
    /// Goods came back.
    Return {
        /// Which units; none means everything that left, to be sold again.
        lines: Option<Vec<ReturnLine>>,
        /// Why.
        reason: Option<String>,
        /// The customer did not take the parcel.
        refused_at_door: bool,
    },
    /// Money is entered by hand.
    Pay {
        /// How much, above zero, in `currency`.
        amount: Amount,
        /// Its currency, which may not be the order's.
        currency: Currency,
        /// What names the money object: a statement's line, a receipt.
        reference: String,
        /// How it was paid.
        method: Option<PaymentMethod>,
    },
    /// What is still open has come, in the order's currency.
    PayOpen,
    /// Money is owed to the customer from now on.
    Refund {
        /// How much, above zero; none means all that was received and is neither back nor owed.
        amount: Option<Amount>,
        /// Why.
        reason: Option<String>,
        /// Which units it is for.
        lines: Option<Vec<LineQuantity>>,
    },
    /// What it says is to be different.
    Edit(Box<EditBody>),
    /// It becomes two orders.
    Split {
        /// Which units go, by where they stand.
        by: Option<SplitBy>,
        /// Of which warehouse, by `warehouse`.
        warehouse: Option<String>,
        /// Which units go, by hand.
        lines: Option<Vec<LineQuantity>>,
        /// The part's own wished day.
        requested_date: Option<String>,
        /// Who looks after the part.
        responsible: Option<String>,
        /// Why.
        reason: Option<String>,
    },
    /// A person has something to do.
    Task(TaskBody),
    /// A task is done.
    Done {
        /// Its key.
        task: String,
        /// For people.
        note: Option<String>,
    },
    /// The customer was called.
    Contact(ContactBody),
    /// Money went back to the customer.
    RefundDone {
        /// What names the transfer.
        reference: String,
        /// How much, above zero; none means all that is owed.
        amount: Option<Amount>,
    },
}

impl CommandBody {
    /// What is noted with it, for the house.
    #[must_use]
    pub fn note(&self) -> Option<&str> {
        match self {
            Self::Cancel { note, .. }
            | Self::Confirm { note }
            | Self::Approve { note }
            | Self::Pack { note }
            | Self::Complete { note }
            | Self::Progress { note, .. }
            | Self::Archive { note }
            | Self::Done { note, .. } => note.as_deref(),
            Self::Task(body) => body.note.as_deref(),
            Self::Contact(body) => body.note.as_deref(),
            Self::Reject { .. }
            | Self::Hold { .. }
            | Self::Release { .. }
            | Self::Assign { .. }
            | Self::Comment { .. }
            | Self::Pick { .. }
            | Self::Ship { .. }
            | Self::Deliver { .. }
            | Self::Return { .. }
            | Self::Pay { .. }
            | Self::PayOpen
            | Self::Refund { .. }
            | Self::RefundDone { .. }
            | Self::Edit(_)
            | Self::Split { .. } => None,
        }
    }
}

/// Reads the body of a command; amounts are in the order's currency. `null` is `{}`.
///
/// # Errors
/// Everything that is wrong with it; `unknown_command` for a command that has no body here.
pub fn parse_command(
    kind: &str,
    body: &Value,
    currency: Currency,
) -> Result<CommandBody, Vec<Problem>> {
    let report = Report::default();
    let empty = Value::Object(Map::new());
    let body = if body.is_null() { &empty } else { body };
    let body = reader::root(body, &report);
    let command = match kind {
        "cancel" => cancel(&body),
        "confirm" => note(&body).map(|note| CommandBody::Confirm { note }),
        "approve" => note(&body).map(|note| CommandBody::Approve { note }),
        "pack" => note(&body).map(|note| CommandBody::Pack { note }),
        "complete" => note(&body).map(|note| CommandBody::Complete { note }),
        "archive" => note(&body).map(|note| CommandBody::Archive { note }),
        "reject" => reject(&body),
        "hold" => named(&body).map(|(name, reason)| CommandBody::Hold { name, reason }),
        "release" => named(&body).map(|(name, reason)| CommandBody::Release { name, reason }),
        "assign" => assign(&body),
        "comment" => comment(&body),
        "pick" => pick(&body),
        "progress" => progress(&body),
        "ship" => ship(&body),
        "deliver" => deliver(&body, currency),
        "return" => give_back(&body),
        "pay" => pay(&body),
        "edit" => edit::edit(&body, currency),
        "split" => split(&body),
        "refund" => refund(&body, currency),
        "task" => desk::task(&body).map(CommandBody::Task),
        "done" => desk::done(&body),
        "contact" => desk::contact(&body).map(CommandBody::Contact),
        _ => {
            body.refuse("unknown_command", "There is no such command.");
            None
        }
    };
    report.finish(command)
}

fn cancel(body: &Field<'_, '_>) -> Option<CommandBody> {
    let body = body.object(&["reason", "note", "lines"])?;
    Some(CommandBody::Cancel {
        reason: reason(&body),
        note: body.field("note").long_text(NOTE_CHARACTERS_MAX),
        lines: lines(&body.field("lines"), &["line", "quantity"], line_quantity),
    })
}

fn note(body: &Field<'_, '_>) -> Option<Option<String>> {
    body.object(&["note"]).map(|body| body.field("note").long_text(NOTE_CHARACTERS_MAX))
}

fn reason(body: &Object<'_, '_>) -> Option<String> {
    body.field("reason").text(SENTENCE_CHARACTERS_MAX)
}

fn reject(body: &Field<'_, '_>) -> Option<CommandBody> {
    let body = body.object(&["reason"])?;
    let reason = body.field("reason").required("write why, for the customer and for us.");
    Some(CommandBody::Reject { reason: reason.text(SENTENCE_CHARACTERS_MAX)? })
}

fn named(body: &Field<'_, '_>) -> Option<(String, Option<String>)> {
    let body = body.object(&["name", "reason"])?;
    let name = body.field("name").required("write the name the hold is lifted by.").code();
    let reason = reason(&body);
    Some((name?, reason))
}

fn assign(body: &Field<'_, '_>) -> Option<CommandBody> {
    let body = body.object(&["user"])?;
    let user = body.field("user").required("write the user's id.").code();
    Some(CommandBody::Assign { user: user? })
}

fn comment(body: &Field<'_, '_>) -> Option<CommandBody> {
    let body = body.object(&["text", "visibility"])?;
    let text = body.field("text").required("write the comment.").long_text(NOTE_CHARACTERS_MAX);
    let visibility = body.field("visibility").choice();
    // What nobody said is for the customer is not shown to the customer.
    Some(CommandBody::Comment {
        text: text?,
        visibility: visibility.unwrap_or(Visibility::Internal),
    })
}

fn pick(body: &Field<'_, '_>) -> Option<CommandBody> {
    let body = body.object(&["lines", "short"])?;
    let known = ["line", "quantity", "reason", "sku", "defect", "substitute"];
    let short = lines(&body.field("short"), &known, |line| {
        let number = line_number(line);
        let quantity = line.field("quantity").required("write how many are missing.").quantity();
        let reason = reason(line);
        let sku = line.field("sku").sku();
        let defect = line.field("defect").text(SENTENCE_CHARACTERS_MAX);
        let substitute = line.field("substitute").sku();
        Some(ShortLine { line: number?, quantity: quantity?, reason, sku, defect, substitute })
    });
    Some(CommandBody::Pick {
        lines: lines(&body.field("lines"), &["line", "quantity"], line_quantity),
        short: short.unwrap_or_default(),
    })
}

fn progress(body: &Field<'_, '_>) -> Option<CommandBody> {
    let body = body.object(&["step", "lines", "note"])?;
    Some(CommandBody::Progress {
        step: body.field("step").code(),
        lines: lines(&body.field("lines"), &["line", "done"], |line| {
            let number = line_number(line);
            let done = line.field("done").quantity_or_zero();
            Some(LineProgress { line: number?, done })
        }),
        note: body.field("note").long_text(NOTE_CHARACTERS_MAX),
    })
}

fn ship(body: &Field<'_, '_>) -> Option<CommandBody> {
    let body = body.object(&["carrier", "tracking", "lines", "expected_at"])?;
    Some(CommandBody::Ship {
        carrier: body.field("carrier").text(NAME_CHARACTERS_MAX),
        tracking: body.field("tracking").text(REFERENCE_CHARACTERS_MAX),
        lines: lines(&body.field("lines"), &["line", "quantity"], line_quantity),
        expected_at: body.field("expected_at").moment(),
    })
}

fn deliver(body: &Field<'_, '_>, currency: Currency) -> Option<CommandBody> {
    let body = body.object(&["shipment", "collected"])?;
    let shipment = body.field("shipment").whole(1, SHIPMENT_MAX);
    let collected = body.field("collected").object(&["amount", "method"]).and_then(|collected| {
        let amount = positive(&collected, currency);
        let method = collected.field("method").choice();
        Some(Collected { amount: amount?, method })
    });
    Some(CommandBody::Deliver { shipment, collected })
}

fn give_back(body: &Field<'_, '_>) -> Option<CommandBody> {
    let body = body.object(&["lines", "reason", "refused_at_door"])?;
    let known = ["line", "quantity", "condition", "warehouse"];
    // The same line may stand twice here: one unit is as new, another is broken.
    let lines = listed(&body.field("lines"), &known, |line| {
        let number = line_number(line);
        let quantity = line.field("quantity").quantity();
        let condition = line.field("condition").required("write `restock` or `scrap`.").choice();
        let warehouse = line.field("warehouse").warehouse();
        Some(ReturnLine { line: number?, quantity, condition: condition?, warehouse })
    });
    Some(CommandBody::Return {
        lines,
        reason: reason(&body),
        refused_at_door: body.field("refused_at_door").flag().unwrap_or(false),
    })
}

fn pay(body: &Field<'_, '_>) -> Option<CommandBody> {
    if body.value().and_then(Value::as_object).is_none_or(Map::is_empty) {
        return body.object(&[]).map(|_| CommandBody::PayOpen);
    }
    let body = body.object(&["amount", "currency", "reference", "method"])?;
    let currency = body.field("currency").required("write it like \"EUR\".").currency();
    let amount = amount(&body).amount(currency, Zero::Refused);
    let reference = reference(&body.field("reference").required("write what names the payment."));
    let method = body.field("method").choice();
    Some(CommandBody::Pay { amount: amount?, currency: currency?, reference: reference?, method })
}

fn refund(body: &Field<'_, '_>, currency: Currency) -> Option<CommandBody> {
    let body = body.object(&["amount", "reason", "lines", "reference"])?;
    let amount = body.field("amount").amount(Some(currency), Zero::Refused);
    let reason = reason(&body);
    let of_lines = body.field("lines");
    let lines = lines(&of_lines, &["line", "quantity"], line_quantity);
    if !body.field("reference").is_present() {
        if of_lines.is_present() {
            // What lines are worth after discounts and fees is for a person to say.
            let _ = body.field("amount").required("write how much goes back for these lines.");
        }
        return Some(CommandBody::Refund { amount, reason, lines });
    }
    let reference = reference(&body.field("reference").required("write what names the transfer."));
    if of_lines.is_present() {
        of_lines.refuse(
            "not_together",
            "A refund with `reference` is done already: leave out one of both.",
        );
    }
    Some(CommandBody::RefundDone { reference: reference?, amount })
}

fn split(body: &Field<'_, '_>) -> Option<CommandBody> {
    let known = ["by", "warehouse", "lines", "requested_date", "responsible", "reason"];
    let body = body.object(&known)?;
    Some(CommandBody::Split {
        by: body.field("by").choice(),
        warehouse: body.field("warehouse").warehouse(),
        lines: lines(&body.field("lines"), &["line", "quantity"], line_quantity),
        requested_date: body.field("requested_date").date().map(|date| date.to_string()),
        responsible: body.field("responsible").code(),
        reason: reason(&body),
    })
}

fn amount<'v, 'r>(body: &Object<'v, 'r>) -> Field<'v, 'r> {
    body.field("amount").required("write how much, like \"12.50\".")
}

fn positive(body: &Object<'_, '_>, currency: Currency) -> Option<Amount> {
    amount(body).amount(Some(currency), Zero::Refused)
}

fn reference(field: &Field<'_, '_>) -> Option<String> {
    field.text(REFERENCE_CHARACTERS_MAX)
}

fn line_number(line: &Object<'_, '_>) -> Option<u32> {
    line.field("line").required("write the line's number.").whole(1, LINE_NUMBER_MAX)
}

fn line_quantity(line: &Object<'_, '_>) -> Option<LineQuantity> {
    let number = line_number(line);
    let quantity = line.field("quantity").quantity();
    Some(LineQuantity { line: number?, quantity })
}

/// Lines of a command; none where they are left out. An empty list asks for nothing, which is
/// never meant.
fn listed<T>(
    field: &Field<'_, '_>,
    known: &[&str],
    mut read: impl FnMut(&Object<'_, '_>) -> Option<T>,
) -> Option<Vec<T>> {
    let elements = field.value()?;
    if elements.as_array().is_some_and(Vec::is_empty) {
        let detail = "There is no line: leave this field out, or write what is meant.";
        field.refuse("lines_empty", detail);
    }
    let read = |line: Field<'_, '_>| read(&line.required("write a line.").object(known)?);
    Some(field.list(LINES_MAX).into_iter().filter_map(read).collect())
}

/// The same, for lines that may stand only once: twice leaves open what is meant.
fn lines<T>(
    field: &Field<'_, '_>,
    known: &[&str],
    read: impl Fn(&Object<'_, '_>) -> Option<T>,
) -> Option<Vec<T>> {
    let mut seen = BTreeSet::new();
    listed(field, known, |line| {
        let number = line.field("line").value().and_then(Value::as_i64);
        if number.is_some_and(|number| !seen.insert(number)) {
            let detail = "This line stands twice: write it once, with the sum.";
            line.field("line").refuse("duplicate_line", detail);
        }
        read(line)
    })
}
