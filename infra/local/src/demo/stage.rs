//! What the demonstration says, and what it has to be true.

use crate::cli::say;
use indicatif::{ProgressBar, ProgressStyle};
use std::time::{Duration, Instant};

/// The stage: lines for the one who looks on, and a list of what was not as promised.
pub struct Stage {
    begun: Instant,
    broken: Vec<String>,
}

impl Default for Stage {
    fn default() -> Self {
        Self { begun: Instant::now(), broken: Vec::new() }
    }
}

impl Stage {
    /// A title.
    pub fn title(&self, text: &str) {
        say!("\n{text}\n{}", "─".repeat(text.chars().count()));
    }

    /// A line.
    pub fn say(&self, text: &str) {
        say!("{text}");
    }

    /// A line with its promise: `✓` where it is kept, `✗` where it is not.
    pub fn promise(&mut self, text: &str, is_kept: bool) {
        say!("  {} {text}", if is_kept { '✓' } else { '✗' });
        if !is_kept {
            self.broken.push(text.to_owned());
        }
    }

    /// What was promised and not kept.
    #[must_use]
    pub fn broken(&self) -> &[String] {
        &self.broken
    }

    /// How long it has lasted.
    #[must_use]
    pub fn lasted(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Progress of something that lasts; unseen where standard error is no terminal.
    #[must_use]
    pub fn progress(&self, what: &'static str, steps: usize) -> ProgressBar {
        let bar = ProgressBar::new(u64::try_from(steps).unwrap_or(u64::MAX)).with_message(what);
        if let Ok(style) = ProgressStyle::with_template("  {msg:28} {bar:30} {pos}/{len}") {
            bar.set_style(style);
        }
        bar
    }
}

/// How many of something happened in a second.
#[must_use]
pub fn per_second(count: usize, took: Duration) -> String {
    let milliseconds = took.as_millis().max(1);
    let count = u128::try_from(count).unwrap_or(u128::MAX);
    format!("{}", count.saturating_mul(1000).checked_div(milliseconds).unwrap_or(0))
}

/// A duration as people read it: `3.2 s`, `45 ms`.
#[must_use]
pub fn seconds(took: Duration) -> String {
    if took.as_secs() == 0 {
        return format!("{} ms", took.as_millis());
    }
    format!("{}.{} s", took.as_secs(), took.subsec_millis() / 100)
}
