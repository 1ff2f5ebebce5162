//! Products, settings and warehouses as the API shows them.

use crate::order::BundlePartView;
use crate::values::{Decimal, Units};
use ordermill_domain::intake::{Price, Product};
use ordermill_domain::money::Rate;
use ordermill_domain::price::TaxRounding;
use ordermill_table::records::{Settings, Warehouse};
use ordermill_table::rows::prices::PriceList;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeMap;

/// An article of the catalogue.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Product")]
pub struct ProductView {
    /// The article's number.
    pub sku: String,
    /// Shown to people.
    pub name: String,
    /// Price of a unit by currency code.
    pub prices: BTreeMap<String, Decimal>,
    /// Its own tax rate.
    pub tax_rate: Option<Decimal>,
    /// Its class in a country's table of rates.
    pub tax_class: Option<String>,
    /// What a unit is.
    pub unit: Option<String>,
    /// Decimal places of its quantities.
    pub quantity_places: u32,
    /// Sold only in multiples of this.
    pub packing_unit: Option<Units>,
    /// The least that an order may ask for.
    pub min_quantity: Option<Units>,
    /// Days until it comes, where none is there.
    pub lead_time_days: Option<u32>,
    /// Whether it is sold.
    pub active: bool,
    /// What one of it is made of; empty where it is no bundle.
    pub parts: Vec<BundlePartView>,
}

impl ProductView {
    /// The product as it is stored.
    #[must_use]
    pub fn new(product: &Product) -> Self {
        let prices = product.prices.iter();
        Self {
            sku: product.sku.clone(),
            name: product.name.clone(),
            prices: prices
                .map(|(code, price)| (code.clone(), Decimal(price.to_string())))
                .collect(),
            tax_rate: product.tax_rate.map(|rate| Decimal(rate.to_string())),
            tax_class: product.tax_class.clone(),
            unit: product.unit.clone(),
            quantity_places: product.quantity_places,
            packing_unit: product.packing_unit.map(Units::from),
            min_quantity: product.min_quantity.map(Units::from),
            lead_time_days: product.lead_time_days,
            active: product.active,
            parts: product.parts.iter().map(BundlePartView::from).collect(),
        }
    }
}

/// A price list.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "PriceList")]
pub struct PriceListView {
    /// Its name in clients' and customers' terms.
    pub id: String,
    /// Shown to people.
    pub name: Option<String>,
    /// The only client whose orders it may apply to.
    pub client: Option<String>,
    /// Of all its prices.
    pub currency: String,
    /// Whether its prices contain the tax.
    pub prices_include_tax: bool,
    /// Decimal places that prices may have.
    pub places: u32,
    /// How many prices there are.
    pub count: usize,
    /// Price of a unit by SKU; empty in lists.
    pub prices: BTreeMap<String, Decimal>,
}

impl PriceListView {
    /// The list, with these of its prices.
    #[must_use]
    pub fn new(list: &PriceList, prices: &BTreeMap<String, Price>) -> Self {
        let shown = |(sku, price): (&String, &Price)| (sku.clone(), Decimal(price.to_string()));
        Self {
            id: list.id.clone(),
            name: list.name.clone(),
            client: list.client.clone(),
            currency: list.currency.code().to_owned(),
            prices_include_tax: list.prices_include_tax,
            places: list.places,
            count: list.count,
            prices: prices.iter().map(shown).collect(),
        }
    }
}

/// The seller's settings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Settings")]
pub struct SettingsView {
    /// Shown to people.
    pub name: String,
    /// Postal address, one line.
    pub address: Option<String>,
    /// VAT number.
    pub vat_id: Option<String>,
    /// From whom e-mail comes.
    pub sender: String,
    /// Who is told about exceptions and tasks.
    pub staff_email: Vec<String>,
    /// Telephone for customers.
    pub phone: Option<String>,
    /// Colour of messages and pages.
    pub colour: String,
    /// IANA time zone.
    pub time_zone: String,
    /// Currency of new price lists.
    pub currency: String,
    /// Language where nothing else is known.
    pub locale: String,
    /// With `{number}`, `{amount}` and `{currency}`.
    pub payment_link: Option<String>,
    /// Shown where a transfer is asked for.
    pub bank_details: Option<String>,
    /// Where tracking pages are.
    pub public_url: Option<String>,
    /// Where tax is rounded: once per rate over the order, or on each line.
    pub tax_rounding: TaxRounding,
    /// Tax rates by destination country and the product's class; the product's own is the
    /// fallback.
    pub tax_rates: BTreeMap<String, BTreeMap<String, Decimal>>,
}

impl SettingsView {
    /// The settings as they are stored.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            name: settings.name,
            address: settings.address,
            vat_id: settings.vat_id,
            sender: settings.sender,
            staff_email: settings.staff_email,
            phone: settings.phone,
            colour: settings.colour,
            time_zone: settings.time_zone,
            currency: settings.currency,
            locale: settings.locale,
            payment_link: settings.payment_link,
            bank_details: settings.bank_details,
            public_url: settings.public_url,
            tax_rounding: settings.tax_rounding,
            tax_rates: settings
                .tax_rates
                .into_iter()
                .map(|(country, rates)| {
                    let shown = |(class, rate): (String, Rate)| (class, Decimal(rate.to_string()));
                    (country, rates.into_iter().map(shown).collect())
                })
                .collect(),
        }
    }
}

/// A warehouse.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(rename = "Warehouse")]
pub struct WarehouseView {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: Option<String>,
    /// Postal address, as it was sent: a text, or an object like an order's.
    pub address: Option<Value>,
    /// Rank by destination country, lower first; `*` for all others.
    pub priority: BTreeMap<String, u32>,
    /// The working hours it keeps, by their name.
    pub calendar: Option<String>,
}

impl WarehouseView {
    /// The warehouse as it is stored.
    #[must_use]
    pub fn new(warehouse: Warehouse) -> Self {
        Self {
            code: warehouse.code,
            name: warehouse.name,
            address: warehouse.address,
            priority: warehouse.priority,
            calendar: warehouse.calendar,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ordermill_domain::intake::parse_product;
    use serde_json::json;

    #[test]
    fn a_product_is_shown_as_the_domain_shows_it() {
        let body = json!({
            "name": "Tea", "prices": { "EUR": "12.5", "JPY": "1500" }, "tax_rate": "0.21",
            "unit": "kg", "quantity_places": 1, "packing_unit": 0.5, "lead_time_days": 3
        });
        let product = parse_product("TEA-100", &body).unwrap();
        assert_eq!(serde_json::to_value(ProductView::new(&product)).unwrap(), product.to_json());
    }
}
