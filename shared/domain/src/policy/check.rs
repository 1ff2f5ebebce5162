//! Refuses a policy that could not work: orders that would stay for ever, goods or money that a
//! closed order would keep, moves that can never be made (`spec/policy.md`, "The checks at load").
//!
//! Each rule has its module: `names.rs` (everything named exists), `statuses.rs` (steps, limits),
//! `ladder.rs` (the rungs of a limit, for each kind of order), `reach.rs` (ways in and out),
//! `moves.rs` (who, and which of two), `guards.rs` (what can hold where), `closing.rs` (what a
//! closed order would keep). `graph.rs` and `facets.rs` are their tools.
//!
//! **Invariant:** no false alarms. Where a value could not be read ([`Positions::is_doubtful`]) or
//! a rule would have to guess, nothing is said.

mod closing;
mod facets;
mod graph;
mod guards;
mod ladder;
mod moves;
mod names;
mod production;
mod reach;
mod statuses;
#[cfg(test)]
mod tests;

use super::load::format::{MOVE_KEYS, STATUS_KEYS};
use super::load::{ERRORS_MAX, PolicyError, Positions};
use super::{CommandKind, Policy, Role, StatusKey};
use graph::Graph;

/// The messages there are. Their texts are in the notify function, by language.
pub const TEMPLATES: [&str; 33] = [
    "order_received",
    "data_needed",
    "backordered",
    "stock_arrived",
    "payment_request",
    "payment_reminder",
    "partly_paid",
    "deposit_paid",
    "balance_request",
    "paid",
    "payment_received",
    "being_assembled",
    "handed_over",
    "ready_for_pickup",
    "courier_near",
    "late",
    "cancelled",
    "refund_owed",
    "refunded",
    "delivered",
    "overdue",
    "not_reached",
    "returned",
    "order_comment",
    "approval_request",
    "order_approval_request",
    "choice_request",
    "staff_alert",
    "staff_task",
    "staff_exception",
    "staff_payment_failed",
    "partner_update",
    "subscription_notice",
];

/// Everything that keeps a policy from working, in no particular order; empty for a good one.
///
/// A policy that was not read from a file has no lines: use [`Positions::of_file`].
#[must_use]
pub fn check(policy: &Policy, source: &Positions) -> Vec<PolicyError> {
    let mut findings = Findings { policy, source, errors: Vec::new() };
    let graph = Graph::of(policy);
    names::check(&mut findings);
    statuses::check(&mut findings);
    ladder::check(&mut findings);
    moves::check(&mut findings);
    production::check(&mut findings);
    if findings.graph_is_whole() {
        reach::check(&mut findings, &graph);
        if findings.knows_every_command() {
            guards::check(&mut findings, &graph);
            closing::check(&mut findings, &graph);
        }
    }
    findings.errors
}

/// The policy under examination, and what was found.
struct Findings<'a> {
    policy: &'a Policy,
    source: &'a Positions,
    errors: Vec<PolicyError>,
}

impl Findings<'_> {
    fn error(&mut self, key: &str, problem: String, remedy: &str) {
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(PolicyError {
                file: self.source.file().to_owned(),
                line: self.source.line(key),
                key: key.to_owned(),
                problem,
                remedy: remedy.to_owned(),
            });
        }
    }

    /// Whether this part of a status was read as it was meant.
    fn knows_status(&self, status: &StatusKey, part: &str) -> bool {
        self.source
            .doubtful_inside(&status_key(status, ""))
            .all(|rest| is_elsewhere(rest, part, &STATUS_KEYS))
    }

    /// Whether this part of a move was read as it was meant.
    fn knows_move(&self, position: usize, part: &str) -> bool {
        self.source
            .doubtful_inside(&move_key(position, ""))
            .all(|rest| is_elsewhere(rest, part, &MOVE_KEYS))
    }

    /// Whether every way from status to status was read as it was meant.
    fn graph_is_whole(&self) -> bool {
        let is_whole = ["status", "initial", "revive_to", "late_money", "move"]
            .iter()
            .all(|key| self.source.doubtful_inside(key).all(|rest| !rest.is_empty()));
        is_whole
            && self.source.doubtful_inside("status").all(|rest| {
                // `.received.limit[2].to`: the name, then the part of the status.
                let part =
                    rest.get(1..).and_then(|rest| rest.split_once('.')).map(|(_, part)| part);
                part.is_some_and(|part| {
                    ["label", "phase", "on_enter", "step"].contains(&first_word(part))
                })
            })
            && self.source.doubtful_inside("move").all(|rest| {
                // `[3].guards[1]`
                let part = rest.split_once("].").map(|(_, part)| part);
                let elsewhere = ["command", "by", "guards", "auto"];
                part.is_some_and(|part| elsewhere.contains(&first_word(part)))
            })
    }

    /// Whether every command and step was read as it was meant: they say what can have happened.
    fn knows_every_command(&self) -> bool {
        (0..self.policy.moves.len()).all(|position| self.knows_move(position, "command"))
            && self.policy.statuses.keys().all(|key| self.knows_status(key, "step"))
    }

    /// Whether an order there can be split by the system; so it counts where that could not be read.
    fn may_split(&self, status: &StatusKey) -> bool {
        let whole = (0..self.policy.moves.len()).all(|position| {
            ["command", "from", "by"].iter().all(|part| self.knows_move(position, part))
        });
        !whole || self.policy.find_move(CommandKind::Split, status, Role::System).is_some()
    }

    fn knows_every_phase(&self) -> bool {
        self.policy.statuses.keys().all(|key| self.knows_status(key, "phase"))
    }
}

/// Whether what could not be read is another known part than this one.
fn is_elsewhere(rest: &str, part: &str, known: &[&str]) -> bool {
    let doubtful = first_word(rest.trim_start_matches('.'));
    known.contains(&doubtful) && doubtful != part
}

fn first_word(key: &str) -> &str {
    key.split(['.', '[']).next().unwrap_or_default()
}

/// The key of a part of a status, `status.received.limit`; of the status itself where it is empty.
fn status_key(status: &StatusKey, part: &str) -> String {
    if part.is_empty() { format!("status.{status}") } else { format!("status.{status}.{part}") }
}

/// The key of a part of a move, counted from 1; of the move itself where it is empty.
fn move_key(position: usize, part: &str) -> String {
    let number = position.saturating_add(1);
    if part.is_empty() { format!("move[{number}]") } else { format!("move[{number}].{part}") }
}

/// The key of an entry of a list, counted from 1.
fn entry_key(list: &str, position: usize) -> String {
    format!("{list}[{}]", position.saturating_add(1))
}

/// Statuses one after the other, for a message.
fn quoted<'a>(statuses: impl IntoIterator<Item = &'a StatusKey>) -> String {
    let quoted: Vec<String> = statuses.into_iter().map(|status| format!("`{status}`")).collect();
    quoted.join(", ")
}
