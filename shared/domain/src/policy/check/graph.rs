//! The statuses and every way between them.

use crate::policy::load::suggest;
use crate::policy::{LateMoney, Move, Outcome, Policy, Status, StatusKey, StepOutcome};
use std::collections::{BTreeMap, BTreeSet};

/// What takes an order from one status to another.
#[derive(Clone, Copy)]
pub(super) enum Way<'a> {
    /// A move, and its position among the policy's.
    Move(usize, &'a Move),
    /// An outcome of the status' step.
    Step(StepOutcome),
    /// A rung of the status' limit, and its position.
    Limit(usize),
}

/// One way from one status to another, or back to the same.
#[derive(Clone, Copy)]
pub(super) struct Edge<'a> {
    pub(super) from: &'a StatusKey,
    pub(super) to: &'a StatusKey,
    pub(super) way: Way<'a>,
}

/// The statuses and every way between them.
pub(super) struct Graph<'a> {
    pub(super) edges: Vec<Edge<'a>>,
    /// Where an order can stand without having come from another status.
    pub(super) roots: Vec<&'a StatusKey>,
    /// Whether the status of a new order is one of the policy's.
    pub(super) has_start: bool,
}

impl<'a> Graph<'a> {
    pub(super) fn of(policy: &'a Policy) -> Self {
        let mut edges = Vec::new();
        let mut add = |from: &'a StatusKey, to: &'a StatusKey, way: Way<'a>| {
            if let (Some(from), Some(to)) = (meant(policy, from), meant(policy, to)) {
                edges.push(Edge { from, to, way });
            }
        };
        for (status, Status { then, limit, .. }) in &policy.statuses {
            for (outcome, to) in then {
                add(status, to, Way::Step(*outcome));
            }
            for (position, rung) in limit.iter().enumerate() {
                match &rung.outcome {
                    Outcome::Move { to, .. } => add(status, to, Way::Limit(position)),
                    Outcome::Redrive
                    | Outcome::Notify { .. }
                    | Outcome::Task { .. }
                    | Outcome::Call
                    | Outcome::Split(_) => {}
                }
            }
        }
        for (position, m) in policy.moves.iter().enumerate() {
            for from in &m.from {
                add(from, &m.to, Way::Move(position, m));
            }
        }
        let revived = policy.revive_to.as_ref().filter(|_| policy.late_money == LateMoney::Revive);
        let roots = std::iter::once(&policy.initial)
            .chain(revived)
            .filter_map(|status| meant(policy, status))
            .collect();
        Self { edges, roots, has_start: meant(policy, &policy.initial).is_some() }
    }

    /// These statuses and all that an order can come to from them.
    pub(super) fn downstream(
        &self,
        seeds: impl IntoIterator<Item = &'a StatusKey>,
    ) -> BTreeSet<&'a StatusKey> {
        self.closure(seeds, |edge| (edge.from, edge.to))
    }

    /// These statuses and all from which an order can come to them.
    pub(super) fn upstream(
        &self,
        seeds: impl IntoIterator<Item = &'a StatusKey>,
    ) -> BTreeSet<&'a StatusKey> {
        self.closure(seeds, |edge| (edge.to, edge.from))
    }

    fn closure(
        &self,
        seeds: impl IntoIterator<Item = &'a StatusKey>,
        direction: impl Fn(&Edge<'a>) -> (&'a StatusKey, &'a StatusKey),
    ) -> BTreeSet<&'a StatusKey> {
        let mut neighbours: BTreeMap<&StatusKey, Vec<&'a StatusKey>> = BTreeMap::new();
        for edge in &self.edges {
            let (near, far) = direction(edge);
            neighbours.entry(near).or_default().push(far);
        }
        let mut found: BTreeSet<&'a StatusKey> = BTreeSet::new();
        let mut to_visit: Vec<&'a StatusKey> = seeds.into_iter().collect();
        while let Some(status) = to_visit.pop() {
            if found.insert(status) {
                to_visit.extend(neighbours.get(status).into_iter().flatten().copied());
            }
        }
        found
    }
}

/// The status of that name, or the one a misspelt name means: it is reported once, as misspelt.
fn meant<'a>(policy: &'a Policy, named: &StatusKey) -> Option<&'a StatusKey> {
    if let Some((status, _)) = policy.statuses.get_key_value(named) {
        return Some(status);
    }
    let known: Vec<&str> = policy.statuses.keys().map(StatusKey::as_str).collect();
    let nearest = suggest::nearest(named.as_str(), &known)?;
    policy.statuses.get_key_value(&StatusKey::new(nearest)).map(|(status, _)| status)
}
