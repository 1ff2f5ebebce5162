//! Group commit: the decisions of many orders in one transaction (`DESIGN.md`, "Stock").
//!
//! Each order's rows, and one summed update per stock line. A cancelled transaction names the
//! actions that failed: by them it is known whether to read again or only to wait, and for whom.

use crate::Table;
use crate::error::{ActionFate, TableError};
use crate::rows::customer::credit_action;
use crate::rows::order::page_count;
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::decide::{CreditChange, Decision};
use ordermill_domain::order::Order;
use ordermill_domain::policy::Policy;
use ordermill_domain::stock::StockChanges;
use ordermill_domain::stock::group::Member;
use ordermill_domain::time::Timestamp;
use std::collections::BTreeSet;
use std::sync::Arc;

/// One order of a batch, decided.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The lifecycle it follows.
    pub policy: Arc<Policy>,
    /// The order as it was read.
    pub before: Order,
    /// What becomes of it.
    pub decision: Decision,
}

impl Planned {
    /// What it shares with others of the batch, and how many rows are its own.
    #[must_use]
    pub fn member(&self) -> Member {
        let stock = &self.decision.stock;
        let lines = stock.lines.keys().map(|key| format!("{}\n{}", key.sku, key.warehouse));
        let anchors = stock.anchors.keys().cloned();
        let after = &self.decision.order;
        // One for the header; the others are counted as they are written.
        let own = 1_usize
            .saturating_add(usize::from(self.decision.placed_changed))
            .saturating_add(page_count(Some(&self.before), after))
            .saturating_add(usize::from(!self.decision.credit.is_nothing()))
            .saturating_add(self.decision.passed_on.len())
            .saturating_add(stock.waits.len());
        Member { shared: lines.chain(anchors).collect(), own }
    }

    /// Whether it was decided on exactly what was read of stock, so that it can't follow another
    /// write of the same lines unread: somebody was told to wait.
    #[must_use]
    pub fn is_bound_to_versions(&self) -> bool {
        let stock = &self.decision.stock;
        stock.lines.values().any(|line| line.at_version.is_some())
            || stock.anchors.values().any(|anchor| anchor.at_version.is_some())
    }
}

/// Why a group was not written.
#[derive(Debug)]
pub enum GroupError {
    /// Orders or stock lines of it have changed since they were read.
    Moved,
    /// Other writes were on the same rows. Nothing is known to have changed: the same group can be
    /// sent again.
    Conflict {
        /// Orders, by index in the group, whose own rows somebody else was at.
        orders: BTreeSet<usize>,
    },
    /// The surroundings, or a mistake of ours.
    Failed(TableError),
}

/// Whose an action of the transaction is.
enum Owner {
    Order(usize),
    Stock,
}

impl Owner {
    fn order(&self) -> Option<usize> {
        match self {
            Self::Order(index) => Some(*index),
            Self::Stock => None,
        }
    }
}

impl Table {
    /// Writes the decisions of a group, all or nothing.
    ///
    /// # Errors
    /// Why nothing was written.
    pub async fn commit_group(&self, group: &[&Planned], now: Timestamp) -> Result<(), GroupError> {
        let mut actions: Vec<TransactWriteItem> = Vec::new();
        let mut owners: Vec<Owner> = Vec::new();
        let mut stock = StockChanges::default();
        for (index, planned) in group.iter().enumerate() {
            let own = self
                .order_actions(&planned.policy, Some(&planned.before), &planned.decision)
                .map_err(GroupError::Failed)?;
            owners.extend(own.iter().map(|_| Owner::Order(index)));
            actions.extend(own);
            let told = self.passed_on_actions(&planned.decision).map_err(GroupError::Failed)?;
            owners.extend(told.iter().map(|_| Owner::Order(index)));
            actions.extend(told);
            stock.merge(&planned.decision.stock);
        }
        for (index, change) in credit_of(group) {
            if let Some(action) = credit_action(self, &change).map_err(GroupError::Failed)? {
                owners.push(Owner::Order(index));
                actions.push(action);
            }
        }
        let stock = self.stock_actions(&stock, now);
        owners.extend(stock.iter().map(|_| Owner::Stock));
        actions.extend(stock);
        match self.write(actions).await {
            Ok(()) => Ok(()),
            Err(TableError::Moved) => Err(GroupError::Moved),
            Err(TableError::Cancelled(fates)) => Err(blame(&fates, &owners)),
            Err(error) => Err(GroupError::Failed(error)),
        }
    }
}

/// What the group does to each customer's credit, and one of the orders that do it: a row may
/// stand in a transaction only once.
fn credit_of(group: &[&Planned]) -> Vec<(usize, CreditChange)> {
    let mut found: Vec<(usize, CreditChange)> = Vec::new();
    for (index, planned) in group.iter().enumerate() {
        let change = &planned.decision.credit;
        if change.is_nothing() {
            continue;
        }
        match found.iter_mut().find(|(_, known)| known.customer_id == change.customer_id) {
            Some((_, known)) => *known = known.clone().and(change.clone()),
            None => found.push((index, change.clone())),
        }
    }
    found
}

fn blame(fates: &[ActionFate], owners: &[Owner]) -> GroupError {
    if fates.contains(&ActionFate::ConditionFailed) {
        return GroupError::Moved;
    }
    if !fates.contains(&ActionFate::Conflict) {
        return GroupError::Failed(TableError::Unavailable("transaction cancelled".to_owned()));
    }
    let met = fates.iter().zip(owners).filter(|(fate, _)| **fate == ActionFate::Conflict);
    GroupError::Conflict { orders: met.filter_map(|(_, owner)| owner.order()).collect() }
}
