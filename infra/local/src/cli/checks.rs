//! `ordermill audit`, `repair` and `policy check`.

use crate::check;
use crate::cli::{Data, say};
use crate::error::{LocalError, LocalResult};
use crate::run::{Functions, LiveLog, Parts, System};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use ordermill_domain::policy::load;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Findings that are printed.
const FINDINGS_SHOWN_MAX: usize = 200;

/// What is done with policies.
#[derive(Subcommand, Debug)]
pub enum PolicyCommand {
    /// Check a policy file, and say of each mistake what to write instead.
    Check {
        /// The file.
        file: PathBuf,
    },
}

/// A spinner that counts rows; unseen where standard error is no terminal.
fn counting(what: &'static str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {human_pos} rows") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

fn position(rows: usize) -> u64 {
    u64::try_from(rows).unwrap_or(u64::MAX)
}

pub(crate) async fn audit(data: &Data) -> LocalResult<ExitCode> {
    let ground = data.open().await?;
    let bar = counting("auditing");
    let report =
        check::audit::audit(&ground.runtime, |rows| bar.set_position(position(rows))).await?;
    bar.finish_and_clear();
    let all = report.findings.iter().chain(&report.unclear);
    for finding in all.take(FINDINGS_SHOWN_MAX) {
        say!("{}: {}: {}", finding.code, finding.about, finding.detail);
    }
    let more = (report.findings.len() + report.unclear.len()).saturating_sub(FINDINGS_SHOWN_MAX);
    if more > 0 {
        say!("… and {more} more");
    }
    if report.behind > 0 {
        say!("{} orders have events that are not in their history yet", report.behind);
    }
    say!("{}", report.verdict());
    Ok(if report.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) async fn repair(data: &Data) -> LocalResult<ExitCode> {
    let ground = data.open().await?;
    // Messages of the embedded queues live in the process that sends them: it delivers them too.
    let system = match ground.services {
        Some(_) => {
            let functions = Functions::deployed();
            Some(System::start(ground.clone(), functions, Parts::Workers, LiveLog::Silent)?)
        }
        None => None,
    };
    let bar = counting("repairing");
    let repaired =
        check::repair::repair(&ground.runtime, |rows| bar.set_position(position(rows))).await?;
    if let Some(system) = system {
        system.idle().await?;
        system.stop().await;
    }
    bar.finish_and_clear();
    say!(
        "repair: {} orders, {} behind, {} events published again{}",
        repaired.orders,
        repaired.behind,
        repaired.events,
        match repaired.lost {
            0 => String::new(),
            lost => format!(", {lost} older than the orders remember"),
        }
    );
    Ok(if repaired.lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) fn policy(command: &PolicyCommand) -> LocalResult<ExitCode> {
    let PolicyCommand::Check { file } = command;
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(LocalError::system(shown.clone()))?;
    match load::from_toml(&shown, &text) {
        Ok(policy) => {
            say!(
                "{shown}: fine: {} version {}, {} statuses",
                policy.name,
                policy.version,
                policy.statuses.len()
            );
            Ok(ExitCode::SUCCESS)
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                say!("{mistake}");
            }
            say!("{shown}: {} mistakes", mistakes.len());
            Ok(ExitCode::FAILURE)
        }
    }
}
