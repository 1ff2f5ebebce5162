//! Real orders under another policy: the same one changes nothing, a shorter limit shows whom it
//! would have cost.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on has failed")]

mod support;

use ordermill_domain::policy::replay::{Replayed, replay};
use ordermill_domain::policy::{Policy, Role, load, presets};
use ordermill_domain::time::Seconds;
use serde_json::json;
use support::{World, euros, order};

fn draft(from: &str, to: &str) -> Policy {
    let text = presets::text("webshop").unwrap();
    let changed = text.replace(from, to);
    assert_ne!(text, changed);
    load::from_toml("draft", &changed).unwrap()
}

/// Orders with all kinds of ends.
fn history() -> World {
    let mut world = World::webshop(&[("A", "KUN", 20)]);
    world.place(&order("paid_late", &[("A", 2)]));
    world.place(&order("paid_at_once", &[("A", 2)]));
    world.place(&order("never_paid", &[("A", 1)]));
    world.place(&order("waits", &[("A", 50)]));
    world.place(&order("invoice", &[("A", 1)]).terms("invoice"));
    world.pay("paid_at_once", "pi_1", euros(20));
    world.act("paid_at_once", "pick", json!({}));
    world.pass(Seconds::days(10));
    world.pay("paid_late", "pi_2", euros(20));
    world.pass(Seconds::days(5));
    for id in ["never_paid", "paid_late", "waits"] {
        let due = world.now;
        world.judge_at(id, due);
    }
    assert_eq!(world.status("never_paid"), "cancelled");
    assert_eq!(world.status("paid_late"), "confirmed");
    world
}

fn replayed(world: &World, draft: &Policy, id: &str) -> Replayed {
    replay(draft, world.order(id), world.events_of(id), world.now)
}

#[test]
fn under_its_own_policy_an_order_goes_where_it_went() {
    let world = history();
    for id in ["paid_late", "paid_at_once", "never_paid", "waits", "invoice"] {
        let same = replayed(&world, &support::webshop(), id);
        assert_eq!((same.because, same.would_stand.as_str()), (None, world.status(id)), "{id}");
    }
}

#[test]
fn an_order_that_was_edited_goes_where_it_went() {
    let mut world = World::webshop(&[("A", "KUN", 20)]);
    world.place(&order("edited", &[("A", 2)]));
    world.pay("edited", "pi_1", euros(20));
    assert_eq!(world.status("edited"), "confirmed");
    let more = json!({ "lines": [{ "line": 1, "quantity": 5 }] });
    world.try_act("edited", Role::Manager, "edit", more).unwrap();
    assert_eq!(world.status("edited"), "awaiting_payment");
    let same = replayed(&world, &support::webshop(), "edited");
    assert_eq!((same.because, same.would_stand.as_str()), (None, world.status("edited")));
}

#[test]
fn a_shorter_limit_shows_whom_it_would_have_cost() {
    let world = history();
    let short = draft(
        "{ after = \"14d\", when = \"not method(card, paypal)\"",
        "{ after = \"7d\", when = \"not method(card, paypal)\"",
    );
    let late = replayed(&world, &short, "paid_late");
    assert_eq!((late.would_stand.as_str(), late.paid_in_truth), ("cancelled", true));
    let because = late.because.unwrap();
    assert!(because.why.contains("`awaiting_payment`"), "{because:?}");
    let never = replayed(&world, &short, "never_paid");
    assert_eq!((never.would_stand.as_str(), never.paid_in_truth), ("cancelled", false));
    for id in ["paid_at_once", "invoice"] {
        assert_eq!(replayed(&world, &short, id).because, None, "{id}");
    }
}

#[test]
fn a_move_that_is_not_there_stops_an_order_where_it_would_have_stood() {
    let world = history();
    let strict = draft(
        "command = \"pick\"\nfrom = [\"confirmed\", \"picking\"]\nto = \"picking\"\nby = [\"manager\"]",
        "command = \"pick\"\nfrom = [\"confirmed\", \"picking\"]\nto = \"picking\"\nby = [\"planner\"]",
    );
    let stopped = replayed(&world, &strict, "paid_at_once");
    assert_eq!(stopped.would_stand.as_str(), "confirmed");
    assert!(stopped.because.unwrap().why.contains("no such move for this role"));
}
