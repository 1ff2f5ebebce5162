//! What becomes of a subscription when an order of it is not paid.
//!
//! A payment that failed begins it. The order gets the hold [`HOLD`], which stops the limits of its
//! lifecycle, and the customer is reminded by a ladder that depends on why the payment failed: a bank
//! that did not answer will tomorrow, an empty account by the next wages, a card that is lost never, so
//! that another way of paying is asked for at once. Money ends it at any time. At its end the hold goes,
//! with it the order (its limit has long run out), and the subscription pauses or ends.
//!
//! What it does to the order is `decide/dunning.rs`; who looks when is `functions/recur`.

use crate::order::{Event, EventKind};
use crate::subscription::{Subscription, SubscriptionStatus};
use crate::time::{Seconds, Timestamp};
use serde::{Deserialize, Serialize};

/// The name of the hold on an order whose payment is waited for in this way.
pub const HOLD: &str = "dunning";
/// Why a subscription was paused or cancelled by this.
pub const NOT_PAID: &str = "not_paid";

/// Whether the money of a subscription's order has taken a turn that dunning must know of at once:
/// a payment failed, or a person let the order go on. Everything else is seen when the next reminder
/// is due.
#[must_use]
pub fn is_turn(event: &Event) -> bool {
    let released = event.kind == EventKind::HoldReleased
        && event.data.get("hold").and_then(serde_json::Value::as_str) == Some(HOLD);
    released || event.kind == EventKind::PaymentFailed
}

/// What becomes of a subscription when an order is not paid in the end.
#[derive(
    Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Unpaid {
    /// It makes no orders until somebody resumes it.
    #[default]
    Pause,
    /// It is over.
    Cancel,
}

/// Why a payment failed, as far as it matters for what helps.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FailureClass {
    /// Somebody did not answer: the same again helps.
    Passing,
    /// There is no money, or the bank will not have it: the same again may help in some days.
    Declined,
    /// The card is of no use any more: only another way of paying helps.
    Unusable,
}

/// Codes that say that only another way of paying helps (Stripe's decline codes, and plain words).
const UNUSABLE: [&str; 14] = [
    "expired_card",
    "lost_card",
    "stolen_card",
    "pickup_card",
    "restricted_card",
    "incorrect_number",
    "invalid_number",
    "invalid_account",
    "invalid_expiry_month",
    "invalid_expiry_year",
    "card_not_supported",
    "currency_not_supported",
    "revocation_of_authorization",
    "revocation_of_all_authorizations",
];
/// Codes that say that somebody did not answer.
const PASSING: [&str; 8] = [
    "processing_error",
    "issuer_not_available",
    "reenter_transaction",
    "try_again_later",
    "approve_with_id",
    "timeout",
    "network_error",
    "rate_limit",
];

impl FailureClass {
    /// The class of a provider's code. What nobody has said the meaning of counts as a no that may
    /// become a yes.
    #[must_use]
    pub fn of(code: Option<&str>) -> Self {
        match code {
            Some(code) if UNUSABLE.contains(&code) => Self::Unusable,
            Some(code) if PASSING.contains(&code) => Self::Passing,
            Some(_) | None => Self::Declined,
        }
    }

    /// So long after the first failure the customer is reminded.
    #[must_use]
    pub fn reminders(self) -> &'static [Seconds] {
        match self {
            Self::Passing => &const { [Seconds::days(1), Seconds::days(3)] },
            Self::Declined => {
                &const { [Seconds::days(1), Seconds::days(3), Seconds::days(5), Seconds::days(7)] }
            }
            Self::Unusable => &const { [Seconds(0), Seconds::days(3), Seconds::days(6)] },
        }
    }

    /// So long after the first failure it is over.
    #[must_use]
    pub fn ends_after(self) -> Seconds {
        match self {
            Self::Passing | Self::Unusable => Seconds::days(7),
            Self::Declined => Seconds::days(10),
        }
    }
}

/// An order that nobody has managed to pay yet.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Dunning {
    /// The order.
    pub order: String,
    /// Why the last attempt failed.
    pub class: FailureClass,
    /// When the first attempt failed.
    pub since: Timestamp,
    /// How many reminders went out.
    pub reminders: u8,
    /// When it is looked at next.
    pub due_at: Timestamp,
}

/// How it stands with the money of an order of a subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Money<'a> {
    /// Nothing is waited for, or nobody has tried to pay yet.
    Quiet,
    /// It is waited for, and an attempt failed.
    Failed {
        /// The provider's code.
        code: Option<&'a str>,
        /// When the first of the attempts failed that were made since it is waited for.
        since: Timestamp,
    },
    /// It was paid.
    Paid,
    /// The order ended without it.
    NotPaid,
}

/// What is done to the order, in the same transaction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Act {
    /// Nothing.
    Nothing,
    /// Its limits wait; the customer is asked at once where `remind`.
    Begin {
        /// Whether the customer is asked at once.
        remind: bool,
    },
    /// The customer is reminded.
    Remind,
    /// Its limits go on.
    End,
}

impl Subscription {
    /// Looks at an order of it whose money has moved, or whose next reminder may be due. None where
    /// there is nothing to be done; else the subscription as it must be, and what is done to the order.
    #[must_use]
    pub fn dun(&self, order: &str, money: Money<'_>, now: Timestamp) -> Option<(Self, Act)> {
        let known = self.dunning.as_ref().filter(|dunning| dunning.order == order);
        let mut after = self.clone();
        after.version = self.version.saturating_add(1);
        after.updated_at = now.max(self.updated_at);
        match (known, money) {
            (None, Money::Failed { code, since }) if self.may_begin(order) => {
                let class = FailureClass::of(code);
                let order = order.to_owned();
                // Counted from the failure, however late somebody looks.
                let mut dunning = Dunning { order, class, since, reminders: 0, due_at: now };
                let remind = dunning.pass(now);
                after.dunning = Some(dunning);
                Some((after, Act::Begin { remind }))
            }
            (None, Money::Quiet | Money::Failed { .. } | Money::Paid | Money::NotPaid) => None,
            (Some(_), Money::Paid | Money::Quiet) => {
                after.dunning = None;
                Some((after, Act::End))
            }
            (Some(_), Money::NotPaid) => {
                after.give_up();
                Some((after, Act::Nothing))
            }
            (Some(known), Money::Failed { code, .. }) => {
                let mut dunning = known.clone();
                dunning.class = FailureClass::of(code);
                let remind = dunning.pass(now);
                if !remind && dunning.due_at <= now {
                    after.give_up();
                    return Some((after, Act::End));
                }
                if dunning == *known {
                    return None;
                }
                after.dunning = Some(dunning);
                Some((after, if remind { Act::Remind } else { Act::Nothing }))
            }
        }
    }

    /// One at a time, and none that was given up: its own limit is about to end it.
    fn may_begin(&self, order: &str) -> bool {
        self.dunning.is_none() && self.given_up.as_deref() != Some(order)
    }

    fn give_up(&mut self) {
        self.given_up = self.dunning.take().map(|dunning| dunning.order);
        if self.is_over() {
            return;
        }
        self.cancel_reason = Some(NOT_PAID.to_owned());
        match self.unpaid {
            Unpaid::Pause => {
                self.status = SubscriptionStatus::Paused;
                self.paused_until = None;
            }
            Unpaid::Cancel => self.end(SubscriptionStatus::Cancelled),
        }
    }
}

impl Dunning {
    /// Moves on to what is next after `now`; whether a reminder was due. Of several that were (nobody
    /// looked for days), one goes out, and the customer has as long to follow the last as if it had
    /// come in time. What is due when none was, and nothing is ahead, is its end.
    fn pass(&mut self, now: Timestamp) -> bool {
        let since = self.since;
        let rungs = self.class.reminders();
        let due = rungs.iter().filter(|after| since.plus(**after) <= now).count();
        let next = rungs.iter().map(|after| since.plus(*after)).find(|at| *at > now);
        let due = u8::try_from(due).unwrap_or(u8::MAX);
        let remind = due > self.reminders;
        self.reminders = self.reminders.max(due);
        let end = since.plus(self.class.ends_after());
        let last = rungs.last().map_or(Seconds(0), |last| *last);
        let to_follow = Seconds(self.class.ends_after().0.saturating_sub(last.0));
        self.due_at = match next {
            Some(next) => next,
            None if remind => end.max(now.plus(to_follow)),
            // Its last reminder came late: it is not over before.
            None => end.max(self.due_at),
        };
        remind
    }
}
