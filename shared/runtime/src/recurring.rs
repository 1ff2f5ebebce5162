//! The coming order of a subscription, before it is made: `recur` makes it, `notify` tells of it, and the
//! API reckons what it comes to.

use crate::placing::{Found, Placer, look_up};
use crate::{Failure, Runtime, StepResult, contacts};
use ordermill_domain::decide::Decision;
use ordermill_domain::decide::taking_in::{Origin, receive};
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::intake::{Defaults, SubscriptionPrice, parse_agreed_subscription};
use ordermill_domain::order::{Actor, Channel, SubscriptionRef};
use ordermill_domain::policy::Policy;
use ordermill_domain::recurrence::Occurrence;
use ordermill_domain::subscription::Subscription;
use std::sync::Arc;

/// An order as it would be made now.
pub struct Coming {
    /// The lifecycle it would follow.
    pub policy: Arc<Policy>,
    /// The order as it would begin.
    pub decision: Decision,
    /// What it finds: articles, customer, price list.
    pub found: Found,
}

/// The id of the order of a date, made or not.
#[must_use]
pub fn order_id(seller: &str, client: &str, subscription: &str, date: &str) -> String {
    ids::derive(IdKind::Order, seller, &[client, "occurrence", subscription, date])
}

/// The order of a date as it would be made now.
///
/// # Errors
/// The table cannot be reached; what a subscription says cannot be read any more.
pub async fn coming(
    runtime: &Runtime,
    subscription: &Subscription,
    occurrence: &Occurrence,
) -> StepResult<Coming> {
    let date = occurrence.key.to_string();
    let defaults = Defaults { channel: Channel::Recurring, policy: "webshop".to_owned() };
    let mut draft = parse_agreed_subscription(subscription.coming_body(), &defaults)
        .map_err(|_| Failure::retryable("a stored subscription cannot be read"))?;
    let now = runtime.clock.now();
    let policy = runtime
        .policies
        .active(&runtime.table, &draft.order.policy, now)
        .await?
        .ok_or_else(|| Failure::retryable(format!("no policy named {}", draft.order.policy)))?;
    let (client, id) = (&subscription.client, &subscription.id);
    let order = order_id(&runtime.config.seller, client, id, &date);
    let actor = Actor::system("recur");
    let mut origin = Origin {
        subscription: Some(SubscriptionRef { id: id.clone(), occurrence: date }),
        ..Origin::of_client(&order, client, &subscription.body_hash, actor)
    };
    let agreed = runtime.client(client).await?;
    let placer = Placer {
        client,
        price_list: agreed.as_ref().and_then(|client| client.price_list.as_deref()),
        demand_class: agreed.as_ref().and_then(|client| client.demand_class.as_deref()),
        is_house: subscription.is_house,
    };
    let country = draft.order.country.clone();
    contacts::normalise(&mut draft.order.placed, country.as_deref());
    let found = look_up(runtime, placer, &draft.order).await?;
    found.fill_origin(runtime, &mut origin).await?;
    origin.prices_trusted = draft.price == SubscriptionPrice::Locked
        || agreed.as_ref().map_or(subscription.is_house, |c| c.has_right("set_prices"));
    let body = draft.order_of(occurrence, &found.products);
    let decision = receive(&policy, body, origin, &found.products, now);
    Ok(Coming { policy, decision, found })
}
