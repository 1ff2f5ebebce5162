//! The loop of group commit, shared by `reserve` and `serve` (`DESIGN.md`, "Stock: exact, and
//! fast on one hot SKU").
//!
//! 1. Make the batch unique by order; load the orders, then their stock, in few batched reads.
//! 2. Decide all in order of arrival on one view of stock: each takes its part before the next.
//! 3. Split into groups that share a stock line; write each group as one transaction.
//! 4. A conflict says that somebody else is writing the same rows at this moment, and nothing about
//!    what they say: the same group is sent again after a pause with jitter, as a whole. To read
//!    and plan anew, or to send less, would only make more transactions and more conflicts.
//! 5. Whoever was not as read is loaded and decided again, in the next round. An order whose own
//!    rows others are busy with stands aside for a round. A failure that names nobody halves the
//!    group until a single culprit is left.
//!
//! Two lines that must stay: orders that share nothing never share a transaction, and the failure
//! of one never costs the others their turn.

use crate::Runtime;
use crate::error::{Failure, StepResult};
use crate::step::log_written;
use futures::StreamExt;
use futures::future::try_join_all;
use ordermill_domain::decide::{Command, decide};
use ordermill_domain::policy::Policy;
use ordermill_domain::stock::StockView;
use ordermill_domain::stock::group::{TRANSACTION_ACTIONS_MAX, components};
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_table::group::{GroupError, Planned};
use ordermill_table::rows::order::Stored;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rounds of loading and deciding again within one invocation.
const ROUNDS_MAX: usize = 24;
/// Groups that are written at once.
const GROUPS_AT_ONCE: usize = 4;
/// How often a group meets others on a stock line before its orders are read anew. With ten
/// instances on one line a group gets through at every third attempt; a pause is a quarter of a
/// second at most, so this is well below the time a function has.
const CONFLICTS_MAX: usize = 40;
/// Queues that are looked at in a round, beside those whose turn it is; an order that waits for more
/// articles than that takes of the others what nobody else waits for.
const HEADS_MAX: usize = 200;
/// How many of them at once.
const HEADS_AT_ONCE: usize = 16;
/// The longest a batch is worked on: less than a function has (`Timeout` in `infra/template.yaml`), by
/// more than one request may take, so that it gives its messages back by itself.
const BATCH_LIMIT: Seconds = Seconds(14);
/// The first pause is about as long as a transaction takes (see [`Runtime::pause`]).
const FIRST_PAUSE: usize = 2;

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
    let mut aside: BTreeSet<String> = BTreeSet::new();
    let until = runtime.clock.now().plus(BATCH_LIMIT);
    for round in 0..ROUNDS_MAX {
        if open.is_empty() {
            return failures;
        }
        if runtime.clock.now() > until {
            break;
        }
        let mut turn: Vec<Asked> =
            open.iter().filter(|a| !aside.contains(&a.order)).cloned().collect();
        if turn.is_empty() {
            aside.clear();
            turn.clone_from(&open);
        }
        let again = match one_round(runtime, &turn, actions_max, until).await {
            Ok(again) => again,
            Err(failure) => {
                let reason = failure.to_string();
                failures.extend(
                    open.into_iter().map(|a| (a.order, Failure::retryable(reason.clone()))),
                );
                return failures;
            }
        };
        let through =
            |a: &Asked| !again.orders.contains(&a.order) && turn.iter().any(|t| t.order == a.order);
        open.retain(|a| !through(a));
        failures.extend(again.failed);
        aside = again.aside;
        actions_max = if again.halve {
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
    /// To be read and decided again.
    orders: BTreeSet<String>,
    /// Of these, those whose own rows somebody else is at: the others go first.
    aside: BTreeSet<String>,
    /// Given up, and why.
    failed: Vec<(String, Failure)>,
    /// A group failed and nobody was named.
    halve: bool,
    /// The surroundings need a moment.
    wait: bool,
}

impl Again {
    fn and(mut self, other: Self) -> Self {
        self.orders.extend(other.orders);
        self.aside.extend(other.aside);
        self.failed.extend(other.failed);
        self.halve |= other.halve;
        self.wait |= other.wait;
        self
    }
}

async fn one_round(
    runtime: &Runtime,
    open: &[Asked],
    actions_max: usize,
    until: Timestamp,
) -> StepResult<Again> {
    let ids: Vec<String> = open.iter().map(|a| a.order.clone()).collect();
    let mut orders: BTreeMap<String, Stored> = BTreeMap::new();
    for stored in runtime.table.orders(&ids).await? {
        orders.insert(stored.order.id.clone(), stored);
    }
    let skus: BTreeSet<String> = orders.values().flat_map(|stored| stored.order.skus()).collect();
    let mut view = runtime.table.stock_view(&skus, runtime.ranks().await?).await?;
    view.heads = heads(runtime, open, &orders).await?;
    let planned = plan(runtime, open, orders, view).await?;
    write(runtime, planned, actions_max, until).await
}

/// Who stands first in the queues for what these orders wait for, beside the queue whose turn it
/// is.
async fn heads(
    runtime: &Runtime,
    open: &[Asked],
    orders: &BTreeMap<String, Stored>,
) -> StepResult<BTreeMap<String, String>> {
    let mut skus: BTreeSet<String> = BTreeSet::new();
    for asked in open {
        let turn = if let Command::Serve { sku } = &asked.command { Some(sku) } else { None };
        let Some(stored) = orders.get(&asked.order) else { continue };
        skus.extend(stored.order.skus_waited_for().into_iter().filter(|sku| turn != Some(sku)));
    }
    let skus: Vec<String> = skus.into_iter().take(HEADS_MAX).collect();
    let mut heads = BTreeMap::new();
    for some in skus.chunks(HEADS_AT_ONCE) {
        let found = try_join_all(some.iter().map(|sku| head(runtime, sku.clone()))).await?;
        heads.extend(found.into_iter().flatten());
    }
    Ok(heads)
}

async fn head(runtime: &Runtime, sku: String) -> StepResult<Option<(String, String)>> {
    let first = runtime.table.waiting(&sku, None, 1).await?.into_iter().next();
    Ok(first.map(|turn| (sku, turn.order_id)))
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
        let before = stored.order;
        let at = (before.policy.name.clone(), before.policy.version);
        let policy = match policies.get(&at) {
            Some(policy) => policy.clone(),
            None => {
                let policy = runtime.policies.version(&runtime.table, &at.0, at.1).await?;
                policies.insert(at, policy.clone());
                policy
            }
        };
        let decision = match decide(&policy, &before, &facts, &asked.command, now) {
            Ok(decision) => decision,
            Err(rejection) => {
                // No step's command is refused today; whoever makes one that is, sees it here.
                tracing::warn!(order.id = before.id, reason = %rejection, "an order refused its step");
                continue;
            }
        };
        facts.stock.apply(&decision.stock);
        let order = &decision.order;
        // What a held order waits for goes to those behind it.
        if matches!(asked.command, Command::Serve { .. }) && !order.is_held() {
            for sku in order.skus_waited_for() {
                let class = order.demand_class.as_deref();
                facts.stock.withhold(&sku, class, order.waits_for(&sku));
            }
        }
        if !decision.is_nothing() {
            planned.push(Planned { policy, before, decision });
        }
    }
    Ok(planned)
}

/// Writes the groups; says who is to be tried again.
async fn write(
    runtime: &Runtime,
    planned: Vec<Planned>,
    actions_max: usize,
    until: Timestamp,
) -> StepResult<Again> {
    let members: Vec<_> = planned.iter().map(Planned::member).collect();
    let work = components(&members, actions_max)
        .into_iter()
        .map(|pieces| write_component(runtime, &planned, pieces, until));
    let outcomes: Vec<Again> =
        futures::stream::iter(work).buffer_unordered(GROUPS_AT_ONCE).collect().await;
    Ok(outcomes.into_iter().fold(Again::default(), Again::and))
}

/// Writes the pieces of a component one after another. The view they were planned on has what the
/// pieces before have taken, so a piece can follow unread; but not one that was told to wait by
/// versions its predecessor has changed, nor one behind a piece that was not written.
async fn write_component(
    runtime: &Runtime,
    planned: &[Planned],
    pieces: Vec<Vec<usize>>,
    until: Timestamp,
) -> Again {
    let mut again = Again::default();
    let mut is_broken = false;
    for (place, piece) in pieces.into_iter().enumerate() {
        let group: Vec<&Planned> = piece.iter().filter_map(|index| planned.get(*index)).collect();
        is_broken |= place > 0 && group.iter().any(|p| p.is_bound_to_versions());
        if is_broken {
            again.orders.extend(group.iter().map(|p| p.before.id.clone()));
            continue;
        }
        match write_group(runtime, &group, until).await {
            // A large order goes on in its own message; nothing is left here.
            Ok(()) => group.iter().for_each(|p| log_written(&p.decision.order)),
            Err(error) => {
                is_broken = true;
                again = again.and(not_written(&group, error));
            }
        }
    }
    again
}

/// Writes a group; where others are on the same stock, again and again.
async fn write_group(
    runtime: &Runtime,
    group: &[&Planned],
    until: Timestamp,
) -> Result<(), GroupError> {
    let mut conflicts: usize = 0;
    loop {
        let outcome = runtime.table.commit_group(group, runtime.clock.now()).await;
        match outcome {
            Err(GroupError::Conflict { orders })
                if orders.is_empty()
                    && conflicts < CONFLICTS_MAX
                    && runtime.clock.now() <= until =>
            {
                runtime.pause(conflicts.saturating_add(FIRST_PAUSE)).await;
                conflicts = conflicts.saturating_add(1);
            }
            Ok(()) | Err(_) => return outcome,
        }
    }
}

/// What becomes of a group that was not written.
fn not_written(group: &[&Planned], error: GroupError) -> Again {
    let id = |p: &&Planned| p.before.id.clone();
    let mut again = Again { orders: group.iter().map(id).collect(), ..Again::default() };
    match error {
        // The next round reads and decides again whatever was not as it was read.
        GroupError::Moved => {}
        GroupError::Conflict { orders } => {
            again.wait = true;
            // An order that somebody is busy with does not cost the others their turn.
            again.aside = orders.iter().filter_map(|index| group.get(*index)).map(id).collect();
        }
        GroupError::Failed(error) if error.is_passing() => again.wait = true,
        GroupError::Failed(error) => match group {
            [only] => {
                again.orders.clear();
                again.failed.push((id(only), Failure::permanent(error.to_string())));
            }
            _ => again.halve = true,
        },
    }
    again
}
