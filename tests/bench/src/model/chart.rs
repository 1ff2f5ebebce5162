//! The result as a drawing: orders a second against instances, one line for each way and share.

use crate::model::reserving::Way;
use std::fmt::Write as _;

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 420.0;
const LEFT: f64 = 70.0;
const TOP: f64 = 30.0;
const RIGHT: f64 = 190.0;
const BOTTOM: f64 = 50.0;

/// A line of the drawing.
#[derive(Clone, Debug)]
pub struct Line {
    /// How orders are written.
    pub way: Way,
    /// Of a hundred orders, how many are for the one hot SKU.
    pub hot_percent: usize,
    /// Instances and orders a second.
    pub points: Vec<(usize, f64)>,
}

/// An SVG; both axes are logarithmic.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "places in a drawing")]
pub fn svg(lines: &[Line]) -> String {
    let all = || lines.iter().flat_map(|line| &line.points);
    let most = all().map(|(_, rate)| *rate).fold(1.0, f64::max);
    let least = all().map(|(_, rate)| *rate).fold(most, f64::min);
    let instances_most = all().map(|(n, _)| *n).max().unwrap_or(1).max(2) as f64;
    let (low, high) = (10_f64.powf(least.log10().floor()), 10_f64.powf(most.log10().ceil()));
    let x = |n: usize| LEFT + (n as f64).ln() / instances_most.ln() * (WIDTH - LEFT - RIGHT);
    let y = |rate: f64| {
        let share = (rate / low).ln() / (high / low).ln();
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    };
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{WIDTH}\" height=\"{HEIGHT}\" \
         fill=\"white\"/>\n<text x=\"{LEFT}\" y=\"18\" font-size=\"14\">Orders reserved a second, by \
         instances of reserve (model of DynamoDB's limits)</text>\n"
    );
    let mut mark = low;
    while mark <= high * 1.01 {
        let at = y(mark);
        let _ = writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"#ddd\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{mark:.0}</text>",
            WIDTH - RIGHT,
            LEFT - 6.0,
            at + 4.0,
        );
        mark *= 10.0;
    }
    let mut ticks: Vec<usize> = all().map(|(n, _)| *n).collect();
    ticks.sort_unstable();
    ticks.dedup();
    for n in ticks {
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{n}</text>",
            x(n),
            HEIGHT - BOTTOM + 18.0,
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">instances</text>",
        f64::midpoint(LEFT, WIDTH - RIGHT),
        HEIGHT - 12.0,
    );
    for line in lines {
        let (colour, name) = match line.way {
            Way::Group => ("#0b6e4f", "group commit"),
            Way::OneByOne => ("#b23a48", "one by one"),
        };
        let dash = match line.hot_percent {
            0 => "",
            100 => " stroke-dasharray=\"2 3\"",
            _ => " stroke-dasharray=\"8 4\"",
        };
        let points: Vec<String> =
            line.points.iter().map(|(n, rate)| format!("{:.1},{:.1}", x(*n), y(*rate))).collect();
        let _ = writeln!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"{dash} points=\"{}\"/>",
            points.join(" "),
        );
        if let Some((n, rate)) = line.points.last() {
            let _ = writeln!(
                svg,
                "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{colour}\">{name}, {}% hot</text>",
                x(*n) + 8.0,
                y(*rate) + 4.0,
                line.hot_percent,
            );
        }
    }
    svg.push_str("</svg>\n");
    svg
}
