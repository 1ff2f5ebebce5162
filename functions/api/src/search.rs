//! `GET /v1/orders`: which orders, by which index (see the head of `shared/table/src/keys.rs`).
//!
//! | filter | where it looks |
//! |---|---|
//! | `external_id` | the id derived from it |
//! | `q` that is an order number | `owner`, by number |
//! | caller is a partner | `owner`, by client |
//! | `customer` | `owner`, by customer |
//! | `due_before` | `worklist`, earliest first |
//! | `sort=jeopardy` | `worklist`, of the first 500 the most urgent, one page |
//! | none of these | `month`, newest first, back to the first month |
//!
//! All other filters are asked of the orders that were read, so every combination works; a
//! request reads a bounded number of them and `next` goes on where it stopped.

use crate::customers::cards;
use crate::orders::json_of;
use crate::paging::Page;
use crate::{Call, Reply};
use ordermill_domain::decide::jeopardy;
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::order::{Channel, Order};
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_runtime::auth::Caller;
use ordermill_runtime::http::ErrorAnswer;
use ordermill_runtime::walk::{Source, collect, first_month};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::{ApiKey, ClientRole, read};
use ordermill_table::schema::OWNER;
use ordermill_views::order_json;
use ordermill_views::task::JeopardyView;
use std::collections::BTreeSet;

/// An id that no card has.
const NOBODY: &str = "nobody";
/// API keys that are looked at to learn which clients there are.
const KEYS_READ_MAX: i32 = 200;

/// What is asked.
#[derive(Default)]
struct Filter {
    status: Option<String>,
    channel: Option<Channel>,
    customers: Option<BTreeSet<String>>,
    client: Option<String>,
    external_id: Option<String>,
    responsible: Option<String>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    updated_since: Option<Timestamp>,
    due_before: Option<Timestamp>,
    q: Option<String>,
}

/// `GET /v1/orders`.
pub(crate) async fn list(call: &Call<'_>) -> Reply {
    let page = Page::read(call)?;
    let caller = call.caller()?;
    let filter = Filter::read(call).await?;
    let wanted = |order: &Order| caller.may_see(&order.client) && filter.fits(order);
    match call.query("sort") {
        None => {}
        Some("jeopardy") => return urgent(call, caller, &filter, &page).await,
        Some(_) => {
            let detail = "`sort` is jeopardy; without it the newest are first.";
            return Err(ErrorAnswer::new(400, "parameter_invalid", detail));
        }
    }
    let (orders, next) = match named(call, caller, &filter).await? {
        Some(ids) => {
            let mut orders: Vec<Order> =
                call.runtime.table.orders(&ids).await?.into_iter().map(|s| s.order).collect();
            orders.retain(wanted);
            orders.truncate(page.limit);
            (orders, None)
        }
        None => {
            let source = source(call, caller, &filter).await?;
            collect(call.runtime, &source, page.after.clone(), page.limit, wanted).await?
        }
    };
    let mut items = Vec::with_capacity(orders.len());
    for order in &orders {
        items.push(order_json(call.runtime, &call.request.base_url, caller, order).await?);
    }
    Ok(page.answer(call, items, next))
}

/// Orders among which the most urgent are looked for: those of which something is due first.
const URGENT_MAX: usize = 500;
/// Something is due of every open order within this.
const DUE_WITHIN: Seconds = Seconds::days(3_650);

/// The orders in greatest jeopardy, in one page. The figure changes with the hour and stands in no
/// index; it is made of the [`URGENT_MAX`] orders of which something is due first, by the worklist.
async fn urgent(call: &Call<'_>, caller: &Caller, filter: &Filter, page: &Page) -> Reply {
    let wanted = |order: &Order| caller.may_see(&order.client) && filter.fits(order);
    let now = call.runtime.clock.now();
    let source = Source::Due { before: filter.due_before.unwrap_or(now.plus(DUE_WITHIN)) };
    let (orders, _) = collect(call.runtime, &source, None, URGENT_MAX, wanted).await?;
    let mut scored = Vec::with_capacity(orders.len());
    for order in orders {
        let policy = call.runtime.policy_of(&order).await?;
        scored.push((jeopardy::of(&policy, &order, now), order));
    }
    scored.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.id.cmp(&other.id)));
    let mut items = Vec::new();
    for (jeopardy, order) in scored.iter().take(page.limit) {
        let mut item = order_json(call.runtime, &call.request.base_url, caller, order).await?;
        item["jeopardy"] = json_of(&JeopardyView::from(*jeopardy));
        items.push(item);
    }
    Ok(page.answer(call, items, None))
}

/// The few orders that the query names itself; none where it describes many.
async fn named(
    call: &Call<'_>,
    caller: &Caller,
    filter: &Filter,
) -> Result<Option<Vec<String>>, ErrorAnswer> {
    if let Some(external_id) = &filter.external_id {
        let clients = clients_of(call, caller, filter).await?;
        let seller = &call.runtime.config.seller;
        let id = |client: &String| {
            ids::derive(IdKind::Order, seller, &[client, "external", external_id])
        };
        return Ok(Some(clients.iter().map(id).collect()));
    }
    if let Some(number) = filter.q.as_deref().and_then(order_number) {
        let query = IndexQuery {
            index: OWNER,
            partition: keys::owner_number(&number),
            after: None,
            newest_first: false,
            until: None,
            limit: 1,
        };
        let found = call.runtime.table.index(query).await?.keys;
        if !found.is_empty() {
            return Ok(Some(found.into_iter().map(|(_, id)| id).collect()));
        }
    }
    Ok(None)
}

/// A whole order number, in any case, with or without its hyphen.
fn order_number(text: &str) -> Option<String> {
    let upper = text.trim().to_ascii_uppercase();
    let (body, check) = upper.split_at_checked(10)?;
    let check = check.strip_prefix('-').unwrap_or(check);
    let letters = |part: &str| part.bytes().all(|b| b.is_ascii_alphanumeric());
    (check.len() == 1 && letters(body) && letters(check)).then(|| format!("{body}-{check}"))
}

/// Whose numbers an `external_id` may be.
async fn clients_of(
    call: &Call<'_>,
    caller: &Caller,
    filter: &Filter,
) -> Result<BTreeSet<String>, ErrorAnswer> {
    if let Some(client) = &filter.client {
        return Ok(BTreeSet::from([client.clone()]));
    }
    if !sees_all(caller) {
        return Ok(BTreeSet::from([caller.client.clone()]));
    }
    clients(call).await
}

/// Whether a caller sees what is other clients'.
pub(crate) fn sees_all(caller: &Caller) -> bool {
    match caller.role {
        ClientRole::Shop | ClientRole::Partner => false,
        ClientRole::Manager | ClientRole::Planner | ClientRole::Admin => true,
    }
}

/// The clients there are, by their keys, and the caller's own.
pub(crate) async fn clients(call: &Call<'_>) -> Result<BTreeSet<String>, ErrorAnswer> {
    let mut clients = BTreeSet::from([call.caller()?.client.clone()]);
    let query = IndexQuery {
        index: OWNER,
        partition: keys::owner_list(RowKind::Key),
        after: None,
        newest_first: false,
        until: None,
        limit: KEYS_READ_MAX,
    };
    let found = call.runtime.table.index(query).await?.keys;
    let wanted: Vec<keys::Key> = found.iter().map(|(_, id)| keys::api_key(id)).collect();
    for row in call.runtime.table.batch_get(&wanted).await? {
        let key: ApiKey = read(&row)?;
        clients.insert(key.client);
    }
    Ok(clients)
}

async fn source(call: &Call<'_>, caller: &Caller, filter: &Filter) -> Result<Source, ErrorAnswer> {
    let (from, to) = (filter.from, filter.to);
    let owner = |partition: String| Source::Owner { partition, from, to };
    if caller.role == ClientRole::Partner {
        return Ok(owner(keys::owner_client(&caller.client)));
    }
    if let Some(before) = filter.due_before {
        return Ok(Source::Due { before });
    }
    if let Some(customer) = filter.customers.as_ref().and_then(|ids| ids.first()) {
        return Ok(owner(keys::owner_customer(customer)));
    }
    let now = call.runtime.clock.now();
    let first = first_month(&call.runtime.table, now).await?;
    Ok(Source::Months { from, to, first, now })
}

impl Filter {
    async fn read(call: &Call<'_>) -> Result<Self, ErrorAnswer> {
        let text = |name: &str| call.query(name).map(str::to_owned);
        let at = |name: &'static str| call.query(name).map(moment(name)).transpose();
        let channel = call.query("channel").map(channel).transpose()?;
        let client = text("client");
        let customers = match call.query("customer") {
            Some(customer) => Some(customer_ids(call, client.as_deref(), customer).await?),
            None => None,
        };
        let to = call.query("to").map(end("to")).transpose()?;
        Ok(Self {
            status: text("status"),
            channel,
            customers,
            client,
            external_id: text("external_id").map(|id| id.trim().to_owned()),
            responsible: text("responsible"),
            from: at("from")?,
            to,
            updated_since: at("updated_since")?,
            due_before: at("due_before")?,
            q: text("q").map(|q| q.trim().to_lowercase()).filter(|q| !q.is_empty()),
        })
    }

    fn fits(&self, order: &Order) -> bool {
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == found
        };
        is(&self.status, Some(order.status.as_str()))
            && self.channel.is_none_or(|channel| channel == order.channel)
            && self.customers.as_ref().is_none_or(|ids| ids.contains(&order.customer_id))
            && is(&self.client, Some(&order.client))
            && is(&self.external_id, order.external_id.as_deref())
            && is(&self.responsible, order.responsible.as_deref())
            && self.from.is_none_or(|from| order.created_at >= from)
            && self.to.is_none_or(|to| order.created_at < to)
            && self.updated_since.is_none_or(|since| order.updated_at >= since)
            && self.q.as_deref().is_none_or(|q| speaks_of(order, q))
    }
}

/// Whether a lower-cased text begins the order's number, its external id, or the customer's
/// e-mail address or name.
fn speaks_of(order: &Order, q: &str) -> bool {
    let begins = |text: &str| text.to_lowercase().starts_with(q);
    let number = order.number.replace('-', "").to_lowercase();
    let customer = &order.placed.customer;
    let words = |name: &String| begins(name) || name.split_whitespace().any(begins);
    number.starts_with(&q.replace('-', ""))
        || order.external_id.as_deref().is_some_and(begins)
        || customer.email.as_deref().is_some_and(begins)
        || customer.name.as_ref().is_some_and(words)
        || customer.company.as_ref().is_some_and(words)
}

/// The card that a text means; an id that no card has finds nothing.
async fn customer_ids(
    call: &Call<'_>,
    client: Option<&str>,
    customer: &str,
) -> Result<BTreeSet<String>, ErrorAnswer> {
    if ids::is_well_formed(customer) {
        return Ok(BTreeSet::from([customer.to_owned()]));
    }
    let found = cards(call, client, customer).await?;
    let named = found.into_iter().map(|row| row.id).next();
    Ok(BTreeSet::from([named.unwrap_or_else(|| NOBODY.to_owned())]))
}

fn channel(name: &str) -> Result<Channel, ErrorAnswer> {
    match name {
        "webshop" => Ok(Channel::Webshop),
        "partner" => Ok(Channel::Partner),
        "manager" => Ok(Channel::Manager),
        "import" => Ok(Channel::Import),
        "recurring" => Ok(Channel::Recurring),
        _ => {
            let detail = "`channel` is webshop, partner, manager, import or recurring.";
            Err(ErrorAnswer::new(400, "parameter_invalid", detail))
        }
    }
}

/// Reads a moment, or a date as its first one (UTC).
pub(crate) fn moment(name: &'static str) -> impl Fn(&str) -> Result<Timestamp, ErrorAnswer> {
    move |text| {
        let dated = || Timestamp::parse(&format!("{text}T00:00:00Z"));
        Timestamp::parse(text).or_else(|_| dated()).map_err(|_| no_moment(name))
    }
}

/// Reads a moment that is left out, or a date that is still in.
fn end(name: &'static str) -> impl Fn(&str) -> Result<Timestamp, ErrorAnswer> {
    move |text| match text.parse::<jiff::civil::Date>() {
        Ok(day) if text.len() == 10 => {
            let next = day.tomorrow().map_err(|_| no_moment(name))?;
            moment(name)(&next.to_string())
        }
        Ok(_) | Err(_) => moment(name)(text),
    }
}

fn no_moment(name: &str) -> ErrorAnswer {
    let detail = format!("`{name}` must be a moment like 2026-11-22T09:00:00Z, or a date.");
    ErrorAnswer::new(400, "parameter_invalid", &detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_however_it_is_typed() {
        for typed in ["7KQ4M2XD9T-C", "7kq4m2xd9tc", " 7kq4m2xd9t-c "] {
            assert_eq!(order_number(typed).as_deref(), Some("7KQ4M2XD9T-C"), "{typed}");
        }
        for other in ["7KQ4", "ona@example.com", "web-100045-xx", ""] {
            assert_eq!(order_number(other), None, "{other}");
        }
    }

    #[test]
    fn a_date_begins_with_its_first_moment_and_ends_with_its_last() {
        let text = |found: Result<Timestamp, ErrorAnswer>| found.map(|t| t.to_string()).ok();
        assert_eq!(text(moment("from")("2026-11-22")).as_deref(), Some("2026-11-22T00:00:00Z"));
        assert_eq!(text(end("to")("2026-11-22")).as_deref(), Some("2026-11-23T00:00:00Z"));
        let exact = "2026-11-22T09:00:00Z";
        assert_eq!(text(end("to")(exact)).as_deref(), Some(exact));
        assert_eq!(moment("from")("yesterday").map_err(|e| e.status), Err(400));
    }
}
