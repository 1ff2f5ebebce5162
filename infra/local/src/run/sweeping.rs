//! The schedule: the sweep each minute of the moved clock, and the clock's hops.

use crate::error::{LocalError, LocalResult};
use crate::run::clock::OFFSET_SETTING;
use crate::run::settle::settle;
use crate::run::state::Shared;
use crate::run::wait::pause;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_table::keys::{WORKLIST_SHARDS, moment, worklist_shard};
use ordermill_table::read::IndexQuery;
use ordermill_table::schema::WORKLIST;
use tokio::sync::Mutex;

/// How often the sweep runs.
const SWEEP_EVERY: Seconds = Seconds(60);
/// How often what TTL says is looked at.
const TTL_EVERY: Seconds = Seconds::hours(1);
/// How often the schedule looks at the clock.
const LOOK_MILLISECONDS: u64 = 250;
/// How often the sweep runs again at one moment while it still gets something done.
const SWEEPS_AT_ONCE_MAX: usize = 200;

/// The schedule. Advances of the clock are made one after another.
#[derive(Default)]
pub struct Schedule {
    moving: Mutex<()>,
}

impl Schedule {
    /// Runs the sweep each minute until the system stops.
    pub async fn run(&self, shared: &Shared) {
        let mut next = shared.runtime().clock.now();
        let mut ttl_next = next.plus(TTL_EVERY);
        while !shared.is_stopping() {
            let now = shared.runtime().clock.now();
            if now >= next {
                next = now.plus(SWEEP_EVERY);
                sweep(shared).await;
            }
            if now >= ttl_next {
                ttl_next = now.plus(TTL_EVERY);
                sweep_ttl(shared).await;
            }
            pause(LOOK_MILLISECONDS).await;
        }
    }

    /// Moves the clock on, from due moment to due moment, and has all dealt with that falls due;
    /// returns when it is quiet. What falls due within one second is dealt with together.
    ///
    /// # Errors
    /// The table cannot be reached, or the system does not get quiet.
    pub async fn advance(&self, shared: &Shared, by: Seconds) -> LocalResult<Timestamp> {
        let _turn = self.moving.lock().await;
        let target = shared.runtime().clock.now().plus(by);
        settle(shared).await?;
        let mut sweeps = 0;
        let mut before = Vec::new();
        while !shared.is_stopping() {
            let first = first_due(shared, None).await?;
            let now = shared.runtime().clock.now();
            let due: Vec<_> = first.iter().filter(|(at, _)| *at <= now).cloned().collect();
            // A run of the sweep is bounded, so it runs again while it gets something done.
            if !due.is_empty() && due != before && sweeps < SWEEPS_AT_ONCE_MAX {
                (sweeps, before) = (sweeps + 1, due);
                sweep(shared).await;
                settle(shared).await?;
                continue;
            }
            if now >= target {
                sweep_ttl(shared).await;
                settle(shared).await?;
                return Ok(shared.runtime().clock.now());
            }
            // What nobody can deal with just now stands at the head of its shard: look behind it.
            let ahead = if due.is_empty() { first } else { first_due(shared, Some(now)).await? };
            let next = earliest(shared, &ahead, now).map_or(target, full_second);
            move_to(shared, next.min(target)).await?;
            settle(shared).await?;
            (sweeps, before) = (0, Vec::new());
        }
        Err(LocalError::refused("the system is stopping"))
    }
}

/// The moment, or the next one without a fraction of a second.
fn full_second(moment: Timestamp) -> Timestamp {
    let milliseconds = moment.milliseconds();
    let fraction = milliseconds.rem_euclid(1000);
    let rest = if fraction == 0 { 0 } else { 1000 - fraction };
    Timestamp::from_milliseconds(milliseconds.saturating_add(rest))
}

async fn move_to(shared: &Shared, moment: Timestamp) -> LocalResult<()> {
    let offset = shared.ground().clock.move_to(moment);
    shared.services().stream().set_setting(OFFSET_SETTING, &offset.to_string()).await?;
    shared.wake();
    Ok(())
}

/// The first thing that is due in each shard, behind a moment or from the beginning: when, and its
/// key in the index.
async fn first_due(
    shared: &Shared,
    after: Option<Timestamp>,
) -> LocalResult<Vec<(Timestamp, String)>> {
    // `~` sorts behind `#`: everything due at this very millisecond is left out.
    let after = after.map(|moment_before| format!("{}~", moment(moment_before)));
    let shards = (0..WORKLIST_SHARDS).map(|shard| {
        let query = IndexQuery {
            index: WORKLIST,
            partition: worklist_shard(shard),
            after: after.as_deref(),
            newest_first: false,
            until: None,
            limit: 1,
        };
        shared.runtime().table.index(query)
    });
    let pages = futures::future::try_join_all(shards).await?;
    let first = pages.into_iter().filter_map(|page| {
        let (_, sort) = page.keys.into_iter().next()?;
        let at = sort.split('#').next()?.parse().ok()?;
        Some((Timestamp::from_milliseconds(at), sort))
    });
    Ok(first.collect())
}

/// The earliest of these moments, and of those at which a hidden message comes back, after now.
fn earliest(shared: &Shared, due: &[(Timestamp, String)], now: Timestamp) -> Option<Timestamp> {
    let hidden = shared.services().queues().next_due().map(Timestamp::from_milliseconds);
    let moments = due.iter().map(|(at, _)| *at).chain(hidden);
    moments.filter(|moment| *moment > now).min()
}

/// The next moment after this one at which something falls due or a hidden message comes back.
///
/// # Errors
/// The table cannot be reached.
pub async fn next_moment(shared: &Shared, after: Timestamp) -> LocalResult<Option<Timestamp>> {
    Ok(earliest(shared, &first_due(shared, Some(after)).await?, after))
}

/// One run of the sweep.
async fn sweep(shared: &Shared) {
    let in_hand = shared.begin();
    let event = serde_json::json!({
        "source": "aws.scheduler",
        "detail-type": "Scheduled Event",
        "time": shared.runtime().clock.now().to_string(),
    });
    if shared.functions().sweep.call(shared.runtime(), event).await.is_none() {
        tracing::error!("the sweep panicked or took too long");
    }
    drop(in_hand);
}

async fn sweep_ttl(shared: &Shared) {
    if let Err(error) = shared.services().sweep_ttl().await {
        tracing::warn!(%error, "expired rows are not removed");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_ends_on_a_full_second_and_never_before_the_moment() {
        for (moment, hop) in [(0, 0), (1, 1000), (999, 1000), (1000, 1000), (1001, 2000)] {
            let moment = Timestamp::from_milliseconds(moment);
            assert_eq!(full_second(moment), Timestamp::from_milliseconds(hop));
        }
    }
}
