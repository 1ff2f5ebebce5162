//! Faults on the way to AWS, one at a time and exactly where they are wanted: at the n-th request
//! from now on.

use ordermill_embedded::{After, Before, Call, Interceptor, Response, Verdict};

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Poll, Waker};

/// What goes wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fault {
    /// The service answers that it is overloaded; nothing is done.
    Throttle,
    /// A transaction meets another on the same row; other requests are throttled.
    Conflict,
    /// It is done, and the answer is lost.
    LostAnswer,
    /// The process dies before the request leaves.
    CrashBefore,
    /// The process dies when it is done, before the answer is seen.
    CrashAfter,
    /// It waits before the request leaves, until [`Faults::go_on`]: another call runs meanwhile.
    Wait,
}

/// Where a fault strikes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct When {
    /// At which request from now on, counted from zero.
    pub request: usize,
    /// What goes wrong.
    pub fault: Fault,
}

/// Somebody who sees each request with its answer, before any fault strikes it.
pub trait Witness: Send + Sync {
    /// A request was applied.
    fn saw(&self, call: &Call<'_>, response: &Response);
}

/// Faults to come, and the count of requests.
#[derive(Default)]
pub struct Faults {
    count: AtomicUsize,
    plan: Mutex<Option<When>>,
    witness: Mutex<Option<Arc<dyn Witness>>>,
    operations: Mutex<Vec<String>>,
    waits: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Faults {
    /// Begins to count from zero, with this fault to come.
    pub fn arm(&self, when: Option<When>) {
        self.count.store(0, Ordering::SeqCst);
        self.operations.lock().unwrap().clear();
        self.waits.store(true, Ordering::SeqCst);
        *self.plan.lock().unwrap() = when;
    }

    /// From now on each request that is applied is seen by this witness.
    pub fn witnessed_by(&self, witness: Arc<dyn Witness>) {
        *self.witness.lock().unwrap() = Some(witness);
    }

    /// Requests since it was armed.
    #[must_use]
    pub fn requests(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// The operations of those requests, in their order.
    #[must_use]
    pub fn operations(&self) -> Vec<String> {
        self.operations.lock().unwrap().clone()
    }

    /// What waits goes on.
    pub fn go_on(&self) {
        self.waits.store(false, Ordering::SeqCst);
        if let Some(waker) = self.waker.lock().unwrap().take() {
            waker.wake();
        }
    }

    fn strikes(&self, at: usize) -> Option<Fault> {
        self.plan.lock().unwrap().filter(|when| when.request == at).map(|when| when.fault)
    }
}

impl Faults {
    async fn waiting(&self) -> Before {
        std::future::poll_fn(|context| {
            if self.waits.load(Ordering::SeqCst) {
                *self.waker.lock().unwrap() = Some(context.waker().clone());
                return Poll::Pending;
            }
            Poll::Ready(())
        })
        .await;
        Before::Proceed
    }
}

impl Interceptor for Faults {
    fn before<'a>(&'a self, call: &'a Call<'a>) -> Verdict<'a, Before> {
        let at = self.count.fetch_add(1, Ordering::SeqCst);
        self.operations.lock().unwrap().push(call.operation.to_owned());
        let verdict = match self.strikes(at) {
            Some(Fault::Throttle) => Before::Answer(Response::throttled()),
            Some(Fault::Conflict) => Before::Answer(if call.operation == "TransactWriteItems" {
                Response::transaction_conflict()
            } else {
                Response::throttled()
            }),
            Some(Fault::CrashBefore) => Before::Never,
            Some(Fault::Wait) => return Box::pin(self.waiting()),
            Some(Fault::LostAnswer | Fault::CrashAfter) | None => Before::Proceed,
        };
        Box::pin(std::future::ready(verdict))
    }

    fn after<'a>(&'a self, call: &'a Call<'a>, response: &'a Response) -> Verdict<'a, After> {
        if let Some(witness) = &*self.witness.lock().unwrap() {
            witness.saw(call, response);
        }
        let at = self.count.load(Ordering::SeqCst) - 1;
        let verdict = match self.strikes(at) {
            Some(Fault::LostAnswer) => After::TimeOut,
            Some(Fault::CrashAfter) => After::Never,
            Some(Fault::Throttle | Fault::Conflict | Fault::CrashBefore | Fault::Wait) | None => {
                After::Deliver
            }
        };
        Box::pin(std::future::ready(verdict))
    }
}
