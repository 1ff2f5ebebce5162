//! The shops' own programs, which listen to webhooks: they take what comes, or fail as often as the
//! world says.

use crate::dice::Dice;
use ordermill_domain::webhook::{Fault, Outcome};
use ordermill_runtime::outgoing::Poster;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

/// What listens behind every endpoint.
pub struct Hooks(Mutex<State>);

struct State {
    dice: Dice,
    /// How often a message is not taken, in a thousand.
    fails: u64,
    failed: u64,
    taken: BTreeSet<String>,
}

impl Hooks {
    /// Listeners of this world, which fail so often in a thousand.
    #[must_use]
    pub fn new(seed: u64, fails: u64) -> Arc<Self> {
        let state = State { dice: Dice::new(seed, 7), fails, failed: 0, taken: BTreeSet::new() };
        Arc::new(Self(Mutex::new(state)))
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on everything is taken; says how often it was not.
    pub fn mend(&self) -> u64 {
        self.with(|state| {
            state.fails = 0;
            state.failed
        })
    }

    /// Whether a delivery of that id was taken.
    #[must_use]
    pub fn took(&self, id: &str) -> bool {
        self.with(|state| state.taken.contains(id))
    }

    /// The way to them.
    #[must_use]
    pub fn poster(self: &Arc<Self>) -> Poster {
        let hooks = self.clone();
        Arc::new(move |post| {
            let id = post.headers.iter().find(|(name, _)| *name == "webhook-id");
            let id = id.map(|(_, id)| id.clone()).unwrap_or_default();
            let outcome = hooks.with(|state| {
                let fails = state.fails;
                if state.dice.chance(fails) {
                    state.failed += 1;
                    if state.dice.chance(500) {
                        return Outcome::Failed(Fault::TimedOut);
                    }
                    return Outcome::Answered { status: 500, retry_after: None };
                }
                state.taken.insert(id);
                Outcome::Answered { status: 204, retry_after: None }
            });
            Box::pin(std::future::ready(outcome))
        })
    }
}
