//! Batches from queues: each message by itself, so that a bad one never fails its batch. The one
//! place where a failure is logged.

use crate::error::Failure;
use crate::queues::Queue;
use crate::trace;
use aws_lambda_events::event::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
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

/// Deals with each message of a batch by itself, several at once. Equal messages are dealt with
/// once: side by side each would find that nothing was done yet.
pub async fn each<M, F, Fut>(queue: Queue, event: SqsEvent, step: F) -> SqsBatchResponse
where
    M: DeserializeOwned,
    F: Fn(M) -> Fut,
    Fut: Future<Output = Result<(), Failure>>,
{
    each_prepared(queue, event, async |_: Vec<&M>| (), |(), message| step(message)).await
}

/// As [`each`], after something was read for the whole batch in few requests. What was read is
/// handed to every message; a message that finds nothing in it reads by itself, so that what
/// cannot be read for one never fails the others.
pub async fn each_prepared<M, C, P, F, Fut>(
    queue: Queue,
    event: SqsEvent,
    prepare: P,
    step: F,
) -> SqsBatchResponse
where
    M: DeserializeOwned,
    C: Clone,
    P: AsyncFnOnce(Vec<&M>) -> C,
    F: Fn(C, M) -> Fut,
    Fut: Future<Output = Result<(), Failure>>,
{
    let mut response = SqsBatchResponse::default();
    let (event, equal) = first_of_equals(event);
    let parsed: Vec<Parsed<M>> = parse(queue, event, &mut response);
    let prepared = prepare(parsed.iter().map(|one| &one.message).collect()).await;
    let work = parsed.into_iter().map(|one| {
        let span = tracing::info_span!(
            "message",
            queue = queue.name(),
            message.id = one.id,
            trace.id = one.trace
        );
        let work = step(prepared.clone(), one.message);
        async move { (one.id, work.instrument(span.clone()).await, span) }
    });
    for (id, outcome, span) in futures::future::join_all(work).await {
        if let Err(failure) = outcome {
            span.in_scope(|| failed(queue, &id, &failure, &mut response));
        }
    }
    // What became of the first becomes of all.
    let back: BTreeSet<String> =
        response.batch_item_failures.iter().map(|item| item.item_identifier.clone()).collect();
    for (id, first) in equal.into_iter().filter(|(_, first)| back.contains(first)) {
        let reason = format!("it is equal to message {first}, which goes back");
        failed(queue, &id, &Failure::retryable(reason), &mut response);
    }
    response
}

/// The batch without messages that are equal to an earlier one of it; and of each of those its id
/// and that of the first.
fn first_of_equals(mut event: SqsEvent) -> (SqsEvent, Vec<(String, String)>) {
    let mut firsts: BTreeMap<String, String> = BTreeMap::new();
    let mut equal = Vec::new();
    event.records.retain(|record| {
        let id = record.message_id.clone().unwrap_or_default();
        let body = record.body.clone().unwrap_or_default();
        match firsts.get(&body) {
            Some(first) => {
                equal.push((id, first.clone()));
                false
            }
            None => {
                firsts.insert(body, id);
                true
            }
        }
    });
    (event, equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[tokio::test]
    async fn equal_messages_of_a_batch_are_dealt_with_once_and_share_their_end() {
        let message = |id: &str, body: &str| {
            let mut message = SqsMessage::default();
            message.message_id = Some(id.to_owned());
            message.body = Some(body.to_owned());
            message
        };
        let mut event = SqsEvent::default();
        event.records = vec![
            message("a", "1"),
            message("b", "2"),
            message("c", "1"),
            message("d", "2"),
            message("e", "none"),
        ];
        let calls = AtomicUsize::new(0);
        let response = each(Queue::Notify, event, |number: u64| {
            calls.fetch_add(1, Ordering::SeqCst);
            async move { if number == 1 { Ok(()) } else { Err(Failure::retryable("no")) } }
        })
        .await;
        assert_eq!(calls.load(Ordering::SeqCst), 2);
        let mut back: Vec<&str> =
            response.batch_item_failures.iter().map(|i| i.item_identifier.as_str()).collect();
        back.sort_unstable();
        assert_eq!(back, ["b", "d", "e"]);
    }
}
