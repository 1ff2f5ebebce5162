//! Looks at every commit as it happens: keeps a copy of the table from the change stream, and
//! judges the rows that were touched.

use ordermill_domain::audit::{self, Held};
use ordermill_domain::order::{ActorKind, Event, EventKind, Order};
use ordermill_domain::policy::Policy;
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::{StockKey, StockLine};
use ordermill_domain::time::Timestamp;
use ordermill_embedded::StreamRecord;
use ordermill_table::item::{Item, text};
use ordermill_table::keys::{self, RowKind};
use ordermill_table::read::partition_of;
use ordermill_table::records::{InboxEntry, read};
use ordermill_table::rows::stock::{read_anchor, read_line, read_wait};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Something that must not be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// Stable code.
    pub code: String,
    /// The order, the SKU …
    pub about: String,
    /// What is, and what should be.
    pub detail: String,
}

impl Finding {
    /// A finding.
    pub fn new(code: &str, about: &str, detail: impl Into<String>) -> Self {
        Self { code: code.to_owned(), about: about.to_owned(), detail: detail.into() }
    }
}

impl From<audit::Finding> for Finding {
    fn from(found: audit::Finding) -> Self {
        Self::new(found.code, &found.about, found.detail)
    }
}

/// Which parts of the rules were seen at work.
#[derive(Clone, Default)]
pub struct Seen {
    /// `policy status` in which an order stood.
    pub statuses: BTreeMap<(String, String), u64>,
    /// `policy from to kind` by which one moved.
    pub moves: BTreeMap<(String, String, String, String), u64>,
    /// Kinds of events.
    pub events: BTreeMap<String, u64>,
    /// Arms of `decide` that changed an order: see [`arm`].
    pub arms: BTreeMap<String, u64>,
}

/// The arms of `decide`: what an order is asked by our own steps, by providers, and by people.
pub const ARMS: [&str; 30] = [
    "order", "validate", "reserve", "serve", "limit", "money", "report", "message", "dunning",
    "erase", "answer", "cancel", "confirm", "approve", "pack", "complete", "archive", "reject",
    "hold", "release", "assign", "comment", "pick", "ship", "deliver", "return", "pay", "edit",
    "split", "refund",
];

/// Which arm of `decide` an event is of.
fn arm(event: &Event) -> &str {
    match event.actor.kind {
        ActorKind::Provider => "money",
        ActorKind::System if event.actor.id == "report" => "report",
        ActorKind::Customer
        | ActorKind::Partner
        | ActorKind::Manager
        | ActorKind::Planner
        | ActorKind::Admin
        | ActorKind::System => &event.cause,
    }
}

impl Seen {
    /// Takes in what another has seen.
    pub fn add(&mut self, other: &Self) {
        for (key, count) in &other.statuses {
            *self.statuses.entry(key.clone()).or_default() += count;
        }
        for (key, count) in &other.moves {
            *self.moves.entry(key.clone()).or_default() += count;
        }
        for (key, count) in &other.events {
            *self.events.entry(key.clone()).or_default() += count;
        }
        for (key, count) in &other.arms {
            *self.arms.entry(key.clone()).or_default() += count;
        }
    }
}

/// An order as the observer knows it.
pub struct Known {
    /// As it was committed last.
    pub order: Order,
    /// Every event, by version.
    pub events: BTreeMap<u64, Event>,
    /// What it holds and waits for.
    held: Held,
}

/// The observer.
pub struct Observer {
    rows: BTreeMap<String, BTreeMap<String, Item>>,
    /// Every order.
    pub orders: BTreeMap<String, Known>,
    /// When rows are due that are owed something: orders, subscriptions, money without an order,
    /// deliveries, messages that wait.
    pub due: BTreeMap<String, Timestamp>,
    policies: BTreeMap<(String, u32), Arc<Policy>>,
    held: BTreeMap<StockKey, Quantity>,
    waiting: BTreeMap<String, Quantity>,
    classes: BTreeMap<(String, String), Quantity>,
    at: u64,
    /// What has been seen at work.
    pub seen: Seen,
    /// Commits that were judged.
    pub commits: u64,
    /// What counts have added to each article's units on hand, or taken off.
    pub counted: BTreeMap<String, i64>,
}

impl Observer {
    /// Sees a table from its beginning; orders follow these policies.
    #[must_use]
    pub fn new(policies: Vec<Arc<Policy>>) -> Self {
        let policies = policies.into_iter().map(|p| ((p.name.clone(), p.version), p)).collect();
        Self {
            rows: BTreeMap::new(),
            orders: BTreeMap::new(),
            due: BTreeMap::new(),
            policies,
            held: BTreeMap::new(),
            waiting: BTreeMap::new(),
            classes: BTreeMap::new(),
            at: 0,
            seen: Seen::default(),
            commits: 0,
            counted: BTreeMap::new(),
        }
    }

    /// How far it has seen.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.at
    }

    /// The policy of an order.
    #[must_use]
    pub fn policy(&self, order: &Order) -> Option<&Arc<Policy>> {
        self.policies.get(&(order.policy.name.clone(), order.policy.version))
    }

    /// All policies.
    pub fn policies(&self) -> impl Iterator<Item = &Arc<Policy>> {
        self.policies.values()
    }

    /// The rows of a kind.
    pub fn of_kind(&self, kind: RowKind) -> impl Iterator<Item = &Item> {
        let is = move |row: &&Item| text(row, "kind").is_ok_and(|name| name == kind.name());
        self.rows.values().flat_map(BTreeMap::values).filter(is)
    }

    /// The rows of a partition.
    pub fn partition(&self, pk: &str) -> impl Iterator<Item = &Item> {
        self.rows.get(pk).into_iter().flat_map(BTreeMap::values)
    }

    /// Takes in what one request committed, and judges it.
    pub fn commit(&mut self, records: &[StreamRecord]) -> Vec<Finding> {
        let Some(last) = records.last() else { return Vec::new() };
        self.at = last.sequence;
        self.commits += 1;
        let mut found = Vec::new();
        let mut orders = BTreeSet::new();
        let mut skus = BTreeSet::new();
        let mut counts = Counts::default();
        for record in records {
            let event = record.to_event_record().unwrap();
            let key = |name: &str| record.keys[name]["S"].as_str().unwrap_or_default().to_owned();
            let (pk, sk) = (key("pk"), key("sk"));
            if let Some(id) = keys::order_of_partition(&pk) {
                orders.insert(id.to_owned());
            }
            for prefix in ["S#", "Q#"] {
                skus.extend(pk.strip_prefix(prefix).map(str::to_owned));
            }
            let row = ordermill_runtime::records::image(&event.change.new_image);
            match row {
                Ok(Some(row)) => {
                    self.set_due(&pk, &sk, &row);
                    let partition = self.rows.entry(pk).or_default();
                    let before = partition.insert(sk, row.clone());
                    counts.saw(before.as_ref(), &row);
                    if let Some(before) = before {
                        found.extend(steps(&before, &row));
                    }
                }
                Ok(None) => {
                    self.due.remove(&format!("{pk} {sk}"));
                    if let Some(partition) = self.rows.get_mut(&pk) {
                        partition.remove(&sk);
                    }
                }
                Err(error) => found.push(Finding::new("unreadable", &pk, error.to_string())),
            }
        }
        counts.judge(&mut self.counted, &mut found);
        let mut parts = Vec::new();
        for id in orders {
            let is_new = !self.orders.contains_key(&id);
            self.order(&id, &mut found);
            if is_new {
                parts.push(id.clone());
            }
            skus.extend(self.orders.get(&id).into_iter().flat_map(|known| known.order.skus()));
        }
        for part in parts {
            found.extend(self.shared(&part));
        }
        for sku in skus {
            self.sku(&sku, &mut found);
        }
        found
    }

    /// Whoever splits an order shares its money: the part is paid as far as the order has more than it
    /// comes to from then on.
    fn shared(&self, part: &str) -> Option<Finding> {
        let part = &self.orders.get(part)?.order;
        let whole = &self.orders.get(part.parts.of.as_ref()?)?.order;
        let more = whole.ledger.covered().less(whole.gross()).min(whole.ledger.kept());
        let open = part.gross().less(part.ledger.kept());
        let detail = format!("{more:?} is too much at {}, {open:?} is open", whole.id);
        let kept_back = more.is_positive() && open.is_positive();
        kept_back.then(|| Finding::new("part_without_its_share", &part.id, detail))
    }

    fn set_due(&mut self, pk: &str, sk: &str, row: &Item) {
        let due = text(row, "wd").ok().and_then(|wd| wd.split('#').next()?.parse().ok());
        let row = format!("{pk} {sk}");
        match due {
            Some(at) => self.due.insert(row, Timestamp::from_milliseconds(at)),
            None => self.due.remove(&row),
        };
    }

    fn order(&mut self, id: &str, found: &mut Vec<Finding>) {
        let pk = keys::order_partition(id);
        let items: Vec<Item> = self.partition(&pk).cloned().collect();
        let partition = match partition_of(items) {
            Ok(Some(partition)) => partition,
            // Money that was there before its order; or the order is gone, and stays as it was here.
            Ok(None) => return,
            Err(error) => return found.push(Finding::new("unreadable", id, error.to_string())),
        };
        let (order, due) = (partition.stored.order, partition.stored.due_at);
        let Some(policy) = self.policy(&order).cloned() else {
            return found.push(Finding::new("unknown_policy", id, order.policy.name.clone()));
        };
        found.extend(audit::order(&policy, &order, due).into_iter().map(Finding::from));
        let before = self.orders.remove(id);
        let mut events = before.as_ref().map(|k| k.events.clone()).unwrap_or_default();
        let version = before.as_ref().map_or(0, |k| k.order.version);
        for event in &order.recent_events {
            match events.get(&event.version) {
                Some(known) if known != event => found.push(Finding::new(
                    "event_changed",
                    id,
                    format!(
                        "Event {} was {:?} and is {:?}.",
                        event.version, known.kind, event.kind
                    ),
                )),
                Some(_) => {}
                None => {
                    if event.version > version {
                        self.saw(&policy, event);
                        found.extend(hasty(&partition.inbox, before.as_ref(), event, &policy));
                    }
                    events.insert(event.version, event.clone());
                }
            }
        }
        if order.version < version {
            let detail = format!("Version {version} became {}.", order.version);
            found.push(Finding::new("version_falls", id, detail));
        }
        let count = u64::try_from(events.len()).unwrap_or(0);
        if count != order.version || events.keys().next() != Some(&1) {
            let detail =
                format!("{count} events were committed, the version is {}.", order.version);
            found.push(Finding::new("event_gap", id, detail));
        }
        let mut held = Held::default();
        held.add(&order);
        let old = before.map(|k| k.held).unwrap_or_default();
        for (sign, part) in [(-1, &old), (1, &held)] {
            for (key, quantity) in &part.held {
                let sum = self.held.entry(key.clone()).or_default();
                *sum = if sign < 0 { sum.minus(*quantity) } else { sum.plus(*quantity) };
            }
            for (sku, quantity) in &part.waiting {
                let sum = self.waiting.entry(sku.clone()).or_default();
                *sum = if sign < 0 { sum.minus(*quantity) } else { sum.plus(*quantity) };
            }
            for (at, quantity) in &part.classes {
                let sum = self.classes.entry(at.clone()).or_default();
                *sum = if sign < 0 { sum.minus(*quantity) } else { sum.plus(*quantity) };
            }
        }
        self.orders.insert(id.to_owned(), Known { order, events, held });
    }

    fn saw(&mut self, policy: &Policy, event: &Event) {
        let kind = format!("{:?}", event.kind);
        *self.seen.events.entry(kind.clone()).or_default() += 1;
        *self.seen.arms.entry(arm(event).to_owned()).or_default() += 1;
        if let Some(to) = &event.to {
            let name = policy.name.clone();
            *self.seen.statuses.entry((name.clone(), to.to_string())).or_default() += 1;
            let from = event.from.as_ref().map(ToString::to_string).unwrap_or_default();
            *self.seen.moves.entry((name, from, to.to_string(), kind)).or_default() += 1;
        }
    }

    /// Stock of one SKU against what all orders say.
    fn sku(&self, sku: &str, found: &mut Vec<Finding>) {
        let mut lines: BTreeMap<StockKey, (StockLine, audit::Sums)> = BTreeMap::new();
        let mut anchors = BTreeMap::new();
        let mut waits = BTreeMap::new();
        for row in self.partition(&keys::stock_partition(sku)) {
            if text(row, "kind").is_ok_and(|kind| kind == RowKind::Stock.name()) {
                match read_line(row) {
                    Ok(stored) => {
                        let sums = stored.sums();
                        lines.insert(stored.key, (stored.line, sums));
                    }
                    Err(error) => found.push(Finding::new("unreadable", sku, error.to_string())),
                }
            } else if let Ok((name, anchor)) = read_anchor(row) {
                anchors.insert(name, anchor);
            }
        }
        for row in self.partition(&format!("Q#{sku}")) {
            if let Ok(wait) = read_wait(row) {
                let sum: &mut Quantity = waits.entry(sku.to_owned()).or_default();
                *sum = sum.plus(wait.quantity);
            }
        }
        let positive = |quantity: &Quantity| !quantity.is_zero();
        let orders = Held {
            held: self
                .held
                .iter()
                .filter(|(key, quantity)| key.sku == sku && positive(quantity))
                .map(|(key, quantity)| (key.clone(), *quantity))
                .collect(),
            waiting: self
                .waiting
                .iter()
                .filter(|(name, quantity)| *name == sku && positive(quantity))
                .map(|(name, quantity)| (name.clone(), *quantity))
                .collect(),
            classes: self
                .classes
                .iter()
                .filter(|((name, _), quantity)| name == sku && positive(quantity))
                .map(|(at, quantity)| (at.clone(), *quantity))
                .collect(),
        };
        found
            .extend(audit::stock(&lines, &anchors, &waits, &orders).into_iter().map(Finding::from));
    }

    /// Stock lines as they are.
    #[must_use]
    pub fn lines(&self, sku: &str) -> Vec<ordermill_table::rows::stock::StoredLine> {
        self.partition(&keys::stock_partition(sku)).filter_map(|row| read_line(row).ok()).collect()
    }
}

/// A row's version only grows.
fn steps(before: &Item, after: &Item) -> Option<Finding> {
    let version = |row: &Item| ordermill_table::item::number::<u64>(row, "v").ok();
    let (old, new) = version(before).zip(version(after))?;
    let pk = text(after, "pk").unwrap_or_default();
    (new < old).then(|| Finding::new("version_falls", pk, format!("{old} became {new}")))
}

/// A limit that ran out on an order for which money had come in time: the money was to be applied
/// first. `inbox` is as it stands after the commit.
fn hasty(
    inbox: &[Item],
    before: Option<&Known>,
    event: &Event,
    policy: &Policy,
) -> Option<Finding> {
    let order = &before?.order;
    if event.kind != EventKind::LimitMoved || event.reason.as_deref() != Some("not_paid") {
        return None;
    }
    let due = ordermill_domain::decide::limits::moves_at(policy, order)?;
    inbox
        .iter()
        .filter_map(|row| read::<InboxEntry>(row).ok())
        .find(|entry| {
            !entry.applied
                && entry.received_at < due
                && matches!(entry.money.kind, ordermill_domain::decide::MoneyKind::Received { .. })
        })
        .map(|entry| {
            let detail =
                format!("{} came before {due} and was not looked at.", entry.money.reference);
            Finding::new("limit_ran_out_over_money", &order.id, detail)
        })
}

/// Stock that one commit moved, and the counts in it.
#[derive(Default)]
struct Counts {
    /// Units before and after, by article and warehouse.
    moved: BTreeMap<(String, String), (i64, i64)>,
    /// What was counted.
    counted: Vec<(String, String, i64)>,
}

impl Counts {
    fn saw(&mut self, before: Option<&Item>, row: &Item) {
        let units = |quantity: Quantity| quantity.to_thousandths() / 1_000;
        if text(row, "kind").is_ok_and(|kind| kind == RowKind::Stock.name()) {
            let Ok(now) = read_line(row) else { return };
            let had = before.and_then(|row| read_line(row).ok());
            let had = had.map_or(0, |line| units(line.line.on_hand));
            let place = (now.key.sku, now.key.warehouse);
            self.moved.insert(place, (had, units(now.line.on_hand)));
        }
        if text(row, "kind").is_ok_and(|kind| kind == RowKind::Movement.name()) {
            let said: serde_json::Value = ordermill_table::item::json(row, "b").unwrap_or_default();
            let name = |field: &str| said[field].as_str().unwrap_or_default().to_owned();
            if name("type") == "count" {
                let counted = said["quantity"].as_i64().unwrap_or(-1);
                self.counted.push((name("sku"), name("warehouse"), counted));
            }
        }
    }

    /// After a count there is what was counted; what it changed goes into the books.
    fn judge(self, books: &mut BTreeMap<String, i64>, found: &mut Vec<Finding>) {
        for (sku, warehouse, counted) in self.counted {
            let place = (sku.clone(), warehouse);
            let Some((had, has)) = self.moved.get(&place) else {
                let detail = format!("{counted} were counted at {}, and no line tells", place.1);
                found.push(Finding::new("count_lost", &sku, detail));
                continue;
            };
            if *has != counted {
                let detail = format!("{counted} were counted at {}, {has} are there", place.1);
                found.push(Finding::new("count_differs", &sku, detail));
            }
            *books.entry(sku).or_default() += has - had;
        }
    }
}
