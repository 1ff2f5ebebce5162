//! What a person must look at before an order goes on (`spec/domain.md`, "Review"), as far as
//! the order and its products tell. Credit and duplicates are judged where they are claimed.
//!
//! Bodies that can't be orders at all never come here: [`crate::intake`] refuses them.

use crate::intake::Product;
use crate::intake::countries::{self, PostalCode};
use crate::money::{Amount, Rate, format_decimal};
use crate::order::placed::{Address, DiscountScope};
use crate::order::{DeliveryMethod, Line, Order, Reason};
use crate::price::{PricedLine, TaxCategory, line_goods, reckon_order};
use crate::quantity::Quantity;
use std::collections::BTreeMap;

/// What validation must know beyond the order.
#[derive(Clone, Copy, Debug)]
pub struct ValidationFacts<'a> {
    /// The catalogue's products of the order's SKUs; a SKU that is not in it is unknown.
    pub products: &'a BTreeMap<String, Product>,
    /// The customer's other orders that are open and unpaid.
    pub open_unpaid: u32,
    /// With more than this the order goes to review; from the policy.
    pub open_unpaid_max: u32,
    /// Whether anything waits for a deposit; from the policy.
    pub takes_deposits: bool,
    /// Whether the client may set prices (right `set_prices`), so that they are not compared.
    pub trusted_prices: bool,
    /// Whether the prices of the order's price list are without their tax; the catalogue's have it.
    pub list_without_tax: bool,
    /// By how much the client's total may differ; from the policy.
    pub total_tolerance: Amount,
    /// Whether the customer's e-mail address is there and well formed.
    pub email_ok: bool,
    /// Whether the customer's telephone is there and a possible number.
    pub phone_ok: bool,
}

/// How many reasons an order carries; the last then says how many more there are.
pub const REASONS_MAX: usize = 20;

/// Everything a person must look at, in the order of the order's fields; at most
/// [`REASONS_MAX`].
///
/// The order's totals must be reckoned: [`fill_from_catalogue`] goes before.
#[must_use]
pub fn findings(order: &Order, facts: &ValidationFacts<'_>) -> Vec<Reason> {
    let mut findings = Findings::default();
    customer(order, facts, &mut findings);
    delivery(order, &mut findings);
    if order.terms.is_none() {
        findings.add("terms_missing", "/payment/terms", "The order does not say who pays when.");
    }
    if order.deposit().is_some() && !facts.takes_deposits {
        let detail = "Nothing in the order's lifecycle waits for a deposit: agree on other terms.";
        findings.add("deposit_not_awaited", "/payment/terms", detail);
    }
    for (index, line) in order.lines.iter().enumerate() {
        match facts.products.get(&line.sku) {
            None => {
                let pointer = format!("/lines/{index}/sku");
                findings.add("unknown_sku", pointer, "The catalogue has no article of this SKU.");
            }
            Some(product) => article(order, index, line, product, facts, &mut findings),
        }
    }
    tax_in_prices(order, facts, &mut findings);
    packing(order, facts, &mut findings);
    discounts(order, &mut findings);
    total(order, facts, &mut findings);
    findings.bounded()
}

/// Fills in names, unit prices and tax rates that the order leaves out, and what bundles are made of
/// while none of the line's stock was looked for; reckons its totals.
///
/// The catalogue's price is taken as the order's prices are: with the tax, or without it.
pub fn fill_from_catalogue(order: &mut Order, products: &BTreeMap<String, Product>) {
    let currency = order.currency;
    for line in &mut order.lines {
        let Some(product) = products.get(&line.sku) else { continue };
        let with_stock = line.is_with_stock();
        let detail = &mut line.detail;
        if !with_stock {
            detail.parts.clone_from(&product.parts);
        }
        if detail.name.is_none() {
            detail.name = Some(product.name.clone());
        }
        if let (None, Some(price)) = (detail.unit_price, product.price(currency)) {
            detail.unit_price = Some(price.value);
            detail.price_places = price.places;
        }
        if detail.tax_rate.is_none() {
            detail.tax_rate = match detail.tax_category {
                TaxCategory::Standard => product.tax_rate,
                TaxCategory::Zero
                | TaxCategory::Exempt
                | TaxCategory::ReverseCharge
                | TaxCategory::Export => Some(Rate::ZERO),
            };
        }
    }
    reckon_order(order);
}

/// The reasons found so far.
#[derive(Default)]
struct Findings(Vec<Reason>);

impl Findings {
    fn add(&mut self, code: &str, pointer: impl Into<String>, detail: impl Into<String>) {
        self.suggest(code, pointer, detail, None);
    }

    fn suggest(
        &mut self,
        code: &str,
        pointer: impl Into<String>,
        detail: impl Into<String>,
        suggestion: Option<String>,
    ) {
        self.0.push(Reason {
            code: code.to_owned(),
            pointer: Some(pointer.into()),
            detail: detail.into(),
            suggestion,
        });
    }

    /// At most [`REASONS_MAX`] of them.
    fn bounded(mut self) -> Vec<Reason> {
        if self.0.len() > REASONS_MAX {
            let kept = REASONS_MAX.saturating_sub(1);
            let more = self.0.len().saturating_sub(kept);
            self.0.truncate(kept);
            self.0.push(Reason {
                code: "more_reasons".to_owned(),
                pointer: None,
                detail: format!("{more} more; they are found again when these are mended."),
                suggestion: None,
            });
        }
        self.0
    }
}

fn customer(order: &Order, facts: &ValidationFacts<'_>, findings: &mut Findings) {
    let customer = &order.placed.customer;
    if !facts.email_ok && !facts.phone_ok {
        findings.add(
            "no_usable_contact",
            "/customer",
            "There is no e-mail address and no telephone that can be used.",
        );
    }
    if facts.open_unpaid > facts.open_unpaid_max {
        let detail = format!(
            "The customer has {} unpaid orders; more than {} need a person.",
            facts.open_unpaid, facts.open_unpaid_max
        );
        findings.add("open_unpaid_max", "/customer", detail);
    }
    let billing = order.placed.billing.as_ref();
    for (pointer, name) in [
        ("/customer/name", customer.name.as_deref()),
        ("/customer/company", customer.company.as_deref()),
        ("/billing/name", billing.and_then(|billing| billing.name.as_deref())),
        ("/billing/company", billing.and_then(|billing| billing.company.as_deref())),
    ] {
        if name.is_some_and(looks_like_email) {
            findings.add(
                "email_in_name",
                pointer,
                "An e-mail address stands where a name belongs.",
            );
        }
    }
    let is_reverse = |line: &Line| line.detail.tax_category == TaxCategory::ReverseCharge;
    if order.lines.iter().any(is_reverse) && billing.is_none_or(|b| b.tax_id.is_none()) {
        let detail = "Reverse charge needs the buyer's VAT number.";
        findings.add("tax_id_missing", "/billing/tax_id", detail);
    }
    phones(billing.and_then(|b| b.address.as_ref()), "/billing/address", findings);
}

fn delivery(order: &Order, findings: &mut Findings) {
    let delivery = &order.placed.delivery;
    let address = delivery.address.as_ref();
    match order.delivery_method {
        None => {
            let detail = "The order does not say how the goods reach the customer.";
            findings.add("delivery_method_missing", "/delivery/method", detail);
        }
        Some(DeliveryMethod::ParcelLocker) if delivery.pickup_point.is_none() => {
            let detail = "The order does not say which locker or pick-up point.";
            findings.add("pickup_point_missing", "/delivery/pickup_point", detail);
        }
        Some(method) if method.needs_address() => match address {
            None => {
                let detail = "This delivery method needs an address.";
                findings.add("address_missing", "/delivery/address", detail);
            }
            Some(address) => incomplete(address, findings),
        },
        Some(
            DeliveryMethod::Courier
            | DeliveryMethod::Pickup
            | DeliveryMethod::ParcelLocker
            | DeliveryMethod::Post
            | DeliveryMethod::Shop,
        ) => {}
    }
    let code = address.and_then(|a| Some((a.country.as_deref()?, a.postal_code.as_deref()?)));
    if let Some((country, code)) = code {
        match countries::postal_code(country, code) {
            PostalCode::Right | PostalCode::Unknown => {}
            PostalCode::Wrong { example } => findings.suggest(
                "postal_code",
                "/delivery/address/postal_code",
                format!("The postal code does not have the form of {country}."),
                Some(format!("Write it like {example}.")),
            ),
        }
    }
    phones(address, "/delivery/address", findings);
}

/// What a carrier can't do without.
fn incomplete(address: &Address, findings: &mut Findings) {
    let country = address.country.as_deref();
    // Only of countries in the table is it known that they have postal codes.
    let has_codes = country.is_some_and(|c| countries::postal_code(c, "") != PostalCode::Unknown);
    let needed = [
        ("line1", address.line1.is_none()),
        ("city", address.city.is_none()),
        ("postal_code", has_codes && address.postal_code.is_none()),
        ("country", address.country.is_none()),
    ];
    let missing: Vec<&str> = needed.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    if !missing.is_empty() {
        let detail = format!("The delivery address lacks {}.", missing.join(", "));
        findings.add("address_incomplete", "/delivery/address", detail);
    }
}

fn phones(address: Option<&Address>, pointer: &str, findings: &mut Findings) {
    let Some(address) = address else { return };
    for (name, text) in [
        ("line1", &address.line1),
        ("line2", &address.line2),
        ("city", &address.city),
        ("region", &address.region),
    ] {
        if text.as_deref().is_some_and(looks_like_phone) {
            let detail = "A telephone number stands where an address belongs.";
            findings.add("phone_in_address", format!("{pointer}/{name}"), detail);
        }
    }
}

/// What one line says against what the catalogue says.
fn article(
    order: &Order,
    index: usize,
    line: &Line,
    product: &Product,
    facts: &ValidationFacts<'_>,
    findings: &mut Findings,
) {
    if !product.active {
        let detail = "This article is not sold any more.";
        findings.add("inactive_sku", format!("/lines/{index}/sku"), detail);
    }
    for problem in product.part_problems(facts.products) {
        let detail = format!("The bundle cannot be sold as it is. {}", problem.detail);
        findings.add("bundle_unfit", format!("/lines/{index}/sku"), detail);
    }
    if line.quantity.places() > product.quantity_places {
        let detail = format!(
            "The quantity of {} has more decimal places than the article's unit ({}).",
            line.quantity, product.quantity_places
        );
        findings.add("quantity_places", format!("/lines/{index}/quantity"), detail);
    }
    let pointer = format!("/lines/{index}/unit_price");
    let detail = &line.detail;
    match (detail.unit_price, product.price(order.currency)) {
        (Some(_), _) if facts.trusted_prices => {}
        (Some(price), Some(listed)) if listed.equals(price, detail.price_places) => {}
        (Some(price), Some(listed)) => findings.suggest(
            "price_differs",
            pointer,
            format!(
                "The unit price is {}, the price list's {listed}.",
                format_decimal(price, detail.price_places)
            ),
            Some(listed.to_string()),
        ),
        (_, None) => {
            let detail = format!("The price list has no price in {}.", order.currency);
            let others: Vec<&str> = product.prices.keys().map(String::as_str).collect();
            let suggestion = (!others.is_empty()).then(|| others.join(", "));
            findings.suggest("currency_not_sold", pointer, detail, suggestion);
        }
        // Not filled in yet.
        (None, Some(_)) => {}
    }
    if let (false, Some(listed)) = (facts.trusted_prices, product.tax_rate) {
        let rate = detail.tax_rate.unwrap_or(listed);
        if rate != listed {
            findings.suggest(
                "tax_rate_differs",
                format!("/lines/{index}/tax_rate"),
                format!("The tax rate is {rate}, the price list's {listed}."),
                Some(listed.to_string()),
            );
        }
    }
}

/// The same price is another one without its tax; and goods are not sent for less tax than they have.
fn tax_in_prices(order: &Order, facts: &ValidationFacts<'_>, findings: &mut Findings) {
    if facts.trusted_prices {
        return;
    }
    let said = order.prices_include_tax;
    if said == facts.list_without_tax {
        let word = |included: bool| if included { "include" } else { "do not include" };
        let detail = format!(
            "The order's prices {} the tax, the price list's {} it.",
            word(said),
            word(!said)
        );
        let listed = (!said).to_string();
        findings.suggest("prices_include_tax_differs", "/prices_include_tax", detail, Some(listed));
    }
    let rates = order.lines.iter().filter_map(|line| line.detail.tax_rate);
    let (Some(least), Some(shipping)) = (rates.min(), order.placed.shipping.as_ref()) else {
        return;
    };
    if let Some(rate) = shipping.tax_rate.filter(|rate| *rate < least)
        && shipping.amount.is_positive()
    {
        let detail = format!("The tax rate of the shipping is {rate}, the goods' {least}.");
        let goods = Some(least.to_string());
        findings.suggest("tax_rate_differs", "/shipping/tax_rate", detail, goods);
    }
}

/// Packing unit and least quantity, of all lines of an article together.
fn packing(order: &Order, facts: &ValidationFacts<'_>, findings: &mut Findings) {
    let mut wanted: BTreeMap<&str, (usize, Quantity)> = BTreeMap::new();
    for (index, line) in order.lines.iter().enumerate() {
        let (_, sum) = wanted.entry(&line.sku).or_insert((index, Quantity::ZERO));
        *sum = sum.plus(line.quantity);
    }
    let mut found = Vec::new();
    for (sku, (index, sum)) in wanted {
        let Some(product) = facts.products.get(sku) else { continue };
        let least = product.min_quantity.unwrap_or(Quantity::ZERO);
        let pack = product.packing_unit.filter(|pack| pack.is_positive());
        let right = whole_packs(sum.max(least), pack);
        found.push((index, sum, least, pack, right));
    }
    found.sort_by_key(|(index, ..)| *index);
    for (index, sum, least, pack, right) in found {
        let (pointer, right) = (format!("/lines/{index}/quantity"), Some(right.to_string()));
        if sum < least {
            let detail = format!("{sum} are ordered; {least} is the least that is sold.");
            findings.suggest("below_min_quantity", pointer.clone(), detail, right.clone());
        }
        if let Some(pack) = pack.filter(|_| whole_packs(sum, pack) != sum) {
            let detail = format!("{sum} are ordered; it is sold in multiples of {pack}.");
            findings.suggest("packing_unit", pointer, detail, right);
        }
    }
}

/// The least quantity of whole packs that is not below this one.
fn whole_packs(quantity: Quantity, pack: Option<Quantity>) -> Quantity {
    let Some(pack) = pack.map(Quantity::to_thousandths) else { return quantity };
    let rest = quantity.to_thousandths().checked_rem(pack).unwrap_or_default();
    let missing = if rest > 0 { pack.saturating_sub(rest) } else { 0 };
    quantity.plus(Quantity::thousandths(missing))
}

/// Discounts above what they are taken off, which shows only once the catalogue's prices are in.
fn discounts(order: &Order, findings: &mut Findings) {
    let places = order.currency.places();
    let mut value = Amount::ZERO;
    for (index, line) in order.lines.iter().enumerate() {
        if line.detail.unit_price.is_none() {
            // Said already; without a price nothing can be compared.
            return;
        }
        let priced = PricedLine::from(line);
        let goods = line_goods(&priced, places);
        value = value.plus(goods.less(priced.discount));
        if priced.discount > goods {
            let detail = "The discounts are more than the line's goods.";
            findings.add("discount_too_large", format!("/lines/{index}/discounts"), detail);
        }
    }
    let of_goods = order.placed.discounts.iter().filter(|d| d.scope == DiscountScope::Order);
    if of_goods.map(|discount| discount.amount).sum::<Amount>() > value {
        let detail = "The discounts are more than the order's goods.";
        findings.add("discount_too_large", "/discounts", detail);
    }
}

fn total(order: &Order, facts: &ValidationFacts<'_>, findings: &mut Findings) {
    // Without all prices there is no total of ours to compare with, and another reason says so.
    let is_priced = order.lines.iter().all(|line| line.detail.unit_price.is_some());
    let (Some(stated), true) = (order.stated_total, is_priced) else { return };
    let ours = order.totals.gross;
    if stated.minus(ours).0.saturating_abs() > facts.total_tolerance.0 {
        let currency = order.currency;
        let (stated, ours) = (stated.format(currency), ours.format(currency));
        let detail = format!("The stated total is {stated} {currency}, ours is {ours} {currency}.");
        findings.suggest("total_mismatch", "/total", detail, Some(ours));
    }
}

/// Least digits of a telephone number, with and without its `+`.
const PHONE_DIGITS_MIN: usize = 7;
const INTERNATIONAL_PHONE_DIGITS_MIN: usize = 8;
/// Most digits of a telephone number (E.164).
const PHONE_DIGITS_MAX: usize = 15;

/// Whether a text is a telephone number and nothing else, or holds one with its `+`.
fn looks_like_phone(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '(' | ')' | '-' | '.' | '/');
    let digits =
        |text: &str| text.chars().take_while(|c| is_part(*c)).filter(char::is_ascii_digit).count();
    let number = text.trim().trim_start_matches('+');
    let is_number = number.chars().all(is_part)
        && (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&digits(number));
    let holds_number =
        text.split('+').skip(1).any(|after| digits(after) >= INTERNATIONAL_PHONE_DIGITS_MIN);
    is_number || holds_number
}

/// Whether a word of the text is like `a@b.c`.
fn looks_like_email(text: &str) -> bool {
    text.split_whitespace().any(|word| {
        word.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty()
                && domain.split_once('.').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty())
        })
    })
}

#[cfg(test)]
mod tests;
