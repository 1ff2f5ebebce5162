//! Clients that place orders, pay them when they are asked to, and wait until they are confirmed.

use crate::Result;
use crate::figures::Latencies;
use crate::target::{PRICE, TAX_RATE, Target, answered};
use ordermill_local::client::{Client, Paid};
use ordermill_local::run::wait::pause;
use ordermill_runtime::clock::system_now;
use ordermill_runtime::config::LOCAL_WEBHOOK_SECRET;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// How often a client looks whether its order moved on, where the server does not tell.
const LOOK_MILLISECONDS: u64 = 25;
const NOT_MODIFIED: u16 = 304;
/// How long an order may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// An order to be placed: SKU and units of each line.
pub type Basket = Vec<(String, u32)>;

/// What became of an order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Reserved, paid and confirmed.
    Confirmed,
    /// Told to wait for goods, with the reason.
    Backordered,
}

/// What a run of clients found.
#[derive(Debug)]
pub struct Run {
    /// From the first request to the last answer.
    pub took: Duration,
    /// From POST to the outcome, of confirmed orders.
    pub confirmed: Latencies,
    /// Orders that were told to wait.
    pub backordered: usize,
}

/// The number of a small generator: the same run asks for the same baskets.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Beginning with this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(2).wrapping_add(1))
    }

    /// A number below `bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        // SplitMix64 (Steele, Lea, Flood, 2014).
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound.max(1)).unwrap_or(1))
            .unwrap_or(0)
    }
}

/// The body of an order: prepaid by card, to Vilnius.
#[must_use]
pub fn order_body(name: &str, basket: &Basket) -> Value {
    let line = |(sku, quantity): &(String, u32)| json!({ "sku": sku, "quantity": quantity, "unit_price": PRICE, "tax_rate": TAX_RATE });
    json!({
        "external_id": name,
        "currency": "EUR",
        "customer": { "name": "Ona Petraitytė", "email": format!("{name}@example.com"),
            "locale": "en" },
        "delivery": { "method": "courier", "address": { "line1": "Gedimino pr. 9",
            "city": "Vilnius", "postal_code": "01103", "country": "LT" } },
        "payment": { "terms": "prepaid", "method": "card" },
        "lines": basket.iter().map(line).collect::<Vec<_>>(),
    })
}

/// Has so many clients work off the baskets, each with one order at a time.
///
/// # Errors
/// An order is refused, or takes too long.
pub async fn run(target: &Target, clients: usize, name: &str, baskets: &[Basket]) -> Result<Run> {
    let next = AtomicUsize::new(0);
    let begun = Instant::now();
    let client = |_| async {
        let mut mine = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(basket) = baskets.get(number) else { return Ok(mine) };
            let placed = Instant::now();
            let order = order_body(&format!("{name}-{number}"), basket);
            let outcome = buy(&target.client, &order).await?;
            mine.push((outcome, placed.elapsed()));
        }
    };
    let all: Vec<Result<Vec<(Outcome, Duration)>>> =
        futures::future::join_all((0..clients).map(client)).await;
    let took = begun.elapsed();
    let all: Vec<(Outcome, Duration)> =
        all.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    let of = |wanted: Outcome| all.iter().filter(move |(outcome, _)| *outcome == wanted);
    Ok(Run {
        took,
        confirmed: Latencies::of(of(Outcome::Confirmed).map(|(_, took)| *took).collect()),
        backordered: of(Outcome::Backordered).count(),
    })
}

/// Places an order, pays it when asked, and waits for the end of it.
///
/// # Errors
/// It is refused, or takes too long.
pub async fn buy(client: &Client, order: &Value) -> Result<Outcome> {
    let begun = Instant::now();
    let patience = ("prefer", "wait=10".to_owned());
    let patient = [patience.clone()];
    let placed =
        client.send("POST".parse()?, "/v1/orders", &patient, Some(order.to_string())).await?;
    answered("an order", &placed)?;
    let id = placed.text("/id").to_owned();
    let mut now = placed;
    let mut is_paid = false;
    loop {
        match now.text("/status") {
            "confirmed" => return Ok(Outcome::Confirmed),
            "backordered" => return Ok(Outcome::Backordered),
            "awaiting_payment" if !is_paid => {
                pay(client, &id, now.text("/totals/gross")).await?;
                is_paid = true;
            }
            _ if begun.elapsed() > PATIENCE => {
                return Err(format!("{id} is still {}", now.text("/status")).into());
            }
            _ => {}
        }
        let known = now.header("etag").to_owned();
        let headers = [("if-none-match", known.clone()), patience.clone()];
        let next = client.send("GET".parse()?, &format!("/v1/orders/{id}"), &headers, None).await?;
        if next.status == NOT_MODIFIED {
            continue;
        }
        answered("an order", &next)?;
        // A server that knows no patience is asked again in a while.
        if next.header("etag") == known {
            pause(LOOK_MILLISECONDS).await;
        }
        now = next;
    }
}

async fn pay(client: &Client, id: &str, amount: &str) -> Result<()> {
    let now = system_now();
    let reference = format!("pay-{id}");
    let paid = Paid { order: id, amount, currency: "EUR", reference: &reference };
    answered("a webhook", &client.webhook(LOCAL_WEBHOOK_SECRET, &paid, now).await?)
}
