//! Which clients want to be told by webhook: known for a few seconds, so that the relay does not
//! ask the table at each change of each order.

use crate::Runtime;
use crate::error::StepResult;
use ordermill_domain::time::{Seconds, Timestamp};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long it is believed that a client has an endpoint, or none. So much later at the latest a
/// new endpoint begins to be told; in the process that made it, at once.
const KNOWN_SECONDS_MAX: Seconds = Seconds(10);
/// How many clients are remembered.
const CLIENTS_MAX: usize = 10_000;

/// Clients looked up lately, and whether they have an endpoint.
#[derive(Clone, Default)]
pub struct Listeners(Arc<Mutex<HashMap<String, (bool, Timestamp)>>>);

impl Listeners {
    /// Forgets a client, because its endpoints have changed.
    pub fn forget(&self, client: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(client);
    }
}

impl Runtime {
    /// Whether this client has any endpoint, switched on or not.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn has_endpoints(&self, client: &str) -> StepResult<bool> {
        let now = self.clock.now();
        let lock = || self.listeners.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(client).copied();
        if let Some((any, read_at)) = known
            && now >= read_at
            && now < read_at.plus(KNOWN_SECONDS_MAX)
        {
            return Ok(any);
        }
        let any = !self.table.endpoints(client).await?.is_empty();
        let mut all = lock();
        if all.len() >= CLIENTS_MAX {
            all.clear();
        }
        all.insert(client.to_owned(), (any, now));
        Ok(any)
    }
}
