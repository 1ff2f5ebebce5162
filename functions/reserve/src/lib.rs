//! Reserve: finds stock for validated orders, many orders in one transaction; also the next part
//! of large reservations, releases and shipments.
//!
//! In: the `reserve` queue, [`OrderPointer`]. Out: nothing but the table.
//! Rules: `shared/domain/src/decide/supply.rs`, `stock/plan.rs`, `stock/group.rs`. Wiring: `main.rs`.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::decide::Command;
use ordermill_runtime::queues::OrderPointer;
use ordermill_runtime::reservation::{Asked, reserve_all};
use ordermill_runtime::{Queue, Runtime, batch};

/// Reserves the orders of a batch together.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let parsed = batch::parse::<OrderPointer>(Queue::Reserve, event, &mut response);
    let asked = parsed
        .iter()
        .map(|one| Asked { order: one.message.order.clone(), command: Command::Reserve })
        .collect();
    let failures = reserve_all(runtime, asked).await;
    for one in &parsed {
        if let Some(failure) = failures.get(&one.message.order) {
            batch::failed(Queue::Reserve, &one.id, failure, &mut response);
        }
    }
    response
}
