//! The server: one HTTP address for all functions, as API Gateway is on AWS, and beside it what
//! exists only in this run.
//!
//! | path | who answers |
//! |---|---|
//! | `POST /v1/orders`, `/v1/orders/batch`, `/v1/orders/check` | intake |
//! | `POST /v1/payments/webhooks/{provider}` | payment |
//! | `/_local/*`, `/` | [`local`], [`pages`]; only on a loopback address |
//! | everything else | api |
//!
//! [`table`] is a door of its own to the table, for tools, where it is asked for.

pub mod document;
pub mod event;
pub mod guard;
pub mod local;
pub mod pages;
pub mod table;

use crate::error::{LocalError, LocalResult};
use crate::run::functions::{Functions, HttpFunction};
use crate::run::{Ground, System};
use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body as _, Incoming};
use hyper::http::request::Parts;
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use ordermill_runtime::http::{Answer, BODY_BYTES_MAX, ErrorAnswer};
use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// A response.
pub type Reply = Response<Full<Bytes>>;

/// Of a body over the limit so much is read and thrown away, so that the caller hears the answer.
const DRAIN_BYTES_MAX: u64 = 32 * 1024 * 1024;
/// How long a body may take to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a request's head may take to come.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long answers under way may take when the server stops.
const STOP_TIMEOUT: Duration = Duration::from_secs(4);
/// Connections the system keeps waiting for us.
const BACKLOG: u32 = 4096;

/// A body of these bytes.
#[must_use]
pub fn full(bytes: impl Into<Bytes>) -> Full<Bytes> {
    Full::new(bytes.into())
}

/// Whoever answers the requests of a server.
pub trait Answering: Clone + Send + Sync + 'static {
    /// Answers a request of this peer.
    fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
    ) -> impl Future<Output = Reply> + Send;
}

/// What answers requests.
#[derive(Clone)]
pub struct Site {
    inner: Arc<Inner>,
}

struct Inner {
    ground: Ground,
    functions: Functions,
    system: Option<System>,
    here: SocketAddr,
}

impl Site {
    /// A site at this address. Without a system nothing of `/_local` exists.
    #[must_use]
    pub fn new(
        ground: Ground,
        functions: Functions,
        system: Option<System>,
        here: SocketAddr,
    ) -> Self {
        Self { inner: Arc::new(Inner { ground, functions, system, here }) }
    }

    /// What functions get.
    #[must_use]
    pub fn ground(&self) -> &Ground {
        &self.inner.ground
    }

    /// The functions.
    #[must_use]
    pub fn functions(&self) -> &Functions {
        &self.inner.functions
    }

    /// Where it listens.
    #[must_use]
    pub fn here(&self) -> SocketAddr {
        self.inner.here
    }

    /// The running system, where there is one on a loopback address.
    fn local_system(&self) -> Option<&System> {
        let local = self.inner.here.ip().is_loopback() && self.inner.ground.runtime.config.local;
        self.inner.system.as_ref().filter(|_| local)
    }

    /// Calls a function with an event.
    pub async fn call(&self, function: &HttpFunction, event: ApiGatewayV2httpRequest) -> Reply {
        match function.call(&self.ground().runtime, event).await {
            Some(answer) => event::response(answer),
            None => {
                tracing::error!("a call panicked or took too long; its caller is told 500");
                let detail = "The service failed; the request may be sent again.";
                problem(&ErrorAnswer::new(500, "internal", detail))
            }
        }
    }

    fn route(&self, parts: &Parts) -> &HttpFunction {
        let functions = &self.inner.functions;
        let path = parts.uri.path().trim_end_matches('/');
        let is_post = parts.method == Method::POST;
        match path {
            "/v1/orders" | "/v1/orders/batch" | "/v1/orders/check" if is_post => &functions.intake,
            _ if is_post && path.starts_with("/v1/payments/webhooks/") => &functions.webhook,
            _ => &functions.api,
        }
    }
}

impl Answering for Site {
    async fn answer(&self, request: Request<Incoming>, peer: SocketAddr) -> Reply {
        let (parts, incoming) = request.into_parts();
        let path = parts.uri.path();
        let is_local = path == "/" || path == "/_local" || path.starts_with("/_local/");
        let guarded = is_local || guard::uses_local_admin(&parts.headers);
        if self.local_system().is_some()
            && guarded
            && !guard::is_from_here(&parts.headers, self.inner.here)
        {
            return problem(&ErrorAnswer::new(403, "foreign_origin", document::FOREIGN));
        }
        let (body, too_large) = match read_body(incoming).await {
            Ok(body) => body,
            Err(answer) => return problem(&answer),
        };
        if is_local {
            return match self.local_system() {
                Some(system) if !too_large => local::answer(self, system, &parts, &body).await,
                Some(_) => problem(&body_too_large()),
                None => problem(&ErrorAnswer::not_found()),
            };
        }
        let function = self.route(&parts);
        let now = self.ground().runtime.clock.now();
        let event = event::request_event(&parts, body, peer, self.inner.here, now);
        let reply = self.call(function, event).await;
        let is_document = parts.uri.path() == "/v1/openapi.json" && reply.status().is_success();
        if is_document && parts.method == Method::GET && self.local_system().is_some() {
            return with_local(reply).await;
        }
        // The function saw a body that is over the limit but cut off: it can say who may not call
        // at all, and nothing else.
        if too_large && !matches!(reply.status().as_u16(), 401 | 403 | 404 | 405 | 413) {
            return problem(&body_too_large());
        }
        reply
    }
}

/// The document, with what exists only in this run.
async fn with_local(document: Reply) -> Reply {
    let (mut parts, body) = document.into_parts();
    let bytes = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let Ok(document) = serde_json::from_slice(&bytes) else {
        return Response::from_parts(parts, full(bytes));
    };
    parts.headers.remove(hyper::header::CONTENT_LENGTH);
    let text = document::of_this_run(document).to_string();
    Response::from_parts(parts, full(text))
}

fn body_too_large() -> ErrorAnswer {
    ErrorAnswer::new(413, "body_too_large", "The body is over 256 KiB.")
}

/// The response of a problem document.
#[must_use]
pub fn problem(answer: &ErrorAnswer) -> Reply {
    reply(answer.answer())
}

/// The response of an answer.
#[must_use]
pub fn reply(answer: Answer) -> Reply {
    event::response(answer.into_response(&event::request_id()))
}

/// Reads a body; one over the limit comes back cut off, one byte longer than the limit.
async fn read_body(mut incoming: Incoming) -> Result<(Vec<u8>, bool), ErrorAnswer> {
    let announced = incoming.size_hint().lower();
    let reading = async {
        let mut body = Vec::new();
        let mut seen: u64 = 0;
        if announced > DRAIN_BYTES_MAX {
            return Ok((vec![b' '; BODY_BYTES_MAX + 1], true));
        }
        while let Some(frame) = incoming.frame().await {
            let Ok(frame) = frame else {
                return Err(ErrorAnswer::new(400, "body_incomplete", "The body broke off."));
            };
            let Some(bytes) = frame.data_ref() else { continue };
            seen = seen.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
            let room = (BODY_BYTES_MAX + 1).saturating_sub(body.len());
            body.extend(bytes.iter().take(room));
            if seen > DRAIN_BYTES_MAX {
                break;
            }
        }
        let too_large = body.len() > BODY_BYTES_MAX;
        Ok((body, too_large))
    };
    tokio::time::timeout(BODY_TIMEOUT, reading).await.unwrap_or_else(|_| {
        Err(ErrorAnswer::new(408, "body_too_slow", "The body took too long to come."))
    })
}

/// An address that is listened on.
pub struct Server {
    listener: TcpListener,
    here: SocketAddr,
}

impl Server {
    /// Listens; port 0 takes a free one.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub fn listen(address: SocketAddr) -> LocalResult<Self> {
        let failed = || LocalError::system(format!("cannot listen on {address}"));
        let socket = if address.is_ipv4() {
            tokio::net::TcpSocket::new_v4()
        } else {
            tokio::net::TcpSocket::new_v6()
        };
        let socket = socket.map_err(failed())?;
        socket.set_reuseaddr(true).map_err(failed())?;
        socket.bind(address).map_err(failed())?;
        let listener = socket.listen(BACKLOG).map_err(failed())?;
        let here = listener.local_addr().map_err(failed())?;
        Ok(Self { listener, here })
    }

    /// The address, with the real port.
    #[must_use]
    pub fn here(&self) -> SocketAddr {
        self.here
    }

    /// Answers requests until `stop` changes; what is under way then gets a few seconds.
    pub async fn serve(self, site: impl Answering, mut stop: watch::Receiver<bool>) {
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                accepted = self.listener.accept() => accepted,
                Some(_) = connections.join_next() => continue,
                () = stopped(&mut stop) => break,
            };
            match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(site.clone(), stream, peer, stop.clone()));
                }
                // Too many open files, or a caller that went away: the next may fare better.
                Err(_) => crate::run::wait::pause(10).await,
            }
        }
        drop(self.listener);
        let ended = async { while connections.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(STOP_TIMEOUT, ended).await;
    }
}

/// Answers the requests of one connection until it ends, or the answer under way when `stop`
/// changes.
async fn connection(
    site: impl Answering,
    stream: TcpStream,
    peer: SocketAddr,
    mut stop: watch::Receiver<bool>,
) {
    // Answers are small: they leave at once.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let site = site.clone();
        async move { Ok::<_, Infallible>(site.answer(request, peer).await) }
    });
    let connection = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .keep_alive(true)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        _ = connection.as_mut() => true,
        () = stopped(&mut stop) => false,
    };
    // A caller that breaks off is no concern of ours.
    if !ended {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// Waits until it says stop, or nobody can say it any more.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    let _ = stop.wait_for(|stop| *stop).await;
}
