//! `repair`: compares each order's version with the newest row of its history, and publishes what
//! is missing from the last events the order itself carries. Ids come from causes, so publishing
//! twice is harmless.

use crate::check::load::World;
use crate::error::LocalResult;
use ordermill_runtime::Runtime;
use ordermill_table::keys;
use ordermill_table::rows::order::header_events;

/// What a repair did.
#[derive(Default, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repaired {
    /// Orders looked at.
    pub orders: usize,
    /// Orders whose history was behind.
    pub behind: usize,
    /// Events that were put into a history.
    pub events: usize,
    /// Events that are lost: older than the last the order carries.
    pub lost: u64,
}

/// Repairs the table; `progress` hears how many rows were read. Messages are sent to the queues of
/// this runtime: somebody must deliver them.
///
/// # Errors
/// The table or a queue cannot be reached.
pub async fn repair(runtime: &Runtime, progress: impl Fn(usize)) -> LocalResult<Repaired> {
    let world = World::load(&runtime.table, &progress).await?;
    let mut repaired = Repaired { orders: world.orders.len(), ..Repaired::default() };
    for (id, stored) in &world.orders {
        let known = world.known_version(id);
        if known >= stored.order.version {
            continue;
        }
        // A stream's reader may have caught up meanwhile; then this adds the same rows again.
        let Some(header) = runtime.table.get(&keys::order(id)).await? else { continue };
        let header = header_events(&header)?;
        let oldest = header.events.first().map_or(header.version, |event| event.version);
        repaired.behind += 1;
        repaired.lost += oldest.saturating_sub(known.saturating_add(1));
        repaired.events += ordermill_project::repair(runtime, &header, known).await?;
        ordermill_relay::publish(runtime, &header, known).await?;
    }
    Ok(repaired)
}
