//! `ordermill audit`, `repair` and `policy`.

use crate::check;
use crate::cli::{Data, counted, policies, say};
use crate::error::{LocalError, LocalResult};
use crate::run::{Functions, LiveLog, Parts, System};
use clap::Subcommand;
use indicatif::{ProgressBar, ProgressStyle};
use ordermill_domain::policy::{Policy, load};
use std::path::{Path, PathBuf};
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
    /// Store a policy; new orders of its name get it within a minute. The same version with
    /// another content is refused.
    Store {
        /// The file.
        file: PathBuf,
        /// Where the data are.
        #[command(flatten)]
        data: Data,
    },
    /// Say fact by fact what a second policy says otherwise.
    Diff {
        /// The first file.
        first: PathBuf,
        /// The second file.
        second: PathBuf,
    },
    /// Draw a policy: statuses and moves, as an SVG.
    Graph {
        /// The file.
        file: PathBuf,
        /// Where the picture goes.
        #[arg(long, value_name = "FILE", default_value = "policy.svg")]
        out: PathBuf,
    },
    /// Walk the recorded orders again under a draft: which would have gone another way, and why.
    /// Nothing is written.
    Replay {
        /// The draft.
        file: PathBuf,
        /// Where the data are.
        #[command(flatten)]
        data: Data,
    },
    /// Store the policies that come with the program, where there is none of their name.
    Presets {
        /// Where the data are.
        #[command(flatten)]
        data: Data,
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
    let ground = data.open_existing().await?;
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
    let ground = data.open_existing().await?;
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
        "repair: {} orders, {} behind, {} events published again, {} told to clients{}",
        repaired.orders,
        repaired.behind,
        repaired.events,
        repaired.webhooks,
        match repaired.lost {
            0 => String::new(),
            lost => format!(", {lost} older than the orders remember"),
        }
    );
    Ok(if repaired.lost == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(crate) async fn policy(command: &PolicyCommand) -> LocalResult<ExitCode> {
    match command {
        PolicyCommand::Check { file } => Ok(match checked(file)? {
            Some(_) => ExitCode::SUCCESS,
            None => ExitCode::FAILURE,
        }),
        PolicyCommand::Store { file, data } => {
            let Some((policy, text)) = checked(file)? else { return Ok(ExitCode::FAILURE) };
            let ground = data.open().await?;
            ordermill_runtime::policies::store(&ground.runtime.table, &policy, &text).await?;
            say!("stored: new orders get {} version {}", policy.name, policy.version);
            Ok(ExitCode::SUCCESS)
        }
        PolicyCommand::Diff { first, second } => policies::differ(first, second),
        PolicyCommand::Graph { file, out } => policies::graph(file, out),
        PolicyCommand::Replay { file, data } => policies::replay(file, data).await,
        PolicyCommand::Presets { data } => {
            let ground = data.open().await?;
            ordermill_runtime::policies::store_presets(&ground.runtime.table).await?;
            say!("stored: {}", ordermill_domain::policy::presets::NAMES.join(", "));
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// The policy of a file and its text; none where it has mistakes, which are then said.
pub(crate) fn checked(file: &Path) -> LocalResult<Option<(Policy, String)>> {
    let shown = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(LocalError::system(shown.clone()))?;
    match load::from_toml(&shown, &text) {
        Ok(policy) => {
            let statuses = policy.statuses.len();
            say!("{shown}: fine: {} version {}, {statuses} statuses", policy.name, policy.version);
            Ok(Some((policy, text)))
        }
        Err(mistakes) => {
            for mistake in &mistakes {
                say!("{mistake}");
            }
            say!("{shown}: {}", counted(mistakes.len(), "mistake"));
            Ok(None)
        }
    }
}
