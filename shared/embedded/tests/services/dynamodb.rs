//! The table: typed errors, transactions, indexes, batches, concurrency.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, DeleteRequest, Get, KeysAndAttributes, Put, PutRequest,
    ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TimeToLiveSpecification,
    TransactGetItem, TransactWriteItem, Update, WriteRequest,
};
use ordermill_embedded::Execution;

use crate::world::{START, TABLE, World, n, row, s};

fn put(pk: &str, version: u32) -> TransactWriteItem {
    let put = Put::builder().table_name(TABLE).set_item(Some(row(pk, version))).build().unwrap();
    TransactWriteItem::builder().put(put).build()
}

fn bump(pk: &str) -> TransactWriteItem {
    let update = Update::builder()
        .table_name(TABLE)
        .key("pk", s(pk))
        .key("sk", s("HEAD"))
        .update_expression("SET version = if_not_exists(version, :none) + :one")
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":none", n(0))
        .build()
        .unwrap();
    TransactWriteItem::builder().update(update).build()
}

async fn version(world: &World, pk: &str) -> Option<String> {
    let answer = world
        .dynamodb
        .get_item()
        .table_name(TABLE)
        .key("pk", s(pk))
        .key("sk", s("HEAD"))
        .consistent_read(true)
        .send()
        .await
        .unwrap();
    Some(answer.item?.get("version")?.as_n().unwrap().clone())
}

#[tokio::test]
async fn a_failed_condition_is_a_typed_error_with_the_old_row() {
    let world = World::temporary().await;
    world.put("A", 1).await;
    let error = world
        .dynamodb
        .put_item()
        .table_name(TABLE)
        .set_item(Some(row("A", 2)))
        .condition_expression("attribute_not_exists(pk)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let PutItemError::ConditionalCheckFailedException(failed) = error else {
        panic!("{error:?}");
    };
    assert_eq!(failed.item.unwrap()["version"], n(1));
    assert_eq!(version(&world, "A").await.as_deref(), Some("1"));
}

#[tokio::test]
async fn an_unknown_table_is_a_typed_error_and_a_bad_request_a_validation() {
    let world = World::temporary().await;
    let lost = world.dynamodb.put_item().table_name("ordermill-nowhere");
    let error = lost.set_item(Some(row("A", 1))).send().await.unwrap_err().into_service_error();
    assert!(error.is_resource_not_found_exception(), "{error:?}");
    let bad = world.dynamodb.query().table_name(TABLE).key_condition_expression("pk =");
    let error = bad.send().await.unwrap_err().into_service_error();
    assert_eq!(error.code(), Some("ValidationException"));
}

#[tokio::test]
async fn a_cancelled_transaction_names_each_action_and_writes_nothing() {
    let world = World::temporary().await;
    world.put("B", 5).await;
    let check = ConditionCheck::builder()
        .table_name(TABLE)
        .key("pk", s("B"))
        .key("sk", s("HEAD"))
        .condition_expression("version = :six")
        .expression_attribute_values(":six", n(6))
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
        .build()
        .unwrap();
    let error = world
        .dynamodb
        .transact_write_items()
        .transact_items(put("A", 1))
        .transact_items(TransactWriteItem::builder().condition_check(check).build())
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = error else {
        panic!("{error:?}");
    };
    let reasons = cancelled.cancellation_reasons.unwrap();
    let codes: Vec<_> = reasons.iter().map(|reason| reason.code.as_deref().unwrap()).collect();
    assert_eq!(codes, ["None", "ConditionalCheckFailed"]);
    assert_eq!(reasons[1].item.as_ref().unwrap()["version"], n(5));
    assert_eq!(version(&world, "A").await, None);
    assert_eq!(world.changes(0), ["1 INSERT B 5"], "the cancelled write left no record");
}

#[tokio::test]
async fn a_repeated_token_is_applied_once_for_ten_minutes_and_refused_for_other_content() {
    let world = World::temporary().await;
    let send = async |item| {
        let request = world.dynamodb.transact_write_items().client_request_token("once");
        request.transact_items(item).send().await.map_err(|error| error.into_service_error())
    };
    send(bump("A")).await.unwrap();
    send(bump("A")).await.unwrap();
    assert_eq!(version(&world, "A").await.as_deref(), Some("1"));
    let error = send(bump("B")).await.unwrap_err();
    assert!(error.is_idempotent_parameter_mismatch_exception(), "{error:?}");
    world.clock.advance(600_000);
    send(bump("A")).await.unwrap();
    assert_eq!(version(&world, "A").await.as_deref(), Some("2"));
}

#[tokio::test]
async fn an_index_is_sparse_ordered_and_paged() {
    let world = World::temporary().await;
    for number in 0..7 {
        let mut item = row(&format!("O{number}"), 1);
        if number != 3 {
            item.insert("work".into(), s("W#1"));
            item.insert("due".into(), s(format!("{:013}", 100 - number)));
        }
        world.dynamodb.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
    }
    let mut pages = world
        .dynamodb
        .query()
        .table_name(TABLE)
        .index_name("worklist")
        .key_condition_expression("#w = :w AND due <= :d")
        .expression_attribute_names("#w", "work")
        .expression_attribute_values(":w", s("W#1"))
        .expression_attribute_values(":d", s(format!("{:013}", 99)))
        .limit(2)
        .into_paginator()
        .send();
    let mut found = Vec::new();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        count += 1;
        for item in page.unwrap().items.unwrap() {
            assert!(!item.contains_key("version"), "the index has only keys");
            found.push(item["pk"].as_s().unwrap().clone());
        }
    }
    assert_eq!(found, ["O6", "O5", "O4", "O2", "O1"]);
    assert!(count >= 3);
}

#[tokio::test]
async fn batches_write_and_read_many_rows() {
    let world = World::temporary().await;
    let mut writes: Vec<_> = (0..24)
        .map(|number| {
            let put = PutRequest::builder().set_item(Some(row(&format!("O{number:02}"), number)));
            WriteRequest::builder().put_request(put.build().unwrap()).build()
        })
        .collect();
    world.put("gone", 1).await;
    let gone = DeleteRequest::builder().key("pk", s("gone")).key("sk", s("HEAD")).build().unwrap();
    writes.push(WriteRequest::builder().delete_request(gone).build());
    let answer = world
        .dynamodb
        .batch_write_item()
        .request_items(TABLE, writes.clone())
        .send()
        .await
        .unwrap();
    assert!(answer.unprocessed_items.unwrap_or_default().is_empty());
    assert_eq!(world.changes(1).len(), 25);
    let measured = world
        .dynamodb
        .batch_write_item()
        .request_items(TABLE, writes.clone())
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send()
        .await
        .unwrap();
    let units: f64 = measured.consumed_capacity.unwrap()[0].capacity_units.unwrap();
    assert!((25.0..=26.0).contains(&units), "{units} units are those of single writes");

    let mut keys = KeysAndAttributes::builder().consistent_read(true);
    for number in [3, 7, 99] {
        let pk = s(format!("O{number:02}"));
        keys = keys.keys([("pk".into(), pk), ("sk".into(), s("HEAD"))].into());
    }
    let read =
        world.dynamodb.batch_get_item().request_items(TABLE, keys.build().unwrap()).send().await;
    assert_eq!(read.unwrap().responses.unwrap()[TABLE].len(), 2);

    writes.push(writes[0].clone());
    let error = world.dynamodb.batch_write_item().request_items(TABLE, writes).send().await;
    assert_eq!(error.unwrap_err().into_service_error().code(), Some("ValidationException"));
}

#[tokio::test]
async fn a_scan_pages_through_all_and_a_transaction_reads_together() {
    let world = World::temporary().await;
    for number in 0..20 {
        world.put(&format!("O{number:02}"), number).await;
    }
    let scan = world.dynamodb.scan().table_name(TABLE).limit(6).into_paginator().items().send();
    assert_eq!(scan.collect::<Result<Vec<_>, _>>().await.unwrap().len(), 20);
    let get = |pk: &str| {
        let get = Get::builder().table_name(TABLE).key("pk", s(pk)).key("sk", s("HEAD"));
        TransactGetItem::builder().get(get.build().unwrap()).build()
    };
    let read = world.dynamodb.transact_get_items();
    let read = read.transact_items(get("O03")).transact_items(get("none")).send().await.unwrap();
    let items: Vec<_> = read.responses.unwrap().into_iter().map(|one| one.item).collect();
    assert_eq!(items[0].as_ref().unwrap()["version"], n(3));
    assert!(items[1].as_ref().is_none_or(|item| item.is_empty()));
}

#[tokio::test]
async fn what_has_expired_goes_when_it_is_swept_by_the_given_clock() {
    let world = World::temporary().await;
    let specification =
        TimeToLiveSpecification::builder().enabled(true).attribute_name("ttl").build().unwrap();
    let ttl = world.dynamodb.update_time_to_live().table_name(TABLE);
    ttl.time_to_live_specification(specification).send().await.unwrap();
    let mut item = row("A", 1);
    item.insert("ttl".into(), AttributeValue::N((START / 1_000 + 60).to_string()));
    world.dynamodb.put_item().table_name(TABLE).set_item(Some(item)).send().await.unwrap();
    assert_eq!(world.services.sweep_ttl().await.unwrap(), 0);
    world.clock.advance(61_000);
    assert_eq!(world.services.sweep_ttl().await.unwrap(), 1);
    let removed = world.services.stream().read(1, 10).unwrap();
    assert_eq!(world.changes(1), ["2 REMOVE A 1"]);
    assert_eq!(removed[0].created_at_seconds, START / 1_000 + 61);
    assert_eq!(removed[0].user_identity.as_ref().unwrap()["principalId"], "dynamodb.amazonaws.com");
    let table = world.dynamodb.describe_table().table_name(TABLE).send().await.unwrap();
    assert_eq!(table.table.unwrap().table_name.as_deref(), Some(TABLE));
}

async fn thirty_two_tasks(execution: Execution) {
    let world = World::temporary_on(execution).await;
    let tasks: Vec<_> = (0..32)
        .map(|task| {
            let client = world.dynamodb.clone();
            tokio::spawn(async move {
                for round in 0..10 {
                    let own = format!("T{task:02}-{round}");
                    let request = client.transact_write_items().transact_items(bump("HOT"));
                    request.transact_items(put(&own, round)).send().await.unwrap();
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(version(&world, "HOT").await.as_deref(), Some("320"));
    let records = world.services.stream().read(0, 1_000).unwrap();
    let numbers: Vec<u64> = records.iter().map(|record| record.sequence).collect();
    assert_eq!(numbers, (1..=640).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_tasks_lose_nothing_on_the_database_thread() {
    thirty_two_tasks(Execution::Thread).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn thirty_two_tasks_lose_nothing_inline() {
    thirty_two_tasks(Execution::Inline).await;
}
