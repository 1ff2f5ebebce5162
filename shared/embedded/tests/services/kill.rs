//! A real `kill -9` in the middle of writing.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ordermill_embedded::{Execution, Place};

use crate::world::{Folder, World};

/// Where the test, started again as the process to be killed, writes.
const FOLDER: &str = "EMBEDDED_TEST_KILL_FOLDER";

/// Writes until it is killed, and says after each row and mark that they were acknowledged.
async fn write_for_ever(folder: PathBuf) {
    let world = World::open(&Place::File(folder.join("table.db")), Execution::Thread);
    world.create_table().await;
    for number in 1u32.. {
        world.put(&format!("O{number}"), number).await;
        world.services.stream().set_mark("relay", u64::from(number)).await.unwrap();
        println!("\nacknowledged {number}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[allow(clippy::disallowed_methods, reason = "the test talks to itself in another process")]
async fn a_killed_process_loses_nothing_that_was_acknowledged() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return write_for_ever(folder.into()).await;
    }
    let folder = Folder::new("killed-process");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::a_killed_process_loses_nothing_that_was_acknowledged"])
        .arg("--nocapture")
        .env(FOLDER, &folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut acknowledged = 0;
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        if let Some(number) = line.unwrap().strip_prefix("acknowledged ") {
            acknowledged = number.parse().unwrap();
            if acknowledged == 120 {
                child.kill().unwrap();
            }
        }
    }
    child.wait().unwrap();
    assert!(acknowledged >= 120);
    let world = World::open(&Place::File(folder.0.join("table.db")), Execution::Inline);
    let stream = world.services.stream();
    assert!(stream.newest().unwrap() >= acknowledged);
    assert!(stream.get_mark("relay").unwrap() >= Some(acknowledged));
    let changes = world.changes(acknowledged - 1);
    assert_eq!(changes[0], format!("{acknowledged} INSERT O{acknowledged} {acknowledged}"));
}
