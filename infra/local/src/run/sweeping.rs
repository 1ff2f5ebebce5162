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
    /// returns when it is quiet.
    ///
    /// # Errors
    /// The table cannot be reached, or the system does not get quiet.
    pub async fn advance(&self, shared: &Shared, by: Seconds) -> LocalResult<Timestamp> {
        let _turn = self.moving.lock().await;
        let target = shared.runtime().clock.now().plus(by);
        settle(shared).await?;
        loop {
            if shared.is_stopping() {
                return Err(LocalError::refused("the system is stopping"));
            }
            let now = shared.runtime().clock.now();
            let next = next_moment(shared, now).await?;
            let Some(hop) = next.filter(|moment| *moment <= target) else { break };
            move_to(shared, hop).await?;
            deal_with_due(shared).await?;
        }
        move_to(shared, target).await?;
        deal_with_due(shared).await?;
        sweep_ttl(shared).await;
        settle(shared).await?;
        Ok(shared.runtime().clock.now())
    }
}

async fn move_to(shared: &Shared, moment: Timestamp) -> LocalResult<()> {
    let offset = shared.ground().clock.move_to(moment);
    shared.services().stream().set_setting(OFFSET_SETTING, &offset.to_string()).await?;
    shared.wake();
    Ok(())
}

/// The sweep at this moment, and again while it gets something done: a run is bounded, what it
/// leaves is found by the next.
async fn deal_with_due(shared: &Shared) -> LocalResult<()> {
    let mut before = Vec::new();
    for _ in 0..SWEEPS_AT_ONCE_MAX {
        sweep(shared).await;
        settle(shared).await?;
        let due = due_now(shared).await?;
        if due.is_empty() || due == before {
            break;
        }
        before = due;
    }
    Ok(())
}

/// The first thing that is due in each shard.
async fn due_now(shared: &Shared) -> LocalResult<Vec<(String, String)>> {
    let now = shared.runtime().clock.now();
    let shards = (0..WORKLIST_SHARDS).map(|shard| shared.runtime().table.due(shard, None, now, 1));
    let pages = futures::future::try_join_all(shards).await?;
    Ok(pages.into_iter().flat_map(|page| page.keys).collect())
}

/// The next moment after this one at which something falls due or a hidden message comes back.
///
/// # Errors
/// The table cannot be reached.
pub async fn next_moment(shared: &Shared, after: Timestamp) -> LocalResult<Option<Timestamp>> {
    // `~` sorts behind `#`: everything due at this very millisecond is left out.
    let after_key = format!("{}~", moment(after));
    let shards = (0..WORKLIST_SHARDS).map(|shard| {
        let query = IndexQuery {
            index: WORKLIST,
            partition: worklist_shard(shard),
            after: Some(&after_key),
            newest_first: false,
            until: None,
            limit: 1,
        };
        shared.runtime().table.index(query)
    });
    let pages = futures::future::try_join_all(shards).await?;
    let due = pages.iter().filter_map(|page| {
        let (_, sort) = page.keys.first()?;
        sort.split('#').next()?.parse().ok().map(Timestamp::from_milliseconds)
    });
    let hidden = shared.services().queues().next_due().map(Timestamp::from_milliseconds);
    Ok(due.chain(hidden).filter(|moment| *moment > after).min())
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
