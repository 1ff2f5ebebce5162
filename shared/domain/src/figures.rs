//! Figures of subscriptions: how many there are, came and went, and what they bring in a month.

use crate::money::{Amount, Currency};
use crate::subscription::{Subscription, SubscriptionStatus};
use crate::time::{Seconds, Timestamp};
use std::collections::BTreeMap;

/// Dates of a year that are counted; no rule has more than one a day.
const DATES_OF_A_YEAR_MAX: usize = 400;
const YEAR: Seconds = Seconds::days(365);
const MONTHS: i64 = 12;

/// Figures of one span of time.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Figures {
    /// That make orders now.
    pub active: u64,
    /// Of these, those with an order that nobody has managed to pay yet.
    pub unpaid: u64,
    /// That are paused now.
    pub paused: u64,
    /// That began within the span.
    pub new: u64,
    /// That ended within the span: cancelled, given up, or at their last date.
    pub churned: u64,
    /// Of these, those that were given up since nobody paid.
    pub churned_unpaid: u64,
    /// What active ones bring in a month, by currency: the orders of the coming year at what an order
    /// comes to, by twelve, rounded half up.
    pub monthly: BTreeMap<String, Amount>,
}

impl Figures {
    /// Counts a subscription in.
    pub fn add(
        &mut self,
        subscription: &Subscription,
        span: (Timestamp, Timestamp),
        now: Timestamp,
    ) {
        let within = |at: Timestamp| at >= span.0 && at < span.1;
        let one = |is: bool| u64::from(is);
        self.new = self.new.saturating_add(one(within(subscription.created_at)));
        if subscription.ended_at.is_some_and(within) {
            self.churned = self.churned.saturating_add(1);
            let unpaid = subscription.cancel_reason.as_deref() == Some(crate::dunning::NOT_PAID);
            self.churned_unpaid = self.churned_unpaid.saturating_add(one(unpaid));
        }
        match subscription.status {
            SubscriptionStatus::Active => {
                self.active = self.active.saturating_add(1);
                self.unpaid = self.unpaid.saturating_add(one(subscription.dunning.is_some()));
                if let Some(currency) = currency_of(subscription) {
                    let sum = self.monthly.entry(currency.code().to_owned()).or_default();
                    *sum = sum.plus(monthly(subscription, now));
                }
            }
            SubscriptionStatus::Paused => self.paused = self.paused.saturating_add(1),
            SubscriptionStatus::Ended | SubscriptionStatus::Cancelled => {}
        }
    }
}

/// The currency of a subscription's orders.
#[must_use]
pub fn currency_of(subscription: &Subscription) -> Option<Currency> {
    subscription.body.get("currency").and_then(serde_json::Value::as_str).and_then(Currency::parse)
}

/// What a subscription brings in a month.
#[must_use]
pub fn monthly(subscription: &Subscription, now: Timestamp) -> Amount {
    let until = now.plus(YEAR);
    let dates = subscription.preview(DATES_OF_A_YEAR_MAX);
    let count = dates.iter().take_while(|date| date.at < until).count();
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let year = subscription.value.0.saturating_mul(count);
    // Half up: what is left over counts from half a twelfth on.
    Amount(year.saturating_mul(2).saturating_add(MONTHS).div_euclid(MONTHS.saturating_mul(2)))
}
