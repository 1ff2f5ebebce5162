//! What becomes of the dates of a subscription: due, skipped, paused, missed in an outage.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use jiff::civil::{Date, date};
use ordermill_domain::dunning::{Act, FailureClass, Money, Unpaid};
use ordermill_domain::figures::{Figures, monthly as a_month};
use ordermill_domain::money::Amount;
use ordermill_domain::recurrence::{Calendar, CatchUp, MonthEnd, NonWorking, Rule, Schedule};
use ordermill_domain::subscription::{Due, Subscription, SubscriptionAct, SubscriptionStatus};
use ordermill_domain::time::{Seconds, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// On the 31st of each month at 09:00 in Vilnius, from 31 January 2027 on.
fn monthly(catch_up: CatchUp) -> Subscription {
    let schedule = Schedule {
        rule: Rule::parse("FREQ=MONTHLY").unwrap(),
        month_end: MonthEnd::Clip,
        non_working: NonWorking::Keep,
        start: date(2027, 1, 31),
        until: None,
        count: None,
        time: jiff::civil::time(9, 0, 0, 0),
        time_zone: "Europe/Vilnius".to_owned(),
        lead_days: 0,
        calendar: Calendar::default(),
    };
    Subscription {
        id: "s".to_owned(),
        client: "shop".to_owned(),
        external_id: None,
        customer_id: String::new(),
        body_hash: "hash".to_owned(),
        version: 1,
        status: SubscriptionStatus::Active,
        schedule,
        catch_up,
        notice_days: 0,
        unpaid: Unpaid::Pause,
        value: Amount::ZERO,
        prices: BTreeMap::new(),
        announced: None,
        dunning: None,
        given_up: None,
        ended_at: None,
        body: serde_json::Value::Null,
        next_body: None,
        last_key: None,
        skips: BTreeSet::new(),
        paused_until: None,
        cancel_reason: None,
        last_wanted: None,
        orders_made: 0,
        is_house: true,
        created_at: at("2027-01-01T00:00:00Z"),
        updated_at: at("2027-01-01T00:00:00Z"),
        erased_at: None,
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

/// The dates that get their order when it is looked at again and again at that moment.
fn made(subscription: &mut Subscription, now: &str) -> Vec<String> {
    let mut dates = Vec::new();
    for _ in 0..2_000 {
        let (after, due) = subscription.due(at(now));
        match due {
            Due::NotDue => {
                assert_eq!(after.version, subscription.version, "nothing is written");
                return dates;
            }
            Due::Advance | Due::Announce(_) => {}
            Due::Make(occurrence) => dates.push(occurrence.key.to_string()),
        }
        assert_eq!(after.version, subscription.version + 1);
        *subscription = after;
    }
    panic!("it never comes to rest");
}

fn act(subscription: &Subscription, act: &SubscriptionAct, now: &str) -> Subscription {
    subscription.act(act, at(now)).unwrap_or_else(|(code, why)| panic!("{code}: {why}"))
}

fn keys(subscription: &Subscription, count: usize) -> Vec<Date> {
    subscription.preview(count).into_iter().map(|o| o.key).collect()
}

#[test]
fn an_order_is_made_at_its_moment_once_and_not_a_millisecond_before() {
    let mut subscription = monthly(CatchUp::Each);
    assert_eq!(subscription.due_at(), Some(at("2027-01-31T07:00:00Z")));
    assert!(made(&mut subscription, "2027-01-31T06:59:59.999Z").is_empty());
    assert_eq!(made(&mut subscription, "2027-01-31T07:00:00Z"), ["2027-01-31"]);
    assert!(made(&mut subscription, "2027-01-31T07:00:00.001Z").is_empty());
    assert_eq!(subscription.orders_made, 1);
}

#[test]
fn the_31st_is_kept_for_ever_and_summer_time_does_not_move_the_hour() {
    let subscription = monthly(CatchUp::Each);
    let dates = [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)];
    assert_eq!(keys(&subscription, 4), dates);
    let hours: Vec<String> =
        subscription.preview(4).iter().map(|o| o.at.to_string()[11..16].to_owned()).collect();
    assert_eq!(hours, ["07:00", "07:00", "06:00", "06:00"]);
}

#[test]
fn after_an_outage_the_catch_up_decides() {
    for (catch_up, expected) in [
        (CatchUp::Each, vec!["2027-01-31", "2027-02-28", "2027-03-31"]),
        (CatchUp::Latest, vec!["2027-03-31"]),
        (CatchUp::Skip, vec![]),
    ] {
        let mut subscription = monthly(catch_up);
        assert_eq!(made(&mut subscription, "2027-04-10T00:00:00Z"), expected, "{catch_up:?}");
        assert_eq!(keys(&subscription, 1), [date(2027, 4, 30)], "{catch_up:?}");
    }
}

#[test]
fn dates_that_come_to_one_moment_each_get_their_order_when_nothing_was_down() {
    for (moved, catch_up) in [NonWorking::Before, NonWorking::After]
        .into_iter()
        .flat_map(|moved| [CatchUp::Latest, CatchUp::Each, CatchUp::Skip].map(|c| (moved, c)))
    {
        let mut subscription = monthly(catch_up);
        subscription.schedule.rule = Rule::parse("FREQ=DAILY").unwrap();
        subscription.schedule.non_working = moved;
        let promised = keys(&subscription, 30);
        let mut orders = Vec::new();
        while orders.len() < promised.len() {
            let due = subscription.due_at().unwrap();
            orders.extend(made(&mut subscription, &due.to_string()));
        }
        orders.truncate(promised.len());
        let promised: Vec<String> = promised.iter().map(ToString::to_string).collect();
        assert_eq!(orders, promised, "{moved:?} {catch_up:?}");
    }
}

#[test]
fn a_date_counts_as_missed_only_after_an_hour() {
    for (now, expected) in
        [("2027-01-31T08:00:00Z", vec!["2027-01-31"]), ("2027-01-31T08:00:00.001Z", vec![])]
    {
        assert_eq!(made(&mut monthly(CatchUp::Skip), now), expected, "{now}");
    }
}

#[test]
fn the_latest_is_one_order_however_long_the_outage_was() {
    let mut subscription = monthly(CatchUp::Latest);
    subscription.schedule.rule = Rule::parse("FREQ=DAILY").unwrap();
    assert_eq!(made(&mut subscription, "2031-01-01T00:00:00Z"), ["2030-12-31"]);
}

#[test]
fn a_skipped_date_passes_without_an_order_also_across_an_outage() {
    for catch_up in [CatchUp::Each, CatchUp::Latest, CatchUp::Skip] {
        let skip = SubscriptionAct::Skip { date: Some(date(2027, 2, 28)) };
        let mut subscription = act(&monthly(catch_up), &skip, "2027-01-01T00:00:00Z");
        let again = act(&subscription, &skip, "2027-01-01T00:00:00Z");
        assert_eq!(again.skips, subscription.skips);
        assert!(!keys(&subscription, 12).contains(&date(2027, 2, 28)));
        let orders = made(&mut subscription, "2027-03-01T00:00:00Z");
        assert!(!orders.contains(&"2027-02-28".to_owned()), "{catch_up:?}: {orders:?}");
        assert!(subscription.skips.is_empty(), "what has passed is forgotten");
    }
    let past = SubscriptionAct::Skip { date: Some(date(2026, 1, 1)) };
    let refused = monthly(CatchUp::Each).act(&past, at("2027-01-01T00:00:00Z"));
    assert_eq!(refused.err().unwrap().0, "no_such_occurrence");
}

#[test]
fn a_pause_ends_by_itself_with_the_first_date_not_before_its_end() {
    let pause = SubscriptionAct::Pause { until: Some(date(2027, 3, 1)) };
    let mut subscription = act(&monthly(CatchUp::Each), &pause, "2027-01-01T00:00:00Z");
    assert_eq!(keys(&subscription, 1), [date(2027, 3, 31)]);
    assert!(made(&mut subscription, "2027-03-15T00:00:00Z").is_empty());
    assert_eq!(made(&mut subscription, "2027-03-31T06:00:00Z"), ["2027-03-31"]);
    assert_eq!(subscription.status, SubscriptionStatus::Active);
}

#[test]
fn a_resumed_subscription_makes_no_order_for_the_dates_of_its_pause() {
    let pause = SubscriptionAct::Pause { until: None };
    let mut subscription = act(&monthly(CatchUp::Each), &pause, "2027-01-01T00:00:00Z");
    assert_eq!((subscription.due_at(), subscription.preview(3).len()), (None, 0));
    subscription = act(&subscription, &SubscriptionAct::Resume, "2027-03-15T00:00:00Z");
    assert!(made(&mut subscription, "2027-03-15T00:00:00Z").is_empty());
    assert_eq!(keys(&subscription, 1), [date(2027, 3, 31)]);
}

#[test]
fn a_cancelled_subscription_makes_no_order_or_just_the_coming_one() {
    for (at_period_end, expected) in [(false, vec![]), (true, vec!["2027-01-31"])] {
        let cancel = SubscriptionAct::Cancel { at_period_end, reason: None };
        let mut subscription = act(&monthly(CatchUp::Each), &cancel, "2027-01-01T00:00:00Z");
        assert_eq!(made(&mut subscription, "2028-01-01T00:00:00Z"), expected);
        assert_eq!(subscription.status, SubscriptionStatus::Cancelled);
        assert!(subscription.act(&cancel, at("2028-01-01T00:00:00Z")).is_err(), "it is over");
    }
}

#[test]
fn a_subscription_whose_last_date_fell_into_its_pause_is_over_when_it_is_resumed() {
    for (cancelled, status) in
        [(true, SubscriptionStatus::Cancelled), (false, SubscriptionStatus::Ended)]
    {
        let mut subscription = monthly(CatchUp::Each);
        let now = "2027-01-01T00:00:00Z";
        if cancelled {
            subscription = act(
                &subscription,
                &SubscriptionAct::Cancel { at_period_end: true, reason: None },
                now,
            );
        } else {
            subscription.schedule.count = Some(1);
        }
        subscription = act(&subscription, &SubscriptionAct::Pause { until: None }, now);
        subscription = act(&subscription, &SubscriptionAct::Resume, "2027-02-10T00:00:00Z");
        assert_eq!((subscription.status, subscription.due_at()), (status, None));
    }
}

#[test]
fn a_subscription_ends_with_its_last_date() {
    let mut subscription = monthly(CatchUp::Each);
    subscription.schedule.count = Some(2);
    assert_eq!(made(&mut subscription, "2028-01-01T00:00:00Z"), ["2027-01-31", "2027-02-28"]);
    assert_eq!((subscription.status, subscription.orders_made), (SubscriptionStatus::Ended, 2));
    assert_eq!(subscription.due_at(), None);
}

/// What is due, one thing after another, up to that moment: `told 2027-01-31 at …`, `made …`.
fn lived(subscription: &mut Subscription, until: &str) -> Vec<String> {
    let mut lines = Vec::new();
    while let Some(due) = subscription.due_at().filter(|due| *due <= at(until)) {
        let (after, what) = subscription.due(due);
        assert!(after.version > subscription.version, "whoever judges a due item moves it");
        *subscription = after;
        match what {
            Due::Make(o) => lines.push(format!("made {} at {due}", o.key)),
            Due::Announce(o) => lines.push(format!("told {} at {due}", o.key)),
            Due::Advance => lines.push(format!("passed at {due}")),
            Due::NotDue => panic!("due, and nothing to be done"),
        }
    }
    lines
}

#[test]
fn each_date_is_told_of_once_so_many_days_before_its_order() {
    let mut subscription = monthly(CatchUp::Latest);
    subscription.notice_days = 3;
    let lines = lived(&mut subscription, "2027-03-01T00:00:00Z");
    assert_eq!(
        lines,
        [
            "told 2027-01-31 at 2027-01-28T07:00:00Z",
            "made 2027-01-31 at 2027-01-31T07:00:00Z",
            "told 2027-02-28 at 2027-02-25T07:00:00Z",
            "made 2027-02-28 at 2027-02-28T07:00:00Z",
        ]
    );
}

#[test]
fn nobody_is_told_of_a_date_that_is_skipped_paused_or_cancelled() {
    let skipped = SubscriptionAct::Skip { date: Some(date(2027, 1, 31)) };
    let mut subscription = act(&monthly(CatchUp::Latest), &skipped, "2027-01-02T00:00:00Z");
    subscription.notice_days = 3;
    let lines = lived(&mut subscription, "2027-02-27T00:00:00Z");
    assert_eq!(
        lines,
        ["passed at 2027-01-31T07:00:00Z", "told 2027-02-28 at 2027-02-25T07:00:00Z"]
    );
    let pause = SubscriptionAct::Pause { until: None };
    let mut paused = act(&monthly(CatchUp::Latest), &pause, "2027-01-02T00:00:00Z");
    paused.notice_days = 3;
    assert_eq!(paused.due_at(), None);
    let cancel = SubscriptionAct::Cancel { at_period_end: false, reason: None };
    let mut cancelled = act(&monthly(CatchUp::Latest), &cancel, "2027-01-02T00:00:00Z");
    cancelled.notice_days = 3;
    assert_eq!(cancelled.due_at(), None);
    assert_eq!(cancelled.ended_at, Some(at("2027-01-02T00:00:00Z")));
}

#[test]
fn a_notice_that_comes_late_still_comes_unless_its_order_is_there() {
    let mut subscription = monthly(CatchUp::Latest);
    subscription.notice_days = 10;
    // Nobody looked until the 30th: told a day before.
    let (after, due) = subscription.due(at("2027-01-30T07:00:00Z"));
    assert!(matches!(due, Due::Announce(_)), "{due:?}");
    assert_eq!(after.announced, Some(date(2027, 1, 31)));
    // Nobody looked until the day itself: the order is made, the next date is told of in its turn.
    let (after, due) = subscription.due(at("2027-01-31T07:00:00Z"));
    assert!(matches!(due, Due::Make(_)), "{due:?}");
    subscription = after;
    assert_eq!(subscription.due_at(), Some(at("2027-02-18T07:00:00Z")));
}

#[test]
fn the_ladder_of_a_failed_payment_depends_on_why_it_failed() {
    let classes = [
        (Some("issuer_not_available"), FailureClass::Passing, vec![1, 3], 7),
        (Some("insufficient_funds"), FailureClass::Declined, vec![1, 3, 5, 7], 10),
        (None, FailureClass::Declined, vec![1, 3, 5, 7], 10),
        (Some("never_heard_of"), FailureClass::Declined, vec![1, 3, 5, 7], 10),
        (Some("expired_card"), FailureClass::Unusable, vec![0, 3, 6], 7),
    ];
    let began = at("2027-02-01T07:00:00Z");
    let day = |number: i64| began.plus(Seconds::days(number));
    for (code, class, reminders, end) in classes {
        for unpaid in [Unpaid::Pause, Unpaid::Cancel] {
            let mut subscription = monthly(CatchUp::Latest);
            subscription.last_key = Some(date(2027, 1, 31));
            subscription.unpaid = unpaid;
            let failed = Money::Failed { code, since: began };
            let (after, act) = subscription.dun("o-1", failed, began).unwrap();
            assert_eq!(act, Act::Begin { remind: reminders[0] == 0 }, "{code:?}");
            assert_eq!(after.dunning.as_ref().unwrap().class, class);
            // The same again says nothing new; another order waits for its turn.
            assert!(after.dun("o-1", failed, began).is_none());
            assert!(after.dun("o-2", failed, began).is_none());
            let mut now = after;
            let mut reminded: Vec<i64> = if reminders[0] == 0 { vec![0] } else { Vec::new() };
            loop {
                let due = now.dunning.as_ref().unwrap().due_at;
                assert_eq!(now.due_at(), Some(due));
                let (after, act) = now.dun("o-1", failed, due).unwrap();
                now = after;
                match act {
                    Act::Remind => reminded.push((due.seconds() - began.seconds()) / 86_400),
                    Act::End => {
                        assert_eq!(due, day(end));
                        break;
                    }
                    Act::Nothing | Act::Begin { .. } => panic!("{act:?} at {due}"),
                }
            }
            assert_eq!(reminded, reminders, "{code:?}");
            assert_eq!(now.cancel_reason.as_deref(), Some("not_paid"));
            assert_eq!(now.dunning, None);
            // The hold that is lifted is seen, and nothing begins anew.
            assert!(now.dun("o-1", failed, day(end)).is_none());
            assert_eq!(
                now.status,
                match unpaid {
                    Unpaid::Pause => SubscriptionStatus::Paused,
                    Unpaid::Cancel => SubscriptionStatus::Cancelled,
                }
            );
            assert_eq!(now.due_at(), None);
        }
    }
}

#[test]
fn the_ladder_is_counted_from_the_failure_however_late_somebody_looks() {
    let subscription = monthly(CatchUp::Latest);
    let began = at("2027-02-01T07:00:00Z");
    let failed = Money::Failed { code: None, since: began };
    let day = |number: i64| began.plus(Seconds::days(number));
    // Of two reminders that were due one goes out; the next comes when it would have come.
    let (after, act) = subscription.dun("o-1", failed, day(4)).unwrap();
    assert_eq!(act, Act::Begin { remind: true });
    let dunning = after.dunning.as_ref().unwrap();
    assert_eq!((dunning.since, dunning.reminders, dunning.due_at), (began, 2, day(5)));
    // Nobody looked until it was over: whoever is reminded now has as long as after any last reminder.
    let (after, act) = subscription.dun("o-1", failed, day(11)).unwrap();
    assert_eq!(act, Act::Begin { remind: true });
    assert_eq!(after.dunning.as_ref().unwrap().due_at, day(14));
    assert!(after.dun("o-1", failed, day(11)).is_none());
    let again = Money::Failed { code: Some("generic_decline"), since: began };
    assert!(after.dun("o-1", again, day(13)).is_none(), "a new attempt does not end it sooner");
    let (ended, act) = after.dun("o-1", failed, day(14)).unwrap();
    assert_eq!((act, ended.status), (Act::End, SubscriptionStatus::Paused));
}

#[test]
fn money_ends_it_at_any_time_and_so_does_the_orders_end() {
    let subscription = monthly(CatchUp::Latest);
    let began = at("2027-02-01T07:00:00Z");
    let (waits, _) =
        subscription.dun("o-1", Money::Failed { code: None, since: began }, began).unwrap();
    let (paid, act) = waits.dun("o-1", Money::Paid, began).unwrap();
    assert_eq!((paid.dunning, paid.status, act), (None, SubscriptionStatus::Active, Act::End));
    let (ended, act) = waits.dun("o-1", Money::NotPaid, began).unwrap();
    assert_eq!((ended.status, act), (SubscriptionStatus::Paused, Act::Nothing));
    // After days without anybody looking, one reminder goes out, not three.
    let late = began.plus(Seconds::days(6));
    let (after, act) = waits.dun("o-1", Money::Failed { code: None, since: began }, late).unwrap();
    assert_eq!(act, Act::Remind);
    assert!(after.dun("o-1", Money::Failed { code: None, since: began }, late).is_none());
    // A card that turns out to be lost is asked about sooner.
    let (after, act) =
        waits.dun("o-1", Money::Failed { code: Some("lost_card"), since: began }, began).unwrap();
    assert_eq!((act, after.dunning.unwrap().class), (Act::Remind, FailureClass::Unusable));
}

#[test]
fn figures_count_what_is_there_what_came_and_what_went() {
    let now = at("2029-06-01T00:00:00Z");
    let span = (at("2027-01-01T00:00:00Z"), now);
    let mut figures = Figures::default();
    let mut one = monthly(CatchUp::Latest);
    one.body = serde_json::json!({ "currency": "EUR" });
    one.value = Amount(1_001);
    one.last_key = Some(date(2029, 5, 31));
    // Twelve orders of 10.01 in a year are 10.01 a month.
    assert_eq!(a_month(&one, now), Amount(1_001));
    let mut weekly = one.clone();
    weekly.schedule.rule = Rule::parse("FREQ=WEEKLY").unwrap();
    // 52 Sundays of 10.01: 520.52 a year, 43.376… a month.
    assert_eq!(a_month(&weekly, now), Amount(4_338));
    figures.add(&one, span, now);
    figures.add(&weekly, span, now);
    let cancel = SubscriptionAct::Cancel { at_period_end: false, reason: None };
    figures.add(&act(&one, &cancel, "2027-02-01T00:00:00Z"), span, now);
    figures.add(&act(&one, &cancel, "2029-06-01T00:00:00Z"), span, now);
    let pause = SubscriptionAct::Pause { until: None };
    figures.add(&act(&one, &pause, "2027-02-01T00:00:00Z"), span, now);
    assert_eq!((figures.active, figures.paused, figures.new, figures.churned), (2, 1, 5, 1));
    assert_eq!(figures.monthly["EUR"], Amount(5_339));
}
