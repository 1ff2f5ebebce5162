//! After the acts: three orders as shops and suppliers really have them, one of them explained, and
//! where to look at all of it.

use crate::demo::shop::{Placed, Shop, cents, items, text};
use crate::demo::stage::Stage;
use crate::error::{LocalError, LocalResult};
use serde_json::{Value, json};

/// An article with another tax rate than everything else here.
const BOOK: (&str, &str, &str) = ("BOOK-700", "The tea road, a travel book", "19.00");
/// What the cart comes to: 25.00 − 2.50 + 19.00 − 5.00 + 3.99.
const CART_TOTAL: &str = "40.49";

/// Places the orders and tells what came of them; the first of them is the one to look at.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn play(stage: &mut Stage, shop: &Shop) -> LocalResult<Vec<Placed>> {
    stage.title("Three orders more");
    shop.product(BOOK.0, BOOK.1, BOOK.2).await?;
    shop.receive("demo-books", &[(BOOK.0, "KUN", 12)]).await?;
    let cart = place(shop, &cart()).await?;
    let locker = place(shop, &locker()).await?;
    let supplied = place(shop, &supplied()).await?;
    shop.settle().await?;
    cart_adds_up(stage, shop, &cart).await?;
    fetched_from_a_locker(stage, shop, &locker).await?;
    agreed_with_a_business(stage, shop, &supplied).await?;
    Ok(vec![cart, locker, supplied])
}

async fn place(shop: &Shop, body: &Value) -> LocalResult<Placed> {
    let answered = shop.client.post("/v1/orders", body).await?;
    if !answered.is_success() {
        return Err(LocalError::refused(format!("{} {}", answered.status, answered.body)));
    }
    Ok(Placed {
        id: answered.text("/id").to_owned(),
        number: answered.text("/number").to_owned(),
        gross: answered.text("/totals/gross").to_owned(),
    })
}

/// A line's coupon, an order's coupon, shipping, two tax rates.
fn cart() -> Value {
    json!({
        "external_id": "showcase-cart", "channel": "webshop", "currency": "EUR",
        "customer": { "name": "Ona Kazlauskienė", "email": "ona@example.com",
            "phone": "+37061234567", "locale": "lt", "time_zone": "Europe/Vilnius" },
        "delivery": { "method": "courier", "address": { "line1": "Gedimino pr. 9",
            "city": "Vilnius", "postal_code": "01103", "country": "LT" } },
        "payment": { "terms": "prepaid", "method": "card" },
        "lines": [
            { "sku": "TEA-100", "quantity": 2, "unit_price": "12.50", "tax_rate": "0.21",
              "discounts": [{ "code": "TEA10", "amount": "2.50" }] },
            { "sku": BOOK.0, "quantity": 1, "unit_price": BOOK.2, "tax_rate": "0.05" },
        ],
        "discounts": [{ "code": "WELCOME", "amount": "5.00", "scope": "order" }],
        "shipping": { "method": "courier", "amount": "3.99", "tax_rate": "0.21" },
        "total": CART_TOTAL,
    })
}

/// To a locker, in Romanian.
fn locker() -> Value {
    json!({
        "external_id": "showcase-locker", "channel": "webshop", "currency": "EUR",
        "customer": { "name": "Andrei Ionescu", "email": "andrei@example.com", "locale": "ro" },
        "delivery": { "method": "parcel_locker", "pickup_point": "Locker 117, Ozas, Vilnius" },
        "payment": { "terms": "prepaid", "method": "card" },
        "lines": [{ "sku": "HON-404", "quantity": 1, "unit_price": "6.90", "tax_rate": "0.21" }],
        "shipping": { "method": "locker", "amount": "1.99", "tax_rate": "0.21" },
    })
}

/// One business supplies another: agreed first, on account, the tax is the buyer's.
fn supplied() -> Value {
    json!({
        "external_id": "showcase-b2b", "policy": "wholesale", "channel": "manager",
        "currency": "EUR", "prices_include_tax": false, "purchase_order": "PO-2026-118",
        "customer": { "company": "Café Riga SIA", "email": "orders@cafe.example", "locale": "en",
            "time_zone": "Europe/Riga" },
        "billing": { "company": "Café Riga SIA", "company_code": "40003012345",
            "tax_id": "LV40003012345", "address": { "line1": "Brīvības iela 1", "city": "Rīga",
            "postal_code": "LV-1010", "country": "LV" } },
        "delivery": { "method": "courier", "address": { "line1": "Brīvības iela 1",
            "city": "Rīga", "postal_code": "LV-1010", "country": "LV" } },
        "payment": { "terms": "invoice", "method": "bank_transfer" },
        "lines": [{ "sku": "COF-305", "quantity": 20, "unit_price": "28.10",
            "tax_category": "reverse_charge" }],
    })
}

async fn cart_adds_up(stage: &mut Stage, shop: &Shop, cart: &Placed) -> LocalResult<()> {
    let order = shop.order(&cart.id).await?;
    let taxes = order.pointer("/totals/taxes").and_then(Value::as_array).cloned();
    let taxes = taxes.unwrap_or_default();
    let parts: i64 = taxes.iter().map(|tax| cents(tax, "/net") + cents(tax, "/tax")).sum();
    let whole = cents(&order, "/totals/gross");
    let is_exact =
        text(&order, "/totals/gross") == CART_TOTAL && taxes.len() == 2 && parts == whole;
    let what = format!(
        "two coupons, shipping, 21 % and 5 %: {CART_TOTAL} € to the cent, {} of it tax",
        text(&order, "/totals/tax")
    );
    stage.promise(&what, is_exact);
    shop.pay_in_full(cart).await?;
    shop.settle().await?;
    let paid = shop.order(&cart.id).await?;
    let told = shop.messages().await?;
    let by = |channel: &str| {
        told.iter().any(|message| {
            text(message, "/order") == cart.id
                && text(message, "/template") == "paid"
                && text(message, "/channel") == channel
        })
    };
    let is_told = text(&paid, "/status") == "confirmed" && by("email");
    let how = if by("sms") { "by e-mail and SMS" } else { "by e-mail now, by SMS at nine" };
    stage.promise(&format!("paid: confirmed to the customer, {how}"), is_told);
    let path = format!("/v1/orders/{}/why", cart.id);
    let why = shop.client.get(&path).await?.body;
    stage.say("  why did it go where it went?");
    for decision in items(&why) {
        let inputs = decision.get("inputs").map(ToString::to_string).unwrap_or_default();
        let short: String = inputs.chars().take(96).collect();
        stage.say(&format!("    {:<46} {short}", text(&decision, "/rule")));
    }
    stage.promise("each automatic decision is explained", items(&why).len() >= 3);
    Ok(())
}

async fn fetched_from_a_locker(stage: &mut Stage, shop: &Shop, locker: &Placed) -> LocalResult<()> {
    shop.pay_in_full(locker).await?;
    shop.settle().await?;
    shop.ship(locker).await?;
    shop.settle().await?;
    let order = shop.order(&locker.id).await?;
    let is_there = text(&order, "/status") == "shipped"
        && text(&order, "/delivery/pickup_point").starts_with("Locker 117");
    stage.promise("one goes to a parcel locker, without an address", is_there);
    Ok(())
}

async fn agreed_with_a_business(
    stage: &mut Stage,
    shop: &Shop,
    supplied: &Placed,
) -> LocalResult<()> {
    for command in ["approve", "confirm"] {
        shop.command(&supplied.id, command, &json!({})).await?;
        shop.settle().await?;
    }
    let order = shop.order(&supplied.id).await?;
    let is_agreed = text(&order, "/status") == "confirmed"
        && cents(&order, "/totals/tax") == 0
        && text(&order, "/totals/gross") == "562.00";
    let what = "a café in Riga orders on account, by another lifecycle: agreed, confirmed, the tax is \
                the buyer's";
    stage.promise(what, is_agreed);
    Ok(())
}

/// Where to look, once the service runs on this data: all orders, one of them, and what its
/// customer sees.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn addresses(shop: &Shop, shown: &[Placed]) -> LocalResult<Vec<String>> {
    let mut found = vec!["/".to_owned()];
    if let Some(order) = shown.first() {
        found.push(format!("/_local/orders/{}", order.id));
        let seen = shop.order(&order.id).await?;
        let track = text(&seen, "/tracking_url").split_once("/v1/track/");
        found.extend(track.map(|(_, token)| format!("/v1/track/{token}")));
    }
    Ok(found)
}
