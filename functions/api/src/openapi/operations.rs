//! What each endpoint takes, and every status it answers.

use super::answers::{Health, Movements, OrderBatch, Page, Preview, Problem, ProductBatch};
use super::approval;
use super::bodies::*;
use super::customers;
use super::examples::{self, Sample, page};
use super::tasks;
use super::webhooks;
use super::words::{command, subscription_act, summary_of, summary_of_act};
use crate::routes::{Access, Endpoint, Route};
use ordermill_views::catalogue::{PriceListView, ProductView, SettingsView, WarehouseView};
use ordermill_views::event::{DecisionView, EventView};
use ordermill_views::order::{CheckView, OrderView};
use ordermill_views::parties::{ClientView, KeyView, UnmatchedView, UserView};
use ordermill_views::stock::{ReservationView, StockView};
use ordermill_views::subscription::{FiguresView, SubscriptionView};
use ordermill_views::track::TrackView;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

/// Elements of a batch.
const BATCH_MAX: usize = 100;

/// One operation.
pub(super) struct Operation {
    pub tag: &'static str,
    pub summary: &'static str,
    pub headers: Vec<(&'static str, bool)>,
    pub body: Option<(Value, Value)>,
    pub body_required: bool,
    /// The same as a browser's form.
    pub form: Option<Value>,
    pub answers: Vec<Answered>,
}

/// One status of an operation.
pub(super) struct Answered {
    pub status: u16,
    pub what: &'static str,
    pub headers: Vec<&'static str>,
    pub schema: Value,
    pub example: Value,
    /// The same as a page, where browsers get one.
    pub page: Option<String>,
}

/// The schemas named so far: of answers, where all fields are there, and of bodies, where what is
/// optional may be left out. What both name is the same in both.
pub(super) struct Schemas {
    answers: SchemaGenerator,
    bodies: SchemaGenerator,
    sample: Option<Sample>,
}

impl Schemas {
    pub(super) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self {
            answers: settings.clone().for_serialize().into_generator(),
            bodies: settings.for_deserialize().into_generator(),
            sample: Sample::new(),
        }
    }

    fn of<T: JsonSchema>(&mut self) -> Value {
        self.answers.subschema_for::<T>().to_value()
    }

    fn sent<T: JsonSchema>(&mut self) -> Value {
        self.bodies.subschema_for::<T>().to_value()
    }

    fn sample(&self, part: fn(&Sample) -> Value) -> Value {
        self.sample.as_ref().map_or(Value::Null, part)
    }

    pub(super) fn into_definitions(mut self) -> Map<String, Value> {
        let mut all = self.bodies.take_definitions(true);
        all.extend(self.answers.take_definitions(true));
        all
    }
}

/// Builds one operation.
pub(super) struct Builder<'s> {
    schemas: &'s mut Schemas,
    operation: Operation,
}

impl Builder<'_> {
    pub(super) fn about(mut self, tag: &'static str, summary: &'static str) -> Self {
        self.operation.tag = tag;
        self.operation.summary = summary;
        self
    }

    pub(super) fn answer<T: JsonSchema>(
        self,
        status: u16,
        what: &'static str,
        example: Value,
    ) -> Self {
        self.answer_with::<T>(status, what, example, &[])
    }

    pub(super) fn answer_with<T: JsonSchema>(
        mut self,
        status: u16,
        what: &'static str,
        example: Value,
        headers: &[&'static str],
    ) -> Self {
        let schema = self.schemas.of::<T>();
        let headers = headers.to_vec();
        self.operation.answers.push(Answered {
            status,
            what,
            headers,
            schema,
            example,
            page: None,
        });
        self
    }

    /// An answer without a body.
    pub(super) fn nothing(
        mut self,
        status: u16,
        what: &'static str,
        headers: &[&'static str],
    ) -> Self {
        self.operation.answers.push(Answered {
            status,
            what,
            headers: headers.to_vec(),
            schema: Value::Null,
            example: Value::Null,
            page: None,
        });
        self
    }

    pub(super) fn body<T: JsonSchema>(mut self, required: bool, example: Value) -> Self {
        let mut schema = self.schemas.sent::<T>();
        if !required {
            // `null` says as much as nothing.
            schema = json!({ "anyOf": [schema, { "type": "null" }] });
        }
        self.operation.body = Some((schema, example));
        self.operation.body_required = required;
        self.no(413, "body_too_large", "The body is over 256 KiB.").invalid()
    }

    /// The body may also be the array of these alone.
    fn or_list_of<T: JsonSchema>(mut self, elements_max: usize) -> Self {
        let element = self.schemas.sent::<T>();
        if let Some((schema, _)) = &mut self.operation.body {
            let list = json!({ "type": "array", "items": element, "minItems": 1,
                "maxItems": elements_max });
            *schema = json!({ "anyOf": [schema.take(), list] });
        }
        self
    }

    pub(super) fn header(mut self, name: &'static str, required: bool) -> Self {
        self.operation.headers.push((name, required));
        self
    }

    /// A refusal, once per status: the first of a status is its example.
    pub(super) fn no(mut self, status: u16, code: &'static str, what: &'static str) -> Self {
        if self.operation.answers.iter().any(|answered| answered.status == status) {
            return self;
        }
        let schema = self.schemas.of::<Problem>();
        let error = ordermill_runtime::http::ErrorAnswer::new(status, code, what);
        let example = error.document();
        let headers = match status {
            401 => vec!["WWW-Authenticate"],
            503 => vec!["Retry-After"],
            _ => Vec::new(),
        };
        self.operation.answers.push(Answered {
            status,
            what,
            headers,
            schema,
            example,
            page: None,
        });
        self
    }

    fn invalid(mut self) -> Self {
        let schema = self.schemas.of::<Problem>();
        let error =
            crate::invalid("/lines/0/quantity", "quantity_not_positive", "Write more than zero.");
        self.operation.answers.push(Answered {
            status: 422,
            what: "The body has mistakes, each named; or its key or number names something else.",
            headers: Vec::new(),
            schema,
            example: error.document(),
            page: None,
        });
        self
    }

    /// The body may also be a browser's form.
    pub(super) fn form(mut self, schema: Value) -> Self {
        self.operation.form = Some(schema);
        self
    }

    /// The last answer is a page where a browser asks.
    pub(super) fn page(mut self, status: u16, page: String) -> Self {
        let mut answers = self.operation.answers.iter_mut();
        if let Some(answered) = answers.find(|answered| answered.status == status) {
            answered.page = Some(page);
        }
        self
    }

    pub(super) fn done(mut self) -> Operation {
        self.operation.answers.sort_by_key(|answered| answered.status);
        self.operation
    }
}

/// What an endpoint takes and answers; `word` is the command where it has one.
pub(super) fn describe(schemas: &mut Schemas, route: &Route, word: &'static str) -> Operation {
    let order = schemas.sample(Sample::order);
    let history = schemas.sample(Sample::history);
    let why = schemas.sample(Sample::why);
    let check = schemas.sample(Sample::check);
    let track = schemas.sample(Sample::track);
    let reservations = schemas.sample(Sample::reservations);
    let page_of_track = schemas.sample.as_ref().map(Sample::page).unwrap_or_default();
    let sample_of_approval = schemas.sample.as_ref().map(approval::Approvals::of);
    let sample_of_approval = sample_of_approval.unwrap_or_default();
    let order_id = order.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    // Used by one arm only: the schemas go with it.
    let begin = begin(schemas, route);
    match route.endpoint {
        Endpoint::Health => begin
            .about("service", "Whether the service is well")
            .answer::<Health>(
                200,
                "The table answers.",
                json!({ "status": "ok", "now": "2026-11-22T09:00:00Z" }),
            )
            .done(),
        Endpoint::OpenApi => begin
            .about("service", "This document")
            .answer::<Value>(200, "The document.", json!({ "openapi": "3.1.0" }))
            .done(),
        Endpoint::OrderList => begin
            .about("orders", "Orders, newest first; by `due_before` earliest first")
            .answer::<Page<OrderView>>(200, "A page of orders.", page(vec![order]))
            .done(),
        Endpoint::OrderMake => begin
            .about("orders", "Take an order in")
            .header("Idempotency-Key", false)
            .header("Prefer", false)
            .body::<OrderBody>(true, examples::order_body())
            .answer_with::<OrderView>(
                202,
                "The order was taken in.",
                order.clone(),
                &["Location", "ETag"],
            )
            .answer_with::<OrderView>(
                200,
                "The order that this request made before.",
                order,
                &["Location", "ETag"],
            )
            .no(410, "order_deleted", "The order of this key has been deleted.")
            .done(),
        Endpoint::OrderBatch => begin
            .about("orders", "Take up to 100 orders in, each by itself")
            .header("Idempotency-Key", false)
            .body::<OrderBatchBody>(true, json!({ "items": [examples::order_body()] }))
            .or_list_of::<OrderBody>(BATCH_MAX)
            .answer::<OrderBatch>(200, "A result for each.", examples::order_batch(&order))
            .done(),
        Endpoint::OrderCheck => begin
            .about("orders", "What would become of an order; nothing is stored")
            .body::<OrderBody>(true, examples::order_body())
            .answer::<CheckView>(200, "The order as it would be.", check)
            .done(),
        Endpoint::OrderGet => begin
            .about("orders", "One order; with `If-None-Match` and `Prefer: wait`, its next change")
            .header("If-None-Match", false)
            .header("Prefer", false)
            .answer_with::<OrderView>(200, "The order.", order, &["ETag"])
            .nothing(304, "It is still at the version of `If-None-Match`.", &["ETag"])
            .done(),
        Endpoint::OrderDelete => begin
            .about("orders", "Delete an order that came to nothing, where its policy lets it go")
            .nothing(204, "It is gone; its keys answer 410 from now on.", &[])
            .no(409, "order_needed", "Something of the order is still owed, or open.")
            .done(),
        Endpoint::OrderHistory => begin
            .about("orders", "What happened to an order, oldest first")
            .answer::<Page<EventView>>(200, "A page of events, one per version.", history)
            .done(),
        Endpoint::OrderWhy => begin
            .about("orders", "Why an order stands where it stands")
            .answer::<Page<DecisionView>>(200, "A page of automatic decisions.", why)
            .done(),
        Endpoint::OrderCommand => command(begin.about("commands", summary_of(word)), word, order),
        Endpoint::Track => begin
            .about("orders", "What a customer may see of an order")
            .answer::<TrackView>(200, "The order, without its address.", track)
            .page(200, page_of_track)
            .page(404, examples::lost_page())
            .done(),
        Endpoint::ApprovalGet => approval::shown(begin, sample_of_approval),
        Endpoint::ApprovalAnswer => approval::answered(begin, sample_of_approval),
        Endpoint::ProductList => begin
            .about("catalogue", "Products, by SKU")
            .answer::<Page<ProductView>>(
                200,
                "A page of products.",
                page(vec![examples::product()]),
            )
            .done(),
        Endpoint::ProductGet => begin
            .about("catalogue", "One product")
            .answer::<ProductView>(200, "The product.", examples::product())
            .done(),
        Endpoint::ProductPut => begin
            .about("catalogue", "Make or replace a product")
            .body::<ProductBody>(true, examples::product_body())
            .answer::<ProductView>(201, "It is new.", examples::product())
            .answer::<ProductView>(200, "It was replaced.", examples::product())
            .done(),
        Endpoint::ProductBatch => {
            let mut product = examples::product_body();
            product["sku"] = json!("TEA-100");
            begin
                .about("catalogue", "Make or replace up to 100 products, each by itself")
                .header("Idempotency-Key", false)
                .body::<ProductBatchBody>(true, json!({ "items": [product] }))
                .or_list_of::<ProductBody>(BATCH_MAX)
                .answer::<ProductBatch>(200, "A result for each.", examples::batch())
                .done()
        }
        Endpoint::MovementMake => begin
            .about("stock", "Change stock by hand, all or nothing")
            .header("Idempotency-Key", false)
            .body::<MovementsBody>(true, examples::movements_body())
            .answer::<Movements>(201, "All of it was done.", examples::movements())
            .answer::<Movements>(200, "What this request did before.", examples::movements())
            .done(),
        Endpoint::StockList => begin
            .about("stock", "Stock, by SKU")
            .answer::<Page<StockView>>(
                200,
                "A page of stock.",
                page(vec![examples::stock_of_sku()]),
            )
            .done(),
        Endpoint::StockGet => begin
            .about("stock", "The stock of one SKU")
            .answer::<StockView>(200, "The stock.", examples::stock_of_sku())
            .done(),
        Endpoint::StockReservations => begin
            .about("stock", "The orders that hold units of a SKU")
            .answer::<Page<ReservationView>>(200, "A page of orders.", reservations)
            .done(),
        Endpoint::SubscriptionMake => begin
            .about("subscriptions", "Make an order that repeats")
            .header("Idempotency-Key", false)
            .body::<SubscriptionBody>(true, examples::subscription_body())
            .answer_with::<SubscriptionView>(
                201,
                "It is new.",
                examples::subscription(),
                &["Location", "ETag"],
            )
            .answer_with::<SubscriptionView>(
                200,
                "What this request made before.",
                examples::subscription(),
                &["ETag"],
            )
            .done(),
        Endpoint::SubscriptionList => begin
            .about("subscriptions", "Subscriptions, newest first")
            .answer::<Page<SubscriptionView>>(
                200,
                "A page of subscriptions.",
                page(vec![examples::subscription()]),
            )
            .done(),
        Endpoint::SubscriptionFigures => begin
            .about("subscriptions", "Active, new and churned subscriptions, and a month's revenue")
            .answer::<FiguresView>(200, "The figures of a span.", examples::figures())
            .done(),
        Endpoint::SubscriptionGet => begin
            .about("subscriptions", "One subscription")
            .answer_with::<SubscriptionView>(
                200,
                "The subscription.",
                examples::subscription(),
                &["ETag"],
            )
            .done(),
        Endpoint::SubscriptionOrders => begin
            .about("subscriptions", "The orders it has made")
            .answer::<Page<OrderView>>(200, "A page of orders.", page(vec![order]))
            .done(),
        Endpoint::SubscriptionPreview => begin
            .about("subscriptions", "The dates that will get an order")
            .answer::<Preview>(200, "The next dates.", examples::preview())
            .done(),
        Endpoint::SubscriptionAct => {
            subscription_act(begin.about("subscriptions", summary_of_act(word)), word)
        }
        Endpoint::SettingsGet => begin
            .about("settings", "The seller's settings")
            .answer::<SettingsView>(200, "The settings.", examples::settings())
            .done(),
        Endpoint::SettingsPut => begin
            .about("settings", "Replace the seller's settings")
            .body::<SettingsBody>(true, examples::settings())
            .answer::<SettingsView>(200, "They were replaced.", examples::settings())
            .done(),
        Endpoint::WarehouseList => begin
            .about("settings", "Warehouses")
            .answer::<Page<WarehouseView>>(200, "All of them.", page(vec![examples::warehouse()]))
            .done(),
        Endpoint::WarehouseGet => begin
            .about("settings", "One warehouse")
            .answer::<WarehouseView>(200, "The warehouse.", examples::warehouse())
            .done(),
        Endpoint::WarehousePut => begin
            .about("settings", "Make or replace a warehouse")
            .body::<WarehouseBody>(true, examples::warehouse())
            .answer::<WarehouseView>(201, "It is new.", examples::warehouse())
            .answer::<WarehouseView>(200, "It was replaced.", examples::warehouse())
            .done(),
        Endpoint::CustomerGet => customers::card(begin),
        Endpoint::CustomerPut => customers::terms(begin),
        Endpoint::CustomerExport => customers::export(begin, order),
        Endpoint::CustomerErase => customers::erase(begin),
        Endpoint::PriceListList => begin
            .about("catalogue", "Price lists, without their prices")
            .answer::<Page<PriceListView>>(
                200,
                "A page of price lists.",
                page(vec![examples::price_list(false)]),
            )
            .done(),
        Endpoint::PriceListGet => begin
            .about("catalogue", "One price list")
            .answer::<PriceListView>(200, "The price list.", examples::price_list(true))
            .done(),
        Endpoint::PriceListPut => begin
            .about("catalogue", "Make or replace a price list")
            .body::<PriceListBody>(true, examples::price_list_body())
            .answer::<PriceListView>(201, "It is new.", examples::price_list(true))
            .answer::<PriceListView>(200, "It was replaced.", examples::price_list(true))
            .done(),
        Endpoint::TaskList => tasks::list(begin),
        Endpoint::TaskNext => tasks::next(begin),
        Endpoint::UserList => begin
            .about("settings", "People in the seller's house")
            .answer::<Page<UserView>>(200, "A page of people.", page(vec![examples::user()]))
            .done(),
        Endpoint::UserGet => begin
            .about("settings", "One person")
            .answer::<UserView>(200, "The person.", examples::user())
            .done(),
        Endpoint::UserPut => begin
            .about("settings", "Make or replace a person")
            .body::<UserBody>(true, examples::user())
            .answer::<UserView>(201, "The person is new.", examples::user())
            .answer::<UserView>(200, "The person was replaced.", examples::user())
            .done(),
        Endpoint::ClientGet => begin
            .about("settings", "What is agreed with a client")
            .answer::<ClientView>(200, "The client.", examples::client())
            .done(),
        Endpoint::ClientPut => begin
            .about("settings", "Set what is agreed with a client")
            .body::<ClientBody>(true, examples::client())
            .answer::<ClientView>(201, "It is new.", examples::client())
            .answer::<ClientView>(200, "It was replaced.", examples::client())
            .done(),
        Endpoint::KeyMake => begin
            .about("keys", "Make an API key; it is shown this once")
            .header("Idempotency-Key", false)
            .body::<KeyBody>(true, json!({ "client": "shop", "role": "shop" }))
            .answer::<KeyView>(201, "The key.", examples::key(true))
            .answer::<KeyView>(
                200,
                "The key that this request made before, without its secret.",
                examples::key(false),
            )
            .done(),
        Endpoint::KeyList => begin
            .about("keys", "API keys, without their secrets")
            .answer::<Page<KeyView>>(200, "A page of keys.", page(vec![examples::key(false)]))
            .done(),
        Endpoint::KeyRevoke => begin
            .about("keys", "Make an API key no good")
            .answer::<KeyView>(200, "It is refused from now on.", examples::key(false))
            .done(),
        Endpoint::PaymentList => begin
            .about("payments", "Money that has found no order")
            .answer::<Page<UnmatchedView>>(
                200,
                "A page of payments.",
                page(vec![examples::unmatched(None)]),
            )
            .done(),
        Endpoint::PaymentAssign => begin
            .about("payments", "Say which order money is for")
            .body::<AssignBody>(true, json!({ "order": order_id }))
            .answer::<UnmatchedView>(
                200,
                "It is in the order's inbox.",
                examples::unmatched(Some(&order_id)),
            )
            .no(409, "already_assigned", "It has found its order already.")
            .done(),
        Endpoint::PaymentWebhook => begin
            .about("payments", "A provider's signed event, `stripe` or `generic`")
            .body::<Map<String, Value>>(
                true,
                json!({ "type": "payment.succeeded", "data": {
                    "order_id": order_id, "amount": "21.49", "currency": "EUR",
                    "reference": "pi_3Mabc"
                } }),
            )
            .answer::<Map<String, Value>>(200, "It is stored.", json!({ "received": true }))
            .no(400, "signature_invalid", "The signature is not ours, or too old; not JSON.")
            .done(),
        Endpoint::WebhookMake
        | Endpoint::WebhookList
        | Endpoint::WebhookGet
        | Endpoint::WebhookPut
        | Endpoint::WebhookDelete
        | Endpoint::WebhookRoll
        | Endpoint::WebhookDeliveries
        | Endpoint::WebhookReplay => webhooks::describe(begin, route.endpoint),
    }
}

/// What every operation has.
fn begin<'s>(schemas: &'s mut Schemas, route: &Route) -> Builder<'s> {
    let operation = Operation {
        tag: "",
        summary: "",
        headers: Vec::new(),
        body: None,
        body_required: false,
        form: None,
        answers: Vec::new(),
    };
    let mut builder = Builder { schemas, operation };
    if route.access != Access::Anyone {
        builder = builder
            .no(401, "unauthorized", "Give an API key: `Authorization: Bearer <key>`.")
            .no(403, "forbidden", "A key of this role may not do this.")
            .no(400, "unknown_parameter", "A parameter, a header or the body cannot be read.");
    }
    if route.path.contains('{') {
        let what = "There is no such thing, or you may not know of it.";
        builder = builder.no(404, "not_found", what);
    }
    builder.no(503, "unavailable", "The service cannot do this just now; try again.")
}
