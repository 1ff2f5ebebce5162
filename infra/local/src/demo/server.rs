//! The server that the demonstration shows: this program once more, as a process of its own, so
//! that it can be killed.

use crate::client::Client;
use crate::error::{LocalError, LocalResult};
use crate::run::wait::pause;
use ordermill_runtime::config::LOCAL_ADMIN_KEY;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

/// How long a start may take.
const START_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a stop may take.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// The file inside the folder with what the server says on standard error.
pub const LOG: &str = "server.log";

/// What a new folder begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Catalogue {
    /// The sample catalogue.
    Sample,
    /// Nothing.
    Empty,
}

/// A server in a process of its own.
pub struct Server {
    program: PathBuf,
    folder: PathBuf,
    catalogue: Catalogue,
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts a server on this folder.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start(folder: &Path) -> LocalResult<Self> {
        let program = std::env::current_exe().map_err(LocalError::system("this program's file"))?;
        Self::start_program(&program, folder, Catalogue::Sample).await
    }

    /// Starts a server on this folder, without the sample catalogue.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start_empty(folder: &Path) -> LocalResult<Self> {
        let program = std::env::current_exe().map_err(LocalError::system("this program's file"))?;
        Self::start_program(&program, folder, Catalogue::Empty).await
    }

    /// Starts this program as a server on this folder.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start_program(
        program: &Path,
        folder: &Path,
        catalogue: Catalogue,
    ) -> LocalResult<Self> {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        let (child, address) = spawn(program, folder, anywhere, catalogue).await?;
        let (program, folder) = (program.to_owned(), folder.to_owned());
        Ok(Self { program, folder, catalogue, child, address })
    }

    /// The id of its process, while it runs.
    #[must_use]
    pub fn process(&self) -> Option<u32> {
        self.child.id()
    }

    /// A client of it.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(self.address, LOCAL_ADMIN_KEY)
    }

    /// Ends it as a power cut would, with SIGKILL.
    ///
    /// # Errors
    /// It cannot be ended.
    pub async fn kill(&mut self) -> LocalResult<()> {
        self.child.kill().await.map_err(LocalError::system("the server cannot be killed"))
    }

    /// Starts it again at the same address.
    ///
    /// # Errors
    /// It does not start.
    pub async fn start_again(&mut self) -> LocalResult<()> {
        let (child, address) =
            spawn(&self.program, &self.folder, self.address, self.catalogue).await?;
        (self.child, self.address) = (child, address);
        Ok(())
    }

    /// Ends it politely.
    pub async fn stop(mut self) {
        if let Some(id) = self.child.id() {
            let asked = Command::new("kill").arg("-TERM").arg(id.to_string()).status().await;
            if asked.is_ok_and(|status| status.success()) {
                let _ = tokio::time::timeout(STOP_TIMEOUT, self.child.wait()).await;
            }
        }
        // What did not end is ended with this value.
    }
}

async fn spawn(
    program: &Path,
    folder: &Path,
    address: SocketAddr,
    catalogue: Catalogue,
) -> LocalResult<(Child, SocketAddr)> {
    let log = folder.join(LOG);
    let opened = std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::File::options().create(true).append(true).open(&log))
        .map_err(LocalError::system(log.display().to_string()))?;
    let mut child = Command::new(program)
        .args(["serve", "--quiet", "--while-input", "--listen", &address.to_string(), "--data"])
        .arg(folder)
        .args((catalogue == Catalogue::Empty).then_some("--empty"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(opened)
        .kill_on_drop(true)
        .spawn()
        .map_err(LocalError::system("the server cannot be started"))?;
    let no_start =
        || LocalError::refused(format!("the server does not start; see {}", log.display()));
    let out = child.stdout.take().ok_or_else(no_start)?;
    let mut lines = BufReader::new(out).lines();
    let first = tokio::time::timeout(START_TIMEOUT, lines.next_line());
    let first = first.await.map_err(|_| no_start())?;
    let line = first.map_err(LocalError::system("the server's output"))?.unwrap_or_default();
    let address = line
        .strip_prefix("listening on http://")
        .and_then(|text| text.parse().ok())
        .ok_or_else(no_start)?;
    // Whatever else it says is read, so that it never waits for a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    Ok((child, address))
}

/// Waits a moment, as a buyer does whose order did not get through.
pub async fn a_moment() {
    pause(50).await;
}
