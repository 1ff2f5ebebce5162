//! Act 1: five hundred buyers at once for fifty pieces.

use crate::demo::audited;
use crate::demo::shop::{Placed, Shop, Wish, each, text};
use crate::demo::stage::{Stage, per_second, seconds};
use crate::error::LocalResult;
use serde_json::json;
use std::path::Path;
use std::time::Instant;

/// Who wants one.
const BUYERS: usize = 500;
/// How many there are, by warehouse.
const PIECES: [(&str, &str, i64); 2] = [(SKU, "VNO", 30), (SKU, "KUN", 20)];
const SKU: &str = "TEA-199";
const PRICE: &str = "49.00";
/// Customers of this act begin with this number.
const CUSTOMERS_FROM: usize = 10_000;

/// Plays the act.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn play(stage: &mut Stage, shop: &Shop, folder: &Path) -> LocalResult<Vec<Placed>> {
    stage.title("Act 1: 500 buyers at once, 50 pieces");
    shop.product(SKU, "Pu-erh of 1998, the last fifty", PRICE).await?;
    shop.receive("demo-rush", &PIECES).await?;
    let wishes: Vec<Wish> = (0..BUYERS)
        .map(|buyer| Wish {
            number: format!("rush-{buyer}"),
            customer: CUSTOMERS_FROM + buyer,
            lines: vec![(SKU.to_owned(), PRICE.to_owned(), 1)],
            method: "card",
        })
        .collect();
    let begun = Instant::now();
    let bar = stage.progress("orders come in", BUYERS);
    let orders = each(wishes, BUYERS, |wish| {
        let bar = &bar;
        async move {
            let placed = shop.place(&wish).await;
            bar.inc(1);
            placed
        }
    })
    .await?;
    let taken_in = begun.elapsed();
    shop.settle().await?;
    let decided = begun.elapsed();
    bar.finish_and_clear();
    stage.say(&format!(
        "  {BUYERS} orders over {BUYERS} connections: all answered after {} ({} a second), all \
         decided after {}",
        seconds(taken_in),
        per_second(BUYERS, taken_in),
        seconds(decided),
    ));
    let (won, lost) = sorted(shop, orders).await?;
    stage.promise(&format!("{} have one reserved (50 there were)", won.len()), won.len() == 50);
    stage.promise(&format!("{} were told that they wait", lost.len()), lost.len() == BUYERS - 50);
    let stock = shop.client.get(&format!("/v1/stock/{SKU}")).await?.body;
    let units = |name: &str| stock.get(name).and_then(serde_json::Value::as_i64).unwrap_or(-1);
    stage.promise(
        &format!(
            "stock: {} on hand, {} reserved, {} left",
            units("on_hand"),
            units("reserved"),
            units("available")
        ),
        units("on_hand") == 50 && units("reserved") == 50 && units("available") == 0,
    );
    audited(stage, folder).await?;
    each(won.clone(), 16, |order| async move { shop.pay_in_full(&order).await }).await?;
    let bar = stage.progress("the others give up", lost.len());
    each(lost.clone(), 16, |order| {
        let bar = &bar;
        async move {
            let reason = json!({ "reason": "no_longer_wanted" });
            let cancelled = shop.command(&order.id, "cancel", &reason).await;
            bar.inc(1);
            cancelled
        }
    })
    .await?;
    shop.settle().await?;
    bar.finish_and_clear();
    let sold = count(shop, &won, "confirmed").await?;
    stage.promise(&format!("{sold} pay: 50 sold; the other {} give up", lost.len()), sold == 50);
    Ok(won.into_iter().chain(lost).collect())
}

/// Those who have one reserved, and those who wait.
async fn sorted(shop: &Shop, orders: Vec<Placed>) -> LocalResult<(Vec<Placed>, Vec<Placed>)> {
    let looked = each(orders, 32, |order| async move {
        let now = shop.order(&order.id).await?;
        Ok((text(&now, "/status").to_owned(), order))
    })
    .await?;
    let (mut won, mut lost) = (Vec::new(), Vec::new());
    for (status, order) in looked {
        match status.as_str() {
            "awaiting_payment" => won.push(order),
            "backordered" => lost.push(order),
            _ => {}
        }
    }
    Ok((won, lost))
}

/// How many of these orders are in that status.
pub(crate) async fn count(shop: &Shop, orders: &[Placed], status: &str) -> LocalResult<usize> {
    let looked = each(orders.to_vec(), 32, |order| async move { shop.order(&order.id).await });
    Ok(looked.await?.iter().filter(|order| text(order, "/status") == status).count())
}
