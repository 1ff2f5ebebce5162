//! E-mail addresses and telephone numbers, judged by kept libraries and their data.
//!
//! The only place that links libphonenumber's tables: they are in the functions that take orders
//! in or check them, and in no other.

use ordermill_domain::order::Placed;

/// Whether a text is an e-mail address.
#[must_use]
pub fn is_email(text: &str) -> bool {
    email_address::EmailAddress::is_valid(text)
}

/// A telephone number as E.164, where it is one; the delivery country is the default region.
#[must_use]
pub fn e164(text: &str, country: Option<&str>) -> Option<String> {
    let region = country.and_then(|code| code.parse().ok());
    let number =
        phonenumber::parse(region, text).ok().filter(phonenumber::PhoneNumber::is_valid)?;
    Some(number.format().mode(phonenumber::Mode::E164).to_string())
}

/// Writes the customer's telephone as E.164 where it is a number; anything else stays as it came,
/// for a person to look at.
pub fn normalise(placed: &mut Placed, country: Option<&str>) {
    let known = placed.customer.phone.as_deref().and_then(|text| e164(text, country));
    if known.is_some() {
        placed.customer.phone = known;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_national_number_is_read_in_the_country_of_delivery() {
        assert_eq!(e164("+370 612 34567", None).as_deref(), Some("+37061234567"));
        assert_eq!(e164("8 612 34567", Some("LT")).as_deref(), Some("+37061234567"));
        assert_eq!(e164("8 612 34567", None), None);
        assert_eq!(e164("hello", Some("LT")), None);
    }

    #[test]
    fn what_is_no_number_stays_as_it_came() {
        let mut placed = Placed::default();
        placed.customer.phone = Some("ask my wife".to_owned());
        normalise(&mut placed, Some("LT"));
        assert_eq!(placed.customer.phone.as_deref(), Some("ask my wife"));
        placed.customer.phone = Some("0721 234 567".to_owned());
        normalise(&mut placed, Some("RO"));
        assert_eq!(placed.customer.phone.as_deref(), Some("+40721234567"));
    }
}
