//! The edges of recurring orders, one table each: ends of months, clocks that change, days that
//! are not worked on, lead days, ends of a schedule, and the examples of RFC 5545 itself.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use jiff::civil::date;
use ordermill_domain::recurrence::{Calendar, MonthEnd, NonWorking, Rule, Schedule};

/// A schedule at 09:00 in Vilnius, everything else by default.
fn schedule(rule: &str, start: &str) -> Schedule {
    Schedule {
        rule: Rule::parse(rule).unwrap(),
        month_end: MonthEnd::default(),
        non_working: NonWorking::default(),
        start: start.parse().unwrap(),
        until: None,
        count: None,
        time: "09:00".parse().unwrap(),
        time_zone: "Europe/Vilnius".to_owned(),
        lead_days: 0,
        calendar: Calendar::default(),
    }
}

fn skip(rule: &str, start: &str) -> Schedule {
    Schedule { month_end: MonthEnd::Skip, ..schedule(rule, start) }
}

fn at(zone: &str, time: &str, rule: &str, start: &str) -> Schedule {
    let time = time.parse().unwrap();
    Schedule { time, time_zone: zone.to_owned(), ..schedule(rule, start) }
}

/// The first keys, divided by spaces.
fn keys(schedule: &Schedule, count: usize) -> String {
    let keys = schedule.preview(None, count);
    keys.iter().map(|occurrence| occurrence.key.to_string()).collect::<Vec<_>>().join(" ")
}

/// The first moments, divided by spaces.
fn moments(schedule: &Schedule, count: usize) -> String {
    let moments = schedule.preview(None, count);
    moments.iter().map(|occurrence| occurrence.at.to_string()).collect::<Vec<_>>().join(" ")
}

/// The first keys with the dates they were moved to.
fn moves(schedule: &Schedule, count: usize) -> String {
    let moves = schedule.preview(None, count);
    let shown = moves.iter().map(|moved| format!("{}>{}", moved.key, moved.date));
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn the_31st_is_the_last_day_of_shorter_months_and_stays_the_31st() {
    for rule in ["FREQ=MONTHLY", "FREQ=MONTHLY;BYMONTHDAY=31"] {
        assert_eq!(
            keys(&schedule(rule, "2026-01-31"), 5),
            "2026-01-31 2026-02-28 2026-03-31 2026-04-30 2026-05-31",
            "{rule}"
        );
        assert_eq!(
            keys(&skip(rule, "2026-01-31"), 5),
            "2026-01-31 2026-03-31 2026-05-31 2026-07-31 2026-08-31",
            "{rule}"
        );
    }
    assert_eq!(
        keys(&schedule("FREQ=MONTHLY;INTERVAL=3", "2023-11-30"), 4),
        "2023-11-30 2024-02-29 2024-05-30 2024-08-30"
    );
}

#[test]
fn the_29th_of_february_is_the_28th_in_common_years() {
    let clipped = "2024-02-29 2025-02-28 2026-02-28 2027-02-28 2028-02-29";
    assert_eq!(keys(&schedule("FREQ=YEARLY", "2024-02-29"), 5), clipped);
    let named = "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29";
    assert_eq!(keys(&schedule(named, "2024-02-29"), 5), clipped);
    assert_eq!(keys(&skip("FREQ=YEARLY", "2024-02-29"), 3), "2024-02-29 2028-02-29 2032-02-29");
    // 2100 is a common year.
    assert_eq!(keys(&skip("FREQ=YEARLY", "2096-02-29"), 2), "2096-02-29 2104-02-29");
}

#[test]
fn two_days_clipped_to_the_same_are_one() {
    assert_eq!(
        keys(&schedule("FREQ=MONTHLY;BYMONTHDAY=30,31", "2026-01-01"), 6),
        "2026-01-30 2026-01-31 2026-02-28 2026-03-30 2026-03-31 2026-04-30"
    );
    assert_eq!(
        keys(&schedule("FREQ=MONTHLY;BYMONTHDAY=28,29,30,31,-1", "2026-02-01"), 3),
        "2026-02-28 2026-03-28 2026-03-29"
    );
}

#[test]
fn a_day_counted_from_the_end_is_clipped_to_the_first() {
    let rule = "FREQ=MONTHLY;BYMONTHDAY=-31";
    assert_eq!(keys(&schedule(rule, "2026-01-01"), 3), "2026-01-01 2026-02-01 2026-03-01");
    assert_eq!(keys(&skip(rule, "2026-01-01"), 3), "2026-01-01 2026-03-01 2026-05-01");
}

#[test]
fn a_daily_rule_with_days_of_the_month_is_clipped_alike() {
    let rule = "FREQ=DAILY;BYMONTHDAY=31";
    assert_eq!(keys(&schedule(rule, "2026-01-31"), 3), "2026-01-31 2026-02-28 2026-03-31");
}

#[test]
fn clipping_comes_before_weekdays_and_positions() {
    // 28 February 2025 was a Friday, 30 April 2026 is a Thursday.
    assert_eq!(
        keys(&schedule("FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=FR", "2025-02-01"), 3),
        "2025-02-28 2025-10-31 2026-07-31"
    );
    assert_eq!(
        keys(&schedule("FREQ=MONTHLY;BYMONTHDAY=30,31;BYSETPOS=2", "2026-03-01"), 2),
        "2026-03-31 2026-05-31"
    );
}

#[test]
fn days_of_the_year_weeks_and_fifth_weekdays_are_never_clipped() {
    assert_eq!(keys(&schedule("FREQ=YEARLY;BYYEARDAY=366", "2026-01-01"), 1), "2028-12-31");
    assert_eq!(
        keys(&schedule("FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "2021-01-01"), 2),
        "2026-12-28 2032-12-27"
    );
    assert_eq!(
        keys(&schedule("FREQ=MONTHLY;BYDAY=5FR", "2026-01-01"), 3),
        "2026-01-30 2026-05-29 2026-07-31"
    );
}

#[test]
fn the_start_counts_only_if_it_matches() {
    assert_eq!(keys(&schedule("FREQ=MONTHLY;BYMONTHDAY=1", "2026-01-02"), 1), "2026-02-01");
    assert_eq!(keys(&schedule("FREQ=MONTHLY;BYMONTHDAY=2", "2026-01-02"), 1), "2026-01-02");
}

#[test]
fn the_anchor_comes_from_the_start_where_the_rule_names_no_day() {
    for (rule, expected) in [
        ("FREQ=DAILY;INTERVAL=10", "2026-01-31 2026-02-10 2026-02-20"),
        ("FREQ=WEEKLY", "2026-01-31 2026-02-07 2026-02-14"),
        ("FREQ=WEEKLY;BYMONTH=3", "2026-03-07 2026-03-14 2026-03-21"),
        ("FREQ=MONTHLY;BYMONTH=2,4", "2026-02-28 2026-04-30 2027-02-28"),
        ("FREQ=YEARLY", "2026-01-31 2027-01-31 2028-01-31"),
        ("FREQ=YEARLY;BYMONTH=2,6", "2026-02-28 2026-06-30 2027-02-28"),
        ("FREQ=YEARLY;BYMONTHDAY=31", "2026-01-31 2026-02-28 2026-03-31"),
        ("FREQ=YEARLY;BYDAY=MO", "2026-02-02 2026-02-09 2026-02-16"),
        ("FREQ=YEARLY;BYWEEKNO=10", "2026-03-02 2026-03-03 2026-03-04"),
    ] {
        assert_eq!(keys(&schedule(rule, "2026-01-31"), 3), expected, "{rule}");
    }
}

#[test]
fn a_weekday_with_a_number_beside_one_without_means_both() {
    assert_eq!(
        keys(&schedule("FREQ=MONTHLY;BYDAY=1MO,TU", "2026-06-01"), 7),
        "2026-06-01 2026-06-02 2026-06-09 2026-06-16 2026-06-23 2026-06-30 2026-07-06"
    );
}

#[test]
fn a_position_is_counted_in_the_whole_week_also_when_it_began_before_the_start() {
    // 20 January 2026 is a Tuesday: the first of its week's days was the Monday before.
    let rule = "FREQ=WEEKLY;BYDAY=MO,WE;BYSETPOS=1";
    assert_eq!(keys(&schedule(rule, "2026-01-20"), 2), "2026-01-26 2026-02-02");
}

/// The examples of section 3.8.5.3, by their dates.
#[test]
fn the_examples_of_rfc_5545_hold() {
    for (rule, start, expected) in [
        (
            "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
            "1997-09-01",
            "1997-09-01 1997-09-03 1997-09-05 1997-09-15 1997-09-17 1997-09-19 1997-09-29 \
             1997-10-01 1997-10-03 1997-10-13 1997-10-15 1997-10-17 1997-10-27 1997-10-29 \
             1997-10-31 1997-11-10 1997-11-12 1997-11-14 1997-11-24 1997-11-26 1997-11-28 \
             1997-12-08 1997-12-10 1997-12-12 1997-12-22",
        ),
        (
            "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
            "1997-09-22",
            "1997-09-22 1997-10-20 1997-11-17 1997-12-22 1998-01-19 1998-02-16",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
            "1997-09-07",
            "1997-09-07 1997-09-28 1997-11-02 1997-11-30 1998-01-04 1998-01-25 1998-03-01 \
             1998-03-29 1998-05-03 1998-05-31",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=-3;COUNT=6",
            "1997-09-28",
            "1997-09-28 1997-10-29 1997-11-28 1997-12-29 1998-01-29 1998-02-26",
        ),
        (
            "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
            "1997-09-10",
            "1997-09-10 1997-09-11 1997-09-12 1997-09-13 1997-09-14 1997-09-15 1999-03-10 \
             1999-03-11 1999-03-12 1999-03-13",
        ),
        (
            "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
            "1997-01-01",
            "1997-01-01 1997-04-10 1997-07-19 2000-01-01 2000-04-09 2000-07-18 2003-01-01 \
             2003-04-10 2003-07-19 2006-01-01",
        ),
        ("FREQ=YEARLY;COUNT=3;BYDAY=20MO", "1997-05-19", "1997-05-19 1998-05-18 1999-05-17"),
        (
            "FREQ=YEARLY;COUNT=3;BYWEEKNO=20;BYDAY=MO",
            "1997-05-12",
            "1997-05-12 1998-05-11 1999-05-17",
        ),
        (
            "FREQ=MONTHLY;COUNT=5;BYDAY=FR;BYMONTHDAY=13",
            "1997-09-02",
            "1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13",
        ),
        (
            "FREQ=MONTHLY;COUNT=4;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
            "1997-09-13",
            "1997-09-13 1997-10-11 1997-11-08 1997-12-13",
        ),
        (
            "FREQ=YEARLY;INTERVAL=4;COUNT=3;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
            "1996-11-05",
            "1996-11-05 2000-11-07 2004-11-02",
        ),
        (
            "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
            "1997-09-04",
            "1997-09-04 1997-10-07 1997-11-06",
        ),
        (
            "FREQ=MONTHLY;COUNT=7;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2",
            "1997-09-29",
            "1997-09-29 1997-10-30 1997-11-27 1997-12-30 1998-01-29 1998-02-26 1998-03-30",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO",
            "1997-08-05",
            "1997-08-05 1997-08-10 1997-08-19 1997-08-24",
        ),
        (
            "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU",
            "1997-08-05",
            "1997-08-05 1997-08-17 1997-08-19 1997-08-31",
        ),
        (
            "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
            "2007-01-15",
            "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30",
        ),
    ] {
        let schedule = Schedule { time_zone: "America/New_York".to_owned(), ..skip(rule, start) };
        assert_eq!(keys(&schedule, 60), expected, "{rule}");
    }
}

#[test]
fn a_local_time_in_a_gap_moves_forward_by_its_length() {
    for (zone, time, start, expected) in [
        // 03:00 becomes 04:00 on 29 March.
        ("Europe/Vilnius", "02:59", "2026-03-29", "2026-03-29T00:59:00Z"),
        ("Europe/Vilnius", "03:00", "2026-03-29", "2026-03-29T01:00:00Z"),
        ("Europe/Vilnius", "03:30", "2026-03-29", "2026-03-29T01:30:00Z"),
        ("Europe/Vilnius", "04:00", "2026-03-29", "2026-03-29T01:00:00Z"),
        ("Europe/Vilnius", "03:30", "2026-03-28", "2026-03-28T01:30:00Z"),
        ("Europe/Vilnius", "03:30", "2026-03-30", "2026-03-30T00:30:00Z"),
        // 02:00 becomes 03:00 on 8 March.
        ("America/New_York", "02:30", "2026-03-08", "2026-03-08T07:30:00Z"),
        ("America/New_York", "03:00", "2026-03-08", "2026-03-08T07:00:00Z"),
        // 02:00 becomes 02:30 on 4 October.
        ("Australia/Lord_Howe", "02:15", "2026-10-04", "2026-10-03T15:45:00Z"),
        ("Australia/Lord_Howe", "02:30", "2026-10-04", "2026-10-03T15:30:00Z"),
        // Samoa left out 30 December 2011 as a whole.
        ("Pacific/Apia", "09:00", "2011-12-30", "2011-12-30T19:00:00Z"),
        ("Pacific/Apia", "09:00", "2011-12-31", "2011-12-30T19:00:00Z"),
    ] {
        let schedule = at(zone, time, "FREQ=DAILY", start);
        assert_eq!(moments(&schedule, 1), expected, "{zone} {start} {time}");
    }
}

#[test]
fn a_local_time_that_exists_twice_happens_once_the_first_time() {
    for (zone, time, start, expected) in [
        // 04:00 becomes 03:00 on 25 October.
        ("Europe/Vilnius", "03:30", "2026-10-25", "2026-10-25T00:30:00Z 2026-10-26T01:30:00Z"),
        // 02:00 becomes 01:00 on 1 November.
        ("America/New_York", "01:30", "2026-11-01", "2026-11-01T05:30:00Z 2026-11-02T06:30:00Z"),
        // 02:00 becomes 01:30 on 5 April.
        ("Australia/Lord_Howe", "01:45", "2026-04-05", "2026-04-04T14:45:00Z 2026-04-05T15:15:00Z"),
    ] {
        let schedule = at(zone, time, "FREQ=DAILY", start);
        assert_eq!(moments(&schedule, 2), expected, "{zone}");
    }
}

#[test]
fn the_local_time_stays_when_the_clocks_change() {
    let schedule = schedule("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31");
    assert_eq!(
        moments(&schedule, 4),
        "2026-01-31T07:00:00Z 2026-02-28T07:00:00Z 2026-03-31T06:00:00Z 2026-04-30T06:00:00Z"
    );
    assert_eq!(
        schedule.preview(Some(date(2026, 12, 31)), 1)[0].at.to_string(),
        "2027-01-31T07:00:00Z"
    );
}

#[test]
fn an_order_is_made_lead_days_before_by_the_local_calendar() {
    // From 28 March to 30 March there are 47 hours.
    let schedule = Schedule { lead_days: 2, ..schedule("FREQ=DAILY;COUNT=2", "2026-03-30") };
    assert_eq!(moves(&schedule, 2), "2026-03-30>2026-03-30 2026-03-31>2026-03-31");
    assert_eq!(moments(&schedule, 2), "2026-03-28T07:00:00Z 2026-03-29T06:00:00Z");
    // The gap is looked for on the day the order is made.
    let schedule = Schedule { time: "03:30".parse().unwrap(), lead_days: 1, ..schedule };
    assert_eq!(moments(&schedule, 1), "2026-03-29T01:30:00Z");
}

#[test]
fn lead_days_are_counted_from_the_moved_date() {
    // 1 August 2026 is a Saturday.
    let schedule = Schedule {
        non_working: NonWorking::After,
        lead_days: 1,
        ..schedule("FREQ=MONTHLY", "2026-08-01")
    };
    assert_eq!(moves(&schedule, 1), "2026-08-01>2026-08-03");
    assert_eq!(moments(&schedule, 1), "2026-08-02T06:00:00Z");
}

#[test]
fn occurrences_move_off_days_that_are_not_worked_on() {
    // 24 December 2026 is a Thursday; Friday and the weekend follow.
    let calendar = Calendar {
        holidays: [date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 28)].into(),
        ..Calendar::default()
    };
    for (non_working, expected) in [
        (
            NonWorking::Keep,
            "2026-12-23>2026-12-23 2026-12-24>2026-12-24 2026-12-26>2026-12-26 \
             2026-12-29>2026-12-29",
        ),
        (
            NonWorking::Before,
            "2026-12-23>2026-12-23 2026-12-24>2026-12-23 2026-12-26>2026-12-23 \
             2026-12-29>2026-12-29",
        ),
        (
            NonWorking::After,
            "2026-12-23>2026-12-23 2026-12-24>2026-12-29 2026-12-26>2026-12-29 \
             2026-12-29>2026-12-29",
        ),
    ] {
        let rule = "FREQ=MONTHLY;BYMONTHDAY=23,24,26,29";
        let calendar = calendar.clone();
        let schedule = Schedule { non_working, calendar, ..schedule(rule, "2026-12-01") };
        assert_eq!(moves(&schedule, 4), expected, "{non_working:?}");
    }
}

#[test]
fn the_key_stays_when_the_date_moves_over_a_month_or_before_the_start() {
    // 31 January 2026 is a Saturday, 1 February a Sunday.
    let after = Schedule {
        non_working: NonWorking::After,
        ..schedule("FREQ=MONTHLY;BYMONTHDAY=1,31", "2026-01-31")
    };
    assert_eq!(moves(&after, 2), "2026-01-31>2026-02-02 2026-02-01>2026-02-02");
    let before = Schedule { non_working: NonWorking::Before, ..after };
    assert_eq!(moves(&before, 2), "2026-01-31>2026-01-30 2026-02-01>2026-01-30");
}

#[test]
fn a_calendar_without_working_days_near_leaves_the_date() {
    let year = date(2026, 1, 1).series(jiff::ToSpan::days(1)).take(800).collect();
    let schedule = Schedule {
        non_working: NonWorking::After,
        calendar: Calendar { holidays: year, ..Calendar::default() },
        ..schedule("FREQ=DAILY", "2026-01-05")
    };
    assert_eq!(moves(&schedule, 1), "2026-01-05>2026-01-05");
}

#[test]
fn a_schedule_ends_by_whatever_end_comes_first() {
    let days = |rule| schedule(rule, "2026-01-01");
    let until = |rule, day| Schedule { until: Some(date(2026, 1, day)), ..days(rule) };
    let count = |rule, count| Schedule { count: Some(count), ..days(rule) };
    let three = "2026-01-01 2026-01-02 2026-01-03";
    for schedule in [
        until("FREQ=DAILY", 3),
        count("FREQ=DAILY", 3),
        days("FREQ=DAILY;COUNT=3"),
        days("FREQ=DAILY;UNTIL=20260103"),
        count("FREQ=DAILY;COUNT=9", 3),
        count("FREQ=DAILY;COUNT=3", 9),
        count("FREQ=DAILY;UNTIL=20260103", 9),
        until("FREQ=DAILY;COUNT=9", 3),
        until("FREQ=DAILY;UNTIL=20260109", 3),
        Schedule { count: Some(3), ..until("FREQ=DAILY", 9) },
    ] {
        assert_eq!(keys(&schedule, 20), three, "{schedule:?}");
        assert_eq!(schedule.preview(Some(date(2026, 1, 2)), 20).len(), 1, "{schedule:?}");
        assert_eq!(schedule.preview(Some(date(2026, 1, 3)), 20), [], "{schedule:?}");
        assert_eq!(schedule.preview(Some(date(2025, 1, 1)), 20).len(), 3, "{schedule:?}");
    }
}

#[test]
fn a_moment_in_until_is_compared_with_the_time_of_the_occurrence() {
    // 09:00 in Vilnius is 07:00 in UTC.
    for (rule, last) in [
        ("FREQ=DAILY;UNTIL=20260103T090000", "2026-01-03"),
        ("FREQ=DAILY;UNTIL=20260103T085959", "2026-01-02"),
        ("FREQ=DAILY;UNTIL=20260103T070000Z", "2026-01-03"),
        ("FREQ=DAILY;UNTIL=20260103T065959Z", "2026-01-02"),
    ] {
        let keys = keys(&schedule(rule, "2026-01-01"), 20);
        assert_eq!(keys.rsplit(' ').next(), Some(last), "{rule}");
    }
}

#[test]
fn the_end_is_compared_with_the_key_and_not_with_the_moved_date() {
    // 3 January 2026 is a Saturday.
    let schedule = Schedule {
        until: Some(date(2026, 1, 3)),
        non_working: NonWorking::After,
        ..schedule("FREQ=DAILY", "2026-01-02")
    };
    assert_eq!(moves(&schedule, 9), "2026-01-02>2026-01-02 2026-01-03>2026-01-05");
}

#[test]
fn a_sequence_ends_with_the_moments_that_can_be_carried() {
    let schedule = schedule("FREQ=YEARLY", "2026-12-01");
    let last = schedule.after(Some(date(2280, 1, 1))).last().unwrap();
    assert_eq!(last.key.to_string(), "2285-12-01");
    assert_eq!(last.at.to_string(), "2285-12-01T07:00:00Z");
}

#[test]
fn a_sequence_far_from_its_start_is_found_at_once() {
    let schedule = schedule("FREQ=DAILY;INTERVAL=7", "1970-01-01");
    let next = schedule.after(Some(date(2200, 1, 1))).next().unwrap();
    assert_eq!(next.key.to_string(), "2200-01-02");
}

/// The code and the field of what is wrong.
fn problem(schedule: &Schedule) -> String {
    match schedule.validate() {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{} {}", error.field(), error.code()),
    }
}

#[test]
fn a_schedule_that_can_make_orders_is_valid() {
    for schedule in [
        schedule("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31"),
        Schedule { lead_days: 365, ..schedule("FREQ=DAILY;COUNT=1", "1970-01-01") },
        Schedule { until: Some(date(2026, 1, 31)), ..schedule("FREQ=MONTHLY", "2026-01-31") },
        schedule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-01"),
        skip("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU", "2033-01-01"),
        skip("FREQ=YEARLY;INTERVAL=1000", "2199-01-01"),
    ] {
        assert_eq!(problem(&schedule), "ok", "{schedule:?}");
    }
    assert_eq!(
        keys(&schedule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2027-01-01"), 2),
        "2027-02-28 2028-02-29"
    );
}

#[test]
fn a_schedule_that_can_t_make_orders_is_refused_by_field_and_code() {
    let daily = || schedule("FREQ=DAILY", "2026-01-10");
    let zone = |zone: &str| Schedule { time_zone: zone.to_owned(), ..daily() };
    let never = "rule rule_never_occurs";
    for (schedule, expected) in [
        (zone("Europe/Vilniaus"), "time_zone time_zone_unknown"),
        (zone(""), "time_zone time_zone_unknown"),
        (zone("Etc/Unknown"), "time_zone time_zone_unknown"),
        (zone("EET-2EEST,M3.5.0/3,M10.5.0/4"), "time_zone time_zone_unknown"),
        (zone("../../etc/passwd"), "time_zone time_zone_unknown"),
        (schedule("FREQ=DAILY", "1969-12-31"), "start start_out_of_range"),
        (schedule("FREQ=DAILY", "2200-01-01"), "start start_out_of_range"),
        (Schedule { until: Some(date(2026, 1, 9)), ..daily() }, "until start_after_until"),
        (Schedule { count: Some(0), ..daily() }, "count count_zero"),
        (Schedule { lead_days: 366, ..daily() }, "lead_days lead_days_out_of_range"),
        (
            Schedule {
                non_working: NonWorking::Before,
                calendar: Calendar { weekdays: [false; 7], ..Calendar::default() },
                ..daily()
            },
            "non_working no_working_weekday",
        ),
        (skip("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-10"), never),
        (skip("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30", "2026-01-10"), never),
        (schedule("FREQ=MONTHLY;BYDAY=6MO", "2026-01-10"), never),
        (schedule("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=6", "2026-01-10"), never),
        (schedule("FREQ=YEARLY;BYWEEKNO=30;BYMONTH=1", "2026-01-10"), never),
        (schedule("FREQ=DAILY;INTERVAL=7;BYDAY=MO", "2026-01-10"), never),
        (
            Schedule {
                until: Some(date(2026, 1, 30)),
                ..schedule("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-10")
            },
            "until no_occurrence_before_end",
        ),
        (schedule("FREQ=DAILY;UNTIL=20260109", "2026-01-10"), "rule no_occurrence_before_end"),
        (
            skip("FREQ=YEARLY;INTERVAL=900;BYMONTH=2;BYMONTHDAY=29", "2100-01-01"),
            "rule no_occurrence_before_end",
        ),
    ] {
        assert_eq!(problem(&schedule), expected, "{schedule:?}");
    }
}

#[test]
fn a_problem_says_what_to_do() {
    let skipped = skip("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-10");
    assert_eq!(
        skipped.validate().unwrap_err().to_string(),
        "the rule gives no date in 400 years: set `month_end` to `clip` for the last day of the \
         month, or change the rule"
    );
    let ended = Schedule {
        until: Some(date(2026, 1, 30)),
        ..schedule("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-10")
    };
    assert_eq!(
        ended.validate().unwrap_err().to_string(),
        "the first date of the rule, 2026-01-31, lies after its end: move `until` to that date or \
         later, or leave it out"
    );
}

#[test]
fn all_problems_are_told_together() {
    let schedule = Schedule {
        time_zone: "Mars/Olympus".to_owned(),
        count: Some(0),
        lead_days: 999,
        ..skip("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "2026-01-10")
    };
    let codes: Vec<_> = schedule.problems().iter().map(|problem| problem.code()).collect();
    assert_eq!(
        codes,
        ["time_zone_unknown", "count_zero", "lead_days_out_of_range", "rule_never_occurs"]
    );
}

#[test]
fn a_schedule_in_an_unknown_zone_has_no_occurrences() {
    let time_zone = "Mars/Olympus".to_owned();
    let schedule = Schedule { time_zone, ..schedule("FREQ=DAILY", "2026-01-10") };
    assert_eq!(keys(&schedule, 3), "");
}

#[test]
fn a_schedule_is_written_as_the_api_writes_it() {
    let text = r#"{"rule":"rrule:freq=monthly; bymonthday=31","start":"2026-01-31",
                   "time":"09:00","time_zone":"Europe/Vilnius"}"#;
    let read: Schedule = serde_json::from_str(text).unwrap();
    assert_eq!(read, schedule("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31"));
    let written = serde_json::to_string(&read).unwrap();
    assert_eq!(
        written,
        concat!(
            r#"{"rule":"FREQ=MONTHLY;BYMONTHDAY=31","month_end":"clip","non_working":"keep","#,
            r#""start":"2026-01-31","until":null,"count":null,"time":"09:00","#,
            r#""time_zone":"Europe/Vilnius","lead_days":0,"#,
            r#""calendar":{"weekdays":[true,true,true,true,true,false,false],"holidays":[]}}"#
        )
    );
    assert_eq!(serde_json::from_str::<Schedule>(&written).unwrap(), read);
    let seconds = Schedule { time: "09:00:30".parse().unwrap(), ..read };
    assert!(serde_json::to_string(&seconds).unwrap().contains(r#""time":"09:00:30""#));
}
