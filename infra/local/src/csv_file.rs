//! CSV files as people export them, and the requests that their rows come to.
//!
//! The first line names the columns, in any order, separated by commas or semicolons. A row that
//! cannot be read is kept with its line and the reason; the others go on. Nothing here sends
//! anything: `ordermill import` does.

use crate::error::{LocalError, LocalResult};
use ordermill_domain::ids;
use ordermill_domain::intake::limits::MOVEMENTS_MAX;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Columns that a file of products must have.
pub const PRODUCT_COLUMNS: [&str; 1] = ["sku"];
/// Columns that a file of stock must have.
pub const STOCK_COLUMNS: [&str; 3] = ["sku", "warehouse", "quantity"];
/// A row of the file that was refused.
pub struct Refused {
    /// Its line, counted from 1.
    pub line: u64,
    /// Why, for people.
    pub reason: String,
}

/// A row of the file.
pub struct Row {
    /// Its line, counted from 1.
    pub line: u64,
    /// Its columns that are not empty.
    pub columns: BTreeMap<String, String>,
}

/// A file that was read.
pub struct File {
    /// The rows that could be read.
    pub rows: Vec<Row>,
    /// Those that could not.
    pub refused: Vec<Refused>,
    /// What names the file by its content.
    pub digest: String,
}

impl File {
    /// Reads a file; `shown` is its name for people.
    ///
    /// # Errors
    /// The first line cannot be read, or names not all of the columns `needed`.
    pub fn read(shown: &str, bytes: &[u8], needed: &[&str]) -> LocalResult<Self> {
        let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
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
        let mut file = Self { rows: Vec::new(), refused: Vec::new(), digest: ids::digest(bytes) };
        for record in reader.records() {
            match record {
                Ok(record) => file.add(&heads, &record),
                Err(error) => {
                    let line = error.position().map_or(0, csv::Position::line);
                    let reason = "not UTF-8, or not CSV".to_owned();
                    file.refused.push(Refused { line, reason });
                }
            }
        }
        Ok(file)
    }

    fn add(&mut self, heads: &[String], record: &csv::StringRecord) {
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() > heads.len() {
            let reason = format!("{} columns, {} named", record.len(), heads.len());
            self.refused.push(Refused { line, reason });
            return;
        }
        let columns = heads
            .iter()
            .zip(record.iter())
            .filter(|(_, value)| !value.is_empty())
            .map(|(head, value)| (head.clone(), value.to_owned()))
            .collect();
        self.rows.push(Row { line, columns });
    }
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

/// The SKU and body of a product's row; `currency` is that of the column `price`.
///
/// # Errors
/// There is no SKU, or a column that nobody knows.
pub fn product(row: &Row, currency: &str) -> Result<(String, Value), String> {
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

/// The movement of a row of stock.
///
/// # Errors
/// There is a column that nobody knows.
pub fn movement(row: &Row) -> Result<Value, String> {
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

/// Requests of at most so many movements, in none of which a place stands twice: in one request
/// each place is changed once.
#[must_use]
pub fn batches(movements: Vec<(u64, Value)>) -> Vec<Vec<(u64, Value)>> {
    let mut batches: Vec<Vec<(u64, Value)>> = Vec::new();
    let mut places = BTreeSet::new();
    for (line, body) in movements {
        // A transfer changes two.
        let named = ["warehouse", "to"].into_iter().filter_map(|name| body.get(name));
        let touched: Vec<String> =
            named.map(|warehouse| format!("{:?}/{warehouse:?}", body.get("sku"))).collect();
        let full = batches.last().is_none_or(|batch| batch.len() >= MOVEMENTS_MAX);
        if full || touched.iter().any(|place| places.contains(place)) {
            batches.push(Vec::new());
            places.clear();
        }
        places.extend(touched);
        if let Some(batch) = batches.last_mut() {
            batch.push((line, body));
        }
    }
    batches
}

/// Everything but the unreserved characters of RFC 3986.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// A text as a part of a path.
#[must_use]
pub fn percent_encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, UNRESERVED).to_string()
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

    #[test]
    fn a_transfer_stands_at_both_of_its_places() {
        let count = |warehouse: &str| json!({ "sku": "A", "warehouse": warehouse });
        let moved = json!({ "sku": "A", "warehouse": "VNO", "to": "KUN", "type": "transfer" });
        let batches =
            batches(vec![(2, moved), (3, count("KUN")), (4, count("VNO")), (5, count("RIX"))]);
        let lines: Vec<Vec<u64>> =
            batches.iter().map(|batch| batch.iter().map(|(line, _)| *line).collect()).collect();
        assert_eq!(lines, [vec![2], vec![3, 4, 5]]);
    }
}
