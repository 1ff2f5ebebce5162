//! Group commit: the decisions of many orders in one transaction (`DESIGN.md`, "Stock").
//!
//! Each order's rows, and one summed update per stock line. A cancelled transaction names the
//! actions that failed; they are given back as the orders and SKUs they belong to.

use crate::Table;
use crate::error::{ActionFate, TableError};
use crate::rows::customer::credit_action;
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
        let pages = self.before.lines.len().checked_div(50).unwrap_or_default();
        Member {
            shared: lines.chain(anchors).collect(),
            // The header, the snapshot, and the customer's card.
            own: stock.waits.len().saturating_add(pages).saturating_add(3),
        }
    }
}

/// Why a group was not written.
#[derive(Debug)]
pub enum GroupError {
    /// These orders (by index) or SKUs have changed since they were read.
    Moved {
        /// Orders, by index in the group.
        orders: BTreeSet<usize>,
        /// SKUs whose stock is not what it was.
        skus: BTreeSet<String>,
    },
    /// Other transactions were on the same rows: try again, with fewer.
    Conflict,
    /// The surroundings, or a mistake of ours.
    Failed(TableError),
}

/// Whose an action of the transaction is.
enum Owner {
    Order(usize),
    Sku(String),
}

impl Table {
    /// Writes the decisions of a group, all or nothing.
    ///
    /// # Errors
    /// Which orders or SKUs were not as they were read, or why nothing could be written.
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
            stock.merge(&planned.decision.stock);
        }
        for (index, change) in credit_of(group) {
            if let Some(action) = credit_action(self, &change).map_err(GroupError::Failed)? {
                owners.push(Owner::Order(index));
                actions.push(action);
            }
        }
        owners.extend(stock.lines.keys().map(|key| Owner::Sku(key.sku.clone())));
        owners.extend(stock.anchors.keys().map(|sku| Owner::Sku(sku.clone())));
        owners.extend(stock.waits.iter().map(|wait| Owner::Sku(wait.sku.clone())));
        actions.extend(self.stock_actions(&stock, now));
        match self.write(actions).await {
            Ok(()) => Ok(()),
            Err(TableError::Moved) => {
                Err(GroupError::Moved { orders: BTreeSet::from([0]), skus: BTreeSet::new() })
            }
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
    let mut orders = BTreeSet::new();
    let mut skus = BTreeSet::new();
    for (fate, owner) in fates.iter().zip(owners) {
        match (fate, owner) {
            (ActionFate::ConditionFailed, Owner::Order(index)) => {
                orders.insert(*index);
            }
            (ActionFate::ConditionFailed, Owner::Sku(sku)) => {
                skus.insert(sku.clone());
            }
            (ActionFate::Fine | ActionFate::Conflict | ActionFate::Passing, _) => {}
        }
    }
    if orders.is_empty() && skus.is_empty() {
        let conflict = fates.contains(&ActionFate::Conflict);
        if conflict {
            return GroupError::Conflict;
        }
        return GroupError::Failed(TableError::Unavailable("transaction cancelled".to_owned()));
    }
    GroupError::Moved { orders, skus }
}
