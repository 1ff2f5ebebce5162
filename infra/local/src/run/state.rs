//! What the parts of a running system share: how far the stream's readers are, what is in hand,
//! and when to stop.

use crate::run::functions::Functions;
use crate::run::ground::Ground;
use ordermill_embedded::Services;
use ordermill_runtime::changes::Changes;
use ordermill_runtime::{Queue, Runtime};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// The two readers of the stream.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ReaderName {
    /// The publisher.
    Relay,
    /// The builder of derived rows.
    Project,
}

impl ReaderName {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Relay, Self::Project];

    /// The name of its mark.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Project => "project",
        }
    }
}

/// A running system on embedded services, as its parts see it.
#[derive(Clone)]
pub struct Shared(Arc<Inner>);

struct Inner {
    ground: Ground,
    services: Services,
    functions: Functions,
    positions: [AtomicU64; 2],
    in_hand: AtomicUsize,
    by_queue: Mutex<BTreeMap<Queue, usize>>,
    stop: watch::Sender<bool>,
    moved: watch::Sender<u64>,
}

/// Something is being worked on until this is dropped.
pub struct InHand {
    shared: Shared,
    queue: Option<(Queue, usize)>,
}

impl Drop for InHand {
    fn drop(&mut self) {
        if let Some((queue, count)) = self.queue {
            let mut by_queue = self.shared.by_queue();
            if let Some(sum) = by_queue.get_mut(&queue) {
                *sum = sum.saturating_sub(count);
            }
        }
        self.shared.0.in_hand.fetch_sub(1, Ordering::SeqCst);
    }
}

impl InHand {
    /// So many messages of this queue are in hand.
    pub fn messages(&mut self, queue: Queue, count: usize) {
        *self.shared.by_queue().entry(queue).or_default() += count;
        self.queue = Some((queue, count));
    }
}

impl Shared {
    /// The state of a system that begins to run.
    #[must_use]
    pub fn new(ground: Ground, services: Services, functions: Functions) -> Self {
        Self(Arc::new(Inner {
            ground,
            services,
            functions,
            positions: Default::default(),
            in_hand: AtomicUsize::new(0),
            by_queue: Mutex::default(),
            stop: watch::Sender::new(false),
            moved: watch::Sender::new(0),
        }))
    }

    /// What functions get.
    #[must_use]
    pub fn runtime(&self) -> &Runtime {
        &self.0.ground.runtime
    }

    /// Who is told when orders change.
    #[must_use]
    pub fn changes(&self) -> &Changes {
        &self.0.ground.changes
    }

    /// What it stands on.
    #[must_use]
    pub fn ground(&self) -> &Ground {
        &self.0.ground
    }

    /// The embedded services.
    #[must_use]
    pub fn services(&self) -> &Services {
        &self.0.services
    }

    /// The functions.
    #[must_use]
    pub fn functions(&self) -> &Functions {
        &self.0.functions
    }

    fn by_queue(&self) -> std::sync::MutexGuard<'_, BTreeMap<Queue, usize>> {
        self.0.by_queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many messages of a queue are being worked on.
    #[must_use]
    pub fn messages_in_hand(&self, queue: Queue) -> usize {
        self.by_queue().get(&queue).copied().unwrap_or(0)
    }

    /// Says that something is being worked on.
    #[must_use]
    pub fn begin(&self) -> InHand {
        self.0.in_hand.fetch_add(1, Ordering::SeqCst);
        InHand { shared: self.clone(), queue: None }
    }

    /// Whether nothing is being worked on.
    #[must_use]
    pub fn nothing_in_hand(&self) -> bool {
        self.0.in_hand.load(Ordering::SeqCst) == 0
    }

    fn cell(&self, reader: ReaderName) -> &AtomicU64 {
        let [relay, project] = &self.0.positions;
        match reader {
            ReaderName::Relay => relay,
            ReaderName::Project => project,
        }
    }

    /// Up to where a reader has dealt with the stream.
    #[must_use]
    pub fn position(&self, reader: ReaderName) -> u64 {
        self.cell(reader).load(Ordering::SeqCst)
    }

    /// A reader has dealt with the stream up to there.
    pub fn set_position(&self, reader: ReaderName, position: u64) {
        self.cell(reader).store(position, Ordering::SeqCst);
    }

    /// The position that may be made durable: everything below it is dealt with, and so is every
    /// message that was sent because of it.
    #[must_use]
    pub fn mark(&self, reader: ReaderName) -> u64 {
        let position = self.position(reader);
        match reader {
            ReaderName::Project => position,
            ReaderName::Relay => match self.services().queues().oldest_origin() {
                Some(origin) => position.min(origin.saturating_sub(1)),
                None => position,
            },
        }
    }

    /// Changes to true when the system is to stop.
    #[must_use]
    pub fn stopping(&self) -> watch::Receiver<bool> {
        self.0.stop.subscribe()
    }

    /// Whether the system is to stop.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        *self.0.stop.borrow()
    }

    /// Stops the system.
    pub fn stop(&self) {
        self.0.stop.send_replace(true);
    }

    /// Changes whenever the clock is moved.
    #[must_use]
    pub fn clock_moved(&self) -> watch::Receiver<u64> {
        self.0.moved.subscribe()
    }

    /// Wakes whoever waits for a moment of the moved clock.
    pub fn wake(&self) {
        self.0.moved.send_modify(|count| *count = count.wrapping_add(1));
    }
}
