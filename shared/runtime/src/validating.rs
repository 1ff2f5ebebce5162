//! What validation needs to know beside the order, in few requests however many lines it has: the
//! names of the customer's last orders from the index; then articles, card and those orders'
//! headers in one batched read; then, under a price list, its prices.

use crate::catalogue::{self, Terms};
use crate::contacts::{e164, is_email};
use crate::{Runtime, StepResult};
use ordermill_domain::decide::{CustomerFacts, Facts};
use ordermill_domain::order::Order;
use ordermill_table::keys::{self, Key, RowKind};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::kind;
use ordermill_table::rows::customer::read_customer;
use ordermill_table::rows::order::is_open_and_unpaid;
use ordermill_table::rows::prices::PriceList;
use ordermill_table::schema::OWNER;

/// How many of the customer's other orders are looked at, newest first. Who has had so many since
/// an unpaid one has been looked at by a person long ago.
const OTHERS_MAX: i32 = 20;

/// The facts of the `validate` step.
///
/// # Errors
/// The table cannot be reached.
pub async fn validation_facts(runtime: &Runtime, order: &Order) -> StepResult<Facts> {
    let mut others: Vec<Key> = other_orders(runtime, order).await?;
    if !order.customer_id.is_empty() {
        others.push(keys::customer(&order.customer_id));
    }
    others.extend(order.price_list.as_deref().map(keys::price_list));
    let (products, rows) = catalogue::products_and(runtime, &order.lines, &others).await?;
    let usual = runtime.settings().await?.currency;
    let mut customer = CustomerFacts::default();
    let mut list: Option<PriceList> = None;
    let mut open_unpaid: u32 = 0;
    for row in &rows {
        match kind(row) {
            Some(name) if name == RowKind::Customer.name() => {
                customer = read_customer(row)?.facts(&usual);
            }
            Some(name) if name == RowKind::Order.name() => {
                let open = is_open_and_unpaid(row)?;
                open_unpaid = open_unpaid.saturating_add(u32::from(open));
            }
            // One of them has just been deleted.
            Some(name) if name == RowKind::Deleted.name() => {}
            Some(_) => list = Some(ordermill_table::records::read(row)?),
            None => {}
        }
    }
    let country = order.country.as_deref();
    let list_without_tax = list
        .as_ref()
        .is_some_and(|list| list.currency == order.currency && !list.prices_include_tax);
    let terms = Terms { currency: order.currency, country, list: list.as_ref() };
    let products = catalogue::under_terms(runtime, products, terms).await?;
    let said = &order.placed.customer;
    Ok(Facts {
        products,
        list_without_tax,
        customer,
        open_unpaid,
        email_ok: said.email.as_deref().is_some_and(is_email),
        phone_ok: said.phone.as_deref().is_some_and(|phone| e164(phone, country).is_some()),
        ..Facts::default()
    })
}

/// How the customer stands, for a command that decides on credit.
///
/// # Errors
/// The table cannot be reached.
pub async fn customer_standing(runtime: &Runtime, order: &Order) -> StepResult<CustomerFacts> {
    let usual = runtime.settings().await?.currency;
    let found = runtime.table.customer(&order.customer_id).await?;
    Ok(found.map(|row| row.facts(&usual)).unwrap_or_default())
}

async fn other_orders(runtime: &Runtime, order: &Order) -> StepResult<Vec<Key>> {
    if order.customer_id.is_empty() {
        return Ok(Vec::new());
    }
    let query = IndexQuery {
        index: OWNER,
        partition: keys::owner_customer(&order.customer_id),
        after: None,
        newest_first: true,
        until: None,
        limit: OTHERS_MAX.saturating_add(1),
    };
    let found = runtime.table.index(query).await?.keys;
    let ids = found.iter().filter_map(|(pk, _)| keys::order_of_partition(pk));
    Ok(ids.filter(|id| *id != order.id).map(keys::order).collect())
}
