//! `start`: what a cold start of each function takes against a minimal function with the same SDK
//! clients, and how large the programs are.
//!
//! The benchmark serves Lambda's runtime API. A start is measured from the creation of the process
//! to its first question for an event. The programs take turns, so that all meet the same machine.

use crate::Result;
use crate::figures::{Figures, Latencies, table};
use serde_json::json;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;

/// Starts of each program.
const STARTS: usize = 30;
/// How long a start may take.
const PATIENCE: Duration = Duration::from_secs(20);
const MINIMAL: &str = "minimal";
const FUNCTIONS: [&str; 15] = [
    "intake", "validate", "reserve", "serve", "payment", "sweep", "timeout", "recur", "notify",
    "relay", "project", "api", "feedback", "deliver", "audit",
];

/// Runs it on the programs of this folder.
///
/// # Errors
/// A program is missing or does not start.
pub async fn measure(folder: &Path) -> Result<Figures> {
    let names: Vec<String> = std::iter::once(MINIMAL.to_owned())
        .chain(FUNCTIONS.map(|name| format!("ordermill-{name}")))
        .collect();
    let programs: Vec<PathBuf> = names.iter().map(|name| folder.join(name)).collect();
    for program in &programs {
        if !program.exists() {
            let what = format!(
                "{} is missing; build it: cargo build --release --workspace --bins",
                program.display()
            );
            return Err(what.into());
        }
    }
    let api = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let mut starts: Vec<Vec<Duration>> = vec![Vec::new(); programs.len()];
    for turn in 0..=STARTS {
        for (program, starts) in programs.iter().zip(starts.iter_mut()) {
            let took = start(&api, program).await?;
            // The first turn reads the programs from disk.
            if turn > 0 {
                starts.push(took);
            }
        }
    }
    let mut rows = Vec::new();
    let mut list = Vec::new();
    let mut floor = 0.0;
    let mut worst: f64 = 0.0;
    let mut largest: u64 = 0;
    for ((name, program), starts) in names.iter().zip(&programs).zip(starts) {
        let latencies = Latencies::of(starts);
        let p50 = latencies.percentile(50);
        if name == MINIMAL {
            floor = p50;
        }
        let ratio = p50 / floor;
        let (bytes, zipped) = (std::fs::metadata(program)?.len(), zipped_bytes(program).await?);
        worst = worst.max(ratio);
        largest = largest.max(zipped);
        rows.push(vec![
            name.clone(),
            format!("{p50:.1}"),
            format!("{:.1}", latencies.percentile(95)),
            format!("{ratio:.2}"),
            format!("{:.1}", mib(bytes)),
            format!("{:.1}", mib(zipped)),
        ]);
        list.push(json!({ "function": name, "init_p50_ms": p50, "to_minimal": ratio,
            "bytes": bytes, "zipped_bytes": zipped }));
    }
    let head = ["function", "init p50 ms", "p95 ms", "to minimal", "MiB", "zipped MiB"];
    println!("{}", table(&head, &rows));
    let mut figures = Figures::of("start");
    figures.set("functions", json!(list));
    figures.set("worst_ratio_to_minimal", json!((worst * 100.0).round() / 100.0));
    figures.set("largest_zipped_bytes", json!(largest));
    Ok(figures)
}

#[expect(clippy::cast_precision_loss, reason = "a size that people read")]
fn mib(bytes: u64) -> f64 {
    bytes as f64 / 1_048_576.0
}

/// Starts a program and waits for its first question for an event.
async fn start(api: &TcpListener, program: &Path) -> Result<Duration> {
    let begun = Instant::now();
    let mut child = Command::new(program)
        .env_clear()
        .env("AWS_LAMBDA_RUNTIME_API", api.local_addr()?.to_string())
        .env("AWS_LAMBDA_FUNCTION_NAME", "measured")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1")
        .env("AWS_LAMBDA_LOG_GROUP_NAME", "measured")
        .env("AWS_LAMBDA_LOG_STREAM_NAME", "measured")
        .env("AWS_REGION", "eu-west-1")
        .env("AWS_ACCESS_KEY_ID", "none")
        .env("AWS_SECRET_ACCESS_KEY", "none")
        .env("ORDERMILL_SIGNING_SECRET", "a secret that is measured only")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let asked = tokio::time::timeout(PATIENCE, first_question(api)).await;
    let took = begun.elapsed();
    child.kill().await?;
    asked.map_err(|_| format!("{} does not start", program.display()))??;
    Ok(took)
}

async fn first_question(api: &TcpListener) -> Result<()> {
    let (mut connection, _) = api.accept().await?;
    let mut bytes = [0_u8; 1024];
    let count = connection.read(&mut bytes).await?;
    let question = String::from_utf8_lossy(&bytes[..count]).into_owned();
    if question.starts_with("GET /2018-06-01/runtime/invocation/next") {
        return Ok(());
    }
    connection.write_all(b"HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n").await?;
    Err(format!("an unexpected question: {}", question.lines().next().unwrap_or_default()).into())
}

/// The size of the program when it is packed as Lambda wants it, without debug symbols.
async fn zipped_bytes(program: &Path) -> Result<u64> {
    let packed = Command::new("gzip").arg("-9").arg("-c").arg(program).output().await?;
    Ok(u64::try_from(packed.stdout.len())?)
}
