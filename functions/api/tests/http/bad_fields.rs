//! What must not come in: every field of an order with every kind of wrong value, generated from the
//! schema; and the kinds of nonsense that a schema cannot say.

use crate::schema::{check, operation, resolved};
use crate::support::{Api, order};
use ordermill_table::records::ClientRole;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Every place of a body, down to the last field: pointer and schema.
fn places(schema: &'static Value, at: &str, found: &mut Vec<(String, &'static Value)>) {
    found.push((at.to_owned(), schema));
    let inner = resolved(schema);
    if let Some(properties) = inner.get("properties").and_then(Value::as_object) {
        for (name, of) in properties {
            places(of, &format!("{at}/{name}"), found);
        }
    } else if let Some(items) = inner.get("items") {
        places(items, &format!("{at}/0"), found);
    }
}

/// Puts a value at a place, with all that has to be around it.
fn set(body: &mut Value, at: &str, value: Value) {
    let mut here = body;
    for part in at.split('/').skip(1) {
        here = if part == "0" {
            if !here.is_array() {
                *here = json!([{}]);
            }
            &mut here[0]
        } else {
            if !here.is_object() {
                *here = json!({});
            }
            &mut here[part]
        };
    }
    *here = value;
}

/// Every kind of thing that somebody may send.
fn kinds() -> Vec<Value> {
    vec![
        json!(7),
        json!(-7),
        json!(1.5),
        json!(true),
        json!("nonsense"),
        json!(""),
        json!("nul \u{0}"),
        json!("turned \u{202e} round"),
        json!("x".repeat(30_000)),
        json!([]),
        json!([[]]),
        json!([7]),
        json!({}),
        json!({ "nonsense": 1 }),
    ]
}

#[tokio::test]
async fn every_field_of_an_order_refuses_every_kind_of_value_that_its_schema_refuses() {
    let api = Api::new().await;
    api.product("TEA-100").await;
    let content = &operation("POST", "/v1/orders").unwrap()["requestBody"]["content"];
    let content = &content["application/json"];
    let mut all = Vec::new();
    places(&content["schema"], "", &mut all);
    let mut tried: BTreeMap<i64, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for (at, schema) in &all {
        for value in kinds() {
            let number: usize = tried.values().sum();
            let mut body = content["example"].clone();
            body["external_id"] = json!(format!("bad-{number}"));
            set(&mut body, at, value.clone());
            let mut faults = Vec::new();
            check(schema, &value, "", &mut faults);
            let answer = api.post("/v1/orders", &format!("bad-{number}"), body.clone()).await;
            *tried.entry(answer.status).or_default() += 1;
            let shown: String = value.to_string().chars().take(40).collect();
            let about = format!("{at} {shown}: {}", answer.status);
            match answer.status {
                202 if faults.is_empty() => {}
                202 => wrong.push(format!("{about}, though {faults:?}")),
                400 | 422 => {
                    let errors = answer.body["errors"].as_array().cloned().unwrap_or_default();
                    let named = errors.iter().any(|error| {
                        error["pointer"]
                            .as_str()
                            .is_some_and(|pointer| pointer.starts_with(at.as_str()))
                    });
                    // Not an object at all, or recognised by nothing: said without a place.
                    // Nor is what is right in itself, with something beside it missing.
                    if !named && answer.status == 422 && !faults.is_empty() {
                        wrong.push(format!("{about}: {}", answer.body));
                    }
                }
                _ => wrong.push(about),
            }
        }
    }
    println!("{} places x {} kinds of value: {tried:?}", all.len(), kinds().len());
    assert!(wrong.is_empty(), "{} of them:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried[&422] > 500, "{tried:?}");
    // What was taken in is there, and nothing else.
    let mut seen = 0;
    let mut next = String::new();
    loop {
        let list = api.get(&format!("/v1/orders?limit=200&cursor={next}")).await.is(200).body;
        seen += list["items"].as_array().unwrap().len();
        match list["next"].as_str() {
            Some(cursor) => next = cursor.to_owned(),
            None => break,
        }
    }
    assert_eq!(seen, tried.get(&202).copied().unwrap_or_default());
}

/// The status of an order with this value at this place, and what is said first.
async fn with(api: &Api, at: &str, value: Value) -> (i64, String) {
    let mut body = order(&format!("w-{}", value.to_string().len()));
    body["external_id"] =
        json!(format!("{at} {}", value.to_string().chars().take(60).collect::<String>()));
    set(&mut body, at, value);
    let answer = api
        .post(
            "/v1/orders",
            &body["external_id"].to_string().replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
            body,
        )
        .await;
    (answer.status, answer.code().to_owned())
}

#[tokio::test]
async fn what_a_schema_cannot_say_is_refused_all_the_same_and_what_is_odd_is_taken() {
    let api = Api::new().await;
    api.product("TEA-100").await;
    let pairs = |count: usize| {
        let pairs: BTreeMap<String, String> =
            (0..count).map(|n| (format!("k{n}"), "v".to_owned())).collect();
        json!(pairs)
    };
    let refused = |code: &str| (422, code.to_owned());
    let taken = (202, String::new());
    assert_eq!(with(&api, "/metadata", pairs(50)).await, taken);
    assert_eq!(with(&api, "/metadata", pairs(51)).await.0, 422);
    // No decimals, and three of them.
    assert_eq!(with(&api, "/currency", json!("JPY")).await, refused("decimal_places"));
    let in_currency = async |currency: &str, price: &str| {
        let mut body = order(&format!("{currency} {price}"));
        body["currency"] = json!(currency);
        body["lines"][0]["unit_price"] = json!(price);
        let answer = api.post("/v1/orders", &format!("{currency}-{price}"), body).await;
        (answer.status, answer.body["totals"]["gross"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(in_currency("JPY", "1250").await, (202, "2500".to_owned()));
    assert_eq!(in_currency("KWD", "1.255").await, (202, "2.510".to_owned()));
    assert_eq!(in_currency("KWD", "1.2555").await.0, 422);
    assert_eq!(in_currency("EUR", "1.255").await.0, 422);
    // Written from right to left, and in letters that nobody here reads.
    for name in ["عائشة بنت محمد", "רבקה לוי", "სოფიო", "กนกวรรณ", "👩‍🚀 Ona"]
    {
        assert_eq!(with(&api, "/customer/name", json!(name)).await, taken, "{name}");
    }
    // A language nobody has is read in the seller's.
    assert_eq!(with(&api, "/customer/locale", json!("tlh")).await, taken);
    assert_eq!(with(&api, "/customer/time_zone", json!("Europe/Atlantis")).await.0, 422);
    assert_eq!(with(&api, "/lines/0/tax_rate", json!("1.01")).await.0, 422);
    assert_eq!(with(&api, "/fees", json!([{ "code": "wrap", "amount": "1.00" }])).await, taken);
    let both = json!([{ "code": "wrap", "name": "wrap", "amount": "1.00" }]);
    assert_eq!(with(&api, "/fees", both).await, refused("not_together"));
}

#[tokio::test]
async fn a_discount_larger_than_the_goods_is_never_less_than_nothing() {
    let api = Api::new().await;
    api.product("TEA-100").await;
    let mut body = order("w-1");
    body["discounts"] = json!([{ "code": "ALL", "amount": "99.00", "scope": "order" }]);
    let answer = api.post("/v1/orders", "w-1", body).await;
    match answer.status {
        202 => {
            assert_eq!(answer.body["totals"]["gross"], "0.00", "{}", answer.body["totals"]);
        }
        422 => {
            let pointer = answer.body["errors"][0]["pointer"].as_str().unwrap();
            assert!(pointer.starts_with("/discounts"), "{}", answer.body);
        }
        other => panic!("{other}: {}", answer.body),
    }
}

#[tokio::test]
async fn schedules_that_never_come_or_come_too_often_are_refused() {
    let api = Api::new().await;
    let body = |name: &str, value: Value| {
        let mut body = json!({ "external_id": value.to_string(), "customer": { "email": "ona@example.com" },
            "payment": { "terms": "invoice" }, "currency": "EUR", "rule": "FREQ=MONTHLY",
            "lines": [{ "sku": "TEA-100", "quantity": 1, "unit_price": "1.00" }],
            "start": "2027-01-31", "time": "09:00" });
        body[name] = value;
        body
    };
    for (name, value) in [
        ("rule", json!("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30")),
        ("rule", json!("FREQ=HOURLY")),
        ("rule", json!("FREQ=MINUTELY;INTERVAL=5")),
        ("rule", json!("FREQ=SOMETIMES")),
        ("rule", json!("BYDAY=MO")),
        ("rule", json!("")),
        ("until", json!("2027-01-30")),
        ("time_zone", json!("Mars/Olympus")),
        ("time", json!("25:00")),
        ("start", json!("2027-02-30")),
        ("count", json!(0)),
        ("unpaid", json!("forgive")),
        ("notice_days", json!(-1)),
    ] {
        let mut sent = body(name, value.clone());
        if name == "rule" && value.as_str().is_some_and(|rule| rule.contains("=30")) {
            // With `clip` it would be the last of February.
            sent["month_end"] = json!("skip");
        }
        let answer = api
            .post("/v1/subscriptions", &format!("{name}-{}", value.to_string().len()), sent)
            .await;
        assert_eq!(answer.status, 422, "{name} {value}: {}", answer.body);
        let pointer = answer.body["errors"][0]["pointer"].as_str().unwrap_or_default();
        let places = [format!("/{name}"), "/start".to_owned()];
        assert!(places.iter().any(|place| place == pointer), "{name} {value}: {}", answer.body);
    }
    assert_eq!(api.get("/v1/subscriptions").await.body["items"], json!([]));
}

#[tokio::test]
async fn a_partner_has_no_use_of_another_partners_prices() {
    let api = Api::new().await;
    api.product("TEA-100").await;
    let (first, second) =
        (api.key("first", ClientRole::Partner).await, api.key("second", ClientRole::Partner).await);
    let list = |client: &str| json!({ "currency": "EUR", "client": client, "prices": { "TEA-100": "5.00" } });
    api.put("/v1/price-lists/for-first", list("first")).await.is(201);
    let agreed = json!({ "role": "partner", "price_list": "for-first" });
    api.put("/v1/clients/first", agreed.clone()).await.is(201);
    assert_eq!(api.put("/v1/clients/second", agreed).await.is(422).code(), "price_list_of_another");
    api.with_key("GET", "/v1/price-lists/for-first", &first, Value::Null).await.is(200);
    api.with_key("GET", "/v1/price-lists/for-first", &second, Value::Null).await.is(404);
    let mut body = order("w-1");
    body["lines"][0].as_object_mut().unwrap().remove("unit_price");
    let price = async |key: &str, body: &Value| {
        let made = api.with_key("POST", "/v1/orders", key, body.clone()).await.is(202).body;
        made["lines"][0]["unit_price"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(
        (price(&first, &body).await.as_str(), price(&second, &body).await.as_str()),
        ("5.00", "12.50")
    );
    // Nor by naming the customer whom staff has given that list.
    api.put("/v1/customers/acme", json!({ "client": "first", "price_list": "for-first" }))
        .await
        .is(201);
    body["external_id"] = json!("w-2");
    body["customer"]["id"] = json!("acme");
    assert_eq!(price(&second, &body).await, "12.50");
}
