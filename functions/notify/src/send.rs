//! Sending one message once: the row, then the provider, then the row; in that order for SMS,
//! the provider first for e-mail.
//!
//! A text message that waits for the morning, or is being sent, stands on the worklist: a lost
//! message of a queue, or a sender that died, is found by its deadline.

use crate::Text;
use crate::known::Known;
use crate::refusal::{self, Refusal};
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};
use aws_sdk_sns::types::MessageAttributeValue;
use ordermill_domain::ids;
use ordermill_domain::order::Recipient;
use ordermill_domain::reach::{Channel, texted_at};
use ordermill_domain::time::{Seconds, Timestamp};
use ordermill_runtime::error::why;
use ordermill_runtime::notices::{Meaning, Outcome, message_failed};
use ordermill_runtime::queues::{NoticePointer, Waiting};
use ordermill_runtime::{Failure, Runtime, StepResult};
use ordermill_table::item::Item;
use ordermill_table::keys::NoticeKey;
use ordermill_table::records::{NoticeState, Notification, notification_row, read};
use ordermill_table::{TableError, commit};

/// The header with the name of a message.
const MESSAGE_HEADER: &str = "X-Ordermill-Message";
/// Characters of that name: 128 bits.
const MESSAGE_NAME_CHARACTERS: usize = 32;
/// How long a sender of a text message has it for itself; longer than a function runs.
const SMS_LEASE: Seconds = Seconds::minutes(2);
/// When a text message is tried again that the provider had no room for.
const SMS_AGAIN: Seconds = Seconds::minutes(1);

/// One message to one person.
pub(crate) struct Letter<'a> {
    pub known: &'a Known,
    pub pointer: &'a NoticePointer,
    pub channel: Channel,
    pub to: &'a str,
    pub from: &'a str,
    /// The reader's time zone.
    pub zone: &'a str,
    /// It waited, and says nothing any more.
    pub is_settled: bool,
}

impl Letter<'_> {
    fn notice(&self) -> NoticeKey {
        let p = self.pointer;
        NoticeKey::new(&p.order, p.version, &p.template, self.channel.name(), self.to)
    }

    /// The name of this very message: the same however often it is sent, so that a second one
    /// (after a crash between the sending and the row, or by two calls at once) can be told from
    /// another message.
    fn name(&self) -> String {
        let key = self.notice().key();
        let digest = ids::digest(format!("{} {}", key.pk(), key.sk()).as_bytes());
        digest.chars().take(MESSAGE_NAME_CHARACTERS).collect()
    }

    fn audience(&self) -> &'static str {
        match self.pointer.to {
            Recipient::Customer => "customer",
            Recipient::Staff => "staff",
            Recipient::Partner => "partner",
        }
    }

    fn row(&self, now: Timestamp, state: NoticeState) -> Notification {
        Notification {
            version: self.pointer.version,
            template: self.pointer.template.clone(),
            channel: self.channel.name().to_owned(),
            audience: self.audience().to_owned(),
            state,
            message_id: None,
            at: now,
            until: None,
            code: None,
            ahead: self.pointer.ahead.clone(),
        }
    }

    fn tags(&self) -> [(&'static str, String); 5] {
        [
            ("order", self.pointer.order.clone()),
            ("event", self.pointer.version.to_string()),
            ("template", self.pointer.template.clone()),
            ("audience", self.audience().to_owned()),
            ("channel", self.channel.name().to_owned()),
        ]
    }
}

/// Sends a message unless its row says that it was sent.
pub(crate) async fn deliver(runtime: &Runtime, letter: &Letter<'_>, text: &Text) -> StepResult<()> {
    match letter.channel {
        Channel::Email => email(runtime, letter, text).await,
        Channel::Sms => sms(runtime, letter, text).await,
    }
}

async fn email(runtime: &Runtime, letter: &Letter<'_>, text: &Text) -> StepResult<()> {
    let notice = letter.notice();
    if let Some(row) = letter.known.row(runtime, &notice.key()).await? {
        // Refused, and its sender died before it could say so on the order.
        let message: Notification = read(&row)?;
        return match message.state {
            NoticeState::Claimed => {
                let noted = Refusal::noted(message.code.as_deref());
                message_failed(runtime, &notice, &noted.outcome()).await
            }
            NoticeState::Queued
            | NoticeState::Sent
            | NoticeState::Dropped
            | NoticeState::Failed
            | NoticeState::Unclear => Ok(()),
        };
    }
    let now = runtime.clock.now();
    match send_email(runtime, letter, text).await {
        Ok(id) => {
            let mut message = letter.row(now, NoticeState::Sent);
            message.message_id = Some(id);
            runtime.table.put_row_once(notification_row(&notice, &message)?).await?;
            Ok(())
        }
        // The provider will not take it, now or later.
        Err(Unsent::Refused(refusal)) => {
            let outcome = refusal.outcome();
            let mut message = letter.row(now, NoticeState::Claimed);
            message.until = (letter.pointer.to == Recipient::Customer).then(|| now.plus(SMS_LEASE));
            message.code = Some(outcome.code.clone());
            runtime.table.put_row_once(notification_row(&notice, &message)?).await?;
            message_failed(runtime, &notice, &outcome).await
        }
        Err(Unsent::Failed(failure)) => Err(failure),
    }
}

/// Why an e-mail was not sent.
enum Unsent {
    Refused(Refusal),
    Failed(Failure),
}

impl From<Failure> for Unsent {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

async fn send_email(runtime: &Runtime, letter: &Letter<'_>, text: &Text) -> Result<String, Unsent> {
    let content = |data: &str| {
        Content::builder()
            .data(data)
            .charset("UTF-8")
            .build()
            .map_err(|error| Failure::permanent(error.to_string()))
    };
    let body = Body::builder().text(content(&text.text)?).html(content(&text.html)?).build();
    let header = MessageHeader::builder().name(MESSAGE_HEADER).value(letter.name()).build();
    let header = header.map_err(|error| Failure::permanent(error.to_string()))?;
    let message =
        Message::builder().subject(content(&text.subject)?).body(body).headers(header).build();
    let mut request = runtime
        .ses
        .send_email()
        .from_email_address(letter.from)
        .set_configuration_set_name(runtime.config.mail_set.clone())
        .destination(Destination::builder().to_addresses(letter.to).build())
        .content(EmailContent::builder().simple(message).build());
    for (name, value) in letter.tags() {
        let tag = MessageTag::builder().name(name).value(value).build();
        request = request.email_tags(tag.map_err(|e| Failure::permanent(e.to_string()))?);
    }
    let answer = request.send().await.map_err(|error| {
        let what = why(&error);
        let refusal = error.as_service_error().map(refusal::of_email);
        match refusal {
            Some(refused @ (Refusal::Address | Refusal::Message)) => {
                let (order, fault) = (&letter.pointer.order, refused);
                tracing::warn!(order.id = order, reason = what, ?fault, "an e-mail was refused");
                Unsent::Refused(refused)
            }
            // Tried again, then among the dead letters, whence it goes out once that is set right.
            Some(Refusal::Installation) => {
                Unsent::Failed(Failure::retryable(format!("e-mail: not from this account: {what}")))
            }
            None => Unsent::Failed(Failure::retryable(format!("e-mail: {what}"))),
        }
    })?;
    Ok(answer.message_id.unwrap_or_default())
}

/// A text message's row as it is found, and what is to be done.
enum Standing {
    /// There is none: it is sent for the first time.
    New,
    /// It waited, and its moment has come.
    Awake(Item),
    /// Its sender has not come back.
    Lost,
    /// Somebody else is at it, or it is done.
    Done,
}

async fn standing(runtime: &Runtime, known: &Known, notice: &NoticeKey) -> StepResult<Standing> {
    let Some(row) = known.row(runtime, &notice.key()).await? else { return Ok(Standing::New) };
    let message: Notification = read(&row)?;
    let is_due = message.until.is_none_or(|until| until <= runtime.clock.now());
    Ok(match message.state {
        NoticeState::Queued if is_due => Standing::Awake(row),
        NoticeState::Claimed if is_due => Standing::Lost,
        NoticeState::Queued
        | NoticeState::Claimed
        | NoticeState::Sent
        | NoticeState::Dropped
        | NoticeState::Failed
        | NoticeState::Unclear => Standing::Done,
    })
}

async fn sms(runtime: &Runtime, letter: &Letter<'_>, text: &Text) -> StepResult<()> {
    let notice = letter.notice();
    let before = match standing(runtime, letter.known, &notice).await? {
        Standing::New => None,
        Standing::Awake(row) => Some(row),
        Standing::Lost => return unclear(runtime, letter, &notice).await,
        Standing::Done => return Ok(()),
    };
    let now = runtime.clock.now();
    let at = texted_at(now, letter.zone);
    let mut message = if before.is_some() && letter.is_settled {
        letter.row(now, NoticeState::Dropped)
    } else if at > now {
        Notification { until: Some(at), ..letter.row(now, NoticeState::Queued) }
    } else {
        Notification { until: Some(now.plus(SMS_LEASE)), ..letter.row(now, NoticeState::Claimed) }
    };
    let row = notification_row(&notice, &message)?;
    let mine = put(runtime, row.clone(), before.as_ref()).await?;
    if !mine || message.state != NoticeState::Claimed {
        return Ok(());
    }
    // From here on it may have gone out; nobody sends it a second time.
    message.until = None;
    match publish(runtime, letter, text).await {
        Published::Taken(id) => {
            message.state = NoticeState::Sent;
            message.message_id = id;
        }
        Published::NoRoom => {
            message.state = NoticeState::Queued;
            message.until = Some(now.plus(SMS_AGAIN));
        }
        Published::Refused(refusal) => {
            return message_failed(runtime, &notice, &refusal.outcome()).await;
        }
        Published::Unclear => return unclear(runtime, letter, &notice).await,
    }
    message.at = runtime.clock.now();
    put(runtime, notification_row(&notice, &message)?, Some(&row)).await?;
    Ok(())
}

/// Writes the row where it stands as it was read; false where somebody else was quicker.
async fn put(runtime: &Runtime, row: Item, before: Option<&Item>) -> StepResult<bool> {
    let action = match before {
        Some(before) => commit::put_over(&runtime.table, row, before)?,
        None => commit::put_new(&runtime.table, row)?,
    };
    match runtime.table.write(vec![action]).await {
        Ok(()) => Ok(true),
        Err(TableError::Moved) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Whether it went out is not known, and it must not go out twice: staff are told.
async fn unclear(runtime: &Runtime, letter: &Letter<'_>, notice: &NoticeKey) -> StepResult<()> {
    tracing::error!(order.id = letter.pointer.order, "whether an SMS went out is not known");
    let outcome = Outcome { code: "unclear".to_owned(), meaning: Meaning::Unclear };
    message_failed(runtime, notice, &outcome).await
}

/// A message that waited for an address the order does not have any more.
pub(crate) async fn drop_waiting(
    runtime: &Runtime,
    pointer: &NoticePointer,
    waiting: &Waiting,
) -> StepResult<()> {
    let notice = NoticeKey {
        order: pointer.order.clone(),
        version: pointer.version,
        template: pointer.template.clone(),
        channel: waiting.channel.clone(),
        who: waiting.who.clone(),
    };
    let Some(before) = runtime.table.get(&notice.key()).await? else { return Ok(()) };
    let mut message: Notification = read(&before)?;
    if message.state == NoticeState::Queued || message.state == NoticeState::Claimed {
        message.state = NoticeState::Dropped;
        message.until = None;
        put(runtime, notification_row(&notice, &message)?, Some(&before)).await?;
    }
    Ok(())
}

/// What the provider said to a text message.
enum Published {
    Taken(Option<String>),
    /// Not now; it was not sent.
    NoRoom,
    /// Never.
    Refused(Refusal),
    /// It may have been sent.
    Unclear,
}

async fn publish(runtime: &Runtime, letter: &Letter<'_>, text: &Text) -> Published {
    let mut request = runtime.sns.publish().phone_number(letter.to).message(&text.sms);
    for (name, value) in letter.tags() {
        let value = MessageAttributeValue::builder().data_type("String").string_value(value);
        let Ok(value) = value.build() else { return Published::Refused(Refusal::Message) };
        request = request.message_attributes(name, value);
    }
    match request.send().await {
        Ok(answer) => Published::Taken(answer.message_id),
        Err(error) => {
            tracing::warn!(
                order.id = letter.pointer.order,
                reason = why(&error),
                "an SMS was not taken"
            );
            let Some(said) = error.as_service_error() else { return Published::Unclear };
            match refusal::of_sms(said) {
                Some(refusal) => Published::Refused(refusal),
                None if said.meta().code().is_some_and(is_throttle) => Published::NoRoom,
                None if said.is_authorization_error_exception() => Published::NoRoom,
                None => Published::Unclear,
            }
        }
    }
}

fn is_throttle(code: &str) -> bool {
    matches!(code, "Throttled" | "Throttling" | "ThrottledException" | "ThrottlingException")
}
