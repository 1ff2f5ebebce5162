//! The audit, for the command and for the function that runs each night: recomputes what must be true of the whole table (`ordermill_domain::audit`).
//!
//! A scan sees rows of different moments, so what it finds are suspects. A suspect order is read
//! again by itself, consistently. For suspect stock everything is loaded again between two reads of
//! the suspect lines: if they did not change meanwhile, no order's share of them did either, since
//! both change in one transaction, and what was loaded is of one moment as far as they go.

pub mod load;

use crate::Runtime;
use crate::error::StepResult;
use load::World;
use ordermill_domain::audit::{self, Finding, Held};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::{Anchor, StockKey};
use ordermill_table::Stored;
use std::collections::{BTreeMap, BTreeSet};

/// How often suspect stock is looked at again while it keeps changing.
const ROUNDS_MAX: usize = 8;
/// The pause between two looks is not as short as that between two attempts.
const PAUSE_ROUND: usize = 4;

/// What an audit found.
#[derive(Default, Debug)]
pub struct Report {
    /// Orders looked at.
    pub orders: usize,
    /// Stock lines looked at.
    pub stock_lines: usize,
    /// Rows read.
    pub rows: usize,
    /// Orders by status.
    pub by_status: BTreeMap<String, usize>,
    /// What should not be so.
    pub findings: Vec<Finding>,
    /// What changed too fast to be judged.
    pub unclear: Vec<Finding>,
    /// Orders whose newest events are not in their history yet.
    pub behind: usize,
}

impl Report {
    /// Whether nothing was found.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty() && self.unclear.is_empty()
    }

    /// What of the findings is about stock, by SKU and, where it is about one, warehouse: how many
    /// findings, and by how many units the figures differ.
    #[must_use]
    pub fn drift(&self) -> BTreeMap<(String, String), Drift> {
        let mut drift: BTreeMap<(String, String), Drift> = BTreeMap::new();
        for finding in &self.findings {
            let (Some(units), Some(place)) = (finding.units, &finding.place) else { continue };
            let at = drift.entry((place.sku.clone(), place.warehouse.clone())).or_default();
            at.findings = at.findings.saturating_add(1);
            at.units = at.units.plus(units);
        }
        drift
    }

    /// The verdict in one line.
    #[must_use]
    pub fn verdict(&self) -> String {
        let seen = format!("{} orders, {} stock lines", self.orders, self.stock_lines);
        if self.is_clean() {
            format!(
                "audit: clean ({seen}; nothing lost, nothing doubled, no cent without an owner)"
            )
        } else if self.findings.is_empty() {
            format!("audit: {} suspects kept changing ({seen}); run it again", self.unclear.len())
        } else {
            format!("audit: {} findings ({seen})", self.findings.len())
        }
    }
}

/// By how much the figures of one stock line, or of one SKU, are not as they must be.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Drift {
    /// How many findings.
    pub findings: u64,
    /// The sum of the differences, each without its sign.
    pub units: Quantity,
}

/// Audits the table; `progress` hears how many rows were read.
///
/// # Errors
/// The table cannot be reached, or a row cannot be read.
pub async fn audit(runtime: &Runtime, progress: impl Fn(usize)) -> StepResult<Report> {
    let world = World::load(&runtime.table, &progress).await?;
    let mut report = Report {
        orders: world.orders.len(),
        stock_lines: world.lines.len(),
        rows: world.rows,
        ..Report::default()
    };
    for stored in world.orders.values() {
        let order = &stored.order;
        *report.by_status.entry(order.status.to_string()).or_default() += 1;
        let newest = world.history.get(&order.id).and_then(BTreeSet::last).copied().unwrap_or(0);
        report.behind += usize::from(newest < order.version);
        if !order_findings(runtime, stored).await?.is_empty() {
            // A second, consistent look at this order alone.
            if let Some(partition) = runtime.table.order(&order.id).await? {
                report.findings.extend(order_findings(runtime, &partition.stored).await?);
            }
        }
        report.findings.extend(gap(&world, stored));
    }
    let suspects = stock_findings(&world);
    if !suspects.is_empty() {
        confirm_stock(runtime, suspects, &mut report).await?;
    }
    Ok(report)
}

async fn order_findings(runtime: &Runtime, stored: &Stored) -> StepResult<Vec<Finding>> {
    let order = &stored.order;
    let policy = runtime.policy_of(order).await?;
    Ok(audit::order(&policy, order, stored.due_at))
}

/// A history that misses an event between two others. (Its end may be behind.)
fn gap(world: &World, stored: &Stored) -> Option<Finding> {
    let newest = world.history.get(&stored.order.id)?.last().copied()?;
    let known = world.known_version(&stored.order.id);
    (known != newest).then(|| Finding {
        code: "history_gap",
        about: stored.order.id.clone(),
        units: None,
        place: None,
        detail: format!("The history has no event after number {known}; its newest is {newest}."),
    })
}

fn stock_findings(world: &World) -> Vec<Finding> {
    let mut held = Held::default();
    for stored in world.orders.values() {
        held.add(&stored.order);
    }
    audit::stock(&world.lines, &world.anchors, &world.waits, &held)
}

/// Versions and sums of these SKUs' rows: equal before and after means nothing moved between.
type Fingerprint = (BTreeMap<StockKey, u64>, BTreeMap<String, Anchor>);

async fn fingerprint(runtime: &Runtime, skus: &BTreeSet<String>) -> StepResult<Fingerprint> {
    let mut versions = BTreeMap::new();
    for sku in skus {
        for line in runtime.table.stock_lines(sku).await? {
            versions.insert(line.key, line.line.version);
        }
    }
    Ok((versions, runtime.table.anchors(skus).await?))
}

/// The SKU that a finding about stock is about.
fn sku_of(finding: &Finding) -> String {
    finding.place.as_ref().map(|place| place.sku.clone()).unwrap_or_default()
}

async fn confirm_stock(
    runtime: &Runtime,
    mut suspects: Vec<Finding>,
    report: &mut Report,
) -> StepResult<()> {
    for round in 0..ROUNDS_MAX {
        let skus: BTreeSet<String> = suspects.iter().map(sku_of).collect();
        let before = fingerprint(runtime, &skus).await?;
        let world = World::load(&runtime.table, |_| {}).await?;
        let after = fingerprint(runtime, &skus).await?;
        let still = |sku: &String| {
            let versions = |print: &Fingerprint| -> Vec<(StockKey, u64)> {
                let of_sku = print.0.iter().filter(|(key, _)| key.sku == *sku);
                of_sku.map(|(key, version)| (key.clone(), *version)).collect()
            };
            versions(&before) == versions(&after) && before.1.get(sku) == after.1.get(sku)
        };
        let found = stock_findings(&world).into_iter().filter(|f| skus.contains(&sku_of(f)));
        let (confirmed, moving): (Vec<_>, Vec<_>) = found.partition(|f| still(&sku_of(f)));
        report.findings.extend(confirmed);
        if moving.is_empty() {
            return Ok(());
        }
        suspects = moving;
        runtime.pause(round.saturating_add(PAUSE_ROUND)).await;
    }
    report.unclear = suspects;
    Ok(())
}
