//! The body of an order.

use super::{api_example, defaults, least, only, set, shown};
use crate::intake::{Draft, parse_order};
use crate::money::{Amount, Currency};
use crate::order::placed::DiscountScope;
use crate::order::{Channel, DeliveryMethod, PaymentMethod, Terms};
use crate::quantity::Quantity;
use serde_json::{Value, json};

fn parsed(body: &Value) -> Draft {
    parse_order(body, &defaults()).unwrap()
}

#[test]
fn the_example_of_the_api_document_is_an_order() {
    let draft = parsed(&api_example());
    assert_eq!(draft.external_id.as_deref(), Some("web-100045"));
    assert_eq!((draft.channel, draft.policy.as_str()), (Channel::Webshop, "webshop"));
    assert_eq!((draft.currency, draft.prices_include_tax), (Currency::EUR, true));
    assert_eq!(draft.delivery_method, Some(DeliveryMethod::Courier));
    assert_eq!(draft.country.as_deref(), Some("LT"));
    assert_eq!((draft.terms, draft.method), (Some(Terms::Prepaid), Some(PaymentMethod::Card)));
    assert_eq!(draft.references, ["pi_3Mabc"]);
    assert_eq!(draft.stated_total, Some(Amount(2149)));
    assert!(!draft.ship_together);
    let placed = &draft.placed;
    assert_eq!(placed.customer.name.as_deref(), Some("Ona Kazlauskienė"));
    assert_eq!(placed.customer.time_zone.as_deref(), Some("Europe/Vilnius"));
    assert!(placed.billing.is_none(), "nothing but nulls is no billing");
    assert_eq!(placed.delivery.requested_date.as_deref(), Some("2026-12-01"));
    let shipping = placed.shipping.as_ref().unwrap();
    assert_eq!((shipping.name.as_deref(), shipping.amount), (Some("courier"), Amount(399)));
    assert_eq!(placed.discounts[0].scope, DiscountScope::Order);
    assert_eq!(placed.discounts[0].amount, Amount(500));
    assert_eq!(placed.note.as_deref(), Some("ring twice"));
    assert_eq!(placed.metadata["cart"], "c-77");
    let [line] = draft.lines.as_slice() else { panic!("one line") };
    assert_eq!((line.line, line.sku.as_str(), line.quantity), (1, "TEA-100", Quantity::units(2)));
    assert_eq!((line.detail.unit_price, line.detail.price_places), (Some(1250), 2));
    assert_eq!(line.detail.tax_rate.unwrap().to_string(), "0.21");
    assert_eq!(line.detail.options[0].value, "Ona");
    assert_eq!(line.detail.discounts[0].amount, Amount(250));
    assert!(line.adds_up());
}

#[test]
fn what_an_order_leaves_out_has_its_default() {
    let draft = parsed(&least());
    assert_eq!((draft.channel, draft.policy.as_str()), (Channel::Webshop, "webshop"));
    assert!(draft.prices_include_tax && !draft.ship_together);
    assert_eq!((draft.external_id, draft.terms, draft.stated_total), (None, None, None));
    assert_eq!(draft.lines[0].detail.unit_price, None);
}

#[test]
fn null_counts_as_absent_everywhere() {
    let mut body = least();
    for name in [
        "external_id",
        "channel",
        "policy",
        "prices_include_tax",
        "billing",
        "delivery",
        "payment",
        "ship_together",
        "shipping",
        "discounts",
        "fees",
        "total",
        "metadata",
        "gift",
    ] {
        set(&mut body, &format!("/{name}"), Value::Null);
    }
    for name in ["line", "name", "unit_price", "tax_rate", "tax_category", "options", "discounts"] {
        set(&mut body, &format!("/lines/0/{name}"), Value::Null);
    }
    set(&mut body, "/metadata", json!({ "a": null }));
    assert_eq!(parsed(&body), parsed(&least()));
    assert_eq!(only(parse_order(&Value::Null, &defaults())), " required");
    assert_eq!(
        shown(parse_order(
            &json!({ "currency": null, "customer": null, "lines": null }),
            &defaults()
        )),
        ["/currency required", "/customer required", "/lines required"]
    );
}

#[test]
fn a_text_of_spaces_is_no_text_and_spaces_around_one_are_left_out() {
    let mut body = least();
    set(&mut body, "/customer", json!({ "name": "  Ona \u{a0}", "email": "", "phone": " " }));
    set(&mut body, "/delivery/address", json!({ "line1": " ", "country": "" }));
    let draft = parsed(&body);
    assert_eq!(draft.placed.customer.name.as_deref(), Some("Ona"));
    assert_eq!(draft.placed.customer.email, None);
    assert!(draft.placed.delivery.address.is_none());
    assert_eq!(draft.country, None);
}

#[test]
fn each_rule_holds_at_its_edge() {
    let long = |count: usize| Value::from("ä".repeat(count));
    let pairs =
        |count: usize| -> Value { (0..count).map(|n| (n.to_string(), json!("x"))).collect() };
    let option = |count: usize| vec![json!({ "name": "a", "value": "b" }); count];
    // (where, what, the one problem or nothing)
    let cases = [
        ("/currency", json!("JPY"), "/lines/0/unit_price decimal_places"),
        ("/currency", json!("eur"), "/currency unknown_currency"),
        ("/currency", json!("XAU"), "/currency unknown_currency"),
        ("/currency", json!(978), "/currency wrong_type"),
        ("/channel", json!("partner"), ""),
        ("/channel", json!("web"), "/channel unknown_value"),
        ("/channel", json!(""), "/channel unknown_value"),
        ("/prices_include_tax", json!("true"), "/prices_include_tax wrong_type"),
        ("/prices_include_tax", json!(false), ""),
        ("/total", json!(21.49), "/total wrong_type"),
        ("/total", json!("0"), ""),
        ("/total", json!("-0.01"), "/total amount_negative"),
        ("/total", json!("21.490"), ""),
        ("/total", json!("21.495"), "/total decimal_places"),
        ("/total", json!("21,49"), "/total decimal_malformed"),
        ("/total", json!("99999999999999999999"), "/total amount_too_large"),
        ("/total", json!("10000000000000.00"), ""),
        ("/total", json!("10000000000000.01"), "/total amount_too_large"),
        ("/customer", json!([]), "/customer wrong_type"),
        ("/customer/email", json!("not an address"), ""),
        ("/customer/email", long(255), "/customer/email text_too_long"),
        ("/customer/name", json!("שרה כהן محمد 李雷"), ""),
        ("/customer/name", json!("O\u{0}na"), "/customer/name text_control_character"),
        ("/customer/name", json!("O\nna"), "/customer/name text_control_character"),
        ("/customer/name", json!("\u{202E}anO"), "/customer/name text_bidirectional_control"),
        ("/customer/name", long(200), ""),
        ("/customer/name", long(201), "/customer/name text_too_long"),
        ("/customer/locale", json!("xx-unknown"), ""),
        ("/customer/time_zone", json!("Europe/Atlantis"), "/customer/time_zone unknown_time_zone"),
        ("/customer/time_zone", json!("Etc/Unknown"), "/customer/time_zone unknown_time_zone"),
        ("/customer/time_zone", json!("Asia/Kathmandu"), ""),
        (
            "/customer/preferred_channel",
            json!("pigeon"),
            "/customer/preferred_channel unknown_value",
        ),
        ("/customer/nick", json!("x"), "/customer/nick unknown_field"),
        ("/billing/tax_id", json!("LT100"), ""),
        ("/delivery/method", json!("drone"), "/delivery/method unknown_value"),
        (
            "/delivery/requested_date",
            json!("2026-02-30"),
            "/delivery/requested_date date_malformed",
        ),
        ("/delivery/requested_date", json!("1.12.2026"), "/delivery/requested_date date_malformed"),
        ("/delivery/requested_date", json!("20261201"), "/delivery/requested_date date_malformed"),
        ("/delivery/address/country", json!("lt"), "/delivery/address/country unknown_country"),
        ("/delivery/address/country", json!("UK"), "/delivery/address/country unknown_country"),
        ("/delivery/address/postal_code", json!("nonsense"), ""),
        ("/payment/terms", json!("later"), "/payment/terms unknown_value"),
        ("/payment/method", json!("bank_transfer"), ""),
        ("/payment/references", json!(["a", ""]), "/payment/references/1 required"),
        ("/payment/references", json!("pi"), "/payment/references wrong_type"),
        ("/note", json!("ring\ntwice"), ""),
        ("/note", long(2_001), "/note text_too_long"),
        ("/gift", json!({ "text": "For Ona" }), ""),
        ("/gift", json!({ "text": ["\u{2066}"] }), "/gift text_bidirectional_control"),
        ("/gift", long(4_000), "/gift text_too_long"),
        ("/metadata", pairs(50), ""),
        ("/metadata", pairs(51), "/metadata too_many"),
        ("/metadata", json!({ "anything at~all/": " x " }), ""),
        ("/metadata", json!({ "a~/": 1 }), "/metadata/a~0~1 wrong_type"),
        ("/metadata", json!({ "": "x" }), "/metadata/ required"),
        ("/metadata", json!({ "k\0": "x" }), "/metadata/k\0 text_control_character"),
        ("/metadata/n", json!(7), "/metadata/n wrong_type"),
        ("/metadata/v", long(500), ""),
        ("/metadata/v", long(501), "/metadata/v text_too_long"),
        ("/metadata/v", json!("\u{200F}"), "/metadata/v text_bidirectional_control"),
        ("/metdata", json!({}), "/metdata unknown_field"),
        ("/lines", json!([]), "/lines lines_empty"),
        ("/lines", json!({}), "/lines wrong_type"),
        ("/lines", json!([null]), "/lines/0 required"),
        ("/lines/0/sku", json!(""), "/lines/0/sku required"),
        ("/lines/0/sku", json!("A B"), "/lines/0/sku sku_malformed"),
        ("/lines/0/sku", json!("A\u{200B}B"), "/lines/0/sku sku_malformed"),
        ("/lines/0/sku", json!("ЧАЙ-100/а#1"), ""),
        ("/lines/0/sku", long(64), ""),
        ("/lines/0/sku", long(65), "/lines/0/sku sku_malformed"),
        ("/lines/0/sku", json!(100), "/lines/0/sku wrong_type"),
        ("/lines/0/quantity", json!(0), "/lines/0/quantity quantity_not_positive"),
        ("/lines/0/quantity", json!(-1), "/lines/0/quantity quantity_not_positive"),
        ("/lines/0/quantity", json!(1.5), ""),
        ("/lines/0/quantity", json!(1.0005), "/lines/0/quantity quantity_places"),
        ("/lines/0/quantity", json!(1_000_000), ""),
        ("/lines/0/quantity", json!(1_000_000.001), "/lines/0/quantity quantity_too_large"),
        ("/lines/0/quantity", json!(1e300), "/lines/0/quantity quantity_too_large"),
        ("/lines/0/quantity", json!("2"), "/lines/0/quantity wrong_type"),
        ("/lines/0/line", json!(1_000), ""),
        ("/lines/0/line", json!(0), "/lines/0/line out_of_range"),
        ("/lines/0/line", json!(1_001), "/lines/0/line out_of_range"),
        ("/lines/0/line", json!(1.5), "/lines/0/line out_of_range"),
        ("/lines/0/unit_price", json!(12.5), "/lines/0/unit_price wrong_type"),
        ("/lines/0/unit_price", json!("12.505"), "/lines/0/unit_price decimal_places"),
        ("/lines/0/unit_price", json!("-1"), "/lines/0/unit_price amount_negative"),
        ("/lines/0/unit_price", json!("1e3"), "/lines/0/unit_price decimal_malformed"),
        ("/lines/0/tax_rate", json!("1"), ""),
        ("/lines/0/tax_rate", json!("21"), "/lines/0/tax_rate tax_rate_range"),
        ("/lines/0/tax_rate", json!("-0.1"), "/lines/0/tax_rate tax_rate_range"),
        ("/lines/0/tax_rate", json!(0.21), "/lines/0/tax_rate wrong_type"),
        ("/lines/0/tax_category", json!("standard"), ""),
        ("/lines/0/tax_category", json!("exempt"), "/lines/0/tax_rate tax_rate_not_zero"),
        ("/lines/0/tax_category", json!("none"), "/lines/0/tax_category unknown_value"),
        ("/lines/0/options", Value::from(option(20)), ""),
        ("/lines/0/options", Value::from(option(21)), "/lines/0/options too_many"),
        ("/lines/0/options/0/value", json!(null), "/lines/0/options/0/value required"),
        ("/lines/0/discounts/0/amount", json!("20.00"), ""),
        ("/discounts/0/amount", json!("22.50"), ""),
        ("/discounts/0/amount", json!("22.51"), "/discounts discount_too_large"),
        ("/discounts/0/scope", json!("line"), "/discounts/0/scope unknown_value"),
        ("/discounts/0/scope", json!("shipping"), "/discounts discount_too_large"),
        ("/discounts/0/amount", json!(null), "/discounts/0/amount required"),
        ("/shipping/amount", json!("0"), ""),
        ("/shipping/amount", json!(null), "/shipping/amount required"),
        ("/fees/0", json!({ "name": "wrapping", "amount": "1.00" }), ""),
        (
            "/fees/0",
            json!({ "name": "wrapping", "amount": "-1.00" }),
            "/fees/0/amount amount_negative",
        ),
    ];
    for (pointer, value, expected) in cases {
        let mut body = api_example();
        if pointer == "/currency" {
            // Only the unit price has its currency's places.
            body = least();
            body["lines"][0]["unit_price"] = json!("0.5");
        }
        set(&mut body, pointer, value.clone());
        assert_eq!(only(parse_order(&body, &defaults())), expected, "{pointer} = {value}");
    }
}

#[test]
fn all_reasons_come_together() {
    let body = json!({
        "currency": "EURO", "qauntity": 1, "customer": { "name": "a\u{0}" },
        "lines": [{ "sku": "", "quantity": 0, "unit_price": 1 }, { "sku": "B", "unitPrice": "1" }],
        "payment": { "terms": "never" }
    });
    assert_eq!(
        shown(parse_order(&body, &defaults())),
        [
            "/qauntity unknown_field",
            "/currency unknown_currency",
            "/customer/name text_control_character",
            "/payment/terms unknown_value",
            "/lines/0/sku required",
            "/lines/0/quantity quantity_not_positive",
            "/lines/0/unit_price wrong_type",
            "/lines/1/unitPrice unknown_field",
            "/lines/1/quantity required",
        ]
    );
}

#[test]
fn a_refusal_names_the_remedy() {
    for (pointer, value, remedy) in [
        ("/lines/0/unitPrice", json!("1"), "did you mean `unit_price`?"),
        ("/delivery/method", json!("Courier"), "Did you mean `courier`?"),
        (
            "/delivery/method",
            json!("x"),
            "use `courier`, `pickup`, `parcel_locker`, `post` and `shop`.",
        ),
        ("/delivery/address/country", json!("lt"), "did you mean `LT`?"),
        ("/currency", json!("eur"), "did you mean `EUR`?"),
        ("/total", json!(1), "write a decimal number in a string"),
        ("/metadata/a", json!(1), "pairs of strings"),
    ] {
        let mut body = api_example();
        set(&mut body, pointer, value);
        let problems = parse_order(&body, &defaults()).unwrap_err();
        assert!(problems[0].detail.contains(remedy), "{}", problems[0].detail);
    }
}

#[test]
fn an_order_has_up_to_a_thousand_lines() {
    let mut body = least();
    body["lines"] = Value::from(vec![json!({ "sku": "A", "quantity": 1 }); 1_000]);
    let draft = parsed(&body);
    assert_eq!(draft.lines.iter().map(|line| line.line).max(), Some(1_000));
    body["lines"].as_array_mut().unwrap().push(json!({ "sku": "A", "quantity": 1 }));
    assert_eq!(only(parse_order(&body, &defaults())), "/lines lines_too_many");
}

#[test]
fn lines_keep_the_numbers_they_are_given_and_the_others_get_free_ones() {
    let lines = |numbers: &[Option<i64>]| {
        let line = |n: &Option<i64>| json!({ "sku": "A", "quantity": 1, "line": n });
        let mut body = least();
        body["lines"] = numbers.iter().map(line).collect();
        parse_order(&body, &defaults())
    };
    let numbers = |draft: Draft| draft.lines.iter().map(|line| line.line).collect::<Vec<_>>();
    assert_eq!(numbers(lines(&[None, None, None]).unwrap()), [1, 2, 3]);
    assert_eq!(numbers(lines(&[Some(30), Some(10)]).unwrap()), [30, 10]);
    assert_eq!(numbers(lines(&[None, Some(1), None, Some(3)]).unwrap()), [2, 1, 4, 3]);
    assert_eq!(
        shown(lines(&[Some(2), Some(2), Some(2)])),
        ["/lines/1/line duplicate_line", "/lines/2/line duplicate_line"]
    );
}

#[test]
fn a_body_with_endless_mistakes_gets_an_answer_that_ends() {
    let mut body = least();
    for n in 0..5_000 {
        set(&mut body, &format!("/x{n}"), json!(1));
    }
    let problems = parse_order(&body, &defaults()).unwrap_err();
    assert_eq!(problems.len(), 1_001);
    assert_eq!(problems[1_000].code, "more_problems");
    assert!(problems[1_000].detail.starts_with("4000 more"));
    let mut body = least();
    set(&mut body, &format!("/{}", "~".repeat(10_000)), json!(1));
    let problems = parse_order(&body, &defaults()).unwrap_err();
    assert_eq!(problems[0].pointer, format!("/{}", "~0".repeat(100)));
}

#[test]
fn a_discount_takes_off_no_more_than_there_is() {
    let mut body = api_example();
    body["discounts"] = Value::Null;
    let of_line = "/lines/0/discounts discount_too_large";
    for (discounts, expected) in
        [(vec!["25.00"], ""), (vec!["25.01"], of_line), (vec!["24.00", "1.01"], of_line)]
    {
        body["lines"][0]["discounts"] =
            discounts.iter().map(|amount| json!({ "amount": amount })).collect();
        assert_eq!(only(parse_order(&body, &defaults())), expected, "{discounts:?}");
    }
    let mut body = api_example();
    body["discounts"] = json!([{ "amount": "4.00", "scope": "shipping" }]);
    assert_eq!(only(parse_order(&body, &defaults())), "/discounts discount_too_large");
    body["discounts"] = json!([{ "amount": "3.99", "scope": "shipping" }, { "amount": "22.50" }]);
    assert_eq!(parsed(&body).placed.discounts.len(), 2);
    // Where the catalogue knows the price, only validation can say.
    body["lines"][0]["unit_price"] = Value::Null;
    body["discounts"] = json!([{ "amount": "1000.00" }]);
    assert_eq!(only(parse_order(&body, &defaults())), "");
}

#[test]
fn an_order_whose_value_cannot_be_counted_is_refused() {
    let mut body = least();
    let line = json!({ "sku": "A", "quantity": 1_000_000, "unit_price": "10000000.00" });
    body["lines"] = json!([line]);
    assert_eq!(parsed(&body).lines.len(), 1);
    body["lines"] = json!([line, line]);
    assert_eq!(only(parse_order(&body, &defaults())), "/lines amount_too_large");
    body["lines"][1]["unit_price"] = json!("10000000.01");
    assert_eq!(
        shown(parse_order(&body, &defaults())),
        ["/lines/1 amount_too_large", "/lines amount_too_large"]
    );
}
