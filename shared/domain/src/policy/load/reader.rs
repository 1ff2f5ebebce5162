//! Reads a parsed file key by key and gathers every mistake, each with its line.
//!
//! Nothing here knows what a policy is; `statuses.rs`, `moves.rs` and `header.rs` do. A value
//! that cannot be read is reported, and its key is doubtful from then on: [`crate::policy::check`]
//! draws no conclusions from it.

use super::suggest;
use super::words::{self, Word, Wrong};
use super::{ERRORS_MAX, LIMIT_SECONDS_MAX, NAME_CHARACTERS_MAX, PolicyError, TEXT_CHARACTERS_MAX};
use crate::time::Seconds;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where each key of a policy file stands, and which could not be read.
///
/// Keys are written as people count: `move[1].to` is the target of the first move.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Positions {
    file: String,
    lines: BTreeMap<String, usize>,
    doubtful: BTreeSet<String>,
}

impl Positions {
    /// The positions of a policy that was not read from a file: every line is 1.
    #[must_use]
    pub fn of_file(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }

    /// The file's name.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The line of a key, or of the nearest key around it; counted from 1.
    #[must_use]
    pub fn line(&self, key: &str) -> usize {
        let mut key = key;
        loop {
            if let Some(line) = self.lines.get(key) {
                return *line;
            }
            match key.rfind(['.', '[']) {
                Some(end) => key = key.get(..end).unwrap_or_default(),
                None => return 1,
            }
        }
    }

    /// Whether this key, or one inside it, could not be read.
    #[must_use]
    pub fn is_doubtful(&self, key: &str) -> bool {
        self.doubtful_inside(key).next().is_some()
    }

    /// What could not be read inside a key: the rest of each such key, empty for the key itself.
    pub fn doubtful_inside<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a str> {
        self.doubtful
            .range(key.to_owned()..)
            .map_while(move |doubtful| doubtful.strip_prefix(key))
            .filter(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }
}

/// One table of the file, under its key.
#[derive(Clone)]
pub(super) struct Section<'a> {
    key: String,
    table: &'a DeTable<'a>,
}

/// One value of the file, under its key.
#[derive(Clone)]
pub(super) struct Node<'a> {
    pub(super) key: String,
    value: &'a DeValue<'a>,
}

impl<'a> Section<'a> {
    /// The key of something inside, whether it is there or not.
    pub(super) fn inside(&self, name: &str) -> String {
        if self.key.is_empty() { name.to_owned() } else { format!("{}.{name}", self.key) }
    }

    /// The key of the section itself.
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// The value of that name.
    pub(super) fn get(&self, name: &str) -> Option<Node<'a>> {
        let value = self.table.get(name)?;
        Some(Node { key: self.inside(name), value: value.get_ref() })
    }

    /// Every name in it, in the order of the alphabet.
    pub(super) fn names(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = self.table.keys().map(|name| name.get_ref().as_ref()).collect();
        names.sort_unstable();
        names
    }
}

impl Node<'_> {
    /// Whether it is text; for the few keys that take one thing or another.
    pub(super) fn is_text(&self) -> bool {
        matches!(self.value, DeValue::String(_))
    }
}

/// Everything that was learnt about a file while it was read.
pub(super) struct Reader {
    line_starts: Vec<usize>,
    pub(super) positions: Positions,
    pub(super) errors: Vec<PolicyError>,
}

impl Reader {
    pub(super) fn new(file: &str, text: &str) -> Self {
        // What stands behind the last line end is no line of its own.
        let after_line_ends = text.match_indices('\n').map(|(at, _)| at.saturating_add(1));
        let after_line_ends = after_line_ends.filter(|start| *start < text.len());
        Self {
            line_starts: std::iter::once(0).chain(after_line_ends).collect(),
            positions: Positions::of_file(file),
            errors: Vec::new(),
        }
    }

    /// The line of a byte of the text, counted from 1.
    pub(super) fn line_of(&self, byte: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= byte).max(1)
    }

    /// Notes a mistake; its key is doubtful from then on.
    pub(super) fn error(&mut self, key: &str, problem: String, remedy: &str) {
        let line = self.positions.line(key);
        self.error_at(line, key, problem, remedy);
    }

    fn error_at(&mut self, line: usize, key: &str, problem: String, remedy: &str) {
        self.positions.doubtful.insert(key.to_owned());
        if self.errors.len() < ERRORS_MAX {
            self.errors.push(PolicyError {
                file: self.positions.file.clone(),
                line,
                key: key.to_owned(),
                problem,
                remedy: remedy.to_owned(),
            });
        }
    }

    fn wrong(&mut self, key: &str, wrong: &Wrong) {
        self.error(key, wrong.problem.clone(), &wrong.remedy);
    }

    /// The whole file as a section.
    pub(super) fn root<'a>(&mut self, table: &'a Spanned<DeTable<'a>>) -> Section<'a> {
        let section = Section { key: String::new(), table: table.get_ref() };
        self.note_lines(&section);
        section
    }

    fn note_lines(&mut self, section: &Section<'_>) {
        for name in section.table.keys() {
            let line = self.line_of(name.span().start);
            // A header `[status.received]` makes `status` too: the first line is the one meant.
            let key = section.inside(name.get_ref());
            self.positions.lines.entry(key).or_insert(line);
        }
    }

    /// Reports the keys of a section that nobody knows.
    pub(super) fn only(&mut self, section: &Section<'_>, known: &[&str]) {
        for name in section.names() {
            if known.contains(&name) {
                continue;
            }
            let key = section.inside(&suggest::short(name));
            let line = self.positions.line(&section.inside(name));
            let problem = format!("there is no key `{}` here", suggest::short(name));
            self.error_at(line, &key, problem, &suggest::remedy(name, known));
        }
    }

    /// Reports a key that had to be there.
    pub(super) fn missing(&mut self, section: &Section<'_>, name: &str, remedy: &str) {
        let line = self.positions.line(section.key());
        self.error_at(line, &section.inside(name), "the key is missing".to_owned(), remedy);
    }

    fn not(&mut self, node: &Node<'_>, wanted: &str, remedy: &str) {
        let found = match node.value {
            DeValue::String(_) => "text",
            DeValue::Integer(_) => "a whole number",
            DeValue::Float(_) => "a number with a point",
            DeValue::Boolean(_) => "true or false",
            DeValue::Datetime(_) => "a date",
            DeValue::Array(_) => "a list",
            DeValue::Table(_) => "a table",
        };
        self.error(&node.key, format!("must be {wanted}, but is {found}"), remedy);
    }

    /// Text on one line, of bounded length.
    pub(super) fn text<'a>(&mut self, node: &Node<'a>) -> Option<&'a str> {
        let DeValue::String(text) = node.value else {
            self.not(node, "text", "Write it in quotation marks.");
            return None;
        };
        if text.chars().count() > TEXT_CHARACTERS_MAX {
            let problem = format!("is longer than {TEXT_CHARACTERS_MAX} characters");
            self.error(&node.key, problem, "Write less.");
            return None;
        }
        if text.chars().any(char::is_control) {
            let problem = "holds a line end or another control character".to_owned();
            self.error(&node.key, problem, "Write it on one line.");
            return None;
        }
        Some(text)
    }

    /// A name that we may use in keys, URLs and metrics: `awaiting_payment`.
    pub(super) fn name<'a>(&mut self, node: &Node<'a>) -> Option<&'a str> {
        let text = self.text(node)?;
        self.check_name(&node.key, text).then_some(text)
    }

    /// Whether a text has the form of a name; reports it where it has not.
    pub(super) fn check_name(&mut self, key: &str, text: &str) -> bool {
        let is_letter = |c: char| c.is_ascii_lowercase();
        let has_form = text.starts_with(is_letter)
            && text.len() <= NAME_CHARACTERS_MAX
            && text.chars().all(|c| is_letter(c) || c.is_ascii_digit() || c == '_');
        if !has_form {
            let problem = format!("`{}` cannot be a name", suggest::short(text));
            let remedy = format!(
                "Write up to {NAME_CHARACTERS_MAX} small letters a–z, digits and `_`, a letter first."
            );
            self.error(key, problem, &remedy);
        }
        has_form
    }

    /// A word of a closed list.
    pub(super) fn word<W: Word>(&mut self, node: &Node<'_>) -> Option<W> {
        let text = self.text(node)?;
        self.judged(node, words::word(text))
    }

    /// What a reader of words made of a text.
    pub(super) fn judged<T>(&mut self, node: &Node<'_>, judged: Result<T, Wrong>) -> Option<T> {
        judged.inspect_err(|wrong| self.wrong(&node.key, wrong)).ok()
    }

    /// A whole number within bounds.
    pub(super) fn integer(&mut self, node: &Node<'_>, min: i64, max: i64) -> Option<i64> {
        let remedy = format!("Write a whole number from {min} to {max}.");
        let DeValue::Integer(integer) = node.value else {
            self.not(node, "a whole number", &remedy);
            return None;
        };
        let value = i64::from_str_radix(integer.as_str(), integer.radix()).ok();
        let value = value.filter(|value| (min..=max).contains(value));
        if value.is_none() {
            let problem = format!("`{}` is out of range", suggest::short(integer.as_str()));
            self.error(&node.key, problem, &remedy);
        }
        value
    }

    /// `true` or `false`.
    pub(super) fn boolean(&mut self, node: &Node<'_>) -> Option<bool> {
        let DeValue::Boolean(value) = node.value else {
            self.not(node, "true or false", "Write true or false, without quotation marks.");
            return None;
        };
        Some(*value)
    }

    /// A length of time, like `30m`.
    pub(super) fn duration(&mut self, node: &Node<'_>) -> Option<Seconds> {
        const REMEDY: &str =
            "Write a whole number and its unit s, m, h or d, like \"30m\" or \"14d\".";
        let DeValue::String(text) = node.value else {
            self.not(node, "a length of time", REMEDY);
            return None;
        };
        let parsed = Seconds::parse(text);
        if parsed.is_none() {
            let problem = format!("`{}` is not a length of time", suggest::short(text));
            self.error(&node.key, problem, REMEDY);
        }
        let duration = parsed?;
        if !(1..=LIMIT_SECONDS_MAX.0).contains(&duration.0) {
            let problem = format!("`{}` is out of range", suggest::short(text));
            let remedy = format!("Write at least \"1s\" and at most \"{LIMIT_SECONDS_MAX}\".");
            self.error(&node.key, problem, &remedy);
            return None;
        }
        Some(duration)
    }

    /// A local date, as text or as TOML's own.
    pub(super) fn date(&mut self, node: &Node<'_>) -> Option<String> {
        const REMEDY: &str = "Write year, month and day, like \"2026-12-25\".";
        let text = match node.value {
            DeValue::String(text) => text.to_string(),
            DeValue::Datetime(date) => date.to_string(),
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Array(_)
            | DeValue::Table(_) => {
                self.not(node, "a date", REMEDY);
                return None;
            }
        };
        let is_date = text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok();
        if !is_date {
            let problem = format!("`{}` is not a date", suggest::short(&text));
            self.error(&node.key, problem, REMEDY);
        }
        is_date.then_some(text)
    }

    /// The entries of a list of bounded length.
    pub(super) fn list<'a>(&mut self, node: &Node<'a>, entries_max: usize) -> Vec<Node<'a>> {
        let DeValue::Array(array) = node.value else {
            self.not(node, "a list", "Write it in square brackets, also where it is only one.");
            return Vec::new();
        };
        if array.len() > entries_max {
            let problem = format!("has {} entries", array.len());
            self.error(&node.key, problem, &format!("Write at most {entries_max}."));
        }
        let mut entries = Vec::new();
        for (position, value) in array.iter().take(entries_max).enumerate() {
            let key = format!("{}[{}]", node.key, position.saturating_add(1));
            let line = self.line_of(value.span().start);
            self.positions.lines.insert(key.clone(), line);
            entries.push(Node { key, value: value.get_ref() });
        }
        entries
    }

    /// A table, with the lines of its keys.
    pub(super) fn section<'a>(&mut self, node: &Node<'a>) -> Option<Section<'a>> {
        let DeValue::Table(table) = node.value else {
            self.not(node, "a table", "Write it in curly brackets, or under its own heading.");
            return None;
        };
        let section = Section { key: node.key.clone(), table };
        self.note_lines(&section);
        Some(section)
    }

    /// A list of words of a closed list, each once.
    pub(super) fn words<W: Word>(&mut self, node: &Node<'_>) -> Vec<W> {
        let mut words = Vec::new();
        for entry in self.list(node, W::ALL.len()) {
            if let Some(word) = self.word::<W>(&entry) {
                self.push_once(&mut words, word, &entry, word.name());
            }
        }
        words
    }

    /// Adds a value that may not be there already.
    pub(super) fn push_once<T: PartialEq>(
        &mut self,
        values: &mut Vec<T>,
        value: T,
        node: &Node<'_>,
        text: &str,
    ) {
        if values.contains(&value) {
            let problem = format!("`{}` stands here twice", suggest::short(text));
            self.error(&node.key, problem, "Write it once.");
        } else {
            values.push(value);
        }
    }
}
