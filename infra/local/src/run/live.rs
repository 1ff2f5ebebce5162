//! The calm log of a run: one line for each thing that happens to an order.

use ordermill_domain::ids;
use ordermill_domain::order::Event;
use ordermill_domain::time::Timestamp;
use ordermill_embedded::StreamRecord;
use ordermill_table::keys::RowKind;
use serde_json::Value;
use std::io::Write;

/// Tells what happens to orders, or keeps silent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LiveLog {
    /// A line each.
    Told,
    /// Nothing.
    Silent,
}

impl LiveLog {
    /// Tells what these records say of orders.
    pub fn tell(self, records: &[StreamRecord]) {
        if self == Self::Silent {
            return;
        }
        let mut out = std::io::stdout().lock();
        for line in records.iter().flat_map(lines) {
            // Nobody reads any more: the run goes on.
            if writeln!(out, "{line}").is_err() {
                return;
            }
        }
    }
}

/// The lines of one record: the events that this change of an order brought.
fn lines(record: &StreamRecord) -> Vec<String> {
    let header = |image: &Option<Value>| -> Option<(u64, Value)> {
        let image = image.as_ref()?;
        if image.get("kind")?.get("S")?.as_str()? != RowKind::Order.name() {
            return None;
        }
        let version = image.get("v")?.get("N")?.as_str()?.parse().ok()?;
        let body = serde_json::from_str(image.get("b")?.get("S")?.as_str()?).ok()?;
        Some((version, body))
    };
    let Some((_, body)) = header(&record.new_image) else { return Vec::new() };
    let known = header(&record.old_image).map_or(0, |(version, _)| version);
    let id = record.keys.get("pk").and_then(|pk| pk.get("S")).and_then(Value::as_str);
    let number = id.and_then(ordermill_table::keys::order_of_partition).map(ids::order_number);
    let number = number.unwrap_or_default();
    let status = body.get("st").and_then(Value::as_str).unwrap_or_default();
    let events: Vec<Event> = body
        .get("ev")
        .and_then(|events| serde_json::from_value(events.clone()).ok())
        .unwrap_or_default();
    let mut at_status = None;
    let mut lines = Vec::new();
    for event in events.into_iter().filter(|event| event.version > known) {
        if let Some(to) = &event.to {
            at_status = Some(to.as_str().to_owned());
        }
        let status = at_status.as_deref().unwrap_or(status);
        let what = kind_name(&event);
        lines.push(format!("{}  {number}  {what:<22} {status}", short_time(event.at)));
    }
    lines
}

/// The event's name as people read it: `order received`.
fn kind_name(event: &Event) -> String {
    let name = serde_json::to_value(event.kind).ok();
    name.as_ref().and_then(Value::as_str).unwrap_or_default().replace('_', " ")
}

/// `2026-11-22 09:00:00`, in UTC.
#[must_use]
pub fn short_time(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(..19).unwrap_or(&text).replace('T', " ")
}
