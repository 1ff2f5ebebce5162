//! Subscriptions: orders that repeat (`spec/domain.md`, "Recurring orders").
//!
//! Which dates is [`crate::recurrence`]; here is what becomes of a date that is due, and what
//! people may do to a subscription. Exactly one order per occurrence: the order and the advance
//! of the subscription are one transaction, on the version that was read.

use crate::dunning::{Dunning, Unpaid};
use crate::intake::Price;
use crate::money::Amount;
use crate::order::Order;
use crate::price::reckon_order;
use crate::recurrence::{CatchUp, Occurrence, Schedule};
use crate::time::{Seconds, Timestamp};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// An occurrence later than this counts as missed: `catch_up` says what becomes of it.
pub const MISSED_AFTER: Seconds = Seconds::hours(1);
/// How many skipped dates a subscription remembers ahead.
pub const SKIPS_MAX: usize = 100;

/// Whether a subscription makes orders.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// It makes orders.
    Active,
    /// It makes none until it is resumed, or until a date.
    Paused,
    /// It has made its last.
    Ended,
    /// Nobody wants it any more.
    Cancelled,
}

/// A subscription as it stands.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Subscription {
    /// Row id, from (client, key).
    pub id: String,
    /// Who made it.
    pub client: String,
    /// The client's own number.
    pub external_id: Option<String>,
    /// Whose card its orders belong to; empty where nothing identifies the customer.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub customer_id: String,
    /// Digest of the body.
    pub body_hash: String,
    /// Grows with each write.
    pub version: u64,
    /// Whether it makes orders.
    pub status: SubscriptionStatus,
    /// Which dates.
    pub schedule: Schedule,
    /// What happens to dates that came due while nothing ran.
    pub catch_up: CatchUp,
    /// How many days before its order the customer is told; 0 means not at all.
    #[serde(default)]
    pub notice_days: u16,
    /// What becomes of it when an order is not paid in the end.
    #[serde(default)]
    pub unpaid: Unpaid,
    /// What an order of its usual basket comes to: the last one, or the first as it would be.
    #[serde(default)]
    pub value: Amount,
    /// What a unit of each article cost then, or in a later order of another basket. Empty where
    /// nothing was remembered.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub prices: BTreeMap<String, Price>,
    /// The last date of which the customer was told before its order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub announced: Option<Date>,
    /// An order that nobody has managed to pay yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dunning: Option<Dunning>,
    /// The last order that was given up: nobody begins to ask for it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub given_up: Option<String>,
    /// When it made its last order, or nobody wanted it any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// The body as it was sent: what each order is made from. Personal data.
    pub body: serde_json::Value,
    /// What the next order alone is made from, where that differs. Personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_body: Option<serde_json::Value>,
    /// The last date dealt with: made, skipped or missed.
    pub last_key: Option<Date>,
    /// Dates that will be skipped.
    pub skips: BTreeSet<Date>,
    /// Paused until this local date.
    pub paused_until: Option<Date>,
    /// Why it was cancelled or paused: in somebody's words, or `not_paid`.
    #[serde(default)]
    pub cancel_reason: Option<String>,
    /// No order is made for dates after this one.
    pub last_wanted: Option<Date>,
    /// How many orders it has made.
    pub orders_made: u32,
    /// Its client belongs to the seller's house (it is no partner).
    #[serde(default)]
    pub is_house: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
    /// Since when nothing in it tells who the customer was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<Timestamp>,
}

/// Of the body of a subscription, what may stay when its customer is erased.
const KEPT_OF_BODY: [&str; 8] = [
    "external_id",
    "currency",
    "policy",
    "price",
    "notice_days",
    "prices_include_tax",
    "payment",
    "shipping",
];

/// What is to be done about a subscription that may be due.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Due {
    /// Not yet.
    NotDue,
    /// Dates pass without an order; the subscription goes on with this state.
    Advance,
    /// This date gets its order.
    Make(Occurrence),
    /// The customer is told that this date will.
    Announce(Occurrence),
}

impl Subscription {
    /// What its next order is made from.
    #[must_use]
    pub fn coming_body(&self) -> &serde_json::Value {
        self.next_body.as_ref().unwrap_or(&self.body)
    }

    /// When it is due next: a date, the notice of one, or an order that is not paid.
    #[must_use]
    pub fn due_at(&self) -> Option<Timestamp> {
        let notice = self.notice_due().map(|(at, _)| at);
        let dunning = self.dunning.as_ref().map(|dunning| dunning.due_at);
        [self.date_due(), notice, dunning].into_iter().flatten().min()
    }

    /// The next date of which the customer is told before, and when.
    fn notice_due(&self) -> Option<(Timestamp, Occurrence)> {
        match self.status {
            SubscriptionStatus::Active if self.notice_days > 0 => {}
            SubscriptionStatus::Active
            | SubscriptionStatus::Paused
            | SubscriptionStatus::Ended
            | SubscriptionStatus::Cancelled => return None,
        }
        let ahead = Seconds::days(i64::from(self.notice_days));
        self.schedule
            .after(self.last_key.max(self.announced))
            .take_while(|o| self.last_wanted.is_none_or(|last| o.key <= last))
            .find(|o| !self.skips.contains(&o.key))
            .map(|o| (o.at.minus(ahead), o))
    }

    /// When a date is due next.
    fn date_due(&self) -> Option<Timestamp> {
        match self.status {
            SubscriptionStatus::Active => self.next().map(|o| o.at),
            SubscriptionStatus::Paused => {
                self.paused_until.and_then(|until| self.first_from(until)).map(|o| o.at)
            }
            SubscriptionStatus::Ended | SubscriptionStatus::Cancelled => None,
        }
    }

    /// The next date, whether it is skipped or not.
    #[must_use]
    pub fn next(&self) -> Option<Occurrence> {
        self.schedule
            .after(self.last_key)
            .next()
            .filter(|o| self.last_wanted.is_none_or(|last| o.key <= last))
    }

    fn first_from(&self, date: Date) -> Option<Occurrence> {
        self.schedule.after(self.last_key).find(|o| o.key >= date)
    }

    /// The next dates that get an order, at most so many: exactly those that will be made.
    #[must_use]
    pub fn preview(&self, count: usize) -> Vec<Occurrence> {
        let from = match self.status {
            SubscriptionStatus::Active => None,
            SubscriptionStatus::Paused => match self.paused_until {
                Some(until) => Some(until),
                None => return Vec::new(),
            },
            SubscriptionStatus::Ended | SubscriptionStatus::Cancelled => return Vec::new(),
        };
        self.schedule
            .after(self.last_key)
            .take_while(|o| self.last_wanted.is_none_or(|last| o.key <= last))
            .filter(|o| from.is_none_or(|from| o.key >= from))
            .filter(|o| !self.skips.contains(&o.key))
            .take(count)
            .collect()
    }

    /// Remembers what an order of it costs, so that a rise can be told of. One of another basket, for
    /// once, says nothing of what an order usually comes to.
    pub fn remember(&mut self, order: &Order, for_once: bool) {
        if !for_once {
            self.value = order.gross();
            self.prices.clear();
        }
        for (sku, price) in unit_prices(order) {
            match price {
                Some(price) => self.prices.insert(sku.to_owned(), price),
                None => self.prices.remove(sku),
            };
        }
    }

    /// What its coming order would have come to at the prices of the last one, where it has become
    /// dearer: the same goods at two prices, never two baskets.
    #[must_use]
    pub fn before_the_rise(&self, coming: &Order) -> Option<Amount> {
        let before = if self.next_body.is_none() {
            self.value
        } else {
            let mut then = coming.clone();
            for line in &mut then.lines {
                if let Some(price) = self.prices.get(&line.sku) {
                    line.detail.unit_price = Some(price.value);
                    line.detail.price_places = price.places;
                }
            }
            reckon_order(&mut then);
            then.gross()
        };
        (coming.gross() > before).then_some(before)
    }

    /// Deals with the dates that are due now: at most one order at a time; what is left is found
    /// by the next run. Returns the subscription as it must be afterwards, and what to do.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> (Self, Due) {
        let mut after = self.clone();
        let is_due = self.date_due().is_some_and(|due| due <= now);
        let notice = self.notice_due().filter(|(at, _)| *at <= now && !is_due);
        if !is_due && notice.is_none() {
            return (after, Due::NotDue);
        }
        after.updated_at = now.max(self.updated_at);
        after.version = self.version.saturating_add(1);
        if let Some((_, occurrence)) = notice {
            after.announced = Some(occurrence.key);
            return (after, Due::Announce(occurrence));
        }
        if self.status == SubscriptionStatus::Paused {
            after.pass_paused();
        }
        let due: Vec<Occurrence> = after
            .schedule
            .after(after.last_key)
            .take_while(|o| o.at <= now)
            .take_while(|o| after.last_wanted.is_none_or(|last| o.key <= last))
            .take(match after.catch_up {
                CatchUp::Each | CatchUp::Skip => DUE_AT_ONCE_MAX,
                // The latest is found only by looking at all of them.
                CatchUp::Latest => usize::MAX,
            })
            .collect();
        let wanted = |o: &&Occurrence| !after.skips.contains(&o.key);
        let missed = |o: &&Occurrence| o.at.plus(MISSED_AFTER) < now;
        let chosen = match after.catch_up {
            CatchUp::Each => due.iter().find(wanted),
            // Those of a moment ago are no outage, even if several dates have one moment.
            CatchUp::Latest => due
                .iter()
                .find(|o| wanted(o) && !missed(o))
                .or_else(|| due.iter().rev().find(wanted)),
            CatchUp::Skip => due.iter().find(|o| wanted(o) && !missed(o)),
        }
        .cloned();
        let passed = match (&chosen, after.catch_up) {
            (Some(chosen), _) => Some(chosen.key),
            (None, _) => due.last().map(|o| o.key),
        };
        after.last_key = passed.or(after.last_key);
        after.skips.retain(|date| after.last_key.is_none_or(|last| *date > last));
        if chosen.is_some() {
            after.orders_made = after.orders_made.saturating_add(1);
            after.next_body = None;
        }
        after.end_if_over();
        (after, chosen.map_or(Due::Advance, Due::Make))
    }

    /// After its last date it is over.
    fn end_if_over(&mut self) {
        if self.status == SubscriptionStatus::Active && self.next().is_none() {
            self.end(match self.last_wanted {
                Some(_) => SubscriptionStatus::Cancelled,
                None => SubscriptionStatus::Ended,
            });
        }
    }

    /// It makes no more orders; `updated_at` says since when.
    pub(crate) fn end(&mut self, status: SubscriptionStatus) {
        self.status = status;
        self.ended_at = Some(self.updated_at);
    }

    /// The pause is over: dates before its end pass without an order.
    fn pass_paused(&mut self) {
        self.status = SubscriptionStatus::Active;
        if let Some(until) = self.paused_until.take() {
            let passed = self.schedule.after(self.last_key).take_while(|o| o.key < until).last();
            self.last_key = passed.map(|o| o.key).or(self.last_key);
        }
    }

    /// Whether it makes no more orders.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match self.status {
            SubscriptionStatus::Ended | SubscriptionStatus::Cancelled => true,
            SubscriptionStatus::Active | SubscriptionStatus::Paused => false,
        }
    }

    /// The same without a word of who the customer was; none while it still makes orders, or where
    /// that was done before.
    #[must_use]
    pub fn erased(&self, now: Timestamp) -> Option<Self> {
        if !self.is_over() || self.erased_at.is_some() {
            return None;
        }
        let mut after = self.clone();
        after.version = self.version.saturating_add(1);
        after.updated_at = now.max(self.updated_at);
        after.erased_at = Some(after.updated_at);
        after.next_body = None;
        after.cancel_reason = None;
        if let Some(body) = after.body.as_object_mut() {
            let lines = body.get("lines").map(goods_of);
            body.retain(|name, _| KEPT_OF_BODY.contains(&name.as_str()));
            body.extend(lines.map(|lines| ("lines".to_owned(), lines)));
        }
        Some(after)
    }

    /// Carries out what somebody asks for.
    ///
    /// # Errors
    /// Why it cannot be done, as (code, sentence).
    pub fn act(
        &self,
        act: &SubscriptionAct,
        now: Timestamp,
    ) -> Result<Self, (&'static str, String)> {
        if self.is_over() {
            return Err(("not_allowed_in_status", "The subscription is over.".to_owned()));
        }
        let mut after = self.clone();
        after.version = self.version.saturating_add(1);
        after.updated_at = now.max(self.updated_at);
        match act {
            SubscriptionAct::Skip { date } => after.skip(*date)?,
            SubscriptionAct::Pause { until } => {
                if until.is_some_and(|until| self.schedule.today(now).is_some_and(|t| until <= t)) {
                    let detail = "Write a date after today, or leave `until` out.".to_owned();
                    return Err(("until_in_past", detail));
                }
                after.status = SubscriptionStatus::Paused;
                after.paused_until = *until;
            }
            SubscriptionAct::Resume => {
                if self.status == SubscriptionStatus::Paused {
                    // Dates that came and went during the pause get no order.
                    let passed =
                        after.schedule.after(after.last_key).take_while(|o| o.at <= now).last();
                    after.last_key = passed.map(|o| o.key).or(after.last_key);
                }
                after.status = SubscriptionStatus::Active;
                after.paused_until = None;
                after.cancel_reason = None;
            }
            SubscriptionAct::Change { body, only_next: false } => after.body = body.clone(),
            SubscriptionAct::Change { body, only_next: true } => {
                after.next_body = Some(body.clone());
            }
            SubscriptionAct::Cancel { at_period_end, reason } => {
                after.cancel_reason.clone_from(reason);
                let next = after.next().map(|o| o.key);
                match (at_period_end, next) {
                    (true, Some(next)) => after.last_wanted = Some(next),
                    (true, None) | (false, _) => after.end(SubscriptionStatus::Cancelled),
                }
            }
        }
        after.end_if_over();
        Ok(after)
    }

    fn skip(&mut self, date: Option<Date>) -> Result<(), (&'static str, String)> {
        let coming = self.preview(SKIPS_MAX);
        let found = match date {
            None => coming.first(),
            Some(date) => coming.iter().find(|o| o.key == date || o.date == date),
        };
        let Some(occurrence) = found else {
            if date.is_some_and(|d| self.skips.contains(&d)) {
                return Ok(());
            }
            return Err(("no_such_occurrence", "No coming occurrence has that date.".to_owned()));
        };
        if self.skips.len() >= SKIPS_MAX {
            return Err((
                "too_many_skips",
                format!("At most {SKIPS_MAX} dates can be skipped ahead."),
            ));
        }
        self.skips.insert(occurrence.key);
        Ok(())
    }
}

/// Lines without what the customer had them engraved with.
fn goods_of(lines: &serde_json::Value) -> serde_json::Value {
    let mut lines = lines.clone();
    for line in lines.as_array_mut().into_iter().flatten() {
        if let Some(line) = line.as_object_mut() {
            line.remove("options");
        }
    }
    lines
}

/// How many due dates one run looks at.
const DUE_AT_ONCE_MAX: usize = 1_000;

/// What people may do to a subscription.
#[derive(Clone, PartialEq, Eq)]
pub enum SubscriptionAct {
    /// No order for the next date, or for this one.
    Skip {
        /// Which; none means the next.
        date: Option<Date>,
    },
    /// No orders until it is resumed.
    Pause {
        /// It goes on by itself with the first date not before this.
        until: Option<Date>,
    },
    /// It goes on.
    Resume,
    /// The coming orders are made from another body; its schedule stays.
    Change {
        /// The whole body. Personal data.
        body: serde_json::Value,
        /// The next order alone.
        only_next: bool,
    },
    /// Nobody wants it any more.
    Cancel {
        /// The coming order is still made.
        at_period_end: bool,
        /// Why, in somebody's words.
        reason: Option<String>,
    },
}

impl std::fmt::Debug for SubscriptionAct {
    /// Without the body: it holds personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Skip { date } => f.debug_struct("Skip").field("date", date).finish(),
            Self::Pause { until } => f.debug_struct("Pause").field("until", until).finish(),
            Self::Resume => f.write_str("Resume"),
            Self::Change { body: _, only_next } => {
                f.debug_struct("Change").field("only_next", only_next).finish_non_exhaustive()
            }
            Self::Cancel { at_period_end, reason: _ } => {
                let mut shown = f.debug_struct("Cancel");
                shown.field("at_period_end", at_period_end).finish_non_exhaustive()
            }
        }
    }
}

/// What a unit of each article costs; none of one that stands there at two prices, or at none.
fn unit_prices(order: &Order) -> BTreeMap<&str, Option<Price>> {
    let mut prices: BTreeMap<&str, Option<Price>> = BTreeMap::new();
    for line in &order.lines {
        let places = line.detail.price_places;
        let price = line.detail.unit_price.map(|value| Price { value, places });
        let known = prices.entry(&line.sku).or_insert(price);
        if *known != price {
            *known = None;
        }
    }
    prices
}
