//! Act 2: the server is killed under load, and started again.

use crate::demo::audited;
use crate::demo::server::{Server, a_moment};
use crate::demo::shop::{Placed, Shop, Wish, cents, each, text};
use crate::demo::stage::{Stage, seconds};
use crate::error::LocalResult;
use indicatif::ProgressBar;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Orders that are placed and paid.
const ORDERS: usize = 160;
/// Buyers at once.
const BUYERS: usize = 24;
/// After so many answers the server is killed.
const KILLED_AT: [usize; 2] = [60, 180];
/// Customers of this act begin with this number.
const CUSTOMERS_FROM: usize = 20_000;
/// How long a buyer tries.
const PATIENCE: Duration = Duration::from_secs(90);

/// Plays the act.
///
/// # Errors
/// The server cannot be started again, or does not do what it is asked.
pub async fn play(
    stage: &mut Stage,
    server: &mut Server,
    shop: &Shop,
    folder: &Path,
) -> LocalResult<Vec<Placed>> {
    stage.title("Act 2: kill -9 under load, twice");
    let bar = stage.progress("orders placed and paid", ORDERS);
    let answers = AtomicUsize::new(0);
    let tries = AtomicUsize::new(0);
    let wishes: Vec<Wish> = (0..ORDERS).map(wish).collect();
    let buying = each(wishes, BUYERS, |wish| buy(shop, wish, &answers, &tries, &bar));
    let killing = async {
        let mut away = Vec::new();
        for limit in KILLED_AT {
            while answers.load(Ordering::Relaxed) < limit {
                tokio::task::yield_now().await;
                crate::run::wait::pause(1).await;
            }
            server.kill().await?;
            let killed = Instant::now();
            server.start_again().await?;
            away.push(killed.elapsed());
        }
        Ok::<_, crate::LocalError>(away)
    };
    let (orders, away) = futures::future::try_join(buying, killing).await?;
    shop.settle().await?;
    bar.finish_and_clear();
    let away: Vec<String> = away.into_iter().map(seconds).collect();
    stage.say(&format!(
        "  {ORDERS} buyers place and pay an order each, {BUYERS} at once; whoever got no answer asked \
         again ({} times)",
        tries.load(Ordering::Relaxed),
    ));
    stage.say(&format!("  killed and back at work after {}", away.join(" and ")));
    let now = each(orders.clone(), 32, |order| async move { shop.order(&order.id).await }).await?;
    let confirmed = now.iter().filter(|order| text(order, "/status") == "confirmed").count();
    let lost = ORDERS.saturating_sub(confirmed);
    stage.promise(&format!("{confirmed} orders confirmed: {lost} lost"), lost == 0);
    let ids: BTreeSet<&str> = now.iter().map(|order| text(order, "/id")).collect();
    let doubled = all_of_act(shop).await?.saturating_sub(ids.len());
    stage.promise(&format!("{} orders are there: {doubled} doubled", ids.len()), doubled == 0);
    let paid: i64 = now.iter().map(|order| cents(order, "/payment/paid")).sum();
    let wanted: i64 = now.iter().map(|order| cents(order, "/totals/gross")).sum();
    let more: usize = now.iter().filter(|order| cents(order, "/payment/refund_owed") != 0).count();
    stage.promise(
        &format!("paid to the cent: {more} payments doubled"),
        paid == wanted && more == 0,
    );
    audited(stage, folder).await?;
    Ok(orders)
}

fn wish(buyer: usize) -> Wish {
    let line = |sku: &str, price: &str, units| (sku.to_owned(), price.to_owned(), units);
    let lines = match buyer % 3 {
        0 => vec![line("TEA-102", "9.80", 1), line("SWT-500", "4.80", 1)],
        1 => vec![line("COF-300", "9.90", 1)],
        _ => vec![line("HERB-200", "4.20", 2), line("HERB-201", "3.90", 1)],
    };
    let number = format!("crash-{buyer}");
    Wish { number, customer: CUSTOMERS_FROM + buyer, lines, method: "card" }
}

/// Places an order and pays it; whoever gets no answer asks again, with the same number.
async fn buy(
    shop: &Shop,
    wish: Wish,
    answers: &AtomicUsize,
    tries: &AtomicUsize,
    bar: &ProgressBar,
) -> LocalResult<Placed> {
    let begun = Instant::now();
    let again = |error: crate::LocalError| async {
        if begun.elapsed() > PATIENCE {
            return Err(error);
        }
        tries.fetch_add(1, Ordering::Relaxed);
        a_moment().await;
        Ok(())
    };
    let placed = loop {
        match shop.place(&wish).await {
            Ok(placed) => break placed,
            Err(error) => again(error).await?,
        }
    };
    answers.fetch_add(1, Ordering::Relaxed);
    loop {
        match shop.pay_in_full(&placed).await {
            Ok(()) => break,
            Err(error) => again(error).await?,
        }
    }
    answers.fetch_add(1, Ordering::Relaxed);
    bar.inc(1);
    Ok(placed)
}

/// How many orders of this act the server has.
async fn all_of_act(shop: &Shop) -> LocalResult<usize> {
    let mut count = 0;
    let mut path = "/v1/orders?limit=200".to_owned();
    loop {
        let page = shop.client.get(&path).await?;
        let items = crate::demo::shop::items(&page.body);
        count += items.iter().filter(|o| text(o, "/external_id").starts_with("crash-")).count();
        match page.text("/next") {
            "" => return Ok(count),
            next => path = format!("/v1/orders?limit=200&cursor={next}"),
        }
    }
}
