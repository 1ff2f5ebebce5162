//! Rows that are one JSON document each: inbox, catalogue, keys, clients, policies,
//! subscriptions, settings, messages.

use crate::Table;
use crate::error::TableError;
use crate::item::{self, Item, json, n, number, s, text, to_json};
use crate::keys::{self, Key, RowKind};
pub use crate::rows::notice::{Ahead, NoticeState, Notification, notification_row};
use aws_sdk_dynamodb::types::{Put, TransactWriteItem};
use ordermill_domain::decide::{MoneyEvent, PassedOn};
use ordermill_domain::intake::Product;
use ordermill_domain::money::Rate;
use ordermill_domain::order::Channel;
use ordermill_domain::price::TaxRounding;
use ordermill_domain::subscription::Subscription;
use ordermill_domain::time::{Seconds, Timestamp};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A row with a JSON document.
///
/// # Errors
/// It cannot be written as JSON: a mistake of ours.
pub fn document(key: &Key, value: &impl Serialize) -> Result<Item, TableError> {
    let mut row = item::row(key);
    row.insert("b".to_owned(), to_json(value)?);
    Ok(row)
}

/// Lists the row among all of its kind, under this name.
#[must_use]
pub fn listed(mut row: Item, kind: RowKind, name: &str) -> Item {
    row.insert("op".to_owned(), s(keys::owner_list(kind)));
    row.insert("oc".to_owned(), s(name));
    row
}

/// Puts the row on the worklist.
#[must_use]
pub fn due(mut row: Item, key: &Key, at: Option<Timestamp>) -> Item {
    if let Some(at) = at {
        let (partition, sort) = keys::worklist(key.pk(), at);
        row.insert("wp".to_owned(), s(partition));
        row.insert("wd".to_owned(), s(sort));
    }
    row
}

/// Lets the row go at any time after this moment; never used as a timer.
#[must_use]
pub fn expiring(mut row: Item, at: Timestamp) -> Item {
    row.insert("ttl".to_owned(), n(at.seconds()));
    row
}

/// Reads a row's JSON document.
///
/// # Errors
/// The row is of a newer schema, or cannot be read.
pub fn read<T: DeserializeOwned>(row: &Item) -> Result<T, TableError> {
    item::check_schema(row)?;
    json(row, "b")
}

impl Table {
    /// Reads one row's JSON document.
    ///
    /// # Errors
    /// The table cannot be reached, or the row cannot be read.
    pub async fn document<T: DeserializeOwned>(&self, key: &Key) -> Result<Option<T>, TableError> {
        self.get(key).await?.map(|row| read(&row)).transpose()
    }
}

/// What a provider sent, as it came, and what it means.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InboxEntry {
    /// `stripe` or `generic`.
    pub provider: String,
    /// The provider's event id; drops repeated deliveries, nothing else.
    pub event_id: String,
    /// What it says of money.
    pub money: MoneyEvent,
    /// The order it names, as far as it names one.
    pub hint: OrderHint,
    /// The body as it came, until it is applied: whoever paid may be named in it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub body: String,
    /// When it came.
    pub received_at: Timestamp,
    /// It has been applied to the order.
    #[serde(default)]
    pub applied: bool,
}

/// What is left of an order that was deleted: that it was there, and what its repeats would say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Deleted {
    /// Whose it was.
    pub client: String,
    /// Digest of the body it was made of.
    pub body_hash: String,
    /// Its last version.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
}

/// How a provider's event names the order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderHint {
    /// Our id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// The client's own number, and the client where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The client whose number that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Order numbers found in its text.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub numbers: Vec<String>,
    /// The payment's references.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<String>,
}

/// How long what was applied is kept.
const INBOX_KEEP: Seconds = Seconds::days(400);

impl InboxEntry {
    /// As it is kept: once it is applied, what was used of it (amounts, references) and nothing
    /// else. The provider has the whole of it.
    fn kept(&self) -> Self {
        let body = if self.applied { String::new() } else { self.body.clone() };
        Self { body, ..self.clone() }
    }
}

/// The inbox row of a known order.
///
/// # Errors
/// It cannot be written as JSON.
pub fn inbox_row(order: &str, entry: &InboxEntry) -> Result<Item, TableError> {
    let row = document(&keys::inbox(order, &entry.provider, &entry.event_id), &entry.kept())?;
    // Kept until it is applied; only then may it go.
    Ok(if entry.applied { expiring(row, entry.received_at.plus(INBOX_KEEP)) } else { row })
}

/// The inbox row of an order that was split off: what befell the money it has from the other.
///
/// # Errors
/// It cannot be written as JSON.
pub fn passed_on_row(passed_on: &PassedOn) -> Result<Item, TableError> {
    let PassedOn { order, event_id, money } = passed_on;
    let entry = InboxEntry {
        provider: money.provider.clone(),
        event_id: event_id.clone(),
        money: money.clone(),
        hint: OrderHint::default(),
        body: String::new(),
        received_at: money.received_at,
        applied: false,
    };
    inbox_row(order, &entry)
}

/// The row of money without an order, due for another look at `due_at`.
///
/// # Errors
/// It cannot be written as JSON.
pub fn unmatched_row(entry: &InboxEntry, due_at: Option<Timestamp>) -> Result<Item, TableError> {
    let key = keys::unmatched(&entry.provider, &entry.event_id);
    let row = document(&key, &entry.kept())?;
    if entry.applied {
        return Ok(expiring(row, entry.received_at.plus(INBOX_KEEP)));
    }
    let name = keys::created(entry.received_at, &entry.event_id);
    Ok(due(listed(row, RowKind::Unmatched, &name), &key, due_at))
}

/// As whom a client calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientRole {
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

impl ClientRole {
    /// Reads the role's name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "shop" => Some(Self::Shop),
            "partner" => Some(Self::Partner),
            "manager" => Some(Self::Manager),
            "planner" => Some(Self::Planner),
            "admin" => Some(Self::Admin),
            _ => None,
        }
    }

    /// The role's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Partner => "partner",
            Self::Manager => "manager",
            Self::Planner => "planner",
            Self::Admin => "admin",
        }
    }

    /// The channel of its orders where they do not say.
    #[must_use]
    pub fn channel(self) -> Channel {
        match self {
            Self::Shop => Channel::Webshop,
            Self::Partner => Channel::Partner,
            Self::Manager | Self::Planner | Self::Admin => Channel::Manager,
        }
    }
}

/// An API key: only its hash is kept.
#[derive(Clone, Serialize, Deserialize)]
pub struct ApiKey {
    /// The key's public part.
    pub id: String,
    /// Whose it is.
    pub client: String,
    /// As whom it calls.
    pub role: ClientRole,
    /// SHA-256 of the whole key, hexadecimal.
    pub hash: String,
    /// Since when.
    pub created_at: Timestamp,
    /// Since when it is no good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Timestamp>,
}

/// The row of an API key.
///
/// # Errors
/// It cannot be written as JSON.
pub fn api_key_row(key: &ApiKey) -> Result<Item, TableError> {
    Ok(listed(document(&keys::api_key(&key.id), key)?, RowKind::Key, &key.id))
}

/// The row of a product.
///
/// # Errors
/// It cannot be written as JSON.
pub fn product_row(product: &Product) -> Result<Item, TableError> {
    let row = document(&keys::product(&product.sku), product)?;
    Ok(listed(row, RowKind::Product, &product.sku))
}

/// The row of a subscription.
///
/// # Errors
/// It cannot be written as JSON.
pub fn subscription_row(subscription: &Subscription) -> Result<Item, TableError> {
    let key = keys::subscription(&subscription.id);
    let name = keys::created(subscription.created_at, &subscription.id);
    let mut row = listed(document(&key, subscription)?, RowKind::Subscription, &name);
    row.insert("v".to_owned(), n(subscription.version));
    Ok(due(row, &key, subscription.due_at()))
}

/// What stands behind an idempotency key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claimed {
    /// What was made: an order's or subscription's id, or a result.
    pub id: String,
    /// Digest of the body it was made from.
    pub body_hash: String,
    /// What was answered, for POSTs that make no row of their own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<serde_json::Value>,
}

/// The order that has claimed its like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    /// Its id.
    pub order: String,
    /// Until when.
    pub until: Timestamp,
}

/// Claims an order's like, unless another order's claim still stands.
///
/// # Errors
/// It cannot be written: a mistake of ours.
pub fn duplicate_action(
    table: &Table,
    key: &Key,
    claim: &Duplicate,
    now: Timestamp,
) -> Result<TransactWriteItem, TableError> {
    let mut row = expiring(document(key, claim)?, claim.until);
    row.insert("until".to_owned(), n(claim.until.milliseconds()));
    let put = Put::builder()
        .table_name(table.name())
        .set_item(Some(row))
        .condition_expression("attribute_not_exists(pk) OR #u <= :now")
        .expression_attribute_names("#u", "until")
        .expression_attribute_values(":now", n(now.milliseconds()));
    let put = put.build().map_err(|error| TableError::Broken(error.to_string()))?;
    Ok(TransactWriteItem::builder().put(put).build())
}

/// The seller's settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Shown to people.
    pub name: String,
    /// Postal address, one line.
    pub address: Option<String>,
    /// VAT number.
    pub vat_id: Option<String>,
    /// From whom e-mail comes.
    pub sender: String,
    /// Who is told about exceptions and tasks.
    pub staff_email: Vec<String>,
    /// Telephone for customers.
    pub phone: Option<String>,
    /// Colour of messages and pages, `#rrggbb`.
    pub colour: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Currency of new price lists.
    pub currency: String,
    /// Language where nothing else is known.
    pub locale: String,
    /// With `{number}`, `{amount}` and `{currency}`.
    pub payment_link: Option<String>,
    /// Shown where a transfer is asked for.
    pub bank_details: Option<String>,
    /// Where tracking pages are.
    pub public_url: Option<String>,
    /// Where tax is rounded.
    pub tax_rounding: TaxRounding,
    /// Tax rates by destination country and the product's class.
    pub tax_rates: BTreeMap<String, BTreeMap<String, Rate>>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            name: "Ordermill shop".to_owned(),
            address: None,
            vat_id: None,
            sender: "orders@example.com".to_owned(),
            staff_email: vec!["staff@example.com".to_owned()],
            phone: None,
            colour: "#1f4e79".to_owned(),
            time_zone: "Europe/Vilnius".to_owned(),
            currency: "EUR".to_owned(),
            locale: "en".to_owned(),
            payment_link: None,
            bank_details: None,
            public_url: None,
            tax_rounding: TaxRounding::default(),
            tax_rates: BTreeMap::new(),
        }
    }
}

/// The name of the settings row.
pub const SETTINGS_ROW: &str = "settings";

impl Table {
    /// The seller's settings; the defaults where nobody has set any.
    ///
    /// # Errors
    /// The table cannot be reached, or the row cannot be read.
    pub async fn settings(&self) -> Result<Settings, TableError> {
        Ok(self.document(&keys::setting(SETTINGS_ROW)).await?.unwrap_or_default())
    }

    /// Warehouses' ranks by destination country.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn ranks(&self) -> Result<BTreeMap<String, BTreeMap<String, u32>>, TableError> {
        let prefix = keys::WAREHOUSE_PREFIX;
        let rows = self.partition(keys::SETTINGS, prefix, None, WAREHOUSES_MAX).await?;
        let mut ranks = BTreeMap::new();
        for row in rows {
            let warehouse: Warehouse = read(&row)?;
            ranks.insert(warehouse.code.clone(), warehouse.priority);
        }
        Ok(ranks)
    }
}

/// How many warehouses a seller has.
const WAREHOUSES_MAX: usize = 1_000;

/// A warehouse.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Warehouse {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Option<String>,
    /// Rank by destination country, lower first; `*` for all others.
    pub priority: BTreeMap<String, u32>,
    /// Postal address, as it was sent.
    pub address: Option<serde_json::Value>,
    /// The working hours it keeps, by their name.
    pub calendar: Option<String>,
}

/// A person in the seller's house.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct User {
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
    /// Is told of everything, like the addresses in the settings.
    pub full_access: bool,
    /// Whether the person works here still.
    pub active: bool,
}

/// What is agreed with a client.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Client {
    /// Its name in keys and orders.
    pub id: String,
    /// As whom its new keys call where they do not say.
    pub role: ClientRole,
    /// Its rights; where none are named, those of its role.
    #[serde(default)]
    pub rights: Option<Vec<String>>,
    /// Channel of its orders where they do not say.
    #[serde(default)]
    pub channel: Option<Channel>,
    /// Lifecycle of its orders where they do not say.
    #[serde(default)]
    pub policy: Option<String>,
    /// Its price list.
    #[serde(default)]
    pub price_list: Option<String>,
    /// Where it is told of each change of its orders, beside its webhooks.
    #[serde(default)]
    pub email: Option<String>,
    /// The group of customers that its orders are for, where their customer is of none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub demand_class: Option<String>,
}

/// Rights there are, beside what a role may: with `set_prices` a client's prices and tax rates are
/// not compared with the price list.
pub const RIGHTS: [&str; 1] = ["set_prices"];

impl ClientRole {
    /// The rights of a client of this role with which nothing else is agreed.
    #[must_use]
    pub fn rights(self) -> &'static [&'static str] {
        match self {
            Self::Shop | Self::Admin => &RIGHTS,
            Self::Partner | Self::Manager | Self::Planner => &[],
        }
    }
}

impl Client {
    /// The rights that are agreed, or those of the role.
    #[must_use]
    pub fn rights(&self) -> Vec<String> {
        let usual = || self.role.rights().iter().map(|right| (*right).to_owned()).collect();
        self.rights.clone().unwrap_or_else(usual)
    }

    /// Whether it has a right.
    #[must_use]
    pub fn has_right(&self, right: &str) -> bool {
        Self::may(Some(self), self.role, right)
    }

    /// Whether a caller of this role has a right; `agreed` is what is agreed with its client.
    #[must_use]
    pub fn may(agreed: Option<&Self>, role: ClientRole, right: &str) -> bool {
        match agreed.and_then(|client| client.rights.as_ref()) {
            Some(rights) => rights.iter().any(|known| known == right),
            None => role.rights().contains(&right),
        }
    }
}

/// A lifecycle as it is stored: its text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StoredPolicy {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: u32,
    /// Digest of its canonical form.
    pub content_hash: String,
    /// The file.
    pub text: String,
}

/// What a row is, by its name.
#[must_use]
pub fn kind(row: &Item) -> Option<&str> {
    row.get("kind").and_then(|kind| kind.as_s().ok()).map(String::as_str)
}

/// The version of a stored row.
///
/// # Errors
/// The row has none.
pub fn version(row: &Item) -> Result<u64, TableError> {
    number(row, "v")
}

/// The sort key of a row.
///
/// # Errors
/// The row has none.
pub fn sort_key(row: &Item) -> Result<&str, TableError> {
    text(row, "sk")
}
