//! The program as a process: an order over HTTP, a kill, and what is left of it.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up is broken")]

use ordermill_local::demo::server::{Catalogue, Server};
use ordermill_local::demo::shop::{Shop, Wish, cents, text};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_ordermill");

/// A folder of its own, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&path);
        Self(path)
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let data = self.0.to_str().unwrap();
        Command::new(PROGRAM).args(arguments).args(["--data", data]).output().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn wish(number: &str) -> Wish {
    Wish {
        number: number.to_owned(),
        customer: 1,
        lines: vec![("TEA-100".to_owned(), "12.50".to_owned(), 2)],
        method: "card",
    }
}

#[tokio::test]
async fn what_was_answered_is_there_after_a_kill_and_goes_on() {
    let folder = Folder::new("killed");
    let mut server =
        Server::start_program(Path::new(PROGRAM), &folder.0, Catalogue::Sample).await.unwrap();
    let shop = Shop { client: server.client() };
    let order = shop.place(&wish("one")).await.unwrap();
    // At once: whatever the order is going through, it goes on after the kill.
    server.kill().await.unwrap();
    server.start_again().await.unwrap();
    assert_eq!(shop.place(&wish("one")).await.unwrap().id, order.id, "a repeat is the same order");
    shop.settle().await.unwrap();
    assert_eq!(text(&shop.order(&order.id).await.unwrap(), "/status"), "awaiting_payment");
    shop.pay_in_full(&order).await.unwrap();
    shop.settle().await.unwrap();
    let paid = shop.order(&order.id).await.unwrap();
    assert_eq!(text(&paid, "/status"), "confirmed");
    assert_eq!(cents(&paid, "/payment/paid"), 2_500);
    assert_eq!(shop.history(&order.id).await.unwrap().len(), 6);
    let audit = folder.run(&["audit"]);
    assert!(audit.status.success(), "{}", String::from_utf8_lossy(&audit.stdout));
    server.stop().await;
}

#[tokio::test]
async fn the_clock_hops_to_what_is_due_and_stays_moved() {
    let folder = Folder::new("moved");
    let mut server =
        Server::start_program(Path::new(PROGRAM), &folder.0, Catalogue::Sample).await.unwrap();
    let shop = Shop { client: server.client() };
    let order = shop.place(&wish("one")).await.unwrap();
    shop.settle().await.unwrap();
    let before = shop.now().await.unwrap();
    shop.advance("3h").await.unwrap();
    assert_eq!(text(&shop.order(&order.id).await.unwrap(), "/status"), "cancelled");
    server.kill().await.unwrap();
    server.start_again().await.unwrap();
    let ahead = shop.now().await.unwrap().seconds() - before.seconds();
    assert!((10_800..11_400).contains(&ahead), "{ahead}");
    server.stop().await;
}

#[tokio::test]
async fn tools_work_beside_the_running_service() {
    let folder = Folder::new("beside");
    let server =
        Server::start_program(Path::new(PROGRAM), &folder.0, Catalogue::Sample).await.unwrap();
    let made = folder.run(&["keys", "create", "--client", "web", "--role", "shop"]);
    let key = String::from_utf8(made.stdout).unwrap();
    let client = server.client().with_key(key.trim());
    assert_eq!(client.get("/v1/orders").await.unwrap().status, 200);
    let file = folder.0.join("stock.csv");
    std::fs::write(&file, "sku,warehouse,quantity\nTEA-100,VNO,7\nTEA-100,KUN,x\n").unwrap();
    let imported = folder.run(&["import", "stock", file.to_str().unwrap()]);
    assert_eq!(imported.status.code(), Some(1), "one row was refused");
    assert!(String::from_utf8_lossy(&imported.stdout).contains("line 3"));
    let stock = server.client().get("/v1/stock/TEA-100").await.unwrap();
    assert_eq!(stock.body["warehouses"][1]["on_hand"], 7);
    assert!(!folder.run(&["serve", "--listen", "127.0.0.1:0"]).status.success(), "a second owner");
    server.stop().await;
}

#[tokio::test]
async fn tools_may_look_into_the_table_and_change_nothing() {
    let folder = Folder::new("looked-into");
    let data = folder.0.to_str().unwrap();
    let mut program = Command::new(PROGRAM)
        .args(["serve", "--quiet", "--listen", "127.0.0.1:0", "--dynamodb", "127.0.0.1:0"])
        .args(["--data", data])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("listening on http://127.0.0.1:"));
    let second = lines.next().unwrap().unwrap();
    let address = second.strip_prefix("dynamodb on http://").unwrap();
    let asked = |operation: &str, body: &str, host: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        let length = body.len();
        write!(
            stream,
            "POST / HTTP/1.1\r\nHost: {host}\r\nX-Amz-Target: DynamoDB_20120810.{operation}\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let tables = asked("ListTables", "{}", address);
    assert!(tables.starts_with("HTTP/1.1 200") && tables.contains("ordermill"), "{tables}");
    let scanned = asked("Scan", r#"{"TableName":"ordermill-table","Limit":5}"#, address);
    assert!(scanned.contains(r#""Count":5"#), "{scanned}");
    for (operation, host, wanted) in [
        ("PutItem", address, "AccessDeniedException"),
        ("DeleteTable", address, "AccessDeniedException"),
        ("Scan", "shop.example", "foreign_origin"),
    ] {
        let answer = asked(operation, r#"{"TableName":"ordermill-table"}"#, host);
        assert!(answer.contains(wanted), "{operation}: {answer}");
    }
    program.kill().unwrap();
    program.wait().unwrap();
    let outside = folder.run(&["serve", "--listen", "127.0.0.1:0", "--dynamodb", "0.0.0.0:0"]);
    assert!(String::from_utf8_lossy(&outside.stderr).contains("--dynamodb"), "{outside:?}");
}

#[test]
fn nothing_listens_on_all_addresses_with_default_secrets() {
    let folder = Folder::new("outside");
    let refused = folder.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("ORDERMILL_SIGNING_SECRET"));
}

#[test]
fn a_folder_that_is_not_there_is_refused_by_what_only_reads() {
    let folder = Folder::new("missing");
    for arguments in [&["audit"][..], &["repair"], &["keys", "list"], &["keys", "revoke", "x"]] {
        let output = folder.run(arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("--data"), "{arguments:?}: {said}");
        assert!(!folder.0.exists(), "{arguments:?} made the folder");
    }
}
