//! `infra/template.yaml` as data: intrinsic functions in their long form, `{"Ref": "Api"}`.

use serde_json::{Map, Value, json};
use serde_yaml_ng::Value as Yaml;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The template.
pub struct Template {
    document: Value,
}

/// One resource.
#[derive(Clone, Copy)]
pub struct Resource<'a> {
    /// Its logical name.
    pub name: &'a str,
    whole: &'a Value,
}

impl Template {
    /// Reads the template.
    pub fn read() -> Self {
        let text = std::fs::read_to_string(root().join("infra/template.yaml")).unwrap();
        Self { document: plain(serde_yaml_ng::from_str(&text).unwrap()) }
    }

    /// A part of the document by its JSON pointer.
    pub fn at(&self, pointer: &str) -> &Value {
        self.document.pointer(pointer).unwrap_or(&Value::Null)
    }

    /// All resources of a type.
    pub fn of_type(&self, kind: &'static str) -> impl Iterator<Item = Resource<'_>> {
        let all = self.at("/Resources").as_object().unwrap();
        all.iter()
            .filter(move |(_, whole)| whole["Type"] == kind)
            .map(|(name, whole)| Resource { name, whole })
    }

    /// A resource by its logical name.
    pub fn resource(&self, name: &str) -> Resource<'_> {
        let found = self.at("/Resources").as_object().unwrap().get_key_value(name);
        let (name, whole) = found.unwrap_or_else(|| panic!("the template has no resource {name}"));
        Resource { name, whole }
    }

    /// The functions: name in `functions/`, and resource.
    pub fn functions(&self) -> BTreeMap<String, Resource<'_>> {
        let named = |function: Resource<'_>| {
            let uri = function.text("/CodeUri");
            uri.trim_start_matches("../dist/").trim_end_matches(".zip").to_owned()
        };
        self.of_type("AWS::Serverless::Function").map(|f| (named(f), f)).collect()
    }
}

impl Resource<'_> {
    /// A property by its JSON pointer; null where it is not set.
    pub fn at(&self, pointer: &str) -> &Value {
        self.whole.pointer(&format!("/Properties{pointer}")).unwrap_or(&Value::Null)
    }

    /// A property that is a text, with `${AWS::StackName}` as it stands.
    pub fn text(&self, pointer: &str) -> String {
        text_of(self.at(pointer))
    }

    /// Something beside the properties, like `DeletionPolicy`.
    pub fn attribute(&self, name: &str) -> &Value {
        &self.whole[name]
    }
}

/// A text, or the text of a `Sub`, or what a `Ref` or `GetAtt` names.
pub fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(one) => ["Fn::Sub", "Ref", "Fn::GetAtt"]
            .iter()
            .find_map(|n| one.get(*n))
            .map_or_else(String::new, text_of),
        _ => String::new(),
    }
}

/// A value as a list: a single one is a list of one.
pub fn list_of(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn plain(yaml: Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => json!(flag),
        Yaml::Number(number) => serde_json::to_value(number).unwrap(),
        Yaml::String(text) => json!(text),
        Yaml::Sequence(items) => items.into_iter().map(plain).collect(),
        Yaml::Mapping(members) => {
            let members = members
                .into_iter()
                .map(|(key, value)| (key.as_str().unwrap().to_owned(), plain(value)));
            Value::Object(members.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = match tag.trim_start_matches('!') {
                "Ref" => "Ref".to_owned(),
                "Condition" => "Condition".to_owned(),
                other => format!("Fn::{other}"),
            };
            json!({ name: plain(tagged.value) })
        }
    }
}
