//! `ordermill policy diff`, `graph` and `replay`: what a change of a policy means, before it is made.

use crate::cli::checks::checked;
use crate::cli::{Data, counted, say};
use crate::error::{LocalError, LocalResult};
use crate::policy_graph;
use ordermill_domain::order::{Event, Order};
use ordermill_domain::policy::diff::diff;
use ordermill_domain::policy::replay::{Replayed, replay as replay_order};
use ordermill_runtime::Runtime;
use ordermill_runtime::audit::load::World;
use ordermill_table::records::read;
use ordermill_table::{TableError, keys};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;

/// History rows of one order that are read.
const HISTORY_ROWS_MAX: usize = 10_000;
/// Orders that are named for each way of going another way.
const EXAMPLES_MAX: usize = 5;

/// Orders by where they stand, where they would stand and why: number, and whether paid.
type Ways = BTreeMap<(String, String, String), Vec<(String, bool)>>;

/// Says fact by fact what the second file says otherwise.
pub(crate) fn differ(first: &Path, second: &Path) -> LocalResult<ExitCode> {
    let (Some((first, _)), Some((second, _))) = (checked(first)?, checked(second)?) else {
        return Ok(ExitCode::FAILURE);
    };
    let differences = diff(&first, &second);
    for difference in &differences {
        say!("{difference}");
    }
    say!("{}", counted(differences.len(), "difference"));
    Ok(ExitCode::SUCCESS)
}

/// Draws a policy.
pub(crate) fn graph(file: &Path, out: &Path) -> LocalResult<ExitCode> {
    let Some((policy, _)) = checked(file)? else { return Ok(ExitCode::FAILURE) };
    let shown = out.display().to_string();
    std::fs::write(out, policy_graph::draw(&policy)).map_err(LocalError::system(shown.clone()))?;
    say!("drawn: {shown}");
    Ok(ExitCode::SUCCESS)
}

/// Walks every recorded order of the policy's name again under this draft. Nothing is written.
pub(crate) async fn replay(file: &Path, data: &Data) -> LocalResult<ExitCode> {
    let Some((draft, _)) = checked(file)? else { return Ok(ExitCode::FAILURE) };
    let ground = data.open_existing().await?;
    let runtime = &ground.runtime;
    let world = World::load(&runtime.table, &|_| {}).await?;
    let now = runtime.clock.now();
    let mut ways = Ways::new();
    let mut walked: usize = 0;
    for stored in world.orders.values().filter(|s| s.order.policy.name == draft.name) {
        let order = &stored.order;
        let events = events_of(runtime, order).await?;
        let outcome = replay_order(&draft, order, &events, now);
        walked += 1;
        note(&mut ways, order, &outcome);
    }
    for ((stands, would_stand, why), orders) in &ways {
        let paid = orders.iter().filter(|(_, paid)| *paid).count();
        say!(
            "{}: {stands} → {would_stand}, {paid} of them paid; {why}",
            counted(orders.len(), "order")
        );
        let examples: Vec<&str> =
            orders.iter().take(EXAMPLES_MAX).map(|(number, _)| number.as_str()).collect();
        say!("    {}", examples.join(", "));
    }
    let otherwise: usize = ways.values().map(Vec::len).sum();
    say!("{} walked, {otherwise} would have gone another way", counted(walked, "order"));
    Ok(ExitCode::SUCCESS)
}

fn note(ways: &mut Ways, order: &Order, outcome: &Replayed) {
    let Some(because) = &outcome.because else { return };
    let way = (outcome.stands.to_string(), outcome.would_stand.to_string(), because.why.clone());
    ways.entry(way).or_default().push((order.number.clone(), outcome.paid_in_truth));
}

/// An order's events, oldest first: its history, and what the order itself still carries.
async fn events_of(runtime: &Runtime, order: &Order) -> Result<Vec<Event>, TableError> {
    let partition = keys::history_partition(&order.id);
    let rows = runtime.table.partition(&partition, "", None, HISTORY_ROWS_MAX).await?;
    let mut events: BTreeMap<u64, Event> = BTreeMap::new();
    for row in &rows {
        let written: Vec<Event> = read(row)?;
        events.extend(written.into_iter().map(|event| (event.version, event)));
    }
    events.extend(order.recent_events.iter().map(|event| (event.version, event.clone())));
    Ok(events.into_values().collect())
}
