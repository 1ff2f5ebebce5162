//! Some worlds in the ordinary tests, and that a seed is a world: the same one each time.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up is broken")]

use ordermill_simulation::mutations::Mutation;
use ordermill_simulation::plan::{Plan, Want};
use ordermill_simulation::world::run;

/// Runs on a thread whose stack is deep enough for unoptimised futures.
fn deep(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap().join().unwrap();
}

/// A world of a few wants, so that a test build runs it in a second or two.
fn small(seed: u64) -> Plan {
    let mut plan = Plan::new(seed);
    plan.intents.truncate(6);
    plan
}

#[test]
fn nothing_is_found_in_small_worlds() {
    deep(|| {
        for seed in 1..=6 {
            let outcome = run(&small(seed), None, false);
            let found: Vec<String> = outcome
                .findings
                .iter()
                .map(|f| format!("{} {} {}", f.code, f.about, f.detail))
                .collect();
            assert!(found.is_empty(), "seed {seed}, six wants: {found:?}");
        }
    });
}

#[test]
fn a_seed_is_the_same_world_each_time() {
    deep(|| {
        let print = |seed| {
            let outcome = run(&small(seed), None, false);
            (outcome.print, outcome.steps, outcome.requests)
        };
        assert_eq!(print(3), print(3));
        assert_ne!(print(3), print(4));
    });
}

#[test]
fn a_deadline_that_is_left_out_is_seen_at_once() {
    deep(|| {
        let mut plan = small(1);
        plan.faults.clear();
        plan.intents.retain(|intent| matches!(intent.want, Want::Order { .. }));
        let outcome = run(&plan, Some(Mutation::DeadlineSkipped), false);
        let codes: Vec<&str> = outcome.findings.iter().map(|f| f.code.as_str()).collect();
        assert!(codes.contains(&"due_at"), "{codes:?}");
    });
}
