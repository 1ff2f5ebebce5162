//! What the catalogue says to one order: prices of the list that applies to it, and tax rates of
//! the country it goes to.

use crate::intake::{Price, Product};
use crate::money::{Currency, Rate};
use std::collections::BTreeMap;

/// Tax rates by destination country and the product's class.
pub type TaxRates = BTreeMap<String, BTreeMap<String, Rate>>;

/// Puts the list's prices in place of the catalogue's. What the list leaves out keeps the
/// catalogue's price.
pub fn apply_prices(
    products: &mut BTreeMap<String, Product>,
    currency: Currency,
    prices: &BTreeMap<String, Price>,
) {
    for (sku, price) in prices {
        if let Some(product) = products.get_mut(sku) {
            product.prices.insert(currency.code().to_owned(), *price);
        }
    }
}

/// Puts the rate of (country, class) in place of the product's own, which is the fallback.
pub fn apply_rates(
    products: &mut BTreeMap<String, Product>,
    rates: &TaxRates,
    country: Option<&str>,
) {
    let Some(rates) = country.and_then(|country| rates.get(country)) else { return };
    for product in products.values_mut() {
        let of_class = product.tax_class.as_ref().and_then(|class| rates.get(class));
        product.tax_rate = of_class.copied().or(product.tax_rate);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::intake::parse_product;
    use serde_json::json;

    fn products() -> BTreeMap<String, Product> {
        let tea = json!({ "prices": { "EUR": "12.50", "USD": "13.00" }, "tax_rate": "0.21",
            "tax_class": "food" });
        let cup = json!({ "prices": { "EUR": "4.00" }, "tax_rate": "0.21" });
        [("TEA", tea), ("CUP", cup)]
            .into_iter()
            .map(|(sku, body)| (sku.to_owned(), parse_product(sku, &body).unwrap()))
            .collect()
    }

    #[test]
    fn a_list_replaces_the_prices_it_names_and_no_others() {
        let mut products = products();
        let list = BTreeMap::from([
            ("TEA".to_owned(), Price::parse("11.123456", 2).unwrap()),
            ("NONE".to_owned(), Price::parse("1", 2).unwrap()),
        ]);
        apply_prices(&mut products, Currency::EUR, &list);
        assert_eq!(products["TEA"].prices["EUR"].to_string(), "11.123456");
        assert_eq!(products["TEA"].prices["USD"].to_string(), "13.00");
        assert_eq!(products["CUP"].prices["EUR"].to_string(), "4.00");
        assert_eq!(products.len(), 2);
    }

    #[test]
    fn a_rate_comes_from_the_destination_and_class_and_else_from_the_product() {
        let rate = |text: &str| Rate::parse(text).unwrap();
        let table = BTreeMap::from([(
            "LV".to_owned(),
            BTreeMap::from([("food".to_owned(), rate("0.12"))]),
        )]);
        for (country, tea, cup) in
            [(Some("LV"), "0.12", "0.21"), (Some("LT"), "0.21", "0.21"), (None, "0.21", "0.21")]
        {
            let mut products = products();
            apply_rates(&mut products, &table, country);
            assert_eq!(products["TEA"].tax_rate, Some(rate(tea)), "{country:?}");
            assert_eq!(products["CUP"].tax_rate, Some(rate(cup)), "{country:?}");
        }
    }
}
