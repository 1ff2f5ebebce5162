//! Validate: looks for everything that can be known to be wrong with an order.
//!
//! In: the `validate` queue, [`OrderPointer`]. Out: nothing but the table.
//! Rules: `shared/domain/src/validation.rs`, `decide/taking_in.rs`. Wiring: `main.rs`.

use aws_lambda_events::event::sqs::{SqsBatchResponse, SqsEvent};
use ordermill_domain::decide::{Command, Facts};
use ordermill_domain::order::Order;
use ordermill_runtime::catalogue::products;
use ordermill_runtime::queues::OrderPointer;
use ordermill_runtime::step::{Wish, on_order};
use ordermill_runtime::{Failure, Queue, Runtime, StepResult, batch};

/// Validates the orders of a batch, each by itself.
pub async fn handle(runtime: &Runtime, event: SqsEvent) -> SqsBatchResponse {
    batch::each(Queue::Validate, event, |pointer: OrderPointer| validate(runtime, pointer)).await
}

async fn validate(runtime: &Runtime, pointer: OrderPointer) -> StepResult<()> {
    on_order(runtime, &pointer.order, |partition, _| async move {
        let facts = facts(runtime, &partition.stored.order).await?;
        Ok(Wish { commands: vec![Command::Validate], facts, ..Wish::default() })
    })
    .await?
    .map_err(|rejection| Failure::permanent(rejection.to_string()))?;
    Ok(())
}

/// What validation needs to know beside the order.
async fn facts(runtime: &Runtime, order: &Order) -> StepResult<Facts> {
    let products = products(runtime, &order.lines).await?;
    let customer = &order.placed.customer;
    Ok(Facts {
        products,
        email_ok: customer.email.as_deref().is_some_and(email_address::EmailAddress::is_valid),
        phone_ok: customer.phone.as_deref().is_some_and(|p| is_phone(p, order.country.as_deref())),
        ..Facts::default()
    })
}

/// Whether a text is a telephone number, by libphonenumber's data; the delivery country is the
/// default region.
fn is_phone(text: &str, country: Option<&str>) -> bool {
    let region = country.and_then(|code| code.parse().ok());
    phonenumber::parse(region, text).is_ok_and(|number| number.is_valid())
}

#[cfg(test)]
mod tests {
    use super::is_phone;

    #[test]
    fn a_national_number_is_read_in_the_country_of_delivery() {
        assert!(is_phone("+37061234567", None));
        assert!(is_phone("8 612 34567", Some("LT")));
        assert!(!is_phone("8 612 34567", None));
        assert!(!is_phone("hello", Some("LT")));
    }
}
