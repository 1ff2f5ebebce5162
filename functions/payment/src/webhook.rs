//! Taking a webhook in: the signature over the bytes as they came, then one row. 2xx says that it
//! is stored, nothing more.

use crate::{generic, matching, stripe};
use aws_lambda_events::event::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use ordermill_domain::decide::MoneyEvent;
use ordermill_runtime::Runtime;
use ordermill_runtime::http::{Answer, BODY_BYTES_MAX, ErrorAnswer, Request};
use ordermill_runtime::signatures::{StandardHeaders, check_standard, check_stripe};
use ordermill_table::records::{InboxEntry, OrderHint, inbox_row, unmatched_row};
use serde_json::{Value, json};

/// What a provider's event means.
pub(crate) struct Told {
    /// The provider's id of the event.
    pub event_id: String,
    /// What it says of money; none where it says nothing that concerns us.
    pub money: Option<MoneyEvent>,
    /// How it names the order.
    pub hint: OrderHint,
}

/// Whose webhooks are understood.
#[derive(Clone, Copy)]
enum Provider {
    Stripe,
    Generic,
}

impl Provider {
    const ALL: [Self; 2] = [Self::Stripe, Self::Generic];

    fn name(self) -> &'static str {
        match self {
            Self::Stripe => "stripe",
            Self::Generic => "generic",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|provider| provider.name() == name)
    }
}

/// Answers `POST /v1/payments/webhooks/{provider}`.
pub async fn webhook(
    runtime: &Runtime,
    event: ApiGatewayV2httpRequest,
) -> ApiGatewayV2httpResponse {
    let request = Request::from_event(event);
    let answer = match take_in(runtime, &request).await {
        Ok(answer) => answer,
        Err(error) => error.answer(),
    };
    answer.into_response(&request.request_id)
}

async fn take_in(runtime: &Runtime, request: &Request) -> Result<Answer, ErrorAnswer> {
    let path = request.path();
    let ["v1", "payments", "webhooks", provider] = path.as_slice() else {
        return Err(ErrorAnswer::not_found());
    };
    let provider = Provider::named(provider).ok_or_else(ErrorAnswer::not_found)?;
    if request.method != "POST" {
        let answer = ErrorAnswer::new(405, "method_not_allowed", "Only POST is possible here.");
        return Ok(answer.answer().with_header("allow", "POST".to_owned()));
    }
    if request.body.len() > BODY_BYTES_MAX {
        return Err(ErrorAnswer::new(413, "body_too_large", "The body is over 256 KiB."));
    }
    check_signature(runtime, request, provider)?;
    let body: Value = serde_json::from_slice(&request.body)
        .map_err(|e| ErrorAnswer::new(400, "not_json", &format!("The body is not JSON: {e}.")))?;
    let now = runtime.clock.now();
    let told = match provider {
        Provider::Stripe => stripe::read(&body, now),
        Provider::Generic => {
            generic::read(&body, request.header("webhook-id").unwrap_or_default(), now)
        }
    }
    .map_err(ErrorAnswer::invalid)?;
    let Some(money) = told.money else {
        return Ok(Answer::json(200, json!({ "received": true, "ignored": true })));
    };
    let entry = InboxEntry {
        provider: provider.name().to_owned(),
        event_id: told.event_id,
        money,
        hint: told.hint,
        body: String::from_utf8_lossy(&request.body).into_owned(),
        received_at: now,
        applied: false,
    };
    let row = match matching::find_order(runtime, &entry, false).await? {
        Some(order) => inbox_row(&order, &entry)?,
        None => unmatched_row(&entry, Some(crate::next_look(now, now)))?,
    };
    // A repeat finds its row and changes nothing.
    runtime.table.put_row_once(row).await?;
    Ok(Answer::json(200, json!({ "received": true })))
}

fn check_signature(
    runtime: &Runtime,
    request: &Request,
    provider: Provider,
) -> Result<(), ErrorAnswer> {
    let now = runtime.clock.now();
    let checked = match provider {
        Provider::Stripe => {
            let header = request.header("stripe-signature").unwrap_or_default();
            check_stripe(&runtime.config.stripe_secrets, header, &request.body, now)
        }
        Provider::Generic => {
            let headers = StandardHeaders {
                id: request.header("webhook-id").unwrap_or_default(),
                timestamp: request.header("webhook-timestamp").unwrap_or_default(),
                signature: request.header("webhook-signature").unwrap_or_default(),
            };
            check_standard(&runtime.config.generic_secrets, headers, &request.body, now)
        }
    };
    checked.map_err(|error| ErrorAnswer::new(400, "signature_invalid", &format!("{error}.")))
}
