//! Feedback: what providers say of messages after they took them: bounces, complaints, failures.
//! The address is not used any more, the customer is told by the next channel, staff see it.
//!
//! In: the `feedback` queue, fed by SES event publishing and by delivery failures of text messages
//! (through SNS, `EventBridge`, or bare). Out: one transaction: order, message, what is known about
//! reaching the customer.
//! Rules: `shared/domain/src/decide/notices.rs`, `reach.rs`. Wiring: `main.rs`.

mod said;

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_runtime::notices::message_failed;
use ordermill_runtime::{Queue, Runtime, StepResult, batch};
use ordermill_table::keys::{self, NoticeKey};
use ordermill_table::read::IndexQuery;
use ordermill_table::schema::OWNER;
use said::{Named, said};
use serde_json::Value;

/// Applies what a batch of events says, each by itself.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    batch::each(Queue::Feedback, event, |body: Value| apply(runtime, body)).await
}

async fn apply(runtime: &Runtime, body: Value) -> StepResult<()> {
    for news in said(&body) {
        let notice = match news.named {
            Named::Notice(notice) => Some(notice),
            Named::Id(id) => of_id(runtime, &id).await?,
        };
        match notice {
            Some(notice) => message_failed(runtime, &notice, &news.outcome).await?,
            // The account sends other messages than ours.
            None => tracing::info!(code = news.outcome.code, "no message of ours failed"),
        }
    }
    Ok(())
}

/// The text message to which the provider gave this id.
async fn of_id(runtime: &Runtime, id: &str) -> StepResult<Option<NoticeKey>> {
    let query = IndexQuery {
        index: OWNER,
        partition: keys::owner_message(id),
        after: None,
        newest_first: false,
        until: None,
        limit: 1,
    };
    let found = runtime.table.index(query).await?.keys;
    Ok(found.first().and_then(|(pk, sk)| NoticeKey::parse(pk, sk)))
}
