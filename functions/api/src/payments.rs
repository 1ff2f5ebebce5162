//! Money that has found no order: looked at, and assigned by hand.

use crate::documents::{List, page};
use crate::orders::json_of;
use crate::paging::Page;
use crate::{Call, Reply, invalid, too_busy};
use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::ids;
use ordermill_domain::intake::limits::CODE_CHARACTERS_MAX;
use ordermill_domain::intake::reader::{self, Report};
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::inbox::unapplied;
use ordermill_runtime::references::reference_row;
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::{Claimed, InboxEntry, document, inbox_row, read, unmatched_row};
use ordermill_table::{TableError, commit};
use ordermill_views::parties::UnmatchedView;

const LIST: List = List {
    kind: RowKind::Unmatched,
    newest_first: false,
    row: |pk, _| keys::unmatched_of_partition(pk),
};

/// `GET /v1/payments?unmatched=true`: oldest first.
pub(crate) async fn unmatched(call: &Call<'_>) -> Reply {
    if call.query("unmatched") != Some("true") {
        let detail = "Only `unmatched=true` can be listed; an order's payments stand in the order.";
        return Err(ErrorAnswer::new(400, "parameter_required", detail));
    }
    let asked = Page::read(call)?;
    let found = page::<InboxEntry>(call, LIST, &asked).await?;
    let now = call.runtime.clock.now();
    let items =
        found.documents.iter().map(|entry| json_of(&UnmatchedView::new(entry, now))).collect();
    Ok(asked.answer(call, items, found.next))
}

/// `POST /v1/payments/{id}/assign`: the money goes into the order's inbox, from where it is
/// applied like any other.
pub(crate) async fn assign(call: &Call<'_>) -> Reply {
    let table = &call.runtime.table;
    let key = keys::unmatched_named(call.param(0));
    let order = order_named(call).await?;
    for round in 0..MOVED_ROUNDS_MAX {
        let row = table.get(&key).await?.ok_or_else(ErrorAnswer::not_found)?;
        let entry: InboxEntry = read(&row)?;
        let assigned = keys::inbox(&order, &entry.provider, &entry.event_id);
        if entry.applied {
            // A repeat finds its money where it put it.
            if table.get(&assigned).await?.is_some() {
                return Ok(Answer::json(200, json_of(&UnmatchedView::assigned(&entry, &order))));
            }
            let detail = "This money has found its order already.";
            return Err(ErrorAnswer::new(409, "already_assigned", detail));
        }
        let done = InboxEntry { applied: true, ..entry.clone() };
        let mut actions = vec![commit::put_over(table, unmatched_row(&done, None)?, &row)?];
        // The same event may have found this order by itself in the meantime.
        if table.get(&assigned).await?.is_none() {
            actions.push(commit::put_new(table, inbox_row(&order, &entry)?)?);
        }
        // What comes later for this money object goes the same way.
        actions.extend(leads_here(call, &entry.money.reference, &order).await?);
        match table.write(actions).await {
            Ok(()) => {
                tracing::info!(
                    order.id = order,
                    payment.provider = entry.provider,
                    "money was assigned by hand"
                );
                return Ok(Answer::json(200, json_of(&UnmatchedView::assigned(&entry, &order))));
            }
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
                call.runtime.pause(round).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}

/// The row by which the reference leads to this order from now on; none where it does, or leads to one
/// that has money by it. One that was claimed for another order by whoever died before the money came
/// there says nothing.
async fn leads_here(
    call: &Call<'_>,
    reference: &str,
    order: &str,
) -> Result<Option<TransactWriteItem>, ErrorAnswer> {
    let table = &call.runtime.table;
    let key = keys::reference(reference);
    let Some(row) = table.get(&key).await? else {
        return Ok(reference_row(table, reference, order, "").await?);
    };
    let claimed: Claimed = read(&row)?;
    if claimed.id == order {
        return Ok(None);
    }
    let Some(other) = table.order(&claimed.id).await? else {
        return Ok(reference_row(table, reference, order, "").await?);
    };
    let stored = &other.stored.order;
    let is_announced = stored.references.iter().any(|known| known == reference);
    let has_money = stored.ledger.payments.iter().any(|p| p.reference == reference);
    let is_coming = unapplied(&other.inbox)?.iter().any(|e| e.money.reference == reference);
    if is_announced || has_money || is_coming {
        return Ok(None);
    }
    let leads = Claimed { id: order.to_owned(), body_hash: String::new(), answer: None };
    Ok(Some(commit::put_over(table, document(&key, &leads)?, &row)?))
}

/// The order the body names, which must be there.
async fn order_named(call: &Call<'_>) -> Result<String, ErrorAnswer> {
    let body = call.request.json_object()?;
    let report = Report::default();
    let read = reader::root(&body, &report).object(&["order"]).and_then(|body| {
        body.field("order").required("write the order's id.").text(CODE_CHARACTERS_MAX)
    });
    let order = report.finish(read).map_err(ErrorAnswer::invalid)?;
    let known = ids::is_well_formed(&order) && call.runtime.table.has_order(&order).await?;
    if known {
        return Ok(order);
    }
    Err(invalid("/order", "unknown_order", "There is no such order: write the id of one."))
}
