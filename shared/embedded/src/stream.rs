//! The change stream of the table, and the small durable facts beside it: marks and settings.
//!
//! A reader keeps a *mark*, the position below which all has been dealt with, and reads on from
//! there. What lies below the lowest mark may be trimmed. Positions are the records' sequence
//! numbers: 1, 2, 3 …, each given once for the life of the file. How records get in is told in
//! `engine`.
//!
//! Reading uses a connection of its own and waits for no writer. Writing (marks, settings,
//! trimming) goes through the same queue as the table's writes: 20 marks a second cost less than
//! one put in a hundred.

use std::sync::Arc;

use aws_lambda_events::event::dynamodb::EventRecord;
use rusqlite::{OptionalExtension, Row, params};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::engine::Engine;
use crate::error::{EmbeddedError, Result};

/// How many records one step of trimming deletes, so that others get their turn between.
const TRIM_RECORDS_MAX: i64 = 500;

/// What happened to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is new.
    Insert,
    /// It was written again, perhaps with the same content.
    Modify,
    /// It is gone.
    Remove,
}

impl Change {
    /// The name on the wire: `INSERT`, `MODIFY`, `REMOVE`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Modify => "MODIFY",
            Self::Remove => "REMOVE",
        }
    }

    fn parse(name: &str) -> Result<Self> {
        match name {
            "INSERT" => Ok(Self::Insert),
            "MODIFY" => Ok(Self::Modify),
            "REMOVE" => Ok(Self::Remove),
            other => Err(EmbeddedError::Database(format!("unknown change {other:?}"))),
        }
    }
}

/// One change of one row; attribute values are in DynamoDB's JSON (`{"S": "…"}`).
#[derive(Clone, PartialEq)]
pub struct StreamRecord {
    /// Its place in the stream.
    pub sequence: u64,
    /// The table.
    pub table_name: String,
    /// What happened.
    pub change: Change,
    /// The row's key attributes.
    pub keys: Value,
    /// The row after the change, if the table's stream keeps it.
    pub new_image: Option<Value>,
    /// The row before the change, if the table's stream keeps it.
    pub old_image: Option<Value>,
    /// When, in seconds since 1970.
    pub created_at_seconds: i64,
    /// Who, if it was the service: `{"type": "Service", "principalId": "dynamodb.amazonaws.com"}`
    /// for what TTL removed.
    pub user_identity: Option<Value>,
}

impl std::fmt::Debug for StreamRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Images hold addresses; they are not shown.
        f.debug_struct("StreamRecord")
            .field("sequence", &self.sequence)
            .field("change", &self.change)
            .field("keys", &self.keys)
            .finish()
    }
}

impl StreamRecord {
    /// The sequence number as the wire has it: 21 digits, so that text order is number order.
    pub fn sequence_number(&self) -> String {
        format!("{:021}", self.sequence)
    }

    /// The record in the form in which Lambda hands it to a function.
    pub fn to_wire(&self) -> Value {
        let mut change = json!({
            "ApproximateCreationDateTime": self.created_at_seconds,
            "Keys": self.keys,
            "SequenceNumber": self.sequence_number(),
            "SizeBytes": 0,
            "StreamViewType": match (&self.new_image, &self.old_image) {
                (Some(_), None) if self.change != Change::Insert => "NEW_IMAGE",
                (None, Some(_)) if self.change != Change::Remove => "OLD_IMAGE",
                (None, None) => "KEYS_ONLY",
                (Some(_), _) | (_, Some(_)) => "NEW_AND_OLD_IMAGES",
            },
        });
        if let Some(image) = &self.new_image {
            change["NewImage"] = image.clone();
        }
        if let Some(image) = &self.old_image {
            change["OldImage"] = image.clone();
        }
        let mut record = json!({
            "eventID": format!("{:032x}", self.sequence),
            "eventName": self.change.name(),
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "local",
            "eventSourceARN": format!(
                "arn:aws:dynamodb:local:000000000000:table/{}/stream/local", self.table_name
            ),
            "dynamodb": change,
        });
        if let Some(identity) = &self.user_identity {
            record["userIdentity"] = identity.clone();
        }
        record
    }

    /// The record as `aws_lambda_events` has it.
    pub fn to_event_record(&self) -> Result<EventRecord> {
        Ok(serde_json::from_value(self.to_wire())?)
    }
}

/// The change stream with its marks.
#[derive(Clone)]
pub struct ChangeStream {
    engine: Arc<Engine>,
    written: watch::Receiver<u64>,
}

/// A row of `ordermill_changes` before its JSON is parsed, which is done outside the lock.
struct Stored {
    sequence: i64,
    table_name: String,
    change: String,
    keys: String,
    new_image: Option<String>,
    old_image: Option<String>,
    created_at_seconds: i64,
    user_identity: Option<String>,
}

impl Stored {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            sequence: row.get(0)?,
            table_name: row.get(1)?,
            change: row.get(2)?,
            keys: row.get(3)?,
            new_image: row.get(4)?,
            old_image: row.get(5)?,
            created_at_seconds: row.get(6)?,
            user_identity: row.get(7)?,
        })
    }

    fn parse(self) -> Result<StreamRecord> {
        let image = |text: Option<String>| -> Result<Option<Value>> {
            Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
        };
        Ok(StreamRecord {
            sequence: unsigned(self.sequence)?,
            table_name: self.table_name,
            change: Change::parse(&self.change)?,
            keys: serde_json::from_str(&self.keys)?,
            new_image: image(self.new_image)?,
            old_image: image(self.old_image)?,
            created_at_seconds: self.created_at_seconds,
            user_identity: image(self.user_identity)?,
        })
    }
}

impl ChangeStream {
    pub(crate) fn new(engine: Arc<Engine>, written: watch::Receiver<u64>) -> Self {
        Self { engine, written }
    }

    /// Reads up to `limit` records after this position, in order. From 0: from the beginning.
    pub fn read(&self, after: u64, limit: usize) -> Result<Vec<StreamRecord>> {
        self.stored(after, limit)?.into_iter().map(Stored::parse).collect()
    }

    /// As [`read`](Self::read), for a reader that looks only at rows in which one of these texts
    /// stands as a value: all other records come without images. Most rows are of no interest to
    /// a reader, and to parse them was most of its work.
    pub fn read_naming(
        &self,
        after: u64,
        limit: usize,
        texts: &[&str],
    ) -> Result<Vec<StreamRecord>> {
        let quoted: Vec<String> = texts.iter().map(|text| format!("\"{text}\"")).collect();
        let names = |image: &Option<String>| {
            image.as_ref().is_some_and(|image| quoted.iter().any(|text| image.contains(text)))
        };
        let mut stored = self.stored(after, limit)?;
        for record in stored.iter_mut().filter(|r| !names(&r.new_image) && !names(&r.old_image)) {
            record.new_image = None;
            record.old_image = None;
        }
        stored.into_iter().map(Stored::parse).collect()
    }

    fn stored(&self, after: u64, limit: usize) -> Result<Vec<Stored>> {
        let (after, limit) = (signed(after)?, signed(limit)?);
        self.engine.read(|reader| {
            reader
                .prepare_cached(
                    "SELECT sequence, table_name, event_name, keys_json, new_image, old_image, \
                     created_at, user_identity FROM ordermill_changes \
                     WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
                )?
                .query_map(params![after, limit], Stored::read)?
                .collect()
        })
    }

    /// The newest position; 0 if nothing was ever written.
    pub fn newest(&self) -> Result<u64> {
        self.edge("SELECT COALESCE(MAX(sequence), 0) FROM ordermill_changes")
    }

    /// The oldest position that was not trimmed; 0 if nothing was ever written.
    pub fn oldest(&self) -> Result<u64> {
        self.edge("SELECT COALESCE(MIN(sequence), 0) FROM ordermill_changes")
    }

    /// When the first record after this position was written, seconds since 1970: what the
    /// iterator age is counted from. `None`: the reader has seen all.
    pub fn waiting_since_seconds(&self, after: u64) -> Result<Option<i64>> {
        let after = signed(after)?;
        self.engine.read(|reader| {
            reader
                .prepare_cached(
                    "SELECT created_at FROM ordermill_changes WHERE sequence > ?1 \
                     ORDER BY sequence LIMIT 1",
                )?
                .query_row([after], |row| row.get(0))
                .optional()
        })
    }

    fn edge(&self, sql: &'static str) -> Result<u64> {
        unsigned(
            self.engine
                .read(|reader| reader.prepare_cached(sql)?.query_row([], |row| row.get(0)))?,
        )
    }

    /// A count that grows with each successful write: wait for its change instead of polling.
    ///
    /// `borrow_and_update`, then [`read`](Self::read), then `changed().await` if nothing came:
    /// in this order nothing is missed. It may change without a new record.
    pub fn written(&self) -> watch::Receiver<u64> {
        self.written.clone()
    }

    /// Deletes the records up to this position, but never the newest record, and says how many
    /// those were.
    pub async fn trim(&self, up_to: u64) -> Result<usize> {
        let up_to = signed(up_to)?;
        let mut trimmed = 0;
        loop {
            let deleted = self
                .engine
                .run(move |core| {
                    core.storage.conn().execute(
                        "DELETE FROM ordermill_changes WHERE sequence IN (
                             SELECT sequence FROM ordermill_changes
                             WHERE sequence <= ?1
                               AND sequence < (SELECT MAX(sequence) FROM ordermill_changes)
                             ORDER BY sequence LIMIT ?2)",
                        params![up_to, TRIM_RECORDS_MAX],
                    )
                })
                .await??;
            if deleted == 0 {
                return Ok(trimmed);
            }
            trimmed += deleted;
        }
    }

    /// The mark of this name; `None` if it was never set.
    pub fn get_mark(&self, name: &str) -> Result<Option<u64>> {
        let position: Option<i64> = self.engine.read(|reader| {
            reader
                .prepare_cached("SELECT position FROM ordermill_marks WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()
        })?;
        position.map(unsigned).transpose()
    }

    /// Sets the mark of this name; it is durable when this returns.
    pub async fn set_mark(&self, name: &str, position: u64) -> Result<()> {
        let (name, position) = (name.to_owned(), signed(position)?);
        self.engine
            .run(move |core| {
                core.storage
                    .conn()
                    .prepare_cached(
                        "INSERT INTO ordermill_marks (name, position) VALUES (?1, ?2) \
                         ON CONFLICT (name) DO UPDATE SET position = excluded.position",
                    )?
                    .execute(params![name, position])
            })
            .await??;
        Ok(())
    }

    /// The setting of this name; `None` if it was never set.
    pub fn get_setting(&self, name: &str) -> Result<Option<String>> {
        self.engine.read(|reader| {
            reader
                .prepare_cached("SELECT value FROM ordermill_settings WHERE name = ?1")?
                .query_row([name], |row| row.get(0))
                .optional()
        })
    }

    /// Sets the setting of this name; it is durable when this returns.
    pub async fn set_setting(&self, name: &str, value: &str) -> Result<()> {
        let (name, value) = (name.to_owned(), value.to_owned());
        self.engine
            .run(move |core| {
                core.storage.conn().execute(
                    "INSERT INTO ordermill_settings (name, value) VALUES (?1, ?2) \
                     ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    params![name, value],
                )
            })
            .await??;
        Ok(())
    }
}

fn signed<T: TryInto<i64>>(number: T) -> Result<i64> {
    number.try_into().map_err(|_| EmbeddedError::Database("a position is too large".to_owned()))
}

fn unsigned(number: i64) -> Result<u64> {
    u64::try_from(number)
        .map_err(|_| EmbeddedError::Database(format!("{number} is not a position")))
}
