//! The seam: an SDK's HTTP request in, the answer of the service that was meant out.
//!
//! A request names its service by itself (`x-amz-target`, the path, the form's `Action`), so one
//! connector serves every client. What may go wrong on the way to AWS is an [`Interceptor`]'s
//! business: it sees each request before and after it is applied, and may answer, lose or swallow
//! it. Neighbours: `dynamodb`, `sqs::wire` and `outbox::wire` do the work; `lib` hands this out.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use serde_json::json;

use crate::Shared;

/// The service a request is meant for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// DynamoDB (`DynamoDB_20120810.*`).
    DynamoDb,
    /// SQS (`AmazonSQS.*`).
    Sqs,
    /// SES v2 (`POST /v2/email/outbound-emails`).
    Ses,
    /// SNS (form with `Action`).
    Sns,
}

impl Service {
    /// The name as AWS writes it in ARNs: `dynamodb`, `sqs`, `ses`, `sns`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DynamoDb => "dynamodb",
            Self::Sqs => "sqs",
            Self::Ses => "ses",
            Self::Sns => "sns",
        }
    }
}

/// One request as an [`Interceptor`] sees it.
#[derive(Clone, Copy)]
pub struct Call<'a> {
    /// The service it is meant for.
    pub service: Service,
    /// The operation, for example `PutItem`, `SendMessageBatch`, `SendEmail`, `Publish`.
    pub operation: &'a str,
    /// The request body: JSON, or a form for SNS.
    pub body: &'a [u8],
}

impl fmt::Debug for Call<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Bodies hold addresses; they are not shown.
        f.debug_struct("Call")
            .field("service", &self.service)
            .field("operation", &self.operation)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// What comes back over the wire.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Headers beside the content type.
    pub headers: Vec<(&'static str, String)>,
    /// The body as the service's protocol writes it.
    pub body: Vec<u8>,
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

impl Response {
    /// A success with this body.
    pub fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self { status: 200, headers: Vec::new(), body: body.into() }
    }

    /// An error of a JSON service: `{"__type": kind, "message": message}`.
    pub fn error(status: u16, kind: &str, message: &str) -> Self {
        let body = json!({ "__type": kind, "message": message }).to_string().into_bytes();
        Self { status, headers: Vec::new(), body }
    }

    /// An error of SES v2, whose type stands in a header.
    pub fn rest_error(status: u16, kind: &str, message: &str) -> Self {
        let body = json!({ "message": message }).to_string().into_bytes();
        Self { status, headers: vec![("x-amzn-errortype", kind.to_owned())], body }
    }

    /// An error of SNS, in XML. `message` must not need escaping.
    pub fn xml_error(status: u16, code: &str, message: &str) -> Self {
        let fault = if status >= 500 { "Receiver" } else { "Sender" };
        let body = format!(
            "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>\
             <Type>{fault}</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>local</RequestId></ErrorResponse>"
        );
        Self { status, headers: Vec::new(), body: body.into_bytes() }
    }

    /// DynamoDB's throttling, which the SDK retries.
    pub fn throttled() -> Self {
        Self::error(
            400,
            "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "The level of configured provisioned throughput for the table was exceeded.",
        )
    }

    /// A cancelled transaction; `codes` has one entry per action, in order: `None`,
    /// `TransactionConflict`, `ConditionalCheckFailed`, `ThrottlingError`, ...
    pub fn transaction_cancelled(codes: &[&str]) -> Self {
        let reasons: Vec<_> = codes.iter().map(|code| json!({ "Code": code })).collect();
        let message = format!(
            "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
            codes.join(", ")
        );
        let kind = "com.amazonaws.dynamodb.v20120810#TransactionCanceledException";
        let body = json!({ "__type": kind, "Message": message, "CancellationReasons": reasons })
            .to_string()
            .into_bytes();
        Self { status: 400, headers: Vec::new(), body }
    }

    /// A single write that met a transaction on the same item.
    pub fn transaction_conflict() -> Self {
        Self::error(
            400,
            "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
            "Transaction is ongoing for the item",
        )
    }

    /// A failure of the service itself, which the SDK retries.
    pub fn internal_failure() -> Self {
        Self::error(500, "InternalServerError", "The service failed; this is injected.")
    }

    /// Whether the service did what it was asked.
    pub fn is_success(&self) -> bool {
        self.status < 300
    }
}

/// What becomes of a request that was not applied yet.
#[derive(Debug)]
pub enum Before {
    /// It is applied.
    Proceed,
    /// A request of the same operation with this body is applied in its place: what a program
    /// with a known mistake would have asked. For checks of the checks.
    Instead(Vec<u8>),
    /// It is not applied, and this is the answer.
    Answer(Response),
    /// It is not applied, and the caller sees a timeout.
    TimeOut,
    /// It is not applied, and the caller waits for ever: the process died before sending.
    Never,
}

/// What becomes of the answer to a request that was applied.
#[derive(Debug)]
pub enum After {
    /// It arrives.
    Deliver,
    /// Another one arrives in its place.
    Replace(Response),
    /// It is lost, and the caller sees a timeout: an unclear answer.
    TimeOut,
    /// It is lost, and the caller waits for ever: the process died after sending.
    Never,
}

/// A boxed future, as an [`Interceptor`] returns it.
pub type Verdict<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sees each request before and after it is applied: counting, latency, faults and crashes.
///
/// Both methods may wait. The defaults let everything pass. Retries of the SDK are requests of
/// their own.
pub trait Interceptor: Send + Sync {
    /// Decides about a request that was not applied yet.
    fn before<'a>(&'a self, call: &'a Call<'a>) -> Verdict<'a, Before> {
        let _ = call;
        Box::pin(std::future::ready(Before::Proceed))
    }

    /// Decides about the answer to a request that was applied.
    fn after<'a>(&'a self, call: &'a Call<'a>, response: &'a Response) -> Verdict<'a, After> {
        let _ = (call, response);
        Box::pin(std::future::ready(After::Deliver))
    }
}

/// The connector every client of one process is given.
#[derive(Clone)]
struct Connector {
    shared: Arc<Shared>,
    interceptor: Option<Arc<dyn Interceptor>>,
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.clone();
        HttpConnectorFuture::new(async move { connector.answer(&request).await })
    }
}

impl Connector {
    async fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let Some(body) = request.body().bytes() else {
            return Err(ConnectorError::user("a streaming body is not served here".into()));
        };
        let Some((service, operation)) = route(request, body) else {
            let what = format!("no service here answers {} {}", request.method(), request.uri());
            return Err(ConnectorError::user(what.into()));
        };
        let call = Call { service, operation, body };
        let Some(interceptor) = &self.interceptor else {
            return http(self.shared.apply(&call).await);
        };
        let other;
        let mut call = call;
        match interceptor.before(&call).await {
            Before::Proceed => {}
            Before::Instead(body) => {
                other = body;
                call.body = &other;
            }
            Before::Answer(response) => return http(response),
            Before::TimeOut => return Err(timeout("before it was applied")),
            Before::Never => std::future::pending().await,
        }
        let response = self.shared.apply(&call).await;
        match interceptor.after(&call, &response).await {
            After::Deliver => http(response),
            After::Replace(other) => http(other),
            After::TimeOut => Err(timeout("after it was applied")),
            After::Never => std::future::pending().await,
        }
    }
}

/// Builds the HTTP client of the given services.
pub(crate) fn http_client(
    shared: Arc<Shared>,
    interceptor: Option<Arc<dyn Interceptor>>,
) -> SharedHttpClient {
    let connector = SharedHttpConnector::new(Connector { shared, interceptor });
    http_client_fn(move |_, _| connector.clone())
}

/// Finds service and operation of a request.
fn route<'a>(request: &'a HttpRequest, body: &'a [u8]) -> Option<(Service, &'a str)> {
    if let Some(target) = request.headers().get("x-amz-target") {
        let (service, operation) = target.split_once('.')?;
        return match service {
            "DynamoDB_20120810" => Some((Service::DynamoDb, operation)),
            "AmazonSQS" => Some((Service::Sqs, operation)),
            _ => None,
        };
    }
    let uri = request.uri();
    let path = uri.split_once("://").map_or(uri, |(_, rest)| rest);
    let path = path.find('/').map_or("", |at| &path[at..]);
    let path = path.split('?').next().unwrap_or_default();
    if path.starts_with("/v2/email/") {
        let sends = request.method() == "POST" && path == "/v2/email/outbound-emails";
        return Some((Service::Ses, if sends { "SendEmail" } else { path }));
    }
    let form = std::str::from_utf8(body).ok()?;
    let action = form.split('&').find_map(|pair| pair.strip_prefix("Action="))?;
    Some((Service::Sns, action))
}

fn timeout(when: &str) -> ConnectorError {
    ConnectorError::timeout(format!("the request timed out {when}; this is injected").into())
}

fn http(response: Response) -> Result<HttpResponse, ConnectorError> {
    let status = response.status.try_into().map_err(|_| {
        ConnectorError::user(format!("{} is not an HTTP status", response.status).into())
    })?;
    let mut http = HttpResponse::new(status, SdkBody::from(response.body));
    for (name, value) in response.headers {
        http.headers_mut().insert(name, value);
    }
    Ok(http)
}
