//! API Gateway's events, version 2.0: made from an HTTP request, and the response made from the
//! function's answer.

use crate::http::{Reply, full};
use aws_lambda_events::encodings::Body;
use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{COOKIE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use ordermill_domain::time::Timestamp;
use ordermill_runtime::auth::random_u64;
use std::net::SocketAddr;

/// What a caller may not say for itself: API Gateway sets it.
const FORWARDED: [&str; 3] = ["x-forwarded-for", "x-forwarded-port", "x-forwarded-proto"];

/// The event of a request.
#[must_use]
pub fn request_event(
    parts: &Parts,
    body: Vec<u8>,
    peer: SocketAddr,
    here: SocketAddr,
    now: Timestamp,
) -> ApiGatewayV2httpRequest {
    let mut event = ApiGatewayV2httpRequest::default();
    let path = parts.uri.path().to_owned();
    event.version = Some("2.0".to_owned());
    event.route_key = Some("$default".to_owned());
    event.raw_path = Some(path.clone());
    event.raw_query_string = Some(parts.uri.query().unwrap_or_default().to_owned());
    event.headers = headers(&parts.headers, peer, here);
    event.cookies = cookies(&parts.headers);
    match String::from_utf8(body) {
        Ok(text) => event.body = (!text.is_empty()).then_some(text),
        Err(bytes) => {
            event.body = Some(STANDARD.encode(bytes.as_bytes()));
            event.is_base64_encoded = true;
        }
    }
    let context = &mut event.request_context;
    context.route_key = Some("$default".to_owned());
    context.account_id = Some("000000000000".to_owned());
    context.stage = Some("$default".to_owned());
    context.request_id = Some(request_id());
    context.apiid = Some("local".to_owned());
    context.domain_name = text(&parts.headers, &HOST);
    context.time = Some(now.to_string());
    context.time_epoch = now.milliseconds();
    context.http.method = parts.method.clone();
    context.http.path = Some(path);
    context.http.protocol = Some("HTTP/1.1".to_owned());
    context.http.source_ip = Some(peer.ip().to_string());
    context.http.user_agent = text(&parts.headers, &hyper::header::USER_AGENT);
    event
}

/// A new request id.
#[must_use]
pub fn request_id() -> String {
    format!("{:016x}", random_u64())
}

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// Headers of one name are joined with commas, as API Gateway does it.
fn headers(given: &HeaderMap, peer: SocketAddr, here: SocketAddr) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in given.keys() {
        if *name == COOKIE || FORWARDED.contains(&name.as_str()) {
            continue;
        }
        let values: Vec<&[u8]> = given.get_all(name).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(joined) = HeaderValue::from_bytes(&values.join(&b","[..])) {
            headers.insert(name.clone(), joined);
        }
    }
    let ours = [peer.ip().to_string(), here.port().to_string(), "http".to_owned()];
    for (name, value) in FORWARDED.into_iter().zip(ours) {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}

fn cookies(headers: &HeaderMap) -> Option<Vec<String>> {
    let all: Vec<String> = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split("; "))
        .map(str::to_owned)
        .collect();
    (!all.is_empty()).then_some(all)
}

/// The HTTP response of a function's answer.
#[must_use]
pub fn response(answer: ApiGatewayV2httpResponse) -> Reply {
    let body = match answer.body {
        Some(Body::Text(text)) if answer.is_base64_encoded => {
            STANDARD.decode(text.as_bytes()).unwrap_or_default()
        }
        Some(Body::Text(text)) => text.into_bytes(),
        Some(Body::Binary(bytes)) => bytes,
        // Empty, or of a kind that our functions do not make.
        Some(_) | None => Vec::new(),
    };
    let mut reply = Reply::new(full(body));
    let status = u16::try_from(answer.status_code).ok();
    *reply.status_mut() = status.and_then(|s| s.try_into().ok()).unwrap_or_default();
    for (name, value) in answer.headers.iter().chain(answer.multi_value_headers.iter()) {
        reply.headers_mut().append(name.clone(), value.clone());
    }
    for cookie in answer.cookies {
        if let Ok(value) = HeaderValue::from_str(&cookie) {
            reply.headers_mut().append(hyper::header::SET_COOKIE, value);
        }
    }
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(body: &[u8]) -> ApiGatewayV2httpRequest {
        let request = hyper::Request::post("/v1/orders/a%20b?limit=2&q=%C4%85")
            .header("host", "localhost:8080")
            .header("x-forwarded-proto", "https")
            .header("x-many", "one")
            .header("x-many", "two")
            .body(())
            .unwrap();
        let (parts, ()) = request.into_parts();
        let address = SocketAddr::from(([127, 0, 0, 1], 8080));
        request_event(&parts, body.to_vec(), address, address, Timestamp::default())
    }

    #[test]
    fn path_and_query_stay_as_they_came_and_headers_are_joined() {
        let event = event(b"{}");
        assert_eq!(event.raw_path.as_deref(), Some("/v1/orders/a%20b"));
        assert_eq!(event.raw_query_string.as_deref(), Some("limit=2&q=%C4%85"));
        assert_eq!(event.headers["x-many"], "one,two");
        assert_eq!(event.headers["x-forwarded-proto"], "http");
        assert_eq!(event.body.as_deref(), Some("{}"));
        assert!(!event.is_base64_encoded);
    }

    #[test]
    fn a_body_that_is_not_utf_8_travels_as_base64() {
        let event = event(&[0xff, 0x00]);
        assert!(event.is_base64_encoded);
        assert_eq!(event.body.as_deref(), Some("/wA="));
    }
}
