//! A subscription as the API shows it.
//!
//! What each order is made from stands in the body as it was sent; it is shown as it came.

use crate::values::{Decimal, Moment};
use ordermill_domain::dunning::{Dunning, FailureClass, Unpaid};
use ordermill_domain::figures::{Figures, currency_of};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::recurrence::{CatchUp, MonthEnd, NonWorking, Occurrence};
use ordermill_domain::subscription::{Subscription, SubscriptionStatus};
use ordermill_domain::time::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An order that repeats.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Subscription")]
pub struct SubscriptionView {
    /// Opaque.
    pub id: String,
    /// The client's own number.
    pub external_id: Option<String>,
    /// Grows with each change; the `ETag`.
    pub version: u64,
    /// Who made it.
    pub client: String,
    /// Whether it makes orders.
    pub status: SubscriptionStatus,
    /// Who orders, as sent.
    pub customer: Value,
    /// Whom the invoice is for, as sent.
    pub billing: Value,
    /// Where it goes, as sent.
    pub delivery: Value,
    /// How it is paid, as sent.
    pub payment: Value,
    /// The currency, as sent.
    pub currency: Value,
    /// What each order is of, as sent.
    pub lines: Value,
    /// The lifecycle of its orders, as sent; `null` means the client's.
    pub policy: Value,
    /// The RFC 5545 rule.
    pub rule: String,
    /// What happens to a day that a month does not have.
    #[schemars(with = "MonthEndWord")]
    pub month_end: MonthEnd,
    /// What happens to a date that is not worked on.
    #[schemars(with = "NonWorkingWord")]
    pub non_working: NonWorking,
    /// The first local date.
    pub start: String,
    /// The last local date.
    pub until: Option<String>,
    /// How many occurrences at most.
    pub count: Option<u32>,
    /// The local time at which an order is made.
    pub time: String,
    /// IANA time zone.
    pub time_zone: String,
    /// How many days before the occurrence its order is made.
    pub lead_days: u16,
    /// How many days before its order the customer is told, as sent.
    pub notice_days: Value,
    /// `locked` or `current`, as sent.
    pub price: Value,
    /// What is made of dates that came due while nothing ran.
    #[schemars(with = "CatchUpWord")]
    pub catch_up: CatchUp,
    /// What becomes of it when an order is not paid in the end.
    pub unpaid: Unpaid,
    /// What an order comes to: the last one, or the first as it would be.
    pub order_total: Option<Decimal>,
    /// The order that nobody has managed to pay yet.
    pub dunning: Option<DunningView>,
    /// The last date of which the customer was told before its order.
    pub announced: Option<String>,
    /// The next occurrence that gets an order.
    pub next: Option<OccurrenceView>,
    /// Dates that will be skipped.
    pub skips: Vec<String>,
    /// Paused until this local date.
    pub paused_until: Option<String>,
    /// Why it was cancelled.
    pub cancel_reason: Option<String>,
    /// How many orders it has made.
    pub orders_made: u32,
    /// When it was made.
    pub created_at: Moment,
    /// When it changed last.
    pub updated_at: Moment,
    /// When it made its last order, or nobody wanted it any more.
    pub ended_at: Option<Moment>,
    /// Since when nothing in it tells who the customer was; `null` while it does.
    pub erased_at: Option<Moment>,
}

/// An order of a subscription that nobody has managed to pay yet.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Dunning")]
pub struct DunningView {
    /// The order.
    pub order: String,
    /// Why the last attempt failed.
    pub failure: FailureClass,
    /// When the first attempt failed.
    pub since: Moment,
    /// How many reminders went out.
    pub reminders: u8,
    /// When it is looked at next.
    pub due_at: Moment,
    /// When it is given up.
    pub ends_at: Moment,
}

impl From<&Dunning> for DunningView {
    fn from(dunning: &Dunning) -> Self {
        Self {
            order: dunning.order.clone(),
            failure: dunning.class,
            since: dunning.since.into(),
            reminders: dunning.reminders,
            due_at: dunning.due_at.into(),
            ends_at: dunning.since.plus(dunning.class.ends_after()).into(),
        }
    }
}

/// Figures of subscriptions.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "SubscriptionFigures")]
pub struct FiguresView {
    /// The span begins here.
    pub from: Moment,
    /// And ends before this.
    pub to: Moment,
    /// That make orders now.
    pub active: u64,
    /// Of these, those with an order that nobody has managed to pay yet.
    pub unpaid: u64,
    /// That are paused now.
    pub paused: u64,
    /// That began within the span.
    pub new: u64,
    /// That ended within the span: cancelled, given up, or at their last date.
    pub churned: u64,
    /// Of these, those that were given up since nobody paid.
    pub churned_unpaid: u64,
    /// What active ones bring in a month, by currency: the orders of the coming year at what an
    /// order comes to, by twelve.
    pub mrr: BTreeMap<String, Decimal>,
    /// Whether all were counted; `false` where there are more than one request reads.
    pub complete: bool,
}

impl FiguresView {
    /// The figures of a span.
    #[must_use]
    pub fn new(figures: &Figures, span: (Timestamp, Timestamp), complete: bool) -> Self {
        let written = |(code, sum): (&String, &Amount)| {
            Some((code.clone(), Decimal::amount(*sum, Currency::parse(code)?)))
        };
        Self {
            from: span.0.into(),
            to: span.1.into(),
            active: figures.active,
            unpaid: figures.unpaid,
            paused: figures.paused,
            new: figures.new,
            churned: figures.churned,
            churned_unpaid: figures.churned_unpaid,
            mrr: figures.monthly.iter().filter_map(written).collect(),
            complete,
        }
    }
}

/// One date of a subscription.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Occurrence")]
pub struct OccurrenceView {
    /// The local date of the delivery.
    pub date: String,
    /// When its order is made.
    pub at: Moment,
}

impl From<&Occurrence> for OccurrenceView {
    fn from(occurrence: &Occurrence) -> Self {
        Self { date: occurrence.date.to_string(), at: occurrence.at.into() }
    }
}

/// What happens to a day that a month does not have; only for its schema.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "MonthEnd")]
pub enum MonthEndWord {
    /// The month's last day.
    Clip,
    /// No occurrence in that month.
    Skip,
}

/// What happens to a date that is not worked on; only for its schema.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "NonWorking")]
pub enum NonWorkingWord {
    /// It stays.
    Keep,
    /// It moves to the last working day before.
    Before,
    /// It moves to the first working day after.
    After,
}

/// What is made of dates that came due while nothing ran; only for its schema.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "CatchUp")]
pub enum CatchUpWord {
    /// Only the last of them.
    Latest,
    /// Every one.
    Each,
    /// None.
    Skip,
}

impl SubscriptionView {
    /// The subscription as it stands.
    #[must_use]
    pub fn new(subscription: &Subscription) -> Self {
        let schedule = &subscription.schedule;
        let sent = |name: &str| subscription.body.get(name).cloned().unwrap_or(Value::Null);
        let or = |value: Value, default: Value| if value.is_null() { default } else { value };
        Self {
            id: subscription.id.clone(),
            external_id: subscription.external_id.clone(),
            version: subscription.version,
            client: subscription.client.clone(),
            status: subscription.status,
            customer: sent("customer"),
            billing: sent("billing"),
            delivery: sent("delivery"),
            payment: sent("payment"),
            currency: sent("currency"),
            lines: sent("lines"),
            policy: sent("policy"),
            rule: schedule.rule.text().to_owned(),
            month_end: schedule.month_end,
            non_working: schedule.non_working,
            start: schedule.start.to_string(),
            until: schedule.until.map(|date| date.to_string()),
            count: schedule.count,
            time: schedule.time.strftime("%H:%M").to_string(),
            time_zone: schedule.time_zone.clone(),
            lead_days: schedule.lead_days,
            notice_days: or(sent("notice_days"), Value::from(0)),
            price: or(sent("price"), Value::from("locked")),
            catch_up: subscription.catch_up,
            unpaid: subscription.unpaid,
            order_total: currency_of(subscription)
                .map(|currency| Decimal::amount(subscription.value, currency)),
            dunning: subscription.dunning.as_ref().map(DunningView::from),
            announced: subscription.announced.map(|date| date.to_string()),
            next: subscription.preview(1).first().map(OccurrenceView::from),
            skips: subscription.skips.iter().map(ToString::to_string).collect(),
            cancel_reason: subscription.cancel_reason.clone(),
            paused_until: subscription.paused_until.map(|date| date.to_string()),
            orders_made: subscription.orders_made,
            created_at: subscription.created_at.into(),
            updated_at: subscription.updated_at.into(),
            ended_at: subscription.ended_at.map(Moment::from),
            erased_at: subscription.erased_at.map(Moment::from),
        }
    }
}
