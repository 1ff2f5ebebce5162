//! `ordermill import`: a catalogue or a stock count from a CSV file, through the API, so that every
//! rule of the API holds. Rows that are refused are reported with line and reason; the others are
//! taken.
//!
//! The first line names the columns, in any order, separated by commas or semicolons. A file may be
//! imported again: products are put, a count says what is there, and any other movement carries an
//! idempotency key made of the file.

use crate::cli::{Data, say};
use crate::error::{LocalError, LocalResult};
use crate::http::Site;
use crate::http::local::{send, send_once};
use crate::run::Functions;
use clap::{Args, Subcommand};
use futures::StreamExt as _;
use hyper::Method;
use indicatif::{ProgressBar, ProgressStyle};
use ordermill_domain::ids;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Products that are put at once.
const AT_ONCE: usize = 8;
/// Movements of one request.
const MOVEMENTS_AT_ONCE: usize = 50;
/// Refused rows that are printed.
const REFUSED_SHOWN_MAX: usize = 100;

/// What is imported.
#[derive(Subcommand, Debug)]
pub enum ImportCommand {
    /// Products. Columns: sku; name, price (or price_eur, price_usd …), tax_rate, tax_class, unit,
    /// quantity_places, packing_unit, min_quantity, lead_time_days, active.
    Products(ImportArguments),
    /// Stock. Columns: sku, warehouse, quantity; type (count where it is missing), reason, to.
    Stock(ImportArguments),
}

/// The file, and where it goes.
#[derive(Args, Debug, Clone)]
pub struct ImportArguments {
    /// The CSV file, in UTF-8.
    file: PathBuf,
    /// The currency of the column `price`.
    #[arg(long, default_value = "EUR")]
    currency: String,
    #[command(flatten)]
    data: Data,
}

/// A row of the file that was refused.
struct Refused {
    line: u64,
    reason: String,
}

/// A row of the file: its line and its columns that are not empty.
struct Row {
    line: u64,
    columns: BTreeMap<String, String>,
}

struct File {
    rows: Vec<Row>,
    refused: Vec<Refused>,
    digest: String,
}

pub(crate) async fn import(command: ImportCommand) -> LocalResult<ExitCode> {
    let (arguments, products) = match &command {
        ImportCommand::Products(arguments) => (arguments, true),
        ImportCommand::Stock(arguments) => (arguments, false),
    };
    let columns: &[&str] = if products { &["sku"] } else { &["sku", "warehouse", "quantity"] };
    let file = read(&arguments.file, columns)?;
    let ground = arguments.data.open().await?;
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let site = Site::new(ground, Functions::deployed(), None, nowhere);
    let total = file.rows.len();
    let bar = bar(total);
    let mut refused = file.refused;
    let unread = refused.len();
    if products {
        refused.extend(import_products(&site, &file.rows, &arguments.currency, &bar).await);
    } else {
        refused.extend(import_stock(&site, &file.rows, &file.digest, &bar).await);
    }
    bar.finish_and_clear();
    refused.sort_by_key(|row| row.line);
    for row in refused.iter().take(REFUSED_SHOWN_MAX) {
        say!("line {}: {}", row.line, row.reason);
    }
    if refused.len() > REFUSED_SHOWN_MAX {
        say!("… and {} more", refused.len() - REFUSED_SHOWN_MAX);
    }
    let taken = (total + unread).saturating_sub(refused.len());
    say!("import: {taken} rows taken, {} refused", refused.len());
    Ok(if refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn bar(rows: usize) -> ProgressBar {
    let bar = ProgressBar::new(u64::try_from(rows).unwrap_or(u64::MAX));
    if let Ok(style) =
        ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} rows, {per_sec}, {eta} left")
    {
        bar.set_style(style);
    }
    bar
}

/// Reads the file.
fn read(path: &PathBuf, needed: &[&str]) -> LocalResult<File> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(LocalError::system(shown.to_string()))?;
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let first = text.split(|b| *b == b'\n').next().unwrap_or_default();
    let count = |wanted: u8| first.iter().filter(|b| **b == wanted).count();
    let delimiter = if count(b';') > count(b',') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(text);
    let heads: Vec<String> = match reader.headers() {
        Ok(heads) => heads.iter().map(str::to_ascii_lowercase).collect(),
        Err(error) => return Err(LocalError::refused(format!("{shown}: {error}"))),
    };
    for name in needed {
        if !heads.iter().any(|head| head == name) {
            let what = format!("{shown}: the first line names no column `{name}`");
            return Err(LocalError::refused(what));
        }
    }
    let mut file = File { rows: Vec::new(), refused: Vec::new(), digest: ids::digest(&bytes) };
    for record in reader.records() {
        match record {
            Ok(record) => {
                let line = record.position().map_or(0, csv::Position::line);
                if record.len() > heads.len() {
                    let reason = format!("{} columns, {} named", record.len(), heads.len());
                    file.refused.push(Refused { line, reason });
                    continue;
                }
                let columns = heads
                    .iter()
                    .zip(record.iter())
                    .filter(|(_, value)| !value.is_empty())
                    .map(|(head, value)| (head.clone(), value.to_owned()))
                    .collect();
                file.rows.push(Row { line, columns });
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                file.refused.push(Refused { line, reason: "not UTF-8, or not CSV".to_owned() });
            }
        }
    }
    Ok(file)
}

/// A decimal as the API wants it: people also write a decimal comma.
fn decimal(text: &str) -> String {
    if text.contains('.') { text.to_owned() } else { text.replace(',', ".") }
}

/// A number as JSON; what is none stays text and is refused by the API with its reason.
fn number(text: &str) -> Value {
    let text = decimal(text);
    text.parse::<serde_json::Number>().map_or(Value::String(text), Value::Number)
}

fn flag(text: &str) -> Value {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Value::Bool(true),
        "false" | "no" | "0" => Value::Bool(false),
        _ => Value::String(text.to_owned()),
    }
}

/// The body of a product, and a column that nobody knows.
fn product(row: &Row, currency: &str) -> Result<(String, Value), String> {
    let mut body = Map::new();
    let mut prices = Map::new();
    let mut sku = None;
    for (name, value) in &row.columns {
        match name.as_str() {
            "sku" => sku = Some(value.clone()),
            "name" | "tax_class" | "unit" => {
                body.insert(name.clone(), json!(value));
            }
            "tax_rate" => {
                body.insert(name.clone(), json!(decimal(value)));
            }
            "quantity_places" | "packing_unit" | "min_quantity" | "lead_time_days" => {
                body.insert(name.clone(), number(value));
            }
            "active" => {
                body.insert(name.clone(), flag(value));
            }
            "price" => {
                prices.insert(currency.to_owned(), json!(decimal(value)));
            }
            other => match other.strip_prefix("price_") {
                Some(code) => {
                    prices.insert(code.to_ascii_uppercase(), json!(decimal(value)));
                }
                None => return Err(format!("column `{other}` is not known")),
            },
        }
    }
    if !prices.is_empty() {
        body.insert("prices".to_owned(), Value::Object(prices));
    }
    let sku = sku.ok_or_else(|| "there is no sku".to_owned())?;
    Ok((sku, Value::Object(body)))
}

/// The reasons in a problem document, in one line.
fn reasons(status: u16, body: &Value) -> String {
    let text = |value: &Value, name: &str| {
        value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let errors = body.get("errors").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if errors.is_empty() {
        return format!("{status} {}", text(body, "detail"));
    }
    let told = |error: &Value| format!("{}: {}", text(error, "pointer"), text(error, "detail"));
    errors.iter().map(told).collect::<Vec<_>>().join(" · ")
}

fn percent_encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~');
    text.bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

async fn import_products(
    site: &Site,
    rows: &[Row],
    currency: &str,
    bar: &ProgressBar,
) -> Vec<Refused> {
    let put = |row| async move {
        let refused = |reason| Some(Refused { line: row_line(row), reason });
        let outcome = match product(row, currency) {
            Err(reason) => refused(reason),
            Ok((sku, body)) => {
                let path = format!("/v1/products/{}", percent_encoded(&sku));
                match send(site, Method::PUT, &path, &body).await {
                    (200..300, _) => None,
                    (status, answer) => refused(reasons(status, &answer)),
                }
            }
        };
        bar.inc(1);
        outcome
    };
    let outcomes = futures::stream::iter(rows).map(put).buffer_unordered(AT_ONCE);
    outcomes.filter_map(|outcome| async move { outcome }).collect().await
}

fn row_line(row: &Row) -> u64 {
    row.line
}

fn movement(row: &Row) -> Result<Value, String> {
    let mut body = Map::new();
    for (name, value) in &row.columns {
        let value = match name.as_str() {
            "sku" | "warehouse" | "type" | "reason" | "to" => json!(value),
            "quantity" => number(value),
            other => return Err(format!("column `{other}` is not known")),
        };
        body.insert(name.clone(), value);
    }
    body.entry("type").or_insert_with(|| json!("count"));
    Ok(Value::Object(body))
}

async fn import_stock(site: &Site, rows: &[Row], digest: &str, bar: &ProgressBar) -> Vec<Refused> {
    let mut refused = Vec::new();
    let mut good = Vec::new();
    for row in rows {
        match movement(row) {
            Ok(body) => good.push((row.line, body)),
            Err(reason) => {
                refused.push(Refused { line: row.line, reason });
                bar.inc(1);
            }
        }
    }
    for chunk in batches(good) {
        let bodies: Vec<&Value> = chunk.iter().map(|(_, body)| body).collect();
        let line = chunk.first().map_or(0, |(line, _)| *line);
        let all = json!({ "movements": bodies });
        let key = format!("import-{digest}-{line}");
        if let (200..300, _) = send_once(site, "/v1/stock/movements", &key, &all).await {
            bar.inc(u64::try_from(chunk.len()).unwrap_or(u64::MAX));
            continue;
        }
        // All or nothing: one by one the good ones get in, and the others their reasons.
        for (line, body) in &chunk {
            let one = json!({ "movements": [body] });
            let key = format!("import-{digest}-{line}-alone");
            let (status, answer) = send_once(site, "/v1/stock/movements", &key, &one).await;
            if !(200..300).contains(&status) {
                refused.push(Refused { line: *line, reason: reasons(status, &answer) });
            }
            bar.inc(1);
        }
    }
    refused
}

/// Requests of at most so many movements, in none of which a place stands twice: in one request
/// each place is changed once.
fn batches(movements: Vec<(u64, Value)>) -> Vec<Vec<(u64, Value)>> {
    let mut batches: Vec<Vec<(u64, Value)>> = Vec::new();
    let mut places = std::collections::BTreeSet::new();
    for (line, body) in movements {
        let place = format!("{:?}/{:?}", body.get("sku"), body.get("warehouse"));
        let full = batches.last().is_none_or(|batch| batch.len() >= MOVEMENTS_AT_ONCE);
        if full || places.contains(&place) {
            batches.push(Vec::new());
            places.clear();
        }
        places.insert(place);
        if let Some(batch) = batches.last_mut() {
            batch.push((line, body));
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(columns: &[(&str, &str)]) -> Row {
        let columns = columns.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect();
        Row { line: 2, columns }
    }

    #[test]
    fn a_product_row_becomes_a_body_and_an_unknown_column_is_named() {
        let (sku, body) =
            product(&row(&[("sku", "A 1"), ("price", "1,50"), ("price_usd", "2.00")]), "EUR")
                .unwrap();
        assert_eq!(percent_encoded(&sku), "A%201");
        assert_eq!(body, json!({ "prices": { "EUR": "1.50", "USD": "2.00" } }));
        assert!(product(&row(&[("sku", "A"), ("colour", "red")]), "EUR").is_err());
    }

    #[test]
    fn a_place_stands_in_a_request_once() {
        let body = |sku: &str| json!({ "sku": sku, "warehouse": "VNO" });
        let batches = batches(vec![(2, body("A")), (3, body("B")), (4, body("A"))]);
        let lines: Vec<Vec<u64>> =
            batches.iter().map(|batch| batch.iter().map(|(line, _)| *line).collect()).collect();
        assert_eq!(lines, [vec![2, 3], vec![4]]);
    }
}
