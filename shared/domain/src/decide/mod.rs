//! `decide`: every rule about an order, in one pure function.
//!
//! A command and the facts it needs go in; out comes a [`Decision`]: the order as it must be,
//! one event per new version, and what the same transaction does to stock. Nothing here reads a
//! clock, a random number or the world.
//!
//! | file | rules about |
//! |---|---|
//! | [`draft`] | building a decision: events, versions, the run of automatic moves |
//! | [`credit`] | credit of customers who pay by invoice |
//! | [`guards`] | what a guard means |
//! | [`taking_in`] | taking in and validating |
//! | [`supply`] | reserving, serving who waited, releasing |
//! | [`payments`] | money that came, went, is owed |
//! | [`acts`] | what people ask for |
//! | [`ask`] | asking the customer, and what follows from the answer |
//! | [`choice`] | units that could not be found, or have a defect |
//! | [`progress`] | how far what is made for it is |
//! | [`edit`] | changing what an order says |
//! | [`split`] | making two orders of one |
//! | [`fulfil`] | picking, shipping, delivering, returning |
//! | [`limits`] | what is due, and what happens then |
//! | [`notices`] | messages that did not arrive |
//! | [`shortage`] | goods that are held and are not there |
//! | [`disputes`] | payments that a bank disputes |
//! | [`refunds`] | money that went back, told by a provider or entered by a person |
//! | [`passing`] | payments that an order shares with its parts |
//! | [`tasks`] | what people have to do |
//! | [`feed`] | who gets which task next |
//! | [`contact`] | reaching the customer by telephone |
//! | [`jeopardy`] | how close an order is to missing its limit or promise |
//! | [`dunning`] | an order of a subscription that is not paid |
//! | [`erase`] | forgetting who ordered |

pub mod acts;
pub mod ask;
pub mod choice;
pub mod consent;
pub mod contact;
pub mod credit;
pub mod disputes;
pub mod draft;
pub mod dunning;
pub mod edit;
pub mod erase;
pub mod feed;
pub mod fulfil;
pub mod guards;
pub mod jeopardy;
pub mod limits;
pub mod notices;
pub mod passing;
pub mod payments;
pub mod progress;
pub mod refunds;
pub mod shortage;
pub mod split;
pub mod supply;
pub mod taking_in;
pub mod tasks;

pub use credit::CreditChange;
pub use draft::{Decision, PassedOn};
pub use notices::{FailedNotice, NextWay};
pub use payments::{MoneyEvent, MoneyKind};

use crate::intake::command::CommandBody;
use crate::intake::product::Product;
use crate::money::{Amount, Currency};
use crate::order::{Actor, Order};
use crate::policy::{CommandKind, Guard, Policy, Role, StatusKey};
use crate::quantity::Quantity;
use crate::stock::{StockKey, StockView};
use crate::time::Timestamp;
use draft::Draft;
use std::collections::BTreeMap;

/// What is asked of an order.
#[derive(Clone, Debug)]
pub enum Command {
    /// The `validate` step: find everything that can be known to be wrong.
    Validate,
    /// The `reserve` step, or the next part of stock work in pages.
    Reserve,
    /// Goods came in, and it is the order's turn: give it what it waits for.
    Serve {
        /// The article that came in.
        sku: String,
    },
    /// A provider told us something about money.
    Money(MoneyEvent),
    /// Something is due: judge it.
    Judge,
    /// Something outside the order needs a person, who is told by this order.
    Report {
        /// The exception's code.
        code: String,
        /// What it is about.
        about: String,
        /// A sentence for people. Holds no personal data.
        detail: String,
    },
    /// So many of the units it holds at a place are not there; none: they have come.
    Short {
        /// The place.
        at: StockKey,
        /// How many.
        missing: Quantity,
    },
    /// A message did not reach the customer.
    NoticeFailed(FailedNotice),
    /// An order of a subscription is not paid: what is done about it.
    Dun(crate::dunning::Act),
    /// The customer answers what they were asked.
    Answer(ask::Reply),
    /// Somebody takes a task of it.
    Take {
        /// The task's key.
        task: String,
        /// Who.
        by: String,
        /// As whom they call.
        actor: Actor,
    },
    /// The customer asked to be forgotten.
    Erase {
        /// Who has it done.
        actor: Actor,
    },
    /// A person or partner asks for something.
    Act {
        /// What.
        body: CommandBody,
        /// As whom.
        role: Role,
        /// Who.
        actor: Actor,
    },
}

/// What `decide` needs to know beside the order: foreign rows, as they were read.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Stock of the order's SKUs, for commands that move stock.
    pub stock: StockView,
    /// Catalogue entries of the order's SKUs, for `Validate`.
    pub products: BTreeMap<String, Product>,
    /// Whether the prices of the order's price list are without their tax.
    pub list_without_tax: bool,
    /// How many other orders of the customer are unpaid.
    pub open_unpaid: u32,
    /// Whether the e-mail address is one, by a kept library.
    pub email_ok: bool,
    /// Whether the telephone number is one, by a kept library.
    pub phone_ok: bool,
    /// The id of the part that a split makes.
    pub part_id: String,
    /// Who asks may set prices and tax rates.
    pub may_set_prices: bool,
    /// What is agreed with the customer, and how they stand.
    pub customer: CustomerFacts,
    /// The seller's time zone, for calls to customers whose own is not known.
    pub seller_zone: Option<String>,
}

/// What an order needs to know of its customer's card.
#[derive(Clone, Debug, Default)]
pub struct CustomerFacts {
    /// How much may be open on invoices, in `currency`; none means without limit.
    pub credit_limit: Option<Amount>,
    /// What the customer's orders have taken of it.
    pub credit_taken: Amount,
    /// In which currency credit is counted; none where the customer is not known.
    pub currency: Option<Currency>,
    /// How many of the customer's invoices are overdue.
    pub overdue: u32,
}

/// Why an order's rules say no. Nothing has changed.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Rejection {
    /// The command has no move from this status for this role.
    #[error("`{command}` is not possible while the order is {status}")]
    NotAllowedInStatus {
        /// The command's name.
        command: String,
        /// The status.
        status: StatusKey,
    },
    /// A guard does not hold.
    #[error("{}", guard.sentence())]
    GuardFailed {
        /// The guard.
        guard: Guard,
    },
    /// The policy lets others do this, not this role.
    #[error("the role `{role:?}` may not do this")]
    RoleNotAllowed {
        /// The role.
        role: Role,
    },
    /// The body names something that is not so.
    #[error("{detail}")]
    Invalid {
        /// JSON pointer into the body.
        pointer: String,
        /// Stable code.
        code: &'static str,
        /// What is wrong, and what to write instead.
        detail: String,
    },
    /// Who asks has the role, and lacks a right.
    #[error("the right `{right}` is needed for `{pointer}`")]
    RightMissing {
        /// The right.
        right: &'static str,
        /// JSON pointer into the body.
        pointer: String,
    },
    /// The order would have mistakes that it does not have now.
    #[error("the order would need a review")]
    Unfit {
        /// The mistakes.
        reasons: Vec<crate::order::Reason>,
    },
    /// What the order is does not allow it.
    #[error("{detail}")]
    NotPossible {
        /// Stable code.
        code: &'static str,
        /// Why, and what to do first.
        detail: String,
    },
    /// Stock work in several parts is under way; ask again in a moment.
    #[error("stock of this order is being moved; ask again in a moment")]
    Busy,
    /// Another order or stock must be read again first.
    #[error("there is too little stock: {detail}")]
    OutOfStock {
        /// What is short.
        detail: String,
    },
}

/// What the order is does not allow it.
fn no(code: &'static str, detail: impl Into<String>) -> Rejection {
    Rejection::NotPossible { code, detail: detail.into() }
}

/// The body names something that is not so.
fn refused(pointer: &str, code: &'static str, detail: impl Into<String>) -> Rejection {
    Rejection::Invalid { pointer: pointer.to_owned(), code, detail: detail.into() }
}

/// How many automatic moves follow one command at most; then exception `auto_loop`.
pub const AUTO_MOVES_MAX: usize = 8;

/// Decides what a command makes of an order.
///
/// A decision without events is an answer too: the command changes nothing (a repeat, a late
/// message), and nothing is written but what [`Decision::touched`] says.
///
/// # Errors
/// The order's rules say no.
pub fn decide(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    command: &Command,
    now: Timestamp,
) -> Result<Decision, Rejection> {
    let decision = match command {
        Command::Validate => taking_in::validate(policy, order, facts, now),
        Command::Reserve => supply::reserve(policy, order, facts, now),
        Command::Serve { sku } => supply::serve(policy, order, facts, Some(sku), now),
        Command::Money(event) => payments::apply(policy, order, facts, event, now),
        Command::Judge => limits::judge(policy, order, facts, now),
        Command::Report { code, about, detail } => {
            report(policy, order, facts, (code, about, detail), now)
        }
        Command::Short { at, missing } => shortage::short(policy, order, facts, at, *missing, now),
        Command::NoticeFailed(notice) => notices::failed(policy, order, facts, notice, now),
        Command::Answer(reply) => ask::answer(policy, order, facts, reply, now)?,
        Command::Dun(act) => dunning::dun(policy, order, facts, *act, now),
        Command::Take { task, by, actor } => {
            tasks::take(policy, order, facts, (task, by), actor, now)
        }
        Command::Erase { actor } => erase::erase(policy, order, facts, actor, now)?,
        Command::Act { body, role, actor } => {
            acts::act(policy, order, facts, body, *role, actor, now)?
        }
    };
    Ok(decision)
}

/// Several commands one after another, as one decision: what the first leaves, the next finds.
///
/// # Errors
/// One of them is refused; nothing changes.
pub fn decide_all(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    commands: &[Command],
    now: Timestamp,
) -> Result<Decision, Rejection> {
    let mut all = Decision::unchanged(order);
    let mut left = facts.clone();
    for command in commands {
        let next = decide(policy, &all.order, &left, command, now)?;
        left.stock.apply(&next.stock);
        all = all.followed_by(next);
    }
    Ok(all)
}

/// Opens an exception about something outside the order; once, while it is open.
fn report(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    (code, about, detail): (&str, &str, &str),
    now: Timestamp,
) -> Decision {
    let actor = Actor::system("report");
    let mut draft = Draft::new(policy, order, &facts.stock, actor, code, now);
    draft.exception(code, Some(about), detail.to_owned());
    draft.finish()
}

/// The move that a command makes for this role, or why there is none.
fn find_move<'a>(
    policy: &'a Policy,
    order: &Order,
    command: CommandKind,
    name: &str,
    role: Role,
) -> Result<&'a crate::policy::Move, Rejection> {
    if let Some(found) = policy.find_move(command, &order.status, role) {
        return Ok(found);
    }
    let of_command = || policy.moves.iter().filter(move |m| m.command == command);
    let known = of_command().count() > 0;
    if known && !of_command().any(|m| role.is_one_of(&m.by)) {
        return Err(Rejection::RoleNotAllowed { role });
    }
    Err(Rejection::NotAllowedInStatus { command: name.to_owned(), status: order.status.clone() })
}
