//! Keys of messages: the rows of what was sent, and how a deadline or a provider's answer finds
//! them again.

use super::{Key, RowKind, moment, short, version_text};
use ordermill_domain::ids;
use ordermill_domain::reach::who;
use ordermill_domain::time::Timestamp;

/// The messages of an order begin with this.
const PREFIX: &str = "N#";

/// One message to one person; the address stands in it only as a digest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoticeKey {
    /// The order.
    pub order: String,
    /// The event's version.
    pub version: u64,
    /// Which text.
    pub template: String,
    /// `email` or `sms`.
    pub channel: String,
    /// Digest of the address.
    pub who: String,
}

impl NoticeKey {
    /// The message of this event, by this channel, to this address.
    #[must_use]
    pub fn new(order: &str, version: u64, template: &str, channel: &str, to: &str) -> Self {
        Self {
            order: order.to_owned(),
            version,
            template: template.to_owned(),
            channel: channel.to_owned(),
            who: who(to),
        }
    }

    /// Its row.
    #[must_use]
    pub fn key(&self) -> Key {
        let Self { version, template, channel, who, .. } = self;
        let sk = format!("{}#{template}#{channel}#{who}", version_text(*version));
        Key::new(RowKind::Notification, notification_partition(&self.order), sk)
    }

    /// Reads the keys of a row back.
    #[must_use]
    pub fn parse(pk: &str, sk: &str) -> Option<Self> {
        let order = pk.strip_prefix(PREFIX)?;
        let [version, template, channel, who] =
            <[&str; 4]>::try_from(sk.split('#').collect::<Vec<_>>()).ok()?;
        Some(Self {
            order: order.to_owned(),
            version: version.parse().ok()?,
            template: template.to_owned(),
            channel: channel.to_owned(),
            who: who.to_owned(),
        })
    }

    /// The worklist's partition and sort key while the message waits for its moment.
    #[must_use]
    pub fn worklist(&self, due_at: Timestamp) -> (String, String) {
        let key = self.key();
        let shard = ids::shard_of(key.pk(), super::WORKLIST_SHARDS);
        let sort = format!("{}#{}#{}", moment(due_at), key.pk(), key.sk());
        (super::worklist_shard(shard), sort)
    }

    /// The message that a sort key of the worklist is about.
    #[must_use]
    pub fn of_worklist(sort: &str) -> Option<Self> {
        let (_, rest) = sort.split_once('#')?;
        let order = rest.strip_prefix(PREFIX)?;
        let (order, sk) = order.split_once('#')?;
        Self::parse(&notification_partition(order), sk)
    }
}

/// The messages of an order.
#[must_use]
pub fn notification_partition(order: &str) -> String {
    format!("{PREFIX}{order}")
}

/// The order whose messages this partition has.
#[must_use]
pub fn order_of_notification(pk: &str) -> Option<&str> {
    pk.strip_prefix(PREFIX)
}

/// The `owner` partition of the message to which a provider gave this id.
#[must_use]
pub fn owner_message(id: &str) -> String {
    format!("B#{}", short(id))
}

/// What is known about reaching a customer.
#[must_use]
pub fn reach(customer: &str) -> Key {
    Key::new(RowKind::Reach, super::customer(customer).pk().to_owned(), "N".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_key_is_made_of_does_not_stand_in_it_and_it_is_found_again() {
        let notice = NoticeKey::new("o", 12, "paid", "email", "ona@example.com");
        let key = notice.key();
        assert!(!key.sk().contains("ona"));
        assert_eq!(NoticeKey::parse(key.pk(), key.sk()), Some(notice.clone()));
        let (_, sort) = notice.worklist(Timestamp::from_milliseconds(5));
        assert_eq!(NoticeKey::of_worklist(&sort), Some(notice));
        assert_eq!(NoticeKey::of_worklist("0000000000005#O#abc"), None);
    }
}
