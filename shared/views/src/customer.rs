//! A customer's card as staff sees it.

use crate::order::AddressView;
use crate::values::{Decimal, Moment};
use ordermill_domain::money::Currency;
use ordermill_table::rows::customer::CustomerRow;
use schemars::JsonSchema;
use serde::Serialize;

/// What is known of a customer, and what is agreed.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "CustomerCard")]
pub struct CustomerCardView {
    /// The card; orders show it as `customer.card`.
    pub id: String,
    /// Whose customer it is; `null` for one whom staff has named for the whole house.
    pub client: Option<String>,
    /// The client's own id of the customer.
    pub customer: Option<String>,
    /// Names, the first known first; so are all that follow.
    pub names: Vec<String>,
    /// Companies.
    pub companies: Vec<String>,
    /// E-mail addresses.
    pub emails: Vec<String>,
    /// Telephones.
    pub phones: Vec<String>,
    /// Where goods went.
    pub addresses: Vec<AddressView>,
    /// Language.
    pub locale: Option<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// `email` or `sms`.
    pub preferred_channel: Option<String>,
    /// How much may be open on invoices; `null` means without limit.
    pub credit_limit: Option<Decimal>,
    /// What open orders on account have taken of it.
    pub credit_taken: Decimal,
    /// What is left of the limit.
    pub credit_available: Option<Decimal>,
    /// Currency of the credit.
    pub currency: String,
    /// Invoices that are overdue; while there are any, new orders are held.
    pub overdue: u32,
    /// Which price list.
    pub price_list: Option<String>,
    /// Days from shipment to payment.
    pub net_days: Option<u16>,
    /// And then to the end of that month.
    pub end_of_month: bool,
    /// Turn among those who wait: lower first.
    pub priority: Option<u16>,
    /// The group for which stock may be kept.
    pub demand_class: Option<String>,
    /// When it was asked that the customer be forgotten, while that is under way.
    pub erasing_since: Option<Moment>,
}

/// How far it is with forgetting a customer.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Erasure")]
pub struct ErasureView {
    /// The card.
    pub id: String,
    /// When it was asked for.
    pub asked_at: Option<Moment>,
    /// When it was done; `null` while it is under way.
    pub erased_at: Option<Moment>,
}

impl ErasureView {
    /// As the card says.
    #[must_use]
    pub fn new(row: &CustomerRow) -> Self {
        let erasure = row.erasure.as_ref();
        Self {
            id: row.id.clone(),
            asked_at: erasure.map(|erasure| erasure.asked_at.into()),
            erased_at: row.erased_at().map(Moment::from),
        }
    }
}

impl CustomerCardView {
    /// The card as it is stored; credit is counted in `usual` where nothing is agreed.
    #[must_use]
    pub fn new(row: &CustomerRow, usual: &str) -> Self {
        let facts = row.facts(usual);
        let currency = facts.currency.unwrap_or(Currency::EUR);
        let card = row.card.clone();
        let left = row.terms.credit_limit.map(|limit| limit.minus(row.credit_taken));
        Self {
            id: row.id.clone(),
            client: card.client,
            customer: card.customer,
            names: card.names,
            companies: card.companies,
            emails: card.emails,
            phones: card.phones,
            addresses: card.addresses.iter().map(AddressView::from).collect(),
            locale: card.locale,
            time_zone: card.time_zone,
            preferred_channel: card.preferred_channel,
            credit_limit: row.terms.credit_limit.map(|limit| Decimal::amount(limit, currency)),
            credit_taken: Decimal::amount(row.credit_taken, currency),
            credit_available: left.map(|left| Decimal::amount(left, currency)),
            currency: currency.code().to_owned(),
            overdue: row.overdue,
            price_list: row.terms.price_list.clone(),
            net_days: row.terms.net_days,
            end_of_month: row.terms.end_of_month,
            priority: row.terms.priority,
            demand_class: row.terms.demand_class.clone(),
            erasing_since: row.erasing().map(|erasure| erasure.asked_at.into()),
        }
    }
}
