//! What can be wrong with a rule or a schedule: a stable code, the field, and a remedy.
//!
//! Neighbours: `rule.rs` and `schedule.rs` find these; the API turns them into reasons of a 422.

use super::TEXT_BYTES_MAX;
use super::{EMPTY_YEARS_MAX, INTERVAL_MAX, LEAD_DAYS_MAX, START_YEAR_MAX, START_YEAR_MIN};
use jiff::civil::Date;

/// Why a text is not a rule that recurs by days or coarser.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum RuleError {
    /// There is no text.
    #[error("the rule is empty: write one such as `FREQ=MONTHLY;BYMONTHDAY=31`")]
    Empty,
    /// The text is longer than [`TEXT_BYTES_MAX`].
    #[error("the rule is longer than {TEXT_BYTES_MAX} bytes: shorten it, or split it in two")]
    TooLong,
    /// The text holds more than one calendar property.
    #[error(
        "the rule holds more than one calendar property: send the value of one RRULE, \
         and the first date as `start`"
    )]
    NotOneRule,
    /// A part is not of the form `NAME=VALUE`.
    #[error("{part:?} is not a part of a rule: write parts as `NAME=VALUE`, divided by `;`")]
    MalformedPart {
        /// The part as it came.
        part: String,
    },
    /// A part that RFC 5545 does not know.
    #[error("{part:?} is not a part of RFC 5545: {remedy}")]
    UnknownPart {
        /// The name of the part.
        part: String,
        /// What to do instead.
        remedy: &'static str,
    },
    /// A part or value that exists, but not for orders.
    #[error("`{part}` is not supported: {remedy}")]
    RefusedPart {
        /// The part, with its value where that is what is refused.
        part: String,
        /// What to do instead.
        remedy: &'static str,
    },
    /// The same part twice.
    #[error("`{part}` is given twice: keep one, with its values divided by commas")]
    DuplicatePart {
        /// The name of the part.
        part: &'static str,
    },
    /// There is no `FREQ`.
    #[error("`FREQ` is missing: add FREQ=DAILY, WEEKLY, MONTHLY or YEARLY")]
    MissingFrequency,
    /// An interval of nought or above [`INTERVAL_MAX`].
    #[error("`INTERVAL` {value:?} is out of range: use a whole number from 1 to {INTERVAL_MAX}")]
    IntervalOutOfRange {
        /// The value as it came.
        value: String,
    },
    /// A value that the part does not take.
    #[error("`{part}` can't be {value:?}: use {expected}")]
    BadValue {
        /// The name of the part.
        part: &'static str,
        /// The value as it came.
        value: String,
        /// What the part takes.
        expected: &'static str,
    },
    /// Two parts that RFC 5545 forbids together.
    #[error("RFC 5545 forbids `{part}` with {with}: {remedy}")]
    NotTogether {
        /// The name of the part.
        part: &'static str,
        /// What it stands beside.
        with: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
}

impl RuleError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty => "rule_empty",
            Self::TooLong => "rule_too_long",
            Self::NotOneRule => "rule_not_one",
            Self::MalformedPart { .. } => "rule_part_malformed",
            Self::UnknownPart { .. } => "rule_part_unknown",
            Self::RefusedPart { .. } => "rule_part_refused",
            Self::DuplicatePart { .. } => "rule_part_duplicate",
            Self::MissingFrequency => "rule_frequency_missing",
            Self::IntervalOutOfRange { .. } => "rule_interval_out_of_range",
            Self::BadValue { .. } => "rule_value_wrong",
            Self::NotTogether { .. } => "rule_parts_not_together",
        }
    }

    /// The field of a subscription that is wrong: always `rule`.
    #[must_use]
    pub fn field(&self) -> &'static str {
        "rule"
    }

    /// The part of the rule that is wrong, where it is one part.
    #[must_use]
    pub fn part(&self) -> Option<&str> {
        match self {
            Self::Empty | Self::TooLong | Self::NotOneRule => None,
            Self::MalformedPart { part }
            | Self::UnknownPart { part, .. }
            | Self::RefusedPart { part, .. } => Some(part),
            Self::DuplicatePart { part }
            | Self::BadValue { part, .. }
            | Self::NotTogether { part, .. } => Some(part),
            Self::MissingFrequency => Some("FREQ"),
            Self::IntervalOutOfRange { .. } => Some("INTERVAL"),
        }
    }
}

/// Why a schedule can't make orders.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ScheduleError {
    /// The time zone is not in the IANA database.
    #[error("time zone {zone:?} is unknown: use an IANA name such as `Europe/Vilnius`")]
    UnknownTimeZone {
        /// The name as it came.
        zone: String,
    },
    /// The start lies outside the years that a schedule may begin in.
    #[error(
        "the start {start} is out of range: use a date from {START_YEAR_MIN}-01-01 to \
         {START_YEAR_MAX}-12-31"
    )]
    StartOutOfRange {
        /// The start as it came.
        start: Date,
    },
    /// The last date lies before the first.
    #[error("the start {start} is after `until` {until}: move one of them, or leave `until` out")]
    StartAfterUntil {
        /// The start.
        start: Date,
        /// The last date allowed.
        until: Date,
    },
    /// A schedule of no occurrences.
    #[error("`count` is 0: use at least 1, or leave it out for a schedule without end")]
    CountZero,
    /// More lead days than [`LEAD_DAYS_MAX`].
    #[error("`lead_days` {lead_days} is out of range: use 0 to {LEAD_DAYS_MAX}")]
    LeadDaysOutOfRange {
        /// The days as they came.
        lead_days: u16,
    },
    /// Dates are to move off non-working days, and there are no others.
    #[error(
        "the calendar has no working weekday, so `non_working` has nowhere to move a date: \
         mark one as working, or use `keep`"
    )]
    NoWorkingWeekday,
    /// The rule gives no date at all within [`EMPTY_YEARS_MAX`] years of its calendar.
    #[error("the rule gives no date in {EMPTY_YEARS_MAX} years: {remedy}")]
    RuleNeverOccurs {
        /// What to do instead.
        remedy: &'static str,
    },
    /// The rule gives dates, but none between the start and the end.
    #[error("the first date of the rule, {first}, lies after its end: {remedy}")]
    NoOccurrenceBeforeEnd {
        /// The first date that the rule would give.
        first: Date,
        /// The field that ends the schedule: `until`, or `rule` when its own `UNTIL` does.
        field: &'static str,
        /// What to do instead.
        remedy: &'static str,
    },
}

impl ScheduleError {
    /// The stable code of this error.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::UnknownTimeZone { .. } => "time_zone_unknown",
            Self::StartOutOfRange { .. } => "start_out_of_range",
            Self::StartAfterUntil { .. } => "start_after_until",
            Self::CountZero => "count_zero",
            Self::LeadDaysOutOfRange { .. } => "lead_days_out_of_range",
            Self::NoWorkingWeekday => "no_working_weekday",
            Self::RuleNeverOccurs { .. } => "rule_never_occurs",
            Self::NoOccurrenceBeforeEnd { .. } => "no_occurrence_before_end",
        }
    }

    /// The field of a subscription that is wrong.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::UnknownTimeZone { .. } => "time_zone",
            Self::StartOutOfRange { .. } => "start",
            Self::StartAfterUntil { .. } => "until",
            Self::CountZero => "count",
            Self::LeadDaysOutOfRange { .. } => "lead_days",
            Self::NoWorkingWeekday => "non_working",
            Self::RuleNeverOccurs { .. } => "rule",
            Self::NoOccurrenceBeforeEnd { field, .. } => field,
        }
    }
}
