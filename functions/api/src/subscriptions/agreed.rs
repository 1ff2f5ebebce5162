//! What is agreed when a subscription is made or its basket changes: its lifecycle, whether its
//! prices have the tax in them, and with `price: locked` the price of each article, for good.

use crate::Call;
use ordermill_domain::intake::{Problem, SubscriptionDraft, SubscriptionPrice};
use ordermill_domain::money::format_decimal;
use ordermill_runtime::contacts;
use ordermill_runtime::http::ErrorAnswer;
use ordermill_runtime::placing::{Found, Placer, look_up};
use ordermill_table::records::Client;
use serde_json::{Value, json};

/// Whose subscription it is.
pub(super) struct Party<'a> {
    /// The client that made it.
    pub client: &'a str,
    /// It belongs to the seller's house.
    pub is_house: bool,
}

/// The body with all that is agreed written into it: each later order is made from that alone.
///
/// # Errors
/// 422 where a client that may not set prices names another price than its list's, or a quantity
/// is finer than the article's unit.
pub(super) async fn agreed(
    call: &Call<'_>,
    party: &Party<'_>,
    mut body: Value,
    draft: &SubscriptionDraft,
) -> Result<Value, ErrorAnswer> {
    let client = call.runtime.client(party.client).await?;
    let placer = Placer {
        client: party.client,
        price_list: client.as_ref().and_then(|client| client.price_list.as_deref()),
        demand_class: client.as_ref().and_then(|client| client.demand_class.as_deref()),
        is_house: party.is_house,
    };
    let found = look_up(call.runtime, placer, &draft.order).await?;
    let problems = found.quantity_problems(&draft.order);
    if !problems.is_empty() {
        return Err(ErrorAnswer::invalid(problems));
    }
    let list = found.list.as_ref().filter(|list| list.currency == draft.order.currency);
    put(&mut body, "policy", || json!(draft.order.policy));
    if let Some(list) = list {
        put(&mut body, "prices_include_tax", || json!(list.prices_include_tax));
    }
    if draft.price == SubscriptionPrice::Current {
        return Ok(body);
    }
    // Whoever acts for the client now, the prices are the client's.
    let role = call.caller()?.role;
    let is_trusted = Client::may(client.as_ref(), role, "set_prices");
    let mut problems = Vec::new();
    if !is_trusted {
        problems.extend(tax_problem(&body, list.is_none_or(|list| list.prices_include_tax)));
    }
    problems.extend(lock_prices(&mut body, draft, &found, is_trusted));
    if !problems.is_empty() {
        return Err(ErrorAnswer::invalid(problems));
    }
    Ok(body)
}

/// Whose card the orders of a body will belong to; empty where nothing identifies the customer.
///
/// # Errors
/// The table cannot be reached.
pub(super) async fn customer_of(
    call: &Call<'_>,
    party: &Party<'_>,
    draft: &SubscriptionDraft,
) -> Result<String, ErrorAnswer> {
    let mut order = draft.order.clone();
    order.lines.clear();
    let country = order.country.clone();
    contacts::normalise(&mut order.placed, country.as_deref());
    let placer = Placer {
        client: party.client,
        price_list: None,
        demand_class: None,
        is_house: party.is_house,
    };
    Ok(look_up(call.runtime, placer, &order).await?.customer_id)
}

/// Writes a field that the body leaves out.
fn put(body: &mut Value, name: &str, value: impl FnOnce() -> Value) {
    if let Some(fields) = body.as_object_mut()
        && fields.get(name).is_none_or(Value::is_null)
    {
        fields.insert(name.to_owned(), value());
    }
}

/// What is wrong where a client that may not set prices says another thing of the tax in them than its
/// list.
fn tax_problem(body: &Value, listed: bool) -> Option<Problem> {
    let said = body.get("prices_include_tax").and_then(Value::as_bool)?;
    (said != listed).then(|| Problem {
        pointer: "/prices_include_tax".to_owned(),
        code: "prices_include_tax_differs",
        detail: format!("The price list says {listed}: write that, or leave it out."),
    })
}

/// The price of today into each line that has none. An article that is not known yet, or has no
/// price in this currency, gets the price of the day of its order.
fn lock_prices(
    body: &mut Value,
    draft: &SubscriptionDraft,
    found: &Found,
    is_trusted: bool,
) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, line) in draft.order.lines.iter().enumerate() {
        let Some(product) = found.products.get(&line.sku) else { continue };
        let Some(listed) = product.price(draft.order.currency) else { continue };
        let places = line.detail.price_places;
        match line.detail.unit_price {
            None => {
                if let Some(line) = body.pointer_mut(&format!("/lines/{index}")) {
                    put(line, "unit_price", || json!(listed.to_string()));
                }
            }
            Some(price) if is_trusted || listed.equals(price, places) => {}
            Some(price) => problems.push(Problem {
                pointer: format!("/lines/{index}/unit_price"),
                code: "price_differs",
                detail: format!(
                    "The unit price is {}, the price list's {listed}: write that, or leave it out.",
                    format_decimal(price, places)
                ),
            }),
        }
    }
    problems
}
