//! Reads the moves. One that cannot be read leaves a stand-in at its place, so that positions
//! agree with the file.

use super::format::MOVE_KEYS;
use super::header::status_list;
use super::reader::{Node, Reader, Section};
use super::words::{self, Word};
use super::{GUARDS_MAX, MOVES_MAX};
use crate::policy::{CommandKind, Guard, Move, Role, StatusKey};

/// Reads the moves.
pub(super) fn read(reader: &mut Reader, root: &Section<'_>) -> Vec<Move> {
    let Some(node) = root.get("move") else {
        reader.missing(root, "move", "Write a table [[move]] for each move.");
        return Vec::new();
    };
    let nodes = reader.list(&node, MOVES_MAX);
    nodes.iter().map(|node| read_move(reader, node)).collect()
}

fn read_move(reader: &mut Reader, node: &Node<'_>) -> Move {
    let mut read = Move {
        command: CommandKind::Advance,
        from: Vec::new(),
        to: StatusKey::new(""),
        by: Vec::new(),
        guards: Vec::new(),
        auto: false,
    };
    let Some(section) = reader.section(node) else { return read };
    reader.only(&section, &MOVE_KEYS);
    match section.get("command") {
        Some(node) => read.command = reader.word(&node).unwrap_or(CommandKind::Advance),
        None => {
            let commands = super::suggest::list(&CommandKind::names());
            reader.missing(&section, "command", &format!("Write command = one of {commands}."));
        }
    }
    match section.get("from") {
        Some(node) => {
            read.from = status_list(reader, &node);
            if read.from.is_empty() && !reader.positions.is_doubtful(&node.key) {
                let problem = "the list is empty".to_owned();
                reader.error(&node.key, problem, "Name at least one status.");
            }
        }
        None => reader.missing(&section, "from", "Write from = [\"...\"], one or more statuses."),
    }
    match section.get("to") {
        Some(node) => read.to = StatusKey::new(reader.text(&node).unwrap_or_default()),
        None => reader.missing(&section, "to", "Write to = \"...\", the status it leads to."),
    }
    read.auto = section.get("auto").and_then(|node| reader.boolean(&node)).unwrap_or(false);
    read.by = read_roles(reader, &section, read.auto);
    if let Some(node) = section.get("guards") {
        read.guards = read_guards(reader, &node);
    }
    read
}

/// Who may; a move that the system takes by itself need not say so.
fn read_roles(reader: &mut Reader, section: &Section<'_>, auto: bool) -> Vec<Role> {
    match section.get("by") {
        Some(node) => {
            let roles = reader.words(&node);
            if roles.is_empty() && !reader.positions.is_doubtful(&node.key) {
                let problem = "nobody may do this".to_owned();
                let names = super::suggest::list(&Role::names());
                reader.error(&node.key, problem, &format!("Name one or more of {names}."));
            }
            roles
        }
        None if auto => vec![Role::System],
        None => {
            let names = super::suggest::list(&Role::names());
            reader.missing(
                section,
                "by",
                &format!("Write by = [\"...\"], one or more of {names}."),
            );
            Vec::new()
        }
    }
}

fn read_guards(reader: &mut Reader, node: &Node<'_>) -> Vec<Guard> {
    let mut guards = Vec::new();
    for entry in reader.list(node, GUARDS_MAX) {
        let Some(text) = reader.text(&entry) else { continue };
        if let Some(guard) = reader.judged(&entry, words::guard(text)) {
            reader.push_once(&mut guards, guard, &entry, text);
        }
    }
    guards
}
