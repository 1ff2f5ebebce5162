//! Signatures: of providers' webhooks, of cursors and tracking links. Checked over the bytes as
//! they came, in constant time.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use ordermill_domain::time::{Seconds, Timestamp};
use sha2::Sha256;

/// How old, or how far ahead, a signed event may be.
pub const TOLERANCE: Seconds = Seconds(300);

/// Why a webhook's signature is not believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum SignatureError {
    /// A header is missing or has another form.
    #[error("a signature header is missing or malformed")]
    Malformed,
    /// None of the signatures is ours.
    #[error("no signature matches")]
    NoMatch,
    /// Signed too long ago, or in the future.
    #[error("the signed time is more than 300 seconds from now")]
    TooOld,
}

/// HMAC-SHA256.
#[must_use]
pub fn hmac(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

/// Compares in constant time.
#[must_use]
pub fn same(a: &[u8], b: &[u8]) -> bool {
    use subtle::ConstantTimeEq;
    !a.is_empty() && bool::from(a.ct_eq(b))
}

fn in_time(signed_at: &str, now: Timestamp) -> Result<(), SignatureError> {
    let seconds: i64 = signed_at.parse().map_err(|_| SignatureError::Malformed)?;
    let apart = now.seconds().saturating_sub(seconds).saturating_abs();
    if apart > TOLERANCE.0 { Err(SignatureError::TooOld) } else { Ok(()) }
}

/// Checks `Stripe-Signature`: `t=…,v1=…`, several `v1` possible; the whole secret is the key.
///
/// # Errors
/// Why it is not believed.
pub fn check_stripe(
    secrets: &[String],
    header: &str,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    let mut signed_at = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.trim().split_once('=') {
            Some(("t", value)) => signed_at = Some(value),
            Some(("v1", value)) => signatures.push(value),
            Some(_) | None => {}
        }
    }
    let signed_at = signed_at.ok_or(SignatureError::Malformed)?;
    if signatures.is_empty() {
        return Err(SignatureError::Malformed);
    }
    let matches = secrets.iter().any(|secret| {
        let right = hex(&hmac(secret.as_bytes(), &[signed_at.as_bytes(), b".", body]));
        signatures.iter().any(|given| same(right.as_bytes(), given.as_bytes()))
    });
    if !matches {
        return Err(SignatureError::NoMatch);
    }
    in_time(signed_at, now)
}

/// Signs a body as Stripe does.
#[must_use]
pub fn sign_stripe(secret: &str, body: &[u8], now: Timestamp) -> String {
    let at = now.seconds().to_string();
    let signature = hex(&hmac(secret.as_bytes(), &[at.as_bytes(), b".", body]));
    format!("t={at},v1={signature}")
}

/// The headers of a Standard Webhook.
#[derive(Clone, Copy, Debug)]
pub struct StandardHeaders<'a> {
    /// `webhook-id`.
    pub id: &'a str,
    /// `webhook-timestamp`, in seconds.
    pub timestamp: &'a str,
    /// `webhook-signature`: `v1,<base64>`, several separated by spaces.
    pub signature: &'a str,
}

fn standard_key(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()
}

/// Checks a Standard Webhook: the secret after `whsec_` is base64.
///
/// # Errors
/// Why it is not believed.
pub fn check_standard(
    secrets: &[String],
    headers: StandardHeaders<'_>,
    body: &[u8],
    now: Timestamp,
) -> Result<(), SignatureError> {
    if headers.id.is_empty() || headers.signature.is_empty() {
        return Err(SignatureError::Malformed);
    }
    let given: Vec<&str> =
        headers.signature.split(' ').filter_map(|one| one.strip_prefix("v1,")).collect();
    let matches = secrets.iter().filter_map(|secret| standard_key(secret)).any(|key| {
        let right = standard_signature(&key, headers.id, headers.timestamp, body);
        given.iter().any(|one| same(right.as_bytes(), one.as_bytes()))
    });
    if !matches {
        return Err(SignatureError::NoMatch);
    }
    in_time(headers.timestamp, now)
}

fn standard_signature(key: &[u8], id: &str, timestamp: &str, body: &[u8]) -> String {
    let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
    STANDARD.encode(hmac(key, &parts))
}

/// Signs a body as a Standard Webhook; the value of `webhook-signature`.
#[must_use]
pub fn sign_standard(secret: &str, id: &str, body: &[u8], now: Timestamp) -> String {
    let key = standard_key(secret).unwrap_or_default();
    format!("v1,{}", standard_signature(&key, id, &now.seconds().to_string(), body))
}

/// Text with a signature nobody else can make: `<base64 of text>.<base64 of 128 bits>`. Of several
/// secrets, separated by commas, the first signs.
#[must_use]
pub fn seal(secrets: &str, purpose: &str, text: &str) -> String {
    seal_with(secrets.split(',').next().unwrap_or_default().trim(), purpose, text)
}

fn seal_with(secret: &str, purpose: &str, text: &str) -> String {
    let full = hmac(secret.as_bytes(), &[purpose.as_bytes(), b"\n", text.as_bytes()]);
    let short = full.get(..16).unwrap_or_default();
    format!("{}.{}", URL_SAFE_NO_PAD.encode(text), URL_SAFE_NO_PAD.encode(short))
}

/// The text of [`seal`], if its signature is by one of our secrets.
#[must_use]
pub fn unseal(secrets: &str, purpose: &str, sealed: &str) -> Option<String> {
    let (text, _) = sealed.split_once('.')?;
    let text = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    let ours = secrets
        .split(',')
        .map(str::trim)
        .filter(|secret| !secret.is_empty())
        .any(|one| same(seal_with(one, purpose, &text).as_bytes(), sealed.as_bytes()));
    ours.then_some(text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_bG9jYWwtdGVzdC1zZWNyZXQ=";

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_milliseconds(seconds * 1000)
    }

    #[test]
    fn a_stripe_signature_is_believed_for_five_minutes_and_not_a_second_longer() {
        let secrets = [SECRET.to_owned()];
        let header = sign_stripe(SECRET, b"{}", at(1000));
        assert_eq!(check_stripe(&secrets, &header, b"{}", at(1300)), Ok(()));
        assert_eq!(check_stripe(&secrets, &header, b"{}", at(1301)), Err(SignatureError::TooOld));
        assert_eq!(check_stripe(&secrets, &header, b"{ }", at(1000)), Err(SignatureError::NoMatch));
        assert_eq!(check_stripe(&secrets, "", b"{}", at(1000)), Err(SignatureError::Malformed));
        let rolled = format!("{header},v1=00");
        assert_eq!(check_stripe(&secrets, &rolled, b"{}", at(1000)), Ok(()));
    }

    #[test]
    fn a_standard_signature_is_one_of_several() {
        let secrets = [SECRET.to_owned()];
        let good = sign_standard(SECRET, "m", b"x", at(1000));
        let check = |signature: &str, body: &[u8]| {
            let headers = StandardHeaders { id: "m", timestamp: "1000", signature };
            check_standard(&secrets, headers, body, at(1000))
        };
        assert_eq!(check(&good, b"x"), Ok(()));
        assert_eq!(check(&format!("v1,AAAA {good}"), b"x"), Ok(()));
        assert_eq!(check("v1,", b"x"), Err(SignatureError::NoMatch));
        assert_eq!(check(good.get(..8).unwrap_or_default(), b"x"), Err(SignatureError::NoMatch));
        assert_eq!(check(&good.replace("v1,", "v1a,"), b"x"), Err(SignatureError::NoMatch));
        assert_eq!(check("", b"x"), Err(SignatureError::Malformed));
    }

    #[test]
    fn what_is_sealed_for_one_purpose_opens_for_no_other() {
        let sealed = seal("s", "cursor", "a#b");
        assert_eq!(unseal("s", "cursor", &sealed).as_deref(), Some("a#b"));
        assert_eq!(unseal("s", "track", &sealed), None);
        assert_eq!(unseal("t", "cursor", &sealed), None);
        assert_eq!(unseal("s", "cursor", "x.y"), None);
    }

    #[test]
    fn while_a_secret_is_rolled_the_first_signs_and_both_are_believed() {
        let old = seal("old", "track", "a");
        assert_eq!(unseal("new, old", "track", &old).as_deref(), Some("a"));
        assert_eq!(seal("new,old", "track", "a"), seal("new", "track", "a"));
        assert_eq!(unseal("new", "track", &old), None);
        assert_eq!(unseal("", "track", &seal("", "track", "a")), None);
    }
}
