//! Settings of the process, from the environment. The one place that reads it. Secrets of deployed
//! functions are not there: [`crate::secrets`] fetches them at the start.

use std::fmt;

/// The secret of the single-process run on a loopback address; refused anywhere else.
pub const LOCAL_WEBHOOK_SECRET: &str = "whsec_bG9jYWwtdGVzdC1zZWNyZXQ=";
/// The API key of the single-process run on a loopback address; refused anywhere else.
pub const LOCAL_ADMIN_KEY: &str = "local-admin";

const STRIPE: &str = "ORDERMILL_STRIPE_WEBHOOK_SECRET";
const GENERIC: &str = "ORDERMILL_GENERIC_WEBHOOK_SECRET";
const SIGNING: &str = "ORDERMILL_SIGNING_SECRET";

/// What signs where no secret was given: on loopback a known text, elsewhere something that nobody
/// knows and that does not outlive the process. A function without the secret can neither make nor
/// believe a link.
fn default_signing_secret(local: bool) -> String {
    if local { "local-signing-secret".to_owned() } else { crate::auth::random_text() }
}

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
    /// `ORDERMILL_SIGNING_SECRET`: signs cursors and tracking links. Several, separated by commas,
    /// while one is rolled: the first signs, all are believed.
    pub signing_secret: String,
    /// `ORDERMILL_DEPLOYMENT`: names this deployment in metrics.
    pub deployment: String,
    /// `ORDERMILL_MAIL_SET`: the configuration set of SES that e-mail goes through: it tells of what
    /// bounced. Without one, the identity's own counts, which a foreign identity does not have.
    pub mail_set: Option<String>,
    /// `ORDERMILL_SECRETS`: secrets to fetch at the start, separated by commas.
    pub secrets: Vec<String>,
    /// The single-process run on a loopback address: [`LOCAL_ADMIN_KEY`] exists.
    pub local: bool,
    /// `ORDERMILL_WEBHOOKS_TO_LOOPBACK=1`: outgoing webhooks may go to `http://127.0.0.1`, so that
    /// they can be tried. Counts only where `local` is set.
    pub webhooks_to_loopback: bool,
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

fn several(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|s| !s.is_empty()).map(str::to_owned).collect()
}

fn secrets(name: &str, otherwise: Option<&str>) -> Vec<String> {
    let value = variable(name).or_else(|| otherwise.map(str::to_owned)).unwrap_or_default();
    several(&value)
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
            stripe_secrets: secrets(STRIPE, default_secret),
            generic_secrets: secrets(GENERIC, default_secret),
            signing_secret: variable(SIGNING).unwrap_or_else(|| default_signing_secret(local)),
            deployment: variable("ORDERMILL_DEPLOYMENT").unwrap_or_else(|| "local".to_owned()),
            mail_set: variable("ORDERMILL_MAIL_SET"),
            secrets: secrets("ORDERMILL_SECRETS", None),
            local,
            webhooks_to_loopback: local
                && variable("ORDERMILL_WEBHOOKS_TO_LOOPBACK").is_some_and(|v| v == "1"),
        }
    }

    /// Takes a secret by the name of its setting; says whether there is such a setting. An empty
    /// one is one that nobody has set yet.
    pub(crate) fn take_secret(&mut self, name: &str, value: &str) -> bool {
        match name {
            STRIPE => self.stripe_secrets = several(value),
            GENERIC => self.generic_secrets = several(value),
            SIGNING if value.is_empty() => {}
            SIGNING => value.clone_into(&mut self.signing_secret),
            _ => return false,
        }
        true
    }
}
