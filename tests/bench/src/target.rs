//! The server that is measured: this program once more as a process of its own, or any other that
//! speaks the same contract, by its address.

use crate::Result;
use ordermill_domain::intake::limits::MOVEMENTS_MAX;
use ordermill_local::check::audit::audit;
use ordermill_local::client::{Answered, Client};
use ordermill_local::demo::server::Server;
use ordermill_local::run::{Ground, Ownership};
use ordermill_runtime::Config;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Products that are put at once.
const AT_ONCE: usize = 16;

/// Which server is measured.
#[derive(Clone, Debug)]
pub enum Wanted {
    /// This program, on a new folder.
    Own {
        /// The folder; it must not exist yet.
        folder: PathBuf,
    },
    /// One that runs already.
    Running {
        /// Where.
        address: SocketAddr,
        /// The key of an `admin`.
        key: String,
    },
}

/// A server under measurement.
pub struct Target {
    /// A client of it.
    pub client: Client,
    own: Option<(Server, PathBuf)>,
    /// From the start of its process to the first answer.
    pub started_after: Option<Duration>,
}

impl Target {
    /// Starts it, or finds it running.
    ///
    /// # Errors
    /// It does not start, or does not answer.
    pub async fn open(wanted: &Wanted) -> Result<Self> {
        match wanted {
            Wanted::Own { folder } => {
                if folder.exists() {
                    return Err(format!("{} is there already", folder.display()).into());
                }
                let begun = Instant::now();
                let server = Server::start_empty(folder).await?;
                let client = server.client();
                answered("healthz", &client.get("/healthz").await?)?;
                let started_after = Some(begun.elapsed());
                Ok(Self { client, own: Some((server, folder.clone())), started_after })
            }
            Wanted::Running { address, key } => {
                let client = Client::new(*address, key);
                answered("healthz", &client.get("/healthz").await?)?;
                Ok(Self { client, own: None, started_after: None })
            }
        }
    }

    /// What its process holds of memory, in MiB; none for a server of somebody else.
    #[must_use]
    pub fn memory_mib(&self) -> Option<u64> {
        let id = self.own.as_ref()?.0.process()?;
        let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().ok()?;
        Some(kib / 1024)
    }

    /// Findings of the audit over all the data; none for a server of somebody else.
    ///
    /// # Errors
    /// The table cannot be read.
    pub async fn audit_findings(&self) -> Result<Option<usize>> {
        let Some((_, folder)) = &self.own else { return Ok(None) };
        let ground = Ground::open(folder, Ownership::Guest, Config::local()).await?;
        let report = audit(&ground.runtime, |_| {}).await?;
        for finding in report.findings.iter().chain(&report.unclear) {
            eprintln!("{}: {}: {}", finding.code, finding.about, finding.detail);
        }
        Ok(Some(report.findings.len() + report.unclear.len()))
    }

    /// Ends it and removes its data.
    pub async fn close(self) {
        if let Some((server, folder)) = self.own {
            server.stop().await;
            // What is left over is a folder of the system's temporary files.
            let _ = std::fs::remove_dir_all(folder);
        }
    }

    /// A catalogue of so many products at 10.00 each, with stock at one warehouse.
    ///
    /// # Errors
    /// It is refused.
    pub async fn stock(&self, skus: &[String], quantity: i64) -> Result<()> {
        use futures::StreamExt as _;
        let product = json!({ "name": "Tea", "prices": { "EUR": PRICE }, "tax_rate": TAX_RATE });
        let puts = skus.iter().map(|sku| {
            let product = &product;
            async move {
                let path = format!("/v1/products/{sku}");
                answered(&path, &self.client.put(&path, product).await?)
            }
        });
        let puts: Vec<Result<()>> =
            futures::stream::iter(puts).buffer_unordered(AT_ONCE).collect().await;
        puts.into_iter().collect::<Result<()>>()?;
        for (number, skus) in skus.chunks(MOVEMENTS_MAX).enumerate() {
            let movements: Vec<Value> = skus
                .iter()
                .map(|sku| {
                    json!({ "sku": sku, "warehouse": "VNO", "type": "receipt",
                        "quantity": quantity, "reason": "delivery" })
                })
                .collect();
            let key = format!("receipt-{}-{number}", skus.first().map_or("", String::as_str));
            let body = json!({ "movements": movements });
            let received = self.client.post_once("/v1/stock/movements", &key, &body).await?;
            answered("a receipt", &received)?;
        }
        self.settle().await
    }

    /// Waits until nothing is left to do.
    ///
    /// # Errors
    /// It does not get quiet.
    pub async fn settle(&self) -> Result<()> {
        answered("settling", &self.client.post("/_local/settle", &json!({})).await?)
    }
}

/// The price of everything.
pub const PRICE: &str = "10.00";
/// The tax rate of everything.
pub const TAX_RATE: &str = "0.21";

/// Fails unless the answer is a 2xx.
///
/// # Errors
/// The answer, in words.
pub fn answered(what: &str, answer: &Answered) -> Result<()> {
    if answer.is_success() {
        return Ok(());
    }
    Err(format!("{what}: {} {}", answer.status, answer.body).into())
}

/// A folder for the data of one run, under this one.
#[must_use]
pub fn fresh_folder(under: &Path) -> PathBuf {
    under.join(format!("ordermill-bench-{}", std::process::id()))
}
