//! Lists of goods and the sums under them.

use super::fill::{Values, fill};
use super::locale::{money, price, quantity};
use super::shape::{Label, List};
use super::texts::Language;
use super::values::is_priced;
use ordermill_domain::money::{Amount, divide_rounded};
use ordermill_domain::order::{Event, Line, Order, Shipment};
use ordermill_domain::quantity::Quantity;
use serde_json::Value;

/// Lines a message shows; the page of the order has them all.
pub(super) const LINES_SHOWN_MAX: usize = 50;

/// A list with its heading.
pub(super) struct Table {
    pub caption: &'static str,
    pub rows: Vec<Row>,
    /// How many lines are not shown, in words.
    pub more: Option<String>,
    pub sums: Vec<Sum>,
}

/// A line of a list.
pub(super) struct Row {
    /// `2`, or `2 × €12.50` where the price is shown.
    pub quantity: String,
    /// Name, or the article's number where it has none.
    pub what: String,
    /// `engraving: Ona`.
    pub options: String,
    /// Quantity times price.
    pub amount: Option<String>,
}

/// A sum under a list.
pub(super) struct Sum {
    pub label: &'static str,
    pub amount: String,
    pub is_total: bool,
}

/// The list; none where it has no line.
pub(super) fn table(
    list: List,
    order: &Order,
    event: &Event,
    language: &'static Language,
) -> Option<Table> {
    let (label, units): (Label, Vec<(&Line, Quantity)>) = match list {
        List::Ordered => (Label::Ordered, each(order, |line| line.quantity.less(line.cancelled))),
        List::InParcel => {
            (Label::InParcel, each(order, |line| in_parcels(order, event, line.line)))
        }
        List::Rest => {
            let sent = |line: &Line| in_shipments(order, line.line);
            (Label::Rest, each(order, |line| line.quantity.less(line.cancelled).less(sent(line))))
        }
        List::Waiting => {
            let now = each(order, |line| line.backordered);
            let then = || each(order, |line| told(event, "waiting", line.line));
            (Label::Waiting, if now.is_empty() { then() } else { now })
        }
        List::Ready => (Label::Ready, each(order, Line::held)),
        List::ToFetch => (Label::ToFetch, each(order, Line::to_ship)),
        List::CameBack => {
            let told = each(order, |line| told(event, "lines", line.line));
            let all = || each(order, |line| line.returned);
            (Label::CameBack, if told.is_empty() { all() } else { told })
        }
    };
    if units.is_empty() {
        return None;
    }
    let priced = list == List::Ordered && is_priced(order);
    let shown = units.iter().take(LINES_SHOWN_MAX);
    let rows = shown.map(|(line, units)| row(order, line, *units, priced, language)).collect();
    let hidden = units.len().saturating_sub(LINES_SHOWN_MAX);
    Some(Table {
        caption: (language.label)(label),
        rows,
        more: (hidden > 0).then(|| more(hidden, language)),
        sums: if priced { sums(order, language) } else { Vec::new() },
    })
}

fn each(order: &Order, units: impl Fn(&Line) -> Quantity) -> Vec<(&Line, Quantity)> {
    let of_line = |line| (line, units(line));
    order.lines.iter().map(of_line).filter(|(_, units)| units.is_positive()).collect()
}

fn more(hidden: usize, language: &Language) -> String {
    let mut values = Values::default();
    values.set("count", hidden.to_string());
    fill(language.words.more_lines, &values).unwrap_or_default()
}

fn row(
    order: &Order,
    line: &Line,
    units: Quantity,
    priced: bool,
    language: &'static Language,
) -> Row {
    let figures = &language.words.figures;
    let count = quantity(units, figures);
    let detail = &line.detail;
    let unit_price = detail.unit_price.filter(|_| priced);
    let options: Vec<String> =
        detail.options.iter().map(|option| format!("{}: {}", option.name, option.value)).collect();
    Row {
        quantity: match unit_price {
            Some(unit) => {
                let unit = price(unit, detail.price_places, order.currency, figures);
                format!("{count} × {unit}")
            }
            None => count,
        },
        what: detail.name.clone().unwrap_or_else(|| line.sku.clone()),
        options: options.join(", "),
        amount: unit_price.map(|unit| {
            let goods = goods(units, unit, detail.price_places, order.currency.places());
            money(goods, order.currency, figures)
        }),
    }
}

/// Quantity times price, as the order's own totals reckon it: rounded half up per line.
fn goods(units: Quantity, unit_price: i64, price_places: u32, places: u32) -> Amount {
    let scale = |places: u32| 10_i128.saturating_pow(places);
    let exact = i128::from(unit_price).saturating_mul(i128::from(units.to_thousandths()));
    let divisor = scale(price_places).saturating_mul(1000);
    Amount(divide_rounded(exact.saturating_mul(scale(places)), divisor))
}

/// From the goods to the total; what is nothing is left out.
fn sums(order: &Order, language: &'static Language) -> Vec<Sum> {
    let totals = &order.totals;
    let written = |amount| money(amount, order.currency, &language.words.figures);
    let sum = |label, amount, is_total| Sum {
        label: (language.label)(label),
        amount: written(amount),
        is_total,
    };
    let mut sums = Vec::new();
    let parts = [
        (Label::Discounts, Amount::ZERO.minus(totals.discount)),
        (Label::Shipping, totals.shipping),
        (Label::Fees, totals.fees),
    ];
    let tax = (!totals.tax.is_zero()).then_some(totals.tax);
    let on_top = tax.filter(|_| !order.prices_include_tax);
    if parts.iter().any(|(_, amount)| !amount.is_zero()) || on_top.is_some() {
        sums.push(sum(Label::Goods, totals.goods, false));
    }
    let some = parts.into_iter().filter(|(_, amount)| !amount.is_zero());
    sums.extend(some.map(|(label, amount)| sum(label, amount, false)));
    sums.extend(on_top.map(|tax| sum(Label::Tax, tax, false)));
    sums.push(sum(Label::Sum, totals.gross, true));
    let inside = tax.filter(|_| order.prices_include_tax);
    sums.extend(inside.map(|tax| sum(Label::TaxIncluded, tax, false)));
    sums
}

/// The shipments an event is about: the one it names, else those that left or arrived with it,
/// else the last.
pub(super) fn parcels<'o>(order: &'o Order, event: &Event) -> Vec<&'o Shipment> {
    let named = event.data.get("shipment").and_then(Value::as_u64);
    let of_name = |s: &&Shipment| named == Some(u64::from(s.number));
    let of_moment = |s: &&Shipment| s.shipped_at == event.at || s.delivered_at == Some(event.at);
    let by_name: Vec<&Shipment> = order.shipments.iter().filter(of_name).collect();
    let by_moment: Vec<&Shipment> = order.shipments.iter().filter(of_moment).collect();
    match (by_name.is_empty(), by_moment.is_empty()) {
        (false, _) => by_name,
        (true, false) => by_moment,
        (true, true) => order.shipments.last().into_iter().collect(),
    }
}

fn in_parcels(order: &Order, event: &Event, line: u32) -> Quantity {
    units_in(parcels(order, event), line)
}

/// Units of a line in all shipments. A large shipment leaves page by page, so that
/// [`Line::shipped`] can lag behind it.
pub(super) fn in_shipments(order: &Order, line: u32) -> Quantity {
    units_in(order.shipments.iter().collect(), line)
}

fn units_in(shipments: Vec<&Shipment>, line: u32) -> Quantity {
    let parts = shipments.into_iter().flat_map(|shipment| &shipment.lines);
    parts.filter(|part| part.line == line).map(|part| part.quantity).sum()
}

/// Units of a line that the event tells of under this name: `[{"line": 1, "quantity": 2}]`.
fn told(event: &Event, name: &str, line: u32) -> Quantity {
    let Some(Value::Array(parts)) = event.data.get(name) else { return Quantity::ZERO };
    let of_line = |part: &&Value| part.get("line").and_then(Value::as_u64) == Some(u64::from(line));
    let units = |part: &Value| Quantity::parse(&part.get("quantity")?.to_string()).ok();
    parts.iter().filter(of_line).filter_map(units).sum()
}
