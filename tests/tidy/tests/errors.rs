//! The catalogue of error codes is made from the code: `docs/errors.md` names exactly the codes
//! that the service can answer. `UPDATE_EXPECT=1` rewrites it.

#![allow(clippy::unwrap_used, reason = "a file that cannot be read breaks the rule")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

const HEAD: &str = "\
# Error codes

Made from the code by `tests/tidy/tests/errors.rs`; do not edit by hand. Errors are problem documents
(RFC 9457) with `type, title, status, detail, code`; a body's mistakes stand in `errors`, each with
`pointer`, `code` and `detail`. Codes are stable: program against them. Sentences are for people and may
change; `…` stands for what a sentence names.
";

/// Sentences that are put together far from their code, or are better than the shortest there.
const SAID_ELSEWHERE: [(&str, &str); 9] = [
    ("required", "This field is required: …"),
    ("not_allowed_in_status", "`…` is not possible while the order is …."),
    ("guard_failed", "A condition of the policy does not hold; `detail` says which."),
    ("nothing_open", "No money is open, kept or owed; an act on money without a body needs some."),
    ("out_of_stock", "There is too little stock: …"),
    ("stock_moving", "Stock of this order is being moved; ask again in a moment."),
    ("credit_limit", "This order needs … of credit; of a limit of …, … is left."),
    ("signature_invalid", "The signature does not fit the bytes, or is too old."),
    ("sku_malformed", "A SKU is 1 to 64 visible characters."),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The text of every source under a folder, without its tests.
fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !matches!(name.as_str(), "tests" | "target" | "openapi") {
            sources(&path, found);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
            let code: Vec<&str> = lines.collect();
            found.push((path.to_string_lossy().into_owned(), code.join("\n")));
        }
    }
}

/// The arguments of the call whose bracket has just been opened, as they are written.
fn arguments(text: &str) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for c in text.chars() {
        let last = all.last_mut().unwrap();
        if quoted {
            last.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        match c {
            '"' => quoted = true,
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => break,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                all.push(String::new());
                continue;
            }
            _ => {}
        }
        all.last_mut().unwrap().push(c);
    }
    all.iter().map(|argument| argument.trim().to_owned()).collect()
}

/// The first text in a piece of code, as it reads: placeholders as `…`.
fn sentence(code: &str) -> Option<String> {
    let start = code.find('"')? + 1;
    let mut text = String::new();
    let mut escaped = false;
    for c in code[start..].chars() {
        match (escaped, c) {
            (false, '"') => break,
            (false, '\\') => escaped = true,
            (true, '\n') => escaped = false,
            (_, c) => {
                escaped = false;
                text.push(c);
            }
        }
    }
    let mut read = String::new();
    let mut rest = text.as_str();
    while let Some(open) = rest.find('{') {
        read.push_str(&rest[..open]);
        let close = rest[open..].find('}').map_or(rest.len(), |at| open + at + 1);
        if rest[open..].starts_with("{{") {
            read.push('{');
            rest = &rest[open + 2..];
            continue;
        }
        read.push('…');
        rest = &rest[close..];
    }
    read.push_str(rest);
    let words: Vec<&str> = read.split_whitespace().collect();
    Some(words.join(" ").replace("}}", "}")).filter(|text| !text.is_empty())
}

fn is_code(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

/// A text that is an argument by itself, where it is a code.
fn code(argument: &str) -> Option<String> {
    let argument = argument.trim_end_matches(".to_owned()");
    let text = argument.strip_prefix('"')?.strip_suffix('"')?;
    is_code(text).then(|| text.to_owned())
}

/// The sentence of an argument, or of the last `let detail` before it.
fn said(argument: &str, before: &str) -> Option<String> {
    if argument.contains('"') {
        return sentence(argument);
    }
    let name = argument.trim_start_matches('&');
    let told = before.rfind(&format!("let {name} ="))?;
    let statement = &before[told..];
    sentence(&statement[..statement.find(";\n").unwrap_or(statement.len())])
}

#[derive(Default)]
struct Code {
    statuses: BTreeSet<String>,
    sentences: BTreeSet<String>,
}

/// Every place where `marker(` is written: what stands before it, and its arguments.
fn calls<'t>(text: &'t str, marker: &str) -> Vec<(&'t str, Vec<String>)> {
    let found = text.match_indices(marker);
    found.map(|(at, _)| (&text[..at], arguments(&text[at + marker.len()..]))).collect()
}

fn problems(sources: &[(String, String)]) -> BTreeMap<String, Code> {
    let mut codes: BTreeMap<String, Code> = BTreeMap::new();
    for (_, text) in sources {
        for marker in ["ErrorAnswer::new(", "Self::new("] {
            for (before, arguments) in calls(text, marker) {
                let [status, name, detail, ..] = arguments.as_slice() else { continue };
                let Some(name) = code(name) else { continue };
                if !status.bytes().all(|b| b.is_ascii_digit()) {
                    continue;
                }
                let known = codes.entry(name).or_default();
                known.statuses.insert(status.clone());
                known.sentences.extend(said(detail, before));
            }
        }
    }
    codes
}

fn mistakes(sources: &[(String, String)]) -> BTreeMap<String, Code> {
    let mut codes: BTreeMap<String, Code> = BTreeMap::new();
    let markers = [
        (".refuse(", 0),
        ("checked(", 2),
        (".report.add(", 1),
        ("report.add(", 1),
        ("invalid(", 1),
        ("refused(", 1),
        ("problem(", 1),
    ];
    for (path, text) in sources {
        if path.contains("/validation") || path.contains("/policy/") {
            continue;
        }
        for (marker, place) in markers {
            for (before, arguments) in calls(text, marker) {
                let Some(name) = arguments.get(place).and_then(|a| code(a)) else { continue };
                let known = codes.entry(name).or_default();
                let says = arguments.get(place + 1).and_then(|a| said(a, before));
                let wish = marker == "checked(";
                known.sentences.extend(says.map(|s| if wish { format!("Write {s}.") } else { s }));
            }
        }
        for (before, arguments) in calls(text, "Err((") {
            // (code, sentence), or (field, code, sentence).
            let place = arguments.len().saturating_sub(2);
            let Some(name) = arguments.get(place).and_then(|a| code(a)) else { continue };
            let says = arguments.get(place + 1).and_then(|a| said(a, before));
            codes.entry(name).or_default().sentences.extend(says);
        }
        for marker in ["Problem {", "Rejection::Invalid {"] {
            for (before, arguments) in calls(text, marker) {
                let field = |name: &str| {
                    let prefix = format!("{name}:");
                    arguments
                        .iter()
                        .find_map(|a| a.strip_prefix(&prefix).map(|a| a.trim().to_owned()))
                };
                let Some(name) = field("code").as_deref().and_then(code) else { continue };
                let detail = field("detail").unwrap_or_else(|| "detail".to_owned());
                codes.entry(name).or_default().sentences.extend(said(&detail, before));
            }
        }
    }
    codes
}

/// What an order does not allow: 409 with a code of its own.
fn conflicts(sources: &[(String, String)], codes: &mut BTreeMap<String, Code>) {
    let mut found = |name: &str, says: Option<String>| {
        let known = codes.entry(name.to_owned()).or_default();
        known.statuses.insert("409".to_owned());
        known.sentences.extend(says);
    };
    for (_, text) in sources {
        for (before, arguments) in calls(text, "Rejection::NotPossible {") {
            let field = |name: &str| {
                let prefix = format!("{name}:");
                arguments.iter().find_map(|a| a.strip_prefix(&prefix).map(|a| a.trim().to_owned()))
            };
            let Some(name) = field("code").as_deref().and_then(code) else { continue };
            found(&name, said(&field("detail").unwrap_or_else(|| "detail".to_owned()), before));
        }
        for (before, arguments) in calls(text, "no(") {
            if before.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.') {
                continue;
            }
            let [name, detail] = arguments.as_slice() else { continue };
            if let Some(name) = code(name) {
                found(&name, said(detail, before));
            }
        }
    }
}

/// Codes of errors that are enums: `Self::Variant => "code"` of their `fn code`; each is said by the
/// variant's `#[error("…")]`, or by its arm of `fn remedy`.
fn variants(sources: &[(String, String)], codes: &mut BTreeMap<String, Code>) {
    for (path, text) in sources {
        if !path.contains("/domain/src/") || !text.contains("Error {") {
            continue;
        }
        for function in text.split("fn code(").skip(1) {
            let function = function.split("\n    }\n").next().unwrap_or_default();
            for arm in function.split("Self::").skip(1) {
                let variant: String =
                    arm.chars().take_while(|c| c.is_ascii_alphanumeric()).collect();
                let Some(name) = arm.split("=>").nth(1).and_then(sentence).filter(|n| is_code(n))
                else {
                    continue;
                };
                let by_error = text.split("#[error(").skip(1).find_map(|part| {
                    let (told, rest) = part.split_once(")]")?;
                    rest.trim_start().starts_with(&variant).then(|| sentence(told))?
                });
                let by_remedy = || {
                    let remedies = text.split("fn remedy(").nth(1)?;
                    let arm = remedies.split(&format!("Self::{variant} =>")).nth(1)?;
                    sentence(arm)
                };
                let known = codes.entry(name).or_default();
                known.sentences.extend(by_error.or_else(by_remedy));
            }
        }
    }
}

fn reasons(sources: &[(String, String)]) -> BTreeMap<String, Code> {
    let mut codes: BTreeMap<String, Code> = BTreeMap::new();
    for (path, text) in sources {
        if !path.ends_with("domain/src/validation.rs") && !path.contains("domain/src/validation/") {
            continue;
        }
        for marker in [".add(", ".suggest("] {
            for (before, arguments) in calls(text, marker) {
                let Some(name) = arguments.first().and_then(|a| code(a)) else { continue };
                let known = codes.entry(name).or_default();
                known.sentences.extend(arguments.get(2).and_then(|a| said(a, before)));
            }
        }
    }
    let decisions = sources.iter().filter(|(path, _)| {
        let names = ["domain/src/validation", "domain/src/decide/"];
        names.iter().any(|name| path.contains(name))
    });
    for (_, text) in decisions {
        for (before, fields) in calls(text, "Reason {") {
            let field = |name: &str| {
                fields.iter().find_map(|field| field.strip_prefix(name)?.strip_prefix(": "))
            };
            let Some(name) = field("code").and_then(code) else { continue };
            let known = codes.entry(name).or_default();
            known.sentences.extend(field("detail").and_then(|a| said(a, before)));
        }
    }
    codes
}

fn table(title: &str, about: &str, codes: &BTreeMap<String, Code>, with_status: bool) -> String {
    let mut text = format!("\n## {title}\n\n{about}\n\n");
    text.push_str(if with_status {
        "| code | status | says |\n|---|---|---|\n"
    } else {
        "| code | says |\n|---|---|\n"
    });
    for (name, known) in codes {
        // One sentence is enough: the shortest that says something.
        let written = known.sentences.iter().filter(|s| s.chars().any(char::is_alphabetic));
        let says = written.min_by_key(|s| s.len()).cloned();
        let by_hand = SAID_ELSEWHERE.iter().find(|(code, _)| code == name).map(|(_, says)| *says);
        let says = by_hand.map(str::to_owned).or(says);
        let says = says.unwrap_or_else(|| panic!("nothing says what `{name}` means"));
        let says = says.replace('|', "\\|");
        let statuses: Vec<&str> = known.statuses.iter().map(String::as_str).collect();
        if with_status {
            let _ = writeln!(text, "| `{name}` | {} | {says} |", statuses.join(", "));
        } else {
            let _ = writeln!(text, "| `{name}` | {says} |");
        }
    }
    text
}

#[test]
fn the_catalogue_of_error_codes_is_what_the_code_answers() {
    let mut all = Vec::new();
    for folder in ["functions", "shared/domain/src", "shared/runtime/src"] {
        sources(&root().join(folder), &mut all);
    }
    let (mut problems, mut mistakes, reasons) = (problems(&all), mistakes(&all), reasons(&all));
    conflicts(&all, &mut problems);
    variants(&all, &mut mistakes);
    for known in
        ["idempotency_key_reused", "not_allowed_in_status", "cursor_invalid", "busy", "order_held"]
    {
        assert!(problems.contains_key(known), "{known} is not found any more: mend the search");
    }
    for known in [
        "required",
        "unknown_field",
        "unknown_value",
        "email_malformed",
        "more_than_held",
        "more_than_reserved",
        "split_into_nothing",
        "until_in_past",
        "rule_empty",
        "url_not_secure",
    ] {
        assert!(mistakes.contains_key(known), "{known} is not found any more: mend the search");
    }
    for known in ["unknown_sku", "total_mismatch", "no_usable_contact"] {
        assert!(reasons.contains_key(known), "{known} is not found any more: mend the search");
    }
    let text = [
        HEAD.to_owned(),
        table("Problems", "`code` of the document.", &problems, true),
        table(
            "Mistakes in a body",
            "`errors[].code`, with status 422 and `code` `invalid`.",
            &mistakes,
            false,
        ),
        table(
            "Reasons of a review",
            "`reasons[].code` of an order in `review`: no error, a person looks at it.",
            &reasons,
            false,
        ),
    ]
    .concat();
    let path = root().join("docs/errors.md");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &text).unwrap();
    }
    let stored = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == text,
        "docs/errors.md is out of date: run `UPDATE_EXPECT=1 cargo test -p ordermill-tidy --test \
         errors` and review the change"
    );
}
