//! English: what customers read. What the house and partners read is in `en_house.rs`.

use super::super::locale::{Figures, Locale};
use super::super::shape::Label;
use super::super::template::Template;
use super::{Language, Message, Words, en_house};
use ordermill_domain::order::{DeliveryMethod, Terms};
use ordermill_views::dates;

pub(super) const ENGLISH: Language = Language {
    locale: Locale::En,
    words: WORDS,
    message,
    label,
    delivery,
    terms,
    happened: en_house::happened,
    next: en_house::next,
    reasons: REASONS,
    needs: NEEDS,
    matters: en_house::MATTERS,
};

const WORDS: Words = Words {
    figures: Figures { decimal: '.', group: ',', sign_first: true, signs: &[] },
    months: dates::EN.months,
    date: dates::EN.form,
    moment: "{date}, {time}",
    short: "{day} {mon} {time}",
    greeting: "Hello,",
    questions: "Any questions? We are glad to help: {contact}.",
    ask_how_to_pay: "Please ask us how to pay: {contact}.",
    more_lines: "Further lines that are not shown here: {count}.",
    vat_id: "VAT ID {vat_id}",
};

fn message(template: Template) -> Message {
    match template {
        Template::OrderReceived => Message {
            subject: &["We have received your order {number}"],
            title: &["Thank you for your order"],
            body: &[
                "We have received your order {number} and are checking it. We will write to you \
                 about each further step.",
            ],
            sms: &["{seller}: we have received your order {number}.", "Total {total}.", "{follow}"],
        },
        Template::DataNeeded => Message {
            subject: &[
                "{?needs}Your order {number}: we need some details",
                "{?answer}Your order {number}: we need your answer",
                "Your order {number}",
            ],
            title: &[
                "{?needs}We need some details",
                "{?answer}We need your answer",
                "We are still checking your order",
            ],
            body: &[
                "{?needs}Before we can go on with your order {number} we need your help:",
                "{needs}",
                "{?needs}Please reply to this message or call us.",
                "{?answer}To go on with your order {number} we need an answer from you. Please \
                 reply to this message or call us.",
                "{!needs}{!answer}Checking your order {number} takes longer than usual. You need not do \
                 anything; we will write to you as soon as it goes on.",
            ],
            sms: &[
                "{?needs}{seller}: before we can go on with your order {number} we need some \
                 details from you. Please contact us.",
                "{?answer}{seller}: to go on with your order {number} we need an answer from \
                 you. Please contact us.",
                "{!needs}{!answer}{seller}: checking your order {number} takes longer than usual. We will \
                 write as soon as it goes on.",
                "{phone}",
            ],
        },
        Template::Backordered => Message {
            subject: &[
                "{?ready}Some goods of your order {number} come later",
                "Your order {number} is waiting for goods",
            ],
            title: &["{?ready}Some goods come later", "We are waiting for goods"],
            body: &[
                "{?ready}Some goods of your order {number} are not in stock at the moment. The \
                 others are reserved for you.",
                "{!ready}The goods of your order {number} are not in stock at the moment.",
                "Incoming goods go to waiting customers in turn. We will write to you as soon as your \
                 goods are there or a date changes.",
            ],
            sms: &[
                "{?ready}{seller}: some goods of your order {number} come later.",
                "{!ready}{seller}: your order {number} is waiting for goods.",
                "Expected: {announced}.",
                "We will write when they are there.",
            ],
        },
        Template::StockArrived => Message {
            subject: &["Goods for your order {number} have arrived"],
            title: &["Your goods have arrived"],
            body: &[
                "{!waiting}All goods of your order {number} are now reserved for you.",
                "{?waiting}More goods of your order {number} have arrived and are reserved for \
                 you. The rest comes later.",
            ],
            sms: &[
                "{!waiting}{seller}: all goods of your order {number} are now reserved for you.",
                "{?waiting}{seller}: more goods of your order {number} are reserved for you. The \
                 rest comes later.",
            ],
        },
        Template::PaymentRequest => Message {
            subject: &["{?owing}Payment for your order {number}: {owing}", "Your order {number}"],
            title: &["Please pay {owing}", "Nothing is left to pay"],
            body: &[
                "{?owing}Your order {number} is ready to be paid.",
                "{?owing}Please pay by {due}. Until then we keep the goods for you.",
                "{later} more is to be paid when the goods are ready, before we send them.",
                "{!owing}Your order {number} is paid. Thank you!",
            ],
            sms: &[
                "{seller}: please pay {owing} for your order {number}.",
                "{!owing}{seller}: your order {number} is paid. Thank you!",
                "{?owing}By {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::PaymentReminder => Message {
            subject: &[
                "{?owing}Reminder: payment for your order {number}",
                "Your order {number} is paid",
            ],
            title: &["{?owing}A payment is still open", "Nothing is left to pay"],
            body: &[
                "{?owing}{!received}We have not received the payment for your order {number} yet.",
                "{?owing}{?received}A part of the payment for your order {number} is still open.",
                "{?owing}Please pay by {due}. Until then we keep the goods for you.",
                "{?owing}If you have paid in the meantime, there is nothing more to do.",
                "{!owing}Your order {number} is paid. Thank you!",
            ],
            sms: &[
                "{seller}: reminder, please pay {owing} for your order {number}.",
                "{!owing}{seller}: your order {number} is paid. Thank you!",
                "{?owing}By {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::PartlyPaid => Message {
            subject: &["We have received a part of the payment for your order {number}"],
            title: &["{?owing}{owing} remains to be paid", "Thank you for your payment"],
            body: &[
                "We have received {amount} for your order {number}. Thank you!",
                "{!amount}We have received a part of the payment for your order {number}. Thank you!",
                "{?owing}{owing} of the total remains to be paid.",
                "{?owing}Please pay the rest by {due}.",
            ],
            sms: &[
                "{?amount}{seller}: we have received {amount} for your order {number}.",
                "{!amount}{seller}: we have received a part of the payment for order {number}.",
                "To pay: {owing}.",
                "{?owing}By {due_short}.",
                "{?owing}{pay_link}",
            ],
        },
        Template::DepositPaid => Message {
            subject: &["We have received the deposit for your order {number}"],
            title: &["Thank you for your deposit"],
            body: &[
                "We have received {amount}.",
                "We are getting your order {number} ready now.",
                "{?revived}It had been cancelled; now that your payment is here, we carry it out.",
                "{not_returned} that we had meant to return to you stays with this order.",
                "{?owing}{owing} remains to be paid before we hand the goods over. We will write to you when they are ready.",
            ],
            sms: &[
                "{seller}: thank you, we have received the deposit for your order {number}.",
                "Later to pay: {owing}.",
                "{follow}",
            ],
        },
        Template::BalanceRequest => Message {
            subject: &[
                "{?owing}Your order {number} is ready: {owing} to pay",
                "Your order {number} is paid",
            ],
            title: &["Please pay {owing}", "Nothing is left to pay"],
            body: &[
                "{?owing}The goods of your order {number} are ready. You get them as soon as the rest is paid.",
                "{?owing}Please pay by {due}. Until then we keep the goods for you.",
                "{!owing}Your order {number} is paid. Thank you!",
            ],
            sms: &[
                "{seller}: your order {number} is ready, please pay {owing}.",
                "{!owing}{seller}: your order {number} is paid. Thank you!",
                "{?owing}By {due_short}.",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::Paid => Message {
            subject: &["Your order {number} is paid"],
            title: &["Thank you for your payment"],
            body: &[
                "We have received {amount}.",
                "Your order {number} is paid in full.",
                "{?revived}It had been cancelled; now that your payment is here, we carry it out.",
                "{not_returned} that we had meant to return to you stays with this order.",
                "{?to_send}{!fetched}We will write to you when it is on its way.",
                "{?to_send}{?fetched}We will write to you when it is ready for you.",
            ],
            sms: &[
                "{seller}: thank you, your order {number} is paid.",
                "Total {total}.",
                "{follow}",
            ],
        },
        Template::PaymentReceived => Message {
            subject: &[
                "{?was_closed}Your payment for the closed order {number}",
                "A further payment for your order {number}",
            ],
            title: &[
                "{?was_closed}We have received your payment",
                "We have received a further payment",
            ],
            body: &[
                "{!was_closed}We have received {amount} for your order {number}, which was already paid.",
                "{?was_closed}We have received {amount} for your order {number}, which was already closed.",
                "{!was_closed}{!amount}We have received money for your order {number}, which was already paid.",
                "{?refund}We will return {refund} to you.",
            ],
            sms: &[
                "{?was_closed}{seller}: your payment for the closed order {number} has come.",
                "{!was_closed}{seller}: a further payment for your paid order {number} has come.",
                "We will return {refund} to you.",
            ],
        },
        Template::BeingAssembled => Message {
            subject: &["We are preparing your order {number}"],
            title: &["Your order is being prepared"],
            body: &[
                "We are preparing your order {number}.",
                "{!fetched}We will write to you when it is on its way.",
                "{?fetched}We will write to you when it is ready for you.",
            ],
            sms: &["{seller}: we are preparing your order {number}.", "{follow}"],
        },
        Template::HandedOver => Message {
            subject: &[
                "{?rest}A part of your order {number} is on its way",
                "Your order {number} is on its way",
            ],
            title: &["{?rest}A part of your order is on its way", "Your order is on its way"],
            body: &[
                "{!rest}Your order {number} has been handed over to the carrier.",
                "{?rest}A part of your order {number} has been handed over to the carrier. The rest follows separately.",
                "{?collect}To be paid on delivery: {collect}.",
            ],
            sms: &[
                "{!rest}{seller}: your order {number} is on its way.",
                "{?rest}{seller}: a part of your order {number} is on its way.",
                "{carrier} {tracking}.",
                "To pay on delivery: {collect}.",
                "{follow}",
            ],
        },
        Template::ReadyForPickup => Message {
            subject: &["Your order {number} is ready for pickup"],
            title: &["Your order is ready for pickup"],
            body: &[
                "You can pick up your order {number}. Please have the order number with you.",
                "{?collect}To be paid on pickup: {collect}.",
            ],
            sms: &[
                "{seller}: your order {number} is ready for pickup.",
                "To pay: {collect}.",
                "{place}",
            ],
        },
        Template::CourierNear => Message {
            subject: &["The courier is about to bring your order {number}"],
            title: &["The courier is near"],
            body: &[
                "The courier will bring your order {number} at about {expected_time}.",
                "{!expected_time}The courier will bring your order {number} within an hour.",
                "{?collect}Please have {collect} ready.",
            ],
            sms: &[
                "{seller}: the courier will bring your order {number} at about {expected_time}.",
                "{!expected_time}{seller}: the courier will bring your order {number} within an hour.",
                "To pay: {collect}.",
            ],
        },
        Template::Late => Message {
            subject: &["Your order {number} is delayed"],
            title: &["Your order is delayed"],
            body: &[
                "Your order {number} takes longer than we promised. We are sorry about that.",
                "{?announced}The new date is {announced}.",
                "{!announced}We will write to you as soon as we know the new date.",
            ],
            sms: &[
                "{seller}: we are sorry, your order {number} is delayed.",
                "New date: {announced}.",
            ],
        },
        Template::Cancelled => Message {
            subject: &["Your order {number} has been cancelled"],
            title: &["{?refused}We cannot fulfil your order", "Your order has been cancelled"],
            body: &[
                "{!refused}Your order {number} has been cancelled.",
                "{?refused}We are sorry that we cannot fulfil your order {number}.",
                "{?refund}We will return {refund} to you.",
                "{?again}If you still want the goods, please order them again.",
            ],
            sms: &[
                "{seller}: your order {number} has been cancelled.",
                "Reason: {reason}.",
                "We will return {refund} to you.",
            ],
        },
        Template::RefundOwed => Message {
            subject: &["We will return money for your order {number}"],
            title: &["We will return {due_back} to you", "We will return money to you"],
            body: &[
                "We will return {due_back} to you for your order {number}.",
                "{!due_back}We will return money to you for your order {number}.",
                "We will write to you when the money has been sent.",
            ],
            sms: &[
                "{seller}: we will return {due_back} for your order {number}.",
                "{!due_back}{seller}: we will return money for your order {number}.",
            ],
        },
        Template::Refunded => Message {
            subject: &["We have returned money for your order {number}"],
            title: &["We have returned {amount} to you", "We have returned money to you"],
            body: &[
                "We have returned {amount} to you for your order {number}.",
                "{!amount}We have returned money to you for your order {number}.",
                "It can take a few days to reach your account.",
            ],
            sms: &[
                "{seller}: we have returned {amount} for your order {number}.",
                "{!amount}{seller}: we have returned money for your order {number}.",
            ],
        },
        Template::Delivered => Message {
            subject: &[
                "{?under_way}A part of your order {number} has been delivered",
                "Your order {number} has been delivered",
            ],
            title: &[
                "{?under_way}A part of your order has been delivered",
                "Your order has been delivered",
            ],
            body: &[
                "{!under_way}Your order {number} has been delivered. Thank you for ordering from us!",
                "{?under_way}A part of your order {number} has been delivered. The rest follows separately.",
                "If anything is not as it should be, please tell us.",
            ],
            sms: &[
                "{!under_way}{seller}: your order {number} has been delivered. Thank you!",
                "{?under_way}{seller}: a part of your order {number} has been delivered.",
            ],
        },
        Template::Overdue => Message {
            subject: &["{?owing}Payment for your order {number} is overdue", "Order {number}"],
            title: &["{?owing}A payment is overdue", "Nothing is left to pay"],
            body: &[
                "{?owing}The payment for your order {number} is overdue. Please pay {owing}.",
                "{?owing}If you have paid in the meantime, there is nothing more to do.",
                "{!owing}Your order {number} is paid. Thank you!",
            ],
            sms: &[
                "{seller}: the payment of {owing} for your order {number} is overdue.",
                "{!owing}{seller}: your order {number} is paid. Thank you!",
                "{?owing}{pay_link}",
                "{?owing}{!pay_link}{bank_line}",
            ],
        },
        Template::NotReached => Message {
            subject: &["We could not reach you about your order {number}"],
            title: &["We could not reach you"],
            body: &[
                "We called you about your order {number} and could not reach you.",
                "{?next_call}Our next call will be on {next_call}.",
                "You can also call us: {phone}.",
            ],
            sms: &[
                "{seller}: we could not reach you about your order {number}.",
                "Our next call: {next_call_short}.",
                "Or call us: {phone}.",
            ],
        },
        Template::Returned => Message {
            subject: &["We have received the returned goods of your order {number}"],
            title: &["We have received your return"],
            body: &[
                "We have received the returned goods of your order {number}.",
                "{?refund}We will return {refund} to you.",
            ],
            sms: &[
                "{seller}: we have received the returned goods of your order {number}.",
                "We will return {refund} to you.",
            ],
        },
        Template::OrderComment => Message {
            subject: &["A message about your order {number}"],
            title: &["A message about your order"],
            body: &["We are writing to you about your order {number}."],
            sms: &["{seller}: we have written to you about your order {number}.", "{follow}"],
        },
        Template::ApprovalRequest => Message {
            subject: &["A question about your order {number}"],
            title: &["We need your answer"],
            body: &[
                "We would like to change your order {number}. Nothing changes before you agree.",
                "Please look at the change and answer by {answer_by}.",
                "{!answer_link}Please reply to this message or call us.",
            ],
            sms: &[
                "{seller}: may we change your order {number}?",
                "{answer_link}",
                "Please answer by {answer_short}.",
            ],
        },
        Template::OrderApprovalRequest => Message {
            subject: &["Do you agree to your order {number}?"],
            title: &["Do you agree?"],
            body: &[
                "Please look at your order {number} and tell us whether you agree to it as it stands. We go on when you do.",
                "Please answer by {answer_by}.",
                "{!answer_link}Please reply to this message or call us.",
            ],
            sms: &[
                "{seller}: do you agree to your order {number}?",
                "{answer_link}",
                "Please answer by {answer_short}.",
            ],
        },
        Template::ChoiceRequest => Message {
            subject: &["Please choose: your order {number}"],
            title: &["Please choose"],
            body: &[
                "Some goods of your order {number} could not be found, or have a defect. Please choose what we shall do: your page of this order offers what is possible.",
                "Please answer by {answer_by}; otherwise we will contact you.",
                "{!answer_link}Please reply to this message or call us.",
            ],
            sms: &[
                "{seller}: goods of your order {number} are missing or have a defect, please choose.",
                "{answer_link}",
                "By {answer_short}.",
            ],
        },
        Template::SubscriptionNotice => Message {
            subject: &["Your next regular order {number}"],
            title: &["Your next regular order"],
            body: &[
                "Your regular order {number} is about to be made for {occurrence}.",
                "{!occurrence}Your regular order {number} is about to be made.",
                "The price has changed: it was {previous}, now it is {total}.",
                "If you want to change, skip or pause it, please tell us by {until}.",
                "{!until}If you want to change, skip or pause it, please tell us.",
            ],
            sms: &[
                "{seller}: your regular order {number} is about to be made.",
                "For {occurrence}.",
                "Total {total}.",
            ],
        },
        Template::PartnerUpdate => en_house::PARTNER_UPDATE,
        Template::StaffAlert => en_house::STAFF_ALERT,
        Template::StaffTask => en_house::STAFF_TASK,
        Template::StaffException => en_house::STAFF_EXCEPTION,
        Template::StaffPaymentFailed => en_house::STAFF_PAYMENT_FAILED,
        Template::Unknown => en_house::UNKNOWN,
    }
}

fn label(label: Label) -> &'static str {
    match label {
        Label::Order => "Order",
        Label::YourNumber => "Your number",
        Label::Status => "Status",
        Label::Total => "Order total",
        Label::TotalThen => "Total after the change",
        Label::Received => "Received so far",
        Label::ToPay => "To pay",
        Label::PayBy => "Pay by",
        Label::Bank => "Bank details",
        Label::PayReference => "Payment reference",
        Label::Terms => "Payment",
        Label::Delivery => "Delivery",
        Label::Address => "Address",
        Label::Requested => "Requested date",
        Label::Carrier => "Carrier",
        Label::Tracking => "Tracking number",
        Label::Expected => "Expected",
        Label::Place => "Place",
        Label::Reason => "Reason",
        Label::Refund => "To be returned",
        Label::Date => "For the date",
        Label::Since => "Since",
        Label::Problem => "Reason",
        Label::Detail => "Detail",
        Label::About => "Concerns",
        Label::Responsible => "Responsible",
        Label::ToDo => "What to do",
        Label::Goods => "Goods",
        Label::Discounts => "Discounts",
        Label::Shipping => "Shipping",
        Label::Fees => "Fees",
        Label::Tax => "VAT",
        Label::TaxIncluded => "including VAT",
        Label::Sum => "Total",
        Label::Ordered => "Your order",
        Label::InParcel => "In this shipment",
        Label::Rest => "Follows separately",
        Label::Waiting => "Comes later",
        Label::Ready => "Reserved for you",
        Label::ToFetch => "Ready for you",
        Label::CameBack => "Returned",
        Label::Pay => "Pay now",
        Label::Follow => "Follow your order",
        Label::Answer => "Answer now",
    }
}

fn delivery(method: DeliveryMethod) -> &'static str {
    match method {
        DeliveryMethod::Courier => "by courier",
        DeliveryMethod::Pickup => "pickup at the warehouse",
        DeliveryMethod::ParcelLocker => "to a parcel locker or pickup point",
        DeliveryMethod::Post => "by post",
        DeliveryMethod::Shop => "pickup at the shop",
    }
}

fn terms(terms: Terms) -> &'static str {
    match terms {
        Terms::Prepaid => "in advance",
        Terms::Deposit(_) => "a deposit, the rest before you get the goods",
        Terms::AfterConfirmation => "after we have confirmed the order",
        Terms::OnDelivery => "on delivery",
        Terms::Invoice => "by invoice",
    }
}

/// Read after "Reason:".
const REASONS: &[(&str, &str)] = &[
    ("not_paid", "the payment did not come in time"),
    ("asked", "on request"),
    ("not_reached", "we could not reach you"),
    ("customer_request", "you asked for it"),
    ("changed_mind", "the goods are not wanted any more"),
    ("ordered_by_mistake", "ordered by mistake"),
    ("duplicate", "the same was ordered twice"),
    ("possible_duplicate", "the same was ordered twice"),
    ("out_of_stock", "the goods are not available"),
    ("discontinued", "the goods are not available any more"),
    ("price_error", "a price was wrong"),
    ("total_mismatch", "the total of the order does not add up"),
    ("credit_limit", "the credit limit is exceeded"),
    ("payment_failed", "the payment failed"),
    ("card_declined", "the card was declined"),
    ("insufficient_funds", "there was not enough money"),
    ("expired_card", "the card has expired"),
    ("authentication_required", "the payment was not authorised by the customer"),
    ("not_collected", "the goods were not collected"),
    ("refused_at_door", "the parcel was not accepted"),
    ("undeliverable", "the parcel could not be delivered"),
    ("damaged", "the goods were damaged"),
    ("defective", "the goods have a defect"),
    ("wrong_item", "the wrong goods were sent"),
    ("not_as_described", "the goods are not as described"),
    ("does_not_fit", "the goods do not fit"),
    ("too_late", "it would have come too late"),
    ("surplus", "more was paid than the order costs"),
    ("lines_cancelled", "a part of the order was cancelled"),
    ("late_money", "the payment came when the order was already closed"),
    ("ship_together", "everything is to be sent together"),
];

/// What we ask the customer for.
const NEEDS: &[(&str, &str)] = &[
    ("address_missing", "The delivery address is missing."),
    ("address_incomplete", "The delivery address is not complete."),
    ("postal_code", "The postal code does not fit the country of delivery."),
    ("delivery_method_missing", "Please choose how the goods are to reach you."),
    ("pickup_point_missing", "Please choose a parcel locker or pickup point."),
    ("terms_missing", "Please choose how you want to pay."),
    ("no_usable_contact", "An e-mail address or telephone number is missing."),
    ("phone_in_address", "There is a telephone number where the address should be."),
    ("email_in_name", "There is an e-mail address where the name should be."),
    ("tax_id_missing", "Your VAT number is missing."),
];
