//! What people have to do: tasks, and calls to customers.

use ordermill_domain::policy::presets;
use ordermill_journeys::{Shop, by_transfer, order, with_terms};
use serde_json::{Value, json};

/// The keys of the open tasks of an order, with their codes.
async fn tasks(shop: &Shop, id: &str) -> Vec<String> {
    let all = shop.list("/v1/tasks").await;
    let of_order = all.iter().filter(|task| task["order"] == id);
    of_order.map(|task| format!("{} {}", task["task"], task["code"]).replace('"', "")).collect()
}

async fn next(shop: &Shop, query: &str) -> Option<Value> {
    let answer = shop.client().get(&format!("/v1/tasks/next{query}")).await.unwrap();
    assert!(matches!(answer.status, 200 | 204), "{answer:?}");
    (answer.status == 200).then_some(answer.body)
}

/// The webshop's way of working, but that large orders are confirmed by telephone.
fn calling() -> String {
    let text = presets::text("webshop").unwrap().replacen("\"webshop\"", "\"calling\"", 1);
    format!("call_when = [\"total_above(300.00)\"]\n{text}")
}

/// The clock at ten in the morning in Vilnius, the next day.
async fn ten_o_clock(shop: &Shop) {
    let now = shop.now().to_string();
    let day = now.get(..10).unwrap().parse::<jiff::civil::Date>().unwrap().tomorrow().unwrap();
    let zone = jiff::tz::TimeZone::get("Europe/Vilnius").unwrap();
    let ten = zone.to_zoned(day.at(10, 0, 0, 0)).unwrap().timestamp();
    shop.advance_to(&ten.to_string()).await;
}

#[tokio::test]
async fn a_customer_nobody_reaches_is_called_five_times_and_told_each_time_of_the_next() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    ten_o_clock(&shop).await;
    let mut body = by_transfer(order("web-1", &[("TEA", 1)]));
    body["customer"]["locale"] = json!("lt");
    let id = shop.placed(&body).await;
    shop.done(&id, "task", json!({ "code": "call_customer" })).await;
    for (wait, missed) in [("5m", 1), ("30m", 2), ("3h", 3), ("1d", 4)] {
        let task = next(&shop, "?kind=call&user=rasa").await.unwrap();
        assert_eq!((&task["order"], &task["code"]), (&json!(id), &json!("call_customer")));
        assert_eq!(task["call"]["name"], "Ona Petraitytė");
        shop.done(&id, "contact", json!({ "outcome": "not_answering" })).await;
        assert_eq!(next(&shop, "?kind=call&user=rasa").await, None, "it is not time yet");
        let told = shop.told(&id).await;
        assert_eq!(told.iter().filter(|t| *t == "email not_reached").count(), missed);
        shop.advance(wait).await;
    }
    let messages = shop.messages().await;
    let of = |m: &&Value| m["order"] == id.as_str() && m["template"] == "not_reached";
    let last = messages.iter().rfind(of).unwrap();
    let text = last["text"].as_str().unwrap();
    // 10:00, and then 5 minutes, 30 minutes, 3 hours and a day later.
    assert!(text.contains("13:35"), "{text}");
    shop.done(&id, "contact", json!({ "outcome": "not_answering", "note": "the fifth" })).await;
    assert_eq!(shop.status(&id).await, "cancelled");
    let history = shop.list(&format!("/v1/orders/{id}/history")).await;
    let end = history.iter().find(|event| event["to"] == "cancelled").unwrap();
    assert_eq!(end["reason"], "not_reached");
    assert_eq!(tasks(&shop, &id).await, Vec::<String>::new());
    assert_eq!(shop.stock_of("TEA").await, "on_hand 3, reserved 0, available 3, waiting 0");
    shop.close().await;
}

#[tokio::test]
async fn a_large_order_on_delivery_is_confirmed_by_telephone() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 40).await;
    ten_o_clock(&shop).await;
    shop.live_by("calling", &calling()).await;
    let mut large = with_terms(order("web-1", &[("TEA", 31)]), "on_delivery");
    large["policy"] = json!("calling");
    let id = shop.placed(&large).await;
    let mut small = with_terms(order("web-2", &[("TEA", 3)]), "on_delivery");
    small["policy"] = json!("calling");
    let other = shop.placed(&small).await;
    assert_eq!(
        (shop.status(&id).await, shop.status(&other).await),
        ("reserved".into(), "confirmed".into())
    );
    let task = next(&shop, "").await.unwrap();
    assert_eq!((&task["order"], &task["about"]), (&json!(id), &json!("total_above(300.00)")));
    assert_eq!(task["call"]["holds"], true);
    // Nobody else gets it; who has it gets it again.
    assert_eq!(next(&shop, "?user=rasa").await, None);
    assert_eq!(next(&shop, "").await.unwrap()["task"], task["task"]);
    shop.done(&id, "contact", json!({ "outcome": "busy" })).await;
    assert!(shop.told(&id).await.iter().all(|told| told != "email not_reached"));
    shop.advance("5m").await;
    let body = json!({ "outcome": "reached", "result": "confirmed", "note": "will be at home" });
    shop.done(&id, "contact", body).await;
    assert_eq!(shop.status(&id).await, "confirmed");
    assert_eq!(tasks(&shop, &id).await, Vec::<String>::new());
    let why = shop.list(&format!("/v1/orders/{id}/why")).await;
    let asked = why.iter().find(|decision| decision["type"] == "task_set").unwrap();
    assert_eq!(asked["inputs"]["because"], "total_above(300.00)");
    shop.close().await;
}

#[tokio::test]
async fn a_telephone_out_of_reach_is_not_written_to() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    ten_o_clock(&shop).await;
    let mut body = by_transfer(order("web-1", &[("TEA", 1)]));
    body["customer"]["phone"] = json!("+37061234567");
    body["customer"]["preferred_channel"] = json!("sms");
    let id = shop.placed(&body).await;
    shop.done(&id, "contact", json!({ "outcome": "not_answering" })).await;
    assert_eq!(shop.told(&id).await.last().unwrap(), "sms not_reached");
    shop.done(&id, "contact", json!({ "outcome": "unavailable" })).await;
    assert_eq!(shop.told(&id).await.last().unwrap(), "email not_reached");
    let task = shop.list("/v1/tasks").await;
    assert_eq!(task[0]["call"]["last"], "unavailable");
    assert_eq!(task[0]["call"]["missed"], 2);
    shop.close().await;
}

#[tokio::test]
async fn the_most_urgent_orders_are_listed_first() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 90).await;
    let small = shop.placed(&by_transfer(order("web-1", &[("TEA", 1)]))).await;
    let large = shop.placed(&by_transfer(order("web-2", &[("TEA", 40)]))).await;
    let mut wished = by_transfer(order("web-3", &[("TEA", 1)]));
    wished["delivery"]["requested_date"] = json!(shop.now().to_string().get(..10));
    let today = shop.placed(&wished).await;
    let gone = shop.placed(&by_transfer(order("web-4", &[("TEA", 1)]))).await;
    shop.done(&gone, "cancel", json!({ "reason": "asked" })).await;
    let listed = shop.get("/v1/orders?sort=jeopardy").await;
    let ids: Vec<&str> =
        listed["items"].as_array().unwrap().iter().map(|o| o["id"].as_str().unwrap()).collect();
    assert_eq!(ids, [&today, &large, &small]);
    assert!(listed["items"][0]["jeopardy"]["promise"].as_u64() > Some(20), "{listed}");
    assert_eq!(shop.get("/v1/orders?sort=jeopardy&limit=1").await["items"][0]["id"], json!(today));
    let wrong = shop.client().get("/v1/orders?sort=price").await.unwrap();
    assert_eq!((wrong.status, &wrong.body["code"]), (400, &json!("parameter_invalid")));
    shop.close().await;
}

#[tokio::test]
async fn work_is_listed_by_its_time_and_closed_by_whom_did_it() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    let id = shop.placed(&by_transfer(order("web-1", &[("TEA", 1)]))).await;
    for code in ["first", "second", "third"] {
        let body =
            json!({ "code": code, "assignee": if code == "second" { "rasa" } else { "jonas" } });
        shop.done(&id, "task", body).await;
    }
    // Something in review is work too.
    let mut unknown = by_transfer(order("web-2", &[("NOTHING", 1)]));
    unknown["lines"][0]["sku"] = json!("NOTHING");
    let review = shop.placed(&unknown).await;
    assert_eq!(tasks(&shop, &review).await, ["review_needed review_needed"]);
    assert_eq!(tasks(&shop, &id).await, ["t1 first", "t2 second", "t3 third"]);
    // Pages of two, none twice and none left out.
    let mut seen = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = shop.get(&format!("/v1/tasks?limit=2&cursor={cursor}")).await;
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|task| task["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        next.clone_into(&mut cursor);
    }
    let wanted = [
        format!("{id}.t1"),
        format!("{id}.t2"),
        format!("{id}.t3"),
        format!("{review}.review_needed"),
    ];
    assert_eq!(seen, wanted);
    let hers = shop.list("/v1/tasks?assignee=rasa").await;
    assert_eq!((hers.len(), &hers[0]["code"]), (1, &json!("second")));
    assert_eq!(shop.list("/v1/tasks?kind=exception").await.len(), 1);
    shop.done(&id, "done", json!({ "task": "t2", "note": "blue" })).await;
    assert_eq!(tasks(&shop, &id).await, ["t1 first", "t3 third"]);
    let history = shop.list(&format!("/v1/orders/{id}/history")).await;
    let done = history.iter().find(|event| event["type"] == "task_done").unwrap();
    assert_eq!((&done["actor"]["id"], &done["data"]["task"]), (&json!("local"), &json!("t2")));
    shop.done(&id, "cancel", json!({ "reason": "asked" })).await;
    assert_eq!(tasks(&shop, &id).await, Vec::<String>::new(), "they went with the order");
    shop.done(&review, "done", json!({ "task": "review_needed" })).await;
    assert_eq!(shop.order(&review).await["exceptions"], json!([]));
    shop.close().await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_and_changes_nothing() {
    let shop = Shop::open().await;
    shop.stock("TEA", "VNO", 3).await;
    ten_o_clock(&shop).await;
    let id = shop.placed(&by_transfer(order("web-1", &[("TEA", 1)]))).await;
    let before = shop.order(&id).await["version"].clone();
    let wrong = [
        ("task", json!({}), 422, "required"),
        ("task", json!({ "code": "Ask for size" }), 422, ""),
        ("task", json!({ "code": "look", "due_at": "soon" }), 422, ""),
        ("task", json!({ "code": "look", "who": "rasa" }), 422, "unknown_field"),
        ("done", json!({ "task": "t1" }), 422, "no_such_task"),
        ("done", json!({}), 422, "required"),
        ("contact", json!({}), 422, "required"),
        ("contact", json!({ "outcome": "asleep" }), 422, ""),
        ("contact", json!({ "outcome": "reached" }), 422, "required"),
        ("contact", json!({ "outcome": "busy", "result": "paid" }), 422, "not_reached"),
        (
            "contact",
            json!({ "outcome": "busy", "next_call_at": "2027-01-01T10:00:00Z" }),
            422,
            "not_reached",
        ),
        ("contact", json!({ "outcome": "reached", "result": "call_again" }), 422, "required"),
        (
            "contact",
            json!({ "outcome": "reached", "result": "call_again",
            "next_call_at": "2020-01-01T10:00:00Z" }),
            422,
            "required",
        ),
        ("contact", json!({ "outcome": "reached", "result": "paid" }), 409, "not_paid"),
    ];
    for (command, body, status, code) in wrong {
        let answer = shop.command(&id, command, body.clone()).await;
        assert_eq!(answer.status, status, "{command} {body}: {}", answer.body);
        let codes = answer.body.to_string();
        assert!(codes.contains(code), "{command} {body}: {codes}");
    }
    let unkeyed =
        shop.client().post(&format!("/v1/orders/{id}/contact"), &json!({})).await.unwrap();
    assert_eq!((unkeyed.status, &unkeyed.body["code"]), (400, &json!("idempotency_key_required")));
    for query in ["?kind=holiday", "?due_before=soon", "?limit=0", "?cursor=x", "?who=rasa"] {
        let answer = shop.client().get(&format!("/v1/tasks{query}")).await.unwrap();
        assert_eq!(answer.status, 400, "{query}");
    }
    assert_eq!(shop.order(&id).await["version"], before);
    // A shop sees no tasks, and its customer's order lets nobody else call.
    let web = shop.new_client("web", "shop").await;
    assert_eq!(web.get("/v1/tasks").await.unwrap().status, 403);
    assert_eq!(web.get("/v1/tasks/next").await.unwrap().status, 403);
    shop.close().await;
}
