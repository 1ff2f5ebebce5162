//! What a closed order would keep: goods that are on their way, stock that never left, the
//! customer's money for it.
//!
//! Mechanics release stock and book refunds whatever the policy says; these rules refuse a policy
//! under which they would have to.

use super::graph::{Graph, Way};
use super::guards::Happened;
use super::{Findings, entry_key, move_key, status_key};
use crate::policy::{CommandKind, Guard, Move, Phase, StatusKey};
use std::collections::BTreeSet;

/// What a command that leads from an open to a closed status means for the goods.
enum Ending {
    /// They are released: they must still be in the house.
    GivesUp,
    /// They are with the customer: they must have left.
    Succeeds,
    /// A part leaves now.
    LeavesInParts,
    /// They stay in the house.
    StaysInside,
    /// The command says nothing about them.
    Unknown,
}

fn ending(command: CommandKind) -> Ending {
    match command {
        CommandKind::Cancel | CommandKind::Reject | CommandKind::Archive => Ending::GivesUp,
        CommandKind::Complete => Ending::Succeeds,
        CommandKind::Ship => Ending::LeavesInParts,
        CommandKind::Pick | CommandKind::Pack | CommandKind::Progress => Ending::StaysInside,
        CommandKind::Advance
        | CommandKind::Confirm
        | CommandKind::Approve
        | CommandKind::Deliver
        | CommandKind::Return
        | CommandKind::Edit
        | CommandKind::Split => Ending::Unknown,
    }
}

/// Checks every way from an open status to a closed one.
pub(super) fn check(findings: &mut Findings<'_>, graph: &Graph<'_>) {
    let policy = findings.policy;
    if !findings.knows_every_phase() {
        return;
    }
    let left = Happened::of(policy, graph).left;
    let given_up = given_up(graph);
    for edge in &graph.edges {
        if policy.phase(edge.from) == Phase::Closed || policy.phase(edge.to) != Phase::Closed {
            continue;
        }
        let may_have_left = left.contains(edge.from);
        match edge.way {
            Way::Move(position, m) => {
                check_move(findings, (position, m), edge.from, may_have_left, &given_up);
            }
            Way::Limit(position) if may_have_left && given_up.contains(edge.to) => {
                let key = entry_key(&status_key(edge.from, "limit"), position);
                goods_outside(findings, &format!("{key}.to"), edge.from);
            }
            Way::Step(_) if may_have_left && given_up.contains(edge.to) => {
                goods_outside(findings, &status_key(edge.from, "then"), edge.from);
            }
            Way::Limit(_) | Way::Step(_) => {}
        }
    }
}

/// The closed statuses in which an order came to nothing: `cancel` or `reject` leads there.
fn given_up<'a>(graph: &Graph<'a>) -> BTreeSet<&'a StatusKey> {
    let targets = graph.edges.iter().filter(|edge| match edge.way {
        Way::Move(_, m) => matches!(m.command, CommandKind::Cancel | CommandKind::Reject),
        Way::Step(_) | Way::Limit(_) => false,
    });
    targets.map(|edge| edge.to).collect()
}

fn goods_outside(findings: &mut Findings<'_>, key: &str, from: &StatusKey) {
    let problem = format!("goods can have left the house in `{from}`, and nobody would fetch them");
    let remedy = "Use `return`, or close the order only where nothing has left.";
    findings.error(key, problem, remedy);
}

fn check_move(
    findings: &mut Findings<'_>,
    (position, m): (usize, &Move),
    from: &StatusKey,
    may_have_left: bool,
    given_up: &BTreeSet<&StatusKey>,
) {
    let place = m.from.iter().position(|status| status == from).unwrap_or_default();
    let from_key = entry_key(&move_key(position, "from"), place);
    let is_whole = m.guards.contains(&Guard::EveryLineShipped);
    let knows_guards = findings.knows_move(position, "guards");
    match ending(m.command) {
        Ending::GivesUp => {
            if may_have_left && !m.guards.contains(&Guard::EverythingReturned) && knows_guards {
                goods_outside(findings, &from_key, from);
            }
        }
        Ending::Succeeds => {
            if !may_have_left {
                let problem = format!(
                    "nothing can have left the house in `{from}`: the customer's money would be \
                     kept for nothing"
                );
                let remedy = "Use `cancel`, or name statuses that come after `ship` or `deliver`.";
                findings.error(&from_key, problem, remedy);
            }
        }
        Ending::LeavesInParts => {
            if !is_whole && knows_guards {
                let problem =
                    "a shipment can be a part, and the rest would stay held by a closed order"
                        .to_owned();
                let remedy = "Lead to an open status, and on from there by an automatic move \
                              with guards = [\"every_line_shipped\"].";
                findings.error(&move_key(position, "to"), problem, remedy);
            }
        }
        Ending::StaysInside => {
            let problem = "the goods are still in the house, held by a closed order".to_owned();
            let remedy = "Lead to an open status, from which `ship` or `deliver` leads on.";
            findings.error(&move_key(position, "to"), problem, remedy);
        }
        Ending::Unknown => {
            let came_back = m.command == CommandKind::Return
                || m.guards.contains(&Guard::EverythingReturned)
                || !knows_guards;
            if may_have_left && given_up.contains(&m.to) && !came_back {
                goods_outside(findings, &from_key, from);
            }
        }
    }
}
