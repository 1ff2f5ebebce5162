//! Prints what every status of a policy says to every command, for people to review.
//!
//! The grids of the presets lie beside them, `infra/policies/*.grid.txt`; a test compares them, so
//! that a change of a policy shows in the diff as what it means.

use super::load::words::Word;
use super::{
    CommandKind, LateMoney, Move, Outcome, Policy, ProductionStep, Role, Rung, Status, StatusKey,
    Trigger,
};
use std::collections::VecDeque;
use std::fmt::Write;

/// What stands in a cell that refuses.
const REFUSED: &str = "·";

/// The whole policy as aligned text: a table of status × command, then each status by itself.
#[must_use]
pub fn print(policy: &Policy) -> String {
    let mut out = String::new();
    let order = in_order(policy);
    // Writing to a string does not fail.
    let _ = write_head(&mut out, policy);
    let _ = write_table(&mut out, policy, &order);
    for (key, status) in order {
        let _ = write_status(&mut out, policy, key, status);
    }
    out
}

/// The statuses by phase, and within a phase in the order an order comes to them.
fn in_order(policy: &Policy) -> Vec<(&StatusKey, &Status)> {
    let mut found: Vec<(&StatusKey, &Status)> = Vec::new();
    let mut to_visit: VecDeque<&StatusKey> = VecDeque::from([&policy.initial]);
    while let Some(key) = to_visit.pop_front() {
        let Some((key, status)) = policy.statuses.get_key_value(key) else { continue };
        if found.iter().any(|(other, _)| *other == key) {
            continue;
        }
        found.push((key, status));
        to_visit.extend(status.then.values());
        to_visit.extend(policy.moves.iter().filter(|m| m.from.contains(key)).map(|m| &m.to));
        to_visit.extend(status.limit.iter().filter_map(|rung| match &rung.outcome {
            Outcome::Move { to, .. } => Some(to),
            Outcome::Redrive
            | Outcome::Notify { .. }
            | Outcome::Task { .. }
            | Outcome::Call
            | Outcome::Split(_) => None,
        }));
    }
    // What is reached only by reviving, or not at all, is shown too, at the end of its phase.
    for (key, status) in &policy.statuses {
        if !found.iter().any(|(other, _)| *other == key) {
            found.push((key, status));
        }
    }
    found.sort_by_key(|(_, status)| status.phase);
    found
}

fn write_head(out: &mut String, policy: &Policy) -> std::fmt::Result {
    writeln!(out, "{}, version {}\n", policy.name, policy.version)?;
    writeln!(out, "a new order        {}", policy.initial)?;
    let late_money = match (policy.late_money, &policy.revive_to) {
        (LateMoney::Revive, Some(status)) => format!("revive to {status}"),
        (LateMoney::Revive | LateMoney::Refund | LateMoney::Ask, _) => {
            policy.late_money.name().to_owned()
        }
    };
    writeln!(out, "late money         {late_money}")?;
    writeln!(
        out,
        "another total      {} beyond {}",
        policy.on_total_mismatch.name(),
        policy.total_tolerance.0
    )?;
    writeln!(
        out,
        "tolerances         {} too little, {} too much (minor units)",
        policy.underpay_tolerance.0, policy.overpay_tolerance.0
    )?;
    writeln!(out, "unpaid orders      at most {}", policy.open_unpaid_max)?;
    writeln!(out, "may be deleted in  {}", or_none(&keys(&policy.deletable_from)))?;
    let call_when: Vec<String> = policy.call_when.iter().map(ToString::to_string).collect();
    writeln!(out, "call when          {}", or_none(&call_when.join(", ")))?;
    let approval = policy.approval;
    writeln!(
        out,
        "approval           edits {}, {} to answer, silence {}; {} to choose",
        approval.edits.name(),
        approval.deadline,
        approval.silence.name(),
        approval.choice_deadline
    )?;
    for step in policy.production.iter().flat_map(|production| &production.steps) {
        writeln!(out, "production         {}", describe_step(step))?;
    }
    for (name, hours) in &policy.calendars {
        let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
        let days: Vec<&str> = days
            .iter()
            .zip(hours.weekdays)
            .filter(|(_, works)| *works)
            .map(|(day, _)| *day)
            .collect();
        writeln!(
            out,
            "calendar           {name}: {} {}–{} {}{}",
            days.join(" "),
            clock(hours.opens_minute),
            clock(hours.closes_minute),
            hours.time_zone,
            if hours.holidays.is_empty() {
                String::new()
            } else {
                format!(", not on {}", hours.holidays.join(", "))
            }
        )?;
    }
    Ok(())
}

/// A step of the production in one line.
pub(super) fn describe_step(step: &ProductionStep) -> String {
    let calendar = step.calendar.as_ref().map(|name| format!(" of {name}")).unwrap_or_default();
    let by = step.department.as_ref().map(|who| format!(" by {who}")).unwrap_or_default();
    format!("{} {}{calendar}{by}", step.name, step.takes)
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn keys(statuses: &[StatusKey]) -> String {
    statuses.iter().map(StatusKey::as_str).collect::<Vec<_>>().join(", ")
}

fn clock(minute: u16) -> String {
    let hours = minute.checked_div(60).unwrap_or_default();
    let minutes = minute.checked_rem(60).unwrap_or_default();
    format!("{hours:02}:{minutes:02}")
}

/// One letter per role, always in the same place of the alphabet of roles.
fn letter(role: Role) -> char {
    match role {
        Role::Customer => 'C',
        Role::Partner => 'P',
        Role::Manager => 'M',
        Role::Planner => 'L',
        Role::System => 'S',
        Role::Admin => 'A',
    }
}

fn letters(roles: &[Role]) -> String {
    Role::ALL.iter().filter(|role| roles.contains(role)).map(|role| letter(*role)).collect()
}

/// The moves that a command can make from a status.
fn moves_of<'a>(
    policy: &'a Policy,
    key: &'a StatusKey,
    command: CommandKind,
) -> impl Iterator<Item = &'a Move> {
    policy.moves.iter().filter(move |m| m.command == command && m.from.contains(key))
}

fn write_table(
    out: &mut String,
    policy: &Policy,
    order: &[(&StatusKey, &Status)],
) -> std::fmt::Result {
    let legend: Vec<String> =
        Role::ALL.iter().map(|role| format!("{} {}", letter(*role), role.name())).collect();
    writeln!(out, "\nWho may do what: {}; A may all that M and L may.", legend.join(", "))?;
    writeln!(out, "* the system by itself   ? if the guards hold   {REFUSED} refused\n")?;
    let width = order.iter().map(|(key, _)| key.as_str().len()).max().unwrap_or(0);
    let width = width.saturating_add(2);
    let columns: Vec<(CommandKind, Vec<String>)> = CommandKind::ALL
        .iter()
        .map(|command| {
            (*command, order.iter().map(|(key, _)| cell(policy, key, *command)).collect())
        })
        .collect();
    let widths: Vec<usize> = columns
        .iter()
        .map(|(command, cells)| {
            let widest = cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0);
            widest.max(command.name().len()).saturating_add(2)
        })
        .collect();
    let mut line = pad("", width.saturating_add(2));
    for ((command, _), width) in columns.iter().zip(&widths) {
        line.push_str(&pad(command.name(), *width));
    }
    writeln!(out, "{}", line.trim_end())?;
    let mut phase = None;
    for (row, (key, status)) in order.iter().enumerate() {
        if phase != Some(status.phase) {
            phase = Some(status.phase);
            writeln!(out, "{}", status.phase.name())?;
        }
        let mut line = format!("  {}", pad(key.as_str(), width));
        for ((_, cells), width) in columns.iter().zip(&widths) {
            line.push_str(&pad(cells.get(row).map_or("", String::as_str), *width));
        }
        writeln!(out, "{}", line.trim_end())?;
    }
    Ok(())
}

fn pad(text: &str, width: usize) -> String {
    let missing = width.saturating_sub(text.chars().count());
    format!("{text}{}", " ".repeat(missing))
}

fn cell(policy: &Policy, key: &StatusKey, command: CommandKind) -> String {
    let moves: Vec<&Move> = moves_of(policy, key, command).collect();
    if moves.is_empty() {
        return REFUSED.to_owned();
    }
    let mut roles: Vec<Role> = moves.iter().flat_map(|m| m.by.iter().copied()).collect();
    roles.sort_unstable();
    roles.dedup();
    let automatic = if moves.iter().any(|m| m.auto) { "*" } else { "" };
    let guarded = if moves.iter().any(|m| !m.guards.is_empty()) { "?" } else { "" };
    format!("{}{automatic}{guarded}", letters(&roles))
}

fn write_status(
    out: &mut String,
    policy: &Policy,
    key: &StatusKey,
    status: &Status,
) -> std::fmt::Result {
    writeln!(out, "\n{key}  [{}]", status.phase.name())?;
    let mut lines: Vec<[String; 4]> = Vec::new();
    let mut add = |name: &str, what: String, who: String, condition: String| {
        lines.push([name.to_owned(), what, who, condition]);
    };
    if let Some(step) = status.step {
        for (position, (outcome, to)) in status.then.iter().enumerate() {
            let name = if position == 0 { step.name() } else { "" };
            let stays = if to == key { "  (stays)" } else { "" };
            add(name, format!("{} → {to}{stays}", outcome.name()), String::new(), String::new());
        }
    }
    for (position, trigger) in status.on_enter.iter().enumerate() {
        let name = if position == 0 { "on_enter" } else { "" };
        add(name, describe_trigger(trigger), String::new(), String::new());
    }
    for (position, rung) in status.limit.iter().enumerate() {
        let name = if position == 0 { "limit" } else { "" };
        let when = rung.when.as_ref().map(|when| format!("when {when}")).unwrap_or_default();
        add(name, describe_rung(rung), String::new(), when);
    }
    let mut refused = Vec::new();
    for command in CommandKind::ALL {
        let mut moves = moves_of(policy, key, *command).peekable();
        if moves.peek().is_none() {
            refused.push(command.name());
        }
        for (position, m) in moves.enumerate() {
            let name = if position == 0 { command.name() } else { "" };
            let guards: Vec<String> = m.guards.iter().map(ToString::to_string).collect();
            let condition =
                if guards.is_empty() { String::new() } else { format!("if {}", guards.join(", ")) };
            let automatic = if m.auto { "*" } else { "" };
            let stays = if m.to == *key { "  (stays)" } else { "" };
            add(
                name,
                format!("→ {}{stays}", m.to),
                format!("{}{automatic}", letters(&m.by)),
                condition,
            );
        }
    }
    for [name, what, who, condition] in &lines {
        let line = format!("  {}{}{}{condition}", pad(name, 13), pad(what, 52), pad(who, 8));
        writeln!(out, "{}", line.trim_end())?;
    }
    if !refused.is_empty() {
        writeln!(out, "  {}{}", pad(REFUSED, 13), refused.join(" "))?;
    }
    Ok(())
}

pub(super) fn describe_trigger(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Notify { template, to } => format!("notify {} {template}", to.name()),
        Trigger::Webhook => "webhook".to_owned(),
        Trigger::Task { task } => format!("task {task}"),
    }
}

pub(super) fn describe_rung(rung: &Rung) -> String {
    let after = match &rung.calendar {
        None => pad(&rung.after.to_string(), 5),
        // A day of working hours is not a day: hours are said as hours.
        Some(calendar) => {
            match (rung.after.0.checked_div(3_600), rung.after.0.checked_rem(3_600)) {
                (Some(hours), Some(0)) => format!("{hours}h of {calendar}"),
                _ => format!("{} of {calendar}", rung.after),
            }
        }
    };
    match &rung.outcome {
        Outcome::Redrive => format!("{after} redrive"),
        Outcome::Notify { template, to } => format!("{after} notify {} {template}", to.name()),
        Outcome::Task { task } => format!("{after} task {task}"),
        Outcome::Call => format!("{after} call"),
        Outcome::Split(by) => format!("{after} split by {}", by.name()),
        Outcome::Move { to, reason } => {
            let reason = reason.as_ref().map(|reason| format!(" ({reason})")).unwrap_or_default();
            format!("{after} → {to}{reason}")
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::policy::presets;

    #[test]
    fn the_grid_beside_each_preset_says_what_the_preset_says() {
        for policy in presets::all().unwrap() {
            let file = format!("{}.grid.txt", policy.name);
            presets::assert_beside(&file, &super::print(&policy));
        }
    }
}
