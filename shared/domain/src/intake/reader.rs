//! Walks a JSON body and collects everything that is wrong with it.
//!
//! An [`Object`] is opened with the names it may have, so unknown ones are found even where
//! nobody asks for them. A [`Field`] gives its value, or `None` after it has said what is wrong;
//! the parser goes on with whatever it got, and [`Report::finish`] decides.

use super::limits::PROBLEMS_MAX;
use super::text::{Lines, TextFault, did_you_mean, fault};
use super::{Problem, number::Decimal};
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeOwned, IntoDeserializer};
use serde_json::{Map, Value};
use std::cell::Cell;
use std::fmt;

/// The problems found so far.
#[derive(Default)]
pub struct Report {
    problems: Cell<Vec<Problem>>,
    beyond: Cell<usize>,
}

impl Report {
    /// Adds a problem; from [`PROBLEMS_MAX`] on they are only counted.
    pub fn add(&self, pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) {
        let mut problems = self.problems.take();
        if problems.len() < PROBLEMS_MAX {
            problems.push(Problem { pointer: pointer.into(), code, detail: detail.into() });
        } else {
            self.beyond.set(self.beyond.get().saturating_add(1));
        }
        self.problems.set(problems);
    }

    /// Whether more problems are only counted, so that none need be worded.
    fn is_full(&self) -> bool {
        self.beyond.get() > 0
    }

    /// Gives the value if nothing is wrong with it.
    ///
    /// # Errors
    /// Everything that was found.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Vec<Problem>> {
        let mut problems = self.problems.take();
        match (value, problems.is_empty()) {
            (Some(value), true) => Ok(value),
            (Some(_) | None, false) => {
                if self.beyond.get() > 0 {
                    let detail =
                        format!("{} more problems; correct these first.", self.beyond.get());
                    problems.push(Problem {
                        pointer: String::new(),
                        code: "more_problems",
                        detail,
                    });
                }
                Err(problems)
            }
            // A parser that gives nothing has said why; this is for one that forgot.
            (None, true) => Err(vec![Problem {
                pointer: String::new(),
                code: "malformed",
                detail: "The body is not of the documented shape.".to_owned(),
            }]),
        }
    }
}

/// A JSON object whose names are known.
pub struct Object<'v, 'r> {
    fields: &'v Map<String, Value>,
    pointer: String,
    report: &'r Report,
}

/// A place in the body; `null` is as if nothing were there.
#[derive(Clone)]
pub struct Field<'v, 'r> {
    value: Option<&'v Value>,
    pointer: String,
    report: &'r Report,
}

/// The body itself.
#[must_use]
pub fn root<'v, 'r>(body: &'v Value, report: &'r Report) -> Field<'v, 'r> {
    Field { value: present(body), pointer: String::new(), report }
}

fn present(value: &Value) -> Option<&Value> {
    (!value.is_null()).then_some(value)
}

/// How much of an unknown field's name is repeated in its pointer.
const TOKEN_CHARACTERS_MAX: usize = 100;

/// A token of a JSON pointer (RFC 6901).
fn token(name: &str) -> String {
    let short: String = name.chars().take(TOKEN_CHARACTERS_MAX).collect();
    short.replace('~', "~0").replace('/', "~1")
}

impl<'v, 'r> Object<'v, 'r> {
    /// The field of that name.
    #[must_use]
    pub fn field(&self, name: &str) -> Field<'v, 'r> {
        Field {
            value: self.fields.get(name).and_then(present),
            pointer: format!("{}/{}", self.pointer, token(name)),
            report: self.report,
        }
    }

    /// Where the object is.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Where problems go.
    #[must_use]
    pub fn report(&self) -> &'r Report {
        self.report
    }

    fn refuse_unknown(&self, known: &[&str]) {
        let is_unknown = |name: &&String| !known.contains(&name.as_str());
        for name in self.fields.keys().filter(is_unknown) {
            if self.report.is_full() {
                self.report.add("", "unknown_field", "");
                continue;
            }
            let remedy = match did_you_mean(name, known) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("remove it; known here are {}.", listed(known)),
            };
            let pointer = format!("{}/{}", self.pointer, token(name));
            self.report.add(pointer, "unknown_field", format!("This field is unknown: {remedy}"));
        }
    }
}

/// `a, b and c`, or `nothing`.
fn listed(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => "no fields".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

impl<'v, 'r> Field<'v, 'r> {
    /// Adds a problem about this place.
    pub fn refuse(&self, code: &'static str, detail: impl Into<String>) {
        self.report.add(self.pointer.clone(), code, detail);
    }

    /// Where it is.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// Where problems go.
    #[must_use]
    pub fn report(&self) -> &'r Report {
        self.report
    }

    /// Its value as it came.
    #[must_use]
    pub fn value(&self) -> Option<&'v Value> {
        self.value
    }

    /// Whether anything is there.
    #[must_use]
    pub fn is_present(&self) -> bool {
        self.value.is_some()
    }

    /// Says so if nothing is there; a text of spaces is nothing.
    #[must_use]
    pub fn required(self, remedy: &str) -> Self {
        let is_blank = matches!(self.value, Some(Value::String(text)) if text.trim().is_empty());
        if is_blank || self.value.is_none() {
            self.refuse("required", format!("This field is required: {remedy}"));
            return Self { value: None, ..self };
        }
        self
    }

    /// Refuses a value of another type, without repeating it.
    pub(super) fn refuse_type(&self, wanted: &str) {
        let found = match self.value {
            None | Some(Value::Null) => "nothing",
            Some(Value::Bool(_)) => "true or false",
            Some(Value::Number(_)) => "a number",
            Some(Value::String(_)) => "a string",
            Some(Value::Array(_)) => "an array",
            Some(Value::Object(_)) => "an object",
        };
        self.refuse("wrong_type", format!("This is {found}: write {wanted}."));
    }

    /// An object with these names and no others.
    #[must_use]
    pub fn object(&self, known: &[&str]) -> Option<Object<'v, 'r>> {
        let object = self.any_object()?;
        object.refuse_unknown(known);
        Some(object)
    }

    /// An object with any names.
    #[must_use]
    pub fn any_object(&self) -> Option<Object<'v, 'r>> {
        match self.value? {
            Value::Object(fields) => {
                Some(Object { fields, pointer: self.pointer.clone(), report: self.report })
            }
            Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Null => {
                self.refuse_type("an object, like {\"…\": …}");
                None
            }
        }
    }

    /// The fields of an object of pairs, in the order of their names.
    #[must_use]
    pub fn pairs(&self, pairs_max: usize) -> Vec<(&'v str, Field<'v, 'r>)> {
        let Some(object) = self.any_object() else { return Vec::new() };
        if object.fields.len() > pairs_max {
            let detail =
                format!("{} entries: at most {pairs_max} are allowed.", object.fields.len());
            self.refuse("too_many", detail);
            return Vec::new();
        }
        object.fields.keys().map(|name| (name.as_str(), object.field(name))).collect()
    }

    /// The elements of an array; none where nothing is there or there are too many.
    #[must_use]
    pub fn list(&self, elements_max: usize) -> Vec<Field<'v, 'r>> {
        match self.value {
            None => Vec::new(),
            Some(Value::Array(elements)) if elements.len() > elements_max => {
                let detail =
                    format!("{} entries: at most {elements_max} are allowed.", elements.len());
                self.refuse("too_many", detail);
                Vec::new()
            }
            Some(Value::Array(elements)) => elements
                .iter()
                .enumerate()
                .map(|(index, element)| Field {
                    value: present(element),
                    pointer: format!("{}/{index}", self.pointer),
                    report: self.report,
                })
                .collect(),
            Some(
                Value::Bool(_)
                | Value::Number(_)
                | Value::String(_)
                | Value::Object(_)
                | Value::Null,
            ) => {
                self.refuse_type("an array, like [ … ]");
                Vec::new()
            }
        }
    }

    /// A text on one line, without the spaces around it; none where nothing else is in it.
    #[must_use]
    pub fn text(&self, characters_max: usize) -> Option<String> {
        self.checked_text(characters_max, Lines::One)
    }

    /// A text that may have several lines.
    #[must_use]
    pub fn long_text(&self, characters_max: usize) -> Option<String> {
        self.checked_text(characters_max, Lines::Many)
    }

    fn checked_text(&self, characters_max: usize, lines: Lines) -> Option<String> {
        let text = self.str("a string, like \"…\"")?.trim();
        match fault(text, characters_max, lines) {
            Some(found) => {
                self.refuse_text(found, characters_max);
                None
            }
            None => (!text.is_empty()).then(|| text.to_owned()),
        }
    }

    /// Says what is wrong with a text.
    pub(super) fn refuse_text(&self, found: TextFault, characters_max: usize) {
        match found {
            TextFault::TooLong => {
                let detail =
                    format!("This text is too long: use at most {characters_max} characters.");
                self.refuse("text_too_long", detail);
            }
            TextFault::Control => self.refuse(
                "text_control_character",
                "This text holds NUL or another control character: remove it.",
            ),
            TextFault::Bidirectional => self.refuse(
                "text_bidirectional_control",
                "This text holds a character that turns the direction of writing \
                 (U+061C, U+200E, U+200F, U+202A to U+202E, U+2066 to U+2069): remove it.",
            ),
        }
    }

    /// The string as it came.
    pub(super) fn str(&self, wanted: &str) -> Option<&'v str> {
        match self.value? {
            Value::String(text) => Some(text),
            Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_)
            | Value::Null => {
                self.refuse_type(wanted);
                None
            }
        }
    }

    /// One of the words of an enum; the words are those it deserialises from.
    #[must_use]
    pub fn choice<T: DeserializeOwned>(&self) -> Option<T> {
        let text = self.str("one of the documented words as a string")?;
        let words: StrDeserializer<'_, WrongWord> = text.into_deserializer();
        match T::deserialize(words) {
            Ok(choice) => Some(choice),
            Err(WrongWord(words)) => {
                let meant = did_you_mean(text, words)
                    .map(|word| format!(" Did you mean `{word}`?"))
                    .unwrap_or_default();
                let detail = format!("This word is unknown: use {}.{meant}", listed(words));
                self.refuse("unknown_value", detail);
                None
            }
        }
    }

    /// `true` or `false`.
    #[must_use]
    pub fn flag(&self) -> Option<bool> {
        match self.value? {
            Value::Bool(flag) => Some(*flag),
            Value::Number(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_)
            | Value::Null => {
                self.refuse_type("true or false");
                None
            }
        }
    }

    /// A whole number from `least` to `most`.
    #[must_use]
    pub fn whole<T: TryFrom<i64> + Into<i64> + Copy>(&self, least: T, most: T) -> Option<T> {
        let (least, most) = (least.into(), most.into());
        let wanted = format!("a whole number from {least} to {most}");
        let Some(number) = self.number(&wanted)?.whole().filter(|n| (least..=most).contains(n))
        else {
            self.refuse("out_of_range", format!("This number is out of range: write {wanted}."));
            return None;
        };
        T::try_from(number).ok()
    }

    /// A number by its value.
    pub(super) fn number(&self, wanted: &str) -> Option<Decimal> {
        match self.value? {
            Value::Number(number) => Some(Decimal::of(number)),
            Value::Bool(_)
            | Value::String(_)
            | Value::Array(_)
            | Value::Object(_)
            | Value::Null => {
                self.refuse_type(wanted);
                None
            }
        }
    }
}

/// A word that an enum does not have; carries those it has.
#[derive(Debug)]
struct WrongWord(&'static [&'static str]);

impl fmt::Display for WrongWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&listed(self.0))
    }
}

impl std::error::Error for WrongWord {}

impl serde::de::Error for WrongWord {
    fn custom<M: fmt::Display>(_: M) -> Self {
        Self(&[])
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self(expected)
    }
}
