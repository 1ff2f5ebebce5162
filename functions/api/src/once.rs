//! Repeats of POSTs that make something: the same `Idempotency-Key` makes it once.
//!
//! The row of a key is put in the transaction of what it made, so that a key can never make two
//! things. Keys never expire; a request without one is remembered by its request id for a day,
//! so that a write whose answer was lost is recognised.

use crate::Call;
use ordermill_domain::intake::body_hash;
use ordermill_domain::time::Seconds;
use ordermill_runtime::http::ErrorAnswer;
use ordermill_table::item::Item;
use ordermill_table::keys::{self, Key};
use ordermill_table::records::{Claimed, document, expiring};
use serde_json::Value;

/// How long a request id is remembered.
const REQUEST_KEPT: Seconds = Seconds::days(1);

/// One request that makes something, and what names it.
pub(crate) struct Once {
    /// Digest of the body.
    pub body_hash: String,
    /// The key, or the request's own id.
    pub name: String,
    /// Whether the caller gave a key.
    pub is_keyed: bool,
    key: Key,
}

impl Once {
    /// What names this request, among those of one scope.
    ///
    /// # Errors
    /// 400 for a malformed key.
    pub fn new(call: &Call<'_>, scope: &str, body: &Value) -> Result<Self, ErrorAnswer> {
        let client = &call.caller()?.client;
        let given = call.request.idempotency_key()?;
        let is_keyed = given.is_some();
        let name = given.unwrap_or_else(|| call.request.request_id.clone());
        let scope = if is_keyed { scope.to_owned() } else { format!("{scope}.request") };
        let key = keys::result(client, &scope, &name);
        Ok(Self { body_hash: body_hash(body), name, is_keyed, key })
    }

    /// The name of its row, without what divides keys.
    pub fn digest(&self) -> &str {
        self.key.pk().rsplit('#').next().unwrap_or_default()
    }

    /// What this request made before.
    ///
    /// # Errors
    /// 422 where its key was used with another body.
    pub async fn known(&self, call: &Call<'_>) -> Result<Option<Claimed>, ErrorAnswer> {
        let known: Option<Claimed> = call.runtime.table.document(&self.key).await?;
        match known {
            Some(claimed) if claimed.body_hash != self.body_hash => Err(key_reused()),
            Some(_) | None => Ok(known),
        }
    }

    /// The row that says what this request made.
    ///
    /// # Errors
    /// It cannot be written: a mistake of ours.
    pub fn row(
        &self,
        call: &Call<'_>,
        id: &str,
        answer: Option<Value>,
    ) -> Result<Item, ErrorAnswer> {
        let claimed = Claimed { id: id.to_owned(), body_hash: self.body_hash.clone(), answer };
        let row = document(&self.key, &claimed)?;
        let until = call.runtime.clock.now().plus(REQUEST_KEPT);
        Ok(if self.is_keyed { row } else { expiring(row, until) })
    }
}

/// 422: the key names something else.
pub(crate) fn key_reused() -> ErrorAnswer {
    let detail = "This Idempotency-Key was used with another body; give a new key.";
    ErrorAnswer::new(422, "idempotency_key_reused", detail)
}
