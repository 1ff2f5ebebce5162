//! One order's way through functions and queues, as a trace.
//!
//! A table lies between the step that writes and the relay that sends, so a trace cannot be handed
//! on there. It need not be: as every id of ours comes from its cause, the trace's id comes from
//! what the message points to. Each message carries it as `traceparent` (W3C Trace Context), each
//! log line of its step as `trace.id`, and whoever knows the order knows the trace. X-Ray's own
//! header travels beside it: the SDK adds it to each request, SQS hands it on.

use ordermill_domain::ids;

/// The message attribute's name.
pub const TRACEPARENT: &str = "traceparent";

/// The trace of everything about this order, SKU or row: 32 hexadecimal digits.
#[must_use]
pub fn id(about: &str) -> String {
    let mut digest = ids::digest(format!("trace\n{about}").as_bytes());
    digest.truncate(32);
    digest
}

/// `00-<trace>-<span>-01`: the message's `traceparent`. The span is the sending's own.
#[must_use]
pub fn parent(about: &str) -> String {
    format!("00-{}-{:016x}-01", id(about), crate::auth::random_u64().max(1))
}

/// The trace's id of a `traceparent`; none where it has another form.
#[must_use]
pub fn of_parent(text: &str) -> Option<&str> {
    let mut parts = text.split('-');
    let (version, trace) = (parts.next()?, parts.next()?);
    let hex = trace.len() == 32 && trace.bytes().all(|b| b.is_ascii_hexdigit());
    (version == "00" && hex && parts.count() == 2).then_some(trace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_messages_of_an_order_share_a_trace_and_no_two_a_span() {
        let (one, two) = (parent("O1"), parent("O1"));
        assert_ne!(one, two);
        assert_eq!(of_parent(&one), Some(id("O1").as_str()));
        assert_eq!(of_parent(&one), of_parent(&two));
        assert_ne!(id("O1"), id("O2"));
        assert_eq!(of_parent("00-zz-1-01"), None);
    }
}
