//! `/_local/*`: the clock, settling, messages, queues, paying. Only on a loopback address.

use crate::client::{Client, Paid};
use crate::error::{LocalError, LocalResult};
use crate::http::{Reply, Site, event, pages, problem, reply};
use crate::run::System;
use crate::run::workers::queue_name;
use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use hyper::Method;
use hyper::header::HeaderValue;
use hyper::http::request::Parts;
use ordermill_domain::time::Seconds;
use ordermill_embedded::{Channel, Sent};
use ordermill_runtime::Queue;
use ordermill_runtime::auth::random_u64;
use ordermill_runtime::config::LOCAL_ADMIN_KEY;
use ordermill_runtime::http::{Answer, ErrorAnswer, FieldError};
use ordermill_table::keys;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The furthest that the clock is moved at once.
const ADVANCE_MAX: Seconds = Seconds::days(36_500);
/// Dead messages that are counted of a queue at most.
const DEAD_COUNTED_MAX: usize = 10_000;

/// What an endpoint of this run answers.
pub type LocalAnswer = Result<Answer, ErrorAnswer>;

/// Answers a request to `/_local/*` or `/`.
pub async fn answer(site: &Site, system: &System, parts: &Parts, body: &[u8]) -> Reply {
    let path = parts.uri.path();
    let answered = match (parts.method.as_str(), path) {
        ("GET", "/_local/clock") => Ok(clock(system)),
        ("POST", "/_local/clock") => advance(system, body).await,
        ("GET", "/_local/messages") => messages(system),
        ("GET", "/_local/queues") => queues(system).await,
        ("POST", "/_local/settle") => match system.settle().await {
            Ok(()) => Ok(Answer::json(200, json!({ "settled": true }))),
            Err(error) => Err(unavailable(&error)),
        },
        ("POST", "/_local/pay") => pay(site, body).await,
        ("GET" | "HEAD", _) => pages::answer(site, system, &parts.uri).await,
        _ => Err(ErrorAnswer::not_found()),
    };
    match answered {
        Ok(answer) => reply(answer),
        Err(error) => problem(&error),
    }
}

/// The surroundings do not let it.
#[must_use]
pub fn unavailable(error: &LocalError) -> ErrorAnswer {
    ErrorAnswer::new(503, "unavailable", &format!("{error}."))
}

fn clock(system: &System) -> Answer {
    let now = system.shared().runtime().clock.now();
    Answer::json(200, json!({ "now": now.to_string() }))
}

fn object(body: &[u8]) -> Result<Value, ErrorAnswer> {
    let value: Value = serde_json::from_slice(body).map_err(|error| {
        ErrorAnswer::new(400, "not_json", &format!("The body is not JSON: {error}."))
    })?;
    if value.is_object() {
        return Ok(value);
    }
    Err(ErrorAnswer::new(400, "not_an_object", "The body must be a JSON object."))
}

fn invalid(pointer: &str, code: &str, detail: &str) -> ErrorAnswer {
    let mut answer = ErrorAnswer::new(422, "invalid", detail);
    answer.errors = vec![FieldError {
        pointer: pointer.to_owned(),
        code: code.to_owned(),
        detail: detail.to_owned(),
    }];
    answer
}

async fn advance(system: &System, body: &[u8]) -> LocalAnswer {
    let body = object(body)?;
    let by = body.get("advance").and_then(Value::as_str).and_then(Seconds::parse);
    let Some(by) = by.filter(|by| *by <= ADVANCE_MAX) else {
        let detail = "Write a whole number and `s`, `m`, `h` or `d`, like `14d`, at most `36500d`: \
                      the clock never goes backwards.";
        return Err(invalid("/advance", "not_a_duration", detail));
    };
    // A task of its own: a caller that breaks off leaves the clock between two hops otherwise.
    let moving = {
        let system = system.clone();
        tokio::spawn(async move { system.advance(by).await })
    };
    match moving.await {
        Ok(Ok(now)) => Ok(Answer::json(200, json!({ "now": now.to_string() }))),
        Ok(Err(error)) => Err(unavailable(&error)),
        Err(_) => Err(unavailable(&LocalError::refused("the clock could not be moved"))),
    }
}

/// What was sent, oldest first; one entry for each address.
///
/// A kill between sending an e-mail and noting that it was sent has it sent again, under the same
/// cause. Mail programs show such a pair once, by the message's id, and so does this list.
///
/// # Errors
/// The outbox cannot be read.
pub fn sent_messages(system: &System) -> LocalResult<Vec<Value>> {
    let sent = system.shared().services().outbox().list()?;
    let mut causes = BTreeSet::new();
    let mut messages = Vec::with_capacity(sent.len());
    for sent in &sent {
        for to in &sent.to {
            let cause = (said(sent, "order"), said(sent, "event"), said(sent, "template"), to);
            let has_cause = cause.0.is_some();
            if !has_cause || causes.insert((sent.channel, cause)) {
                messages.push(message(sent, to));
            }
        }
    }
    Ok(messages)
}

/// What was said about a message beside its text.
fn said<'a>(sent: &'a Sent, name: &str) -> Option<&'a String> {
    sent.tags.get(name).or_else(|| sent.attributes.get(name))
}

fn message(sent: &Sent, to: &str) -> Value {
    let said = |name: &str| said(sent, name);
    let channel = match sent.channel {
        Channel::Email => "email",
        Channel::Sms => "sms",
        Channel::Topic => "topic",
    };
    let at = ordermill_domain::time::Timestamp::from_milliseconds(sent.sent_at_milliseconds);
    json!({
        "number": sent.number,
        "channel": channel,
        "from": sent.from,
        "to": to,
        "subject": sent.subject,
        "text": sent.text,
        "html": sent.html,
        "order": said("order"),
        "event": said("event").and_then(|text| text.parse::<u64>().ok()),
        "audience": said("audience"),
        "template": said("template"),
        "at": at.to_string(),
        "times": sent.times,
    })
}

fn messages(system: &System) -> LocalAnswer {
    match sent_messages(system) {
        Ok(messages) => Ok(Answer::json(200, Value::Array(messages))),
        Err(error) => Err(unavailable(&error)),
    }
}

/// The queues as they stand.
///
/// # Errors
/// The table cannot be reached.
pub async fn queue_states(system: &System) -> LocalResult<Vec<Value>> {
    let shared = system.shared();
    let mut states = Vec::with_capacity(Queue::ALL.len());
    for queue in Queue::ALL {
        let name = queue_name(shared, queue);
        let counts = shared.services().queues().counts(&name).unwrap_or_default();
        let in_hand = shared.messages_in_hand(queue);
        let partition = keys::dead(queue.name(), "");
        let buried =
            shared.runtime().table.partition(partition.pk(), "", None, DEAD_COUNTED_MAX).await?;
        states.push(json!({
            "name": queue.name(),
            "visible": counts.visible,
            "in_flight": in_hand,
            "delayed": counts.delayed.saturating_add(counts.in_flight).saturating_sub(in_hand),
            "dead": counts.dead.saturating_add(buried.len()),
        }));
    }
    Ok(states)
}

async fn queues(system: &System) -> LocalAnswer {
    match queue_states(system).await {
        Ok(states) => Ok(Answer::json(200, Value::Array(states))),
        Err(error) => Err(unavailable(&error)),
    }
}

/// Asks the api function, as the local administrator.
pub async fn ask(site: &Site, method: Method, path: &str, query: &str) -> (u16, Value) {
    call_api(site, method, path, query, None, &[]).await
}

/// Sends JSON to the api function, as the local administrator.
pub async fn send(site: &Site, method: Method, path: &str, body: &Value) -> (u16, Value) {
    call_api(site, method, path, "", Some(body.to_string()), &[]).await
}

/// Sends JSON to the api function under an idempotency key, as the local administrator.
pub async fn send_once(site: &Site, path: &str, key: &str, body: &Value) -> (u16, Value) {
    let headers = [("idempotency-key", key)];
    call_api(site, Method::POST, path, "", Some(body.to_string()), &headers).await
}

async fn call_api(
    site: &Site,
    method: Method,
    path: &str,
    query: &str,
    body: Option<String>,
    headers: &[(&'static str, &str)],
) -> (u16, Value) {
    use http_body_util::BodyExt as _;
    let mut event = ApiGatewayV2httpRequest::default();
    event.raw_path = Some(path.to_owned());
    event.raw_query_string = Some(query.to_owned());
    event.body = body;
    let key = format!("Bearer {LOCAL_ADMIN_KEY}");
    let host = site.here().to_string();
    let ours = [("authorization", key.as_str()), ("host", host.as_str())];
    for (name, value) in ours.iter().chain(headers) {
        if let Ok(value) = HeaderValue::from_str(value) {
            event.headers.insert(*name, value);
        }
    }
    event.request_context.http.method = method;
    event.request_context.request_id = Some(event::request_id());
    let reply = site.call(&site.functions().api, event).await;
    let status = reply.status().as_u16();
    let bytes = reply.into_body().collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
}

/// A segment of a path, safe to be put into one.
#[must_use]
pub fn is_plain_segment(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

/// Pays an order as a provider would tell of it: a truly signed webhook, over HTTP to itself.
async fn pay(site: &Site, body: &[u8]) -> LocalAnswer {
    let body = object(body)?;
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let Some(id) = text("order").filter(|id| is_plain_segment(id)) else {
        return Err(invalid("/order", "required", "Write the order's id."));
    };
    let (status, order) = ask(site, Method::GET, &format!("/v1/orders/{id}"), "").await;
    if status != 200 {
        return Err(ErrorAnswer::not_found());
    }
    let currency = order.get("currency").and_then(Value::as_str).unwrap_or("EUR").to_owned();
    let amount = match body.get("amount") {
        Some(Value::String(amount)) => amount.clone(),
        Some(Value::Number(amount)) => amount.to_string(),
        Some(_) => {
            return Err(invalid("/amount", "not_an_amount", "Write it as a decimal string."));
        }
        None => asked_amount(&order)?,
    };
    let currency = text("currency").unwrap_or(&currency);
    let fresh = format!("local_{:016x}", random_u64());
    let reference = text("reference").unwrap_or(&fresh);
    let config = &site.ground().runtime.config;
    let secret = config.generic_secrets.first().cloned().unwrap_or_default();
    let paid = Paid { order: id, amount: &amount, currency, reference };
    let now = site.ground().runtime.clock.now();
    let sent = Client::new(site.here(), "").webhook(&secret, &paid, now).await;
    let sent = sent.map_err(|error| unavailable(&error))?;
    let answer = json!({
        "order": id,
        "amount": amount,
        "currency": currency,
        "reference": reference,
        "webhook_status": sent.status,
    });
    Ok(Answer::json(if sent.is_success() { 200 } else { sent.status }, answer))
}

/// What the customer is asked for next: a deposit first; money that is going back does not count as
/// there, and money that was forgiven is not asked for.
fn asked_amount(order: &Value) -> Result<String, ErrorAnswer> {
    let asked = order.pointer("/payment/asked").and_then(Value::as_str);
    if let Some(asked) = asked.filter(|text| text.bytes().any(|b| (b'1'..=b'9').contains(&b))) {
        return Ok(asked.to_owned());
    }
    let detail = "Nothing is open; write the `amount` to pay all the same.";
    Err(ErrorAnswer::new(409, "nothing_open", detail))
}
