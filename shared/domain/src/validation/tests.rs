//! The review list, rule by rule, on the API document's example.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use super::*;
use crate::decide::taking_in::{Origin, receive};
use crate::intake::tests::{api_example, defaults, set};
use crate::intake::{Price, parse_order, parse_product};
use crate::money::Currency;
use crate::order::Actor;
use crate::price::list::apply_prices;
use crate::price::reckon_remaining;
use crate::time::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

/// An order as it is right after intake.
fn order(body: &Value) -> Order {
    let policy = crate::policy::presets::webshop().unwrap();
    let origin = Origin::of_client("id", "shop", "hash", Actor::system("intake"));
    let draft = parse_order(body, &defaults()).unwrap();
    let now = Timestamp::from_milliseconds(1_796_000_000_000);
    receive(&policy, draft, origin, &BTreeMap::new(), now).order
}

fn tea() -> Value {
    json!({ "name": "Green tea", "prices": { "EUR": "12.50" }, "tax_rate": "0.21" })
}

fn catalogue(products: &[(&str, Value)]) -> BTreeMap<String, Product> {
    let product =
        |(sku, body): &(&str, Value)| ((*sku).to_owned(), parse_product(sku, body).unwrap());
    products.iter().map(product).collect()
}

fn facts(products: &BTreeMap<String, Product>) -> ValidationFacts<'_> {
    ValidationFacts {
        products,
        open_unpaid: 0,
        open_unpaid_max: 5,
        takes_deposits: true,
        trusted_prices: false,
        list_without_tax: false,
        total_tolerance: Amount::ZERO,
        email_ok: true,
        phone_ok: true,
    }
}

/// `pointer code → suggestion` of each finding.
fn found(body: &Value, facts: &ValidationFacts<'_>) -> Vec<String> {
    let mut order = order(body);
    fill_from_catalogue(&mut order, facts.products);
    let shown = |reason: Reason| {
        assert!(reason.detail.ends_with('.'), "{}", reason.detail);
        let suggestion = reason.suggestion.map(|s| format!(" → {s}")).unwrap_or_default();
        format!("{} {}{suggestion}", reason.pointer.unwrap_or_default(), reason.code)
    };
    findings(&order, facts).into_iter().map(shown).collect()
}

/// The example without anything taken off, so that cases can change the goods.
fn plain() -> Value {
    let mut body = api_example();
    set(&mut body, "/discounts", Value::Null);
    set(&mut body, "/lines/0/discounts", Value::Null);
    set(&mut body, "/total", Value::Null);
    body
}

#[test]
fn the_example_of_the_api_document_needs_nobody() {
    let products = catalogue(&[("TEA-100", tea())]);
    assert!(found(&api_example(), &facts(&products)).is_empty());
}

#[test]
fn what_the_order_itself_lacks_is_found() {
    let products = catalogue(&[("TEA-100", tea())]);
    let phone = "/delivery/address/line1 phone_in_address";
    for (pointer, value, expected) in [
        ("/delivery/method", json!(null), vec!["/delivery/method delivery_method_missing"]),
        ("/payment/terms", json!(null), vec!["/payment/terms terms_missing"]),
        ("/delivery/address", json!(null), vec!["/delivery/address address_missing"]),
        ("/delivery/address/city", json!(" "), vec!["/delivery/address address_incomplete"]),
        (
            "/delivery/address/postal_code",
            json!(null),
            vec!["/delivery/address address_incomplete"],
        ),
        (
            "/delivery/address/postal_code",
            json!("123"),
            vec!["/delivery/address/postal_code postal_code → Write it like LT-01103."],
        ),
        ("/delivery/address/country", json!("IE"), vec![]),
        ("/delivery/address", json!({ "line1": "a", "city": "b", "country": "IE" }), vec![]),
        (
            "/delivery/method",
            json!("parcel_locker"),
            vec!["/delivery/pickup_point pickup_point_missing"],
        ),
        ("/delivery", json!({ "method": "pickup" }), vec![]),
        ("/delivery", json!({ "method": "parcel_locker", "pickup_point": "P1" }), vec![]),
        ("/delivery", json!({ "method": "post" }), vec!["/delivery/address address_missing"]),
        ("/delivery/address/line1", json!("+370 612 34567"), vec![phone]),
        ("/delivery/address/line1", json!("8 (612) 34-567"), vec![phone]),
        ("/delivery/address/line1", json!("Gedimino 9, tel. +37061234567"), vec![phone]),
        ("/delivery/address/line1", json!("9-oji g. 12-34"), vec![]),
        ("/delivery/address/line1", json!("12/34"), vec![]),
        ("/delivery/address/line2", json!("Flat 3+4"), vec![]),
        ("/customer/name", json!("ona@example.com"), vec!["/customer/name email_in_name"]),
        ("/customer/company", json!("Tea <tea@x.lt>"), vec!["/customer/company email_in_name"]),
        ("/customer/name", json!("Ona @ home"), vec![]),
        ("/billing/name", json!("a@b.c"), vec!["/billing/name email_in_name"]),
        (
            "/billing/address/city",
            json!("861234567"),
            vec!["/billing/address/city phone_in_address"],
        ),
    ] {
        let mut body = api_example();
        set(&mut body, pointer, value.clone());
        assert_eq!(found(&body, &facts(&products)), expected, "{pointer} = {value}");
    }
}

#[test]
fn the_customer_is_judged_by_what_the_caller_found_out() {
    let products = catalogue(&[("TEA-100", tea())]);
    let usual = facts(&products);
    let body = api_example();
    for (facts, expected) in [
        (ValidationFacts { email_ok: false, ..usual }, vec![]),
        (ValidationFacts { phone_ok: false, ..usual }, vec![]),
        (
            ValidationFacts { email_ok: false, phone_ok: false, ..usual },
            vec!["/customer no_usable_contact"],
        ),
        (ValidationFacts { open_unpaid: 5, ..usual }, vec![]),
        (ValidationFacts { open_unpaid: 6, ..usual }, vec!["/customer open_unpaid_max"]),
    ] {
        assert_eq!(found(&body, &facts), expected);
    }
}

#[test]
fn what_the_catalogue_says_otherwise_is_found() {
    let with = |name: &str, value: Value| {
        let mut product = tea();
        product[name] = value;
        product
    };
    let price = "/lines/0/unit_price";
    for (name, product, pointer, value, expected) in [
        ("as listed", tea(), price, json!("12.5"), vec![]),
        (
            "cheaper",
            tea(),
            price,
            json!("12.49"),
            vec!["/lines/0/unit_price price_differs → 12.50"],
        ),
        ("left out", tea(), price, json!(null), vec![]),
        (
            "other currency",
            with("prices", json!({ "USD": "14", "GBP": "11" })),
            price,
            json!(null),
            vec!["/lines/0/unit_price currency_not_sold → GBP, USD"],
        ),
        (
            "no price to compare with",
            with("prices", json!({})),
            price,
            json!("12.50"),
            vec!["/lines/0/unit_price currency_not_sold"],
        ),
        (
            "other tax",
            tea(),
            "/lines/0/tax_rate",
            json!("0.09"),
            vec!["/lines/0/tax_rate tax_rate_differs → 0.21"],
        ),
        ("tax left out", tea(), "/lines/0/tax_rate", json!(null), vec![]),
        ("unknown", tea(), "/lines/0/sku", json!("TEA-1"), vec!["/lines/0/sku unknown_sku"]),
        (
            "inactive",
            with("active", json!(false)),
            price,
            json!("12.50"),
            vec!["/lines/0/sku inactive_sku"],
        ),
        (
            "half a piece",
            tea(),
            "/lines/0/quantity",
            json!(1.5),
            vec!["/lines/0/quantity quantity_places"],
        ),
        (
            "half a pack",
            with("packing_unit", json!(6)),
            "/lines/0/quantity",
            json!(7),
            vec!["/lines/0/quantity packing_unit → 12"],
        ),
        ("two packs", with("packing_unit", json!(6)), "/lines/0/quantity", json!(12), vec![]),
        (
            "too few",
            with("min_quantity", json!(10)),
            "/lines/0/quantity",
            json!(9),
            vec!["/lines/0/quantity below_min_quantity → 10"],
        ),
        ("enough", with("min_quantity", json!(10)), "/lines/0/quantity", json!(10), vec![]),
    ] {
        let products = catalogue(&[("TEA-100", product)]);
        let mut body = plain();
        set(&mut body, pointer, value);
        assert_eq!(found(&body, &facts(&products)), expected, "{name}");
    }
}

#[test]
fn a_price_list_may_be_finer_than_its_currency() {
    let mut products = catalogue(&[("TEA-100", tea())]);
    let fine = Price { value: 12_500_001, places: 6 };
    apply_prices(&mut products, Currency::EUR, &BTreeMap::from([("TEA-100".to_owned(), fine)]));
    let mut body = plain();
    set(&mut body, "/lines/0/unit_price", json!("12.50"));
    assert_eq!(found(&body, &facts(&products)), ["/lines/0/unit_price price_differs → 12.500001"]);
}

#[test]
fn whether_the_tax_is_in_the_prices_is_the_lists_word() {
    let products = catalogue(&[("TEA-100", tea())]);
    let usual = facts(&products);
    let net = ValidationFacts { list_without_tax: true, ..usual };
    let with_tax = plain();
    let mut without = plain();
    set(&mut without, "/prices_include_tax", json!(false));
    let differs =
        |list: bool| vec![format!("/prices_include_tax prices_include_tax_differs → {list}")];
    assert!(found(&with_tax, &usual).is_empty());
    assert!(found(&without, &net).is_empty());
    assert_eq!(found(&with_tax, &net), differs(false));
    assert_eq!(found(&without, &usual), differs(true));
    let trusted = ValidationFacts { trusted_prices: true, ..net };
    assert!(found(&with_tax, &trusted).is_empty());
}

#[test]
fn shipping_with_less_tax_than_the_goods_is_looked_at() {
    let products = catalogue(&[("TEA-100", tea())]);
    let mut body = plain();
    for (rate, expected) in [
        ("0", vec!["/shipping/tax_rate tax_rate_differs → 0.21"]),
        ("0.209", vec!["/shipping/tax_rate tax_rate_differs → 0.21"]),
        ("0.21", vec![]),
        ("0.25", vec![]),
    ] {
        set(&mut body, "/shipping/tax_rate", json!(rate));
        assert_eq!(found(&body, &facts(&products)), expected, "{rate}");
        let trusted = ValidationFacts { trusted_prices: true, ..facts(&products) };
        assert!(found(&body, &trusted).is_empty());
    }
    // Nothing is charged, so nothing is taxed.
    set(&mut body, "/shipping/tax_rate", json!("0"));
    set(&mut body, "/shipping/amount", json!("0.00"));
    assert!(found(&body, &facts(&products)).is_empty());
}

#[test]
fn what_is_too_little_and_no_whole_pack_is_told_as_both() {
    let mut product = tea();
    product["packing_unit"] = json!(6);
    product["min_quantity"] = json!(12);
    let products = catalogue(&[("TEA-100", product)]);
    let mut body = plain();
    set(&mut body, "/lines/0/quantity", json!(10));
    let pointer = "/lines/0/quantity";
    let both = ["below_min_quantity", "packing_unit"].map(|code| format!("{pointer} {code} → 12"));
    assert_eq!(found(&body, &facts(&products)), both);
    set(&mut body, "/lines/0/quantity", json!(6));
    assert_eq!(found(&body, &facts(&products)), [both[0].clone()]);
}

#[test]
fn a_client_that_may_set_prices_is_not_compared() {
    let products = catalogue(&[("TEA-100", tea())]);
    let trusted = ValidationFacts { trusted_prices: true, ..facts(&products) };
    let mut body = plain();
    set(&mut body, "/lines/0/unit_price", json!("1.00"));
    set(&mut body, "/lines/0/tax_rate", json!("0.05"));
    assert!(found(&body, &trusted).is_empty());
    let priceless = catalogue(&[("TEA-100", json!({}))]);
    let trusted = ValidationFacts { products: &priceless, ..trusted };
    assert!(found(&body, &trusted).is_empty());
    set(&mut body, "/lines/0/unit_price", Value::Null);
    assert_eq!(found(&body, &trusted), ["/lines/0/unit_price currency_not_sold"]);
}

#[test]
fn lines_of_one_article_are_added_up_before_packs_are_counted() {
    let mut product = tea();
    product["packing_unit"] = json!(6);
    product["min_quantity"] = json!(12);
    let products = catalogue(&[("TEA-100", product.clone()), ("ALE", product)]);
    let of = |lines: &[(&str, u32)]| {
        let mut body = plain();
        body["lines"] =
            lines.iter().map(|(sku, units)| json!({ "sku": sku, "quantity": units })).collect();
        found(&body, &facts(&products))
    };
    assert!(of(&[("TEA-100", 5), ("TEA-100", 7)]).is_empty());
    assert_eq!(of(&[("TEA-100", 5), ("TEA-100", 8)]), ["/lines/0/quantity packing_unit → 18"]);
    assert_eq!(
        of(&[("TEA-100", 5), ("ALE", 13), ("TEA-100", 6)]),
        [
            "/lines/0/quantity below_min_quantity → 12",
            "/lines/0/quantity packing_unit → 12",
            "/lines/1/quantity packing_unit → 18"
        ]
    );
}

#[test]
fn a_total_that_is_not_ours_shows_both() {
    let products = catalogue(&[("TEA-100", tea())]);
    let usual = facts(&products);
    let tolerant = ValidationFacts { total_tolerance: Amount(2), ..usual };
    let mut body = api_example();
    for (stated, facts, is_found) in [
        ("21.49", usual, false),
        ("21.50", usual, true),
        ("21.48", usual, true),
        ("21.51", tolerant, false),
        ("21.47", tolerant, false),
        ("21.52", tolerant, true),
        ("0", usual, true),
    ] {
        set(&mut body, "/total", json!(stated));
        let expected: &[&str] = if is_found { &["/total total_mismatch → 21.49"] } else { &[] };
        assert_eq!(found(&body, &facts), expected, "{stated}");
    }
    let mut order = order(&body);
    fill_from_catalogue(&mut order, &products);
    let detail = &findings(&order, &usual)[0].detail;
    assert_eq!(detail, "The stated total is 0.00 EUR, ours is 21.49 EUR.");
}

#[test]
fn a_total_is_not_compared_while_a_price_is_missing() {
    let products = catalogue(&[]);
    let mut body = api_example();
    set(&mut body, "/lines/0/unit_price", Value::Null);
    assert_eq!(found(&body, &facts(&products)), ["/lines/0/sku unknown_sku"]);
}

#[test]
fn discounts_that_only_the_catalogue_s_prices_show_to_be_too_large_are_found() {
    let mut cheap = tea();
    cheap["prices"] = json!({ "EUR": "1.00" });
    let products = catalogue(&[("TEA-100", cheap)]);
    let mut body = api_example();
    set(&mut body, "/lines/0/unit_price", Value::Null);
    set(&mut body, "/total", Value::Null);
    assert_eq!(
        found(&body, &facts(&products)),
        ["/lines/0/discounts discount_too_large", "/discounts discount_too_large"]
    );
}

#[test]
fn reverse_charge_needs_the_buyer_s_vat_number() {
    let mut product = tea();
    product["tax_rate"] = Value::Null;
    let products = catalogue(&[("TEA-100", product)]);
    let mut body = plain();
    set(&mut body, "/lines/0/tax_rate", Value::Null);
    set(&mut body, "/lines/0/tax_category", json!("reverse_charge"));
    assert_eq!(found(&body, &facts(&products)), ["/billing/tax_id tax_id_missing"]);
    set(&mut body, "/billing/tax_id", json!("LT100000000000"));
    assert!(found(&body, &facts(&products)).is_empty());
}

#[test]
fn the_catalogue_fills_in_what_the_order_leaves_out_and_nothing_else() {
    let mut product = tea();
    product["prices"] = json!({});
    let mut products = catalogue(&[("TEA-100", product)]);
    let fine = Price { value: 123_456, places: 4 };
    apply_prices(&mut products, Currency::EUR, &BTreeMap::from([("TEA-100".to_owned(), fine)]));
    let mut body = plain();
    body["lines"] = json!([
        { "sku": "TEA-100", "quantity": 3 },
        { "sku": "TEA-100", "quantity": 1, "name": "Own", "unit_price": "1", "tax_rate": "0.05" },
        { "sku": "TEA-100", "quantity": 1, "unit_price": "2.00", "tax_category": "export" },
        { "sku": "OTHER", "quantity": 1 },
    ]);
    let mut order = order(&body);
    fill_from_catalogue(&mut order, &products);
    let shown: Vec<_> = order
        .lines
        .iter()
        .map(|line| {
            let d = &line.detail;
            let rate = d.tax_rate.map(|rate| rate.to_string());
            (d.name.as_deref(), d.unit_price, d.price_places, rate, d.total.0)
        })
        .collect();
    let rate = |text: &str| Some(text.to_owned());
    assert_eq!(
        shown,
        [
            (Some("Green tea"), Some(123_456), 4, rate("0.21"), 3704),
            (Some("Own"), Some(100), 2, rate("0.05"), 100),
            (Some("Green tea"), Some(200), 2, rate("0"), 200),
            (None, None, 2, None, 0),
        ]
    );
    assert_eq!(order.totals.goods, Amount(4004));
}

#[test]
fn an_order_carries_a_bounded_number_of_reasons() {
    let products = catalogue(&[]);
    let mut body = plain();
    body["lines"] = Value::from(vec![json!({ "sku": "A", "quantity": 1 }); 100]);
    let found = found(&body, &facts(&products));
    assert_eq!(found.len(), REASONS_MAX);
    assert_eq!(found.last().map(String::as_str), Some(" more_reasons"));
}

#[test]
fn no_reason_repeats_what_the_customer_wrote() {
    let products = catalogue(&[("TEA-100", tea())]);
    let mut body = api_example();
    set(&mut body, "/customer/name", json!("secret@example.com"));
    set(&mut body, "/delivery/address/line1", json!("+37069999999"));
    set(&mut body, "/delivery/address/postal_code", json!("77777777"));
    let mut order = order(&body);
    fill_from_catalogue(&mut order, &products);
    let facts = ValidationFacts { email_ok: false, phone_ok: false, ..facts(&products) };
    let findings = findings(&order, &facts);
    assert_eq!(findings.len(), 4);
    let text = serde_json::to_string(&findings).unwrap();
    for secret in ["secret", "69999999", "77777777"] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn what_is_cancelled_is_not_charged_and_discounts_shrink_with_their_goods() {
    let mut ordered = order(&api_example());
    reckon_order(&mut ordered);
    assert_eq!(reckon_remaining(&ordered), ordered.totals);
    ordered.lines[0].cancelled = Quantity::units(1);
    reckon_order(&mut ordered);
    assert_eq!(ordered.totals, reckon_remaining(&ordered));
    assert_eq!(ordered.lines[0].detail.total, Amount(2250));
    // 12.50 less 1.25 less 2.50, and the whole shipping.
    let left = reckon_remaining(&ordered);
    assert_eq!((left.goods, left.discount, left.gross), (Amount(1250), Amount(375), Amount(1274)));
    ordered.lines[0].cancelled = Quantity::units(2);
    assert_eq!(reckon_remaining(&ordered).gross, Amount::ZERO);
}

proptest! {
    #[test]
    fn cancelling_more_never_makes_an_order_dearer(
        lines in prop::collection::vec(
            (1..50_i64, 0..5_000_i64, 0..2_000_i64, 0..=50_i64, 0..=50_i64),
            1..6,
        ),
        off in 0..20_000_i64,
        include_tax in any::<bool>(),
    ) {
        let mut body = api_example();
        body["lines"] = Value::from(vec![json!({ "sku": "A", "quantity": 1 }); lines.len()]);
        set(&mut body, "/discounts", Value::Null);
        set(&mut body, "/total", Value::Null);
        let mut ordered = order(&body);
        ordered.prices_include_tax = include_tax;
        ordered.placed.discounts.push(crate::order::placed::Discount {
            amount: Amount(off),
            ..crate::order::placed::Discount::default()
        });
        for (line, (quantity, price, discount, _, _)) in ordered.lines.iter_mut().zip(&lines) {
            line.quantity = Quantity::units(*quantity);
            line.detail.unit_price = Some(*price);
            let code = String::new();
            let amount = Amount(*discount);
            line.detail.discounts = vec![crate::order::line::LineDiscount { code, amount }];
        }
        reckon_order(&mut ordered);
        let cancel = |order: &Order, of: fn(&(i64, i64, i64, i64, i64)) -> i64| {
            let mut order = order.clone();
            for (line, sizes) in order.lines.iter_mut().zip(&lines) {
                line.cancelled = Quantity::units(of(sizes).min(sizes.0));
            }
            reckon_remaining(&order)
        };
        let some = cancel(&ordered, |sizes| sizes.3);
        let more = cancel(&ordered, |sizes| sizes.3.max(sizes.4));
        // Rounding of the spread discounts may move a cent for each line.
        let cents = i64::try_from(lines.len()).unwrap();
        prop_assert!(some.gross.0 <= ordered.totals.gross.0 + cents);
        prop_assert!(more.gross.0 <= some.gross.0 + cents);
        prop_assert!(some.net.0 >= 0 && some.tax.0 >= 0);
    }
}
