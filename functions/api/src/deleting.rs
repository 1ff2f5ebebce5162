//! `DELETE /v1/orders/{id}`: an order that came to nothing goes, where its policy says that it may
//! (`deletable_from`). What was said of its customer goes with it; its keys and numbers lead to 410 for
//! ever, its history stays and says of nobody who they were. Money that comes all the same is money
//! without an order.

use crate::{Call, Reply, too_busy};
use ordermill_domain::decide::erase::may_delete;
use ordermill_domain::ids;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::inbox::unapplied;
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_table::TableError;
use ordermill_table::read::Kept;
use ordermill_table::records::Deleted;

/// 204, also where it was deleted before.
pub(crate) async fn delete(call: &Call<'_>) -> Reply {
    let id = call.param(0);
    if !ids::is_well_formed(id) {
        return Err(ErrorAnswer::not_found());
    }
    let table = &call.runtime.table;
    for round in 0..MOVED_ROUNDS_MAX {
        let partition = match table.order_or_deleted(id).await? {
            Kept::Nothing => return Err(ErrorAnswer::not_found()),
            Kept::Deleted(_) => return Ok(Answer::empty(204)),
            Kept::Order(partition) => partition,
        };
        let order = &partition.stored.order;
        let now = call.runtime.clock.now();
        let policy = call.runtime.policy_of(order).await?;
        may_delete(&policy, order, now)?;
        if !unapplied(&partition.inbox)?.is_empty() {
            let detail =
                "Something of the order is still owed, or money for it has just come: look at it.";
            return Err(ErrorAnswer::new(409, "order_needed", detail));
        }
        let deleted = Deleted {
            client: order.client.clone(),
            body_hash: order.body_hash.clone(),
            version: order.version,
            at: now,
            by: call.caller()?.client.clone(),
        };
        match table.delete_order(order, &deleted, &partition.inbox).await {
            Ok(()) => {
                tracing::info!(
                    order.id = id,
                    order.version = order.version,
                    "an order was deleted"
                );
                return Ok(Answer::empty(204));
            }
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
                call.runtime.pause(round).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}
