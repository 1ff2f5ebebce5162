//! Runs worlds: `cargo run --release -p ordermill-simulation -- --seeds 2000 --minutes 10`.
//!
//! Exit code 0 only when nothing was found (and, with `--mutations`, every known mistake was). The
//! last line of standard output is one JSON object.

#![allow(clippy::print_stdout, reason = "the report is what this is for")]

use clap::Parser;
use ordermill_simulation::mutations::Mutation;
use ordermill_simulation::plan::Plan;
use ordermill_simulation::report::{Failure, Totals};
use ordermill_simulation::shrink::shrink;
use ordermill_simulation::world::run;
use serde_json::json;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

// Half of what a world does is to take memory and give it back.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seeded worlds with every fault we can think of.
#[derive(Parser, Clone)]
struct Settings {
    /// How many worlds at most.
    #[arg(long, default_value_t = 2_000)]
    seeds: u64,
    /// How long at most.
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// The first seed; the others follow.
    #[arg(long, default_value_t = 1)]
    from: u64,
    /// One world only, told in words.
    #[arg(long)]
    seed: Option<u64>,
    /// Tells that world as it is, without making it smaller.
    #[arg(long)]
    whole: bool,
    /// Breaks the program in known ways, one after another: each must be found.
    #[arg(long)]
    mutations: bool,
    /// With `--seed`: the known mistake to make, by its name. With `--mutations`: this one alone.
    #[arg(long)]
    mutation: Option<String>,
    /// Races on one order in place of worlds: a payment and its time-out at so many interleavings,
    /// 200 same requests at once, 1,000 commands on one order.
    #[arg(long, value_name = "INTERLEAVINGS", num_args = 0..=1, default_missing_value = "10000")]
    races: Option<u64>,
    /// Worlds of a few wants that go on for some hours only: more of them in the same time.
    #[arg(long)]
    small: bool,
    /// Worlds at once.
    #[arg(long)]
    threads: Option<usize>,
    /// No success when the minutes were over before so many worlds had run.
    #[arg(long, default_value_t = 0)]
    at_least: u64,
}

/// How long a failing world is made smaller.
const SHRINK: Duration = Duration::from_secs(60);
/// Failing worlds that are told; the others are counted.
const TOLD_MAX: usize = 3;
/// Worlds in which a known mistake must be found.
const MUTATION_WORLDS: u64 = 400;
/// The stack of a thread that runs worlds: unoptimised futures are deep.
const STACK_BYTES: usize = 64 << 20;

impl Settings {
    fn plan(&self, seed: u64) -> Plan {
        let plan = Plan::new(seed);
        if self.small { plan.small() } else { plan }
    }
}

fn main() -> ExitCode {
    let settings = Settings::parse();
    let deep = std::thread::Builder::new().stack_size(STACK_BYTES);
    let worker = deep.spawn(move || begin(&settings));
    match worker.map(std::thread::JoinHandle::join) {
        Ok(Ok(code)) => code,
        Ok(Err(_)) | Err(_) => ExitCode::FAILURE,
    }
}

fn begin(settings: &Settings) -> ExitCode {
    if let Some(seed) = settings.seed {
        return one(seed, settings);
    }
    if let Some(interleavings) = settings.races {
        return raced(interleavings, settings);
    }
    let totals = many(settings, None);
    totals.print();
    let missing = totals.uncovered();
    println!("\nnever seen ({}):", missing.len());
    for line in &missing {
        println!("  {line}");
    }
    for failure in totals.failures.iter().take(TOLD_MAX) {
        told(failure, settings);
    }
    let mut last = totals.json();
    let mut good = totals.failures.is_empty();
    if totals.worlds < settings.at_least {
        println!("\n{} worlds ran, {} were wanted", totals.worlds, settings.at_least);
        good = false;
    }
    if settings.mutations {
        let caught = mutations(settings);
        let all = wanted(settings).len();
        last["mutations"] = json!(all);
        last["caught"] = json!(caught);
        good &= caught == all;
    }
    println!("{last}");
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// The races at full size; one that ends otherwise than it must panics, and is no success.
fn raced(interleavings: u64, settings: &Settings) -> ExitCode {
    let began = Instant::now();
    let mut last = serde_json::Map::new();
    for (name, raced) in ordermill_simulation::races::all(interleavings, threads(settings)) {
        println!("{name}: {} runs, {} different, {:?}", raced.runs, raced.different, raced.ends);
        last.insert(name.replace(' ', "_"), json!(raced.runs));
    }
    last.insert("seconds".to_owned(), json!(began.elapsed().as_secs()));
    println!("{}", serde_json::Value::from(last));
    ExitCode::SUCCESS
}

fn threads(settings: &Settings) -> u64 {
    let there = std::thread::available_parallelism().map_or(1, usize::from);
    u64::try_from(settings.threads.unwrap_or(there)).unwrap_or(1)
}

/// The known mistakes that are meant: the one that is named, or all.
fn wanted(settings: &Settings) -> Vec<Mutation> {
    let is_meant = |mutation: &Mutation| {
        settings.mutation.as_ref().is_none_or(|name| format!("{mutation:?}") == *name)
    };
    Mutation::ALL.into_iter().filter(is_meant).collect()
}

/// One world, in words.
fn one(seed: u64, settings: &Settings) -> ExitCode {
    let mutation = settings.mutation.as_ref().and_then(|_| wanted(settings).pop());
    let plan = settings.plan(seed);
    let outcome = run(&plan, mutation, true);
    let print = outcome.print;
    let outcome = match outcome.findings.is_empty() || settings.whole {
        true => outcome,
        false => shrink(&plan, mutation, SHRINK).1,
    };
    for line in &outcome.timeline {
        println!("{line}");
    }
    let mut totals = Totals::default();
    let good = outcome.findings.is_empty();
    totals.add(seed, outcome);
    let mut last = totals.json();
    last["print"] = json!(print);
    println!("{last}");
    if good { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Many worlds, several at once.
fn many(settings: &Settings, mutation: Option<Mutation>) -> Totals {
    let began = Instant::now();
    let until = began + Duration::from_secs(settings.minutes * 60);
    let threads = threads(settings);
    let next = Arc::new(AtomicU64::new(settings.from));
    let totals = Arc::new(Mutex::new(Totals::default()));
    let end = settings.from + settings.seeds;
    let work = |_| {
        let (next, totals) = (Arc::clone(&next), Arc::clone(&totals));
        let settings = settings.clone();
        let thread = std::thread::Builder::new().stack_size(STACK_BYTES);
        thread.spawn(move || {
            loop {
                let seed = next.fetch_add(1, Ordering::SeqCst);
                if seed >= end || Instant::now() >= until {
                    return;
                }
                let plan = settings.plan(seed);
                let mut outcome = run(&plan, mutation, false);
                if mutation.is_some() && !outcome.findings.is_empty() && fails(&plan) {
                    // The world breaks the program as it is: that says nothing of the mistake.
                    outcome.findings.clear();
                }
                let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
                if let (None, Some(first)) = (mutation, outcome.findings.first()) {
                    println!("seed {seed}: {} {} {}", first.code, first.about, first.detail);
                }
                let found = !outcome.findings.is_empty();
                totals.add(seed, outcome);
                if found && mutation.is_some() {
                    next.store(end, Ordering::SeqCst);
                }
                if totals.worlds.is_multiple_of(100) && mutation.is_none() {
                    progress(&totals, began);
                }
            }
        })
    };
    let workers: Vec<_> = (0..threads.max(1)).map(work).collect();
    for worker in workers.into_iter().flatten() {
        if worker.join().is_err() {
            let mut totals = totals.lock().unwrap_or_else(PoisonError::into_inner);
            totals.failures.push(Failure {
                seed: 0,
                code: "panic".to_owned(),
                about: "a world".to_owned(),
                detail: "see standard error".to_owned(),
            });
        }
    }
    let totals = std::mem::take(&mut *totals.lock().unwrap_or_else(PoisonError::into_inner));
    if mutation.is_none() {
        progress(&totals, began);
    }
    totals
}

/// Whether a world finds something in the program as it is.
fn fails(plan: &Plan) -> bool {
    !run(plan, None, false).findings.is_empty()
}

fn progress(totals: &Totals, began: Instant) {
    let milliseconds = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = totals.worlds * 10_000 / milliseconds;
    println!(
        "{} worlds, {}.{} a second, {} steps, {} requests, {} faults, {} findings",
        totals.worlds,
        rate / 10,
        rate % 10,
        totals.steps,
        totals.requests,
        totals.faults.values().sum::<u64>(),
        totals.failures.len()
    );
}

/// A failing world: the line that replays it, and its story made short.
fn told(failure: &Failure, settings: &Settings) {
    let with = if settings.small { " --small" } else { "" };
    println!(
        "\n{} {} {}\nreplay: cargo run --profile sim -p ordermill-simulation -- --seed {}{with}",
        failure.code, failure.about, failure.detail, failure.seed
    );
    let (plan, outcome) = shrink(&settings.plan(failure.seed), None, SHRINK);
    println!("made short: {} wants, faults {:?}", plan.intents.len(), outcome.faults);
    for line in &outcome.timeline {
        println!("  {line}");
    }
}

/// Breaks the program in each known way; says how many were found.
fn mutations(settings: &Settings) -> usize {
    let mut caught = 0;
    println!("\nknown mistakes:");
    for mutation in wanted(settings) {
        let few = Settings { seeds: MUTATION_WORLDS, ..settings.clone() };
        let totals = many(&few, Some(mutation));
        match totals.failures.first() {
            Some(found) => {
                caught += 1;
                println!(
                    "  {:<24} found in world {} (seed {}): {}",
                    format!("{mutation:?}"),
                    totals.worlds,
                    found.seed,
                    found.code
                );
            }
            None => {
                println!("  {:<24} NOT found in {} worlds", format!("{mutation:?}"), totals.worlds)
            }
        }
    }
    caught
}
