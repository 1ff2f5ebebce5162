//! What left the house, counted where it leaves: e-mail by the name each message carries, SMS by
//! what it is about.
//!
//! An e-mail may go out a second time in two cases only (`ARCHITECTURE.md`, "E-mail is sent first"):
//! its sender was hurt between sending and marking, or two calls had it at once. An SMS never.

use crate::gates::{Passed, TaskId};
use crate::observer::Finding;
use ordermill_embedded::Service;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The counts.
#[derive(Default)]
pub struct Posts {
    /// How often each e-mail went out, by its name.
    pub mails: BTreeMap<String, u64>,
    /// How often each SMS went out.
    pub sms: BTreeMap<String, u64>,
    /// E-mails sent by tasks under way.
    by_task: BTreeMap<TaskId, BTreeSet<String>>,
    /// E-mails that may go out again: their sender was hurt between sending and marking.
    excused: BTreeSet<String>,
    hurt: BTreeSet<TaskId>,
    /// The newest task when the last sender of an e-mail ended.
    ended: BTreeMap<String, TaskId>,
    /// E-mails that two calls sent at once: each had looked before the other had marked.
    pub at_once: u64,
}

impl Posts {
    /// Takes in a request that was applied.
    pub fn saw(&mut self, passed: &Passed) -> Vec<Finding> {
        let mut found = Vec::new();
        if !passed.done {
            return found;
        }
        if passed.service == Service::Ses {
            let name = mail_name(&passed.body);
            let count = self.mails.entry(name.clone()).or_default();
            *count += 1;
            let others = self
                .by_task
                .iter()
                .any(|(task, names)| *task != passed.task && names.contains(&name));
            let overlaps = others || self.ended.get(&name).is_some_and(|end| passed.task <= *end);
            if *count > 1 && overlaps {
                self.at_once += 1;
            } else if *count > 1 && !self.excused.contains(&name) {
                let detail = format!("It went out {count} times and nobody died in between.");
                found.push(Finding::new("mail_twice", &name, detail));
            }
            self.by_task.entry(passed.task).or_default().insert(name.clone());
            if self.hurt.contains(&passed.task) || !passed.seen {
                self.excused.insert(name);
            }
        }
        if passed.service == Service::Sns {
            let name = sms_name(&passed.body);
            let count = self.sms.entry(name.clone()).or_default();
            *count += 1;
            if *count > 1 {
                found.push(Finding::new("sms_twice", &name, format!("It went out {count} times.")));
            }
        }
        found
    }

    /// Something went wrong in this task: what it has sent and not marked may go out again.
    pub fn hurt(&mut self, task: TaskId) {
        self.hurt.insert(task);
        if let Some(names) = self.by_task.get(&task) {
            self.excused.extend(names.iter().cloned());
        }
    }

    /// A task has come to its end.
    ///
    /// `newest` is the newest task there is.
    pub fn ended(&mut self, task: TaskId, newest: TaskId) {
        for name in self.by_task.remove(&task).unwrap_or_default() {
            self.ended.insert(name, newest);
        }
        self.hurt.remove(&task);
    }
}

/// The name that an e-mail carries.
fn mail_name(body: &[u8]) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let headers = body["Content"]["Simple"]["Headers"].as_array();
    headers
        .into_iter()
        .flatten()
        .find(|header| header["Name"] == "X-Ordermill-Message")
        .and_then(|header| header["Value"].as_str())
        .unwrap_or("without a name")
        .to_owned()
}

/// What an SMS is about: everything but its text.
fn sms_name(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body).into_owned();
    let mut parts: Vec<&str> =
        text.split('&').filter(|part| !part.starts_with("Message=")).collect();
    parts.sort_unstable();
    // Attributes come in any order, numbered: their values name the message.
    let mut values: Vec<&str> = parts
        .iter()
        .filter(|part| part.contains("StringValue") || part.starts_with("PhoneNumber"))
        .filter_map(|part| part.split('=').nth(1))
        .collect();
    values.sort_unstable();
    values.join(" ")
}
