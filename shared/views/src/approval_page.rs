//! The page on which a customer answers: what [`ApprovalView`] says, as plain HTML without scripts,
//! in the customer's language, for a telephone first. Its form is posted to the page's own address.
//! The layout is `templates/approve.html`; askama escapes everything.

mod words;

use crate::approval::{ApprovalFieldView, ApprovalItemView, ApprovalLineView, ApprovalView};
use crate::track_page::{self, Calendar, Reader, Words};
use crate::values::Decimal;
use askama::Template;
use ordermill_domain::order::question::{About, Ended, Said, Silence};
use words::AskWords;

#[derive(Template)]
#[template(path = "approve.html")]
struct Page<'a> {
    language: &'static str,
    words: &'static Words,
    ask: &'static AskWords,
    seller: &'a str,
    colour: &'a str,
    number: &'a str,
    title: &'static str,
    /// What is to be known before all: why, until when, or how it ended.
    told: Vec<String>,
    /// Something is wrong with what was sent.
    mistake: Option<&'static str>,
    /// What stood in a form that could not be taken.
    typed: Typed,
    open: bool,
    /// Each is answered by itself; one alone is answered by the buttons.
    each: bool,
    items: Vec<Item>,
    total: String,
    total_proposed: Option<String>,
    buttons: Vec<Choice>,
}

impl Page<'_> {
    /// Whether that was marked in a form that could not be taken.
    fn is_marked(&self, item: &str, value: &str) -> bool {
        self.typed.said.iter().any(|(known, said)| known == item && said == value)
    }
}

struct Item {
    id: String,
    name: String,
    before: Option<String>,
    after: Option<String>,
    rows: Vec<Row>,
    notes: Vec<String>,
    answers: Vec<Choice>,
}

struct Row {
    what: &'static str,
    before: String,
    after: String,
}

/// A word that can be chosen.
struct Choice {
    value: &'static str,
    label: String,
}

/// What went wrong with a form, so that its page can say it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormMistake {
    /// Something was left open.
    NotAll,
    /// Another answer stands already.
    Answered,
    /// What was written is too long, or no text.
    Comment,
}

/// A form that could not be taken, to be shown once more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormAgain {
    /// What was wrong with it.
    pub mistake: FormMistake,
    /// What stood in it.
    pub typed: Typed,
}

/// What stood in a form.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Typed {
    /// What the customer wrote.
    pub comment: String,
    /// What was marked, by the items' names.
    pub said: Vec<(String, String)>,
}

/// The page of a question.
#[must_use]
pub fn approval_page(view: &ApprovalView, reader: Reader<'_>, again: Option<&FormAgain>) -> String {
    let (language, words) = track_page::words_of(reader.locale);
    let ask = words::of(language);
    let calendar = Calendar::new(reader.zone, words);
    let teller = Teller { view, words, ask };
    let mut told = Vec::new();
    if view.open {
        told.push(match view.about {
            About::Edit => ask.why_edit.to_owned(),
            About::Choice => ask.why_choice.to_owned(),
            About::Order => ask.why_order.to_owned(),
        });
        told.extend(view.reason.clone());
        let until = match view.silence {
            Some(Silence::Keep) => ask.until_keep,
            Some(Silence::Cancel) => ask.until_cancel,
            Some(Silence::Ask) | None => ask.until_ask,
        };
        told.push(until.replace("{until}", &calendar.moment(&view.due_at)));
    } else {
        told.push(teller.ended().to_owned());
    }
    let each = view.items.len() > 1;
    let page = Page {
        language,
        words,
        ask,
        seller: reader.seller,
        colour: track_page::colour(reader.colour),
        number: &view.number,
        title: if view.open { ask.title } else { ask.title_ended },
        told,
        mistake: again.map(|again| match again.mistake {
            FormMistake::NotAll => ask.not_all,
            FormMistake::Answered => ask.answered,
            FormMistake::Comment => ask.comment_long,
        }),
        typed: again.map(|again| again.typed.clone()).unwrap_or_default(),
        open: view.open,
        each,
        items: view.items.iter().filter(|_| view.open).map(|item| teller.item(item)).collect(),
        total: words.money(&view.totals.gross.0, &view.currency),
        total_proposed: view
            .totals_proposed
            .as_ref()
            .filter(|_| view.open)
            .map(|totals| words.money(&totals.gross.0, &view.currency)),
        buttons: teller.buttons(each),
    };
    page.render().unwrap_or_default()
}

struct Teller<'a> {
    view: &'a ApprovalView,
    words: &'static Words,
    ask: &'static AskWords,
}

impl Teller<'_> {
    fn ended(&self) -> &'static str {
        match self.view.ended {
            Some(Ended::Accepted) => self.ask.accepted,
            Some(Ended::PartlyAccepted) => self.ask.partly,
            Some(Ended::Refused) if self.view.about == About::Order => self.ask.declined,
            Some(Ended::Refused) => self.ask.refused,
            Some(Ended::NotPossible) => self.ask.not_possible,
            Some(Ended::Silent | Ended::Withdrawn) | None => self.ask.over,
        }
    }

    fn item(&self, item: &ApprovalItemView) -> Item {
        let line = |line: &ApprovalLineView| self.line(line);
        Item {
            id: item.item.clone(),
            name: item.name.clone().unwrap_or_else(|| self.ask.whole_order.to_owned()),
            before: item.before.as_ref().map(line),
            after: item.after.as_ref().map(line),
            rows: item.fields.iter().map(|field| self.row(field)).collect(),
            notes: self.notes(item),
            answers: item.answers.iter().map(|said| self.of_item(item, *said)).collect(),
        }
    }

    /// What became of units that were ordered.
    fn notes(&self, item: &ApprovalItemView) -> Vec<String> {
        if self.view.about == About::Order {
            let goods = self.view.lines.iter();
            return goods.map(|one| format!("{}: {}", one.name, self.line(&one.line))).collect();
        }
        let Some(units) = &item.quantity else { return Vec::new() };
        let count = |text: &str| text.replace("{n}", &units.0.to_string());
        match &item.defect {
            Some(defect) => vec![count(self.ask.defective), defect.clone()],
            None => vec![count(self.ask.missing)],
        }
    }

    fn of_item(&self, item: &ApprovalItemView, said: Said) -> Choice {
        let one = self.choice(said);
        match (said, &item.substitute, &item.defect) {
            (Said::Replace, Some(name), _) => {
                Choice { label: format!("{}: {name}", one.label), ..one }
            }
            (Said::Accept, _, Some(_)) => Choice { label: self.ask.as_it_is.to_owned(), ..one },
            (Said::Accept | Said::Refuse | Said::Wait | Said::Cancel | Said::Replace, _, _) => one,
        }
    }

    fn line(&self, line: &ApprovalLineView) -> String {
        // No sum: discounts of the line are taken off the second figure.
        let total = self.words.money(&line.total.0, &self.view.currency);
        match &line.unit_price {
            Some(Decimal(price)) => {
                let price = self.words.money(price, &self.view.currency);
                format!("{} × {price} · {total}", line.quantity.0)
            }
            None => format!("{} · {total}", line.quantity.0),
        }
    }

    fn row(&self, field: &ApprovalFieldView) -> Row {
        let shown = |value: &Option<String>| {
            let value = value.clone().unwrap_or_default();
            match field.field.as_str() {
                "shipping" | "discounts" if !value.is_empty() => {
                    self.words.money(&value, &self.view.currency)
                }
                _ => {
                    value.split(", ").map(|part| self.ask.said(part)).collect::<Vec<_>>().join(", ")
                }
            }
        };
        Row {
            what: self.ask.field(&field.field),
            before: shown(&field.before),
            after: shown(&field.after),
        }
    }

    fn choice(&self, said: Said) -> Choice {
        let label = match said {
            Said::Accept => self.ask.accept,
            Said::Refuse if self.view.about == About::Order => self.ask.decline,
            Said::Refuse => self.ask.refuse,
            Said::Wait => self.ask.wait,
            Said::Cancel => self.ask.cancel,
            Said::Replace => self.ask.replace,
        };
        Choice { value: said.name(), label: label.to_owned() }
    }

    /// What can be said to everything at once.
    fn buttons(&self, each: bool) -> Vec<Choice> {
        let Some(first) = self.view.items.first() else { return Vec::new() };
        let common = first
            .answers
            .iter()
            .filter(|said| self.view.items.iter().all(|item| item.answers.contains(said)));
        common
            .map(|said| {
                let one = if each { self.choice(*said) } else { self.of_item(first, *said) };
                match said {
                    Said::Accept if each => Choice { label: self.ask.accept_all.to_owned(), ..one },
                    Said::Refuse if each => Choice { label: self.ask.refuse_all.to_owned(), ..one },
                    Said::Accept | Said::Refuse | Said::Wait | Said::Cancel | Said::Replace => one,
                }
            })
            .collect()
    }
}
