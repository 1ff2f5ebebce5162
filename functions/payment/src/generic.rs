//! The generic provider: Standard Webhooks headers and a small body (`spec/api.md`, "Payments").

use crate::webhook::Told;
use ordermill_domain::decide::{MoneyEvent, MoneyKind};
use ordermill_domain::intake::Problem;
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::time::Timestamp;
use ordermill_table::records::OrderHint;
use serde_json::Value;

/// Reads `{ "type", "data": { "order_id", "amount", "currency", "reference" } }`.
pub(crate) fn read(body: &Value, event_id: &str, now: Timestamp) -> Result<Told, Vec<Problem>> {
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    let known = matches!(kind, "payment.succeeded" | "payment.failed" | "refund.succeeded");
    let hint = OrderHint {
        order_id: text(body, "order_id"),
        external_id: text(body, "external_id"),
        client: text(body, "client"),
        numbers: text(body, "number").into_iter().collect(),
        references: text(body, "reference").into_iter().collect(),
    };
    if !known {
        return Ok(Told { event_id: event_id.to_owned(), money: None, hint });
    }
    let mut problems = Vec::new();
    let mut problem = |field: &str, code: &'static str, detail: &str| {
        let pointer = format!("/data/{field}");
        problems.push(Problem { pointer, code, detail: detail.to_owned() });
    };
    let reference = text(body, "reference");
    if reference.as_deref().is_none_or(|r| r.is_empty() || r.len() > REFERENCE_BYTES_MAX) {
        problem("reference", "required", "Name the money object, with at most 255 characters.");
    }
    let money_kind = if kind == "payment.failed" {
        Some(MoneyKind::Failed { code: text(body, "code") })
    } else {
        let currency = text(body, "currency").and_then(|c| Currency::parse(&c));
        if currency.is_none() {
            problem("currency", "unknown_currency", "Give an ISO 4217 code, like \"EUR\".");
        }
        let amount = currency
            .and_then(|c| text(body, "amount").and_then(|a| Amount::parse(&a, c).ok()))
            .filter(|a| a.is_positive());
        if amount.is_none() {
            problem(
                "amount",
                "invalid_amount",
                "Give a decimal string above zero, like \"30.00\".",
            );
        }
        amount.zip(currency).map(|(amount, currency)| match kind {
            "refund.succeeded" => MoneyKind::Refunded { amount, currency },
            _ => MoneyKind::Received { amount, currency, method: text(body, "method") },
        })
    };
    match (money_kind, reference, problems.is_empty()) {
        (Some(kind), Some(reference), true) => {
            let provider = "generic".to_owned();
            let money = Some(MoneyEvent { provider, reference, kind, received_at: now });
            Ok(Told { event_id: event_id.to_owned(), money, hint })
        }
        _ => Err(problems),
    }
}

const REFERENCE_BYTES_MAX: usize = 255;

fn text(body: &Value, name: &str) -> Option<String> {
    body.get("data")?.get(name)?.as_str().map(str::to_owned)
}
