//! The tracking page: what [`TrackView`] says, as plain HTML without scripts, in the customer's
//! language.

use crate::track::{TrackLine, TrackShipment, TrackView};
use std::fmt::Write as _;

/// The words of the page in one language.
struct Words {
    order: &'static str,
    ordered: &'static str,
    wished: &'static str,
    goods: &'static str,
    quantity: &'static str,
    shipped: &'static str,
    later: &'static str,
    cancelled: &'static str,
    parcels: &'static str,
    expected: &'static str,
    delivered: &'static str,
    address: &'static str,
    total: &'static str,
    open: &'static str,
}

const ENGLISH: Words = Words {
    order: "Order",
    ordered: "Ordered",
    wished: "Wished delivery",
    goods: "Goods",
    quantity: "Quantity",
    shipped: "Sent",
    later: "Coming later",
    cancelled: "Cancelled",
    parcels: "Parcels",
    expected: "expected",
    delivered: "delivered",
    address: "Delivery to",
    total: "Total",
    open: "Still to be paid",
};

const LITHUANIAN: Words = Words {
    order: "Užsakymas",
    ordered: "Užsakyta",
    wished: "Pageidaujamas pristatymas",
    goods: "Prekės",
    quantity: "Kiekis",
    shipped: "Išsiųsta",
    later: "Bus vėliau",
    cancelled: "Atšaukta",
    parcels: "Siuntos",
    expected: "laukiama",
    delivered: "pristatyta",
    address: "Pristatymas",
    total: "Iš viso",
    open: "Liko sumokėti",
};

const ROMANIAN: Words = Words {
    order: "Comanda",
    ordered: "Comandat",
    wished: "Livrare dorită",
    goods: "Produse",
    quantity: "Cantitate",
    shipped: "Expediat",
    later: "Vine mai târziu",
    cancelled: "Anulat",
    parcels: "Colete",
    expected: "estimat",
    delivered: "livrat",
    address: "Livrare la",
    total: "Total",
    open: "Rest de plată",
};

const RUSSIAN: Words = Words {
    order: "Заказ",
    ordered: "Заказано",
    wished: "Желаемая доставка",
    goods: "Товары",
    quantity: "Количество",
    shipped: "Отправлено",
    later: "Будет позже",
    cancelled: "Отменено",
    parcels: "Посылки",
    expected: "ожидается",
    delivered: "доставлено",
    address: "Доставка",
    total: "Итого",
    open: "Осталось оплатить",
};

fn words(locale: &str) -> (&'static str, &'static Words) {
    match locale.split(['-', '_']).next().unwrap_or_default() {
        "lt" => ("lt", &LITHUANIAN),
        "ro" => ("ro", &ROMANIAN),
        "ru" => ("ru", &RUSSIAN),
        _ => ("en", &ENGLISH),
    }
}

/// The page. `seller` and `colour` (`#rrggbb`) are the seller's.
#[must_use]
pub fn tracking_page(view: &TrackView, locale: &str, seller: &str, colour: &str) -> String {
    let (language, words) = words(locale);
    let mut page = String::new();
    // Writing to a string cannot fail.
    let _ = write!(
        page,
        "<!doctype html><html lang=\"{language}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{order} {number}</title>\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:40rem;margin:2rem auto;\
         padding:0 1rem;color:#222}}h1,h2{{color:{colour}}}table{{width:100%;\
         border-collapse:collapse}}td,th{{text-align:left;padding:.3rem .5rem .3rem 0;\
         border-bottom:1px solid #ddd}}.status{{font-size:1.3rem;font-weight:600}}</style>\
         <p>{seller}<h1>{order} {number}</h1><p class=\"status\">{label}<p>{ordered}: {created}",
        order = words.order,
        number = escaped(&view.number),
        colour = escaped(colour),
        seller = escaped(seller),
        label = escaped(&view.label),
        ordered = words.ordered,
        created = day(&view.created_at.0),
    );
    if let Some(wished) = &view.requested_date {
        let _ = write!(page, "<br>{}: {}", words.wished, escaped(wished));
    }
    let _ = write!(
        page,
        "<h2>{}</h2><table><tr><th>{}<th>{}<th>{}",
        words.goods, words.goods, words.quantity, words.shipped
    );
    for line in &view.lines {
        line_row(&mut page, line, words);
    }
    page.push_str("</table>");
    if !view.shipments.is_empty() {
        let _ = write!(page, "<h2>{}</h2>", words.parcels);
    }
    for shipment in &view.shipments {
        parcel(&mut page, shipment, words);
    }
    address(&mut page, view, words);
    let _ = write!(page, "<p>{}: {} {}", words.total, view.total.0, escaped(&view.currency));
    if view.open.0.bytes().any(|digit| (b'1'..=b'9').contains(&digit)) {
        let _ = write!(page, "<br>{}: {} {}", words.open, view.open.0, escaped(&view.currency));
    }
    page.push_str("</html>");
    page
}

fn line_row(page: &mut String, line: &TrackLine, words: &Words) {
    let _ = write!(page, "<tr><td>{}", escaped(&line.name));
    for (word, units) in [(words.later, &line.backordered), (words.cancelled, &line.cancelled)] {
        if units.0.as_f64().is_some_and(|units| units > 0.0) {
            let _ = write!(page, "<br><small>{word}: {}</small>", units.0);
        }
    }
    let _ = write!(page, "<td>{}<td>{}", line.quantity.0, line.shipped.0);
}

fn parcel(page: &mut String, shipment: &TrackShipment, words: &Words) {
    let carrier = shipment.carrier.as_deref().map(escaped).unwrap_or_default();
    let tracking = shipment.tracking.as_deref().map(escaped).unwrap_or_default();
    let _ = write!(page, "<p>{carrier} {tracking} · {}", day(&shipment.shipped_at.0));
    match (&shipment.delivered_at, &shipment.expected_at) {
        (Some(at), _) => {
            let _ = write!(page, " · {} {}", words.delivered, day(&at.0));
        }
        (None, Some(at)) => {
            let _ = write!(page, " · {} {}", words.expected, day(&at.0));
        }
        (None, None) => {}
    }
}

fn address(page: &mut String, view: &TrackView, words: &Words) {
    let to = &view.delivery;
    let parts = [&to.name, &to.street, &to.pickup_point, &to.city, &to.country];
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| escaped(part)).collect();
    if !parts.is_empty() {
        let _ = write!(page, "<h2>{}</h2><p>{}", words.address, parts.join(", "));
    }
}

/// The date of a moment.
fn day(moment: &str) -> &str {
    moment.split('T').next().unwrap_or_default()
}

/// Text that stays text in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_customer_wrote_stays_text() {
        assert_eq!(escaped("<b>\"a\" & b</b>"), "&lt;b&gt;&quot;a&quot; &amp; b&lt;/b&gt;");
    }

    #[test]
    fn a_language_nobody_has_words_for_is_english() {
        assert_eq!((words("lt-LT").0, words("ru").0, words("xx").0), ("lt", "ru", "en"));
    }
}
