//! Orders that their policy splits: what is there leaves, what is to come is an order of its own.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::money::Amount;
use ordermill_domain::order::{ActorKind, Order};
use ordermill_domain::policy::{load, presets};
use ordermill_domain::time::Seconds;
use serde_json::json;
use support::{OrderBuilder, World, order, stock, units};

/// A wholesale order that is agreed on and confirmed, two minutes ago.
fn confirmed(asked: &OrderBuilder, there: &[(&str, &str, i64)]) -> World {
    in_policy(presets::text("wholesale").unwrap(), asked, there)
}

fn in_policy(text: &str, asked: &OrderBuilder, there: &[(&str, &str, i64)]) -> World {
    let mut world = World::new(load::from_toml("p", text).unwrap(), stock(there));
    world.place(asked);
    for command in ["approve", "confirm"] {
        world.act("o", command, json!({}));
    }
    world.reserve_all("o");
    assert_eq!(world.status("o"), "confirmed");
    world.judge_at("o", world.now.plus(Seconds::minutes(2)));
    world.sound();
    world
}

fn parts(world: &World) -> Vec<&Order> {
    world.order("o").parts.into.iter().map(|id| world.order(id)).collect()
}

fn held_at(order: &Order) -> Vec<(&str, i64)> {
    let all = order.lines.iter().flat_map(|line| &line.allocations);
    all.map(|a| (a.warehouse.as_str(), a.held.to_thousandths() / 1000)).collect()
}

#[test]
fn goods_in_stock_and_goods_to_come_become_two_orders() {
    let asked = order("o", &[("A", 5), ("B", 1)]).terms("invoice");
    let world = confirmed(&asked, &[("A", "KUN", 2), ("B", "KUN", 4)]);
    let parts = parts(&world);
    assert_eq!(parts.len(), 1);
    let stays = world.order("o");
    assert_eq!(stays.lines.iter().map(|l| l.quantity).collect::<Vec<_>>(), [units(2), units(1)]);
    assert!(!stays.waits_for_stock() && stays.status.as_str() == "confirmed");
    assert_eq!((parts[0].lines[0].backordered, parts[0].status.as_str()), (units(3), "confirmed"));
    assert_eq!(world.queue("A"), [(parts[0].id.clone(), units(3))]);
    let gross: Amount = [stays, parts[0]].map(|o| o.gross()).into_iter().sum();
    assert_eq!(gross, support::euros(60), "not a cent more or less");
    // `why` reads it from the event: a rule did this, no person.
    let events = world.events_of("o");
    let split = events.iter().find(|e| e.data.contains_key("part")).unwrap();
    assert_eq!((split.actor.kind, split.cause.as_str()), (ActorKind::System, "limit"));
}

#[test]
fn the_rung_comes_once_and_the_part_is_not_split_again() {
    let asked = order("o", &[("A", 5)]).terms("invoice");
    let mut world = confirmed(&asked, &[("A", "KUN", 2)]);
    let part = parts(&world)[0].id.clone();
    for id in ["o", &part] {
        for minutes in [2, 5, 30] {
            world.judge_at(id, world.now.plus(Seconds::minutes(minutes)));
        }
    }
    assert_eq!((parts(&world).len(), world.order(&part).parts.into.len()), (1, 0));
    world.receipt("A", "KUN", 3);
    assert_eq!(held_at(world.order(&part)), [("KUN", 3)]);
    world.sound();
}

#[test]
fn what_leaves_together_what_is_held_and_what_is_all_there_stays_one_order() {
    let short = [("A", "KUN", 2)];
    let together = order("o", &[("A", 5)]).terms("invoice").together();
    assert!(parts(&confirmed(&together, &short)).is_empty());
    let all_there = order("o", &[("A", 2)]).terms("invoice");
    assert!(parts(&confirmed(&all_there, &short)).is_empty());
    let nothing_there = order("o", &[("A", 2)]).terms("invoice");
    assert!(parts(&confirmed(&nothing_there, &[("A", "KUN", 0)])).is_empty());
}

#[test]
fn by_warehouse_each_place_but_the_largest_becomes_an_order() {
    let text = presets::text("wholesale").unwrap().replace("by = \"stock\"", "by = \"warehouse\"");
    let there = [("A", "KUN", 2), ("A", "RIX", 5), ("A", "VNO", 1)];
    let world = in_policy(&text, &order("o", &[("A", 8)]).terms("invoice"), &there);
    assert_eq!(held_at(world.order("o")), [("RIX", 5)]);
    let parts = parts(&world);
    let places: Vec<_> = parts.iter().flat_map(|part| held_at(part)).collect();
    assert_eq!(places, [("KUN", 2), ("VNO", 1)]);
    assert!(parts.iter().all(|part| part.parts.of.as_deref() == Some("o")));
}

#[test]
fn a_rung_that_splits_needs_a_move_that_allows_it() {
    let text =
        presets::text("webshop").unwrap().replace("[status.packed]\n", "[status.packed]\n# here\n");
    let bad = text.replacen(
        "limit = [\n  { after = \"1d\", do = \"notify\", template = \"staff_alert\", to = \"staff\" },",
        "limit = [\n  { after = \"1h\", do = \"split\" },\n  { after = \"1d\", do = \"notify\", template = \"staff_alert\", to = \"staff\" },",
        1,
    );
    assert_ne!(text, bad);
    let errors = load::from_toml("p", &bad).unwrap_err();
    let said: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert!(said.iter().any(|e| e.contains("the system may not split an order here")), "{said:#?}");
}
