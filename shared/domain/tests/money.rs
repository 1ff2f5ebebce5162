//! Money in every order: what comes off the price and when, deposits and their balance, money that
//! comes late in parts. One question each; more tables are in `decide_table.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::{Command, MoneyKind, Rejection, guards, payments};
use ordermill_domain::intake::MovementKind;
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::{PaymentFacet, Recipient};
use ordermill_domain::policy::Role;
use serde_json::{Value, json};
use support::{World, euros, later, money, order, told, units};

fn sound(world: &World) {
    assert_eq!(world.audit(), vec![]);
    world.conserves().unwrap();
}

fn days(days: i64) -> i64 {
    days * 86_400_000
}

/// One order of three units of A, at 30.00, that has left on these terms.
fn sent(terms: &str) -> World {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 3)]).terms(terms));
    for (command, body) in [("pack", json!({})), ("ship", json!({"carrier": "DPD"}))] {
        world.act("o", command, body);
    }
    world
}

/// What is open, too much, and taken off, of the order.
fn figures(world: &World) -> (Amount, Amount, Amount) {
    let order = world.order("o");
    let open = guards::open_amount(&world.policy, order);
    (open, order.ledger.refund_owed(), order.ledger.granted)
}

fn codes(world: &World) -> Vec<&str> {
    world.order("o").exceptions.iter().map(|e| e.code.as_str()).collect()
}

// ------------------------------------------------------------------- what comes off the price

#[test]
fn goods_that_come_back_before_they_are_paid_are_not_asked_for() {
    for terms in ["invoice", "on_delivery"] {
        let mut world = sent(terms);
        world.act("o", "deliver", json!({}));
        let returned = world.act(
            "o",
            "return",
            json!({"lines": [{"line": 1, "quantity": 1, "condition": "restock"}]}),
        );
        assert_eq!(returned.events[0].data["not_asked_for"], "10.00", "{terms}");
        assert_eq!(figures(&world), (euros(20), euros(0), euros(10)), "{terms}");
        assert_eq!(guards::receivable(&world.policy, world.order("o")), euros(20));
        sound(&world);
        // The rest pays it, and nothing calls it to mind any more.
        world.pay("o", "bank-1", euros(20));
        let order = world.order("o");
        assert_eq!(order.payment_facet(), PaymentFacet::Paid, "{terms}");
        assert_eq!((order.ledger.receivable_due_at, codes(&world)), (None, vec![]), "{terms}");
        // What is paid beyond that goes back.
        world.pay("o", "bank-1", euros(30));
        assert_eq!(figures(&world), (euros(0), euros(10), euros(10)), "{terms}");
        sound(&world);
    }
}

#[test]
fn of_goods_that_were_paid_in_part_only_what_is_open_comes_off() {
    let mut world = sent("invoice");
    world.pay("o", "bank-1", euros(25));
    world.act(
        "o",
        "return",
        json!({"lines": [{"line": 1, "quantity": 1, "condition": "restock"}]}),
    );
    // Of the paid part a person decides.
    assert_eq!(figures(&world), (euros(0), euros(0), euros(5)));
    sound(&world);
    // Once everything is back, nothing is paid for.
    world.act("o", "return", json!({}));
    assert_eq!(world.status("o"), "returned");
    assert_eq!(figures(&world).1, euros(25));
    sound(&world);
}

#[test]
fn a_discount_comes_back_with_its_goods() {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    let discount = json!([{ "code": "X", "amount": "6.00", "scope": "order" }]);
    let builder = order("o", &[("A", 3)]).terms("invoice").with("/discounts", discount);
    world.place(&builder.with("/total", Value::Null));
    world.act("o", "pack", json!({}));
    world.act("o", "ship", json!({"carrier": "DPD"}));
    world.act(
        "o",
        "return",
        json!({"lines": [{"line": 1, "quantity": 1, "condition": "restock"}]}),
    );
    assert_eq!(figures(&world).0, euros(16), "two thirds of 24");
    sound(&world);
}

#[test]
fn after_goodwill_an_edit_asks_for_and_gives_back_by_the_same_price() {
    for (quantity, open, owed) in [(2, 0, 10), (3, 0, 0), (5, 20, 0)] {
        let mut world = World::webshop(&[("A", "KUN", 9)]);
        world.place(&order("o", &[("A", 3)]));
        world.pay("o", "pi_1", euros(30));
        world.act("o", "refund", json!({"amount": "5.00"}));
        world.act("o", "refund", json!({"amount": "5.00", "reference": "bank-1"}));
        assert_eq!(figures(&world), (euros(0), euros(0), euros(5)));
        if quantity != 3 {
            world.act("o", "edit", json!({"lines": [{"line": 1, "quantity": quantity}]}));
        }
        assert_eq!(figures(&world), (euros(open), euros(owed), euros(5)), "{quantity}");
        let order = world.order("o");
        assert_eq!(payments::price(order), euros(quantity * 10 - 5));
        sound(&world);
        // There and back again costs the same.
        if quantity != 3 {
            world.act("o", "edit", json!({"lines": [{"line": 1, "quantity": 3}]}));
            let (open, owed, _) = figures(&world);
            let kept = world.order("o").ledger.kept();
            assert_eq!(kept.plus(open), euros(25), "{quantity}, {owed:?} owed");
            sound(&world);
        }
    }
}

#[test]
fn a_refund_of_a_known_reference_is_the_same_refund_or_a_conflict() {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 3)]));
    world.pay("o", "pi_1", euros(30));
    world.act("o", "refund", json!({"amount": "5.00", "reference": "bank-1"}));
    let kind = MoneyKind::RefundMade {
        refund: "re_1".to_owned(),
        amount: euros(7),
        currency: Currency::EUR,
    };
    world.run("o", &Command::Money(money("pi_1", kind, world.now)));
    let version = world.order("o").version;
    for (reference, known, other) in [("bank-1", "5.00", "6.00"), ("re_1", "7.00", "0.01")] {
        let again = json!({"amount": known, "reference": reference});
        assert!(world.act("o", "refund", again).is_nothing(), "{reference}");
        let changed = json!({"amount": other, "reference": reference});
        let answer = world.try_act("o", Role::Manager, "refund", changed);
        let code = "refund_reference_reused";
        assert!(
            matches!(&answer, Err(Rejection::NotPossible { code: found, .. }) if *found == code),
            "{reference}: {answer:?}"
        );
    }
    assert_eq!(world.order("o").version, version);
}

// ------------------------------------------------------------------------------ late money

#[test]
fn late_money_in_parts_brings_an_order_back_once_it_is_enough() {
    let mut world = World::webshop(&[("A", "KUN", 3)]);
    world.place(&order("o", &[("A", 3)]));
    world.judge_at("o", later(world.now, days(14)));
    assert_eq!(world.status("o"), "cancelled");
    world.pay("o", "a", euros(12));
    assert_eq!((world.status("o"), figures(&world).1), ("cancelled", euros(12)));
    sound(&world);
    world.pay("o", "b", euros(18));
    assert_eq!((world.status("o"), figures(&world).1), ("confirmed", euros(0)));
    assert_eq!(world.order("o").ledger.kept(), euros(30));
    sound(&world);
}

#[test]
fn what_has_gone_back_already_does_not_bring_an_order_back() {
    let mut world = World::webshop(&[("A", "KUN", 3)]);
    world.place(&order("o", &[("A", 3)]));
    world.judge_at("o", later(world.now, days(14)));
    world.pay("o", "a", euros(12));
    world.act("o", "refund", json!({"amount": "12.00", "reference": "bank-1"}));
    world.pay("o", "b", euros(18));
    assert_eq!((world.status("o"), figures(&world).1), ("cancelled", euros(18)));
    world.pay("o", "c", euros(12));
    assert_eq!((world.status("o"), figures(&world).1), ("confirmed", euros(0)));
    sound(&world);
}

#[test]
fn late_money_in_parts_goes_back_where_the_goods_are_gone() {
    let mut world = World::webshop(&[("A", "KUN", 3)]);
    world.place(&order("o", &[("A", 3)]));
    world.judge_at("o", later(world.now, days(14)));
    world.stock_move(MovementKind::Count, "A", "KUN", units(2), None);
    world.pay("o", "a", euros(12));
    world.pay("o", "b", euros(18));
    assert_eq!((world.status("o"), figures(&world).1), ("cancelled", euros(30)));
    sound(&world);
}

// ------------------------------------------------------------------------------ deposits

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
    sound(&world);
    let ship = json!({"carrier": "DPD"});
    let early = world.try_act("o", Role::Manager, "ship", ship.clone());
    assert!(matches!(early, Err(Rejection::GuardFailed { .. })), "{early:?}");
    let packed = world.act("o", "pack", json!({}));
    assert_eq!(world.status("o"), "awaiting_balance");
    assert_eq!(told(&packed.events, Recipient::Customer), ["balance_request"]);
    sound(&world);
    let paid = world.pay("o", "b", euros(18));
    assert_eq!(told(&paid.events, Recipient::Customer), ["paid"]);
    assert_eq!((world.status("o"), asked(&world)), ("packed", euros(0)));
    world.act("o", "ship", ship);
    assert_eq!(world.status("o"), "shipped");
    sound(&world);
}

#[test]
fn what_went_back_of_a_deposit_is_asked_for_with_the_balance() {
    let mut world = deposit();
    world.pay("o", "a", euros(12));
    world.act("o", "pack", json!({}));
    world.act("o", "refund", json!({"amount": "4.00", "reference": "bank-1"}));
    assert_eq!((world.status("o"), asked(&world)), ("awaiting_balance", euros(22)));
    world.pay("o", "b", euros(22));
    assert_eq!((world.status("o"), asked(&world)), ("packed", euros(0)));
    sound(&world);
}

#[test]
fn all_at_once_pays_deposit_and_balance() {
    let mut world = deposit();
    let paid = world.pay("o", "a", euros(30));
    assert_eq!(told(&paid.events, Recipient::Customer), ["paid"]);
    world.act("o", "pack", json!({}));
    assert_eq!(world.status("o"), "packed");
    sound(&world);
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
    sound(&world);
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
    sound(&world);
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
    sound(&world);
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
    sound(&world);
}
