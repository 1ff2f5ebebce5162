//! What the demonstration comes to: orders by outcome, stock, money, messages, the audit.

use crate::demo::audited;
use crate::demo::shop::{Placed, Shop, Stock, cents, each, euros, text};
use crate::demo::stage::Stage;
use crate::error::LocalResult;
use std::collections::BTreeMap;
use std::path::Path;

/// Tells it.
///
/// # Errors
/// The server does not do what it is asked.
pub async fn tell(
    stage: &mut Stage,
    shop: &Shop,
    folder: &Path,
    orders: Vec<Placed>,
    before: Stock,
) -> LocalResult<()> {
    stage.title("What it comes to");
    let orders = each(orders, 32, |order| async move { shop.order(&order.id).await }).await?;
    let mut outcomes: BTreeMap<&str, usize> = BTreeMap::new();
    for order in &orders {
        *outcomes.entry(text(order, "/status")).or_default() += 1;
    }
    let outcomes: Vec<String> =
        outcomes.iter().map(|(status, count)| format!("{count} {status}")).collect();
    stage.say(&format!("  orders    {}: {}", orders.len(), outcomes.join(", ")));
    let after = shop.stock().await?;
    stage.say(&format!(
        "  stock     {} units before, {} after; {} reserved, {} for sale",
        before.on_hand, after.on_hand, after.reserved, after.available,
    ));
    let sum = |pointer: &str| -> i64 { orders.iter().map(|order| cents(order, pointer)).sum() };
    let (paid, owed) = (sum("/payment/paid"), sum("/payment/refund_owed"));
    stage.say(&format!(
        "  money     {} came in, {} went back, {} are owed to customers",
        euros(paid),
        euros(sum("/payment/refunded")),
        euros(owed),
    ));
    let messages = shop.messages().await?;
    let by = |channel: &str| messages.iter().filter(|m| text(m, "/channel") == channel).count();
    let staff = messages.iter().filter(|m| text(m, "/audience") == "staff").count();
    stage.say(&format!(
        "  messages  {} e-mails and {} SMS, {staff} of them to staff",
        by("email"),
        by("sms"),
    ));
    audited(stage, folder).await
}
