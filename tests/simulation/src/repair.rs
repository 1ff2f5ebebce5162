//! The repair, as the schedule and the command run it.

use ordermill_runtime::Runtime;

/// Repairs; says how many events are lost for good.
///
/// # Errors
/// Why it could not.
pub async fn repair(runtime: &Runtime) -> Result<u64, String> {
    ordermill_local::check::repair::repair(runtime, |_| {})
        .await
        .map(|repaired| repaired.lost)
        .map_err(|error| error.to_string())
}
