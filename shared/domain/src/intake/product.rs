//! The body of `PUT /v1/products/{sku}` (`spec/api.md`), and the catalogue's product.

use super::limits::{
    BUNDLE_PART_UNITS_MAX, BUNDLE_PARTS_MAX, LEAD_TIME_DAYS_MAX, NAME_CHARACTERS_MAX,
    PRICE_PLACES_MAX, PRICES_MAX,
};
use super::reader::{self, Field, Object, Report};
use super::{Problem, check_sku};
use crate::money::{Currency, DecimalError, Rate, format_decimal, parse_decimal};
use crate::order::BundlePart;
use crate::quantity::{QUANTITY_PLACES, Quantity};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;

/// A price of one unit: `value` divided by ten to the power of `places`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Price {
    /// The scaled number, at least zero.
    pub value: i64,
    /// Decimal places: the currency's, or up to six.
    pub places: u32,
}

/// An article of the catalogue. It is stored as it serialises; the API shows [`Product::to_json`].
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Product {
    /// The article's number.
    pub sku: String,
    /// Shown to people; the SKU where none was given.
    pub name: String,
    /// Price of a unit by currency code.
    #[serde(default)]
    pub prices: BTreeMap<String, Price>,
    /// Its own tax rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_rate: Option<Rate>,
    /// Its class in a country's table of rates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_class: Option<String>,
    /// What a unit is: `piece`, `kg`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Decimal places of its quantities, 0 to 3.
    #[serde(default)]
    pub quantity_places: u32,
    /// Sold only in multiples of this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packing_unit: Option<Quantity>,
    /// The least that an order may ask for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_quantity: Option<Quantity>,
    /// Days until it comes, where none is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_time_days: Option<u32>,
    /// Whether it is sold.
    pub active: bool,
    /// What one of it is made of; empty where it is no bundle. Parts are no bundles themselves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<BundlePart>,
}

impl Price {
    /// Reads a decimal string of at least zero with up to [`PRICE_PLACES_MAX`] places; it keeps
    /// the currency's places, or more where it has more.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str, currency_places: u32) -> Result<Self, DecimalError> {
        let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
        let used = u32::try_from(fraction.trim_end_matches('0').len()).unwrap_or(u32::MAX);
        let places = used.max(currency_places);
        if used > PRICE_PLACES_MAX.max(currency_places) {
            return Err(DecimalError::TooManyPlaces);
        }
        match parse_decimal(text, places)? {
            value if value < 0 => Err(DecimalError::Malformed),
            value => Ok(Self { value, places }),
        }
    }

    /// Whether both are the same price, whatever their places.
    #[must_use]
    pub fn equals(self, value: i64, places: u32) -> bool {
        let scaled = |value: i64, own: u32| {
            let factor = 10_i128.saturating_pow(self.places.max(places).saturating_sub(own));
            i128::from(value).saturating_mul(factor)
        };
        scaled(self.value, self.places) == scaled(value, places)
    }
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_decimal(self.value, self.places))
    }
}

impl Serialize for Price {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Price {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // As it was written: the places of the text are the price's.
        let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        let places = u32::try_from(places).unwrap_or(u32::MAX);
        Self::parse(&text, places.min(PRICE_PLACES_MAX)).map_err(serde::de::Error::custom)
    }
}

impl Product {
    /// The price in that currency.
    #[must_use]
    pub fn price(&self, currency: Currency) -> Option<Price> {
        self.prices.get(currency.code()).copied()
    }

    /// What is wrong with it as a bundle of these articles of the catalogue.
    #[must_use]
    pub fn part_problems(&self, articles: &BTreeMap<String, Self>) -> Vec<Problem> {
        let of = |(index, part): (usize, &BundlePart)| {
            let problem = |field: &str, code, detail: String| {
                Some(Problem { pointer: format!("/parts/{index}/{field}"), code, detail })
            };
            match articles.get(&part.sku) {
                None => {
                    let detail =
                        format!("The catalogue has no {}: PUT the product first.", part.sku);
                    problem("sku", "unknown_sku", detail)
                }
                Some(article) if !article.active => {
                    let detail = format!("{} is not sold any more: name another.", part.sku);
                    problem("sku", "inactive_sku", detail)
                }
                Some(article) if !article.parts.is_empty() => {
                    let detail = format!("{} is a bundle: name its parts instead.", part.sku);
                    problem("sku", "bundle_nested", detail)
                }
                Some(article) if part.quantity.places() > article.quantity_places => {
                    let places = article.quantity_places;
                    let detail = format!(
                        "The unit of {} has {places} decimal places: write no more.",
                        part.sku
                    );
                    problem("quantity", "quantity_places", detail)
                }
                Some(_) => None,
            }
        };
        self.parts.iter().enumerate().filter_map(of).collect()
    }

    /// The product as the API shows it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "sku": self.sku,
            "name": self.name,
            "prices": self.prices,
            "tax_rate": self.tax_rate.map(|rate| rate.to_string()),
            "tax_class": self.tax_class,
            "unit": self.unit,
            "quantity_places": self.quantity_places,
            "packing_unit": self.packing_unit.map(Quantity::to_json),
            "min_quantity": self.min_quantity.map(Quantity::to_json),
            "lead_time_days": self.lead_time_days,
            "active": self.active,
            "parts": self.parts.iter().map(|part| {
                json!({ "sku": part.sku, "quantity": part.quantity.to_json() })
            }).collect::<Vec<_>>(),
        })
    }
}

/// Reads the body of a product; the SKU comes from the path and may be repeated in the body.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse_product(sku: &str, body: &Value) -> Result<Product, Vec<Problem>> {
    let report = Report::default();
    if let Err(detail) = check_sku(sku) {
        report.add("/sku", "sku_malformed", detail);
    }
    let known = [
        "sku",
        "name",
        "prices",
        "tax_rate",
        "tax_class",
        "unit",
        "quantity_places",
        "packing_unit",
        "min_quantity",
        "lead_time_days",
        "active",
        "parts",
    ];
    let product = reader::root(body, &report)
        .required("send the product as a JSON object.")
        .object(&known)
        .map(|body| product(sku, &body));
    report.finish(product)
}

fn product(sku: &str, body: &Object<'_, '_>) -> Product {
    let repeated = body.field("sku");
    if repeated.sku().is_some_and(|other| other != sku) {
        repeated.refuse("sku_differs", "The path names another SKU: leave it out of the body.");
    }
    let name = body.field("name").text(NAME_CHARACTERS_MAX);
    let prices = prices(&body.field("prices"));
    let tax_rate = body.field("tax_rate").rate();
    let tax_class = body.field("tax_class").code();
    let unit = body.field("unit").code();
    let quantity_places =
        body.field("quantity_places").whole(0, QUANTITY_PLACES).unwrap_or_default();
    let quantity = |name: &str| {
        let field = body.field(name);
        let quantity = field.quantity()?;
        if quantity.places() > quantity_places {
            let detail = format!(
                "This has more decimal places than `quantity_places` ({quantity_places}): \
                 round it, or raise that."
            );
            field.refuse("quantity_places", detail);
        }
        Some(quantity)
    };
    Product {
        sku: sku.to_owned(),
        name: name.unwrap_or_else(|| sku.to_owned()),
        prices,
        tax_rate,
        tax_class,
        unit,
        quantity_places,
        packing_unit: quantity("packing_unit"),
        min_quantity: quantity("min_quantity"),
        lead_time_days: body.field("lead_time_days").whole(0, LEAD_TIME_DAYS_MAX),
        active: body.field("active").flag().unwrap_or(true),
        parts: parts(sku, &body.field("parts"), quantity_places),
    }
}

/// The parts of a bundle. Whether they are in the catalogue is seen there.
fn parts(sku: &str, field: &Field<'_, '_>, quantity_places: u32) -> Vec<BundlePart> {
    let mut parts: Vec<BundlePart> = Vec::new();
    let fields = field.list(BUNDLE_PARTS_MAX);
    if !fields.is_empty() && quantity_places > 0 {
        field.refuse("quantity_places", "A bundle is sold whole: leave `quantity_places` out.");
    }
    for field in fields {
        let field = field.required("write `sku` and `quantity`.");
        let Some(body) = field.object(&["sku", "quantity"]) else { continue };
        let article = body.field("sku").required("write which article.");
        let amount = body.field("quantity").required("write how many are in one bundle.");
        let (Some(part), Some(quantity)) = (article.sku(), amount.quantity()) else { continue };
        if quantity > Quantity::units(BUNDLE_PART_UNITS_MAX) {
            let detail =
                format!("This is too much: write at most {BUNDLE_PART_UNITS_MAX} units of a part.");
            amount.refuse("quantity_too_large", detail);
        }
        if part == sku {
            article.refuse("bundle_of_itself", "A bundle is no part of itself: name another.");
        }
        if parts.iter().any(|known| known.sku == part) {
            article.refuse("part_twice", "This part is named before: write their sum there.");
        }
        parts.push(BundlePart { sku: part, quantity });
    }
    parts
}

fn prices(field: &Field<'_, '_>) -> BTreeMap<String, Price> {
    let mut prices = BTreeMap::new();
    if !field.is_present() {
        return prices;
    }
    for (code, field) in field.pairs(PRICES_MAX) {
        let currency = Currency::parse(code);
        if currency.is_none() {
            field.refuse(
                "unknown_currency",
                "This is no currency: use the three letters of ISO 4217, like `EUR`.",
            );
        }
        let places = currency.map_or(PRICE_PLACES_MAX, Currency::places);
        let field = field.required("write a price, or leave the currency out.");
        if let Some(price) = field.price(places) {
            if price.places > places {
                let detail = format!(
                    "{code} has {places} decimal places: round it; only a price list may be finer."
                );
                field.refuse("decimal_places", detail);
            }
            prices.insert(code.to_owned(), price);
        }
    }
    prices
}
