//! Payment references: each leads to one order. An order announces some when it is placed; others
//! become known with the first money that names the order by anything else. What comes later for
//! the same money object (a refund, a dispute) may name nothing but the reference.

use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_table::records::{Claimed, document, read};
use ordermill_table::{Table, TableError, commit, keys};

/// The row by which a reference leads to an order, for a transaction; none where the reference
/// leads to an order already, and keeps doing so as long as that order is there. One that another request takes at this very
/// moment cancels the transaction, and is left out when the caller asks again.
///
/// # Errors
/// The table cannot be reached.
pub async fn reference_row(
    table: &Table,
    reference: &str,
    order: &str,
    body_hash: &str,
) -> Result<Option<TransactWriteItem>, TableError> {
    let key = keys::reference(reference);
    let (id, body_hash) = (order.to_owned(), body_hash.to_owned());
    let row = document(&key, &Claimed { id, body_hash, answer: None })?;
    let Some(known) = table.get(&key).await? else {
        return commit::put_new(table, row).map(Some);
    };
    let claimed: Claimed = read(&known)?;
    if claimed.id == order || table.has_order(&claimed.id).await? {
        return Ok(None);
    }
    commit::put_over(table, row, &known).map(Some)
}

/// Lets a reference lead to this order, and says to which it leads: another order may have been
/// quicker, and money is one object.
///
/// # Errors
/// The table cannot be reached.
pub async fn claim_reference(
    table: &Table,
    reference: &str,
    order: &str,
) -> Result<String, TableError> {
    let key = keys::reference(reference);
    let claimed = Claimed { id: order.to_owned(), body_hash: String::new(), answer: None };
    if table.put_row_once(document(&key, &claimed)?).await? {
        return Ok(order.to_owned());
    }
    let Some(known) = table.get(&key).await? else { return Ok(order.to_owned()) };
    let leads_to: Claimed = read(&known)?;
    if leads_to.id == order || table.has_order(&leads_to.id).await? {
        return Ok(leads_to.id);
    }
    // The order it led to was deleted. Whoever is quicker says where it leads from now on.
    let over = commit::put_over(table, document(&key, &claimed)?, &known)?;
    match table.write(vec![over]).await {
        Ok(()) => Ok(order.to_owned()),
        Err(TableError::Moved) => {
            let known: Option<Claimed> = table.document(&key).await?;
            Ok(known.map_or_else(|| order.to_owned(), |known| known.id))
        }
        Err(error) => Err(error),
    }
}
