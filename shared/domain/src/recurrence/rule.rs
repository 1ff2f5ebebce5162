//! Reads the text of a recurrence rule: RFC 5545, section 3.3.10, daily and coarser.
//!
//! Neighbours: `expand.rs` says which dates a rule gives; `error.rs` holds what can be wrong.
//!
//! Refused, each with what to do instead: frequencies and parts finer than a day (the time of an
//! order is the schedule's `time`), `BYEASTER` (an extension), RFC 7529's `RSCALE` and `SKIP` (the
//! schedule's `month_end`), and every combination that the RFC forbids.

use super::error::RuleError;
use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// The greatest `INTERVAL`.
pub const INTERVAL_MAX: u16 = 1_000;

/// The longest text of a rule; 366 days of the year, one by one, fit in.
pub const TEXT_BYTES_MAX: usize = 2_000;

/// A recurrence rule as it was written, and what it says.
///
/// It is stored and sent as its [`text`](Rule::text).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rule {
    text: String,
    pub(super) frequency: Frequency,
    pub(super) interval: u16,
    pub(super) count: Option<u32>,
    pub(super) until: Option<Until>,
    pub(super) months: Vec<i8>,
    pub(super) month_days: Vec<i8>,
    pub(super) weekdays: Vec<DayOfWeek>,
    pub(super) year_days: Vec<i16>,
    pub(super) week_numbers: Vec<i8>,
    pub(super) positions: Vec<i16>,
    pub(super) week_start: Weekday,
}

/// The length of the period that a rule counts in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// The last moment of a rule, in one of the three forms that the RFC knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Until {
    Date(Date),
    Local(DateTime),
    Utc(jiff::Timestamp),
}

/// A value of `BYDAY`: every such weekday, or the n-th of its month or year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct DayOfWeek {
    pub(super) ordinal: Option<i8>,
    pub(super) weekday: Weekday,
}

impl Rule {
    /// Reads a rule, with or without a leading `RRULE:`, in any case of letters.
    ///
    /// # Errors
    /// The text is not a rule, or one that is finer than a day, or one that the RFC forbids.
    pub fn parse(text: &str) -> Result<Self, RuleError> {
        let parts = Parts::read(text)?;
        let rule = parts.into_rule()?;
        rule.check_combinations()?;
        Ok(rule)
    }

    /// The rule as text: as it was written, in capitals, without `RRULE:` and spaces.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether the rule names days itself, so that the start is no anchor.
    pub(super) fn names_days(&self) -> bool {
        !(self.month_days.is_empty()
            && self.weekdays.is_empty()
            && self.year_days.is_empty()
            && self.week_numbers.is_empty())
    }

    /// The sentences of RFC 5545, section 3.3.10, that hold the words "MUST NOT".
    fn check_combinations(&self) -> Result<(), RuleError> {
        let refuse = |part, with, remedy| Err(RuleError::NotTogether { part, with, remedy });
        if self.count.is_some() && self.until.is_some() {
            return refuse("COUNT", "`UNTIL`", "keep one of them");
        }
        if !self.positions.is_empty() && !self.names_days() && self.months.is_empty() {
            return refuse("BYSETPOS", "no other BY part", "add the days to pick from, or drop it");
        }
        let has_ordinal = self.weekdays.iter().any(|day| day.ordinal.is_some());
        match self.frequency {
            Frequency::Daily => {
                if has_ordinal {
                    return refuse("BYDAY", "a number in FREQ=DAILY", "use FREQ=MONTHLY or YEARLY");
                }
                if !self.year_days.is_empty() {
                    return refuse("BYYEARDAY", "FREQ=DAILY", "use FREQ=YEARLY");
                }
            }
            Frequency::Weekly => {
                if has_ordinal {
                    return refuse(
                        "BYDAY",
                        "a number in FREQ=WEEKLY",
                        "use FREQ=MONTHLY or YEARLY",
                    );
                }
                if !self.month_days.is_empty() {
                    return refuse("BYMONTHDAY", "FREQ=WEEKLY", "use FREQ=MONTHLY, or FREQ=DAILY");
                }
                if !self.year_days.is_empty() {
                    return refuse("BYYEARDAY", "FREQ=WEEKLY", "use FREQ=YEARLY");
                }
            }
            Frequency::Monthly => {
                if !self.year_days.is_empty() {
                    return refuse("BYYEARDAY", "FREQ=MONTHLY", "use FREQ=YEARLY");
                }
            }
            Frequency::Yearly => {
                if has_ordinal && !self.week_numbers.is_empty() {
                    return refuse("BYDAY", "a number beside `BYWEEKNO`", "drop the number");
                }
                return Ok(());
            }
        }
        if !self.week_numbers.is_empty() {
            return refuse("BYWEEKNO", "a FREQ other than YEARLY", "use FREQ=YEARLY");
        }
        Ok(())
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        Self::parse(text)
    }
}

impl TryFrom<String> for Rule {
    type Error = RuleError;

    fn try_from(text: String) -> Result<Self, RuleError> {
        Self::parse(&text)
    }
}

impl From<Rule> for String {
    fn from(rule: Rule) -> Self {
        rule.text
    }
}

/// The parts of a rule, by name, before their values are looked at.
#[derive(Default)]
struct Parts {
    text: String,
    frequency: Option<String>,
    interval: Option<String>,
    count: Option<String>,
    until: Option<String>,
    months: Option<String>,
    month_days: Option<String>,
    weekdays: Option<String>,
    year_days: Option<String>,
    week_numbers: Option<String>,
    positions: Option<String>,
    week_start: Option<String>,
}

impl Parts {
    fn read(text: &str) -> Result<Self, RuleError> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(RuleError::TooLong);
        }
        let text = unfolded(text).trim().to_ascii_uppercase();
        let value = text.strip_prefix("RRULE:").unwrap_or(&text).trim();
        if value.is_empty() {
            return Err(RuleError::Empty);
        }
        if value.contains([':', '\n', '\r']) {
            return Err(RuleError::NotOneRule);
        }
        let mut parts = Self::default();
        for part in value.strip_suffix(';').unwrap_or(value).split(';') {
            let Some((name, value)) = part.split_once('=') else {
                return Err(RuleError::MalformedPart { part: part.to_owned() });
            };
            parts.add(name.trim(), value.trim())?;
        }
        Ok(parts)
    }

    fn add(&mut self, name: &str, value: &str) -> Result<(), RuleError> {
        let (part, slot) = match name {
            "FREQ" => ("FREQ", &mut self.frequency),
            "INTERVAL" => ("INTERVAL", &mut self.interval),
            "COUNT" => ("COUNT", &mut self.count),
            "UNTIL" => ("UNTIL", &mut self.until),
            "BYMONTH" => ("BYMONTH", &mut self.months),
            "BYMONTHDAY" => ("BYMONTHDAY", &mut self.month_days),
            "BYDAY" => ("BYDAY", &mut self.weekdays),
            "BYYEARDAY" => ("BYYEARDAY", &mut self.year_days),
            "BYWEEKNO" => ("BYWEEKNO", &mut self.week_numbers),
            "BYSETPOS" => ("BYSETPOS", &mut self.positions),
            "WKST" => ("WKST", &mut self.week_start),
            _ => return Err(refused(name)),
        };
        if slot.is_some() {
            return Err(RuleError::DuplicatePart { part });
        }
        *slot = Some(value.to_owned());
        if !self.text.is_empty() {
            self.text.push(';');
        }
        self.text.push_str(name);
        self.text.push('=');
        self.text.push_str(value);
        Ok(())
    }

    fn into_rule(self) -> Result<Rule, RuleError> {
        Ok(Rule {
            frequency: frequency(self.frequency.as_deref())?,
            interval: self.interval.as_deref().map_or(Ok(1), interval)?,
            count: self.count.as_deref().map(count).transpose()?,
            until: self.until.as_deref().map(until).transpose()?,
            months: list(self.months.as_deref(), |value| {
                number(value, 1..=12).ok_or_else(|| {
                    wrong("BYMONTH", value, "numbers of months from 1 to 12, divided by commas")
                })
            })?,
            month_days: list(self.month_days.as_deref(), |value| {
                number(value, -31..=31).ok_or_else(|| {
                    wrong("BYMONTHDAY", value, "days from 1 to 31, or -1 to -31 from the end")
                })
            })?,
            weekdays: list(self.weekdays.as_deref(), day_of_week)?,
            year_days: list(self.year_days.as_deref(), |value| {
                number(value, -366..=366).ok_or_else(|| {
                    wrong("BYYEARDAY", value, "days from 1 to 366, or -1 to -366 from the end")
                })
            })?,
            week_numbers: list(self.week_numbers.as_deref(), |value| {
                number(value, -53..=53).ok_or_else(|| {
                    wrong("BYWEEKNO", value, "weeks from 1 to 53, or -1 to -53 from the end")
                })
            })?,
            positions: list(self.positions.as_deref(), |value| {
                number(value, -366..=366).ok_or_else(|| {
                    wrong("BYSETPOS", value, "positions from 1 to 366, or -1 to -366 from the end")
                })
            })?,
            week_start: self.week_start.as_deref().map_or(Ok(Weekday::Monday), |value| {
                weekday(value).ok_or_else(|| wrong("WKST", value, WEEKDAYS))
            })?,
            text: self.text,
        })
    }
}

const WEEKDAYS: &str = "one of MO, TU, WE, TH, FR, SA, SU";

fn wrong(part: &'static str, value: &str, expected: &'static str) -> RuleError {
    RuleError::BadValue { part, value: value.to_owned(), expected }
}

/// The error of a part that is none of ours.
fn refused(name: &str) -> RuleError {
    let part = name.to_owned();
    match name {
        "BYHOUR" | "BYMINUTE" | "BYSECOND" => RuleError::RefusedPart {
            part,
            remedy: "an order is made once a day at most; leave it out and set `time`",
        },
        "BYEASTER" => RuleError::RefusedPart {
            part,
            remedy: "it is no part of RFC 5545; leave it out and place the Easter order by hand",
        },
        "RSCALE" | "SKIP" => RuleError::RefusedPart {
            part,
            remedy: "dates are Gregorian; leave it out and set `month_end` to `clip` or `skip`",
        },
        "BYWEEKDAY" => RuleError::UnknownPart { part, remedy: "write it as BYDAY" },
        _ => RuleError::UnknownPart {
            part,
            remedy: "use FREQ, INTERVAL, COUNT, UNTIL, BYMONTH, BYMONTHDAY, BYDAY, BYYEARDAY, \
                     BYWEEKNO, BYSETPOS, WKST",
        },
    }
}

/// Undoes the folding of long lines: a line break followed by a space or a tab (section 3.1).
fn unfolded(text: &str) -> String {
    let text = text.trim().replace("\r\n", "\n");
    text.replace("\n ", "").replace("\n\t", "")
}

fn frequency(value: Option<&str>) -> Result<Frequency, RuleError> {
    match value.ok_or(RuleError::MissingFrequency)? {
        "DAILY" => Ok(Frequency::Daily),
        "WEEKLY" => Ok(Frequency::Weekly),
        "MONTHLY" => Ok(Frequency::Monthly),
        "YEARLY" => Ok(Frequency::Yearly),
        finer @ ("HOURLY" | "MINUTELY" | "SECONDLY") => Err(RuleError::RefusedPart {
            part: format!("FREQ={finer}"),
            remedy: "an order is made once a day at most; use DAILY, WEEKLY, MONTHLY or YEARLY",
        }),
        other => Err(wrong("FREQ", other, "DAILY, WEEKLY, MONTHLY or YEARLY")),
    }
}

fn interval(value: &str) -> Result<u16, RuleError> {
    digits::<u16>(value)
        .filter(|interval| (1..=INTERVAL_MAX).contains(interval))
        .ok_or_else(|| RuleError::IntervalOutOfRange { value: value.to_owned() })
}

fn count(value: &str) -> Result<u32, RuleError> {
    digits::<u32>(value)
        .filter(|count| *count > 0)
        .ok_or_else(|| wrong("COUNT", value, "a whole number from 1 to 4294967295"))
}

fn until(value: &str) -> Result<Until, RuleError> {
    until_of(value)
        .ok_or_else(|| wrong("UNTIL", value, "a date as 20270131, or a moment as 20270131T090000Z"))
}

fn until_of(value: &str) -> Option<Until> {
    let Some((date, time)) = value.split_once('T') else {
        return date_of(value).map(Until::Date);
    };
    let date = date_of(date)?;
    match time.strip_suffix('Z') {
        None => Some(Until::Local(date.to_datetime(time_of(time)?))),
        Some(time) => {
            let moment = date.to_datetime(time_of(time)?).to_zoned(TimeZone::UTC).ok()?;
            Some(Until::Utc(moment.timestamp()))
        }
    }
}

fn date_of(value: &str) -> Option<Date> {
    if value.len() != 8 {
        return None;
    }
    let (year, month, day) = (value.get(..4)?, value.get(4..6)?, value.get(6..)?);
    Date::new(digits(year)?, digits(month)?, digits(day)?).ok()
}

fn time_of(value: &str) -> Option<Time> {
    if value.len() != 6 {
        return None;
    }
    let (hour, minute, second) = (value.get(..2)?, value.get(2..4)?, value.get(4..)?);
    Time::new(digits(hour)?, digits(minute)?, digits(second)?, 0).ok()
}

fn day_of_week(value: &str) -> Result<DayOfWeek, RuleError> {
    day_of_week_of(value).ok_or_else(|| {
        wrong("BYDAY", value, "MO to SU, with a number from 1 to 53 or -1 to -53 before it if any")
    })
}

fn day_of_week_of(value: &str) -> Option<DayOfWeek> {
    let (ordinal, name) = value.split_at_checked(value.len().checked_sub(2)?)?;
    let ordinal = match ordinal {
        "" => None,
        ordinal => Some(number(ordinal, -53..=53)?),
    };
    Some(DayOfWeek { ordinal, weekday: weekday(name)? })
}

fn weekday(value: &str) -> Option<Weekday> {
    match value {
        "MO" => Some(Weekday::Monday),
        "TU" => Some(Weekday::Tuesday),
        "WE" => Some(Weekday::Wednesday),
        "TH" => Some(Weekday::Thursday),
        "FR" => Some(Weekday::Friday),
        "SA" => Some(Weekday::Saturday),
        "SU" => Some(Weekday::Sunday),
        _ => None,
    }
}

/// Values divided by commas; none where the part is absent. Repeated values mean nothing.
fn list<T: PartialEq>(
    value: Option<&str>,
    read: impl Fn(&str) -> Result<T, RuleError>,
) -> Result<Vec<T>, RuleError> {
    let mut values = Vec::new();
    for item in value.into_iter().flat_map(|value| value.split(',')) {
        let item = read(item)?;
        if !values.contains(&item) {
            values.push(item);
        }
    }
    Ok(values)
}

/// A whole number other than nought, with or without a sign, within the bounds.
fn number<T>(value: &str, bounds: RangeInclusive<T>) -> Option<T>
where
    T: FromStr + PartialOrd + From<i8>,
{
    let magnitude = value.strip_prefix(['+', '-']).unwrap_or(value);
    if magnitude.is_empty() || !magnitude.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: T = value.parse().ok()?;
    (number != T::from(0) && bounds.contains(&number)).then_some(number)
}

/// A number of digits only.
fn digits<T: FromStr>(value: &str) -> Option<T> {
    let all = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| value.parse().ok()).flatten()
}
