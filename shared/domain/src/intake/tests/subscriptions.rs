//! The body of a subscription.

use super::{api_example, defaults, only, set, shown};
use crate::intake::{SubscriptionPrice, parse_subscription};
use crate::order::Channel;
use crate::recurrence::{CatchUp, MonthEnd, NonWorking};
use jiff::civil::{date, time};
use serde_json::{Value, json};

/// The example of `spec/api.md`, with the parts it leaves open.
pub(super) fn example() -> Value {
    json!({
        "external_id": "sub-1", "customer": { "name": "Ona" }, "delivery": { "method": "post" },
        "payment": { "terms": "invoice" }, "currency": "EUR",
        "lines": [ { "sku": "TEA-100", "quantity": 1, "unit_price": "12.50" } ],
        "rule": "FREQ=MONTHLY;BYMONTHDAY=31", "month_end": "clip", "non_working": "keep",
        "start": "2026-01-31", "until": null, "count": null, "time": "09:00",
        "time_zone": "Europe/Vilnius", "lead_days": 0, "notice_days": 0, "price": "locked",
        "catch_up": "each"
    })
}

#[test]
fn the_example_of_the_api_document_is_a_subscription() {
    let draft = parse_subscription(&example(), &defaults()).unwrap();
    assert_eq!(draft.external_id.as_deref(), Some("sub-1"));
    assert_eq!(draft.order.external_id, None);
    assert_eq!(draft.order.channel, Channel::Recurring);
    assert_eq!(draft.rule, "FREQ=MONTHLY;BYMONTHDAY=31");
    assert_eq!((draft.start, draft.time), (date(2026, 1, 31), time(9, 0, 0, 0)));
    assert_eq!(draft.time_zone.as_deref(), Some("Europe/Vilnius"));
    assert_eq!((draft.until, draft.count), (None, None));
    assert_eq!(draft.catch_up, CatchUp::Each);
}

#[test]
fn what_a_subscription_leaves_out_has_its_default() {
    let mut body = example();
    for name in [
        "month_end",
        "non_working",
        "time",
        "time_zone",
        "lead_days",
        "notice_days",
        "price",
        "catch_up",
    ] {
        body[name] = Value::Null;
    }
    body["customer"]["time_zone"] = json!("Asia/Tokyo");
    body["delivery"]["requested_date"] = json!("2026-12-01");
    let draft = parse_subscription(&body, &defaults()).unwrap();
    assert_eq!((draft.month_end, draft.non_working), (MonthEnd::Clip, NonWorking::Keep));
    assert_eq!((draft.time, draft.time_zone.as_deref()), (time(9, 0, 0, 0), Some("Asia/Tokyo")));
    assert_eq!((draft.lead_days, draft.notice_days), (0, 0));
    assert_eq!((draft.price, draft.catch_up), (SubscriptionPrice::Locked, CatchUp::Latest));
    assert_eq!(draft.order.placed.delivery.requested_date, None);
}

#[test]
fn a_subscription_is_checked_at_its_edges() {
    for (pointer, value, expected) in [
        ("/rule", json!(null), "/rule required"),
        ("/rule", json!(" "), "/rule required"),
        ("/rule", json!("anything at all"), "/rule rule_part_malformed"),
        ("/rule", json!("FREQ=HOURLY"), "/rule rule_part_refused"),
        ("/start", json!(null), "/start required"),
        ("/start", json!("2026-02-29"), "/start date_malformed"),
        ("/until", json!("2027-1-1"), "/until date_malformed"),
        ("/until", json!("2027-01-01"), ""),
        ("/count", json!(1), ""),
        ("/count", json!(0), "/count out_of_range"),
        ("/count", json!("3"), "/count wrong_type"),
        ("/time", json!("23:59"), ""),
        ("/time", json!("24:00"), "/time time_malformed"),
        ("/time", json!("9:00"), "/time time_malformed"),
        ("/time", json!("09:00:30"), "/time time_malformed"),
        ("/time_zone", json!("Mars/Olympus"), "/time_zone unknown_time_zone"),
        ("/lead_days", json!(365), ""),
        ("/lead_days", json!(366), "/lead_days out_of_range"),
        ("/notice_days", json!(-1), "/notice_days out_of_range"),
        ("/month_end", json!("clamp"), "/month_end unknown_value"),
        ("/non_working", json!("after"), ""),
        ("/price", json!("12.50"), "/price unknown_value"),
        ("/catch_up", json!("skip"), ""),
        ("/total", json!("12.50"), "/total unknown_field"),
        ("/lines/0/quantity", json!(0), "/lines/0/quantity quantity_not_positive"),
    ] {
        let mut body = example();
        set(&mut body, pointer, value.clone());
        assert_eq!(only(parse_subscription(&body, &defaults())), expected, "{pointer} = {value}");
    }
    assert_eq!(
        shown(parse_subscription(&api_example(), &defaults())),
        ["/channel unknown_field", "/total unknown_field", "/rule required", "/start required"]
    );
}

#[test]
fn a_rule_that_cannot_be_is_told_with_all_that_is_wrong() {
    let mut body = example();
    set(&mut body, "/rule", json!("FREQ=HOURLY"));
    set(&mut body, "/currency", json!("XXQ"));
    set(&mut body, "/time_zone", json!("Mars/Olympus"));
    set(&mut body, "/lines", json!([]));
    let found = shown(parse_subscription(&body, &defaults()));
    for pointer in ["/rule ", "/currency ", "/time_zone ", "/lines "] {
        assert!(found.iter().any(|problem| problem.starts_with(pointer)), "{pointer}: {found:?}");
    }
}
