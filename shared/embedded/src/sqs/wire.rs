//! The wire of SQS (`AmazonSQS.*`, JSON): what clients may ask, which is what functions need.

use std::collections::{BTreeMap, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::{Message, MessageAttribute, QueueError, Queues};
use crate::connector::Response;

/// The largest message, and the largest batch, bytes.
const MESSAGE_BYTES_MAX: usize = 1_048_576;

/// The entries of one batch.
const BATCH_ENTRIES_MAX: usize = 10;

/// An error with the code of the older protocol, by which the SDK knows its type.
fn error(code: &str, kind: &str, message: &str) -> Response {
    let mut response = Response::error(400, &format!("com.amazonaws.sqs#{kind}"), message);
    response.headers.push(("x-amzn-query-error", format!("{code};Sender")));
    response
}

fn refusal(refused: &QueueError) -> Response {
    let message = refused.to_string();
    match refused {
        QueueError::NoQueue(_) => {
            error("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist", &message)
        }
        QueueError::BadReceipt => {
            error("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", &message)
        }
        QueueError::NotInFlight => {
            error("AWS.SimpleQueueService.MessageNotInflight", "MessageNotInflight", &message)
        }
        QueueError::OutOfRange(_) => {
            error("InvalidParameterValue", "InvalidParameterValue", &message)
        }
    }
}

/// Answers one request.
pub(crate) fn answer(queues: &Queues, operation: &str, body: &[u8]) -> Response {
    let answered = match operation {
        "SendMessage" => parse(body).and_then(|request| send(queues, request)),
        "SendMessageBatch" => parse(body).and_then(|request| send_batch(queues, request)),
        "ChangeMessageVisibility" => parse(body).and_then(|request| change(queues, &request)),
        "GetQueueAttributes" => parse(body).and_then(|request| attributes(queues, &request)),
        "GetQueueUrl" => parse(body).and_then(|request| url(queues, &request)),
        other => Err(error(
            "AWS.SimpleQueueService.UnsupportedOperation",
            "UnsupportedOperation",
            &format!("{other} is not served by the embedded SQS"),
        )),
    };
    match answered {
        Ok(value) => Response::ok(value.to_string()),
        Err(response) => response,
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Response> {
    serde_json::from_slice(body)
        .map_err(|mistake| error("MalformedInput", "MalformedInput", &mistake.to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendRequest {
    queue_url: String,
    #[serde(flatten)]
    message: WireMessage,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendBatchRequest {
    queue_url: String,
    entries: Vec<BatchEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct BatchEntry {
    id: String,
    #[serde(flatten)]
    message: WireMessage,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireMessage {
    message_body: String,
    delay_seconds: Option<u32>,
    #[serde(default)]
    message_attributes: BTreeMap<String, WireAttribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct WireAttribute {
    data_type: String,
    string_value: Option<String>,
    binary_value: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeRequest {
    queue_url: String,
    receipt_handle: String,
    visibility_timeout: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AttributesRequest {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct UrlRequest {
    queue_name: String,
}

/// The queue's name in its URL.
fn name(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or(url)
}

/// The queue's ARN.
pub(crate) fn arn(queue: &str) -> String {
    format!("arn:aws:sqs:local:000000000000:{queue}")
}

impl WireMessage {
    fn bytes(&self) -> usize {
        let attributes = self.message_attributes.iter().map(|(name, attribute)| {
            name.len()
                + attribute.data_type.len()
                + attribute.string_value.as_ref().map_or(0, String::len)
                + attribute.binary_value.as_ref().map_or(0, |value| value.len() / 4 * 3)
        });
        self.message_body.len() + attributes.sum::<usize>()
    }

    fn read(self) -> Result<Message, Response> {
        if self.message_body.is_empty() || self.bytes() > MESSAGE_BYTES_MAX {
            let what = "A message must have between 1 and 1048576 bytes.";
            return Err(error("InvalidParameterValue", "InvalidParameterValue", what));
        }
        let mut attributes = BTreeMap::new();
        for (name, attribute) in self.message_attributes {
            let data_type = attribute.data_type;
            let read = match (attribute.string_value, attribute.binary_value) {
                (Some(value), None) => Some(MessageAttribute::Text { data_type, value }),
                (None, Some(value)) => BASE64
                    .decode(value)
                    .ok()
                    .map(|value| MessageAttribute::Binary { data_type, value }),
                (None, None) | (Some(_), Some(_)) => None,
            };
            let read = read.ok_or_else(|| {
                let what = format!("The attribute {name} must have one value of its type.");
                error("InvalidParameterValue", "InvalidParameterValue", &what)
            })?;
            attributes.insert(name, read);
        }
        Ok(Message { body: self.message_body, attributes, delay_seconds: self.delay_seconds })
    }
}

/// Sends one message and gives the fields of its result.
fn deliver(queues: &Queues, queue: &str, message: WireMessage) -> Result<Value, Response> {
    let message = message.read()?;
    let body = md5_of_body(&message.body);
    let attributes = md5_of_attributes(&message.attributes);
    let id = queues.send(queue, message).map_err(|refused| refusal(&refused))?;
    let mut result = json!({ "MessageId": id, "MD5OfMessageBody": body });
    if let Some(attributes) = attributes {
        result["MD5OfMessageAttributes"] = attributes.into();
    }
    Ok(result)
}

fn send(queues: &Queues, request: SendRequest) -> Result<Value, Response> {
    deliver(queues, name(&request.queue_url), request.message)
}

fn send_batch(queues: &Queues, request: SendBatchRequest) -> Result<Value, Response> {
    let queue = name(&request.queue_url);
    queues.definition(queue).map_err(|refused| refusal(&refused))?;
    let mut ids = HashSet::new();
    let bytes: usize = request.entries.iter().map(|entry| entry.message.bytes()).sum();
    let (kind, what) = if request.entries.is_empty() {
        ("EmptyBatchRequest", "There should be at least one entry in the request.")
    } else if request.entries.len() > BATCH_ENTRIES_MAX {
        ("TooManyEntriesInBatchRequest", "Maximum number of entries per request are 10.")
    } else if bytes > MESSAGE_BYTES_MAX {
        ("BatchRequestTooLong", "Batch requests cannot be longer than 1048576 bytes.")
    } else if !request.entries.iter().all(|entry| ids.insert(entry.id.clone())) {
        ("BatchEntryIdsNotDistinct", "An Id is repeated.")
    } else {
        return Ok(send_entries(queues, queue, request.entries));
    };
    Err(error(&format!("AWS.SimpleQueueService.{kind}"), kind, what))
}

fn send_entries(queues: &Queues, queue: &str, entries: Vec<BatchEntry>) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for entry in entries {
        if queues.refuses_entry() {
            failed.push(json!({
                "Id": entry.id, "SenderFault": false, "Code": "InternalError",
                "Message": "The entry failed; this is injected.",
            }));
            continue;
        }
        match deliver(queues, queue, entry.message) {
            Ok(mut result) => {
                result["Id"] = entry.id.into();
                successful.push(result);
            }
            Err(_) => failed.push(json!({
                "Id": entry.id, "SenderFault": true, "Code": "InvalidParameterValue",
                "Message": "The entry is not valid.",
            })),
        }
    }
    json!({ "Successful": successful, "Failed": failed })
}

fn change(queues: &Queues, request: &ChangeRequest) -> Result<Value, Response> {
    let queue = name(&request.queue_url);
    queues
        .release(queue, &request.receipt_handle, request.visibility_timeout)
        .map_err(|refused| refusal(&refused))?;
    Ok(json!({}))
}

/// `ApproximateAgeOfOldestMessage` (seconds) is on AWS a metric and not an attribute; it is
/// answered here if it is asked for by name.
fn attributes(queues: &Queues, request: &AttributesRequest) -> Result<Value, Response> {
    let queue = name(&request.queue_url);
    let read = || -> Result<Vec<(&str, String)>, QueueError> {
        let definition = queues.definition(queue)?;
        let counts = queues.counts(queue)?;
        let mut all = vec![
            ("ApproximateNumberOfMessages", counts.visible.to_string()),
            ("ApproximateNumberOfMessagesNotVisible", counts.in_flight.to_string()),
            ("ApproximateNumberOfMessagesDelayed", counts.delayed.to_string()),
            ("VisibilityTimeout", definition.visibility_seconds.to_string()),
            ("DelaySeconds", definition.delay_seconds.to_string()),
            ("QueueArn", arn(queue)),
        ];
        if let Some(dead) = definition.dead_letters {
            let policy = json!({
                "deadLetterTargetArn": arn(&dead.queue), "maxReceiveCount": dead.attempts_max,
            });
            all.push(("RedrivePolicy", policy.to_string()));
        }
        let age = "ApproximateAgeOfOldestMessage";
        if request.attribute_names.iter().any(|asked| asked == age) {
            let oldest = queues.oldest_age_milliseconds(queue)?.unwrap_or(0);
            all.push((age, (oldest / 1_000).to_string()));
        }
        Ok(all)
    };
    let all = read().map_err(|refused| refusal(&refused))?;
    let every = request.attribute_names.iter().any(|asked| asked == "All");
    let asked: Map<String, Value> = all
        .into_iter()
        .filter(|(name, _)| every || request.attribute_names.iter().any(|asked| asked == name))
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    Ok(json!({ "Attributes": asked }))
}

fn url(queues: &Queues, request: &UrlRequest) -> Result<Value, Response> {
    queues.definition(&request.queue_name).map_err(|refused| refusal(&refused))?;
    Ok(json!({ "QueueUrl": Queues::url(&request.queue_name) }))
}

/// MD5 of a body in hexadecimal.
pub(crate) fn md5_of_body(body: &str) -> String {
    format!("{:x}", md5::compute(body))
}

/// MD5 of the attributes, as the SQS developer guide describes it: by name, each part with its
/// length in four bytes, and one byte for the kind of value.
fn md5_of_attributes(attributes: &BTreeMap<String, MessageAttribute>) -> Option<String> {
    if attributes.is_empty() {
        return None;
    }
    let mut bytes = Vec::new();
    let mut part = |part: &[u8], kind: Option<u8>| {
        bytes.extend(kind);
        bytes.extend(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        bytes.extend_from_slice(part);
    };
    for (name, attribute) in attributes {
        part(name.as_bytes(), None);
        match attribute {
            MessageAttribute::Text { data_type, value } => {
                part(data_type.as_bytes(), None);
                part(value.as_bytes(), Some(1));
            }
            MessageAttribute::Binary { data_type, value } => {
                part(data_type.as_bytes(), None);
                part(value, Some(2));
            }
        }
    }
    Some(format!("{:x}", md5::compute(bytes)))
}
