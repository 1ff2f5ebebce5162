//! Reads what stands at the head of a policy file, and its calendars.

use super::format::{APPROVAL_KEYS, CALENDAR_KEYS, POLICY_KEYS};
use super::reader::{Node, Reader, Section};
use super::words::{self, Day, Word};
use super::{CALENDARS_MAX, CALL_WHEN_MAX, HOLIDAYS_MAX, STATUSES_MAX};
use crate::money::{AMOUNT_MINOR_MAX, Amount};
use crate::policy::{
    ApprovalRule, CallWhen, LateMoney, OnTotalMismatch, Policy, StatusKey, WorkingHours,
};
use std::collections::BTreeMap;

/// How many unpaid orders a customer may have where the policy does not say.
const OPEN_UNPAID_DEFAULT: u32 = 5;
/// Minutes of a day: a working day may end at 24:00.
const DAY_MINUTES: u16 = 24 * 60;

/// Reads the head; statuses, moves, calendars and production are left empty.
pub(super) fn read(reader: &mut Reader, root: &Section<'_>) -> Policy {
    reader.only(root, &POLICY_KEYS);
    let name = match root.get("name") {
        Some(node) => reader.name(&node),
        None => {
            reader.missing(root, "name", "Write name = \"webshop\", or another name.");
            None
        }
    };
    let version = match root.get("version") {
        Some(node) => reader.integer(&node, 1, i64::from(u32::MAX)),
        None => {
            reader.missing(root, "version", "Write version = 1, and count up with each change.");
            None
        }
    };
    let initial = match root.get("initial") {
        Some(node) => reader.text(&node),
        None => {
            reader.missing(root, "initial", "Write initial = \"...\", the status of a new order.");
            None
        }
    };
    Policy {
        name: name.unwrap_or_default().to_owned(),
        version: u32::try_from(version.unwrap_or(1)).unwrap_or(1),
        content_hash: String::new(),
        initial: StatusKey::new(initial.unwrap_or_default()),
        revive_to: root.get("revive_to").and_then(|node| reader.text(&node)).map(StatusKey::new),
        statuses: BTreeMap::new(),
        moves: Vec::new(),
        calendars: BTreeMap::new(),
        late_money: word_or(reader, root, "late_money", LateMoney::Ask),
        on_total_mismatch: word_or(reader, root, "on_total_mismatch", OnTotalMismatch::Review),
        total_tolerance: tolerance(reader, root, "total_tolerance_minor"),
        underpay_tolerance: tolerance(reader, root, "underpay_tolerance_minor"),
        overpay_tolerance: tolerance(reader, root, "overpay_tolerance_minor"),
        open_unpaid_max: root
            .get("open_unpaid_max")
            .and_then(|node| reader.integer(&node, 0, i64::from(u32::MAX)))
            .and_then(|number| u32::try_from(number).ok())
            .unwrap_or(OPEN_UNPAID_DEFAULT),
        approval: read_approval(reader, root),
        production: None,
        deletable_from: root
            .get("deletable_from")
            .map(|node| status_list(reader, &node))
            .unwrap_or_default(),
        call_when: read_call_when(reader, root),
    }
}

fn word_or<W: Word>(reader: &mut Reader, root: &Section<'_>, name: &str, default: W) -> W {
    root.get(name).and_then(|node| reader.word(&node)).unwrap_or(default)
}

fn tolerance(reader: &mut Reader, root: &Section<'_>, name: &str) -> Amount {
    let minor = root.get(name).and_then(|node| reader.integer(&node, 0, AMOUNT_MINOR_MAX));
    Amount(minor.unwrap_or_default())
}

/// A list of statuses, each once. Every entry stays where it was, so that positions agree.
pub(super) fn status_list(reader: &mut Reader, node: &Node<'_>) -> Vec<StatusKey> {
    let mut statuses: Vec<StatusKey> = Vec::new();
    for entry in reader.list(node, STATUSES_MAX) {
        let status = StatusKey::new(reader.text(&entry).unwrap_or_default());
        if statuses.contains(&status) && !status.as_str().is_empty() {
            let problem = format!("`{status}` stands here twice");
            reader.error(&entry.key, problem, "Write it once.");
        }
        statuses.push(status);
    }
    statuses
}

fn read_approval(reader: &mut Reader, root: &Section<'_>) -> ApprovalRule {
    let usual = ApprovalRule::default();
    let section = root.get("approval").and_then(|node| reader.section(&node));
    let Some(section) = section else { return usual };
    reader.only(&section, &APPROVAL_KEYS);
    let deadline = section.get("deadline").and_then(|node| reader.duration(&node));
    let choice = section.get("choice_deadline").and_then(|node| reader.duration(&node));
    ApprovalRule {
        edits: word_or(reader, &section, "edits", usual.edits),
        deadline: deadline.unwrap_or(usual.deadline),
        silence: word_or(reader, &section, "silence", usual.silence),
        choice_deadline: choice.unwrap_or(usual.choice_deadline),
    }
}

fn read_call_when(reader: &mut Reader, root: &Section<'_>) -> Vec<CallWhen> {
    let Some(node) = root.get("call_when") else { return Vec::new() };
    let mut conditions = Vec::new();
    for entry in reader.list(&node, CALL_WHEN_MAX) {
        let Some(text) = reader.text(&entry) else { continue };
        if let Some(condition) = reader.judged(&entry, words::call_when(text)) {
            reader.push_once(&mut conditions, condition, &entry, text);
        }
    }
    conditions
}

/// Reads the calendars.
pub(super) fn read_calendars(
    reader: &mut Reader,
    root: &Section<'_>,
) -> BTreeMap<String, WorkingHours> {
    let mut calendars = BTreeMap::new();
    let Some(section) = root.get("calendar").and_then(|node| reader.section(&node)) else {
        return calendars;
    };
    let names = section.names();
    if names.len() > CALENDARS_MAX {
        let problem = format!("there are {} calendars", names.len());
        reader.error("calendar", problem, &format!("Write at most {CALENDARS_MAX}."));
    }
    for name in names.into_iter().take(CALENDARS_MAX) {
        if !reader.check_name(&section.inside(name), name) {
            continue;
        }
        let calendar = section.get(name).and_then(|node| reader.section(&node));
        let calendar = calendar.and_then(|calendar| read_calendar(reader, &calendar));
        // A calendar with a mistake is still one that rungs may name.
        calendars.insert(name.to_owned(), calendar.unwrap_or_else(never));
    }
    calendars
}

fn never() -> WorkingHours {
    WorkingHours {
        time_zone: "UTC".to_owned(),
        weekdays: [false; 7],
        opens_minute: 0,
        closes_minute: DAY_MINUTES,
        holidays: Vec::new(),
    }
}

fn read_calendar(reader: &mut Reader, section: &Section<'_>) -> Option<WorkingHours> {
    reader.only(section, &CALENDAR_KEYS);
    let time_zone = match section.get("time_zone") {
        Some(node) => read_time_zone(reader, &node),
        None => {
            reader.missing(section, "time_zone", "Write time_zone = \"Europe/Vilnius\".");
            None
        }
    };
    let weekdays: Vec<Day> = match section.get("weekdays") {
        Some(node) => {
            let days = reader.words(&node);
            if days.is_empty() && !reader.positions.is_doubtful(&node.key) {
                let problem = "a calendar without a working day never lets a limit run out";
                reader.error(&node.key, problem.to_owned(), "Write weekdays = [\"mon\", \"tue\"].");
            }
            days
        }
        None => vec![Day::Mon, Day::Tue, Day::Wed, Day::Thu, Day::Fri],
    };
    let hours = match section.get("hours") {
        Some(node) => read_hours(reader, &node),
        None => {
            reader.missing(section, "hours", "Write hours = \"09:00-17:00\".");
            None
        }
    };
    let mut holidays = Vec::new();
    if let Some(node) = section.get("holidays") {
        for entry in reader.list(&node, HOLIDAYS_MAX) {
            if let Some(date) = reader.date(&entry) {
                reader.push_once(&mut holidays, date.clone(), &entry, &date);
            }
        }
    }
    let (opens_minute, closes_minute) = hours?;
    let works = |day: Day| weekdays.contains(&day);
    Some(WorkingHours {
        time_zone: time_zone?,
        weekdays: [
            works(Day::Mon),
            works(Day::Tue),
            works(Day::Wed),
            works(Day::Thu),
            works(Day::Fri),
            works(Day::Sat),
            works(Day::Sun),
        ],
        opens_minute,
        closes_minute,
        holidays,
    })
}

fn read_time_zone(reader: &mut Reader, node: &Node<'_>) -> Option<String> {
    let text = reader.text(node)?;
    if jiff::tz::TimeZone::get(text).is_err() {
        let problem = format!("there is no time zone `{text}`");
        reader.error(&node.key, problem, "Write an IANA name, like \"Europe/Vilnius\".");
        return None;
    }
    Some(text.to_owned())
}

fn read_hours(reader: &mut Reader, node: &Node<'_>) -> Option<(u16, u16)> {
    let text = reader.text(node)?;
    let hours = text
        .split_once('-')
        .and_then(|(opens, closes)| Some((minute(opens.trim())?, minute(closes.trim())?)))
        .filter(|(opens, closes)| opens < closes);
    if hours.is_none() {
        let problem = format!("`{text}` are not working hours");
        reader.error(
            &node.key,
            problem,
            "Write from and to, like \"09:00-17:00\", within one day.",
        );
    }
    hours
}

/// `09:30` as minutes after midnight; `24:00` is the end of the day.
fn minute(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let two_digits = |s: &str| s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit());
    if !two_digits(hours) || !two_digits(minutes) {
        return None;
    }
    let minutes: u16 = minutes.parse().ok().filter(|m| *m < 60)?;
    let hours: u16 = hours.parse().ok()?;
    let all = hours.checked_mul(60)?.checked_add(minutes)?;
    (all <= DAY_MINUTES).then_some(all)
}
