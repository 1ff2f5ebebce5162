//! The body of `POST /v1/subscriptions` (`spec/api.md`): an order's parts and a schedule.
//!
//! Here is only presence and shape, of the rule too; whether it can ever give a date is judged by
//! [`crate::recurrence::Schedule`].

use super::limits::{COUNT_MAX, NOTICE_DAYS_MAX, PRICE_PLACES_MAX, RULE_CHARACTERS_MAX};
use super::order::{SHARED_FIELDS, draft};
use super::reader::{self, Object, Report};
use super::{Defaults, Draft, Problem, Product};
use crate::dunning::Unpaid;
use crate::order::{Channel, Terms};
use crate::recurrence::{CatchUp, LEAD_DAYS_MAX, MonthEnd, NonWorking, Occurrence, Rule};
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// When an order is made if the body does not say: as a shop opens.
const TIME_DEFAULT: Time = Time::constant(9, 0, 0, 0);

/// Which price an occurrence's order is made at.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionPrice {
    /// The price of the day it was agreed.
    #[default]
    Locked,
    /// The catalogue's price of the day; a rise is announced in the notice.
    Current,
}

/// A subscription as it was sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SubscriptionDraft {
    /// The client's own number of the subscription.
    pub external_id: Option<String>,
    /// What each order looks like: channel `recurring`, no `external_id`, no wished date, no
    /// stated total.
    pub order: Draft,
    /// The RFC 5545 rule as it was sent.
    pub rule: String,
    /// What happens to a day that a month does not have.
    pub month_end: MonthEnd,
    /// What happens to a date that is not worked on.
    pub non_working: NonWorking,
    /// The first local date.
    pub start: Date,
    /// The last local date.
    pub until: Option<Date>,
    /// How many occurrences at most.
    pub count: Option<u32>,
    /// The local time at which an order is made.
    pub time: Time,
    /// IANA zone; else the customer's; none means the seller's.
    pub time_zone: Option<String>,
    /// How many days before the occurrence its order is made.
    pub lead_days: u16,
    /// How many days before its order the customer is told.
    pub notice_days: u16,
    /// At which price.
    pub price: SubscriptionPrice,
    /// What is made of occurrences that came due while nothing ran.
    pub catch_up: CatchUp,
    /// What becomes of it when an order is not paid in the end.
    pub unpaid: Unpaid,
}

/// The fields of the schedule.
const SCHEDULE_FIELDS: [&str; 13] = [
    "rule",
    "month_end",
    "non_working",
    "start",
    "until",
    "count",
    "time",
    "time_zone",
    "lead_days",
    "notice_days",
    "price",
    "catch_up",
    "unpaid",
];

/// Reads the body of a subscription; the channel of `defaults` is not used.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_subscription(
    body: &Value,
    defaults: &Defaults,
) -> Result<SubscriptionDraft, Vec<Problem>> {
    parse_with_places(body, defaults, None)
}

/// Reads the body of a subscription that was agreed: its prices may be as fine as any list's.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_agreed_subscription(
    body: &Value,
    defaults: &Defaults,
) -> Result<SubscriptionDraft, Vec<Problem>> {
    parse_with_places(body, defaults, Some(PRICE_PLACES_MAX))
}

fn parse_with_places(
    body: &Value,
    defaults: &Defaults,
    price_places: Option<u32>,
) -> Result<SubscriptionDraft, Vec<Problem>> {
    let report = Report::default();
    let known = [&SHARED_FIELDS[..], &SCHEDULE_FIELDS].concat();
    let draft = reader::root(body, &report)
        .required("send the subscription as a JSON object.")
        .object(&known)
        .and_then(|body| subscription(&body, defaults, price_places));
    report.finish(draft)
}

fn subscription(
    body: &Object<'_, '_>,
    defaults: &Defaults,
    price_places: Option<u32>,
) -> Option<SubscriptionDraft> {
    let order = draft(body, defaults, price_places);
    let rule = body
        .field("rule")
        .required("write an RFC 5545 rule, like \"FREQ=MONTHLY;BYMONTHDAY=31\".")
        .text(RULE_CHARACTERS_MAX);
    if let Some(Err(problem)) = rule.as_deref().map(Rule::parse) {
        body.field("rule").refuse(problem.code(), format!("{problem}."));
    }
    let month_end = body.field("month_end").choice().unwrap_or_default();
    let non_working = body.field("non_working").choice().unwrap_or_default();
    let start = body.field("start").required("write the first date, like \"2026-01-31\".").date();
    let until = body.field("until").date();
    let count = body.field("count").whole(1, COUNT_MAX);
    let time = body.field("time").time().unwrap_or(TIME_DEFAULT);
    let time_zone = body.field("time_zone").time_zone();
    let lead_days = body.field("lead_days").whole(0, LEAD_DAYS_MAX).unwrap_or_default();
    let notice_days = body.field("notice_days").whole(0, NOTICE_DAYS_MAX).unwrap_or_default();
    let price = body.field("price").choice().unwrap_or_default();
    let catch_up = body.field("catch_up").choice().unwrap_or_default();
    let unpaid = body.field("unpaid").choice().unwrap_or_default();

    let mut order = order?;
    if order.terms.and_then(Terms::deposit).is_some()
        && let Some(payment) = body.field("payment").object(&["terms", "method", "references"])
    {
        let detail = "Orders of a subscription are paid in one: write other terms.";
        payment.field("terms").refuse("deposit_not_recurring", detail);
        return None;
    }
    let external_id = order.external_id.take();
    order.channel = Channel::Recurring;
    // The occurrence is the wished date of its order.
    order.placed.delivery.requested_date = None;
    Some(SubscriptionDraft {
        external_id,
        rule: rule?,
        month_end,
        non_working,
        start: start?,
        until,
        count,
        time,
        time_zone: time_zone.or_else(|| order.placed.customer.time_zone.clone()),
        lead_days,
        notice_days,
        price,
        catch_up,
        unpaid,
        order,
    })
}

impl SubscriptionDraft {
    /// The body of the order of an occurrence: its wished date is the occurrence's, and with
    /// `price: current` an article has the price of its list, where there is one.
    #[must_use]
    pub fn order_of(&self, occurrence: &Occurrence, products: &BTreeMap<String, Product>) -> Draft {
        let mut order = self.order.clone();
        order.placed.delivery.requested_date = Some(occurrence.date.to_string());
        if self.price == SubscriptionPrice::Locked {
            return order;
        }
        for line in &mut order.lines {
            let listed = products.get(&line.sku).and_then(|p| p.price(order.currency));
            if listed.is_some() {
                line.detail.unit_price = None;
            }
        }
        order
    }
}
