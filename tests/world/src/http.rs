//! Requests as API Gateway hands them to functions, and their answers.

use aws_lambda_events::encodings::Body;
use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// An answer of the API.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: i64,
    /// The body; a text that is no JSON as a string.
    pub body: Value,
}

impl From<ApiGatewayV2httpResponse> for Answer {
    fn from(response: ApiGatewayV2httpResponse) -> Self {
        let text = match response.body {
            Some(Body::Text(text)) => text,
            _ => String::new(),
        };
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Self { status: response.status_code, body }
    }
}

/// Requests so far: each has an id of its own.
static REQUESTS: AtomicUsize = AtomicUsize::new(0);

/// The event of an HTTP request.
#[must_use]
pub fn event(
    method: &str,
    path_and_query: &str,
    body: &str,
    headers: &[(&str, &str)],
) -> ApiGatewayV2httpRequest {
    let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
    let mut all = serde_json::Map::new();
    all.insert("host".to_owned(), json!("shop.test"));
    all.insert("content-type".to_owned(), json!("application/json"));
    for (name, value) in headers {
        all.insert((*name).to_owned(), json!(value));
    }
    serde_json::from_value(json!({
        "version": "2.0", "routeKey": "$default", "rawPath": path, "rawQueryString": query,
        "headers": all, "body": body, "isBase64Encoded": false,
        "requestContext": { "accountId": "000000000000", "apiId": "world", "stage": "$default",
            "requestId": format!("request-{}", REQUESTS.fetch_add(1, Ordering::Relaxed)), "time": "01/Mar/2026:08:00:00 +0000", "timeEpoch": 0,
            "http": { "method": method, "path": path, "protocol": "HTTP/1.1",
                      "sourceIp": "127.0.0.1", "userAgent": "world" } },
    }))
    .unwrap()
}
