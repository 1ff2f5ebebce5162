//! What people read: a notice's template and an order go in, subject, text, HTML and SMS come
//! out. Pure: nothing here reads a clock, a row or a setting.
//!
//! A [`Template`] has a *shape* (which facts, lists and links it shows, `shape.rs`) that is the
//! same in every language, and *texts* (`texts/<language>.rs`) that are data. Both make one
//! [`letter`], which is printed as plain text and as HTML, so that neither says less.
//!
//! | to change | open |
//! |---|---|
//! | a wording | `texts/<language>.rs` (customers), `texts/<language>_house.rs` (staff, partners) |
//! | what a message shows beside its wording | `shape.rs` |
//! | what `{name}` in a wording means | `values.rs` |
//! | the look of a mail | `templates/mail.html` |
//! | how money and dates are written | `locale.rs`, and `Words` of the language |
//!
//! `samples/*.txt` has every message in every language; a test compares them, and
//! `UPDATE_SAMPLES=1` rewrites them.

mod fill;
mod fixture;
mod letter;
mod locale;
mod page;
mod parts;
mod preview;
mod segments;
mod shape;
mod sms;
mod template;
mod texts;
mod values;

#[cfg(test)]
mod tests;

pub use locale::{Locale, locale_of};
pub use preview::{Preview, preview};
pub use segments::{Encoding, Segments, sms_segments};
pub use template::Template;

use ordermill_domain::money::Amount;
use ordermill_domain::order::{Event, Order};
use ordermill_domain::time::Timestamp;
use ordermill_table::records::Settings;

/// The seller as messages show it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Seller {
    /// Name; stands in every message.
    pub name: String,
    /// Postal address, on one line or several.
    pub address: Option<String>,
    /// VAT number.
    pub vat_id: Option<String>,
    /// Telephone for customers.
    pub phone: Option<String>,
    /// E-mail address for customers.
    pub email: Option<String>,
    /// Colour of bar and buttons, `#rrggbb`; anything else is taken as a dark blue.
    pub colour: String,
    /// IANA time zone: for staff, and for customers whose zone is not known.
    pub time_zone: String,
    /// Language of staff, and of customers whose language is not known.
    pub locale: String,
    /// Where one pays, with `{number}`, `{amount}` (`21.49`) and `{currency}` (`EUR`) in it.
    pub payment_link: Option<String>,
    /// Account, bank and payee, on one line or several.
    pub bank_details: Option<String>,
    /// Where the pages are that tracking links lead to; [`Input::tracking_url`] is made from it.
    pub tracking_base_url: Option<String>,
}

impl From<Settings> for Seller {
    fn from(settings: Settings) -> Self {
        Self {
            name: settings.name,
            address: settings.address,
            vat_id: settings.vat_id,
            phone: settings.phone,
            email: Some(settings.sender),
            colour: settings.colour,
            time_zone: settings.time_zone,
            locale: settings.locale,
            payment_link: settings.payment_link,
            bank_details: settings.bank_details,
            tracking_base_url: settings.public_url,
        }
    }
}

/// Who reads a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Audience {
    /// The customer.
    Customer,
    /// The seller's house. Messages to it hold no name or address of the customer.
    Staff,
    /// The partner whose order it is. Messages to it hold no name or address of the customer.
    Partner,
}

/// Everything a message is made from.
#[derive(Clone)]
pub struct Input<'a> {
    /// Name of the template, as in [`ordermill_domain::order::Todo::Notify`].
    pub template: &'a str,
    /// Who reads it.
    pub audience: Audience,
    /// The order as it stands now.
    pub order: &'a Order,
    /// The event that owes the message.
    pub event: &'a Event,
    /// The seller.
    pub seller: &'a Seller,
    /// The reader's language, like `lt` or `lt-LT`; staff read the seller's.
    pub locale: &'a str,
    /// The reader's IANA time zone; staff read the seller's.
    pub zone: &'a str,
    /// The customer's page of this order.
    pub tracking_url: Option<String>,
    /// The page on which the customer answers what this message asks; none where nothing is asked any
    /// more.
    pub answer_url: Option<String>,
    /// When the status' limit moves the order, as
    /// [`ordermill_domain::decide::limits::moves_at`] says: until when to pay, in messages about
    /// open money of an order in a payment status. Others name no such limit.
    pub due_at: Option<Timestamp>,
    /// What is to be paid next, within the policy's tolerance: a deposit first, then all that is open.
    pub open_amount: Amount,
    /// What is to be paid after that.
    pub later: Amount,
    /// The status in the reader's language.
    pub status_label: String,
}

/// A message, ready to be sent. It can hold personal data and has no `Debug` for that reason.
#[derive(Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Subject: one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML, without anything to be loaded.
    pub html: String,
    /// The essence, short enough for a text message; see [`sms_segments`].
    pub sms: String,
}

/// Renders a notice. A name that is no template gives staff a plain message that says so, and
/// others a plain word on the order's status.
#[must_use]
pub fn render(input: &Input<'_>) -> Rendered {
    let template = Template::for_reader(input.template, input.audience);
    let locale = match input.audience {
        Audience::Customer | Audience::Partner => {
            locale_of(Some(input.locale), &input.seller.locale)
        }
        Audience::Staff => locale_of(None, &input.seller.locale),
    };
    let language = texts::language(locale);
    let values = values::of(input, template, language);
    let letter = letter::letter(input, template, language, &values);
    Rendered {
        subject: letter.subject.clone(),
        text: letter.to_text(),
        html: page::html(&letter, &input.seller.colour),
        sms: sms::sms((language.message)(template).sms, &values, shape::sms_limit(template)),
    }
}
