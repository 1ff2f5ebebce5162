//! The interceptor: counting, substitute answers, lost answers, crashes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_dynamodb::error::SdkError;
use ordermill_embedded::{
    After, Before, Call, Interceptor, Message, QueueDefinition, Queues, Response, Verdict,
};

use crate::world::{TABLE, World, row};

/// Counts requests, and does once what it was told.
#[derive(Default)]
struct Script {
    counts: Mutex<BTreeMap<String, usize>>,
    before: Mutex<Option<Before>>,
    after: Mutex<Option<After>>,
}

impl Interceptor for Script {
    fn before<'a>(&'a self, call: &'a Call<'a>) -> Verdict<'a, Before> {
        Box::pin(async move {
            let name = format!("{}.{}", call.service.name(), call.operation);
            *self.counts.lock().unwrap().entry(name).or_default() += 1;
            if call.operation != "PutItem" {
                return Before::Proceed;
            }
            tokio::task::yield_now().await;
            self.before.lock().unwrap().take().unwrap_or(Before::Proceed)
        })
    }

    fn after<'a>(&'a self, call: &'a Call<'a>, response: &'a Response) -> Verdict<'a, After> {
        assert!(response.is_success());
        let verdict = (call.operation == "PutItem").then(|| self.after.lock().unwrap().take());
        Box::pin(std::future::ready(verdict.flatten().unwrap_or(After::Deliver)))
    }
}

async fn world() -> (World, Arc<Script>) {
    let script = Arc::new(Script::default());
    let world = World::intercepted(Arc::clone(&script) as _).await;
    world.create_table().await;
    (world, script)
}

fn put(world: &World) -> aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder {
    world.dynamodb.put_item().table_name(TABLE).set_item(Some(row("A", 1)))
}

#[tokio::test]
async fn requests_are_counted_by_service_and_operation() {
    let (world, script) = world().await;
    world.put("A", 1).await;
    world.services.queues().define(QueueDefinition::new("queue", 1));
    world.services.queues().send("queue", Message::default()).unwrap();
    let send = world.sqs.send_message().queue_url(Queues::url("queue")).message_body("x");
    send.send().await.unwrap();
    world.sns.publish().phone_number("+49").message("x").send().await.unwrap();
    let counts = script.counts.lock().unwrap();
    let text: Vec<_> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    let expected =
        ["dynamodb.CreateTable 1", "dynamodb.PutItem 1", "sns.Publish 1", "sqs.SendMessage 1"];
    assert_eq!(text, expected);
}

#[tokio::test]
async fn a_substitute_answer_is_a_typed_error_and_nothing_is_applied() {
    let (world, script) = world().await;
    *script.before.lock().unwrap() = Some(Before::Answer(Response::throttled()));
    let error = put(&world).send().await.unwrap_err().into_service_error();
    assert!(error.is_provisioned_throughput_exceeded_exception(), "{error:?}");
    *script.before.lock().unwrap() = Some(Before::Answer(Response::transaction_conflict()));
    let error = put(&world).send().await.unwrap_err().into_service_error();
    assert!(error.is_transaction_conflict_exception(), "{error:?}");
    assert!(world.changes(0).is_empty());
}

struct Conflict;

impl Interceptor for Conflict {
    fn before<'a>(&'a self, call: &'a Call<'a>) -> Verdict<'a, Before> {
        let conflict = Response::transaction_cancelled(&["None", "TransactionConflict"]);
        Box::pin(std::future::ready(match call.operation {
            "TransactWriteItems" => Before::Answer(conflict),
            _ => Before::Proceed,
        }))
    }
}

#[tokio::test]
async fn an_injected_conflict_carries_its_reasons() {
    let world = World::intercepted(Arc::new(Conflict)).await;
    world.create_table().await;
    let error = world.dynamodb.transact_write_items().set_transact_items(Some(vec![]));
    let error = error.send().await.unwrap_err().into_service_error();
    let reasons = match error {
        aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError
            ::TransactionCanceledException(cancelled) => cancelled.cancellation_reasons.unwrap(),
        other => panic!("{other:?}"),
    };
    assert_eq!(reasons[1].code.as_deref(), Some("TransactionConflict"));
}

#[tokio::test]
async fn a_lost_answer_is_a_timeout_although_the_write_was_applied() {
    let (world, script) = world().await;
    *script.before.lock().unwrap() = Some(Before::TimeOut);
    let lost = put(&world).send().await.unwrap_err();
    assert!(matches!(&lost, SdkError::DispatchFailure(why) if why.is_timeout()), "{lost:?}");
    assert!(world.changes(0).is_empty());
    *script.after.lock().unwrap() = Some(After::TimeOut);
    let lost = put(&world).send().await.unwrap_err();
    assert!(matches!(&lost, SdkError::DispatchFailure(why) if why.is_timeout()), "{lost:?}");
    assert_eq!(world.changes(0), ["1 INSERT A 1"]);
}

#[tokio::test]
async fn a_crash_never_answers_before_or_after_the_write() {
    let (world, script) = world().await;
    *script.before.lock().unwrap() = Some(Before::Never);
    let crashed = async || {
        let mut request = std::pin::pin!(put(&world).send());
        for _ in 0..10 {
            tokio::select! {
                biased;
                _ = &mut request => panic!("it was answered"),
                () = tokio::task::yield_now() => {}
            }
        }
    };
    crashed().await;
    assert!(world.changes(0).is_empty());
    *script.after.lock().unwrap() = Some(After::Never);
    crashed().await;
    assert_eq!(world.changes(0), ["1 INSERT A 1"]);
}
