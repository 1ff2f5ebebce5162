//! Money in every order: what comes off the price and when, money that comes late in parts, refunds by
//! hand, disputes. One question each; more tables are in `decide_table.rs`, deposits in `deposits.rs`.

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
use ordermill_domain::order::PaymentFacet;
use ordermill_domain::policy::Role;
use serde_json::{Value, json};
use support::{
    World, codes, days, disputed, euros, figures, holds, later, money, order, refunded, units,
};

/// One order of three units of A, at 30.00, that has left on these terms.
fn sent(terms: &str) -> World {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 3)]).terms(terms));
    for (command, body) in [("pack", json!({})), ("ship", json!({"carrier": "DPD"}))] {
        world.act("o", command, body);
    }
    world
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
        world.sound();
        // The rest pays it, and nothing calls it to mind any more.
        world.pay("o", "bank-1", euros(20));
        let order = world.order("o");
        assert_eq!(order.payment_facet(), PaymentFacet::Paid, "{terms}");
        assert_eq!((order.ledger.receivable_due_at, codes(&world)), (None, vec![]), "{terms}");
        // What is paid beyond that goes back.
        world.pay("o", "bank-1", euros(30));
        assert_eq!(figures(&world), (euros(0), euros(10), euros(10)), "{terms}");
        world.sound();
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
    world.sound();
    // Once everything is back, nothing is paid for.
    world.act("o", "return", json!({}));
    assert_eq!(world.status("o"), "returned");
    assert_eq!(figures(&world).1, euros(25));
    world.sound();
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
    world.sound();
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
        world.sound();
        // There and back again costs the same.
        if quantity != 3 {
            world.act("o", "edit", json!({"lines": [{"line": 1, "quantity": 3}]}));
            let (open, owed, _) = figures(&world);
            let kept = world.order("o").ledger.kept();
            assert_eq!(kept.plus(open), euros(25), "{quantity}, {owed:?} owed");
            world.sound();
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
    world.sound();
    world.pay("o", "b", euros(18));
    assert_eq!((world.status("o"), figures(&world).1), ("confirmed", euros(0)));
    assert_eq!(world.order("o").ledger.kept(), euros(30));
    world.sound();
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
    world.sound();
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
    world.sound();
}

#[test]
fn a_refund_that_goes_after_its_money_brought_the_order_back_is_asked_for_again() {
    for by_hand in [true, false] {
        let mut world = World::webshop(&[("A", "KUN", 3)]);
        world.place(&order("o", &[("A", 3)]));
        world.judge_at("o", later(world.now, days(14)));
        world.pay("o", "a", euros(12));
        world.pay("o", "b", euros(18));
        assert_eq!(world.status("o"), "confirmed");
        // The refund was under way.
        if by_hand {
            world.act("o", "refund", json!({"amount": "5.00", "reference": "bank-1"}));
        } else {
            world.run("o", &Command::Money(refunded("a", euros(5), world.now)));
        }
        assert_eq!(codes(&world), ["refund_called_off"], "{by_hand}");
        assert_eq!(figures(&world), (euros(5), euros(0), euros(0)), "{by_hand}");
        world.sound();
        world.pay("o", "c", euros(4));
        assert_eq!((figures(&world).0, codes(&world)), (euros(1), vec!["refund_called_off"]));
        world.pay("o", "c", euros(5));
        assert_eq!((figures(&world).0, codes(&world)), (euros(0), vec![]), "{by_hand}");
        world.sound();
    }
}

// ------------------------------------------------------------------------------ refunds by hand

#[test]
fn a_refund_entered_by_hand_and_told_by_the_provider_counts_once() {
    // Of which payment it went, the person does not say; the first is taken.
    for (paid_by, told_by) in [(["a", "b"], "a"), (["a", "b"], "b")] {
        let mut world = World::webshop(&[("A", "KUN", 9)]);
        world.place(&order("o", &[("A", 3)]));
        world.pay("o", paid_by[0], euros(10));
        world.pay("o", paid_by[1], euros(20));
        world.act("o", "refund", json!({"amount": "8.00"}));
        world.act("o", "refund", json!({"amount": "8.00", "reference": "re_hand"}));
        let gone = |world: &World| world.order("o").ledger.refunded();
        let version = world.order("o").version;
        world.run("o", &Command::Money(refunded(told_by, euros(8), world.now)));
        assert_eq!((gone(&world), world.order("o").version), (euros(8), version), "{told_by}");
        let of_it: Vec<Amount> =
            world.order("o").ledger.payments.iter().map(|p| p.refunded).collect();
        let expected = if told_by == "a" { [8, 0] } else { [0, 8] };
        assert_eq!(of_it, expected.map(euros), "{told_by}");
        // What goes beyond it counts.
        world.run("o", &Command::Money(refunded(told_by, euros(9), world.now)));
        assert_eq!(gone(&world), euros(9), "{told_by}");
        world.sound();
    }
}

// ------------------------------------------------------------------------------ disputes

#[test]
fn what_has_not_left_stays_after_a_lost_dispute_until_a_person_or_money_lets_it_go() {
    for by in ["a person", "money"] {
        let mut world = World::webshop(&[("A", "KUN", 9)]);
        world.place(&order("o", &[("A", 3)]));
        world.pay("o", "a", euros(30));
        disputed(&mut world, "dp_1", 30, None);
        assert_eq!(holds(&world), ["dispute"]);
        disputed(&mut world, "dp_1", 30, Some(false));
        assert_eq!((holds(&world), codes(&world)), (vec!["dispute_lost"], vec!["dispute_lost"]));
        world.sound();
        if by == "money" {
            world.pay("o", "b", euros(30));
        } else {
            world.act("o", "release", json!({"name": "dispute_lost"}));
        }
        assert_eq!((holds(&world), codes(&world)), (vec![], vec![]), "{by}");
        assert_eq!(figures(&world).0, euros(0), "{by}");
        world.act("o", "ship", json!({"carrier": "DPD"}));
        assert_eq!(guards::receivable(&world.policy, world.order("o")), euros(0), "{by}");
        world.sound();
    }
    // What has left is not held: there is nothing to keep back.
    let mut world = sent("invoice");
    world.pay("o", "a", euros(30));
    disputed(&mut world, "dp_1", 30, Some(false));
    disputed(&mut world, "dp_1", 30, None);
    assert_eq!((holds(&world), codes(&world)), (vec![], vec!["dispute_lost"]));
    world.sound();
}

#[test]
fn a_dispute_that_is_told_with_its_name_is_the_one_that_was_told_without() {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 3)]));
    world.pay("o", "a", euros(30));
    // Rows of earlier have no name.
    let earlier = r#"{"kind": "disputed", "amount": 3000, "currency": "EUR"}"#;
    let kind: MoneyKind = serde_json::from_str(earlier).unwrap();
    world.run("o", &Command::Money(money("a", kind, world.now)));
    assert_eq!((holds(&world), codes(&world)), (vec!["dispute"], vec!["dispute"]));
    disputed(&mut world, "dp_1", 30, Some(true));
    assert_eq!((holds(&world), codes(&world)), (vec![], vec![]));
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid);
    let earlier = r#"{"kind": "dispute_closed", "won": false}"#;
    let kind: MoneyKind = serde_json::from_str(earlier).unwrap();
    world.run("o", &Command::Money(money("a", kind, world.now)));
    assert_eq!(codes(&world), ["dispute_lost"]);
    world.sound();
}

/// What banks took of an order of 30.00 that is paid, all of it.
fn lost_whole() -> World {
    let mut world = World::webshop(&[("A", "KUN", 99)]);
    world.place(&order("o", &[("A", 3)]));
    world.pay("o", "a", euros(30));
    disputed(&mut world, "dp_1", 30, None);
    disputed(&mut world, "dp_1", 30, Some(false));
    world
}

#[test]
fn what_is_added_after_a_loss_was_paid_again_is_asked_for() {
    let mut world = lost_whole();
    world.pay("o", "b", euros(30));
    world.act("o", "edit", json!({"lines": [{"line": 1, "quantity": 5}]}));
    let asked = |world: &World| guards::open_to_ask(&world.policy, world.order("o"));
    assert_eq!((figures(&world).0, asked(&world)), (euros(20), euros(20)));
    world.act("o", "pay", json!({}));
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid);
    world.sound();
    // On invoice the same.
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 3)]).terms("invoice"));
    world.act("o", "pack", json!({}));
    world.act("o", "ship", json!({"carrier": "DPD", "lines": [{"line": 1, "quantity": 2}]}));
    world.pay("o", "a", euros(30));
    disputed(&mut world, "dp_1", 30, None);
    disputed(&mut world, "dp_1", 30, Some(false));
    assert_eq!(guards::receivable(&world.policy, world.order("o")), euros(0));
    world.pay("o", "b", euros(30));
    let line = json!({"sku": "A", "quantity": 2, "unit_price": "10.00", "tax_rate": "0.21"});
    world.act("o", "edit", json!({ "lines": [line] }));
    world.act("o", "ship", json!({"carrier": "DPD"}));
    assert_eq!(guards::receivable(&world.policy, world.order("o")), euros(20));
    world.sound();
}

#[test]
fn a_person_does_without_what_is_missing_and_no_more() {
    let mut world = lost_whole();
    world.pay("o", "b", euros(18));
    let asked = |world: &World| guards::open_to_ask(&world.policy, world.order("o"));
    assert_eq!((figures(&world).0, asked(&world)), (euros(12), euros(0)));
    world.act("o", "edit", json!({"lines": [{"line": 1, "quantity": 4}]}));
    assert_eq!((figures(&world).0, asked(&world)), (euros(22), euros(10)));
    world.act("o", "release", json!({"name": "dispute_lost"}));
    assert_eq!(world.order("o").ledger.written_off, euros(12));
    assert_eq!((figures(&world).0, asked(&world)), (euros(10), euros(10)));
    world.pay("o", "b", euros(28));
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid);
    world.sound();
    // A second loss is another matter.
    let name = "dp_2".to_owned();
    let kind =
        MoneyKind::DisputeClosed { dispute: name, amount: euros(5), currency: None, won: false };
    world.run("o", &Command::Money(money("b", kind, world.now)));
    assert_eq!((figures(&world).0, asked(&world)), (euros(5), euros(0)));
    world.act("o", "release", json!({"name": "dispute_lost"}));
    assert_eq!(world.order("o").ledger.written_off, euros(17));
    world.sound();
}

#[test]
fn a_loss_of_an_earlier_row_is_decided_on_as_ever() {
    let mut world = lost_whole();
    // As a row of earlier says it.
    world.orders.get_mut("o").unwrap().ledger.undecided = None;
    let asked = |world: &World| guards::open_to_ask(&world.policy, world.order("o"));
    assert_eq!((figures(&world).0, asked(&world)), (euros(30), euros(0)));
    world.act("o", "release", json!({"name": "dispute_lost"}));
    assert_eq!((figures(&world).0, world.order("o").ledger.written_off), (euros(0), euros(30)));
    world.sound();
}

// ------------------------------------------------------------------------------ refunds by hand

#[test]
fn another_refund_than_was_entered_counts_and_is_named() {
    let made = |refund: &str, amount: i64| MoneyKind::RefundMade {
        refund: refund.to_owned(),
        amount: euros(amount),
        currency: Currency::EUR,
    };
    // (what was entered, what is told, gone in all, exceptions)
    let table = [
        (("bank-1", 20), vec![made("re_1", 10)], 30, vec!["refund_not_as_entered"]),
        (("bank-1", 20), vec![made("re_1", 25)], 45, vec!["refund_not_as_entered"]),
        (("bank-1", 20), vec![made("re_1", 20)], 20, vec![]),
        (("re_1", 20), vec![made("re_1", 20)], 20, vec![]),
        // Told once, it is told: the next is another.
        (("bank-1", 20), vec![made("re_1", 20), made("re_2", 20)], 40, vec![]),
    ];
    for ((reference, entered), told, gone, exceptions) in table {
        let mut world = World::webshop(&[("A", "KUN", 9)]);
        world.place(&order("o", &[("A", 6)]));
        world.pay("o", "a", euros(60));
        let body = json!({"amount": format!("{entered}.00"), "reference": reference});
        world.act("o", "refund", body);
        for kind in &told {
            world.run("o", &Command::Money(money("a", kind.clone(), world.now)));
        }
        assert_eq!(world.order("o").ledger.refunded(), euros(gone), "{reference} {told:?}");
        assert_eq!(codes(&world), exceptions, "{reference} {told:?}");
        world.sound();
    }
}

#[test]
fn what_was_given_back_of_money_at_the_door_is_not_what_a_provider_tells_of() {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 6)]));
    world.act("o", "pay", json!({"amount": "20.00", "currency": "EUR", "reference": "cash"}));
    world.pay("o", "a", euros(40));
    world.act("o", "refund", json!({"amount": "10.00", "reference": "from the till"}));
    world.run("o", &Command::Money(refunded("a", euros(10), world.now)));
    assert_eq!(world.order("o").ledger.refunded(), euros(20));
    assert_eq!(codes(&world), ["refund_not_as_entered"]);
    world.sound();
}
