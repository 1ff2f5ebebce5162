//! Keys of the single table. **Nothing else formats a key.**
//!
//! # Rows
//!
//! | kind | `pk` | `sk` | stream | what |
//! |---|---|---|---|---|
//! | order | `O#order` | `A` | relay, project | header: everything that moves; up to 20 lines |
//! | placed | `O#order` | `B` | – | snapshot: what the customer said; the only personal data of an order |
//! | deleted | `O#order` | `A` | – | in the header's place: an order was deleted, and its names lead nowhere |
//! | page | `O#order` | `L#nnn` | – | 50 lines of a large order |
//! | inbox | `O#order` | `I#provider#event` | relay | what a provider sent about a known order |
//! | history | `H#order` | `newest#oldest` version | – | the events of a few writes (by project) |
//! | work | `I#order` | `I` | – | says that the order has tasks, and when the first is due |
//! | notification | `N#order` | `version#template#channel#recipient` | – | one message to one person |
//! | claim | `K#client#digest` | `K` | – | an idempotency key and the order it names |
//! | result | `J#client#digest` | `J` | – | an idempotency key of another POST and what it made |
//! | reference | `F#digest` | `F` | – | a payment's reference and the order it is for |
//! | duplicate | `D#client#digest` | `D` | – | same customer, lines, total and address within ten minutes |
//! | stock | `S#sku` | `W#warehouse` | relay | one stock line |
//! | anchor | `S#sku` | `#` | – | the SKU's warehouses and what is waited for |
//! | wait | `Q#sku` | `priority#since#order` | – | an order that waits |
//! | movement | `M#sku` | `time#id` | – | what a person did to stock |
//! | product | `P#sku` | `P` | – | catalogue |
//! | bundle use | `P#sku` | `U#bundle` | – | says that the article is a part of a bundle |
//! | customer | `C#customer` | `C` | – | a customer's card (personal data), what is agreed, credit taken |
//! | reach | `C#customer` | `N` | – | channels by which messages do not reach the customer |
//! | subscriber | `C#customer` | `R#subscription` | – | says that a subscription is the customer's |
//! | price list | `V#list` | `V` | – | the head of a price list |
//! | price | `V#list` | `generation#sku` | – | one price of it; goes a day after the list was replaced |
//! | user | `A#user` | `A` | – | a person in the seller's house (personal data) |
//! | subscription | `R#subscription` | `R` | relay | an order that repeats (personal data) |
//! | occurrence | `R#subscription` | `O#date` | – | one of its dates and the order made for it |
//! | unmatched | `U#provider#event` | `U` | relay | money without an order yet |
//! | policy | `Y#name` | version, or `active` | – | a lifecycle |
//! | key | `T#id` | `T` | – | an API key's hash |
//! | client | `E#client` | `E` | – | who calls |
//! | setting | `Z` | name | – | settings of the seller |
//! | warehouse | `Z` | `W#code` | – | a warehouse's ranks |
//! | endpoint | `L#client` | `E#id` | – | where a client wants to be told, and its secrets |
//! | delivery | `B#id` | `B` | – | one event on its way to one endpoint |
//! | dead | `X#queue` | message id | – | a message that failed too often (single-process run) |
//!
//! # Indexes (keys only; nothing that changes at every step)
//!
//! | index | partition | sort | on |
//! |---|---|---|---|
//! | `worklist` | `W#shard` | `due_at#pk` | orders, subscriptions, unmatched money, deliveries, endpoints, customers who asked to be erased: what is owed |
//! | | | `due_at#pk#sk` | text messages that wait for the morning, or for their outcome |
//! | `owner` | `C#customer` | `created#order` | order headers |
//! | | `P#client` | `created#order` | snapshots of partners' orders |
//! | | `G#number` | `order` | the first history row of an order |
//! | | `I#shard` | `due_at#order` | work |
//! | | `L#endpoint` | `event's time#delivery` | deliveries |
//! | | `B#message` | `sk` | text messages that were sent, by the provider's id |
//! | | `X#kind` | name | products, anchors, subscriptions, keys, unmatched, clients, users, price lists |
//! | `month` | `M#yyyy-mm#shard` | `created#order` | order headers |
//!
//! # Who reads what, how
//!
//! | endpoint or step | key or index | consistency |
//! |---|---|---|
//! | `GET /v1/orders/{id}`, every command and step | `O#order` | strong |
//! | `GET /v1/orders/{id}/history`, `/why` | `H#order` | eventual |
//! | `GET /v1/orders` | `external_id`: derived id · `customer`: `owner` · partner: `owner` · `due_before`: `worklist` · else `month`, newest first; other filters on what was read | eventual |
//! | `GET /v1/tasks`, `/v1/tasks/next` | `owner` `I#shard`, earliest first; then `O#order` | eventual; taken by condition on `O#` |
//! | `DELETE /v1/orders/{id}` | `O#order` | strong |
//! | `GET /v1/stock/{sku}` | `S#sku` | strong |
//! | `GET /v1/stock/{sku}/reservations` | `month`, newest first, a bounded number of orders per request | eventual |
//! | `GET /v1/track/{token}` | `O#order` | strong |
//! | `GET /v1/keys` | `owner` `X#key` | eventual |
//! | `PUT /v1/products/{sku}` | `P#`; of a bundle also its parts', and `S#` | strong |
//! | `GET /v1/products`, `/v1/stock`, `/v1/subscriptions`, `/v1/payments?unmatched=true` | `owner` `X#kind` | eventual |
//! | intake | `O#`, `K#`, `D#`, `C#` by condition; `P#`, `V#` | strong |
//! | `GET /v1/customers/{id}`, `/v1/price-lists/{id}`, `/v1/users/{id}` | `C#`, `V#`, `A#` | strong |
//! | `GET /v1/customers/{id}/export` | `C#`, `R#`, then `owner` `C#customer` | strong, but for which orders |
//! | `POST /v1/customers/{id}/erase`, and the step of `timeout` that does it | the same | the same: the step comes a minute later, when the index has all orders of before |
//! | validate | `O#`, then `P#`, `C#` and the headers of the customer's last orders in one batch; `V#` under a price list | strong, but for which orders (`owner`) |
//! | `/v1/webhooks` | `L#client` | strong |
//! | `GET /v1/webhooks/{id}/deliveries`, replay of a range | `owner` `L#endpoint` | eventual; each judged again on `B#` |
//! | reserve, serve | `O#`, `S#`, `Q#` | strong |
//! | payment | `O#`, `F#`, `owner` `G#number` | strong, but for the number |
//! | sweep | `worklist` | eventual; judged again on `O#` |
//! | recur | `R#` | strong |
//! | notify | `O#`, `N#`, `C#` `N` | strong |
//! | relay | `L#client`, cached for seconds: has this client any endpoint? | strong |
//! | deliver | `L#client`, `B#`, `O#`, `H#order` | strong |
//! | feedback | `N#`, `owner` `B#message`, then as notify | strong, but for the id |

mod notices;

pub use notices::{NoticeKey, notification_partition, order_of_notification, owner_message, reach};

mod kinds;
mod months;
mod work;

pub use kinds::RowKind;
pub use months::{month, month_before, month_of, month_shard};
pub use work::{WORK_SHARDS, order_of_work, owner_work, owner_work_shard, work};

use ordermill_domain::ids;
use ordermill_domain::time::Timestamp;

/// Shards of the worklist.
pub const WORKLIST_SHARDS: u8 = 16;
/// Shards of a month of orders.
pub const MONTH_SHARDS: u8 = 4;
/// Newest schema this program reads.
pub const SCHEMA: u32 = 1;

/// Kinds of rows whose changes the relay acts on; the stream mapping filters by them.
pub const RELAY_KINDS: [RowKind; 5] =
    [RowKind::Order, RowKind::Stock, RowKind::Inbox, RowKind::Unmatched, RowKind::Subscription];
/// Kinds of rows whose changes `project` acts on.
pub const PROJECT_KINDS: [RowKind; 1] = [RowKind::Order];

/// A primary key.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Key {
    kind: RowKind,
    pk: String,
    sk: String,
}

impl Key {
    fn new(kind: RowKind, pk: String, sk: String) -> Self {
        Self { kind, pk, sk }
    }

    /// What the row is.
    #[must_use]
    pub fn kind(&self) -> RowKind {
        self.kind
    }

    /// The partition key.
    #[must_use]
    pub fn pk(&self) -> &str {
        &self.pk
    }

    /// The sort key.
    #[must_use]
    pub fn sk(&self) -> &str {
        &self.sk
    }
}

/// A short digest for keys that must not carry what they are made of.
fn short(text: &str) -> String {
    ids::digest(text.as_bytes()).chars().take(32).collect()
}

/// The header of an order.
#[must_use]
pub fn order(id: &str) -> Key {
    Key::new(RowKind::Order, order_partition(id), "A".to_owned())
}

/// What stands in its place once it was deleted.
#[must_use]
pub fn deleted(id: &str) -> Key {
    Key::new(RowKind::Deleted, order_partition(id), "A".to_owned())
}

/// The partition of an order: header, snapshot, pages, inbox.
#[must_use]
pub fn order_partition(id: &str) -> String {
    format!("O#{id}")
}

/// The order whose partition this is.
#[must_use]
pub fn order_of_partition(pk: &str) -> Option<&str> {
    pk.strip_prefix("O#")
}

/// The snapshot of an order.
#[must_use]
pub fn placed(id: &str) -> Key {
    Key::new(RowKind::Placed, order_partition(id), "B".to_owned())
}

/// A page of a large order, counted from zero.
#[must_use]
pub fn page(id: &str, number: usize) -> Key {
    Key::new(RowKind::Page, order_partition(id), format!("L#{number:03}"))
}

/// What a provider sent about a known order.
#[must_use]
pub fn inbox(order: &str, provider: &str, event: &str) -> Key {
    Key::new(RowKind::Inbox, order_partition(order), format!("I#{provider}#{}", short(event)))
}

/// In an order's partition, what providers sent begins with this.
pub const INBOX_PREFIX: &str = "I#";

/// The history of an order.
#[must_use]
pub fn history_partition(order: &str) -> String {
    format!("H#{order}")
}

/// The order whose history this partition is.
#[must_use]
pub fn order_of_history(pk: &str) -> Option<&str> {
    pk.strip_prefix("H#")
}

/// The events of an order from one version to another, the newest first in the key: a row's key says
/// what it holds, so that no row ever takes the place of another that holds more.
#[must_use]
pub fn history(order: &str, oldest: u64, newest: u64) -> Key {
    let sk = format!("{}#{}", version_text(newest), version_text(oldest));
    Key::new(RowKind::History, history_partition(order), sk)
}

/// Behind this stand the rows of a history that hold anything newer than this version.
#[must_use]
pub fn history_after(version: u64) -> String {
    // The sign after `#`: behind every row whose newest event this is.
    format!("{}$", version_text(version))
}

/// A version as it stands in keys.
#[must_use]
pub fn version_text(version: u64) -> String {
    format!("{version:010}")
}

/// An idempotency key with which a client made an order.
#[must_use]
pub fn claim(client: &str, key: &str) -> Key {
    Key::new(RowKind::Claim, format!("K#{client}#{}", short(key)), "K".to_owned())
}

/// An idempotency key with which a client made something else.
#[must_use]
pub fn result(client: &str, scope: &str, key: &str) -> Key {
    let digest = short(&format!("{scope}\n{key}"));
    Key::new(RowKind::Result, format!("J#{client}#{digest}"), "J".to_owned())
}

/// A payment's reference.
#[must_use]
pub fn reference(reference: &str) -> Key {
    Key::new(RowKind::Reference, format!("F#{}", short(reference)), "F".to_owned())
}

/// The ten-minute duplicate check.
#[must_use]
pub fn duplicate(client: &str, fingerprint: &str) -> Key {
    Key::new(RowKind::Duplicate, format!("D#{client}#{}", short(fingerprint)), "D".to_owned())
}

/// The partition of a SKU: its anchor and its stock lines.
#[must_use]
pub fn stock_partition(sku: &str) -> String {
    format!("S#{sku}")
}

/// A stock line.
#[must_use]
pub fn stock(sku: &str, warehouse: &str) -> Key {
    Key::new(RowKind::Stock, stock_partition(sku), format!("W#{warehouse}"))
}

/// The SKU and warehouse of a stock line's key.
#[must_use]
pub fn stock_of<'a>(pk: &'a str, sk: &'a str) -> Option<(&'a str, &'a str)> {
    pk.strip_prefix("S#").zip(sk.strip_prefix("W#"))
}

/// A SKU as a whole.
#[must_use]
pub fn anchor(sku: &str) -> Key {
    Key::new(RowKind::Anchor, stock_partition(sku), "#".to_owned())
}

/// Those who wait for a SKU.
#[must_use]
pub fn wait_partition(sku: &str) -> String {
    format!("Q#{sku}")
}

/// The SKU whose waiting rows this partition holds.
#[must_use]
pub fn sku_of_wait(pk: &str) -> Option<&str> {
    pk.strip_prefix("Q#")
}

/// An order that waits for a SKU; string order is the order of turns.
#[must_use]
pub fn wait(sku: &str, priority: u16, since: Timestamp, order: &str) -> Key {
    let sk = format!("{priority:05}#{}#{order}", moment(since));
    Key::new(RowKind::Wait, wait_partition(sku), sk)
}

/// What people did to a SKU's stock.
#[must_use]
pub fn movement_partition(sku: &str) -> String {
    format!("M#{sku}")
}

/// What a person did to stock.
#[must_use]
pub fn movement(sku: &str, at: Timestamp, id: &str) -> Key {
    Key::new(RowKind::Movement, movement_partition(sku), format!("{}#{id}", moment(at)))
}

/// A catalogue entry.
#[must_use]
pub fn product(sku: &str) -> Key {
    Key::new(RowKind::Product, format!("P#{sku}"), "P".to_owned())
}

/// Says that an article is a part of a bundle.
#[must_use]
pub fn bundle_use(sku: &str, bundle: &str) -> Key {
    Key::new(RowKind::BundleUse, product(sku).pk, format!("{BUNDLE_USE_PREFIX}{bundle}"))
}

/// In an article's partition, the bundles that it is a part of begin with this.
pub const BUNDLE_USE_PREFIX: &str = "U#";

/// A customer's card.
#[must_use]
pub fn customer(id: &str) -> Key {
    Key::new(RowKind::Customer, format!("C#{id}"), "C".to_owned())
}

/// The customer whose partition this is.
#[must_use]
pub fn customer_of_partition(pk: &str) -> Option<&str> {
    pk.strip_prefix("C#")
}

/// Says that a subscription is the customer's.
#[must_use]
pub fn subscriber(customer_id: &str, subscription: &str) -> Key {
    let sk = format!("{SUBSCRIBER_PREFIX}{subscription}");
    Key::new(RowKind::Subscriber, customer(customer_id).pk, sk)
}

/// In a customer's partition, the names of subscriptions begin with this.
pub const SUBSCRIBER_PREFIX: &str = "R#";

/// The subscription whose name this sort key of a customer's partition is.
#[must_use]
pub fn subscription_of_subscriber(sk: &str) -> Option<&str> {
    sk.strip_prefix(SUBSCRIBER_PREFIX)
}

/// The head of a price list.
#[must_use]
pub fn price_list(id: &str) -> Key {
    Key::new(RowKind::PriceList, format!("V#{id}"), "V".to_owned())
}

/// One price of a list.
#[must_use]
pub fn price(list: &str, generation: &str, sku: &str) -> Key {
    price_at(list, &format!("{}{sku}", price_prefix(generation)))
}

/// The row of a list's partition at that sort key.
#[must_use]
pub fn price_at(list: &str, sk: &str) -> Key {
    Key::new(RowKind::Price, format!("V#{list}"), sk.to_owned())
}

/// Prices that were put together begin with this.
#[must_use]
pub fn price_prefix(generation: &str) -> String {
    format!("{generation}#")
}

/// A person in the seller's house.
#[must_use]
pub fn user(id: &str) -> Key {
    Key::new(RowKind::User, format!("A#{id}"), "A".to_owned())
}

/// A subscription.
#[must_use]
pub fn subscription(id: &str) -> Key {
    Key::new(RowKind::Subscription, subscription_partition(id), "R".to_owned())
}

/// The partition of a subscription: itself and its dates.
#[must_use]
pub fn subscription_partition(id: &str) -> String {
    format!("R#{id}")
}

/// The subscription whose partition this is.
#[must_use]
pub fn subscription_of_partition(pk: &str) -> Option<&str> {
    pk.strip_prefix("R#")
}

/// One date of a subscription.
#[must_use]
pub fn occurrence(subscription: &str, date: &str) -> Key {
    Key::new(RowKind::Occurrence, subscription_partition(subscription), format!("O#{date}"))
}

/// Money without an order yet.
#[must_use]
pub fn unmatched(provider: &str, event: &str) -> Key {
    Key::new(RowKind::Unmatched, format!("U#{provider}#{}", short(event)), "U".to_owned())
}

/// Whether a partition is one of money without an order.
#[must_use]
pub fn is_unmatched_partition(pk: &str) -> bool {
    pk.starts_with("U#")
}

/// The row of a partition of money without an order.
#[must_use]
pub fn unmatched_of_partition(pk: &str) -> Key {
    Key::new(RowKind::Unmatched, pk.to_owned(), "U".to_owned())
}

/// The name by which people speak of money without an order: `stripe.3f…`.
#[must_use]
pub fn unmatched_name(pk: &str) -> String {
    pk.trim_start_matches("U#").replacen('#', ".", 1)
}

/// The row of that name.
#[must_use]
pub fn unmatched_named(name: &str) -> Key {
    unmatched_of_partition(&format!("U#{}", name.replacen('.', "#", 1)))
}

/// A version of a lifecycle.
#[must_use]
pub fn policy(name: &str, version: u32) -> Key {
    Key::new(RowKind::Policy, format!("Y#{name}"), format!("{version:06}"))
}

/// Which version of a lifecycle new orders get.
#[must_use]
pub fn policy_active(name: &str) -> Key {
    Key::new(RowKind::Policy, format!("Y#{name}"), "active".to_owned())
}

/// An API key.
#[must_use]
pub fn api_key(id: &str) -> Key {
    Key::new(RowKind::Key, format!("T#{id}"), "T".to_owned())
}

/// Who calls.
#[must_use]
pub fn client(id: &str) -> Key {
    Key::new(RowKind::Client, format!("E#{id}"), "E".to_owned())
}

/// A setting of the seller.
#[must_use]
pub fn setting(name: &str) -> Key {
    Key::new(RowKind::Setting, SETTINGS.to_owned(), name.to_owned())
}

/// The partition of settings and warehouses.
pub const SETTINGS: &str = "Z";

/// A warehouse's ranks.
#[must_use]
pub fn warehouse(code: &str) -> Key {
    Key::new(RowKind::Warehouse, SETTINGS.to_owned(), format!("W#{code}"))
}

/// Warehouses of the settings' partition begin with this.
pub const WAREHOUSE_PREFIX: &str = "W#";

/// Where a client wants to be told.
#[must_use]
pub fn endpoint(client: &str, id: &str) -> Key {
    Key::new(RowKind::Endpoint, endpoint_partition(client), format!("E#{id}"))
}

/// The endpoints of a client.
#[must_use]
pub fn endpoint_partition(client: &str) -> String {
    format!("L#{client}")
}

/// The client whose endpoints this partition holds.
#[must_use]
pub fn client_of_endpoints(pk: &str) -> Option<&str> {
    pk.strip_prefix("L#")
}

/// One event on its way to one endpoint.
#[must_use]
pub fn delivery(id: &str) -> Key {
    Key::new(RowKind::Delivery, format!("B#{id}"), "B".to_owned())
}

/// The delivery whose partition this is.
#[must_use]
pub fn delivery_of_partition(pk: &str) -> Option<&str> {
    pk.strip_prefix("B#")
}

/// The `owner` partition of an endpoint's deliveries.
#[must_use]
pub fn owner_endpoint(endpoint: &str) -> String {
    format!("L#{endpoint}")
}

/// Messages that failed too often.
#[must_use]
pub fn dead(queue: &str, message: &str) -> Key {
    Key::new(RowKind::Dead, format!("X#{queue}"), message.to_owned())
}

/// A moment as it stands in keys: thirteen digits, so that string order is time order.
#[must_use]
pub fn moment(at: Timestamp) -> String {
    format!("{:013}", at.milliseconds())
}

/// The worklist's partition for a shard.
#[must_use]
pub fn worklist_shard(shard: u8) -> String {
    format!("W#{shard:02}")
}

/// The worklist's partition and sort key for a row.
#[must_use]
pub fn worklist(pk: &str, due_at: Timestamp) -> (String, String) {
    let shard = ids::shard_of(pk, WORKLIST_SHARDS);
    (worklist_shard(shard), format!("{}#{pk}", moment(due_at)))
}

/// The moment in a sort key of the worklist.
#[must_use]
pub fn due_of_worklist(sort: &str) -> Option<Timestamp> {
    let (moment, _) = sort.split_once('#')?;
    moment.parse().ok().map(Timestamp::from_milliseconds)
}

/// The `owner` partition of a customer's orders.
#[must_use]
pub fn owner_customer(customer: &str) -> String {
    format!("C#{customer}")
}

/// The `owner` partition of a partner's orders.
#[must_use]
pub fn owner_client(client: &str) -> String {
    format!("P#{client}")
}

/// The `owner` partition of an order's number.
#[must_use]
pub fn owner_number(number: &str) -> String {
    format!("G#{number}")
}

/// The `owner` partition that lists all rows of a kind.
#[must_use]
pub fn owner_list(kind: RowKind) -> String {
    format!("X#{}", kind.name())
}

/// Sort key of the lists by creation.
#[must_use]
pub fn created(at: Timestamp, id: &str) -> String {
    format!("{}#{id}", moment(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn string_order_is_time_order_and_version_order() {
        let times = [0, 1, 999, 1_700_000_000_000, 9_999_999_999_999];
        let texts: Vec<String> =
            times.iter().map(|t| moment(Timestamp::from_milliseconds(*t))).collect();
        assert!(texts.windows(2).all(|pair| pair[0] < pair[1] && pair[0].len() == pair[1].len()));
        assert!(version_text(9) < version_text(10));
        let at = Timestamp::from_milliseconds(1_700_000_000_123);
        assert_eq!(due_of_worklist(&worklist("O#x", at).1), Some(at));
        let early = wait("A", 100, Timestamp::from_milliseconds(5), "x");
        let late = wait("A", 100, Timestamp::from_milliseconds(50), "a");
        let urgent = wait("A", 9, Timestamp::from_milliseconds(99), "z");
        assert!(urgent.sk() < early.sk() && early.sk() < late.sk());
    }
}
