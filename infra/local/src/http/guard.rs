//! What protects a run on a loopback address from other pages in the browser of the same machine:
//! `Host` must name this machine and port, and a foreign `Origin` is refused.

use hyper::header::{AUTHORIZATION, HOST, HeaderMap, ORIGIN};
use ordermill_runtime::config::LOCAL_ADMIN_KEY;
use std::net::SocketAddr;

/// Names of this machine.
const NAMES: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// Whether `Host` and `Origin` are this machine's own.
#[must_use]
pub fn is_from_here(headers: &HeaderMap, here: SocketAddr) -> bool {
    let host_is_ours = headers
        .get(HOST)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|host| is_ours(host, here.port()));
    let origin_is_ours = headers.get_all(ORIGIN).iter().all(|value| {
        let origin = value.to_str().ok().and_then(|text| text.strip_prefix("http://"));
        origin.is_some_and(|host| is_ours(host, here.port()))
    });
    host_is_ours && origin_is_ours
}

fn is_ours(host: &str, port: u16) -> bool {
    let host = host.to_ascii_lowercase();
    NAMES.iter().any(|name| match host.strip_prefix(name) {
        Some("") => port == 80,
        Some(rest) => rest.strip_prefix(':').is_some_and(|text| text == port.to_string()),
        None => false,
    })
}

/// Whether the key that exists only here is used.
#[must_use]
pub fn uses_local_admin(headers: &HeaderMap) -> bool {
    headers.get_all(AUTHORIZATION).iter().any(|value| {
        value.to_str().is_ok_and(|text| {
            text.split_once(' ').is_some_and(|(_, key)| key.trim() == LOCAL_ADMIN_KEY)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        is_from_here(&headers, SocketAddr::from(([127, 0, 0, 1], 8080)))
    }

    #[test]
    fn only_this_machine_by_name_and_port() {
        assert!(asked("localhost:8080", None));
        assert!(asked("127.0.0.1:8080", Some("http://localhost:8080")));
        assert!(asked("[::1]:8080", Some("http://[::1]:8080")));
        assert!(!asked("localhost", None));
        assert!(!asked("localhost:8081", None));
        assert!(!asked("localhost.example.com:8080", None));
        assert!(!asked("shop.example:8080", None));
        assert!(!asked("localhost:8080", Some("http://localhost:3000")));
        assert!(!asked("localhost:8080", Some("https://localhost:8080")));
        assert!(!asked("localhost:8080", Some("null")));
    }
}
