//! One attempt: the body is built and signed, sent, and what came of it is written down together
//! with what it says of the endpoint.

use ordermill_domain::decide::Command;
use ordermill_domain::order::{Event, Order};
use ordermill_domain::time::Timestamp;
use ordermill_domain::webhook::{Delivery, Endpoint, Health, Outcome, type_name};
use ordermill_runtime::auth::Caller;
use ordermill_runtime::outgoing::Post;
use ordermill_runtime::signatures::sign_standard;
use ordermill_runtime::step::{MOVED_ROUNDS_MAX, Wish, on_order, stock_facts};
use ordermill_runtime::{Failure, Runtime, StepResult};
use ordermill_table::item::Item;
use ordermill_table::records::{ClientRole, read};
use ordermill_table::rows::webhook::{delivery_row, endpoint_row};
use ordermill_table::{TableError, commit, keys};
use ordermill_views::{event_view, order_json, tracking_url};
use serde_json::{Value, json};

/// The largest body; above it the order's lines are left out.
const BODY_BYTES_MAX: usize = 256 * 1024;

/// Makes one attempt at a delivery that was taken in hand.
pub(crate) async fn make(
    runtime: &Runtime,
    endpoint: &Endpoint,
    delivery: Delivery,
    order: &Order,
    event: &Event,
) -> StepResult<()> {
    let begun_at = runtime.clock.now();
    let body = body(runtime, endpoint, order, event).await?;
    let outcome = (runtime.post)(post(runtime, endpoint, &delivery, body, begun_at)).await;
    write_down(runtime, endpoint.clone(), delivery, outcome, begun_at).await
}

fn post(
    runtime: &Runtime,
    endpoint: &Endpoint,
    delivery: &Delivery,
    body: Vec<u8>,
    now: Timestamp,
) -> Post {
    let signatures: Vec<String> = endpoint
        .signing(now)
        .map(|secret| sign_standard(secret, &delivery.id, &body, now))
        .collect();
    Post {
        url: endpoint.url.clone(),
        headers: vec![
            ("webhook-id", delivery.id.clone()),
            ("webhook-timestamp", now.seconds().to_string()),
            ("webhook-signature", signatures.join(" ")),
        ],
        body,
        loopback: runtime.config.webhooks_to_loopback,
    }
}

/// The event, and the order as it is now and as its client may see it.
async fn body(
    runtime: &Runtime,
    endpoint: &Endpoint,
    order: &Order,
    event: &Event,
) -> StepResult<Vec<u8>> {
    let client = Caller { client: endpoint.client.clone(), role: ClientRole::Partner };
    let mut shown = order_json(runtime, "", &client, order).await?;
    // Under which name the service is reached is known here only where the seller has said so.
    let public_url = runtime.settings().await?.public_url;
    shown["tracking_url"] = public_url.map_or(Value::Null, |base| {
        Value::String(tracking_url(&base, &runtime.config.signing_secret, &order.id))
    });
    let whole = |order: Value| {
        let message = json!({
            "type": type_name(event.kind),
            "timestamp": event.at,
            "data": { "event": event_view(event), "order": order },
        });
        serde_json::to_vec(&message).map_err(|error| Failure::permanent(error.to_string()))
    };
    let body = whole(shown.clone())?;
    if body.len() <= BODY_BYTES_MAX {
        return Ok(body);
    }
    shown["lines"] = Value::Null;
    shown["lines_omitted"] = Value::Bool(true);
    whole(shown)
}

/// What an attempt came to, before it is written.
struct Noted {
    delivery: Item,
    before: u64,
    outcome: Outcome,
    begun_at: Timestamp,
}

async fn write_down(
    runtime: &Runtime,
    mut endpoint: Endpoint,
    mut delivery: Delivery,
    outcome: Outcome,
    begun_at: Timestamp,
) -> StepResult<()> {
    let before = delivery.version;
    delivery.note(&outcome, begun_at);
    let noted = Noted { delivery: delivery_row(&delivery)?, before, outcome, begun_at };
    for round in 0..MOVED_ROUNDS_MAX {
        let version = endpoint.version;
        let health = endpoint.note(&outcome, begun_at);
        let table = &runtime.table;
        let mut actions = vec![commit::put_at_version(table, noted.delivery.clone(), before)?];
        match health {
            Health::AsBefore => {}
            Health::Changed => {
                endpoint.version = version.saturating_add(1);
                actions.push(commit::put_at_version(table, endpoint_row(&endpoint)?, version)?);
            }
            Health::Disabled => return give_up(runtime, &endpoint, &delivery.order, &noted).await,
        }
        match table.write(actions).await {
            Ok(()) => {
                tracing::info!(
                    webhook.endpoint = endpoint.id,
                    webhook.delivery = delivery.id,
                    webhook.tries = delivery.tries,
                    webhook.outcome = ?outcome,
                    "an attempt at a webhook was noted"
                );
                return Ok(());
            }
            Err(TableError::Moved | TableError::Cancelled(_)) => runtime.pause(round).await,
            Err(error) => return Err(error.into()),
        }
        match as_it_is(runtime, &endpoint, &delivery.id, before).await? {
            Some(now) => endpoint = now,
            None => return Ok(()),
        }
    }
    Err(Failure::retryable("the endpoint changes faster than an attempt can be written down"))
}

/// The endpoint read again; none when it is gone, or another has dealt with the delivery.
async fn as_it_is(
    runtime: &Runtime,
    endpoint: &Endpoint,
    delivery: &str,
    version: u64,
) -> StepResult<Option<Endpoint>> {
    let known: Option<Delivery> = runtime.table.document(&keys::delivery(delivery)).await?;
    if known.is_none_or(|known| known.version != version) {
        return Ok(None);
    }
    let row = runtime.table.get(&keys::endpoint(&endpoint.client, &endpoint.id)).await?;
    Ok(row.map(|row| read(&row)).transpose()?)
}

/// The endpoint is given up. In one transaction with an exception on the order of this delivery,
/// so that a person is told, and called to mind, as with every other exception.
async fn give_up(
    runtime: &Runtime,
    endpoint: &Endpoint,
    order: &str,
    noted: &Noted,
) -> StepResult<()> {
    let done = on_order(runtime, order, |partition, _| async move {
        let table = &runtime.table;
        let mut extra = vec![commit::put_at_version(table, noted.delivery.clone(), noted.before)?];
        let mut commands = Vec::new();
        let row = table.get(&keys::endpoint(&endpoint.client, &endpoint.id)).await?;
        if let Some(row) = row {
            let mut endpoint: Endpoint = read(&row)?;
            let version = endpoint.version;
            if endpoint.note(&noted.outcome, noted.begun_at) == Health::Disabled {
                endpoint.version = version.saturating_add(1);
                extra.push(commit::put_at_version(table, endpoint_row(&endpoint)?, version)?);
                commands.push(Command::Report {
                    code: "webhook_disabled".to_owned(),
                    about: endpoint.id.clone(),
                    detail: format!(
                        "The webhook endpoint {} of {} failed for three days, or said it is gone; \
                         it gets nothing any more.",
                        endpoint.id, endpoint.client
                    ),
                });
            }
        }
        let facts = stock_facts(runtime, &partition.stored.order).await?;
        Ok(Wish { commands, facts, extra, extra_always: true, ..Wish::default() })
    })
    .await;
    match done {
        Ok(Ok(_)) => {
            tracing::warn!(webhook.endpoint = endpoint.id, "an endpoint was given up");
            Ok(())
        }
        Ok(Err(rejection)) => Err(Failure::permanent(rejection.to_string())),
        // Another has dealt with the delivery: it is found by its own deadline, if at all.
        Err(failure) => Err(failure),
    }
}
