//! Who is the same customer (`spec/domain.md`): the client's own id of them, else the lower-cased
//! e-mail address, else the telephone; never name or address.

use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::order::Placed;

/// The id of the customer's card; empty where nothing identifies them.
#[must_use]
pub fn card_id(seller: &str, client: &str, placed: &Placed) -> String {
    let customer = &placed.customer;
    // Written as E.164 before this (`contacts::normalise`), where it is a number at all.
    let digits = |phone: &String| phone.chars().filter(char::is_ascii_digit).collect::<String>();
    let cause = if let Some(id) = &customer.id {
        [client.to_owned(), "id".to_owned(), id.clone()]
    } else if let Some(email) = &customer.email {
        [client.to_owned(), "email".to_owned(), email.trim().to_lowercase()]
    } else if let Some(phone) = &customer.phone {
        [client.to_owned(), "phone".to_owned(), digits(phone)]
    } else {
        return String::new();
    };
    let cause: Vec<&str> = cause.iter().map(String::as_str).collect();
    ids::derive(IdKind::Customer, seller, &cause)
}
