//! Editing as tables: stock and money follow, nothing is held twice, what has left stays.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::{Decision, Rejection};
use ordermill_domain::policy::Role;
use serde_json::{Value, json};
use support::{World, euros, order, units};

/// Ten of A and of B in Kaunas; an order of four A that is paid and confirmed.
fn confirmed() -> World {
    let mut world = World::webshop(&[("A", "KUN", 10), ("B", "KUN", 10)]);
    world.place(&order("o", &[("A", 4)]));
    world.pay("o", "pi_1", euros(40));
    assert_eq!(world.status("o"), "confirmed");
    world
}

fn edit(world: &mut World, lines: Value) -> Result<Decision, Rejection> {
    let edited = world.try_act("o", Role::Manager, "edit", json!({ "lines": lines }));
    world.sound();
    edited
}

/// What an edit is refused with.
fn refusal(world: &mut World, body: Value) -> String {
    let before = world.order("o").clone();
    let result = world.try_act("o", Role::Manager, "edit", body);
    assert_eq!(*world.order("o"), before, "a refused edit changes nothing");
    match result {
        Err(Rejection::Invalid { pointer, code, .. }) => format!("{code} {pointer}"),
        Err(Rejection::NotAllowedInStatus { .. }) => "not_allowed_in_status".to_owned(),
        Err(Rejection::OutOfStock { .. }) => "out_of_stock".to_owned(),
        Err(Rejection::RightMissing { right, pointer }) => format!("{right} {pointer}"),
        Err(Rejection::Unfit { reasons }) => format!("unfit {}", reasons[0].code),
        other => panic!("{other:?}"),
    }
}

#[test]
fn more_takes_stock_and_asks_for_the_rest_of_the_money() {
    let mut world = confirmed();
    edit(&mut world, json!([{ "line": 1, "quantity": 7 }])).unwrap();
    let order = world.order("o");
    assert_eq!((order.lines[0].held(), order.gross()), (units(7), euros(70)));
    assert_eq!(order.status.as_str(), "awaiting_payment");
    world.pay("o", "pi_2", euros(30));
    assert_eq!(world.status("o"), "confirmed");
    world.sound();
}

#[test]
fn less_gives_stock_back_and_owes_the_difference() {
    let mut world = confirmed();
    edit(&mut world, json!([{ "line": 1, "quantity": 1 }])).unwrap();
    let order = world.order("o");
    assert_eq!((order.lines[0].held(), order.gross()), (units(1), euros(10)));
    assert_eq!(order.ledger.refund_owed(), euros(30));
    assert_eq!(order.status.as_str(), "confirmed");
    assert_eq!(world.facts().stock.line("A", "KUN").unwrap().available(), units(9));
}

#[test]
fn what_one_line_gives_back_the_other_takes_though_nothing_else_is_there() {
    let mut world = World::webshop(&[("A", "KUN", 4)]);
    world.place(&order("o", &[("A", 4)]));
    let lines = json!([
        { "line": 1, "quantity": 1 },
        { "sku": "A", "quantity": 3, "unit_price": "9.00", "tax_rate": "0.21" },
    ]);
    // The price is the catalogue's only where there is one; who asks has no right to set others.
    assert_eq!(refusal(&mut world, json!({ "lines": lines })), "set_prices /lines/1/unit_price");
    let copy = json!([{ "line": 1, "quantity": 1 }, { "copy_of": 1, "quantity": 3 }]);
    edit(&mut world, copy).unwrap();
    let held: Vec<_> = world.order("o").lines.iter().map(|line| line.held()).collect();
    assert_eq!(held, [units(1), units(3)]);
    assert!(!world.order("o").waits_for_stock());
}

#[test]
fn what_is_not_there_waits_or_stops_the_edit_where_all_leaves_together() {
    let mut world = confirmed();
    edit(&mut world, json!([{ "line": 1, "quantity": 12 }])).unwrap();
    let order = world.order("o");
    assert_eq!((order.lines[0].held(), order.lines[0].backordered), (units(10), units(2)));
    edit(&mut world, json!([{ "line": 1, "quantity": 11 }])).unwrap();
    assert_eq!(world.order("o").lines[0].backordered, units(1));
    edit(&mut world, json!([{ "line": 1, "quantity": 2 }])).unwrap();
    let line = &world.order("o").lines[0];
    assert_eq!((line.held(), line.backordered), (units(2), units(0)));
    assert_eq!(world.queue("A"), []);
    let mut world = World::webshop(&[("A", "KUN", 5)]);
    world.place(&support::order("o", &[("A", 4)]).together());
    let more = json!({ "lines": [{ "line": 1, "quantity": 6 }] });
    assert_eq!(refusal(&mut world, more), "out_of_stock");
}

#[test]
fn nobody_who_waits_is_jumped() {
    let mut world = confirmed();
    world.place(&order("p", &[("A", 8)]));
    assert_eq!(world.queue("A").len(), 1);
    edit(&mut world, json!([{ "line": 1, "quantity": 5 }])).unwrap();
    let line = &world.order("o").lines[0];
    assert_eq!((line.held(), line.backordered), (units(4), units(1)));
}

#[test]
fn a_copy_arrives_with_nothing_and_a_removed_line_is_gone() {
    let mut world = confirmed();
    edit(&mut world, json!([{ "copy_of": 1 }])).unwrap();
    let order = world.order("o");
    assert_eq!((order.lines.len(), order.lines[1].quantity), (2, units(0)));
    assert_eq!((order.lines[1].line, order.gross()), (2, euros(40)));
    edit(&mut world, json!([{ "line": 1, "remove": true }, { "line": 2, "quantity": 4 }])).unwrap();
    let order = world.order("o");
    assert_eq!(order.lines.iter().map(|l| l.line).collect::<Vec<_>>(), [2]);
    assert_eq!(order.status.as_str(), "confirmed");
}

#[test]
fn boxes_are_recalled_when_the_order_goes_back() {
    let mut world = confirmed();
    world.act("o", "pick", json!({}));
    world.act("o", "pack", json!({}));
    edit(&mut world, json!([{ "line": 1, "quantity": 3 }])).unwrap();
    let order = world.order("o");
    assert_eq!((order.status.as_str(), order.lines[0].held()), ("confirmed", units(3)));
    world.act("o", "pick", json!({}));
    assert_eq!(world.order("o").lines[0].picked(), units(3));
    world.sound();
}

#[test]
fn what_has_left_is_not_edited() {
    let mut world = World::webshop(&[("A", "KUN", 10), ("B", "KUN", 10)]);
    world.place(&order("o", &[("A", 4), ("B", 2)]));
    world.pay("o", "pi_1", euros(60));
    world.act("o", "pick", json!({}));
    world.act("o", "pack", json!({}));
    world.act("o", "ship", json!({ "carrier": "DPD", "lines": [{ "line": 1, "quantity": 1 }] }));
    for change in [json!({ "line": 1, "quantity": 5 }), json!({ "line": 1, "remove": true })] {
        let body = json!({ "lines": [change] });
        assert_eq!(refusal(&mut world, body), "line_shipped /lines/0/line");
    }
    edit(&mut world, json!([{ "line": 2, "quantity": 1 }])).unwrap();
    assert_eq!(world.order("o").lines[1].held(), units(1));
    world.act("o", "ship", json!({ "carrier": "DPD" }));
    assert_eq!(world.status("o"), "shipped");
    let late = json!({ "lines": [{ "line": 2, "quantity": 3 }] });
    assert_eq!(refusal(&mut world, late), "not_allowed_in_status");
}

#[test]
fn an_edit_that_makes_no_sense_is_refused_and_changes_nothing() {
    for (body, code) in [
        (json!({ "lines": [{ "line": 1, "remove": true }] }), "lines_empty /lines"),
        (json!({ "lines": [{ "line": 9, "quantity": 1 }] }), "no_such_line /lines/0/line"),
        (json!({ "lines": [{ "copy_of": 9 }] }), "no_such_line /lines/0/copy_of"),
        (
            json!({ "lines": [{ "line": 1, "unit_price": "1.00" }] }),
            "set_prices /lines/0/unit_price",
        ),
        (json!({ "lines": [{ "line": 1, "tax_rate": "0.05" }] }), "set_prices /lines/0/tax_rate"),
        (json!({ "shipping": { "amount": "1.00" } }), "set_prices /shipping/amount"),
        (
            json!({ "lines": [{ "sku": "NEW", "quantity": 1 }] }),
            "price_missing /lines/0/unit_price",
        ),
        (json!({ "delivery": { "address": { "country": "LT" } } }), "unfit address_incomplete"),
    ] {
        let mut world = confirmed();
        assert_eq!(refusal(&mut world, body.clone()), code, "{body}");
    }
    let mut world = confirmed();
    let same = world.act("o", "edit", json!({ "lines": [{ "line": 1, "quantity": 4 }] }));
    assert!(same.is_nothing(), "what is so already is no edit");
}

#[test]
fn in_a_review_the_order_is_checked_again() {
    let mut world = World::webshop(&[("A", "KUN", 10)]);
    let wrong = order("o", &[("A", 4)]).with("/delivery/address/postal_code", json!("1"));
    world.take_in(&wrong);
    world.run("o", &ordermill_domain::decide::Command::Validate);
    assert_eq!(world.status("o"), "review");
    let address = json!({ "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103",
        "country": "LT" });
    world.act("o", "edit", json!({ "delivery": { "address": address } }));
    assert_eq!(world.status("o"), "received");
    world.run("o", &ordermill_domain::decide::Command::Validate);
    assert_eq!(world.status("o"), "validated");
    assert!(world.order("o").reasons.is_empty());
    world.sound();
}

#[test]
fn a_total_by_itself_is_judged_like_one_beside_a_line_and_nothing_at_all_is_no_edit() {
    let mut world = confirmed();
    let edit = |world: &mut World, body: Value| world.try_act("o", Role::Manager, "edit", body);
    assert_eq!(refusal(&mut world, json!({ "total": "1.00" })), "unfit total_mismatch");
    assert!(edit(&mut world, json!({})).unwrap().is_nothing());
    edit(&mut world, json!({ "total": "40.00" })).unwrap();
    assert!(edit(&mut world, json!({ "total": "40.00" })).unwrap().is_nothing());
    assert_eq!(world.order("o").gross(), euros(40));
    world.sound();
}
