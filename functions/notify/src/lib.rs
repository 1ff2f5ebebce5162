//! Notify: tells people what happened, by e-mail and SMS. Exactly one row per (event, channel,
//! recipient). E-mail goes out at least once (a second only after a crash between send and mark),
//! SMS at most once (claimed before, marked after).
//!
//! In: the `notify` queue, [`NoticePointer`]. Out: SES, SNS, notification rows.
//! Rules: which event owes which message is the event's `todo`; texts are [`render`]'s. Wiring: `main.rs`.

pub mod render;
mod send;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::decide::guards::open_amount;
use ordermill_domain::decide::limits::moves_at;
use ordermill_domain::order::{Event, Order, Recipient};
use ordermill_domain::policy::Policy;
use ordermill_runtime::queues::NoticePointer;
use ordermill_runtime::{Failure, Queue, Runtime, StepResult, batch};
use ordermill_table::records::Settings;
use render::{Audience, Input, Rendered, Seller, render};
use send::{Channel, Letter, deliver};

/// Tells the people of a batch, each message by itself.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    batch::each(Queue::Notify, event, |pointer: NoticePointer| tell(runtime, pointer)).await
}

async fn tell(runtime: &Runtime, pointer: NoticePointer) -> StepResult<()> {
    let Some(partition) = runtime.table.order(&pointer.order).await? else {
        return Err(Failure::permanent("there is no such order"));
    };
    let order = partition.stored.order;
    let Some(event) = event_of(runtime, &order, pointer.version).await? else {
        return Err(Failure::retryable("the event is not in the history yet"));
    };
    let policy =
        runtime.policies.version(&runtime.table, &order.policy.name, order.policy.version).await?;
    let settings = runtime.settings().await?;
    let seller = seller(&settings);
    let rendered = render(&Input {
        template: &pointer.template,
        audience: match pointer.to {
            Recipient::Customer => Audience::Customer,
            Recipient::Staff => Audience::Staff,
            Recipient::Partner => Audience::Partner,
        },
        order: &order,
        event: &event,
        seller: &seller,
        locale: order.placed.customer.locale.as_deref().unwrap_or(&settings.locale),
        zone: order.placed.customer.time_zone.as_deref().unwrap_or(&settings.time_zone),
        tracking_url: settings.public_url.as_deref().map(|base| {
            ordermill_views::tracking_url(base, &runtime.config.signing_secret, &order.id)
        }),
        due_at: moves_at(&policy, &order),
        open_amount: open_amount(&policy, &order),
        status_label: label(&policy, &order, reads_in(&order, &settings, pointer.to)),
    });
    for (channel, to) in recipients(&order, &settings, &pointer) {
        let letter = Letter { pointer: &pointer, channel, to: &to, from: &settings.sender };
        deliver(runtime, &letter, &rendered).await?;
    }
    Ok(())
}

/// The event of that version: the order carries the last ones, the history all.
async fn event_of(runtime: &Runtime, order: &Order, version: u64) -> StepResult<Option<Event>> {
    if let Some(event) = order.recent_events.iter().find(|e| e.version == version) {
        return Ok(Some(event.clone()));
    }
    Ok(runtime.table.event(&order.id, version).await?)
}

/// Messages that go to every known channel: money was received.
const EVERY_CHANNEL: [&str; 3] = ["paid", "partly_paid", "payment_received"];

/// Whom to tell, and how (`spec/domain.md`, "Notifications").
fn recipients(
    order: &Order,
    settings: &Settings,
    pointer: &NoticePointer,
) -> Vec<(Channel, String)> {
    match pointer.to {
        Recipient::Staff => {
            settings.staff_email.iter().map(|to| (Channel::Email, to.clone())).collect()
        }
        // Partners learn of their orders by webhook and by asking; they have no address here.
        Recipient::Partner => Vec::new(),
        Recipient::Customer => {
            let customer = &order.placed.customer;
            let email = customer.email.clone().map(|to| (Channel::Email, to));
            let sms = customer.phone.clone().map(|to| (Channel::Sms, to));
            let sms_first = customer.preferred_channel.as_deref() == Some("sms");
            let mut known: Vec<_> =
                if sms_first { [sms, email] } else { [email, sms] }.into_iter().flatten().collect();
            if !EVERY_CHANNEL.contains(&pointer.template.as_str()) {
                known.truncate(1);
            }
            known
        }
    }
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

fn seller(settings: &Settings) -> Seller {
    Seller {
        name: settings.name.clone(),
        address: settings.address.clone(),
        vat_id: settings.vat_id.clone(),
        phone: settings.phone.clone(),
        email: Some(settings.sender.clone()),
        colour: settings.colour.clone(),
        time_zone: settings.time_zone.clone(),
        locale: settings.locale.clone(),
        payment_link: settings.payment_link.clone(),
        bank_details: settings.bank_details.clone(),
        tracking_base_url: settings.public_url.clone(),
    }
}

/// What a message says; kept out of logs.
pub(crate) type Text = Rendered;
