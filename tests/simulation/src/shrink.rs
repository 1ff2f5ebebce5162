//! Makes a failing world smaller while it still fails in the same way: fewer intents, fewer kinds
//! of faults, fewer faults.

use crate::mutations::Mutation;
use crate::plan::{Fault, Plan};
use crate::world::{Outcome, run};
use std::time::{Duration, Instant};

/// The smallest plan that was found, and what it does, in words.
#[must_use]
pub fn shrink(plan: &Plan, mutation: Option<Mutation>, within: Duration) -> (Plan, Outcome) {
    let until = Instant::now() + within;
    let mut best = plan.clone();
    let code = first_code(&run(&best, mutation, false));
    let fails = |plan: &Plan| code.is_some() && first_code(&run(plan, mutation, false)) == code;
    // Half of the intents, then quarters, then one by one.
    let mut piece = best.intents.len().div_ceil(2);
    while piece > 0 && Instant::now() < until {
        let mut at = 0;
        while at < best.intents.len() && Instant::now() < until {
            let mut fewer = best.clone();
            let end = (at + piece).min(fewer.intents.len());
            fewer.intents.drain(at..end);
            if fails(&fewer) {
                best = fewer;
            } else {
                at += piece;
            }
        }
        piece /= 2;
    }
    for fault in Fault::ALL {
        if Instant::now() < until && best.faults.contains_key(&fault) {
            let mut fewer = best.clone();
            fewer.faults.remove(&fault);
            if fails(&fewer) {
                best = fewer;
            }
        }
    }
    // The first faults that suffice.
    let (mut low, mut high) = (0, run(&best, mutation, false).faults.values().sum::<u64>());
    while low < high && Instant::now() < until {
        let middle = low.midpoint(high);
        let mut fewer = best.clone();
        fewer.faults_max = middle;
        if fails(&fewer) {
            best = fewer;
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    let outcome = run(&best, mutation, true);
    (best, outcome)
}

fn first_code(outcome: &Outcome) -> Option<String> {
    outcome.findings.first().map(|finding| finding.code.clone())
}
