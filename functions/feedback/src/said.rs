//! What an event says, whatever it is wrapped in. Deliveries, openings, delays say nothing here.

use ordermill_runtime::notices::{Meaning, Outcome};
use ordermill_table::keys::NoticeKey;
use serde_json::Value;

/// Wrappings inside one another at most: SNS in SQS, a JSON text in either.
const WRAPPINGS_MAX: usize = 4;

/// One message and what became of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct News {
    pub named: Named,
    pub outcome: Outcome,
}

/// How an event names a message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// By the tags we gave it.
    Notice(NoticeKey),
    /// By the provider's id.
    Id(String),
}

/// Everything an event says that is no success.
pub(crate) fn said(event: &Value) -> Vec<News> {
    read(event, WRAPPINGS_MAX)
}

fn read(event: &Value, wrappings: usize) -> Vec<News> {
    let Some(left) = wrappings.checked_sub(1) else { return Vec::new() };
    if let Some(records) = event.get("Records").and_then(Value::as_array) {
        return records.iter().flat_map(|record| read(record, left)).collect();
    }
    if let Some(sns) = event.get("Sns") {
        return read(sns, left);
    }
    // SNS carries its message as a text; SQS likewise.
    if let Some(text) = ["Message", "body"].iter().find_map(|name| event.get(*name)?.as_str()) {
        let inner: Value = serde_json::from_str(text).unwrap_or_default();
        return read(&inner, left);
    }
    if let Some(detail) = event.get("detail").filter(|detail| detail.is_object()) {
        return read(detail, left);
    }
    if event.get("mail").is_some() {
        mail(event)
    } else {
        text_message(event).into_iter().collect()
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn outcome(code: &str, meaning: Meaning) -> Outcome {
    Outcome { code: code.to_owned(), meaning }
}

/// SES, as event publishing (`eventType`) or an identity's notification (`notificationType`).
fn mail(event: &Value) -> Vec<News> {
    let kind = [text(event, "/eventType"), text(event, "/notificationType")].concat();
    let (outcome, who) = match kind.as_str() {
        "Bounce" => {
            let lasting = text(event, "/bounce/bounceType") != "Transient";
            let meaning = if lasting { Meaning::AddressFails } else { Meaning::MessageFails };
            (outcome("bounced", meaning), addresses(event, "/bounce/bouncedRecipients"))
        }
        "Complaint" => {
            let who = addresses(event, "/complaint/complainedRecipients");
            (outcome("complained", Meaning::Unwanted), who)
        }
        "Reject" | "Rendering Failure" | "RenderingFailure" => {
            (outcome("refused", Meaning::MessageFails), destinations(event))
        }
        _ => return Vec::new(),
    };
    let news = who.into_iter().filter_map(|to| {
        let named = Named::Notice(notice(event, &to)?);
        Some(News { named, outcome: outcome.clone() })
    });
    news.collect()
}

fn addresses(event: &Value, pointer: &str) -> Vec<String> {
    let listed = event.pointer(pointer).and_then(Value::as_array);
    let listed = listed.into_iter().flatten();
    listed.map(|one| text(one, "/emailAddress").to_owned()).filter(|to| !to.is_empty()).collect()
}

fn destinations(event: &Value) -> Vec<String> {
    let listed = event.pointer("/mail/destination").and_then(Value::as_array);
    listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The message that our tags name. An address can come back in other letters than it went: then
/// the one it went to counts.
fn notice(event: &Value, to: &str) -> Option<NoticeKey> {
    let bare = to.rsplit_once('<').map_or(to, |(_, rest)| rest.trim_end_matches('>'));
    let sent_to = destinations(event);
    let sent_to = sent_to.iter().find(|sent| sent.eq_ignore_ascii_case(bare));
    let tag = |name: &str| text(event, &format!("/mail/tags/{name}/0"));
    let (order, template) = (tag("order"), tag("template"));
    let version: u64 = tag("event").parse().ok()?;
    let known = !order.is_empty() && !template.is_empty();
    let to = sent_to.map_or(bare, String::as_str);
    known.then(|| NoticeKey::new(order, version, template, "email", to))
}

/// What SNS logs of a text message (`status`), or an event of End User Messaging (`messageStatus`).
fn text_message(event: &Value) -> Option<News> {
    let (id, status, why) = if event.get("messageStatus").is_some() {
        let why = text(event, "/messageStatusDescription");
        (text(event, "/messageId"), text(event, "/messageStatus"), why)
    } else {
        let why = text(event, "/delivery/providerResponse");
        (text(event, "/notification/messageId"), text(event, "/status"), why)
    };
    let outcome = match status {
        "FAILURE" if is_passing(why) => outcome("bounced", Meaning::MessageFails),
        "UNREACHABLE" | "TTL_EXPIRED" | "CARRIER_UNREACHABLE" | "UNKNOWN" => {
            outcome("bounced", Meaning::MessageFails)
        }
        "FAILURE" | "INVALID" | "INVALID_MESSAGE" => outcome("bounced", Meaning::AddressFails),
        "BLOCKED" | "CARRIER_BLOCKED" | "SPAM" | "OPTED_OUT" => {
            outcome("refused", Meaning::AddressFails)
        }
        _ => return None,
    };
    (!id.is_empty()).then(|| News { named: Named::Id(id.to_owned()), outcome })
}

/// What a text message failed for and the number is not to blame: it passes, or is the account's own
/// (no sender registered, the sandbox, its highest price) or the message's.
const NOT_THE_NUMBERS: [&str; 10] = [
    "unreachable",
    "unavailable",
    "limit",
    "carrier",
    "unknown error",
    "origination",
    "sandbox",
    "not verified",
    "max price",
    "message body",
];

/// Whether a text message failed for a reason that does not lie with its number.
fn is_passing(why: &str) -> bool {
    let why = why.to_ascii_lowercase();
    NOT_THE_NUMBERS.iter().any(|word| why.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn bounce(kind: &str) -> Value {
        json!({
            "eventType": "Bounce",
            "bounce": {
                "bounceType": kind, "bounceSubType": "General",
                "bouncedRecipients": [{ "emailAddress": "Ona@Example.com", "action": "failed",
                    "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown" }],
                "timestamp": "2026-11-22T09:00:00.000Z", "feedbackId": "0100-1"
            },
            "mail": {
                "timestamp": "2026-11-22T08:59:00.000Z", "messageId": "0100-2",
                "destination": ["ona@example.com"],
                "tags": { "ses:configuration-set": ["orders"], "order": ["o1"], "event": ["4"],
                    "template": ["payment_request"], "channel": ["email"],
                    "audience": ["customer"] }
            }
        })
    }

    fn notice() -> NoticeKey {
        NoticeKey::new("o1", 4, "payment_request", "email", "ona@example.com")
    }

    #[test]
    fn a_bounce_is_the_same_whatever_it_is_wrapped_in() {
        let bare = bounce("Permanent");
        let sns = json!({ "Type": "Notification", "MessageId": "m", "Message": bare.to_string() });
        let lambda = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": sns }] });
        let bridge = json!({ "source": "aws.ses", "detail-type": "Email Bounced", "detail": bare });
        let outcome = Outcome { code: "bounced".to_owned(), meaning: Meaning::AddressFails };
        for event in [&bare, &sns, &lambda, &bridge] {
            let news = said(event);
            let wanted = News { named: Named::Notice(notice()), outcome: outcome.clone() };
            assert_eq!(news, [wanted], "{event}");
        }
        let passing = said(&bounce("Transient"));
        assert_eq!(passing[0].outcome.meaning, Meaning::MessageFails);
    }

    #[test]
    fn a_complaint_arrived_and_deliveries_say_nothing() {
        let mut complaint = bounce("");
        complaint["eventType"] = json!("Complaint");
        complaint["complaint"] =
            json!({ "complainedRecipients": [{ "emailAddress": "ona@example.com" }] });
        assert_eq!(said(&complaint)[0].outcome.meaning, Meaning::Unwanted);
        for kind in ["Delivery", "Send", "Open", "Click", "DeliveryDelay", "Subscription"] {
            let mut other = bounce("");
            other["eventType"] = json!(kind);
            assert_eq!(said(&other), [], "{kind}");
        }
        assert_eq!(said(&json!({})), []);
        assert_eq!(said(&json!([1, 2])), []);
        assert_eq!(said(&json!({ "Message": "no json" })), []);
    }

    #[test]
    fn mail_of_others_is_not_ours() {
        let mut other = bounce("Permanent");
        other["mail"]["tags"] = json!({});
        assert_eq!(said(&other), []);
    }

    #[test]
    fn failures_of_text_messages_are_found_by_the_providers_id() {
        let log = |why: &str| {
            json!({
                "notification": { "messageId": "34d9b400", "timestamp": "2026-11-22 09:00:00.000" },
                "delivery": { "mcc": 246, "destination": "+37061234567",
                    "providerResponse": why, "dwellTimeMs": 1420 },
                "status": "FAILURE"
            })
        };
        let invalid = said(&log("Invalid phone number"));
        assert_eq!(invalid[0].named, Named::Id("34d9b400".to_owned()));
        assert_eq!(invalid[0].outcome.meaning, Meaning::AddressFails);
        let away = said(&log("Phone is currently unreachable/unavailable"));
        assert_eq!(away[0].outcome.meaning, Meaning::MessageFails);
        let nobodys = json!({ "notification": { "messageId": "m-8" }, "status": "FAILURE",
            "delivery": { "providerResponse": "No origination entities available to send" } });
        assert_eq!(said(&nobodys)[0].outcome.meaning, Meaning::MessageFails);
        let event = json!({ "eventType": "TEXT_BLOCKED", "messageId": "m-9",
            "messageStatus": "BLOCKED", "messageStatusDescription": "opted out" });
        assert_eq!(said(&event)[0].outcome.code, "refused");
        let fine = json!({ "messageId": "m-9", "messageStatus": "DELIVERED" });
        assert_eq!(said(&fine), []);
    }
}
