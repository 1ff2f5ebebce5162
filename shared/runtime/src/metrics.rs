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

/// What is counted or measured.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metric {
    /// By how much the oldest thing that is due is late, in seconds.
    SweepBehind,
    /// Pointers the sweep sent.
    SweepSent,
    /// What the audit found not to be as it must be.
    AuditDrift,
    /// Exceptions that were opened: a person is needed.
    ExceptionsOpened,
    /// Records of the change stream that could not be read.
    RecordsParked,
}

impl Metric {
    /// Every metric.
    pub const ALL: [Self; 5] = [
        Self::SweepBehind,
        Self::SweepSent,
        Self::AuditDrift,
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
            Self::ExceptionsOpened => "ExceptionsOpened",
            Self::RecordsParked => "RecordsParked",
        }
    }

    fn unit(self) -> &'static str {
        match self {
            Self::SweepBehind => "Seconds",
            Self::SweepSent | Self::AuditDrift | Self::ExceptionsOpened | Self::RecordsParked => {
                "Count"
            }
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
        match self {
            Self::Silent => {}
            Self::Lines => {
                let line = line(deployment, now, figures);
                // Nobody to tell if it fails.
                let _ = writeln!(std::io::stderr().lock(), "{line}");
            }
        }
    }
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
