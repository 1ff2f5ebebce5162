//! Bodies of stock movements and products.

use super::{only, set, shown};
use crate::intake::{MovementKind, Price, Product, parse_movements, parse_product};
use crate::money::Currency;
use crate::quantity::Quantity;
use serde_json::{Value, json};

fn movement(kind: &str, quantity: Value) -> Value {
    let mut movement =
        json!({ "sku": "TEA-100", "warehouse": "VNO", "type": kind, "quantity": quantity });
    if kind == "transfer" {
        movement["to"] = json!("KUN");
    }
    json!({ "movements": [movement] })
}

#[test]
fn each_kind_of_movement_has_its_own_quantities() {
    let all = [
        "receipt",
        "scrap",
        "return",
        "transfer",
        "manual_reserve",
        "manual_release",
        "count",
        "adjust",
    ];
    for kind in all {
        for quantity in [json!(-1), json!(0), json!(0.5), json!(1_000_000_000)] {
            let expected = match (kind, quantity.as_f64().unwrap()) {
                ("count", q) if q < 0.0 => "/movements/0/quantity quantity_negative",
                ("adjust", 0.0) => "/movements/0/quantity quantity_zero",
                ("adjust" | "count", _) => "",
                (_, q) if q <= 0.0 => "/movements/0/quantity quantity_not_positive",
                _ => "",
            };
            let found = only(parse_movements(&movement(kind, quantity.clone())));
            assert_eq!(found, expected, "{kind} {quantity}");
        }
    }
}

#[test]
fn a_transfer_and_only_a_transfer_goes_somewhere() {
    for (kind, to, expected) in [
        ("transfer", json!("KUN"), ""),
        ("transfer", json!(null), "/movements/0/to required"),
        ("transfer", json!("VNO"), "/movements/0/to same_warehouse"),
        ("transfer", json!("K N"), "/movements/0/to warehouse_malformed"),
        ("receipt", json!("KUN"), "/movements/0/to not_with_type"),
        ("receipt", json!(null), ""),
    ] {
        let mut body = movement(kind, json!(1));
        set(&mut body, "/movements/0/to", to.clone());
        assert_eq!(only(parse_movements(&body)), expected, "{kind} to {to}");
    }
}

#[test]
fn movements_are_checked_at_their_edges() {
    let of = |name: &str, value: Value| {
        let mut body = movement("receipt", json!(1));
        set(&mut body, &format!("/movements/0/{name}"), value);
        only(parse_movements(&body))
    };
    assert_eq!(of("warehouse", json!("A_b-9")), "");
    assert_eq!(of("warehouse", json!("x".repeat(32))), "");
    assert_eq!(
        of("warehouse", json!("x".repeat(33))),
        "/movements/0/warehouse warehouse_malformed"
    );
    assert_eq!(of("warehouse", json!("Ž")), "/movements/0/warehouse warehouse_malformed");
    assert_eq!(of("warehouse", json!("")), "/movements/0/warehouse required");
    assert_eq!(of("type", json!("steal")), "/movements/0/type unknown_value");
    assert_eq!(of("type", json!(null)), "/movements/0/type required");
    assert_eq!(of("quantity", json!(null)), "/movements/0/quantity required");
    assert_eq!(of("quantity", json!(1_000_000_001)), "/movements/0/quantity quantity_too_large");
    let low = only(parse_movements(&movement("adjust", json!(-1_000_000_001))));
    assert_eq!(low, "/movements/0/quantity quantity_too_large");
    assert_eq!(of("sku", json!("T\t")), "/movements/0/sku sku_malformed");
    assert_eq!(of("warehous", json!("VNO")), "/movements/0/warehous unknown_field");
    let many = |count: usize| {
        let one = movement("receipt", json!(1))["movements"][0].clone();
        json!({ "movements": vec![one; count] })
    };
    assert_eq!(only(parse_movements(&many(0))), "/movements movements_empty");
    assert_eq!(only(parse_movements(&many(50))), "");
    assert_eq!(only(parse_movements(&many(51))), "/movements too_many");
    assert_eq!(only(parse_movements(&json!({}))), "/movements required");
    let [one] = &parse_movements(&movement("adjust", json!(-1.5))).unwrap()[..] else { panic!() };
    assert_eq!((one.kind, one.quantity), (MovementKind::Adjust, Quantity::thousandths(-1_500)));
}

#[test]
fn a_product_reads_as_the_document_shows_it_and_shows_what_it_read() {
    let body = json!({
        "name": "Green tea", "prices": { "EUR": "12.50", "JPY": "1900" }, "tax_rate": "0.21",
        "tax_class": "food", "unit": "kg", "quantity_places": 3, "packing_unit": 0.5,
        "min_quantity": 1, "lead_time_days": 3, "parts": [], "active": false
    });
    let product = parse_product("TEA-100", &body).unwrap();
    assert_eq!(product.price(Currency::EUR), Some(Price { value: 1250, places: 2 }));
    let mut expected = body.clone();
    expected["sku"] = json!("TEA-100");
    assert_eq!(product.to_json(), expected);
    let stored = serde_json::to_string(&product).unwrap();
    assert_eq!(serde_json::from_str::<Product>(&stored).unwrap(), product);
    let least = parse_product("A", &json!({})).unwrap();
    assert!(least.active && least.name == "A" && least.quantity_places == 0);
}

#[test]
fn products_are_checked_at_their_edges() {
    for (pointer, value, expected) in [
        ("/prices/EUR", json!("12.50"), ""),
        ("/prices/EUR", json!("12.505"), "/prices/EUR decimal_places"),
        ("/prices/JPY", json!("15"), ""),
        ("/prices/JPY", json!("1.5"), "/prices/JPY decimal_places"),
        ("/prices/KWD", json!("1.005"), ""),
        ("/prices/EUR", json!("0.0000001"), "/prices/EUR decimal_places"),
        ("/prices/EUR", json!("-1"), "/prices/EUR amount_negative"),
        ("/prices/EUR", json!(12.5), "/prices/EUR wrong_type"),
        ("/prices/eur", json!("1"), "/prices/eur unknown_currency"),
        ("/prices/EUR", json!("99999999999999999999"), "/prices/EUR amount_too_large"),
        ("/prices", json!("1"), "/prices wrong_type"),
        ("/tax_rate", json!("1.1"), "/tax_rate tax_rate_range"),
        ("/quantity_places", json!(3), ""),
        ("/quantity_places", json!(4), "/quantity_places out_of_range"),
        ("/quantity_places", json!(-1), "/quantity_places out_of_range"),
        ("/packing_unit", json!(0), "/packing_unit quantity_not_positive"),
        ("/packing_unit", json!(0.5), "/packing_unit quantity_places"),
        ("/min_quantity", json!("1"), "/min_quantity wrong_type"),
        ("/lead_time_days", json!(0), ""),
        ("/lead_time_days", json!(3_651), "/lead_time_days out_of_range"),
        ("/active", json!("yes"), "/active wrong_type"),
        ("/actve", json!(true), "/actve unknown_field"),
        ("/sku", json!("TEA-100"), ""),
        ("/sku", json!("TEA-200"), "/sku sku_differs"),
    ] {
        let mut body = json!({ "name": "Tea", "prices": {} });
        set(&mut body, pointer, value.clone());
        assert_eq!(only(parse_product("TEA-100", &body)), expected, "{pointer} = {value}");
    }
    assert_eq!(shown(parse_product("A B", &json!([]))), ["/sku sku_malformed", " wrong_type"]);
}

#[test]
fn prices_are_equal_by_value_and_not_by_places() {
    let price = |text: &str| Price::parse(text, 2).unwrap();
    assert_eq!(price("12.5").to_string(), "12.50");
    assert_eq!(price("12.500000").to_string(), "12.50");
    assert_eq!(price("0.0125").to_string(), "0.0125");
    assert!(price("12.5").equals(12_500_000, 6));
    assert!(price("0.0125").equals(125, 4));
    assert!(!price("12.505").equals(1_250, 2));
}
