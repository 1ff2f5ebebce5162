//! Compares rules with the instances that dateutil, an old and much used library, gives for them.
//!
//! The vectors are not part of this repository: `ORDERMILL_REAL_INPUT` names the folder that holds
//! `recurrence/dateutil-vectors.json`. Every entry is accounted for: compared, or refused for a
//! reason that its own text shows.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::indexing_slicing)]

use jiff::civil::DateTime;
use ordermill_domain::recurrence::{Calendar, MonthEnd, NonWorking, Rule, RuleError, Schedule};
use serde::Deserialize;
use std::path::Path;

#[derive(Deserialize)]
struct Vector {
    name: String,
    text: String,
    expected: Vec<DateTime>,
}

/// What the text of an entry lets one expect.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Expectation {
    Compared,
    /// Several rules, or dates beside a rule.
    NotOneRule,
    /// Hours, minutes, seconds or Easter.
    Refused,
    /// dateutil gives dates; RFC 5545 says MUST NOT.
    ForbiddenByRfc,
}

fn expectation(text: &str) -> Expectation {
    let has = |part: &str| text.contains(part);
    let forbidden = match text.split("FREQ=").nth(1).and_then(|rest| rest.split([';', '\n']).next())
    {
        Some("WEEKLY") => has("BYMONTHDAY") || has("BYYEARDAY") || has("BYWEEKNO"),
        Some("DAILY" | "MONTHLY") => has("BYYEARDAY") || has("BYWEEKNO"),
        _ => false,
    };
    if text.matches("RRULE").count() > 1 || has("RDATE") || has("EXRULE") || has("EXDATE") {
        Expectation::NotOneRule
    } else if ["HOUR", "MINUTE", "SECOND", "EASTER"].iter().any(|part| has(part))
        || ["HOURLY", "MINUTELY", "SECONDLY"].iter().any(|finer| has(finer))
    {
        Expectation::Refused
    } else if forbidden {
        Expectation::ForbiddenByRfc
    } else {
        Expectation::Compared
    }
}

/// The start of an entry and its rule; dateutil's tests start on 2 September 1997 where they don't
/// say.
fn start_and_rule(text: &str) -> (DateTime, String) {
    let default = "19970902T090000".parse().unwrap();
    if !text.contains("DTSTART") {
        return (default, text.to_owned());
    }
    let mut start = default;
    let mut rule = Vec::new();
    for word in text.split_whitespace() {
        match word.strip_prefix("DTSTART:") {
            Some(value) => start = value.parse().unwrap(),
            None => rule.push(word),
        }
    }
    (start, rule.join("\n"))
}

fn schedule(rule: Rule, start: DateTime) -> Schedule {
    Schedule {
        rule,
        month_end: MonthEnd::Skip,
        non_working: NonWorking::Keep,
        start: start.date(),
        until: None,
        count: None,
        time: start.time(),
        time_zone: "UTC".to_owned(),
        lead_days: 0,
        calendar: Calendar::default(),
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "real input is found through the environment")]
fn rules_give_the_dates_that_dateutil_gives() {
    let Some(folder) = std::env::var_os("ORDERMILL_REAL_INPUT") else {
        println!("skipped: ORDERMILL_REAL_INPUT is not set");
        return;
    };
    let file = Path::new(&folder).join("recurrence").join("dateutil-vectors.json");
    let text = std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("ORDERMILL_REAL_INPUT: {}: {error}", file.display()));
    let vectors: Vec<Vector> = serde_json::from_str(&text).unwrap();

    let mut compared = 0_u32;
    let mut dates = 0_usize;
    let (mut not_one, mut refused, mut forbidden) = (0_u32, 0_u32, 0_u32);
    for vector in &vectors {
        let text = vector.text.to_ascii_uppercase();
        let (start, rule) = start_and_rule(&text);
        let parsed = Rule::parse(&rule);
        let code = parsed.as_ref().err().map(RuleError::code);
        let name = &vector.name;
        match expectation(&text) {
            Expectation::NotOneRule => {
                assert_eq!(code, Some("rule_not_one"), "{name}: {rule}");
                not_one += 1;
            }
            Expectation::Refused => {
                // One entry also spells BYDAY in dateutil's own way, before its hours.
                let codes = [Some("rule_part_refused"), Some("rule_part_unknown")];
                assert!(codes.contains(&code), "{name}: {rule}: {code:?}");
                refused += 1;
            }
            Expectation::ForbiddenByRfc => {
                assert_eq!(code, Some("rule_parts_not_together"), "{name}: {rule}");
                forbidden += 1;
            }
            Expectation::Compared => {
                let schedule = schedule(parsed.unwrap(), start);
                let given: Vec<DateTime> = schedule
                    .preview(None, vector.expected.len() + 1)
                    .iter()
                    .map(|occurrence| occurrence.key.to_datetime(schedule.time))
                    .collect();
                assert_eq!(given, vector.expected, "{name}: {rule}");
                compared += 1;
                dates += given.len();
            }
        }
    }
    println!(
        "read 1 file with {} rules: {compared} compared ({dates} dates); refused: {refused} finer \
         than a day or by Easter, {forbidden} forbidden by RFC 5545, {not_one} not one rule",
        vectors.len()
    );
    assert!(compared > 0, "nothing was compared");
}
