//! `infra/template.yaml` against the code: what runs on AWS is set up as the code expects it, and
//! each function may do what its source does, and nothing else.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a template that cannot be read breaks the rule"
)]

mod calls;
mod diagram;
mod rights;
mod safety;
mod template;

use ordermill_api::ROUTES;
use ordermill_runtime::lambda::{ATTEMPT_SECONDS_MAX, OPERATION_SECONDS_MAX};
use ordermill_runtime::metrics::{DIMENSION, NAMESPACE};
use ordermill_runtime::{Metric, Queue};
use ordermill_table::keys::{PROJECT_KINDS, RELAY_KINDS, RowKind};
use ordermill_table::schema::INDEXES;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use template::{Resource, Template, list_of, root, text_of};

/// Concurrency of a queue's mapping that the service allows at least.
const MAPPING_CONCURRENCY_MIN: usize = 2;

/// A queue's logical name: `validate` is `Validate`.
fn logical(name: &str) -> String {
    name.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect()
}

/// The logical name of the function behind a queue: the queue's own, but for webhooks.
fn behind(queue: Queue) -> String {
    match queue {
        Queue::Webhook => "Deliver".to_owned(),
        other => logical(other.name()),
    }
}

/// The seconds a function may run.
fn timeout(template: &Template, function: Resource<'_>) -> u64 {
    let own = function.at("/Timeout").as_u64();
    own.or_else(|| template.at("/Globals/Function/Timeout").as_u64()).unwrap()
}

#[test]
fn queues_are_set_up_as_their_limits_say() {
    let template = Template::read();
    for queue in Queue::ALL {
        let (name, limits) = (queue.name(), queue.limits());
        let live = template.resource(&format!("{}Queue", logical(name)));
        assert_eq!(live.text("/QueueName"), format!("${{AWS::StackName}}-{name}"));
        assert_eq!(live.at("/VisibilityTimeout"), &json!(limits.visibility_seconds), "{name}");
        assert_eq!(
            live.at("/RedrivePolicy/maxReceiveCount"),
            &json!(limits.attempts_max),
            "{name}"
        );
        let dead = template.resource(&format!("{}Dead", logical(name))).text("/QueueName");
        assert_eq!(dead, format!("${{AWS::StackName}}-{name}-dead"));
        let target = text_of(live.at("/RedrivePolicy/deadLetterTargetArn"));
        assert_eq!(target, format!("{}Dead.Arn", logical(name)));
        let mapping = template.resource(&format!("{}FromQueue", logical(name)));
        assert_eq!(mapping.text("/EventSourceArn"), format!("{}Queue.Arn", logical(name)));
        assert_eq!(mapping.text("/FunctionName"), format!("{}Function", behind(queue)));
        assert_eq!(mapping.at("/BatchSize"), &json!(limits.batch_messages_max), "{name}");
        let window = mapping.at("/MaximumBatchingWindowInSeconds");
        assert_eq!(window, &json!(limits.window_seconds), "{name}");
        let most = limits.concurrency_max.max(MAPPING_CONCURRENCY_MIN);
        assert_eq!(mapping.at("/ScalingConfig/MaximumConcurrency"), &json!(most), "{name}");
        assert_eq!(mapping.at("/FunctionResponseTypes"), &json!(["ReportBatchItemFailures"]));
        assert!(limits.batch_messages_max <= 10 || limits.window_seconds > 0, "{name}: no window");
    }
    let known = 2 * Queue::ALL.len();
    assert_eq!(
        template.of_type("AWS::SQS::Queue").count(),
        known,
        "a queue the code does not know"
    );
}

#[test]
fn whoever_waits_waits_longer_than_whom_he_waits_for() {
    let template = Template::read();
    const { assert!(ATTEMPT_SECONDS_MAX < OPERATION_SECONDS_MAX) };
    for (name, function) in template.functions() {
        assert!(OPERATION_SECONDS_MAX < timeout(&template, function), "{name}");
    }
    for integration in template.of_type("AWS::ApiGatewayV2::Integration") {
        let name = integration.text("/IntegrationUri").replace(".Arn", "");
        let waits = integration.at("/TimeoutInMillis").as_u64().unwrap();
        assert!(timeout(&template, template.resource(&name)) * 1000 < waits, "{name}");
    }
    for queue in Queue::ALL {
        let function = template.resource(&format!("{}Function", behind(queue)));
        let least = 6 * timeout(&template, function) + u64::from(queue.limits().window_seconds);
        let hidden = u64::try_from(queue.limits().visibility_seconds).unwrap();
        assert!(hidden >= least, "{}: six times the function, and its window", queue.name());
    }
}

#[test]
fn the_table_is_the_one_the_code_makes() {
    let template = Template::read();
    let table = template.resource("Table");
    let keys = |pk: &str, sk: &str| json!([{ "AttributeName": pk, "KeyType": "HASH" }, { "AttributeName": sk, "KeyType": "RANGE" }]);
    assert_eq!(table.at("/KeySchema"), &keys("pk", "sk"));
    let indexes = INDEXES.map(|(name, partition, sort)| {
        json!({ "IndexName": name, "KeySchema": keys(partition, sort),
            "Projection": { "ProjectionType": "KEYS_ONLY" } })
    });
    assert_eq!(table.at("/GlobalSecondaryIndexes"), &json!(indexes));
    assert_eq!(table.at("/StreamSpecification/StreamViewType"), "NEW_AND_OLD_IMAGES");
    assert_eq!(
        table.at("/TimeToLiveSpecification"),
        &json!({ "AttributeName": "ttl", "Enabled": true })
    );
    assert_eq!(table.at("/BillingMode"), "PAY_PER_REQUEST");
    assert_eq!(
        table.at("/PointInTimeRecoverySpecification/PointInTimeRecoveryEnabled"),
        &json!(true)
    );
    assert_eq!(
        table.at("/DeletionProtectionEnabled"),
        &json!({ "Fn::If": ["IsProd", true, false] })
    );
}

#[test]
fn the_stream_has_two_readers_that_never_give_up() {
    let template = Template::read();
    let mappings: Vec<Resource<'_>> = template
        .of_type("AWS::Lambda::EventSourceMapping")
        .filter(|m| !m.at("/StartingPosition").is_null())
        .collect();
    assert_eq!(mappings.len(), 2, "exactly two readers: more throttle each other");
    for (function, kinds) in [("Relay", RELAY_KINDS.as_slice()), ("Project", &PROJECT_KINDS)] {
        let mapping = template.resource(if function == "Relay" {
            "RelayFromStream"
        } else {
            "ProjectFromStream"
        });
        let filters = mapping.at("/FilterCriteria/Filters").as_array().unwrap();
        let pattern: Value = serde_json::from_str(filters[0]["Pattern"].as_str().unwrap()).unwrap();
        let names: Vec<&str> = kinds.iter().copied().map(RowKind::name).collect();
        let wanted = json!({ "dynamodb": { "NewImage": { "kind": { "S": names } } } });
        assert_eq!((filters.len(), &pattern), (1, &wanted), "{function}");
        assert_eq!(mapping.at("/MaximumRetryAttempts"), &json!(-1));
        assert_eq!(mapping.at("/MaximumRecordAgeInSeconds"), &json!(-1));
        assert_eq!(mapping.at("/BisectBatchOnFunctionError"), &json!(true));
        assert_eq!(mapping.at("/FunctionResponseTypes"), &json!(["ReportBatchItemFailures"]));
        assert_eq!(
            text_of(mapping.at("/DestinationConfig/OnFailure/Destination")),
            "UnreadRecords.Arn"
        );
    }
}

/// The endpoints `api` leaves to other functions, as its dispatcher says.
fn left_to_others() -> Vec<String> {
    let text = fs::read_to_string(root().join("functions/api/src/lib.rs")).unwrap();
    let end = text.find("=> Err(ErrorAnswer::not_found())").unwrap();
    let begin = text[..end].rfind("// Other functions answer these").unwrap();
    let names = text[begin..end].split("Endpoint::").skip(1);
    names.map(|name| name.chars().take_while(|c| c.is_alphanumeric()).collect()).collect()
}

#[test]
fn every_route_leads_to_the_function_that_answers_it() {
    let template = Template::read();
    let others = left_to_others();
    let mut wanted: BTreeMap<String, String> =
        BTreeMap::from([("$default".to_owned(), "ApiFunction".to_owned())]);
    for route in ROUTES.iter().filter(|r| others.contains(&format!("{:?}", r.endpoint))) {
        let function = if route.path.starts_with("/v1/payments/") {
            "PaymentFunction"
        } else {
            "IntakeFunction"
        };
        wanted.insert(format!("{} {}", route.method, route.path), function.to_owned());
    }
    let found: BTreeMap<String, String> = template
        .of_type("AWS::ApiGatewayV2::Route")
        .map(|route| {
            let target = route.text("/Target");
            let name =
                target.trim_start_matches("integrations/${").trim_end_matches('}').to_owned();
            let integration = template.resource(&name);
            let function = integration.text("/IntegrationUri").replace(".Arn", "");
            (route.text("/RouteKey"), function)
        })
        .collect();
    assert_eq!(found, wanted);
}

#[test]
fn every_function_is_deployed_with_a_role_and_a_log_of_its_own() {
    let template = Template::read();
    let folders: BTreeSet<String> = fs::read_dir(root().join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    let functions = template.functions();
    assert_eq!(functions.keys().cloned().collect::<BTreeSet<_>>(), folders);
    for (name, function) in functions {
        assert_eq!(function.text("/FunctionName"), format!("${{AWS::StackName}}-{name}"));
        assert_eq!(function.text("/Role"), format!("{}Role.Arn", logical(&name)));
        assert_eq!(function.text("/LoggingConfig/LogGroup"), format!("{}Log", logical(&name)));
        let log = format!("{}Log", logical(&name));
        let log = template.resource(&log);
        assert_eq!(log.text("/LogGroupName"), format!("/aws/lambda/${{AWS::StackName}}-{name}"));
        assert!(!log.at("/RetentionInDays").is_null(), "{name} would keep its logs for ever");
    }
}

#[test]
fn a_function_is_told_just_the_secrets_its_source_reads() {
    let template = Template::read();
    for (name, function) in template.functions() {
        let told = text_of(function.at("/Environment/Variables/ORDERMILL_SECRETS"));
        let told: BTreeSet<&str> = told.split(',').filter(|s| !s.is_empty()).collect();
        let mut wanted = BTreeSet::new();
        for (setting, secret) in
            [("signing_secret", "SigningSecret"), ("stripe_secrets", "PaymentSecret")]
        {
            if calls::reads(&root(), &name, setting) {
                wanted.insert(secret);
            }
        }
        assert_eq!(told, wanted, "{name}");
    }
    let text = fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    let clear = text.matches("_SECRET: ").count();
    assert_eq!(clear, 0, "a secret belongs into a secret, not into an environment");
}

#[test]
fn every_alarm_has_its_page_and_a_metric_that_is_given() {
    let template = Template::read();
    let names: Vec<&str> = Metric::ALL.iter().map(|m| m.name()).collect();
    let mut pages = BTreeSet::new();
    for alarm in template.of_type("AWS::CloudWatch::Alarm") {
        let description = alarm.text("/AlarmDescription");
        let page = description.split(' ').next_back().unwrap().to_owned();
        assert!(root().join(&page).exists(), "{}: write {page}", alarm.name);
        // Whoever searches the pages for the alarm's name finds it; `-age` and `-dead` have a page for all queues.
        let name = alarm.text("/AlarmName").replace("${AWS::StackName}-", "");
        let of_all = name.rsplit_once('-').map(|(_, kind)| format!("`<queue>-{kind}`"));
        let title = fs::read_to_string(root().join(&page)).unwrap();
        let title = title.lines().next().unwrap_or_default().to_owned();
        let is_named = title.contains(&format!("`{name}`"))
            || of_all.is_some_and(|of_all| title.contains(&of_all));
        assert!(is_named, "{page}: its first line must name {name}");
        pages.insert(page);
        assert_eq!(text_of(&list_of(alarm.at("/AlarmActions"))[0]), "Alarms", "{}", alarm.name);
        if alarm.text("/Namespace") == NAMESPACE {
            let metric = alarm.text("/MetricName");
            assert!(names.contains(&metric.as_str()), "{metric} is not given: see metrics.rs");
            assert_eq!(alarm.at("/Dimensions/0/Name"), DIMENSION);
        }
    }
    let there: BTreeSet<String> = fs::read_dir(root().join("docs/alarms"))
        .unwrap()
        .map(|entry| format!("docs/alarms/{}", entry.unwrap().file_name().to_string_lossy()))
        .filter(|page| !page.ends_with("README.md"))
        .collect();
    assert_eq!(there, pages, "a page without an alarm");
    let text = fs::read_to_string(root().join("infra/template.yaml")).unwrap();
    for name in names {
        assert!(text.contains(name), "{name} is given and nobody looks: alarm or dashboard");
    }
}

#[test]
fn the_diagram_is_drawn_from_the_template() {
    let drawn = diagram::draw(&Template::read());
    expect_test::expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/deployed.svg")]
        .assert_eq(&drawn);
}
