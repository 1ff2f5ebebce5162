//! Goods that are made for an order: the plan back from its day, what is reported, who is late.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::{Command, Rejection, limits, progress};
use ordermill_domain::order::Recipient;
use ordermill_domain::policy::{Role, load, presets};
use ordermill_domain::production;
use ordermill_domain::time::{Seconds, Timestamp};
use serde_json::json;
use support::{World, kinds, order, stock, told, units};

/// An order of four A and two B for the 18th, a Friday, which the planner has begun to make.
fn making(date: &str) -> World {
    let mut world = World::new(presets::made_to_order().unwrap(), stock(&[("A", "KUN", 0)]));
    let asked = order("o", &[("A", 4), ("B", 2)])
        .terms("invoice")
        .with("/delivery", json!({"method": "courier", "requested_date": date}))
        .with("/contract_number", json!("C-7"));
    world.place(&asked);
    for command in ["approve", "confirm"] {
        world.act("o", command, json!({}));
    }
    world.try_act("o", Role::Planner, "confirm", json!({})).unwrap();
    world.reserve_all("o");
    assert_eq!(world.status("o"), "execution");
    world
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn made(world: &World, line: usize) -> Vec<(&str, i64)> {
    let made = &world.order("o").lines[line].made;
    made.iter().map(|(step, made)| (step.as_str(), made.to_thousandths() / 1000)).collect()
}

fn late(world: &World) -> Vec<&str> {
    let late = world.order("o").exceptions.iter().filter(|e| e.code == progress::LATE);
    late.filter_map(|e| e.about.as_deref()).collect()
}

#[test]
fn the_steps_are_planned_back_from_the_wished_day_in_working_hours() {
    let world = making("2026-12-18");
    let plan = production::plan(&world.policy, world.order("o"));
    let shown: Vec<String> =
        plan.iter().map(|p| format!("{} {} {}", p.step.name, p.starts_at, p.ends_at)).collect();
    assert_eq!(
        shown,
        [
            "materials 2026-12-07T06:00:00Z 2026-12-09T15:00:00Z",
            "parts 2026-12-10T06:00:00Z 2026-12-15T15:00:00Z",
            "assembly 2026-12-16T06:00:00Z 2026-12-17T15:00:00Z",
            "check 2026-12-18T06:00:00Z 2026-12-18T15:00:00Z",
        ]
    );
    // A Sunday: it must be ready on Friday. Over the holidays nobody works.
    let ends = |date: &str| {
        let world = making(date);
        production::plan(&world.policy, world.order("o"))[3].ends_at
    };
    assert_eq!(ends("2026-12-20"), at("2026-12-18T15:00:00Z"));
    assert_eq!(ends("2026-12-26"), at("2026-12-23T15:00:00Z"));
}

#[test]
fn without_a_wished_day_there_is_no_plan_and_progress_is_reported_all_the_same() {
    let mut world = World::new(presets::made_to_order().unwrap(), stock(&[]));
    world.place(&order("o", &[("A", 1)]).terms("invoice").with("/contract_number", json!("C-7")));
    for command in ["approve", "confirm"] {
        world.act("o", command, json!({}));
    }
    world.try_act("o", Role::Planner, "confirm", json!({})).unwrap();
    assert!(production::plan(&world.policy, world.order("o")).is_empty());
    world.act("o", "progress", json!({}));
    assert!(production::is_done(world.order("o"), &steps(&world)[3]));
}

fn steps(world: &World) -> Vec<ordermill_domain::policy::ProductionStep> {
    world.policy.production.clone().unwrap().steps
}

#[test]
fn what_is_through_a_step_is_through_those_before_it() {
    let mut world = making("2026-12-18");
    let report = json!({"step": "assembly", "lines": [{"line": 1, "done": 3}]});
    let decision = world.act("o", "progress", report.clone());
    assert_eq!(kinds(&decision), ["production_progressed"]);
    assert_eq!(decision.events[0].data["lines"], json!([{"line": 1, "done": 3}]));
    assert_eq!(made(&world, 0), [("assembly", 3), ("materials", 3), ("parts", 3)]);
    assert!(world.act("o", "progress", report).is_nothing(), "the same report says nothing new");
    // One of them has to be made anew from its parts on.
    world.act("o", "progress", json!({"step": "parts", "lines": [{"line": 1, "done": 2}]}));
    assert_eq!(made(&world, 0), [("assembly", 2), ("materials", 3), ("parts", 2)]);
    world.act("o", "progress", json!({"step": "materials", "lines": [{"line": 1, "done": 0}]}));
    assert!(made(&world, 0).is_empty());
    // Everything that remains, as for every command.
    world.act("o", "progress", json!({"note": "ready"}));
    assert!(steps(&world).iter().all(|step| production::is_done(world.order("o"), step)));
    world.sound();
}

#[test]
fn a_wrong_report_is_refused_with_the_field_and_changes_nothing() {
    let mut world = making("2026-12-18");
    let before = world.order("o").clone();
    let cases = [
        (json!({"step": "painting"}), "/step", "no_such_step"),
        (json!({"lines": [{"line": 1, "done": 5}]}), "/lines/0/done", "more_than_wanted"),
        (json!({"lines": [{"line": 9}]}), "/lines/0/line", "no_such_line"),
    ];
    for (body, wanted_pointer, wanted_code) in cases {
        match world.try_act("o", Role::Manager, "progress", body.clone()) {
            Err(Rejection::Invalid { pointer, code, .. }) => {
                assert_eq!((pointer.as_str(), code), (wanted_pointer, wanted_code), "{body}");
            }
            other => panic!("{body}: {other:?}"),
        }
    }
    assert_eq!(*world.order("o"), before);
    let partner = world.try_act("o", Role::Partner, "progress", json!({}));
    assert!(matches!(partner, Err(Rejection::RoleNotAllowed { .. })), "{partner:?}");
    world.act("o", "cancel", json!({}));
    let over = world.try_act("o", Role::Manager, "progress", json!({}));
    assert!(matches!(over, Err(Rejection::NotAllowedInStatus { .. })), "{over:?}");
}

#[test]
fn a_step_that_is_not_done_in_time_needs_a_person_once() {
    let mut world = making("2026-12-18");
    let materials = at("2026-12-09T15:00:00Z");
    assert_eq!(production::due_at(&world.policy, world.order("o")), Some(materials));
    world.act("o", "progress", json!({"step": "materials", "lines": [{"line": 1}]}));
    let judged = world.judge_at("o", materials);
    assert_eq!(late(&world), ["materials"]);
    assert!(told(&judged.events, Recipient::Staff).contains(&"staff_exception".to_owned()));
    // A person knows: it is not told again, and the next step is looked at in its turn.
    world.act("o", "release", json!({"name": progress::LATE}));
    assert!(world.judge_at("o", materials.plus(Seconds(60))).events.is_empty());
    assert!(late(&world).is_empty());
    let parts = at("2026-12-15T15:00:00Z");
    assert_eq!(production::due_at(&world.policy, world.order("o")), Some(parts));
    world.judge_at("o", parts);
    assert_eq!(late(&world), ["parts"]);
    world.act("o", "progress", json!({"step": "parts"}));
    assert!(late(&world).is_empty(), "done after all");
    // Long after: each of the others once, and then its limits go on as always.
    world.judge_at("o", at("2027-02-01T08:00:00Z"));
    assert_eq!(late(&world), ["assembly", "check"]);
    assert_eq!(production::due_at(&world.policy, world.order("o")), None);
    assert!(limits::due_at(&world.policy, world.order("o")).is_some());
}

#[test]
fn units_nobody_wants_any_more_need_not_be_made() {
    let mut world = making("2026-12-18");
    world.act("o", "progress", json!({"step": "check", "lines": [{"line": 1, "done": 3}]}));
    world.act("o", "cancel", json!({"lines": [{"line": 1, "quantity": 1}, {"line": 2}]}));
    assert!(production::is_done(world.order("o"), &steps(&world)[3]));
    world.sound();
}

#[test]
fn of_a_split_line_what_is_furthest_on_stays() {
    let mut world = making("2026-12-18");
    let mut line = world.order("o").lines[0].clone();
    world.act("o", "progress", json!({"step": "parts", "lines": [{"line": 1, "done": 3}]}));
    line.made.clone_from(&world.order("o").lines[0].made);
    line.quantity = units(2);
    let leaves = production::part_of_made(&mut line);
    assert_eq!((line.made["parts"], leaves["parts"]), (units(2), units(1)));
}

#[test]
fn goods_that_come_move_the_order_on_whatever_was_reported() {
    let mut world = making("2026-12-18");
    world.receipt("A", "KUN", 4);
    world.receipt("B", "KUN", 2);
    assert_eq!(world.status("o"), "ready");
    assert_eq!(production::due_at(&world.policy, world.order("o")), None, "nothing is made now");
    world.run("o", &Command::Judge);
    world.sound();
}

fn mistakes(change: impl Fn(&str) -> String) -> Vec<String> {
    let text = change(presets::text("made_to_order").unwrap());
    let errors = load::from_toml("p.toml", &text).unwrap_err();
    errors.iter().map(|e| format!("{}: {}. {}", e.key, e.problem, e.remedy)).collect()
}

#[test]
fn a_production_with_mistakes_is_refused_with_key_and_remedy() {
    let cases: [(&str, &str, &str); 6] = [
        (
            "calendar = \"workshop\"",
            "calendar = \"workshpo\"",
            "production.calendar: there is no calendar `workshpo`. Did you mean `workshop`?",
        ),
        (
            "takes = \"27h\"",
            "takes = \"soon\"",
            "production.step[1].takes: `soon` is not a length of time.",
        ),
        (
            "name = \"parts\"",
            "name = \"materials\"",
            "production.step[2].name: there are two steps `materials`. Give each step a name of its own.",
        ),
        (
            "takes = \"18h\"\n",
            "",
            "production.step[3].takes: the key is missing. Write takes = \"16h\"",
        ),
        (
            "department = \"quality\"",
            "departement = \"quality\"",
            "production.step[4].departement: there is no key",
        ),
        (
            "command = \"progress\"",
            "command = \"pick\"",
            "production: nobody could say how far the production is. Write a [[move]]",
        ),
    ];
    for (good, bad, wanted) in cases {
        let found = mistakes(|text| text.replacen(good, bad, 1));
        assert!(found.iter().any(|error| error.starts_with(wanted)), "{wanted}\n{found:#?}");
    }
    let none = mistakes(|text| {
        let from = text.find("[production]").unwrap();
        let to = text.find("# ------").unwrap();
        format!("{}{}", &text[..from], &text[to..])
    });
    let wanted = "`progress` has no steps to report on. Write [production] with its steps";
    assert!(none.iter().any(|error| error.contains(wanted)), "{none:#?}");
}
