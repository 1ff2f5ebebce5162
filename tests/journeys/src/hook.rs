//! A partner's program that listens for webhooks on a port of its own.

use ordermill_domain::time::Timestamp;
use ordermill_runtime::signatures::{StandardHeaders, check_standard};
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// One message, as it came.
#[derive(Clone, Debug)]
pub struct Message {
    /// `webhook-id`.
    pub id: String,
    /// `webhook-timestamp`.
    pub timestamp: String,
    /// `webhook-signature`.
    pub signature: String,
    /// The body.
    pub body: Value,
    raw: Vec<u8>,
    answered: u16,
}

impl Message {
    /// Whether it is signed with this secret, at the time it names.
    #[must_use]
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let seconds: i64 = self.timestamp.parse().unwrap();
        let now = Timestamp::from_milliseconds(seconds * 1000);
        let headers = StandardHeaders {
            id: &self.id,
            timestamp: &self.timestamp,
            signature: &self.signature,
        };
        check_standard(&[secret.to_owned()], headers, &self.raw, now).is_ok()
    }
}

/// The program.
pub struct Hook {
    address: SocketAddr,
    messages: Arc<Mutex<Vec<Message>>>,
    status: Arc<AtomicU16>,
    serving: JoinHandle<()>,
}

impl Hook {
    /// Listens on a free port of this machine, and takes what comes.
    pub async fn listen() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (messages, status) = (Arc::default(), Arc::new(AtomicU16::new(204)));
        let (kept, answers) = (Arc::clone(&messages), Arc::clone(&status));
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (kept, answers) = (Arc::clone(&kept), Arc::clone(&answers));
                tokio::spawn(async move { take(stream, &kept, &answers).await });
            }
        });
        Self { address, messages, status, serving }
    }

    /// Where it listens.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/hooks", self.address)
    }

    /// From now on it answers with this status.
    pub fn answer(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// Everything that came, taken or not.
    #[must_use]
    pub fn tried(&self) -> Vec<Message> {
        self.messages.lock().unwrap().clone()
    }

    /// What it took.
    #[must_use]
    pub fn taken(&self) -> Vec<Message> {
        self.tried().into_iter().filter(|m| m.answered < 300).collect()
    }
}

impl Drop for Hook {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(mut stream: TcpStream, kept: &Mutex<Vec<Message>>, answers: &AtomicU16) {
    let mut bytes = Vec::new();
    let (head, body) = loop {
        let mut some = [0_u8; 8192];
        let count = stream.read(&mut some).await.unwrap_or(0);
        bytes.extend_from_slice(&some[..count]);
        let Some(end) = bytes.windows(4).position(|w| w == b"\r\n\r\n") else {
            if count == 0 {
                return;
            }
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let length: usize = header(&head, "content-length").parse().unwrap_or(0);
        let body = &bytes[end + 4..];
        if body.len() >= length {
            break (head, body.to_vec());
        }
        if count == 0 {
            return;
        }
    };
    let answered = answers.load(Ordering::SeqCst);
    kept.lock().unwrap().push(Message {
        id: header(&head, "webhook-id"),
        timestamp: header(&head, "webhook-timestamp"),
        signature: header(&head, "webhook-signature"),
        body: serde_json::from_slice(&body).unwrap_or_default(),
        raw: body,
        answered,
    });
    let answer = format!("HTTP/1.1 {answered} X\r\ncontent-length: 0\r\n\r\n");
    let _ = stream.write_all(answer.as_bytes()).await;
}

fn header(head: &str, name: &str) -> String {
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(given, _)| given.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
        .unwrap_or_default()
}
