//! The wires of SES v2 (`SendEmail` with simple content, JSON) and SNS (`Publish`, form and XML).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::json;

use super::{Channel, Outbox, Refusal, Sent};
use crate::connector::Response;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SendEmailRequest {
    from_email_address: Option<String>,
    destination: Option<Destination>,
    content: Option<Content>,
    #[serde(default)]
    email_tags: Vec<Pair>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct Destination {
    to_addresses: Vec<String>,
    cc_addresses: Vec<String>,
    bcc_addresses: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Content {
    simple: Option<Simple>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Simple {
    subject: Data,
    body: Body,
    #[serde(default)]
    headers: Vec<Pair>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Body {
    text: Option<Data>,
    html: Option<Data>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Data {
    data: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Pair {
    name: String,
    value: String,
}

fn pairs(pairs: Vec<Pair>) -> BTreeMap<String, String> {
    pairs.into_iter().map(|pair| (pair.name, pair.value)).collect()
}

/// Answers SES.
pub(crate) async fn send_email(outbox: &Outbox, operation: &str, body: &[u8]) -> Response {
    let bad = |message: &str| Response::rest_error(400, "BadRequestException", message);
    if operation != "SendEmail" {
        return bad(&format!("{operation} is not served by the embedded SES"));
    }
    let request: SendEmailRequest = match serde_json::from_slice(body) {
        Ok(request) => request,
        Err(mistake) => return bad(&mistake.to_string()),
    };
    let Some(simple) = request.content.and_then(|content| content.simple) else {
        return bad("Only simple content is served by the embedded SES.");
    };
    let Destination { mut to_addresses, cc_addresses, bcc_addresses } =
        request.destination.unwrap_or_default();
    to_addresses.extend(cc_addresses);
    to_addresses.extend(bcc_addresses);
    if to_addresses.is_empty() {
        return bad("A message needs a recipient.");
    }
    let Some(from) = request.from_email_address else {
        return bad("A message needs a sender.");
    };
    let sent = Sent {
        number: 0,
        message_id: String::new(),
        channel: Channel::Email,
        from: Some(from),
        to: to_addresses,
        subject: Some(simple.subject.data),
        text: simple.body.text.map(|text| text.data),
        html: simple.body.html.map(|html| html.data),
        headers: pairs(simple.headers),
        tags: pairs(request.email_tags),
        attributes: BTreeMap::new(),
        sent_at_milliseconds: outbox.now(),
        times: 1,
    };
    match outbox.refuses(&sent.to) {
        Some(Refusal::Throttled) => {
            return Response::rest_error(429, "TooManyRequestsException", "Sending too fast.");
        }
        Some(Refusal::Rejected) => {
            return Response::rest_error(400, "MessageRejected", "Address blacklisted.");
        }
        Some(Refusal::Unavailable) => {
            return Response::rest_error(500, "InternalServiceErrorException", "It failed.");
        }
        None => {}
    }
    match outbox.keep(&sent).await {
        Ok(id) => Response::ok(json!({ "MessageId": id }).to_string()),
        Err(error) => {
            Response::rest_error(500, "InternalServiceErrorException", &error.to_string())
        }
    }
}

/// Answers SNS.
pub(crate) async fn publish(outbox: &Outbox, operation: &str, body: &[u8]) -> Response {
    let fields = form(body);
    let field = |name: &str| fields.get(name).cloned();
    if operation != "Publish" {
        return Response::xml_error(400, "InvalidAction", "Only Publish is served here.");
    }
    let (channel, to) = match (field("PhoneNumber"), field("TopicArn").or(field("TargetArn"))) {
        (Some(number), None) => (Channel::Sms, number),
        (None, Some(arn)) => (Channel::Topic, arn),
        (None, None) | (Some(_), Some(_)) => {
            let what = "Exactly one of PhoneNumber, TopicArn and TargetArn is needed.";
            return Response::xml_error(400, "InvalidParameter", what);
        }
    };
    let Some(text) = field("Message").filter(|text| !text.is_empty()) else {
        return Response::xml_error(400, "InvalidParameter", "Invalid parameter: Empty message");
    };
    let mut attributes = BTreeMap::new();
    for number in 1.. {
        let entry = |part: &str| field(&format!("MessageAttributes.entry.{number}.{part}"));
        let Some(name) = entry("Name") else { break };
        let value = entry("Value.StringValue").or(entry("Value.BinaryValue"));
        attributes.insert(name, value.unwrap_or_default());
    }
    let sent = Sent {
        number: 0,
        message_id: String::new(),
        channel,
        from: attributes.get("AWS.SNS.SMS.SenderID").cloned(),
        to: vec![to],
        subject: field("Subject"),
        text: Some(text),
        html: None,
        headers: BTreeMap::new(),
        tags: BTreeMap::new(),
        attributes,
        sent_at_milliseconds: outbox.now(),
        times: 1,
    };
    match outbox.refuses(&sent.to) {
        Some(Refusal::Throttled) => {
            return Response::xml_error(400, "Throttling", "Rate exceeded");
        }
        Some(Refusal::Rejected) => {
            return Response::xml_error(400, "InvalidParameter", "Invalid parameter: PhoneNumber");
        }
        Some(Refusal::Unavailable) => {
            return Response::xml_error(500, "InternalError", "The service failed.");
        }
        None => {}
    }
    match outbox.keep(&sent).await {
        Ok(id) => Response::ok(format!(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
             <MessageId>{id}</MessageId></PublishResult><ResponseMetadata><RequestId>local\
             </RequestId></ResponseMetadata></PublishResponse>"
        )),
        Err(_) => Response::xml_error(500, "InternalError", "The outbox could not be written."),
    }
}

/// The fields of a form (`application/x-www-form-urlencoded`).
fn form(body: &[u8]) -> BTreeMap<String, String> {
    body.split(|byte| *byte == b'&')
        .map(|pair| {
            let mut parts = pair.splitn(2, |byte| *byte == b'=');
            (decode(parts.next().unwrap_or_default()), decode(parts.next().unwrap_or_default()))
        })
        .collect()
}

fn decode(text: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let [first, after @ ..] = rest {
        rest = after;
        match (*first, after) {
            (b'+', _) => bytes.push(b' '),
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high * 16 + low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            (byte, _) => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded_with_spaces_escapes_and_umlauts() {
        let fields = form(b"Action=Publish&Message=a+b%26c%3D%C3%A4&Empty=&Broken=%zz%");
        assert_eq!(fields["Message"], "a b&c=ä");
        assert_eq!(fields["Empty"], "");
        assert_eq!(fields["Broken"], "%zz%");
    }
}
