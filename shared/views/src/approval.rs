//! What a customer sees of a question about their order, and the links by which they answer it:
//! an edit with old and new, or a choice. As with [`crate::track`], whoever has the link is the
//! customer; what tells who they are is masked.
//!
//! A token is the order's id, the question's number and its end, sealed.

use crate::order::TotalsView;
use crate::track::masked;
use crate::values::{Decimal, Moment, Units};
use ordermill_domain::money::{Amount, Currency, format_decimal};
use ordermill_domain::order::placed::{Address, Charge, Discount};
use ordermill_domain::order::question::{
    About, Ended, Item, LineWorth, Proposal, Question, Said, Silence,
};
use ordermill_domain::order::{Line, Order};
use ordermill_domain::time::Timestamp;
use ordermill_runtime::signatures;
use schemars::JsonSchema;
use serde::Serialize;

const PURPOSE: &str = "approve";

/// What a link names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Asked {
    /// The order.
    pub order: String,
    /// The question.
    pub number: u64,
    /// Until when it can be answered.
    pub due_at: Timestamp,
}

/// The token by which this question is answered.
#[must_use]
pub fn approval_token(secret: &str, order_id: &str, question: &Question) -> String {
    let due = question.due_at.milliseconds();
    signatures::seal(secret, PURPOSE, &format!("{order_id}|{}|{due}", question.number))
}

/// The page on which this question is answered.
#[must_use]
pub fn approval_url(base_url: &str, secret: &str, order_id: &str, question: &Question) -> String {
    format!("{base_url}/v1/approve/{}", approval_token(secret, order_id, question))
}

/// What a token names; none where it is not ours.
#[must_use]
pub fn asked_by_token(secret: &str, token: &str) -> Option<Asked> {
    let text = signatures::unseal(secret, PURPOSE, token)?;
    let mut parts = text.split('|');
    let (order, number, due) = (parts.next()?, parts.next()?, parts.next()?);
    let due_at = Timestamp::from_milliseconds(due.parse().ok()?);
    Some(Asked { order: order.to_owned(), number: number.parse().ok()?, due_at })
}

/// A question to the customer, as their link shows it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Approval")]
pub struct ApprovalView {
    /// The order's number.
    pub number: String,
    /// What is asked about.
    pub about: About,
    /// It can be answered.
    pub open: bool,
    /// Until when.
    pub due_at: Moment,
    /// What it means when nobody answers until then; `null` when it is not open any more.
    pub silence: Option<Silence>,
    /// Why it is asked, as the house wrote it.
    pub reason: Option<String>,
    /// What is asked, each by itself.
    pub items: Vec<ApprovalItemView>,
    /// The currency of the amounts.
    pub currency: String,
    /// What the order comes to now.
    pub totals: TotalsView,
    /// What it comes to if everything is accepted; `null` where no edit is proposed.
    pub totals_proposed: Option<TotalsView>,
    /// Of a question about the order as it stands: its lines; empty otherwise.
    pub lines: Vec<ApprovalGoodsView>,
    /// How it ended; `null` while it is open.
    pub ended: Option<Ended>,
}

/// A line of the order as it stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApprovalGoods")]
pub struct ApprovalGoodsView {
    /// The article in words.
    pub name: String,
    /// How many of it, at which price.
    #[serde(flatten)]
    pub line: ApprovalLineView,
}

/// One thing that is asked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApprovalItem")]
pub struct ApprovalItemView {
    /// What the answer names it by.
    pub item: String,
    /// The article in words; `null` where it is about no line.
    pub name: Option<String>,
    /// As it is; `null` where it is new.
    pub before: Option<ApprovalLineView>,
    /// As it would be; `null` where it goes.
    pub after: Option<ApprovalLineView>,
    /// What else would be different, where it is about the order as a whole.
    pub fields: Vec<ApprovalFieldView>,
    /// Of a choice: how many units; `null` otherwise.
    pub quantity: Option<Units>,
    /// What is wrong with them; `null` where they could not be found.
    pub defect: Option<String>,
    /// What can be sent in their place, at the same price.
    pub substitute: Option<String>,
    /// What can be said.
    pub answers: Vec<Said>,
    /// What was said.
    pub answer: Option<Said>,
}

/// A line, as it is or as it would be.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApprovalLine")]
pub struct ApprovalLineView {
    /// Units.
    pub quantity: Units,
    /// Price of a unit.
    pub unit_price: Option<Decimal>,
    /// What the line comes to.
    pub total: Decimal,
}

/// Something the order says beside its lines.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "ApprovalField")]
pub struct ApprovalFieldView {
    /// Its name.
    pub field: String,
    /// As it is, masked where it tells who the customer is.
    pub before: Option<String>,
    /// As it would be.
    pub after: Option<String>,
}

impl ApprovalView {
    /// The question of that number; none where the order knows nothing of it any more.
    #[must_use]
    pub fn new(order: &Order, asked: &Asked, now: Timestamp) -> Option<Self> {
        let shown = Self::ended(order, asked);
        if let Some(question) = order.question.as_ref().filter(|q| q.number == asked.number) {
            let proposal = order.placed.proposal.as_deref();
            return Some(Self {
                about: question.about,
                open: now < question.due_at,
                silence: Some(question.silence),
                reason: proposal.and_then(|proposal| proposal.edit.reason.clone()),
                items: items(order, question, proposal),
                lines: match question.about {
                    About::Order => goods(order),
                    About::Edit | About::Choice => Vec::new(),
                },
                totals_proposed: proposal.map(|proposal| {
                    let would = Order { totals: proposal.totals.clone(), ..order.clone() };
                    TotalsView::new(&would)
                }),
                ..shown
            });
        }
        let answered = order.answered.as_ref().filter(|a| a.number == asked.number)?;
        let items = answered.said.iter().map(|(item, said)| ApprovalItemView {
            item: item.clone(),
            name: None,
            before: None,
            after: None,
            fields: Vec::new(),
            quantity: None,
            defect: None,
            substitute: None,
            answers: Vec::new(),
            answer: Some(*said),
        });
        Some(Self {
            about: answered.about,
            items: items.collect(),
            ended: Some(answered.ended),
            ..shown
        })
    }
}

impl ApprovalView {
    /// A question that is not open any more, whatever it was.
    #[must_use]
    pub fn ended(order: &Order, asked: &Asked) -> Self {
        Self {
            number: order.number.clone(),
            about: About::Edit,
            open: false,
            due_at: asked.due_at.into(),
            silence: None,
            reason: None,
            items: Vec::new(),
            currency: order.currency.code().to_owned(),
            totals: TotalsView::new(order),
            totals_proposed: None,
            lines: Vec::new(),
            ended: None,
        }
    }
}

fn items(order: &Order, question: &Question, proposal: Option<&Proposal>) -> Vec<ApprovalItemView> {
    let view = |(place, item): (usize, &Item)| {
        let line = proposal.and_then(|proposal| proposal.lines.get(place));
        let own = item.line.and_then(|number| order.line(number));
        let worth = |worth: &LineWorth| line_view(worth, order.currency);
        let said = line.map(|line| {
            let named = line.after.as_ref().or(line.before.as_ref());
            named.and_then(|w| w.detail.name.clone()).unwrap_or_else(|| line.sku.clone())
        });
        let name = said.or_else(|| own.map(name_of));
        ApprovalItemView {
            item: item.id.clone(),
            name: name.filter(|_| item.id != "order"),
            before: line.and_then(|line| line.before.as_ref()).map(worth),
            after: line.and_then(|line| line.after.as_ref()).map(worth),
            fields: match proposal {
                Some(proposal) if item.id == "order" => fields(order, proposal),
                Some(_) | None => Vec::new(),
            },
            quantity: item.quantity.is_positive().then(|| item.quantity.into()),
            defect: item.defect.clone(),
            substitute: item
                .substitute
                .as_ref()
                .map(|of| of.name.clone().unwrap_or_else(|| of.sku.clone())),
            answers: item.answers.clone(),
            answer: None,
        }
    };
    question.items.iter().enumerate().map(view).collect()
}

fn goods(order: &Order) -> Vec<ApprovalGoodsView> {
    let wanted = order.lines.iter().filter(|line| line.quantity > line.cancelled);
    let view = |line: &Line| ApprovalGoodsView {
        name: name_of(line),
        line: line_view(&LineWorth::of(line), order.currency),
    };
    wanted.map(view).collect()
}

fn name_of(line: &Line) -> String {
    line.detail.name.clone().unwrap_or_else(|| line.sku.clone())
}

fn line_view(worth: &LineWorth, currency: Currency) -> ApprovalLineView {
    let detail = &worth.detail;
    let price = detail.unit_price.map(|price| Decimal(format_decimal(price, detail.price_places)));
    ApprovalLineView {
        quantity: worth.quantity.into(),
        unit_price: price,
        total: Decimal::amount(detail.total, currency),
    }
}

/// What else is proposed, in words that tell nobody who does not know it where the customer lives.
fn fields(order: &Order, proposal: &Proposal) -> Vec<ApprovalFieldView> {
    let (placed, edit) = (&order.placed, &proposal.edit);
    let word = |value: Option<String>| value.filter(|text| !text.is_empty());
    let field = |name: &String| {
        let (before, after) = match name.as_str() {
            "delivery" => {
                let old = &placed.delivery;
                let new = &edit.delivery;
                let old_method = order.delivery_method.map(json_word);
                let new_method = edit.delivery_method.map(json_word).or_else(|| old_method.clone());
                let said =
                    |date: &Option<String>, window: &Option<String>, point: &Option<String>| {
                        [date.clone(), window.clone(), point.clone()]
                    };
                let old_said = said(&old.requested_date, &old.window, &old.pickup_point);
                let new_said = said(
                    &new.requested_date.clone().or_else(|| old.requested_date.clone()),
                    &new.window.clone().or_else(|| old.window.clone()),
                    &new.pickup_point.clone().or_else(|| old.pickup_point.clone()),
                );
                let address = new.address.as_ref().or(old.address.as_ref());
                (
                    delivery(old_method, old_said, old.address.as_ref()),
                    delivery(new_method, new_said, address),
                )
            }
            "terms" => (order.terms.map(json_word), edit.terms.map(json_word)),
            "method" => (order.method.map(json_word), edit.method.map(json_word)),
            "ship_together" => (
                Some(order.ship_together.to_string()),
                edit.ship_together.map(|together| together.to_string()),
            ),
            "purchase_order" => (placed.purchase_order.clone(), edit.purchase_order.clone()),
            "contract_number" => (placed.contract_number.clone(), edit.contract_number.clone()),
            "shipping" => {
                let amount = |charge: &Charge| charge.amount.format(order.currency);
                (placed.shipping.as_ref().map(amount), edit.shipping.as_ref().map(amount))
            }
            "discounts" => {
                let sum = |all: &[Discount]| {
                    let sum: Amount = all.iter().map(|d| d.amount).sum();
                    sum.format(order.currency)
                };
                (Some(sum(&placed.discounts)), edit.discounts.as_deref().map(sum))
            }
            // Who they are and what they wrote is theirs to know.
            _ => (None, None),
        };
        ApprovalFieldView { field: name.clone(), before: word(before), after: word(after) }
    };
    proposal.fields.iter().map(field).collect()
}

/// A closed word as the API writes it.
fn json_word<T: Serialize>(value: T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => String::new(),
    }
}

fn delivery(
    method: Option<String>,
    said: [Option<String>; 3],
    address: Option<&Address>,
) -> Option<String> {
    let mut parts: Vec<String> = method.into_iter().chain(said.into_iter().flatten()).collect();
    if let Some(address) = address {
        parts.extend(address.line1.as_deref().map(masked));
        parts.extend(address.city.clone());
        parts.extend(address.country.clone());
    }
    Some(parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_question_and_no_other_purpose_opens_it() {
        let question = Question {
            number: 7,
            about: About::Edit,
            items: Vec::new(),
            silence: Silence::Keep,
            asked_at: Timestamp::from_milliseconds(0),
            due_at: Timestamp::from_milliseconds(1_000),
            credit: Amount::ZERO,
            staged: Vec::new(),
        };
        let token = approval_token("secret", "abc", &question);
        let asked = Asked {
            order: "abc".to_owned(),
            number: 7,
            due_at: Timestamp::from_milliseconds(1_000),
        };
        assert_eq!(asked_by_token("secret", &token), Some(asked));
        assert_eq!(asked_by_token("other", &token), None);
        let tracking = crate::tracking_token("secret", "abc");
        assert_eq!(asked_by_token("secret", &tracking), None);
        assert_eq!(crate::track::order_of_token("secret", &token, Timestamp::default()), None);
    }
}
