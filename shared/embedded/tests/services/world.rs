//! What the tests share: services, clients, a table.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement,
    KeyType, Projection, ProjectionType, PutRequest, ScalarAttributeType, StreamSpecification,
    StreamViewType, WriteRequest,
};
use ordermill_embedded::{Execution, Interceptor, ManualClock, Place, Services};

/// The table of the tests.
pub const TABLE: &str = "ordermill-table";

/// The moment at which the tests begin.
pub const START: i64 = 1_790_000_000_000;

/// Services with their clock and clients.
pub struct World {
    pub services: Services,
    pub clock: Arc<ManualClock>,
    pub dynamodb: aws_sdk_dynamodb::Client,
    pub sqs: aws_sdk_sqs::Client,
    pub ses: aws_sdk_sesv2::Client,
    pub sns: aws_sdk_sns::Client,
}

macro_rules! client {
    ($sdk:ident, $http:expr) => {
        $sdk::Client::from_conf(
            $sdk::Config::builder()
                .behavior_version_latest()
                .region($sdk::config::Region::new("local"))
                .credentials_provider(Credentials::new("key", "secret", None, None, "test"))
                .retry_config($sdk::config::retry::RetryConfig::disabled())
                .http_client($http)
                .build(),
        )
    };
}

impl World {
    pub fn open(place: &Place, execution: Execution) -> Self {
        Self::open_with(place, execution, None)
    }

    pub fn open_with(
        place: &Place,
        execution: Execution,
        interceptor: Option<Arc<dyn Interceptor>>,
    ) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let services = Services::open(place, execution, Arc::clone(&clock) as _).unwrap();
        let http = match interceptor {
            Some(interceptor) => services.http_client_with(interceptor),
            None => services.http_client(),
        };
        Self {
            dynamodb: client!(aws_sdk_dynamodb, http.clone()),
            sqs: client!(aws_sdk_sqs, http.clone()),
            ses: client!(aws_sdk_sesv2, http.clone()),
            sns: client!(aws_sdk_sns, http),
            services,
            clock,
        }
    }

    pub async fn temporary() -> Self {
        Self::temporary_on(Execution::Inline).await
    }

    pub async fn temporary_on(execution: Execution) -> Self {
        let world = Self::open(&Place::Temporary, execution);
        world.create_table().await;
        world
    }

    pub async fn intercepted(interceptor: Arc<dyn Interceptor>) -> Self {
        Self::open_with(&Place::Temporary, Execution::Inline, Some(interceptor))
    }

    pub async fn create_table(&self) {
        let attribute = |name: &str| {
            AttributeDefinition::builder()
                .attribute_name(name)
                .attribute_type(ScalarAttributeType::S)
                .build()
                .unwrap()
        };
        let key = |name: &str, kind: KeyType| {
            KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap()
        };
        let index = GlobalSecondaryIndex::builder()
            .index_name("worklist")
            .key_schema(key("work", KeyType::Hash))
            .key_schema(key("due", KeyType::Range))
            .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
            .build()
            .unwrap();
        let stream = StreamSpecification::builder()
            .stream_enabled(true)
            .stream_view_type(StreamViewType::NewAndOldImages)
            .build()
            .unwrap();
        self.dynamodb
            .create_table()
            .table_name(TABLE)
            .billing_mode(BillingMode::PayPerRequest)
            .set_attribute_definitions(Some(["pk", "sk", "work", "due"].map(attribute).into()))
            .key_schema(key("pk", KeyType::Hash))
            .key_schema(key("sk", KeyType::Range))
            .global_secondary_indexes(index)
            .stream_specification(stream)
            .send()
            .await
            .unwrap();
    }

    pub async fn put(&self, pk: &str, version: u32) {
        self.dynamodb
            .put_item()
            .table_name(TABLE)
            .set_item(Some(row(pk, version)))
            .send()
            .await
            .unwrap();
    }

    pub async fn put_batch(&self, first: u32, count: u32) {
        let puts = (first..first + count).map(|number| {
            let put = PutRequest::builder().set_item(Some(row(&format!("O{number:05}"), number)));
            WriteRequest::builder().put_request(put.build().unwrap()).build()
        });
        let batch = self.dynamodb.batch_write_item().request_items(TABLE, puts.collect());
        batch.send().await.unwrap();
    }

    /// The stream as text, one line per record.
    pub fn changes(&self, after: u64) -> Vec<String> {
        self.services
            .stream()
            .read(after, 1_000)
            .unwrap()
            .iter()
            .map(|record| {
                let image = record.new_image.as_ref().or(record.old_image.as_ref()).unwrap();
                let version = image["version"]["N"].as_str().unwrap_or("-");
                let pk = record.keys["pk"]["S"].as_str().unwrap();
                format!("{} {} {pk} {version}", record.sequence, record.change.name())
            })
            .collect()
    }
}

pub fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

pub fn n(number: u32) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

pub fn row(pk: &str, version: u32) -> HashMap<String, AttributeValue> {
    [("pk", s(pk)), ("sk", s("HEAD")), ("version", n(version))]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// A folder of one test, removed with it.
pub struct Folder(pub std::path::PathBuf);

impl Folder {
    pub fn new(name: &str) -> Self {
        let path = std::env::temp_dir()
            .join(format!("embedded-services-test-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn file(&self) -> Place {
        Place::File(self.0.join("data/table.db"))
    }

    /// The place as a kill would leave it now: what the system was given, without a shutdown.
    pub fn as_killed(&self) -> Place {
        let copy = self.0.join("killed");
        std::fs::create_dir_all(&copy).unwrap();
        for name in ["table.db", "table.db-wal"] {
            let from = self.0.join("data").join(name);
            if Path::new(&from).exists() {
                std::fs::copy(from, copy.join(name)).unwrap();
            }
        }
        Place::File(copy.join("table.db"))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
