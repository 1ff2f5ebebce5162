//! A replay of a span of time: the log is read page by page, each page of deliveries is put back
//! on the worklist in one transaction with how far the replay has come.

use ordermill_domain::webhook::{Delivery, Endpoint, Replay};
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_runtime::{Failure, Runtime, StepResult};
use ordermill_table::keys::{self, Key};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::read;
use ordermill_table::rows::webhook::{delivery_row, endpoint_row};
use ordermill_table::schema::OWNER;
use ordermill_table::{TableError, commit};

/// Deliveries of one page: each is a row of the transaction.
const PAGE_DELIVERIES: i32 = 50;
/// Pages of one invocation; the rest has its own deadline.
const PAGES_MAX: usize = 20;

/// Goes on with the replays of a client's endpoints that are due.
pub(crate) async fn go_on(runtime: &Runtime, client: &str) -> StepResult<()> {
    for endpoint in runtime.table.endpoints(client).await? {
        let mut endpoint = Some(endpoint);
        for _ in 0..PAGES_MAX {
            let now = runtime.clock.now();
            let Some(due) = endpoint.filter(|e| e.due_at().is_some_and(|due| due <= now)) else {
                break;
            };
            endpoint = page(runtime, due).await?;
        }
    }
    Ok(())
}

/// Puts one page back; gives the endpoint while there is more to do at once.
async fn page(runtime: &Runtime, mut endpoint: Endpoint) -> StepResult<Option<Endpoint>> {
    let key = keys::endpoint(&endpoint.client, &endpoint.id);
    for round in 0..MOVED_ROUNDS_MAX {
        let Some(replay) = endpoint.replay.clone() else { return Ok(None) };
        let now = runtime.clock.now();
        let found = entries(runtime, &endpoint.id, &replay).await?;
        let version = endpoint.version;
        endpoint.version = version.saturating_add(1);
        endpoint.replay =
            found.next.clone().map(|after| Replay { after: Some(after), due_at: now, ..replay });
        let table = &runtime.table;
        let mut actions = vec![commit::put_at_version(table, endpoint_row(&endpoint)?, version)?];
        for mut delivery in found.deliveries {
            let before = delivery.version;
            delivery.replay(now);
            actions.push(commit::put_at_version(table, delivery_row(&delivery)?, before)?);
        }
        match table.write(actions).await {
            Ok(()) => return Ok(endpoint.replay.is_some().then_some(endpoint)),
            Err(TableError::Moved | TableError::Cancelled(_)) => runtime.pause(round).await,
            Err(error) => return Err(error.into()),
        }
        match table.get(&key).await? {
            Some(row) => endpoint = read(&row)?,
            None => return Ok(None),
        }
    }
    Err(Failure::retryable("deliveries change faster than they can be put back"))
}

/// A page of the log.
struct Found {
    deliveries: Vec<Delivery>,
    next: Option<String>,
}

async fn entries(runtime: &Runtime, endpoint: &str, replay: &Replay) -> StepResult<Found> {
    let from = keys::moment(replay.from);
    let until = keys::moment(replay.to);
    let query = IndexQuery {
        index: OWNER,
        partition: keys::owner_endpoint(endpoint),
        after: Some(replay.after.as_deref().unwrap_or(&from)),
        newest_first: false,
        until: Some(&until),
        limit: PAGE_DELIVERIES,
    };
    let found = runtime.table.index(query).await?;
    let next = found.keys.last().filter(|_| found.more).map(|(_, sort)| sort.clone());
    let wanted: Vec<Key> = found
        .keys
        .iter()
        .filter_map(|(pk, _)| keys::delivery_of_partition(pk))
        .map(keys::delivery)
        .collect();
    let mut deliveries: Vec<Delivery> = Vec::with_capacity(wanted.len());
    for row in runtime.table.batch_get(&wanted).await? {
        deliveries.push(read(&row)?);
    }
    if replay.missed_only {
        deliveries.retain(|d| d.state != ordermill_domain::webhook::DeliveryState::Delivered);
    }
    Ok(Found { deliveries, next })
}
