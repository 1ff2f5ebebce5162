//! `ordermill keys`: API keys. A new key is shown once; only its hash is kept. It is valid at once
//! in the running service.

use crate::cli::{Data, say};
use crate::error::{LocalError, LocalResult};
use clap::{Subcommand, ValueEnum};
use ordermill_runtime::auth::{new_key, revoke_key};
use ordermill_table::item::text;
use ordermill_table::keys;
use ordermill_table::keys::RowKind;
use ordermill_table::read::IndexQuery;
use ordermill_table::records::{self, ApiKey, ClientRole, api_key_row};
use ordermill_table::schema::OWNER;
use std::process::ExitCode;

/// Keys of one page of the list.
const PAGE_KEYS: i32 = 200;

/// As whom a key calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum RoleName {
    /// A webshop.
    Shop,
    /// A partner: sees only its own orders.
    Partner,
    /// A manager's tool.
    Manager,
    /// A planner's tool.
    Planner,
    /// Everything.
    Admin,
}

impl From<RoleName> for ClientRole {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::Shop => Self::Shop,
            RoleName::Partner => Self::Partner,
            RoleName::Manager => Self::Manager,
            RoleName::Planner => Self::Planner,
            RoleName::Admin => Self::Admin,
        }
    }
}

/// What is done with keys.
#[derive(Subcommand, Debug)]
pub enum KeysCommand {
    /// Make a key and print it, alone, on standard output.
    Create {
        /// Who calls with it.
        #[arg(long, value_name = "NAME")]
        client: String,
        /// As whom.
        #[arg(long)]
        role: RoleName,
        /// Where the data are.
        #[command(flatten)]
        data: Data,
    },
    /// List the keys, without their secrets.
    List {
        /// Where the data are.
        #[command(flatten)]
        data: Data,
    },
    /// Make a key invalid, within a minute everywhere.
    Revoke {
        /// The key's id, as `list` shows it.
        id: String,
        /// Where the data are.
        #[command(flatten)]
        data: Data,
    },
}

pub(crate) async fn keys(command: KeysCommand) -> LocalResult<ExitCode> {
    match command {
        KeysCommand::Create { client, role, data } => create(&client, role.into(), &data).await,
        KeysCommand::List { data } => list(&data).await,
        KeysCommand::Revoke { id, data } => revoke(&id, &data).await,
    }
}

async fn create(client: &str, role: ClientRole, data: &Data) -> LocalResult<ExitCode> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    if client.is_empty() || client.len() > 64 || !client.bytes().all(plain) {
        let what = "--client: 1 to 64 letters, digits, points, dashes or underscores";
        return Err(LocalError::refused(what));
    }
    let ground = data.open().await?;
    let (stored, key) = new_key(client, role, ground.runtime.clock.now());
    if !ground.runtime.table.put_row_once(api_key_row(&stored)?).await? {
        return Err(LocalError::refused("a key of that id exists already; try again"));
    }
    say!("{key}");
    Ok(ExitCode::SUCCESS)
}

async fn list(data: &Data) -> LocalResult<ExitCode> {
    let ground = data.open_existing().await?;
    let table = &ground.runtime.table;
    let mut after: Option<String> = None;
    say!("{:<14} {:<24} {:<8} {:<24} revoked", "id", "client", "role", "created");
    loop {
        let query = IndexQuery {
            index: OWNER,
            partition: keys::owner_list(RowKind::Key),
            after: after.as_deref(),
            newest_first: false,
            until: None,
            limit: PAGE_KEYS,
        };
        let page = table.index(query).await?;
        let wanted: Vec<keys::Key> = page.keys.iter().map(|(_, id)| keys::api_key(id)).collect();
        let mut rows = table.batch_get(&wanted).await?;
        rows.sort_by_key(|row| text(row, "pk").map(str::to_owned).unwrap_or_default());
        for row in &rows {
            let key: ApiKey = records::read(row)?;
            let revoked = key.revoked_at.map(|at| at.to_string()).unwrap_or_default();
            let (role, created) = (key.role.name(), key.created_at.to_string());
            say!("{:<14} {:<24} {role:<8} {created:<24} {revoked}", key.id, key.client);
        }
        after = page.keys.last().map(|(_, id)| id.clone());
        if !page.more || after.is_none() {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

async fn revoke(id: &str, data: &Data) -> LocalResult<ExitCode> {
    let ground = data.open_existing().await?;
    let Some(key) = revoke_key(&ground.runtime, id).await? else {
        return Err(LocalError::refused(format!(
            "there is no key {id}; see `ordermill keys list`"
        )));
    };
    say!("revoked {id} of {}; it is refused everywhere within a minute", key.client);
    Ok(ExitCode::SUCCESS)
}
