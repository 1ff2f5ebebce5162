//! `ordermill import`: a catalogue or a stock count from a CSV file, through the API, so that every
//! rule of the API holds. Rows that are refused are reported with line and reason; the others are
//! taken.
//!
//! How a file is read: [`crate::csv_file`]. It may be imported again: products are put, a count says
//! what is there, and any other movement carries an idempotency key made of the file.

use crate::cli::{Data, say};
use crate::csv_file::{
    File, PRODUCT_COLUMNS, Refused, Row, STOCK_COLUMNS, batches, movement, percent_encoded, product,
};
use crate::error::{LocalError, LocalResult};
use crate::http::Site;
use crate::http::local::{send, send_once};
use crate::run::Functions;
use clap::{Args, Subcommand};
use futures::StreamExt as _;
use hyper::Method;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

/// Products that are put at once.
const AT_ONCE: usize = 8;
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

pub(crate) async fn import(command: ImportCommand) -> LocalResult<ExitCode> {
    let (arguments, products) = match &command {
        ImportCommand::Products(arguments) => (arguments, true),
        ImportCommand::Stock(arguments) => (arguments, false),
    };
    let columns: &[&str] = if products { &PRODUCT_COLUMNS } else { &STOCK_COLUMNS };
    let shown = arguments.file.display().to_string();
    let bytes = std::fs::read(&arguments.file).map_err(LocalError::system(shown.clone()))?;
    let file = File::read(&shown, &bytes, columns)?;
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

async fn import_products(
    site: &Site,
    rows: &[Row],
    currency: &str,
    bar: &ProgressBar,
) -> Vec<Refused> {
    let put = |row| async move {
        let row: &Row = row;
        let refused = |reason| Some(Refused { line: row.line, reason });
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
