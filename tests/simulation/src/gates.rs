//! The scheduler's hands on the one seam: every request of every task to AWS, and every pause,
//! stops at a *gate* until the scheduler opens it, and the scheduler says what becomes of it.
//!
//! All is on one thread and nothing else ever waits. So between two openings a task runs on alone,
//! and what was applied when and in which order follows from the seed. Requests outside of any
//! task (the setting up, the last look) pass.

use crate::mutations::Mutation;
use ordermill_embedded::{After, Before, Call, Interceptor, Response, Service, Verdict};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// Whose request it is.
pub type TaskId = u64;
/// Nobody's: such requests pass.
pub const NOBODY: TaskId = 0;

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It is applied and answered.
    Done,
    /// It is not applied, and this is the answer.
    Answered(Response),
    /// It is not applied, and the caller sees a time-out.
    LostBefore,
    /// It is applied, and the caller sees a time-out.
    LostAfter,
    /// It is applied, and the caller dies before it sees the answer.
    DiesAfter,
    /// It is applied, and this is the answer: an older state of an index.
    Stale(Vec<u8>),
}

/// A request at its gate.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Whose.
    pub task: TaskId,
    /// The service; none for a pause between two attempts.
    pub service: Option<Service>,
    /// The operation.
    pub operation: String,
    /// The request's body.
    pub body: Vec<u8>,
}

/// A request that was let through, and what came of it.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Whose.
    pub task: TaskId,
    /// The service.
    pub service: Service,
    /// The operation.
    pub operation: String,
    /// The request's body.
    pub body: Vec<u8>,
    /// Whether the service did it.
    pub done: bool,
    /// The service's answer.
    pub answer: Vec<u8>,
    /// Whether the caller saw that answer.
    pub seen: bool,
}

struct Gate {
    waiting: Waiting,
    fate: Option<Fate>,
    waker: Option<Waker>,
}

#[derive(Default)]
struct Inner {
    current: TaskId,
    /// Everything passes: faults are off and nothing is scheduled.
    last: u64,
    gates: BTreeMap<u64, Gate>,
    /// What becomes of the answer of the request that is being applied.
    fate: Option<Fate>,
    passed: Vec<Passed>,
    requests: u64,
    mutation: Option<Mutation>,
}

/// The gates of a world.
#[derive(Clone, Default)]
pub struct Gates(Arc<Mutex<Inner>>);

impl Gates {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program is broken in this way from now on.
    pub fn break_by(&self, mutation: Option<Mutation>) {
        self.lock().mutation = mutation;
    }

    /// Says whose requests come from now on.
    pub fn enter(&self, task: TaskId) {
        self.lock().current = task;
    }

    /// The gates at which this task stands, in the order it came to them.
    #[must_use]
    pub fn of(&self, task: TaskId) -> Vec<u64> {
        let inner = self.lock();
        let of_task = inner.gates.iter().filter(|(_, g)| g.waiting.task == task);
        of_task.map(|(id, _)| *id).collect()
    }

    /// What stands at a gate.
    #[must_use]
    pub fn look(&self, gate: u64) -> Option<Waiting> {
        self.lock().gates.get(&gate).map(|g| g.waiting.clone())
    }

    /// Opens a gate; the task goes on when it is polled.
    pub fn open(&self, gate: u64, fate: Fate) {
        let waker = {
            let mut inner = self.lock();
            let Some(gate) = inner.gates.get_mut(&gate) else { return };
            gate.fate = Some(fate);
            gate.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// What has passed since the last time.
    #[must_use]
    pub fn passed(&self) -> Vec<Passed> {
        std::mem::take(&mut self.lock().passed)
    }

    /// Requests so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.lock().requests
    }

    /// A pause between two attempts: a gate of its own, so that others go on meanwhile.
    pub fn pause(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let gates = self.clone();
        Box::pin(async move {
            if gates.lock().current == NOBODY {
                return;
            }
            gates.stand(None, "pause", &[]).await;
        })
    }

    fn stand(&self, service: Option<Service>, operation: &str, body: &[u8]) -> Standing {
        let mut inner = self.lock();
        inner.last += 1;
        let id = inner.last;
        let waiting = Waiting {
            task: inner.current,
            service,
            operation: operation.to_owned(),
            body: body.to_vec(),
        };
        inner.gates.insert(id, Gate { waiting, fate: None, waker: None });
        Standing { gates: self.clone(), id }
    }
}

/// Waits for its gate to open; a task that dies leaves its gates.
struct Standing {
    gates: Gates,
    id: u64,
}

impl Future for Standing {
    type Output = Fate;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Fate> {
        let mut inner = self.gates.lock();
        let Some(gate) = inner.gates.get_mut(&self.id) else { return Poll::Ready(Fate::Done) };
        match gate.fate.take() {
            Some(fate) => Poll::Ready(fate),
            None => {
                gate.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        self.gates.lock().gates.remove(&self.id);
    }
}

impl Interceptor for Gates {
    fn before<'a>(&'a self, call: &'a Call<'a>) -> Verdict<'a, Before> {
        Box::pin(async move {
            let fate = if self.lock().current == NOBODY {
                Fate::Done
            } else {
                self.stand(Some(call.service), call.operation, call.body).await
            };
            let mut inner = self.lock();
            inner.requests += 1;
            let instead = inner.mutation.as_mut().and_then(|mutation| mutation.request(call));
            match fate {
                Fate::Answered(response) => Before::Answer(response),
                Fate::LostBefore => Before::TimeOut,
                Fate::Done | Fate::LostAfter | Fate::DiesAfter | Fate::Stale(_) => {
                    inner.fate = Some(fate);
                    match instead {
                        None => Before::Proceed,
                        Some(crate::mutations::Instead::Body(body)) => Before::Instead(body),
                        Some(crate::mutations::Instead::Answer(answer)) => Before::Answer(answer),
                    }
                }
            }
        })
    }

    fn after<'a>(&'a self, call: &'a Call<'a>, response: &'a Response) -> Verdict<'a, After> {
        let mut inner = self.lock();
        let fate = inner.fate.take().unwrap_or(Fate::Done);
        let task = inner.current;
        inner.passed.push(Passed {
            task,
            service: call.service,
            operation: call.operation.to_owned(),
            body: call.body.to_vec(),
            done: response.is_success(),
            answer: response.body.clone(),
            seen: matches!(fate, Fate::Done | Fate::Stale(_)),
        });
        let other = inner.mutation.as_mut().and_then(|mutation| mutation.response(call, response));
        let verdict = match fate {
            Fate::LostAfter => After::TimeOut,
            Fate::DiesAfter => After::Never,
            Fate::Stale(body) => After::Replace(Response::ok(body)),
            Fate::Done | Fate::Answered(_) | Fate::LostBefore => match other {
                Some(body) => After::Replace(Response::ok(body)),
                None => After::Deliver,
            },
        };
        Box::pin(std::future::ready(verdict))
    }
}
