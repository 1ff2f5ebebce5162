//! Recur: makes the orders of subscriptions whose dates are due. The order, the row of its date
//! and the advance of the subscription are one transaction: exactly one order per occurrence.
//!
//! In: the `recur` queue, [`DuePointer`]. Out: nothing but the table.
//! Rules: `shared/domain/src/subscription.rs`, `recurrence/`. Wiring: `main.rs`.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::decide::taking_in::{Origin, receive};
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::intake::{Defaults, SubscriptionPrice, parse_agreed_subscription};
use ordermill_domain::order::{Actor, Channel, SubscriptionRef};
use ordermill_domain::recurrence::Occurrence;
use ordermill_domain::subscription::{Due, Subscription};
use ordermill_runtime::placing::{Placer, look_up};
use ordermill_runtime::queues::DuePointer;
use ordermill_runtime::{Failure, Queue, Runtime, StepResult, batch, contacts};
use ordermill_table::records::{document, subscription_row};
use ordermill_table::{TableError, commit, keys};
use serde_json::json;

/// Dates that one message deals with; what is left is found by the next sweep.
const DATES_MAX: usize = 400;

/// Deals with the subscriptions of a batch, each by itself.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    batch::each(Queue::Recur, event, |pointer: DuePointer| recur(runtime, pointer)).await
}

async fn recur(runtime: &Runtime, pointer: DuePointer) -> StepResult<()> {
    let Some(id) = keys::subscription_of_partition(&pointer.pk) else {
        return Err(Failure::permanent("the message points to no subscription"));
    };
    for _ in 0..DATES_MAX {
        let found: Option<Subscription> = runtime.table.document(&keys::subscription(id)).await?;
        let Some(before) = found else { return Ok(()) };
        let (after, due) = before.due(runtime.clock.now());
        let advance =
            commit::put_at_version(&runtime.table, subscription_row(&after)?, before.version)?;
        let written = match due {
            Due::NotDue => return Ok(()),
            Due::Advance => runtime.table.write(vec![advance]).await,
            Due::Make(occurrence) => make(runtime, &before, &occurrence, advance).await?,
        };
        match written {
            // Written, or somebody else was there first: look again.
            Ok(()) | Err(TableError::Moved | TableError::Cancelled(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Writes the order of an occurrence together with the subscription's advance.
async fn make(
    runtime: &Runtime,
    subscription: &Subscription,
    occurrence: &Occurrence,
    advance: aws_sdk_dynamodb::types::TransactWriteItem,
) -> StepResult<Result<(), TableError>> {
    let date = occurrence.key.to_string();
    let defaults = Defaults { channel: Channel::Recurring, policy: "webshop".to_owned() };
    let mut draft = parse_agreed_subscription(subscription.coming_body(), &defaults)
        .map_err(|_| Failure::retryable("a stored subscription cannot be read"))?;
    let now = runtime.clock.now();
    let policy = runtime
        .policies
        .active(&runtime.table, &draft.order.policy, now)
        .await?
        .ok_or_else(|| Failure::retryable(format!("no policy named {}", draft.order.policy)))?;
    let id = ids::derive(
        IdKind::Order,
        &runtime.config.seller,
        &[&subscription.client, "occurrence", &subscription.id, &date],
    );
    let mut origin = Origin {
        subscription: Some(SubscriptionRef {
            id: subscription.id.clone(),
            occurrence: date.clone(),
        }),
        ..Origin::of_client(
            &id,
            &subscription.client,
            &subscription.body_hash,
            Actor::system("recur"),
        )
    };
    let client = runtime.client(&subscription.client).await?;
    let placer = Placer {
        client: &subscription.client,
        price_list: client.as_ref().and_then(|client| client.price_list.as_deref()),
        is_house: subscription.is_house,
    };
    let country = draft.order.country.clone();
    contacts::normalise(&mut draft.order.placed, country.as_deref());
    let found = look_up(runtime, placer, &draft.order).await?;
    found.fill_origin(runtime, &mut origin).await?;
    origin.prices_trusted = draft.price == SubscriptionPrice::Locked
        || client.as_ref().map_or(subscription.is_house, |c| c.has_right("set_prices"));
    let body = draft.order_of(occurrence, &found.products);
    let decision = receive(&policy, body, origin, &found.products, now);
    let key = keys::occurrence(&subscription.id, &date);
    let row = document(&key, &json!({ "order": id, "at": occurrence.at }))?;
    let mut extra = vec![advance, commit::put_new(&runtime.table, row)?];
    extra.extend(found.card_row(runtime, &subscription.client, &decision.order)?);
    Ok(runtime.table.commit(&policy, None, &decision, extra).await)
}
