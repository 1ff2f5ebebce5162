//! Working days, and moving a date off the others.
//!
//! Neighbours: `schedule.rs` applies this to each date that `expand.rs` gave.

use jiff::civil::{Date, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// How far a date is moved to find a working day; after that it stays where it was.
pub const SHIFT_DAYS_MAX: u16 = 366;

/// What happens to an occurrence on a non-working day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NonWorking {
    /// It stays.
    #[default]
    Keep,
    /// It moves to the last working day before.
    Before,
    /// It moves to the first working day after.
    After,
}

/// Which days are worked on.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Calendar {
    /// Whether each weekday is worked on, Monday first.
    pub weekdays: [bool; 7],
    /// Dates that are not worked on, whatever their weekday.
    #[serde(default)]
    pub holidays: BTreeSet<Date>,
}

impl Default for Calendar {
    /// Monday to Friday, no holidays.
    fn default() -> Self {
        Self { weekdays: [true, true, true, true, true, false, false], holidays: BTreeSet::new() }
    }
}

impl Calendar {
    /// Whether this date is worked on.
    #[must_use]
    pub fn is_working(&self, date: Date) -> bool {
        let [monday, tuesday, wednesday, thursday, friday, saturday, sunday] = self.weekdays;
        let weekday_is_working = match date.weekday() {
            Weekday::Monday => monday,
            Weekday::Tuesday => tuesday,
            Weekday::Wednesday => wednesday,
            Weekday::Thursday => thursday,
            Weekday::Friday => friday,
            Weekday::Saturday => saturday,
            Weekday::Sunday => sunday,
        };
        weekday_is_working && !self.holidays.contains(&date)
    }

    /// Moves a date off non-working days.
    ///
    /// Several dates may land on the same working day: they stay several occurrences. Where
    /// [`SHIFT_DAYS_MAX`] days hold no working day, the date stays.
    #[must_use]
    pub fn moved(&self, date: Date, non_working: NonWorking) -> Date {
        let found = match non_working {
            NonWorking::Keep => None,
            NonWorking::Before => self.first_working(date, |day| day.yesterday().ok()),
            NonWorking::After => self.first_working(date, |day| day.tomorrow().ok()),
        };
        found.unwrap_or(date)
    }

    fn first_working(&self, date: Date, step: impl Fn(&Date) -> Option<Date>) -> Option<Date> {
        let days_max = usize::from(SHIFT_DAYS_MAX);
        std::iter::successors(Some(date), step).take(days_max).find(|day| self.is_working(*day))
    }
}
