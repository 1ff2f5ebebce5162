//! What a customer answers by their link: the same to everything, or to each item by itself.

use super::Problem;
use super::reader::{self, Report};
use crate::decide::ask::Reply;
use crate::order::question::Said;
use serde_json::Value;

/// How much a customer may write with an answer.
pub const COMMENT_CHARACTERS_MAX: usize = 1_000;
/// Items of one answer: the lines of an edit, and the order as a whole.
const ITEMS_MAX: usize = super::limits::LINES_MAX + 1;
/// The longest name of an item is that of a line.
const ITEM_CHARACTERS_MAX: usize = 20;

/// Reads an answer to the question of that number.
///
/// # Errors
/// All mistakes at once.
pub fn parse_answer(body: &Value, number: u64) -> Result<Reply, Vec<Problem>> {
    let report = Report::default();
    let field = reader::root(body, &report);
    let reply = field.object(&["answer", "items", "comment"]).map(|object| {
        let all: Option<Said> = object.field("answer").choice();
        let items = object.field("items");
        let given: Vec<Option<(String, Said)>> = items
            .list(ITEMS_MAX)
            .iter()
            .map(|entry| {
                let entry = entry.clone().required("write an item and its answer.");
                let entry = entry.object(&["item", "answer"])?;
                let item = entry.field("item").required("write the item's name.");
                let item = item.text(ITEM_CHARACTERS_MAX);
                let said = entry.field("answer").required("write what is said to it.").choice();
                Some((item?, said?))
            })
            .collect();
        let comment = object.field("comment").long_text(COMMENT_CHARACTERS_MAX);
        let nothing = !object.field("answer").is_present() && !items.is_present();
        if nothing {
            field.refuse(
                "answer_missing",
                "Write `answer` for everything, or `items` with an answer each.",
            );
        }
        Reply { number, all, items: given.into_iter().flatten().collect(), comment }
    });
    report.finish(reply)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn codes(body: &Value) -> Vec<String> {
        let problems = parse_answer(body, 7).unwrap_err();
        problems.into_iter().map(|p| format!("{} {}", p.pointer, p.code)).collect()
    }

    #[test]
    fn an_answer_is_to_everything_or_to_each() {
        let reply = parse_answer(&json!({"answer": "accept", "comment": "Good"}), 7).unwrap();
        assert_eq!((reply.number, reply.all), (7, Some(Said::Accept)));
        assert_eq!(reply.comment.as_deref(), Some("Good"));
        let each = json!({"items": [{"item": "line-1", "answer": "refuse"}]});
        let reply = parse_answer(&each, 7).unwrap();
        assert_eq!(reply.items, [("line-1".to_owned(), Said::Refuse)]);
    }

    #[test]
    fn what_is_no_answer_is_told_with_its_place() {
        assert_eq!(codes(&json!({})), [" answer_missing"]);
        assert_eq!(codes(&json!({"answer": "perhaps"})), ["/answer unknown_value"]);
        assert_eq!(codes(&json!({"answer": "accept", "total": 1})), ["/total unknown_field"]);
        let bad = json!({"items": [{"item": "line-1"}, {"answer": "accept"}, 5]});
        let found = codes(&bad);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().any(|one| one.starts_with("/items/0/answer")), "{found:?}");
        assert!(found.iter().any(|one| one.starts_with("/items/1/item")), "{found:?}");
        assert!(found.iter().any(|one| one.starts_with("/items/2")), "{found:?}");
    }
}
