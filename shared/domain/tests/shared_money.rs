//! No cent is lost or made: whatever comes of an order's payments, and of those of its parts, in whatever
//! order it is told, together the orders count exactly what the providers know.
//!
//! The test keeps the providers' books itself. What one order passes on to another is told like
//! everything else: late, twice, and in any order.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::{Command, MoneyEvent, MoneyKind};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::Order;
use ordermill_domain::policy::Role;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use support::{World, act, euros, money, order};

const EUR: Currency = Currency::EUR;

/// A payment as its provider knows it, in cents.
#[derive(Clone, Default)]
struct Truth {
    received: i64,
    refunds: Vec<i64>,
    /// Amount, and whether it is over and won.
    disputes: Vec<(i64, Option<bool>)>,
}

impl Truth {
    fn refunded(&self) -> i64 {
        self.refunds.iter().sum()
    }

    fn lost(&self) -> i64 {
        self.disputes.iter().filter(|(_, end)| *end == Some(false)).map(|(a, _)| a).sum()
    }

    fn disputed(&self) -> i64 {
        self.disputes.iter().filter(|(_, end)| end.is_none()).map(|(a, _)| a).sum()
    }

    fn left(&self) -> i64 {
        (self.received - self.refunded() - self.lost() - self.disputed()).max(0)
    }
}

struct Books {
    world: World,
    /// By order and reference.
    payments: BTreeMap<(String, String), Truth>,
    /// What people entered: where, under which reference, how much.
    entries: Vec<(String, String, i64)>,
    /// What was sent and has not arrived.
    under_way: Vec<(String, MoneyEvent)>,
    /// Providers tell of refunds by their sums, not one by one.
    by_sums: bool,
    story: Vec<String>,
}

impl Books {
    fn new(terms: &str, by_sums: bool) -> Self {
        let mut world = World::webshop(&[("A", "KUN", 40)]);
        world.place(&order("o", &[("A", 8), ("A", 2)]).terms(terms));
        Self {
            world,
            payments: BTreeMap::new(),
            entries: Vec::new(),
            under_way: Vec::new(),
            by_sums,
            story: Vec::new(),
        }
    }

    fn run(&mut self, id: &str, command: &Command) -> bool {
        let before = self.world.order(id).clone();
        let Ok(decision) = self.world.decide(id, command) else { return false };
        self.world.commit(&before, &decision).unwrap();
        for told in &decision.passed_on {
            self.under_way.push((told.order.clone(), told.money.clone()));
        }
        self.story.push(format!("{id} {command:?}"));
        assert_eq!(self.world.audit(), vec![], "{}", self.told());
        true
    }

    fn told(&self) -> String {
        self.story.join("\n")
    }

    fn act(&mut self, id: &str, name: &str, body: Value) -> bool {
        let command = act(Role::Manager, name, body);
        self.run(id, &command)
    }

    fn tell(&mut self, (id, reference): &(String, String), kind: MoneyKind) {
        self.under_way.push((id.clone(), money(reference, kind, self.world.now)));
    }

    fn arrive(&mut self, which: usize, twice: bool) {
        if self.under_way.is_empty() {
            return;
        }
        let which = which % self.under_way.len();
        let (id, event) =
            if twice { self.under_way[which].clone() } else { self.under_way.swap_remove(which) };
        self.run(&id, &Command::Money(event));
    }

    fn pay(&mut self, key: (String, String), cents: i64) {
        let truth = self.payments.entry(key.clone()).or_default();
        truth.received += cents;
        let amount = Amount(truth.received);
        self.tell(&key, MoneyKind::Received { amount, currency: EUR, method: None });
    }

    fn refund(&mut self, key: &(String, String), cents: i64) {
        let truth = self.payments.get_mut(key).unwrap();
        if cents <= 0 || truth.refunds.len() >= 40 {
            return;
        }
        truth.refunds.push(cents);
        let (count, all) = (truth.refunds.len(), truth.refunded());
        let kind = if self.by_sums {
            MoneyKind::Refunded { amount: Amount(all), currency: EUR }
        } else {
            let refund = format!("re-{}-{count}", key.1);
            MoneyKind::RefundMade { refund, amount: Amount(cents), currency: EUR }
        };
        self.tell(key, kind);
    }

    fn dispute(&mut self, key: &(String, String), cents: i64) {
        let truth = self.payments.get_mut(key).unwrap();
        if cents <= 0 || truth.disputes.len() >= 10 {
            return;
        }
        let dispute = format!("dp-{}-{}", key.1, truth.disputes.len());
        truth.disputes.push((cents, None));
        self.tell(key, MoneyKind::Disputed { dispute, amount: Amount(cents), currency: EUR });
    }

    fn close(&mut self, key: &(String, String), won: bool, says_how_much: bool) {
        let truth = self.payments.get_mut(key).unwrap();
        let Some(open) = truth.disputes.iter().position(|(_, end)| end.is_none()) else { return };
        truth.disputes[open].1 = Some(won);
        let cents = if says_how_much { truth.disputes[open].0 } else { 0 };
        let dispute = format!("dp-{}-{open}", key.1);
        let currency = says_how_much.then_some(EUR);
        self.tell(key, MoneyKind::DisputeClosed { dispute, amount: Amount(cents), currency, won });
    }

    /// One thing happens: what, to whom, and two numbers to make it particular.
    fn happen(&mut self, (what, whom, a, b): (u8, u8, u8, u8)) {
        let ids: Vec<String> = self.world.orders.keys().cloned().collect();
        let id = ids[usize::from(whom) % ids.len()].clone();
        let known: Vec<_> = self.payments.keys().cloned().collect();
        let key = known.get(usize::from(a) % known.len().max(1)).cloned();
        let owed: Vec<i64> = self.world.orders.values().map(|o| o.ledger.refund_owed().0).collect();
        let left = key.as_ref().map_or(0, |key| self.payments[key].left());
        // As much as somebody owes, as what is left, or as chance has it; never what a person enters.
        let some = match b % 4 {
            0 => owed[usize::from(b / 4) % owed.len()].min(left),
            1 => left,
            _ => (i64::from(b) * 10).min(left),
        } / 10
            * 10;
        match (what, key) {
            (0, _) => {
                let gross = self.world.order(&id).gross().0;
                self.pay(
                    (id.clone(), format!("pi-{id}-{}", a % 2)),
                    [gross, 1_000, 500][usize::from(b) % 3],
                );
            }
            (1 | 2, Some(key)) => self.refund(&key, some),
            (3, Some(key)) => self.dispute(&key, some),
            (4, Some(key)) => self.close(&key, b % 3 == 0, b % 2 == 0),
            (5, _) if !self.by_sums && self.entries.len() < 9 => {
                let cents = i64::from(b) * 10 + 7;
                let amount = Amount(cents).format(EUR);
                let reference = format!("bank-{}", self.entries.len());
                if self.act(&id, "refund", json!({"amount": amount, "reference": reference})) {
                    self.entries.push((id, reference, cents));
                }
            }
            (6, _) if b % 3 == 0 => {
                self.act(&id, "cancel", json!({}));
            }
            (6, _) => {
                let line = self.world.order(&id).lines[0].line;
                self.act(&id, "cancel", json!({"lines": [{"line": line, "quantity": 1}]}));
            }
            (7, _) => {
                let line = self.world.order(&id).lines[0].line;
                self.act(&id, "edit", json!({"lines": [{"line": line, "quantity": b % 6 + 1}]}));
            }
            (8, _) => {
                let line = self.world.order(&id).lines.last().unwrap().line;
                self.act(&id, "split", json!({"lines": [{"line": line, "quantity": b % 3 + 1}]}));
            }
            (9, _) => {
                let named = self.world.order(&id).exceptions.first().map(|e| e.code.clone());
                if let Some(name) = named {
                    self.act(&id, "release", json!({ "name": name }));
                }
            }
            (10, _) => {
                self.act(
                    &id,
                    "refund",
                    json!({"amount": Amount(i64::from(b) * 10 + 10).format(EUR)}),
                );
            }
            _ => self.arrive(usize::from(b), a % 5 == 0),
        }
    }

    /// Everything arrives, and what follows from it.
    fn settle(&mut self, mut seed: usize) {
        while !self.under_way.is_empty() {
            self.arrive(seed, false);
            seed = seed.wrapping_mul(31).wrapping_add(7);
        }
        let truth: i64 = self.payments.values().map(|t| t.received - t.refunded() - t.lost()).sum();
        let counted = |order: &Order| {
            let ledger = &order.ledger;
            ledger.received().0 - ledger.refunded().0 - ledger.refunded_beyond().0
        };
        let all: i64 = self.world.orders.values().map(counted).sum();
        // A refund of just as much as was entered, by chance, is taken for the same.
        let is_open = |(id, reference, _): &&(String, String, i64)| {
            !self.world.order(id).ledger.told_by_hand.contains(reference)
        };
        let by_hand: i64 = self.entries.iter().filter(is_open).map(|(.., cents)| cents).sum();
        assert_eq!(all, truth - by_hand, "{}", self.told());
        for order in self.world.orders.values() {
            self.shared(order);
        }
    }

    /// What an order shares with its parts is to both the same.
    fn shared(&self, order: &Order) {
        for (part, got) in &order.ledger.transferred_to {
            let of = self.world.order(part).ledger.payments.iter().find(|p| p.provider == "split");
            let has = of.unwrap();
            let shares = || order.ledger.payments.iter().filter_map(|p| p.parts.get(part));
            let sum = |what: fn(&ordermill_domain::order::shares::Share) -> Amount| -> Amount {
                shares().map(what).sum()
            };
            let told = self.told();
            assert_eq!((sum(|s| s.got), has.received), (*got, *got), "{told}");
            assert_eq!(sum(|s| s.refunded), has.refunded.minus(has.by_hand), "{told}");
            assert_eq!(sum(|s| s.lost()), has.lost(), "{told}");
            assert_eq!(sum(|s| s.disputed()), has.disputed(), "{told}");
            assert!(shares().all(|s| s.told().plus(s.disputed()) <= s.got), "{told}");
        }
    }
}

fn cases() -> ProptestConfig {
    let mut config = ProptestConfig::with_cases(150);
    if let Some(many) = std::env::var_os("INVARIANT_CASES").and_then(|text| text.into_string().ok())
    {
        config.cases = many.parse().unwrap();
    }
    config.failure_persistence = None;
    config.max_shrink_iters = 2_000;
    config
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn together_the_orders_count_what_the_providers_know(
        (on_account, by_sums, paid) in (any::<bool>(), any::<bool>(), 0..4_u8),
        happenings in proptest::collection::vec((0..16_u8, any::<u8>(), any::<u8>(), any::<u8>()), 5..90),
        last in any::<u16>(),
    ) {
        let mut books = Books::new(if on_account { "invoice" } else { "prepaid" }, by_sums);
        if paid > 0 {
            books.pay(("o".to_owned(), "pi-o-0".to_owned()), euros(100).0);
            books.arrive(0, false);
        }
        if paid > 1 {
            books.act("o", "split", json!({"lines": [{"line": 1, "quantity": 4}]}));
        }
        for happening in happenings {
            books.happen(happening);
        }
        books.settle(usize::from(last));
    }
}
