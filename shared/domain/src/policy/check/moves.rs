//! Who may make a move, which of two is meant, and that automatic moves come to rest.

use super::facets::Facets;
use super::{Findings, move_key, quoted};
use crate::policy::load::words::Word;
use crate::policy::{CommandKind, Guard, Move, Role, StatusKey};
use std::collections::{BTreeMap, BTreeSet};

/// Checks every move.
pub(super) fn check(findings: &mut Findings<'_>) {
    let policy = findings.policy;
    for (position, m) in policy.moves.iter().enumerate() {
        check_automatic(findings, position, m);
        check_guards_together(findings, position, m);
        for (earlier_position, earlier) in policy.moves.iter().enumerate().take(position) {
            check_said_twice(findings, (earlier_position, earlier), (position, m));
            check_never_first(findings, (earlier_position, earlier), (position, m));
        }
    }
    check_rest(findings);
}

fn check_automatic(findings: &mut Findings<'_>, position: usize, m: &Move) {
    if !findings.knows_move(position, "by")
        || !findings.knows_move(position, "auto")
        || !findings.knows_move(position, "command")
    {
        return;
    }
    let is_advance = m.command == CommandKind::Advance;
    if is_advance && !m.auto {
        let problem = "`advance` is nobody's command: the system takes it by itself".to_owned();
        let remedy = "Write auto = true, or another command.";
        findings.error(&move_key(position, "command"), problem, remedy);
    }
    if m.auto && !m.by.contains(&Role::System) {
        let problem = "the system takes this move by itself, but may not".to_owned();
        let remedy = "Write by = [\"system\"], or take `auto` away.";
        findings.error(&move_key(position, "by"), problem, remedy);
    }
    if is_advance && m.by.iter().any(|role| *role != Role::System) {
        let problem = "`advance` is the system's alone".to_owned();
        let remedy = "Write by = [\"system\"], and another command for people.";
        findings.error(&move_key(position, "by"), problem, remedy);
    }
}

/// Guards that ask for different terms, methods or ways of delivery at once.
fn check_guards_together(findings: &mut Findings<'_>, position: usize, m: &Move) {
    if findings.knows_move(position, "guards")
        && !Facets::all().any(|facets| m.guards.iter().all(|guard| facets.admit(guard)))
    {
        let problem = "these guards never hold together".to_owned();
        let remedy = "Write what may be in one pair of brackets, like terms(prepaid, invoice).";
        findings.error(&move_key(position, "guards"), problem, remedy);
    }
}

fn knows_the_question(findings: &Findings<'_>, position: usize) -> bool {
    ["command", "from", "by", "auto"].iter().all(|part| findings.knows_move(position, part))
}

/// A person's command must have one answer: the second of two moves would never be made.
fn check_said_twice(
    findings: &mut Findings<'_>,
    (earlier_position, earlier): (usize, &Move),
    (position, m): (usize, &Move),
) {
    if m.command != earlier.command
        || !knows_the_question(findings, position)
        || !knows_the_question(findings, earlier_position)
    {
        return;
    }
    let roles: Vec<&str> =
        m.by.iter()
            // Several moves that the system takes by itself are told apart by their guards.
            .filter(|role| !(**role == Role::System && m.auto && earlier.auto))
            .filter(|role| role.is_one_of(&earlier.by))
            .map(|role| role.name())
            .collect();
    let shared: Vec<&StatusKey> = m.from.iter().filter(|s| earlier.from.contains(s)).collect();
    if roles.is_empty() || shared.is_empty() {
        return;
    }
    let problem = format!(
        "`{}` from {} by {} is said already by {}",
        m.command.name(),
        quoted(shared),
        roles.join(", "),
        move_key(earlier_position, "")
    );
    let remedy = "Take one of them away, or name other roles or statuses.";
    findings.error(&move_key(position, ""), problem, remedy);
}

/// Automatic moves are tried in the order of the file: one whose guards say no more than those of
/// an earlier one is never taken.
fn check_never_first(
    findings: &mut Findings<'_>,
    (earlier_position, earlier): (usize, &Move),
    (position, m): (usize, &Move),
) {
    let knows = |position| {
        ["from", "auto", "guards"].iter().all(|part| findings.knows_move(position, part))
    };
    if !m.auto || !earlier.auto || !knows(position) || !knows(earlier_position) {
        return;
    }
    let shared: Vec<&StatusKey> = m.from.iter().filter(|s| earlier.from.contains(s)).collect();
    let is_never_first =
        earlier.guards.iter().all(|guard| m.guards.iter().any(|stronger| implies(stronger, guard)));
    if shared.is_empty() || !is_never_first {
        return;
    }
    let problem = format!(
        "from {} it is never taken: {} is tried first, and its guards hold whenever these do",
        quoted(shared),
        move_key(earlier_position, "")
    );
    let remedy = "Write the move with more guards first, or take one of them away.";
    findings.error(&move_key(position, "guards"), problem, remedy);
}

/// Whether the second guard holds whenever the first does.
fn implies(stronger: &Guard, weaker: &Guard) -> bool {
    match (stronger, weaker) {
        (Guard::Terms(some), Guard::Terms(more)) => some.iter().all(|s| more.contains(s)),
        (Guard::PaymentMethod(some), Guard::PaymentMethod(more)) => {
            some.iter().all(|s| more.contains(s))
        }
        (Guard::DeliveryMethod(some), Guard::DeliveryMethod(more)) => {
            some.iter().all(|s| more.contains(s))
        }
        (Guard::Terms(_), Guard::PaymentTermsPresent) => true,
        (Guard::PrepaymentReceived(more), Guard::PrepaymentReceived(less)) => more >= less,
        // Nothing is claimed of the others but that each implies itself.
        (stronger, weaker) => stronger == weaker,
    }
}

/// Automatic moves that could go round: their guards can hold together, for some kind of order.
fn check_rest(findings: &mut Findings<'_>) {
    let policy = findings.policy;
    let knows = |position| {
        ["from", "to", "auto", "guards"].iter().all(|part| findings.knows_move(position, part))
    };
    let automatic: Vec<(usize, &Move)> = policy
        .moves
        .iter()
        .enumerate()
        .filter(|(position, m)| m.auto && knows(*position))
        .collect();
    let mut reported: BTreeSet<Vec<&StatusKey>> = BTreeSet::new();
    // Most kinds of orders admit the same moves: each set of moves is followed once.
    let admitted: BTreeSet<Vec<usize>> = Facets::all()
        .map(|facets| {
            let admits = |m: &Move| m.guards.iter().all(|guard| facets.admit(guard));
            automatic.iter().filter(|(_, m)| admits(m)).map(|(position, _)| *position).collect()
        })
        .collect();
    for positions in admitted {
        let mut ways: BTreeMap<&StatusKey, BTreeMap<&StatusKey, usize>> = BTreeMap::new();
        for (position, m) in automatic.iter().filter(|(position, _)| positions.contains(position)) {
            for from in &m.from {
                ways.entry(from).or_default().entry(&m.to).or_insert(*position);
            }
        }
        while let Some(circle) = take_circle(&mut ways) {
            let mut members: Vec<&StatusKey> = circle.iter().map(|(status, _)| *status).collect();
            let round = quoted(members.iter().copied().chain(members.first().copied()));
            members.sort_unstable();
            let first = circle.iter().map(|(_, position)| *position).min();
            if let Some(position) = first
                && reported.insert(members)
            {
                let problem = format!(
                    "automatic moves would go round for ever: {}",
                    round.replace(", ", " → ")
                );
                let remedy = "Take `auto` away from one of them, or add a guard that excludes \
                              the others.";
                findings.error(&move_key(position, ""), problem, remedy);
            }
        }
    }
}

/// Finds one circle, and takes its statuses out: each with the move that leads on from it.
fn take_circle<'a>(
    ways: &mut BTreeMap<&'a StatusKey, BTreeMap<&'a StatusKey, usize>>,
) -> Option<Vec<(&'a StatusKey, usize)>> {
    // A status from which no way leads on is in no circle; without it others may become such.
    loop {
        let ends: BTreeSet<&StatusKey> = ways
            .values()
            .flat_map(BTreeMap::keys)
            .copied()
            .filter(|s| !ways.contains_key(s))
            .collect();
        let before: usize = ways.values().map(BTreeMap::len).sum();
        for targets in ways.values_mut() {
            targets.retain(|to, _| !ends.contains(to));
        }
        ways.retain(|_, targets| !targets.is_empty());
        if ways.values().map(BTreeMap::len).sum::<usize>() == before {
            break;
        }
    }
    // From everywhere a way leads on, so following any leads round.
    let mut path: Vec<(&'a StatusKey, usize)> = Vec::new();
    let mut at = *ways.keys().next()?;
    let start = loop {
        if let Some(start) = path.iter().position(|(status, _)| *status == at) {
            break start;
        }
        let (to, position) = ways.get(at)?.iter().next()?;
        path.push((at, *position));
        at = to;
    };
    let circle = path.split_off(start);
    for (status, _) in &circle {
        ways.remove(status);
    }
    Some(circle)
}
