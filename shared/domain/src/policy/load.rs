//! Reads a policy file and finds everything that is wrong with it at once, each mistake with its
//! line and what to write instead.
//!
//! The file is parsed once with the place of every value; `header.rs`, `production.rs`, `statuses.rs`
//! and `moves.rs` read the parts, in the words of `words.rs`; then [`check`] judges the whole.
//! `format.rs` describes the same file to editors.

mod canonical;
pub mod format;
mod header;
mod moves;
mod production;
mod reader;
mod statuses;
pub mod suggest;
#[cfg(test)]
mod tests;
pub mod words;

pub use reader::Positions;

use crate::ids;
use crate::policy::{Policy, check};
use crate::time::Seconds;
use reader::Reader;
use std::fmt;
use toml::de::DeTable;

/// The largest policy file that is read, in bytes.
pub const TEXT_BYTES_MAX: usize = 256 * 1024;
/// How deep tables and lists may be nested.
pub const DEPTH_MAX: usize = 8;
/// How many statuses a policy may have.
pub const STATUSES_MAX: usize = 64;
/// How many moves a policy may have.
pub const MOVES_MAX: usize = 256;
/// How many rungs the limit of a status may have.
pub const RUNGS_MAX: usize = 16;
/// How many things may happen on entering a status.
pub const TRIGGERS_MAX: usize = 8;
/// How many guards a move may have.
pub const GUARDS_MAX: usize = 16;
/// How many calendars a policy may have.
pub const CALENDARS_MAX: usize = 16;
/// How many steps a production may have.
pub const PRODUCTION_STEPS_MAX: usize = 32;
/// How many holidays a calendar may have.
pub const HOLIDAYS_MAX: usize = 500;
/// How many languages a label may have.
pub const LANGUAGES_MAX: usize = 40;
/// How many conditions `call_when` may have.
pub const CALL_WHEN_MAX: usize = 16;
/// How long a name may be.
pub const NAME_CHARACTERS_MAX: usize = 40;
/// How long a text may be.
pub const TEXT_CHARACTERS_MAX: usize = 200;
/// How many mistakes are told at once.
pub const ERRORS_MAX: usize = 200;
/// The longest limit: ten years.
pub const LIMIT_SECONDS_MAX: Seconds = Seconds::days(3_660);

/// One mistake in a policy file.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PolicyError {
    /// The file, as the caller named it.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The key, like `status.received.limit[2].to`; entries of lists are counted from 1.
    pub key: String,
    /// What is wrong, without a full stop.
    pub problem: String,
    /// What to write instead: a sentence.
    pub remedy: String,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}. {}", self.problem, self.remedy)
    }
}

impl std::error::Error for PolicyError {}

/// Reads a policy and checks that it can work.
///
/// The content hash is that of the file's values: comments, white space and the order of keys
/// do not change it.
///
/// # Errors
/// Every mistake in it, in the order of the lines; never an empty list.
pub fn from_toml(file: &str, text: &str) -> Result<Policy, Vec<PolicyError>> {
    let mut reader = Reader::new(file, text);
    if text.len() > TEXT_BYTES_MAX {
        let problem = format!("the file has {} bytes", text.len());
        let remedy = format!("A policy may have at most {TEXT_BYTES_MAX} bytes.");
        reader.error("", problem, &remedy);
        return Err(reader.errors);
    }
    let (root, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        return Err(syntax_errors(&reader, &faults));
    }
    if canonical::depth(root.get_ref()) > DEPTH_MAX {
        let problem = format!("is nested more than {DEPTH_MAX} deep");
        reader.error("", problem, "No key of a policy needs that; see the presets.");
        return Err(reader.errors);
    }
    let mut policy = read(&mut reader, &root);
    policy.content_hash = ids::digest(canonical::text(root.get_ref()).as_bytes());
    let mut errors = reader.errors;
    errors.extend(check::check(&policy, &reader.positions));
    if errors.is_empty() {
        return Ok(policy);
    }
    errors.sort_by(|a, b| (a.line, &a.key, &a.problem).cmp(&(b.line, &b.key, &b.problem)));
    errors.dedup();
    errors.truncate(ERRORS_MAX);
    Err(errors)
}

fn read<'a>(reader: &mut Reader, root: &'a toml::Spanned<DeTable<'a>>) -> Policy {
    let root = reader.root(root);
    let mut policy = header::read(reader, &root);
    policy.calendars = header::read_calendars(reader, &root);
    policy.production = production::read(reader, &root);
    policy.statuses = statuses::read(reader, &root);
    policy.moves = moves::read(reader, &root);
    policy
}

/// What is not TOML at all. What was read of such a file is not judged: half of it may be missing.
fn syntax_errors(reader: &Reader, faults: &[toml::de::Error]) -> Vec<PolicyError> {
    faults
        .iter()
        .take(ERRORS_MAX)
        .map(|fault| PolicyError {
            file: reader.positions.file().to_owned(),
            line: fault.span().map_or(1, |span| reader.line_of(span.start)),
            key: String::new(),
            problem: format!("this is not TOML: {}", suggest::short(fault.message())),
            remedy: "See https://toml.io for how tables, lists and text are written.".to_owned(),
        })
        .collect()
}
