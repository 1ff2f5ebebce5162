//! Reads how goods are made: the steps of a production, the first one first.

use super::PRODUCTION_STEPS_MAX;
use super::format::{PRODUCTION_KEYS, PRODUCTION_STEP_KEYS};
use super::reader::{Node, Reader, Section};
use super::statuses::{default_label, read_label};
use crate::policy::{Production, ProductionStep};
use crate::time::Seconds;

/// Reads the production; none where the policy has none.
pub(super) fn read(reader: &mut Reader, root: &Section<'_>) -> Option<Production> {
    let section = root.get("production").and_then(|node| reader.section(&node))?;
    reader.only(&section, &PRODUCTION_KEYS);
    let calendar = match section.get("calendar") {
        Some(node) => reader.text(&node),
        None => {
            let remedy = "Write calendar = \"...\", the working hours it is planned in.";
            reader.missing(&section, "calendar", remedy);
            None
        }
    };
    let steps = match section.get("step") {
        Some(node) => read_steps(reader, &node),
        None => {
            let remedy = "Write [[production.step]] for each step, the first one first.";
            reader.missing(&section, "step", remedy);
            Vec::new()
        }
    };
    Some(Production { calendar: calendar.unwrap_or_default().to_owned(), steps })
}

fn read_steps(reader: &mut Reader, node: &Node<'_>) -> Vec<ProductionStep> {
    let mut steps: Vec<ProductionStep> = Vec::new();
    for entry in reader.list(node, PRODUCTION_STEPS_MAX) {
        let Some(section) = reader.section(&entry) else { continue };
        let step = read_step(reader, &section);
        if steps.iter().any(|known| known.name == step.name) && !step.name.is_empty() {
            let problem = format!("there are two steps `{}`", step.name);
            reader.error(&section.inside("name"), problem, "Give each step a name of its own.");
        }
        steps.push(step);
    }
    steps
}

fn read_step(reader: &mut Reader, section: &Section<'_>) -> ProductionStep {
    reader.only(section, &PRODUCTION_STEP_KEYS);
    let name = match section.get("name") {
        Some(node) => reader.name(&node),
        None => {
            reader.missing(section, "name", "Write name = \"cutting\", or another name.");
            None
        }
    };
    let takes = match section.get("takes") {
        Some(node) => reader.duration(&node),
        None => {
            reader.missing(section, "takes", "Write takes = \"16h\": its working time.");
            None
        }
    };
    let name = name.unwrap_or_default();
    let mut label = default_label(name);
    if let Some(node) = section.get("label") {
        read_label(reader, &node, &mut label);
    }
    let text = |reader: &mut Reader, key: &str| {
        section.get(key).and_then(|node| reader.text(&node)).map(str::to_owned)
    };
    ProductionStep {
        name: name.to_owned(),
        label,
        takes: takes.unwrap_or(Seconds(0)),
        calendar: text(reader, "calendar"),
        department: text(reader, "department"),
    }
}
