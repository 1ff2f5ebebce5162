//! Each rule has a file that breaks it, and the message it then gives.

mod moves;

use crate::policy::load::{PolicyError, from_toml};
use crate::policy::{Policy, check, load::Positions, presets};

/// A small policy that works; the tests break it in one place.
const GOOD: &str = r#"
name = "tiny"
version = 1
initial = "received"
late_money = "revive"
revive_to = "waiting"
deletable_from = ["cancelled"]

[calendar.office]
time_zone = "Europe/Vilnius"
weekdays = ["mon", "tue"]
hours = "09:00-17:00"
holidays = ["2026-12-25", 2027-01-01]

[status.received]
phase = "intake"
step = "validate"
then = { ok = "waiting", review = "review", refused = "cancelled" }
limit = [
  { after = "2m", do = "redrive" },
  { after = "30m", do = "move", to = "review" },
]

[status.review]
phase = "review"
limit = [{ after = "8h", calendar = "office", do = "task", task = "look" }]

[status.waiting]
phase = "supply"
step = "reserve"
then = { ok = "ready", backordered = "waiting" }
limit = [{ after = "1h", do = "redrive" }]

[status.ready]
phase = "payment"
limit = [
  { after = "30m", when = "method(card)", do = "notify", template = "payment_reminder" },
  { after = "2h", when = "method(card)", do = "move", to = "cancelled", reason = "not_paid" },
  { after = "1h", when = "not method(card)", do = "notify", template = "payment_reminder" },
  { after = "1d", when = "not method(card)", do = "move", to = "cancelled" },
]
on_enter = [{ notify = "payment_request", to = "customer" }, { webhook = "order.ready" }]

[status.sent]
phase = "fulfilment"
limit = [{ after = "10d", do = "task", task = "delivery_overdue" }]

[status.done]
phase = "closed"

[status.cancelled]
phase = "closed"

[[move]]
command = "approve"
from = ["review"]
to = "waiting"
by = ["manager"]

[[move]]
command = "cancel"
from = ["received", "review", "waiting", "ready"]
to = "cancelled"
by = ["customer", "manager"]

[[move]]
command = "ship"
from = ["ready", "sent"]
to = "sent"
by = ["manager"]
guards = ["paid_in_full"]

[[move]]
command = "advance"
from = ["sent"]
to = "done"
guards = ["every_line_shipped"]
auto = true
"#;

fn read(text: &str) -> Result<Policy, Vec<PolicyError>> {
    from_toml("tiny.toml", text)
}

/// What the good policy says once `old` is written as `new`, without file and line.
fn mistakes_after(old: &str, new: &str) -> Vec<String> {
    assert_eq!(GOOD.matches(old).count(), 1, "not once in the good policy: {old}");
    let errors = read(&GOOD.replacen(old, new, 1)).expect_err(new);
    errors
        .iter()
        .map(|error| {
            assert!(error.line > 1, "a mistake without a line: {error}");
            error.to_string().splitn(3, ':').nth(2).unwrap().trim().to_owned()
        })
        .collect()
}

/// Adds a move to the good policy.
const END: &str = "guards = [\"every_line_shipped\"]\nauto = true\n";

fn mistakes_with_move(new: &str) -> Vec<String> {
    mistakes_after(END, &format!("{END}\n[[move]]\n{new}"))
}

#[track_caller]
fn assert_mistakes(table: &[(&str, &str, &[&str])], mistakes: impl Fn(&str, &str) -> Vec<String>) {
    let mut wrong = String::new();
    for (old, new, expected) in table {
        let found = mistakes(old, new);
        if found != *expected {
            wrong.push_str(&format!("\n{old}\n=> {new}\nsays\n{}\n", found.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_policy_that_the_other_tests_break_works() {
    assert!(read(GOOD).is_ok(), "{:?}", read(GOOD));
}

#[test]
fn a_policy_that_was_not_read_from_a_file_is_checked_too() {
    let mut policy = presets::webshop().unwrap();
    let nowhere = Positions::of_file("policies/webshop/1");
    assert_eq!(check::check(&policy, &nowhere), []);
    policy.revive_to = None;
    let errors = check::check(&policy, &nowhere);
    assert_eq!(
        errors.first().map(ToString::to_string).as_deref(),
        Some(
            "policies/webshop/1:1: late_money: nothing says where an order comes to life again. \
             Write revive_to = \"...\", an open status, or late_money = \"ask\"."
        )
    );
}

#[test]
fn everything_that_is_named_must_exist() {
    assert_mistakes(
        &[
            (
                "initial = \"received\"",
                "initial = \"recieved\"",
                &["initial: there is no status `recieved`. Did you mean `received`?"],
            ),
            (
                "initial = \"received\"",
                "initial = \"\"",
                &[
                    "initial: there is no status ``. Write one of cancelled, done, ready, received, \
                   review, sent, waiting.",
                ],
            ),
            (
                "revive_to = \"waiting\"",
                "revive_to = \"wating\"",
                &["revive_to: there is no status `wating`. Did you mean `waiting`?"],
            ),
            (
                "deletable_from = [\"cancelled\"]",
                "deletable_from = [\"canceled\"]",
                &["deletable_from[1]: there is no status `canceled`. Did you mean `cancelled`?"],
            ),
            (
                "refused = \"cancelled\"",
                "refused = \"rejected\"",
                &["status.received.then.refused: there is no status `rejected`. Write one of \
                   cancelled, done, ready, received, review, sent, waiting."],
            ),
            (
                "do = \"move\", to = \"review\"",
                "do = \"move\", to = \"reviw\"",
                &["status.received.limit[2].to: there is no status `reviw`. Did you mean \
                   `review`?"],
            ),
            (
                "from = [\"ready\", \"sent\"]",
                "from = [\"ready\", \"snet\"]",
                &["move[3].from[2]: there is no status `snet`. Did you mean `sent`?"],
            ),
            (
                "to = \"done\"",
                "to = \"don\"",
                &["move[4].to: there is no status `don`. Did you mean `done`?"],
            ),
            (
                "calendar = \"office\"",
                "calendar = \"ofice\"",
                &["status.review.limit[1].calendar: there is no calendar `ofice`. Did you mean \
                   `office`?"],
            ),
            (
                "when = \"method(card)\", do = \"notify\", template = \"payment_reminder\"",
                "when = \"method(card)\", do = \"notify\", template = \"payment_remainder\"",
                &["status.ready.limit[1].template: there is no template `payment_remainder`. Did \
                   you mean `payment_reminder`?"],
            ),
            (
                "notify = \"payment_request\", to = \"customer\"",
                "notify = \"pay_now\", to = \"customer\"",
                &["status.ready.on_enter[1].notify: there is no template `pay_now`. Write one of \
                   order_received, data_needed, backordered, stock_arrived, payment_request, \
                   payment_reminder, partly_paid, deposit_paid, balance_request, paid, \
                   payment_received, being_assembled, handed_over, \
                   ready_for_pickup, courier_near, late, cancelled, refund_owed, refunded, \
                   delivered, overdue, not_reached, returned, order_comment, approval_request, order_approval_request, choice_request, staff_alert, \
                   staff_task, staff_exception, staff_payment_failed, partner_update, \
                   subscription_notice."],
            ),
            (
                "notify = \"payment_request\", to = \"customer\"",
                "notify = \"staff_alert\", to = \"customer\"",
                &[
                    "status.ready.on_enter[1].notify: `staff_alert` is written for staff, not for a \
                   customer. Write to = \"staff\", or another template.",
                ],
            ),
        ],
        mistakes_after,
    );
}

#[test]
fn new_and_revived_orders_stand_in_open_statuses_and_only_closed_ones_are_deleted() {
    assert_mistakes(
        &[
            (
                "initial = \"received\"",
                "initial = \"done\"",
                &[
                    "initial: a new order cannot stand in `done`, which is closed. Name an open \
                     status.",
                    "status.received: no order can ever come to this status. Name it in a move, a \
                     `then` or a limit of a status that orders reach, or take it away.",
                    "status.review: no order can ever come to this status. Name it in a move, a \
                     `then` or a limit of a status that orders reach, or take it away.",
                ],
            ),
            (
                "revive_to = \"waiting\"",
                "revive_to = \"cancelled\"",
                &["revive_to: an order that lives again cannot stand in `cancelled`, which is \
                   closed. Name an open status."],
            ),
            (
                "revive_to = \"waiting\"\n",
                "",
                &[
                    "late_money: nothing says where an order comes to life again. Write revive_to = \
                   \"...\", an open status, or late_money = \"ask\".",
                ],
            ),
            (
                "deletable_from = [\"cancelled\"]",
                "deletable_from = [\"cancelled\", \"ready\"]",
                &["deletable_from[2]: `ready` is open, and an open order cannot be deleted. Name \
                   closed statuses only."],
            ),
        ],
        mistakes_after,
    );
}

#[test]
fn a_step_has_a_place_for_each_of_its_outcomes_and_for_no_other() {
    assert_mistakes(
        &[
            (
                "then = { ok = \"waiting\", review = \"review\", refused = \"cancelled\" }",
                "then = { ok = \"waiting\", backordered = \"waiting\", refused = \"cancelled\" }",
                &[
                    "status.received.then: nothing says where an order goes when `validate` ends \
                     `review`. Write review = \"...\" in `then`, a status; the same one to stay.",
                    "status.received.then.backordered: the step `validate` never ends \
                     `backordered`. Take it away; it ends ok, review, refused.",
                ],
            ),
            (
                "step = \"reserve\"\n",
                "",
                &[
                    "status.waiting.then: there is no step whose outcomes these are. Write step = \
                     one of validate, reserve, await_stock, or take `then` away.",
                    "status.waiting.limit[1].do: there is nothing to run again. Write a step, or \
                     do = \"task\" or \"notify\".",
                ],
            ),
        ],
        mistakes_after,
    );
}

#[test]
fn every_status_is_reached_and_left_and_has_a_limit() {
    assert_mistakes(
        &[
            (
                "[status.done]",
                "[status.lost]\nphase = \"review\"\n\n[status.done]",
                &[
                    "status.lost: an order could stay here for ever: there is no limit. Write \
                     limit = [{ after = \"1d\", do = \"notify\", template = \"staff_alert\", to = \
                     \"staff\" }], or another ladder.",
                    "status.lost: no order can ever come to this status. Name it in a move, a \
                     `then` or a limit of a status that orders reach, or take it away.",
                    "status.lost: nothing leads out of this open status. Write a move from it, or \
                     phase = \"closed\" if it is an end.",
                ],
            ),
            (
                "from = [\"sent\"]\nto = \"done\"",
                "from = [\"ready\"]\nto = \"done\"",
                &[
                    "status.sent: nothing leads out of this open status. Write a move from it, or \
                     phase = \"closed\" if it is an end.",
                    "move[4].guards: `every_line_shipped` can never hold in `ready` (phase \
                     payment): nothing has left the house there. Take the guard away, or name \
                     statuses that come after `ship`.",
                ],
            ),
            (
                "[status.done]\nphase = \"closed\"",
                "[status.done]\nphase = \"fulfilment\"\nlimit = [{ after = \"1d\", do = \"move\", \
                 to = \"sent\" }]",
                &[
                    "status.sent: no way from here leads to a closed status. Write a move that \
                     leads to an end.",
                    "status.done: no way from here leads to a closed status. Write a move that \
                     leads to an end.",
                ],
            ),
            (
                "[status.done]\nphase = \"closed\"",
                "[status.done]\nphase = \"closed\"\nstep = \"reserve\"\nthen = { ok = \"done\", \
                 backordered = \"done\" }\nlimit = [{ after = \"1d\", do = \"redrive\" }]",
                &[
                    "status.done.step: a closed status has no step. Take it away, or give the \
                     status another phase.",
                    "status.done.limit: a closed status has no limit. Take it away, or give the \
                     status another phase.",
                ],
            ),
        ],
        mistakes_after,
    );
}

#[test]
fn a_ladder_climbs_and_its_last_rung_keeps_the_order_moving_for_every_kind_of_order() {
    assert_mistakes(
        &[
            // Each kind of order has its own ladder: the 1h for transfers may follow the 2h for cards.
            (
                "{ after = \"30m\", when = \"method(card)\"",
                "{ after = \"3h\", when = \"method(card)\"",
                &["status.ready.limit[2].after: `2h` stands after `3h`, which is longer. Write \
                   the shortest rung first."],
            ),
            (
                "{ after = \"1d\", when = \"not method(card)\", do = \"move\", to = \
                 \"cancelled\" }",
                "{ after = \"1d\", when = \"not method(card, paypal)\", do = \"move\", to = \
                 \"cancelled\" }",
                &["status.ready.limit[3]: after this message nothing would ever happen any more. \
                   Write a rung after it that moves the order or tells staff: { after = \"...\", \
                   do = \"task\", task = \"...\" }."],
            ),
            (
                "{ after = \"1h\", when = \"not method(card)\", do = \"notify\", template = \
                 \"payment_reminder\" },\n  { after = \"1d\", when = \"not method(card)\"",
                "{ after = \"1d\", when = \"method(paypal)\"",
                &["status.ready.limit: no rung is meant for an order with no payment method. \
                   Write the last rung without `when`, or one for these orders too."],
            ),
            (
                "{ after = \"8h\", calendar = \"office\", do = \"task\", task = \"look\" }",
                "{ after = \"8h\", calendar = \"office\", do = \"task\", task = \"look\" }, \
                 { after = \"7h\", do = \"call\" }",
                &["status.review.limit[2].after: `7h` stands after `8h`, which is longer. Write \
                   the shortest rung first."],
            ),
        ],
        mistakes_after,
    );
}

#[test]
fn a_rung_in_working_hours_may_follow_a_longer_one_in_hours() {
    // Eight working hours are more than a day: nobody can say that this is out of order.
    let text = GOOD.replace(
        "{ after = \"8h\", calendar = \"office\"",
        "{ after = \"1d\", do = \"call\" }, { after = \"8h\", calendar = \"office\"",
    );
    assert!(read(&text).is_ok(), "{:?}", read(&text));
}

#[test]
fn nothing_is_concluded_from_what_could_not_be_read() {
    // Each of these would look like a status without limit, way in, way out or step.
    assert_mistakes(
        &[
            (
                "limit = [{ after = \"10d\", do = \"task\", task = \"delivery_overdue\" }]",
                "limt = [{ after = \"10d\", do = \"task\", task = \"delivery_overdue\" }]",
                &["status.sent.limt: there is no key `limt` here. Did you mean `limit`?"],
            ),
            (
                "command = \"advance\"",
                "command = \"advence\"",
                &["move[4].command: there is no command `advence`. Did you mean `advance`?"],
            ),
            (
                "to = \"done\"",
                "to = 7",
                &["move[4].to: must be text, but is a whole number. Write it in quotation marks."],
            ),
            (
                "step = \"reserve\"",
                "step = \"reserv\"",
                &["status.waiting.step: there is no step `reserv`. Did you mean `reserve`?"],
            ),
            (
                "[status.done]\nphase = \"closed\"",
                "[status.done]\nphase = \"close\"",
                &["status.done.phase: there is no phase `close`. Did you mean `closed`?"],
            ),
            (
                "guards = [\"every_line_shipped\"]",
                "guards = [\"every_line_shiped\"]",
                &["move[4].guards[1]: there is no guard `every_line_shiped`. Did you mean \
                   `every_line_shipped`?"],
            ),
        ],
        mistakes_after,
    );
}
