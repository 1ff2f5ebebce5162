//! What is made to order: the plan back from its delivery date, how far it is, who is late.

use ordermill_journeys::{Shop, by_transfer, order};
use serde_json::{Value, json};

/// A contract over three tables, to be delivered on that day, which the planner has begun.
async fn begun(shop: &Shop, day: &str) -> String {
    let mut body = by_transfer(order("web-1", &[("TABLE", 3)]));
    body["policy"] = json!("made_to_order");
    body["payment"]["terms"] = json!("invoice");
    body["contract_number"] = json!("C-1");
    body["delivery"]["requested_date"] = json!(day);
    let id = shop.placed(&body).await;
    for command in ["approve", "confirm", "confirm"] {
        shop.done(&id, command, json!({})).await;
    }
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "execution");
    id
}

fn late(order: &Value) -> Vec<&str> {
    let all = order["exceptions"].as_array().unwrap().iter();
    all.filter(|e| e["code"] == "production_late").map(|e| e["about"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_planner_sees_the_plan_reports_on_each_step_and_is_told_who_is_late() {
    let shop = Shop::open().await;
    shop.stock("TABLE", "VNO", 0).await;
    // The shop's clock begins at the moment of the run; a Friday far ahead of it.
    shop.advance("1d").await;
    let id = begun(&shop, "2040-06-15").await;
    let seen = shop.order(&id).await;
    let steps: Vec<Value> = seen["production"]
        .as_array()
        .unwrap()
        .iter()
        .map(|s| json!([s["step"], s["starts_at"], s["ends_at"], s["department"], s["done"]]))
        .collect();
    assert_eq!(
        steps,
        [
            json!([
                "materials",
                "2040-06-04T05:00:00Z",
                "2040-06-06T14:00:00Z",
                "purchasing",
                false
            ]),
            json!(["parts", "2040-06-07T05:00:00Z", "2040-06-12T14:00:00Z", "workshop", false]),
            json!(["assembly", "2040-06-13T05:00:00Z", "2040-06-14T14:00:00Z", "workshop", false]),
            json!(["check", "2040-06-15T05:00:00Z", "2040-06-15T14:00:00Z", "quality", false]),
        ]
    );
    // What is reported is what there is: twice is once.
    let report = json!({ "step": "parts", "lines": [{ "line": 1, "done": 2 }] });
    for _ in 0..2 {
        shop.done(&id, "progress", report.clone()).await;
    }
    let seen = shop.order(&id).await;
    assert_eq!(seen["lines"][0]["made"], json!({ "materials": 2, "parts": 2 }));
    let events = shop.get(&format!("/v1/orders/{id}/history")).await;
    let told = events["items"].as_array().unwrap().iter();
    assert_eq!(told.filter(|e| e["type"] == "production_progressed").count(), 1);
    let wrong = json!({ "step": "parts", "lines": [{ "line": 1, "done": 4 }] });
    let refused = shop.post(&format!("/v1/orders/{id}/progress"), &wrong).await;
    assert_eq!(refused.status, 422);
    assert_eq!(refused.body["errors"][0]["pointer"], "/lines/0/done");
    shop.close().await;
}

#[tokio::test]
async fn a_day_too_near_is_late_at_once_and_a_frozen_date_stays() {
    let shop = Shop::open().await;
    shop.stock("TABLE", "VNO", 0).await;
    let today = shop.get("/_local/clock").await["now"].as_str().unwrap()[..10].to_owned();
    let id = begun(&shop, &today).await;
    shop.advance("2d").await;
    assert_eq!(late(&shop.order(&id).await), ["materials", "parts", "assembly", "check"]);
    let edit = json!({ "delivery": { "requested_date": "2040-06-15" } });
    let frozen = shop.post(&format!("/v1/orders/{id}/edit"), &edit).await;
    assert_eq!((frozen.status, &frozen.body["code"]), (409, &json!("not_allowed_in_status")));
    shop.done(&id, "progress", json!({ "note": "finished" })).await;
    assert!(late(&shop.order(&id).await).is_empty());
    shop.stock("TABLE", "VNO", 3).await;
    shop.settle().await;
    assert_eq!(shop.status(&id).await, "ready");
    shop.close().await;
}
