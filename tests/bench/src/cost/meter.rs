//! What each request consumes, by DynamoDB's published rules.
//!
//! - A write: one unit for each KiB begun of the larger of the row before and after; twice that in
//!   a transaction; a refused condition costs as much as a write of what is there.
//! - An index: one unit for each entry put or deleted; a row whose keys in the index stay as they
//!   were costs nothing there, since only keys are projected.
//! - A read: one unit for each 4 KiB begun, half of it eventually consistent, twice in a
//!   transaction; a query counts the sum of what it read.
//!
//! What a write did is taken from the change stream: old and new image of every row it touched.

use crate::cost::size::item_bytes;
use ordermill_embedded::{Call, Response, Service, Services, StreamRecord};
use ordermill_table::schema::INDEXES;
use ordermill_world::Witness;
use serde_json::Value;
use std::collections::BTreeMap;
use std::ops::AddAssign;
use std::sync::Mutex;

/// Records read at a time.
const RECORDS: usize = 1_000;

/// What was consumed.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Usage {
    /// Requests to the table that write.
    pub write_requests: u64,
    /// Requests to the table that read.
    pub read_requests: u64,
    /// Write units, indexes included.
    pub write_units: u64,
    /// Of these, units of indexes.
    pub index_units: u64,
    /// Read units, in halves.
    pub half_read_units: u64,
    /// Requests to queues, the service's own polling included.
    pub queue_requests: u64,
    /// Invocations of functions.
    pub invocations: u64,
    /// E-mails sent.
    pub emails: u64,
    /// SMS sent.
    pub sms: u64,
}

impl AddAssign for Usage {
    fn add_assign(&mut self, other: Self) {
        self.write_requests += other.write_requests;
        self.read_requests += other.read_requests;
        self.write_units += other.write_units;
        self.index_units += other.index_units;
        self.half_read_units += other.half_read_units;
        self.queue_requests += other.queue_requests;
        self.invocations += other.invocations;
        self.emails += other.emails;
        self.sms += other.sms;
    }
}

/// Counts what passes, under the name of who is at work.
pub struct Meter {
    services: Services,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// The last record that was counted.
    counted: u64,
    at_work: String,
    usage: BTreeMap<String, Usage>,
}

impl Meter {
    /// A meter of these services; what was written before is not counted.
    #[must_use]
    pub fn new(services: &Services) -> Self {
        let meter = Self { services: services.clone(), state: Mutex::default() };
        meter.reset();
        meter
    }

    /// Begins anew.
    pub fn reset(&self) {
        let mut counted = self.state.lock().unwrap().counted;
        while let Some(last) = self.records(counted).last() {
            counted = last.sequence;
        }
        *self.state.lock().unwrap() = State { counted, ..State::default() };
    }

    /// From now on what passes is this one's.
    pub fn at_work(&self, name: &str) {
        name.clone_into(&mut self.state.lock().unwrap().at_work);
    }

    /// An invocation, with so many requests to its queue by the service.
    pub fn invoked(&self, queue_requests: u64) {
        self.add(Usage { invocations: 1, queue_requests, ..Usage::default() });
    }

    /// Usage by who was at work.
    #[must_use]
    pub fn usage(&self) -> BTreeMap<String, Usage> {
        self.state.lock().unwrap().usage.clone()
    }

    fn add(&self, usage: Usage) {
        let mut state = self.state.lock().unwrap();
        let name = state.at_work.clone();
        *state.usage.entry(name).or_default() += usage;
    }

    fn records(&self, after: u64) -> Vec<StreamRecord> {
        self.services.stream().read(after, RECORDS).unwrap()
    }

    /// The records a request has just made.
    fn fresh_records(&self) -> Vec<StreamRecord> {
        let counted = self.state.lock().unwrap().counted;
        let records = self.records(counted);
        if let Some(last) = records.last() {
            self.state.lock().unwrap().counted = last.sequence;
        }
        records
    }

    fn write(&self, call: &Call<'_>, response: &Response) -> Usage {
        let in_transaction = call.operation == "TransactWriteItems";
        let factor = if in_transaction { 2 } else { 1 };
        let mut usage = Usage { write_requests: 1, ..Usage::default() };
        let body = json(call.body);
        for record in self.fresh_records() {
            let index = index_units(&record);
            usage.write_units += factor * row_units(&record) + index;
            usage.index_units += index;
        }
        if !response.is_success() {
            let actions = body.get("TransactItems").and_then(Value::as_array).map_or(1, Vec::len);
            usage.write_units += factor * actions as u64;
            return usage;
        }
        // Rows that are only looked at cost as if they were written; ours are below a KiB.
        let checks = body.get("TransactItems").and_then(Value::as_array).into_iter().flatten();
        let checks = checks.filter(|action| action.get("ConditionCheck").is_some()).count();
        usage.write_units += factor * checks as u64;
        usage
    }
}

impl Witness for Meter {
    fn saw(&self, call: &Call<'_>, response: &Response) {
        let usage = match call.service {
            Service::DynamoDb => match call.operation {
                "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem"
                | "TransactWriteItems" => self.write(call, response),
                _ => read(call, response),
            },
            Service::Sqs => Usage { queue_requests: 1, ..Usage::default() },
            Service::Ses => Usage { emails: 1, ..Usage::default() },
            Service::Sns => Usage { sms: 1, ..Usage::default() },
        };
        self.add(usage);
    }
}

fn json(body: &[u8]) -> Value {
    serde_json::from_slice(body).unwrap_or_default()
}

fn row_units(record: &StreamRecord) -> u64 {
    let size = |image: &Option<Value>| image.as_ref().map_or(0, item_bytes);
    size(&record.old_image).max(size(&record.new_image)).div_ceil(1024).max(1)
}

fn index_units(record: &StreamRecord) -> u64 {
    let entry = |image: &Option<Value>, partition: &str, sort: &str| {
        let image = image.as_ref()?;
        Some((image.get(partition)?.clone(), image.get(sort)?.clone()))
    };
    let units = INDEXES.iter().map(|(_, partition, sort)| {
        let before = entry(&record.old_image, partition, sort);
        let after = entry(&record.new_image, partition, sort);
        if before == after { 0 } else { u64::from(before.is_some()) + u64::from(after.is_some()) }
    });
    units.sum()
}

/// Half units of a read: eventually consistent one, consistent two, in a transaction four for each
/// 4 KiB begun.
fn read(call: &Call<'_>, response: &Response) -> Usage {
    let request = json(call.body);
    let answer = json(&response.body);
    let consistent = |request: &Value| request.get("ConsistentRead") == Some(&Value::Bool(true));
    let halves = |request: &Value| if consistent(request) { 2 } else { 1 };
    let blocks = |bytes: u64| bytes.div_ceil(4096).max(1);
    let half_read_units = match call.operation {
        "GetItem" => halves(&request) * blocks(answer.get("Item").map_or(0, item_bytes)),
        "Query" | "Scan" => {
            let items = answer.get("Items").and_then(Value::as_array).into_iter().flatten();
            halves(&request) * blocks(items.map(item_bytes).sum())
        }
        "BatchGetItem" => {
            let tables = request.get("RequestItems").and_then(Value::as_object);
            tables
                .into_iter()
                .flatten()
                .map(|(name, asked)| {
                    let pointer = format!("/Responses/{name}");
                    let found = answer.pointer(&pointer).and_then(Value::as_array);
                    let found: Vec<u64> =
                        found.into_iter().flatten().map(|item| blocks(item_bytes(item))).collect();
                    let keys = asked.get("Keys").and_then(Value::as_array).map_or(0, Vec::len);
                    let missing = keys.saturating_sub(found.len()) as u64;
                    halves(asked) * (found.iter().sum::<u64>() + missing)
                })
                .sum()
        }
        "TransactGetItems" => {
            let found = answer.get("Responses").and_then(Value::as_array).into_iter().flatten();
            found.map(|one| 4 * blocks(one.get("Item").map_or(0, item_bytes))).sum()
        }
        _ => 0,
    };
    Usage { read_requests: 1, half_read_units, ..Usage::default() }
}
