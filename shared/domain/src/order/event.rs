//! What happened to an order: one event per version, and what each owes to the world.
//!
//! An event carries references only, never personal data. Its [`Todo`] list is everything that
//! must follow from it, so the relay is a lookup without rules.

use crate::policy::StatusKey;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What kind of party did something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ActorKind {
    /// The customer, directly or by the shop that acts for them.
    Customer,
    /// A partner, by API.
    Partner,
    /// A person in the seller's house.
    Manager,
    /// A person who plans production.
    Planner,
    /// A person who may do anything.
    Admin,
    /// Ordermill itself.
    System,
    /// A provider of payments.
    Provider,
}

/// Who did something.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Actor {
    /// What kind of party.
    pub kind: ActorKind,
    /// The client, user, function or provider.
    pub id: String,
}

impl Actor {
    /// One of our own functions.
    #[must_use]
    pub fn system(function: &str) -> Self {
        Self { kind: ActorKind::System, id: function.to_owned() }
    }

    /// A provider of payments.
    #[must_use]
    pub fn provider(name: &str) -> Self {
        Self { kind: ActorKind::Provider, id: name.to_owned() }
    }
}

/// What happened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKind {
    /// The order was taken in.
    OrderReceived,
    /// Nothing was found wrong with it.
    OrderValidated,
    /// A person must look at it.
    ReviewRequired,
    /// A person overrode the reasons of a review.
    OrderApproved,
    /// All its lines hold stock.
    StockReserved,
    /// Some of its lines hold stock, the rest waits.
    StockPartlyReserved,
    /// It waits for stock.
    OrderBackordered,
    /// Goods that came in were given to it.
    StockServed,
    /// A part of a large reservation, release or shipment is done.
    StockPageDone,
    /// A large release has begun.
    ReleaseStarted,
    /// It moved on because a guard came to hold.
    OrderAdvanced,
    /// A person said it goes on.
    OrderConfirmed,
    /// A person, or its policy, refused it.
    OrderRejected,
    /// A named stop was set.
    HoldPlaced,
    /// A named stop was lifted.
    HoldReleased,
    /// Somebody looks after it.
    OrderAssigned,
    /// Somebody wrote something about it.
    OrderCommented,
    /// What it says was changed.
    OrderEdited,
    /// Some of it became an order of its own.
    OrderSplit,
    /// Some of it is made, as far as a step of its production.
    ProductionProgressed,
    /// Goods were laid into boxes.
    OrderPicked,
    /// Boxes were closed.
    OrderPacked,
    /// A shipment left.
    OrderShipped,
    /// A shipment was handed over.
    OrderDelivered,
    /// It came to its good end.
    OrderCompleted,
    /// Goods came back.
    OrderReturned,
    /// Nobody wants some of it any more.
    LinesCancelled,
    /// Nobody wants it any more.
    OrderCancelled,
    /// Money came.
    PaymentReceived,
    /// A payment was tried and did not come about.
    PaymentFailed,
    /// A payment was promised by the provider and can be captured.
    PaymentAuthorised,
    /// The customer's bank disputes a payment.
    PaymentDisputed,
    /// A dispute is over.
    DisputeClosed,
    /// Money must go back.
    RefundOwed,
    /// Money went back.
    RefundDone,
    /// Of a payment that orders share: one of them has said what it owes of it, or some of it went back
    /// and parts bear it.
    RefundShared,
    /// A closed order came to life again because its money came.
    OrderRevived,
    /// A limit of the status ran out and somebody was told.
    LimitNoticed,
    /// A limit of the status ran out and the order moved.
    LimitMoved,
    /// Something needs a person.
    ExceptionOpened,
    /// A person dealt with it.
    ExceptionClosed,
    /// An open exception, hold or debt was called to mind again.
    Reminded,
    /// A message to the customer did not arrive, or nobody knows whether it did.
    NoticeFailed,
    /// The customer was told when a shipment comes, or that it is late.
    ArrivalNoticed,
    /// The customer is asked something: whether they agree to an edit, or what they choose.
    CustomerAsked,
    /// The customer answered.
    CustomerAnswered,
    /// What the customer was asked is not open any more: taken back, or nobody answered in time.
    QuestionClosed,
    /// Who ordered was forgotten: name, address, contacts, and all they wrote.
    CustomerErased,
    /// Work for a person was set, or the time of the next call.
    TaskSet,
    /// Somebody took it.
    TaskTaken,
    /// Somebody did it.
    TaskDone,
    /// The customer was called.
    CustomerCalled,
}

/// Who is told something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    /// The customer.
    Customer,
    /// The responsible manager and those with full access.
    Staff,
    /// The partner whose order it is.
    Partner,
}

/// What an event owes to the world; the relay puts each on its queue.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Todo {
    /// Look for mistakes.
    Validate,
    /// Look for stock, or go on with stock work in pages.
    Reserve,
    /// Tell somebody, by this template.
    Notify {
        /// Name of the template.
        template: String,
        /// Who is told.
        to: Recipient,
    },
    /// Tell the client's webhooks.
    Webhook,
    /// Look whether those who wait for an article can have it now.
    Serve {
        /// The article.
        sku: String,
    },
}

/// One thing that happened to an order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Event {
    /// The order's version from then on; 1, 2, 3 … without gap.
    #[serde(rename = "v")]
    pub version: u64,
    /// When; never before the event before it.
    pub at: Timestamp,
    /// What.
    #[serde(rename = "k")]
    pub kind: EventKind,
    /// The status before, where it changed.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub from: Option<StatusKey>,
    /// The status after, where it changed.
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    pub to: Option<StatusKey>,
    /// Who did it.
    #[serde(rename = "a")]
    pub actor: Actor,
    /// What made it happen: a command, a message, a payment's reference.
    #[serde(rename = "c")]
    pub cause: String,
    /// Why, where somebody said so.
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Figures and references; names of changed fields; never personal data.
    #[serde(rename = "d", default, skip_serializing_if = "Map::is_empty")]
    pub data: Map<String, Value>,
    /// What must follow.
    #[serde(rename = "n", default, skip_serializing_if = "Vec::is_empty")]
    pub todo: Vec<Todo>,
}
