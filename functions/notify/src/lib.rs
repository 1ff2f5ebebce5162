//! Notify: tells people what happened, by e-mail and SMS. Exactly one row per (event, channel,
//! recipient). E-mail goes out at least once (a second only after a crash between send and mark, or
//! when two calls have the same message at once), SMS at most once (claimed before, marked after).
//!
//! In: the `notify` queue, [`NoticePointer`]. Out: SES, SNS, notification rows.
//! Rules: which event owes which message is the event's `todo`; texts are [`render`]'s. Wiring: `main.rs`.

mod ahead;
mod known;
mod refusal;
pub mod render;
mod send;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use known::Known;
use ordermill_domain::decide::guards;
use ordermill_domain::decide::limits::moves_at;
use ordermill_domain::order::{Event, Order, Recipient};
use ordermill_domain::policy::Policy;
use ordermill_domain::reach::{self, Channel, Colleague, Contact};
use ordermill_runtime::notices::first_owed;
use ordermill_runtime::queues::{NoticePointer, Waiting};
use ordermill_runtime::{Failure, Queue, Runtime, StepResult, batch};
use ordermill_table::read::Kept;
use ordermill_table::records::{Settings, User};
use ordermill_views::approval::approval_url;
use render::{Audience, Input, Rendered, render};
use send::{Letter, deliver, drop_waiting};
use std::sync::Arc;

/// Tells the people of a batch, each message by itself, after reading for all of them at once.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    let look =
        async |pointers: Vec<&NoticePointer>| Arc::new(known::look(runtime, &pointers).await);
    let step = |known: Arc<Known>, pointer| async move { tell(runtime, &known, pointer).await };
    batch::each_prepared(Queue::Notify, event, look, step).await
}

async fn tell(runtime: &Runtime, known: &Known, pointer: NoticePointer) -> StepResult<()> {
    if pointer.version == 0 {
        return ahead::tell(runtime, known, pointer).await;
    }
    let Some(order) = known.order(runtime, &pointer.order).await? else {
        return match &pointer.waiting {
            // It waited for the morning, and its order was deleted.
            Some(waiting) => drop_waiting(runtime, &pointer, waiting).await,
            None => gone(runtime, &pointer.order).await,
        };
    };
    let order = order.as_ref();
    let not_yet = || Failure::retryable("the event is not in the history yet");
    let mut event = event_of(runtime, order, pointer.version).await?.ok_or_else(not_yet)?;
    // What failed on one channel is told again by the next: the same text, about the same event.
    let again = first_owed(&event);
    if pointer.to == Recipient::Customer && again != event.version {
        event = event_of(runtime, order, again).await?.ok_or_else(not_yet)?;
    }
    let policy = runtime.policy_of(order).await?;
    tell_of(runtime, known, &policy, order, &event, &pointer).await
}

/// Nobody is told any more of an order that was deleted, however late the message is.
async fn gone(runtime: &Runtime, order: &str) -> StepResult<()> {
    match runtime.table.order_or_deleted(order).await? {
        Kept::Deleted(_) => {
            tracing::info!(order.id = order, "an order was deleted before it was told of");
            Ok(())
        }
        Kept::Order(_) => Err(Failure::retryable("the order has just come")),
        Kept::Nothing => Err(Failure::permanent("there is no such order")),
    }
}

/// Tells of an event of an order.
async fn tell_of(
    runtime: &Runtime,
    known: &Known,
    policy: &Policy,
    order: &Order,
    event: &Event,
    pointer: &NoticePointer,
) -> StepResult<()> {
    let settings = runtime.settings().await?;
    let seller = settings.clone().into();
    let zone = reach::zone(&order.placed, order.country.as_deref(), &settings.time_zone);
    let asked = guards::asked_amount(policy, order);
    let rendered = render(&Input {
        template: &pointer.template,
        audience: match pointer.to {
            Recipient::Customer => Audience::Customer,
            Recipient::Staff => Audience::Staff,
            Recipient::Partner => Audience::Partner,
        },
        order,
        event,
        seller: &seller,
        locale: order.placed.customer.locale.as_deref().unwrap_or(&settings.locale),
        zone,
        // There is no page of an order that is not made yet.
        tracking_url: settings.public_url.as_deref().filter(|_| pointer.version > 0).map(|base| {
            ordermill_views::tracking_url(base, &runtime.config.signing_secret, &order.id)
        }),
        answer_url: answer_url(runtime, order, event, &settings),
        due_at: moves_at(policy, order),
        open_amount: asked,
        later: guards::open_to_ask(policy, order).less(asked),
        status_label: label(policy, order, reads_in(order, &settings, pointer.to)),
    });
    let mut outcome = Ok(());
    for Contact { channel, to } in
        recipients(runtime, known, order, &settings, (pointer, event)).await?
    {
        let letter = Letter {
            known,
            pointer,
            channel,
            to: &to,
            from: &settings.sender,
            zone,
            is_settled: reach::is_settled(&pointer.template, !guards::asks_now(policy, order)),
        };
        // What cannot be sent to one does not keep it from the others.
        outcome = deliver(runtime, &letter, &rendered).await.and(outcome);
    }
    outcome
}

/// Where the customer answers what this event asks, as long as it is open.
fn answer_url(
    runtime: &Runtime,
    order: &Order,
    event: &Event,
    settings: &Settings,
) -> Option<String> {
    let question = order.question.as_ref().filter(|asked| asked.number == event.version)?;
    let base = settings.public_url.as_deref()?;
    Some(approval_url(base, &runtime.config.signing_secret, &order.id, question))
}

/// The event of that version: the order carries the last ones, the history all.
async fn event_of(runtime: &Runtime, order: &Order, version: u64) -> StepResult<Option<Event>> {
    if let Some(event) = order.recent_events.iter().find(|e| e.version == version) {
        return Ok(Some(event.clone()));
    }
    Ok(runtime.table.event(&order.id, version).await?)
}

/// Whom to tell, and how (`spec/domain.md`, "Notifications").
async fn recipients(
    runtime: &Runtime,
    known: &Known,
    order: &Order,
    settings: &Settings,
    (pointer, event): (&NoticePointer, &Event),
) -> StepResult<Vec<Contact>> {
    let by_mail = |to: String| Contact { channel: Channel::Email, to };
    match pointer.to {
        Recipient::Staff => {
            let house = runtime.house().await?;
            Ok(people(order, settings, &house).into_iter().map(by_mail).collect())
        }
        // Partners learn of each event by webhook; by e-mail only where they gave an address.
        Recipient::Partner => {
            let client = runtime.client(&order.client).await?;
            Ok(client.and_then(|client| client.email).map(by_mail).into_iter().collect())
        }
        Recipient::Customer => match &pointer.waiting {
            Some(waiting) => waited(runtime, order, pointer, waiting).await,
            None => {
                let reach = known.reach(runtime, &order.customer_id).await?;
                let ways = reach::channels(&order.placed, &reach, &pointer.template);
                let no_phone = event.data.get("outcome").is_some_and(|met| met == "unavailable");
                Ok(if no_phone { reach::not_by_phone(&order.placed, ways) } else { ways })
            }
        },
    }
}

/// The addresses of the house that are told of the order.
pub(crate) fn people(order: &Order, settings: &Settings, house: &[User]) -> Vec<String> {
    let settings = settings.staff_email.iter().map(String::as_str);
    reach::staff(order.responsible.as_deref(), settings, house.iter().map(colleague))
}

fn colleague(user: &User) -> Colleague<'_> {
    Colleague {
        id: &user.id,
        email: user.email.as_deref(),
        full_access: user.full_access,
        active: user.active,
    }
}

/// The one address a message has waited for; none where the order does not have it any more: then
/// the message waits for nothing.
async fn waited(
    runtime: &Runtime,
    order: &Order,
    pointer: &NoticePointer,
    waiting: &Waiting,
) -> StepResult<Vec<Contact>> {
    let mut known = reach::contacts(&order.placed);
    known.retain(|contact| {
        contact.channel.name() == waiting.channel && reach::who(&contact.to) == waiting.who
    });
    if known.is_empty() {
        drop_waiting(runtime, pointer, waiting).await?;
    }
    Ok(known)
}

/// The language of who reads: the customer's own, staff the seller's.
fn reads_in<'a>(order: &'a Order, settings: &'a Settings, to: Recipient) -> &'a str {
    let own = order.placed.customer.locale.as_deref();
    match to {
        Recipient::Customer | Recipient::Partner => own.unwrap_or(&settings.locale),
        Recipient::Staff => &settings.locale,
    }
}

fn label(policy: &Policy, order: &Order, locale: &str) -> String {
    let language = locale.split(['-', '_']).next().unwrap_or("en");
    policy
        .status(&order.status)
        .and_then(|status| status.label.get(language).or_else(|| status.label.get("en")))
        .cloned()
        .unwrap_or_else(|| order.status.to_string())
}

/// What a message says; kept out of logs.
pub(crate) type Text = Rendered;
