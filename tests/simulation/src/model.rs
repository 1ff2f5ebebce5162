//! The books that the callers keep themselves: what they were told, and what must follow from it.
//! Nothing here is read from the table.

use crate::asked::{Link, Unsure};
use crate::callers::{Change, Dispute, Means, Money, Request, to_cents};
use crate::observer::Finding;
use ordermill_world::Answer;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The code of the exception that names money of another currency.
pub const WRONG_CURRENCY: &str = "wrong_currency";

/// An order as its caller remembers it.
#[derive(Clone, Debug, Default)]
pub struct ModelOrder {
    /// The id it was told.
    pub id: Option<String>,
    /// The caller's number.
    pub external: String,
    /// Who ordered.
    pub client: String,
    /// By number: article, units, price in cents.
    pub lines: BTreeMap<u64, (String, i64, i64)>,
    /// Lines that were added later: article, units, price in cents.
    pub added: Vec<(String, i64, i64)>,
    /// The fewest units a line was ever to have.
    pub fewest: BTreeMap<u64, i64>,
    /// Units of each line that were cancelled by requests naming them.
    pub cancelled: BTreeMap<u64, i64>,
    /// Lines that somebody means to change; each is changed once, so that the order of changes
    /// does not matter.
    pub touched: BTreeSet<u64>,
    /// The place of the order it was split off from.
    pub part_of: Option<usize>,
    /// Somebody means to split it; once.
    pub parted: bool,
    /// Somebody means to give money back by hand, or to tell of a refund.
    pub by_hand: bool,
    /// A bank is to dispute some of its money.
    pub disputed: bool,
    /// In cents.
    pub shipping: i64,
    /// Money objects that a provider, or a person, was told are taken down.
    pub money: Vec<Money>,
    /// What people decided to give back, in cents.
    pub given_back: i64,
    /// What people said they have given back, in cents.
    pub handed_back: i64,
    /// Money objects of another currency that somebody means to tell of.
    pub foreign: BTreeSet<String>,
    /// Those of them that a person may have dealt with, by closing the exception that names them.
    pub foreign_closed: BTreeSet<String>,
    /// Units that were sent by requests naming them, by line.
    pub sent: BTreeMap<u64, i64>,
    /// A shipment of all that is there was asked for.
    pub sent_all: bool,
    /// Units that came back into stock, by article.
    pub restocked: BTreeMap<String, i64>,
    /// Somebody means to propose an edit of it; once.
    pub proposed: bool,
    /// A picker means to have found less than there should be.
    pub found: bool,
    /// The links that its customer was sent.
    pub links: Vec<Link>,
    /// Units with a defect of which nobody has said what became of them.
    pub unsure: Unsure,
    /// What its customer answered is not known to its callers.
    pub unclear: bool,
    /// Somebody means to delete it.
    pub deletion: bool,
}

impl ModelOrder {
    /// What it comes to, in cents.
    #[must_use]
    pub fn gross(&self) -> i64 {
        let lines = self.lines.values().chain(&self.added);
        lines.map(|(_, quantity, price)| quantity * price).sum::<i64>() + self.shipping
    }

    /// The least that it ever came to, in cents.
    #[must_use]
    pub fn least(&self) -> i64 {
        let of = |(line, (_, units, price)): (&u64, &(String, i64, i64))| {
            self.fewest.get(line).copied().unwrap_or(*units).min(*units) * price
        };
        self.lines.iter().map(of).sum::<i64>() + self.shipping
    }

    /// What providers have told of, in cents.
    #[must_use]
    pub fn money_told(&self) -> i64 {
        self.objects().values().map(|(received, _)| received).sum()
    }

    /// Received and gone back by money object of the order's currency.
    #[must_use]
    pub fn objects(&self) -> BTreeMap<(String, String), (i64, i64)> {
        let mut objects = BTreeMap::new();
        for money in self.money.iter().filter(|m| m.currency == "EUR") {
            let key = (money.provider.to_owned(), money.reference.clone());
            let (received, refunded): &mut (i64, i64) = objects.entry(key).or_default();
            *received = money.received.max(*received);
            *refunded = money.refunded.max(*refunded);
        }
        for (key, amount) in self.lost() {
            let (received, refunded) = objects.entry(key).or_default();
            *refunded += amount;
            *received = (*received).max(*refunded);
        }
        objects.retain(|_, (received, refunded)| *received > 0 || *refunded > 0);
        objects
    }
}

impl ModelOrder {
    /// What banks have kept of each money object: both ends of the dispute must have been told.
    fn lost(&self) -> BTreeMap<(String, String), i64> {
        let mut lost = BTreeMap::new();
        for money in &self.money {
            let Some(Dispute::Opened(amount)) = money.dispute else { continue };
            let of_it = |m: &&Money| m.reference == money.reference && m.provider == money.provider;
            let mut told = self.money.iter().filter(of_it);
            if told.any(|m| m.dispute == Some(Dispute::Lost)) {
                lost.insert((money.provider.to_owned(), money.reference.clone()), amount);
            }
        }
        lost
    }
}

/// Stock as its callers remember it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Moved {
    /// Units in the house, before orders took any.
    pub on_hand: i64,
    /// Units set aside by hand.
    pub by_hand: i64,
}

/// The books.
#[derive(Default)]
pub struct Model {
    /// Orders by their place in the plan.
    pub orders: BTreeMap<usize, ModelOrder>,
    /// Stock by article.
    pub stock: BTreeMap<String, Moved>,
    /// Ids of subscriptions by number.
    pub subscriptions: BTreeMap<usize, String>,
    /// Answers by what was asked and how it was answered.
    pub answers: BTreeMap<(String, i64), u64>,
    /// Codes of refusals.
    pub codes: BTreeMap<String, u64>,
    /// What pickers find is known to the last unit.
    pub exact_finds: bool,
    /// Requests whose success is in the books; each counts once, however often it was asked.
    counted: BTreeSet<String>,
}

/// What a caller does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// It has its answer.
    Done,
    /// It asks again.
    Again,
}

impl Model {
    /// Empty books; whether what pickers find is known to the last unit.
    #[must_use]
    pub fn new(exact_finds: bool) -> Self {
        Self { exact_finds, ..Self::default() }
    }

    /// Somebody will order this.
    pub fn planned(
        &mut self,
        place: usize,
        external: &str,
        client: &str,
        lines: Vec<(String, i64, i64)>,
        shipping: i64,
    ) {
        let order = self.orders.entry(place).or_default();
        order.external = external.to_owned();
        order.client = client.to_owned();
        order.lines = (1..).zip(lines).collect();
        order.shipping = shipping;
    }

    /// Takes an answer in.
    pub fn answered(
        &mut self,
        request: &Request,
        answer: &Answer,
        found: &mut Vec<Finding>,
    ) -> Next {
        let status = answer.status;
        let about = format!("{} {}", request.method, request.words);
        let name = match &request.means {
            Means::Act { command, .. } => command.clone(),
            other => format!("{other:?}").split(['(', ' ']).next().unwrap_or_default().to_owned(),
        };
        *self.answers.entry((name, status)).or_default() += 1;
        if let Some(code) = answer.body["code"].as_str() {
            *self.codes.entry(code.to_owned()).or_default() += 1;
        }
        match status {
            503 | 429 => return Next::Again,
            500.. => {
                found.push(Finding::new("server_error", &about, format!("{answer:?}")));
                return Next::Done;
            }
            _ => {}
        }
        let good = matches!(status, 200..=202);
        let first = good && request.key.as_ref().is_none_or(|key| self.counted.insert(key.clone()));
        match &request.means {
            Means::Placed(place) => {
                let order = self.orders.get(place);
                let gone = status == 410 && order.is_some_and(|order| order.deletion);
                if gone {
                    return Next::Done;
                }
                if !good {
                    found.push(Finding::new("order_refused", &about, format!("{answer:?}")));
                } else if let Some(order) = self.orders.get_mut(place) {
                    let id = answer.body["id"].as_str().unwrap_or_default().to_owned();
                    if order.id.as_ref().is_some_and(|known| *known != id) {
                        let detail = format!("{:?} is also {id}", order.id);
                        found.push(Finding::new("order_twice", &about, detail));
                    }
                    order.id = Some(id);
                }
            }
            Means::Money(money) => {
                // Signed too long before it was looked at: the provider signs again.
                if status == 400 && answer.body["code"] == "signature_invalid" {
                    return Next::Again;
                }
                if good {
                    self.orders.entry(money.order).or_default().money.push(money.clone());
                } else {
                    found.push(Finding::new("money_refused", &about, format!("{answer:?}")));
                }
            }
            Means::Act { order, command } => {
                let allowed = self.may_refuse(*order, status);
                if command == "pick" && request.body["short"].is_array() {
                    self.picked(*order, request, answer, first);
                }
                if first {
                    self.acted(*order, command, &request.body, answer);
                }
                if !good && !allowed {
                    found.push(Finding::new("unexpected_answer", &about, format!("{answer:?}")));
                } else if answer.body["code"] == "idempotency_key_reused" {
                    found.push(Finding::new("repeat_refused", &about, format!("{answer:?}")));
                }
            }
            Means::Edited { order, change } => {
                if first {
                    self.edited(*order, change);
                }
                if !good && !self.may_refuse(*order, status) {
                    found.push(Finding::new("unexpected_answer", &about, format!("{answer:?}")));
                }
            }
            Means::Parted { order, part, units } => {
                if first {
                    self.parted(*order, *part, units, answer, found);
                }
                if !good && !self.may_refuse(*order, status) {
                    found.push(Finding::new("unexpected_answer", &about, format!("{answer:?}")));
                }
            }
            Means::Proposed { order, changes } => {
                if first {
                    self.proposed(*order, changes, answer);
                } else if !good {
                    // Refused: another may be proposed.
                    self.orders.entry(*order).or_default().proposed = false;
                }
                if !good && !self.may_refuse(*order, status) {
                    found.push(Finding::new("unexpected_answer", &about, format!("{answer:?}")));
                }
            }
            Means::Replied { order, number, said } => {
                self.replied((*order, *number), said, request, answer, found);
            }
            Means::Deleted(_) => {
                if !matches!(status, 204 | 409) {
                    found.push(Finding::new("unexpected_answer", &about, format!("{answer:?}")));
                }
            }
            Means::Moved { sku, on_hand, by_hand } => {
                if first {
                    let line = self.stock.entry(sku.clone()).or_default();
                    line.on_hand += on_hand;
                    line.by_hand += by_hand;
                }
                if !good && status != 422 {
                    found.push(Finding::new("unexpected_answer", &about, format!("{answer:?}")));
                }
            }
            Means::Subscribed(number) => {
                if good {
                    let id = answer.body["id"].as_str().unwrap_or_default().to_owned();
                    self.subscriptions.insert(*number, id);
                } else if status != 422 {
                    found.push(Finding::new("unexpected_answer", &about, format!("{answer:?}")));
                }
            }
            Means::SubscriptionAct => {
                if !good && !matches!(status, 409 | 422) {
                    found.push(Finding::new("unexpected_answer", &about, format!("{answer:?}")));
                }
            }
            Means::OfSubscription => {
                if status == 400 && answer.body["code"] == "signature_invalid" {
                    return Next::Again;
                }
                if !good {
                    found.push(Finding::new("money_refused", &about, format!("{answer:?}")));
                }
            }
            Means::Card => {
                if !good {
                    found.push(Finding::new("unexpected_answer", &about, format!("{answer:?}")));
                }
            }
            Means::Set => {}
        }
        Next::Done
    }

    /// Whether an order may refuse something in that way.
    fn may_refuse(&self, place: usize, status: i64) -> bool {
        // To who asks for it by its id it is not there; its keys say that it was deleted.
        let is_gone = matches!(status, 404 | 410)
            && self.orders.get(&place).is_some_and(|order| order.deletion);
        is_gone || matches!(status, 409 | 422)
    }

    /// What a picker found is in the books, or may be found again.
    fn picked(&mut self, place: usize, request: &Request, answer: &Answer, first: bool) {
        let exact = self.exact_finds;
        match answer.status {
            200..=202 if first => self.found(place, &request.body["short"], answer, exact),
            200..=202 => {}
            _ => self.orders.entry(place).or_default().found = false,
        }
    }

    pub(crate) fn edited(&mut self, place: usize, change: &Change) {
        let Some(order) = self.orders.get_mut(&place) else { return };
        match change {
            Change::Units(line, units) => {
                if let Some((_, wanted, _)) = order.lines.get_mut(line) {
                    let before = order.fewest.get(line).copied().unwrap_or(*wanted);
                    order.fewest.insert(*line, before.min(*wanted).min(*units));
                    *wanted = *units;
                }
            }
            Change::Removed(line) => {
                if let Some((_, wanted, _)) = order.lines.get_mut(line) {
                    *wanted = 0;
                }
            }
            Change::Added(sku, units, price) => order.added.push((sku.clone(), *units, *price)),
        }
    }

    /// Units went over to an order of its own, whose id the answer tells.
    fn parted(
        &mut self,
        place: usize,
        part: usize,
        units: &[(u64, i64)],
        answer: &Answer,
        found: &mut Vec<Finding>,
    ) {
        let Some(order) = self.orders.get_mut(&place) else { return };
        let parts = answer.body["parts"].as_array().map_or(&[][..], Vec::as_slice);
        let [id] = parts else {
            let detail = format!("split once, and its parts are {parts:?}");
            return found.push(Finding::new("parts_differ", &order.external, detail));
        };
        let mut new = ModelOrder {
            id: id.as_str().map(str::to_owned),
            client: order.client.clone(),
            part_of: Some(order.part_of.unwrap_or(place)),
            ..ModelOrder::default()
        };
        for (line, units) in units {
            let Some((sku, wanted, price)) = order.lines.get_mut(line) else { continue };
            *wanted -= units;
            new.lines.insert(*line, (sku.clone(), *units, *price));
        }
        self.orders.insert(part, new);
    }

    fn acted(&mut self, place: usize, command: &str, body: &Value, answer: &Answer) {
        let Some(order) = self.orders.get_mut(&place) else { return };
        let lines = || body["lines"].as_array().into_iter().flatten();
        match command {
            "pay" => order.money.push(Money {
                order: place,
                provider: "manual",
                reference: body["reference"].as_str().unwrap_or_default().to_owned(),
                received: to_cents(&body["amount"]),
                refunded: 0,
                currency: "EUR",
                dispute: None,
            }),
            "cancel" => {
                for one in lines() {
                    let number = one["line"].as_u64().unwrap_or(0);
                    let Some((_, wanted, _)) = order.lines.get(&number) else { continue };
                    let cancelled = order.cancelled.entry(number).or_default();
                    *cancelled += one["quantity"].as_i64().unwrap_or(0);
                    let left = (wanted - *cancelled).max(0);
                    let fewest = order.fewest.entry(number).or_insert(left);
                    *fewest = (*fewest).min(left);
                }
            }
            "refund" => order.given_back += to_cents(&body["amount"]),
            "refund_done" => order.handed_back += to_cents(&body["amount"]),
            "release" if body["name"] == WRONG_CURRENCY => {
                order.foreign_closed.extend(order.foreign.iter().cloned());
            }
            "deliver" if body["collected"].is_object() => {
                // The house names money at the door after the version: its caller sees it in the answer.
                let at_door = answer.body["payment"]["payments"].as_array().into_iter().flatten();
                for payment in at_door
                    .filter(|p| p["reference"].as_str().is_some_and(|r| r.starts_with("door-")))
                {
                    order.money.push(Money {
                        order: place,
                        provider: "manual",
                        reference: payment["reference"].as_str().unwrap_or_default().to_owned(),
                        received: to_cents(&payment["amount"]),
                        refunded: 0,
                        currency: "EUR",
                        dispute: None,
                    });
                }
            }
            "pick" => {
                // What a picker could not find is booked off; what has a defect is there.
                let missing = |line: &&Value| !line["defect"].is_string();
                for line in body["short"].as_array().into_iter().flatten().filter(missing) {
                    let number = line["line"].as_u64().unwrap_or(0);
                    if let Some(sku) = article(order, number, answer) {
                        let units = line["quantity"].as_i64().unwrap_or(0);
                        self.stock.entry(sku).or_default().on_hand -= units;
                    }
                }
            }
            "ship" => {
                if body["lines"].is_array() {
                    for line in lines() {
                        let number = line["line"].as_u64().unwrap_or(0);
                        *order.sent.entry(number).or_default() +=
                            line["quantity"].as_i64().unwrap_or(0);
                    }
                } else {
                    order.sent_all = true;
                }
            }
            "return" => {
                for line in lines().filter(|line| line["condition"] == "restock") {
                    let number = line["line"].as_u64().unwrap_or(0);
                    if let Some(sku) = article(order, number, answer) {
                        *order.restocked.entry(sku).or_default() +=
                            line["quantity"].as_i64().unwrap_or(0);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The article of a line: as it was ordered, or of one that was added as the answer names it.
fn article(order: &ModelOrder, number: u64, answer: &Answer) -> Option<String> {
    if let Some((sku, _, _)) = order.lines.get(&number) {
        return Some(sku.clone());
    }
    let mut said = answer.body["lines"].as_array()?.iter();
    let line = said.find(|line| line["line"].as_u64() == Some(number))?;
    line["sku"].as_str().map(str::to_owned)
}
