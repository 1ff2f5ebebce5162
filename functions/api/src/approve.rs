//! What a customer is asked about an order, by a link, without a key: JSON, or a page whose form
//! answers. Only a POST answers; whoever merely looks, as crawlers do, changes nothing.

use crate::commands::{edit_facts, with_articles};
use crate::orders::json_of;
use crate::track::{page, reader, wants_page};
use crate::{Call, Reply as Answered, too_busy};
use ordermill_domain::decide::{Command, Facts, Rejection, decide};
use ordermill_domain::intake::parse_answer;
use ordermill_domain::order::Order;
use ordermill_domain::order::question::Ended;
use ordermill_runtime::http::{Answer, BODY_BYTES_MAX, ErrorAnswer, decode_query};
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_table::TableError;
use ordermill_views::approval::{ApprovalView, Asked, asked_by_token};
use ordermill_views::approval_page::{FormAgain, FormMistake, Typed, approval_page};
use ordermill_views::track::is_shown;
use ordermill_views::track_page::gone_page;
use serde_json::{Map, Value, json};

/// The form is posted to where the page is, and nowhere else.
const CONTENT_RULES: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// What an answer is posted as by a browser.
const FORM: &str = "application/x-www-form-urlencoded";
/// Before the name of an item in a form.
const ITEM: &str = "item.";

/// `GET /v1/approve/{token}`.
pub(crate) async fn show(call: &Call<'_>) -> Answered {
    let Some((asked, order)) = found(call).await? else { return lost(call).await };
    told(call, &asked, &order, None).await
}

/// `POST /v1/approve/{token}`.
pub(crate) async fn answer(call: &Call<'_>) -> Answered {
    let is_form = call.request.header("content-type").is_some_and(|kind| kind.starts_with(FORM));
    let Some((asked, order)) = found(call).await? else { return lost(call).await };
    let body = if is_form { form(call)? } else { call.request.json_object()? };
    match written(call, &asked, order, &body).await {
        Ok(order) if is_form => {
            // So that going back, or loading the page again, posts nothing.
            tracing::info!(order.id = order.id, "a customer answered by form");
            let location = format!("/v1/approve/{}", call.param(0));
            Ok(Answer::empty(303).with_header("location", location))
        }
        Ok(order) => told(call, &asked, &order, None).await,
        Err(no) if is_form && wants_page(call) => refused(call, &asked, &body, no).await,
        Err(no) => Err(no),
    }
}

/// The order that the link is about, while it is shown.
async fn found(call: &Call<'_>) -> Result<Option<(Asked, Order)>, ErrorAnswer> {
    let runtime = call.runtime;
    let Some(asked) = asked_by_token(&runtime.config.signing_secret, call.param(0)) else {
        return Ok(None);
    };
    let partition = runtime.table.order(&asked.order).await?;
    let now = runtime.clock.now();
    let order = partition.map(|found| found.stored.order).filter(|order| is_shown(order, now));
    Ok(order.map(|order| (asked, order)))
}

/// Forged, mistyped, of no order, long over: the same answer, in the same words.
async fn lost(call: &Call<'_>) -> Answered {
    let gone = ErrorAnswer::not_found();
    if !wants_page(call) {
        return Err(gone);
    }
    let settings = call.runtime.settings().await?;
    let wanted = call.request.header("accept-language").unwrap_or_default();
    Ok(page(gone.status, gone_page(wanted, reader(None, &settings)), CONTENT_RULES))
}

/// The question as it stands: open, or answered; 410 where nobody answered it, or it was taken back.
async fn told(
    call: &Call<'_>,
    asked: &Asked,
    order: &Order,
    again: Option<(u16, FormAgain)>,
) -> Answered {
    let now = call.runtime.clock.now();
    let Some(view) = ApprovalView::new(order, asked, now) else {
        return over(call, asked, order).await;
    };
    let is_over = match view.ended {
        Some(Ended::Silent | Ended::Withdrawn) => true,
        Some(Ended::Accepted | Ended::PartlyAccepted | Ended::Refused | Ended::NotPossible) => {
            false
        }
        None => !view.open,
    };
    if is_over {
        return over(call, asked, order).await;
    }
    if wants_page(call) {
        let settings = call.runtime.settings().await?;
        let status = again.as_ref().map_or(200, |(status, _)| *status);
        let again = again.map(|(_, again)| again);
        let html = approval_page(&view, reader(Some(order), &settings), again.as_ref());
        return Ok(page(status, html, CONTENT_RULES));
    }
    Ok(Answer::json(200, json_of(&view)).with_header("vary", "accept".to_owned()))
}

/// 410: the link is true, and it is too late.
async fn over(call: &Call<'_>, asked: &Asked, order: &Order) -> Answered {
    let detail = "This can no longer be answered: the time is over, it was taken back, or something \
                  else is asked by a later link. Nothing was changed.";
    let gone = ErrorAnswer::new(410, "question_over", detail);
    if !wants_page(call) {
        return Err(gone);
    }
    let settings = call.runtime.settings().await?;
    let view = ApprovalView::ended(order, asked);
    let html = approval_page(&view, reader(Some(order), &settings), None);
    Ok(page(gone.status, html, CONTENT_RULES))
}

/// A form that could not be taken, as the page it came from.
async fn refused(call: &Call<'_>, asked: &Asked, body: &Value, no: ErrorAnswer) -> Answered {
    let is_about = |pointer: &str| no.errors.iter().any(|error| error.pointer == pointer);
    let mistake = match no.code.as_str() {
        "invalid" if is_about("/comment") => FormMistake::Comment,
        "invalid" => FormMistake::NotAll,
        "already_answered" => FormMistake::Answered,
        "question_over" => match found(call).await? {
            Some((asked, order)) => return over(call, &asked, &order).await,
            None => return lost(call).await,
        },
        _ => return Err(no),
    };
    match found(call).await? {
        Some((_, order)) => {
            let again = FormAgain { mistake, typed: typed(body) };
            told(call, asked, &order, Some((no.status, again))).await
        }
        None => lost(call).await,
    }
}

/// What stood in a form, so that nobody has to write it twice.
fn typed(body: &Value) -> Typed {
    let text = |value: &Value, name: &str| value[name].as_str().unwrap_or_default().to_owned();
    let items = body["items"].as_array().into_iter().flatten();
    Typed {
        comment: text(body, "comment"),
        said: items.map(|item| (text(item, "item"), text(item, "answer"))).collect(),
    }
}

/// Decides and writes, from the start again while somebody else is quicker.
async fn written(
    call: &Call<'_>,
    asked: &Asked,
    mut order: Order,
    body: &Value,
) -> Result<Order, ErrorAnswer> {
    let reply = parse_answer(body, asked.number).map_err(ErrorAnswer::invalid)?;
    let policy = call.runtime.policy_of(&order).await?;
    for round in 0..MOVED_ROUNDS_MAX {
        let facts = facts(call, &order).await?;
        let now = call.runtime.clock.now();
        let command = Command::Answer(reply.clone());
        let decision = decide(&policy, &order, &facts, &command, now).map_err(no)?;
        if decision.is_nothing() {
            return Ok(order);
        }
        match call.runtime.table.commit(&policy, Some(&order), &decision, Vec::new()).await {
            Ok(()) => {
                let after = decision.order;
                tracing::info!(
                    order.id = after.id,
                    order.status = after.status.as_str(),
                    order.version = after.version,
                    "a customer answered"
                );
                return Ok(after);
            }
            // Perhaps it was written after all: the same answer again changes nothing.
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {}
            Err(error) => return Err(error.into()),
        }
        call.runtime.pause(round).await;
        order = match call.runtime.table.order(&order.id).await? {
            Some(partition) => partition.stored.order,
            None => return Err(ErrorAnswer::not_found()),
        };
    }
    Err(too_busy())
}

/// Too late is a state of the link, not of the order.
fn no(rejection: Rejection) -> ErrorAnswer {
    match rejection {
        Rejection::NotPossible { code: "question_over", detail } => {
            ErrorAnswer::new(410, "question_over", &detail)
        }
        other => other.into(),
    }
}

async fn facts(call: &Call<'_>, order: &Order) -> Result<Facts, ErrorAnswer> {
    match &order.placed.proposal {
        Some(proposal) => edit_facts(call.runtime, order, &proposal.edit).await,
        None => {
            let items = order.question.iter().flat_map(|question| &question.items);
            let named = items.filter_map(|item| Some(item.substitute.as_ref()?.sku.as_str()));
            edit_facts(call.runtime, order, &with_articles(named)).await
        }
    }
}

/// The form's fields as the JSON they mean: a button for everything, or a choice for each item.
fn form(call: &Call<'_>) -> Result<Value, ErrorAnswer> {
    let body = &call.request.body;
    if body.len() > BODY_BYTES_MAX {
        return Err(ErrorAnswer::new(413, "body_too_large", "The body is over 256 KiB."));
    }
    let text = String::from_utf8_lossy(body);
    let mut meant = Map::new();
    let mut items = Vec::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode_query(name), decode_query(value));
        if value.trim().is_empty() {
            continue;
        }
        match name.strip_prefix(ITEM) {
            Some(item) => items.push(json!({ "item": item, "answer": value })),
            // Browsers send line ends of their own.
            None => {
                meant.insert(name, Value::from(value.replace("\r\n", "\n")));
            }
        }
    }
    // Who presses the button for everything means everything, whatever was marked before.
    if !meant.contains_key("answer") && !items.is_empty() {
        meant.insert("items".to_owned(), Value::Array(items));
    }
    Ok(Value::Object(meant))
}
