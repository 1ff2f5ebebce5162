//! What two policies say differently, fact by fact: `policy diff A B`.
//!
//! Facts, not lines: the order of keys, comments and white space make no difference, and a move
//! written for three statuses is three facts.

use super::grid::{describe_rung, describe_step, describe_trigger};
use super::load::words::Word;
use super::{Policy, Status};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// One fact that is not the same in both.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// What it is about, like `awaiting_payment: limit 3`.
    pub about: String,
    /// What the first says; none where it says nothing.
    pub before: Option<String>,
    /// What the second says; none where it says nothing.
    pub after: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.before, &self.after) {
            (None, Some(after)) => write!(f, "+ {}: {after}", self.about),
            (Some(before), None) => write!(f, "- {}: {before}", self.about),
            (Some(before), Some(after)) => write!(f, "~ {}: {before} → {after}", self.about),
            (None, None) => Ok(()),
        }
    }
}

/// Everything the second says otherwise than the first, by subject.
#[must_use]
pub fn diff(first: &Policy, second: &Policy) -> Vec<Difference> {
    let (before, after) = (facts(first), facts(second));
    let subjects: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    subjects
        .into_iter()
        .filter(|about| before.get(*about) != after.get(*about))
        .map(|about| Difference {
            about: about.clone(),
            before: before.get(about).cloned(),
            after: after.get(about).cloned(),
        })
        .collect()
}

/// Everything a policy says, by subject.
fn facts(policy: &Policy) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let mut say = |about: String, what: String| {
        facts.insert(about, what);
    };
    say("(policy) initial".to_owned(), policy.initial.to_string());
    say("(policy) late_money".to_owned(), policy.late_money.name().to_owned());
    if let Some(to) = &policy.revive_to {
        say("(policy) revive_to".to_owned(), to.to_string());
    }
    say("(policy) on_total_mismatch".to_owned(), policy.on_total_mismatch.name().to_owned());
    for (name, amount) in [
        ("total_tolerance", policy.total_tolerance),
        ("underpay_tolerance", policy.underpay_tolerance),
        ("overpay_tolerance", policy.overpay_tolerance),
    ] {
        say(format!("(policy) {name}"), format!("{} minor units", amount.0));
    }
    say("(policy) open_unpaid_max".to_owned(), policy.open_unpaid_max.to_string());
    let approval = policy.approval;
    say("(policy) approval edits".to_owned(), approval.edits.name().to_owned());
    say("(policy) approval deadline".to_owned(), approval.deadline.to_string());
    say("(policy) approval silence".to_owned(), approval.silence.name().to_owned());
    say("(policy) choice deadline".to_owned(), approval.choice_deadline.to_string());
    for status in &policy.deletable_from {
        say(format!("{status}: deletable"), "yes".to_owned());
    }
    for condition in &policy.call_when {
        say(format!("(policy) call_when {condition}"), "yes".to_owned());
    }
    if let Some(production) = &policy.production {
        say("(production) calendar".to_owned(), production.calendar.clone());
        for (place, step) in production.steps.iter().enumerate() {
            let number = place.saturating_add(1);
            say(format!("(production) step {number}"), describe_step(step));
            for (language, label) in &step.label {
                say(format!("(production) step {number} label {language}"), label.clone());
            }
        }
    }
    for (name, hours) in &policy.calendars {
        let days: String =
            hours.weekdays.iter().map(|works| if *works { '1' } else { '0' }).collect();
        let what = format!(
            "{} {days} {}-{} minutes, holidays {}",
            hours.time_zone,
            hours.opens_minute,
            hours.closes_minute,
            hours.holidays.join(" ")
        );
        say(format!("(calendar) {name}"), what);
    }
    for (key, status) in &policy.statuses {
        of_status(key.as_str(), status, &mut say);
    }
    for m in &policy.moves {
        let guards: Vec<String> = m.guards.iter().map(ToString::to_string).collect();
        let condition =
            if guards.is_empty() { String::new() } else { format!(" if {}", guards.join(", ")) };
        let by_itself = if m.auto { ", by itself" } else { "" };
        for from in &m.from {
            for role in &m.by {
                let about = format!("{from}: {} by {} → {}", m.command.name(), role.name(), m.to);
                say(about, format!("yes{condition}{by_itself}"));
            }
        }
    }
    facts
}

fn of_status(key: &str, status: &Status, say: &mut impl FnMut(String, String)) {
    say(format!("{key}: phase"), status.phase.name().to_owned());
    if let Some(step) = status.step {
        say(format!("{key}: step"), step.name().to_owned());
    }
    for (outcome, to) in &status.then {
        say(format!("{key}: then {}", outcome.name()), to.to_string());
    }
    for (place, rung) in status.limit.iter().enumerate() {
        let when = rung.when.as_ref().map(|when| format!(" when {when}")).unwrap_or_default();
        let number = place.saturating_add(1);
        say(format!("{key}: limit {number}"), format!("{}{when}", describe_rung(rung)));
    }
    for trigger in &status.on_enter {
        say(format!("{key}: on_enter {}", describe_trigger(trigger)), "yes".to_owned());
    }
    for (language, label) in &status.label {
        say(format!("{key}: label {language}"), label.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::{load, presets};

    #[test]
    fn a_policy_differs_from_itself_in_nothing_and_from_a_changed_one_in_what_was_changed() {
        let text = presets::text("webshop").unwrap();
        let policy = presets::webshop().unwrap();
        assert_eq!(diff(&policy, &policy), []);
        let changed = text
            .replace(
                "{ after = \"14d\", when = \"not method(card, paypal)\"",
                "{ after = \"7d\", when = \"not method(card, paypal)\"",
            )
            .replace("open_unpaid_max = 5", "open_unpaid_max = 9");
        assert_ne!(text, changed);
        let changed = load::from_toml("webshop", &changed).unwrap();
        let lines: Vec<String> = diff(&policy, &changed).iter().map(ToString::to_string).collect();
        assert_eq!(lines.len(), 2, "{lines:#?}");
        assert_eq!(lines[0], "~ (policy) open_unpaid_max: 5 → 9");
        assert!(lines[1].starts_with("~ awaiting_payment: limit 5: 14d"), "{lines:#?}");
        assert!(lines[1].contains("→ 7d"), "{lines:#?}");
    }

    #[test]
    fn a_move_for_several_statuses_is_several_facts() {
        let policy = presets::webshop().unwrap();
        let mut other = policy.clone();
        for m in &mut other.moves {
            if m.from.len() > 1 {
                m.from.truncate(1);
                break;
            }
        }
        let lines = diff(&policy, &other);
        assert!(!lines.is_empty() && lines.iter().all(|line| line.after.is_none()), "{lines:?}");
    }
}
