//! A door to the embedded table for tools that speak DynamoDB, like boto3 or the AWS command line:
//! `ordermill serve --dynamodb 127.0.0.1:8000`. Any region and any credentials do.
//!
//! It answers questions and writes nothing: what is in the table is the functions' business, and a
//! row that a tool changed would be one that no rule has seen. On a loopback address only, since a
//! table holds everybody's orders and the door asks for no key.

use crate::error::{LocalError, LocalResult};
use crate::http::{Answering, Reply, full, guard, read_body, reply};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::{Request, Response, StatusCode};
use ordermill_embedded::{Response as TableResponse, Services};
use ordermill_runtime::http::ErrorAnswer;
use std::net::SocketAddr;

/// How DynamoDB names itself in `x-amz-target`.
const SERVICE: &str = "DynamoDB_20120810.";
/// What may be asked: what changes nothing.
const OPERATIONS: [&str; 8] = [
    "BatchGetItem",
    "DescribeTable",
    "DescribeTimeToLive",
    "GetItem",
    "ListTables",
    "Query",
    "Scan",
    "TransactGetItems",
];

/// What answers there.
#[derive(Clone)]
pub struct TableDoor {
    services: Services,
    here: SocketAddr,
}

impl TableDoor {
    /// A door at this address.
    ///
    /// # Errors
    /// The address can be reached from outside.
    pub fn new(services: Services, here: SocketAddr) -> LocalResult<Self> {
        if here.ip().is_loopback() {
            return Ok(Self { services, here });
        }
        let what = format!("--dynamodb {here}: only a loopback address, it asks for no key");
        Err(LocalError::refused(what))
    }
}

impl Answering for TableDoor {
    async fn answer(&self, request: Request<Incoming>, _peer: SocketAddr) -> Reply {
        let (parts, incoming) = request.into_parts();
        if !guard::is_from_here(&parts.headers, self.here) {
            let detail = "Host must name this machine and port, and Origin must be this server's.";
            return reply(ErrorAnswer::new(403, "foreign_origin", detail).answer());
        }
        let target = parts.headers.get("x-amz-target").and_then(|target| target.to_str().ok());
        let operation = target.and_then(|target| target.strip_prefix(SERVICE)).unwrap_or_default();
        if !OPERATIONS.contains(&operation) {
            return refused("AccessDeniedException", "This address answers questions only.");
        }
        match read_body(incoming).await {
            Ok((body, false)) => answered(self.services.dynamodb(operation, &body).await),
            Ok((_, true)) => refused("ValidationException", "The request is too large."),
            Err(error) => reply(error.answer()),
        }
    }
}

fn refused(kind: &str, message: &str) -> Reply {
    let kind = format!("com.amazonaws.dynamodb.v20120810#{kind}");
    answered(TableResponse::error(400, &kind, message))
}

fn answered(response: TableResponse) -> Reply {
    let mut answer = Response::new(full(response.body));
    *answer.status_mut() = StatusCode::from_u16(response.status).unwrap_or(StatusCode::BAD_GATEWAY);
    let kind = HeaderValue::from_static("application/x-amz-json-1.0");
    answer.headers_mut().insert(CONTENT_TYPE, kind);
    answer
}
