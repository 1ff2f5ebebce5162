//! What many worlds came to: figures, what was covered, what was not.

use crate::observer::{ARMS, Seen};
use crate::plan::Fault;
use crate::world::Outcome;
use ordermill_domain::order::EventKind;
use ordermill_domain::policy::{Outcome as LimitOutcome, load, presets};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// A world that failed.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Its seed.
    pub seed: u64,
    /// What was found first.
    pub code: String,
    /// About what.
    pub about: String,
    /// In words.
    pub detail: String,
}

/// The sums.
#[derive(Default)]
pub struct Totals {
    /// Worlds that ran.
    pub worlds: u64,
    /// Steps of their schedulers.
    pub steps: u64,
    /// Requests to AWS.
    pub requests: u64,
    /// Faults that happened.
    pub faults: BTreeMap<Fault, u64>,
    /// What was seen at work.
    pub seen: Seen,
    /// How callers were answered.
    pub answers: BTreeMap<(String, i64), u64>,
    /// Codes of refusals.
    pub codes: BTreeMap<String, u64>,
    /// E-mails that two calls sent at once, as they may.
    pub mails_at_once: u64,
    /// Worlds that failed.
    pub failures: Vec<Failure>,
}

impl Totals {
    /// Takes a world in.
    pub fn add(&mut self, seed: u64, outcome: Outcome) {
        self.worlds += 1;
        self.steps += outcome.steps;
        self.requests += outcome.requests;
        self.mails_at_once += outcome.mails_at_once;
        for (fault, count) in outcome.faults {
            *self.faults.entry(fault).or_default() += count;
        }
        self.seen.add(&outcome.seen);
        for (key, count) in outcome.answers {
            *self.answers.entry(key).or_default() += count;
        }
        for (key, count) in outcome.codes {
            *self.codes.entry(key).or_default() += count;
        }
        if let Some(first) = outcome.findings.into_iter().next() {
            let (code, about, detail) = (first.code, first.about, first.detail);
            self.failures.push(Failure { seed, code, about, detail });
        }
    }

    /// What should have been seen and was not: faults, arms of `decide`, events, statuses and moves of
    /// the presets.
    #[must_use]
    pub fn uncovered(&self) -> Vec<String> {
        let mut missing = Vec::new();
        for fault in Fault::ALL.iter().filter(|fault| !self.faults.contains_key(fault)) {
            missing.push(format!("fault {}", fault.name()));
        }
        for arm in ARMS.iter().filter(|arm| !self.seen.arms.contains_key(**arm)) {
            missing.push(format!("arm of decide {arm}"));
        }
        for kind in event_kinds() {
            if !self.seen.events.contains_key(&kind) {
                missing.push(format!("event {kind}"));
            }
        }
        for name in presets::NAMES {
            let Ok(policy) = load::from_toml(name, presets::text(name).unwrap_or_default()) else {
                continue;
            };
            for status in policy.statuses.keys() {
                if !self.seen.statuses.contains_key(&(name.to_owned(), status.to_string())) {
                    missing.push(format!("status {name} {status}"));
                }
            }
            let taken: BTreeSet<(&str, &str)> = self
                .seen
                .moves
                .keys()
                .filter(|(policy, ..)| policy == name)
                .map(|(_, from, to, _)| (from.as_str(), to.as_str()))
                .collect();
            let mut wanted: BTreeSet<(String, String, String)> = BTreeSet::new();
            for one in &policy.moves {
                for from in &one.from {
                    let word = format!("{:?}", one.command).to_lowercase();
                    wanted.insert((from.to_string(), one.to.to_string(), word));
                }
            }
            for (key, status) in &policy.statuses {
                for rung in &status.limit {
                    if let LimitOutcome::Move { to, .. } = &rung.outcome {
                        wanted.insert((key.to_string(), to.to_string(), "limit".to_owned()));
                    }
                }
            }
            for (from, to, word) in wanted {
                if !taken.contains(&(from.as_str(), to.as_str())) {
                    missing.push(format!("move {name} {from} {word} {to}"));
                }
            }
        }
        missing
    }

    /// The figures in words.
    pub fn print(&self) {
        println!("\nfaults that happened:");
        for (fault, count) in &self.faults {
            println!("  {:<18} {count}", fault.name());
        }
        println!("\nanswers to callers:");
        let mut by_name: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for ((name, status), count) in &self.answers {
            by_name.entry(name).or_default().push(format!("{status}: {count}"));
        }
        for (name, counts) in by_name {
            println!("  {name:<18} {}", counts.join(", "));
        }
        let codes: Vec<String> = self.codes.iter().map(|(c, n)| format!("{c} {n}")).collect();
        println!("  refusals: {}", codes.join(", "));
        println!("\nevents:");
        let events: Vec<String> =
            self.seen.events.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        println!("  {}", events.join(", "));
        let arms: Vec<String> =
            self.seen.arms.iter().map(|(arm, n)| format!("{arm} {n}")).collect();
        println!("\narms of decide: {}", arms.join(", "));
        println!("\nstatuses entered:");
        let mut by_policy: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for ((policy, status), count) in &self.seen.statuses {
            by_policy.entry(policy).or_default().push(format!("{status} {count}"));
        }
        for (policy, statuses) in by_policy {
            println!("  {policy}: {}", statuses.join(", "));
        }
        println!("\n{} ways from status to status were taken", self.seen.moves.len());
    }

    /// The last line.
    #[must_use]
    pub fn json(&self) -> Value {
        let by_kind: BTreeMap<String, u64> =
            self.faults.iter().map(|(fault, count)| (fault.name(), *count)).collect();
        let found: Vec<Value> = self
            .failures
            .iter()
            .map(
                |f| json!({ "seed": f.seed, "code": f.code, "about": f.about, "detail": f.detail }),
            )
            .collect();
        json!({ "worlds": self.worlds, "steps": self.steps, "requests": self.requests,
            "faults": self.faults.values().sum::<u64>(), "faults_by_kind": by_kind,
            "mails_at_once": self.mails_at_once, "findings": found.len(), "found": found,
            "uncovered": self.uncovered() })
    }
}

/// The names of all kinds of events, from their schema.
fn event_kinds() -> Vec<String> {
    let schema = serde_json::to_value(schemars::schema_for!(EventKind)).unwrap_or_default();
    let mut names = Vec::new();
    collect(&schema, &mut names);
    names.into_iter().map(|name| camel(&name)).collect()
}

fn collect(schema: &Value, names: &mut Vec<String>) {
    if let Some(name) = schema["const"].as_str() {
        names.push(name.to_owned());
    }
    for name in schema["enum"].as_array().into_iter().flatten() {
        names.extend(name.as_str().map(str::to_owned));
    }
    for part in schema["oneOf"].as_array().into_iter().flatten() {
        collect(part, names);
    }
}

fn camel(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| {
                first.to_uppercase().collect::<String>() + letters.as_str()
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_event_is_known_by_its_name() {
        let kinds = event_kinds();
        assert!(kinds.len() > 30, "{kinds:?}");
        assert!(kinds.contains(&format!("{:?}", EventKind::OrderReceived)));
    }
}
