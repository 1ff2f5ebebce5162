//! What each guard means. Automatic moves ask only about their own order.

use super::{disputes, limits, payments};
use crate::money::Amount;
use crate::order::{EventKind, Line, Order, Terms};
use crate::policy::{CommandKind, Guard, Outcome, Policy, Rung, Trigger};
use crate::quantity::Quantity;
use crate::time::Timestamp;

/// The first of the guards that does not hold.
#[must_use]
pub fn first_failing<'a>(
    guards: &'a [Guard],
    policy: &Policy,
    order: &Order,
    now: Timestamp,
) -> Option<&'a Guard> {
    guards.iter().find(|guard| !holds(guard, policy, order, now))
}

/// Whether a guard holds.
#[must_use]
pub fn holds(guard: &Guard, policy: &Policy, order: &Order, now: Timestamp) -> bool {
    match guard {
        Guard::PaidInFull => paid_in_full(policy, order),
        Guard::PrepaymentReceived(percent) => {
            let wanted = i128::from(order.gross().0).saturating_mul(i128::from(*percent));
            i128::from(order.ledger.covered().0).saturating_mul(100) >= wanted
        }
        Guard::DepositPaid => deposit_paid(policy, order),
        Guard::BalanceOpen => order.deposit().is_some() && !paid_in_full(policy, order),
        Guard::BalancePaid => order.deposit().is_none() || paid_in_full(policy, order),
        Guard::StockReserved => {
            order.lines.iter().all(|l| l.unallocated().is_zero() && l.backordered.is_zero())
        }
        Guard::SomeStockReserved => order.holds_stock(),
        Guard::ContactComplete => {
            let customer = &order.placed.customer;
            (customer.name.is_some() || customer.company.is_some())
                && (customer.email.is_some() || customer.phone.is_some())
        }
        Guard::ContractNumberPresent => order.placed.contract_number.is_some(),
        Guard::PaymentTermsPresent => order.terms.is_some(),
        // The credit is taken in the order's own transaction; an order that got it is solvent.
        Guard::CustomerSolvent => !order.reasons.iter().any(|r| r.code == "credit_limit"),
        Guard::ApprovedByCustomer => {
            order.overridden.iter().any(|code| code == super::ask::APPROVED)
        }
        Guard::EveryLineShipped => every_line_shipped(order),
        Guard::EveryShipmentDelivered => {
            !order.shipments.is_empty() && order.shipments.iter().all(|s| s.delivered_at.is_some())
        }
        Guard::EverythingReturned => {
            order.lines.iter().any(|l| l.shipped.is_positive())
                && order.lines.iter().all(|l| l.returned == l.shipped && l.to_ship().is_zero())
        }
        Guard::WithinDeliveryDate => within_delivery_date(order, now),
        Guard::Terms(terms) => order.terms.is_some_and(|t| terms.contains(&t.kind())),
        Guard::PaymentMethod(methods) => order.method.is_some_and(|m| methods.contains(&m)),
        Guard::DeliveryMethod(methods) => {
            order.delivery_method.is_some_and(|m| methods.contains(&m))
        }
        Guard::EverythingPicked => order.lines.iter().all(|l| l.picked() == l.held()),
    }
}

/// Whether the order has what it costs, within the policy's tolerance.
#[must_use]
pub fn paid_in_full(policy: &Policy, order: &Order) -> bool {
    order.ledger.covered().plus(policy.underpay_tolerance) >= order.gross()
}

/// What is still to be paid; within the tolerance, nothing.
#[must_use]
pub fn open_amount(policy: &Policy, order: &Order) -> Amount {
    if paid_in_full(policy, order) {
        return Amount::ZERO;
    }
    let ledger = &order.ledger;
    // Of what went back before all had come, what will not be asked for again.
    order.gross().less(ledger.covered().max(ledger.came_to_stay()))
}

/// Of that, what the customer may be asked for: nothing for an order that ended without goods, and
/// not what a bank took, of which a person decides.
#[must_use]
pub fn open_to_ask(policy: &Policy, order: &Order) -> Amount {
    if payments::price(order).is_zero() {
        return Amount::ZERO;
    }
    open_amount(policy, order).less(undecided(order))
}

/// What the order costs and nobody has paid, or need not pay.
#[must_use]
pub fn missing(order: &Order) -> Amount {
    payments::price(order).less(order.ledger.kept().plus(order.ledger.written_off))
}

/// What banks took and neither a person has decided on nor the customer has paid again, while the
/// exception is open that names it. It is asked of nobody.
#[must_use]
pub fn undecided(order: &Order) -> Amount {
    if !order.exceptions.iter().any(|exception| exception.code == disputes::LOST) {
        return Amount::ZERO;
    }
    let ledger = &order.ledger;
    let of_earlier = || ledger.lost().less(ledger.written_off);
    ledger.undecided.unwrap_or_else(of_earlier).min(missing(order))
}

/// Whether the deposit has come, within the tolerance; so it is where none was agreed.
#[must_use]
pub fn deposit_paid(policy: &Policy, order: &Order) -> bool {
    let there = order.ledger.covered().plus(policy.underpay_tolerance);
    order.deposit().is_none_or(|deposit| there >= deposit)
}

/// Whether what must come before anything is made ready has come.
#[must_use]
pub fn enough_to_begin(policy: &Policy, order: &Order) -> bool {
    match order.deposit() {
        Some(_) => deposit_paid(policy, order),
        None => paid_in_full(policy, order),
    }
}

/// What the customer is asked for next: the deposit, or the part of it that is missing, and then
/// all that is open. Where the balance is asked for, also what went back of the deposit.
#[must_use]
pub fn asked_amount(policy: &Policy, order: &Order) -> Amount {
    let open = open_to_ask(policy, order);
    match order.deposit() {
        Some(deposit) if !deposit_paid(policy, order) && !asks_for_balance(policy, order) => {
            let there = order.ledger.covered().plus(undecided(order));
            deposit.less(there).min(open)
        }
        Some(_) | None => open,
    }
}

/// Whether the customer is asked for money now: after a deposit has come, not before the goods are
/// ready.
#[must_use]
pub fn asks_now(policy: &Policy, order: &Order) -> bool {
    let waits = order.deposit().is_none() || !deposit_paid(policy, order);
    let is_open = asked_amount(policy, order).is_positive();
    is_open && (waits || asks_for_balance(policy, order))
}

/// Whether the balance of a deposit is asked for: where the policy says so by the message, and once
/// goods have left, for what was added since.
#[must_use]
pub fn asks_for_balance(policy: &Policy, order: &Order) -> bool {
    order.lines.iter().any(|line| line.shipped.is_positive())
        || tells(policy, order, BALANCE_REQUEST)
}

/// The message by which the customer is asked where the order stands; none where it is asked for
/// nothing, or pays later.
#[must_use]
pub fn request(policy: &Policy, order: &Order) -> Option<&'static str> {
    let is_ahead = match order.terms {
        Some(Terms::Prepaid | Terms::Deposit(_) | Terms::AfterConfirmation) => true,
        Some(Terms::OnDelivery | Terms::Invoice) | None => false,
    };
    let has_left = order.lines.iter().any(|line| line.shipped.is_positive());
    if !asks_now(policy, order) {
        None
    } else if tells(policy, order, BALANCE_REQUEST) {
        Some(BALANCE_REQUEST)
    } else {
        let is_asked = tells(policy, order, PAYMENT_REQUEST) || (has_left && is_ahead);
        is_asked.then_some(PAYMENT_REQUEST)
    }
}

/// Whether the status the order stands in tells its customer that.
fn tells(policy: &Policy, order: &Order, message: &str) -> bool {
    let Some(status) = policy.status(&order.status) else { return false };
    let on_entering = status.on_enter.iter().filter_map(|trigger| match trigger {
        Trigger::Notify { template, .. } => Some(template),
        Trigger::Webhook | Trigger::Task { .. } => None,
    });
    let meant = |rung: &&Rung| rung.when.as_ref().is_none_or(|when| limits::applies(when, order));
    let later = status.limit.iter().filter(meant).filter_map(|rung| match &rung.outcome {
        Outcome::Notify { template, .. } => Some(template),
        Outcome::Redrive
        | Outcome::Task { .. }
        | Outcome::Call
        | Outcome::Split(_)
        | Outcome::Move { .. } => None,
    });
    on_entering.chain(later).any(|template| template == message)
}

/// The message that asks for the price, or for its deposit.
const PAYMENT_REQUEST: &str = "payment_request";
/// The message that asks for what follows a deposit.
const BALANCE_REQUEST: &str = "balance_request";

/// What the customer owes for goods that are gone. What a bank took is not asked for again: an
/// exception has it, and a person decides.
#[must_use]
pub fn receivable(policy: &Policy, order: &Order) -> Amount {
    let ledger = &order.ledger;
    let not_asked_for = ledger.written_off.plus(undecided(order));
    let open = payments::price(order).less(ledger.kept().plus(not_asked_for));
    if open <= policy.underpay_tolerance { Amount::ZERO } else { open }
}

fn every_line_shipped(order: &Order) -> bool {
    let shipped: Quantity = order.lines.iter().map(|l| l.shipped).sum();
    let open: Quantity = order.lines.iter().map(Line::to_ship).sum();
    shipped.is_positive() && open.is_zero()
}

/// A wished day ends at 24:00 UTC here; the seller's own zone is applied where it was wished.
fn within_delivery_date(order: &Order, now: Timestamp) -> bool {
    let Some(wished) = order.placed.delivery.requested_date.as_deref() else { return true };
    let today = now.to_jiff().to_zoned(jiff::tz::TimeZone::UTC).date();
    wished.parse::<jiff::civil::Date>().map_or(true, |day| today <= day)
}

/// What an automatic move is called in the history.
#[must_use]
pub fn event_of(command: CommandKind) -> EventKind {
    match command {
        CommandKind::Advance | CommandKind::Edit | CommandKind::Split => EventKind::OrderAdvanced,
        CommandKind::Cancel => EventKind::OrderCancelled,
        CommandKind::Confirm => EventKind::OrderConfirmed,
        CommandKind::Approve => EventKind::OrderApproved,
        CommandKind::Reject => EventKind::OrderRejected,
        CommandKind::Pick => EventKind::OrderPicked,
        CommandKind::Pack => EventKind::OrderPacked,
        CommandKind::Ship => EventKind::OrderShipped,
        CommandKind::Deliver => EventKind::OrderDelivered,
        CommandKind::Complete | CommandKind::Archive => EventKind::OrderCompleted,
        CommandKind::Return => EventKind::OrderReturned,
        CommandKind::Progress => EventKind::ProductionProgressed,
    }
}
