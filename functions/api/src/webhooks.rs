//! Endpoints of outgoing webhooks: made, changed, rolled, their log, and replays. A client sees
//! and touches its own; people of the house name another by `?client=`.

use crate::once::Once;
use crate::orders::json_of;
use crate::paging::Page;
use crate::{Call, Reply, invalid, too_busy};
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::intake::limits::{CODE_CHARACTERS_MAX, SENTENCE_CHARACTERS_MAX};
use ordermill_domain::intake::reader::{self, Field, Object, Report};
use ordermill_domain::order::EventKind;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_domain::webhook::address::{URL_CHARACTERS_MAX, parse};
use ordermill_domain::webhook::{
    Delivery, ENDPOINTS_MAX, EVENTS_MAX, Endpoint, OVERLAP_DEFAULT, OVERLAP_MAX, Replay, Secret,
    kind_named,
};
use ordermill_runtime::auth::new_signing_secret;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_table::item::{Item, text};
use ordermill_table::keys::{self, Key};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::read;
use ordermill_table::rows::webhook::{delivery_row, endpoint_row};
use ordermill_table::schema::OWNER;
use ordermill_table::{TableError, commit};
use ordermill_views::webhook::{DeliveryView, EndpointView};
use serde_json::{Value, json};
use std::collections::HashMap;

/// Whose endpoints are meant: the caller's own, or those of the client that is named.
fn client_of(call: &Call<'_>) -> Result<String, ErrorAnswer> {
    let caller = call.caller()?;
    match call.query("client") {
        None => Ok(caller.client.clone()),
        Some(named) if caller.may_see(named) => Ok(named.to_owned()),
        Some(_) => Err(ErrorAnswer::not_found()),
    }
}

/// `POST /v1/webhooks`. A repeat with the same `Idempotency-Key` names the same endpoint, without
/// its secret: that is shown once.
pub(crate) async fn make(call: &Call<'_>) -> Reply {
    let body = call.request.json_object()?;
    let asked = asked(call, &body, &["url", "events", "description", "active", "client"])?;
    let client = match asked.client {
        Some(named) if call.caller()?.may_see(&named) => named,
        Some(_) => {
            let detail = "Leave it out: you may make endpoints for yourself only.";
            return Err(invalid("/client", "client_not_yours", detail));
        }
        None => call.caller()?.client.clone(),
    };
    let once = Once::new(call, "webhooks", &body)?;
    let seller = &call.runtime.config.seller;
    let id = ids::derive(IdKind::Endpoint, seller, &[&client, &call.caller()?.client, &once.name]);
    for round in 0..MOVED_ROUNDS_MAX {
        if once.known(call).await?.is_some() {
            let endpoint = stored(call, &client, &id).await.map_err(deleted)?.1;
            return Ok(Answer::json(200, json_of(&EndpointView::new(&endpoint, None))));
        }
        if call.runtime.table.endpoints(&client).await?.len() >= ENDPOINTS_MAX {
            let detail = format!("A client has at most {ENDPOINTS_MAX} endpoints; delete one.");
            return Err(ErrorAnswer::new(409, "too_many_endpoints", &detail));
        }
        let secret = new_signing_secret()?;
        let endpoint = Endpoint {
            id: id.clone(),
            client: client.clone(),
            url: asked.url.clone(),
            description: asked.description.clone(),
            events: asked.events.clone(),
            active: asked.active,
            secrets: vec![Secret { text: secret.clone(), until: None }],
            failing_since: None,
            disabled: None,
            replay: None,
            created_at: call.runtime.clock.now(),
            version: 1,
        };
        let table = &call.runtime.table;
        let actions = vec![
            commit::put_new(table, endpoint_row(&endpoint)?)?,
            commit::put_new(table, once.row(call, &id, None)?)?,
        ];
        match table.write(actions).await {
            Ok(()) => {
                call.runtime.listeners.forget(&client);
                tracing::info!(webhook.endpoint = id, "an endpoint was made");
                let view = EndpointView::new(&endpoint, Some(secret));
                return Ok(Answer::json(201, json_of(&view))
                    .with_header("location", format!("/v1/webhooks/{id}")));
            }
            Err(TableError::Moved | TableError::Cancelled(_)) => call.runtime.pause(round).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}

/// What this key made is not there any more.
fn deleted(error: ErrorAnswer) -> ErrorAnswer {
    if error.status != 404 {
        return error;
    }
    ErrorAnswer::new(410, "webhook_deleted", "The endpoint of this key has been deleted.")
}

/// What a body says of an endpoint.
struct Asked {
    url: String,
    events: Vec<EventKind>,
    description: Option<String>,
    active: bool,
    client: Option<String>,
}

fn asked(call: &Call<'_>, body: &Value, known: &[&str]) -> Result<Asked, ErrorAnswer> {
    let loopback = call.runtime.config.webhooks_to_loopback;
    let report = Report::default();
    let read = reader::root(body, &report).object(known).and_then(|body| {
        let url = url(&body.field("url"), loopback);
        let events = events(&body);
        let description = body.field("description").text(SENTENCE_CHARACTERS_MAX);
        let active = body.field("active").flag().unwrap_or(true);
        let client = body.field("client").text(CODE_CHARACTERS_MAX);
        Some(Asked { url: url?, events, description, active, client })
    });
    report.finish(read).map_err(ErrorAnswer::invalid)
}

fn url(field: &Field<'_, '_>, loopback: bool) -> Option<String> {
    let field_is_there = field.is_present();
    let url = field.text(URL_CHARACTERS_MAX);
    if !field_is_there {
        field.refuse("required", "Write where messages go, like https://example.com/hooks.");
    }
    let url = url?;
    if let Err(error) = parse(&url, loopback) {
        field.refuse(error.code(), error.remedy());
        return None;
    }
    Some(url)
}

fn events(body: &Object<'_, '_>) -> Vec<EventKind> {
    let mut kinds = Vec::new();
    for field in body.field("events").list(EVENTS_MAX) {
        let field = field.required("write an event like `order.received`.");
        let Some(name) = field.text(CODE_CHARACTERS_MAX) else { continue };
        match kind_named(&name) {
            Some(kind) if kinds.contains(&kind) => {}
            Some(kind) => kinds.push(kind),
            None => field.refuse(
                "unknown_value",
                "Write events like `order.received`, `order.shipped`, `order.payment_received`; \
                 leave `events` out for all. They are the types of an order's history.",
            ),
        }
    }
    kinds
}

/// The endpoint of that id, and its row.
async fn stored(call: &Call<'_>, client: &str, id: &str) -> Result<(Item, Endpoint), ErrorAnswer> {
    if !ids::is_well_formed(id) {
        return Err(ErrorAnswer::not_found());
    }
    let row = call.runtime.table.get(&keys::endpoint(client, id)).await?;
    let row = row.ok_or_else(ErrorAnswer::not_found)?;
    let endpoint = read(&row)?;
    Ok((row, endpoint))
}

/// `GET /v1/webhooks`: all of a client.
pub(crate) async fn list(call: &Call<'_>) -> Reply {
    let asked = Page::read(call)?;
    let mut endpoints = call.runtime.table.endpoints(&client_of(call)?).await?;
    endpoints.retain(|endpoint| asked.after.as_ref().is_none_or(|after| endpoint.id > *after));
    endpoints.sort_by(|a, b| a.id.cmp(&b.id));
    let more = endpoints.len() > asked.limit;
    endpoints.truncate(asked.limit);
    let next = endpoints.last().filter(|_| more).map(|endpoint| endpoint.id.clone());
    let shown = |endpoint| json_of(&EndpointView::new(endpoint, None));
    Ok(asked.answer(call, endpoints.iter().map(shown).collect(), next))
}

/// `GET /v1/webhooks/{id}`.
pub(crate) async fn one(call: &Call<'_>) -> Reply {
    let (_, endpoint) = stored(call, &client_of(call)?, call.param(0)).await?;
    Ok(Answer::json(200, json_of(&EndpointView::new(&endpoint, None))))
}

/// Reads an endpoint, changes it, writes it: again while somebody else is quicker.
async fn changed(
    call: &Call<'_>,
    change: impl Fn(&mut Endpoint) -> Result<(), ErrorAnswer>,
) -> Result<Endpoint, ErrorAnswer> {
    let client = client_of(call)?;
    for round in 0..MOVED_ROUNDS_MAX {
        let (_, mut endpoint) = stored(call, &client, call.param(0)).await?;
        let version = endpoint.version;
        change(&mut endpoint)?;
        endpoint.version = version.saturating_add(1);
        let table = &call.runtime.table;
        let put = commit::put_at_version(table, endpoint_row(&endpoint)?, version)?;
        match table.write(vec![put]).await {
            Ok(()) => return Ok(endpoint),
            Err(TableError::Moved | TableError::Cancelled(_)) => call.runtime.pause(round).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}

/// `PUT /v1/webhooks/{id}`: replaces everything but the secret. With `active` an endpoint that was
/// given up is told again.
pub(crate) async fn put(call: &Call<'_>) -> Reply {
    let body = call.request.json_object()?;
    let asked = asked(call, &body, &["url", "events", "description", "active"])?;
    let endpoint = changed(call, |endpoint| {
        endpoint.url.clone_from(&asked.url);
        endpoint.events.clone_from(&asked.events);
        endpoint.description.clone_from(&asked.description);
        endpoint.active = asked.active;
        if asked.active {
            endpoint.enable();
        }
        Ok(())
    })
    .await?;
    Ok(Answer::json(200, json_of(&EndpointView::new(&endpoint, None))))
}

/// `DELETE /v1/webhooks/{id}`: what is on its way to it is given up.
pub(crate) async fn delete(call: &Call<'_>) -> Reply {
    let client = client_of(call)?;
    let (_, endpoint) = stored(call, &client, call.param(0)).await?;
    call.runtime.table.delete(&keys::endpoint(&client, &endpoint.id)).await?;
    tracing::info!(webhook.endpoint = endpoint.id, "an endpoint was deleted");
    Ok(Answer::json(200, json_of(&EndpointView::new(&endpoint, None))))
}

/// `POST /v1/webhooks/{id}/roll`: a new secret signs at once, the old one beside it for a while.
pub(crate) async fn roll(call: &Call<'_>) -> Reply {
    let body = match call.request.json()? {
        Value::Null => json!({}),
        body => body,
    };
    let report = Report::default();
    let read = reader::root(&body, &report).object(&["overlap_seconds"]).map(|body| {
        body.field("overlap_seconds").whole(0, OVERLAP_MAX.0).map_or(OVERLAP_DEFAULT, Seconds)
    });
    let overlap = report.finish(read).map_err(ErrorAnswer::invalid)?;
    let secret = new_signing_secret()?;
    let now = call.runtime.clock.now();
    let endpoint = changed(call, |endpoint| {
        endpoint.roll(secret.clone(), overlap, now);
        Ok(())
    })
    .await?;
    tracing::info!(webhook.endpoint = endpoint.id, "an endpoint's secret was rolled");
    Ok(Answer::json(200, json_of(&EndpointView::new(&endpoint, Some(secret)))))
}

/// `GET /v1/webhooks/{id}/deliveries`: the log, newest event first.
pub(crate) async fn deliveries(call: &Call<'_>) -> Reply {
    let page = Page::read(call)?;
    let (_, endpoint) = stored(call, &client_of(call)?, call.param(0)).await?;
    let table = &call.runtime.table;
    let query = IndexQuery {
        index: OWNER,
        partition: keys::owner_endpoint(&endpoint.id),
        after: page.after.as_deref(),
        newest_first: true,
        until: None,
        limit: i32::try_from(page.limit.saturating_add(1)).unwrap_or(i32::MAX),
    };
    let mut found = table.index(query).await?;
    let more = found.more || found.keys.len() > page.limit;
    found.keys.truncate(page.limit);
    let wanted: Vec<Key> = found
        .keys
        .iter()
        .filter_map(|(pk, _)| keys::delivery_of_partition(pk))
        .map(keys::delivery)
        .collect();
    let mut rows: HashMap<String, Item> = HashMap::new();
    for row in table.batch_get(&wanted).await? {
        rows.insert(text(&row, "pk")?.to_owned(), row);
    }
    let mut items = Vec::with_capacity(rows.len());
    for row in found.keys.iter().filter_map(|(pk, _)| rows.get(pk)) {
        let delivery: Delivery = read(row)?;
        items.push(json_of(&DeliveryView::from(&delivery)));
    }
    let next = found.keys.into_iter().next_back().filter(|_| more).map(|(_, name)| name);
    Ok(page.answer(call, items, next))
}

/// What is to be sent again.
enum Again {
    One(String),
    Span { from: Timestamp, to: Timestamp, missed_only: bool },
}

/// `POST /v1/webhooks/{id}/replay`: one delivery by its id, or all of a span of time.
pub(crate) async fn replay(call: &Call<'_>) -> Reply {
    let body = call.request.json_object()?;
    let report = Report::default();
    let now = call.runtime.clock.now();
    let read = reader::root(&body, &report)
        .object(&["delivery", "from", "to", "missed_only"])
        .and_then(|body| again(&body, now));
    match report.finish(read).map_err(ErrorAnswer::invalid)? {
        Again::One(id) => one_again(call, &id).await,
        Again::Span { from, to, missed_only } => {
            let endpoint = changed(call, |endpoint| {
                is_told(endpoint)?;
                if endpoint.replay.is_some() {
                    let detail = "A replay of this endpoint is under way; wait for its end.";
                    return Err(ErrorAnswer::new(409, "replay_under_way", detail));
                }
                let after = None;
                endpoint.replay = Some(Replay { from, to, missed_only, after, due_at: now });
                Ok(())
            })
            .await?;
            Ok(Answer::json(200, json_of(&EndpointView::new(&endpoint, None))))
        }
    }
}

fn again(body: &Object<'_, '_>, now: Timestamp) -> Option<Again> {
    let delivery = body.field("delivery");
    let from = body.field("from");
    let missed_only = body.field("missed_only").flag().unwrap_or(false);
    let to = moment(&body.field("to"));
    if delivery.is_present() == from.is_present() {
        from.refuse(
            "delivery_or_from",
            "Write either `delivery` (its id) or `from` (and `to`), as moments of RFC 3339.",
        );
        return None;
    }
    if delivery.is_present() {
        return delivery.text(CODE_CHARACTERS_MAX).map(Again::One);
    }
    let from_at = moment(&from)?;
    let to = to.unwrap_or(now);
    if to <= from_at {
        from.refuse("span_empty", "`from` must be before `to`.");
        return None;
    }
    Some(Again::Span { from: from_at, to, missed_only })
}

fn moment(field: &Field<'_, '_>) -> Option<Timestamp> {
    let text = field.text(CODE_CHARACTERS_MAX)?;
    let moment = Timestamp::parse(&text).ok();
    if moment.is_none() {
        field.refuse("moment_malformed", "Write a moment like 2026-12-01T08:00:00Z.");
    }
    moment
}

/// Nothing is sent again to an endpoint that is told nothing.
fn is_told(endpoint: &Endpoint) -> Result<(), ErrorAnswer> {
    if endpoint.is_open() {
        return Ok(());
    }
    let detail = "The endpoint is switched off; switch it on by `PUT` with `active: true` first.";
    Err(ErrorAnswer::new(409, "endpoint_off", detail))
}

async fn one_again(call: &Call<'_>, id: &str) -> Reply {
    let (_, endpoint) = stored(call, &client_of(call)?, call.param(0)).await?;
    let unknown =
        || invalid("/delivery", "unknown_delivery", "Write an id of this endpoint's log.");
    if !ids::is_well_formed(id) {
        return Err(unknown());
    }
    is_told(&endpoint)?;
    for round in 0..MOVED_ROUNDS_MAX {
        let table = &call.runtime.table;
        let known: Option<Delivery> = table.document(&keys::delivery(id)).await?;
        let known = known.filter(|delivery| delivery.endpoint == endpoint.id);
        let mut delivery = known.ok_or_else(unknown)?;
        let before = delivery.version;
        delivery.replay(call.runtime.clock.now());
        let put = commit::put_at_version(table, delivery_row(&delivery)?, before)?;
        match table.write(vec![put]).await {
            Ok(()) => return Ok(Answer::json(200, json_of(&EndpointView::new(&endpoint, None)))),
            Err(TableError::Moved | TableError::Cancelled(_)) => call.runtime.pause(round).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}
