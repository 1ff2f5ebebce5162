//! What each message shows beside its wording, the same in every language: facts, lists of
//! goods, links. The labels are in `texts/`, the values in `values.rs`.

use super::template::Template;

/// What stands before a fact, a list, a sum or on a button.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Label {
    // facts
    Order,
    YourNumber,
    Status,
    Total,
    TotalThen,
    Received,
    ToPay,
    PayBy,
    Bank,
    PayReference,
    Terms,
    Delivery,
    Address,
    Requested,
    Carrier,
    Tracking,
    Expected,
    Place,
    Reason,
    Refund,
    Date,
    Since,
    Problem,
    Detail,
    About,
    Responsible,
    ToDo,
    // sums under a list
    Goods,
    Discounts,
    Shipping,
    Fees,
    Tax,
    TaxIncluded,
    Sum,
    // above a list
    Ordered,
    InParcel,
    Rest,
    Waiting,
    Ready,
    ToFetch,
    CameBack,
    // buttons
    Pay,
    Follow,
    Answer,
}

/// A label and the name of its value; a fact whose value is not known is left out.
pub(super) type Fact = (Label, &'static str);

/// A list of goods.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum List {
    /// What was ordered and not cancelled, with prices and sums.
    Ordered,
    /// What is in the shipment the event is about.
    InParcel,
    /// What has yet to leave.
    Rest,
    /// What waits for stock.
    Waiting,
    /// What holds stock.
    Ready,
    /// What can be fetched.
    ToFetch,
    /// What came back.
    CameBack,
}

/// What a message shows.
pub(super) struct Shape {
    /// Facts, in this order.
    pub facts: &'static [Fact],
    /// Lists of goods, in this order; an empty one is left out.
    pub lists: &'static [List],
    /// Says how to pay, as long as something is open.
    pub pay: bool,
}

const HOUSE: &[Fact] = &[
    (Label::Order, "number"),
    (Label::Status, "status"),
    (Label::Since, "since"),
    (Label::Problem, "problem"),
    (Label::Detail, "detail"),
    (Label::About, "about"),
    (Label::Total, "total"),
    (Label::ToPay, "owing"),
    (Label::Refund, "refund"),
    (Label::Responsible, "responsible"),
    (Label::ToDo, "next"),
];

/// What this message shows.
pub(super) fn shape(template: Template) -> Shape {
    let plain = Shape { facts: &[], lists: &[], pay: false };
    match template {
        Template::OrderReceived => Shape {
            facts: &[
                (Label::Delivery, "delivery"),
                (Label::Place, "place"),
                (Label::Address, "address"),
                (Label::Requested, "requested"),
                (Label::Terms, "terms"),
            ],
            lists: &[List::Ordered],
            pay: false,
        },
        Template::Backordered => Shape {
            facts: &[(Label::Expected, "announced")],
            lists: &[List::Waiting, List::Ready],
            pay: false,
        },
        Template::StockArrived => Shape {
            facts: &[(Label::Expected, "announced")],
            lists: &[List::Ready, List::Waiting],
            pay: false,
        },
        Template::PaymentRequest | Template::BalanceRequest | Template::PaymentReminder => Shape {
            facts: &[
                (Label::Received, "received"),
                (Label::ToPay, "owing"),
                (Label::PayBy, "due"),
                (Label::Bank, "bank"),
                (Label::PayReference, "pay_reference"),
            ],
            lists: &[List::Ordered],
            pay: true,
        },
        Template::PartlyPaid => Shape {
            facts: &[
                (Label::Total, "total"),
                (Label::Received, "received"),
                (Label::ToPay, "owing"),
                (Label::PayBy, "due"),
                (Label::Bank, "bank"),
                (Label::PayReference, "pay_reference"),
            ],
            lists: &[],
            pay: true,
        },
        Template::DepositPaid => Shape {
            facts: &[
                (Label::Total, "total"),
                (Label::Received, "received"),
                (Label::ToPay, "owing"),
            ],
            lists: &[List::Ordered],
            pay: false,
        },
        Template::Overdue => Shape {
            facts: &[
                (Label::Total, "total"),
                (Label::Received, "received"),
                (Label::ToPay, "owing"),
                (Label::Bank, "bank"),
                (Label::PayReference, "pay_reference"),
            ],
            lists: &[],
            pay: true,
        },
        Template::Paid => Shape { lists: &[List::Ordered], ..plain },
        Template::PaymentReceived => Shape {
            facts: &[
                (Label::Total, "total"),
                (Label::Received, "received"),
                (Label::Refund, "refund"),
            ],
            ..plain
        },
        Template::HandedOver => Shape {
            facts: &[
                (Label::Carrier, "carrier"),
                (Label::Tracking, "tracking"),
                (Label::Expected, "expected"),
                (Label::Total, "total"),
                (Label::ToPay, "collect"),
            ],
            lists: &[List::InParcel, List::Rest],
            pay: false,
        },
        Template::ReadyForPickup => Shape {
            facts: &[(Label::Order, "number"), (Label::Place, "place"), (Label::ToPay, "collect")],
            lists: &[List::ToFetch],
            pay: false,
        },
        Template::CourierNear => Shape {
            facts: &[
                (Label::Carrier, "carrier"),
                (Label::Tracking, "tracking"),
                (Label::ToPay, "collect"),
            ],
            ..plain
        },
        Template::Late => {
            Shape { facts: &[(Label::Carrier, "carrier"), (Label::Tracking, "tracking")], ..plain }
        }
        Template::Cancelled => {
            Shape { facts: &[(Label::Reason, "reason"), (Label::Refund, "refund")], ..plain }
        }
        Template::RefundOwed => {
            Shape { facts: &[(Label::Reason, "reason"), (Label::Received, "received")], ..plain }
        }
        Template::Delivered => {
            Shape { facts: &[(Label::Carrier, "carrier")], lists: &[List::InParcel], pay: false }
        }
        Template::Returned => Shape {
            facts: &[(Label::Reason, "reason"), (Label::Refund, "refund")],
            lists: &[List::CameBack],
            pay: false,
        },
        Template::SubscriptionNotice => Shape {
            facts: &[(Label::Date, "occurrence"), (Label::Delivery, "delivery")],
            lists: &[List::Ordered],
            pay: false,
        },
        Template::PartnerUpdate => Shape {
            facts: &[
                (Label::Order, "number"),
                (Label::YourNumber, "external_id"),
                (Label::Status, "status"),
                (Label::Reason, "reason"),
                (Label::Carrier, "carrier"),
                (Label::Tracking, "tracking"),
            ],
            ..plain
        },
        Template::StaffAlert
        | Template::StaffTask
        | Template::StaffException
        | Template::StaffPaymentFailed
        | Template::Unknown => Shape { facts: HOUSE, ..plain },
        Template::ApprovalRequest => Shape {
            facts: &[
                (Label::Reason, "asked_for"),
                (Label::Total, "total"),
                (Label::TotalThen, "total_then"),
            ],
            ..plain
        },
        Template::OrderApprovalRequest => Shape { facts: &[(Label::Total, "total")], ..plain },
        // Their wording says all there is.
        Template::DataNeeded
        | Template::BeingAssembled
        | Template::Refunded
        | Template::NotReached
        | Template::OrderComment
        | Template::ChoiceRequest => plain,
    }
}

/// Segments a text message may take: a link to pay or to answer, or where to pay, is worth a second
/// one.
pub(super) fn sms_limit(template: Template) -> usize {
    let answered = matches!(
        template,
        Template::ApprovalRequest | Template::OrderApprovalRequest | Template::ChoiceRequest
    );
    if shape(template).pay || answered { 2 } else { 1 }
}
