//! Builders for tests of the core, and a small world that applies decisions as the table would.
//!
//! A builder sets only what a test is about. The [`World`] checks every condition of a decision
//! before it applies it, so that a decision which rests on something else than what it says is
//! refused here as it would be there.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "shared by several test files; a test that cannot go on has failed"
)]

mod ledger;

pub use ledger::*;

use ordermill_domain::audit::{self, Finding, Held, Sums};
use ordermill_domain::decide::taking_in::{Origin, receive};
use ordermill_domain::decide::{
    Command, Decision, Facts, FailedNotice, NextWay, Rejection, decide, limits,
};
use ordermill_domain::intake::command::{Condition, LineQuantity, ReturnLine};
use ordermill_domain::intake::{
    CommandBody, Defaults, Movement, MovementKind, Product, parse_command, parse_order,
    parse_product,
};
use ordermill_domain::money::{Amount, Currency};
use ordermill_domain::order::{
    Actor, ActorKind, BundlePart, Channel, Event, Order, Recipient, StockWork, Todo,
};
use ordermill_domain::policy::{Policy, Role, presets};
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::group::TRANSACTION_ACTIONS_MAX;
use ordermill_domain::stock::{Anchor, StockChanges, StockKey, StockLine, StockView, movement};
use ordermill_domain::time::{Seconds, Timestamp};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// When every test begins: 2026-12-01T08:00:00Z, a Tuesday.
pub const START: &str = "2026-12-01T08:00:00Z";

/// The moment every test begins at.
pub fn start() -> Timestamp {
    Timestamp::parse(START).unwrap()
}

/// The moment so many milliseconds after another.
pub fn later(moment: Timestamp, milliseconds: i64) -> Timestamp {
    Timestamp::from_milliseconds(moment.milliseconds().saturating_add(milliseconds))
}

/// The preset for shops.
pub fn webshop() -> Policy {
    presets::webshop().unwrap()
}

/// So many whole units.
pub fn units(units: i64) -> Quantity {
    Quantity::units(units)
}

/// So many euros.
pub fn euros(euros: i64) -> Amount {
    Amount(euros.saturating_mul(100))
}

/// What the builder's customer is called and reached by; no event may ever hold it.
pub const PERSONAL: [&str; 4] =
    ["Ona Kazlauskienė", "ona@example.com", "+37061234567", "Gedimino pr. 9"];

/// An order in the making. Prices are 10.00 a unit; there is no shipping.
#[derive(Clone, Debug)]
pub struct OrderBuilder {
    id: String,
    body: Value,
    at: Timestamp,
    priority: Option<u16>,
    demand_class: Option<String>,
}

/// An order of that id for these (SKU, units): prepaid, by transfer, to the door.
pub fn order(id: &str, lines: &[(&str, i64)]) -> OrderBuilder {
    let lines: Vec<Value> = lines
        .iter()
        .map(|(sku, units)| {
            json!({"sku": sku, "quantity": units, "unit_price": "10.00",
                                   "tax_rate": "0.21"})
        })
        .collect();
    let body = json!({
        "currency": "EUR",
        "customer": {"name": PERSONAL[0], "email": PERSONAL[1], "phone": PERSONAL[2]},
        "delivery": {"method": "courier", "address": {"line1": PERSONAL[3], "city": "Vilnius",
                                                       "postal_code": "01103", "country": "LT"}},
        "payment": {"terms": "prepaid", "method": "bank_transfer"},
        "lines": lines,
    });
    OrderBuilder { id: id.to_owned(), body, at: start(), priority: None, demand_class: None }
}

impl OrderBuilder {
    /// Writes a value into the body, by JSON pointer; its parent must be there.
    pub fn with(mut self, pointer: &str, value: Value) -> Self {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        match self.body.pointer_mut(parent).unwrap() {
            Value::Object(fields) => {
                fields.insert(name.to_owned(), value);
            }
            other => panic!("{other} has no fields"),
        }
        self
    }

    /// Who pays when.
    pub fn terms(self, terms: &str) -> Self {
        self.with("/payment/terms", json!(terms))
    }

    /// With what.
    pub fn method(self, method: &str) -> Self {
        self.with("/payment/method", json!(method))
    }

    /// How it travels.
    pub fn delivery(self, method: &str) -> Self {
        self.with("/delivery/method", json!(method))
    }

    /// Everything leaves at once, or waits.
    pub fn together(self) -> Self {
        self.with("/ship_together", json!(true))
    }

    /// When it is taken in.
    pub fn at(mut self, at: Timestamp) -> Self {
        self.at = at;
        self
    }

    /// The group of customers it belongs to.
    pub fn demand_class(mut self, class: Option<&str>) -> Self {
        self.demand_class = class.map(str::to_owned);
        self
    }

    /// Its turn among those who wait.
    pub fn priority(mut self, priority: u16) -> Self {
        self.priority = Some(priority);
        self
    }

    /// The order as it is taken in under that policy.
    pub fn received(&self, policy: &Policy) -> Decision {
        let defaults = Defaults { channel: Channel::Webshop, policy: policy.name.clone() };
        let draft = parse_order(&self.body, &defaults).unwrap();
        let actor = Actor { kind: ActorKind::Customer, id: "shop".to_owned() };
        let mut origin = Origin::of_client(&self.id, "shop", "hash", actor);
        origin.priority = self.priority.unwrap_or(origin.priority);
        origin.demand_class.clone_from(&self.demand_class);
        receive(policy, draft, origin, &BTreeMap::new(), self.at)
    }
}

/// A view of stock in the making.
#[derive(Clone, Debug, Default)]
pub struct StockBuilder(StockView);

/// Stock: (SKU, warehouse, units on hand).
pub fn stock(lines: &[(&str, &str, i64)]) -> StockBuilder {
    let mut builder = StockBuilder::default();
    for (sku, warehouse, on_hand) in lines {
        builder = builder.line(sku, warehouse, *on_hand);
    }
    builder
}

impl StockBuilder {
    /// A line of a SKU at a warehouse.
    pub fn line(mut self, sku: &str, warehouse: &str, on_hand: i64) -> Self {
        let line = StockLine { on_hand: units(on_hand), version: 1, ..StockLine::default() };
        self.0.lines.insert(StockKey::new(sku, warehouse), line);
        let anchor = self.0.anchors.entry(sku.to_owned()).or_default();
        anchor.warehouses.push(warehouse.to_owned());
        anchor.version = 1;
        self
    }

    /// The view.
    pub fn view(self) -> StockView {
        self.0
    }
}

/// One row of the queue for a SKU: its turn is the order of the key.
type WaitKey = (String, u16, i64, String);

/// Orders and stock, and what is written to them.
#[derive(Clone, Debug)]
pub struct World {
    pub policy: Policy,
    pub now: Timestamp,
    pub orders: BTreeMap<String, Order>,
    pub stock: StockView,
    /// The sums the table keeps for its conditions.
    sums: BTreeMap<StockKey, Sums>,
    waits: BTreeMap<WaitKey, Quantity>,
    /// Everything that ever happened, by order.
    pub events: BTreeMap<String, Vec<Event>>,
    /// The catalogue.
    pub products: BTreeMap<String, Product>,
    /// What receipts, counts and returns added to stock, less what left.
    pub moved: BTreeMap<String, Quantity>,
    began_with: BTreeMap<String, Quantity>,
    /// SKUs of which more was counted away than was free.
    pub counted: BTreeSet<String>,
}

/// Why the world refused to write a decision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refused(pub String);

impl World {
    /// A world with that stock and no orders. Every SKU is in the catalogue.
    pub fn new(policy: Policy, stock: StockBuilder) -> Self {
        let stock = stock.view();
        let products = stock.anchors.keys().map(|sku| (sku.clone(), product(sku))).collect();
        let mut began_with: BTreeMap<String, Quantity> = BTreeMap::new();
        let mut sums = BTreeMap::new();
        for (key, line) in &stock.lines {
            let sum = began_with.entry(key.sku.clone()).or_default();
            *sum = sum.plus(line.on_hand);
            sums.insert(key.clone(), Sums::of(line));
        }
        Self {
            policy,
            now: start(),
            orders: BTreeMap::new(),
            stock,
            sums,
            waits: BTreeMap::new(),
            events: BTreeMap::new(),
            products,
            moved: BTreeMap::new(),
            began_with,
            counted: BTreeSet::new(),
        }
    }

    /// A world in which the policy is that of shops.
    pub fn webshop(lines: &[(&str, &str, i64)]) -> Self {
        Self::new(webshop(), stock(lines))
    }

    /// The order of that id.
    pub fn order(&self, id: &str) -> &Order {
        &self.orders[id]
    }

    /// Everything that happened to an order.
    pub fn events_of(&self, id: &str) -> &[Event] {
        &self.events[id]
    }

    /// The status of the order of that id.
    pub fn status(&self, id: &str) -> &str {
        self.orders[id].status.as_str()
    }

    /// When something of the order is due.
    pub fn due(&self, id: &str) -> Option<Timestamp> {
        limits::due_at(&self.policy, self.order(id))
    }

    /// Takes an order in, validates and reserves it.
    pub fn place(&mut self, builder: &OrderBuilder) {
        self.take_in(builder);
        let id = builder.id.clone();
        self.run(&id, &Command::Validate);
        self.reserve_all(&id);
    }

    /// Takes an order in and leaves it there.
    pub fn take_in(&mut self, builder: &OrderBuilder) {
        let at = builder.at.max(self.now);
        self.now = at;
        let decision = builder.clone().at(at).received(&self.policy);
        let id = builder.id.clone();
        self.events.insert(id.clone(), decision.events.clone());
        self.orders.insert(id, decision.order);
    }

    /// Runs `Reserve` until stock work in pages is done.
    pub fn reserve_all(&mut self, id: &str) {
        for _ in 0..200 {
            self.run(id, &Command::Reserve);
            let order = self.order(id);
            let retry = self.events[id].last().unwrap().todo.contains(&Todo::Reserve)
                && order.status.as_str() == "validated";
            if order.stock_work.is_none() && !retry {
                return;
            }
        }
        panic!("the stock work of {id} does not end");
    }

    /// What the core needs to know beside the order.
    pub fn facts(&self) -> Facts {
        Facts {
            stock: self.stock.clone(),
            products: self.products.clone(),
            email_ok: true,
            phone_ok: true,
            part_id: format!("part-{}", self.orders.len()),
            ..Facts::default()
        }
    }

    /// Decides, without writing.
    ///
    /// # Errors
    /// The order's rules say no.
    pub fn decide(&self, id: &str, command: &Command) -> Result<Decision, Rejection> {
        decide(&self.policy, self.order(id), &self.facts(), command, self.now)
    }

    /// Decides and writes; a rejection is given back, a refusal of the table is a mistake.
    ///
    /// # Errors
    /// The order's rules say no.
    pub fn try_run(&mut self, id: &str, command: &Command) -> Result<Decision, Rejection> {
        let before = self.order(id).clone();
        let decision = self.decide(id, command)?;
        if let Err(Refused(why)) = self.commit(&before, &decision) {
            panic!("{command:?} on {id}: {why}\n{:?}", decision.stock);
        }
        for told in &decision.passed_on {
            self.run(&told.order, &Command::Money(told.money.clone()));
        }
        Ok(decision)
    }

    /// Decides and writes what must be possible.
    pub fn run(&mut self, id: &str, command: &Command) -> Decision {
        self.try_run(id, command).unwrap_or_else(|rejection| panic!("{command:?}: {rejection}"))
    }

    /// A command by name, as that role, with a body as the API reads it.
    ///
    /// # Errors
    /// The order's rules say no.
    pub fn try_act(
        &mut self,
        id: &str,
        role: Role,
        name: &str,
        body: Value,
    ) -> Result<Decision, Rejection> {
        self.try_run(id, &act(role, name, body))
    }

    /// A command by name, as a manager, that must be possible.
    pub fn act(&mut self, id: &str, name: &str, body: Value) -> Decision {
        self.run(id, &act(Role::Manager, name, body))
    }

    /// Money that came, in all, of that reference.
    pub fn pay(&mut self, id: &str, reference: &str, amount: Amount) -> Decision {
        let event = received(reference, amount, self.now);
        self.run(id, &Command::Money(event))
    }

    /// Lets time pass.
    pub fn pass(&mut self, time: Seconds) {
        self.now = self.now.plus(time);
    }

    /// Judges the order at a moment.
    pub fn judge_at(&mut self, id: &str, moment: Timestamp) -> Decision {
        self.now = moment;
        self.run(id, &Command::Judge)
    }

    /// Goods come in, and those who wait are served in their turn.
    pub fn receipt(&mut self, sku: &str, warehouse: &str, quantity: i64) {
        self.stock_move(MovementKind::Receipt, sku, warehouse, units(quantity), None);
        self.serve(sku);
    }

    /// Moves stock by hand; false where the rules refuse it.
    pub fn stock_move(
        &mut self,
        kind: MovementKind,
        sku: &str,
        warehouse: &str,
        quantity: Quantity,
        to: Option<&str>,
    ) -> bool {
        let movement = Movement {
            sku: sku.to_owned(),
            warehouse: warehouse.to_owned(),
            kind,
            quantity,
            reason: None,
            to: to.map(str::to_owned),
            demand_class: None,
        };
        let Ok(changes) = movement::changes(&self.stock, &[movement]) else { return false };
        let on_hand: Quantity = changes.lines.values().map(|l| l.on_hand).sum();
        if kind == MovementKind::Count || kind == MovementKind::Adjust {
            self.counted.insert(sku.to_owned());
        }
        self.check(&changes).unwrap();
        self.write(&changes);
        let sum = self.moved.entry(sku.to_owned()).or_default();
        *sum = sum.plus(on_hand);
        true
    }

    /// Keeps units for a group of customers from now on.
    pub fn keep(&mut self, sku: &str, warehouse: &str, class: &str, quantity: i64) {
        let movement = Movement {
            sku: sku.to_owned(),
            warehouse: warehouse.to_owned(),
            kind: MovementKind::Keep,
            quantity: units(quantity),
            reason: None,
            to: None,
            demand_class: Some(class.to_owned()),
        };
        let changes = movement::changes(&self.stock, &[movement]).unwrap();
        self.check(&changes).unwrap();
        self.write(&changes);
    }

    /// Puts a bundle into the catalogue.
    pub fn bundle(&mut self, sku: &str, parts: &[(&str, i64)]) {
        let mut bundle = product(sku);
        let part = |(sku, units): &(&str, i64)| BundlePart {
            sku: (*sku).to_owned(),
            quantity: Quantity::units(*units),
        };
        bundle.parts = parts.iter().map(part).collect();
        self.products.insert(sku.to_owned(), bundle);
    }

    /// Who waits for a SKU, in the order of their turns.
    pub fn queue(&self, sku: &str) -> Vec<(String, Quantity)> {
        let of_sku = self.waits.iter().filter(|((s, ..), _)| s == sku);
        of_sku.map(|((.., id), quantity)| (id.clone(), *quantity)).collect()
    }

    /// Serves those who wait for a SKU, in turn, until the first of them cannot be served in full.
    pub fn serve(&mut self, sku: &str) {
        loop {
            let Some(first) = self.queue(sku).first().cloned() else { return };
            self.run(&first.0, &Command::Serve { sku: sku.to_owned() });
            if self.queue(sku).first() == Some(&first)
                || self.queue(sku).first().map(|w| &w.0) == Some(&first.0)
            {
                return;
            }
        }
    }

    /// Writes a decision, if everything is as it was read.
    ///
    /// # Errors
    /// A condition of the decision does not hold.
    pub fn commit(&mut self, before: &Order, decision: &Decision) -> Result<(), Refused> {
        let id = before.id.clone();
        if self.orders[&id].version != before.version {
            return Err(Refused(format!("{id} has moved on")));
        }
        let rows = decision.stock.actions() + order_rows(before, decision);
        if rows > TRANSACTION_ACTIONS_MAX {
            return Err(Refused(format!("{rows} rows are more than one transaction holds")));
        }
        self.check(&decision.stock)?;
        self.write(&decision.stock);
        for wait in &decision.stock.waits {
            let key = (wait.sku.clone(), wait.priority, wait.since, wait.order_id.clone());
            if wait.quantity.is_zero() {
                self.waits.remove(&key);
            } else {
                self.waits.insert(key, wait.quantity);
            }
        }
        for (key, change) in &decision.stock.lines {
            let sum = self.moved.entry(key.sku.clone()).or_default();
            *sum = sum.plus(change.on_hand);
        }
        self.events.get_mut(&id).unwrap().extend(decision.events.iter().cloned());
        if !decision.is_nothing() {
            self.orders.insert(id, decision.order.clone());
        }
        for part in &decision.parts {
            let id = part.order.id.clone();
            if self.orders.insert(id.clone(), part.order.clone()).is_some() {
                return Err(Refused(format!("{id} is there already")));
            }
            self.events.insert(id, part.events.clone());
        }
        Ok(())
    }

    /// Decides a batch in order of arrival on one view of stock, each on what the ones before leave, as
    /// group commit does; what who is served cannot have yet is kept for it.
    pub fn decide_batch(&self, asked: &[(String, Command)]) -> Vec<(Order, Decision)> {
        let mut facts = self.facts();
        let mut decided = Vec::new();
        for (id, command) in asked {
            let before = self.order(id).clone();
            let decision = decide(&self.policy, &before, &facts, command, self.now).unwrap();
            facts.stock.apply(&decision.stock);
            let order = &decision.order;
            if matches!(command, Command::Serve { .. }) && !order.is_held() {
                for sku in order.skus_waited_for() {
                    let class = order.demand_class.as_deref();
                    facts.stock.withhold(&sku, class, order.waits_for(&sku));
                }
            }
            decided.push((before, decision));
        }
        decided
    }

    /// Writes decisions of a batch in one transaction, with one summed change of each stock line.
    ///
    /// # Errors
    /// A condition of the sum does not hold.
    pub fn commit_batch(&mut self, decided: Vec<(Order, Decision)>) -> Result<(), Refused> {
        let mut all = StockChanges::default();
        for (_, decision) in &decided {
            all.merge(&decision.stock);
        }
        self.check(&all)?;
        for (before, decision) in decided {
            // Each by itself leads to the same end; the versions it was decided on were those before.
            let mut alone = decision.clone();
            alone.stock.lines.values_mut().for_each(|line| line.at_version = None);
            alone.stock.anchors.values_mut().for_each(|anchor| anchor.at_version = None);
            self.commit(&before, &alone)?;
        }
        Ok(())
    }

    fn check(&self, changes: &StockChanges) -> Result<(), Refused> {
        for (key, change) in &changes.lines {
            let at = format!("{} at {}", key.sku, key.warehouse);
            let line = self.stock.lines.get(key);
            match (change.at_version, line) {
                (Some(0), None) => {}
                (Some(0), Some(_)) => return Err(Refused(format!("{at} is there already"))),
                (_, None) => return Err(Refused(format!("{at} is not there"))),
                (Some(version), Some(line)) => {
                    if line.version != version {
                        return Err(Refused(format!("{at} has changed")));
                    }
                }
                (None, Some(_)) => {}
            }
            let sums = self.sums.get(key).cloned().unwrap_or_default();
            let mut needed = vec![
                ("free".to_owned(), sums.free, change.needs_free),
                ("available".to_owned(), sums.available, change.needs_available),
                ("for everybody".to_owned(), sums.unkept, change.needs_unkept),
            ];
            for (class, share) in &change.shares {
                let known = line.map(|line| line.share(class)).unwrap_or_default();
                let open = known.kept.minus(known.waiting);
                needed.push((format!("open for {class}"), open, share.needs_open));
                needed.push((format!("kept for {class}"), known.kept, share.needs_kept));
            }
            for (what, has, needs) in needed {
                if change.at_version.is_none() && needs.is_positive() && has < needs {
                    return Err(Refused(format!("{at} has {has} {what}, needs {needs}")));
                }
            }
        }
        for (sku, change) in &changes.anchors {
            let anchor = self.stock.anchors.get(sku);
            let version = anchor.map_or(0, |a| a.version);
            if change.at_version.is_some_and(|wanted| wanted != version) {
                return Err(Refused(format!("the warehouses of {sku} have changed")));
            }
            let known = anchor.map(|a| (a.waiting, a.classes.clone())).unwrap_or_default();
            if change.waiting_was.as_ref().is_some_and(|was| *was != known) {
                return Err(Refused(format!("those who wait for {sku} have changed")));
            }
        }
        Ok(())
    }

    fn write(&mut self, changes: &StockChanges) {
        self.stock.apply(changes);
        for (key, change) in &changes.lines {
            if let Some(line) = self.stock.lines.get_mut(key) {
                line.version += 1;
            }
            let sums = self.sums.entry(key.clone()).or_default();
            sums.available = sums.available.plus(change.available());
            sums.unkept = sums.unkept.plus(change.unkept());
            sums.free = sums.free.plus(change.free());
        }
        for (sku, change) in &changes.anchors {
            let anchor = self.stock.anchors.entry(sku.clone()).or_default();
            anchor.version = anchor.version.max(1);
            if !change.new_warehouses.is_empty() || change.is_new_class {
                anchor.warehouses.extend(change.new_warehouses.iter().cloned());
                anchor.warehouses.sort();
                anchor.version += 1;
            }
        }
    }

    /// Everything that should not be so. Stock below zero is no mistake where somebody counted.
    pub fn audit(&self) -> Vec<Finding> {
        let mut held = Held::default();
        let mut findings = Vec::new();
        for order in self.orders.values() {
            held.add(order);
            let due = limits::due_at(&self.policy, order);
            findings.extend(audit::order(&self.policy, order, due));
        }
        let lines = self
            .stock
            .lines
            .iter()
            .map(|(key, line)| (key.clone(), (line.clone(), self.sums[key].clone())))
            .collect();
        let mut waits: BTreeMap<String, Quantity> = BTreeMap::new();
        for ((sku, ..), quantity) in &self.waits {
            let sum = waits.entry(sku.clone()).or_default();
            *sum = sum.plus(*quantity);
        }
        let stock = audit::stock(&lines, &self.stock.anchors, &waits, &held);
        findings.extend(stock);
        findings
    }

    /// Nothing is as it should not be, and no unit has come or gone by itself.
    pub fn sound(&self) {
        assert_eq!(self.audit(), vec![]);
        self.conserves().unwrap();
    }

    /// Whether what lies at all warehouses is what was there, came and left.
    pub fn conserves(&self) -> Result<(), String> {
        let mut there: BTreeMap<&str, Quantity> = BTreeMap::new();
        for (key, line) in &self.stock.lines {
            let sum = there.entry(key.sku.as_str()).or_default();
            *sum = sum.plus(line.on_hand);
        }
        for (sku, there) in there {
            let began = self.began_with.get(sku).copied().unwrap_or_default();
            let moved = self.moved.get(sku).copied().unwrap_or_default();
            if began.plus(moved) != there {
                return Err(format!("{there} of {sku} are there; {began} and {moved} came"));
            }
        }
        Ok(())
    }

    /// What a customer was told about the order, oldest first.
    pub fn told(&self, id: &str) -> Vec<String> {
        told(&self.events[id], Recipient::Customer)
    }
}

/// Rows that the order itself writes: header, what the customer said, pages that changed.
fn order_rows(before: &Order, decision: &Decision) -> usize {
    let after = &decision.order;
    let in_pages = after.lines.len() > 20;
    let changed = |(index, line): (usize, &ordermill_domain::order::Line)| {
        (before.lines.get(index) != Some(line)).then_some(index / 50)
    };
    let pages: BTreeSet<usize> = after.lines.iter().enumerate().filter_map(changed).collect();
    1 + usize::from(decision.placed_changed) + if in_pages { pages.len() } else { 0 }
}

/// An article that any order may have.
pub fn product(sku: &str) -> Product {
    let body = json!({"name": sku, "prices": {"EUR": "10.00"}, "tax_rate": "0.21"});
    parse_product(sku, &body).unwrap()
}

/// A command by name, with a body as the API reads it.
pub fn act(role: Role, name: &str, body: Value) -> Command {
    let body = parse_command(name, &body, Currency::EUR)
        .unwrap_or_else(|problems| panic!("{name}: {problems:?}"));
    acts(role, body)
}

/// A command as that role.
pub fn acts(role: Role, body: CommandBody) -> Command {
    let kind = match role {
        Role::Customer => ActorKind::Customer,
        Role::Partner => ActorKind::Partner,
        Role::Manager => ActorKind::Manager,
        Role::Planner => ActorKind::Planner,
        Role::System => ActorKind::System,
        Role::Admin => ActorKind::Admin,
    };
    Command::Act { body, role, actor: Actor { kind, id: "someone".to_owned() } }
}

/// Templates that these events owe to somebody, oldest first.
pub fn told(events: &[Event], person: Recipient) -> Vec<String> {
    let todo = events.iter().flat_map(|event| &event.todo);
    todo.filter_map(|todo| match todo {
        Todo::Notify { template, to } if *to == person => Some(template.clone()),
        Todo::Notify { .. }
        | Todo::Validate
        | Todo::Reserve
        | Todo::Webhook
        | Todo::Serve { .. } => None,
    })
    .collect()
}

/// Kinds of the events, as the API names them.
pub fn kinds(decision: &Decision) -> Vec<String> {
    let name = |event: &Event| {
        serde_json::to_value(event.kind).unwrap().as_str().unwrap_or_default().to_owned()
    };
    decision.events.iter().map(name).collect()
}

/// Some units of a line, or all of them.
pub fn line(line: u32, quantity: Option<i64>) -> LineQuantity {
    LineQuantity { line, quantity: quantity.map(units) }
}

/// Units of a line that came back.
pub fn back(line: u32, quantity: Option<i64>, condition: Condition) -> ReturnLine {
    ReturnLine { line, quantity: quantity.map(units), condition, warehouse: None }
}

/// Whether stock is being moved in pages.
pub fn is_releasing(order: &Order) -> bool {
    matches!(order.stock_work, Some(StockWork::Releasing { .. }))
}

/// An anchor as it stands, for tests about those who wait.
pub fn anchor<'w>(world: &'w World, sku: &str) -> &'w Anchor {
    &world.stock.anchors[sku]
}

/// A message to the customer that came back.
pub fn failed_notice(next: NextWay) -> FailedNotice {
    FailedNotice {
        of: 1,
        template: "order_received".to_owned(),
        channel: ordermill_domain::reach::Channel::Email,
        code: "bounced".to_owned(),
        next,
    }
}
