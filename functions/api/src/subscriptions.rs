//! Orders that repeat: made, read, previewed, and what people may do to them.

mod agreed;

use crate::documents::{List, page};
use crate::once::{Once, key_reused};
use crate::orders::json_of;
use crate::paging::Page;
use crate::{Call, Reply, invalid, too_busy};
use agreed::{Party, agreed, customer_of};
use jiff::civil::Date;
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::intake::limits::SENTENCE_CHARACTERS_MAX;
use ordermill_domain::intake::reader::{self, Object, Report};
use ordermill_domain::intake::{
    Defaults, Problem, SubscriptionDraft, parse_agreed_subscription, parse_subscription,
};
use ordermill_domain::money::Amount;
use ordermill_domain::recurrence::{Calendar, Rule, Schedule};
use ordermill_domain::subscription::{Subscription, SubscriptionAct, SubscriptionStatus};
use ordermill_domain::time::Timestamp;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::recurring::coming;
use ordermill_runtime::step::MOVED_ROUNDS_MAX;
use ordermill_table::keys::{self, RowKind};
use ordermill_table::records::{ClientRole, read, sort_key, subscription_row};
use ordermill_table::rows::customer::subscriber_row;
use ordermill_table::{TableError, commit};
use ordermill_views::order_json;
use ordermill_views::subscription::{OccurrenceView, SubscriptionView};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Dates of a preview where nobody says.
const PREVIEW_DEFAULT: usize = 12;
/// Dates of a preview at most.
const PREVIEW_MAX: usize = 100;
/// Where a subscription's dates begin in its partition.
const OCCURRENCES: &str = "O#";
/// What of its body may change; the schedule, the currency and the lifecycle stay.
const CHANGEABLE: [&str; 11] = [
    "customer",
    "billing",
    "delivery",
    "payment",
    "ship_together",
    "lines",
    "shipping",
    "discounts",
    "fees",
    "purchase_order",
    "note",
];
/// Says of a change that it is for the next order only.
const ONLY_NEXT: &str = "only_next";
/// Characters of a date, generously.
const DATE_CHARACTERS_MAX: usize = 32;

/// Where subscriptions are listed.
pub(crate) const LIST: List = List {
    kind: RowKind::Subscription,
    newest_first: true,
    row: |pk, _| keys::subscription(keys::subscription_of_partition(pk).unwrap_or_default()),
};

/// `POST /v1/subscriptions`.
pub(crate) async fn make(call: &Call<'_>) -> Reply {
    let body = call.request.json_object()?;
    let once = Once::new(call, "subscriptions", &body)?;
    let caller = call.caller()?;
    let external = body.get("external_id").and_then(Value::as_str).map(str::trim);
    let external = external.filter(|id| !id.is_empty());
    let cause = match (external, once.is_keyed) {
        (Some(id), _) => [caller.client.as_str(), "external", id],
        (None, true) => [caller.client.as_str(), "key", once.name.as_str()],
        (None, false) => {
            let detail = "Give an `Idempotency-Key` header or an `external_id` in the body, so \
                          that a repeat is recognised.";
            return Err(ErrorAnswer::new(400, "idempotency_key_required", detail));
        }
    };
    let id = ids::derive(IdKind::Subscription, &call.runtime.config.seller, &cause);
    if let Some(known) = known(call, &once, &id, external.is_some()).await? {
        return Ok(shown(&known, 200));
    }
    let new = new_subscription(call, &id, &body, &once.body_hash).await?;
    for round in 0..MOVED_ROUNDS_MAX {
        let table = &call.runtime.table;
        let mut actions = vec![commit::put_new(table, subscription_row(&new)?)?];
        if !new.customer_id.is_empty() {
            actions.push(commit::put_any(table, subscriber_row(&new.customer_id, &id)?)?);
        }
        if once.is_keyed {
            actions.push(commit::put_new(table, once.row(call, &id, None)?)?);
        }
        match table.write(actions).await {
            Ok(()) => {
                tracing::info!(subscription.id = id, "a subscription was made");
                return Ok(shown(&new, 201));
            }
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {}
            Err(error) => return Err(error.into()),
        }
        if let Some(known) = known(call, &once, &id, external.is_some()).await? {
            return Ok(shown(&known, 200));
        }
        call.runtime.pause(round).await;
    }
    Err(too_busy())
}

/// What this request made before.
async fn known(
    call: &Call<'_>,
    once: &Once,
    id: &str,
    is_external: bool,
) -> Result<Option<Subscription>, ErrorAnswer> {
    let claimed = if once.is_keyed { once.known(call).await? } else { None };
    let id = claimed.as_ref().map_or(id, |claimed| claimed.id.as_str());
    let found: Option<Subscription> = call.runtime.table.document(&keys::subscription(id)).await?;
    match found {
        Some(known) if known.body_hash != once.body_hash && is_external => {
            let detail = "This `external_id` belongs to a subscription with another body.";
            Err(ErrorAnswer::new(422, "external_id_reused", detail))
        }
        Some(known) if known.body_hash != once.body_hash => Err(key_reused()),
        Some(known) if once.is_keyed && claimed.is_none() => {
            // Found by its number: from now on this key, too, names it and nothing else.
            let table = &call.runtime.table;
            let claim = commit::put_new(table, once.row(call, &known.id, None)?)?;
            match table.write(vec![claim]).await {
                Ok(()) => {}
                Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {
                    // Whoever was quicker must have meant the same.
                    once.known(call).await?;
                }
                Err(error) => return Err(error.into()),
            }
            Ok(Some(known))
        }
        Some(_) | None => Ok(found),
    }
}

async fn new_subscription(
    call: &Call<'_>,
    id: &str,
    body: &Value,
    body_hash: &str,
) -> Result<Subscription, ErrorAnswer> {
    let caller = call.caller()?;
    let client = call.runtime.client(&caller.client).await?;
    let policy = client.and_then(|client| client.policy).unwrap_or_else(|| "webshop".to_owned());
    let defaults = Defaults { channel: caller.role.channel(), policy };
    let draft = parse_subscription(body, &defaults).map_err(ErrorAnswer::invalid)?;
    let now = call.runtime.clock.now();
    let policy = &draft.order.policy;
    if call.runtime.policies.active(&call.runtime.table, policy, now).await?.is_none() {
        let detail = format!("There is no policy named {policy}; leave it out for `webshop`.");
        return Err(invalid("/policy", "unknown_policy", &detail));
    }
    let zone = call.runtime.settings().await?.time_zone;
    let schedule = schedule(&draft, zone).map_err(ErrorAnswer::invalid)?;
    let is_house = caller.role != ClientRole::Partner;
    let party = Party { client: &caller.client, is_house };
    let body = agreed(call, &party, body.clone(), &draft).await?;
    let customer = customer_of(call, &party, &draft).await?;
    let new = New {
        id,
        client: &caller.client,
        customer: &customer,
        body: &body,
        body_hash,
        is_house,
        now,
    };
    let mut subscription = new.subscription(&draft, schedule);
    reckon(call, &mut subscription).await?;
    Ok(subscription)
}

/// Notes what the next order would come to now.
async fn reckon(call: &Call<'_>, subscription: &mut Subscription) -> Result<(), ErrorAnswer> {
    if let Some(next) = subscription.preview(1).first() {
        let coming = coming(call.runtime, subscription, next).await?;
        subscription.remember(&coming.decision.order, false);
    }
    Ok(())
}

/// What a new subscription is made from, beside its body's meaning.
struct New<'a> {
    id: &'a str,
    client: &'a str,
    customer: &'a str,
    body: &'a Value,
    body_hash: &'a str,
    is_house: bool,
    now: Timestamp,
}

impl New<'_> {
    fn subscription(&self, draft: &SubscriptionDraft, schedule: Schedule) -> Subscription {
        Subscription {
            id: self.id.to_owned(),
            client: self.client.to_owned(),
            external_id: draft.external_id.clone(),
            customer_id: self.customer.to_owned(),
            body_hash: self.body_hash.to_owned(),
            version: 1,
            status: SubscriptionStatus::Active,
            last_key: passed_before(&schedule, self.now),
            schedule,
            catch_up: draft.catch_up,
            notice_days: draft.notice_days,
            unpaid: draft.unpaid,
            value: Amount::ZERO,
            prices: BTreeMap::new(),
            announced: None,
            dunning: None,
            given_up: None,
            ended_at: None,
            body: self.body.clone(),
            next_body: None,
            skips: BTreeSet::new(),
            paused_until: None,
            cancel_reason: None,
            last_wanted: None,
            orders_made: 0,
            is_house: self.is_house,
            created_at: self.now,
            updated_at: self.now,
            erased_at: None,
        }
    }
}

/// A subscription that nobody has stored, for the API's document.
pub(crate) fn example(
    id: &str,
    client: &str,
    body: &Value,
    now: Timestamp,
) -> Option<Subscription> {
    let defaults = Defaults { channel: ClientRole::Shop.channel(), policy: "webshop".to_owned() };
    let draft = parse_subscription(body, &defaults).ok()?;
    let schedule = schedule(&draft, "UTC".to_owned()).ok()?;
    let new = New { id, client, customer: "", body, body_hash: "", is_house: true, now };
    Some(new.subscription(&draft, schedule))
}

/// The schedule of a draft, or all that keeps it from making orders.
fn schedule(draft: &SubscriptionDraft, zone: String) -> Result<Schedule, Vec<Problem>> {
    let rule = Rule::parse(&draft.rule).map_err(|error| {
        vec![Problem {
            pointer: "/rule".to_owned(),
            code: error.code(),
            detail: format!("{error}."),
        }]
    })?;
    let schedule = Schedule {
        rule,
        month_end: draft.month_end,
        non_working: draft.non_working,
        start: draft.start,
        until: draft.until,
        count: draft.count,
        time: draft.time,
        time_zone: draft.time_zone.clone().unwrap_or(zone),
        lead_days: draft.lead_days,
        calendar: Calendar::default(),
    };
    let problems: Vec<Problem> = schedule
        .problems()
        .into_iter()
        .map(|error| Problem {
            pointer: format!("/{}", error.field()),
            code: error.code(),
            detail: format!("{error}."),
        })
        .collect();
    if problems.is_empty() { Ok(schedule) } else { Err(problems) }
}

/// The last date before the day the subscription was made: nobody ordered for the past. Dates of
/// that very day are still made.
fn passed_before(schedule: &Schedule, now: Timestamp) -> Option<Date> {
    let zone = jiff::tz::TimeZone::get(&schedule.time_zone).ok()?;
    let today = now.to_jiff().to_zoned(zone).date();
    schedule.after(None).take_while(|occurrence| occurrence.key < today).last().map(|o| o.key)
}

fn shown(subscription: &Subscription, status: u16) -> Answer {
    let answer = Answer::json(status, json_of(&SubscriptionView::new(subscription)));
    let answer = answer.with_header("etag", format!("\"{}\"", subscription.version));
    if status == 201 {
        return answer.with_header("location", format!("/v1/subscriptions/{}", subscription.id));
    }
    answer
}

/// The subscription, if it is there and this caller may know of it.
async fn visible(call: &Call<'_>) -> Result<Subscription, ErrorAnswer> {
    let id = call.param(0);
    if !ids::is_well_formed(id) {
        return Err(ErrorAnswer::not_found());
    }
    let caller = call.caller()?;
    let found: Option<Subscription> = call.runtime.table.document(&keys::subscription(id)).await?;
    found.filter(|s| caller.may_see(&s.client)).ok_or_else(ErrorAnswer::not_found)
}

/// `GET /v1/subscriptions/{id}`.
pub(crate) async fn one(call: &Call<'_>) -> Reply {
    Ok(shown(&visible(call).await?, 200))
}

/// `GET /v1/subscriptions`: newest first. A page may hold fewer than `limit` where those of
/// other clients are left out; `next` goes on.
pub(crate) async fn list(call: &Call<'_>) -> Reply {
    let asked = Page::read(call)?;
    let caller = call.caller()?;
    let found = page::<Subscription>(call, LIST, &asked).await?;
    let items = found
        .documents
        .iter()
        .filter(|subscription| caller.may_see(&subscription.client))
        .map(|subscription| json_of(&SubscriptionView::new(subscription)))
        .collect();
    Ok(asked.answer(call, items, found.next))
}

/// `GET /v1/subscriptions/{id}/orders`: the orders it has made, oldest date first.
pub(crate) async fn orders(call: &Call<'_>) -> Reply {
    let subscription = visible(call).await?;
    let asked = Page::read(call)?;
    let table = &call.runtime.table;
    let partition = keys::subscription_partition(&subscription.id);
    let wanted = asked.limit.saturating_add(1);
    let mut rows = table.partition(&partition, OCCURRENCES, asked.after.as_deref(), wanted).await?;
    let more = rows.len() > asked.limit;
    rows.truncate(asked.limit);
    let next = match rows.last().filter(|_| more) {
        Some(row) => Some(sort_key(row)?.to_owned()),
        None => None,
    };
    let mut items = Vec::with_capacity(rows.len());
    for row in &rows {
        let made: Value = read(row)?;
        let Some(id) = made.get("order").and_then(Value::as_str) else { continue };
        if let Some(partition) = table.order(id).await? {
            let order = &partition.stored.order;
            let caller = call.caller()?;
            items.push(order_json(call.runtime, &call.request.base_url, caller, order).await?);
        }
    }
    Ok(asked.answer(call, items, next))
}

/// `GET /v1/subscriptions/{id}/preview`: exactly the dates that will get an order.
pub(crate) async fn preview(call: &Call<'_>) -> Reply {
    let subscription = visible(call).await?;
    let count = match call.query("count") {
        None => PREVIEW_DEFAULT,
        Some(text) => count(text)?,
    };
    let dates = subscription.preview(count);
    let items: Vec<Value> = dates.iter().map(|date| json_of(&OccurrenceView::from(date))).collect();
    Ok(Answer::json(200, json!({ "items": items })))
}

fn count(text: &str) -> Result<usize, ErrorAnswer> {
    let number = text.parse::<usize>().ok().filter(|n| (1..=PREVIEW_MAX).contains(n));
    number.ok_or_else(|| {
        let detail = format!("`count` must be a whole number from 1 to {PREVIEW_MAX}.");
        ErrorAnswer::new(400, "count_out_of_range", &detail)
    })
}

/// `POST /v1/subscriptions/{id}/{skip|pause|resume|change|cancel}`.
pub(crate) async fn act(call: &Call<'_>) -> Reply {
    let name = call.param(1);
    let word = Act::named(name).ok_or_else(ErrorAnswer::not_found)?;
    visible(call).await?;
    let body = match call.request.json_object_or_nothing()? {
        Value::Null => json!({}),
        body => body,
    };
    for round in 0..MOVED_ROUNDS_MAX {
        let before = visible(call).await?;
        let mut whose = None;
        let act = match word {
            Act::Change => {
                let (act, customer) = changed(call, &body, &before).await?;
                whose = customer;
                act
            }
            Act::Skip => read_act(&body, &["date"], skip)?,
            Act::Pause => read_act(&body, &["until"], pause)?,
            Act::Resume => read_act(&body, &[], |_| SubscriptionAct::Resume)?,
            Act::Cancel => read_act(&body, &["at_period_end", "reason"], cancel)?,
        };
        let mut after = before
            .act(&act, call.runtime.clock.now())
            .map_err(|(code, detail)| refused(code, &detail))?;
        if word == Act::Change && after.next_body.is_none() {
            reckon(call, &mut after).await?;
        }
        let table = &call.runtime.table;
        let mut actions = Vec::new();
        if let Some(customer) = whose.filter(|id| !id.is_empty() && *id != before.customer_id) {
            actions.push(commit::put_any(table, subscriber_row(&customer, &after.id)?)?);
            if after.next_body.is_none() {
                after.customer_id = customer;
            }
        }
        actions.push(commit::put_at_version(table, subscription_row(&after)?, before.version)?);
        match table.write(actions).await {
            Ok(()) => {
                tracing::info!(
                    subscription.id = after.id,
                    act = name,
                    "a subscription was changed"
                );
                return Ok(shown(&after, 200));
            }
            Err(TableError::Moved | TableError::Cancelled(_)) => call.runtime.pause(round).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(too_busy())
}

/// What a status forbids is 409; what the body names and is not there, 422.
fn refused(code: &'static str, detail: &str) -> ErrorAnswer {
    if code == "not_allowed_in_status" {
        return ErrorAnswer::new(409, code, detail);
    }
    invalid(if code == "until_in_past" { "/until" } else { "/date" }, code, detail)
}

/// What people may do to a subscription.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Skip,
    Pause,
    Resume,
    Change,
    Cancel,
}

impl Act {
    const ALL: [Self; 5] = [Self::Skip, Self::Pause, Self::Resume, Self::Change, Self::Cancel];

    /// The word of the path.
    const fn word(self) -> &'static str {
        match self {
            Self::Skip => "skip",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Change => "change",
            Self::Cancel => "cancel",
        }
    }

    fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.word() == word)
    }
}

fn read_act(
    body: &Value,
    known: &[&'static str],
    read: fn(&Object<'_, '_>) -> SubscriptionAct,
) -> Result<SubscriptionAct, ErrorAnswer> {
    let report = Report::default();
    let act = reader::root(body, &report).object(known).map(|body| read(&body));
    report.finish(act).map_err(ErrorAnswer::invalid)
}

fn skip(body: &Object<'_, '_>) -> SubscriptionAct {
    SubscriptionAct::Skip { date: date(body, "date") }
}

fn pause(body: &Object<'_, '_>) -> SubscriptionAct {
    SubscriptionAct::Pause { until: date(body, "until") }
}

fn cancel(body: &Object<'_, '_>) -> SubscriptionAct {
    SubscriptionAct::Cancel {
        at_period_end: body.field("at_period_end").flag().unwrap_or(false),
        reason: body.field("reason").text(SENTENCE_CHARACTERS_MAX),
    }
}

/// The body as it is with what changes; the parser of the whole judges it. Beside it, whose it is now,
/// where that may have changed.
async fn changed(
    call: &Call<'_>,
    body: &Value,
    before: &Subscription,
) -> Result<(SubscriptionAct, Option<String>), ErrorAnswer> {
    let only_next = read_change(body)?;
    let mut whole = before.body.clone();
    if let (Some(whole), Some(parts)) = (whole.as_object_mut(), body.as_object()) {
        let parts = parts.iter().filter(|(name, _)| name.as_str() != ONLY_NEXT);
        whole.extend(parts.map(|(name, value)| (name.clone(), value.clone())));
    }
    // The client's defaults play no part: they were asked when the subscription was made.
    let defaults = Defaults { channel: ClientRole::Shop.channel(), policy: "webshop".to_owned() };
    let draft = parse_agreed_subscription(&whole, &defaults).map_err(ErrorAnswer::invalid)?;
    let party = Party { client: &before.client, is_house: before.is_house };
    let customer = match body.get("customer") {
        Some(_) => Some(customer_of(call, &party, &draft).await?),
        None => None,
    };
    if body.get("lines").is_some() {
        // What stays in the basket stays at the price it was agreed at only if it is not sent.
        whole = agreed(call, &party, whole, &draft).await?;
    }
    Ok((SubscriptionAct::Change { body: whole, only_next }, customer))
}

/// Whether a change is for the next order only. Its parts are judged as those of the whole.
fn read_change(body: &Value) -> Result<bool, ErrorAnswer> {
    let report = Report::default();
    let known = [&CHANGEABLE[..], &[ONLY_NEXT]].concat();
    let only_next = reader::root(body, &report)
        .object(&known)
        .map(|body| body.field(ONLY_NEXT).flag().unwrap_or(false));
    report.finish(only_next).map_err(ErrorAnswer::invalid)
}

/// A local date.
fn date(body: &Object<'_, '_>, name: &str) -> Option<Date> {
    let field = body.field(name);
    let text = field.text(DATE_CHARACTERS_MAX)?;
    let date = text.parse::<Date>().ok().filter(|_| text.len() == "2026-01-31".len());
    if date.is_none() {
        field.refuse("date_malformed", "Write a date like \"2026-01-31\".");
    }
    date
}
