//! A customer's card, and what is agreed with the customer. A `PUT` replaces the terms; what
//! orders have told of the customer stays.
//!
//! A customer is named by the card's id (an order shows it as `customer.card`), or by the client's
//! own id, e-mail address or telephone of the customer; `?client=` says whose. Staff may also name
//! a customer of whom no order has told: clients of the house then mean that one by this id.

use crate::orders::json_of;
use crate::parties::group;
use crate::search::{clients, sees_all};
use crate::settings::{currency, is_code};
use crate::{Call, Reply, invalid, too_busy};
use ordermill_domain::customer::Card;
use ordermill_domain::intake::limits::{CODE_CHARACTERS_MAX, EXTERNAL_ID_CHARACTERS_MAX};
use ordermill_domain::intake::reader::{self, Object, Report};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::Placed;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_runtime::{contacts, customers};
use ordermill_table::TableError;
use ordermill_table::keys::{self, Key};
use ordermill_table::rows::customer::{CustomerRow, CustomerTerms, read_customer};
use ordermill_views::customer::CustomerCardView;

/// Days from shipment to payment at most.
const NET_DAYS_MAX: u16 = 365;
/// The last turn.
const PRIORITY_MAX: u16 = 9_999;
const FIELDS: [&str; 9] = [
    "id",
    "client",
    "credit_limit",
    "currency",
    "price_list",
    "net_days",
    "end_of_month",
    "priority",
    "demand_class",
];

/// `GET /v1/customers/{id}`.
pub(crate) async fn one(call: &Call<'_>) -> Reply {
    let row = asked(call).await?;
    known_still(&row)?;
    Ok(Answer::json(200, shown(call, &row).await?))
}

/// 410 for a customer who was forgotten.
pub(crate) fn known_still(row: &CustomerRow) -> Result<(), ErrorAnswer> {
    match row.erased_at() {
        None => Ok(()),
        Some(_) => {
            let detail = "The customer was erased; an order of theirs would make a new card.";
            Err(ErrorAnswer::new(410, "customer_erased", detail))
        }
    }
}

async fn shown(call: &Call<'_>, row: &CustomerRow) -> Result<serde_json::Value, ErrorAnswer> {
    let usual = call.runtime.settings().await?.currency;
    Ok(json_of(&CustomerCardView::new(row, &usual)))
}

/// `PUT /v1/customers/{id}`: 201 where nothing was agreed before, 200 where it is replaced.
pub(crate) async fn put(call: &Call<'_>) -> Reply {
    let id = call.param(0);
    if !is_code(id, EXTERNAL_ID_CHARACTERS_MAX) {
        return Err(ErrorAnswer::not_found());
    }
    let body = call.request.json_object()?;
    let usual = call.runtime.settings().await?.currency;
    let report = Report::default();
    let read = reader::root(&body, &report).object(&FIELDS).map(|body| terms(&body, &usual));
    let (client, terms) = report.finish(read).map_err(ErrorAnswer::invalid)?;
    if let Some(list) = &terms.price_list
        && call.runtime.table.price_list(list).await?.is_none()
    {
        let detail = "There is no such price list: put it first (`/v1/price-lists/{id}`).";
        return Err(invalid("/price_list", "unknown_price_list", detail));
    }
    let client = client.as_deref().or_else(|| call.query("client"));
    let card = new_card(client, id);
    for round in 0..MOVED_ROUNDS_MAX {
        let known = named(call, client).await?;
        if let Some(row) = &known {
            known_still(row)?;
            not_being_erased(row)?;
        }
        let table = &call.runtime.table;
        let (id, written) = match (&known, client) {
            (Some(row), _) => {
                let erasure = row.stored_erasure.as_ref();
                (row.id.clone(), table.put_terms(&row.id, &terms, None, erasure).await)
            }
            (None, Some(client)) => {
                let id = own_id(call, client, id);
                let written = table.put_terms(&id, &terms, Some(&card), None).await;
                (id, written)
            }
            (None, None) => {
                let absent = all_names(call, id).await?;
                let named = table.name_customer(id, &terms, &card, &absent).await;
                (id.to_owned(), named.map(|()| true))
            }
        };
        match written {
            Ok(is_new) => {
                let row = call.runtime.table.customer(&id).await?;
                let row = row.ok_or_else(ErrorAnswer::not_found)?;
                return Ok(Answer::json(if is_new { 201 } else { 200 }, shown(call, &row).await?));
            }
            // Somebody has asked to forget them meanwhile, or an order has told of them: the rows say so.
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
                call.runtime.pause(round).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}

/// 409 for a customer who is being forgotten: what is agreed now would be forgotten with the rest.
fn not_being_erased(row: &CustomerRow) -> Result<(), ErrorAnswer> {
    match row.erasing() {
        None => Ok(()),
        Some(_) => {
            let detail = "The customer is being erased: wait until that is done, then agree anew.";
            Err(ErrorAnswer::new(409, "customer_being_erased", detail))
        }
    }
}

fn new_card(client: Option<&str>, id: &str) -> Card {
    Card { client: client.map(str::to_owned), customer: Some(id.to_owned()), ..Card::default() }
}

/// The card of a client's own customer of that id.
fn own_id(call: &Call<'_>, client: &str, id: &str) -> String {
    card_of(&call.runtime.config.seller, client, id)
}

fn card_of(seller: &str, client: &str, id: &str) -> String {
    let mut placed = Placed::default();
    placed.customer.id = Some(id.to_owned());
    customers::card_id(seller, client, &placed)
}

/// The customer that the path and `?client=` name.
///
/// # Errors
/// 404.
pub(crate) async fn asked(call: &Call<'_>) -> Result<CustomerRow, ErrorAnswer> {
    named(call, call.query("client")).await?.ok_or_else(ErrorAnswer::not_found)
}

/// The customer of that name: by the card's id, else as the client names the customer. Whoever sees all
/// clients and names none is asked which where several have a customer of that name.
async fn named(call: &Call<'_>, client: Option<&str>) -> Result<Option<CustomerRow>, ErrorAnswer> {
    let mut found = cards(call, client, call.param(0)).await?;
    Ok(if found.is_empty() { None } else { Some(found.swap_remove(0)) })
}

/// The card that a text means: the card's own id, or the client's id of the customer, e-mail address or
/// telephone; at most one.
///
/// # Errors
/// 400 `client_needed` where several clients have a customer of that name.
pub(crate) async fn cards(
    call: &Call<'_>,
    client: Option<&str>,
    name: &str,
) -> Result<Vec<CustomerRow>, ErrorAnswer> {
    let caller = call.caller()?;
    let seller = &call.runtime.config.seller;
    let by_contact = by_contact(name);
    let names_of = |client: &str| names_of(seller, client, name, &by_contact);
    // The nearer meaning first: the card, the named client's customer or the caller's own.
    let of = client.unwrap_or(&caller.client);
    let [id, contact] = names_of(of);
    let near = [name.to_owned(), id, contact];
    if let Some(row) = first_of(&read_cards(call, &near).await?, &near) {
        return Ok(vec![row]);
    }
    if client.is_some() || !sees_all(caller) {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for other in clients(call).await? {
        let wanted = names_of(&other);
        found.extend(first_of(&read_cards(call, &wanted).await?, &wanted));
    }
    if found.len() > 1 {
        let detail = "Several clients have a customer of that name: say whose by `client`.";
        return Err(ErrorAnswer::new(400, "client_needed", detail));
    }
    Ok(found)
}

/// Who has that e-mail address or telephone.
fn by_contact(name: &str) -> Placed {
    let mut placed = Placed::default();
    if name.contains('@') {
        placed.customer.email = Some(name.to_owned());
    } else {
        placed.customer.phone = contacts::e164(name, None);
    }
    placed
}

/// The cards that a client's orders would make of a customer of that name.
fn names_of(seller: &str, client: &str, name: &str, by_contact: &Placed) -> [String; 2] {
    [card_of(seller, client, name), customers::card_id(seller, client, by_contact)]
}

/// All cards that orders would make of a customer of that name.
async fn all_names(call: &Call<'_>, name: &str) -> Result<Vec<String>, ErrorAnswer> {
    let seller = &call.runtime.config.seller;
    let by_contact = by_contact(name);
    let clients = clients(call).await?;
    let names = clients.iter().flat_map(|client| names_of(seller, client, name, &by_contact));
    Ok(names.filter(|id| !id.is_empty()).collect())
}

async fn read_cards(call: &Call<'_>, wanted: &[String]) -> Result<Vec<CustomerRow>, ErrorAnswer> {
    let keys: Vec<Key> =
        wanted.iter().filter(|id| !id.is_empty()).map(|id| keys::customer(id)).collect();
    let mut found: Vec<CustomerRow> = Vec::new();
    for row in call.runtime.table.batch_get(&keys).await? {
        found.push(read_customer(&row)?);
    }
    Ok(found)
}

fn first_of(found: &[CustomerRow], wanted: &[String]) -> Option<CustomerRow> {
    wanted.iter().find_map(|id| found.iter().find(|row| row.id == *id)).cloned()
}

fn terms(body: &Object<'_, '_>, usual: &str) -> (Option<String>, CustomerTerms) {
    let field = body.field("currency");
    let given = if field.is_present() { currency(&field) } else { Currency::parse(usual) };
    let limit = body.field("credit_limit");
    // A text of nothing is no amount; who means none writes `null`.
    let limit =
        if limit.is_present() { limit.required("write an amount, or null.") } else { limit };
    let amount = limit.text(CODE_CHARACTERS_MAX).zip(given).and_then(|(text, currency)| {
        let amount = Amount::parse(&text, currency).ok().filter(|a| *a >= Amount::ZERO);
        if amount.is_none() {
            limit.refuse("decimal_malformed", "Write an amount of zero or more, like \"1000.00\".");
        }
        amount
    });
    let terms = CustomerTerms {
        credit_limit: amount,
        currency: given.filter(|_| amount.is_some() || field.is_present()),
        price_list: body.field("price_list").text(CODE_CHARACTERS_MAX),
        net_days: body.field("net_days").whole(0, NET_DAYS_MAX),
        end_of_month: body.field("end_of_month").flag().unwrap_or(false),
        priority: body.field("priority").whole(0, PRIORITY_MAX),
        demand_class: group(&body.field("demand_class")),
    };
    // Repeated from an answer; the path names the customer.
    let _ = body.field("id").text(EXTERNAL_ID_CHARACTERS_MAX);
    (body.field("client").text(CODE_CHARACTERS_MAX), terms)
}
