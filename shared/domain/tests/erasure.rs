//! Forgetting a customer as tables: who ordered goes, what was ordered and paid stays.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::erase::needs_customer;
use ordermill_domain::decide::{Command, Rejection};
use ordermill_domain::order::{Actor, EventKind};
use ordermill_domain::time::Seconds;
use serde_json::json;
use support::{OrderBuilder, World, euros, order, webshop};

fn erase() -> Command {
    Command::Erase { actor: Actor::system("test") }
}

/// An order that says everything that somebody may say of themselves.
fn talkative() -> OrderBuilder {
    order("o", &[("A", 2)])
        .with(
            "/billing",
            json!({ "name": "Ona", "tax_id": "LT123", "address": { "line1": "Oak 1",
            "city": "Vilnius", "country": "LT" } }),
        )
        .with("/note", json!("ring Ona"))
        .with("/gift", json!({ "card": "for Ona" }))
        .with("/metadata", json!({ "who": "Ona" }))
        .with("/purchase_order", json!("Ona-1"))
        .with("/contract_number", json!("Ona-2"))
        .with("/fees", json!([{ "name": "gift wrap", "amount": "1.00" }]))
        .with("/lines/0/options", json!([{ "name": "engraving", "value": "Ona" }]))
}

/// The code of a refusal.
fn refusal(world: &mut World) -> &'static str {
    let before = world.order("o").clone();
    match world.try_run("o", &erase()) {
        Err(Rejection::NotPossible { code, .. }) => {
            assert_eq!(*world.order("o"), before, "a refusal changes nothing");
            code
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_open_order_needs_its_customer_and_so_does_one_that_owes() {
    let mut world = World::webshop(&[("A", "KUN", 10)]);
    world.place(&talkative());
    assert_eq!(refusal(&mut world), "order_needs_customer");
    world.pay("o", "pi_1", euros(21));
    world.act("o", "cancel", json!({}));
    // Closed, and 21.00 are to be given back.
    assert!(world.order("o").is_closed());
    assert_eq!(refusal(&mut world), "order_needs_customer");
    world.act("o", "refund", json!({ "amount": "21.00", "reference": "back-1" }));
    assert!(!needs_customer(&webshop(), world.order("o")));
    world.run("o", &erase());
    assert_eq!(world.audit(), vec![]);
}

#[test]
fn money_goods_and_events_stay_and_every_word_of_the_customer_goes() {
    let mut world = World::webshop(&[("A", "KUN", 10)]);
    world.place(&talkative());
    world.act("o", "comment", json!({ "text": "Ona called", "visibility": "internal" }));
    world.act("o", "cancel", json!({}));
    let before = world.order("o").clone();
    world.pass(Seconds::days(3));
    let decision = world.run("o", &erase());
    let after = world.order("o").clone();
    assert_eq!(
        decision.events.iter().map(|e| e.kind).collect::<Vec<_>>(),
        [EventKind::CustomerErased]
    );
    let placed = serde_json::to_value(&after.placed).unwrap();
    let left: Vec<&String> = placed.as_object().unwrap().keys().collect();
    assert_eq!(left, ["billing", "customer", "delivery", "erased_at", "fees"], "{placed}");
    assert_eq!(placed["delivery"]["address"], json!({ "country": "LT" }));
    assert_eq!(placed["billing"], json!({ "address": { "country": "LT" } }));
    assert!(!placed.to_string().contains("Ona"), "{placed}");
    assert_eq!(after.lines[0].detail.options, []);
    // All else is as it was.
    let mut same = after.clone();
    same.placed = before.placed.clone();
    same.lines = before.lines.clone();
    same.version = before.version;
    same.updated_at = before.updated_at;
    same.recent_events = before.recent_events.clone();
    assert_eq!(same, before);
    assert_eq!(world.audit(), vec![]);
    // Twice is once.
    assert!(world.try_run("o", &erase()).unwrap().is_nothing());
}

#[test]
fn late_money_of_a_forgotten_customer_goes_back_and_brings_nothing_to_life() {
    for is_erased in [false, true] {
        let mut world = World::webshop(&[("A", "KUN", 10)]);
        world.place(&talkative());
        world.act("o", "cancel", json!({}));
        if is_erased {
            world.run("o", &erase());
        }
        world.pay("o", "pi_1", euros(21));
        let order = world.order("o");
        let owed = order.ledger.refund_owed();
        assert_eq!((order.is_closed(), owed == euros(21)), (is_erased, is_erased));
        assert_eq!(world.audit(), vec![]);
    }
}
