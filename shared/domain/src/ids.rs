//! Ids from causes: the same cause gives the same id, so a second attempt *is* the same row.

use data_encoding::{BASE32_NOPAD, HEXLOWER};
use sha2::{Digest, Sha256};

/// Characters of an id: base32 of the first 130 bits of a SHA-256.
pub const ID_CHARACTERS: usize = 26;

/// What an id names; part of the hash, so that ids of two kinds never meet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdKind {
    /// An order, from (client, key).
    Order,
    /// A subscription, from (client, key).
    Subscription,
    /// A notification, from (order, event, channel, recipient).
    Notification,
    /// A payment that an outside system told us of, from (provider, money object).
    Payment,
    /// A customer's card, from (client, what identifies the customer).
    Customer,
    /// A stock movement, from (client, key, position) or from the order's event.
    Movement,
    /// A request token of a transaction.
    Commit,
    /// Where a client wants to be told, from (client, key).
    Endpoint,
    /// One event on its way to one endpoint, from (endpoint, order, event).
    Delivery,
}

impl IdKind {
    fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Subscription => "subscription",
            Self::Notification => "notification",
            Self::Payment => "payment",
            Self::Customer => "customer",
            Self::Movement => "movement",
            Self::Commit => "commit",
            Self::Endpoint => "endpoint",
            Self::Delivery => "delivery",
        }
    }
}

/// The id of the thing of this kind that has this cause.
#[must_use]
pub fn derive(kind: IdKind, seller: &str, cause: &[&str]) -> String {
    let mut text = BASE32_NOPAD.encode(&hash(kind.name(), seller, cause));
    text.truncate(ID_CHARACTERS);
    text.make_ascii_lowercase();
    text
}

/// Whether a text has the form of an id; another form can name nothing.
#[must_use]
pub fn is_well_formed(id: &str) -> bool {
    id.len() == ID_CHARACTERS
        && id.bytes().all(|b| b.is_ascii_lowercase() || (b'2'..=b'7').contains(&b))
}

/// The number people read out: ten characters of the id's hash and a check character.
#[must_use]
pub fn order_number(order_id: &str) -> String {
    // No 0/O, 1/I/L, U: what is read over the telephone is not mistaken.
    const ALPHABET: &[u8; 28] = b"23456789ABCDEFGHJKMNPQRSTVWX";
    let digest = hash("number", "", &[order_id]);
    let letter = |value: usize| {
        char::from(
            ALPHABET.get(value.checked_rem(ALPHABET.len()).unwrap_or(0)).copied().unwrap_or(b'2'),
        )
    };
    let mut number = String::with_capacity(12);
    let mut sum: usize = 0;
    for (position, byte) in digest.iter().take(10).enumerate() {
        let value = usize::from(*byte).checked_rem(ALPHABET.len()).unwrap_or(0);
        sum = sum.saturating_add(value.saturating_mul(position.saturating_add(1)));
        number.push(letter(value));
    }
    number.push('-');
    number.push(letter(sum));
    number
}

/// SHA-256 of bytes as hexadecimal text, for comparing bodies and keys.
#[must_use]
pub fn digest(bytes: &[u8]) -> String {
    HEXLOWER.encode(&Sha256::digest(bytes))
}

/// A small number from an id, for spreading rows over shards.
#[must_use]
pub fn shard_of(id: &str, shards: u8) -> u8 {
    let first = Sha256::digest(id.as_bytes()).first().copied().unwrap_or_default();
    first.checked_rem(shards).unwrap_or_default()
}

fn hash(kind: &str, seller: &str, cause: &[&str]) -> Vec<u8> {
    let mut hasher = Sha256::new();
    for part in [kind, seller].into_iter().chain(cause.iter().copied()) {
        // Length-prefixed: ("ab", "c") and ("a", "bc") differ.
        hasher.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_cause_gives_the_same_id_and_another_cause_another() {
        let id = derive(IdKind::Order, "s", &["shop", "web-1"]);
        assert_eq!(id, derive(IdKind::Order, "s", &["shop", "web-1"]));
        assert!(is_well_formed(&id), "{id}");
        assert_ne!(id, derive(IdKind::Order, "s", &["shopw", "eb-1"]));
        assert_ne!(id, derive(IdKind::Subscription, "s", &["shop", "web-1"]));
        assert_eq!(order_number(&id).len(), 12);
    }
}
