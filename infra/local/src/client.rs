//! A small HTTP client: JSON to one server, over connections that are kept.

use crate::error::{LocalError, LocalResult};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::HeaderMap;
use hyper::{Method, Request};
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use ordermill_domain::time::Timestamp;
use ordermill_runtime::auth::random_u64;
use ordermill_runtime::signatures::sign_standard;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(360);

/// An answer.
#[derive(Clone, Debug)]
pub struct Answered {
    /// The status.
    pub status: u16,
    /// The body; a string where it is not JSON.
    pub body: Value,
    /// The headers.
    pub headers: HeaderMap,
}

impl Answered {
    /// Whether it is a 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// A text of the body, at this JSON pointer.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        self.body.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// A header; empty where there is none.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

/// A client of one server.
#[derive(Clone)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    base: String,
    key: String,
}

impl Client {
    /// A client of this server, with this API key.
    #[must_use]
    pub fn new(server: SocketAddr, key: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let pool = Pool::builder(TokioExecutor::new()).pool_max_idle_per_host(128).build(connector);
        Self { pool, base: format!("http://{server}"), key: key.to_owned() }
    }

    /// The same with another API key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self { key: key.to_owned(), ..self.clone() }
    }

    /// Asks.
    ///
    /// # Errors
    /// No answer came.
    pub async fn get(&self, path: &str) -> LocalResult<Answered> {
        self.send(Method::GET, path, &[], None).await
    }

    /// Sends JSON.
    ///
    /// # Errors
    /// No answer came.
    pub async fn post(&self, path: &str, body: &Value) -> LocalResult<Answered> {
        self.send(Method::POST, path, &[], Some(body.to_string())).await
    }

    /// Sends JSON under an idempotency key.
    ///
    /// # Errors
    /// No answer came.
    pub async fn post_once(&self, path: &str, key: &str, body: &Value) -> LocalResult<Answered> {
        let headers = [("idempotency-key", key.to_owned())];
        self.send(Method::POST, path, &headers, Some(body.to_string())).await
    }

    /// Puts JSON.
    ///
    /// # Errors
    /// No answer came.
    pub async fn put(&self, path: &str, body: &Value) -> LocalResult<Answered> {
        self.send(Method::PUT, path, &[], Some(body.to_string())).await
    }

    /// Sends what the generic payment provider would send, truly signed.
    ///
    /// # Errors
    /// No answer came.
    pub async fn webhook(
        &self,
        secret: &str,
        paid: &Paid<'_>,
        now: Timestamp,
    ) -> LocalResult<Answered> {
        let id = format!("msg_{:016x}", random_u64());
        let body = json!({
            "type": "payment.succeeded",
            "data": {
                "order_id": paid.order,
                "amount": paid.amount,
                "currency": paid.currency,
                "reference": paid.reference,
            },
        })
        .to_string();
        let headers = [
            ("webhook-id", id.clone()),
            ("webhook-timestamp", now.seconds().to_string()),
            ("webhook-signature", sign_standard(secret, &id, body.as_bytes(), now)),
        ];
        let path = "/v1/payments/webhooks/generic";
        self.send(Method::POST, path, &headers, Some(body)).await
    }

    /// Sends any request: these headers beside the key, and this body as it is.
    ///
    /// # Errors
    /// No answer came.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, String)],
        body: Option<String>,
    ) -> LocalResult<Answered> {
        let no_answer = |error: &dyn std::fmt::Display| {
            LocalError::refused(format!("no answer from {}: {error}", self.base))
        };
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if !self.key.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.key));
        }
        let is_told = headers.iter().any(|(name, _)| *name == "content-type");
        if body.is_some() && !is_told {
            request = request.header("content-type", "application/json");
        }
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let body = Full::new(Bytes::from(body.unwrap_or_default()));
        let request = request.body(body).map_err(|error| no_answer(&error))?;
        let asking = async {
            let answer = self.pool.request(request).await.map_err(|error| no_answer(&error))?;
            let status = answer.status().as_u16();
            let headers = answer.headers().clone();
            let bytes = answer.into_body().collect().await.map_err(|error| no_answer(&error))?;
            let bytes = bytes.to_bytes();
            let body = serde_json::from_slice(&bytes)
                .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(&bytes).into_owned()));
            Ok(Answered { status, body, headers })
        };
        tokio::time::timeout(TIMEOUT, asking).await.unwrap_or_else(|_| Err(no_answer(&"time-out")))
    }
}

/// A payment that a provider tells of.
#[derive(Clone, Copy, Debug)]
pub struct Paid<'a> {
    /// Our order's id.
    pub order: &'a str,
    /// How much, as a decimal.
    pub amount: &'a str,
    /// Of which currency.
    pub currency: &'a str,
    /// Which money object.
    pub reference: &'a str,
}
