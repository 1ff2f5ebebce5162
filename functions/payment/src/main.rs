//! Wiring of the deployed function: API Gateway and the queue call the same binary.

use lambda_runtime::Error;
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Error> {
    ordermill_runtime::lambda::run(|runtime, event: Value| async move {
        if event.get("Records").is_some() {
            match serde_json::from_value(event) {
                Ok(batch) => json(&ordermill_payment::handle(&runtime, batch).await),
                Err(error) => json(&error.to_string()),
            }
        } else {
            match serde_json::from_value(event) {
                Ok(request) => json(&ordermill_payment::webhook(&runtime, request).await),
                Err(error) => json(&error.to_string()),
            }
        }
    })
    .await
}

fn json(answer: &impl serde::Serialize) -> Value {
    serde_json::to_value(answer).unwrap_or(Value::Null)
}
