//! What the API shows, as Rust types: each serialises to the JSON of `spec/api.md` and knows its
//! own schema, so that answers, pages and the OpenAPI document cannot disagree.
//!
//! | module | what |
//! |---|---|
//! | [`answer`] | one order, for a caller |
//! | [`approval`] | what a customer is asked, and answers without a key |
//! | [`approval_page`] | the same as a page |
//! | [`catalogue`] | products, settings, warehouses |
//! | [`customer`] | a customer's card |
//! | [`dates`] | how a date is written, by language |
//! | [`order`] | one order |
//! | [`edit`] | what an edit would change |
//! | [`event`] | one event, and why it happened |
//! | [`parties`] | keys, clients, customers, money without an order |
//! | [`stock`] | stock lines, movements, reservations |
//! | [`subscription`] | an order that repeats |
//! | [`task`] | what people have to do |
//! | [`track`] | what a customer may see without a key |
//! | [`track_page`] | the same as a page |
//! | [`webhook`] | endpoints of webhooks, and their log |
//! | [`values`] | money, quantities and moments as JSON carries them |
//!
//! No rules: figures come from `ordermill-domain`, here they are only written down.

pub mod answer;
pub mod approval;
pub mod approval_page;
pub mod catalogue;
pub mod customer;
pub mod dates;
pub mod edit;
pub mod event;
pub mod order;
pub mod parties;
pub mod stock;
pub mod subscription;
pub mod task;
pub mod track;
pub mod track_page;
pub mod values;
pub mod webhook;

pub use answer::order_json;
pub use event::{DecisionView, EventView, decision_view, event_view};
pub use order::{OrderView, order_view};
pub use track::{TrackView, tracking_token, tracking_url};

/// For whom a view is made, and where its links lead.
#[derive(Clone, Copy)]
pub struct Audience<'a> {
    /// `https://host`, without a slash at the end.
    pub base_url: &'a str,
    /// Signs tracking links.
    pub signing_secret: &'a str,
    /// The seller's payment link, with `{number}`, `{amount}` and `{currency}`.
    pub payment_link: Option<&'a str>,
    /// Whether comments among colleagues are shown.
    pub internal: bool,
}

impl<'a> Audience<'a> {
    /// Somebody outside the seller's house, without a link to pay by.
    #[must_use]
    pub fn outside(base_url: &'a str, signing_secret: &'a str) -> Self {
        Self { base_url, signing_secret, payment_link: None, internal: false }
    }
}
