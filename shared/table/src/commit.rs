//! Writing one decision: one conditional put, or one transaction where more rows must agree.

use crate::Table;
use crate::error::{ActionFate, TableError, classify};
use crate::item::{self, Item, n, s};
use crate::keys::{self, Key};
use crate::records::{Deleted, document, passed_on_row};
use crate::rows::customer::credit_action;
use crate::rows::order::{PAGE_LINES, header_item, page_items, placed_item};
use crate::rows::stock::{anchor_action, line_action, wait_action};
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{ConditionCheck, Delete, Put, TransactWriteItem};
use ordermill_domain::decide::Decision;
use ordermill_domain::order::Order;
use ordermill_domain::policy::Policy;
use ordermill_domain::stock::StockChanges;
use ordermill_domain::stock::group::TRANSACTION_ACTIONS_MAX;
use ordermill_domain::time::Timestamp;
use std::collections::HashMap;

/// A put that fails if the row is there already.
///
/// # Errors
/// The row has no key: a mistake of ours.
pub fn put_new(table: &Table, row: Item) -> Result<TransactWriteItem, TableError> {
    let put = Put::builder()
        .table_name(table.name())
        .set_item(Some(row))
        .condition_expression("attribute_not_exists(pk)");
    finished_put(put)
}

/// A put that replaces whatever is there.
///
/// # Errors
/// The row has no key: a mistake of ours.
pub fn put_any(table: &Table, row: Item) -> Result<TransactWriteItem, TableError> {
    finished_put(Put::builder().table_name(table.name()).set_item(Some(row)))
}

/// A put that fails unless the row has that version.
///
/// # Errors
/// The row has no key: a mistake of ours.
pub fn put_at_version(
    table: &Table,
    row: Item,
    version: u64,
) -> Result<TransactWriteItem, TableError> {
    let put = Put::builder()
        .table_name(table.name())
        .set_item(Some(row))
        .condition_expression("#v = :v")
        .expression_attribute_names("#v", "v")
        .expression_attribute_values(":v", n(version));
    finished_put(put)
}

/// A put that fails unless the row's document is still the one that was read.
///
/// # Errors
/// A row has no key or no document: a mistake of ours.
pub fn put_over(table: &Table, row: Item, before: &Item) -> Result<TransactWriteItem, TableError> {
    let document = before.get("b").ok_or_else(|| TableError::broken("a row has no document"))?;
    let put = Put::builder()
        .table_name(table.name())
        .set_item(Some(row))
        .condition_expression("#b = :b")
        .expression_attribute_names("#b", "b")
        .expression_attribute_values(":b", document.clone());
    finished_put(put)
}

/// Fails unless there is no such row.
///
/// # Errors
/// It cannot be written: a mistake of ours.
pub fn absent(table: &Table, key: &Key) -> Result<TransactWriteItem, TableError> {
    let check = ConditionCheck::builder()
        .table_name(table.name())
        .set_key(Some(item::key(key)))
        .condition_expression("attribute_not_exists(pk)")
        .build()
        .map_err(|error| TableError::Broken(error.to_string()))?;
    Ok(TransactWriteItem::builder().condition_check(check).build())
}

/// Takes a row away, if it is there.
///
/// # Errors
/// It cannot be written: a mistake of ours.
pub fn delete_any(table: &Table, key: &Key) -> Result<TransactWriteItem, TableError> {
    let delete = Delete::builder()
        .table_name(table.name())
        .set_key(Some(item::key(key)))
        .build()
        .map_err(|error| TableError::Broken(error.to_string()))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

/// Takes a row away; fails where it is not there.
///
/// # Errors
/// It cannot be written: a mistake of ours.
pub fn delete_there(table: &Table, key: &Key) -> Result<TransactWriteItem, TableError> {
    let delete = Delete::builder()
        .table_name(table.name())
        .set_key(Some(item::key(key)))
        .condition_expression("attribute_exists(pk)")
        .build()
        .map_err(|error| TableError::Broken(error.to_string()))?;
    Ok(TransactWriteItem::builder().delete(delete).build())
}

fn finished_put(
    put: aws_sdk_dynamodb::types::builders::PutBuilder,
) -> Result<TransactWriteItem, TableError> {
    let put = put.build().map_err(|error| TableError::Broken(error.to_string()))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

impl Table {
    /// The rows an order's decision writes, each conditional on what was read.
    ///
    /// # Errors
    /// A row cannot be written: a mistake of ours.
    pub fn order_actions(
        &self,
        policy: &Policy,
        before: Option<&Order>,
        decision: &Decision,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        let after = &decision.order;
        let header = header_item(policy, after)?;
        let mut actions = vec![match before {
            None => put_new(self, header)?,
            Some(order) => put_at_version(self, header, order.version)?,
        }];
        if before.is_none() || decision.placed_changed {
            actions.push(put_any(self, placed_item(after)?)?);
        }
        for page in page_items(before, after)? {
            actions.push(put_any(self, page)?);
        }
        actions.extend(self.work_action(before, decision)?);
        Ok(actions)
    }

    /// The inbox rows by which other orders learn of their money.
    pub(crate) fn passed_on_actions(
        &self,
        decision: &Decision,
    ) -> Result<Vec<TransactWriteItem>, TableError> {
        decision.passed_on.iter().map(|told| put_any(self, passed_on_row(told)?)).collect()
    }

    /// The row by which the feed of tasks finds the order, where that changes. A reminder writes it
    /// again: so an order from before there was a feed comes into it.
    fn work_action(
        &self,
        before: Option<&Order>,
        decision: &Decision,
    ) -> Result<Option<TransactWriteItem>, TableError> {
        let after = &decision.order;
        let key = keys::work(&after.id);
        match (before.and_then(Order::work_due_at), after.work_due_at()) {
            (Some(_), None) => delete_any(self, &key).map(Some),
            (None, None) => Ok(None),
            (before, Some(due)) if before != Some(due) || decision.is_reminder() => {
                let (partition, sort) = keys::owner_work(&after.id, due);
                let mut row = item::row(&key);
                row.insert("op".to_owned(), s(partition));
                row.insert("oc".to_owned(), s(sort));
                put_any(self, row).map(Some)
            }
            (_, Some(_)) => Ok(None),
        }
    }

    /// The rows that changes to stock write.
    #[must_use]
    pub fn stock_actions(&self, stock: &StockChanges, now: Timestamp) -> Vec<TransactWriteItem> {
        let lines = stock.lines.iter().map(|(at, change)| {
            let update = line_action(self.name(), at, change, now);
            TransactWriteItem::builder().update(update).build()
        });
        let anchors = stock.anchors.iter().map(|(sku, change)| {
            let update = anchor_action(self.name(), sku, change);
            TransactWriteItem::builder().update(update).build()
        });
        let waits = stock.waits.iter().map(|wait| wait_action(self.name(), wait));
        lines.chain(anchors).chain(waits).collect()
    }

    /// Writes a decision, and `extra` rows that must agree with it, all or nothing.
    ///
    /// # Errors
    /// [`TableError::Moved`] or [`TableError::Cancelled`] when something was not as it was read
    /// (nothing is written: read again, decide again), or the table cannot be reached.
    pub async fn commit(
        &self,
        policy: &Policy,
        before: Option<&Order>,
        decision: &Decision,
        extra: Vec<TransactWriteItem>,
    ) -> Result<(), TableError> {
        let mut actions = self.order_actions(policy, before, decision)?;
        for part in &decision.parts {
            actions.extend(self.order_actions(policy, None, part)?);
        }
        actions.extend(self.passed_on_actions(decision)?);
        actions.extend(self.stock_actions(&decision.stock, decision.order.updated_at));
        actions.extend(credit_action(self, &decision.credit)?);
        actions.extend(extra);
        self.write(actions).await
    }

    /// Deletes an order: its rows go, but for its history, which says of nobody who they were; in its
    /// place stands that it was deleted. `inbox` are the rows of what providers sent.
    ///
    /// # Errors
    /// As [`Table::commit`].
    pub async fn delete_order(
        &self,
        order: &Order,
        deleted: &Deleted,
        inbox: &[Item],
    ) -> Result<(), TableError> {
        let row = document(&keys::deleted(&order.id), deleted)?;
        let mut actions = vec![put_at_version(self, row, order.version)?];
        actions.push(delete_any(self, &keys::work(&order.id))?);
        actions.push(delete_any(self, &keys::placed(&order.id))?);
        let pages = order.lines.len().div_ceil(PAGE_LINES);
        for page in 0..pages {
            actions.push(delete_any(self, &keys::page(&order.id, page))?);
        }
        // What is left over goes by itself: it was applied long ago.
        let fit = TRANSACTION_ACTIONS_MAX.saturating_sub(actions.len());
        for row in inbox.iter().take(fit) {
            let key = HashMap::from_iter(
                ["pk", "sk"].into_iter().filter_map(|n| Some((n.to_owned(), row.get(n)?.clone()))),
            );
            let delete = Delete::builder().table_name(self.name()).set_key(Some(key)).build();
            let delete = delete.map_err(|error| TableError::Broken(error.to_string()))?;
            actions.push(TransactWriteItem::builder().delete(delete).build());
        }
        self.write(actions).await
    }

    /// Writes rows, all or nothing: a single put goes by itself and costs half.
    ///
    /// # Errors
    /// As [`Table::commit`].
    pub async fn write(&self, mut actions: Vec<TransactWriteItem>) -> Result<(), TableError> {
        if actions.len() == 1
            && let Some(put) = actions.first().and_then(|action| action.put.clone())
        {
            actions.clear();
            return self.put(put).await;
        }
        if actions.is_empty() {
            return Ok(());
        }
        let request = self.client().transact_write_items().set_transact_items(Some(actions));
        request.send().await.map(|_| ()).map_err(classify_transaction)
    }

    async fn put(&self, put: Put) -> Result<(), TableError> {
        self.client()
            .put_item()
            .table_name(self.name())
            .set_item(Some(put.item))
            .set_condition_expression(put.condition_expression)
            .set_expression_attribute_names(put.expression_attribute_names)
            .set_expression_attribute_values(put.expression_attribute_values)
            .send()
            .await
            .map(|_| ())
            .map_err(classify)
    }

    /// Puts a row, whatever is there.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn put_row(&self, row: Item) -> Result<(), TableError> {
        self.client()
            .put_item()
            .table_name(self.name())
            .set_item(Some(row))
            .send()
            .await
            .map(|_| ())
            .map_err(classify)
    }

    /// Puts a row unless one is there; says whether it was put.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn put_row_once(&self, row: Item) -> Result<bool, TableError> {
        match self.write(vec![put_new(self, row)?]).await {
            Ok(()) => Ok(true),
            Err(TableError::Moved) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Puts many rows, in batches, each whatever is there.
    ///
    /// # Errors
    /// The table cannot be reached, or leaves out the same rows again and again.
    pub async fn put_rows(&self, rows: Vec<Item>) -> Result<(), TableError> {
        use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
        let mut requests = Vec::with_capacity(rows.len());
        for row in rows {
            let put = PutRequest::builder()
                .set_item(Some(row))
                .build()
                .map_err(|error| TableError::Broken(error.to_string()))?;
            requests.push(WriteRequest::builder().put_request(put).build());
        }
        for chunk in requests.chunks(BATCH_ROWS_MAX) {
            let mut left = chunk.to_vec();
            for _ in 0..BATCH_ROUNDS_MAX {
                if left.is_empty() {
                    break;
                }
                let answer = self
                    .client()
                    .batch_write_item()
                    .request_items(self.name(), left)
                    .send()
                    .await
                    .map_err(classify)?;
                let mut again = answer.unprocessed_items.unwrap_or_default();
                left = again.remove(self.name()).unwrap_or_default();
            }
            if !left.is_empty() {
                let what = "a batched write was not taken in full".to_owned();
                return Err(TableError::Unavailable(what));
            }
        }
        Ok(())
    }

    /// Deletes a row.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn delete(&self, key: &Key) -> Result<(), TableError> {
        self.client()
            .delete_item()
            .table_name(self.name())
            .set_key(Some(item::key(key)))
            .send()
            .await
            .map(|_| ())
            .map_err(classify)
    }
}

/// Rows of one batched write (the table's published limit).
const BATCH_ROWS_MAX: usize = 25;
/// How often what a batched write left out is sent again.
const BATCH_ROUNDS_MAX: usize = 10;

fn classify_transaction<R: std::fmt::Debug>(
    error: SdkError<TransactWriteItemsError, R>,
) -> TableError {
    let Some(TransactWriteItemsError::TransactionCanceledException(cancelled)) =
        error.as_service_error()
    else {
        return classify(error);
    };
    let fates = cancelled
        .cancellation_reasons()
        .iter()
        .map(|reason| match reason.code() {
            None | Some("None") => ActionFate::Fine,
            Some("ConditionalCheckFailed") => ActionFate::ConditionFailed,
            Some("TransactionConflict") => ActionFate::Conflict,
            Some(_) => ActionFate::Passing,
        })
        .collect();
    TableError::Cancelled(fates)
}
