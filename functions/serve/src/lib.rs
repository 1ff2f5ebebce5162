//! Serve: gives goods that came in to those who wait for them, first come first; and tells people
//! of goods that are promised and missing.
//!
//! In: the `serve` queue, [`SkuPointer`]. Out: nothing but the table.
//! Rules: `shared/domain/src/decide/supply.rs`, `decide/shortage.rs`. Wiring: `main.rs`.

mod shortage;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::decide::Command;
use ordermill_domain::quantity::Quantity;
use ordermill_domain::time::Seconds;
use ordermill_runtime::queues::SkuPointer;
use ordermill_runtime::reservation::{Asked, reserve_all};
use ordermill_runtime::{Queue, Runtime, StepResult, batch};
use ordermill_table::TableError;
use ordermill_table::rows::stock::Waiting;
use std::collections::BTreeSet;

/// How many who wait are looked at together.
const TURNS_AT_ONCE: usize = 40;
/// So many at most, where the first of them cannot be served and the goods lie there.
const TURNS_MAX: usize = 640;
/// How many rounds one message may take; what is left is found by the status' own limit.
const ROUNDS_MAX: usize = 50;
/// The longest one SKU is served; then the message comes again. Less than a function has.
const SERVED_LIMIT: Seconds = Seconds(8);

/// Serves the SKUs of a batch, one after another.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    let mut response = SqsBatchResponse::default();
    let mut served: BTreeSet<String> = BTreeSet::new();
    for one in batch::parse::<SkuPointer>(Queue::Serve, event, &mut response) {
        if !served.insert(one.message.sku.clone()) {
            continue;
        }
        let sku = &one.message.sku;
        // Who waits does not wait for what is missing elsewhere to be told.
        let served = serve(runtime, sku).await;
        let told = tell_of_missing(runtime, sku).await;
        if let Err(failure) = served.and(told) {
            batch::failed(Queue::Serve, &one.id, &failure, &mut response);
        }
    }
    response
}

async fn tell_of_missing(runtime: &Runtime, sku: &str) -> StepResult<()> {
    for line in runtime.table.stock_lines(sku).await? {
        shortage::tell(runtime, &line).await?;
    }
    Ok(())
}

/// Serves those who wait in the order of their turns, until the goods are given out. Nobody is
/// jumped: what the first cannot be given yet is kept for it, and only the rest goes to those behind.
async fn serve(runtime: &Runtime, sku: &str) -> StepResult<()> {
    let until = runtime.clock.now().plus(SERVED_LIMIT);
    let mut turns = TURNS_AT_ONCE;
    for _ in 0..ROUNDS_MAX {
        let waiting = runtime.table.waiting(sku, None, turns).await?;
        let lines = runtime.table.stock_lines(sku).await?;
        let there = lines.iter().any(|l| l.line.available().is_positive());
        if waiting.is_empty() || !there {
            return Ok(());
        }
        let asked = waiting
            .iter()
            .map(|turn| Asked {
                order: turn.order_id.clone(),
                command: Command::Serve { sku: sku.to_owned() },
            })
            .collect();
        let failures = reserve_all(runtime, asked).await;
        if let Some((_, failure)) = failures.into_iter().next() {
            return Err(failure);
        }
        let after = runtime.table.waiting(sku, None, turns).await?;
        let who = |turns: &[Waiting]| -> Vec<(String, Quantity)> {
            turns.iter().map(|turn| (turn.order_id.clone(), turn.quantity)).collect()
        };
        if who(&after) == who(&waiting) {
            // They wait for something else as well, or are held. Behind them others may wait.
            if waiting.len() < turns || turns >= TURNS_MAX {
                return Ok(());
            }
            turns = turns.saturating_mul(2);
        }
        if runtime.clock.now() > until {
            break;
        }
    }
    Err(TableError::Unavailable("more wait than one message can serve".to_owned()).into())
}
