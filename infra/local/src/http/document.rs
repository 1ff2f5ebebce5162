//! The OpenAPI document as this run serves it: what the functions do everywhere, and beside it what
//! exists only here, `/_local/*` and the refusal of foreign pages.

use ordermill_runtime::http::ErrorAnswer;
use serde_json::{Map, Value, json};

/// The functions' document with what this run adds.
#[must_use]
pub fn of_this_run(mut document: Value) -> Value {
    let problem = json!({ "$ref": "#/components/schemas/Problem" });
    let Some(paths) = document.get_mut("paths").and_then(Value::as_object_mut) else {
        return document;
    };
    for local in endpoints() {
        let operation = operation(&local, &problem);
        let entry = paths.entry(local.path).or_insert_with(|| json!({}));
        entry[local.method] = operation;
    }
    let foreign = refusal(403, "foreign_origin", FOREIGN, &problem);
    for operation in paths.values_mut().filter_map(Value::as_object_mut).flat_map(Map::values_mut) {
        // Where a right may be missing, 403 is told already.
        let responses = operation.get_mut("responses").and_then(Value::as_object_mut);
        if let Some(responses) = responses {
            responses.entry("403").or_insert_with(|| foreign.clone());
        }
    }
    document
}

/// Why a request is refused that another page may have made.
pub const FOREIGN: &str = "Host must name this machine and port, and Origin must be this server's.";

/// An endpoint of this run alone.
struct Local {
    method: &'static str,
    path: &'static str,
    name: &'static str,
    summary: &'static str,
    body: Option<(Value, Value)>,
    answer: (Value, Value),
    refusals: &'static [(u16, &'static str, &'static str)],
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

const INVALID: (u16, &str, &str) = (422, "invalid", "Write it as the schema says.");
const NOT_JSON: (u16, &str, &str) = (400, "not_json", "The body is not JSON.");

fn endpoints() -> Vec<Local> {
    let clock = || {
        (
            object(json!({ "now": { "type": "string", "format": "date-time" } }), &["now"]),
            json!({ "now": "2026-11-22T09:00:00.000Z" }),
        )
    };
    vec![
        Local {
            method: "get",
            path: "/_local/clock",
            name: "localClock",
            summary: "What time it is here",
            body: None,
            answer: clock(),
            refusals: &[],
        },
        Local {
            method: "post",
            path: "/_local/clock",
            name: "localAdvance",
            summary: "Moves the clock on, from due moment to due moment, and answers when all is quiet",
            body: Some((
                object(
                    json!({ "advance": { "type": "string", "pattern": "^[0-9]{1,5}[smhd]$" } }),
                    &["advance"],
                ),
                json!({ "advance": "1s" }),
            )),
            answer: clock(),
            refusals: &[NOT_JSON, INVALID],
        },
        Local {
            method: "get",
            path: "/_local/messages",
            name: "localMessages",
            summary: "All e-mail and text messages that were sent, oldest first",
            body: None,
            answer: (json!({ "type": "array", "items": message() }), json!([message_example()])),
            refusals: &[],
        },
        Local {
            method: "get",
            path: "/_local/queues",
            name: "localQueues",
            summary: "The queues as they stand",
            body: None,
            answer: (
                json!({ "type": "array", "items": object(
                    json!({ "name": text(), "visible": count(), "in_flight": count(),
                        "delayed": count(), "dead": count() }),
                    &["name", "visible", "in_flight", "delayed", "dead"],
                ) }),
                json!([{ "name": "validate", "visible": 0, "in_flight": 0, "delayed": 0, "dead": 0 }]),
            ),
            refusals: &[],
        },
        Local {
            method: "post",
            path: "/_local/settle",
            name: "localSettle",
            summary: "Answers when no message is on its way and the stream is read to its end",
            body: None,
            answer: (
                object(json!({ "settled": { "type": "boolean" } }), &["settled"]),
                json!({ "settled": true }),
            ),
            refusals: &[],
        },
        pay(),
    ]
}

fn pay() -> Local {
    let body = json!({
        "order": text(),
        "amount": { "type": ["string", "null"], "description": "What is asked for next, where left out." },
        "currency": { "type": ["string", "null"] },
        "reference": { "type": ["string", "null"] },
    });
    let answer = json!({ "order": text(), "amount": text(), "currency": text(), "reference": text(),
        "webhook_status": { "type": "integer" } });
    Local {
        method: "post",
        path: "/_local/pay",
        name: "localPay",
        summary: "Pays an order as a provider would tell of it, by a truly signed webhook",
        body: Some((object(body, &["order"]), json!({ "order": "7kq4m2xd9tc5h3j8v2n6p0r1s4" }))),
        answer: (
            object(answer, &["order", "amount", "currency", "reference", "webhook_status"]),
            json!({ "order": "7kq4m2xd9tc5h3j8v2n6p0r1s4", "amount": "30.00", "currency": "EUR",
                "reference": "local_00c0ffee00c0ffee", "webhook_status": 200 }),
        ),
        refusals: &[
            NOT_JSON,
            (404, "not_found", "There is no such order."),
            (409, "nothing_open", "Nothing is open; write the `amount` to pay all the same."),
            INVALID,
        ],
    }
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn message() -> Value {
    let maybe = json!({ "type": ["string", "null"] });
    object(
        json!({
            "number": count(),
            "channel": { "enum": ["email", "sms", "topic"] },
            "from": maybe, "to": text(), "subject": maybe, "text": maybe, "html": maybe,
            "order": maybe,
            "event": { "type": ["integer", "null"] },
            "audience": maybe, "template": maybe,
            "at": { "type": "string", "format": "date-time" },
            "times": count(),
        }),
        &["channel", "to", "subject", "text", "html", "order", "event", "audience"],
    )
}

fn message_example() -> Value {
    json!({ "number": 1, "channel": "sms", "from": null, "to": "+37061234567", "subject": null,
        "text": "Your order 7KQ4M2XD9T-C is paid.", "html": null,
        "order": "7kq4m2xd9tc5h3j8v2n6p0r1s4", "event": 5, "audience": "customer",
        "template": "paid", "at": "2026-11-22T09:00:00.000Z", "times": 1 })
}

fn operation(local: &Local, problem: &Value) -> Value {
    let (schema, example) = &local.answer;
    let mut responses = json!({ "200": {
        "description": "Done.",
        "headers": request_id(),
        "content": { "application/json": { "schema": schema, "example": example } },
    } });
    let passing = (503, "unavailable", "The run can't do it just now.");
    for (status, code, detail) in local.refusals.iter().chain([&passing]) {
        responses[status.to_string()] = refusal(*status, code, detail, problem);
    }
    let mut operation = json!({
        "operationId": local.name,
        "tags": ["local"],
        "summary": local.summary,
        "description": "Only in the single-process run, on a loopback address.",
        "parameters": [],
        "security": [],
        "responses": responses,
    });
    if let Some((schema, example)) = &local.body {
        operation["requestBody"] = json!({
            "required": true,
            "content": { "application/json": { "schema": schema, "example": example } },
        });
    }
    operation
}

fn request_id() -> Value {
    json!({ "Request-Id": { "schema": { "type": "string" } } })
}

fn refusal(status: u16, code: &str, detail: &str, problem: &Value) -> Value {
    let example = ErrorAnswer::new(status, code, detail).document();
    json!({
        "description": detail,
        "headers": request_id(),
        "content": { "application/problem+json": { "schema": problem, "example": example } },
    })
}
