//! Possible duplicates: the same customer, lines, total and delivery address within ten minutes,
//! under another key and external id (`spec/domain.md`, "Repeats"). Decided by a conditional
//! claim on the digest made here, in the transaction of the order itself.

use crate::ids;
use crate::order::{Channel, Order};
use crate::time::Seconds;
use serde_json::json;

/// How long an order claims its like.
pub const WINDOW: Seconds = Seconds::minutes(10);

/// What an order has in common with its like; none where nobody asks: partners, spreadsheets and
/// subscriptions repeat orders on purpose, and nobody repeats for a customer who is not known.
#[must_use]
pub fn fingerprint(order: &Order) -> Option<String> {
    match order.channel {
        Channel::Webshop | Channel::Manager => {}
        Channel::Partner | Channel::Import | Channel::Recurring => return None,
    }
    if order.customer_id.is_empty() {
        return None;
    }
    let mut lines: Vec<String> = order
        .lines
        .iter()
        .map(|line| {
            let detail = &line.detail;
            let options: Vec<[&str; 2]> =
                detail.options.iter().map(|o| [o.name.as_str(), o.value.as_str()]).collect();
            json!([line.sku, line.quantity.to_thousandths(), detail.unit_price, options])
                .to_string()
        })
        .collect();
    // In whatever order the basket was filled.
    lines.sort_unstable();
    let plain = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_lowercase();
    let address = order.placed.delivery.address.clone().unwrap_or_default();
    let to = [
        plain(&address.line1),
        plain(&address.line2),
        plain(&address.city),
        plain(&address.postal_code),
        plain(&address.country),
        plain(&order.placed.delivery.pickup_point),
    ];
    let same = json!([order.customer_id, order.currency.code(), order.totals.gross.0, to, lines]);
    Some(ids::digest(same.to_string().as_bytes()))
}
