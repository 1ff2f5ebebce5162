//! Who may what, in one place. What comes of it is asked of every endpoint and printed into
//! `docs/rights.md`.
//!
//! | what | shop | partner | manager | planner | admin |
//! |---|---|---|---|---|---|
//! | read orders, history, why, subscriptions | own client's | own client's | all | all | all |
//! | read catalogue, stock | yes | yes | yes | yes | yes |
//! | make orders, subscriptions; skip, pause, resume, cancel those | own | own | yes | – | yes |
//! | write catalogue, price lists, stock, warehouses, customers; unmatched money | – | – | yes | – | yes |
//! | export a customer | – | – | yes | – | yes |
//! | erase a customer | – | – | – | – | yes |
//! | tasks: see them, take the next | – | – | yes | yes | yes |
//! | read price lists | own | own | yes | yes | yes |
//! | read reservations, settings, warehouses, customers, users | – | – | yes | yes | yes |
//! | endpoints of webhooks | own | own | all | all | all |
//! | write settings, users; clients; API keys | – | – | – | – | yes |
//!
//! Commands on orders (of those the caller may see), see [`COMMANDS`]:
//!
//! | command | shop | partner | manager | planner | admin |
//! |---|---|---|---|---|---|
//! | cancel, confirm, approve, edit, split, return | by policy | by policy | by policy | by policy | by policy |
//! | comment | yes | yes | yes | yes | yes |
//! | reject, pick, pack, ship, deliver, complete, archive | – | – | by policy | by policy | by policy |
//! | hold, release, assign, task, done, contact | – | – | yes | yes | yes |
//! | pay, refund | – | – | yes | – | yes |
//!
//! Prices and tax rates of an `edit` need the right `set_prices`, which a shop and an admin have by
//! their role.
//!
//! *By policy*: the order's lifecycle says which roles may (a shop acts as the customer). A role
//! that has no such move at all is refused before the body is looked at.

use ordermill_domain::policy::{CommandKind, Policy, Role};
use ordermill_runtime::auth::Caller;
use ordermill_runtime::http::ErrorAnswer;
use ordermill_table::records::ClientRole;

use ClientRole::{Admin, Manager, Partner, Planner, Shop};

/// Every role.
pub(crate) const ALL: &[ClientRole] = &[Shop, Partner, Manager, Planner, Admin];
/// Who makes orders.
pub(crate) const ORDERS: &[ClientRole] = &[Shop, Partner, Manager, Admin];
/// People of the seller's house.
pub(crate) const STAFF: &[ClientRole] = &[Manager, Planner, Admin];
/// Who sells: catalogue, stock, money.
pub(crate) const SELLERS: &[ClientRole] = &[Manager, Admin];
/// Who may everything.
pub(crate) const ADMIN: &[ClientRole] = &[Admin];

/// A command on an order, and what is asked before its body is looked at.
#[derive(Clone, Copy, Debug)]
pub struct CommandRights {
    /// The last part of the path.
    pub name: &'static str,
    /// Its moves in the policy; none for what no policy can switch off.
    pub kind: Option<CommandKind>,
    /// Who may ask at all.
    pub roles: &'static [ClientRole],
    /// Whether an `Idempotency-Key` is required.
    pub keyed: bool,
    /// Whether it may move stock.
    pub moves_stock: bool,
}

const fn command(
    name: &'static str,
    kind: Option<CommandKind>,
    roles: &'static [ClientRole],
    keyed: bool,
    moves_stock: bool,
) -> CommandRights {
    CommandRights { name, kind, roles, keyed, moves_stock }
}

/// Every command on orders.
pub const COMMANDS: &[CommandRights] = &[
    command("cancel", Some(CommandKind::Cancel), ALL, false, true),
    command("confirm", Some(CommandKind::Confirm), ALL, false, false),
    command("approve", Some(CommandKind::Approve), ALL, false, false),
    command("pack", Some(CommandKind::Pack), STAFF, false, false),
    command("complete", Some(CommandKind::Complete), STAFF, false, true),
    command("archive", Some(CommandKind::Archive), STAFF, false, true),
    command("reject", Some(CommandKind::Reject), STAFF, false, true),
    command("hold", None, STAFF, false, false),
    command("release", None, STAFF, false, false),
    command("assign", None, STAFF, false, false),
    command("task", None, STAFF, false, false),
    command("done", None, STAFF, false, false),
    command("contact", None, STAFF, true, true),
    command("comment", None, ALL, true, false),
    command("edit", Some(CommandKind::Edit), ALL, false, true),
    command("split", Some(CommandKind::Split), ALL, true, true),
    command("pick", Some(CommandKind::Pick), STAFF, false, true),
    command("progress", Some(CommandKind::Progress), STAFF, false, false),
    command("ship", Some(CommandKind::Ship), STAFF, true, true),
    command("deliver", Some(CommandKind::Deliver), STAFF, false, true),
    command("return", Some(CommandKind::Return), ALL, true, true),
    command("pay", None, SELLERS, true, true),
    command("refund", None, SELLERS, true, false),
];

/// The command of that name.
pub(crate) fn command_named(name: &str) -> Option<&'static CommandRights> {
    COMMANDS.iter().find(|command| command.name == name)
}

/// Whether the policy knows this command for this role from any status at all.
pub(crate) fn policy_allows(policy: &Policy, kind: Option<CommandKind>, role: Role) -> bool {
    kind.is_none_or(|kind| {
        let mut moves = policy.moves.iter().filter(|m| m.command == kind).peekable();
        // A command without any move is not possible here, whoever asks: 409, not 403.
        moves.peek().is_none() || moves.any(|m| role.is_one_of(&m.by))
    })
}

/// 403.
pub(crate) fn forbidden(caller: &Caller) -> ErrorAnswer {
    let detail = format!("A key of role {} may not do this.", caller.role.name());
    ErrorAnswer::new(403, "forbidden", &detail)
}
