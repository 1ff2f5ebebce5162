//! A policy as a picture: statuses in columns by phase, moves between them as arrows, told apart by
//! who makes them. Plain SVG, no script, readable in black and white.

use ordermill_domain::policy::load::words::Word;
use ordermill_domain::policy::{Move, Outcome, Phase, Policy, Status, StatusKey};
use std::collections::BTreeMap;
use std::fmt::Write;

const BOX_WIDTH: i32 = 170;
const BOX_HEIGHT: i32 = 46;
const COLUMN: i32 = 300;
const ROW: i32 = 104;
const MARGIN: i32 = 40;
const HEAD: i32 = 70;

/// Draws a policy.
#[must_use]
pub fn draw(policy: &Policy) -> String {
    let places = places(policy);
    let columns = i32::try_from(Phase::ALL.len()).unwrap_or(6);
    let rows = places.values().map(|(_, y)| *y).max().unwrap_or(0);
    let (width, height) = (MARGIN * 2 + COLUMN * columns, rows + BOX_HEIGHT + MARGIN * 2);
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"13\"><title>{} version {}</title>\
         <defs><marker id=\"a\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"7\" \
         markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\" fill=\"#444\"/></marker></defs>\
         <rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>",
        text(&policy.name),
        policy.version
    );
    for (column, phase) in (0..).zip(Phase::ALL) {
        let x = MARGIN + COLUMN * column;
        let _ = write!(
            out,
            "<text x=\"{x}\" y=\"36\" font-size=\"16\" fill=\"#666\">{}</text>",
            phase.name()
        );
    }
    for ((from, to), words) in arrows(policy) {
        if let (Some(from), Some(to)) = (places.get(&from), places.get(&to)) {
            arrow(&mut out, *from, *to, &words);
        }
    }
    for (key, status) in &policy.statuses {
        if let Some(place) = places.get(key) {
            status_box(&mut out, policy, key, status, *place);
        }
    }
    out.push_str("</svg>\n");
    out
}

/// Where each status stands: its phase's column, in the order of the alphabet.
fn places(policy: &Policy) -> BTreeMap<StatusKey, (i32, i32)> {
    let mut places = BTreeMap::new();
    for (column, phase) in (0..).zip(Phase::ALL) {
        let of_phase = policy.statuses.iter().filter(|(_, status)| status.phase == *phase);
        for (row, (key, _)) in (0..).zip(of_phase) {
            places.insert(key.clone(), (MARGIN + COLUMN * column, HEAD + ROW * row));
        }
    }
    places
}

type Ways = BTreeMap<(StatusKey, StatusKey), Vec<String>>;

/// What leads from where to where, each in one word; what stays is no arrow.
fn arrows(policy: &Policy) -> Ways {
    let mut ways = Ways::new();
    let mut add = |from: &StatusKey, to: &StatusKey, word: String| {
        let words = ways.entry((from.clone(), to.clone())).or_default();
        if from != to && !words.contains(&word) {
            words.push(word);
        }
    };
    for (key, status) in &policy.statuses {
        for (outcome, to) in &status.then {
            add(key, to, format!("{}*", outcome.name()));
        }
        for rung in &status.limit {
            if let Outcome::Move { to, .. } = &rung.outcome {
                add(key, to, format!("after {}", rung.after));
            }
        }
    }
    for m in &policy.moves {
        for from in &m.from {
            add(from, &m.to, word_of(m));
        }
    }
    ways.retain(|_, words| !words.is_empty());
    ways
}

fn word_of(m: &Move) -> String {
    let by_itself = if m.auto { "*" } else { "" };
    let guarded = if m.guards.is_empty() { "" } else { "?" };
    format!("{}{by_itself}{guarded}", m.command.name())
}

fn arrow(out: &mut String, from: (i32, i32), to: (i32, i32), words: &[String]) {
    let forward = to.0 > from.0;
    let start = (if forward { from.0 + BOX_WIDTH } else { from.0 + BOX_WIDTH / 2 }, from.1);
    let (start, end) = if from.0 == to.0 {
        // Within a column: along its right side.
        let side = from.0 + BOX_WIDTH;
        ((side, from.1 + BOX_HEIGHT / 2), (side, to.1 + BOX_HEIGHT / 2))
    } else if forward {
        ((start.0, from.1 + BOX_HEIGHT / 2), (to.0, to.1 + BOX_HEIGHT / 2))
    } else {
        ((start.0, from.1), (to.0 + BOX_WIDTH / 2, to.1 + BOX_HEIGHT))
    };
    let bend = if from.0 == to.0 { 70 } else { (end.0 - start.0) / 2 };
    let (c1, c2) = if from.0 == to.0 {
        ((start.0 + bend, start.1), (end.0 + bend, end.1))
    } else {
        ((start.0 + bend, start.1), (end.0 - bend, end.1))
    };
    let (x, y) =
        ((start.0 + 3 * c1.0 + 3 * c2.0 + end.0) / 8, (start.1 + 3 * c1.1 + 3 * c2.1 + end.1) / 8);
    let dashes =
        if words.iter().all(|w| w.starts_with("after")) { " stroke-dasharray=\"5 4\"" } else { "" };
    let _ = write!(
        out,
        "<path d=\"M{} {}C{} {} {} {} {} {}\" fill=\"none\" stroke=\"#444\"{dashes} \
         marker-end=\"url(#a)\"/><text x=\"{x}\" y=\"{y}\" font-size=\"11\" text-anchor=\"middle\" \
         fill=\"#124\" stroke=\"#fff\" stroke-width=\"3\" paint-order=\"stroke\">{}</text>",
        start.0,
        start.1,
        c1.0,
        c1.1,
        c2.0,
        c2.1,
        end.0,
        end.1,
        text(&words.join(", "))
    );
}

fn status_box(out: &mut String, policy: &Policy, key: &StatusKey, status: &Status, at: (i32, i32)) {
    let weight = if *key == policy.initial { 3 } else { 1 };
    let fill = if status.phase == Phase::Closed { "#eee" } else { "#fff" };
    let label = status.label.get("en").map_or(key.as_str(), String::as_str);
    let _ = write!(
        out,
        "<g><rect x=\"{}\" y=\"{}\" width=\"{BOX_WIDTH}\" height=\"{BOX_HEIGHT}\" rx=\"6\" \
         fill=\"{fill}\" stroke=\"#124\" stroke-width=\"{weight}\"/>\
         <text x=\"{}\" y=\"{}\">{}</text><text x=\"{}\" y=\"{}\" font-size=\"11\" \
         fill=\"#666\">{}</text></g>",
        at.0,
        at.1,
        at.0 + 10,
        at.1 + 20,
        text(label),
        at.0 + 10,
        at.1 + 36,
        text(key.as_str())
    );
}

fn text(plain: &str) -> String {
    plain.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use ordermill_domain::policy::presets;

    #[test]
    fn every_status_and_every_way_of_each_preset_is_drawn() {
        for policy in presets::all().unwrap() {
            let drawn = super::draw(&policy);
            for key in policy.statuses.keys() {
                assert!(drawn.contains(&format!(">{key}<")), "{}: {key}", policy.name);
            }
            assert_eq!(drawn.matches("<path d=\"M").count() - 1, super::arrows(&policy).len());
            assert!(drawn.starts_with("<svg") && drawn.ends_with("</svg>\n"));
        }
    }
}
