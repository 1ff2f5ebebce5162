//! The tracking page: what [`TrackView`] says, as plain HTML without scripts, in the customer's
//! language, for a telephone first. The layout is `templates/track.html`; askama escapes
//! everything.

mod words;

use crate::track::{TrackLine, TrackShipment, TrackView};
use crate::values::{Decimal, Moment, Units};
use askama::Template;
use jiff::tz::TimeZone;
use ordermill_domain::time::Timestamp;
pub(crate) use words::Words;
use words::{FALLBACK, known};

/// Taken where the seller's colour is none.
const COLOUR_DEFAULT: &str = "#1f4e79";

/// For whom the page is, and whose it is.
#[derive(Clone, Copy, Debug)]
pub struct Reader<'a> {
    /// The customer's language, like `lt`; the page is in English where it has no words of it.
    pub locale: &'a str,
    /// The customer's IANA time zone; UTC where there is no such zone.
    pub zone: &'a str,
    /// The seller's name.
    pub seller: &'a str,
    /// The seller's colour, `#rrggbb`.
    pub colour: &'a str,
}

#[derive(Template)]
#[template(path = "track.html")]
struct Page<'a> {
    language: &'static str,
    words: &'static Words,
    seller: &'a str,
    colour: &'a str,
    view: &'a TrackView,
    since: String,
    dates: Vec<Dated>,
    lines: Vec<Line<'a>>,
    parcels: Vec<Parcel<'a>>,
    address: Vec<&'a str>,
    total: String,
    open: Option<String>,
    /// Where it is less than what is open.
    asked: Option<String>,
}

#[derive(Template)]
#[template(path = "track_gone.html")]
struct Gone<'a> {
    language: &'static str,
    words: &'static Words,
    seller: &'a str,
    colour: &'a str,
}

/// Something with a date.
struct Dated {
    what: &'static str,
    when: String,
    /// It has not happened yet.
    is_ahead: bool,
}

struct Line<'a> {
    name: &'a str,
    quantity: String,
    notes: Vec<String>,
}

struct Parcel<'a> {
    carrier: Option<&'a str>,
    tracking: Option<&'a str>,
    dates: Vec<Dated>,
}

/// The page of an order.
#[must_use]
pub fn tracking_page(view: &TrackView, reader: Reader<'_>) -> String {
    let (language, words) = known(reader.locale).unwrap_or(FALLBACK);
    let calendar = Calendar::new(reader.zone, words);
    let to = &view.delivery;
    let parts = [&to.name, &to.street, &to.pickup_point, &to.city, &to.country];
    let some = |amount: &Decimal| {
        is_more_than_nothing(&amount.0).then(|| words.money(&amount.0, &view.currency))
    };
    let page = Page {
        language,
        words,
        seller: reader.seller,
        colour: colour(reader.colour),
        view,
        since: calendar.date(&view.status_since),
        dates: dates(view, words, &calendar),
        lines: view.lines.iter().map(|line| Line::new(line, words)).collect(),
        parcels: view.shipments.iter().map(|one| Parcel::new(one, words, &calendar)).collect(),
        address: parts.into_iter().flatten().map(String::as_str).collect(),
        total: words.money(&view.total.0, &view.currency),
        open: some(&view.open),
        asked: some(&view.asked).filter(|_| view.asked.0 != view.open.0),
    };
    // Rendering into a text fails only if something that is printed does; texts do not.
    page.render().unwrap_or_default()
}

/// The page where a link leads to no order: mistyped, forged, or long over. Which of them it is,
/// nobody is told. `wanted` are the browser's languages (`Accept-Language`).
#[must_use]
pub fn gone_page(wanted: &str, reader: Reader<'_>) -> String {
    let found = wanted.split(',').find_map(known).or_else(|| known(reader.locale));
    let (language, words) = found.unwrap_or(FALLBACK);
    let page = Gone { language, words, seller: reader.seller, colour: colour(reader.colour) };
    page.render().unwrap_or_default()
}

/// The language of the pages for this reader, and its words.
pub(crate) fn words_of(locale: &str) -> (&'static str, &'static Words) {
    known(locale).unwrap_or(FALLBACK)
}

/// A colour and nothing else: it stands inside a style sheet.
pub(crate) fn colour(text: &str) -> &str {
    let fits = text.strip_prefix('#').is_some_and(|digits| {
        digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
    });
    if fits { text } else { COLOUR_DEFAULT }
}

fn is_more_than_nothing(decimal: &str) -> bool {
    !decimal.starts_with('-') && decimal.bytes().any(|digit| (b'1'..=b'9').contains(&digit))
}

/// What happened when, oldest first, and what is to come.
fn dates(view: &TrackView, words: &'static Words, calendar: &Calendar) -> Vec<Dated> {
    let mut dates =
        vec![Dated { what: words.ordered, when: calendar.date(&view.created_at), is_ahead: false }];
    for shipment in &view.shipments {
        let when = calendar.date(&shipment.shipped_at);
        dates.push(Dated { what: words.sent, when, is_ahead: false });
    }
    for at in view.shipments.iter().filter_map(|shipment| shipment.delivered_at.as_ref()) {
        dates.push(Dated { what: words.delivered, when: calendar.date(at), is_ahead: false });
    }
    if view.closed {
        let when = calendar.date(&view.status_since);
        dates.push(Dated { what: words.closed, when, is_ahead: false });
    } else if view.shipments.is_empty()
        && let Some(wished) = &view.requested_date
    {
        let when = wished.parse().map_or_else(|_| wished.clone(), |date| words.date(date));
        dates.push(Dated { what: words.wished, when, is_ahead: true });
    }
    dates
}

impl<'a> Line<'a> {
    fn new(line: &'a TrackLine, words: &Words) -> Self {
        let some = |units: &Units| units.0.as_f64().is_some_and(|units| units > 0.0);
        let partly = some(&line.shipped) && line.shipped != line.quantity;
        let notes = [
            (words.of_it_sent, &line.shipped, partly),
            (words.later, &line.backordered, some(&line.backordered)),
            (words.cancelled, &line.cancelled, some(&line.cancelled)),
        ];
        let said = notes.into_iter().filter(|(_, _, is_so)| *is_so);
        Self {
            name: &line.name,
            quantity: line.quantity.0.to_string(),
            notes: said.map(|(text, units, _)| text.replace("{n}", &units.0.to_string())).collect(),
        }
    }
}

impl<'a> Parcel<'a> {
    fn new(shipment: &'a TrackShipment, words: &'static Words, calendar: &Calendar) -> Self {
        let when = calendar.date(&shipment.shipped_at);
        let mut dates = vec![Dated { what: words.sent, when, is_ahead: false }];
        match (&shipment.delivered_at, &shipment.expected_at) {
            (Some(at), _) => {
                let when = calendar.date(at);
                dates.push(Dated { what: words.delivered, when, is_ahead: false });
            }
            (None, Some(at)) => {
                let when = calendar.date(at);
                dates.push(Dated { what: words.expected, when, is_ahead: true });
            }
            (None, None) => {}
        }
        Self { carrier: shipment.carrier.as_deref(), tracking: shipment.tracking.as_deref(), dates }
    }
}

/// Dates as somebody in one place reads them.
pub(crate) struct Calendar {
    zone: TimeZone,
    words: &'static Words,
}

impl Calendar {
    pub(crate) fn new(zone: &str, words: &'static Words) -> Self {
        Self { zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC), words }
    }

    /// Day and time of day.
    pub(crate) fn moment(&self, moment: &Moment) -> String {
        let Ok(at) = Timestamp::parse(&moment.0) else { return moment.0.clone() };
        let local = at.to_jiff().to_zoned(self.zone.clone());
        format!("{}, {:02}:{:02}", self.words.date(local.date()), local.hour(), local.minute())
    }

    pub(crate) fn date(&self, moment: &Moment) -> String {
        match Timestamp::parse(&moment.0) {
            Ok(at) => self.words.date(at.to_jiff().to_zoned(self.zone.clone()).date()),
            Err(_) => moment.0.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::track::TrackDelivery;
    use ordermill_domain::order::PaymentFacet;
    use ordermill_domain::policy::StatusKey;

    fn view() -> TrackView {
        let moment = |text: &str| Moment(text.to_owned());
        let units = |count: i64| Units(count.into());
        TrackView {
            number: "7KQ4M2XD9T-C".to_owned(),
            status: StatusKey::new("confirmed"),
            label: "Patvirtintas".to_owned(),
            status_since: moment("2026-11-22T23:30:00Z"),
            closed: false,
            created_at: moment("2026-11-22T08:00:00Z"),
            requested_date: Some("2026-12-01".to_owned()),
            lines: vec![TrackLine {
                name: "<script>alert(1)</script>".to_owned(),
                quantity: units(3),
                shipped: units(1),
                backordered: units(2),
                cancelled: units(0),
            }],
            shipments: Vec::new(),
            delivery: TrackDelivery {
                name: Some("O… K…".to_owned()),
                street: Some("G… p… 9…".to_owned()),
                city: Some("Vilnius".to_owned()),
                country: Some("LT".to_owned()),
                pickup_point: None,
            },
            currency: "EUR".to_owned(),
            total: Decimal("21.49".to_owned()),
            open: Decimal("0.00".to_owned()),
            asked: Decimal("0.00".to_owned()),
            payment_status: PaymentFacet::Paid,
        }
    }

    fn page_in(locale: &str) -> String {
        let reader =
            Reader { locale, zone: "Europe/Vilnius", seller: "T & T", colour: "red;}body{" };
        tracking_page(&view(), reader)
    }

    #[test]
    fn what_a_customer_or_a_seller_wrote_stays_text() {
        let page = page_in("lt");
        assert!(!page.contains("<script"), "{page}");
        assert!(page.contains("&#60;script&#62;"), "{page}");
        assert!(page.contains("T &#38; T"), "{page}");
        assert!(page.contains(&format!("--brand:{COLOUR_DEFAULT}")), "{page}");
    }

    #[test]
    fn dates_and_money_are_written_as_in_the_customers_language_and_zone() {
        // Half past eleven in the evening of UTC is the next day in Vilnius.
        assert!(page_in("lt-LT").contains("2026\u{a0}m. lapkričio 23\u{a0}d."));
        assert!(page_in("ru").contains("23 ноября 2026\u{a0}г."));
        assert!(page_in("ro").contains("23 noiembrie 2026"));
        assert!(page_in("en").contains("€21.49"));
        assert!(page_in("lt").contains("21,49\u{a0}€"));
        assert!(page_in("xx").contains("<html lang=\"en\">"));
    }

    #[test]
    fn of_a_deposit_the_page_says_what_is_to_be_paid_now() {
        let reader = Reader { locale: "lt", zone: "UTC", seller: "T", colour: "" };
        let page = |open: &str, asked: &str| {
            let [open, asked] = [open, asked].map(|text| Decimal(text.to_owned()));
            tracking_page(&TrackView { open, asked, ..view() }, reader)
        };
        let deposit = page("21.49", "6.45");
        assert!(deposit.contains("Mokėti dabar</dt><dd>6,45\u{a0}€"), "{deposit}");
        assert!(deposit.contains("Liko sumokėti</dt><dd>21,49\u{a0}€"), "{deposit}");
        let all = page("21.49", "21.49");
        assert!(all.contains("Liko sumokėti") && !all.contains("Mokėti dabar"), "{all}");
        let later = page("15.04", "0.00");
        assert!(later.contains("Liko sumokėti") && !later.contains("Mokėti dabar"), "{later}");
    }

    #[test]
    fn a_lost_link_speaks_the_browsers_language_or_the_sellers() {
        let reader = Reader { locale: "lt", zone: "UTC", seller: "T", colour: "#123456" };
        let language = |wanted: &str| {
            let page = gone_page(wanted, reader);
            page.split("lang=\"").nth(1).and_then(|rest| rest.get(..2)).map(str::to_owned)
        };
        assert_eq!(language("de-DE,ru;q=0.8,en;q=0.5").as_deref(), Some("ru"));
        assert_eq!(language("de").as_deref(), Some("lt"));
        assert_eq!(language("").as_deref(), Some("lt"));
    }
}
