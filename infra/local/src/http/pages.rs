//! Plain pages without scripts, for a telephone first: orders, one order with its timeline, stock,
//! messages as their readers see them, work due next, queues. Only on a loopback address.
//!
//! The layouts are `infra/local/templates/`; askama escapes everything. What is shown is what the
//! API answers ([`seen`]), so no page knows more than a caller.

pub mod seen;

use crate::http::Site;
use crate::http::local::{
    LocalAnswer, ask, is_plain_segment, queue_states, sent_messages, unavailable,
};
use crate::run::System;
use crate::run::sweeping::next_moment;
use askama::Template;
use hyper::Method;
use hyper::http::Uri;
use jiff::tz::TimeZone;
use ordermill_domain::policy::presets;
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_views::tracking_token;
use seen::{Seen, moment};
use serde_json::Value;
use std::collections::BTreeMap;

/// Orders of a page.
const ORDERS_MAX: usize = 50;
/// Messages of a page.
const MESSAGES_MAX: usize = 200;
/// How far ahead work is shown.
const AHEAD: Seconds = Seconds::days(3_650);

/// Answers a page; where there is none, one that says so.
///
/// # Errors
/// The surroundings do not let it.
pub async fn answer(site: &Site, system: &System, uri: &Uri) -> LocalAnswer {
    let around = Around::new(site, system).await?;
    match found(&around, uri).await {
        Err(error) if error.status == 404 => {
            let mut answer = page(&Missing { frame: around.frame("") })?;
            answer.status = error.status;
            Ok(answer)
        }
        answered => answered,
    }
}

#[derive(Template)]
#[template(path = "missing.html")]
struct Missing {
    frame: Frame,
}

async fn found(around: &Around<'_>, uri: &Uri) -> LocalAnswer {
    let segments: Vec<&str> = uri.path().split('/').filter(|s| !s.is_empty()).collect();
    match segments.as_slice() {
        [] | ["_local"] => orders(around, uri.query().unwrap_or_default()).await,
        ["_local", "orders", id] if is_plain_segment(id) => order(around, id).await,
        ["_local", "orders", id, what @ ("json" | "history" | "why")] if is_plain_segment(id) => {
            let path = match *what {
                "json" => format!("/v1/orders/{id}"),
                other => format!("/v1/orders/{id}/{other}"),
            };
            let (status, body) = around.ask(&path, "").await;
            Ok(Answer::json(status, body))
        }
        ["_local", "stock"] => stock(around, uri.query().unwrap_or_default()).await,
        ["_local", "due"] => due(around).await,
        ["_local", "work"] => queues(around).await,
        ["_local", "outbox"] => messages(around),
        ["_local", "outbox", number] => message(around, number),
        _ => Err(ErrorAnswer::not_found()),
    }
}

/// What every page needs.
struct Around<'a> {
    site: &'a Site,
    system: &'a System,
    zone: TimeZone,
    now: Timestamp,
}

impl<'a> Around<'a> {
    async fn new(site: &'a Site, system: &'a System) -> Result<Self, ErrorAnswer> {
        let runtime = &site.ground().runtime;
        let settings = runtime.settings().await?;
        let zone = TimeZone::get(&settings.time_zone).unwrap_or(TimeZone::UTC);
        Ok(Self { site, system, zone, now: runtime.clock.now() })
    }

    fn frame(&self, here: &'static str) -> Frame {
        Frame { here, now: moment(self.now, &self.zone) }
    }

    async fn ask(&self, path: &str, query: &str) -> (u16, Value) {
        ask(self.site, Method::GET, path, query).await
    }
}

/// The head of a page.
struct Frame {
    here: &'static str,
    now: String,
}

/// A link of the head.
struct Link {
    text: &'static str,
    href: &'static str,
    is_here: bool,
}

impl Frame {
    fn links(&self) -> Vec<Link> {
        let links = [
            ("Orders", "/"),
            ("Due next", "/_local/due"),
            ("Stock", "/_local/stock"),
            ("Messages", "/_local/outbox"),
            ("Queues", "/_local/work"),
            ("API", "/v1/openapi.json"),
        ];
        links.map(|(text, href)| Link { text, href, is_here: href == self.here }).into()
    }
}

fn page(template: &impl Template) -> LocalAnswer {
    let html = template.render().map_err(|error| {
        tracing::error!(%error, "a page cannot be made");
        ErrorAnswer::new(500, "internal", "The page cannot be made.")
    })?;
    let rules = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; \
                 img-src data: https:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    Ok(Answer::html(200, html).with_header("content-security-policy", rules.to_owned()))
}

/// A parameter of a page's query, as it came (still percent-encoded).
fn parameter<'q>(query: &'q str, name: &str) -> &'q str {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value).unwrap_or_default()
}

fn next_page(body: &Value, path: &str, kept: &str) -> Option<String> {
    let cursor = body.get("next").and_then(Value::as_str)?;
    Some(format!("{path}?{kept}cursor={cursor}"))
}

/// A status that can be chosen.
struct Choice {
    key: String,
    label: String,
    is_chosen: bool,
}

/// The statuses of the policies that come along, and the chosen one.
fn choices(chosen: &str) -> Vec<Choice> {
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for policy in presets::all().unwrap_or_default() {
        for (key, status) in policy.statuses {
            let label = status.label.get("en").cloned().unwrap_or_else(|| key.to_string());
            known.entry(key.to_string()).or_insert(label);
        }
    }
    if !chosen.is_empty() && chosen.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        known.entry(chosen.to_owned()).or_insert_with(|| chosen.to_owned());
    }
    let choice = |(key, label): (String, String)| Choice { is_chosen: key == chosen, key, label };
    known.into_iter().map(choice).collect()
}

#[derive(Template)]
#[template(path = "orders.html")]
struct Orders<'a> {
    frame: Frame,
    q: String,
    statuses: Vec<Choice>,
    problem: Option<String>,
    orders: Vec<Seen<'a>>,
    next: Option<String>,
}

async fn orders(around: &Around<'_>, query: &str) -> LocalAnswer {
    let [q, status, cursor] = ["q", "status", "cursor"].map(|name| parameter(query, name));
    let kept = format!("q={q}&status={status}&");
    let (code, body) =
        around.ask("/v1/orders", &format!("{kept}cursor={cursor}&limit={ORDERS_MAX}")).await;
    let detail = body.get("detail").and_then(Value::as_str).map(str::to_owned);
    page(&Orders {
        frame: around.frame("/"),
        q: ordermill_runtime::http::decode_query(q),
        statuses: choices(status),
        problem: detail.filter(|_| code != 200),
        orders: Seen::items(&body, &around.zone),
        next: next_page(&body, "/", &kept),
    })
}

#[derive(Template)]
#[template(path = "order.html")]
struct Order<'a> {
    frame: Frame,
    order: Seen<'a>,
    track: String,
    address: Vec<String>,
    events: Vec<Seen<'a>>,
    comments: Vec<Seen<'a>>,
    messages: Vec<Seen<'a>>,
    decisions: Vec<Seen<'a>>,
}

async fn order(around: &Around<'_>, id: &str) -> LocalAnswer {
    let path = format!("/v1/orders/{id}");
    let (status, order) = around.ask(&path, "").await;
    if status != 200 {
        return Err(ErrorAnswer::not_found());
    }
    let (_, history) = around.ask(&format!("{path}/history"), "limit=200").await;
    let (_, why) = around.ask(&format!("{path}/why"), "limit=200").await;
    let sent = sent_messages(around.system).map_err(|error| unavailable(&error))?;
    let of_order: Vec<Value> = sent
        .into_iter()
        .filter(|message| message.get("order").and_then(Value::as_str) == Some(id))
        .collect();
    let seen = Seen::new(&order, &around.zone);
    let secret = &around.site.ground().runtime.config.signing_secret;
    let address = ["line1", "line2", "postal_code", "city", "region", "country"]
        .map(|part| seen.s(&format!("/delivery/address/{part}")));
    page(&Order {
        frame: around.frame(""),
        order: seen,
        track: format!("/v1/track/{}", tracking_token(secret, id)),
        address: address.into_iter().filter(|part| !part.is_empty()).collect(),
        events: Seen::items(&history, &around.zone),
        comments: seen.list("/comments"),
        messages: of_order.iter().map(|value| Seen::new(value, &around.zone)).collect(),
        decisions: Seen::items(&why, &around.zone),
    })
}

#[derive(Template)]
#[template(path = "stock.html")]
struct Stock<'a> {
    frame: Frame,
    lines: Vec<Seen<'a>>,
    next: Option<String>,
}

async fn stock(around: &Around<'_>, query: &str) -> LocalAnswer {
    let cursor = parameter(query, "cursor");
    let (_, body) = around.ask("/v1/stock", &format!("limit=200&cursor={cursor}")).await;
    page(&Stock {
        frame: around.frame("/_local/stock"),
        lines: Seen::items(&body, &around.zone),
        next: next_page(&body, "/_local/stock", ""),
    })
}

#[derive(Template)]
#[template(path = "due.html")]
struct Due<'a> {
    frame: Frame,
    here: String,
    next_moment: Option<String>,
    orders: Vec<Seen<'a>>,
    subscriptions: Vec<Seen<'a>>,
    unmatched: Vec<Seen<'a>>,
}

async fn due(around: &Around<'_>) -> LocalAnswer {
    let until = around.now.plus(AHEAD);
    let query = format!("due_before={until}&limit={ORDERS_MAX}");
    let (_, orders) = around.ask("/v1/orders", &query).await;
    let (_, subscriptions) = around.ask("/v1/subscriptions", "limit=200").await;
    let (_, unmatched) = around.ask("/v1/payments", "unmatched=true&limit=200").await;
    let next = next_moment(around.system.shared(), around.now).await;
    let next = next.map_err(|error| unavailable(&error))?;
    let mut open = Seen::items(&subscriptions, &around.zone);
    open.retain(|one| one.has("/next/at"));
    open.sort_by_key(|one| one.s("/next/at"));
    page(&Due {
        frame: around.frame("/_local/due"),
        here: around.site.here().to_string(),
        next_moment: next.map(|at| moment(at, &around.zone)),
        orders: Seen::items(&orders, &around.zone),
        subscriptions: open,
        unmatched: Seen::items(&unmatched, &around.zone),
    })
}

#[derive(Template)]
#[template(path = "queues.html")]
struct Queues<'a> {
    frame: Frame,
    queues: Vec<Seen<'a>>,
}

async fn queues(around: &Around<'_>) -> LocalAnswer {
    let states = queue_states(around.system).await.map_err(|error| unavailable(&error))?;
    let queues = states.iter().map(|state| Seen::new(state, &around.zone)).collect();
    page(&Queues { frame: around.frame("/_local/work"), queues })
}

#[derive(Template)]
#[template(path = "messages.html")]
struct Messages<'a> {
    frame: Frame,
    total: usize,
    messages: Vec<Seen<'a>>,
}

fn messages(around: &Around<'_>) -> LocalAnswer {
    let sent = sent_messages(around.system).map_err(|error| unavailable(&error))?;
    let newest = sent.iter().rev().take(MESSAGES_MAX);
    page(&Messages {
        frame: around.frame("/_local/outbox"),
        total: sent.len(),
        messages: newest.map(|value| Seen::new(value, &around.zone)).collect(),
    })
}

#[derive(Template)]
#[template(path = "message.html")]
struct Message<'a> {
    frame: Frame,
    message: Seen<'a>,
}

fn message(around: &Around<'_>, number: &str) -> LocalAnswer {
    let number: u64 = number.parse().map_err(|_| ErrorAnswer::not_found())?;
    let sent = sent_messages(around.system).map_err(|error| unavailable(&error))?;
    let found = sent.iter().find(|m| m.get("number").and_then(Value::as_u64) == Some(number));
    let message = Seen::new(found.ok_or_else(ErrorAnswer::not_found)?, &around.zone);
    page(&Message { frame: around.frame(""), message })
}
