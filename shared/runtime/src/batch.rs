//! Batches from queues: each message by itself, so that a bad one never fails its batch. The one
//! place where a failure is logged.

use crate::error::Failure;
use crate::queues::Queue;
use crate::trace;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use serde::de::DeserializeOwned;
use std::future::Future;
use tracing::Instrument as _;

/// A message of a batch, read as far as it can be.
pub struct Parsed<M> {
    /// The service's id of the message.
    pub id: String,
    /// What it points to.
    pub message: M,
    /// The trace it belongs to; empty where its sender said none.
    pub trace: String,
}

/// Reads the messages of a batch; those that cannot be read are permanent failures, sent to the
/// dead letters with their reason by being given back until their attempts are used up.
#[must_use]
pub fn parse<M: DeserializeOwned>(
    queue: Queue,
    event: SqsEvent,
    response: &mut SqsBatchResponse,
) -> Vec<Parsed<M>> {
    let mut parsed = Vec::with_capacity(event.records.len());
    for record in event.records {
        let id = record.message_id.clone().unwrap_or_default();
        match read(&record) {
            Ok(message) => parsed.push(Parsed { id, message, trace: trace_of(&record) }),
            Err(failure) => failed(queue, &id, &failure, response),
        }
    }
    parsed
}

fn read<M: DeserializeOwned>(record: &SqsMessage) -> Result<M, Failure> {
    let body = record.body.as_deref().unwrap_or_default();
    serde_json::from_str(body).map_err(|_| Failure::permanent("the message is not a pointer"))
}

fn trace_of(record: &SqsMessage) -> String {
    let parent = record.message_attributes.get(trace::TRACEPARENT);
    let text = parent.and_then(|value| value.string_value.as_deref());
    text.and_then(trace::of_parent).unwrap_or_default().to_owned()
}

/// Gives a message back, and says so.
pub fn failed(queue: Queue, id: &str, failure: &Failure, response: &mut SqsBatchResponse) {
    let queue = queue.name();
    match failure {
        Failure::Retryable(reason) => {
            tracing::warn!(queue, message.id = id, reason, "a message goes back to its queue");
        }
        Failure::Permanent(reason) => {
            tracing::error!(queue, message.id = id, reason, "a message cannot be dealt with");
        }
    }
    let mut item = BatchItemFailure::default();
    item.item_identifier = id.to_owned();
    response.batch_item_failures.push(item);
}

/// Deals with each message of a batch by itself, several at once.
pub async fn each<M, F, Fut>(queue: Queue, event: SqsEvent, step: F) -> SqsBatchResponse
where
    M: DeserializeOwned,
    F: Fn(M) -> Fut,
    Fut: Future<Output = Result<(), Failure>>,
{
    let mut response = SqsBatchResponse::default();
    let parsed: Vec<Parsed<M>> = parse(queue, event, &mut response);
    let work = parsed.into_iter().map(|one| {
        let span = tracing::info_span!(
            "message",
            queue = queue.name(),
            message.id = one.id,
            trace.id = one.trace
        );
        let work = step(one.message);
        async move { (one.id, work.instrument(span.clone()).await, span) }
    });
    for (id, outcome, span) in futures::future::join_all(work).await {
        if let Err(failure) = outcome {
            span.in_scope(|| failed(queue, &id, &failure, &mut response));
        }
    }
    response
}
