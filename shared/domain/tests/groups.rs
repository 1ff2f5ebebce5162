//! Many orders in one transaction: whatever they ask for, of whichever group of customers, in single
//! articles and bundles, the summed changes fit the stock they were planned on, leave what each by
//! itself would leave, and strand nothing that somebody could have.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::Command;
use ordermill_domain::intake::MovementKind;
use ordermill_domain::order::Order;
use ordermill_domain::quantity::Quantity;
use proptest::prelude::*;
use support::{World, order, units};

const SKUS: [&str; 4] = ["A", "B", "SET", "A"];
const HOUSES: [&str; 2] = ["KUN", "VNO"];
const CLASSES: [Option<&str>; 3] = [None, Some("vip"), Some("gold")];

/// Lines (article, units), together, class, priority.
type Wish = (Vec<(u8, u8)>, bool, u8, u8);

fn wishes() -> impl Strategy<Value = Vec<Wish>> {
    let lines = proptest::collection::vec((0..4_u8, 1..4_u8), 1..4);
    proptest::collection::vec((lines, any::<bool>(), 0..3_u8, 0..3_u8), 2..9)
}

/// Units on hand and kept for the two classes, of each article at each warehouse.
fn shelves() -> impl Strategy<Value = Vec<(u8, u8, u8)>> {
    proptest::collection::vec((0..9_u8, 0..4_u8, 0..4_u8), 4)
}

fn world(shelves: &[(u8, u8, u8)], wishes: &[Wish]) -> (World, Vec<String>) {
    let mut stock = support::StockBuilder::default();
    let places: Vec<(&str, &str)> =
        ["A", "B"].into_iter().flat_map(|sku| HOUSES.map(|house| (sku, house))).collect();
    for ((sku, house), (on_hand, ..)) in places.iter().zip(shelves) {
        stock = stock.line(sku, house, i64::from(*on_hand));
    }
    let mut world = World::new(support::webshop(), stock);
    world.bundle("SET", &[("A", 2), ("B", 1)]);
    for ((sku, house), (_, vip, gold)) in places.iter().zip(shelves) {
        world.keep(sku, house, "vip", i64::from(*vip));
        world.keep(sku, house, "gold", i64::from(*gold));
    }
    let mut ids = Vec::new();
    for (number, (lines, together, class, priority)) in wishes.iter().enumerate() {
        let lines: Vec<(&str, i64)> =
            lines.iter().map(|(sku, n)| (SKUS[usize::from(*sku)], i64::from(*n))).collect();
        let id = format!("order-{number}");
        let built = order(&id, &lines)
            .demand_class(CLASSES[usize::from(*class)])
            .priority(u16::from(*priority));
        world.take_in(&if *together { built.together() } else { built });
        world.run(&id, &Command::Validate);
        ids.push(id);
    }
    (world, ids)
}

fn whole(world: &World) {
    assert_eq!(world.audit(), vec![]);
    world.conserves().unwrap();
}

/// Serves the queue of an article as the function does: all who wait, in their turns, in one batch.
fn serve(world: &mut World, sku: &str) {
    let turn = Command::Serve { sku: sku.to_owned() };
    let asked: Vec<(String, Command)> =
        world.queue(sku).into_iter().map(|(id, _)| (id, turn.clone())).collect();
    let decided = world.decide_batch(&asked);
    world.commit_batch(decided).unwrap();
}

/// Whether an order could have more of an article it waits for, and nobody stands before it.
fn could_have(world: &World, order: &Order, sku: &str) -> bool {
    let first = world.queue(sku).first().is_some_and(|(id, _)| *id == order.id);
    let only = |line: &ordermill_domain::order::Line| !line.is_bundle() && line.sku == sku;
    let waits = order.lines.iter().any(|l| only(l) && l.backordered.is_positive());
    let there = world.stock.lines.iter().filter(|(key, _)| key.sku == sku).any(|(_, line)| {
        let own = order.demand_class.as_deref().map(|c| line.share(c).kept).unwrap_or_default();
        let open = line.unkept().max(Quantity::ZERO).plus(own).min(line.available());
        open.is_positive()
    });
    first && waits && there && !order.ship_together
}

fn nothing_is_stranded(world: &World, ids: &[String]) {
    for id in ids {
        for sku in ["A", "B"] {
            let order = world.order(id);
            assert!(!could_have(world, order, sku), "{id} could have {sku}: {:?}", world.stock);
        }
    }
}

fn config(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::with_cases(cases);
    if let Some(many) = std::env::var_os("INVARIANT_CASES").and_then(|text| text.into_string().ok())
    {
        config.cases = many.parse().unwrap();
    }
    config.failure_persistence = None;
    config
}

proptest! {
    #![proptest_config(config(200))]

    #[test]
    fn a_batch_fits_the_stock_it_was_planned_on_and_strands_nothing(
        wishes in wishes(),
        shelves in shelves(),
        receipts in proptest::collection::vec((0..2_u8, 0..2_u8, 1..6_u8), 0..4),
        shrinks in proptest::collection::vec((0..2_u8, 0..2_u8, any::<bool>(), 0..3_u8), 0..3),
    ) {
        let (mut world, ids) = world(&shelves, &wishes);
        let asked: Vec<(String, Command)> =
            ids.iter().map(|id| (id.clone(), Command::Reserve)).collect();
        let decided = world.decide_batch(&asked);
        world.commit_batch(decided).unwrap();
        whole(&world);
        for (sku, house, n) in receipts {
            let (sku, house) = (["A", "B"][usize::from(sku)], HOUSES[usize::from(house)]);
            prop_assert!(world.stock_move(MovementKind::Receipt, sku, house, units(i64::from(n)), None));
        }
        for (sku, house, vip, n) in shrinks {
            let class = if vip { "vip" } else { "gold" };
            world.keep(["A", "B"][usize::from(sku)], HOUSES[usize::from(house)], class, i64::from(n));
        }
        for sku in ["A", "B", "A", "B"] {
            serve(&mut world, sku);
            whole(&world);
        }
        nothing_is_stranded(&world, &ids);
    }
}
