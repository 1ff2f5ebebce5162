//! Which order an event is for: by payment reference, our id, the client's number, the order's
//! number in the text (`spec/api.md`, "Payments").

use ordermill_domain::ids::{self, IdKind};
use ordermill_runtime::references::claim_reference;
use ordermill_runtime::{Runtime, StepResult};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::{Claimed, InboxEntry, OrderHint};
use ordermill_table::schema::OWNER;

/// Clients whose numbers are tried when an event does not say whose number it names.
const CLIENTS_MAX: i32 = 50;

/// The order that money is for. Its reference leads there from now on: what comes later for the
/// same money object may name nothing else. `sure` looks whether an order is there still to which a
/// reference leads: money that has waited without one is worth the reads.
///
/// # Errors
/// The table cannot be reached.
pub async fn find_order(
    runtime: &Runtime,
    entry: &InboxEntry,
    sure: bool,
) -> StepResult<Option<String>> {
    let hint = &entry.hint;
    let reference = &entry.money.reference;
    for named in &hint.references {
        let known: Option<Claimed> = runtime.table.document(&keys::reference(named)).await?;
        if let Some(claimed) = known {
            if sure && !runtime.table.has_order(&claimed.id).await? {
                continue;
            }
            return Ok(Some(if named == reference {
                claimed.id
            } else {
                claim_reference(&runtime.table, reference, &claimed.id).await?
            }));
        }
    }
    match named_otherwise(runtime, hint).await? {
        Some(order) => Ok(Some(claim_reference(&runtime.table, reference, &order).await?)),
        None => Ok(None),
    }
}

/// The order an event names by anything but a payment's reference.
async fn named_otherwise(runtime: &Runtime, hint: &OrderHint) -> StepResult<Option<String>> {
    if let Some(id) = hint.order_id.as_deref().filter(|id| ids::is_well_formed(id))
        && runtime.table.has_order(id).await?
    {
        return Ok(Some(id.to_owned()));
    }
    if let Some(external_id) = &hint.external_id {
        let clients = clients(runtime, hint).await?;
        let ids: Vec<String> = clients
            .iter()
            .map(|client| {
                let cause = [client.as_str(), "external", external_id.as_str()];
                ids::derive(IdKind::Order, &runtime.config.seller, &cause)
            })
            .collect();
        let mut known = Vec::new();
        for id in ids {
            if runtime.table.has_order(&id).await? {
                known.push(id);
            }
        }
        // Two shops may count alike: a number that names two orders names none.
        if let [only] = known.as_slice() {
            return Ok(Some(only.clone()));
        }
    }
    for number in &hint.numbers {
        let query = IndexQuery {
            index: OWNER,
            partition: keys::owner_number(number),
            after: None,
            newest_first: false,
            until: None,
            limit: 1,
        };
        if let Some((_, id)) = runtime.table.index(query).await?.keys.into_iter().next() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

async fn clients(runtime: &Runtime, hint: &OrderHint) -> StepResult<Vec<String>> {
    if let Some(client) = &hint.client {
        return Ok(vec![client.clone()]);
    }
    let query = IndexQuery {
        index: OWNER,
        partition: keys::owner_list(RowKind::Key),
        after: None,
        newest_first: false,
        until: None,
        limit: CLIENTS_MAX,
    };
    let wanted: Vec<keys::Key> =
        runtime.table.index(query).await?.keys.iter().map(|(_, id)| keys::api_key(id)).collect();
    let mut clients = vec![ordermill_runtime::auth::LOCAL_CLIENT.to_owned()];
    for row in runtime.table.batch_get(&wanted).await? {
        let key: ordermill_table::records::ApiKey = ordermill_table::records::read(&row)?;
        if !clients.contains(&key.client) {
            clients.push(key.client);
        }
    }
    Ok(clients)
}
