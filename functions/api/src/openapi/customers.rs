//! Customers: their card, what is agreed with them, all that is kept, and forgetting them.

use super::answers::Export;
use super::bodies::{CustomerTermsBody, NothingBody};
use super::examples;
use super::operations::{Builder, Operation};
use ordermill_views::customer::{CustomerCardView, ErasureView};
use serde_json::{Value, json};

pub(super) fn card(builder: Builder<'_>) -> Operation {
    builder
        .about("settings", "A customer's card, and what is agreed")
        .answer::<CustomerCardView>(200, "The card.", examples::customer())
        .no(410, "customer_erased", "The customer was erased.")
        .done()
}

pub(super) fn terms(builder: Builder<'_>) -> Operation {
    builder
        .about("settings", "Set what is agreed with a customer")
        .body::<CustomerTermsBody>(true, examples::customer_terms())
        .answer::<CustomerCardView>(201, "They are new.", examples::customer())
        .answer::<CustomerCardView>(200, "They were replaced.", examples::customer())
        .no(409, "customer_being_erased", "The customer is being erased.")
        .no(410, "customer_erased", "The customer was erased.")
        .done()
}

pub(super) fn export(builder: Builder<'_>, order: Value) -> Operation {
    let example = examples::export(order);
    builder
        .about("settings", "All that is kept about a customer")
        .answer::<Export>(200, "The card, the subscriptions, and a page of orders.", example)
        .no(410, "customer_erased", "The customer was erased.")
        .done()
}

pub(super) fn erase(builder: Builder<'_>) -> Operation {
    builder
        .about("settings", "Forget a customer: names, addresses, contacts, and what they wrote")
        .body::<NothingBody>(false, json!({}))
        .answer::<ErasureView>(202, "It is under way.", examples::erasure(false))
        .answer::<ErasureView>(200, "It was done before.", examples::erasure(true))
        .no(409, "customer_has_open_orders", "Orders are open, or something is still owed.")
        .done()
}
