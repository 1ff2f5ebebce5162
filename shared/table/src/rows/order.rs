//! An order as rows: a header with everything that moves, a snapshot with what the customer
//! said, and pages of fifty lines where there are more than twenty.
//!
//! A step rewrites the header, and of the pages only those whose lines changed. Names are short
//! because every kilobyte of the header is a write unit, many times an order.

use crate::error::TableError;
use crate::item::{self, Item, json, n, number, s, text, to_json};
use crate::keys;
use ordermill_domain::decide::limits;
use ordermill_domain::ids;
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::{
    Allocation, Answered, Channel, DeliveryMethod, Desk, DoneCommand, Event, Exception, Hold,
    Ledger, Line, LineDetail, NetTerms, Order, PRIORITY_DEFAULT, Parts, PaymentMethod, Placed,
    PolicyRef, Question, Reason, Shipment, StockWork, SubscriptionRef, TaxLine, Terms,
};
use ordermill_domain::policy::{Phase, Policy, StatusKey};
use ordermill_domain::price::{TaxRounding, Totals};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::time::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Lines that stand in the header; beyond it they live in pages.
pub const INLINE_LINES_MAX: usize = 20;
/// Lines of a page.
pub const PAGE_LINES: usize = 50;
/// What a header may weigh, in bytes of its JSON (`DESIGN.md`, "Large orders").
pub const HEADER_BYTES_MAX: usize = 8 * 1024;

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

fn usual_priority() -> u16 {
    PRIORITY_DEFAULT
}

/// The header's JSON.
#[derive(Serialize, Deserialize)]
struct Header {
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
    #[serde(rename = "cl")]
    client: String,
    #[serde(rename = "bh")]
    body_hash: String,
    #[serde(rename = "cu", default, skip_serializing_if = "String::is_empty")]
    customer_id: String,
    #[serde(rename = "p")]
    policy: PolicyRef,
    #[serde(rename = "st")]
    status: StatusKey,
    #[serde(rename = "ph")]
    phase: Phase,
    #[serde(rename = "ss")]
    status_since: Timestamp,
    #[serde(rename = "ru", default, skip_serializing_if = "is_default")]
    rung: u32,
    #[serde(rename = "ra", default, skip_serializing_if = "Option::is_none")]
    redrive_at: Option<Timestamp>,
    #[serde(rename = "ch")]
    channel: Channel,
    #[serde(rename = "cy")]
    currency: Currency,
    #[serde(rename = "in", default, skip_serializing_if = "is_default")]
    prices_include_tax: bool,
    #[serde(rename = "pt", default, skip_serializing_if = "is_default")]
    prices_trusted: bool,
    #[serde(rename = "to", default, skip_serializing_if = "is_default")]
    ship_together: bool,
    #[serde(rename = "te", default, skip_serializing_if = "Option::is_none")]
    terms: Option<Terms>,
    #[serde(rename = "me", default, skip_serializing_if = "Option::is_none")]
    method: Option<PaymentMethod>,
    #[serde(rename = "dm", default, skip_serializing_if = "Option::is_none")]
    delivery_method: Option<DeliveryMethod>,
    #[serde(rename = "co", default, skip_serializing_if = "Option::is_none")]
    country: Option<String>,
    #[serde(rename = "pr", default = "usual_priority")]
    priority: u16,
    #[serde(rename = "dc", default, skip_serializing_if = "Option::is_none")]
    demand_class: Option<String>,
    #[serde(rename = "ll", default, skip_serializing_if = "is_default")]
    last_line: u32,
    #[serde(rename = "rf", default, skip_serializing_if = "is_default")]
    references: Vec<String>,
    #[serde(rename = "tt", default, skip_serializing_if = "Option::is_none")]
    stated_total: Option<Amount>,
    #[serde(rename = "tr", default, skip_serializing_if = "is_default")]
    tax_rounding: TaxRounding,
    #[serde(rename = "pl", default, skip_serializing_if = "Option::is_none")]
    price_list: Option<String>,
    #[serde(rename = "nt", default, skip_serializing_if = "Option::is_none")]
    net_terms: Option<NetTerms>,
    #[serde(rename = "du", default, skip_serializing_if = "Option::is_none")]
    duplicate_of: Option<String>,
    #[serde(rename = "ct", default, skip_serializing_if = "is_default")]
    credit_taken: Amount,
    #[serde(rename = "su")]
    totals: Sums,
    #[serde(rename = "l", default, skip_serializing_if = "is_default")]
    lines: Vec<LineState>,
    #[serde(rename = "lc", default, skip_serializing_if = "is_default")]
    paged_lines: usize,
    #[serde(rename = "re", default, skip_serializing_if = "is_default")]
    reasons: Vec<Reason>,
    #[serde(rename = "ov", default, skip_serializing_if = "is_default")]
    overridden: Vec<String>,
    #[serde(rename = "ho", default, skip_serializing_if = "is_default")]
    holds: Vec<Hold>,
    #[serde(rename = "ex", default, skip_serializing_if = "is_default")]
    exceptions: Vec<Exception>,
    #[serde(rename = "mo", default, skip_serializing_if = "is_default")]
    ledger: Ledger,
    #[serde(rename = "sh", default, skip_serializing_if = "is_default")]
    shipments: Vec<Shipment>,
    #[serde(rename = "qu", default, skip_serializing_if = "Option::is_none")]
    question: Option<Question>,
    #[serde(rename = "qa", default, skip_serializing_if = "Option::is_none")]
    answered: Option<Answered>,
    #[serde(rename = "wo", default, skip_serializing_if = "Option::is_none")]
    stock_work: Option<StockWork>,
    #[serde(rename = "dk", default, skip_serializing_if = "is_default")]
    desk: Desk,
    #[serde(rename = "sb", default, skip_serializing_if = "Option::is_none")]
    subscription: Option<SubscriptionRef>,
    #[serde(rename = "pa", default, skip_serializing_if = "is_default")]
    parts: Parts,
    #[serde(rename = "sj", default, skip_serializing_if = "is_default")]
    steps_judged: u32,
    #[serde(rename = "rs", default, skip_serializing_if = "Option::is_none")]
    responsible: Option<String>,
    #[serde(rename = "cm", default, skip_serializing_if = "is_default")]
    recent_commands: Vec<DoneCommand>,
    #[serde(rename = "ev")]
    recent_events: Vec<Event>,
    #[serde(rename = "ca")]
    created_at: Timestamp,
    #[serde(rename = "ua")]
    updated_at: Timestamp,
}

/// Totals, as short as they go.
#[derive(Serialize, Deserialize)]
struct Sums(Amount, Amount, Amount, Amount, Amount, Amount, Amount, Vec<TaxLine>);

impl From<&Totals> for Sums {
    fn from(t: &Totals) -> Self {
        Self(t.goods, t.discount, t.shipping, t.fees, t.net, t.tax, t.gross, t.taxes.clone())
    }
}

impl From<Sums> for Totals {
    fn from(s: Sums) -> Self {
        Self {
            goods: s.0,
            discount: s.1,
            shipping: s.2,
            fees: s.3,
            net: s.4,
            tax: s.5,
            gross: s.6,
            taxes: s.7,
        }
    }
}

/// What moves of a line.
#[derive(PartialEq, Serialize, Deserialize)]
struct LineState {
    #[serde(rename = "n")]
    line: u32,
    #[serde(rename = "s")]
    sku: String,
    #[serde(rename = "q")]
    quantity: Quantity,
    #[serde(rename = "a", default, skip_serializing_if = "is_default")]
    allocations: Vec<(String, Quantity, Quantity)>,
    /// Of the allocations, by their place: what came out of the share of the order's class.
    #[serde(rename = "k", default, skip_serializing_if = "is_default")]
    kept: BTreeMap<usize, BTreeMap<String, Quantity>>,
    #[serde(rename = "b", default, skip_serializing_if = "is_default")]
    backordered: Quantity,
    #[serde(rename = "h", default, skip_serializing_if = "is_default")]
    shipped: Quantity,
    #[serde(rename = "r", default, skip_serializing_if = "is_default")]
    returned: Quantity,
    #[serde(rename = "c", default, skip_serializing_if = "is_default")]
    cancelled: Quantity,
    #[serde(rename = "m", default, skip_serializing_if = "is_default")]
    made: BTreeMap<String, Quantity>,
}

impl From<&Line> for LineState {
    fn from(line: &Line) -> Self {
        let allocation = |a: &Allocation| (a.warehouse.clone(), a.held, a.picked);
        Self {
            line: line.line,
            sku: line.sku.clone(),
            quantity: line.quantity,
            allocations: line.allocations.iter().map(allocation).collect(),
            kept: line
                .allocations
                .iter()
                .enumerate()
                .filter(|(_, a)| !a.kept.is_empty())
                .map(|(place, a)| (place, a.kept.clone()))
                .collect(),
            backordered: line.backordered,
            shipped: line.shipped,
            returned: line.returned,
            cancelled: line.cancelled,
            made: line.made.clone(),
        }
    }
}

impl LineState {
    fn with(self, detail: LineDetail) -> Line {
        let mut kept = self.kept;
        let allocation = |(place, (warehouse, held, picked)): (usize, _)| {
            let kept = kept.remove(&place).unwrap_or_default();
            Allocation { warehouse, held, picked, kept }
        };
        Line {
            line: self.line,
            sku: self.sku,
            quantity: self.quantity,
            allocations: self.allocations.into_iter().enumerate().map(allocation).collect(),
            backordered: self.backordered,
            shipped: self.shipped,
            returned: self.returned,
            cancelled: self.cancelled,
            made: self.made,
            detail,
        }
    }
}

/// The snapshot's JSON.
#[derive(Serialize, Deserialize)]
struct Snapshot {
    #[serde(rename = "p")]
    placed: Placed,
    #[serde(rename = "d", default, skip_serializing_if = "is_default")]
    details: Vec<LineDetail>,
}

/// A page's JSON.
#[derive(Serialize, Deserialize)]
struct Page(Vec<(LineState, LineDetail)>);

fn is_paged(order: &Order) -> bool {
    order.lines.len() > INLINE_LINES_MAX
}

/// The header row. `due_at` is recomputed from the order: nothing owed without a deadline.
///
/// # Errors
/// The header is larger than [`HEADER_BYTES_MAX`] many times over, or cannot be written.
pub fn header_item(policy: &Policy, order: &Order) -> Result<Item, TableError> {
    let paged = is_paged(order);
    let header = Header {
        external_id: order.external_id.clone(),
        client: order.client.clone(),
        body_hash: order.body_hash.clone(),
        customer_id: order.customer_id.clone(),
        policy: order.policy.clone(),
        status: order.status.clone(),
        phase: order.phase,
        status_since: order.status_since,
        rung: order.rung,
        redrive_at: order.redrive_at,
        channel: order.channel,
        currency: order.currency,
        prices_include_tax: order.prices_include_tax,
        prices_trusted: order.prices_trusted,
        ship_together: order.ship_together,
        terms: order.terms,
        method: order.method,
        delivery_method: order.delivery_method,
        country: order.country.clone(),
        priority: order.priority,
        demand_class: order.demand_class.clone(),
        last_line: order.last_line,
        references: order.references.clone(),
        stated_total: order.stated_total,
        tax_rounding: order.tax_rounding,
        price_list: order.price_list.clone(),
        net_terms: order.net_terms,
        duplicate_of: order.duplicate_of.clone(),
        credit_taken: order.credit_taken,
        totals: Sums::from(&order.totals),
        lines: if paged { Vec::new() } else { order.lines.iter().map(LineState::from).collect() },
        paged_lines: if paged { order.lines.len() } else { 0 },
        reasons: order.reasons.clone(),
        overridden: order.overridden.clone(),
        holds: order.holds.clone(),
        exceptions: order.exceptions.clone(),
        ledger: order.ledger.clone(),
        shipments: order.shipments.clone(),
        question: order.question.clone(),
        answered: order.answered.clone(),
        stock_work: order.stock_work.clone(),
        desk: order.desk.clone(),
        subscription: order.subscription.clone(),
        parts: order.parts.clone(),
        steps_judged: order.steps_judged,
        responsible: order.responsible.clone(),
        recent_commands: order.recent_commands.clone(),
        recent_events: order.recent_events.clone(),
        created_at: order.created_at,
        updated_at: order.updated_at,
    };
    let key = keys::order(&order.id);
    let mut row = item::row(&key);
    row.insert("b".to_owned(), to_json(&header)?);
    row.insert("v".to_owned(), n(order.version));
    row.insert("rd".to_owned(), n(order.redrives));
    if let Some(due) = limits::due_at(policy, order) {
        let (partition, sort) = keys::worklist(key.pk(), due);
        row.insert("wp".to_owned(), s(partition));
        row.insert("wd".to_owned(), s(sort));
    }
    let created = keys::created(order.created_at, &order.id);
    if !order.customer_id.is_empty() {
        row.insert("op".to_owned(), s(keys::owner_customer(&order.customer_id)));
        row.insert("oc".to_owned(), s(created.clone()));
    }
    row.insert("mp".to_owned(), s(keys::month(order.created_at, &order.id)));
    row.insert("mc".to_owned(), s(created));
    Ok(row)
}

/// The snapshot row.
///
/// # Errors
/// It cannot be written.
pub fn placed_item(order: &Order) -> Result<Item, TableError> {
    let details = if is_paged(order) {
        Vec::new()
    } else {
        order.lines.iter().map(|l| l.detail.clone()).collect()
    };
    let snapshot = Snapshot { placed: order.placed.clone(), details };
    let mut row = item::row(&keys::placed(&order.id));
    row.insert("b".to_owned(), to_json(&snapshot)?);
    if order.channel == Channel::Partner {
        row.insert("op".to_owned(), s(keys::owner_client(&order.client)));
        row.insert("oc".to_owned(), s(keys::created(order.created_at, &order.id)));
    }
    Ok(row)
}

/// The pages whose lines differ from `before`; all of them where there is no before.
///
/// # Errors
/// One cannot be written.
pub fn page_items(before: Option<&Order>, after: &Order) -> Result<Vec<Item>, TableError> {
    if !is_paged(after) {
        return Ok(Vec::new());
    }
    let mut items = Vec::new();
    for (number, lines) in changed_pages(before, after) {
        let page = Page(lines.iter().map(|l| (LineState::from(l), l.detail.clone())).collect());
        let mut row = item::row(&keys::page(&after.id, number));
        row.insert("b".to_owned(), to_json(&page)?);
        items.push(row);
    }
    Ok(items)
}

/// Pages whose lines are not what they were: number and lines.
fn changed_pages<'a>(
    before: Option<&'a Order>,
    after: &'a Order,
) -> impl Iterator<Item = (usize, &'a [Line])> {
    // What stood in the header before stands in no page yet.
    let old = before.filter(|order| is_paged(order)).map_or(&[][..], |order| &order.lines);
    after.lines.chunks(PAGE_LINES).enumerate().filter(move |(number, lines)| {
        let start = number.saturating_mul(PAGE_LINES);
        old.get(start..start.saturating_add(lines.len())) != Some(*lines)
    })
}

/// How many pages [`page_items`] gives, without writing them.
#[must_use]
pub fn page_count(before: Option<&Order>, after: &Order) -> usize {
    if is_paged(after) { changed_pages(before, after).count() } else { 0 }
}

/// An order as it was read, and what the worklist says is due.
#[derive(Clone, Debug)]
pub struct Stored {
    /// The order.
    pub order: Order,
    /// What stands in the worklist.
    pub due_at: Option<Timestamp>,
}

/// Whether a header's lines live in pages that must be read as well.
///
/// # Errors
/// The header cannot be read.
pub fn paged_lines(header: &Item) -> Result<usize, TableError> {
    Ok(json::<Header>(header, "b")?.paged_lines)
}

/// Whether the order of a header is open and its money is waited for. What is on account is
/// counted as credit, not here.
///
/// # Errors
/// The header cannot be read.
pub fn is_open_and_unpaid(header: &Item) -> Result<bool, TableError> {
    item::check_schema(header)?;
    let body: Header = json(header, "b")?;
    let total = body.totals.6;
    Ok(body.phase != Phase::Closed
        && body.terms != Some(Terms::Invoice)
        && body.ledger.covered() < total)
}

/// The id and events of a header row, for the relay: no snapshot needed.
///
/// # Errors
/// The header cannot be read.
pub fn header_events(header: &Item) -> Result<HeaderEvents, TableError> {
    item::check_schema(header)?;
    let body: Header = json(header, "b")?;
    let pk = text(header, "pk")?;
    let id = keys::order_of_partition(pk).ok_or_else(|| TableError::broken("not an order"))?;
    Ok(HeaderEvents {
        id: id.to_owned(),
        number: ids::order_number(id),
        client: body.client,
        version: number(header, "v")?,
        redrives: item::number_or_default(header, "rd")?,
        status: body.status,
        events: body.recent_events,
        created_at: body.created_at,
        phase: body.phase,
        subscription: body.subscription.map(|of| of.id),
    })
}

/// What the stream's readers need of a header.
#[derive(Clone, Debug)]
pub struct HeaderEvents {
    /// The order.
    pub id: String,
    /// Its number.
    pub number: String,
    /// Who sent it.
    pub client: String,
    /// Its version.
    pub version: u64,
    /// How often its step was asked for again.
    pub redrives: u32,
    /// Where it stands.
    pub status: StatusKey,
    /// The phase of that.
    pub phase: Phase,
    /// Its last events.
    pub events: Vec<Event>,
    /// When it was taken in.
    pub created_at: Timestamp,
    /// The subscription it comes from.
    pub subscription: Option<String>,
}

/// Puts an order together from its rows.
///
/// # Errors
/// A row is missing, of a newer schema, or cannot be read.
pub fn read_order(
    header: &Item,
    placed: Option<&Item>,
    pages: &[Item],
) -> Result<Stored, TableError> {
    item::check_schema(header)?;
    let pk = text(header, "pk")?;
    let id = keys::order_of_partition(pk).ok_or_else(|| TableError::broken("not an order"))?;
    let body: Header = json(header, "b")?;
    let snapshot: Snapshot = match placed {
        Some(item) => json(item, "b")?,
        None => return Err(TableError::broken("an order without its snapshot")),
    };
    let lines: Vec<Line> = if body.paged_lines > 0 {
        let mut lines = Vec::with_capacity(body.paged_lines);
        // An order that has become shorter may have left pages behind.
        for page in pages.iter().take(body.paged_lines.div_ceil(PAGE_LINES)) {
            let Page(page) = json(page, "b")?;
            lines.extend(page.into_iter().map(|(state, detail)| state.with(detail)));
        }
        if lines.len() != body.paged_lines {
            return Err(TableError::broken("an order with a page missing"));
        }
        lines
    } else {
        let details =
            snapshot.details.into_iter().chain(std::iter::repeat_with(LineDetail::default));
        body.lines.into_iter().zip(details).map(|(state, detail)| state.with(detail)).collect()
    };
    let due_at = match header.get("wd") {
        Some(_) => text(header, "wd")?
            .split('#')
            .next()
            .and_then(|ms| ms.parse().ok())
            .map(Timestamp::from_milliseconds),
        None => None,
    };
    let order = Order {
        number: ids::order_number(id),
        id: id.to_owned(),
        external_id: body.external_id,
        client: body.client,
        body_hash: body.body_hash,
        customer_id: body.customer_id,
        version: number(header, "v")?,
        policy: body.policy,
        status: body.status,
        phase: body.phase,
        status_since: body.status_since,
        rung: body.rung,
        redrive_at: body.redrive_at,
        redrives: item::number_or_default(header, "rd")?,
        channel: body.channel,
        currency: body.currency,
        prices_include_tax: body.prices_include_tax,
        prices_trusted: body.prices_trusted,
        ship_together: body.ship_together,
        terms: body.terms,
        method: body.method,
        delivery_method: body.delivery_method,
        country: body.country,
        priority: body.priority,
        demand_class: body.demand_class,
        last_line: body.last_line,
        references: body.references,
        stated_total: body.stated_total,
        tax_rounding: body.tax_rounding,
        price_list: body.price_list,
        net_terms: body.net_terms,
        duplicate_of: body.duplicate_of,
        credit_taken: body.credit_taken,
        totals: body.totals.into(),
        lines,
        placed: snapshot.placed,
        reasons: body.reasons,
        overridden: body.overridden,
        holds: body.holds,
        exceptions: body.exceptions,
        ledger: body.ledger,
        shipments: body.shipments,
        question: body.question,
        answered: body.answered,
        stock_work: body.stock_work,
        desk: body.desk,
        subscription: body.subscription,
        parts: body.parts,
        steps_judged: body.steps_judged,
        responsible: body.responsible,
        recent_commands: body.recent_commands,
        recent_events: body.recent_events,
        created_at: body.created_at,
        updated_at: body.updated_at,
    };
    Ok(Stored { order, due_at })
}
