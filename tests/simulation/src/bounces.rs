//! What the providers of messages say later of what they took: an e-mail came back, a telephone was
//! never reached. As SES and SNS write it.

use crate::dice::Dice;
use crate::gates::Passed;
use ordermill_embedded::Service;
use serde_json::{Map, Value, json};

/// What a provider will say of a message that it has just taken; none where it was none.
#[must_use]
pub fn came_back(passed: &Passed, dice: &mut Dice) -> Option<Value> {
    match passed.service {
        Service::Ses => mail(&serde_json::from_slice(&passed.body).ok()?, dice),
        Service::Sns => text(&String::from_utf8_lossy(&passed.answer), dice),
        Service::DynamoDb | Service::Sqs => None,
    }
}

fn mail(sent: &Value, dice: &mut Dice) -> Option<Value> {
    let to = sent["Destination"]["ToAddresses"][0].as_str()?;
    let tags: Map<String, Value> = sent["EmailTags"]
        .as_array()?
        .iter()
        .filter_map(|tag| Some((tag["Name"].as_str()?.to_owned(), json!([tag["Value"]]))))
        .collect();
    let mail = json!({ "messageId": "0100-1", "destination": [to], "tags": tags });
    let who = json!([{ "emailAddress": to }]);
    let lasting = |kind: &str| json!({ "bounceType": kind, "bouncedRecipients": who });
    let mut said = match dice.below(4) {
        0 | 1 => json!({ "eventType": "Bounce", "bounce": lasting("Permanent") }),
        2 => json!({ "eventType": "Bounce", "bounce": lasting("Transient") }),
        _ => json!({ "eventType": "Complaint", "complaint": { "complainedRecipients": who } }),
    };
    said["mail"] = mail;
    // As SNS hands it over, or `EventBridge`.
    Some(match dice.below(2) {
        0 => json!({ "Type": "Notification", "Message": said.to_string() }),
        _ => json!({ "source": "aws.ses", "detail": said }),
    })
}

fn text(answer: &str, dice: &mut Dice) -> Option<Value> {
    let id = answer.split("<MessageId>").nth(1)?.split('<').next()?;
    let why = dice.weighted(&[(1, "Invalid phone number"), (1, "Phone is currently unreachable")]);
    Some(json!({ "notification": { "messageId": id }, "delivery": { "providerResponse": why },
        "status": "FAILURE" }))
}
