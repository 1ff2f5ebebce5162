//! Counting in the working hours of a calendar, forwards for limits and backwards for plans.

use crate::policy::WorkingHours;
use crate::time::{Seconds, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// How far ahead or back working time is counted: some ten years.
const DAYS_MAX: usize = 3_700;

/// The moment after so much working time, counted from `from`. In a calendar of an unknown zone, or
/// one that hardly ever works, elapsed time counts.
#[must_use]
pub fn after(hours: &WorkingHours, from: Timestamp, length: Seconds) -> Timestamp {
    let Ok(zone) = TimeZone::get(&hours.time_zone) else { return from.plus(length) };
    let mut left = length.0.saturating_mul(1000);
    let mut day = from.to_jiff().to_zoned(zone.clone()).date();
    for _ in 0..DAYS_MAX {
        if let Some((opens, closes)) = working_day(hours, &zone, day) {
            let start = opens.max(from).milliseconds();
            let open = closes.milliseconds().saturating_sub(start);
            if open > 0 {
                if left <= open {
                    return Timestamp::from_milliseconds(start.saturating_add(left));
                }
                left = left.saturating_sub(open);
            }
        }
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    from.plus(length)
}

/// The last moment from which so much working time fits in before `until`; for no time at all, the
/// last working moment up to it.
#[must_use]
pub fn before(hours: &WorkingHours, until: Timestamp, length: Seconds) -> Timestamp {
    let Ok(zone) = TimeZone::get(&hours.time_zone) else { return until.minus(length) };
    let mut left = length.0.saturating_mul(1000);
    let mut day = until.to_jiff().to_zoned(zone.clone()).date();
    for _ in 0..DAYS_MAX {
        if let Some((opens, closes)) = working_day(hours, &zone, day) {
            let end = closes.min(until).milliseconds();
            let open = end.saturating_sub(opens.milliseconds());
            if open > 0 {
                if left <= open {
                    return Timestamp::from_milliseconds(end.saturating_sub(left));
                }
                left = left.saturating_sub(open);
            }
        }
        let Ok(previous) = day.yesterday() else { break };
        day = previous;
    }
    until.minus(length)
}

/// The end of a local date, 24:00, where the calendar is kept; none for an unknown zone.
#[must_use]
pub fn end_of_day(hours: &WorkingHours, day: Date) -> Option<Timestamp> {
    moment(&TimeZone::get(&hours.time_zone).ok()?, day, DAY_MINUTES)
}

/// Minutes of a day: a working day may end at 24:00.
const DAY_MINUTES: u16 = 24 * 60;

/// When work begins and ends on a local date; none on a day without work.
fn working_day(hours: &WorkingHours, zone: &TimeZone, day: Date) -> Option<(Timestamp, Timestamp)> {
    let weekday = usize::try_from(day.weekday().to_monday_zero_offset()).ok()?;
    let works = hours.weekdays.get(weekday).copied().unwrap_or(false);
    if !works || hours.holidays.contains(&day.to_string()) {
        return None;
    }
    Some((moment(zone, day, hours.opens_minute)?, moment(zone, day, hours.closes_minute)?))
}

fn moment(zone: &TimeZone, day: Date, minute: u16) -> Option<Timestamp> {
    let local = if minute >= DAY_MINUTES {
        day.tomorrow().ok()?.at(0, 0, 0, 0)
    } else {
        let hour = i8::try_from(minute.checked_div(60)?).ok()?;
        day.at(hour, i8::try_from(minute.checked_rem(60)?).ok()?, 0, 0)
    };
    zone.to_zoned(local).ok().map(|moment| Timestamp::from(moment.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn office() -> WorkingHours {
        WorkingHours {
            time_zone: "Europe/Vilnius".to_owned(),
            weekdays: [true, true, true, true, true, false, false],
            opens_minute: 9 * 60,
            closes_minute: 17 * 60,
            holidays: vec!["2026-12-25".to_owned()],
        }
    }

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).unwrap()
    }

    #[test]
    fn working_time_leaves_out_nights_weekends_and_holidays() {
        // Thursday 24 December 16:00 local; Friday is a holiday; Monday goes on at 09:00.
        let due = after(&office(), at("2026-12-24T14:00:00Z"), Seconds::hours(3));
        assert_eq!(due, at("2026-12-28T09:00:00Z"));
    }

    #[test]
    fn counted_back_it_leaves_out_the_same() {
        // Monday 28 December 11:00 local, three hours back: two there, one on Thursday before 17:00.
        let start = before(&office(), at("2026-12-28T09:00:00Z"), Seconds::hours(3));
        assert_eq!(start, at("2026-12-24T14:00:00Z"));
        let sunday = at("2026-12-27T12:00:00Z");
        assert_eq!(before(&office(), sunday, Seconds(0)), at("2026-12-24T15:00:00Z"));
        let day = "2026-12-24".parse().unwrap();
        assert_eq!(end_of_day(&office(), day), Some(at("2026-12-24T22:00:00Z")));
    }

    #[test]
    fn forwards_and_back_meet_over_every_hour_of_a_year() {
        let office = office();
        let first = at("2026-03-01T00:30:00Z");
        for hour in 0..(366 * 24) {
            let from = first.plus(Seconds::hours(hour));
            for length in [1, 7_200, 86_400] {
                let end = after(&office, from, Seconds(length));
                let start = before(&office, end, Seconds(length));
                // Whatever moment of a night it was, the work began when the day did.
                assert_eq!(start, after(&office, from, Seconds(1)).minus(Seconds(1)), "{from}");
            }
        }
    }
}
