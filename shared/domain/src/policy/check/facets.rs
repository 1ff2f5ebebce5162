//! The kinds of orders that rungs and guards tell apart: by payment terms, payment method and
//! delivery method. All of them are gone through, so that a rule holds for every order.

use crate::order::{DeliveryMethod, PaymentMethod, TermsKind};
use crate::policy::load::words::Word;
use crate::policy::{Guard, Rung, When};

/// One kind of order; `None` where the order does not say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Facets {
    terms: Option<TermsKind>,
    method: Option<PaymentMethod>,
    delivery: Option<DeliveryMethod>,
    /// Its deposit is agreed and its balance open. Moves that the system takes one after another
    /// find it as it is.
    balance_open: bool,
}

/// Every value of a word, and none.
fn each<W: Word>() -> impl Iterator<Item = Option<W>> {
    std::iter::once(None).chain(W::ALL.iter().copied().map(Some))
}

fn is_among<W: Word>(value: Option<W>, words: &[W]) -> bool {
    value.is_some_and(|value| words.contains(&value))
}

impl Facets {
    /// Every kind of order there is.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        each().flat_map(|terms| {
            each().flat_map(move |method| {
                each().flat_map(move |delivery| {
                    let balances: &[bool] =
                        if terms == Some(TermsKind::Deposit) { &[false, true] } else { &[false] };
                    balances.iter().map(move |balance_open| Self {
                        terms,
                        method,
                        delivery,
                        balance_open: *balance_open,
                    })
                })
            })
        })
    }

    /// Whether a rung is meant for such an order.
    pub(super) fn meet(self, when: &When) -> bool {
        match when {
            When::Method(methods) => is_among(self.method, methods),
            When::NotMethod(methods) => !is_among(self.method, methods),
            When::Terms(terms) => is_among(self.terms, terms),
            When::Delivery(methods) => is_among(self.delivery, methods),
        }
    }

    /// Whether a guard can hold for such an order, at some time.
    pub(super) fn admit(self, guard: &Guard) -> bool {
        match guard {
            Guard::Terms(terms) => is_among(self.terms, terms),
            Guard::PaymentMethod(methods) => is_among(self.method, methods),
            Guard::DeliveryMethod(methods) => is_among(self.delivery, methods),
            Guard::PaymentTermsPresent => self.terms.is_some(),
            Guard::BalanceOpen => self.balance_open,
            Guard::PaidInFull | Guard::BalancePaid => !self.balance_open,
            // These change while the order stays the same kind of order.
            Guard::PrepaymentReceived(_)
            | Guard::DepositPaid
            | Guard::StockReserved
            | Guard::SomeStockReserved
            | Guard::ContactComplete
            | Guard::ContractNumberPresent
            | Guard::CustomerSolvent
            | Guard::ApprovedByCustomer
            | Guard::EveryLineShipped
            | Guard::EveryShipmentDelivered
            | Guard::EverythingReturned
            | Guard::WithinDeliveryDate
            | Guard::EverythingPicked => true,
        }
    }

    /// The kind of order in words, by those facets that the rungs ask for.
    pub(super) fn describe(self, rungs: &[Rung]) -> String {
        let mut words = Vec::new();
        let asks = |wanted: fn(&When) -> bool| {
            rungs.iter().filter_map(|rung| rung.when.as_ref()).any(wanted)
        };
        if asks(|when| matches!(when, When::Method(_) | When::NotMethod(_))) {
            words.push(self.method.map_or("no payment method", Word::name));
        }
        if asks(|when| matches!(when, When::Terms(_))) {
            words.push(self.terms.map_or("no payment terms", Word::name));
        }
        if asks(|when| matches!(when, When::Delivery(_))) {
            words.push(self.delivery.map_or("no delivery method", Word::name));
        }
        words.join(", ")
    }
}
