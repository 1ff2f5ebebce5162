//! A model of SQS in memory: standard queues with visibility, redelivery, delay and dead letters.
//!
//! Functions only ever *send* (through the connector, see [`wire`]); the runner receives, deletes
//! and releases with plain methods. A dead-letter queue is a queue like any other: a message that
//! would be received once too often moves there instead. So "a dead message is stored as a row
//! before it is removed" is: the runner receives it from the dead-letter queue, writes the row,
//! deletes the message.
//!
//! **Nothing durable hangs on this memory.** Each message carries its *origin*: the position of
//! the change stream that relay was handling when it was sent. As long as a message is not
//! deleted, [`Queues::oldest_origin`] keeps relay's durable mark below it; after a kill relay
//! reads on from there and sends it again.
//!
//! Not modelled: FIFO queues, policies, long polling, purge, the 120,000 in flight. Queues deliver
//! in the order in which messages become visible; a test that needs another order takes several
//! messages and shuffles them.

pub(crate) mod wire;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_lambda_events::encodings::Base64Data;
use aws_lambda_events::event::sqs::{SqsEvent, SqsMessage, SqsMessageAttribute};
use tokio::sync::watch;

use crate::clock::Clock;

/// A queue and how it behaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueDefinition {
    /// Its name, the last part of its URL.
    pub name: String,
    /// How long a received message stays hidden unless it is deleted or released.
    pub visibility_seconds: u32,
    /// How long every message without a delay of its own stays hidden at first.
    pub delay_seconds: u32,
    /// Where a message goes that was received `attempts_max` times without being deleted; without
    /// it messages are delivered again for ever.
    pub dead_letters: Option<DeadLetters>,
}

/// Where messages of a queue go when they die.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetters {
    /// The dead-letter queue. It is made if it is not defined yet.
    pub queue: String,
    /// How often a message is received before it goes there.
    pub attempts_max: u32,
}

impl QueueDefinition {
    /// A queue without delay and without dead letters.
    pub fn new(name: impl Into<String>, visibility_seconds: u32) -> Self {
        Self { name: name.into(), visibility_seconds, delay_seconds: 0, dead_letters: None }
    }

    /// The same with a dead-letter queue.
    pub fn dead_letters(mut self, queue: impl Into<String>, attempts_max: u32) -> Self {
        self.dead_letters = Some(DeadLetters { queue: queue.into(), attempts_max });
        self
    }

    /// The same with a delay.
    pub fn delay_seconds(mut self, seconds: u32) -> Self {
        self.delay_seconds = seconds;
        self
    }
}

/// An attribute beside a message's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MessageAttribute {
    /// `String`, `Number` or a custom type of them.
    Text {
        /// The data type.
        data_type: String,
        /// The value.
        value: String,
    },
    /// `Binary` or a custom type of it.
    Binary {
        /// The data type.
        data_type: String,
        /// The value.
        value: Vec<u8>,
    },
}

/// What is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The body.
    pub body: String,
    /// Attributes by name.
    pub attributes: BTreeMap<String, MessageAttribute>,
    /// A delay of its own instead of the queue's.
    pub delay_seconds: Option<u32>,
}

/// What is received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message's id.
    pub message_id: String,
    /// What to delete or release it by; the next receive gives another one.
    pub receipt: String,
    /// The body.
    pub body: Arc<str>,
    /// Attributes by name.
    pub attributes: Arc<BTreeMap<String, MessageAttribute>>,
    /// How often it was received, this time included.
    pub receive_count: u32,
    /// When it was sent, milliseconds since 1970.
    pub sent_at_milliseconds: i64,
    /// When it was received for the first time, milliseconds since 1970.
    pub first_received_at_milliseconds: i64,
    /// The position in the change stream it was sent for.
    pub origin: Option<u64>,
    /// The queue it died in, if this is a dead-letter queue.
    pub died_in: Option<String>,
}

/// How many messages a queue has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Ready to be received.
    pub visible: usize,
    /// Received and not yet deleted.
    pub in_flight: usize,
    /// Never received and still delayed.
    pub delayed: usize,
    /// Of this queue, lying in its dead-letter queue.
    pub dead: usize,
}

/// Why a queue refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueueError {
    /// There is no such queue.
    #[error("the queue {0} does not exist")]
    NoQueue(String),
    /// The receipt is none, or a later receive made it void.
    #[error("the receipt handle is not valid")]
    BadReceipt,
    /// The message is not in flight.
    #[error("the message is not in flight")]
    NotInFlight,
    /// A number is out of range.
    #[error("{0}")]
    OutOfRange(&'static str),
}

/// The queues. Cheap to clone; all clones are the same queues.
#[derive(Clone)]
pub struct Queues {
    clock: Arc<dyn Clock>,
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    queues: HashMap<String, Queue>,
    last_id: u64,
    last_receipt: u64,
    origin: Option<u64>,
    /// How many undeleted messages there are of each origin.
    origins: BTreeMap<u64, usize>,
    refused_entries: u32,
}

struct Queue {
    definition: QueueDefinition,
    messages: BTreeMap<u64, Stored>,
    /// All messages by the moment they are or become visible.
    schedule: BTreeSet<(i64, u64)>,
    woken: watch::Sender<u64>,
}

#[derive(Clone)]
struct Stored {
    body: Arc<str>,
    attributes: Arc<BTreeMap<String, MessageAttribute>>,
    sent_at: i64,
    visible_at: i64,
    first_received_at: Option<i64>,
    receive_count: u32,
    receipt: Option<u64>,
    origin: Option<u64>,
    died_in: Option<String>,
}

impl Queue {
    fn new(definition: QueueDefinition) -> Self {
        Self {
            definition,
            messages: BTreeMap::new(),
            schedule: BTreeSet::new(),
            woken: watch::Sender::new(0),
        }
    }

    fn put(&mut self, id: u64, message: Stored) {
        self.schedule.insert((message.visible_at, id));
        self.messages.insert(id, message);
        self.woken.send_modify(|count| *count += 1);
    }

    fn take(&mut self, id: u64) -> Option<Stored> {
        let message = self.messages.remove(&id)?;
        self.schedule.remove(&(message.visible_at, id));
        Some(message)
    }

    /// The message of this receipt, if no later receive made it void.
    fn find(&self, receipt: &str) -> Result<u64, QueueError> {
        let (id, number) = receipt
            .split_once('.')
            .and_then(|(id, number)| Some((id.parse().ok()?, number.parse().ok()?)))
            .ok_or(QueueError::BadReceipt)?;
        match self.messages.get(&id) {
            Some(message) if message.receipt == Some(number) => Ok(id),
            Some(_) | None => Err(QueueError::BadReceipt),
        }
    }
}

impl Inner {
    fn queue(&mut self, name: &str) -> Result<&mut Queue, QueueError> {
        self.queues.get_mut(name).ok_or_else(|| QueueError::NoQueue(name.to_owned()))
    }
}

/// The longest delay and the longest visibility SQS knows.
const DELAY_SECONDS_MAX: u32 = 900;
const VISIBILITY_SECONDS_MAX: u32 = 43_200;

fn later(now: i64, seconds: u32) -> i64 {
    now.saturating_add(i64::from(seconds) * 1_000)
}

fn id_text(id: u64) -> String {
    format!("00000000-0000-4000-8000-{id:012x}")
}

impl Queues {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, inner: Arc::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes a queue, or changes how it behaves; its messages stay.
    pub fn define(&self, definition: QueueDefinition) {
        let mut inner = self.lock();
        if let Some(dead) = &definition.dead_letters {
            let dead = QueueDefinition::new(dead.queue.clone(), definition.visibility_seconds);
            inner.queues.entry(dead.name.clone()).or_insert_with(|| Queue::new(dead));
        }
        match inner.queues.get_mut(&definition.name) {
            Some(queue) => queue.definition = definition,
            None => {
                inner.queues.insert(definition.name.clone(), Queue::new(definition));
            }
        }
    }

    /// The URL a client sends to.
    pub fn url(name: &str) -> String {
        format!("https://sqs.local.amazonaws.com/000000000000/{name}")
    }

    /// Sends a message and gives its id.
    pub fn send(&self, queue: &str, message: Message) -> Result<String, QueueError> {
        let now = self.clock.now_milliseconds();
        let mut inner = self.lock();
        let origin = inner.origin;
        inner.last_id += 1;
        let id = inner.last_id;
        let target = inner.queue(queue)?;
        let delay = message.delay_seconds.unwrap_or(target.definition.delay_seconds);
        if delay > DELAY_SECONDS_MAX {
            return Err(QueueError::OutOfRange("DelaySeconds must be between 0 and 900"));
        }
        target.put(
            id,
            Stored {
                body: message.body.into(),
                attributes: Arc::new(message.attributes),
                sent_at: now,
                visible_at: later(now, delay),
                first_received_at: None,
                receive_count: 0,
                receipt: None,
                origin,
                died_in: None,
            },
        );
        if let Some(origin) = origin {
            *inner.origins.entry(origin).or_default() += 1;
        }
        Ok(id_text(id))
    }

    /// Receives up to `max` visible messages. Those that were received too often move to the
    /// dead-letter queue now.
    pub fn receive(&self, queue: &str, max: usize) -> Result<Vec<Received>, QueueError> {
        let now = self.clock.now_milliseconds();
        let mut inner = self.lock();
        let mut received = Vec::new();
        let mut dead = Vec::new();
        let mut receipt = inner.last_receipt;
        let source = inner.queue(queue)?;
        let visibility = source.definition.visibility_seconds;
        let letters = source.definition.dead_letters.clone();
        let attempts_max = letters.as_ref().map_or(u32::MAX, |dead| dead.attempts_max);
        while received.len() < max
            && let Some((_, id)) = source.schedule.first().copied().filter(|(at, _)| *at <= now)
            && let Some(mut message) = source.take(id)
        {
            if message.receive_count >= attempts_max {
                dead.push((id, message));
                continue;
            }
            receipt += 1;
            message.receipt = Some(receipt);
            message.receive_count += 1;
            message.visible_at = later(now, visibility);
            let first = *message.first_received_at.get_or_insert(now);
            received.push(Received {
                message_id: id_text(id),
                receipt: format!("{id}.{receipt}"),
                body: Arc::clone(&message.body),
                attributes: Arc::clone(&message.attributes),
                receive_count: message.receive_count,
                sent_at_milliseconds: message.sent_at,
                first_received_at_milliseconds: first,
                origin: message.origin,
                died_in: message.died_in.clone(),
            });
            source.schedule.insert((message.visible_at, id));
            source.messages.insert(id, message);
        }
        inner.last_receipt = receipt;
        if let Some(letters) = letters {
            for (id, message) in dead {
                let died_in = Some(queue.to_owned());
                let message = Stored { died_in, visible_at: now, ..fresh(message) };
                inner.queue(&letters.queue)?.put(id, message);
            }
        }
        Ok(received)
    }

    /// Deletes a received message: it was dealt with. A void receipt deletes nothing.
    pub fn delete(&self, queue: &str, receipt: &str) -> Result<(), QueueError> {
        let mut inner = self.lock();
        let queue = inner.queue(queue)?;
        let id = queue.find(receipt)?;
        if let Some(Stored { origin: Some(origin), .. }) = queue.take(id)
            && let Some(count) = inner.origins.get_mut(&origin)
        {
            *count -= 1;
            if *count == 0 {
                inner.origins.remove(&origin);
            }
        }
        Ok(())
    }

    /// Makes a received message visible again after so many seconds: 0 gives it back at once,
    /// more keeps it longer.
    pub fn release(&self, queue: &str, receipt: &str, seconds: u32) -> Result<(), QueueError> {
        if seconds > VISIBILITY_SECONDS_MAX {
            return Err(QueueError::OutOfRange("VisibilityTimeout must be at most 43200"));
        }
        let now = self.clock.now_milliseconds();
        let mut inner = self.lock();
        let queue = inner.queue(queue)?;
        let id = queue.find(receipt)?;
        if queue.messages.get(&id).is_some_and(|message| message.visible_at <= now) {
            return Err(QueueError::NotInFlight);
        }
        if let Some(message) = queue.take(id) {
            queue.put(id, Stored { visible_at: later(now, seconds), ..message });
        }
        Ok(())
    }

    /// Moves the dead messages of this queue back to it, as good as new, and says how many.
    pub fn redrive(&self, queue: &str) -> Result<usize, QueueError> {
        let now = self.clock.now_milliseconds();
        let mut inner = self.lock();
        let Some(letters) = inner.queue(queue)?.definition.dead_letters.clone() else {
            return Ok(0);
        };
        let dead = inner.queue(&letters.queue)?;
        let ids: Vec<u64> = dead
            .messages
            .iter()
            .filter(|(_, message)| message.died_in.as_deref() == Some(queue))
            .map(|(id, _)| *id)
            .collect();
        let moved: Vec<_> = ids.iter().filter_map(|id| Some((*id, dead.take(*id)?))).collect();
        let count = moved.len();
        for (id, message) in moved {
            let message = Stored { died_in: None, visible_at: now, ..fresh(message) };
            inner.queue(queue)?.put(id, message);
        }
        Ok(count)
    }

    /// How many messages this queue has.
    pub fn counts(&self, queue: &str) -> Result<Counts, QueueError> {
        let now = self.clock.now_milliseconds();
        let mut inner = self.lock();
        let mut counts = Counts::default();
        let this = inner.queue(queue)?;
        for message in this.messages.values() {
            match (message.visible_at <= now, message.receipt) {
                (true, _) => counts.visible += 1,
                (false, Some(_)) => counts.in_flight += 1,
                (false, None) => counts.delayed += 1,
            }
        }
        if let Some(letters) = this.definition.dead_letters.clone() {
            counts.dead = inner
                .queue(&letters.queue)?
                .messages
                .values()
                .filter(|message| message.died_in.as_deref() == Some(queue))
                .count();
        }
        Ok(counts)
    }

    /// How old the oldest undeleted message is; `None` if there is none.
    pub fn oldest_age_milliseconds(&self, queue: &str) -> Result<Option<i64>, QueueError> {
        let now = self.clock.now_milliseconds();
        let mut inner = self.lock();
        let oldest = inner.queue(queue)?.messages.values().map(|message| message.sent_at).min();
        Ok(oldest.map(|sent_at| now.saturating_sub(sent_at).max(0)))
    }

    /// The bodies of all undeleted messages, oldest first.
    pub fn bodies(&self, queue: &str) -> Result<Vec<Arc<str>>, QueueError> {
        let mut inner = self.lock();
        let queue = inner.queue(queue)?;
        Ok(queue.messages.values().map(|message| Arc::clone(&message.body)).collect())
    }

    /// How a queue behaves.
    pub fn definition(&self, queue: &str) -> Result<QueueDefinition, QueueError> {
        Ok(self.lock().queue(queue)?.definition.clone())
    }

    /// The names of all queues, sorted.
    pub fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.lock().queues.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// The earliest moment at which a hidden message of any queue becomes visible; `None` if none
    /// is hidden.
    pub fn next_due(&self) -> Option<i64> {
        let now = self.clock.now_milliseconds();
        let inner = self.lock();
        inner
            .queues
            .values()
            .filter_map(|queue| queue.schedule.range((now.saturating_add(1), 0)..).next())
            .map(|(at, _)| *at)
            .min()
    }

    /// A count that grows whenever a message comes, comes back or is released: wait for its change
    /// instead of polling. It does not know of time; see [`next_due`](Self::next_due).
    pub fn woken(&self, queue: &str) -> Result<watch::Receiver<u64>, QueueError> {
        Ok(self.lock().queue(queue)?.woken.subscribe())
    }

    /// Sets the origin of what is sent from now on: the position of the batch relay is handling,
    /// `None` when it is done. What others send meanwhile gets it too, which only keeps the mark
    /// lower than need be.
    pub fn set_origin(&self, origin: Option<u64>) {
        self.lock().origin = origin;
    }

    /// The smallest origin of the messages that were not deleted, dead ones included.
    pub fn oldest_origin(&self) -> Option<u64> {
        self.lock().origins.keys().next().copied()
    }

    /// Forgets every message, as a kill does; the queues stay.
    pub fn forget(&self) {
        let mut inner = self.lock();
        inner.origin = None;
        inner.origins.clear();
        for queue in inner.queues.values_mut() {
            queue.messages.clear();
            queue.schedule.clear();
        }
    }

    /// Lets the next `count` entries of `SendMessageBatch` fail one by one, as SQS may.
    pub fn refuse_entries(&self, count: u32) {
        self.lock().refused_entries = count;
    }

    fn refuses_entry(&self) -> bool {
        let mut inner = self.lock();
        let refuses = inner.refused_entries > 0;
        inner.refused_entries = inner.refused_entries.saturating_sub(1);
        refuses
    }

    /// The event Lambda would hand to the function behind this queue.
    pub fn lambda_event(queue: &str, messages: &[Received]) -> SqsEvent {
        let mut event = SqsEvent::default();
        event.records = messages.iter().map(|message| record(queue, message)).collect();
        event
    }
}

/// A message that changes queues: never received.
fn fresh(message: Stored) -> Stored {
    Stored { receive_count: 0, receipt: None, first_received_at: None, ..message }
}

fn record(queue: &str, message: &Received) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id = Some(message.message_id.clone());
    record.receipt_handle = Some(message.receipt.clone());
    record.body = Some(message.body.to_string());
    record.md5_of_body = Some(wire::md5_of_body(&message.body));
    record.attributes = [
        ("ApproximateReceiveCount", message.receive_count.to_string()),
        ("SentTimestamp", message.sent_at_milliseconds.to_string()),
        ("ApproximateFirstReceiveTimestamp", message.first_received_at_milliseconds.to_string()),
        ("SenderId", "local".to_owned()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if let Some(died_in) = &message.died_in {
        record.attributes.insert("DeadLetterQueueSourceArn".to_owned(), wire::arn(died_in));
    }
    record.message_attributes = message
        .attributes
        .iter()
        .map(|(name, attribute)| {
            let mut value = SqsMessageAttribute::default();
            match attribute {
                MessageAttribute::Text { data_type, value: text } => {
                    value.data_type = Some(data_type.clone());
                    value.string_value = Some(text.clone());
                }
                MessageAttribute::Binary { data_type, value: bytes } => {
                    let mut data = Base64Data::default();
                    data.0.clone_from(bytes);
                    value.data_type = Some(data_type.clone());
                    value.binary_value = Some(data);
                }
            }
            (name.clone(), value)
        })
        .collect();
    record.event_source = Some("aws:sqs".to_owned());
    record.event_source_arn = Some(wire::arn(queue));
    record.aws_region = Some("local".to_owned());
    record
}
