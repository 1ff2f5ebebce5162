//! What must be so when faults are over and nothing moves any more: the callers' books against
//! what the API says, and what is owed against what was done.

use crate::callers::to_cents;
use crate::cents::money;
use crate::model::ModelOrder;
use crate::observer::{Finding, Known};
use crate::stage::Reader;
use crate::world::{LISTENING, World};
use ordermill_domain::order::{Event, Recipient, Todo};
use ordermill_domain::policy::Step;
use ordermill_domain::quantity::Quantity;
use ordermill_domain::stock::StockLine;
use ordermill_domain::time::Seconds;
use ordermill_domain::webhook::{Delivery, DeliveryState};
use ordermill_runtime::Queue;
use ordermill_table::keys::RowKind;
use ordermill_table::records::{InboxEntry, NoticeState, Notification, read};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that is not as it must be.
pub fn at_rest(world: &World) -> Vec<Finding> {
    let mut found = Vec::new();
    queues(world, &mut found);
    orders(world, &mut found);
    stock(world, &mut found);
    inbox(world, &mut found);
    messages(world, &mut found);
    history(world, &mut found);
    subscriptions(world, &mut found);
    webhooks(world, &mut found);
    credit(world, &mut found);
    whole(world, &mut found);
    found
}

/// What a customer's card says is taken of their credit is what their orders have taken.
fn credit(world: &World, found: &mut Vec<Finding>) {
    let mut taken: BTreeMap<&str, i64> = BTreeMap::new();
    for known in world.seen.orders.values() {
        let order = &known.order;
        if let Some(id) = order.placed.customer.id.as_deref().filter(|_| order.client == "local") {
            *taken.entry(id).or_default() += order.credit_taken.0;
        }
    }
    for (id, right) in taken {
        let card = world.ask_now("GET", &format!("/v1/customers/{id}"), Value::Null);
        let said = to_cents(&card.body["credit_taken"]);
        // A customer of whom only orders tell has no card, and takes none.
        let none = card.status == 404 && right == 0;
        if !none && (card.status != 200 || said != right) {
            let detail = format!("the card says {said} ({}), orders {right}", card.status);
            found.push(Finding::new("credit_differs", id, detail));
        }
    }
}

/// The nightly audit sees nothing where nothing is.
fn whole(world: &World, found: &mut Vec<Finding>) {
    let runtime = &world.stage.runtime;
    match world.stage.now_or_never(ordermill_runtime::audit::audit(runtime, |_| {})) {
        Ok(report) => {
            let all = report.findings.into_iter().chain(report.unclear);
            let gap = |f: &ordermill_domain::audit::Finding| f.code == "history_gap";
            found.extend(all.filter(|f| world.lost_events == 0 || !gap(f)).map(Finding::from));
        }
        Err(error) => found.push(Finding::new("audit_fails", "audit", error.to_string())),
    }
}

fn queues(world: &World, found: &mut Vec<Finding>) {
    for queue in Queue::ALL {
        let counts =
            world.stage.services.queues().counts(&crate::stage::queue_name(queue)).unwrap();
        // A message about an event that no repair can bring back is tried for ever.
        let in_vain = queue == Queue::Notify && world.lost_events > 0;
        if !in_vain && (counts.dead > 0 || counts.visible > 0 || counts.in_flight > 0) {
            found.push(Finding::new("not_drained", queue.name(), format!("{counts:?}")));
        }
    }
    for reader in [Reader::Relay, Reader::Project] {
        if world.stage.unread(reader) {
            found.push(Finding::new("not_drained", "stream", format!("{reader:?} is behind")));
        }
    }
    let now = world.stage.now();
    for (pk, due) in &world.seen.due {
        if due.plus(Seconds::minutes(45)) < now {
            found.push(Finding::new("overdue", pk, format!("due at {due}, it is {now}")));
        }
    }
}

/// An order as its caller remembers it, and as the API shows it.
pub(crate) struct Member<'w> {
    pub order: &'w ModelOrder,
    pub id: &'w str,
    pub said: Value,
}

fn orders(world: &World, found: &mut Vec<Finding>) {
    // With all that was split off from it: their money is one.
    let mut families: BTreeMap<usize, Vec<Member<'_>>> = BTreeMap::new();
    // Money of a family is not compared once one of it is deleted: what came for it is shown nowhere.
    let mut gone: BTreeSet<usize> = BTreeSet::new();
    for (place, order) in &world.model.orders {
        let Some(id) = &order.id else {
            // Its caller was never answered, which is a finding of its own.
            continue;
        };
        let answer = world.ask_now("GET", &format!("/v1/orders/{id}"), Value::Null);
        if answer.status == 404 && order.deletion {
            gone.insert(order.part_of.unwrap_or(*place));
            continue;
        }
        if answer.status != 200 {
            found.push(Finding::new("order_lost", id, format!("order {place}: {answer:?}")));
            continue;
        }
        let member = Member { order, id, said: answer.body };
        if !order.unclear {
            quantities(&member, found);
        }
        fulfilment(order, id, &member.said, found);
        stands(world, id, found);
        families.entry(order.part_of.unwrap_or(*place)).or_default().push(member);
    }
    for (_, family) in families.iter().filter(|(place, _)| !gone.contains(place)) {
        let unclear = family.iter().any(|member| member.order.unclear);
        if !unclear {
            money(world, family, found);
        }
    }
    let known: BTreeSet<&String> =
        world.model.orders.values().filter_map(|order| order.id.as_ref()).collect();
    for (id, stored) in &world.seen.orders {
        if stored.order.subscription.is_none() && !known.contains(id) {
            found.push(Finding::new("order_from_nowhere", id, "nobody was told of it"));
        }
    }
}

/// An order ends, waits for people, or waits for time: it never stands in a step of ours.
fn stands(world: &World, id: &str, found: &mut Vec<Finding>) {
    let Some(known) = world.seen.orders.get(id) else { return };
    let order = &known.order;
    let Some(policy) = world.seen.policy(order) else { return };
    let step = policy.status(&order.status).and_then(|status| status.step);
    // Where a status asks for more than reserved stock, an order may stand there: its stock is looked for
    // already.
    let done = order.lines.iter().all(|l| l.unallocated().is_zero());
    let ours = match step {
        Some(Step::Validate) => true,
        Some(Step::Reserve) => !done,
        Some(Step::AwaitStock) | None => false,
    };
    if (ours && order.holds.is_empty()) || order.stock_work.is_some() {
        let detail = format!("It stands in {} and nobody goes on.", order.status);
        found.push(Finding::new("stuck", id, detail));
    }
    // A line nobody has looked for is fine only where a person decides or nobody is to look.
    let waits = step == Some(Step::AwaitStock) && order.holds.is_empty();
    let nothing_missing =
        !order.waits_for_stock() && order.lines.iter().all(|line| line.unallocated().is_zero());
    if waits && nothing_missing {
        found.push(Finding::new("stuck", id, "It waits for stock and lacks none."));
    }
}

pub(crate) fn lines(said: &Value) -> impl Iterator<Item = &Value> {
    said["lines"].as_array().into_iter().flatten()
}

pub(crate) fn units(line: &Value, field: &str) -> i64 {
    line[field].as_i64().unwrap_or(0)
}

/// The line of that number.
fn line(said: &Value, number: u64) -> Option<&Value> {
    lines(said).find(|line| line["line"].as_u64() == Some(number))
}

/// Lines that were added after the order was placed.
fn added<'s>(order: &'s ModelOrder, said: &'s Value) -> impl Iterator<Item = &'s Value> {
    let of_order =
        |line: &&Value| line["line"].as_u64().is_some_and(|n| order.lines.contains_key(&n));
    lines(said).filter(move |line| !of_order(line))
}

/// Each line is of as many units as its caller asked for last.
fn quantities(member: &Member<'_>, found: &mut Vec<Finding>) {
    let Member { order, id, said } = member;
    for (number, (sku, wanted, _)) in &order.lines {
        let shown = line(said, *number);
        let quantity = shown.map_or(0, |line| units(line, "quantity"));
        // Of a line that is gone stays what was cancelled of it before.
        let right = match wanted {
            0 => shown.map_or(0, |line| units(line, "cancelled")),
            wanted => *wanted,
        };
        if quantity != right || shown.is_some_and(|line| line["sku"] != sku.as_str()) {
            let detail = format!("line {number}: the books say {right} {sku}, the order {shown:?}");
            found.push(Finding::new("line_differs", id, detail));
        }
    }
    let figures = |line: &Value| {
        let sku = line["sku"].as_str().unwrap_or_default().to_owned();
        (sku, units(line, "quantity"), to_cents(&line["unit_price"]))
    };
    let mut shown: Vec<(String, i64, i64)> = added(order, said).map(figures).collect();
    let mut books = order.added.clone();
    shown.sort();
    books.sort();
    if shown != books {
        let detail = format!("added were {books:?}, the order shows {shown:?}");
        found.push(Finding::new("line_differs", id, detail));
    }
}

/// What an order comes to without what was cancelled, by the callers' books.
pub(crate) fn worth(order: &ModelOrder, said: &Value) -> i64 {
    let mut left = 0;
    let mut goods = 0;
    for (number, (_, quantity, price)) in &order.lines {
        let cancelled = line(said, *number).map_or(0, |line| units(line, "cancelled"));
        let wanted = (quantity - cancelled).max(0);
        left += wanted;
        goods += wanted * price;
    }
    for line in added(order, said) {
        let wanted = units(line, "quantity") - units(line, "cancelled");
        left += wanted;
        goods += wanted * to_cents(&line["unit_price"]);
    }
    if left > 0 { goods + order.shipping } else { goods }
}

/// What was sent is what requests sent.
fn fulfilment(order: &ModelOrder, id: &str, said: &Value, found: &mut Vec<Finding>) {
    for line in lines(said) {
        let number = line["line"].as_u64().unwrap_or(0);
        let sent = order.sent.get(&number).copied().unwrap_or(0);
        let shipped = units(line, "shipped");
        let fetched = matches!(said["delivery"]["method"].as_str(), Some("pickup" | "shop"));
        let right = if order.sent_all || fetched { shipped >= sent } else { shipped == sent };
        if !right {
            let detail = format!("line {number}: {sent} were sent, {shipped} are shown");
            found.push(Finding::new("shipped_differs", id, detail));
        }
    }
    let sum: i64 = said["shipments"]
        .as_array()
        .into_iter()
        .flatten()
        .flat_map(|shipment| shipment["lines"].as_array().into_iter().flatten())
        .map(|line| line["quantity"].as_i64().unwrap_or(0))
        .sum();
    let shipped: i64 = lines(said).map(|line| units(line, "shipped")).sum();
    if sum != shipped {
        let detail = format!("shipments hold {sum} units, lines say {shipped}");
        found.push(Finding::new("shipped_differs", id, detail));
    }
}

fn stock(world: &World, found: &mut Vec<Finding>) {
    for (sku, moved) in &world.model.stock {
        let answer = world.ask_now("GET", &format!("/v1/stock/{sku}"), Value::Null);
        let said = |field: &str| answer.body[field].as_i64().unwrap_or(0);
        let mut held = 0;
        let mut waiting = 0;
        let mut sent = 0;
        for known in world.seen.orders.values() {
            for line in known.order.lines.iter().filter(|line| line.sku == *sku) {
                held += units_of(line.held());
                waiting += units_of(line.backordered);
                sent += units_of(line.shipped);
            }
            for staged in known.order.staged().filter(|staged| staged.sku == *sku) {
                held += units_of(staged.as_line().held());
            }
        }
        let counted = world.seen.counted.get(sku).copied().unwrap_or(0);
        let back: i64 =
            world.model.orders.values().filter_map(|order| order.restocked.get(sku)).sum();
        let books = [
            ("on_hand", moved.on_hand + counted - sent + back),
            ("reserved", held + moved.by_hand),
            ("waiting", waiting),
        ];
        // With a defect, and nobody has said what became of them: there or not.
        let unsure: i64 = world.model.orders.values().filter_map(|o| o.unsure.get(sku)).sum();
        for (field, right) in books {
            let least = if field == "on_hand" { right - unsure } else { right };
            if said(field) > right || said(field) < least {
                let detail = format!("{field}: the books say {right}, the stock {}", said(field));
                found.push(Finding::new("stock_differs", sku, detail));
            }
        }
        waits_in_vain(world, sku, found);
    }
}

fn units_of(quantity: Quantity) -> i64 {
    quantity.to_thousandths() / 1_000
}

/// The first who waits does not wait for what is there: for everybody, or kept for its class.
fn waits_in_vain(world: &World, sku: &str, found: &mut Vec<Finding>) {
    let mut waiting: Vec<_> = world
        .seen
        .orders
        .values()
        .map(|known| &known.order)
        .filter(|o| o.lines.iter().any(|l| l.sku == *sku && l.backordered.is_positive()))
        .collect();
    waiting.sort_by_key(|order| (order.priority, order.created_at, order.id.clone()));
    let Some(first) = waiting.first() else { return };
    let there = |line: &StockLine| {
        let own =
            first.demand_class.as_deref().map_or(Quantity::ZERO, |class| line.share(class).kept);
        units_of(line.unkept().plus(own).min(line.available())).max(0)
    };
    let free: i64 = world.seen.lines(sku).iter().map(|line| there(&line.line)).sum();
    // Held orders and those that leave as a whole may wait though something is there.
    if free > 0 && !first.ship_together && first.holds.is_empty() && first.stock_work.is_none() {
        let detail = format!("order {} waits and {free} are there", first.id);
        found.push(Finding::new("waits_in_vain", sku, detail));
    }
}

/// What providers sent has been applied, or is for an order that never came.
fn inbox(world: &World, found: &mut Vec<Finding>) {
    for row in world.seen.of_kind(RowKind::Inbox) {
        if let Ok(entry) = read::<InboxEntry>(row)
            && !entry.applied
        {
            found.push(Finding::new("money_left", &entry.event_id, "in the inbox, not applied"));
        }
    }
    let placed: BTreeSet<&String> =
        world.model.orders.values().filter(|o| o.id.is_some()).map(|o| &o.external).collect();
    for row in world.seen.of_kind(RowKind::Unmatched) {
        let Ok(entry) = read::<InboxEntry>(row) else { continue };
        let for_known = entry.hint.external_id.as_ref().is_some_and(|id| placed.contains(id));
        let looked = world.stage.now() > entry.received_at.plus(Seconds::minutes(30));
        if !entry.applied && for_known && looked {
            found.push(Finding::new(
                "money_left",
                &entry.event_id,
                "unmatched though its order is there",
            ));
        }
    }
}

/// Whom an event owes a message to, as far as it is known who that is.
fn owed(event: &Event) -> impl Iterator<Item = (&str, Recipient)> {
    event.todo.iter().filter_map(|todo| match todo {
        Todo::Notify { template, to } => Some((template.as_str(), *to)),
        Todo::Validate | Todo::Reserve | Todo::Webhook | Todo::Serve { .. } => None,
    })
}

/// Message rows are what events owe: no more, no less.
fn messages(world: &World, found: &mut Vec<Finding>) {
    let mut rows: BTreeMap<String, Vec<Notification>> = BTreeMap::new();
    for row in world.seen.of_kind(RowKind::Notification) {
        let pk = ordermill_table::item::text(row, "pk").unwrap_or_default();
        let order = pk.trim_start_matches("N#").to_owned();
        match read::<Notification>(row) {
            Ok(message) => rows.entry(order).or_default().push(message),
            Err(error) => found.push(Finding::new("unreadable", pk, error.to_string())),
        }
    }
    for (id, known) in &world.seen.orders {
        let mut right: BTreeSet<(u64, String, &str)> = BTreeSet::new();
        let customer = &known.order.placed.customer;
        for event in known.events.values() {
            for (template, to) in owed(event) {
                match to {
                    Recipient::Staff => {
                        right.insert((event.version, template.to_owned(), "staff"));
                    }
                    Recipient::Customer if customer.email.is_some() || customer.phone.is_some() => {
                        right.insert((event.version, template.to_owned(), "customer"));
                    }
                    Recipient::Customer | Recipient::Partner => {}
                }
            }
        }
        let mut there: BTreeSet<(u64, String, &str)> = BTreeSet::new();
        // An order of a subscription may have been told of before there was an order.
        let ahead = |row: &Notification| row.version == 0 && row.template == "subscription_notice";
        let of_order = rows.get(id).into_iter().flatten();
        let is_ahead = |row: &&Notification| known.order.subscription.is_some() && ahead(row);
        for row in of_order.filter(|row| !is_ahead(row)) {
            let audience = if row.audience == "staff" { "staff" } else { "customer" };
            there.insert((row.version, row.template.clone(), audience));
        }
        let missing: Vec<_> = right.difference(&there).collect();
        let many: Vec<_> = there.difference(&right).collect();
        if !missing.is_empty() && world.lost_events == 0 && !forgotten(world, id) {
            found.push(Finding::new("message_missing", id, format!("{missing:?}")));
        }
        if !many.is_empty() {
            found.push(Finding::new("message_without_cause", id, format!("{many:?}")));
        }
    }
    // A row that says "sent" stands for a message that went out.
    let sent = |channel: &str| {
        let of = |row: &&Notification| row.channel == channel && row.state == NoticeState::Sent;
        u64::try_from(rows.values().flatten().filter(of).count()).unwrap_or(0)
    };
    let mails = u64::try_from(world.posts.mails.len()).unwrap_or(0);
    let sms = u64::try_from(world.posts.sms.len()).unwrap_or(0);
    if sent("email") > mails || sent("sms") > sms {
        let detail = format!(
            "{} e-mails and {} SMS are marked, {mails} and {sms} went out",
            sent("email"),
            sent("sms")
        );
        found.push(Finding::new("marked_not_sent", "messages", detail));
    }
}

/// Records of the stream were lost, and the order was deleted before a repair could find them: what
/// nobody was told of by then is told to nobody.
fn forgotten(world: &World, id: &str) -> bool {
    let mut orders = world.model.orders.values();
    world.lost_records && orders.any(|order| order.deletion && order.id.as_deref() == Some(id))
}

/// The history has every event that was committed, as it was.
fn history(world: &World, found: &mut Vec<Finding>) {
    for (id, known) in &world.seen.orders {
        let rows: Vec<Event> = world
            .seen
            .partition(&ordermill_table::keys::history_partition(id))
            .filter_map(|row| read::<Vec<Event>>(row).ok())
            .flatten()
            .collect();
        // A repeat may have written an event into two rows.
        let there: BTreeSet<u64> = rows.iter().map(|event| event.version).collect();
        let there: Vec<u64> = there.into_iter().collect();
        let right: Vec<u64> = known.events.keys().copied().collect();
        if there != right && world.lost_events == 0 && !forgotten(world, id) {
            let detail = format!("it has {there:?}, committed were {right:?}");
            found.push(Finding::new("history_gap", id, detail));
        }
        for event in &rows {
            if known.events.get(&event.version).is_some_and(|committed| committed != event) {
                found.push(Finding::new("history_differs", id, format!("event {}", event.version)));
            }
        }
    }
}

/// One order per occurrence, and each occurrence's order is there.
fn subscriptions(world: &World, found: &mut Vec<Finding>) {
    let mut made: BTreeMap<(String, String), Vec<&String>> = BTreeMap::new();
    for (id, known) in &world.seen.orders {
        if let Some(subscription) = &known.order.subscription {
            let key = (subscription.id.clone(), subscription.occurrence.clone());
            made.entry(key).or_default().push(id);
        }
    }
    for ((subscription, date), orders) in &made {
        if orders.len() > 1 {
            let detail = format!("{date}: {orders:?}");
            found.push(Finding::new("occurrence_twice", subscription, detail));
        }
    }
    let rows = world.seen.of_kind(RowKind::Occurrence).count();
    if rows != made.len() {
        let detail = format!("{rows} dates, {} orders", made.len());
        found.push(Finding::new("occurrence_lost", "subscriptions", detail));
    }
}

/// Each event of a client that listens is on its way to it, or there. Records that the relay lost
/// take their webhooks with them: a replay sends those (`docs/partners.md`).
fn webhooks(world: &World, found: &mut Vec<Finding>) {
    if !world.plan.listens || world.lost_records {
        return;
    }
    let mut begun: BTreeMap<(String, u64), Delivery> = BTreeMap::new();
    for row in world.seen.of_kind(RowKind::Delivery) {
        let Ok(delivery) = read::<Delivery>(row) else { continue };
        begun.insert((delivery.order.clone(), delivery.event), delivery);
    }
    let listens = |known: &Known| LISTENING.contains(&known.order.client.as_str());
    for (id, known) in world.seen.orders.iter().filter(|(_, known)| listens(known)) {
        for version in known.events.keys() {
            let Some(delivery) = begun.remove(&(id.clone(), *version)) else {
                let detail = format!("event {version} is on its way to nobody");
                found.push(Finding::new("webhook_missing", id, detail));
                continue;
            };
            let taken = world.stage.hooks.took(&delivery.id);
            match delivery.state {
                DeliveryState::Delivered if !taken => {
                    found.push(Finding::new("webhook_marked_not_sent", id, delivery.id));
                }
                DeliveryState::Waiting if delivery.due_at.is_none() => {
                    found.push(Finding::new("webhook_stands", id, delivery.id));
                }
                DeliveryState::Delivered
                | DeliveryState::Waiting
                | DeliveryState::Failed
                | DeliveryState::Held => {}
            }
        }
    }
    if let Some(((order, event), _)) = begun.first_key_value() {
        let detail = format!("event {event} never was");
        found.push(Finding::new("webhook_without_cause", order, detail));
    }
}
