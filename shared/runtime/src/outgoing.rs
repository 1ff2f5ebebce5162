//! Sending a webhook: one POST to an address that was judged, over a connection to just that
//! address, with no redirect followed. The one place that speaks HTTP to strangers.

use crate::auth::random_u64;
use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use ordermill_domain::time::Seconds;
use ordermill_domain::webhook::address::{self, Target};
use ordermill_domain::webhook::{Fault, Outcome};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long a whole attempt may take: name, connection, answer.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// Addresses of a name that are looked at; more are no address of an honest endpoint.
const ADDRESSES_MAX: usize = 32;

/// One message to an endpoint.
#[derive(Clone)]
pub struct Post {
    /// The endpoint's address, as it is stored.
    pub url: String,
    /// Headers beside `host`, `content-type` and `user-agent`.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: Vec<u8>,
    /// `http://127.0.0.1` is allowed.
    pub loopback: bool,
}

type Sent = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// Sends messages to endpoints. Tests and the simulation put another in its place.
pub type Poster = Arc<dyn Fn(Post) -> Sent + Send + Sync>;

/// The poster that goes out into the world.
#[must_use]
pub fn poster() -> Poster {
    Arc::new(|post| {
        Box::pin(async move {
            match tokio::time::timeout(ATTEMPT_TIMEOUT, send(&post)).await {
                Ok(Ok(outcome)) => outcome,
                Ok(Err(fault)) => Outcome::Failed(fault),
                Err(_) => Outcome::Failed(Fault::TimedOut),
            }
        })
    })
}

async fn send(post: &Post) -> Result<Outcome, Fault> {
    // Judged again: what was allowed when it was stored may not be allowed any more.
    let target = address::parse(&post.url, post.loopback).map_err(|_| Fault::ForbiddenAddress)?;
    let at = judged_address(&target).await?;
    let stream = TcpStream::connect(at).await.map_err(|_| Fault::NotConnected)?;
    let request = request(&target, post).ok_or(Fault::BrokenAnswer)?;
    if target.is_secure {
        let name = ServerName::try_from(target.host.clone()).map_err(|_| Fault::TlsFailed)?;
        let connector = TlsConnector::from(tls().clone());
        let stream = connector.connect(name, stream).await.map_err(|_| Fault::TlsFailed)?;
        exchange(stream, request).await
    } else {
        exchange(stream, request).await
    }
}

/// The address the connection goes to. All addresses of the name must be public: one that is not
/// would be reached by waiting for the right answer of the name server.
async fn judged_address(target: &Target) -> Result<SocketAddr, Fault> {
    let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
    let all: Vec<SocketAddr> =
        found.map_err(|_| Fault::NotResolved)?.take(ADDRESSES_MAX.saturating_add(1)).collect();
    let count = u64::try_from(all.len()).unwrap_or(u64::MAX);
    let allowed = |at: &SocketAddr| {
        if target.is_secure { address::is_public(at.ip()) } else { at.ip().is_loopback() }
    };
    if all.len() > ADDRESSES_MAX || !all.iter().all(allowed) {
        return Err(Fault::ForbiddenAddress);
    }
    let place = usize::try_from(random_u64().checked_rem(count).unwrap_or(0)).unwrap_or(0);
    all.get(place).copied().ok_or(Fault::NotResolved)
}

fn request(target: &Target, post: &Post) -> Option<Request<Full<Bytes>>> {
    let body = Full::new(Bytes::from(post.body.clone()));
    let mut request = Request::builder()
        .method(Method::POST)
        .uri(&target.path)
        .header(HOST, target.host_header())
        .header(CONTENT_TYPE, "application/json")
        .header(USER_AGENT, concat!("ordermill/", env!("CARGO_PKG_VERSION")))
        .body(body)
        .ok()?;
    for (name, value) in &post.headers {
        let value = HeaderValue::from_str(value).ok()?;
        request.headers_mut().insert(HeaderName::from_static(name), value);
    }
    Some(request)
}

/// Sends the request and reads the answer's head; what else it says is of no interest.
async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Outcome, Fault>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = handshake.map_err(|_| Fault::BrokenAnswer)?;
    let answer = sender.send_request(request);
    tokio::pin!(answer);
    tokio::pin!(connection);
    let answer = tokio::select! {
        answer = &mut answer => answer,
        _ = &mut connection => answer.await,
    };
    Ok(outcome(&answer.map_err(|_| Fault::BrokenAnswer)?))
}

fn outcome<B>(answer: &Response<B>) -> Outcome {
    let retry_after = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = retry_after.and_then(|text| text.trim().parse().ok()).map(Seconds);
    Outcome::Answered { status: answer.status().as_u16(), retry_after }
}

/// What is believed of certificates: the machine's own roots, read once.
fn tls() -> &'static Arc<ClientConfig> {
    static TLS: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    TLS.get_or_init(|| {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let config = match builder.with_safe_default_protocol_versions() {
            Ok(builder) => builder.with_root_certificates(roots).with_no_client_auth(),
            // The provider knows its own versions; without any nothing could be connected.
            Err(_) => ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(),
        };
        Arc::new(config)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    fn post(url: &str, loopback: bool) -> Post {
        let headers = vec![("webhook-id", "m-1".to_owned())];
        Post { url: url.to_owned(), headers, body: b"{}".to_vec(), loopback }
    }

    async fn answering(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?a=b", listener.local_addr().unwrap());
        let seen = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut bytes = vec![0; 4096];
            let count = stream.read(&mut bytes).await.unwrap();
            stream.write_all(answer.as_bytes()).await.unwrap();
            String::from_utf8_lossy(&bytes[..count]).into_owned()
        });
        (url, seen)
    }

    #[tokio::test]
    async fn a_message_is_posted_and_the_answer_told() {
        let (url, seen) = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
        let outcome = poster()(post(&url, true)).await;
        assert_eq!(outcome, Outcome::Answered { status: 204, retry_after: None });
        let seen = seen.await.unwrap();
        assert!(seen.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{seen}");
        assert!(
            seen.contains("webhook-id: m-1") && seen.contains("content-type: application/json")
        );
        assert!(seen.ends_with("{}"), "{seen}");
    }

    #[tokio::test]
    async fn a_redirect_is_not_followed() {
        let (url, seen) = answering(
            "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\nretry-after: 7\r\n\r\n",
        )
        .await;
        let outcome = poster()(post(&url, true)).await;
        let wanted = Outcome::Answered { status: 302, retry_after: Some(Seconds(7)) };
        assert_eq!(outcome, wanted);
        seen.await.unwrap();
    }

    #[tokio::test]
    async fn nothing_goes_to_a_machine_nearby_whatever_its_name() {
        let forbidden = Outcome::Failed(Fault::ForbiddenAddress);
        for url in ["http://127.0.0.1:1/", "https://127.0.0.1/", "https://localhost/"] {
            assert_eq!(poster()(post(url, false)).await, forbidden, "{url}");
        }
        // A public name whose address is not: judged after it was resolved.
        let target = Target {
            is_secure: true,
            host: "localhost".to_owned(),
            port: 443,
            path: "/".to_owned(),
        };
        assert_eq!(judged_address(&target).await, Err(Fault::ForbiddenAddress));
    }

    #[tokio::test]
    async fn what_is_no_answer_is_a_fault() {
        let (url, seen) = answering("nonsense\r\n\r\n").await;
        assert_eq!(poster()(post(&url, true)).await, Outcome::Failed(Fault::BrokenAnswer));
        seen.await.unwrap();
        let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let outcome = poster()(post(&format!("http://{closed}/"), true)).await;
        assert_eq!(outcome, Outcome::Failed(Fault::NotConnected));
    }
}
