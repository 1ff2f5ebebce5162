//! One order, made once: whoever was quicker with the same cause made the same order.

use crate::references::reference_rows;
use crate::repeats::{Identity, Known};
use ordermill_domain::decide::Decision;
use ordermill_domain::decide::taking_in::{Origin, receive};
use ordermill_domain::intake::{Defaults, Draft, Problem, body_hash, parse_order};
use ordermill_domain::order::{Channel, Order};
use ordermill_domain::policy::Policy;
use ordermill_runtime::auth::Caller;
use ordermill_runtime::http::ErrorAnswer;
use ordermill_runtime::{Runtime, catalogue, contacts, customers};
use ordermill_table::TableError;
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
    let new = New::read(runtime, caller, body).await?;
    create(runtime, caller, &identity, new).await
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
        let mut draft = parse_order(body, &defaults).map_err(ErrorAnswer::invalid)?;
        if caller.role == ClientRole::Partner {
            // Its orders are listed for it by this channel, whatever the body says.
            draft.channel = Channel::Partner;
        }
        let country = draft.country.clone();
        contacts::normalise(&mut draft.placed, country.as_deref());
        let policy = policy_for(runtime, &draft).await?;
        let prices_trusted = Client::may(client.as_ref(), caller.role, "set_prices");
        Ok(Self { draft, policy, prices_trusted })
    }

    /// The order as it begins.
    pub(crate) async fn received(
        self,
        runtime: &Runtime,
        caller: &Caller,
        order_id: &str,
        body_hash: &str,
    ) -> Result<(Arc<Policy>, Decision), ErrorAnswer> {
        let seller = &runtime.config.seller;
        let mut origin = Origin::of_client(order_id, &caller.client, body_hash, caller.actor());
        origin.customer_id = customers::card_id(seller, &caller.client, &self.draft.placed);
        origin.prices_trusted = self.prices_trusted;
        let products = catalogue::products(runtime, &self.draft.lines).await?;
        let now = runtime.clock.now();
        let decision = receive(&self.policy, self.draft, origin, &products, now);
        Ok((self.policy, decision))
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

/// Puts the order, once.
async fn create(
    runtime: &Runtime,
    caller: &Caller,
    identity: &Identity,
    new: New,
) -> Result<Made, ErrorAnswer> {
    let (policy, decision) =
        new.received(runtime, caller, &identity.order_id, &identity.body_hash).await?;
    for round in 0..ROUNDS_MAX {
        let mut extra = identity.claim_rows(&runtime.table)?;
        extra.extend(reference_rows(&runtime.table, &decision.order).await?);
        match runtime.table.commit(&policy, None, &decision, extra).await {
            Ok(()) => return Ok(Made { order: decision.order, is_new: true }),
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
