//! A running system in one call, for whoever wants one inside its own process, like the journeys.
//!
//! It is what `ordermill serve --empty --quiet` runs, on a free port of this machine; the command
//! itself, with its signals and its first lines, is [`crate::cli::serve`].

use crate::error::LocalResult;
use crate::http::{Server, Site};
use crate::run::{Functions, Ground, LiveLog, Ownership, Parts, System};
use ordermill_runtime::Config;
use std::net::SocketAddr;
use std::path::Path;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// A system that runs in this process until it is stopped.
pub struct Running {
    site: Site,
    system: System,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

/// Starts a system on this folder, without the sample catalogue, on a free port of `127.0.0.1`.
///
/// # Errors
/// No port is free, the folder is owned by another process, or the table cannot be reached.
pub async fn start(folder: &Path) -> LocalResult<Running> {
    let server = Server::listen(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    let here = server.here();
    // Whoever runs the system inside a program may listen to it there.
    let config = Config { webhooks_to_loopback: true, ..Config::local() };
    let ground = Ground::open(folder, Ownership::Owner, config).await?;
    let functions = Functions::deployed();
    let system = System::start(ground.clone(), functions.clone(), Parts::All, LiveLog::Silent)?;
    let site = Site::new(ground, functions, Some(system.clone()), here);
    let (stop, stopping) = watch::channel(false);
    let serving = tokio::spawn(server.serve(site.clone(), stopping));
    Ok(Running { site, system, stop, serving })
}

impl Running {
    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.site.here()
    }

    /// What answers its requests, with the ground it stands on.
    #[must_use]
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Stops: nothing new is taken in hand, what is under way gets a few seconds.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        // A server task that panicked has stopped as well.
        let _ = tokio::join!(self.serving, self.system.stop());
    }
}
