//! Payment references that an order announces: each names one order, so that money which says
//! nothing else finds it (`functions/payment/src/matching.rs`).

use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::order::Order;
use ordermill_runtime::references::reference_row;
use ordermill_table::{Table, TableError};
use std::collections::BTreeSet;

/// The rows by which the order's references lead to it, for its own transaction.
pub(crate) async fn reference_rows(
    table: &Table,
    order: &Order,
) -> Result<Vec<TransactWriteItem>, TableError> {
    let references: BTreeSet<&String> = order.references.iter().collect();
    let mut rows = Vec::with_capacity(references.len());
    for reference in references {
        rows.extend(reference_row(table, reference, &order.id, &order.body_hash).await?);
    }
    Ok(rows)
}
