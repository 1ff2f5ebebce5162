//! The seller's settings and warehouses. A `PUT` replaces the whole document: what it leaves out
//! is the default again.

use crate::orders::json_of;
use crate::paging::Page;
use crate::{Call, Reply};
use ordermill_domain::intake::countries::is_country;
use ordermill_domain::intake::limits::{
    CODE_CHARACTERS_MAX, LOCALE_CHARACTERS_MAX, NAME_CHARACTERS_MAX, NOTE_CHARACTERS_MAX,
    SENTENCE_CHARACTERS_MAX, TIME_ZONE_CHARACTERS_MAX, WAREHOUSE_CHARACTERS_MAX,
};
use ordermill_domain::intake::reader::{self, Field, Object, Report};
use ordermill_domain::money::Currency;
use ordermill_domain::price::list::TaxRates;
use ordermill_runtime::http::{Answer, ErrorAnswer};
use ordermill_table::keys;
use ordermill_table::records::{SETTINGS_ROW, Settings, Warehouse, document, read, sort_key};
use ordermill_views::catalogue::{SettingsView, WarehouseView};
use serde_json::Value;
use std::collections::BTreeMap;

/// People who are told about exceptions.
const STAFF_MAX: usize = 50;
/// Countries that a warehouse is ranked for.
const COUNTRIES_MAX: usize = 300;
/// Tax classes of a country.
const TAX_CLASSES_MAX: usize = 50;
/// The lowest rank.
const RANK_MAX: u32 = 1_000_000;

const SETTINGS_FIELDS: [&str; 15] = [
    "name",
    "address",
    "vat_id",
    "sender",
    "staff_email",
    "phone",
    "colour",
    "time_zone",
    "currency",
    "locale",
    "payment_link",
    "bank_details",
    "public_url",
    "tax_rounding",
    "tax_rates",
];

/// `GET /v1/settings`.
pub(crate) async fn get(call: &Call<'_>) -> Reply {
    Ok(Answer::json(200, json_of(&SettingsView::new(call.runtime.table.settings().await?))))
}

/// `PUT /v1/settings`.
pub(crate) async fn put(call: &Call<'_>) -> Reply {
    let body = call.request.json_object()?;
    let report = Report::default();
    let settings =
        reader::root(&body, &report).object(&SETTINGS_FIELDS).map(|body| settings(&body));
    let settings = report.finish(settings).map_err(ErrorAnswer::invalid)?;
    let row = document(&keys::setting(SETTINGS_ROW), &settings)?;
    call.runtime.table.put_row(row).await?;
    call.runtime.forget_settings();
    Ok(Answer::json(200, json_of(&SettingsView::new(settings))))
}

fn settings(body: &Object<'_, '_>) -> Settings {
    let usual = Settings::default();
    let text = |name: &str| body.field(name).text(SENTENCE_CHARACTERS_MAX);
    let staff: Vec<String> = body
        .field("staff_email")
        .list(STAFF_MAX)
        .into_iter()
        .map(|field| field.required("write an e-mail address."))
        .filter_map(|field| checked(&field, is_email, "email_malformed", "an e-mail address"))
        .collect();
    Settings {
        name: body.field("name").text(NAME_CHARACTERS_MAX).unwrap_or(usual.name),
        address: one_line(&body.field("address")),
        vat_id: text("vat_id"),
        sender: checked(&body.field("sender"), is_email, "email_malformed", "an e-mail address")
            .unwrap_or(usual.sender),
        staff_email: if staff.is_empty() { usual.staff_email } else { staff },
        phone: text("phone"),
        colour: checked(
            &body.field("colour"),
            is_colour,
            "colour_malformed",
            "a colour like #1f4e79",
        )
        .unwrap_or(usual.colour),
        time_zone: time_zone(&body.field("time_zone")).unwrap_or(usual.time_zone),
        currency: currency(&body.field("currency")).map_or(usual.currency, |c| c.code().to_owned()),
        locale: locale(&body.field("locale")).unwrap_or(usual.locale),
        payment_link: checked(
            &body.field("payment_link"),
            is_payment_link,
            "url_malformed",
            "an https address, with {number}, {amount} and {currency} where they belong, and no other \
             name in braces",
        ),
        bank_details: body.field("bank_details").long_text(NOTE_CHARACTERS_MAX),
        public_url: checked(
            &body.field("public_url"),
            is_url,
            "url_malformed",
            "an http or https address without a slash at its end",
        ),
        tax_rounding: body.field("tax_rounding").choice().unwrap_or_default(),
        tax_rates: tax_rates(&body.field("tax_rates")),
    }
}

/// An address as one line; an object like an order's is written as one.
fn one_line(field: &Field<'_, '_>) -> Option<String> {
    if !field.value().is_some_and(Value::is_object) {
        return field.text(SENTENCE_CHARACTERS_MAX);
    }
    let address = field.address()?;
    let town = [address.postal_code, address.city].into_iter().flatten().collect::<Vec<_>>();
    let town = Some(town.join(" ")).filter(|town| !town.is_empty());
    let parts = [address.line1, address.line2, town, address.region, address.country];
    Some(parts.into_iter().flatten().collect::<Vec<_>>().join(", "))
}

/// `{"LT": {"standard": "0.21", "reduced": "0.09"}}`.
fn tax_rates(field: &Field<'_, '_>) -> TaxRates {
    let mut table = TaxRates::new();
    if !field.is_present() {
        return table;
    }
    for (country, of_country) in field.pairs(COUNTRIES_MAX) {
        if !is_country(country) {
            of_country
                .refuse("unknown_country", "Write a country's two capital letters, like `LT`.");
        }
        let mut rates = BTreeMap::new();
        let of_country = of_country.required("write a rate by class, or leave the country out.");
        for (class, rate) in of_country.pairs(TAX_CLASSES_MAX) {
            let rate = rate.required("write a rate, or leave the class out.");
            if !is_code(class, CODE_CHARACTERS_MAX) {
                rate.refuse("code_malformed", "Name the class as products do: `tax_class`.");
            }
            if let Some(rate) = rate.rate() {
                rates.insert(class.to_owned(), rate);
            }
        }
        table.insert(country.to_owned(), rates);
    }
    table
}

/// A text that has a form; says so where it has not.
pub(crate) fn checked(
    field: &Field<'_, '_>,
    fits: fn(&str) -> bool,
    code: &'static str,
    wanted: &str,
) -> Option<String> {
    let text = field.text(SENTENCE_CHARACTERS_MAX)?;
    if !fits(&text) {
        field.refuse(code, format!("Write {wanted}."));
        return None;
    }
    Some(text)
}

/// An e-mail address.
pub(crate) fn email(field: &Field<'_, '_>) -> Option<String> {
    checked(field, is_email, "email_malformed", "an e-mail address")
}

pub(crate) fn is_email(text: &str) -> bool {
    let plain = !text.chars().any(|c| c.is_whitespace() || c.is_control());
    plain && text.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
}

fn is_colour(text: &str) -> bool {
    text.strip_prefix('#')
        .is_some_and(|digits| digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn is_payment_link(text: &str) -> bool {
    let named = ["{number}", "{amount}", "{currency}"];
    let filled = named.iter().fold(text.to_owned(), |text, name| text.replace(name, "0"));
    let plain = !filled.contains([' ', '{', '}']);
    filled.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && plain)
}

/// A language, with a country or more: `lt`, `pt-BR`.
pub(crate) fn locale(field: &Field<'_, '_>) -> Option<String> {
    let text = field.text(LOCALE_CHARACTERS_MAX)?;
    let mut parts = text.split(['-', '_']);
    let language =
        |part: &str| (2..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphabetic());
    let more = |part: &str| {
        (2..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    if !parts.next().is_some_and(language) || !parts.all(more) {
        field.refuse("locale_malformed", "Write a language, like `lt` or `pt-BR`.");
        return None;
    }
    Some(text)
}

/// What the path says already may stand in the body too, as an answer has it, and nothing else.
pub(crate) fn as_the_path_says(field: &Field<'_, '_>, name: &str) {
    let said = field.text(SENTENCE_CHARACTERS_MAX);
    if said.is_some_and(|said| said != name) {
        field.refuse("name_differs", "Leave it out, or write what the path says.");
    }
}

fn is_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.contains(' ') && !rest.ends_with('/'))
}

fn time_zone(field: &Field<'_, '_>) -> Option<String> {
    let name = field.text(TIME_ZONE_CHARACTERS_MAX)?;
    let known = jiff::tz::TimeZone::get(&name).is_ok_and(|zone| !zone.is_unknown());
    if !known {
        field.refuse("time_zone_unknown", "Write an IANA time zone, like `Europe/Vilnius`.");
        return None;
    }
    Some(name)
}

/// A currency's three letters.
pub(crate) fn currency(field: &Field<'_, '_>) -> Option<Currency> {
    let code = field.text(LOCALE_CHARACTERS_MAX)?;
    let currency = Currency::parse(&code);
    if currency.is_none() {
        field.refuse("unknown_currency", "Write the three letters of ISO 4217, like `EUR`.");
    }
    currency
}

/// `GET /v1/warehouses`.
pub(crate) async fn warehouses(call: &Call<'_>) -> Reply {
    let asked = Page::read(call)?;
    let (table, prefix) = (&call.runtime.table, keys::WAREHOUSE_PREFIX);
    let wanted = asked.limit.saturating_add(1);
    let mut rows = table.partition(keys::SETTINGS, prefix, asked.after.as_deref(), wanted).await?;
    let more = rows.len() > asked.limit;
    rows.truncate(asked.limit);
    let mut items: Vec<Value> = Vec::with_capacity(rows.len());
    for row in &rows {
        items.push(json_of(&WarehouseView::new(read(row)?)));
    }
    let next = match rows.last().filter(|_| more) {
        Some(row) => Some(sort_key(row)?.to_owned()),
        None => None,
    };
    Ok(asked.answer(call, items, next))
}

/// `GET /v1/warehouses/{code}`.
pub(crate) async fn warehouse(call: &Call<'_>) -> Reply {
    let found: Option<Warehouse> =
        call.runtime.table.document(&keys::warehouse(call.param(0))).await?;
    let warehouse = found.ok_or_else(ErrorAnswer::not_found)?;
    Ok(Answer::json(200, json_of(&WarehouseView::new(warehouse))))
}

/// `PUT /v1/warehouses/{code}`: 201 for a new one, 200 for one that is replaced.
pub(crate) async fn put_warehouse(call: &Call<'_>) -> Reply {
    let code = call.param(0);
    if !is_code(code, WAREHOUSE_CHARACTERS_MAX) {
        return Err(ErrorAnswer::not_found());
    }
    let body = call.request.json_object()?;
    let report = Report::default();
    let read = reader::root(&body, &report)
        .object(&["code", "name", "address", "priority", "calendar"])
        .map(|body| {
            as_the_path_says(&body.field("code"), code);
            Warehouse {
                code: code.to_owned(),
                name: body.field("name").text(NAME_CHARACTERS_MAX),
                address: as_sent(&body.field("address")),
                calendar: body.field("calendar").text(NAME_CHARACTERS_MAX),
                priority: ranks(&body.field("priority")),
            }
        });
    let warehouse = report.finish(read).map_err(ErrorAnswer::invalid)?;
    let row = document(&keys::warehouse(code), &warehouse)?;
    let status = put_document(call, row).await?;
    call.runtime.forget_settings();
    Ok(Answer::json(status, json_of(&WarehouseView::new(warehouse))))
}

/// A text, or an object like an order's address.
fn as_sent(field: &Field<'_, '_>) -> Option<Value> {
    if field.value().is_some_and(Value::is_object) {
        return field.address().and(field.value().cloned());
    }
    field.text(SENTENCE_CHARACTERS_MAX).map(Value::from)
}

fn ranks(field: &Field<'_, '_>) -> BTreeMap<String, u32> {
    let mut ranks = BTreeMap::new();
    if !field.is_present() {
        return ranks;
    }
    for (country, rank) in field.pairs(COUNTRIES_MAX) {
        if country != "*" && !is_country(country) {
            rank.refuse("unknown_country", "Write a country's two letters, like `LT`, or `*`.");
        }
        let rank = rank.required("write a rank, or leave the country out.");
        if let Some(rank) = rank.whole(0, RANK_MAX) {
            ranks.insert(country.to_owned(), rank);
        }
    }
    ranks
}

/// Whether a path's text can name something: visible characters, none that divides keys.
pub(crate) fn is_code(text: &str, characters_max: usize) -> bool {
    let fine = |c: char| !c.is_whitespace() && !c.is_control() && c != '#';
    !text.is_empty() && text.chars().count() <= characters_max && text.chars().all(fine)
}

/// Puts a row: 201 where there was none, 200 where it is replaced.
pub(crate) async fn put_document(
    call: &Call<'_>,
    row: ordermill_table::item::Item,
) -> Result<u16, ErrorAnswer> {
    if call.runtime.table.put_row_once(row.clone()).await? {
        return Ok(201);
    }
    call.runtime.table.put_row(row).await?;
    Ok(200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_colours_have_a_form() {
        assert!(is_email("a@b.lt") && !is_email("a b@c.lt") && !is_email("@b.lt"));
        assert!(is_colour("#1f4e79") && !is_colour("1f4e79") && !is_colour("#xyzxyz"));
        assert!(is_url("http://localhost:8080") && !is_url("https://x/") && !is_url("ftp://x"));
        let link = |rest: &str| is_payment_link(&format!("https://pay.example.com/{rest}"));
        assert!(link("{number}?sum={amount}{currency}") && !link("{order}") && !link("{"));
        assert!(is_code("VNO", 32) && !is_code("", 32) && !is_code("A#B", 32));
    }
}
