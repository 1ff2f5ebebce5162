//! Money at rest: every cent that callers told of is at an order or its parts, once, and has an owner.

use crate::callers::to_cents;
use crate::checks::{Member, lines, units, worth};
use crate::model::{ModelOrder, WRONG_CURRENCY};
use crate::observer::{Finding, Known};
use crate::world::World;
use ordermill_domain::policy::{Phase, Policy};
use serde_json::Value;
use std::collections::BTreeMap;

/// Every cent that was taken down is there, once, and has an owner. An order and its parts share
/// what came for the whole.
pub(crate) fn money(world: &World, family: &[Member<'_>], found: &mut Vec<Finding>) {
    let before = found.len();
    for member in family {
        objects(member, found);
    }
    let Some(first) = family.first().filter(|_| found.len() == before) else { return };
    let mut sums = Sums::default();
    for member in family {
        sums.add(world, member, shared(family, member), found);
    }
    let id = first.id;
    if sums.paid != sums.received {
        let detail =
            format!("{} came, {} are at the order and its parts", sums.received, sums.paid);
        found.push(Finding::new("cents_between_parts", id, detail));
    }
    if sums.owed + sums.refunded > sums.received {
        let detail = format!("{} owed and {} gone of {}", sums.owed, sums.refunded, sums.received);
        found.push(Finding::new("refund_exceeds", id, detail));
    }
    let kept = sums.paid - sums.owed - sums.refunded;
    if kept > sums.right && !sums.late_money {
        let detail = format!("{kept} is kept, {} is its price", sums.right);
        found.push(Finding::new("cent_without_owner", id, detail));
    }
    // Nothing is given back without a cause. What was owed when the order ended stays owed, though
    // it may live again.
    if sums.ended {
        return;
    }
    let floor = sums.floor();
    if kept < floor {
        let detail = format!("{kept} is kept of {}, {floor} should be", sums.received);
        found.push(Finding::new("given_back_without_cause", id, detail));
    }
}

/// The money objects of an order are those its caller told of.
fn objects(member: &Member<'_>, found: &mut Vec<Finding>) {
    let Member { order, id, said } = member;
    let mut told = BTreeMap::new();
    for object in said["payment"]["payments"].as_array().into_iter().flatten() {
        let name = |field: &str| object[field].as_str().unwrap_or_default().to_owned();
        let figures = (to_cents(&object["amount"]), to_cents(&object["refunded"]));
        // What a part was given of the whole's money.
        if name("provider") != "split" {
            told.insert((name("provider"), name("reference")), figures);
        }
    }
    let mut books = order.objects();
    // Refunds by hand are spread over the objects by us: only sums are compared then.
    if order.handed_back > 0 {
        told.values_mut().for_each(|figures| figures.1 = 0);
        books.values_mut().for_each(|figures| figures.1 = 0);
    }
    told.retain(|_, figures| *figures != (0, 0));
    books.retain(|_, figures| *figures != (0, 0));
    if told != books {
        let detail = format!("the books say {books:?}, the order {told:?}");
        found.push(Finding::new("money_differs", id, detail));
        return;
    }
    unnamed(order, id, said, found);
}

/// What an order and its parts come to together, in cents.
#[derive(Default)]
struct Sums {
    /// By providers and people, as the callers' books have it.
    received: i64,
    /// As the orders show it.
    paid: i64,
    owed: i64,
    refunded: i64,
    /// What may be kept.
    right: i64,
    /// What came for each of them, up to what it comes to at the least: money for the whole is shared
    /// with a part that is split off later, and not with one that was split off before it came.
    price: i64,
    /// What providers told of as gone.
    told_back: i64,
    handed_back: i64,
    given_back: i64,
    /// What the goods were worth that came back: unpaid, they are not paid any more.
    returned: i64,
    late_money: bool,
    /// One of them has ended, or has and lives again.
    ended: bool,
}

impl Sums {
    fn add(&mut self, world: &World, member: &Member<'_>, shared: i64, found: &mut Vec<Finding>) {
        let Member { order, id, said } = member;
        let objects = order.objects();
        let received = objects.values().map(|figures| figures.0).sum::<i64>();
        self.received += received;
        self.told_back += objects.values().map(|figures| figures.1).sum::<i64>();
        self.paid += to_cents(&said["payment"]["paid"]);
        self.owed += to_cents(&said["payment"]["refund_owed"]);
        self.refunded += to_cents(&said["payment"]["refunded"]);
        self.handed_back += order.handed_back;
        self.given_back += order.given_back;
        let price = |line: &Value| {
            let number = line["line"].as_u64().unwrap_or_default();
            order.lines.get(&number).map_or(0, |(_, _, price)| *price)
        };
        self.returned += lines(said).map(|l| units(l, "returned") * price(l)).sum::<i64>();
        let gross = to_cents(&said["totals"]["gross"]);
        let worth = worth(order, said);
        let with_goods = lines(said).any(|l| units(l, "shipped") > units(l, "returned"));
        let closed = said["phase"] == "closed";
        if gross != worth && !closed {
            let detail = format!("the books say {worth}, the order {gross}");
            found.push(Finding::new("total_differs", id, detail));
        }
        let for_nothing = closed && !with_goods;
        let known = world.seen.orders.get(*id);
        let policy = known.and_then(|known| world.seen.policy(&known.order));
        let tolerated = policy.map_or(0, |policy| policy.overpay_tolerance.0);
        if !for_nothing && gross > 0 {
            self.right += gross + tolerated;
        }
        self.price += gross.min(order.least()).min((received + shared).max(0));
        self.late_money |= is_open(said, "late_money", None);
        let ended = known.zip(policy).is_some_and(|(known, policy)| ended_once(known, policy));
        self.ended |= for_nothing || ended;
    }

    /// What must at least be kept: the price, less what people or providers decided to give back,
    /// and what came back of the goods. Whether what went back was too much by then depends on the
    /// order in which it was told: a refund of what is paid lowers the price, and money that comes
    /// after it is too much.
    fn floor(&self) -> i64 {
        let gone = self.handed_back + self.told_back;
        self.price - self.given_back - gone - self.returned
    }
}

/// What this order was given of another's money when it was split off, less what it gave to its own
/// parts. That it was given enough is judged at the moment of the split.
fn shared(family: &[Member<'_>], member: &Member<'_>) -> i64 {
    let given = |said: &Value, by: Option<&Value>| -> i64 {
        let all = said["payment"]["payments"].as_array().into_iter().flatten();
        let of_split = all.filter(|p| {
            p["provider"] == "split" && by.is_none_or(|number| p["reference"] == *number)
        });
        of_split.map(|payment| to_cents(&payment["amount"])).sum()
    };
    let to_parts: i64 =
        family.iter().map(|other| given(&other.said, Some(&member.said["number"]))).sum();
    given(&member.said, None) - to_parts
}

/// Money of another currency is named by an exception until a person has dealt with it.
fn unnamed(order: &ModelOrder, id: &str, said: &Value, found: &mut Vec<Finding>) {
    for money in order.money.iter().filter(|m| m.currency != "EUR" && m.received > 0) {
        let reference = money.reference.as_str();
        let named = is_open(said, WRONG_CURRENCY, Some(reference));
        if !named && !order.foreign_closed.contains(reference) {
            found.push(Finding::new("money_unnamed", id, reference));
        }
    }
}

/// Whether the order shows an open exception of that code, about that where it is given.
fn is_open(said: &Value, code: &str, about: Option<&str>) -> bool {
    let mut all = said["exceptions"].as_array().into_iter().flatten();
    all.any(|e| e["code"] == code && about.is_none_or(|about| e["about"] == about))
}

/// Whether it came to an end before, and lives again or ended anew.
fn ended_once(known: &Known, policy: &Policy) -> bool {
    let closed = |status| policy.status(status).is_some_and(|s| s.phase == Phase::Closed);
    known.events.values().any(|e| e.from.as_ref().is_some_and(closed) && e.to != e.from)
}
