//! Group commit: the decisions of many orders in one transaction (`DESIGN.md`, "Stock").
//!
//! Each order's rows, and one summed update per stock line. A cancelled transaction names the
//! actions that failed; they are given back as the orders and SKUs they belong to.

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
    /// These orders (by index) or SKUs have changed since they were read.
    Moved {
        /// Orders, by index in the group.
        orders: BTreeSet<usize>,
        /// SKUs whose stock is not what it was.
        skus: BTreeSet<String>,
    },
    /// Other writes were on the same rows. Nothing is known to have changed: the same group can be
    /// sent again.
    Conflict {
        /// Orders, by index in the group, whose own rows somebody else was at.
        orders: BTreeSet<usize>,
        /// Whether somebody was at a row of stock.
        stock: bool,
    },
    /// The surroundings, or a mistake of ours.
    Failed(TableError),
}

/// Whose an action of the transaction is.
enum Owner {
    Order(usize),
    Sku(String),
}

impl Owner {
    fn order(&self) -> Option<usize> {
        match self {
            Self::Order(index) => Some(*index),
            Self::Sku(_) => None,
        }
    }

    fn sku(&self) -> Option<&str> {
        match self {
            Self::Order(_) => None,
            Self::Sku(sku) => Some(sku),
        }
    }
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
    let named = |fate: ActionFate| fates.iter().zip(owners).filter(move |(f, _)| **f == fate);
    let of = |fate: ActionFate| {
        let orders: BTreeSet<usize> = named(fate).filter_map(|(_, owner)| owner.order()).collect();
        let skus: BTreeSet<String> =
            named(fate).filter_map(|(_, owner)| owner.sku().map(str::to_owned)).collect();
        (orders, skus)
    };
    let (orders, skus) = of(ActionFate::ConditionFailed);
    if !orders.is_empty() || !skus.is_empty() {
        return GroupError::Moved { orders, skus };
    }
    let (orders, skus) = of(ActionFate::Conflict);
    if !orders.is_empty() || !skus.is_empty() {
        return GroupError::Conflict { orders, stock: !skus.is_empty() };
    }
    GroupError::Failed(TableError::Unavailable("transaction cancelled".to_owned()))
}
