//! The outbox: e-mail and SMS as clients send them, refusals, and what a kill leaves.

use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{
    Body, Content, Destination, EmailContent, Message, MessageHeader, MessageTag,
};
use aws_sdk_sns::types::MessageAttributeValue;
use ordermill_embedded::{Channel, Execution, Place, Refusal};

use crate::world::{Folder, START, World};

async fn email(world: &World, to: &str) -> Result<String, SendEmailError> {
    let content = |text: &str| Content::builder().data(text).charset("UTF-8").build().unwrap();
    let header = MessageHeader::builder().name("X-Ordermill-Id").value("n1").build().unwrap();
    let message = Message::builder()
        .subject(content("Ihre Bestellung & mehr"))
        .body(Body::builder().text(content("Grüße")).html(content("<p>Grüße</p>")).build())
        .headers(header)
        .build();
    let sent = world
        .ses
        .send_email()
        .from_email_address("shop@example.com")
        .destination(Destination::builder().to_addresses(to).build())
        .content(EmailContent::builder().simple(message).build())
        .email_tags(MessageTag::builder().name("notification").value("n1").build().unwrap())
        .send()
        .await;
    sent.map(|sent| sent.message_id.unwrap()).map_err(|error| error.into_service_error())
}

#[tokio::test]
async fn what_was_sent_survives_a_kill_as_it_was_given() {
    let folder = Folder::new("outbox");
    let world = World::open(&folder.file(), Execution::Thread);
    let id = email(&world, "anna@example.com").await.unwrap();
    world.clock.advance(1_000);
    let sender = MessageAttributeValue::builder().data_type("String").string_value("Shop");
    let sms = world
        .sns
        .publish()
        .phone_number("+4915112345678")
        .message("Käse & Brot = 100 % + mehr")
        .message_attributes("AWS.SNS.SMS.SenderID", sender.build().unwrap())
        .send()
        .await
        .unwrap();
    let killed = World::open(&folder.as_killed(), Execution::Inline);
    let sent = killed.services.outbox().list().unwrap();
    let [mail, text] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((mail.number, mail.message_id.as_str()), (1, id.as_str()));
    assert_eq!(mail.channel, Channel::Email);
    assert_eq!(mail.from.as_deref(), Some("shop@example.com"));
    assert_eq!(mail.to, ["anna@example.com"]);
    assert_eq!(mail.subject.as_deref(), Some("Ihre Bestellung & mehr"));
    assert_eq!(mail.text.as_deref(), Some("Grüße"));
    assert_eq!(mail.html.as_deref(), Some("<p>Grüße</p>"));
    assert_eq!(mail.headers["X-Ordermill-Id"], "n1");
    assert_eq!(mail.tags["notification"], "n1");
    assert_eq!(text.channel, Channel::Sms);
    assert_eq!(text.to, ["+4915112345678"]);
    assert_eq!(text.text.as_deref(), Some("Käse & Brot = 100 % + mehr"));
    assert_eq!(text.from.as_deref(), Some("Shop"));
    assert_eq!(text.sent_at_milliseconds, START + 1_000);
    assert_eq!(sms.message_id.as_deref(), Some(text.message_id.as_str()));
    assert_eq!(killed.services.outbox().list_after(1, 10).unwrap().len(), 1);
    assert!(!format!("{mail:?}").contains("anna"), "addresses are not shown");
}

#[tokio::test]
async fn the_outbox_refuses_what_it_is_told_to_with_typed_errors() {
    let world = World::open(&Place::Temporary, Execution::Inline);
    let outbox = world.services.outbox();
    outbox.refuse_next(1, Refusal::Throttled);
    outbox.refuse_address("bob@example.com", Some(Refusal::Rejected));
    let bob = email(&world, "bob@example.com").await.unwrap_err();
    assert!(bob.is_message_rejected(), "{bob:?}");
    let anna = email(&world, "anna@example.com").await.unwrap_err();
    assert!(anna.is_too_many_requests_exception(), "{anna:?}");
    email(&world, "anna@example.com").await.unwrap();
    outbox.refuse_address("bob@example.com", None);
    email(&world, "bob@example.com").await.unwrap();

    outbox.refuse_next(1, Refusal::Rejected);
    let sms = world.sns.publish().phone_number("+49").message("x").send().await.unwrap_err();
    assert!(sms.into_service_error().is_invalid_parameter_exception());
    outbox.refuse_next(1, Refusal::Unavailable);
    let sms = world.sns.publish().phone_number("+49").message("x").send().await.unwrap_err();
    assert!(sms.into_service_error().is_internal_error_exception());
    assert_eq!(outbox.list().unwrap().len(), 2);
}
