//! Known mistakes, made on the way to AWS: a program that forgets a condition, drops a row, skips
//! a deadline. The product's code stays as it is; what it asks for is changed, or what it is
//! answered. Each must be found by the worlds, or the worlds do not see.

use ordermill_embedded::{Call, Response, Service};
use serde_json::{Value, json};

/// A program that is broken in a known way.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Mutation {
    /// An order is written whatever its version is by now.
    OrderVersionUnchecked,
    /// An order is taken in though it is there.
    NewOrderUnchecked,
    /// Stock is taken whether it is there or not.
    StockUnchecked,
    /// What an order held is not given back.
    ReleaseForgotten,
    /// An order goes off the worklist.
    DeadlineSkipped,
    /// Twice the money is applied.
    PaymentTwice,
    /// Of several messages only the first is sent.
    SecondSendDropped,
    /// An SMS goes out before it is claimed: the claim comes with the mark.
    ClaimAfterSms,
    /// An e-mail is marked, and sent never.
    MailMarkedNotSent,
    /// Who waits is not put into the queue for goods.
    WaitForgotten,
    /// What is waited for is not counted.
    WaitingUncounted,
    /// One event is left out of the history.
    HistorySkipped,
    /// Money is marked as applied, and the order stays as it was.
    AppliedWithoutOrder,
    /// Half of the worklist is looked at by nobody.
    ShardForgotten,
    /// Money that came is not looked at.
    InboxOverlooked,
    /// A repeat of a movement is another movement.
    RepeatForgotten,
    /// Money of another currency is said to be there, and not which.
    ForeignMoneyUnnamed,
    /// When a refund is owed, one cent more is.
    RefundTooHigh,
}

/// What is done in place of a request.
pub enum Instead {
    /// Another body.
    Body(Vec<u8>),
    /// Nothing; this is answered.
    Answer(Response),
}

impl Mutation {
    /// Every mistake.
    pub const ALL: [Self; 18] = [
        Self::OrderVersionUnchecked,
        Self::NewOrderUnchecked,
        Self::StockUnchecked,
        Self::ReleaseForgotten,
        Self::DeadlineSkipped,
        Self::PaymentTwice,
        Self::SecondSendDropped,
        Self::ClaimAfterSms,
        Self::MailMarkedNotSent,
        Self::WaitForgotten,
        Self::WaitingUncounted,
        Self::HistorySkipped,
        Self::AppliedWithoutOrder,
        Self::ShardForgotten,
        Self::InboxOverlooked,
        Self::RepeatForgotten,
        Self::ForeignMoneyUnnamed,
        Self::RefundTooHigh,
    ];

    /// What becomes of a request.
    pub fn request(&mut self, call: &Call<'_>) -> Option<Instead> {
        if *self == Self::MailMarkedNotSent && call.service == Service::Ses {
            return Some(Instead::Answer(Response::ok(r#"{"MessageId":"never"}"#)));
        }
        let mut body: Value = match call.service {
            Service::Ses | Service::Sns => return None,
            Service::DynamoDb | Service::Sqs => serde_json::from_slice(call.body).ok()?,
        };
        let changed = match (*self, call.operation) {
            (Self::SecondSendDropped, "SendMessageBatch") => first_only(&mut body),
            (Self::HistorySkipped, "BatchWriteItem") => one_less(&mut body),
            (Self::ShardForgotten, "Query") => {
                let values = body["ExpressionAttributeValues"].to_string();
                let forgotten = (0..16).step_by(2).any(|n| values.contains(&format!("\"W#{n:02}")));
                return (body["IndexName"] == "worklist" && forgotten).then(|| {
                    Instead::Answer(Response::ok(r#"{"Count":0,"Items":[],"ScannedCount":0}"#))
                });
            }
            (Self::ClaimAfterSms, "PutItem") => {
                let claims = kind(&body["Item"]) == "notification"
                    && body["Item"].to_string().contains("claimed");
                return claims.then(|| Instead::Answer(Response::ok("{}")));
            }
            (Self::PaymentTwice, "PutItem") => twice(&mut body["Item"]),
            (
                Self::OrderVersionUnchecked
                | Self::NewOrderUnchecked
                | Self::DeadlineSkipped
                | Self::ForeignMoneyUnnamed
                | Self::RefundTooHigh,
                "PutItem",
            ) => self.put(&mut body),
            (_, "TransactWriteItems") => self.transaction(&mut body),
            (_, _) => false,
        };
        if !changed {
            return None;
        }
        if body["TransactItems"].as_array().is_some_and(Vec::is_empty) {
            return Some(Instead::Answer(Response::ok("{}")));
        }
        Some(Instead::Body(body.to_string().into_bytes()))
    }

    fn transaction(self, body: &mut Value) -> bool {
        let Some(actions) = body["TransactItems"].as_array_mut() else { return false };
        let before = actions.len();
        let has = |actions: &[Value], wanted: &str| {
            actions.iter().any(|action| kind(&action["Put"]["Item"]) == wanted)
        };
        let mut changed = false;
        match self {
            Self::OrderVersionUnchecked
            | Self::NewOrderUnchecked
            | Self::DeadlineSkipped
            | Self::ForeignMoneyUnnamed
            | Self::RefundTooHigh => {
                for action in actions.iter_mut().filter(|action| action.get("Put").is_some()) {
                    changed |= self.put(&mut action["Put"]);
                }
            }
            Self::StockUnchecked => {
                for action in actions.iter_mut().filter(|action| action.get("Update").is_some()) {
                    changed |= unchecked(&mut action["Update"]);
                }
            }
            Self::ReleaseForgotten if has(actions, "order") => {
                actions.retain(|action| {
                    let values = &action["Update"]["ExpressionAttributeValues"];
                    let falls = values[":r"]["N"].as_str().is_some_and(|n| n.starts_with('-'));
                    !(falls && values.get(":h").is_none())
                });
            }
            Self::WaitForgotten => {
                actions.retain(|action| kind(&action["Put"]["Item"]) != "wait");
            }
            Self::WaitingUncounted => {
                for action in actions.iter_mut().filter(|action| action.get("Update").is_some()) {
                    let values = &mut action["Update"]["ExpressionAttributeValues"];
                    if values[":kind"]["S"] == "anchor" && values[":w"]["N"] != "0" {
                        values[":w"] = json!({ "N": "0" });
                        changed = true;
                    }
                }
            }
            Self::AppliedWithoutOrder if has(actions, "order") && has(actions, "inbox") => {
                actions.retain(|action| kind(&action["Put"]["Item"]) == "inbox");
            }
            Self::RepeatForgotten => {
                actions.retain(|action| kind(&action["Put"]["Item"]) != "result");
            }
            _ => {}
        }
        changed || actions.len() != before
    }

    /// A put of an order's header.
    fn put(self, put: &mut Value) -> bool {
        if kind(&put["Item"]) != "order" {
            return false;
        }
        let condition = put["ConditionExpression"].as_str().unwrap_or_default().to_owned();
        let is_new = condition.contains("attribute_not_exists");
        let Some(put) = put.as_object_mut() else { return false };
        match self {
            Self::DeadlineSkipped => {
                let Some(item) = put["Item"].as_object_mut() else { return false };
                item.remove("wp").is_some() | item.remove("wd").is_some()
            }
            Self::OrderVersionUnchecked if !is_new => uncondition(put),
            Self::NewOrderUnchecked if is_new => uncondition(put),
            Self::ForeignMoneyUnnamed => header(put, unname),
            Self::RefundTooHigh => header(put, owe_more),
            _ => false,
        }
    }

    /// What becomes of an answer.
    pub fn response(&mut self, call: &Call<'_>, response: &Response) -> Option<Vec<u8>> {
        if *self != Self::InboxOverlooked || call.operation != "Query" {
            return None;
        }
        let mut body: Value = serde_json::from_slice(&response.body).ok()?;
        let items = body["Items"].as_array_mut()?;
        let before = items.len();
        items.retain(|item| kind(item) != "inbox");
        (items.len() != before).then(|| body.to_string().into_bytes())
    }
}

fn kind(item: &Value) -> &str {
    item["kind"]["S"].as_str().unwrap_or_default()
}

fn uncondition(put: &mut serde_json::Map<String, Value>) -> bool {
    put.remove("ExpressionAttributeNames");
    put.remove("ExpressionAttributeValues");
    put.remove("ConditionExpression").is_some()
}

/// Changes the document of an order's header.
fn header(
    put: &mut serde_json::Map<String, Value>,
    change: impl FnOnce(&mut Value) -> bool,
) -> bool {
    let Some(item) = put.get_mut("Item") else { return false };
    let Some(mut header) = document(item) else { return false };
    let changed = change(&mut header);
    if changed {
        item["b"] = json!({ "S": header.to_string() });
    }
    changed
}

/// The exception says that there is foreign money, and not which.
fn unname(header: &mut Value) -> bool {
    let exceptions = header["ex"].as_array_mut().into_iter().flatten();
    let mut changed = false;
    for exception in exceptions.filter(|e| e["code"] == "wrong_currency") {
        changed |= exception.as_object_mut().is_some_and(|e| e.remove("about").is_some());
    }
    changed
}

/// A cent more than was decided on goes back.
fn owe_more(header: &mut Value) -> bool {
    let ledger = &mut header["mo"];
    match (ledger["to_refund"].as_i64(), ledger["refund_due_at"].is_null()) {
        (Some(owed), false) => {
            ledger["to_refund"] = json!(owed + 1);
            true
        }
        (_, _) => false,
    }
}

/// Stock is taken by whoever asks.
fn unchecked(update: &mut Value) -> bool {
    let values = &update["ExpressionAttributeValues"];
    let takes =
        values.get(":nf").is_some() || values.get(":na").is_some() || values.get(":v").is_some();
    if values[":kind"]["S"] != "stock" || !takes {
        return false;
    }
    update["ConditionExpression"] = json!("attribute_exists(pk)");
    if let Some(values) = update["ExpressionAttributeValues"].as_object_mut() {
        for name in [":nf", ":na", ":v"] {
            values.remove(name);
        }
    }
    true
}

fn first_only(body: &mut Value) -> bool {
    let Some(entries) = body["Entries"].as_array_mut() else { return false };
    let many = entries.len() > 1;
    entries.truncate(1);
    many
}

/// Every fourth version of a history is left out of its batch, unless nothing else is in it.
fn one_less(body: &mut Value) -> bool {
    let mut changed = false;
    for requests in body["RequestItems"].as_object_mut().into_iter().flat_map(|r| r.values_mut()) {
        let Some(requests) = requests.as_array_mut() else { continue };
        let before = requests.len();
        let skipped = |request: &Value| {
            let item = &request["PutRequest"]["Item"];
            kind(item) == "history"
                && item["sk"]["S"].as_str().is_some_and(|sk| sk.ends_with(['2', '6']))
        };
        if !requests.iter().all(skipped) {
            requests.retain(|request| !skipped(request));
        }
        changed |= requests.len() != before;
    }
    changed
}

fn twice(item: &mut Value) -> bool {
    if !matches!(kind(item), "inbox" | "unmatched") {
        return false;
    }
    let Some(mut entry) = document(item) else { return false };
    let amount = &mut entry["money"]["kind"]["amount"];
    let Some(figure) = amount.as_i64() else { return false };
    *amount = json!(figure * 2);
    item["b"] = json!({ "S": entry.to_string() });
    true
}

/// The document of a row, packed or not.
fn document(item: &Value) -> Option<Value> {
    let record = json!({ "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1",
        "eventSource": "aws:dynamodb", "awsRegion": "local",
        "dynamodb": { "ApproximateCreationDateTime": 1, "Keys": {}, "SequenceNumber": "1",
            "SizeBytes": 0, "StreamViewType": "NEW_IMAGE", "NewImage": item } });
    let event = ordermill_runtime::records::event(vec![record]).ok()?;
    let row =
        ordermill_runtime::records::image(&event.records.first()?.change.new_image).ok()??;
    ordermill_table::item::json(&row, "b").ok()
}
