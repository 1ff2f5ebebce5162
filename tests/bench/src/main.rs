//! The benchmark program: one scenario a run; a readable table, and last one JSON line of figures.

use clap::{Parser, ValueEnum};
use ordermill_bench::Result;
use ordermill_bench::scenario::{backlog, hot, large, model, oversell, start, steady, sweep};
use ordermill_bench::target::{Wanted, fresh_folder};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// As in the program that is measured: it is this one once more.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What is measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum Scenario {
    /// Prepaid orders of 1 to 5 lines over 1,000 SKUs, from POST to confirmed.
    Steady,
    /// Every order one unit of one SKU, in turns with the same over 1,000 SKUs.
    Hot,
    /// Stock 50 and 200 buyers at once; 10,000 pieces and 10,500 buyers.
    Oversell,
    /// Orders of 1,000 lines.
    Large,
    /// Finding 100 due orders among 1,000, 10,000 and 100,000 open ones.
    Sweep,
    /// 10,000 orders whose limit runs out in one minute.
    Backlog,
    /// Throughput of `reserve` under a model of DynamoDB's limits, on a virtual clock.
    Model,
    /// Cold starts of the functions' programs against a minimal one, and their sizes.
    Start,
}

/// Measures Ordermill, or any server with the same contract.
#[derive(Parser, Debug)]
#[command(name = "ordermill-bench")]
struct Arguments {
    /// What is measured.
    #[arg(value_enum)]
    scenario: Scenario,
    /// Clients at once; several for one run each [steady: 1,8,32; hot: 32; large: 4].
    #[arg(long, value_delimiter = ',')]
    clients: Vec<usize>,
    /// Orders of a run [steady: 2000; hot: 3000; large: 20; backlog: 10000; model: 2000].
    #[arg(long)]
    orders: Option<usize>,
    /// Lines of an order in `steady`, at least and at most.
    #[arg(long, value_delimiter = ',', num_args = 1, default_value = "1,5")]
    lines: Vec<usize>,
    /// Measure the server at this address in place of an own one; it should have no other load.
    #[arg(long, value_name = "ADDRESS")]
    server: Option<SocketAddr>,
    /// The key of an `admin` of that server.
    #[arg(long, default_value = ordermill_runtime::config::LOCAL_ADMIN_KEY)]
    key: String,
    /// The folder under which an own server keeps its data for the time of the run, and into which
    /// `model` writes its table and its drawing.
    #[arg(long, value_name = "DIR", default_value = ".")]
    under: PathBuf,
    /// The folder with the functions' programs, for `start` [the folder of this program].
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
}

fn main() -> ExitCode {
    // The server that is measured is this program once more.
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return ordermill_local::cli::main();
    }
    let arguments = Arguments::parse();
    let outcome = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Into::into)
        .and_then(|runtime| runtime.block_on(run(arguments)));
    match outcome {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("ordermill-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<String> {
    let wanted = match arguments.server {
        Some(address) => Wanted::Running { address, key: arguments.key.clone() },
        None => Wanted::Own { folder: fresh_folder(&arguments.under) },
    };
    let clients = |default: &[usize]| match arguments.clients.as_slice() {
        [] => default.to_vec(),
        some => some.to_vec(),
    };
    let most = |default: usize| clients(&[default]).into_iter().max().unwrap_or(default);
    let orders = |default: usize| arguments.orders.unwrap_or(default);
    let figures = match arguments.scenario {
        Scenario::Steady => {
            let lines = match arguments.lines.as_slice() {
                [both] => (*both, *both),
                [least, most] if least <= most => (*least, *most),
                _ => return Err("--lines takes one number, or the least and the most".into()),
            };
            let plan = steady::Plan { clients: clients(&[1, 8, 32]), orders: orders(2_000), lines };
            steady::measure(&wanted, &plan).await?
        }
        Scenario::Hot => hot::measure(&wanted, most(32), orders(3_000)).await?,
        Scenario::Oversell => oversell::measure(&wanted).await?,
        Scenario::Large => large::measure(&wanted, most(4), orders(20)).await?,
        Scenario::Sweep => sweep::measure().await?,
        Scenario::Backlog => backlog::measure(&wanted, orders(10_000)).await?,
        Scenario::Model => model::measure(orders(2_000), &arguments.under).await?,
        Scenario::Start => {
            let own = std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default();
            start::measure(&arguments.programs.unwrap_or(own)).await?
        }
    };
    Ok(figures.line())
}
