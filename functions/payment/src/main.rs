//! Wiring of the deployed function: API Gateway and the queue call the same binary.

use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use serde::{Deserialize, Serialize};

/// Who calls. What is neither is an error, so that no batch is taken for done.
#[derive(Deserialize)]
#[serde(untagged)]
enum Call {
    Queue(SqsEvent),
    Http(Box<ApiGatewayV2httpRequest>),
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer {
    Queue(SqsBatchResponse),
    Http(Box<ApiGatewayV2httpResponse>),
}

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    ordermill_runtime::lambda::run(|runtime, call| async move {
        match call {
            Call::Queue(batch) => Answer::Queue(ordermill_payment::handle(&runtime, batch).await),
            Call::Http(request) => {
                Answer::Http(Box::new(ordermill_payment::webhook(&runtime, *request).await))
            }
        }
    })
    .await
}
