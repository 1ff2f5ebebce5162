//! The AWS services Ordermill uses, in one process, behind the SDK's HTTP connector.
//!
//! DynamoDB is real (crate `dynoxide-rs` on SQLite, change stream included); SQS is a model in
//! memory of which functions see the sending half and the runner the delivering half; SES and SNS
//! write to an outbox. Any `aws-sdk-*` client works that is given [`Services::http_client`], a
//! region and dummy credentials: the whole SDK path is exercised, serialisation, retries and typed
//! errors included, and no port is needed. Nothing that is deployed depends on this crate; it is
//! the ground of `infra/local` and of the simulation.
//!
//! | module | what | survives `kill -9` |
//! |---|---|---|
//! | `dynamodb` | the table | yes |
//! | `stream` | [`ChangeStream`]: records, marks, settings | yes |
//! | `sqs` | [`Queues`]: messages in memory | no: replay the stream from the marks |
//! | `outbox` | [`Outbox`]: what was sent | yes |
//! | `connector` | [`Interceptor`]: counting, faults, crashes | |
//! | `engine` | the SQLite file, who runs on it, how it is tuned | |
//! | `group` | several requests in one commit | |
//!
//! **Deterministic where it is asked for.** The crate spawns no task, sleeps never and asks no
//! wall clock: time is the given [`Clock`]. With [`Execution::Inline`] no request ever waits, so a
//! single-threaded run with a seeded order of events repeats itself. (Two exceptions that no rule
//! looks at: a table's id and creation time, and the order of attributes inside stored JSON.)

mod clock;
mod connector;
mod dynamodb;
mod engine;
mod error;
mod group;
mod outbox;
mod sqs;
mod stream;

use std::sync::Arc;

use aws_smithy_runtime_api::client::http::SharedHttpClient;

pub use clock::{Clock, ManualClock};
pub use connector::{After, Before, Call, Interceptor, Response, Service, Verdict};
pub use engine::{Execution, Place};
pub use error::{EmbeddedError, Result};
pub use outbox::{Channel, Outbox, Refusal, Sent};
pub use sqs::{
    Counts, DeadLetters, Message, MessageAttribute, QueueDefinition, QueueError, Queues, Received,
};
pub use stream::{Change, ChangeStream, StreamRecord};

use dynamodb::DynamoDb;
use engine::Engine;

/// The services of one process. Cheap to clone; the data are closed with the last clone and the
/// last client.
#[derive(Clone)]
pub struct Services {
    shared: Arc<Shared>,
}

/// What clients, the runner and the handles share.
pub(crate) struct Shared {
    dynamodb: DynamoDb,
    stream: ChangeStream,
    queues: Queues,
    outbox: Outbox,
}

impl Shared {
    /// Applies one request.
    async fn apply(&self, call: &Call<'_>) -> Response {
        match call.service {
            Service::DynamoDb => self.dynamodb.answer(call.operation, call.body).await,
            Service::Sqs => sqs::wire::answer(&self.queues, call.operation, call.body),
            Service::Ses => outbox::wire::send_email(&self.outbox, call.operation, call.body).await,
            Service::Sns => outbox::wire::publish(&self.outbox, call.operation, call.body).await,
        }
    }
}

impl Services {
    /// Opens the services on the data of this place, which are created if they are missing.
    pub fn open(place: &Place, execution: Execution, clock: Arc<dyn Clock>) -> Result<Self> {
        let engine = Arc::new(Engine::open(place, execution, Arc::clone(&clock))?);
        let dynamodb = DynamoDb::new(Arc::clone(&engine), Arc::clone(&clock));
        let stream = ChangeStream::new(Arc::clone(&engine), dynamodb.written());
        let queues = Queues::new(Arc::clone(&clock));
        let outbox = Outbox::new(engine, clock);
        Ok(Self { shared: Arc::new(Shared { dynamodb, stream, queues, outbox }) })
    }

    /// The HTTP client to configure SDK clients with.
    pub fn http_client(&self) -> SharedHttpClient {
        connector::http_client(Arc::clone(&self.shared), None)
    }

    /// An HTTP client whose requests all pass this interceptor.
    pub fn http_client_with(&self, interceptor: Arc<dyn Interceptor>) -> SharedHttpClient {
        connector::http_client(Arc::clone(&self.shared), Some(interceptor))
    }

    /// Answers a request to the table as DynamoDB's own address would; `operation` is what stands
    /// behind the dot of `x-amz-target`.
    pub async fn dynamodb(&self, operation: &str, body: &[u8]) -> Response {
        self.shared.dynamodb.answer(operation, body).await
    }

    /// The change stream, marks and settings.
    pub fn stream(&self) -> &ChangeStream {
        &self.shared.stream
    }

    /// The queues.
    pub fn queues(&self) -> &Queues {
        &self.shared.queues
    }

    /// What was sent by e-mail and SMS.
    pub fn outbox(&self) -> &Outbox {
        &self.shared.outbox
    }

    /// Deletes what TTL says has expired, and says how many rows those were. AWS does this by
    /// itself, up to days late; here nobody does it unless asked.
    pub async fn sweep_ttl(&self) -> Result<usize> {
        self.shared.dynamodb.sweep_ttl().await
    }
}
