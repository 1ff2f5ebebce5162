//! Delivery: what SQS and its event source mappings do on AWS.
//!
//! One dispatcher a queue: it takes up to a batch of visible messages whenever fewer than the
//! queue's limit of calls are under way, hands them to the function, deletes what succeeded and
//! gives back what failed, hidden for a while that doubles from attempt to attempt. A message that
//! was received too often is stored as a `DEAD#` row before it is removed.

use crate::run::state::Shared;
use crate::run::wait::pause;
use aws_lambda_events::event::sqs::SqsBatchResponse;
use ordermill_embedded::{QueueDefinition, Queues, Received};
use ordermill_runtime::Queue;
use ordermill_table::{keys, records};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinHandle;

/// How often a dispatcher looks again when nothing woke it: hidden messages come back with time.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// The longest that a failed message is hidden.
const HIDDEN_SECONDS_MAX: u32 = 60;
/// Dead messages that are stored at once.
const DEAD_MESSAGES_MAX: usize = 10;

/// The queue's name at the service: the last part of its address.
#[must_use]
pub fn queue_name(shared: &Shared, queue: Queue) -> String {
    let url = shared.runtime().queues.url(queue);
    url.rsplit('/').next().unwrap_or(queue.name()).to_owned()
}

/// The name of the queue's dead letters at the service.
#[must_use]
pub fn dead_name(shared: &Shared, queue: Queue) -> String {
    format!("{}-dead", queue_name(shared, queue))
}

/// Makes the queues as the template makes them.
pub fn define_queues(shared: &Shared) {
    for queue in Queue::ALL {
        let limits = queue.limits();
        let visibility = u32::try_from(limits.visibility_seconds).unwrap_or(u32::MAX);
        let definition = QueueDefinition::new(queue_name(shared, queue), visibility)
            .dead_letters(dead_name(shared, queue), limits.attempts_max);
        shared.services().queues().define(definition);
    }
}

/// Starts the dispatchers.
#[must_use]
pub fn start(shared: &Shared) -> Vec<JoinHandle<()>> {
    let dispatchers = Queue::ALL.map(|queue| tokio::spawn(dispatch(shared.clone(), queue)));
    let dead = Queue::ALL.map(|queue| tokio::spawn(bury(shared.clone(), queue)));
    dispatchers.into_iter().chain(dead).collect()
}

/// Wakes a dispatcher.
struct Bell {
    messages: Option<watch::Receiver<u64>>,
    clock: watch::Receiver<u64>,
    stop: watch::Receiver<bool>,
}

impl Bell {
    fn new(shared: &Shared, name: &str) -> Self {
        Self {
            messages: shared.services().queues().woken(name).ok(),
            clock: shared.clock_moved(),
            stop: shared.stopping(),
        }
    }

    /// To be called before looking, so that nothing is missed.
    fn listen(&mut self) {
        if let Some(messages) = &mut self.messages {
            messages.borrow_and_update();
        }
        self.clock.borrow_and_update();
    }

    async fn wait(&mut self) {
        let messages = async {
            match &mut self.messages {
                Some(messages) => {
                    // The queues live as long as the services.
                    let _ = messages.changed().await;
                }
                None => std::future::pending().await,
            }
        };
        let any = async {
            tokio::select! {
                () = messages => {}
                _ = self.clock.changed() => {}
                _ = self.stop.changed() => {}
            }
        };
        // Without a sign it looks again all the same.
        let _ = tokio::time::timeout(LOOK_AGAIN, any).await;
    }
}

async fn dispatch(shared: Shared, queue: Queue) {
    let limits = queue.limits();
    let name: Arc<str> = queue_name(&shared, queue).into();
    let slots = Arc::new(Semaphore::new(limits.concurrency_max.max(1)));
    let mut bell = Bell::new(&shared, &name);
    while !shared.is_stopping() {
        let Ok(slot) = Arc::clone(&slots).acquire_owned().await else { return };
        bell.listen();
        if !deliver(&shared, queue, &name, slot) {
            bell.wait().await;
        }
    }
    // Whoever stops the system waits for what is in hand.
    let all = u32::try_from(limits.concurrency_max.max(1)).unwrap_or(u32::MAX);
    let _ = slots.acquire_many(all).await;
}

/// Takes a batch and has it dealt with; says whether there was one.
fn deliver(shared: &Shared, queue: Queue, name: &Arc<str>, slot: OwnedSemaphorePermit) -> bool {
    // Said before a message is taken, so that nobody sees an empty queue and nothing in hand.
    let mut in_hand = shared.begin();
    let batch = queue.limits().batch_messages_max;
    let messages = shared.services().queues().receive(name, batch).unwrap_or_default();
    if messages.is_empty() {
        return false;
    }
    in_hand.messages(queue, messages.len());
    let (shared, name) = (shared.clone(), Arc::clone(name));
    tokio::spawn(async move {
        let event = Queues::lambda_event(&name, &messages);
        let answer = shared.functions().behind(queue).call(shared.runtime(), event).await;
        settle_batch(&shared, queue, &name, &messages, answer);
        drop(in_hand);
        drop(slot);
    });
    true
}

/// Deletes what succeeded and gives back what failed. No answer: everything failed.
fn settle_batch(
    shared: &Shared,
    queue: Queue,
    name: &str,
    messages: &[Received],
    answer: Option<SqsBatchResponse>,
) {
    if answer.is_none() {
        let queue = queue.name();
        tracing::error!(queue, "a call panicked or took too long; its messages go back");
    }
    let failed: Option<BTreeSet<String>> = answer.map(|answer| {
        answer.batch_item_failures.into_iter().map(|item| item.item_identifier).collect()
    });
    let queues = shared.services().queues();
    for message in messages {
        let succeeded = failed.as_ref().is_some_and(|ids| !ids.contains(&message.message_id));
        // A receipt is void when the message came back meanwhile; then another has it in hand.
        let _ = if succeeded {
            queues.delete(name, &message.receipt)
        } else {
            queues.release(name, &message.receipt, hidden_seconds(message.receive_count))
        };
    }
}

/// How long a message is hidden after so many attempts: 1, 2, 4 … seconds.
fn hidden_seconds(attempts: u32) -> u32 {
    1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX).clamp(1, HIDDEN_SECONDS_MAX)
}

/// Stores dead messages as rows, then removes them.
async fn bury(shared: Shared, queue: Queue) {
    let name = dead_name(&shared, queue);
    let mut bell = Bell::new(&shared, &name);
    while !shared.is_stopping() {
        bell.listen();
        let in_hand = shared.begin();
        let received = shared.services().queues().receive(&name, DEAD_MESSAGES_MAX);
        let dead = received.unwrap_or_default();
        for message in &dead {
            match store_dead(&shared, queue, message).await {
                Ok(()) => {
                    let _ = shared.services().queues().delete(&name, &message.receipt);
                }
                Err(error) => {
                    tracing::warn!(queue = queue.name(), %error, "a dead message is kept in memory");
                    let _ = shared.services().queues().release(&name, &message.receipt, 1);
                    pause(100).await;
                }
            }
        }
        drop(in_hand);
        if dead.is_empty() {
            bell.wait().await;
        }
    }
}

async fn store_dead(
    shared: &Shared,
    queue: Queue,
    message: &Received,
) -> Result<(), ordermill_table::TableError> {
    let now = shared.runtime().clock.now();
    // Message ids begin anew with each run, the moment does not.
    let id = format!("{}#{}", keys::moment(now), message.message_id);
    let body = serde_json::json!({
        "queue": queue.name(),
        "body": &*message.body,
        "died_at": now,
        "sent_at_milliseconds": message.sent_at_milliseconds,
    });
    tracing::error!(queue = queue.name(), message.id = id, "a message is dead");
    let row = records::document(&keys::dead(queue.name(), &id), &body)?;
    shared.runtime().table.put_row(row).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::functions::Function;
    use crate::run::{Functions, Ground, LiveLog, Ownership, Parts, System};
    use aws_lambda_events::event::sqs::SqsEvent;
    use ordermill_domain::time::Seconds;
    use ordermill_embedded::Message;
    use ordermill_runtime::Config;

    #[test]
    fn a_failed_message_is_hidden_longer_each_time_and_at_most_a_minute() {
        let seconds: Vec<u32> = [1, 2, 3, 6, 7, 8, 40].map(hidden_seconds).to_vec();
        assert_eq!(seconds, [1, 2, 4, 32, 60, 60, 60]);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_message_that_always_fails_ends_as_a_dead_row_and_nothing_waits_for_it() {
        let folder = std::env::temp_dir().join(format!("ordermill-dead-{}", std::process::id()));
        let ground = Ground::open(&folder, Ownership::Owner, Config::local()).await.unwrap();
        let mut functions = Functions::deployed();
        functions.validate = Function::new(|_, event: SqsEvent| async move {
            assert!(event.records.is_empty(), "a defect");
            SqsBatchResponse::default()
        });
        let system = System::start(ground, functions, Parts::All, LiveLog::Silent).unwrap();
        let shared = system.shared();
        let message = Message { body: "{}".to_owned(), ..Message::default() };
        let name = queue_name(shared, Queue::Validate);
        shared.services().queues().send(&name, message).unwrap();
        system.settle().await.unwrap();
        system.advance(Seconds::hours(1)).await.unwrap();
        let key = keys::dead(Queue::Validate.name(), "");
        let dead = shared.runtime().table.partition(key.pk(), "", None, 10).await.unwrap();
        assert_eq!(dead.len(), 1);
        let counts = shared.services().queues().counts(&name).unwrap();
        assert_eq!((counts.visible, counts.in_flight, counts.dead), (0, 0, 0));
        system.stop().await;
        std::fs::remove_dir_all(folder).unwrap();
    }
}
