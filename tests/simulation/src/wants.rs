//! From what somebody wants to what they ask: chosen at the moment they want it, by what they can
//! know of the order then.

use crate::callers::{Change, Means, Proof, Request, cents};
use crate::dice::Dice;
use crate::model::{Model, ModelOrder};
use crate::observer::{Known, Observer};
use crate::plan::{CUSTOMERS, Intent, Lifecycle, Paying, Plan, Want};
use ordermill_domain::order::Line;
use ordermill_domain::policy::{CommandKind, Role};
use ordermill_domain::time::Timestamp;
use serde_json::{Value, json};

/// The name of the world's own lifecycle.
pub const OWN_POLICY: &str = "own";
/// The key of the shop.
pub const SHOP_KEY: &str = "om_shop_0123456789abcdef0123456789abcdef";
/// The key of the partner.
pub const PARTNER_KEY: &str = "om_partner_0123456789abcdef0123456789abcdef";
/// The key of the house.
pub const HOUSE_KEY: &str = "local-admin";

/// The group of customers for whom units are kept.
const CLASS: &str = "vip";
/// The places of parts begin here.
const PARTS: usize = 10_000;

/// What is known when somebody asks.
pub struct Asking<'a> {
    /// The world's plan.
    pub plan: &'a Plan,
    /// What callers remember.
    pub model: &'a mut Model,
    /// What people see on their screens.
    pub seen: &'a Observer,
    /// Now.
    pub now: Timestamp,
}

impl Asking<'_> {
    /// The requests that follow from an intent; mostly one.
    pub fn requests(&mut self, intent: &Intent) -> Vec<Request> {
        let mut dice = intent.dice(self.plan.seed);
        match &intent.want {
            Want::Order { place, paid_before } => {
                let order = self.order(*place, &mut dice);
                let mut all = Vec::new();
                if *paid_before {
                    let how = Paying::Exactly;
                    all.extend(self.pay(intent.number, *place, how, &mut dice));
                }
                all.push(order);
                all
            }
            Want::Act { place } => self.act(intent.number, *place, &mut dice).into_iter().collect(),
            Want::Edit { place } => {
                self.edit(intent.number, *place, &mut dice).into_iter().collect()
            }
            Want::Split { place } => {
                self.split(intent.number, *place, &mut dice).into_iter().collect()
            }
            Want::Propose { place } => {
                self.propose(intent.number, *place, &mut dice).into_iter().collect()
            }
            Want::Find { place } => {
                self.find(intent.number, *place, &mut dice).into_iter().collect()
            }
            Want::Reply { place } => self.reply(*place, &mut dice).into_iter().collect(),
            Want::Delete { place } => self.delete(intent.number, *place).into_iter().collect(),
            Want::Pay { place, how: Paying::Disputed } => {
                self.dispute(intent.number, *place, &mut dice)
            }
            Want::Pay { place, how } => {
                self.pay(intent.number, *place, *how, &mut dice).into_iter().collect()
            }
            Want::Stock => vec![self.stock(intent.number, &mut dice)],
            Want::Subscribe { number } => vec![self.subscribe(*number, &mut dice)],
            Want::Subscription { number } => {
                self.subscription(intent.number, *number, &mut dice).into_iter().collect()
            }
            Want::Card { number } => vec![self.card(intent.number, *number, &mut dice)],
            Want::Redrive => Vec::new(),
        }
    }

    /// What is agreed with a customer.
    fn card(&self, at: usize, number: usize, dice: &mut Dice) -> Request {
        let limit = dice.weighted(&[(3, Some("20.00")), (2, Some("100.00")), (1, None)]);
        let rank = dice.weighted(&[(2, 100), (1, 10), (1, 1_000)]);
        let body = json!({ "credit_limit": limit, "currency": "EUR", "priority": rank,
            "net_days": dice.weighted(&[(1, 14), (1, 0)]),
            "demand_class": dice.weighted(&[(1, Some(CLASS)), (1, None)]) });
        let words = format!("the card of customer {number}: {body}");
        let path = format!("/v1/customers/c-{number}");
        let mut request = self.request(&path, body, &format!("card-{at}"), Means::Card, words);
        request.method = "PUT";
        request.key = None;
        request
    }

    pub(crate) fn request(
        &self,
        path: &str,
        body: Value,
        key: &str,
        means: Means,
        words: String,
    ) -> Request {
        Request {
            method: "POST",
            path: path.to_owned(),
            body,
            proof: Proof::Key(HOUSE_KEY.to_owned()),
            key: Some(key.to_owned()),
            means,
            words,
            at: self.now,
            attempts: 0,
            is_echo: false,
        }
    }

    fn order(&mut self, place: usize, dice: &mut Dice) -> Request {
        let lifecycle = *dice.one(&self.plan.lifecycles).unwrap();
        let policy = match lifecycle {
            Lifecycle::Preset(name) => name,
            Lifecycle::Own => OWN_POLICY,
        };
        let proof = dice.weighted(&[(4, HOUSE_KEY), (3, SHOP_KEY), (2, PARTNER_KEY)]);
        let large = dice.chance(15);
        let count = if large { dice.index(120) + 60 } else { dice.index(3) + 1 };
        let mut lines = Vec::new();
        for _ in 0..count {
            let sku = dice.one(&self.plan.skus).unwrap().clone();
            let quantity = if large { 1 } else { dice.weighted(&[(6, 1), (4, 2), (2, 3), (1, 7)]) };
            let price = dice.weighted(&[(5, 1_000), (3, 333), (1, 1), (1, 0)]);
            lines.push((sku, quantity, price));
        }
        let shipping = dice.weighted(&[(3, 0), (1, 399)]);
        let external = format!("web-{}-{place}", self.plan.seed % 1_000);
        let terms = dice.weighted(&[
            (6, Some("prepaid")),
            (1, Some("after_confirmation")),
            (1, Some("on_delivery")),
            (1, Some("invoice")),
            (1, Some("deposit(30)")),
            (1, None),
        ]);
        let method = dice.weighted(&[(2, Some("card")), (2, Some("bank_transfer")), (1, None)]);
        let delivery = dice.weighted(&[(5, "courier"), (1, "pickup"), (1, "parcel_locker")]);
        let mut customer =
            json!({ "name": "Ona Petraitytė", "locale": dice.weighted(&[(1, "en"), (1, "lt")]) });
        let contact = dice.below(10);
        if contact != 0 {
            customer["email"] = json!(format!("ona{}@example.com", dice.below(3)));
        }
        if contact < 4 {
            customer["phone"] = json!("+37061234567");
        }
        if contact == 3 {
            customer["preferred_channel"] = json!("sms");
        }
        let body_lines: Vec<Value> = lines
            .iter()
            .map(|(sku, quantity, price)| {
                json!({ "sku": sku, "quantity": quantity, "unit_price": cents(*price), "tax_rate": "0.21" })
            })
            .collect();
        let postal = if dice.chance(60) { "1" } else { "01103" };
        let gross: i64 = lines.iter().map(|(_, q, p)| q * p).sum::<i64>() + shipping;
        let mut body = json!({
            "external_id": external, "currency": "EUR", "policy": policy, "customer": customer,
            "delivery": { "method": delivery, "address": { "line1": "Gedimino pr. 9",
                "city": "Vilnius", "postal_code": postal, "country": "LT" } },
            "ship_together": dice.chance(200),
            "lines": body_lines,
        });
        if delivery == "parcel_locker" {
            body["delivery"]["pickup_point"] = json!("LP-1");
        }
        if terms.is_some() || method.is_some() {
            body["payment"] = json!({ "terms": terms, "method": method });
        }
        if shipping > 0 {
            body["shipping"] =
                json!({ "method": "courier", "amount": cents(shipping), "tax_rate": "0.21" });
        }
        match dice.below(12) {
            0 => body["total"] = json!(cents(gross + 1)),
            1..=3 => body["total"] = json!(cents(gross)),
            _ => {}
        }
        if dice.chance(300) {
            body["contract_number"] = json!("C-1");
        }
        let key = dice.chance(500).then(|| format!("order-{place}"));
        // Customers whom the house knows: their credit is counted, and they wait by their rank.
        let known = dice.chance(400) && proof == HOUSE_KEY;
        if known {
            body["customer"]["id"] = json!(format!("c-{}", dice.index(CUSTOMERS)));
            if dice.chance(500) {
                body["payment"] = json!({ "terms": "invoice" });
            }
        }
        let words = format!("an order {external} ({policy}, {count} lines, {})", cents(gross));
        self.model.planned(place, &external, proof_client(proof), lines, shipping);
        let mut request = self.request("/v1/orders", body, "", Means::Placed(place), words);
        request.proof = Proof::Key(proof.to_owned());
        request.key = key;
        request
    }

    pub(crate) fn known(&self, place: usize) -> Option<(&str, &Known)> {
        let id = self.model.orders.get(&place)?.id.as_deref()?;
        Some((id, self.seen.orders.get(id)?))
    }

    /// The order of that place, or sometimes one that was split off from it.
    fn member(&self, place: usize, dice: &mut Dice) -> usize {
        let of_it = |(at, order): (&usize, &ModelOrder)| {
            (order.part_of == Some(place) && order.id.is_some()).then_some(*at)
        };
        let parts: Vec<usize> = self.model.orders.iter().filter_map(of_it).collect();
        if dice.chance(400) { dice.one(&parts).copied().unwrap_or(place) } else { place }
    }

    /// Another quantity of a line, a line less, or a line more.
    fn edit(&mut self, number: usize, place: usize, dice: &mut Dice) -> Option<Request> {
        let place = self.member(place, dice);
        let (id, known) = self.known(place)?;
        let id = id.to_owned();
        let moving: Vec<u64> = known
            .order
            .lines
            .iter()
            .filter(|l| !l.shipped.is_zero())
            .map(|l| l.line.into())
            .collect();
        let order = self.model.orders.get(&place)?;
        let free = |line: &&u64| !order.touched.contains(line) && !moving.contains(line);
        let lines: Vec<u64> = order.lines.keys().filter(free).copied().collect();
        let line = dice.one(&lines).copied();
        // The number of a line that is gone would be given anew: an order loses lines, or gains some.
        let change = match (line, place % 2) {
            (Some(line), 0) if order.lines.len() > 1 && dice.chance(300) => Change::Removed(line),
            (_, 1) if dice.chance(400) || line.is_none() => {
                let sku = dice.one(&self.plan.skus)?.clone();
                Change::Added(sku, dice.range(1, 3), dice.weighted(&[(2, 1_000), (1, 250)]))
            }
            (Some(line), _) => Change::Units(line, dice.range(1, 6)),
            (None, _) => return None,
        };
        let body = match &change {
            Change::Units(line, units) => json!({ "line": line, "quantity": units }),
            Change::Removed(line) => json!({ "line": line, "remove": true }),
            Change::Added(sku, units, price) => json!({ "sku": sku, "quantity": units,
                "unit_price": cents(*price), "tax_rate": "0.21" }),
        };
        if let (Some(order), Some(line)) = (self.model.orders.get_mut(&place), line) {
            order.touched.insert(line);
        }
        let body = json!({ "lines": [body], "reason": "asked" });
        let words = format!("edit of order {place}: {change:?}");
        let means = Means::Edited { order: place, change };
        let path = format!("/v1/orders/{id}/edit");
        Some(self.request(&path, body, &format!("edit-{number}"), means, words))
    }

    /// Some units of some lines go into an order of their own.
    fn split(&mut self, number: usize, place: usize, dice: &mut Dice) -> Option<Request> {
        let place = self.member(place, dice);
        let (id, known) = self.known(place)?;
        let id = id.to_owned();
        let open: Vec<(u64, i64)> = known
            .order
            .lines
            .iter()
            .map(|line| (u64::from(line.line), line.to_ship().to_thousandths() / 1_000))
            .collect();
        let order = self.model.orders.get_mut(&place).filter(|order| !order.parted)?;
        let mut units = Vec::new();
        for (line, most) in open {
            let free = order.lines.contains_key(&line) && !order.touched.contains(&line);
            if free && most > 0 && (units.is_empty() || dice.chance(300)) && units.len() < 20 {
                units.push((line, dice.range(1, most)));
            }
        }
        if units.is_empty() {
            return None;
        }
        order.parted = true;
        order.touched.extend(units.iter().map(|(line, _)| *line));
        let lines: Vec<Value> =
            units.iter().map(|(line, units)| json!({ "line": line, "quantity": units })).collect();
        let body = json!({ "lines": lines });
        let words = format!("split of order {place}: {units:?}");
        let means = Means::Parted { order: place, part: PARTS + number, units };
        let path = format!("/v1/orders/{id}/split");
        Some(self.request(&path, body, &format!("split-{number}"), means, words))
    }

    pub(crate) fn act(&mut self, number: usize, place: usize, dice: &mut Dice) -> Option<Request> {
        let place = self.member(place, dice);
        let disputed = self.model.orders.get(&place).is_some_and(|order| order.disputed);
        let (id, known) = self.known(place)?;
        let order = &known.order;
        let policy = self.seen.policy(order)?;
        let possible: Vec<CommandKind> = policy
            .moves
            .iter()
            .filter(|m| !m.auto && m.from.contains(&order.status))
            .filter(|m| Role::Admin.is_one_of(&m.by))
            .map(|m| m.command)
            // Edits and splits are wants of their own.
            .filter(|kind| command_name(*kind).is_some())
            .collect();
        // Mostly people mean an order to go on.
        let is_end = |kind: &&CommandKind| {
            matches!(kind, CommandKind::Cancel | CommandKind::Reject | CommandKind::Archive)
        };
        let onward: Vec<CommandKind> =
            possible.iter().filter(|kind| !is_end(kind)).copied().collect();
        let possible = if onward.is_empty() || dice.chance(250) { possible } else { onward };
        let any = [
            "cancel", "confirm", "approve", "reject", "pick", "pack", "ship", "deliver",
            "complete", "return", "archive",
        ];
        let aside = ["hold", "release", "assign", "comment", "pay", "refund", "refund_done"];
        let command = match dice.below(20) {
            0..=13 => match dice.one(&possible) {
                Some(kind) => command_name(*kind)?,
                None => dice.one(&aside)?,
            },
            14..=17 => dice.one(&aside)?,
            _ => dice.one(&any)?,
        };
        // A bank and the house would both give the same money back.
        if disputed && command.starts_with("refund") {
            return None;
        }
        let id = id.to_owned();
        let body = self.command_body(command, &known.order.lines, known, number, dice);
        if command.starts_with("refund") {
            self.model.orders.entry(place).or_default().by_hand = true;
        }
        let path_command = if command == "refund_done" { "refund" } else { command };
        let path = format!("/v1/orders/{id}/{path_command}");
        let words = format!("{path_command} of order {place} {body}");
        let means = Means::Act { order: place, command: command.to_owned() };
        Some(self.request(&path, body, &format!("act-{number}"), means, words))
    }

    fn command_body(
        &self,
        command: &str,
        lines: &[Line],
        known: &Known,
        number: usize,
        dice: &mut Dice,
    ) -> Value {
        let whole =
            |quantity: ordermill_domain::quantity::Quantity| quantity.to_thousandths() / 1_000;
        // Some units of some lines, as far as there are any.
        let mut some = |of: fn(&Line) -> ordermill_domain::quantity::Quantity| -> Vec<Value> {
            let there: Vec<&Line> = lines.iter().filter(|line| whole(of(line)) > 0).collect();
            let mut chosen = Vec::new();
            for line in there.iter().take(40) {
                if chosen.is_empty() || dice.chance(400) {
                    let quantity = dice.range(1, whole(of(line)));
                    chosen.push(json!({ "line": line.line, "quantity": quantity }));
                }
            }
            chosen
        };
        match command {
            "cancel" => {
                let part = some(Line::to_ship);
                // Where the books are to know what became of each unit, none is taken off meanwhile.
                if dice.chance(300) && !part.is_empty() && !self.plan.exact_finds {
                    json!({ "reason": "asked", "lines": part })
                } else {
                    json!({ "reason": "asked" })
                }
            }
            "reject" => json!({ "reason": "not_made" }),
            "pick" => {
                let held = some(Line::held);
                match dice.below(4) {
                    0 if !held.is_empty() && !self.plan.exact_finds => {
                        let one = &held[0];
                        json!({ "short": [ { "line": one["line"], "quantity": one["quantity"] } ] })
                    }
                    1 if !held.is_empty() => json!({ "lines": held }),
                    _ => json!({}),
                }
            }
            "ship" => {
                let held = some(Line::held);
                let mut body = json!({ "carrier": "DPD", "tracking": format!("T{number}") });
                if dice.chance(500) && !held.is_empty() {
                    body["lines"] = json!(held);
                }
                body
            }
            "deliver" => match dice.below(4) {
                0 => json!({ "collected": { "amount": "1.00", "method": "cash" } }),
                1 => json!({ "shipment": 1 }),
                _ => json!({}),
            },
            "return" => {
                let back = some(|line| line.shipped.less(line.returned));
                let scrap = dice.chance(300);
                let warehouse = dice.one(&self.plan.warehouses).unwrap();
                let lines: Vec<Value> = back
                    .into_iter()
                    .map(|mut line| {
                        line["condition"] = json!(if scrap { "scrap" } else { "restock" });
                        line["warehouse"] = json!(warehouse);
                        line
                    })
                    .collect();
                json!({ "lines": lines, "reason": "not wanted" })
            }
            "hold" => json!({ "name": dice.weighted(&[(3, "check"), (1, "fraud")]) }),
            "release" => {
                let holds: Vec<&String> = known.order.holds.iter().map(|h| &h.name).collect();
                let codes: Vec<&String> = known.order.exceptions.iter().map(|e| &e.code).collect();
                let all: Vec<&String> = holds.into_iter().chain(codes).collect();
                json!({ "name": dice.one(&all).map_or("check", |name| name.as_str()) })
            }
            "assign" => json!({ "user": "vardenis" }),
            "comment" => {
                json!({ "text": "hm", "visibility": dice.weighted(&[(1, "internal"), (1, "customer")]) })
            }
            "pay" => {
                let open = known.order.gross().less(known.order.ledger.kept()).0.max(100);
                let amount = dice.weighted(&[(4, open), (1, open / 2 + 1), (1, open + 7)]);
                json!({ "amount": cents(amount), "currency": "EUR",
                    "reference": format!("hand-{number}"), "method": "bank_transfer" })
            }
            "refund" => {
                let kept = known.order.ledger.kept().0.max(1);
                json!({ "amount": cents(dice.range(1, kept)), "reason": "goodwill" })
            }
            "refund_done" => {
                let owed = known.order.ledger.refund_owed().0.max(1);
                json!({ "amount": cents(owed), "reference": format!("back-{number}") })
            }
            _ => json!({}),
        }
    }

    fn stock(&mut self, number: usize, dice: &mut Dice) -> Request {
        let sku = dice.one(&self.plan.skus).unwrap().clone();
        let warehouse = dice.one(&self.plan.warehouses).unwrap().clone();
        let quantity = dice.range(1, 6);
        let kind = dice.weighted(&[
            (8, "receipt"),
            (1, "adjust"),
            (1, "scrap"),
            (2, "transfer"),
            (1, "manual_reserve"),
            (1, "manual_release"),
            (1, "return"),
            (2, "count"),
            (1, "keep"),
        ]);
        let (on_hand, by_hand) = match kind {
            "receipt" | "return" => (quantity, 0),
            "adjust" if dice.chance(500) => (-quantity, 0),
            "adjust" => (quantity, 0),
            "scrap" => (-quantity, 0),
            "manual_reserve" => (0, quantity),
            "manual_release" => (0, -quantity),
            _ => (0, 0),
        };
        let asked = match kind {
            "adjust" => on_hand,
            // What is held is there, as far as anybody knows.
            "count" => {
                let lines = self.seen.lines(&sku);
                let line = lines.iter().find(|line| line.key.warehouse == warehouse);
                let held = line.map_or(0, |line| line.line.reserved.to_thousandths() / 1_000);
                held + dice.range(0, 9)
            }
            _ => quantity,
        };
        let mut movement = json!({ "sku": sku, "warehouse": warehouse, "type": kind,
            "quantity": asked, "reason": "day" });
        if kind == "keep" {
            movement["demand_class"] = json!(CLASS);
        }
        if kind == "transfer" {
            let other = self.plan.warehouses.iter().find(|w| **w != warehouse);
            movement["to"] = json!(other.map_or("W9", String::as_str));
        }
        let words = format!("{kind} of {asked} {sku} at {warehouse}");
        let means = Means::Moved { sku, on_hand, by_hand };
        let body = json!({ "movements": [movement] });
        self.request("/v1/stock/movements", body, &format!("move-{number}"), means, words)
    }
}

fn proof_client(key: &str) -> &'static str {
    match key {
        SHOP_KEY => "shop",
        PARTNER_KEY => "partner",
        _ => "local",
    }
}

/// The command's name in paths; none for what nobody can ask for.
fn command_name(kind: CommandKind) -> Option<&'static str> {
    Some(match kind {
        CommandKind::Cancel => "cancel",
        CommandKind::Confirm => "confirm",
        CommandKind::Approve => "approve",
        CommandKind::Reject => "reject",
        CommandKind::Pick => "pick",
        CommandKind::Pack => "pack",
        CommandKind::Progress => "progress",
        CommandKind::Ship => "ship",
        CommandKind::Deliver => "deliver",
        CommandKind::Complete => "complete",
        CommandKind::Return => "return",
        CommandKind::Archive => "archive",
        CommandKind::Advance | CommandKind::Edit | CommandKind::Split => return None,
    })
}
