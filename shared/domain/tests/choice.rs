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
use ordermill_domain::order::question::{Ended, Said};
use ordermill_domain::order::{EventKind, Order, Recipient};
use ordermill_domain::policy::Role;
use ordermill_domain::time::Seconds;
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

fn defect(quantity: i64) -> Value {
    json!({ "line": 1, "quantity": quantity, "defect": "The lid has a scratch." })
}

/// How often that happened to the order, with that name of a hold.
fn lifted(world: &World) -> usize {
    let of_hold = |event: &&ordermill_domain::order::Event| {
        event.kind == EventKind::HoldReleased && event.data["hold"] == "customer_choice"
    };
    world.events_of("o").iter().filter(of_hold).count()
}

/// Four of A, of which one is missing, and two of B; what there is of A has left.
fn partly_shipped() -> World {
    let mut world = World::webshop(&[("A", "KUN", 9), ("B", "KUN", 2)]);
    world.place(&order("o", &[("A", 4), ("B", 2)]));
    world.pay("o", "pi_1", euros(60));
    world.act("o", "pick", json!({ "short": one_missing() }));
    let three = json!({ "carrier": "DPD", "lines": [{ "line": 1, "quantity": 3 }] });
    world.act("o", "ship", three);
    assert_eq!(world.status("o"), "partly_shipped");
    world
}

#[test]
fn an_edit_of_another_line_leaves_the_choice_to_the_customer() {
    let mut world = partly_shipped();
    world.act("o", "edit", json!({ "lines": [{ "line": 2, "quantity": 1 }] }));
    sound(&world);
    let missing = "1 A of 4: held 0, picked 0, waits 0, cancelled 0";
    assert_eq!(parts(world.order("o"), 0), missing);
    answer(&mut world, Some(Said::Cancel), &[]).unwrap();
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 0, picked 0, waits 0, cancelled 1");
}

#[test]
fn goods_that_come_in_for_another_line_leave_the_choice_to_the_customer() {
    let mut world = partly_shipped();
    world.act("o", "edit", json!({ "lines": [{ "line": 2, "quantity": 4 }] }));
    assert_eq!(world.order("o").lines[1].backordered, units(2));
    world.receipt("B", "KUN", 5);
    world.serve("B");
    sound(&world);
    let order = world.order("o");
    assert_eq!((order.lines[1].held(), order.lines[0].held()), (units(4), units(0)));
    assert_eq!(order.question.as_ref().unwrap().items.len(), 1);
}

#[test]
fn an_edit_is_not_proposed_over_an_open_choice() {
    let mut world = picked(one_missing());
    let before = world.order("o").clone();
    for lines in [json!([{ "line": 1, "quantity": 3 }]), json!([{ "line": 1, "quantity": 5 }])] {
        let body = json!({ "approval": "customer", "lines": lines });
        let refused = world.try_act("o", Role::Manager, "edit", body);
        let Err(Rejection::NotPossible { code, .. }) = refused else { panic!("{refused:?}") };
        assert_eq!(code, "awaiting_customer");
    }
    assert_eq!(*world.order("o"), before);
}

#[test]
fn what_has_a_defect_stays_outside_of_the_box_though_nobody_answers() {
    let mut world = picked(json!([defect(1)]));
    let due = world.order("o").question.as_ref().unwrap().due_at;
    world.judge_at("o", due);
    world.act("o", "pick", json!({}));
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 4, picked 3, waits 0, cancelled 0");
    let four = json!({ "carrier": "DPD", "lines": [{ "line": 1, "quantity": 4 }] });
    assert!(world.try_act("o", Role::Manager, "ship", four).is_err());
    sound(&world);
    // A person has spoken with them: they take it.
    world.act("o", "release", json!({ "name": "customer_choice" }));
    world.act("o", "pick", json!({}));
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 4, picked 4, waits 0, cancelled 0");
    sound(&world);
}

#[test]
fn a_later_find_asks_again_about_what_nobody_has_answered() {
    let mut world = World::webshop(&[("A", "KUN", 5)]);
    world.place(&order("o", &[("A", 4)]));
    world.pay("o", "pi_1", euros(40));
    let one = json!([{ "line": 1, "quantity": 1 }]);
    world.act("o", "pick", json!({ "short": [defect(1)], "lines": one }));
    let due = world.order("o").question.as_ref().unwrap().due_at;
    world.judge_at("o", due);
    world.act("o", "pick", json!({ "short": one, "lines": one }));
    let question = world.order("o").question.clone().unwrap();
    let items: Vec<&str> = question.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(items, ["line-1", "line-1-2"]);
    sound(&world);
}

#[test]
fn what_the_customer_chose_and_could_not_be_done_stays_undecided() {
    let mut policy = support::webshop();
    policy.moves.retain(|m| m.command != ordermill_domain::policy::CommandKind::Cancel);
    let mut world = World::new(policy, support::stock(&[("A", "KUN", 5)]));
    world.place(&order("o", &[("A", 1)]));
    world.pay("o", "pi_1", euros(10));
    world.act("o", "pick", json!({ "short": [defect(1)] }));
    answer(&mut world, Some(Said::Cancel), &[]).unwrap();
    let after = world.order("o");
    assert_eq!(after.answered.as_ref().unwrap().ended, Ended::NotPossible);
    assert_eq!((after.exceptions[0].code.as_str(), after.holds.len()), ("approval_failed", 1));
    world.act("o", "pick", json!({}));
    assert_eq!(parts(world.order("o"), 0), "1 A of 1: held 1, picked 0, waits 0, cancelled 0");
    assert!(world.try_act("o", Role::Manager, "ship", json!({ "carrier": "DPD" })).is_err());
    sound(&world);
}

#[test]
fn units_that_are_cancelled_are_the_undecided_ones_first_and_the_hold_ends_with_the_last() {
    let mut world = World::webshop(&[("A", "KUN", 5)]);
    world.place(&order("o", &[("A", 4)]));
    world.pay("o", "pi_1", euros(40));
    let one = json!([{ "line": 1, "quantity": 1 }]);
    world.act("o", "pick", json!({ "short": one, "lines": one }));
    world.act("o", "pick", json!({ "short": [defect(1)] }));
    let ids = |world: &World| -> Vec<String> {
        let question = world.order("o").question.clone();
        question.into_iter().flat_map(|q| q.items).map(|item| item.id).collect()
    };
    assert_eq!(ids(&world), ["line-1", "line-1-2"]);
    let one = json!({ "lines": [{ "line": 1, "quantity": 1 }] });
    world.act("o", "cancel", one.clone());
    sound(&world);
    assert_eq!(ids(&world), ["line-1-2"]);
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 3, picked 2, waits 0, cancelled 1");
    assert_eq!((world.order("o").holds.len(), lifted(&world)), (1, 0));
    world.act("o", "cancel", one.clone());
    sound(&world);
    let after = world.order("o");
    assert_eq!(parts(after, 0), "1 A of 4: held 2, picked 2, waits 0, cancelled 2");
    assert_eq!((after.question.as_ref(), after.holds.len(), lifted(&world)), (None, 0, 1));
    // What has a defect is sold to nobody else.
    assert_eq!(world.facts().stock.line("A", "KUN").unwrap().on_hand, units(3));
    world.act("o", "cancel", one);
    assert_eq!(world.facts().stock.line("A", "KUN").unwrap().on_hand, units(3));
    sound(&world);
}

#[test]
fn each_hold_that_ends_says_so_and_staff_are_told_of_silence_once() {
    let mut world = picked(one_missing());
    answer(&mut world, Some(Said::Wait), &[]).unwrap();
    assert_eq!(lifted(&world), 1);
    let mut world = picked(one_missing());
    world.act("o", "release", json!({ "name": "customer_choice" }));
    assert_eq!(lifted(&world), 1);
    let mut world = picked(one_missing());
    world.act("o", "cancel", json!({}));
    assert_eq!((lifted(&world), world.order("o").holds.len()), (1, 0));
    let mut world = picked(one_missing());
    let due = world.order("o").question.as_ref().unwrap().due_at;
    let silent = world.judge_at("o", due);
    let told = support::told(&silent.events, Recipient::Staff);
    let about = |template: &&String| template.as_str() != "staff_alert";
    assert_eq!(told.iter().filter(about).collect::<Vec<_>>(), ["staff_exception"]);
}

#[test]
fn an_order_that_ends_sells_nobody_what_has_a_defect() {
    let mut world = picked(json!([defect(1)]));
    world.act("o", "cancel", json!({}));
    sound(&world);
    let line = world.facts().stock.line("A", "KUN").cloned().unwrap();
    assert_eq!((line.on_hand, line.reserved), (units(4), units(0)));
}

#[test]
fn the_house_that_decides_has_missing_units_waited_for() {
    let mut world = picked(one_missing());
    world.act("o", "release", json!({ "name": "customer_choice" }));
    assert_eq!(parts(world.order("o"), 0), "1 A of 4: held 3, picked 3, waits 1, cancelled 0");
    sound(&world);
}

#[test]
fn a_policy_says_how_long_the_customer_may_choose() {
    let mut policy = support::webshop();
    policy.approval.choice_deadline = Seconds::hours(5);
    let mut world = World::new(policy, support::stock(&[("A", "KUN", 5)]));
    world.place(&order("o", &[("A", 1)]));
    world.pay("o", "pi_1", euros(10));
    world.act("o", "pick", json!({ "short": one_missing() }));
    let question = world.order("o").question.clone().unwrap();
    assert_eq!(question.due_at, question.asked_at.plus(Seconds::hours(5)));
}
