//! Guards that can never hold where a move stands: nothing has left the house in a status that no
//! shipment leads to, nothing is held before stock was looked for.
//!
//! What can be true of an order in a status follows from the ways that lead there, not from the
//! phase alone: a review before the reservation and one after it are told apart.
//!
//! Every guard there is looks at the order itself or is woken by what it looks at (`customer_solvent`
//! by the customer's balance, `stock_reserved` by a receipt), so each may stand in an automatic move.

use super::graph::{Edge, Graph, Way};
use super::{Findings, move_key, quoted};
use crate::policy::load::words::Word;
use crate::policy::{CommandKind, Guard, Policy, StatusKey, Step, StepOutcome};
use std::collections::BTreeSet;

/// What can have happened to an order, by the statuses in which it can.
pub(super) struct Happened<'a> {
    /// Stock can be held for it, all of it.
    reserved: BTreeSet<&'a StatusKey>,
    /// Some stock can be held for it.
    partly_reserved: BTreeSet<&'a StatusKey>,
    /// Units can lie in boxes.
    picked: BTreeSet<&'a StatusKey>,
    /// Units can have left the house.
    pub(super) left: BTreeSet<&'a StatusKey>,
    /// A shipment can have been handed over.
    delivered: BTreeSet<&'a StatusKey>,
    /// Units can have come back.
    returned: BTreeSet<&'a StatusKey>,
}

impl<'a> Happened<'a> {
    pub(super) fn of(policy: &'a Policy, graph: &Graph<'a>) -> Self {
        let after = |commands: &[CommandKind]| {
            let targets = graph.edges.iter().filter(|edge| match edge.way {
                Way::Move(_, m) => commands.contains(&m.command),
                Way::Step(_) | Way::Limit(_) => false,
            });
            graph.downstream(targets.map(|edge| edge.to))
        };
        let looks_for_stock = |key: &StatusKey| match policy.status(key).and_then(|s| s.step) {
            Some(Step::Reserve | Step::AwaitStock) => true,
            Some(Step::Validate) | None => false,
        };
        let found_stock = |edge: &&Edge<'a>| match edge.way {
            // After `backordered` the order waits, and goods that come in are given to it.
            Way::Step(StepOutcome::Ok | StepOutcome::Backordered) => looks_for_stock(edge.from),
            Way::Step(StepOutcome::Review | StepOutcome::Refused)
            | Way::Move(..)
            | Way::Limit(_) => false,
        };
        let reserved = graph.edges.iter().filter(found_stock).map(|edge| edge.to);
        // A large reservation holds some before it is done.
        let reserving = policy.statuses.keys().filter(|key| looks_for_stock(key));
        Self {
            reserved: graph.downstream(reserved.clone()),
            partly_reserved: graph.downstream(reserved.chain(reserving)),
            picked: after(&[
                CommandKind::Pick,
                CommandKind::Pack,
                CommandKind::Ship,
                CommandKind::Deliver,
            ]),
            left: after(&[CommandKind::Ship, CommandKind::Deliver]),
            delivered: after(&[CommandKind::Deliver]),
            returned: after(&[CommandKind::Return]),
        }
    }

    /// Why a guard can never hold in a status, and after which command it could.
    fn never(
        &self,
        guard: &Guard,
        status: &StatusKey,
        command: CommandKind,
    ) -> Option<(&'static str, &'static str)> {
        // What the command itself brings about counts as having happened.
        let is = |commands: &[CommandKind]| commands.contains(&command);
        let (can, why, after) = match guard {
            Guard::StockReserved => {
                (self.reserved.contains(status), "no stock is held there", "the step `reserve`")
            }
            Guard::SomeStockReserved => (
                self.partly_reserved.contains(status),
                "no stock is held there",
                "the step `reserve`",
            ),
            Guard::EverythingPicked => (
                self.picked.contains(status)
                    || is(&[
                        CommandKind::Pick,
                        CommandKind::Pack,
                        CommandKind::Ship,
                        CommandKind::Deliver,
                    ]),
                "nothing has been picked there",
                "`pick`",
            ),
            Guard::EveryLineShipped => (
                self.left.contains(status) || is(&[CommandKind::Ship, CommandKind::Deliver]),
                "nothing has left the house there",
                "`ship`",
            ),
            Guard::EveryShipmentDelivered => (
                self.delivered.contains(status) || is(&[CommandKind::Deliver]),
                "nothing has been handed over there",
                "`deliver`",
            ),
            Guard::EverythingReturned => (
                self.returned.contains(status) || is(&[CommandKind::Return]),
                "nothing has come back there",
                "`return`",
            ),
            // Money can come, and the order can be completed, wherever it stands.
            Guard::PaidInFull
            | Guard::PrepaymentReceived(_)
            | Guard::DepositPaid
            | Guard::BalanceOpen
            | Guard::BalancePaid
            | Guard::ContactComplete
            | Guard::ContractNumberPresent
            | Guard::PaymentTermsPresent
            | Guard::CustomerSolvent
            | Guard::ApprovedByCustomer
            | Guard::WithinDeliveryDate
            | Guard::Terms(_)
            | Guard::PaymentMethod(_)
            | Guard::DeliveryMethod(_) => return None,
        };
        (!can).then_some((why, after))
    }
}

/// Checks the guards of every move.
pub(super) fn check(findings: &mut Findings<'_>, graph: &Graph<'_>) {
    let policy = findings.policy;
    let happened = Happened::of(policy, graph);
    for (position, m) in policy.moves.iter().enumerate() {
        for guard in &m.guards {
            let mut statuses = Vec::new();
            let mut reason = None;
            for from in m.from.iter().filter(|from| policy.statuses.contains_key(from)) {
                if let Some(never) = happened.never(guard, from, m.command) {
                    statuses.push(from);
                    reason = Some((never, policy.phase(from)));
                }
            }
            let Some(((why, after), phase)) = reason else { continue };
            let phase = match statuses.as_slice() {
                [_] => format!(" (phase {})", phase.name()),
                _ => String::new(),
            };
            let problem = format!("`{guard}` can never hold in {}{phase}: {why}", quoted(statuses));
            let remedy = format!("Take the guard away, or name statuses that come after {after}.");
            findings.error(&move_key(position, "guards"), problem, &remedy);
        }
    }
}
