//! Least privilege: each role allows what its function's source asks for, on the resources it asks
//! for it, and what its source of events needs.

use crate::template::{Resource, Template, list_of, root, text_of};
use crate::{calls, logical};
use ordermill_runtime::Queue;
use serde_json::Value;
use std::collections::BTreeSet;

/// Found in the source by name, and not done: the function, the action, why not. The stand-in test
/// runs with these denied.
const NOT_DONE: [(&str, &str, &str); 5] = [
    ("intake", "dynamodb:DeleteItem", "an order that is taken in moves no stock"),
    ("recur", "dynamodb:DeleteItem", "an order that is taken in moves no stock"),
    ("serve", "dynamodb:Query index/owner", "it walks over all orders, by month"),
    ("serve", "dynamodb:Query index/worklist", "it walks over all orders, by month"),
    ("validate", "dynamodb:DeleteItem", "before validation an order holds no stock"),
];

/// Actions that know no resource.
const ANYWHERE: [&str; 3] = ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "sns:Publish"];

#[test]
fn a_role_allows_what_its_functions_source_asks_for_and_nothing_else() {
    let template = Template::read();
    for (name, _) in template.functions() {
        let mut wanted = calls::actions(&root(), &name);
        wanted.retain(|action| !NOT_DONE.iter().any(|(f, a, _)| *f == name && a == action));
        wanted.extend(of_events(&template, &name));
        let role = format!("{}Role", logical(&name));
        let allowed = allowed(template.resource(&role));
        let missing: Vec<_> = wanted.difference(&allowed).collect();
        let needless: Vec<_> = allowed.difference(&wanted).collect();
        assert!(
            missing.is_empty(),
            "{name} asks for {missing:?}: allow it in {role}, or say in NOT_DONE why not"
        );
        assert!(needless.is_empty(), "{role} allows {needless:?}, which {name} never asks for");
    }
}

#[test]
fn what_is_said_not_to_be_done_is_found_in_the_source() {
    for (name, action, why) in NOT_DONE {
        assert!(calls::actions(&root(), name).contains(action), "{name} {action} ({why}) can go");
    }
}

/// What delivering its events to a function, logging and tracing need.
fn of_events(template: &Template, name: &str) -> BTreeSet<String> {
    let mut wanted: BTreeSet<String> = ["logs:CreateLogStream", "logs:PutLogEvents"]
        .iter()
        .chain(&["xray:PutTraceSegments", "xray:PutTelemetryRecords"])
        .map(|action| (*action).to_owned())
        .collect();
    for mapping in template.of_type("AWS::Lambda::EventSourceMapping") {
        if mapping.text("/FunctionName") != format!("{}Function", logical(name)) {
            continue;
        }
        if mapping.at("/StartingPosition").is_null() {
            let queue = mapping.text("/EventSourceArn").replace("Queue.Arn", "").to_lowercase();
            for action in ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"] {
                wanted.insert(format!("sqs:{action} {queue}"));
            }
        } else {
            for action in ["DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"] {
                wanted.insert(format!("dynamodb:{action} stream"));
            }
            wanted.extend(["s3:PutObject".to_owned(), "s3:ListBucket".to_owned()]);
        }
    }
    let resource = template.functions()[name];
    if !resource.at("/Environment/Variables/ORDERMILL_SECRETS").is_null() {
        wanted.insert("secretsmanager:GetSecretValue".to_owned());
    }
    wanted
}

/// What a role's statements allow, each action with its resource.
pub fn allowed(role: Resource<'_>) -> BTreeSet<String> {
    assert!(
        role.at("/ManagedPolicyArns").is_null(),
        "{}: managed policies allow too much",
        role.name
    );
    let policies = role.at("/Policies").as_array().unwrap();
    let statements =
        policies.iter().flat_map(|policy| list_of(&policy["PolicyDocument"]["Statement"]));
    let mut found = BTreeSet::new();
    for statement in statements.filter(|s| s["Effect"] == "Allow") {
        for action in list_of(&statement["Action"]) {
            let action = action.as_str().unwrap().to_owned();
            for resource in list_of(&statement["Resource"]) {
                found.insert(named(role.name, &action, &resource));
            }
        }
    }
    found
}

/// `dynamodb:Query index/owner`, `sqs:SendMessage validate`, `s3:PutObject`.
fn named(role: &str, action: &str, resource: &Value) -> String {
    let of = text_of(resource);
    let is_queue = |queue: &Queue| of == format!("{}Queue.Arn", logical(queue.name()));
    if of == "*" {
        assert!(ANYWHERE.contains(&action), "{role}: name the resource of {action}");
    } else if let Some(queue) = Queue::ALL.iter().find(|queue| is_queue(queue)) {
        return format!("{action} {}", queue.name());
    } else if let Some((_, index)) = of.split_once("/index/") {
        assert!(!index.contains('*'), "{role}: name the index");
        return format!("{action} index/{index}");
    } else if action.starts_with("dynamodb:") && of.ends_with("/stream/*") {
        return format!("{action} stream");
    } else {
        let table = "table/${AWS::StackName}-table${TableSuffix}";
        assert!(
            !action.starts_with("dynamodb:") || of.ends_with(table),
            "{role}: {action} on {of}"
        );
        assert!(!action.starts_with("sqs:"), "{role}: {action} on {of}");
    }
    action.to_owned()
}
