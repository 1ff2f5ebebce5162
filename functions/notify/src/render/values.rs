//! What the names in wordings stand for, for one order and one event.
//!
//! | names | meaning |
//! |---|---|
//! | `seller`, `phone`, `contact` | the seller; telephone; telephone and e-mail |
//! | `number`, `external_id`, `status`, `since`, `total` | the order |
//! | `amount` | the money the event is about |
//! | `owing`, `later`, `received`, `refund`, `due_back`, `collect` | to pay next; to pay after that; received and not returned; owed back; going back now; to pay at the door |
//! | `due`, `due_short` | until when to pay: [`Input::due_at`] |
//! | `next_call`, `next_call_short`, `until` | the event's `next_call_at`, `change_until` |
//! | `pay_link`, `bank`, `bank_line`, `pay_reference` | how to pay, as it suits the order's method |
//! | `carrier`, `tracking`, `expected`, `expected_time` | the shipment the event is about |
//! | `announced` | a new date: the event's `expected_at` or `expected_date` |
//! | `delivery`, `terms`, `place`, `address`, `requested` | what the customer chose |
//! | `reason`, `needs`, `happened` | in words |
//! | `occurrence`, `previous` | a subscription's date; the event's `previous_total` |
//! | `problem`, `detail`, `about`, `responsible`, `next`, `template` | for the house |
//! | `answer_link`, `answer_by`, `answer_short`, `asked_for`, `total_then` | what the customer is asked: where and until when to answer, why, what the order would come to |
//! | `follow` | the customer's page of the order |
//! | `not_returned` | late money that was to go back and stays, since the order lives again |
//! | `was_closed`, `revived`, `ready`, `waiting`, `rest`, `under_way`, `to_send`, `fetched`, `refused`, `again`, `answer` | only so or not so |

use super::fill::Values;
use super::locale::{Calendar, money};
use super::parts::{in_shipments, parcels};
use super::shape;
use super::template::Template;
use super::texts::Language;
use super::{Audience, Input};
use jiff::civil::Date;
use ordermill_domain::money::Amount;
use ordermill_domain::order::{
    DeliveryMethod, Event, EventKind, Exception, Line, Order, PaymentMethod, Terms,
};
use ordermill_domain::policy::Phase;
use ordermill_domain::quantity::Quantity;
use ordermill_domain::time::{Seconds, Timestamp};
use serde_json::Value;

/// An expected arrival within this is told by the hour.
const NEAR: Seconds = Seconds::hours(12);

/// Everything that is known for this message.
pub(super) fn of(input: &Input<'_>, template: Template, language: &'static Language) -> Values {
    let zones = match input.audience {
        Audience::Staff => [input.seller.time_zone.as_str(), ""],
        Audience::Customer | Audience::Partner => [input.zone, input.seller.time_zone.as_str()],
    };
    let teller =
        Teller { input, template, language, calendar: Calendar::new(&zones, &language.words) };
    let mut values = Values::default();
    teller.seller_and_order(&mut values);
    teller.money(&mut values);
    teller.ways_to_pay(&mut values);
    teller.goods(&mut values);
    teller.dates(&mut values);
    teller.wishes(&mut values);
    teller.reasons(&mut values);
    if template.is_internal() {
        teller.house(&mut values);
    }
    values
}

struct Teller<'a> {
    input: &'a Input<'a>,
    template: Template,
    language: &'static Language,
    calendar: Calendar,
}

impl Teller<'_> {
    fn written(&self, amount: Amount) -> String {
        money(amount, self.input.order.currency, &self.language.words.figures)
    }

    fn written_if_any(&self, amount: Amount) -> Option<String> {
        amount.is_positive().then(|| self.written(amount))
    }

    fn seller_and_order(&self, values: &mut Values) {
        let Input { seller, order, .. } = self.input;
        values.set("seller", seller.name.trim().to_owned());
        values.set("phone", seller.phone.clone());
        let contact: Vec<&str> =
            [&seller.phone, &seller.email].into_iter().filter_map(Option::as_deref).collect();
        values.set("contact", contact.join(", "));
        values.set("number", order.number.clone());
        values.set("external_id", order.external_id.clone());
        let label = self.input.status_label.trim();
        let key = order.status.as_str().replace('_', " ");
        values.set("status", if label.is_empty() { key } else { label.to_owned() });
        values.set("since", self.calendar.moment(order.status_since));
        values.set("happened", (self.language.happened)(self.input.event.kind).to_owned());
        values.set("template", self.input.template.chars().take(64).collect::<String>());
        let page = self.input.tracking_url.clone().filter(|url| is_web_address(url));
        values.set("follow", page.filter(|_| self.input.audience == Audience::Customer));
    }

    fn money(&self, values: &mut Values) {
        let Input { order, event, open_amount, .. } = self.input;
        let ledger = &order.ledger;
        if is_priced(order) {
            values.set("total", self.written(order.gross()));
        }
        let amount = amount_of(order, event, "amount");
        values.set("amount", amount.and_then(|amount| self.written_if_any(amount)));
        values.set("owing", self.written_if_any(*open_amount));
        values.set("later", self.written_if_any(self.input.later));
        let late = event.data.get("late_money").and_then(Value::as_str);
        values.flag("revived", late == Some("revive"));
        values.flag("was_closed", matches!(late, Some("refund" | "ask")));
        let kept = amount_of(order, event, "not_returned");
        values.set("not_returned", kept.and_then(|amount| self.written_if_any(amount)));
        let received = ledger.received().less(ledger.refunded());
        values.set("received", self.written_if_any(received));
        let refund = self.written_if_any(ledger.refund_owed());
        let now_owed = amount.filter(|_| event.kind == EventKind::RefundOwed);
        let now_owed = now_owed.and_then(|amount| self.written_if_any(amount));
        values.set("due_back", now_owed.or_else(|| refund.clone()));
        values.set("refund", refund);
        let at_the_door = match order.terms {
            Some(Terms::OnDelivery) => true,
            Some(Terms::Prepaid | Terms::Deposit(_) | Terms::AfterConfirmation) | None => {
                is_fetched(order)
            }
            Some(Terms::Invoice) => false,
        };
        values.set("collect", self.written_if_any(*open_amount).filter(|_| at_the_door));
    }

    /// A link for who pays at once, an account for who transfers, both where it is not known.
    fn ways_to_pay(&self, values: &mut Values) {
        let Input { order, seller, open_amount, audience, .. } = self.input;
        if !shape::shape(self.template).pay
            || !open_amount.is_positive()
            || *audience == Audience::Staff
        {
            return;
        }
        let link = seller.payment_link.as_deref().and_then(|link| {
            let link = link
                .replace("{number}", &order.number)
                .replace("{amount}", &open_amount.format(order.currency))
                .replace("{currency}", order.currency.code());
            is_web_address(&link).then_some(link)
        });
        let bank = seller.bank_details.clone().filter(|details| !details.trim().is_empty());
        let (link, bank) = match order.method {
            Some(PaymentMethod::Card | PaymentMethod::Paypal) if link.is_some() => (link, None),
            Some(PaymentMethod::BankTransfer) if bank.is_some() => (None, bank),
            Some(
                PaymentMethod::Card
                | PaymentMethod::Paypal
                | PaymentMethod::BankTransfer
                | PaymentMethod::Cash
                | PaymentMethod::Other,
            )
            | None => (link, bank),
        };
        values.set("pay_link", link);
        if let Some(bank) = bank {
            values.set("bank_line", one_line(&bank));
            values.set("bank", bank);
            values.set("pay_reference", order.number.clone());
        }
    }

    fn goods(&self, values: &mut Values) {
        let Input { order, event, .. } = self.input;
        values.flag("ready", order.holds_stock());
        values.flag("waiting", order.waits_for_stock());
        let to_leave =
            |line: &Line| line.quantity.less(line.cancelled).less(in_shipments(order, line.line));
        let rest = order.lines.iter().any(|line| to_leave(line).is_positive());
        let arrived = order.shipments.iter().all(|shipment| shipment.delivered_at.is_some());
        values.flag("rest", rest);
        values.flag("under_way", rest || !arrived);
        values.flag("to_send", rest && !order.is_closed());
        values.flag("fetched", is_fetched(order));
        let Some(parcel) = parcels(order, event).last().copied() else { return };
        values.set("carrier", parcel.carrier.clone());
        values.set("tracking", parcel.tracking.clone());
        let expected = parcel.expected_at.filter(|_| parcel.delivered_at.is_none());
        values.set("expected", expected.map(|at| self.calendar.date_of(at)));
        let near = expected.filter(|at| *at <= event.at.plus(NEAR) && *at >= event.at);
        values.set("expected_time", near.map(|at| self.calendar.time(at)));
        let later = expected.filter(|at| *at > event.at && self.template == Template::Late);
        values.set("announced", later.map(|at| self.calendar.date_of(at)));
    }

    fn dates(&self, values: &mut Values) {
        let Input { order, event, due_at, open_amount, .. } = self.input;
        // The limit of another phase is not about money, and one that is over is no limit.
        let asks = order.phase == Phase::Payment && open_amount.is_positive();
        let due = due_at.filter(|at| asks && *at > event.at);
        values.set("due", due.map(|at| self.calendar.moment(at)));
        values.set("due_short", due.map(|at| self.calendar.short(at)));
        let told = |name: &str| event.data.get(name).and_then(Value::as_str);
        let moment = |name: &str| told(name).and_then(|text| Timestamp::parse(text).ok());
        let call = moment("next_call_at");
        values.set("next_call", call.map(|at| self.calendar.moment(at)));
        values.set("next_call_short", call.map(|at| self.calendar.short(at)));
        values.set("until", moment("change_until").map(|at| self.calendar.moment(at)));
        values.set("announced", moment("expected_at").map(|at| self.calendar.date_of(at)));
        values.set("announced", told("expected_date").and_then(|text| self.local_date(text)));
        if let Some(subscription) = &order.subscription {
            let date = self.local_date(&subscription.occurrence);
            values.set("occurrence", date.or_else(|| Some(subscription.occurrence.clone())));
        }
        if matches!(
            self.template,
            Template::ApprovalRequest | Template::OrderApprovalRequest | Template::ChoiceRequest
        ) {
            let by = moment("due_at");
            values.set("answer_by", by.map(|at| self.calendar.moment(at)));
            values.set("answer_short", by.map(|at| self.calendar.short(at)));
            let url = self.input.answer_url.clone().filter(|url| is_web_address(url));
            values.set("answer_link", url);
            values.set("asked_for", event.reason.clone());
            let then = amount_of(order, event, "gross_proposed");
            values.set("total_then", then.map(|amount| self.written(amount)));
        }
        let previous = amount_of(order, event, "previous_total");
        let changed = previous.filter(|previous| *previous != order.gross());
        values.set("previous", changed.map(|previous| self.written(previous)));
    }

    fn local_date(&self, text: &str) -> Option<String> {
        text.parse::<Date>().ok().map(|date| self.calendar.date(date))
    }

    fn wishes(&self, values: &mut Values) {
        let order = self.input.order;
        let delivery = &order.placed.delivery;
        values
            .set("delivery", order.delivery_method.map(|m| (self.language.delivery)(m).to_owned()));
        values.set("terms", order.terms.map(|t| (self.language.terms)(t).to_owned()));
        let date = delivery.requested_date.as_deref().and_then(|text| self.local_date(text));
        let wished: Vec<String> = date.into_iter().chain(delivery.window.clone()).collect();
        values.set("requested", wished.join(", "));
        if self.input.audience != Audience::Customer {
            return;
        }
        values.set("place", delivery.pickup_point.clone());
        if let Some(address) = delivery.address.as_ref().filter(|_| !is_fetched(order)) {
            let town: Vec<&str> = [&address.postal_code, &address.city]
                .into_iter()
                .filter_map(|p| p.as_deref())
                .collect();
            let town = Some(town.join(" ")).filter(|town| !town.is_empty());
            let parts = [&address.line1, &address.line2, &town, &address.region, &address.country];
            let parts: Vec<&str> = parts.into_iter().filter_map(Option::as_deref).collect();
            values.set("address", parts.join(", "));
        }
    }

    fn reasons(&self, values: &mut Values) {
        let Input { order, event, .. } = self.input;
        let is = |template| self.template == template;
        let cause = if is(Template::Cancelled) {
            cause(order, event, &ENDS)
        } else if is(Template::Returned) {
            cause(order, event, &[EventKind::OrderReturned])
        } else {
            let told = is(Template::RefundOwed) || TOLD.contains(&event.kind);
            told.then_some(*event)
        };
        let reason = cause.and_then(|event| event.reason.as_deref());
        values.set("reason", reason.map(|reason| self.language.reason(reason)));
        let rejected = cause.is_some_and(|event| event.kind == EventKind::OrderRejected);
        values.flag("refused", rejected);
        values.flag("again", matches!(reason, Some("not_paid" | "not_reached")));
        let needs: Vec<String> = order
            .reasons
            .iter()
            .filter_map(|reason| self.language.needs.iter().find(|(code, _)| *code == reason.code))
            .map(|(_, sentence)| format!("• {sentence}"))
            .collect();
        let checking = matches!(order.phase, Phase::Intake | Phase::Review);
        values.flag("answer", needs.is_empty() && !checking);
        values.set("needs", needs.join("\n"));
    }

    /// What is wrong, in words, and what somebody does about it.
    fn house(&self, values: &mut Values) {
        let Input { order, event, .. } = self.input;
        values.set("responsible", order.responsible.clone());
        let codes = self.codes();
        let mut problems: Vec<String> = Vec::new();
        let mut next: Vec<&str> = Vec::new();
        let mut details: Vec<&str> = Vec::new();
        for code in &codes {
            let (words, what) = self.language.matter(code);
            problems.push(words);
            next.extend(what.filter(|what| !next.contains(what)));
            let about = event.data.get("about").and_then(Value::as_str);
            let same = |e: &&Exception| {
                e.code == *code && (about.is_none() || e.about.as_deref() == about)
            };
            details.extend(order.exceptions.iter().find(same).map(|e| e.detail.as_str()));
        }
        if order.phase == Phase::Review && !order.reasons.is_empty() {
            details = order.reasons.iter().take(REASONS_MAX).map(|r| r.detail.as_str()).collect();
        }
        if self.template == Template::StaffPaymentFailed {
            problems = event.reason.iter().map(|code| self.language.reason(code)).collect();
        }
        if next.is_empty() {
            next.push((self.language.next)(order.phase));
        }
        values.set("problem", problems.join("; "));
        values.set("next", next.join(" "));
        values.set("detail", details.join("\n"));
        values.set("about", self.about(&codes));
    }

    /// What this is about, as codes of [`Language::matters`].
    fn codes(&self) -> Vec<String> {
        let Input { order, event, .. } = self.input;
        let about = match event.data.get("about") {
            Some(Value::Array(codes)) => {
                codes.iter().filter_map(Value::as_str).map(str::to_owned).collect()
            }
            Some(Value::String(code)) => vec![code.clone()],
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_)) | None => {
                Vec::new()
            }
        };
        let waits = order.terms == Some(Terms::AfterConfirmation) && order.phase == Phase::Payment;
        let received = order.ledger.received().is_positive();
        if self.template == Template::StaffPaymentFailed {
            vec!["payment_failed".to_owned()]
        } else if matches!(event.kind, EventKind::ExceptionOpened | EventKind::TaskSet) {
            event.reason.iter().cloned().collect()
        } else if event.kind == EventKind::NoticeFailed {
            vec!["notice_failed".to_owned()]
        } else if event.kind == EventKind::OrderAssigned {
            vec!["assigned".to_owned()]
        } else if event.kind == EventKind::RefundOwed {
            vec!["refund_owed".to_owned()]
        } else if self.template == Template::StaffTask && waits && !received {
            vec!["confirmation_needed".to_owned()]
        } else if event.kind == EventKind::Reminded {
            about
        } else {
            Vec::new()
        }
    }

    /// What else the event names: a payment's reference, a SKU. Codes are said in words already.
    fn about(&self, codes: &[String]) -> Option<String> {
        let told = |name: &str| self.input.event.data.get(name).and_then(Value::as_str);
        let about = told("about").filter(|about| !codes.iter().any(|code| code == about));
        let named: Vec<&str> =
            [about, told("provider"), told("reference")].into_iter().flatten().collect();
        Some(named.join(", ")).filter(|named| !named.is_empty())
    }
}

/// Reasons of a review that a message to staff tells; the order has them all.
const REASONS_MAX: usize = 10;

/// How an order comes to a bad end.
const ENDS: [EventKind; 3] =
    [EventKind::OrderCancelled, EventKind::OrderRejected, EventKind::LimitMoved];
/// Events whose reason is for everybody; reasons of others are codes for the house.
const TOLD: [EventKind; 5] = [
    EventKind::OrderCancelled,
    EventKind::OrderRejected,
    EventKind::LimitMoved,
    EventKind::LinesCancelled,
    EventKind::OrderReturned,
];

/// The event, or the last one up to it, of one of these kinds. A message goes with the last event
/// of a decision, which need not be the one that gives the reason.
fn cause<'e>(order: &'e Order, event: &'e Event, kinds: &[EventKind]) -> Option<&'e Event> {
    if kinds.contains(&event.kind) {
        return Some(event);
    }
    let before = order.recent_events.iter().rev().filter(|e| e.version <= event.version);
    before.into_iter().find(|e| kinds.contains(&e.kind))
}

/// An amount that the event names, in the order's currency.
fn amount_of(order: &Order, event: &Event, name: &str) -> Option<Amount> {
    let text = event.data.get(name).and_then(Value::as_str)?;
    Amount::parse(text, order.currency).ok()
}

/// Whether every line that is still wanted has its price, so that the total is one.
pub(super) fn is_priced(order: &Order) -> bool {
    let wanted = |line: &&Line| line.quantity > line.cancelled;
    let wanted: Vec<_> = order.lines.iter().filter(wanted).collect();
    let any = wanted.iter().any(|line| line.quantity > Quantity::ZERO);
    any && wanted.iter().all(|line| line.detail.unit_price.is_some())
}

fn is_fetched(order: &Order) -> bool {
    order.delivery_method.is_some_and(DeliveryMethod::is_fetched)
}

fn is_web_address(url: &str) -> bool {
    let web = url.starts_with("https://") || url.starts_with("http://");
    web && !url.chars().any(|c| c.is_whitespace() || c.is_control())
}

/// Several lines as one.
pub(super) fn one_line(text: &str) -> String {
    let parts: Vec<&str> = text.lines().map(str::trim).filter(|part| !part.is_empty()).collect();
    parts.join(", ")
}
