//! The run: functions, workers, stream readers, the schedule, the movable clock.
//!
//! | module | what it does | on AWS |
//! |---|---|---|
//! | [`functions`] | calls the functions | Lambda |
//! | [`workers`] | delivers messages | SQS and its event source mappings |
//! | [`streams`] | reads the change stream | DynamoDB Streams and its mappings |
//! | [`sweeping`] | each minute; the clock's hops | EventBridge Scheduler |
//! | [`settle`] | tells when all is quiet | – |
//! | [`ground`] | opens the services of a folder | the account |
//! | [`clock`] | tells the time, and can be moved | – |
//! | [`live`] | says what happens | – |
//!
//! **What a kill loses: nothing that was answered.** The table, its stream, the readers' marks, the
//! clock's offset and the outbox are in one file. Messages in memory are lost, and sent again: the
//! relay's mark stays below every record whose messages were not dealt with.

pub mod clock;
pub mod functions;
pub mod ground;
pub mod live;
pub mod settle;
pub mod state;
pub mod streams;
pub mod sweeping;
pub mod wait;
pub mod workers;

pub use functions::Functions;
pub use ground::{Ground, Ownership, TABLE_FILE, is_remote};
pub use live::LiveLog;
pub use state::Shared;

use crate::error::{LocalError, LocalResult};
use ordermill_domain::time::{Seconds, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How long what is in hand may take when the system stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// A running system on embedded services.
#[derive(Clone)]
pub struct System {
    shared: Shared,
    schedule: Arc<sweeping::Schedule>,
    parts: Parts,
    tasks: Arc<tokio::sync::Mutex<Vec<JoinHandle<()>>>>,
}

/// Which parts of a system run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Parts {
    /// All.
    All,
    /// Only the workers: a tool beside the running service, which has the rest.
    Workers,
}

impl System {
    /// Starts the workers, the stream's readers and the schedule.
    ///
    /// # Errors
    /// It stands on an endpoint, which has all that itself, or the marks cannot be read.
    pub fn start(
        ground: Ground,
        functions: Functions,
        parts: Parts,
        log: LiveLog,
    ) -> LocalResult<Self> {
        let Some(services) = ground.services.clone() else {
            return Err(LocalError::refused("an endpoint delivers its messages itself"));
        };
        let shared = Shared::new(ground, services, functions);
        let schedule = Arc::new(sweeping::Schedule::default());
        workers::define_queues(&shared);
        let mut tasks = workers::start(&shared);
        if parts == Parts::All {
            tasks.extend(streams::start(&shared, log)?);
            let (minute, system) = (Arc::clone(&schedule), shared.clone());
            tasks.push(tokio::spawn(async move { minute.run(&system).await }));
        }
        Ok(Self { shared, schedule, parts, tasks: Arc::new(tokio::sync::Mutex::new(tasks)) })
    }

    /// What its parts share.
    #[must_use]
    pub fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Moves the clock on, and has all dealt with that falls due.
    ///
    /// # Errors
    /// The table cannot be reached, or the system does not get quiet.
    pub async fn advance(&self, by: Seconds) -> LocalResult<Timestamp> {
        self.schedule.advance(&self.shared, by).await
    }

    /// Waits until the system is quiet.
    ///
    /// # Errors
    /// It does not get quiet.
    pub async fn settle(&self) -> LocalResult<()> {
        settle::settle(&self.shared).await
    }

    /// Waits until its queues are empty and nothing is in hand, whatever the stream's readers do.
    ///
    /// # Errors
    /// It does not get there.
    pub async fn idle(&self) -> LocalResult<()> {
        settle::idle(&self.shared).await
    }

    /// Stops: nothing new is taken in hand, what is in hand gets ten seconds.
    pub async fn stop(&self) {
        self.shared.stop();
        self.shared.wake();
        let mut tasks = self.tasks.lock().await;
        let all = futures::future::join_all(tasks.drain(..));
        // What does not end is done again from the marks at the next start.
        let _ = tokio::time::timeout(STOP_TIMEOUT, all).await;
        if self.parts == Parts::All {
            streams::save_all_marks(&self.shared).await;
        }
    }
}
