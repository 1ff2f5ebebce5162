//! Pages of a list: `limit`, `cursor`, `next`.
//!
//! A cursor is a position, sealed together with what was asked and by whom; the partition is
//! rebuilt from the caller and the query, never taken from the cursor.

use crate::Call;
use ordermill_domain::ids;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::signatures::{seal, unseal};
use serde_json::{Value, json};

/// Items of a page at most.
pub(crate) const LIMIT_MAX: usize = 200;
/// Items of a page where nobody says.
pub(crate) const LIMIT_DEFAULT: usize = 50;

const PURPOSE: &str = "cursor";
const SEPARATOR: char = '\n';

/// Which page is asked for.
pub(crate) struct Page {
    /// At most so many items.
    pub limit: usize,
    /// Behind this position.
    pub after: Option<String>,
    fingerprint: String,
}

impl Page {
    /// Reads `limit` and `cursor`.
    ///
    /// # Errors
    /// 400 for either.
    pub fn read(call: &Call<'_>) -> Result<Self, ErrorAnswer> {
        Self::read_with_default(call, LIMIT_DEFAULT)
    }

    /// From the beginning, whatever was asked; for what reads a list to its end.
    ///
    /// # Errors
    /// 401 without a caller.
    pub fn all(call: &Call<'_>, limit: usize) -> Result<Self, ErrorAnswer> {
        Ok(Self { limit, after: None, fingerprint: fingerprint(call)? })
    }

    /// The same, with another number of items where nobody says.
    ///
    /// # Errors
    /// 400 for either.
    pub fn read_with_default(call: &Call<'_>, default: usize) -> Result<Self, ErrorAnswer> {
        let limit = match call.request.query.get("limit") {
            None => default,
            Some(text) => limit(text)?,
        };
        let fingerprint = fingerprint(call)?;
        let after = match call.query("cursor") {
            None => None,
            Some(cursor) => Some(position(call, cursor, &fingerprint)?),
        };
        Ok(Self { limit, after, fingerprint })
    }

    /// The page as it is answered.
    pub fn answer(&self, call: &Call<'_>, items: Vec<Value>, next: Option<String>) -> Answer {
        self.answer_with(call, json!({}), items, next)
    }

    /// The page as it is answered, with other things (an object) beside it.
    pub fn answer_with(
        &self,
        call: &Call<'_>,
        mut parts: Value,
        items: Vec<Value>,
        next: Option<String>,
    ) -> Answer {
        let next = next.map(|position| {
            let text = format!("{}{SEPARATOR}{position}", self.fingerprint);
            seal(&call.runtime.config.signing_secret, PURPOSE, &text)
        });
        parts["items"] = Value::Array(items);
        parts["next"] = next.map_or(Value::Null, Value::String);
        Answer::json(200, parts)
    }
}

fn limit(text: &str) -> Result<usize, ErrorAnswer> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse::<usize>().ok().filter(|n| digits && (1..=LIMIT_MAX).contains(n));
    number.ok_or_else(|| {
        let detail = format!("`limit` must be a whole number from 1 to {LIMIT_MAX}.");
        ErrorAnswer::new(400, "limit_out_of_range", &detail)
    })
}

fn position(call: &Call<'_>, cursor: &str, fingerprint: &str) -> Result<String, ErrorAnswer> {
    let text = unseal(&call.runtime.config.signing_secret, PURPOSE, cursor);
    text.as_deref()
        .and_then(|text| text.split_once(SEPARATOR))
        .filter(|(of, _)| *of == fingerprint)
        .map(|(_, position)| position.to_owned())
        .ok_or_else(|| {
            let detail = "This cursor is not of this list: take `next` of an answer to the same \
                          query with the same key.";
            ErrorAnswer::new(400, "cursor_invalid", detail)
        })
}

/// What was asked, by whom; the size of the page may change on the way.
fn fingerprint(call: &Call<'_>) -> Result<String, ErrorAnswer> {
    let mut text = format!("{}\n{}", call.caller()?.client, call.route.path);
    for param in &call.params {
        text.push('\n');
        text.push_str(param);
    }
    for (name, value) in &call.request.query {
        if !matches!(name.as_str(), "limit" | "cursor") && !value.is_empty() {
            text.push_str(&format!("\n{name}={value}"));
        }
    }
    Ok(ids::digest(text.as_bytes()).chars().take(32).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_a_whole_number_from_1_to_200() {
        for good in ["1", "50", "200"] {
            assert!(limit(good).is_ok(), "{good}");
        }
        for bad in ["0", "201", "-1", "1.5", "ten", "+5", " 5", "99999999999999999999"] {
            assert_eq!(limit(bad).map_err(|e| e.status), Err(400), "{bad}");
        }
    }
}
