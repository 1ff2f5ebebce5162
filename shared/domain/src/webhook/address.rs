//! Where a webhook may go: https on port 443 of the public network and nowhere else. A name is
//! judged by every address it has, at each attempt, and the connection goes to the address that
//! was judged (`DESIGN.md`, "Security").

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The longest address of an endpoint.
pub const URL_CHARACTERS_MAX: usize = 2_000;
/// The port of https.
const HTTPS_PORT: u16 = 443;

/// The parts of an endpoint's address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Target {
    /// Encrypted. Only a machine's own loopback, where that is allowed, is not.
    pub is_secure: bool,
    /// Name or address, without brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub path: String,
}

impl Target {
    /// The value of the `Host` header.
    #[must_use]
    pub fn host_header(&self) -> String {
        let host =
            if self.host.contains(':') { format!("[{}]", self.host) } else { self.host.clone() };
        let usual = self.is_secure && self.port == HTTPS_PORT;
        if usual { host } else { format!("{host}:{}", self.port) }
    }
}

/// Why an address is refused, and what to write instead.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressError {
    /// It is no address of this form.
    Malformed,
    /// Not https.
    NotSecure,
    /// Another port than 443.
    OtherPort,
    /// A user name or password stands in it.
    Credentials,
    /// It names a machine of the private network.
    NotPublic,
}

impl AddressError {
    /// Stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "url_malformed",
            Self::NotSecure => "url_not_secure",
            Self::OtherPort => "url_port",
            Self::Credentials => "url_credentials",
            Self::NotPublic => "url_not_public",
        }
    }

    /// What to write instead.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::Malformed => {
                "Write an address like https://example.com/hooks: ASCII, no blanks, no `#`."
            }
            Self::NotSecure => "Write an address that begins with https://.",
            Self::OtherPort => "Leave the port out: messages go to port 443 only.",
            Self::Credentials => {
                "Leave user name and password out: messages are signed, check the signature."
            }
            Self::NotPublic => "Write an address of the public network.",
        }
    }
}

/// Reads an endpoint's address. `loopback` allows `http://127.0.0.1:PORT/…` as well, for the
/// single-process run.
///
/// # Errors
/// Why a message may not go there.
pub fn parse(url: &str, loopback: bool) -> Result<Target, AddressError> {
    let plain = url.bytes().all(|b| (0x21..0x7f).contains(&b) && !b"\"<>\\^`{|}#".contains(&b));
    if url.is_empty() || url.len() > URL_CHARACTERS_MAX || !plain {
        return Err(AddressError::Malformed);
    }
    let (scheme, rest) = url.split_once("://").ok_or(AddressError::Malformed)?;
    let is_secure = match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" => false,
        _ => return Err(AddressError::NotSecure),
    };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).ok_or(AddressError::Malformed)?;
    if authority.contains('@') {
        return Err(AddressError::Credentials);
    }
    let (host, port) = host_and_port(authority)?;
    let port = port.unwrap_or(if is_secure { HTTPS_PORT } else { 80 });
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let target = Target { is_secure, host, port, path };
    if loopback && !is_secure && target.host == "127.0.0.1" {
        return Ok(target);
    }
    judge(target)
}

fn judge(target: Target) -> Result<Target, AddressError> {
    if !target.is_secure {
        return Err(AddressError::NotSecure);
    }
    if target.port != HTTPS_PORT {
        return Err(AddressError::OtherPort);
    }
    let public = match target.host.parse::<IpAddr>() {
        Ok(address) => is_public(address),
        Err(_) => is_public_name(&target.host),
    };
    if public { Ok(target) } else { Err(AddressError::NotPublic) }
}

fn host_and_port(authority: &str) -> Result<(String, Option<u16>), AddressError> {
    let (host, port) = match authority.strip_prefix('[') {
        Some(rest) => {
            let (inside, after) = rest.split_once(']').ok_or(AddressError::Malformed)?;
            inside.parse::<Ipv6Addr>().map_err(|_| AddressError::Malformed)?;
            let port = match after {
                "" => None,
                after => Some(after.strip_prefix(':').ok_or(AddressError::Malformed)?),
            };
            (inside, port)
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let fine = |b: u8| b.is_ascii_alphanumeric() || b"-.:_".contains(&b);
    if host.is_empty() || host.len() > 253 || !host.bytes().all(fine) {
        return Err(AddressError::Malformed);
    }
    let port = port.map(|text| text.parse::<u16>().map_err(|_| AddressError::Malformed));
    Ok((host.to_ascii_lowercase(), port.transpose()?))
}

/// Endings of names that mean a machine nearby.
const PRIVATE_ENDINGS: [&str; 8] =
    ["localhost", "local", "internal", "intranet", "lan", "home", "corp", "arpa"];

/// Whether a name can be one of the public network; its addresses are judged when it is used.
fn is_public_name(host: &str) -> bool {
    let host = host.strip_suffix('.').unwrap_or(host);
    let labels = || host.split('.');
    let last = labels().next_back().unwrap_or_default();
    let well_formed = labels().all(|l| !l.is_empty() && l.len() <= 63);
    // A last label of digits (or 0x…) is an address in another spelling.
    let is_number = last.bytes().all(|b| b.is_ascii_digit()) || last.starts_with("0x");
    well_formed && host.contains('.') && !is_number && !PRIVATE_ENDINGS.contains(&last)
}

/// Whether an address is one of the public network (IANA's special-purpose registries).
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let special = a == 0
        || a == 10
        || a == 127
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 0 && (c == 0 || c == 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 192 && b == 168)
        || (a == 198 && (b == 18 || b == 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113)
        || a >= 224;
    !special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let segments = address.segments();
    let [first, second, ..] = segments;
    let [.., high, low] = segments;
    let [a, b] = high.to_be_bytes();
    let [c, d] = low.to_be_bytes();
    let inside = Ipv4Addr::new(a, b, c, d);
    let [_, w, x, _, ..] = segments;
    let [e, f] = w.to_be_bytes();
    let [g, h] = x.to_be_bytes();
    if address.to_ipv4_mapped().is_some() {
        return is_public_v4(inside);
    }
    // Translated to an address of the old kind (64:ff9b::/96), or a tunnel to one (2002::/16).
    let translated = segments.get(..6) == Some(&[0x64, 0xff9b, 0, 0, 0, 0]);
    if translated {
        return is_public_v4(inside);
    }
    if first == 0x2002 {
        return is_public_v4(Ipv4Addr::new(e, f, g, h));
    }
    // Only 2000::/3 is given out; of it, protocol assignments and documentation are not public.
    let global = first & 0xe000 == 0x2000;
    let assigned = first == 0x2001 && second < 0x0200;
    let documentation =
        (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    global && !assigned && !documentation
}
