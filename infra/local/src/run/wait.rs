//! The one place of the run that waits for time to pass.

use std::time::Duration;

/// Waits so long.
#[expect(clippy::disallowed_methods, reason = "the run's one place that waits")]
pub async fn pause(milliseconds: u64) {
    tokio::time::sleep(Duration::from_millis(milliseconds)).await;
}
