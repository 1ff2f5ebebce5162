//! The rules about moves: who, which of two, guards that never hold, what a closed order keeps.

use super::{END, GOOD, assert_mistakes, mistakes_after, mistakes_with_move, read};

#[test]
fn an_automatic_move_is_the_systems_and_the_first_of_two_that_hold_together() {
    let mistakes = |_: &str, new: &str| mistakes_with_move(new);
    assert_mistakes(
        &[
            (
                "",
                "command = \"confirm\"\nfrom = [\"ready\"]\nto = \"sent\"\nby = [\"manager\"]\n\
                 auto = true\n",
                &["move[5].by: the system takes this move by itself, but may not. Write by = \
                   [\"system\"], or take `auto` away."],
            ),
            (
                "",
                "command = \"advance\"\nfrom = [\"ready\"]\nto = \"sent\"\nby = [\"manager\"]\n",
                &[
                    "move[5].command: `advance` is nobody's command: the system takes it by \
                     itself. Write auto = true, or another command.",
                    "move[5].by: `advance` is the system's alone. Write by = [\"system\"], and \
                     another command for people.",
                ],
            ),
            (
                "",
                "command = \"advance\"\nfrom = [\"sent\"]\nto = \"cancelled\"\nguards = \
                 [\"every_line_shipped\", \"paid_in_full\"]\nauto = true\n",
                &[
                    "move[5].from[1]: goods can have left the house in `sent`, and nobody would \
                     fetch them. Use `return`, or close the order only where nothing has left.",
                    "move[5].guards: from `sent` it is never taken: move[4] is tried first, and \
                     its guards hold whenever these do. Write the move with more guards first, or \
                     take one of them away.",
                ],
            ),
        ],
        mistakes,
    );
}

#[test]
fn a_command_has_one_answer_for_each_status_and_role() {
    let mistakes = |_: &str, new: &str| mistakes_with_move(new);
    assert_mistakes(
        &[
            (
                "",
                "command = \"cancel\"\nfrom = [\"review\", \"sent\"]\nto = \"sent\"\nby = \
                 [\"manager\", \"planner\"]\n",
                &["move[5]: `cancel` from `review` by manager is said already by move[2]. Take \
                   one of them away, or name other roles or statuses."],
            ),
            (
                "",
                "command = \"ship\"\nfrom = [\"ready\"]\nto = \"sent\"\nby = [\"admin\"]\n",
                &["move[5]: `ship` from `ready` by admin is said already by move[3]. Take one of \
                   them away, or name other roles or statuses."],
            ),
        ],
        mistakes,
    );
}

#[test]
fn automatic_moves_come_to_rest() {
    let circle = |terms: &str| {
        format!(
            "command = \"advance\"\nfrom = [\"ready\"]\nto = \"waiting\"\nguards = \
             [\"terms(prepaid)\", \"paid_in_full\"]\nauto = true\n\n[[move]]\ncommand = \
             \"advance\"\nfrom = [\"waiting\"]\nto = \"ready\"\nguards = [\"{terms}\"]\nauto = \
             true\n"
        )
    };
    assert_eq!(
        mistakes_with_move(&circle("terms(invoice, prepaid)")),
        ["move[5]: automatic moves would go round for ever: `ready` → `waiting` → `ready`. Take \
          `auto` away from one of them, or add a guard that excludes the others."]
    );
    // No order has both terms, so this one rests.
    let rests = format!("{END}\n[[move]]\n{}", circle("terms(invoice)"));
    assert!(read(&GOOD.replace(END, &rests)).is_ok());
    assert_eq!(
        mistakes_with_move(
            "command = \"advance\"\nfrom = [\"waiting\"]\nto = \"waiting\"\nauto = true\n"
        ),
        ["move[5]: automatic moves would go round for ever: `waiting` → `waiting`. Take `auto` \
          away from one of them, or add a guard that excludes the others."]
    );
}

#[test]
fn a_guard_that_can_never_hold_is_refused() {
    let mistakes = |guard: &str, from: &str| {
        mistakes_with_move(&format!(
            "command = \"confirm\"\nfrom = [{from}]\nto = \"ready\"\nby = [\"manager\"]\nguards = \
             [{guard}]\n"
        ))
    };
    assert_mistakes(
        &[
            (
                "\"stock_reserved\"",
                "\"received\", \"review\"",
                &["move[5].guards: `stock_reserved` can never hold in `received`, `review`: no \
                   stock is held there. Take the guard away, or name statuses that come after the \
                   step `reserve`."],
            ),
            (
                "\"some_stock_reserved\"",
                "\"received\"",
                &["move[5].guards: `some_stock_reserved` can never hold in `received` (phase \
                   intake): no stock is held there. Take the guard away, or name statuses that \
                   come after the step `reserve`."],
            ),
            (
                "\"every_line_shipped\"",
                "\"review\"",
                &["move[5].guards: `every_line_shipped` can never hold in `review` (phase \
                   review): nothing has left the house there. Take the guard away, or name \
                   statuses that come after `ship`."],
            ),
            (
                "\"everything_returned\", \"every_shipment_delivered\", \"everything_picked\"",
                "\"waiting\"",
                &[
                    "move[5].guards: `every_shipment_delivered` can never hold in `waiting` \
                     (phase supply): nothing has been handed over there. Take the guard away, or \
                     name statuses that come after `deliver`.",
                    "move[5].guards: `everything_picked` can never hold in `waiting` (phase \
                     supply): nothing has been picked there. Take the guard away, or name \
                     statuses that come after `pick`.",
                    "move[5].guards: `everything_returned` can never hold in `waiting` (phase \
                     supply): nothing has come back there. Take the guard away, or name statuses \
                     that come after `return`.",
                ],
            ),
            (
                "\"terms(prepaid)\", \"terms(invoice)\"",
                "\"waiting\"",
                &["move[5].guards: these guards never hold together. Write what may be in one \
                   pair of brackets, like terms(prepaid, invoice)."],
            ),
        ],
        mistakes,
    );
}

#[test]
fn guards_that_can_hold_are_let_be() {
    for (command, from, guards) in [
        ("confirm", "waiting", "stock_reserved"),
        ("confirm", "received", "paid_in_full"),
        ("pick", "sent", "everything_picked"),
        ("confirm", "review", "customer_solvent"),
        ("confirm", "received", "prepayment_received(30)"),
        // What the command itself brings about counts.
        ("deliver", "ready", "every_shipment_delivered"),
    ] {
        let new = format!(
            "{END}\n[[move]]\ncommand = \"{command}\"\nfrom = [\"{from}\"]\nto = \"sent\"\nby = \
             [\"manager\"]\nguards = [\"{guards}\"]\n"
        );
        let read = read(&GOOD.replace(END, &new));
        assert!(read.is_ok(), "{command} {from} {guards}: {read:?}");
    }
    // Woken by the customer's balance, so the system may wait for it.
    let auto = "command = \"advance\"\nfrom = [\"review\"]\nto = \"waiting\"\nguards = \
                [\"customer_solvent\"]\nauto = true\n";
    assert!(read(&GOOD.replace(END, &format!("{END}\n[[move]]\n{auto}"))).is_ok());
}

#[test]
fn a_closed_status_keeps_neither_goods_nor_money() {
    assert_mistakes(
        &[
            (
                "from = [\"received\", \"review\", \"waiting\", \"ready\"]",
                "from = [\"received\", \"review\", \"waiting\", \"ready\", \"sent\"]",
                &["move[2].from[5]: goods can have left the house in `sent`, and nobody would \
                   fetch them. Use `return`, or close the order only where nothing has left."],
            ),
            (
                "{ after = \"10d\", do = \"task\", task = \"delivery_overdue\" }",
                "{ after = \"10d\", do = \"move\", to = \"cancelled\" }",
                &["status.sent.limit[1].to: goods can have left the house in `sent`, and nobody \
                   would fetch them. Use `return`, or close the order only where nothing has \
                   left."],
            ),
            (
                "command = \"approve\"\nfrom = [\"review\"]\nto = \"waiting\"",
                "command = \"complete\"\nfrom = [\"review\"]\nto = \"done\"",
                &["move[1].from[1]: nothing can have left the house in `review`: the customer's \
                   money would be kept for nothing. Use `cancel`, or name statuses that come \
                   after `ship` or `deliver`."],
            ),
            (
                "from = [\"ready\", \"sent\"]\nto = \"sent\"\nby = [\"manager\"]",
                "from = [\"ready\"]\nto = \"sent\"\nby = [\"manager\"]\n\n[[move]]\ncommand = \
                 \"ship\"\nfrom = [\"sent\"]\nto = \"done\"\nby = [\"manager\"]",
                &[
                    "move[4].to: a shipment can be a part, and the rest would stay held by a closed \
                   order. Lead to an open status, and on from there by an automatic move with \
                   guards = [\"every_line_shipped\"].",
                ],
            ),
            (
                "command = \"approve\"\nfrom = [\"review\"]\nto = \"waiting\"",
                "command = \"pack\"\nfrom = [\"review\"]\nto = \"done\"",
                &["move[1].to: the goods are still in the house, held by a closed order. Lead to \
                   an open status, from which `ship` or `deliver` leads on."],
            ),
        ],
        mistakes_after,
    );
}
