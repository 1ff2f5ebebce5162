//! A message to one person: what was owed, and how it stands with it.

use crate::error::TableError;
use crate::item::{Item, s};
use crate::keys;
use crate::records::document;
use ordermill_domain::time::Timestamp;
use serde::{Deserialize, Serialize};

/// A message to one person, as it was sent; the address stands nowhere but at the provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Notification {
    /// The order's event.
    pub version: u64,
    /// Which text.
    pub template: String,
    /// `email` or `sms`.
    pub channel: String,
    /// `customer`, `staff` or `partner`.
    pub audience: String,
    /// How it stands.
    pub state: NoticeState,
    /// The provider's id of the message.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// When it came to this state.
    pub at: Timestamp,
    /// While it waits or is claimed: when somebody looks at it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// What the provider said of a message that failed, as a code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Of an order that was not made yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ahead: Option<Ahead>,
}

/// An order of a subscription before it is made.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Ahead {
    /// The subscription.
    pub subscription: String,
    /// The date, as the rule gives it.
    pub date: String,
}

/// How it stands with a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoticeState {
    /// It waits for the reader's daytime.
    Queued,
    /// Somebody is sending it.
    Claimed,
    /// The provider has it.
    Sent,
    /// It had nothing to say any more when its moment came.
    Dropped,
    /// It did not arrive, or the provider would not have it.
    Failed,
    /// Nobody knows whether it went out, and it must not go twice.
    Unclear,
}

impl NoticeState {
    /// Whether nothing more becomes of it.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Claimed | Self::Sent => false,
            Self::Dropped | Self::Failed | Self::Unclear => true,
        }
    }
}

/// The row of a message. A text message that was sent is found by the provider's id, since the
/// provider's answers name nothing else.
///
/// # Errors
/// It cannot be written as JSON.
pub fn notification_row(
    notice: &keys::NoticeKey,
    notification: &Notification,
) -> Result<Item, TableError> {
    let key = notice.key();
    let mut row = document(&key, notification)?;
    if let Some(until) = notification.until {
        let (partition, sort) = notice.worklist(until);
        row.insert("wp".to_owned(), s(partition));
        row.insert("wd".to_owned(), s(sort));
    }
    let found_by_id = notification.channel == "sms" && notification.state == NoticeState::Sent;
    if let Some(id) = notification.message_id.as_ref().filter(|_| found_by_id) {
        row.insert("op".to_owned(), s(keys::owner_message(id)));
        row.insert("oc".to_owned(), s(key.sk()));
    }
    Ok(row)
}
