//! What is agreed with clients. A `PUT` replaces the whole document.

use crate::documents;
use crate::keys::LIST as KEYS;
use crate::orders::json_of;
use crate::paging::{LIMIT_MAX, Page};
use crate::settings::{as_the_path_says, email, is_code, put_document};
use crate::{Call, Reply, invalid};
use ordermill_domain::intake::limits::CODE_CHARACTERS_MAX;
use ordermill_domain::intake::reader::{self, Field, Object, Report};
use ordermill_domain::order::Channel;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::{ApiKey, Client, ClientRole, RIGHTS, document, listed};
use ordermill_views::parties::ClientView;

/// Pages of keys that are read to find a client of whom only a key tells.
const KEY_PAGES_MAX: usize = 10;
/// Rights of a client beyond its role's.
const RIGHTS_MAX: usize = 20;

/// `GET /v1/clients/{id}`.
pub(crate) async fn client(call: &Call<'_>) -> Reply {
    let id = call.param(0);
    let found: Option<Client> = call.runtime.table.document(&keys::client(id)).await?;
    let client = match found {
        Some(client) => client,
        None => by_its_keys(call, id).await?.ok_or_else(ErrorAnswer::not_found)?,
    };
    Ok(Answer::json(200, json_of(&ClientView::new(&client))))
}

/// A client with whom nothing is agreed, and who has keys: what its role says.
async fn by_its_keys(call: &Call<'_>, id: &str) -> Result<Option<Client>, ErrorAnswer> {
    let mut page = Page::all(call, LIMIT_MAX)?;
    for _ in 0..KEY_PAGES_MAX {
        let found = documents::page::<ApiKey>(call, KEYS, &page).await?;
        let mut of_client = found.documents.iter().filter(|key| key.client == id);
        if let Some(key) = of_client.find(|key| key.revoked_at.is_none()) {
            return Ok(Some(Client {
                id: id.to_owned(),
                role: key.role,
                rights: None,
                channel: None,
                policy: None,
                price_list: None,
                email: None,
                demand_class: None,
            }));
        }
        page.after = found.next;
        if page.after.is_none() {
            break;
        }
    }
    Ok(None)
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
        .object(&[
            "id",
            "role",
            "rights",
            "channel",
            "policy",
            "price_list",
            "email",
            "demand_class",
        ])
        .and_then(|body| read_client(id, &body));
    let client = report.finish(read).map_err(ErrorAnswer::invalid)?;
    known_terms(call, &client).await?;
    let row = listed(document(&keys::client(id), &client)?, RowKind::Client, id);
    let status = put_document(call, row).await?;
    call.runtime.forget_settings();
    // Its keys call by its role from now on; elsewhere within a minute.
    call.runtime.keys.forget();
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

/// A group of customers, where one is named.
pub(crate) fn group(field: &Field<'_, '_>) -> Option<String> {
    if field.is_present() { field.demand_class() } else { None }
}

fn read_client(id: &str, body: &Object<'_, '_>) -> Option<Client> {
    let role = body.field("role").required("write shop, partner, manager, planner or admin.");
    let role = role.choice::<ClientRole>();
    let given = body.field("rights");
    let mut rights = Vec::new();
    for field in given.list(RIGHTS_MAX) {
        let field = field.required("write the name of a right, or leave the entry out.");
        let Some(right) = field.text(CODE_CHARACTERS_MAX) else { continue };
        if !RIGHTS.contains(&right.as_str()) {
            field.refuse("unknown_value", format!("Rights there are: {}.", RIGHTS.join(", ")));
        }
        rights.push(right);
    }
    as_the_path_says(&body.field("id"), id);
    Some(Client {
        id: id.to_owned(),
        rights: given.is_present().then_some(rights),
        channel: body.field("channel").choice::<Channel>(),
        policy: body.field("policy").text(CODE_CHARACTERS_MAX),
        price_list: body.field("price_list").text(CODE_CHARACTERS_MAX),
        email: email(&body.field("email")),
        demand_class: group(&body.field("demand_class")),
        role: role?,
    })
}
