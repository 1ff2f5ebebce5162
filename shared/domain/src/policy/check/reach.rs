//! Ways in and out: a status that nothing reaches, and one from which no order comes to an end.

use super::graph::Graph;
use super::{Findings, status_key};
use crate::policy::Phase;

/// Checks the ways in and out of every status.
pub(super) fn check(findings: &mut Findings<'_>, graph: &Graph<'_>) {
    let policy = findings.policy;
    let reached = graph.downstream(graph.roots.iter().copied());
    let knows_phases = findings.knows_every_phase();
    let closed = policy.statuses.iter().filter(|(_, status)| status.phase == Phase::Closed);
    let closed: Vec<_> = closed.map(|(key, _)| key).collect();
    let ends = graph.upstream(closed.iter().copied());
    if closed.is_empty() && !policy.statuses.is_empty() && knows_phases {
        let remedy = "Write a status with phase = \"closed\", and a way to it.";
        findings.error("status", "no status is closed: no order would ever end".to_owned(), remedy);
    }
    for (key, status) in &policy.statuses {
        if graph.has_start && !reached.contains(key) {
            let problem = "no order can ever come to this status".to_owned();
            let remedy = "Name it in a move, a `then` or a limit of a status that orders reach, \
                          or take it away.";
            findings.error(&status_key(key, ""), problem, remedy);
        }
        if status.phase == Phase::Closed || !knows_phases {
            continue;
        }
        let leaves = graph.edges.iter().any(|edge| edge.from == key && edge.to != key);
        if !leaves {
            let problem = "nothing leads out of this open status".to_owned();
            let remedy = "Write a move from it, or phase = \"closed\" if it is an end.";
            findings.error(&status_key(key, ""), problem, remedy);
        } else if !closed.is_empty() && !ends.contains(key) {
            let problem = "no way from here leads to a closed status".to_owned();
            findings.error(&status_key(key, ""), problem, "Write a move that leads to an end.");
        }
    }
}
