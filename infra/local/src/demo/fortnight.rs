//! Act 3: a shop's fortnight on the moved clock, and a subscription across February.

use crate::demo::cases::{self, AWAITED, Case, Told};
use crate::demo::rush::count;
use crate::demo::shop::{Placed, Shop, each, items, text};
use crate::demo::stage::{Stage, seconds};
use crate::error::{LocalError, LocalResult};
use ordermill_domain::time::{Seconds, Timestamp};
use serde_json::Value;
use std::time::Instant;

/// Days of the act.
const DAYS: i64 = 14;
/// Ordinary orders of a day.
const ORDERS_A_DAY: usize = 12;
/// Customers of this act begin with this number.
const CUSTOMERS_FROM: usize = 30_000;
/// Requests of the staff at once.
const AT_ONCE: usize = 16;

/// What lies where, from one day to the next.
#[derive(Default)]
struct Desk {
    customers: usize,
    told: Vec<Told>,
    to_pay: Vec<Placed>,
    to_ship: Vec<Placed>,
    on_the_way: Vec<Placed>,
}

/// Plays the act; `parcels` are to be sent out on its first day.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn play(
    stage: &mut Stage,
    shop: &Shop,
    parcels: Vec<Placed>,
) -> LocalResult<Vec<Placed>> {
    stage.title("Act 3: a shop's fortnight, on the moved clock");
    shop.product(AWAITED.0, "Honey of the first linden, 500 g", AWAITED.1).await?;
    let begun = Instant::now();
    let start = shop.now().await?;
    let mut desk = Desk { to_ship: parcels, ..Desk::default() };
    let subscription = subscribe(shop, start).await?;
    let days = usize::try_from(DAYS).unwrap_or(0);
    let bar = stage.progress("days", days);
    for day in 0..DAYS {
        morning(shop, &mut desk).await?;
        orders_come(shop, &mut desk, day).await?;
        specials(stage, shop, &mut desk, day).await?;
        shop.advance_to(start.plus(Seconds::days(day + 1))).await?;
        bar.inc(1);
    }
    for _ in 0..3 {
        morning(shop, &mut desk).await?;
        shop.advance("1d").await?;
    }
    bar.finish_and_clear();
    let gone = cases::of(&desk.told, Case::NotByTransfer);
    let cancelled = count(shop, &gone, "cancelled").await?;
    stage.promise(
        &format!("{cancelled} transfers that never came: reminded twice, cancelled after 14 days"),
        cancelled == gone.len(),
    );
    let paid: Vec<Placed> = desk
        .told
        .iter()
        .filter(|one| !matches!(one.case, Case::NotByCard | Case::NotByTransfer))
        .map(|one| one.order.clone())
        .collect();
    let arrived = count(shop, &paid, "delivered").await? + count(shop, &paid, "completed").await?;
    stage.promise(
        &format!("{arrived} of {} paid orders have arrived", paid.len()),
        arrived == paid.len(),
    );
    stage.say(&format!(
        "  {} orders in {} days of the shop, {} of ours",
        desk.told.len(),
        DAYS + 3,
        seconds(begun.elapsed()),
    ));
    let repeated = across_february(stage, shop, &subscription).await?;
    stories(stage, shop, &desk.told, repeated.get(1)).await?;
    Ok(desk.told.into_iter().map(|one| one.order).chain(repeated).collect())
}

/// What the staff does first: sends out what is paid, and hears what has arrived.
async fn morning(shop: &Shop, desk: &mut Desk) -> LocalResult<()> {
    let arrived = std::mem::take(&mut desk.on_the_way);
    each(arrived, AT_ONCE, |order| async move { shop.deliver(&order).await }).await?;
    let paid = std::mem::take(&mut desk.to_pay);
    each(paid.clone(), AT_ONCE, |order| async move { shop.pay_in_full(&order).await }).await?;
    let parcels = std::mem::take(&mut desk.to_ship);
    each(parcels.clone(), AT_ONCE, |order| async move { shop.ship(&order).await }).await?;
    shop.settle().await?;
    desk.on_the_way = parcels;
    desk.to_ship = paid;
    Ok(())
}

async fn place(shop: &Shop, desk: &mut Desk, case: Case, count: usize) -> LocalResult<Vec<Placed>> {
    let from = CUSTOMERS_FROM + desk.customers;
    desk.customers += count;
    let wishes = (from..from + count).map(|customer| case.wish(customer)).collect();
    let orders = each(wishes, AT_ONCE, |wish| async move { shop.place(&wish).await }).await?;
    desk.told.extend(orders.iter().map(|order| Told { case, order: order.clone() }));
    Ok(orders)
}

/// Ordinary orders: who pays by card does it at once, a transfer comes the next morning.
async fn orders_come(shop: &Shop, desk: &mut Desk, day: i64) -> LocalResult<()> {
    let ordinary = place(shop, desk, Case::InTime, ORDERS_A_DAY).await?;
    for (case, count) in Case::SPECIAL.into_iter().filter(|(case, _)| case.day() == day) {
        place(shop, desk, case, count).await?;
    }
    shop.settle().await?;
    let looked = each(ordinary, AT_ONCE, |order| async move {
        let now = shop.order(&order.id).await?;
        Ok((text(&now, "/payment/method") == "card", order))
    })
    .await?;
    let (now, later): (Vec<_>, Vec<_>) = looked.into_iter().partition(|(by_card, _)| *by_card);
    let now: Vec<Placed> = now.into_iter().map(|(_, order)| order).collect();
    each(now.clone(), AT_ONCE, |order| async move { shop.pay_in_full(&order).await }).await?;
    desk.to_ship.extend(now);
    desk.to_pay.extend(later.into_iter().map(|(_, order)| order));
    Ok(())
}

async fn specials(stage: &mut Stage, shop: &Shop, desk: &mut Desk, day: i64) -> LocalResult<()> {
    let ready: &[Case] = match day {
        0 => {
            cases::too_small(stage, shop, &desk.told).await?;
            &[Case::TooSmall]
        }
        1 => {
            cases::limits_run_out(stage, shop, &desk.told).await?;
            &[Case::AtTheLimit, Case::Late]
        }
        2 => {
            cases::twice(stage, shop, &desk.told).await?;
            &[Case::Twice, Case::ToldTwice]
        }
        4 => {
            cases::goods_come(stage, shop, &desk.told).await?;
            &[Case::Awaited]
        }
        _ => &[],
    };
    for case in ready {
        desk.to_ship.extend(cases::of(&desk.told, *case));
    }
    Ok(())
}

/// A subscription on the last day of each month, beginning with a 31st of January.
async fn subscribe(shop: &Shop, start: Timestamp) -> LocalResult<String> {
    let after = start.plus(Seconds::days(DAYS + 7)).to_jiff();
    let date = after.to_zoned(jiff::tz::TimeZone::UTC).date();
    let year = i32::from(date.year()) + i32::from((date.month(), date.day()) > (1, 30));
    let wish = Case::InTime.wish(CUSTOMERS_FROM - 1);
    let body = wish.subscription("FREQ=MONTHLY;BYMONTHDAY=31", &format!("{year:04}-01-31"));
    let answered = shop.client.post_once("/v1/subscriptions", "demo-subscription", &body).await?;
    if answered.status != 201 && answered.status != 200 {
        let what = format!("a subscription: {} {}", answered.status, answered.body);
        return Err(LocalError::refused(what));
    }
    Ok(answered.text("/id").to_owned())
}

/// The first three dates of the subscription, each sent out, handed over and paid.
async fn across_february(
    stage: &mut Stage,
    shop: &Shop,
    subscription: &str,
) -> LocalResult<Vec<Placed>> {
    let path = format!("/v1/subscriptions/{subscription}");
    let preview = shop.client.get(&format!("{path}/preview?count=3")).await?;
    let dates: Vec<String> =
        items(&preview.body).iter().map(|item| text(item, "/date").to_owned()).collect();
    let moments: Vec<Timestamp> = items(&preview.body)
        .iter()
        .filter_map(|item| Timestamp::parse(text(item, "/at")).ok())
        .collect();
    let mut repeated: Vec<Placed> = Vec::new();
    let mut made: Vec<String> = Vec::new();
    for moment in moments {
        shop.advance_to(moment.plus(Seconds::hours(1))).await?;
        let orders = items(&shop.client.get(&format!("{path}/orders?limit=50")).await?.body);
        for order in &orders {
            let id = text(order, "/id");
            if repeated.iter().any(|known| known.id == id) {
                continue;
            }
            let placed = placed(order);
            shop.ship(&placed).await?;
            shop.deliver(&placed).await?;
            shop.pay_in_full(&placed).await?;
            made.push(text(order, "/subscription/occurrence").to_owned());
            repeated.push(placed);
        }
        shop.settle().await?;
    }
    stage.promise(
        &format!("a subscription for each 31st makes orders on {}", dates.join(", ")),
        made == dates && dates.len() == 3,
    );
    Ok(repeated)
}

fn placed(order: &Value) -> Placed {
    Placed {
        id: text(order, "/id").to_owned(),
        number: text(order, "/number").to_owned(),
        gross: text(order, "/totals/gross").to_owned(),
    }
}

/// A few orders as timelines, and a reminder as the customer read it.
async fn stories(
    stage: &mut Stage,
    shop: &Shop,
    told: &[Told],
    repeated: Option<&Placed>,
) -> LocalResult<()> {
    let first = |case: Case| cases::of(told, case).into_iter().next();
    let stories = [
        ("paid when it was cancelled already", first(Case::Late)),
        ("waited for goods", first(Case::Awaited)),
        ("paid twice", first(Case::Twice)),
        ("the subscription's February", repeated.cloned()),
    ];
    for (title, order) in stories {
        let Some(order) = order else { continue };
        stage.say(&format!("\n  {} · {title}", order.number));
        for event in shop.history(&order.id).await? {
            let what = text(&event, "/type").replace('_', " ");
            let status = match text(&event, "/to") {
                "" => String::new(),
                to => format!("→ {to}"),
            };
            let line = format!("    {}  {what:<20} {status}", day_and_time(text(&event, "/at")));
            stage.say(line.trim_end());
        }
    }
    let messages = shop.messages().await?;
    let is_reminder = |message: &&Value| {
        text(message, "/template") == "payment_reminder" && text(message, "/channel") == "email"
    };
    let reminders: Vec<&Value> = messages.iter().filter(is_reminder).collect();
    let english = reminders.iter().find(|m| text(m, "/subject").contains("order"));
    if let Some(reminder) = english.or(reminders.first()) {
        stage.say("\n  A reminder, as the customer read it:");
        stage.say(&format!("    │ {}\n    │", text(reminder, "/subject")));
        for line in text(reminder, "/text").trim_end().lines() {
            stage.say(format!("    │ {line}").trim_end());
        }
    }
    Ok(())
}

/// `2027-02-28 07:00`.
fn day_and_time(text: &str) -> String {
    text.get(..16).unwrap_or(text).replace('T', " ")
}
