//! Repeats: the same cause is the same order (`spec/api.md`, "Repeats").
//!
//! The id comes from (client, `external_id`), or from (client, `Idempotency-Key`) where there is
//! no external id. A claim row says which order a key made; it is put in the order's own
//! transaction, so that a key can never name two.

use aws_sdk_dynamodb::types::TransactWriteItem;
use ordermill_domain::ids::{self, IdKind};
use ordermill_runtime::Runtime;
use ordermill_runtime::http::ErrorAnswer;
use ordermill_table::read::Kept;
use ordermill_table::records::{Claimed, document};
use ordermill_table::{Stored, Table, TableError, commit, keys};

/// What a request says about which order it is.
pub(crate) struct Identity {
    /// The order's id.
    pub order_id: String,
    /// Digest of the body.
    pub body_hash: String,
    client: String,
    key: Option<String>,
    external: bool,
}

/// What is known of a request that was made before.
pub(crate) enum Known {
    /// It made this order.
    Order(Box<Stored>),
    /// Its key or number names another order.
    Refused(ErrorAnswer),
}

impl Identity {
    /// # Errors
    /// 400 where neither a key nor an external id is given.
    pub(crate) fn new(
        runtime: &Runtime,
        client: &str,
        key: Option<String>,
        external_id: Option<String>,
        body_hash: String,
    ) -> Result<Self, ErrorAnswer> {
        let external_id = external_id.map(|id| id.trim().to_owned()).filter(|id| !id.is_empty());
        let cause = match (&external_id, &key) {
            (Some(id), _) => [client, "external", id.as_str()],
            (None, Some(key)) => [client, "key", key.as_str()],
            (None, None) => {
                let detail = "Give an `Idempotency-Key` header or an `external_id` in the body, so \
                              that a repeat is recognised.";
                return Err(ErrorAnswer::new(400, "idempotency_key_required", detail));
            }
        };
        Ok(Self {
            order_id: ids::derive(IdKind::Order, &runtime.config.seller, &cause),
            body_hash,
            client: client.to_owned(),
            external: external_id.is_some(),
            key,
        })
    }

    /// The row that binds the key to the order.
    pub(crate) fn claim_rows(&self, table: &Table) -> Result<Vec<TransactWriteItem>, TableError> {
        let Some(key) = &self.key else { return Ok(Vec::new()) };
        let claimed =
            Claimed { id: self.order_id.clone(), body_hash: self.body_hash.clone(), answer: None };
        let row = document(&keys::claim(&self.client, key), &claimed)?;
        Ok(vec![commit::put_new(table, row)?])
    }

    /// The order this request made before, or why it can make none.
    pub(crate) async fn known(&self, runtime: &Runtime) -> Result<Option<Known>, ErrorAnswer> {
        if let Some(key) = &self.key {
            let claim = keys::claim(&self.client, key);
            let claimed: Option<Claimed> = runtime.table.document(&claim).await?;
            if let Some(claimed) = claimed {
                if claimed.body_hash != self.body_hash {
                    return Ok(Some(Known::Refused(key_reused())));
                }
                if let Some(partition) = runtime.table.order(&claimed.id).await? {
                    return Ok(Some(Known::Order(Box::new(partition.stored))));
                }
                return Ok(Some(Known::Refused(order_deleted())));
            }
        }
        let stored = match runtime.table.order_or_deleted(&self.order_id).await? {
            Kept::Nothing => return Ok(None),
            Kept::Deleted(known) if known.body_hash == self.body_hash => {
                return Ok(Some(Known::Refused(order_deleted())));
            }
            Kept::Deleted(_) => return Ok(Some(Known::Refused(self.reused()))),
            Kept::Order(partition) => partition.stored,
        };
        if stored.order.body_hash == self.body_hash {
            // Found by its number: from now on this key, too, names it and nothing else.
            if let Some(refused) = self.bind(runtime).await? {
                return Ok(Some(Known::Refused(refused)));
            }
            return Ok(Some(Known::Order(Box::new(stored))));
        }
        Ok(Some(Known::Refused(self.reused())))
    }

    fn reused(&self) -> ErrorAnswer {
        if self.external { external_id_reused() } else { key_reused() }
    }
}

/// 410: what made an order makes no other, though it is gone.
fn order_deleted() -> ErrorAnswer {
    ErrorAnswer::new(410, "order_deleted", "The order of this key has been deleted.")
}

impl Identity {
    /// Binds the key of a repeat to the order that is there; why not, where another request with
    /// another body has just taken it.
    async fn bind(&self, runtime: &Runtime) -> Result<Option<ErrorAnswer>, ErrorAnswer> {
        let Some(key) = &self.key else { return Ok(None) };
        match runtime.table.write(self.claim_rows(&runtime.table)?).await {
            Ok(()) => return Ok(None),
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {}
            Err(error) => return Err(error.into()),
        }
        let claim = keys::claim(&self.client, key);
        let claimed: Option<Claimed> = runtime.table.document(&claim).await?;
        Ok(claimed.filter(|claimed| claimed.body_hash != self.body_hash).map(|_| key_reused()))
    }
}

fn key_reused() -> ErrorAnswer {
    let detail = "This Idempotency-Key was used with another body; give a new key.";
    ErrorAnswer::new(422, "idempotency_key_reused", detail)
}

fn external_id_reused() -> ErrorAnswer {
    let detail = "This `external_id` belongs to an order with another body; give a new one.";
    ErrorAnswer::new(422, "external_id_reused", detail)
}
