//! A customer's card: what their orders have told us, kept for the next one.
//!
//! Who is the same customer is the runtime's `customers` (an id, an e-mail address or a telephone,
//! never a name or address). The first order makes the card; later ones add to it and never
//! replace a contact. An order keeps its own snapshot and never looks at the card.

use crate::order::Placed;
use crate::order::placed::Address;
use serde::{Deserialize, Serialize};

/// Names, contacts and addresses of each kind that a card keeps; the first are never pushed out.
pub const ENTRIES_MAX: usize = 10;

/// What is known of a customer. Personal data; `Debug` shows none of it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    /// Whose customer it is; none for one whom staff has named for all clients.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// The client's own id of the customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Names, the first known first; so are all that follow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Companies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub companies: Vec<String>,
    /// E-mail addresses.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    /// Telephones, E.164 where they are numbers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<String>,
    /// Where goods went.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<Address>,
    /// Language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
    /// IANA time zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// `email` or `sms`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred_channel: Option<String>,
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Card { … }")
    }
}

impl Card {
    /// The card once this order of that client is known too. What stands on it stays.
    #[must_use]
    pub fn with(&self, client: &str, placed: &Placed) -> Self {
        let mut card = self.clone();
        let customer = &placed.customer;
        if card == Self::default() {
            card.client = Some(client.to_owned());
            card.customer.clone_from(&customer.id);
        }
        add(&mut card.names, customer.name.as_ref());
        add(&mut card.companies, customer.company.as_ref());
        let email = customer.email.as_ref().map(|email| email.trim().to_lowercase());
        add(&mut card.emails, email.as_ref());
        add(&mut card.phones, customer.phone.as_ref());
        add(&mut card.addresses, placed.delivery.address.as_ref());
        let first = |known: &mut Option<String>, said: &Option<String>| {
            if known.is_none() {
                known.clone_from(said);
            }
        };
        first(&mut card.locale, &customer.locale);
        first(&mut card.time_zone, &customer.time_zone);
        first(&mut card.preferred_channel, &customer.preferred_channel);
        card
    }
}

fn add<T: Clone + PartialEq>(known: &mut Vec<T>, said: Option<&T>) {
    if let Some(said) = said
        && known.len() < ENTRIES_MAX
        && !known.contains(said)
    {
        known.push(said.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed(name: &str, email: &str) -> Placed {
        let mut placed = Placed::default();
        placed.customer.name = Some(name.to_owned());
        placed.customer.email = Some(email.to_owned());
        placed.customer.locale = Some("lt".to_owned());
        placed
    }

    #[test]
    fn later_orders_add_to_the_card_and_replace_nothing() {
        let first = Card::default().with("shop", &placed("Ona", "Ona@Example.com"));
        assert_eq!(first.client.as_deref(), Some("shop"));
        assert_eq!(first.emails, ["ona@example.com"]);
        assert_eq!(first.with("shop", &placed("Ona", " ona@example.com")), first);
        let mut later = placed("Ona K.", "o@example.com");
        later.customer.locale = Some("en".to_owned());
        let second = first.with("shop", &later);
        assert_eq!(second.names, ["Ona", "Ona K."]);
        assert_eq!(second.emails, ["ona@example.com", "o@example.com"]);
        assert_eq!(second.locale.as_deref(), Some("lt"));
        let mut full = second;
        for number in 0..50 {
            full = full.with("shop", &placed(&format!("n{number}"), "x@example.com"));
        }
        assert_eq!(full.names.len(), ENTRIES_MAX);
        assert_eq!(full.names.first().map(String::as_str), Some("Ona"));
    }
}
