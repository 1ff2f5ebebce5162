//! One order, made once: whoever was quicker with the same cause made the same order.

use crate::references::reference_rows;
use crate::repeats::{Identity, Known};
use ordermill_domain::decide::Decision;
use ordermill_domain::decide::taking_in::{Origin, receive};
use ordermill_domain::intake::limits::PRICE_PLACES_MAX;
use ordermill_domain::intake::{
    Defaults, Draft, Problem, body_hash, parse_order, parse_order_with_places,
};
use ordermill_domain::order::{Channel, Order};
use ordermill_domain::policy::Policy;
use ordermill_runtime::auth::Caller;
use ordermill_runtime::http::ErrorAnswer;
use ordermill_runtime::placing::{Found, Placer, duplicate_claim, duplicate_of, look_up};
use ordermill_runtime::step::log_written;
use ordermill_runtime::{Runtime, contacts};
use ordermill_table::TableError;
use ordermill_table::error::ActionFate;
use ordermill_table::records::{Client, ClientRole};
use serde_json::Value;
use std::sync::Arc;

/// How often a request looks again because an equal one was quicker.
const ROUNDS_MAX: usize = 6;

/// An order, and whether this request made it.
pub(crate) struct Made {
    /// The order.
    pub order: Order,
    /// It is new; otherwise an equal request made it before.
    pub is_new: bool,
}

impl Made {
    /// 202 for a new order, 200 for one that is there.
    pub(crate) fn status(&self) -> u16 {
        if self.is_new { 202 } else { 200 }
    }
}

/// Makes the order of a body, or finds the one that it made before.
pub(crate) async fn make(
    runtime: &Runtime,
    caller: &Caller,
    body: &Value,
    key: Option<String>,
) -> Result<Made, ErrorAnswer> {
    let hash = body_hash(body);
    let external_id = body.get("external_id").and_then(|v| v.as_str()).map(str::to_owned);
    let identity = Identity::new(runtime, &caller.client, key, external_id, hash)?;
    // A repeat gets its order whatever today's rules say of the body.
    if let Some(known) = identity.known(runtime).await? {
        return found(caller, known);
    }
    create(runtime, caller, &identity, body).await
}

fn found(caller: &Caller, known: Known) -> Result<Made, ErrorAnswer> {
    match known {
        Known::Order(stored) if caller.may_see(&stored.order.client) => {
            Ok(Made { order: stored.order, is_new: false })
        }
        Known::Order(_) => Err(ErrorAnswer::not_found()),
        Known::Refused(error) => Err(error),
    }
}

/// A body that can be an order, and what applies to it.
pub(crate) struct New {
    /// What it says.
    pub draft: Draft,
    /// The lifecycle it follows.
    pub policy: Arc<Policy>,
    /// Whether the client may set prices.
    pub prices_trusted: bool,
    /// What it finds: articles, customer, price list.
    pub found: Found,
}

impl New {
    /// # Errors
    /// 422 with everything that is wrong with the body.
    pub(crate) async fn read(
        runtime: &Runtime,
        caller: &Caller,
        body: &Value,
    ) -> Result<Self, ErrorAnswer> {
        let client = runtime.client(&caller.client).await?;
        let channel = client.as_ref().and_then(|client| client.channel);
        let policy = client.as_ref().and_then(|client| client.policy.clone());
        let defaults = Defaults {
            channel: channel.unwrap_or(caller.role.channel()),
            policy: policy.unwrap_or_else(|| "webshop".to_owned()),
        };
        let (mut draft, long_prices) = read_body(body, &defaults)?;
        if caller.role == ClientRole::Partner {
            // Its orders are listed for it by this channel, whatever the body says.
            draft.channel = Channel::Partner;
        }
        let country = draft.country.clone();
        contacts::normalise(&mut draft.placed, country.as_deref());
        let policy = policy_for(runtime, &draft).await?;
        let prices_trusted = Client::may(client.as_ref(), caller.role, "set_prices");
        let placer = Placer {
            client: &caller.client,
            price_list: client.as_ref().and_then(|client| client.price_list.as_deref()),
            demand_class: client.as_ref().and_then(|client| client.demand_class.as_deref()),
            is_house: caller.role != ClientRole::Partner,
        };
        let found = look_up(runtime, placer, &draft).await?;
        let problems = found.quantity_problems(&draft);
        if !problems.is_empty() {
            return Err(ErrorAnswer::invalid(problems));
        }
        let currency = draft.currency;
        let list = found.list.as_ref().filter(|list| list.currency == currency);
        let places_max = list.map_or(currency.places(), |list| list.places);
        if draft.lines.iter().any(|line| line.detail.price_places > places_max) {
            // No list allows prices as fine as these.
            return Err(ErrorAnswer::invalid(long_prices));
        }
        if let Some(list) =
            list.filter(|_| body.get("prices_include_tax").is_none_or(Value::is_null))
        {
            draft.prices_include_tax = list.prices_include_tax;
        }
        Ok(Self { draft, policy, prices_trusted, found })
    }

    /// The order as it begins.
    pub(crate) async fn received(
        &self,
        runtime: &Runtime,
        caller: &Caller,
        order_id: &str,
        body_hash: &str,
    ) -> Result<Decision, ErrorAnswer> {
        let mut origin = Origin::of_client(order_id, &caller.client, body_hash, caller.actor());
        origin.prices_trusted = self.prices_trusted;
        self.found.fill_origin(runtime, &mut origin).await?;
        let now = runtime.clock.now();
        Ok(receive(&self.policy, self.draft.clone(), origin, &self.found.products, now))
    }
}

/// What a body says, and what is wrong with it unless a price list allows prices so fine.
fn read_body(body: &Value, defaults: &Defaults) -> Result<(Draft, Vec<Problem>), ErrorAnswer> {
    let problems = match parse_order(body, defaults) {
        Ok(draft) => return Ok((draft, Vec::new())),
        Err(problems) => problems,
    };
    let is_price = |problem: &Problem| {
        problem.code == "decimal_places" && problem.pointer.ends_with("/unit_price")
    };
    if !problems.iter().all(is_price) {
        return Err(ErrorAnswer::invalid(problems));
    }
    match parse_order_with_places(body, defaults, Some(PRICE_PLACES_MAX)) {
        Ok(draft) => Ok((draft, problems)),
        Err(_) => Err(ErrorAnswer::invalid(problems)),
    }
}

async fn policy_for(runtime: &Runtime, draft: &Draft) -> Result<Arc<Policy>, ErrorAnswer> {
    let now = runtime.clock.now();
    let found = runtime.policies.active(&runtime.table, &draft.policy, now).await?;
    found.ok_or_else(|| {
        ErrorAnswer::invalid(vec![Problem {
            pointer: "/policy".to_owned(),
            code: "unknown_policy",
            detail: format!(
                "There is no policy named {}; leave it out for `webshop`.",
                draft.policy
            ),
        }])
    })
}

/// Puts the order, once: with its key, its payments' references, its customer's card and its claim
/// to be the only one of its like, all or nothing.
async fn create(
    runtime: &Runtime,
    caller: &Caller,
    identity: &Identity,
    body: &Value,
) -> Result<Made, ErrorAnswer> {
    let mut like = None;
    for round in 0..ROUNDS_MAX {
        // Read again each time: another order of the same customer may have been quicker.
        let new = New::read(runtime, caller, body).await?;
        let mut decision =
            new.received(runtime, caller, &identity.order_id, &identity.body_hash).await?;
        let now = runtime.clock.now();
        like = like.or_else(|| new.found.like_by_card(&decision.order, now));
        decision.order.duplicate_of.clone_from(&like);
        let order = &decision.order;
        let first = if like.is_none() { new.found.first_claim(order, now) } else { None };
        let mut extra = identity.claim_rows(&runtime.table)?;
        extra.extend(reference_rows(&runtime.table, order).await?);
        extra.extend(new.found.card_rows(runtime, &caller.client, order, first.as_ref())?);
        let claim = match (&like, &first) {
            (None, None) => duplicate_claim(runtime, order, now)?,
            (Some(_), _) | (_, Some(_)) => None,
        };
        let claims = claim.is_some();
        // The last of the transaction, so that its fate is the last.
        extra.extend(claim);
        match runtime.table.commit(&new.policy, None, &decision, extra).await {
            Ok(()) => {
                log_written(&decision.order);
                return Ok(Made { order: decision.order, is_new: true });
            }
            Err(TableError::Cancelled(fates)) if claims && lost_the_claim(&fates) => {
                like = duplicate_of(runtime, order, runtime.clock.now()).await?;
            }
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(known) = identity.known(runtime).await? {
            return found(caller, known);
        }
        runtime.pause(round).await;
    }
    Err(ErrorAnswer::new(503, "unavailable", "The order could not be stored just now; try again."))
}

/// Whether the claim to be the only one of its like was what failed.
fn lost_the_claim(fates: &[ActionFate]) -> bool {
    fates.last() == Some(&ActionFate::ConditionFailed)
}
