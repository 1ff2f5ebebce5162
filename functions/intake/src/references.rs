//! Payment references that an order announces: each names one order, so that money which says
//! nothing else finds it (`functions/payment/src/matching.rs`).

use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::order::Order;
use ordermill_table::records::{Claimed, document};
use ordermill_table::{Table, TableError, commit, keys};
use std::collections::BTreeSet;

/// The rows by which the order's references lead to it, for its own transaction. A reference that
/// leads to another order already keeps doing so; one that another order takes at this very moment
/// cancels the transaction, and is left out when the caller asks again.
pub(crate) async fn reference_rows(
    table: &Table,
    order: &Order,
) -> Result<Vec<TransactWriteItem>, TableError> {
    let references: BTreeSet<&String> = order.references.iter().collect();
    let mut rows = Vec::with_capacity(references.len());
    for reference in references {
        let key = keys::reference(reference);
        if table.get(&key).await?.is_none() {
            let body_hash = order.body_hash.clone();
            let claimed = Claimed { id: order.id.clone(), body_hash, answer: None };
            rows.push(commit::put_new(table, document(&key, &claimed)?)?);
        }
    }
    Ok(rows)
}
