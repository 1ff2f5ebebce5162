//! Measures the embedded services through the SDK: `cargo run --release -p ordermill-embedded
//! --example measure -- [folder] [operations]`. The figures in `dynamodb`'s head come from here.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a failure ends the measurement")]

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Region;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, KeysAndAttributes, Projection, ProjectionType, PutRequest, ScalarAttributeType,
    StreamSpecification, StreamViewType, TransactWriteItem, Update, WriteRequest,
};
use ordermill_embedded::{Execution, ManualClock, Place, Services};

const TABLE: &str = "ordermill-table";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| "/tmp/ordermill-measure".into());
    let operations = arguments.next().map_or(8_000, |text| text.parse().unwrap());
    println!("rows of 1.3 KB, three indexes, stream with both images; operations a second");
    for (execution, tasks) in [
        (Execution::Inline, 1),
        (Execution::Thread, 1),
        (Execution::Inline, 32),
        (Execution::Thread, 32),
    ] {
        let _ = std::fs::remove_dir_all(&folder);
        let place = Place::File(Path::new(&folder).join("table.db"));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(measure(&place, execution, tasks, operations));
    }
    let _ = std::fs::remove_dir_all(&folder);
}

async fn measure(place: &Place, execution: Execution, tasks: usize, operations: usize) {
    let clock = Arc::new(ManualClock::at(1_790_000_000_000));
    let services = Services::open(place, execution, clock).unwrap();
    let client = Client::from_conf(
        aws_sdk_dynamodb::Config::builder()
            .behavior_version_latest()
            .region(Region::new("local"))
            .credentials_provider(Credentials::new("key", "secret", None, None, "measure"))
            .http_client(services.http_client())
            .build(),
    );
    create_table(&client).await;
    print!("{execution:?} {tasks:>2}:");
    let mut slowest = Duration::ZERO;
    for (what, count) in [
        (What::Put, operations),
        (What::Update, operations),
        (What::Transaction, operations / 3),
        (What::Get, operations),
        (What::Query, operations / 2),
        (What::BatchGet, operations / 8),
        (What::BatchPut, operations / 50),
        (What::PutWithMarks, operations),
    ] {
        let begun = Instant::now();
        let marks = (what == What::PutWithMarks).then(|| tokio::spawn(marks(services.clone())));
        let running: Vec<_> = (0..tasks)
            .map(|task| {
                let client = client.clone();
                tokio::spawn(async move {
                    let mut slowest = Duration::ZERO;
                    for number in (task..count).step_by(tasks) {
                        let begun = Instant::now();
                        what.perform(&client, number, count).await;
                        slowest = slowest.max(begun.elapsed());
                    }
                    slowest
                })
            })
            .collect();
        for task in running {
            slowest = slowest.max(task.await.unwrap());
        }
        if let Some(marks) = marks {
            marks.abort();
        }
        print!(" {what:?} {:.0}", count as f64 / begun.elapsed().as_secs_f64());
    }
    let begun = Instant::now();
    let (mut seen, mut count) = (0, 0);
    loop {
        let records = services.stream().read(seen, 100).unwrap();
        let Some(last) = records.last() else { break };
        seen = last.sequence;
        count += records.len();
    }
    let read = count as f64 / begun.elapsed().as_secs_f64();
    let begun = Instant::now();
    let trimmed = services.stream().trim(seen).await.unwrap();
    let trim = trimmed as f64 / begun.elapsed().as_secs_f64();
    println!(" | stream read {read:.0} trim {trim:.0} records/s | slowest {slowest:?}");
}

/// Twenty marks a second.
async fn marks(services: Services) {
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    for position in 0.. {
        tick.tick().await;
        services.stream().set_mark("relay", position).await.unwrap();
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Put,
    Update,
    Transaction,
    Get,
    Query,
    BatchGet,
    BatchPut,
    PutWithMarks,
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: usize) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn pk(number: usize) -> AttributeValue {
    s(format!("S#main#O#{:026}", number * 7_919 % 1_000_003))
}

fn row(number: usize, sk: &str) -> HashMap<String, AttributeValue> {
    let mut row: HashMap<String, AttributeValue> = (0..20)
        .map(|field| (format!("field_{field}"), s(format!("value {field} of row {number:020}"))))
        .collect();
    row.insert("pk".into(), pk(number));
    row.insert("sk".into(), s(sk));
    row.insert("version".into(), n(1));
    for index in 0..3 {
        row.insert(format!("index_{index}_pk"), s(format!("W#{:02}", number % 16)));
        let due = format!("{:013}#{number:026}", number * 31_337 % 99_991);
        row.insert(format!("index_{index}_sk"), s(due));
    }
    row
}

impl What {
    async fn perform(self, client: &Client, number: usize, count: usize) {
        match self {
            Self::Put | Self::PutWithMarks => {
                let row = row(number, if self == Self::Put { "HEAD" } else { "NEXT" });
                let put = client.put_item().table_name(TABLE).set_item(Some(row));
                put.condition_expression("attribute_not_exists(pk)").send().await.unwrap();
            }
            Self::Update => {
                let update = client.update_item().table_name(TABLE).key("pk", pk(number));
                let update = update
                    .key("sk", s("HEAD"))
                    .update_expression("SET version = version + :one, index_0_sk = :due")
                    .condition_expression("version = :one")
                    .expression_attribute_values(":one", n(1))
                    .expression_attribute_values(":due", s(format!("{number:013}")));
                update.send().await.unwrap();
            }
            Self::Transaction => {
                let update = |key: AttributeValue| {
                    let update = Update::builder()
                        .table_name(TABLE)
                        .key("pk", key)
                        .key("sk", s("HEAD"))
                        .update_expression("SET version = if_not_exists(version, :one) + :one")
                        .expression_attribute_values(":one", n(1));
                    TransactWriteItem::builder().update(update.build().unwrap()).build()
                };
                let mut items: Vec<_> =
                    (0..3).map(|step| update(pk((number + step * count / 3) % count))).collect();
                items.push(update(s(format!("STOCK#{}", number % 7))));
                client.transact_write_items().set_transact_items(Some(items)).send().await.unwrap();
            }
            Self::Get => {
                let get = client.get_item().table_name(TABLE).key("pk", pk(number));
                let got = get.key("sk", s("HEAD")).consistent_read(true).send().await.unwrap();
                assert!(got.item.is_some());
            }
            Self::Query => {
                let query = client.query().table_name(TABLE).index_name("index_0").limit(20);
                let query = query.key_condition_expression("index_0_pk = :p");
                let p = s(format!("W#{:02}", number % 16));
                query.expression_attribute_values(":p", p).send().await.unwrap();
            }
            Self::BatchGet => {
                let mut keys = KeysAndAttributes::builder().consistent_read(true);
                for step in 0..20 {
                    let key = pk((number + step * count / 20) % count);
                    keys = keys.keys([("pk".into(), key), ("sk".into(), s("HEAD"))].into());
                }
                let keys = keys.build().unwrap();
                client.batch_get_item().request_items(TABLE, keys).send().await.unwrap();
            }
            Self::BatchPut => {
                let puts = (0..25).map(|step| {
                    let row = row(number, &format!("H#{step:03}"));
                    let put = PutRequest::builder().set_item(Some(row)).build().unwrap();
                    WriteRequest::builder().put_request(put).build()
                });
                let batch = client.batch_write_item().request_items(TABLE, puts.collect());
                batch.send().await.unwrap();
            }
        }
    }
}

async fn create_table(client: &Client) {
    let key = |name: &str, kind: KeyType| {
        KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
    };
    let attribute = |name: &str| {
        AttributeDefinition::builder()
            .attribute_name(name)
            .attribute_type(ScalarAttributeType::S)
            .build()
            .unwrap()
    };
    let stream = StreamSpecification::builder()
        .stream_enabled(true)
        .stream_view_type(StreamViewType::NewAndOldImages);
    let mut table = client
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .attribute_definitions(attribute("pk"))
        .attribute_definitions(attribute("sk"))
        .stream_specification(stream.build().unwrap());
    for index in 0..3 {
        let (pk, sk) = (format!("index_{index}_pk"), format!("index_{index}_sk"));
        table = table
            .attribute_definitions(attribute(&pk))
            .attribute_definitions(attribute(&sk))
            .global_secondary_indexes(
                GlobalSecondaryIndex::builder()
                    .index_name(format!("index_{index}"))
                    .key_schema(key(&pk, KeyType::Hash))
                    .key_schema(key(&sk, KeyType::Range))
                    .projection(
                        Projection::builder().projection_type(ProjectionType::KeysOnly).build(),
                    )
                    .build()
                    .unwrap(),
            );
    }
    table.send().await.unwrap();
}
