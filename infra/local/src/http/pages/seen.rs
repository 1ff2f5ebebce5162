//! What the API answered, as a template asks for it: values by JSON pointer, moments in the
//! seller's zone. Nothing that is missing is a mistake; it is shown as nothing.

use jiff::tz::TimeZone;
use ordermill_domain::time::Timestamp;
use serde_json::Value;

/// Characters of a subject in a list.
const BRIEF_CHARACTERS_MAX: usize = 90;
/// Percents have so many places at most: a rate is millionths.
const RATE_PLACES: usize = 2;

/// A part of an answer.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    value: &'a Value,
    zone: &'a TimeZone,
}

impl<'a> Seen<'a> {
    /// This answer, read in this zone.
    #[must_use]
    pub fn new(value: &'a Value, zone: &'a TimeZone) -> Self {
        Self { value, zone }
    }

    /// The items of a list's answer.
    #[must_use]
    pub fn items(body: &'a Value, zone: &'a TimeZone) -> Vec<Self> {
        Self::new(body, zone).list("/items")
    }

    /// A text or a number.
    #[must_use]
    pub fn s(&self, pointer: &str) -> String {
        match self.value.pointer(pointer) {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
        }
    }

    /// A name with its words apart: `awaiting payment`.
    #[must_use]
    pub fn words(&self, pointer: &str) -> String {
        self.s(pointer).replace('_', " ")
    }

    /// Whether there is something.
    #[must_use]
    pub fn has(&self, pointer: &str) -> bool {
        !self.s(pointer).is_empty()
    }

    /// Whether a figure is above nothing.
    #[must_use]
    pub fn more(&self, pointer: &str) -> bool {
        let text = self.s(pointer);
        !text.starts_with('-') && text.bytes().any(|digit| (b'1'..=b'9').contains(&digit))
    }

    /// The first of these that is there.
    #[must_use]
    pub fn first(&self, pointers: &[&str]) -> String {
        pointers.iter().map(|pointer| self.s(pointer)).find(|t| !t.is_empty()).unwrap_or_default()
    }

    /// The same, cut to one line of a list.
    #[must_use]
    pub fn brief(&self, pointers: &[&str]) -> String {
        let text = self.first(pointers);
        let cut: String = text.chars().take(BRIEF_CHARACTERS_MAX).collect();
        if cut.len() < text.len() { format!("{cut}…") } else { cut }
    }

    /// The parts of a list.
    #[must_use]
    pub fn list(&self, pointer: &str) -> Vec<Self> {
        let found = self.value.pointer(pointer).and_then(Value::as_array);
        found.into_iter().flatten().map(|value| Self { value, zone: self.zone }).collect()
    }

    /// A moment: `22 Nov 2026 09:15`.
    #[must_use]
    pub fn when(&self, pointer: &str) -> String {
        let text = self.s(pointer);
        Timestamp::parse(&text).map_or(text, |at| moment(at, self.zone))
    }

    /// A rate: `0.21` is `21 %`.
    #[must_use]
    pub fn percent(&self, pointer: &str) -> String {
        let text = self.s(pointer);
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let mut digits = fraction.to_owned();
        while digits.len() < RATE_PLACES {
            digits.push('0');
        }
        let (percent, rest) = digits.split_at(RATE_PLACES);
        let whole = format!("{whole}{percent}");
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let rest = rest.trim_end_matches('0');
        if rest.is_empty() { format!("{whole} %") } else { format!("{whole}.{rest} %") }
    }

    /// All of it as JSON, for reading.
    #[must_use]
    pub fn pretty(&self) -> String {
        serde_json::to_string_pretty(self.value).unwrap_or_default()
    }

    /// Of what stands open of an order, what falls due first; else its status' own limit.
    #[must_use]
    pub fn because(&self) -> String {
        let due = self.s("/due_at");
        let open =
            self.list("/exceptions").into_iter().map(|one| (one.s("/due_at"), one.words("/code")));
        let holds = self.list("/holds").into_iter().map(|one| (one.s("/due_at"), one.s("/name")));
        let named = open.chain(holds).find(|(at, _)| *at == due).map(|(_, name)| name);
        named.unwrap_or_else(|| format!("limit of {}", self.words("/status")))
    }
}

/// A moment as people read it in this zone.
#[must_use]
pub fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_jiff().to_zoned(zone.clone()).strftime("%-d %b %Y %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_shown_as_people_read_them() {
        let zone = TimeZone::get("Europe/Vilnius").unwrap();
        let value = json!({
            "at": "2026-11-22T23:30:00Z", "rate": "0.21", "small": "0.055", "full": "1",
            "status": "awaiting_payment", "none": "0.00", "some": "0.10", "due_at": "x",
            "holds": [{ "name": "fraud", "due_at": "x" }],
        });
        let seen = Seen::new(&value, &zone);
        assert_eq!(seen.when("/at"), "23 Nov 2026 01:30");
        assert_eq!(
            ["/rate", "/small", "/full", "/none"].map(|rate| seen.percent(rate)),
            ["21 %", "5.5 %", "100 %", "0 %"]
        );
        assert_eq!(seen.words("/status"), "awaiting payment");
        assert!(seen.more("/some") && !seen.more("/none") && !seen.more("/absent"));
        assert_eq!(seen.because(), "fraud");
        assert_eq!(seen.first(&["/absent", "/status"]), "awaiting_payment");
    }
}
