//! What validation needs to know beside the order, read in few requests however many lines it has.

use crate::catalogue::products;
use crate::contacts::{e164, is_email};
use crate::{Runtime, StepResult};
use ordermill_domain::decide::Facts;
use ordermill_domain::order::Order;

/// The facts of the `validate` step.
///
/// # Errors
/// The table cannot be reached.
pub async fn facts(runtime: &Runtime, order: &Order) -> StepResult<Facts> {
    let products = products(runtime, &order.lines).await?;
    let customer = &order.placed.customer;
    let country = order.country.as_deref();
    Ok(Facts {
        products,
        email_ok: customer.email.as_deref().is_some_and(is_email),
        phone_ok: customer.phone.as_deref().is_some_and(|phone| e164(phone, country).is_some()),
        ..Facts::default()
    })
}
