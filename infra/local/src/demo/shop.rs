//! A shop as its customers and staff use it: every step is a request.

use crate::client::{Answered, Client, Paid};
use crate::error::{LocalError, LocalResult};
use futures::StreamExt as _;
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::time::Timestamp;
use ordermill_runtime::config::LOCAL_WEBHOOK_SECRET;
use serde_json::{Value, json};

/// Requests that are under way at once, where nothing else is said.
pub const AT_ONCE: usize = 24;
/// Units of the sample catalogue have this tax rate.
const TAX_RATE: &str = "0.21";

const FIRST_NAMES: [&str; 12] = [
    "Ona", "Jonas", "Austėja", "Mantas", "Ieva", "Tomas", "Rūta", "Andrei", "Elena", "Paweł",
    "Katrin", "Marius",
];
const LAST_NAMES: [&str; 11] = [
    "Kazlauskienė",
    "Petrauskas",
    "Jankauskaitė",
    "Ionescu",
    "Nowak",
    "Tamm",
    "Bērziņš",
    "Vasiliauskas",
    "Popescu",
    "Stankevičiūtė",
    "Urbonas",
];
const STREETS: [&str; 6] =
    ["Gedimino pr.", "Pilies g.", "Laisvės al.", "Žvejų g.", "Vytauto g.", "Basanavičiaus g."];
const TOWNS: [(&str, &str); 5] = [
    ("Vilnius", "01103"),
    ("Kaunas", "44240"),
    ("Klaipėda", "91246"),
    ("Šiauliai", "76295"),
    ("Panevėžys", "35173"),
];
const LOCALES: [&str; 4] = ["lt", "en", "lt", "ru"];

/// What somebody wants.
#[derive(Clone, Debug)]
pub struct Wish {
    /// The shop's own number, unique.
    pub number: String,
    /// Which of the invented customers.
    pub customer: usize,
    /// SKU, price in euros, units.
    pub lines: Vec<(String, String, u32)>,
    /// `card` or `bank_transfer`.
    pub method: &'static str,
}

/// An order that was placed.
#[derive(Clone, Debug)]
pub struct Placed {
    /// Its id.
    pub id: String,
    /// The number people read out.
    pub number: String,
    /// Its total, as a decimal.
    pub gross: String,
}

fn pick<T: Copy>(list: &[T], index: usize) -> Option<T> {
    list.get(index.checked_rem(list.len().max(1)).unwrap_or(0)).copied()
}

impl Wish {
    fn customer_json(&self) -> Value {
        let first = pick(&FIRST_NAMES, self.customer).unwrap_or("Ona");
        let last = pick(&LAST_NAMES, self.customer / FIRST_NAMES.len()).unwrap_or("Nowak");
        let mut customer = json!({
            "name": format!("{first} {last}"),
            "email": format!("customer{}@example.com", self.customer),
            "locale": pick(&LOCALES, self.customer),
            "time_zone": "Europe/Vilnius",
        });
        if self.customer.is_multiple_of(4) {
            customer["phone"] = json!(format!("+3706{:07}", 1_200_000 + self.customer));
        }
        customer
    }

    fn delivery_json(&self) -> Value {
        let street = pick(&STREETS, self.customer).unwrap_or("Pilies g.");
        let (town, code) = pick(&TOWNS, self.customer / 3).unwrap_or(("Vilnius", "01103"));
        let house = 1 + self.customer % 90;
        json!({
            "method": "courier",
            "address": {
                "line1": format!("{street} {house}"),
                "city": town,
                "postal_code": code,
                "country": "LT",
            },
        })
    }

    fn lines_json(&self) -> Vec<Value> {
        let line = |(sku, price, units): &(String, String, u32)| json!({ "sku": sku, "quantity": units, "unit_price": price, "tax_rate": TAX_RATE });
        self.lines.iter().map(line).collect()
    }

    /// The body of the order.
    #[must_use]
    pub fn body(&self) -> Value {
        json!({
            "external_id": self.number,
            "channel": "webshop",
            "currency": "EUR",
            "customer": self.customer_json(),
            "delivery": self.delivery_json(),
            "payment": { "terms": "prepaid", "method": self.method },
            "lines": self.lines_json(),
        })
    }

    /// The body of a subscription to the same, on account.
    #[must_use]
    pub fn subscription(&self, rule: &str, start: &str) -> Value {
        json!({
            "external_id": self.number,
            "currency": "EUR",
            "customer": self.customer_json(),
            "delivery": self.delivery_json(),
            "payment": { "terms": "invoice" },
            "lines": self.lines_json(),
            "rule": rule,
            "month_end": "clip",
            "start": start,
            "time": "09:00",
            "time_zone": "Europe/Vilnius",
            "catch_up": "each",
        })
    }
}

/// The shop.
#[derive(Clone)]
pub struct Shop {
    /// Its way to the server.
    pub client: Client,
}

/// What was answered, if it is a 2xx.
fn done(what: &str, answered: Answered) -> LocalResult<Answered> {
    if answered.is_success() {
        return Ok(answered);
    }
    Err(LocalError::refused(format!("{what}: {} {}", answered.status, answered.body)))
}

/// Does something for each of many, several at once; the results are in no order.
///
/// # Errors
/// The first that did not work.
pub async fn each<T, R, F, Fut>(many: Vec<T>, at_once: usize, act: F) -> LocalResult<Vec<R>>
where
    F: Fn(T) -> Fut,
    Fut: Future<Output = LocalResult<R>>,
{
    let all = futures::stream::iter(many).map(act).buffer_unordered(at_once);
    let results: Vec<LocalResult<R>> = all.collect().await;
    results.into_iter().collect()
}

impl Shop {
    /// Places an order.
    ///
    /// # Errors
    /// It is refused, or no answer came.
    pub async fn place(&self, wish: &Wish) -> LocalResult<Placed> {
        let answered = self.client.post("/v1/orders", &wish.body()).await?;
        let answered = done("an order", answered)?;
        Ok(Placed {
            id: answered.text("/id").to_owned(),
            number: answered.text("/number").to_owned(),
            gross: answered.text("/totals/gross").to_owned(),
        })
    }

    /// The order as it stands.
    ///
    /// # Errors
    /// There is none, or no answer came.
    pub async fn order(&self, id: &str) -> LocalResult<Value> {
        let answered = self.client.get(&format!("/v1/orders/{id}")).await?;
        Ok(done("an order", answered)?.body)
    }

    /// The order's history, oldest first.
    ///
    /// # Errors
    /// There is none, or no answer came.
    pub async fn history(&self, id: &str) -> LocalResult<Vec<Value>> {
        let path = format!("/v1/orders/{id}/history?limit=200");
        let answered = done("a history", self.client.get(&path).await?)?;
        Ok(items(&answered.body))
    }

    /// Pays an amount, as the payment provider tells of it.
    ///
    /// # Errors
    /// It is refused, or no answer came.
    pub async fn pay(&self, id: &str, amount: &str, reference: &str) -> LocalResult<()> {
        let now = self.now().await?;
        let paid = Paid { order: id, amount, currency: "EUR", reference };
        let answered = self.client.webhook(LOCAL_WEBHOOK_SECRET, &paid, now).await?;
        done("a payment", answered).map(|_| ())
    }

    /// Pays an order in full.
    ///
    /// # Errors
    /// As [`Shop::pay`].
    pub async fn pay_in_full(&self, order: &Placed) -> LocalResult<()> {
        self.pay(&order.id, &order.gross, &format!("pay-{}", order.number)).await
    }

    /// Gives a command to an order, once.
    ///
    /// # Errors
    /// It is refused, or no answer came.
    pub async fn command(&self, id: &str, command: &str, body: &Value) -> LocalResult<Value> {
        let path = format!("/v1/orders/{id}/{command}");
        let key = format!("{command}-{id}");
        let answered = self.client.post_once(&path, &key, body).await?;
        Ok(done(command, answered)?.body)
    }

    /// Sends an order out, and has it handed over.
    ///
    /// # Errors
    /// As [`Shop::command`].
    pub async fn ship(&self, order: &Placed) -> LocalResult<()> {
        let tracking = format!("LP{}LT", order.number.replace('-', ""));
        let body = json!({ "carrier": "LP Express", "tracking": tracking });
        self.command(&order.id, "ship", &body).await.map(|_| ())
    }

    /// Says that an order was handed over.
    ///
    /// # Errors
    /// As [`Shop::command`].
    pub async fn deliver(&self, order: &Placed) -> LocalResult<()> {
        self.command(&order.id, "deliver", &json!({})).await.map(|_| ())
    }

    /// Books goods that came in.
    ///
    /// # Errors
    /// It is refused, or no answer came.
    pub async fn receive(&self, key: &str, goods: &[(&str, &str, i64)]) -> LocalResult<()> {
        let movements: Vec<Value> = goods
            .iter()
            .map(|(sku, warehouse, quantity)| {
                json!({
                    "sku": sku, "warehouse": warehouse, "type": "receipt",
                    "quantity": quantity, "reason": "delivery",
                })
            })
            .collect();
        let body = json!({ "movements": movements });
        let answered = self.client.post_once("/v1/stock/movements", key, &body).await?;
        done("a receipt", answered).map(|_| ())
    }

    /// Puts a product into the catalogue.
    ///
    /// # Errors
    /// It is refused, or no answer came.
    pub async fn product(&self, sku: &str, name: &str, price: &str) -> LocalResult<()> {
        let body = json!({ "name": name, "prices": { "EUR": price }, "tax_rate": TAX_RATE });
        let answered = self.client.put(&format!("/v1/products/{sku}"), &body).await?;
        done("a product", answered).map(|_| ())
    }

    /// The time by the server's clock.
    ///
    /// # Errors
    /// No answer came.
    pub async fn now(&self) -> LocalResult<Timestamp> {
        let answered = done("the clock", self.client.get("/_local/clock").await?)?;
        Timestamp::parse(answered.text("/now"))
            .map_err(|error| LocalError::refused(format!("the clock: {error}")))
    }

    /// Moves the server's clock on.
    ///
    /// # Errors
    /// It cannot be moved.
    pub async fn advance(&self, by: &str) -> LocalResult<()> {
        let answered = self.client.post("/_local/clock", &json!({ "advance": by })).await?;
        done("moving the clock", answered).map(|_| ())
    }

    /// Moves the server's clock on to this moment.
    ///
    /// # Errors
    /// It cannot be moved.
    pub async fn advance_to(&self, moment: Timestamp) -> LocalResult<()> {
        let ahead = moment.milliseconds() - self.now().await?.milliseconds();
        if ahead <= 0 {
            return Ok(());
        }
        self.advance(&format!("{}s", ahead.div_euclid(1000) + i64::from(ahead % 1000 > 0))).await
    }

    /// Waits until nothing is left to do.
    ///
    /// # Errors
    /// It does not get quiet.
    pub async fn settle(&self) -> LocalResult<()> {
        let answered = self.client.post("/_local/settle", &json!({})).await?;
        done("settling", answered).map(|_| ())
    }

    /// All that was sent.
    ///
    /// # Errors
    /// No answer came.
    pub async fn messages(&self) -> LocalResult<Vec<Value>> {
        let answered = done("messages", self.client.get("/_local/messages").await?)?;
        Ok(answered.body.as_array().cloned().unwrap_or_default())
    }

    /// Units on hand, reserved and available over all the catalogue.
    ///
    /// # Errors
    /// No answer came.
    pub async fn stock(&self) -> LocalResult<Stock> {
        let mut stock = Stock::default();
        let mut path = "/v1/stock?limit=200".to_owned();
        loop {
            let answered = done("stock", self.client.get(&path).await?)?;
            for line in items(&answered.body) {
                let units = |name: &str| line.get(name).and_then(Value::as_i64).unwrap_or(0);
                stock.on_hand += units("on_hand");
                stock.reserved += units("reserved");
                stock.available += units("available");
            }
            match answered.text("/next") {
                "" => return Ok(stock),
                next => path = format!("/v1/stock?limit=200&cursor={next}"),
            }
        }
    }
}

/// Units over all the catalogue.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Stock {
    /// There.
    pub on_hand: i64,
    /// Held for orders.
    pub reserved: i64,
    /// For sale.
    pub available: i64,
}

/// The items of a list.
#[must_use]
pub fn items(body: &Value) -> Vec<Value> {
    body.get("items").and_then(Value::as_array).cloned().unwrap_or_default()
}

/// A text of an answer.
#[must_use]
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// An amount of an answer, in cents.
#[must_use]
pub fn cents(value: &Value, pointer: &str) -> i64 {
    let euro = Currency::parse("EUR");
    euro.and_then(|euro| Amount::parse(text(value, pointer), euro).ok()).map_or(0, |a| a.0)
}

/// Cents as people read them.
#[must_use]
pub fn euros(cents: i64) -> String {
    let euro = Currency::parse("EUR");
    euro.map_or_else(|| cents.to_string(), |euro| format!("{} €", Amount(cents).format(euro)))
}
