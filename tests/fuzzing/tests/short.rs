//! The targets of `fuzz/`, for some seconds each: bytes, and texts that are almost right.

#![allow(clippy::unwrap_used, reason = "a test that cannot be set up is broken")]

use ordermill_fuzzing as target;
use proptest::prelude::*;
use std::path::Path;

/// Inputs of each kind.
const CASES: u32 = 48;

fn config() -> ProptestConfig {
    ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() }
}

/// A byte that chooses, and a text made of pieces of the right words.
fn almost(words: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let word = prop_oneof![
        6 => prop::sample::select(words).prop_map(str::to_owned),
        1 => "[ -~]{0,6}",
        1 => any::<i64>().prop_map(|n| n.to_string()),
        1 => Just("\u{202e}\u{0}".to_owned()),
    ];
    (any::<u8>(), prop::collection::vec(word, 0..40)).prop_map(|(which, words)| {
        let mut bytes = vec![which];
        bytes.extend(words.concat().into_bytes());
        bytes
    })
}

/// The same as JSON: random values under names that are known.
fn json(names: &'static [&'static str]) -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        "[ -~]{0,12}".prop_map(serde_json::Value::from),
        prop::sample::select(vec![
            "EUR",
            "TEA",
            "1.00",
            "courier",
            "prepaid",
            "2026-03-01",
            "card"
        ])
        .prop_map(serde_json::Value::from),
    ];
    let value = leaf.prop_recursive(4, 48, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::btree_map(prop::sample::select(names), inner, 0..8).prop_map(|map| {
                map.into_iter()
                    .map(|(k, v)| (k.to_owned(), v))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
        ]
    });
    (any::<u8>(), value).prop_map(|(which, value)| {
        let mut bytes = vec![which];
        bytes.extend(value.to_string().into_bytes());
        bytes
    })
}

const NAMES: &[&str] = &[
    "external_id",
    "currency",
    "customer",
    "name",
    "email",
    "lines",
    "sku",
    "quantity",
    "unit_price",
    "tax_rate",
    "payment",
    "terms",
    "method",
    "delivery",
    "address",
    "country",
    "movements",
    "warehouse",
    "type",
    "reason",
    "rule",
    "start",
    "discounts",
    "amount",
    "shipping",
    "line",
    "short",
    "data",
    "object",
    "id",
    "metadata",
    "order_id",
    "reference",
    "amount_received",
];

const FEEDBACK: &[&str] = &[
    "Records",
    "Sns",
    "Message",
    "body",
    "detail",
    "mail",
    "eventType",
    "notificationType",
    "bounce",
    "bounceType",
    "bouncedRecipients",
    "complaint",
    "complainedRecipients",
    "emailAddress",
    "destination",
    "tags",
    "messageId",
    "status",
    "notification",
    "delivery",
    "providerResponse",
];

const POLICY: &[&str] = &[
    "[status.a]\n",
    "[[move]]\n",
    "phase = \"intake\"\n",
    "phase = \"closed\"\n",
    "name = \"x\"\n",
    "version = 1\n",
    "initial = \"a\"\n",
    "limit = [{ after = \"1d\", do = \"redrive\" }]\n",
    "step = \"validate\"\n",
    "then = { ok = \"a\" }\n",
    "from = [\"a\"]\n",
    "to = \"a\"\n",
    "command = \"cancel\"\n",
    "by = [\"manager\"]\n",
    "guards = [\"paid_in_full\"]\n",
    "auto = true\n",
    "\"",
    "[",
    "]",
    "=",
    "\n",
];

proptest! {
    #![proptest_config(config())]

    #[test]
    fn bodies_are_answered(data in json(NAMES)) {
        target::http_body(&data);
        target::command_body(&data);
    }

    #[test]
    fn bodies_that_are_no_json_are_answered(data in prop::collection::vec(any::<u8>(), 0..200)) {
        target::http_body(&data);
    }

    #[test]
    fn webhooks_are_answered(data in json(NAMES)) {
        target::webhook(&data);
    }

    #[test]
    fn policies_are_taken_or_refused_with_a_remedy(data in almost(POLICY)) {
        target::policy(&data[1..]);
    }

    #[test]
    fn cursors_are_answered(data in prop::collection::vec(any::<u8>(), 0..60)) {
        target::cursor(&data);
    }

    #[test]
    fn files_are_read_and_their_rows_answered(data in csv()) {
        target::csv_file(&data);
    }

    #[test]
    fn files_of_whatever_bytes_are_read(data in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut text = b"\x01sku,warehouse,quantity\n".to_vec();
        text.extend(data);
        target::csv_file(&text);
    }

    #[test]
    fn a_key_names_one_request(data in prop::collection::vec(any::<u8>(), 0..40)) {
        target::idempotency_key(&data);
    }

    #[test]
    fn what_providers_say_is_taken_or_passed_over(data in json(FEEDBACK)) {
        target::feedback(&data[1..]);
    }

    #[test]
    fn headers_are_answered(data in prop::collection::vec(any::<u8>(), 0..300)) {
        target::headers(&data);
    }

    #[test]
    fn records_of_the_stream_are_read_or_passed(data in stream()) {
        target::stream(&data);
    }
}

/// A file of rows with columns that are known, and some that are not.
fn csv() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        4 => prop::sample::select(vec!["TEA", "VNO", "1", "1,50", "2.5", "receipt", "count", "yes",
            "0.21", "", "\"a;b\"", "\"", "ž", "99999999999999999999"]).prop_map(str::to_owned),
        1 => "[ -~]{0,8}",
    ];
    let head = prop::sample::select(vec![
        "sku",
        "warehouse",
        "quantity",
        "type",
        "reason",
        "to",
        "name",
        "price",
        "price_usd",
        "tax_rate",
        "active",
        "colour",
        "SKU",
        "min_quantity",
    ]);
    let row = prop::collection::vec(cell, 0..9);
    let divider = prop::sample::select(vec![",", ";", "\t"]);
    let end = prop::sample::select(vec!["\n", "\r\n", "\r"]);
    (any::<u8>(), prop::collection::vec(head, 0..9), prop::collection::vec(row, 0..9), divider, end)
        .prop_map(|(which, heads, rows, divider, end)| {
            let mut text = format!("sku{divider}warehouse{divider}quantity{divider}");
            text.push_str(&heads.join(divider));
            for row in rows {
                text.push_str(end);
                text.push_str(&row.join(divider));
            }
            let mut bytes = vec![which];
            bytes.extend(text.into_bytes());
            bytes
        })
}

/// The checked-in inputs of cargo-fuzz, as far as they are for this target.
fn seeds(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(name);
    let files = std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    files.map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

/// A target.
type Target = fn(&[u8]);

/// Every target, by its name in `fuzz/fuzz_targets`.
const TARGETS: [(&str, Target); 10] = [
    ("command_body", target::command_body),
    ("csv_file", target::csv_file),
    ("cursor", target::cursor),
    ("feedback", target::feedback),
    ("headers", target::headers),
    ("http_body", target::http_body),
    ("idempotency_key", target::idempotency_key),
    ("policy", target::policy),
    ("stream", target::stream),
    ("webhook", target::webhook),
];

#[test]
fn what_was_found_once_and_what_is_right_is_answered() {
    let fuzzed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/fuzz_targets");
    let there = std::fs::read_dir(fuzzed).unwrap().count();
    assert_eq!(there, TARGETS.len(), "name every target here too");
    for (name, run) in TARGETS {
        let seeds = seeds(name);
        assert!(!seeds.is_empty(), "{name} has no seed in fuzz/seeds");
        for seed in seeds {
            run(&seed);
            // And cut off at each of a few places, as a broken connection leaves it.
            for part in 1..8 {
                run(&seed[..seed.len() * part / 8]);
            }
        }
    }
}

/// Images of rows of known kinds with whatever in them.
fn stream() -> impl Strategy<Value = Vec<u8>> {
    let value = prop_oneof![
        "[ -~]{0,20}".prop_map(|s| serde_json::json!({ "S": s })),
        any::<i64>().prop_map(|n| serde_json::json!({ "N": n.to_string() })),
        Just(serde_json::json!({ "S": "{\"status\":\"received\"}" })),
        Just(serde_json::json!({ "SS": ["a"] })),
    ];
    let name =
        prop::sample::select(vec!["pk", "sk", "v", "b", "rd", "schema", "available", "waiting"]);
    let kind = prop::sample::select(vec!["order", "stock", "inbox", "unmatched", "history"]);
    (kind, prop::collection::btree_map(name, value, 0..8)).prop_map(|(kind, map)| {
        let mut image: serde_json::Map<String, serde_json::Value> =
            map.into_iter().map(|(k, v)| (k.to_owned(), v)).collect();
        image.insert("kind".to_owned(), serde_json::json!({ "S": kind }));
        serde_json::Value::from(image).to_string().into_bytes()
    })
}

#[test]
fn a_body_as_large_as_it_may_be_and_larger_is_answered() {
    for size in [200 << 10, target::INPUT_BYTES_MAX] {
        let mut data = vec![0];
        data.extend(std::iter::repeat_n(b'[', size));
        target::http_body(&data);
        target::webhook(&data);
    }
}
