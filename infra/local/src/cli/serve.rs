//! `ordermill serve`: the whole system in this process.

use crate::cli::{Data, say};
use crate::error::{LocalError, LocalResult};
use crate::http::table::TableDoor;
use crate::http::{Server, Site};
use crate::run::{Functions, Ground, LiveLog, Ownership, Parts, System};
use clap::Args;
use ordermill_domain::ids::{self, IdKind};
use ordermill_runtime::Config;
use ordermill_runtime::auth::{LOCAL_CLIENT, random_u64};
use ordermill_runtime::config::{LOCAL_ADMIN_KEY, LOCAL_WEBHOOK_SECRET, variable};
use std::net::SocketAddr;
use std::process::ExitCode;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// How the system is run.
#[derive(Args, Debug, Clone)]
pub struct ServeArguments {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: String,
    #[command(flatten)]
    data: Data,
    /// Leave the sample catalogue out of a new folder.
    #[arg(long)]
    pub empty: bool,
    /// Answer at this loopback address as DynamoDB does, questions only: for boto3, the AWS command
    /// line and other tools that look into the table. Any region and credentials do.
    #[arg(long, value_name = "ADDRESS")]
    pub dynamodb: Option<String>,
    /// Say nothing of what happens to orders.
    #[arg(long)]
    pub quiet: bool,
    /// Stop when standard input ends, as it does when the program that started this one is gone.
    #[arg(long, hide = true)]
    pub while_input: bool,
}

/// Runs the system until SIGINT or SIGTERM.
pub(crate) async fn serve(arguments: ServeArguments) -> LocalResult<ExitCode> {
    let address = address("--listen", &arguments.listen).await?;
    let config = config_for(address)?;
    let stop_signals = StopSignals::listen()?;
    let server = Server::listen(address)?;
    let here = server.here();
    let ground = Ground::open(&arguments.data.data, Ownership::Owner, config).await?;
    let door = table_door(arguments.dynamodb.as_deref(), &ground).await?;
    let functions = Functions::deployed();
    let log = if arguments.quiet { LiveLog::Silent } else { LiveLog::Told };
    let system = match ground.services {
        Some(_) => {
            // What the sample catalogue does is no news: the log begins with the address.
            Some(System::start(ground.clone(), functions.clone(), Parts::All, log)?)
        }
        None => None,
    };
    let site = Site::new(ground.clone(), functions, system.clone(), here);
    if let Some(services) = ground.services.as_ref().filter(|_| ground.runtime.config.local) {
        let settings = services.stream();
        let wanted = ground.is_new && !arguments.empty;
        if wanted || crate::sample::is_begun(settings)? {
            crate::sample::load(&site, settings).await?;
        }
    }
    greet(here, door.as_ref().map(|(server, _)| server.here()), &ground);
    let (stop, stopping) = watch::channel(false);
    let looked_into = door.map(|(server, door)| tokio::spawn(server.serve(door, stopping.clone())));
    let serving = tokio::spawn(server.serve(site, stopping));
    let input_ended = input_ended(arguments.while_input);
    tokio::select! {
        () = stop_signals.wait() => {}
        () = input_ended => {}
    }
    stop.send_replace(true);
    let stopped = async {
        if let Some(system) = &system {
            system.stop().await;
        }
    };
    let _ = tokio::join!(serving, stopped);
    if let Some(looked_into) = looked_into {
        let _ = looked_into.await;
    }
    Ok(ExitCode::SUCCESS)
}

/// The door to the table, where one is asked for.
async fn table_door(
    text: Option<&str>,
    ground: &Ground,
) -> LocalResult<Option<(Server, TableDoor)>> {
    let Some(text) = text else { return Ok(None) };
    let Some(services) = ground.services.clone() else {
        return Err(LocalError::refused("--dynamodb: the table is the endpoint's; ask it there"));
    };
    let server = Server::listen(address("--dynamodb", text).await?)?;
    let door = TableDoor::new(services, server.here())?;
    Ok(Some((server, door)))
}

async fn address(option: &str, text: &str) -> LocalResult<SocketAddr> {
    let unknown = || LocalError::refused(format!("{option} {text}: write it like 127.0.0.1:8080"));
    let mut found = tokio::net::lookup_host(text).await.map_err(|_| unknown())?;
    found.next().ok_or_else(unknown)
}

/// The settings for this address. Local defaults exist on a loopback address only.
fn config_for(address: SocketAddr) -> LocalResult<Config> {
    if address.ip().is_loopback() {
        return Ok(Config::local());
    }
    let config = Config::from_environment();
    let mut wrong = Vec::new();
    if variable("ORDERMILL_SIGNING_SECRET").is_none_or(|s| s.len() < SECRET_CHARACTERS_MIN) {
        wrong.push(format!(
            "set ORDERMILL_SIGNING_SECRET to at least {SECRET_CHARACTERS_MIN} random characters"
        ));
    }
    let secrets = [
        ("ORDERMILL_STRIPE_WEBHOOK_SECRET", &config.stripe_secrets),
        ("ORDERMILL_GENERIC_WEBHOOK_SECRET", &config.generic_secrets),
    ];
    for (name, secrets) in secrets {
        if secrets.iter().any(|secret| secret == LOCAL_WEBHOOK_SECRET) {
            wrong.push(format!("set {name} to a secret of your own: this one is in the manual"));
        }
    }
    if wrong.is_empty() {
        return Ok(config);
    }
    Err(LocalError::refused(format!(
        "{address} can be reached from outside, so nothing may have a default:\n  {}",
        wrong.join("\n  ")
    )))
}

/// The shortest signing secret off loopback.
const SECRET_CHARACTERS_MIN: usize = 16;

struct StopSignals {
    interrupt: Signal,
    terminate: Signal,
}

impl StopSignals {
    fn listen() -> LocalResult<Self> {
        let listen = |kind| signal(kind).map_err(LocalError::system("cannot wait for signals"));
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn wait(mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Waits until standard input ends; for ever where nobody asked for that.
async fn input_ended(wanted: bool) {
    let (told, ended) = tokio::sync::oneshot::channel();
    if wanted {
        // A thread of its own: reading a pipe waits, and nobody waits for this thread.
        std::thread::spawn(move || {
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            let _ = told.send(());
        });
        let _ = ended.await;
        return;
    }
    std::future::pending().await
}

/// The first lines: the address, the key, and what to try.
fn greet(here: SocketAddr, door: Option<SocketAddr>, ground: &Ground) {
    let base = format!("http://{here}");
    say!("listening on {base}");
    if let Some(door) = door {
        say!("dynamodb on http://{door}");
    }
    if ground.services.is_none() {
        say!("queues, stream and schedule are the endpoint's business");
    }
    if !ground.runtime.config.local {
        say!("make a key with: ordermill keys create --client NAME --role ROLE");
        return;
    }
    let key = format!("try-{:08x}", random_u64() >> 32);
    let cause = [LOCAL_CLIENT, "key", key.as_str()];
    let order = ids::derive(IdKind::Order, &ground.runtime.config.seller, &cause);
    let authorised = format!("-H 'Authorization: Bearer {LOCAL_ADMIN_KEY}'");
    say!("\nkey: {LOCAL_ADMIN_KEY} (on this machine only)     look around: {base}/\n");
    say!("# place an order");
    say!(
        "curl -s {base}/v1/orders {authorised} -H 'Idempotency-Key: {key}' -H 'Prefer: wait=5' \
         -d '{ORDER}'"
    );
    say!("# pay it");
    say!("curl -s {base}/_local/pay -d '{{\"order\":\"{order}\"}}'");
    say!("# look at it");
    say!("curl -s {base}/v1/orders/{order} {authorised}\n");
}

/// The order of the first line to try.
const ORDER: &str = r#"{"currency":"EUR","customer":{"name":"Ona Kazlauskiene","email":"ona@example.com"},"delivery":{"method":"courier","address":{"line1":"Gedimino pr. 9","city":"Vilnius","postal_code":"01103","country":"LT"}},"payment":{"terms":"prepaid","method":"card"},"lines":[{"sku":"TEA-100","quantity":2,"unit_price":"12.50","tax_rate":"0.21"},{"sku":"HON-400","quantity":1,"unit_price":"8.50","tax_rate":"0.21"}]}"#;
