//! The SQLite file: opening, tuning, who runs on it, and the side tables.
//!
//! One connection writes ([`Core`]) and one only reads ([`Engine::read`]), so SQLite never has two
//! writers and `SQLITE_BUSY` cannot happen. All that is written, the rows of DynamoDB, marks,
//! settings and outbox, goes through [`Engine::run`] and therefore in one order.
//!
//! **A second process** (a tool beside the running service, [`Place::Beside`]) may open the same
//! file: each piece of work takes its turn on a lock file of its own, so across processes too
//! there is one writer at a time, and a condition is checked and written without anyone between.
//!
//! **Tuning** (figures in `dynamodb`'s head): `synchronous=NORMAL` in WAL mode. A commit is in the
//! operating system's hands when it returns, so `kill -9` loses nothing that was acknowledged; a
//! power cut may lose the last moments, never tear a transaction. A checkpoint every 8,000 pages
//! (32 MB) instead of 1,000 makes fsync rare. Larger page cache, `mmap` and `temp_store=MEMORY`
//! were measured and gained nothing.
//!
//! **The change stream without a search.** For every write `dynoxide` asks
//! `SELECT MAX(CAST(sequence_number …)) FROM _stream_records` and then inserts there. A temporary
//! view of that name, seen by this connection only, answers the question with nothing and sends
//! the insert on to `ordermill_changes`, whose rowid is the sequence number. So the stream needs no
//! index, numbers are 1, 2, 3 …, and writes don't slow down as records pile up. As SQLite gives
//! out `MAX(rowid) + 1`, trimming must leave the newest record.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::JoinHandle;

use dynoxide::storage::Storage;
use rusqlite::Connection;

use crate::clock::{Clock, DynoxideClock};
use crate::dynamodb::Tokens;
use crate::error::{EmbeddedError, Result};
use crate::group::{Answer, GROUP_MAX, Job, Kind, Nesting, work_off};

/// Where the data live.
#[derive(Debug, Clone)]
pub enum Place {
    /// In this file (beside it `-wal`, `-shm`, `.lock` and `.turn`); the folder is made if it is
    /// missing. This process owns it: a second owner is refused.
    File(PathBuf),
    /// In this file, which another process may own at the same time: for tools beside the service.
    Beside(PathBuf),
    /// In a folder of its own on the RAM disk, else in the system's temporary folder; removed when
    /// the services are dropped. What killed processes left there is removed at the next start.
    Temporary,
}

/// Who runs the database's work, which is synchronous.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Execution {
    /// The task that asks, at once, under a lock: nothing is spawned and no future ever waits, so
    /// a single-threaded run is deterministic.
    Inline,
    /// One thread of its own, fed by a channel. For a multi-threaded runtime: at 32 concurrent
    /// tasks it did 1.5 to 1.8 times the writes of `Inline` and of `spawn_blocking`, since SQLite's
    /// pages stay with one core and the SDK's work goes on beside it; and nobody starves, as they
    /// do for seconds under the lock. One lone task is a sixth slower.
    Thread,
}

/// What the database's work runs on.
pub(crate) struct Core {
    pub(crate) storage: Storage,
    pub(crate) tokens: Tokens,
    pub(crate) nesting: Nesting,
}

/// The open database.
pub(crate) struct Engine {
    // Fields are dropped in this order: the thread stops, then the connections close, then the
    // lock is given up, then the folder goes.
    worker: Option<Worker>,
    core: Arc<Mutex<Core>>,
    reader: Mutex<Connection>,
    turns: Option<Arc<File>>,
    _lock: Option<File>,
    _folder: Option<TemporaryFolder>,
}

struct Worker {
    jobs: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A panic in there was already answered as a failure of its request.
            let _ = thread.join();
        }
    }
}

impl Engine {
    /// Opens or creates the database.
    pub(crate) fn open(place: &Place, execution: Execution, clock: Arc<dyn Clock>) -> Result<Self> {
        let (path, folder, owned) = match place {
            Place::File(path) => (path.clone(), None, true),
            Place::Beside(path) => (path.clone(), None, false),
            Place::Temporary => {
                let folder = TemporaryFolder::create()?;
                (folder.0.join("ordermill.db"), Some(folder), true)
            }
        };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|source| files(parent, source))?;
        }
        let lock = if owned { Some(lock(&path)?) } else { None };
        let turns = if folder.is_some() { None } else { Some(Arc::new(beside(&path, ".turn")?)) };
        let opening = Turn::take(turns.as_ref());
        let name = path
            .to_str()
            .ok_or_else(|| EmbeddedError::Database(format!("{} is not UTF-8", path.display())))?;
        let storage = Storage::new(name)?.with_clock(Arc::new(DynoxideClock(clock)));
        let synchronous = if folder.is_some() { "OFF" } else { "NORMAL" };
        storage.conn().execute_batch(&format!("PRAGMA synchronous = {synchronous}; {TUNING}"))?;
        storage.conn().execute_batch(SIDE_TABLES)?;
        storage.conn().execute_batch(STREAM_VIEW)?;
        let reader = Connection::open(name)?;
        reader.execute_batch("PRAGMA query_only = 1")?;
        drop(opening);
        let nesting = Nesting::of(storage.conn());
        storage.conn().set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
        let core = Arc::new(Mutex::new(Core { storage, tokens: Tokens::default(), nesting }));
        let worker = match execution {
            Execution::Inline => None,
            Execution::Thread => Some(start(Arc::clone(&core), turns.clone())?),
        };
        Ok(Self { worker, core, reader: Mutex::new(reader), turns, _lock: lock, _folder: folder })
    }

    /// Runs `work`, which writes, on the writing connection, after all that was given before it.
    ///
    /// Work that was given is done even if nobody waits for it any more.
    pub(crate) async fn run<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Core) -> T + Send + 'static,
    {
        self.run_as(Kind::Writes, work, |_| {}).await
    }

    /// The same for any kind of work; `committed` is called with the outcome once it is durable.
    pub(crate) async fn run_as<T, F, C>(&self, kind: Kind, work: F, committed: C) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&mut Core) -> T + Send + 'static,
        C: FnOnce(&T) + Send + 'static,
    {
        let Some(jobs) = self.worker.as_ref().and_then(|worker| worker.jobs.as_ref()) else {
            let mut core = clean(&self.core);
            let _turn = Turn::take(self.turns.as_ref());
            let outcome = work(&mut core);
            committed(&outcome);
            return Ok(outcome);
        };
        let (reply, answer) = tokio::sync::oneshot::channel();
        let work = Box::new(move |core: &mut Core| -> Answer {
            let outcome = work(core);
            Box::new(move || {
                committed(&outcome);
                // The one who asked may have gone.
                let _ = reply.send(outcome);
            })
        });
        jobs.send(Job { kind, work }).map_err(|_| EmbeddedError::Stopped)?;
        answer.await.map_err(|_| EmbeddedError::Stopped)
    }

    /// Runs `query` on the reading connection: it sees all that was committed, and waits for no
    /// writer.
    pub(crate) fn read<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(query(&reader)?)
    }
}

/// Takes the core, rolling back what a panic may have left open.
fn clean(core: &Mutex<Core>) -> MutexGuard<'_, Core> {
    let core = core.lock().unwrap_or_else(PoisonError::into_inner);
    if !core.storage.conn().is_autocommit() {
        // If even this fails, the next statement reports it.
        let _ = core.storage.conn().execute_batch("ROLLBACK");
    }
    core
}

fn start(core: Arc<Mutex<Core>>, turns: Option<Arc<File>>) -> Result<Worker> {
    let (jobs, queue) = mpsc::channel::<Job>();
    let thread = std::thread::Builder::new()
        .name("ordermill-database".into())
        .spawn(move || {
            while let Ok(first) = queue.recv() {
                let waiting = queue.try_iter().take(GROUP_MAX.saturating_sub(1));
                let jobs: Vec<Job> = std::iter::once(first).chain(waiting).collect();
                let _turn = Turn::take(turns.as_ref());
                work_off(&mut clean(&core), jobs);
            }
        })
        .map_err(|source| files(Path::new("the database thread"), source))?;
    Ok(Worker { jobs: Some(jobs), thread: Some(thread) })
}

/// Prepared statements that the writing connection keeps.
const STATEMENTS_KEPT: usize = 128;

const TUNING: &str = "PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 67108864;";

const SIDE_TABLES: &str = "
    CREATE TABLE IF NOT EXISTS ordermill_changes (
        sequence INTEGER PRIMARY KEY,
        table_name TEXT NOT NULL,
        event_name TEXT NOT NULL,
        keys_json TEXT NOT NULL,
        new_image TEXT,
        old_image TEXT,
        created_at INTEGER NOT NULL,
        user_identity TEXT
    );
    CREATE TABLE IF NOT EXISTS ordermill_marks (
        name TEXT PRIMARY KEY, position INTEGER NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ordermill_settings (
        name TEXT PRIMARY KEY, value TEXT NOT NULL
    ) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS ordermill_outbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT, sent_json TEXT NOT NULL
    );
    CREATE UNIQUE INDEX IF NOT EXISTS ordermill_outbox_names ON ordermill_outbox
        (json_extract(sent_json, '$.headers.X-Ordermill-Message'));";

const STREAM_VIEW: &str = "
    CREATE TEMP VIEW _stream_records AS
        SELECT 0 AS id, '' AS table_name, '' AS event_name, '' AS keys_json, '' AS new_image,
               '' AS old_image, '' AS sequence_number, '' AS shard_id, 0 AS created_at,
               '' AS user_identity, '' AS event_id
        WHERE 0;
    CREATE TEMP TRIGGER ordermill_changes_insert INSTEAD OF INSERT ON _stream_records BEGIN
        INSERT INTO ordermill_changes
            (table_name, event_name, keys_json, new_image, old_image, created_at, user_identity)
        VALUES (NEW.table_name, NEW.event_name, NEW.keys_json, NEW.new_image, NEW.old_image,
                NEW.created_at, NEW.user_identity);
    END;";

/// Takes the lock that keeps a second process off this file. The system gives it back when this
/// process ends, however it ends.
fn lock(path: &Path) -> Result<File> {
    let file = beside(path, ".lock")?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            Err(EmbeddedError::InUse { path: path.to_owned() })
        }
        Err(std::fs::TryLockError::Error(source)) => Err(files(path, source)),
    }
}

/// Opens the file beside the database whose name ends so.
fn beside(path: &Path, ending: &str) -> Result<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    File::create(&name).map_err(|source| files(Path::new(&name), source))
}

/// The turn of this process to work on the file. The system gives it back when the process ends.
struct Turn<'a>(Option<&'a File>);

impl<'a> Turn<'a> {
    /// Waits for the turn. Where the file system knows no locks, SQLite's own must do.
    fn take(turns: Option<&'a Arc<File>>) -> Self {
        Self(turns.map(Arc::as_ref).filter(|file| file.lock().is_ok()))
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if let Some(file) = self.0 {
            // What cannot be given back goes with the process.
            let _ = file.unlock();
        }
    }
}

fn files(path: &Path, source: std::io::Error) -> EmbeddedError {
    EmbeddedError::Files { path: path.to_owned(), source }
}

const FOLDER_PREFIX: &str = "ordermill-";

/// A folder that is removed when it is dropped.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn create() -> Result<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let ram = Path::new("/dev/shm");
        let root = if ram.is_dir() { ram.to_owned() } else { std::env::temp_dir() };
        let process = std::process::id();
        if NEXT.load(Ordering::Relaxed) == 0 {
            remove_abandoned(&root);
        }
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = root.join(format!("{FOLDER_PREFIX}{process}-{number}"));
            match std::fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(files(&path, error)),
            }
        }
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Left behind at worst, and then removed at a later start.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Removes the folders of killed processes: those whose lock is free. Where processes can be seen
/// a living one's are left alone, for it may be about to take the lock.
fn remove_abandoned(root: &Path) {
    let Ok(entries) = std::fs::read_dir(root) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(process) = name.strip_prefix(FOLDER_PREFIX) else { continue };
        let process = process.split('-').next().unwrap_or_default();
        if Path::new("/proc").join(process).is_dir() {
            continue;
        }
        let lock = entry.path().join("ordermill.db.lock");
        if let Ok(file) = File::options().write(true).open(lock)
            && file.try_lock().is_ok()
        {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;

    fn open(execution: Execution) -> Engine {
        Engine::open(&Place::Temporary, execution, Arc::new(ManualClock::at(0))).unwrap()
    }

    #[tokio::test]
    async fn a_job_that_panics_is_answered_and_the_next_one_runs() {
        let engine = open(Execution::Thread);
        let lost: Result<()> = engine
            .run(|core| {
                core.storage.conn().execute_batch("BEGIN IMMEDIATE").unwrap();
                panic!("a defect");
            })
            .await;
        assert!(matches!(lost, Err(EmbeddedError::Stopped)));
        let open = engine.run(|core| !core.storage.conn().is_autocommit()).await.unwrap();
        assert!(!open, "the transaction was rolled back");
    }

    #[tokio::test]
    async fn a_temporary_folder_goes_with_its_engine_and_an_abandoned_one_at_the_next_start() {
        let engine = open(Execution::Inline);
        let folder = engine._folder.as_ref().unwrap().0.clone();
        assert!(folder.join("ordermill.db").exists());
        let abandoned =
            folder.with_file_name(format!("{FOLDER_PREFIX}abandoned-{}", std::process::id()));
        std::fs::create_dir(&abandoned).unwrap();
        File::create(abandoned.join("ordermill.db.lock")).unwrap();
        remove_abandoned(folder.parent().unwrap());
        assert!(folder.exists(), "it is in use");
        assert!(!abandoned.exists());
        drop(engine);
        assert!(!folder.exists());
    }

    #[test]
    fn a_file_that_is_open_elsewhere_is_refused() {
        let engine = open(Execution::Inline);
        let path = engine._folder.as_ref().unwrap().0.join("ordermill.db");
        let second =
            Engine::open(&Place::File(path), Execution::Inline, Arc::new(ManualClock::at(0)));
        assert!(matches!(second, Err(EmbeddedError::InUse { .. })));
    }
}
