//! Wiring of the deployed function; the step is in `lib.rs`.

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    ordermill_runtime::lambda::run(|runtime, event| async move {
        ordermill_audit::handle(&runtime, event).await
    })
    .await
}
