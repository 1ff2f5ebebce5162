//! Quiet: nothing is visible or in hand, and both readers have read the stream to its end.
//!
//! Messages that wait for a delay or a visibility timeout do not count.

use crate::error::{LocalError, LocalResult};
use crate::run::state::{ReaderName, Shared};
use crate::run::wait::pause;
use crate::run::workers::{dead_name, queue_name};
use ordermill_runtime::Queue;
use std::time::Duration;

/// How long it is waited for quiet.
const SETTLE_TIMEOUT: Duration = Duration::from_secs(300);
/// The shortest and longest pause between two looks, in milliseconds.
const LOOK_MILLISECONDS: (u64, u64) = (1, 16);

/// Whether the system is quiet at this moment.
///
/// The stream is looked at before and after the queues: a message can only come from a record (then
/// a reader was behind), from another message (then something was in hand), or from the sweep
/// (which is in hand while it runs).
///
/// # Errors
/// The stream cannot be read.
pub fn is_quiet(shared: &Shared) -> LocalResult<bool> {
    let stream = shared.services().stream();
    let newest = stream.newest()?;
    if ReaderName::ALL.iter().any(|name| shared.position(*name) < newest) {
        return Ok(false);
    }
    Ok(is_idle(shared) && stream.newest()? == newest)
}

/// Whether no message is visible and nothing is in hand.
fn is_idle(shared: &Shared) -> bool {
    if !shared.nothing_in_hand() {
        return false;
    }
    let visible = Queue::ALL.iter().any(|queue| {
        [queue_name(shared, *queue), dead_name(shared, *queue)].iter().any(|name| {
            shared.services().queues().counts(name).is_ok_and(|counts| counts.visible > 0)
        })
    });
    !visible && shared.nothing_in_hand()
}

/// Waits until the system is quiet.
///
/// # Errors
/// It does not get quiet within five minutes, or the stream cannot be read.
pub async fn settle(shared: &Shared) -> LocalResult<()> {
    until(|| is_quiet(shared)).await
}

/// Waits until no message is visible and nothing is in hand.
///
/// # Errors
/// That is not so within five minutes.
pub async fn idle(shared: &Shared) -> LocalResult<()> {
    until(|| Ok(is_idle(shared))).await
}

async fn until(done: impl Fn() -> LocalResult<bool>) -> LocalResult<()> {
    let quiet = async {
        let (mut milliseconds, longest) = LOOK_MILLISECONDS;
        while !done()? {
            pause(milliseconds).await;
            milliseconds = (milliseconds * 2).min(longest);
        }
        Ok(())
    };
    tokio::time::timeout(SETTLE_TIMEOUT, quiet)
        .await
        .unwrap_or_else(|_| Err(LocalError::refused("the system does not get quiet")))
}
