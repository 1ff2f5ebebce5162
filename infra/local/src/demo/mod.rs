//! The demonstration in three acts, over real HTTP: this process is the customers, the staff and
//! the payment provider; the server is this program once more.

pub mod cases;
pub mod crash;
pub mod fortnight;
pub mod report;
pub mod rush;
pub mod server;
pub mod shop;
pub mod showcase;
pub mod stage;

use crate::check::audit::audit;
use crate::error::{LocalError, LocalResult};
use crate::run::{Ground, Ownership};
use ordermill_runtime::Config;
use server::Server;
use shop::Shop;
use stage::{Stage, seconds};
use std::path::Path;
use std::process::ExitCode;

/// Where `serve` listens by itself.
const LOOK_AT: &str = "127.0.0.1:8080";
/// Files of the data begin with this name.
const DATA_PREFIX: &str = "ordermill.db";

/// Runs the demonstration.
///
/// # Errors
/// The server cannot be started, or does not do what it is asked.
pub async fn demo(folder: &Path) -> LocalResult<ExitCode> {
    clear(folder)?;
    let mut stage = Stage::default();
    let mut server = Server::start(folder).await?;
    let shop = Shop { client: server.client() };
    let before = shop.stock().await?;
    let mut orders = rush::play(&mut stage, &shop, folder).await?;
    let crashed = crash::play(&mut stage, &mut server, &shop, folder).await?;
    let mut parcels = crashed.clone();
    parcels.extend(won(&shop, &orders).await?);
    orders.extend(crashed);
    orders.extend(fortnight::play(&mut stage, &shop, parcels).await?);
    let shown = showcase::play(&mut stage, &shop).await?;
    let addresses = showcase::addresses(&shop, &shown).await?;
    orders.extend(shown);
    report::tell(&mut stage, &shop, folder, orders, before).await?;
    server.stop().await;
    let broken = stage.broken();
    match broken.len() {
        0 => stage.say(&format!("\nEverything was as promised, in {}.", seconds(stage.lasted()))),
        count => {
            stage.say(&format!("\n{count} promises were not kept:"));
            broken.iter().for_each(|promise| stage.say(&format!("  ✗ {promise}")));
        }
    }
    stage.say(&format!("Look around: ordermill serve --data {}, then", folder.display()));
    for path in addresses {
        stage.say(&format!("  http://{LOOK_AT}{path}"));
    }
    Ok(if broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Those of the first act's orders that are to be sent out.
async fn won(shop: &Shop, orders: &[shop::Placed]) -> LocalResult<Vec<shop::Placed>> {
    let looked = shop::each(orders.to_vec(), shop::AT_ONCE, |order| async move {
        let now = shop.order(&order.id).await?;
        Ok((shop::text(&now, "/status") == "confirmed", order))
    });
    Ok(looked.await?.into_iter().filter(|(paid, _)| *paid).map(|(_, order)| order).collect())
}

/// Removes the data of an earlier demonstration, and nothing else.
fn clear(folder: &Path) -> LocalResult<()> {
    let shown = folder.display().to_string();
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let entry = entry.map_err(LocalError::system(shown.clone()))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !name.starts_with(DATA_PREFIX) && name != server::LOG {
            let what = format!("{shown} has other files than a demonstration's; choose another");
            return Err(LocalError::refused(what));
        }
    }
    std::fs::remove_dir_all(folder).map_err(LocalError::system(shown))
}

/// Audits the data beside the running server, as `ordermill audit` does.
///
/// # Errors
/// The table cannot be read.
pub async fn audited(stage: &mut Stage, folder: &Path) -> LocalResult<()> {
    let ground = Ground::open(folder, Ownership::Guest, Config::local()).await?;
    let report = audit(&ground.runtime, |_| {}).await?;
    for finding in report.findings.iter().chain(&report.unclear) {
        stage.say(&format!("    {}: {}: {}", finding.code, finding.about, finding.detail));
    }
    stage.promise(&report.verdict(), report.is_clean());
    Ok(())
}
