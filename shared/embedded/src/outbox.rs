//! The outbox: what SES and SNS would have sent, kept in a side table so that it survives a kill.
//!
//! Clients come through [`wire`]; the run's pages and the tests read [`Outbox::list`]. Tests make
//! it refuse.

pub(crate) mod wire;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::params;
use serde::{Deserialize, Serialize};

use crate::clock::Clock;
use crate::engine::Engine;
use crate::error::{EmbeddedError, Result};

/// How something was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By e-mail (SES).
    Email,
    /// By SMS (SNS to a phone number).
    Sms,
    /// To a topic or an endpoint (SNS).
    Topic,
}

/// One thing that was sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// Its place in the outbox: 1, 2, 3 …
    #[serde(default)]
    pub number: u64,
    /// The id the sender was given.
    #[serde(default)]
    pub message_id: String,
    /// How it was sent.
    pub channel: Channel,
    /// The sender's address, or for SMS the `AWS.SNS.SMS.SenderID`.
    pub from: Option<String>,
    /// All recipients: to, cc and bcc; a phone number; a topic's ARN.
    pub to: Vec<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The body as text.
    pub text: Option<String>,
    /// The body as HTML.
    pub html: Option<String>,
    /// E-mail headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// SES `EmailTags`.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// SNS `MessageAttributes`.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// When, milliseconds since 1970.
    pub sent_at_milliseconds: i64,
    /// How often it was sent: an e-mail that carries the name of one that was sent is that one.
    #[serde(default = "once")]
    pub times: u32,
}

fn once() -> u32 {
    1
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Addresses and texts are not shown.
        f.debug_struct("Sent")
            .field("number", &self.number)
            .field("channel", &self.channel)
            .field("sent_at_milliseconds", &self.sent_at_milliseconds)
            .finish()
    }
}

/// How the outbox refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Too much at once: may be tried again.
    Throttled,
    /// This one will never be sent.
    Rejected,
    /// The service fails: may be tried again.
    Unavailable,
}

/// The outbox. Cheap to clone; all clones are the same outbox.
#[derive(Clone)]
pub struct Outbox {
    engine: Arc<Engine>,
    clock: Arc<dyn Clock>,
    refusals: Arc<Mutex<Refusals>>,
}

#[derive(Default)]
struct Refusals {
    next: Option<(u32, Refusal)>,
    addresses: BTreeMap<String, Refusal>,
}

impl Outbox {
    pub(crate) fn new(engine: Arc<Engine>, clock: Arc<dyn Clock>) -> Self {
        Self { engine, clock, refusals: Arc::default() }
    }

    /// All that was sent, in order.
    pub fn list(&self) -> Result<Vec<Sent>> {
        self.list_after(0, u32::MAX)
    }

    /// Up to `limit` of what was sent after this number, in order.
    pub fn list_after(&self, number: u64, limit: u32) -> Result<Vec<Sent>> {
        let after = i64::try_from(number).unwrap_or(i64::MAX);
        let stored: Vec<(i64, String)> = self.engine.read(|reader| {
            reader
                .prepare_cached(
                    "SELECT number, sent_json FROM ordermill_outbox WHERE number > ?1 \
                     ORDER BY number LIMIT ?2",
                )?
                .query_map(params![after, limit], |row| Ok((row.get(0)?, row.get(1)?)))?
                .collect()
        })?;
        stored
            .into_iter()
            .map(|(number, json)| {
                let mut sent: Sent = serde_json::from_str(&json)?;
                sent.number = u64::try_from(number).unwrap_or_default();
                sent.message_id = message_id(number);
                Ok(sent)
            })
            .collect()
    }

    /// Refuses the next `count` messages; 0 refuses none any more.
    pub fn refuse_next(&self, count: u32, refusal: Refusal) {
        self.refusals().next = (count > 0).then_some((count, refusal));
    }

    /// Refuses what goes to this address or number from now on; `None` stops that.
    pub fn refuse_address(&self, address: &str, refusal: Option<Refusal>) {
        let mut refusals = self.refusals();
        match refusal {
            Some(refusal) => refusals.addresses.insert(address.to_owned(), refusal),
            None => refusals.addresses.remove(address),
        };
    }

    fn refusals(&self) -> MutexGuard<'_, Refusals> {
        self.refusals.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refuses(&self, to: &[String]) -> Option<Refusal> {
        let mut refusals = self.refusals();
        if let Some(refusal) = to.iter().find_map(|to| refusals.addresses.get(to)) {
            return Some(*refusal);
        }
        let (count, refusal) = refusals.next?;
        refusals.next = (count > 1).then_some((count - 1, refusal));
        Some(refusal)
    }

    fn now(&self) -> i64 {
        self.clock.now_milliseconds()
    }

    /// Stores a message and gives its id; it is durable when this returns.
    ///
    /// A message that carries the [`MESSAGE_HEADER`] of one that was sent is that one, as the
    /// mailbox of its reader would see it: it is kept once, and the first one's id is given.
    /// [`Sent::times`] says how often it came, so that nothing is hidden from a test.
    async fn keep(&self, sent: &Sent) -> Result<String> {
        let json = serde_json::to_string(sent)?;
        let name = sent.headers.get(MESSAGE_HEADER).cloned();
        self.engine
            .run(move |core| {
                let connection = core.storage.conn();
                let kept = connection
                    .prepare_cached(
                        "INSERT OR IGNORE INTO ordermill_outbox (sent_json) VALUES (?1)",
                    )?
                    .execute([json])?;
                let number = if kept > 0 {
                    connection.last_insert_rowid()
                } else {
                    connection
                        .prepare_cached(
                            "UPDATE ordermill_outbox SET sent_json = json_set(sent_json, '$.times', \
                             coalesce(json_extract(sent_json, '$.times'), 1) + 1) WHERE \
                             json_extract(sent_json, '$.headers.X-Ordermill-Message') = ?1 \
                             RETURNING number",
                        )?
                        .query_row([name], |row| row.get(0))?
                };
                Ok::<_, EmbeddedError>(message_id(number))
            })
            .await?
    }
}

/// The header by which a message is the same one when it is sent again.
const MESSAGE_HEADER: &str = "X-Ordermill-Message";

fn message_id(number: i64) -> String {
    format!("local-{number:012}")
}
