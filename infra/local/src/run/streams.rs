//! The two readers of the change stream: what the event source mappings of `relay` and `project`
//! do on AWS.
//!
//! A reader takes records in order, hands those of its kinds to its function and goes on behind
//! them; a failure is tried again from the failed record, without bound. How far all has been dealt
//! with is saved several times a second as the reader's *mark*; after a kill it reads on from
//! there, and what was done since is done again, which is harmless. The relay's mark stays below
//! every record whose messages are not deleted or dead yet. Below both marks the stream is trimmed.

use crate::error::LocalResult;
use crate::run::functions::StreamFunction;
use crate::run::live::LiveLog;
use crate::run::state::{ReaderName, Shared};
use crate::run::wait::pause;
use aws_lambda_events::event::dynamodb::Event;
use ordermill_embedded::StreamRecord;
use ordermill_table::keys::{self, PROJECT_KINDS, RELAY_KINDS, RowKind};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Records that are taken at once.
const BATCH_RECORDS_MAX: usize = 100;
/// Records that the history's reader takes at once.
const GATHERED_RECORDS_MAX: usize = 1_000;
/// How long the history's reader lets records gather while messages are in hand: an order's quick
/// steps then share a row. On AWS that is the mapping's batching window.
const GATHER_MILLISECONDS_MAX: u64 = 400;
/// How often it looks whether anything is in hand.
const GATHER_LOOK_MILLISECONDS: u64 = 20;
/// How often a reader looks when nothing woke it: another process may have written.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// How often marks are saved.
const MARKS_EVERY_MILLISECONDS: u64 = 100;
/// After so many saved marks the stream is trimmed.
const TRIM_EVERY_MARKS: u32 = 50;
/// The longest pause between two attempts, in milliseconds.
const RETRY_MILLISECONDS_MAX: u64 = 5_000;

/// Takes the readers up where their marks are, and starts them.
///
/// # Errors
/// The marks cannot be read.
pub fn start(shared: &Shared, log: LiveLog) -> LocalResult<Vec<JoinHandle<()>>> {
    for name in ReaderName::ALL {
        let mark = shared.services().stream().get_mark(name.name())?.unwrap_or(0);
        shared.set_position(name, mark);
    }
    let readers = ReaderName::ALL.map(|name| tokio::spawn(read(shared.clone(), name, log)));
    Ok(readers.into_iter().chain([tokio::spawn(keep_marks(shared.clone()))]).collect())
}

fn kinds(name: ReaderName) -> &'static [RowKind] {
    match name {
        ReaderName::Relay => &RELAY_KINDS,
        ReaderName::Project => &PROJECT_KINDS,
    }
}

fn function(shared: &Shared, name: ReaderName) -> &StreamFunction {
    match name {
        ReaderName::Relay => &shared.functions().relay,
        ReaderName::Project => &shared.functions().project,
    }
}

/// The row's kind, as the filter of the event source mapping sees it.
fn kind_of(record: &StreamRecord) -> Option<&str> {
    record.new_image.as_ref()?.get("kind")?.get("S")?.as_str()
}

async fn read(shared: Shared, name: ReaderName, log: LiveLog) {
    let stream = shared.services().stream();
    let mut written = stream.written();
    let mut stop = shared.stopping();
    let mut failures: u32 = 0;
    let names: Vec<&str> = kinds(name).iter().map(|kind| kind.name()).collect();
    while !shared.is_stopping() {
        written.borrow_and_update();
        let most = match name {
            ReaderName::Relay => BATCH_RECORDS_MAX,
            ReaderName::Project => {
                gather(&shared).await;
                GATHERED_RECORDS_MAX
            }
        };
        let records = match stream.read_naming(shared.position(name), most, &names) {
            Ok(records) => records,
            Err(error) => {
                tracing::error!(reader = name.name(), %error, "the stream cannot be read");
                pause(RETRY_MILLISECONDS_MAX).await;
                continue;
            }
        };
        let Some(last) = records.last().map(|record| record.sequence) else {
            let woken = async {
                tokio::select! {
                    _ = written.changed() => {}
                    _ = stop.changed() => {}
                }
            };
            let _ = tokio::time::timeout(LOOK_AGAIN, woken).await;
            continue;
        };
        if name == ReaderName::Relay {
            tell(&shared, &records);
        }
        match hand_over(&shared, name, &records).await {
            None => {
                failures = 0;
                shared.set_position(name, last);
                if name == ReaderName::Project {
                    log.tell(&records);
                }
            }
            Some(failed) => {
                shared.set_position(name, failed.saturating_sub(1));
                failures = failures.saturating_add(1);
                tracing::warn!(reader = name.name(), record = failed, "the stream waits");
                let longer = 100_u64.saturating_mul(1 << failures.min(6));
                pause(longer.min(RETRY_MILLISECONDS_MAX)).await;
            }
        }
    }
}

/// Waits while more of the same orders is on its way, for a bounded time.
async fn gather(shared: &Shared) {
    let mut waited = 0;
    while waited < GATHER_MILLISECONDS_MAX && !shared.nothing_in_hand() && !shared.is_stopping() {
        pause(GATHER_LOOK_MILLISECONDS).await;
        waited += GATHER_LOOK_MILLISECONDS;
    }
}

/// Tells those who wait for one of these orders to change.
fn tell(shared: &Shared, records: &[StreamRecord]) {
    for record in records.iter().filter(|record| kind_of(record) == Some(RowKind::Order.name())) {
        let key = record.keys.pointer("/pk/S").and_then(serde_json::Value::as_str);
        if let Some(order) = key.and_then(keys::order_of_partition) {
            shared.changes().tell(order);
        }
    }
}

/// Hands the records of the reader's kinds to its function; the first that failed, if any.
async fn hand_over(shared: &Shared, name: ReaderName, records: &[StreamRecord]) -> Option<u64> {
    let table = shared.runtime().table.name();
    let wanted: Vec<&StreamRecord> = records
        .iter()
        .filter(|record| record.table_name == table)
        .filter(|record| kind_of(record).is_some_and(|k| kinds(name).iter().any(|w| w.name() == k)))
        .collect();
    let first = wanted.first()?.sequence;
    let mut event = Event::default();
    for record in &wanted {
        match record.to_event_record() {
            Ok(record) => event.records.push(record),
            Err(error) => {
                // Parked by being skipped loudly; the table still says what is owed.
                let sequence = record.sequence;
                tracing::error!(sequence, %error, "a record of the stream cannot be read");
            }
        }
    }
    let queues = shared.services().queues();
    if name == ReaderName::Relay {
        queues.set_origin(Some(first));
    }
    let answer = function(shared, name).call(shared.runtime(), event).await;
    if name == ReaderName::Relay {
        queues.set_origin(None);
    }
    let Some(answer) = answer else { return Some(first) };
    answer
        .batch_item_failures
        .iter()
        .map(|failure| {
            let number = failure.item_identifier.as_deref().and_then(|text| text.parse().ok());
            number.unwrap_or(first)
        })
        .min()
}

async fn keep_marks(shared: Shared) {
    let mut saved = [None; 2];
    let mut since_trim = 0;
    while !shared.is_stopping() {
        pause(MARKS_EVERY_MILLISECONDS).await;
        let moved = save_marks(&shared, &mut saved).await;
        since_trim += u32::from(moved);
        if since_trim >= TRIM_EVERY_MARKS {
            since_trim = 0;
            trim(&shared, &saved).await;
        }
    }
}

/// Saves the marks that moved; says whether one did.
async fn save_marks(shared: &Shared, saved: &mut [Option<u64>; 2]) -> bool {
    let mut moved = false;
    for (name, saved) in ReaderName::ALL.into_iter().zip(saved.iter_mut()) {
        let mark = shared.mark(name);
        if *saved == Some(mark) {
            continue;
        }
        match shared.services().stream().set_mark(name.name(), mark).await {
            Ok(()) => {
                *saved = Some(mark);
                moved = true;
            }
            Err(error) => tracing::error!(reader = name.name(), %error, "a mark is not saved"),
        }
    }
    moved
}

/// Saves the marks for the last time.
pub async fn save_all_marks(shared: &Shared) {
    let mut saved = [None; 2];
    save_marks(shared, &mut saved).await;
    trim(shared, &saved).await;
}

async fn trim(shared: &Shared, saved: &[Option<u64>; 2]) {
    let lower = saved.iter().map(|mark| mark.unwrap_or(0)).min().unwrap_or(0);
    if let Err(error) = shared.services().stream().trim(lower).await {
        tracing::error!(%error, "the stream is not trimmed");
    }
}
