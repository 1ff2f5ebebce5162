//! From a rule to orders: which dates, and at which moment each order is made.
//!
//! Neighbours: `expand.rs` gives the dates, `calendar.rs` moves them off non-working days.
//! Whoever previews a subscription and whoever makes its orders asks [`Schedule::after`].

use super::calendar::{Calendar, NonWorking};
use super::error::ScheduleError;
use super::expand::{Instances, MonthEnd};
use super::rule::{Rule, Until};
use crate::time::Timestamp;
use jiff::SignedDuration;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// The most days that an order may be made before its delivery.
pub const LEAD_DAYS_MAX: u16 = 365;

/// The first year that a schedule may start in: the first of [`Timestamp`].
pub const START_YEAR_MIN: i16 = 1970;

/// The last year that a schedule may start in; a [`Timestamp`] ends in 2286.
pub const START_YEAR_MAX: i16 = 2199;

/// What is made of occurrences that came due while nothing ran.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CatchUp {
    /// Only the last of them.
    #[default]
    Latest,
    /// Every one.
    Each,
    /// None.
    Skip,
}

/// When a subscription makes its orders.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Schedule {
    /// Which dates.
    pub rule: Rule,
    /// What happens to a day that a month does not have.
    #[serde(default)]
    pub month_end: MonthEnd,
    /// What happens to a date that is not worked on.
    #[serde(default)]
    pub non_working: NonWorking,
    /// The first local date that may be an occurrence, and the anchor of a rule without days.
    pub start: Date,
    /// The last local date that may be an occurrence, before it is moved off non-working days.
    #[serde(default)]
    pub until: Option<Date>,
    /// How many occurrences there are at most, counted from the start. With `until` or an end of
    /// the rule's own, whatever comes first.
    #[serde(default)]
    pub count: Option<u32>,
    /// The local time at which an order is made; written as `09:00`.
    #[serde(with = "local_time")]
    pub time: Time,
    /// The IANA name of the zone of `time` and of all dates.
    pub time_zone: String,
    /// How many days before the occurrence its order is made.
    #[serde(default)]
    pub lead_days: u16,
    /// The days that `non_working` moves between.
    #[serde(default)]
    pub calendar: Calendar,
}

/// One date of a schedule.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Occurrence {
    /// The local date that the rule gave: the identity of the occurrence.
    pub key: Date,
    /// The wished date of delivery: the key, moved off non-working days.
    pub date: Date,
    /// When the order is made: the schedule's `time`, its `lead_days` before `date`.
    pub at: Timestamp,
}

impl Schedule {
    /// The local day of a moment; none where the time zone is unknown.
    #[must_use]
    pub fn today(&self, now: Timestamp) -> Option<Date> {
        let zone = jiff::tz::TimeZone::get(&self.time_zone).ok()?;
        Some(now.to_jiff().to_zoned(zone).date())
    }

    /// Says whether the schedule can make orders.
    ///
    /// # Errors
    /// The first of [`Schedule::problems`].
    pub fn validate(&self) -> Result<(), ScheduleError> {
        self.problems().into_iter().next().map_or(Ok(()), Err)
    }

    /// Everything that is wrong with the schedule; nothing if it can make orders.
    #[must_use]
    pub fn problems(&self) -> Vec<ScheduleError> {
        let mut problems = Vec::new();
        let zone = zone_of(&self.time_zone);
        if zone.is_none() {
            problems.push(ScheduleError::UnknownTimeZone { zone: self.time_zone.clone() });
        }
        if !(START_YEAR_MIN..=START_YEAR_MAX).contains(&self.start.year()) {
            problems.push(ScheduleError::StartOutOfRange { start: self.start });
        }
        if self.count == Some(0) {
            problems.push(ScheduleError::CountZero);
        }
        if self.lead_days > LEAD_DAYS_MAX {
            problems.push(ScheduleError::LeadDaysOutOfRange { lead_days: self.lead_days });
        }
        if self.non_working != NonWorking::Keep && self.calendar.weekdays == [false; 7] {
            problems.push(ScheduleError::NoWorkingWeekday);
        }
        if let Some(until) = self.until.filter(|until| *until < self.start) {
            problems.push(ScheduleError::StartAfterUntil { start: self.start, until });
        } else if let Some(problem) = self.first_date_problem(zone.as_ref()) {
            problems.push(problem);
        }
        problems
    }

    /// The occurrences whose key is after the given one, or all of them, in order of their keys.
    ///
    /// They end by `until`, by `count`, by the rule's own `UNTIL` or `COUNT`, where a
    /// [`Timestamp`] can't carry the moment any more, or when the rule never gives a date again
    /// (after [`EMPTY_YEARS_MAX`](super::EMPTY_YEARS_MAX) empty years). A moment before 1970 is
    /// 1970's first. A schedule in an unknown time zone has no occurrences.
    ///
    /// Without a count the work begins at the key, however far from the start that is.
    pub fn after(&self, key: Option<Date>) -> impl Iterator<Item = Occurrence> {
        let count = self.count_max();
        let from = if count.is_some() { None } else { key };
        zone_of(&self.time_zone).into_iter().flat_map(move |zone| {
            let count = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
            let bound_zone = zone.clone();
            Instances::new(&self.rule, self.start, self.month_end, from)
                .take(count)
                .take_while(move |date| self.is_within_end(*date, &bound_zone))
                .skip_while(move |date| key.is_some_and(|key| *date <= key))
                .map_while(move |key| self.occurrence(key, &zone))
        })
    }

    /// The next occurrences after a key, at most so many: exactly those that will make orders.
    #[must_use]
    pub fn preview(&self, from_key: Option<Date>, count: usize) -> Vec<Occurrence> {
        self.after(from_key).take(count).collect()
    }

    /// The least of both counts; none where neither is given.
    fn count_max(&self) -> Option<u32> {
        match (self.count, self.rule.count) {
            (Some(own), Some(rule)) => Some(own.min(rule)),
            (own, rule) => own.or(rule),
        }
    }

    /// Whether a key is not past `until` nor the rule's `UNTIL`.
    ///
    /// A moment in `UNTIL` is compared with the key at the schedule's `time`, as RFC 5545 does.
    fn is_within_end(&self, key: Date, zone: &TimeZone) -> bool {
        self.until.is_none_or(|until| key <= until)
            && self.rule.until.is_none_or(|until| match until {
                Until::Date(until) => key <= until,
                Until::Local(until) => key.to_datetime(self.time) <= until,
                Until::Utc(until) => {
                    moment(key, self.time, zone).is_some_and(|moment| moment <= until)
                }
            })
    }

    /// The occurrence of a key; none where its moment is past what a [`Timestamp`] carries.
    fn occurrence(&self, key: Date, zone: &TimeZone) -> Option<Occurrence> {
        let date = self.calendar.moved(key, self.non_working);
        let lead = i64::from(self.lead_days).saturating_mul(86_400);
        let made_on = date.checked_sub(SignedDuration::from_secs(lead)).ok()?;
        let moment = moment(made_on, self.time, zone)?;
        let at = Timestamp::from(moment);
        let is_clamped_down = at.milliseconds() < moment.as_millisecond();
        (!is_clamped_down).then_some(Occurrence { key, date, at })
    }

    fn first_date_problem(&self, zone: Option<&TimeZone>) -> Option<ScheduleError> {
        let first = |month_end| Instances::new(&self.rule, self.start, month_end, None).next();
        let Some(first_date) = first(self.month_end) else {
            let remedy = match self.month_end {
                MonthEnd::Skip if first(MonthEnd::Clip).is_some() => {
                    "set `month_end` to `clip` for the last day of the month, or change the rule"
                }
                MonthEnd::Skip | MonthEnd::Clip => {
                    "its parts exclude each other; change one of them"
                }
            };
            return Some(ScheduleError::RuleNeverOccurs { remedy });
        };
        let zone = zone?;
        let is_carried = self.occurrence(first_date, zone).is_some();
        if is_carried && self.is_within_end(first_date, zone) {
            return None;
        }
        let (field, remedy) = if !is_carried {
            ("rule", "orders are made until the year 2286; use a smaller `INTERVAL`")
        } else if self.until.is_some_and(|until| first_date > until) {
            ("until", "move `until` to that date or later, or leave it out")
        } else {
            ("rule", "move `UNTIL` to that date or later, or leave it out")
        };
        Some(ScheduleError::NoOccurrenceBeforeEnd { first: first_date, field, remedy })
    }
}

/// The zone of that IANA name.
fn zone_of(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok().filter(|zone| !zone.is_unknown())
}

/// The moment of a local time: in a gap it moves forward by the gap's length, in a fold it is the
/// first of both (RFC 5545, section 3.3.5).
fn moment(date: Date, time: Time, zone: &TimeZone) -> Option<jiff::Timestamp> {
    zone.to_ambiguous_timestamp(date.to_datetime(time)).compatible().ok()
}

/// Local times as the API writes them: `09:00`, with seconds only where there are some.
mod local_time {
    use jiff::civil::Time;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(time: &Time, to: S) -> Result<S::Ok, S::Error> {
        if time.second() == 0 && time.subsec_nanosecond() == 0 {
            to.collect_str(&format_args!("{:02}:{:02}", time.hour(), time.minute()))
        } else {
            to.collect_str(time)
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Time, D::Error> {
        Time::deserialize(from)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::arithmetic_side_effects)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use jiff::tz::{AmbiguousOffset, TimeZone, db};
    use jiff::{ToSpan, tz::Offset};

    /// Greenland did not change its clocks on 28 October 2023, where the table of its zone ends and
    /// its rule for later years begins; jiff takes 23:00 to 24:00 of that day for a fold and gives
    /// a moment one hour early. It is past, and the only such hour of the whole database.
    const KNOWN_WRONG: [&str; 2] = ["America/Nuuk", "America/Godthab"];

    /// The moment of a local time, after checking that it reads back as that local time, or lies
    /// past a gap by the gap's length, or is the first of two.
    fn checked_moment(zone: &TimeZone, date: Date, time: Time) -> jiff::Timestamp {
        let local = date.to_datetime(time);
        let moment = moment(date, time, zone).unwrap();
        let ambiguous = zone.to_ambiguous_timestamp(local);
        let length = |before: Offset, after: Offset| i64::from(after.seconds() - before.seconds());
        let read_back = zone.to_datetime(moment);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => assert_eq!(read_back, local, "{zone:?}"),
            AmbiguousOffset::Gap { before, after } => {
                assert_eq!(read_back, local + length(before, after).seconds(), "{zone:?}");
            }
            AmbiguousOffset::Fold { before, .. } => {
                assert_eq!(read_back, local, "{zone:?}");
                assert_eq!(moment, before.to_timestamp(local).unwrap(), "{zone:?}");
            }
        }
        moment
    }

    fn check_order(zone: &TimeZone, dates: impl Iterator<Item = Date>, time: Time) {
        let moments: Vec<_> = dates.map(|date| checked_moment(zone, date, time)).collect();
        assert!(moments.is_sorted(), "{zone:?} at {time}: {moments:?}");
    }

    #[test]
    fn moments_follow_the_local_time_in_every_zone_for_400_years() {
        let first = date(1886, 1, 1);
        let last = date(2286, 1, 1);
        let mut zones = 0;
        for name in db().available() {
            let zone = TimeZone::get(name.as_str()).unwrap();
            zones += 1;
            let sparse = first.series(383.days()).take_while(|date| *date < last);
            check_order(&zone, sparse, jiff::civil::time(2, 30, 0, 0));
        }
        assert!(zones > 400, "{zones} zones");
    }

    /// Each change of clocks, in the middle of its gap or its fold; after 2040 they repeat.
    #[test]
    fn moments_never_go_back_where_the_clocks_change_in_any_zone() {
        let first = date(1886, 1, 1).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let last = date(2040, 1, 1).to_zoned(TimeZone::UTC).unwrap().timestamp();
        let mut changes = 0;
        for name in db().available() {
            let zone = TimeZone::get(name.as_str()).unwrap();
            let mut before = zone.to_offset(first);
            for change in zone.following(first).take_while(|change| change.timestamp() < last) {
                let change_seconds = change.offset().seconds() - before.seconds();
                let at = before.to_datetime(change.timestamp());
                let middle = at + i64::from(change_seconds / 2).seconds();
                let is_known = KNOWN_WRONG.contains(&name.as_str()) && change_seconds == 0;
                before = change.offset();
                changes += 1;
                if is_known && middle.date() == date(2023, 10, 28) {
                    continue;
                }
                let around = (middle.date() - 2.days()).series(1.day()).take(5);
                check_order(&zone, around, middle.time());
            }
        }
        assert!(changes > 10_000, "{changes} changes");
    }
}
