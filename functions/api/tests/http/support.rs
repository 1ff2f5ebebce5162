//! One API on an embedded table, and the requests of its tests.

use aws_lambda_events::encodings::Body;
use aws_lambda_events::event::apigw::{
    ApiGatewayV2httpRequest, ApiGatewayV2httpRequestContext, ApiGatewayV2httpResponse,
};
use aws_lambda_events::http::{HeaderName, HeaderValue, Method};
use ordermill_domain::time::Timestamp;
use ordermill_embedded::{Clock as _, Execution, ManualClock, Place, Services};
use ordermill_runtime::{Clock, Config, Runtime, auth, policies};
use ordermill_table::records::{ClientRole, api_key_row};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Sunday 22 November 2026, 09:00 in UTC.
pub const NOW: &str = "2026-11-22T09:00:00Z";

/// The API, and the table behind it.
pub struct Api {
    pub runtime: Runtime,
    pub clock: Arc<ManualClock>,
    requests: AtomicU64,
    _services: Services,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: i64,
    pub body: Value,
    response: ApiGatewayV2httpResponse,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.response.headers.get(name).and_then(|v| v.to_str().ok()).unwrap_or_default()
    }

    /// The stable code of a problem, or of its first error.
    pub fn code(&self) -> &str {
        let first = self.body.pointer("/errors/0/code");
        first.or(self.body.get("code")).and_then(Value::as_str).unwrap_or_default()
    }

    #[track_caller]
    pub fn is(self, status: i64) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }
}

impl Api {
    pub async fn new() -> Self {
        let at = Timestamp::parse(NOW).unwrap();
        let clock = Arc::new(ManualClock::at(at.milliseconds()));
        let services = Services::open(&Place::Temporary, Execution::Inline, clock.clone()).unwrap();
        let credentials = aws_credential_types::Credentials::from_keys("local", "local", None);
        let sdk = aws_config::SdkConfig::builder()
            .behavior_version(aws_config::BehaviorVersion::latest())
            .region(aws_config::Region::new("local"))
            .credentials_provider(aws_credential_types::provider::SharedCredentialsProvider::new(
                credentials,
            ))
            .retry_config(aws_smithy_types::retry::RetryConfig::disabled())
            .http_client(services.http_client())
            .build();
        let ticks = clock.clone();
        let now = Clock::new(move || Timestamp::from_milliseconds(ticks.now_milliseconds()));
        let runtime = Runtime::new(Config::local(), &sdk, now)
            .with_sleep(Arc::new(|_| Box::pin(std::future::ready(()))));
        runtime.table.create_if_absent().await.unwrap();
        policies::store_presets(&runtime.table).await.unwrap();
        Self { runtime, clock, requests: AtomicU64::new(0), _services: services }
    }

    /// A key of this role.
    pub async fn key(&self, client: &str, role: ClientRole) -> String {
        let (stored, key) = auth::new_key(client, role, self.runtime.clock.now());
        self.runtime.table.put_row(api_key_row(&stored).unwrap()).await.unwrap();
        key
    }

    /// Any request.
    pub async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Answer {
        let number = self.requests.fetch_add(1, Ordering::SeqCst);
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let mut event = ApiGatewayV2httpRequest::default();
        let mut context = ApiGatewayV2httpRequestContext::default();
        context.http.method = Method::from_bytes(method.as_bytes()).unwrap();
        context.request_id = Some(format!("request-{number}"));
        event.request_context = context;
        event.raw_path = Some(path.to_owned());
        event.raw_query_string = Some(query.to_owned());
        event.body = body.map(Value::to_string);
        event.headers.insert("host", HeaderValue::from_static("localhost:8080"));
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            event.headers.insert(name, HeaderValue::from_str(value).unwrap());
        }
        let takes_in = ["/v1/orders", "/v1/orders/batch", "/v1/orders/check"];
        let intake = method == "POST" && takes_in.contains(&path);
        let response = if intake {
            ordermill_intake::handle(&self.runtime, event).await
        } else {
            ordermill_api::handle(&self.runtime, event).await
        };
        let body = match &response.body {
            // A page is no JSON; it is kept as its text.
            Some(Body::Text(text)) => {
                serde_json::from_str(text).unwrap_or_else(|_| Value::from(text.as_str()))
            }
            _ => Value::Null,
        };
        let answer = Answer { status: response.status_code, body, response };
        crate::schema::agrees(method, path, &answer);
        answer
    }

    /// As the local admin.
    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[("authorization", "Bearer local-admin")], None).await
    }

    /// As the local admin.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.ask("PUT", path, &[("authorization", "Bearer local-admin")], Some(&body)).await
    }

    /// As the local admin, with an idempotency key.
    pub async fn post(&self, path: &str, key: &str, body: Value) -> Answer {
        let headers = [("authorization", "Bearer local-admin"), ("idempotency-key", key)];
        self.ask("POST", path, &headers, Some(&body)).await
    }

    /// With somebody's key.
    pub async fn with_key(&self, method: &str, path: &str, key: &str, body: Value) -> Answer {
        let bearer = format!("Bearer {key}");
        let body = (!body.is_null()).then_some(&body);
        self.ask(method, path, &[("authorization", &bearer)], body).await
    }

    /// A product with this SKU.
    pub async fn product(&self, sku: &str) {
        let body = json!({ "name": "Tea", "prices": { "EUR": "12.50" }, "tax_rate": "0.21" });
        self.put(&format!("/v1/products/{sku}"), body).await.is(201);
    }

    /// An order of that client, and its id.
    pub async fn order(&self, key: &str, external_id: &str) -> String {
        let answer = self.with_key("POST", "/v1/orders", key, order(external_id)).await;
        answer.is(202).body["id"].as_str().unwrap().to_owned()
    }
}

/// The body of an order of two units of tea.
pub fn order(external_id: &str) -> Value {
    json!({
        "external_id": external_id,
        "currency": "EUR",
        "customer": { "id": "c-1", "name": "Ona Kazlauskienė", "email": "ona@example.com" },
        "delivery": { "method": "courier", "address": {
            "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103", "country": "LT"
        } },
        "payment": { "terms": "prepaid", "method": "card" },
        "lines": [{ "sku": "TEA-100", "quantity": 2, "unit_price": "12.50", "tax_rate": "0.21" }]
    })
}
