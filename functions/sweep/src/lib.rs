//! Sweep: finds what is due and sends pointers to it. Writes no order; it is the repair for
//! anything stuck: take it away and the system gets late, never wrong.
//!
//! In: a schedule, each minute. Out: the `timeout`, `recur`, `payment`, `notify` and `webhook` queues.
//! Rules: none; `timeout` and `recur` judge again. Wiring: `main.rs`.

use ordermill_domain::order::Recipient;
use ordermill_domain::time::Timestamp;
use ordermill_runtime::queues::{DuePointer, InboxPointer, NoticePointer, Waiting, WebhookPointer};
use ordermill_runtime::{Metric, Queue, Runtime, StepResult};
use ordermill_table::keys::{self, NoticeKey, WORKLIST_SHARDS};
use serde_json::{Value, json};

/// Keys read from the worklist at a time.
const PAGE_KEYS: i32 = 500;
/// Pages of one shard in one run; what is left is found by the next.
const PAGES_MAX: usize = 40;
/// Nothing more is sent to a queue on which so many messages wait; the others go on. Asked of the
/// queues that a backlog of deadlines fills.
const WAITING_MAX: u64 = 20_000;

/// Sends pointers to everything that is due. What was sent before and is not judged yet is sent
/// again: whoever judges moves the deadline.
pub async fn handle(runtime: &Runtime, _event: Value) -> Value {
    match sweep(runtime).await {
        Ok(sent) => json!({ "sent": sent }),
        Err(failure) => {
            tracing::error!(reason = %failure, "the sweep could not finish; the next run goes on");
            json!({ "error": failure.to_string() })
        }
    }
}

async fn sweep(runtime: &Runtime) -> StepResult<usize> {
    let mut full = Vec::new();
    for queue in [Queue::Timeout, Queue::Recur, Queue::Webhook] {
        let waiting = runtime.queues.waiting(queue).await?;
        if waiting > WAITING_MAX {
            tracing::warn!(queue = queue.name(), waiting, "nothing more is sent to a full queue");
            full.push(queue);
        }
    }
    let shards = (0..WORKLIST_SHARDS).map(|shard| shard_due(runtime, shard, &full));
    let swept = futures::future::try_join_all(shards).await?;
    let sent = swept.iter().map(|s| s.sent).sum();
    let behind = swept.iter().map(|s| s.behind_seconds).max().unwrap_or(0);
    let count = u64::try_from(sent).unwrap_or(u64::MAX);
    runtime.measure(&[(Metric::SweepBehind, behind), (Metric::SweepSent, count)]);
    Ok(sent)
}

/// What a run found in one shard.
struct Swept {
    sent: usize,
    behind_seconds: u64,
}

/// By how much what stands first in a page is late.
fn behind(first: Option<&(String, String)>, now: Timestamp) -> u64 {
    let due = first.and_then(|(_, sort)| keys::due_of_worklist(sort));
    let late = due.map_or(0, |due| now.seconds().saturating_sub(due.seconds()));
    u64::try_from(late).unwrap_or(0)
}

async fn shard_due(runtime: &Runtime, shard: u8, full: &[Queue]) -> StepResult<Swept> {
    let now = runtime.clock.now();
    let mut after: Option<String> = None;
    let mut swept = Swept { sent: 0, behind_seconds: 0 };
    for _ in 0..PAGES_MAX {
        let page = runtime.table.due(shard, after.as_deref(), now, PAGE_KEYS).await?;
        if after.is_none() {
            swept.behind_seconds = behind(page.keys.first(), now);
        }
        let mut orders = Vec::new();
        let mut subscriptions = Vec::new();
        let mut money = Vec::new();
        let mut webhooks = Vec::new();
        let mut notices = Vec::new();
        for (pk, sort) in &page.keys {
            // Also customers who asked to be forgotten: `timeout` does both.
            if keys::order_of_partition(pk).is_some() || keys::customer_of_partition(pk).is_some() {
                orders.push(DuePointer::of(pk));
            } else if keys::subscription_of_partition(pk).is_some() {
                subscriptions.push(DuePointer::of(pk));
            } else if keys::delivery_of_partition(pk).is_some()
                || keys::client_of_endpoints(pk).is_some()
            {
                webhooks.push(WebhookPointer::Due { pk: pk.clone() });
            } else if keys::is_unmatched_partition(pk) {
                let key = keys::unmatched_of_partition(pk);
                money.push(InboxPointer { pk: key.pk().to_owned(), sk: key.sk().to_owned() });
            } else if let Some(notice) = NoticeKey::of_worklist(sort) {
                notices.push(waiting(notice));
            }
        }
        runtime.queues.send(Queue::Timeout, with_room(Queue::Timeout, &orders, full)).await?;
        runtime.queues.send(Queue::Recur, with_room(Queue::Recur, &subscriptions, full)).await?;
        runtime.queues.send(Queue::Payment, &money).await?;
        runtime.queues.send(Queue::Webhook, with_room(Queue::Webhook, &webhooks, full)).await?;
        runtime.queues.send(Queue::Notify, &notices).await?;
        swept.sent = swept.sent.saturating_add(page.keys.len());
        after = page.keys.last().map(|(_, sort)| sort.clone());
        if !page.more {
            break;
        }
    }
    Ok(swept)
}

/// The pointers, if their queue has room: what is left out is still due at the next run.
fn with_room<'p, P>(queue: Queue, pointers: &'p [P], full: &[Queue]) -> &'p [P] {
    if full.contains(&queue) { &[] } else { pointers }
}

/// A message to a customer whose moment has come; nobody else's messages wait.
fn waiting(notice: NoticeKey) -> NoticePointer {
    let NoticeKey { order, version, template, channel, who } = notice;
    let waiting = Some(Waiting { channel, who });
    NoticePointer { order, version, template, to: Recipient::Customer, waiting, ahead: None }
}
