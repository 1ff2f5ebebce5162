//! Taking an order in, and the `validate` step.

use super::Facts;
use super::draft::{Decision, Draft};
use super::{credit, payments};
use crate::ids;
use crate::intake::{Draft as Body, Product};
use crate::money::Amount;
use crate::order::{
    Actor, Desk, EventKind, Ledger, NetTerms, Order, PRIORITY_DEFAULT, Parts, PolicyRef, Recipient,
    SubscriptionRef,
};
use crate::policy::{OnTotalMismatch, Policy, Step, StepOutcome};
use crate::price::{TaxRounding, Totals};
use crate::stock::StockView;
use crate::time::Timestamp;
use crate::validation::{self, ValidationFacts};
use serde_json::json;
use std::collections::BTreeMap;

/// What is known of a new order beside its body.
#[derive(Clone, Debug)]
pub struct Origin {
    /// The order's id, from (client, key).
    pub id: String,
    /// Who sent it.
    pub client: String,
    /// Digest of the body.
    pub body_hash: String,
    /// The customer's card.
    pub customer_id: String,
    /// Its turn among those who wait.
    pub priority: u16,
    /// The group of customers it belongs to.
    pub demand_class: Option<String>,
    /// The client may set prices.
    pub prices_trusted: bool,
    /// Where tax is rounded.
    pub tax_rounding: TaxRounding,
    /// The price list that applies.
    pub price_list: Option<String>,
    /// When an invoice of this customer is due.
    pub net_terms: Option<NetTerms>,
    /// The subscription that makes it.
    pub subscription: Option<SubscriptionRef>,
    /// Who does it.
    pub actor: Actor,
}

impl Origin {
    /// An order that a client sends.
    #[must_use]
    pub fn of_client(id: &str, client: &str, body_hash: &str, actor: Actor) -> Self {
        Self {
            id: id.to_owned(),
            client: client.to_owned(),
            body_hash: body_hash.to_owned(),
            customer_id: String::new(),
            priority: PRIORITY_DEFAULT,
            demand_class: None,
            prices_trusted: true,
            tax_rounding: TaxRounding::default(),
            price_list: None,
            net_terms: None,
            subscription: None,
            actor,
        }
    }
}

/// A new order in its policy's first status. What the body leaves out of names, prices and rates
/// is filled in from the catalogue where it has the article.
#[must_use]
pub fn receive(
    policy: &Policy,
    body: Body,
    origin: Origin,
    products: &BTreeMap<String, Product>,
    now: Timestamp,
) -> Decision {
    let mut order = Order {
        number: ids::order_number(&origin.id),
        id: origin.id,
        external_id: body.external_id,
        client: origin.client,
        body_hash: origin.body_hash,
        customer_id: origin.customer_id,
        version: 0,
        policy: PolicyRef { name: policy.name.clone(), version: policy.version },
        status: policy.initial.clone(),
        phase: policy.phase(&policy.initial),
        status_since: now,
        rung: 0,
        redrive_at: None,
        last_line: 0,
        steps_judged: 0,
        redrives: 0,
        channel: body.channel,
        currency: body.currency,
        prices_include_tax: body.prices_include_tax,
        prices_trusted: origin.prices_trusted,
        ship_together: body.ship_together,
        terms: body.terms,
        method: body.method,
        delivery_method: body.delivery_method,
        country: body.country,
        priority: origin.priority,
        demand_class: origin.demand_class,
        references: body.references,
        stated_total: body.stated_total,
        tax_rounding: origin.tax_rounding,
        price_list: origin.price_list,
        net_terms: origin.net_terms,
        duplicate_of: None,
        credit_taken: Amount::ZERO,
        totals: Totals::default(),
        lines: body.lines,
        placed: body.placed,
        reasons: Vec::new(),
        overridden: Vec::new(),
        holds: Vec::new(),
        exceptions: Vec::new(),
        ledger: Ledger::default(),
        shipments: Vec::new(),
        question: None,
        answered: None,
        stock_work: None,
        desk: Desk::default(),
        subscription: origin.subscription,
        parts: Parts::default(),
        responsible: None,
        recent_commands: Vec::new(),
        recent_events: Vec::new(),
        created_at: now,
        updated_at: now,
    };
    validation::fill_from_catalogue(&mut order, products);
    let nothing = StockView::default();
    let mut draft = Draft::new(policy, &order, &nothing, origin.actor, "order", now);
    let to = order.status.clone();
    let event = draft.event(EventKind::OrderReceived);
    event.to = Some(to);
    draft.placed_changed = true;
    draft.finish()
}

/// What the judgement was made from, for whoever asks why. Holds no personal data.
fn say_what_was_judged(draft: &mut Draft<'_>, kind: EventKind) {
    let order = &draft.order;
    let total = order.totals.gross.format(order.currency);
    let stated = order.stated_total.map(|stated| stated.format(order.currency));
    let prices = match (&order.price_list, order.prices_trusted) {
        (Some(_) | None, true) => "client".to_owned(),
        (Some(list), false) => format!("price_list {list}"),
        (None, false) => "catalogue".to_owned(),
    };
    let overridden = order.overridden.clone();
    draft.data_of(kind, "total", total);
    draft.data_of(kind, "prices", prices);
    if let Some(stated) = stated {
        draft.data_of(kind, "stated_total", stated);
    }
    if !overridden.is_empty() {
        draft.data_of(kind, "overridden", json!(overridden));
    }
}

/// Looks for everything that can be known to be wrong; all reasons at once.
pub(super) fn validate(policy: &Policy, order: &Order, facts: &Facts, now: Timestamp) -> Decision {
    let Some(status) = policy.status(&order.status).filter(|s| s.step == Some(Step::Validate))
    else {
        // The order has moved on: a late or repeated message.
        return Decision::unchanged(order);
    };
    if !order.holds.is_empty() {
        return Decision::unchanged(order);
    }
    let actor = Actor::system("validate");
    let mut draft = Draft::new(policy, order, &facts.stock, actor, "validate", now);
    validation::fill_from_catalogue(&mut draft.order, &facts.products);
    let checked = ValidationFacts {
        products: &facts.products,
        open_unpaid: facts.open_unpaid,
        open_unpaid_max: policy.open_unpaid_max,
        takes_deposits: policy.takes_deposits(),
        trusted_prices: order.prices_trusted,
        list_without_tax: facts.list_without_tax,
        total_tolerance: policy.total_tolerance,
        email_ok: facts.email_ok,
        phone_ok: facts.phone_ok,
    };
    let mut findings = validation::findings(&draft.order, &checked);
    findings.extend(duplicate(order));
    findings.extend(credit::finding(&draft.order, &facts.customer));
    findings.retain(|reason| !draft.order.overridden.contains(&reason.code));
    let mismatch = findings.iter().any(|r| r.code == "total_mismatch");
    // Never refused by itself when money has come.
    let refused = mismatch
        && policy.on_total_mismatch == OnTotalMismatch::Reject
        && !draft.order.ledger.received().is_positive();
    let (kind, outcome) = if refused {
        (EventKind::OrderRejected, StepOutcome::Refused)
    } else if findings.is_empty() {
        (EventKind::OrderValidated, StepOutcome::Ok)
    } else {
        (EventKind::ReviewRequired, StepOutcome::Review)
    };
    let to = status.then.get(&outcome).cloned().unwrap_or_else(|| order.status.clone());
    let codes: Vec<String> = findings.iter().map(|r| r.code.clone()).collect();
    draft.placed_changed =
        draft.order.placed != order.placed || details(&draft.order) != details(order);
    draft.order.reasons = findings;
    let reason = refused.then_some("total_mismatch");
    if outcome == StepOutcome::Ok {
        credit::take(&mut draft, &facts.customer, false);
    }
    draft.go(kind, &to, reason);
    say_what_was_judged(&mut draft, kind);
    // Money may have come before it was known what the order comes to.
    payments::owe_surplus(&mut draft);
    if !codes.is_empty() {
        draft.data_of(kind, "reasons", json!(codes));
        let data_needed = codes.iter().any(|code| CUSTOMER_CAN_MEND.contains(&code.as_str()));
        if data_needed && !refused {
            draft.notify("data_needed", Recipient::Customer);
        }
    }
    if facts.customer.overdue > 0 && !refused {
        draft.hold(OVERDUE_HOLD, None, Some("invoices_overdue"));
        draft.notify("staff_alert", Recipient::Staff);
    }
    draft.finish()
}

/// The hold on new orders of a customer whose invoices are overdue.
pub const OVERDUE_HOLD: &str = "overdue";

/// Reasons that only the customer can mend, so that they are told at once.
const CUSTOMER_CAN_MEND: [&str; 6] = [
    "address_missing",
    "address_incomplete",
    "postal_code",
    "delivery_method_missing",
    "pickup_point_missing",
    "no_usable_contact",
];

fn duplicate(order: &Order) -> Option<crate::order::Reason> {
    order.duplicate_of.as_ref().map(|other| crate::order::Reason {
        code: "possible_duplicate".to_owned(),
        pointer: None,
        detail: format!(
            "Order {other} of the last ten minutes has the same customer, lines, total and address."
        ),
        suggestion: Some("Cancel one of the two, or approve this one.".to_owned()),
    })
}

fn details(order: &Order) -> Vec<&crate::order::LineDetail> {
    order.lines.iter().map(|line| &line.detail).collect()
}
