//! Wants that are about asking a customer: edits that are proposed, what a picker finds, answers,
//! early, late, mixed and repeated; and orders that are to be deleted.

use crate::asked::What;
use crate::callers::{Change, Means, Proof, Request, cents};
use crate::dice::Dice;
use crate::wants::Asking;
use ordermill_domain::policy::{CommandKind, Role};
use serde_json::{Value, json};

impl Asking<'_> {
    /// An edit that its customer must agree to; one an order.
    pub(crate) fn propose(
        &mut self,
        number: usize,
        place: usize,
        dice: &mut Dice,
    ) -> Option<Request> {
        let (id, known) = self.known(place)?;
        let id = id.to_owned();
        let moving: Vec<u64> = known
            .order
            .lines
            .iter()
            .filter(|line| !line.shipped.is_zero())
            .map(|line| line.line.into())
            .collect();
        let order = self.model.orders.get(&place).filter(|order| !order.proposed)?;
        let free = |line: &&u64| !order.touched.contains(line) && !moving.contains(line);
        let lines: Vec<u64> = order.lines.keys().filter(free).copied().collect();
        let mut changes: Vec<(String, Change)> = Vec::new();
        let mut body: Vec<Value> = Vec::new();
        if let Some(line) = dice.one(&lines) {
            let gone = order.lines.len() > 1 && dice.chance(200);
            let units = dice.range(1, 7);
            let change = if gone { Change::Removed(*line) } else { Change::Units(*line, units) };
            changes.push((format!("line-{line}"), change));
            body.push(match gone {
                true => json!({ "line": line, "remove": true }),
                false => json!({ "line": line, "quantity": units }),
            });
        }
        if changes.is_empty() || dice.chance(500) {
            let sku = dice.one(&self.plan.skus)?.clone();
            let (units, price) = (dice.range(1, 3), dice.weighted(&[(2, 1_000), (1, 250)]));
            body.push(json!({ "sku": sku, "quantity": units, "unit_price": cents(price),
                "tax_rate": "0.21" }));
            changes.push(("new-1".to_owned(), Change::Added(sku, units, price)));
        }
        let order = self.model.orders.get_mut(&place)?;
        order.proposed = true;
        for (_, change) in &changes {
            if let Change::Units(line, _) | Change::Removed(line) = change {
                order.touched.insert(*line);
            }
        }
        let body = json!({ "approval": "customer", "lines": body, "reason": "asked" });
        let words = format!("a proposed edit of order {place}: {changes:?}");
        let means = Means::Proposed { order: place, changes };
        let path = format!("/v1/orders/{id}/edit");
        Some(self.request(&path, body, &format!("propose-{number}"), means, words))
    }

    /// A picker misses units, or finds a defect; while there is nothing to pick, the order goes on.
    pub(crate) fn find(&mut self, number: usize, place: usize, dice: &mut Dice) -> Option<Request> {
        let (id, known) = self.known(place)?;
        let (id, status) = (id.to_owned(), known.order.status.clone());
        let policy = self.seen.policy(&known.order)?;
        let picks = policy.moves.iter().any(|m| {
            m.command == CommandKind::Pick
                && !m.auto
                && m.from.contains(&status)
                && Role::Admin.is_one_of(&m.by)
        });
        if !picks {
            return self.act(number, place, dice);
        }
        let whole =
            |quantity: ordermill_domain::quantity::Quantity| quantity.to_thousandths() / 1_000;
        let exact = self.plan.exact_finds;
        let order = self.model.orders.get(&place).filter(|order| !(exact && order.found))?;
        let open: Vec<(u64, i64, String)> = known
            .order
            .lines
            .iter()
            .map(|line| {
                (line.line.into(), whole(line.held().less(line.picked())), line.sku.clone())
            })
            .filter(|(line, open, _)| {
                *open > 0 && order.lines.contains_key(line) && !order.touched.contains(line)
            })
            .take(5)
            .collect();
        let mut short = Vec::new();
        let mut touched = Vec::new();
        for (line, open, sku) in open {
            if !short.is_empty() && !dice.chance(400) {
                continue;
            }
            let mut entry = json!({ "line": line, "quantity": dice.range(1, open) });
            if dice.chance(500) {
                entry["defect"] = json!("It has a scratch.");
            }
            let other = self.plan.skus.iter().find(|other| **other != sku);
            if let Some(other) = other.filter(|_| exact && dice.chance(500)) {
                entry["substitute"] = json!(other);
            }
            touched.push(line);
            short.push(entry);
        }
        if short.is_empty() {
            return None;
        }
        let order = self.model.orders.get_mut(&place)?;
        order.found = true;
        if exact {
            order.touched.extend(touched);
        }
        let body = json!({ "short": short });
        let words = format!("found of order {place}: {body}");
        let means = Means::Act { order: place, command: "pick".to_owned() };
        let path = format!("/v1/orders/{id}/pick");
        Some(self.request(&path, body, &format!("find-{number}"), means, words))
    }

    /// Whoever has a link answers; mostly by the newest, once.
    pub(crate) fn reply(&mut self, place: usize, dice: &mut Dice) -> Option<Request> {
        let links = &self.model.orders.get(&place)?.links;
        let newest = links.last()?;
        let link = if dice.chance(200) { dice.one(links)? } else { newest };
        let choose = |dice: &mut Dice, what: &What| -> String {
            dice.one(&what.answers()).copied().unwrap_or("wait").to_owned()
        };
        let again = link.answered.clone().filter(|_| dice.chance(600));
        let one = link.items.first().map(|(_, what)| choose(dice, what))?;
        let common = link.items.iter().all(|(_, what)| what.answers().contains(&one.as_str()));
        let alike = common && dice.chance(400);
        let said: Vec<(String, String)> = match again {
            Some(said) => said,
            None if alike => link.items.iter().map(|(id, _)| (id.clone(), one.clone())).collect(),
            None => link.items.iter().map(|(id, what)| (id.clone(), choose(dice, what))).collect(),
        };
        let all = said.first().map(|(_, said)| said.clone())?;
        let each = |said: &[(String, String)]| -> Vec<Value> {
            said.iter().map(|(id, said)| json!({ "item": id, "answer": said })).collect()
        };
        let differs: Vec<(String, String)> =
            said.iter().filter(|(_, said)| *said != all).cloned().collect();
        // The same can be said in two ways: to each by itself, or to all and to those that differ.
        let body = match (dice.chance(500), differs.is_empty()) {
            (true, true) => json!({ "answer": all }),
            (true, false) => json!({ "answer": all, "items": each(&differs) }),
            (false, _) => json!({ "items": each(&said), "comment": "thank you" }),
        };
        let (number, path) = (link.number, link.path.clone());
        let words = format!("an answer to question {number} of order {place}: {said:?}");
        let means = Means::Replied { order: place, number, said };
        let mut request = self.request(&path, body, "", means, words);
        request.proof = Proof::Nobody;
        request.key = None;
        Some(request)
    }

    /// An order is to come to nothing, and then to go.
    pub(crate) fn delete(&mut self, number: usize, place: usize) -> Option<Request> {
        let (id, known) = self.known(place)?;
        let id = id.to_owned();
        if !known.order.is_closed() {
            let words = format!("cancel of order {place}, before it is deleted");
            let means = Means::Act { order: place, command: "cancel".to_owned() };
            let (path, body) = (format!("/v1/orders/{id}/cancel"), json!({ "reason": "asked" }));
            return Some(self.request(&path, body, &format!("end-{number}"), means, words));
        }
        self.model.orders.get_mut(&place)?.deletion = true;
        let words = format!("order {place} is to be deleted");
        let path = format!("/v1/orders/{id}");
        let mut request = self.request(&path, Value::Null, "", Means::Deleted(place), words);
        request.method = "DELETE";
        request.key = None;
        Some(request)
    }
}
