//! What is agreed with clients. A `PUT` replaces the whole document.

use crate::orders::json_of;
use crate::settings::{email, is_code, put_document};
use crate::{Call, Reply, invalid};
use ordermill_domain::intake::limits::CODE_CHARACTERS_MAX;
use ordermill_domain::intake::reader::{self, Object, Report};
use ordermill_domain::order::Channel;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::{Client, ClientRole, RIGHTS, document, listed};
use ordermill_views::parties::ClientView;

/// Rights of a client beyond its role's.
const RIGHTS_MAX: usize = 20;

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
    known_terms(call, &client).await?;
    let row = listed(document(&keys::client(id), &client)?, RowKind::Client, id);
    let status = put_document(call, row).await?;
    call.runtime.forget_settings();
    Ok(Answer::json(status, json_of(&ClientView::new(&client))))
}

/// What the terms name must be there, and the price list the client's to use.
async fn known_terms(call: &Call<'_>, client: &Client) -> Result<(), ErrorAnswer> {
    if let Some(id) = &client.price_list {
        let list = call.runtime.table.price_list(id).await?;
        let Some(list) = list else {
            let detail = "There is no such price list: put it first (`/v1/price-lists/{id}`).";
            return Err(invalid("/price_list", "unknown_price_list", detail));
        };
        if list.client.as_ref().is_some_and(|of| *of != client.id) {
            let detail = "This price list is another client's: make one for this client.";
            return Err(invalid("/price_list", "price_list_of_another", detail));
        }
    }
    let Some(policy) = &client.policy else { return Ok(()) };
    let now = call.runtime.clock.now();
    if call.runtime.policies.active(&call.runtime.table, policy, now).await?.is_none() {
        let detail = format!("There is no policy named {policy}; leave it out for `webshop`.");
        return Err(invalid("/policy", "unknown_policy", &detail));
    }
    Ok(())
}

fn read_client(id: &str, body: &Object<'_, '_>) -> Option<Client> {
    let role = body.field("role").required("write shop, partner, manager, planner or admin.");
    let role = role.choice::<ClientRole>();
    let given = body.field("rights");
    let mut rights = Vec::new();
    for field in given.list(RIGHTS_MAX) {
        let Some(right) = field.text(CODE_CHARACTERS_MAX) else { continue };
        if !RIGHTS.contains(&right.as_str()) {
            field.refuse("unknown_value", format!("Rights there are: {}.", RIGHTS.join(", ")));
        }
        rights.push(right);
    }
    Some(Client {
        id: id.to_owned(),
        rights: given.is_present().then_some(rights),
        channel: body.field("channel").choice::<Channel>(),
        policy: body.field("policy").text(CODE_CHARACTERS_MAX),
        price_list: body.field("price_list").text(CODE_CHARACTERS_MAX),
        email: email(&body.field("email")),
        role: role?,
    })
}
