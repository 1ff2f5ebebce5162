//! What does every status of the preset for shops say to every command? Printed beside this file
//! as `webshop.decide.txt` and compared; `UPDATE_GRIDS=1` rewrites it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::{Command, NextWay, Rejection};
use ordermill_domain::policy::Role;
use ordermill_domain::time::Seconds;
use serde_json::{Value, json};
use std::fmt::Write;
use support::{World, act, euros, order, received, refunded};

/// How an order of two units of A and one of B comes to that status.
fn at(status: &str) -> World {
    let on_hand = if status == "backordered" { 0 } else { 2 };
    let mut world = World::webshop(&[("A", "KUN", on_hand), ("B", "KUN", on_hand)]);
    let mut builder = order("o", &[("A", 2), ("B", 1)]);
    match status {
        "reserved" => builder = builder.with("/payment/terms", Value::Null),
        "review" => builder = builder.with("/delivery/address/postal_code", json!("1")),
        "awaiting_confirmation" => builder = builder.terms("after_confirmation"),
        "awaiting_balance" => builder = builder.terms("deposit(40)"),
        "ready_for_pickup" => builder = builder.delivery("pickup"),
        _ => {}
    }
    world.take_in(&builder);
    for _ in 0..12 {
        let here = world.status("o").to_owned();
        if here == status {
            return world;
        }
        match (here.as_str(), status) {
            ("received", "rejected") => world.act("o", "reject", json!({"reason": "no"})),
            ("received", "cancelled") => world.act("o", "cancel", json!({})),
            ("received", _) => world.run("o", &Command::Validate),
            ("review", _) => world.act("o", "approve", json!({})),
            ("validated", _) => world.run("o", &Command::Reserve),
            ("awaiting_payment", "awaiting_balance") => world.pay("o", "pi_1", euros(12)),
            ("awaiting_payment", _) => world.pay("o", "pi_1", euros(30)),
            ("confirmed", _) => world.act("o", "pick", json!({})),
            ("picking", _) => world.act("o", "pack", json!({})),
            ("packed", "partly_shipped") => {
                world.act("o", "ship", json!({"carrier": "DPD", "lines": [{"line": 1}]}))
            }
            ("packed", _) => world.act("o", "ship", json!({"carrier": "DPD"})),
            ("shipped", _) => world.act("o", "deliver", json!({})),
            ("delivered", "returned") => world.act("o", "return", json!({})),
            ("delivered", _) => world.act("o", "complete", json!({})),
            (other, _) => panic!("nothing leads from {other} to {status}"),
        };
    }
    panic!("{status} is not reached");
}

/// Every command, by the name it is printed under.
fn commands(world: &World) -> Vec<(String, Command)> {
    let mut all = vec![
        ("(validate)".to_owned(), Command::Validate),
        ("(reserve)".to_owned(), Command::Reserve),
        ("(serve A)".to_owned(), Command::Serve { sku: "A".to_owned() }),
        ("(judge)".to_owned(), Command::Judge),
        (
            "(message failed)".to_owned(),
            Command::NoticeFailed(support::failed_notice(NextWay::OtherChannel)),
        ),
        (
            "(nobody reached)".to_owned(),
            Command::NoticeFailed(support::failed_notice(NextWay::NobodyLeft)),
        ),
    ];
    for amount in [10, 30] {
        let event = received("pi_2", euros(amount), world.now);
        all.push((format!("(received {amount})"), Command::Money(event)));
    }
    all.push(("(refunded 5)".to_owned(), Command::Money(refunded("pi_1", euros(5), world.now))));
    let bodies = [
        ("cancel", json!({})),
        ("cancel", json!({"lines": [{"line": 1, "quantity": 1}]})),
        ("confirm", json!({})),
        ("approve", json!({})),
        ("reject", json!({"reason": "no"})),
        ("pick", json!({})),
        ("pack", json!({})),
        ("ship", json!({"carrier": "DPD"})),
        ("ship", json!({"carrier": "DPD", "lines": [{"line": 2}]})),
        ("deliver", json!({})),
        ("return", json!({})),
        ("return", json!({"lines": [{"line": 1, "quantity": 1, "condition": "restock"}]})),
        ("complete", json!({})),
        ("archive", json!({})),
        ("edit", json!({"lines": [{"line": 1, "quantity": 1}]})),
        ("edit", json!({"lines": [{"line": 1, "quantity": 3}]})),
        ("split", json!({"lines": [{"line": 1, "quantity": 1}]})),
        ("hold", json!({"name": "look"})),
        ("release", json!({"name": "look"})),
        ("assign", json!({"user": "u-1"})),
        ("task", json!({"code": "look"})),
        ("contact", json!({"outcome": "not_answering"})),
        ("contact", json!({"outcome": "reached", "result": "refused"})),
        ("comment", json!({"text": "hello"})),
        ("pay", json!({"amount": "30.00", "currency": "EUR", "reference": "bank-1"})),
        ("refund", json!({"amount": "5.00"})),
        ("refund", json!({"amount": "5.00", "reference": "bank-1"})),
    ];
    for (name, body) in bodies {
        let parts: Vec<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
        let shown = if name == "edit" {
            format!("edit to {}", body["lines"][0]["quantity"])
        } else if ["cancel", "ship", "return", "refund", "contact"].contains(&name) {
            format!("{name} {}", parts.join("+"))
        } else {
            name.to_owned()
        };
        for (role, who) in [(Role::Customer, "customer"), (Role::Manager, "manager")] {
            all.push((format!("{} by {who}", shown.trim()), act(role, name, body.clone())));
        }
    }
    all
}

/// What the order says, in a few words.
fn answer(world: &World, command: &Command) -> String {
    let before = world.order("o");
    match world.decide("o", command) {
        Err(Rejection::NotAllowedInStatus { .. }) => "409".to_owned(),
        Err(Rejection::RoleNotAllowed { .. }) => "403".to_owned(),
        Err(Rejection::Busy) => "409 busy".to_owned(),
        Err(Rejection::NotPossible { code, .. }) => format!("409 {code}"),
        Err(Rejection::GuardFailed { guard }) => format!("409 {}", guard.sentence()),
        Err(Rejection::OutOfStock { .. }) => "409 out of stock".to_owned(),
        Err(Rejection::RightMissing { right, .. }) => format!("403 {right}"),
        Err(Rejection::Unfit { reasons }) => format!("422 {}", reasons[0].code),
        Err(Rejection::Invalid { code, .. }) => format!("422 {code}"),
        Ok(decision) if decision.is_nothing() => "nothing".to_owned(),
        Ok(decision) => {
            let mut text = support::kinds(&decision).join(", ");
            let after = &decision.order;
            if after.status != before.status {
                let _ = write!(text, " → {}", after.status);
            }
            let owed = after.ledger.refund_owed();
            if owed != before.ledger.refund_owed() {
                let _ = write!(text, "; owed {}", owed.format(after.currency));
            }
            text
        }
    }
}

#[test]
fn every_status_answers_every_command_as_it_is_printed() {
    let policy = support::webshop();
    let mut text = "webshop: what an order of 2 A and 1 B (30.00 EUR) in each status says to each \
                    command,\na minute after it came there. Money is paid where the way there \
                    asks for it.\n"
        .to_owned();
    let mut statuses: Vec<_> = policy.statuses.iter().collect();
    statuses.sort_by_key(|(_, status)| status.phase);
    for (status, _) in statuses {
        let mut world = at(status.as_str());
        assert_eq!(world.audit(), vec![]);
        world.pass(Seconds::minutes(1));
        let _ = writeln!(text, "\n{status}");
        for (name, command) in commands(&world) {
            let _ = writeln!(text, "  {name:<34} {}", answer(&world, &command));
        }
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/webshop.decide.txt");
    if std::env::var_os("UPDATE_GRIDS").is_some() {
        std::fs::write(path, &text).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        stored == text,
        "tests/webshop.decide.txt is out of date: run `UPDATE_GRIDS=1 cargo test -p \
         ordermill-domain --test grid_decide` and review the change"
    );
}
