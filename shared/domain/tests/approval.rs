//! Edits that wait for the customer's yes, as tables: what is held meanwhile, what each answer makes of
//! it, and that nothing else does.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::ask::Reply;
use ordermill_domain::decide::{Command, CustomerFacts, Decision, Facts, Rejection, decide};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::question::{Ended, Said, Silence};
use ordermill_domain::order::{Event, EventKind, Recipient};
use ordermill_domain::policy::{EditApproval, Role, presets};
use ordermill_domain::time::Seconds;
use serde_json::{Value, json};
use support::{World, euros, later, order, units, webshop};

fn sound(world: &World) {
    assert_eq!(world.audit(), vec![]);
    world.conserves().unwrap();
}

/// Ten of A and of B in Kaunas; an order of four A that is paid and confirmed.
fn confirmed() -> World {
    let mut world = World::webshop(&[("A", "KUN", 10), ("B", "KUN", 10)]);
    world.place(&order("o", &[("A", 4)]));
    world.pay("o", "pi_1", euros(40));
    assert_eq!(world.status("o"), "confirmed");
    world
}

/// Three more of A, and two of B, are proposed.
fn proposed() -> World {
    let mut world = confirmed();
    propose(&mut world, json!([{ "line": 1, "quantity": 7 }, { "sku": "B", "quantity": 2 }]));
    world
}

fn propose(world: &mut World, lines: Value) -> Decision {
    let body = json!({ "approval": "customer", "lines": lines, "reason": "as spoken" });
    let done = world.act("o", "edit", body);
    sound(world);
    done
}

fn reply(world: &World, all: Option<Said>, items: &[(&str, Said)]) -> Command {
    let order = world.order("o");
    let open = order.question.as_ref().map(|q| q.number);
    let number = open.or(order.answered.as_ref().map(|a| a.number)).unwrap();
    let items = items.iter().map(|(item, said)| ((*item).to_owned(), *said)).collect();
    Command::Answer(Reply { number, all, items, comment: None })
}

fn answer(
    world: &mut World,
    all: Option<Said>,
    items: &[(&str, Said)],
) -> Result<Decision, Rejection> {
    let command = reply(world, all, items);
    let done = world.try_run("o", &command);
    sound(world);
    done
}

fn code(result: Result<Decision, Rejection>) -> String {
    match result {
        Err(Rejection::Invalid { pointer, code, .. }) => format!("{code} {pointer}"),
        Err(Rejection::NotPossible { code, .. }) => code.to_owned(),
        other => panic!("{other:?}"),
    }
}

fn reserved(world: &World, sku: &str) -> ordermill_domain::quantity::Quantity {
    world.facts().stock.line(sku, "KUN").unwrap().reserved
}

#[test]
fn a_proposed_edit_changes_nothing_and_holds_what_it_would_need() {
    let world = proposed();
    let order = world.order("o");
    assert_eq!((order.gross(), order.lines.len()), (euros(40), 1));
    assert_eq!((order.lines[0].quantity, order.lines[0].held()), (units(4), units(4)));
    assert_eq!(order.status.as_str(), "confirmed");
    assert_eq!(order.holds[0].name, "customer_approval");
    assert_eq!((reserved(&world, "A"), reserved(&world, "B")), (units(7), units(2)));
    assert_eq!(world.told("o").last().unwrap(), "approval_request");
    let question = order.question.as_ref().unwrap();
    assert_eq!(world.due("o"), Some(order.holds[0].due_at.min(question.due_at)));
    let items: Vec<&str> = question.items.iter().map(|item| item.id.as_str()).collect();
    assert_eq!(items, ["line-1", "new-1"]);
}

#[test]
fn a_yes_makes_the_edit_with_what_was_held_though_others_wait_for_the_same() {
    let mut world = proposed();
    // Who came later waits for four of A; the seven stay the order's.
    world.place(&order("p", &[("A", 7)]));
    assert_eq!(world.queue("A").len(), 1);
    answer(&mut world, Some(Said::Accept), &[]).unwrap();
    let order = world.order("o");
    assert_eq!((order.lines[0].held(), order.lines[1].held()), (units(7), units(2)));
    assert_eq!((order.gross(), order.waits_for_stock()), (euros(90), false));
    assert_eq!((order.question.as_ref(), order.holds.len()), (None, 0));
    assert_eq!(order.status.as_str(), "awaiting_payment");
    assert_eq!((reserved(&world, "A"), reserved(&world, "B")), (units(10), units(2)));
    assert_eq!(order.overridden, ["approved_by_customer"]);
    assert_eq!(order.answered.as_ref().unwrap().ended, Ended::Accepted);
    world.pay("o", "pi_2", euros(50));
    assert_eq!(world.status("o"), "confirmed");
    sound(&world);
}

#[test]
fn a_no_gives_back_what_was_held_and_the_order_goes_on() {
    let mut world = proposed();
    answer(&mut world, Some(Said::Refuse), &[]).unwrap();
    let order = world.order("o");
    assert_eq!((order.gross(), order.lines.len(), order.holds.len()), (euros(40), 1, 0));
    assert_eq!((reserved(&world, "A"), reserved(&world, "B")), (units(4), units(0)));
    assert!(order.placed.proposal.is_none());
    world.act("o", "pick", json!({}));
}

#[test]
fn line_by_line_what_is_accepted_is_made_and_the_rest_goes_back() {
    let mut world = proposed();
    answer(&mut world, None, &[("new-1", Said::Accept), ("line-1", Said::Refuse)]).unwrap();
    let order = world.order("o");
    assert_eq!((order.lines[0].held(), order.lines[1].held()), (units(4), units(2)));
    assert_eq!((reserved(&world, "A"), reserved(&world, "B")), (units(4), units(2)));
    assert_eq!(order.gross(), euros(60));
    assert_eq!(order.answered.as_ref().unwrap().ended, Ended::PartlyAccepted);
}

#[test]
fn the_same_answer_again_is_the_same_and_another_is_refused() {
    let mut world = proposed();
    answer(&mut world, Some(Said::Accept), &[]).unwrap();
    let version = world.order("o").version;
    let again = answer(&mut world, Some(Said::Accept), &[]).unwrap();
    assert!(again.is_nothing());
    let each = [("line-1", Said::Accept), ("new-1", Said::Accept)];
    assert!(answer(&mut world, None, &each).unwrap().is_nothing());
    assert_eq!(code(answer(&mut world, Some(Said::Refuse), &[])), "already_answered");
    assert_eq!(world.order("o").version, version);
}

#[test]
fn an_answer_to_nothing_that_is_asked_changes_nothing() {
    let mut world = proposed();
    let before = world.order("o").clone();
    let old = Command::Answer(Reply {
        number: 1,
        all: Some(Said::Accept),
        items: Vec::new(),
        comment: None,
    });
    assert_eq!(code(world.try_run("o", &old)), "question_over");
    for (all, items, wrong) in [
        (None, vec![("line-1", Said::Accept)], "item_missing /items"),
        (None, vec![("line-9", Said::Accept)], "no_such_item /items/0/item"),
        (Some(Said::Wait), vec![], "answer_unknown /answer"),
        (
            None,
            vec![("line-1", Said::Accept), ("line-1", Said::Refuse)],
            "duplicate_item /items/1/item",
        ),
        (Some(Said::Accept), vec![("new-1", Said::Cancel)], "answer_unknown /items/0/answer"),
    ] {
        assert_eq!(code(answer(&mut world, all, &items)), wrong);
    }
    assert_eq!(*world.order("o"), before);
}

#[test]
fn silence_until_the_deadline_keeps_the_order_as_it_was() {
    let mut world = proposed();
    let due = world.order("o").question.as_ref().unwrap().due_at;
    world.judge_at("o", later(due, -1));
    assert!(world.order("o").question.is_some());
    world.judge_at("o", due);
    sound(&world);
    let order = world.order("o");
    assert_eq!((order.status.as_str(), order.holds.len()), ("confirmed", 0));
    assert_eq!(order.answered.as_ref().unwrap().ended, Ended::Silent);
    assert_eq!((reserved(&world, "A"), reserved(&world, "B")), (units(4), units(0)));
    assert_eq!(code(answer(&mut world, Some(Said::Accept), &[])), "question_over");
}

#[test]
fn an_answer_at_the_deadline_is_too_late_though_nobody_has_judged_yet() {
    let mut world = proposed();
    let due = world.order("o").question.as_ref().unwrap().due_at;
    world.now = later(due, -1);
    let early = world.decide("o", &reply(&world, Some(Said::Accept), &[]));
    assert!(early.is_ok());
    world.now = due;
    assert_eq!(code(answer(&mut world, Some(Said::Accept), &[])), "question_over");
}

#[test]
fn silence_cancels_where_the_policy_says_so_but_not_what_is_paid() {
    for (paid, status, exceptions) in [(false, "cancelled", 0), (true, "confirmed", 1)] {
        let mut policy = webshop();
        policy.approval.silence = Silence::Cancel;
        let mut world = World::new(policy, support::stock(&[("A", "KUN", 10)]));
        world.place(&order("o", &[("A", 4)]));
        if paid {
            world.pay("o", "pi_1", euros(40));
        }
        propose(&mut world, json!([{ "line": 1, "quantity": 5 }]));
        let due = world.order("o").question.as_ref().unwrap().due_at;
        world.judge_at("o", due);
        sound(&world);
        let after = world.order("o");
        assert_eq!((after.status.as_str(), after.exceptions.len()), (status, exceptions));
    }
}

#[test]
fn the_limits_of_the_status_stand_still_while_the_customer_looks() {
    let mut world = World::webshop(&[("A", "KUN", 10)]);
    world.place(&order("o", &[("A", 4)]).method("card"));
    assert_eq!(world.status("o"), "awaiting_payment");
    propose(&mut world, json!([{ "line": 1, "quantity": 5 }]));
    // By card two hours; the customer looks for a day.
    world.pass(Seconds::days(1));
    world.judge_at("o", world.now);
    assert_eq!(world.status("o"), "awaiting_payment");
    answer(&mut world, Some(Said::Refuse), &[]).unwrap();
    world.judge_at("o", world.now);
    assert_eq!(world.status("o"), "awaiting_payment");
    world.pass(Seconds::hours(3));
    world.judge_at("o", world.now);
    assert_eq!(world.status("o"), "cancelled");
    sound(&world);
}

#[test]
fn what_changes_goods_or_price_waits_for_the_answer_and_a_release_takes_the_edit_back() {
    let mut world = proposed();
    for (name, body) in [
        ("edit", json!({ "lines": [{ "line": 1, "quantity": 1 }] })),
        ("pick", json!({})),
        ("pack", json!({})),
        ("ship", json!({ "carrier": "DPD" })),
        ("split", json!({ "lines": [{ "line": 1, "quantity": 1 }] })),
        ("cancel", json!({ "lines": [{ "line": 1, "quantity": 1 }] })),
    ] {
        let refused = world.try_act("o", Role::Manager, name, body);
        assert_eq!(code(refused), "awaiting_customer", "{name}");
    }
    world.act("o", "comment", json!({ "text": "called", "visibility": "internal" }));
    world.act("o", "release", json!({ "name": "customer_approval" }));
    sound(&world);
    assert_eq!((reserved(&world, "A"), reserved(&world, "B")), (units(4), units(0)));
    assert_eq!(code(answer(&mut world, Some(Said::Accept), &[])), "question_over");
    world.act("o", "pick", json!({}));
}

#[test]
fn an_order_that_is_cancelled_while_its_customer_looks_holds_nothing() {
    let mut world = proposed();
    world.act("o", "cancel", json!({}));
    sound(&world);
    assert_eq!((reserved(&world, "A"), reserved(&world, "B")), (units(0), units(0)));
    assert_eq!(world.order("o").answered.as_ref().unwrap().ended, Ended::Withdrawn);
}

#[test]
fn the_price_is_the_one_that_was_proposed() {
    let mut world = proposed();
    let product = world.products.get_mut("B").unwrap();
    product.active = false;
    for price in product.prices.values_mut() {
        price.value *= 3;
    }
    let order = answer(&mut world, Some(Said::Accept), &[]).map(|d| d.order).unwrap();
    // The article is sold no more: the edit is not made, and a person looks.
    assert_eq!(order.answered.as_ref().unwrap().ended, Ended::NotPossible);
    assert_eq!((order.gross(), order.exceptions[0].code.as_str()), (euros(40), "approval_failed"));
    assert_eq!(reserved(&world, "B"), units(0));
    let mut world = proposed();
    for price in world.products.get_mut("B").unwrap().prices.values_mut() {
        price.value *= 3;
    }
    answer(&mut world, Some(Said::Accept), &[]).unwrap();
    assert_eq!(world.order("o").gross(), euros(90));
}

#[test]
fn what_is_not_there_is_looked_for_once_the_customer_agrees() {
    let mut world = confirmed();
    propose(&mut world, json!([{ "line": 1, "quantity": 12 }]));
    assert_eq!(reserved(&world, "A"), units(10));
    answer(&mut world, Some(Said::Accept), &[]).unwrap();
    let line = &world.order("o").lines[0];
    assert_eq!((line.held(), line.backordered), (units(10), units(2)));
}

#[test]
fn a_policy_asks_by_itself_and_who_has_asked_by_telephone_says_so() {
    let mut policy = webshop();
    policy.approval.edits = EditApproval::PriceRise;
    let mut world = World::new(policy, support::stock(&[("A", "KUN", 10)]));
    world.place(&order("o", &[("A", 4)]));
    world.pay("o", "pi_1", euros(40));
    world.act("o", "edit", json!({ "lines": [{ "line": 1, "quantity": 3 }] }));
    assert_eq!(world.order("o").lines[0].quantity, units(3));
    world.act("o", "edit", json!({ "lines": [{ "line": 1, "quantity": 5 }] }));
    assert!(world.order("o").question.is_some());
    world.act("o", "release", json!({ "name": "customer_approval" }));
    let given = json!({ "approval": "given", "lines": [{ "line": 1, "quantity": 5 }] });
    world.act("o", "edit", given.clone());
    let after = world.order("o");
    assert_eq!((after.lines[0].quantity, after.question.as_ref()), (units(5), None));
    assert_eq!(after.overridden, ["approved_by_customer"]);
    sound(&world);
}

#[test]
fn an_edit_that_changes_nothing_asks_nobody() {
    let mut world = confirmed();
    let done = propose(&mut world, json!([{ "line": 1, "quantity": 4 }]));
    assert!(done.is_nothing());
    assert!(world.order("o").question.is_none());
}

#[test]
fn a_mixed_answer_again_is_the_same() {
    let mut world = proposed();
    let mixed = [("new-1", Said::Refuse)];
    answer(&mut world, Some(Said::Accept), &mixed).unwrap();
    assert_eq!(world.order("o").answered.as_ref().unwrap().ended, Ended::PartlyAccepted);
    assert!(answer(&mut world, Some(Said::Accept), &mixed).unwrap().is_nothing());
    let each = [("line-1", Said::Accept), ("new-1", Said::Refuse)];
    assert!(answer(&mut world, None, &each).unwrap().is_nothing());
    for (all, items) in [
        (Some(Said::Accept), vec![]),
        (None, vec![("new-1", Said::Refuse)]),
        (Some(Said::Accept), vec![("new-1", Said::Refuse), ("new-2", Said::Accept)]),
    ] {
        assert_eq!(code(answer(&mut world, all, &items)), "already_answered");
    }
}

#[test]
fn the_hold_of_an_edit_ends_with_an_event_and_staff_are_told_once() {
    let lifted = |world: &World| {
        let of_edit = |event: &&Event| {
            event.kind == EventKind::HoldReleased && event.data["hold"] == "customer_approval"
        };
        world.events_of("o").iter().filter(of_edit).count()
    };
    for all in [Said::Accept, Said::Refuse] {
        let mut world = proposed();
        answer(&mut world, Some(all), &[]).unwrap();
        assert_eq!(lifted(&world), 1);
    }
    for (name, body) in [("release", json!({ "name": "customer_approval" })), ("cancel", json!({}))]
    {
        let mut world = proposed();
        world.act("o", name, body);
        assert_eq!(lifted(&world), 1, "{name}");
    }
    for silence in [Silence::Keep, Silence::Cancel, Silence::Ask] {
        let mut policy = webshop();
        policy.approval.silence = silence;
        let mut world = World::new(policy, support::stock(&[("A", "KUN", 10)]));
        world.place(&order("o", &[("A", 4)]));
        propose(&mut world, json!([{ "line": 1, "quantity": 5 }]));
        let due = world.order("o").question.as_ref().unwrap().due_at;
        let done = world.judge_at("o", due);
        let told = support::told(&done.events, Recipient::Staff);
        let about = |template: &&String| template.as_str() != "staff_alert";
        let expected = if silence == Silence::Ask { "staff_exception" } else { "staff_task" };
        assert_eq!(told.iter().filter(about).collect::<Vec<_>>(), [expected], "{silence:?}");
        assert_eq!(lifted(&world), 1);
    }
}

/// What is agreed with the customer: a limit, of which so much is taken.
fn credit(limit: i64, taken: Amount) -> CustomerFacts {
    CustomerFacts {
        credit_limit: Some(euros(limit)),
        credit_taken: taken,
        currency: Some(Currency::EUR),
        overdue: 0,
    }
}

/// Decides with the customer's card as it is, writes, and keeps the card.
fn on_account(world: &mut World, card: &mut CustomerFacts, command: &Command) -> Decision {
    let facts = Facts { customer: card.clone(), ..world.facts() };
    let before = world.order("o").clone();
    let done = decide(&world.policy, &before, &facts, command, world.now).unwrap();
    let at_most = done.credit.taken_at_most;
    assert!(at_most.is_none_or(|most| card.credit_taken <= most), "{:?}", done.credit);
    card.credit_taken = card.credit_taken.plus(done.credit.taken);
    world.commit(&before, &done).unwrap();
    sound(world);
    assert_eq!(card.credit_taken, world.order("o").credit_taken, "the card's sum is the order's");
    done
}

/// An order of forty on account, of a limit of a hundred; five more of A and two of B are proposed.
fn proposed_on_account() -> (World, CustomerFacts) {
    let mut world = World::new(presets::wholesale().unwrap(), support::stock(&[("A", "KUN", 20)]));
    let mut card = credit(100, Amount::ZERO);
    world.take_in(&order("o", &[("A", 4)]).terms("invoice"));
    world.orders.get_mut("o").unwrap().customer_id = "cust_1".to_owned();
    on_account(&mut world, &mut card, &Command::Validate);
    world.reserve_all("o");
    assert_eq!(card.credit_taken, euros(40));
    let body = json!({ "approval": "customer", "lines": [{ "line": 1, "quantity": 9 }] });
    on_account(&mut world, &mut card, &support::act(Role::Manager, "edit", body));
    (world, card)
}

#[test]
fn credit_for_a_proposed_edit_is_locked_until_the_answer() {
    let (mut world, mut card) = proposed_on_account();
    assert_eq!(card.credit_taken, euros(90));
    // Others have the rest; a yes needs no more than what is locked.
    let yes = reply(&world, Some(Said::Accept), &[]);
    on_account(&mut world, &mut card, &yes);
    assert_eq!(world.order("o").answered.as_ref().unwrap().ended, Ended::Accepted);
    assert_eq!((world.order("o").gross(), card.credit_taken), (euros(90), euros(90)));
    let (mut world, mut card) = proposed_on_account();
    let no = reply(&world, Some(Said::Refuse), &[]);
    on_account(&mut world, &mut card, &no);
    assert_eq!(card.credit_taken, euros(40));
    let (mut world, mut card) = proposed_on_account();
    world.now = world.order("o").question.as_ref().unwrap().due_at;
    on_account(&mut world, &mut card, &Command::Judge);
    assert_eq!((world.order("o").question.as_ref(), card.credit_taken), (None, euros(40)));
}

#[test]
fn a_yes_is_not_refused_for_credit_that_others_have_taken_meanwhile() {
    let (mut world, card) = proposed_on_account();
    let full = CustomerFacts { credit_taken: euros(100), ..card };
    let facts = Facts { customer: full, ..world.facts() };
    let yes = reply(&world, Some(Said::Accept), &[]);
    let done = decide(&world.policy, world.order("o"), &facts, &yes, world.now).unwrap();
    assert_eq!(done.order.answered.as_ref().unwrap().ended, Ended::Accepted);
    assert_eq!((done.credit.taken, done.order.gross()), (Amount::ZERO, euros(90)));
    world.act("o", "release", json!({ "name": "customer_approval" }));
    assert_eq!(world.order("o").credit_taken, euros(40));
}
