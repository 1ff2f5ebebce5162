//! The texts of every language, as data. A wording is a text with `{names}`; how they are filled
//! is told in `fill.rs`, what they mean in `values.rs`.
//!
//! Every table is either a match without `_` (a missing wording does not compile) or a list by
//! code whose keys a test compares with English.

mod en;
mod en_house;
mod lt;
mod lt_house;
mod ro;
mod ro_house;
mod ro_needs;
mod ru;
mod ru_house;

use super::locale::{Figures, Locale};
use super::shape::Label;
use super::template::Template;
use ordermill_domain::order::{DeliveryMethod, EventKind, Terms};
use ordermill_domain::policy::Phase;

/// Everything that is said in one language.
pub(super) struct Language {
    /// Which it is.
    pub locale: Locale,
    /// Short words, months, figures.
    pub words: Words,
    /// The wordings of each message.
    pub message: fn(Template) -> Message,
    /// What stands before a fact, a list, a sum or on a button.
    pub label: fn(Label) -> &'static str,
    /// How goods travel.
    pub delivery: fn(DeliveryMethod) -> &'static str,
    /// Who pays when.
    pub terms: fn(Terms) -> &'static str,
    /// What happened, as half a sentence after a colon.
    pub happened: fn(EventKind) -> &'static str,
    /// What somebody does about an order that stands too long, by phase.
    pub next: fn(Phase) -> &'static str,
    /// Why something was done: code and words, as half a sentence after a colon.
    pub reasons: &'static [(&'static str, &'static str)],
    /// What only the customer can mend: code of a review's reason, and what we ask for.
    pub needs: &'static [(&'static str, &'static str)],
    /// Work for the house: code, words, what to do.
    pub matters: &'static [(&'static str, &'static str, &'static str)],
}

/// The wordings of one message.
#[derive(Clone, Copy)]
pub(super) struct Message {
    /// The first whose values are known; the last needs none but `{number}` and `{status}`.
    pub subject: &'static [&'static str],
    /// The heading; as for the subject.
    pub title: &'static [&'static str],
    /// Paragraphs; those with unknown values are left out.
    pub body: &'static [&'static str],
    /// Parts of the text message, the most needful first; the last ones are left out where it
    /// would become too long.
    pub sms: &'static [&'static str],
}

/// Short words of a language.
pub(super) struct Words {
    /// How figures are written.
    pub figures: Figures,
    /// Months as they stand in a date.
    pub months: [&'static str; 12],
    /// A date, from `{year}`, `{month}`, `{day}`.
    pub date: &'static str,
    /// A moment, from `{date}` and `{time}`.
    pub moment: &'static str,
    /// A moment in a text message, from `{day}`, `{day2}`, `{mon}`, `{month}`, `{time}`.
    pub short: &'static str,
    /// First line of a letter to a customer.
    pub greeting: &'static str,
    /// Last line of a letter to a customer, from `{contact}`.
    pub questions: &'static str,
    /// How to pay where neither link nor account is known, from `{contact}`.
    pub ask_how_to_pay: &'static str,
    /// Under a list that is cut, from `{count}`.
    pub more_lines: &'static str,
    /// VAT number in the foot, from `{vat_id}`.
    pub vat_id: &'static str,
}

impl Language {
    /// A reason in words; a sentence somebody wrote as it is; an unknown code readable.
    pub fn reason(&self, reason: &str) -> String {
        let known = self.reasons.iter().find(|(code, _)| *code == reason);
        known.map_or_else(|| readable(reason), |(_, words)| (*words).to_owned())
    }

    /// Work for the house in words, and what to do about it where that is known.
    pub fn matter(&self, code: &str) -> (String, Option<&'static str>) {
        match self.matters.iter().find(|(known, ..)| *known == code) {
            Some((_, words, next)) => ((*words).to_owned(), Some(next)),
            None => (self.reason(code), None),
        }
    }
}

/// `out_of_stock` is `out of stock`; a sentence stays as it is.
fn readable(code: &str) -> String {
    let is_code = code.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    if is_code { code.replace(['_', '-'], " ") } else { code.to_owned() }
}

/// The texts of a language.
pub(super) fn language(locale: Locale) -> &'static Language {
    match locale {
        Locale::En => &en::ENGLISH,
        Locale::Lt => &lt::LITHUANIAN,
        Locale::Ro => &ro::ROMANIAN,
        Locale::Ru => &ru::RUSSIAN,
    }
}
