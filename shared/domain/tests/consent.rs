//! The customer's yes to an order as it stands, as tables: who waits for it is asked, what each answer
//! makes of it, and that a yes is about what was asked.

#![allow(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::ask::Reply;
use ordermill_domain::decide::{Command, Decision, Rejection};
use ordermill_domain::order::question::{About, Ended, Said, Silence};
use ordermill_domain::policy::{Guard, Policy, Role, StatusKey, presets};
use serde_json::json;
use support::{World, order};

/// The preset for suppliers, but an order is agreed on by its buyer, and by nobody else.
fn by_the_buyer() -> Policy {
    let mut policy = presets::wholesale().unwrap();
    let waits = StatusKey::new("awaiting_approval");
    for one in policy.moves.iter_mut().filter(|m| m.from.contains(&waits)) {
        if one.to == StatusKey::new("agreed") {
            one.guards = vec![Guard::ApprovedByCustomer];
            one.auto = true;
            one.by = vec![Role::System];
        }
    }
    policy
}

fn asked(policy: Policy) -> World {
    let mut world = World::new(policy, support::stock(&[("A", "KUN", 10)]));
    world.place(&order("o", &[("A", 4)]));
    assert_eq!(world.status("o"), "awaiting_approval");
    world
}

fn answer(world: &mut World, said: Said) -> Result<Decision, Rejection> {
    let order = world.order("o");
    let number = order.question.as_ref().map(|q| q.number);
    let number = number.or(order.answered.as_ref().map(|a| a.number)).unwrap();
    let reply = Reply { number, all: Some(said), items: Vec::new(), comment: None };
    let done = world.try_run("o", &Command::Answer(reply));
    world.sound();
    done
}

fn question(world: &World) -> Option<(About, u64)> {
    world.order("o").question.as_ref().map(|question| (question.about, question.number))
}

#[test]
fn an_order_that_waits_for_a_yes_asks_for_it_and_goes_on_with_it() {
    let mut world = asked(by_the_buyer());
    assert_eq!(question(&world).unwrap().0, About::Order);
    assert!(world.told("o").contains(&"order_approval_request".to_owned()));
    assert_eq!(world.order("o").holds, []);
    answer(&mut world, Said::Accept).unwrap();
    assert_eq!((world.status("o"), question(&world)), ("agreed", None));
    let version = world.order("o").version;
    assert!(answer(&mut world, Said::Accept).unwrap().is_nothing());
    assert!(answer(&mut world, Said::Refuse).is_err());
    assert_eq!(world.order("o").version, version);
}

#[test]
fn a_no_is_for_a_person_and_is_not_asked_about_again() {
    let mut world = asked(by_the_buyer());
    answer(&mut world, Said::Refuse).unwrap();
    let codes: Vec<&str> = support::codes(&world);
    assert_eq!((world.status("o"), codes), ("awaiting_approval", vec!["customer_refused"]));
    world.act("o", "comment", json!({ "text": "called", "visibility": "internal" }));
    assert_eq!(question(&world), None);
    world.sound();
}

#[test]
fn nobody_is_asked_where_nothing_waits_for_it() {
    let world = asked(presets::wholesale().unwrap());
    assert_eq!(question(&world), None);
}

#[test]
fn what_changes_the_order_asks_anew_and_the_old_link_is_over() {
    let mut world = asked(by_the_buyer());
    let (_, first) = question(&world).unwrap();
    world.act("o", "cancel", json!({ "lines": [{ "line": 1, "quantity": 1 }] }));
    world.sound();
    let (about, second) = question(&world).unwrap();
    assert!(about == About::Order && second > first);
    let old = Reply { number: first, all: Some(Said::Accept), items: Vec::new(), comment: None };
    assert!(world.try_run("o", &Command::Answer(old)).is_err());
    world.act("o", "edit", json!({ "lines": [{ "line": 1, "quantity": 6 }] }));
    world.run("o", &Command::Validate);
    assert!(question(&world).unwrap().1 > second);
    // A part is an order of its own, and its customer is asked about each.
    let third = question(&world).unwrap().1;
    let split = world.act("o", "split", json!({ "lines": [{ "line": 1, "quantity": 2 }] }));
    let part = &split.parts.first().unwrap().order;
    assert_eq!(part.question.as_ref().unwrap().about, About::Order);
    assert!(question(&world).unwrap().1 > third);
    world.sound();
}

#[test]
fn who_goes_on_without_the_yes_ends_the_question() {
    let mut world = asked(by_the_buyer());
    world.act("o", "cancel", json!({}));
    world.sound();
    let order = world.order("o");
    assert_eq!((order.status.as_str(), question(&world)), ("cancelled", None));
    assert_eq!(order.answered.as_ref().unwrap().ended, Ended::Withdrawn);
}

#[test]
fn silence_is_what_the_policy_says() {
    for (silence, status, task) in [
        (Silence::Keep, "awaiting_approval", false),
        (Silence::Ask, "awaiting_approval", true),
        (Silence::Cancel, "cancelled", false),
    ] {
        let mut policy = by_the_buyer();
        policy.approval.silence = silence;
        let mut world = asked(policy);
        let due = world.order("o").question.as_ref().unwrap().due_at;
        world.judge_at("o", due);
        world.sound();
        let silent = support::codes(&world).contains(&"customer_silent");
        assert_eq!((world.status("o"), silent, question(&world)), (status, task, None));
    }
}
