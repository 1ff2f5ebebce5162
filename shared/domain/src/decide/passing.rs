//! What befalls money that came to an order and went on to those that were split off from it. They
//! learn of it as of any other money: by their inbox, in the transaction in which this order learns.

use super::draft::{Draft, PassedOn};
use super::payments::{MoneyEvent, MoneyKind, SPLIT};
use crate::money::Amount;
use crate::order::money::DisputeEnd;
use std::collections::BTreeMap;

/// How much of what was told as gone is more than is left here.
#[derive(Clone, Copy)]
pub(super) struct Beyond {
    /// With what is disputed still.
    pub at_worst: Amount,
    /// Gone for good.
    pub gone: Amount,
}

/// The parts that have the money learn of its dispute, and of how it ended, as far as it is more than
/// what is left here.
pub(super) fn dispute(draft: &mut Draft<'_>, name: &str, end: Option<DisputeEnd>, before: Beyond) {
    let ledger = &draft.order.ledger;
    let was = (ledger.borne_by_parts(before.at_worst), ledger.borne_by_parts(before.gone));
    let is_now = ledger.borne_by_parts(ledger.beyond_at_worst());
    let gone = ledger.borne_by_parts(ledger.refunded_beyond());
    let currency = draft.order.currency;
    let mut told = Vec::new();
    for part in ledger.transferred_to.keys() {
        let of = |shares: &BTreeMap<&str, Amount>| {
            shares.get(part.as_str()).copied().unwrap_or_default()
        };
        let (dispute, at_risk) = (name.to_owned(), of(&is_now));
        let lost = of(&gone).less(of(&was.1));
        let kind = match end {
            None if at_risk.is_positive() => {
                MoneyKind::Disputed { dispute, amount: at_risk, currency }
            }
            Some(_) if lost.is_positive() || of(&was.0).is_positive() => {
                let won = lost.is_zero();
                let currency = Some(currency);
                MoneyKind::DisputeClosed { dispute, amount: lost, currency, won }
            }
            Some(DisputeEnd::Won | DisputeEnd::Lost) | None => continue,
        };
        told.push((part.clone(), kind));
    }
    pass_on(draft, told);
}

/// The parts that have the money learn that it went back, as far as it is more than what is left
/// here. `before` is how much that was.
pub(super) fn refund(draft: &mut Draft<'_>, before: Amount) {
    let ledger = &draft.order.ledger;
    let was = ledger.borne_by_parts(before);
    let is_now = ledger.borne_by_parts(ledger.refunded_beyond());
    let currency = draft.order.currency;
    let refund = event_id(draft);
    let told = is_now.into_iter().filter_map(|(part, gone)| {
        let amount = gone.less(was.get(part).copied().unwrap_or_default());
        let kind = MoneyKind::RefundMade { refund: refund.clone(), amount, currency };
        amount.is_positive().then(|| (part.to_owned(), kind))
    });
    let told = told.collect();
    pass_on(draft, told);
}

/// The name of what is passed on: of the order and its version, so that it comes once.
fn event_id(draft: &Draft<'_>) -> String {
    format!("{}.{}", draft.order.id, draft.order.version)
}

fn pass_on(draft: &mut Draft<'_>, told: Vec<(String, MoneyKind)>) {
    for (order, kind) in told {
        let money = MoneyEvent {
            provider: SPLIT.to_owned(),
            reference: draft.order.number.clone(),
            kind,
            received_at: draft.now,
        };
        let event_id = event_id(draft);
        draft.passed_on.push(PassedOn { order, event_id, money });
    }
}
