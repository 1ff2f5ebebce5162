//! Audit: recomputes each night what must be true of the whole table, and gives what is not as
//! metrics: how many findings there are, and for each stock line by how many units it differs.
//!
//! In: a schedule. Out: metrics and log lines; it writes nothing.
//! Rules: `shared/domain/src/audit.rs`; how suspects are confirmed: `shared/runtime/src/audit`. Wiring: `main.rs`.

use ordermill_runtime::audit::{Report, audit};
use ordermill_runtime::{Metric, Runtime};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Findings that are logged; the figures count them all.
const FINDINGS_LOGGED_MAX: usize = 100;
/// Stock lines that are given as metrics of their own: each is one that is paid for.
const LINES_MEASURED_MAX: usize = 100;
/// After so many rows a line says how far it is.
const ROWS_PER_LINE: usize = 100_000;

/// Audits the table and says what it found.
pub async fn handle(runtime: &Runtime, _event: Value) -> Value {
    let told = AtomicUsize::new(0);
    let progress = |rows: usize| {
        let step = rows.checked_div(ROWS_PER_LINE).unwrap_or_default();
        if told.fetch_max(step, Ordering::Relaxed) < step {
            tracing::info!(audit.rows = rows, "the audit reads on");
        }
    };
    match audit(runtime, progress).await {
        Ok(report) => {
            tell(runtime, &report);
            json!({ "findings": report.findings.len(), "unclear": report.unclear.len(),
                "orders": report.orders, "stock_lines": report.stock_lines, "rows": report.rows })
        }
        Err(failure) => {
            // It gives no figure: nothing is known.
            tracing::error!(reason = %failure, "the audit could not finish; it runs again tomorrow");
            json!({ "error": failure.to_string() })
        }
    }
}

fn tell(runtime: &Runtime, report: &Report) {
    let count = u64::try_from(report.findings.len()).unwrap_or(u64::MAX);
    runtime.measure(&[(Metric::AuditDrift, count)]);
    let drift = report.drift();
    if drift.is_empty() {
        // So that its alarm sees that there is none.
        runtime.measure(&[(Metric::StockDrift, 0)]);
    }
    for ((sku, warehouse), by) in drift.iter().take(LINES_MEASURED_MAX) {
        runtime.measure_stock((sku, warehouse), (Metric::StockDrift, by.units.to_json()));
    }
    for finding in report.findings.iter().take(FINDINGS_LOGGED_MAX) {
        // Codes, keys and figures only: no finding carries personal data.
        tracing::error!(
            audit.code = finding.code,
            audit.about = finding.about,
            audit.detail = finding.detail,
            "the audit found what must not be"
        );
    }
    tracing::info!(audit.rows = report.rows, audit.findings = count, "{}", report.verdict());
}
