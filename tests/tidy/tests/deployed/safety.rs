//! What must not be lost, what must not go unnoticed, and what must not be told: keeping on deletion,
//! the secret that people put in, runs that nobody waits for, silence that is an alarm.

use crate::template::{Resource, Template, list_of, root, text_of};
use crate::{logical, rights};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;

/// Kinds of resources that hold what cannot be made anew.
const HOLDING: [&str; 4] = [
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::SES::EmailIdentity",
];
/// What the payment secret is made with. When it changes, CloudFormation writes it over what was put
/// in by hand: a new provider's setting is put in by hand as well.
const PAYMENT_SECRET: &str =
    r#"{"ORDERMILL_STRIPE_WEBHOOK_SECRET":"","ORDERMILL_GENERIC_WEBHOOK_SECRET":""}"#;
/// How far back an alarm may look at most, by whether its period is an hour or longer (`PutMetricAlarm`).
const LOOKS_BACK_SECONDS_MAX: (u64, u64) = (86_400, 604_800);
/// Days that rows with people's data may lie beside the table.
const UNREAD_DAYS_MAX: u64 = 7;

#[test]
fn what_cannot_be_made_anew_is_kept_but_does_not_bar_the_way_of_a_second_first_deployment() {
    let template = Template::read();
    for kept in HOLDING.into_iter().flat_map(|kind| template.of_type(kind)) {
        assert_eq!(
            kept.attribute("DeletionPolicy"),
            "RetainExceptOnCreate",
            "{}: Delete loses it; Retain keeps it when the first deployment fails, and the next one finds \
             its name taken",
            kept.name
        );
        assert_eq!(kept.attribute("UpdateReplacePolicy"), "Retain", "{} would be lost", kept.name);
    }
}

#[test]
fn an_update_never_writes_over_a_secret_that_was_put_in_by_hand() {
    let template = Template::read();
    let payment = template.resource("PaymentSecret");
    assert_eq!(payment.text("/SecretString"), PAYMENT_SECRET, "see PAYMENT_SECRET");
    let signing = template.resource("SigningSecret");
    let made = json!({ "SecretStringTemplate": "{}", "GenerateStringKey": "ORDERMILL_SIGNING_SECRET",
        "PasswordLength": 48, "ExcludePunctuation": true });
    assert_eq!(signing.at("/GenerateSecretString"), &made, "a change here makes a new secret");
    assert_eq!(
        template.of_type("AWS::SecretsManager::Secret").count(),
        2,
        "say here what it is made with"
    );
}

#[test]
fn what_a_schedule_starts_is_not_tried_again_by_lambda_behind_its_back() {
    let template = Template::read();
    let started: BTreeSet<String> = template
        .of_type("AWS::Scheduler::Schedule")
        .map(|schedule| text_of(schedule.at("/Target/Arn")).replace(".Arn", ""))
        .collect();
    let tries: Vec<Resource<'_>> = template.of_type("AWS::Lambda::EventInvokeConfig").collect();
    let told: BTreeSet<String> = tries.iter().map(|of| of.text("/FunctionName")).collect();
    assert_eq!(told, started, "each scheduled function needs its AWS::Lambda::EventInvokeConfig");
    for of in tries {
        assert_eq!(of.text("/Qualifier"), "$LATEST", "{}", of.name);
        assert_eq!(of.at("/MaximumRetryAttempts"), &json!(0), "{}", of.name);
    }
}

#[test]
fn a_scheduled_function_that_falls_silent_is_an_alarm() {
    let template = Template::read();
    for (metric, seconds) in [("SweepBehindSeconds", 600), ("AuditDrift", 26 * 3_600)] {
        let silent = template.of_type("AWS::CloudWatch::Alarm").find(|alarm| {
            alarm.text("/MetricName") == metric && alarm.text("/TreatMissingData") == "breaching"
        });
        let silent = silent.unwrap_or_else(|| panic!("nobody notices when {metric} stays away"));
        assert_eq!(looks_back(silent), seconds, "{}", silent.name);
        assert!(!list_of(silent.at("/AlarmActions")).is_empty());
    }
}

fn looks_back(alarm: Resource<'_>) -> u64 {
    let number = |pointer: &str| alarm.at(pointer).as_u64().unwrap();
    number("/Period") * number("/EvaluationPeriods")
}

#[test]
fn no_alarm_looks_further_back_than_the_service_lets_it() {
    let template = Template::read();
    for alarm in template.of_type("AWS::CloudWatch::Alarm") {
        let (short, long) = LOOKS_BACK_SECONDS_MAX;
        let most = if alarm.at("/Period").as_u64().unwrap() < 3_600 { short } else { long };
        assert!(looks_back(alarm) <= most, "{}", alarm.name);
    }
}

#[test]
fn whole_records_beside_the_table_are_gone_within_a_week_and_privacy_names_them() {
    let template = Template::read();
    for bucket in template.of_type("AWS::S3::Bucket") {
        let rules = list_of(bucket.at("/LifecycleConfiguration/Rules"));
        let days = rules.iter().filter_map(|rule| rule["ExpirationInDays"].as_u64()).min();
        assert!(days.is_some_and(|days| days <= UNREAD_DAYS_MAX), "{}: {days:?}", bucket.name);
        let text = fs::read_to_string(root().join("docs/privacy.md")).unwrap();
        assert!(text.contains(bucket.name), "docs/privacy.md does not name {}", bucket.name);
    }
}

#[test]
fn mail_goes_out_from_our_identity_alone_and_through_the_set_that_tells_of_bounces() {
    let template = Template::read();
    let statements =
        list_of(template.resource("NotifyRole").at("/Policies/0/PolicyDocument/Statement"));
    let mail = statements.iter().find(|one| one["Action"] == "ses:SendEmail").unwrap();
    let from = json!([{ "Fn::Sub": "*@${MailIdentity}" }, { "Ref": "MailIdentity" }]);
    assert_eq!(mail["Condition"], json!({ "StringLike": { "ses:FromAddress": from } }));
    let function = template.resource("NotifyFunction");
    assert_eq!(text_of(function.at("/Environment/Variables/ORDERMILL_MAIL_SET")), "MailSet");
    assert_eq!(template.resource("MailEvents").text("/ConfigurationSetName"), "MailSet");
}

#[test]
fn what_is_set_for_a_stage_is_a_parameter_of_the_template() {
    let template = Template::read();
    let text = fs::read_to_string(root().join("samconfig.toml")).unwrap();
    let set = text.lines().filter_map(|line| line.strip_prefix("parameter_overrides = "));
    let set: Vec<Vec<String>> = set.map(|list| serde_json::from_str(list).unwrap()).collect();
    assert_eq!(set.len(), 3, "default, dev and prod");
    assert_eq!(set[0], set[1], "without a name, dev is meant");
    for one in set.iter().flatten() {
        let (name, value) = one.split_once('=').unwrap();
        let parameter = template.at(&format!("/Parameters/{name}"));
        assert!(parameter.is_object(), "samconfig.toml: the template has no parameter {name}");
        let allowed = list_of(&parameter["AllowedValues"]);
        let shown = |one: &Value| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
        let is_allowed = allowed.iter().map(shown).any(|one| one == value);
        assert!(allowed.is_empty() || is_allowed, "samconfig.toml: {one}");
    }
    assert!(set[2].iter().any(|one| one == "Stage=prod"));
}

#[test]
fn the_guides_table_of_functions_says_what_they_get_and_may() {
    let template = Template::read();
    let guide = fs::read_to_string(root().join("docs/aws/deploy.md")).unwrap();
    for (name, function) in template.functions() {
        let begin = format!("| {name} |");
        let row = guide.lines().find(|line| line.starts_with(&begin)).unwrap_or_default();
        let mut cells = row.trim_matches([' ', '|']).rsplit('|').map(str::trim);
        let (actions, memory) = (cells.next().unwrap(), cells.next().unwrap_or_default());
        let own = function.at("/MemorySize").as_u64();
        let gets = own.or_else(|| template.at("/Globals/Function/MemorySize").as_u64()).unwrap();
        assert_eq!(memory, gets.to_string(), "docs/aws/deploy.md: the memory of {name}");
        let allowed = rights::allowed(template.resource(&format!("{}Role", logical(&name))));
        let may: BTreeSet<&str> = allowed.iter().filter_map(|a| a.split(' ').next()).collect();
        assert_eq!(actions, may.len().to_string(), "docs/aws/deploy.md: the actions of {name}");
    }
}
