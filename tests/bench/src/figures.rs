//! Latencies, tables, and the last line of a run: one JSON object.

use serde_json::{Map, Value, json};
use std::time::Duration;

/// How long each of many things took.
#[derive(Clone, Debug, Default)]
pub struct Latencies(Vec<Duration>);

impl Latencies {
    /// Of these durations.
    #[must_use]
    pub fn of(mut all: Vec<Duration>) -> Self {
        all.sort_unstable();
        Self(all)
    }

    /// All of several runs.
    #[must_use]
    pub fn merged(runs: Vec<Self>) -> Self {
        Self::of(runs.into_iter().flat_map(|run| run.0).collect())
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The duration that this share of all (in per cent) does not exceed, in milliseconds.
    #[must_use]
    pub fn percentile(&self, percent: usize) -> f64 {
        let last = self.0.len().saturating_sub(1);
        let at = (self.0.len() * percent).div_ceil(100).saturating_sub(1).min(last);
        self.0.get(at).map_or(0.0, |took| milliseconds(*took))
    }
}

/// A duration in milliseconds, with one decimal.
#[must_use]
pub fn milliseconds(took: Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

/// How many of something happened in a second, with one decimal.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a rate that people read")]
pub fn per_second(count: usize, took: Duration) -> f64 {
    (count as f64 / took.as_secs_f64().max(0.000_001) * 10.0).round() / 10.0
}

/// What a run found out; printed as its last line.
#[derive(Clone, Debug, Default)]
pub struct Figures(Map<String, Value>);

impl Figures {
    /// Of this scenario.
    #[must_use]
    pub fn of(scenario: &str) -> Self {
        let mut figures = Self::default();
        figures.set("scenario", json!(scenario));
        figures
    }

    /// One figure more.
    pub fn set(&mut self, name: &str, value: Value) {
        self.0.insert(name.to_owned(), value);
    }

    /// Rate and latencies of orders.
    pub fn set_rate(&mut self, took: Duration, latencies: &Latencies) {
        self.set("orders", json!(latencies.count()));
        self.set("orders_per_second", json!(per_second(latencies.count(), took)));
        self.set_latencies(latencies);
    }

    /// Latencies alone.
    pub fn set_latencies(&mut self, latencies: &Latencies) {
        for percent in [50, 95, 99] {
            self.set(&format!("p{percent}_ms"), json!(latencies.percentile(percent)));
        }
    }

    /// The line: one JSON object.
    #[must_use]
    pub fn line(&self) -> String {
        Value::Object(self.0.clone()).to_string()
    }
}

/// A table: a head and rows, columns as wide as needed, figures to the right.
#[must_use]
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|cell| cell.chars().count())).max().unwrap_or(0)
    };
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let cells: Vec<String> = cells
            .enumerate()
            .map(|(column, cell)| {
                let pad = " ".repeat(width(column) - cell.chars().count());
                if column == 0 { format!("{cell}{pad}") } else { format!("{pad}{cell}") }
            })
            .collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    let mut text = line(&mut head.iter().copied());
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_value_that_was_measured() {
        let hundred = Latencies::of((1..=100).rev().map(Duration::from_millis).collect());
        assert_eq!([50, 95, 99, 100].map(|p| hundred.percentile(p)), [50.0, 95.0, 99.0, 100.0]);
        let one = Latencies::of(vec![Duration::from_micros(1_540)]);
        assert_eq!([1, 99].map(|p| one.percentile(p)), [1.5, 1.5]);
        assert_eq!(Latencies::default().percentile(99), 0.0);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows =
            [vec!["steady".to_owned(), "1".to_owned()], vec!["ä".to_owned(), "23".to_owned()]];
        assert_eq!(table(&["name", "n"], &rows), "name     n\nsteady   1\nä       23\n");
    }
}
