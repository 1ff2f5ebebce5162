//! Figures for alarms and the dashboard, in CloudWatch's embedded metric format: a line of JSON
//! among the logs, so that a function needs no permission and no request to give one.
//!
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>

use ordermill_domain::time::Timestamp;
use serde_json::{Map, Value, json};
use std::io::Write as _;

/// The metrics' namespace.
pub const NAMESPACE: &str = "Ordermill";
/// The one dimension: the deployment's name.
pub const DIMENSION: &str = "Deployment";

/// The dimensions of what is about one stock line.
pub const STOCK_DIMENSIONS: [&str; 2] = ["Sku", "Warehouse"];

/// What is counted or measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metric {
    /// By how much the oldest thing that is due is late, in seconds.
    SweepBehind,
    /// Pointers the sweep sent.
    SweepSent,
    /// What the audit found not to be as it must be.
    AuditDrift,
    /// By how many units the audit found the figures of a stock line, or a SKU, to differ.
    StockDrift,
    /// Exceptions that were opened: a person is needed.
    ExceptionsOpened,
    /// Records of the change stream that could not be read.
    RecordsParked,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 6] = [
        Self::SweepBehind,
        Self::SweepSent,
        Self::AuditDrift,
        Self::StockDrift,
        Self::ExceptionsOpened,
        Self::RecordsParked,
    ];

    /// The name in CloudWatch.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SweepBehind => "SweepBehindSeconds",
            Self::SweepSent => "SweepSent",
            Self::AuditDrift => "AuditDrift",
            Self::StockDrift => "StockDriftUnits",
            Self::ExceptionsOpened => "ExceptionsOpened",
            Self::RecordsParked => "RecordsParked",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::SweepBehind => "Seconds",
            Self::SweepSent
            | Self::AuditDrift
            | Self::StockDrift
            | Self::ExceptionsOpened
            | Self::RecordsParked => "Count",
        }
    }
}

/// Where metrics go: deployed functions write lines, everything else none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Metrics {
    /// Nowhere.
    #[default]
    Silent,
    /// To standard error, among the logs.
    Lines,
}

impl Metrics {
    /// Gives figures of now.
    pub fn put(self, deployment: &str, now: Timestamp, figures: &[(Metric, u64)]) {
        self.write(|| line(deployment, now, figures));
    }

    /// Gives a figure of now about one stock line, or about a SKU as a whole.
    pub fn put_stock(
        self,
        deployment: &str,
        now: Timestamp,
        (sku, warehouse): (&str, &str),
        (metric, value): (Metric, Value),
    ) {
        self.write(|| stock_line(deployment, now, (sku, warehouse), (metric, value)));
    }

    fn write(self, line: impl FnOnce() -> Value) {
        match self {
            Self::Silent => {}
            Self::Lines => {
                // Nobody to tell if it fails.
                let _ = writeln!(std::io::stderr().lock(), "{}", line());
            }
        }
    }
}

/// A line about stock: under the deployment alone, so that an alarm can be set on it, and under SKU
/// and warehouse, so that one sees where.
fn stock_line(
    deployment: &str,
    now: Timestamp,
    at: (&str, &str),
    (metric, value): (Metric, Value),
) -> Value {
    let mut line = line(deployment, now, &[]);
    let [sku, warehouse] = STOCK_DIMENSIONS;
    // A dimension must have a value.
    let place = if at.1.is_empty() { "-" } else { at.1 };
    line[sku] = json!(at.0);
    line[warehouse] = json!(place);
    line[metric.name()] = value;
    let directive = &mut line["_aws"]["CloudWatchMetrics"][0];
    directive["Metrics"] = json!([{ "Name": metric.name(), "Unit": metric.unit() }]);
    directive["Dimensions"] = json!([[DIMENSION], [DIMENSION, sku, warehouse]]);
    line
}

fn line(deployment: &str, now: Timestamp, figures: &[(Metric, u64)]) -> Value {
    let metrics: Vec<Value> =
        figures.iter().map(|(m, _)| json!({ "Name": m.name(), "Unit": m.unit() })).collect();
    let mut line = Map::new();
    line.insert(DIMENSION.to_owned(), json!(deployment));
    line.extend(figures.iter().map(|(metric, value)| (metric.name().to_owned(), json!(value))));
    let about = json!({
        "Timestamp": now.milliseconds(),
        "CloudWatchMetrics": [{
            "Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": metrics,
        }],
    });
    line.insert("_aws".to_owned(), about);
    Value::Object(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_about_a_stock_line_names_where() {
        let now = Timestamp::from_milliseconds(1_700_000_000_000);
        let line = stock_line("shop", now, ("TEA", "VNO"), (Metric::StockDrift, json!(1.5)));
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        let named = json!([["Deployment"], ["Deployment", "Sku", "Warehouse"]]);
        assert_eq!(directive["Dimensions"], named);
        let values = ["Deployment", "Sku", "Warehouse"].map(|name| line[name].clone());
        assert_eq!(json!(values), json!(["shop", "TEA", "VNO"]));
        assert_eq!(line["StockDriftUnits"], 1.5);
        let whole = stock_line("shop", now, ("TEA", ""), (Metric::StockDrift, json!(2)));
        assert_eq!(whole["Warehouse"], "-");
    }

    #[test]
    fn a_line_has_the_form_of_the_specification() {
        let now = Timestamp::from_milliseconds(1_700_000_000_000);
        let line = line("shop", now, &[(Metric::SweepBehind, 7), (Metric::SweepSent, 2)]);
        let directive = &line["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(line["_aws"]["Timestamp"], 1_700_000_000_000_i64);
        assert_eq!(directive["Namespace"], "Ordermill");
        assert_eq!(line[directive["Dimensions"][0][0].as_str().unwrap()], "shop");
        for (metric, value) in directive["Metrics"].as_array().unwrap().iter().zip([7, 2]) {
            assert_eq!(line[metric["Name"].as_str().unwrap()], value);
        }
        assert_eq!(directive["Metrics"][0]["Unit"], "Seconds");
    }
}
