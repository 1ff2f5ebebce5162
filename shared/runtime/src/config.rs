//! Settings of the process, from the environment. The one place that reads it.

use std::fmt;

/// The secret of the single-process run on a loopback address; refused anywhere else.
pub const LOCAL_WEBHOOK_SECRET: &str = "whsec_bG9jYWwtdGVzdC1zZWNyZXQ=";
/// The API key of the single-process run on a loopback address; refused anywhere else.
pub const LOCAL_ADMIN_KEY: &str = "local-admin";

/// How a process is set up.
#[derive(Clone)]
pub struct Config {
    /// `ORDERMILL_TABLE`: the table's name.
    pub table: String,
    /// `ORDERMILL_QUEUE_PREFIX`: the queues' addresses without their names.
    pub queue_prefix: String,
    /// `ORDERMILL_SELLER`: part of every id.
    pub seller: String,
    /// `ORDERMILL_STRIPE_WEBHOOK_SECRET`: the whole string is the key. Several, separated by
    /// commas, while one is rolled.
    pub stripe_secrets: Vec<String>,
    /// `ORDERMILL_GENERIC_WEBHOOK_SECRET`: base64 after the prefix. Several likewise.
    pub generic_secrets: Vec<String>,
    /// `ORDERMILL_SIGNING_SECRET`: signs cursors and tracking links.
    pub signing_secret: String,
    /// The single-process run on a loopback address: [`LOCAL_ADMIN_KEY`] exists.
    pub local: bool,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config").field("table", &self.table).field("local", &self.local).finish()
    }
}

/// A setting of the environment.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn secrets(name: &str, otherwise: Option<&str>) -> Vec<String> {
    let value = variable(name).or_else(|| otherwise.map(str::to_owned)).unwrap_or_default();
    value.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

impl Config {
    /// Reads the environment of a deployed function.
    #[must_use]
    pub fn from_environment() -> Self {
        Self::read(false)
    }

    /// Reads the environment of the single-process run on a loopback address: what is missing
    /// has a local default.
    #[must_use]
    pub fn local() -> Self {
        Self::read(true)
    }

    fn read(local: bool) -> Self {
        let default_secret = local.then_some(LOCAL_WEBHOOK_SECRET);
        Self {
            table: variable("ORDERMILL_TABLE").unwrap_or_else(|| "ordermill-table".to_owned()),
            queue_prefix: variable("ORDERMILL_QUEUE_PREFIX")
                .unwrap_or_else(|| "http://sqs.local/000000000000/ordermill-".to_owned()),
            seller: variable("ORDERMILL_SELLER").unwrap_or_else(|| "seller".to_owned()),
            stripe_secrets: secrets("ORDERMILL_STRIPE_WEBHOOK_SECRET", default_secret),
            generic_secrets: secrets("ORDERMILL_GENERIC_WEBHOOK_SECRET", default_secret),
            signing_secret: variable("ORDERMILL_SIGNING_SECRET")
                .unwrap_or_else(|| "local-signing-secret".to_owned()),
            local,
        }
    }
}
