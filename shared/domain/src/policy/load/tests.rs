//! What a file can say wrongly before its meaning is looked at, and that nothing makes the loader
//! fall over.

use super::*;
use crate::policy::presets;
use proptest::prelude::*;

fn messages(text: &str) -> Vec<String> {
    match from_toml("p.toml", text) {
        Ok(_) => Vec::new(),
        Err(errors) => errors.iter().map(ToString::to_string).collect(),
    }
}

/// The webshop with `old` written as `new`, once.
fn webshop_with(old: &str, new: &str) -> String {
    let text = presets::text("webshop").unwrap();
    assert!(text.contains(old), "not in the webshop: {old}");
    text.replacen(old, new, 1)
}

/// What is said of the webshop with `old` written as `new`, without file and line.
fn mistakes_after(old: &str, new: &str) -> Vec<String> {
    let said = messages(&webshop_with(old, new));
    said.iter().map(|m| m.splitn(3, ':').nth(2).unwrap_or_default().trim().to_owned()).collect()
}

#[test]
fn every_mistake_is_told_at_once_with_its_line_and_what_to_write_instead() {
    let text = r#"name = "Shop"
version = 0
inital = "received"
late_mony = "revive"

[status.received]
phase = "intak"
step = "validate"
then = { ok = "closed", review = "received", refused = "closed" }
limit = [
  { after = "2 minutes", do = "redrive" },
  { after = "1h", do = "move", to = "nowhere_at_all" },
]

[status.closed]
phase = "closed"

[[move]]
command = "cancle"
from = ["received"]
to = "closd"
by = ["customer", "boss"]
guards = ["terms(later)", "paid"]
"#;
    assert_eq!(
        messages(text),
        [
            "p.toml:1: initial: the key is missing. Write initial = \"...\", the status of a new \
             order.",
            "p.toml:1: name: `Shop` cannot be a name. Write up to 40 small letters a–z, digits \
             and `_`, a letter first.",
            "p.toml:2: version: `0` is out of range. Write a whole number from 1 to 4294967295.",
            "p.toml:3: inital: there is no key `inital` here. Did you mean `initial`?",
            "p.toml:4: late_mony: there is no key `late_mony` here. Did you mean `late_money`?",
            "p.toml:7: status.received.phase: there is no phase `intak`. Did you mean `intake`?",
            "p.toml:11: status.received.limit[1].after: `2 minutes` is not a length of time. \
             Write a whole number and its unit s, m, h or d, like \"30m\" or \"14d\".",
            "p.toml:12: status.received.limit[2].to: there is no status `nowhere_at_all`. Write \
             one of closed, received.",
            "p.toml:19: move[1].command: there is no command `cancle`. Did you mean `cancel`?",
            "p.toml:21: move[1].to: there is no status `closd`. Did you mean `closed`?",
            "p.toml:22: move[1].by[2]: there is no role `boss`. Write one of customer, partner, \
             manager, planner, system, admin.",
            "p.toml:23: move[1].guards[1]: there is no kind of payment terms `later`. Write one of \
             prepaid, deposit, after_confirmation, on_delivery, invoice.",
            "p.toml:23: move[1].guards[2]: there is no guard `paid`. Write one of paid_in_full, \
             deposit_paid, balance_open, balance_paid, stock_reserved, some_stock_reserved, contact_complete, contract_number_present, \
             payment_terms_present, customer_solvent, approved_by_customer, every_line_shipped, \
             every_shipment_delivered, everything_returned, within_delivery_date, \
             everything_picked, prepayment_received, terms, method, delivery.",
        ]
    );
}

#[test]
fn what_is_not_toml_is_told_by_line_and_nothing_else_is_said_of_it() {
    assert_eq!(
        messages("name = \"a\"\nversion = \nname = \"b\"\n"),
        [
            "p.toml:2: this is not TOML: string values must be quoted, expected literal string. \
             See https://toml.io for how tables, lists and text are written.",
            "p.toml:3: this is not TOML: duplicate key. See https://toml.io for how tables, lists \
             and text are written.",
        ]
    );
}

#[test]
fn an_empty_file_is_told_what_a_policy_needs() {
    let keys: Vec<String> =
        from_toml("p.toml", "").unwrap_err().into_iter().map(|error| error.key).collect();
    assert_eq!(keys, ["initial", "move", "name", "status", "version"]);
}

#[test]
fn a_wrong_value_is_told_what_to_write_instead() {
    for (old, new, expected) in [
        (
            "after = \"30d\"",
            "after = \"0d\"",
            "status.backordered.limit[2].after: `0d` is out of range. Write at least \"1s\" and at \
             most \"3660d\".",
        ),
        (
            "after = \"30d\"",
            "after = 30",
            "status.backordered.limit[2].after: must be a length of time, but is a whole number. \
             Write a whole number and its unit s, m, h or d, like \"30m\" or \"14d\".",
        ),
        (
            "do = \"task\", task = \"review_overdue\"",
            "do = \"task\"",
            "status.review.limit[3].task: the key is missing. Write task = \"delivery_overdue\", \
             or another code.",
        ),
        (
            "do = \"task\", task = \"review_overdue\"",
            "do = \"task\", task = \"review_overdue\", to = \"staff\"",
            "status.review.limit[3].to: do = \"task\" has no `to`. Take it away.",
        ),
        (
            "do = \"task\", task = \"review_overdue\"",
            "task = \"review_overdue\"",
            "status.review.limit[3].do: the key is missing. Write do = one of redrive, notify, \
             task, call, move, split.",
        ),
        (
            "on_enter = [{ task = \"review_needed\" }",
            "on_enter = [{ task = \"review_needed\", webhook = true }",
            "status.review.on_enter[1]: more than one thing happens in one entry. Write an entry \
             in curly brackets for each.",
        ),
        (
            "on_enter = [{ task = \"review_needed\" }, { webhook = true }",
            "on_enter = [{ task = \"review_needed\" }, { webhook = \"order.reviewed\" }",
            "status.review.on_enter[2].webhook: the event of this status is not \
             `order.reviewed`. Write webhook = true or \"order.review\".",
        ),
        (
            "when = \"method(card, paypal)\"",
            "when = \"method(card, cheque)\"",
            "status.awaiting_payment.limit[1].when: there is no payment method `cheque`. Write one \
             of card, bank_transfer, paypal, cash, other.",
        ),
        (
            "when = \"method(card, paypal)\"",
            "when = \"metod(card, paypal)\"",
            "status.awaiting_payment.limit[1].when: there is no condition `metod`. Did you mean \
             `method`?",
        ),
        (
            "guards = [\"terms(prepaid, deposit)\"]",
            "guards = [\"terms()\"]",
            "move[1].guards[1]: `terms` does not say which kind of payment terms. Write it like \
             `terms(prepaid)`, with one or more of prepaid, deposit, after_confirmation, \
             on_delivery, invoice.",
        ),
        (
            "guards = [\"paid_in_full\"]",
            "guards = [\"prepayment_received(130)\"]",
            "move[4].guards[1]: `prepayment_received` needs a percentage. Write a whole number \
             from 1 to 100, like `prepayment_received(30)`.",
        ),
        (
            "guards = [\"paid_in_full\"]",
            "guards = [\"paid_in_full(100)\"]",
            "move[4].guards[1]: the guard `paid_in_full` takes no brackets. Write `paid_in_full`.",
        ),
        (
            "# call_when = [\"total_above(300.00)\"",
            "call_when = [\"total_above(a lot)\"",
            "call_when[1]: `total_above` needs an amount. Write it like `total_above(300.00)`.",
        ),
        (
            "total_tolerance_minor = 0",
            "total_tolerance_minor = 0.5",
            "total_tolerance_minor: must be a whole number, but is a number with a point. Write a \
             whole number from 0 to 1000000000000000.",
        ),
        (
            "label = { en = \"Received\"",
            "label = { english = \"Received\"",
            "status.received.label.english: `english` is not a language. Write the two letters of \
             ISO 639, like en, lt, ro or ru.",
        ),
        (
            "deletable_from = [\"cancelled\", \"rejected\"]",
            "deletable_from = [\"cancelled\", \"cancelled\"]",
            "deletable_from[2]: `cancelled` stands here twice. Write it once.",
        ),
        (
            "by = [\"customer\", \"partner\", \"manager\"]",
            "by = []",
            "move[13].by: nobody may do this. Name one or more of customer, partner, manager, \
             planner, system, admin.",
        ),
        (
            "from = [\"awaiting_payment\"]",
            "from = \"awaiting_payment\"",
            "move[4].from: must be a list, but is text. Write it in square brackets, also where \
             it is only one.",
        ),
        (
            "auto = true\n\n[[move]]",
            "auto = \"yes\"\n\n[[move]]",
            "move[1].auto: must be true or false, but is text. Write true or false, without \
             quotation marks.",
        ),
    ] {
        assert_eq!(mistakes_after(old, new), [expected]);
    }
}

#[test]
fn a_calendar_is_a_zone_days_and_hours() {
    let calendar = |zone: &str, days: &str, hours: &str, holidays: &str| {
        let new = format!(
            "[calendar.office]\ntime_zone = \"{zone}\"\nweekdays = [{days}]\nhours = \
             \"{hours}\"\nholidays = [{holidays}]\n\n[status.received]"
        );
        mistakes_after("[status.received]", &new)
    };
    let good = ("Europe/Vilnius", "\"mon\", \"sun\"", "08:30-24:00", "\"2026-12-25\", 2027-01-01");
    assert_eq!(calendar(good.0, good.1, good.2, good.3), [""; 0]);
    assert_eq!(
        calendar("Europe/Vilna", "", "17:00-09:00", "\"2026-02-30\""),
        [
            "calendar.office.time_zone: there is no time zone `Europe/Vilna`. Write an IANA name, \
             like \"Europe/Vilnius\".",
            "calendar.office.weekdays: a calendar without a working day never lets a limit run \
             out. Write weekdays = [\"mon\", \"tue\"].",
            "calendar.office.hours: `17:00-09:00` are not working hours. Write from and to, like \
             \"09:00-17:00\", within one day.",
            "calendar.office.holidays[1]: `2026-02-30` is not a date. Write year, month and day, \
             like \"2026-12-25\".",
        ]
    );
    for hours in ["9:00-17:00", "09:00-24:01", "09:60-17:00", "09:00", "-"] {
        assert_eq!(calendar(good.0, good.1, hours, "").len(), 1, "{hours}");
    }
}

#[test]
fn what_is_too_large_is_refused() {
    let large = format!("# {}\n", "x".repeat(TEXT_BYTES_MAX));
    assert_eq!(
        messages(&large),
        ["p.toml:1: the file has 262147 bytes. A policy may have at most 262144 bytes."]
    );
    let deep = format!("x = {}{}", "[".repeat(20), "]".repeat(20));
    assert_eq!(
        messages(&deep),
        ["p.toml:1: is nested more than 8 deep. No key of a policy needs that; see the presets."]
    );
    let bottomless = format!("x = {}", "[".repeat(100_000));
    assert!(!messages(&bottomless).is_empty());
    let mut many = webshop_with("# ======", "# ------");
    for number in 0..STATUSES_MAX {
        many.push_str(&format!("\n[status.more_{number}]\nphase = \"closed\"\n"));
    }
    assert!(
        messages(&many).iter().any(|m| m.ends_with("there are 83 statuses. Write at most 64.")),
        "{:?}",
        messages(&many).first()
    );
}

#[test]
fn the_content_hash_is_that_of_the_values_and_not_of_how_they_are_written() {
    let webshop = presets::webshop().unwrap();
    assert_eq!(webshop.content_hash.len(), 64);
    let hash = |text: &str| from_toml("p.toml", text).unwrap().content_hash;
    let rewritten = webshop_with("version = 4\n", "version   =  0x4 # the fourth\n\n");
    assert_eq!(hash(&rewritten), webshop.content_hash);
    let reordered = webshop_with(
        "phase = \"intake\"\nstep = \"validate\"",
        "step = 'validate'\nphase = \"intake\"",
    );
    assert_eq!(hash(&reordered), webshop.content_hash);
    let changed = webshop_with("after = \"14d\"", "after = \"13d\"");
    assert_ne!(hash(&changed), webshop.content_hash);
}

#[test]
fn a_status_without_a_label_is_called_by_its_name() {
    let text = webshop_with(
        "label = { en = \"Awaiting payment\", lt = \"Laukia apmokėjimo\", ro = \"Așteaptă \
         plata\", ru = \"Ожидает оплаты\" }\n",
        "",
    );
    let policy = from_toml("p.toml", &text).unwrap();
    let status = policy.status(&crate::policy::StatusKey::new("awaiting_payment")).unwrap();
    assert_eq!(status.label.get("en").map(String::as_str), Some("Awaiting payment"));
}

#[test]
fn the_webshop_carries_the_figures_of_its_specification() {
    let policy = presets::webshop().unwrap();
    let limit = |status: &str| -> Vec<String> {
        let status = policy.status(&crate::policy::StatusKey::new(status)).unwrap();
        status.limit.iter().map(|rung| rung.after.to_string()).collect()
    };
    for (status, figures) in [
        ("received", vec!["2m", "30m"]),
        ("validated", vec!["2m", "30m"]),
        ("review", vec!["1d", "2d", "7d"]),
        ("backordered", vec!["1h", "30d"]),
        ("awaiting_payment", vec!["30m", "2h", "1d", "3d", "14d"]),
        ("confirmed", vec!["1d", "3d"]),
        ("picking", vec!["1d"]),
        ("packed", vec!["1d"]),
        ("shipped", vec!["10d"]),
        ("ready_for_pickup", vec!["3d", "6d", "7d"]),
        ("delivered", vec!["14d"]),
    ] {
        assert_eq!(limit(status), figures, "{status}");
    }
    assert_eq!(policy.open_unpaid_max, 5);
}

/// Pieces that a mutation may put into a preset: words of the format, in wrong places.
const PIECES: [&str; 16] = [
    "\"",
    "[",
    "]]",
    "{",
    "}",
    " = ",
    "\n",
    ",",
    "[[move]]\n",
    "[status.received]\n",
    "after = \"1d\"",
    "terms(",
    ")",
    "-9223372036854775808",
    "1979-05-27T07:32:00Z",
    "\u{0}é\u{202e}",
];

proptest! {
    #[test]
    fn no_mutation_of_a_preset_makes_the_loader_panic(
        preset in 0..presets::NAMES.len(),
        cuts in prop::collection::vec((any::<prop::sample::Index>(), 0_usize..40, 0..PIECES.len()), 1..6),
    ) {
        let mut text: Vec<char> =
            presets::text(presets::NAMES[preset]).unwrap().chars().collect();
        for (at, removed, piece) in cuts {
            let start = at.index(text.len());
            let end = (start + removed).min(text.len());
            text.splice(start..end, PIECES[piece].chars());
        }
        let text: String = text.into_iter().collect();
        if let Err(errors) = from_toml("p.toml", &text) {
            prop_assert!(!errors.is_empty());
            prop_assert!(errors.len() <= ERRORS_MAX);
            let lines = text.lines().count().max(1);
            for error in errors {
                prop_assert!((1..=lines).contains(&error.line), "{error}");
                prop_assert!(!error.problem.is_empty() && !error.remedy.is_empty(), "{error}");
            }
        }
    }

    #[test]
    fn no_line_taken_out_or_doubled_makes_the_loader_panic(
        preset in 0..presets::NAMES.len(),
        at in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        double in any::<bool>(),
    ) {
        let mut lines: Vec<&str> = presets::text(presets::NAMES[preset]).unwrap().lines().collect();
        let at = at.index(lines.len());
        if double {
            let line = lines[at];
            lines.insert(other.index(lines.len()), line);
        } else {
            lines.remove(at);
        }
        if let Err(errors) = from_toml("p.toml", &lines.join("\n")) {
            prop_assert!(!errors.is_empty());
        }
    }
}
