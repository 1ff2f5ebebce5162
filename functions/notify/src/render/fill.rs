//! Filling wordings: `{name}` is replaced by a value, and a wording whose value is not known is
//! left out as a whole. `{?name}` asks for a value without showing it, `{!name}` asks that there
//! is none.
//!
//! What is filled in is never looked at again: a customer's `{amount}` stays as they wrote it.

use std::collections::BTreeMap;

/// What the names in wordings stand for. An empty text counts as not known.
#[derive(Clone, Default)]
pub(super) struct Values(BTreeMap<&'static str, String>);

impl Values {
    /// Sets a value where there is one.
    pub fn set(&mut self, name: &'static str, value: impl Into<Option<String>>) {
        if let Some(value) = value.into().filter(|value| !value.trim().is_empty()) {
            self.0.insert(name, value);
        }
    }

    /// Says that something is so, for `{?name}` and `{!name}`.
    pub fn flag(&mut self, name: &'static str, so: bool) {
        self.set(name, so.then(|| "+".to_owned()));
    }

    /// The value of that name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The same values with each text changed.
    pub fn map(&self, change: impl Fn(&str, &str) -> String) -> Self {
        Self(self.0.iter().map(|(name, value)| (*name, change(name, value))).collect())
    }
}

/// The wording with its values; none where one of them is not known.
pub(super) fn fill(wording: &str, values: &Values) -> Option<String> {
    let mut filled = String::with_capacity(wording.len());
    let mut rest = wording;
    while let Some((before, after)) = rest.split_once('{') {
        append(&mut filled, before);
        let (name, behind) = after.split_once('}')?;
        if let Some(needed) = name.strip_prefix('?') {
            values.get(needed)?;
        } else if let Some(absent) = name.strip_prefix('!') {
            if values.get(absent).is_some() {
                return None;
            }
        } else {
            filled.push_str(values.get(name)?);
        }
        rest = behind;
    }
    append(&mut filled, rest);
    Some(filled)
}

/// A value that ends with a full stop (`25 d.`) ends a sentence too.
fn append(filled: &mut String, text: &str) {
    let text = if filled.ends_with('.') { text.strip_prefix('.').unwrap_or(text) } else { text };
    filled.push_str(text);
}

/// The first wording whose values are all known.
pub(super) fn first(wordings: &[&str], values: &Values) -> String {
    wordings.iter().find_map(|wording| fill(wording, values)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values {
        let mut values = Values::default();
        values.set("number", "7K".to_owned());
        values.set("day", "25 d.".to_owned());
        values.set("text", "{number} {".to_owned());
        values.set("empty", " ".to_owned());
        values
    }

    #[test]
    fn a_wording_with_an_unknown_value_is_left_out() {
        assert_eq!(fill("Order {number}.", &values()).as_deref(), Some("Order 7K."));
        assert_eq!(fill("Order {other}.", &values()), None);
        assert_eq!(fill("Order {empty}.", &values()), None);
        assert_eq!(first(&["{other}", "{number}"], &values()), "7K");
    }

    #[test]
    fn conditions_show_nothing_of_their_value() {
        assert_eq!(fill("{?number}Yes", &values()).as_deref(), Some("Yes"));
        assert_eq!(fill("{?other}Yes", &values()), None);
        assert_eq!(fill("{!other}No", &values()).as_deref(), Some("No"));
        assert_eq!(fill("{!number}No", &values()), None);
    }

    #[test]
    fn what_is_filled_in_is_not_filled_again() {
        assert_eq!(fill("<{text}>", &values()).as_deref(), Some("<{number} {>"));
    }

    #[test]
    fn a_sentence_has_one_full_stop() {
        assert_eq!(fill("Iki {day}.", &values()).as_deref(), Some("Iki 25 d."));
    }
}
