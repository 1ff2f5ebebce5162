//! Deposits and their balance: what is asked for when, what lets an order begin and leave.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::{Command, Decision, Rejection, guards};
use ordermill_domain::money::Amount;
use ordermill_domain::order::Recipient;
use ordermill_domain::policy::{Phase, Role, presets};
use serde_json::json;
use support::{World, codes, days, disputed, euros, figures, later, order, refunded, stock, told};

/// An order of three units of A, at 30.00, of which 40 % are paid first.
fn deposit() -> World {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 3)]).terms("deposit(40)"));
    assert_eq!(world.status("o"), "awaiting_payment");
    world
}

fn asked(world: &World) -> Amount {
    guards::asked_amount(&world.policy, world.order("o"))
}

#[test]
fn a_deposit_lets_the_order_begin_and_the_balance_lets_it_leave() {
    let mut world = deposit();
    assert_eq!(asked(&world), euros(12));
    let part = world.pay("o", "a", euros(11));
    assert_eq!(told(&part.events, Recipient::Customer), ["partly_paid"]);
    assert_eq!((world.status("o"), asked(&world)), ("awaiting_payment", euros(1)));
    let rest = world.pay("o", "a", euros(12));
    assert_eq!(told(&rest.events, Recipient::Customer), ["deposit_paid"]);
    assert_eq!((world.status("o"), asked(&world)), ("confirmed", euros(18)));
    world.sound();
    let ship = json!({"carrier": "DPD"});
    let early = world.try_act("o", Role::Manager, "ship", ship.clone());
    assert!(matches!(early, Err(Rejection::GuardFailed { .. })), "{early:?}");
    let packed = world.act("o", "pack", json!({}));
    assert_eq!(world.status("o"), "awaiting_balance");
    assert_eq!(told(&packed.events, Recipient::Customer), ["balance_request"]);
    world.sound();
    let paid = world.pay("o", "b", euros(18));
    assert_eq!(told(&paid.events, Recipient::Customer), ["paid"]);
    assert_eq!((world.status("o"), asked(&world)), ("packed", euros(0)));
    world.act("o", "ship", ship);
    assert_eq!(world.status("o"), "shipped");
    world.sound();
}

#[test]
fn what_a_person_gave_back_of_a_deposit_is_asked_for_and_must_come() {
    for by in ["owed first", "at once"] {
        let mut world = deposit();
        world.pay("o", "a", euros(12));
        world.act("o", "pack", json!({}));
        if by == "owed first" {
            world.act("o", "refund", json!({"amount": "4.00"}));
        }
        world.act("o", "refund", json!({"amount": "4.00", "reference": "bank-1"}));
        assert_eq!((world.status("o"), asked(&world)), ("awaiting_balance", euros(22)), "{by}");
        world.pay("o", "b", euros(18));
        assert_eq!((world.status("o"), asked(&world)), ("awaiting_balance", euros(4)), "{by}");
        world.pay("o", "b", euros(22));
        assert_eq!(
            (world.status("o"), figures(&world)),
            ("packed", (euros(0), euros(0), euros(0)))
        );
        world.sound();
    }
}

#[test]
fn what_a_provider_gave_back_of_a_deposit_is_neither_asked_for_nor_needed() {
    // It may have gone after the balance had come: the order of arrival does not matter.
    let mut world = deposit();
    world.pay("o", "a", euros(12));
    world.act("o", "pack", json!({}));
    world.run("o", &Command::Money(refunded("a", euros(4), world.now)));
    assert_eq!((world.status("o"), asked(&world)), ("awaiting_balance", euros(18)));
    world.pay("o", "b", euros(18));
    assert_eq!((world.status("o"), figures(&world)), ("packed", (euros(0), euros(0), euros(4))));
    world.sound();
}

#[test]
fn an_empty_pay_is_what_is_asked_for() {
    let mut world = deposit();
    let paid = |decision: &Decision| decision.events[0].data["amount"].clone();
    assert_eq!(paid(&world.act("o", "pay", json!({}))), "12.00");
    assert_eq!(world.status("o"), "confirmed");
    world.act("o", "pack", json!({}));
    assert_eq!(paid(&world.act("o", "pay", json!({}))), "18.00");
    assert_eq!((world.status("o"), asked(&world)), ("packed", euros(0)));
    let nothing = world.try_act("o", Role::Manager, "pay", json!({}));
    assert!(matches!(nothing, Err(Rejection::Invalid { code: "nothing_open", .. })), "{nothing:?}");
    world.sound();
}

#[test]
fn an_order_that_ended_without_goods_asks_for_nothing() {
    for terms in ["prepaid", "deposit(40)"] {
        let mut world = World::webshop(&[("A", "KUN", 9)]);
        world.place(&order("o", &[("A", 3)]).terms(terms));
        assert!(guards::asks_now(&world.policy, world.order("o")), "{terms}");
        world.act("o", "cancel", json!({}));
        assert!(!guards::asks_now(&world.policy, world.order("o")), "{terms}");
        assert_eq!(asked(&world), euros(0), "{terms}");
    }
}

#[test]
fn each_part_of_a_split_order_has_its_own_deposit() {
    let mut world = World::webshop(&[("A", "KUN", 3), ("B", "KUN", 1)]);
    world.place(&order("o", &[("A", 3), ("B", 1)]).terms("deposit(50)"));
    world.pay("o", "a", euros(20));
    assert_eq!(world.status("o"), "confirmed");
    world.act("o", "split", json!({"lines": [{"line": 2}]}));
    let part = world.order("o").parts.into[0].clone();
    let shares = |id: &str| {
        let order = world.order(id);
        let asked = guards::asked_amount(&world.policy, order);
        (order.ledger.kept(), order.deposit(), asked, order.status.to_string())
    };
    assert_eq!(shares("o"), (euros(15), Some(euros(15)), euros(15), "confirmed".to_owned()));
    assert_eq!(shares(&part), (euros(5), Some(euros(5)), euros(5), "confirmed".to_owned()));
    world.sound();
}

#[test]
fn a_deposit_is_agreed_only_where_something_waits_for_it() {
    let wholesale = presets::wholesale().unwrap();
    let mut world = World::new(wholesale, stock(&[("A", "KUN", 9)]));
    world.place(&order("o", &[("A", 3)]).terms("deposit(40)"));
    let placed = world.order("o");
    let codes: Vec<&str> = placed.reasons.iter().map(|r| r.code.as_str()).collect();
    assert_eq!((codes, placed.phase), (vec!["deposit_not_awaited"], Phase::Review));
    let mut world = World::new(presets::wholesale().unwrap(), stock(&[("A", "KUN", 9)]));
    world.place(&order("o", &[("A", 3)]).terms("invoice"));
    let terms = json!({"payment": {"terms": "deposit(40)"}});
    let edited = world.try_act("o", Role::Manager, "edit", terms);
    let refused = matches!(&edited, Err(Rejection::Invalid { pointer, code: "deposit_not_awaited", .. })
        if pointer == "/payment/terms");
    assert!(refused, "{edited:?}");
}

/// An order of a house that makes things, whose contract is with the customer.
fn contract(terms: &str) -> World {
    let mut world = World::new(presets::made_to_order().unwrap(), stock(&[("A", "KUN", 9)]));
    world.place(&order("o", &[("A", 3)]).terms(terms));
    for command in ["approve", "confirm"] {
        world.act("o", command, json!({}));
    }
    assert_eq!(world.status("o"), "contract");
    world
}

#[test]
fn what_is_made_to_order_asks_for_its_deposit_with_the_contract() {
    for (terms, asked) in [
        ("deposit(40)", vec!["payment_request"]),
        ("prepaid", vec!["payment_request"]),
        ("invoice", vec![]),
    ] {
        let mut world = contract(terms);
        let due = later(world.order("o").status_since, 60_000);
        assert_eq!(told(&world.judge_at("o", due).events, Recipient::Customer), asked, "{terms}");
        world.sound();
    }
    // Agreed on, or raised, later: at once.
    let mut world = contract("invoice");
    let edits = [
        (json!({"payment": {"terms": "deposit(40)"}}), vec!["payment_request"]),
        (json!({"lines": [{"line": 1, "quantity": 6}]}), vec!["payment_request"]),
        (json!({"payment": {"terms": "invoice"}}), vec![]),
        (json!({"lines": [{"line": 1, "quantity": 3}]}), vec![]),
    ];
    for (body, asked) in edits {
        let edited = world.act("o", "edit", body.clone());
        assert_eq!(told(&edited.events, Recipient::Customer), asked, "{body}");
    }
}

#[test]
fn before_a_person_has_confirmed_no_edit_asks_for_money() {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 3)]).terms("after_confirmation"));
    assert_eq!(world.status("o"), "awaiting_confirmation");
    let edited = world.act("o", "edit", json!({"lines": [{"line": 1, "quantity": 2}]}));
    assert_eq!(told(&edited.events, Recipient::Customer), Vec::<String>::new());
}

#[test]
fn more_goods_after_some_have_left_are_asked_for() {
    for (terms, first, balance, asked) in [
        ("prepaid", 30, 0, vec!["payment_request"]),
        ("deposit(40)", 12, 18, vec!["payment_request"]),
        ("invoice", 0, 0, vec![]),
        ("on_delivery", 0, 0, vec![]),
    ] {
        let mut world = World::webshop(&[("A", "KUN", 9)]);
        world.place(&order("o", &[("A", 2), ("A", 1)]).terms(terms));
        for (reference, amount) in [("a", first), ("b", balance)] {
            if amount > 0 {
                world.pay("o", reference, euros(amount));
            }
        }
        world.act("o", "ship", json!({"carrier": "DPD", "lines": [{"line": 1}]}));
        assert_eq!(world.status("o"), "partly_shipped", "{terms}");
        let edited = world.act("o", "edit", json!({"lines": [{"line": 2, "quantity": 3}]}));
        assert_eq!(told(&edited.events, Recipient::Customer), asked, "{terms}");
        if first > 0 {
            assert_eq!(guards::asked_amount(&world.policy, world.order("o")), euros(20), "{terms}");
            assert!(guards::asks_now(&world.policy, world.order("o")), "{terms}");
        }
        world.sound();
    }
}

#[test]
fn goods_that_are_ready_are_not_cancelled_silently_whatever_became_of_the_deposit() {
    let mut world = deposit();
    world.pay("o", "a", euros(12));
    world.act("o", "pack", json!({}));
    world.act("o", "refund", json!({"amount": "12.00", "reference": "bank-1"}));
    assert_eq!(world.order("o").ledger.kept(), euros(0));
    world.judge_at("o", later(world.order("o").status_since, days(14)));
    assert_eq!(
        (world.status("o"), codes(&world)),
        ("awaiting_balance", vec!["partly_paid_at_limit"])
    );
    world.sound();
}

#[test]
fn all_at_once_pays_deposit_and_balance() {
    let mut world = deposit();
    let paid = world.pay("o", "a", euros(30));
    assert_eq!(told(&paid.events, Recipient::Customer), ["paid"]);
    world.act("o", "pack", json!({}));
    assert_eq!(world.status("o"), "packed");
    world.sound();
}

#[test]
fn a_balance_is_called_to_mind_and_then_a_person_is_asked() {
    let mut world = deposit();
    world.pay("o", "a", euros(12));
    world.act("o", "pack", json!({}));
    let since = world.order("o").status_since;
    for moment in [days(3), days(7)] {
        assert!(world.judge_at("o", later(since, moment - 1)).is_nothing());
        let due = world.judge_at("o", later(since, moment));
        assert_eq!(told(&due.events, Recipient::Customer), ["payment_reminder"]);
    }
    world.judge_at("o", later(since, days(14)));
    assert_eq!(
        (world.status("o"), codes(&world)),
        ("awaiting_balance", vec!["partly_paid_at_limit"])
    );
    world.act("o", "cancel", json!({}));
    assert_eq!((world.status("o"), figures(&world).1), ("cancelled", euros(12)));
    world.sound();
}

#[test]
fn a_deposit_that_does_not_come_ends_the_order_and_a_late_one_brings_it_back() {
    let mut world = deposit();
    world.judge_at("o", later(world.now, days(14)));
    assert_eq!(world.status("o"), "cancelled");
    world.pay("o", "a", euros(5));
    assert_eq!((world.status("o"), figures(&world).1), ("cancelled", euros(5)));
    world.pay("o", "b", euros(7));
    assert_eq!((world.status("o"), figures(&world).1), ("confirmed", euros(0)));
    world.sound();
}

#[test]
fn an_edit_asks_for_the_deposit_of_the_new_total() {
    let mut world = deposit();
    world.pay("o", "a", euros(12));
    world.act("o", "edit", json!({"lines": [{"line": 1, "quantity": 6}]}));
    assert_eq!((world.status("o"), asked(&world)), ("awaiting_payment", euros(12)));
    world.act("o", "edit", json!({"payment": {"terms": "invoice"}}));
    assert_eq!(world.status("o"), "confirmed");
    world.act("o", "ship", json!({"carrier": "DPD"}));
    assert_eq!(guards::receivable(&world.policy, world.order("o")), euros(48));
    world.sound();
}

#[test]
fn goods_to_be_fetched_are_ready_once_the_balance_has_come() {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 3)]).terms("deposit(40)").delivery("pickup"));
    world.pay("o", "a", euros(12));
    world.act("o", "pack", json!({}));
    assert_eq!(world.status("o"), "awaiting_balance");
    world.pay("o", "b", euros(18));
    assert_eq!(world.status("o"), "ready_for_pickup");
    world.sound();
}

#[test]
fn nobody_is_asked_for_what_the_bank_took_of_a_deposit() {
    let mut world = deposit();
    world.pay("o", "a", euros(12));
    world.act("o", "pack", json!({}));
    disputed(&mut world, "dp_1", 12, None);
    disputed(&mut world, "dp_1", 12, Some(false));
    assert_eq!((world.status("o"), asked(&world)), ("awaiting_balance", euros(18)));
    // While a person has not decided nothing is called to mind of the customer.
    for moment in [days(3), days(7), days(14)] {
        let due = world.judge_at("o", later(world.order("o").status_since, moment));
        assert_eq!(told(&due.events, Recipient::Customer), Vec::<String>::new());
    }
    world.act("o", "release", json!({"name": "dispute_lost"}));
    assert_eq!((world.status("o"), asked(&world)), ("awaiting_balance", euros(18)));
    world.pay("o", "b", euros(18));
    assert_eq!((world.status("o"), asked(&world)), ("packed", euros(0)));
    world.sound();
}
