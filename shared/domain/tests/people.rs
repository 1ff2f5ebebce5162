//! What people do about an order: tasks, calls to the customer, and how urgent it all is.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod support;

use ordermill_domain::decide::feed::{Asker, choose};
use ordermill_domain::decide::{Command, Rejection, jeopardy};
use ordermill_domain::order::desk::{CLAIM, WorkKind};
use ordermill_domain::order::{Actor, Order};
use ordermill_domain::policy::{Policy, Role, load, presets};
use ordermill_domain::time::{Seconds, Timestamp};
use serde_json::{Value, json};
use support::{World, euros, later, order, stock};

/// An order of four A by transfer that waits for its money: Tuesday, ten o'clock in Vilnius.
fn placed() -> World {
    let mut world = World::webshop(&[("A", "KUN", 90)]);
    world.place(&order("o", &[("A", 4)]));
    world
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn contact(world: &mut World, body: Value) -> Result<(), String> {
    match world.try_act("o", Role::Manager, "contact", body) {
        Ok(_) => Ok(()),
        Err(Rejection::NotPossible { code, .. } | Rejection::Invalid { code, .. }) => {
            Err(code.to_owned())
        }
        Err(other) => Err(other.to_string()),
    }
}

fn unanswered(world: &mut World) {
    contact(world, json!({ "outcome": "not_answering" })).unwrap();
}

/// When the next call is, and after how many that reached nobody.
fn next_call(order: &Order) -> Option<(String, u8)> {
    let task = order.call()?;
    Some((task.due_at.to_string(), task.contact.as_ref()?.missed))
}

#[test]
fn a_call_that_reaches_nobody_is_made_again_after_5_minutes_30_minutes_3_hours_and_a_day() {
    let mut world = placed();
    let next = [
        "2026-12-01T08:05:00Z",
        "2026-12-01T08:35:00Z",
        "2026-12-01T11:35:00Z",
        "2026-12-02T11:35:00Z",
    ];
    for (missed, due) in (1_u8..).zip(next) {
        unanswered(&mut world);
        assert_eq!(next_call(world.order("o")), Some((due.to_owned(), missed)));
        assert_eq!(world.told("o").last().unwrap(), "not_reached");
        world.now = at(due);
    }
    unanswered(&mut world);
    assert_eq!(world.status("o"), "cancelled");
    let end = world.events_of("o").last().unwrap();
    assert_eq!(end.reason.as_deref(), Some("not_reached"));
    assert!(world.order("o").work().next().is_none());
    world.sound();
    assert_eq!(contact(&mut world, json!({ "outcome": "busy" })), Err("order_closed".to_owned()));
}

#[test]
fn the_message_names_the_time_of_the_next_call() {
    let mut world = placed();
    unanswered(&mut world);
    let told = world.events_of("o").iter().find(|e| e.data.contains_key("next_call_at")).unwrap();
    assert_eq!(told.data["next_call_at"], "2026-12-01T08:05:00Z");
    assert_eq!(told.todo.len(), 1, "the event that owes the message is the one that names it");
}

#[test]
fn an_order_for_which_money_has_come_is_never_ended_by_the_ladder() {
    let mut world = placed();
    world.pay("o", "pi_1", euros(10));
    for _ in 0..5 {
        unanswered(&mut world);
        world.now = world.order("o").call().map_or(world.now, |task| task.due_at);
    }
    assert_eq!(world.status("o"), "awaiting_payment");
    assert_eq!(world.order("o").exceptions[0].code, "not_reached");
    assert_eq!(world.order("o").call(), None, "its successor is the exception");
}

#[test]
fn a_busy_line_is_tried_again_without_a_rung_and_the_third_time_counts() {
    let mut world = placed();
    for due in ["2026-12-01T08:05:00Z", "2026-12-01T08:10:00Z"] {
        contact(&mut world, json!({ "outcome": "busy" })).unwrap();
        assert_eq!(next_call(world.order("o")), Some((due.to_owned(), 0)));
        world.now = at(due);
    }
    assert!(!world.told("o").contains(&"not_reached".to_owned()));
    contact(&mut world, json!({ "outcome": "busy" })).unwrap();
    assert_eq!(next_call(world.order("o")), Some(("2026-12-01T08:15:00Z".to_owned(), 1)));
    assert_eq!(world.told("o").last().unwrap(), "not_reached");
}

#[test]
fn a_number_out_of_reach_counts_and_is_not_tried_before_three_hours() {
    let mut world = placed();
    contact(&mut world, json!({ "outcome": "unavailable" })).unwrap();
    assert_eq!(next_call(world.order("o")), Some(("2026-12-01T11:00:00Z".to_owned(), 1)));
}

#[test]
fn nobody_is_called_at_night_and_the_next_call_waits_for_nine_o_clock() {
    let mut world = placed();
    // 19:58 in Vilnius: five minutes later is too late.
    world.now = at("2026-12-01T17:58:00Z");
    unanswered(&mut world);
    assert_eq!(next_call(world.order("o")), Some(("2026-12-02T07:00:00Z".to_owned(), 1)));
    world.now = at("2026-12-01T18:00:00Z");
    let night = contact(&mut world, json!({ "outcome": "not_answering" }));
    assert_eq!(night, Err("outside_daytime".to_owned()));
    // Who calls us at night is reached.
    let body = json!({ "outcome": "reached", "result": "call_again",
        "next_call_at": "2026-12-02T03:00:00Z" });
    contact(&mut world, body).unwrap();
    assert_eq!(next_call(world.order("o")), Some(("2026-12-02T07:00:00Z".to_owned(), 0)));
}

#[test]
fn a_call_ends_only_by_the_next_one_or_by_what_came_of_it() {
    let mut world = placed();
    unanswered(&mut world);
    let key = world.order("o").call().unwrap().key();
    let done = world.try_act("o", Role::Manager, "done", json!({ "task": key }));
    assert!(matches!(done, Err(Rejection::NotPossible { code: "call_has_no_successor", .. })));
    assert_eq!(contact(&mut world, json!({ "outcome": "reached" })), Err("required".to_owned()));
    let paid = json!({ "outcome": "reached", "result": "paid" });
    assert_eq!(contact(&mut world, paid), Err("not_paid".to_owned()));
    let again = json!({ "outcome": "reached", "result": "call_again" });
    assert_eq!(contact(&mut world, again), Err("required".to_owned()));
    // A yes is followed by a call about the money; the money ends it.
    contact(&mut world, json!({ "outcome": "reached", "result": "confirmed" })).unwrap();
    assert_eq!(next_call(world.order("o")), Some(("2026-12-02T08:00:00Z".to_owned(), 0)));
    world.pay("o", "pi_1", euros(40));
    assert_eq!(world.order("o").call(), None);
    assert_eq!(world.status("o"), "confirmed");
}

#[test]
fn a_customer_who_refuses_has_cancelled() {
    let mut world = placed();
    contact(&mut world, json!({ "outcome": "reached", "result": "refused" })).unwrap();
    assert_eq!(world.status("o"), "cancelled");
    assert_eq!(world.events_of("o").last().unwrap().reason.as_deref(), Some("refused"));
    world.sound();
}

/// A webshop that calls before it confirms what is dear or goes to another town.
fn calling() -> World {
    let text = format!(
        "call_when = [\"total_above(300.00)\", \"delivery_outside_home_city\"]\n{}",
        presets::text("webshop").unwrap()
    );
    World::new(load::from_toml("webshop", &text).unwrap(), stock(&[("A", "KUN", 90)]))
}

fn on_delivery(units: i64) -> World {
    let mut world = calling();
    world.place(&order("o", &[("A", units)]).terms("on_delivery"));
    world
}

#[test]
fn an_order_above_the_sum_waits_for_a_call_before_it_is_confirmed() {
    assert_eq!(on_delivery(30).status("o"), "confirmed", "300.00 is not above 300.00");
    let mut world = on_delivery(31);
    assert_eq!(world.status("o"), "reserved");
    let call = world.order("o").call().unwrap().contact.clone().unwrap();
    assert_eq!((call.because.as_str(), call.holds), ("total_above(300.00)", true));
    // Its limits wait too; the call has its own time.
    let due = world.due("o").unwrap();
    assert_eq!(due, at("2026-12-01T09:00:00Z"));
    let reminded = world.judge_at("o", due);
    assert_eq!(support::kinds(&reminded), ["reminded"]);
    assert_eq!(world.due("o"), Some(at("2026-12-01T13:00:00Z")));
    contact(&mut world, json!({ "outcome": "reached", "result": "confirmed" })).unwrap();
    assert_eq!(world.status("o"), "confirmed");
    assert_eq!(world.order("o").call(), None);
    world.sound();
}

#[test]
fn five_calls_in_vain_end_an_order_that_waits_for_one_and_its_goods_are_free() {
    let mut world = on_delivery(31);
    for _ in 0..5 {
        world.now = world.order("o").call().unwrap().due_at;
        unanswered(&mut world);
    }
    assert_eq!(world.status("o"), "cancelled");
    assert!(!world.order("o").holds_stock());
    world.sound();
}

#[test]
fn who_pays_first_is_not_called_for_the_amount() {
    let mut world = calling();
    world.place(&order("o", &[("A", 40)]));
    assert_eq!((world.status("o"), world.order("o").call()), ("awaiting_payment", None));
}

#[test]
fn goods_that_go_to_another_town_than_the_invoice_ask_for_a_call() {
    for (city, calls) in [(" vilnius", false), ("Kaunas", true)] {
        let mut world = calling();
        let home = json!({ "address": { "line1": "x", "city": city, "country": "LT" } });
        world.place(&order("o", &[("A", 1)]).terms("on_delivery").with("/billing", home));
        assert_eq!(world.order("o").waits_for_call(), calls, "{city}");
    }
}

#[test]
fn a_person_who_confirms_is_reminded_to_call_and_may_decide_without() {
    let mut world = calling();
    world.place(&order("o", &[("A", 31)]).terms("after_confirmation"));
    assert_eq!(world.status("o"), "awaiting_confirmation");
    assert!(world.order("o").call().is_some() && !world.order("o").waits_for_call());
    world.act("o", "confirm", json!({}));
    assert_eq!((world.status("o"), world.order("o").call()), ("awaiting_payment", None));
}

#[test]
fn a_task_is_set_called_to_mind_and_done_and_who_did_it_is_kept() {
    let mut world = placed();
    world.act(
        "o",
        "task",
        json!({ "code": "ask_for_size", "due_at": "2026-12-01T12:00:00Z",
        "assignee": "rasa", "note": "the blue one" }),
    );
    let again = world.try_act("o", Role::Manager, "task", json!({ "code": "ask_for_size" }));
    assert!(matches!(again, Err(Rejection::NotPossible { code: "task_open", .. })));
    assert_eq!(world.due("o"), Some(at("2026-12-01T13:00:00Z")));
    let levels: Vec<u8> = (0..3)
        .map(|_| {
            world.judge_at("o", world.order("o").desk.tasks[0].remind_at);
            world.order("o").desk.tasks[0].level
        })
        .collect();
    assert_eq!(levels, [1, 2, 3]);
    world.act("o", "done", json!({ "task": "t1", "note": "42" }));
    let done = world.events_of("o").iter().find(|e| e.cause == "done").unwrap();
    assert_eq!((done.actor.id.as_str(), done.data["task"].as_str()), ("someone", Some("t1")));
    assert!(world.order("o").work().next().is_none());
    let unknown = world.try_act("o", Role::Manager, "done", json!({ "task": "t1" }));
    assert!(matches!(unknown, Err(Rejection::Invalid { code: "no_such_task", .. })));
}

fn take(world: &mut World, task: &str, by: &str) -> bool {
    let actor = Actor::system("test");
    let command = Command::Take { task: task.to_owned(), by: by.to_owned(), actor };
    !world.run("o", &command).events.is_empty()
}

#[test]
fn a_task_belongs_to_whom_it_was_handed_out_for_a_quarter_of_an_hour() {
    let mut world = placed();
    world.act("o", "task", json!({ "code": "look" }));
    assert!(take(&mut world, "t1", "rasa"));
    assert!(!take(&mut world, "t1", "jonas"), "it is another's");
    assert!(!take(&mut world, "t2", "jonas"), "there is no such task");
    world.pass(Seconds(CLAIM.0 - 1));
    assert!(!take(&mut world, "t1", "jonas"));
    world.pass(Seconds(1));
    assert!(take(&mut world, "t1", "jonas"));
    world.act("o", "done", json!({ "task": "t1" }));
    assert!(world.order("o").desk.claims.is_empty());
}

fn asker<'a>(name: &'a str, now: Timestamp) -> Asker<'a> {
    Asker { name, kind: None, seller_zone: "Europe/Vilnius", now }
}

fn offered(orders: &[(&Order, &Policy)], asker: &Asker<'_>) -> Option<String> {
    choose(orders, asker).map(|offer| offer.task)
}

#[test]
fn the_next_task_is_the_earliest_that_may_be_done_now() {
    let mut world = placed();
    world.act("o", "task", json!({ "code": "later", "due_at": "2026-12-03T12:00:00Z" }));
    world.act("o", "task", json!({ "code": "sooner", "due_at": "2026-12-02T12:00:00Z" }));
    world.act("o", "task", json!({ "code": "call_customer", "due_at": "2026-12-01T10:00:00Z" }));
    let policy = world.policy.clone();
    let seen = [(world.order("o"), &policy)];
    // The call is not due yet; then it is, and at night it is not.
    assert_eq!(offered(&seen, &asker("rasa", world.now)).as_deref(), Some("t2"));
    let day = at("2026-12-01T10:00:00Z");
    assert_eq!(offered(&seen, &asker("rasa", day)).as_deref(), Some("t3"));
    let last = at("2026-12-01T17:59:59Z");
    assert_eq!(offered(&seen, &asker("rasa", last)).as_deref(), Some("t3"));
    let night = later(last, 1_000);
    assert_eq!(offered(&seen, &asker("rasa", night)).as_deref(), Some("t2"));
    let calls = Asker { kind: Some(WorkKind::Call), ..asker("rasa", night) };
    assert_eq!(offered(&seen, &calls), None);
}

#[test]
fn what_is_another_s_is_not_offered_unless_it_is_late_and_they_have_more_to_do() {
    let mut world = placed();
    for code in ["a", "b"] {
        let body = json!({ "code": code, "due_at": "2026-12-01T09:00:00Z", "assignee": "rasa" });
        world.act("o", "task", body);
    }
    let policy = world.policy.clone();
    let late = at("2026-12-01T10:00:00Z");
    let seen = [(world.order("o"), &policy)];
    assert_eq!(offered(&seen, &asker("rasa", world.now)).as_deref(), Some("t1"));
    assert_eq!(offered(&seen, &asker("jonas", later(late, -1))), None);
    assert_eq!(offered(&seen, &asker("jonas", late)).as_deref(), Some("t1"));
    world.now = late;
    assert!(take(&mut world, "t1", "jonas"));
    let seen = [(world.order("o"), &policy)];
    assert_eq!(offered(&seen, &asker("jonas", late)).as_deref(), Some("t1"), "until it is done");
    let both_have_one = offered(&seen, &asker("petras", late));
    assert_eq!(both_have_one.as_deref(), Some("t2"), "who has none gets it");
}

#[test]
fn jeopardy_grows_with_the_limit_the_promise_the_work_and_the_value() {
    let mut world = World::webshop(&[("A", "KUN", 90)]);
    let wished = json!("2026-12-08");
    world.place(&order("o", &[("A", 30)]).with("/delivery/requested_date", wished));
    let score = |world: &World, moment: &str| {
        let j = jeopardy::of(&world.policy, world.order("o"), at(moment));
        assert_eq!(j.score, j.limit + j.promise + j.work + j.value);
        (j.limit, j.promise, j.work, j.value)
    };
    // By transfer the first reminder is after a day; 300.00 has half the points of value.
    assert_eq!(score(&world, "2026-12-01T08:00:00Z"), (0, 0, 0, 7));
    assert_eq!(score(&world, "2026-12-01T20:00:00Z"), (20, 0, 0, 7));
    assert_eq!(score(&world, "2026-12-02T08:00:00Z"), (40, 1, 0, 7));
    assert_eq!(score(&world, "2026-12-09T00:00:00Z"), (40, 30, 0, 7));
    world.act("o", "task", json!({ "code": "a", "due_at": "2026-12-01T09:00:00Z" }));
    world.act("o", "task", json!({ "code": "b", "due_at": "2026-12-05T09:00:00Z" }));
    assert_eq!(score(&world, "2026-12-02T08:00:00Z"), (40, 1, 7, 7));
    world.act("o", "cancel", json!({}));
    assert_eq!(score(&world, "2026-12-09T00:00:00Z"), (0, 0, 0, 0));
}
