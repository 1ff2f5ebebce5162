//! Which texts are rules, and what is said of the others.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use ordermill_domain::recurrence::{INTERVAL_MAX, Rule, TEXT_BYTES_MAX};

#[test]
fn a_rule_is_kept_as_written_in_capitals_without_its_name() {
    for (text, kept) in [
        ("FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=MONTHLY;BYMONTHDAY=31"),
        ("RRULE:FREQ=DAILY", "FREQ=DAILY"),
        (" rrule: freq = weekly ; byday = mo,+1we ;\n", "error"),
        (" rrule: freq = weekly ; byday = mo,we ;\n", "FREQ=WEEKLY;BYDAY=MO,WE"),
        ("COUNT=3;FREQ=YEARLY", "COUNT=3;FREQ=YEARLY"),
        ("FREQ=YEA\r\n RLY;COUNT=3", "FREQ=YEARLY;COUNT=3"),
    ] {
        let rule = Rule::parse(text);
        assert_eq!(rule.as_ref().map_or("error", Rule::text), kept, "{text:?}");
    }
}

#[test]
fn a_text_that_is_no_rule_is_refused_by_code_and_part() {
    for (text, code, part) in [
        ("", "rule_empty", None),
        ("  RRULE: ", "rule_empty", None),
        ("DTSTART:20260101\nRRULE:FREQ=DAILY", "rule_not_one", None),
        ("FREQ=DAILY\nFREQ=DAILY", "rule_not_one", None),
        ("FREQ", "rule_part_malformed", Some("FREQ")),
        ("FREQ=DAILY;;COUNT=1", "rule_part_malformed", Some("")),
        ("COUNT=1", "rule_frequency_missing", Some("FREQ")),
        ("FREQ=DAILY;FREQ=DAILY", "rule_part_duplicate", Some("FREQ")),
        ("FREQ=FORTNIGHTLY", "rule_value_wrong", Some("FREQ")),
        ("FREQ=", "rule_value_wrong", Some("FREQ")),
        ("FREQ=HOURLY", "rule_part_refused", Some("FREQ=HOURLY")),
        ("FREQ=SECONDLY", "rule_part_refused", Some("FREQ=SECONDLY")),
        ("FREQ=DAILY;BYHOUR=9", "rule_part_refused", Some("BYHOUR")),
        ("FREQ=YEARLY;BYEASTER=0", "rule_part_refused", Some("BYEASTER")),
        ("RSCALE=GREGORIAN;FREQ=DAILY", "rule_part_refused", Some("RSCALE")),
        ("FREQ=MONTHLY;SKIP=BACKWARD", "rule_part_refused", Some("SKIP")),
        ("FREQ=WEEKLY;BYWEEKDAY=MO", "rule_part_unknown", Some("BYWEEKDAY")),
        ("FREQ=WEEKLY;X-COLOUR=RED", "rule_part_unknown", Some("X-COLOUR")),
        ("FREQ=DAILY;INTERVAL=0", "rule_interval_out_of_range", Some("INTERVAL")),
        ("FREQ=DAILY;INTERVAL=1001", "rule_interval_out_of_range", Some("INTERVAL")),
        ("FREQ=DAILY;INTERVAL=-1", "rule_interval_out_of_range", Some("INTERVAL")),
        ("FREQ=DAILY;INTERVAL=99999999999", "rule_interval_out_of_range", Some("INTERVAL")),
        ("FREQ=DAILY;COUNT=0", "rule_value_wrong", Some("COUNT")),
        ("FREQ=DAILY;COUNT=+3", "rule_value_wrong", Some("COUNT")),
        ("FREQ=DAILY;COUNT=1.5", "rule_value_wrong", Some("COUNT")),
        ("FREQ=DAILY;UNTIL=2026-01-01", "rule_value_wrong", Some("UNTIL")),
        ("FREQ=DAILY;UNTIL=20260230", "rule_value_wrong", Some("UNTIL")),
        ("FREQ=DAILY;UNTIL=20260101T", "rule_value_wrong", Some("UNTIL")),
        ("FREQ=DAILY;UNTIL=20260101T250000Z", "rule_value_wrong", Some("UNTIL")),
        ("FREQ=DAILY;UNTIL=Ā0260101", "rule_value_wrong", Some("UNTIL")),
        ("FREQ=DAILY;BYMONTH=13", "rule_value_wrong", Some("BYMONTH")),
        ("FREQ=DAILY;BYMONTH=-1", "rule_value_wrong", Some("BYMONTH")),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "rule_value_wrong", Some("BYMONTHDAY")),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "rule_value_wrong", Some("BYMONTHDAY")),
        ("FREQ=MONTHLY;BYMONTHDAY=1,", "rule_value_wrong", Some("BYMONTHDAY")),
        ("FREQ=MONTHLY;BYMONTHDAY=--1", "rule_value_wrong", Some("BYMONTHDAY")),
        ("FREQ=MONTHLY;BYDAY=M", "rule_value_wrong", Some("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=0MO", "rule_value_wrong", Some("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=54MO", "rule_value_wrong", Some("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=MONDAY", "rule_value_wrong", Some("BYDAY")),
        ("FREQ=MONTHLY;BYDAY=€", "rule_value_wrong", Some("BYDAY")),
        ("FREQ=YEARLY;BYYEARDAY=367", "rule_value_wrong", Some("BYYEARDAY")),
        ("FREQ=YEARLY;BYWEEKNO=54", "rule_value_wrong", Some("BYWEEKNO")),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=0", "rule_value_wrong", Some("BYSETPOS")),
        ("FREQ=WEEKLY;WKST=1MO", "rule_value_wrong", Some("WKST")),
        ("FREQ=DAILY;COUNT=1;UNTIL=20260101", "rule_parts_not_together", Some("COUNT")),
        ("FREQ=DAILY;BYSETPOS=1", "rule_parts_not_together", Some("BYSETPOS")),
        ("FREQ=DAILY;BYDAY=1MO", "rule_parts_not_together", Some("BYDAY")),
        ("FREQ=DAILY;BYYEARDAY=1", "rule_parts_not_together", Some("BYYEARDAY")),
        ("FREQ=DAILY;BYWEEKNO=1", "rule_parts_not_together", Some("BYWEEKNO")),
        ("FREQ=WEEKLY;BYDAY=-1MO", "rule_parts_not_together", Some("BYDAY")),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "rule_parts_not_together", Some("BYMONTHDAY")),
        ("FREQ=WEEKLY;BYYEARDAY=1", "rule_parts_not_together", Some("BYYEARDAY")),
        ("FREQ=WEEKLY;BYWEEKNO=1", "rule_parts_not_together", Some("BYWEEKNO")),
        ("FREQ=MONTHLY;BYYEARDAY=1", "rule_parts_not_together", Some("BYYEARDAY")),
        ("FREQ=MONTHLY;BYWEEKNO=1", "rule_parts_not_together", Some("BYWEEKNO")),
        ("FREQ=YEARLY;BYWEEKNO=1;BYDAY=1MO", "rule_parts_not_together", Some("BYDAY")),
    ] {
        let error = Rule::parse(text).expect_err(text);
        assert_eq!((error.code(), error.part(), error.field()), (code, part, "rule"), "{text}");
    }
}

#[test]
fn a_refusal_names_the_part_and_the_remedy() {
    for (text, sentence) in [
        (
            "FREQ=DAILY;BYHOUR=9",
            "`BYHOUR` is not supported: an order is made once a day at most; leave it out and set \
             `time`",
        ),
        (
            "FREQ=WEEKLY;BYMONTHDAY=1",
            "RFC 5545 forbids `BYMONTHDAY` with FREQ=WEEKLY: use FREQ=MONTHLY, or FREQ=DAILY",
        ),
        (
            "FREQ=DAILY;INTERVAL=0",
            "`INTERVAL` \"0\" is out of range: use a whole number from 1 to 1000",
        ),
    ] {
        assert_eq!(Rule::parse(text).expect_err(text).to_string(), sentence);
    }
}

#[test]
fn the_longest_text_and_the_greatest_interval_are_taken() {
    let days = (1..=366).map(|day| day.to_string()).collect::<Vec<_>>().join(",");
    assert!(Rule::parse(&format!("FREQ=YEARLY;BYYEARDAY={days}")).is_ok());
    assert!(Rule::parse(&format!("FREQ=DAILY;INTERVAL={INTERVAL_MAX}")).is_ok());
    let padded = format!("FREQ=DAILY{}", " ".repeat(TEXT_BYTES_MAX - "FREQ=DAILY".len()));
    assert!(Rule::parse(&padded).is_ok());
    assert_eq!(Rule::parse(&format!("{padded} ")).unwrap_err().code(), "rule_too_long");
}

#[test]
fn a_rule_travels_as_its_text() {
    let rule = Rule::parse("RRULE:FREQ=WEEKLY;BYDAY=MO").unwrap();
    assert_eq!(serde_json::to_string(&rule).unwrap(), "\"FREQ=WEEKLY;BYDAY=MO\"");
    assert_eq!(serde_json::from_str::<Rule>("\"FREQ=WEEKLY;BYDAY=MO\"").unwrap(), rule);
    let error = serde_json::from_str::<Rule>("\"FREQ=HOURLY\"").unwrap_err().to_string();
    assert!(error.starts_with("`FREQ=HOURLY` is not supported"), "{error}");
}
