//! Races on one order, few of each: `--races` of the binary runs them at full size.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up is broken")]

use ordermill_simulation::races;

/// Gives the SDK the presence of a runtime.
fn inside<T>(work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let _inside = runtime.enter();
    work()
}

#[test]
fn money_in_time_is_applied_before_the_limit_is_judged() {
    let raced = inside(|| races::payment_against_limit(120, 1));
    println!("{raced:?}");
    assert!(raced.different > 60, "{raced:?}");
}

#[test]
fn money_that_meets_the_limit_has_an_owner_whoever_is_first() {
    let raced = inside(|| races::payment_with_limit(120, 2));
    println!("{raced:?}");
    assert!(raced.different > 20, "{raced:?}");
}

#[test]
fn two_hundred_same_requests_make_one_order() {
    println!("{:?}", inside(|| races::same_request(200, 3)));
}

#[test]
fn commands_at_once_are_each_carried_out_once() {
    println!("{:?}", inside(|| races::many_commands(80, 40, 4)));
}
