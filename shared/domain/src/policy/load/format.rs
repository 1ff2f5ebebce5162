//! The format of a policy file as Rust types, from which `infra/policies/policy.schema.json` is
//! made: with it an editor completes and checks a policy while it is written.
//!
//! The loader reads the same keys ([`POLICY_KEYS`] and the lists beside it) from the parsed file,
//! because it must tell the line of every mistake; a test holds lists and types together.

use super::words::{BRACKET_GUARDS, CALL_WHENS, Day, Deed, PLAIN_GUARDS, WHENS, Word};
use crate::intake::command::SplitBy;
use crate::order::question::Silence;
use crate::order::{DeliveryMethod, PaymentMethod, TermsKind};
use crate::policy::check::TEMPLATES;
use crate::policy::{CommandKind, EditApproval, LateMoney, OnTotalMismatch, Phase, Role, Step};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;
use std::collections::BTreeMap;

/// The keys at the head of the file.
pub const POLICY_KEYS: [&str; 17] = [
    "name",
    "version",
    "initial",
    "revive_to",
    "late_money",
    "on_total_mismatch",
    "total_tolerance_minor",
    "underpay_tolerance_minor",
    "overpay_tolerance_minor",
    "open_unpaid_max",
    "deletable_from",
    "call_when",
    "approval",
    "production",
    "calendar",
    "status",
    "move",
];
/// The keys of `approval`.
pub const APPROVAL_KEYS: [&str; 4] = ["edits", "deadline", "silence", "choice_deadline"];
/// The keys of `production`.
pub const PRODUCTION_KEYS: [&str; 2] = ["calendar", "step"];
/// The keys of a step of the production.
pub const PRODUCTION_STEP_KEYS: [&str; 5] = ["name", "label", "takes", "calendar", "department"];
/// The keys of a calendar.
pub const CALENDAR_KEYS: [&str; 4] = ["time_zone", "weekdays", "hours", "holidays"];
/// The keys of a status.
pub const STATUS_KEYS: [&str; 6] = ["label", "phase", "step", "then", "limit", "on_enter"];
/// The keys of a rung.
pub const RUNG_KEYS: [&str; 9] =
    ["after", "calendar", "when", "do", "template", "to", "task", "reason", "by"];
/// The keys of what happens on entering.
pub const TRIGGER_KEYS: [&str; 4] = ["notify", "to", "webhook", "task"];
/// The keys of a move.
pub const MOVE_KEYS: [&str; 6] = ["command", "from", "to", "by", "guards", "auto"];

/// An order's way of working: its statuses, the moves between them, and how long it may stay.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields, title = "Ordermill lifecycle policy")]
pub struct PolicyFile {
    /// The policy's name: small letters, digits and `_`.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9_]{0,39}$"))]
    pub name: String,
    /// Counted up with each change; the same version never has another content.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// The status of a new order.
    pub initial: String,
    /// Where an order comes to life again, with `late_money = "revive"`.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub revive_to: Option<String>,
    /// What happens to money for an order that is already closed; `ask` where nothing is said.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub late_money: Option<LateMoney>,
    /// What happens when the client's total is not ours; `review` where nothing is said.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub on_total_mismatch: Option<OnTotalMismatch>,
    /// By how much the client's total may differ, in cents or the like.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, range(min = 0))]
    pub total_tolerance_minor: i64,
    /// So much too little still counts as paid, in cents or the like.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, range(min = 0))]
    pub underpay_tolerance_minor: i64,
    /// So much too much is not given back, in cents or the like.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, range(min = 0))]
    pub overpay_tolerance_minor: i64,
    /// A customer with more unpaid orders than this: the next goes to review; 5 by default.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub open_unpaid_max: Option<u32>,
    /// From which closed statuses an order may be deleted; from none where nothing is said.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub deletable_from: Vec<String>,
    /// When to call the customer before confirming.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, schema_with = "call_when_schema")]
    pub call_when: Vec<String>,
    /// How the customer is asked whether they agree to an edit.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub approval: Option<ApprovalFile>,
    /// How goods are made, for the plan of an order back from its delivery date.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub production: Option<ProductionFile>,
    /// Working hours by name, for limits and plans that count in them.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub calendar: BTreeMap<String, CalendarFile>,
    /// The statuses by name.
    pub status: BTreeMap<String, StatusFile>,
    /// The moves. Those the system takes by itself are tried in this order.
    pub r#move: Vec<MoveFile>,
}

/// How the customer is asked whether they agree to an edit.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields)]
pub struct ApprovalFile {
    /// Which edits by the house they must agree to; those that say so, where nothing is said.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub edits: Option<EditApproval>,
    /// How long they may take, like `3d`, which it is where nothing is said.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, regex(pattern = r"^[1-9][0-9]*[smhd]$"))]
    pub deadline: Option<String>,
    /// What it means when they say nothing; `keep` where nothing is said.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub silence: Option<Silence>,
    /// How long they may take to choose about units that are missing or have a defect, like `2d`,
    /// which it is where nothing is said.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, regex(pattern = r"^[1-9][0-9]*[smhd]$"))]
    pub choice_deadline: Option<String>,
}

/// How goods are made.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields)]
pub struct ProductionFile {
    /// In whose working hours; the wished day ends at 24:00 in its zone.
    pub calendar: String,
    /// The steps, the first one first: each begins when the one before it ends.
    #[schemars(length(min = 1))]
    pub step: Vec<ProductionStepFile>,
}

/// A step in which goods are made.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields)]
pub struct ProductionStepFile {
    /// Its stable name: small letters, digits and `_`.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9_]{0,39}$"))]
    pub name: String,
    /// What people see, by language.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub label: BTreeMap<String, String>,
    /// How much working time it takes, like `16h`.
    #[schemars(regex(pattern = r"^[1-9][0-9]*[smhd]$"))]
    pub takes: String,
    /// In whose working hours, where not in those of the production.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub calendar: Option<String>,
    /// Who does it.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub department: Option<String>,
}

/// Working hours.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields)]
pub struct CalendarFile {
    /// IANA time zone, like `Europe/Vilnius`.
    pub time_zone: String,
    /// Working days; Monday to Friday where nothing is said.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, schema_with = "weekdays_schema")]
    pub weekdays: Option<Vec<String>>,
    /// From and to within one day, like `09:00-17:00`.
    #[schemars(regex(pattern = r"^[0-2][0-9]:[0-5][0-9] ?- ?[0-2][0-9]:[0-5][0-9]$"))]
    pub hours: String,
    /// Days without work, like `2026-12-25`.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub holidays: Vec<String>,
}

/// A status: what it is about, what happens in it, how long an order may stay.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields)]
pub struct StatusFile {
    /// What people see, by language: `{ en = "Received", lt = "Gautas" }`.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub label: BTreeMap<String, String>,
    /// What it is about.
    pub phase: Phase,
    /// The automatic step that runs when an order comes to rest here.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub step: Option<Step>,
    /// Where each outcome of the step leads.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub then: Option<ThenFile>,
    /// The ladder of what happens when an order stays, shortest first.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub limit: Vec<RungFile>,
    /// What happens when an order comes to rest here.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub on_enter: Vec<TriggerFile>,
}

/// Where each outcome of a step leads: a status, which may be the same one.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields)]
pub struct ThenFile {
    /// Nothing is wrong; or stock is held.
    pub ok: String,
    /// A person must look (`validate`).
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub review: Option<String>,
    /// The policy refuses it (`validate`).
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub refused: Option<String>,
    /// There is no stock (`reserve`).
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub backordered: Option<String>,
}

/// One rung of a limit: when, for which orders, and what happens.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields)]
pub struct RungFile {
    /// How long after the order came here: a whole number and s, m, h or d.
    #[schemars(regex(pattern = r"^[0-9]+[smhd]$"))]
    pub after: String,
    /// Counted in the working hours of this calendar; elapsed time otherwise.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub calendar: Option<String>,
    /// For which orders; for all where nothing is said.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, schema_with = "when_schema")]
    pub when: Option<String>,
    /// What happens: the step again, a message, work for a person, a call, a move, or a split.
    #[schemars(schema_with = "deed_schema")]
    pub r#do: String,
    /// Which message (`notify`).
    #[cfg_attr(test, serde(default))]
    #[schemars(default, schema_with = "template_schema")]
    pub template: Option<String>,
    /// Who is told (`notify`: customer, staff or partner); the status (`move`).
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub to: Option<String>,
    /// The code of the work (`task`).
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub task: Option<String>,
    /// The reason the order carries (`move`).
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub reason: Option<String>,
    /// What goes (`split`): what is to come (`stock`, where nothing is said), or what lies elsewhere.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub by: Option<SplitBy>,
}

/// One thing that happens on entering a status: a message, a webhook, or work for a person.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields)]
pub struct TriggerFile {
    /// Which message.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, schema_with = "template_schema")]
    pub notify: Option<String>,
    /// Who is told: customer, staff or partner.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, schema_with = "recipient_schema")]
    pub to: Option<String>,
    /// `true`, or the name of the event, `order.` and the status.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub webhook: Option<WebhookFile>,
    /// The code of the work.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub task: Option<String>,
}

/// How a webhook is asked for.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(untagged)]
#[cfg_attr(test, serde(untagged))]
pub enum WebhookFile {
    /// `true`.
    Flag(bool),
    /// `order.awaiting_payment`.
    Event(String),
}

/// A move: what asks for it, from where to where, who may, and what must hold.
#[derive(JsonSchema)]
#[cfg_attr(test, derive(serde::Deserialize))]
#[schemars(deny_unknown_fields)]
pub struct MoveFile {
    /// What asks for it.
    pub command: CommandKind,
    /// From which statuses.
    pub from: Vec<String>,
    /// To which status.
    pub to: String,
    /// Who may; an automatic move is the system's.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub by: Option<Vec<Role>>,
    /// What must hold.
    #[cfg_attr(test, serde(default))]
    #[schemars(default, schema_with = "guards_schema")]
    pub guards: Vec<String>,
    /// Taken by the system as soon as the guards hold.
    #[cfg_attr(test, serde(default))]
    #[schemars(default)]
    pub auto: bool,
}

fn names_schema(names: &[&str]) -> Schema {
    json_schema!({ "type": "string", "enum": names })
}

fn template_schema(_: &mut SchemaGenerator) -> Schema {
    names_schema(&TEMPLATES)
}

fn recipient_schema(_: &mut SchemaGenerator) -> Schema {
    names_schema(&crate::order::Recipient::names())
}

fn deed_schema(_: &mut SchemaGenerator) -> Schema {
    names_schema(&Deed::names())
}

fn weekdays_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": names_schema(&Day::names()), "minItems": 1 })
}

/// One or more words of a list in brackets, as a regular expression.
fn brackets<W: Word>(name: &str) -> String {
    let words = W::names().join("|");
    format!(r"^{name} *\( *({words})( *, *({words}))* *\)$")
}

/// Texts to choose from, or one of these patterns; the examples are what an editor offers.
fn forms(plain: &[&str], patterns: &[String], examples: &[&str]) -> Schema {
    let mut choices: Vec<Schema> = Vec::new();
    if !plain.is_empty() {
        choices.push(json_schema!({ "enum": plain }));
    }
    choices.extend(patterns.iter().map(|pattern| json_schema!({ "pattern": pattern })));
    json_schema!({ "type": "string", "anyOf": choices, "examples": examples })
}

fn guards_schema(_: &mut SchemaGenerator) -> Schema {
    let patterns = [
        r"^prepayment_received\( *(100|[1-9][0-9]?) *\)$".to_owned(),
        brackets::<TermsKind>("terms"),
        brackets::<PaymentMethod>("method"),
        brackets::<DeliveryMethod>("delivery"),
    ];
    let examples = BRACKET_GUARDS.map(|(_, example)| example);
    json_schema!({ "type": "array", "items": forms(&PLAIN_GUARDS, &patterns, &examples) })
}

fn when_schema(_: &mut SchemaGenerator) -> Schema {
    let patterns = [
        brackets::<PaymentMethod>("(not +)?method"),
        brackets::<TermsKind>("terms"),
        brackets::<DeliveryMethod>("delivery"),
    ];
    forms(&[], &patterns, &WHENS.map(|(_, example)| example))
}

fn call_when_schema(_: &mut SchemaGenerator) -> Schema {
    let plain: Vec<&str> = CALL_WHENS
        .iter()
        .filter(|(name, example)| name == example)
        .map(|(name, _)| *name)
        .collect();
    let patterns = [r"^total_above\( *[0-9]+(\.[0-9]{1,4})? *\)$".to_owned()];
    let items = forms(&plain, &patterns, &CALL_WHENS.map(|(_, example)| example));
    json_schema!({ "type": "array", "items": items })
}

/// The JSON Schema of a policy file (draft 7, which editors of TOML understand), as text.
#[must_use]
pub fn schema_text() -> String {
    let generator = schemars::generate::SchemaSettings::draft07().into_generator();
    let mut schema = generator.into_root_schema_for::<PolicyFile>().to_value();
    strip_null(&mut schema);
    // The same text whatever features other crates ask of serde_json.
    schema.sort_all_objects();
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// TOML has no `null`: a key is there or it is not.
fn strip_null(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if object.get("default").is_some_and(Value::is_null) {
                object.remove("default");
            }
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
                if let [Value::Object(only)] = choices.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    // Draft 7 ignores what stands beside `$ref`.
                    object.insert("allOf".to_owned(), Value::Array(vec![Value::Object(only)]));
                }
            }
            object.values_mut().for_each(strip_null);
        }
        Value::Array(values) => values.iter_mut().for_each(strip_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::presets;

    fn properties<T: JsonSchema>() -> Vec<String> {
        let schema = schemars::schema_for!(T).to_value();
        let mut names: Vec<String> =
            schema["properties"].as_object().unwrap().keys().cloned().collect();
        names.sort_unstable();
        names
    }

    fn sorted(keys: &[&str]) -> Vec<String> {
        let mut keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        keys.sort_unstable();
        keys
    }

    #[test]
    fn the_loader_knows_the_keys_of_the_schema_and_no_others() {
        assert_eq!(properties::<PolicyFile>(), sorted(&POLICY_KEYS));
        assert_eq!(properties::<ApprovalFile>(), sorted(&APPROVAL_KEYS));
        assert_eq!(properties::<ProductionFile>(), sorted(&PRODUCTION_KEYS));
        assert_eq!(properties::<ProductionStepFile>(), sorted(&PRODUCTION_STEP_KEYS));
        assert_eq!(properties::<CalendarFile>(), sorted(&CALENDAR_KEYS));
        assert_eq!(properties::<StatusFile>(), sorted(&STATUS_KEYS));
        assert_eq!(properties::<RungFile>(), sorted(&RUNG_KEYS));
        assert_eq!(properties::<TriggerFile>(), sorted(&TRIGGER_KEYS));
        assert_eq!(properties::<MoveFile>(), sorted(&MOVE_KEYS));
        let outcomes = crate::policy::StepOutcome::names();
        assert_eq!(properties::<ThenFile>(), sorted(&outcomes));
    }

    #[test]
    fn every_preset_has_the_types_of_the_schema() {
        for name in presets::NAMES {
            let text = presets::text(name).unwrap();
            let file: PolicyFile = toml::from_str(text).unwrap();
            assert_eq!(file.name, name);
        }
    }

    #[test]
    fn the_schema_beside_the_presets_is_the_one_of_the_types() {
        presets::assert_beside("policy.schema.json", &schema_text());
    }
}
