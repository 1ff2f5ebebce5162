//! Sending one message once: the row, then the provider, then the row; in that order for SMS,
//! the provider first for e-mail.

use crate::Text;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};
use aws_sdk_sns::types::MessageAttributeValue;
use ordermill_domain::ids;
use ordermill_domain::order::Recipient;
use ordermill_runtime::error::why;
use ordermill_runtime::queues::NoticePointer;
use ordermill_runtime::{Failure, Runtime, StepResult};
use ordermill_table::keys::{self, Key};
use ordermill_table::records::{Notification, document, read};

/// The header with the name of a message.
const MESSAGE_HEADER: &str = "X-Ordermill-Message";
/// Characters of that name: 128 bits.
const MESSAGE_NAME_CHARACTERS: usize = 32;

/// How somebody is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Channel {
    /// By e-mail.
    Email,
    /// By SMS.
    Sms,
}

impl Channel {
    fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }
}

/// One message to one person.
pub(crate) struct Letter<'a> {
    pub pointer: &'a NoticePointer,
    pub channel: Channel,
    pub to: &'a str,
    pub from: &'a str,
}

impl Letter<'_> {
    fn key(&self) -> Key {
        let p = self.pointer;
        keys::notification(&p.order, p.version, &p.template, self.channel.name(), self.to)
    }

    /// The name of this very message: the same however often it is sent, so that a second one
    /// (after a crash between the sending and the row) can be told from another message.
    fn name(&self) -> String {
        let key = self.key();
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

    fn row(&self, runtime: &Runtime, state: &str, message_id: Option<String>) -> Notification {
        Notification {
            version: self.pointer.version,
            template: self.pointer.template.clone(),
            channel: self.channel.name().to_owned(),
            audience: self.audience().to_owned(),
            state: state.to_owned(),
            message_id,
            at: runtime.clock.now(),
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
    if runtime.table.get(&letter.key()).await?.is_some() {
        return Ok(());
    }
    let (state, id) = match send_email(runtime, letter, text).await {
        Ok(id) => ("sent", Some(id)),
        // The provider will not take it, now or later; what to do then is the feedback's business.
        Err(Failure::Permanent(reason)) => {
            tracing::warn!(order.id = letter.pointer.order, reason, "an e-mail was refused");
            ("refused", None)
        }
        Err(failure) => return Err(failure),
    };
    let row = document(&letter.key(), &letter.row(runtime, state, id))?;
    runtime.table.put_row_once(row).await?;
    Ok(())
}

async fn send_email(runtime: &Runtime, letter: &Letter<'_>, text: &Text) -> StepResult<String> {
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
        .destination(Destination::builder().to_addresses(letter.to).build())
        .content(EmailContent::builder().simple(message).build());
    for (name, value) in letter.tags() {
        let tag = MessageTag::builder().name(name).value(value).build();
        request = request.email_tags(tag.map_err(|e| Failure::permanent(e.to_string()))?);
    }
    let answer = request.send().await.map_err(|error| {
        let refused = error
            .as_service_error()
            .is_some_and(|e| e.is_message_rejected() || e.is_bad_request_exception());
        let what = format!("e-mail: {}", why(&error));
        if refused { Failure::permanent(what) } else { Failure::retryable(what) }
    })?;
    Ok(answer.message_id.unwrap_or_default())
}

async fn sms(runtime: &Runtime, letter: &Letter<'_>, text: &Text) -> StepResult<()> {
    let claimed = document(&letter.key(), &letter.row(runtime, "claimed", None))?;
    if !runtime.table.put_row_once(claimed).await? {
        let known = runtime.table.get(&letter.key()).await?;
        let known: Option<Notification> = known.map(|row| read(&row)).transpose()?;
        if known.is_some_and(|n| n.state == "claimed") {
            // Whether it went out is not known, and it must not go out twice.
            let row = document(&letter.key(), &letter.row(runtime, "unclear", None))?;
            runtime.table.put_row(row).await?;
            tracing::error!(
                order.id = letter.pointer.order,
                "whether an SMS went out is not known"
            );
        }
        return Ok(());
    }
    let mut request = runtime.sns.publish().phone_number(letter.to).message(&text.sms);
    for (name, value) in letter.tags() {
        let value = MessageAttributeValue::builder().data_type("String").string_value(value);
        let value = value.build().map_err(|e| Failure::permanent(e.to_string()))?;
        request = request.message_attributes(name, value);
    }
    let (state, id) = match request.send().await {
        Ok(answer) => ("sent", answer.message_id),
        Err(error) => {
            tracing::warn!(
                order.id = letter.pointer.order,
                reason = why(&error),
                "an SMS was refused"
            );
            let refused = error.as_service_error().is_some();
            (if refused { "refused" } else { "unclear" }, None)
        }
    };
    let row = document(&letter.key(), &letter.row(runtime, state, id))?;
    runtime.table.put_row(row).await?;
    Ok(())
}
