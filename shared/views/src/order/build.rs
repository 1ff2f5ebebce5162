//! From the domain's order to what the API shows.

use super::{
    AddressView, AllocationView, AttemptView, BillingView, BundlePartView, CommentView,
    CustomerView, DeliveryView, DepositView, DiscountView, ExceptionView, FeeView, HoldView,
    LineDiscountView, LineView, MoneyObjectView, OptionView, OrderView, PaymentView,
    ProductionStepView, QuestionView, ReasonView, ShipmentLineView, ShipmentView, ShippingView,
    SubscriptionRefView, TaxView, TotalsView,
};
use crate::Audience;
use crate::approval::approval_url;
use crate::track::tracking_url;
use crate::values::{Decimal, Moment};
use ordermill_domain::decide::{guards, limits};
use ordermill_domain::money::{Currency, format_decimal};
use ordermill_domain::order::placed::{Address, Charge, Discount};
use ordermill_domain::order::{Line, Order, Terms};
use ordermill_domain::policy::{Policy, ProductionStep};
use ordermill_domain::production;

impl LineView {
    /// The line in the order's currency.
    #[must_use]
    pub fn new(shown: &Line, currency: Currency) -> Self {
        line(shown, currency)
    }
}

impl TotalsView {
    /// The order's totals.
    #[must_use]
    pub fn new(order: &Order) -> Self {
        totals(order)
    }
}

impl OrderView {
    /// The order as this audience sees it. `policy` is the version the order is pinned to.
    #[must_use]
    pub fn new(order: &Order, policy: &Policy, audience: Audience<'_>) -> Self {
        let currency = order.currency;
        let placed = &order.placed;
        Self {
            id: order.id.clone(),
            number: order.number.clone(),
            external_id: order.external_id.clone(),
            version: order.version,
            client: order.client.clone(),
            status: order.status.clone(),
            phase: order.phase,
            status_since: order.status_since.into(),
            due_at: limits::due_at(policy, order).map(Moment::from),
            holds: holds(order),
            reasons: reasons(order),
            overridden: order.overridden.clone(),
            exceptions: exceptions(order),
            channel: order.channel,
            policy: order.policy.name.clone(),
            policy_version: order.policy.version,
            currency: currency.code().to_owned(),
            prices_include_tax: order.prices_include_tax,
            ship_together: order.ship_together,
            customer: customer(order),
            billing: billing(order),
            delivery: delivery(order),
            part_of: order.parts.of.clone(),
            parts: order.parts.into.clone(),
            responsible: order.responsible.clone(),
            lines: order.lines.iter().map(|l| line(l, currency)).collect(),
            shipping: placed.shipping.as_ref().map(|charge| ShippingView {
                method: charge.name.clone(),
                amount: Decimal::amount(charge.amount, currency),
                tax_rate: rate(charge),
            }),
            discounts: placed.discounts.iter().map(|d| discount(d, currency)).collect(),
            fees: placed.fees.iter().map(|charge| fee(charge, currency)).collect(),
            totals: totals(order),
            stated_total: order.stated_total.map(|total| Decimal::amount(total, currency)),
            payment: payment(order, policy, audience),
            fulfilment: order.fulfilment(),
            production: steps(order, policy),
            shipments: shipments(order),
            subscription: order.subscription.as_ref().map(|s| SubscriptionRefView {
                id: s.id.clone(),
                occurrence: s.occurrence.clone(),
            }),
            purchase_order: placed.purchase_order.clone(),
            contract_number: placed.contract_number.clone(),
            gift: placed.gift.clone(),
            note: placed.note.clone(),
            metadata: placed.metadata.clone(),
            comments: comments(order, audience),
            question: question(order, audience),
            tracking_url: tracking_url(audience.base_url, audience.signing_secret, &order.id),
            created_at: order.created_at.into(),
            updated_at: order.updated_at.into(),
            erased_at: placed.erased_at.map(Moment::from),
            jeopardy: None,
        }
    }
}

fn steps(order: &Order, policy: &Policy) -> Vec<ProductionStepView> {
    let Some(made) = &policy.production else { return Vec::new() };
    let plan = production::plan(policy, order);
    let view = |(place, step): (usize, &ProductionStep)| ProductionStepView {
        step: step.name.clone(),
        label: step.label.clone(),
        department: step.department.clone(),
        starts_at: plan.get(place).map(|planned| planned.starts_at.into()),
        ends_at: plan.get(place).map(|planned| planned.ends_at.into()),
        done: production::is_done(order, step),
    };
    made.steps.iter().enumerate().map(view).collect()
}

fn holds(order: &Order) -> Vec<HoldView> {
    let view = |hold: &ordermill_domain::order::Hold| HoldView {
        name: hold.name.clone(),
        line: hold.line,
        reason: hold.reason.clone(),
        since: hold.since.into(),
        due_at: hold.due_at.into(),
    };
    order.holds.iter().map(view).collect()
}

fn reasons(order: &Order) -> Vec<ReasonView> {
    let view = |reason: &ordermill_domain::order::Reason| ReasonView {
        code: reason.code.clone(),
        pointer: reason.pointer.clone(),
        detail: reason.detail.clone(),
        suggestion: reason.suggestion.clone(),
    };
    order.reasons.iter().map(view).collect()
}

fn exceptions(order: &Order) -> Vec<ExceptionView> {
    let view = |exception: &ordermill_domain::order::Exception| ExceptionView {
        code: exception.code.clone(),
        about: exception.about.clone(),
        detail: exception.detail.clone(),
        since: exception.since.into(),
        due_at: exception.due_at.into(),
    };
    order.exceptions.iter().map(view).collect()
}

fn customer(order: &Order) -> CustomerView {
    let customer = &order.placed.customer;
    CustomerView {
        card: Some(order.customer_id.clone()).filter(|card| !card.is_empty()),
        id: customer.id.clone(),
        name: customer.name.clone(),
        company: customer.company.clone(),
        email: customer.email.clone(),
        phone: customer.phone.clone(),
        locale: customer.locale.clone(),
        time_zone: customer.time_zone.clone(),
        preferred_channel: customer.preferred_channel.clone(),
    }
}

fn billing(order: &Order) -> BillingView {
    let billing = order.placed.billing.clone().unwrap_or_default();
    BillingView {
        name: billing.name,
        company: billing.company,
        company_code: billing.company_code,
        tax_id: billing.tax_id,
        address: billing.address.as_ref().map(address),
    }
}

fn delivery(order: &Order) -> DeliveryView {
    let delivery = &order.placed.delivery;
    DeliveryView {
        method: order.delivery_method,
        requested_date: delivery.requested_date.clone(),
        window: delivery.window.clone(),
        pickup_point: delivery.pickup_point.clone(),
        address: delivery.address.as_ref().map(address),
    }
}

fn address(address: &Address) -> AddressView {
    AddressView {
        line1: address.line1.clone(),
        line2: address.line2.clone(),
        city: address.city.clone(),
        region: address.region.clone(),
        postal_code: address.postal_code.clone(),
        country: address.country.clone(),
    }
}

impl From<&Address> for AddressView {
    fn from(from: &Address) -> Self {
        address(from)
    }
}

fn line(line: &Line, currency: Currency) -> LineView {
    let detail = &line.detail;
    LineView {
        line: line.line,
        sku: line.sku.clone(),
        name: detail.name.clone(),
        quantity: line.quantity.into(),
        unit_price: detail
            .unit_price
            .map(|price| Decimal(format_decimal(price, detail.price_places))),
        tax_rate: detail.tax_rate.map(|rate| Decimal(rate.to_string())),
        tax_category: detail.tax_category,
        total: Decimal::amount(detail.total, currency),
        options: detail
            .options
            .iter()
            .map(|o| OptionView { name: o.name.clone(), value: o.value.clone() })
            .collect(),
        made: line.made.iter().map(|(step, made)| (step.clone(), (*made).into())).collect(),
        discounts: detail
            .discounts
            .iter()
            .map(|d| LineDiscountView {
                code: d.code.clone(),
                amount: Decimal::amount(d.amount, currency),
            })
            .collect(),
        allocations: line
            .allocations
            .iter()
            .map(|a| AllocationView { warehouse: a.warehouse.clone(), quantity: a.held.into() })
            .collect(),
        backordered: line.backordered.into(),
        picked: line.picked().into(),
        shipped: line.shipped.into(),
        returned: line.returned.into(),
        cancelled: line.cancelled.into(),
        parts: line.detail.parts.iter().map(BundlePartView::from).collect(),
    }
}

fn rate(charge: &Charge) -> Option<Decimal> {
    charge.tax_rate.map(|rate| Decimal(rate.to_string()))
}

fn fee(charge: &Charge, currency: Currency) -> FeeView {
    FeeView {
        name: charge.name.clone(),
        amount: Decimal::amount(charge.amount, currency),
        tax_rate: rate(charge),
    }
}

fn discount(discount: &Discount, currency: Currency) -> DiscountView {
    DiscountView {
        code: discount.code.clone(),
        amount: Decimal::amount(discount.amount, currency),
        scope: discount.scope,
    }
}

fn totals(order: &Order) -> TotalsView {
    let amount = |amount| Decimal::amount(amount, order.currency);
    let totals = &order.totals;
    TotalsView {
        goods: amount(totals.goods),
        discount: amount(totals.discount),
        shipping: amount(totals.shipping),
        fees: amount(totals.fees),
        net: amount(totals.net),
        tax: amount(totals.tax),
        gross: amount(totals.gross),
        taxes: totals
            .taxes
            .iter()
            .map(|t| TaxView {
                rate: Decimal(t.rate.to_string()),
                category: t.category,
                net: amount(t.net),
                tax: amount(t.tax),
            })
            .collect(),
    }
}

fn question(order: &Order, audience: Audience<'_>) -> Option<QuestionView> {
    let question = order.question.as_ref()?;
    Some(QuestionView {
        number: question.number,
        about: question.about,
        items: question.items.iter().map(|item| item.id.clone()).collect(),
        silence: question.silence,
        asked_at: question.asked_at.into(),
        due_at: question.due_at.into(),
        url: approval_url(audience.base_url, audience.signing_secret, &order.id, question),
    })
}

fn payment(order: &Order, policy: &Policy, audience: Audience<'_>) -> PaymentView {
    let amount = |amount| Decimal::amount(amount, order.currency);
    let ledger = &order.ledger;
    let open = guards::open_amount(policy, order);
    let asked = guards::asked_amount(policy, order);
    let payable = asked.is_positive() && !order.is_closed();
    let pay_url = audience.payment_link.filter(|_| payable).map(|link| {
        link.replace("{number}", &order.number)
            .replace("{amount}", &asked.format(order.currency))
            .replace("{currency}", order.currency.code())
    });
    PaymentView {
        terms: order.terms,
        method: order.method,
        status: order.payment_facet(),
        paid: amount(ledger.received()),
        open: amount(open),
        asked: amount(asked),
        deposit: order.terms.and_then(Terms::deposit).map(|percent| DepositView {
            percent: percent.value(),
            amount: amount(percent.of(order.gross())),
            paid: guards::deposit_paid(policy, order),
        }),
        refund_owed: amount(ledger.refund_owed()),
        refunded: amount(ledger.refunded()),
        pay_url,
        references: order.references.clone(),
        payments: ledger
            .payments
            .iter()
            .map(|p| MoneyObjectView {
                provider: p.provider.clone(),
                reference: p.reference.clone(),
                amount: amount(p.received),
                refunded: amount(p.gone()),
                disputed: amount(p.disputed()),
                method: p.method.clone(),
                received_at: p.received_at.into(),
            })
            .collect(),
        attempts: ledger
            .attempts
            .iter()
            .map(|a| AttemptView {
                provider: a.provider.clone(),
                reference: a.reference.clone(),
                outcome: a.outcome.clone(),
                code: a.code.clone(),
                at: a.at.into(),
            })
            .collect(),
    }
}

fn shipments(order: &Order) -> Vec<ShipmentView> {
    let view = |shipment: &ordermill_domain::order::Shipment| ShipmentView {
        shipment: shipment.number,
        carrier: shipment.carrier.clone(),
        tracking: shipment.tracking.clone(),
        lines: shipment
            .lines
            .iter()
            .map(|l| ShipmentLineView {
                line: l.line,
                warehouse: l.warehouse.clone(),
                quantity: l.quantity.into(),
            })
            .collect(),
        shipped_at: shipment.shipped_at.into(),
        expected_at: shipment.expected_at.map(Moment::from),
        delivered_at: shipment.delivered_at.map(Moment::from),
    };
    order.shipments.iter().map(view).collect()
}

fn comments(order: &Order, audience: Audience<'_>) -> Vec<CommentView> {
    order
        .placed
        .comments
        .iter()
        .filter(|comment| comment.for_customer || audience.internal)
        .map(|comment| CommentView {
            version: comment.version,
            author: comment.author.clone(),
            visibility: if comment.for_customer { "customer" } else { "internal" }.to_owned(),
            text: comment.text.clone(),
        })
        .collect()
}
