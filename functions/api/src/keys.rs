//! API keys. A key is shown once, when it is made; only its hash is kept.

use crate::documents::{List, page};
use crate::once::Once;
use crate::orders::json_of;
use crate::paging::Page;
use crate::settings::is_code;
use crate::{Call, Reply, invalid, too_busy};
use ordermill_domain::intake::limits::CODE_CHARACTERS_MAX;
use ordermill_domain::intake::reader::{self, Report};
use ordermill_runtime::auth::{new_key, revoke_key};
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::{ApiKey, Client, ClientRole, api_key_row};
use ordermill_table::{TableError, commit};
use ordermill_views::parties::KeyView;

/// Where keys are listed.
pub(crate) const LIST: List =
    List { kind: RowKind::Key, newest_first: false, row: |_, id| keys::api_key(id) };

/// `POST /v1/keys`. A repeat with the same `Idempotency-Key` names the same key, without its
/// secret: that is kept nowhere.
pub(crate) async fn make(call: &Call<'_>) -> Reply {
    let body = call.request.json_object()?;
    let (client, role) = asked(&body)?;
    let once = Once::new(call, "keys", &body)?;
    for round in 0..MOVED_ROUNDS_MAX {
        if let Some(known) = once.known(call).await? {
            let stored: Option<ApiKey> =
                call.runtime.table.document(&keys::api_key(&known.id)).await?;
            let stored = stored.ok_or_else(ErrorAnswer::not_found)?;
            return Ok(Answer::json(200, json_of(&KeyView::new(&stored, None))));
        }
        fits_the_client(call, &client, role).await?;
        let (stored, key) = new_key(&client, role, call.runtime.clock.now());
        let mut actions = vec![commit::put_new(&call.runtime.table, api_key_row(&stored)?)?];
        if once.is_keyed {
            let row = once.row(call, &stored.id, None)?;
            actions.push(commit::put_new(&call.runtime.table, row)?);
        }
        match call.runtime.table.write(actions).await {
            Ok(()) => {
                tracing::info!(key.id = stored.id, key.client = stored.client, "a key was made");
                return Ok(Answer::json(201, json_of(&KeyView::new(&stored, Some(key)))));
            }
            Err(TableError::Moved | TableError::Cancelled(_)) => call.runtime.pause(round).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}

/// A client's keys call by its role, where one is agreed.
async fn fits_the_client(
    call: &Call<'_>,
    client: &str,
    role: ClientRole,
) -> Result<(), ErrorAnswer> {
    let agreed: Option<Client> = call.runtime.table.document(&keys::client(client)).await?;
    match agreed.filter(|agreed| agreed.role != role) {
        None => Ok(()),
        Some(agreed) => {
            let detail = format!(
                "This client's role is {}: write that, or change it first (`PUT /v1/clients/{{id}}`).",
                agreed.role.name()
            );
            Err(invalid("/role", "role_differs", &detail))
        }
    }
}

fn asked(body: &serde_json::Value) -> Result<(String, ClientRole), ErrorAnswer> {
    let report = Report::default();
    let read = reader::root(body, &report).object(&["client", "role"]).and_then(|body| {
        let field = body.field("client").required("write whose key it is.");
        let client = field.text(CODE_CHARACTERS_MAX);
        if client.as_deref().is_some_and(|name| !is_code(name, CODE_CHARACTERS_MAX)) {
            field.refuse("client_malformed", "Write a name without spaces and `#`.");
        }
        let role = body.field("role").required("write shop, partner, manager, planner or admin.");
        let role = role.choice::<ClientRole>();
        client.zip(role)
    });
    report.finish(read).map_err(ErrorAnswer::invalid)
}

/// `GET /v1/keys`: never the keys themselves.
pub(crate) async fn list(call: &Call<'_>) -> Reply {
    let asked = Page::read(call)?;
    let found = page::<ApiKey>(call, LIST, &asked).await?;
    let items = found.documents.iter().map(|key| json_of(&KeyView::new(key, None))).collect();
    Ok(asked.answer(call, items, found.next))
}

/// `POST /v1/keys/{id}/revoke`: refused from now on; elsewhere within a minute.
pub(crate) async fn revoke(call: &Call<'_>) -> Reply {
    let revoked = revoke_key(call.runtime, call.param(0)).await?;
    let revoked = revoked.ok_or_else(ErrorAnswer::not_found)?;
    Ok(Answer::json(200, json_of(&KeyView::new(&revoked, None))))
}
