//! Making the table where there is none (single-process run, tests). On AWS the template does.

use crate::Table;
use crate::error::{TableError, classify};
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection,
    ProjectionType, ScalarAttributeType, StreamSpecification, StreamViewType,
};

/// What is owed, by shard and moment.
pub const WORKLIST: &str = "worklist";
/// What belongs to somebody, and lists of a kind.
pub const OWNER: &str = "owner";
/// Orders by the month they were taken in.
pub const MONTH: &str = "month";

/// The indexes: name, partition attribute, sort attribute. Keys only.
pub const INDEXES: [(&str, &str, &str); 3] =
    [(WORKLIST, "wp", "wd"), (OWNER, "op", "oc"), (MONTH, "mp", "mc")];

fn built<T>(made: Result<T, aws_sdk_dynamodb::error::BuildError>) -> Result<T, TableError> {
    made.map_err(|error| TableError::Broken(error.to_string()))
}

fn key_schema(pk: &str, sk: &str) -> Result<Vec<KeySchemaElement>, TableError> {
    let element = |name: &str, kind: KeyType| {
        built(KeySchemaElement::builder().attribute_name(name).key_type(kind).build())
    };
    Ok(vec![element(pk, KeyType::Hash)?, element(sk, KeyType::Range)?])
}

impl Table {
    /// Makes the table with its indexes and its stream, if it is not there.
    ///
    /// # Errors
    /// The table cannot be reached.
    pub async fn create_if_absent(&self) -> Result<(), TableError> {
        let known = self.client().describe_table().table_name(self.name()).send().await;
        match known {
            Ok(_) => return Ok(()),
            Err(error) => {
                let absent =
                    error.as_service_error().is_some_and(|e| e.is_resource_not_found_exception());
                if !absent {
                    return Err(classify(error));
                }
            }
        }
        let mut create = self
            .client()
            .create_table()
            .table_name(self.name())
            .billing_mode(BillingMode::PayPerRequest)
            .set_key_schema(Some(key_schema("pk", "sk")?))
            .stream_specification(built(
                StreamSpecification::builder()
                    .stream_enabled(true)
                    .stream_view_type(StreamViewType::NewAndOldImages)
                    .build(),
            )?);
        let mut attributes = vec!["pk", "sk"];
        for (name, partition, sort) in INDEXES {
            attributes.extend([partition, sort]);
            let keys_only = Projection::builder().projection_type(ProjectionType::KeysOnly).build();
            create = create.global_secondary_indexes(built(
                GlobalSecondaryIndex::builder()
                    .index_name(name)
                    .set_key_schema(Some(key_schema(partition, sort)?))
                    .projection(keys_only)
                    .build(),
            )?);
        }
        for name in attributes {
            create = create.attribute_definitions(built(
                AttributeDefinition::builder()
                    .attribute_name(name)
                    .attribute_type(ScalarAttributeType::S)
                    .build(),
            )?);
        }
        create.send().await.map_err(classify)?;
        Ok(())
    }
}
