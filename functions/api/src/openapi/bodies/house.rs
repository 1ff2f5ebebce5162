//! Bodies about the house: settings, warehouses, customers, price lists, people, clients, keys.

use super::AddressBody;
use ordermill_domain::order::Channel;
use ordermill_domain::order::desk::{ContactOutcome, ContactResult};
use ordermill_domain::price::TaxRounding;
use ordermill_views::parties::RoleWord;
use ordermill_views::values::{Decimal, Moment};
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// A postal address in one line, or in parts like an order's.
#[derive(JsonSchema)]
#[schemars(rename = "NewPlace", untagged)]
#[allow(dead_code, reason = "only the schema is used")]
pub(in crate::openapi) enum PlaceBody {
    /// One line.
    Line(String),
    /// In parts.
    Parts(AddressBody),
}

bodies! {
    /// The seller's settings; what is left out is the default.
    SettingsBody as "NewSettings" {
        /// Shown to people.
        name: Option<String>,
        /// Postal address.
        address: Option<PlaceBody>,
        /// VAT number.
        vat_id: Option<String>,
        /// From whom e-mail comes.
        sender: Option<String>,
        /// Who is told about exceptions and tasks.
        staff_email: Option<Vec<String>>,
        /// Telephone for customers.
        phone: Option<String>,
        /// `#rrggbb`.
        colour: Option<String>,
        /// IANA time zone.
        time_zone: Option<String>,
        /// ISO 4217.
        currency: Option<String>,
        /// Language where nothing else is known.
        locale: Option<String>,
        /// https, with `{number}`, `{amount}` and `{currency}`.
        payment_link: Option<String>,
        /// Shown where a transfer is asked for.
        bank_details: Option<String>,
        /// Where tracking pages are, without a slash at its end.
        public_url: Option<String>,
        /// Where tax is rounded; `rate` where left out.
        tax_rounding: Option<TaxRounding>,
        /// Tax rates by destination country and the product's class.
        tax_rates: Option<BTreeMap<String, BTreeMap<String, Decimal>>>,
    }
    /// A warehouse.
    WarehouseBody as "NewWarehouse" {
        /// May repeat the path's.
        code: Option<String>,
        /// Its name.
        name: Option<String>,
        /// Postal address.
        address: Option<PlaceBody>,
        /// Rank by destination country, lower first; `*` for all others.
        priority: Option<BTreeMap<String, u32>>,
        /// The working hours it keeps, by their name.
        calendar: Option<String>,
    }
    /// What is agreed with a customer.
    CustomerTermsBody as "NewCustomerTerms" {
        /// May repeat the path's.
        id: Option<String>,
        /// Whose customer it is; the caller's where left out.
        client: Option<String>,
        /// How much may be open on invoices.
        credit_limit: Option<Decimal>,
        /// Of the credit limit; the seller's where left out.
        currency: Option<String>,
        /// Which price list.
        price_list: Option<String>,
        /// Days from shipment to payment.
        net_days: Option<u16>,
        /// And then to the end of that month.
        end_of_month: Option<bool>,
        /// Turn among those who wait: lower first.
        priority: Option<u16>,
        /// The group for which stock may be kept; new orders are of it.
        demand_class: Option<String>,
    }
    /// A price list.
    PriceListBody as "NewPriceList" {
        /// May repeat the path's.
        id: Option<String>,
        /// Shown to people.
        name: Option<String>,
        /// The only client whose orders it may apply to.
        client: Option<String>,
        /// Of all its prices; the seller's where left out.
        currency: Option<String>,
        /// Whether its prices contain the tax; `true` where left out.
        prices_include_tax: Option<bool>,
        /// Decimal places of prices, up to 6; the currency's where left out.
        places: Option<u32>,
        /// Price of a unit by SKU.
        prices: BTreeMap<String, Decimal>,
    }
    /// A person in the seller's house.
    UserBody as "NewUser" {
        /// May repeat the path's.
        id: Option<String>,
        /// Shown to colleagues.
        name: Option<String>,
        /// Where the person is told of orders they look after.
        email: Option<String>,
        /// Telephone.
        phone: Option<String>,
        /// Language of messages to this person.
        locale: Option<String>,
        /// Is told of everything.
        full_access: Option<bool>,
        /// Whether the person works here still; `true` where left out.
        active: Option<bool>,
    }
    /// What is agreed with a client.
    ClientBody as "NewClient" {
        /// May repeat the path's.
        id: Option<String>,
        /// As whom it calls.
        role: RoleWord,
        /// Its rights: `set_prices`; those of its role where left out.
        rights: Option<Vec<String>>,
        /// Channel of its orders where they do not say.
        channel: Option<Channel>,
        /// Lifecycle of its orders where they do not say.
        policy: Option<String>,
        /// Its price list.
        price_list: Option<String>,
        /// Where it is told of each change of its orders, beside its webhooks.
        email: Option<String>,
        /// The group for which stock may be kept; new orders are of it.
        demand_class: Option<String>,
    }
    /// Whose key is made.
    KeyBody as "NewKey" {
        /// The client's name.
        client: String,
        /// As whom it calls.
        role: RoleWord,
    }
    /// Something somebody has to do.
    TaskBody as "NewTask" {
        /// What: a word of the house; `call_customer` is a call.
        code: String,
        /// When it is to be done, a day from now where left out; a call not before.
        due_at: Option<Moment>,
        /// Whose it is; else whoever looks after the order.
        assignee: Option<String>,
        /// An internal comment.
        note: Option<String>,
    }
    /// A task is done.
    DoneBody as "TaskDone" {
        /// Its `task`, as `GET /v1/tasks` shows it.
        task: String,
        /// An internal comment.
        note: Option<String>,
    }
    /// The customer was called.
    ContactBody as "ContactAttempt" {
        /// What the call met.
        outcome: ContactOutcome,
        /// What came of it, where somebody was reached.
        result: Option<ContactResult>,
        /// When they are to be called again, for the result `call_again`.
        next_call_at: Option<Moment>,
        /// An internal comment.
        note: Option<String>,
    }
    /// Which order the money is for.
    AssignBody as "Assignment" {
        /// The order's id.
        order: String,
    }
}

bodies! {}
