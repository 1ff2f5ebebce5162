//! The queues: names, limits and the messages that travel on them. Messages are pointers, never
//! the truth: *look at this row, because of that*.

use crate::error::{Failure, StepResult, why};
use crate::trace;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use ordermill_domain::order::Recipient;
use ordermill_table::keys;
use ordermill_table::records::Ahead;
use serde::{Deserialize, Serialize};

/// A queue. Each has a dead letter queue named `<name>-dead`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Queue {
    /// Orders whose mistakes are to be found.
    Validate,
    /// Orders for which stock is to be found, and stock work in pages.
    Reserve,
    /// SKUs of which something came in, and who waits for it.
    Serve,
    /// What providers sent about money.
    Payment,
    /// Orders of which something is due.
    Timeout,
    /// Subscriptions of which a date is due.
    Recur,
    /// People to tell.
    Notify,
    /// Clients' programs to tell.
    Webhook,
    /// What providers say of messages that did not arrive.
    Feedback,
}

/// How a queue is set up; `infra/template.yaml` says the same.
#[derive(Clone, Copy, Debug)]
pub struct QueueLimits {
    /// Messages of one invocation at most.
    pub batch_messages_max: usize,
    /// Invocations at once at most.
    pub concurrency_max: usize,
    /// How long a message is hidden while it is worked on: six times the function's time-out.
    pub visibility_seconds: i64,
    /// How long a message may wait for others of its batch. A batch of more than ten needs a
    /// second (the service's rule).
    pub window_seconds: u32,
    /// Attempts before a message is dead.
    pub attempts_max: u32,
}

impl Queue {
    /// Every queue.
    pub const ALL: [Self; 9] = [
        Self::Validate,
        Self::Reserve,
        Self::Serve,
        Self::Payment,
        Self::Timeout,
        Self::Recur,
        Self::Notify,
        Self::Webhook,
        Self::Feedback,
    ];

    /// The name, without the deployment's prefix.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::Reserve => "reserve",
            Self::Serve => "serve",
            Self::Payment => "payment",
            Self::Timeout => "timeout",
            Self::Recur => "recur",
            Self::Notify => "notify",
            Self::Webhook => "webhook",
            Self::Feedback => "feedback",
        }
    }

    /// How it is set up.
    #[must_use]
    pub fn limits(self) -> QueueLimits {
        let usual = QueueLimits {
            batch_messages_max: 10,
            concurrency_max: 8,
            visibility_seconds: 180,
            window_seconds: 0,
            attempts_max: 8,
        };
        match self {
            // Few at once, many in one: they meet on the same stock lines.
            Self::Reserve => QueueLimits {
                batch_messages_max: 90,
                concurrency_max: 2,
                window_seconds: 1,
                attempts_max: 12,
                ..usual
            },
            Self::Serve => QueueLimits { concurrency_max: 1, attempts_max: 12, ..usual },
            Self::Recur => QueueLimits { concurrency_max: 2, ..usual },
            Self::Validate
            | Self::Payment
            | Self::Timeout
            | Self::Notify
            | Self::Webhook
            | Self::Feedback => usual,
        }
    }
}

/// What a message points to.
pub trait Pointer: Serialize {
    /// The order, SKU or row; all messages about one are one trace.
    fn about(&self) -> &str;
}

/// Look at this order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct OrderPointer {
    /// The order.
    pub order: String,
    /// Its version when the message was made.
    #[serde(default)]
    pub version: u64,
}

/// Look who waits for this SKU.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct SkuPointer {
    /// The article.
    pub sku: String,
}

/// Look at this row of a provider's event.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct InboxPointer {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

/// Something of this row is due.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct DuePointer {
    /// Partition key.
    pub pk: String,
    /// Of a subscription: the order of it whose money has moved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<String>,
}

impl DuePointer {
    /// Something of this row is due.
    #[must_use]
    pub fn of(pk: &str) -> Self {
        Self { pk: pk.to_owned(), order: None }
    }
}

/// Tell somebody, because of this event of this order.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct NoticePointer {
    /// The order.
    pub order: String,
    /// The event's version.
    pub version: u64,
    /// Which text.
    pub template: String,
    /// Who.
    pub to: Recipient,
    /// The very message, where it has waited for its moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// The order is not made yet: it is this subscription's. Its version is 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Ahead>,
}

/// A message that has waited: its channel, and its address as a digest.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Waiting {
    /// `email` or `sms`.
    pub channel: String,
    /// Digest of the address.
    pub who: String,
}

/// Tell a client's programs.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WebhookPointer {
    /// An event of an order of this client.
    Event {
        /// Whose order it is.
        client: String,
        /// The order.
        order: String,
        /// The event's version.
        version: u64,
    },
    /// A delivery, or an endpoint, of which something is due.
    Due {
        /// Partition key.
        pk: String,
    },
}

impl Pointer for OrderPointer {
    fn about(&self) -> &str {
        &self.order
    }
}

impl Pointer for SkuPointer {
    fn about(&self) -> &str {
        &self.sku
    }
}

impl Pointer for InboxPointer {
    fn about(&self) -> &str {
        keys::order_of_partition(&self.pk).unwrap_or(&self.pk)
    }
}

impl Pointer for DuePointer {
    fn about(&self) -> &str {
        keys::order_of_partition(&self.pk).unwrap_or(&self.pk)
    }
}

impl Pointer for NoticePointer {
    fn about(&self) -> &str {
        &self.order
    }
}

impl Pointer for WebhookPointer {
    fn about(&self) -> &str {
        match self {
            Self::Event { order, .. } => order,
            Self::Due { pk } => pk,
        }
    }
}

/// Sends messages.
#[derive(Clone, Debug)]
pub struct Sender {
    client: aws_sdk_sqs::Client,
    prefix: String,
}

/// Messages of one request (the service's published limit).
const SEND_MESSAGES_MAX: usize = 10;

impl Sender {
    /// Sends to queues whose addresses are `prefix` and the queue's name.
    #[must_use]
    pub fn new(client: aws_sdk_sqs::Client, prefix: &str) -> Self {
        Self { client, prefix: prefix.to_owned() }
    }

    /// The queue's address.
    #[must_use]
    pub fn url(&self, queue: Queue) -> String {
        format!("{}{}", self.prefix, queue.name())
    }

    /// Sends messages in batches. What is sent twice is harmless: the table says what is owed.
    ///
    /// # Errors
    /// Not all could be sent.
    pub async fn send<M: Pointer>(&self, queue: Queue, messages: &[M]) -> StepResult<()> {
        for chunk in messages.chunks(SEND_MESSAGES_MAX) {
            let entries = chunk.iter().enumerate().map(|(index, message)| entry(index, message));
            let entries = entries.collect::<StepResult<Vec<_>>>()?;
            let answer = self
                .client
                .send_message_batch()
                .queue_url(self.url(queue))
                .set_entries(Some(entries))
                .send()
                .await
                .map_err(|error| unreachable_queue(queue, &why(&error)))?;
            if !answer.failed.is_empty() {
                let count = answer.failed.len();
                let what = format!("queue {} refused {count} messages", queue.name());
                return Err(Failure::retryable(what));
            }
        }
        Ok(())
    }

    /// How many messages wait on a queue.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn waiting(&self, queue: Queue) -> StepResult<u64> {
        use aws_sdk_sqs::types::QueueAttributeName::ApproximateNumberOfMessages;
        let answer = self
            .client
            .get_queue_attributes()
            .queue_url(self.url(queue))
            .attribute_names(ApproximateNumberOfMessages)
            .send()
            .await
            .map_err(|error| unreachable_queue(queue, &why(&error)))?;
        let count = answer
            .attributes
            .as_ref()
            .and_then(|a| a.get(&ApproximateNumberOfMessages))
            .and_then(|text| text.parse().ok());
        Ok(count.unwrap_or(0))
    }
}

fn unreachable_queue(queue: Queue, why: &str) -> Failure {
    Failure::retryable(format!("queue {}: {why}", queue.name()))
}

fn entry(index: usize, message: &impl Pointer) -> StepResult<SendMessageBatchRequestEntry> {
    let body = serde_json::to_string(message).map_err(|e| Failure::permanent(e.to_string()))?;
    let parent = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(trace::parent(message.about()))
        .build()
        .map_err(|error| Failure::permanent(error.to_string()))?;
    SendMessageBatchRequestEntry::builder()
        .id(index.to_string())
        .message_body(body)
        .message_attributes(trace::TRACEPARENT, parent)
        .build()
        .map_err(|error| Failure::permanent(error.to_string()))
}
