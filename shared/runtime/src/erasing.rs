//! Forgetting a customer: their orders, their subscriptions, and last their card.
//!
//! A request only says that it is wanted (`er` on the card, due a minute later, when the index of the
//! customer's orders has all that came before). Then `timeout` goes through the orders, oldest first,
//! some of them in one transaction with how far it is, so that it may end after any line and come as
//! often as it likes. What is open by then, or owes something, keeps its customer: all is looked over
//! again a day later, and the card goes once nothing is left.

use crate::Runtime;
use crate::error::{Failure, StepResult};
use crate::step::MOVED_ROUNDS_MAX;
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::decide::erase::{is_erased, needs_customer};
use ordermill_domain::decide::{Command, Facts, decide};
use ordermill_domain::order::{Actor, Order};
use ordermill_domain::subscription::Subscription;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_table::keys::{self, Key};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::{read, subscription_row};
use ordermill_table::rows::customer::{CustomerRow, Erasure, erasure_action};
use ordermill_table::schema::OWNER;
use ordermill_table::{Table, TableError, commit};

/// The index of a customer's orders has all that was written so long ago.
const BEGINS_AFTER: Seconds = Seconds::minutes(1);
/// What was needed still is looked at again.
const AGAIN_AFTER: Seconds = Seconds::days(1);
/// Orders read at a time.
const ORDERS_AT_ONCE_MAX: usize = 10;
/// Rows of one transaction: the table takes a hundred, and one order has up to 22.
const ACTIONS_MAX: usize = 70;
/// Transactions of one message; the sweep sends the next.
const PARTS_MAX: usize = 50;
/// Orders looked at before an erasure is taken on; the step looks at all.
const LOOKED_AT_MAX: usize = 400;
/// Names of open orders and subscriptions that are told.
const NAMED_MAX: usize = 10;

/// What keeps a customer from being forgotten.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Needed {
    /// Numbers of orders that are open, or owe something.
    pub orders: Vec<String>,
    /// Ids of subscriptions that still make orders.
    pub subscriptions: Vec<String>,
}

/// Looks for what keeps a customer from being forgotten, among their latest orders.
///
/// # Errors
/// The table cannot be reached, or a row cannot be read.
pub async fn needed(runtime: &Runtime, customer: &str) -> StepResult<Needed> {
    let mut needed = Needed::default();
    for subscription in subscriptions(&runtime.table, customer).await? {
        if !subscription.is_over() && needed.subscriptions.len() < NAMED_MAX {
            needed.subscriptions.push(subscription.id);
        }
    }
    let mut after: Option<String> = None;
    let mut seen = 0_usize;
    while seen < LOOKED_AT_MAX && needed.orders.len() < NAMED_MAX {
        let page = orders(&runtime.table, customer, after.as_deref(), true).await?;
        seen = seen.saturating_add(page.orders.len());
        for order in page.orders {
            if needed.orders.len() < NAMED_MAX && is_needed(runtime, &order).await? {
                needed.orders.push(order.number);
            }
        }
        match page.last.filter(|_| page.more) {
            Some(last) => after = Some(last),
            None => break,
        }
    }
    Ok(needed)
}

/// The customer's subscriptions. One that a change has given to another customer is that one's,
/// unless its next order is still for somebody else.
///
/// # Errors
/// The table cannot be reached, or a row cannot be read.
pub async fn subscriptions(table: &Table, customer: &str) -> StepResult<Vec<Subscription>> {
    let ids = table.subscriptions_of(customer).await?;
    let wanted: Vec<Key> = ids.iter().map(|id| keys::subscription(id)).collect();
    let mut found: Vec<Subscription> = Vec::with_capacity(ids.len());
    for row in table.batch_get(&wanted).await? {
        found.push(read(&row)?);
    }
    found.retain(|s| s.customer_id == customer || s.next_body.is_some());
    found.sort_by(|a, b| (a.created_at, &a.id).cmp(&(b.created_at, &b.id)));
    Ok(found)
}

/// How an erasure begins.
#[must_use]
pub fn begun(by: Actor, now: Timestamp) -> Erasure {
    Erasure {
        asked_at: now,
        by,
        due_at: Some(now.plus(BEGINS_AFTER)),
        after: None,
        waits: false,
        done_at: None,
    }
}

/// The step: goes on with a customer's erasure, if it is due.
///
/// # Errors
/// The table cannot be reached, or a row cannot be read.
pub async fn go_on(runtime: &Runtime, customer: &str) -> StepResult<()> {
    let mut moved = 0;
    for _ in 0..PARTS_MAX {
        let now = runtime.clock.now();
        let Some(row) = runtime.table.customer(customer).await? else { return Ok(()) };
        let due = |erasure: &&Erasure| erasure.due_at.is_some_and(|due| due <= now);
        let Some(erasure) = row.erasing().filter(due).cloned() else { return Ok(()) };
        let part = part(runtime, &row, erasure, now).await?;
        match runtime.table.write(part.actions).await {
            Ok(()) if part.is_end => {
                tracing::info!(customer.id = customer, "a customer was forgotten");
                return Ok(());
            }
            Ok(()) => {}
            Err(TableError::Moved | TableError::Cancelled(_)) => {
                moved += 1;
                if moved > MOVED_ROUNDS_MAX {
                    return Err(Failure::retryable("the customer's orders change too fast"));
                }
                runtime.pause(moved).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What one transaction does.
struct Part {
    actions: Vec<TransactWriteItem>,
    is_end: bool,
}

/// The next orders, as many as one transaction takes; behind the last of them the subscriptions, and
/// behind those the card.
async fn part(
    runtime: &Runtime,
    row: &CustomerRow,
    mut erasure: Erasure,
    now: Timestamp,
) -> StepResult<Part> {
    let table = &runtime.table;
    let mut actions = Vec::new();
    let page = orders(table, &row.id, erasure.after.as_deref(), false).await?;
    let mut is_all = !page.more;
    for order in &page.orders {
        if actions.len() > ACTIONS_MAX {
            is_all = false;
            break;
        }
        erasure.after = Some(keys::created(order.created_at, &order.id));
        if is_erased(order) || order.created_at > erasure.asked_at {
            continue;
        }
        match forgotten(runtime, order, &erasure.by, now).await? {
            Some(rows) => actions.extend(rows),
            None => erasure.waits = true,
        }
    }
    if is_all {
        for subscription in subscriptions(table, &row.id).await? {
            if actions.len() > ACTIONS_MAX {
                is_all = false;
                break;
            }
            if let Some(after) = subscription.erased(now) {
                let after = subscription_row(&after)?;
                actions.push(commit::put_at_version(table, after, subscription.version)?);
            } else if !subscription.is_over() && subscription.created_at <= erasure.asked_at {
                erasure.waits = true;
            }
        }
    }
    let is_end = is_all && !erasure.waits;
    if is_end {
        erasure.due_at = None;
        erasure.done_at = Some(now);
        erasure.after = None;
        actions.push(commit::delete_any(table, &keys::reach(&row.id))?);
    } else if is_all {
        // From the beginning, for whatever was in the way may be done with by then.
        erasure.due_at = Some(now.plus(AGAIN_AFTER));
        erasure.after = None;
        erasure.waits = false;
    }
    actions.push(erasure_action(table, row, &erasure)?);
    Ok(Part { actions, is_end })
}

/// The rows of an order that has forgotten its customer; none where it needs them still.
async fn forgotten(
    runtime: &Runtime,
    order: &Order,
    by: &Actor,
    now: Timestamp,
) -> StepResult<Option<Vec<TransactWriteItem>>> {
    if is_needed(runtime, order).await? {
        return Ok(None);
    }
    let policy = runtime.policy_of(order).await?;
    let command = Command::Erase { actor: by.clone() };
    let decision = decide(&policy, order, &Facts::default(), &command, now)
        .map_err(|rejection| Failure::permanent(rejection.to_string()))?;
    Ok(Some(runtime.table.order_actions(&policy, Some(order), &decision)?))
}

async fn is_needed(runtime: &Runtime, order: &Order) -> StepResult<bool> {
    let policy = runtime.policy_of(order).await?;
    Ok(!is_erased(order) && needs_customer(&policy, order))
}

/// Some of a customer's orders.
pub struct OrdersPage {
    /// In the order of the index.
    pub orders: Vec<Order>,
    /// The last one's name there.
    pub last: Option<String>,
    /// Whether there are others behind them.
    pub more: bool,
}

/// Reads some of a customer's orders.
///
/// # Errors
/// The table cannot be reached, or a row cannot be read.
pub async fn orders(
    table: &Table,
    customer: &str,
    after: Option<&str>,
    newest_first: bool,
) -> StepResult<OrdersPage> {
    let query = IndexQuery {
        index: OWNER,
        partition: keys::owner_customer(customer),
        after,
        newest_first,
        until: None,
        limit: i32::try_from(ORDERS_AT_ONCE_MAX).unwrap_or(i32::MAX),
    };
    let found = table.index(query).await?;
    let ids: Vec<String> = found
        .keys
        .iter()
        .filter_map(|(pk, _)| keys::order_of_partition(pk).map(str::to_owned))
        .collect();
    let mut orders: Vec<Order> = table.orders(&ids).await?.into_iter().map(|s| s.order).collect();
    orders.sort_by_key(|order| ids.iter().position(|id| *id == order.id));
    let last = found.keys.into_iter().next_back().map(|(_, name)| name);
    Ok(OrdersPage { orders, last, more: found.more })
}
