//! One order, brought to where each template speaks of it.

use super::{Audience, Input, Seller, Template};
use ordermill_domain::decide::taking_in::{Origin, receive};
use ordermill_domain::intake::{Defaults, parse_order};
use ordermill_domain::money::Amount;
use ordermill_domain::order::placed::Comment;
use ordermill_domain::order::{
    Actor, ArrivalTold, Channel, DeliveryMethod, Event, EventKind, Exception, Order, Payment,
    Reason, Shipment, ShipmentLine, SubscriptionRef, Terms, Todo,
};
use ordermill_domain::policy::{Phase, StatusKey, presets};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::time::{Seconds, Timestamp};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// A moment of the sample's story.
pub(super) fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap_or_default()
}

#[cfg(test)]
pub(super) fn seller() -> Seller {
    Seller {
        name: "Žalia arbata".to_owned(),
        address: Some("Pilies g. 1\nLT-01123 Vilnius".to_owned()),
        vat_id: Some("LT100001234567".to_owned()),
        phone: Some("+370 5 212 3456".to_owned()),
        email: Some("labas@arbata.example".to_owned()),
        colour: "#2e7d32".to_owned(),
        time_zone: "Europe/Vilnius".to_owned(),
        locale: "lt".to_owned(),
        payment_link: Some(
            "https://pay.example/{number}?amount={amount}&currency={currency}".to_owned(),
        ),
        bank_details: Some("LT12 1000 0111 0100 1000\nLuminor, UAB Žalia arbata".to_owned()),
        tracking_base_url: Some("https://arbata.example/v1/track".to_owned()),
    }
}

/// Two packets of tea and a cup, reserved and waiting for their money.
pub(super) fn order() -> Order {
    static ORDER: LazyLock<Order> = LazyLock::new(taken_in);
    ORDER.clone()
}

fn taken_in() -> Order {
    let body = json!({
        "external_id": "web-100045",
        "currency": "EUR",
        "customer": {
            "name": "Ona Kazlauskienė", "email": "ona@example.com", "phone": "+37061234567",
            "locale": "lt"
        },
        "delivery": {
            "method": "courier", "requested_date": "2026-12-01",
            "address": {
                "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103",
                "country": "LT"
            }
        },
        "payment": { "terms": "prepaid" },
        "lines": [
            {
                "sku": "TEA-100", "name": "Sencha 100 g", "quantity": 2, "unit_price": "12.50",
                "tax_rate": "0.21",
                "options": [{ "name": "engraving", "value": "Ona" }],
                "discounts": [{ "code": "TEA10", "amount": "2.50" }]
            },
            {
                "sku": "CUP-1", "name": "Puodelis \"Rytas\" <0,3 l>", "quantity": 1,
                "unit_price": "18.00", "tax_rate": "0.21"
            }
        ],
        "shipping": { "method": "courier", "amount": "3.99", "tax_rate": "0.21" },
        "discounts": [{ "code": "WELCOME", "amount": "5.00", "scope": "order" }]
    });
    let defaults = Defaults { channel: Channel::Webshop, policy: "webshop".to_owned() };
    let (Ok(body), Ok(policy)) = (parse_order(&body, &defaults), presets::webshop()) else {
        panic!("the sample order and the preset are read");
    };
    let origin = Origin::of_client("order", "shop", "", Actor::system("sample"));
    let taken_at = at("2026-11-22T08:59:00Z");
    let mut order = receive(&policy, body, origin, &BTreeMap::new(), taken_at).order;
    order.number = "7KQ4M2XD9T-C".to_owned();
    order.status = StatusKey::new("awaiting_payment");
    order.phase = Phase::Payment;
    order.status_since = at("2026-11-22T09:00:00Z");
    order.responsible = Some("rasa".to_owned());
    order.recent_events.clear();
    for line in &mut order.lines {
        line.allocate("VNO", line.quantity, false, &BTreeMap::new());
    }
    order
}

pub(super) fn event(kind: EventKind, data: &Value) -> Event {
    Event {
        version: 5,
        at: at("2026-11-24T09:00:00Z"),
        kind,
        from: None,
        to: None,
        actor: Actor::system("sample"),
        cause: "sample".to_owned(),
        reason: None,
        data: data.as_object().cloned().unwrap_or_else(Map::new),
        todo: Vec::<Todo>::new(),
    }
}

/// An order, an event and what goes with them.
pub(super) struct Sample {
    pub order: Order,
    pub event: Event,
    pub open: Amount,
    pub due_at: Option<Timestamp>,
}

impl Sample {
    fn because(mut self, reason: &str) -> Self {
        self.event.reason = Some(reason.to_owned());
        self
    }

    fn paid(mut self, minor: i64) -> Self {
        self.order.ledger.payments.push(Payment {
            provider: "generic".to_owned(),
            reference: "tr-1".to_owned(),
            received: Amount(minor),
            refunded: Amount::ZERO,
            by_hand: Amount::ZERO,
            refunds: BTreeMap::new(),
            disputes: BTreeMap::new(),
            parts: BTreeMap::new(),
            received_at: self.event.at,
            method: None,
        });
        self.open = self.order.gross().less(Amount(minor));
        self
    }

    /// The tea has left; the cup follows.
    fn shipped(mut self, delivered: bool) -> Self {
        for line in self.order.lines.iter_mut().filter(|line| line.line == 1) {
            line.ship("VNO", Quantity::units(2));
        }
        self.order.shipments.push(Shipment {
            number: 1,
            carrier: Some("DPD".to_owned()),
            tracking: Some("05808012345678".to_owned()),
            lines: vec![ShipmentLine {
                line: 1,
                warehouse: "VNO".to_owned(),
                quantity: Quantity::units(2),
            }],
            shipped_at: self.event.at,
            expected_at: Some(self.event.at.plus(Seconds::hours(3))),
            delivered_at: delivered.then_some(self.event.at),
            told: ArrivalTold::Nothing,
        });
        self
    }

    fn waiting(mut self) -> Self {
        for line in self.order.lines.iter_mut().filter(|line| line.line == 2) {
            line.deallocate("VNO", Quantity::units(1));
            line.backordered = Quantity::units(1);
        }
        self
    }

    fn change(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    fn troubled(self, code: &str) -> Self {
        self.because(code).change(|sample| {
            sample.order.exceptions.push(Exception {
                code: code.to_owned(),
                about: None,
                detail: "The limit of awaiting_payment ran out.".to_owned(),
                since: sample.event.at,
                due_at: sample.event.at.plus(Seconds::days(1)),
            });
        })
    }
}

/// The order as it is when this template is sent.
pub(super) fn sample(template: Template) -> Sample {
    let now = |kind, data: Value| {
        let order = order();
        let open = order.gross();
        Sample { order, event: event(kind, &data), open, due_at: None }
    };
    let due = |mut sample: Sample| {
        sample.due_at = Some(at("2026-12-06T12:30:00Z"));
        sample
    };
    match template {
        Template::OrderReceived => now(EventKind::OrderReceived, json!({})),
        Template::DataNeeded => now(EventKind::ReviewRequired, json!({})).change(|sample| {
            sample.order.phase = Phase::Review;
            for code in ["address_missing", "postal_code", "unknown_sku"] {
                sample.order.reasons.push(Reason {
                    code: code.to_owned(),
                    pointer: None,
                    detail: "For the house only.".to_owned(),
                    suggestion: None,
                });
            }
        }),
        Template::Backordered => {
            now(EventKind::StockPartlyReserved, json!({"expected_date": "2026-12-09"})).waiting()
        }
        Template::StockArrived => now(EventKind::StockServed, json!({})).waiting(),
        Template::PaymentRequest => due(now(EventKind::OrderAdvanced, json!({}))),
        Template::PaymentReminder => due(now(EventKind::LimitNoticed, json!({"after": "1d"}))),
        Template::PartlyPaid => {
            due(now(EventKind::PaymentReceived, json!({"amount": "10.00"})).paid(1000))
        }
        Template::DepositPaid => {
            now(EventKind::PaymentReceived, json!({"amount": "10.00"})).paid(1000)
        }
        Template::BalanceRequest => due(now(EventKind::OrderAdvanced, json!({})).paid(1000)),
        Template::Paid => now(EventKind::PaymentReceived, json!({"amount": "39.49"})).paid(3949),
        Template::PaymentReceived => {
            now(EventKind::PaymentReceived, json!({"amount": "5.00"})).paid(4449).change(|s| {
                s.order.ledger.to_refund = Amount(500);
            })
        }
        Template::BeingAssembled => now(EventKind::OrderPicked, json!({})).paid(3949),
        Template::HandedOver => {
            now(EventKind::OrderShipped, json!({"shipment": 1})).paid(3949).shipped(false)
        }
        Template::ReadyForPickup => now(EventKind::OrderPacked, json!({})).change(|sample| {
            sample.order.delivery_method = Some(DeliveryMethod::Shop);
            sample.order.placed.delivery.pickup_point = Some("Pilies g. 1, Vilnius".to_owned());
        }),
        Template::CourierNear => {
            now(EventKind::LimitNoticed, json!({})).shipped(false).change(|s| {
                s.order.terms = Some(Terms::OnDelivery);
            })
        }
        Template::Late => now(EventKind::LimitNoticed, json!({"expected_date": "2026-12-11"})),
        Template::Cancelled => now(EventKind::LimitMoved, json!({})).because("not_paid"),
        Template::RefundOwed => {
            now(EventKind::RefundOwed, json!({"amount": "5.00"})).paid(4449).because("surplus")
        }
        Template::Refunded => now(EventKind::RefundDone, json!({"amount": "5.00"})),
        Template::Delivered => {
            now(EventKind::OrderDelivered, json!({"shipment": 1})).paid(3949).shipped(true)
        }
        Template::Overdue => now(EventKind::Reminded, json!({"about": "receivable"})),
        Template::NotReached => {
            now(EventKind::LimitNoticed, json!({"next_call_at": "2026-11-24T12:00:00Z"}))
        }
        Template::Returned => {
            now(EventKind::OrderReturned, json!({"lines": [{"line": 1, "quantity": 1}]}))
                .paid(3949)
                .because("damaged")
                .change(|sample| sample.order.ledger.to_refund = Amount(1250))
        }
        Template::OrderComment => now(EventKind::OrderCommented, json!({})).change(|sample| {
            sample.order.placed.comments.push(Comment {
                version: 5,
                author: "rasa".to_owned(),
                for_customer: true,
                text: "The cup {number} has a <small> scratch.\nShall we send it?".to_owned(),
            });
        }),
        Template::ApprovalRequest => now(
            EventKind::CustomerAsked,
            json!({"gross_proposed": "52.99", "due_at": "2026-11-27T09:00:00Z"}),
        )
        .change(|sample| {
            sample.event.reason = Some("The cup comes in blue only.".to_owned());
        }),
        Template::OrderApprovalRequest => {
            now(EventKind::CustomerAsked, json!({"due_at": "2026-11-27T09:00:00Z"}))
        }
        Template::ChoiceRequest => {
            now(EventKind::CustomerAsked, json!({"due_at": "2026-11-26T09:00:00Z"}))
        }
        Template::SubscriptionNotice => {
            let data = json!({"previous_total": "36.49", "change_until": "2026-12-24T22:00:00Z"});
            now(EventKind::OrderReceived, data).change(|sample| {
                sample.order.subscription = Some(SubscriptionRef {
                    id: "sub".to_owned(),
                    occurrence: "2026-12-31".to_owned(),
                });
            })
        }
        Template::PartnerUpdate => {
            now(EventKind::OrderShipped, json!({"shipment": 1})).shipped(false)
        }
        Template::StaffAlert => now(EventKind::LimitNoticed, json!({"after": "1d"})),
        Template::StaffTask => {
            now(EventKind::RefundOwed, json!({"amount": "5.00"})).paid(4449).change(|sample| {
                sample.order.ledger.to_refund = Amount(500);
            })
        }
        Template::StaffException => {
            now(EventKind::ExceptionOpened, json!({})).paid(1000).troubled("partly_paid_at_limit")
        }
        Template::StaffPaymentFailed => {
            now(EventKind::PaymentFailed, json!({"provider": "stripe", "reference": "pi_3Mabc"}))
                .because("card_declined")
        }
        Template::Unknown => now(EventKind::LimitNoticed, json!({})),
    }
}

/// Who reads a template.
pub(super) fn audience(template: Template) -> Audience {
    match template {
        Template::PartnerUpdate => Audience::Partner,
        template if template.is_internal() => Audience::Staff,
        _ => Audience::Customer,
    }
}

/// The input for this template in this language.
pub(super) fn input<'a>(
    template: Template,
    sample: &'a Sample,
    seller: &'a Seller,
    locale: &'a str,
) -> Input<'a> {
    Input {
        template: template.name(),
        audience: audience(template),
        order: &sample.order,
        event: &sample.event,
        seller,
        locale,
        zone: "Europe/Vilnius",
        tracking_url: Some("https://arbata.example/v1/track/7kq4m2xd9tc5h3j8".to_owned()),
        answer_url: matches!(
            template,
            Template::ApprovalRequest | Template::OrderApprovalRequest | Template::ChoiceRequest
        )
        .then(|| "https://arbata.example/v1/approve/7kq4m2xd9tc5h3j8".to_owned()),
        due_at: sample.due_at,
        open_amount: sample.open,
        later: Amount::ZERO,
        status_label: match locale {
            "lt" => "Laukia apmokėjimo",
            "ro" => "Așteaptă plata",
            "ru" => "Ожидает оплаты",
            _ => "Awaiting payment",
        }
        .to_owned(),
    }
}
