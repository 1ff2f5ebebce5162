//! Wiring of a deployed function: SDK configuration, logs, the runtime loop.

use crate::{Clock, Config, Metrics, Runtime, secrets};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

/// The longest one attempt at a request to a service may take.
pub const ATTEMPT_SECONDS_MAX: u64 = 4;
/// The longest a request may take with all its attempts: less than any function's own time-out, so
/// that a step is told of the failure and gives its message back by itself.
pub const OPERATION_SECONDS_MAX: u64 = 12;

/// JSON logs on standard error.
pub fn start_logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_span_list(false)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// The SDK's configuration from the environment; `AWS_ENDPOINT_URL` is honoured.
pub async fn sdk_config() -> aws_config::SdkConfig {
    use aws_smithy_http_client::{Builder, tls};
    use aws_smithy_types::timeout::TimeoutConfig;
    let http = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(ATTEMPT_SECONDS_MAX))
        .operation_timeout(Duration::from_secs(OPERATION_SECONDS_MAX))
        .build();
    aws_config::defaults(aws_config::BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .load()
        .await
}

/// Runs a function until the service ends it.
///
/// # Errors
/// A secret cannot be read, or the runtime API cannot be reached.
pub async fn run<E, A, F, Fut>(handler: F) -> Result<(), Error>
where
    E: DeserializeOwned,
    A: Serialize,
    F: Fn(Runtime, E) -> Fut,
    Fut: Future<Output = A> + 'static,
{
    start_logs();
    let sdk = sdk_config().await;
    let mut config = Config::from_environment();
    secrets::fill(&mut config, &aws_sdk_secretsmanager::Client::new(&sdk)).await?;
    let runtime = Runtime::new(config, &sdk, Clock::system()).with_metrics(Metrics::Lines);
    lambda_runtime::run(service_fn(|event: LambdaEvent<E>| {
        // Boxed: a step's future is deep, and the runtime loop need not know of it.
        let answer: Pin<Box<dyn Future<Output = A>>> =
            Box::pin(handler(runtime.clone(), event.payload));
        async move { Ok::<A, Error>(answer.await) }
    }))
    .await
}
