//! What the customer is asked about an order, and what they said: an edit that waits for their yes, or
//! a choice about units that could not be found, or have a defect. How it is asked, answered and ended is
//! [`crate::decide::ask`]; the page is `shared/views/src/approval.rs`.
//!
//! Nothing here is personal: what a proposed edit says stands in the snapshot ([`Proposal`]).

use super::Order;
use super::line::{Allocation, BundlePart, Line, LineDetail};
use crate::intake::edit::EditBody;
use crate::money::Amount;
use crate::policy::Role;
use crate::price::Totals;
use crate::quantity::Quantity;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// What a question is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "QuestionAbout")]
pub enum About {
    /// An edit that is made once the customer says yes.
    Edit,
    /// Units that could not be found, or have a defect.
    Choice,
    /// The order as it stands, where its policy waits for the customer's yes to it.
    Order,
}

/// What can be said to one item of a question.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "AnswerWord")]
pub enum Said {
    /// Yes, as proposed.
    Accept,
    /// No, as it was.
    Refuse,
    /// Wait until there are others.
    Wait,
    /// Leave them out.
    Cancel,
    /// Send the substitute.
    Replace,
}

impl Said {
    /// The word as the API and the page's form write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept",
            Self::Refuse => "refuse",
            Self::Wait => "wait",
            Self::Cancel => "cancel",
            Self::Replace => "replace",
        }
    }

    /// The one of that word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [Self::Accept, Self::Refuse, Self::Wait, Self::Cancel, Self::Replace];
        all.into_iter().find(|said| said.name() == name)
    }
}

/// What it means when the customer says nothing until the deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    /// The order stays as it was.
    Keep,
    /// The order is cancelled.
    Cancel,
    /// A person asks.
    Ask,
}

/// How serde asks.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_nothing(quantity: &Quantity) -> bool {
    quantity.is_zero()
}

/// How serde asks.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_no_money(amount: &Amount) -> bool {
    amount.is_zero()
}

/// One thing that is asked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Item {
    /// What answers name it by: `line-2`, `new-1`, `order`.
    #[serde(rename = "i")]
    pub id: String,
    /// The line it is about, where there is one.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// What can be said.
    #[serde(rename = "a")]
    pub answers: Vec<Said>,
    /// Of a choice: how many units of the line.
    #[serde(rename = "q", default, skip_serializing_if = "is_nothing")]
    pub quantity: Quantity,
    /// What is wrong with them; nothing where they could not be found.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub defect: Option<String>,
    /// The article it is about; of a bundle, its part.
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    pub piece: Option<String>,
    /// What can be sent in their place, at the same price.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub substitute: Option<Substitute>,
}

impl Item {
    /// Part of an edit.
    #[must_use]
    pub fn of_edit(id: String, line: Option<u32>) -> Self {
        Self {
            id,
            line,
            answers: vec![Said::Accept, Said::Refuse],
            quantity: Quantity::ZERO,
            defect: None,
            piece: None,
            substitute: None,
        }
    }
}

/// An article that is offered in the place of another.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Substitute {
    /// The article.
    pub sku: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// Units that are held for a line as it would be after a proposed edit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Staged {
    /// Which entry of the edit's lines wants them.
    #[serde(rename = "e")]
    pub entry: usize,
    /// The article of the line.
    #[serde(rename = "s")]
    pub sku: String,
    /// How many more units it wants.
    #[serde(rename = "q")]
    pub quantity: Quantity,
    /// Those that were there, by warehouse.
    #[serde(rename = "a", default, skip_serializing_if = "Vec::is_empty")]
    pub allocations: Vec<Allocation>,
    /// What a unit is made of, where it is a bundle.
    #[serde(rename = "p", default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<BundlePart>,
}

impl Staged {
    /// The same as a line, for the rules of stock.
    #[must_use]
    pub fn as_line(&self) -> Line {
        let detail = LineDetail { parts: self.parts.clone(), ..LineDetail::default() };
        let line = Line::new(0, &self.sku, self.quantity, detail);
        Line { allocations: self.allocations.clone(), ..line }
    }
}

/// Something the customer is asked, until they answer, or its deadline.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Question {
    /// The version of the event it was asked with; its link names it.
    #[serde(rename = "n")]
    pub number: u64,
    /// What it is about.
    #[serde(rename = "b")]
    pub about: About,
    /// What is asked, each by itself.
    #[serde(rename = "i")]
    pub items: Vec<Item>,
    /// What silence means.
    #[serde(rename = "s")]
    pub silence: Silence,
    /// Since when.
    #[serde(rename = "at")]
    pub asked_at: Timestamp,
    /// Until when.
    #[serde(rename = "d")]
    pub due_at: Timestamp,
    /// What is held for the order as it would be.
    #[serde(rename = "h", default, skip_serializing_if = "Vec::is_empty")]
    pub staged: Vec<Staged>,
    /// What is taken of the customer's credit for the order as it would be, beyond what it takes as
    /// it is.
    #[serde(rename = "c", default, skip_serializing_if = "is_no_money")]
    pub credit: Amount,
}

/// How a question ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "QuestionEnded")]
pub enum Ended {
    /// Everything of an edit was accepted; or the customer has chosen, whatever they chose.
    Accepted,
    /// Some of an edit was accepted, and that was made.
    PartlyAccepted,
    /// Nothing of an edit was accepted: the order stayed as it was.
    Refused,
    /// What the customer accepted, or chose, could not be done any more: a person looks.
    NotPossible,
    /// Nobody answered in time; what then follows is the question's [`Silence`].
    Silent,
    /// The house took an edit back, or decided about units itself, or the order came to its end.
    Withdrawn,
}

/// The last question that has ended, so that the same answer gets the same result.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Answered {
    /// Which question.
    #[serde(rename = "n")]
    pub number: u64,
    /// What it was about.
    #[serde(rename = "b")]
    pub about: About,
    /// What was said to each item, in their order; nothing where nobody answered.
    #[serde(rename = "s", default, skip_serializing_if = "Vec::is_empty")]
    pub said: Vec<(String, Said)>,
    /// How it ended.
    #[serde(rename = "e")]
    pub ended: Ended,
    /// When.
    #[serde(rename = "at")]
    pub at: Timestamp,
}

impl Order {
    /// What the customer has yet to choose about, whether they are asked at the moment or not.
    pub fn undecided(&self) -> impl Iterator<Item = &Item> {
        self.holds.iter().flat_map(|hold| &hold.units)
    }

    /// Units of a line that are held and neither go into a box nor leave: they have a defect.
    #[must_use]
    pub fn set_aside(&self, line: u32) -> Quantity {
        self.undecided_of(line, true)
    }

    /// Units of a line that stock is to be looked for: not those that could not be found, as long as
    /// the customer has yet to choose.
    #[must_use]
    pub fn to_look_for(&self, line: &Line) -> Quantity {
        line.unallocated().less(self.undecided_of(line.line, false))
    }

    /// Units of a line that wait for the customer's word: with a defect, or not found.
    #[must_use]
    pub fn undecided_of(&self, line: u32, defect: bool) -> Quantity {
        let of_line = |item: &&Item| item.line == Some(line) && item.defect.is_some() == defect;
        self.undecided().filter(of_line).map(|item| item.quantity).sum()
    }
}

/// A proposed edit, in the snapshot: it may hold an address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// The edit, with prices as they were proposed.
    pub edit: EditBody,
    /// As whom it was proposed.
    pub role: Role,
    /// What each line would be, by the edit's entries.
    pub lines: Vec<ProposedLine>,
    /// Names of what else would change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// What the order would come to, if everything is accepted.
    pub totals: Totals,
}

/// A line as it is and as it would be.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposedLine {
    /// The article.
    pub sku: String,
    /// As it is; none where it is new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<LineWorth>,
    /// As it would be; none where it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<LineWorth>,
}

/// What a line says, and what it comes to.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineWorth {
    /// Units.
    pub quantity: Quantity,
    /// Price, tax, name.
    pub detail: LineDetail,
}

impl LineWorth {
    /// Of a line as it stands.
    #[must_use]
    pub fn of(line: &Line) -> Self {
        Self { quantity: line.quantity.less(line.cancelled), detail: line.detail.clone() }
    }
}
