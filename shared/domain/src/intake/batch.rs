//! Bodies that hold many of a kind, each judged by itself.

use super::Problem;
use super::reader::{self, Report};
use serde_json::Value;

/// The elements of a batch: `{"items": […]}`, the same under the kind's own name (`orders`,
/// `products`), or the array alone.
///
/// # Errors
/// There is no such array, or it holds none or too many.
pub fn batch_items<'b>(
    body: &'b Value,
    name: &str,
    items_max: usize,
) -> Result<&'b Vec<Value>, Vec<Problem>> {
    let report = Report::default();
    if let Value::Array(items) = body {
        return checked(&report, "", items, items_max, name).ok_or_else(|| problems(report));
    }
    let root = reader::root(body, &report).required("send the batch as a JSON object.");
    let Some(object) = root.object(&["items", name]) else { return Err(problems(report)) };
    let fields: Vec<&str> =
        ["items", name].into_iter().filter(|field| object.field(field).is_present()).collect();
    let found = match fields.as_slice() {
        [] => {
            let field = object.field("items");
            let _ = field.required(&format!("write an array of {name}."));
            None
        }
        [field] => match object.field(field).value() {
            Some(Value::Array(items)) => {
                checked(&report, &format!("/{field}"), items, items_max, name)
            }
            Some(_) | None => {
                let _ = object.field(field).list(items_max);
                None
            }
        },
        [_, other, ..] => {
            object.field(other).refuse("not_together", "Write `items` or this, not both.");
            None
        }
    };
    // What is unknown beside the array is refused though the array is right.
    match report.finish(found.map(|_| ())) {
        Ok(()) => found.ok_or_else(Vec::new),
        Err(problems) => Err(problems),
    }
}

fn problems(report: Report) -> Vec<Problem> {
    report.finish::<()>(None).err().unwrap_or_default()
}

fn checked<'b>(
    report: &Report,
    pointer: &str,
    items: &'b Vec<Value>,
    items_max: usize,
    name: &str,
) -> Option<&'b Vec<Value>> {
    if items.is_empty() {
        report.add(pointer, "lines_empty", format!("There is nothing: write 1 to {items_max}."));
        return None;
    }
    if items.len() > items_max {
        let detail = format!("{} {name}: send at most {items_max} at once.", items.len());
        report.add(pointer, "too_many", detail);
        return None;
    }
    Some(items)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn code(body: &Value) -> String {
        match batch_items(body, "orders", 2) {
            Ok(items) => format!("{} items", items.len()),
            Err(problems) => {
                let all: Vec<String> =
                    problems.iter().map(|p| format!("{} {}", p.pointer, p.code)).collect();
                all.join(", ")
            }
        }
    }

    #[test]
    fn a_batch_is_an_array_by_any_of_its_names() {
        for (body, wanted) in [
            (json!([{}]), "1 items"),
            (json!({ "items": [{}, 1] }), "2 items"),
            (json!({ "orders": [{}] }), "1 items"),
            (json!({ "orders": [{}], "items": null }), "1 items"),
            (json!({ "orders": [{}], "items": [{}] }), "/orders not_together"),
            (json!({ "items": [] }), "/items lines_empty"),
            (json!([]), " lines_empty"),
            (json!({ "items": [1, 2, 3] }), "/items too_many"),
            (json!({}), "/items required"),
            (json!({ "items": 1 }), "/items wrong_type"),
            (json!({ "items": [1], "x": 1 }), "/x unknown_field"),
            (json!("orders"), " wrong_type"),
            (Value::Null, " required"),
        ] {
            assert_eq!(code(&body), wanted, "{body}");
        }
    }
}
