//! An edit that its customer must agree to: asked by a link, answered by JSON or by a form, never by
//! merely looking.

use hyper::Method;
use ordermill_journeys::{Shop, order};
use ordermill_local::client::Client;
use serde_json::{Value, json};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const FORM: &str = "application/x-www-form-urlencoded";

/// Ten of TEA and of HON; an order of four TEA that is paid; three more, and two HON, are proposed.
async fn proposed(shop: &Shop) -> (String, String) {
    shop.stock("TEA", "VNO", 10).await;
    shop.stock("HON", "VNO", 10).await;
    let id = shop.placed(&order("web-1", &[("TEA", 4)])).await;
    shop.pay(&id, "40.00", "r-1").await;
    (id.clone(), propose(shop, &id).await)
}

/// Proposes the edit; the path of its link.
async fn propose(shop: &Shop, id: &str) -> String {
    let edit = json!({ "approval": "customer", "reason": "The tin is sold in sevens.",
        "lines": [{ "line": 1, "quantity": 7 }, { "sku": "HON", "quantity": 2 }] });
    let asked = shop.done(id, "edit", edit).await;
    path_of(&asked)
}

fn path_of(order: &Value) -> String {
    let url = order["question"]["url"].as_str().unwrap();
    url.get(url.find("/v1/approve/").unwrap()..).unwrap().to_owned()
}

async fn look(client: &Client, path: &str, accept: &str) -> (u16, String) {
    let seen = client.send(Method::GET, path, &[("accept", accept.to_owned())], None).await;
    let seen = seen.unwrap();
    (seen.status, seen.body.as_str().unwrap_or_default().to_owned())
}

async fn send_form(client: &Client, path: &str, form: &str) -> (u16, String, String) {
    let headers = [("accept", BROWSER.to_owned()), ("content-type", FORM.to_owned())];
    let sent = client.send(Method::POST, path, &headers, Some(form.to_owned())).await.unwrap();
    (
        sent.status,
        sent.header("location").to_owned(),
        sent.body.as_str().unwrap_or_default().to_owned(),
    )
}

#[tokio::test]
async fn the_customer_sees_old_and_new_and_their_yes_makes_the_edit() {
    let shop = Shop::open().await;
    let public = format!("http://{}", shop.running().address());
    let settings = json!({ "public_url": public });
    let put = shop.client().put("/v1/settings", &settings).await.unwrap();
    assert!(put.status < 300, "{put:?}");
    let (id, path) = proposed(&shop).await;
    let before = shop.order(&id).await;
    assert_eq!(
        (&before["status"], &before["totals"]["gross"]),
        (&json!("confirmed"), &json!("40.00"))
    );
    assert_eq!(before["question"]["items"], json!(["line-1", "new-1"]));
    assert_eq!(before["holds"][0]["name"], "customer_approval");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 7, available 3, waiting 0");
    assert_eq!(shop.stock_of("HON").await, "on_hand 10, reserved 2, available 8, waiting 0");
    // The message leads to the same page.
    shop.settle().await;
    let messages = shop.messages().await;
    let asked = messages.iter().find(|m| m["text"].as_str().unwrap().contains(&path));
    assert_eq!(asked.unwrap()["audience"], "customer");
    let nobody = shop.with_key("");
    let shown = nobody.get(&path).await.unwrap();
    assert_eq!((shown.status, &shown.body["open"]), (200, &json!(true)), "{shown:?}");
    assert_eq!(shown.text("/totals/gross"), "40.00");
    assert_eq!(shown.text("/totals_proposed/gross"), "90.00");
    assert_eq!(shown.body["items"][0]["before"]["quantity"], 4);
    assert_eq!(shown.body["items"][0]["after"]["total"], "70.00");
    assert_eq!(shown.body["items"][1]["before"], Value::Null);
    assert_eq!(shown.text("/reason"), "The tin is sold in sevens.");
    // Crawlers look, twice; nothing is answered.
    for _ in 0..2 {
        let (status, page) = look(&nobody, &path, BROWSER).await;
        assert_eq!(status, 200);
        for told in ["name=\"item.line-1\"", "name=\"item.new-1\"", "<form method=\"post\"", "90"] {
            assert!(page.contains(told), "{told}: {page}");
        }
        assert!(!page.contains("<script") && !page.contains("Gedimino"), "{page}");
    }
    assert_eq!(shop.order(&id).await["version"], before["version"]);
    let yes = json!({ "answer": "accept", "comment": "Thank you" });
    let done = nobody.post(&path, &yes).await.unwrap();
    assert_eq!((done.status, done.text("/ended")), (200, "accepted"), "{done:?}");
    let after = shop.order(&id).await;
    assert_eq!(
        (&after["status"], &after["totals"]["gross"]),
        (&json!("awaiting_payment"), &json!("90.00"))
    );
    assert_eq!(after["comments"][0]["text"], "Thank you");
    assert_eq!((&after["question"], after["holds"].as_array().unwrap().len()), (&Value::Null, 0));
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 7, available 3, waiting 0");
    // The same again is the same; another answer stays without effect.
    let again = nobody.post(&path, &json!({ "answer": "accept" })).await.unwrap();
    assert_eq!((again.status, again.text("/ended")), (200, "accepted"));
    let other = nobody.post(&path, &json!({ "answer": "refuse" })).await.unwrap();
    assert_eq!((other.status, other.text("/code")), (409, "already_answered"));
    assert_eq!(shop.order(&id).await["version"], after["version"]);
    shop.pay(&id, "50.00", "r-2").await;
    assert_eq!(shop.status(&id).await, "confirmed");
    shop.close().await;
}

#[tokio::test]
async fn a_form_answers_line_by_line_and_going_back_answers_nothing_twice() {
    let shop = Shop::open().await;
    let (id, path) = proposed(&shop).await;
    let nobody = shop.with_key("");
    let version = shop.order(&id).await["version"].clone();
    let (status, _, page) = send_form(&nobody, &path, "item.line-1=accept&comment=").await;
    assert_eq!(status, 422);
    assert!(page.contains("id=\"mistake\"") && page.contains("<form"), "{page}");
    // What they wrote and marked is still there; what is too long says so.
    let (_, _, page) = send_form(&nobody, &path, "item.new-1=refuse&comment=Only+the+tea").await;
    assert!(page.contains(">Only the tea</textarea>") && page.contains("checked"), "{page}");
    let long = format!("answer=accept&comment={}", "x".repeat(1_001));
    let (status, _, page) = send_form(&nobody, &path, &long).await;
    assert_eq!(status, 422);
    assert!(page.contains("too long") && !page.contains("choose an answer"), "{page}");
    // Who posts a form and wants no page gets the problem, with its status.
    let headers = [("accept", "*/*".to_owned()), ("content-type", FORM.to_owned())];
    let half = Some("item.line-1=accept".to_owned());
    let told = nobody.send(Method::POST, &path, &headers, half).await.unwrap();
    assert_eq!((told.status, told.text("/code")), (422, "invalid"), "{told:?}");
    assert_eq!(shop.order(&id).await["version"], version);
    let form = "item.line-1=refuse&item.new-1=accept&comment=Only+the+honey%0D%0Aplease";
    let (status, location, _) = send_form(&nobody, &path, form).await;
    assert_eq!((status, location.as_str()), (303, path.as_str()));
    let after = shop.order(&id).await;
    assert_eq!(after["totals"]["gross"], "60.00");
    assert_eq!(after["comments"][0]["text"], "Only the honey\nplease");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 4, available 6, waiting 0");
    assert_eq!(shop.stock_of("HON").await, "on_hand 10, reserved 2, available 8, waiting 0");
    let (status, page) = look(&nobody, &path, BROWSER).await;
    assert!(status == 200 && !page.contains("<form"), "{page}");
    let (status, _, _) = send_form(&nobody, &path, form).await;
    assert_eq!(status, 303);
    let (status, _, page) = send_form(&nobody, &path, "answer=refuse").await;
    assert!(status == 409 && page.contains("id=\"mistake\""), "{status} {page}");
    assert_eq!(shop.order(&id).await["version"], after["version"]);
    let events = shop.list(&format!("/v1/orders/{id}/history")).await;
    let answered = events.iter().filter(|event| event["type"] == "customer_answered").count();
    assert_eq!(answered, 1, "{events:?}");
    shop.close().await;
}

#[tokio::test]
async fn a_link_that_is_over_forged_or_of_another_order_answers_nothing() {
    let shop = Shop::open().await;
    let (id, path) = proposed(&shop).await;
    let nobody = shop.with_key("");
    let yes = json!({ "answer": "accept" });
    let second = shop.placed(&order("web-2", &[("TEA", 1)])).await;
    shop.pay(&second, "10.00", "r-9").await;
    let of_second = propose(&shop, &second).await;
    // The text of one with the signature of the other, and what is no token at all.
    let (text, _) = path.rsplit_once('.').unwrap();
    let (_, signature) = of_second.rsplit_once('.').unwrap();
    let track = shop.order(&id).await["tracking_url"].as_str().unwrap().to_owned();
    let track = track.rsplit('/').next().unwrap().to_owned();
    for forged in [
        format!("{text}.{signature}"),
        "/v1/approve/nonsense".to_owned(),
        format!("/v1/approve/{track}"),
        format!("{path}x"),
    ] {
        for status in [
            nobody.get(&forged).await.unwrap().status,
            nobody.post(&forged, &yes).await.unwrap().status,
            send_form(&nobody, &forged, "answer=accept").await.0,
        ] {
            assert_eq!(status, 404, "{forged}");
        }
    }
    for (body, pointer, code) in [
        (json!({}), "", "answer_missing"),
        (json!({ "answer": "perhaps" }), "/answer", "unknown_value"),
        (json!({ "answer": "wait" }), "/answer", "answer_unknown"),
        (json!({ "answer": "accept", "total": "1.00" }), "/total", "unknown_field"),
        (json!({ "items": [{ "item": "line-1", "answer": "accept" }] }), "/items", "item_missing"),
        (
            json!({ "answer": "accept", "items": [{ "item": "line-8", "answer": "accept" }] }),
            "/items/0/item",
            "no_such_item",
        ),
    ] {
        let refused = nobody.post(&path, &body).await.unwrap();
        assert_eq!((refused.status, refused.text("/code")), (422, "invalid"), "{body}");
        assert_eq!(refused.text("/errors/0/pointer"), pointer, "{refused:?}");
        assert_eq!(refused.text("/errors/0/code"), code, "{refused:?}");
    }
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 10, available 0, waiting 0");
    // While it is open nothing is made ready.
    let pick = shop.command(&id, "pick", json!({})).await;
    assert_eq!((pick.status, pick.text("/code")), (409, "awaiting_customer"));
    // Taken back: the link is true and over; a later one counts.
    shop.done(&id, "release", json!({ "name": "customer_approval" })).await;
    let over = nobody.post(&path, &yes).await.unwrap();
    assert_eq!((over.status, over.text("/code")), (410, "question_over"));
    let later = propose(&shop, &id).await;
    assert_ne!(later, path);
    assert_eq!(nobody.get(&path).await.unwrap().status, 410);
    assert_eq!(look(&nobody, &path, BROWSER).await.0, 410);
    assert_eq!(nobody.get(&later).await.unwrap().status, 200);
    // Nobody answers: after three days the order stays as it was, and goes on.
    shop.advance("3d").await;
    for (order, path) in [(&id, &later), (&second, &of_second)] {
        assert_eq!(send_form(&nobody, path, "answer=accept").await.0, 410);
        assert_eq!(shop.status(order).await, "confirmed");
    }
    assert_eq!(shop.stock_of("TEA").await, "on_hand 10, reserved 5, available 5, waiting 0");
    assert_eq!(shop.stock_of("HON").await, "on_hand 10, reserved 0, available 10, waiting 0");
    shop.done(&id, "pick", json!({})).await;
    shop.close().await;
}

#[tokio::test]
async fn two_answers_at_once_are_one() {
    let shop = Shop::open().await;
    let (id, path) = proposed(&shop).await;
    let nobody = shop.with_key("");
    let (yes, no) = (json!({ "answer": "accept" }), json!({ "answer": "refuse" }));
    let (a, b, c) =
        tokio::join!(nobody.post(&path, &yes), nobody.post(&path, &no), nobody.post(&path, &yes));
    let ended: Vec<u16> = [a, b, c].into_iter().map(|done| done.unwrap().status).collect();
    assert!(ended.contains(&200) && ended.iter().all(|s| [200, 409].contains(s)), "{ended:?}");
    let events = shop.list(&format!("/v1/orders/{id}/history")).await;
    let answered = events.iter().filter(|event| event["type"] == "customer_answered").count();
    assert_eq!(answered, 1);
    shop.close().await;
}

#[tokio::test]
async fn who_misses_something_chooses_by_the_same_link() {
    let shop = Shop::open().await;
    for sku in ["TEA", "HON", "CUP"] {
        shop.stock(sku, "VNO", 10).await;
    }
    let id = shop.placed(&order("web-1", &[("TEA", 4), ("CUP", 2)])).await;
    shop.pay(&id, "60.00", "r-1").await;
    let wrong = json!({ "short": [{ "line": 1, "quantity": 1, "substitute": "NONE" }] });
    let refused = shop.command(&id, "pick", wrong).await;
    assert_eq!((refused.status, refused.text("/errors/0/code")), (422, "unknown_sku"));
    let short = json!({ "short": [
        { "line": 1, "quantity": 1, "reason": "not found", "substitute": "HON" },
        { "line": 2, "quantity": 1, "defect": "The handle is chipped." },
    ] });
    let asked = shop.done(&id, "pick", short).await;
    assert_eq!(asked["question"]["about"], "choice");
    let path = path_of(&asked);
    shop.settle().await;
    let told = shop.told(&id).await;
    assert!(told.contains(&"email choice_request".to_owned()), "{told:?}");
    let nobody = shop.with_key("");
    let shown = nobody.get(&path).await.unwrap();
    let items = &shown.body["items"];
    assert_eq!(items[0]["answers"], json!(["replace", "wait", "cancel"]), "{shown:?}");
    assert_eq!(items[0]["quantity"], 1);
    assert_eq!(items[1]["defect"], "The handle is chipped.");
    let (status, page) = look(&nobody, &path, BROWSER).await;
    assert!(status == 200 && page.contains("The handle is chipped."), "{page}");
    let no_such = nobody.post(&path, &json!({ "answer": "accept" })).await.unwrap();
    assert_eq!((no_such.status, no_such.text("/errors/0/code")), (422, "answer_unknown"));
    let (status, _, _) = send_form(&nobody, &path, "item.line-1=replace&item.line-2=accept").await;
    assert_eq!(status, 303);
    let after = shop.order(&id).await;
    assert_eq!((&after["totals"]["gross"], &after["question"]), (&json!("60.00"), &Value::Null));
    assert_eq!(after["lines"][2]["sku"], "HON");
    assert_eq!(shop.stock_of("HON").await, "on_hand 10, reserved 1, available 9, waiting 0");
    assert_eq!(shop.stock_of("TEA").await, "on_hand 9, reserved 3, available 6, waiting 0");
    shop.done(&id, "pick", json!({})).await;
    shop.done(&id, "ship", json!({ "carrier": "DPD" })).await;
    assert_eq!(shop.status(&id).await, "shipped");
    assert_eq!(nobody.get(&path).await.unwrap().text("/ended"), "accepted");
    // Nobody chooses: after two days a person asks.
    let second = shop.placed(&order("web-2", &[("CUP", 2)])).await;
    shop.pay(&second, "20.00", "r-2").await;
    let short = json!({ "short": [{ "line": 1, "quantity": 1 }] });
    let path = path_of(&shop.done(&second, "pick", short).await);
    shop.advance("2d").await;
    assert_eq!(nobody.post(&path, &json!({ "answer": "wait" })).await.unwrap().status, 410);
    let left = shop.order(&second).await;
    assert_eq!(left["exceptions"][0]["code"], "customer_silent");
    assert_eq!(left["holds"][0]["name"], "customer_choice");
    shop.close().await;
}
