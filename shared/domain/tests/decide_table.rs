//! The edges of the rules as tables: one millisecond before, at and after; who may what; money in
//! every order; large orders in pages. Subscriptions are in `subscriptions.rs`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::{Command, MoneyKind, Rejection, decide_all};
use ordermill_domain::intake::MovementKind;
use ordermill_domain::intake::command::{Collected, CommandBody, Condition};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::{PaymentFacet, Recipient};
use ordermill_domain::policy::{LateMoney, Policy, Role};
use ordermill_domain::time::Seconds;
use serde_json::{Value, json};
use support::{
    World, acts, anchor, back, euros, is_releasing, kinds, later, money, order, received, refunded,
    told, units, webshop,
};

/// A world with one order of two units of A, at 20.00, reserved, that waits for its money.
fn waiting_for_money(method: &str) -> World {
    let mut world = World::webshop(&[("A", "KUN", 5)]);
    world.place(&order("o", &[("A", 2)]).method(method));
    assert_eq!(world.status("o"), "awaiting_payment");
    world
}

/// A world with one order that is paid, and on its way up to that status.
fn up_to(status: &str, lines: &[(&str, i64)], stock: &[(&str, &str, i64)]) -> World {
    on_the_way(World::webshop(stock), &order("o", lines), status)
}

fn on_the_way(mut world: World, builder: &support::OrderBuilder, status: &str) -> World {
    world.place(builder);
    for _ in 0..8 {
        if world.status("o") == status {
            break;
        }
        match world.status("o") {
            "awaiting_payment" => {
                let gross = world.order("o").gross();
                world.pay("o", "pi_1", gross)
            }
            "confirmed" => world.act("o", "pick", json!({})),
            "picking" => world.act("o", "pack", json!({})),
            "packed" | "partly_shipped" => world.act("o", "ship", json!({"carrier": "DPD"})),
            "shipped" | "ready_for_pickup" => world.act("o", "deliver", json!({})),
            "delivered" => world.act("o", "complete", json!({})),
            other => panic!("nothing leads from {other} to {status}"),
        };
    }
    assert_eq!(world.status("o"), status);
    world.sound();
    world
}

fn days(days: i64) -> i64 {
    days * 86_400_000
}

// ------------------------------------------------------------------------------ limits

#[test]
fn an_unpaid_order_is_cancelled_at_its_limit_and_not_a_millisecond_before() {
    let two_hours = 2 * 3_600_000;
    for (method, limit) in [("bank_transfer", days(14)), ("card", two_hours), ("paypal", two_hours)]
    {
        for (at, status) in
            [(limit - 1, "awaiting_payment"), (limit, "cancelled"), (limit + 1, "cancelled")]
        {
            let mut world = waiting_for_money(method);
            let since = world.order("o").status_since;
            world.judge_at("o", later(since, at));
            assert_eq!(world.status("o"), status, "{method} after {at} ms");
            assert_eq!(world.order("o").holds_stock(), status != "cancelled");
            world.sound();
        }
    }
}

#[test]
fn reminders_go_out_at_their_moments_and_each_once() {
    let table: [(&str, &[i64]); 2] =
        [("bank_transfer", &[days(1), days(3)]), ("card", &[30 * 60_000])];
    for (method, moments) in table {
        let mut world = waiting_for_money(method);
        let since = world.order("o").status_since;
        for moment in moments {
            assert_eq!(world.due("o"), Some(later(since, *moment)));
            assert!(world.judge_at("o", later(since, moment - 1)).is_nothing());
            let due = world.judge_at("o", later(since, *moment));
            assert_eq!(told(&due.events, Recipient::Customer), ["payment_reminder"]);
            assert!(world.judge_at("o", later(since, moment + 1)).is_nothing());
        }
    }
}

#[test]
fn after_an_outage_only_the_last_of_several_reminders_goes_out() {
    let mut world = waiting_for_money("bank_transfer");
    let since = world.order("o").status_since;
    let late = world.judge_at("o", later(since, days(4)));
    assert_eq!(told(&late.events, Recipient::Customer), ["payment_reminder"]);
    let mut world = up_to("confirmed", &[("A", 1)], &[("A", "KUN", 1)]);
    let since = world.order("o").status_since;
    let late = world.judge_at("o", later(since, days(200)));
    assert_eq!(told(&late.events, Recipient::Staff), ["staff_alert"], "not one for each pause");
    assert!(world.due("o").unwrap() > world.now);
}

#[test]
fn a_partly_paid_order_is_not_cancelled_at_its_limit_but_a_person_is_asked() {
    let mut world = waiting_for_money("card");
    let since = world.order("o").status_since;
    world.pay("o", "pi_1", euros(5));
    assert_eq!(world.order("o").status_since, since, "a part does not begin the limit anew");
    let judged = world.judge_at("o", later(since, 2 * 3_600_000));
    assert_eq!(world.status("o"), "awaiting_payment");
    assert_eq!(world.order("o").exceptions[0].code, "partly_paid_at_limit");
    assert_eq!(told(&judged.events, Recipient::Staff), ["staff_exception"]);
    world.pay("o", "pi_1", euros(20));
    assert_eq!(world.status("o"), "confirmed");
    assert!(world.order("o").exceptions.is_empty(), "paid: nothing is left to ask");
    world.sound();
}

#[test]
fn a_lost_step_is_asked_for_again_and_then_a_person_looks() {
    let mut world = World::webshop(&[("A", "KUN", 5)]);
    world.take_in(&order("o", &[("A", 2)]));
    let since = world.now;
    let again = world.judge_at("o", later(since, 120_000));
    assert!(again.events.is_empty() && again.touched, "a back-off is no event");
    assert_eq!(world.order("o").redrives, 1);
    assert!(world.judge_at("o", later(since, 120_001)).is_nothing());
    world.judge_at("o", later(since, 30 * 60_000));
    assert_eq!(world.status("o"), "review");
    assert_eq!(world.order("o").exceptions[0].code, "review_needed");
    world.act("o", "approve", json!({}));
    assert_eq!((world.status("o"), world.order("o").exceptions.len()), ("validated", 0));
}

#[test]
fn an_open_exception_is_called_to_mind_after_pauses_that_double() {
    let mut world = waiting_for_money("card");
    let usd = Currency::parse("USD").unwrap();
    let kind = MoneyKind::Received { amount: euros(20), currency: usd, method: None };
    world.run("o", &Command::Money(money("pi_usd", kind, world.now)));
    let exception = world.order("o").exceptions[0].clone();
    assert_eq!(exception.about.as_deref(), Some("pi_usd"));
    for (now, next) in [(1, 2), (2, 4), (4, 8), (8, 16), (16, 32), (32, 62)] {
        world.judge_at("o", later(exception.since, days(now)));
        let due = world.order("o").exceptions[0].due_at;
        assert_eq!(due, later(exception.since, days(next)));
    }
}

// ------------------------------------------------------------------------------ money

#[test]
fn several_payments_add_up_and_the_last_one_makes_it_paid() {
    let mut world = waiting_for_money("bank_transfer");
    let first = world.pay("o", "a", euros(7));
    assert_eq!(told(&first.events, Recipient::Customer), ["partly_paid"]);
    assert_eq!(first.events[0].data["open"], json!("13.00"));
    assert_eq!(world.order("o").ledger.facet(euros(20)), PaymentFacet::PartlyPaid);
    let second = world.pay("o", "b", euros(13));
    assert_eq!(told(&second.events, Recipient::Customer), ["paid"]);
    assert_eq!(world.status("o"), "confirmed");
}

#[test]
fn what_is_paid_too_much_is_owed_back() {
    let mut world = waiting_for_money("bank_transfer");
    let paid = world.pay("o", "a", euros(25));
    assert_eq!(told(&paid.events, Recipient::Customer), ["paid", "refund_owed"]);
    assert_eq!(world.order("o").ledger.refund_owed(), euros(5));
    let due = world.order("o").ledger.refund_due_at.unwrap();
    assert!(world.judge_at("o", later(due, -1)).is_nothing());
    assert_eq!(told(&world.judge_at("o", due).events, Recipient::Staff)[0], "staff_task");
    world.act("o", "refund", json!({"amount": "5.00", "reference": "bank-1"}));
    assert!(world.order("o").ledger.refund_owed().is_zero());
    assert!(
        world.act("o", "refund", json!({"amount": "5.00", "reference": "bank-1"})).is_nothing()
    );
    world.sound();
}

#[test]
fn a_refund_from_another_money_object_leaves_no_cent_without_an_owner() {
    let mut world = waiting_for_money("bank_transfer");
    world.pay("o", "a", euros(25));
    world.run("o", &Command::Money(refunded("b", euros(5), world.now)));
    assert_eq!(world.order("o").ledger.kept(), euros(20));
    world.sound();
}

#[test]
fn a_refund_told_before_its_payment_counts_with_it() {
    let mut world = waiting_for_money("bank_transfer");
    world.run("o", &Command::Money(refunded("a", euros(5), world.now)));
    let early = world.order("o").ledger.clone();
    assert_eq!((early.received(), early.refunded()), (euros(0), euros(0)));
    assert_eq!(world.order("o").exceptions[0].code, "refund_without_payment");
    world.run("o", &Command::Money(received("a", euros(20), world.now)));
    let ledger = &world.order("o").ledger;
    assert_eq!((ledger.received(), ledger.refunded()), (euros(20), euros(5)));
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid);
    assert_eq!(world.status("o"), "confirmed", "as if it had been paid first");
    assert!(world.order("o").exceptions.is_empty());
    world.sound();
}

#[test]
fn a_refund_of_a_part_between_two_payments_counts_as_one_after_them() {
    let told = [
        received("a", euros(12), support::start()),
        refunded("a", euros(5), support::start()),
        received("b", euros(8), support::start()),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut world = waiting_for_money("bank_transfer");
        for index in order {
            world.run("o", &Command::Money(told[index].clone()));
        }
        assert_eq!(world.status("o"), "confirmed", "{order:?}");
        assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid, "{order:?}");
        world.sound();
    }
}

#[test]
fn more_refunded_than_came_makes_no_money_and_calls_a_person() {
    let mut world = waiting_for_money("bank_transfer");
    world.pay("o", "a", euros(20));
    world.run("o", &Command::Money(refunded("a", euros(50), world.now)));
    let ledger = &world.order("o").ledger;
    assert_eq!((ledger.received(), ledger.refunded()), (euros(20), euros(20)));
    assert_eq!(world.order("o").exceptions[0].code, "refund_without_payment");
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::Refunded);
    world.sound();
}

#[test]
fn what_is_given_back_of_a_paid_order_is_not_asked_for_again() {
    let mut world = waiting_for_money("bank_transfer");
    world.pay("o", "a", euros(20));
    world.act("o", "refund", json!({"amount": "3.00", "reason": "a late parcel"}));
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::RefundOwed);
    world.act("o", "refund", json!({"amount": "3.00", "reference": "bank-1"}));
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid);
    // By the provider, without us.
    world.run("o", &Command::Money(refunded("a", euros(5), world.now)));
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid);
    assert_eq!(world.order("o").ledger.granted, euros(5));
    world.sound();
}

#[test]
fn part_of_an_unpaid_order_given_back_is_still_to_be_paid() {
    let mut world = waiting_for_money("bank_transfer");
    world.pay("o", "a", euros(8));
    world.act("o", "refund", json!({"amount": "8.00", "reason": "wrong account"}));
    assert!(world.order("o").ledger.granted.is_zero());
    world.pay("o", "b", euros(12));
    assert_eq!(world.status("o"), "awaiting_payment");
    world.sound();
}

#[test]
fn an_order_given_up_costs_what_it_cost_when_late_money_brings_it_back() {
    let mut world = waiting_for_money("bank_transfer");
    world.pay("o", "a", euros(20));
    world.act("o", "refund", json!({"amount": "20.00", "reason": "asked"}));
    assert_eq!(world.order("o").ledger.granted, euros(20));
    world.act("o", "cancel", json!({"reason": "asked"}));
    world.pay("o", "b", euros(5));
    assert_ne!(world.status("o"), "confirmed");
    world.pay("o", "c", euros(15));
    world.sound();
}

#[test]
fn the_same_message_twice_changes_nothing() {
    let mut world = waiting_for_money("bank_transfer");
    let usd = Currency::parse("USD").unwrap();
    for kind in [
        MoneyKind::Received { amount: euros(3), currency: Currency::EUR, method: None },
        MoneyKind::Refunded { amount: euros(1), currency: Currency::EUR },
        MoneyKind::Received { amount: euros(3), currency: usd, method: None },
        MoneyKind::Failed { code: Some("card_declined".to_owned()) },
        MoneyKind::Cancelled { code: None },
        MoneyKind::Authorised,
        disputed("dp_1", euros(2)),
        dispute_closed("dp_1", euros(2), false),
    ] {
        let told = Command::Money(money("pi_1", kind.clone(), world.now));
        assert!(!world.run("o", &told).is_nothing(), "{kind:?}");
        assert!(world.run("o", &told).is_nothing(), "{kind:?} again");
        world.sound();
    }
}

#[test]
fn figures_are_raised_so_that_the_order_of_arrival_does_not_matter() {
    let now = support::start();
    let told =
        [received("a", euros(8), now), refunded("a", euros(3), now), received("a", euros(20), now)];
    let mut ends = Vec::new();
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let mut world = waiting_for_money("bank_transfer");
        for index in order {
            world.run("o", &Command::Money(told[index].clone()));
            world.sound();
        }
        let ledger = &world.order("o").ledger;
        ends.push((ledger.received(), ledger.refunded(), ledger.kept()));
    }
    assert!(ends.iter().all(|end| *end == (euros(20), euros(3), euros(17))), "{ends:?}");
}

fn disputed(name: &str, amount: Amount) -> MoneyKind {
    MoneyKind::Disputed { dispute: name.to_owned(), amount, currency: Currency::EUR }
}

fn dispute_closed(name: &str, amount: Amount, won: bool) -> MoneyKind {
    let dispute = name.to_owned();
    MoneyKind::DisputeClosed { dispute, amount, currency: Some(Currency::EUR), won }
}

#[test]
fn disputes_of_one_payment_are_told_apart_in_whatever_order_they_are_told() {
    // An inquiry that came to nothing, then a loss of a part, then one that is still open.
    let told = [
        disputed("dp_1", euros(20)),
        dispute_closed("dp_1", euros(20), true),
        disputed("dp_2", euros(6)),
        // An end that does not say of how much.
        dispute_closed("dp_2", Amount::ZERO, false),
        disputed("dp_3", euros(4)),
    ];
    let orders = [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0], [3, 1, 4, 0, 2], [1, 3, 0, 2, 4]];
    for order in orders {
        let mut world = up_to("confirmed", &[("A", 2)], &[("A", "KUN", 2)]);
        world.pay("o", "pi_1", euros(20));
        for index in order.into_iter().chain(order) {
            world.run("o", &Command::Money(money("pi_1", told[index].clone(), support::start())));
            world.sound();
        }
        let order = world.order("o");
        let payment = order.ledger.payments.iter().find(|p| p.reference == "pi_1").unwrap();
        assert_eq!((payment.lost(), payment.disputed()), (euros(6), euros(4)), "{order:?}");
        let mut codes: Vec<_> =
            order.exceptions.iter().map(|e| (e.code.as_str(), e.about.as_deref())).collect();
        codes.sort_unstable();
        assert_eq!(codes, [("dispute", Some("dp_3")), ("dispute_lost", Some("dp_2"))]);
        let mut held = support::holds(&world);
        held.sort_unstable();
        assert_eq!(held, ["dispute", "dispute_lost"], "the third is open");
        let version = order.version;
        // What was told is known: a repeat makes no event.
        for kind in &told {
            world.run("o", &Command::Money(money("pi_1", kind.clone(), support::start())));
        }
        assert_eq!(world.order("o").version, version);
        let end = dispute_closed("dp_3", euros(4), true);
        world.run("o", &Command::Money(money("pi_1", end, support::start())));
        assert_eq!(support::holds(&world), ["dispute_lost"]);
        world.sound();
    }
}

#[test]
fn a_dispute_of_which_only_the_end_is_told_still_takes_its_money() {
    let mut world = up_to("confirmed", &[("A", 2)], &[("A", "KUN", 2)]);
    let end = dispute_closed("dp_1", euros(20), false);
    world.run("o", &Command::Money(money("pi_1", end, support::start())));
    let order = world.order("o");
    assert_eq!(order.ledger.refunded(), euros(20));
    assert!(order.exceptions.iter().any(|e| e.code == "dispute_lost"), "{:?}", order.exceptions);
    assert_eq!(support::holds(&world), ["dispute_lost"]);
    // Its beginning, told late, opens nothing.
    let version = order.version;
    let begin = disputed("dp_1", euros(20));
    world.run("o", &Command::Money(money("pi_1", begin, support::start())));
    assert_eq!(world.order("o").version, version);
    world.sound();
}

#[test]
fn a_lost_dispute_takes_what_was_not_refunded_and_holds_until_the_last_is_over() {
    let mut world = up_to("confirmed", &[("A", 2)], &[("A", "KUN", 2)]);
    let eur = Currency::EUR;
    let told = |reference: &str, kind| Command::Money(money(reference, kind, support::start()));
    world.run("o", &told("pi_1", MoneyKind::Refunded { amount: euros(5), currency: eur }));
    world.run("o", &told("pi_1", disputed("dp_1", euros(15))));
    world.run("o", &told("pi_2", disputed("dp_2", euros(1))));
    assert_eq!(world.order("o").ledger.facet(euros(20)), PaymentFacet::Disputed);
    world.run("o", &told("pi_1", dispute_closed("dp_1", euros(15), false)));
    assert_eq!(world.order("o").ledger.refunded(), euros(20));
    let held = support::holds(&world);
    assert_eq!(held, ["dispute", "dispute_lost"], "another payment is still disputed");
    world.run("o", &told("pi_2", dispute_closed("dp_2", euros(1), true)));
    assert_eq!(support::holds(&world), ["dispute_lost"], "of what was lost a person decides");
    world.sound();
}

#[test]
fn what_the_bank_took_and_what_was_refunded_add_up_whichever_is_told_first() {
    let eur = Currency::EUR;
    let told = |kind| Command::Money(money("pi_1", kind, support::start()));
    let refund = || told(MoneyKind::Refunded { amount: euros(5), currency: eur });
    let lost = || [told(disputed("dp_1", euros(8))), told(dispute_closed("dp_1", euros(8), false))];
    for refund_first in [true, false] {
        let mut world = up_to("confirmed", &[("A", 2)], &[("A", "KUN", 2)]);
        world.pay("o", "pi_1", euros(20));
        if refund_first {
            world.run("o", &refund());
        }
        for told in lost() {
            world.run("o", &told);
        }
        if !refund_first {
            world.run("o", &refund());
        }
        assert_eq!(world.order("o").ledger.refunded(), euros(13), "{refund_first}");
        world.sound();
    }
}

#[test]
fn money_for_a_cancelled_order_goes_by_the_policy_and_by_what_is_there() {
    let table = [
        (LateMoney::Revive, 20, 2, "confirmed", 0, None),
        (LateMoney::Revive, 25, 2, "confirmed", 5, None),
        (LateMoney::Revive, 19, 2, "cancelled", 19, None),
        (LateMoney::Revive, 20, 1, "cancelled", 20, None),
        (LateMoney::Refund, 20, 2, "cancelled", 20, None),
        (LateMoney::Ask, 20, 2, "cancelled", 0, Some("late_money")),
    ];
    for (late_money, amount, left, status, owed, asks) in table {
        let case = format!("{late_money:?} {amount} with {left} left");
        let policy = Policy { late_money, ..webshop() };
        let mut world = World::new(policy, support::stock(&[("A", "KUN", 2)]));
        world.place(&order("o", &[("A", 2)]));
        let due = later(world.now, days(14));
        world.judge_at("o", due);
        assert_eq!(world.status("o"), "cancelled", "{case}");
        world.stock_move(MovementKind::Count, "A", "KUN", units(left), None);
        let paid = world.pay("o", "pi_1", euros(amount));
        assert_eq!(world.status("o"), status, "{case}");
        assert_eq!(world.order("o").ledger.refund_owed(), euros(owed), "{case}");
        let code = world.order("o").exceptions.first().map(|e| e.code.as_str());
        assert_eq!(code, asks, "{case}");
        // A payment is always confirmed; whose order lives again is thanked as for any that is paid.
        let mut said = told(&paid.events, Recipient::Customer);
        said.retain(|template| matches!(template.as_str(), "payment_received" | "paid"));
        let expected = if status == "confirmed" { "paid" } else { "payment_received" };
        assert_eq!(said, [expected], "{case}");
        assert!(world.pay("o", "pi_1", euros(amount)).is_nothing());
        world.sound();
    }
}

#[test]
fn late_money_revives_no_order_whose_goods_came_back_or_were_all_taken_off() {
    let mut world = World::webshop(&[("A", "KUN", 2)]);
    world.place(&order("o", &[("A", 2)]).terms("invoice"));
    for (command, body) in [
        ("pack", json!({})),
        ("ship", json!({"carrier": "DPD"})),
        ("return", json!({"refused_at_door": true})),
    ] {
        world.act("o", command, body);
    }
    assert_eq!(world.status("o"), "returned");
    world.pay("o", "pi_1", euros(20));
    assert_eq!((world.status("o"), world.order("o").ledger.refund_owed()), ("returned", euros(20)));
    let mut world = waiting_for_money("card");
    world.act("o", "cancel", json!({"lines": [{"line": 1}]}));
    assert_eq!(world.status("o"), "cancelled");
    world.pay("o", "pi_1", euros(20));
    assert_eq!(world.status("o"), "cancelled");
    world.sound();
}

#[test]
fn money_and_a_judgement_in_one_decision_have_one_winner() {
    let mut world = waiting_for_money("card");
    world.now = later(world.now, 2 * 3_600_000);
    let commands = [Command::Money(received("pi_1", euros(20), support::start())), Command::Judge];
    let both =
        decide_all(&world.policy, world.order("o"), &world.facts(), &commands, world.now).unwrap();
    assert_eq!(both.order.status.as_str(), "confirmed");
}

#[test]
fn goods_that_are_gone_and_not_paid_have_a_deadline_until_the_money_comes() {
    for (terms, after) in [("invoice", 31), ("on_delivery", 7)] {
        let mut world = World::webshop(&[("A", "KUN", 2)]);
        world.place(&order("o", &[("A", 2)]).terms(terms));
        assert_eq!(world.status("o"), "confirmed");
        world.act("o", "pack", json!({}));
        world.act("o", "ship", json!({"carrier": "DPD"}));
        let due = world.order("o").ledger.receivable_due_at.unwrap();
        assert_eq!(due, later(world.now, days(after)), "{terms}");
        world.act("o", "deliver", json!({}));
        world.act("o", "complete", json!({}));
        let judged = world.judge_at("o", due);
        // On delivery the carrier has the money, and the customer is not reminded of it.
        let customer: &[&str] = if terms == "invoice" { &["overdue"] } else { &[] };
        assert_eq!(told(&judged.events, Recipient::Customer), customer, "{terms}");
        assert_eq!(told(&judged.events, Recipient::Staff), ["staff_alert"], "{terms}");
        assert!(world.due("o").unwrap() > due);
        world.pay("o", "bank-1", euros(20));
        assert_eq!(world.due("o"), None, "{terms}: paid, nothing is owed");
    }
}

#[test]
fn money_collected_at_the_door_pays_the_order() {
    for (amount, open) in [(20, false), (15, true), (25, false)] {
        let builder = order("o", &[("A", 2)]).terms("on_delivery");
        let mut world = on_the_way(World::webshop(&[("A", "KUN", 2)]), &builder, "shipped");
        let collected = Some(Collected { amount: euros(amount), method: None });
        let body = CommandBody::Deliver { shipment: None, collected };
        world.run("o", &acts(Role::Manager, body));
        assert_eq!(world.status("o"), "delivered");
        assert_eq!(world.order("o").ledger.receivable_due_at.is_some(), open, "{amount}");
        assert_eq!(world.order("o").ledger.refund_owed(), euros((amount - 20).max(0)));
        world.sound();
    }
}

#[test]
fn what_was_given_back_on_purpose_is_not_dunned() {
    let mut world = up_to("shipped", &[("A", 2)], &[("A", "KUN", 2)]);
    world.act("o", "refund", json!({"amount": "5.00"}));
    world.act("o", "refund", json!({"amount": "5.00", "reference": "bank-1"}));
    assert_eq!(world.order("o").ledger.receivable_due_at, None);
    world.sound();
    let more = world.try_act("o", Role::Manager, "refund", json!({"amount": "15.01"}));
    assert!(matches!(more, Err(Rejection::Invalid { code: "more_than_received", .. })));
}

#[test]
fn an_unpaid_order_that_came_back_whole_is_not_dunned() {
    let builder = order("o", &[("A", 2)]).terms("invoice");
    let mut world = on_the_way(World::webshop(&[("A", "KUN", 2)]), &builder, "delivered");
    world.act("o", "return", json!({}));
    assert_eq!(world.status("o"), "returned");
    assert_eq!(world.due("o"), None);
}

// ------------------------------------------------------------------------------ who may what

/// The kind of a refusal, by the answer it becomes.
fn answer<T>(result: &Result<T, Rejection>) -> &'static str {
    match result {
        Ok(_) => "ok",
        Err(
            Rejection::NotAllowedInStatus { .. } | Rejection::NotPossible { .. } | Rejection::Busy,
        ) => "409",
        Err(Rejection::GuardFailed { .. }) => "409 guard",
        Err(Rejection::RoleNotAllowed { .. } | Rejection::RightMissing { .. }) => "403",
        Err(Rejection::Invalid { .. } | Rejection::Unfit { .. }) => "422",
        Err(Rejection::OutOfStock { .. }) => "409 stock",
    }
}

#[test]
fn a_customer_cancels_until_it_is_picked_and_a_manager_until_it_has_left() {
    let table = [
        ("awaiting_payment", "ok", "ok"),
        ("confirmed", "ok", "ok"),
        ("picking", "ok", "ok"),
        ("packed", "409", "ok"),
        ("shipped", "409", "409"),
        ("delivered", "409", "409"),
        ("completed", "409", "409"),
    ];
    for (status, customer, manager) in table {
        for (role, expected) in [(Role::Customer, customer), (Role::Manager, manager)] {
            let mut world = up_to(status, &[("A", 2)], &[("A", "KUN", 2)]);
            let result = world.try_act("o", role, "cancel", json!({}));
            assert_eq!(answer(&result), expected, "{role:?} from {status}");
            world.sound();
        }
    }
}

#[test]
fn a_role_that_never_may_is_told_so_and_a_status_that_does_not_fit_is_another_answer() {
    let table = [
        ("confirm", json!({}), Role::Customer, "403"),
        ("pick", json!({}), Role::Customer, "403"),
        ("ship", json!({"carrier": "DPD"}), Role::Partner, "403"),
        ("approve", json!({}), Role::Manager, "409"),
        ("deliver", json!({}), Role::Manager, "409"),
        ("pack", json!({}), Role::Manager, "409"),
        ("confirm", json!({}), Role::Admin, "ok"),
        ("confirm", json!({}), Role::Manager, "ok"),
    ];
    for (name, body, role, expected) in table {
        let mut world = waiting_for_money("card");
        let result = world.try_act("o", role, name, body);
        assert_eq!(answer(&result), expected, "{name} by {role:?}");
    }
}

#[test]
fn approval_overrides_the_reasons_and_keeps_them_on_record() {
    let mut world = World::webshop(&[("A", "KUN", 5)]);
    let builder = order("o", &[("NEW", 1)]).with("/delivery/address/postal_code", json!("1"));
    world.place(&builder);
    assert_eq!(world.status("o"), "review");
    let codes: Vec<&str> = world.order("o").reasons.iter().map(|r| r.code.as_str()).collect();
    assert_eq!(codes, ["postal_code", "unknown_sku"]);
    assert!(world.told("o").contains(&"data_needed".to_owned()));
    let approved = world.act("o", "approve", json!({}));
    assert_eq!(approved.events[0].data["overridden"], json!(["postal_code", "unknown_sku"]));
    assert!(world.order("o").reasons.is_empty());
    assert_eq!(world.order("o").overridden, ["postal_code", "unknown_sku"]);
}

#[test]
fn an_order_refused_by_its_policy_is_told_one_thing() {
    let mut policy = webshop();
    policy.on_total_mismatch = ordermill_domain::policy::OnTotalMismatch::Reject;
    let mut world = World::new(policy, support::stock(&[("A", "KUN", 5)]));
    let builder = order("o", &[("A", 1)])
        .with("/total", json!("1.00"))
        .with("/delivery/address/postal_code", json!("1"));
    world.place(&builder);
    assert_eq!(world.status("o"), "rejected");
    assert_eq!(world.told("o"), ["order_received", "cancelled"]);
}

#[test]
fn a_hold_stops_automatic_moves_and_the_step_runs_after_its_release() {
    let mut world = World::webshop(&[("A", "KUN", 5)]);
    world.take_in(&order("o", &[("A", 2)]));
    world.act("o", "hold", json!({"name": "look"}));
    assert!(world.act("o", "hold", json!({"name": "look"})).is_nothing());
    assert!(world.run("o", &Command::Validate).is_nothing());
    let released = world.act("o", "release", json!({"name": "look"}));
    assert_eq!(
        serde_json::to_value(&released.events[0].todo).unwrap(),
        json!([{"do": "validate"}])
    );
    world.run("o", &Command::Validate);
    world.act("o", "hold", json!({"name": "look"}));
    assert!(world.run("o", &Command::Reserve).is_nothing());
    world.act("o", "release", json!({"name": "look"}));
    world.run("o", &Command::Reserve);
    world.act("o", "hold", json!({"name": "look"}));
    world.pay("o", "pi_1", euros(20));
    assert_eq!(world.status("o"), "awaiting_payment", "paid, and held");
    world.act("o", "release", json!({"name": "look"}));
    assert_eq!(world.status("o"), "confirmed");
    let unknown = world.try_act("o", Role::Manager, "release", json!({"name": "look"}));
    assert_eq!(answer(&unknown), "422");
}

// ------------------------------------------------------------------------------ fulfilment

#[test]
fn a_part_is_shipped_and_then_the_rest_and_each_is_told_once() {
    let stock = [("A", "KUN", 2), ("B", "KUN", 1)];
    let mut world = up_to("packed", &[("A", 2), ("B", 1)], &stock);
    let part = json!({"carrier": "DPD", "lines": [{"line": 1, "quantity": 1}]});
    let first = world.act("o", "ship", part);
    assert_eq!(world.status("o"), "partly_shipped");
    assert_eq!(told(&first.events, Recipient::Customer), ["handed_over"]);
    let rest = world.act("o", "ship", json!({"carrier": "DPD"}));
    assert_eq!(world.status("o"), "shipped");
    assert_eq!(told(&rest.events, Recipient::Customer), ["handed_over"]);
    assert_eq!(world.stock.line("A", "KUN").unwrap().on_hand, units(0));
    world.act("o", "deliver", json!({"shipment": 1}));
    assert_eq!(world.status("o"), "shipped", "the second is under way");
    world.act("o", "deliver", json!({"shipment": 2}));
    assert_eq!(world.status("o"), "delivered");
    let again = world.try_act("o", Role::Manager, "deliver", json!({"shipment": 2}));
    assert_eq!(answer(&again), "409");
    world.sound();
}

#[test]
fn nothing_ships_that_is_not_held() {
    let mut world = up_to("confirmed", &[("A", 2)], &[("A", "KUN", 2)]);
    for (body, code) in [
        (json!({"lines": [{"line": 1, "quantity": 3}]}), "more_than_held"),
        (json!({"carrier": "DPD", "lines": [{"line": 1, "quantity": 3}]}), "more_than_held"),
        (json!({"carrier": "DPD", "lines": [{"line": 9}]}), "no_such_line"),
    ] {
        let result = world.try_act("o", Role::Manager, "ship", body);
        assert!(matches!(&result, Err(Rejection::Invalid { code: c, .. }) if *c == code));
    }
}

#[test]
fn what_a_picker_cannot_find_is_missing_where_it_was_not_picked() {
    let stock = [("A", "KUN", 2), ("A", "VNO", 2)];
    let mut world = up_to("confirmed", &[("A", 4)], &stock);
    world.act("o", "pick", json!({"lines": [{"line": 1, "quantity": 2}]}));
    world.act("o", "pick", json!({"short": [{"line": 1, "quantity": 1}]}));
    let line = &world.order("o").lines[0];
    assert_eq!((line.held(), line.picked(), line.unallocated()), (units(3), units(3), units(1)));
    assert_eq!(world.stock.line("A", "KUN").unwrap().on_hand, units(2), "those lie in a box");
    assert_eq!(world.stock.line("A", "VNO").unwrap().on_hand, units(1));
    assert_eq!(world.order("o").holds[0].name, "customer_choice");
    world.sound();
}

#[test]
fn goods_that_are_fetched_leave_stock_when_they_are_handed_over() {
    let builder = order("o", &[("A", 2)]).delivery("pickup");
    let mut world = on_the_way(World::webshop(&[("A", "KUN", 2)]), &builder, "ready_for_pickup");
    assert_eq!(world.stock.line("A", "KUN").unwrap().on_hand, units(2));
    world.act("o", "deliver", json!({}));
    assert_eq!(world.status("o"), "delivered");
    assert_eq!(world.stock.line("A", "KUN").unwrap().on_hand, units(0));
    assert!(world.order("o").shipments[0].delivered_at.is_some());
    world.sound();
}

#[test]
fn a_rest_that_never_came_is_not_paid_for_when_the_order_ends() {
    let builder = order("o", &[("A", 2), ("B", 1)]).delivery("pickup");
    let stock = [("A", "KUN", 2), ("B", "KUN", 0)];
    let mut world = on_the_way(World::webshop(&stock), &builder, "delivered");
    assert_eq!(world.order("o").ledger.kept(), euros(30));
    let due = world.due("o").unwrap();
    world.judge_at("o", due);
    assert_eq!(world.status("o"), "completed");
    assert_eq!(world.order("o").gross(), euros(20));
    assert_eq!(world.order("o").ledger.refund_owed(), euros(10));
    assert!(world.queue("B").is_empty());
    world.sound();
}

#[test]
fn what_comes_back_is_restocked_or_scrapped_and_the_last_of_it_ends_the_order() {
    for (condition, on_hand) in [(Condition::Restock, 1), (Condition::Scrap, 0)] {
        let mut world = up_to("delivered", &[("A", 2)], &[("A", "KUN", 2)]);
        let give = |count| CommandBody::Return {
            lines: Some(vec![back(1, Some(count), condition)]),
            reason: None,
            refused_at_door: false,
        };
        world.run("o", &acts(Role::Manager, give(1)));
        assert_eq!(world.status("o"), "delivered");
        assert_eq!(world.stock.line("A", "KUN").unwrap().on_hand, units(on_hand));
        assert!(world.order("o").ledger.refund_owed().is_zero(), "a person decides on a part");
        let more = world.try_run("o", &acts(Role::Manager, give(2)));
        assert_eq!(answer(&more), "422");
        world.run("o", &acts(Role::Manager, give(1)));
        assert_eq!(world.status("o"), "returned");
        assert_eq!(world.order("o").ledger.refund_owed(), euros(20));
        world.sound();
    }
}

// ------------------------------------------------------------------------------ stock

#[test]
fn a_rest_waits_in_turn_and_is_served_when_it_comes() {
    let mut world = World::webshop(&[("A", "KUN", 1)]);
    world.place(&order("o", &[("A", 3)]));
    assert_eq!(world.status("o"), "awaiting_payment", "the whole total is asked");
    assert_eq!(world.queue("A"), [("o".to_owned(), units(2))]);
    assert_eq!(anchor(&world, "A").waiting, units(2));
    assert!(world.told("o").contains(&"backordered".to_owned()));
    world.receipt("A", "KUN", 1);
    assert_eq!(world.queue("A"), [("o".to_owned(), units(1))]);
    world.receipt("A", "KUN", 4);
    assert!(world.queue("A").is_empty());
    assert_eq!(world.order("o").lines[0].held(), units(3));
    assert!(world.told("o").contains(&"stock_arrived".to_owned()));
    world.sound();
}

#[test]
fn who_comes_later_does_not_jump_those_who_wait() {
    let mut world = World::webshop(&[("A", "KUN", 0)]);
    world.place(&order("first", &[("A", 2)]));
    world.pass(Seconds(1));
    world.place(&order("second", &[("A", 1)]));
    world.place(&order("early", &[("A", 1)]).priority(1));
    let turns: Vec<String> = world.queue("A").into_iter().map(|(id, _)| id).collect();
    assert_eq!(turns, ["early", "first", "second"]);
    world.stock_move(MovementKind::Receipt, "A", "KUN", units(2), None);
    world.place(&order("new", &[("A", 1)]));
    assert_eq!(world.status("new"), "backordered");
    world.serve("A");
    assert_eq!(world.status("early"), "awaiting_payment");
    assert_eq!(world.order("first").lines[0].held(), units(1));
    assert_eq!((world.status("second"), world.status("new")), ("backordered", "backordered"));
    world.sound();
}

#[test]
fn what_leaves_together_waits_whole_and_is_served_whole() {
    let mut world = World::webshop(&[("A", "KUN", 2), ("B", "KUN", 0)]);
    world.place(&order("o", &[("A", 2), ("B", 1)]).together());
    assert_eq!(world.status("o"), "backordered");
    assert!(!world.order("o").holds_stock());
    assert!(world.queue("A").is_empty(), "A was there");
    // Meanwhile others take what was there: the order then waits for both.
    world.place(&order("other", &[("A", 1)]));
    world.receipt("B", "KUN", 1);
    assert!(!world.order("o").holds_stock());
    assert_eq!(world.queue("A"), [("o".to_owned(), units(2))]);
    world.receipt("A", "KUN", 1);
    assert_eq!(world.status("o"), "awaiting_payment");
    assert_eq!(
        world
            .order("o")
            .lines
            .iter()
            .map(|l| l.held())
            .sum::<ordermill_domain::quantity::Quantity>(),
        units(3)
    );
    world.sound();
}

#[test]
fn an_order_whose_waiting_part_is_cancelled_goes_on() {
    let mut world = World::webshop(&[("A", "KUN", 2), ("B", "KUN", 0)]);
    world.place(&order("o", &[("A", 2), ("B", 1)]).together());
    let cancelled = world.act("o", "cancel", json!({"lines": [{"line": 2}]}));
    let todo: Vec<_> = cancelled.events.iter().flat_map(|e| &e.todo).collect();
    assert_eq!(serde_json::to_value(todo).unwrap(), json!([{"do": "reserve"}]));
    world.run("o", &Command::Reserve);
    assert_eq!(world.status("o"), "awaiting_payment");
    assert_eq!(world.order("o").gross(), euros(20));
    assert!(world.queue("B").is_empty());
    world.sound();
}

#[test]
fn lines_that_are_cancelled_make_their_price_owed_back() {
    let mut world = up_to("confirmed", &[("A", 2), ("B", 1)], &[("A", "KUN", 2), ("B", "KUN", 0)]);
    let cancelled = world.act("o", "cancel", json!({"lines": [{"line": 2}]}));
    assert_eq!(kinds(&cancelled), ["lines_cancelled", "refund_owed"]);
    assert_eq!(cancelled.events[0].data["lines"], json!([{"line": 2, "quantity": 1}]));
    assert_eq!(world.order("o").ledger.refund_owed(), euros(10));
    assert_eq!(anchor(&world, "B").waiting, units(0));
    let more = world.try_act("o", Role::Manager, "cancel", json!({"lines": [{"line": 2}]}));
    assert_eq!(answer(&more), "422");
    world.sound();
}

// ------------------------------------------------------------------------------ large orders

const LARGE: usize = 1_000;

fn large_world(short_each: usize) -> (World, support::OrderBuilder) {
    let skus: Vec<String> = (0..LARGE).map(|n| format!("L{n}")).collect();
    let mut stock = support::StockBuilder::default();
    for (n, sku) in skus.iter().enumerate() {
        stock = stock.line(sku, "KUN", i64::from(short_each == 0 || n % short_each != 0));
    }
    let lines: Vec<(&str, i64)> = skus.iter().map(|sku| (sku.as_str(), 1)).collect();
    (World::new(webshop(), stock), order("o", &lines))
}

#[test]
fn a_large_order_is_reserved_shipped_and_delivered_in_pages() {
    let (world, builder) = large_world(0);
    let mut world = on_the_way(world, &builder, "packed");
    assert_eq!(world.order("o").lines.iter().filter(|l| l.held() == units(1)).count(), LARGE);
    world.act("o", "ship", json!({"carrier": "DPD"}));
    let busy = world.try_act("o", Role::Manager, "complete", json!({}));
    assert_eq!(answer(&busy), "409", "goods on their way are not released");
    world.reserve_all("o");
    assert_eq!(world.status("o"), "shipped");
    assert!(world.stock.lines.values().all(|l| l.on_hand.is_zero() && l.reserved.is_zero()));
    let back = world.try_act("o", Role::Manager, "return", json!({}));
    assert_eq!(answer(&back), "422", "a return of many lines is sent in parts");
    world.sound();
}

#[test]
fn a_large_order_is_cancelled_in_pages_and_closed_only_at_the_end() {
    let (world, builder) = large_world(5);
    let mut world = on_the_way(world, &builder, "awaiting_payment");
    assert_eq!(world.order("o").lines.iter().filter(|l| l.backordered == units(1)).count(), 200);
    let many: Vec<Value> = (1..=300).map(|n| json!({"line": n})).collect();
    let too_many = world.try_act("o", Role::Manager, "cancel", json!({"lines": many}));
    assert_eq!(answer(&too_many), "422");
    world.act("o", "cancel", json!({"reason": "asked"}));
    assert!(is_releasing(world.order("o")));
    assert_eq!(world.status("o"), "awaiting_payment");
    let busy = world.try_act("o", Role::Manager, "confirm", json!({}));
    assert_eq!(answer(&busy), "409");
    world.reserve_all("o");
    assert_eq!(world.status("o"), "cancelled");
    assert!(world.stock.lines.values().all(|l| l.reserved.is_zero() && l.waiting.is_zero()));
    world.sound();
}

#[test]
fn a_cancel_turns_a_reservation_under_way_into_a_release() {
    let (mut world, builder) = large_world(5);
    world.take_in(&builder);
    world.run("o", &Command::Validate);
    for _ in 0..3 {
        world.run("o", &Command::Reserve);
    }
    assert!(world.order("o").holds_stock() && world.order("o").stock_work.is_some());
    world.act("o", "cancel", json!({}));
    world.reserve_all("o");
    assert_eq!(world.status("o"), "cancelled");
    assert!(world.stock.lines.values().all(|l| l.reserved.is_zero() && l.waiting.is_zero()));
    world.sound();
}

#[test]
fn a_large_order_that_leaves_together_lets_go_when_the_rest_ran_out() {
    let (mut world, builder) = large_world(0);
    world.take_in(&builder.together());
    world.run("o", &Command::Validate);
    world.run("o", &Command::Reserve);
    world.place(&order("other", &[("L999", 1)]));
    world.reserve_all("o");
    assert_eq!(world.status("o"), "backordered");
    assert!(!world.order("o").holds_stock());
    assert_eq!(world.queue("L999"), [("o".to_owned(), units(1))]);
    world.sound();
}

#[test]
fn lines_of_few_articles_on_many_pages_fit_one_transaction_each() {
    let skus: Vec<String> = (0..88).map(|n| format!("L{n}")).collect();
    let mut stock = support::StockBuilder::default();
    for sku in &skus {
        stock = stock.line(sku, "KUN", 20);
    }
    let lines: Vec<(&str, i64)> = (0..LARGE).map(|n| (skus[n % 88].as_str(), 1)).collect();
    let world = World::new(webshop(), stock);
    let mut world = on_the_way(world, &order("o", &lines), "confirmed");
    world.act("o", "cancel", json!({}));
    world.reserve_all("o");
    assert_eq!(world.status("o"), "cancelled");
    world.sound();
}

#[test]
fn stock_work_whose_message_was_lost_is_asked_for_again() {
    let (mut world, builder) = large_world(0);
    world.take_in(&builder);
    world.run("o", &Command::Validate);
    world.run("o", &Command::Reserve);
    let due = world.due("o").unwrap();
    assert!(world.judge_at("o", later(due, -1)).is_nothing());
    let judged = world.judge_at("o", due);
    assert!(judged.touched && judged.events.is_empty());
    assert!(world.due("o").unwrap() > due);
}

// ------------------------------------------------------------------------------ policies

#[test]
fn a_policy_that_moves_in_a_circle_is_stopped_and_a_person_is_told() {
    let mut policy = webshop();
    let key = ordermill_domain::policy::StatusKey::new;
    for (from, to) in [("confirmed", "picking"), ("picking", "confirmed")] {
        policy.moves.push(ordermill_domain::policy::Move {
            command: ordermill_domain::policy::CommandKind::Advance,
            from: vec![key(from)],
            to: key(to),
            by: vec![Role::System],
            guards: Vec::new(),
            auto: true,
        });
    }
    let mut world = World::new(policy, support::stock(&[("A", "KUN", 2)]));
    world.place(&order("o", &[("A", 2)]));
    let paid = world.pay("o", "pi_1", euros(20));
    assert_eq!(world.order("o").exceptions[0].code, "auto_loop");
    assert_eq!(paid.events.len(), 1 + 8 + 1);
    assert!(world.run("o", &Command::Judge).is_nothing(), "it is not tried again");
    world.sound();
}

#[test]
fn the_underpaid_within_the_tolerance_is_paid() {
    for (tolerance, status) in [(99, "awaiting_payment"), (100, "confirmed"), (101, "confirmed")] {
        let policy = Policy { underpay_tolerance: Amount(tolerance), ..webshop() };
        let mut world = World::new(policy, support::stock(&[("A", "KUN", 2)]));
        world.place(&order("o", &[("A", 2)]));
        world.pay("o", "pi_1", euros(19));
        assert_eq!(world.status("o"), status);
        world.sound();
    }
}

#[test]
fn wholesale_reserves_on_confirming_and_a_missing_unit_lets_nothing_go() {
    let policy = ordermill_domain::policy::presets::wholesale().unwrap();
    let mut world = World::new(policy, support::stock(&[("A", "KUN", 3)]));
    world.take_in(&order("o", &[("A", 3)]).terms("invoice").together());
    world.run("o", &Command::Validate);
    world.act("o", "approve", json!({}));
    for _ in 0..3 {
        if world.status("o") == "confirmed" {
            break;
        }
        world.act("o", "confirm", json!({}));
    }
    world.run("o", &Command::Reserve);
    assert_eq!(world.order("o").lines[0].held(), units(3));
    world.act("o", "pick", json!({"short": [{"line": 1, "quantity": 1}]}));
    world.act("o", "release", json!({"name": "customer_choice"}));
    world.run("o", &Command::Reserve);
    assert_eq!(world.order("o").lines[0].held(), units(2));
    world.sound();
}
