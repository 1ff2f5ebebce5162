//! The loop of group commit, shared by `reserve` and `serve` (`DESIGN.md`, "Stock: exact, and
//! fast on one hot SKU").
//!
//! 1. Make the batch unique by order; load the orders, then their stock, in few batched reads.
//! 2. Decide all in order of arrival on one view of stock: each takes its part before the next.
//! 3. Split into groups that share a stock line; write each group as one transaction.
//! 4. Whoever was not as read is loaded and decided again, in the next round. On a conflict the
//!    group halves; a group of one that keeps failing goes back to its queue.
//!
//! Two lines that must stay: orders that share nothing never share a transaction, and the failure
//! of one never costs the others their turn.

use crate::Runtime;
use crate::error::{Failure, StepResult};
use crate::step::log_written;
use futures::StreamExt;
use ordermill_domain::decide::{Command, decide};
use ordermill_domain::policy::Policy;
use ordermill_domain::stock::group::{TRANSACTION_ACTIONS_MAX, groups};
use ordermill_domain::stock::{StockChanges, StockView};
use ordermill_table::group::{GroupError, Planned};
use ordermill_table::rows::order::Stored;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rounds of loading and deciding again within one invocation.
const ROUNDS_MAX: usize = 24;
/// Groups that are written at once.
const GROUPS_AT_ONCE: usize = 4;

/// An order of the batch and what is asked of it.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The order.
    pub order: String,
    /// [`Command::Reserve`] or [`Command::Serve`].
    pub command: Command,
}

/// Carries out the batch. Returns, for each order that could not be dealt with, why.
pub async fn reserve_all(runtime: &Runtime, asked: Vec<Asked>) -> BTreeMap<String, Failure> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<Asked> = asked.into_iter().filter(|a| seen.insert(a.order.clone())).collect();
    let mut failures = BTreeMap::new();
    let mut actions_max = TRANSACTION_ACTIONS_MAX;
    for round in 0..ROUNDS_MAX {
        if open.is_empty() {
            return failures;
        }
        let again = match one_round(runtime, &open, actions_max).await {
            Ok(again) => again,
            Err(failure) => {
                let reason = failure.to_string();
                failures.extend(
                    open.into_iter().map(|a| (a.order, Failure::retryable(reason.clone()))),
                );
                return failures;
            }
        };
        for (order, failure) in again.failed {
            open.retain(|a| a.order != order);
            failures.insert(order, failure);
        }
        open.retain(|a| again.orders.contains(&a.order));
        actions_max = if again.conflict {
            actions_max.checked_div(2).unwrap_or(1).max(1)
        } else {
            // Grows back by steps.
            actions_max.saturating_mul(2).min(TRANSACTION_ACTIONS_MAX)
        };
        if again.wait {
            runtime.pause(round).await;
        }
    }
    let reason = "the stock changes faster than this batch can be written";
    failures.extend(open.into_iter().map(|a| (a.order, Failure::retryable(reason))));
    failures
}

/// What is left after a round.
#[derive(Default)]
struct Again {
    orders: BTreeSet<String>,
    failed: Vec<(String, Failure)>,
    conflict: bool,
    wait: bool,
}

async fn one_round(runtime: &Runtime, open: &[Asked], actions_max: usize) -> StepResult<Again> {
    let ids: Vec<String> = open.iter().map(|a| a.order.clone()).collect();
    let mut orders: BTreeMap<String, Stored> = BTreeMap::new();
    for stored in runtime.table.orders(&ids).await? {
        orders.insert(stored.order.id.clone(), stored);
    }
    let skus: BTreeSet<String> = orders
        .values()
        .flat_map(|stored| stored.order.lines.iter().map(|l| l.sku.clone()))
        .collect();
    let view = runtime.table.stock_view(&skus, runtime.ranks().await?).await?;
    let planned = plan(runtime, open, orders, view).await?;
    write(runtime, planned, actions_max).await
}

/// Decides all orders of the batch, in order of arrival, on one view of stock.
async fn plan(
    runtime: &Runtime,
    open: &[Asked],
    mut orders: BTreeMap<String, Stored>,
    view: StockView,
) -> StepResult<Vec<Planned>> {
    let now = runtime.clock.now();
    let mut facts = ordermill_domain::decide::Facts { stock: view, ..Default::default() };
    let mut policies: BTreeMap<(String, u32), Arc<Policy>> = BTreeMap::new();
    let mut planned = Vec::with_capacity(open.len());
    // Those who wait for a SKU that an earlier one could not get in full are not served: nobody
    // jumps the queue.
    for asked in open {
        let Some(stored) = orders.remove(&asked.order) else { continue };
        let order = stored.order;
        let at = (order.policy.name.clone(), order.policy.version);
        let policy = match policies.get(&at) {
            Some(policy) => policy.clone(),
            None => {
                let policy = runtime.policies.version(&runtime.table, &at.0, at.1).await?;
                policies.insert(at, policy.clone());
                policy
            }
        };
        let Ok(decision) = decide(&policy, &order, &facts, &asked.command, now) else { continue };
        let serves = matches!(asked.command, Command::Serve { .. });
        // What a held order waits for goes to those behind it.
        if serves && decision.order.holds.is_empty() {
            withhold_for(&mut facts.stock, &decision.order);
        }
        if decision.is_nothing() {
            continue;
        }
        facts.stock.apply(&decision.stock);
        planned.push(Planned { policy, before: order, decision });
    }
    Ok(planned)
}

/// What an order still waits for after its turn is not given to those behind it.
fn withhold_for(view: &mut StockView, order: &ordermill_domain::order::Order) {
    for line in order.lines.iter().filter(|l| l.backordered.is_positive()) {
        for (key, stock) in &mut view.lines {
            if key.sku == line.sku {
                // Seen as reserved by this batch only; nothing of it is written.
                stock.reserved = stock.reserved.plus(line.backordered);
            }
        }
    }
}

/// Writes the groups; says who is to be tried again.
async fn write(runtime: &Runtime, planned: Vec<Planned>, actions_max: usize) -> StepResult<Again> {
    let members: Vec<_> = planned.iter().map(Planned::member).collect();
    let mut again = Again::default();
    let mut written = StockRows::default();
    let mut later: Vec<Vec<usize>> = Vec::new();
    let mut now: Vec<Vec<usize>> = Vec::new();
    for group in groups(&members, actions_max) {
        // A piece of a component that has been cut is decided on stock its predecessor changes:
        // where it depends on what exactly was read, it waits for the next round.
        let stock = merged(&planned, &group);
        if written.overlaps(&stock) {
            later.push(group);
        } else {
            written.add(&stock);
            now.push(group);
        }
    }
    let work = now.into_iter().map(|group| {
        let planned = &planned;
        async move {
            let members: Vec<&Planned> =
                group.iter().filter_map(|index| planned.get(*index)).collect();
            let at = runtime.clock.now();
            let outcome = runtime.table.commit_group(&members, at).await;
            (group, outcome)
        }
    });
    let outcomes: Vec<_> =
        futures::stream::iter(work).buffer_unordered(GROUPS_AT_ONCE).collect().await;
    let id = |index: &usize| planned.get(*index).map(|p| p.before.id.clone());
    for (group, outcome) in outcomes {
        match outcome {
            Ok(()) => {
                // A large order goes on in its own message; nothing is left here.
                let written = group.iter().filter_map(|index| planned.get(*index));
                written.for_each(|p| log_written(&p.decision.order));
            }
            Err(GroupError::Moved { .. }) => again.orders.extend(group.iter().filter_map(id)),
            Err(GroupError::Conflict) => {
                again.conflict = true;
                again.wait = true;
                again.orders.extend(group.iter().filter_map(id));
            }
            Err(GroupError::Failed(error)) => {
                if error.is_passing() {
                    again.wait = true;
                    again.orders.extend(group.iter().filter_map(id));
                } else if let [only] = group.as_slice() {
                    let failure = Failure::permanent(error.to_string());
                    again.failed.extend(id(only).map(|order| (order, failure)));
                } else {
                    // Nobody is named: halve until a single culprit is left.
                    again.conflict = true;
                    again.orders.extend(group.iter().filter_map(id));
                }
            }
        }
    }
    again.orders.extend(later.iter().flatten().filter_map(id));
    Ok(again)
}

fn merged(planned: &[Planned], group: &[usize]) -> StockChanges {
    let mut stock = StockChanges::default();
    for index in group {
        if let Some(one) = planned.get(*index) {
            stock.merge(&one.decision.stock);
        }
    }
    stock
}

/// Stock rows that a round has written or is about to write.
#[derive(Default)]
struct StockRows(BTreeSet<String>);

impl StockRows {
    fn names(stock: &StockChanges) -> impl Iterator<Item = String> + '_ {
        let lines = stock.lines.keys().map(|key| format!("{}\n{}", key.sku, key.warehouse));
        lines.chain(stock.anchors.keys().cloned())
    }

    fn overlaps(&self, stock: &StockChanges) -> bool {
        Self::names(stock).any(|name| self.0.contains(&name))
    }

    fn add(&mut self, stock: &StockChanges) {
        self.0.extend(Self::names(stock));
    }
}
