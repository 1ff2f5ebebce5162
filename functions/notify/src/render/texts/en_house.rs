//! English: what the house and its partners read.

use super::Message;
use ordermill_domain::order::EventKind;
use ordermill_domain::policy::Phase;

pub(super) const PARTNER_UPDATE: Message = Message {
    subject: &["Order {number}: {happened}"],
    title: &["Order {number}: {status}", "Order {number}"],
    body: &["News of order {number}: {happened}."],
    sms: &["{seller}: order {number}, {happened}.", "{carrier} {tracking}."],
};

pub(super) const STAFF_ALERT: Message = Message {
    subject: &["Order {number} needs attention: {status}", "Order {number} needs attention"],
    title: &["An order needs attention"],
    body: &["Order {number} has been waiting since {since}."],
    sms: &[
        "{?problem}{seller}: order {number}, {problem}.",
        "{!problem}{seller}: order {number} needs attention.",
        "{status}.",
    ],
};

pub(super) const STAFF_TASK: Message = Message {
    subject: &["Order {number}: {problem}", "Order {number}: work to do"],
    title: &["Work to do"],
    body: &["Order {number} needs somebody."],
    sms: &[
        "{?problem}{seller}: order {number}, {problem}.",
        "{!problem}{seller}: order {number} needs somebody.",
    ],
};

pub(super) const STAFF_EXCEPTION: Message = Message {
    subject: &["Order {number}: {problem}", "Order {number} needs a decision"],
    title: &["A decision is needed"],
    body: &["Order {number} needs a decision."],
    sms: &[
        "{?problem}{seller}: order {number}, {problem}.",
        "{!problem}{seller}: order {number} needs a decision.",
    ],
};

pub(super) const STAFF_PAYMENT_FAILED: Message = Message {
    subject: &["Order {number}: a payment failed"],
    title: &["A payment failed"],
    body: &["A payment for order {number} did not come about."],
    sms: &[
        "{?problem}{seller}: a payment for order {number} failed: {problem}.",
        "{!problem}{seller}: a payment for order {number} failed.",
    ],
};

pub(super) const UNKNOWN: Message = Message {
    subject: &["Order {number}: a message has no text"],
    title: &["A message has no text"],
    body: &["A message about order {number} was due, but there is no template \"{template}\"."],
    sms: &["{seller}: order {number}, there is no template \"{template}\"."],
};

/// Read after "Order 7KQ…:".
pub(super) fn happened(kind: EventKind) -> &'static str {
    match kind {
        EventKind::OrderReceived => "it was received",
        EventKind::OrderValidated => "it was checked",
        EventKind::ReviewRequired => "a person looks at it",
        EventKind::OrderApproved => "it was approved",
        EventKind::StockReserved => "all goods are reserved",
        EventKind::StockPartlyReserved => "some goods are reserved, the rest comes later",
        EventKind::OrderBackordered => "it waits for goods",
        EventKind::StockServed => "goods that came in are reserved for it",
        EventKind::StockPageDone => "its goods are being reserved, released or sent",
        EventKind::ReleaseStarted => "its goods are being released",
        EventKind::OrderAdvanced => "it goes on",
        EventKind::OrderConfirmed => "it is confirmed",
        EventKind::OrderRejected => "it was refused",
        EventKind::HoldPlaced => "it is stopped for now",
        EventKind::HoldReleased => "it goes on after a stop",
        EventKind::OrderAssigned => "somebody looks after it",
        EventKind::OrderSplit => "a part of it became an order of its own",
        EventKind::OrderEdited => "it was changed",
        EventKind::OrderCommented => "somebody wrote about it",
        EventKind::ProductionProgressed => "its making went on",
        EventKind::OrderPicked => "it is being put together",
        EventKind::OrderPacked => "it is packed",
        EventKind::OrderShipped => "a shipment is on its way",
        EventKind::OrderDelivered => "a shipment was delivered",
        EventKind::OrderCompleted => "it is completed",
        EventKind::OrderReturned => "goods came back",
        EventKind::LinesCancelled => "a part of it was cancelled",
        EventKind::OrderCancelled => "it was cancelled",
        EventKind::PaymentReceived => "a payment came",
        EventKind::PaymentFailed => "a payment failed",
        EventKind::PaymentAuthorised => "a payment was authorised",
        EventKind::PaymentDisputed => "a payment is disputed",
        EventKind::DisputeClosed => "a dispute is over",
        EventKind::RefundOwed => "money will be returned",
        EventKind::RefundDone => "money was returned",
        EventKind::RefundShared => "a refund of a shared payment was divided",
        EventKind::OrderRevived => "it goes on after all, its payment came late",
        EventKind::LimitNoticed => "it takes longer than planned",
        EventKind::LimitMoved => "a time limit ran out",
        EventKind::ExceptionOpened => "it needs a decision",
        EventKind::ExceptionClosed => "a decision was made",
        EventKind::Reminded => "something about it is still open",
        EventKind::NoticeFailed => "a message did not reach the customer",
        EventKind::ArrivalNoticed => "the courier was announced",
        EventKind::CustomerAsked => "the customer was asked",
        EventKind::CustomerAnswered => "the customer answered",
        EventKind::QuestionClosed => "the question to the customer was closed",
        EventKind::CustomerErased => "the customer was forgotten",
        EventKind::TaskSet => "somebody has something to do",
        EventKind::TaskTaken => "somebody took a task",
        EventKind::TaskDone => "a task is done",
        EventKind::CustomerCalled => "the customer was called",
    }
}

pub(super) fn next(phase: Phase) -> &'static str {
    match phase {
        Phase::Intake => "See why the check did not run; it is tried again by itself.",
        Phase::Review => "Look at the reasons: approve, correct or reject the order.",
        Phase::Supply => "Look at the stock: receive goods, change lines, or cancel the rest.",
        Phase::Payment => "Ask the customer about the payment, or confirm or cancel the order.",
        Phase::Fulfilment => "Pick, pack, ship or hand over what is ready.",
        Phase::Closed => "Look at what is still open: money, goods that come back, exceptions.",
    }
}

pub(super) const MATTERS: &[(&str, &str, &str)] = &[
    (
        "review_needed",
        "the check found something",
        "Look at the reasons: approve, correct or reject the order.",
    ),
    (
        "review_overdue",
        "it has been in review too long",
        "Decide today: approve, correct or reject the order.",
    ),
    (
        "order_stuck",
        "it does not go on by itself",
        "Look whether payment terms are missing or a stop is set.",
    ),
    (
        "backordered_long",
        "its goods have not come for long",
        "Ask the supplier for a date and the customer for patience, or cancel the rest.",
    ),
    ("confirmation_needed", "it waits to be confirmed", "Confirm or reject the order."),
    (
        "confirmation_overdue",
        "it has waited too long to be confirmed",
        "Confirm or reject the order today.",
    ),
    (
        "rest_overdue",
        "a part has left, the rest has not",
        "Ship the rest, or cancel it and return the money.",
    ),
    (
        "delivery_overdue",
        "nobody has said that it arrived",
        "Ask the carrier; then mark it delivered or returned.",
    ),
    (
        "not_collected",
        "the customer has not collected it",
        "Call the customer; cancel the order if nobody comes.",
    ),
    (
        "notice_failed",
        "a message did not reach the customer",
        "See that the address is right; the next channel is used from now on.",
    ),
    (
        "customer_unreachable",
        "no message reaches the customer",
        "Find another way to reach the customer and correct the contacts.",
    ),
    (
        "not_reached",
        "five calls reached nobody",
        "Look for another way to reach the customer; go on, or cancel the order and return the money.",
    ),
    (
        "refused",
        "the customer does not want it, and money has come or goods have left",
        "Agree what comes back; cancel the order or what is left of it, and return the money.",
    ),
    ("call_customer", "the customer is to be called", "Call the customer and note the answer."),
    (
        "partly_paid_at_limit",
        "the time to pay is over and only a part was paid",
        "Ask for the rest, confirm the order, or cancel it and return the money.",
    ),
    (
        "wrong_currency",
        "money came in another currency",
        "Return it at the provider or enter it by hand in the currency of the order.",
    ),
    (
        "refund_without_payment",
        "more money went back than came",
        "Look at the provider, and enter what came by hand if it is missing.",
    ),
    (
        "late_money",
        "money came for a closed order",
        "Return the money, or make a new order and enter the money there.",
    ),
    (
        "dispute",
        "the customer's bank disputes a payment",
        "Answer the dispute at the provider in time; send nothing until then.",
    ),
    ("dispute_lost", "a dispute was lost", "Talk to the customer; the order is not paid any more."),
    (
        "webhook_disabled",
        "a program of a client does not take its messages",
        "Ask the client; they switch the endpoint on again and ask for a replay of what they missed.",
    ),
    (
        "auto_loop",
        "the lifecycle goes round in circles",
        "Tell whoever looks after the lifecycle policy; move the order by hand.",
    ),
    (
        "stock_short",
        "less is there than was reserved",
        "Count again, receive goods, or agree with the customer on less.",
    ),
    (
        "refund_owed",
        "money is to be returned",
        "Return the money at the provider, or by transfer and record it with its reference.",
    ),
    (
        "receivable",
        "an invoice is not paid",
        "Ask the customer for the payment; enter money that has come.",
    ),
    (
        "overdue",
        "the customer has overdue invoices",
        "Ask the customer for the payment, then lift the stop.",
    ),
    (
        "customer_approval",
        "an edit waits for the customer's yes",
        "Nothing, or call the customer. To take the edit back, lift the stop.",
    ),
    (
        "customer_silent",
        "the customer did not answer a question",
        "Ask the customer, then do what they say.",
    ),
    (
        "approval_failed",
        "the customer agreed to an edit that is not possible any more",
        "Read why, edit the order anew and ask the customer again.",
    ),
    (
        "customer_choice",
        "goods are missing and the customer is to choose",
        "Offer the customer a replacement, waiting or cancelling; then lift the stop.",
    ),
    ("assigned", "it was given to somebody", "The responsible person looks after it."),
    (
        "payment_failed",
        "a payment failed",
        "Mostly nothing: the customer can try again. Call if no payment comes.",
    ),
    (
        "unmatched_money",
        "money came that fits no order",
        "Find its order and assign it, or return it.",
    ),
    (
        "contact_failed",
        "a message could not be delivered",
        "Check the contact details and try another way.",
    ),
    (
        "sms_unclear",
        "it is not known whether a text message was sent",
        "Tell the customer another way if it matters.",
    ),
    ("validation_overdue", "it could not be checked in time", "Check the order by hand."),
    (
        "reservation_overdue",
        "its goods could not be reserved in time",
        "Look at the stock, then approve the order so that it is tried again.",
    ),
    (
        "approval_overdue",
        "it has waited too long for an approval",
        "Approve, correct or reject the order today.",
    ),
    (
        "feasibility_check",
        "it is to be seen whether it can be made",
        "Look whether it can be made, by when and at what price; then go on or reject it.",
    ),
    (
        "feasibility_overdue",
        "nobody has said yet whether it can be made",
        "Say today whether it can be made, or reject the order.",
    ),
    (
        "preparation_overdue",
        "its preparation takes too long",
        "Finish the offer and drawings, or tell the customer a date.",
    ),
    (
        "contract_overdue",
        "the contract has not been agreed for long",
        "Call the customer; go on with the contract or cancel the order.",
    ),
    (
        "production_overdue",
        "its production takes too long",
        "Ask production for a date and tell the customer.",
    ),
    ("not_shipped", "it is ready and has not left", "Ship it, or ask the customer when it suits."),
    (
        "shipment_overdue",
        "it is confirmed and has not left",
        "Ship it, or tell the customer a date.",
    ),
];
