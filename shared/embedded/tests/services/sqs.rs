//! The queues: what clients may send, and what the runner is delivered.

use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchError;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{MessageAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry};
use ordermill_embedded::{
    Counts, Execution, Message, MessageAttribute, Place, QueueDefinition, QueueError, Queues,
};

use crate::world::{START, World};

const QUEUE: &str = "ordermill-reserve";
const DEAD: &str = "ordermill-reserve-dead";

fn world() -> World {
    let world = World::open(&Place::Temporary, Execution::Inline);
    world.services.queues().define(QueueDefinition::new(QUEUE, 30).dead_letters(DEAD, 2));
    world
}

fn send(queues: &Queues, body: &str) {
    let message = Message { body: body.to_owned(), ..Message::default() };
    queues.send(QUEUE, message).unwrap();
}

fn received(queues: &Queues, queue: &str) -> Vec<(String, u32)> {
    let messages = queues.receive(queue, 10).unwrap();
    messages.iter().map(|message| (message.body.to_string(), message.receive_count)).collect()
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
}

#[tokio::test]
async fn a_sent_message_has_the_right_sums_and_arrives_with_its_attributes() {
    let world = world();
    let text = MessageAttributeValue::builder().data_type("String").string_value("my_value");
    let bytes = MessageAttributeValue::builder().data_type("Binary").binary_value(Blob::new([7]));
    let url = world.sqs.get_queue_url().queue_name(QUEUE).send().await.unwrap().queue_url.unwrap();
    let sent = world
        .sqs
        .send_message()
        .queue_url(&url)
        .message_body("This is a test message")
        .message_attributes("my_attribute", text.build().unwrap())
        .message_attributes("raw", bytes.build().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(sent.md5_of_message_body.as_deref(), Some("fafb00f5732ab283681e124bf8747ed1"));
    let messages = world.services.queues().receive(QUEUE, 10).unwrap();
    assert_eq!(sent.message_id.as_deref(), Some(messages[0].message_id.as_str()));
    let raw = MessageAttribute::Binary { data_type: "Binary".into(), value: vec![7] };
    assert_eq!(messages[0].attributes["raw"], raw);

    let event = Queues::lambda_event(QUEUE, &messages);
    let record = &event.records[0];
    assert_eq!(record.body.as_deref(), Some("This is a test message"));
    assert_eq!(record.attributes["ApproximateReceiveCount"], "1");
    assert_eq!(record.attributes["SentTimestamp"], START.to_string());
    let attribute = &record.message_attributes["my_attribute"];
    assert_eq!(attribute.string_value.as_deref(), Some("my_value"));
    let arn = record.event_source_arn.as_deref();
    assert_eq!(arn, Some("arn:aws:sqs:local:000000000000:ordermill-reserve"));
    let again: aws_lambda_events::event::sqs::SqsEvent =
        serde_json::from_value(serde_json::to_value(&event).unwrap()).unwrap();
    assert_eq!(again, event);
}

#[tokio::test]
async fn the_sum_of_one_attribute_is_the_one_aws_documents() {
    let world = world();
    let value =
        MessageAttributeValue::builder().data_type("String").string_value("my_attribute_value_1");
    let sent = world
        .sqs
        .send_message()
        .queue_url(Queues::url(QUEUE))
        .message_body("x")
        .message_attributes("my_attribute_name_1", value.build().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(sent.md5_of_message_attributes.as_deref(), Some("8ef4d60dbc8efda9f260e1dfd09d29f3"));
}

#[tokio::test]
async fn a_batch_reports_each_entry_and_refuses_what_sqs_refuses() {
    let world = world();
    let batch = async |entries: Vec<SendMessageBatchRequestEntry>| {
        let request = world.sqs.send_message_batch().queue_url(Queues::url(QUEUE));
        let sent = request.set_entries(Some(entries)).send().await;
        sent.map_err(|error| error.into_service_error())
    };
    world.services.queues().refuse_entries(1);
    let sent = batch(vec![entry("1", "one"), entry("2", "two")]).await.unwrap();
    assert_eq!(sent.failed[0].id, "1");
    assert_eq!(sent.successful[0].id, "2");
    assert_eq!(received(world.services.queues(), QUEUE), [("two".to_owned(), 1)]);

    let twice = batch(vec![entry("1", "one"), entry("1", "two")]).await.unwrap_err();
    assert!(matches!(twice, SendMessageBatchError::BatchEntryIdsNotDistinct(_)), "{twice:?}");
    let many = (0..11).map(|number| entry(&number.to_string(), "x")).collect();
    let many = batch(many).await.unwrap_err();
    assert!(matches!(many, SendMessageBatchError::TooManyEntriesInBatchRequest(_)), "{many:?}");
    let long = batch(vec![entry("1", &"x".repeat(1_048_577))]).await.unwrap_err();
    assert!(matches!(long, SendMessageBatchError::BatchRequestTooLong(_)), "{long:?}");

    let lost = world.sqs.send_message().queue_url(Queues::url("nowhere")).message_body("x");
    let lost = lost.send().await.unwrap_err().into_service_error();
    assert!(lost.is_queue_does_not_exist(), "{lost:?}");
    let unserved = world.sqs.purge_queue().queue_url(Queues::url(QUEUE)).send().await;
    let unserved = unserved.unwrap_err().into_service_error();
    assert_eq!(unserved.code(), Some("AWS.SimpleQueueService.UnsupportedOperation"));
}

#[tokio::test]
async fn a_message_comes_again_exactly_when_its_visibility_ends() {
    let world = world();
    let queues = world.services.queues();
    send(queues, "a");
    assert_eq!(received(queues, QUEUE), [("a".to_owned(), 1)]);
    assert_eq!(queues.next_due(), Some(START + 30_000));
    world.clock.set(START + 29_999);
    assert_eq!(received(queues, QUEUE), []);
    world.clock.set(START + 30_000);
    assert_eq!(received(queues, QUEUE), [("a".to_owned(), 2)]);
}

#[tokio::test]
async fn a_message_received_too_often_waits_dead_until_it_is_stored_or_redriven() {
    let world = world();
    let queues = world.services.queues();
    queues.set_origin(Some(9));
    send(queues, "poison");
    queues.set_origin(None);
    let mut dead_woken = queues.woken(DEAD).unwrap();
    for _ in 0..2 {
        assert_eq!(received(queues, QUEUE).len(), 1);
        world.clock.advance(30_000);
    }
    assert_eq!(received(queues, QUEUE), []);
    assert!(dead_woken.has_changed().unwrap());
    dead_woken.borrow_and_update();
    assert_eq!(queues.counts(QUEUE).unwrap(), Counts { dead: 1, ..Counts::default() });

    assert_eq!(queues.redrive(QUEUE).unwrap(), 1);
    assert_eq!(received(queues, QUEUE), [("poison".to_owned(), 1)]);
    for _ in 0..2 {
        world.clock.advance(30_000);
        received(queues, QUEUE);
    }
    let dead = queues.receive(DEAD, 10).unwrap();
    assert_eq!(dead[0].died_in.as_deref(), Some(QUEUE));
    assert_eq!(queues.oldest_origin(), Some(9), "it is not stored yet");
    queues.delete(DEAD, &dead[0].receipt).unwrap();
    assert_eq!(queues.oldest_origin(), None);
    assert_eq!(queues.counts(QUEUE).unwrap(), Counts::default());
}

#[tokio::test]
async fn a_delayed_message_is_due_at_its_moment() {
    let world = world();
    let queues = world.services.queues();
    world
        .sqs
        .send_message()
        .queue_url(Queues::url(QUEUE))
        .message_body("later")
        .delay_seconds(900)
        .send()
        .await
        .unwrap();
    send(queues, "now");
    assert_eq!(
        queues.counts(QUEUE).unwrap(),
        Counts { visible: 1, delayed: 1, ..Counts::default() }
    );
    assert_eq!(queues.next_due(), Some(START + 900_000));
    world.clock.advance(900_000);
    assert_eq!(queues.next_due(), None);
    assert_eq!(received(queues, QUEUE), [("now".to_owned(), 1), ("later".to_owned(), 1)]);
    let long = world.sqs.send_message().queue_url(Queues::url(QUEUE)).message_body("x");
    assert!(long.delay_seconds(901).send().await.is_err());
}

#[tokio::test]
async fn a_void_receipt_neither_deletes_nor_releases() {
    let world = world();
    let queues = world.services.queues();
    send(queues, "a");
    let first = queues.receive(QUEUE, 1).unwrap().remove(0);
    world.clock.advance(30_000);
    let second = queues.receive(QUEUE, 1).unwrap().remove(0);
    assert_eq!(queues.delete(QUEUE, &first.receipt), Err(QueueError::BadReceipt));
    assert_eq!(queues.release(QUEUE, "nonsense", 0), Err(QueueError::BadReceipt));
    let change = world.sqs.change_message_visibility().queue_url(Queues::url(QUEUE));
    change.receipt_handle(&second.receipt).visibility_timeout(5).send().await.unwrap();
    assert_eq!(queues.next_due(), Some(START + 35_000));
    queues.release(QUEUE, &second.receipt, 0).unwrap();
    assert_eq!(queues.release(QUEUE, &second.receipt, 0), Err(QueueError::NotInFlight));
    assert_eq!(queues.counts(QUEUE).unwrap(), Counts { visible: 1, ..Counts::default() });
}

#[tokio::test]
async fn the_smallest_origin_is_that_of_what_is_not_deleted_and_a_kill_forgets_all() {
    let world = world();
    let queues = world.services.queues();
    for origin in [Some(4), Some(5), None, Some(5)] {
        queues.set_origin(origin);
        send(queues, "x");
    }
    let messages = queues.receive(QUEUE, 10).unwrap();
    assert_eq!(queues.oldest_origin(), Some(4));
    queues.delete(QUEUE, &messages[0].receipt).unwrap();
    queues.delete(QUEUE, &messages[1].receipt).unwrap();
    assert_eq!(queues.oldest_origin(), Some(5), "one of the two is left");
    queues.forget();
    assert_eq!(queues.oldest_origin(), None);
    assert_eq!(queues.counts(QUEUE).unwrap(), Counts::default());
}

#[tokio::test]
async fn attributes_tell_how_much_waits_and_how_long() {
    let world = world();
    let queues = world.services.queues();
    send(queues, "a");
    send(queues, "b");
    queues.receive(QUEUE, 1).unwrap();
    world.clock.advance(7_500);
    let ask = world.sqs.get_queue_attributes().queue_url(Queues::url(QUEUE));
    let answer = ask
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessages)
        .attribute_names(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
        .attribute_names(QueueAttributeName::from("ApproximateAgeOfOldestMessage"))
        .send()
        .await
        .unwrap()
        .attributes
        .unwrap();
    let get = |name: &str| answer[&QueueAttributeName::from(name)].as_str();
    assert_eq!(get("ApproximateNumberOfMessages"), "1");
    assert_eq!(get("ApproximateNumberOfMessagesNotVisible"), "1");
    assert_eq!(get("ApproximateAgeOfOldestMessage"), "7");
    assert_eq!(answer.len(), 3);
}

#[tokio::test]
async fn a_consumer_is_woken_by_a_message_and_by_a_release() {
    let world = world();
    let queues = world.services.queues();
    let mut woken = queues.woken(QUEUE).unwrap();
    woken.borrow_and_update();
    send(queues, "a");
    woken.changed().await.unwrap();
    let message = queues.receive(QUEUE, 1).unwrap().remove(0);
    assert!(!woken.has_changed().unwrap());
    queues.release(QUEUE, &message.receipt, 0).unwrap();
    assert!(woken.has_changed().unwrap());
}
