//! The functions by name, each as a boxed call with the event type AWS hands to it.
//!
//! A call is a task of its own with a time limit, as an invocation is: a panic or an endless
//! wait is that call's failure and nothing else's.

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::event::dynamodb::Event;
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use aws_lambda_events::event::streams::DynamoDbEventResponse;
use ordermill_runtime::{Queue, Runtime};
use serde_json::Value;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// How long one call may take, as the template gives the deployed functions.
const CALL_TIMEOUT: Duration = Duration::from_secs(30);

type Answer<A> = Pin<Box<dyn Future<Output = A> + Send>>;

/// One function: an event in, an answer out.
pub struct Function<E, A>(Arc<dyn Fn(Runtime, E) -> Answer<A> + Send + Sync>);

impl<E, A> Clone for Function<E, A> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<E: Send + 'static, A: Send + 'static> Function<E, A> {
    /// A function that does this.
    pub fn new<F, Fut>(call: F) -> Self
    where
        F: Fn(Runtime, E) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = A> + Send + 'static,
    {
        Self(Arc::new(move |runtime, event| Box::pin(call(runtime, event))))
    }

    /// Calls it as a task of its own; none if it panicked or took too long.
    pub async fn call(&self, runtime: &Runtime, event: E) -> Option<A> {
        let mut task = tokio::spawn((self.0)(runtime.clone(), event));
        match tokio::time::timeout(CALL_TIMEOUT, &mut task).await {
            Ok(Ok(answer)) => Some(answer),
            Ok(Err(_)) => None,
            Err(_) => {
                task.abort();
                None
            }
        }
    }
}

/// A function behind HTTP.
pub type HttpFunction = Function<ApiGatewayV2httpRequest, ApiGatewayV2httpResponse>;
/// A function behind a queue.
pub type QueueFunction = Function<SqsEvent, SqsBatchResponse>;
/// A reader of the change stream.
pub type StreamFunction = Function<Event, DynamoDbEventResponse>;
/// A function on a schedule.
pub type ScheduleFunction = Function<Value, Value>;

/// Every function of the system.
#[derive(Clone)]
pub struct Functions {
    /// Takes orders in.
    pub intake: HttpFunction,
    /// Reads, and commands by people and partners.
    pub api: HttpFunction,
    /// Takes providers' events in.
    pub webhook: HttpFunction,
    /// Behind the queue `validate`.
    pub validate: QueueFunction,
    /// Behind the queue `reserve`.
    pub reserve: QueueFunction,
    /// Behind the queue `serve`.
    pub serve: QueueFunction,
    /// Behind the queue `payment`.
    pub payment: QueueFunction,
    /// Behind the queue `timeout`.
    pub timeout: QueueFunction,
    /// Behind the queue `recur`.
    pub recur: QueueFunction,
    /// Behind the queue `notify`.
    pub notify: QueueFunction,
    /// Behind the queue `feedback`.
    pub feedback: QueueFunction,
    /// The publisher.
    pub relay: StreamFunction,
    /// The builder of derived rows.
    pub project: StreamFunction,
    /// Finds what is due.
    pub sweep: ScheduleFunction,
}

/// A closure that calls a step of a function crate.
macro_rules! step {
    ($step:path) => {
        Function::new(|runtime: Runtime, event| async move { $step(&runtime, event).await })
    };
}

impl Functions {
    /// The deployed functions.
    #[must_use]
    pub fn deployed() -> Self {
        Self {
            intake: step!(ordermill_intake::handle),
            api: step!(ordermill_api::handle),
            webhook: step!(ordermill_payment::webhook),
            validate: step!(ordermill_validate::handle),
            reserve: step!(ordermill_reserve::handle),
            serve: step!(ordermill_serve::handle),
            payment: step!(ordermill_payment::handle),
            timeout: step!(ordermill_timeout::handle),
            recur: step!(ordermill_recur::handle),
            notify: step!(ordermill_notify::handle),
            feedback: step!(ordermill_feedback::handle),
            relay: step!(ordermill_relay::handle),
            project: step!(ordermill_project::handle),
            sweep: step!(ordermill_sweep::handle),
        }
    }

    /// The function behind a queue.
    #[must_use]
    pub fn behind(&self, queue: Queue) -> &QueueFunction {
        match queue {
            Queue::Validate => &self.validate,
            Queue::Reserve => &self.reserve,
            Queue::Serve => &self.serve,
            Queue::Payment => &self.payment,
            Queue::Timeout => &self.timeout,
            Queue::Recur => &self.recur,
            Queue::Notify => &self.notify,
            Queue::Feedback => &self.feedback,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordermill_runtime::{Clock, Config};

    #[tokio::test]
    async fn a_panic_is_that_calls_failure_and_nothing_elses() {
        let sdk = aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .build();
        let runtime = Runtime::new(Config::local(), &sdk, Clock::system());
        let function = Function::new(|_, event: u8| async move {
            assert!(event > 0, "a defect");
            event
        });
        assert_eq!(function.call(&runtime, 0).await, None);
        assert_eq!(function.call(&runtime, 1).await, Some(1));
    }
}
