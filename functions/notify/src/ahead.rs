//! Telling of an order that is not made yet: the coming order of a subscription, as it would be made now.

use crate::known::Known;
use crate::send::drop_waiting;
use crate::tell_of;
use ordermill_domain::order::{Actor, Event, EventKind};
use ordermill_domain::recurrence::Occurrence;
use ordermill_domain::subscription::Subscription;
use ordermill_runtime::queues::{NoticePointer, Waiting};
use ordermill_runtime::recurring::coming;
use ordermill_runtime::{Failure, Runtime, StepResult};
use ordermill_table::keys::{self, NoticeKey};
use ordermill_table::records::{Ahead, Notification};
use serde_json::{Map, Value};

/// Dates of a subscription among which the one that is told of must be.
const DATES_AHEAD_MAX: usize = 400;

/// Tells of it, unless it was made, skipped or cancelled meanwhile.
pub(crate) async fn tell(
    runtime: &Runtime,
    known: &Known,
    pointer: NoticePointer,
) -> StepResult<()> {
    let Some(ahead) = of(runtime, &pointer).await? else {
        return Err(Failure::permanent("nothing says which order it will be"));
    };
    let key = keys::subscription(&ahead.subscription);
    let found: Option<Subscription> = runtime.table.document(&key).await?;
    let Some((subscription, occurrence)) =
        found.and_then(|subscription| still(&subscription, &ahead.date).map(|o| (subscription, o)))
    else {
        return match &pointer.waiting {
            Some(waiting) => drop_waiting(runtime, &pointer, waiting).await,
            None => Ok(()),
        };
    };
    let coming = coming(runtime, &subscription, &occurrence).await?;
    let order = &coming.decision.order;
    let mut data = Map::new();
    let currency = order.currency;
    if let Some(previous) = subscription.before_the_rise(order) {
        // Told before it is asked for.
        data.insert("previous_total".to_owned(), previous.format(currency).into());
    }
    data.insert("change_until".to_owned(), Value::from(occurrence.at.to_string()));
    let event = Event {
        version: 0,
        at: runtime.clock.now(),
        kind: EventKind::OrderReceived,
        from: None,
        to: None,
        actor: Actor::system("recur"),
        cause: "notice".to_owned(),
        reason: None,
        data,
        todo: Vec::new(),
    };
    tell_of(runtime, known, &coming.policy, order, &event, &pointer).await
}

/// Which order it is: the pointer says so, or the row of a message that has waited for the morning.
async fn of(runtime: &Runtime, pointer: &NoticePointer) -> StepResult<Option<Ahead>> {
    if pointer.ahead.is_some() {
        return Ok(pointer.ahead.clone());
    }
    let Some(Waiting { channel, who }) = pointer.waiting.clone() else { return Ok(None) };
    let NoticePointer { order, version, template, .. } = pointer.clone();
    let key = NoticeKey { order, version, template, channel, who };
    let row: Option<Notification> = runtime.table.document(&key.key()).await?;
    Ok(row.and_then(|row| row.ahead))
}

/// The date, if it will still get an order.
fn still(subscription: &Subscription, date: &str) -> Option<Occurrence> {
    let coming = subscription.preview(DATES_AHEAD_MAX);
    coming.into_iter().find(|occurrence| occurrence.key.to_string() == date)
}
