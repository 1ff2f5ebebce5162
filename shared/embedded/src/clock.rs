//! The time of the embedded services: a trait, since nothing in here may ask the wall clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

/// Tells the time: milliseconds since 1970-01-01 UTC.
pub trait Clock: Send + Sync {
    /// The present moment, milliseconds since 1970-01-01 UTC.
    fn now_milliseconds(&self) -> i64;
}

/// A clock that stands still until it is moved.
#[derive(Debug, Default)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that stands at this moment.
    pub fn at(milliseconds: i64) -> Self {
        Self(AtomicI64::new(milliseconds))
    }

    /// Moves to this moment, forward or back.
    pub fn set(&self, milliseconds: i64) {
        self.0.store(milliseconds, Ordering::SeqCst);
    }

    /// Moves forward.
    pub fn advance(&self, milliseconds: i64) {
        self.0.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now_milliseconds(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// Our clock as `dynoxide` wants it: stream records and TTL are stamped by it.
pub(crate) struct DynoxideClock(pub(crate) Arc<dyn Clock>);

impl dynoxide::storage_backend::Clock for DynoxideClock {
    fn now_unix_secs(&self) -> u64 {
        u64::try_from(self.0.now_milliseconds().div_euclid(1000)).unwrap_or(0)
    }

    fn now_unix_secs_f64(&self) -> f64 {
        // Milliseconds of any real date are far below 2^53, so this is exact.
        self.0.now_milliseconds() as f64 / 1000.0
    }
}
