//! The command line.

pub mod checks;
pub mod import;
pub mod keys;
pub mod notify;
mod policies;
pub mod serve;

use crate::error::{LocalError, LocalResult};
use crate::run::{Ground, Ownership, TABLE_FILE, is_remote};
use clap::{Args, Parser, Subcommand};
use ordermill_runtime::Config;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// How long tasks left over may take when the program ends.
const END_TIMEOUT: Duration = Duration::from_millis(500);

/// Settings of the environment, as `--help` shows them.
const ENVIRONMENT: &str = "\
Environment:
  ORDERMILL_STRIPE_WEBHOOK_SECRET   the whole string is the key; several with commas [loopback: local]
  ORDERMILL_GENERIC_WEBHOOK_SECRET  whsec_ and base64; several with commas [loopback: local]
  ORDERMILL_SIGNING_SECRET          signs cursors and tracking links; needed off loopback
  ORDERMILL_SELLER                  part of every id; never change it [seller]
  ORDERMILL_TABLE                   the table's name [ordermill-table]
  ORDERMILL_QUEUE_PREFIX            the queues' addresses without their names
  AWS_ENDPOINT_URL                  use this stand-in for AWS instead of --data
  ORDERMILL_BACKEND=aws             use AWS itself instead of --data
  ORDERMILL_WEBHOOKS_TO_LOOPBACK    1: on loopback, webhooks may go to http://127.0.0.1
  RUST_LOG                          what is logged to standard error [warn]";

/// Ordermill: takes orders in, reserves stock, follows the money, keeps every deadline.
#[derive(Parser, Debug)]
#[command(name = "ordermill", version, after_help = ENVIRONMENT)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: serve::ServeArguments,
}

/// Where the data are.
#[derive(Args, Debug, Clone)]
pub struct Data {
    /// The folder with the data.
    #[arg(long, value_name = "DIR", default_value = ".ordermill")]
    pub data: PathBuf,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Run the whole system in this process (the default).
    #[command(after_help = ENVIRONMENT)]
    Serve(serve::ServeArguments),
    /// Show what it can do, in three acts: no overselling, no loss, a shop's fortnight.
    Demo(DemoArguments),
    /// Recompute what must be true of all the data; exits 0 only if it is.
    #[command(after_help = ENVIRONMENT)]
    Audit(Data),
    /// Publish again what histories and queues missed.
    #[command(after_help = ENVIRONMENT)]
    Repair(Data),
    /// Check and store lifecycle policies.
    #[command(after_help = ENVIRONMENT)]
    Policy {
        #[command(subcommand)]
        command: checks::PolicyCommand,
    },
    /// Make, list and revoke API keys.
    #[command(after_help = ENVIRONMENT)]
    Keys {
        #[command(subcommand)]
        command: keys::KeysCommand,
    },
    /// See what messages look like, without sending any.
    Notify {
        #[command(subcommand)]
        command: notify::NotifyCommand,
    },
    /// Take a catalogue or a stock count from a CSV file.
    #[command(after_help = ENVIRONMENT)]
    Import {
        #[command(subcommand)]
        command: import::ImportCommand,
    },
}

/// How the demonstration is run.
#[derive(Args, Debug, Clone)]
pub struct DemoArguments {
    /// The folder with its data; it is removed at the start.
    #[arg(long, value_name = "DIR", default_value = ".ordermill-demo")]
    pub data: PathBuf,
}

/// Writes a line to standard output. Nobody may read any more, as in `ordermill … | head`: then the
/// work goes on.
macro_rules! say {
    ($($text:tt)*) => {{
        use std::io::Write as _;
        let mut out = std::io::stdout().lock();
        let _ = writeln!(out, $($text)*);
        let _ = out.flush();
    }};
}
pub(crate) use say;

/// "1 order", "2 orders".
pub(crate) fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    start_logs();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the program cannot start");
            return ExitCode::FAILURE;
        }
    };
    let outcome = runtime.block_on(run(arguments));
    runtime.shutdown_timeout(END_TIMEOUT);
    match outcome {
        Ok(code) => code,
        Err(error) => {
            use std::io::Write as _;
            let _ = writeln!(std::io::stderr(), "ordermill: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> LocalResult<ExitCode> {
    match arguments.command.unwrap_or(Command::Serve(arguments.serve)) {
        Command::Serve(arguments) => serve::serve(arguments).await,
        Command::Demo(arguments) => crate::demo::demo(&arguments.data).await,
        Command::Audit(data) => checks::audit(&data).await,
        Command::Repair(data) => checks::repair(&data).await,
        Command::Policy { command } => checks::policy(&command).await,
        Command::Keys { command } => keys::keys(command).await,
        Command::Notify { command } => notify::notify(command).await,
        Command::Import { command } => import::import(command).await,
    }
}

/// Logs to standard error, for people.
fn start_logs() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    // A second start, as tests may try, keeps the first.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .with_target(false)
        .try_init();
}

impl Data {
    /// The same for what only reads or repairs: a folder without data is a mistake in its name.
    pub(crate) async fn open_existing(&self) -> LocalResult<Ground> {
        if !is_remote() && !self.data.join(TABLE_FILE).exists() {
            let folder = self.data.display();
            let what = format!("there are no data in {folder}: name the folder with --data DIR");
            return Err(LocalError::refused(what));
        }
        self.open().await
    }

    /// Opens the folder beside whoever runs on it.
    pub(crate) async fn open(&self) -> LocalResult<Ground> {
        Ground::open(&self.data, Ownership::Guest, Config::local()).await
    }
}
