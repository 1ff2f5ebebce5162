//! A client's program that listens: it keeps what it was sent and answers what it was told to.

use ordermill_domain::webhook::{Fault, Outcome};
use ordermill_runtime::outgoing::{Post, Poster};
use std::sync::{Arc, Mutex};

/// What listens behind every endpoint of a world.
#[derive(Default)]
pub struct Hooks {
    taken: Mutex<Vec<Post>>,
    /// The status it answers; none: it does not answer at all.
    answers: Mutex<Option<u16>>,
}

impl Hooks {
    /// From now on it answers with this status, or not at all.
    pub fn answer(&self, status: Option<u16>) {
        *self.answers.lock().unwrap() = status;
    }

    /// Everything that was sent to it, in order, taken or not.
    #[must_use]
    pub fn posts(&self) -> Vec<Post> {
        self.taken.lock().unwrap().clone()
    }

    /// The way to it.
    pub(crate) fn poster(self: &Arc<Self>) -> Poster {
        let hooks = self.clone();
        Arc::new(move |post| {
            hooks.taken.lock().unwrap().push(post);
            let answered = *hooks.answers.lock().unwrap();
            let outcome = match answered {
                Some(status) => Outcome::Answered { status, retry_after: None },
                None => Outcome::Failed(Fault::TimedOut),
            };
            Box::pin(std::future::ready(outcome))
        })
    }
}
