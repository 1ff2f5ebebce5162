//! Commands on an order: `POST /v1/orders/{id}/{command}`.
//!
//! What is asked before the body is looked at stands in `rights.rs`. A repeat is known by the
//! order itself: it remembers its last commands, and the entry is written in the same put as what
//! the command did, so that neither is there without the other.

use crate::once::key_reused;
use crate::orders::{order_answer, visible};
use crate::rights::{CommandRights, command_named, forbidden, policy_allows};
use crate::{Call, Reply, too_busy};
use ordermill_domain::decide::edit::SET_PRICES;
use ordermill_domain::decide::{Command, Decision, Facts, decide};
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::intake::edit::{EditBody, LineEdit};
use ordermill_domain::intake::{CommandBody, body_hash, parse_command};
use ordermill_domain::order::{DoneCommand, Line, LineDetail, Order, RECENT_COMMANDS_MAX, Terms};
use ordermill_domain::policy::Policy;
use ordermill_domain::quantity::Quantity;
use ordermill_domain::validation::fill_from_catalogue;
use ordermill_runtime::Runtime;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_runtime::references::reference_row;
use ordermill_runtime::step::{MOVED_ROUNDS_MAX, stock_facts};
use ordermill_runtime::validating;
use ordermill_table::records::Client;
use ordermill_table::{TableError, keys};
use ordermill_views::answer::preview_json;

/// What is asked of an order, once its body is read.
struct Asked {
    rights: &'static CommandRights,
    body: CommandBody,
    /// What names the request, and what it asks.
    stamp: DoneCommand,
    /// The caller gave the key, so that a repeat is answered alike even if nothing changed.
    is_keyed: bool,
}

/// `POST /v1/orders/{id}/{command}`.
pub(crate) async fn command(call: &Call<'_>) -> Reply {
    let rights = command_named(call.param(1)).ok_or_else(ErrorAnswer::not_found)?;
    let caller = call.caller()?;
    if !rights.roles.contains(&caller.role) {
        return Err(forbidden(caller));
    }
    let order = visible(call, call.param(0)).await?;
    let policy = call.runtime.policy_of(&order).await?;
    if !policy_allows(&policy, rights.kind, caller.acts_as()) {
        return Err(forbidden(caller));
    }
    let asked = read(call, rights, &order)?;
    carry_out(call, &policy, order, asked).await
}

/// Reads headers and body.
fn read(
    call: &Call<'_>,
    rights: &'static CommandRights,
    order: &Order,
) -> Result<Asked, ErrorAnswer> {
    let given = call.request.idempotency_key()?;
    if rights.keyed && given.is_none() {
        let detail = format!("`{}` needs an `Idempotency-Key` header.", rights.name);
        return Err(ErrorAnswer::new(400, "idempotency_key_required", &detail));
    }
    let json = call.request.json_object_or_nothing()?;
    let body = parse_command(rights.name, &json, order.currency).map_err(ErrorAnswer::invalid)?;
    let client = &call.caller()?.client;
    let (kind, key) = match &given {
        Some(key) => ("key", key.as_str()),
        None => ("request", call.request.request_id.as_str()),
    };
    let stamp = DoneCommand {
        key: short(&[client, kind, key]),
        body: short(&[rights.name, &body_hash(&json)]),
        version: 0,
    };
    Ok(Asked { rights, body, stamp, is_keyed: given.is_some() })
}

/// The first characters of a digest; enough to tell one order's last commands apart.
fn short(parts: &[&str]) -> String {
    let lengths: Vec<String> = parts.iter().map(|part| format!("{}:{part}", part.len())).collect();
    ids::digest(lengths.concat().as_bytes()).chars().take(16).collect()
}

/// Decides and writes, from the start again while somebody else is quicker.
async fn carry_out(call: &Call<'_>, policy: &Policy, mut order: Order, asked: Asked) -> Reply {
    for round in 0..MOVED_ROUNDS_MAX {
        if let Some(done) = order.recent_commands.iter().find(|c| c.key == asked.stamp.key) {
            if done.body != asked.stamp.body {
                return Err(key_reused());
            }
            return order_answer(call, &order).await;
        }
        expected_version(call, &order)?;
        let decision = decided(call, policy, &order, &asked).await?;
        if asked.is_dry_run() {
            return previewed(call, &order, &decision).await;
        }
        if decision.is_nothing() {
            return order_answer(call, &order).await;
        }
        let table = &call.runtime.table;
        let mut extra = Vec::new();
        if let CommandBody::Pay { reference, .. } = &asked.body {
            // A refund of it, told by a provider, finds the order by nothing else.
            extra.extend(reference_row(table, reference, &order.id, "").await?);
        }
        match table.commit(policy, Some(&order), &decision, extra).await {
            Ok(()) => {
                let after = decision.order;
                tracing::info!(
                    order.id = after.id,
                    order.status = after.status.as_str(),
                    order.version = after.version,
                    command = asked.rights.name,
                    "an order was changed on request"
                );
                return order_answer(call, &after).await;
            }
            // Perhaps it was written after all: the order read again says so by the stamp.
            Err(TableError::Moved | TableError::Cancelled(_) | TableError::Unclear(_)) => {}
            Err(error) => return Err(error.into()),
        }
        call.runtime.pause(round).await;
        order = visible(call, &order.id).await?;
    }
    Err(too_busy())
}

impl Asked {
    /// Whether nothing is to be done, only told.
    fn is_dry_run(&self) -> bool {
        matches!(&self.body, CommandBody::Edit(edit) if edit.dry_run)
    }
}

/// 200 with the order as it would be, and the difference; its `ETag` is the order's own, for the
/// edit that follows.
async fn previewed(call: &Call<'_>, order: &Order, decision: &Decision) -> Reply {
    let base = &call.request.base_url;
    let body = preview_json(call.runtime, base, call.caller()?, order, decision).await?;
    Ok(Answer::json(200, body).with_header("etag", format!("\"{}\"", order.version)))
}

/// What an edit needs to know: the catalogue as it is for the order as it would be, how its customer
/// stands, and stock also of what is added.
pub(crate) async fn edit_facts(
    runtime: &Runtime,
    order: &Order,
    edit: &EditBody,
) -> Result<Facts, ErrorAnswer> {
    let mut would = order.clone();
    would.lines.extend(edit.lines.iter().filter_map(|line| match line {
        LineEdit::Add(line) => Some((**line).clone()),
        LineEdit::Change { .. } | LineEdit::Remove { .. } | LineEdit::Copy { .. } => None,
    }));
    if let Some(address) = &edit.delivery.address {
        would.country.clone_from(&address.country);
    }
    let said = &mut would.placed.customer;
    for (known, given) in
        [(&mut said.email, &edit.customer.email), (&mut said.phone, &edit.customer.phone)]
    {
        if given.is_some() {
            known.clone_from(given);
        }
    }
    let ranks = runtime.ranks().await?;
    let facts = validating::validation_facts(runtime, &would).await?;
    // Of a bundle, the stock of its parts is looked at.
    fill_from_catalogue(&mut would, &facts.products);
    Ok(Facts { stock: runtime.table.stock_view(&would.skus(), ranks).await?, ..facts })
}

/// An edit that adds these articles: what it needs to know, their substitution needs too.
pub(crate) fn with_articles<'a>(skus: impl Iterator<Item = &'a str>) -> EditBody {
    let line = |sku| Line::new(0, sku, Quantity::ZERO, LineDetail::default());
    let lines = skus.map(|sku| LineEdit::Add(Box::new(line(sku)))).collect();
    EditBody { lines, ..EditBody::default() }
}

async fn may_set_prices(call: &Call<'_>) -> Result<bool, ErrorAnswer> {
    let caller = call.caller()?;
    let client: Option<Client> = call.runtime.table.document(&keys::client(&caller.client)).await?;
    Ok(Client::may(client.as_ref(), caller.role, SET_PRICES))
}

/// `If-Match` names the version the caller has seen.
fn expected_version(call: &Call<'_>, order: &Order) -> Result<(), ErrorAnswer> {
    if call.request.names_version("if-match", order.version).unwrap_or(true) {
        return Ok(());
    }
    let detail = format!("The order is at version {} now; read it again.", order.version);
    Err(ErrorAnswer::new(412, "version_mismatch", &detail))
}

async fn decided(
    call: &Call<'_>,
    policy: &Policy,
    order: &Order,
    asked: &Asked,
) -> Result<Decision, ErrorAnswer> {
    let caller = call.caller()?;
    let on_account = order.terms == Some(Terms::Invoice) && !order.customer_id.is_empty();
    // What a customer has yet to choose about may be waited for, or let go of.
    let undecided = order.question.is_some() || order.undecided().next().is_some();
    let needs_stock = asked.rights.moves_stock || order.waits_for_stock() || undecided;
    let mut facts = match &asked.body {
        CommandBody::Edit(edit) => Facts {
            may_set_prices: may_set_prices(call).await?,
            ..edit_facts(call.runtime, order, edit).await?
        },
        CommandBody::Pick { short, .. } if short.iter().any(|s| s.substitute.is_some()) => {
            let named = short.iter().filter_map(|entry| entry.substitute.as_deref());
            edit_facts(call.runtime, order, &with_articles(named)).await?
        }
        CommandBody::Split { .. } => {
            let cause = [order.id.as_str(), "split", asked.stamp.key.as_str()];
            let part_id = ids::derive(IdKind::Order, &call.runtime.config.seller, &cause);
            Facts { part_id, ..stock_facts(call.runtime, order).await? }
        }
        _ if needs_stock => stock_facts(call.runtime, order).await?,
        _ => Facts::default(),
    };
    if on_account && matches!(asked.body, CommandBody::Approve { .. }) {
        facts.customer = validating::customer_standing(call.runtime, order).await?;
    }
    if matches!(asked.body, CommandBody::Task(_) | CommandBody::Contact(_)) {
        facts.seller_zone = Some(call.runtime.settings().await?.time_zone);
    }
    let command =
        Command::Act { body: asked.body.clone(), role: caller.acts_as(), actor: caller.actor() };
    let now = call.runtime.clock.now();
    let mut decision = decide(policy, order, &facts, &command, now)?;
    if decision.is_nothing() && !asked.is_keyed {
        return Ok(decision);
    }
    let stamp = DoneCommand { version: decision.order.version, ..asked.stamp.clone() };
    remember(&mut decision.order, stamp);
    decision.touched = true;
    Ok(decision)
}

/// Adds a command to those the order remembers.
fn remember(order: &mut Order, stamp: DoneCommand) {
    order.recent_commands.push(stamp);
    let excess = order.recent_commands.len().saturating_sub(RECENT_COMMANDS_MAX);
    order.recent_commands.drain(..excess);
}
