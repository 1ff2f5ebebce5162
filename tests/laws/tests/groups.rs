//! Group commit, mode of failure by mode: what goes wrong with one order, or with one transaction of
//! many, and that the others get their turn in the same call.

#![allow(clippy::unwrap_used, reason = "a world that cannot be set up is broken")]

use futures::future::BoxFuture;
use ordermill_domain::decide::Command;
use ordermill_embedded::{Before, Call, Interceptor, Response, Verdict};
use ordermill_runtime::Queue;
use ordermill_runtime::error::Failure;
use ordermill_runtime::reservation::{Asked, reserve_all};
use ordermill_world::{World, findings};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

/// What happens at a transaction, from its rows (`pk sk`).
type Answers = Box<dyn Fn(&[String]) -> Option<Response> + Send + Sync>;
type Meanwhile = Box<dyn Fn() -> BoxFuture<'static, ()> + Send + Sync>;

enum Step {
    /// Nothing.
    Pass,
    /// It is not applied.
    Answer(Answers),
    /// Somebody else does something first.
    First(Meanwhile),
}

/// Sees the transactions of a call, and does with each what the script says, with all others what
/// `always` says.
#[derive(Default)]
struct Meddler {
    script: Mutex<VecDeque<Step>>,
    always: Option<Answers>,
    seen: Mutex<Vec<Vec<String>>>,
}

impl Meddler {
    fn with(script: Vec<Step>) -> Arc<Self> {
        Arc::new(Self { script: Mutex::new(script.into()), ..Self::default() })
    }

    fn always(answers: Answers) -> Arc<Self> {
        Arc::new(Self { always: Some(answers), ..Self::default() })
    }

    /// How many orders were in each transaction.
    fn orders(&self) -> Vec<usize> {
        let headers = |rows: &Vec<String>| rows.iter().filter(|row| is_order(row)).count();
        self.seen.lock().unwrap().iter().map(headers).collect()
    }
}

fn is_order(row: &str) -> bool {
    row.starts_with("O#") && row.ends_with(" A")
}

fn rows(body: &[u8]) -> Vec<String> {
    let body: Value = serde_json::from_slice(body).unwrap();
    let row = |action: &Value| {
        let (_, inner) = action.as_object().unwrap().iter().next().unwrap();
        let key = if inner["Key"].is_null() { &inner["Item"] } else { &inner["Key"] };
        let part = |name: &str| key[name]["S"].as_str().unwrap().to_owned();
        format!("{} {}", part("pk"), part("sk"))
    };
    body["TransactItems"].as_array().unwrap().iter().map(row).collect()
}

impl Interceptor for Meddler {
    fn before<'a>(&'a self, call: &'a Call<'a>) -> Verdict<'a, Before> {
        if call.operation != "TransactWriteItems" {
            return Box::pin(std::future::ready(Before::Proceed));
        }
        let rows = rows(call.body);
        self.seen.lock().unwrap().push(rows.clone());
        let answered = |answers: &Answers| answers(&rows).map_or(Before::Proceed, Before::Answer);
        let step = self.script.lock().unwrap().pop_front();
        let verdict = match step {
            Some(Step::First(meanwhile)) => {
                return Box::pin(async move {
                    meanwhile().await;
                    Before::Proceed
                });
            }
            Some(Step::Answer(answers)) => answered(&answers),
            Some(Step::Pass) => Before::Proceed,
            None => self.always.as_ref().map_or(Before::Proceed, answered),
        };
        Box::pin(std::future::ready(verdict))
    }
}

/// Validated orders that ask for stock, each of these articles and units, and nothing was looked for.
async fn asking(stock: &[(&str, i64)], orders: &[&[(&str, i64)]]) -> (Arc<World>, Vec<String>) {
    let mut world = World::new().await;
    for (sku, units) in stock {
        world.stock(sku, "VNO", *units).await;
    }
    let mut ids = Vec::new();
    for (number, lines) in orders.iter().enumerate() {
        let mut body = World::order_body(&format!("web-{number}"), lines);
        body["payment"]["method"] = json!("bank_transfer");
        ids.push(world.place(body).await);
    }
    world.publish().await;
    while world.work(Queue::Validate).await > 0 {}
    for id in &ids {
        assert_eq!(world.status(id).await, "validated");
    }
    (Arc::new(world), ids)
}

async fn reserve(
    world: &World,
    meddler: &Arc<Meddler>,
    ids: &[String],
) -> BTreeMap<String, Failure> {
    let runtime = world.runtime_through(meddler.clone());
    let asked = ids.iter().map(|id| Asked { order: id.clone(), command: Command::Reserve });
    reserve_all(&runtime, asked.collect()).await
}

async fn statuses(world: &World, ids: &[String]) -> Vec<String> {
    let mut all = Vec::new();
    for id in ids {
        all.push(world.status(id).await);
    }
    all
}

async fn stock_of(world: &World, sku: &str) -> String {
    let stock = world.request("GET", &format!("/v1/stock/{sku}"), Value::Null).await.body;
    format!(
        "on_hand {}, reserved {}, waiting {}",
        stock["on_hand"], stock["reserved"], stock["waiting"]
    )
}

fn is_retryable(failure: &Failure) -> bool {
    matches!(failure, Failure::Retryable(_))
}

fn cancelled_by(code: &'static str, of: impl Fn(&str) -> bool + Send + Sync + 'static) -> Answers {
    Box::new(move |rows| {
        let codes: Vec<&str> = rows.iter().map(|row| if of(row) { code } else { "None" }).collect();
        codes.contains(&code).then(|| Response::transaction_cancelled(&codes))
    })
}

#[tokio::test]
async fn an_order_twice_in_a_batch_is_decided_once_and_strangers_share_no_transaction() {
    let (world, ids) =
        asking(&[("A", 9), ("B", 9)], &[&[("A", 1)], &[("B", 1)], &[("A", 2)]]).await;
    let meddler = Meddler::with(Vec::new());
    let asked: Vec<String> =
        ids.iter().chain(&ids).chain([&"NOSUCHORDER".to_owned()]).cloned().collect();
    assert!(reserve(&world, &meddler, &asked).await.is_empty());
    let mut sizes = meddler.orders();
    sizes.sort_unstable();
    assert_eq!(sizes, [1, 2]);
    let seen = meddler.seen.lock().unwrap().clone();
    assert!(seen.iter().all(|rows| !rows.iter().any(|r| r.starts_with("S#A"))
        || !rows.iter().any(|r| r.starts_with("S#B"))));
    let lines = seen.iter().flatten().filter(|row| row.starts_with("S#A W#")).count();
    assert_eq!(lines, 1, "one summed update of the line");
    assert_eq!(stock_of(&world, "A").await, "on_hand 9, reserved 3, waiting 0");
    // Again, late: nothing is written.
    let late = Meddler::with(Vec::new());
    assert!(reserve(&world, &late, &ids).await.is_empty());
    assert_eq!(late.orders(), Vec::<usize>::new());
    assert!(findings(&world).await.is_empty());
}

#[tokio::test]
async fn an_order_that_moved_on_does_not_cost_the_others_their_turn() {
    let (world, ids) = asking(&[("A", 9)], &[&[("A", 1)], &[("A", 1)], &[("A", 1)]]).await;
    let (other, gone) = (world.clone(), ids[1].clone());
    let cancel: Meanwhile = Box::new(move || {
        let (world, id) = (other.clone(), gone.clone());
        Box::pin(async move {
            let path = format!("/v1/orders/{id}/cancel");
            let done = world.request("POST", &path, json!({ "reason": "asked" })).await;
            assert_eq!(done.status, 200, "{done:?}");
        })
    });
    let meddler = Meddler::with(vec![Step::First(cancel)]);
    assert!(reserve(&world, &meddler, &ids).await.is_empty());
    assert_eq!(meddler.orders(), [3, 2]);
    assert_eq!(statuses(&world, &ids).await, ["awaiting_payment", "cancelled", "awaiting_payment"]);
    assert_eq!(stock_of(&world, "A").await, "on_hand 9, reserved 2, waiting 0");
    assert!(findings(&world).await.is_empty());
}

#[tokio::test]
async fn a_line_that_ran_short_is_planned_again_and_first_come_is_first_served() {
    let (world, ids) = asking(&[("A", 3)], &[&[("A", 1)], &[("A", 1)], &[("A", 1)]]).await;
    let other = world.clone();
    let scrap: Meanwhile = Box::new(move || {
        let world = other.clone();
        Box::pin(async move {
            let gone = json!({ "sku": "A", "warehouse": "VNO", "type": "scrap", "quantity": 1 });
            let body = json!({ "movements": [gone] });
            assert_eq!(world.request("POST", "/v1/stock/movements", body).await.status, 201);
        })
    });
    let meddler = Meddler::with(vec![Step::First(scrap)]);
    assert!(reserve(&world, &meddler, &ids).await.is_empty());
    assert_eq!(
        statuses(&world, &ids).await,
        ["awaiting_payment", "awaiting_payment", "backordered"]
    );
    assert_eq!(stock_of(&world, "A").await, "on_hand 2, reserved 2, waiting 1");
    assert!(findings(&world).await.is_empty());
}

#[tokio::test]
async fn goods_that_come_while_somebody_is_told_no_are_theirs() {
    let (world, ids) = asking(&[("A", 1)], &[&[("A", 1)], &[("A", 1)]]).await;
    let other = world.clone();
    let receipt: Meanwhile = Box::new(move || {
        let world = other.clone();
        Box::pin(async move {
            let come = json!({ "sku": "A", "warehouse": "KUN", "type": "receipt", "quantity": 1 });
            let body = json!({ "movements": [come] });
            assert_eq!(world.request("POST", "/v1/stock/movements", body).await.status, 201);
        })
    });
    let meddler = Meddler::with(vec![Step::First(receipt)]);
    assert!(reserve(&world, &meddler, &ids).await.is_empty());
    assert_eq!(statuses(&world, &ids).await, ["awaiting_payment", "awaiting_payment"]);
    assert_eq!(stock_of(&world, "A").await, "on_hand 2, reserved 2, waiting 0");
    assert!(findings(&world).await.is_empty());
}

#[tokio::test]
async fn a_conflict_on_stock_is_waited_out_by_the_whole_group() {
    let (world, ids) = asking(&[("A", 9)], &[&[("A", 1)], &[("A", 1)], &[("A", 1)]]).await;
    let met = || Step::Answer(cancelled_by("TransactionConflict", |row| row.starts_with("S#")));
    let meddler = Meddler::with((0..5).map(|_| met()).collect());
    assert!(reserve(&world, &meddler, &ids).await.is_empty());
    assert_eq!(meddler.orders(), [3; 6], "neither halved nor read again");
    assert_eq!(stock_of(&world, "A").await, "on_hand 9, reserved 3, waiting 0");
}

#[tokio::test]
async fn a_conflict_without_end_gives_every_message_back_in_bounded_requests() {
    let (world, ids) = asking(&[("A", 9)], &[&[("A", 1)], &[("A", 1)]]).await;
    let meddler = Meddler::always(cancelled_by("TransactionConflict", |row| row.starts_with("S#")));
    let failures = reserve(&world, &meddler, &ids).await;
    assert_eq!(failures.len(), 2);
    assert!(failures.values().all(is_retryable), "{failures:?}");
    assert!(meddler.orders().len() <= 1_000, "{}", meddler.orders().len());
    assert_eq!(stock_of(&world, "A").await, "on_hand 9, reserved 0, waiting 0");
    // Its message comes again.
    assert!(reserve(&world, &Meddler::with(Vec::new()), &ids).await.is_empty());
    assert_eq!(stock_of(&world, "A").await, "on_hand 9, reserved 2, waiting 0");
}

#[tokio::test]
async fn an_order_whose_own_row_is_busy_stands_aside() {
    let (world, ids) = asking(&[("A", 9)], &[&[("A", 1)], &[("A", 1)], &[("A", 1)]]).await;
    let busy = format!("O#{} A", ids[1]);
    let met = Step::Answer(cancelled_by("TransactionConflict", move |row| row == busy));
    let meddler = Meddler::with(vec![met]);
    assert!(reserve(&world, &meddler, &ids).await.is_empty());
    assert_eq!(meddler.orders(), [3, 2, 1], "the others first");
    assert_eq!(stock_of(&world, "A").await, "on_hand 9, reserved 3, waiting 0");
}

#[tokio::test]
async fn a_failure_that_names_nobody_is_halved_down_to_its_culprit() {
    let (world, ids) =
        asking(&[("A", 9)], &[&[("A", 1)], &[("A", 1)], &[("A", 1)], &[("A", 1)]]).await;
    let culprit = format!("O#{} A", ids[2]);
    let refused: Answers = Box::new(move |rows| {
        let kind = "com.amazon.coral.validate#ValidationException";
        rows.contains(&culprit)
            .then(|| Response::error(400, kind, "One or more values are invalid"))
    });
    let meddler = Meddler::always(refused);
    let failures = reserve(&world, &meddler, &ids).await;
    assert_eq!(failures.keys().collect::<Vec<_>>(), [&ids[2]]);
    assert!(!is_retryable(&failures[&ids[2]]), "a person must look at it: {failures:?}");
    assert_eq!(
        statuses(&world, &ids).await,
        ["awaiting_payment", "awaiting_payment", "validated", "awaiting_payment"]
    );
    assert_eq!(stock_of(&world, "A").await, "on_hand 9, reserved 3, waiting 0");
    assert!(findings(&world).await.is_empty());
}

#[tokio::test]
async fn a_throttle_is_waited_out() {
    let (world, ids) = asking(&[("A", 9)], &[&[("A", 1)], &[("A", 1)]]).await;
    let throttled = || Step::Answer(Box::new(|_| Some(Response::throttled())));
    let named = || Step::Answer(cancelled_by("ThrottlingError", |row| row.starts_with("S#")));
    let meddler = Meddler::with(vec![throttled(), named(), Step::Pass]);
    assert!(reserve(&world, &meddler, &ids).await.is_empty());
    assert_eq!(stock_of(&world, "A").await, "on_hand 9, reserved 2, waiting 0");
}
