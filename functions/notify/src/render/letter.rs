//! A message as a letter: the one thing that is printed as plain text here and as HTML in
//! `page.rs`, so that neither says less than the other.

use super::fill::{Values, fill, first};
use super::parts::{Table, table};
use super::shape::{Label, shape};
use super::template::Template;
use super::texts::Language;
use super::values::one_line;
use super::{Audience, Input};
use std::fmt::Write as _;

/// Characters of a subject; more is cut.
const SUBJECT_CHARACTERS_MAX: usize = 150;

/// A message, before it is text or HTML.
pub(super) struct Letter {
    /// ISO 639-1 code of its language.
    pub lang: &'static str,
    pub subject: String,
    pub title: String,
    pub greeting: Option<&'static str>,
    /// Each as its lines.
    pub paragraphs: Vec<Vec<String>>,
    /// What a person wrote, as its lines.
    pub quote: Vec<String>,
    pub facts: Vec<Fact>,
    pub buttons: Vec<Button>,
    pub tables: Vec<Table>,
    /// Whom to ask.
    pub questions: Option<String>,
    pub seller: String,
    /// Address, VAT number, telephone, e-mail.
    pub foot: Vec<String>,
}

/// A label and its value, as its lines.
pub(super) struct Fact {
    pub label: &'static str,
    pub lines: Vec<String>,
}

/// A link.
pub(super) struct Button {
    pub label: &'static str,
    pub url: String,
}

/// Puts a message together.
pub(super) fn letter(
    input: &Input<'_>,
    template: Template,
    language: &'static Language,
    values: &Values,
) -> Letter {
    let message = (language.message)(template);
    let shape = shape(template);
    let for_customer = input.audience == Audience::Customer;
    let mut paragraphs: Vec<String> =
        message.body.iter().filter_map(|wording| fill(wording, values)).collect();
    let owes = shape.pay && values.get("owing").is_some() && input.audience != Audience::Staff;
    if owes && values.get("pay_link").is_none() && values.get("bank").is_none() {
        paragraphs.extend(fill(language.words.ask_how_to_pay, values));
    }
    let facts = shape.facts.iter().filter_map(|(label, name)| {
        let lines = lines(values.get(name)?);
        Some(Fact { label: (language.label)(*label), lines })
    });
    let links =
        [(Label::Answer, "answer_link"), (Label::Pay, "pay_link"), (Label::Follow, "follow")];
    let buttons = links.into_iter().filter_map(|(label, name)| {
        Some(Button { label: (language.label)(label), url: values.get(name)?.to_owned() })
    });
    let tables =
        shape.lists.iter().filter_map(|list| table(*list, input.order, input.event, language));
    let questions = fill(language.words.questions, values).filter(|_| for_customer);
    Letter {
        lang: language.locale.code(),
        subject: subject(&first(message.subject, values)),
        title: one_line(&first(message.title, values)),
        greeting: for_customer.then_some(language.words.greeting),
        paragraphs: paragraphs.iter().map(|paragraph| lines(paragraph)).collect(),
        quote: comment(input, template).map(lines).unwrap_or_default(),
        facts: facts.collect(),
        buttons: buttons.collect(),
        tables: tables.collect(),
        questions,
        seller: input.seller.name.clone(),
        foot: foot(input, language),
    }
}

/// A subject is one line, or a header could be slipped in.
fn subject(text: &str) -> String {
    let clean: String =
        text.chars().map(|c| if c.is_control() || c == '\u{a0}' { ' ' } else { c }).collect();
    clean.trim().chars().take(SUBJECT_CHARACTERS_MAX).collect()
}

fn lines(text: &str) -> Vec<String> {
    text.trim().lines().map(|line| line.trim_end().to_owned()).collect()
}

/// What somebody of the house wrote to the customer with this event.
fn comment<'a>(input: &Input<'a>, template: Template) -> Option<&'a str> {
    if template != Template::OrderComment {
        return None;
    }
    let comments = &input.order.placed.comments;
    let written = comments.iter().find(|c| c.version == input.event.version && c.for_customer);
    written.map(|comment| comment.text.as_str())
}

fn foot(input: &Input<'_>, language: &Language) -> Vec<String> {
    if input.audience == Audience::Staff {
        return Vec::new();
    }
    let seller = input.seller;
    let mut values = Values::default();
    values.set("vat_id", seller.vat_id.clone());
    let vat_id = fill(language.words.vat_id, &values);
    let address = seller.address.as_deref().map(one_line);
    let parts = [address, vat_id, seller.phone.clone(), seller.email.clone()];
    parts.into_iter().flatten().filter(|part| !part.trim().is_empty()).collect()
}

impl Letter {
    /// The letter as plain text. Nothing of the HTML is missing.
    pub fn to_text(&self) -> String {
        let mut blocks: Vec<String> = vec![self.title.clone()];
        blocks.extend(self.greeting.map(str::to_owned));
        blocks.extend(self.paragraphs.iter().map(|paragraph| paragraph.join("\n")));
        let quoted: Vec<String> = self.quote.iter().map(|line| format!("> {line}")).collect();
        blocks.push(quoted.join("\n"));
        let facts: Vec<String> = self.facts.iter().map(Fact::to_text).collect();
        blocks.push(facts.join("\n"));
        blocks.extend(self.buttons.iter().map(|b| format!("{}: {}", b.label, b.url)));
        blocks.extend(self.tables.iter().map(Table::to_text));
        blocks.extend(self.questions.clone());
        let mut foot = format!("-- \n{}", self.seller);
        for part in &self.foot {
            // Writing to a text cannot fail.
            let _ = write!(foot, "\n{part}");
        }
        blocks.push(foot);
        blocks.retain(|block| !block.trim().is_empty());
        let mut text = blocks.join("\n\n").replace('\u{a0}', " ");
        text.push('\n');
        text
    }
}

impl Fact {
    fn to_text(&self) -> String {
        match self.lines.as_slice() {
            [one] => format!("{}: {one}", self.label),
            many => format!("{}:\n  {}", self.label, many.join("\n  ")),
        }
    }
}

impl Table {
    fn to_text(&self) -> String {
        let mut lines = vec![format!("{}:", self.caption)];
        for row in &self.rows {
            let options =
                if row.options.is_empty() { String::new() } else { format!(" ({})", row.options) };
            lines.push(match &row.amount {
                Some(amount) => format!("- {}{options}: {} = {amount}", row.what, row.quantity),
                None => format!("- {} × {}{options}", row.quantity, row.what),
            });
        }
        lines.extend(self.more.clone());
        lines.extend(self.sums.iter().map(|sum| format!("{}: {}", sum.label, sum.amount)));
        lines.join("\n")
    }
}
