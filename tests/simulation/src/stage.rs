//! The whole system as tasks: every call of a function is a future that the scheduler polls, and
//! that stops at each of its requests. Queues, stream, outbox and table are the embedded ones.

use crate::gates::{Gates, NOBODY, TaskId};
use crate::hooks::Hooks;
use aws_lambda_events::event::sqs::SqsBatchResponse;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_embedded::{
    Clock as _, Execution, ManualClock, Place, Queues, Received, Services, StreamRecord,
};
use ordermill_runtime::{Queue, Runtime};
use ordermill_table::keys::{PROJECT_KINDS, RELAY_KINDS, RowKind};
use ordermill_world::Answer;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

/// The readers of the stream.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Reader {
    /// The publisher.
    Relay,
    /// The builder of derived rows.
    Project,
}

/// What a task is.
#[derive(Debug)]
pub enum Work {
    /// A batch of a queue.
    Batch {
        /// The queue.
        queue: Queue,
        /// What was received.
        messages: Vec<Received>,
    },
    /// A batch of the stream.
    Records {
        /// Whose.
        reader: Reader,
        /// The first record.
        first: u64,
        /// The last record.
        last: u64,
        /// Nobody waits for its end: a second instance that goes on beside.
        stray: bool,
    },
    /// The sweep.
    Sweep,
    /// A caller's request, by its number.
    Request(usize),
    /// The repair.
    Repair,
}

impl Work {
    /// In a word.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Batch { queue, .. } => queue.name(),
            Self::Records { reader: Reader::Relay, .. } => "relay",
            Self::Records { reader: Reader::Project, .. } => "project",
            Self::Sweep => "sweep",
            Self::Request(_) => "request",
            Self::Repair => "repair",
        }
    }
}

/// How a task ended.
pub enum End {
    /// A batch of messages.
    Batch(SqsBatchResponse),
    /// A batch of records; whether all of it was dealt with.
    Records(bool),
    /// A request.
    Answer(Answer),
    /// The sweep.
    Swept,
    /// The repair; how many events are lost for good.
    Repaired(Result<u64, String>),
}

/// A call under way.
pub struct Task {
    /// What it is.
    pub work: Work,
    /// When it began.
    pub began: Timestamp,
    future: Pin<Box<dyn Future<Output = End>>>,
}

/// The system.
pub struct Stage {
    /// Table, queues, stream, outbox.
    pub services: Services,
    /// What functions get.
    pub runtime: Runtime,
    /// Where every request stops.
    pub gates: Gates,
    /// What listens behind every endpoint of webhooks.
    pub hooks: Arc<Hooks>,
    /// Calls under way.
    pub tasks: BTreeMap<TaskId, Task>,
    clock: Arc<ManualClock>,
    last_task: TaskId,
    /// How far each reader has read.
    at: BTreeMap<Reader, u64>,
    /// The relay's saved mark.
    mark: u64,
}

/// The name of a queue at the service.
#[must_use]
pub fn queue_name(queue: Queue) -> String {
    format!("ordermill-{}", queue.name())
}

impl Stage {
    /// An empty system with the presets in it.
    #[must_use]
    pub fn new(begin: Timestamp) -> Self {
        Self::with_hooks(begin, Hooks::new(0, 0))
    }

    /// The same with these listeners.
    #[must_use]
    pub fn with_hooks(begin: Timestamp, hooks: Arc<Hooks>) -> Self {
        let clock = Arc::new(ManualClock::at(begin.milliseconds()));
        let services = Services::open(&Place::Temporary, Execution::Inline, clock.clone()).unwrap();
        let gates = Gates::default();
        let runtime = runtime(&services, &clock, &gates, &hooks);
        ordermill_world::define_queues(&services);
        let at = BTreeMap::from([(Reader::Relay, 0), (Reader::Project, 0)]);
        let stage = Self {
            services,
            runtime,
            gates,
            hooks,
            tasks: BTreeMap::new(),
            clock,
            last_task: NOBODY,
            at,
            mark: 0,
        };
        stage.now_or_never(stage.runtime.table.create_if_absent()).unwrap();
        stage
            .now_or_never(ordermill_runtime::policies::store_presets(&stage.runtime.table))
            .unwrap();
        stage
    }

    /// Carries something out that passes no gate.
    pub fn now_or_never<T>(&self, future: impl Future<Output = T>) -> T {
        self.gates.enter(NOBODY);
        let mut future = std::pin::pin!(future);
        match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("something waits outside of any task"),
        }
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        Timestamp::from_milliseconds(self.clock.now_milliseconds())
    }

    /// Moves the clock; never back.
    pub fn set_clock(&self, at: Timestamp) {
        self.clock.set(at.max(self.now()).milliseconds());
    }

    /// Moves the clock a little.
    pub fn tick(&self, milliseconds: i64) {
        self.clock.set(self.clock.now_milliseconds() + milliseconds);
    }

    /// The newest task.
    #[must_use]
    pub fn newest_task(&self) -> TaskId {
        self.last_task
    }

    fn begin(&mut self, work: Work, future: impl Future<Output = End> + 'static) -> TaskId {
        self.last_task += 1;
        let task = Task { work, began: self.now(), future: Box::pin(future) };
        self.tasks.insert(self.last_task, task);
        self.last_task
    }

    /// Lets a task run on to its next gates; its end, if it came to it.
    pub fn poll(&mut self, id: TaskId) -> Option<End> {
        let task = self.tasks.get_mut(&id)?;
        self.gates.enter(id);
        let queues = self.services.queues();
        if let Work::Records { reader: Reader::Relay, first, .. } = &task.work {
            queues.set_origin(Some(*first));
        }
        let polled = task.future.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        queues.set_origin(None);
        self.gates.enter(NOBODY);
        match polled {
            Poll::Ready(end) => Some(end),
            Poll::Pending => None,
        }
    }

    /// Takes a task off the stage: it has ended, or it dies.
    pub fn take(&mut self, id: TaskId) -> Option<Task> {
        self.tasks.remove(&id)
    }

    /// Calls a queue's function with these messages.
    pub fn call(&mut self, queue: Queue, messages: Vec<Received>) -> TaskId {
        let event = Queues::lambda_event(&queue_name(queue), &messages);
        let runtime = self.runtime.clone();
        self.begin(Work::Batch { queue, messages }, async move {
            End::Batch(ordermill_world::invoke(&runtime, queue, event).await)
        })
    }

    /// Whether a reader has something to read.
    #[must_use]
    pub fn unread(&self, reader: Reader) -> bool {
        self.services.stream().newest().unwrap() > self.at[&reader]
    }

    /// How far a reader has read.
    #[must_use]
    pub fn position(&self, reader: Reader) -> u64 {
        self.at[&reader]
    }

    /// A reader goes on behind this record.
    pub fn advance(&mut self, reader: Reader, to: u64) {
        let at = self.at.entry(reader).or_default();
        *at = (*at).max(to);
        if reader == Reader::Relay {
            self.mark = self.low_water();
        }
    }

    /// A reader goes back.
    pub fn rewind(&mut self, reader: Reader, to: u64) {
        let at = self.at.entry(reader).or_default();
        *at = (*at).min(to);
    }

    /// Below this record all messages of the relay have been dealt with.
    #[must_use]
    pub fn low_water(&self) -> u64 {
        let oldest = self.services.queues().oldest_origin();
        oldest.map_or(u64::MAX, |first| first.saturating_sub(1)).min(self.at[&Reader::Relay])
    }

    /// Reads on, without handing anything over.
    #[must_use]
    pub fn records(&self, after: u64, limit: usize) -> Vec<StreamRecord> {
        self.services.stream().read(after, limit).unwrap()
    }

    /// Hands records to a reader's function, those of its kinds. None where there are none.
    pub fn hand_over(
        &mut self,
        reader: Reader,
        records: &[StreamRecord],
        stray: bool,
    ) -> Option<TaskId> {
        let kinds: &[RowKind] = match reader {
            Reader::Relay => &RELAY_KINDS,
            Reader::Project => &PROJECT_KINDS,
        };
        let wanted = |record: &&StreamRecord| {
            let image = record.new_image.as_ref();
            let kind = image.and_then(|i| i.get("kind")).and_then(|k| k.get("S"));
            kind.and_then(Value::as_str).is_some_and(|k| kinds.iter().any(|w| w.name() == k))
        };
        let wire: Vec<Value> = records.iter().filter(wanted).map(StreamRecord::to_wire).collect();
        let (first, last) = (records.first()?.sequence, records.last()?.sequence);
        if wire.is_empty() {
            self.advance(reader, last);
            return None;
        }
        let event = ordermill_runtime::records::event(wire).unwrap();
        let runtime = self.runtime.clone();
        let work = Work::Records { reader, first, last, stray };
        Some(self.begin(work, async move {
            let outcome = match reader {
                Reader::Relay => ordermill_relay::handle(&runtime, event).await,
                Reader::Project => ordermill_project::handle(&runtime, event).await,
            };
            End::Records(outcome.batch_item_failures.is_empty())
        }))
    }

    /// Runs the sweep.
    pub fn sweep(&mut self) -> TaskId {
        let runtime = self.runtime.clone();
        self.begin(Work::Sweep, async move {
            ordermill_sweep::handle(&runtime, json!({})).await;
            End::Swept
        })
    }

    /// Runs the repair.
    pub fn repair(&mut self) -> TaskId {
        let runtime = self.runtime.clone();
        self.begin(
            Work::Repair,
            async move { End::Repaired(crate::repair::repair(&runtime).await) },
        )
    }

    /// Somebody asks something over HTTP.
    pub fn request(&mut self, number: usize, request: &crate::callers::Request) -> TaskId {
        let runtime = self.runtime.clone();
        let event = request.event(self.now());
        let (method, path) = (request.method, request.path.clone());
        self.begin(Work::Request(number), async move {
            End::Answer(ordermill_world::answer(&runtime, method, &path, event).await)
        })
    }

    /// The process dies: calls and queues are gone, the readers go on from their marks.
    pub fn kill(&mut self, relay_mark: u64, project_mark: u64) {
        self.tasks.clear();
        self.services.queues().forget();
        ordermill_world::define_queues(&self.services);
        self.at.insert(Reader::Relay, relay_mark);
        self.at.insert(Reader::Project, project_mark);
        self.mark = relay_mark;
        self.runtime = runtime(&self.services, &self.clock, &self.gates, &self.hooks);
    }

    /// When a hidden message of any queue comes back.
    #[must_use]
    pub fn next_message(&self) -> Option<Timestamp> {
        self.services.queues().next_due().map(Timestamp::from_milliseconds)
    }

    /// Messages that can be received now.
    #[must_use]
    pub fn visible(&self, queue: Queue) -> usize {
        self.services.queues().counts(&queue_name(queue)).map_or(0, |counts| counts.visible)
    }

    /// Receives up to so many.
    #[must_use]
    pub fn receive(&self, queue: Queue, max: usize) -> Vec<Received> {
        self.services.queues().receive(&queue_name(queue), max).unwrap()
    }

    /// Deletes a message; one that somebody received again meanwhile stays.
    pub fn delete(&self, queue: Queue, message: &Received) {
        let _ = self.services.queues().delete(&queue_name(queue), &message.receipt);
    }

    /// Gives a message back, hidden for a while.
    pub fn release(&self, queue: Queue, message: &Received, hidden: Seconds) {
        let seconds = u32::try_from(hidden.0).unwrap_or(0);
        let _ = self.services.queues().release(&queue_name(queue), &message.receipt, seconds);
    }
}

fn runtime(
    services: &Services,
    clock: &Arc<ManualClock>,
    gates: &Gates,
    hooks: &Arc<Hooks>,
) -> Runtime {
    let pauses = gates.clone();
    ordermill_world::runtime(services, clock, Arc::new(gates.clone()))
        .with_poster(hooks.poster())
        .with_sleep(Arc::new(move |_| pauses.pause()))
}
