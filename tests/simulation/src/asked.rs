//! What customers were asked, as those remember it who have the link: what each item would make of the
//! order, and what they have answered. Nothing here is read from the table.

use crate::callers::{Change, Request};
use crate::model::Model;
use crate::observer::Finding;
use ordermill_world::Answer;
use serde_json::Value;
use std::collections::BTreeMap;

/// What one item of a question is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// Part of an edit.
    Edit(Change),
    /// Units of a line that are missing, or have a defect.
    Units {
        /// The line.
        line: u64,
        /// How many; none where others may have taken some off meanwhile.
        units: Option<i64>,
        /// They have a defect.
        defect: bool,
        /// What may come in their place.
        substitute: Option<String>,
    },
}

impl What {
    /// What can be said to it.
    #[must_use]
    pub fn answers(&self) -> Vec<&'static str> {
        match self {
            Self::Edit(_) => vec!["accept", "refuse"],
            Self::Units { defect, substitute, .. } => {
                let mut all = vec!["wait", "cancel"];
                all.extend(defect.then_some("accept"));
                all.extend(substitute.as_ref().map(|_| "replace"));
                all
            }
        }
    }
}

/// A link that somebody has.
#[derive(Clone, Debug)]
pub struct Link {
    /// Which question of the order.
    pub number: u64,
    /// Where it leads.
    pub path: String,
    /// What is asked, by the names of the items.
    pub items: Vec<(String, What)>,
    /// What stands as its answer.
    pub answered: Option<Vec<(String, String)>>,
}

/// Units with a defect of which the books do not know whether they are still there.
pub type Unsure = BTreeMap<String, i64>;

impl Link {
    /// The open question that an answer shows, where it is about that.
    fn shown(answer: &Answer, about: &str) -> Option<(u64, String, Vec<String>)> {
        let question = &answer.body["question"];
        let number = question["number"].as_u64().filter(|_| question["about"] == about)?;
        let url = question["url"].as_str()?;
        let path = url.get(url.find("/v1/approve/")?..)?.to_owned();
        let ids = question["items"].as_array()?.iter();
        Some((number, path, ids.filter_map(|id| id.as_str().map(str::to_owned)).collect()))
    }
}

impl Model {
    /// An edit was proposed, and the answer holds its link.
    pub(crate) fn proposed(&mut self, place: usize, things: &[(String, Change)], answer: &Answer) {
        let Some(order) = self.orders.get_mut(&place) else { return };
        let Some((number, path, ids)) = Link::shown(answer, "edit") else { return };
        let items = things.iter().map(|(id, change)| (id.clone(), What::Edit(change.clone())));
        let items: Vec<(String, What)> = items.collect();
        let names: Vec<&String> = items.iter().map(|(id, _)| id).collect();
        if ids.iter().collect::<Vec<_>>() == names {
            order.links.push(Link { number, path, items, answered: None });
        }
    }

    /// A picker has found less than there should be, or units with a defect.
    pub(crate) fn found(&mut self, place: usize, short: &Value, answer: &Answer, exact: bool) {
        let Some(order) = self.orders.get_mut(&place) else { return };
        let short: Vec<&Value> = short.as_array().into_iter().flatten().collect();
        for entry in &short {
            let number = entry["line"].as_u64().unwrap_or(0);
            let units = entry["quantity"].as_i64().unwrap_or(0);
            // Whoever is asked may leave them out.
            order.fewest.insert(number, 0);
            if entry["defect"].is_string()
                && let Some((sku, _, _)) = order.lines.get(&number)
            {
                *order.unsure.entry(sku.clone()).or_default() += units;
            }
        }
        let Some((number, path, ids)) = Link::shown(answer, "choice") else { return };
        let what = |id: String| {
            let line = id.split('-').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0);
            let entry = short.iter().find(|entry| entry["line"] == line).filter(|_| exact);
            let text = |name: &str| entry.and_then(|e| e[name].as_str().map(str::to_owned));
            let units = entry.and_then(|entry| entry["quantity"].as_i64());
            let (defect, substitute) = (text("defect").is_some(), text("substitute"));
            (id, What::Units { line, units, defect, substitute })
        };
        let items = ids.into_iter().map(what).collect();
        order.links.retain(|link| link.number != number);
        order.links.push(Link { number, path, items, answered: None });
    }

    /// A customer has answered.
    pub(crate) fn replied(
        &mut self,
        (place, number): (usize, u64),
        said: &[(String, String)],
        request: &Request,
        answer: &Answer,
        found: &mut Vec<Finding>,
    ) {
        let Some(order) = self.orders.get_mut(&place) else { return };
        let Some(link) = order.links.iter_mut().find(|link| link.number == number) else { return };
        let mut wrong = |code: &str| {
            let detail = format!("{:?} stands: {answer:?}", link.answered);
            found.push(Finding::new(code, &request.words, detail));
        };
        let same = link.answered.as_deref().map(|known| known == said);
        match (answer.status, same) {
            (200, None) => {}
            (200, Some(true)) => return,
            (200, Some(false)) => return wrong("answered_twice"),
            (409, Some(true)) if answer.body["code"] == "already_answered" => {
                return wrong("repeat_refused");
            }
            // It may have been answered by a request whose answer nobody got.
            (410, None) if request.attempts > 1 => {
                order.unclear = true;
                return;
            }
            // Too late, or not now; of an order that is gone.
            (404 | 409 | 410 | 422, _) => return,
            _ => return wrong("unexpected_answer"),
        }
        link.answered = Some(said.to_vec());
        let ended = answer.body["ended"].as_str().unwrap_or_default();
        if !matches!(ended, "accepted" | "partly_accepted") {
            return;
        }
        let items = link.items.clone();
        for ((_, what), (_, said)) in items.iter().zip(said) {
            match what {
                What::Edit(change) if said == "accept" => self.edited(place, change),
                What::Edit(_) => {}
                What::Units { line, units, defect, substitute } => {
                    self.chosen(place, *line, *units, *defect, (said, substitute.as_deref()));
                }
            }
        }
    }

    fn chosen(
        &mut self,
        place: usize,
        line: u64,
        units: Option<i64>,
        defect: bool,
        (said, substitute): (&str, Option<&str>),
    ) {
        let (Some(order), Some(units)) = (self.orders.get_mut(&place), units) else { return };
        let Some((sku, wanted, price)) = order.lines.get_mut(&line) else { return };
        if defect {
            // What is not taken as it is is sold to nobody else.
            *order.unsure.entry(sku.clone()).or_default() -= units;
            if said != "accept" {
                self.stock.entry(sku.clone()).or_default().on_hand -= units;
            }
        }
        if let Some(substitute) = substitute.filter(|_| said == "replace") {
            *wanted -= units;
            order.added.push((substitute.to_owned(), units, *price));
        }
    }
}
