//! Relay: the only publisher. What the table's change stream says is owed is put on the queues.
//!
//! In: the table's stream, rows of [`ordermill_table::keys::RELAY_KINDS`]. Out: all queues.
//! Rules: each event carries its `todo`; which turn of money a subscription must know of says
//! `shared/domain/src/dunning.rs`. Wiring: `main.rs`.

use aws_lambda_events::event::dynamodb::{Event as ChangeEvent, EventRecord};
use aws_lambda_events::event::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use ordermill_domain::dunning;
use ordermill_domain::order::{EventKind, Recipient, Todo};
use ordermill_domain::policy::Phase;
use ordermill_domain::stock::Share;
use ordermill_domain::subscription::Subscription;
use ordermill_runtime::queues::{
    DuePointer, InboxPointer, NoticePointer, OrderPointer, SkuPointer, WebhookPointer,
};
use ordermill_runtime::records::{image, kind};
use ordermill_runtime::recurring::order_id;
use ordermill_runtime::{Metric, Queue, Runtime, StepResult};
use ordermill_table::item::{Item, number_or_default, text};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::{Ahead, read};
use ordermill_table::rows::order::{HeaderEvents, header_events};
use ordermill_table::rows::stock::{StoredLine, read_line};
use ordermill_table::schema::OWNER;
use std::collections::BTreeSet;

/// Publishes what a batch of records owes. On a failure of the surroundings the batch is
/// delivered again from the record named.
pub async fn handle(runtime: &Runtime, event: ChangeEvent) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    let mut outgoing = Outgoing::default();
    let first = event.records.first().and_then(|r| r.change.sequence_number.clone());
    for record in &event.records {
        if let Err(error) = outgoing.record(record) {
            // Parked: the shard goes on, a person looks.
            let sequence = record.change.sequence_number.clone().unwrap_or_default();
            tracing::error!(stream.sequence = sequence, reason = %error, "a stream record cannot be read");
            outgoing.parked = outgoing.parked.saturating_add(1);
        }
    }
    outgoing.measure(runtime);
    if let Err(failure) = outgoing.send(runtime).await {
        tracing::warn!(reason = %failure, "a batch of the stream goes back");
        let mut item = DynamoDbBatchItemFailure::default();
        item.item_identifier = first;
        response.batch_item_failures.push(item);
    }
    response
}

/// Publishes everything the last events of a header owe, from `after` on. For `repair`.
///
/// # Errors
/// A queue cannot be reached.
pub async fn publish(runtime: &Runtime, header: &HeaderEvents, after: u64) -> StepResult<()> {
    let mut outgoing = Outgoing::default();
    outgoing.order(header, after);
    outgoing.send(runtime).await
}

/// Has money that was taken in looked at again. For `repair`.
///
/// # Errors
/// A queue cannot be reached.
pub async fn publish_money(runtime: &Runtime, money: Vec<InboxPointer>) -> StepResult<()> {
    Outgoing { payment: money, ..Outgoing::default() }.send(runtime).await
}

/// Has clients' programs told of events that nobody has told them of. For `repair`.
///
/// # Errors
/// A queue cannot be reached.
pub async fn publish_webhooks(runtime: &Runtime, webhook: Vec<WebhookPointer>) -> StepResult<()> {
    Outgoing { webhook, ..Outgoing::default() }.send(runtime).await
}

/// Messages to be sent.
#[derive(Default)]
struct Outgoing {
    validate: Vec<OrderPointer>,
    reserve: Vec<OrderPointer>,
    serve: BTreeSet<String>,
    notify: Vec<NoticePointer>,
    payment: Vec<InboxPointer>,
    webhook: Vec<WebhookPointer>,
    recur: Vec<DuePointer>,
    /// Orders that are told of before they are made: the client, and which.
    ahead: Vec<(String, Ahead)>,
    new_orders: bool,
    exceptions: u64,
    parked: u64,
}

impl Outgoing {
    fn record(&mut self, record: &EventRecord) -> Result<(), ordermill_table::TableError> {
        let Some(new) = image(&record.change.new_image)? else { return Ok(()) };
        let old = image(&record.change.old_image)?;
        match kind(&new) {
            Some(name) if name == RowKind::Order.name() => {
                let header = header_events(&new)?;
                let before: u64 = old.as_ref().map_or(Ok(0), |o| number_or_default(o, "v"))?;
                let redrives: u32 = old.as_ref().map_or(Ok(0), |o| number_or_default(o, "rd"))?;
                self.order(&header, before);
                if header.redrives > redrives {
                    self.step_of(&header);
                }
            }
            Some(name) if name == RowKind::Stock.name() => self.stock(&new, old.as_ref())?,
            Some(name) if name == RowKind::Subscription.name() => {
                self.subscription(&new, old.as_ref())?;
            }
            Some(name) if name == RowKind::Inbox.name() || name == RowKind::Unmatched.name() => {
                if old.is_none() {
                    let (pk, sk) = (text(&new, "pk")?.to_owned(), text(&new, "sk")?.to_owned());
                    self.payment.push(InboxPointer { pk, sk });
                }
            }
            Some(_) | None => {}
        }
        Ok(())
    }

    /// What the events after that version owe.
    fn order(&mut self, header: &HeaderEvents, after: u64) {
        for event in header.events.iter().filter(|e| e.version > after) {
            if event.kind == EventKind::OrderReceived {
                self.new_orders = true;
            }
            if event.kind == EventKind::ExceptionOpened {
                self.exceptions = self.exceptions.saturating_add(1);
            }
            for todo in &event.todo {
                let pointer = OrderPointer { order: header.id.clone(), version: event.version };
                match todo {
                    Todo::Validate => self.validate.push(pointer),
                    Todo::Reserve => self.reserve.push(pointer),
                    Todo::Notify { template, to } => self.notify.push(NoticePointer {
                        order: header.id.clone(),
                        version: event.version,
                        template: template.clone(),
                        to: *to,
                        waiting: None,
                        ahead: None,
                    }),
                    // Clients' programs are told of every event, see below.
                    Todo::Webhook => {}
                    Todo::Serve { sku } => {
                        self.serve.insert(sku.clone());
                    }
                }
            }
            if let Some(subscription) =
                header.subscription.as_ref().filter(|_| dunning::is_turn(event))
            {
                let pk = keys::subscription_partition(subscription);
                self.recur.push(DuePointer { pk, order: Some(header.id.clone()) });
            }
            self.webhook.push(WebhookPointer::Event {
                client: header.client.clone(),
                order: header.id.clone(),
                version: event.version,
            });
        }
    }

    /// A date that the customer is told of before its order.
    fn subscription(
        &mut self,
        new: &Item,
        old: Option<&Item>,
    ) -> Result<(), ordermill_table::TableError> {
        let new: Subscription = read(new)?;
        let old: Option<Subscription> = old.map(read).transpose()?;
        let before = old.and_then(|subscription| subscription.announced);
        if let Some(date) = new.announced.filter(|date| before != Some(*date)) {
            let ahead = Ahead { subscription: new.id, date: date.to_string() };
            self.ahead.push((new.client, ahead));
        }
        Ok(())
    }

    /// The status' step was asked for again. Which step that is, the functions see by themselves:
    /// a step that does not belong to the status does nothing.
    fn step_of(&mut self, header: &HeaderEvents) {
        let pointer = OrderPointer { order: header.id.clone(), version: header.version };
        match header.phase {
            Phase::Intake => self.validate.push(pointer),
            Phase::Review | Phase::Supply | Phase::Payment | Phase::Fulfilment | Phase::Closed => {
                self.reserve.push(pointer)
            }
        }
    }

    /// Goods that somebody waits for became available, or goods that are held are missing.
    fn stock(&mut self, new: &Item, old: Option<&Item>) -> Result<(), ordermill_table::TableError> {
        let line = read_line(new)?;
        let before = old.map(read_line).transpose()?;
        // Or those who wait became fewer: what lies there may now be the next one's.
        let more = before.as_ref().is_none_or(|b| {
            line.available > b.available
                || line.line.waiting < b.line.waiting
                || is_kept_otherwise(&line, b)
        });
        let for_those_who_wait =
            more && line.available.is_positive() && line.line.waiting.is_positive();
        // A count, or a larger safety stock: orders hold what is not there.
        let less = before.as_ref().is_none_or(|b| line.available < b.available);
        let short = less && line.line.missing().is_positive();
        // Or some of what they hold has come, and they still tell people that it is missing.
        let came = before.is_some_and(|b| line.available > b.available)
            && line.line.short > line.available.negated();
        if for_those_who_wait || short || (came && line.line.short.is_positive()) {
            self.serve.insert(line.key.sku);
        }
        Ok(())
    }

    /// Counted here, where every event passes. Of a batch that comes again, again: it is a signal
    /// to people, no account.
    fn measure(&self, runtime: &Runtime) {
        let figures =
            [(Metric::ExceptionsOpened, self.exceptions), (Metric::RecordsParked, self.parked)];
        if figures.iter().any(|(_, count)| *count > 0) {
            runtime.measure(&figures);
        }
    }

    async fn send(mut self, runtime: &Runtime) -> StepResult<()> {
        if self.new_orders {
            self.wake_unmatched(runtime).await?;
        }
        let seller = &runtime.config.seller;
        self.notify.extend(self.ahead.into_iter().map(|(client, ahead)| NoticePointer {
            order: order_id(seller, &client, &ahead.subscription, &ahead.date),
            version: 0,
            template: SUBSCRIPTION_NOTICE.to_owned(),
            to: Recipient::Customer,
            waiting: None,
            ahead: Some(ahead),
        }));
        let serve: Vec<SkuPointer> = self.serve.into_iter().map(|sku| SkuPointer { sku }).collect();
        let webhook = listened_to(runtime, self.webhook).await?;
        let queues = &runtime.queues;
        let told = queues.send(Queue::Webhook, &webhook);
        let turned = queues.send(Queue::Recur, &self.recur);
        let others = futures::future::try_join5(
            queues.send(Queue::Validate, &self.validate),
            queues.send(Queue::Reserve, &self.reserve),
            queues.send(Queue::Serve, &serve),
            queues.send(Queue::Notify, &self.notify),
            queues.send(Queue::Payment, &self.payment),
        );
        futures::future::try_join3(told, turned, others).await?;
        Ok(())
    }

    /// A new order may be the one that money came for before it.
    async fn wake_unmatched(&mut self, runtime: &Runtime) -> StepResult<()> {
        let query = IndexQuery {
            index: OWNER,
            partition: keys::owner_list(RowKind::Unmatched),
            after: None,
            newest_first: true,
            until: None,
            limit: UNMATCHED_WOKEN_MAX,
        };
        for (pk, _) in runtime.table.index(query).await?.keys {
            let key = keys::unmatched_of_partition(&pk);
            self.payment.push(InboxPointer { pk, sk: key.sk().to_owned() });
        }
        Ok(())
    }
}

/// Whether more is for everybody, or is kept for a group whose orders wait.
fn is_kept_otherwise(now: &StoredLine, before: &StoredLine) -> bool {
    let more = |(class, share): (&String, &Share)| {
        share.waiting.is_positive() && share.kept > before.line.share(class).kept
    };
    now.unkept > before.unkept || now.line.shares.iter().any(more)
}

/// Of these messages, those of clients who have an endpoint: most have none.
async fn listened_to(
    runtime: &Runtime,
    messages: Vec<WebhookPointer>,
) -> StepResult<Vec<WebhookPointer>> {
    let mut wanted = Vec::new();
    for message in messages {
        let of_listener = match &message {
            WebhookPointer::Event { client, .. } => runtime.has_endpoints(client).await?,
            WebhookPointer::Due { .. } => true,
        };
        if of_listener {
            wanted.push(message);
        }
    }
    Ok(wanted)
}

/// The message before an order of a subscription.
const SUBSCRIPTION_NOTICE: &str = "subscription_notice";
/// How much money without an order a new order wakes; its own deadline finds the rest.
const UNMATCHED_WOKEN_MAX: i32 = 25;
