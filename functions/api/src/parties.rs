//! What is agreed with customers and clients. A `PUT` replaces the whole document.

use crate::orders::json_of;
use crate::settings::{currency, email, is_code, put_document};
use crate::{Call, Reply};
use ordermill_domain::intake::limits::{CODE_CHARACTERS_MAX, EXTERNAL_ID_CHARACTERS_MAX};
use ordermill_domain::intake::reader::{self, Object, Report};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::Channel;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::{Client, ClientRole, CustomerTerms, document, listed};
use ordermill_views::parties::{ClientView, CustomerTermsView};

/// Days from shipment to payment at most.
const NET_DAYS_MAX: u16 = 365;
/// The last turn.
const PRIORITY_MAX: u16 = 9_999;
/// Rights of a client beyond its role's.
const RIGHTS_MAX: usize = 20;
/// Rights there are.
const RIGHTS: [&str; 1] = ["set_prices"];

/// `GET /v1/customers/{id}`.
pub(crate) async fn customer(call: &Call<'_>) -> Reply {
    let found: Option<CustomerTerms> =
        call.runtime.table.document(&keys::customer(call.param(0))).await?;
    let terms = found.ok_or_else(ErrorAnswer::not_found)?;
    Ok(Answer::json(200, json_of(&CustomerTermsView::new(&terms))))
}

/// `PUT /v1/customers/{id}`: 201 for a new one, 200 for one that is replaced.
pub(crate) async fn put_customer(call: &Call<'_>) -> Reply {
    let id = call.param(0);
    if !is_code(id, EXTERNAL_ID_CHARACTERS_MAX) {
        return Err(ErrorAnswer::not_found());
    }
    let body = call.request.json_object()?;
    let usual = call.runtime.settings().await?.currency;
    let report = Report::default();
    let read = reader::root(&body, &report)
        .object(&["id", "credit_limit", "currency", "price_list", "net_days", "priority"])
        .map(|body| terms(id, &body, &usual));
    let terms = report.finish(read).map_err(ErrorAnswer::invalid)?;
    let status = put_document(call, document(&keys::customer(id), &terms)?).await?;
    Ok(Answer::json(status, json_of(&CustomerTermsView::new(&terms))))
}

fn terms(id: &str, body: &Object<'_, '_>, usual: &str) -> CustomerTerms {
    let field = body.field("currency");
    let given = if field.is_present() { currency(&field) } else { Currency::parse(usual) };
    let limit = body.field("credit_limit");
    let amount = limit.text(CODE_CHARACTERS_MAX).zip(given).and_then(|(text, currency)| {
        let amount = Amount::parse(&text, currency).ok().filter(|a| *a >= Amount::ZERO);
        if amount.is_none() {
            limit.refuse("decimal_malformed", "Write an amount of zero or more, like \"1000.00\".");
        }
        amount
    });
    CustomerTerms {
        id: id.to_owned(),
        credit_limit: amount,
        currency: amount.and(given),
        price_list: body.field("price_list").text(CODE_CHARACTERS_MAX),
        net_days: body.field("net_days").whole(0, NET_DAYS_MAX),
        priority: body.field("priority").whole(0, PRIORITY_MAX),
    }
}

/// `GET /v1/clients/{id}`.
pub(crate) async fn client(call: &Call<'_>) -> Reply {
    let found: Option<Client> = call.runtime.table.document(&keys::client(call.param(0))).await?;
    let client = found.ok_or_else(ErrorAnswer::not_found)?;
    Ok(Answer::json(200, json_of(&ClientView::new(&client))))
}

/// `PUT /v1/clients/{id}`: 201 for a new one, 200 for one that is replaced.
pub(crate) async fn put_client(call: &Call<'_>) -> Reply {
    let id = call.param(0);
    if !is_code(id, CODE_CHARACTERS_MAX) {
        return Err(ErrorAnswer::not_found());
    }
    let body = call.request.json_object()?;
    let report = Report::default();
    let read = reader::root(&body, &report)
        .object(&["id", "role", "rights", "channel", "policy", "price_list", "email"])
        .and_then(|body| read_client(id, &body));
    let client = report.finish(read).map_err(ErrorAnswer::invalid)?;
    let row = listed(document(&keys::client(id), &client)?, RowKind::Client, id);
    let status = put_document(call, row).await?;
    Ok(Answer::json(status, json_of(&ClientView::new(&client))))
}

fn read_client(id: &str, body: &Object<'_, '_>) -> Option<Client> {
    let role = body.field("role").required("write shop, partner, manager, planner or admin.");
    let role = role.choice::<ClientRole>();
    let mut rights = Vec::new();
    for field in body.field("rights").list(RIGHTS_MAX) {
        let Some(right) = field.text(CODE_CHARACTERS_MAX) else { continue };
        if !RIGHTS.contains(&right.as_str()) {
            field.refuse("unknown_value", format!("Rights there are: {}.", RIGHTS.join(", ")));
        }
        rights.push(right);
    }
    Some(Client {
        id: id.to_owned(),
        rights,
        channel: body.field("channel").choice::<Channel>(),
        policy: body.field("policy").text(CODE_CHARACTERS_MAX),
        price_list: body.field("price_list").text(CODE_CHARACTERS_MAX),
        email: email(&body.field("email")),
        role: role?,
    })
}
