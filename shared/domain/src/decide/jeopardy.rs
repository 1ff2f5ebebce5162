//! How close an order is to missing its limit or its promise: a figure from 0 to 100, made of parts
//! that can be shown. Pure: the same order at the same moment has the same figure.
//!
//! | part | points | how |
//! |---|---|---|
//! | limit | 0–40 | the share of its time that is over, from coming to the status to the next thing that is due; 40 once it is overdue |
//! | promise | 0–30 | the wished day, or the day a shipment was expected: from seven days before to its end; 30 after it, until all has been handed over |
//! | work | 0–15 | 5 for each open exception or task whose time is over, 2 for each other |
//! | value | 0–15 | 15 × total / (total + 300.00): half of it at 300.00 |
//!
//! A closed order has only the points of its work.

use super::limits;
use crate::order::Order;
use crate::policy::{Phase, Policy};
use crate::time::{Seconds, Timestamp};

/// Most points of each part.
const LIMIT_POINTS: i64 = 40;
const PROMISE_POINTS: i64 = 30;
const WORK_POINTS: i64 = 15;
const VALUE_POINTS: i64 = 15;
/// The promise begins to count so long before.
const PROMISE_NEAR: Seconds = Seconds::days(7);
/// The total, in the currency's large unit, that has half the points of value.
const VALUE_HALF: i64 = 300;

/// How close an order is to missing something.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Jeopardy {
    /// All of it, 0–100.
    pub score: u8,
    /// Of the status' limit.
    pub limit: u8,
    /// Of what was promised.
    pub promise: u8,
    /// Of what people have to do.
    pub work: u8,
    /// Of what it is worth.
    pub value: u8,
}

/// How close this order is to missing something at that moment.
#[must_use]
pub fn of(policy: &Policy, order: &Order, now: Timestamp) -> Jeopardy {
    let open = order.phase != Phase::Closed;
    let only_open = |points: i64| if open { points } else { 0 };
    let limit = only_open(limit(policy, order, now));
    let promise = only_open(promise(order, now));
    let value = only_open(value(order));
    let work = work(order, now);
    let sum = limit.saturating_add(promise).saturating_add(work).saturating_add(value);
    Jeopardy {
        score: small(sum),
        limit: small(limit),
        promise: small(promise),
        work: small(work),
        value: small(value),
    }
}

fn small(points: i64) -> u8 {
    u8::try_from(points.clamp(0, 100)).unwrap_or(100)
}

/// So much of `most` as of the time from `begin` to `end` is over.
fn share(most: i64, begin: Timestamp, end: Timestamp, now: Timestamp) -> i64 {
    let length = end.milliseconds().saturating_sub(begin.milliseconds());
    let passed = now.milliseconds().saturating_sub(begin.milliseconds());
    if now >= end || length <= 0 {
        return if now >= end { most } else { 0 };
    }
    let points = i128::from(most).saturating_mul(i128::from(passed.max(0)));
    i64::try_from(points.checked_div(i128::from(length)).unwrap_or(0)).unwrap_or(most)
}

fn limit(policy: &Policy, order: &Order, now: Timestamp) -> i64 {
    let next = limits::next_rung_at(policy, order);
    next.map_or(0, |due| share(LIMIT_POINTS, order.status_since, due, now))
}

fn promise(order: &Order, now: Timestamp) -> i64 {
    let handed_over = |s: &crate::order::Shipment| s.delivered_at.is_some();
    let all_there = !order.shipments.is_empty()
        && order.shipments.iter().all(handed_over)
        && order.lines.iter().all(|line| line.to_ship().is_zero());
    if all_there {
        return 0;
    }
    let wished = order.placed.delivery.requested_date.as_deref().and_then(end_of_day);
    let expected = order.shipments.iter().filter(|s| !handed_over(s)).filter_map(|s| s.expected_at);
    let soonest = wished.into_iter().chain(expected).min();
    soonest.map_or(0, |by| share(PROMISE_POINTS, by.minus(PROMISE_NEAR), by, now))
}

/// A wished day ends at 24:00 UTC here, as in the guard `within_delivery_date`.
fn end_of_day(date: &str) -> Option<Timestamp> {
    let day: jiff::civil::Date = date.parse().ok()?;
    Timestamp::parse(&format!("{}T00:00:00Z", day.tomorrow().ok()?)).ok()
}

fn work(order: &Order, now: Timestamp) -> i64 {
    let points = order.work().map(|work| if work.due_at <= now { 5_i64 } else { 2 });
    points.fold(0, i64::saturating_add).min(WORK_POINTS)
}

fn value(order: &Order) -> i64 {
    let unit = 10_i128.checked_pow(order.currency.places()).unwrap_or(1);
    let half = i128::from(VALUE_HALF).saturating_mul(unit);
    let gross = i128::from(order.gross().0.max(0));
    let points = gross.saturating_mul(i128::from(VALUE_POINTS));
    i64::try_from(points.checked_div(gross.saturating_add(half)).unwrap_or(0)).unwrap_or(0)
}
