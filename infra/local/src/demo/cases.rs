//! What becomes of orders in the third act: how each of them is paid.

use crate::demo::shop::{Placed, Shop, Wish, cents, each, text};
use crate::demo::stage::Stage;
use crate::error::LocalResult;
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::time::{Seconds, Timestamp};
use serde_json::{Value, json};

/// Who pays by card has so long.
const CARD_LIMIT: Seconds = Seconds::hours(2);
/// So close to the limit the last ones pay.
const BEFORE_THE_LIMIT: Seconds = Seconds(20);

/// The article that is out of stock until the fifth day.
pub const AWAITED: (&str, &str) = ("HON-499", "16.00");

/// How orders are paid.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Case {
    /// In time.
    InTime,
    /// Seconds before the limit runs out.
    AtTheLimit,
    /// When the order is cancelled already.
    Late,
    /// Twice, by two payments.
    Twice,
    /// Once, and the provider tells it twice.
    ToldTwice,
    /// Half of it at first.
    TooSmall,
    /// By card, not at all.
    NotByCard,
    /// By transfer, not at all.
    NotByTransfer,
    /// In time, once there are goods.
    Awaited,
}

/// An order of a case.
#[derive(Clone, Debug)]
pub struct Told {
    /// How it is paid.
    pub case: Case,
    /// The order.
    pub order: Placed,
}

impl Case {
    /// The special ones, and how many of each there are.
    pub const SPECIAL: [(Self, usize); 8] = [
        (Self::AtTheLimit, 6),
        (Self::Late, 6),
        (Self::Twice, 4),
        (Self::ToldTwice, 4),
        (Self::TooSmall, 5),
        (Self::NotByCard, 6),
        (Self::NotByTransfer, 6),
        (Self::Awaited, 6),
    ];

    /// The day on which these orders are placed.
    #[must_use]
    pub fn day(self) -> i64 {
        match self {
            Self::InTime | Self::NotByTransfer | Self::TooSmall | Self::Awaited => 0,
            Self::AtTheLimit | Self::Late | Self::NotByCard => 1,
            Self::Twice | Self::ToldTwice => 2,
        }
    }

    fn method(self) -> &'static str {
        match self {
            Self::InTime
            | Self::AtTheLimit
            | Self::Late
            | Self::TooSmall
            | Self::NotByCard
            | Self::Awaited
            | Self::ToldTwice => "card",
            Self::NotByTransfer | Self::Twice => "bank_transfer",
        }
    }

    /// An order of this case.
    #[must_use]
    pub fn wish(self, customer: usize) -> Wish {
        let line = |sku: &str, price: &str, units| (sku.to_owned(), price.to_owned(), units);
        let lines = match self {
            Self::Awaited => vec![line(AWAITED.0, AWAITED.1, 2)],
            Self::InTime
            | Self::AtTheLimit
            | Self::Late
            | Self::Twice
            | Self::ToldTwice
            | Self::TooSmall
            | Self::NotByCard
            | Self::NotByTransfer => match customer % 5 {
                0 => vec![line("TEA-104", "8.90", 1), line("SWT-501", "4.90", 2)],
                1 => vec![line("COF-300", "9.90", 1), line("CUP-610", "18.00", 1)],
                2 => vec![line("HERB-202", "4.00", 3)],
                3 => vec![line("HON-400", "8.50", 1), line("TEA-102", "9.80", 1)],
                _ => vec![line("TEA-110", "13.20", 1)],
            },
        };
        let transfer = self == Self::InTime && customer.is_multiple_of(2);
        let method = if transfer { "bank_transfer" } else { self.method() };
        Wish { number: format!("fortnight-{customer}"), customer, lines, method }
    }
}

/// The orders of one case.
#[must_use]
pub fn of(told: &[Told], case: Case) -> Vec<Placed> {
    told.iter().filter(|one| one.case == case).map(|one| one.order.clone()).collect()
}

async fn now_of(shop: &Shop, orders: &[Placed]) -> LocalResult<Vec<Value>> {
    each(orders.to_vec(), 16, |order| async move { shop.order(&order.id).await }).await
}

fn all_are(orders: &[Value], status: &str) -> bool {
    orders.iter().all(|order| text(order, "/status") == status)
}

async fn pay_all(shop: &Shop, orders: &[Placed]) -> LocalResult<()> {
    each(orders.to_vec(), 16, |order| async move { shop.pay_in_full(&order).await }).await?;
    Ok(())
}

/// When the first and the last of these orders is cancelled if nobody pays.
fn limits(orders: &[Value]) -> Option<(Timestamp, Timestamp)> {
    let since = orders.iter().filter_map(|o| Timestamp::parse(text(o, "/status_since")).ok());
    let since: Vec<Timestamp> = since.collect();
    Some((since.iter().min()?.plus(CARD_LIMIT), since.iter().max()?.plus(CARD_LIMIT)))
}

/// The second day's special orders: at the limit, late, and not at all.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn limits_run_out(stage: &mut Stage, shop: &Shop, told: &[Told]) -> LocalResult<()> {
    let (at_limit, late) = (of(told, Case::AtTheLimit), of(told, Case::Late));
    let not_at_all = of(told, Case::NotByCard);
    let waiting: Vec<Placed> = at_limit.iter().chain(&late).chain(&not_at_all).cloned().collect();
    let Some((first, last)) = limits(&now_of(shop, &waiting).await?) else { return Ok(()) };
    shop.advance_to(first.minus(BEFORE_THE_LIMIT)).await?;
    pay_all(shop, &at_limit).await?;
    shop.advance_to(last.plus(Seconds(1))).await?;
    let paid = now_of(shop, &at_limit).await?;
    let text = format!("{} paid {BEFORE_THE_LIMIT} before the limit: confirmed", paid.len());
    stage.promise(&text, all_are(&paid, "confirmed"));
    let gone = [now_of(shop, &late).await?, now_of(shop, &not_at_all).await?].concat();
    let text = format!("{} not paid in two hours: reminded, cancelled", gone.len());
    stage.promise(&text, all_are(&gone, "cancelled"));
    pay_all(shop, &late).await?;
    shop.settle().await?;
    let revived = now_of(shop, &late).await?;
    let text = format!("{} of those pay after all: alive again at the old price", revived.len());
    stage.promise(&text, all_are(&revived, "confirmed"));
    Ok(())
}

/// The first day's special orders: half of the money, until the limit asks a person.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn too_small(stage: &mut Stage, shop: &Shop, told: &[Told]) -> LocalResult<()> {
    let orders = of(told, Case::TooSmall);
    let Some((_, last)) = limits(&now_of(shop, &orders).await?) else { return Ok(()) };
    each(orders.clone(), 8, |order| async move {
        shop.pay(&order.id, &part(&order.gross, 2), &format!("half-{}", order.number)).await
    })
    .await?;
    shop.advance_to(last.plus(Seconds(1))).await?;
    let asked = now_of(shop, &orders).await?;
    let is_asked = |order: &Value| {
        let exceptions = order.get("exceptions").and_then(Value::as_array);
        text(order, "/status") == "awaiting_payment" && exceptions.is_some_and(|e| !e.is_empty())
    };
    let text = format!("{} paid half of it: not cancelled, a person is asked", asked.len());
    stage.promise(&text, asked.iter().all(is_asked));
    each(orders.clone(), 8, |order| async move {
        let rest = rest(&order.gross, 2);
        shop.pay(&order.id, &rest, &format!("rest-{}", order.number)).await
    })
    .await?;
    shop.settle().await?;
    let paid = now_of(shop, &orders).await?;
    stage.promise("the rest comes: confirmed", all_are(&paid, "confirmed"));
    Ok(())
}

/// The third day's special orders: money that comes twice, and news that comes twice.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn twice(stage: &mut Stage, shop: &Shop, told: &[Told]) -> LocalResult<()> {
    let (twice, told_twice) = (of(told, Case::Twice), of(told, Case::ToldTwice));
    for _ in 0..2 {
        pay_all(shop, &told_twice).await?;
    }
    pay_all(shop, &twice).await?;
    each(twice.clone(), 8, |order| async move {
        shop.pay(&order.id, &order.gross, &format!("again-{}", order.number)).await
    })
    .await?;
    shop.settle().await?;
    let once = now_of(shop, &told_twice).await?;
    let exact = |o: &Value| {
        cents(o, "/payment/paid") == cents(o, "/totals/gross")
            && cents(o, "/payment/refund_owed") == 0
    };
    let text = format!("{} payments told of twice by the provider: counted once", once.len());
    stage.promise(&text, once.iter().all(exact));
    let owed = now_of(shop, &twice).await?;
    let is_owed = |o: &Value| cents(o, "/payment/refund_owed") == cents(o, "/totals/gross");
    let text = format!("{} paid by two payments: the second is owed back", owed.len());
    stage.promise(&text, owed.iter().all(is_owed));
    each(twice.clone(), 8, |order| async move {
        let body = json!({ "reference": format!("back-{}", order.number), "amount": order.gross });
        shop.command(&order.id, "refund", &body).await
    })
    .await?;
    let back = now_of(shop, &twice).await?;
    stage.promise("and goes back", back.iter().all(|o| cents(o, "/payment/refund_owed") == 0));
    Ok(())
}

/// Goods come in for those who wait; who ordered first is served first.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn goods_come(stage: &mut Stage, shop: &Shop, told: &[Told]) -> LocalResult<()> {
    let orders = of(told, Case::Awaited);
    let waiting = now_of(shop, &orders).await?;
    let text = format!("{} wait for honey that is out of stock", waiting.len());
    stage.promise(&text, all_are(&waiting, "backordered"));
    shop.receive("demo-honey", &[(AWAITED.0, "VNO", 20)]).await?;
    shop.settle().await?;
    let served = now_of(shop, &orders).await?;
    stage.promise("20 jars come in: each is served", all_are(&served, "awaiting_payment"));
    pay_all(shop, &orders).await?;
    shop.settle().await
}

fn split(gross: &str, parts: i64) -> Option<(String, String)> {
    let euro = Currency::parse("EUR")?;
    let whole = Amount::parse(gross, euro).ok()?;
    let part = Amount(whole.0.checked_div(parts)?);
    Some((part.format(euro), whole.minus(part).format(euro)))
}

fn part(gross: &str, parts: i64) -> String {
    split(gross, parts).map(|(part, _)| part).unwrap_or_default()
}

fn rest(gross: &str, parts: i64) -> String {
    split(gross, parts).map(|(_, rest)| rest).unwrap_or_default()
}
