//! What a run or a tool stands on: the embedded services of a folder, or an endpoint.
//!
//! `AWS_ENDPOINT_URL` chooses a stand-in like LocalStack or MiniStack, `ORDERMILL_BACKEND=aws` AWS
//! itself; then the SDK is configured by its own environment, nothing is kept in the folder, and
//! queues, stream and schedule are that side's business. Otherwise everything is here.

use crate::error::LocalResult;
use crate::run::clock::{MovedClock, OFFSET_SETTING};
use aws_config::identity::IdentityCache;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_smithy_types::retry::RetryConfig;
use ordermill_embedded::{Execution, Place, Services};
use ordermill_runtime::changes::Changes;
use ordermill_runtime::config::variable;
use ordermill_runtime::{Clock, Config, Runtime};
use std::path::Path;
use std::sync::Arc;

/// The file of the embedded table inside the folder.
pub const TABLE_FILE: &str = "ordermill.db";

/// How a folder is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ownership {
    /// As its only owner: the running service.
    Owner,
    /// Beside whoever owns it: a tool.
    Guest,
}

/// What a run or a tool stands on.
#[derive(Clone)]
pub struct Ground {
    /// What functions get.
    pub runtime: Runtime,
    /// The embedded services; none where an endpoint serves.
    pub services: Option<Services>,
    /// The movable clock.
    pub clock: Arc<MovedClock>,
    /// Who is told when orders change.
    pub changes: Changes,
    /// The table was made just now.
    pub is_new: bool,
}

/// Whether an endpoint or AWS itself serves instead of the folder.
#[must_use]
pub fn is_remote() -> bool {
    variable("AWS_ENDPOINT_URL").is_some()
        || variable("ORDERMILL_BACKEND").is_some_and(|name| name.eq_ignore_ascii_case("aws"))
}

impl Ground {
    /// Opens the folder's services, or connects to the endpoint.
    ///
    /// # Errors
    /// The folder is owned by another process, or the table cannot be reached.
    pub async fn open(folder: &Path, ownership: Ownership, config: Config) -> LocalResult<Self> {
        if is_remote() {
            return Self::remote(config).await;
        }
        let clock = Arc::new(MovedClock::default());
        let file = folder.join(TABLE_FILE);
        let is_new = !file.exists();
        let place = match ownership {
            Ownership::Owner => Place::File(file),
            Ownership::Guest => Place::Beside(file),
        };
        let services = Services::open(&place, Execution::Thread, clock.clone())?;
        let stored = services.stream().get_setting(OFFSET_SETTING)?;
        clock.resume(stored.and_then(|text| text.parse().ok()).unwrap_or(0));
        let sdk = embedded_sdk(&services);
        let changes = Changes::default();
        let runtime = Runtime::new(config, &sdk, clock.for_runtime());
        // A tool has no reader of the stream that could tell.
        let runtime = match ownership {
            Ownership::Owner => runtime.with_changes(changes.clone()),
            Ownership::Guest => runtime,
        };
        runtime.table.create_if_absent().await?;
        ordermill_runtime::policies::store_presets(&runtime.table).await?;
        Ok(Self { runtime, services: Some(services), clock, changes, is_new })
    }

    async fn remote(config: Config) -> LocalResult<Self> {
        let sdk = ordermill_runtime::lambda::sdk_config().await;
        let runtime = Runtime::new(config, &sdk, Clock::system());
        if variable("AWS_ENDPOINT_URL").is_some() {
            runtime.table.create_if_absent().await?;
            ordermill_runtime::policies::store_presets(&runtime.table).await?;
        }
        Ok(Self {
            runtime,
            services: None,
            clock: Arc::default(),
            changes: Changes::default(),
            is_new: false,
        })
    }
}

/// The SDK's configuration for the embedded services: the whole SDK path but signatures, which
/// nobody here would check, and no port.
fn embedded_sdk(services: &Services) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("local"))
        .http_client(services.http_client())
        .retry_config(RetryConfig::standard())
        // Guards against a network that is not there; they cost a timer for each body.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .identity_cache(IdentityCache::no_cache())
        .build()
}
