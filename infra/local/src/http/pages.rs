//! Plain pages without scripts: the latest orders, one order's timeline, stock, messages as the
//! customer reads them, and what is due next. For looking around; only on a loopback address.

use crate::http::Site;
use crate::http::local::{
    LocalAnswer, ask, is_plain_segment, queue_states, sent_messages, unavailable,
};
use crate::run::System;
use crate::run::live::short_time;
use crate::run::sweeping::next_moment;
use hyper::Method;
use ordermill_domain::time::Timestamp;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use serde_json::Value;
use std::fmt::Write as _;

/// Orders and messages that a page shows.
const ROWS_MAX: usize = 50;

/// Answers a page.
///
/// # Errors
/// There is no such page, or the surroundings do not let it.
pub async fn answer(site: &Site, system: &System, path: &str) -> LocalAnswer {
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    match segments.as_slice() {
        [] | ["_local"] => overview(site, system).await,
        ["_local", "orders", id] if is_plain_segment(id) => order(site, system, id).await,
        ["_local", "orders", id, what @ ("json" | "history" | "why")] if is_plain_segment(id) => {
            let path = match *what {
                "json" => format!("/v1/orders/{id}"),
                other => format!("/v1/orders/{id}/{other}"),
            };
            let (status, body) = ask(site, Method::GET, &path, "").await;
            Ok(Answer::json(status, body))
        }
        ["_local", "stock"] => stock(site).await,
        ["_local", "outbox"] => outbox(system),
        ["_local", "outbox", number] => one_message(system, number),
        _ => Err(ErrorAnswer::not_found()),
    }
}

const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1d2733;--soft:#66727f;--line:#dfe4ea;--page:#f6f7f9;
--card:#fff;--accent:#1f4e79}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ed;--soft:#97a3b0;--line:#313943;--page:#14181d;
--card:#1c2229;--accent:#7fb2e5}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
header,main{max-width:70rem;margin:0 auto;padding:1rem 1.25rem}
header{display:flex;gap:1.25rem;align-items:baseline;flex-wrap:wrap}
header b{font-size:1.25rem;letter-spacing:-.01em}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
h2{font-size:1rem;margin:1.75rem 0 .5rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:.45rem .8rem;text-align:left;border-bottom:1px solid var(--line);white-space:nowrap}
tr:last-child td{border-bottom:0}th{color:var(--soft);font-weight:500;font-size:.85rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
.soft{color:var(--soft)}code{font-size:.9em}
.tag{border:1px solid var(--line);border-radius:1rem;padding:.05rem .6rem;font-size:.85rem}
pre{padding:1rem;margin:0;white-space:pre-wrap}iframe{border:0;width:100%;height:36rem;background:#fff}
";

/// Text as it may stand in a page.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

fn page(title: &str, now: Timestamp, body: &str) -> Answer {
    let html = format!(
        "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <title>{title} · Ordermill</title><style>{STYLE}</style></head><body>\
         <header><b>Ordermill</b><a href=\"/\">orders</a><a href=\"/_local/stock\">stock</a>\
         <a href=\"/_local/outbox\">messages</a><a href=\"/v1/openapi.json\">API</a>\
         <span class=\"soft\">{} UTC by its clock</span></header><main>{body}</main></body></html>",
        short_time(now),
        title = plain(title),
    );
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-src 'self'; \
                  img-src data: https:";
    Answer::html(200, html).with_header("content-security-policy", policy.to_owned())
}

fn at<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn shown(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => plain(text),
        Some(other) => plain(&other.to_string()),
    }
}

fn moment(text: &str) -> String {
    plain(&text.get(..16).unwrap_or(text).replace('T', " "))
}

fn items(body: &Value) -> &[Value] {
    body.get("items").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// A table; figures stand to the right.
fn table(heads: &[&str], rows: &[Vec<String>], figures: &[usize]) -> String {
    let class = |index: usize| if figures.contains(&index) { " class=\"n\"" } else { "" };
    let mut html = "<div class=\"card\"><table><tr>".to_owned();
    for (index, head) in heads.iter().enumerate() {
        // Writing into a string does not fail.
        let _ = write!(html, "<th{}>{head}</th>", class(index));
    }
    html.push_str("</tr>");
    for row in rows {
        html.push_str("<tr>");
        for (index, cell) in row.iter().enumerate() {
            let _ = write!(html, "<td{}>{cell}</td>", class(index));
        }
        html.push_str("</tr>");
    }
    if rows.is_empty() {
        let _ = write!(html, "<tr><td class=\"soft\" colspan=\"{}\">none</td></tr>", heads.len());
    }
    html.push_str("</table></div>");
    html
}

async fn overview(site: &Site, system: &System) -> LocalAnswer {
    let query = format!("limit={ROWS_MAX}");
    let (_, orders) = ask(site, Method::GET, "/v1/orders", &query).await;
    let rows: Vec<Vec<String>> = items(&orders)
        .iter()
        .map(|order| {
            let id = plain(at(order, "/id"));
            vec![
                format!("<a href=\"/_local/orders/{id}\">{}</a>", plain(at(order, "/number"))),
                moment(at(order, "/created_at")),
                format!("<span class=\"tag\">{}</span>", plain(at(order, "/status"))),
                plain(at(order, "/payment/status")),
                plain(&format!("{} {}", at(order, "/totals/gross"), at(order, "/currency"))),
                moment(at(order, "/due_at")),
                format!(
                    "<a href=\"/_local/orders/{id}/json\">json</a> · \
                     <a href=\"/_local/orders/{id}/history\">history</a>"
                ),
            ]
        })
        .collect();
    let heads = ["order", "taken in", "status", "payment", "total", "due", ""];
    let mut body = format!("<h2>Latest orders</h2>{}", table(&heads, &rows, &[4]));
    let states = queue_states(system).await.map_err(|error| unavailable(&error))?;
    let rows: Vec<Vec<String>> = states
        .iter()
        .map(|state| {
            ["name", "visible", "in_flight", "delayed", "dead"]
                .map(|name| shown(state.get(name)))
                .to_vec()
        })
        .collect();
    let heads = ["queue", "visible", "in flight", "waiting", "dead"];
    let _ = write!(body, "<h2>Queues</h2>{}", table(&heads, &rows, &[1, 2, 3, 4]));
    let now = system.shared().runtime().clock.now();
    let next = next_moment(system.shared(), now).await.map_err(|error| unavailable(&error))?;
    let next = next.map_or("Nothing is due.".to_owned(), |moment| {
        format!("The next thing falls due at {} UTC.", short_time(moment))
    });
    let _ = write!(
        body,
        "<h2>What is due next</h2><p>{next} <span class=\"soft\">To go there: \
         <code>curl -X POST http://{}/_local/clock -d '{{\"advance\": \"1h\"}}'</code></span></p>",
        site.here()
    );
    Ok(page("Orders", now, &body))
}

async fn order(site: &Site, system: &System, id: &str) -> LocalAnswer {
    let (status, order) = ask(site, Method::GET, &format!("/v1/orders/{id}"), "").await;
    if status != 200 {
        return Err(ErrorAnswer::not_found());
    }
    let path = format!("/v1/orders/{id}/history");
    let (_, history) = ask(site, Method::GET, &path, "limit=200").await;
    let mut body = format!(
        "<h2>{} <span class=\"tag\">{}</span></h2><p class=\"soft\">{} · {} {} · {} · \
         <a href=\"/_local/orders/{id}/json\">json</a> · \
         <a href=\"/_local/orders/{id}/why\">why</a></p>",
        plain(at(&order, "/number")),
        plain(at(&order, "/status")),
        plain(at(&order, "/customer/name")),
        plain(at(&order, "/totals/gross")),
        plain(at(&order, "/currency")),
        plain(at(&order, "/payment/status")),
    );
    let lines = order.get("lines").and_then(Value::as_array).cloned().unwrap_or_default();
    let rows: Vec<Vec<String>> = lines
        .iter()
        .map(|line| {
            ["sku", "name", "quantity", "unit_price", "total", "backordered", "shipped"]
                .map(|name| shown(line.get(name)))
                .to_vec()
        })
        .collect();
    let heads = ["sku", "", "quantity", "price", "total", "waits", "shipped"];
    let _ = write!(body, "<h2>Lines</h2>{}", table(&heads, &rows, &[2, 3, 4, 5, 6]));
    let rows: Vec<Vec<String>> = items(&history)
        .iter()
        .map(|event| {
            vec![
                shown(event.get("version")),
                moment(at(event, "/at")),
                plain(&at(event, "/type").replace('_', " ")),
                plain(at(event, "/to")),
                plain(at(event, "/actor/id")),
                plain(at(event, "/reason")),
            ]
        })
        .collect();
    let heads = ["", "when", "what", "status", "by", "why"];
    let _ = write!(body, "<h2>Timeline</h2>{}", table(&heads, &rows, &[0]));
    let sent = sent_messages(system).map_err(|error| unavailable(&error))?;
    let rows: Vec<Vec<String>> =
        sent.iter().filter(|message| at(message, "/order") == id).map(message_row).collect();
    let _ = write!(body, "<h2>Messages</h2>{}", table(&MESSAGE_HEADS, &rows, &[0]));
    Ok(page(at(&order, "/number"), system.shared().runtime().clock.now(), &body))
}

const MESSAGE_HEADS: [&str; 6] = ["", "when", "by", "to", "template", "subject"];

fn message_row(message: &Value) -> Vec<String> {
    let number = shown(message.get("number"));
    let subject = match at(message, "/subject") {
        "" => at(message, "/text").chars().take(60).collect(),
        subject => subject.to_owned(),
    };
    vec![
        number.clone(),
        moment(at(message, "/at")),
        plain(at(message, "/channel")),
        plain(at(message, "/to")),
        plain(at(message, "/template")),
        format!("<a href=\"/_local/outbox/{number}\">{}</a>", plain(&subject)),
    ]
}

async fn stock(site: &Site) -> LocalAnswer {
    let (_, stock) = ask(site, Method::GET, "/v1/stock", "limit=200").await;
    let rows: Vec<Vec<String>> = items(&stock)
        .iter()
        .map(|line| {
            ["sku", "on_hand", "reserved", "available", "waiting"]
                .map(|name| shown(line.get(name)))
                .to_vec()
        })
        .collect();
    let heads = ["sku", "on hand", "reserved", "available", "waited for"];
    let body = format!("<h2>Stock</h2>{}", table(&heads, &rows, &[1, 2, 3, 4]));
    Ok(page("Stock", site.ground().runtime.clock.now(), &body))
}

fn outbox(system: &System) -> LocalAnswer {
    let sent = sent_messages(system).map_err(|error| unavailable(&error))?;
    let rows: Vec<Vec<String>> = sent.iter().rev().take(ROWS_MAX * 4).map(message_row).collect();
    let body = format!("<h2>Messages</h2>{}", table(&MESSAGE_HEADS, &rows, &[0]));
    Ok(page("Messages", system.shared().runtime().clock.now(), &body))
}

fn one_message(system: &System, number: &str) -> LocalAnswer {
    let number: u64 = number.parse().map_err(|_| ErrorAnswer::not_found())?;
    let sent = sent_messages(system).map_err(|error| unavailable(&error))?;
    let message = sent
        .iter()
        .find(|message| message.get("number").and_then(Value::as_u64) == Some(number))
        .ok_or_else(ErrorAnswer::not_found)?;
    let mut body = format!(
        "<h2>{}</h2><p class=\"soft\">{} to {} · {} · \
         <a href=\"/_local/orders/{order}\">order</a></p><div class=\"card\"><pre>{}</pre></div>",
        plain(at(message, "/subject")),
        plain(at(message, "/channel")),
        plain(at(message, "/to")),
        moment(at(message, "/at")),
        plain(at(message, "/text")),
        order = plain(at(message, "/order")),
    );
    let html = at(message, "/html");
    if !html.is_empty() {
        let _ = write!(
            body,
            "<h2>As it looks</h2><div class=\"card\"><iframe sandbox srcdoc=\"{}\"></iframe></div>",
            plain(html)
        );
    }
    Ok(page("Message", system.shared().runtime().clock.now(), &body))
}
