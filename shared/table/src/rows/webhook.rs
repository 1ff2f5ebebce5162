//! Rows of outgoing webhooks: endpoints, and deliveries with their log.

use crate::Table;
use crate::error::TableError;
use crate::item::{Item, n, s};
use crate::keys;
use crate::records::{document, due, expiring, read};
use ordermill_domain::webhook::{Delivery, ENDPOINTS_MAX, Endpoint, LOG_KEPT};

/// The row of an endpoint; due while a replay goes on.
///
/// # Errors
/// It cannot be written as JSON.
pub fn endpoint_row(endpoint: &Endpoint) -> Result<Item, TableError> {
    let key = keys::endpoint(&endpoint.client, &endpoint.id);
    let mut row = document(&key, endpoint)?;
    row.insert("v".to_owned(), n(endpoint.version));
    Ok(due(row, &key, endpoint.due_at()))
}

/// The row of a delivery: due while it waits; once it is over it may go after a while.
///
/// # Errors
/// It cannot be written as JSON.
pub fn delivery_row(delivery: &Delivery) -> Result<Item, TableError> {
    let key = keys::delivery(&delivery.id);
    let mut row = document(&key, delivery)?;
    row.insert("v".to_owned(), n(delivery.version));
    row.insert("op".to_owned(), s(keys::owner_endpoint(&delivery.endpoint)));
    row.insert("oc".to_owned(), s(keys::created(delivery.event_at, &delivery.id)));
    let row = due(row, &key, delivery.due_at);
    Ok(match delivery.ended_at {
        Some(ended_at) => expiring(row, ended_at.plus(LOG_KEPT)),
        None => row,
    })
}

impl Table {
    /// The endpoints of a client.
    ///
    /// # Errors
    /// The table cannot be reached, or a row cannot be read.
    pub async fn endpoints(&self, client: &str) -> Result<Vec<Endpoint>, TableError> {
        let partition = keys::endpoint_partition(client);
        let limit = ENDPOINTS_MAX.saturating_add(1);
        let rows = self.partition(&partition, "E#", None, limit).await?;
        rows.iter().map(read).collect()
    }
}
