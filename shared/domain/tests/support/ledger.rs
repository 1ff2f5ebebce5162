//! Money for tests: what a provider tells, and how an order stands.

use super::{World, euros};
use ordermill_domain::decide::{Command, MoneyEvent, MoneyKind, guards};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::time::Timestamp;

/// Money that came, in all, of that reference.
pub fn received(reference: &str, amount: Amount, at: Timestamp) -> MoneyEvent {
    let kind = MoneyKind::Received { amount, currency: Currency::EUR, method: None };
    money(reference, kind, at)
}

/// Money that went back, in all, of that reference.
pub fn refunded(reference: &str, amount: Amount, at: Timestamp) -> MoneyEvent {
    money(reference, MoneyKind::Refunded { amount, currency: Currency::EUR }, at)
}

/// Something that happened to a money object of Stripe's.
pub fn money(reference: &str, kind: MoneyKind, received_at: Timestamp) -> MoneyEvent {
    let provider = "stripe".to_owned();
    MoneyEvent { provider, reference: reference.to_owned(), kind, received_at }
}

/// So many days, in milliseconds.
pub fn days(days: i64) -> i64 {
    days.saturating_mul(86_400_000)
}

/// What is open, too much, and taken off, of the order.
pub fn figures(world: &World) -> (Amount, Amount, Amount) {
    let order = world.order("o");
    let open = guards::open_amount(&world.policy, order);
    (open, order.ledger.refund_owed(), order.ledger.granted)
}

/// Codes of the open exceptions of order `o`.
pub fn codes(world: &World) -> Vec<&str> {
    world.order("o").exceptions.iter().map(|e| e.code.as_str()).collect()
}

/// Names of the holds of order `o`.
pub fn holds(world: &World) -> Vec<&str> {
    world.order("o").holds.iter().map(|hold| hold.name.as_str()).collect()
}

/// A dispute of the payment `a` of order `o` is told of; with its end, of which the amount is not told.
pub fn disputed(world: &mut World, name: &str, amount: i64, won: Option<bool>) {
    let (dispute, amount) = (name.to_owned(), euros(amount));
    let kind = match won {
        None => MoneyKind::Disputed { dispute, amount, currency: Currency::EUR },
        Some(won) => {
            MoneyKind::DisputeClosed { dispute, amount: Amount::ZERO, currency: None, won }
        }
    };
    world.run("o", &Command::Money(money("a", kind, world.now)));
}
