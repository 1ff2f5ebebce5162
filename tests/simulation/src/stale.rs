//! Older states of indexes: what the same question was answered the last time.

use crate::gates::Passed;
use serde_json::Value;
use std::collections::BTreeMap;

/// The last answers of questions to indexes.
#[derive(Default)]
pub struct Index(BTreeMap<String, Vec<u8>>);

/// What is asked of which part of which index; none for what is not such a question, or asks for
/// a further page.
fn question(body: &[u8]) -> Option<String> {
    if !body.windows(11).any(|part| part == b"\"IndexName\"") {
        return None;
    }
    let body: Value = serde_json::from_slice(body).ok()?;
    let index = body["IndexName"].as_str()?;
    let values = body["ExpressionAttributeValues"].as_object()?;
    if values.contains_key(":a") || values.contains_key(":l") {
        return None;
    }
    // The partition's value; a bound beside it may be an older one.
    let partition = values.get(":p").or_else(|| values.values().next())?;
    Some(format!("{index} {partition} {} {}", body["Limit"], body["ScanIndexForward"]))
}

impl Index {
    /// Whether this request may be answered with an older state.
    #[must_use]
    pub fn may_be_stale(&self, body: &[u8]) -> bool {
        question(body).is_some()
    }

    /// Remembers an answer.
    pub fn saw(&mut self, passed: &Passed) {
        if passed.operation == "Query"
            && passed.done
            && let Some(question) = question(&passed.body)
        {
            self.0.insert(question, passed.answer.clone());
        }
    }

    /// The last answer to this question.
    #[must_use]
    pub fn older(&self, body: &[u8]) -> Option<Vec<u8>> {
        self.0.get(&question(body)?).cloned()
    }
}
