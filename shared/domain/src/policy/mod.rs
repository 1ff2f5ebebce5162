//! Lifecycle policies: which statuses there are, what moves an order between them, how long it
//! may stay (`spec/policy.md`). A policy is data; the words it is made of are the closed enums
//! here, and their meaning is [`crate::decide`].
//!
//! [`load`] reads the file, [`check`] refuses what could not work, [`presets`] are the ones that
//! come along, [`grid`] prints a policy's status × command table, [`diff`] says what two say
//! differently, [`replay`] what would have become of real orders under another.

pub mod check;
pub mod diff;
pub mod grid;
pub mod load;
pub mod presets;
pub mod replay;

use crate::intake::command::SplitBy;
use crate::money::Amount;
use crate::order::question::Silence;
use crate::order::{DeliveryMethod, PaymentMethod, Recipient, TermsKind};
use crate::time::Seconds;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// The stable name of a status, like `awaiting_payment`.
#[derive(
    Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(transparent)]
pub struct StatusKey(String);

impl StatusKey {
    /// The status of that name.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StatusKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an order in a status is about.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// Taken in, not yet looked at.
    Intake,
    /// A person looks at it.
    Review,
    /// Stock is looked for.
    Supply,
    /// Money is waited for.
    Payment,
    /// Goods are made ready and travel.
    Fulfilment,
    /// Nothing more happens by itself.
    Closed,
}

/// The automatic step that runs when an order comes to rest in a status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Looks for everything that can be known to be wrong.
    Validate,
    /// Looks for stock.
    Reserve,
    /// Waits until stock comes in; run again, it looks whether some is there.
    AwaitStock,
}

/// How a step can end. Each has its place in the status' `then`.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum StepOutcome {
    /// Nothing is wrong; all or some stock is held (`validate`, `reserve`, `await_stock`).
    Ok,
    /// A person must look (`validate`).
    Review,
    /// The policy refuses it (`validate`).
    Refused,
    /// There is no stock, or not all that must leave together (`reserve`).
    Backordered,
}

/// What a person, a partner or the system can ask of an order.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum CommandKind {
    /// The system's own: goes on as soon as the guards hold.
    Advance,
    /// Nobody wants it any more.
    Cancel,
    /// A person says that it goes on.
    Confirm,
    /// A person overrides a review, or agrees.
    Approve,
    /// A person refuses it.
    Reject,
    /// Goods are laid into boxes.
    Pick,
    /// Boxes are closed.
    Pack,
    /// A shipment leaves.
    Ship,
    /// A shipment is handed over.
    Deliver,
    /// It comes to its good end.
    Complete,
    /// Goods come back.
    Return,
    /// It is put away for good.
    Archive,
    /// Lines, dates or terms are changed.
    Edit,
    /// It becomes two orders.
    Split,
    /// Some of it is made, as far as a step of its production.
    Progress,
}

/// Commands that need no move: they are about the order, not about where it stands, and are
/// mechanics that no policy can switch off.
pub const STATUSLESS_COMMANDS: [&str; 6] =
    ["hold", "release", "assign", "comment", "pay", "refund"];

/// As whom somebody acts.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Debug,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// The customer, or the shop that acts for them.
    Customer,
    /// A partner by API.
    Partner,
    /// A person in the seller's house.
    Manager,
    /// A person who plans production.
    Planner,
    /// Ordermill itself.
    System,
    /// A person who may do anything a manager or planner may.
    Admin,
}

/// What must hold for a move. Each has a sentence, used in the refusal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Guard {
    /// The whole total has come, within the tolerance.
    PaidInFull,
    /// At least so many percent of the total have come.
    PrepaymentReceived(u8),
    /// The deposit has come, where one was agreed.
    DepositPaid,
    /// A deposit was agreed, and of the total something is still open.
    BalanceOpen,
    /// The whole total has come, where a deposit was agreed.
    BalancePaid,
    /// Every line holds stock, or has left, or is cancelled.
    StockReserved,
    /// At least one line holds stock.
    SomeStockReserved,
    /// A name, and an e-mail address or a telephone.
    ContactComplete,
    /// The order names its contract.
    ContractNumberPresent,
    /// The order says who pays when.
    PaymentTermsPresent,
    /// Open debt and this order are within the credit limit. Woken by the customer's balance.
    CustomerSolvent,
    /// The customer has said yes to what the order says now.
    ApprovedByCustomer,
    /// Every unit has left or is cancelled.
    EveryLineShipped,
    /// Every shipment has been handed over.
    EveryShipmentDelivered,
    /// Every unit that left has come back.
    EverythingReturned,
    /// Today is not after the wished delivery date.
    WithinDeliveryDate,
    /// The terms are one of these.
    Terms(Vec<TermsKind>),
    /// The payment method is one of these.
    PaymentMethod(Vec<PaymentMethod>),
    /// The delivery method is one of these.
    DeliveryMethod(Vec<DeliveryMethod>),
    /// Every unit still to leave lies in a box.
    EverythingPicked,
}

/// A condition on a rung of a limit: this rung is meant only for some orders.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum When {
    /// The payment method is one of these.
    Method(Vec<PaymentMethod>),
    /// The payment method is none of these, or not known.
    NotMethod(Vec<PaymentMethod>),
    /// The terms are one of these.
    Terms(Vec<TermsKind>),
    /// The delivery method is one of these.
    Delivery(Vec<DeliveryMethod>),
}

/// When a person calls the customer before the order is confirmed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CallWhen {
    /// The total is above this: four decimal places of the order's currency.
    TotalAbove(i64),
    /// No name, or neither an e-mail address nor a telephone.
    ContactIncomplete,
    /// Goods of it are not there.
    LinesMissing,
    /// It goes to another town than the one on the invoice.
    DeliveryOutsideHomeCity,
}

/// What happens when a limit runs out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Run the status' step again, every so often until the next rung.
    Redrive,
    /// Tell somebody.
    Notify {
        /// Name of the template.
        template: String,
        /// Who is told.
        to: Recipient,
    },
    /// Work for a person: an exception with this code.
    Task {
        /// The exception's code.
        task: String,
    },
    /// A contact attempt by the contact ladder.
    Call,
    /// It becomes two orders, or more, where it can.
    Split(SplitBy),
    /// The order moves.
    Move {
        /// Where to.
        to: StatusKey,
        /// Reason code of the event.
        reason: Option<String>,
    },
}

/// One rung of a limit's ladder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rung {
    /// How long after the order came to the status.
    pub after: Seconds,
    /// Counted in the working hours of this calendar; elapsed time otherwise.
    pub calendar: Option<String>,
    /// For which orders.
    pub when: Option<When>,
    /// What happens.
    pub outcome: Outcome,
}

/// What happens when an order comes to rest in a status.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trigger {
    /// Tell somebody.
    Notify {
        /// Name of the template.
        template: String,
        /// Who is told.
        to: Recipient,
    },
    /// Tell the client's webhooks.
    Webhook,
    /// Work for a person: an exception with this code.
    Task {
        /// The exception's code.
        task: String,
    },
}

/// One status of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Status {
    /// What people see, by language.
    pub label: BTreeMap<String, String>,
    /// What it is about.
    pub phase: Phase,
    /// The automatic step.
    pub step: Option<Step>,
    /// Where each outcome of the step leads; a status may name itself: the order stays.
    pub then: BTreeMap<StepOutcome, StatusKey>,
    /// The ladder, shortest first.
    pub limit: Vec<Rung>,
    /// What happens when an order comes to rest here.
    pub on_enter: Vec<Trigger>,
}

/// A move from one status to another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Move {
    /// What asks for it.
    pub command: CommandKind,
    /// From where.
    pub from: Vec<StatusKey>,
    /// To where; the status itself where only the facets change.
    pub to: StatusKey,
    /// Who may.
    pub by: Vec<Role>,
    /// What must hold.
    pub guards: Vec<Guard>,
    /// Taken by the system as soon as the guards hold.
    pub auto: bool,
}

/// What happens to money for an order that is already closed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LateMoney {
    /// The order lives again at the old price, if everything can be reserved again.
    Revive,
    /// It goes back.
    Refund,
    /// A person decides.
    Ask,
}

/// What happens when the client's total is not ours.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnTotalMismatch {
    /// A person looks.
    Review,
    /// The order is refused.
    Reject,
}

/// Which edits by the house the customer must agree to first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EditApproval {
    /// Those that say so (`"approval": "customer"`).
    OnRequest,
    /// Those too that make the order dearer.
    PriceRise,
    /// All.
    Always,
}

/// How the customer is asked whether they agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ApprovalRule {
    /// To which edits.
    pub edits: EditApproval,
    /// How long they may take.
    pub deadline: Seconds,
    /// What it means when they say nothing.
    pub silence: Silence,
    /// How long they may take to choose about units that are missing or have a defect.
    pub choice_deadline: Seconds,
}

impl Default for ApprovalRule {
    fn default() -> Self {
        let (edits, silence) = (EditApproval::OnRequest, Silence::Keep);
        let (deadline, choice_deadline) = (Seconds::days(3), Seconds::days(2));
        Self { edits, deadline, silence, choice_deadline }
    }
}

/// Working hours, for limits that count in them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WorkingHours {
    /// IANA time zone.
    pub time_zone: String,
    /// Working weekdays, Monday first.
    pub weekdays: [bool; 7],
    /// First minute of the working day, counted from midnight.
    pub opens_minute: u16,
    /// First minute after the working day.
    pub closes_minute: u16,
    /// Local dates without work, `2026-12-25`.
    pub holidays: Vec<String>,
}

/// A step in which goods are made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProductionStep {
    /// Its stable name.
    pub name: String,
    /// What people see, by language.
    pub label: BTreeMap<String, String>,
    /// How much working time it takes.
    pub takes: Seconds,
    /// In whose working hours; those of the production where nothing is said.
    pub calendar: Option<String>,
    /// Who does it.
    pub department: Option<String>,
}

/// How goods are made: in which steps, and in whose working hours.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Production {
    /// The calendar of every step without its own; a wished day ends at 24:00 in its zone.
    pub calendar: String,
    /// The steps, the first one first; each begins when the one before it ends.
    pub steps: Vec<ProductionStep>,
}

/// A way of working, as data.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its version; the same version never has another content.
    pub version: u32,
    /// Digest of its canonical text.
    pub content_hash: String,
    /// The status of a new order.
    pub initial: StatusKey,
    /// Where an order comes to life again (`late_money = "revive"`): the status it had left, or this.
    pub revive_to: Option<StatusKey>,
    /// The statuses.
    pub statuses: BTreeMap<StatusKey, Status>,
    /// The moves, in the order they are tried.
    pub moves: Vec<Move>,
    /// Working hours by name.
    pub calendars: BTreeMap<String, WorkingHours>,
    /// Money for a closed order.
    pub late_money: LateMoney,
    /// A total that is not ours.
    pub on_total_mismatch: OnTotalMismatch,
    /// By how much the client's total may differ.
    pub total_tolerance: Amount,
    /// So much too little still counts as paid.
    pub underpay_tolerance: Amount,
    /// So much too much is not given back.
    pub overpay_tolerance: Amount,
    /// A customer with more unpaid orders than this: the next goes to review.
    pub open_unpaid_max: u32,
    /// How the customer is asked whether they agree to an edit.
    pub approval: ApprovalRule,
    /// How goods are made; none where nothing is.
    pub production: Option<Production>,
    /// From which statuses an order may be deleted.
    pub deletable_from: Vec<StatusKey>,
    /// Ask for a call before confirming, when one of these holds.
    pub call_when: Vec<CallWhen>,
}

impl Policy {
    /// The status of that name.
    #[must_use]
    pub fn status(&self, key: &StatusKey) -> Option<&Status> {
        self.statuses.get(key)
    }

    /// The phase of that status; an unknown one counts as review, so that a person sees it.
    #[must_use]
    pub fn phase(&self, key: &StatusKey) -> Phase {
        self.status(key).map_or(Phase::Review, |status| status.phase)
    }

    /// The move that this command makes from this status, for this role.
    #[must_use]
    pub fn find_move(&self, command: CommandKind, from: &StatusKey, role: Role) -> Option<&Move> {
        self.moves
            .iter()
            .find(|m| m.command == command && m.from.contains(from) && role.is_one_of(&m.by))
    }

    /// Whether it waits for deposits anywhere.
    #[must_use]
    pub fn takes_deposits(&self) -> bool {
        self.moves.iter().any(|m| m.guards.contains(&Guard::DepositPaid))
    }

    /// The moves the system takes from this status as soon as their guards hold, in order.
    pub fn auto_moves<'a>(&'a self, from: &'a StatusKey) -> impl Iterator<Item = &'a Move> {
        self.moves.iter().filter(move |m| m.auto && m.from.contains(from))
    }
}

impl Role {
    /// Whether this role is among those who may; an admin may what a manager or planner may.
    #[must_use]
    pub fn is_one_of(self, roles: &[Self]) -> bool {
        roles.contains(&self)
            || (self == Self::Admin
                && (roles.contains(&Self::Manager) || roles.contains(&Self::Planner)))
    }
}

impl Guard {
    /// The sentence used when it does not hold.
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::PaidInFull => "The order is not paid in full.".to_owned(),
            Self::PrepaymentReceived(percent) => {
                format!("Less than {percent} % of the total has been paid.")
            }
            Self::DepositPaid => "The deposit has not been paid.".to_owned(),
            Self::BalanceOpen => "No balance is open.".to_owned(),
            Self::BalancePaid => {
                "The balance that follows the deposit has not been paid.".to_owned()
            }
            Self::StockReserved => "Not every line has its stock.".to_owned(),
            Self::SomeStockReserved => "No line has stock.".to_owned(),
            Self::ContactComplete => {
                "The customer's name, and an e-mail address or telephone, are needed.".to_owned()
            }
            Self::ContractNumberPresent => "The order has no contract number.".to_owned(),
            Self::PaymentTermsPresent => "The order has no payment terms.".to_owned(),
            Self::CustomerSolvent => {
                "The customer's open debt and this order exceed the credit limit.".to_owned()
            }
            Self::ApprovedByCustomer => "The customer has not agreed to it.".to_owned(),
            Self::EveryLineShipped => "Not every line has been shipped or cancelled.".to_owned(),
            Self::EveryShipmentDelivered => "Not every shipment has been delivered.".to_owned(),
            Self::EverythingReturned => "Not everything has been returned.".to_owned(),
            Self::WithinDeliveryDate => "The wished delivery date has passed.".to_owned(),
            Self::Terms(_) => "The payment terms do not allow it.".to_owned(),
            Self::PaymentMethod(_) => "The payment method does not allow it.".to_owned(),
            Self::DeliveryMethod(_) => "The delivery method does not allow it.".to_owned(),
            Self::EverythingPicked => "Not everything has been picked.".to_owned(),
        }
    }
}
