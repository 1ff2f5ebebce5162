//! Splitting: the parts always add up to the whole, in units, in money and in tax.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::{Command, Decision, MoneyKind, Rejection};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::{Order, PaymentFacet};
use ordermill_domain::policy::Role;
use ordermill_domain::price::Totals;
use proptest::prelude::*;
use serde_json::{Value, json};
use support::{World, euros, money, order, units};

/// Two of A are there, five are ordered; one B; paid and confirmed.
fn confirmed() -> World {
    let mut world = World::webshop(&[("A", "KUN", 2), ("B", "KUN", 4)]);
    world.place(&order("o", &[("A", 5), ("B", 1)]));
    world.pay("o", "pi_1", euros(60));
    assert_eq!(world.status("o"), "confirmed");
    assert_eq!(world.queue("A"), [("o".to_owned(), units(3))]);
    world
}

fn split(world: &mut World, body: Value) -> Result<Decision, Rejection> {
    let before = world.order("o").clone();
    let decided = world.try_act("o", Role::Manager, "split", body);
    if let Ok(decision) = &decided {
        adds_up(&before, &decision.order, &decision.parts[0].order);
    }
    world.sound();
    decided
}

/// Figure by figure, rate by rate, unit by unit.
fn adds_up(whole: &Order, stays: &Order, goes: &Order) {
    let figures = |t: &Totals| [t.goods, t.discount, t.shipping, t.fees, t.net, t.tax, t.gross];
    let sums: Vec<Amount> =
        figures(&stays.totals).iter().zip(figures(&goes.totals)).map(|(a, b)| a.plus(b)).collect();
    assert_eq!(sums, figures(&whole.totals), "{:?}\n{:?}", stays.totals, goes.totals);
    for part in [stays, goes] {
        let t = &part.totals;
        assert_eq!(t.net.plus(t.tax), t.gross);
        let paid = t.goods.minus(t.discount).plus(t.shipping).plus(t.fees);
        assert_eq!(paid, if part.prices_include_tax { t.gross } else { t.net });
        assert_eq!(t.taxes.iter().map(|row| row.net).sum::<Amount>(), t.net);
        assert_eq!(t.taxes.iter().map(|row| row.tax).sum::<Amount>(), t.tax);
        assert!(figures(t).iter().all(|figure| *figure >= Amount::ZERO), "{t:?}");
        assert!(t.taxes.iter().all(|row| row.net >= Amount::ZERO && row.tax >= Amount::ZERO));
        assert!(part.lines.iter().all(|line| line.adds_up()), "{:?}", part.lines);
    }
    for row in &whole.totals.taxes {
        let of = |order: &Order| -> (Amount, Amount) {
            let same = |r: &&ordermill_domain::order::TaxLine| {
                r.rate == row.rate && r.category == row.category
            };
            order
                .totals
                .taxes
                .iter()
                .find(same)
                .map_or((Amount::ZERO, Amount::ZERO), |r| (r.net, r.tax))
        };
        let (a, b) = (of(stays), of(goes));
        assert_eq!((a.0.plus(b.0), a.1.plus(b.1)), (row.net, row.tax));
    }
    let money = |order: &Order| order.ledger.received();
    assert_eq!(money(stays).plus(money(goes)), money(whole));
    let kept = |order: &Order| order.ledger.kept();
    assert_eq!(kept(stays).plus(kept(goes)), kept(whole));
    for line in &whole.lines {
        let of = |order: &Order| order.line(line.line).cloned();
        let both = [of(stays), of(goes)];
        let sum =
            |what: fn(&ordermill_domain::order::Line) -> ordermill_domain::quantity::Quantity| {
                both.iter().flatten().map(what).sum::<ordermill_domain::quantity::Quantity>()
            };
        assert_eq!(sum(|l| l.quantity), line.quantity);
        assert_eq!(sum(|l| l.held()), line.held());
        assert_eq!(sum(|l| l.backordered), line.backordered);
        assert_eq!(sum(|l| l.shipped), line.shipped);
        let total: Amount = both.iter().flatten().map(|l| l.detail.total).sum();
        assert_eq!(total, line.detail.total);
    }
}

#[test]
fn what_is_there_leaves_and_what_is_to_come_keeps_its_turn() {
    let mut world = confirmed();
    world.place(&order("later", &[("A", 1)]).at(support::later(support::start(), 1_000)));
    let decision =
        split(&mut world, json!({ "by": "stock", "requested_date": "2026-12-20" })).unwrap();
    let part = decision.parts[0].order.id.clone();
    assert_eq!(world.order("o").lines[0].quantity, units(2));
    assert!(!world.order("o").waits_for_stock());
    assert_eq!(world.order("o").parts.into, std::slice::from_ref(&part));
    let goes = world.order(&part);
    assert_eq!((goes.lines[0].backordered, goes.parts.of.as_deref()), (units(3), Some("o")));
    assert_eq!(goes.placed.delivery.requested_date.as_deref(), Some("2026-12-20"));
    assert_eq!((goes.gross(), goes.ledger.kept()), (euros(30), euros(30)));
    assert_eq!(world.order("o").ledger.kept(), euros(30));
    let queue: Vec<String> = world.queue("A").into_iter().map(|(id, _)| id).collect();
    assert_eq!(queue, [part.clone(), "later".to_owned()]);
    for (name, body) in
        [("pick", json!({})), ("pack", json!({})), ("ship", json!({"carrier": "D"}))]
    {
        world.act("o", name, body);
    }
    assert_eq!(world.status("o"), "shipped");
    world.receipt("A", "KUN", 4);
    world.serve("A");
    assert_eq!(world.order(&part).lines[0].held(), units(3));
    world.act(&part, "cancel", json!({}));
    assert_eq!(world.order(&part).ledger.refund_owed(), euros(30));
    world.sound();
}

#[test]
fn by_hand_and_by_warehouse() {
    let mut world = World::webshop(&[("A", "KUN", 3), ("A", "RIX", 3), ("B", "RIX", 1)]);
    world.place(&order("o", &[("A", 5), ("B", 1)]));
    world.pay("o", "pi_1", euros(60));
    let held = |order: &Order, warehouse: &str| -> Vec<_> {
        let all = order.lines.iter().flat_map(|line| line.allocations.clone());
        all.filter(|a| a.warehouse == warehouse).map(|a| a.held).collect()
    };
    let decision = split(&mut world, json!({ "by": "warehouse", "warehouse": "RIX" })).unwrap();
    let part = decision.parts[0].order.id.clone();
    assert_eq!(held(world.order("o"), "RIX"), []);
    assert_eq!(held(world.order(&part), "KUN"), []);
    let decision = split(&mut world, json!({ "lines": [{ "line": 1, "quantity": 1 }] })).unwrap();
    assert_eq!(decision.parts[0].order.lines[0].held(), units(1));
    assert_eq!(world.order("o").parts.into.len(), 2);
}

#[test]
fn the_number_of_a_line_that_left_is_not_given_to_another() {
    let mut world = World::webshop(&[("A", "KUN", 9), ("B", "KUN", 9)]);
    world.place(&order("o", &[("A", 1), ("B", 1)]));
    world.pay("o", "pi_1", euros(20));
    split(&mut world, json!({ "lines": [{ "line": 2, "quantity": 1 }] })).unwrap();
    let numbers =
        |world: &World| world.order("o").lines.iter().map(|line| line.line).collect::<Vec<_>>();
    assert_eq!(numbers(&world), [1]);
    world.act("o", "edit", json!({ "lines": [{ "sku": "B", "quantity": 1 }] }));
    assert_eq!(numbers(&world), [1, 3]);
    world.act("o", "edit", json!({ "lines": [{ "line": 3, "remove": true }] }));
    world.act("o", "edit", json!({ "lines": [{ "sku": "B", "quantity": 1 }] }));
    assert_eq!(numbers(&world), [1, 4]);
    world.sound();
}

#[test]
fn a_split_that_makes_no_sense_is_refused_and_changes_nothing() {
    let refusal = |world: &mut World, body: Value| -> String {
        let before = world.order("o").clone();
        let result = world.try_act("o", Role::Manager, "split", body);
        assert_eq!(*world.order("o"), before);
        match result {
            Err(Rejection::Invalid { pointer, code, .. }) => format!("{code} {pointer}"),
            Err(Rejection::NotPossible { code, .. }) => code.to_owned(),
            Err(Rejection::NotAllowedInStatus { .. }) => "not_allowed_in_status".to_owned(),
            other => panic!("{other:?}"),
        }
    };
    for (body, code) in [
        (json!({}), "split_unclear "),
        (json!({ "by": "stock", "lines": [{ "line": 1 }] }), "split_unclear "),
        (json!({ "by": "warehouse" }), "required /warehouse"),
        (json!({ "by": "warehouse", "warehouse": "RIX" }), "split_into_nothing /lines"),
        (json!({ "lines": [{ "line": 1 }, { "line": 2 }] }), "split_leaves_nothing /lines"),
        (json!({ "lines": [{ "line": 9 }] }), "no_such_line /lines/0/line"),
        (json!({ "lines": [{ "line": 2, "quantity": 2 }] }), "more_than_open /lines/0/quantity"),
    ] {
        assert_eq!(refusal(&mut confirmed(), body.clone()), code, "{body}");
    }
    let mut world = confirmed();
    world.act("o", "hold", json!({ "name": "look" }));
    assert_eq!(refusal(&mut world, json!({ "by": "stock" })), "order_held");
    let mut world = World::webshop(&[("A", "KUN", 5)]);
    world.place(&order("o", &[("A", 5)]));
    let by_hand = json!({ "lines": [{ "line": 1, "quantity": 1 }] });
    assert_eq!(refusal(&mut world, by_hand.clone()), "not_allowed_in_status");
    let mut world = World::webshop(&[("A", "KUN", 5)]);
    world.place(&order("o", &[("A", 5)]).together());
    world.pay("o", "pi_1", euros(50));
    assert_eq!(refusal(&mut world, by_hand), "ship_together");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the prices, rates, discounts and charges, however often it is divided.
    #[test]
    fn the_parts_add_up_to_the_whole(
        lines in proptest::collection::vec((1..9_i64, 1..200_000_u32, 0..4_usize, 0..300_u32), 1..5),
        (off, off_shipping, shipping, fee) in (0..2_000_u32, 0..300_u32, 0..900_u32, 0..500_u32),
        inclusive: bool,
        paid in 0..3_u8,
        cuts in proptest::collection::vec((0..5_usize, 1..9_i64), 1..5),
        cancelled in proptest::option::of((0..5_usize, 1..3_i64)),
    ) {
        let price = |minor: u32| format!("{}.{:02}", minor / 100, minor % 100);
        let body: Vec<Value> = lines
            .iter()
            .map(|(quantity, cents, rate, discount)| {
                let rate = ["0.21", "0.09", "0.05", "0"][*rate];
                let discount = (*discount).min(*cents);
                json!({ "sku": "A", "quantity": quantity, "unit_price": price(*cents),
                    "tax_rate": rate, "discounts": [{ "code": "x", "amount": price(discount) }] })
            })
            .collect();
        let goods: u32 = lines.iter().map(|(q, c, _, d)| u32::try_from(*q).unwrap() * c - (*d).min(*c)).sum();
        let made = order("o", &[("A", 1)])
            .terms("invoice")
            .with("/lines", Value::Array(body))
            .with("/prices_include_tax", json!(inclusive))
            .with("/shipping", json!({ "amount": price(shipping), "tax_rate": "0.21" }))
            .with("/fees", json!([{ "name": "gift", "amount": price(fee), "tax_rate": "0.21" }]))
            .with("/discounts", json!([
                { "code": "A", "amount": price(off.min(goods)), "scope": "order" },
                { "code": "S", "amount": price(off_shipping.min(shipping)), "scope": "shipping" },
            ]));
        let mut world = World::webshop(&[("A", "KUN", 20)]);
        world.place(&made);
        prop_assert_eq!(world.status("o"), "confirmed");
        if let Some((place, units)) = cancelled {
            let line = (place % lines.len()) + 1;
            let body = json!({ "lines": [{ "line": line, "quantity": units }] });
            let _ = world.try_act("o", Role::Manager, "cancel", body);
        }
        let gross = world.order("o").gross();
        match paid {
            0 => {}
            1 => { world.pay("o", "pi_1", Amount(gross.0 / 2 + 1)); }
            _ => { world.pay("o", "pi_1", gross); }
        }
        for (place, quantity) in cuts {
            if world.status("o") != "confirmed" {
                break;
            }
            let line = world.order("o").lines[place % world.order("o").lines.len()].line;
            let _ = split(&mut world, json!({ "lines": [{ "line": line, "quantity": quantity }] }));
        }
    }
}

#[test]
fn what_was_given_back_of_a_paid_order_leaves_neither_part_with_something_to_pay() {
    let mut world = confirmed();
    world.act("o", "refund", json!({"amount": "5.00", "reason": "a late parcel"}));
    world.act("o", "refund", json!({"amount": "5.00", "reference": "bank-1"}));
    let split = split(&mut world, json!({ "lines": [{ "line": 2, "quantity": 1 }] })).unwrap();
    for order in [&split.order, &split.parts[0].order] {
        assert_eq!(order.payment_facet(), PaymentFacet::Paid, "{:?}", order.ledger);
    }
    assert_eq!(split.order.ledger.received(), euros(50));
}

/// What is told of the payment that the whole was paid by.
fn tell(world: &mut World, kind: MoneyKind) {
    world.run("o", &Command::Money(money("pi_1", kind, world.now)));
}

/// An order and its part, of 30.00 each, paid by one payment.
fn halves() -> (World, String) {
    let mut world = confirmed();
    split(&mut world, json!({"by": "stock"})).unwrap();
    let part = world.order("o").parts.into[0].clone();
    assert_eq!([world.order("o"), world.order(&part)].map(|o| o.ledger.kept()), [euros(30); 2]);
    (world, part)
}

#[test]
fn a_dispute_reaches_the_part_that_has_the_money() {
    let (mut world, part) = halves();
    let names = |world: &World, id: &str| -> Vec<String> {
        world.order(id).holds.iter().map(|hold| hold.name.clone()).collect()
    };
    let dispute = |amount: i64| MoneyKind::Disputed {
        dispute: "dp_1".to_owned(),
        amount: euros(amount),
        currency: Currency::EUR,
    };
    // As much as is left of it here is no matter of the part.
    tell(&mut world, dispute(20));
    assert_eq!((names(&world, "o"), names(&world, &part)), (vec!["dispute".to_owned()], vec![]));
    tell(&mut world, dispute(45));
    assert_eq!(names(&world, &part), ["dispute"]);
    let end = |won: bool| MoneyKind::DisputeClosed {
        dispute: "dp_1".to_owned(),
        amount: Amount::ZERO,
        currency: None,
        won,
    };
    let mut kept = world.clone();
    tell(&mut kept, end(true));
    assert_eq!((names(&kept, "o"), names(&kept, &part)), (vec![], vec![]));
    assert_eq!([kept.order("o"), kept.order(&part)].map(|o| o.ledger.kept()), [euros(30); 2]);
    kept.sound();
    tell(&mut world, end(false));
    assert_eq!((names(&world, "o"), names(&world, &part)).0, ["dispute_lost"]);
    assert_eq!(names(&world, &part), ["dispute_lost"]);
    let left = [world.order("o"), world.order(&part)].map(|o| o.ledger.kept());
    assert_eq!(left, [euros(0), euros(15)], "15.00 of 60.00 are here still");
    world.sound();
    // The end comes again: nothing more is gone.
    tell(&mut world, end(false));
    assert_eq!(world.order(&part).ledger.kept(), euros(15));
}

#[test]
fn what_goes_back_beyond_what_is_left_here_goes_back_of_the_part() {
    let (mut world, part) = halves();
    let refund =
        |amount: i64| MoneyKind::Refunded { amount: euros(amount), currency: Currency::EUR };
    let gone = |world: &World| [world.order("o"), world.order(&part)].map(|o| o.ledger.refunded());
    tell(&mut world, refund(20));
    assert_eq!(gone(&world), [euros(20), euros(0)]);
    tell(&mut world, refund(40));
    assert_eq!(gone(&world), [euros(30), euros(10)]);
    // Nobody owed the first of it, and it could have been meant for the part.
    assert_eq!(support::codes(&world), ["refund_shared"]);
    world.act("o", "release", json!({"name": "refund_shared"}));
    assert!(world.order("o").exceptions.is_empty());
    tell(&mut world, refund(60));
    assert_eq!(gone(&world), [euros(30), euros(30)]);
    assert!(world.order("o").exceptions.is_empty());
    world.sound();
    tell(&mut world, refund(61));
    assert_eq!(world.order("o").exceptions[0].code, "refund_without_payment");
}

fn refund_of(amount: i64) -> MoneyKind {
    MoneyKind::Refunded { amount: euros(amount), currency: Currency::EUR }
}

fn lost(dispute: &str, amount: i64) -> MoneyKind {
    let (dispute, currency) = (dispute.to_owned(), Some(Currency::EUR));
    MoneyKind::DisputeClosed { dispute, amount: euros(amount), currency, won: false }
}

/// What is kept, owed back and gone at the order and at its part.
fn stand(world: &World, part: &str) -> [(Amount, Amount, Amount); 2] {
    [world.order("o"), world.order(part)].map(|order| {
        let ledger = &order.ledger;
        (ledger.kept(), ledger.refund_owed(), ledger.refunded())
    })
}

fn cents(figures: [(i64, i64, i64); 2]) -> [(Amount, Amount, Amount); 2] {
    figures.map(|(kept, owed, gone)| (euros(kept), euros(owed), euros(gone)))
}

#[test]
fn what_parts_have_borne_is_not_taken_of_the_next_payment() {
    // Lost: the customer pays again, and it is paid.
    let (mut world, part) = halves();
    tell(&mut world, lost("dp_1", 60));
    assert_eq!(stand(&world, &part), cents([(0, 0, 30), (0, 0, 30)]));
    assert_eq!(support::codes(&world), ["dispute_lost"]);
    world.pay("o", "pi_2", euros(30));
    assert_eq!(stand(&world, &part), cents([(30, 0, 30), (0, 0, 30)]));
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid);
    assert_eq!((support::codes(&world), support::holds(&world)), (vec![], vec![]));
    world.sound();
    // Given back: what comes is too much, and goes back.
    let (mut world, part) = halves();
    tell(&mut world, refund_of(60));
    world.pay("o", "pi_2", euros(30));
    assert_eq!(stand(&world, &part), cents([(0, 30, 30), (0, 0, 30)]));
    world.act("o", "refund", json!({"amount": "30.00", "reference": "bank-1"}));
    assert_eq!(stand(&world, &part), cents([(0, 0, 60), (0, 0, 30)]));
    world.sound();
    // Whichever is told first: the payment that was given back is gone, the other is here.
    let (mut world, part) = halves();
    world.pay("o", "pi_2", euros(30));
    tell(&mut world, refund_of(60));
    assert_eq!(stand(&world, &part), cents([(30, 0, 30), (0, 0, 30)]));
    world.sound();
}

#[test]
fn a_refund_of_a_shared_payment_is_that_of_the_part_that_owes_it() {
    for by_hand_first in [false, true] {
        let (mut world, part) = halves();
        world.act(&part, "cancel", json!({}));
        assert_eq!(stand(&world, &part), cents([(30, 0, 0), (0, 30, 0)]));
        let enter = json!({"amount": "30.00", "reference": "by-hand"});
        if by_hand_first {
            world.act(&part, "refund", enter.clone());
        }
        tell(&mut world, refund_of(30));
        assert_eq!(stand(&world, &part), cents([(30, 0, 0), (0, 0, 30)]), "{by_hand_first}");
        assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid);
        assert!(world.order("o").exceptions.is_empty() && world.order(&part).exceptions.is_empty());
        let told =
            support::told(world.events_of("o"), ordermill_domain::order::Recipient::Customer);
        assert!(!told.contains(&"refunded".to_owned()), "{told:?}");
        if !by_hand_first {
            assert!(world.try_act(&part, Role::Manager, "refund", enter).is_err());
        }
        world.sound();
        // What goes beyond it is of the order.
        tell(&mut world, refund_of(40));
        assert_eq!(stand(&world, &part), cents([(20, 0, 10), (0, 0, 30)]));
        world.sound();
    }
}

#[test]
fn a_refund_told_before_its_part_owes_it_is_handed_over() {
    let (mut world, part) = halves();
    tell(&mut world, refund_of(30));
    assert_eq!(stand(&world, &part), cents([(0, 0, 30), (30, 0, 0)]));
    assert_eq!(support::codes(&world), ["refund_shared"]);
    world.act(&part, "cancel", json!({}));
    assert_eq!(stand(&world, &part), cents([(30, 0, 0), (0, 0, 30)]));
    assert_eq!(world.order("o").payment_facet(), PaymentFacet::Paid);
    assert!(world.order("o").exceptions.is_empty());
    world.sound();
    // Not what a person has said was meant for the order.
    let (mut world, part) = halves();
    tell(&mut world, refund_of(30));
    world.act("o", "release", json!({"name": "refund_shared"}));
    world.act(&part, "cancel", json!({}));
    assert_eq!(stand(&world, &part), cents([(0, 0, 30), (0, 30, 0)]));
    tell(&mut world, refund_of(60));
    assert_eq!(stand(&world, &part), cents([(0, 0, 30), (0, 0, 30)]));
    world.sound();
}

#[test]
fn a_part_of_a_part_is_found_by_what_it_owes() {
    let mut world = World::webshop(&[("A", "KUN", 9)]);
    world.place(&order("o", &[("A", 6)]));
    world.pay("o", "pi_1", euros(60));
    let split = |world: &mut World, id: &str, units: i64| -> String {
        let body = json!({ "lines": [{ "line": 1, "quantity": units }] });
        let decision = world.act(id, "split", body);
        decision.parts[0].order.id.clone()
    };
    let part = split(&mut world, "o", 4);
    let inner = split(&mut world, &part, 1);
    let kept = |world: &World| {
        ["o", part.as_str(), inner.as_str()].map(|id| world.order(id).ledger.kept())
    };
    assert_eq!(kept(&world), [20, 30, 10].map(euros));
    world.act(&inner, "cancel", json!({}));
    tell(&mut world, refund_of(10));
    assert_eq!(kept(&world), [20, 30, 0].map(euros));
    let owed = |world: &World, id: &str| world.order(id).ledger.refund_owed();
    assert_eq!(owed(&world, &inner), Amount::ZERO);
    tell(&mut world, refund_of(60));
    assert_eq!(kept(&world), [0, 0, 0].map(euros));
    world.sound();
}

#[test]
fn of_two_disputes_each_part_bears_what_it_was_told_of_each() {
    let open = |dispute: &str, amount: i64| MoneyKind::Disputed {
        dispute: dispute.to_owned(),
        amount: euros(amount),
        currency: Currency::EUR,
    };
    let (mut world, part) = halves();
    tell(&mut world, open("dp_1", 40));
    tell(&mut world, open("dp_2", 20));
    let at_risk = |world: &World| world.order(&part).ledger.payments[0].disputed();
    assert_eq!(at_risk(&world), euros(30));
    tell(&mut world, lost("dp_1", 0));
    assert_eq!(
        (stand(&world, &part)[1], at_risk(&world)),
        ((euros(20), euros(0), euros(10)), euros(20))
    );
    tell(&mut world, lost("dp_2", 0));
    assert_eq!(stand(&world, &part), cents([(0, 0, 30), (0, 0, 30)]));
    world.sound();
    // What is lost of the order's own is no matter of the part.
    let (mut world, part) = halves();
    tell(&mut world, lost("dp_1", 20));
    assert!(world.order(&part).exceptions.is_empty());
    assert_eq!(stand(&world, &part), cents([(10, 0, 20), (30, 0, 0)]));
    // Nor what a part bears alone a loss of the order.
    tell(&mut world, refund_of(10));
    world.act("o", "release", json!({"name": "dispute_lost"}));
    tell(&mut world, lost("dp_2", 30));
    assert_eq!(stand(&world, &part), cents([(0, 0, 30), (0, 0, 30)]));
    assert!(!support::codes(&world).contains(&"dispute_lost"));
    world.sound();
}

#[test]
fn what_was_done_without_leaves_neither_part_with_something_to_pay() {
    let mut world = confirmed();
    tell(&mut world, lost("dp_1", 60));
    world.act("o", "release", json!({"name": "dispute_lost"}));
    let split = split(&mut world, json!({"by": "stock"})).unwrap();
    for order in [&split.order, &split.parts[0].order] {
        let open = ordermill_domain::decide::guards::open_amount(&world.policy, order);
        assert_eq!((open, order.ledger.written_off), (euros(0), euros(30)), "{:?}", order.ledger);
    }
    // What comes after all is not done without any more: it goes with the part.
    let mut world = confirmed();
    tell(&mut world, lost("dp_1", 60));
    world.act("o", "release", json!({"name": "dispute_lost"}));
    world.pay("o", "pi_2", euros(60));
    world.act("o", "split", json!({"by": "stock"}));
    let part = world.order("o").parts.into[0].clone();
    assert_eq!(stand(&world, &part), cents([(30, 0, 60), (30, 0, 0)]));
    world.sound();
}
