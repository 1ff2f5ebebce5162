//! One of each, made by the code that makes the real ones: an order that came in, was checked
//! and got its stock; its history; a subscription and its dates.

use crate::orders::json_of;
use ordermill_domain::customer::Card;
use ordermill_domain::decide::taking_in::{Origin, receive};
use ordermill_domain::decide::{Command, Facts, MoneyEvent, MoneyKind, decide};
use ordermill_domain::figures::Figures;
use ordermill_domain::ids::{self, IdKind};
use ordermill_domain::intake::{
    Defaults, Movement, MovementKind, Price, body_hash, parse_answer, parse_command, parse_order,
    parse_product,
};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::{Actor, ActorKind, Channel, Event, Order};
use ordermill_domain::policy::{Policy, Role, load, presets};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::{Anchor, StockKey, StockLine, StockView};
use ordermill_domain::time::Timestamp;
use ordermill_table::records::{
    ApiKey, ClientRole, InboxEntry, OrderHint, Settings, User, Warehouse,
};
use ordermill_table::rows::customer::{CustomerRow, CustomerTerms};
use ordermill_table::rows::prices::PriceList;
use ordermill_table::rows::stock::StoredLine;
use ordermill_views::approval::{ApprovalView, Asked};
use ordermill_views::approval_page::approval_page;
use ordermill_views::catalogue::{PriceListView, ProductView, SettingsView, WarehouseView};
use ordermill_views::customer::CustomerCardView;
use ordermill_views::order::check_view;
use ordermill_views::parties::{ClientView, KeyView, UnmatchedView, UserView};
use ordermill_views::stock::{MovementView, ReservationView};
use ordermill_views::subscription::FiguresView;
use ordermill_views::task::TaskView;
use ordermill_views::track_page::{Reader, gone_page, tracking_page};
use ordermill_views::{Audience, TrackView, decision_view, event_view, order_view};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SELLER: &str = "seller";
const BASE_URL: &str = "https://orders.example.com";

/// The moment at which everything happens.
fn now() -> Timestamp {
    Timestamp::parse("2026-11-22T09:00:00Z").unwrap_or_default()
}

/// The body of an order (`spec/api.md`).
pub(super) fn order_body() -> Value {
    json!({
        "external_id": "web-100045",
        "channel": "webshop",
        "policy": "webshop",
        "currency": "EUR",
        "prices_include_tax": true,
        "customer": {
            "name": "Ona Kazlauskienė", "email": "ona@example.com", "phone": "+37061234567",
            "locale": "lt", "time_zone": "Europe/Vilnius", "preferred_channel": "email"
        },
        "delivery": {
            "method": "courier", "requested_date": "2026-12-01",
            "address": {
                "line1": "Gedimino pr. 9", "city": "Vilnius", "postal_code": "01103",
                "country": "LT"
            }
        },
        "payment": { "terms": "prepaid", "method": "card", "references": ["pi_3Mabc"] },
        "ship_together": false,
        "lines": [{
            "sku": "TEA-100", "quantity": 2, "unit_price": "12.50", "tax_rate": "0.21",
            "options": [{ "name": "engraving", "value": "Ona" }],
            "discounts": [{ "code": "TEA10", "amount": "2.50" }]
        }],
        "shipping": { "method": "courier", "amount": "3.99", "tax_rate": "0.21" },
        "discounts": [{ "code": "WELCOME", "amount": "5.00", "scope": "order" }],
        "total": "21.49",
        "note": "ring twice",
        "metadata": { "cart": "c-77" }
    })
}

/// The body of a subscription (`spec/api.md`).
pub(super) fn subscription_body() -> Value {
    json!({
        "external_id": "sub-1",
        "customer": { "name": "Ona Kazlauskienė", "email": "ona@example.com" },
        "payment": { "terms": "invoice" },
        "currency": "EUR",
        "lines": [{ "sku": "TEA-100", "quantity": 1, "unit_price": "12.50" }],
        "rule": "FREQ=MONTHLY;BYMONTHDAY=31",
        "month_end": "clip",
        "start": "2027-01-31",
        "time": "09:00",
        "time_zone": "Europe/Vilnius",
        "lead_days": 0,
        "price": "locked",
        "catch_up": "each"
    })
}

/// The body of a product.
pub(super) fn product_body() -> Value {
    json!({
        "name": "Green tea, 100 g", "prices": { "EUR": "12.50" }, "tax_rate": "0.21",
        "tax_class": "standard", "unit": "piece", "quantity_places": 0, "packing_unit": 1,
        "min_quantity": 1, "lead_time_days": 3, "active": true
    })
}

/// The body of two movements.
pub(super) fn movements_body() -> Value {
    json!({ "movements": [
        { "sku": "TEA-100", "warehouse": "VNO", "type": "receipt", "quantity": 40,
          "reason": "delivery note 118" },
        { "sku": "TEA-100", "warehouse": "VNO", "type": "transfer", "quantity": 10, "to": "KUN" }
    ] })
}

/// An order, the policy it follows, and all that happened to it.
pub(super) struct Sample {
    order: Order,
    policy: Policy,
    events: Vec<Event>,
}

impl Sample {
    /// An order that was checked and reserved, with half its money there.
    pub(super) fn new() -> Option<Self> {
        let text = presets::text("webshop")?;
        let policy = load::from_toml("webshop", text).ok()?;
        let body = order_body();
        let defaults = Defaults { channel: Channel::Webshop, policy: "webshop".to_owned() };
        let draft = parse_order(&body, &defaults).ok()?;
        let id = ids::derive(IdKind::Order, SELLER, &["shop", "external", "web-100045"]);
        let actor = Actor { kind: ActorKind::Customer, id: "shop".to_owned() };
        let origin = Origin::of_client(&id, "shop", &body_hash(&body), actor);
        let product = parse_product("TEA-100", &product_body()).ok()?;
        let products = BTreeMap::from([("TEA-100".to_owned(), product)]);
        let received = receive(&policy, draft, origin, &products, now());
        let mut sample = Self { order: received.order, policy, events: received.events };
        let facts =
            Facts { stock: stock(), products, email_ok: true, phone_ok: true, ..Facts::default() };
        let money = MoneyEvent {
            provider: "stripe".to_owned(),
            reference: "pi_3Mabc".to_owned(),
            kind: MoneyKind::Received {
                amount: Amount(1_000),
                currency: Currency::EUR,
                method: Some("card".to_owned()),
            },
            received_at: now(),
        };
        for command in [Command::Validate, Command::Reserve, Command::Money(money)] {
            let decision = decide(&sample.policy, &sample.order, &facts, &command, now()).ok()?;
            sample.order = decision.order;
            sample.events.extend(decision.events);
        }
        Some(sample)
    }

    /// The order as the API shows it.
    pub(super) fn order(&self) -> Value {
        let audience = Audience::outside(BASE_URL, "example");
        order_view(&self.order, &self.policy, audience)
    }

    /// What would become of it.
    pub(super) fn check(&self) -> Value {
        check_view(&self.order, &self.policy, &stock())
    }

    /// Its history.
    pub(super) fn history(&self) -> Value {
        page(self.events.iter().map(|event| json_of(&event_view(event))).collect())
    }

    /// The automatic decisions.
    pub(super) fn why(&self) -> Value {
        let decisions = self.events.iter().filter_map(|event| decision_view(event, &self.policy));
        page(decisions.map(|decision| json_of(&decision)).collect())
    }

    /// What its customer may see.
    pub(super) fn track(&self) -> Value {
        json_of(&TrackView::new(&self.order, &self.policy, "lt"))
    }

    /// The same as a page.
    pub(super) fn page(&self) -> String {
        let view = TrackView::new(&self.order, &self.policy, "lt");
        let settings = Settings::default();
        let (seller, colour) = (&settings.name, &settings.colour);
        tracking_page(&view, Reader { locale: "lt", zone: &settings.time_zone, seller, colour })
    }

    /// The order with an edit that waits for its customer's yes.
    fn proposed(&self) -> Option<(Order, Asked)> {
        let body = json!({ "approval": "customer", "reason": "One packet more is cheaper to send.",
            "lines": [{ "line": 1, "quantity": 3 }] });
        let body = parse_command("edit", &body, self.order.currency).ok()?;
        let actor = Actor { kind: ActorKind::Manager, id: "rasa".to_owned() };
        let command = Command::Act { body, role: Role::Manager, actor };
        let product = parse_product("TEA-100", &product_body()).ok()?;
        let products = BTreeMap::from([("TEA-100".to_owned(), product)]);
        let facts =
            Facts { stock: stock(), products, email_ok: true, phone_ok: true, ..Facts::default() };
        let order = decide(&self.policy, &self.order, &facts, &command, now()).ok()?.order;
        let question = order.question.clone()?;
        let asked =
            Asked { order: order.id.clone(), number: question.number, due_at: question.due_at };
        Some((order, asked))
    }

    /// What its customer is asked.
    pub(super) fn asked(&self) -> Value {
        let view = |(order, asked): (Order, Asked)| ApprovalView::new(&order, &asked, now());
        self.proposed().and_then(view).map(|view| json_of(&view)).unwrap_or_default()
    }

    /// What they see once they have answered.
    pub(super) fn answered(&self) -> Value {
        let after = |(order, asked): (Order, Asked)| {
            let reply = parse_answer(&answer_body(), asked.number).ok()?;
            let facts = Facts { stock: stock(), ..Facts::default() };
            let command = Command::Answer(reply);
            let order = decide(&self.policy, &order, &facts, &command, now()).ok()?.order;
            ApprovalView::new(&order, &asked, now())
        };
        self.proposed().and_then(after).map(|view| json_of(&view)).unwrap_or_default()
    }

    /// The question as a page.
    pub(super) fn page_of_asked(&self) -> String {
        let view =
            self.proposed().and_then(|(order, asked)| ApprovalView::new(&order, &asked, now()));
        view.map(|view| in_lithuanian(&view)).unwrap_or_default()
    }

    /// A question that is over, as a page.
    pub(super) fn page_of_over(&self) -> String {
        let view = self.proposed().map(|(order, asked)| ApprovalView::ended(&order, &asked));
        view.map(|view| in_lithuanian(&view)).unwrap_or_default()
    }

    /// A call to its customer that reached nobody once.
    pub(super) fn task(&self) -> Value {
        let called = || {
            let body = json!({ "outcome": "not_answering" });
            let body = parse_command("contact", &body, self.order.currency).ok()?;
            let actor = Actor { kind: ActorKind::Manager, id: "rasa".to_owned() };
            let command = Command::Act { body, role: Role::Manager, actor };
            let facts = Facts { stock: stock(), ..Facts::default() };
            let order = decide(&self.policy, &self.order, &facts, &command, now()).ok()?.order;
            let work = order.work().next()?;
            Some(json_of(&TaskView::new(&order, &work, &self.policy, "Europe/Vilnius", now())))
        };
        called().unwrap_or_default()
    }

    /// What it holds.
    pub(super) fn reservations(&self) -> Value {
        page(vec![json_of(&ReservationView::new(&self.order, "TEA-100"))])
    }
}

fn in_lithuanian(view: &ApprovalView) -> String {
    let settings = Settings::default();
    let (seller, colour) = (&settings.name, &settings.colour);
    let reader = Reader { locale: "lt", zone: &settings.time_zone, seller, colour };
    approval_page(view, reader, None)
}

/// The body of an answer.
pub(super) fn answer_body() -> Value {
    json!({ "items": [{ "item": "line-1", "answer": "refuse" }], "comment": "Two are enough." })
}

/// What a browser is shown for a tracking link that leads nowhere.
pub(super) fn lost_page() -> String {
    let settings = Settings::default();
    let (seller, colour) = (&settings.name, &settings.colour);
    gone_page("lt", Reader { locale: "lt", zone: &settings.time_zone, seller, colour })
}

/// A list of one page.
pub(super) fn page(items: Vec<Value>) -> Value {
    json!({ "items": items, "next": null })
}

fn line() -> StockLine {
    StockLine { on_hand: Quantity::units(40), version: 1, ..StockLine::default() }
}

fn anchor() -> Anchor {
    Anchor { warehouses: vec!["VNO".to_owned()], version: 1, ..Anchor::default() }
}

fn stock() -> StockView {
    StockView {
        lines: BTreeMap::from([(StockKey::new("TEA-100", "VNO"), line())]),
        anchors: BTreeMap::from([("TEA-100".to_owned(), anchor())]),
        ..StockView::default()
    }
}

/// The stock of a SKU.
pub(super) fn stock_of_sku() -> Value {
    let stored = StoredLine {
        key: StockKey::new("TEA-100", "VNO"),
        line: line(),
        available: line().available(),
        unkept: line().unkept(),
        free: line().free(),
        updated_at: now(),
    };
    json_of(&ordermill_views::stock::StockView::new("TEA-100", &anchor(), &[stored]))
}

/// What was done to stock.
pub(super) fn movements() -> Value {
    let movement = Movement {
        sku: "TEA-100".to_owned(),
        warehouse: "VNO".to_owned(),
        kind: MovementKind::Receipt,
        quantity: Quantity::units(40),
        reason: Some("delivery note 118".to_owned()),
        to: None,
        demand_class: None,
    };
    let id = ids::derive(IdKind::Movement, SELLER, &["erp", "key", "118", "0"]);
    json!({ "movements": [json_of(&MovementView::new(&id, &movement, "erp", now()))] })
}

/// A product.
pub(super) fn product() -> Value {
    parse_product("TEA-100", &product_body())
        .map_or(Value::Null, |product| json_of(&ProductView::new(&product)))
}

/// The results of a batch.
pub(super) fn batch() -> Value {
    json!({ "items": [
        { "sku": "TEA-100", "status": 201, "product": product(), "errors": null },
        { "sku": "TEA-200", "status": 422, "product": null, "errors": [{
            "pointer": "/tax_rate", "code": "tax_rate_range",
            "detail": "This is no rate: write one from 0 to 1, like \"0.21\"."
        }] }
    ] })
}

/// The results of a batch of orders.
pub(super) fn order_batch(order: &Value) -> Value {
    let problem = crate::invalid("/lines", "lines_empty", "There is no line: write at least one.");
    json!({ "items": [
        { "external_id": "web-100045", "status": 202, "order": order, "problem": null },
        { "external_id": "web-100046", "status": 422, "order": null, "problem": problem.document() }
    ] })
}

/// A subscription.
pub(super) fn subscription() -> Value {
    let id = ids::derive(IdKind::Subscription, SELLER, &["shop", "external", "sub-1"]);
    crate::subscriptions::example(&id, "shop", &subscription_body(), now())
        .map_or(Value::Null, |made| {
            json_of(&ordermill_views::subscription::SubscriptionView::new(&made))
        })
}

/// The dates of a subscription.
pub(super) fn preview() -> Value {
    json!({ "items": [
        { "date": "2027-01-31", "at": "2027-01-31T07:00:00Z" },
        { "date": "2027-02-28", "at": "2027-02-28T07:00:00Z" }
    ] })
}

/// The settings.
pub(super) fn settings() -> Value {
    json_of(&SettingsView::new(Settings::default()))
}

/// A warehouse.
pub(super) fn warehouse() -> Value {
    json_of(&WarehouseView::new(Warehouse {
        code: "VNO".to_owned(),
        name: Some("Vilnius".to_owned()),
        priority: BTreeMap::from([("LT".to_owned(), 1), ("*".to_owned(), 5)]),
        ..Warehouse::default()
    }))
}

/// All that is kept about a customer.
pub(super) fn export(order: Value) -> Value {
    json!({ "customer": customer(), "subscriptions": [subscription()], "items": [order],
        "next": null })
}

/// Figures of subscriptions.
pub(super) fn figures() -> Value {
    let span = (Timestamp::parse("2026-10-23T09:00:00Z"), Timestamp::parse("2026-11-22T09:00:00Z"));
    let (Ok(from), Ok(to)) = span else { return Value::Null };
    let figures = Figures {
        active: 41,
        unpaid: 1,
        paused: 3,
        new: 6,
        churned: 2,
        churned_unpaid: 1,
        monthly: BTreeMap::from([("EUR".to_owned(), Amount(51_250))]),
    };
    json_of(&FiguresView::new(&figures, (from, to), true))
}

/// How far it is with forgetting a customer.
pub(super) fn erasure(is_done: bool) -> Value {
    let erased_at = is_done.then_some("2026-11-22T09:01:00Z");
    json!({ "id": ids::derive(IdKind::Customer, SELLER, &["shop", "id", "c-1"]),
        "asked_at": "2026-11-22T09:00:00Z", "erased_at": erased_at })
}

/// A customer's card.
pub(super) fn customer() -> Value {
    let row = CustomerRow {
        id: ids::derive(IdKind::Customer, SELLER, &["shop", "id", "c-1"]),
        card: Card {
            client: Some("shop".to_owned()),
            customer: Some("c-1".to_owned()),
            names: vec!["Ona Kazlauskienė".to_owned()],
            emails: vec!["ona@example.com".to_owned()],
            ..Card::default()
        },
        terms: CustomerTerms {
            credit_limit: Some(Amount(100_000)),
            currency: Some(Currency::EUR),
            net_days: Some(14),
            priority: Some(50),
            ..CustomerTerms::default()
        },
        credit_taken: Amount(25_000),
        ..CustomerRow::default()
    };
    json_of(&CustomerCardView::new(&row, "EUR"))
}

/// The body of a customer's terms.
pub(super) fn customer_terms() -> Value {
    json!({ "credit_limit": "1000.00", "currency": "EUR", "net_days": 14, "priority": 50 })
}

/// The body of a price list.
pub(super) fn price_list_body() -> Value {
    json!({ "name": "Wholesale 2027", "currency": "EUR", "prices_include_tax": false,
        "places": 4, "prices": { "TEA-100": "8.1250" } })
}

/// A price list.
pub(super) fn price_list(whole: bool) -> Value {
    let list = PriceList {
        id: "wholesale".to_owned(),
        name: Some("Wholesale 2027".to_owned()),
        client: None,
        currency: Currency::EUR,
        prices_include_tax: false,
        places: 4,
        generation: String::new(),
        count: 1,
    };
    let price = Price::parse("8.125", 2).ok();
    let prices = price.map(|price| ("TEA-100".to_owned(), price));
    json_of(&PriceListView::new(&list, &prices.filter(|_| whole).into_iter().collect()))
}

/// A person in the seller's house.
pub(super) fn user() -> Value {
    json_of(&UserView::new(&User {
        id: "rasa".to_owned(),
        name: Some("Rasa".to_owned()),
        email: Some("rasa@example.com".to_owned()),
        locale: Some("lt".to_owned()),
        active: true,
        ..User::default()
    }))
}

/// What is agreed with a client.
pub(super) fn client() -> Value {
    json_of(&ClientView::new(&ordermill_table::records::Client {
        id: "shop".to_owned(),
        role: ClientRole::Shop,
        rights: Some(vec!["set_prices".to_owned()]),
        channel: Some(Channel::Webshop),
        policy: Some("webshop".to_owned()),
        price_list: None,
        email: None,
        demand_class: None,
    }))
}

/// An API key; with its secret only where it has just been made.
pub(super) fn key(is_new: bool) -> Value {
    let stored = ApiKey {
        id: "3f9a1c77d204".to_owned(),
        client: "shop".to_owned(),
        role: ClientRole::Shop,
        hash: String::new(),
        created_at: now(),
        revoked_at: None,
    };
    let secret = is_new.then(|| format!("om_3f9a1c77d204_{}", "0123456789abcdef".repeat(4)));
    json_of(&KeyView::new(&stored, secret))
}

/// Money without an order.
pub(super) fn unmatched(order: Option<&str>) -> Value {
    let entry = InboxEntry {
        provider: "generic".to_owned(),
        event_id: "evt-1".to_owned(),
        money: MoneyEvent {
            provider: "generic".to_owned(),
            reference: "transfer-881".to_owned(),
            kind: MoneyKind::Received {
                amount: Amount(3_000),
                currency: Currency::EUR,
                method: None,
            },
            received_at: now(),
        },
        hint: OrderHint { external_id: Some("web-99".to_owned()), ..OrderHint::default() },
        body: String::new(),
        received_at: now(),
        applied: false,
    };
    json_of(&order.map_or_else(
        || UnmatchedView::new(&entry, entry.received_at),
        |order| UnmatchedView::assigned(&entry, order),
    ))
}
