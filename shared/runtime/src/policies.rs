//! Lifecycle policies from the table, cached: a version is immutable, which one is active may be
//! a minute old.

use crate::error::{Failure, StepResult};
use ordermill_domain::policy::{Policy, load, presets};
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_table::records::{StoredPolicy, document};
use ordermill_table::{Table, keys};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// How old "active" may be.
const ACTIVE_SECONDS_MAX: Seconds = Seconds(60);

/// Policies by name and version.
type Versions = HashMap<(String, u32), Arc<Policy>>;

/// The policies this process has read.
#[derive(Clone, Default)]
pub struct Policies {
    versions: Arc<Mutex<Versions>>,
    active: Arc<Mutex<HashMap<String, (u32, Timestamp)>>>,
}

impl Policies {
    /// The version of a policy that an order is pinned to.
    ///
    /// # Errors
    /// The table cannot be reached, or has no such policy.
    pub async fn version(
        &self,
        table: &Table,
        name: &str,
        version: u32,
    ) -> StepResult<Arc<Policy>> {
        let at = (name.to_owned(), version);
        let known = lock(&self.versions).get(&at).cloned();
        if let Some(policy) = known {
            return Ok(policy);
        }
        let stored: Option<StoredPolicy> = table.document(&keys::policy(name, version)).await?;
        let Some(stored) = stored else {
            return Err(Failure::retryable(format!("policy {name} has no version {version}")));
        };
        let policy = load::from_toml(name, &stored.text).map_err(|errors| {
            let first = errors.first().map(ToString::to_string).unwrap_or_default();
            Failure::retryable(format!("policy {name} version {version}: {first}"))
        })?;
        let policy = Arc::new(policy);
        lock(&self.versions).insert(at, policy.clone());
        Ok(policy)
    }

    /// The policy that new orders of that name get; none where there is no such name.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn active(
        &self,
        table: &Table,
        name: &str,
        now: Timestamp,
    ) -> StepResult<Option<Arc<Policy>>> {
        let known = lock(&self.active).get(name).copied();
        let fresh =
            known.filter(|(_, read_at)| now < read_at.plus(ACTIVE_SECONDS_MAX) && now >= *read_at);
        let version = match fresh {
            Some((version, _)) => version,
            None => {
                let found: Option<u32> = table.document(&keys::policy_active(name)).await?;
                let Some(version) = found else { return Ok(None) };
                lock(&self.active).insert(name.to_owned(), (version, now));
                version
            }
        };
        self.version(table, name, version).await.map(Some)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Stores a policy and makes it the active one of its name. The same version with another
/// content is refused.
///
/// # Errors
/// The table cannot be reached, or the version exists with another content.
pub async fn store(table: &Table, policy: &Policy, text: &str) -> StepResult<()> {
    let stored = StoredPolicy {
        name: policy.name.clone(),
        version: policy.version,
        content_hash: policy.content_hash.clone(),
        text: text.to_owned(),
    };
    let key = keys::policy(&policy.name, policy.version);
    if !table.put_row_once(document(&key, &stored)?).await? {
        let known: Option<StoredPolicy> = table.document(&key).await?;
        if known.is_some_and(|k| k.content_hash != policy.content_hash) {
            return Err(Failure::permanent(format!(
                "policy {} version {} exists with another content: raise `version`",
                policy.name, policy.version
            )));
        }
    }
    table.put_row(document(&keys::policy_active(&policy.name), &policy.version)?).await?;
    Ok(())
}

/// Stores the presets where no policy of their name is active yet.
///
/// # Errors
/// The table cannot be reached, or a preset is broken.
pub async fn store_presets(table: &Table) -> StepResult<()> {
    for name in presets::NAMES {
        if table.get(&keys::policy_active(name)).await?.is_some() {
            continue;
        }
        let text = presets::text(name).unwrap_or_default();
        let policy = load::from_toml(name, text)
            .map_err(|_| Failure::permanent(format!("the preset {name} is broken")))?;
        store(table, &policy, text).await?;
    }
    Ok(())
}
