//! What holds for every schedule, whatever its rule.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use jiff::SignedDuration;
use jiff::civil::Date;
use ordermill_domain::recurrence::{Calendar, MonthEnd, NonWorking, Occurrence, Rule, Schedule};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

const WEEKDAYS: [&str; 7] = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"];
const ZONES: [&str; 5] =
    ["Europe/Vilnius", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "UTC"];

fn date() -> impl Strategy<Value = Date> {
    (0_i64..36_500).prop_map(|day| days_after(Date::constant(1970, 1, 1), day))
}

fn days_after(date: Date, days: i64) -> Date {
    date.checked_add(SignedDuration::from_hours(24 * days)).unwrap()
}

fn joined<T: ToString>(name: &str, values: &[T]) -> String {
    if values.is_empty() {
        return String::new();
    }
    let values: Vec<String> = values.iter().map(ToString::to_string).collect();
    format!(";{name}={}", values.join(","))
}

/// Up to four numbers, most of them counted from the front.
fn numbers(max: i16) -> impl Strategy<Value = Vec<i16>> {
    let number = (1..=max, prop::bool::weighted(0.3));
    let number = number.prop_map(|(number, is_back)| if is_back { -number } else { number });
    prop_oneof![2 => Just(Vec::new()), 1 => prop::collection::vec(number, 1..=4)]
}

/// Rules of all frequencies and parts that the RFC allows together, without an end.
fn rule() -> impl Strategy<Value = String> {
    let months = prop_oneof![
        2 => Just(Vec::new()),
        1 => subsequence((1_i16..=12).collect::<Vec<_>>(), 1..=3),
    ];
    let weekdays = prop_oneof![
        1 => Just(Vec::new()),
        1 => subsequence(WEEKDAYS.to_vec(), 1..=4),
    ];
    (
        (select(vec!["DAILY", "WEEKLY", "MONTHLY", "YEARLY"]), 1_u8..=14, select(&WEEKDAYS[..])),
        (months, numbers(31), weekdays, numbers(5)),
        (numbers(366), numbers(53), numbers(3)),
    )
        .prop_map(|(head, month, year)| {
            let (frequency, interval, week_start) = head;
            let (months, month_days, weekdays, ordinals) = month;
            let (year_days, weeks, positions) = year;
            let mut text = format!("FREQ={frequency};INTERVAL={interval};WKST={week_start}");
            let mut days = joined("BYMONTH", &months);
            if frequency != "WEEKLY" {
                days += &joined("BYMONTHDAY", &month_days);
            }
            let mut may_number = frequency == "MONTHLY" || frequency == "YEARLY";
            if frequency == "YEARLY" {
                days += &joined("BYYEARDAY", &year_days);
                days += &joined("BYWEEKNO", &weeks);
                may_number = weeks.is_empty();
            }
            let numbered = weekdays.iter().enumerate().map(|(place, weekday)| {
                match ordinals.get(place).filter(|_| may_number) {
                    Some(ordinal) => format!("{ordinal}{weekday}"),
                    None => (*weekday).to_owned(),
                }
            });
            days += &joined("BYDAY", &numbered.collect::<Vec<_>>());
            if !days.is_empty() {
                days += &joined("BYSETPOS", &positions);
            }
            text += &days;
            text
        })
}

fn schedule() -> impl Strategy<Value = Schedule> {
    let month_end = select(vec![MonthEnd::Clip, MonthEnd::Skip]);
    let non_working = select(vec![NonWorking::Keep, NonWorking::Before, NonWorking::After]);
    let holidays = prop::collection::btree_set(date(), 0..20);
    (
        (rule(), date(), month_end, non_working),
        (holidays, select(&ZONES[..]), 0_i8..24, 0_i8..60, 0_u16..=30),
        (prop::option::weighted(0.3, 1_u32..60), prop::option::weighted(0.3, 0_i64..4_000)),
    )
        .prop_map(|(dates, times, ends)| {
            let (rule, start, month_end, non_working) = dates;
            let (holidays, zone, hour, minute, lead_days) = times;
            let (count, length) = ends;
            Schedule {
                rule: Rule::parse(&rule).unwrap_or_else(|error| panic!("{rule}: {error}")),
                month_end,
                non_working,
                start,
                until: length.map(|days| days_after(start, days)),
                count,
                time: jiff::civil::time(hour, minute, 0, 0),
                time_zone: zone.to_owned(),
                lead_days,
                calendar: Calendar { holidays, ..Calendar::default() },
            }
        })
}

/// A monthly or daily schedule with nothing special, for laws about days.
fn plain(rule: &str, start: Date, month_end: MonthEnd) -> Schedule {
    Schedule {
        rule: Rule::parse(rule).unwrap(),
        month_end,
        non_working: NonWorking::Keep,
        start,
        until: None,
        count: None,
        time: jiff::civil::time(9, 0, 0, 0),
        time_zone: "UTC".to_owned(),
        lead_days: 0,
        calendar: Calendar::default(),
    }
}

fn keys(schedule: &Schedule, count: usize) -> Vec<Date> {
    schedule.after(None).map(|occurrence| occurrence.key).take(count).collect()
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(48))]

    #[test]
    fn what_comes_after_a_key_is_the_tail_of_the_whole(
        schedule in schedule(),
        place in 0_usize..60,
        distance in -40_i64..40,
    ) {
        let whole = schedule.preview(None, 100);
        let near = whole.get(place).map_or(schedule.start, |occurrence| occurrence.key);
        let key = days_after(near, distance);
        let tail: Vec<Occurrence> =
            whole.iter().filter(|occurrence| occurrence.key > key).copied().collect();
        // The whole was cut at 100: past its last key nothing is known.
        let after = schedule.preview(Some(key), tail.len().max(1));
        if whole.len() < 100 || !tail.is_empty() {
            prop_assert_eq!(after, tail);
        }
    }

    #[test]
    fn a_jump_to_a_key_finds_what_walking_from_the_start_finds(
        schedule in schedule(),
        days in 0_i64..36_500,
    ) {
        let key = Some(days_after(schedule.start, days));
        let endless = Schedule { until: None, count: None, ..schedule };
        // A count makes the sequence walk from its start.
        let counted = Schedule { count: Some(u32::MAX), ..endless.clone() };
        prop_assert_eq!(endless.preview(key, 3), counted.preview(key, 3));
    }

    #[test]
    fn keys_increase_within_their_ends_and_moments_never_go_back(schedule in schedule()) {
        let occurrences = schedule.preview(None, 100);
        if let Some(count) = schedule.count {
            prop_assert!(occurrences.len() <= usize::try_from(count).unwrap());
        }
        for occurrence in &occurrences {
            prop_assert!(occurrence.key >= schedule.start);
            prop_assert!(schedule.until.is_none_or(|until| occurrence.key <= until));
        }
        for pair in occurrences.windows(2) {
            prop_assert!(pair[0].key < pair[1].key);
            prop_assert!(pair[0].date <= pair[1].date);
            prop_assert!(pair[0].at <= pair[1].at);
        }
    }

    #[test]
    fn the_preview_is_what_asking_for_the_next_again_and_again_gives(schedule in schedule()) {
        let mut key = None;
        for expected in schedule.preview(None, 12) {
            let next = schedule.after(key).next();
            prop_assert_eq!(next, Some(expected));
            key = Some(expected.key);
        }
    }

    #[test]
    fn a_valid_schedule_has_an_occurrence_and_one_that_has_is_valid(schedule in schedule()) {
        prop_assert_eq!(schedule.validate().is_ok(), schedule.after(None).next().is_some());
    }

    #[test]
    fn a_date_moves_to_the_nearest_working_day_on_its_side(schedule in schedule()) {
        for Occurrence { key, date, .. } in schedule.preview(None, 30) {
            let calendar = &schedule.calendar;
            let passed = match schedule.non_working {
                NonWorking::Keep => {
                    prop_assert_eq!(date, key);
                    continue;
                }
                NonWorking::Before => (date, key),
                NonWorking::After => (key, date),
            };
            prop_assert!(passed.0 <= passed.1);
            prop_assert!(calendar.is_working(date));
            let mut day = passed.0;
            while day <= passed.1 {
                prop_assert!(day == date || !calendar.is_working(day));
                day = day.tomorrow().unwrap();
            }
        }
    }

    #[test]
    fn the_anchor_day_is_kept_for_ever(start in date(), interval in 1_u8..=24) {
        let monthly = plain(&format!("FREQ=MONTHLY;INTERVAL={interval}"), start, MonthEnd::Clip);
        for key in keys(&monthly, 200) {
            prop_assert_eq!(key.day(), start.day().min(key.days_in_month()));
        }
        let yearly = plain(&format!("FREQ=YEARLY;INTERVAL={interval}"), start, MonthEnd::Clip);
        for key in keys(&yearly, 100) {
            prop_assert_eq!(key.month(), start.month());
            prop_assert_eq!(key.day(), start.day().min(key.days_in_month()));
        }
    }

    #[test]
    fn every_month_has_its_occurrence_when_clipped(start in date()) {
        let months = keys(&plain("FREQ=MONTHLY", start, MonthEnd::Clip), 60);
        for pair in months.windows(2) {
            let next = pair[0].first_of_month().checked_add(jiff::ToSpan::months(1)).unwrap();
            prop_assert_eq!(pair[1].first_of_month(), next);
        }
    }

    #[test]
    fn clipping_only_adds_the_ends_of_months(text in rule(), start in date()) {
        prop_assume!(!text.contains("BYSETPOS"));
        let skipped = keys(&plain(&text, start, MonthEnd::Skip), 60);
        let clipped = keys(&plain(&text, start, MonthEnd::Clip), 60);
        let last = clipped.last().copied();
        for key in &skipped {
            prop_assert!(clipped.contains(key) || Some(*key) > last);
        }
        let horizon = skipped.last().copied();
        for key in clipped {
            let is_end = key.day() == key.days_in_month() || key.day() == 1;
            prop_assert!(is_end || skipped.contains(&key) || Some(key) > horizon);
        }
    }

    #[test]
    fn a_clipped_day_is_the_last_of_the_days_up_to_it(day in 28_i8..=31, start in date()) {
        let clipped = plain(&format!("FREQ=MONTHLY;BYMONTHDAY={day}"), start, MonthEnd::Clip);
        let days: Vec<i8> = (28..=day).collect();
        let text = format!("FREQ=MONTHLY{};BYSETPOS=-1", joined("BYMONTHDAY", &days));
        prop_assert_eq!(keys(&clipped, 60), keys(&plain(&text, start, MonthEnd::Skip), 60));
    }

    #[test]
    fn a_rule_reads_what_it_writes(text in rule()) {
        let rule = Rule::parse(&text).unwrap();
        prop_assert_eq!(rule.text(), &text);
        prop_assert_eq!(Rule::parse(&format!("rrule:{}", text.to_lowercase())).unwrap(), rule);
    }
}

proptest! {
    #![proptest_config(config(1_000))]

    #[test]
    fn any_text_is_a_rule_or_an_error_with_a_sentence(
        text in prop_oneof![
            ".{0,40}",
            "(FREQ=(DAILY|YEARLY)|BYDAY=[-+0-9A-Zé,]{0,6}|UNTIL=[0-9TZé]{0,17}|COUNT=.|;){0,5}",
        ],
    ) {
        match Rule::parse(&text) {
            Ok(rule) => prop_assert!(rule.text().contains("FREQ=")),
            Err(error) => prop_assert!(error.to_string().len() > error.code().len()),
        }
    }
}

/// Every zone there is, the 31st of each month from the first year a schedule may begin in to the last
/// moment there is (thirteen digits of milliseconds, November 2286): the anchor day is kept for ever, no month is left
/// out, none has two, and moments follow one another whatever the zone did to its clocks.
#[test]
fn the_thirty_first_comes_once_a_month_for_three_hundred_years_in_every_zone() {
    let zones: Vec<String> = jiff::tz::db().available().map(|name| name.to_string()).collect();
    assert!(zones.len() > 400, "only {} zones", zones.len());
    let mut seen = 0_usize;
    for (number, zone) in zones.iter().enumerate() {
        // Times at which clocks are put forward or back somewhere.
        let hour = i8::try_from(number % 4).unwrap();
        let schedule = Schedule {
            rule: Rule::parse("FREQ=MONTHLY;BYMONTHDAY=31").unwrap(),
            month_end: MonthEnd::Clip,
            non_working: NonWorking::Keep,
            start: Date::constant(1970, 1, 31),
            until: None,
            count: None,
            time: jiff::civil::time(hour, 30, 0, 0),
            time_zone: zone.clone(),
            lead_days: 0,
            calendar: Calendar::default(),
        };
        let mut month = Date::constant(1970, 1, 1);
        let mut before = None;
        for occurrence in schedule.after(None).take(400 * 12) {
            assert_eq!(occurrence.key, month.last_of_month(), "{zone}");
            assert!(
                before.is_none_or(|before| before < occurrence.at),
                "{zone} {}",
                occurrence.key
            );
            before = Some(occurrence.at);
            month = month.checked_add(jiff::ToSpan::months(1)).unwrap();
            seen += 1;
        }
        assert_eq!(month, Date::constant(2286, 11, 1), "{zone}");
    }
    println!("{} zones, {seen} dates", zones.len());
}
