//! Validate: looks for everything that can be known to be wrong with an order.
//!
//! In: the `validate` queue, [`OrderPointer`]. Out: nothing but the table.
//! Rules: `shared/domain/src/validation.rs`, `decide/taking_in.rs`. Wiring: `main.rs`.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::decide::Command;
use ordermill_runtime::queues::OrderPointer;
use ordermill_runtime::step::{Wish, on_order};
use ordermill_runtime::validating::validation_facts;
use ordermill_runtime::{Failure, Queue, Runtime, StepResult, batch};

/// Validates the orders of a batch, each by itself.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    batch::each(Queue::Validate, event, |pointer: OrderPointer| validate(runtime, pointer)).await
}

async fn validate(runtime: &Runtime, pointer: OrderPointer) -> StepResult<()> {
    on_order(runtime, &pointer.order, |partition, _| async move {
        let facts = validation_facts(runtime, &partition.stored.order).await?;
        Ok(Wish { commands: vec![Command::Validate], facts, ..Wish::default() })
    })
    .await?
    .map_err(|rejection| Failure::permanent(rejection.to_string()))?;
    Ok(())
}
