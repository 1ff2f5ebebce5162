//! What totals must be: the documents' examples, and what holds for any numbers.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use super::*;
use crate::money::{AMOUNT_MINOR_MAX, RATE_SCALE, Rate};
use crate::order::placed::DiscountScope;
use crate::quantity::Quantity;
use proptest::prelude::*;

fn rate(text: &str) -> Rate {
    Rate::parse(text).unwrap()
}

/// A line of whole units at a price in cents.
fn line(units: i64, cents: i64, tax: &str) -> PricedLine {
    PricedLine {
        quantity: Quantity::units(units),
        unit_price: cents,
        price_places: 2,
        tax_rate: rate(tax),
        ..PricedLine::default()
    }
}

fn euros(prices_include_tax: bool, lines: Vec<PricedLine>) -> PriceInput {
    PriceInput { places: 2, prices_include_tax, lines, ..PriceInput::default() }
}

fn charge(cents: i64, tax: Option<&str>) -> PricedCharge {
    PricedCharge { amount: Amount(cents), tax_rate: tax.map(rate) }
}

fn discount(cents: i64, scope: DiscountScope) -> PricedDiscount {
    PricedDiscount { amount: Amount(cents), scope }
}

/// `goods discount shipping fees | net tax gross | rate category net tax, …`
fn shown(totals: &Totals) -> String {
    let rows: Vec<String> = totals
        .taxes
        .iter()
        .map(|row| format!("{} {:?} {} {}", row.rate, row.category, row.net.0, row.tax.0))
        .collect();
    let t = totals;
    format!(
        "{} {} {} {} | {} {} {} | {}",
        t.goods.0,
        t.discount.0,
        t.shipping.0,
        t.fees.0,
        t.net.0,
        t.tax.0,
        t.gross.0,
        rows.join(", ")
    )
}

fn totals(input: &PriceInput) -> String {
    shown(&reckon(input).totals)
}

#[test]
fn the_example_of_the_api_document_comes_out_to_the_cent() {
    let mut tea = line(2, 1250, "0.21");
    tea.discount = Amount(250);
    let input = PriceInput {
        discounts: vec![discount(500, DiscountScope::Order)],
        shipping: Some(charge(399, Some("0.21"))),
        ..euros(true, vec![tea])
    };
    let reckoning = reckon(&input);
    assert_eq!(shown(&reckoning.totals), "2500 750 399 0 | 1776 373 2149 | 0.21 Standard 1776 373");
    assert_eq!(reckoning.line_totals, [Amount(2250)]);
}

#[test]
fn tax_by_rate_and_by_line_differ_as_the_practice_figure_says() {
    let mut input = euros(false, vec![line(1, 1003, "0.21"); 3]);
    let by_rate = reckon(&input);
    assert_eq!(by_rate.totals.tax, Amount(632));
    let taxes: Vec<i64> = by_rate.line_shares.iter().map(|share| share.tax.0).collect();
    assert_eq!(taxes, [211, 211, 210]);
    input.tax_rounding = TaxRounding::Line;
    assert_eq!(reckon(&input).totals.tax, Amount(633));
}

#[test]
fn an_invoice_breaks_its_tax_down_by_rate_and_category() {
    // After the examples of EN 16931: several rates, an allowance on the document, a charge.
    let exempt = PricedLine { tax_category: TaxCategory::Exempt, ..line(1, 2500, "0") };
    let lines = vec![line(2, 10_000, "0.25"), line(5, 1999, "0.12"), exempt];
    let input = PriceInput {
        discounts: vec![discount(3250, DiscountScope::Order)],
        fees: vec![charge(1000, Some("0.25"))],
        ..euros(false, lines)
    };
    // 200.00 + 99.95 + 25.00 = 324.95; the allowance of 32.50 goes 20.00, 10.00, 2.50.
    assert_eq!(
        totals(&input),
        "32495 3250 0 1000 | 30245 5829 36074 | \
         0.25 Standard 19000 4750, 0.12 Standard 8995 1079, 0 Exempt 2250 0"
    );
}

#[test]
fn figures_come_out_as_a_table_says() {
    let kilo = PricedLine {
        quantity: Quantity::thousandths(1_333),
        unit_price: 1_234_567,
        price_places: 6,
        tax_rate: rate("0.09"),
        ..PricedLine::default()
    };
    let half_up = PricedLine { quantity: Quantity::thousandths(500), ..line(0, 1, "0.2") };
    let yen = PriceInput {
        places: 0,
        ..euros(
            true,
            vec![PricedLine {
                quantity: Quantity::units(3),
                unit_price: 100,
                tax_rate: rate("0.1"),
                ..PricedLine::default()
            }],
        )
    };
    let shipping = |own: Option<&str>, lines: Vec<PricedLine>| PriceInput {
        shipping: Some(charge(399, own)),
        ..euros(true, lines)
    };
    let two = || vec![line(1, 1000, "0.09"), line(1, 1000, "0.21")];
    let reverse = PricedLine { tax_category: TaxCategory::ReverseCharge, ..line(1, 1000, "0") };
    let cases = [
        ("nothing", euros(true, vec![]), "0 0 0 0 | 0 0 0 | "),
        ("a gift", euros(true, vec![line(1, 0, "0.21")]), "0 0 0 0 | 0 0 0 | 0.21 Standard 0 0"),
        ("six places", euros(true, vec![kilo]), "165 0 0 0 | 151 14 165 | 0.09 Standard 151 14"),
        ("half a cent", euros(false, vec![half_up]), "1 0 0 0 | 1 0 1 | 0.2 Standard 1 0"),
        ("no minor unit", yen, "300 0 0 0 | 273 27 300 | 0.1 Standard 273 27"),
        (
            "a rate of nothing is category zero",
            euros(true, vec![line(1, 1000, "0")]),
            "1000 0 0 0 | 1000 0 1000 | 0 Zero 1000 0",
        ),
        (
            "shipping follows the highest rate",
            shipping(None, two()),
            "2000 0 399 0 | 2073 326 2399 | 0.21 Standard 1156 243, 0.09 Standard 917 83",
        ),
        (
            "shipping has its own rate",
            shipping(Some("0.05"), vec![line(1, 1000, "0.21")]),
            "1000 0 399 0 | 1206 193 1399 | 0.21 Standard 826 174, 0.05 Standard 380 19",
        ),
        (
            "shipping of goods under reverse charge is under it too",
            shipping(None, vec![reverse]),
            "1000 0 399 0 | 1399 0 1399 | 0 ReverseCharge 1399 0",
        ),
        (
            "shipping for nothing has no row of its own",
            PriceInput {
                shipping: Some(charge(0, Some("0.05"))),
                ..euros(true, vec![line(1, 1000, "0.21")])
            },
            "1000 0 0 0 | 826 174 1000 | 0.21 Standard 826 174",
        ),
        (
            "a discount on shipping leaves the goods alone",
            PriceInput {
                discounts: vec![discount(100, DiscountScope::Shipping)],
                ..shipping(None, vec![line(1, 1000, "0.21")])
            },
            "1000 100 399 0 | 1074 225 1299 | 0.21 Standard 1074 225",
        ),
        (
            "discounts are cut to what they are taken off",
            PriceInput {
                discounts: vec![
                    discount(5000, DiscountScope::Order),
                    discount(5000, DiscountScope::Shipping),
                ],
                ..shipping(None, vec![line(1, 1000, "0.21")])
            },
            "1000 1399 399 0 | 0 0 0 | 0.21 Standard 0 0",
        ),
    ];
    for (name, input, expected) in cases {
        assert_eq!(totals(&input), expected, "{name}");
    }
}

#[test]
fn the_odd_cents_go_to_the_largest_remainders() {
    for (amount, weights, parts) in [
        (100, vec![1, 1, 1], vec![34, 33, 33]),
        (5, vec![3, 3, 3, 1], vec![2, 2, 1, 0]),
        (10, vec![0, 5, 0], vec![0, 10, 0]),
        (7, vec![0, 0], vec![0, 0]),
        (0, vec![4, 2], vec![0, 0]),
        (6, vec![1, 2, 3], vec![1, 2, 3]),
    ] {
        assert_eq!(spread(amount, &weights), parts, "{amount} over {weights:?}");
    }
}

fn any_rate() -> impl Strategy<Value = Rate> {
    prop_oneof![
        prop::sample::select(vec!["0", "0.05", "0.055", "0.09", "0.19", "0.21", "0.25", "1"])
            .prop_map(rate),
        (0..=RATE_SCALE).prop_map(|m| rate(&crate::money::format_decimal(m, 6))),
    ]
}

fn any_category() -> impl Strategy<Value = TaxCategory> {
    prop::sample::select(vec![
        TaxCategory::Standard,
        TaxCategory::Zero,
        TaxCategory::Exempt,
        TaxCategory::ReverseCharge,
        TaxCategory::Export,
    ])
}

/// Figures of every size, also such as the intake refuses.
fn any_figure() -> impl Strategy<Value = i64> {
    prop_oneof![8 => 0..100_000_i64, 1 => any::<i64>(), 1 => AMOUNT_MINOR_MAX - 5..AMOUNT_MINOR_MAX]
}

fn any_line() -> impl Strategy<Value = PricedLine> {
    (any_figure(), any_figure(), 0..8_u32, any_rate(), any_category(), any_figure()).prop_map(
        |(quantity, unit_price, price_places, tax_rate, tax_category, discount)| PricedLine {
            quantity: Quantity::thousandths(quantity),
            unit_price,
            price_places,
            tax_rate,
            tax_category,
            discount: Amount(discount),
        },
    )
}

fn any_charge() -> impl Strategy<Value = PricedCharge> {
    (any_figure(), prop::option::of(any_rate()))
        .prop_map(|(amount, tax_rate)| PricedCharge { amount: Amount(amount), tax_rate })
}

fn any_discount() -> impl Strategy<Value = PricedDiscount> {
    let scope = prop::sample::select(vec![DiscountScope::Order, DiscountScope::Shipping]);
    (any_figure(), scope)
        .prop_map(|(amount, scope)| PricedDiscount { amount: Amount(amount), scope })
}

prop_compose! {
    fn any_input()(
        places in 0..5_u32,
        prices_include_tax in any::<bool>(),
        by_line in any::<bool>(),
        lines in prop::collection::vec(any_line(), 0..12),
        discounts in prop::collection::vec(any_discount(), 0..4),
        shipping in prop::option::of(any_charge()),
        fees in prop::collection::vec(any_charge(), 0..3),
    ) -> PriceInput {
        let tax_rounding = if by_line { TaxRounding::Line } else { TaxRounding::Rate };
        PriceInput { places, prices_include_tax, tax_rounding, lines, discounts, shipping, fees }
    }
}

fn sum(amounts: impl Iterator<Item = Amount>) -> i128 {
    amounts.map(|amount| i128::from(amount.0)).sum()
}

proptest! {
    #[test]
    fn no_cent_appears_or_vanishes(input in any_input()) {
        let Reckoning { totals: t, line_totals, line_shares, shipping_share, fee_shares } =
            reckon(&input);
        let [goods, discount, shipping, fees, net, tax, gross] =
            [t.goods, t.discount, t.shipping, t.fees, t.net, t.tax, t.gross]
                .map(|amount| i128::from(amount.0));
        prop_assert_eq!(net + tax, gross);
        let base = if input.prices_include_tax { gross } else { net };
        prop_assert_eq!(goods - discount + shipping + fees, base);
        prop_assert_eq!(sum(t.taxes.iter().map(|row| row.net)), net);
        prop_assert_eq!(sum(t.taxes.iter().map(|row| row.tax)), tax);

        prop_assert_eq!(line_totals.len(), input.lines.len());
        prop_assert_eq!(line_shares.len(), input.lines.len());
        prop_assert_eq!(fee_shares.len(), input.fees.len());
        let shares: Vec<Share> =
            line_shares.into_iter().chain([shipping_share]).chain(fee_shares).collect();
        prop_assert_eq!(sum(shares.iter().map(|share| share.net)), net);
        prop_assert_eq!(sum(shares.iter().map(|share| share.tax)), tax);
        for share in &shares {
            prop_assert_eq!(share.net.plus(share.tax), share.gross);
            prop_assert!(share.net.0 >= 0 && share.tax.0 >= 0);
        }
        prop_assert!([goods, discount, shipping, fees, net, tax, gross].iter().all(|a| *a >= 0));
    }

    #[test]
    fn tax_by_rate_is_within_half_a_cent_of_the_exact_tax(mut input in any_input()) {
        input.tax_rounding = TaxRounding::Rate;
        for row in reckon(&input).totals.taxes {
            let (one, r) = (i128::from(RATE_SCALE), i128::from(row.rate.millionths()));
            let (net, tax) = (i128::from(row.net.0), i128::from(row.tax.0));
            // Exclusive: |tax − net·r| ≤ ½. Inclusive: |net − gross/(1+r)| ≤ ½.
            let (error, half) = if input.prices_include_tax {
                ((net + tax) * one - net * (one + r), one + r)
            } else {
                (tax * one - net * r, one)
            };
            prop_assert!(error.abs() * 2 <= half, "{row:?}");
        }
    }

    #[test]
    fn parts_of_an_amount_add_up_and_stay_within_a_unit_of_their_due(
        amount in 0..1_000_000_i128,
        weights in prop::collection::vec(0..100_000_i128, 1..20),
    ) {
        let parts = spread(amount, &weights);
        let sum: i128 = weights.iter().sum();
        prop_assert_eq!(parts.iter().sum::<i128>(), if sum == 0 { 0 } else { amount });
        for (part, weight) in parts.iter().zip(&weights) {
            prop_assert!((part * sum - amount * weight).abs() < sum.max(1));
            prop_assert!(amount > sum || part <= weight);
        }
    }
}
