//! What a customer is asked, and answers, by a link without a key.

use super::edits::AnswerBody;
use super::examples::{self, Sample};
use super::operations::{Builder, Operation};
use ordermill_views::approval::ApprovalView;
use serde_json::{Value, json};

/// A question, and how it was answered.
#[derive(Default)]
pub(super) struct Approvals {
    asked: Value,
    answered: Value,
    page: String,
    page_over: String,
}

impl Approvals {
    pub(super) fn of(sample: &Sample) -> Self {
        Self {
            asked: sample.asked(),
            answered: sample.answered(),
            page: sample.page_of_asked(),
            page_over: sample.page_of_over(),
        }
    }
}

pub(super) fn shown(builder: Builder<'_>, sample: Approvals) -> Operation {
    builder
        .about("orders", "What a customer is asked about an order, and answers by this link")
        .answer::<ApprovalView>(200, "The question, or how it was answered.", sample.asked)
        .page(200, sample.page)
        .no(410, "question_over", "It can no longer be answered.")
        .page(410, sample.page_over)
        .page(404, examples::lost_page())
        .done()
}

pub(super) fn answered(builder: Builder<'_>, sample: Approvals) -> Operation {
    builder
        .about("orders", "A customer answers what they are asked")
        .body::<AnswerBody>(true, examples::answer_body())
        .form(json!({
            "type": "object",
            "properties": {
                "answer": { "type": "string", "description": "The same to everything." },
                "comment": { "type": "string", "maxLength": 1000 },
            },
            "additionalProperties": {
                "type": "string", "description": "`item.line-1`: what is said to that item.",
            },
        }))
        .answer::<ApprovalView>(
            200,
            "How it was answered; the same answer again, too.",
            sample.answered,
        )
        .nothing(303, "A form was answered: the page shows it.", &["Location"])
        .no(409, "already_answered", "It has another answer already.")
        .page(409, sample.page.clone())
        .page(422, sample.page)
        .no(410, "question_over", "It can no longer be answered.")
        .page(410, sample.page_over)
        .page(404, examples::lost_page())
        .done()
}
