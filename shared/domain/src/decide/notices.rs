//! Messages that did not reach their reader: the order says so, staff see it, and the next channel
//! is asked. Which channel that is, [`crate::reach`] says.

use super::Facts;
use super::draft::{Decision, Draft};
use crate::order::{Actor, EventKind, Order, Recipient};
use crate::policy::Policy;
use crate::reach::Channel;
use crate::time::Timestamp;
use serde_json::Value;

/// Code of the exception when no channel to the customer is left.
pub const UNREACHABLE_TASK: &str = "customer_unreachable";

/// A message to a customer that did not reach them, or nobody knows whether it did.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FailedNotice {
    /// The event that owed it.
    pub of: u64,
    /// Which text.
    pub template: String,
    /// By which channel it was sent.
    pub channel: Channel,
    /// `bounced`, `complained`, `refused`, `unsendable`, `unclear`.
    pub code: String,
    /// What is to be done.
    pub next: NextWay,
}

/// What follows from a message that failed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NextWay {
    /// The customer is told the same by the next channel.
    OtherChannel,
    /// Nothing more: it arrived all the same, went by every channel already, or may not be sent
    /// twice.
    Nothing,
    /// No channel is left: a person has to find one.
    NobodyLeft,
}

/// Says that a message failed.
pub(super) fn failed(
    policy: &Policy,
    order: &Order,
    facts: &Facts,
    notice: &FailedNotice,
    now: Timestamp,
) -> Decision {
    let actor = Actor::system("feedback");
    let mut draft = Draft::new(policy, order, &facts.stock, actor, "message", now);
    draft.event(EventKind::NoticeFailed).reason = Some(notice.code.clone());
    draft.data("about", notice.channel.name());
    draft.data("template", notice.template.clone());
    draft.data("of", Value::from(notice.of));
    match notice.next {
        NextWay::OtherChannel => {
            draft.notify(&notice.template, Recipient::Customer);
            draft.notify("staff_alert", Recipient::Staff);
        }
        NextWay::Nothing => draft.notify("staff_alert", Recipient::Staff),
        NextWay::NobodyLeft => {
            let detail = "No message reaches the customer by any channel.".to_owned();
            draft.exception(UNREACHABLE_TASK, None, detail);
        }
    }
    draft.finish()
}
