//! Waiting for an order to change, for callers who would rather wait than ask again and again
//! (`Prefer: wait`).
//!
//! Where one process has the stream's reader too, the reader [tells](Changes::tell), and whoever
//! waits looks at once and only then. On Lambda nobody can tell: it looks again after pauses.

use crate::{Runtime, StepResult};
use ordermill_domain::order::Order;
use ordermill_domain::time::Seconds;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::watch;

/// The longest a caller may wait, in seconds.
pub const WAIT_SECONDS_MAX: i64 = 10;
/// How soon it looks again though nobody told, in milliseconds: another process may have written.
const LOOK_AGAIN_MILLISECONDS: u64 = 250;
/// The first pause where nobody tells, as a round of [`Runtime::pause`]: 32 ms on the average.
const FIRST_PAUSE: usize = 4;
/// After so many looks the pauses are twice as long.
const LOOKS_PER_PAUSE: usize = 4;

type Waiting = HashMap<String, watch::Sender<()>>;

/// Who waits for which order.
#[derive(Clone, Default)]
pub struct Changes(Arc<Mutex<Waiting>>);

impl Changes {
    /// This order has changed.
    pub fn tell(&self, order: &str) {
        if let Some(waiting) = self.lock().get(order) {
            waiting.send_replace(());
        }
    }

    fn listen(&self, order: &str) -> watch::Receiver<()> {
        let mut all = self.lock();
        all.entry(order.to_owned()).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sees every change of one order from its making on.
pub struct Watch<'a> {
    runtime: &'a Runtime,
    order: String,
    told: Option<(watch::Receiver<()>, Changes)>,
    looks: usize,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        let Some((told, changes)) = self.told.take() else { return };
        drop(told);
        let mut all = changes.lock();
        if all.get(&self.order).is_some_and(|waiting| waiting.receiver_count() == 0) {
            all.remove(&self.order);
        }
    }
}

impl Runtime {
    /// Watches an order: what changes from now on is seen.
    #[must_use]
    pub fn watch(&self, order: &str) -> Watch<'_> {
        let told = self.changes.as_ref().map(|changes| (changes.listen(order), changes.clone()));
        Watch { runtime: self, order: order.to_owned(), told, looks: 0 }
    }
}

impl Watch<'_> {
    /// The order once `is_enough` holds of it, or as it is when the time is up.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn until(
        mut self,
        mut order: Order,
        seconds: Seconds,
        is_enough: impl Fn(&Order) -> bool,
    ) -> StepResult<Order> {
        // Real time: callers wait by their own clocks, whatever ours is set to.
        let end = crate::clock::system_now().plus(seconds);
        while !is_enough(&order) && crate::clock::system_now() < end {
            self.pause().await;
            if let Some(partition) = self.runtime.table.order(&self.order).await? {
                order = partition.stored.order;
            }
        }
        Ok(order)
    }

    async fn pause(&mut self) {
        let round = FIRST_PAUSE.saturating_add(self.looks / LOOKS_PER_PAUSE);
        self.looks = self.looks.saturating_add(1);
        let Some((told, _)) = &mut self.told else { return self.runtime.pause(round).await };
        tokio::select! {
            _ = told.changed() => {}
            () = (self.runtime.sleep)(LOOK_AGAIN_MILLISECONDS) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_waits_is_told_and_nobody_is_kept() {
        let changes = Changes::default();
        let sdk = aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .build();
        let runtime = Runtime::new(crate::Config::local(), &sdk, crate::Clock::system())
            .with_sleep(Arc::new(|_| Box::pin(std::future::pending())))
            .with_changes(changes.clone());
        let mut first = runtime.watch("ord_1");
        let second = runtime.watch("ord_1");
        changes.tell("ord_2");
        changes.tell("ord_1");
        first.pause().await;
        drop(first);
        assert_eq!(changes.lock().len(), 1, "the second still waits");
        drop(second);
        assert_eq!(changes.lock().len(), 0);
    }
}
