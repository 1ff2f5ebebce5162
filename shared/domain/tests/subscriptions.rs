//! What becomes of the dates of a subscription: due, skipped, paused, missed in an outage.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

use jiff::civil::{Date, date};
use ordermill_domain::recurrence::{Calendar, CatchUp, MonthEnd, NonWorking, Rule, Schedule};
use ordermill_domain::subscription::{Due, Subscription, SubscriptionAct, SubscriptionStatus};
use ordermill_domain::time::Timestamp;
use std::collections::BTreeSet;

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
        body_hash: "hash".to_owned(),
        version: 1,
        status: SubscriptionStatus::Active,
        schedule,
        catch_up,
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
            Due::Advance => {}
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
