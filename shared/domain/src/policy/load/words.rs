//! The words a policy file is written in: each closed enum with its names, and the forms with
//! brackets, `terms(prepaid)` and `method(card, paypal)`.
//!
//! Neighbours: `suggest.rs` answers a misspelt word; `format.rs` tells the same words to editors.

use super::suggest;
use crate::intake::command::SplitBy;
use crate::order::question::Silence;
use crate::order::{DeliveryMethod, PaymentMethod, Recipient, TermsKind};
use crate::policy::{
    CallWhen, CommandKind, EditApproval, Guard, LateMoney, OnTotalMismatch, Phase, Role, Step,
    StepOutcome, When,
};
use std::fmt;

/// A closed enum whose variants have names in a policy file.
pub trait Word: Copy + PartialEq + 'static {
    /// What one of them is called in a message.
    const NOUN: &'static str;
    /// All of them, in the order of the enum.
    const ALL: &'static [Self];

    /// The name in a policy file.
    fn name(self) -> &'static str;

    /// The one of that name.
    #[must_use]
    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|word| word.name() == name)
    }

    /// All names.
    #[must_use]
    fn names() -> Vec<&'static str> {
        Self::ALL.iter().map(|word| word.name()).collect()
    }
}

/// One list gives `ALL` and an exhaustive `name`, so that neither can miss a variant.
macro_rules! words {
    ($type:ident, $noun:literal, { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl Word for $type {
            const NOUN: &'static str = $noun;
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }
    };
}

words!(Phase, "phase", {
    Intake => "intake",
    Review => "review",
    Supply => "supply",
    Payment => "payment",
    Fulfilment => "fulfilment",
    Closed => "closed",
});

words!(Step, "step", {
    Validate => "validate",
    Reserve => "reserve",
    AwaitStock => "await_stock",
});

words!(StepOutcome, "outcome of a step", {
    Ok => "ok",
    Review => "review",
    Refused => "refused",
    Backordered => "backordered",
});

words!(CommandKind, "command", {
    Advance => "advance",
    Cancel => "cancel",
    Confirm => "confirm",
    Approve => "approve",
    Reject => "reject",
    Pick => "pick",
    Pack => "pack",
    Ship => "ship",
    Deliver => "deliver",
    Complete => "complete",
    Return => "return",
    Archive => "archive",
    Edit => "edit",
    Split => "split",
    Progress => "progress",
});

words!(Role, "role", {
    Customer => "customer",
    Partner => "partner",
    Manager => "manager",
    Planner => "planner",
    System => "system",
    Admin => "admin",
});

words!(Recipient, "recipient", {
    Customer => "customer",
    Staff => "staff",
    Partner => "partner",
});

words!(SplitBy, "way to split", {
    Stock => "stock",
    Warehouse => "warehouse",
});

words!(LateMoney, "answer to late money", {
    Revive => "revive",
    Refund => "refund",
    Ask => "ask",
});

words!(OnTotalMismatch, "answer to another total", {
    Review => "review",
    Reject => "reject",
});

words!(EditApproval, "kind of approval", {
    OnRequest => "on_request",
    PriceRise => "price_rise",
    Always => "always",
});

words!(Silence, "answer to silence", {
    Keep => "keep",
    Cancel => "cancel",
    Ask => "ask",
});

words!(TermsKind, "kind of payment terms", {
    Prepaid => "prepaid",
    Deposit => "deposit",
    AfterConfirmation => "after_confirmation",
    OnDelivery => "on_delivery",
    Invoice => "invoice",
});

words!(PaymentMethod, "payment method", {
    Card => "card",
    BankTransfer => "bank_transfer",
    Paypal => "paypal",
    Cash => "cash",
    Other => "other",
});

words!(DeliveryMethod, "delivery method", {
    Courier => "courier",
    Pickup => "pickup",
    ParcelLocker => "parcel_locker",
    Post => "post",
    Shop => "shop",
});

/// What a rung of a limit does, before its particulars are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Deed {
    /// Run the step again.
    Redrive,
    /// Tell somebody.
    Notify,
    /// Work for a person.
    Task,
    /// A contact attempt.
    Call,
    /// The order moves.
    Move,
    /// It becomes two orders.
    Split,
}

words!(Deed, "outcome of a limit", {
    Redrive => "redrive",
    Notify => "notify",
    Task => "task",
    Call => "call",
    Move => "move",
    Split => "split",
});

/// A day of the week, as calendars name it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Day {
    /// Monday.
    Mon,
    /// Tuesday.
    Tue,
    /// Wednesday.
    Wed,
    /// Thursday.
    Thu,
    /// Friday.
    Fri,
    /// Saturday.
    Sat,
    /// Sunday.
    Sun,
}

words!(Day, "weekday", {
    Mon => "mon",
    Tue => "tue",
    Wed => "wed",
    Thu => "thu",
    Fri => "fri",
    Sat => "sat",
    Sun => "sun",
});

impl Step {
    /// The ways this step can end; a status' `then` names a place for each.
    #[must_use]
    pub fn outcomes(self) -> &'static [StepOutcome] {
        match self {
            Self::Validate => &[StepOutcome::Ok, StepOutcome::Review, StepOutcome::Refused],
            Self::Reserve => &[StepOutcome::Ok, StepOutcome::Backordered],
            Self::AwaitStock => &[StepOutcome::Ok],
        }
    }
}

/// The guards without particulars.
pub const PLAIN_GUARDS: [&str; 16] = [
    "paid_in_full",
    "deposit_paid",
    "balance_open",
    "balance_paid",
    "stock_reserved",
    "some_stock_reserved",
    "contact_complete",
    "contract_number_present",
    "payment_terms_present",
    "customer_solvent",
    "approved_by_customer",
    "every_line_shipped",
    "every_shipment_delivered",
    "everything_returned",
    "within_delivery_date",
    "everything_picked",
];

/// The guards with particulars, by name and by example.
pub const BRACKET_GUARDS: [(&str, &str); 4] = [
    ("prepayment_received", "prepayment_received(30)"),
    ("terms", "terms(prepaid, invoice)"),
    ("method", "method(card, paypal)"),
    ("delivery", "delivery(pickup, shop)"),
];

/// The conditions of a rung, as examples; `not method(...)` is the fifth.
pub const WHENS: [(&str, &str); 4] = [
    ("method", "method(card, paypal)"),
    ("not method", "not method(card, paypal)"),
    ("terms", "terms(on_delivery)"),
    ("delivery", "delivery(pickup, shop)"),
];

/// The conditions of `call_when`, as examples.
pub const CALL_WHENS: [(&str, &str); 4] = [
    ("total_above", "total_above(300.00)"),
    ("contact_incomplete", "contact_incomplete"),
    ("lines_missing", "lines_missing"),
    ("delivery_outside_home_city", "delivery_outside_home_city"),
];

/// What is wrong with a word, and what to write instead.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wrong {
    /// The mistake, without a full stop.
    pub problem: String,
    /// A sentence.
    pub remedy: String,
}

impl Wrong {
    fn new(problem: String, remedy: String) -> Self {
        Self { problem, remedy }
    }
}

/// Reads a word of a closed list.
///
/// # Errors
/// There is no such word; the remedy names the nearest.
pub fn word<W: Word>(text: &str) -> Result<W, Wrong> {
    W::from_name(text).ok_or_else(|| {
        Wrong::new(
            format!("there is no {} `{}`", W::NOUN, suggest::short(text)),
            suggest::remedy(text, &W::names()),
        )
    })
}

/// `name(first, second)`, or a name alone.
struct Form<'a> {
    name: &'a str,
    particulars: Option<Vec<&'a str>>,
}

impl<'a> Form<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let text = text.trim();
        let Some((name, rest)) = text.split_once('(') else {
            return (!text.contains(')')).then_some(Self { name: text, particulars: None });
        };
        let inside = rest.strip_suffix(')')?;
        if inside.contains(['(', ')']) {
            return None;
        }
        let particulars = if inside.trim().is_empty() {
            Vec::new()
        } else {
            inside.split(',').map(str::trim).collect()
        };
        Some(Self { name: name.trim(), particulars: Some(particulars) })
    }

    /// The particulars as words of one closed list, each once.
    fn words<W: Word>(&self, example: &str) -> Result<Vec<W>, Wrong> {
        let texts = self.particulars.as_deref().unwrap_or_default();
        if texts.is_empty() {
            return Err(Wrong::new(
                format!("`{}` does not say which {}", suggest::short(self.name), W::NOUN),
                format!("Write it like `{example}`, with one or more of {}.", list::<W>()),
            ));
        }
        let mut words = Vec::new();
        for text in texts {
            let word = word::<W>(text)?;
            if words.contains(&word) {
                return Err(Wrong::new(
                    format!("`{}` is named twice", word.name()),
                    "Name it once.".to_owned(),
                ));
            }
            words.push(word);
        }
        Ok(words)
    }
}

fn list<W: Word>() -> String {
    suggest::list(&W::names())
}

fn malformed(text: &str, examples: &[(&str, &str)]) -> Wrong {
    let (_, example) = examples.first().copied().unwrap_or_default();
    Wrong::new(
        format!("`{}` is neither a name nor a name with brackets", suggest::short(text)),
        format!("Write it like `{example}`."),
    )
}

/// Reads a guard, like `paid_in_full` or `terms(prepaid)`.
///
/// # Errors
/// There is no such guard, or its particulars are wrong.
pub fn guard(text: &str) -> Result<Guard, Wrong> {
    let form = Form::read(text).ok_or_else(|| malformed(text, &BRACKET_GUARDS))?;
    let plain = |guard: Guard| match form.particulars {
        None => Ok(guard),
        Some(_) => Err(Wrong::new(
            format!("the guard `{}` takes no brackets", form.name),
            format!("Write `{}`.", form.name),
        )),
    };
    match form.name {
        "paid_in_full" => plain(Guard::PaidInFull),
        "deposit_paid" => plain(Guard::DepositPaid),
        "balance_open" => plain(Guard::BalanceOpen),
        "balance_paid" => plain(Guard::BalancePaid),
        "stock_reserved" => plain(Guard::StockReserved),
        "some_stock_reserved" => plain(Guard::SomeStockReserved),
        "contact_complete" => plain(Guard::ContactComplete),
        "contract_number_present" => plain(Guard::ContractNumberPresent),
        "payment_terms_present" => plain(Guard::PaymentTermsPresent),
        "customer_solvent" => plain(Guard::CustomerSolvent),
        "approved_by_customer" => plain(Guard::ApprovedByCustomer),
        "every_line_shipped" => plain(Guard::EveryLineShipped),
        "every_shipment_delivered" => plain(Guard::EveryShipmentDelivered),
        "everything_returned" => plain(Guard::EverythingReturned),
        "within_delivery_date" => plain(Guard::WithinDeliveryDate),
        "everything_picked" => plain(Guard::EverythingPicked),
        "prepayment_received" => percent(&form).map(Guard::PrepaymentReceived),
        "terms" => form.words("terms(prepaid)").map(Guard::Terms),
        "method" => form.words("method(card, paypal)").map(Guard::PaymentMethod),
        "delivery" => form.words("delivery(pickup, shop)").map(Guard::DeliveryMethod),
        other => {
            let names: Vec<&str> =
                PLAIN_GUARDS.into_iter().chain(BRACKET_GUARDS.map(|(name, _)| name)).collect();
            Err(Wrong::new(
                format!("there is no guard `{}`", suggest::short(other)),
                suggest::remedy(other, &names),
            ))
        }
    }
}

fn percent(form: &Form<'_>) -> Result<u8, Wrong> {
    let text = match form.particulars.as_deref() {
        Some([text]) => *text,
        Some(_) | None => "",
    };
    match text.parse::<u8>() {
        Ok(percent) if (1..=100).contains(&percent) => Ok(percent),
        Ok(_) | Err(_) => Err(Wrong::new(
            "`prepayment_received` needs a percentage".to_owned(),
            "Write a whole number from 1 to 100, like `prepayment_received(30)`.".to_owned(),
        )),
    }
}

/// Reads the condition of a rung, like `method(card, paypal)`.
///
/// # Errors
/// There is no such condition, or its particulars are wrong.
pub fn when(text: &str) -> Result<When, Wrong> {
    let form = Form::read(text).ok_or_else(|| malformed(text, &WHENS))?;
    // Any white space may stand between `not` and `method`.
    let words: Vec<&str> = form.name.split_whitespace().collect();
    match words.as_slice() {
        ["method"] => form.words("method(card, paypal)").map(When::Method),
        ["not", "method"] => form.words("not method(card, paypal)").map(When::NotMethod),
        ["terms"] => form.words("terms(on_delivery)").map(When::Terms),
        ["delivery"] => form.words("delivery(pickup, shop)").map(When::Delivery),
        _ => Err(Wrong::new(
            format!("there is no condition `{}`", suggest::short(form.name)),
            suggest::remedy(form.name, &WHENS.map(|(name, _)| name)),
        )),
    }
}

/// Reads one condition of `call_when`.
///
/// # Errors
/// There is no such condition, or its amount is wrong.
pub fn call_when(text: &str) -> Result<CallWhen, Wrong> {
    let form = Form::read(text).ok_or_else(|| malformed(text, &CALL_WHENS))?;
    let plain = match form.name {
        "contact_incomplete" => CallWhen::ContactIncomplete,
        "lines_missing" => CallWhen::LinesMissing,
        "delivery_outside_home_city" => CallWhen::DeliveryOutsideHomeCity,
        "total_above" => {
            let amount = match form.particulars.as_deref() {
                Some([amount]) => crate::money::parse_decimal(amount, 4).ok(),
                Some(_) | None => None,
            };
            let amount = amount.filter(|amount| *amount >= 0);
            return amount.map(CallWhen::TotalAbove).ok_or_else(|| {
                Wrong::new(
                    "`total_above` needs an amount".to_owned(),
                    "Write it like `total_above(300.00)`.".to_owned(),
                )
            });
        }
        other => {
            return Err(Wrong::new(
                format!("there is no condition `{}`", suggest::short(other)),
                suggest::remedy(other, &CALL_WHENS.map(|(name, _)| name)),
            ));
        }
    };
    if form.particulars.is_some() {
        return Err(Wrong::new(
            format!("the condition `{}` takes no brackets", form.name),
            format!("Write `{}`.", form.name),
        ));
    }
    Ok(plain)
}

impl fmt::Display for CallWhen {
    /// As a policy file writes it, with two places at least.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TotalAbove(above) => {
                let text = crate::money::format_decimal(*above, 4);
                let short = text.strip_suffix("00").unwrap_or(&text);
                write!(f, "total_above({short})")
            }
            Self::ContactIncomplete => f.write_str("contact_incomplete"),
            Self::LinesMissing => f.write_str("lines_missing"),
            Self::DeliveryOutsideHomeCity => f.write_str("delivery_outside_home_city"),
        }
    }
}

/// Names one after the other, as they stand in brackets.
struct Names<'a, W>(&'a [W]);

impl<W: Word> fmt::Display for Names<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, word) in self.0.iter().enumerate() {
            let comma = if position == 0 { "" } else { ", " };
            write!(f, "{comma}{}", word.name())?;
        }
        Ok(())
    }
}

impl fmt::Display for Guard {
    /// As a policy file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PaidInFull => f.write_str("paid_in_full"),
            Self::PrepaymentReceived(percent) => write!(f, "prepayment_received({percent})"),
            Self::DepositPaid => f.write_str("deposit_paid"),
            Self::BalanceOpen => f.write_str("balance_open"),
            Self::BalancePaid => f.write_str("balance_paid"),
            Self::StockReserved => f.write_str("stock_reserved"),
            Self::SomeStockReserved => f.write_str("some_stock_reserved"),
            Self::ContactComplete => f.write_str("contact_complete"),
            Self::ContractNumberPresent => f.write_str("contract_number_present"),
            Self::PaymentTermsPresent => f.write_str("payment_terms_present"),
            Self::CustomerSolvent => f.write_str("customer_solvent"),
            Self::ApprovedByCustomer => f.write_str("approved_by_customer"),
            Self::EveryLineShipped => f.write_str("every_line_shipped"),
            Self::EveryShipmentDelivered => f.write_str("every_shipment_delivered"),
            Self::EverythingReturned => f.write_str("everything_returned"),
            Self::WithinDeliveryDate => f.write_str("within_delivery_date"),
            Self::Terms(terms) => write!(f, "terms({})", Names(terms)),
            Self::PaymentMethod(methods) => write!(f, "method({})", Names(methods)),
            Self::DeliveryMethod(methods) => write!(f, "delivery({})", Names(methods)),
            Self::EverythingPicked => f.write_str("everything_picked"),
        }
    }
}

impl fmt::Display for When {
    /// As a policy file writes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method(methods) => write!(f, "method({})", Names(methods)),
            Self::NotMethod(methods) => write!(f, "not method({})", Names(methods)),
            Self::Terms(terms) => write!(f, "terms({})", Names(terms)),
            Self::Delivery(methods) => write!(f, "delivery({})", Names(methods)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Serialize;

    fn names_agree_with_serde<W: Word + Serialize + fmt::Debug>() {
        for word in W::ALL {
            let json = serde_json::to_value(word).unwrap();
            assert_eq!(json, serde_json::Value::from(word.name()), "{word:?}");
        }
    }

    #[test]
    fn a_word_has_the_same_name_in_a_policy_file_and_in_json() {
        names_agree_with_serde::<Phase>();
        names_agree_with_serde::<Step>();
        names_agree_with_serde::<StepOutcome>();
        names_agree_with_serde::<CommandKind>();
        names_agree_with_serde::<Role>();
        names_agree_with_serde::<Recipient>();
        names_agree_with_serde::<LateMoney>();
        names_agree_with_serde::<OnTotalMismatch>();
        names_agree_with_serde::<TermsKind>();
        names_agree_with_serde::<PaymentMethod>();
        names_agree_with_serde::<DeliveryMethod>();
    }

    #[test]
    fn a_guard_prints_as_it_is_read() {
        let brackets = BRACKET_GUARDS.map(|(_, example)| example);
        for text in PLAIN_GUARDS.into_iter().chain(brackets) {
            assert_eq!(guard(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_condition_prints_as_it_is_read_whatever_its_spaces() {
        for (_, text) in WHENS {
            assert_eq!(when(text).unwrap().to_string(), text);
        }
        assert_eq!(when(" not  method ( card,paypal ) "), when("not method(card, paypal)"));
        for (_, text) in CALL_WHENS {
            assert_eq!(call_when(text).unwrap().to_string(), text);
        }
    }
}
