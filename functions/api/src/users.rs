//! People in the seller's house, to whom orders are assigned.

use crate::documents::{List, page};
use crate::orders::json_of;
use crate::paging::Page;
use crate::settings::{as_the_path_says, checked, is_code, is_email, locale, put_document};
use crate::{Call, Reply};
use ordermill_domain::intake::limits::{
    CODE_CHARACTERS_MAX, NAME_CHARACTERS_MAX, PHONE_CHARACTERS_MAX,
};
use ordermill_domain::intake::reader::{self, Field, Report};
use ordermill_runtime::contacts;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::{User, document, listed};
use ordermill_views::parties::UserView;

const FIELDS: [&str; 7] = ["id", "name", "email", "phone", "locale", "full_access", "active"];
const LIST: List = List { kind: RowKind::User, newest_first: false, row: |_, id| keys::user(id) };

/// `GET /v1/users`.
pub(crate) async fn list(call: &Call<'_>) -> Reply {
    let asked = Page::read(call)?;
    let found = page::<User>(call, LIST, &asked).await?;
    let items = found.documents.iter().map(|user| json_of(&UserView::new(user))).collect();
    Ok(asked.answer(call, items, found.next))
}

/// `GET /v1/users/{id}`.
pub(crate) async fn one(call: &Call<'_>) -> Reply {
    let found: Option<User> = call.runtime.table.document(&keys::user(call.param(0))).await?;
    let user = found.ok_or_else(ErrorAnswer::not_found)?;
    Ok(Answer::json(200, json_of(&UserView::new(&user))))
}

/// `PUT /v1/users/{id}`: 201 for a new one, 200 for one that is replaced.
pub(crate) async fn put(call: &Call<'_>) -> Reply {
    let id = call.param(0);
    if !is_code(id, CODE_CHARACTERS_MAX) {
        return Err(ErrorAnswer::not_found());
    }
    let body = call.request.json_object()?;
    let report = Report::default();
    let read = reader::root(&body, &report).object(&FIELDS).map(|body| {
        as_the_path_says(&body.field("id"), id);
        let email = body.field("email");
        User {
            id: id.to_owned(),
            name: body.field("name").text(NAME_CHARACTERS_MAX),
            email: checked(&email, is_email, "email_malformed", "an e-mail address"),
            phone: phone(&body.field("phone")),
            locale: locale(&body.field("locale")),
            full_access: body.field("full_access").flag().unwrap_or(false),
            active: body.field("active").flag().unwrap_or(true),
        }
    });
    let user = report.finish(read).map_err(ErrorAnswer::invalid)?;
    let row = listed(document(&keys::user(id), &user)?, RowKind::User, id);
    let status = put_document(call, row).await?;
    call.runtime.forget_settings();
    Ok(Answer::json(status, json_of(&UserView::new(&user))))
}

/// A telephone with its country, as E.164.
fn phone(field: &Field<'_, '_>) -> Option<String> {
    let text = field.text(PHONE_CHARACTERS_MAX)?;
    let phone = contacts::e164(&text, None);
    if phone.is_none() {
        field.refuse("phone_malformed", "Write a number with its country, like +37061234567.");
    }
    phone
}
