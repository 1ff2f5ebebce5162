//! Stripe's events (`spec/domain.md`, "Money"): which money object, what happened to it.
//!
//! A payment is a `PaymentIntent`, or the charge where there is none; events of a charge that
//! has an intent are information only. Amounts are in minor units, as ours.

use crate::webhook::Told;
use ordermill_domain::decide::{MoneyEvent, MoneyKind};
use ordermill_domain::intake::Problem;
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::time::Timestamp;
use ordermill_table::records::OrderHint;
use serde_json::Value;

/// Currencies without a minor unit whose amounts this provider writes in hundredths all the same
/// ("Special cases" in its page on currencies).
const IN_HUNDREDTHS: [&str; 2] = ["ISK", "UGX"];

/// Reads an event envelope.
pub(crate) fn read(body: &Value, now: Timestamp) -> Result<Told, Vec<Problem>> {
    let Some(id) = body.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()) else {
        return Err(vec![problem("/id", "required", "A Stripe event has an `id`.")]);
    };
    let kind = body.get("type").and_then(Value::as_str).unwrap_or_default();
    // One event is of one type. With both, samples and replays that share an id stay apart.
    let event_id = format!("{id}.{kind}");
    let object = body.pointer("/data/object").unwrap_or(&Value::Null);
    let said = Said { object };
    let Some((reference, money)) = said.meaning(kind)? else {
        return Ok(Told { event_id, money: None, hint: OrderHint::default() });
    };
    let hint = said.hint(&reference);
    let provider = "stripe".to_owned();
    let money = Some(MoneyEvent { provider, reference, kind: money, received_at: now });
    Ok(Told { event_id, money, hint })
}

fn problem(pointer: &str, code: &'static str, detail: &str) -> Problem {
    Problem { pointer: pointer.to_owned(), code, detail: detail.to_owned() }
}

/// The object an event is about.
struct Said<'a> {
    object: &'a Value,
}

type Meaning = Option<(String, MoneyKind)>;

impl Said<'_> {
    fn meaning(&self, kind: &str) -> Result<Meaning, Vec<Problem>> {
        let of_intent = self.text("payment_intent");
        let money = match kind {
            "payment_intent.succeeded" => Some((self.id()?, self.received("amount_received")?)),
            "checkout.session.completed"
                if self.text("payment_status").as_deref() == Some("paid") =>
            {
                let reference = match of_intent {
                    Some(intent) => intent,
                    None => self.id()?,
                };
                Some((reference, self.received("amount_total")?))
            }
            "payment_intent.amount_capturable_updated" => Some((self.id()?, MoneyKind::Authorised)),
            "payment_intent.payment_failed" => {
                Some((self.id()?, MoneyKind::Failed { code: self.error_code() }))
            }
            "payment_intent.canceled" => {
                let code = self.text("cancellation_reason");
                Some((self.id()?, MoneyKind::Cancelled { code }))
            }
            "charge.succeeded" | "charge.captured" if of_intent.is_none() && self.captured() => {
                Some((self.id()?, self.received("amount_captured")?))
            }
            "charge.failed" if of_intent.is_none() => {
                let code = self.text("failure_code");
                Some((self.id()?, MoneyKind::Failed { code }))
            }
            "charge.refunded" => {
                let (amount, currency) = self.amount("amount_refunded")?;
                Some((self.charge_reference()?, MoneyKind::Refunded { amount, currency }))
            }
            "charge.refund.updated" | "refund.updated"
                if self.text("status").as_deref() == Some("succeeded") =>
            {
                let (amount, currency) = self.amount("amount")?;
                let refund = self.id()?;
                Some((self.charge_reference()?, MoneyKind::RefundMade { refund, amount, currency }))
            }
            "charge.dispute.created" => {
                let (amount, currency) = self.amount("amount")?;
                let reference = self.charge_reference()?;
                let dispute = self.dispute(&reference);
                Some((reference, MoneyKind::Disputed { dispute, amount, currency }))
            }
            "charge.dispute.closed" => {
                // An inquiry that comes to nothing (`warning_closed`) moves no money.
                let won = self.text("status").as_deref() != Some("lost");
                // How much it was about, its beginning has said.
                let (amount, currency) = match self.object.get("amount") {
                    Some(_) => self.amount("amount").map(|(a, c)| (a, Some(c)))?,
                    None => (Amount::ZERO, None),
                };
                let reference = self.charge_reference()?;
                let dispute = self.dispute(&reference);
                Some((reference, MoneyKind::DisputeClosed { dispute, amount, currency, won }))
            }
            _ => None,
        };
        Ok(money)
    }

    fn text(&self, name: &str) -> Option<String> {
        self.object.get(name)?.as_str().filter(|t| !t.is_empty()).map(str::to_owned)
    }

    fn id(&self) -> Result<String, Vec<Problem>> {
        self.text("id").ok_or_else(|| {
            vec![problem("/data/object/id", "required", "The object of the event has no `id`.")]
        })
    }

    fn captured(&self) -> bool {
        self.object.get("captured").and_then(Value::as_bool).unwrap_or(false)
    }

    fn error_code(&self) -> Option<String> {
        // The bank's reason says more than that it declined.
        let at = |name: &str| self.object.pointer(&format!("/last_payment_error/{name}"));
        let code = at("decline_code").filter(|code| code.is_string()).or_else(|| at("code"))?;
        code.as_str().map(str::to_owned)
    }

    /// The money object of a charge, refund or dispute: the intent, else the charge.
    fn charge_reference(&self) -> Result<String, Vec<Problem>> {
        let named = self.text("payment_intent").or_else(|| self.text("charge"));
        match named {
            Some(reference) => Ok(reference),
            None => self.id(),
        }
    }

    /// The name of a dispute. One without a name of its own is the only one of its payment.
    fn dispute(&self, reference: &str) -> String {
        self.text("id").unwrap_or_else(|| reference.to_owned())
    }

    fn received(&self, field: &str) -> Result<MoneyKind, Vec<Problem>> {
        let (amount, currency) = self.amount(field)?;
        Ok(MoneyKind::Received { amount, currency, method: Some("card".to_owned()) })
    }

    fn amount(&self, field: &str) -> Result<(Amount, Currency), Vec<Problem>> {
        let amount = self.object.get(field).and_then(Value::as_i64).filter(|a| *a >= 0);
        let code = self.text("currency").unwrap_or_default().to_uppercase();
        match (amount, Currency::parse(&code)) {
            (Some(amount), Some(currency)) if IN_HUNDREDTHS.contains(&code.as_str()) => {
                Ok((Amount(amount.checked_div(100).unwrap_or_default()), currency))
            }
            (Some(amount), Some(currency)) => Ok((Amount(amount), currency)),
            _ => Err(vec![problem(
                &format!("/data/object/{field}"),
                "invalid_amount",
                "The event must have a whole number of minor units and a known currency.",
            )]),
        }
    }

    fn hint(&self, reference: &str) -> OrderHint {
        let metadata = |name: &str| {
            let value = self.object.get("metadata")?.get(name)?;
            value.as_str().map(str::to_owned)
        };
        let description = self.text("description").unwrap_or_default();
        let client_reference = self.text("client_reference_id");
        OrderHint {
            order_id: metadata("order_id"),
            external_id: metadata("external_id").or(client_reference),
            client: metadata("client"),
            numbers: numbers_in(&description),
            references: [Some(reference.to_owned()), self.text("charge"), self.text("id")]
                .into_iter()
                .flatten()
                .collect(),
        }
    }
}

/// Words of a text that have the form of an order number, `7KQ4M2XD9T-C`.
fn numbers_in(text: &str) -> Vec<String> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))
        .filter(|word| {
            word.len() == 12
                && word.as_bytes().get(10) == Some(&b'-')
                && word.bytes().filter(u8::is_ascii_alphanumeric).count() == 11
        })
        .map(str::to_uppercase)
        .collect()
}
