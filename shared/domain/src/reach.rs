//! How a customer is reached: by which channel, and when (`spec/domain.md`, "Notifications").
//!
//! What was tried and failed is remembered by customer ([`Reach`]); an address stands there only
//! as a digest. Neighbours: [`crate::decide`] says what a failed message does to an order.

mod zones;

pub use zones::zone_of_country;

use crate::ids;
use crate::order::Placed;
use crate::time::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

/// Text messages are sent from this hour on, where their reader is.
const SMS_FROM_HOUR: i8 = 9;
/// And until this one.
const SMS_UNTIL_HOUR: i8 = 20;
/// Characters of an address' digest.
const WHO_CHARACTERS: usize = 16;
/// Notices that go to every known channel: money was received.
const EVERY_CHANNEL: [&str; 4] = ["paid", "partly_paid", "deposit_paid", "payment_received"];
/// Notices that say nothing any more once nothing is to be paid.
const ABOUT_OPEN_MONEY: [&str; 4] =
    ["payment_request", "balance_request", "payment_reminder", "overdue"];

/// A way to reach somebody.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// By e-mail.
    Email,
    /// By text message.
    Sms,
}

impl Channel {
    /// Its name in rows, keys and settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Sms => "sms",
        }
    }

    /// Reads its name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "email" => Some(Self::Email),
            "sms" => Some(Self::Sms),
            _ => None,
        }
    }
}

/// A channel and the address on it.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// The channel.
    pub channel: Channel,
    /// The address or number.
    pub to: String,
}

/// A person of the house, as far as it matters for who is told.
#[derive(Clone, Copy, Debug)]
pub struct Colleague<'a> {
    /// The name by which orders are assigned.
    pub id: &'a str,
    /// The address.
    pub email: Option<&'a str>,
    /// Is told of everything.
    pub full_access: bool,
    /// Works here still.
    pub active: bool,
}

/// The addresses of the house that are told of an order: those of the settings, those with full
/// access, and whoever looks after the order, by name or by an address of their own.
pub fn staff<'a>(
    responsible: Option<&'a str>,
    settings: impl IntoIterator<Item = &'a str>,
    house: impl IntoIterator<Item = Colleague<'a>>,
) -> Vec<String> {
    let wants =
        |who: &Colleague<'_>| who.active && (who.full_access || responsible == Some(who.id));
    let mut staff: Vec<String> = settings
        .into_iter()
        .chain(responsible.filter(|name| name.contains('@')))
        .chain(house.into_iter().filter(wants).filter_map(|who| who.email))
        .map(str::to_owned)
        .collect();
    staff.sort();
    staff.dedup();
    staff
}

/// Who an address belongs to, without saying it.
#[must_use]
pub fn who(address: &str) -> String {
    ids::digest(address.as_bytes()).chars().take(WHO_CHARACTERS).collect()
}

/// An address that messages do not reach.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FailedAddress {
    /// The channel.
    pub channel: Channel,
    /// Digest of the address.
    pub who: String,
    /// `bounced`, `complained`, `refused`.
    pub code: String,
    /// Since when.
    pub at: Timestamp,
}

/// How many failed addresses of a customer are remembered.
const FAILED_MAX: usize = 8;

/// What is known about reaching a customer.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Reach {
    /// Addresses that do not work, oldest first.
    pub failed: Vec<FailedAddress>,
}

impl Reach {
    /// Remembers an address that does not work.
    pub fn fail(&mut self, failed: FailedAddress) {
        let same = |f: &FailedAddress| f.channel == failed.channel && f.who == failed.who;
        self.failed.retain(|f| !same(f));
        self.failed.push(failed);
        let excess = self.failed.len().saturating_sub(FAILED_MAX);
        self.failed.drain(..excess);
    }

    fn works(&self, contact: &Contact) -> bool {
        let who = who(&contact.to);
        !self.failed.iter().any(|f| f.channel == contact.channel && f.who == who)
    }
}

/// Whether a notice goes to every known channel.
#[must_use]
pub fn goes_everywhere(template: &str) -> bool {
    EVERY_CHANNEL.contains(&template)
}

/// Whether a notice that waited says nothing any more, because its money has come.
#[must_use]
pub fn is_settled(template: &str, nothing_open: bool) -> bool {
    nothing_open && ABOUT_OPEN_MONEY.contains(&template)
}

/// All ways to reach the customer of an order, the preferred first.
#[must_use]
pub fn contacts(placed: &Placed) -> Vec<Contact> {
    let customer = &placed.customer;
    let contact = |channel, to: &Option<String>| to.clone().map(|to| Contact { channel, to });
    let email = contact(Channel::Email, &customer.email);
    let sms = contact(Channel::Sms, &customer.phone);
    let sms_first =
        customer.preferred_channel.as_deref().and_then(Channel::parse) == Some(Channel::Sms);
    let ordered = if sms_first { [sms, email] } else { [email, sms] };
    ordered.into_iter().flatten().collect()
}

/// By which channels this notice goes to the customer.
///
/// Confirmations of payments go to all that are known. Everything else goes to one: the
/// preferred until it fails, then the next, and there it stays. Where all have failed, the
/// preferred is tried again; a person knows of it by then.
#[must_use]
pub fn channels(placed: &Placed, reach: &Reach, template: &str) -> Vec<Contact> {
    let mut known = contacts(placed);
    if goes_everywhere(template) {
        return known;
    }
    if let Some(working) = known.iter().position(|contact| reach.works(contact)) {
        known.swap(0, working);
    }
    known.truncate(1);
    known
}

/// The ways of a message about a telephone that is out of reach: not to that telephone, where there is
/// an e-mail address.
#[must_use]
pub fn not_by_phone(placed: &Placed, ways: Vec<Contact>) -> Vec<Contact> {
    let mail = contacts(placed).into_iter().find(|contact| contact.channel == Channel::Email);
    mail.map_or(ways, |mail| vec![mail])
}

/// Whether any way to the customer is left that has not failed.
#[must_use]
pub fn is_reachable(placed: &Placed, reach: &Reach) -> bool {
    contacts(placed).iter().any(|contact| reach.works(contact))
}

/// The time zone of an order's customer: their own, else their country's, else the seller's.
#[must_use]
pub fn zone<'a>(placed: &'a Placed, country: Option<&str>, seller: &'a str) -> &'a str {
    let known = |zone: &&str| TimeZone::get(zone).is_ok();
    let own = placed.customer.time_zone.as_deref().filter(known);
    own.or_else(|| country.and_then(zone_of_country)).unwrap_or(seller)
}

/// When a text message may be sent: now in their daytime, otherwise at the next nine o'clock.
#[must_use]
pub fn texted_at(now: Timestamp, zone: &str) -> Timestamp {
    let zone = TimeZone::get(zone).unwrap_or(TimeZone::UTC);
    let local = now.to_jiff().to_zoned(zone.clone());
    if (SMS_FROM_HOUR..SMS_UNTIL_HOUR).contains(&local.hour()) {
        return now;
    }
    let today = local.date();
    let day = if local.hour() < SMS_FROM_HOUR { Ok(today) } else { today.tomorrow() };
    let morning = day.and_then(|day| zone.to_zoned(day.at(SMS_FROM_HOUR, 0, 0, 0)));
    // A calendar that ends has no next morning: then now is as good as never.
    morning.map_or(now, |at| Timestamp::from(at.timestamp()).max(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(preferred: Option<&str>) -> Placed {
        let mut placed = Placed::default();
        placed.customer.email = Some("ona@example.com".to_owned());
        placed.customer.phone = Some("+37061234567".to_owned());
        placed.customer.preferred_channel = preferred.map(str::to_owned);
        placed
    }

    fn failed(channel: Channel, address: &str) -> FailedAddress {
        let at = Timestamp::from_milliseconds(0);
        FailedAddress { channel, who: who(address), code: "bounced".to_owned(), at }
    }

    fn chosen(placed: &Placed, reach: &Reach, template: &str) -> Vec<Channel> {
        channels(placed, reach, template).iter().map(|contact| contact.channel).collect()
    }

    #[test]
    fn the_preferred_channel_until_it_fails_then_the_next_and_it_stays_there() {
        let (mail_first, sms_first) = (placed(None), placed(Some("sms")));
        let mut reach = Reach::default();
        assert_eq!(chosen(&mail_first, &reach, "handed_over"), [Channel::Email]);
        assert_eq!(chosen(&sms_first, &reach, "handed_over"), [Channel::Sms]);
        reach.fail(failed(Channel::Email, "ona@example.com"));
        assert_eq!(chosen(&mail_first, &reach, "handed_over"), [Channel::Sms]);
        assert!(is_reachable(&mail_first, &reach));
        reach.fail(failed(Channel::Sms, "+37061234567"));
        assert_eq!(chosen(&mail_first, &reach, "handed_over"), [Channel::Email]);
        assert!(!is_reachable(&mail_first, &reach));
        let mut moved = placed(None);
        moved.customer.email = Some("new@example.com".to_owned());
        assert_eq!(chosen(&moved, &reach, "handed_over"), [Channel::Email]);
        assert!(is_reachable(&moved, &reach));
    }

    #[test]
    fn money_that_came_is_confirmed_by_every_known_channel() {
        let mut reach = Reach::default();
        reach.fail(failed(Channel::Sms, "+37061234567"));
        for template in ["paid", "partly_paid", "payment_received"] {
            assert_eq!(chosen(&placed(None), &reach, template), [Channel::Email, Channel::Sms]);
        }
    }

    #[test]
    fn text_messages_are_sent_by_day_where_their_reader_is() {
        let at = |text: &str| Timestamp::parse(text).unwrap_or_default();
        for (now, zone, then) in [
            // 08:59:59.999, 09:00, 19:59:59.999 and 20:00 in Vilnius, winter.
            ("2026-11-23T06:59:59.999Z", "Europe/Vilnius", "2026-11-23T07:00:00Z"),
            ("2026-11-23T07:00:00Z", "Europe/Vilnius", "2026-11-23T07:00:00Z"),
            ("2026-11-23T17:59:59.999Z", "Europe/Vilnius", "2026-11-23T17:59:59.999Z"),
            ("2026-11-23T18:00:00Z", "Europe/Vilnius", "2026-11-24T07:00:00Z"),
            // The night in which clocks go forward.
            ("2026-03-28T22:00:00Z", "Europe/Vilnius", "2026-03-29T06:00:00Z"),
            ("2026-11-23T12:00:00Z", "America/New_York", "2026-11-23T14:00:00Z"),
            ("2026-11-23T22:00:00Z", "No/Where", "2026-11-24T09:00:00Z"),
        ] {
            assert_eq!(texted_at(at(now), zone), at(then), "{now} {zone}");
        }
    }

    #[test]
    fn a_customer_lives_in_the_zone_they_say_else_in_their_countrys_else_in_the_sellers() {
        let mut someone = placed(None);
        assert_eq!(zone(&someone, None, "Europe/Vilnius"), "Europe/Vilnius");
        assert_eq!(zone(&someone, Some("RO"), "Europe/Vilnius"), "Europe/Bucharest");
        someone.customer.time_zone = Some("No/Where".to_owned());
        assert_eq!(zone(&someone, Some("RO"), "Europe/Vilnius"), "Europe/Bucharest");
        someone.customer.time_zone = Some("Asia/Tokyo".to_owned());
        assert_eq!(zone(&someone, Some("RO"), "Europe/Vilnius"), "Asia/Tokyo");
    }

    #[test]
    fn the_house_is_told_by_settings_access_and_responsibility() {
        let who = |id, email, full_access, active| Colleague { id, email, full_access, active };
        let house = [
            who("rasa", Some("rasa@example.com"), false, true),
            who("boss", Some("boss@example.com"), true, true),
            who("gone", Some("gone@example.com"), true, false),
            who("mute", None, true, true),
        ];
        let told = |responsible| staff(responsible, ["desk@example.com"], house);
        assert_eq!(told(None), ["boss@example.com", "desk@example.com"]);
        assert_eq!(
            told(Some("rasa")),
            ["boss@example.com", "desk@example.com", "rasa@example.com"]
        );
        assert_eq!(told(Some("gone")), told(None));
        assert_eq!(told(Some("x@y.lt")), ["boss@example.com", "desk@example.com", "x@y.lt"]);
        assert_eq!(told(Some("desk@example.com")), told(None), "each address once");
    }

    #[test]
    fn a_reminder_that_waited_for_the_morning_is_dropped_when_its_money_has_come() {
        assert!(is_settled("payment_reminder", true) && !is_settled("payment_reminder", false));
        assert!(!is_settled("handed_over", true));
    }
}
