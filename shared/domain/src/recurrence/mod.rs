//! Recurring orders: which dates a rule gives, and at which moment each order is made.
//!
//! - `rule.rs` reads the text of an RFC 5545 rule, daily and coarser.
//! - `expand.rs` turns a rule and its start into local dates.
//! - `calendar.rs` moves a date off non-working days.
//! - `schedule.rs` puts them together: a [`Schedule`] gives [`Occurrence`]s.
//! - `error.rs` holds what can be wrong, each with a code, a field and a remedy.
//!
//! Everything here is pure: the preview and the orders come from the same function,
//! [`Schedule::after`], and nothing reads a clock. Moments are [`crate::time::Timestamp`]s.
//!
//! # The identity of an occurrence
//!
//! An occurrence is known by its [`key`](Occurrence::key), the local date that the rule gave. What
//! comes after (non-working days, lead days, the time zone) changes when the order is made, never
//! which occurrence it is. Keys of one schedule increase strictly.
//!
//! # Where RFC 5545 leaves a choice
//!
//! - The start counts as an instance only if it matches the rule.
//! - Without any of `BYMONTHDAY`, `BYDAY`, `BYYEARDAY`, `BYWEEKNO` the anchor comes from the start:
//!   weekday of a weekly rule, day of a monthly one, day and month of a yearly one. `BYWEEKNO`
//!   alone gives all seven days of the week.
//! - `BYDAY=1MO,TU` is a union: the first Monday and every Tuesday.
//! - `INTERVAL` of a yearly rule with `BYWEEKNO` counts calendar years, not years of weeks.
//! - `BYSETPOS` picks from the whole day, week, month or year, also when it began before the start.
//! - A combination that the RFC forbids is refused, never guessed.
//! - The end (`until`, `UNTIL`) is compared with the key, not with the moved date.

mod calendar;
mod error;
mod expand;
mod rule;
mod schedule;

pub use calendar::{Calendar, NonWorking, SHIFT_DAYS_MAX};
pub use error::{RuleError, ScheduleError};
pub use expand::{EMPTY_YEARS_MAX, MonthEnd};
pub use rule::{INTERVAL_MAX, Rule, TEXT_BYTES_MAX};
pub use schedule::{CatchUp, LEAD_DAYS_MAX, Occurrence, START_YEAR_MAX, START_YEAR_MIN, Schedule};
