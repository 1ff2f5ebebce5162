//! Instants and durations. The core never reads a clock: every function is handed `now`.
//!
//! Local dates and zones live in [`crate::recurrence`] and [`crate::policy`]'s calendars.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Thirteen digits until the year 2286.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// The last moment that [`Timestamp`] can carry in thirteen digits: 2286-11-20T17:46:39.999Z.
const TIMESTAMP_MILLISECONDS_MAX: i64 = 9_999_999_999_999;

impl Timestamp {
    /// The moment so many milliseconds after the epoch, clamped into the thirteen digits of a key.
    #[must_use]
    pub fn from_milliseconds(milliseconds: i64) -> Self {
        Self(milliseconds.clamp(0, TIMESTAMP_MILLISECONDS_MAX))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn milliseconds(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    #[must_use]
    pub fn seconds(self) -> i64 {
        self.0 / 1000
    }

    /// This moment, `duration` later.
    #[must_use]
    pub fn plus(self, duration: Seconds) -> Self {
        Self::from_milliseconds(self.0.saturating_add(duration.0.saturating_mul(1000)))
    }

    /// This moment, `duration` earlier.
    #[must_use]
    pub fn minus(self, duration: Seconds) -> Self {
        Self::from_milliseconds(self.0.saturating_sub(duration.0.saturating_mul(1000)))
    }

    /// Reads RFC 3339 text.
    ///
    /// # Errors
    /// The text is not a moment in time.
    pub fn parse(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(|t| Self::from_milliseconds(t.as_millisecond()))
    }

    /// The moment as the time library knows it.
    #[must_use]
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(moment: jiff::Timestamp) -> Self {
        Self::from_milliseconds(moment.as_millisecond())
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339 in UTC with milliseconds only where there are some: `2026-11-22T09:00:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.to_jiff())
    }
}

/// A length of elapsed time, in whole seconds.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Seconds(pub i64);

impl Seconds {
    /// So many minutes.
    #[must_use]
    pub const fn minutes(minutes: i64) -> Self {
        Self(minutes.saturating_mul(60))
    }

    /// So many hours.
    #[must_use]
    pub const fn hours(hours: i64) -> Self {
        Self(hours.saturating_mul(3_600))
    }

    /// So many days of 24 hours.
    #[must_use]
    pub const fn days(days: i64) -> Self {
        Self(days.saturating_mul(86_400))
    }

    /// Reads `30s`, `2m`, `1h` or `14d`: a positive whole number and its unit.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let unit = text.chars().last()?;
        let number = text.strip_suffix(unit)?;
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let number: i64 = number.parse().ok()?;
        let factor = match unit {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            _ => return None,
        };
        number.checked_mul(factor).map(Self)
    }
}

impl fmt::Display for Seconds {
    /// The largest unit that divides it: `14d`, `2h`, `90s`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (factor, unit) in [(86_400, "d"), (3_600, "h"), (60, "m")] {
            if self.0 != 0 && self.0 % factor == 0 {
                return write!(f, "{}{unit}", self.0 / factor);
            }
        }
        write!(f, "{}s", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_what_it_prints() {
        for text in ["30s", "90s", "2m", "36h", "14d"] {
            assert_eq!(Seconds::parse(text).map(|s| s.to_string()).as_deref(), Some(text));
        }
        for text in ["", "d", "-1d", "1.5h", "1w", "+2m", "99999999999999999d", "1 d"] {
            assert_eq!(Seconds::parse(text), None, "{text}");
        }
    }
}
