//! Keys, clients, users and money without an order, as the API shows them.

use crate::values::{Decimal, Moment};
use ordermill_domain::decide::MoneyKind;
use ordermill_domain::decide::payments::UNMATCHED_EXCEPTION_AFTER;
use ordermill_domain::order::Channel;
use ordermill_domain::time::Timestamp;
use ordermill_table::keys;
use ordermill_table::records::{ApiKey, Client, ClientRole, InboxEntry, User};
use schemars::JsonSchema;
use serde::Serialize;

/// An API key.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "Key")]
pub struct KeyView {
    /// The key's public part.
    pub id: String,
    /// Whose it is.
    pub client: String,
    /// As whom it calls.
    #[schemars(with = "RoleWord")]
    pub role: ClientRole,
    /// The key itself; shown once, when it is made.
    pub key: Option<String>,
    /// Since when.
    pub created_at: Moment,
    /// Since when it is no good.
    pub revoked_at: Option<Moment>,
}

/// As whom a client calls; only for its schema, the value is the table's own.
#[derive(JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(rename = "Role")]
pub enum RoleWord {
    /// A webshop.
    Shop,
    /// A partner.
    Partner,
    /// A manager's tool.
    Manager,
    /// A planner's tool.
    Planner,
    /// Everything.
    Admin,
}

impl KeyView {
    /// The key as it is stored, and its secret where it has just been made.
    #[must_use]
    pub fn new(stored: &ApiKey, key: Option<String>) -> Self {
        Self {
            id: stored.id.clone(),
            client: stored.client.clone(),
            role: stored.role,
            key,
            created_at: stored.created_at.into(),
            revoked_at: stored.revoked_at.map(Moment::from),
        }
    }
}

/// What is agreed with a client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Client")]
pub struct ClientView {
    /// Its name in keys and orders.
    pub id: String,
    /// As whom it calls.
    #[schemars(with = "RoleWord")]
    pub role: ClientRole,
    /// Its rights: those agreed, or those of its role.
    pub rights: Vec<String>,
    /// Channel of its orders where they do not say.
    pub channel: Option<Channel>,
    /// Lifecycle of its orders where they do not say.
    pub policy: Option<String>,
    /// Its price list.
    pub price_list: Option<String>,
    /// Where it is told of each change of its orders, beside its webhooks.
    pub email: Option<String>,
    /// The group of customers that its orders are for, where their customer is of none.
    pub demand_class: Option<String>,
}

impl ClientView {
    /// The client as it is stored.
    #[must_use]
    pub fn new(client: &Client) -> Self {
        Self {
            id: client.id.clone(),
            role: client.role,
            rights: client.rights(),
            channel: client.channel,
            policy: client.policy.clone(),
            price_list: client.price_list.clone(),
            email: client.email.clone(),
            demand_class: client.demand_class.clone(),
        }
    }
}

/// A person in the seller's house.
#[derive(Clone, Serialize, JsonSchema)]
#[schemars(rename = "User")]
pub struct UserView {
    /// By which orders are assigned.
    pub id: String,
    /// Shown to colleagues.
    pub name: Option<String>,
    /// Where the person is told of orders they look after.
    pub email: Option<String>,
    /// Telephone.
    pub phone: Option<String>,
    /// Language of messages to this person.
    pub locale: Option<String>,
    /// Is told of everything.
    pub full_access: bool,
    /// Whether the person works here still.
    pub active: bool,
}

impl UserView {
    /// The person as stored.
    #[must_use]
    pub fn new(user: &User) -> Self {
        Self {
            id: user.id.clone(),
            name: user.name.clone(),
            email: user.email.clone(),
            phone: user.phone.clone(),
            locale: user.locale.clone(),
            full_access: user.full_access,
            active: user.active,
        }
    }
}

/// Money that has found no order.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "UnmatchedPayment")]
pub struct UnmatchedView {
    /// By which it is assigned.
    pub id: String,
    /// `stripe` or `generic`.
    pub provider: String,
    /// The provider's name of the money object.
    pub reference: String,
    /// What happened to it: `received`, `refunded`, `disputed` …
    #[serde(rename = "type")]
    pub kind: String,
    /// How much, where it says.
    pub amount: Option<Decimal>,
    /// Of what.
    pub currency: Option<String>,
    /// The client's number that it names.
    pub external_id: Option<String>,
    /// Order numbers found in its text.
    pub numbers: Vec<String>,
    /// When it came.
    pub received_at: Moment,
    /// `unmatched_payment` once it has waited for an hour: a person must look at it.
    pub exception: Option<String>,
    /// The order it was assigned to.
    pub order: Option<String>,
}

impl UnmatchedView {
    /// What came, before anybody has assigned it.
    #[must_use]
    pub fn new(entry: &InboxEntry, now: Timestamp) -> Self {
        let is_late = now >= entry.received_at.plus(UNMATCHED_EXCEPTION_AFTER);
        let (kind, money) = match &entry.money.kind {
            MoneyKind::Received { amount, currency, .. } => {
                ("received", Some((*amount, *currency)))
            }
            MoneyKind::Refunded { amount, currency }
            | MoneyKind::RefundMade { amount, currency, .. } => {
                ("refunded", Some((*amount, *currency)))
            }
            MoneyKind::Disputed { amount, currency, .. } => {
                ("disputed", Some((*amount, *currency)))
            }
            MoneyKind::Authorised => ("authorised", None),
            MoneyKind::Failed { .. } => ("failed", None),
            MoneyKind::Cancelled { .. } => ("cancelled", None),
            MoneyKind::DisputeClosed { amount, currency, .. } => {
                ("dispute_closed", currency.map(|currency| (*amount, currency)))
            }
            MoneyKind::Claimed { .. } => ("claimed", None),
        };
        let key = keys::unmatched(&entry.provider, &entry.event_id);
        Self {
            id: keys::unmatched_name(key.pk()),
            provider: entry.provider.clone(),
            reference: entry.money.reference.clone(),
            kind: kind.to_owned(),
            amount: money.map(|(amount, currency)| Decimal::amount(amount, currency)),
            currency: money.map(|(_, currency)| currency.code().to_owned()),
            external_id: entry.hint.external_id.clone(),
            numbers: entry.hint.numbers.clone(),
            received_at: entry.received_at.into(),
            exception: is_late.then(|| "unmatched_payment".to_owned()),
            order: None,
        }
    }

    /// The same, once it is in an order's inbox.
    #[must_use]
    pub fn assigned(entry: &InboxEntry, order: &str) -> Self {
        Self { order: Some(order.to_owned()), ..Self::new(entry, entry.received_at) }
    }
}
