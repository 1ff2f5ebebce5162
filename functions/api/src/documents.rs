//! Rows that are one JSON document each, as lists.

use crate::Call;
use crate::paging::Page;
use ordermill_runtime::http::ErrorAnswer;
use ordermill_table::item::Item;
use ordermill_table::keys::{self, Key, RowKind};
use ordermill_table::read::IndexQuery;
use ordermill_table::records::read;
use ordermill_table::schema::OWNER;
use serde::de::DeserializeOwned;
use std::collections::HashMap;

/// One page of a list: the rows' documents in the list's order, and where the next page begins.
pub(crate) struct Listed<T> {
    /// The documents.
    pub documents: Vec<T>,
    /// Where the next page begins; none at the end.
    pub next: Option<String>,
}

/// Where the rows of a kind are listed, and how a row is found from its entry there.
#[derive(Clone, Copy)]
pub(crate) struct List {
    /// What is listed.
    pub kind: RowKind,
    /// The newest first.
    pub newest_first: bool,
    /// The row of an entry: its partition key and its name in the list.
    pub row: fn(&str, &str) -> Key,
}

/// Reads a page of a list.
///
/// # Errors
/// The table cannot be reached.
pub(crate) async fn page<T: DeserializeOwned>(
    call: &Call<'_>,
    list: List,
    page: &Page,
) -> Result<Listed<T>, ErrorAnswer> {
    let table = &call.runtime.table;
    let query = IndexQuery {
        index: OWNER,
        partition: keys::owner_list(list.kind),
        after: page.after.as_deref(),
        newest_first: list.newest_first,
        until: None,
        // One more: newest first, the entry of the position itself comes along and is left out.
        limit: i32::try_from(page.limit.saturating_add(1)).unwrap_or(i32::MAX),
    };
    let mut found = table.index(query).await?;
    let more = found.more || found.keys.len() > page.limit;
    found.keys.truncate(page.limit);
    let wanted: Vec<Key> = found.keys.iter().map(|(pk, name)| (list.row)(pk, name)).collect();
    let mut rows: HashMap<String, Item> = HashMap::new();
    for row in table.batch_get(&wanted).await? {
        rows.insert(ordermill_table::item::text(&row, "pk")?.to_owned(), row);
    }
    let mut documents = Vec::with_capacity(wanted.len());
    for (pk, _) in &found.keys {
        if let Some(row) = rows.get(pk) {
            documents.push(read(row)?);
        }
    }
    let next = found.keys.into_iter().next_back().filter(|_| more).map(|(_, name)| name);
    Ok(Listed { documents, next })
}
