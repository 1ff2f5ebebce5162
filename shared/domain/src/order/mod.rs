//! The order as it stands: header, lines, money, obligations. What changes it is
//! [`crate::decide`]; how it is stored is the table crate's business.
//!
//! Neighbours: [`line`] (the stock facet), [`money`] (the payment facet), [`event`] (what
//! happened), [`placed`] (what the customer said, and the only part with personal data),
//! [`terms`] (who pays when), [`question`] (what the customer is asked), [`desk`] (what people have to
//! do).

pub mod desk;
pub mod event;
pub mod line;
pub mod money;
pub mod placed;
pub mod question;
pub mod shares;
pub mod terms;

pub use desk::Desk;
pub use event::{Actor, ActorKind, Event, EventKind, Recipient, Todo};
pub use line::{Allocation, BundlePart, Freed, Line, LineDetail, Piece};
pub use money::{Attempt, Ledger, Payment, PaymentFacet};
pub use placed::Placed;
pub use question::{Answered, Question};
pub use terms::{Terms, TermsKind};

use crate::money::{Amount, Currency, Rate};
use crate::policy::{Phase, StatusKey};
use crate::price::{TaxRounding, Totals};
use crate::quantity::Quantity;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How many past events the order itself carries, so that `repair` can publish what was missed.
pub const RECENT_EVENTS_MAX: usize = 8;
/// How many past commands the order remembers, so that a repeat gets the same answer.
pub const RECENT_COMMANDS_MAX: usize = 32;

/// Where an order came from.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A webshop's checkout.
    Webshop,
    /// A partner by API.
    Partner,
    /// A person in the seller's house.
    Manager,
    /// A spreadsheet.
    Import,
    /// A subscription's occurrence.
    Recurring,
}

/// With what it is paid.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PaymentMethod {
    /// A card.
    Card,
    /// A transfer between accounts.
    BankTransfer,
    /// `PayPal`.
    Paypal,
    /// Notes and coins.
    Cash,
    /// Anything else.
    Other,
}

/// How the goods reach the customer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryMethod {
    /// To the door.
    Courier,
    /// Fetched from the warehouse.
    Pickup,
    /// To a locker or a pick-up point of a carrier.
    ParcelLocker,
    /// By post.
    Post,
    /// Fetched from a shop.
    Shop,
}

impl DeliveryMethod {
    /// Whether the customer comes for the goods, so that nothing leaves with a carrier.
    #[must_use]
    pub fn is_fetched(self) -> bool {
        match self {
            Self::Pickup | Self::Shop => true,
            Self::Courier | Self::ParcelLocker | Self::Post => false,
        }
    }

    /// Whether it cannot be done without an address.
    #[must_use]
    pub fn needs_address(self) -> bool {
        match self {
            Self::Courier | Self::Post => true,
            Self::Pickup | Self::ParcelLocker | Self::Shop => false,
        }
    }
}

/// The policy an order was taken in under; it keeps this version.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PolicyRef {
    /// The policy's name.
    pub name: String,
    /// Its version.
    pub version: u32,
}

/// Something validation found (`spec/domain.md`, "Review").
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Reason {
    /// Stable code, like `unknown_sku`.
    pub code: String,
    /// JSON pointer into the order, where one field is meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    /// A sentence for people. Holds no personal data.
    pub detail: String,
    /// What would mend it, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

/// A named stop. Automatic moves wait until it is lifted; it has its own limit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hold {
    /// The name it is lifted by.
    pub name: String,
    /// The line it is about, or the whole order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// When a person is reminded of it next.
    pub due_at: Timestamp,
    /// The units of the line about which the customer has yet to choose, asked or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units: Vec<question::Item>,
}

/// Something that needs a person, with a deadline for the next reminder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Exception {
    /// Reason code (`docs/exceptions`).
    pub code: String,
    /// What it is about: a payment's reference, a SKU, a limit's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<String>,
    /// A sentence for people. Holds no personal data.
    pub detail: String,
    /// Since when.
    pub since: Timestamp,
    /// When a person is reminded of it next.
    pub due_at: Timestamp,
}

/// Which subscription made this order, for which of its dates.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SubscriptionRef {
    /// The subscription.
    pub id: String,
    /// The local date the rule gave.
    pub occurrence: String,
}

/// How an order belongs to others that it was split from or into.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Parts {
    /// The order it was split off from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// The orders that were split off from it, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub into: Vec<String>,
}

/// Units of a line that left from one warehouse.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ShipmentLine {
    /// Line number.
    pub line: u32,
    /// Where from.
    pub warehouse: String,
    /// How many.
    pub quantity: Quantity,
}

/// A part of the order that left together.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shipment {
    /// 1, 2, 3 …
    pub number: u32,
    /// Carrier's name; none where the customer fetches it.
    pub carrier: Option<String>,
    /// Tracking number.
    pub tracking: Option<String>,
    /// What was in it.
    pub lines: Vec<ShipmentLine>,
    /// When it left.
    pub shipped_at: Timestamp,
    /// When the carrier expects to hand it over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected_at: Option<Timestamp>,
    /// When it was handed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<Timestamp>,
    /// What the customer was told of its arrival.
    #[serde(default, skip_serializing_if = "ArrivalTold::is_nothing")]
    pub told: ArrivalTold,
}

/// What the customer was told of a shipment's arrival, each step once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArrivalTold {
    /// Nothing yet.
    #[default]
    Nothing,
    /// That the courier is near.
    Near,
    /// That it takes longer.
    Late,
}

impl ArrivalTold {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
    fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

/// How much has left the house.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fulfilment {
    /// Nothing.
    None,
    /// Some.
    Partial,
    /// Everything that is not cancelled.
    Full,
}

/// Stock work that needs several transactions (`DESIGN.md`, "Large orders").
///
/// While it is there, the order waits for nothing else that touches stock.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "work", rename_all = "snake_case")]
pub enum StockWork {
    /// Lines before `next_line` (an index) are reserved or known to wait.
    Reserving {
        /// Index of the first line not dealt with.
        next_line: usize,
        /// When the work is taken up again if nobody does.
        due_at: Timestamp,
    },
    /// Lines before `next_line` hold nothing any more.
    Releasing {
        /// Index of the first line not dealt with.
        next_line: usize,
        /// Where the order goes when the last is released.
        then: Then,
        /// When the work is taken up again if nobody does.
        due_at: Timestamp,
    },
    /// Units of the shipment leave line by line.
    Shipping {
        /// Index into the shipment's lines of the first one that has not left.
        next_line: usize,
        /// Which shipment.
        shipment: u32,
        /// When the work is taken up again if nobody does.
        due_at: Timestamp,
    },
}

impl StockWork {
    /// When the work is taken up again if nobody does.
    #[must_use]
    pub fn due_at(&self) -> Timestamp {
        match self {
            Self::Reserving { due_at, .. }
            | Self::Releasing { due_at, .. }
            | Self::Shipping { due_at, .. } => *due_at,
        }
    }
}

/// What follows a release in pages.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "then", rename_all = "snake_case")]
pub enum Then {
    /// The order moves to this status (a closed one) for this reason.
    Move {
        /// What that is called in the history.
        kind: EventKind,
        /// The status.
        to: StatusKey,
        /// Why.
        reason: Option<String>,
    },
    /// The reservation is tried again from the start (`ship_together` that came up short).
    Retry,
}

/// The turn of a customer for whom nobody has set another.
pub const PRIORITY_DEFAULT: u16 = 100;

/// A command the order has carried out, so that its repeat gets the same answer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DoneCommand {
    /// The first 16 characters of the digest of (client, key).
    pub key: String,
    /// The first 16 characters of the digest of (command, body).
    pub body: String,
    /// The version it led to.
    pub version: u64,
}

/// When an invoice is due.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NetTerms {
    /// Days from shipment.
    pub days: u16,
    /// And then to the end of that month.
    #[serde(default)]
    pub end_of_month: bool,
}

/// An order as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Order {
    /// Row id, from (client, key).
    pub id: String,
    /// The number people read out.
    pub number: String,
    /// The client's own number.
    pub external_id: Option<String>,
    /// Who sent it.
    pub client: String,
    /// Digest of the body it was made from.
    pub body_hash: String,
    /// The customer's card.
    pub customer_id: String,
    /// Grows by one with each event.
    pub version: u64,
    /// The lifecycle it follows.
    pub policy: PolicyRef,
    /// Where it stands.
    pub status: StatusKey,
    /// The phase of that status.
    pub phase: Phase,
    /// Since when.
    pub status_since: Timestamp,
    /// How many rungs of the status' limit are behind it.
    pub rung: u32,
    /// When the status' step is asked for again (a back-off that is no event).
    pub redrive_at: Option<Timestamp>,
    /// Where it came from.
    pub channel: Channel,
    /// The currency of every amount in it.
    pub currency: Currency,
    /// Whether prices contain the tax.
    pub prices_include_tax: bool,
    /// The client may set prices: they are not checked against the catalogue's.
    pub prices_trusted: bool,
    /// Everything leaves at once, or waits.
    pub ship_together: bool,
    /// Who pays when.
    pub terms: Option<Terms>,
    /// With what.
    pub method: Option<PaymentMethod>,
    /// How it travels.
    pub delivery_method: Option<DeliveryMethod>,
    /// Where to, as ISO 3166 country; for sourcing and tax.
    pub country: Option<String>,
    /// Its turn among those who wait: lower first, then the older order.
    pub priority: u16,
    /// The group of customers it belongs to, for whom stock may be kept.
    pub demand_class: Option<String>,
    /// The highest number of a line that is not there any more: a number is never given to two lines.
    pub last_line: u32,
    /// How often its automatic step was asked for again; the relay sends when it grows.
    pub redrives: u32,
    /// References of payments the client announced.
    pub references: Vec<String>,
    /// The total the client reckoned, where it said one.
    pub stated_total: Option<Amount>,
    /// Where its tax is rounded; as the settings said when it was taken in.
    pub tax_rounding: TaxRounding,
    /// The price list that applies to it.
    pub price_list: Option<String>,
    /// When its invoice is due, where that was agreed with the customer.
    pub net_terms: Option<NetTerms>,
    /// An order of the ten minutes before that is its like.
    pub duplicate_of: Option<String>,
    /// What it has taken of its customer's credit.
    pub credit_taken: Amount,
    /// Our reckoning.
    pub totals: Totals,
    /// What is wanted, with the stock facet of each line.
    pub lines: Vec<Line>,
    /// What the customer said. The only personal data of an order.
    pub placed: Placed,
    /// What validation found and nobody has overridden.
    pub reasons: Vec<Reason>,
    /// Reasons that a person has overridden.
    pub overridden: Vec<String>,
    /// Named stops.
    pub holds: Vec<Hold>,
    /// What needs a person.
    pub exceptions: Vec<Exception>,
    /// The payment facet.
    pub ledger: Ledger,
    /// What has left.
    pub shipments: Vec<Shipment>,
    /// What the customer is asked.
    pub question: Option<Question>,
    /// The last question that has ended.
    pub answered: Option<Answered>,
    /// Stock work in several transactions.
    pub stock_work: Option<StockWork>,
    /// What people have to do about it.
    pub desk: Desk,
    /// The subscription it comes from.
    pub subscription: Option<SubscriptionRef>,
    /// The orders it was split from or into.
    pub parts: Parts,
    /// How many steps of its production were looked at when they should have been done.
    pub steps_judged: u32,
    /// Who looks after it.
    pub responsible: Option<String>,
    /// The last commands, newest last, at most [`RECENT_COMMANDS_MAX`].
    pub recent_commands: Vec<DoneCommand>,
    /// The last events, newest last, at most [`RECENT_EVENTS_MAX`].
    pub recent_events: Vec<Event>,
    /// When it was taken in.
    pub created_at: Timestamp,
    /// When the last event happened.
    pub updated_at: Timestamp,
}

impl Order {
    /// The line of that number.
    #[must_use]
    pub fn line(&self, number: u32) -> Option<&Line> {
        self.lines.iter().find(|line| line.line == number)
    }

    /// The number of the next line it gets.
    #[must_use]
    pub fn next_line(&self) -> u32 {
        let numbers = self.lines.iter().map(|line| line.line);
        numbers.fold(self.last_line, u32::max).saturating_add(1)
    }

    /// Without the line of that number.
    pub fn drop_line(&mut self, number: u32) {
        self.lines.retain(|line| line.line != number);
        self.last_line = self.last_line.max(number);
    }

    /// The line of that number, to change it.
    pub fn line_mut(&mut self, number: u32) -> Option<&mut Line> {
        self.lines.iter_mut().find(|line| line.line == number)
    }

    /// How much has left the house.
    #[must_use]
    pub fn fulfilment(&self) -> Fulfilment {
        let shipped: Quantity = self.lines.iter().map(|l| l.shipped).sum();
        let open: Quantity = self.lines.iter().map(Line::to_ship).sum();
        match (shipped.is_positive(), open.is_positive()) {
            (false, _) => Fulfilment::None,
            (true, true) => Fulfilment::Partial,
            (true, false) => Fulfilment::Full,
        }
    }

    /// Whether any unit of it is held at a warehouse.
    #[must_use]
    pub fn holds_stock(&self) -> bool {
        self.lines.iter().any(|l| l.held().is_positive())
    }

    /// What it holds for lines as they would be after a proposed edit.
    pub fn staged(&self) -> impl Iterator<Item = &question::Staged> {
        self.question.iter().flat_map(|question| &question.staged)
    }

    /// Units of an article that it holds at a warehouse.
    #[must_use]
    pub fn held_at(&self, sku: &str, warehouse: &str) -> Quantity {
        let at = |line: &Line| -> Quantity {
            let here = line.allocations.iter().filter(|a| a.warehouse == warehouse);
            let held: Quantity = here.map(|a| a.held).sum();
            held.times(line.per(sku))
        };
        let staged: Vec<Line> = self.staged().map(question::Staged::as_line).collect();
        self.lines.iter().chain(&staged).map(at).sum()
    }

    /// Units of an article that it waits for.
    #[must_use]
    pub fn waits_for(&self, sku: &str) -> Quantity {
        self.lines.iter().map(|line| line.backordered.times(line.per(sku))).sum()
    }

    /// The articles that stock knows its lines as.
    #[must_use]
    pub fn skus(&self) -> BTreeSet<String> {
        let pieces = self.lines.iter().flat_map(Line::pieces);
        let mut skus: BTreeSet<String> = pieces.map(|piece| piece.sku.to_owned()).collect();
        for line in self.staged().map(question::Staged::as_line) {
            skus.extend(line.pieces().map(|piece| piece.sku.to_owned()));
        }
        skus
    }

    /// The articles it waits for.
    #[must_use]
    pub fn skus_waited_for(&self) -> BTreeSet<String> {
        let waits = self.lines.iter().filter(|line| line.backordered.is_positive());
        waits.flat_map(Line::pieces).map(|piece| piece.sku.to_owned()).collect()
    }

    /// Whether any unit of it waits for stock.
    #[must_use]
    pub fn waits_for_stock(&self) -> bool {
        self.lines.iter().any(|l| l.backordered.is_positive())
    }

    /// Whether it is stopped as a whole. A held order takes nothing: it may never go on.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.holds.iter().any(|hold| hold.line.is_none())
    }

    /// Whether it is at its end. A closed order can still owe money.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.phase == Phase::Closed
    }

    /// The order's total.
    #[must_use]
    pub fn gross(&self) -> Amount {
        self.totals.gross
    }

    /// What is to be paid first, where a deposit was agreed.
    #[must_use]
    pub fn deposit(&self) -> Option<Amount> {
        Some(self.terms?.deposit()?.of(self.gross()))
    }

    /// How it stands with the money, in one word.
    #[must_use]
    pub fn payment_facet(&self) -> PaymentFacet {
        let facet = self.ledger.facet(self.gross());
        let open = matches!(facet, PaymentFacet::Due | PaymentFacet::PartlyPaid);
        let at_the_door = self.terms == Some(Terms::OnDelivery);
        if open && at_the_door && self.shipments.iter().any(|s| s.delivered_at.is_some()) {
            return PaymentFacet::RemittanceDue;
        }
        facet
    }
}

/// A tax rate and what it was applied to (`spec/domain.md`, "Prices, tax, totals").
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct TaxLine {
    /// The rate.
    pub rate: Rate,
    /// `standard`, `zero`, `exempt`, `reverse_charge` or `export`.
    pub category: crate::price::TaxCategory,
    /// Without the tax.
    pub net: Amount,
    /// The tax.
    pub tax: Amount,
}
