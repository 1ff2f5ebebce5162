//! Virtual time: whoever waits is woken in order, nobody really waits.

use futures::stream::{FuturesUnordered, StreamExt as _};
use std::collections::BTreeMap;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

/// Whether somebody was woken.
#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

/// A clock that moves when everybody waits.
#[derive(Clone, Default)]
pub struct VirtualTime(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    now: Duration,
    /// Who waits, by moment and order of asking.
    waiting: BTreeMap<(Duration, u64), Waker>,
    asked: u64,
}

impl VirtualTime {
    /// Since the beginning.
    #[must_use]
    pub fn now(&self) -> Duration {
        self.0.lock().unwrap().now
    }

    /// Waits so long.
    pub fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send + use<> {
        let time = self.clone();
        let until = time.now() + duration;
        poll_fn(move |context| {
            let mut state = time.0.lock().unwrap();
            if state.now >= until {
                return Poll::Ready(());
            }
            state.asked += 1;
            let place = (until, state.asked);
            state.waiting.insert(place, context.waker().clone());
            Poll::Pending
        })
    }

    /// Runs all to their end; the clock moves on whenever all of them wait.
    ///
    /// # Panics
    /// Somebody waits for something else than this clock.
    pub async fn run<'a>(&self, tasks: Vec<Pin<Box<dyn Future<Output = ()> + 'a>>>) {
        let mut tasks: FuturesUnordered<_> = tasks.into_iter().collect();
        let bell = Arc::new(Bell::default());
        let waker = Waker::from(bell.clone());
        let all = poll_fn(|_| {
            loop {
                match tasks.poll_next_unpin(&mut Context::from_waker(&waker)) {
                    Poll::Ready(Some(())) => {}
                    Poll::Ready(None) => return Poll::Ready(()),
                    // Somebody only gave way to the others.
                    Poll::Pending if bell.0.swap(false, Ordering::SeqCst) => {}
                    Poll::Pending => assert!(self.advance(), "somebody waits for ever"),
                }
            }
        });
        // Nobody else is on this thread: giving way to others would be for ever.
        tokio::task::unconstrained(all).await;
    }

    /// Moves to the next moment somebody waits for; says whether there is one.
    fn advance(&self) -> bool {
        let mut state = self.0.lock().unwrap();
        let Some(((until, _), waker)) = state.waiting.pop_first() else { return false };
        state.now = state.now.max(until);
        waker.wake();
        true
    }
}
