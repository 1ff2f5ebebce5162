//! Whether the service answers: 200 when the table does.

use crate::{Call, Reply};
use ordermill_runtime::http::Answer;
use ordermill_table::keys;
use ordermill_table::records::SETTINGS_ROW;
use serde_json::json;

/// `GET /healthz`.
pub(crate) async fn health(call: &Call<'_>) -> Reply {
    call.runtime.table.get(&keys::setting(SETTINGS_ROW)).await?;
    Ok(Answer::json(200, json!({ "status": "ok", "now": call.runtime.clock.now().to_string() })))
}
