//! The change stream: reading, waiting, trimming, marks, and what a kill leaves.

use aws_lambda_events::event::dynamodb::EventRecord;
use ordermill_embedded::{Change, Execution, Place};

use crate::world::{Folder, START, TABLE, World, n, s};

#[tokio::test]
async fn every_change_is_a_record_with_both_images_in_order() {
    let world = World::temporary().await;
    world.put("A", 1).await;
    world.put("A", 2).await;
    let delete = world.dynamodb.delete_item().table_name(TABLE).key("pk", s("A"));
    delete.key("sk", s("HEAD")).send().await.unwrap();
    assert_eq!(world.changes(0), ["1 INSERT A 1", "2 MODIFY A 2", "3 REMOVE A 2"]);
    assert_eq!(world.changes(2), ["3 REMOVE A 2"]);
    let records = world.services.stream().read(1, 1).unwrap();
    let [record] = records.as_slice() else { panic!("the limit is 1") };
    assert_eq!(record.change, Change::Modify);
    assert_eq!(record.old_image.as_ref().unwrap()["version"]["N"], "1");
    assert_eq!(record.new_image.as_ref().unwrap()["version"]["N"], "2");
    assert_eq!(record.created_at_seconds, START / 1_000);
    assert_eq!(world.services.stream().waiting_since_seconds(1).unwrap(), Some(START / 1_000));
    assert_eq!(world.services.stream().waiting_since_seconds(3).unwrap(), None);
}

#[tokio::test]
async fn a_reader_of_some_rows_gets_every_record_and_only_their_images() {
    let world = World::temporary().await;
    world.put("A", 1).await;
    world.put("B", 1).await;
    let records = world.services.stream().read_naming(0, 10, &["B"]).unwrap();
    let images: Vec<(u64, bool)> =
        records.iter().map(|record| (record.sequence, record.new_image.is_some())).collect();
    assert_eq!(images, [(1, false), (2, true)]);
    assert_eq!(records[1], world.services.stream().read(1, 1).unwrap()[0]);
}

#[tokio::test]
async fn a_record_becomes_the_event_that_lambda_hands_over() {
    let world = World::temporary().await;
    world.put("A", 1).await;
    let record = &world.services.stream().read(0, 10).unwrap()[0];
    let event: EventRecord = record.to_event_record().unwrap();
    assert_eq!(event.event_name, "INSERT");
    assert_eq!(event.change.sequence_number.as_deref(), Some("000000000000000000001"));
    assert_eq!(event.change.approximate_creation_date_time.timestamp(), START / 1_000);
    let wire = serde_json::to_value(&event).unwrap();
    assert_eq!(wire["dynamodb"]["Keys"]["pk"]["S"], "A");
    assert_eq!(wire["dynamodb"]["NewImage"]["version"]["N"], "1");
    assert_eq!(wire["dynamodb"]["StreamViewType"], "NEW_AND_OLD_IMAGES");
    assert_eq!(wire["eventSource"], "aws:dynamodb");
}

#[tokio::test]
async fn trimming_keeps_the_newest_record_so_that_numbers_go_on() {
    let folder = Folder::new("trim");
    {
        let world = World::open(&folder.file(), Execution::Inline);
        world.create_table().await;
        for batch in 0..48 {
            world.put_batch(batch * 25, 25).await;
        }
        let stream = world.services.stream();
        assert_eq!(stream.trim(700).await.unwrap(), 700);
        assert_eq!((stream.oldest().unwrap(), stream.newest().unwrap()), (701, 1_200));
        assert_eq!(stream.trim(5_000).await.unwrap(), 499);
        assert_eq!((stream.oldest().unwrap(), stream.newest().unwrap()), (1_200, 1_200));
    }
    let world = World::open(&folder.file(), Execution::Inline);
    world.put("A", 7).await;
    assert_eq!(world.changes(1_200), ["1201 INSERT A 7"]);
}

#[tokio::test]
async fn a_reader_is_woken_by_a_write_and_not_by_a_refused_one() {
    let world = World::temporary().await;
    let mut written = world.services.stream().written();
    written.borrow_and_update();
    let refused = world.dynamodb.update_item().table_name(TABLE).key("pk", s("A"));
    let refused = refused.key("sk", s("HEAD")).condition_expression("attribute_exists(pk)");
    refused.send().await.unwrap_err();
    assert!(!written.has_changed().unwrap());
    world.put("A", 1).await;
    written.changed().await.unwrap();
    assert_eq!(world.services.stream().newest().unwrap(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_waiting_reader_sees_every_record_of_concurrent_writers() {
    let world = World::temporary_on(Execution::Thread).await;
    let stream = world.services.stream().clone();
    let reader = tokio::spawn(async move {
        let (mut seen, mut written) = (0, stream.written());
        while seen < 200 {
            written.borrow_and_update();
            let records = stream.read(seen, 50).unwrap();
            match records.last() {
                Some(last) => {
                    assert_eq!(records[0].sequence, seen + 1);
                    seen = last.sequence;
                }
                None => written.changed().await.unwrap(),
            }
        }
    });
    for number in 0..200 {
        world.put(&format!("O{number}"), 1).await;
    }
    reader.await.unwrap();
}

#[tokio::test]
async fn a_kill_loses_nothing_that_was_acknowledged() {
    let folder = Folder::new("kill");
    let world = World::open(&folder.file(), Execution::Thread);
    world.create_table().await;
    for number in 0..50 {
        world.put(&format!("O{number}"), 1).await;
    }
    let stream = world.services.stream();
    stream.set_mark("relay", 41).await.unwrap();
    stream.set_mark("relay", 42).await.unwrap();
    stream.set_mark("project", 7).await.unwrap();
    stream.set_setting("clock_offset_milliseconds", "-5000").await.unwrap();
    let killed = World::open(&folder.as_killed(), Execution::Inline);
    let stream = killed.services.stream();
    assert_eq!(killed.changes(0).len(), 50);
    assert_eq!(stream.get_mark("relay").unwrap(), Some(42));
    assert_eq!(stream.get_mark("project").unwrap(), Some(7));
    assert_eq!(stream.get_mark("nobody").unwrap(), None);
    let offset = stream.get_setting("clock_offset_milliseconds").unwrap();
    assert_eq!(offset.as_deref(), Some("-5000"));
    killed.put("next", 1).await;
    assert_eq!(killed.changes(50), ["51 INSERT next 1"]);
    killed.dynamodb.describe_table().table_name(TABLE).send().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_tool_beside_the_service_writes_the_same_row_without_losing_a_count() {
    let folder = Folder::new("beside");
    let owner = World::open(&folder.file(), Execution::Thread);
    owner.create_table().await;
    let Place::File(path) = folder.file() else { panic!("it is a file") };
    let tool = World::open(&Place::Beside(path), Execution::Thread);
    let count = async |world: &World| {
        for _ in 0..100 {
            let update = world.dynamodb.update_item().table_name(TABLE).key("pk", s("A"));
            let update = update.key("sk", s("HEAD")).update_expression("ADD version :one");
            update.expression_attribute_values(":one", n(1)).send().await.unwrap();
        }
    };
    tokio::join!(count(&owner), count(&tool));
    let changes = owner.changes(0);
    assert_eq!(changes.len(), 200);
    assert_eq!(changes[199], "200 MODIFY A 200");
    assert_eq!(tool.services.stream().newest().unwrap(), 200);
}
