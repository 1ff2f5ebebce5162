//! Who calls: API keys `om_<id>_<secret>`, of which only the hash is kept.

use crate::Runtime;
use crate::config::LOCAL_ADMIN_KEY;
use crate::error::{Failure, StepResult};
use crate::signatures::same;
use crate::step::MOVED_ROUNDS_MAX;
use ordermill_domain::ids;
use ordermill_domain::order::{Actor, ActorKind};
use ordermill_domain::policy::Role;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_table::records::{ApiKey, ClientRole, api_key_row, read};
use ordermill_table::{TableError, commit, keys};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How long a key that was found good is believed without looking again.
const KEY_SECONDS_MAX: Seconds = Seconds(60);
/// How many keys are remembered.
const KEYS_MAX: usize = 10_000;

/// Who calls, once the key is known to be good.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Caller {
    /// The client.
    pub client: String,
    /// As whom it calls.
    pub role: ClientRole,
}

impl Caller {
    /// As whom it acts on orders.
    #[must_use]
    pub fn acts_as(&self) -> Role {
        match self.role {
            ClientRole::Shop => Role::Customer,
            ClientRole::Partner => Role::Partner,
            ClientRole::Manager => Role::Manager,
            ClientRole::Planner => Role::Planner,
            ClientRole::Admin => Role::Admin,
        }
    }

    /// How it stands in events.
    #[must_use]
    pub fn actor(&self) -> Actor {
        let kind = match self.role {
            ClientRole::Shop => ActorKind::Customer,
            ClientRole::Partner => ActorKind::Partner,
            ClientRole::Manager => ActorKind::Manager,
            ClientRole::Planner => ActorKind::Planner,
            ClientRole::Admin => ActorKind::Admin,
        };
        Actor { kind, id: self.client.clone() }
    }

    /// Whether it may see and touch an order of that client.
    #[must_use]
    pub fn may_see(&self, client: &str) -> bool {
        match self.role {
            ClientRole::Shop | ClientRole::Partner => self.client == client,
            ClientRole::Manager | ClientRole::Planner | ClientRole::Admin => true,
        }
    }
}

/// Keys found good lately.
#[derive(Clone, Default)]
pub struct Keys(Arc<Mutex<HashMap<String, (Caller, Timestamp)>>>);

impl Keys {
    /// Forgets them all, so that a key revoked here is refused here at once.
    pub fn forget(&self) {
        lock(&self.0).clear();
    }
}

/// The client of [`LOCAL_ADMIN_KEY`].
pub const LOCAL_CLIENT: &str = "local";

/// Who holds this key; none where it is no key of ours.
///
/// # Errors
/// The table cannot be reached.
pub async fn caller(runtime: &Runtime, key: &str) -> StepResult<Option<Caller>> {
    if runtime.config.local && same(key.as_bytes(), LOCAL_ADMIN_KEY.as_bytes()) {
        return Ok(Some(Caller { client: LOCAL_CLIENT.to_owned(), role: ClientRole::Admin }));
    }
    let Some((id, _)) = key.strip_prefix("om_").and_then(|rest| rest.split_once('_')) else {
        return Ok(None);
    };
    if id.is_empty() || id.len() > 64 || !id.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Ok(None);
    }
    let now = runtime.clock.now();
    let hash = ids::digest(key.as_bytes());
    let known = lock(&runtime.keys.0).get(&hash).cloned();
    if let Some((caller, seen_at)) = known
        && now >= seen_at
        && now < seen_at.plus(KEY_SECONDS_MAX)
    {
        return Ok(Some(caller));
    }
    let stored: Option<ApiKey> = runtime.table.document(&keys::api_key(id)).await?;
    let good =
        stored.filter(|k| k.revoked_at.is_none() && same(k.hash.as_bytes(), hash.as_bytes()));
    let good = match good {
        None => None,
        Some(k) => {
            // The client's role is what counts, where one is agreed.
            let agreed = runtime.client(&k.client).await?;
            let role = agreed.map_or(k.role, |client| client.role);
            Some(Caller { client: k.client, role })
        }
    };
    if let Some(caller) = &good {
        let mut keys = lock(&runtime.keys.0);
        if keys.len() >= KEYS_MAX {
            keys.clear();
        }
        keys.insert(hash, (caller.clone(), now));
    }
    Ok(good)
}

/// Makes a key no good, from now on here and within a minute elsewhere; none where there is no such key.
///
/// # Errors
/// The table cannot be reached, or others change the key faster than this can.
pub async fn revoke_key(runtime: &Runtime, id: &str) -> StepResult<Option<ApiKey>> {
    let key = keys::api_key(id);
    for round in 0..MOVED_ROUNDS_MAX {
        let Some(row) = runtime.table.get(&key).await? else { return Ok(None) };
        let mut stored: ApiKey = read(&row)?;
        if stored.revoked_at.is_none() {
            stored.revoked_at = Some(runtime.clock.now());
            let over = commit::put_over(&runtime.table, api_key_row(&stored)?, &row)?;
            match runtime.table.write(vec![over]).await {
                Ok(()) => tracing::info!(key.id = stored.id, "a key was revoked"),
                Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
                    runtime.pause(round).await;
                    continue;
                }
                Err(error) => return Err(error.into()),
            }
        }
        runtime.keys.forget();
        return Ok(Some(stored));
    }
    Err(Failure::retryable("others change the same key faster than this can"))
}

/// Makes a new key: the row to store, and the key itself, shown once.
#[must_use]
pub fn new_key(client: &str, role: ClientRole, now: Timestamp) -> (ApiKey, String) {
    let random = random_bytes();
    let id: String = ids::digest(&random[32..]).chars().take(12).collect();
    let secret = data_text(&random[..32]);
    let key = format!("om_{id}_{secret}");
    let stored = ApiKey {
        id,
        client: client.to_owned(),
        role,
        hash: ids::digest(key.as_bytes()),
        created_at: now,
        revoked_at: None,
    };
    (stored, key)
}

/// Makes a secret that signs webhooks: 192 random bits.
///
/// # Errors
/// The system gives no randomness: nothing secret can be made.
pub fn new_signing_secret() -> StepResult<String> {
    use base64::Engine as _;
    let mut bytes = [0_u8; 24];
    getrandom::fill(&mut bytes).map_err(|error| Failure::retryable(error.to_string()))?;
    Ok(format!("whsec_{}", base64::engine::general_purpose::STANDARD.encode(bytes)))
}

fn data_text(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 48 random bytes: 256 bits of secret and 128 of id. The one place that asks for randomness.
fn random_bytes() -> [u8; 48] {
    let mut bytes = [0_u8; 48];
    // Without the system's randomness nothing secret can be made: the bytes stay zero and the
    // key is refused by its own hash being known; in practice the call does not fail.
    let _ = getrandom::fill(&mut bytes);
    bytes
}

/// A secret that nobody knows.
#[must_use]
pub(crate) fn random_text() -> String {
    data_text(&random_bytes())
}

/// A random number, for jitter and request ids.
#[must_use]
pub fn random_u64() -> u64 {
    let mut bytes = [0_u8; 8];
    let _ = getrandom::fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
