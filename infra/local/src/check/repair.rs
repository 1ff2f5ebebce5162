//! `repair`: compares each order's version with the newest row of its history, and what its events
//! owe to people and clients' programs with the rows of its messages, and has steps begun that nobody
//! was sent to; publishes what is missing, from
//! the last events the order itself carries and from its history; has money looked at that is not
//! applied. The stream
//! has two readers: what only one of them missed is found by what it left undone. Ids come from
//! causes, so publishing twice is harmless.

use crate::error::LocalResult;
use ordermill_domain::order::{Order, Recipient, Todo};
use ordermill_domain::time::Timestamp;
use ordermill_domain::webhook::{Delivery, Endpoint, LOG_KEPT};
use ordermill_runtime::Runtime;
use ordermill_runtime::audit::load::World;
use ordermill_runtime::queues::WebhookPointer;
use ordermill_table::keys;
use ordermill_table::rows::order::header_events;
use std::collections::BTreeSet;

/// What a repair did.
#[derive(Default, Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repaired {
    /// Orders looked at.
    pub orders: usize,
    /// Orders whose history was behind.
    pub behind: usize,
    /// Events that were put into a history.
    pub events: usize,
    /// Events of which clients' programs had not been told.
    pub webhooks: usize,
    /// Events that are lost: older than the last the order carries.
    pub lost: u64,
}

/// Repairs the table; `progress` hears how many rows were read. Messages are sent to the queues of
/// this runtime: somebody must deliver them.
///
/// # Errors
/// The table or a queue cannot be reached.
pub async fn repair(runtime: &Runtime, progress: impl Fn(usize)) -> LocalResult<Repaired> {
    let world = World::load(&runtime.table, &progress).await?;
    let mut repaired = Repaired { orders: world.orders.len(), ..Repaired::default() };
    for (id, stored) in &world.orders {
        let known = world.known_version(id);
        let untold = untold(&world, &stored.order);
        if known >= stored.order.version && untold.is_empty() {
            continue;
        }
        // A stream's reader may have caught up meanwhile; then this adds the same rows again.
        let Some(header) = runtime.table.get(&keys::order(id)).await? else { continue };
        let mut header = header_events(&header)?;
        let oldest = header.events.first().map_or(header.version, |event| event.version);
        repaired.behind += 1;
        repaired.lost += oldest.saturating_sub(known.saturating_add(1));
        repaired.events += ordermill_project::repair(runtime, &header, known).await?;
        // What is older than the order remembers stands in its history.
        let mut events = Vec::new();
        for version in untold.range(..oldest) {
            events.extend(runtime.table.event(id, *version).await?);
        }
        events.append(&mut header.events);
        header.events = events;
        let told = untold.first().map_or(known, |first| first.saturating_sub(1));
        ordermill_relay::publish(runtime, &header, known.min(told)).await?;
    }
    let unheard = unheard(&world, &runtime.config.seller, runtime.clock.now());
    repaired.webhooks = unheard.len();
    ordermill_relay::publish_webhooks(runtime, unheard).await?;
    ordermill_relay::publish_money(runtime, world.money).await?;
    Ok(repaired)
}

/// Events that a client's endpoint wants and was never told of. What is as old as the log of deliveries
/// is kept is left out: nobody knows any more.
fn unheard(world: &World, seller: &str, now: Timestamp) -> Vec<WebhookPointer> {
    let mut unheard = Vec::new();
    for (id, stored) in &world.orders {
        let order = &stored.order;
        let Some(endpoints) = world.endpoints.get(&order.client) else { continue };
        let mut happened = world.happened.get(id).cloned().unwrap_or_default();
        happened.extend(order.recent_events.iter().map(|e| (e.version, (e.kind, e.at))));
        for (version, (kind, at)) in happened {
            let is_told = |endpoint: &Endpoint| {
                world.deliveries.contains(&Delivery::id_of(seller, &endpoint.id, id, version))
            };
            let missed = |e: &&Endpoint| e.wants(kind, at) && !is_told(e);
            if at > now.minus(LOG_KEPT) && endpoints.iter().find(missed).is_some() {
                let (client, order) = (order.client.clone(), id.clone());
                unheard.push(WebhookPointer::Event { client, order, version });
            }
        }
    }
    unheard
}

/// The event by which an order came to where it stands, where a step of ours is to follow and none has:
/// nobody may have been sent there. One that is on its way is sent twice, which is harmless.
fn not_begun(order: &Order) -> Option<u64> {
    let events = &order.recent_events;
    let came = events.iter().rposition(|event| event.to.is_some())?;
    let (came, since) = events.get(came..)?.split_first()?;
    let begun = since.iter().any(|event| matches!(event.cause.as_str(), "validate" | "reserve"));
    (!begun).then_some(came.version)
}

/// Versions whose events owe somebody a message of which there is no row, or a step that nobody has
/// begun. Who has no address is owed nothing.
fn untold(world: &World, order: &Order) -> BTreeSet<u64> {
    let customer = &order.placed.customer;
    let reachable = customer.email.is_some() || customer.phone.is_some();
    let messages = world.messages.get(&order.id);
    let not_begun = not_begun(order);
    let owes = |version: u64, todo: &Todo| match todo {
        Todo::Notify { template, to } => {
            let meant = match to {
                Recipient::Customer => reachable,
                Recipient::Staff => true,
                Recipient::Partner => false,
            };
            let row = (version, template.clone());
            meant && !messages.is_some_and(|rows| rows.contains(&row))
        }
        Todo::Validate | Todo::Reserve => not_begun == Some(version),
        Todo::Webhook | Todo::Serve { .. } => false,
    };
    let before = world.owed.get(&order.id).into_iter().flatten();
    let before = before.map(|(version, todo)| (*version, todo));
    let recent = order.recent_events.iter().map(|event| (event.version, &event.todo));
    let of_all = before.chain(recent);
    of_all
        .filter(|(version, todo)| todo.iter().any(|one| owes(*version, one)))
        .map(|(version, _)| version)
        .collect()
}
