//! The schedule of attempts, the health of an endpoint, and where messages may go.

use super::address::{AddressError, is_public, parse};
use super::*;

const T0: i64 = 1_772_352_000_000;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_milliseconds(T0).plus(Seconds(seconds))
}

fn endpoint() -> Endpoint {
    Endpoint {
        id: "e".to_owned(),
        client: "partner".to_owned(),
        url: "https://example.com/".to_owned(),
        description: None,
        events: Vec::new(),
        active: true,
        secrets: vec![Secret { text: "whsec_YQ==".to_owned(), until: None }],
        failing_since: None,
        disabled: None,
        replay: None,
        created_at: at(0),
        version: 1,
    }
}

fn event() -> crate::order::Event {
    crate::order::Event {
        version: 1,
        at: at(0),
        kind: EventKind::OrderReceived,
        from: None,
        to: None,
        actor: crate::order::Actor::system("t"),
        cause: "t".to_owned(),
        reason: None,
        data: serde_json::Map::new(),
        todo: Vec::new(),
    }
}

const REFUSED: Outcome = Outcome::Answered { status: 500, retry_after: None };
const TAKEN: Outcome = Outcome::Answered { status: 204, retry_after: None };

#[test]
fn a_delivery_is_tried_for_three_days_ever_more_rarely_and_then_it_is_over() {
    let mut endpoint = endpoint();
    let mut delivery = Delivery::begin(&endpoint, "s", "o", &event(), at(0));
    assert!(delivery.is_tried_at_once());
    let mut now = at(0);
    let mut pauses = Vec::new();
    let mut health = Health::AsBefore;
    while delivery.state == DeliveryState::Waiting {
        delivery.take(now);
        delivery.note(&REFUSED, now);
        health = endpoint.note(&REFUSED, now);
        if let Some(due) = delivery.due_at {
            pauses.push((due.milliseconds() - now.milliseconds()) / 1000);
            now = due;
        }
    }
    assert_eq!(delivery.state, DeliveryState::Failed);
    assert_eq!(delivery.due_at, None);
    assert_eq!(now, at(0).plus(TRIED_FOR), "the last attempt is at the end of the three days");
    assert_eq!(delivery.tries, 10, "{pauses:?}");
    assert!(pauses.windows(2).rev().skip(1).all(|p| p[0] < p[1]), "{pauses:?}");
    assert_eq!(health, Health::Disabled);
    assert_eq!(endpoint.disabled.map(|d| d.reason), Some(DisabledReason::Failing));
}

#[test]
fn a_success_ends_it_and_heals_the_endpoint() {
    let mut endpoint = endpoint();
    let mut delivery = Delivery::begin(&endpoint, "s", "o", &event(), at(0));
    delivery.note(&Outcome::Failed(Fault::TimedOut), at(0));
    assert_eq!(endpoint.note(&Outcome::Failed(Fault::TimedOut), at(0)), Health::Changed);
    assert_eq!(delivery.state, DeliveryState::Waiting);
    delivery.note(&TAKEN, at(60));
    assert_eq!(endpoint.note(&TAKEN, at(60)), Health::Changed);
    assert_eq!((delivery.state, delivery.due_at), (DeliveryState::Delivered, None));
    assert_eq!(endpoint.failing_since, None);
    delivery.replay(at(90));
    assert_eq!((delivery.state, delivery.due_at), (DeliveryState::Waiting, Some(at(90))));
}

#[test]
fn a_redirect_is_no_success_and_gone_means_at_once() {
    let mut delivery = Delivery::begin(&endpoint(), "s", "o", &event(), at(0));
    delivery.note(&Outcome::Answered { status: 302, retry_after: None }, at(0));
    assert_eq!(delivery.state, DeliveryState::Waiting);
    let mut endpoint = endpoint();
    let gone = Outcome::Answered { status: 410, retry_after: None };
    assert_eq!(endpoint.note(&gone, at(0)), Health::Disabled);
    assert!(!endpoint.is_open());
}

#[test]
fn a_pause_that_is_asked_for_is_kept_up_to_a_day() {
    let mut delivery = Delivery::begin(&endpoint(), "s", "o", &event(), at(0));
    let asks = |s| Outcome::Answered { status: 503, retry_after: Some(Seconds(s)) };
    delivery.note(&asks(3_600), at(0));
    assert_eq!(delivery.due_at, Some(at(3_600)));
    delivery.note(&asks(999_999_999), at(3_600));
    assert_eq!(delivery.due_at, Some(at(3_600 + 86_400)));
}

#[test]
fn what_happens_while_an_endpoint_is_off_or_fails_waits_in_the_log() {
    let mut off = endpoint();
    off.active = false;
    assert_eq!(Delivery::begin(&off, "s", "o", &event(), at(5)).state, DeliveryState::Held);
    let mut failing = endpoint();
    failing.failing_since = Some(at(1));
    let delivery = Delivery::begin(&failing, "s", "o", &event(), at(5));
    assert!(!delivery.is_tried_at_once() && delivery.due_at > Some(at(5)));
}

#[test]
fn an_endpoint_is_told_what_it_asked_for_and_nothing_from_before_its_time() {
    let mut endpoint = endpoint();
    assert!(endpoint.wants(EventKind::OrderShipped, at(0)));
    assert!(!endpoint.wants(EventKind::OrderShipped, at(-1)));
    endpoint.events = vec![EventKind::PaymentReceived];
    assert!(!endpoint.wants(EventKind::OrderShipped, at(0)));
}

#[test]
fn an_old_secret_signs_beside_the_new_one_for_its_overlap_and_not_a_moment_longer() {
    let mut endpoint = endpoint();
    endpoint.roll("whsec_Yg==".to_owned(), Seconds(100), at(0));
    let signing = |now| endpoint.signing(now).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(signing(at(99)), ["whsec_Yg==", "whsec_YQ=="]);
    assert_eq!(signing(at(100)), ["whsec_Yg=="]);
    let mut again = endpoint.clone();
    again.roll("whsec_Yw==".to_owned(), Seconds(500), at(50));
    let left: Vec<_> = again.secrets.iter().map(|s| s.until).collect();
    assert_eq!(left, [None, Some(at(550)), Some(at(100))], "an end is never put off");
}

#[test]
fn every_event_has_a_name_that_leads_back_to_it() {
    for kind in [EventKind::OrderReceived, EventKind::PaymentReceived, EventKind::StockReserved] {
        assert_eq!(kind_named(&type_name(kind)), Some(kind));
    }
    assert_eq!(type_name(EventKind::OrderShipped), "order.shipped");
    assert_eq!(kind_named("order.order_shipped"), None);
    assert_eq!(kind_named("shipped"), None);
}

#[test]
fn messages_go_to_https_on_443_of_the_public_network() {
    for good in [
        "https://example.com",
        "https://example.com:443/a?b=c",
        "HTTPS://Example.Com/hook",
        "https://93.184.216.34/",
        "https://[2606:2800:220:1::1]/",
        "https://xn--bcher-kva.example/x",
    ] {
        assert!(parse(good, false).is_ok(), "{good}");
    }
    let refused = [
        ("http://example.com/", AddressError::NotSecure),
        ("ftp://example.com/", AddressError::NotSecure),
        ("https://example.com:8443/", AddressError::OtherPort),
        ("https://u:p@example.com/", AddressError::Credentials),
        ("https://example.com@127.0.0.1/", AddressError::Credentials),
        ("https://127.0.0.1/", AddressError::NotPublic),
        ("https://2130706433/", AddressError::NotPublic),
        ("https://0x7f.0.0.1/", AddressError::NotPublic),
        ("https://0x7f.0x1/", AddressError::NotPublic),
        ("https://127.1/", AddressError::NotPublic),
        ("https://[::1]/", AddressError::NotPublic),
        ("https://[::ffff:10.0.0.1]/", AddressError::NotPublic),
        ("https://localhost/", AddressError::NotPublic),
        ("https://a.localhost./", AddressError::NotPublic),
        ("https://metadata.google.internal/", AddressError::NotPublic),
        ("https://printer/", AddressError::NotPublic),
        ("https://", AddressError::Malformed),
        ("https://exa mple.com/", AddressError::Malformed),
        ("https://example.com/#x", AddressError::Malformed),
        ("https://example.com:99999/", AddressError::Malformed),
        ("https://[::1/", AddressError::Malformed),
        ("example.com", AddressError::Malformed),
        ("", AddressError::Malformed),
    ];
    for (url, error) in refused {
        assert_eq!(parse(url, false), Err(error), "{url}");
        assert_eq!(parse(url, true), Err(error), "{url}");
    }
    let own = parse("http://127.0.0.1:8080/hook?x=1", true);
    assert_eq!(
        own.map(|t| (t.port, t.path, t.is_secure)),
        Ok((8080, "/hook?x=1".to_owned(), false))
    );
    assert_eq!(parse("http://127.0.0.1:8080/hook", false), Err(AddressError::NotSecure));
    assert_eq!(parse("http://10.0.0.1/hook", true), Err(AddressError::NotSecure));
}

#[test]
fn addresses_that_mean_something_nearby_are_not_public() {
    for near in [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!is_public(near.parse().unwrap()), "{near}");
    }
    for far in [
        "1.1.1.1",
        "8.8.8.8",
        "172.32.0.1",
        "100.128.0.1",
        "2606:4700::1",
        "64:ff9b::101:101",
        "2002:808:808::1",
    ] {
        assert!(is_public(far.parse().unwrap()), "{far}");
    }
}
