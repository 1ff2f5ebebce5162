//! Several requests in one commit.
//!
//! Under load requests wait for the database. Those that wait together are done one after another
//! in one transaction of SQLite, and answered when that is committed: a commit is a third of what a
//! write costs, and pages that several of them touch go into the log once.
//!
//! Each stays a request of its own: it runs in a savepoint, sees what those before it wrote, and is
//! undone alone when it is refused or panics. `dynoxide` begins and ends transactions itself, and
//! SQLite knows none within another; so while a request runs in a group, the *authorizer*, whom
//! SQLite asks about every statement, has `BEGIN`, `COMMIT` and `ROLLBACK` left out
//! (`SQLITE_IGNORE`), and a `ROLLBACK` is remembered and done to the savepoint.
//!
//! Whoever is killed before the commit has answered none of the group.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization, TransactionOperation};

use crate::engine::Core;

/// Requests of one commit at most: nobody waits much longer than for himself.
pub(crate) const GROUP_MAX: usize = 32;

/// What a piece of work does to the data.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// Nothing.
    Reads,
    /// It writes, in at most one transaction.
    Writes,
    /// It may commit several times, or change a table: never together with others.
    Alone,
}

/// A piece of work for the database.
pub(crate) struct Job {
    pub(crate) kind: Kind,
    pub(crate) work: Box<dyn FnOnce(&mut Core) -> Answer + Send>,
}

/// Answers whoever asked; called when all is committed. Dropped, the one who asked is told that the
/// database failed.
pub(crate) type Answer = Box<dyn FnOnce() + Send>;

/// Whether `BEGIN`, `COMMIT` and `ROLLBACK` are left out just now.
#[derive(Clone, Default)]
pub(crate) struct Nesting {
    leaves_out: Arc<AtomicBool>,
    rolled_back: Arc<AtomicBool>,
}

impl Nesting {
    /// Has SQLite ask on this connection.
    pub(crate) fn of(connection: &Connection) -> Self {
        let nesting = Self::default();
        let asked = nesting.clone();
        connection.authorizer(Some(move |context: AuthContext<'_>| match context.action {
            AuthAction::Transaction { operation } if asked.leaves_out.load(Ordering::Relaxed) => {
                if operation == TransactionOperation::Rollback {
                    asked.rolled_back.store(true, Ordering::Relaxed);
                }
                Authorization::Ignore
            }
            _ => Authorization::Allow,
        }));
        nesting
    }

    /// Runs this with its own transaction left out; whether it wanted it rolled back.
    fn within<T>(&self, run: impl FnOnce() -> T) -> (T, bool) {
        self.rolled_back.store(false, Ordering::Relaxed);
        self.leaves_out.store(true, Ordering::Relaxed);
        let result = run();
        self.leaves_out.store(false, Ordering::Relaxed);
        (result, self.rolled_back.load(Ordering::Relaxed))
    }
}

/// Does these in order, together where that may be, and answers each.
pub(crate) fn work_off(core: &mut Core, jobs: Vec<Job>) {
    let mut together = Vec::new();
    for job in jobs {
        if job.kind == Kind::Alone {
            commit_together(core, std::mem::take(&mut together));
            alone(core, job);
        } else {
            together.push(job);
        }
    }
    commit_together(core, together);
}

fn commit_together(core: &mut Core, mut jobs: Vec<Job>) {
    if jobs.len() < 2 {
        if let Some(job) = jobs.pop() {
            alone(core, job);
        }
        return;
    }
    roll_back(core);
    if execute(core, "BEGIN").is_err() {
        // Each finds out for itself what is wrong.
        for job in jobs {
            alone(core, job);
        }
        return;
    }
    core.tokens.begin();
    match all_nested(core, jobs).and_then(|answers| execute(core, "COMMIT").map(|()| answers)) {
        Ok(answers) => answers.into_iter().for_each(|answer| answer()),
        Err(_) => {
            core.tokens.forget_begun();
            roll_back(core);
        }
    }
}

/// Does them inside the open transaction.
///
/// # Errors
/// A savepoint failed (there is no room, or the file cannot be read): what is written then is
/// nobody's, and nothing of the group may be committed.
fn all_nested(core: &mut Core, jobs: Vec<Job>) -> rusqlite::Result<Vec<Answer>> {
    let mut answers = Vec::with_capacity(jobs.len());
    for job in jobs {
        answers.extend(nested(core, job)?);
    }
    Ok(answers)
}

/// Does one piece of work inside the open transaction; none if it panicked and was undone.
fn nested(core: &mut Core, job: Job) -> rusqlite::Result<Option<Answer>> {
    let writes = job.kind != Kind::Reads;
    if writes {
        execute(core, "SAVEPOINT request")?;
    }
    let nesting = core.nesting.clone();
    let (done, rolled_back) =
        nesting.within(|| catch_unwind(AssertUnwindSafe(|| (job.work)(core))));
    if writes {
        if rolled_back || done.is_err() {
            execute(core, "ROLLBACK TO request")?;
        }
        // Where SQLite has given the whole transaction up by itself, there is no such savepoint.
        execute(core, "RELEASE request")?;
    }
    Ok(done.ok())
}

/// Gives up what somebody left open.
fn roll_back(core: &Core) {
    if !core.storage.conn().is_autocommit() {
        // If even this fails, the next piece of work reports it.
        let _ = execute(core, "ROLLBACK");
    }
}

fn alone(core: &mut Core, job: Job) {
    // Of one before it that panicked; its answer was dropped.
    roll_back(core);
    if let Ok(answer) = catch_unwind(AssertUnwindSafe(|| (job.work)(core))) {
        answer();
    }
}

fn execute(core: &Core, statement: &str) -> rusqlite::Result<()> {
    core.storage.conn().prepare_cached(statement)?.execute([])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::ManualClock;
    use crate::engine::{Engine, Execution, Place};

    type Work = Box<dyn FnOnce(&mut Core) + Send>;

    fn engine() -> Arc<Engine> {
        let clock = Arc::new(ManualClock::at(0));
        Arc::new(Engine::open(&Place::Temporary, Execution::Thread, clock).unwrap())
    }

    /// As `dynoxide` writes: in a transaction of its own, rolled back when it is refused.
    fn write(core: &Core, name: &str, is_refused: bool) {
        let connection = core.storage.conn();
        connection.execute_batch("BEGIN IMMEDIATE").unwrap();
        connection
            .execute("INSERT INTO ordermill_settings (name, value) VALUES (?1, '')", [name])
            .unwrap();
        connection.execute_batch(if is_refused { "ROLLBACK" } else { "COMMIT" }).unwrap();
    }

    fn names(core: &Core) -> Vec<String> {
        let connection = core.storage.conn();
        let mut all = connection.prepare("SELECT name FROM ordermill_settings ORDER BY 1").unwrap();
        let names = all.query_map([], |row| row.get(0)).unwrap();
        names.collect::<rusqlite::Result<_>>().unwrap()
    }

    /// Gives all the work while the database is busy, so that it is done in one group.
    async fn together(engine: &Arc<Engine>, work: Vec<Work>) -> Vec<bool> {
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let (begun, is_busy) = tokio::sync::oneshot::channel();
        let first = tokio::spawn({
            let engine = Arc::clone(engine);
            let keeps_busy = move |_: &mut Core| begun.send(()).is_ok() && wait.recv().is_ok();
            async move { engine.run(keeps_busy).await }
        });
        is_busy.await.unwrap();
        let mut rest = Vec::new();
        for work in work {
            let engine = Arc::clone(engine);
            rest.push(tokio::spawn(async move { engine.run(work).await.is_ok() }));
            tokio::task::yield_now().await;
        }
        go.send(()).unwrap();
        assert!(first.await.unwrap().unwrap());
        let mut done = Vec::new();
        for task in rest {
            done.push(task.await.unwrap());
        }
        done
    }

    #[tokio::test]
    async fn what_is_refused_or_panics_is_undone_alone() {
        let engine = engine();
        let done = together(
            &engine,
            vec![
                Box::new(|core| write(core, "a", false)),
                Box::new(|core| write(core, "refused", true)),
                Box::new(|core| {
                    write(core, "panics", false);
                    panic!("a defect");
                }),
                Box::new(|core| {
                    assert_eq!(names(core), ["a"], "it sees what came before it");
                    write(core, "b", false);
                }),
            ],
        )
        .await;
        assert_eq!(done, [true, true, false, true]);
        let kept = engine.run(|core| names(core)).await.unwrap();
        assert_eq!(kept, ["a", "b"]);
    }

    #[tokio::test]
    async fn if_the_commit_fails_all_of_its_group_fail_and_nothing_is_kept() {
        let engine = engine();
        // A promise that SQLite checks at the commit only.
        let promise = "PRAGMA foreign_keys = ON;
            CREATE TABLE child (parent TEXT REFERENCES ordermill_settings (name)
                DEFERRABLE INITIALLY DEFERRED)";
        engine.run(|core| core.storage.conn().execute_batch(promise)).await.unwrap().unwrap();
        let orphan = "INSERT INTO child VALUES ('nobody')";
        let done = together(
            &engine,
            vec![
                Box::new(|core| write(core, "a", false)),
                Box::new(|core| core.storage.conn().execute_batch(orphan).unwrap()),
            ],
        )
        .await;
        assert_eq!(done, [false, false]);
        assert!(engine.run(|core| names(core)).await.unwrap().is_empty());
    }
}
