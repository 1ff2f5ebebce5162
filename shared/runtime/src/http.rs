//! HTTP as functions see it: API Gateway's event in, its response out; problem documents.

use crate::changes::WAIT_SECONDS_MAX;
use crate::error::Failure;
use aws_lambda_events::encodings::Body;
use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::http::{HeaderMap, HeaderName, HeaderValue, header};
use ordermill_domain::decide::Rejection;
use ordermill_domain::intake::Problem;
use ordermill_domain::time::Seconds;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The largest body that is looked at, in bytes (`spec/api.md`).
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// A request, as far as functions need it.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST`, `PUT`.
    pub method: String,
    /// The path, percent-decoded segment by segment.
    pub segments: Vec<String>,
    /// Query parameters; the last of a name counts.
    pub query: BTreeMap<String, String>,
    /// Headers.
    pub headers: HeaderMap,
    /// The body's bytes as they came.
    pub body: Vec<u8>,
    /// Named in the answer's `Request-Id`.
    pub request_id: String,
    /// The host the caller used, for links.
    pub base_url: String,
}

impl Request {
    /// Reads API Gateway's event.
    #[must_use]
    pub fn from_event(event: ApiGatewayV2httpRequest) -> Self {
        use base64::Engine as _;
        let context = event.request_context;
        let method = context.http.method.to_string();
        let path = event.raw_path.or(context.http.path).unwrap_or_default();
        let query = parse_query(&event.raw_query_string.unwrap_or_default());
        let text = event.body.unwrap_or_default();
        let body = if event.is_base64_encoded {
            base64::engine::general_purpose::STANDARD.decode(text.as_bytes()).unwrap_or_default()
        } else {
            text.into_bytes()
        };
        let host = event.headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("");
        let proto = event.headers.get("x-forwarded-proto").and_then(|h| h.to_str().ok());
        let base_url = format!("{}://{host}", proto.unwrap_or("https"));
        let request_id =
            context.request_id.unwrap_or_else(|| format!("{:016x}", crate::auth::random_u64()));
        let segments = path.split('/').filter(|s| !s.is_empty()).map(percent_decode).collect();
        Self { method, segments, query, headers: event.headers, body, request_id, base_url }
    }

    /// A header's text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// `Prefer: wait=5`: how long the caller would wait for the answer it wants.
    #[must_use]
    pub fn wait(&self) -> Option<Seconds> {
        let prefer = self.header("prefer")?;
        // RFC 7240: names in any case, spaces around `=`, and the value may be quoted.
        let wait = prefer.split([',', ';']).find_map(|part| {
            let (name, value) = part.split_once('=')?;
            name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"'))
        })?;
        let seconds = wait.parse::<i64>().ok().filter(|seconds| *seconds > 0)?;
        Some(Seconds(seconds.min(WAIT_SECONDS_MAX)))
    }

    /// Whether this header, `If-Match` or `If-None-Match`, names this version; none where the
    /// request has no such header.
    #[must_use]
    pub fn names_version(&self, header: &str, version: u64) -> Option<bool> {
        let version = version.to_string();
        // RFC 9110: a weak tag is as good for reading, and never for writing.
        let is_reading = header.eq_ignore_ascii_case("if-none-match");
        let fits = |tag: &str| {
            let tag = tag.trim();
            let strong = if is_reading { tag.trim_start_matches("W/") } else { tag };
            tag == "*" || strong.trim_matches('"') == version
        };
        Some(self.header(header)?.split(',').any(fits))
    }

    /// The path's segments, for matching.
    #[must_use]
    pub fn path(&self) -> Vec<&str> {
        self.segments.iter().map(String::as_str).collect()
    }

    /// The bearer key.
    #[must_use]
    pub fn bearer(&self) -> Option<&str> {
        let (scheme, key) = self.header("authorization")?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
    }

    /// The body as JSON; an empty one is `null`.
    ///
    /// # Errors
    /// 413 when it is too large, 400 when it is not JSON.
    pub fn json(&self) -> Result<Value, ErrorAnswer> {
        if self.body.len() > BODY_BYTES_MAX {
            return Err(ErrorAnswer::new(413, "body_too_large", "The body is over 256 KiB."));
        }
        if self.body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&self.body).map_err(|error| {
            ErrorAnswer::new(400, "not_json", &format!("The body is not JSON: {error}."))
        })
    }

    /// The body as a JSON object.
    ///
    /// # Errors
    /// As [`Request::json`]; 400 when it is no object.
    pub fn json_object(&self) -> Result<Value, ErrorAnswer> {
        let value = self.json()?;
        if value.is_object() {
            return Ok(value);
        }
        Err(ErrorAnswer::new(400, "not_an_object", "The body must be a JSON object."))
    }

    /// The body as a JSON object; an empty body, or `null`, says nothing.
    ///
    /// # Errors
    /// As [`Request::json_object`].
    pub fn json_object_or_nothing(&self) -> Result<Value, ErrorAnswer> {
        let value = self.json()?;
        if value.is_null() { Ok(value) } else { self.json_object() }
    }

    /// The `Idempotency-Key`.
    ///
    /// # Errors
    /// 400 when it is not 1 to 255 printable ASCII characters.
    pub fn idempotency_key(&self) -> Result<Option<String>, ErrorAnswer> {
        let Some(value) = self.headers.get("idempotency-key") else { return Ok(None) };
        let text = value.to_str().unwrap_or_default();
        let printable = text.bytes().all(|b| (0x20..0x7f).contains(&b));
        if text.is_empty() || text.len() > 255 || !printable {
            let detail = "Idempotency-Key must be 1 to 255 printable ASCII characters.";
            return Err(ErrorAnswer::new(400, "idempotency_key_invalid", detail));
        }
        Ok(Some(text.to_owned()))
    }
}

fn percent_decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut ahead = rest.clone();
        let digits = [ahead.next(), ahead.next()];
        let value = match digits {
            [Some(a), Some(b)] => hex_digit(a).zip(hex_digit(b)),
            _ => None,
        };
        match value {
            Some((high, low)) => {
                bytes.push(high.saturating_mul(16).saturating_add(low));
                rest = ahead;
            }
            None => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// A name or value of a query string, as it was meant.
#[must_use]
pub fn decode_query(part: &str) -> String {
    percent_decode(&part.replace('+', " "))
}

fn parse_query(text: &str) -> BTreeMap<String, String> {
    let decode = decode_query;
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name), decode(value))
        })
        .collect()
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers beside `Request-Id`.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: AnswerBody,
}

/// What an answer carries.
#[derive(Clone, Debug)]
pub enum AnswerBody {
    /// JSON.
    Json(Value),
    /// A page.
    Html(String),
    /// Nothing.
    Empty,
}

impl Answer {
    /// A JSON answer.
    #[must_use]
    pub fn json(status: u16, body: Value) -> Self {
        Self { status, headers: Vec::new(), body: AnswerBody::Json(body) }
    }

    /// A page.
    #[must_use]
    pub fn html(status: u16, body: String) -> Self {
        Self { status, headers: Vec::new(), body: AnswerBody::Html(body) }
    }

    /// Nothing but a status.
    #[must_use]
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: AnswerBody::Empty }
    }

    /// The same with a header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    /// As API Gateway wants it.
    #[must_use]
    pub fn into_response(self, request_id: &str) -> ApiGatewayV2httpResponse {
        let (content_type, body) = match self.body {
            AnswerBody::Json(value) => {
                let problem = self.status >= 400;
                let kind = if problem { "application/problem+json" } else { "application/json" };
                (Some(kind), Some(Body::Text(value.to_string())))
            }
            AnswerBody::Html(page) => (Some("text/html; charset=utf-8"), Some(Body::Text(page))),
            AnswerBody::Empty => (None, None),
        };
        let mut headers = HeaderMap::new();
        let mut set = |name: &str, value: &str| {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                headers.insert(name, value);
            }
        };
        if let Some(kind) = content_type {
            set("content-type", kind);
        }
        set("request-id", request_id);
        set("cache-control", "no-store");
        for (name, value) in &self.headers {
            set(name, value);
        }
        let mut response = ApiGatewayV2httpResponse::default();
        response.status_code = i64::from(self.status);
        response.headers = headers;
        response.body = body;
        response
    }
}

/// An answer that says no: an RFC 9457 problem document.
#[derive(Clone, Debug)]
pub struct ErrorAnswer {
    /// HTTP status.
    pub status: u16,
    /// Stable code.
    pub code: String,
    /// What is wrong, and the remedy.
    pub detail: String,
    /// For validation: each mistake.
    pub errors: Vec<FieldError>,
    /// For 429 and 503.
    pub retry_after_seconds: Option<u32>,
}

/// One mistake in a body.
#[derive(Clone, Debug, Serialize)]
pub struct FieldError {
    /// JSON pointer.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// What to write instead.
    pub detail: String,
}

impl ErrorAnswer {
    /// A problem of this code.
    #[must_use]
    pub fn new(status: u16, code: &str, detail: &str) -> Self {
        Self {
            status,
            code: code.to_owned(),
            detail: detail.to_owned(),
            errors: Vec::new(),
            retry_after_seconds: (status == 503 || status == 429).then_some(1),
        }
    }

    /// 404.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(404, "not_found", "There is no such thing, or you may not know of it.")
    }

    /// 422 with all mistakes.
    #[must_use]
    pub fn invalid(problems: Vec<Problem>) -> Self {
        let mut answer =
            Self::new(422, "invalid", "The body has mistakes; each is named in `errors`.");
        answer.errors = problems
            .into_iter()
            .map(|p| FieldError { pointer: p.pointer, code: p.code.to_owned(), detail: p.detail })
            .collect();
        answer
    }

    /// The problem document's JSON.
    #[must_use]
    pub fn document(&self) -> Value {
        let title = match self.status {
            400 => "Bad request",
            401 => "Unauthorized",
            403 => "Forbidden",
            404 => "Not found",
            405 => "Method not allowed",
            409 => "Conflict",
            410 => "Gone",
            412 => "Precondition failed",
            413 => "Content too large",
            422 => "Unprocessable content",
            429 => "Too many requests",
            503 => "Service unavailable",
            _ => "Error",
        };
        let mut body = json!({
            "type": format!("https://ordermill.dev/problems/{}", self.code),
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        });
        if !self.errors.is_empty() {
            body["errors"] = json!(self.errors);
        }
        body
    }

    /// The problem document, with the headers that go with its status.
    #[must_use]
    pub fn answer(&self) -> Answer {
        let mut answer = Answer::json(self.status, self.document());
        if self.status == 401 {
            answer = answer.with_header("www-authenticate", "Bearer".to_owned());
        }
        match self.retry_after_seconds {
            Some(seconds) => answer.with_header("retry-after", seconds.to_string()),
            None => answer,
        }
    }
}

impl From<Failure> for ErrorAnswer {
    fn from(failure: Failure) -> Self {
        tracing::warn!(reason = %failure, "a request could not be answered");
        Self::new(503, "unavailable", "The service cannot do this just now; try again.")
    }
}

impl From<ordermill_table::TableError> for ErrorAnswer {
    fn from(error: ordermill_table::TableError) -> Self {
        Self::from(Failure::from(error))
    }
}

impl From<Rejection> for ErrorAnswer {
    fn from(rejection: Rejection) -> Self {
        let detail = rejection.to_string();
        match rejection {
            Rejection::NotAllowedInStatus { .. } => {
                Self::new(409, "not_allowed_in_status", &detail)
            }
            Rejection::GuardFailed { .. } => Self::new(409, "guard_failed", &detail),
            Rejection::RoleNotAllowed { .. } => Self::new(403, "forbidden", &detail),
            Rejection::RightMissing { .. } => Self::new(403, "forbidden", &detail),
            Rejection::Unfit { reasons } => {
                let mut answer = Self::invalid(Vec::new());
                answer.errors = reasons
                    .into_iter()
                    .map(|reason| FieldError {
                        pointer: reason.pointer.unwrap_or_default(),
                        code: reason.code,
                        detail: reason.detail,
                    })
                    .collect();
                answer
            }
            Rejection::Busy => {
                let mut answer = Self::new(409, "stock_moving", &detail);
                answer.retry_after_seconds = Some(1);
                answer
            }
            Rejection::OutOfStock { .. } => Self::new(409, "out_of_stock", &detail),
            Rejection::NotPossible { code, .. } => Self::new(409, code, &detail),
            Rejection::Invalid { pointer, code, detail } => {
                Self::invalid(vec![Problem { pointer, code, detail }])
            }
        }
    }
}
