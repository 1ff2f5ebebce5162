//! The calm log of a run: one line for each thing that happens to an order.

use ordermill_domain::order::Event;
use ordermill_domain::time::Timestamp;
use ordermill_embedded::StreamRecord;
use ordermill_runtime::records::{image, kind};
use ordermill_table::item::number_or_default;
use ordermill_table::keys::RowKind;
use ordermill_table::rows::order::{HeaderEvents, header_events};
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
    let Some((header, known)) = order_change(record) else { return Vec::new() };
    let mut lines = Vec::new();
    let new = header.events.iter().filter(|event| event.version > known);
    let mut at_status = header.status.as_str();
    for event in new.rev() {
        let status = event.to.as_ref().map_or(at_status, |to| to.as_str());
        let (time, what) = (short_time(event.at), kind_name(event));
        lines.push(format!("{time}  {}  {what:<22} {status}", header.number));
        at_status = event.from.as_ref().map_or(status, |from| from.as_str());
    }
    lines.reverse();
    lines
}

/// The order after the change, and its version before; none where it is no change of an order.
fn order_change(record: &StreamRecord) -> Option<(HeaderEvents, u64)> {
    let wire = record.to_event_record().ok()?;
    let new = image(&wire.change.new_image).ok()??;
    if kind(&new) != Some(RowKind::Order.name()) {
        return None;
    }
    let old = image(&wire.change.old_image).ok()?;
    let known = old.and_then(|old| number_or_default(&old, "v").ok()).unwrap_or(0);
    Some((header_events(&new).ok()?, known))
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
