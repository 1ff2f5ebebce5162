//! The customer's choice, as tables: what becomes of units that a picker could not find, or that have a
//! defect, for each answer, and without one.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::ask::Reply;
use ordermill_domain::decide::{Command, Decision, Rejection};
use ordermill_domain::order::Order;
use ordermill_domain::order::question::{Ended, Said};
use ordermill_domain::policy::Role;
use serde_json::{Value, json};
use support::{World, euros, later, order, units};

fn sound(world: &World) {
    assert_eq!(world.audit(), vec![]);
    world.conserves().unwrap();
}

/// Five of A and of B in Kaunas; an order of four A, paid, of which this is found out when picking.
fn picked(short: Value) -> World {
    let mut world = World::webshop(&[("A", "KUN", 5), ("B", "KUN", 5)]);
    world.place(&order("o", &[("A", 4)]));
    world.pay("o", "pi_1", euros(40));
    world.act("o", "pick", json!({ "short": short }));
    sound(&world);
    world
}

fn answer(
    world: &mut World,
    all: Option<Said>,
    items: &[(&str, Said)],
) -> Result<Decision, Rejection> {
    let number = world.order("o").question.as_ref().unwrap().number;
    let items = items.iter().map(|(item, said)| ((*item).to_owned(), *said)).collect();
    let done = world.try_run("o", &Command::Answer(Reply { number, all, items, comment: None }));
    sound(world);
    done
}

fn one_missing() -> Value {
    json!([{ "line": 1, "quantity": 1 }])
}

/// Held, picked, waiting, cancelled of a line.
fn parts(order: &Order, place: usize) -> String {
    let line = &order.lines[place];
    let (held, picked) = (line.held(), line.picked());
    format!(
        "{} {} of {}: held {held}, picked {picked}, waits {}, cancelled {}",
        line.line, line.sku, line.quantity, line.backordered, line.cancelled
    )
}

#[test]
fn units_that_are_not_found_are_asked_about() {
    let world = picked(one_missing());
    let order = world.order("o");
    let question = order.question.as_ref().unwrap();
    assert_eq!(question.items[0].answers, [Said::Wait, Said::Cancel]);
    assert_eq!(world.told("o").last().unwrap(), "choice_request");
    assert_eq!(order.holds[0].name, "customer_choice");
    assert_eq!(parts(order, 0), "1 A of 4: held 3, picked 3, waits 0, cancelled 0");
    assert_eq!(world.facts().stock.line("A", "KUN").unwrap().on_hand, units(4));
}

#[test]
fn who_waits_gets_the_next_and_who_does_not_pays_less() {
    let mut world = picked(one_missing());
    answer(&mut world, Some(Said::Wait), &[]).unwrap();
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 3, picked 3, waits 1, cancelled 0");
    assert_eq!(world.order("o").holds, []);
    world.run("o", &Command::Reserve);
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 4, picked 3, waits 0, cancelled 0");
    sound(&world);
    let mut world = picked(one_missing());
    answer(&mut world, Some(Said::Cancel), &[]).unwrap();
    let after = world.order("o");
    assert_eq!(parts(after, 0), "1 A of 4: held 3, picked 3, waits 0, cancelled 1");
    assert_eq!((after.gross(), after.ledger.refund_owed()), (euros(30), euros(10)));
    assert_eq!(after.answered.as_ref().unwrap().ended, Ended::Accepted);
    world.act("o", "ship", json!({ "carrier": "DPD" }));
    assert_eq!(world.status("o"), "shipped");
    sound(&world);
}

#[test]
fn an_order_of_which_nothing_is_left_is_cancelled() {
    let mut world = picked(json!([{ "line": 1, "quantity": 4 }]));
    answer(&mut world, Some(Said::Cancel), &[]).unwrap();
    assert_eq!(world.status("o"), "cancelled");
    assert_eq!(world.order("o").ledger.refund_owed(), euros(40));
}

#[test]
fn a_substitute_comes_at_the_same_price_and_is_held_at_once() {
    let short = json!([{ "line": 1, "quantity": 1, "substitute": "B" }]);
    let mut world = picked(short);
    let question = world.order("o").question.clone().unwrap();
    assert_eq!(question.items[0].answers, [Said::Replace, Said::Wait, Said::Cancel]);
    answer(&mut world, Some(Said::Replace), &[]).unwrap();
    let after = world.order("o");
    assert_eq!(parts(after, 0), "1 A of 3: held 3, picked 3, waits 0, cancelled 0");
    assert_eq!(parts(after, 1), "2 B of 1: held 1, picked 0, waits 0, cancelled 0");
    assert_eq!((after.gross(), after.ledger.refund_owed()), (euros(40), euros(0)));
    world.act("o", "pick", json!({}));
    world.act("o", "ship", json!({ "carrier": "DPD" }));
    assert_eq!(world.status("o"), "shipped");
    sound(&world);
}

#[test]
fn the_whole_of_a_line_can_be_replaced_and_keeps_its_discounts() {
    let mut world = World::webshop(&[("A", "KUN", 5), ("B", "KUN", 5)]);
    let discounts = json!([{ "code": "TEN", "amount": "4.00" }]);
    world.place(&order("o", &[("A", 4)]).with("/lines/0/discounts", discounts));
    let gross = world.order("o").gross();
    world.pay("o", "pi_1", gross);
    let short = json!([{ "line": 1, "quantity": 4, "substitute": "B" }]);
    world.act("o", "pick", json!({ "short": short }));
    answer(&mut world, Some(Said::Replace), &[]).unwrap();
    let after = world.order("o");
    assert_eq!((after.lines.len(), after.gross()), (1, gross));
    assert_eq!(parts(after, 0), "2 B of 4: held 4, picked 0, waits 0, cancelled 0");
}

#[test]
fn what_has_a_defect_waits_outside_of_the_box_until_it_is_wanted() {
    let short = json!([{ "line": 1, "quantity": 1, "defect": "The lid has a scratch." }]);
    let mut world = picked(short.clone());
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 4, picked 3, waits 0, cancelled 0");
    world.act("o", "pick", json!({}));
    assert_eq!(world.order("o").lines[0].picked(), units(3));
    // Of four, three may leave.
    let four = json!({ "carrier": "DPD", "lines": [{ "line": 1, "quantity": 4 }] });
    assert!(world.try_act("o", Role::Manager, "ship", four).is_err());
    answer(&mut world, Some(Said::Accept), &[]).unwrap();
    world.act("o", "pick", json!({}));
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 4, picked 4, waits 0, cancelled 0");
    world.act("o", "ship", json!({ "carrier": "DPD" }));
    assert_eq!(world.status("o"), "shipped");
    sound(&world);
    // Who does not want it gets another: nobody else is sold it either.
    let mut world = picked(short);
    answer(&mut world, Some(Said::Wait), &[]).unwrap();
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 3, picked 3, waits 1, cancelled 0");
    assert_eq!(world.facts().stock.line("A", "KUN").unwrap().on_hand, units(4));
}

#[test]
fn two_finds_of_one_order_are_one_question() {
    let mut world = picked(one_missing());
    let first = world.order("o").question.as_ref().unwrap().number;
    let more = json!([{ "line": 1, "quantity": 1, "substitute": "B" }]);
    // What lies in a box already cannot be missing.
    assert!(world.try_act("o", Role::Manager, "pick", json!({ "short": more })).is_err());
    let mut world = World::webshop(&[("A", "KUN", 5), ("B", "KUN", 5)]);
    world.place(&order("o", &[("A", 2), ("B", 2)]));
    world.pay("o", "pi_1", euros(40));
    let none = json!([{ "line": 2, "quantity": 1 }]);
    world.act("o", "pick", json!({ "short": one_missing(), "lines": none }));
    world.act("o", "pick", json!({ "short": none }));
    let question = world.order("o").question.clone().unwrap();
    let items: Vec<&str> = question.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(items, ["line-1", "line-2"]);
    assert_ne!(question.number, first);
    answer(&mut world, None, &[("line-1", Said::Wait), ("line-2", Said::Cancel)]).unwrap();
    let after = world.order("o");
    assert_eq!((after.lines[0].backordered, after.lines[1].cancelled), (units(1), units(1)));
}

#[test]
fn two_days_of_silence_make_it_a_task_and_the_hold_stays() {
    let mut world = picked(one_missing());
    let due = world.order("o").question.as_ref().unwrap().due_at;
    world.judge_at("o", later(due, -1));
    assert!(world.order("o").question.is_some());
    world.judge_at("o", due);
    sound(&world);
    let after = world.order("o");
    assert_eq!((after.question.as_ref(), after.holds[0].name.as_str()), (None, "customer_choice"));
    assert_eq!(after.exceptions[0].code, "customer_silent");
}

#[test]
fn the_house_may_decide_by_itself() {
    let mut world = picked(one_missing());
    world.act("o", "release", json!({ "name": "customer_choice" }));
    sound(&world);
    let after = world.order("o");
    assert_eq!((after.question.as_ref(), after.holds.len()), (None, 0));
    assert_eq!(after.answered.as_ref().unwrap().ended, Ended::Withdrawn);
}

#[test]
fn units_that_the_house_takes_off_are_not_asked_about_any_more() {
    let short = json!([{ "line": 1, "quantity": 1, "defect": "The lid has a scratch." }]);
    let mut world = picked(short);
    world.act("o", "cancel", json!({ "lines": [{ "line": 1, "quantity": 1 }] }));
    sound(&world);
    let after = world.order("o");
    assert!(after.question.is_none());
    assert_eq!(parts(after, 0), "1 A of 4: held 3, picked 3, waits 0, cancelled 1");
}

#[test]
fn a_substitute_must_be_another_article_that_is_sold() {
    let mut world = World::webshop(&[("A", "KUN", 5), ("B", "KUN", 5)]);
    world.place(&order("o", &[("A", 4)]));
    world.pay("o", "pi_1", euros(40));
    world.products.get_mut("B").unwrap().active = false;
    for (sku, wrong) in [("A", "substitute_same"), ("B", "inactive_sku"), ("C", "unknown_sku")] {
        let short = json!([{ "line": 1, "quantity": 1, "substitute": sku }]);
        let refused = world.try_act("o", Role::Manager, "pick", json!({ "short": short }));
        let Err(Rejection::Invalid { pointer, code, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!((pointer.as_str(), code), ("/short/0/substitute", wrong));
    }
}
