//! The bodies of commands.

use super::only;
use crate::intake::command::{
    Collected, CommandBody, Condition, LineQuantity, ReturnLine, ShortLine, Visibility,
};
use crate::intake::parse_command;
use crate::money::{Amount, Currency};
use crate::order::PaymentMethod;
use crate::quantity::Quantity;
use crate::time::Timestamp;
use serde_json::{Value, json};

fn read(kind: &str, body: &Value) -> CommandBody {
    parse_command(kind, body, Currency::EUR).unwrap()
}

fn of(line: u32, units: i64) -> LineQuantity {
    LineQuantity { line, quantity: Some(Quantity::units(units)) }
}

#[test]
fn an_empty_body_means_all_that_remains() {
    let nothing = || (None, None);
    for body in [Value::Null, json!({})] {
        for kind in [
            "confirm", "approve", "pack", "complete", "archive", "cancel", "pick", "ship",
            "deliver", "return",
        ] {
            assert!(parse_command(kind, &body, Currency::EUR).is_ok(), "{kind}");
        }
        let (reason, note) = nothing();
        assert_eq!(read("cancel", &body), CommandBody::Cancel { reason, note, lines: None });
        assert_eq!(read("pick", &body), CommandBody::Pick { lines: None, short: Vec::new() });
        let (shipment, collected) = (None, None);
        assert_eq!(read("deliver", &body), CommandBody::Deliver { shipment, collected });
        for (kind, expected) in [
            ("reject", "/reason required"),
            ("hold", "/name required"),
            ("release", "/name required"),
            ("assign", "/user required"),
            ("comment", "/text required"),
        ] {
            assert_eq!(only(parse_command(kind, &body, Currency::EUR)), expected, "{kind}");
        }
    }
}

#[test]
fn each_command_of_the_document_reads() {
    let cases = [
        (
            "cancel",
            json!({ "reason": "too late", "note": "a\nb", "lines": [{"line": 2, "quantity": 1}] }),
            CommandBody::Cancel {
                reason: Some("too late".to_owned()),
                note: Some("a\nb".to_owned()),
                lines: Some(vec![of(2, 1)]),
            },
        ),
        ("confirm", json!({ "note": "ok" }), CommandBody::Confirm { note: Some("ok".to_owned()) }),
        ("reject", json!({ "reason": "no" }), CommandBody::Reject { reason: "no".to_owned() }),
        (
            "hold",
            json!({ "name": "customer_choice", "reason": null }),
            CommandBody::Hold { name: "customer_choice".to_owned(), reason: None },
        ),
        ("assign", json!({ "user": "u1" }), CommandBody::Assign { user: "u1".to_owned() }),
        (
            "comment",
            json!({ "text": "Hello", "visibility": "customer" }),
            CommandBody::Comment { text: "Hello".to_owned(), visibility: Visibility::Customer },
        ),
        (
            "comment",
            json!({ "text": "Hello" }),
            CommandBody::Comment { text: "Hello".to_owned(), visibility: Visibility::Internal },
        ),
        (
            "pick",
            json!({ "lines": [{ "line": 1, "quantity": 2 }],
                    "short": [{ "line": 2, "quantity": 1, "reason": "broken" }] }),
            CommandBody::Pick {
                lines: Some(vec![of(1, 2)]),
                short: vec![ShortLine {
                    line: 2,
                    quantity: Quantity::units(1),
                    reason: Some("broken".to_owned()),
                    sku: None,
                    defect: None,
                    substitute: None,
                }],
            },
        ),
        (
            "ship",
            json!({ "carrier": "DPD", "tracking": "1Z", "lines": [{ "line": 1 }],
                    "expected_at": "2026-12-01T10:00:00+02:00" }),
            CommandBody::Ship {
                carrier: Some("DPD".to_owned()),
                tracking: Some("1Z".to_owned()),
                lines: Some(vec![LineQuantity { line: 1, quantity: None }]),
                expected_at: Some(Timestamp::parse("2026-12-01T08:00:00Z").unwrap()),
            },
        ),
        (
            "deliver",
            json!({ "shipment": 1, "collected": { "amount": "21.49", "method": "cash" } }),
            CommandBody::Deliver {
                shipment: Some(1),
                collected: Some(Collected {
                    amount: Amount(2149),
                    method: Some(PaymentMethod::Cash),
                }),
            },
        ),
        (
            "return",
            json!({ "lines": [{ "line": 1, "quantity": 1, "condition": "restock",
                                "warehouse": "VNO" },
                              { "line": 1, "quantity": 1, "condition": "scrap" }],
                    "reason": "too small", "refused_at_door": true }),
            CommandBody::Return {
                lines: Some(
                    [(Condition::Restock, Some("VNO")), (Condition::Scrap, None)]
                        .map(|(condition, warehouse)| ReturnLine {
                            line: 1,
                            quantity: Some(Quantity::units(1)),
                            condition,
                            warehouse: warehouse.map(str::to_owned),
                        })
                        .to_vec(),
                ),
                reason: Some("too small".to_owned()),
                refused_at_door: true,
            },
        ),
        (
            "pay",
            json!({ "amount": "1000", "currency": "JPY", "reference": "st-7",
                    "method": "bank_transfer" }),
            CommandBody::Pay {
                amount: Amount(1000),
                currency: Currency::parse("JPY").unwrap(),
                reference: "st-7".to_owned(),
                method: Some(PaymentMethod::BankTransfer),
            },
        ),
        (
            "refund",
            json!({ "amount": "5.00", "reason": "late", "lines": [{ "line": 1, "quantity": 1 }] }),
            CommandBody::Refund {
                amount: Some(Amount(500)),
                reason: Some("late".to_owned()),
                lines: Some(vec![of(1, 1)]),
            },
        ),
        (
            "refund",
            json!({ "amount": "5.00", "reference": "re_1" }),
            CommandBody::RefundDone { reference: "re_1".to_owned(), amount: Some(Amount(500)) },
        ),
        // An empty body means all that remains.
        ("pay", json!({}), CommandBody::PayOpen),
        ("refund", json!({}), CommandBody::Refund { amount: None, reason: None, lines: None }),
        (
            "refund",
            json!({ "reference": "re_1" }),
            CommandBody::RefundDone { reference: "re_1".to_owned(), amount: None },
        ),
    ];
    for (kind, body, expected) in cases {
        assert_eq!(read(kind, &body), expected, "{kind}");
    }
}

#[test]
fn commands_are_checked_at_their_edges() {
    for (kind, body, expected) in [
        ("fly", json!({}), " unknown_command"),
        ("divide", json!({}), " unknown_command"),
        ("edit", json!({ "lines": [] }), "/lines lines_empty"),
        ("edit", json!({ "lines": [{}] }), "/lines/0 line_unclear"),
        ("edit", json!({ "lines": [{ "line": 1, "copy_of": 2 }] }), "/lines/0 line_unclear"),
        ("edit", json!({ "lines": [{ "line": 1, "sku": "A" }] }), "/lines/0/sku sku_fixed"),
        ("edit", json!({ "lines": [{ "line": 0 }] }), "/lines/0/line out_of_range"),
        (
            "edit",
            json!({ "lines": [{ "line": 1, "quantity": 0 }] }),
            "/lines/0/quantity quantity_not_positive",
        ),
        (
            "edit",
            json!({ "lines": [{ "line": 1, "remove": true, "quantity": 1 }] }),
            "/lines/0/quantity not_together",
        ),
        ("edit", json!({ "lines": [{ "line": 1, "name": "x" }] }), "/lines/0/name not_together"),
        (
            "edit",
            json!({ "lines": [{ "line": 1 }, { "line": 1, "remove": true }] }),
            "/lines/1 duplicate_line",
        ),
        ("edit", json!({ "customer": { "id": "c" } }), "/customer customer_fixed"),
        ("edit", json!({ "dry_run": "yes" }), "/dry_run wrong_type"),
        ("confirm", json!([]), " wrong_type"),
        ("confirm", json!({ "nte": "x" }), "/nte unknown_field"),
        ("pack", json!({ "note": "x".repeat(2_001) }), "/note text_too_long"),
        ("hold", json!({ "name": "a\u{202E}" }), "/name text_bidirectional_control"),
        ("cancel", json!({ "lines": [] }), "/lines lines_empty"),
        ("cancel", json!({ "lines": [null] }), "/lines/0 required"),
        ("cancel", json!({ "lines": [{ "quantity": 1 }] }), "/lines/0/line required"),
        (
            "cancel",
            json!({ "lines": [{ "line": 1, "quantity": 0 }] }),
            "/lines/0/quantity quantity_not_positive",
        ),
        (
            "cancel",
            json!({ "lines": [{ "line": 1 }, { "line": 1 }] }),
            "/lines/1/line duplicate_line",
        ),
        ("pick", json!({ "short": [{ "line": 1 }] }), "/short/0/quantity required"),
        ("ship", json!({ "expected_at": "tomorrow" }), "/expected_at time_malformed"),
        ("ship", json!({ "expected_at": "2026-12-01" }), "/expected_at time_malformed"),
        ("deliver", json!({ "shipment": 0 }), "/shipment out_of_range"),
        ("deliver", json!({ "collected": {} }), "/collected/amount required"),
        (
            "deliver",
            json!({ "collected": { "amount": "0" } }),
            "/collected/amount amount_not_positive",
        ),
        (
            "return",
            json!({ "lines": [{ "line": 1, "quantity": 1 }] }),
            "/lines/0/condition required",
        ),
        (
            "return",
            json!({ "lines": [{ "line": 1, "condition": "burn" }] }),
            "/lines/0/condition unknown_value",
        ),
        ("return", json!({ "refused_at_door": "yes" }), "/refused_at_door wrong_type"),
        (
            "pay",
            json!({ "amount": "1.5", "currency": "JPY", "reference": "r" }),
            "/amount decimal_places",
        ),
        ("pay", json!({ "amount": "1", "currency": "EUR" }), "/reference required"),
        ("pay", json!({ "amount": "1", "reference": "r" }), "/currency required"),
        (
            "pay",
            json!({ "amount": "0.00", "currency": "EUR", "reference": "r" }),
            "/amount amount_not_positive",
        ),
        (
            "pay",
            json!({ "amount": "-1", "currency": "EUR", "reference": "r" }),
            "/amount amount_not_positive",
        ),
        ("pay", json!({ "amount": 1, "currency": "EUR", "reference": "r" }), "/amount wrong_type"),
        (
            "pay",
            json!({ "amount": "1", "currency": "EUR", "reference": "r", "method": "gold" }),
            "/method unknown_value",
        ),
        (
            "refund",
            json!({ "amount": "1", "reference": "r", "lines": [{ "line": 1 }] }),
            "/lines not_together",
        ),
        ("refund", json!({ "lines": [{ "line": 1 }] }), "/amount required"),
        ("refund", json!({ "amount": "0" }), "/amount amount_not_positive"),
        ("refund", json!({ "amount": "1", "reference": "" }), "/reference required"),
    ] {
        assert_eq!(only(parse_command(kind, &body, Currency::EUR)), expected, "{kind} {body}");
    }
}
