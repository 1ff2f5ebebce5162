//! The movable clock: the wall's time and an offset that only grows.

use ordermill_domain::time::Timestamp;
use ordermill_runtime::clock::system_now;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// The setting beside the table that keeps the offset, in milliseconds.
pub const OFFSET_SETTING: &str = "clock_offset_milliseconds";

/// A clock that runs with the wall's, ahead of it, and never goes backwards.
#[derive(Debug, Default)]
pub struct MovedClock {
    offset: AtomicI64,
    latest: AtomicI64,
}

impl MovedClock {
    /// Now, never before what was told already.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let wall = system_now().milliseconds();
        let now = wall.saturating_add(self.offset.load(Ordering::SeqCst));
        Timestamp::from_milliseconds(self.latest.fetch_max(now, Ordering::SeqCst).max(now))
    }

    /// How far it is ahead of the wall's, in milliseconds.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.offset.load(Ordering::SeqCst)
    }

    /// Takes up an offset that was stored.
    pub fn resume(&self, offset: i64) {
        self.offset.fetch_max(offset, Ordering::SeqCst);
    }

    /// Moves on to this moment, unless it is past already; tells the offset to store.
    pub fn move_to(&self, moment: Timestamp) -> i64 {
        let ahead = moment.milliseconds().saturating_sub(self.now().milliseconds());
        if ahead > 0 {
            self.offset.fetch_add(ahead, Ordering::SeqCst);
        }
        self.offset()
    }

    /// As functions want it.
    #[must_use]
    pub fn for_runtime(self: &Arc<Self>) -> ordermill_runtime::Clock {
        let clock = Arc::clone(self);
        ordermill_runtime::Clock::new(move || clock.now())
    }
}

impl ordermill_embedded::Clock for MovedClock {
    fn now_milliseconds(&self) -> i64 {
        self.now().milliseconds()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordermill_domain::time::Seconds;

    #[test]
    fn it_moves_forward_and_never_back() {
        let clock = MovedClock::default();
        let before = clock.now();
        clock.move_to(before.plus(Seconds::days(14)));
        assert!(clock.now() >= before.plus(Seconds::days(14)));
        let offset = clock.offset();
        clock.move_to(before);
        assert_eq!(clock.offset(), offset);
    }
}
