//! Which order an event is for: by payment reference, our id, the client's number, the order's
//! number in the text (`spec/api.md`, "Payments").

use ordermill_domain::ids::{self, IdKind};
use ordermill_runtime::{Runtime, StepResult};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::{Claimed, OrderHint};
use ordermill_table::schema::OWNER;

/// Clients whose numbers are tried when an event does not say whose number it names.
const CLIENTS_MAX: i32 = 50;

/// The order an event names.
///
/// # Errors
/// The table cannot be reached.
pub async fn find_order(runtime: &Runtime, hint: &OrderHint) -> StepResult<Option<String>> {
    for reference in &hint.references {
        let known: Option<Claimed> = runtime.table.document(&keys::reference(reference)).await?;
        if let Some(claimed) = known {
            return Ok(Some(claimed.id));
        }
    }
    if let Some(id) = hint.order_id.as_deref().filter(|id| ids::is_well_formed(id))
        && runtime.table.get(&keys::order(id)).await?.is_some()
    {
        return Ok(Some(id.to_owned()));
    }
    if let Some(external_id) = &hint.external_id {
        for client in clients(runtime, hint).await? {
            let cause = [client.as_str(), "external", external_id.as_str()];
            let id = ids::derive(IdKind::Order, &runtime.config.seller, &cause);
            if runtime.table.get(&keys::order(&id)).await?.is_some() {
                return Ok(Some(id));
            }
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
