//! Wiring of a deployed function: SDK configuration, logs, the runtime loop.

use crate::{Clock, Config, Runtime};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::future::Future;
use std::pin::Pin;

/// JSON logs on standard error.
pub fn start_logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}

/// The SDK's configuration from the environment; `AWS_ENDPOINT_URL` is honoured.
pub async fn sdk_config() -> aws_config::SdkConfig {
    use aws_smithy_http_client::{Builder, tls};
    let http = Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .build_https();
    aws_config::defaults(aws_config::BehaviorVersion::latest()).http_client(http).load().await
}

/// Runs a function until the service ends it.
///
/// # Errors
/// The runtime API cannot be reached.
pub async fn run<E, A, F, Fut>(handler: F) -> Result<(), Error>
where
    E: DeserializeOwned,
    A: Serialize,
    F: Fn(Runtime, E) -> Fut,
    Fut: Future<Output = A> + 'static,
{
    start_logs();
    let sdk = sdk_config().await;
    let runtime = Runtime::new(Config::from_environment(), &sdk, Clock::system());
    lambda_runtime::run(service_fn(|event: LambdaEvent<E>| {
        // Boxed: a step's future is deep, and the runtime loop need not know of it.
        let answer: Pin<Box<dyn Future<Output = A>>> =
            Box::pin(handler(runtime.clone(), event.payload));
        async move { Ok::<A, Error>(answer.await) }
    }))
    .await
}
