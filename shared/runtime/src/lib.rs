//! How a function runs: settings, clients, clock, batches with partial failures, messages,
//! errors, logs. No rules; those are `ordermill-domain`'s.
//!
//! A step's library takes a [`Runtime`] and an AWS event; its `main.rs` is wiring by [`lambda`].

pub mod audit;
pub mod auth;
pub mod batch;
pub mod catalogue;
pub mod changes;
pub mod clock;
pub mod config;
pub mod contacts;
pub mod customers;
pub mod erasing;
pub mod error;
pub mod http;
pub mod inbox;
pub mod lambda;
pub mod metrics;
pub mod notices;
pub mod outgoing;
pub mod placing;
pub mod policies;
pub mod queues;
pub mod records;
pub mod recurring;
pub mod references;
pub mod reservation;
pub mod secrets;
pub mod signatures;
pub mod step;
pub mod trace;
pub mod validating;
pub mod walk;
pub mod webhooks;

pub use clock::Clock;
pub use config::Config;
pub use error::{Failure, StepResult};
pub use metrics::{Metric, Metrics};
pub use queues::{Queue, Sender};

use ordermill_domain::order::Order;
use ordermill_domain::policy::Policy;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_table::Table;
use ordermill_table::keys::{self, RowKind};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::{Client, Settings, User, read};
use ordermill_table::schema::OWNER;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Clients by name, and when each was read; none where nothing is agreed with it.
type Clients = BTreeMap<String, (Option<Client>, Timestamp)>;
/// The people in the seller's house.
type House = Arc<Vec<User>>;
type Ranks = BTreeMap<String, BTreeMap<String, u32>>;

/// Everything a step needs from the world.
#[derive(Clone)]
pub struct Runtime {
    /// How the process is set up.
    pub config: Arc<Config>,
    /// The table.
    pub table: Table,
    /// The queues.
    pub queues: Sender,
    /// E-mail.
    pub ses: aws_sdk_sesv2::Client,
    /// SMS.
    pub sns: aws_sdk_sns::Client,
    /// The time.
    pub clock: Clock,
    /// Lifecycles.
    pub policies: policies::Policies,
    /// API keys.
    pub keys: auth::Keys,
    settings: Arc<Mutex<Option<(Settings, Timestamp)>>>,
    ranks: Arc<Mutex<Option<(Ranks, Timestamp)>>>,
    metrics: Metrics,
    clients: Arc<Mutex<Clients>>,
    house: Arc<Mutex<Option<(House, Timestamp)>>>,
    /// Which clients have endpoints of webhooks.
    pub listeners: webhooks::Listeners,
    /// Sends webhooks; the simulation replaces it.
    pub post: outgoing::Poster,
    /// Waits between two attempts; the simulation replaces it.
    sleep: Sleep,
    /// Who is told of changed orders, where one process can tell.
    changes: Option<changes::Changes>,
}

type Pause = std::pin::Pin<Box<dyn Future<Output = ()> + Send>>;
type Sleep = Arc<dyn Fn(u64) -> Pause + Send + Sync>;

/// How old cached settings may be.
const CACHE_SECONDS_MAX: Seconds = Seconds(60);
/// People of the house who are asked whether they want to know.
const USERS_MAX: i32 = 500;
/// How many clients are remembered.
const CLIENTS_MAX: usize = 10_000;

/// The client of this SDK crate; without credentials, one that does not sign.
macro_rules! client {
    ($sdk:ident, $config:expr) => {{
        let config = $sdk::config::Builder::from($config);
        let signs = $config.credentials_provider().is_some();
        let config = if signs { config } else { config.allow_no_auth() };
        $sdk::Client::from_conf(config.build())
    }};
}

impl Runtime {
    /// A runtime whose clients share one SDK configuration. Where that has no credentials, requests
    /// are not signed: the services of the same process ask for no signature.
    #[must_use]
    pub fn new(config: Config, sdk: &aws_config::SdkConfig, clock: Clock) -> Self {
        Self {
            table: Table::new(client!(aws_sdk_dynamodb, sdk), &config.table),
            queues: Sender::new(client!(aws_sdk_sqs, sdk), &config.queue_prefix),
            ses: client!(aws_sdk_sesv2, sdk),
            sns: client!(aws_sdk_sns, sdk),
            clock,
            policies: policies::Policies::default(),
            keys: auth::Keys::default(),
            listeners: webhooks::Listeners::default(),
            post: outgoing::poster(),
            settings: Arc::default(),
            ranks: Arc::default(),
            metrics: Metrics::Silent,
            clients: Arc::default(),
            house: Arc::default(),
            sleep: Arc::new(|milliseconds| Box::pin(sleep(milliseconds))),
            changes: None,
            config: Arc::new(config),
        }
    }

    /// The same runtime with another way to wait between attempts.
    #[must_use]
    pub fn with_sleep(mut self, sleep: Sleep) -> Self {
        self.sleep = sleep;
        self
    }

    /// The same runtime in a process where changes of orders are told.
    #[must_use]
    pub fn with_changes(mut self, changes: changes::Changes) -> Self {
        self.changes = Some(changes);
        self
    }

    /// The same runtime with a place for metrics.
    #[must_use]
    pub fn with_metrics(mut self, metrics: Metrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// Gives figures of now, for alarms and the dashboard.
    pub fn measure(&self, figures: &[(Metric, u64)]) {
        self.metrics.put(&self.config.deployment, self.clock.now(), figures);
    }

    /// The same runtime with another way to send webhooks.
    #[must_use]
    pub fn with_poster(mut self, post: outgoing::Poster) -> Self {
        self.post = post;
        self
    }

    /// Gives a figure of now about one stock line, or, with an empty warehouse, about a SKU.
    pub fn measure_stock(&self, at: (&str, &str), figure: (Metric, serde_json::Value)) {
        self.metrics.put_stock(&self.config.deployment, self.clock.now(), at, figure);
    }

    /// Waits a little, longer from round to round, with jitter.
    pub async fn pause(&self, round: usize) {
        let most = 4_u64.saturating_mul(1 << round.min(6));
        let jitter = auth::random_u64().checked_rem(most.max(1)).unwrap_or(0);
        (self.sleep)(jitter.saturating_add(1)).await;
    }

    /// The policy the order is pinned to.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn policy_of(&self, order: &Order) -> StepResult<Arc<Policy>> {
        self.policies.version(&self.table, &order.policy.name, order.policy.version).await
    }

    /// The seller's settings, at most a minute old.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn settings(&self) -> StepResult<Settings> {
        let now = self.clock.now();
        if let Some(known) = fresh(&self.settings, now) {
            return Ok(known);
        }
        let settings = self.table.settings().await?;
        *lock(&self.settings) = Some((settings.clone(), now));
        Ok(settings)
    }

    /// The warehouses' ranks by country, at most a minute old.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn ranks(&self) -> StepResult<Ranks> {
        let now = self.clock.now();
        if let Some(known) = fresh(&self.ranks, now) {
            return Ok(known);
        }
        let ranks = self.table.ranks().await?;
        *lock(&self.ranks) = Some((ranks.clone(), now));
        Ok(ranks)
    }

    /// What is agreed with a client, at most a minute old; none where nothing is.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn client(&self, id: &str) -> StepResult<Option<Client>> {
        let now = self.clock.now();
        let known = lock(&self.clients).get(id).cloned();
        if let Some((client, read_at)) = known
            && now >= read_at
            && now < read_at.plus(CACHE_SECONDS_MAX)
        {
            return Ok(client);
        }
        let client: Option<Client> = self.table.document(&keys::client(id)).await?;
        let mut clients = lock(&self.clients);
        if clients.len() >= CLIENTS_MAX {
            clients.clear();
        }
        clients.insert(id.to_owned(), (client.clone(), now));
        Ok(client)
    }

    /// The people in the seller's house, at most a minute old.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn house(&self) -> StepResult<Arc<Vec<User>>> {
        let now = self.clock.now();
        if let Some(known) = fresh(&self.house, now) {
            return Ok(known);
        }
        let query = IndexQuery {
            index: OWNER,
            partition: keys::owner_list(RowKind::User),
            after: None,
            newest_first: false,
            until: None,
            limit: USERS_MAX,
        };
        let found = self.table.index(query).await?;
        let wanted: Vec<keys::Key> = found.keys.iter().map(|(_, id)| keys::user(id)).collect();
        let mut users: Vec<User> = Vec::with_capacity(wanted.len());
        for row in self.table.batch_get(&wanted).await? {
            users.push(read(&row)?);
        }
        let users = Arc::new(users);
        *lock(&self.house) = Some((users.clone(), now));
        Ok(users)
    }

    /// Forgets cached settings, so that a change made here is seen at once.
    pub fn forget_settings(&self) {
        *lock(&self.settings) = None;
        *lock(&self.ranks) = None;
        *lock(&self.house) = None;
        lock(&self.clients).clear();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn fresh<T: Clone>(cell: &Mutex<Option<(T, Timestamp)>>, now: Timestamp) -> Option<T> {
    let known = lock(cell);
    let (value, read_at) = known.as_ref()?;
    (now >= *read_at && now < read_at.plus(CACHE_SECONDS_MAX)).then(|| value.clone())
}

#[expect(clippy::disallowed_methods, reason = "the one place that waits between attempts")]
async fn sleep(milliseconds: u64) {
    tokio::time::sleep(std::time::Duration::from_millis(milliseconds)).await;
}
