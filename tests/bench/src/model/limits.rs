//! Latencies, conflicts and throughput of DynamoDB, as a connector before the embedded table.
//!
//! Assumptions, and where they are from:
//! - A read takes 4 ms, a single write 6 ms, a transaction 12 ms and 0.25 ms for each action more:
//!   "single-digit milliseconds" of the developer guide for single requests; a transaction is two
//!   phases over its rows.
//! - Two transactions that are in flight at once and share a row: the later one is cancelled with
//!   `TransactionConflict` ("Transaction conflict handling"). A single write to a row of a
//!   transaction in flight is refused with `TransactionConflictException`.
//! - A partition key takes 1,000 write units a second, without burst ("Service quotas"); a
//!   transaction consumes two units for each KiB of a row. What is above is throttled.
//! - Reads neither conflict nor are throttled.

use crate::model::time::VirtualTime;
use ordermill_embedded::{After, Before, Call, Interceptor, Response, Service, Verdict};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::time::Duration;

const READ: Duration = Duration::from_millis(4);
const WRITE: Duration = Duration::from_millis(6);
const TRANSACTION: Duration = Duration::from_millis(12);
const EACH_ACTION: Duration = Duration::from_micros(250);
const OTHER: Duration = Duration::from_millis(5);
/// Write units of one partition key in a second.
const UNITS_PER_SECOND: f64 = 1_000.0;

/// The model. Rows are named `pk`, newline, `sk`.
pub struct Limits {
    time: VirtualTime,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    in_flight: BTreeSet<String>,
    /// Units left of each partition key, and when that was so.
    buckets: BTreeMap<String, (f64, Duration)>,
    conflicts: u64,
    throttles: u64,
    transactions: u64,
}

/// What happened on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Incidents {
    /// Transactions that were tried.
    pub transactions: u64,
    /// Of these, cancelled because another was on the same row.
    pub conflicts: u64,
    /// Writes that were throttled.
    pub throttles: u64,
}

impl Limits {
    /// The model on this clock.
    #[must_use]
    pub fn new(time: &VirtualTime) -> Self {
        Self { time: time.clone(), state: Mutex::default() }
    }

    /// What happened so far.
    #[must_use]
    pub fn incidents(&self) -> Incidents {
        let state = self.state.lock().unwrap();
        let State { transactions, conflicts, throttles, .. } = *state;
        Incidents { transactions, conflicts, throttles }
    }

    /// Lets a write in, or says what it is answered.
    fn admit(&self, call: &Call<'_>) -> Option<Response> {
        let rows = rows_written(call);
        let in_transaction = call.operation == "TransactWriteItems";
        let mut state = self.state.lock().unwrap();
        state.transactions += u64::from(in_transaction);
        let taken: Vec<bool> = rows.iter().map(|row| state.in_flight.contains(row)).collect();
        if taken.contains(&true) {
            state.conflicts += 1;
            return Some(cancelled(in_transaction, &taken, "TransactionConflict"));
        }
        let now = self.time.now();
        let units = if in_transaction { 2.0 } else { 1.0 };
        let dry: Vec<bool> = rows.iter().map(|row| !state.draw(row, units, now)).collect();
        if dry.contains(&true) {
            state.throttles += 1;
            return Some(cancelled(in_transaction, &dry, "ThrottlingError"));
        }
        if in_transaction {
            state.in_flight.extend(rows);
        }
        None
    }
}

impl State {
    /// Draws units from a row's partition key; says whether they were there.
    fn draw(&mut self, row: &str, units: f64, now: Duration) -> bool {
        let partition = row.split('\n').next().unwrap_or_default().to_owned();
        let (left, at) = self.buckets.get(&partition).copied().unwrap_or((UNITS_PER_SECOND, now));
        let refill = now.saturating_sub(at).as_secs_f64() * UNITS_PER_SECOND;
        let left = (left + refill).min(UNITS_PER_SECOND);
        let suffices = left >= units;
        self.buckets.insert(partition, (if suffices { left - units } else { left }, now));
        suffices
    }
}

fn cancelled(in_transaction: bool, rows: &[bool], code: &str) -> Response {
    if in_transaction {
        let codes: Vec<&str> = rows.iter().map(|hit| if *hit { code } else { "None" }).collect();
        return Response::transaction_cancelled(&codes);
    }
    if code == "ThrottlingError" { Response::throttled() } else { Response::transaction_conflict() }
}

impl Interceptor for Limits {
    fn before<'a>(&'a self, call: &'a Call<'a>) -> Verdict<'a, Before> {
        Box::pin(async move {
            let took = latency(call);
            if let Some(refused) = self.admit(call) {
                self.time.sleep(took).await;
                return Before::Answer(refused);
            }
            self.time.sleep(took / 2).await;
            Before::Proceed
        })
    }

    fn after<'a>(&'a self, call: &'a Call<'a>, _: &'a Response) -> Verdict<'a, After> {
        Box::pin(async move {
            self.time.sleep(latency(call) / 2).await;
            if call.operation == "TransactWriteItems" {
                let mut state = self.state.lock().unwrap();
                for row in rows_written(call) {
                    state.in_flight.remove(&row);
                }
            }
            After::Deliver
        })
    }
}

fn latency(call: &Call<'_>) -> Duration {
    if call.service != Service::DynamoDb {
        return OTHER;
    }
    match call.operation {
        "TransactWriteItems" => {
            TRANSACTION + EACH_ACTION * u32::try_from(rows_written(call).len()).unwrap_or(u32::MAX)
        }
        "PutItem" | "UpdateItem" | "DeleteItem" | "BatchWriteItem" => WRITE,
        _ => READ,
    }
}

fn rows_written(call: &Call<'_>) -> Vec<String> {
    let body: Value = serde_json::from_slice(call.body).unwrap_or_default();
    let row = |key: &Value| {
        let text = |name: &str| key[name]["S"].as_str().unwrap_or_default().to_owned();
        format!("{}\n{}", text("pk"), text("sk"))
    };
    let keyed = |action: &Value| match (action.get("Key"), action.get("Item")) {
        (Some(key), _) | (None, Some(key)) => Some(row(key)),
        (None, None) => None,
    };
    match call.operation {
        "TransactWriteItems" => {
            let actions = body["TransactItems"].as_array().into_iter().flatten();
            actions.filter_map(|action| keyed(action.as_object()?.values().next()?)).collect()
        }
        "PutItem" | "UpdateItem" | "DeleteItem" => keyed(&body).into_iter().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn transaction(keys: &[&str]) -> Vec<u8> {
        let action =
            |pk: &&str| json!({ "Update": { "Key": { "pk": { "S": pk }, "sk": { "S": "x" } } } });
        let actions: Vec<_> = keys.iter().map(action).collect();
        json!({ "TransactItems": actions }).to_string().into_bytes()
    }

    #[tokio::test]
    async fn of_two_transactions_on_one_row_the_later_is_cancelled_and_strangers_are_not() {
        let time = VirtualTime::default();
        let limits = Limits::new(&time);
        let bodies = [transaction(&["a", "b"]), transaction(&["b", "c"]), transaction(&["d"])];
        let outcomes = Mutex::new(Vec::new());
        let tasks = bodies.iter().map(|body| {
            let (limits, outcomes) = (&limits, &outcomes);
            let call = Call { service: Service::DynamoDb, operation: "TransactWriteItems", body };
            let task: std::pin::Pin<Box<dyn Future<Output = ()>>> = Box::pin(async move {
                let verdict = limits.before(&call).await;
                let proceeds = matches!(verdict, Before::Proceed);
                outcomes.lock().unwrap().push((body.len(), proceeds));
                if proceeds {
                    limits.after(&call, &Response::ok("{}")).await;
                }
            });
            task
        });
        time.run(tasks.collect()).await;
        let mut outcomes = outcomes.into_inner().unwrap();
        outcomes.sort_unstable();
        assert_eq!(outcomes.iter().filter(|(_, proceeds)| *proceeds).count(), 2);
        assert_eq!(limits.incidents().conflicts, 1);
        assert!(limits.state.lock().unwrap().in_flight.is_empty());
    }

    #[test]
    fn a_partition_key_takes_a_thousand_units_a_second() {
        let mut state = State::default();
        let at = Duration::from_secs;
        let taken = (0..600).filter(|_| state.draw("a\nx", 2.0, at(1))).count();
        assert_eq!(taken, 500);
        assert!(state.draw("b\nx", 2.0, at(1)));
        assert!(state.draw("a\nx", 2.0, at(2)));
    }
}
