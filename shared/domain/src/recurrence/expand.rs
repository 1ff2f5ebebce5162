//! Which local dates a rule gives, counted from a start.
//!
//! Neighbours: `rule.rs` reads the rule; `schedule.rs` ends the sequence (`COUNT`, `UNTIL`, the
//! schedule's own `until` and `count`) and gives each date its moment.
//!
//! Time is cut into periods of the rule's frequency: days, weeks, months or calendar years, each
//! with a number. Every `INTERVAL`-th period from the start's is visited. The days of a period are
//! filtered by all BY parts, `BYSETPOS` picks among them, and what is before the start falls away.
//! No date lies outside its period, so the sequence can begin at any period: nothing before it is
//! needed.
//!
//! The Gregorian calendar repeats after 400 years of 146,097 days, which are whole weeks. So when
//! as many periods as that cycle has gave nothing, the rule never gives anything again, whatever
//! its interval.

use super::rule::{DayOfWeek, Frequency, Rule};
use jiff::SignedDuration;
use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};

/// After how many years of empty periods a rule counts as never occurring again: the cycle of the
/// Gregorian calendar, so that nothing is missed.
pub const EMPTY_YEARS_MAX: u16 = 400;

const EPOCH: Date = Date::constant(1970, 1, 1);
const SECONDS_PER_DAY: i64 = 86_400;

/// What happens to a day of the month in a month that does not have it.
///
/// It is about days of a month: `BYMONTHDAY`, the day of a monthly start, and 29 February. A 366th
/// day of the year, a 53rd week or a fifth Monday that does not exist is left out in any case.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MonthEnd {
    /// It becomes the nearest day of that month: 31 January, 28 February, 31 March (RFC 7529's
    /// `SKIP=BACKWARD`). Counted from the end, -31 becomes the first day. Two days that become
    /// the same are one.
    #[default]
    Clip,
    /// It is left out, as RFC 5545 says.
    Skip,
}

/// The dates of a rule from its start on, in order, each once; without regard to any end.
pub(super) struct Instances<'a> {
    rule: &'a Rule,
    start: Date,
    month_end: MonthEnd,
    anchor: Anchor,
    /// The next period to look at; none once the calendar has ended.
    period: Option<i64>,
    found: std::vec::IntoIter<Date>,
    empty_periods_left: u32,
}

/// What the start says where the rule names no days.
#[derive(Clone, Copy, Default)]
struct Anchor {
    month: Option<i8>,
    day: Option<i8>,
    weekday: Option<Weekday>,
}

impl Anchor {
    fn new(rule: &Rule, start: Date) -> Self {
        if rule.names_days() {
            return Self::default();
        }
        match rule.frequency {
            Frequency::Daily => Self::default(),
            Frequency::Weekly => Self { weekday: Some(start.weekday()), ..Self::default() },
            Frequency::Monthly => Self { day: Some(start.day()), ..Self::default() },
            Frequency::Yearly => {
                let month = rule.months.is_empty().then_some(start.month());
                Self { month, day: Some(start.day()), weekday: None }
            }
        }
    }
}

impl<'a> Instances<'a> {
    /// The dates from `start`; those before `from` may be left out, by whole periods.
    pub(super) fn new(
        rule: &'a Rule,
        start: Date,
        month_end: MonthEnd,
        from: Option<Date>,
    ) -> Self {
        let frequency = rule.frequency;
        let first = period_of(start, frequency, rule.week_start);
        let interval = i64::from(rule.interval);
        // Not needed for correctness: it only spares the way from the start.
        let period = from.filter(|from| *from > start).and_then(|from| {
            let distance = period_of(from, frequency, rule.week_start).checked_sub(first)?;
            first.checked_add(distance.checked_sub(distance.checked_rem_euclid(interval)?)?)
        });
        Self {
            rule,
            start,
            month_end,
            anchor: Anchor::new(rule, start),
            period: Some(period.unwrap_or(first)),
            found: Vec::new().into_iter(),
            empty_periods_left: empty_periods_max(frequency),
        }
    }

    /// The dates of one period, sorted; none where the calendar has ended.
    fn dates_of(&self, period: i64) -> Option<Vec<Date>> {
        let mut dates = match self.rule.frequency {
            Frequency::Daily => {
                let date = date_of(period)?;
                if self.matches(date) { vec![date] } else { Vec::new() }
            }
            Frequency::Weekly => {
                let first = week_first_day(period, self.rule.week_start)?;
                let days = (0..7).filter_map(|day| date_of(first.checked_add(day)?));
                let days: Vec<Date> = days.collect();
                // The last week of the calendar may be cut short; the one after it is empty.
                days.first()?;
                days.into_iter().filter(|date| self.matches(*date)).collect()
            }
            Frequency::Monthly => {
                let month = i8::try_from(period.checked_rem_euclid(12)?.checked_add(1)?).ok()?;
                let year = i16::try_from(period.checked_div_euclid(12)?).ok()?;
                self.dates_of_month(Date::new(year, month, 1).ok()?)
            }
            Frequency::Yearly => {
                let year = i16::try_from(period).ok()?;
                Date::new(year, 1, 1).ok()?;
                (1..=12)
                    .filter_map(|month| Date::new(year, month, 1).ok())
                    .flat_map(|month| self.dates_of_month(month))
                    .collect()
            }
        };
        if !self.rule.positions.is_empty() {
            dates = self.picked(&dates);
        }
        Some(dates)
    }

    fn dates_of_month(&self, first: Date) -> Vec<Date> {
        if !self.matches_month(first) {
            return Vec::new();
        }
        (1..=first.days_in_month())
            .filter_map(|day| Date::new(first.year(), first.month(), day).ok())
            .filter(|date| self.matches(*date))
            .collect()
    }

    /// `BYSETPOS`: the n-th of the period's dates, from the front or the back.
    fn picked(&self, dates: &[Date]) -> Vec<Date> {
        let mut picked: Vec<Date> = self
            .rule
            .positions
            .iter()
            .filter_map(|position| {
                let place = usize::from(position.unsigned_abs()).checked_sub(1)?;
                if *position > 0 { dates.get(place) } else { dates.iter().nth_back(place) }
            })
            .copied()
            .collect();
        picked.sort_unstable();
        picked.dedup();
        picked
    }

    fn matches(&self, date: Date) -> bool {
        let rule = self.rule;
        let anchor = self.anchor;
        self.matches_month(date)
            && anchor.day.is_none_or(|day| self.is_month_day(date, day))
            && anchor.weekday.is_none_or(|weekday| date.weekday() == weekday)
            && any_or_none(&rule.month_days, |day| self.is_month_day(date, *day))
            && any_or_none(&rule.weekdays, |day| self.is_weekday(date, *day))
            && any_or_none(&rule.year_days, |day| is_year_day(date, *day))
            && (rule.week_numbers.is_empty() || self.is_week_number(date))
    }

    fn matches_month(&self, date: Date) -> bool {
        any_or_none(&self.rule.months, |month| date.month() == *month)
            && self.anchor.month.is_none_or(|month| date.month() == month)
    }

    fn is_month_day(&self, date: Date, day: i8) -> bool {
        let length = date.days_in_month();
        let from_front = if day > 0 { day } else { length.saturating_add(1).saturating_add(day) };
        match self.month_end {
            MonthEnd::Skip => date.day() == from_front,
            MonthEnd::Clip => date.day() == from_front.clamp(1, length),
        }
    }

    /// An ordinal counts in the month of a monthly rule or beside `BYMONTH`, else in the year.
    fn is_weekday(&self, date: Date, day: DayOfWeek) -> bool {
        if date.weekday() != day.weekday {
            return false;
        }
        let Some(ordinal) = day.ordinal else { return true };
        let in_year = self.rule.frequency == Frequency::Yearly && self.rule.months.is_empty();
        let (place, length) = if in_year {
            (date.day_of_year(), date.days_in_year())
        } else {
            (i16::from(date.day()), i16::from(date.days_in_month()))
        };
        if ordinal > 0 {
            week_of(place) == i16::from(ordinal)
        } else {
            let from_back = length.saturating_add(1).saturating_sub(place);
            week_of(from_back) == i16::from(ordinal).saturating_abs()
        }
    }

    /// Weeks as ISO 8601 counts them, beginning on `WKST`: the first has at least four days of its
    /// year, so a week belongs to the year of its fourth day, and 28 December to the last week.
    fn is_week_number(&self, date: Date) -> bool {
        let week_start = self.rule.week_start;
        let fourth_day = |date| {
            let first = week_first_day(week_period_of(date, week_start), week_start)?;
            date_of(first.checked_add(3)?)
        };
        let Some(fourth) = fourth_day(date) else { return false };
        let Some(last) = Date::new(fourth.year(), 12, 28).ok().and_then(fourth_day) else {
            return false;
        };
        let week = week_of(fourth.day_of_year());
        let weeks = week_of(last.day_of_year());
        self.rule.week_numbers.iter().any(|number| {
            let number = i16::from(*number);
            if number > 0 {
                week == number
            } else {
                week == weeks.saturating_add(1).saturating_add(number)
            }
        })
    }
}

impl Iterator for Instances<'_> {
    type Item = Date;

    fn next(&mut self) -> Option<Date> {
        loop {
            if let Some(date) = self.found.next() {
                if date < self.start {
                    continue;
                }
                return Some(date);
            }
            let period = self.period?;
            let dates = self.dates_of(period);
            self.period = period.checked_add(i64::from(self.rule.interval));
            let Some(dates) = dates else {
                self.period = None;
                return None;
            };
            if dates.is_empty() {
                self.empty_periods_left = self.empty_periods_left.saturating_sub(1);
                if self.empty_periods_left == 0 {
                    self.period = None;
                    return None;
                }
            } else {
                self.empty_periods_left = empty_periods_max(self.rule.frequency);
            }
            self.found = dates.into_iter();
        }
    }
}

fn any_or_none<T>(values: &[T], matches: impl Fn(&T) -> bool) -> bool {
    values.is_empty() || values.iter().any(matches)
}

fn is_year_day(date: Date, day: i16) -> bool {
    let from_front =
        if day > 0 { day } else { date.days_in_year().saturating_add(1).saturating_add(day) };
    date.day_of_year() == from_front
}

/// In which block of seven days a place lies, both counted from 1.
fn week_of(place: i16) -> i16 {
    place.saturating_sub(1).div_euclid(7).saturating_add(1)
}

/// As many periods as [`EMPTY_YEARS_MAX`] years have.
fn empty_periods_max(frequency: Frequency) -> u32 {
    let years = u32::from(EMPTY_YEARS_MAX);
    match frequency {
        // One more than the longest 400 years can hold: too many costs little, too few is wrong.
        Frequency::Daily => years.saturating_mul(366),
        Frequency::Weekly => years.saturating_mul(53),
        Frequency::Monthly => years.saturating_mul(12),
        Frequency::Yearly => years,
    }
}

/// The number of the period that a date lies in.
fn period_of(date: Date, frequency: Frequency, week_start: Weekday) -> i64 {
    match frequency {
        Frequency::Daily => day_of(date),
        Frequency::Weekly => week_period_of(date, week_start),
        Frequency::Monthly => {
            let months = i64::from(date.year()).saturating_mul(12);
            months.saturating_add(i64::from(date.month())).saturating_sub(1)
        }
        Frequency::Yearly => i64::from(date.year()),
    }
}

fn week_period_of(date: Date, week_start: Weekday) -> i64 {
    day_of(date).saturating_add(days_into_week_of_epoch(week_start)).div_euclid(7)
}

/// The number of the first day of a week: the inverse of [`week_period_of`].
fn week_first_day(period: i64, week_start: Weekday) -> Option<i64> {
    period.checked_mul(7)?.checked_sub(days_into_week_of_epoch(week_start))
}

fn days_into_week_of_epoch(week_start: Weekday) -> i64 {
    i64::from(EPOCH.weekday().since(week_start))
}

/// Days since 1970-01-01.
fn day_of(date: Date) -> i64 {
    date.duration_since(EPOCH).as_secs().div_euclid(SECONDS_PER_DAY)
}

/// The date so many days after 1970-01-01, if the calendar has it.
fn date_of(day: i64) -> Option<Date> {
    EPOCH.checked_add(SignedDuration::from_secs(day.checked_mul(SECONDS_PER_DAY)?)).ok()
}
