//! The lines of an order or subscription.

use super::Price;
use super::limits::{
    DISCOUNTS_MAX, LINE_NUMBER_MAX, LINES_MAX, NAME_CHARACTERS_MAX, OPTIONS_MAX,
    SENTENCE_CHARACTERS_MAX,
};
use super::parts::discount_of;
use super::reader::{Field, Object};
use super::values::Zero;
use crate::money::{AMOUNT_MINOR_MAX, Amount, Currency, Rate};
use crate::order::line::{LineDiscount, LineOption};
use crate::order::{Line, LineDetail};
use crate::price::{PricedLine, TaxCategory, line_goods};
use std::collections::BTreeSet;

/// Reads the lines; those that are wrong are left out, so compare the count before adding up.
pub(super) fn lines(
    field: &Field<'_, '_>,
    currency: Option<Currency>,
    price_places: Option<u32>,
) -> Vec<Line> {
    let field = field.clone().required("write at least one line with `sku` and `quantity`.");
    let count = match field.value() {
        Some(serde_json::Value::Array(elements)) => elements.len(),
        // Absent, or refused by `list`.
        Some(_) | None => 1,
    };
    if count == 0 {
        field.refuse("lines_empty", "There is no line: write at least one.");
    }
    if count > LINES_MAX {
        let detail = format!("{count} lines: split the order into parts of at most {LINES_MAX}.");
        field.refuse("lines_too_many", detail);
        return Vec::new();
    }
    let fields = field.list(LINES_MAX);
    let mut lines: Vec<(Option<u32>, Line)> =
        fields.iter().filter_map(|field| line(field, currency, price_places)).collect();
    number(&mut lines);
    refuse_duplicates(&fields);
    lines.into_iter().map(|(_, line)| line).collect()
}

/// Reads the parts of a line for their mistakes, where it is not clear what line is meant.
pub(super) fn read_parts(body: &Object<'_, '_>, currency: Currency) {
    for field in body.field("options").list(OPTIONS_MAX) {
        let _ = option(&field);
    }
    for field in body.field("discounts").list(DISCOUNTS_MAX) {
        let _ = discount(&field, Some(currency));
    }
}

/// One line without a number, to be added to an order.
pub(super) fn new_line(field: &Field<'_, '_>, currency: Currency) -> Option<Line> {
    line(field, Some(currency), None).map(|(_, line)| line)
}

/// `price_places`: how many decimal places a price may have; the currency's where none are said.
fn line(
    field: &Field<'_, '_>,
    currency: Option<Currency>,
    price_places: Option<u32>,
) -> Option<(Option<u32>, Line)> {
    let known = [
        "line",
        "sku",
        "name",
        "quantity",
        "unit_price",
        "tax_rate",
        "tax_category",
        "options",
        "discounts",
    ];
    let body = field.clone().required("write `sku` and `quantity`.").object(&known)?;
    let number = body.field("line").whole(1, LINE_NUMBER_MAX);
    let sku = body.field("sku").required("write the article's number.").sku();
    let quantity = body.field("quantity").required("write how many, like 1.").quantity();
    let usual = currency.map_or(2, Currency::places);
    let price = match price_places {
        None => {
            let price = body.field("unit_price").amount(currency, Zero::Allowed);
            price.map(|price| Price { value: price.0, places: usual })
        }
        Some(most) => body.field("unit_price").price(usual).filter(|price| price.places <= most),
    };
    let detail = LineDetail {
        name: body.field("name").text(NAME_CHARACTERS_MAX),
        unit_price: price.map(|price| price.value),
        price_places: price.map_or(usual, |price| price.places),
        tax_rate: body.field("tax_rate").rate(),
        tax_category: tax_category(&body),
        total: Amount::ZERO,
        options: body.field("options").list(OPTIONS_MAX).iter().filter_map(option).collect(),
        discounts: body
            .field("discounts")
            .list(DISCOUNTS_MAX)
            .iter()
            .filter_map(|field| discount(field, currency))
            .collect(),
        parts: Vec::new(),
    };
    let line = Line::new(0, &sku?, quantity?, detail);
    refuse_amounts(&line, &body, currency);
    Some((number, line))
}

/// The kind of tax; only the usual kind has a rate above nothing.
fn tax_category(line: &Object<'_, '_>) -> TaxCategory {
    let category = line.field("tax_category").choice().unwrap_or_default();
    let rate = line.field("tax_rate");
    let has_rate = rate.value().and_then(|value| value.as_str()).and_then(|r| Rate::parse(r).ok());
    match category {
        TaxCategory::Standard => {}
        TaxCategory::Zero
        | TaxCategory::Exempt
        | TaxCategory::ReverseCharge
        | TaxCategory::Export => {
            if has_rate.is_some_and(|rate| rate > Rate::ZERO) {
                rate.refuse(
                    "tax_rate_not_zero",
                    "Only `tax_category` `standard` has a rate above 0: leave out one of both.",
                );
            }
        }
    }
    category
}

fn option(field: &Field<'_, '_>) -> Option<LineOption> {
    let option = field.clone().required("write `name` and `value`.").object(&["name", "value"])?;
    let name = option.field("name").required("write which option it is.").text(NAME_CHARACTERS_MAX);
    let value =
        option.field("value").required("write what was chosen.").text(SENTENCE_CHARACTERS_MAX);
    Some(LineOption { name: name?, value: value? })
}

fn discount(field: &Field<'_, '_>, currency: Option<Currency>) -> Option<LineDiscount> {
    let discount =
        field.clone().required("write its code and amount.").object(&["code", "amount"])?;
    let (code, amount) = discount_of(&discount, currency);
    Some(LineDiscount { code, amount })
}

fn refuse_amounts(line: &Line, body: &Object<'_, '_>, currency: Option<Currency>) {
    let (Some(currency), Some(_)) = (currency, line.detail.unit_price) else { return };
    let priced = PricedLine::from(line);
    let goods = line_goods(&priced, currency.places());
    if goods.0 > AMOUNT_MINOR_MAX {
        let detail = "Quantity times price is more than can be counted: correct one of both.";
        body.report().add(body.pointer(), "amount_too_large", detail);
    }
    if priced.discount > goods {
        body.field("discounts").refuse(
            "discount_too_large",
            format!(
                "The discounts of {} are more than the line's goods of {}: lower them.",
                priced.discount.format(currency),
                goods.format(currency)
            ),
        );
    }
}

/// Gives each line the number it asks for, and the others the first ones that are free.
fn number(lines: &mut [(Option<u32>, Line)]) {
    let taken: BTreeSet<u32> = lines.iter().filter_map(|(number, _)| *number).collect();
    let mut free = (1_u32..).filter(|number| !taken.contains(number));
    for (number, line) in lines {
        line.line = number.or_else(|| free.next()).unwrap_or_default();
    }
}

/// Refuses each line number that stands above already.
fn refuse_duplicates(fields: &[Field<'_, '_>]) {
    let mut seen: BTreeSet<i64> = BTreeSet::new();
    for field in fields {
        let number = field.value().and_then(|line| line.get("line")).and_then(|n| n.as_i64());
        if number.is_some_and(|number| !seen.insert(number)) {
            field.report().add(
                format!("{}/line", field.pointer()),
                "duplicate_line",
                "This line number is taken already: give each line its own, or leave them out.",
            );
        }
    }
}
