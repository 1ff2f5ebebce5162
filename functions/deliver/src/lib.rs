//! Deliver: tells clients' programs what happened to their orders, by signed webhooks. At least
//! once per event and endpoint, under one message id; the body is built when it is sent.
//!
//! In: the `webhook` queue, [`WebhookPointer`]. Out: HTTP to endpoints, deliveries' rows.
//! Rules: `shared/domain/src/webhook/`. Wiring: `main.rs`.

mod attempt;
mod replay;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::order::{Event, Order};
use ordermill_domain::webhook::{Delivery, DeliveryState, Endpoint};
use ordermill_runtime::queues::WebhookPointer;
use ordermill_runtime::{Failure, Queue, Runtime, StepResult, batch};
use ordermill_table::read::Kept;
use ordermill_table::records::read;
use ordermill_table::rows::webhook::delivery_row;
use ordermill_table::{TableError, commit, keys};

/// Tells the programs of a batch, each message by itself.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    batch::each(Queue::Webhook, event, |pointer: WebhookPointer| deal(runtime, pointer)).await
}

async fn deal(runtime: &Runtime, pointer: WebhookPointer) -> StepResult<()> {
    match pointer {
        WebhookPointer::Event { client, order, version } => {
            spread(runtime, &client, &order, version).await
        }
        WebhookPointer::Due { pk } => {
            if let Some(id) = keys::delivery_of_partition(&pk) {
                again(runtime, id).await
            } else if let Some(client) = keys::client_of_endpoints(&pk) {
                replay::go_on(runtime, client).await
            } else {
                Err(Failure::permanent("the message points to nothing of webhooks"))
            }
        }
    }
}

/// An event happened: each endpoint that wants it gets a delivery, and is told.
async fn spread(runtime: &Runtime, client: &str, order: &str, version: u64) -> StepResult<()> {
    let endpoints = runtime.table.endpoints(client).await?;
    if endpoints.is_empty() {
        return Ok(());
    }
    let Some((order, event)) = what_happened(runtime, order, version).await? else {
        return match runtime.table.order_or_deleted(order).await? {
            // Nobody is told any more of an order that was deleted, however late the message is.
            Kept::Deleted(_) => Ok(()),
            Kept::Order(_) | Kept::Nothing => Err(Failure::permanent("there is no such order")),
        };
    };
    let wanted = endpoints.iter().filter(|e| e.wants(event.kind, event.at));
    let told = wanted.map(|endpoint| tell(runtime, endpoint, &order, &event));
    for outcome in futures::future::join_all(told).await {
        outcome?;
    }
    Ok(())
}

/// The delivery is written before it is tried, so that it is owed from then on.
async fn tell(
    runtime: &Runtime,
    endpoint: &Endpoint,
    order: &Order,
    event: &Event,
) -> StepResult<()> {
    let now = runtime.clock.now();
    let delivery = Delivery::begin(endpoint, &runtime.config.seller, &order.id, event, now);
    let is_new = runtime.table.put_row_once(delivery_row(&delivery)?).await?;
    if is_new && delivery.is_tried_at_once() {
        attempt::make(runtime, endpoint, delivery, order, event).await?;
    }
    Ok(())
}

/// A delivery is due.
async fn again(runtime: &Runtime, id: &str) -> StepResult<()> {
    let now = runtime.clock.now();
    let known: Option<Delivery> = runtime.table.document(&keys::delivery(id)).await?;
    let is_due =
        |d: &Delivery| d.state == DeliveryState::Waiting && d.due_at.is_some_and(|due| due <= now);
    let Some(mut delivery) = known.filter(is_due) else { return Ok(()) };
    let before = delivery.version;
    let key = keys::endpoint(&delivery.client, &delivery.endpoint);
    let endpoint: Option<Endpoint> =
        runtime.table.get(&key).await?.map(|row| read(&row)).transpose()?;
    let about = match &endpoint {
        Some(endpoint) if endpoint.is_open() => {
            what_happened(runtime, &delivery.order, delivery.event).await?
        }
        Some(_) | None => None,
    };
    delivery.take(now);
    if about.is_none() {
        match &endpoint {
            Some(endpoint) if !endpoint.is_open() => delivery.hold(now),
            Some(_) | None => delivery.give_up(now),
        }
    }
    let taken = commit::put_at_version(&runtime.table, delivery_row(&delivery)?, before)?;
    match (runtime.table.write(vec![taken]).await, endpoint, about) {
        // Another was quicker.
        (Err(TableError::Moved), _, _) => Ok(()),
        (Err(error), _, _) => Err(error.into()),
        (Ok(()), Some(endpoint), Some((order, event))) => {
            attempt::make(runtime, &endpoint, delivery, &order, &event).await
        }
        (Ok(()), _, _) => Ok(()),
    }
}

/// The order as it is now, and the event of that version.
async fn what_happened(
    runtime: &Runtime,
    order: &str,
    version: u64,
) -> StepResult<Option<(Order, Event)>> {
    let Some(partition) = runtime.table.order(order).await? else { return Ok(None) };
    let order = partition.stored.order;
    if let Some(event) = order.recent_events.iter().find(|e| e.version == version) {
        let event = event.clone();
        return Ok(Some((order, event)));
    }
    // Looked at before the event itself, which might be written meanwhile.
    let has_gone_on = !runtime.table.events(&order.id, version, 1).await?.is_empty();
    match runtime.table.event(&order.id, version).await? {
        Some(event) => Ok(Some((order, event))),
        // The order has forgotten it and the history lacks it: it will never be there.
        None if has_gone_on => {
            tracing::error!(order.id = order.id, event = version, "the history lacks an event");
            Ok(None)
        }
        None => Err(Failure::retryable("the event is not in the history yet")),
    }
}
