//! DynamoDB: parses a request, has `dynoxide` do it, and serialises the answer.
//!
//! `dynoxide`'s actions are called on a [`Storage`](dynoxide::storage::Storage) that we own,
//! rather than on its `Database`: so the clock is ours, the connection can be tuned (see `engine`),
//! and tokens of transactions expire by our clock. Requests are parsed and answers serialised by
//! the task that asks; only the action itself runs on the database.
//!
//! # Measured
//!
//! `examples/measure.rs`, release build, file on disk, 2 shared cores (a repetition may differ by a
//! quarter), rows of 1.3 KB, three indexes with keys only, stream with both images; operations a
//! second through the whole SDK:
//!
//! | one task | put | conditional update | transaction of 4 | batch of 25 puts |
//! |---|---|---|---|---|
//! | `dynoxide` as it comes, after 4,000 records and falling | 700 | 230 | 40 | 5 |
//! | and two indexes on its stream records | 1,700 | 1,350 | 630 | 80 |
//! | and `synchronous=NORMAL`, stream through a view | 2,550 | 2,050 | 850 | 190 |
//! | and a checkpoint every 8,000 pages | 3,000 | 2,500 | 1,050 | 250 |
//! | and one commit a batch: as it is | 3,000 | 2,500 | 1,050 | 390 |
//!
//! Reads did not change: get 14,000, query of 20 by an index 7,000, batch of 20 gets 1,600; the
//! stream is read at 20,000 to 60,000 records a second and trimmed at 300,000. On a RAM disk put is
//! 4,400 and update 3,700. Twenty marks a second could not be seen in the rate of puts.
//!
//! | 32 tasks, RAM disk | put | update | transaction of 4 | get | slowest on disk |
//! |---|---|---|---|---|---|
//! | inline under a lock | 3,800 | 3,150 | 1,400 | 18,000 | 4 s: the lock is not fair |
//! | `spawn_blocking` | 4,600 | 3,350 | 1,450 | 14,000 | |
//! | a second connection for reads, inline | 4,250 | 3,750 | 1,600 | 18,000 | |
//! | one thread of its own | 7,000 | 5,700 | 1,750 to 2,200 | 20,000 | 0.15 s: a checkpoint |
//!
//! What a put costs, about 120 µs: a third is SQLite's commit (13 pages into the log), a fifth the
//! indexes (`dynoxide` deletes and inserts each entry, changed or not: a tenth per index), an
//! eighth preparing statements (it keeps none), the rest JSON and checks. There is no hot spot left
//! that could be avoided from outside: table metadata are cached, requests that wait together share
//! a commit (`group`), and other page sizes (1 to 8 KB), a larger page cache, `mmap`, an exclusive
//! lock and index tables without rowid changed the figures by less than they vary. Left inside it:
//! statements prepared anew, and both images of a row written out once more for the stream.

use std::collections::{HashMap, VecDeque};
use std::future::Future;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use dynoxide::DynoxideError;
use dynoxide::actions::{
    batch_get_item, batch_write_item, create_table, delete_item, describe_table,
    describe_time_to_live, get_item, list_tables, put_item, query, scan, transact_get_items,
    transact_write_items, update_item, update_time_to_live, vector_lifecycle,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use crate::connector::Response;
use crate::engine::{Core, Engine};
use crate::error::{EmbeddedError, Result};
use crate::group::Kind;

use batch_write_item::{BatchWriteItemRequest, BatchWriteItemResponse};
use transact_write_items::{
    TransactDelete, TransactPut, TransactWriteItem, TransactWriteItemsRequest,
    TransactWriteItemsResponse,
};

/// How long a `ClientRequestToken` is remembered, as on AWS.
const TOKEN_MILLISECONDS: i64 = 600_000;

/// How many tokens are remembered at most; the oldest go first.
const TOKENS_MAX: usize = 100_000;

/// The items of one `BatchWriteItem`, as on AWS.
const BATCH_WRITES_MAX: usize = 25;

/// The embedded table service.
pub(crate) struct DynamoDb {
    engine: Arc<Engine>,
    clock: Arc<dyn crate::Clock>,
    written: watch::Sender<u64>,
}

type Action<R, O> = fn(&mut Core, R) -> dynoxide::Result<O>;

impl DynamoDb {
    pub(crate) fn new(engine: Arc<Engine>, clock: Arc<dyn crate::Clock>) -> Self {
        Self { engine, clock, written: watch::Sender::new(0) }
    }

    /// Counts the writes; a change wakes readers of the stream.
    pub(crate) fn written(&self) -> watch::Receiver<u64> {
        self.written.subscribe()
    }

    /// Answers one request.
    pub(crate) async fn answer(&self, operation: &str, body: &[u8]) -> Response {
        use Kind::{Alone, Reads, Writes};
        match operation {
            "PutItem" => {
                self.act(body, Writes, |core, r| ready(put_item::execute(&core.storage, r))).await
            }
            "GetItem" => {
                self.act(body, Reads, |core, r| ready(get_item::execute(&core.storage, r))).await
            }
            "UpdateItem" => {
                self.act(body, Writes, |core, r| ready(update_item::execute(&core.storage, r)))
                    .await
            }
            "DeleteItem" => {
                self.act(body, Writes, |core, r| ready(delete_item::execute(&core.storage, r)))
                    .await
            }
            "Query" => {
                self.act(body, Reads, |core, r| ready(query::execute(&core.storage, r))).await
            }
            "Scan" => self.act(body, Reads, |core, r| ready(scan::execute(&core.storage, r))).await,
            "BatchGetItem" => {
                self.act(body, Reads, |core, r| ready(batch_get_item::execute(&core.storage, r)))
                    .await
            }
            "BatchWriteItem" => self.batch_write(body).await,
            "TransactWriteItems" => self.transact(body).await,
            "TransactGetItems" => {
                self.act(body, Reads, |core, r| {
                    ready(transact_get_items::execute(&core.storage, r))
                })
                .await
            }
            "CreateTable" => {
                self.act(body, Alone, |core, r| ready(create_table::execute(&core.storage, r)))
                    .await
            }
            "ListTables" => {
                self.act(body, Reads, |core, r| ready(list_tables::execute(&core.storage, r))).await
            }
            "DescribeTable" => {
                self.act(body, Reads, |core, r| {
                    // Vector indexes are not used here; their life is of no interest.
                    let vectors = vector_lifecycle::VectorIndexLifecycle::new();
                    ready(describe_table::execute(&core.storage, r, &vectors))
                })
                .await
            }
            "UpdateTimeToLive" => {
                self.act(body, Alone, |core, r| {
                    ready(update_time_to_live::execute(&core.storage, r))
                })
                .await
            }
            "DescribeTimeToLive" => {
                self.act(body, Reads, |core, r| {
                    ready(describe_time_to_live::execute(&core.storage, r))
                })
                .await
            }
            other => Response::error(
                400,
                "com.amazonaws.dynamodb.v20120810#UnknownOperationException",
                &format!("{other} is not served by the embedded DynamoDB"),
            ),
        }
    }

    /// Deletes what TTL says has expired, and says how many rows those were.
    pub(crate) async fn sweep_ttl(&self) -> Result<usize> {
        let written = self.written.clone();
        let sweep = |core: &mut Core| ready(dynoxide::ttl::sweep_expired_items(&core.storage));
        let committed = move |deleted: &dynoxide::Result<usize>| {
            if matches!(deleted, Ok(1..)) {
                written.send_modify(|count| *count += 1);
            }
        };
        Ok(self.engine.run_as(Kind::Alone, sweep, committed).await??)
    }

    async fn act<R, O>(&self, body: &[u8], kind: Kind, action: Action<R, O>) -> Response
    where
        R: DeserializeOwned + Send + 'static,
        O: Serialize + Send + 'static,
    {
        match parse::<R>(body) {
            Ok(request) => self.apply(kind, move |core| action(core, request)).await,
            Err(error) => refusal(&error),
        }
    }

    async fn apply<O, F>(&self, kind: Kind, action: F) -> Response
    where
        O: Serialize + Send + 'static,
        F: FnOnce(&mut Core) -> dynoxide::Result<O> + Send + 'static,
    {
        // Signalled where it is committed: the one who asked may have stopped waiting.
        let written = (kind != Kind::Reads).then(|| self.written.clone());
        let committed = move |outcome: &dynoxide::Result<O>| {
            if let (Some(written), Ok(_)) = (written, outcome) {
                written.send_modify(|count| *count += 1);
            }
        };
        let outcome = self.engine.run_as(kind, action, committed).await;
        match outcome {
            Ok(Ok(answer)) => match serde_json::to_vec(&answer) {
                Ok(body) => Response::ok(body),
                Err(error) => stopped(&error.into()),
            },
            Ok(Err(error)) => refusal(&error),
            Err(error) => stopped(&error),
        }
    }

    /// A batch is applied as one transaction, since `dynoxide` would commit once per item. If that
    /// is refused (as are things a batch may do and a transaction may not), nothing was written
    /// and the batch is applied the usual way. Not needed for correctness.
    async fn batch_write(&self, body: &[u8]) -> Response {
        let request = match parse::<BatchWriteItemRequest>(body) {
            Ok(request) => request,
            Err(error) => return refusal(&error),
        };
        let again = body.to_vec();
        self.apply(Kind::Alone, move |core| {
            let whole = as_transaction(request);
            if let Some(transaction) = whole
                && ready(transact_write_items::execute(&core.storage, transaction)).is_ok()
            {
                return Ok(BatchWriteItemResponse::default());
            }
            ready(batch_write_item::execute(&core.storage, parse(&again)?))
        })
        .await
    }

    async fn transact(&self, body: &[u8]) -> Response {
        let request = match parse::<TransactWriteItemsRequest>(body) {
            Ok(request) => request,
            Err(error) => return refusal(&error),
        };
        let Some(token) = request.client_request_token.clone() else {
            return self
                .apply(Kind::Writes, move |core| {
                    ready(transact_write_items::execute(&core.storage, request))
                })
                .await;
        };
        let digest = match serde_json::from_slice::<serde_json::Value>(body) {
            Ok(value) => digest(value.get("TransactItems").unwrap_or(&serde_json::Value::Null)),
            Err(error) => return stopped(&error.into()),
        };
        let now = self.clock.now_milliseconds();
        self.apply(Kind::Writes, move |core| {
            match core.tokens.find(&token, now) {
                Some(known) if known == digest => {
                    return Ok(TransactWriteItemsResponse::default());
                }
                Some(_) => {
                    return Err(DynoxideError::IdempotentParameterMismatchException(
                        "The request uses the same client token as a previous, but non-identical \
                         request."
                            .to_owned(),
                    ));
                }
                None => {}
            }
            let answer = ready(transact_write_items::execute(&core.storage, request))?;
            core.tokens.keep(token, now, digest);
            Ok(answer)
        })
        .await
    }
}

/// The batch as one transaction, where that means the same.
fn as_transaction(request: BatchWriteItemRequest) -> Option<TransactWriteItemsRequest> {
    let writes: usize = request.request_items.values().map(Vec::len).sum();
    let measured = request.return_consumed_capacity.as_deref().is_some_and(|mode| mode != "NONE");
    if measured || request.return_item_collection_metrics.is_some() || writes > BATCH_WRITES_MAX {
        return None;
    }
    let mut transact_items = Vec::with_capacity(writes);
    for (table_name, requests) in request.request_items {
        for write in requests {
            let table_name = table_name.clone();
            transact_items.push(match (write.put_request, write.delete_request) {
                (Some(put), None) => TransactWriteItem {
                    put: Some(TransactPut { table_name, item: put.item, ..Default::default() }),
                    ..Default::default()
                },
                (None, Some(delete)) => TransactWriteItem {
                    delete: Some(TransactDelete {
                        table_name,
                        key: delete.key,
                        ..Default::default()
                    }),
                    ..Default::default()
                },
                (None, None) | (Some(_), Some(_)) => return None,
            });
        }
    }
    Some(TransactWriteItemsRequest { transact_items, ..Default::default() })
}

/// Drives a future of `dynoxide`, none of which ever waits.
fn ready<T>(future: impl Future<Output = dynoxide::Result<T>>) -> dynoxide::Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => Err(DynoxideError::InternalServerError(
            "the embedded database waited, which it never does".to_owned(),
        )),
    }
}

/// Parses a request; a mistake is classified as `dynoxide`'s own server does.
fn parse<R: DeserializeOwned>(body: &[u8]) -> dynoxide::Result<R> {
    serde_json::from_slice(body).map_err(|error| {
        let text = error.to_string();
        let text = text.rfind(" at line ").map_or(text.as_str(), |at| &text[..at]);
        for marker in ["VALIDATION_REQUEST:", "VALIDATION_AS_READ:", "VALIDATION:"] {
            if let Some(message) = text.strip_prefix(marker) {
                return DynoxideError::ValidationException(message.to_owned());
            }
        }
        let message = text
            .strip_prefix("SERIALIZATION_AS_READ:")
            .or_else(|| text.strip_prefix("SERIALIZATION:"))
            .unwrap_or(text);
        let invalid = ["missing field", "unknown variant", "invalid type: null", "AttributeValue"];
        if invalid.iter().any(|sign| message.contains(sign)) {
            DynoxideError::ValidationException(message.to_owned())
        } else {
            DynoxideError::SerializationException(message.to_owned())
        }
    })
}

fn refusal(error: &DynoxideError) -> Response {
    Response {
        status: error.status_code(),
        headers: Vec::new(),
        body: error.to_json().into_bytes(),
    }
}

fn stopped(error: &EmbeddedError) -> Response {
    Response::error(500, "InternalServerError", &error.to_string())
}

/// A number for what a value holds, whatever order its objects were written in.
fn digest(value: &serde_json::Value) -> u64 {
    use serde_json::Value;
    let mut hasher = DefaultHasher::new();
    match value {
        Value::Object(entries) => {
            let sum = entries.iter().fold(0u64, |sum, (key, value)| {
                let mut entry = DefaultHasher::new();
                (key, digest(value)).hash(&mut entry);
                sum.wrapping_add(entry.finish())
            });
            (1, entries.len(), sum).hash(&mut hasher);
        }
        Value::Array(values) => {
            let parts: Vec<u64> = values.iter().map(digest).collect();
            (2, parts).hash(&mut hasher);
        }
        Value::String(text) => (3, text).hash(&mut hasher),
        Value::Number(number) => (4, number).hash(&mut hasher),
        Value::Bool(flag) => (5, flag).hash(&mut hasher),
        Value::Null => 6.hash(&mut hasher),
    }
    hasher.finish()
}

/// The tokens of transactions that were applied. Kept in memory only: after a restart a repeated
/// token is applied again, as it is on AWS after ten minutes.
#[derive(Default)]
pub(crate) struct Tokens {
    known: HashMap<String, (i64, u64)>,
    oldest_first: VecDeque<(i64, String)>,
    /// Those of the newest that are not committed yet.
    begun: usize,
}

impl Tokens {
    fn find(&mut self, token: &str, now: i64) -> Option<u64> {
        while let Some((at, token)) = self.oldest_first.front()
            && (now.saturating_sub(*at) >= TOKEN_MILLISECONDS || self.known.len() > TOKENS_MAX)
        {
            // A token that was used again since has a younger entry further back.
            if self.known.get(token).is_some_and(|(kept_at, _)| kept_at == at) {
                self.known.remove(token);
            }
            self.oldest_first.pop_front();
        }
        self.known.get(token).map(|(_, digest)| *digest)
    }

    fn keep(&mut self, token: String, now: i64, digest: u64) {
        self.oldest_first.push_back((now, token.clone()));
        self.known.insert(token, (now, digest));
        self.begun = self.begun.saturating_add(1);
    }

    /// A commit begins: what was kept before is durable.
    pub(crate) fn begin(&mut self) {
        self.begun = 0;
    }

    /// The commit failed: what was kept since it began was not applied.
    pub(crate) fn forget_begun(&mut self) {
        for _ in 0..std::mem::take(&mut self.begun) {
            if let Some((_, token)) = self.oldest_first.pop_back() {
                self.known.remove(&token);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_digest_looks_at_content_and_not_at_the_order_of_keys() {
        let one = serde_json::from_str(r#"{"a":{"S":"x"},"b":[1,{"c":true,"d":null}]}"#).unwrap();
        let two = serde_json::from_str(r#"{"b":[1,{"d":null,"c":true}],"a":{"S":"x"}}"#).unwrap();
        assert_eq!(digest(&one), digest(&two));
        assert_ne!(
            digest(&one),
            digest(&json!({"a": {"S": "y"}, "b": [1, {"c": true, "d": null}]}))
        );
        assert_ne!(digest(&json!([1, 2])), digest(&json!([2, 1])));
    }

    #[test]
    fn a_token_is_known_for_ten_minutes() {
        let mut tokens = Tokens::default();
        tokens.keep("t".into(), 1_000, 7);
        assert_eq!(tokens.find("t", 600_999), Some(7));
        assert_eq!(tokens.find("t", 601_000), None);
    }

    #[test]
    fn an_invalid_request_is_a_validation_and_a_mistyped_one_a_serialisation_failure() {
        let invalid = parse::<create_table::CreateTableRequest>(br#"{"TableName":"x"}"#);
        assert!(matches!(invalid, Err(DynoxideError::ValidationException(_))), "{invalid:?}");
        let mistyped = parse::<get_item::GetItemRequest>(br#"{"TableName":5,"Key":{}}"#);
        assert!(matches!(mistyped, Err(DynoxideError::SerializationException(_))));
    }
}
